# SPDX-License-Identifier: Apache-2.0
"""Signals that arrive while native code and Python call each other."""

from __future__ import annotations

import _thread
import dis
import signal
import sys
import threading
import time

import pytest

import tvm_ffi
from tvm_ffi import _convert, _signals

pytestmark = pytest.mark.skipif(not hasattr(signal, "pthread_kill"), reason="needs POSIX signals")


class Interrupted(Exception):
    """Raised by the signal handler of a test."""


@pytest.fixture
def handler():
    """Let SIGUSR1 raise `Interrupted`."""

    def interrupt(number, frame):
        raise Interrupted

    before = signal.signal(signal.SIGUSR1, interrupt)
    yield
    signal.signal(signal.SIGUSR1, before)


@pytest.fixture
def lost(monkeypatch):
    """What the interpreter printed and forgot instead of raising."""
    found = []
    monkeypatch.setattr(sys, "unraisablehook", lambda info: found.append(info.exc_value))
    return found


def is_interrupted(body) -> bool:
    """Repeat `body` while another thread sends a signal; tell whether its exception came through.

    However late the machine lets the other thread run: rounds count from when the signal is sent.
    """
    main = threading.main_thread().ident
    sent = []

    def send():
        time.sleep(0.002)
        signal.pthread_kill(main, signal.SIGUSR1)
        sent.append(True)

    def rounds():
        # Not a Thread: its start() waits in a Condition, which an exception from nowhere breaks.
        _thread.start_new_thread(send, ())
        after = 0
        while after < 20_000:
            body()
            after += len(sent)

    interrupted = False
    try:
        rounds()  # a function, as some interpreters take the end of a loop for outside of the try
    except Interrupted:
        interrupted = True
    while not sent:
        time.sleep(0)
    return interrupted


@pytest.mark.parametrize("made", ["before", "for the call"])
@pytest.mark.cpython("an exception of a signal handler passes the entry of a callback")
def test_an_exception_of_a_handler_is_never_lost(handler, lost, made: str):
    """In a callback, on its way in or out, or while functions are released."""
    apply = tvm_ffi.get_global_func("testing.apply")

    def callback(x):
        return x

    function = tvm_ffi.convert(callback) if made == "before" else callback

    def body():
        assert apply(function, 1) == 1

    for _ in range(40):
        assert is_interrupted(body)
    assert lost == []
    # Nor did one leave a lock taken.
    other = threading.Thread(target=lambda: [apply(lambda x: x, 1) for _ in range(10)], daemon=True)
    other.start()
    other.join(60)
    assert not other.is_alive()


@pytest.mark.parametrize("cls", [_convert.Reference, tvm_ffi.CAny, tvm_ffi.Array])
def test_destructors_of_unfinished_instances_raise_nothing_later(lost, monkeypatch, cls):
    """A signal in the constructor leaves an instance without its attributes."""
    started = []
    monkeypatch.setattr(_signals._thread, "start_new_thread", lambda *args: started.append(args))
    cls.__new__(cls)
    assert started == [] and lost == []


def test_functions_defer_signals_on_entry_only():
    @_signals.deferring_signals
    def function(x):
        """Doc."""
        try:
            return x + 1
        except BaseException:
            return None

    assert function(1) == 2
    assert function.__doc__ == "Doc."
    resumes = [i for i in dis.get_instructions(function) if i.opname == "RESUME"]
    assert [i.arg & 3 for i in resumes] == ([2] if sys.version_info >= (3, 11) else [])

    def closure():
        @_signals.deferring_signals
        def inner():
            return function(1)

        return inner

    assert closure()() == 2


@pytest.mark.cpython("native code can ask whether a signal came")
def test_ctrl_c_stops_a_native_loop_that_asks(run_python):
    printed = run_python("""
    import os, subprocess
    import tvm_ffi
    wait = tvm_ffi.get_global_func("testing.run_check_signal")
    for release in (True, False):
        wait.release_gil = release
        # From outside: no thread of ours runs while the lock is held.
        killer = subprocess.Popen(["sh", "-c", f"sleep 0.3; kill -INT {os.getpid()}"])
        try:
            wait(20)
        except KeyboardInterrupt as error:
            print("interrupted", error.__context__)
        except BaseException as error:
            print(type(error))
        killer.wait()
    print(tvm_ffi.get_global_func("testing.echo")(1))
    """)
    assert printed == "interrupted None\ninterrupted None\n1\n"


@pytest.mark.cpython("native code can ask whether a signal came")
def test_ctrl_c_below_a_callback_reaches_the_caller(run_python):
    printed = run_python("""
    import os, signal, threading
    import tvm_ffi
    wait = tvm_ffi.get_global_func("testing.run_check_signal")
    apply = tvm_ffi.get_global_func("testing.apply")
    threading.Timer(0.3, os.kill, (os.getpid(), signal.SIGINT)).start()
    try:
        apply(lambda: wait(20))
    except KeyboardInterrupt:
        print("interrupted")
    """)
    assert printed == "interrupted\n"


def test_an_interrupt_caught_where_it_cannot_be_raised_comes_again(run_python):
    printed = run_python("""
    import time
    from tvm_ffi import _signals
    try:
        _signals.raise_later(KeyboardInterrupt())
        time.sleep(20)
    except KeyboardInterrupt:
        print("interrupted")
    """)
    assert printed == "interrupted\n"
