# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest

from tvm_ffi.utils import FileLock


@pytest.fixture
def path(tmp_path: Path) -> str:
    return str(tmp_path / "a.lock")


def test_a_held_lock_cannot_be_acquired_by_anyone(path: str) -> None:
    holder, other = FileLock(path), FileLock(path)
    assert holder.acquire() is True
    assert holder.acquire() is False
    assert other.acquire() is False
    assert other._file_descriptor is None
    holder.release()
    assert holder._file_descriptor is None
    assert other.acquire() is True
    other.release()


def test_releasing_twice_does_nothing(path: str) -> None:
    lock = FileLock(path)
    lock.release()
    assert lock.acquire()
    lock.release()
    lock.release()
    assert lock.acquire()
    lock.release()


def test_waiting_for_ones_own_lock_raises(path: str) -> None:
    with FileLock(path) as lock:
        with pytest.raises(RuntimeError, match=r"^Lock is already held by this instance\.$"):
            lock.blocking_acquire()


def test_a_timeout_names_the_file_and_the_seconds(path: str) -> None:
    with FileLock(path):
        other = FileLock(path)
        with pytest.raises(TimeoutError) as raised:
            other.blocking_acquire(timeout=0.02, poll_interval=0.005)
        assert str(raised.value) == f"Failed to acquire lock on '{path}' after 0.02 seconds."
    assert other.blocking_acquire(timeout=0) is True
    other.release()


def test_the_block_gives_the_lock_and_lets_exceptions_through(path: str) -> None:
    lock = FileLock(path)
    with pytest.raises(KeyError):
        with lock as held:
            assert held is lock and lock._file_descriptor is not None
            raise KeyError("inside")
    assert lock._file_descriptor is None
    assert lock.acquire()
    lock.release()


def test_a_file_that_cannot_be_opened_raises(tmp_path: Path) -> None:
    lock = FileLock(str(tmp_path / "missing" / "a.lock"))
    for acquire in (lock.acquire, lock.blocking_acquire):
        with pytest.raises(RuntimeError, match=r"An unexpected error occurred: .*missing"):
            acquire()
    assert lock._file_descriptor is None
    with pytest.raises(RuntimeError, match="An unexpected error occurred"):
        FileLock(str(tmp_path)).acquire()


def test_the_lock_of_a_process_that_dies_is_free(path: str, run_python: Callable[..., str]) -> None:
    program = f"""
        import os
        from tvm_ffi.utils import FileLock
        assert FileLock({path!r}).acquire()
        os._exit(3)
    """
    run_python(program, expected_status=3)
    lock = FileLock(path)
    assert lock.acquire()
    lock.release()


def test_sixteen_processes_take_turns(path: str, tmp_path: Path) -> None:
    counter = tmp_path / "counter"
    counter.write_text("0")
    # The module alone: importing the package sixteen times is not what is tested.
    source = sys.modules[FileLock.__module__].__file__
    program = f"""
import importlib.util, time
spec = importlib.util.spec_from_file_location("lockfile", {source!r})
lockfile = importlib.util.module_from_spec(spec)
spec.loader.exec_module(lockfile)
lock = lockfile.FileLock({path!r})
for _ in range(5):
    lock.blocking_acquire(timeout=60, poll_interval=0.001)
    with open({str(counter)!r}) as file:
        seen = int(file.read())
    time.sleep(0.001)
    with open({str(counter)!r}, "w") as file:
        file.write(str(seen + 1))
    lock.release()
"""
    workers = [subprocess.Popen([sys.executable, "-c", program]) for _ in range(16)]
    assert [worker.wait(120) for worker in workers] == [0] * 16
    assert counter.read_text() == "80"
