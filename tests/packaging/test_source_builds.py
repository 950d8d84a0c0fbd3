# SPDX-License-Identifier: Apache-2.0
"""A source archive and an editable install, each built in isolation from a copy of the tree."""

from __future__ import annotations

import subprocess
import zipfile
from pathlib import Path
from typing import Callable

from installer import pip

CALL = """
import tvm_ffi
tvm_ffi.get_global_func("ffi.Array")
print(tvm_ffi.__version__)
print(tvm_ffi.__file__)
"""


def ask(python: Path, code: str) -> list[str]:
    # Not from the checkout, where `import tvm_ffi` would find the sources by themselves.
    command = [str(python), "-c", code]
    done = subprocess.run(command, cwd=python.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def test_a_wheel_built_from_the_source_archive_holds_the_same_files(
    checkout: Path, wheel: Path, tmp_path: Path, new_environment: Callable[[], Path]
) -> None:
    python = new_environment()
    pip("--python", python, "install", "-q", "build")
    # `build` makes the wheel from the archive it has just made.
    subprocess.run([str(python), "-m", "build", "-o", str(tmp_path), str(checkout)], check=True)
    (archive,) = tmp_path.glob("*.tar.gz")
    assert archive.name == f"apache_tvm_ffi-{wheel.name.split('-')[1]}.tar.gz"
    (rebuilt,) = tmp_path.glob("*.whl")
    assert rebuilt.name == wheel.name
    assert sorted(zipfile.ZipFile(rebuilt).namelist()) == sorted(zipfile.ZipFile(wheel).namelist())


def test_an_editable_install_runs_the_checkout(
    checkout: Path, wheel: Path, new_environment: Callable[[], Path]
) -> None:
    python = new_environment()
    pip("--python", python, "install", "-q", "-e", checkout)
    package = checkout / "tvm_ffi" / "__init__.py"
    assert ask(python, CALL) == [wheel.name.split("-")[1], str(package)]

    package.write_text(package.read_text() + "\nNEW_NAME = 'seen at once'\n")
    assert ask(python, "import tvm_ffi; print(tvm_ffi.NEW_NAME)") == ["seen at once"]

    asked = ask(python, "from tvm_ffi import libinfo as i; print(i.find_libtvm_ffi())")
    assert asked == [str(checkout / "build" / "lib" / "libtvm_ffi.so")]
    for flag, name in [
        ("--includedir", "tvm/ffi/c_api.h"),
        ("--cmakedir", "tvm_ffi-config.cmake"),
        ("--pkgconfigdir", "tvm_ffi.pc"),
        ("--sourcedir", "CMakeLists.txt"),
    ]:
        command = [str(python), "-m", "tvm_ffi.config", flag]
        done = subprocess.run(command, cwd=python.parent, capture_output=True, text=True)
        assert (Path(done.stdout.strip()) / name).is_file(), (flag, done)
