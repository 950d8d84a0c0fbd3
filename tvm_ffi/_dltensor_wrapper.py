# SPDX-License-Identifier: Apache-2.0
"""A tensor class of another framework, in small: for tests of the DLPack exchange API."""

from __future__ import annotations

import ctypes
from ctypes import CFUNCTYPE, addressof, byref, c_int, c_int32, c_void_p, py_object
from typing import Any, Callable, ClassVar

from . import _capsule, _ffi
from ._dlpack import _EXCHANGE_API_NAME
from ._tensor import Tensor, _owner
from .stream import _env_get_current_stream

_CPU = 1


class DLTensorTestWrapper:
    """Holds a `Tensor`, and shows of it what a framework's tensor shows: the exchange table.

    The table has no allocator, and makes a `Tensor` of what native functions return.
    """

    __slots__ = ("tensor",)
    tensor: Tensor
    __dlpack_c_exchange_api__: ClassVar[Any]  # a capsule

    def __init__(self, tensor: Tensor) -> None:
        if not isinstance(tensor, Tensor):
            raise TypeError(f"Expected a tvm_ffi.Tensor to hold, got {type(tensor).__name__}")
        self.tensor = tensor

    def __tvm_ffi_env_stream__(self) -> int:
        """Return the stream that is current on the tensor's device."""
        return _env_get_current_stream(*self.tensor.__dlpack_device__())

    def __dlpack_device__(self) -> tuple[int, int]:
        return self.tensor.__dlpack_device__()

    def __dlpack__(self, **kwargs: Any) -> object:
        return self.tensor.__dlpack__(**kwargs)


# ---- The table -----------------------------------------------------------------------------------
# An exception cannot leave a ctypes callback: it is reported as status -1.


def _entry(function: Callable[..., None]) -> Callable[..., int]:
    def entry(*arguments: Any) -> int:
        try:
            function(*arguments)
            return 0
        except BaseException:
            return -1

    return entry


def _export(value: DLTensorTestWrapper, out: int) -> None:
    slot = c_void_p.from_address(out)
    _ffi.TVMFFITensorToDLPackVersioned(value.tensor._owned_handle(), byref(slot))


def _import(managed: int, out: int) -> None:
    handle = c_void_p()
    _ffi.TVMFFITensorFromDLPackVersioned(managed, 0, 0, byref(handle))
    tensor = _owner(handle.value or 0)
    slot: Any = py_object.from_address(out)
    slot.value = tensor
    _capsule.incref(tensor)  # the reference the caller gets


def _describe(value: DLTensorTestWrapper, out: int) -> None:
    described = value.tensor._dltensor
    ctypes.memmove(out, addressof(described), ctypes.sizeof(_ffi.DLTensor))


def _stream(device_type: int, device_id: int, out: int) -> None:
    stream = 0 if device_type == _CPU else _env_get_current_stream(device_type, device_id)
    c_void_p.from_address(out).value = stream


def _make_table() -> _ffi.DLPackExchangeAPI:
    table = _ffi.DLPackExchangeAPI()
    table.header.version.major = _ffi.DLPACK_MAJOR_VERSION
    table.header.version.minor = _ffi.DLPACK_MINOR_VERSION
    for name, function, arguments in (
        ("managed_tensor_from_py_object_no_sync", _export, (py_object, c_void_p)),
        ("managed_tensor_to_py_object_no_sync", _import, (c_void_p, c_void_p)),
        ("dltensor_from_py_object_no_sync", _describe, (py_object, c_void_p)),
        ("current_work_stream", _stream, (c_int32, c_int32, c_void_p)),
    ):
        setattr(table, name, _ffi.immortal(CFUNCTYPE(c_int, *arguments)(_entry(function))))
    _capsule.immortal(table)  # lives as long as anyone may hold its address
    return table


if not _capsule.LACKING:
    _table = _make_table()
    DLTensorTestWrapper.__dlpack_c_exchange_api__ = _capsule.new(
        addressof(_table), _EXCHANGE_API_NAME, None
    )
