# SPDX-License-Identifier: Apache-2.0
"""What a shared library of an ELF system says of itself, read from its file: nothing is loaded."""

from __future__ import annotations

import mmap
import os
import re
import struct
from collections.abc import Iterator
from functools import cached_property
from typing import NamedTuple

_MACHINES = {3: "i686", 21: "ppc64le", 40: "arm", 62: "x86_64", 183: "aarch64", 243: "riscv64"}
_DYNAMIC, _DYNSYM, _VERNEED, _VERDEF = 6, 11, 0x6FFFFFFE, 0x6FFFFFFD
_NEEDED, _SONAME, _RPATH, _RUNPATH = 1, 14, 15, 29
_PT_LOAD, _WEAK = 1, 2


class NotReadable(Exception):
    """The file is not a whole shared library of this kind of system; the text says what it is."""


class _Section(NamedTuple):
    name: int
    type: int
    flags: int
    address: int
    offset: int
    size: int
    link: int
    info: int
    alignment: int
    entry_size: int


class ElfFile:
    """A 64-bit, little-endian shared library.

    `NotReadable` if the file is something else or does not make sense, `OSError` if it cannot be
    read.
    """

    def __init__(self, path: str | os.PathLike[str]) -> None:
        self.path = os.fspath(path)
        with open(path, "rb") as file:
            try:
                # Libraries with GPU code are huge, and little of one is looked at.
                self._data = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
            except ValueError:
                raise NotReadable("the file is empty") from None
        if self._data[:4] != b"\x7fELF":
            raise NotReadable("it is not a shared library of this system (ELF)")
        if self._data[4:6] != b"\x02\x01":
            raise NotReadable("it is not a 64-bit little-endian library")
        (machine,) = self._unpack("<H", 18)
        self.machine = _MACHINES.get(machine, f"ELF machine {machine}")
        for kind, offset, size in self._segments():
            if kind == _PT_LOAD and offset + size > len(self._data):
                raise NotReadable("the file is cut short")

    @cached_property
    def needed(self) -> list[str]:
        """The libraries it needs, by the names it looks for."""
        return self._dynamic_texts(_NEEDED)

    @cached_property
    def soname(self) -> str | None:
        """The name under which others need it."""
        names = self._dynamic_texts(_SONAME)
        return names[0] if names else None

    @cached_property
    def run_path(self) -> list[str]:
        """The folders it has its needs searched in first."""
        origin = os.path.dirname(os.path.realpath(self.path))
        paths = self._dynamic_texts(_RUNPATH) or self._dynamic_texts(_RPATH)
        entries = (entry for path in paths for entry in path.split(":") if entry)
        return [re.sub(r"\$ORIGIN|\$\{ORIGIN\}", lambda _: origin, entry) for entry in entries]

    @cached_property
    def exported(self) -> set[str]:
        """The names of the symbols it defines for others."""
        return {name for name, defined, _ in self._symbols() if defined}

    @cached_property
    def imported(self) -> set[str]:
        """The names of the symbols somebody else must define."""
        return {name for name, defined, weak in self._symbols() if not defined and not weak}

    @cached_property
    def needed_versions(self) -> dict[str, list[str]]:
        """Library -> the symbol versions it must have, such as `GLIBC_2.17`."""
        found: dict[str, list[str]] = {}
        for section, names in self._sections_of(_VERNEED):
            at = section.offset
            for _ in range(section.info):
                _, count, file, first, following = self._unpack("<HHIII", at)
                versions = found.setdefault(names(file), [])
                entry = at + first
                for _ in range(count):
                    _, _, _, name, step = self._unpack("<IHHII", entry)
                    versions.append(names(name))
                    entry += step
                    if not step:
                        break
                at += following
                if not following:
                    break
        return found

    @cached_property
    def defined_versions(self) -> set[str]:
        """The symbol versions it has."""
        found = set()
        for section, names in self._sections_of(_VERDEF):
            at = section.offset
            for _ in range(section.info):
                _, _, _, _, _, first, following = self._unpack("<HHHHIII", at)
                found.add(names(self._unpack("<I", at + first)[0]))
                at += following
                if not following:
                    break
        return found

    def imported_with_prefix(self, prefix: str) -> set[str]:
        """Return the imported names that begin so; quick, however many symbols there are."""
        pattern = b"(?<=\0)" + re.escape(prefix.encode()) + rb"\w*(?=\0)"
        for section, _ in self._sections_of(_DYNSYM):
            table = self._section(section.link)
            text = self._data[table.offset : table.offset + table.size]
            if not re.search(pattern, text):
                return set()
        return {name for name in self.imported if name.startswith(prefix)}

    # ---- The file ----

    def _unpack(self, form: str, offset: int) -> tuple[int, ...]:
        if offset + struct.calcsize(form) > len(self._data):
            raise NotReadable("the file is cut short")
        return struct.unpack_from(form, self._data, offset)

    def _segments(self) -> Iterator[tuple[int, int, int]]:
        (table,) = self._unpack("<Q", 32)
        entry_size, count = self._unpack("<HH", 54)
        for position in range(count):
            kind, _, offset, _, _, size = self._unpack("<IIQQQQ", table + position * entry_size)
            yield kind, offset, size

    def _section(self, position: int) -> _Section:
        (table,) = self._unpack("<Q", 40)
        (entry_size,) = self._unpack("<H", 58)
        return _Section(*self._unpack("<IIQQQQIIQQ", table + position * entry_size))

    def _sections_of(self, kind: int) -> Iterator[tuple[_Section, _Names]]:
        """Yield the sections of a type, each with what looks up its texts."""
        (count,) = self._unpack("<H", 60)
        for section in map(self._section, range(count)):
            if section.type == kind:
                yield section, _Names(self._data, self._section(section.link))

    def _dynamic_texts(self, wanted: int) -> list[str]:
        found = []
        for section, names in self._sections_of(_DYNAMIC):
            for at in range(section.offset, section.offset + section.size, 16):
                tag, value = self._unpack("<qQ", at)
                if tag == 0:
                    break
                if tag == wanted:
                    found.append(names(value))
        return found

    def _symbols(self) -> Iterator[tuple[str, bool, bool]]:
        """Yield (name, defined here, weak) for all but the first, which is none."""
        for section, names in self._sections_of(_DYNSYM):
            for at in range(section.offset + 24, section.offset + section.size, 24):
                name, info, _, place = self._unpack("<IBBH", at)
                yield names(name), place != 0, info >> 4 == _WEAK


class _Names:
    """A table of texts that end in NUL."""

    def __init__(self, data: mmap.mmap, section: _Section) -> None:
        self._data = data
        self._begin, self._end = section.offset, min(section.offset + section.size, len(data))

    def __call__(self, offset: int) -> str:
        begin = self._begin + offset
        end = self._data.find(b"\0", begin, self._end) if begin < self._end else -1
        if end < 0:
            raise NotReadable("a name in it has no end")
        return self._data[begin:end].decode("utf-8", "replace")
