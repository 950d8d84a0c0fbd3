# SPDX-License-Identifier: Apache-2.0
"""The door through which other projects reach what lies below the public modules.

Re-exports only, under the names of the compiled module that once stood here. Its classes and
functions are defined in the modules named in the imports below.
"""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

from . import _device, _dtype, _tensor, _traceback
from ._any import CAny, _to_py_class_value
from ._debugging import _print_debug_info, _testing_drop_last_ref_without_thread_state
from ._device import Device, DLDeviceType, _create_device_from_tuple, _set_class_device
from ._dlpack import __dlpack_version__
from ._dtype import (
    DataType,
    _convert_numpy_dtype_to_ffi_dtype,
    _convert_torch_dtype_to_ffi_dtype,
    _create_cdtype_from_tuple,
    _set_class_dtype,
)
from ._error import ERROR_NAME_TO_TYPE, ERROR_TYPE_TO_NAME, Error
from ._error import to_error as _convert_to_ffi_error
from ._ffi import kTVMFFIObject
from ._field import FFIProperty, FieldGetter, FieldSetter, TypeField
from ._function import Function
from ._function import convert_func as _convert_to_ffi_func
from ._function import set_global as _register_global_func
from ._object import (
    KWARGS,
    MISSING,
    CContainerBase,
    CObject,
    Object,
    ObjectConvertible,
    ObjectRValueRef,
    OpaquePyObject,
    PyNativeObject,
    _new_object,
    _ObjectSlotsMeta,
    object_repr,
)
from ._object import to_opaque as _convert_to_opaque_object
from ._py_type import register_py_class as _register_py_class
from ._py_type import rollback_py_class as _rollback_py_class
from ._scalars import _OPAQUE_PTR_HANDLERS
from ._shape import _shape_obj_get_py_tuple
from ._string import Bytes, String
from ._tensor import Tensor, _set_class_tensor, from_dlpack
from ._traceback import append_frames as _WITH_APPEND_BACKTRACE
from ._traceback import to_text as _TRACEBACK_TO_BACKTRACE_STR
from ._type_attr import lookup_type_attr as _lookup_type_attr
from ._type_attr import register_type_attr as _register_type_attr
from ._type_info import TypeInfo, TypeMethod, class_of_index
from ._type_info import bind_class as _set_type_cls
from ._type_info import bind_class_by_index as _register_object_by_index
from ._type_info import index_of_key as _object_type_key_to_index
from ._type_info import info_of_class as _type_cls_to_type_info
from ._type_info import info_of_key as _lookup_or_register_type_info_from_type_key
from ._type_info import known_info_of_index as _type_index_to_type_info
from ._type_info import set_root_class as _set_class_object
from ._type_schema import TypeSchema
from .registry import get_global_func as _get_global_func
from .stream import _env_get_current_stream, _env_set_current_stream

# Names that are assigned to, to have another function called for the traceback of an exception
# (exception, backtrace text) -> exception, and for the text of a traceback.
_HOOKS = {"_TRACEBACK_TO_BACKTRACE_STR": "to_text", "_WITH_APPEND_BACKTRACE": "append_frames"}


class _Door(ModuleType):
    def __setattr__(self, name: str, value: Any) -> None:
        super().__setattr__(name, value)
        if name in _HOOKS:
            setattr(_traceback, _HOOKS[name], value)


sys.modules[__name__].__class__ = _Door


def __getattr__(name: str) -> Any:
    # The classes of results can be replaced; these names follow.
    if name == "_CLASS_TENSOR":
        return _tensor._CLASS_TENSOR
    if name == "_CLASS_DEVICE":
        return _device._CLASS_DEVICE
    if name == "_CLASS_DTYPE":
        return _dtype._CLASS_DTYPE
    if name == "_CLASS_OBJECT":
        return class_of_index(kTVMFFIObject)
    if name == "DLTensorTestWrapper":  # for tests alone, so made when they ask
        from ._dltensor_wrapper import DLTensorTestWrapper

        return DLTensorTestWrapper
    raise AttributeError(f"module {__name__!r} has no attribute {name!r}")


__all__ = [
    "ERROR_NAME_TO_TYPE",
    "ERROR_TYPE_TO_NAME",
    "KWARGS",
    "MISSING",
    "_OPAQUE_PTR_HANDLERS",
    "_TRACEBACK_TO_BACKTRACE_STR",
    "_WITH_APPEND_BACKTRACE",
    "Bytes",
    "CAny",
    "CContainerBase",
    "CObject",
    "DLDeviceType",
    "DataType",
    "Device",
    "Error",
    "FFIProperty",
    "FieldGetter",
    "FieldSetter",
    "Function",
    "Object",
    "ObjectConvertible",
    "ObjectRValueRef",
    "OpaquePyObject",
    "PyNativeObject",
    "String",
    "Tensor",
    "TypeField",
    "TypeInfo",
    "TypeMethod",
    "TypeSchema",
    "_ObjectSlotsMeta",
    "__dlpack_version__",
    "_convert_numpy_dtype_to_ffi_dtype",
    "_convert_to_ffi_error",
    "_convert_to_ffi_func",
    "_convert_to_opaque_object",
    "_convert_torch_dtype_to_ffi_dtype",
    "_create_cdtype_from_tuple",
    "_create_device_from_tuple",
    "_env_get_current_stream",
    "_env_set_current_stream",
    "_get_global_func",
    "_lookup_or_register_type_info_from_type_key",
    "_lookup_type_attr",
    "_new_object",
    "_object_type_key_to_index",
    "_print_debug_info",
    "_register_global_func",
    "_register_object_by_index",
    "_register_py_class",
    "_register_type_attr",
    "_rollback_py_class",
    "_set_class_device",
    "_set_class_dtype",
    "_set_class_object",
    "_set_class_tensor",
    "_set_type_cls",
    "_shape_obj_get_py_tuple",
    "_testing_drop_last_ref_without_thread_state",
    "_to_py_class_value",
    "_type_cls_to_type_info",
    "_type_index_to_type_info",
    "from_dlpack",
    "object_repr",
]
