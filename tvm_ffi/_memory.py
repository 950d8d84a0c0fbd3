# SPDX-License-Identifier: Apache-2.0
"""The memory of native objects, read and written where it lies.

`words`, `doubles` and `flags` are views of all memory there is, as signed 64-bit integers, as
floats and as bytes that are true or false: ``words[address >> 3]`` is the word at an address that
is a multiple of 8. An index takes a third of the time of a ctypes object at the address. Only for
memory of which the contract says what is there, and that somebody keeps alive meanwhile.
"""

from __future__ import annotations

from ctypes import c_bool, c_char, c_double, c_int64
from typing import Any


class _OneByOne:
    """The same where there is no such view, as on PyPy: a ctypes object at each address."""

    def __init__(self, kind: Any, size: int) -> None:
        self._kind = kind
        self._size = size

    def __getitem__(self, index: int) -> Any:
        return self._kind.from_address(index * self._size).value

    def __setitem__(self, index: int, value: Any) -> None:
        self._kind.from_address(index * self._size).value = value


words: Any
doubles: Any
flags: Any
try:
    _all = memoryview((c_char * (1 << 62)).from_address(0)).cast("B")
    words, doubles, flags = _all.cast("q"), _all.cast("d"), _all.cast("?")
except MemoryError:
    words, doubles, flags = _OneByOne(c_int64, 8), _OneByOne(c_double, 8), _OneByOne(c_bool, 1)
