# SPDX-License-Identifier: Apache-2.0
"""Compile a pybind11 and a nanobind module that use tvm_ffi, and use all three together."""

from __future__ import annotations

import os
import subprocess
import sys
import sysconfig
import tempfile
from pathlib import Path

import nanobind
import pybind11

import tvm_ffi  # first: the modules below need its library, which is found because it is loaded
from tvm_ffi import libinfo

HERE = Path(__file__).resolve().parent


def compile_module(folder: str, name: str, includes: list[str], sources: list[Path]) -> None:
    output = Path(folder, name + str(sysconfig.get_config_var("EXT_SUFFIX")))
    paths = [*includes, *libinfo.include_paths(), sysconfig.get_paths()["include"]]
    command = [os.environ.get("CXX", "g++"), "-std=c++17", "-O1", "-shared", "-fPIC"]
    command += ["-fvisibility=hidden", *(f"-I{path}" for path in paths)]
    subprocess.run([*command, *map(str, sources), "-o", str(output)], check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        compile_module(
            folder, "with_pybind11", [pybind11.get_include()], [HERE / "with_pybind11.cc"]
        )
        root = Path(nanobind.include_dir()).parent
        compile_module(
            folder,
            "with_nanobind",
            [nanobind.include_dir(), str(root / "ext" / "robin_map" / "include")],
            [HERE / "with_nanobind.cc", root / "src" / "nb_combined.cpp"],
        )
        sys.path.insert(0, folder)
        import with_nanobind
        import with_pybind11

        print("pybind11 calls nanobind's function  ", with_pybind11.twice(21))
        print("nanobind counts pybind11's object   ", with_nanobind.count_to(3))

        # And Python joins in.
        counter = tvm_ffi.get_global_func("example.make_counter")()
        tvm_ffi.get_global_func("example.increase")(counter)
        print("Python shares it                    ", counter.count)


if __name__ == "__main__":
    main()
