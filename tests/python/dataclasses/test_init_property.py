# SPDX-License-Identifier: Apache-2.0
"""`init_property`: fields computed when an object is constructed."""

from __future__ import annotations

import sys
from typing import Any, List, Optional

import pytest

from tvm_ffi.dataclasses import Object, fields, init_property, py_class


@py_class
class Square(Object):
    side: float

    @init_property
    def area(self) -> float:
        """The area."""
        return self.side**2

    name: str = "square"


def test_the_value_is_computed_once():
    square = Square(3.0)
    assert square.area == 9.0
    square.side = 4.0
    assert square.area == 9.0


def test_the_value_is_a_native_field():
    (native,) = [f for f in Square.__tvm_ffi_type_info__.fields if f.name == "area"]
    assert native.c_init is False and native.c_structural_eq == "ignore"
    assert (native.c_repr, native.c_hash, native.c_compare) == (False, False, False)
    assert Square.area.__doc__ == "The area."
    assert "area" not in repr(Square(1.0))


def test_annotations_keep_their_order():
    assert [f.name for f in fields(Square)] == ["side", "name", "area"]
    assert list(Square.__annotations__) == ["side", "name", "area"]


def test_without_annotation_the_value_can_be_anything():
    @py_class
    class Loose(Object):
        x: int

        @init_property
        def pair(self):
            return [self.x, "text"]

    assert list(Loose(1).pair) == [1, "text"]
    assert fields(Loose)[1].type is Any


def test_without_other_annotations():
    @py_class
    class Alone(Object):
        @init_property
        def answer(self) -> int:
            return 42

    assert Alone().answer == 42


def test_parents_come_first_and_children_may_read_them():
    order = []

    @py_class
    class Parent(Object):
        x: int

        @init_property
        def first(self) -> int:
            order.append("first")
            return self.x + 1

    @py_class
    class Child(Parent):
        @init_property
        def second(self) -> int:
            order.append("second")
            return self.first * 10

        def __post_init__(self):
            order.append(("post", self.second))

    assert Child(1).second == 20
    assert order == ["first", "second", ("post", 20)]
    assert list(Child.__ffi_init_property_funcs__) == ["second"]
    assert list(Parent.__ffi_init_property_funcs__) == ["first"]


def test_a_child_replaces_the_function_of_its_parent():
    @py_class
    class Parent(Object):
        x: int

        @init_property
        def value(self) -> int:
            raise AssertionError("not to be called")

    @py_class
    class Child(Parent):
        @init_property
        def value(self) -> int:
            return self.x * 2

    assert Child(4).value == 8


def test_recursive_types():
    @py_class
    class Node(Object):
        children: List[Node]
        parent: Optional[Graph] = None

        @init_property
        def depth(self) -> int:
            return 1 + max([child.depth for child in self.children], default=0)

        @init_property
        def me(self) -> Optional[Node]:
            return None

    @py_class
    class Graph(Object):
        root: Optional[Node] = None

    assert Node([Node([Node([])])]).depth == 3
    assert Graph(Node([])).root.me is None


def test_mixins_may_have_init_properties():
    class Counted:
        @init_property
        def length(self) -> int:
            return len(self.items)

    @py_class
    class Bag(Counted, Object):
        items: List[int]

    assert Bag([1, 2]).length == 2


def test_a_value_of_the_wrong_type_fails_the_construction():
    @py_class
    class Wrong(Object):
        @init_property
        def value(self) -> int:
            return "text"

    with pytest.raises(TypeError, match="expected int, got str"):
        Wrong()


def test_only_callables_can_be_init_properties():
    with pytest.raises(TypeError, match="init_property: expected a callable, got int"):
        init_property(3)


@pytest.mark.skipif(sys.version_info < (3, 14), reason="annotations wait since 3.14")
def test_annotations_may_name_what_comes_later(run_python):
    """Not in this file, whose annotations are text."""
    program = """
        import annotationlib
        from tvm_ffi.dataclasses import Object, fields, init_property, py_class

        @py_class("test_init_property.Early")
        class Early(Object):
            value: int

            @init_property
            def anything(self): return "x"

            @init_property
            def later(self) -> Later | None: return Later(self.value)

        def annotations(format):
            return annotationlib.get_annotations(Early, format=format)

        print(annotations(annotationlib.Format.STRING))
        try:
            annotations(annotationlib.Format.VALUE)
        except NameError as error:
            print(error)

        @py_class("test_init_property.Later")
        class Later(Object):
            value: int

        print(annotations(annotationlib.Format.VALUE)["later"] == Later | None)
        print([field.name for field in fields(Early)], Early(3).later.value, Early(3).anything)
        """
    assert run_python(program).splitlines() == [
        "{'value': 'int', 'anything': 'typing.Any', 'later': 'Later | None'}",
        "name 'Later' is not defined",
        "True",
        "['value', 'anything', 'later'] 3 x",
    ]
