# SPDX-License-Identifier: Apache-2.0
"""Converters to types without parts: numbers, text, devices, tensors, functions."""

from __future__ import annotations

import ctypes
from numbers import Integral, Real
from typing import Any, Callable

from . import _device, _ffi
from ._any import CAny
from ._convert import has_protocol
from ._converter import ConversionError, Take, marshalled, mismatch
from ._device import Device
from ._dlpack import exchange_api_of
from ._dtype import DataType, dtype
from ._frameworks import imported
from ._function import Function, convert_func
from ._object import CObject, PyNativeObject
from ._scalars import _OPAQUE_PTR_HANDLERS
from ._tensor import Tensor

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1

# ---- Values without identity ---------------------------------------------------------------------


def take_any(value: Any) -> Any:
    if type(value) in _TAKEN_AS_THEY_ARE or isinstance(value, CObject):
        return value
    if type(value) is str and value.isascii():
        return value
    return marshalled(value, "Any")


_TAKEN_AS_THEY_ARE = frozenset({type(None), bool, int, float, bytes, CAny})


def take_none(value: Any) -> None:
    if value is not None:
        raise mismatch("None", value)


def take_int(value: Any) -> int:
    if type(value) is int:
        number = value
    elif isinstance(value, int):
        number = int.__add__(value, 0)
    elif isinstance(value, Integral):
        number = _called(int, value)
    elif has_protocol(type(value), "__tvm_ffi_int__"):
        try:
            number = int(value.__tvm_ffi_int__())
        except Exception as error:
            raise mismatch("int", value, error) from error
    else:
        raise mismatch("int", value)
    if not _INT64_MIN <= number <= _INT64_MAX:
        raise ConversionError(f"integer {number} out of int64 range [{_INT64_MIN}, {_INT64_MAX}]")
    return number


def take_float(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, Real):
        return float(_called(float, value))
    if has_protocol(type(value), "__tvm_ffi_float__"):
        try:
            return float(value.__tvm_ffi_float__())
        except Exception as error:
            raise mismatch("float", value, error) from error
    raise mismatch("float", value)


def take_bool(value: Any) -> bool:
    if isinstance(value, Integral):
        return bool(_called(bool, value))
    raise mismatch("bool", value)


def _called(make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except Exception as error:
        raise ConversionError(
            f"{make.__name__}() failed for {type(value).__qualname__}: {error}"
        ) from error


def take_str(value: Any) -> Any:
    if isinstance(value, PyNativeObject) and isinstance(value, str):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # a dtype would pass as a data type
    raise mismatch("str", value)


def take_bytes(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return value
    raise mismatch("bytes", value)


def take_callable(value: Any) -> Any:
    if isinstance(value, Function):
        return value
    if callable(value) and not isinstance(value, CObject):
        return convert_func(value)
    raise mismatch("Callable", value)


# ---- Values that a call knows how to read --------------------------------------------------------


def _reader(hint: str, index: int, reads: Callable[[Any], bool]) -> Take:
    """Take what marshalling turns into a value of that type index."""

    def take(value: Any) -> Any:
        if reads(value):
            cell = marshalled(value, hint)
            if cell.type_index == index:
                return cell
        raise mismatch(hint, value)

    return take


def _parser(hint: str, parse: Callable[[str], Any], otherwise: Take) -> Take:
    """Take the names of values too."""

    def take(value: Any) -> Any:
        if not isinstance(value, str) or isinstance(value, dtype):
            return otherwise(value)
        try:
            return parse(value)
        except Exception as error:
            reason = f"expected {hint}, got invalid {hint.lower()} string {value!r}"
            raise ConversionError(reason) from error

    return take


def _reads_as_device(value: Any) -> bool:
    cls = type(value)
    if isinstance(value, (Device, _device._CLASS_DEVICE)):
        return True
    return has_protocol(cls, "__dlpack_device__") and not has_protocol(cls, "__dlpack__")


def _reads_as_dtype(value: Any) -> bool:
    if isinstance(value, (DataType, dtype)) or has_protocol(type(value), "__dlpack_data_type__"):
        return True
    frameworks = (imported("torch"), imported("numpy"))
    return any(isinstance(value, getattr(framework, "dtype", ())) for framework in frameworks)


def _reads_as_pointer(value: Any) -> bool:
    cls = type(value)
    return (
        isinstance(value, ctypes.c_void_p)
        or has_protocol(cls, "__tvm_ffi_opaque_ptr__")
        or has_protocol(cls, "__cuda_stream__")
        or cls in _OPAQUE_PTR_HANDLERS
    )


def _reads_as_tensor(value: Any) -> bool:
    cls = type(value)
    return has_protocol(cls, "__dlpack__") or exchange_api_of(cls) is not None


_read_pointer = _reader("ctypes.c_void_p", _ffi.kTVMFFIOpaquePtr, _reads_as_pointer)
_read_tensor = _reader("Tensor", _ffi.kTVMFFITensor, _reads_as_tensor)


def take_pointer(value: Any) -> Any:
    return ctypes.c_void_p() if value is None else _read_pointer(value)


def take_tensor(value: Any) -> Any:
    if isinstance(value, Tensor) and value._handle:
        return value
    return _read_tensor(value)


take_device = _parser("Device", Device, _reader("Device", _ffi.kTVMFFIDevice, _reads_as_device))
take_dtype = _parser("dtype", dtype, _reader("dtype", _ffi.kTVMFFIDataType, _reads_as_dtype))
