# SPDX-License-Identifier: Apache-2.0
"""What types are called in a file, and what their fields are in memory."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Callable

from ..utils import NamedTypeSchema, ObjectInfo
from . import consts as R
from .utils import RustImports, RustUse, is_crate_type_key, render_rust_type

Module = tuple[str, ...]


def leaf_of(type_key: str) -> str:
    """Return the last segment of a type key: the name of its reference type."""
    return type_key.rpartition(".")[2]


@dataclass
class Names:
    """The types that a file can name.

    They come from the crate, from ``ty-map`` directives, or from the blocks of this run, which
    `declared` lists with their modules. `missing` gathers the type keys that come from nowhere:
    they are named all the same, but the block cannot be written.
    """

    imports: RustImports
    ty_map: dict[str, str]
    module: Module
    declared: Mapping[str, Module]
    missing: set[str] = field(default_factory=set)

    def of_leaf(self, origin: str, type_key: str | None = None) -> str | None:
        """Name a type without arguments; None if it has no name in Rust."""
        for name in (type_key, origin):
            if name is not None and name in self.ty_map:
                return self.of_path(self.ty_map[name])
        return self.of_type(origin) if "." in origin else None

    def of_path(self, path: str) -> str:
        """Name what a path leads to, from the module of the file."""
        use = RustUse(path)
        if "::" not in use.path or tuple(use.path.split("::")[:-1]) == self.module:
            return use.leaf
        return self.imports.record(use.path)

    def of_type(self, type_key: str, suffix: str = "") -> str | None:
        """Name the reference type of a key, or with the suffix ``Obj`` its object struct."""
        target = self.ty_map.get(type_key)
        if target is not None:
            return self.of_path(target + suffix)
        if type_key in self.declared:
            path = (*self.declared[type_key], leaf_of(type_key) + suffix)
            return self.of_path("::".join(path))
        if is_crate_type_key(type_key):
            return None
        self.missing.add(type_key)
        return leaf_of(type_key) + suffix


@dataclass
class Mirrors:
    """The Rust types that have the layout of native fields."""

    names: Names
    of: Callable[[str], ObjectInfo]  # describes a type key

    def of_field(self, owner: str, part: NamedTypeSchema) -> str | None:
        """Return the type of a field of `owner`; None if there is none.

        ValueError if a directive names a type of another size.
        """
        target = f"{owner}.{part.name}"
        directives = self.names.imports.directives
        if target in directives.enums:
            spec = directives.enums[target]
            _check_width(target, part, spec.repr)
            mirror: str | None = spec.name
        elif target in directives.field_types:
            _check_width(target, part, directives.field_types[target])
            mirror = self.names.of_path(directives.field_types[target])
        else:
            mirror = self._of_schema(part)
        if mirror is None or target not in directives.nullable:
            return mirror
        if part.size != R.POINTER_SIZE:
            raise ValueError(
                f"`nullable` directive on `{target}`: the field is {part.size} bytes, not a "
                "pointer-sized object reference"
            )
        return optional(mirror)

    def _of_schema(self, part: NamedTypeSchema) -> str | None:
        if part.origin == "Optional":
            return self._of_optional(part)
        if part.type_key is None and (part.origin, part.size) in R.SCALAR_OF_SIZE:
            return R.SCALAR_OF_SIZE[part.origin, part.size or 0]
        return render_rust_type(part, self.names.of_leaf)

    def _of_optional(self, part: NamedTypeSchema) -> str | None:
        payload = (part.args or ())[0]
        rendered = render_rust_type(payload, self.names.of_leaf)
        if rendered is None or payload.origin == "Any":
            return None
        if payload.origin in R.CELL_PAYLOADS:
            if part.size != R.CELL_SIZE:
                return None
            return f"{self.names.of_path(f'{R.CRATE}::Optional')}<{rendered}>"
        return f"Option<{rendered}>" if part.size == R.POINTER_SIZE else None


def optional(rust_type: str) -> str:
    """Return the type of what may be absent."""
    return rust_type if rust_type.startswith("Option<") else f"Option<{rust_type}>"


def _check_width(target: str, part: NamedTypeSchema, rust_type: str) -> None:
    width = R.WIDTH_OF_SCALAR.get(rust_type)
    if width is not None and width != part.size:
        raise ValueError(
            f"Directive on `{target}` maps a {part.size}-byte field to `{rust_type}` "
            f"({width} bytes)"
        )
