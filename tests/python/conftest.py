# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import gc
import os
import signal
import subprocess
import sys
import textwrap
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Callable

import pytest
from hypothesis import settings

import tvm_ffi
from tvm_ffi import _pyref

# How long an example takes says more about the machine than about the code.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")


class Testing:
    """The functions of the testing library: attribute `x` is global function ``testing.x``."""

    def __getattr__(self, name: str) -> Any:
        return tvm_ffi.get_global_func(f"testing.{name}")


# What the package says at import, here and in programs that tests start.
if sys.implementation.name == "pypy":
    os.environ.setdefault("PYTHONWARNINGS", "ignore:On pypy Python code:RuntimeWarning")

# A shell that starts a program in the background has it, and its children, ignore Ctrl-C.
signal.signal(signal.SIGINT, signal.default_int_handler)


# Elsewhere, as on PyPy, what nobody holds any more goes with a garbage collection.
COUNTS_REFERENCES = sys.implementation.name == "cpython"


def _settle() -> None:
    if not COUNTS_REFERENCES:
        for _ in range(3):  # destructors release what may have destructors
            gc.collect()


@pytest.fixture
def settle() -> Callable[[], None]:
    """Have what nobody holds any more gone; where references are counted, it is gone already."""
    return _settle


@pytest.fixture
def testing() -> Testing:
    return Testing()


@pytest.fixture
def use_count(testing: Testing) -> Callable[[Any], int]:
    """How many strong references an object has."""

    def count(value: Any) -> int:
        _settle()
        return int(testing.object_use_count(value))

    return count


@pytest.fixture
def nothing_retained() -> Iterator[None]:
    """Native code must hold no more Python objects after the test than before."""
    _settle()
    before = set(_pyref.references)
    yield
    _settle()
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


def pytest_configure(config: pytest.Config) -> None:
    config.addinivalue_line("markers", "cpython(why): for interpreters of which that is true")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    if sys.implementation.name == "cpython":
        return
    for item in items:
        for marker in item.iter_markers("cpython"):
            reason = f"not so on {sys.implementation.name}: {marker.args[0]}"
            item.add_marker(pytest.mark.skip(reason=reason))


# ---- Nothing may be left -------------------------------------------------------------------------

_BEFORE = pytest.StashKey[set[int]]()
_LASTING = (tvm_ffi.Function, tvm_ffi.dataclasses.Enum)


def _kept() -> dict[int, Any]:
    """What keeps objects alive across the boundary: our wrappers of theirs, their hold on ours.

    Not functions and enum members: types and the global table keep them as long as the process.
    """
    gc.collect()
    _settle()
    # By type(): asking a stranger for its __class__ may run anything.
    wrappers = [
        value for value in gc.get_objects() if issubclass(type(value), tvm_ffi.core.CObject)
    ]
    held = [entry for entry in _pyref.references.values() if not entry.is_callback]
    return {
        **{id(value): value for value in wrappers if not isinstance(value, _LASTING)},
        **{id(entry): entry.value for entry in held},
    }


@pytest.hookimpl(trylast=True)
def pytest_collection_finish(session: pytest.Session) -> None:
    # What test modules keep for themselves exists by now.
    session.stash[_BEFORE] = set(_kept())


@pytest.hookimpl(tryfirst=True)
def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Fail a run that passed if it leaves objects behind. Failed tests hold theirs."""
    before = session.stash.get(_BEFORE, None)
    if before is None or exitstatus != pytest.ExitCode.OK:
        return
    left = [value for key, value in _kept().items() if key not in before]
    if left:
        print(f"\n{len(left)} objects are left:", *map(repr, left[:20]), sep="\n  ")
        session.exitstatus = pytest.ExitCode.TESTS_FAILED
