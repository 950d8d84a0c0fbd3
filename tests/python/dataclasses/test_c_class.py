# SPDX-License-Identifier: Apache-2.0
"""`c_class`: dataclasses over the types of the testing library."""

from __future__ import annotations

import inspect
import typing
import warnings

import pytest

import tvm_ffi
from tvm_ffi import core, registry
from tvm_ffi.dataclasses import MISSING, Object, c_class, field, fields, is_dataclass
from tvm_ffi.dataclasses.c_class import _attach_field_objects


@c_class("testing.TestCxxClassBase")
class Base(Object):
    v_i64: int
    v_i32: int


@c_class("testing.TestCxxClassDerived", eq=True, order=True, unsafe_hash=True)
class Derived(Base):
    v_f64: float
    v_f32: float = 8.0


@c_class("testing.TestCxxClassDerivedDerived")
class DerivedDerived(Derived):
    v_str: str = field(default="default")
    v_bool: bool


def by_name(cls):
    return {field.name: field for field in fields(cls)}


# ---- Fields --------------------------------------------------------------------------------------


def test_fields_mirror_what_the_type_declares():
    @c_class("testing.TestCxxAutoInit")
    class AutoInit(Object):
        a: int
        b: int
        c: int
        d: int

    described = by_name(AutoInit)
    assert list(described) == ["a", "b", "c", "d"]
    assert [described[name].init for name in "abcd"] == [True, False, True, True]
    assert [described[name].kw_only for name in "abcd"] == [False, False, True, False]
    assert [described[name].default for name in "abcd"] == [MISSING, 42, MISSING, 99]
    assert all(described[name].default_factory is MISSING for name in "abcd")
    assert all(described[name].type is int for name in "abcd")


def test_fields_of_parents_come_first_and_are_the_parents_own():
    assert [f.name for f in fields(DerivedDerived)] == [
        "v_i64",
        "v_i32",
        "v_f64",
        "v_f32",
        "v_str",
        "v_bool",
    ]
    assert fields(DerivedDerived)[:2] == fields(Base)


def test_native_defaults_show_on_keyword_only_and_uninitialised_fields():
    @c_class("testing.TestCxxAutoInitKwOnlyDefaults")
    class Defaults(Object):
        p_required: int
        p_default: int
        k_required: int
        k_default: int
        hidden: int

    described = by_name(Defaults)
    assert described["k_default"].default == 22
    assert described["hidden"].default == 33
    assert described["k_required"].default is MISSING


def test_field_options_mirror_the_native_flags():
    assert [f.repr for f in fields(Base)] == [False, False]

    @c_class("testing.TestCompare")
    class Compare(Object):
        key: int
        name: str
        ignored_field: int

    assert [f.compare for f in fields(Compare)] == [True, True, False]
    assert [f.frozen for f in fields(Compare)] == [True, True, True]


def test_a_value_in_the_body_that_is_a_field_makes_way_for_the_property():
    assert isinstance(DerivedDerived.__dict__["v_str"], core.FFIProperty)
    assert DerivedDerived(1, 2, 3.0, v_bool=True).v_str == "default"


def test_other_values_in_the_body_stay():
    class_level = Derived.__dict__["v_f32"]
    assert class_level == 8.0  # plain values win over properties, as with register_object


def test_an_annotation_that_cannot_be_resolved_leaves_type_none():
    @c_class("testing.TestCxxAutoInitSimple")
    class Unresolved(Object):
        x: NoSuchName  # noqa: F821
        y: typing.Optional[int]

    assert [f.type for f in fields(Unresolved)] == [None, typing.Optional[int]]


def test_attaching_fields_again_changes_nothing():
    before = fields(Base)
    _attach_field_objects(Base, Base.__tvm_ffi_type_info__)
    assert all(one is other for one, other in zip(fields(Base), before))


def test_each_class_of_a_type_has_its_own_field_types():
    @c_class("testing.TestCxxAutoInitSimple")
    class First(Object):
        x: int
        y: int

    @c_class("testing.TestCxxAutoInitSimple")
    class Second(Object):
        x: bool
        y: bool

    assert [f.type for f in fields(First)] == [int, int]
    assert [f.type for f in fields(Second)] == [bool, bool]
    assert type(tvm_ffi.get_global_func("testing.echo")(First(1, 2))) is Second


# ---- The warning about annotations ---------------------------------------------------------------


def test_missing_annotations_are_warned_about_in_order():
    with pytest.warns(UserWarning) as caught:

        @c_class("testing.TestCxxKwOnly")
        class KwOnly(Object):
            x: int
            y: int

    (warning,) = caught
    assert str(warning.message).startswith(
        "@c_class('testing.TestCxxKwOnly'): class "
        "`test_missing_annotations_are_warned_about_in_order.<locals>.KwOnly` does not annotate "
        "the following reflected field(s): w, z. "
    )
    assert warning.filename == __file__


def test_annotations_of_parents_do_not_count():
    class Annotated(Object):
        v_f64: float
        v_f32: float

    with pytest.warns(UserWarning, match=r"field\(s\): v_f32, v_f64\."):

        @c_class("testing.TestCxxClassDerived")
        class Bare(Base, Annotated):
            pass


def test_a_fully_annotated_class_does_not_warn():
    with warnings.catch_warnings():
        warnings.simplefilter("error")

        @c_class("testing.TestCxxAutoInitSimple")
        class Full(Object):
            x: int
            y: int

        registry._warn_missing_field_annotations(Full, Full.__tvm_ffi_type_info__, stacklevel=1)


# ---- Type attributes -----------------------------------------------------------------------------


def test_native_hooks_become_class_attributes():
    @c_class("testing.TestCustomCompare")
    class CustomCompare(Object):
        key: int
        label: str

    for name in ("__ffi_hash__", "__ffi_eq__", "__ffi_compare__"):
        assert isinstance(CustomCompare.__dict__[name], tvm_ffi.Function)
    assert "__ffi_repr__" not in CustomCompare.__dict__


def test_hooks_in_the_body_stay():
    def own(self, fn_hash):
        return 0

    @c_class("testing.TestCustomHash")
    class CustomHash(Object):
        key: int
        label: str
        __ffi_hash__ = own

    assert CustomHash.__dict__["__ffi_hash__"] is own


# ---- Construction --------------------------------------------------------------------------------


def test_required_parameters_of_all_classes_come_before_defaulted_ones():
    signature = inspect.signature(DerivedDerived)
    assert list(signature.parameters) == ["v_i64", "v_i32", "v_f64", "v_bool", "v_f32", "v_str"]
    assert signature.parameters["v_f32"].default is MISSING
    assert signature.parameters["v_bool"].default is inspect.Parameter.empty


def test_an_own_constructor_can_use_the_native_one():
    @c_class("testing.TestCxxClassBase")
    class Shifted(Object):
        v_i64: int
        v_i32: int

        def __init__(self, v_i64, v_i32):
            self.__ffi_init__(v_i64 + 1, v_i32 + 2)

    shifted = Shifted(1, 2)
    assert (shifted.v_i64, shifted.v_i32) == (2, 4)


def test_without_init_the_class_cannot_be_constructed_directly():
    @c_class("testing.TestCxxNoAutoInit", init=False)
    class NoInit(Object):
        x: int
        y: int

    with pytest.raises(TypeError, match="`NoInit` cannot be constructed directly"):
        NoInit(1, 2)


def test_a_type_without_native_constructor_cannot_be_constructed_directly():
    @c_class("testing.TestCxxNoAutoInit")
    class NoNativeInit(Object):
        x: int
        y: int

    with pytest.raises(TypeError, match="`NoNativeInit` cannot be constructed directly"):
        NoNativeInit()


def test_without_native_constructor_an_inherited_one_is_used():
    class Making(Object):
        def __init__(self, made):
            self.__move_handle_from__(made)

    @c_class("testing.TestUnregisteredBaseObject")
    class Base(Making):
        v1: int

    make = tvm_ffi.get_global_func("testing.make_unregistered_object")
    assert "__init__" in Base.__dict__  # this type has a native constructor

    @c_class("testing.TestCxxNoAutoInit")
    class NoAuto(Making):
        x: int
        y: int

    assert "__init__" not in NoAuto.__dict__
    assert NoAuto(make()).__chandle__() != 0


def test_post_init_runs_after_construction():
    @c_class("testing.TestCxxAutoInitSimple")
    class Summed(Object):
        x: int
        y: int

        def __post_init__(self):
            self.y += self.x

    assert Summed(1, 2).y == 3


def test_arguments_that_are_missing_are_the_defaults():
    assert Derived(1, 2, 3.0, v_f32=MISSING).v_f32 == 8.0


def test_a_plain_subclass_is_constructed_by_its_parent():
    class Plain(Derived):
        pass

    made = Plain(1, 2, 3.0)
    assert type(made) is Plain
    assert made.v_f64 == 3.0
    assert Plain.__tvm_ffi_type_info__ is Derived.__tvm_ffi_type_info__


def test_super_init_of_another_type_is_refused():
    @c_class("testing.TestCxxClassDerived")
    class Child(Base):
        v_f64: float
        v_f32: float

        def __init__(self):
            super().__init__(1, 2)

    with pytest.raises(TypeError, match=r"super.*is not supported for @c_class `Base`"):
        Child()


def test_constructing_again_gives_another_object_and_resets_fields():
    @c_class("testing.TestCxxInitSubset")
    class Subset(Object):
        required_field: int
        optional_field: int
        note: str

    made = Subset(1)
    made.optional_field = 5
    kept = tvm_ffi.get_global_func("testing.echo")(made)  # or its address could be used again
    made.__init__(2)
    assert not made.same_as(kept)
    assert (made.required_field, made.optional_field) == (2, -1)
    assert kept.optional_field == 5


def test_frozen_has_no_effect():
    @c_class("testing.TestCxxAutoInitSimple", frozen=True)
    class Frozen(Object):
        x: int
        y: int

    made = Frozen(1, 2)
    made.x = 3
    assert made.x == 3


def test_a_class_that_is_no_object_can_be_decorated():
    with pytest.warns(UserWarning, match="does not annotate"):

        @c_class("testing.SchemaAllTypes")
        class Schema:
            v_int: int

    assert is_dataclass(Schema)
    assert Schema.__init__ is object.__init__
    assert by_name(Schema)["v_int"].type is int


# ---- Failures ------------------------------------------------------------------------------------


def test_an_unknown_type_is_a_value_error():
    with pytest.raises(ValueError, match=r"index for testing\.NoSuchType"):

        @c_class("testing.NoSuchType")
        class Unknown(Object):
            pass


def test_an_unknown_type_is_left_alone_where_tools_ask_for_it(monkeypatch):
    monkeypatch.setattr(registry, "_SKIP_UNKNOWN_OBJECTS", True)

    @c_class("testing.NoSuchType")
    class Unknown(Object):
        pass

    assert not is_dataclass(Unknown)


def test_a_failed_definition_leaves_the_earlier_class_in_place():
    @c_class("testing.TestCxxAutoInitSimple")
    class Simple(Object):
        x: int
        y: int

    echo = tvm_ffi.get_global_func("testing.echo")
    with pytest.raises(UserWarning), warnings.catch_warnings():
        warnings.simplefilter("error")

        @c_class("testing.TestCxxAutoInitSimple")
        class Failing(Object):
            y: int = field()

    assert type(echo(Simple(1, 2))) is Simple
    assert core._type_cls_to_type_info(Simple).type_cls is Simple


def test_a_failed_definition_can_be_tried_again():
    class Retried(Object):
        y: int = field()

    before = dict(Retried.__dict__)
    with pytest.raises(UserWarning), warnings.catch_warnings():
        warnings.simplefilter("error")
        c_class("testing.TestCxxAutoInitSimple")(Retried)
    assert dict(Retried.__dict__) == before
    assert core._type_cls_to_type_info(Retried) is None

    Retried.__annotations__["x"] = int
    c_class("testing.TestCxxAutoInitSimple")(Retried)
    assert Retried(1, 2).y == 2


def test_a_type_whose_only_class_failed_falls_back_again(run_python):
    run_python(
        """
        import warnings, tvm_ffi
        from tvm_ffi.dataclasses import Object, c_class

        class Failing(Object):
            pass

        make = tvm_ffi.get_global_func("testing.make_unregistered_object")
        warnings.simplefilter("error")
        try:
            c_class("testing.TestUnregisteredBaseObject")(Failing)
        except UserWarning:
            pass
        else:
            raise AssertionError
        info = tvm_ffi.core._lookup_or_register_type_info_from_type_key(
            "testing.TestUnregisteredBaseObject"
        )
        assert info.type_cls is None and info.fields[0].dataclass_field is None
        value = make()
        assert value.v1 == 41 and not isinstance(value, Failing), type(value)
        """
    )
