# SPDX-License-Identifier: Apache-2.0
"""The documentation builds without a warning, and what it shows is what happens."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent.parent
pytestmark = pytest.mark.skipif(
    not all(importlib.util.find_spec(module) for module in ("sphinx", "myst_parser")),
    reason="sphinx and myst-parser are not installed",
)


@pytest.mark.parametrize("builder", ["html", "doctest"])
def test_the_documentation_builds(builder: str, tmp_path: Path) -> None:
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-b", builder]
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where ninja is
    done = subprocess.run(
        [*command, "-d", str(tmp_path / "read"), str(ROOT / "docs"), str(tmp_path / builder)],
        cwd=tmp_path,
        env={**os.environ, "PATH": path, "TVM_FFI_CACHE_DIR": str(tmp_path / "cache")},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    if builder == "html":
        pages = {page.stem for page in (ROOT / "docs").glob("*.md")}
        assert pages <= {page.stem for page in (tmp_path / builder).glob("*.html")}
