# SPDX-License-Identifier: Apache-2.0
"""Capsules: the values in which Python frameworks hand an address to each other.

They are made and read by the interpreter's C functions, as ctypes offers them. Where it does not,
as in PyPy, there are no capsules for us, and so no exchange of tensors with other frameworks.
All of these keep the interpreter lock.
"""

from __future__ import annotations

import ctypes
import sys
import warnings
from ctypes import PYFUNCTYPE, c_int, c_void_p, py_object
from typing import Any

LACKING = ""  # what is lacking and what follows, in one sentence; nothing where all is there

if hasattr(ctypes, "pythonapi"):
    _api = ctypes.pythonapi
    new = PYFUNCTYPE(py_object, c_void_p, c_void_p, c_void_p)(("PyCapsule_New", _api))
    is_valid = PYFUNCTYPE(c_int, py_object, c_void_p)(("PyCapsule_IsValid", _api))
    pointer = PYFUNCTYPE(c_void_p, py_object, c_void_p)(("PyCapsule_GetPointer", _api))
    set_name = PYFUNCTYPE(c_int, py_object, c_void_p)(("PyCapsule_SetName", _api))
    set_destructor = PYFUNCTYPE(c_int, py_object, c_void_p)(("PyCapsule_SetDestructor", _api))
    incref = PYFUNCTYPE(None, py_object)(("Py_IncRef", _api))
    decref = PYFUNCTYPE(None, py_object)(("Py_DecRef", _api))
else:
    LACKING = (
        f"On {sys.implementation.name} Python code cannot make or read capsules, so tvm_ffi "
        "exchanges no tensors with other frameworks here"
    )

    def _refuse(*_arguments: Any) -> Any:
        raise BufferError(LACKING)

    new = pointer = set_name = set_destructor = incref = decref = _refuse  # type: ignore[assignment]
    is_valid = lambda _value, _name: 0  # type: ignore[assignment] # noqa: E731

_kept: list[Any] = []


def immortal(value: Any) -> None:
    """Never free a ctypes value, not even when modules are: others hold its address."""
    _kept.append(value)
    if not LACKING:
        incref(value)


def immortal_text(text: bytes) -> int:
    """Return the address of a C string that also outlives the interpreter's last capsule."""
    buffer = ctypes.create_string_buffer(text)
    immortal(buffer)
    return ctypes.addressof(buffer)


def address_of(function: str) -> int:
    """Return the address of one of the interpreter's functions, for native code to call."""
    return ctypes.cast(getattr(_api, function), c_void_p).value or 0


def warn() -> None:
    """Say what is lacking here, once."""
    if LACKING:
        warnings.warn(LACKING, RuntimeWarning, stacklevel=3)
