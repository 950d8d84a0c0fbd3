# SPDX-License-Identifier: Apache-2.0
"""Dataclasses as plain tuples, so that functions behind the ABI can take them as arguments.

Each dataclass is looked at once. Its *schema* says per field what is known from the annotation:
``None``, the value is passed as it is; ``"unpack"``, what to do is found out from the value; or
the schema of another dataclass.
"""

from __future__ import annotations

import dataclasses
import keyword
import types
import typing
from typing import Any, Callable, Union

UNPACK = "unpack"
DataclassToTupleSchema = dict[str, Any]

_LEAF_TYPES = frozenset({int, float, str, bool, bytes, complex, type(None), None, Ellipsis})
_LEAF_CONTAINERS: tuple[Any, ...] = (tuple, dict, set, frozenset, Union)
if hasattr(types, "UnionType"):
    _LEAF_CONTAINERS += (types.UnionType,)

# Entered complete and never taken out: read without a lock.
_unpackers: dict[type, Callable[[Any], tuple[Any, ...]]] = {}


def unpack_dataclass_to_tuple(x: Any) -> Any:
    """Turn dataclass instances into tuples of their fields, also inside lists, tuples and dicts.

    Lists and tuples keep their class, dictionaries become new ones; anything else is returned as it
    is. A field annotated as a plain value such as ``int`` is not looked into.
    """
    cls = type(x)
    unpack = _unpackers.get(cls)
    if unpack is not None:
        return unpack(x)
    if dataclasses.is_dataclass(cls):
        unpack = _unpackers[cls] = _compile(_extract_dataclass_to_tuple_schema(cls))
        return unpack(x)
    if isinstance(x, (list, tuple)):
        rebuild: Any = cls
        items = [unpack_dataclass_to_tuple(item) for item in x]
        return rebuild(*items) if hasattr(x, "_fields") else rebuild(items)
    if isinstance(x, dict):
        return {key: unpack_dataclass_to_tuple(item) for key, item in x.items()}
    return x


def _compile(schema: DataclassToTupleSchema) -> Callable[[Any], tuple[Any, ...]]:
    """Make the function that unpacks instances of the dataclass with this schema."""
    _validate_dataclass_to_tuple_schema(schema)
    # A field's own schema is not built in: the value may be of a subclass, or None.
    parts = (f"x.{name}" if kind is None else f"unpack(x.{name})" for name, kind in schema.items())
    body = "".join(f"{part}, " for part in parts)
    unpack: Callable[[Any], tuple[Any, ...]] = eval(
        f"lambda x: ({body})", {"unpack": unpack_dataclass_to_tuple}
    )
    return unpack


def _validate_dataclass_to_tuple_schema(schema: Any) -> None:
    """Refuse what is no schema: names become code."""
    if not isinstance(schema, dict):
        raise TypeError(f"DataclassToTupleSchema must be a dict, got {type(schema).__name__}")
    for name, kind in schema.items():
        if not isinstance(name, str):
            raise TypeError(f"Schema field name must be a string, got {type(name).__name__}")
        if not name.isidentifier():
            raise ValueError(f"Schema field name {name!r} is not a valid Python identifier")
        if keyword.iskeyword(name):
            raise ValueError(f"Schema field name {name!r} is a Python keyword")
        if kind is not None and kind != UNPACK:
            _validate_dataclass_to_tuple_schema(kind)


def _extract_dataclass_to_tuple_schema(
    cls: Any, within: tuple[type, ...] = ()
) -> DataclassToTupleSchema:
    """Read the schema of a dataclass from its annotations; `within` are those being read."""
    if not isinstance(cls, type) or not dataclasses.is_dataclass(cls):
        raise TypeError(f"Expected a dataclass class, got {cls!r}")
    try:
        hints = typing.get_type_hints(cls)
    except Exception:  # a name that does not resolve: what is not text is known all the same
        hints = {}
    within = (*within, cls)
    return {
        field.name: _classify(hints.get(field.name, field.type), within)
        for field in dataclasses.fields(cls)
    }


def _classify(annotation: Any, within: tuple[type, ...]) -> Any:
    if _is_leaf(annotation):
        return None
    if (
        isinstance(annotation, type)
        and dataclasses.is_dataclass(annotation)
        and annotation not in within
    ):
        return _extract_dataclass_to_tuple_schema(annotation, within)
    return UNPACK


def _is_leaf(annotation: Any) -> bool:
    arguments = typing.get_args(annotation)
    if arguments:
        return typing.get_origin(annotation) in _LEAF_CONTAINERS and all(map(_is_leaf, arguments))
    try:
        return annotation in _LEAF_TYPES
    except TypeError:  # unhashable, so none of them
        return False
