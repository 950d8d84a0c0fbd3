# SPDX-License-Identifier: Apache-2.0
"""What callbacks get and give, by the number of arguments and the kind of result."""

from __future__ import annotations

import gc
import math

import pytest

import tvm_ffi
from tvm_ffi import testing

apply = tvm_ffi.get_global_func("testing.apply")
echo = tvm_ffi.get_global_func("testing.echo")

RESULTS = [None, True, False, 0, -1, 2**30 - 1, 2**30, -(2**30), -(2**30) + 24, 2**63 - 1]
RESULTS += [-(2**63), 2**63, 1.5, -0.0, math.inf, "", "short", "a text of some length", "é" * 100]
RESULTS += [b"", b"bytes of some length", [1, "two"], (1,), {"a": 1}]
RESULTS += [tvm_ffi.dtype("int8"), tvm_ffi.device("cpu")]


@pytest.mark.parametrize("offset", range(30))
def test_no_int_is_taken_for_something_else(offset: int):
    value = -(2**30) + offset
    assert apply(lambda: value) == value


@pytest.mark.parametrize("result", RESULTS, ids=lambda value: repr(value)[:20])
@pytest.mark.parametrize("count", range(6))
def test_a_result_comes_back_whatever_the_arguments(result, count: int):
    got = []

    def callback(*values):
        got.extend(values)
        return result

    given = [1, "text of some length", 2.5, None, True][:count]
    made = apply(callback, *given)
    assert got == given and list(map(type, got))[:1] == list(map(type, given))[:1]
    assert made == echo(result)
    assert isinstance(made, bool) == isinstance(result, bool)


@pytest.mark.parametrize("count", range(6))
def test_an_object_that_only_the_callback_held_comes_back(count: int, use_count):
    made = apply(lambda *_: testing.TestIntPair(count, 2), *range(count))
    gc.collect()
    assert (made.a, made.b) == (count, 2)
    assert use_count(made) == 1


def test_arguments_are_borrowed(use_count):
    array = tvm_ffi.Array([1])
    kept = []
    assert apply(lambda x: kept.append(x), array) is None
    assert use_count(array) == 2
    kept.clear()
    assert use_count(array) == 1
    assert apply(lambda x: x, array).same_as(array)
    assert use_count(array) == 1


def test_text_that_is_none_is_an_error():
    with pytest.raises(UnicodeEncodeError):
        apply(lambda: "\ud800")


def test_an_empty_wrapper_is_refused_as_a_result():
    with pytest.raises(ValueError, match="holds no object"):
        apply(lambda: tvm_ffi.Array.__new__(tvm_ffi.Array))


@pytest.mark.parametrize("wrong", ["\ud800", 2**70])
def test_functions_made_for_a_call_are_released_when_it_is_not_made(wrong, nothing_retained):
    class Callable:
        def __call__(self, *values):
            return values[0] if values else None

    for _ in range(3):
        if isinstance(wrong, str):
            with pytest.raises(UnicodeEncodeError):
                apply(Callable(), wrong)
        else:
            assert apply(Callable(), wrong) == wrong
        assert apply(Callable(), 5) == 5


def test_a_function_made_for_a_call_lives_as_long_as_native_code_keeps_it(settle):
    from tvm_ffi import _pyref

    settle()
    before = _pyref.count_references()
    kept = [echo(lambda x, i=i: x + i) for i in range(3)]
    assert [function(10) for function in kept] == [10, 11, 12]
    assert _pyref.count_references() == before + 3
    for _ in range(10):
        apply(lambda x: x, 1)
        with pytest.raises(ZeroDivisionError):
            apply(lambda x: x / 0, 1)
    settle()
    assert _pyref.count_references() == before + 3
    kept.clear()
    settle()
    assert _pyref.count_references() == before


def test_two_callbacks_in_one_call():
    assert apply(lambda f, x: f(x), lambda x: x + 1, 5) == 6
