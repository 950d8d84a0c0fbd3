# SPDX-License-Identifier: Apache-2.0
"""Tests that need a GPU for themselves, among processes that test at the same time."""

from __future__ import annotations

import getpass
import os
import tempfile
from functools import cache
from pathlib import Path
from typing import Callable, TypeVar

from typing_extensions import ParamSpec

from ..utils import FileLock

_P = ParamSpec("_P")
_R = TypeVar("_R")


def run_with_gpu_lock(func: Callable[_P, _R], /, *args: _P.args, **kwargs: _P.kwargs) -> _R:
    """Call `func` while no other process of this user does so; waits for its turn.

    The lock is a file in ``TVM_FFI_TEST_LOCK_DIR``, by default in the folder for temporary files.
    """
    with FileLock(_gpu_lock_path()):
        return func(*args, **kwargs)


@cache
def _gpu_lock_path() -> str:
    # Found when it is first needed: tests set the variable after importing this.
    named = os.environ.get("TVM_FFI_TEST_LOCK_DIR")
    folder = Path(named or Path(tempfile.gettempdir()) / f"tvm-ffi-test-locks-{_user()}")
    folder.mkdir(parents=True, exist_ok=True)
    return str(folder / "gpu.lock")


def _user() -> str:
    try:
        return getpass.getuser()
    except (OSError, KeyError, ImportError):  # an account without a name
        return str(getattr(os, "getuid", lambda: "unknown")())
