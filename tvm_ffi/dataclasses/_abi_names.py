# SPDX-License-Identifier: Apache-2.0
"""C++ names and text for registered types."""

from __future__ import annotations

import re
from collections.abc import Iterable
from itertools import groupby
from typing import NamedTuple

from .._type_info import TypeInfo

_ESCAPE = "__ffi_escape_"
# What no member can be called, of C++ up to 20.
_KEYWORDS = frozenset(
    """alignas alignof and and_eq asm auto bitand bitor bool break case catch char char16_t char32_t
    char8_t class co_await co_return co_yield compl concept const const_cast consteval constexpr
    constinit continue decltype default delete do double dynamic_cast else enum explicit export
    extern false float for friend goto if inline int long mutable namespace new noexcept not not_eq
    nullptr operator or or_eq private protected public register reinterpret_cast requires return
    short signed sizeof static static_assert static_cast struct switch template this thread_local
    throw true try typedef typeid typename union unsigned using virtual void volatile wchar_t while
    xor xor_eq""".split()
)


def identifier(name: str) -> str:
    """Return a name as C++ can spell it; different names stay different."""
    if (
        re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", name, re.ASCII)
        and not name.startswith(_ESCAPE)
        and name not in _KEYWORDS
    ):
        return name
    return _ESCAPE + name.encode("utf-8", "surrogatepass").hex()


def string_literal(text: str) -> str:
    """Return a C++ string literal of the text's bytes."""
    written = []
    for byte in text.encode("utf-8", "surrogatepass"):
        char = chr(byte)
        if char in '"\\':
            written.append("\\" + char)
        else:
            written.append(char if 0x20 <= byte < 0x7F else f"\\{byte:03o}")
    return f'"{"".join(written)}"'


class CppName(NamedTuple):
    """Where the view of a type is defined. Sorts as declarations do."""

    namespaces: tuple[str, ...]
    struct: str
    type_key: str

    @staticmethod
    def of(info: TypeInfo) -> CppName:
        *outer, last = info.type_key.split(".")
        # Not a keyword any more with its suffix, but not to be mistaken for an escaped one either.
        plain = identifier(last) if last not in _KEYWORDS else last
        return CppName(tuple(map(identifier, outer)), f"{plain}Obj", info.type_key)

    @property
    def qualified(self) -> str:
        return "::" + "::".join((*self.namespaces, self.struct))


def in_namespaces(blocks: Iterable[tuple[CppName, list[str]]]) -> list[str]:
    """Lay blocks of lines out in their namespaces; neighbours in one namespace share it."""
    lines: list[str] = []
    for namespaces, group in groupby(blocks, key=lambda block: block[0].namespaces):
        if namespaces:
            lines += [*(f"namespace {name} {{" for name in namespaces), ""]
        for _, block in group:
            lines += [*block, ""]
        if namespaces:
            lines += [*(f"}}  // namespace {name}" for name in reversed(namespaces)), ""]
    return lines
