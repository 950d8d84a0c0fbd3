# SPDX-License-Identifier: Apache-2.0
"""Where the system's loader would find a library: what it does, without loading anything."""

from __future__ import annotations

import os
import re
import struct
from functools import cache

from ._elf import ElfFile

_CACHE = "/etc/ld.so.cache"
_MAGIC = b"glibc-ld.so.cache1.1"


def find_needed(name: str, needed_by: ElfFile) -> str | None:
    """Return the path of a library that `needed_by` needs; None if the loader would not find it.

    What this process has loaded already counts by its name, as it does for the loader.
    """
    if "/" in name:
        return name if os.path.exists(name) else None
    loaded = loaded_libraries().get(name)
    if loaded:
        return loaded
    folders = [*needed_by.run_path, *searched_folders()]
    for folder in folders:
        candidate = os.path.join(folder, name)
        if os.path.isfile(candidate):
            return candidate
    cached = _cached_paths().get(name)
    return cached if cached and os.path.isfile(cached) else None


def searched_folders() -> list[str]:
    """Return the folders that are searched for everybody, without those of the system's cache."""
    variable = os.environ.get("LD_LIBRARY_PATH", "")
    system = ["/lib64", "/usr/lib64", "/lib", "/usr/lib"]
    return [*filter(None, re.split("[:;]", variable)), *system]


def loaded_libraries() -> dict[str, str]:
    """Return file name -> path of what is mapped into this process."""
    try:
        with open("/proc/self/maps", encoding="utf-8", errors="surrogateescape") as maps:
            lines = maps.read().splitlines()
    except OSError:  # no Linux
        return {}
    paths = (line[line.index("/") :] for line in lines if "/" in line and ".so" in line)
    return {os.path.basename(path): path for path in paths}


@cache
def _cached_paths() -> dict[str, str]:
    """Read the list `ldconfig` made: name -> path of the first library that runs here."""
    try:
        with open(_CACHE, "rb") as file:
            data = file.read()
    except OSError:
        return {}
    begin = data.find(_MAGIC)
    found: dict[str, str] = {}
    if begin < 0:
        return found
    (count,) = struct.unpack_from("<I", data, begin + len(_MAGIC))
    for position in range(count):
        at = begin + 48 + position * 24
        _, key, value = struct.unpack_from("<iII", data, at)
        name, path = (
            data[begin + offset : data.index(b"\0", begin + offset)].decode()
            for offset in (key, value)
        )
        if name not in found and _is_of_this_machine(path):
            found[name] = path
    return found


def _is_of_this_machine(path: str) -> bool:
    try:
        with open(path, "rb") as library, open("/proc/self/exe", "rb") as program:
            # Class, byte order and machine.
            ours, theirs = program.read(20), library.read(20)
    except OSError:
        return False
    return ours[4:6] == theirs[4:6] and ours[18:20] == theirs[18:20]
