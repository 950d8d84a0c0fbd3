# SPDX-License-Identifier: Apache-2.0
# No `from __future__ import annotations`: some annotations below are classes, some are text.
import dataclasses
from collections import namedtuple
from dataclasses import dataclass, field
from typing import Any, ClassVar, NamedTuple, Optional, Union

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi.utils import unpack_dataclass
from tvm_ffi.utils.unpack_dataclass import unpack_dataclass_to_tuple

extract = unpack_dataclass._extract_dataclass_to_tuple_schema
validate = unpack_dataclass._validate_dataclass_to_tuple_schema


@dataclass
class Point:
    x: int
    y: float


@dataclass
class Path3(Point):
    rest: list[Point] = field(default_factory=list)


@dataclass
class Node:
    value: Any
    next: Optional["Node"] = None


@dataclass
class Holder:
    point: Point


@dataclass
class Empty:
    pass


@dataclass
class Everything:
    point: Point
    plain: tuple[int, ...]
    bare: list
    union: Union[int, str]
    maybe_point: Optional[Point]
    frozen: frozenset[bytes]
    mapping: dict[str, int]
    points: dict[str, Point]
    nothing: None
    anything: Any
    an_object: object
    elements: list[int]
    imaginary: complex
    constant: ClassVar[int] = 3


@dataclass
class Unresolved:
    size: int
    other: "NoSuchName"  # noqa: F821


class Named(NamedTuple):
    a: Any
    b: int


def test_fields_become_a_tuple_recursively() -> None:
    assert unpack_dataclass_to_tuple(Point(1, 2.5)) == (1, 2.5)
    assert unpack_dataclass_to_tuple(Holder(Point(1, 2.5))) == ((1, 2.5),)
    assert unpack_dataclass_to_tuple(Path3(1, 2.0, [Point(3, 4.0)])) == (1, 2.0, [(3, 4.0)])
    assert unpack_dataclass_to_tuple(Empty()) == ()


def test_a_field_holding_a_subclass_or_none_is_unpacked_as_what_it_is() -> None:
    deep: Any = Holder(Path3(1, 2.0, [Point(3, 4.0)]))
    assert unpack_dataclass_to_tuple(deep) == ((1, 2.0, [(3, 4.0)]),)
    absent: Any = Holder(None)  # type: ignore[arg-type]
    assert unpack_dataclass_to_tuple(absent) == (None,)


def test_a_dataclass_can_refer_to_itself() -> None:
    assert unpack_dataclass_to_tuple(Node(1, Node([Node(2)]))) == (1, ([(2, None)], None))


def test_sequences_keep_their_class_and_dictionaries_are_new() -> None:
    class Special(list):
        pass

    unpacked = unpack_dataclass_to_tuple(Special([Node(1), (Node(2),)]))
    assert type(unpacked) is Special and unpacked == [(1, None), ((2, None),)]
    source = {"a": Node(1), Node: 2}
    unpacked = unpack_dataclass_to_tuple(source)
    assert unpacked == {"a": (1, None), Node: 2} and unpacked is not source


def test_named_tuples_are_rebuilt_field_by_field() -> None:
    unpacked = unpack_dataclass_to_tuple(Named(Node(1), 2))
    assert type(unpacked) is Named and unpacked == Named((1, None), 2)
    Other = namedtuple("Other", "only")
    assert unpack_dataclass_to_tuple(Other(Node(1))) == Other((1, None))


def test_other_values_are_returned_as_they_are() -> None:
    for value in (1, "text", {1, 2}, Node, object(), None):
        assert unpack_dataclass_to_tuple(value) is value


plain = st.recursive(
    st.none() | st.integers() | st.text(max_size=3),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.tuples(inner, inner)
        | st.dictionaries(st.text(max_size=2), inner, max_size=3)
    ),
    max_leaves=8,
)


@given(plain)
def test_what_holds_no_dataclass_stays_equal(value: Any) -> None:
    assert unpack_dataclass_to_tuple(value) == value
    assert unpack_dataclass_to_tuple(Node(value)) == (value, None)


def test_the_schema_says_what_annotations_promise() -> None:
    assert extract(Everything) == {
        "point": {"x": None, "y": None},
        "plain": None,
        "bare": "unpack",
        "union": None,
        "maybe_point": "unpack",
        "frozen": None,
        "mapping": None,
        "points": "unpack",
        "nothing": None,
        "anything": "unpack",
        "an_object": "unpack",
        "elements": "unpack",
        "imaginary": None,
    }
    assert extract(Node) == {"value": "unpack", "next": "unpack"}
    assert extract(Unresolved) == {"size": None, "other": "unpack"}


def test_a_schema_is_made_of_dataclasses_only() -> None:
    for wrong in (int, Point(1, 2.0), "Point"):
        with pytest.raises(TypeError, match="Expected a dataclass class, got"):
            extract(wrong)


@pytest.mark.parametrize(
    ("schema", "kind", "words"),
    [
        ([], TypeError, "must be a dict"),
        ({"a": 3}, TypeError, "must be a dict"),
        ({1: None}, TypeError, "Schema field name must be a string"),
        ({"1a": None}, ValueError, "'1a' is not a valid Python identifier"),
        ({"a": {"for": None}}, ValueError, "'for' is a Python keyword"),
    ],
)
def test_bad_schemas_are_refused(schema: Any, kind: Any, words: str) -> None:
    with pytest.raises(kind, match=words):
        validate(schema)
    validate({"a": None, "b": "unpack", "c": {"d": None}})


def test_a_class_made_at_run_time_works() -> None:
    made = dataclasses.make_dataclass("Made", [("class_", int), ("values", list)])
    assert unpack_dataclass_to_tuple(made(1, [Point(2, 3.0)])) == (1, [(2, 3.0)])
