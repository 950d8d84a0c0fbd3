# SPDX-License-Identifier: Apache-2.0
"""Read this first: what the package is for, on one screen."""

from __future__ import annotations

import pytest

import tvm_ffi


def test_a_python_function_becomes_a_function_of_every_language():
    add = tvm_ffi.convert(lambda x, y: x + y)
    assert isinstance(add, tvm_ffi.Function)
    assert add(1, 2) == 3


def test_values_cross_the_boundary_and_come_back():
    echo = tvm_ffi.get_global_func("testing.echo")
    assert echo(1) == 1
    assert echo(2.5) == 2.5
    assert echo("some text") == "some text"
    assert echo(None) is None
    assert list(echo([1, "two", 3.0])) == [1, "two", 3.0]
    assert dict(echo({"a": 1}).items()) == {"a": 1}


def test_native_code_calls_back():
    apply = tvm_ffi.get_global_func("testing.apply")
    assert apply(lambda x: x * 2, 21) == 42


def test_functions_are_shared_by_name():
    @tvm_ffi.register_global_func("tiny.greet")
    def greet(name):
        return f"hello {name}"

    assert tvm_ffi.get_global_func("tiny.greet")("world") == "hello world"
    tvm_ffi.remove_global_func("tiny.greet")


def test_native_errors_are_python_exceptions():
    with pytest.raises(ValueError, match="out of cheese"):
        tvm_ffi.get_global_func("testing.test_raise_error")("ValueError", "out of cheese")


def test_native_objects_have_fields_and_methods():
    make = tvm_ffi.get_global_func("ffi.MakeObjectFromPackedArgs")
    thing = make("testing.TestObjectBase", "v_i64", 3)
    assert thing.v_i64 == 3
    assert thing.add_i64(4) == 7
