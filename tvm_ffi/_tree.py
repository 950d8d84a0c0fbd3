# SPDX-License-Identifier: Apache-2.0
"""Lists, tuples and dictionaries of simple values, written for the library to make containers of.

`marshal` writes such values faster than anything else in Python can look at them, and csrc/host/
tree.cc reads what it writes. Its format is the interpreter's own affair; version 2 has been the
same since Python 2.5, it is tried out below, and the library refuses whatever it does not know.
"""

from __future__ import annotations

import sys
from marshal import dumps
from typing import Any

_VERSION = 2
_SAMPLE = [1, -5, 2.5, "é", None, True, False, (1 << 40,), {"a": -(1 << 40)}]
_WRITTEN = (
    b"[\t\0\0\0i\1\0\0\0i\xfb\xff\xff\xffg\0\0\0\0\0\0\4@u\2\0\0\0\xc3\xa9NTF"
    b"(\1\0\0\0l\3\0\0\0\0\0\0\0\0\4{u\1\0\0\0al\xfd\xff\xff\xff\0\0\0\0\0\0040"
)

# Without a lock another thread might change a list while it is written.
_HAS_LOCK = "t" not in getattr(sys, "abiflags", "")
available = _HAS_LOCK and dumps(_SAMPLE, _VERSION) == _WRITTEN

_SIMPLE = frozenset({bool, dict, float, int, list, str, tuple, type(None)})


def write_sequence(value: Any) -> bytes | None:
    """Write a list or tuple; None if it may hold something else than simple values."""
    try:
        # A look at both ends spares most arrays: `marshal` copies what has a buffer, in vain.
        if value and not (type(value[0]) in _SIMPLE and type(value[-1]) in _SIMPLE):
            return None
        return dumps(value, _VERSION)
    except (IndexError, ValueError):  # something else is inside, it has no end, or is just cleared
        return None


def write_mapping(value: dict[Any, Any]) -> bytes | None:
    """Write a dictionary; None if it may hold something else than simple values."""
    for element in value.values():
        if type(element) not in _SIMPLE:
            return None
        break
    try:
        return dumps(value, _VERSION)
    except ValueError:
        return None
