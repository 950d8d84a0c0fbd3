# SPDX-License-Identifier: Apache-2.0
"""What converters to a type have in common: reasons, and values that stand for others.

A converter returns a value that passes as the wanted type: the very same one if it does already,
else a new Python value or a `CAny`. It raises `ConversionError` with the reason alone; who asked
adds what was asked for.
"""

from __future__ import annotations

from typing import Any, Callable

from ._any import CAny
from ._convert import has_protocol
from ._object import CObject, ObjectConvertible, ObjectRValueRef, PyNativeObject
from ._type_info import info_of_index, nearest_info

Take = Callable[[Any], Any]


class ConversionError(TypeError):
    """A value that a type does not take; the text is the reason."""


class Converter:
    """Converts to one type. `hint` is what that type is called in reasons."""

    __slots__ = ("hint", "take")

    def __init__(self, hint: str, take: Take) -> None:
        self.hint = hint
        self.take = take  # of values that stand for themselves

    def __call__(self, value: Any) -> Any:
        return self.take(_resolved(value, self.hint))


# ---- Reasons -------------------------------------------------------------------------------------

_PLAIN_NAMES = ((bool, "bool"), (int, "int"), (float, "float"), (str, "str"))


def _described(value: Any) -> str:
    if value is None:
        return "None"
    for cls, name in _PLAIN_NAMES:
        if isinstance(value, cls):
            return name
    if isinstance(value, (bytes, bytearray)):
        return "bytes"
    if isinstance(value, CObject):
        info = info_of_index(value._index) if value._handle else nearest_info(type(value))
        if info is not None:
            return info.type_key
    return type(value).__qualname__


def mismatch(hint: str, value: Any, because: object = "") -> ConversionError:
    reason = f": {because}" if because != "" else ""
    if hint == "Any" and not reason:
        return ConversionError(f"failed to convert Any from {_described(value)}")
    return ConversionError(f"expected {hint}, got {_described(value)}{reason}")


def marshalled(value: Any, hint: str) -> CAny:
    """Do with a value what a call does with an argument."""
    try:
        return CAny(value)
    except RecursionError as error:
        raise ConversionError(_ENDLESS) from error
    except Exception as error:
        raise mismatch(hint, value, error) from error


# ---- Values that stand for others ----------------------------------------------------------------

_SELF_STANDING = (CObject, ObjectRValueRef, PyNativeObject)
_MOST_STEPS = 64
_ENDLESS = "infinite __tvm_ffi_value__ cycle detected"

# Whether instances of a class stand for another value. Only grows, like the table of packers.
_stands_for_another: dict[type, bool] = {}


def _asks(cls: type) -> bool:
    answer = _stands_for_another.get(cls)
    if answer is None:
        answer = not issubclass(cls, _SELF_STANDING) and (
            has_protocol(cls, "__tvm_ffi_object__")
            or has_protocol(cls, "__tvm_ffi_value__")
            or issubclass(cls, ObjectConvertible)
        )
        _stands_for_another[cls] = answer
    return answer


def _resolved(value: Any, hint: str) -> Any:
    """Return what a value stands for in the end; most stand for themselves."""
    steps = 0
    while _asks(type(value)):
        steps += 1
        if steps > _MOST_STEPS:
            raise ConversionError(_ENDLESS)
        value = _one_step(value, hint)
    if isinstance(value, CObject) and not value._handle and not getattr(value, "_view", 0):
        raise mismatch(hint, value, "it was moved from, or its constructor never ran")
    return value


def _one_step(value: Any, hint: str) -> Any:
    cls = type(value)
    if has_protocol(cls, "__tvm_ffi_object__"):
        try:
            return value.__tvm_ffi_object__()
        except Exception as error:
            raise ConversionError(f"__tvm_ffi_object__() failed for {_described(value)}") from error
    if has_protocol(cls, "__tvm_ffi_value__"):
        try:
            inner = value.__tvm_ffi_value__()
        except Exception as error:
            raise mismatch(hint, value) from error
        if inner is value:
            raise mismatch(hint, value)
        return inner
    try:
        made = value.asobject()
    except Exception as error:
        raise ConversionError(f"asobject() failed for {_described(value)}") from error
    if not isinstance(made, CObject):
        raise ConversionError(f"asobject() returned {_described(made)} for {_described(value)}")
    return made
