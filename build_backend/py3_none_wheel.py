# SPDX-License-Identifier: Apache-2.0
"""PEP 517 backend: meson-python, with wheels that say what they are.

The package is Python sources plus a library loaded with ctypes, so one wheel serves every
interpreter of a platform. meson-python cannot know that and tags it for the interpreter that built
it. Here the wheel gets its honest tag, `py3-none-<platform>`.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Optional

import mesonpy
from mesonpy import (  # noqa: F401  (hooks passed through as they are)
    build_sdist,
    get_requires_for_build_editable,
    get_requires_for_build_sdist,
    get_requires_for_build_wheel,
)
from wheel.wheelfile import WheelFile

ROOT = Path(__file__).resolve().parent.parent
Settings = Optional[Mapping[str, Any]]


def build_wheel(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    built = mesonpy.build_wheel(wheel_directory, config_settings, metadata_directory)
    command = [sys.executable, "-m", "wheel", "tags", "--python-tag=py3", "--abi-tag=none"]
    retagged = subprocess.run(
        [*command, "--remove", str(Path(wheel_directory, built))],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
    )
    return retagged.stdout.split()[-1]


def build_editable(
    wheel_directory: str,
    config_settings: Settings = None,
    metadata_directory: str | None = None,
) -> str:
    """Build the libraries into `build/lib` and point the interpreter at this checkout.

    meson-python's own editable wheels call ninja at every import, from a build environment that
    pip has deleted by then. Ours run nothing; after a change in C++, install again.
    """
    with tempfile.TemporaryDirectory() as scratch:
        with WheelFile(Path(scratch, build_wheel(scratch, config_settings))) as full:
            name = Path(full.filename).name
            for member in full.namelist():
                if member.startswith("tvm_ffi/lib/"):
                    content = full.read(member)
                    if member.endswith(".pc"):
                        # From build/lib/pkgconfig the headers are a folder further away.
                        content = content.replace(b"${pcfiledir}/../..", b"${pcfiledir}/../../..")
                    _write(ROOT / "build" / member[len("tvm_ffi/") :], content)
            _write(ROOT / "tvm_ffi" / "_version.py", full.read("tvm_ffi/_version.py"))

            with WheelFile(Path(wheel_directory, name), "w") as editable:
                editable.writestr("apache_tvm_ffi_editable.pth", f"{ROOT}\n")
                for member in full.namelist():
                    if member.startswith(full.dist_info_path) and member != full.record_path:
                        editable.writestr(member, full.read(member))
    return name


def _write(path: Path, content: bytes) -> None:
    """Replace, never overwrite: a process may have the old library mapped."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.write_bytes(content)
    fresh.replace(path)
