# SPDX-License-Identifier: Apache-2.0
"""Tensors and shapes.

A tensor is never copied on its way in or out: `from_dlpack` shares the memory of whatever speaks
DLPack, and a result goes back as a tensor of the framework whose tensors the call was given.
"""

from __future__ import annotations

from ctypes import c_int32, py_object
from math import prod
from struct import Struct
from typing import Any, SupportsIndex

from . import _device, _host
from ._block import CAPSULE, TENSOR, entry
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    Reference,
    has_protocol,
    register_packer,
    register_unpacker,
    rule,
)
from ._device import Device, _create_device_from_tuple
from ._dlpack import PLAIN, VERSIONED, ExchangeAPI, TorchFallback, delete, exchange_api_of
from ._dtype import dtype, dtype_of
from ._ffi import DLDevice, DLManagedTensorVersioned, DLTensor, kTVMFFIDLTensorPtr, kTVMFFITensor
from ._frameworks import imported
from ._object import OBJECT_PART, CObject, _new
from ._optional_torch_c_dlpack import supply_table_to
from ._shape import Shape
from ._signature import Part, names, parts
from ._type_info import bind_class_by_index

__all__ = ["Shape", "Tensor", "from_dlpack"]

_HEADER = 24
_DEVICE = _HEADER + DLTensor.device.offset
_CPU = 1


class _TensorHandle(CObject):
    __slots__ = ("_view",)
    _view: int  # address of the DLTensor of a view, else 0

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        made = super().__new__(cls)
        made._view = 0
        return made


if _host.active:
    _TensorHandle = _host.tensor_type(CObject)  # type: ignore[misc]


class Tensor(_TensorHandle):
    """A native tensor: memory on some device, its data type, shape and strides.

    Made by `from_dlpack` and by native functions. Other frameworks take it through DLPack, as in
    `torch.from_dlpack(tensor)`. The tensor a callback gets may be a view that is valid only until
    the callback returns; it then has no handle.
    """

    __slots__ = ()

    @property
    def _dltensor(self) -> DLTensor:
        if self._handle:
            return DLTensor.from_address(self._handle + _HEADER)
        if self._view:
            return DLTensor.from_address(self._view)
        raise ValueError("This tensor is empty: it was moved from, or its constructor never ran")

    @property
    def shape(self) -> tuple[int, ...]:
        """The extent of each dimension."""
        tensor = self._dltensor
        return tuple(tensor.shape[: tensor.ndim]) if tensor.ndim else ()

    @property
    def ndim(self) -> int:
        """The number of dimensions."""
        return int(self._dltensor.ndim)

    @property
    def strides(self) -> tuple[int, ...]:
        """How many elements lie between neighbours of each dimension."""
        tensor = self._dltensor
        if tensor.ndim == 0:
            return ()
        if tensor.strides:
            return tuple(tensor.strides[: tensor.ndim])
        shape = self.shape
        return tuple(prod(shape[axis + 1 :]) for axis in range(tensor.ndim))

    @property
    def dtype(self) -> dtype:
        """What one element is."""
        data_type = self._dltensor.dtype
        return dtype_of(data_type.code, data_type.bits, data_type.lanes)

    @property
    def device(self) -> Device:
        """Where the memory lies."""
        return _create_device_from_tuple(_device._CLASS_DEVICE, *self.__dlpack_device__())

    def numel(self) -> int:
        """Return the number of elements."""
        return prod(self.shape)

    def size(self, idx: SupportsIndex) -> int:
        """Return the extent of one dimension, counted from the end if negative."""
        shape = self.shape
        try:
            return shape[idx]
        except IndexError:
            raise IndexError(
                f"Dimension {idx} out of range for tensor with {len(shape)} dimensions"
            ) from None

    def data_ptr(self) -> int:
        """Return the address of the first element."""
        tensor = self._dltensor
        return (tensor.data or 0) + int(tensor.byte_offset)

    def is_contiguous(self) -> bool:
        """Tell whether elements lie row by row without gaps."""
        if not self._dltensor.strides or 0 in self.shape:
            return True
        expected = 1
        for extent, stride in zip(reversed(self.shape), reversed(self.strides)):
            if extent != 1 and stride != expected:
                return False
            expected *= extent
        return True

    # ---- As a DLPack producer ----

    def __dlpack_device__(self) -> tuple[int, int]:
        device = self._dltensor.device
        return device.device_type, device.device_id

    def __dlpack__(
        self,
        *,
        stream: Any = None,
        max_version: tuple[int, int] | None = None,
        dl_device: tuple[int, int] | None = None,
        copy: bool | None = None,
    ) -> object:
        # `stream` orders nothing: whoever launched work on the memory knows on which stream.
        if dl_device is not None and tuple(dl_device) != self.__dlpack_device__():
            raise BufferError("dl_device of different type not supported")
        if copy:
            raise BufferError("copy not yet supported")
        if max_version is None or max_version[0] < 1:
            return self._to_dlpack()
        return self._to_dlpack_versioned()

    def _to_dlpack(self) -> object:
        return PLAIN.produce(self._owned_handle())

    def _to_dlpack_versioned(self) -> object:
        return VERSIONED.produce(self._owned_handle())

    def _owned_handle(self) -> int:
        if not self._handle:
            _ = self._dltensor
            raise BufferError(
                "This tensor is a view of its caller's memory and cannot outlive the callback; "
                "have the caller pass an owned tensor to keep it"
            )
        return self._handle


_CLASS_TENSOR: type[Tensor] = Tensor


def _set_class_tensor(cls: type[Tensor]) -> None:
    """Make `cls` the class of the tensors that native functions return."""
    if not (isinstance(cls, type) and issubclass(cls, Tensor)):
        raise TypeError(f"Expected a subclass of tvm_ffi.Tensor, got {cls!r}")
    global _CLASS_TENSOR
    _CLASS_TENSOR = cls
    if _host.active:
        _host.name_type(_host.TENSOR, cls)


def from_dlpack(
    ext_tensor: Any, *, require_alignment: int = 0, require_contiguous: bool = False
) -> Tensor:
    """Make a Tensor that shares the memory of a framework's tensor, or of a DLPack capsule.

    The address of the first element is a multiple of `require_alignment` bytes, and elements lie
    row by row if `require_contiguous`, or it is a RuntimeError.
    """
    cls = type(ext_tensor)
    api = exchange_api_of(cls)
    if api is not None:
        try:
            return _owner(api.tensor_of(ext_tensor, require_alignment, require_contiguous))
        except BufferError:
            if not has_protocol(cls, "__dlpack__"):
                raise
    if has_protocol(cls, "__dlpack__"):
        return _owner(_consume(_export(ext_tensor), require_alignment, require_contiguous))
    if VERSIONED.holds(ext_tensor) or PLAIN.holds(ext_tensor):
        return _owner(_consume(ext_tensor, require_alignment, require_contiguous))
    raise TypeError("Expect from_dlpack to take either a compatible tensor or PyCapsule")


def _owner(handle: int) -> Tensor:
    made: Tensor = _new(_CLASS_TENSOR)
    made._handle = handle
    made._index = kTVMFFITensor
    made._view = 0
    return made


def _export(value: Any) -> object:
    """Ask a tensor for a capsule, in the old form every provider knows."""
    try:
        return value.__dlpack__()
    except BufferError as error:
        if getattr(getattr(value, "flags", None), "writeable", True):
            raise
        raise BufferError(
            f"Expected a tensor that can be written to, got a read-only {type(value).__name__}: "
            f"native code could change it. Pass a copy, or make it writeable. ({error})"
        ) from error


def _consume(capsule: object, alignment: int = 0, contiguous: bool = False) -> int:
    kind = VERSIONED if VERSIONED.holds(capsule) else PLAIN
    return kind.consume(capsule, alignment, contiguous)


# ---- As arguments --------------------------------------------------------------------------------


def _pack_tensor(cells: Cells, value: Tensor, frame: CallFrame) -> None:
    if value._handle:
        cells += (kTVMFFITensor, value._handle)
    else:
        _ = value._dltensor
        cells += (kTVMFFIDLTensorPtr, value._view)


register_packer(Tensor, _pack_tensor)
parts[_pack_tensor] = OBJECT_PART


@rule(2)
def _tensor(cls: type) -> Packer | None:
    return _pack_tensor if issubclass(cls, Tensor) else None


def _pack_handle(cells: Cells, handle: int, frame: CallFrame) -> None:
    frame.keep(Reference(handle))
    cells += (kTVMFFITensor, handle)


def _follow_stream(handle: int, api: Any, frame: CallFrame) -> None:
    """Run the call on the stream that the tensor's framework puts work on, if it has one."""
    if frame.device_type == -1 and c_int32.from_address(handle + _DEVICE).value != _CPU:
        device = DLDevice.from_address(handle + _DEVICE)
        follow_stream_of(device.device_type, device.device_id, api, frame)


def follow_stream_of(device_type: int, device_id: int, api: Any, frame: CallFrame) -> None:
    """Run the call on the stream that the API's framework puts work on."""
    stream = api.current_stream(device_type, device_id)
    if stream is not None:
        frame.set_device(device_type, device_id, stream)


# What is behind the packers of the next rule, and which packers just take a capsule.
exchanging: dict[Packer, ExchangeAPI] = {}
providing: set[Packer] = set()


@rule(7)
def _exchanged(cls: type) -> Packer | None:
    supply_table_to(cls)
    api = exchange_api_of(cls)
    if api is None:
        return None

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        handle = api.tensor_of(value)
        _pack_handle(cells, handle, frame)
        frame.set_api(api)
        _follow_stream(handle, api, frame)

    exchanging[pack] = api
    number = api.number() if api.exports else -1
    if number >= 0:
        parts[pack] = Part((TENSOR & 0xFFFFFFFF) | number << 32, "id({x})", api=api)
    return pack


@rule(10)
def _torch_tensor(cls: type) -> Packer | None:
    torch = imported("torch")
    base = getattr(torch, "Tensor", None)
    if base is None or not issubclass(cls, base):
        return None
    api = TorchFallback(torch)

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        handle = PLAIN.consume(api.capsule_of(value))
        _pack_handle(cells, handle, frame)
        frame.set_api(api)
        _follow_stream(handle, api, frame)

    return pack


@rule(11)
def _provider(cls: type) -> Packer | None:
    if not has_protocol(cls, "__dlpack__"):
        return None
    tells_stream = has_protocol(cls, "__tvm_ffi_env_stream__")

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        handle = _consume(_export(value))
        _pack_handle(cells, handle, frame)
        # Only where another argument has asked for a stream: that is how dependents know it.
        if tells_stream and frame.device_type != -1:
            device = DLDevice.from_address(handle + _DEVICE)
            if device.device_type != _CPU:
                stream = int(value.__tvm_ffi_env_stream__())
                frame.set_device(device.device_type, device.device_id, stream)

    if not tells_stream:
        providing.add(pack)
        parts[pack] = Part(CAPSULE, "id(capsule_{x})", setup=_EXPORT)
    return pack


names["export"] = _export
_EXPORT = (
    "try:",
    "    capsule_{x} = {x}.__dlpack__()",
    "except BufferError:",
    "    capsule_{x} = export({x})  # which says more",
)


# ---- As results ----------------------------------------------------------------------------------


_PACKED_EXPORT = Struct("<qq8x").pack
_left_by_export = Struct("<q8xq").unpack
_export_tensor = entry("TVMFFIHostExportTensor", py_object)


def _not_exported(wanted: bytes) -> Tensor:
    """Clean up after a framework that cannot have a tensor: ours can."""
    handle, managed = _left_by_export(wanted)
    tensor = _owner(handle)
    if managed:
        delete(DLManagedTensorVersioned.from_address(managed))
    return tensor


def _unpack_tensor(handle: int, api: Any) -> Any:
    if api is not None and api.makes_objects and api.number() >= 0:
        wanted = _PACKED_EXPORT(handle, api.number())
        try:
            made = _export_tensor(wanted)
            return _not_exported(wanted) if made is None else made
        except Exception:
            return _not_exported(wanted)
        except BaseException:
            if _left_by_export(wanted)[0]:  # or the signal came after the export
                _not_exported(wanted)
            raise
    tensor = _owner(handle)
    if api is None or not api.makes_objects:
        return tensor
    try:
        return api.object_of(handle)
    except Exception:  # a framework that cannot have this tensor: ours can
        return tensor


def _unpack_view(address: int, api: Any) -> Tensor:
    made: Tensor = _new(_CLASS_TENSOR)
    made._handle = 0
    made._index = 0
    made._view = address
    return made


register_unpacker(kTVMFFITensor, _unpack_tensor)
register_unpacker(kTVMFFIDLTensorPtr, _unpack_view)
bind_class_by_index(kTVMFFITensor, Tensor)
