# SPDX-License-Identifier: Apache-2.0
"""Converting values to the type a schema names, more willingly and more strictly than a call does.

Shared by `TypeSchema` and by the setters of fields whose types come from annotations. A converter
returns a value that passes as the wanted type: the very same one if it does already, else a new
Python value or a `CAny`. It raises `ConversionError` with the reason alone; who asked adds what was
asked for.
"""

from __future__ import annotations

import ctypes
import sys
from collections.abc import Mapping
from numbers import Integral, Real
from typing import Any, Callable

from . import _device, _ffi
from ._any import CAny
from ._convert import has_protocol
from ._device import Device
from ._dlpack import exchange_api_of
from ._dtype import DataType, dtype
from ._function import Function, convert_func
from ._object import CObject, ObjectConvertible, ObjectRValueRef, PyNativeObject
from ._scalars import _OPAQUE_PTR_HANDLERS
from ._tensor import Tensor
from ._type_attr import lookup_type_attr
from ._type_info import index_of_key, info_of_index, nearest_info
from ._type_schema import TypeSchema
from .container import Array, Dict, List, Map

Take = Callable[[Any], Any]

_INT64_MIN, _INT64_MAX = -(1 << 63), (1 << 63) - 1


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


def converter_of(schema: TypeSchema) -> Converter:
    """Make the converter to a schema's type; TypeError if the type is not known."""
    make = _MAKERS.get(schema.origin)
    if make is None and schema.origin_type_index >= _ffi.kTVMFFIStaticObjectBegin:
        make = _object_converter
    if make is not None:
        return make(schema)
    raise TypeError(f"unknown TypeSchema origin: {schema.origin!r}")


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


def _mismatch(hint: str, value: Any, because: object = "") -> ConversionError:
    reason = f": {because}" if because != "" else ""
    if hint == "Any" and not reason:
        return ConversionError(f"failed to convert Any from {_described(value)}")
    return ConversionError(f"expected {hint}, got {_described(value)}{reason}")


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
        raise _mismatch(hint, value, "it was moved from, or its constructor never ran")
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
            raise _mismatch(hint, value) from error
        if inner is value:
            raise _mismatch(hint, value)
        return inner
    try:
        made = value.asobject()
    except Exception as error:
        raise ConversionError(f"asobject() failed for {_described(value)}") from error
    if not isinstance(made, CObject):
        raise ConversionError(f"asobject() returned {_described(made)} for {_described(value)}")
    return made


# ---- Values without identity ---------------------------------------------------------------------


def _take_any(value: Any) -> Any:
    if type(value) in _TAKEN_AS_THEY_ARE or isinstance(value, CObject):
        return value
    if type(value) is str and value.isascii():
        return value
    return _marshalled(value, "Any")


_TAKEN_AS_THEY_ARE = frozenset({type(None), bool, int, float, bytes, CAny})


def _marshalled(value: Any, hint: str) -> CAny:
    """Do with a value what a call does with an argument."""
    try:
        return CAny(value)
    except RecursionError as error:
        raise ConversionError(_ENDLESS) from error
    except Exception as error:
        raise _mismatch(hint, value, error) from error


def _take_none(value: Any) -> None:
    if value is not None:
        raise _mismatch("None", value)


def _take_int(value: Any) -> int:
    if type(value) is int:
        number = value
    elif isinstance(value, int):
        number = int.__index__(value)
    elif isinstance(value, Integral):
        number = _called(int, value)
    elif has_protocol(type(value), "__tvm_ffi_int__"):
        try:
            number = int(value.__tvm_ffi_int__())
        except Exception as error:
            raise _mismatch("int", value, error) from error
    else:
        raise _mismatch("int", value)
    if not _INT64_MIN <= number <= _INT64_MAX:
        raise ConversionError(f"integer {number} out of int64 range [{_INT64_MIN}, {_INT64_MAX}]")
    return number


def _take_float(value: Any) -> float:
    if type(value) is float:
        return value
    if isinstance(value, Real):
        return float(_called(float, value))
    if has_protocol(type(value), "__tvm_ffi_float__"):
        try:
            return float(value.__tvm_ffi_float__())
        except Exception as error:
            raise _mismatch("float", value, error) from error
    raise _mismatch("float", value)


def _take_bool(value: Any) -> bool:
    if isinstance(value, Integral):
        return bool(_called(bool, value))
    raise _mismatch("bool", value)


def _called(make: Callable[[Any], Any], value: Any) -> Any:
    try:
        return make(value)
    except Exception as error:
        raise ConversionError(
            f"{make.__name__}() failed for {type(value).__qualname__}: {error}"
        ) from error


def _take_str(value: Any) -> Any:
    if isinstance(value, PyNativeObject) and isinstance(value, str):
        return value
    if isinstance(value, str):
        return str.__str__(value)  # a dtype would pass as a data type
    raise _mismatch("str", value)


def _take_bytes(value: Any) -> Any:
    if isinstance(value, (bytes, bytearray)):
        return value
    raise _mismatch("bytes", value)


def _take_callable(value: Any) -> Any:
    if isinstance(value, Function):
        return value
    if callable(value) and not isinstance(value, CObject):
        return convert_func(value)
    raise _mismatch("Callable", value)


# ---- Values that a call knows how to read --------------------------------------------------------


def _reader(hint: str, index: int, reads: Callable[[Any], bool]) -> Take:
    """Take what marshalling turns into a value of that type index."""

    def take(value: Any) -> Any:
        if reads(value):
            cell = _marshalled(value, hint)
            if cell.type_index == index:
                return cell
        raise _mismatch(hint, value)

    return take


def _parser(hint: str, parse: Callable[[str], Any], otherwise: Take) -> Take:
    """Take the names of values too."""

    def take(value: Any) -> Any:
        if not isinstance(value, str) or isinstance(value, dtype):
            return otherwise(value)
        try:
            return parse(value)
        except Exception as error:
            reason = f"expected {hint}, got invalid {hint.lower()} string {value!r}"
            raise ConversionError(reason) from error

    return take


def _reads_as_device(value: Any) -> bool:
    cls = type(value)
    if isinstance(value, (Device, _device._CLASS_DEVICE)):
        return True
    return has_protocol(cls, "__dlpack_device__") and not has_protocol(cls, "__dlpack__")


def _reads_as_dtype(value: Any) -> bool:
    if isinstance(value, (DataType, dtype)) or has_protocol(type(value), "__dlpack_data_type__"):
        return True
    frameworks = (sys.modules.get("torch"), sys.modules.get("numpy"))
    return any(isinstance(value, getattr(framework, "dtype", ())) for framework in frameworks)


def _reads_as_pointer(value: Any) -> bool:
    cls = type(value)
    return (
        isinstance(value, ctypes.c_void_p)
        or has_protocol(cls, "__tvm_ffi_opaque_ptr__")
        or has_protocol(cls, "__cuda_stream__")
        or cls in _OPAQUE_PTR_HANDLERS
    )


def _reads_as_tensor(value: Any) -> bool:
    cls = type(value)
    return has_protocol(cls, "__dlpack__") or exchange_api_of(cls) is not None


_read_pointer = _reader("ctypes.c_void_p", _ffi.kTVMFFIOpaquePtr, _reads_as_pointer)
_read_tensor = _reader("Tensor", _ffi.kTVMFFITensor, _reads_as_tensor)


def _take_pointer(value: Any) -> Any:
    return ctypes.c_void_p() if value is None else _read_pointer(value)


def _take_tensor(value: Any) -> Any:
    if isinstance(value, Tensor) and value._handle:
        return value
    return _read_tensor(value)


_take_device = _parser("Device", Device, _reader("Device", _ffi.kTVMFFIDevice, _reads_as_device))
_take_dtype = _parser("dtype", dtype, _reader("dtype", _ffi.kTVMFFIDataType, _reads_as_dtype))

# ---- Containers ----------------------------------------------------------------------------------


def _element(convert: Take, value: Any, place: str, which: Any) -> Any:
    try:
        return convert(value)
    except ConversionError as error:
        raise ConversionError(f"{place.format(which)}: {error}") from error.__cause__


def _made(target: Any, values: Any, hint: str, source: Any) -> Any:
    """Make a container; an element that cannot be marshalled is a mismatch of the whole."""
    try:
        return target(values)
    except UnicodeEncodeError:
        raise
    except Exception as error:
        raise _mismatch(hint, source, error) from error


def _sequence_converter(schema: TypeSchema) -> Converter:
    target = Array if schema.origin == "Array" else List
    hint = target.__name__
    element = converter_of((schema.args or ())[0])

    def take(value: Any) -> Any:
        if not isinstance(value, (Array, List, list, tuple)):
            raise _mismatch(hint, value)
        if element is _ANYTHING and isinstance(value, target):
            return value
        elements = list(value)
        converted = [
            _element(element, item, "element [{}]", position)
            for position, item in enumerate(elements)
        ]
        if isinstance(value, target) and all(map(_is_same, converted, elements)):
            return value
        return _made(target, converted, hint, value)

    return Converter(hint, take)


def _is_same(converted: Any, value: Any) -> bool:
    return converted is value


def _tuple_converter(schema: TypeSchema) -> Converter:
    hint = schema.origin
    elements = None if schema.args is None else [converter_of(arg) for arg in schema.args]

    def take(value: Any) -> Any:
        if not isinstance(value, (Array, List, list, tuple)):
            raise _mismatch(hint, value)
        if elements is None and isinstance(value, Array):
            return value
        values = list(value)
        wanted = [_ANYTHING] * len(values) if elements is None else elements
        if len(values) != len(wanted):
            raise ConversionError(
                f"expected tuple of length {len(wanted)}, got {type(value).__name__} of length "
                f"{len(values)}"
            )
        converted = [
            _element(convert, item, "element [{}]", position)
            for position, (convert, item) in enumerate(zip(wanted, values))
        ]
        if isinstance(value, Array) and all(map(_is_same, converted, values)):
            return value
        return _made(Array, converted, hint, value)

    return Converter(hint, take)


def _mapping_converter(schema: TypeSchema) -> Converter:
    target = Map if schema.origin == "Map" else Dict
    hint = target.__name__
    key_type, value_type = map(converter_of, schema.args or ())

    def take(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise _mismatch(hint, value)
        changed = not isinstance(value, target)
        if key_type is _ANYTHING and value_type is _ANYTHING and not changed:
            return value
        converted = {}
        for key, item in value.items():
            new_key = _element(key_type, key, "key {!r}", key)
            new_item = _element(value_type, item, "value for key {!r}", key)
            changed = changed or new_key is not key or new_item is not item
            converted[new_key] = new_item
        return _made(target, converted, hint, value) if changed else value

    return Converter(hint, take)


# ---- Alternatives --------------------------------------------------------------------------------


def _optional_converter(schema: TypeSchema) -> Converter:
    inner = converter_of((schema.args or ())[0])

    def take(value: Any) -> Any:
        return None if value is None else inner.take(value)

    return Converter(inner.hint, take)


def _union_converter(schema: TypeSchema) -> Converter:
    hint = repr(schema)
    alternatives = [converter_of(arg) for arg in schema.args or ()]

    def take(value: Any) -> Any:
        for alternative in alternatives:
            try:
                return alternative.take(value)
            except ConversionError:
                pass
        raise _mismatch(hint, value)

    return Converter(hint, take)


# ---- Objects -------------------------------------------------------------------------------------


def _object_converter(schema: TypeSchema) -> Converter:
    hint = repr(schema)
    # What is passed to be moved from is an object of any type.
    target = max(schema.origin_type_index, _ffi.kTVMFFIObject)
    payload = _enum_payload(target)

    def fits(index: int) -> bool:
        if index < _ffi.kTVMFFIStaticObjectBegin:
            return False
        return index == target or target in info_of_index(index).type_ancestors

    def take(value: Any) -> Any:
        if isinstance(value, CObject) and value._handle and fits(value._index):
            return value
        member = payload(value) if payload is not None else None
        if member is not None:
            return member
        cell = _marshalled(value, hint)
        if fits(cell.type_index):
            return cell
        convert = lookup_type_attr(target, "__ffi_convert__")
        if convert is None:
            raise _mismatch(hint, value)
        try:
            made = CAny(convert(cell))
        except Exception as error:
            reason = str(error).replace("\n", "\n    ")
            raise ConversionError(
                f"{_mismatch(hint, value)}\n  __ffi_convert__ failed:\n    {reason}"
            ) from error
        if not fits(made.type_index):
            raise _mismatch(hint, value)
        return made

    return Converter(hint, take)


def _enum_payload(target: int) -> Take | None:
    """Return how the members of an enum type are found by their value; None for other types."""
    ancestors = [*info_of_index(target).type_ancestors, target]
    for key, cls, normalized in (
        ("ffi.IntEnum", Integral, _take_int),
        ("ffi.StrEnum", str, _take_str),
    ):
        if index_of_key(key) in ancestors:
            return lambda value: _member(target, value, cls, normalized)
    return None


def _member(target: int, value: Any, cls: type, normalized: Take) -> Any:
    if not isinstance(value, cls) or isinstance(value, dtype):
        return None
    index = normalized(value)
    state = lookup_type_attr(target, "__ffi_enum__")
    return None if state is None else state.indexes.get(index)


# ---- By origin -----------------------------------------------------------------------------------


def _fixed(hint: str, take: Take) -> Callable[[TypeSchema], Converter]:
    converter = Converter(hint, take)
    return lambda schema: converter


_ANYTHING = Converter("Any", _take_any)

_MAKERS: dict[str, Callable[[TypeSchema], Converter]] = {
    "Any": lambda schema: _ANYTHING,
    "None": _fixed("None", _take_none),
    "int": _fixed("int", _take_int),
    "float": _fixed("float", _take_float),
    "bool": _fixed("bool", _take_bool),
    "str": _fixed("str", _take_str),
    "bytes": _fixed("bytes", _take_bytes),
    "Device": _fixed("Device", _take_device),
    "dtype": _fixed("dtype", _take_dtype),
    "ctypes.c_void_p": _fixed("ctypes.c_void_p", _take_pointer),
    "Tensor": _fixed("Tensor", _take_tensor),
    "Callable": _fixed("Callable", _take_callable),
    "Object": _object_converter,
    "Array": _sequence_converter,
    "List": _sequence_converter,
    "list": _sequence_converter,
    "tuple": _tuple_converter,
    "Map": _mapping_converter,
    "Dict": _mapping_converter,
    "dict": _mapping_converter,
    "Optional": _optional_converter,
    "Union": _union_converter,
}
