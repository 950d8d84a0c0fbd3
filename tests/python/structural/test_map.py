# SPDX-License-Identifier: Apache-2.0
"""`structural_map` and `structural_mutate`."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from structural_nodes import Call, Lambda, Shared, TypedVar, Var

import tvm_ffi
from tvm_ffi import (
    Array,
    DefRegionKind,
    Dict,
    InplaceMode,
    List,
    Map,
    Shape,
    StructuralMutator,
    core,
    structural_map,
    structural_mutate,
    structural_visit,
    structural_walk,
)
from tvm_ffi.access_path import AccessPath
from tvm_ffi.dataclasses import Object, py_class

trees = st.recursive(
    st.none() | st.booleans() | st.integers(-9, 9) | st.text("ab", max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3).map(Array)
        | st.lists(inner, max_size=3).map(List)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3).map(Map)
        | st.dictionaries(st.text("ab", max_size=2), inner, max_size=3).map(Dict)
    ),
    max_leaves=9,
)


def increment(value: int) -> int:
    return value + 1


# ---- What map does -------------------------------------------------------------------------------


@given(trees)
def test_without_a_change_the_root_itself_is_returned(root: Any) -> None:
    for mapped in (structural_map(root, lambda value: value), structural_mutate(root)):
        if isinstance(root, tvm_ffi.Object):
            assert mapped.same_as(root)
        else:
            assert mapped == root


@given(trees)
def test_callbacks_replace_values_everywhere(root: Any) -> None:
    def plain(value: Any) -> Any:
        if isinstance(value, (Map, Dict)):
            return {key: plain(item) for key, item in value.items()}
        if isinstance(value, (Array, List)):
            return [plain(item) for item in value]
        return value + 1 if type(value) is int else value

    mapped = structural_map(root, (int, increment))
    assert plain(mapped) == plain(structural_mutate(root, (int, lambda v, m: v + 1)))
    twice = structural_map(mapped, (int, lambda value: value - 1))
    assert tvm_ffi._ffi_api.RecursiveEq(twice, root)


def test_only_what_lies_on_the_way_is_copied() -> None:
    kept, changed = Call("f", [1]), Call("g", [2.0])
    root = Array([kept, changed])
    mapped = structural_map(root, (float, lambda value: value * 2))
    assert mapped[0].same_as(kept) and not mapped[1].same_as(changed)
    assert mapped[1].args[0] == 4.0 and changed.args[0] == 2.0 and root[1].same_as(changed)


@pytest.mark.parametrize("mapping", [Map, Dict])
def test_keys_are_not_replaced(mapping: Any) -> None:
    root = mapping({1: 1, "a": 2})
    mapped = structural_map(root, (int, increment))
    assert list(mapped.items()) == [(1, 2), ("a", 3)] and type(mapped) is mapping


def test_none_is_a_value() -> None:
    mapped = structural_map([1, None], lambda value: value or 7)
    assert mapped == [1, 7]
    assert structural_map([1], (int, lambda value: None)) == [None]


def test_post_order_sees_what_the_inside_became() -> None:
    calls: list[Any] = []

    def note(value: Any) -> Any:
        calls.append(value)
        return value + 1 if isinstance(value, int) else value

    root = Array([1, None, Map({5: 6})])
    structural_map(root, note)
    assert calls == [1, None, 6, Map({5: 7}), Array([2, None, Map({5: 7})])]
    calls.clear()
    structural_map(root, note, order="pre")
    assert calls == [root, 1, None, Map({5: 6}), 6]


def test_pre_order_descends_into_the_replacement() -> None:
    def unwrap(call: Call) -> Any:
        return call.args

    root = Call("f", [Call("g", [1])])
    assert structural_map(root, (Call, unwrap), order="pre") == [[1]]


def test_callbacks_run_at_every_occurrence() -> None:
    shared = Call("f", [1])
    calls: list[Any] = []
    structural_map([shared, shared], (Call, lambda call: calls.append(call) or call))
    assert len(calls) == 2


def test_callbacks_can_be_told_the_region() -> None:
    x = Var("x")
    kinds: list[DefRegionKind] = []

    def note(value: Any, kind: DefRegionKind) -> Any:
        kinds.append(kind)
        return value

    structural_map(Lambda([x], [x]), (), (Var, note))
    assert kinds == [DefRegionKind.DEF_PATTERN, DefRegionKind.NONE]


def test_an_exception_arrives_and_changes_nothing() -> None:
    root = List([1, 2])

    def fail(value: int) -> int:
        if value == 2:
            raise KeyError("from the callback")
        return value + 1

    with pytest.raises(KeyError, match="from the callback"):
        structural_map(root, (int, fail))
    assert root == [1, 2]


# ---- Objects -------------------------------------------------------------------------------------


def test_a_value_of_the_wrong_type_raises() -> None:
    with pytest.raises(TypeError):
        structural_map(Call("f", []), (str, lambda value: 1))


def test_ignored_fields_are_left_alone() -> None:
    mapped = structural_map(Call("f", [1], span=5), (int, increment))
    assert mapped.span == 5 and mapped.args == [2]


def test_what_cannot_be_copied_raises_unless_a_callback_takes_it() -> None:
    for value in (Shape((1, 2)), tvm_ffi.convert(len)):
        with pytest.raises(TypeError, match=r"__ffi_shallow_copy__ must be an ffi\.Function"):
            structural_map([value], (int, increment))
    shape = Shape((1, 2))
    kept = structural_mutate(
        [shape], (tvm_ffi.Object, lambda v, m: shape if v == shape else m.default_mutate(v))
    )
    assert kept[0] == shape


# ---- Variables and shared nodes ------------------------------------------------------------------


def test_a_definition_rewritten_inside_is_the_same_at_its_uses() -> None:
    variable = TypedVar(1)
    mapped = structural_map(Lambda([variable], [variable, variable]), (int, increment))
    assert mapped.params[0].type == 2
    assert all(use.same_as(mapped.params[0]) for use in mapped.body)
    assert variable.type == 1


def test_a_use_alone_stays_as_it_is() -> None:
    variable = TypedVar(1)
    root = Array([variable])
    assert structural_map(root, (int, increment))[0].same_as(variable)


def test_shared_nodes_stay_shared() -> None:
    shared = Shared(1)
    mapped = structural_map([shared, [shared]], (int, increment))
    assert mapped[0].value == 2 and mapped[0].same_as(mapped[1][0])


# ---- In place ------------------------------------------------------------------------------------


def test_a_moved_root_is_reused() -> None:
    root = List([1, List([2])])
    address = root.__chandle__()
    mapped = structural_map(root._move(), (int, increment))
    assert mapped.__chandle__() == address and root.__chandle__() == 0
    assert mapped == [2, List([3])]


def test_what_others_hold_is_copied_even_if_moved() -> None:
    inner = List([1])
    root = Array([inner])
    mapped = structural_map(root._move(), (int, increment))
    assert mapped[0] == [2] and inner == [1]


# ---- Mutate --------------------------------------------------------------------------------------


def test_mutate_leaves_the_descent_to_the_callback() -> None:
    def rewrite(call: Call, mutator: StructuralMutator) -> Any:
        if call.op == "closed":
            return call
        return mutator.mutate(call.args) if call.op == "args" else mutator.default_mutate(call)

    root = [Call("closed", [1]), Call("args", [2]), Call("open", [3])]
    callbacks = [(Call, rewrite), (int, lambda value, mutator: value + 1)]
    closed, args, opened = structural_mutate(root, callbacks)
    assert closed.args == [1] and args == [3] and opened.args == [4]


@pytest.mark.cpython("an object that nobody else holds is known as such")
def test_the_in_place_mode_is_passed_to_those_who_take_it() -> None:
    modes: list[Any] = []

    def note(value: Any, mutator: Any, mode: int) -> Any:
        modes.append(mode)
        return value

    root = List([1])
    structural_mutate(root, (List, note))
    structural_mutate(root._move(), (List, note))
    assert modes == [InplaceMode.DISALLOW, InplaceMode.ALLOW] and type(modes[0]) is int


@pytest.mark.parametrize(
    "callback", [lambda v: v, lambda: 1, lambda a, b, c, d: a, lambda a, b, *, c: a]
)
def test_callbacks_of_another_form_are_refused(callback: Any) -> None:
    with pytest.raises(TypeError) as raised:
        structural_mutate(1, callback)
    assert str(raised.value) == (
        "structural_mutate callback must accept (value, mutator) or (value, mutator, inplace_mode)"
    )


def test_how_many_arguments_a_callback_gets() -> None:
    assert structural_mutate(1, lambda *args: len(args)) == 3
    assert structural_mutate(1, lambda v, m, mode=9: mode) == 0
    assert structural_mutate(1, tvm_ffi.convert(lambda *args: len(args))) == 2


def test_the_remap_table_is_in_reach() -> None:
    x, y = Var("x"), Var("y")
    found: list[Any] = []

    def define(value: Lambda, mutator: StructuralMutator) -> Any:
        found.append(mutator.var_remap_get(x))
        mutator.var_remap_set(x, 1)
        mutator.var_remap_set(x, y)
        found.append(mutator.var_remap_get(x))
        with pytest.raises(TypeError, match="Variable-remap key must be an object-backed value"):
            key: Any = 3
            mutator.var_remap_set(key, 1)
        return mutator.mutate(value.body)

    body = structural_mutate(Lambda([x], [x, x]), (Lambda, define))
    assert all(value.same_as(y) for value in body)
    assert found[0] is None and found[1].same_as(y)


def test_the_region_can_be_set_for_a_while() -> None:
    found: list[Any] = []

    def note(value: int, mutator: StructuralMutator) -> int:
        found.append(mutator.def_region_kind())
        kind = DefRegionKind.DEF_SIMPLE
        found.append(mutator.with_def_region_kind(kind, mutator.def_region_kind))
        return value

    structural_mutate(1, (int, note))
    assert found == [DefRegionKind.NONE, DefRegionKind.DEF_SIMPLE]


def test_a_hook_decides_how_its_type_is_rewritten() -> None:
    @py_class("test_structural.Mutated")
    class Mutated(Object):
        value: Any

        @staticmethod
        def __s_mutate__(mutator: StructuralMutator, node: Mutated) -> Any:
            return Mutated(["by hook", mutator.mutate(node.value)])

    mapped = structural_map([Mutated(1)], (int, increment))
    assert mapped[0].value == ["by hook", 2]


@pytest.mark.cpython("an object that nobody else holds is known as such")
def test_a_hook_may_change_what_nobody_else_holds() -> None:
    @py_class("test_structural.InPlace")
    class InPlace(Object):
        value: Any

        @staticmethod
        def __s_mutate__(mutator: StructuralMutator, node: InPlace) -> Any:
            return InPlace(mutator.mutate(node.value))

        @staticmethod
        def __s_maybe_inplace_mutate__(mutator: StructuralMutator, node: InPlace) -> Any:
            node.value = mutator.mutate(node.value)
            return node

    shared = InPlace(1)
    mapped = structural_map(shared, (int, increment))
    assert mapped.value == 2 and shared.value == 1 and not mapped.same_as(shared)
    address = shared.__chandle__()
    mapped = structural_map(shared._move(), (int, increment))
    assert mapped.value == 2 and mapped.__chandle__() == address


def test_what_is_no_hook_is_refused() -> None:
    @py_class("test_structural.NoHook")
    class NoHook(Object):
        value: Any

    index = core._type_cls_to_type_info(NoHook).type_index
    core._register_type_attr(index, "__s_mutate__", 3)
    core._register_type_attr(index, "__s_visit__", 3)
    with pytest.raises(TypeError, match=r"__s_mutate__ must be a direct hook pointer or ffi\."):
        structural_map(NoHook(1), (int, increment))
    with pytest.raises(TypeError, match=r"__s_visit__ must be an opaque function pointer or ffi\."):
        structural_walk(NoHook(1), (int, increment))


@pytest.mark.parametrize(
    "traverse",
    [
        lambda root, fail: structural_walk(root, (int, fail)),
        lambda root, fail: structural_map(root, (int, fail)),
        lambda root, fail: structural_visit(root, (int, lambda value, visitor: fail(value))),
        lambda root, fail: structural_mutate(root, (int, lambda value, mutator: fail(value))),
    ],
    ids=["walk", "map", "visit", "mutate"],
)
def test_an_error_tells_where_it_came_up(traverse: Any) -> None:
    def fail(value: int) -> None:
        if value == 2:
            raise ValueError("at two")

    root = Array([1, {"k": [2]}])
    with pytest.raises(ValueError, match=r"^at two$") as raised:
        traverse(root, fail)
    context = raised.value.__tvm_ffi_error__.extra_context  # type: ignore[attr-defined]
    find_paths = tvm_ffi.get_global_func("ffi.VisitErrorContext.FindAccessPaths")
    (path,) = find_paths(root, context, False)
    assert path == AccessPath.root().array_item(1).map_item("k")
