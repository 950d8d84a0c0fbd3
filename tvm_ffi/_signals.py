# SPDX-License-Identifier: Apache-2.0
"""Ctrl-C and other signals, where Python and native code interleave.

CPython runs signal handlers between bytecodes of the main thread, so an exception such as
KeyboardInterrupt can appear anywhere. In two kinds of functions it would be printed and lost
instead of raised: ctypes callbacks and ``__del__``. Both guard their bodies; what is left is the
check on entry, before the first instruction of the body, and `deferring_signals` removes it.
Destructors cannot raise what they catch, so they have it raised again later, by `raise_later`.
"""

from __future__ import annotations

import _thread
import atexit
import ctypes
import opcode
import sys
from types import FunctionType
from typing import Callable, TypeVar

from . import _ffi

_F = TypeVar("_F", bound=Callable[..., object])


def deferring_signals(function: _F) -> _F:
    """Let signals that wait when `function` is entered wait a little longer, for its body.

    From 3.11 on, RESUME at the start of a function looks for signals, outside of any ``try``. Its
    argument says why the frame runs; for 2, "after a yield from", it does not look. Before 3.11 a
    function that starts with ``try`` needs no such help.
    """
    assert isinstance(function, FunctionType)
    resume = opcode.opmap.get("RESUME")
    code = bytearray(function.__code__.co_code)
    for position in range(0, len(code), 2):
        if code[position] == resume:
            code[position + 1] = code[position + 1] & ~3 | 2
            function.__code__ = function.__code__.replace(co_code=bytes(code))
            break
    return function


def raise_later(error: BaseException) -> None:
    """Raise an exception of that class in this thread again, soon and somewhere else."""
    if isinstance(error, (MemoryError, RecursionError)):
        return  # of the function that caught it, and no signal's
    # Not directly: the interpreter would raise it here, where it has just been caught.
    _thread.start_new_thread(_raise_in, (_thread.get_ident(), type(error)))


def _raise_in(thread: int, cls: type[BaseException]) -> None:
    if not hasattr(ctypes, "pythonapi"):
        # As good as it gets elsewhere: Ctrl-C is taken for pressed again, others are lost.
        if issubclass(cls, KeyboardInterrupt):
            _thread.interrupt_main()
        return
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), ctypes.py_object(cls))


def _let_native_code_check_signals() -> None:
    """Give the library the interpreter's functions behind ``TVMFFIEnvCheckSignals``."""
    if sys.implementation.name != "cpython":
        return
    for name in ("PyGILState_Ensure", "PyGILState_Release", "PyErr_CheckSignals"):
        address = ctypes.cast(getattr(ctypes.pythonapi, name), ctypes.c_void_p)
        _ffi.TVMFFIEnvRegisterCAPI(name.encode(), address)
    # Native threads may go on longer than the interpreter.
    atexit.register(_ffi.TVMFFIEnvRegisterCAPI, b"PyErr_CheckSignals", None)


_let_native_code_check_signals()
