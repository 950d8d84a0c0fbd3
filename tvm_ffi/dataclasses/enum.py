# SPDX-License-Identifier: Apache-2.0
"""Enums whose members are objects, one instance each, shared by all languages."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any, ClassVar, TypeVar

from .._object import MISSING, Object, _ObjectSlotsMeta
from .._type_info import index_of_key
from ..container import Dict
from ._enum_body import EnumEntry, Members, collect_declarations
from ._enum_state import (
    ENUM_STATE_ATTR,
    EnumAttrMap,
    EnumState,
    find_state,
    normalized_index,
)
from ._rollback import undone_on_failure
from .c_class import c_class
from .py_class import py_class

if TYPE_CHECKING:
    from typing_extensions import Self

__all__ = [
    "ENUM_STATE_ATTR",
    "Enum",
    "EnumAttrMap",
    "EnumState",
    "IntEnum",
    "StrEnum",
    "auto",
    "entry",
]


_T = TypeVar("_T")


def entry(*args: Any, **kwargs: Any) -> Any:
    """Declare a member of an enum by the values of its fields.

    Positional values are those of the class's own fields, in order; for an IntEnum or StrEnum the
    first is the member's `value`.
    """
    return EnumEntry(args, kwargs)


def auto() -> Any:
    """Declare a member of an enum that has no fields to set."""
    return EnumEntry()


class _EnumMeta(_ObjectSlotsMeta):
    """Defines enum classes, and lets them be called, iterated and counted as collections."""

    def __new__(
        mcls,
        name: str,
        bases: tuple[type, ...],
        namespace: dict[str, Any],
        *,
        type_key: str | None = None,
        frozen: bool = True,
        init: bool = True,
        repr: bool = True,
        **kwargs: Any,
    ) -> Any:
        cls: Any = super().__new__(mcls, name, bases, namespace, **kwargs)
        if type_key is not None:
            with undone_on_failure(cls):
                _define(cls, type_key, frozen=frozen, init=init, repr=repr)
        return cls

    def __init__(cls, name: str, bases: Any, namespace: Any, **kwargs: Any) -> None:
        super().__init__(name, bases, namespace)

    def __call__(cls, *args: Any, **kwargs: Any) -> Any:
        if len(args) == 1 and not kwargs:
            (given,) = args
            if isinstance(given, cls):
                return given
            if isinstance(given, (int, str)):
                member = _find(cls, given)
                if member is None:
                    raise ValueError(f"{given!r} is not a valid {cls.__name__}")
                return member
        return super().__call__(*args, **kwargs)

    def __iter__(cls: type[_T]) -> Iterator[_T]:
        state = find_state(cls)
        return iter(()) if state is None else iter(list(state.entries))

    def __len__(cls) -> int:
        state = find_state(cls)
        return 0 if state is None else len(state.entries)

    def __bool__(cls) -> bool:
        return True

    @property
    def attr_dict(cls) -> Dict[str, Dict[Any, Any]]:
        """What is known about members, by name and member; shared with native code."""
        state = find_state(cls)
        return Dict() if state is None else state.attrs


def _find(cls: Any, index: Any) -> Any:
    wanted = normalized_index(index)
    state = find_state(cls)
    return None if state is None else state.indexes.get(wanted)


def _define(cls: Any, type_key: str, *, frozen: bool, init: bool, repr: bool) -> None:
    payload = cls._payload
    declared = collect_declarations(cls, payload)
    for name in declared.entries:
        delattr(cls, name)
    is_native = index_of_key(type_key) is not None
    # Members of payload enums print as `Class.name`, by the base class.
    repr = repr and payload is None
    if is_native:
        c_class(type_key, init=init, repr=repr)(cls)
    else:
        py_class(type_key, frozen=frozen, init=init, repr=repr, structural_eq="singleton")(cls)
    Members(cls, payload, is_native).define(declared)


@c_class("ffi.Enum", init=False)
class Enum(Object, metaclass=_EnumMeta):
    """A type with a fixed set of members, each an object with fields.

    For example::

        class Color(Enum, type_key="my_library.Color"):
            code: int
            red = entry(code=1)
            green = entry(code=2)

    Members are known by a running number and by their name: ``Color("red")``, ``Color(0)`` and
    ``Color.get("red")`` find them, ``list(Color)`` has them in the order of definition. If native
    code declares the type, its members are the same objects; ``red: ClassVar[Color]`` binds one to
    a name of the class. Without `type_key` a class is only a base of others.
    """

    _payload: ClassVar[Any] = None  # the type of the members' values: int, str or None

    _int_index: int
    _str_index: str

    @classmethod
    def get(cls, index: int | str) -> Self:
        """Return the member with that index; KeyError if there is none."""
        member: Self | None = _find(cls, index)
        if member is None:
            raise KeyError(index)
        return member

    @classmethod
    def all_entries(cls) -> Iterator[Self]:
        """Iterate over the members in the order of their definition."""
        return iter(cls)

    @classmethod
    def def_attr(cls, name: str, *, default: Any = MISSING) -> EnumAttrMap:
        """Make a mapping from members to values, which native code shares under that name."""
        return EnumAttrMap(cls, name, default=default)


class _Payload:
    """How members of IntEnum and StrEnum behave: mostly as their values."""

    __slots__ = ()
    value: Any
    _str_index: Any

    @property
    def name(self) -> str:
        """The string index."""
        return str(self._str_index)

    def __eq__(self, other: object) -> Any:
        if type(other) is type(self):
            return self.value == other.value
        if isinstance(other, Enum):
            return other.same_as(self)
        if isinstance(other, self._payload):  # type: ignore[attr-defined]
            return self.value == other
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return hash(self.value)

    def __str__(self) -> str:
        return str(self.value)

    def __repr__(self) -> str:
        return f"{type(self).__name__}.{self.name}"


@c_class("ffi.IntEnum", init=False, repr=False)
class IntEnum(_Payload, Enum):
    """An `Enum` whose members stand for integers: ``low = 10`` makes one with that `value`.

    Fields and parameters of such a type take the integer as well as the member.
    """

    _payload: ClassVar[Any] = int
    value: int


@c_class("ffi.StrEnum", init=False, repr=False)
class StrEnum(_Payload, Enum):
    """An `Enum` whose members stand for strings: ``add = "+"`` makes one with that `value`."""

    _payload: ClassVar[Any] = str
    value: str
