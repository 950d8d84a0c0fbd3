# SPDX-License-Identifier: Apache-2.0
"""`py_class`: how it is applied, what it registers, and how failures are undone."""

import sys
import threading
from typing import List, Optional

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.dataclasses import (
    Object,
    _definition,
    c_class,
    field,
    fields,
    is_dataclass,
    py_class,
)

# ---- Forms ---------------------------------------------------------------------------------------


def test_bare_decorator_derives_the_key_from_module_and_name():
    @py_class
    class Bare(Object):
        x: int

    key = f"{__name__}.test_bare_decorator_derives_the_key_from_module_and_name.<locals>.Bare"
    assert Bare.__tvm_ffi_type_info__.type_key == key
    assert Bare(1).x == 1


def test_key_and_options_can_be_given_in_any_form(new_key):
    keys = [new_key() for _ in range(4)]
    bodies = [type(f"Form{i}", (Object,), {"__annotations__": {"x": int}}) for i in range(5)]
    made = [
        py_class(keys[0])(bodies[0]),
        py_class(keys[1], eq=True)(bodies[1]),
        py_class(type_key=keys[2])(bodies[2]),
        py_class(type_key=keys[3], frozen=True)(bodies[3]),
        py_class(eq=True)(bodies[4]),
    ]
    assert [cls.__tvm_ffi_type_info__.type_key for cls in made[:4]] == keys
    assert made[4].__tvm_ffi_type_info__.type_key == f"{made[4].__module__}.Form4"
    assert made[1](1) == made[1](1)
    assert made[4](1) == made[4](1)


def test_other_first_arguments_are_refused():
    with pytest.raises(TypeError, match="py_class: expected str or type, got <class 'int'>"):
        py_class(3)


def test_order_needs_eq():
    with pytest.raises(ValueError, match="order=True requires eq=True"):
        py_class(order=True)


@pytest.mark.parametrize("slots", [True, False])
def test_slots_is_ignored(slots, new_key):
    @py_class(new_key(), slots=slots)
    class Slotted(Object):
        x: int

    assert Slotted.__slots__ == ()
    with pytest.raises(AttributeError):
        Slotted(1).other = 2


# ---- The parent ----------------------------------------------------------------------------------


def test_a_class_without_registered_base_is_refused():
    class Plain:
        x: int

    with pytest.raises(TypeError, match="Plain must inherit from a registered FFI Object type"):
        py_class(Plain)


def test_a_parents_undecorated_child_does_not_count_as_registered():
    @py_class
    class Parent(Object):
        x: int

    class Between(Parent):
        y: int

    @py_class
    class Child(Between):
        z: int

    info = Child.__tvm_ffi_type_info__
    assert info.parent_type_info is Parent.__tvm_ffi_type_info__
    assert [f.name for f in info.fields] == ["y", "z"]
    assert Child(1, 2, 3).y == 2


def test_a_native_ancestor_wins_over_object_behind_a_mixin():
    @c_class("testing.TestCxxClassBase")
    class Native(Object):
        v_i64: int
        v_i32: int

    class Mixin(Object):
        pass

    @py_class
    class Child(Mixin, Native):
        x: int

    assert Child.__tvm_ffi_type_info__.parent_type_info is Native.__tvm_ffi_type_info__
    made = Child(1, 2, 3)
    assert (made.v_i64, made.v_i32, made.x) == (1, 2, 3)


def test_built_in_types_cannot_be_derived_from():
    with pytest.raises(TypeError, match=r"cannot derive from built-in type `ffi\.Array`"):

        @py_class
        class Derived(tvm_ffi.Array):
            x: int


# ---- What is registered --------------------------------------------------------------------------


def test_type_info_tells_ancestors_and_parent():
    @py_class
    class Root(Object):
        x: int

    @py_class
    class Leaf(Root):
        y: int

    root, leaf = Root.__tvm_ffi_type_info__, Leaf.__tvm_ffi_type_info__
    assert root.type_ancestors == [64]
    assert leaf.type_ancestors == [64, root.type_index]
    assert leaf.parent_type_info is root
    assert leaf.type_cls is Leaf
    assert core._type_cls_to_type_info(Leaf) is leaf
    assert leaf.type_index > root.type_index


def test_first_phase_leaves_fields_to_come(new_key):
    class Body(Object):
        pass

    parent = core._type_cls_to_type_info(Object)
    info = core._register_py_class(parent, new_key(), Body)
    assert info.fields is None and info.methods == []
    assert info.type_ancestors == [64] and info.parent_type_info is parent
    assert core._type_cls_to_type_info(Body) is info
    core._rollback_py_class(info)
    assert core._type_cls_to_type_info(Body) is None


def test_objects_come_back_as_the_class(testing):
    @py_class
    class Echoed(Object):
        x: int

    assert type(testing.echo(Echoed(1))) is Echoed
    assert type(tvm_ffi.Array([Echoed(2)])[0]) is Echoed


def test_decorator_arguments_are_kept_per_class():
    @py_class(frozen=True, eq=True)
    class Parent(Object):
        x: int

    @py_class(structural_eq=None)
    class Child(Parent):
        pass

    assert Parent.__tvm_ffi_type_info__._decorator_args == {
        "eq": True,
        "field_markers": (),
        "frozen": True,
        "init": True,
        "kw_only": False,
        "match_args": True,
        "order": False,
        "repr": True,
        "structural_eq": "tree",
        "unsafe_hash": False,
    }
    assert Child.__tvm_ffi_type_info__._decorator_args["structural_eq"] is None
    assert Child.__tvm_ffi_type_info__._decorator_args["frozen"] is False


def test_fields_are_described_natively_and_in_python():
    @py_class
    class Described(Object):
        x: int = field(default=3, doc="the x", repr=False, structural_eq="def")

    (native,) = Described.__tvm_ffi_type_info__.fields
    assert native.metadata == {"type_schema": {"type": "int"}}
    assert native.doc == Described.x.__doc__ == "the x"
    assert native.c_structural_eq == "def"
    assert (native.c_repr, native.c_compare, native.c_hash) == (False, True, True)
    assert (native.c_has_default, native.c_default) == (True, 3)
    (described,) = fields(Described)
    assert native.dataclass_field is described
    assert (described.name, described.type, described.hash, described.kw_only) == (
        "x",
        int,
        True,
        False,
    )


@pytest.mark.parametrize(
    ("name", "kind"),
    [(None, 0), ("tree", 1), ("var", 2), ("dag", 3), ("const-tree", 4), ("singleton", 5)],
)
def test_structural_kinds_reach_the_type_table(name, kind, new_key):
    @py_class(new_key(), structural_eq=name)
    class Kind(Object):
        x: int

    metadata = tvm_ffi._ffi.TVMFFIGetTypeInfo(Kind.__tvm_ffi_type_info__.type_index)
    native = metadata.contents.metadata
    assert (native.contents.structural_eq_hash_kind if native else 0) == kind
    assert Kind.__tvm_ffi_type_info__._has_type_metadata is bool(kind)


def test_unknown_structural_kind_is_refused():
    with pytest.raises(ValueError, match=r"^structural_eq must be one of"):
        py_class(structural_eq="forest")


def test_is_dataclass_tells_decorated_classes():
    @py_class
    class Decorated(Object):
        pass

    class Child(Decorated):
        pass

    assert is_dataclass(Decorated) and is_dataclass(Decorated())
    assert is_dataclass(Child)
    assert not is_dataclass(Object)


# ---- Failures ------------------------------------------------------------------------------------


def test_a_key_can_be_used_once(new_key, testing):
    key = new_key()

    @py_class(key)
    class First(Object):
        x: int

    with pytest.raises(ValueError, match=f"Type key '{key}' is already registered"):

        @py_class(key)
        class Second(Object):
            y: int

    assert core._lookup_or_register_type_info_from_type_key(key).type_cls is First
    assert type(testing.echo(First(1))) is First


def test_keys_of_native_types_are_taken():
    with pytest.raises(ValueError, match=r"'testing\.TestIntPair' is already registered"):

        @py_class("testing.TestIntPair")
        class Pair(Object):
            a: int


def failing_bodies():
    def classmethod_hook(cls, fn_repr):
        return ""

    def failing_hook(info, own_fields):
        raise RuntimeError("hook failed")

    failing_hook.__ffi_on_fields_resolved__ = True
    return {
        "annotation": ({"__annotations__": {"x": set}}, TypeError, "Cannot convert"),
        "syntax": ({"__annotations__": {"x": "int ["}}, SyntaxError, "."),
        "evaluation": ({"__annotations__": {"x": "1 / 0"}}, ZeroDivisionError, "zero"),
        "self": (
            {"__annotations__": {"self": int}},
            ValueError,
            "duplicate parameter name: 'self'",
        ),
        "classmethod": (
            {"__ffi_repr__": classmethod(classmethod_hook)},
            TypeError,
            "is wrapped by @classmethod",
        ),
        "hook": ({"own_hook": failing_hook}, RuntimeError, "hook failed"),
        "option": (
            {"__annotations__": {"x": int}, "x": field(color=1, age=2)},
            TypeError,
            r"Failing\.x: unrecognized field options: age, color",
        ),
        "markers": ({"__ffi_field_markers__": int}, TypeError, "must be a tuple or list of types"),
        "attributes": (
            {"__ffi_type_attr_names__": "abc"},
            TypeError,
            "TypeAttr registration lists must be tuples or lists of strings",
        ),
        "inherited attributes": (
            {"__ffi_inherit_type_attrs__": (1,)},
            TypeError,
            "TypeAttr registration lists must be tuples or lists of strings",
        ),
    }


@pytest.mark.parametrize("case", failing_bodies())
def test_a_failed_definition_is_undone_and_can_be_retried(case, new_key, testing):
    body, error, text = failing_bodies()[case]
    key = new_key()
    failing = type("Failing", (Object,), {**body, "__module__": __name__})
    before = dict(failing.__dict__)
    with pytest.raises(error, match=text):
        py_class(key)(failing)
    assert dict(failing.__dict__) == before
    assert core._type_cls_to_type_info(failing) is None
    assert not is_dataclass(failing)

    @py_class(key)
    class Retried(Object):
        y: int

    made = Retried(5)
    assert type(testing.echo(made)) is Retried and made.y == 5
    assert [f.name for f in Retried.__tvm_ffi_type_info__.fields] == ["y"]


def test_the_same_class_can_be_retried(new_key):
    class Body(Object):
        x: int = field(default=1, color="red")
        z: "set" = None

    key = new_key()
    with pytest.raises(TypeError, match="Cannot convert"):
        py_class(key)(Body)
    Body.__annotations__["z"] = Optional[int]
    Body.__dict__["x"].extra_kwargs.clear()
    py_class(key)(Body)
    assert Body().x == 1 and Body().z is None


def test_a_retry_must_keep_the_parent(new_key):
    @py_class
    class Parent(Object):
        x: int

    key = new_key()
    with pytest.raises(TypeError, match="Cannot convert"):

        @py_class(key)
        class Failing(Object):
            y: set

    with pytest.raises(ValueError, match=r"was given to a class derived from `ffi\.Object` before"):

        @py_class(key)
        class Retried(Parent):
            y: int


def test_a_child_of_a_failed_class_is_refused():
    @py_class
    class Parent(Object):
        x: "NeverDefinedAnywhere"  # noqa: F821

    @py_class
    class Child(Parent):
        y: int

    with pytest.raises(TypeError, match="unresolved forward references"):
        Parent(1)
    with pytest.raises(TypeError, match="whose definition failed"):
        Child(1, 2)


def test_a_failed_class_frees_its_name_for_annotations(new_key):
    @py_class(new_key())
    class NamedTwice(Object):
        x: int

    first = NamedTwice
    with pytest.raises(TypeError):

        @py_class(new_key())
        class NamedTwice(Object):
            x: set

    @py_class(new_key())
    class Holder(Object):
        it: "NamedTwice"

    assert fields(Holder)[0].type is first


# ---- Threads -------------------------------------------------------------------------------------


def test_threads_define_and_use_classes_at_the_same_time(new_key):
    keys = [[new_key() for _ in range(10)] for _ in range(4)]
    failures = []

    def define(own_keys):
        try:
            for key in own_keys:
                body = {"__annotations__": {"x": int, "y": List[int]}, "__module__": __name__}
                cls = py_class(key, eq=True)(type("Threaded", (Object,), body))
                assert cls(1, [2]) == cls(1, [2])
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=define, args=(own,)) for own in keys]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []


def test_a_deferred_class_is_finished_once_by_many_threads(new_key):
    calls = []

    class Counted(Object):
        later: "Optional[ThreadedLater]"  # noqa: F821

        def count(info, own_fields):
            calls.append(own_fields)

        count.__ffi_on_fields_resolved__ = True

    py_class(new_key())(Counted)
    sys.modules[__name__].ThreadedLater = int
    made = []
    threads = [threading.Thread(target=lambda: made.append(Counted(3))) for _ in range(8)]
    try:
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
    finally:
        delattr(sys.modules[__name__], "ThreadedLater")
    assert [one.later for one in made] == [3] * 8
    assert len(calls) == 1


def test_a_deferred_class_shows_itself_to_other_threads_only_when_whole(new_key, monkeypatch):
    """Whoever instantiates it while it is finished waits, and gets an object with fields."""
    found = []

    class Slow(Object):
        later: "Optional[SlowLater]"  # noqa: F821

    py_class(new_key())(Slow)
    monkeypatch.setattr(sys.modules[__name__], "SlowLater", int, raising=False)
    install = _definition.install_members

    def meanwhile(cls, info):
        other = threading.Thread(target=lambda: found.append(Slow(2).later))
        other.start()
        other.join(0.1)
        assert found == []  # waits
        install(cls, info)
        others.append(other)

    others: list[threading.Thread] = []
    monkeypatch.setattr(_definition, "install_members", meanwhile)
    assert Slow(1).later == 1
    others[0].join()
    assert found == [2]


def test_type_checkers_learn_that_values_are_converted():
    told = py_class.__dataclass_transform__
    assert told["kwargs"]["converter"] is field().converter
    assert field in told["field_specifiers"]
