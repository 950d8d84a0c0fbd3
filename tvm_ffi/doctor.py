# SPDX-License-Identifier: Apache-2.0
"""`python -m tvm_ffi.doctor [library.so]`: what runs here, and what ails a library.

Exit status: 0 if all is well, 1 if something is not, 2 for arguments it does not understand.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import shutil
import subprocess
import sys
import sysconfig
from collections.abc import Iterator
from typing import Any

from . import __version__, _diagnosis, _host, libinfo
from ._diagnosis import Finding
from ._elf import ElfFile, NotReadable
from ._library_search import find_needed, loaded_libraries
from ._type_schema import TypeSchema

_PREFIX = "__tvm_ffi_"


def main(arguments: list[str] | None = None) -> int:
    """Print the report; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m tvm_ffi.doctor",
        description="Say what runs here and, given a library, what it exports and needs.",
        epilog="The library is loaded, in a process of its own. Exit status 1: something is wrong.",
    )
    parser.add_argument("library", nargs="?", help="a shared library, as for load_module")
    parser.add_argument("--functions-of", metavar="LIBRARY", help=argparse.SUPPRESS)
    options = parser.parse_args(arguments)
    if options.functions_of:
        try:
            print(json.dumps(_signatures(options.functions_of)))
        except RuntimeError as error:
            print(error, file=sys.stderr)
            return 1
        return 0

    findings = list(_report_installation())
    if options.library:
        print()
        findings += _report_library(os.path.abspath(options.library))
    print()
    for finding in findings:
        print(f"problem   {finding.problem}\nremedy    {finding.remedy}\n")
    print(f"{len(findings)} problem{'s' if len(findings) != 1 else ''} found")
    return 1 if findings else 0


def __main__() -> int:
    """Run as a program."""
    return main()


# ---- The installation ----------------------------------------------------------------------------


def _report_installation() -> Iterator[Finding]:
    library = libinfo.find_libtvm_ffi()
    abi = _diagnosis.running_version()
    _line("tvm_ffi", f"{__version__}, ABI {abi}")
    _line("library", library)
    _line("lane", _host.lane())
    name = f"{platform.python_implementation()} {platform.python_version()}"
    unlocked = "" if getattr(sys, "_is_gil_enabled", lambda: True)() else ", free-threaded"
    _line("python", f"{name}{unlocked}, {sys.executable}, {platform.machine()}")
    for module in ("numpy", "torch"):
        _line(module, _describe_peer(module))
    ninja = shutil.which("ninja") or shutil.which("ninja", path=sysconfig.get_path("scripts"))
    _line("ninja", ninja or "not found; tvm_ffi.cpp needs it: pip install ninja")
    compiler = (os.environ.get("CXX") or "c++").split()[0]
    _line("compiler", shutil.which(compiler) or f"{compiler} not found; tvm_ffi.cpp needs it")

    copies = {
        os.path.realpath(path)
        for name, path in loaded_libraries().items()
        if name.startswith("libtvm_ffi.so")
    }
    if len(copies) > 1:
        yield Finding(
            f"more than one libtvm_ffi is loaded: {', '.join(sorted(copies))}",
            "Leave libtvm_ffi.so out of your own wheels: everybody shares that of apache-tvm-ffi",
        )
    if __version__ not in (abi, "0.0.0.dev0"):
        yield Finding(
            f"the Python package is {__version__} and {library} is {abi}",
            "Install apache-tvm-ffi again",
        )


def _describe_peer(module: str) -> str:
    """Say whether its tensors can be passed, and how."""
    from importlib.metadata import PackageNotFoundError, version

    try:
        found = version(module)
    except PackageNotFoundError:
        return "not installed"
    try:
        imported = __import__(module)
    except ImportError as error:
        return f"{found}, cannot be imported: {error}"
    kind = getattr(imported, "Tensor", None) or getattr(imported, "ndarray", None)
    if hasattr(kind, "__dlpack_c_exchange_api__"):
        return f"{found}, tensors pass by the DLPack C exchange API"
    if hasattr(kind, "__dlpack__"):
        return f"{found}, tensors pass by DLPack"
    return f"{found}, too old for DLPack: its tensors cannot be passed"


# ---- A library -----------------------------------------------------------------------------------


def _report_library(path: str) -> list[Finding]:
    print(path)
    findings = _diagnosis.examine(path)
    try:
        library = ElfFile(path)
        _print_needs(library)
        names = {name for name in library.exported if name.startswith(_PREFIX)}
    except (OSError, NotReadable):
        return findings
    signatures: dict[str, str] = {}
    if not findings:
        signatures, death = _ask_in_another_process(path)
        findings += death
    functions = sorted(name[len(_PREFIX) :] for name in names if not name.startswith(f"{_PREFIX}_"))
    for name in functions:
        _line("exports", signatures.get(name, f"{name}(...)"))
    if not functions:
        _line("exports", "no function; what it registers when it is loaded is available by name")
    return findings


def _print_needs(library: ElfFile) -> None:
    for name in library.needed:
        _line("needs", f"{name} -> {find_needed(name, library) or 'not found'}")


def _ask_in_another_process(path: str) -> tuple[dict[str, str], list[Finding]]:
    """Load the library where it may end the process without ending this one."""
    command = [sys.executable, "-m", "tvm_ffi.doctor", "--functions-of", path]
    done = subprocess.run(command, capture_output=True, text=True, errors="replace")
    if done.returncode == 0:
        signatures: dict[str, str] = json.loads(done.stdout.splitlines()[-1])
        return signatures, []
    return {}, _diagnosis.explain_load(path, done.returncode, done.stderr)


def _signatures(path: str) -> dict[str, str]:
    from .module import load_module

    module = load_module(path, keep_module_alive=True)
    names = (name[len(_PREFIX) :] for name in ElfFile(path).exported if name.startswith(_PREFIX))
    return {
        name: _signature(name, module.get_function_metadata(name))
        for name in names
        if not name.startswith("_")
    }


def _signature(name: str, metadata: dict[str, Any] | None) -> str:
    if not metadata or "type_schema" not in metadata:
        return f"{name}(...)"
    groups = TypeSchema.from_json_str(metadata["type_schema"]).named_args or {}
    if "params" not in groups:
        return f"{name}(...)"
    (result,) = groups.get("return", ()) or ("Any",)
    return f"{name}({', '.join(map(str, groups['params']))}) -> {result}"


def _line(label: str, text: str) -> None:
    print(f"  {label:<9} {text}")


if __name__ == "__main__":
    sys.exit(__main__())
