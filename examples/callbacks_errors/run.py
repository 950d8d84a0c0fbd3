# SPDX-License-Identifier: Apache-2.0
"""Call Python from C++ and let errors pass in both directions."""

from __future__ import annotations

import traceback
from pathlib import Path

import tvm_ffi
import tvm_ffi.cpp


@tvm_ffi.register_error
class OutOfPatience(RuntimeError):
    """An exception class of ours; once registered it keeps its class across C++."""


def run_out_of_patience(value: int) -> bool:
    if value > 2:
        raise OutOfPatience(f"at {value}")
    return False


def main() -> None:
    source = Path(__file__).with_name("search.cc")
    # With debug information, C++ frames show their lines.
    flags = ["-g"]
    lib = tvm_ffi.cpp.load("callbacks_errors_example", cpp_files=[str(source)], extra_cflags=flags)

    print("found     ", lib.find_first([1, 4, 9], lambda value: value > 2))
    print("none      ", lib.try_find_first([1, 4, 9], lambda value: False))
    try:
        lib.find_first([1, 4, 9], lambda value: False)
    except ValueError as error:
        print("from C++  ", error)
    try:
        lib.find_first([1], lambda value: "not a bool")
    except TypeError as error:
        print("conversion", error)
    try:
        lib.try_find_first([1, 2, 3], run_out_of_patience)
    except OutOfPatience as error:
        print("from Python", error)
        # Top to bottom: this file, the C++ functions, and this file again.
        print("".join(traceback.format_exception(type(error), error, error.__traceback__)), end="")


if __name__ == "__main__":
    main()
