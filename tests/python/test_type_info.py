# SPDX-License-Identifier: Apache-2.0
"""What is known about types and their fields."""

from __future__ import annotations

from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import core, testing
from tvm_ffi.core import FieldGetter, FieldSetter, TypeField, TypeInfo


def info_of(cls: type) -> TypeInfo:
    info = core._type_cls_to_type_info(cls)
    assert info is not None
    return info


def field(name: str) -> TypeField:
    return TypeField(name, None, 8, 8, 24, -1, False, {}, None, None)


def info(fields: list[Any], parent: TypeInfo | None = None) -> TypeInfo:
    return TypeInfo(None, 64, "test.key", [], fields, [], parent)


@pytest.mark.parametrize(
    ("cls", "key", "parent"),
    [
        (tvm_ffi.Object, "ffi.Object", None),
        (tvm_ffi.Tensor, "ffi.Tensor", tvm_ffi.Object),
        (core.DataType, "DataType", None),
        (tvm_ffi.Device, "Device", None),
        (tvm_ffi.Shape, "ffi.Shape", tvm_ffi.Object),
        (tvm_ffi.Module, "ffi.Module", tvm_ffi.Object),
        (tvm_ffi.Function, "ffi.Function", tvm_ffi.Object),
        (core.Error, "ffi.Error", tvm_ffi.Object),
        (core.String, "ffi.String", tvm_ffi.Object),
        (core.Bytes, "ffi.Bytes", tvm_ffi.Object),
        (tvm_ffi.Array, "ffi.Array", tvm_ffi.Object),
        (tvm_ffi.List, "ffi.List", tvm_ffi.Object),
        (tvm_ffi.Map, "ffi.Map", tvm_ffi.Object),
        (tvm_ffi.Dict, "ffi.Dict", tvm_ffi.Object),
        (tvm_ffi.access_path.AccessPath, "ffi.reflection.AccessPath", tvm_ffi.Object),
        (tvm_ffi.access_path.AccessStep, "ffi.reflection.AccessStep", tvm_ffi.Object),
    ],
)
def test_a_class_stands_for_a_type_with_a_place(cls: type, key: str, parent: Any) -> None:
    found = info_of(cls)
    assert (found.type_key, found.type_cls) == (key, cls)
    above = found.parent_type_info
    assert (above.type_cls if above else None) is parent


def test_ancestors_are_listed_from_the_root() -> None:
    chain = [
        tvm_ffi.Object,
        testing._TestCxxClassBase,
        testing._TestCxxClassDerived,
    ]
    found = info_of(testing._TestCxxClassDerivedDerived)
    assert found.type_ancestors == [info_of(cls).type_index for cls in chain]


def test_the_layout_is_known() -> None:
    found = info_of(testing._TestCxxClassBase)
    assert [(f.name, f.offset, f.size) for f in found.fields or ()] == [
        ("v_i64", 24, 8),
        ("v_i32", 32, 4),
    ]
    assert found.total_size == 40
    assert info_of(testing._TestCxxClassDerivedDerived).total_size == 80
    assert found._has_type_metadata


def test_without_a_published_size_it_follows_from_the_fields() -> None:
    unsized = TypeInfo(None, core._object_type_key_to_index("ffi.Map"), "x", [], [], [], None)
    last = field("last")
    last.offset, last.size = 52, 3
    unsized.fields = [last]
    if not unsized._has_type_metadata:
        assert unsized.total_size == 56


def test_flags_of_fields_are_decoded() -> None:
    found = {f.name: f for f in info_of(testing._TestCxxAutoInit).fields or ()}
    assert [f.c_init for f in found.values()] == [True, False, True, True]
    assert [f.c_kw_only for f in found.values()] == [False, False, True, False]
    assert [f.c_has_default for f in found.values()] == [False, True, False, True]
    assert found["b"].c_default == 42
    assert found["a"].c_default is core.MISSING
    pair = {f.name: f for f in info_of(testing.TestIntPair).fields or ()}
    assert pair["a"].frozen and not found["a"].frozen
    compare = {f.name: f for f in info_of(testing.TestCompare).fields or ()}
    assert [f.c_compare for f in compare.values()] == [True, True, False]
    hashed = {f.name: f for f in info_of(testing.TestHash).fields or ()}
    assert [f.c_hash for f in hashed.values()] == [True, True, False]


def test_regions_of_definition_are_decoded() -> None:
    graph = testing.make_visit_region_graph(False)
    found = info_of(type(graph)).fields or ()
    assert [f.c_structural_eq for f in found] == ["def-simple", "def-pattern", None]


def test_two_fields_of_one_name_are_refused() -> None:
    with pytest.raises(AssertionError, match="two fields of one name"):
        info([field("x"), field("x")])


def test_a_field_that_repeats_an_ancestors_is_warned_of() -> None:
    parent = info([field("x")])
    with pytest.warns(UserWarning, match=r"'x' of type 'test\.key' repeats one of its ancestor"):
        info([field("x")], parent)


def test_descriptions_compare_by_identity() -> None:
    assert info([]) != info([])
    assert field("x") != field("x")


def test_getters_and_setters_are_called_with_the_object() -> None:
    made = testing.create_object("testing.TestObjectBase", v_i64=3)
    found = next(f for f in info_of(type(made)).fields or () if f.name == "v_i64")
    assert isinstance(found.getter, FieldGetter) and isinstance(found.setter, FieldSetter)
    found.setter(made, 5)
    assert found.getter(made) == 5
    for accessor in (found.getter, found.setter):
        accessor.__name__ = "v_i64"
        accessor.__doc__ = "Documented."
        assert (accessor.__name__, accessor.__doc__) == ("v_i64", "Documented.")


def test_frozen_fields_can_be_set_only_on_purpose() -> None:
    pair: Any = testing.TestIntPair(1, 2)
    descriptor = testing.TestIntPair.__dict__["a"]
    assert isinstance(descriptor, core.FFIProperty)
    assert descriptor.fset is None
    with pytest.raises(AttributeError):
        pair.a = 5
    with pytest.raises(AttributeError):
        del pair.a


def test_a_wrong_value_leaves_the_old_one() -> None:
    holder: Any = testing.create_object(
        "testing.TestObjectPtrHolder", value=testing.create_object("testing.TestObjectBase")
    )
    before = holder.value
    for wrong in (None, 3, [], testing.TestIntPair(1, 2)):
        with pytest.raises(TypeError, match=r"testing\.TestObjectBase"):
            holder.value = wrong
    assert holder.value.same_as(before)


def test_an_attribute_of_a_type_is_given_once() -> None:
    index = core._object_type_key_to_index("testing.TestVisitHook")
    assert index is not None
    core._register_type_attr(index, "test_type_info.attr", 5)
    assert core._lookup_type_attr(index, "test_type_info.attr") == 5
    with pytest.raises(RuntimeError):
        core._register_type_attr(index, "test_type_info.attr", 6)
    assert core._lookup_type_attr(index, "test_type_info.attr") == 5


def test_attributes_are_looked_up_among_ancestors_where_asked() -> None:
    base = info_of(testing._TestCxxClassBase).type_index
    derived = info_of(testing._TestCxxClassDerivedDerived).type_index
    core._register_type_attr(base, "test_type_info.inherited", "base")
    look = core._lookup_type_attr
    assert look(derived, "test_type_info.inherited") is None
    assert look(derived, "test_type_info.inherited", ancestor=True) == "base"
    middle = info_of(testing._TestCxxClassDerived).type_index
    core._register_type_attr(middle, "test_type_info.inherited", "middle")
    assert look(derived, "test_type_info.inherited", True) == "middle"
