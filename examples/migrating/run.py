# SPDX-License-Identifier: Apache-2.0
"""Compile the four versions, and use each in the same way."""

from __future__ import annotations

import importlib
import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path
from typing import Any

import nanobind
import numpy
import pybind11

import tvm_ffi
from tvm_ffi import libinfo

HERE = Path(__file__).resolve().parent
NANOBIND = Path(nanobind.include_dir()).parent


def compile_library(output: Path, *sources: str | Path, include: list[str | Path]) -> str:
    compiler = "CC" if str(sources[0]).endswith(".c") else "CXX"
    command = [os.environ.get(compiler, "gcc" if compiler == "CC" else "g++"), "-O1", "-shared"]
    command += ["-fPIC", "-fvisibility=default" if compiler == "CC" else "-std=c++17"]
    command += [f"-I{folder}" for folder in include]
    files = [str(HERE / source) for source in sources]
    subprocess.run([*command, *files, "-o", str(output)], check=True)
    return str(output)


def load_all(folder: Path) -> dict[str, Any]:
    python, suffix = sysconfig.get_paths()["include"], sysconfig.get_config_var("EXT_SUFFIX")
    includes: list[str | Path] = [python, pybind11.get_include()]
    compile_library(folder / f"with_pybind11{suffix}", "with_pybind11.cc", include=includes)
    includes = [python, nanobind.include_dir(), NANOBIND / "ext" / "robin_map" / "include"]
    combined = NANOBIND / "src" / "nb_combined.cpp"
    compile_library(
        folder / f"with_nanobind{suffix}", "with_nanobind.cc", combined, include=includes
    )
    for_ctypes = compile_library(folder / "for_ctypes.so", "for_ctypes.c", include=[])
    includes = [*libinfo.include_paths()]
    ours = compile_library(folder / "ours.so", "with_tvm_ffi.cc", include=includes)

    tvm_ffi.load_module(ours)
    sys.path[:0] = [str(folder), str(HERE)]
    names = ("with_pybind11", "with_nanobind", "with_ctypes", "with_tvm_ffi")
    modules = {name: importlib.import_module(name) for name in names}
    return {**modules, "with_ctypes": modules["with_ctypes"].bind(for_ctypes)}


def use(module: Any) -> str:
    counter = module.Counter(40)
    counter.add(2)
    x = numpy.array([1.0, 2.0])
    module.scale(x, 10.0)
    try:
        module.Counter(-1)
    except ValueError as error:
        message = str(error).rpartition(" : ")[2]
    return f"{counter.value} {x.tolist()} {module.twice(lambda x: x + 1, 1)} {message}"


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        for name, module in load_all(Path(folder)).items():
            print(f"{name:<14}", use(module))


if __name__ == "__main__":
    main()
