# SPDX-License-Identifier: Apache-2.0
"""Where parts of Python values lie in memory, found by looking at some.

The host lane reads there instead of asking the interpreter, which would take a call each time. What
does not look as expected is reported as 0, and asked for.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Iterable
from struct import Struct

_WORD = Struct("<q")


def layout() -> list[int]:
    """Return the fields of `Layout` in csrc/host/host.h."""
    of_float = _common(_offset_of(Struct("<d").pack(value), value) for value in (1.5, -2.25))
    pair = [object(), object()]
    items = Struct("<2q").pack(*map(id, pair))
    in_tuple = _offset_of(items, tuple(pair))
    return [_offset_of_type(), *_layout_of_int(), of_float, _list_items(pair, items), in_tuple]


def offset_of_slot(example: object, name: str) -> int:
    """Return where such values keep the attribute that `__slots__` declares, or 0."""
    held, before = object(), getattr(example, name)
    setattr(example, name, held)
    content = ctypes.string_at(id(example), type(example).__basicsize__)
    setattr(example, name, before)
    return _offset_in(content, _WORD.pack(id(held)))


def _content(value: object) -> bytes:
    size = type(value).__basicsize__ if isinstance(value, list) else value.__sizeof__()
    return ctypes.string_at(id(value), size)


def _offset_of(part: bytes, value: object) -> int:
    return _offset_in(_content(value), part)


def _offset_in(content: bytes, part: bytes) -> int:
    """Return where the bytes are, 0 if they are not there or in several places."""
    places = range(0, len(content) - len(part) + 1, 8)
    found = [at for at in places if content.startswith(part, at)]
    return found[0] if len(found) == 1 else 0


def _common(found: Iterable[int]) -> int:
    places = set(found)
    return places.pop() if len(places) == 1 else 0


def _offset_of_type() -> int:
    values = (1.5, "text", object(), 1 << 40)
    return _common(_offset_of(_WORD.pack(id(type(value))), value) for value in values)


# Kept by the interpreter, made anew each time, and at either end of what one digit holds.
_ONE_DIGIT = (1, 2, 5, 127, 255, 256, 257, 1023, 1024, 1025, 4711, 65536)


def _layout_of_int() -> list[int]:
    """Find the word that tells the sign and the number of digits, and the first digit."""
    unknown = [0] * 6
    at = object.__basicsize__
    largest = (1 << sys.int_info.bits_per_digit) - 1
    positive = (*_ONE_DIGIT, largest)
    if sys.int_info.sizeof_digit != 4:
        return unknown
    for value in positive:
        for signed in (value, -value):
            if _content(signed)[at + 8 :] != Struct("<I").pack(value):
                return unknown
    groups = [(0,), positive, [-value for value in positive], (largest + 1, -1 << 62)]
    tags = [[_WORD.unpack_from(_content(value), at)[0] for value in group] for group in groups]
    # Bits that differ within a group tell something else.
    mask = -1
    for tag in (tag ^ group[0] for group in tags[:3] for tag in group):
        mask &= ~tag
    zero, one, minus_one, longer = ({tag & mask for tag in group} for group in tags)
    if len(zero | one | minus_one) != 3 or (zero | one | minus_one) & longer:
        return unknown
    return [at, at + 8, mask, zero.pop(), one.pop(), minus_one.pop()]


def _list_items(values: list[object], items: bytes) -> int:
    """Find the word of a list that points to its items: the one after their number."""
    if "t" in getattr(sys, "abiflags", ""):
        return 0  # another thread may replace them meanwhile
    number = object.__basicsize__
    content = _content(values)
    if _WORD.unpack_from(content, number)[0] != len(values):
        return 0
    address = _WORD.unpack_from(content, number + 8)[0]
    return number + 8 if ctypes.string_at(address, len(items)) == items else 0
