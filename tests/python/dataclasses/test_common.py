# SPDX-License-Identifier: Apache-2.0
"""`fields`, `asdict`, `astuple`, `replace` and named tuples over fields."""

import copy
import dataclasses
import sys
from collections import OrderedDict, defaultdict, namedtuple
from typing import Any, List

import pytest

import tvm_ffi
from tvm_ffi.core import TypeSchema
from tvm_ffi.dataclasses import (
    Field,
    Object,
    asdict,
    astuple,
    fields,
    is_dataclass,
    py_class,
    replace,
)
from tvm_ffi.dataclasses.common import _make_namedtuple
from tvm_ffi.testing import TestIntPair as Pair


@py_class
class Inner(Object):
    n: int


@py_class
class Outer(Object):
    a: Any
    b: Any = None


class Child(Outer):
    pass


@dataclasses.dataclass
class Standard:
    x: int = 0


def test_is_dataclass():
    assert is_dataclass(Outer) and is_dataclass(Outer(1)) and is_dataclass(Pair(1, 2))
    for other in (Object, tvm_ffi.Array, tvm_ffi.Array([]), Standard, Standard(), 3, None):
        assert not is_dataclass(other)


def test_fields_of_classes_and_instances():
    assert [f.name for f in fields(Outer)] == ["a", "b"]
    assert fields(Outer(1)) == fields(Outer)
    assert all(isinstance(f, Field) for f in fields(Pair))


@pytest.mark.parametrize(
    ("value", "named"), [(3, "int"), (tvm_ffi.Array([]), "Array"), (Standard(), "Standard")]
)
def test_fields_of_other_values_are_refused(value, named):
    text = rf"fields\(\) argument must be a c_class or py_class type or instance, got {named}"
    with pytest.raises(TypeError, match=text):
        fields(value)


def test_fields_of_a_parent_that_is_no_dataclass():
    @tvm_ffi.register_object("testing.TestCxxClassBase")
    class Registered(Object):
        pass

    @py_class
    class Extended(Registered):
        x: int

    assert [f.name for f in fields(Extended)] == ["v_i64", "v_i32", "x"]


def test_replace_is_the_method():
    assert replace(Outer(1, 2), b=3).b == 3


# ---- asdict, astuple -----------------------------------------------------------------------------


def test_dataclasses_inside_are_taken_apart():
    made = Outer(Inner(1), Outer(Pair(1, 2)))
    assert asdict(made) == {"a": {"n": 1}, "b": {"a": {"a": 1, "b": 2}, "b": None}}
    assert astuple(made) == ((1,), ((1, 2), None))


def test_ffi_containers_become_python_ones():
    made = Outer(tvm_ffi.List([Inner(1), [2]]), tvm_ffi.Dict({"k": Inner(3)}))
    assert asdict(made) == {"a": [{"n": 1}, [2]], "b": {"k": {"n": 3}}}
    assert astuple(made) == ([(1,), [2]], {"k": (3,)})
    assert type(asdict(made)["a"]) is list and type(asdict(made)["b"]) is dict


def test_python_values_inside_keep_their_types():
    point = namedtuple("point", "x y")

    class Opaque:
        def __init__(self, value):
            self.value = value

    inside = Opaque(
        {
            "list": [Inner(1)],
            "tuple": (Inner(2),),
            "named": point(Inner(3), 4),
            "default": defaultdict(list, k=[Inner(5)]),
            "ordered": OrderedDict(k=Inner(6)),
        }
    )
    from tvm_ffi.dataclasses.common import _Parts

    taken = _Parts(dict, dict).of(inside.value)
    assert taken["list"] == [{"n": 1}] and taken["tuple"] == ({"n": 2},)
    assert type(taken["named"]) is point and taken["named"] == ({"n": 3}, 4)
    assert taken["default"]["k"] == [{"n": 5}] and taken["default"].default_factory is list
    assert type(taken["ordered"]) is OrderedDict


def test_atoms_are_kept_and_others_copied():
    class Token:
        pass

    token = Token()
    for atom in (
        1,
        1.5,
        "s",
        b"b",
        True,
        None,
        2**100,
        tvm_ffi.device("cpu"),
        tvm_ffi.dtype("int8"),
    ):
        assert asdict(Outer(atom))["a"] == atom
    taken = asdict(Outer(token))["a"]
    assert type(taken) is Token and taken is not token


def test_functions_and_shapes_inside_are_kept():
    taken = asdict(Outer(lambda x: x + 1, tvm_ffi.Shape((1, 2))))
    assert taken["a"](1) == 2
    assert tuple(taken["b"]) == (1, 2)


def test_factories_make_the_results():
    made = Outer(Inner(1), tvm_ffi.Map({"k": 1}))
    taken = asdict(made, dict_factory=OrderedDict)
    assert type(taken) is OrderedDict and type(taken["a"]) is OrderedDict
    assert type(taken["b"]) is OrderedDict
    assert astuple(made, tuple_factory=list) == [[1], {"k": 1}]


@pytest.mark.parametrize("value", [Outer, 3, None, tvm_ffi.Array([]), Standard()])
def test_other_values_are_refused(value):
    with pytest.raises(TypeError, match=r"asdict\(\) should be called on c_class / py_class inst"):
        asdict(value)
    with pytest.raises(TypeError, match=r"astuple\(\) should be called on c_class / py_class inst"):
        astuple(value)


# ---- Named tuples --------------------------------------------------------------------------------


@py_class
class Source(Object):
    x: int
    items: List[int]
    loose: Any = 3


def test_named_tuples_convert_their_values():
    made = _make_namedtuple("Row", fields(Source))
    row = made(True, [1], "s")
    assert isinstance(row, tuple) and row._fields == ("x", "items", "loose")
    assert row.x == 1 and type(row.x) is int
    assert type(row.items) is tvm_ffi.List and row.loose == "s"
    assert type(made._make([1, [2], 3]).items) is tvm_ffi.List
    assert type(row._replace(items=[5]).items) is tvm_ffi.List
    assert made(x=1, items=[], loose=None) == made(1, [], None)


def test_subclasses_convert_too():
    class Row(_make_namedtuple("Row", fields(Source))):
        pass

    row = Row(True, (), None)
    assert type(row) is Row and type(row.x) is int
    assert type(row._replace(x=2)) is Row


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace came with 3.13")
def test_copy_replace_converts_too():
    row = _make_namedtuple("Row", fields(Source))(1, [], None)
    assert type(copy.replace(row, x=True).x) is int


def test_all_values_are_required():
    made = _make_namedtuple("Row", fields(Source))
    with pytest.raises(TypeError, match="missing 1 required positional argument: 'loose'"):
        made(1, [])
    with pytest.raises(TypeError, match="Expected 3 arguments, got 1"):
        made._make([1])
    with pytest.raises((TypeError, ValueError), match="unexpected field names"):
        made(1, [], 2)._replace(other=1)
    assert made._field_defaults == {} and not is_dataclass(made)


def test_a_value_of_the_wrong_type_names_the_field():
    made = _make_namedtuple("Row", (Field("x", TypeSchema("int")), Field("y", TypeSchema("Any"))))
    for make in (
        lambda: made("s", 1),
        lambda: made._make(["s", 1]),
        lambda: made(1, 2)._replace(x="s"),
    ):
        with pytest.raises(TypeError, match=r"Row\.x: .*expected int, got str") as caught:
            make()
        assert isinstance(caught.value.__cause__, TypeError)


def test_types_come_from_the_schema_or_the_annotation():
    annotated = Field("y")
    annotated.type = int
    made = _make_namedtuple("Row", (Field("x", TypeSchema("str")), annotated))
    assert made.__annotations__ == {"y": int}
    assert made("a", True) == ("a", 1)
    assert annotated._ty_schema is None
