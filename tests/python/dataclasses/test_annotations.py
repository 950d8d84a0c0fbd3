# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: F821 - names that come later, or never
"""Which annotations declare fields, and names that are resolved later."""

from __future__ import annotations

import dataclasses
import sys
import types
import typing
from typing import Any, ClassVar, Dict, List, Optional

import pytest

from tvm_ffi import core
from tvm_ffi.dataclasses import (
    KW_ONLY,
    MISSING,
    Field,
    Object,
    c_class,
    field,
    fields,
    is_dataclass,
    py_class,
)


def own_fields(cls):
    return [native.name for native in cls.__tvm_ffi_type_info__.fields]


# ---- Who declares fields -------------------------------------------------------------------------


class A:
    a: int = 1


class B:
    b: int = 2


class Base:
    c: int = 3


class C(Base):
    pass


@c_class("testing.TestCxxClassBase")
class NativeBase(Object):
    v_i64: int
    v_i32: int


def test_plain_bases_contribute_fields_base_most_first():
    @py_class
    class Child(A, B, C, Object):
        d: int = 4

    assert own_fields(Child) == ["c", "b", "a", "d"]
    made = Child()
    assert (made.a, made.b, made.c, made.d) == (1, 2, 3, 4)
    assert A.a == 1  # untouched


def test_plain_bases_extend_native_types_too():
    @py_class
    class Child(A, NativeBase):
        d: int

    assert own_fields(Child) == ["a", "d"]
    assert (Child(1, 2, 3).v_i32, Child(1, 2, 3).d, Child(1, 2, 3).a) == (2, 3, 1)


class Redefined:
    x: int = 1
    y: int


def test_a_redefinition_keeps_its_place_and_takes_the_new_type_and_default():
    @py_class
    class Child(Redefined, Object):
        z: int
        x: str

    assert own_fields(Child) == ["x", "y", "z"]
    first = fields(Child)[0]
    assert (first.type, first.default) == (str, MISSING)


def test_fields_of_the_registered_parent_are_not_repeated():
    @py_class
    class Parent(A, Object):
        x: int = 0

    @py_class
    class Child(Parent, A):
        y: int = 0

    assert own_fields(Child) == ["y"]
    assert [f.name for f in fields(Child)] == ["a", "x", "y"]


def test_a_parameter_cannot_be_declared_twice():
    @py_class
    class Parent(Object):
        x: int

    with pytest.raises(ValueError, match="duplicate parameter name: 'x'"):

        @py_class
        class Child(Parent):
            x: int


shared = field(default=3, metadata={"a": 1})


class Mixin:
    m: int = shared


def test_fields_of_mixins_are_copied_per_class():
    @py_class
    class First(Mixin, Object):
        pass

    @py_class
    class Second(Mixin, Object):
        pass

    one, other = fields(First)[0], fields(Second)[0]
    one.metadata["b"] = 2
    assert one is not other and one is not shared and Mixin.m is shared
    assert other.metadata == shared.metadata == {"a": 1}
    assert shared.name is None


def test_own_fields_are_used_as_they_are():
    mine = field(default=3)

    @py_class
    class Owner(Object):
        x: int = mine

    assert fields(Owner)[0] is mine and mine.name == "x"


def test_class_variables_stay_on_the_class():
    @py_class
    class Owner(Object):
        x: int
        limit: ClassVar[int] = 9
        bare: typing.ClassVar = 8

    assert own_fields(Owner) == ["x"]
    assert (Owner.limit, Owner.bare) == (9, 8)


def test_class_values_make_way_for_properties():
    @py_class
    class Owner(Object):
        x: int = 3
        y: int = field(default=4)

    assert isinstance(Owner.__dict__["x"], core.FFIProperty)
    assert isinstance(Owner.__dict__["y"], core.FFIProperty)


def test_kw_only_is_recognised_however_it_is_written():
    @py_class
    class ByName(Object):
        a: int
        _: KW_ONLY
        b: int

    @py_class
    class ByModule(Object):
        a: int
        _: dataclasses.KW_ONLY
        b: int

    for cls in (ByName, ByModule):
        assert [f.kw_only for f in fields(cls)] == [False, True]
        assert not hasattr(cls, "_")


# ---- Names that come later -----------------------------------------------------------------------


def test_a_class_can_name_itself():
    @py_class
    class Chain(Object):
        value: int
        rest: Optional[Chain] = None

    made = Chain(1, Chain(2))
    assert made.rest.value == 2 and made.rest.rest is None
    assert fields(Chain)[1].type == Optional[Chain]


def test_classes_of_one_module_can_name_each_other():
    @py_class
    class Even(Object):
        odd: Optional[Odd] = None

    assert Even.__tvm_ffi_type_info__.fields is None
    assert is_dataclass(Even) and fields(Even) == ()
    assert "__ffi_py_class_is_deferred_init__" in Even.__dict__

    @py_class
    class Odd(Object):
        even: Optional[Even] = None

    assert own_fields(Even) == ["odd"]
    assert "__ffi_py_class_is_deferred_init__" not in Even.__dict__
    assert Even(Odd(Even())).odd.even.odd is None


def test_several_pending_classes_are_finished_together():
    @py_class
    class First(Object):
        items: List[Last]

    @py_class
    class Second(Object):
        table: Dict[str, Last]

    assert First.__tvm_ffi_type_info__.fields is None

    @py_class
    class Last(Object):
        value: int

    assert own_fields(First) == ["items"] and own_fields(Second) == ["table"]


def test_a_name_can_come_from_a_module_later(monkeypatch):
    @py_class
    class Waiting(Object):
        x: LaterAlias

    monkeypatch.setattr(sys.modules[__name__], "LaterAlias", int, raising=False)
    assert Waiting(3).x == 3


def test_classes_of_other_modules_are_found_and_those_of_the_same_win(new_key):
    def in_module(module, key, annotation):
        body = {"__module__": module.__name__, "__annotations__": {"it": annotation}}
        return py_class(key)(type("Named", (Object,), body))

    one, other = types.ModuleType("test_one"), types.ModuleType("test_other")
    sys.modules["test_one"], sys.modules["test_other"] = one, other
    try:
        first = in_module(one, new_key(), "int")
        second = in_module(other, new_key(), "int")
        third = py_class(new_key())(
            type(
                "Third",
                (Object,),
                {"__module__": "test_one", "__annotations__": {"it": "Optional_Named"}},
            )
        )
        one.Optional_Named = Optional[first]
        assert third(None).it is None
        fourth = py_class(new_key())(
            type(
                "Fourth", (Object,), {"__module__": "test_one", "__annotations__": {"it": "Named"}}
            )
        )
        assert fields(fourth)[0].type is first
        fifth = py_class(new_key())(
            type("Fifth", (Object,), {"__module__": __name__, "__annotations__": {"it": "Named"}})
        )
        assert fields(fifth)[0].type in (first, second)
    finally:
        del sys.modules["test_one"], sys.modules["test_other"]


def test_a_child_waits_for_its_parent():
    @py_class
    class Parent(Object):
        x: Optional[Coming]

    @py_class
    class Child(Parent):
        flag: bool

    assert Child.__tvm_ffi_type_info__.fields is None

    @py_class
    class Coming(Object):
        value: int

    assert own_fields(Child) == ["flag"]
    assert Child.__tvm_ffi_type_info__.fields[0].offset == 40
    assert Child(Coming(1), True).x.value == 1


def test_what_never_comes_is_told_at_instantiation(new_key):
    key = new_key()

    @py_class(key)
    class Hopeless(Object):
        x: int
        y: NeverThere
        z: List[NeverThere]

    for _ in range(2):
        with pytest.raises(TypeError) as caught:
            Hopeless(1)
        assert str(caught.value) == (
            "Cannot instantiate Hopeless: unresolved forward references: "
            "[\"y: NeverThere (name 'NeverThere' is not defined)\", "
            "\"z: List[NeverThere] (name 'NeverThere' is not defined)\"]"
        )
    assert not is_dataclass(Hopeless)
    assert core._type_cls_to_type_info(Hopeless) is None

    @py_class(key)
    class Retried(Object):
        x: int

    assert Retried(1).x == 1


def test_the_class_itself_can_be_decorated_again(new_key, monkeypatch):
    @py_class(new_key())
    class Late(Object):
        y: ComesTooLate

    with pytest.raises(TypeError, match="unresolved forward references"):
        Late(1)
    monkeypatch.setattr(sys.modules[__name__], "ComesTooLate", int, raising=False)
    py_class(new_key())(Late)
    assert Late(1).y == 1


def test_the_child_of_a_waiting_parent_tells_what_is_missing():
    @py_class
    class Parent(Object):
        x: NeverComing

    @py_class
    class Child(Parent):
        y: int

    with pytest.raises(TypeError, match="Cannot instantiate Child: unresolved forward references"):
        Child(1, 2)


def test_an_own_constructor_survives_waiting(monkeypatch):
    @py_class
    class Own(Object):
        x: OwnLater

        def __init__(self, value):
            self.x = value + 1

    @py_class(init=False)
    class Off(Object):
        x: OwnLater

    monkeypatch.setattr(sys.modules[__name__], "OwnLater", int, raising=False)
    assert Own(1).x == 2
    with pytest.raises(TypeError, match="`Off` cannot be constructed directly"):
        Off(1)


def test_an_error_of_a_waiting_class_does_not_disturb_others(monkeypatch):
    @py_class
    class Bad(Object):
        x: BadLater

    monkeypatch.setattr(sys.modules[__name__], "BadLater", set, raising=False)

    @py_class
    class Good(Object):
        x: int

    assert Good(1).x == 1
    with pytest.raises(TypeError, match="Cannot convert"):
        Bad(1)


def test_attribute_errors_of_modules_being_imported_are_waited_for(monkeypatch):
    @py_class
    class Waiting(Object):
        x: partly.Thing

    partly = types.ModuleType("partly")
    monkeypatch.setattr(sys.modules[__name__], "partly", partly, raising=False)
    with_nothing = fields(Waiting)
    partly.Thing = int
    assert with_nothing == () and Waiting(3).x == 3


def test_fields_tell_types_as_they_were_meant():
    @py_class
    class Typed(Object):
        a: Any
        b: Optional[int]
        c: List[str]

    assert [f.type for f in fields(Typed)] == [Any, Optional[int], List[str]]
    assert all(isinstance(f, Field) for f in fields(Typed))
