# SPDX-License-Identifier: Apache-2.0
"""The examples, run as their READMEs say."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Callable

import pytest
from installer import pip

HAS_TORCH = importlib.util.find_spec("torch") is not None


def run_python(
    python: Path | str, *arguments: str, **options: object
) -> subprocess.CompletedProcess[str]:
    return subprocess.run([str(python), *arguments], capture_output=True, text=True, **options)


def test_quickstart_calls_cpp_with_every_kind_of_value(root: Path, tmp_path: Path) -> None:
    script = str(root / "examples" / "quickstart" / "run.py")
    done = run_python(sys.executable, script, cwd=tmp_path)
    assert done.returncode == 0, done.stderr
    lines = {line[:9].strip(): line[10:] for line in done.stdout.splitlines()}
    assert lines["int"] == "42"
    assert lines["str"] == "hello, world"
    assert lines["list"] == "6"
    assert lines["dict"] == "7"
    assert lines["dict out"] == "{'cake': 1, 'tea': 2}"
    assert lines["callback"] == "[2, 5.0, 'abab']"
    assert "Expected `int` but got" in lines["error"]
    assert lines["numpy"] == "[10. 20. 30.]"
    assert "forty-one" in done.stdout or "int" in lines["error"]
    expected = "tensor([10., 20., 30.])" if HAS_TORCH else "skipped, it is not installed here"
    assert lines["torch"] == expected


@pytest.fixture
def project(root: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(root / "examples" / "packaging", tmp_path / "packaging"))


@pytest.mark.parametrize("from_source", [False, True], ids=["prebuilt", "from_source"])
def test_the_packaging_guide_builds_installs_and_runs(
    project: Path,
    wheel: Path,
    with_our_wheel: dict[str, str],
    new_environment: Callable[[], Path],
    from_source: bool,
) -> None:
    python = new_environment()
    pip("--python", python, "install", "-q", wheel, "numpy")
    settings = ["-C", "cmake.define.BUILD_TVM_FFI_FROM_SOURCE=ON"] if from_source else []
    log = pip("--python", python, "install", "-v", *settings, project, env=with_our_wheel)
    assert re.search(r"my_ffi_extension-0\.1\.0-py3-none-linux_\w+\.whl", log)

    def run(example: str) -> subprocess.CompletedProcess[str]:
        return run_python(python, "run_example.py", example, cwd=project)

    added = run("add_one")
    assert (added.returncode, added.stdout) == (0, "[2. 3. 4. 5. 6.]\n"), added.stderr
    assert run("int_pair").stdout == "1 2\n"
    raised = run("raise_error")
    assert raised.returncode == 1
    assert re.search(
        r'^  File "src/extension\.cc", line \d+, in '
        r"void my_ffi_extension::RaiseError\(tvm::ffi::String\)$",
        raised.stderr,
        re.MULTILINE,
    )
    assert raised.stderr.splitlines()[-1] == "RuntimeError: This is an error"

    # One copy of the library in the process: the extension's wheel brings none.
    (package,) = project.parent.glob("env*/lib/python*/site-packages/my_ffi_extension")
    assert [path.name for path in package.glob("*.so")] == ["my_ffi_extension.so"]
    assert not list(package.parent.parent.glob("**/my_ffi_extension/**/libtvm_ffi*"))
    if not from_source:
        assert_stubs_describe_the_extension(python, package / "my_ffi_extension.so", project)


def test_packaging_meson_prints_what_its_readme_says(
    root: Path, tmp_path: Path, environment: Path, with_our_wheel: dict[str, str]
) -> None:
    project = Path(shutil.copytree(root / "examples" / "packaging_meson", tmp_path / "project"))
    target = tmp_path / "installed"
    log = pip("install", "-v", "--no-deps", "--target", target, project, env=with_our_wheel)
    assert re.search(r"running_mean-0\.1\.0-py3-none-linux_\w+\.whl", log)
    path = {**os.environ, "PYTHONPATH": str(target)}
    done = run_python(environment, "run_example.py", cwd=project, env=path)
    assert done.returncode == 0, done.stderr
    shown = re.search(r"prints\n\n(.*?)\n\n", (project / "README.md").read_text(), re.DOTALL)
    assert shown is not None
    assert done.stdout.splitlines() == [line[4:] for line in shown[1].splitlines()]


def assert_stubs_describe_the_extension(python: Path, library: Path, project: Path) -> None:
    """Let the stub generator of the installed wheel write bindings for the example's library."""
    stubgen = python.parent / "tvm-ffi-stubgen"
    name = "my_ffi_extension"
    load = ("--dlls", library, "--init-pypkg", "my-ffi-extension", "--init-lib", name)
    stubs = project.parent / "stubs"
    stubs.mkdir()
    for arguments in ((*load, "--init-prefix", name), ("--check", "--dlls", library)):
        command = [str(part) for part in (stubgen, stubs, *arguments)]
        done = subprocess.run(command, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout
    text = (stubs / name / "_ffi_api.py").read_text()
    assert "    def raise_error(_0: str, /) -> None: ...\n" in text
    assert "        def get_first(self, /) -> int: ...\n" in text
    compile(text, "_ffi_api.py", "exec")


@pytest.mark.skipif(not HAS_TORCH, reason="torch is not installed for this interpreter")
def test_the_packaging_guide_adds_one_to_a_torch_tensor(
    project: Path, with_our_wheel: dict[str, str], tmp_path: Path
) -> None:
    """Like the guide, with this interpreter's torch; the package goes to a folder of its own."""
    target = tmp_path / "installed"
    pip("install", "-q", "--no-deps", "--target", target, project, env=with_our_wheel)
    path = {**os.environ, "PYTHONPATH": str(target)}
    done = run_python(sys.executable, "run_example.py", "add_one", cwd=project, env=path)
    assert (done.returncode, done.stdout) == (0, "tensor([2., 3., 4., 5., 6.])\n"), done.stderr
