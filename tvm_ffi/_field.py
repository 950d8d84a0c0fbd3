# SPDX-License-Identifier: Apache-2.0
"""Reflected fields: how they are read and written, and what is known about them."""

from __future__ import annotations

from ctypes import c_void_p
from functools import cached_property
from typing import Any, Callable, NamedTuple

from . import _ffi, _host, _memory
from ._function import Function, function_of
from ._lane import get_field, set_field
from ._memory import doubles, flags, words
from ._object import MISSING, CObject
from ._record import record
from ._trace import traced_field


class FieldGetter:
    """Reads one field of an object, by the native getter at `address`.

    `static_index` and `size` say what the field is; left out, nothing is known about it.
    """

    def __init__(
        self, address: int, offset: int, static_index: int = _ffi.kTVMFFIAny, size: int = 0
    ) -> None:
        if _host.active:
            self.read = _host.field_getter(address, offset)
            return
        self.read = _reader(_ffi.TVMFFIFieldGetter(address), offset)
        place = _place_of(static_index, size, offset)
        if place is not None:
            self.read = _plain_reader(self.read, offset, place)

    def __call__(self, obj: CObject) -> Any:
        return self.read(obj)


class FieldSetter:
    """Writes one field of an object.

    `setter` is the address of a native setter, or a function that takes the field's address and the
    value. `convert` makes what the setter takes of the values that the field takes. With `is_plain`
    the field never holds an object. `static_index` and `size` are as of a `FieldGetter`.
    """

    def __init__(
        self,
        setter: int | Function,
        offset: int,
        convert: Callable[[Any], Any] | None = None,
        is_plain: bool = False,
        static_index: int = _ffi.kTVMFFIAny,
        size: int = 0,
    ) -> None:
        self.write: Callable[[CObject, Any], None]
        if isinstance(setter, Function):
            self.write = _function_writer(setter, offset)
        elif _host.active:
            self.write = _host.field_setter(setter, offset, is_plain)
        else:
            self.write = _writer(setter, offset)
            place = _place_of(static_index, size, offset)
            if place is not None:
                self.write = _plain_writer(self.write, offset, place)
        if convert is not None:
            self.write = _converting_writer(self.write, convert)

    def __call__(self, obj: CObject, value: Any) -> None:
        self.write(obj, value)


def _reader(getter: Any, offset: int) -> Callable[[CObject], Any]:
    def read(obj: CObject) -> Any:
        return get_field(getter, (obj._handle or _refuse(obj)) + offset)

    return read


def _writer(address: Any, offset: int) -> Callable[[CObject, Any], None]:
    setter = _ffi.TVMFFIFieldSetter(address)

    def write(obj: CObject, value: Any) -> None:
        set_field(setter, (obj._handle or _refuse(obj)) + offset, value)

    return write


class _Place(NamedTuple):
    """Where fields of a kind lie in memory that need no native code to be read and written."""

    cls: type
    memory: Any
    shift: int  # from addresses to indices of `memory`


# By static type and size. Of smaller integers the sign is not known.
_PLACES = {
    (_ffi.kTVMFFIInt, 8): _Place(int, words, 3),
    (_ffi.kTVMFFIFloat, 8): _Place(float, doubles, 3),
    (_ffi.kTVMFFIBool, 1): _Place(bool, flags, 0),
}


def _place_of(static_index: int, size: int, offset: int) -> _Place | None:
    if not _memory.available or (offset & 7 and size == 8):
        return None
    return _PLACES.get((static_index, size))


def _plain_reader(read_natively: Any, offset: int, place: _Place) -> Callable[[CObject], Any]:
    """Make a reader that looks into the object, once its getter has been seen to do just that."""
    cls, memory, shift = place
    is_plain = False

    def read(obj: CObject) -> Any:
        handle = obj._handle
        if is_plain and handle:
            return memory[handle + offset >> shift]
        return check(obj)

    def check(obj: CObject) -> Any:
        nonlocal is_plain
        value = read_natively(obj)
        is_plain = type(value) is cls and memory[obj._handle + offset >> shift] == value
        return value

    return read


def _plain_writer(
    write_natively: Any, offset: int, place: _Place
) -> Callable[[CObject, Any], None]:
    """Make a writer that stores into the object, once its setter has been seen to do just that."""
    cls, memory, shift = place
    is_plain = False

    def write(obj: CObject, value: Any) -> None:
        handle = obj._handle
        if is_plain and handle and type(value) is cls:
            try:
                memory[handle + offset >> shift] = value
                return
            except ValueError:  # an int of more than 64 bits, to be refused in the usual words
                pass
        check(obj, value)

    def check(obj: CObject, value: Any) -> None:
        nonlocal is_plain
        write_natively(obj, value)
        is_plain = type(value) is cls and memory[obj._handle + offset >> shift] == value

    return write


def _function_writer(setter: Any, offset: int) -> Callable[[CObject, Any], None]:
    def write(obj: CObject, value: Any) -> None:
        setter(c_void_p((obj._handle or _refuse(obj)) + offset), value)

    return write


def _converting_writer(write: Any, convert: Any) -> Callable[[CObject, Any], None]:
    def convert_and_write(obj: CObject, value: Any) -> None:
        write(obj, convert(value))

    return convert_and_write


def _refuse(obj: CObject) -> int:
    raise ValueError(
        f"{type(obj).__name__}(chandle=None) has no fields: it was moved from, or its constructor "
        "never ran"
    )


class FFIProperty(property):
    """A field as a class attribute. A frozen one is read-only but for `set`."""

    def __init__(
        self,
        fget: Callable[[Any], Any] | None,
        fset: Callable[[Any, Any], None] | None,
        frozen: bool,
        fdel: Callable[[Any], None] | None = None,
        doc: str | None = None,
    ) -> None:
        super().__init__(fget, None if frozen else fset, fdel, doc)
        self.__doc__ = doc
        self._set = fset

    def set(self, obj: Any, value: Any) -> None:
        """Write the field even if it is frozen; the value is converted as in an assignment."""
        if self._set is None:
            raise AttributeError("this field cannot be set")
        self._set(obj, value)


@record
class TypeField:
    """What is known about a field. Names starting with ``c_`` are about the constructor."""

    name: str
    doc: str | None
    size: int
    alignment: int
    offset: int
    field_static_type_index: int
    frozen: bool
    metadata: dict[str, Any]
    getter: Any
    setter: Any
    ty: Any = None  # the TypeSchema
    c_init: bool = True
    c_kw_only: bool = False
    c_has_default: bool = False
    c_default: Any = MISSING
    c_default_factory: Any = MISSING
    c_repr: bool = True
    c_compare: bool = True
    c_hash: bool = True
    c_structural_eq: str | None = None
    dataclass_field: Any = None

    @cached_property
    def takes_payload(self) -> bool:
        """Whether the field holds a member of an IntEnum or StrEnum, which its value can name."""
        return self.ty is not None and _is_payload_enum(self.ty.origin_type_index)

    def normalize_value(self, value: Any) -> Any:
        """Turn the value of an IntEnum or StrEnum member into the member; TypeError for others.

        Values of other fields are left alone.
        """
        if not self.takes_payload:
            return value
        from ._any import _to_py_class_value

        return _to_py_class_value(self.ty.convert(value))

    def _normalizing(self, write: Callable[[Any, Any], None]) -> Callable[[Any, Any], None]:
        return lambda obj, value: write(obj, self.normalize_value(value))

    def as_property(self) -> FFIProperty:
        """Make the attribute that gives access to the field."""
        getter = self.getter.read if type(self.getter) is FieldGetter else self.getter
        setter = self.setter.write if type(self.setter) is FieldSetter else self.setter
        if setter is not None and self.takes_payload:
            setter = self._normalizing(setter)
        if getter is not None:
            getter = traced_field("get", self.name, getter)
        if setter is not None:
            setter = traced_field("set", self.name, setter)
        return FFIProperty(getter, setter, self.frozen, doc=self.doc)


def _schema(written: str | dict[str, Any]) -> Any:
    from ._type_schema import TypeSchema

    # Native code writes JSON text inside the JSON, Python classes write an object.
    if isinstance(written, str):
        return TypeSchema.from_json_str(written)
    return TypeSchema.from_json_obj(written)


def _is_payload_enum(type_index: int) -> bool:
    if type_index < _ffi.kTVMFFIDynObjectBegin:
        return False
    from ._type_info import index_of_key, info_of_index

    bases = (index_of_key("ffi.IntEnum"), index_of_key("ffi.StrEnum"))
    return not set(bases).isdisjoint(info_of_index(type_index).type_ancestors)


_STRUCTURAL_EQ = (
    (_ffi.kTVMFFIFieldFlagBitMaskSEqHashIgnore, "ignore"),
    (_ffi.kTVMFFIFieldFlagBitMaskSEqHashDefPattern, "def-pattern"),
    (_ffi.kTVMFFIFieldFlagBitMaskSEqHashDefSimple, "def-simple"),
)


def field_from_native(
    info: Any, metadata: dict[str, Any], default: Callable[[Any], Any]
) -> TypeField:
    """Describe a field the library knows; `default` reads a borrowed cell."""
    flags = info.flags
    c_default = c_default_factory = MISSING
    if flags & _ffi.kTVMFFIFieldFlagBitMaskHasDefault:
        value = default(info.default_value_or_factory)
        if flags & _ffi.kTVMFFIFieldFlagBitMaskDefaultFromFactory:
            c_default_factory = value
        else:
            c_default = value
    schema = metadata.get("type_schema")
    is_plain = _ffi.kTVMFFINone < info.field_static_type_index <= _ffi.kTVMFFIDevice
    layout = info.field_static_type_index, info.size
    setter = info.setter or 0
    if setter and flags & _ffi.kTVMFFIFieldFlagBitSetterIsFunctionObj:
        _ffi.TVMFFIObjectIncRef(setter)
        setter = function_of(setter)
    return TypeField(
        name=_ffi.read_text(info.name),
        doc=_ffi.read_text(info.doc) or None,
        size=info.size,
        alignment=info.alignment,
        offset=info.offset,
        field_static_type_index=info.field_static_type_index,
        frozen=not flags & _ffi.kTVMFFIFieldFlagBitMaskWritable,
        metadata=metadata,
        getter=FieldGetter(info.getter, info.offset, *layout) if info.getter else None,
        setter=FieldSetter(setter, info.offset, None, is_plain, *layout) if setter else None,
        ty=None if schema is None else _schema(schema),
        c_init=not flags & _ffi.kTVMFFIFieldFlagBitMaskInitOff,
        c_kw_only=bool(flags & _ffi.kTVMFFIFieldFlagBitMaskKwOnly),
        c_has_default=bool(flags & _ffi.kTVMFFIFieldFlagBitMaskHasDefault),
        c_default=c_default,
        c_default_factory=c_default_factory,
        c_repr=not flags & _ffi.kTVMFFIFieldFlagBitMaskReprOff,
        c_compare=not flags & _ffi.kTVMFFIFieldFlagBitMaskCompareOff,
        c_hash=not flags & _ffi.kTVMFFIFieldFlagBitMaskHashOff,
        c_structural_eq=next((name for bit, name in _STRUCTURAL_EQ if flags & bit), None),
    )
