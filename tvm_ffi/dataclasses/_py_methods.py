# SPDX-License-Identifier: Apache-2.0
"""Which members of a class body become methods and attributes of its type."""

from __future__ import annotations

import inspect
import json
import sys
from typing import Any, TypeVar, get_type_hints

from .._type_attr import lookup_type_attr
from .._type_info import TypeInfo, info_of_index
from .._type_schema import TypeSchema
from ._type_attr_names import INHERITED_TYPE_ATTR_NAMES, TYPE_ATTR_NAMES

_F = TypeVar("_F")


def method(fn: _F) -> _F:
    """Mark a method of a `py_class` as one of the native type, which other languages can call.

    Its annotations become the schema that stub generators read. Static methods are marked under
    ``@staticmethod`` or above it. The function itself is returned.
    """
    if isinstance(fn, classmethod):
        raise TypeError(
            "@tvm_ffi.method: @classmethod is not supported for native methods, which know no "
            "class: use @staticmethod or a plain method"
        )
    function = fn.__func__ if isinstance(fn, staticmethod) else fn
    if not callable(function):
        raise TypeError(f"@tvm_ffi.method: expected a callable, got {type(fn).__name__}.")
    function.__ffi_method__ = True  # type: ignore[attr-defined]
    return fn


# ---- Names of attributes -------------------------------------------------------------------------


def type_attr_names(cls: type) -> tuple[str, ...]:
    """Return the names that are attributes of the type where the class body defines them."""
    more = _names(cls, "__ffi_type_attr_names__", ())
    return (*TYPE_ATTR_NAMES, *(name for name in more if name not in TYPE_ATTR_NAMES))


def _names(cls: type, option: str, otherwise: tuple[str, ...]) -> tuple[str, ...]:
    names = getattr(cls, option, otherwise)
    if not isinstance(names, (tuple, list)) or not all(isinstance(name, str) for name in names):
        raise TypeError("TypeAttr registration lists must be tuples or lists of strings")
    return tuple(names)


def inherited_type_attrs(cls: Any, info: TypeInfo) -> list[tuple[str, Any]]:
    """Return the attributes that a type takes over from its nearest ancestor that has a value."""
    found = []
    for name in _names(cls, "__ffi_inherit_type_attrs__", INHERITED_TYPE_ATTR_NAMES):
        if name in cls.__dict__:
            continue
        for index in reversed(info.type_ancestors):
            owner = info_of_index(index).type_cls
            value = lookup_type_attr(index, name)
            if value is not None:
                found.append((name, value))
            elif owner is None or name not in owner.__dict__:
                continue
            break  # found, or declared to be none
    return found


# ---- Members -------------------------------------------------------------------------------------


def _collect_py_methods(
    cls: type, globalns: dict[str, Any] | None = None
) -> list[tuple[Any, ...]] | None:
    """List the members of a class body that belong to its type, or None if there are none.

    Each is name, value, whether it is static; with `globalns`, where annotations are resolved, also
    the metadata of a method as JSON text, None for a type attribute.
    """
    attributes = type_attr_names(cls)
    found: list[tuple[Any, ...]] = []
    for name, member in cls.__dict__.items():
        is_attribute = name in attributes
        value = member.__func__ if isinstance(member, (staticmethod, classmethod)) else member
        if not is_attribute and getattr(value, "__ffi_method__", False) is not True:
            continue
        if isinstance(member, classmethod):
            raise TypeError(
                f"@py_class({cls.__name__!r}): {name!r} is wrapped by @classmethod, but native "
                "code knows no class to pass: use @staticmethod or a plain method"
            )
        is_static = isinstance(member, staticmethod)
        if globalns is None:
            found.append((name, value, is_static))
        else:
            schema = None if is_attribute else _method_schema(cls, value, is_static, globalns)
            metadata = None if schema is None else json.dumps({"type_schema": schema.to_json()})
            found.append((name, value, is_static, metadata))
    return found or None


def _method_schema(
    cls: type, function: Any, is_static: bool, globalns: dict[str, Any]
) -> TypeSchema:
    """Describe a method by its annotations; as any callable where they do not tell enough."""
    unknown = TypeSchema("Callable")
    try:
        parameters = list(inspect.signature(function).parameters.values())
        hints = get_type_hints(function, globalns, {cls.__name__: cls})
        if any(parameter.kind not in _POSITIONAL for parameter in parameters):
            return unknown
        names = [parameter.name for parameter in parameters]
        own = [] if is_static else [TypeSchema.from_annotation(cls)]
        taken = [_schema(hints, name) for name in names[len(own) :]]
        groups = {"return": (_schema(hints, "return"),), "params": (*own, *taken)}
        return TypeSchema("Callable", named_args=groups)
    except (NameError, AttributeError, TypeError, ValueError):
        return unknown


_POSITIONAL = (inspect.Parameter.POSITIONAL_ONLY, inspect.Parameter.POSITIONAL_OR_KEYWORD)


def _schema(hints: dict[str, Any], name: str) -> TypeSchema:
    return TypeSchema.from_annotation(hints[name]) if name in hints else TypeSchema("Any")


def names_in_module_of(cls: type) -> dict[str, Any]:
    """Return what a class body can name."""
    module = sys.modules.get(cls.__module__)
    return dict(vars(module)) if module is not None else {}
