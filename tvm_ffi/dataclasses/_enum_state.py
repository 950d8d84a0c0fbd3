# SPDX-License-Identifier: Apache-2.0
"""The members of an enum type, shared by all languages, and what is known about each."""

from __future__ import annotations

from typing import Any

from .._object import MISSING, Object
from .._type_attr import lookup_type_attr, register_type_attr
from ..container import Dict, List
from .c_class import c_class
from .field import field

ENUM_STATE_ATTR = "__ffi_enum__"

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1


@c_class("ffi.EnumState")
class EnumState(Object):
    """The members of one enum type: its value of the type attribute `ENUM_STATE_ATTR`."""

    entries: List[Any] = field(init=False)  # in the order they were defined
    indexes: Dict[Any, Any] = field(init=False)  # by integer index and by string index
    attrs: Dict[str, Dict[Any, Any]] = field(init=False)  # by name of the attribute, then by member


def find_state(cls: Any) -> EnumState | None:
    """Return the members of an enum class; None while there are none."""
    info = cls.__tvm_ffi_type_info__
    state: EnumState | None = lookup_type_attr(info.type_index, ENUM_STATE_ATTR)
    return state


def require_state(cls: Any) -> EnumState:
    """Return the members of an enum class, a place for them if there are none."""
    state = find_state(cls)
    if state is None:
        try:
            state = EnumState()
            register_type_attr(cls.__tvm_ffi_type_info__.type_index, ENUM_STATE_ATTR, state)
        except RuntimeError:  # another thread was faster
            state = find_state(cls)
            assert state is not None
    return state


def normalized_index(index: Any) -> int | str:
    """Return an index as the state has it: TypeError or OverflowError for what is none."""
    if isinstance(index, str):
        return str(index)
    if not isinstance(index, int):
        raise TypeError(f"enum index must be int or str, got {type(index).__name__}")
    if not _INT64_MIN <= index <= _INT64_MAX:
        raise OverflowError(f"enum integer index {index} is outside int64")
    return int(index)


class EnumAttrMap:
    """What is known about each member of an enum under one name, made by `Enum.def_attr`."""

    def __init__(self, enum_cls: type, name: str, *, default: Any = MISSING) -> None:
        self.enum_cls = enum_cls
        self.name = name
        self.default = default  # of members nothing was said about

    def __setitem__(self, member: Any, value: Any) -> None:
        self._require_member(member)
        attrs = require_state(self.enum_cls).attrs
        if self.name not in attrs:
            attrs[self.name] = Dict()
        attrs[self.name][member] = value

    def __getitem__(self, member: Any) -> Any:
        found = self._find(member)
        if found is MISSING:
            found = self.default
        if found is MISSING:
            raise KeyError(f"{member!r} has no extensible attribute {self.name!r}")
        return found

    def __contains__(self, member: object) -> bool:
        return isinstance(member, self.enum_cls) and self._find(member) is not MISSING

    def get(self, member: Any, default: Any = None) -> Any:
        """Return what is known about a member, or `default`."""
        return self._find(member) if member in self else default

    def _require_member(self, member: Any) -> None:
        if not isinstance(member, self.enum_cls):
            raise TypeError(f"expected {self.enum_cls.__name__}, got {type(member).__name__}")

    def _find(self, member: Any) -> Any:
        self._require_member(member)
        state = find_state(self.enum_cls)
        if state is None or self.name not in state.attrs:
            return MISSING
        values = state.attrs[self.name]
        return values[member] if member in values else MISSING
