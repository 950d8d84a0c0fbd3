# SPDX-License-Identifier: Apache-2.0
"""``TVM_FFI_TRACE``: what is logged, and that nothing is where it is off."""

from __future__ import annotations

from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import Function, _lane, _trace

COLLECTING = """
    import logging

    records = []

    class Collector(logging.Handler):
        def emit(self, record):
            records.append(record)

    logging.getLogger("tvm_ffi.trace").addHandler(Collector())
    logging.getLogger("tvm_ffi.trace").propagate = False
    import tvm_ffi

    records.clear()

    def texts():
        found = [record.getMessage().rpartition(",") for record in records]
        records.clear()
        return [text for text, _, time in found if float(time.split()[0]) >= 0]
"""


@pytest.fixture
def run_traced(run_python: Callable[..., str]) -> Callable[[str], str]:
    return lambda program: run_python(COLLECTING + program, TVM_FFI_TRACE="1")


def test_calls_are_logged_with_names_types_time_and_thread(run_traced: Any) -> None:
    run_traced("""
    echo = tvm_ffi.get_global_func("testing.echo")
    records.clear()
    echo("text", 1, [2.5])
    (record,) = records
    assert record.levelno == logging.DEBUG
    assert record.threadName == "MainThread"
    assert texts() == ["call testing.echo(str, int, list) -> str"]
    tvm_ffi.Array([1])
    assert texts() == ["construct ffi.Array(int) -> ffi.Array"]
    """)


def test_errors_are_logged_and_raised(run_traced: Any) -> None:
    run_traced("""
    add_one = tvm_ffi.get_global_func("testing.add_one")
    records.clear()
    try:
        add_one("text")
    except TypeError:
        pass
    assert texts() == ["call testing.add_one(str) -> raised TypeError"]
    """)


def test_callbacks_are_logged_in_the_order_they_end(run_traced: Any) -> None:
    run_traced("""
    apply = tvm_ffi.get_global_func("testing.apply")
    records.clear()

    def twice(x):
        return x * 2

    assert apply(twice, 4) == 8
    assert texts() == [
        "callback __main__.twice(int) -> int",
        "call testing.apply(function, int) -> int",
    ]

    def fail():
        raise KeyError("x")

    try:
        apply(fail)
    except KeyError:
        pass
    assert texts() == [
        "callback __main__.fail() -> raised KeyError",
        "call testing.apply(function) -> raised KeyError",
    ]
    """)


def test_fields_are_logged(run_traced: Any) -> None:
    run_traced("""
    from tvm_ffi.testing import TestObjectBase
    made = TestObjectBase(v_i64=1)
    records.clear()
    made.v_i64 = 5
    assert made.v_i64 == 5
    assert texts() == [
        "set TestObjectBase.v_i64(int) -> None",
        "get TestObjectBase.v_i64() -> int",
    ]
    """)


def test_functions_without_a_name_tell_their_address(run_traced: Any) -> None:
    run_traced("""
    function = tvm_ffi.convert(lambda: None)
    records.clear()
    function()
    address = hex(function.__chandle__())
    assert texts()[-1] == f"call <function at {address}>() -> None"
    """)


def test_a_handler_may_call_native_functions(run_traced: Any) -> None:
    run_traced("""
    echo = tvm_ffi.get_global_func("testing.echo")

    class Calling(logging.Handler):
        def emit(self, record):
            echo(1)

    logging.getLogger("tvm_ffi.trace").addHandler(Calling())
    records.clear()
    echo(2)
    assert len(records) == 1
    """)


def test_without_a_logging_configuration_it_goes_to_stderr(run_python: Any) -> None:
    printed = run_python(
        """
        import sys
        import tvm_ffi

        sys.stderr = sys.stdout  # the handler keeps the one there was
        tvm_ffi.get_global_func("testing.echo")(1)
        raise SystemExit(3)
        """,
        expected_status=3,
        TVM_FFI_TRACE="1",
    )
    assert "[MainThread] call testing.echo(int) -> int" in printed


def test_nothing_is_left_of_it_when_it_is_off() -> None:
    if _trace.enabled:
        pytest.skip("tracing is on")
    assert tvm_ffi.lane() == "host" or Function.__call__ is _lane.call
    assert _trace.traced_answer(_lane.answer) is _lane.answer
    assert _trace.traced_field("get", "x", len) is len
