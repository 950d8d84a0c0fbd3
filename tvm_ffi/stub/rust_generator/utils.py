# SPDX-License-Identifier: Apache-2.0
"""Names and types as Rust writes them: uses, identifiers, modules."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Callable, Optional

from ..._type_schema import TypeSchema
from . import consts as R
from .directives import Directives

# Names a leaf type, given origin and type key; None if it has no name in Rust.
TypeRender = Callable[[str, Optional[str]], Optional[str]]

# ---- Uses ----------------------------------------------------------------------------------------


@dataclass(frozen=True, init=False)
class RustUse:
    """A path to bring into scope."""

    path: str

    def __init__(self, name: str) -> None:
        first, dot, rest = name.partition(".")
        path = (R.CRATE if dot and first == R.CRATE_PREFIX else first) + dot + rest
        object.__setattr__(self, "path", path.replace(".", "::"))

    @property
    def leaf(self) -> str:
        """The last segment."""
        return self.path.rpartition("::")[2]

    def as_use_line(self) -> str:
        """Return the declaration; nothing for a name that is in scope anyway."""
        return f"use {self.path};" if "::" in self.path else ""


@dataclass
class RustImports:
    """What a file uses, and what its directives say.

    `builtin_mirrors` are stand-ins for the library's own types, with their bases; `reserved` are
    names that the blocks of the file define.
    """

    items: list[RustUse] = field(default_factory=list)
    directives: Directives = field(default_factory=Directives)
    builtin_mirrors: dict[str, str] = field(default_factory=dict)
    reserved: set[str] = field(default_factory=set)

    def record(self, name: str) -> str:
        """Bring a path into scope; returns what to write: all of it if the leaf is taken."""
        use = RustUse(name)
        if "::" not in use.path:
            return use.path
        if use in self.items:
            return use.leaf
        if use.leaf in self.reserved or any(item.leaf == use.leaf for item in self.items):
            return use.path
        self.items.append(use)
        return use.leaf

    def record_builtin_base(self, chain: list[str]) -> str:
        """Ask for stand-ins for types of the library, the root first; returns the last one's name.

        They are private to the file, so each file that needs them has its own.
        """
        base = self.record(f"{R.CRATE}::Object")
        for key in chain:
            self.builtin_mirrors.setdefault(key, base)
            base = builtin_mirror_name(key)
        return base


def builtin_mirror_name(type_key: str) -> str:
    """Return the name of the stand-in for a type of the library."""
    prefix, _, leaf = type_key.rpartition(".")
    return f"{prefix.replace('.', '_').capitalize()}{leaf}Obj"


def is_crate_type_key(type_key: str) -> bool:
    """Tell whether a type is one of the library's own, which the crate binds."""
    return type_key.partition(".")[0] == R.CRATE_PREFIX


# ---- Types and names -----------------------------------------------------------------------------


def render_rust_type(schema: TypeSchema, ty_render: TypeRender) -> str | None:
    """Write a type; None if some part of it has no name in Rust."""
    origin = schema.origin
    if origin in R.UNSUPPORTED_ORIGINS:
        return None
    parts = [render_rust_type(part, ty_render) for part in schema.args or ()]
    base = "Option" if origin == "Optional" else ty_render(origin, schema.type_key)
    if base is None or None in parts:
        return None
    return f"{base}<{', '.join(filter(None, parts))}>" if parts else base


def rust_ident(name: str) -> str:
    """Return a field's name as an identifier."""
    if len(name) > 4 and name.startswith("__") and name.endswith("__"):
        name = name[2:-2]
    elif len(name) > 1 and name.endswith("_") and not name.endswith("__"):
        name = name[:-1]
    if name in R.NOT_RAW or name in R.RESERVED_MEMBERS:
        return f"{name}_"
    return f"r#{name}" if name in R.KEYWORDS else name


def is_snake_case(identifier: str) -> bool:
    """Tell whether the compiler takes a name without a warning."""
    return identifier == identifier.lower()


@functools.cache
def rust_module_path(path: Path) -> tuple[str, ...]:
    """Return the module that a file is, as ``("crate", "a", "b")``; ValueError if it is none."""
    path = path.resolve()
    root = next((folder for folder in path.parents if (folder / "Cargo.toml").is_file()), None)
    if root is None:
        raise ValueError(f"{path} is in no Cargo crate: no `Cargo.toml` above it")
    source = root / "src"
    if source not in path.parents:
        raise ValueError(f"{path} is not under `{source}`, so it is in no module of the crate")
    segments = list(path.relative_to(source).with_suffix("").parts)
    if segments in (["lib"], ["main"]) or segments[-1] == "mod":
        segments.pop()
    return "crate", *(f"r#{part}" if part in R.KEYWORDS else part for part in segments)


# ---- For --check ---------------------------------------------------------------------------------

_QUALIFIER = re.compile(r"(?<![\w:])(?:::)?(?:(?:r#)?[a-z_][a-z0-9_]*::)+(?=[A-Za-z_])")
_TOKEN = re.compile(r"\w+|\S")


def check_tokens(lines: Iterable[str]) -> tuple[str, ...]:
    """Return what counts of generated code: not uses, comments, wrapping or the way to a name."""
    kept = [line for line in lines if not line.strip().startswith(("use ", "//"))]
    tokens = _TOKEN.findall(_QUALIFIER.sub("", "\n".join(kept)))
    return tuple(
        token
        for token, following in zip(tokens, [*tokens[1:], ""])
        if not (token == "," and following and following in ")]}")
    )
