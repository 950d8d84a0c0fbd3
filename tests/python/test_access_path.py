# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import pickle
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi.access_path import AccessKind, AccessPath, AccessStep

METHODS = [kind.name.lower() for kind in AccessKind]  # each kind of step has its method
names = st.text(max_size=9)
positions = st.integers(0, 2**40)
steps = st.one_of(
    st.tuples(st.sampled_from([0, 3]), names),
    st.tuples(st.sampled_from([1, 4]), positions),
    st.tuples(st.sampled_from([2, 5]), st.one_of(names, positions, st.booleans())),
)


def build(spelled: list[tuple[int, Any]]) -> AccessPath:
    path = AccessPath.root()
    for kind, key in spelled:
        path = getattr(path, METHODS[kind])(key)
    return path


def spell(path: AccessPath) -> list[tuple[int, type, Any]]:
    return [(step.kind, plain(step.key), step.key) for step in path.to_steps()]


def plain(value: Any) -> type:
    return str if isinstance(value, str) else type(value)


def test_kinds_have_the_numbers_of_the_contract() -> None:
    assert [(kind.name, kind.value) for kind in AccessKind] == [
        ("ATTR", 0),
        ("ARRAY_ITEM", 1),
        ("MAP_ITEM", 2),
        ("ATTR_MISSING", 3),
        ("ARRAY_ITEM_MISSING", 4),
        ("MAP_ITEM_MISSING", 5),
    ]


def test_the_root_has_no_steps() -> None:
    root = AccessPath.root()
    assert root.parent is None and root.step is None and root.depth == 0
    assert list(root.to_steps()) == []
    assert repr(root) == "<root>"


@given(st.lists(steps, max_size=6))
def test_a_path_is_the_steps_it_was_built_of(spelled: list[tuple[int, Any]]) -> None:
    path = build(spelled)
    assert path.depth == len(spelled)
    assert spell(path) == [(kind, plain(key), key) for kind, key in spelled]
    if spelled:
        assert isinstance(path.step, AccessStep) and path.step.kind == AccessKind(spelled[-1][0])
        assert path.parent == build(spelled[:-1])


@given(st.lists(steps, max_size=4), st.lists(steps, max_size=4))
def test_paths_are_compared_by_their_steps(left: Any, right: Any) -> None:
    same = spell(build(left)) == spell(build(right))
    assert (build(left) == build(right)) is same
    assert (build(left) != build(right)) is not same
    longer = build(left + right)
    assert build(left).is_prefix_of(longer)
    assert longer.is_prefix_of(build(left)) is (right == [])


def test_a_path_is_nothing_else() -> None:
    path = AccessPath.root().attr("x")
    for other in (3, None, "<root>.x", path.step):
        assert (path == other) is False and (path != other) is True


def test_paths_hash_by_identity() -> None:
    path = AccessPath.root().attr("x")
    assert hash(path) == hash(path.__chandle__())
    assert {path: 1}[path] == 1


def test_text_shows_every_kind_of_step() -> None:
    path = build([(0, "x"), (1, 3), (2, "k"), (3, "y"), (4, 2), (5, 4)])
    assert repr(path) == '<root>.x[3]["k"][<missing:"y">][<missing:2>][<missing:4>]'
    assert repr(path.step) == "[<missing:4>]"


def test_copies_are_equal() -> None:
    path = AccessPath.root().attr("x").map_item(1)
    assert pickle.loads(pickle.dumps(path)) == path
    assert copy.deepcopy(path) == path
    assert tvm_ffi.convert(lambda x: x)(path) == path


def test_paths_are_made_from_the_root_only() -> None:
    with pytest.raises(ValueError, match=r"Use AccessPath\.root\(\)"):
        AccessPath()
    with pytest.raises(TypeError, match="`AccessStep` cannot be constructed directly"):
        AccessStep()


def test_a_step_of_the_wrong_type_raises() -> None:
    root: Any = AccessPath.root()
    with pytest.raises(TypeError, match="Expected `str` but got `int`"):
        root.attr(1)
    with pytest.raises(TypeError, match=r"Expected `int` but got `ffi\.SmallStr`"):
        root.array_item("x")
    with pytest.raises(TypeError):
        root.is_prefix_of("x")
