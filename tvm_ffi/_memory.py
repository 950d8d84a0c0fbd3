# SPDX-License-Identifier: Apache-2.0
"""The memory of native objects, read and written where it lies.

`chars`, `words`, `doubles` and `flags` are views of all memory there is, as bytes, as signed 64-bit
integers, as floats, and as bytes that are true or false: ``words[address >> 3]`` is the word at an
address that is a multiple of 8. An index takes a third of the time of a ctypes object at the
address. Only for memory of which the contract says what is there, and that somebody keeps alive.
"""

from __future__ import annotations

import sys
from ctypes import c_char
from typing import Any

# Elsewhere an array of that size may be none. There nobody looks at the views. Nor on free-threaded
# Pythons: slices of a view are counted there without a lock, and all views end with a wrong count.
available = (
    sys.implementation.name == "cpython"
    and sys.maxsize == (1 << 63) - 1
    and "t" not in sys.abiflags
)

chars: Any = None
words: Any = None
doubles: Any = None
flags: Any = None
if available:
    chars = memoryview((c_char * (1 << 62)).from_address(0)).cast("B")
    words, doubles, flags = chars.cast("q"), chars.cast("d"), chars.cast("?")
