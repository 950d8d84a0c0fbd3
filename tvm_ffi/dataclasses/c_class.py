# SPDX-License-Identifier: Apache-2.0
"""Dataclasses over types that native code declares."""

from __future__ import annotations

import builtins
import sys
from typing import Any, Callable, TypeVar, get_type_hints

from typing_extensions import dataclass_transform

from .. import registry
from .._dunder import _install_dataclass_dunders
from .._field import TypeField
from .._type_attr import lookup_type_attr
from .._type_info import TypeInfo
from ._rollback import undone_on_failure
from ._type_attr_names import TYPE_ATTR_NAMES
from .field import Field, field, unconverted

_Class = TypeVar("_Class", bound=type)


@dataclass_transform(
    eq_default=False,
    order_default=False,
    kw_only_default=False,
    field_specifiers=(Field, field),
    converter=unconverted,  # type: ignore[literal-required]
)
def c_class(
    type_key: str,
    *,
    frozen: bool = False,
    init: bool = True,
    repr: bool = True,
    eq: bool = False,
    order: bool = False,
    unsafe_hash: bool = False,
    match_args: bool = True,
) -> Callable[[_Class], _Class]:
    """Make the decorated class the dataclass of a native type.

    For example::

        @tvm_ffi.dataclasses.c_class("my_library.Pair", eq=True)
        class Pair(tvm_ffi.Object):
            first: int
            second: int

    The type decides which fields there are, and what they hold, default to and allow; annotations
    only tell type checkers about them. With `eq` and `order` objects compare by content, with
    `unsafe_hash` they are hashed so. `frozen` changes nothing: native fields are read-only or not.

    ValueError if there is no such type, which usually means that its library is not loaded.
    """
    if not isinstance(type_key, str):
        raise TypeError(f"c_class: expected a type key, got {type(type_key).__name__}")

    def decorate(cls: _Class) -> _Class:
        with undone_on_failure(cls):
            for name, value in list(cls.__dict__.items()):
                if isinstance(value, Field):
                    delattr(cls, name)
            registry.register_object(type_key, init=False)(cls)
            info = cls.__dict__.get("__tvm_ffi_type_info__")
            if info is None:  # `registry._SKIP_UNKNOWN_OBJECTS`
                return cls
            registry._warn_missing_field_annotations(cls, info, stacklevel=2)
            _attach_field_objects(cls, info, frozen=frozen)
            _expose_type_attributes(cls, info)
            _install_dataclass_dunders(
                cls,
                init=init,
                repr=repr,
                eq=eq,
                order=order,
                unsafe_hash=unsafe_hash,
                match_args=match_args,
            )
            target: Any = cls
            target.__ffi_is_dataclass__ = True
        return cls

    return decorate


def _attach_field_objects(cls: Any, type_info: TypeInfo, *, frozen: bool = False) -> None:
    """Describe each of the type's own fields by a `Field`, if it is not."""
    own = [field for field in type_info.fields or () if field.dataclass_field is None]
    if not own:
        return
    annotations = _resolved_annotations(cls)
    for type_field in own:
        type_field.dataclass_field = field_of_native(type_field, annotations.get(type_field.name))


def field_of_native(native: TypeField, annotation: Any) -> Field:
    """Describe a field that native code declares."""
    described = Field(
        native.name,
        native.ty,
        default=native.c_default,
        default_factory=native.c_default_factory,
        frozen=native.frozen,
        init=native.c_init,
        repr=native.c_repr,
        hash=native.c_hash,
        compare=native.c_compare,
        kw_only=native.c_kw_only,
        structural_eq=native.c_structural_eq,
        doc=native.doc,
    )
    described.type = annotation
    return described


def _resolved_annotations(cls: type) -> dict[str, Any]:
    """Return what the annotations in a class body mean, without those that cannot be told."""
    names = dict(vars(sys.modules.get(cls.__module__, builtins)))
    resolved = {}
    for name, annotation in registry.own_annotations(cls).items():
        # get_type_hints gives all or nothing, hence one annotation at a time.
        holder = type(cls.__name__, (), {"__annotations__": {name: annotation}})
        try:
            resolved.update(get_type_hints(holder, names, {cls.__name__: cls}, include_extras=True))
        except Exception:
            continue
    return resolved


def _expose_type_attributes(cls: Any, info: TypeInfo) -> None:
    for name in TYPE_ATTR_NAMES:
        value = lookup_type_attr(info.type_index, name)
        if value is not None and name not in cls.__dict__:
            setattr(cls, name, value)
