# SPDX-License-Identifier: Apache-2.0
"""What can be done with instances of any dataclass, as the standard module does with its own."""

from __future__ import annotations

import copy
import types
from collections import defaultdict
from typing import Any, Callable, TypeVar

from .. import container
from .._constructor import lineage
from .._device import Device
from .._dtype import DataType, dtype
from .._function import Function
from .c_class import field_of_native
from .field import Field

_T = TypeVar("_T")


def is_dataclass(obj: Any) -> bool:
    """Tell whether `obj` is a `c_class` or `py_class`, or an instance of one."""
    cls = obj if isinstance(obj, type) else type(obj)
    return getattr(cls, "__ffi_is_dataclass__", False) is True


def fields(obj_or_cls: Any) -> tuple[Field, ...]:
    """Return the fields of a dataclass or instance, inherited ones first.

    None while annotations of the class name classes that do not exist yet.
    """
    if not is_dataclass(obj_or_cls):
        raise TypeError(
            "fields() argument must be a c_class or py_class type or instance, got "
            f"{type(obj_or_cls).__name__}"
        )
    cls: Any = obj_or_cls if isinstance(obj_or_cls, type) else type(obj_or_cls)
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
