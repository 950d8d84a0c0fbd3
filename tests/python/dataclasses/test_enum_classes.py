# SPDX-License-Identifier: Apache-2.0
"""Enums: declaring members, finding them, sharing them with native code."""

import copy
import pickle
from typing import Any, ClassVar, List, Optional

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.dataclasses import (
    Enum,
    EnumState,
    IntEnum,
    Object,
    StrEnum,
    auto,
    c_class,
    entry,
    field,
    fields,
    init_property,
    is_dataclass,
    py_class,
)
from tvm_ffi.dataclasses.enum import ENUM_STATE_ATTR


class Color(Enum, type_key="test_enum.Color"):
    code: int
    note: str = "none"
    red = entry(code=1)
    green = entry(2, note="grass")
    _hidden = 5

    def doubled(self):
        return 2 * self.code


class Level(IntEnum, type_key="test_enum.Level"):
    low = 1
    high = 5
    top = 5
    largest = 2**63 - 1
    smallest = -(2**63)


class Operator(StrEnum, type_key="test_enum.Operator"):
    add = "+"
    mul = "*"


class NativeInt(IntEnum, type_key="testing.TestCxxIntEnum"):
    low = 10
    high = 20


class NativeStr(StrEnum, type_key="testing.TestCxxStrEnum"):
    add = "+"
    mul = "*"


class Variant(Enum, type_key="testing.TestEnumVariant"):
    Alpha: ClassVar[Any]
    Beta: ClassVar["Variant"]


def define(base, new_key, body, annotations=None):
    namespace = {"__module__": __name__, "__annotations__": annotations or {}, **body}
    return type(base)("Made", (base,), namespace, type_key=new_key())


# ---- Members -------------------------------------------------------------------------------------


def test_members_are_made_in_the_order_of_the_body():
    assert [member._str_index for member in Color] == ["red", "green"]
    assert [member._int_index for member in Color] == [0, 1]
    assert (Color.red.code, Color.red.note) == (1, "none")
    assert (Color.green.code, Color.green.note, Color.green.doubled()) == (2, "grass", 4)
    assert Color._hidden == 5


def test_members_are_dataclass_instances_of_their_class():
    assert type(Color.red) is Color and is_dataclass(Color)
    assert [f.name for f in fields(Color)] == ["_int_index", "_str_index", "code", "note"]


def test_enum_entries_show_what_they_declare():
    assert repr(entry(1, code=2)) == "entry(1, code=2)"
    assert repr(auto()) == "entry()"
    assert auto() is not auto()


def test_auto_makes_members_without_values(new_key):
    made = define(Enum, new_key, {"a": auto(), "b": auto()})
    assert [member._int_index for member in made] == [0, 1]
    assert made.b._str_index == "b"


def test_integer_members_are_known_by_value_and_name():
    assert [member.value for member in Level] == [1, 5, 2**63 - 1, -(2**63)]
    assert (Level.low._int_index, Level.low._str_index, Level.low.name) == (1, "low", "low")


def test_string_members_are_known_by_ordinal_and_value():
    assert [member._int_index for member in Operator] == [0, 1]
    assert (Operator.add.value, Operator.add.name) == ("+", "+")


def test_an_alias_shares_the_member_with_its_value():
    assert Level.top.same_as(Level.high)
    assert len(Level) == 4
    assert Level.top.name == "high"


def test_payload_enums_leave_callables_and_properties_alone(new_key):
    def method(self):
        return self.value + 1

    body = {
        "a": 1,
        "method": method,
        "cls_method": classmethod(lambda cls: cls.__name__),
        "static": staticmethod(lambda: 3),
        "prop": property(lambda self: -self.value),
        "kind": int,
    }
    made = define(IntEnum, new_key, body)
    assert len(made) == 1
    assert (made.a.method(), made.cls_method(), made.static(), made.a.prop) == (2, "Made", 3, -1)
    assert made.kind is int


def test_payload_members_can_have_fields(new_key):
    made = define(
        IntEnum, new_key, {"a": entry(3, weight=4), "b": entry(value=5, weight=6)}, {"weight": int}
    )
    assert [(member.value, member.weight) for member in made] == [(3, 4), (5, 6)]


def test_binders_create_members_of_python_types(new_key):
    made = define(Enum, new_key, {}, {"a": ClassVar[Any], "b": "ClassVar[int]"})
    assert [member._str_index for member in made] == ["a", "b"]
    strings = define(StrEnum, new_key, {}, {"a": ClassVar[Any]})
    assert strings.a.value == "a"


def test_a_class_without_key_is_only_a_base(new_key):
    class Base(Enum):
        weight: int

        def heavy(self):
            return self.weight > 10

    assert list(Base) == [] and len(Base) == 0
    made = define(Base, new_key, {"a": entry(weight=3), "b": entry(weight=30)})
    assert [member.heavy() for member in made] == [False, True]


def test_init_properties_work_in_enums(new_key):
    made = define(
        Enum,
        new_key,
        {"a": entry(weight=3), "double": init_property(lambda self: self.weight * 2)},
        {"weight": int},
    )
    assert made.a.double == 6


@pytest.mark.parametrize(
    ("base", "body", "annotations", "error", "text"),
    [
        (IntEnum, {"value": 3}, {}, TypeError, "IntEnum reserves `value` as its canonical index"),
        (StrEnum, {}, {"value": str}, TypeError, "StrEnum reserves `value` as its canonical index"),
        (IntEnum, {"a": "x"}, {}, TypeError, r"Made\.a value must be int"),
        (IntEnum, {"a": True}, {}, TypeError, r"Made\.a value must be int"),
        (StrEnum, {"a": 1}, {}, TypeError, r"Made\.a value must be str"),
        (IntEnum, {"a": auto()}, {}, TypeError, r"Made\.a value must be int"),
        (IntEnum, {"a": 2**63}, {}, OverflowError, "is outside int64"),
        (IntEnum, {}, {"a": ClassVar[int]}, TypeError, r"Made\.a requires an integer value"),
        (Enum, {"a": entry(_int_index=3)}, {}, TypeError, "enum indices are inferred"),
        (Enum, {"a": entry(_str_index="b")}, {}, TypeError, "enum indices are inferred"),
        (Enum, {"a": entry(nope=3)}, {}, TypeError, r"Made\.a: invalid enum entry: "),
        (Enum, {"a": entry(1)}, {}, TypeError, "expected at most 0 positional values, got 1"),
        (Enum, {"a": entry(1, x=2)}, {"x": int}, TypeError, "got multiple values for 'x'"),
        (Enum, {"a": entry(x="s")}, {"x": int}, TypeError, r"Made\.a: invalid enum entry: "),
        (StrEnum, {"a": "b", "b": entry("c"), "c": "b"}, {"x": int}, TypeError, "invalid enum"),
    ],
)
def test_bad_declarations_are_refused(base, body, annotations, error, text, new_key):
    with pytest.raises(error, match=text):
        define(base, new_key, body, annotations)


def test_clashing_indices_are_refused(new_key):
    with pytest.raises(ValueError, match=r"duplicate enum index in Again\.red"):

        class Again(Enum, type_key="test_enum.Color"):
            code: int
            note: str
            red = entry(code=7)

    assert len(Color) == 2


def test_a_failed_enum_can_be_defined_again(new_key):
    key = new_key()
    with pytest.raises(TypeError, match="invalid enum entry"):

        class Failing(Enum, type_key=key):
            x: int
            a = entry(x=1)
            b = entry(x="text")

    class Retried(Enum, type_key=key):
        x: int
        a = entry(x=1)
        b = entry(x=2)

    assert [member.x for member in Retried] == [1, 2]
    assert type(next(Retried.all_entries())) is Retried


# ---- Finding -------------------------------------------------------------------------------------


def test_members_are_found_by_either_index():
    assert Color("green").same_as(Color.green)
    assert Color(1).same_as(Color.green)
    assert Color(True).same_as(Color.green)
    assert Color.get("red").same_as(Color.get(0))
    assert Operator("*").same_as(Operator.mul)


def test_a_member_is_itself():
    assert Color(Color.red) is not None and Color(Color.red).same_as(Color.red)


@pytest.mark.parametrize("index", [9, "purple", -1])
def test_unknown_indices_are_refused(index):
    with pytest.raises(ValueError, match=f"{index!r} is not a valid Color"):
        Color(index)
    with pytest.raises(KeyError):
        Color.get(index)


def test_string_enums_are_found_by_value_not_by_alias():
    with pytest.raises(ValueError, match="'add' is not a valid Operator"):
        Operator("add")


def test_indices_outside_int64_overflow():
    for find in (Color, Color.get):
        with pytest.raises(OverflowError, match="is outside int64"):
            find(2**70)


def test_other_indices_are_type_errors():
    with pytest.raises(TypeError, match="enum index must be int or str, got float"):
        Color.get(1.5)
    with pytest.raises(TypeError):
        Color(1.5)


def test_full_int64_range_works():
    assert Level(2**63 - 1).same_as(Level.largest)
    assert Level(-(2**63)).same_as(Level.smallest)


def test_other_arguments_construct_objects_that_are_no_members():
    made = Color(code=9, _int_index=7, _str_index="loose")
    assert made.code == 9
    assert len(Color) == 2


def test_classes_are_true_and_contain_their_members(new_key):
    empty = define(IntEnum, new_key, {})
    assert bool(empty) and len(empty) == 0 and list(empty) == []
    assert Level.low in Level and 1 in Level
    with pytest.raises(ValueError, match="3 is not a valid Made"):
        empty(3)


# ---- Behaviour -----------------------------------------------------------------------------------


def test_fields_of_members_are_frozen():
    with pytest.raises(AttributeError):
        Color.red.code = 3
    with pytest.raises(AttributeError):
        Level.low.value = 3


def test_payload_members_equal_their_values():
    assert Level.low == 1 and not Level.low != 1
    assert Level.low != 2 and Level.low != "low" and Level.low != Level.high
    assert Operator.add == "+" and Operator.add != "add"
    assert hash(Level.low) == hash(1) and hash(Operator.add) == hash("+")
    assert {Level.low: "found"}[1] == "found"
    assert Level.low != NativeInt.low


def test_a_member_equals_itself_through_any_class_of_its_type():
    class First(IntEnum, type_key="test_enum.Shared"):
        a = 1

    first = First.a

    class Second(IntEnum, type_key="test_enum.Shared"):
        a = 1

    assert type(Second.a) is Second and type(first) is First
    assert first == Second.a and not first != Second.a


def test_payload_members_print_as_their_values():
    assert (str(Level.low), repr(Level.low)) == ("1", "Level.low")
    assert (str(Operator.add), repr(Operator.add)) == ("+", "Operator.+")


def test_an_own_repr_is_kept(new_key):
    for base, body in ((IntEnum, {"a": 1}), (Enum, {"a": auto()})):
        made = define(base, new_key, {**body, "__repr__": lambda self: "mine"})
        assert repr(made.a) == "mine"


def test_plain_members_are_equal_by_identity():
    assert Color.red == Color("red") and Color.red != Color.green
    assert Color.red != 0
    assert repr(Color.red) == "test_enum.Color.red"


def test_copies_of_members():
    for member in (Color.red, Level.low, Operator.add):
        assert copy.deepcopy(member).same_as(member)
        assert copy.deepcopy(tvm_ffi.Array([member]))[0].same_as(member)
        copied = copy.copy(member)
        assert not copied.same_as(member)
        assert not tvm_ffi.structural_equal(copied, member)
        assert tvm_ffi.structural_equal(member, member)


def test_serialization_gives_the_member_back():
    for member in (Color.red, Level.low, Operator.add):
        assert pickle.loads(pickle.dumps(member)).same_as(member)
    written = tvm_ffi.serialization.to_json_graph_str(tvm_ffi.Array([Level.low, Operator.add]))
    assert '"data":1}' in written and '"+"' in written
    back = tvm_ffi.serialization.from_json_graph_str(written)
    assert back[0].same_as(Level.low) and back[1].same_as(Operator.add)


# ---- State and attributes ------------------------------------------------------------------------


def test_the_state_is_a_type_attribute():
    state = core._lookup_type_attr(Level.__tvm_ffi_type_info__.type_index, ENUM_STATE_ATTR)
    assert isinstance(state, EnumState)
    assert len(state.entries) == 4
    assert state.indexes[1].same_as(Level.low) and state.indexes["low"].same_as(Level.low)
    assert len(state.attrs) == 0


def test_attributes_are_kept_per_member(new_key):
    made = define(Enum, new_key, {"a": auto(), "b": auto()})
    assert len(made.attr_dict) == 0
    weights = made.def_attr("weight", default=7)
    assert weights.name == "weight"
    weights[made.a] = 3
    assert (weights[made.a], weights[made.b]) == (3, 7)
    assert made.a in weights and made.b not in weights
    assert weights.get(made.b) is None and weights.get(made.b, 9) == 9
    assert made.attr_dict["weight"][made.a] == 3
    assert made.def_attr("weight")[made.a] == 3


def test_attributes_without_default_are_key_errors(new_key):
    made = define(Enum, new_key, {"a": auto()})
    attribute = made.def_attr("color")
    with pytest.raises(KeyError):
        attribute[made.a]


def test_none_is_an_attribute_like_any_other(new_key):
    made = define(Enum, new_key, {"a": auto()})
    attribute = made.def_attr("color", default=1)
    attribute[made.a] = None
    assert made.a in attribute and attribute[made.a] is None


def test_attributes_are_for_members_of_the_enum():
    attribute = Color.def_attr("anything", default=1)
    with pytest.raises(TypeError, match="expected Color, got int"):
        attribute[3] = 4
    with pytest.raises(TypeError, match="expected Color, got Level"):
        attribute[Level.low]
    assert 3 not in attribute and Level.low not in attribute


# ---- Shared with native code ---------------------------------------------------------------------


def test_native_members_are_the_same_objects(testing):
    assert Variant.Alpha.same_as(testing.enum_variant_get("Alpha"))
    assert [member._str_index for member in Variant][:2] == ["Alpha", "Beta"]
    assert Variant.attr_dict["code"][Variant.Alpha] == 10
    assert Variant.def_attr("code")[Variant.Beta] == 20


def test_binding_an_unknown_native_member_is_an_error():
    with pytest.raises(RuntimeError, match=r"'testing\.TestEnumVariant' has no enum at string"):

        class Missing(Enum, type_key="testing.TestEnumVariant"):
            Nope: ClassVar[Any]

    assert type(Variant.get("Alpha")) is Variant


def test_members_can_be_added_to_native_types(testing):
    class Extended(Enum, type_key="testing.TestEnumVariant"):
        Alpha = auto()
        Gamma = auto()

    assert Extended.Alpha.same_as(testing.enum_variant_get("Alpha"))
    assert testing.enum_variant_get("Gamma").same_as(Extended.Gamma)


def test_native_payload_enums_take_python_members():
    assert [member.value for member in NativeInt] == [10, 20]
    assert NativeStr("*").same_as(NativeStr.mul)


@c_class("testing.TestCxxEnumHolder")
class NativeHolder(Object):
    priority: NativeInt
    opcode: NativeStr


@py_class
class Holder(Object):
    level: Level
    operator: Operator = "+"
    maybe: Optional[Level] = None
    many: List[Level] = field(default_factory=list)
    color: Optional[Color] = None


def test_fields_take_values_in_place_of_members():
    made = Holder(1, "*", 5, [1, Level.high], Color.red)
    assert made.level.same_as(Level.low) and made.operator.same_as(Operator.mul)
    assert made.maybe.same_as(Level.high)
    assert [member.value for member in made.many] == [1, 5]
    made.level = 5
    assert made.level.same_as(Level.high)
    assert Holder(Level.low).operator.same_as(Operator.add)


def test_native_fields_take_values_in_place_of_members():
    made = NativeHolder(10, opcode="+")
    assert made.priority.same_as(NativeInt.low) and made.opcode.same_as(NativeStr.add)
    made.priority = 20
    assert made.priority.same_as(NativeInt.high)
    assert NativeHolder(NativeInt.low, NativeStr.mul).opcode.same_as(NativeStr.mul)


@pytest.mark.parametrize("value", [3, "a", None, 1.5])
def test_fields_refuse_unknown_values(value):
    for cls, name, other in ((Holder, "level", 1), (NativeHolder, "priority", 10)):
        with pytest.raises(TypeError, match="expected"):
            cls(value, "+")
        made = cls(other, "+")
        with pytest.raises(TypeError, match="expected"):
            setattr(made, name, value)
        assert getattr(made, name) == other


def test_payloads_out_of_range_are_refused():
    with pytest.raises(TypeError, match="out of int64 range"):
        Holder(2**70)
