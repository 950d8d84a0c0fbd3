# SPDX-License-Identifier: Apache-2.0
"""Python containers as arguments: what is inside arrives as it would on its own."""

from __future__ import annotations

import array
from collections import OrderedDict
from enum import IntEnum

import pytest

import tvm_ffi

echo = tvm_ffi.get_global_func("testing.echo")


class Color(IntEnum):
    RED = 3


INTS = [0, 1, -1, 2**15, -(2**30), 2**31 - 1, 2**31, -(2**31) - 1, 2**60, 2**62]
INTS += [2**63 - 1, -(2**63) + 1, -(2**63), 2**63, 2**64, -(2**70)]
INSIDE = [*INTS, 0.0, -1.5, float("inf"), None, True, False, "", "é", "\0", "x" * 300]
INSIDE += [b"", b"bytes", bytearray(b"more bytes"), Color.RED, [], (), {}, [[]], [()], {"a": {}}]
INSIDE += [tvm_ffi.Array([1, 2]), tvm_ffi.dtype("int8"), tvm_ffi.device("cpu")]


def plain(value: object) -> object:
    """Say what a value is inside, in plain Python with types."""
    if isinstance(value, tvm_ffi.Map):
        return {plain(key): plain(item) for key, item in value.items()}
    if isinstance(value, tvm_ffi.Array):
        return [plain(element) for element in value]
    return type(value).__mro__[-2 if not isinstance(value, int) else 0], value


@pytest.mark.parametrize("inside", INSIDE, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("where", ["alone", "first", "middle", "last", "value", "deep"])
def test_what_is_inside_arrives_as_on_its_own(inside, where: str):
    wrapped, take = {
        "alone": ([inside], lambda made: made[0]),
        "first": ((inside, 1, "x"), lambda made: made[0]),
        "middle": ([1, inside, "x"], lambda made: made[1]),
        "last": ((1.5, "x", inside), lambda made: made[2]),
        "value": ({"a": 1, "b": inside, "c": "x"}, lambda made: made["b"]),
        "deep": ([{"k": ([inside],)}], lambda made: made[0]["k"][0][0]),
    }[where]
    assert plain(take(echo(wrapped))) == plain(echo(inside))


@pytest.mark.parametrize("key", [*INTS[:3], 2**40, "text", "x" * 40, True, None, 2.5, b"bytes key"])
def test_keys_arrive_in_order(key):
    given = {"first": 1, key: 2, "last": 3}
    made = echo(given)
    assert list(made.items()) == list(given.items())
    assert list(map(type, made)) == list(map(type, echo(list(given))))


@pytest.mark.parametrize("count", [0, 1, 2, 100, 5000])
def test_containers_of_any_size(count: int):
    assert list(echo(list(range(count)))) == list(range(count))
    assert len(echo({str(i): i for i in range(count)})) == count
    assert list(echo([f"text {i}" for i in range(count)])) == [f"text {i}" for i in range(count)]


@pytest.mark.parametrize("depth", [31, 32, 33, 60])
def test_deep_containers_arrive(depth: int):
    value: object = 7
    for _ in range(depth):
        value = [value]
    made = echo(value)
    for _ in range(depth):
        made = made[0]
    assert made == 7


def test_other_classes_of_containers_keep_their_rules():
    assert dict(echo(OrderedDict(b=1, a=2)).items()) == {"b": 1, "a": 2}
    assert list(echo([1, OrderedDict(b=1), 2])[1]) == ["b"]


def test_what_has_a_buffer_is_no_text():
    numbers = array.array("q", [1, 2, 3])
    for given in ([numbers], [1, numbers, 2], {"a": 1, "b": numbers}):
        made = echo(given)
        inside = made["b"] if isinstance(given, dict) else made[given.index(numbers)]
        assert inside is numbers


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: [1, x, 2], lambda x: {"a": x}])
def test_half_a_surrogate_pair_is_an_error(wrap):
    with pytest.raises(UnicodeEncodeError):
        echo(wrap("a\ud800b"))
    assert list(echo(["\U0001f600", "\ud7ff", "\ue000"])) == ["\U0001f600", "\ud7ff", "\ue000"]


def test_nothing_is_left_of_a_container_that_is_refused_in_the_middle(nothing_retained, use_count):
    kept = tvm_ffi.Array([1])
    for _ in range(3):
        made = echo(["a longer text", {"key of some length": [kept, 2**80]}, ["another text"]])
        assert use_count(kept) == 2
        del made
    assert use_count(kept) == 1
