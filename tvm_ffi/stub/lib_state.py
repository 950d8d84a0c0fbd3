# SPDX-License-Identifier: Apache-2.0
"""What the loaded libraries have registered, grouped by the prefix of the names."""

from __future__ import annotations

import functools
from collections import defaultdict

from .. import _ffi
from .._type_info import index_of_key, info_of_key
from .._type_schema import TypeSchema
from ..registry import (
    get_global_func_metadata,
    get_registered_type_keys,
    list_global_func_names,
)
from . import consts as C
from .utils import FuncInfo, ObjectInfo


@functools.cache
def object_info_from_type_key(type_key: str) -> ObjectInfo:
    """Describe a registered type; ValueError if there is none of that name."""
    return ObjectInfo.from_type_info(info_of_key(type_key))


def collect_global_funcs() -> dict[str, list[FuncInfo]]:
    """Describe all global functions: by prefix, sorted by name.

    Functions without a prefix or without a described type are reported and left out.
    """
    by_prefix: dict[str, list[FuncInfo]] = defaultdict(list)
    for name in sorted(list_global_func_names()):
        prefix, dot, _ = name.rpartition(".")
        if not dot:
            _skip(name, "its name has no prefix")
            continue
        schema = get_global_func_metadata(name).get("type_schema")
        if schema is None:
            _skip(name, "it has no type schema")
            continue
        by_prefix[prefix].append(FuncInfo.from_schema(name, TypeSchema.from_json_str(schema)))
    return dict(by_prefix)


def _skip(name: str, reason: str) -> None:
    print(C.colored(f"[Skipped] Global function `{name}`: {reason}", C.TERM_YELLOW))


def collect_type_keys() -> dict[str, list[str]]:
    """List the registered object types: by prefix, sorted."""
    by_prefix: dict[str, list[str]] = defaultdict(list)
    for key in sorted(map(str, get_registered_type_keys())):
        prefix, dot, _ = key.rpartition(".")
        if dot:
            by_prefix[prefix].append(key)
    return dict(by_prefix)


def toposort_objects(type_keys: list[str]) -> list[ObjectInfo]:
    """Describe types, parents before children, otherwise in alphabetical order."""
    waiting = {key: object_info_from_type_key(key) for key in sorted(type_keys)}
    ordered: list[ObjectInfo] = []
    while waiting:
        # Ancestors that were not asked for hold nothing back.
        key = next(
            key for key, info in waiting.items() if waiting.keys().isdisjoint(info.ancestors)
        )
        ordered.append(waiting.pop(key))
    return ordered


def is_object_type(type_key: str) -> bool:
    """Tell whether a registered type is one of objects, rather than of plain values."""
    index = index_of_key(type_key)
    return index is not None and index >= _ffi.kTVMFFIStaticObjectBegin
