# SPDX-License-Identifier: Apache-2.0
"""Load a file with a module class of our own."""

from __future__ import annotations

import tempfile
from pathlib import Path

import tvm_ffi
import tvm_ffi.cpp


def main() -> None:
    source = Path(__file__).with_name("polynomials.cc")
    # Loading registers the loader; the ending of a file chooses it.
    tvm_ffi.cpp.load("module_subclass_example", cpp_files=[str(source)])
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, "curves.poly")
        path.write_text("line: 1 2\nparabola: 0 0 1\n")
        curves = tvm_ffi.load_module(path)
        print("kind     ", curves.kind, "runnable" if curves.is_runnable() else "")
        print("call     ", curves.line(10.0), curves["parabola"](3.0))
        print("doc      ", curves.get_function_doc("line"))
        print("source   ", curves.inspect_source().splitlines())
        try:
            curves.circle(1.0)
        except AttributeError as error:
            print("missing  ", error)
        path.write_text("no colon here\n")
        try:
            tvm_ffi.load_module(path)
        except ValueError as error:
            print("error    ", str(error).replace(folder, ""))


if __name__ == "__main__":
    main()
