# SPDX-License-Identifier: Apache-2.0
"""`structural_walk` and `structural_visit`."""

from __future__ import annotations

import ctypes
from typing import Any, Optional, Union

import pytest
from structural_nodes import Call, Lambda, Let, TypedVar, Var

import tvm_ffi
from tvm_ffi import (
    Array,
    DefRegionKind,
    Dict,
    List,
    Map,
    Shape,
    StructuralVisitor,
    VisitInterrupt,
    WalkOrder,
    WalkResult,
    core,
    structural_map,
    structural_mutate,
    structural_visit,
    structural_walk,
)
from tvm_ffi.dataclasses import Object, py_class

NONE, PATTERN, SIMPLE = DefRegionKind.NONE, DefRegionKind.DEF_PATTERN, DefRegionKind.DEF_SIMPLE
MIXED = Array([1, 2.5, True, "short", "a long string", b"b", 2**70, Shape((1, 2)), [3]])


def seen(root: Any, kind: Any, **options: Any) -> list[Any]:
    found: list[Any] = []
    assert structural_walk(root, (kind, found.append), **options) is None
    return found


# ---- Which callback is for which value -----------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "values"),
    [
        (int, [1, 3]),
        (float, [2.5]),
        (bool, [True]),
        (str, ["short", "a long string"]),
        (bytes, [b"b"]),
        (core.String, ["short", "a long string"]),
        (Array, [Array([3]), MIXED]),
        (Map, []),
        (tvm_ffi.Object, ["a long string", 2**70, Shape((1, 2)), Array([3]), MIXED]),
        (Array[int], [Array([3]), MIXED]),
        ((int, bool), [1, True, 3]),
    ],
)
def test_callbacks_are_called_for_their_types(kind: Any, values: list[Any]) -> None:
    found = seen(MIXED, kind)
    assert found == values and [type(v) is bool for v in found] == [type(v) is bool for v in values]


@pytest.mark.parametrize("kind", [Any, object])
def test_any_and_object_match_every_value(kind: Any) -> None:
    assert seen([1, None, "x"], kind) == [1, "x", Array([1, None, "x"])]
    found: list[Any] = []
    structural_walk([1], found.append)
    assert found == [1, Array([1])]


def test_a_registered_class_matches_its_subclasses() -> None:
    base, derived = tvm_ffi.core.Object, Call("f", [])
    assert [value.same_as(derived) for value in seen([derived], Call)] == [True]
    assert len(seen([derived], base)) == 3


def test_the_first_match_wins() -> None:
    calls: list[str] = []

    def note(name: str) -> Any:
        return lambda *args: calls.append(name)

    structural_walk([1, 2.0], [(int, note("int")), (float, note("float")), (Any, note("any"))])
    assert calls == ["int", "float", "any"]
    calls.clear()
    structural_walk([1], [(int, note("first")), (int, note("second"))], note("kind"))
    assert calls == ["first", "kind"]


def test_pairs_can_be_given_in_any_sequence() -> None:
    found: list[Any] = []
    for callbacks in (
        [(int, found.append)],
        ((int, found.append), (float, found.append)),
        [((int, float), found.append)],
    ):
        structural_walk([1, 2.0], callbacks)
    assert found == [1, 1, 2.0, 1, 2.0]
    for callbacks in ((), []):
        assert structural_walk([1], callbacks) is None


TRAVERSALS = pytest.mark.parametrize(
    "traverse", [structural_walk, structural_visit, structural_map, structural_mutate]
)


@TRAVERSALS
@pytest.mark.parametrize("callbacks", ["x", b"x", 3, None, {int: len}, {(int, len)}])
def test_what_is_no_callback_is_refused(traverse: Any, callbacks: Any) -> None:
    with pytest.raises(TypeError) as raised:
        traverse(1, callbacks)
    assert str(raised.value) == (
        f"{traverse.__name__} callbacks must be callbacks, (type, callback) entries, ((type1, "
        "type2, ...), callback) entries, or sequences of tuple entries"
    )


@TRAVERSALS
@pytest.mark.parametrize("callbacks", [[len], [(int,)], [(int, 3)], (int, 3), [[int, len]]])
def test_sequences_hold_pairs(traverse: Any, callbacks: Any) -> None:
    with pytest.raises(TypeError) as raised:
        traverse(1, callbacks)
    assert str(raised.value) == (
        f"{traverse.__name__} callbacks within a sequence must be (type, callback) tuples"
    )


@TRAVERSALS
@pytest.mark.parametrize("kind", [Shape, core.CObject, "int", 3, set])
def test_types_must_be_known(traverse: Any, kind: Any) -> None:
    with pytest.raises(TypeError) as raised:
        traverse(1, (kind, len))
    assert str(raised.value) == (
        f"{traverse.__name__} callback type must be a supported builtin, typing.Any/object, or an "
        "FFI-registered object class"
    )


@TRAVERSALS
def test_unions_are_refused(traverse: Any) -> None:
    for kind in (Union[int, str], Optional[int]):
        with pytest.raises(TypeError) as raised:
            traverse(1, (kind, len))
        assert str(raised.value) == (
            f"{traverse.__name__} callback type_index is negative, the only acceptable negative "
            "type_index is -1 for Any"
        )


# ---- Order and results ---------------------------------------------------------------------------


def test_both_orders() -> None:
    inner = Map({5: List([6])})
    root = Array([1, None, inner])
    post = [1, 6, List([6]), inner, root]
    pre = [root, 1, inner, List([6]), 6]
    assert seen(root, Any) == seen(root, Any, order="post") == post
    assert seen(root, Any, order=WalkOrder.POSTORDER) == post
    assert seen(root, Any, order="pre") == seen(root, Any, order=WalkOrder.PREORDER) == pre


@pytest.mark.parametrize("order", ["x", 0, 1, None])
def test_other_orders_are_refused(order: Any) -> None:
    with pytest.raises(ValueError, match=f"^Unknown structural walk order: {order!r}$"):
        structural_walk(1, (), order=order)
    with pytest.raises(ValueError, match=f"^Unknown structural map order: {order!r}$"):
        structural_map(1, (), order=order)


@pytest.mark.parametrize("mapping", [Map, Dict])
def test_keys_are_not_visited(mapping: Any) -> None:
    assert seen(mapping({"key": 1, 2: "value"}), (int, str)) == [1, "value"]


def test_fields_are_visited_unless_ignored() -> None:
    assert seen(Call("f", [1, 2], span=3), (int, str)) == ["f", 1, 2]


def test_shared_values_are_visited_at_every_occurrence() -> None:
    shared = Call("f", [])
    assert len(seen([shared, [shared]], Call)) == 2


def test_skip_leaves_out_what_is_inside() -> None:
    found: list[Any] = []

    def visit(value: Any) -> Any:
        found.append(value)
        return WalkResult.SKIP if isinstance(value, Call) else WalkResult.ADVANCE

    structural_walk([1, Call("f", [2])], visit, order="pre")
    assert [value for value in found if isinstance(value, int)] == [1]


def test_an_interrupt_stops_and_is_returned() -> None:
    found: list[int] = []

    def visit(value: int) -> Any:
        found.append(value)
        return VisitInterrupt({"at": value}) if value == 2 else None

    stop = structural_walk([1, 2, 3], (int, visit))
    assert isinstance(stop, VisitInterrupt) and stop.value["at"] == 2
    assert found == [1, 2]
    assert VisitInterrupt().value is None


def test_integers_count_as_results_and_other_values_raise() -> None:
    assert structural_walk([1], lambda value: 0) is None
    with pytest.raises(
        TypeError,
        match=r"CallExpected: result type mismatch, expected WalkResult, but got ffi\.SmallStr",
    ):
        structural_walk([1], lambda value: "x")


def test_an_exception_ends_the_walk_and_arrives() -> None:
    found: list[Any] = []

    def visit(value: Any) -> None:
        found.append(value)
        raise KeyError("from the callback")

    with pytest.raises(KeyError, match="from the callback"):
        structural_walk([1, 2], (int, visit))
    assert found == [1]


# ---- Regions -------------------------------------------------------------------------------------


def kinds(root: Any) -> dict[str, list[DefRegionKind]]:
    found: dict[str, list[DefRegionKind]] = {}

    def visit(value: Any, kind: DefRegionKind) -> None:
        assert isinstance(kind, DefRegionKind)
        found.setdefault(str(value.name), []).append(kind)

    structural_walk(root, (), (Var, visit))
    return found


def test_callbacks_are_told_the_region() -> None:
    x, y = Var("x"), Var("y")
    assert kinds(Let(x, y, [x])) == {"x": [SIMPLE, NONE], "y": [NONE]}
    assert kinds(Lambda([x], Call("f", [x, y]))) == {"x": [PATTERN, NONE], "y": [NONE]}
    typed = TypedVar(y)
    assert kinds(Let(typed, 0, 0)) == {"y": [NONE]}
    assert kinds(Lambda(typed, 0)) == {"y": [PATTERN]}
    assert kinds(Lambda([Let(x, y, y)], 0)) == {"x": [PATTERN], "y": [PATTERN, PATTERN]}


def test_native_regions_and_hooks() -> None:
    make_graph = tvm_ffi.get_global_func("testing.make_visit_region_graph")

    def walk(root: Any) -> list[Any]:
        found: list[Any] = []

        def visit(value: Any, kind: DefRegionKind) -> None:
            found.append((value if isinstance(value, int) else type(value).__name__, kind))

        structural_walk(root, (), visit, order="pre")
        return found

    inside = [(1, SIMPLE), (2, PATTERN), (3, NONE)]
    assert walk(make_graph(False)) == [("TestVisitRegions", NONE), *inside]
    assert walk(make_graph(True)) == [
        ("TestVisitHook", NONE),
        ("TestVisitRegions", SIMPLE),
        (1, SIMPLE),
        (2, PATTERN),
        (3, SIMPLE),
        (4, NONE),
    ]


# ---- Visiting ------------------------------------------------------------------------------------


def test_visit_leaves_the_descent_to_the_callback() -> None:
    found: list[Any] = []

    def visit_call(call: Call, visitor: StructuralVisitor) -> Any:
        found.append(call.op)
        if call.op == "deep":
            return visitor.default_visit(call)
        if call.op == "first":
            return visitor.visit(call.args[0])
        return None

    root = Array([Call("deep", [1, Call("closed", [2])]), Call("first", [3, 4])])
    callbacks = [(Call, visit_call), (int, lambda value, visitor: found.append(value))]
    assert structural_visit(root, callbacks) is None
    assert found == ["deep", 1, "closed", "first", 3]


def test_default_visit_skips_the_callback_for_the_value_only() -> None:
    found: list[Any] = []

    def visit(value: Any, visitor: StructuralVisitor) -> Any:
        found.append(value)
        return visitor.default_visit(value)

    root = Array([1, [2, None]])
    structural_visit(root, visit)
    assert found == [root, 1, Array([2, None]), 2]


def test_visit_can_be_interrupted() -> None:
    def visit(value: int, visitor: StructuralVisitor) -> Any:
        return VisitInterrupt(value) if value == 2 else None

    stop = structural_visit([1, [2], 3], (int, visit))
    assert stop is not None and stop.value == 2
    with pytest.raises(TypeError, match=r"expected Optional<ffi\.VisitInterrupt>, but got int"):
        structural_visit([1], (int, lambda value, visitor: 0))


def test_the_region_can_be_set_for_a_while() -> None:
    found: list[Any] = []

    def visit(value: int, visitor: StructuralVisitor) -> None:
        found.append(visitor.def_region_kind())
        found.append(visitor.with_def_region_kind(SIMPLE, visitor.def_region_kind))
        with pytest.raises(ValueError, match="inside"):
            visitor.with_def_region_kind(PATTERN, fail)
        found.append(visitor.def_region_kind())

    def fail() -> None:
        raise ValueError("inside")

    structural_visit(1, (int, visit))
    assert found == [NONE, SIMPLE, NONE]
    found.clear()
    structural_visit(
        Lambda([1], 0),
        (int, lambda v, s: found.append(s.with_def_region_kind(SIMPLE, s.def_region_kind))),
    )
    assert found == [PATTERN, SIMPLE]


def test_visitors_are_handed_out_only() -> None:
    for cls in (StructuralVisitor, tvm_ffi.StructuralMutator):
        with pytest.raises(TypeError, match=f"`{cls.__name__}` cannot be constructed directly"):
            cls()


def test_a_hook_decides_how_its_type_is_visited() -> None:
    @py_class("test_structural.Hooked")
    class Hooked(Object):
        shown: Any
        hidden: Any

        @staticmethod
        def __s_visit__(visitor: StructuralVisitor, value: Hooked) -> Any:
            return visitor.visit(value.shown)

    assert seen(Hooked([1], [2]), int) == [1]


def test_pointers_devices_and_types_are_leaves() -> None:
    values = [tvm_ffi.dtype("int8"), tvm_ffi.Device("cpu", 0)]
    assert seen(values, tvm_ffi.dtype) == values[:1]
    assert seen(values, tvm_ffi.Device) == values[1:]
    pointer = ctypes.c_void_p(8)
    assert [found.value for found in seen([pointer], ctypes.c_void_p)] == [8]
