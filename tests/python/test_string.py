# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import pickle
import sys
import weakref
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import core

echo = tvm_ffi.convert(lambda value: value)
LONG = "longer than seven bytes"


def test_long_text_comes_back_with_its_native_twin() -> None:
    text = echo(LONG)
    assert type(text) is core.String and text == LONG
    twin = text._tvm_ffi_cached_object
    assert twin is not None
    assert echo(text)._tvm_ffi_cached_object.same_as(twin)
    data = echo(LONG.encode())
    assert type(data) is core.Bytes and data == LONG.encode()
    assert echo(data)._tvm_ffi_cached_object.same_as(data._tvm_ffi_cached_object)


def test_short_text_is_plain() -> None:
    assert type(echo("short")) is str
    assert type(echo(b"short")) is bytes


def test_made_in_python_there_is_no_twin() -> None:
    for made, plain in ((core.String("abc"), "abc"), (core.Bytes(b"abc"), b"abc")):
        assert made == plain and hash(made) == hash(plain)
        assert made._tvm_ffi_cached_object is None
        assert echo(made) == plain
    assert echo(core.String(LONG)) == LONG
    assert tvm_ffi.convert("abc")._tvm_ffi_cached_object is None
    assert type(tvm_ffi.convert(b"abc")) is core.Bytes


@pytest.mark.parametrize(
    "text", ["", "\0", "a\0b", "seven77", "eight888", "é", "日本語日本語", "\U0001f600" * 3]
)
def test_text_and_bytes_survive_the_round_trip(text: str) -> None:
    assert echo(text) == text
    assert echo(text.encode()) == text.encode()
    assert echo(bytearray(text.encode())) == text.encode()


def test_inherited_methods_give_plain_values() -> None:
    text = echo(LONG)
    assert text.upper() == LONG.upper() and type(text + "!") is str
    assert {text: 1}[LONG] == 1
    assert echo(LONG.encode())[:4] == b"long"


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_are_plain(clone: object) -> None:
    for value, plain in ((echo(LONG), str), (echo(LONG.encode()), bytes)):
        copied = clone(value)
        assert type(copied) is plain and copied == value


def test_lone_surrogates_cannot_cross() -> None:
    with pytest.raises(UnicodeEncodeError):
        echo("\ud800")
    with pytest.raises(UnicodeEncodeError):
        echo("\ud800" * 9)


def test_text_that_is_not_utf8_is_an_error(settle: Any) -> None:
    """Native code can make such a string; Python's text cannot hold it."""
    from ctypes import byref, c_uint32

    from tvm_ffi import _ffi
    from tvm_ffi._convert import unpackers

    cell = _ffi.TVMFFIAny()
    _ffi.TVMFFIStringFromByteArray(byref(_ffi.byte_array(b"\xff" * 9)), byref(cell))
    handle = cell.v_obj
    _ffi.TVMFFIObjectIncRef(handle)
    with pytest.raises(UnicodeDecodeError):
        unpackers[cell.type_index](handle, None)
    settle()
    assert c_uint32.from_address(handle).value == 1
    _ffi.TVMFFIObjectDecRef(handle)


def test_a_twin_can_be_taken_away_and_given():
    text = echo("longer than seven bytes")
    twin = text._tvm_ffi_cached_object
    text._tvm_ffi_cached_object = None
    assert text._tvm_ffi_cached_object is None
    assert echo(text) == text == "longer than seven bytes"
    other = tvm_ffi.core.String("something else")
    other._tvm_ffi_cached_object = twin
    assert echo(other) == text
    with pytest.raises(AttributeError):
        other.more = 1


@pytest.mark.skipif(not hasattr(sys, "getrefcount"), reason="counts references")
@pytest.mark.cpython("references to Python objects are counted")
def test_subclasses_of_text_are_freed_with_what_they_hold():
    class Named(tvm_ffi.core.String):
        __slots__ = ("__dict__", "__weakref__")

    class Held:
        pass

    text = Named("some text")
    text.held = Held()
    text._tvm_ffi_cached_object = echo("the twin of the text")._tvm_ffi_cached_object
    gone = weakref.ref(text.held)
    counted = sys.getrefcount(Named)
    del text
    assert gone() is None
    if "t" not in sys.abiflags:  # there, references to classes are not counted one by one
        assert sys.getrefcount(Named) < counted
