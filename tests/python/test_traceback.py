# SPDX-License-Identifier: Apache-2.0
"""Backtrace text and tracebacks, into each other."""

from __future__ import annotations

import sys
import traceback

import pytest

import tvm_ffi
from tvm_ffi import _traceback, core, error

TEXT = '  File "a b.cc", line 3, in f(x, y)\n  File "<unknown>", line 0, in operator()(int) const\n'


def test_text_is_parsed_line_by_line():
    assert error._parse_backtrace(TEXT) == [
        ("a b.cc", 3, "f(x, y)"),
        ("<unknown>", 0, "operator()(int) const"),
    ]
    assert error._parse_backtrace("") == []
    assert error._parse_backtrace("noise\n  File x\n" + TEXT + "more\n") == [
        *error._parse_backtrace(TEXT)
    ]


def test_a_traceback_becomes_text_innermost_first():
    def inner():
        raise ValueError

    try:
        inner()
    except ValueError as exception:
        text = core._TRACEBACK_TO_BACKTRACE_STR(exception.__traceback__)
    lines = text.splitlines()
    assert lines[0].endswith("in inner")
    assert lines[1].endswith("in test_a_traceback_becomes_text_innermost_first")
    assert __file__ in lines[0]
    assert _traceback.to_text(None) == ""


def test_text_becomes_a_traceback_and_back():
    exception = core._WITH_APPEND_BACKTRACE(ValueError("x"), TEXT)
    frames = traceback.extract_tb(exception.__traceback__)
    assert [(frame.filename, frame.lineno, frame.name) for frame in frames] == list(
        reversed(error._parse_backtrace(TEXT))
    )
    assert _traceback.to_text(exception.__traceback__) == TEXT


def test_a_program_may_trace_exceptions_its_own_way(monkeypatch):
    fail = tvm_ffi.get_global_func("testing.test_raise_error")
    seen = []

    def append(exception, backtrace):
        seen.append(backtrace)
        return LookupError(*exception.args)

    monkeypatch.setattr(core, "_WITH_APPEND_BACKTRACE", append)
    assert core._WITH_APPEND_BACKTRACE is append
    with pytest.raises(LookupError, match=r"^on purpose$"):
        fail("ValueError", "on purpose")
    assert len(seen) == 1 and "TestRaiseError" in seen[0]
    monkeypatch.undo()
    with pytest.raises(ValueError, match=r"^on purpose$"):
        fail("ValueError", "on purpose")
    assert len(seen) == 1


def test_a_program_may_write_tracebacks_its_own_way(monkeypatch):
    monkeypatch.setattr(core, "_TRACEBACK_TO_BACKTRACE_STR", lambda traceback: TEXT)
    assert core._convert_to_ffi_error(ValueError("x")).backtrace == TEXT
    monkeypatch.undo()
    assert core._convert_to_ffi_error(ValueError("x")).backtrace == ""


def test_native_frames_carry_no_columns():
    exception = core._WITH_APPEND_BACKTRACE(ValueError("x"), f'  File "{__file__}", line 1, in f\n')
    printed = "".join(traceback.format_exception(ValueError, exception, exception.__traceback__))
    assert "# SPDX-License-Identifier" in printed  # the source line, as for every frame
    assert "^" not in printed


@pytest.mark.parametrize(
    "function",
    [
        "ffi_call",
        "_PyEval_EvalFrameDefault",
        "PyCFuncPtr_call",
        "_ctypes_callproc",
        "PyObject_Vectorcall",
        "closure_fcn",
        "TVMFFIFunctionCall",
    ],
)
def test_frames_of_the_interpreter_are_left_out(function):
    text = f'  File "x.c", line 1, in {function}\n' + TEXT
    exception = core._WITH_APPEND_BACKTRACE(ValueError("x"), text)
    assert len(traceback.extract_tb(exception.__traceback__)) == 2


@pytest.mark.parametrize("function", ["PyTorch::run(int)", "my::PyObject_like()", "ffi::call()"])
def test_frames_of_others_are_not(function):
    exception = core._WITH_APPEND_BACKTRACE(ValueError(), f'  File "x", line 1, in {function}\n')
    assert len(traceback.extract_tb(exception.__traceback__)) == 1


@pytest.mark.cpython("references to Python objects are counted")
def test_native_frames_do_not_pile_up():
    """Frames hold nothing: no locals, no generator that could run."""
    made = _traceback.wrap(None, [("a.cc", 3, "f")])
    assert made is not None and made.tb_lineno == 3
    frame = made.tb_frame
    del made
    assert frame.f_locals == {}
    assert frame.f_code.co_name == "f"
    assert sys.getrefcount(frame) < 4
