# SPDX-License-Identifier: Apache-2.0
"""The memory of native objects, read and written where it lies.

`words`, `doubles` and `flags` are views of all memory there is, as signed 64-bit integers, as
floats and as bytes that are true or false: ``words[address >> 3]`` is the word at an address that
is a multiple of 8. An index takes a third of the time of a ctypes object at the address. Only for
memory of which the contract says what is there, and that somebody keeps alive meanwhile.
"""

from __future__ import annotations

from ctypes import c_char
from typing import Any

_all = memoryview((c_char * (1 << 62)).from_address(0)).cast("B")

words: Any = _all.cast("q")
doubles: Any = _all.cast("d")
flags: Any = _all.cast("?")
