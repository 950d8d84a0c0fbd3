# SPDX-License-Identifier: Apache-2.0
"""Compile quickstart.cc, load it, and call it with what Python has at hand."""

from __future__ import annotations

import importlib.util
import os
import subprocess
import sys
import tempfile
from pathlib import Path
from typing import Any

import tvm_ffi
from tvm_ffi import libinfo

SOURCE = Path(__file__).resolve().parent / "quickstart.cc"


def compile_library(folder: str) -> Path:
    """One compiler call; `tvm-ffi-config` prints the same flags on the command line."""
    library = Path(folder) / "quickstart.so"
    includes = [f"-I{path}" for path in libinfo.include_paths()]
    command = [os.environ.get("CXX", "g++"), "-std=c++17", "-O2", "-shared", "-fPIC", *includes]
    subprocess.run([*command, str(SOURCE), "-o", str(library)], check=True)
    return library


def call_with_plain_values(lib: Any) -> None:
    print("int      ", lib.add_one(41))
    print("str      ", lib.greet("world"))
    print("list     ", lib.sum([1, 2, 3]))
    print("dict     ", lib.total({"tea": 3, "cake": 4}))
    counts = lib.count_words(["tea", "cake", "tea"])
    print("dict out ", dict(sorted(counts.items())))
    print("callback ", list(lib.apply(lambda x: x * 2, [1, 2.5, "ab"])))
    try:
        lib.add_one("forty-one")
    except TypeError as error:
        print("error    ", error)


def call_with_tensors(lib: Any) -> None:
    """The tensors are scaled where they lie: no copy on either side."""
    if importlib.util.find_spec("numpy"):
        import numpy

        array = numpy.array([1, 2, 3], dtype="float32")
        lib.scale(array, 10)
        print("numpy    ", array)
    else:
        print("numpy     skipped, it is not installed here")
    if importlib.util.find_spec("torch"):
        import torch

        tensor = torch.tensor([1, 2, 3], dtype=torch.float32)
        lib.scale(tensor, 10)
        print("torch    ", tensor)
    else:
        print("torch     skipped, it is not installed here")


def main() -> int:
    # The module keeps its library mapped, so the file may go once it is loaded.
    with tempfile.TemporaryDirectory() as folder:
        lib = tvm_ffi.load_module(str(compile_library(folder)))
    call_with_plain_values(lib)
    call_with_tensors(lib)
    return 0


if __name__ == "__main__":
    sys.exit(main())
