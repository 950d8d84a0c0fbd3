# SPDX-License-Identifier: Apache-2.0
"""Generated members: constructors, comparison, hash, copies, frozen fields."""

import copy
import inspect
import pickle
import sys
from typing import Any, List, Optional

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi._dunder import _make_constructor
from tvm_ffi.dataclasses import (
    KW_ONLY,
    MISSING,
    IntEnum,
    Object,
    c_class,
    field,
    init_property,
    py_class,
    replace,
)


@c_class("testing.TestCxxClassBase")
class NativeBase(Object):
    v_i64: int
    v_i32: int


@c_class("testing.TestNonCopyable")
class NonCopyable(Object):
    value: int


@py_class(eq=True, order=True, unsafe_hash=True)
class Point(Object):
    x: int
    y: int = 0


@py_class(eq=True)
class Point3(Point):
    z: int = 0


def key_of(cls):
    return cls.__tvm_ffi_type_info__.type_key


# ---- Generated constructors ----------------------------------------------------------------------


def test_signature_puts_required_before_defaulted_before_keywords():
    @py_class
    class Parent(Object):
        a: int
        b: int = 1
        c: int = field(kw_only=True)

    @py_class
    class Child(Parent):
        d: int
        e: int = field(default=2, kw_only=True)
        f: int = field(default=3, init=False)

    parameters = inspect.signature(Child.__init__).parameters
    assert list(parameters) == ["self", "a", "d", "b", "c", "e"]
    assert parameters["a"].kind is inspect.Parameter.POSITIONAL_OR_KEYWORD
    assert parameters["c"].kind is inspect.Parameter.KEYWORD_ONLY
    assert parameters["b"].default is core.MISSING and parameters["e"].default is core.MISSING
    assert parameters["d"].default is inspect.Parameter.empty
    made = Child(1, 2, c=3)
    assert (made.a, made.d, made.b, made.c, made.e, made.f) == (1, 2, 1, 3, 2, 3)


def test_keyword_only_fields():
    @py_class
    class Mixed(Object):
        a: int
        _: KW_ONLY
        b: int
        c: int = field(default=0, kw_only=False)

    @py_class(kw_only=True)
    class AllKeyword(Object):
        a: int
        b: int = field(kw_only=False)

    assert str(inspect.signature(Mixed)) == "(a, c=<MISSING>, *, b)"
    assert not hasattr(Mixed, "_")
    assert str(inspect.signature(AllKeyword)) == "(b, *, a)"


def constructor_errors():
    @py_class("test_members.Called")
    class Called(Object):
        x: int
        y: List[int] = field(default_factory=list)
        k: int = field(default=1, kw_only=True)
        r: int = field(kw_only=True)
        h: int = field(default=5, init=False)

    missing = "missing required argument: 'x'"
    return [
        (lambda: Called(r=1), missing),
        (lambda: Called(1), "missing required keyword-only argument: 'r'"),
        (lambda: Called(1, [], 3, r=1), "takes at most 2 positional argument(s), but 3 were given"),
        (lambda: Called(1, r=1, z=2), "got an unexpected keyword argument 'z'"),
        (lambda: Called(1, r=1, h=2), "got an unexpected keyword argument 'h'"),
        (lambda: Called(1, r=1, x=2), "got multiple values for argument 'x'"),
        (lambda: Called("s", r=1), "field 'x':\n  expected int, got str"),
        (lambda: Called(1, [1, None], r=1), "field 'y':\n  element [1]: expected int, got None"),
    ]


def test_errors_of_constructors_name_the_type_and_the_argument():
    for call, text in constructor_errors():
        with pytest.raises(TypeError) as caught:
            call()
        assert str(caught.value) == f"test_members.Called.__ffi_init__() {text}"


def test_reasons_of_several_lines_stay_indented():
    @py_class
    class Holding(Object):
        it: Object

    with pytest.raises(TypeError) as caught:
        Holding(3)
    assert str(caught.value).split("\n") == [
        f"{key_of(Holding)}.__ffi_init__() field 'it':",
        "  expected Object, got int",
        "    __ffi_convert__ failed:",
        "      Cannot cast from `int` to `ffi.Object`",
    ]


def test_post_init_runs_last():
    @py_class
    class Summed(Object):
        x: int
        total: int = field(default=0, init=False)

        def __post_init__(self):
            self.total = self.x + 1

    assert Summed(2).total == 3


def test_missing_keywords_are_dropped():
    assert Point(1, y=MISSING).y == 0


def test_super_init_in_a_child_is_harmless():
    @py_class
    class Parent(Object):
        x: int

    @py_class
    class Child(Parent):
        y: int

        def __init__(self, value):
            super().__init__()
            self.x = self.y = value

    assert (Child(3).x, Child(3).y) == (3, 3)


def test_a_plain_subclass_is_constructed_like_its_parent():
    class Plain(Point):
        pass

    made = Plain(1, 2)
    assert type(made) is Plain and (made.x, made.y) == (1, 2)
    with pytest.raises(TypeError, match="missing required argument: 'x'"):
        Plain()


def test_constructing_again_gives_another_object():
    @py_class
    class Again(Object):
        x: int
        h: int = field(default=5, init=False)

    made = Again(1)
    made.h = 7
    kept = tvm_ffi.get_global_func("testing.echo")(made)
    made.__ffi_init__(2)
    assert not made.same_as(kept)
    assert (made.x, made.h, kept.h) == (2, 5, 7)


def test_a_field_called_self_can_be_initialised_natively():
    @py_class(init=False)
    class Selfish(Object):
        self: int

    made = Selfish.__new__(Selfish)
    made.__ffi_init__(self=3)
    assert made.self == 3


# ---- Own constructors ----------------------------------------------------------------------------


def test_an_own_constructor_finds_zeros():
    seen = []

    @py_class
    class Own(Object):
        i: int
        f: float
        b: bool
        a: Any
        s: Optional[str]
        o: Optional[Point]

        def __init__(self, value):
            """Take one value."""
            seen.append((self.i, self.f, self.b, self.a, self.s, self.o))
            self.i = value

    assert Own(5).i == 5
    assert seen == [(0, 0.0, False, None, None, None)]
    assert Own.__init__.__doc__ == "Take one value."
    assert Own.__init__.__wrapped__ is not Own.__init__
    assert str(inspect.signature(Own)) == "(value)"
    assert "__new__" not in Own.__dict__


def test_an_own_constructor_works_with_init_off():
    @py_class(init=False)
    class Own(Object):
        x: int

        def __init__(self, x):
            self.x = x + 1

    assert Own(1).x == 2


def test_own_constructors_of_parent_and_child_share_the_object():
    @py_class
    class Parent(Object):
        x: int

        def __init__(self, x):
            self.x = x

    @py_class
    class Child(Parent):
        y: int

        def __init__(self, x, y):
            super().__init__(x)
            self.y = y

    class Plain(Child):
        pass

    for cls in (Child, Plain):
        made = cls(1, 2)
        assert (type(made), made.x, made.y) == (cls, 1, 2)


def test_without_constructor_the_class_says_so():
    @py_class(init=False)
    class Bare(Object):
        x: int

    with pytest.raises(TypeError, match="`Bare` cannot be constructed directly"):
        Bare(1)


# ---- Comparison ----------------------------------------------------------------------------------


def test_equality_is_by_content_within_a_hierarchy():
    assert Point(1, 2) == Point(1, 2) and not Point(1, 2) != Point(1, 2)
    assert Point(1, 2) != Point(1, 3)
    assert Point(1, 2) != Point3(1, 2)
    assert Point(1, 2) != (1, 2)
    assert Point(1, 2).__eq__("text") is NotImplemented
    assert Point(1).__eq__(NativeBase(1, 2)) is NotImplemented


def test_order_is_by_content():
    assert Point(1, 2) < Point(1, 3) <= Point(1, 3)
    assert Point(2) > Point(1, 9) >= Point(1, 9)
    with pytest.raises(TypeError):
        Point(1) < 3  # noqa: B015


def test_hash_is_by_content():
    assert hash(Point(1, 2)) == hash(Point(1, 2))
    assert len({Point(1, 2), Point(1, 2), Point(1, 3)}) == 2


def test_fields_can_be_left_out():
    @py_class(eq=True, unsafe_hash=True)
    class Partial(Object):
        x: int
        cache: int = field(default=0, compare=False, repr=False)

    assert Partial(1, 2) == Partial(1, 3)
    assert hash(Partial(1, 2)) == hash(Partial(1, 3))
    assert repr(Partial(1, 2)) == f"{key_of(Partial)}(x=1)"


def test_by_default_equality_is_identity():
    @py_class
    class Plain(Object):
        x: int

    one = Plain(1)
    assert one != Plain(1) and one == one
    assert hash(one) == hash(one.__chandle__())


def test_eq_alone_keeps_the_handle_hash():
    one = Point3(1)
    assert Point3.__dict__.get("__hash__", 0) is not None
    assert isinstance(hash(one), int)


@pytest.mark.parametrize("name", ["__eq__", "__ne__"])
def test_an_own_equality_turns_the_family_off(name, new_key):
    own = lambda self, other: True  # noqa: E731
    cls = py_class(new_key(), eq=True)(
        type("Own", (Object,), {name: own, "__hash__": Object.__hash__})
    )
    assert cls.__dict__[name] is own
    (other,) = {"__eq__", "__ne__"} - {name}
    assert other not in cls.__dict__


@pytest.mark.parametrize("name", ["__lt__", "__le__", "__gt__", "__ge__"])
def test_an_own_order_turns_the_family_off(name, new_key):
    own = lambda self, other: True  # noqa: E731
    cls = py_class(new_key(), eq=True, order=True)(type("Own", (Object,), {name: own}))
    others = {"__lt__", "__le__", "__gt__", "__ge__"} - {name}
    assert cls.__dict__[name] is own and not others & cls.__dict__.keys()


def test_own_members_win():
    @py_class(unsafe_hash=True)
    class Own(Object):
        x: int

        def __repr__(self):
            return "own"

        def __hash__(self):
            return 7

        def __copy__(self):
            return "copied"

        def __deepcopy__(self, memo):
            return "deep"

        def __replace__(self, **changes):
            return "replaced"

        __match_args__ = ("other",)

    made = Own(1)
    assert (repr(made), hash(made), copy.copy(made)) == ("own", 7, "copied")
    assert (copy.deepcopy(made), replace(made)) == ("deep", "replaced")
    assert Own.__match_args__ == ("other",)


def test_repr_off_inherits():
    @py_class(repr=False)
    class Quiet(Object):
        x: int

    assert "__repr__" not in Quiet.__dict__
    assert repr(Quiet(1)) == f"{key_of(Quiet)}(x=1)"
    assert Point.__dict__["__repr__"] is core.object_repr


# ---- Copies --------------------------------------------------------------------------------------


@py_class(eq=True)
class Tree(Object):
    name: str
    children: List[Any] = field(default_factory=list)


def test_copy_is_shallow_and_independent():
    tree = Tree("a", [1])
    copied = copy.copy(tree)
    assert type(copied) is Tree and not copied.same_as(tree)
    copied.name = "b"
    assert tree.name == "a"
    assert copied.children.same_as(tree.children)


def test_copy_of_a_plain_subclass_keeps_the_class():
    class Plain(Tree):
        pass

    assert type(copy.copy(Plain("a"))) is Plain


def test_deepcopy_copies_what_is_inside():
    tree = Tree("a", [Tree("b")])
    copied = copy.deepcopy(tree)
    assert copied == tree
    copied.children.append(1)
    copied.children[0].name = "c"
    assert len(tree.children) == 1 and tree.children[0].name == "b"


def test_native_classes_copy_too():
    made = NativeBase(1, 2)
    copied = copy.copy(made)
    copied.v_i64 = 5
    assert (made.v_i64, copied.v_i64) == (1, 5)
    assert copy.deepcopy(made).v_i32 == 2


def test_types_without_copy_say_so():
    text = "Type `NonCopyable` does not support copy. The underlying C\\+\\+ type is not copy-cons"
    with pytest.raises(TypeError, match=text):
        copy.copy(NonCopyable(1))
    with pytest.raises(TypeError, match=text):
        replace(NonCopyable(1), value=2)


def test_replace_changes_some_fields_of_a_copy():
    point = Point(1, 2)
    changed = replace(point, y=5)
    assert (changed.x, changed.y, point.y) == (1, 5, 2)
    with pytest.raises(AttributeError):
        replace(point, nothing=1)
    with pytest.raises(TypeError, match="expected int, got str"):
        replace(point, x="s")


@pytest.mark.skipif(sys.version_info < (3, 13), reason="copy.replace came with 3.13")
def test_copy_replace_works():
    assert copy.replace(Point(1, 2), x=3) == Point(3, 2)


def test_replace_writes_read_only_native_fields():
    @c_class("testing.TestIntPair")
    class Pair(Object):
        a: int
        b: int

    assert replace(Pair(1, 2), a=5).a == 5


def test_pickle_does_not_run_the_constructor():
    calls = []

    @py_class("test_members.Pickled")
    class Pickled(Object):
        x: int
        maybe: Optional[str]
        items: List[int]

        def __init__(self, x):
            calls.append(x)
            self.x = x
            self.items = [x]

    Pickled.__qualname__ = "Pickled"
    sys.modules[__name__].Pickled = Pickled
    try:
        back = pickle.loads(pickle.dumps(Pickled(3)))
    finally:
        delattr(sys.modules[__name__], "Pickled")
    assert (type(back), back.x, back.maybe, list(back.items)) == (Pickled, 3, None, [3])
    assert calls == [3]


# ---- match ---------------------------------------------------------------------------------------


def test_match_args_are_the_positional_parameters_in_order_of_declaration():
    @py_class
    class Parent(Object):
        a: int = 1
        k: int = field(default=2, kw_only=True)

    @py_class
    class Child(Parent):
        b: int
        hidden: int = field(default=3, init=False)

    @py_class(match_args=False)
    class Off(Object):
        x: int

    assert Child.__match_args__ == ("a", "b")
    assert "__match_args__" not in Off.__dict__


# ---- Frozen --------------------------------------------------------------------------------------


@py_class(frozen=True, eq=True)
class Frozen(Object):
    x: int
    items: List[int] = field(default_factory=list)


def test_frozen_fields_refuse_assignment_and_deletion():
    made = Frozen(1)
    with pytest.raises(AttributeError):
        made.x = 2
    with pytest.raises(AttributeError):
        del made.x
    assert isinstance(Frozen.x, core.FFIProperty) and Frozen.x.fset is None


def test_set_goes_past_frozen_with_conversion():
    made = Frozen(1)
    Frozen.x.set(made, True)
    assert made.x == 1 and type(made.x) is int
    with pytest.raises(TypeError, match="expected int, got str"):
        Frozen.x.set(made, "s")


def test_results_of_copies_stay_frozen():
    made = Frozen(1, [2])
    for copied in (copy.copy(made), copy.deepcopy(made), replace(made, x=1)):
        assert copied == made
        with pytest.raises(AttributeError):
            copied.x = 5


def test_frozen_affects_own_fields_only():
    @py_class
    class MutableChild(Frozen):
        y: int = 0

    @py_class
    class Mutable(Object):
        x: int

    @py_class(frozen=True)
    class FrozenChild(Mutable):
        y: int

    child = MutableChild(1)
    child.y = 5
    with pytest.raises(AttributeError):
        child.x = 5
    other = FrozenChild(1, 2)
    other.x = 5
    with pytest.raises(AttributeError):
        other.y = 5


def test_single_fields_can_be_frozen():
    @py_class
    class Partly(Object):
        x: int = field(frozen=True)
        y: int = 0

    made = Partly(1)
    made.y = 2
    with pytest.raises(AttributeError):
        made.x = 2


def test_post_init_of_frozen_classes_uses_set():
    @py_class(frozen=True)
    class Derived(Object):
        x: int
        y: int = field(default=0, init=False)

        def __post_init__(self):
            type(self).y.set(self, self.x * 2)

    assert Derived(3).y == 6


# ---- _make_constructor ---------------------------------------------------------------------------


class Size(IntEnum, type_key="test_members.Size"):
    small = 1
    large = 2


@py_class
class Parcel(Object):
    weight: int
    size: Size = field(default_factory=lambda: Size.small)
    label: str = "none"

    @init_property
    def computed(self) -> int:
        return self.weight

    def __init__(self, nothing):
        raise AssertionError("not to be called")

    def __post_init__(self):
        raise AssertionError("not to be called")


def test_made_constructors_run_nothing_of_the_class():
    construct = _make_constructor(Parcel)
    assert inspect.isfunction(construct)
    assert (construct.__name__, construct.__qualname__) == ("Parcel", "Parcel")
    assert construct.__module__ == __name__
    made = construct(3)
    assert type(made) is Parcel
    assert (made.weight, made.label, made.computed) == (3, "none", 0)


def test_made_constructors_take_all_fields_in_order():
    parameters = inspect.signature(_make_constructor(Point3)).parameters
    assert list(parameters) == ["x", "y", "z"]
    assert parameters["x"].default is MISSING and parameters["y"].default == 0
    made = _make_constructor(Point3)(1, 2, 3)
    assert (made.x, made.y, made.z) == (1, 2, 3)
    with pytest.raises(TypeError, match="missing required argument: 'x'"):
        _make_constructor(Point3)()


def test_made_constructors_can_choose_what_is_positional():
    construct = _make_constructor(Point3, positional_fields=("z", "x"))
    assert str(inspect.signature(construct)) == "(z=0, x=<MISSING>, *, y=0)"
    made = construct(3, 1)
    assert (made.x, made.y, made.z) == (1, 0, 3)
    with pytest.raises(ValueError, match="Point3 has no field"):
        _make_constructor(Point3, positional_fields=("w",))


def test_made_constructors_normalise_values():
    construct = _make_constructor(Parcel, field_normalizers={"label": str.upper})
    made = construct(1, 2, "big")
    assert made.size.same_as(Size.large) and made.label == "BIG"
    assert construct(1).label == "NONE"
