# SPDX-License-Identifier: Apache-2.0
"""Devices: where a tensor's memory lies."""

from __future__ import annotations

from enum import IntEnum
from operator import index as as_index
from typing import Any, ClassVar, TypeVar

from . import _host
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    has_protocol,
    register_packer,
    register_unpacker,
    rule,
)
from ._ffi import kTVMFFIDevice
from ._scalars import is_integral
from ._signature import Part, parts
from ._type_info import bind_class_by_index


class DLDeviceType(IntEnum):
    """Kinds of devices, numbered as in DLPack."""

    kDLCPU = 1
    kDLCUDA = 2
    kDLCUDAHost = 3
    kDLOpenCL = 4
    kDLVulkan = 7
    kDLMetal = 8
    kDLVPI = 9
    kDLROCM = 10
    kDLROCMHost = 11
    kDLExtDev = 12
    kDLCUDAManaged = 13
    kDLOneAPI = 14
    kDLWebGPU = 15
    kDLHexagon = 16
    kDLMAIA = 17
    kDLTrn = 18


_T = DLDeviceType


class Device:
    """A device: `Device("cuda:1")`, `Device("cuda", 1)` or `Device(DLDeviceType.kDLCUDA, 1)`.

    An index within the text wins over the argument; without either it is 0. Whether the machine has
    such a device is not checked.
    """

    __slots__ = ("_device_id", "_device_type", "_payload")
    _device_type: int
    _device_id: int
    _payload: int  # both, as they are passed

    _DEVICE_TYPE_TO_NAME: ClassVar[dict[int, str]] = {
        _T.kDLCPU: "cpu",
        _T.kDLCUDA: "cuda",
        _T.kDLCUDAHost: "cuda_host",
        _T.kDLOpenCL: "opencl",
        _T.kDLVulkan: "vulkan",
        _T.kDLMetal: "metal",
        _T.kDLVPI: "vpi",
        _T.kDLROCM: "rocm",
        _T.kDLROCMHost: "rocm_host",
        _T.kDLExtDev: "ext_dev",
        _T.kDLCUDAManaged: "cuda_managed",
        _T.kDLOneAPI: "oneapi",
        _T.kDLWebGPU: "webgpu",
        _T.kDLHexagon: "hexagon",
        _T.kDLMAIA: "maia",
        _T.kDLTrn: "trn",
    }
    _DEVICE_NAME_TO_TYPE: ClassVar[dict[str, int]] = {
        "cpu": _T.kDLCPU,
        "cuda": _T.kDLCUDA,
        "opencl": _T.kDLOpenCL,
        "vulkan": _T.kDLVulkan,
        "metal": _T.kDLMetal,
        "mps": _T.kDLMetal,
        "vpi": _T.kDLVPI,
        "rocm": _T.kDLROCM,
        "ext_dev": _T.kDLExtDev,
        "hexagon": _T.kDLHexagon,
        "webgpu": _T.kDLWebGPU,
        "wgpu": _T.kDLWebGPU,
        "maia": _T.kDLMAIA,
        "trn": _T.kDLTrn,
    }

    def __init__(self, device_type: str | int | DLDeviceType, index: Any = None) -> None:
        number = _index_of(index)
        if isinstance(device_type, str):
            device_type, number = self._parse(device_type, number)
        elif not is_integral(device_type):
            raise TypeError(
                f"Expected the name or the number of a kind of device, got {device_type!r}"
            )
        self._set(_int32(as_index(device_type)), _int32(number))

    def _set(self, device_type: int, device_id: int) -> None:
        self._device_type = device_type
        self._device_id = device_id
        self._payload = _payload(device_type, device_id)

    @classmethod
    def _parse(cls, text: str, index: int) -> tuple[int, int]:
        words = text.split()
        name, *rest = words[0].split(":") if words else [""]
        if len(rest) > 1:
            raise ValueError(f"Invalid device: {text}")
        if name not in cls._DEVICE_NAME_TO_TYPE:
            raise ValueError(f"Unknown device: {name}")
        if rest:
            try:
                index = int(rest[0])
            except ValueError:
                raise ValueError(f"Invalid device index: {rest[0]}") from None
        return cls._DEVICE_NAME_TO_TYPE[name], index

    @property
    def type(self) -> str:
        """The device kind's name, as in `cuda`."""
        name = self._DEVICE_TYPE_TO_NAME.get(self._device_type)
        return f"unknown_{self._device_type}" if name is None else name

    @property
    def index(self) -> int:
        """Which device of that kind."""
        return self._device_id

    def dlpack_device_type(self) -> int:
        """Return the device kind as a number, see `DLDeviceType`."""
        return self._device_type

    def __device_type_name__(self) -> str:
        return self.type

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Device):
            return NotImplemented
        return self._device_type == other._device_type and self._device_id == other._device_id

    def __hash__(self) -> int:
        return hash((self._device_type, self._device_id))

    def __str__(self) -> str:
        return f"{self.type}:{self._device_id}"

    def __repr__(self) -> str:
        return f"device(type={self.type!r}, index={self._device_id})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _create_device_from_tuple, (type(self), self._device_type, self._device_id)


def device(device_type: str | int | DLDeviceType, index: Any = None) -> Device:
    """Make a device, see `Device`, of the class that programs have set for devices."""
    return _CLASS_DEVICE(device_type, index)


_CLASS_DEVICE: type[Device] = Device


def _set_class_device(cls: type[Device]) -> None:
    """Make `cls` the class of the devices that `device()` and native functions return."""
    if not (isinstance(cls, type) and issubclass(cls, Device)):
        raise TypeError(f"Expected a subclass of tvm_ffi.Device, got {cls!r}")
    global _CLASS_DEVICE
    _CLASS_DEVICE = cls
    _met.clear()
    _host.forget_values()


D = TypeVar("D", bound=Device)


def _create_device_from_tuple(cls: type[D], device_type: int, device_id: int) -> D:
    """Make a `Device` of its parts; what pickles of one call."""
    made = cls.__new__(cls)
    made._set(_int32(device_type), _int32(device_id))
    return made


def _index_of(value: Any) -> int:
    if value is None:
        return 0
    if not is_integral(value) and hasattr(value, "item"):
        value = value.item()  # a tensor of one element
    if not is_integral(value):
        raise TypeError(f"Invalid device index: {value}")
    return int(value)


def _int32(value: int) -> int:
    if not -(2**31) <= value < 2**31:
        raise OverflowError(f"Expected a 32-bit integer for a device, got {value}")
    return int(value)


# ---- Across the boundary -------------------------------------------------------------------------


def _payload(device_type: int, device_id: int) -> int:
    return (device_type & 0xFFFFFFFF) | device_id << 32


def _pack_device(cells: Cells, value: Any, frame: CallFrame) -> None:
    cells += (kTVMFFIDevice, _payload(value.dlpack_device_type(), value.index))


def _pack_device_protocol(cells: Cells, value: Any, frame: CallFrame) -> None:
    device_type, device_id = value.__dlpack_device__()
    cells += (kTVMFFIDevice, _payload(_int32(int(device_type)), _int32(int(device_id))))


register_packer(Device, _pack_device)
# A child may say something else of itself than it holds.
parts[_pack_device] = lambda cls: (
    Part(kTVMFFIDevice, "{x}._device_type, {x}._device_id", "ii") if cls is Device else None
)


@rule(17)
def _device(cls: type) -> Packer | None:
    return _pack_device if issubclass(cls, (Device, _CLASS_DEVICE)) else None


@rule(30)
def _device_protocol(cls: type) -> Packer | None:
    places = has_protocol(cls, "__dlpack_device__") and not has_protocol(cls, "__dlpack__")
    return _pack_device_protocol if places else None


# Results met before, by payload: devices never change. Few programs have so many.
_met: dict[int, Device] = {}
_MOST_MET = 256


def _unpack_device(payload: int, api: Any) -> Device:
    device = _met.get(payload)
    if device is not None:
        return device
    device_type = payload & 0xFFFFFFFF
    if device_type >= 2**31:
        device_type -= 2**32
    device = _create_device_from_tuple(_CLASS_DEVICE, device_type, payload >> 32)
    # Another thread may have set another class meanwhile, and cleared what was met.
    if len(_met) < _MOST_MET and type(device) is _CLASS_DEVICE:
        _met[payload] = device
    return device


register_unpacker(kTVMFFIDevice, _unpack_device)
bind_class_by_index(kTVMFFIDevice, Device)
