# SPDX-License-Identifier: Apache-2.0
"""Fields of native objects, read and written again and again."""

from __future__ import annotations

import ctypes
import math

import pytest

import tvm_ffi
from tvm_ffi import _ffi, testing
from tvm_ffi.core import FieldGetter, FieldSetter

BORDERS = [0, 1, -1, 2**31, -(2**63), 2**63 - 1]


def offset_of(name: str) -> int:
    fields = testing._TestCxxClassBase.__tvm_ffi_type_info__.fields
    return next(field.offset for field in fields if field.name == name)


@pytest.fixture
def made():
    return testing._TestCxxClassDerivedDerived(
        v_i64=1, v_i32=2, v_f64=3.5, v_f32=4.5, v_str="text", v_bool=True
    )


@pytest.mark.parametrize("value", BORDERS)
def test_an_int_field_holds_what_was_written(made, value: int):
    for _ in range(3):
        made.v_i64 = value
        assert made.v_i64 == value and type(made.v_i64) is int


@pytest.mark.parametrize("value", [0.0, -0.0, 1.5, math.inf, math.nan, 3])
def test_a_float_field_holds_what_was_written(made, value: float):
    for _ in range(3):
        made.v_f64 = value
        assert type(made.v_f64) is float
        assert made.v_f64 == value or (math.isnan(value) and math.isnan(made.v_f64))
        assert math.copysign(1, made.v_f64) == math.copysign(1, value)


def test_a_bool_field_is_a_bool(made):
    for value in (True, False, True, 0, 1):
        made.v_bool = value
        assert made.v_bool is bool(value)


def test_what_is_refused_at_first_is_refused_later(made):
    for value in (1, 2, 3):
        made.v_i64 = value
        for wrong in ("text", None, 1.5, 2**63, -(2**63) - 1):
            with pytest.raises((TypeError, OverflowError)):
                made.v_i64 = wrong
        assert made.v_i64 == value
    made.v_i64 = True
    assert made.v_i64 == 1


def test_a_wrapper_that_holds_nothing_has_no_fields(made):
    cls = type(made)
    assert made.v_i64 == 1
    empty = cls.__new__(cls)
    for _ in range(2):
        with pytest.raises(ValueError, match="has no fields"):
            _ = empty.v_i64
        with pytest.raises(ValueError, match="has no fields"):
            empty.v_i64 = 1


def test_native_code_sees_what_is_written(made):
    same = tvm_ffi.get_global_func("testing.echo")(made)
    for value in (5, 6):
        made.v_i64 = value
        assert same.v_i64 == value


def test_a_getter_that_computes_is_asked_each_time(made):
    """Though the field is declared as a plain integer."""
    asked = []

    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    def twice(field, result):
        cell = _ffi.TVMFFIAny.from_address(result)
        cell.type_index = _ffi.kTVMFFIInt
        cell.v_int64 = 2 * ctypes.c_int64.from_address(field).value
        asked.append(cell.v_int64)
        return 0

    offset = offset_of("v_i64")
    address = ctypes.cast(twice, ctypes.c_void_p).value
    read = FieldGetter(address, offset, _ffi.kTVMFFIInt, 8)
    for value in (3, 4, 5):
        made.v_i64 = value
        assert read(made) == 2 * value
    assert asked == [6, 8, 10]


def test_a_setter_that_computes_is_asked_each_time(made):
    @ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p)
    def store_twice(field, value):
        cell = _ffi.TVMFFIAny.from_address(value)
        ctypes.c_int64.from_address(field).value = 2 * cell.v_int64
        return 0

    offset = offset_of("v_i64")
    address = ctypes.cast(store_twice, ctypes.c_void_p).value
    write = FieldSetter(address, offset, None, True, _ffi.kTVMFFIInt, 8)
    for value in (3, 4, 5):
        write(made, value)
        assert made.v_i64 == 2 * value
