# SPDX-License-Identifier: Apache-2.0
"""The examples that are one script, run from another folder with a cache of their own."""

from __future__ import annotations

import importlib.util
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest


def is_installed(*modules: str) -> bool:
    return all(importlib.util.find_spec(module) for module in modules)


def run_example(root: Path, tmp_path: Path, name: str) -> str:
    cache = {"TVM_FFI_CACHE_DIR": str(tmp_path / "cache")}
    path = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"  # where ninja is
    done = subprocess.run(
        [sys.executable, str(root / "examples" / name / "run.py")],
        cwd=tmp_path,
        env={**os.environ, **cache, "PATH": path},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_every_example_is_tested(root: Path) -> None:
    tested = Path(__file__).read_text() + Path(__file__).with_name("test_examples.py").read_text()
    for folder in (root / "examples").iterdir():
        if folder.is_dir():
            assert f'"{folder.name}"' in tested
            assert (folder / "README.md").is_file()


def test_inline(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "inline")
    assert "gcd    6\ndoc    Greatest common divisor.\n" in said
    assert "mean   3.0\nerror  Check failed: values.ndim() == 1 (2 vs. 1)" in said


def test_cpp_tour(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "cpp_tour").splitlines()
    assert said == [
        "any        ['nothing', 'the int 1', 'the text two', 'something like 1.000000', "
        "'a ffi.Array']",
        "optional   4 0",
        "variant    1 2",
        "expected   7 -1",
        "           ValueError: Expected one digit, got 12",
        "           ValueError -1",
        "containers {'tea': 2} {'tea': 2} (3, 'abc') [2, 4]",
        "functions  81 42 ab",
        "           (8,) the int 5",
        "errors     ZeroDivisionError: Check failed: b != 0.0 (0 vs. 0) : b must not be zero",
        "           IndexError: pop from empty list",
        "fields     2 1 [1]",
        "static     0",
        'print      tour.Sum(terms=(tour.Number(value=1, comment=""), tour.Number(value=2, '
        'comment="two")))',
        "equal      True False",
        "ignored    True",
        "text       two",
        "walk       3",
        "map        3",
    ]


def test_objects(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "objects")
    assert "fields     desk 3 2\nmethods    6 False a shape called desk\n" in said
    assert "assigned   a shape called table\nmany       7\n" in said
    assert "ValueError      Expected sides of 0 or more, got -1 x 1\nAttributeError " in said
    assert said.endswith("Array      [1, 2, 3] [1, 2]\nList       [1, 2, 3]\nMap        nested 3\n")


def test_dataclasses(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "dataclasses")
    assert "computed   paint (high)\nmethods    6.5\nshared     3 True\n" in said
    assert "replaced   False True\n" in said
    assert "TypeError       element [0]: expected example.Task, got str\nAttributeError " in said
    assert "struct alignas(8) DeadlineObj : public ::example::TaskObj {\n" in said


def test_callbacks_errors(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "callbacks_errors")
    assert said.startswith("found      4\nnone       None\nfrom C++   None of the 3 values")
    assert "conversion Cannot convert from type `ffi.String` to `bool`" in said
    places = re.findall(r'File ".*/(\w+\.\w+)", line \d+, in (\w+)', said)
    frames = [place for place in places if place[0] in ("run.py", "search.cc")]
    assert frames == [
        ("run.py", "main"),
        ("search.cc", "__tvm_ffi_try_find_first"),
        ("search.cc", "TryFindFirst"),
        ("search.cc", "FindFirst"),
        ("run.py", "run_out_of_patience"),
    ]
    assert said.endswith("OutOfPatience: at 3\n")


def test_tensors(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "tensors")
    assert "numpy      [[0.0, 2.0], [3.0, 0.0]]\nresult     Tensor (2, 2) float32 cpu:0\n" in said
    assert "TypeError  x must be float32" in said
    assert "ValueError x must be contiguous" in said
    if is_installed("torch"):
        assert "torch      tensor([0., 2.])\nallocated  Tensor tensor([0., 4.])\n" in said
        assert said.count("shared     True") == 2
    else:
        assert "torch      skipped" in said


def test_plain_c(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "plain_c")
    assert "add      42\nerror    add expects two ints\nfill     [1.5, 0.0, 1.5, 0.0" in said
    assert "program  40 + 2 = 42\nprogram  TypeError: add expects two ints\n" in said


@pytest.mark.skipif(shutil.which("nvcc") is None, reason="nvcc is not installed")
def test_cuda(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "cuda")
    assert said.startswith("compiled ")
    if is_installed("torch"):
        assert "kernel    [0.0, 2.0, 4.0, 6.0]\n" in said or "skipped, no GPU is here\n" in said
        assert said.endswith("x must be on a CUDA device\n")


@pytest.mark.skipif(
    not is_installed("pybind11", "nanobind"), reason="pybind11 and nanobind are not installed"
)
def test_mixing(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "mixing")
    assert re.findall(r"\d+$", said, re.MULTILINE) == ["42", "3", "1"]


@pytest.mark.skipif(
    not is_installed("pybind11", "nanobind", "numpy"),
    reason="pybind11, nanobind and numpy are not all installed",
)
def test_migrating(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "migrating").splitlines()
    assert [line.split()[0] for line in said] == [
        "with_pybind11",
        "with_nanobind",
        "with_ctypes",
        "with_tvm_ffi",
    ]
    assert {line[15:] for line in said} == {"42 [10.0, 20.0] 3 a counter starts at 0 or more"}


def test_module_subclass(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "module_subclass")
    assert "kind      poly runnable\ncall      21.0 9.0\n" in said
    assert "missing   Module has no function 'circle'\nerror     /curves.poly:1: expected" in said


def test_build_cache(root: Path, tmp_path: Path) -> None:
    said = run_example(root, tmp_path, "build_cache")
    assert said == "squares    [0, 1, 4, 9]\nlibraries  1\ncommands   2\n"


@pytest.mark.skipif(shutil.which("cargo") is None, reason="cargo is not installed")
def test_rust(root: Path, tmp_path: Path) -> None:
    shutil.copytree(
        root / "examples" / "rust", tmp_path / "examples" / "rust"
    )  # cargo writes there
    said = run_example(tmp_path, tmp_path, "rust")
    assert "gcd      6\nroot     1.5\nTypeError     expected an int, got type index 11\n" in said
    assert "RuntimeError  the Rust function panicked: negative\n" in said
    assert "program  power(2, 10) = 1024\nprogram  ValueError: Expected an exponent" in said
