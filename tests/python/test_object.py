# SPDX-License-Identifier: Apache-2.0
"""Wrappers: handles, ownership, equality, what instances may carry."""

from __future__ import annotations

import copy
import gc
import inspect
import pickle
import sys
import weakref
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import _ffi_api, core
from tvm_ffi.testing import TestIntPair as IntPair

echo = tvm_ffi.get_global_func("testing.echo")


def test_handles_and_identity():
    array = tvm_ffi.Array([1])
    same, other = echo(array), tvm_ffi.Array([1])
    assert array.__chandle__() == array.id_ == array.__ctypes_handle__().value != 0
    assert array.same_as(same) and array.is_(same)
    assert not array.same_as(other) and not array.same_as(1)
    thing = core.CObject.__new__(core.CObject)
    assert thing.__chandle__() == 0 and thing.__ctypes_handle__().value is None


def test_base_equality_is_identity():
    function, again = echo, echo(echo)
    assert function == again and not function != again
    assert function != 1 and not function == "x"
    assert hash(function) == hash(again) == function.__chandle__()
    assert len({function, again}) == 1


@pytest.mark.parametrize(
    "cls", [core.CObject, core.Object, core.Function, core.Tensor, core.Error, tvm_ffi.Array]
)
def test_an_instance_without_an_object_prints_and_dies_quietly(cls):
    empty = cls.__new__(cls)
    assert empty.__chandle__() == 0
    assert repr(empty) == f"{cls.__name__}(chandle=None)"


@pytest.mark.parametrize("make", [tvm_ffi.Array, tvm_ffi.List])
def test_a_constructor_that_fails_leaves_a_clean_instance(make):
    with pytest.raises(TypeError):
        make(1)


def test_moving_a_handle(use_count):
    first, second = tvm_ffi.Array([1]), tvm_ffi.Array([2])
    doomed = echo(second)
    first_handle = first.__chandle__()
    second.__move_handle_from__(first)
    assert first.__chandle__() == 0
    assert second.__chandle__() == first_handle
    assert use_count(second) == 1
    assert use_count(doomed) == 1


def test_a_constructor_can_run_again(use_count):
    array = tvm_ffi.Array([1])
    before = echo(array)
    array.__init_handle_by_constructor__(_ffi_api.Array, 2, 3)
    assert list(array) == [2, 3]
    assert not array.same_as(before)
    assert use_count(before) == use_count(array) == 1


def test_a_constructor_must_make_an_object():
    array = tvm_ffi.Array([1])
    with pytest.raises(TypeError, match="to return an object, got type index 1"):
        array.__init_handle_by_constructor__(echo, 1)
    with pytest.raises(TypeError, match="Expected a Function to construct with, got 3"):
        array.__init_handle_by_constructor__(3)
    assert list(array) == [1]


# ---- Attributes of instances ----


class Derived(IntPair):
    pass


class Open(IntPair):
    __slots__ = ("__dict__",)


def test_instances_have_no_attributes_of_their_own():
    for cls in (IntPair, Derived):
        assert cls.__dict__["__slots__"] == ()
        instance = cls(1, 2)
        with pytest.raises(AttributeError):
            instance.extra = 1
        if sys.implementation.name == "cpython":  # elsewhere everything can be referred to
            with pytest.raises(TypeError):
                weakref.ref(instance)
        assert not hasattr(instance, "__dict__")


def test_instances_may_ask_for_attributes():
    instance = Open(1, 2)
    instance.extra = 3
    assert (instance.a, instance.extra) == (1, 3)


def test_classes_are_related_as_python_classes_are():
    assert isinstance(Derived(1, 2), IntPair)
    assert isinstance(tvm_ffi.Array([]), tvm_ffi.Object)
    assert not isinstance(tvm_ffi.Map({}), tvm_ffi.Array)
    assert type(core.CObject) is type
    assert not issubclass(core.Tensor, core.Object)


# ---- Other wrappers ----


def test_opaque_objects_of_nobody_say_so():
    empty = core.OpaquePyObject.__new__(core.OpaquePyObject)
    with pytest.raises(ValueError, match="holds no object of this interpreter"):
        empty.pyobject()


def test_a_native_value_without_its_twin_cannot_be_passed():
    class Native(core.PyNativeObject):
        _tvm_ffi_cached_object = None

    with pytest.raises(ValueError, match="_tvm_ffi_cached_object is None for"):
        echo(Native())


def test_object_convertible_must_be_filled_in():
    with pytest.raises(NotImplementedError):
        echo(tvm_ffi.ObjectConvertible())


def test_sentinels():
    assert repr(core.MISSING) == "<MISSING>" and repr(core.KWARGS) == "<KWARGS>"
    assert _ffi_api.GetInvalidObject().same_as(core.MISSING)
    assert _ffi_api.GetKwargsObject().same_as(core.KWARGS)
    assert type(core.MISSING) is core.Object


# ---- Copies ----


def test_nothing_pickles_as_nothing():
    empty = tvm_ffi.Array.__new__(tvm_ffi.Array)
    assert empty.__reduce__() == (core._new_object, (tvm_ffi.Array,), {"handle": None})
    assert pickle.loads(pickle.dumps(empty)).__chandle__() == 0


def test_pickles_name_the_public_door():
    assert core._new_object.__module__ == core.Error.__module__ == "tvm_ffi.core"


@pytest.mark.parametrize("clone", [copy.copy, lambda x: pickle.loads(pickle.dumps(x))])
def test_objects_copy_by_value(clone):
    pair = IntPair(3, 4)
    made = clone(pair)
    assert type(made) is IntPair
    assert (made.a, made.b) == (3, 4)
    assert not made.same_as(pair)


@pytest.mark.parametrize("make", [tvm_ffi.convert, lambda value: tvm_ffi.Array([value])])
def test_a_finalized_wrapper_holds_nothing_that_is_gone(make, settle):
    """In a cycle, destructors run before anything dies, and may look at the other members."""
    seen, references = [], []

    class Held:
        def __call__(self): ...

    class Node:
        def __del__(self):
            seen.append((references[-1]() is None, self.held.__chandle__() == 0))

    for is_last in (False, True):
        node, held = Node(), Held()
        references.append(weakref.ref(held))
        node.held = make(held)
        node.cycle = [node, node.held] if is_last else [node.held, node]
        del node, held
        gc.collect()
        settle()
    assert len(seen) == 2
    assert all(is_gone == is_empty for is_gone, is_empty in seen)


def test_a_wrapper_that_outlives_its_destructor_is_empty_or_whole():
    kept = []

    class Reviving(IntPair):
        def __del__(self):
            finalize = getattr(super(), "__del__", None)
            if finalize is not None:  # in the pure lane; else the object goes with the memory
                finalize()
            if not kept:
                kept.append((self, finalize is None))

    pair = Reviving(1, 2)
    del pair
    gc.collect()
    ((pair, is_whole),) = kept
    if is_whole:
        assert pair.a == 1
    else:
        with pytest.raises(ValueError, match="moved from, or its constructor never ran"):
            _ = pair.a
        with pytest.raises(ValueError, match="moved from, or its constructor never ran"):
            echo(pair)
    kept[:] = [None]


# ---- Constructors of registered classes ----------------------------------------------------------


def test_an_init_looks_as_if_it_had_been_written() -> None:
    init: Any = tvm_ffi.testing.TestIntPair.__init__
    assert list(inspect.signature(tvm_ffi.testing.TestIntPair).parameters) == ["a", "b"]
    assert list(inspect.signature(init).parameters) == ["self", "a", "b"]
    assert (init.__name__, init.__qualname__) == ("__init__", "TestIntPair.__init__")
    assert init.__module__ == "tvm_ffi.testing.testing"
    assert init.__doc__ is None


def test_an_init_may_run_again_and_fail() -> None:
    pair = tvm_ffi.testing.TestIntPair(1, 2)
    pair.__init__(3, 4)  # type: ignore[misc]
    assert (pair.a, pair.b) == (3, 4)
    for arguments in ((), (1,), (1, 2, 3), ("one", 2)):
        with pytest.raises(TypeError):
            pair.__init__(*arguments)  # type: ignore[misc]
    with pytest.raises(TypeError):
        tvm_ffi.testing.TestIntPair(1, 2, c=3)  # type: ignore[call-arg]
    assert (pair.a, pair.b) == (3, 4)


def test_an_init_of_something_else_is_refused() -> None:
    init: Any = tvm_ffi.testing.TestIntPair.__init__
    for arguments in ((), (5,), (tvm_ffi.Array([]), 1, 2)):
        with pytest.raises((TypeError, AttributeError)):
            init(*arguments)
