# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import _pyref


class Testing:
    """The functions of the testing library: attribute `x` is global function ``testing.x``."""

    def __getattr__(self, name: str) -> Any:
        return tvm_ffi.get_global_func(f"testing.{name}")


@pytest.fixture
def testing() -> Testing:
    return Testing()


@pytest.fixture
def use_count(testing: Testing) -> Callable[[Any], int]:
    """How many strong references an object has."""
    count: Callable[[Any], int] = testing.object_use_count
    return count


@pytest.fixture
def nothing_retained() -> Iterator[None]:
    """Native code must hold no more Python objects after the test than before."""
    before = set(_pyref.references)
    yield
    left = [entry.value for key, entry in _pyref.references.items() if key not in before]
    assert left == []


@pytest.fixture
def run_python() -> Callable[..., str]:
    """Run a program in a Python of its own, which must end as expected; gives what it printed."""

    def run(program: str, expected_status: int = 0, **environment: str) -> str:
        package = Path(tvm_ffi.__file__).parent.parent
        path = os.pathsep.join(filter(None, [str(package), os.environ.get("PYTHONPATH", "")]))
        done = subprocess.run(
            [sys.executable, "-X", "faulthandler", "-c", textwrap.dedent(program)],
            env={**os.environ, "PYTHONPATH": path, **environment},
            capture_output=True,
            text=True,
            timeout=120,
        )
        assert done.returncode == expected_status, done.stdout + done.stderr
        if expected_status == 0:
            assert done.stderr == ""
        return done.stdout + done.stderr

    return run
