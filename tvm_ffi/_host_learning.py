# SPDX-License-Identifier: Apache-2.0
"""What the host lane is told about classes.

The tables of `_convert` are watched: each packer and unpacker that is entered there, now or later,
is looked at, and those that the library can stand in for are told to it by class or type index.
"""

from __future__ import annotations

from ctypes import c_int, c_int32, c_void_p, py_object
from types import BuiltinFunctionType, FunctionType, MethodType
from typing import Any

from . import (
    _callback,
    _convert,
    _device,
    _dtype,
    _ffi,
    _function,
    _host,
    _host_lane,
    _lane,
    _object,
    _string,
    _tensor,
    container,
)
from ._convert import Packer, Unpacker

# `Kind` of csrc/host/host.h.
(
    _UNKNOWN,
    _OBJECT,
    _CONTAINER,
    _TENSOR,
    _LIST,
    _TUPLE,
    _DICT,
    _CALLABLE,
    _EXCHANGED,
    _PROVIDER,
    _PAYLOAD,
    _TWIN,
) = range(12)


def _kind_of(cls: type, packer: Packer) -> tuple[int, int, int]:
    """Return the kind, the tag and the data with which the library does what a packer does."""
    simple = _SIMPLE.get(packer)
    if simple is not None:
        return simple, 0, 0
    if packer is _lane._pack_sequence and cls in (list, tuple):
        return (_LIST if cls is list else _TUPLE), 0, 0
    if packer is _lane._pack_mapping and cls is dict:
        return _DICT, 0, 0
    api = _tensor.exchanging.get(packer)
    if api is not None and api.exports:
        return _EXCHANGED, 0, _host.exchange_of(api)
    if packer in _tensor.providing:
        return _PROVIDER, 0, 0
    if packer in (_device._pack_device, _dtype._pack_dtype, _dtype._pack_data_type):
        tag, path = _PAYLOADS.get(cls, (0, 0))
        return (_PAYLOAD if path else _UNKNOWN), tag, path
    if cls is _string.String and _string.NativeText is not None:
        return _TWIN, 0, 0
    return _UNKNOWN, 0, 0


# What a program passes sooner or later; others are learned when first met.
_COMMON = (
    list,
    tuple,
    dict,
    FunctionType,
    BuiltinFunctionType,
    MethodType,
    _function.Function,
    _object.Object,
    container.Array,
    container.List,
    container.Map,
    container.Dict,
    _string.String,
)
_SIMPLE: dict[Packer, int] = {}
# The type index, and where the payload is.
_PAYLOADS: dict[type, tuple[int, int]] = {}


def _learn_packer(cls: type, packer: Packer) -> None:
    kind, tag, data = _kind_of(cls, packer)
    _learn(cls, kind, tag, data)


def _learn_unpacker(index: int, unpacker: Unpacker) -> None:
    if not _ffi.kTVMFFIStaticObjectBegin <= index < 1 << 31:
        return
    cls, is_container = _object.made_by.get(unpacker, (None, False))
    _bind_result(index, None if cls is None else id(cls), is_container)
    if cls is not None:
        _host.immortal(cls)
        # Their fields are read before one of them is passed.
        _ = _convert.packers[cls]


if _host.active:
    _learn = _host.entry("TVMFFIHostLearn", c_int, py_object, c_int32, c_int32, c_void_p)
    _bind_result = _host.entry("TVMFFIHostBindResult", c_int, c_int32, c_void_p, c_int)


def start() -> None:
    """Tell the library all that the tables hold, and what comes into them later."""
    _SIMPLE.update(
        {
            _object.pack_object: _OBJECT,
            _tensor._pack_tensor: _TENSOR,
            _callback._pack_callable: _CALLABLE,
            container._pack_container: _CONTAINER,
        }
    )
    place = _host.path_of((_device.Device("cpu"), "_payload"))
    payload = (_dtype.DataType("int32"), "_payload")
    named = (_dtype.dtype("int32"), "_tvm_ffi_dtype")
    _PAYLOADS[_device.Device] = _ffi.kTVMFFIDevice, place
    _PAYLOADS[_dtype.DataType] = _ffi.kTVMFFIDataType, _host.path_of(payload)
    _PAYLOADS[_dtype.dtype] = _ffi.kTVMFFIDataType, _host.path_of(named, payload)
    _host.name_type(_host.TENSOR, _tensor._CLASS_TENSOR)
    if _string.NativeText is not None:
        _host.name_type(_host.STRING, _string.String)
    _host.name_type(_host.OBJECT, _object.Object)
    for cls in _COMMON:
        _ = _convert.packers[cls]
    _convert.packers.watch(_learn_packer)
    _convert.unpackers.watch(_learn_unpacker)
    _replace_methods()


def _replace_methods() -> None:
    method = _host.entry("TVMFFIHostMethod", py_object, py_object, c_int)
    construct: Any = method(_object.CObject, 0)
    _object.CObject.__init_handle_by_constructor__ = construct  # type: ignore[method-assign]
    sequence: Any = container._Sequence
    array: Any = container.Array
    _host_lane.leave_to_pure(sequence_item=sequence.__getitem__, iterate=array.__iter__)
    array.__getitem__ = method(array, 1)
    array.__iter__ = method(array, 2)
    mutable: Any = container.List
    mutable.__getitem__ = method(mutable, 1)
    mapping: Any = container._Mapping
    entries = {container.Map: container.Map._entries, container.Dict: container.Dict._entries}

    def entries_of(self: Any) -> Any:
        return entries[container.Map if isinstance(self, container.Map) else container.Dict](self)

    _host_lane.leave_to_pure(mapping_item=mapping.__getitem__, entries=entries_of)
    for cls in entries:
        target: Any = cls
        target.__getitem__ = method(target, 3)
        target._entries = method(target, 4)
