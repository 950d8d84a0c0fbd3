# SPDX-License-Identifier: Apache-2.0
"""Methods and hooks of types declared in Python, entered into the type table."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from ctypes import byref
from typing import TYPE_CHECKING, Any

from . import _ffi
from ._convert import CallFrame
from ._lane import pack_arguments

if TYPE_CHECKING:
    from ._type_info import TypeInfo

_NOTHING = bytes(16)  # the cell of None


class PreparedEntry:
    """A method or a type attribute ready to be entered; holds its value until then."""

    def __init__(self, name: str, value: Any, is_static: bool, metadata: str | None) -> None:
        self.name = name
        self.value = value
        self.is_static = is_static
        self.metadata = metadata
        self.frame = CallFrame()
        self.cell = pack_arguments((value,), self.frame)

    def register_as_attribute(self, type_index: int) -> None:
        name = byref(_ffi.byte_array(self.name.encode()))
        _ffi.TVMFFITypeRegisterAttr(_ffi.kTVMFFINone, name, _NOTHING)  # makes the column
        _ffi.TVMFFITypeRegisterAttr(type_index, name, self.cell)
        self.frame.reset()

    def register_as_method(self, type_index: int) -> None:
        native = _ffi.TVMFFIMethodInfo()
        doc = getattr(self.value, "__doc__", None) or ""
        texts = [text.encode("utf-8", "replace") for text in (self.name, doc, self.metadata or "")]
        native.name, native.doc, native.metadata = map(_ffi.text_view, texts)
        native.flags = _ffi.kTVMFFIFieldFlagBitMaskIsStaticMethod if self.is_static else 0
        native.method = _ffi.TVMFFIAny.from_buffer_copy(self.cell)
        _ffi.TVMFFITypeRegisterMethod(type_index, byref(native))
        self.frame.reset()


def prepare_methods(methods: Iterable[tuple[Any, ...]]) -> list[PreparedEntry]:
    """Convert what `_collect_py_methods` found; entries without a value register nothing."""
    return [
        PreparedEntry(name, value, is_static, metadata[0] if metadata else None)
        for name, value, is_static, *metadata in methods
        if value is not None
    ]


def register_methods(
    info: TypeInfo, prepared: Iterable[PreparedEntry], type_attr_names: Collection[str]
) -> None:
    """Enter methods of a type, and as attributes those entries whose names are attribute names."""
    for entry in prepared:
        if entry.name in type_attr_names:
            entry.register_as_attribute(info.type_index)
        else:
            entry.register_as_method(info.type_index)
