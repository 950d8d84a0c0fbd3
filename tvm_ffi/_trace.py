# SPDX-License-Identifier: Apache-2.0
"""``TVM_FFI_TRACE=1``: every crossing of the boundary becomes a log record.

Records go to the logger ``tvm_ffi.trace`` at level DEBUG, one when a crossing is over: who was
called, the types of arguments and result (or the exception), how long it took; the thread is part
of every record. Where a program has configured no logging they are printed to stderr.

The functions below wrap what makes a crossing while the package is imported. Without the variable
they return what they were given, so nothing is left of them.
"""

from __future__ import annotations

import os
import threading
from time import perf_counter_ns
from typing import Any, Callable, TypeVar

enabled = os.environ.get("TVM_FFI_TRACE", "0") == "1"

_F = TypeVar("_F", bound=Callable[..., Any])

_logger: Any = None  # importing `logging` is left to those who trace
# A handler may use this package: what it does is not traced, or it would never end.
_reporting = threading.local()


def note_name(function: Any, name: str) -> None:
    """Remember what a function was looked up as."""
    if enabled:
        function.__dict__["_traced_name"] = name


def traced_call(call: _F) -> _F:
    """Trace calls of native functions, given as `Function.__call__`."""

    def __call__(self: Any, /, *args: Any) -> Any:
        return _timed("call", _name_of(self), args, lambda: call(self, *args))

    return _described(__call__, call)


def traced_construct(construct: _F) -> _F:
    """Trace calls of native constructors, given as the method of `Function`."""

    def _construct(self: Any, args: Any) -> Any:
        name = _name_of(self)
        return _timed("construct", name, args, lambda: construct(self, args), _made_type)

    return _described(_construct, construct)


def traced_answer(answer: _F) -> _F:
    """Trace calls of Python functions by native code, given as the body of a callback."""

    def answer_(function: Any, api: Any, args: Any, count: int, result: int) -> None:
        got: list[Any] = []

        def observed(*values: Any) -> Any:
            got.append(values)
            got.append(function(*values))
            return got[1]

        def run() -> Any:
            answer(observed, api, args, count, result)
            return got[1]

        module = getattr(function, "__module__", None) or "?"
        name = getattr(function, "__qualname__", type(function).__qualname__)
        _timed("callback", f"{module}.{name}", lambda: got[0] if got else (), run)

    return _described(answer_, answer)


def traced_field(kind: str, name: str, access: _F) -> _F:
    """Trace reading or writing of the field `name`."""

    def access_(*args: Any) -> Any:
        where = f"{type(args[0]).__qualname__}.{name}"
        return _timed(kind, where, args[1:], lambda: access(*args))

    return _described(access_, access)


def _described(wrapper: Any, wrapped: _F) -> _F:
    if not enabled:
        return wrapped
    made: _F = wrapper
    return made


def _name_of(function: Any) -> str:
    names = function.__dict__
    name = names.get("_traced_name") or names.get("__name__")
    return str(name) if name else f"<function at {function._handle:#x}>"


def _type_name(value: Any) -> str:
    return "None" if value is None else type(value).__qualname__


def _made_type(made: tuple[int, int]) -> str:
    from ._type_info import info_of_index

    return info_of_index(made[0]).type_key


def _timed(
    kind: str,
    name: str,
    args: Any,
    run: Callable[[], Any],
    describe: Callable[[Any], str] = _type_name,
) -> Any:
    start = perf_counter_ns()
    try:
        result = run()
    except BaseException as error:
        _report(kind, name, args, f"raised {type(error).__qualname__}", start)
        raise
    _report(kind, name, args, describe(result), start)
    return result


def _report(kind: str, name: str, args: Any, outcome: str, start: int) -> None:
    nanoseconds = perf_counter_ns() - start
    if getattr(_reporting, "busy", False):
        return
    _reporting.busy = True
    try:
        values = args() if callable(args) else args
        types = ", ".join(map(_type_name, values))
        _logger.debug("%s %s(%s) -> %s, %.1f us", kind, name, types, outcome, nanoseconds / 1000)
    finally:
        _reporting.busy = False


if enabled:
    import logging

    _logger = logging.getLogger("tvm_ffi.trace")
    _logger.setLevel(logging.DEBUG)
    if not _logger.hasHandlers():
        _handler = logging.StreamHandler()
        _handler.setFormatter(logging.Formatter("%(asctime)s [%(threadName)s] %(message)s"))
        _logger.addHandler(_handler)
        _logger.propagate = False
