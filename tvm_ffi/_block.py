# SPDX-License-Identifier: Apache-2.0
"""Calls as blocks: what ``libtvm_ffi_host`` takes from the pure lane, see csrc/host/block.h.

A block is a fresh ``bytes`` that belongs to one call: which function, the arguments, and room for
the result, which the library writes into it. Nothing else has seen those bytes, and nothing will.
So a call passes a single argument through ctypes, and most results are what ctypes returns.

`available` is false where the library is missing, or the interpreter is not CPython: elsewhere
``bytes`` may be passed as a copy. Calls are then made cell by cell, see `_lane.call_by_cells`.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import Structure, byref, c_int64, c_void_p
from struct import Struct
from typing import Any

from . import _ffi

# Arguments that the library makes values of, with what they refer to behind the cells.
TEXT, BYTES, TREE, TENSOR, CAPSULE, CALLABLE = range(-16, -22, -1)

# What a call returns that does not return an Int, and a callback that does not. Other Ints are not
# smaller than LEAST_INT.
NONE, FALSE, TRUE, FLOAT, VALUE, FAILED, UNFIT, REFUSED = range(-1073741823, -1073741815)
LEAST_INT = -1073741800

HEAD = "<qii16x"  # the function, the number of arguments, whether to give up the lock; the result
SHORT_HEAD = "<q24x"  # the same for the entries below, which say the middle two themselves
HEAD_SIZE = 32
read_result = Struct("<16xqq").unpack_from
read_payload = Struct("<24xq").unpack_from
read_float = Struct("<24xd").unpack_from


class _Interpreter(Structure):
    _fields_ = [
        (name, c_void_p)
        for name in (
            "PyEval_SaveThread PyEval_RestoreThread PyCapsule_IsValid PyCapsule_GetPointer "
            "PyCapsule_SetName PyCapsule_SetDestructor Py_IncRef"
        ).split()
    ]
    _fields_.append(("none", c_void_p))


def _load() -> Any:
    """Load the library so that it keeps the interpreter lock; None where it cannot be used."""
    if sys.implementation.name != "cpython" or sys.byteorder != "little":
        return None
    if ctypes.sizeof(c_void_p) != 8 or not hasattr(ctypes, "pythonapi"):
        return None
    try:
        library = _ffi.load_host_library()
        library["TVMFFIHostCallHeld4"]  # or it is an older one
        interpreter = _Interpreter(none=id(None))
        for field in _Interpreter._fields_[:-1]:
            address = ctypes.cast(getattr(ctypes.pythonapi, field[0]), c_void_p)
            setattr(interpreter, field[0], address)
        library["TVMFFIHostSetInterpreter"](byref(interpreter))
    except (OSError, RuntimeError, AttributeError):
        return None
    return library


_library = _load()
available = _library is not None


def _refuse(*args: Any) -> Any:
    raise RuntimeError("libtvm_ffi_host is not available")


def entry(name: str, restype: Any = None) -> Any:
    """Return a function of the library without argument types: only for ``bytes`` and byref()."""
    if _library is None:
        return _refuse
    function = _library[name]
    function.restype = restype
    return function


def _drop() -> Any:
    """Return what drops a reference to a native object."""
    if _library is None:
        return _ffi.TVMFFIObjectDecRef
    function = entry("TVMFFIHostDrop")
    function.argtypes = (c_void_p,)
    return function


drop = _drop()
invoke = entry("TVMFFIHostCallBlock", c_int64)
discard = entry("TVMFFIHostDiscardBlock")

# By number of arguments, what calls with blocks that have a short head; with and without giving up
# the interpreter lock.
MOST_SHORT = 4
RELEASED = tuple(entry(f"TVMFFIHostCall{count}", c_int64) for count in range(MOST_SHORT + 1))
HELD = tuple(entry(f"TVMFFIHostCallHeld{count}", c_int64) for count in range(MOST_SHORT + 1))
