# SPDX-License-Identifier: Apache-2.0
"""What holds in both lanes when calls are many, nested, interrupted, watched or late."""

from __future__ import annotations

import gc
import os
import subprocess
import sys
import threading
import traceback
import weakref
from pathlib import Path
from typing import Any

import pytest

import tvm_ffi
import tvm_ffi.testing

echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")
add_one = tvm_ffi.get_global_func("testing.add_one")
raise_error = tvm_ffi.get_global_func("testing.test_raise_error")
use_count = tvm_ffi.get_global_func("testing.object_use_count")

PURE = {"TVM_FFI_PURE_PYTHON": "1"}


def run(code: str, **env: str) -> subprocess.CompletedProcess[str]:
    path = os.pathsep.join([str(Path(tvm_ffi.__file__).parent.parent), *sys.path])
    return subprocess.run(
        [sys.executable, "-X", "faulthandler", "-c", code],
        env={**os.environ, "PYTHONPATH": path, **env},
        capture_output=True,
        text=True,
        timeout=120,
    )


def succeeds(code: str, **env: str) -> str:
    done = run(code, **env)
    assert (done.returncode, done.stderr) == (0, ""), done.stderr
    return done.stdout


# ---- Which lane ----------------------------------------------------------------------------------


def test_the_environment_selects_the_pure_lane() -> None:
    assert succeeds("import tvm_ffi; print(tvm_ffi.lane())", **PURE) == "pure\n"


def test_the_host_lane_runs_on_every_cpython_with_a_lock() -> None:
    if sys.implementation.name != "cpython" or not getattr(sys, "_is_gil_enabled", lambda: True)():
        pytest.skip("the pure lane is the only one here")
    environment = {"TVM_FFI_PURE_PYTHON": "0", "TVM_FFI_TRACE": "0"}
    assert succeeds("import tvm_ffi; print(tvm_ffi.lane())", **environment) == "host\n"


def test_a_library_that_cannot_be_used_is_passed_over_in_silence() -> None:
    code = """
from tvm_ffi import _host
_host._FUNCTIONS[0] = "Py_NoSuchFunction"
print(_host._start())
"""
    assert succeeds(code) == "False\n"


@pytest.mark.cpython("there are subinterpreters")
def test_a_subinterpreter_does_without_the_host_lane() -> None:
    code = """
try:
    import _interpreters as interpreters  # from 3.13 on
except ImportError:
    import _xxsubinterpreters as interpreters
import tvm_ffi
code = '''
try:
    import tvm_ffi
except ImportError as error:  # of a module that wants to be in one interpreter only
    print("refused")
else:
    assert tvm_ffi.lane() == "pure"
    echo = tvm_ffi.get_global_func("testing.echo")
    assert echo([1, "two"])[1] == "two"
    print("pure")
'''
one = interpreters.create()
interpreters.run_string(one, code)
interpreters.destroy(one)
assert tvm_ffi.get_global_func("testing.echo")(5) == 5
"""
    done = run(code)
    assert done.returncode == 0, done.stderr
    assert done.stdout in ("pure\n", "refused\n")


# ---- Many ----------------------------------------------------------------------------------------


def one_of_each(i: int) -> None:
    assert echo(i) == i
    assert echo("x" * (i % 40)) == "x" * (i % 40)
    assert echo(b"y" * (i % 20)) == b"y" * (i % 20)
    assert echo([i, [i, "z"]])[0] == i
    assert echo({"key": i})["key"] == i
    assert echo(i + 0.5) == i + 0.5
    pair = tvm_ffi.testing.TestIntPair(i, 1)
    assert echo(pair).a == i and pair.sum() == i + 1
    assert apply(lambda a, b: a + b, i, 1) == i + 1
    with pytest.raises(ValueError, match="no"):
        raise_error("ValueError", "no")


def test_threads_that_call_at_once_get_their_own_results() -> None:
    errors: list[BaseException] = []

    def work() -> None:
        try:
            for i in range(150):
                one_of_each(i)
        except BaseException as error:
            errors.append(error)

    interval = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    try:
        threads = [threading.Thread(target=work) for _ in range(4)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        sys.setswitchinterval(interval)
    assert errors == []


def resident() -> int:
    return int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")


@pytest.mark.skipif(not Path("/proc/self/statm").exists(), reason="memory is read from /proc")
@pytest.mark.cpython("references to Python objects are counted")
def test_calls_leave_nothing_behind() -> None:
    for i in range(500):
        one_of_each(i)
    gc.collect()
    nones, before = sys.getrefcount(None), resident()
    for i in range(1500):
        one_of_each(i)
    gc.collect()
    # A single leaked object a round would be 100 KiB, an exception with its traceback more.
    assert resident() - before < 600 * 1024
    assert abs(sys.getrefcount(None) - nones) < 500


@pytest.mark.skipif(
    "t" in getattr(sys, "abiflags", "") and sys.version_info < (3, 14),
    reason="free-threaded Python 3.13 keeps all classes for ever",
)
def test_types_and_their_objects_can_be_collected() -> None:
    def make() -> Any:
        class Named(tvm_ffi.Function):
            pass

        function = Named()
        function.__move_handle_from__(tvm_ffi.convert(lambda: 1))
        function.itself = function
        return weakref.ref(Named)

    cls = make()
    gc.collect()
    assert cls() is None


def test_a_cycle_through_a_functions_attributes_is_collected() -> None:
    class Marker:
        pass

    function = tvm_ffi.convert(lambda: 1)
    marker = Marker()
    gone = weakref.ref(marker)
    function.__dict__["itself"] = function
    function.__dict__["marker"] = marker
    del function, marker
    gc.collect()
    assert gone() is None


def test_what_a_callback_held_goes_with_it(settle: Any) -> None:
    class Callable_:
        def __call__(self) -> int:
            return 1

    value = Callable_()
    gone = weakref.ref(value)
    function = tvm_ffi.convert(value)
    assert function() == 1
    del value
    assert gone() is not None
    del function
    settle()
    assert gone() is None


@pytest.mark.cpython("references to Python objects are counted")
def test_reference_counts_are_exact() -> None:
    pair = tvm_ffi.testing.TestIntPair(1, 2)
    assert use_count(pair) == 1
    kept = [echo(pair) for _ in range(10)]
    assert use_count(pair) == 11
    kept.clear()
    holder = tvm_ffi.Array([pair, pair])
    assert use_count(pair) == 3
    _ = list(holder), holder[0]
    assert use_count(pair) == 3 or gc.collect() >= 0
    del holder, _
    assert use_count(pair) == 1


# ---- Nested --------------------------------------------------------------------------------------


def test_calls_nest() -> None:
    def down(n: int) -> int:
        return 0 if n == 0 else 1 + apply(down, n - 1)

    assert apply(down, 40) == 40


@pytest.mark.cpython("an exception can be raised where recursion ends in a callback")
def test_endless_recursion_is_an_error() -> None:
    def endless(n: int) -> int:
        return int(apply(endless, n + 1))

    with pytest.raises(RecursionError):
        endless(0)
    assert echo(1) == 1


def test_a_list_that_contains_itself_is_an_error() -> None:
    endless: list[Any] = []
    endless.append(endless)
    with pytest.raises(RecursionError):
        echo(endless)


def test_arguments_may_change_while_they_are_converted() -> None:
    values: list[Any] = []

    class Shrinking:
        def __tvm_ffi_int__(self) -> int:
            values.clear()
            return 7

    values += [Shrinking(), 1, 2, 3]
    assert echo(values)[0] == 7


@pytest.mark.parametrize("count", [0, 1, 7, 8, 9, 33, 1000])
def test_any_number_of_arguments(count: int) -> None:
    assert apply(lambda *args: len(args), *range(count)) == count


def test_keywords_are_refused() -> None:
    with pytest.raises(TypeError, match="keyword"):
        echo(x=1)


# ---- Watched -------------------------------------------------------------------------------------


def test_a_trace_function_that_calls_changes_nothing() -> None:
    def trace(frame: Any, event: str, argument: Any) -> Any:
        assert echo("seen") == "seen"
        return trace

    before = sys.gettrace()
    sys.settrace(trace)
    try:
        for i in range(20):
            assert apply(lambda a, b: a + b, i, i) == 2 * i
            assert list(echo([i, i + 1])) == [i, i + 1]
    finally:
        sys.settrace(before)


# ---- Interrupted ---------------------------------------------------------------------------------


@pytest.mark.parametrize("error", [KeyboardInterrupt, SystemExit, ValueError, StopIteration])
def test_an_exception_passes_through_native_code(error: type[BaseException]) -> None:
    raised = error("inside")

    def fail() -> None:
        raise raised

    with pytest.raises(error) as caught:
        apply(apply, fail)
    assert caught.value is raised
    names = [frame.name for frame in traceback.extract_tb(raised.__traceback__)]
    assert "fail" in names


def test_an_exception_is_no_longer_held_once_it_is_gone() -> None:
    class Held:
        pass

    def fail() -> None:
        held = Held()
        gone.append(weakref.ref(held))
        raise ValueError("no")

    gone: list[Any] = []
    with pytest.raises(ValueError):
        apply(fail)
    gc.collect()
    assert gone[0]() is None


def test_an_interrupt_while_calling_is_raised_once() -> None:
    code = """
import signal, sys, time, threading, os
import tvm_ffi
echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")
caught = 0
threading.Timer(0.2, lambda: os.kill(os.getpid(), signal.SIGINT)).start()
started = time.monotonic()
try:
    while time.monotonic() < started + 20:
        apply(lambda x: echo([x, "some text here"]), 1)
except KeyboardInterrupt:
    caught += 1
assert echo(1) == 1
print(caught)
"""
    assert succeeds(code) == "1\n"


# ---- Late ----------------------------------------------------------------------------------------

LATE = """
import atexit, sys, threading, time
import tvm_ffi, tvm_ffi.testing
echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")
class Late:
    def __del__(self):
        try:
            assert echo(5) == 5
            assert self.pair.a == 1
        except (AttributeError, TypeError, NameError, RuntimeError):
            pass  # modules may be gone by now
late = Late()
late.pair = tvm_ffi.testing.TestIntPair(1, 2)
kept = [echo([1, "two", 3.0]), tvm_ffi.convert(lambda: 1), tvm_ffi.testing.TestIntPair(3, 4)]
sys.kept = [tvm_ffi.testing.TestIntPair(5, 6), tvm_ffi.convert(lambda: 2), echo]
tvm_ffi.register_global_func("test_lanes.kept", lambda x: x)
"""


def test_objects_alive_at_exit_do_no_harm() -> None:
    assert succeeds(LATE) == ""


def test_threads_that_go_on_at_exit_do_no_harm() -> None:
    code = """
def work():
    while True:
        apply(lambda x: echo([x]), 1)
        tvm_ffi.testing.TestIntPair(1, 2).a
for _ in range(3):
    threading.Thread(target=work, daemon=True).start()
time.sleep(0.2)
"""
    for _ in range(3):
        assert run(LATE + code).returncode == 0


def test_a_callback_after_the_end_is_refused() -> None:
    code = """
import ctypes
function = tvm_ffi.get_global_func("test_lanes.kept")
def last():
    try:
        function(1)
    except RuntimeError:
        print("refused")
    except Exception:
        print("refused")
atexit._run_exitfuncs()
last()
"""
    assert succeeds(LATE + code) == "refused\n"
