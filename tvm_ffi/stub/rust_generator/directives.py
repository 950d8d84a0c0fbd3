# SPDX-License-Identifier: Apache-2.0
"""What a file says about types, beyond what reflection knows."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

_TYPE, _FIELD = "<type_key>", "<type_key>.<field>"
_FORMS = {
    "field": f"{_FIELD} -> <RustType>",
    "nullable": _FIELD,
    "enum": f"{_FIELD} -> Name(i32) {{ A=0, B=1 }}",
    "upcast": f"{_TYPE} -> <RustType>",
    "opaque": _TYPE,
    "custom-new": _TYPE,
}

_ENUM_TARGET = re.compile(r"([A-Za-z_]\w*)\(([iu](?:8|16|32|64))\)\s*(?:\{([^{}]*)\})?")
_MEMBER = re.compile(r"([A-Za-z_]\w*)\s*=\s*(-?\d+)")


@dataclass(frozen=True)
class EnumSpec:
    """An integer type with named values; others are possible."""

    name: str
    repr: str
    members: tuple[tuple[str, int], ...]


@dataclass
class Directives:
    """The directives of a file. Fields are named ``<type_key>.<field>``."""

    field_types: dict[str, str] = field(default_factory=dict)
    nullable: set[str] = field(default_factory=set)
    enums: dict[str, EnumSpec] = field(default_factory=dict)
    opaque: set[str] = field(default_factory=set)
    upcasts: dict[str, list[str]] = field(default_factory=dict)
    custom_new: set[str] = field(default_factory=set)

    def add(self, name: str, payload: str, lineno: int) -> None:
        """Take in a directive; ValueError if it is unknown or malformed."""
        target, arrow, value = (part.strip() for part in payload.partition("->"))
        form = _FORMS.get(name)
        if form is None:
            raise ValueError(f"Unknown directive `{name}` at line {lineno}")
        if bool(arrow and value) is not ("->" in form):
            raise _invalid(name, lineno, form)
        of_field = form.startswith(_FIELD)
        if not (_is_field(target) if of_field else _is_word(target)):
            raise _invalid(name, lineno, _FIELD if of_field else _TYPE)
        if name == "field":
            self.field_types[target] = value
        elif name == "nullable":
            self.nullable.add(target)
        elif name == "enum":
            self.enums[target] = _enum(value, lineno)
        elif name == "upcast":
            self.upcasts.setdefault(target, []).append(value)
        elif name == "opaque":
            self.opaque.add(target)
        else:
            self.custom_new.add(target)


def _invalid(name: str, lineno: int, expected: str) -> ValueError:
    return ValueError(f"Invalid `{name}` directive at line {lineno}. Expected `{expected}`")


def _is_word(text: str) -> bool:
    return len(text.split()) == 1


def _is_field(text: str) -> bool:
    key, _, name = text.rpartition(".")
    return _is_word(text) and bool(key and name)


def _enum(text: str, lineno: int) -> EnumSpec:
    found = _ENUM_TARGET.fullmatch(text)
    entries = (found[3] or "").split(",") if found is not None else []
    members = [_MEMBER.fullmatch(entry.strip()) for entry in entries if entry.strip()]
    if found is None or None in members:
        raise _invalid("enum", lineno, _FORMS["enum"])
    named = tuple((member[1], int(member[2])) for member in members if member is not None)
    return EnumSpec(found[1], found[2], named)
