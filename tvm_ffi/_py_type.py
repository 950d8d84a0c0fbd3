# SPDX-License-Identifier: Apache-2.0
"""Types declared in Python: their place in the type table, and taking it back."""

from __future__ import annotations

from ctypes import byref

from . import _ffi
from ._type_info import (
    TypeInfo,
    changing,
    forget,
    index_of_key,
    info_of_index,
    publish,
    withdraw_class,
)

# Types whose classes failed to be defined. The library keeps the index; the key can be used again.
_given_up: set[int] = set()


def register_py_class(parent: TypeInfo, type_key: str, cls: type) -> TypeInfo:
    """Enter a type into the table, as a child of `parent`, and let `cls` stand for it.

    Its fields are still to come. ValueError if the key is taken, TypeError if `parent` can have no
    children.
    """
    first, root = _ffi.kTVMFFIDynObjectBegin, _ffi.kTVMFFIObject
    if parent.type_index < first and parent.type_index != root:
        raise TypeError(f"{cls.__name__} cannot derive from built-in type `{parent.type_key}`")
    ancestors = [*parent.type_ancestors, parent.type_index]
    # Of two threads with the same key one is refused.
    with changing:
        index = index_of_key(type_key)
        if index is None:
            key = byref(_ffi.byte_array(type_key.encode()))
            index = _ffi.TVMFFITypeGetOrAllocIndex(key, -1, len(ancestors), 0, 1, parent.type_index)
        elif index not in _given_up:
            raise ValueError(f"Type key {type_key!r} is already registered")
        elif info_of_index(index).type_ancestors != ancestors:
            # The table never forgets a parent.
            before = info_of_index(info_of_index(index).type_ancestors[-1])
            raise ValueError(
                f"Type key {type_key!r} was given to a class derived from "
                f"`{before.type_key}` before, whose "
                "definition failed: derive from the same type again, or choose another key"
            )
        _given_up.discard(index)
        info = TypeInfo(cls, index, type_key, ancestors, None, [], parent)
        publish(info, cls)
        return info


def rollback_py_class(info: TypeInfo) -> None:
    """Let a type stand for no class again, so that its key can be used once more."""
    with changing:
        if info.type_cls is not None:
            withdraw_class(info.type_cls)
        forget(info)
        if info.fields is None:  # else the table has them for good
            _given_up.add(info.type_index)
