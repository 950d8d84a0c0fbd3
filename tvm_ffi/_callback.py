# SPDX-License-Identifier: Apache-2.0
"""Python callables behind native functions.

All of them share one native entry, `SAFE_CALL`; the function's own pointer says which callable is
meant. It may be entered on any thread, from any depth; ctypes attaches the thread.
"""

from __future__ import annotations

from ctypes import CFUNCTYPE, ArgumentError, addressof, c_int, c_int32, c_void_p
from typing import Any, Callable

from . import _answer, _block, _ffi, _host, _trace
from ._convert import CallFrame, Cells, Packer, Reference, has_protocol, rule
from ._error import set_raised
from ._ffi import kTVMFFIFunction
from ._lane import answer
from ._pyref import (
    DELETER,
    PyReference,
    answering_function,
    enter_callback,
    function_from,
    references,
)
from ._signals import deferring_signals
from ._signature import Part, names, parts
from ._trace import traced_answer

# Without argument types, whose conversion would need stack that may not be left.
set_raised_simply = _ffi.LIB["TVMFFIErrorSetRaisedFromCStr"]
set_raised_simply.restype = None


def _define_safe_call() -> Callable[..., int]:
    # In reach of the closure, as module globals are gone before the last callback.
    entries, run = references, traced_answer(answer)
    fail, fail_simply = set_raised, set_raised_simply
    # ctypes turns the first into the second while it converts arguments.
    out_of_stack = (RecursionError, ArgumentError)

    @deferring_signals
    def safe_call(key: int, args: int | None, count: int, result: int) -> int:
        try:
            try:
                entry = entries[key]
                run(entry.value, entry.api, args, count, result)
                return 0
            except BaseException as error:
                fail(error)
                return -1
        # The exception could not be handed over: no stack is left, a signal came meanwhile, or the
        # interpreter is being taken down. Nothing may leave through ctypes, which would print it
        # and return any number at all.
        except out_of_stack:
            fail_simply(b"RecursionError", b"maximum recursion depth exceeded in a callback")
            return -1
        except BaseException:
            fail_simply(b"RuntimeError", b"A callback failed, and so did reporting how")
            return -1

    return safe_call


SAFE_CALL = _ffi.immortal(_ffi.TVMFFISafeCallType(_define_safe_call()))


# With `TVM_FFI_TRACE` all callbacks are answered in the one place where they are traced.
_through_library = _block.available and not _host.active and not _trace.enabled
if _through_library:
    _answer.install(SAFE_CALL, DELETER, set_raised_simply)


def function_handle(function: Callable[..., Any], api: Any = None) -> int:
    """Make a native function that calls a Python one; gives an owned handle."""
    if _host.active:
        return _host.function_from(function, api)
    if _through_library:
        return answering_function(function, api)
    return function_from(PyReference(function, is_callback=True, api=api), SAFE_CALL)


def _pack_callable(cells: Cells, value: Callable[..., Any], frame: CallFrame) -> None:
    handle = function_handle(value)
    frame.keep(Reference(handle))
    cells += (kTVMFFIFunction, handle)


if _through_library:
    parts[_pack_callable] = Part(
        _block.CALLABLE, "key_{x}", setup=("key_{x} = enter_callback({x})",), key="key_{x}"
    )
names["enter_callback"] = enter_callback
names["take_out"] = references.pop


@rule(26)
def _callable(cls: type) -> Packer | None:
    return _pack_callable if has_protocol(cls, "__call__") else None


# ---- Functions that MLIR generates ---------------------------------------------------------------

_PackedFunction = CFUNCTYPE(None, c_void_p)


def _define_packed_safe_call() -> Callable[..., int]:
    entries, fail_simply = references, set_raised_simply

    @deferring_signals
    def safe_call(key: int, args: int | None, count: int, result: int) -> int:
        try:
            function, _ = entries[key].value
            status = c_int(-1)
            cells = (c_void_p(), c_void_p(args), c_int32(count), c_void_p(result), status)
            function((c_void_p * 5)(*map(addressof, cells)))
            return status.value
        except BaseException:
            fail_simply(b"RuntimeError", b"A call through a packed function failed")
            return -1

    return safe_call


_PACKED_SAFE_CALL = _ffi.immortal(_ffi.TVMFFISafeCallType(_define_packed_safe_call()))


def packed_function_handle(address: int, keep_alive: object) -> int:
    """Make a native function of a ``void (void** packed)``; see `Function`."""
    entry = PyReference((_PackedFunction(address), keep_alive), is_callback=True)
    return function_from(entry, _PACKED_SAFE_CALL)
