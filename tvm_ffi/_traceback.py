# SPDX-License-Identifier: Apache-2.0
"""Backtrace text and Python tracebacks, into each other.

The text has one line per frame, the most recent call first:
``  File "<file>", line <n>, in <function>``. A traceback is the same in the opposite order, so that
both languages print as one trace that reads from top to bottom.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterable
from functools import lru_cache
from types import CodeType, FunctionType, TracebackType

from . import _ffi
from ._generated import is_generated

_LINE = r'\s*File "(?P<file>.*)", line (?P<line>\d+), in (?P<function>.*?)\s*$'
_PACKAGE = os.path.dirname(__file__)
# How a call gets from the user's code to native code and back: of no interest in a trace.
_OURS = frozenset(
    os.path.join(_PACKAGE, f"{name}.py")
    for name in ("_answer _block_call _callback _environment _error _ffi _lane _trace".split())
)


def _is_ours(filename: str) -> bool:
    return filename in _OURS or is_generated(filename)


def parse(text: str) -> list[tuple[str, int, str]]:
    """Read backtrace text into ``(file, line, function)``, the most recent call first."""
    found = (re.match(_LINE, line) for line in text.splitlines())
    return [(m["file"], int(m["line"]), m["function"]) for m in found if m]


def to_text(traceback: TracebackType | None) -> str:
    """Write a traceback as backtrace text."""
    lines = []
    while traceback is not None:
        code = traceback.tb_frame.f_code
        if not _is_ours(code.co_filename):
            lines.append(
                f'  File "{code.co_filename}", line {traceback.tb_lineno}, in {code.co_name}\n'
            )
        traceback = traceback.tb_next
    return "".join(reversed(lines))


def wrap(
    traceback: TracebackType | None, frames: Iterable[tuple[str, int, str]]
) -> TracebackType | None:
    """Put native frames, the most recent call first, around a traceback."""
    return _wrap(traceback, [_code(*frame) for frame in frames])


def _wrap(traceback: TracebackType | None, codes: Iterable[CodeType]) -> TracebackType | None:
    for code in codes:
        # A generator has a frame before it runs, which saves running anything; an instruction of
        # -1 has no columns, so nothing is underlined.
        frame = FunctionType(code, {})().gi_frame
        traceback = TracebackType(traceback, frame, -1, code.co_firstlineno)
    return traceback


def append_frames(error: BaseException, backtrace: str) -> BaseException:
    """Put the frames of backtrace text around the traceback of an exception."""
    error.__traceback__ = _wrap(error.__traceback__, _codes_of(backtrace))
    return error


def without_callback_frames(traceback: TracebackType | None) -> TracebackType | None:
    """Drop the frames in which a callback from native code started."""
    while traceback is not None and _is_ours(traceback.tb_frame.f_code.co_filename):
        traceback = traceback.tb_next
    return traceback


# ---- Native frames -------------------------------------------------------------------------------


def _template():  # type: ignore[no-untyped-def]
    yield


@lru_cache(maxsize=1024)
def _code(file: str, line: int, function: str) -> CodeType:
    return _template.__code__.replace(co_filename=file, co_firstlineno=line, co_name=function)


@lru_cache(maxsize=256)
def _codes_of(backtrace: str) -> tuple[CodeType, ...]:
    """Return what stands for the frames of backtrace text; errors come from the same few places."""
    return tuple(_code(*f) for f in parse(backtrace) if not _is_of_interpreter(f[2]))


_INTERPRETER = r"""
    (_?Py[A-Za-z]+_\w+          # the interpreter's own API, and the types that implement ctypes
    |_ctypes_callproc|_call_function_pointer|_CallPythonObject|closure_fcn   # ctypes
    |call_function|function_code_fastcall|\w*_?vectorcall\w*|cfunction_call\w*
    |ffi_\w+                    # libffi
    |TVMFFI\w+                  # where Python enters the library
    |tvm::ffi::(host|block)::.+ # the lanes
    )$"""


def _is_of_interpreter(function: str) -> bool:
    # `re` keeps what it compiles: not before there is an error to look at.
    return re.match(_INTERPRETER, function, re.VERBOSE) is not None


def native_frames_of_callback() -> str:
    """Return the backtrace text of the native frames between a callback and the Python above it.

    Called within a callback. The library's own rule is to stop at the first interpreter frame, and
    here the innermost frames are such, so we take the whole stack and cut the part out.
    """
    return _native_part(_ffi.read_text(_ffi.TVMFFIBacktrace(None, 0, None, 1).contents))


@lru_cache(maxsize=256)
def _native_part(text: str) -> str:
    lines = []
    inside_callback = True
    for line in text.splitlines():
        match = re.match(_LINE, line)
        if match is None:
            continue
        if _is_of_interpreter(match["function"]):
            if not inside_callback:
                break
        else:
            inside_callback = False
            lines.append(line + "\n")
    return "".join(lines)
