# SPDX-License-Identifier: Apache-2.0
"""Fields of `py_class`: where they lie in memory, and which values they take."""

import ctypes
import math
import typing
from collections.abc import Mapping
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.dataclasses import Object, c_class, field, py_class


@c_class("testing.TestCxxClassBase")
class NativeBase(Object):
    v_i64: int
    v_i32: int


@c_class("testing.TestCxxClassPolymorphic")
class NativePolymorphic(Object):
    v_i64: int


@py_class
class Item(Object):
    n: int


@py_class
class Other(Object):
    n: int


def layout(cls):
    return [(f.name, f.offset, f.size, f.alignment) for f in cls.__tvm_ffi_type_info__.fields]


# ---- Layout --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("annotation", "expected"),
    [
        (int, (8, 8, 1)),
        (float, (8, 8, 3)),
        (ctypes.c_void_p, (8, 8, 4)),
        (bool, (1, 1, 2)),
        (tvm_ffi.dtype, (4, 2, 5)),
        (tvm_ffi.Device, (8, 4, 6)),
        (Any, (16, 8, -1)),
        (str, (16, 8, -1)),
        (bytes, (16, 8, -1)),
        (Optional[int], (16, 8, -1)),
        (Union[int, str], (16, 8, -1)),
        (Object, (8, 8, 64)),
        (List[int], (8, 8, 64)),
        (Dict[str, int], (8, 8, 64)),
        (Tuple[int, ...], (8, 8, 64)),
        (Callable[..., Any], (8, 8, 64)),
        (tvm_ffi.Tensor, (8, 8, 64)),
        (Item, (8, 8, 64)),
    ],
)
def test_storage_of_a_field_follows_its_type(annotation, expected, new_key):
    cls = py_class(new_key())(type("Stored", (Object,), {"__annotations__": {"x": annotation}}))
    (native,) = cls.__tvm_ffi_type_info__.fields
    assert (native.size, native.alignment, native.field_static_type_index) == expected
    assert native.offset == 24


def test_small_fields_are_packed_and_others_aligned():
    @py_class
    class Packed(Object):
        a: bool
        b: bool
        c: bool
        d: tvm_ffi.dtype
        e: int
        f: bool

    assert layout(Packed) == [
        ("a", 24, 1, 1),
        ("b", 25, 1, 1),
        ("c", 26, 1, 1),
        ("d", 28, 4, 2),
        ("e", 32, 8, 8),
        ("f", 40, 1, 1),
    ]
    assert Packed.__tvm_ffi_type_info__.total_size == 48


def test_a_child_begins_right_after_the_last_field_of_its_parent():
    @py_class
    class AfterNative(NativeBase):
        flag: bool

    @py_class
    class Empty(AfterNative):
        pass

    @py_class
    class AfterEmpty(Empty):
        more: bool
        number: int

    assert layout(AfterNative) == [("flag", 36, 1, 1)]
    assert layout(AfterEmpty) == [("more", 37, 1, 1), ("number", 40, 8, 8)]
    assert AfterEmpty.__tvm_ffi_type_info__.total_size == 48
    made = AfterEmpty(1, 2, True, False, 5)
    assert (made.v_i64, made.v_i32, made.flag, made.more, made.number) == (1, 2, True, False, 5)


def test_a_child_leaves_room_for_what_its_native_parent_does_not_show():
    @py_class
    class AfterHidden(NativePolymorphic):
        flag: bool

    assert layout(AfterHidden) == [("flag", 40, 1, 1)]


def test_an_empty_class_is_a_bare_header():
    @py_class
    class Empty(Object):
        pass

    assert Empty.__tvm_ffi_type_info__.total_size == 24


# ---- Values --------------------------------------------------------------------------------------


@py_class
class Values(Object):
    i: int = 0
    f: float = 0.0
    b: bool = False
    s: str = ""
    y: bytes = b""
    a: Any = None
    o: Optional[int] = None
    u: Union[int, str] = 0
    c: Optional[Callable] = None
    dt: tvm_ffi.dtype = "float32"
    dv: tvm_ffi.Device = "cpu"
    item: Optional[Item] = None


def assert_takes(name, value, expected):
    made = Values()
    setattr(made, name, value)
    got = getattr(made, name)
    assert got == expected and type(got) is type(expected)
    assert getattr(Values(**{name: value}), name) == expected


def assert_refuses(name, value, text):
    made = Values()
    before = getattr(made, name)
    with pytest.raises(TypeError, match=text):
        setattr(made, name, value)
    assert getattr(made, name) == before
    with pytest.raises(TypeError, match=text):
        Values(**{name: value})


@given(st.integers(-(2**63), 2**63 - 1))
@settings(max_examples=30)
def test_int_takes_every_int64(value):
    assert_takes("i", value, value)


@pytest.mark.parametrize(("value", "stored"), [(True, 1), (False, 0)])
def test_int_takes_bool_as_a_number(value, stored):
    assert_takes("i", value, stored)


@pytest.mark.parametrize("value", [2**63, -(2**63) - 1, 2**200])
def test_int_refuses_what_does_not_fit(value):
    assert_refuses("i", value, rf"integer {value} out of int64 range \[-9223372036854775808, ")


@pytest.mark.parametrize(
    ("value", "named"), [(1.5, "float"), ("1", "str"), (None, "None"), ([1], r"(list|ffi\.Array)")]
)
def test_int_refuses_other_values(value, named):
    assert_refuses("i", value, f"expected int, got {named}")


@pytest.mark.parametrize("value", [1, True, math.inf, -math.inf, 0.5])
def test_float_takes_numbers(value):
    assert_takes("f", value, float(value))


def test_float_takes_nan():
    assert math.isnan(Values(f=math.nan).f)


def test_float_refuses_text():
    assert_refuses("f", "1.0", "expected float, got str")


@pytest.mark.parametrize(("value", "stored"), [(1, True), (0, False), (7, True), (True, True)])
def test_bool_takes_ints(value, stored):
    assert_takes("b", value, stored)


def test_bool_refuses_none():
    assert_refuses("b", None, "expected bool, got None")


@pytest.mark.parametrize("text", ["", "short", "longer than seven bytes", "é∀\x00embedded"])
def test_str_keeps_its_text(text):
    assert Values(s=text).s == text


def test_str_refuses_bytes():
    assert_refuses("s", b"x", "expected str, got bytes")


@pytest.mark.parametrize("data", [b"", b"\x00a", bytearray(b"longer than seven")])
def test_bytes_keeps_its_data(data):
    assert Values(y=data).y == bytes(data)


@pytest.mark.parametrize("value", [1, 2**100, -(2**100), 1.5, "text", None, True])
def test_any_takes_values_of_changing_types(value):
    made = Values(a="before")
    made.a = value
    assert made.a == value


def test_any_holds_containers_and_objects():
    made = Values(a=[1, "two"])
    assert isinstance(made.a, tvm_ffi.Array) and list(made.a) == [1, "two"]
    made.a = item = Item(3)
    assert made.a.same_as(item)


def test_optional_takes_none_and_its_type():
    assert_takes("o", 3, 3)
    assert_takes("o", None, None)
    assert_refuses("o", "x", "expected int, got str")


def test_union_takes_its_alternatives():
    assert_takes("u", 3, 3)
    assert_takes("u", "three", "three")
    assert_refuses("u", 1.5, r"expected int \| str, got float")


def test_callable_fields_hold_functions():
    made = Values(c=lambda x: x + 1)
    assert isinstance(made.c, tvm_ffi.Function) and made.c(1) == 2
    assert_refuses("c", 3, "expected Callable, got int")


def test_dtype_and_device_fields_take_strings():
    made = Values(dt="int8", dv="cuda:1")
    assert made.dt == tvm_ffi.dtype("int8")
    assert made.dv == tvm_ffi.device("cuda", 1)
    assert_refuses("dt", "no such type", "expected dtype, got invalid dtype string 'no such type'")
    assert_refuses("dv", "nowhere", "expected Device, got invalid device string 'nowhere'")


def test_object_fields_refuse_none_and_other_types():
    @py_class
    class Holder(Object):
        item: Item

    held = Holder(Item(1))
    for value, named in ((None, "None"), (Other(1), "test_py_fields.Other"), (3, "int")):
        with pytest.raises(TypeError, match=f"expected {Item.__module__}.Item, got .*{named}"):
            held.item = value
        with pytest.raises(TypeError, match=f"expected {Item.__module__}.Item, got .*{named}"):
            Holder(value)
    assert held.item.n == 1


def test_object_fields_take_objects_of_derived_types():
    @py_class
    class SpecialItem(Item):
        m: int

    assert Values(item=SpecialItem(1, 2)).item.m == 2


# ---- Containers ----------------------------------------------------------------------------------


@py_class
class Containers(Object):
    lists: List[int] = field(default_factory=list)
    dicts: Dict[str, int] = field(default_factory=dict)
    pair: Tuple[int, str] = (0, "")
    array: tvm_ffi.Array[int] = ()
    map: tvm_ffi.Map[str, int] = field(default_factory=dict)
    nested: List[List[int]] = field(default_factory=list)


def test_container_fields_hold_ffi_containers():
    made = Containers([1], {"a": 1}, (1, "b"), [2], {"c": 3})
    assert type(made.lists) is tvm_ffi.List and list(made.lists) == [1]
    assert type(made.dicts) is tvm_ffi.Dict and dict(made.dicts) == {"a": 1}
    assert type(made.pair) is tvm_ffi.Array and list(made.pair) == [1, "b"]
    assert type(made.array) is tvm_ffi.Array and list(made.array) == [2]
    assert type(made.map) is tvm_ffi.Map and dict(made.map) == {"c": 3}


@pytest.mark.parametrize("value", [(1, 2), [1, 2], tvm_ffi.Array([1, 2]), tvm_ffi.List([1, 2])])
def test_list_fields_take_sequences(value):
    assert list(Containers(lists=value).lists) == [1, 2]


def test_reading_gives_the_container_itself():
    made = Containers()
    made.lists.append(3)
    made.dicts["k"] = 4
    assert list(made.lists) == [3] and dict(made.dicts) == {"k": 4}
    assert made.lists.same_as(made.lists)
    shared = tvm_ffi.List([1])
    made.lists = shared
    shared.append(2)
    assert list(made.lists) == [1, 2]


def test_elements_are_checked():
    made = Containers()
    for name, value, text in (
        ("lists", [1, "x"], r"element \[1\]: expected int, got str"),
        ("dicts", {"a": "x"}, "value for key 'a': expected int, got str"),
        ("dicts", {1: 1}, "key 1: expected str, got int"),
        ("pair", (1,), "expected tuple of length 2"),
        ("array", [None], r"element \[0\]: expected int, got None"),
        ("nested", [[1], [2, None]], r"element \[1\]: element \[1\]: expected int, got None"),
    ):
        with pytest.raises(TypeError, match=text):
            setattr(made, name, value)
        with pytest.raises(TypeError, match=text):
            Containers(**{name: value})


def test_builtin_generics_and_typing_mean_the_same(new_key):
    one = {"a": list[int], "b": dict[str, int], "c": tuple[int, str]}
    other = {"a": List[int], "b": Dict[str, int], "c": Tuple[int, str]}
    schemas = [
        [f.ty for f in py_class(new_key())(cls).__tvm_ffi_type_info__.fields]
        for cls in (
            type("Builtin", (Object,), {"__annotations__": one}),
            type("Typing", (Object,), {"__annotations__": other}),
        )
    ]
    assert schemas[0] == schemas[1]


# ---- Defaults ------------------------------------------------------------------------------------


def test_factories_make_a_fresh_value_for_each_object():
    one, other = Containers(), Containers()
    one.lists.append(1)
    assert list(other.lists) == []


def test_container_defaults_are_converted_for_each_object():
    @py_class
    class Listed(Object):
        x: List[int] = [1]  # noqa: RUF012

    one, other = Listed(), Listed()
    one.x.append(2)
    assert list(other.x) == [1]


def test_a_default_that_does_not_convert_fails_at_construction():
    @py_class
    class BadDefault(Object):
        x: int = "text"

    with pytest.raises(TypeError) as caught:
        BadDefault()
    key = BadDefault.__tvm_ffi_type_info__.type_key
    assert str(caught.value) == (
        f"{key}.__ffi_init__() default for field 'x':\n  expected int, got str"
    )
    assert BadDefault(3).x == 3


def test_a_failing_factory_fails_the_construction():
    def fail():
        raise LookupError("no value")

    @py_class
    class BadFactory(Object):
        x: int = field(default_factory=fail)

    with pytest.raises((LookupError, RuntimeError), match="no value"):
        BadFactory()


def test_missing_as_value_is_not_stored_for_keywords():
    assert Values(i=core.MISSING).i == 0


# ---- References ----------------------------------------------------------------------------------


def test_assignment_changes_reference_counts_by_one(use_count):
    @c_class("testing.TestObjectBase")
    class Base(Object):
        v_i64: int
        v_f64: float
        v_str: str

    @c_class("testing.TestObjectPtrHolder")
    class Holder(Object):
        value: Base
        optional_value: typing.Optional[Base]

    @py_class
    class PyHolder(Object):
        value: Base
        optional_value: typing.Optional[Base] = None

    for cls in (Holder, PyHolder):
        one, other = Base(), Base()
        held = cls(one)
        assert (use_count(one), use_count(other)) == (2, 1)
        held.value = other
        assert (use_count(one), use_count(other)) == (1, 2)
        held.optional_value = other
        assert use_count(other) == 3
        with pytest.raises(TypeError, match=r"testing\.TestObjectBase"):
            held.value = None
        assert use_count(other) == 3
        copied = held.__copy__()
        assert use_count(other) == 5
        del copied
        assert use_count(other) == 3
        held.optional_value = None
        assert use_count(other) == 2
        del held
        assert use_count(other) == 1


def test_objects_are_released_with_their_holder(nothing_retained):
    class Token:
        pass

    made = Values(a=Token())
    assert isinstance(made.a, Token)
    del made


def test_a_failing_conversion_releases_what_it_was_given(use_count):
    item = Item(1)
    made = Values()
    with pytest.raises(TypeError):
        made.i = item
    with pytest.raises(TypeError):
        Values(i=item)
    assert use_count(item) == 1


# ---- The end of the interpreter ------------------------------------------------------------------


@pytest.mark.cpython("destructors run when the interpreter ends")
def test_after_exit_handlers_have_run_fields_refuse_values_instead_of_entering_python(run_python):
    printed = run_python(
        """
        import atexit

        def late():
            assert made.x == 1
            try:
                Late(2)
            except Exception as error:
                print("refused", made.x)

        atexit.register(late)  # runs after the handlers of the package, which come later
        from tvm_ffi.dataclasses import Object, py_class

        @py_class("test.Late")
        class Late(Object):
            x: int

        made = Late(1)
        """
    )
    assert printed == "refused 1\n"


def test_running_out_of_stack_in_a_conversion_is_a_recursion_error():
    class Endless(Mapping):
        def __getitem__(self, key):
            raise AssertionError("not to be called")

        def __iter__(self):
            return iter(self)

        def __len__(self):
            return 1

    made = Containers()
    with pytest.raises(RecursionError):
        made.dicts = Endless()
    made.dicts = {"a": 1}
    assert dict(made.dicts) == {"a": 1}


@pytest.mark.parametrize("error", [LookupError, ZeroDivisionError, KeyboardInterrupt])
def test_other_errors_of_a_conversion_come_through(error):
    class Failing(Mapping):
        def __getitem__(self, key):
            raise AssertionError("not to be called")

        def __iter__(self):
            raise error("in the conversion")

        def __len__(self):
            return 1

    made = Containers(dicts={"a": 1})
    with pytest.raises(error, match="in the conversion"):
        made.dicts = Failing()
    assert dict(made.dicts) == {"a": 1}
