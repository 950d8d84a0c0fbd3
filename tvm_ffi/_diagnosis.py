# SPDX-License-Identifier: Apache-2.0
"""Why a library cannot be loaded, and what to do: in the words of `load_module` and the doctor."""

from __future__ import annotations

import ctypes
import platform
import re
from collections.abc import Iterator
from typing import NamedTuple

from . import _ffi
from ._elf import ElfFile, NotReadable
from ._library_search import find_needed, searched_folders


class Finding(NamedTuple):
    """What is wrong, naming the file, and the remedy; each is one sentence."""

    problem: str
    remedy: str

    def __str__(self) -> str:
        return f"{self.problem}. {self.remedy}."


def examine(path: str) -> list[Finding]:
    """Look into a library without loading it, and say what speaks against doing so."""
    try:
        library = _open(path)
        if isinstance(library, Finding):
            return [library]
        return [*_missing_libraries(library), *newer_abi(library), *_unknown_symbols(library)]
    except NotReadable as error:
        return [_unreadable(path, error)]


def explain_failure(path: str, message: str) -> str:
    """Say below the loader's message why, if the file or the message tells."""
    findings = examine(path) or _registered_twice(path, message)
    return "\n".join([message, *(f"- {finding}" for finding in findings)])


def refuse_newer_abi(path: str) -> None:
    """Raise RuntimeError if the library calls what this libtvm_ffi does not have.

    Functions are bound when they are first called, and a missing one then ends the process.
    """
    try:
        findings = newer_abi(ElfFile(path))
    except (OSError, NotReadable):
        return  # the loader says it better
    if findings:
        reasons = "\n".join(f"- {finding}" for finding in findings)
        raise RuntimeError(f"Failed to load dynamic shared library {path}\n{reasons}")


def newer_abi(library: ElfFile) -> list[Finding]:
    """Find entry points of the contract that the running library lacks."""
    imported = library.imported_with_prefix("TVMFFI")
    unknown = {name for name in imported if not _here(name)}
    if unknown:
        unknown -= _exported_by_needed(library)
    if not unknown:
        return []
    version = running_version()
    return [
        Finding(
            f"{library.path} was built for a newer tvm-ffi than the {version} that runs here: it "
            f"needs {_some(unknown)}, which {version} does not have",
            "Upgrade apache-tvm-ffi, or build the library with the headers of this version",
        )
    ]


# ---- The file itself -----------------------------------------------------------------------------


def _open(path: str) -> ElfFile | Finding:
    try:
        library = ElfFile(path)
    except FileNotFoundError:
        return Finding(f"{path} does not exist", "Check the path, or build the library")
    except OSError as error:
        return Finding(f"{path} cannot be read: {error.strerror}", "Check its permissions")
    here = platform.machine()
    if library.machine != here:
        return Finding(
            f"{path} was built for {library.machine} and this machine is {here}",
            f"Build it for {here}",
        )
    return library


def _unreadable(path: str, error: NotReadable) -> Finding:
    return Finding(f"{path} cannot be loaded: {error}", "Build or copy the file again")


# ---- What it needs -------------------------------------------------------------------------------


def _missing_libraries(library: ElfFile) -> Iterator[Finding]:
    for name, needed_by in missing(library):
        indirectly = f", which {needed_by.path} needs," if needed_by is not library else ""
        folders = ", ".join([*needed_by.run_path, *searched_folders()])
        yield Finding(
            f"{library.path} needs {name}{indirectly} and it is not in {folders} or among the "
            "libraries the system knows",
            "Install what provides it, or put its folder into the variable LD_LIBRARY_PATH or the "
            "run path of the library",
        )


def missing(library: ElfFile) -> list[tuple[str, ElfFile]]:
    """Return the libraries that are not found, each with the one that needs it."""
    return [(name, by) for name, by, found in _needs(library) if found is None]


def _needs(library: ElfFile) -> Iterator[tuple[str, ElfFile, ElfFile | None]]:
    """Yield all it needs, at any depth: (name, needed by, itself if it is found)."""
    seen: set[str] = set()
    pending = [library]
    while pending:
        current = pending.pop(0)
        for name in current.needed:
            if name in seen:
                continue
            seen.add(name)
            path = find_needed(name, current)
            try:
                found = ElfFile(path) if path else None
            except (OSError, NotReadable):
                found = None
            yield name, current, found
            if found:
                pending.append(found)


def _exported_by_needed(library: ElfFile) -> set[str]:
    names: set[str] = set()
    for _, _, found in _needs(library):
        if found:
            names |= found.exported
    return names


def _unknown_symbols(library: ElfFile) -> Iterator[Finding]:
    for name, _, found in _needs(library):
        wanted = set(library.needed_versions.get(name, ()))
        if found and not wanted <= found.defined_versions:
            lacking = _some(wanted - found.defined_versions)
            yield Finding(
                f"{library.path} needs {lacking} of {name}, and {found.path} is older",
                "Update the system's C and C++ libraries, or build the library on an older system, "
                "as for a manylinux wheel",
            )
    mangled = library.imported_with_prefix("_ZN3tvm3ffi") | library.imported_with_prefix(
        "_ZNK3tvm3ffi"
    )
    mangled -= _exported_by_needed(library) if mangled else set()
    if mangled:
        yield Finding(
            f"{library.path} needs C++ functions of libtvm_ffi ({_some(mangled)}), and it exports "
            "none: only its C functions are the same in every version",
            "Build the library with the headers of this version, which need none",
        )


def _here(name: str) -> bool:
    """Tell whether the library has the function, or another one that is open to everybody."""
    for scope in (_ffi.LIB, ctypes.CDLL(None)):
        try:
            scope[name]
        except AttributeError:
            continue
        return True
    return False


def running_version() -> str:
    """Return the version of the contract that the loaded library implements."""
    version = _ffi.TVMFFIVersion()
    _ffi.TVMFFIGetVersion(version)
    return f"{version.major}.{version.minor}.{version.patch}"


def _some(names: set[str]) -> str:
    first = sorted(names)[:3]
    more = f" and {len(names) - 3} more" if len(names) > 3 else ""
    return ", ".join(first) + more


# ---- Words of the loader -------------------------------------------------------------------------


def explain_load(path: str, status: int, output: str) -> list[Finding]:
    """Say why loading a library in a process of its own ended with `status` and `output`."""
    words = " / ".join(output.strip().splitlines()[-3:]) or "it printed nothing"
    did = "ended the process" if status < 0 else "failed"
    return _registered_twice(path, output) or [
        Finding(
            f"loading {path} {did}: {words}",
            "Look at what its static initializers do; a debugger shows where they are",
        )
    ]


def _registered_twice(path: str, words: str) -> list[Finding]:
    found = re.search(r"Global Function `([^`]*)` is already registered", words)
    if not found:
        return []
    return [
        Finding(
            f"{path} registers the global function {found[1]}, which is registered already",
            "Register each name in one place, and begin it with the name of your project",
        )
    ]
