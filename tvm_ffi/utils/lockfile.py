# SPDX-License-Identifier: Apache-2.0
"""A lock between processes, held through a file."""

from __future__ import annotations

import os
import sys
import time
from types import TracebackType

if sys.platform == "win32":
    import msvcrt

    def _try_lock(descriptor: int) -> None:
        msvcrt.locking(descriptor, msvcrt.LK_NBLCK, 1)

    def _unlock(descriptor: int) -> None:
        os.lseek(descriptor, 0, os.SEEK_SET)
        msvcrt.locking(descriptor, msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _try_lock(descriptor: int) -> None:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _unlock(descriptor: int) -> None:
        # Before closing: a forked child may hold the same open file, and with it the lock.
        fcntl.flock(descriptor, fcntl.LOCK_UN)


class FileLock:
    """An advisory exclusive lock on a file, which is created if absent and never removed.

    Two instances exclude each other, in one process and between processes. The operating system
    drops the lock of a process that dies.

        with FileLock("/tmp/build.lock"):
            build()
    """

    def __init__(self, lock_file_path: str) -> None:
        os.fspath(lock_file_path)  # TypeError if it is no path
        self.lock_file_path = lock_file_path
        self._file_descriptor: int | None = None  # open exactly while the lock is held

    def acquire(self) -> bool:
        """Take the lock if it is free; False if anyone holds it, this instance included.

        RuntimeError if the file cannot be opened or locked at all.
        """
        if self._file_descriptor is not None:
            return False
        descriptor = None
        try:
            descriptor = os.open(self.lock_file_path, os.O_RDWR | os.O_CREAT, 0o666)
            _try_lock(descriptor)
        except (BlockingIOError, PermissionError) as error:
            if descriptor is None:  # not the lock but the file is denied
                raise RuntimeError(f"An unexpected error occurred: {error}") from error
            os.close(descriptor)
            return False
        except Exception as error:
            if descriptor is not None:
                os.close(descriptor)
            raise RuntimeError(f"An unexpected error occurred: {error}") from error
        self._file_descriptor = descriptor
        return True

    def blocking_acquire(self, timeout: float | None = None, poll_interval: float = 0.1) -> bool:
        """Wait for the lock, at most `timeout` seconds, trying every `poll_interval` seconds.

        TimeoutError if it stays taken; RuntimeError if this instance holds it already, or as in
        `acquire`.
        """
        if self._file_descriptor is not None:
            raise RuntimeError("Lock is already held by this instance.")
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self.acquire():
            if deadline is not None and time.monotonic() >= deadline:
                raise TimeoutError(
                    f"Failed to acquire lock on '{self.lock_file_path}' after {timeout} seconds."
                )
            time.sleep(poll_interval)
        return True

    def release(self) -> None:
        """Give the lock up; nothing happens if it is not held."""
        descriptor, self._file_descriptor = self._file_descriptor, None
        if descriptor is not None:
            try:
                _unlock(descriptor)
            finally:
                os.close(descriptor)

    def __enter__(self) -> FileLock:
        self.blocking_acquire()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.release()
