# SPDX-License-Identifier: Apache-2.0
"""Lines of Rust, broken where rustfmt breaks them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from .consts import MAX_WIDTH


def indented(lines: Iterable[str], levels: int = 1) -> list[str]:
    """Indent lines."""
    return ["    " * levels + line if line else line for line in lines]


def listed(head: str, items: Sequence[str], tail: str, levels: int = 0) -> list[str]:
    """Write ``head(items)tail``, one item per line if it does not fit."""
    space = "    " * levels
    line = f"{space}{head}{', '.join(items)}{tail}"
    if len(line) <= MAX_WIDTH or not items:
        return [line]
    return [
        space + head.rstrip(),
        *(f"{space}    {item}," for item in items),
        space + tail.lstrip(),
    ]


def literal(items: Sequence[str], levels: int) -> list[str]:
    """Write a struct literal."""
    return listed("Self { ", items, " }", levels)


def let_call(name: str, callee: str, arguments: Sequence[str], levels: int) -> list[str]:
    """Write ``let name = callee(arguments);``."""
    space = "    " * levels
    call = f"{callee}({', '.join(arguments)});"
    if len(f"{space}let {name} = {call}") <= MAX_WIDTH:
        return [f"{space}let {name} = {call}"]
    if len(f"{space}    {call}") <= MAX_WIDTH:
        return [f"{space}let {name} =", f"{space}    {call}"]
    return listed(f"let {name} = {callee}(", arguments, ");", levels)


def deref(source: str, target: str) -> list[str]:
    """Write how a struct is used as what its `base` is."""
    return [
        f"impl Deref for {source} {{",
        f"    type Target = {target};",
        f"    fn deref(&self) -> &{target} {{",
        "        &self.base",
        "    }",
        "}",
    ]
