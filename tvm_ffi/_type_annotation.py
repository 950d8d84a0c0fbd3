# SPDX-License-Identifier: Apache-2.0
"""What Python annotations mean as types of the boundary."""

from __future__ import annotations

import collections.abc
import ctypes
import sys
import typing
from typing import Any

from . import _device, _ffi
from ._convert import has_protocol
from ._device import Device
from ._dtype import DataType, dtype
from ._object import CObject
from ._string import Bytes, String
from ._type_info import info_of_class
from ._type_schema import Groups, TypeSchema

_UNION_FORMS = (typing.Union, getattr(sys.modules["types"], "UnionType", typing.Union))

_BY_IDENTITY: dict[Any, str] = {
    None: "None",
    type(None): "None",
    Any: "Any",
    bool: "bool",
    int: "int",
    float: "float",
    str: "str",
    bytes: "bytes",
    list: "List",
    dict: "Dict",
    tuple: "tuple",
    typing.Tuple: "tuple",  # noqa: UP006 - the object, not an annotation
    collections.abc.Callable: "Callable",
    String: "str",
    Bytes: "bytes",
    DataType: "dtype",
    dtype: "dtype",
    ctypes.c_void_p: "ctypes.c_void_p",
}


def schema_of_annotation(annotation: Any) -> TypeSchema:
    """Describe what an annotation means; TypeError if it means nothing native."""
    try:
        name = _BY_IDENTITY.get(annotation)
    except TypeError:  # cannot be hashed
        name = None
    if name is not None:
        return TypeSchema(name)
    origin = typing.get_origin(annotation)
    if origin is None:
        return _of_class(annotation)
    args = typing.get_args(annotation)
    if origin in _UNION_FORMS:
        return _of_union(args)
    if origin is tuple:
        return _of_tuple(() if args == ((),) else args)  # () is written ((),) before 3.11
    if origin is collections.abc.Callable:
        return _of_callable(args)
    if origin is list:
        if len(args) > 1:
            raise TypeError(f"list takes at most 1 type argument, got {len(args)}")
        return TypeSchema("List", _of_all(args))
    if origin is dict:
        if len(args) not in (0, 2):
            raise TypeError(f"dict requires 0 or 2 type arguments, got {len(args)}")
        return TypeSchema("Dict", _of_all(args))
    if isinstance(origin, type) and issubclass(origin, CObject):
        return _of_parameterized(origin, args)
    raise _meaningless(annotation)


def _meaningless(annotation: Any) -> TypeError:
    return TypeError(f"Cannot convert {annotation!r} to TypeSchema")


def _of_all(annotations: Any) -> tuple[TypeSchema, ...]:
    return tuple(schema_of_annotation(annotation) for annotation in annotations)


def _of_class(cls: Any) -> TypeSchema:
    if not isinstance(cls, type):
        raise _meaningless(cls)
    if issubclass(cls, CObject):
        info = info_of_class(cls)
        if info is not None:
            return TypeSchema.from_type_index(info.type_index)
        if not has_protocol(cls, "__dlpack__"):
            raise TypeError(
                f"CObject subclass {cls!r} is not registered: use @register_object to register it"
            )
    if issubclass(cls, (Device, _device._CLASS_DEVICE)):
        return TypeSchema("Device")
    if issubclass(cls, dtype):
        return TypeSchema("dtype")
    if has_protocol(cls, "__dlpack__"):
        return TypeSchema("Tensor")
    raise _meaningless(cls)


# How many type arguments the library's own generic classes take.
_ARITY = {
    _ffi.kTVMFFIArray: 1,
    _ffi.kTVMFFIList: 1,
    _ffi.kTVMFFIMap: 2,
    _ffi.kTVMFFIDict: 2,
}


def _of_parameterized(cls: type, args: tuple[Any, ...]) -> TypeSchema:
    bare = _of_class(cls)
    arity = _ARITY.get(bare.origin_type_index)
    if arity is None:
        return bare
    if len(args) != arity:
        plural = "" if arity == 1 else "s"
        raise TypeError(f"{cls.__name__} requires {arity} type argument{plural}, got {len(args)}")
    return TypeSchema(bare.origin, _of_all(args))


def _of_tuple(args: tuple[Any, ...]) -> TypeSchema:
    if len(args) == 2 and args[1] is Ellipsis:
        return TypeSchema("Array", _of_all(args[:1]))
    return TypeSchema("tuple", _of_all(args))


def _of_callable(args: tuple[Any, ...]) -> TypeSchema:
    if not args:
        return TypeSchema("Callable")
    parameters, result = args
    groups: Groups = {"return": (schema_of_annotation(result),)}
    if isinstance(parameters, list):
        groups["params"] = _of_all(parameters)
    return TypeSchema("Callable", named_args=groups)


def _of_union(args: tuple[Any, ...]) -> TypeSchema:
    alternatives = _of_all(arg for arg in args if arg is not type(None))
    if len(alternatives) == 1:
        schema = alternatives[0]
    else:
        schema = TypeSchema("Union", alternatives)
    return TypeSchema("Optional", (schema,)) if len(alternatives) < len(args) else schema
