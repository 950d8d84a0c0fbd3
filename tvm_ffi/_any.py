# SPDX-License-Identifier: Apache-2.0
"""A native value that Python owns without giving it a Python form."""

from __future__ import annotations

from typing import Any, Callable

from . import _ffi
from ._convert import CallFrame, Cells, Packer, packers, rule, view_unpackers
from ._ffi import (
    kTVMFFIBool,
    kTVMFFIDLTensorPtr,
    kTVMFFIFloat,
    kTVMFFIInt,
    kTVMFFINone,
    kTVMFFIObjectRValueRef,
    kTVMFFISmallBytes,
    kTVMFFISmallStr,
    kTVMFFIStaticObjectBegin,
)
from ._signals import deferring_signals, raise_later
from ._string import Bytes, String

_NAMES = {kTVMFFIInt: "int", kTVMFFIFloat: "float", kTVMFFIBool: "bool"}


class CAny:
    """What a call makes of an argument, kept: converted once, passed any number of times."""

    __slots__ = ("_payload", "_tag")
    _tag: int  # as in `_convert`
    _payload: int  # one strong reference, if it is an object

    def __init__(self, value: Any = None) -> None:
        self._tag = self._payload = 0
        frame = CallFrame()
        cells: Cells = []
        try:
            packers[type(value)](cells, value, frame)
            tag, payload = cells
            if tag == kTVMFFIObjectRValueRef:
                tag, payload = frame.take_moved()
            elif tag == kTVMFFIDLTensorPtr:
                raise BufferError(
                    "This tensor is a view of its caller's memory and cannot outlive the callback"
                )
            elif kTVMFFIStaticObjectBegin <= tag < 1 << 31:
                _ffi.TVMFFIObjectIncRef(payload)
            self._tag, self._payload = tag, payload
        finally:
            frame.reset()

    @deferring_signals
    def __del__(
        self,
        drop: Callable[[int], int] = _ffi.TVMFFIObjectDecRef,
        again: Callable[[BaseException], None] = raise_later,
    ) -> None:
        try:
            if kTVMFFIStaticObjectBegin <= self._tag < 1 << 31:
                drop(self._payload)
        except AttributeError:
            pass  # made by object.__new__ alone
        except BaseException as error:
            again(error)

    @property
    def type_index(self) -> int:
        """The index of the value's type."""
        return self._tag & 0xFFFFFFFF

    def __repr__(self) -> str:
        index = self.type_index
        if index == kTVMFFINone:
            return "CAny(None)"
        if index in _NAMES:
            return f"CAny({_NAMES[index]}={_to_py_class_value(self)!r})"
        if index >= kTVMFFIStaticObjectBegin:
            return f"CAny(object, type_index={index})"
        return f"CAny(type_index={index})"


def _to_py_class_value(cany: CAny) -> Any:
    """Make the Python value of a `CAny`; text and bytes as `core.String` and `core.Bytes`."""
    if not isinstance(cany, CAny):
        raise TypeError(f"Expected a CAny, got {type(cany).__name__}")
    value = view_unpackers[cany._tag](cany._payload, None)
    if cany.type_index == kTVMFFISmallStr:
        return String(value)
    if cany.type_index == kTVMFFISmallBytes:
        return Bytes(value)
    return value


def _pack(cells: Cells, value: CAny, frame: CallFrame) -> None:
    frame.keep(value)
    cells += (value._tag, value._payload)


@rule(1.5)
def _any(cls: type) -> Packer | None:
    return _pack if issubclass(cls, CAny) else None
