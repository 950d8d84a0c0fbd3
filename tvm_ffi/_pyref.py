# SPDX-License-Identifier: Apache-2.0
"""Python objects owned by native ones: callables behind functions, values in opaque objects.

Native code holds a number, never a ``PyObject*``: the key of an entry here. The entry lives until
the native object dies and its deleter, `DELETER`, is called, on whatever thread that happens.

**When the interpreter ends.** Native objects can outlive it, in C++ statics or in threads of their
own, and entering Python after its end (or, from another thread, while it ends) kills the process.
So the native objects that lead here are disarmed in time, by writing to two words of the object
that the contract fixes: its deleter becomes NULL, which means "never reclaimed", and the code of a
function becomes an entry point that refuses every call.

1. At exit, callbacks: other threads may be inside native code that is about to call back.
2. When `sys` is torn down, the last Python code to run: everything else. Until then, values in
   opaque objects are still given out and released like others.
"""

from __future__ import annotations

import atexit
import ctypes
import sys
from ctypes import byref, c_int64, c_void_p
from struct import Struct
from threading import RLock
from typing import Any, Callable

from . import _block, _ffi, _host
from ._signals import deferring_signals, raise_later


class PyReference:
    """One entry: the Python object, and the native object that keeps it alive."""

    __slots__ = ("api", "handle", "is_callback", "value")

    def __init__(self, value: Any, is_callback: bool = False, api: Any = None) -> None:
        self.value = value
        self.is_callback = is_callback  # calling the native object runs Python
        self.api = api  # of a callback: decides what tensor arguments become
        self.handle = 0  # of the native object; not a reference


_new = object.__new__

# By id of the entry, which is unique while the entry lives. Whoever takes an entry out of it has
# the object to themselves: its deleter, to have it freed, or `_disarm`, to write to it.
references: dict[int, PyReference] = {}
# Held to disarm. Not by deleters, in which a signal may raise between any two steps: from Python
# 3.14 on even between taking a lock and the ``with`` that gives it back.
_lock = RLock()


def _define_deleter() -> Callable[[int], None]:
    # Everything a deleter needs in reach of its closure: module globals are gone before it is.
    take, lock, again = references.pop, _lock, raise_later

    @deferring_signals
    def delete(key: int) -> None:
        try:
            if take(key, None) is None:  # else this has run the object's own destructor
                with lock:  # the object is being disarmed, and not to be freed meanwhile
                    pass
        except BaseException as error:
            again(error)

    return delete


DELETER = _ffi.immortal(_ffi.Deleter(_define_deleter()))
_exiting = False


_PACKED_WANTED = Struct("<qq").pack
_make_function = _block.entry("TVMFFIHostMakeFunction", c_int64)


def enter_callback(function: Callable[..., Any], api: Any = None) -> int:
    """Enter a callable for which a native function is made in the course of a call; gives the key.

    Whoever makes the call takes it out again, unless the native function is still alive.
    """
    entry = _new(PyReference)
    entry.value = function
    entry.is_callback = True
    entry.api = api
    entry.handle = 0
    key = id(entry)
    references[key] = entry
    return key


def answering_function(function: Callable[..., Any], api: Any = None) -> int:
    """Make a native function that calls a Python one, see `_answer`; gives an owned handle."""
    key = enter_callback(function, api)
    entry = references[key]
    try:
        handle: int = _make_function(_PACKED_WANTED(key, _exiting))
        if not handle:
            _ffi.check(-1)
    except BaseException:
        references.pop(key, None)
        raise
    entry.handle = handle
    return handle


def function_from(entry: PyReference, safe_call: int) -> int:
    """Make a native function that runs `safe_call` with the entry's key; owns the entry."""
    out = c_void_p()
    key = id(entry)
    references[key] = entry
    try:
        _ffi.TVMFFIFunctionCreate(key, safe_call, None if _exiting else DELETER, byref(out))
    except BaseException:
        references.pop(key, None)
        raise
    entry.handle = out.value or 0
    return entry.handle


def opaque_from(value: Any) -> int:
    """Make a native opaque object that owns `value`."""
    out = c_void_p()
    entry = PyReference(value)
    key = id(entry)
    references[key] = entry
    try:
        _ffi.TVMFFIObjectCreateOpaque(key, _ffi.kTVMFFIOpaquePyObject, DELETER, byref(out))
    except BaseException:
        references.pop(key, None)
        raise
    entry.handle = out.value or 0
    return entry.handle


def count_references() -> int:
    """Return the number of Python objects that native ones own, in either lane."""
    return len(references) + _host.count_callbacks()


def entry_of_opaque(handle: int) -> PyReference | None:
    """Return the entry of a native opaque object, or None if something else made it."""
    return references.get(c_void_p.from_address(handle + _HEADER).value or 0)


# Cuts off the functions of which only the library knows, see csrc/host/answer.cc.
_start_epoch = _block.entry("TVMFFIHostStartEpoch") if _block.available else None

# ---- Disarming -----------------------------------------------------------------------------------

_HEADER = ctypes.sizeof(_ffi.TVMFFIObject)
# As a safe call this takes the arguments for a type index, which no address can equal, so it sets
# an error and fails: the one entry point that refuses whatever it is called with.
_REFUSE = ctypes.cast(_ffi.LIB["TVMFFIObjectCreateOpaque"], c_void_p).value


def _disarm(
    callbacks_only: bool,
    lock: Any = _lock,
    entries: dict[int, PyReference] = references,
    header: Callable[[int], Any] = _ffi.TVMFFIObject.from_address,
    cell: Callable[[int], Any] = _ffi.TVMFFIFunctionCell.from_address,
    cell_offset: int = _HEADER,
    refuse: int | None = _REFUSE,
    start_epoch: Callable[[], None] | None = _start_epoch,
) -> list[PyReference]:
    """Cut native objects off from Python; return the callbacks nothing leads to any more."""
    disarmed = []
    if start_epoch is not None:
        start_epoch()
    # At the end no other thread runs Python any more, but one may have been stopped with the lock.
    locked = lock.acquire(callbacks_only)
    try:
        for key, entry in list(entries.items()):
            is_meant = entry.is_callback or (entry.handle and not callbacks_only)
            if not is_meant or entries.pop(key, None) is None:  # or its deleter was faster
                continue
            if entry.handle:
                header(entry.handle).deleter = None
                if entry.is_callback:
                    cell(entry.handle + cell_offset).safe_call = refuse
            if entry.is_callback:
                disarmed.append(entry)
            else:
                entries[key] = entry
    finally:
        if locked:
            lock.release()
    return disarmed  # released by the caller, without the lock


class _AtTeardown:
    def __del__(self, disarm: Callable[[bool], object] = _disarm) -> None:
        disarm(False)


def _at_exit() -> None:
    global _exiting
    _exiting = True
    _disarm(True)


atexit.register(_at_exit)
sys._tvm_ffi_teardown = _AtTeardown()  # type: ignore[attr-defined]
