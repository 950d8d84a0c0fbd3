# SPDX-License-Identifier: Apache-2.0
"""Values of every kind come back as they were, whichever way they cross the boundary."""

from __future__ import annotations

import ctypes
import importlib.util
import math
import struct
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.testing import create_object

echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")
_holder: Any = create_object("testing.TestDeepCopyEdges", v_any=None, v_obj=[])


def through_echo(value: Any) -> Any:
    """As an argument, and back as a result."""
    return echo(value)


def through_a_callback(value: Any) -> Any:
    """As an argument of Python called by native code, and back as its result."""
    return apply(lambda argument: argument, value)


def through_a_container(value: Any) -> Any:
    """As an element."""
    return tvm_ffi.List([value])[0]


def through_a_field(value: Any) -> Any:
    """Stored in an object and read again."""
    _holder.v_any = value
    result = _holder.v_any
    _holder.v_any = None
    return result


def through_an_owned_value(value: Any) -> Any:
    """Kept without a Python form."""
    return core._to_py_class_value(tvm_ffi.CAny(value))


WAYS = [through_echo, through_a_callback, through_a_container, through_a_field,
        through_an_owned_value]  # fmt: skip
every_way = pytest.mark.parametrize("way", WAYS)

# Around the borders of what fits a cell, and far beyond.
integers = st.one_of(
    st.integers(),
    st.integers(-(2**80), 2**80),
    st.sampled_from([s * (2**n) + d for n in (31, 32, 63, 64, 127, 128) for s in (1, -1)
                     for d in (-1, 0, 1)]),
)  # fmt: skip
texts = st.one_of(
    st.text(),
    st.text(min_size=6, max_size=9),
    st.sampled_from(["", "seven b", "eight by", "nul\0nul", "\0", "ä" * 3, "ä" * 4, "𝄞𝄞"]),
)
blobs = st.one_of(st.binary(), st.binary(min_size=6, max_size=9), st.just(b"\0" * 8))


@every_way
@given(value=integers)
@settings(deadline=None, max_examples=60)
def test_integers(way: Any, value: int) -> None:
    result = way(value)
    assert result == value
    assert type(result) is int


@every_way
@given(value=st.floats())
@settings(deadline=None, max_examples=60)
def test_floats_keep_every_bit_that_counts(way: Any, value: float) -> None:
    result = way(value)
    assert type(result) is float
    if math.isnan(value):
        assert math.isnan(result)
    else:
        assert struct.pack("<d", result) == struct.pack("<d", value)


@every_way
@pytest.mark.parametrize("value", [0.0, -0.0, math.inf, -math.inf, 5e-324, 1.7976931348623157e308])
def test_floats_at_the_edges(way: Any, value: float) -> None:
    assert struct.pack("<d", way(value)) == struct.pack("<d", value)


@every_way
@given(value=texts)
@settings(deadline=None, max_examples=60)
def test_texts(way: Any, value: str) -> None:
    result = way(value)
    assert result == value
    assert isinstance(result, str)


@every_way
@given(value=blobs)
@settings(deadline=None, max_examples=60)
def test_bytes(way: Any, value: bytes) -> None:
    result = way(value)
    assert result == value
    assert isinstance(result, bytes)


@every_way
def test_megabytes(way: Any) -> None:
    text, blob = "megabyte" * 2**17, bytes(range(256)) * 2**12
    assert way(text) == text
    assert way(blob) == blob


@every_way
@pytest.mark.parametrize("value", ["\ud800", "text \udfff"])
def test_lone_surrogates_are_refused(way: Any, value: str) -> None:
    with pytest.raises(UnicodeEncodeError):
        way(value)


@every_way
@pytest.mark.parametrize("value", [None, True, False])
def test_constants_stay_the_same_object(way: Any, value: Any) -> None:
    assert way(value) is value


@every_way
@given(code=st.sampled_from([0, 1, 2]), bits=st.sampled_from([8, 16, 32, 64]),
       lanes=st.integers(1, 2**15 - 1))  # fmt: skip
@settings(deadline=None, max_examples=40)
def test_data_types(way: Any, code: int, bits: int, lanes: int) -> None:
    value = tvm_ffi.dtype.from_dlpack_data_type((code, bits, lanes))
    result = way(value)
    assert (result.type_code, result.bits, result.lanes) == (code, bits, lanes)
    assert result == value


@every_way
@given(kind=st.sampled_from(list(tvm_ffi.DLDeviceType)), index=st.integers(-(2**31), 2**31 - 1))
@settings(deadline=None, max_examples=40)
def test_devices(way: Any, kind: int, index: int) -> None:
    value = tvm_ffi.Device(kind, index)
    assert way(value) == value


@every_way
@given(value=st.lists(st.integers(-(2**63), 2**63 - 1), max_size=6))
@settings(deadline=None, max_examples=40)
def test_shapes(way: Any, value: list[int]) -> None:
    shape = tvm_ffi.Shape(tuple(value))
    result = way(shape)
    assert type(result) is tvm_ffi.Shape
    assert result == tuple(value)


@every_way
@given(value=st.integers(0, 2**64 - 1))
@settings(deadline=None, max_examples=40)
def test_pointers(way: Any, value: int) -> None:
    result = way(ctypes.c_void_p(value))
    assert type(result) is ctypes.c_void_p
    assert (result.value or 0) == value


@every_way
def test_anything_else_stays_the_same_object(way: Any, nothing_retained: None) -> None:
    for value in (object(), {1, 2}, range(3), 1j, memoryview(b"x"), NotImplemented, ...):
        assert way(value) is value


# ---- Containers ----------------------------------------------------------------------------------

leaves = st.one_of(st.none(), st.booleans(), integers, st.floats(allow_nan=False), texts, blobs)
nested = st.recursive(
    leaves,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4),
        st.lists(inner, max_size=4).map(tuple),
        st.dictionaries(st.one_of(integers, texts, blobs, st.booleans()), inner, max_size=4),
    ),
    max_leaves=12,
)


def unwrapped(value: Any) -> Any:
    """Make Python's own containers of native ones, with `True` and `1` told apart."""
    if isinstance(value, (tvm_ffi.Array, tvm_ffi.List, list, tuple)):
        return [unwrapped(element) for element in value]
    if isinstance(value, (tvm_ffi.Map, tvm_ffi.Dict, dict)):
        return {"map": [(unwrapped(k), unwrapped(v)) for k, v in value.items()]}
    return type(value) is bool, value


@every_way
@given(value=nested)
@settings(deadline=None, max_examples=60)
def test_nested_containers(way: Any, value: Any) -> None:
    assert unwrapped(way(value)) == unwrapped(value)


@every_way
@pytest.mark.parametrize("cls", [tvm_ffi.Array, tvm_ffi.List])
def test_sequences_are_the_same_object(way: Any, cls: Any) -> None:
    value = cls([1, "a", [2]])
    assert way(value).same_as(value)


@every_way
@pytest.mark.parametrize("cls", [tvm_ffi.Map, tvm_ffi.Dict])
def test_mappings_are_the_same_object_in_the_same_order(way: Any, cls: Any) -> None:
    value = cls({name: i for i, name in enumerate("zyxabc")})
    result = way(value)
    assert result.same_as(value)
    assert list(result.keys()) == list("zyxabc")


# ---- Tensors -------------------------------------------------------------------------------------

NUMPY_TYPES = ["int8", "int16", "int32", "int64", "uint8", "uint16", "uint32", "uint64",
               "float16", "float32", "float64"]  # fmt: skip


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy arrays over")


@st.composite
def arrays(draw: Any) -> Any:
    """Arrays of every data type, with zero, negative and odd strides, empty and scalar."""
    shape = tuple(draw(st.lists(st.integers(0, 4), max_size=4)))
    np = numpy()
    array = np.arange(math.prod(shape)).astype(draw(st.sampled_from(NUMPY_TYPES))).reshape(shape)
    if draw(st.booleans()):
        array = array.transpose(draw(st.permutations(range(array.ndim))))
    for axis in range(array.ndim):
        step = draw(st.sampled_from([1, 1, 2, 3]))
        array = array[(slice(None),) * axis + (slice(None, None, step),)]
    return array


@pytest.mark.skipif(importlib.util.find_spec("numpy") is None, reason="hands numpy arrays over")
@every_way
@given(array=arrays())
@settings(deadline=None, max_examples=60)
def test_tensors_of_every_layout_share_their_memory(way: Any, array: Any) -> None:
    np = numpy()
    result = way(array)
    assert isinstance(result, tvm_ffi.Tensor)
    assert result.shape == array.shape
    assert result.dtype == str(array.dtype)
    if array.size:
        assert result.data_ptr() == array.__array_interface__["data"][0]
        assert result.is_contiguous() == array.flags.c_contiguous
    back = np.from_dlpack(result)
    assert back.dtype == array.dtype
    np.testing.assert_array_equal(back, array)
    if array.size:
        array.flat[0] += 1  # seen on the other side
        np.testing.assert_array_equal(back, array)
