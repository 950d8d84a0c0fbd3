# SPDX-License-Identifier: Apache-2.0
"""The projects `python -m tvm_ffi.new` writes, with the commands it prints."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def test_a_new_project_builds_installs_and_passes_its_test(
    scaffold: tuple[Path, Path], environment: Path
) -> None:
    project, wheel = scaffold  # installed already
    assert "-py3-none-linux_" in wheel.name
    command = [str(environment), "-m", "unittest", "discover", "-v", f"{project.name}/tests"]
    done = subprocess.run(command, cwd=project.parent, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    assert "Ran 4 tests" in done.stderr
    assert "skipped" not in done.stderr


def test_the_doctor_finds_nothing_wrong_with_it(
    scaffold: tuple[Path, Path], environment: Path
) -> None:
    project, _ = scaffold
    library = f"lib{project.name.replace('-', '_')}.so"
    (path,) = environment.parent.parent.rglob(library)
    command = [str(environment), "-m", "tvm_ffi.doctor", str(path)]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert "exports   add(" in done.stdout
    assert "exports   scale(" in done.stdout


def test_an_error_of_its_cpp_names_the_file_relative_to_the_project(
    scaffold: tuple[Path, Path], environment: Path
) -> None:
    project, _ = scaffold
    module = project.name.replace("-", "_")
    code = f"import {module}, numpy; {module}.scale(numpy.zeros(1), 1)"
    done = subprocess.run([str(environment), "-c", code], capture_output=True, text=True)
    assert f'File "src/{module}.cc", line ' in done.stderr
    assert done.stderr.endswith("TypeError: x must be float32\n")


@pytest.mark.parametrize("build", ["scikit-build-core", "meson-python"])
def test_both_printed_commands_name_the_folder(
    environment: Path, tmp_path: Path, build: str
) -> None:
    command = [str(environment), "-m", "tvm_ffi.new", "some/Where", "--build", build]
    done = subprocess.run(command, cwd=tmp_path, capture_output=True, text=True, check=True)
    install, test = [line.strip() for line in done.stdout.splitlines() if " python -m" in line]
    assert install == "python -m pip install ./some/Where"
    assert test == "python -m unittest discover -v some/Where/tests"
    assert (tmp_path / "some" / "Where" / "src" / "where.cc").is_file()
