# SPDX-License-Identifier: Apache-2.0
"""Comparison, hash, text and copies of whole values, as the library computes them."""

from __future__ import annotations

import ast
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import Array, Dict, List, Map, Shape, _ffi_api
from tvm_ffi.testing import TestCompare as Compare
from tvm_ffi.testing import TestCustomCompare as CustomCompare
from tvm_ffi.testing import TestCustomHash as CustomHash
from tvm_ffi.testing import TestEqWithoutHash as EqWithoutHash
from tvm_ffi.testing import TestHash as Hash
from tvm_ffi.testing import TestIntPair as IntPair
from tvm_ffi.testing import TestNonCopyable as NonCopyable

make = tvm_ffi.get_global_func("ffi.MakeObjectFromPackedArgs")
eq, hash_of = _ffi_api.RecursiveEq, _ffi_api.RecursiveHash
lt, le, gt, ge = (
    _ffi_api.RecursiveLt,
    _ffi_api.RecursiveLe,
    _ffi_api.RecursiveGt,
    _ffi_api.RecursiveGe,
)
deep_copy, text_of = _ffi_api.DeepCopy, _ffi_api.ReprPrint

integers = st.integers(-(2**70), 2**70)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = st.one_of(st.none(), st.booleans(), integers, st.floats(), texts, st.binary(max_size=9))
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(Array),
        st.lists(inner, max_size=4).map(List),
        st.dictionaries(texts, inner, max_size=4).map(Map),
    ),
    max_leaves=10,
)


def cyclic() -> List:
    values = List([1])
    values.append(values)
    return values


def nested(depth: int) -> Any:
    value: Any = 0
    for _ in range(depth):
        value = Array([value])
    return value


# ---- Equality and hash ---------------------------------------------------------------------------


@given(trees)
def test_a_value_equals_its_copy_and_hashes_the_same(value: Any) -> None:
    copied = deep_copy(value)
    assert eq(value, copied) and hash_of(value) == hash_of(copied)


@given(trees, trees)
def test_equal_values_hash_equal(left: Any, right: Any) -> None:
    if eq(left, right):
        assert eq(right, left) and hash_of(left) == hash_of(right)


def test_types_must_match() -> None:
    values = [None, 1, True, 1.0, "1", b"1", Array([1]), List([1]), Map({1: 1}), Dict({1: 1})]
    for i, left in enumerate(values):
        for j, right in enumerate(values):
            assert bool(eq(left, right)) is (i == j)


def test_nan_equals_nan_and_zeros_are_one() -> None:
    nan = float("nan")
    assert eq(nan, nan) and eq([nan], [nan]) and hash_of(nan) == hash_of(-nan)
    assert eq(-0.0, 0.0) and hash_of(-0.0) == hash_of(0.0)


def test_big_integers_compare_by_value() -> None:
    assert eq(2**70, 2**70) and not eq(2**70, 2**70 + 1)
    assert hash_of(2**70) == hash_of(2**70)


def test_maps_are_equal_in_any_order() -> None:
    left, right = Map({"a": 1, "b": 2}), Map({"b": 2, "a": 1})
    assert eq(left, right) and hash_of(left) == hash_of(right)


def test_equivalent_cycles_are_equal() -> None:
    assert eq(cyclic(), cyclic())


def test_sharing_does_not_count() -> None:
    shared = Array([1])
    left, right = Array([shared, shared]), Array([Array([1]), Array([1])])
    assert eq(left, right) and hash_of(left) == hash_of(right)


def test_depth_and_sharing_cost_no_more_than_their_size() -> None:
    assert eq(nested(1000), nested(1000)) and hash_of(nested(1000)) == hash_of(nested(1000))
    dag: Any = Array([0])
    for _ in range(60):  # 2**60 values, were it a tree
        dag = Array([dag, dag])
    hash_of(dag)


def test_fields_can_be_left_out() -> None:
    assert eq(Compare(1, "a", 1), Compare(1, "a", 2))
    assert not eq(Compare(1, "a", 1), Compare(1, "b", 1))
    assert hash_of(Compare(1, "a", 1)) == hash_of(Compare(1, "a", 2))
    assert hash_of(Hash(1, "a", 1)) == hash_of(Hash(1, "a", 2))
    assert not eq(Hash(1, "a", 1), Hash(1, "a", 2))


def test_hooks_win() -> None:
    assert eq(CustomCompare(1, "a"), CustomCompare(1, "b"))
    assert lt(CustomCompare(1, "b"), CustomCompare(2, "a"))
    assert hash_of(CustomHash(1, "a")) == hash_of(CustomHash(1, "b"))
    assert eq(EqWithoutHash(1, "a"), EqWithoutHash(1, "b"))


def test_equality_without_a_hash_cannot_be_hashed() -> None:
    for value in (EqWithoutHash(1, "a"), Array([EqWithoutHash(1, "a")])):
        with pytest.raises(ValueError, match="__ffi_eq__ or __ffi_compare__ but not __ffi_hash__"):
            hash_of(value)


def test_types_without_fields_are_equal_whenever_the_types_match() -> None:
    assert eq(tvm_ffi.convert(len), tvm_ffi.convert(abs))


# ---- Order ---------------------------------------------------------------------------------------


@given(st.lists(integers, max_size=4), st.lists(integers, max_size=4))
def test_sequences_are_ordered_as_in_python(left: list[int], right: list[int]) -> None:
    for function, expected in ((lt, left < right), (le, left <= right), (gt, left > right)):
        assert bool(function(Array(left), Array(right))) is expected
    assert bool(ge(Array(left), Array(right))) is (left >= right)


def test_none_is_below_everything() -> None:
    for value in (0, "a", Array([])):
        assert lt(None, value) and gt(value, None) and not lt(value, None)


def test_what_has_no_order_raises() -> None:
    for left, right in ((1, "a"), (1, 1.0), (Map({1: 1}), Map({1: 2})), (float("nan"), 1.0)):
        with pytest.raises(TypeError):
            lt(left, right)
    with pytest.raises(ValueError, match="cyclic reference"):
        lt(cyclic(), cyclic())


def test_equal_maps_are_both_at_most_and_at_least() -> None:
    assert le(Map({1: 2}), Map({1: 2})) and ge(Map({1: 2}), Map({1: 2}))


# ---- Text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (None, "None"),
        (True, "True"),
        (42, "42"),
        (3.14, "3.14"),
        (0.0, "0"),
        (1e10, "1e+10"),
        (2**70, str(2**70)),
        ('a"b\n', '"a\\"b\\n"'),
        (Array([1, 2]), "(1, 2)"),
        (Array([42]), "(42,)"),
        (Array([]), "()"),
        (List([1, [2]]), "[1, (2,)]"),
        (Map({"k": 1}), '{"k": 1}'),
        (Dict({}), "{}"),
        (Shape((5, 6)), "Shape(5, 6)"),
        (tvm_ffi.Device("trn", 0), "trn:0"),
    ],
)
def test_text_of_values(value: Any, text: str) -> None:
    assert str(text_of(value)) == text


@given(texts)
def test_text_of_strings_reads_as_python(value: str) -> None:
    assert ast.literal_eval(str(text_of(value))) == value


def test_text_of_objects_shows_their_fields() -> None:
    assert repr(IntPair(1, 2)) == "testing.TestIntPair(a=1, b=2)"
    derived = make("testing.TestObjectDerived", "v_map", {}, "v_array", [])
    assert repr(derived) == (
        'testing.TestObjectDerived(v_i64=10, v_f64=10, v_str="hello", v_map={}, v_array=())'
    )
    pair = IntPair(1, 2)
    assert repr(Array([pair, pair])) == f"({pair!r}, {pair!r})"
    assert repr(cyclic()) == "[1, ...]"


def test_addresses_are_shown_on_request(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_FFI_REPR_WITH_ADDR", "1")
    pair = IntPair(1, 2)
    assert repr(pair) == f"testing.TestIntPair@{pair.__chandle__():#x}(a=1, b=2)"
    array = Array([1, 2])
    assert repr(array) == f"(1, 2)@{array.__chandle__():#x}"


# ---- Copies --------------------------------------------------------------------------------------


def test_copies_are_new_and_keep_sharing() -> None:
    pair = make("testing.TestObjectBase")
    array = Array([pair, pair])
    first, second = copied = deep_copy(array)
    assert not copied.same_as(array) and not first.same_as(pair)
    assert first.same_as(second)


def test_cycles_are_copied_as_cycles() -> None:
    copied = deep_copy(cyclic())
    assert copied[1].same_as(copied)
    through_values = Dict({})
    through_values["self"] = through_values
    copied = deep_copy(through_values)
    assert copied["self"].same_as(copied)


def test_what_cannot_be_copied_raises() -> None:
    for value in (NonCopyable(1), Array([NonCopyable(1)]), tvm_ffi.convert(len)):
        with pytest.raises(RuntimeError, match="not copy-constructible"):
            deep_copy(value)


# ---- Creation by name ----------------------------------------------------------------------------


def test_creation_without_a_required_field_raises() -> None:
    with pytest.raises(TypeError):
        make("testing.TestObjectDerived", "v_map", {})


def test_creation_with_a_value_of_the_wrong_type_raises() -> None:
    with pytest.raises(TypeError, match=r"Cannot convert from type `ffi\.SmallStr` to `int`"):
        make("testing.TestObjectBase", "v_i64", "x")
