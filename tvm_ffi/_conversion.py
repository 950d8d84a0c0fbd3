# SPDX-License-Identifier: Apache-2.0
"""Explicit conversion: what a call does with an argument, as a value one can look at."""

from __future__ import annotations

import ctypes
from numbers import Number
from typing import Any, Callable

from . import container
from ._dtype import (
    _convert_numpy_dtype_to_ffi_dtype,
    _convert_torch_dtype_to_ffi_dtype,
    dtype,
    dtype_of,
)
from ._error import to_error
from ._frameworks import imported
from ._function import convert_func
from ._object import Object, ObjectConvertible, PyNativeObject, to_opaque
from ._string import Bytes, String
from ._tensor import from_dlpack

_UNCHANGED = (Object, PyNativeObject, bool, Number, ctypes.c_void_p, dtype)
_PASSED_AS_VALUES = (
    "__cuda_stream__",
    "__tvm_ffi_opaque_ptr__",
    "__dlpack_device__",
    "__tvm_ffi_int__",
    "__tvm_ffi_float__",
)


def convert(value: Any) -> Any:
    """Make the FFI value that a call would make of an argument.

    Sequences and dictionaries become `Array` and `Map`, text and bytes `String` and `Bytes`,
    callables `Function`, tensors of other frameworks `Tensor`. What is FFI already, and what passes
    by value, is returned as it is; what nothing else fits is wrapped as an opaque object.
    """
    if isinstance(value, _UNCHANGED):
        return value
    for classes, make in _BY_CLASS:
        if isinstance(value, classes):
            return make(value)
    if callable(value):
        return convert_func(value)
    if value is None:
        return None
    if hasattr(value, "__dlpack__"):
        return from_dlpack(value)
    as_dtype = _dtype_converter(value)
    if as_dtype is not None:
        return as_dtype(value)
    if isinstance(value, Exception):
        return to_error(value)
    if hasattr(value, "__tvm_ffi_object__"):
        return value.__tvm_ffi_object__()
    if any(hasattr(value, name) for name in _PASSED_AS_VALUES):
        return value
    return to_opaque(value)


_BY_CLASS: tuple[tuple[Any, Callable[[Any], Any]], ...] = (
    ((tuple, list), lambda value: container.Array(value)),
    (dict, lambda value: container.Map(value)),
    (str, String),
    ((bytes, bytearray), Bytes),
    (ObjectConvertible, lambda value: value.asobject()),
)


def _dtype_converter(value: Any) -> Callable[[Any], Any] | None:
    torch, numpy = imported("torch"), imported("numpy")
    if torch is not None and isinstance(value, getattr(torch, "dtype", ())):
        return _convert_torch_dtype_to_ffi_dtype
    if numpy is not None and isinstance(value, getattr(numpy, "dtype", ())):
        return _convert_numpy_dtype_to_ffi_dtype
    if hasattr(value, "__dlpack_data_type__"):
        return lambda value: dtype_of(*value.__dlpack_data_type__())
    return None
