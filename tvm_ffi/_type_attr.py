# SPDX-License-Identifier: Apache-2.0
"""Type attributes: values the library keeps per type, such as hooks."""

from __future__ import annotations

from ctypes import byref
from typing import Any

from . import _ffi
from ._convert import CallFrame, view_unpackers
from ._lane import pack_arguments
from ._type_info import checked_info_of_index


def lookup_type_attr(type_index: int, name: str, ancestor: bool = False) -> Any:
    """Return the attribute of a type, or with `ancestor` of the nearest type that has it."""
    column = _ffi.TVMFFIGetTypeAttrColumn(byref(_ffi.byte_array(_encoded(name))))
    if not column:
        return None
    indices = [type_index]
    if ancestor:
        indices += reversed(checked_info_of_index(type_index).type_ancestors)
    for index in indices:
        value = _entry(column.contents, index)
        if value is not None:
            return value
    return None


def _entry(column: Any, index: int) -> Any:
    position = index - column.begin_index
    if not 0 <= position < column.size:
        return None
    cell = column.data[position]
    return view_unpackers[cell.type_index | cell.zero_padding << 32](cell.v_int64, None)


def register_type_attr(type_index: int, name: str, value: Any) -> None:
    """Give a type an attribute it does not have yet."""
    encoded = _ffi.byte_array(_encoded(name))
    checked_info_of_index(type_index)
    frame = CallFrame()
    cell = pack_arguments((value,), frame)
    _ffi.TVMFFITypeRegisterAttr(type_index, byref(encoded), cell)


def _encoded(name: str) -> bytes:
    if not isinstance(name, str):
        raise TypeError(f"Expected the name of a type attribute, got {type(name).__name__}")
    return name.encode()
