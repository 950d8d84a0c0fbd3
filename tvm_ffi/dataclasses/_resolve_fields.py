# SPDX-License-Identifier: Apache-2.0
"""What the annotations of a class written in Python mean, and the fields they declare."""

from __future__ import annotations

import copy
import re
import sys
from collections.abc import Mapping
from typing import Any, ClassVar, NamedTuple, get_origin, get_type_hints

from .._object import MISSING
from .._type_schema import TypeSchema
from ..registry import own_annotations
from .field import KW_ONLY, Field, init_property


class Unresolved(Exception):
    """Annotations that name what does not exist yet; the arguments say which, and why."""


class Declaration(NamedTuple):
    """One annotation of a class body."""

    owner: type
    name: str
    annotation: Any  # resolved


def field_owners(cls: type, parent: type) -> list[type]:
    """Return the classes whose annotations declare fields of `cls`, base-most first.

    These are `cls` and the bases that belong to no registered type.
    """
    inherited = {object, *parent.__mro__}
    return [
        owner
        for owner in reversed(cls.__mro__)
        if owner not in inherited and own_annotations(owner)
    ]


def declarations(
    cls: type, owners: list[type], classes: Mapping[str, Mapping[str, type]]
) -> list[Declaration]:
    """Resolve the annotations of all owners. `classes` are the known ones by module and name.

    Raises Unresolved if some name nothing. Other errors of evaluation are left alone.
    """
    found = []
    missing = []
    elsewhere = {name: known for module in classes.values() for name, known in module.items()}
    for owner in owners:
        names = dict(vars(sys.modules[owner.__module__])) if owner.__module__ in sys.modules else {}
        local = {
            **classes.get(owner.__module__, {}),
            cls.__name__: cls,
            **{known.__name__: known for known in owners},
        }
        for name, annotation in own_annotations(owner).items():
            try:
                meaning = _evaluated(annotation, names, local, elsewhere)
            except (NameError, AttributeError) as error:
                missing.append(f"{name}: {_text(annotation)} ({error})")
            else:
                found.append(Declaration(owner, name, meaning))
    if missing:
        raise Unresolved(*missing)
    return found


def _text(annotation: Any) -> str:
    return annotation if isinstance(annotation, str) else repr(annotation)


def _evaluated(
    annotation: Any, names: dict[str, Any], local: dict[str, Any], elsewhere: dict[str, type]
) -> Any:
    if _is_kw_only(annotation):
        return KW_ONLY
    if is_class_var(annotation):
        return ClassVar
    # get_type_hints takes whole classes, and gives all or nothing: one annotation at a time.
    holder = type("annotated", (), {"__annotations__": {"it": annotation}})
    try:
        return get_type_hints(holder, names, local, include_extras=True)["it"]
    except (NameError, AttributeError):
        return get_type_hints(holder, names, {**elsewhere, **local}, include_extras=True)["it"]


def _is_kw_only(annotation: Any) -> bool:
    text = getattr(annotation, "__forward_arg__", annotation)
    if isinstance(text, str):
        return re.fullmatch(r"(\w+\.)*KW_ONLY", text) is not None
    return annotation is KW_ONLY


def is_class_var(annotation: Any) -> bool:
    """Tell whether an annotation, perhaps still text, declares a class variable."""
    text = getattr(annotation, "__forward_arg__", annotation)
    if isinstance(text, str):
        return re.match(r"(\w+\.)*ClassVar(\[|$)", text) is not None
    return annotation is ClassVar or get_origin(annotation) is ClassVar


# ---- Fields --------------------------------------------------------------------------------------


class Resolved(NamedTuple):
    """What a class body declares."""

    fields: list[Field]
    markers: list[tuple[type, type, str, int]]  # marker, owner, name, number of fields before it
    computed: dict[str, Any]  # functions of init properties
    sentinels: list[str]  # names that are annotated KW_ONLY


def resolve_fields(
    cls: type,
    declared: list[Declaration],
    *,
    inherited: Mapping[str, Field],
    kw_only: bool,
    frozen: bool,
) -> Resolved:
    """Make the fields of `cls` out of annotations and class values.

    `inherited` are the fields of the parent, by name. A name that is declared again keeps its place
    and takes the new type and value. TypeError if an annotation means no native type.
    """
    marker_types = _marker_types(cls)
    fields: dict[str, Field] = {}
    result = Resolved([], [], {}, [])
    keyword = kw_only
    for owner, name, annotation in declared:
        if annotation is KW_ONLY:
            keyword = True
            result.sentinels.append(name)
            continue
        if annotation is ClassVar:
            continue
        if any(annotation is marker for marker in marker_types):
            result.markers.append((annotation, owner, name, len(inherited) + len(fields)))
            continue
        value = owner.__dict__.get(name, MISSING)
        schema = TypeSchema.from_annotation(annotation)
        if isinstance(value, init_property):
            result.computed[name] = value.function
            if name in inherited and inherited[name]._ty_schema == schema:
                continue  # computed anew, into the parent's field
        fields[name] = _named(_field_of(owner, cls, value), name, annotation, schema)
        _complete(fields[name], keyword, frozen)
    result.fields.extend(fields.values())
    return result


def _marker_types(cls: Any) -> tuple[type, ...]:
    markers = getattr(cls, "__ffi_field_markers__", ())
    if not isinstance(markers, (tuple, list)) or not all(isinstance(m, type) for m in markers):
        raise TypeError("__ffi_field_markers__ must be a tuple or list of types")
    return tuple(markers)


def _field_of(owner: type, cls: type, value: Any) -> Field:
    """Return the field that a class value describes; each class has its own."""
    if isinstance(value, Field):
        return value if owner is cls else copy.copy(value)
    if isinstance(value, init_property):
        return value.as_field()
    return Field(default=value, hash=None, compare=True, kw_only=None)


def _named(field: Field, name: str, annotation: Any, schema: TypeSchema) -> Field:
    field.name = name
    field.type = annotation
    field._ty_schema = schema
    return field


def _complete(field: Field, kw_only: bool, frozen: bool) -> None:
    if field.kw_only is None:
        field.kw_only = kw_only
    if field.hash is None:
        field.hash = field.compare
    field.frozen = field.frozen or frozen
