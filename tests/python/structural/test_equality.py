# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import (
    Array,
    DefRegionKind,
    Dict,
    InplaceMode,
    List,
    Map,
    StructuralKey,
    WalkOrder,
    WalkResult,
    get_first_structural_mismatch,
    structural_equal,
    structural_hash,
    testing,
)
from tvm_ffi.access_path import AccessPath

ROOT = AccessPath.root()

leaves = st.one_of(
    st.none(), st.booleans(), st.integers(-(2**70), 2**70), st.text("ab", max_size=9)
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=3).map(Array),
        st.lists(inner, max_size=3).map(List),
        st.dictionaries(st.text("ab", max_size=2), inner, max_size=3).map(Map),
        st.dictionaries(st.text("ab", max_size=2), inner, max_size=3).map(Dict),
    ),
    max_leaves=8,
)


def test_enumerations_have_the_numbers_of_the_contract() -> None:
    assert [(e.name, e.value) for e in WalkOrder] == [("PREORDER", 0), ("POSTORDER", 1)]
    assert [(e.name, e.value) for e in WalkResult] == [("ADVANCE", 0), ("SKIP", 1)]
    assert [(e.name, e.value) for e in InplaceMode] == [("DISALLOW", 0), ("ALLOW", 1)]
    kinds = [("NONE", 0), ("DEF_PATTERN", 1), ("DEF_SIMPLE", 2)]
    assert [(e.name, e.value) for e in DefRegionKind] == kinds
    assert DefRegionKind.DEF_RECURSIVE is DefRegionKind.DEF_PATTERN  # as spelled before 0.1.15
    assert DefRegionKind.DEF_NON_RECURSIVE is DefRegionKind.DEF_SIMPLE


# ---- Equality and hash ---------------------------------------------------------------------------


@given(trees)
def test_a_copy_is_equal_and_hashes_the_same(value: Any) -> None:
    copied = tvm_ffi._ffi_api.DeepCopy(value)
    assert structural_equal(value, copied) is True
    assert structural_hash(value) == structural_hash(copied)
    assert get_first_structural_mismatch(value, copied) is None


@given(trees, trees)
def test_equality_hash_and_mismatch_agree(left: Any, right: Any) -> None:
    equal = structural_equal(left, right)
    assert (get_first_structural_mismatch(left, right) is None) is equal
    assert (StructuralKey(left) == StructuralKey(right)) is equal
    if equal:
        assert structural_hash(left) == structural_hash(right)


def test_plain_values_are_converted() -> None:
    assert structural_equal([1, {"a": (2, "b")}], Array([1, Map({"a": [2, "b"]})]))
    assert structural_hash([1, 2]) == structural_hash(Array([1, 2]))
    assert 0 <= structural_hash([1, 2]) < 2**64


def test_order_in_a_map_does_not_count_but_its_kind_does() -> None:
    assert structural_equal({"a": 1, "b": 2}, {"b": 2, "a": 1})
    assert structural_hash({"a": 1, "b": 2}) == structural_hash({"b": 2, "a": 1})
    assert not structural_equal(Map({"a": 1}), Dict({"a": 1}))
    assert not structural_equal(Array([1]), List([1]))
    assert not structural_equal(1, True)


def test_big_integers_count_by_value() -> None:
    assert structural_equal([2**70], [2**70]) and not structural_equal(2**70, 2**70 + 1)
    assert structural_hash(2**70) == structural_hash(2**70)


def test_tensor_content_counts_unless_skipped() -> None:
    np = pytest.importorskip("numpy")
    left, same = (tvm_ffi.from_dlpack(np.zeros(4, "float32")) for _ in range(2))
    other = tvm_ffi.from_dlpack(np.ones(4, "float32"))
    shorter = tvm_ffi.from_dlpack(np.zeros(3, "float32"))
    assert structural_equal(left, same) and structural_hash(left) == structural_hash(same)
    assert not structural_equal(left, other)
    assert structural_equal(left, other, skip_tensor_content=True)
    assert structural_hash(left, skip_tensor_content=True) == structural_hash(
        other, skip_tensor_content=True
    )
    assert not structural_equal(left, shorter, skip_tensor_content=True)


def test_a_type_without_structure_raises() -> None:
    pair, other = testing.TestObjectBase(), testing.TestObjectBase()
    with pytest.raises(TypeError):
        structural_equal([pair], [other])
    with pytest.raises(TypeError):
        structural_hash([pair])


# ---- Mismatch ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("left", "right", "paths"),
    [
        (1, 2, (ROOT, ROOT)),
        ([1, 2], [1, 3], (ROOT.array_item(1),) * 2),
        ({"a": [0]}, {"a": [1]}, (ROOT.map_item("a").array_item(0),) * 2),
        ([1], [1, 2], (ROOT.array_item_missing(1), ROOT.array_item(1))),
        ([1, 2], [1], (ROOT.array_item(1), ROOT.array_item_missing(1))),
        ({"a": 1}, {"b": 1}, (ROOT.map_item("a"), ROOT.map_item_missing("a"))),
    ],
)
def test_the_first_mismatch_is_located(left: Any, right: Any, paths: Any) -> None:
    found = get_first_structural_mismatch(left, right)
    assert found == paths and isinstance(found, tuple)


# ---- Keys ----------------------------------------------------------------------------------------


def test_a_key_carries_value_and_hash() -> None:
    key = StructuralKey([1, 2])
    assert key.key == [1, 2]
    assert key.__hash__() == structural_hash([1, 2]) == key.hash_i64 % 2**64


def test_keys_are_equal_by_structure() -> None:
    key = StructuralKey([1, 2])
    assert key == StructuralKey((1, 2)) and not key != StructuralKey((1, 2))
    assert key != StructuralKey([1, 3]) and key != [1, 2] and key != 1


@pytest.mark.parametrize("mapping", [dict, Map, Dict])
def test_keys_find_what_is_structurally_equal(mapping: Any) -> None:
    entries = {StructuralKey([1, {"a": 2}]): "first", StructuralKey([2]): "second"}
    table = mapping(entries)
    assert table[StructuralKey([1, {"a": 2}])] == "first"
    assert StructuralKey([3]) not in table and len(table) == 2


def test_a_later_equal_key_overwrites() -> None:
    table = Dict({StructuralKey([1]): "first"})
    table[StructuralKey([1])] = "second"
    assert len(table) == 1 and table[StructuralKey([1])] == "second"
