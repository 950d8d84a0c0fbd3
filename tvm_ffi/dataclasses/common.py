# SPDX-License-Identifier: Apache-2.0
"""What can be done with instances of any dataclass, as the standard module does with its own."""

from __future__ import annotations

import copy
import functools
import types
from collections import defaultdict, namedtuple
from collections.abc import Iterable, Iterator
from typing import Any, Callable, TypeVar

from .. import container
from .._any import _to_py_class_value
from .._constructor import lineage
from .._device import Device
from .._dtype import DataType, dtype
from .._function import Function
from .._type_schema import TypeSchema
from ._definition import finish_if_possible
from .c_class import field_of_native
from .field import Field

_T = TypeVar("_T")


def is_dataclass(obj: Any) -> bool:
    """Tell whether `obj` is a `c_class` or `py_class`, or an instance of one."""
    cls = obj if isinstance(obj, type) else type(obj)
    return getattr(cls, "__ffi_is_dataclass__", False) is True


def fields(obj_or_cls: Any) -> tuple[Field, ...]:
    """Return the fields of a dataclass or instance, inherited ones first.

    There are none while annotations of the class name classes that do not exist yet.
    """
    if not is_dataclass(obj_or_cls):
        raise TypeError(
            "fields() argument must be a c_class or py_class type or instance, got "
            f"{type(obj_or_cls).__name__}"
        )
    cls: Any = obj_or_cls if isinstance(obj_or_cls, type) else type(obj_or_cls)
    if cls.__tvm_ffi_type_info__.fields is None:
        finish_if_possible(cls)
    known = []
    for native in lineage(cls.__tvm_ffi_type_info__):
        if native.dataclass_field is None:  # of an ancestor that is no dataclass
            native.dataclass_field = field_of_native(native, None)
        known.append(native.dataclass_field)
    return tuple(known)


def replace(obj: _T, /, **changes: Any) -> _T:
    """Return a copy of a dataclass instance with some fields changed, read-only ones too."""
    changed: _T = obj.__replace__(**changes)  # type: ignore[attr-defined]
    return changed


# ---- Taking apart --------------------------------------------------------------------------------


def asdict(obj: Any, *, dict_factory: Callable[..., Any] = dict) -> Any:
    """Return the fields as a dictionary, with dataclasses and containers inside taken apart too."""
    _require_instance(obj, "asdict")
    return _Parts(dict_factory, dict_factory).of(obj)


def astuple(obj: Any, *, tuple_factory: Callable[..., Any] = tuple) -> Any:
    """Return the values of the fields, with dataclasses and containers inside taken apart too."""
    _require_instance(obj, "astuple")
    return _Parts(lambda pairs: tuple_factory([value for _, value in pairs]), dict).of(obj)


def _require_instance(obj: Any, function: str) -> None:
    if isinstance(obj, type) or not is_dataclass(obj):
        raise TypeError(f"{function}() should be called on c_class / py_class instances")


_ATOMS = (
    type(None),
    bool,
    int,
    float,
    complex,
    str,
    bytes,
    type,
    types.FunctionType,
    types.BuiltinFunctionType,
    Function,
    Device,
    DataType,
    dtype,
)


class _Parts:
    """Takes values apart. `assemble` makes the result of an instance from name and value pairs."""

    def __init__(
        self, assemble: Callable[[list[tuple[str, Any]]], Any], mapping: Callable[..., Any]
    ) -> None:
        self.assemble = assemble
        self.mapping = mapping  # what a Map or Dict becomes

    def of(self, value: Any) -> Any:
        if isinstance(value, _ATOMS):
            return value
        if is_dataclass(value):
            names = [field.name or "" for field in fields(value)]
            return self.assemble([(name, self.of(getattr(value, name))) for name in names])
        if isinstance(value, (container.Array, container.List)):
            return [self.of(element) for element in value]
        if isinstance(value, (container.Map, container.Dict)):
            return self.mapping(self.pairs(value))
        if isinstance(value, tuple) and hasattr(value, "_fields"):
            return type(value)(*[self.of(element) for element in value])
        if isinstance(value, (list, tuple)):
            return type(value)(self.of(element) for element in value)
        if isinstance(value, defaultdict):
            return type(value)(value.default_factory, self.pairs(value))
        if isinstance(value, dict):
            return type(value)(self.pairs(value))
        return copy.deepcopy(value)

    def pairs(self, mapping: Any) -> list[tuple[Any, Any]]:
        return [(self.of(key), self.of(value)) for key, value in mapping.items()]


# ---- Named tuples --------------------------------------------------------------------------------


def _make_namedtuple(typename: str, fields: tuple[Field, ...]) -> Any:
    """Make a named tuple class over some fields, all required.

    Whatever makes an instance converts each value to the type of the field: TypeError, naming the
    field, if it cannot. Defaults and options of the fields play no part.
    """
    make: Any = namedtuple
    made = make(typename, [field.name for field in fields])
    made.__annotations__ = {field.name: field.type for field in fields if field.type is not None}
    schemas = [field._ty_schema or TypeSchema.from_annotation(field.type) for field in fields]
    plain_new, plain_make = made.__new__, made._make.__func__

    def converted(values: Iterable[Any]) -> Iterator[Any]:
        for name, schema, value in zip(made._fields, schemas, values):
            try:
                yield _to_py_class_value(schema.convert(value))
            except TypeError as error:
                raise TypeError(f"{typename}.{name}: {error}") from error

    @functools.wraps(plain_new)
    def __new__(cls: Any, *args: Any, **kwargs: Any) -> Any:
        return tuple.__new__(cls, converted(plain_new(cls, *args, **kwargs)))

    @functools.wraps(plain_make)
    def _make(cls: Any, values: Any) -> Any:  # `_replace` makes its result with this, too
        return tuple.__new__(cls, converted(plain_make(cls, values)))

    made.__new__ = staticmethod(__new__)
    made._make = classmethod(_make)
    return made
