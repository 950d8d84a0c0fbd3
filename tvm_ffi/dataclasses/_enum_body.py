# SPDX-License-Identifier: Apache-2.0
"""What the body of an enum class declares, and how its members are made."""

from __future__ import annotations

from typing import Any, NamedTuple

from .._type_attr import lookup_type_attr
from ..registry import own_annotations
from ._enum_state import EnumState, normalized_index, require_state
from ._resolve_fields import is_class_var
from .common import fields


class EnumEntry:
    """A member to be: what `entry` and `auto` return, in place of the member made of it."""

    def __init__(self, args: tuple[Any, ...] = (), kwargs: dict[str, Any] | None = None) -> None:
        self.args = args
        self.kwargs = kwargs or {}

    def __repr__(self) -> str:
        shown = [repr(arg) for arg in self.args]
        shown += [f"{name}={value!r}" for name, value in self.kwargs.items()]
        return f"entry({', '.join(shown)})"


class Declarations(NamedTuple):
    """Names annotated as class variables without a value, and names with a member to be made."""

    binders: list[str]
    entries: dict[str, EnumEntry]


def collect_declarations(cls: type, payload: type | None) -> Declarations:
    """Read a class body. Names that begin with an underscore declare nothing."""
    class_variables: set[str] = set()
    declared_fields: set[str] = set()
    for name, annotation in own_annotations(cls).items():
        (class_variables if is_class_var(annotation) else declared_fields).add(name)
    if payload is not None and ("value" in declared_fields or "value" in cls.__dict__):
        raise TypeError(f"{_base_name(payload)} reserves `value` as its canonical index alias")
    entries = {}
    for name, value in cls.__dict__.items():
        if name.startswith("_") or name in declared_fields:
            continue
        if isinstance(value, EnumEntry):
            entries[name] = value
        elif payload is not None and not _is_member_of_class(value):
            entries[name] = EnumEntry(kwargs={"value": value})
    binders = [
        name
        for name in own_annotations(cls)
        if name in class_variables and not name.startswith("_") and name not in cls.__dict__
    ]
    return Declarations(binders, entries)


def _base_name(payload: type) -> str:
    return "IntEnum" if payload is int else "StrEnum"


def _is_member_of_class(value: Any) -> bool:
    return callable(value) or isinstance(value, (staticmethod, classmethod, property))


# ---- Members -------------------------------------------------------------------------------------


class Members:
    """Makes the members that a class body declares; undoes all of it if one cannot be made."""

    def __init__(self, cls: Any, payload: type | None, is_native: bool) -> None:
        self.cls = cls
        self.payload = payload
        self.is_native = is_native
        self.added: list[Any] = []

    def define(self, declared: Declarations) -> None:
        try:
            for name in declared.binders:
                setattr(self.cls, name, self._bind(name))
            for name, entry in declared.entries.items():
                setattr(self.cls, name, self._member(name, entry))
        except BaseException:
            self._withdraw()
            raise

    def _bind(self, name: str) -> Any:
        existing = require_state(self.cls).indexes.get(name)
        if existing is not None:
            return existing
        if self.is_native:
            key = self.cls.__tvm_ffi_type_info__.type_key
            raise RuntimeError(f"{key!r} has no enum at string index {name!r}")
        if self.payload is int:
            raise TypeError(f"{self.cls.__name__}.{name} requires an integer value")
        if self.payload is str:
            return self._member(name, EnumEntry(kwargs={"value": name}))
        return self._member(name, EnumEntry())

    def _member(self, name: str, entry: EnumEntry) -> Any:
        where = f"{self.cls.__name__}.{name}"
        values = self._values(where, entry)
        if "_int_index" in values or "_str_index" in values:
            raise TypeError(f"{where}: enum indices are inferred")
        state = require_state(self.cls)
        int_index, str_index, canonical = self._indices(where, name, values, state)
        existing = state.indexes.get(canonical)
        if existing is not None and (self.payload is not None or not values):
            return existing
        if int_index in state.indexes or str_index in state.indexes:
            raise ValueError(f"duplicate enum index in {where}")
        member = self._make(where, {**values, "_int_index": int_index, "_str_index": str_index})
        state.entries.append(member)
        state.indexes[int_index] = state.indexes[str_index] = member
        self.added.append(member)
        return member

    def _values(self, where: str, entry: EnumEntry) -> dict[str, Any]:
        """Name the positional arguments: the payload first, then the fields of the class."""
        names = ["value"] if self.payload is not None else []
        names += [
            field.name or ""
            for field in fields(self.cls)
            if field.init and not field.kw_only and field.name not in _INDEX_FIELDS
        ]
        if len(entry.args) > len(names):
            raise TypeError(
                f"{where}: expected at most {len(names)} positional values, got {len(entry.args)}"
            )
        values = dict(zip(names, entry.args))
        for name in values.keys() & entry.kwargs.keys():
            raise TypeError(f"{where}: got multiple values for {name!r}")
        return {**values, **entry.kwargs}

    def _indices(
        self, where: str, name: str, values: dict[str, Any], state: EnumState
    ) -> tuple[int, str, int | str]:
        """Return the integer and the string index, and which of them identifies the member."""
        ordinal = len(state.entries)
        if self.payload is None:
            return ordinal, name, name
        value: Any = values.pop("value", None)
        if type(value) is not self.payload:
            raise TypeError(f"{where} value must be {self.payload.__name__}")
        index = normalized_index(value)
        if isinstance(index, str):
            return ordinal, index, index
        return index, name, index

    def _make(self, where: str, values: dict[str, Any]) -> Any:
        try:
            return self._allocate(values) if self.is_native else self.cls(**values)
        except Exception as error:
            raise TypeError(f"{where}: invalid enum entry: {error}") from error

    def _allocate(self, values: dict[str, Any]) -> Any:
        index = self.cls.__tvm_ffi_type_info__.type_index
        member = self.cls.__new__(self.cls)
        member.__init_handle_by_constructor__(lookup_type_attr(index, "__ffi_new__"))
        for name, value in values.items():
            getattr(self.cls, name).set(member, value)
        return member

    def _withdraw(self) -> None:
        state = require_state(self.cls)
        for member in self.added:
            for index in (member._int_index, member._str_index):
                del state.indexes[index]
            for position, entry in enumerate(state.entries):
                if entry.same_as(member):
                    del state.entries[position]
                    break


_INDEX_FIELDS = ("_int_index", "_str_index", "value")
