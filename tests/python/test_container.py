# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import ctypes
import operator
import pickle
import sys
from collections.abc import Mapping, MutableMapping, MutableSequence, Sequence
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

import tvm_ffi
from tvm_ffi import Array, Dict, List, Map, container, core

echo = tvm_ffi.convert(lambda value: value)
SEQUENCES = pytest.mark.parametrize("cls", [Array, List])
MAPPINGS = pytest.mark.parametrize("cls", [Map, Dict])
# Pickles and shallow copies are texts the library writes.
CLONES = pytest.mark.parametrize(
    "clone",
    [
        copy.deepcopy,
        copy.copy,
        lambda x: pickle.loads(pickle.dumps(x)),
    ],
)

integers = st.integers(-(2**70), 2**70)
keys = st.one_of(integers, st.text(max_size=12), st.booleans())
values = st.one_of(keys, st.none(), st.floats(allow_nan=False), st.binary(max_size=12))
indices = st.integers(-12, 12)
slices = st.builds(
    slice, st.none() | indices, st.none() | indices, st.none() | indices.filter(lambda i: i != 0)
)


def use_count(obj: core.CObject) -> int:
    return ctypes.c_uint32.from_address(obj.__chandle__()).value


def outcome(function: Any) -> Any:
    """What a function returns, or the kind of exception it raises."""
    try:
        return function()
    except (IndexError, ValueError, KeyError) as error:
        return type(error)


def typed(items: Any) -> list[tuple[type, Any]]:
    """Python takes 1, 1.0 and True for equal; the library tells them apart."""
    return [(type(item), item) for item in items]


# ---- What sequences have in common ---------------------------------------------------------------


@SEQUENCES
@given(model=st.lists(values, max_size=9))
def test_sequences_hold_what_they_are_made_of(cls: Any, model: list[Any]) -> None:
    sequence = cls(model)
    assert list(sequence) == model and len(sequence) == len(model)
    assert bool(sequence) is bool(model)
    assert list(reversed(sequence)) == model[::-1]
    assert list(echo(sequence)) == model


@SEQUENCES
@given(model=st.lists(integers, max_size=9), index=indices, part=slices)
def test_reading_is_as_of_a_list(cls: Any, model: list[int], index: int, part: slice) -> None:
    sequence = cls(model)
    assert outcome(lambda: sequence[index]) == outcome(lambda: model[index])
    assert sequence[part] == model[part] and type(sequence[part]) is list
    assert outcome(lambda: sequence.index(index)) == outcome(lambda: model.index(index))
    assert sequence.count(index) == model.count(index)
    assert (index in sequence) is (index in model)


@SEQUENCES
def test_bad_indices_say_what_was_expected(cls: Any) -> None:
    sequence = cls([1, 2, 3])
    for index in (3, -4, 2**70):
        with pytest.raises(IndexError, match=f"^Index out of range. size: 3, got index {index}$"):
            sequence[index]
    for index in ("x", 1.0, None):
        with pytest.raises(
            TypeError, match=f"indices must be integers or slices, not {type(index).__name__}"
        ):
            sequence[index]
    assert sequence[True] == 2
    with pytest.raises(ValueError, match="slice step cannot be zero"):
        sequence[::0]


@SEQUENCES
def test_anything_iterable_makes_one(cls: Any) -> None:
    assert list(cls(range(3))) == list(cls(x for x in (0, 1, 2))) == [0, 1, 2]
    assert list(cls("ab")) == ["a", "b"]
    assert list(cls({"k": 1})) == ["k"]
    with pytest.raises(TypeError, match="iterable"):
        cls(1)


@SEQUENCES
@given(left=st.lists(integers, max_size=5), right=st.lists(integers, max_size=5))
def test_sequences_can_be_added_to_any_iterable(
    cls: Any, left: list[int], right: list[int]
) -> None:
    for made in (
        cls(left) + right,
        left + cls(right),
        cls(left) + cls(right),
        cls(left) + iter(right),
    ):
        assert type(made) is cls and list(made) == left + right
    assert type(tuple(left) + cls(right)) is cls


@SEQUENCES
def test_what_cannot_be_iterated_cannot_be_added(cls: Any) -> None:
    for add in (lambda: cls([1]) + 5, lambda: 5 + cls([1])):
        with pytest.raises(TypeError):
            add()


@SEQUENCES
def test_membership_looks_into_nested_sequences(cls: Any) -> None:
    assert ("BLOCK_SIZE", 128) in cls([("BLOCK_SIZE", 128)])
    assert [1, 2] in cls([(1, 2)]) and Array([1]) in cls([[1]])
    assert (1, 3) not in cls([(1, 2)]) and "ab" not in cls([("a", "b")])
    assert object() not in cls([1]) and {1} not in cls([1])
    assert 2**70 in cls([2**70]) and 2**71 not in cls([2**70])
    # The library takes no number of one kind for one of another.
    assert True not in cls([1]) and 1.0 not in cls([1])


@SEQUENCES
def test_equality_with_other_sequences(cls: Any) -> None:
    sequence = cls([1, 2, 3])
    assert sequence == [1, 2, 3] == sequence == (1, 2, 3) and sequence == range(1, 4)
    assert sequence == Array([1, 2, 3]) == sequence == List([1, 2, 3])
    assert sequence != [1, 2] and not sequence != [1, 2, 3]
    assert sequence != [1.0, 2, 3]
    assert cls([[1], {"a": [2]}]) == cls([[1], {"a": [2]}])
    assert cls(["a"]) != "a" and cls([98]) != b"b"
    for other in ("hello", b"hello", 5, {}, {1: 2}, None):
        assert sequence.__eq__(other) is NotImplemented
        assert sequence.__ne__(other) is NotImplemented


@SEQUENCES
def test_containers_are_what_they_say(cls: Any) -> None:
    assert isinstance(cls([]), Sequence) and isinstance(cls([]), core.Object)
    assert not isinstance(cls([]), Mapping)
    assert isinstance(cls([]), MutableSequence) is (cls is List)
    assert isinstance(cls([]), Array) is (cls is Array)
    assert cls.__dict__["__slots__"] == ()
    assert str(cls[int]) == f"tvm_ffi.container.{cls.__name__}[int]"
    with pytest.raises(AttributeError):
        cls([]).name = 1


@SEQUENCES
def test_a_failed_constructor_leaves_something_printable(cls: Any) -> None:
    empty = cls.__new__(cls)
    assert empty.__chandle__() == 0
    assert repr(empty) == f"{cls.__name__}(chandle=None)"
    with pytest.raises(TypeError):
        empty.__init__(1)
    assert repr(empty) == f"{cls.__name__}(chandle=None)"
    with pytest.raises(ValueError, match="holds no object"):
        len(empty)


# ---- What mappings have in common ----------------------------------------------------------------


@MAPPINGS
@given(model=st.dictionaries(keys, values, max_size=9))
def test_mappings_hold_what_they_are_made_of(cls: Any, model: dict[Any, Any]) -> None:
    mapping = cls(model)
    assert list(mapping.items()) == list(model.items()) and len(mapping) == len(model)
    assert list(mapping) == list(mapping.keys()) == list(model)
    assert list(mapping.values()) == list(model.values())
    assert bool(mapping) is bool(model)
    assert list(echo(mapping).items()) == list(model.items())
    for key, value in model.items():
        assert mapping[key] == mapping.get(key) == value and key in mapping


@MAPPINGS
def test_a_missing_key(cls: Any) -> None:
    mapping = cls({"a": 1, "none": None})
    for key in ("b", 1, 2**70, None, (1,)):
        with pytest.raises(KeyError) as raised:
            mapping[key]
        assert raised.value.args == (key,)
        assert key not in mapping
        assert mapping.get(key) is None and mapping.get(key, 5) == 5
    assert mapping.get("none", 5) is None
    assert object() not in mapping


def test_the_sentinel_of_missing_values_is_an_object() -> None:
    assert container.MISSING is core.MISSING and isinstance(core.MISSING, core.Object)


@MAPPINGS
def test_views_follow_and_answer(cls: Any) -> None:
    mapping = cls({"a": 1, "b": 2})
    keys, items, all_values = mapping.keys(), mapping.items(), mapping.values()
    assert len(keys) == len(items) == len(all_values) == 2
    assert "a" in keys and "c" not in keys
    assert 2 in all_values and 3 not in all_values
    assert ("a", 1) in items and ("a", 2) not in items and ("c", 1) not in items
    assert "ab" not in items and ("a", 1, 2) not in items and ["a", 1] not in items
    assert keys & {"a", "z"} == {"a"} and keys == {"a", "b"}
    assert items == {"a": 1, "b": 2}.items()
    assert repr(keys).startswith("KeysView(")
    assert list(zip(keys, all_values)) == list(items)


@MAPPINGS
def test_only_mappings_make_a_mapping(cls: Any) -> None:
    for wrong in (1, [("a", 1)], "ab"):
        with pytest.raises(AttributeError):
            cls(wrong)
    assert list(cls({}).items()) == []
    assert cls(Map({"a": 1})) == cls({"a": 1})


@MAPPINGS
def test_equality_stays_within_a_kind(cls: Any) -> None:
    mapping = cls({"a": 1, "b": [2]})
    assert mapping == cls({"b": [2], "a": 1}) and mapping != cls({"a": 1})
    for other in ({"a": 1, "b": [2]}, [1], "a", None):
        assert mapping.__eq__(other) is NotImplemented
        assert mapping.__ne__(other) is NotImplemented
    assert Map({"a": 1}) != Dict({"a": 1})
    assert isinstance(mapping, Mapping) and isinstance(mapping, MutableMapping) is (cls is Dict)


@MAPPINGS
def test_big_integers_are_keys(cls: Any) -> None:
    mapping = cls({2**70: "a", -(2**64): "b"})
    assert mapping[2**70] == "a" and mapping[-(2**64)] == "b" and 2**70 + 1 not in mapping


# ---- All four ------------------------------------------------------------------------------------

ALL = pytest.mark.parametrize(
    "made", [Array([1, "a"]), List([1, "a"]), Map({1: "a"}), Dict({1: "a"})]
)


@ALL
def test_equal_containers_hash_equal(made: Any) -> None:
    other = type(made)(made)
    assert not other.same_as(made)
    assert hash(other) == hash(made) and {made: 1}[other] == 1


@ALL
@CLONES
def test_copies_are_equal_and_new(made: Any, clone: Any) -> None:
    copied = clone(made)
    assert type(copied) is type(made) and copied == made and not copied.same_as(made)


def test_nested_plain_values_become_containers() -> None:
    original = Array(NESTED)
    for copied in (original, echo(original), copy.deepcopy(original)):
        expect_nested(copied)


def test_nested_values_survive_a_pickle() -> None:
    expect_nested(pickle.loads(pickle.dumps(Array(NESTED))))


NESTED = [{"x": [1, {"y": (2,)}]}, None, "s", 1.5, b"b", 2**70]


def expect_nested(array: Any) -> None:
    assert array == NESTED
    assert type(array[0]) is Map and type(array[0]["x"]) is Array
    assert type(array[0]["x"][1]["y"]) is Array
    assert array[5] == 2**70


def test_text_of_containers() -> None:
    assert repr(Array([1, "a", None, (2,)])) == '(1, "a", None, (2,))'
    assert repr(List([1, [2]])) == "[1, (2,)]"
    assert repr(Map({"a": 1})) == repr(Dict({"a": 1})) == '{"a": 1}'
    assert repr(Array([])) == "()" and repr(List()) == "[]" and repr(Dict()) == "{}"


def test_opaque_elements_are_the_same_objects() -> None:
    marker = object()
    assert Array([marker])[0] is marker
    assert List([marker]).pop() is marker
    assert Map({"k": marker})["k"] is marker
    assert next(iter(Dict({"k": marker}).values())) is marker


@pytest.mark.cpython("references to Python objects are counted")
def test_references_are_counted_exactly() -> None:
    inner = Array([1, 2, 3])
    outer = echo([inner, {"a": 1, "b": inner}])
    assert (use_count(outer), use_count(inner), use_count(outer[1])) == (1, 3, 2)
    assert [use_count(element) for element in outer] == [4, 2]
    assert use_count(List([inner]).pop()) == use_count(inner)
    del outer
    assert use_count(inner) == 1


@pytest.mark.cpython("references to Python objects are counted")
def test_an_element_that_cannot_be_converted_loses_nothing() -> None:
    inner = Array([1])
    target, mapping = List([inner]), Dict({"k": inner})
    for attempt in (
        lambda: Array([inner, "\ud800"]),
        lambda: List([inner, "\ud800"]),
        lambda: Map({"a": inner, "b": "\ud800"}),
        lambda: target.extend([inner, "\ud800"]),
        lambda: operator.setitem(target, slice(0, 1), [inner, "\ud800"]),
        lambda: operator.setitem(mapping, "\ud800", inner),
    ):
        with pytest.raises(UnicodeEncodeError):
            attempt()
    assert list(target) == [inner] and list(mapping) == ["k"]
    assert use_count(inner) == 3


# ---- List ----------------------------------------------------------------------------------------


class ListMachine(RuleBasedStateMachine):
    """Whatever is done to a List and a list alike, they stay alike."""

    @initialize(start=st.lists(integers, max_size=6))
    def begin(self, start: list[int]) -> None:
        self.real, self.model = List(start), list(start)

    def both(self, action: Any) -> None:
        assert outcome(lambda: action(self.real)) == outcome(lambda: action(self.model))

    @rule(value=integers)
    def append(self, value: int) -> None:
        self.both(lambda target: target.append(value))

    @rule(index=indices, value=integers)
    def insert(self, index: int, value: int) -> None:
        self.both(lambda target: target.insert(index, value))

    @rule(index=indices)
    def pop(self, index: int) -> None:
        self.both(lambda target: target.pop(index))

    @rule(index=indices, value=integers)
    def set_item(self, index: int, value: int) -> None:
        self.both(lambda target: operator.setitem(target, index, value))

    @rule(index=indices)
    def delete_item(self, index: int) -> None:
        self.both(lambda target: operator.delitem(target, index))

    @rule(part=slices, values=st.lists(integers, max_size=5))
    def set_slice(self, part: slice, values: list[int]) -> None:
        self.both(lambda target: operator.setitem(target, part, values))

    @rule(part=slices)
    def set_slice_to_itself(self, part: slice) -> None:
        # PyPy aborts now and then when a plain list is assigned to a slice of itself.
        if len(self.model) < 20 and sys.implementation.name == "cpython":
            self.both(lambda target: operator.setitem(target, part, target))

    @rule(part=slices)
    def delete_slice(self, part: slice) -> None:
        self.both(lambda target: operator.delitem(target, part))

    @rule(values=st.lists(integers, max_size=5))
    def extend(self, values: list[int]) -> None:
        self.both(lambda target: target.extend(iter(values)))

    @rule()
    def reverse(self) -> None:
        self.both(lambda target: target.reverse())

    @rule(value=integers)
    def remove(self, value: int) -> None:
        self.both(lambda target: target.remove(value))

    @rule()
    def clear(self) -> None:
        self.both(lambda target: target.clear())

    @invariant()
    def alike(self) -> None:
        assert list(self.real) == self.model and self.real == self.model


TestListLikeAList = ListMachine.TestCase
TestListLikeAList.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_messages_of_list_changes() -> None:
    target = List([1, 2, 3])
    with pytest.raises(IndexError, match="pop from empty list"):
        List().pop()
    with pytest.raises(IndexError, match=r"Index out of range\. size: 3, got index 9"):
        target.pop(9)
    with pytest.raises(IndexError, match=r"Index out of range\. size: 3, got index 9"):
        target[9] = 1
    with pytest.raises(IndexError, match=r"Index out of range\. size: 3, got index -4"):
        del target[-4]
    for attempt in (
        lambda: operator.setitem(target, "x", 1),
        lambda: operator.delitem(target, 1.5),
        lambda: target.pop("x"),
    ):
        with pytest.raises(TypeError, match="indices must be integers or slices"):
            attempt()
    with pytest.raises(
        ValueError, match="attempt to assign sequence of size 1 to extended slice of size 2"
    ):
        target[::2] = [1]
    for attempt in (
        lambda: target.extend(5),
        lambda: operator.setitem(target, slice(0, 2), 5),
        lambda: target.insert("x", 1),
    ):
        with pytest.raises(TypeError):
            attempt()
    assert list(target) == [1, 2, 3]


def test_a_list_may_be_assigned_into_itself() -> None:
    target = List(range(5))
    target[1:3] = target
    assert list(target) == [0, 0, 1, 2, 3, 4, 3, 4]
    target.extend(target)
    assert len(target) == 16
    target += [9]
    assert target[-1] == 9 and type(target) is List


def test_a_start_after_the_stop_inserts_at_the_start() -> None:
    target = List(range(5))
    target[3:1] = [7, 8]
    assert list(target) == [0, 1, 2, 7, 8, 3, 4]
    del target[3:1]
    assert len(target) == 7


def test_changes_are_seen_by_everyone_who_has_the_list() -> None:
    target = List([1])
    echo(target).append(2)
    tvm_ffi.convert(lambda seen: seen.append(3))(target)
    assert list(target) == [1, 2, 3]


def test_changing_a_list_while_going_through_it_is_safe() -> None:
    target = List([1, 2, 3, 4])
    seen = [target.append(x) or x for x in target]
    assert seen == [1, 2, 3, 4] and len(target) == 8
    seen = [target.pop() and x for x in target]
    assert seen == [1, 2, 3, 4] and len(target) == 4
    assert [target.clear() or x for x in target] == [1]


# ---- Dict ----------------------------------------------------------------------------------------

few_keys = st.one_of(st.integers(0, 6), st.sampled_from(["a", "b", "longer than seven"]))


class DictMachine(RuleBasedStateMachine):
    """Whatever is done to a Dict and a dict alike, they stay alike, order included."""

    @initialize(start=st.dictionaries(few_keys, integers, max_size=6))
    def begin(self, start: dict[Any, int]) -> None:
        self.real, self.model = Dict(start), dict(start)

    def both(self, action: Any) -> None:
        assert outcome(lambda: action(self.real)) == outcome(lambda: action(self.model))

    @rule(key=few_keys, value=integers)
    def add(self, key: Any, value: int) -> None:
        if key not in self.model:
            self.both(lambda target: operator.setitem(target, key, value))

    @rule(key=few_keys, value=integers)
    def replace(self, key: Any, value: int) -> None:
        # A large Dict moves a replaced key to the end, a small one does not.
        for target in (self.real, self.model):
            target.pop(key, None)
            target[key] = value

    @rule(key=few_keys)
    def delete(self, key: Any) -> None:
        self.both(lambda target: operator.delitem(target, key))

    @rule(key=few_keys)
    def pop(self, key: Any) -> None:
        self.both(lambda target: target.pop(key))

    @rule(key=few_keys, default=integers)
    def pop_default(self, key: Any, default: int) -> None:
        self.both(lambda target: target.pop(key, default))

    @rule(key=few_keys, default=integers)
    def setdefault(self, key: Any, default: int) -> None:
        self.both(lambda target: target.setdefault(key, default))

    @rule(key=few_keys)
    def get(self, key: Any) -> None:
        self.both(lambda target: (target.get(key), key in target))

    @rule()
    def clear(self) -> None:
        self.both(lambda target: target.clear())

    @invariant()
    def alike(self) -> None:
        assert list(self.real.items()) == list(self.model.items())
        assert len(self.real) == len(self.model)


TestDictLikeADict = DictMachine.TestCase
TestDictLikeADict.settings = settings(max_examples=40, stateful_step_count=25, deadline=None)


def test_other_ways_to_change_a_dict() -> None:
    target: Any = Dict()
    assert len(target) == 0 and len(Dict(None)) == 0
    target.update({"a": 1})
    target.update([("b", 2)], c=3)
    target.update(target)
    assert dict(target) == {"a": 1, "b": 2, "c": 3}
    target["a"] = 9
    assert target["a"] == 9 and len(target) == 3
    with pytest.raises(TypeError, match="pop expected at most 2 arguments, got 3"):
        target.pop("a", 1, 2)
    for missing in (lambda: target.pop("z"), lambda: operator.delitem(target, "z")):
        with pytest.raises(KeyError) as raised:
            missing()
        assert raised.value.args == ("z",)
    assert target.pop("z", None) is None
    assert echo(target).pop("a") == 9 and "a" not in target


def test_changing_a_dict_while_going_through_it_is_safe() -> None:
    for size in (3, 50):
        target = Dict({i: i for i in range(size)})
        assert [target.pop(key) for key in target] == list(range(size))
        assert len(target) == 0
        target.update({i: i for i in range(size)})
        for key in target:
            target[key + 1000] = key
        assert len(target) == 2 * size
        assert len([target.clear() for _ in target.items()]) == 2 * size


def test_every_entry_is_visited_after_changes() -> None:
    target = Dict({i: -i for i in range(20)})
    keys = target.keys()
    for gone in range(0, 20, 3):
        del target[gone]
    target["new"] = 1
    expected = [i for i in range(20) if i % 3] + ["new"]
    assert list(keys) == expected and list(target.items())[-1] == ("new", 1)


def test_a_map_outlives_its_iterator() -> None:
    iterator = iter(Map({i: i for i in range(10)}).items())
    assert [next(iterator) for _ in range(10)] == [(i, i) for i in range(10)]
    with pytest.raises(StopIteration):
        next(iterator)


@pytest.mark.parametrize("cls", [Map, Dict])
def test_the_sentinel_of_lookups_can_be_a_value(cls):
    holder = cls({"a": tvm_ffi.core.MISSING})
    assert holder["a"].same_as(tvm_ffi.core.MISSING)
    with pytest.raises(KeyError):
        holder["b"]


@pytest.mark.parametrize("cls", [tvm_ffi.Map, tvm_ffi.Dict])
@pytest.mark.parametrize("size", [0, 1, 64, 65, 200])
def test_mappings_of_any_size_are_gone_through_in_order(cls: Any, size: int) -> None:
    model = {f"a key of some length {i}": i for i in range(size)}
    mapping = cls(model)
    for _ in range(2):
        assert list(mapping.items()) == list(model.items())
        assert list(mapping) == list(model) and list(mapping.values()) == list(model.values())
    assert {key: mapping[key] for key in model} == model


@pytest.mark.parametrize("cls", [tvm_ffi.Map, tvm_ffi.Dict])
def test_a_key_that_is_not_there_is_a_key_error(cls: Any) -> None:
    mapping = cls({"here": 1, 5: 2, "": 3, 1.5: 4})
    assert [mapping[key] for key in ("here", 5, "", 1.5)] == [1, 2, 3, 4]
    for key in ("nowhere", "not here, and longer", 6, 1 << 62, 2.5, None, b"here"):
        with pytest.raises(KeyError) as raised:
            mapping[key]
        assert raised.value.args == (key,)
    with pytest.raises(UnicodeEncodeError):
        mapping["\ud800"]


@pytest.mark.parametrize("cls", [tvm_ffi.Map, tvm_ffi.Dict])
def test_what_stands_for_no_entry_may_be_an_entry(cls: Any) -> None:
    mapping = cls({"none": tvm_ffi.core.MISSING})
    assert mapping["none"].same_as(tvm_ffi.core.MISSING)
    assert [key for key, _ in mapping.items()] == ["none"]
