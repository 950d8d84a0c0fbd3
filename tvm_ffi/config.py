# SPDX-License-Identifier: Apache-2.0
"""`tvm-ffi-config`: what a build needs to know about this installation.

Prints only its answers, one per line; runs before anything heavy is imported.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path
from typing import Callable

from . import libinfo


def main(arguments: list[str] | None = None) -> int:
    """Print the answers to the given flags; without any, print the help."""
    parser = argparse.ArgumentParser(
        prog="tvm-ffi-config",
        description="Print what is needed to compile and link with tvm-ffi.",
    )
    for name, (_, text) in _ANSWERS.items():
        parser.add_argument(f"--{name}", action="store_true", help=text)
    arguments = sys.argv[1:] if arguments is None else arguments
    if not arguments:
        parser.print_help()
        return 0
    asked = vars(parser.parse_args(arguments))
    for name, (answer, _) in _ANSWERS.items():
        if asked[name.replace("-", "_")]:
            print(answer())
    return 0


def __main__() -> int:
    """Run the console script."""
    return main()


def _windows() -> bool:
    return sys.platform.startswith("win32")


def _library_file() -> str:
    return libinfo.find_windows_implib() if _windows() else libinfo.find_libtvm_ffi()


def _library_folder() -> str:
    return str(Path(libinfo.find_libtvm_ffi()).parent)


def _c_flags() -> str:
    return f"-I{libinfo.find_include_path()} -I{libinfo.find_dlpack_include_path()}"


def _cxx_flags() -> str:
    return f"{_c_flags()} -std=c++17"


def _libs() -> str:
    return libinfo.find_windows_implib() if _windows() else "-ltvm_ffi"


def _ld_flags() -> str:
    return "" if _windows() else f"-L{_library_folder()}"


# In the order in which answers are printed.
_ANSWERS: dict[str, tuple[Callable[[], str], str]] = {
    "includedir": (libinfo.find_include_path, "directory of the C and C++ headers"),
    "dlpack-includedir": (libinfo.find_dlpack_include_path, "directory of dlpack/dlpack.h"),
    "cmakedir": (libinfo.find_cmake_path, "directory of tvm_ffi-config.cmake"),
    "pkgconfigdir": (libinfo.find_pkgconfig_path, "directory of tvm_ffi.pc, for pkg-config"),
    "libdir": (_library_folder, "directory of the library"),
    "libfiles": (_library_file, "full path of the library to link"),
    "sourcedir": (libinfo.find_source_path, "directory to add_subdirectory() to build from source"),
    "cython-lib-path": (libinfo.find_cython_lib, "file behind tvm_ffi.core"),
    "cxxflags": (_cxx_flags, "flags to compile C++"),
    "cflags": (_c_flags, "flags to compile C"),
    "libs": (_libs, "libraries to link"),
    "ldflags": (_ld_flags, "flags to link"),
}


if __name__ == "__main__":
    sys.exit(__main__())
