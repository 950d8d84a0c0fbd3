# SPDX-License-Identifier: Apache-2.0
"""Text and bytes that came from native code, and keep the native object for the way back."""

from __future__ import annotations

from ctypes import string_at
from typing import Any

from . import _host, _memory
from ._ffi import TVMFFIByteArray, kTVMFFIBytes, kTVMFFIStr
from ._memory import chars, words
from ._object import Object, PyNativeObject, _new, own_unpackers

_HEADER = 24


def _content(obj: Object) -> bytes:
    view = TVMFFIByteArray.from_address(obj._handle + _HEADER)
    return string_at(view.data, view.size)


class _Text(str):
    __slots__ = ("_tvm_ffi_cached_object",)
    _tvm_ffi_cached_object: Object | None


# Makes and reads its native twins itself; not on every interpreter.
NativeText: Any = _host.text_type() if _host.active else None
if NativeText is not None:
    _Text = NativeText  # type: ignore[misc]


class String(_Text, PyNativeObject):
    """A `str`, perhaps with a native twin. Pickles and copies are plain `str`."""

    __slots__ = ()

    def __new__(cls, value: object) -> String:
        made = str.__new__(cls, value)
        made._tvm_ffi_cached_object = None
        return made

    @staticmethod
    def __from_tvm_ffi_object__(cls: type[String], obj: Object) -> String:
        made = str.__new__(cls, _content(obj).decode())
        made._tvm_ffi_cached_object = obj
        return made

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return str, (str(self),)


class Bytes(bytes, PyNativeObject):
    """A `bytes`, perhaps with a native twin. Pickles and copies are plain `bytes`."""

    _tvm_ffi_cached_object: Object | None

    def __new__(cls, value: Any) -> Bytes:
        made = bytes.__new__(cls, value)
        made._tvm_ffi_cached_object = None
        return made

    @staticmethod
    def __from_tvm_ffi_object__(cls: type[Bytes], obj: Object) -> Bytes:
        made = bytes.__new__(cls, _content(obj))
        made._tvm_ffi_cached_object = obj
        return made

    def __reduce_ex__(self, protocol: Any) -> tuple[Any, ...]:
        return bytes, (bytes(self),)


# ---- As results ----------------------------------------------------------------------------------

_CONTENT = _HEADER >> 3


def _unpack_string(handle: int, api: Any) -> String:
    twin = _new(Object)
    twin._handle = handle
    twin._index = kTVMFFIStr
    place = (handle >> 3) + _CONTENT
    address = words[place]
    made: String = str.__new__(String, chars[address : address + words[place + 1]], "utf-8")
    made._tvm_ffi_cached_object = twin
    return made


def _unpack_bytes(handle: int, api: Any) -> Bytes:
    twin = _new(Object)
    twin._handle = handle
    twin._index = kTVMFFIBytes
    place = (handle >> 3) + _CONTENT
    address = words[place]
    made: Bytes = bytes.__new__(Bytes, chars[address : address + words[place + 1]])
    made._tvm_ffi_cached_object = twin
    return made


if _memory.available:
    own_unpackers[String] = _unpack_string
    own_unpackers[Bytes] = _unpack_bytes
