# SPDX-License-Identifier: Apache-2.0
"""Arguments and results: the rules of conversion, in the order in which they are asked."""

from __future__ import annotations

import collections
import ctypes
import enum
import fractions
import gc
import sys
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import _convert, core

echo = tvm_ffi.get_global_func("testing.echo")
nop = tvm_ffi.get_global_func("testing.nop")
INT64 = (-(2**63), 2**63 - 1)


@given(
    st.one_of(
        st.none(),
        st.booleans(),
        st.integers(),
        st.floats(allow_nan=False),
        st.text(max_size=40),
        st.binary(max_size=40),
    )
)
@settings(deadline=None)
def test_values_come_back_equal_and_of_their_type(value: Any):
    result = echo(value)
    assert result == value
    assert isinstance(result, type(value))


def test_nan_comes_back():
    assert echo(float("nan")) != echo(float("nan"))


# ---- Numbers ----


@pytest.mark.parametrize("value", [True, False])
def test_bools_stay_bools(value: bool):
    assert echo(value) is value


@pytest.mark.parametrize(
    "value", [0, -1, *INT64, 2**63, -(2**63) - 1, 2**64, -(2**64), 2**127, -(2**127), 2**5000]
)
def test_integers_of_any_size_pass(value: int):
    assert echo(value) == value
    assert type(echo(value)) is int


def test_a_large_integer_among_others_leaves_the_others_alone():
    assert list(echo([1, 2**80, "text", -(2**80), 2.5])) == [1, 2**80, "text", -(2**80), 2.5]


def test_many_arguments_pass():
    count = tvm_ffi.convert(lambda *args: len(args))
    for number in (0, 1, 31, 32, 33, 1000):
        assert count(*range(number)) == number
    assert count(*[2**70] * 40) == 40


def test_a_typed_parameter_refuses_a_large_integer(testing):
    with pytest.raises(TypeError, match=r"Expected `int` but got `ffi\.BigInt`"):
        testing.schema_id_int(2**63)
    assert testing.schema_id_int(2**63 - 1) == 2**63 - 1


class Colour(enum.IntEnum):
    RED = 3


class Text(str):
    pass


class Raw(bytes):
    pass


class Whole(int):
    pass


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        (Colour.RED, 3),
        (Whole(4), 4),
        (Whole(2**70), 2**70),
        (Text("abc"), "abc"),
        (Text("longer than seven"), "longer than seven"),
        (Raw(b"abc"), b"abc"),
        (bytearray(b"abc"), b"abc"),
        (bytearray(b"longer than seven"), b"longer than seven"),
        (fractions.Fraction(1, 2), 0.5),
    ],
)
def test_subclasses_and_relatives_pass_as_the_plain_value(value: Any, expected: Any):
    assert echo(value) == expected
    assert isinstance(echo(value), type(expected))


def test_numpy_scalars_pass_as_numbers():
    numpy = pytest.importorskip("numpy")
    assert echo(numpy.int32(-5)) == -5
    assert echo(numpy.uint64(2**64 - 1)) == 2**64 - 1
    assert echo(numpy.float32(0.5)) == 0.5
    # No Integral: held as it is.
    assert echo(numpy.bool_(True)) is numpy.bool_(True)


# ---- Text and bytes ----


@pytest.mark.parametrize(
    "text", ["", "1234567", "12345678", "ünïcödé", "a\0b", "a\0b" * 9, "𝄞" * 2]
)
def test_short_text_is_plain_and_long_text_has_a_native_twin(text: str):
    result = echo(text)
    assert result == text
    is_long = len(text.encode()) > 7
    assert isinstance(result, core.String) is is_long
    assert (getattr(result, "_tvm_ffi_cached_object", None) is not None) is is_long


def test_lone_surrogates_are_refused_before_anything_is_called():
    with pytest.raises(UnicodeEncodeError):
        echo("\ud800")
    assert echo("fine") == "fine"


# ---- Containers ----


def test_sequences_and_mappings_become_containers():
    Point = collections.namedtuple("Point", "x y")
    assert isinstance(echo((1, 2)), tvm_ffi.Array)
    assert list(echo(Point(1, 2))) == [1, 2]
    assert list(echo([1, [2, [3]]])[1][1]) == [3]
    ordered = echo({"b": 1, "a": {"x": [1]}})
    assert isinstance(ordered, tvm_ffi.Map)
    assert list(ordered.keys()) == ["b", "a"]
    assert list(ordered["a"]["x"]) == [1]
    assert len(echo([])) == 0 and len(echo({})) == 0


def test_use_counts_stay_exact_through_nesting(use_count):
    inner = tvm_ffi.convert((1, 2, 3))
    nested = echo([inner, {"a": 1, "b": inner}])
    assert (use_count(nested), use_count(inner), use_count(nested[1])) == (1, 3, 2)
    del nested
    assert use_count(inner) == 1


@pytest.mark.cpython("a RecursionError passes handlers as it is")
def test_a_list_that_contains_itself_is_an_error():
    loop: list[Any] = []
    loop.append(loop)
    with pytest.raises(RecursionError):
        echo(loop)
    assert echo(1) == 1


# ---- Objects ----


def test_every_crossing_makes_a_new_wrapper_of_the_same_object():
    array = tvm_ffi.Array([1])
    back = echo(array)
    assert back is not array
    assert back.same_as(array)


def test_an_empty_wrapper_cannot_be_passed():
    with pytest.raises(ValueError, match=r"Array\(chandle=None\) holds no object"):
        echo(tvm_ffi.Array.__new__(tvm_ffi.Array))


def test_an_object_is_moved_when_the_callee_takes_it(use_count):
    array = tvm_ffi.Array([1, 2])
    assert use_count(echo(array)) == 2
    assert use_count(echo(array._move())) == 1
    assert array.__chandle__() == 0
    with pytest.raises(ValueError, match="holds no object"):
        echo(array)


def test_an_object_the_callee_leaves_stays(testing):
    array = tvm_ffi.Array([1, 2])
    handle = array.__chandle__()
    with pytest.raises(TypeError):
        testing.add_one(array._move())
    assert array.__chandle__() == handle
    assert list(array) == [1, 2]


def test_moving_out_of_an_empty_wrapper_is_an_error():
    array = tvm_ffi.Array([1])
    echo(array._move())
    with pytest.raises(RuntimeError, match="already moved"):
        echo(array._move())


def test_a_moved_object_inside_a_container(use_count):
    inner = tvm_ffi.Array([1])
    outer = echo([inner._move()])
    assert inner.__chandle__() == 0
    # The reader's own reference makes two.
    assert use_count(outer[0]) == 2


class GivesObject:
    def __tvm_ffi_object__(self):
        return tvm_ffi.Array([7])


class Convertible(tvm_ffi.ObjectConvertible):
    def asobject(self):
        return tvm_ffi.Array([8])


class GivesText:
    def __tvm_ffi_object__(self):
        return "text"


class Fails:
    def __tvm_ffi_object__(self):
        raise LookupError("no object today")


def test_classes_may_stand_for_objects():
    assert list(echo(GivesObject())) == [7]
    assert list(echo([GivesObject()])[0]) == [7]
    assert list(echo(Convertible())) == [8]


def test_what_stands_for_an_object_must_give_one():
    with pytest.raises(TypeError, match=r"GivesText.__tvm_ffi_object__\(\) to return an FFI obj"):
        echo(GivesText())
    with pytest.raises(LookupError, match="no object today"):
        echo(Fails())


def test_a_protocol_on_the_instance_does_not_count():
    value = collections.UserString("x")
    value.__tvm_ffi_object__ = lambda: tvm_ffi.Array([1])  # type: ignore[attr-defined]
    assert echo(value) is value


# ---- Addresses ----


class Address:
    def __init__(self, value: int) -> None:
        self.value = value

    def __tvm_ffi_opaque_ptr__(self):
        return self.value


@pytest.mark.parametrize("address", [0, 1, 2**63, 2**64 - 1])
def test_addresses_pass_as_pointers(address: int):
    for value in (ctypes.c_void_p(address), Address(address)):
        result = echo(value)
        assert isinstance(result, ctypes.c_void_p)
        assert (result.value or 0) == address


def test_an_address_beyond_64_bits_is_refused():
    with pytest.raises(OverflowError, match="at most 64 bits"):
        echo(Address(2**64))


def test_a_class_can_be_taught_to_pass_as_a_pointer():
    class Stream:
        pass

    class Derived(Stream):
        pass

    core._OPAQUE_PTR_HANDLERS[Stream] = lambda value: 0x1234
    try:
        assert echo(Stream()).value == 0x1234
        derived = Derived()  # only the exact class was taught
        assert echo(derived) is derived
    finally:
        del core._OPAQUE_PTR_HANDLERS[Stream]


# ---- Other protocols ----


class AsInt:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __tvm_ffi_int__(self):
        return self.value


class AsFloat:
    def __tvm_ffi_float__(self):
        return 3


class AsValue:
    def __init__(self, value: Any) -> None:
        self.value = value

    def __tvm_ffi_value__(self):
        return self.value


@pytest.mark.parametrize(
    ("value", "expected"),
    [(AsInt(5), 5), (AsInt(3.7), 3), (AsInt(2**70), 2**70), (AsFloat(), 3.0)],
)
def test_numbers_by_protocol(value: Any, expected: Any):
    assert echo(value) == expected
    assert type(echo(value)) is type(expected)


def test_values_by_protocol_are_converted_in_turn():
    assert echo(AsValue(5)) == 5
    assert echo(AsValue(AsValue("a longer text"))) == "a longer text"
    assert list(echo([AsValue([AsValue(1)])])[0]) == [1]


def test_a_value_that_stands_for_itself_is_an_error():
    value = AsValue(None)
    value.value = value
    with pytest.raises(RecursionError):
        echo(value)


# ---- Everything else ----


@pytest.mark.parametrize(
    "value",
    [{1, 2}, range(3), memoryview(b"x"), object(), 3j, enum.Enum("E", "A").A, ctypes.c_int(3)],
    ids=lambda value: type(value).__name__,
)
def test_what_nothing_fits_is_held_and_comes_back_itself(value: Any, nothing_retained):
    assert echo(value) is value
    assert echo([value])[0] is value


@pytest.mark.cpython("references to Python objects are counted")
def test_an_opaque_object_is_held_once_per_native_object(nothing_retained):
    value = object()
    before = sys.getrefcount(value)
    held = tvm_ffi.convert(value)
    assert isinstance(held, core.OpaquePyObject)
    assert held.pyobject() is value
    assert sys.getrefcount(value) == before + 1
    array = tvm_ffi.Array([value, value])
    assert sys.getrefcount(value) == before + 3
    del held, array
    assert sys.getrefcount(value) == before


def test_a_typed_parameter_names_what_it_got(testing):
    with pytest.raises(TypeError) as info:
        testing.add_one(object())
    assert str(info.value) == (
        "Mismatched type on argument #0 when calling: `testing.add_one(0: int) -> int`. "
        "Expected `int` but got `ffi.OpaquePyObject`"
    )


# ---- The machinery ----


def test_temporaries_are_released_when_a_later_argument_fails(nothing_retained, use_count):
    array = tvm_ffi.Array([1])
    with pytest.raises(UnicodeEncodeError):
        nop([array, object(), "a longer text"], {"a": array}, lambda: 1, "\ud800")
    assert use_count(array) == 1


def test_frames_go_back_to_the_pool_empty(testing):
    nop([object(), 2**70, "a longer text"])
    with pytest.raises(TypeError):
        testing.add_one([object()])
    for frame in _convert.frames:
        assert frame.kept == [] and frame.moved == [] and not frame.touched
        assert frame.result.tolist() == [0, 0]
        assert frame.api is None and frame.device_type == -1


def test_an_unknown_result_is_an_error():
    with pytest.raises(ValueError, match="Unhandled type index 63"):
        _convert.unpackers[63]
    for index, name in ((8, "RawStr"), (9, "ByteArrayPtr"), (10, "ObjectRValueRef")):
        with pytest.raises(ValueError, match=f"Return value cannot be {name}"):
            _convert.unpackers[index](0, None)


def test_types_are_resolved_once_and_rules_in_order():
    class Both(int):
        def __tvm_ffi_value__(self):
            raise AssertionError("the rule for integers comes first")

    assert Both not in _convert.packers
    assert echo(Both(3)) == 3
    assert Both in _convert.packers
    numbers = [number for number, _ in _convert._rules]
    assert numbers == sorted(numbers)
    assert len(numbers) == len(set(numbers))


@pytest.mark.cpython("references to Python objects are counted")
def test_conversion_makes_no_cycles():
    class Probe:
        alive = 0

        def __init__(self) -> None:
            Probe.alive += 1

        def __del__(self) -> None:
            Probe.alive -= 1

    gc.collect()
    gc.disable()
    try:
        echo([Probe(), {"x": Probe()}])
        assert Probe.alive == 0
    finally:
        gc.enable()
