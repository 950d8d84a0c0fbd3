# SPDX-License-Identifier: Apache-2.0
"""Reading many elements: what iteration and indices give, of every kind and number."""

from __future__ import annotations

import pytest

import tvm_ffi
from tvm_ffi import Array, Dict, List, Map, _elements

KINDS = {
    "ints": lambda i: i - 3,
    "large": lambda i: (1 << 62) + i,
    "huge": lambda i: 1 << (60 + i % 10),
    "texts": lambda i: "x" * (i % 12),
    "bytes": lambda i: b"y" * (i % 12),
    "floats": lambda i: i / 2,
    "mixed": lambda i: [i, None, True, 2.5, "text", "a longer text", (1, 2)][i % 7],
}
SIZES = [0, 1, 2, 63, 64, 65, 128, 200]


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cls", [Array, List])
def test_sequences(cls, kind: str, size: int):
    values = [KINDS[kind](i) for i in range(size)]
    made = cls(values)
    assert len(made) == size
    plain = [*map(_plain, values)]
    assert [*map(_plain, made)] == plain
    assert [_plain(made[i]) for i in range(-size, size)] == plain + plain
    for outside in (size, -size - 1, 2**70, -(2**70)):
        with pytest.raises(IndexError):
            made[outside]


def _plain(value):
    return (tuple(value) if isinstance(value, Array) else value), isinstance(value, bool)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("cls", [Map, Dict])
def test_mappings(cls, kind: str, size: int):
    values = {f"key {i}": KINDS[kind](i) for i in range(size)}
    made = cls(values)
    assert list(made) == list(values)
    assert [*map(_plain, made.values())] == [*map(_plain, values.values())]
    assert [key for key, _ in made.items()] == list(values)


@pytest.mark.parametrize("size", [3, 64, 100])
def test_iteration_stops_where_it_is_left(size: int, nothing_retained):
    inside = Array(["some text"])
    for made in (Array([inside] * size), Map(dict.fromkeys(range(size), inside)).values()):
        for count, element in enumerate(made):
            assert element.same_as(inside)
            if count == 2:
                break


def test_an_array_lives_while_it_is_iterated_over(use_count):
    inside = Array([1])
    iterator = iter(Array([inside] * 200))
    assert next(iterator).same_as(inside)
    assert sum(element.same_as(inside) for element in iterator) == 199
    del iterator
    assert use_count(inside) == 1


def test_an_element_that_cannot_be_read_leaves_nothing(monkeypatch, use_count):
    inside = Array([1])
    made = Map(dict.fromkeys(range(5), inside))
    read = tvm_ffi._convert.unpackers[tvm_ffi._ffi.kTVMFFIArray]
    seen = []

    def fail_at_third(handle, api):
        value = read(handle, api)
        seen.append(1)
        if len(seen) == 3:
            raise LookupError("third")
        return value

    monkeypatch.setitem(_elements.unpackers, tvm_ffi._ffi.kTVMFFIArray, fail_at_third)
    with pytest.raises(LookupError):
        list(made.items())
    monkeypatch.undo()
    del made
    assert use_count(inside) == 1


def test_another_object_in_an_array_is_no_array():
    made = Array.__new__(Array)
    made.__init_handle_by_constructor__(tvm_ffi.get_global_func("ffi.Map"), 1, 2)
    for use in (len, list, lambda array: array[0]):
        with pytest.raises(TypeError):
            use(made)
    empty = Array.__new__(Array)
    for use in (len, list, lambda array: array[0]):
        with pytest.raises(ValueError, match="holds no object"):
            use(empty)
