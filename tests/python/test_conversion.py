# SPDX-License-Identifier: Apache-2.0
"""`tvm_ffi.convert`."""

from __future__ import annotations

import ctypes
import fractions

import pytest

import tvm_ffi
from tvm_ffi import convert, core


@pytest.mark.parametrize(
    "value",
    [1, 1.5, True, 3j, 2**70, fractions.Fraction(1, 3), ctypes.c_void_p(3), tvm_ffi.dtype("int8")],
    ids=repr,
)
def test_numbers_and_values_stay_what_they_are(value):
    assert convert(value) is value


def test_objects_stay_what_they_are():
    array = tvm_ffi.Array([1])
    shape = tvm_ffi.Shape((1, 2))
    text = core.String("abc")
    assert convert(array) is array
    assert convert(shape) is shape
    assert convert(text) is text
    assert convert(None) is None


@pytest.mark.parametrize(
    ("value", "cls"),
    [
        ([1], tvm_ffi.Array),
        ((1,), tvm_ffi.Array),
        ({1: 2}, tvm_ffi.Map),
        ("abc", core.String),
        (b"abc", core.Bytes),
        (bytearray(b"abc"), core.Bytes),
        (len, tvm_ffi.Function),
        (int, tvm_ffi.Function),
        (ValueError("x"), core.Error),
        ({1}, core.OpaquePyObject),
        (KeyboardInterrupt(), core.OpaquePyObject),
    ],
)
def test_the_rest_becomes_an_ffi_value(value, cls):
    assert type(convert(value)) is cls


def test_wrappers_that_are_no_objects_are_wrapped_once_more():
    function = convert(lambda x: x + 1)
    again = convert(function)
    assert not again.same_as(function)
    assert again(1) == 2
    error = convert(ValueError("x"))
    assert convert(error).pyobject() is error


class Convertible(tvm_ffi.ObjectConvertible):
    def asobject(self):
        return tvm_ffi.Array([8])


class Stands:
    def __tvm_ffi_object__(self):
        return tvm_ffi.Array([9])


class Number:
    def __tvm_ffi_int__(self):
        return 3


class Type:
    def __dlpack_data_type__(self):
        return (2, 32, 1)


def test_protocols():
    number = Number()
    assert list(convert(Convertible())) == [8]
    assert list(convert(Stands())) == [9]
    assert convert(number) is number
    assert convert(Type()) == tvm_ffi.dtype("float32")


def test_tensors_and_data_types_of_numpy():
    numpy = pytest.importorskip("numpy")
    array = numpy.arange(3, dtype="int32")
    tensor = convert(array)
    assert isinstance(tensor, tvm_ffi.Tensor)
    assert tensor.data_ptr() == array.ctypes.data
    assert convert(numpy.dtype("int16")) == tvm_ffi.dtype("int16")


def test_data_types_of_torch():
    torch = pytest.importorskip("torch")
    assert convert(torch.bfloat16) == tvm_ffi.dtype("bfloat16")
    assert isinstance(convert(torch.zeros(2)), tvm_ffi.Tensor)


def test_frameworks_can_be_hidden_while_documentation_is_built(run_python):
    pytest.importorskip("numpy", reason="hides numpy")
    run_python(
        """
        import numpy
        import tvm_ffi
        echo = tvm_ffi.get_global_func("testing.echo")
        kind = numpy.dtype("int32")
        assert echo(kind) is kind  # held as any object
        assert tvm_ffi.dtype._NUMPY_DTYPE_TO_STR == {}
        """,
        TVM_FFI_BUILD_DOCS="1",
    )
