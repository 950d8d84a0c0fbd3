# SPDX-License-Identifier: Apache-2.0
"""Converting values to the type a schema names, more willingly and more strictly than a call does.

Shared by `TypeSchema` and by the setters of fields whose types come from annotations.
"""

from __future__ import annotations

from collections.abc import Mapping
from numbers import Integral
from typing import Any, Callable

from . import _ffi
from . import _value_converter as values
from ._any import CAny
from ._converter import ConversionError, Converter, Take, marshalled, mismatch
from ._dtype import dtype
from ._object import CObject
from ._type_attr import lookup_type_attr
from ._type_info import index_of_key, info_of_index
from ._type_schema import TypeSchema
from .container import Array, Dict, List, Map


def converter_of(schema: TypeSchema) -> Converter:
    """Make the converter to a schema's type; TypeError if the type is not known."""
    make = _MAKERS.get(schema.origin)
    if make is None and schema.origin_type_index >= _ffi.kTVMFFIStaticObjectBegin:
        make = _object_converter
    if make is not None:
        return make(schema)
    raise TypeError(f"unknown TypeSchema origin: {schema.origin!r}")


# ---- Containers ----------------------------------------------------------------------------------


def _element(convert: Take, value: Any, place: str, which: Any) -> Any:
    try:
        return convert(value)
    except ConversionError as error:
        raise ConversionError(f"{place.format(which)}: {error}") from error.__cause__


def _made(target: Any, items: Any, hint: str, source: Any) -> Any:
    """Make a container; an element that cannot be marshalled is a mismatch of the whole."""
    try:
        return target(items)
    except UnicodeEncodeError:
        raise
    except Exception as error:
        raise mismatch(hint, source, error) from error


def _sequence_converter(schema: TypeSchema) -> Converter:
    target = Array if schema.origin == "Array" else List
    hint = target.__name__
    element = converter_of((schema.args or ())[0])

    def take(value: Any) -> Any:
        if not isinstance(value, (Array, List, list, tuple)):
            raise mismatch(hint, value)
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
            raise mismatch(hint, value)
        if elements is None and isinstance(value, Array):
            return value
        items = list(value)
        wanted = [_ANYTHING] * len(items) if elements is None else elements
        if len(items) != len(wanted):
            raise ConversionError(
                f"expected tuple of length {len(wanted)}, got {type(value).__name__} of length "
                f"{len(items)}"
            )
        converted = [
            _element(convert, item, "element [{}]", position)
            for position, (convert, item) in enumerate(zip(wanted, items))
        ]
        if isinstance(value, Array) and all(map(_is_same, converted, items)):
            return value
        return _made(Array, converted, hint, value)

    return Converter(hint, take)


def _mapping_converter(schema: TypeSchema) -> Converter:
    target = Map if schema.origin == "Map" else Dict
    hint = target.__name__
    key_type, value_type = map(converter_of, schema.args or ())

    def take(value: Any) -> Any:
        if not isinstance(value, Mapping):
            raise mismatch(hint, value)
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
        raise mismatch(hint, value)

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
        cell = marshalled(value, hint)
        if fits(cell.type_index):
            return cell
        convert = lookup_type_attr(target, "__ffi_convert__")
        if convert is None:
            raise mismatch(hint, value)
        try:
            made = CAny(convert(cell))
        except Exception as error:
            reason = str(error).replace("\n", "\n    ")
            raise ConversionError(
                f"{mismatch(hint, value)}\n  __ffi_convert__ failed:\n    {reason}"
            ) from error
        if not fits(made.type_index):
            raise mismatch(hint, value)
        return made

    return Converter(hint, take)


def _enum_payload(target: int) -> Take | None:
    """Return how the members of an enum type are found by their value; None for other types."""
    ancestors = [*info_of_index(target).type_ancestors, target]
    for key, cls, normalized in (
        ("ffi.IntEnum", Integral, values.take_int),
        ("ffi.StrEnum", str, values.take_str),
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


_ANYTHING = Converter("Any", values.take_any)

_MAKERS: dict[str, Callable[[TypeSchema], Converter]] = {
    "Any": lambda schema: _ANYTHING,
    "None": _fixed("None", values.take_none),
    "int": _fixed("int", values.take_int),
    "float": _fixed("float", values.take_float),
    "bool": _fixed("bool", values.take_bool),
    "str": _fixed("str", values.take_str),
    "bytes": _fixed("bytes", values.take_bytes),
    "Device": _fixed("Device", values.take_device),
    "dtype": _fixed("dtype", values.take_dtype),
    "ctypes.c_void_p": _fixed("ctypes.c_void_p", values.take_pointer),
    "Tensor": _fixed("Tensor", values.take_tensor),
    "Callable": _fixed("Callable", values.take_callable),
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
