# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import json
import pickle
from typing import Any, Optional

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tvm_ffi
import tvm_ffi.testing
from tvm_ffi import Array, Dict, List, Map, Shape, core, serialization
from tvm_ffi.dataclasses import field, py_class
from tvm_ffi.serialization import from_json_graph_str, to_json_graph_str

make = tvm_ffi.get_global_func("ffi.MakeObjectFromPackedArgs")
recursive_eq = tvm_ffi.get_global_func("ffi.RecursiveEq")

# Surrogates are no text to the library, and NaN is told from NaN by Python but not by RecursiveEq.
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
leaves = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(allow_nan=False, allow_infinity=False),
    texts,
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4).map(Array),
        st.lists(inner, max_size=4).map(List),
        st.dictionaries(texts, inner, max_size=4).map(Map),
        st.dictionaries(texts, inner, max_size=4).map(Dict),
    ),
    max_leaves=12,
)


def round_trip(value: Any) -> Any:
    return from_json_graph_str(to_json_graph_str(value))


def nodes(value: Any) -> list[Any]:
    graph = json.loads(to_json_graph_str(value))
    return list(graph["nodes"])


@given(trees)
def test_what_is_written_reads_back_equal(value: Any) -> None:
    again = round_trip(value)
    assert recursive_eq(again, value)
    assert isinstance(again, type(value)) or isinstance(value, str)


@pytest.mark.parametrize(
    "value",
    [
        tvm_ffi.dtype("float8_e4m3fn"),
        tvm_ffi.dtype("int32x4"),
        tvm_ffi.Device("cuda", 3),
        Shape((5, 6)),
        Dict({"a": 1}),
        5e-324,
        2**63,
        -(2**200),
        2**63 - 1,
        "",
        "\x00é😀",
        b"\x00\xff" * 9,
    ],
    ids=repr,
)
def test_values_of_every_kind_read_back(value: Any) -> None:
    again = round_trip(value)
    assert again == value and isinstance(again, type(value))


def test_the_graph_has_a_node_per_value() -> None:
    graph = json.loads(to_json_graph_str([1, 2, {"a": 1}]))
    assert set(graph) == {"root_index", "nodes"}
    assert graph["nodes"][graph["root_index"]]["type"] == "ffi.Array"
    assert sorted(node["type"] for node in graph["nodes"]) == [
        "ffi.Array",
        "ffi.Map",
        "ffi.String",
        "int",
        "int",  # 1 is there once
    ]


def test_objects_are_written_field_by_field() -> None:
    obj = make("testing.TestObjectDerived", "v_map", {"k": 1}, "v_array", [2], "v_i64", 5)
    (node,) = (node for node in nodes(obj) if node["type"] == "testing.TestObjectDerived")
    assert node["data"]["v_i64"] == 5  # plain values inside, others by their index
    assert nodes(obj)[node["data"]["v_str"]]["type"] == "ffi.String"
    again = round_trip(obj)
    assert type(again) is type(obj) and recursive_eq(again, obj)


def test_shared_objects_stay_shared() -> None:
    shared = make("testing.TestObjectBase")
    first, second = round_trip(Array([shared, shared]))
    assert first.same_as(second)


def test_metadata_is_stored_beside_the_graph() -> None:
    graph = json.loads(to_json_graph_str(3, {"version": "1", "list": [1, None]}))
    assert graph["metadata"] == {"version": "1", "list": [1, None]}
    assert "metadata" not in json.loads(to_json_graph_str(3))


def test_big_integers_are_decimal_text() -> None:
    (node,) = nodes(2**64)
    assert node == {"type": "ffi.BigInt", "data": str(2**64)}

    def text(data: str) -> str:
        return json.dumps({"root_index": 0, "nodes": [{"type": "ffi.BigInt", "data": data}]})

    assert from_json_graph_str(text("-7")) == -7
    for wrong in (" 1", "1 ", "", "0x10", "1e3"):
        with pytest.raises(ValueError, match=r"Invalid decimal string for ffi\.BigInt"):
            from_json_graph_str(text(wrong))


@pytest.mark.parametrize(
    "text",
    ["", "{", "[]", "{}", '{"nodes": []}', '{"root_index": 0}', '{"root_index":0,"nodes":3}'],
)
def test_text_that_is_no_graph_raises(text: str) -> None:
    with pytest.raises(ValueError):
        from_json_graph_str(text)


@pytest.mark.parametrize("index", [-1, 1, 2**40])
def test_an_index_outside_the_graph_raises(index: int) -> None:
    node = {"type": "ffi.Array", "data": [index]}
    with pytest.raises((ValueError, IndexError), match=str(index)):
        from_json_graph_str(json.dumps({"root_index": 0, "nodes": [node]}))


def test_a_field_of_the_wrong_type_raises() -> None:
    data = {"v_i64": "x", "v_f64": 1.0, "v_str": 1}
    nodes = [{"type": "testing.TestObjectBase", "data": data}, {"type": "ffi.String", "data": "s"}]
    with pytest.raises(TypeError):
        from_json_graph_str(json.dumps({"root_index": 0, "nodes": nodes}))


def test_what_cannot_be_written_raises() -> None:
    for value in (lambda: 1, object(), [print]):
        with pytest.raises(TypeError, match="does not support ToJSONGraph"):
            to_json_graph_str(value)
    number: Any = 3
    with pytest.raises(TypeError, match="Expected `str` but got `int`"):
        from_json_graph_str(number)


# ---- Pickles and copies --------------------------------------------------------------------------


# The classes of objects are found again by name, as are those of tvm_ffi.testing.
@tvm_ffi.register_object("testing.TestDeepCopyEdges")
class Edges(tvm_ffi.Object):
    pass


@py_class("test_serialization.Node", init=False)
class Node(tvm_ffi.Object):
    name: str
    child: Optional[tvm_ffi.Object] = None  # noqa: UP045 - Python 3.9 reads it
    items: list[int] = field(default_factory=list)

    def __init__(self, name: str, **fields: Any) -> None:
        constructed.append(name)
        self.__ffi_init__(name, **fields)


constructed: list[str] = []

CLONES = pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)


@CLONES
def test_registered_objects_are_copied_without_their_constructor(clone: Any) -> None:
    obj = make("testing.TestObjectDerived", "v_map", {"k": [1]}, "v_array", [2])
    again = clone(obj)
    assert type(again) is type(obj) and not again.same_as(obj)
    assert recursive_eq(again, obj)


@CLONES
def test_sharing_inside_a_copy_is_kept(clone: Any) -> None:
    shared = make("testing.TestObjectBase")
    obj = make("testing.TestDeepCopyEdges", "v_any", Array([shared]), "v_obj", shared)
    again = clone(obj)
    assert again.v_any[0].same_as(again.v_obj)
    assert not again.v_obj.same_as(shared)


@CLONES
def test_python_classes_are_copied_without_their_constructor(clone: Any) -> None:
    obj = Node("root", child=Node("leaf"), items=[1, 2])
    constructed.clear()
    again = clone(obj)
    assert type(again) is Node and not again.same_as(obj) and constructed == []
    assert recursive_eq(again, obj) and again.child.name == "leaf" and again.items == [1, 2]


def test_pickled_values_keep_each_others_identity_no_further() -> None:
    array = Array([1, Map({"a": List([b"long enough", Shape((1, 2))])})])
    again = pickle.loads(pickle.dumps({"x": array}))
    assert again["x"] == array


def test_an_empty_wrapper_pickles_empty() -> None:
    empty = core.Object.__new__(core.Object)
    again = pickle.loads(pickle.dumps(empty))
    assert type(again) is core.Object and again.__chandle__() == 0


def test_text_and_bytes_pickle_as_those_of_python() -> None:
    echo = tvm_ffi.convert(lambda x: x)
    for value in ("a text longer than a cell", b"bytes longer than a cell"):
        native = echo(value)
        assert type(native) is not type(value)
        assert type(pickle.loads(pickle.dumps(native))) is type(value)


def test_what_cannot_be_written_cannot_be_pickled() -> None:
    with pytest.raises(TypeError, match="does not support ToJSONGraph"):
        pickle.dumps(Array([print]))


def test_the_module_has_two_functions() -> None:
    assert sorted(serialization.__all__) == ["from_json_graph_str", "to_json_graph_str"]
