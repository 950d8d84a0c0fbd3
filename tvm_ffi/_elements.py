# SPDX-License-Identifier: Apache-2.0
"""Elements of containers, many at a time."""

from __future__ import annotations

from collections.abc import Iterator
from ctypes import c_int64
from struct import Struct
from typing import Any

from . import _block, _ffi
from ._convert import unpackers, view_unpackers
from ._ffi import kTVMFFIInt, kTVMFFIStaticObjectBegin
from ._memory import words

# Of an Array or List: the word with the address of the elements, their number is in the next.
SEQUENCE = 24 >> 3
# More are not made at once: whoever iterates may stop early.
AT_ONCE = 64


def elements(address: int, start: int, stop: int, api: Any) -> list[Any]:
    """Return elements of a sequence that stays as it is, whose first is at `address`."""
    first = address >> 3
    cells = words[first + 2 * start : first + 2 * stop].tolist()
    tags, payloads = cells[::2], cells[1::2]
    if tags.count(kTVMFFIInt) == len(tags):
        return payloads  # type: ignore[no-any-return]
    return [view_unpackers[tag](payload, api) for tag, payload in zip(tags, payloads)]


def iterate(address: int, size: int, api: Any, keep: object) -> Iterator[Any]:
    """Iterate over such a sequence of any size; `keep` owns it."""
    for start in range(0, size, AT_ONCE):
        yield from elements(address, start, min(start + AT_ONCE, size), api)


_HEAD = Struct("<qq").pack
_ROOM = bytes(32 * AT_ONCE)
_read_entries = _block.entry("TVMFFIHostReadEntries", c_int64)


def entries(cursor: Any, api: Any) -> Iterator[tuple[Any, Any]]:
    """Give the entries of a mapping from a cursor, which is at one, to its end."""
    is_at_end = False
    while not is_at_end:
        block = _HEAD(cursor._handle, AT_ONCE) + _ROOM
        found = _read_entries(block)
        if found < 0:
            _ffi.check(found)
        is_at_end = bool(found & 1)
        yield from _taken(memoryview(block).cast("q")[2 : 2 + (found >> 1) * 4].tolist(), api)


def _taken(cells: list[int], api: Any) -> list[tuple[Any, Any]]:
    """Make pairs of owned cells."""
    made: list[tuple[Any, Any]] = []
    position = 0
    try:
        while position < len(cells):
            key_tag, key, tag, payload = cells[position : position + 4]
            position += 2
            name = unpackers[key_tag](key, None)
            position += 2
            made.append((name, unpackers[tag](payload, api)))
    except BaseException:
        for tag, payload in zip(cells[position::2], cells[position + 1 :: 2]):
            if kTVMFFIStaticObjectBegin <= tag < 1 << 31:
                _ffi.TVMFFIObjectDecRef(payload)
        raise
    return made
