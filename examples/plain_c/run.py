# SPDX-License-Identifier: Apache-2.0
"""Compile a library and a program in C; call the library from Python and from the program."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import tvm_ffi
from tvm_ffi import libinfo

HERE = Path(__file__).resolve().parent


def compile_c(source: str, output: Path, *flags: str) -> None:
    """`tvm-ffi-config --cxxflags --ldflags --libs` prints the flags between here and the source."""
    library_folder = str(Path(libinfo.find_libtvm_ffi()).parent)
    includes = [f"-I{path}" for path in libinfo.include_paths()]
    links = [f"-L{library_folder}", f"-Wl,-rpath,{library_folder}", "-ltvm_ffi"]
    command = [os.environ.get("CC", "cc"), "-std=c11", "-O2", *flags, *includes]
    subprocess.run([*command, str(HERE / source), "-o", str(output), *links], check=True)


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        library, program = Path(folder, "library.so"), Path(folder, "program")
        compile_c("library.c", library, "-shared", "-fPIC")
        compile_c("program.c", program)

        lib = tvm_ffi.load_module(str(library))
        print("add     ", lib.add(40, 2))
        try:
            lib.add(40, "two")
        except TypeError as error:
            print("error   ", error)
        try:
            import numpy
        except ImportError:
            print("fill     skipped, numpy is not installed here")
        else:
            x = numpy.zeros(6, dtype="float32")
            lib.fill(x[::2], 1.5)
            print("fill    ", x.tolist())

        said = subprocess.run([str(program), str(library)], check=True, stdout=subprocess.PIPE)
        for line in said.stdout.decode().splitlines():
            print("program ", line)


if __name__ == "__main__":
    main()
