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
