# SPDX-License-Identifier: Apache-2.0
"""What the structural kind of a type means for equality and hash."""

from __future__ import annotations

from typing import Any

import pytest
from structural_nodes import (
    Call,
    Constant,
    Lambda,
    Let,
    Opaque,
    Shared,
    Singleton,
    TypedVar,
    Var,
)

from tvm_ffi import get_first_structural_mismatch, structural_equal, structural_hash
from tvm_ffi.access_path import AccessPath

ROOT = AccessPath.root()


def agree(left: Any, right: Any, **options: bool) -> bool:
    """Equality, which the hash and the first mismatch must not contradict."""
    equal = structural_equal(left, right, **options)
    if equal:
        assert structural_hash(left, **options) == structural_hash(right, **options)
    assert (get_first_structural_mismatch(left, right, **options) is None) is equal
    return equal


def add(*args: Any) -> Call:
    return Call("add", list(args))


def test_trees_are_equal_by_content() -> None:
    assert agree(add(1, 2), add(1, 2))
    assert not agree(add(1, 2), add(1, 3))
    assert not agree(add(1), Constant(1))


def test_ignored_fields_do_not_count() -> None:
    assert agree(Call("add", [1], 7), Call("add", [1], 8))


def test_the_path_to_a_mismatch_names_fields() -> None:
    found = get_first_structural_mismatch(add(1, add(2)), add(1, add(3)))
    path = ROOT.attr("args").array_item(1).attr("args").array_item(0)
    assert found is not None and tuple(found) == (path, path)


def test_free_variables_are_themselves_unless_mapped() -> None:
    x, y = Var("x"), Var("y")
    assert agree(x, x) and not agree(x, Var("x"))
    assert agree(add(x, y, x), add(y, x, y), map_free_vars=True)
    assert not agree(add(x, y), add(x, x), map_free_vars=True)
    assert not agree(add(x, x), add(x, y), map_free_vars=True)


def test_bound_variables_may_be_renamed() -> None:
    x, y = Var("x"), Var("y")
    assert agree(Lambda([x], add(x, 1)), Lambda([y], add(y, 1)))
    assert agree(Let(x, 1, add(x)), Let(y, 1, add(y)))
    assert not agree(Lambda([x, y], add(x, y)), Lambda([x, y], add(y, x)))
    assert agree(Lambda([x, y], add(x, y)), Lambda([y, x], add(y, x)))
    assert not agree(Lambda([x], add(y)), Lambda([y], add(y)))


def test_a_simple_definition_binds_the_variable_alone() -> None:
    def typed() -> tuple[Any, Any]:
        inner = Var("n")
        return inner, TypedVar(inner)

    (_, left), (_, right) = typed(), typed()
    assert not agree(Let(left, 1, left), Let(right, 1, right))
    assert agree(Lambda(left, left), Lambda(right, right))
    # Below a pattern any definition goes on as one.
    assert agree(Lambda([Let(left, 1, left)], 0), Lambda([Let(right, 1, right)], 0))


def test_sharing_of_dag_nodes_counts() -> None:
    shared = Shared(1)
    once, twice = [shared, shared], [Shared(1), Shared(1)]
    assert agree(once, [Shared(1)] * 2)
    assert not agree(once, twice) and not agree(twice, once)
    assert structural_hash(once) != structural_hash(twice)


def test_constants_are_compared_by_content() -> None:
    constant = Constant([1, 2])
    assert agree(constant, constant) and agree(constant, Constant([1, 2]))
    assert not agree(constant, Constant([1, 3]))


def test_singletons_are_themselves() -> None:
    one = Singleton("a")
    assert agree([one], [one]) and not agree(one, Singleton("a"))


def test_types_without_a_kind_are_refused() -> None:
    with pytest.raises(TypeError):
        structural_equal(Opaque(1), Opaque(1))
    with pytest.raises(TypeError):
        structural_hash([Opaque(1)])
