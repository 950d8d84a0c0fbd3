# SPDX-License-Identifier: Apache-2.0
"""Hooks of the class body: type attributes, native methods, field hooks and markers."""

import copy
from typing import Any, List

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.dataclasses import Object, field, fields, py_class
from tvm_ffi.dataclasses.py_class import _collect_py_methods


def attr(cls, name, ancestor=False):
    return core._lookup_type_attr(cls.__tvm_ffi_type_info__.type_index, name, ancestor)


# ---- Type attributes -----------------------------------------------------------------------------


@py_class(eq=True, order=True, unsafe_hash=True)
class Hooked(Object):
    key: int
    label: str = ""

    def __ffi_repr__(self, fn_repr):
        return f"Hooked<{fn_repr(self.key)}>"

    def __ffi_hash__(self, fn_hash):
        return fn_hash(self.key)

    def __ffi_eq__(self, other, fn_eq):
        return fn_eq(self.key, other.key)

    def __ffi_compare__(self, other, fn_cmp):
        return fn_cmp(self.key, other.key)


def test_hooks_serve_the_recursive_operations():
    assert repr(Hooked(1)) == "Hooked<1>"
    assert Hooked(1, "a") == Hooked(1, "b") and Hooked(1) != Hooked(2)
    assert hash(Hooked(1, "a")) == hash(Hooked(1, "b"))
    assert Hooked(1) < Hooked(2) and Hooked(2) >= Hooked(2, "x")


def test_hooks_serve_objects_inside_containers():
    assert repr(tvm_ffi.Array([Hooked(1)])) == "(Hooked<1>,)"
    assert tvm_ffi.Array([Hooked(1, "a")]) == tvm_ffi.Array([Hooked(1, "b")])


def test_hooks_survive_copies():
    for copied in (copy.copy(Hooked(1)), copy.deepcopy(Hooked(1))):
        assert repr(copied) == "Hooked<1>"
        assert copied == Hooked(1, "other")


def test_map_hooks_decide_which_keys_are_one():
    @py_class
    class Keyed(Object):
        key: int
        note: str

        def __any_hash__(self):
            return self.key

        def __any_equal__(self, other):
            return self.key == other.key

    table = tvm_ffi.Dict({Keyed(1, "a"): 1})
    table[Keyed(1, "b")] = 2
    assert len(table) == 1 and table[Keyed(1, "c")] == 2


def test_structural_hooks():
    @py_class
    class Modulo(Object):
        n: int

        def __s_equal__(self, other, cb):
            return cb(self.n % 10, other.n % 10, 0, "n")

        def __s_hash__(self, seed, cb):
            return cb(self.n % 10, seed, 0)

    assert tvm_ffi.structural_equal(Modulo(3), Modulo(13))
    assert not tvm_ffi.structural_equal(Modulo(3), Modulo(14))
    assert tvm_ffi.structural_hash(Modulo(3)) == tvm_ffi.structural_hash(Modulo(13))


def test_json_hooks():
    @py_class("test_hooks.Written")
    class Written(Object):
        n: int

        def __data_to_json__(self):
            return f"n={self.n}"

        @staticmethod
        def __data_from_json__(data):
            return Written(int(data[2:]))

    written = tvm_ffi.serialization.to_json_graph_str(Written(5))
    assert "n=5" in written
    assert tvm_ffi.serialization.from_json_graph_str(written).n == 5


def test_convert_hook_serves_fields_of_the_type():
    @py_class
    class Celsius(Object):
        degrees: float

        @staticmethod
        def __ffi_convert__(value):
            return Celsius(value)

    @py_class
    class Room(Object):
        temperature: Celsius

    assert Room(21.5).temperature.degrees == 21.5
    with pytest.raises(TypeError, match="__ffi_convert__ failed"):
        Room("warm")


def test_values_of_attributes_need_not_be_callable():
    @py_class
    class Valued(Object):
        __ffi_convert_type_schema__ = '{"type": "int"}'
        __ffi_repr__ = None

    assert attr(Valued, "__ffi_convert_type_schema__") == '{"type": "int"}'
    assert attr(Valued, "__ffi_repr__") is None


def test_further_names_can_be_attributes():
    @py_class
    class Named(Object):
        __ffi_type_attr_names__ = ("test_hooks_number", "test_hooks_function")
        test_hooks_number = 5

        @staticmethod
        def test_hooks_function(x):
            return x + 1

    @py_class
    class Child(Named):
        test_hooks_number = 6

    assert attr(Named, "test_hooks_number") == 5
    assert attr(Named, "test_hooks_function")(2) == 3
    assert Named.test_hooks_function(2) == 3
    assert attr(Child, "test_hooks_number") == 6
    assert attr(Child, "test_hooks_function") is None
    assert attr(Child, "test_hooks_function", ancestor=True)(1) == 2


# ---- Inherited attributes ------------------------------------------------------------------------


@py_class
class WithHooks(Object):
    n: int

    def __s_hash__(self, seed, cb):
        return cb(self.n, seed, 0)

    def __ffi_repr__(self, fn_repr):
        return "parent"


def test_some_hooks_are_inherited_by_default():
    @py_class
    class Child(WithHooks):
        m: int

    assert attr(Child, "__s_hash__") is not None
    assert attr(Child, "__ffi_repr__") is None


def test_inheritance_can_be_chosen_or_turned_off():
    @py_class
    class Chosen(WithHooks):
        __ffi_inherit_type_attrs__ = ["__ffi_repr__"]  # noqa: RUF012

    @py_class
    class Off(WithHooks):
        __ffi_inherit_type_attrs__ = ()

    assert attr(Chosen, "__ffi_repr__") is not None and attr(Chosen, "__s_hash__") is None
    assert repr(Chosen(1)) == "parent"
    assert attr(Off, "__s_hash__") is None


def test_an_own_definition_wins_and_none_stops_the_search():
    def own(self, seed, cb):
        return seed

    @py_class
    class Own(WithHooks):
        __s_hash__ = own

    @py_class
    class Stopped(WithHooks):
        __s_hash__ = None

    @py_class
    class Grandchild(Stopped):
        pass

    assert attr(Own, "__s_hash__")(Own(1), 5, None) == 5
    assert attr(Stopped, "__s_hash__") is None
    assert attr(Grandchild, "__s_hash__") is None


def test_deferred_classes_inherit_too():
    @py_class
    class Deferred(WithHooks):
        x: "DeferredPart"

    @py_class
    class DeferredPart(Object):
        y: int

    assert attr(Deferred, "__s_hash__") is not None


# ---- Methods -------------------------------------------------------------------------------------


@py_class
class WithMethods(Object):
    x: int

    @tvm_ffi.method
    def plus(self, y: int) -> int:
        """Add."""
        return self.x + y

    @tvm_ffi.method
    @staticmethod
    def double(y: int) -> int:
        return 2 * y

    @staticmethod
    @tvm_ffi.method
    def triple(y):
        return 3 * y

    @tvm_ffi.method
    def variadic(self, *args: int) -> int:
        return sum(args)

    @tvm_ffi.method
    def unresolved(self, y: "Nothing") -> int:  # noqa: F821
        return 0

    @tvm_ffi.method
    def __ffi_repr__(self, fn_repr):
        return "methods"

    def unmarked(self):
        return 1


def native_methods(cls):
    return {method.name: method for method in cls.__tvm_ffi_type_info__.methods}


def test_marked_methods_become_native():
    methods = native_methods(WithMethods)
    assert list(methods) == ["plus", "double", "triple", "variadic", "unresolved"]
    made = WithMethods(1)
    assert methods["plus"].func(made, 2) == 3 and not methods["plus"].is_static
    assert methods["double"].func(4) == 8 and methods["double"].is_static
    assert methods["triple"].is_static


def test_python_access_is_unchanged():
    made = WithMethods(1)
    assert (made.plus(2), WithMethods.double(2), made.triple(2), made.unmarked()) == (3, 4, 6, 1)
    assert WithMethods.plus.__doc__ == "Add."


def test_metadata_of_methods_comes_from_annotations():
    key = WithMethods.__tvm_ffi_type_info__.type_key
    schemas = {name: m.metadata["type_schema"] for name, m in native_methods(WithMethods).items()}
    assert schemas["plus"] == {
        "type": "Callable",
        "named_args": {"return": [{"type": "int"}], "params": [{"type": key}, {"type": "int"}]},
    }
    assert schemas["double"]["named_args"]["params"] == [{"type": "int"}]
    assert schemas["triple"]["named_args"] == {
        "return": [{"type": "Any"}],
        "params": [{"type": "Any"}],
    }
    assert schemas["variadic"] == schemas["unresolved"] == {"type": "Callable"}


def test_marked_hooks_are_attributes_only():
    assert "__ffi_repr__" not in native_methods(WithMethods)
    assert repr(WithMethods(1)) == "methods"


def test_children_do_not_repeat_methods():
    @py_class
    class Child(WithMethods):
        y: int

    assert native_methods(Child) == {}
    assert Child(1, 2).plus(3) == 4


def test_mark_is_for_functions():
    def function():
        pass

    assert tvm_ffi.method(function) is function and function.__ffi_method__ is True
    static = staticmethod(function)
    assert tvm_ffi.method(static) is static
    with pytest.raises(TypeError, match="@classmethod is not supported"):
        tvm_ffi.method(classmethod(function))
    for wrong, named in ((3, "int"), (property(function), "property")):
        with pytest.raises(TypeError, match=rf"expected a callable, got {named}\."):
            tvm_ffi.method(wrong)


def test_classmethods_cannot_be_native():
    def marked(cls):
        pass

    marked.__ffi_method__ = True
    for body in ({"m": classmethod(marked)}, {"__ffi_hash__": classmethod(lambda cls, f: 0)}):
        with pytest.raises(TypeError, match="is wrapped by @classmethod"):
            py_class(type("Wrapped", (Object,), body))


def test_collecting_methods_lists_what_will_be_registered():
    assert _collect_py_methods(Hooked.__mro__[-1]) is None
    listed = _collect_py_methods(WithMethods)
    assert [(name, is_static) for name, _, is_static in listed] == [
        ("plus", False),
        ("double", True),
        ("triple", True),
        ("variadic", False),
        ("unresolved", False),
        ("__ffi_repr__", False),
    ]
    detailed = _collect_py_methods(WithMethods, globals())
    assert all(len(entry) == 4 for entry in detailed)
    assert detailed[0][3].startswith('{"type_schema"') and detailed[-1][3] is None


def test_arbitrary_dunders_are_not_registered():
    @py_class
    class Dunders(Object):
        def __ffi_shallow_copy__(self):
            return "mine"

        def __ffi_anything__(self):
            return "mine"

    assert native_methods(Dunders) == {}
    assert attr(Dunders, "__ffi_shallow_copy__") is not None
    assert attr(Dunders, "__ffi_anything__") is None
    assert type(copy.copy(Dunders())) is Dunders


# ---- Field hooks ---------------------------------------------------------------------------------


def field_hook(function):
    function.__ffi_on_fields_resolved__ = True
    return function


def test_field_hooks_run_from_the_base_in_order_before_registration():
    calls = []

    class Mixin:
        @field_hook
        def first(info, own):
            calls.append(("first", [f.name for f in own], info.fields))

        @field_hook
        def second(info, own):
            calls.append(("second", [(f.type, repr(f._ty_schema)) for f in own], info.fields))

    @py_class
    class Owner(Mixin, Object):
        x: int

        @field_hook
        def third(info, own):
            calls.append(("third", info.type_key, info._decorator_args["eq"]))

    key = Owner.__tvm_ffi_type_info__.type_key
    assert calls == [
        ("first", ["x"], None),
        ("second", [(int, "int")], None),
        ("third", key, False),
    ]
    calls.clear()

    @py_class
    class Empty(Owner):
        pass

    assert [name for name, *_ in calls] == ["first", "second", "third"]


def test_field_hooks_can_change_fields_and_options():
    class Mixin:
        @field_hook
        def adjust(info, own):
            for one in own:
                if one.extra_kwargs.pop("hidden", False):
                    one.repr = False
                    one.default = 7
            info._decorator_args["structural_eq"] = "singleton"

    @py_class
    class Owner(Mixin, Object):
        x: int
        y: int = field(hidden=True)

    assert repr(Owner(1)) == f"{Owner.__tvm_ffi_type_info__.type_key}(x=1)"
    assert Owner(1).y == 7
    assert not tvm_ffi.structural_equal(Owner(1), Owner(1))


def test_static_field_hooks_are_called_too():
    calls = []

    @py_class
    class Owner(Object):
        x: int

        @staticmethod
        @field_hook
        def hook(info, own):
            calls.append(len(own))

    assert calls == [1]


def test_options_nobody_took_are_refused():
    with pytest.raises(TypeError, match=r"Owner\.x: unrecognized field options: a, b"):

        @py_class
        class Owner(Object):
            x: int = field(b=1, a=2)


# ---- Markers -------------------------------------------------------------------------------------


class Sep:
    pass


class Group:
    pass


class Marked:
    __ffi_field_markers__ = (Sep, Group)


def test_markers_declare_no_field_and_are_recorded():
    @py_class
    class Owner(Marked, Object):
        a: int
        m: Sep
        b: int
        n: Group = 5

    @py_class
    class Child(Owner):
        o: Sep
        c: int

    assert [f.name for f in fields(Child)] == ["a", "b", "c"]
    assert Owner.n == 5 and not hasattr(Owner, "m")
    own = ((Sep, Owner, "m", 1), (Group, Owner, "n", 2))
    assert Owner.__tvm_ffi_type_info__._decorator_args["field_markers"] == own
    assert Child.__tvm_ffi_type_info__._decorator_args["field_markers"] == (
        *own,
        (Sep, Child, "o", 2),
    )
    assert Child(1, 2, 3).c == 3


def test_only_exactly_the_marker_type_counts():
    class Markers:
        __ffi_field_markers__ = [Sep]  # noqa: RUF012

    with pytest.raises(TypeError, match="Cannot convert"):

        @py_class
        class Owner(Markers, Object):
            x: List[Sep]


@pytest.mark.parametrize("markers", [int, "abc", (1,), [Sep, None]])
def test_markers_must_be_types_in_a_tuple_or_list(markers):
    with pytest.raises(TypeError, match="__ffi_field_markers__ must be a tuple or list of types"):
        py_class(type("Bad", (Object,), {"__ffi_field_markers__": markers}))


def test_any_is_no_marker():
    @py_class
    class Owner(Marked, Object):
        x: Any

    assert [f.name for f in fields(Owner)] == ["x"]
