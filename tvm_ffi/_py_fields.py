# SPDX-License-Identifier: Apache-2.0
"""Fields of types declared in Python: where they lie, and how they are entered into the table.

Everything that can fail happens in `prepare_fields`, which changes nothing; `register_fields` then
enters all fields of a type.
"""

from __future__ import annotations

import ctypes
import json
from ctypes import byref, c_int64
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi, _ffi_api
from ._callback import set_raised_simply
from ._convert import CallFrame, view_unpackers
from ._converter import ConversionError
from ._error import set_raised
from ._field import FieldGetter, FieldSetter, TypeField
from ._lane import pack_arguments, store_result
from ._object import MISSING
from ._pyref import PyReference, references
from ._signals import deferring_signals

if TYPE_CHECKING:
    from ._type_info import TypeInfo
    from ._type_schema import TypeSchema
    from .dataclasses.field import Field

# ---- Layout --------------------------------------------------------------------------------------

_HEADER_SIZE = ctypes.sizeof(_ffi.TVMFFIObject)
_ANY = (16, 8, _ffi.kTVMFFIAny)
_REFERENCE = (8, 8, _ffi.kTVMFFIObject)
# Size, alignment and static type index, by the origin of the schema.
_STORAGE = {
    "int": (8, 8, _ffi.kTVMFFIInt),
    "float": (8, 8, _ffi.kTVMFFIFloat),
    "ctypes.c_void_p": (8, 8, _ffi.kTVMFFIOpaquePtr),
    "bool": (1, 1, _ffi.kTVMFFIBool),
    "dtype": (4, 2, _ffi.kTVMFFIDataType),
    "Device": (8, 4, _ffi.kTVMFFIDevice),
    "Any": _ANY,
    "str": _ANY,
    "bytes": _ANY,
    "Optional": _ANY,
    "Union": _ANY,
}


def _aligned(offset: int, alignment: int) -> int:
    return -(-offset // alignment) * alignment


def end_of_fields(info: TypeInfo | None) -> int:
    """Return where a child's own fields may begin: right after the last one, without padding.

    If a native type is larger than its fields show, it is after the end of the type.
    """
    if info is None:
        return _HEADER_SIZE
    ends = [field.offset + field.size for field in info.fields or ()]
    end = max([end_of_fields(info.parent_type_info), *ends])
    return end if _aligned(end, 8) >= info.total_size else info.total_size


# ---- Conversion ----------------------------------------------------------------------------------

_Convert = ctypes.CFUNCTYPE(ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p)


def _define_convert() -> Callable[..., int]:
    # In reach of the closure, see `_callback`.
    entries, unpackers, store, words = references, view_unpackers, store_result, c_int64 * 2
    conversion_error, fail, fail_simply = ConversionError, set_raised, set_raised_simply
    out_of_stack = (RecursionError, ctypes.ArgumentError)

    @deferring_signals
    def convert(key: int, source: int, out: int) -> int:
        try:
            try:
                tag, payload = words.from_address(source)
                store(entries[key].value(unpackers[tag](payload, None)), words.from_address(out))
                return 0
            except conversion_error as error:
                fail(TypeError(str(error)))
                return -1
            except BaseException as error:
                fail(error)
                return -1
        except out_of_stack:
            fail_simply(b"RecursionError", b"maximum recursion depth exceeded in a conversion")
            return -1
        except BaseException:
            fail_simply(b"RuntimeError", b"A conversion failed, and so did reporting how")
            return -1

    return convert


_CONVERT = _ffi.immortal(_Convert(_define_convert()))


def _converter(schema: TypeSchema) -> Callable[[Any], Any]:
    def convert(value: Any) -> Any:
        try:
            return schema._converter(value)
        except ConversionError as error:
            raise TypeError(str(error)) from error.__cause__

    return convert


class _Setter:
    """The native setter of a field, which converts values in Python.

    Python itself converts first and stores then (`_converter`), which saves it the way back.
    """

    def __init__(self, static_index: int, schema: TypeSchema) -> None:
        # Through the schema, which looks for its type when a value comes: it may not be complete.
        self._entry = PyReference(lambda value: schema._converter(value), is_callback=True)
        self.function = _ffi_api.MakeFieldSetter(static_index, id(self._entry), _CONVERT)

    def arm(self) -> None:
        """Let it be called: its type now holds the function for ever."""
        self._entry.handle = self.function.__chandle__()
        references[id(self._entry)] = self._entry


# ---- Registration --------------------------------------------------------------------------------

_STRUCTURAL_EQ = {
    None: 0,
    "ignore": _ffi.kTVMFFIFieldFlagBitMaskSEqHashIgnore,
    "def": _ffi.kTVMFFIFieldFlagBitMaskSEqHashDefPattern,
    "def-pattern": _ffi.kTVMFFIFieldFlagBitMaskSEqHashDefPattern,
    "def-simple": _ffi.kTVMFFIFieldFlagBitMaskSEqHashDefSimple,
}


class PreparedField:
    """A field ready to be entered: its description, and what the table wants to know."""

    def __init__(self, field: Field, offset: int) -> None:
        assert field.name is not None
        schema: TypeSchema = field._ty_schema
        size, alignment, static_index = _STORAGE.get(schema.origin, _REFERENCE)
        offset = _aligned(offset, alignment)
        metadata = {"type_schema": schema.to_json()}
        has_factory = field.default_factory is not MISSING
        default = field.default_factory if has_factory else field.default
        self.frame = CallFrame()  # holds the default until it is entered
        native = self.native = _ffi.TVMFFIFieldInfo()
        self.texts = [
            text.encode("utf-8", "replace")
            for text in (field.name, field.doc or "", json.dumps(metadata))
        ]
        native.name, native.doc, native.metadata = map(_ffi.text_view, self.texts)
        native.flags = _flags(field)
        native.size, native.alignment, native.offset = size, alignment, offset
        native.field_static_type_index = static_index
        native.getter = _ffi_api.MakeFieldGetter(static_index)
        self.setter = _Setter(static_index, schema)
        native.setter = self.setter.function.__chandle__()
        if default is not MISSING:
            cell = pack_arguments((default,), self.frame)
            native.default_value_or_factory = _ffi.TVMFFIAny.from_buffer_copy(cell)
        self.described = TypeField(
            name=field.name,
            doc=field.doc,
            size=size,
            alignment=alignment,
            offset=offset,
            field_static_type_index=static_index,
            frozen=field.frozen,
            metadata=metadata,
            getter=FieldGetter(native.getter, offset, static_index, size),
            setter=FieldSetter(_ffi_api._MakeFieldStore(static_index), offset, _converter(schema)),
            ty=schema,
            c_init=field.init,
            c_kw_only=bool(field.kw_only),
            c_has_default=default is not MISSING,
            c_default=field.default,
            c_default_factory=field.default_factory,
            c_repr=field.repr,
            c_compare=field.compare,
            c_hash=bool(field.hash),
            c_structural_eq=field.structural_eq,
            dataclass_field=field,
        )

    @property
    def end(self) -> int:
        return self.described.offset + self.described.size


def _flags(field: Field) -> int:
    # Writable even if frozen: that is for Python's attributes, which `.set` goes past.
    flags = _ffi.kTVMFFIFieldFlagBitMaskWritable | _ffi.kTVMFFIFieldFlagBitSetterIsFunctionObj
    flags |= _STRUCTURAL_EQ[field.structural_eq]
    for applies, flag in (
        (field.default is not MISSING, _ffi.kTVMFFIFieldFlagBitMaskHasDefault),
        (
            field.default_factory is not MISSING,
            _ffi.kTVMFFIFieldFlagBitMaskHasDefault | _ffi.kTVMFFIFieldFlagBitMaskDefaultFromFactory,
        ),
        (not field.repr, _ffi.kTVMFFIFieldFlagBitMaskReprOff),
        (not field.compare, _ffi.kTVMFFIFieldFlagBitMaskCompareOff),
        (not field.hash, _ffi.kTVMFFIFieldFlagBitMaskHashOff),
        (not field.init, _ffi.kTVMFFIFieldFlagBitMaskInitOff),
        (bool(field.kw_only), _ffi.kTVMFFIFieldFlagBitMaskKwOnly),
    ):
        if applies:
            flags |= flag
    return flags


def prepare_fields(info: TypeInfo, fields: list[Field]) -> list[PreparedField]:
    """Lay the own fields of a type out, in the given order."""
    names = [field.name for field in fields]
    if len(names) != len(set(names)):
        raise TypeError(f"{info.type_key} has two fields of one name: {names}")
    prepared: list[PreparedField] = []
    end = end_of_fields(info.parent_type_info)
    for field in fields:
        prepared.append(PreparedField(field, end))
        end = prepared[-1].end
    return prepared


def register_fields(
    info: TypeInfo, prepared: list[PreparedField], structure_kind: int | None
) -> None:
    """Enter the own fields of a type, its constructor, allocator and copier, and its size."""
    index = info.type_index
    for field in prepared:
        _ffi.TVMFFITypeRegisterField(index, byref(field.native))
        field.setter.arm()
        field.frame.reset()
    info.fields = [field.described for field in prepared]
    info.__dict__.pop("total_size", None)
    total_size = info.total_size
    _ffi_api._PyClassRegisterTypeAttrColumns(index, total_size)
    if structure_kind:
        metadata = _ffi.TVMFFITypeMetadata()
        metadata.total_size = total_size
        metadata.structural_eq_hash_kind = structure_kind
        _ffi.TVMFFITypeRegisterMetadata(index, byref(metadata))
