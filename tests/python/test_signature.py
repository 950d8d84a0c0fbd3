# SPDX-License-Identifier: Apache-2.0
"""Calls by the types of their arguments: every combination arrives as what it is."""

from __future__ import annotations

import inspect
import itertools
import math
import traceback

import pytest

import tvm_ffi

echo = tvm_ffi.get_global_func("testing.echo")
collect = tvm_ffi.get_global_func("ffi.Array")

VALUES = [None, True, False, 0, -1, 2**31, -(2**63), 2**63 - 1, 2**63, -(2**70), 1.5, -0.0]
VALUES += ["", "short", "8 bytes.", "é" * 5, "\0", "t" * 4096, "t" * 4097, "t" * 100_000]
VALUES += [b"", b"\0\xff", b"12345678", b"b" * 4097, tvm_ffi.dtype("float32x4")]
VALUES += [tvm_ffi.device("cuda", 3), tvm_ffi.device(1, -1)]


def same(a: object, b: object) -> bool:
    if isinstance(b, float):
        return type(a) is float and a == b and math.copysign(1, a) == math.copysign(1, b)
    return a == b and (isinstance(a, bool) == isinstance(b, bool))


@pytest.mark.parametrize("value", VALUES, ids=lambda value: repr(value)[:20])
def test_a_value_comes_back_as_it_went(value):
    assert same(echo(value), value)
    assert type(echo(value)) in (type(value), tvm_ffi.core.String, tvm_ffi.core.Bytes)


@pytest.mark.parametrize("count", [2, 3, 4, 5, 9])
def test_arguments_of_different_types_keep_their_places(count: int):
    chosen = VALUES if count == 2 else VALUES[1::5]
    rounds = itertools.product(chosen, repeat=2)
    for pair in rounds:
        values = [*pair, *VALUES[: count - 2]]
        made = collect(*values)
        assert len(made) == count
        assert all(map(same, made, values))


@pytest.mark.parametrize("offset", range(40))
def test_no_int_is_taken_for_another_result(offset: int):
    """Those around here say something else inside the pure lane."""
    for base in (-(2**30), -(2**30) + 24):
        assert echo(base + offset - 20) == base + offset - 20


def test_many_arguments_and_none():
    assert list(collect(*range(100))) == list(range(100))
    assert len(collect()) == 0


def test_an_empty_wrapper_is_refused_among_others():
    array = tvm_ffi.Array([1])
    empty = tvm_ffi.Array.__new__(tvm_ffi.Array)
    for values in ((empty,), (1, empty), (array, "text that is long", empty)):
        with pytest.raises(ValueError, match="holds no object"):
            collect(*values)


def test_subclasses_pass_as_their_values():
    class Number(int):
        def __index__(self):
            raise AssertionError("the value counts")

        __int__ = __index__

    class Text(str):
        pass

    assert echo(Number(7)) == 7
    assert list(collect(Number(7), Text("abc"), 1)) == [7, "abc", 1]


def test_a_type_can_get_another_packer_later(monkeypatch):
    class Late:
        def __tvm_ffi_int__(self):
            return 1

    assert list(collect(Late(), 2)) == [1, 2]
    packers = tvm_ffi._convert.packers
    monkeypatch.setitem(packers, Late, lambda cells, value, frame: cells.extend((1, 5)))
    assert list(collect(Late(), 2)) == [5, 2]


def test_debuggers_show_the_source_of_generated_functions():
    from tvm_ffi import _generated

    function = _generated.define("example", ["def example(x):", "    return x / 0"], {})
    with pytest.raises(ZeroDivisionError) as info:
        function(1)
    last = traceback.extract_tb(info.value.__traceback__)[-1]
    assert (last.lineno, last.line) == (2, "return x / 0")
    assert inspect.getsource(function) == "def example(x):\n    return x / 0\n"


def test_tracebacks_show_the_source_of_whatever_runs():
    fail = tvm_ffi.convert(lambda a, b: a / b)
    with pytest.raises(ZeroDivisionError) as info:
        fail(1, 0)
    for frame in traceback.extract_tb(info.value.__traceback__):
        if frame.filename.startswith("tvm_ffi generated"):
            assert frame.line


def test_class_whose_name_is_no_identifier_is_passed() -> None:
    odd = type("not an-identifier", (int,), {})
    assert echo(odd(3)) == 3
    assert echo(odd(4)) == 4
