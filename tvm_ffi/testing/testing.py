# SPDX-License-Identifier: Apache-2.0
"""Python classes of the testing library's types, and what tests make objects with."""

from __future__ import annotations

import sys
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, ClassVar

import pytest

from .. import _ffi_api as ffi
from .._object import Object
from ..core import _lookup_type_attr
from ..dataclasses import IntEnum, StrEnum, c_class
from . import _ffi_api

if TYPE_CHECKING:
    from .._device import Device
    from .._dtype import dtype

# ---- For tests that need a newer Python ----------------------------------------------------------


def _requires(minor: int) -> pytest.MarkDecorator:
    return pytest.mark.skipif(sys.version_info < (3, minor), reason=f"needs Python 3.{minor}")


requires_py310 = _requires(10)
requires_py312 = _requires(12)
requires_py313 = _requires(13)

# ---- Functions -----------------------------------------------------------------------------------


def create_object(type_key: str, **kwargs: Any) -> Object:
    """Make an object of a type from values for its fields, without going through its class."""
    parts = [part for item in kwargs.items() for part in item]
    made: Object = ffi.MakeObjectFromPackedArgs(type_key, *parts)
    return made


def make_unregistered_object() -> Object:
    """Make an object of a type that has no Python class of its own."""
    made: Object = _ffi_api.make_unregistered_object()
    return made


def add_one(x: int) -> int:
    """Return `x` plus one, by way of a native function."""
    result: int = _ffi_api.add_one(x)
    return result


# ---- Objects with fields and methods -------------------------------------------------------------


@c_class("testing.TestIntPair")
class TestIntPair(Object):
    """Two integers, given to a native constructor."""

    __test__: ClassVar[bool] = False
    a: int
    b: int

    if TYPE_CHECKING:

        def __init__(self, a: int, b: int) -> None: ...
        def sum(self) -> int:
            """Add the two."""


@c_class("testing.TestFrozenCxx", frozen=True)
class TestFrozenCxx(Object):
    """A type whose class asks for read-only fields."""

    __test__: ClassVar[bool] = False
    value: int
    tag: str


@c_class("testing.TestObjectBase")
class TestObjectBase(Object):
    """The base of a hierarchy, with a default for every field."""

    __test__: ClassVar[bool] = False
    v_i64: int
    v_f64: float
    v_str: str

    if TYPE_CHECKING:

        def add_i64(self, other: int, /) -> int:
            """Add to the field `v_i64`."""


@c_class("testing.TestObjectDerived")
class TestObjectDerived(TestObjectBase):
    """Adds containers to its base."""

    __test__: ClassVar[bool] = False
    v_map: Mapping[Any, Any]
    v_array: Sequence[Any]


@c_class("testing.TestObjectPtrHolder")
class TestObjectPtrHolder(Object):
    """Holds one object that must be there and one that need not."""

    __test__: ClassVar[bool] = False
    value: TestObjectBase
    optional_value: TestObjectBase | None


@c_class("testing.TestNonCopyable")
class TestNonCopyable(Object):
    """Cannot be copied."""

    __test__: ClassVar[bool] = False
    value: int


# ---- Comparison and hashing ----------------------------------------------------------------------


@c_class("testing.TestCompare")
class TestCompare(Object):
    """One field takes no part in comparisons."""

    __test__: ClassVar[bool] = False
    key: int
    name: str
    ignored_field: int


@c_class("testing.TestHash")
class TestHash(Object):
    """One field takes no part in the hash."""

    __test__: ClassVar[bool] = False
    key: int
    name: str
    hash_ignored: int


@c_class("testing.TestCustomHash")
class TestCustomHash(Object):
    """Hashes its key only, by a hook."""

    __test__: ClassVar[bool] = False
    key: int
    label: str


@c_class("testing.TestCustomCompare")
class TestCustomCompare(Object):
    """Compares and hashes its key only, by hooks."""

    __test__: ClassVar[bool] = False
    key: int
    label: str


@c_class("testing.TestEqWithoutHash")
class TestEqWithoutHash(Object):
    """Has a hook for equality and none for the hash."""

    __test__: ClassVar[bool] = False
    key: int
    label: str


# ---- Inheritance ---------------------------------------------------------------------------------


@c_class("testing.TestCxxClassBase")
class _TestCxxClassBase(Object):
    """Has a constructor of its own, and class attributes that are no fields."""

    __test__: ClassVar[bool] = False
    v_i64: int
    v_i32: int
    not_field_1 = 1
    not_field_2: ClassVar[int] = 2

    def __init__(self, v_i64: int, v_i32: int) -> None:
        info = type(self).__tvm_ffi_type_info__  # type: ignore[attr-defined]
        construct = _lookup_type_attr(info.type_index, "__ffi_init__")
        self.__init_handle_by_constructor__(construct, v_i64 + 1, v_i32 + 2)


@c_class("testing.TestCxxClassDerived", eq=True, order=True, unsafe_hash=True)
class _TestCxxClassDerived(_TestCxxClassBase):
    """Compares and hashes by content."""

    __test__: ClassVar[bool] = False
    v_f64: float
    v_f32: float


@c_class("testing.TestCxxClassDerivedDerived")
class _TestCxxClassDerivedDerived(_TestCxxClassDerived):
    """Two levels down."""

    __test__: ClassVar[bool] = False
    v_str: str
    v_bool: bool


# ---- Constructors made from fields ---------------------------------------------------------------


@c_class("testing.TestCxxInitSubset")
class _TestCxxInitSubset(Object):
    """Two of three fields are not in the constructor."""

    __test__: ClassVar[bool] = False
    required_field: int
    optional_field: int
    note: str


@c_class("testing.TestCxxKwOnly")
class _TestCxxKwOnly(Object):
    """All fields are keyword-only."""

    __test__: ClassVar[bool] = False
    x: int
    y: int
    z: int
    w: int


@c_class("testing.TestCxxAutoInit")
class _TestCxxAutoInit(Object):
    """One of each: plain, left out, keyword-only, with a default."""

    __test__: ClassVar[bool] = False
    a: int
    b: int
    c: int
    d: int


@c_class("testing.TestCxxAutoInitSimple")
class _TestCxxAutoInitSimple(Object):
    """Two plain fields."""

    __test__: ClassVar[bool] = False
    x: int
    y: int


@c_class("testing.TestCxxAutoInitAllInitOff")
class _TestCxxAutoInitAllInitOff(Object):
    """The constructor takes nothing."""

    __test__: ClassVar[bool] = False
    x: int
    y: int
    z: int


@c_class("testing.TestCxxAutoInitKwOnlyDefaults")
class _TestCxxAutoInitKwOnlyDefaults(Object):
    """Positional and keyword-only fields, each with and without a default."""

    __test__: ClassVar[bool] = False
    p_required: int
    p_default: int
    k_required: int
    k_default: int
    hidden: int


@c_class("testing.TestCxxAutoInitParent")
class _TestCxxAutoInitParent(Object):
    """The parent has a default, so its child's fields come in between."""

    __test__: ClassVar[bool] = False
    parent_required: int
    parent_default: int


@c_class("testing.TestCxxAutoInitChild")
class _TestCxxAutoInitChild(_TestCxxAutoInitParent):
    """Adds a plain and a keyword-only field."""

    __test__: ClassVar[bool] = False
    child_required: int
    child_kw_only: int


@c_class("testing.TestCxxNoAutoInit", init=False)
class _TestCxxNoAutoInit(Object):
    """The type has no constructor."""

    __test__: ClassVar[bool] = False
    x: int
    y: int


# ---- Enumerations --------------------------------------------------------------------------------


class _TestCxxIntEnum(IntEnum, type_key="testing.TestCxxIntEnum"):
    """Numbers with names."""

    __test__: ClassVar[bool] = False
    low = 10
    high = 20


class _TestCxxStrEnum(StrEnum, type_key="testing.TestCxxStrEnum"):
    """Texts with names."""

    __test__: ClassVar[bool] = False
    add = "+"
    mul = "*"


@c_class("testing.TestCxxEnumHolder")
class _TestCxxEnumHolder(Object):
    """Has enumerations as fields, which take the values behind members too."""

    __test__: ClassVar[bool] = False
    priority: _TestCxxIntEnum
    opcode: _TestCxxStrEnum


# ---- Fields and methods of every type ------------------------------------------------------------


@c_class("testing.SchemaAllTypes")
class _SchemaAllTypes:
    """Describes a type without being the class of its objects: it derives from nothing."""

    __test__: ClassVar[bool] = False
    v_bool: bool
    v_int: int
    v_float: float
    v_device: Device
    v_dtype: dtype
    v_string: str
    v_bytes: bytes
    v_opt_int: int | None
    v_opt_str: str | None
    v_arr_int: Sequence[int]
    v_arr_str: Sequence[str]
    v_map_str_int: Mapping[str, int]
    v_map_str_arr_int: Mapping[str, Sequence[int]]
    v_variant: str | Sequence[int] | Mapping[str, int]
    v_opt_arr_variant: Sequence[int | str] | None

    if TYPE_CHECKING:

        @staticmethod
        def make_with(v_int: int, v_float: float, v_string: str, /) -> _SchemaAllTypes:
            """Make an object from some of its fields."""

        def add_int(self, x: int, /) -> int:
            """Add to the field `v_int`."""

        def append_int(self, xs: Sequence[int], x: int, /) -> Sequence[int]:
            """Append to a sequence."""

        def maybe_concat(self, a: str | None, b: str | None, /) -> str | None:
            """Concatenate what is there."""

        def merge_map(
            self, a: Mapping[str, Sequence[int]], b: Mapping[str, Sequence[int]], /
        ) -> Mapping[str, Sequence[int]]:
            """Append the sequences of equal keys."""
