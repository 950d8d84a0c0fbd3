# SPDX-License-Identifier: Apache-2.0
"""What callers hand to structural traversals, as the entries that the library takes."""

from __future__ import annotations

import inspect
from collections.abc import Sequence
from typing import Any, Callable, Union

from . import _ffi
from ._function import Function
from ._type_schema import TypeSchema

# Any callable, one (type, callback), ((type, ...), callback), or a sequence of such tuples.
Callbacks = Union[Callable[..., Any], tuple[Any, ...], Sequence[Any]]
Entry = tuple[int, Callable[..., Any]]  # the callback is for values of that type index


def entries_of(callbacks: Callbacks, caller: str) -> list[Entry]:
    """Return the entries in their order; `caller` is the function that errors speak of."""
    return [
        (_index_of(kind, caller), callback)
        for kinds, callback in _pairs(callbacks, caller)
        for kind in (kinds if isinstance(kinds, tuple) else (kinds,))
    ]


def _pairs(callbacks: Any, caller: str) -> list[tuple[Any, Callable[..., Any]]]:
    if callable(callbacks):
        return [(Any, callbacks)]
    if _is_pair(callbacks):
        return [callbacks]
    if isinstance(callbacks, (str, bytes)) or not isinstance(callbacks, Sequence):
        raise TypeError(
            f"{caller} callbacks must be callbacks, (type, callback) entries, ((type1, type2, "
            "...), callback) entries, or sequences of tuple entries"
        )
    if not all(map(_is_pair, callbacks)):
        raise TypeError(f"{caller} callbacks within a sequence must be (type, callback) tuples")
    return list(callbacks)


def _is_pair(value: Any) -> bool:
    # Two pairs are a sequence of two: the second is no callable.
    return isinstance(value, tuple) and len(value) == 2 and callable(value[1])


def _index_of(kind: Any, caller: str) -> int:
    if kind is object:
        return _ffi.kTVMFFIAny
    try:
        index = TypeSchema.from_annotation(kind).origin_type_index
    except TypeError as error:
        raise TypeError(
            f"{caller} callback type must be a supported builtin, typing.Any/object, or an "
            "FFI-registered object class"
        ) from error
    if index < 0 and index != _ffi.kTVMFFIAny:
        raise TypeError(
            f"{caller} callback type_index is negative, the only acceptable negative type_index "
            "is -1 for Any"
        )
    return index


def takes_inplace_mode(callback: Callable[..., Any], caller: str) -> bool:
    """Tell whether to pass (value, mutator, inplace_mode) rather than (value, mutator)."""
    if isinstance(callback, Function):  # takes any number, and means two
        return False
    try:
        signature = inspect.signature(callback)
    except (TypeError, ValueError):
        return False
    for count in (3, 2):
        try:
            signature.bind(*range(count))
        except TypeError:
            continue
        return count == 3
    raise TypeError(
        f"{caller} callback must accept (value, mutator) or (value, mutator, inplace_mode)"
    )
