# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import ctypes
import gc
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import CAny, _ffi, core

to_value = core._to_py_class_value


@pytest.mark.parametrize(
    ("value", "index", "text"),
    [
        (None, 0, "CAny(None)"),
        (42, 1, "CAny(int=42)"),
        (-(2**63), 1, "CAny(int=-9223372036854775808)"),
        (True, 2, "CAny(bool=True)"),
        (1.5, 3, "CAny(float=1.5)"),
        (2**63, 78, "CAny(object, type_index=78)"),
        ("short", 11, "CAny(type_index=11)"),
        ("not short", 65, "CAny(object, type_index=65)"),
        (b"short", 12, "CAny(type_index=12)"),
        (b"not short", 66, "CAny(object, type_index=66)"),
        ([1], 71, "CAny(object, type_index=71)"),
        ({"a": 1}, 72, "CAny(object, type_index=72)"),
        (tvm_ffi.dtype("int32"), 5, "CAny(type_index=5)"),
        (tvm_ffi.device("cpu"), 6, "CAny(type_index=6)"),
    ],
)
def test_a_value_is_packed_as_a_call_packs_it(value: Any, index: int, text: str) -> None:
    made = CAny(value)
    assert made.type_index == index
    assert repr(made) == text
    again = to_value(made)
    assert again == value or list(again) == list(value)


def test_without_a_value_it_is_none() -> None:
    assert to_value(CAny()) is None


def test_short_text_and_bytes_come_out_as_string_and_bytes() -> None:
    assert type(to_value(CAny("abc"))) is core.String
    assert type(to_value(CAny("abcdefgh"))) is core.String
    assert type(to_value(CAny(b"abc"))) is core.Bytes
    assert type(to_value(CAny(b"abcdefgh"))) is core.Bytes


def test_the_value_can_be_read_any_number_of_times(use_count: Callable[[Any], int]) -> None:
    array = tvm_ffi.Array([1, 2])
    made = CAny(array)
    assert use_count(array) == 2
    values = [to_value(made) for _ in range(3)]
    assert all(value.same_as(array) for value in values)
    assert use_count(array) == 5
    del values, made
    gc.collect()
    assert use_count(array) == 1


def test_it_passes_as_what_it_holds(testing: Any, use_count: Callable[[Any], int]) -> None:
    array = tvm_ffi.Array([1, 2])
    assert testing.echo(CAny(array)).same_as(array)
    assert testing.echo(CAny("abcdefgh")) == "abcdefgh"
    assert list(testing.echo([CAny(1), CAny("a")])) == [1, "a"]
    assert use_count(array) == 1


def test_one_can_be_made_of_another(use_count: Callable[[Any], int]) -> None:
    array = tvm_ffi.Array([1])
    first = CAny(array)
    second = CAny(first)
    del first
    assert to_value(second).same_as(array)
    assert use_count(array) == 2


def test_a_moved_object_is_taken() -> None:
    array = tvm_ffi.Array([1])
    made = CAny(array._move())
    assert array.__chandle__() == 0
    assert list(to_value(made)) == [1]


def test_what_cannot_be_packed_raises_and_retains_nothing(nothing_retained: None) -> None:
    with pytest.raises(UnicodeEncodeError):
        CAny("\ud800")
    with pytest.raises(UnicodeEncodeError):
        CAny([object(), "\ud800"])


def test_a_view_of_a_tensor_cannot_be_owned() -> None:
    view = core.Tensor.__new__(core.Tensor)
    memory = _ffi.DLTensor()
    view._view = ctypes.addressof(memory)
    with pytest.raises(BufferError, match="cannot outlive the callback"):
        CAny(view)


def test_only_a_cany_is_read() -> None:
    with pytest.raises(TypeError, match="Expected a CAny, got int"):
        to_value(3)  # type: ignore[arg-type]
