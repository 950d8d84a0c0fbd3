# SPDX-License-Identifier: Apache-2.0
"""What C++ types the fields of registered types have in memory."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any, NamedTuple

from .. import _ffi
from .._field import TypeField
from .._type_info import TypeInfo, info_of_index
from .._type_schema import _ORIGIN_OF_NATIVE, TypeSchema
from ._abi_names import CppName


class Carrier(NamedTuple):
    """A C++ type that holds a field, and its layout."""

    cpp_type: str
    size: int
    alignment: int


_FFI = "::tvm::ffi::"
_ANY = Carrier(f"{_FFI}Any", 16, 8)
_PLAIN = {
    "int": Carrier("int64_t", 8, 8),
    "float": Carrier("double", 8, 8),
    "bool": Carrier("bool", 1, 1),
    "ctypes.c_void_p": Carrier("void*", 8, 8),
    "dtype": Carrier("DLDataType", 4, 2),
    "Device": Carrier("DLDevice", 8, 4),
    "Any": _ANY,
    "str": Carrier(f"{_FFI}String", 16, 8),
    "bytes": Carrier(f"{_FFI}Bytes", 16, 8),
}
_CONTAINERS = ("Array", "List", "Map", "Dict")
# The object behind each built-in type that C++ has a wrapper of.
_BUILT_IN_OBJECTS = {
    _ffi.kTVMFFIObject: "Object",
    _ffi.kTVMFFIStr: "detail::StringObj",
    _ffi.kTVMFFIBytes: "detail::BytesObj",
    _ffi.kTVMFFIError: "ErrorObj",
    _ffi.kTVMFFIFunction: "FunctionObj",
    _ffi.kTVMFFIShape: "ShapeObj",
    _ffi.kTVMFFITensor: "TensorObj",
    _ffi.kTVMFFIArray: "ArrayObj",
    _ffi.kTVMFFIMap: "MapObj",
    _ffi.kTVMFFIModule: "ModuleObj",
    _ffi.kTVMFFIList: "ListObj",
    _ffi.kTVMFFIDict: "DictObj",
    _ffi.kTVMFFIVisitInterrupt: "VisitInterruptObj",
}
# Those whose wrapper owns exactly one pointer and can never be mistaken for the object.
_WRAPPERS = {
    _ffi.kTVMFFIFunction: "Function",
    _ffi.kTVMFFIShape: "Shape",
    _ffi.kTVMFFITensor: "Tensor",
}
# What native schemas call the types whose values are stored as such.
_OWNING = frozenset(
    {
        "void*",
        "DataType",
        "Variant",
        "Tuple",
        "ffi.Object",
        "ffi.String",
        "ffi.Bytes",
        "ffi.Function",
        "ffi.Tensor",
        "ffi.Array",
        "ffi.List",
        "ffi.Map",
        "ffi.Dict",
    }
)


def has_wrapper(type_index: int) -> bool:
    """Tell whether C++ has a class for a built-in type."""
    return type_index in _BUILT_IN_OBJECTS


def built_in_object(type_index: int) -> str:
    """Return the C++ class of the objects of a built-in type."""
    return _FFI + _BUILT_IN_OBJECTS[type_index]


class Lowering:
    """Finds the C++ type of fields. `refer` is told each type declared elsewhere that one names."""

    def __init__(self, refer: Callable[[TypeInfo], None]) -> None:
        self.refer = refer

    def field(self, field: TypeField, owner: TypeInfo) -> Carrier:
        """Return what holds a field: ValueError if that cannot be told from its description."""
        where = f"{owner.type_key}.{field.name}"
        layout = (field.size, field.alignment)
        # Native code writes its schemas as text, Python classes as an object.
        written = field.metadata.get("type_schema")
        is_native = not isinstance(written, dict)
        if isinstance(written, str):
            _require_owning(json.loads(written), where)
        carrier = self._carrier(field, where, is_native, layout)
        if (carrier.size, carrier.alignment) != layout:
            raise ValueError(
                f"Carrier {carrier.cpp_type} for {where} has layout "
                f"{(carrier.size, carrier.alignment)}, but reflection reports {layout} at offset "
                f"{field.offset}"
            )
        return carrier

    def _carrier(
        self, field: TypeField, where: str, is_native: bool, layout: tuple[int, int]
    ) -> Carrier:
        schema = field.ty
        if schema is None:
            if field.field_static_type_index >= _ffi.kTVMFFIStaticObjectBegin:
                return Carrier(f"{_FFI}ObjectPtr<{_FFI}Object>", 8, 8)
            schema = TypeSchema.from_type_index(field.field_static_type_index)
        if schema.origin in ("Optional", "Union"):
            return self._alternatives(schema, where, layout) if is_native else _ANY
        carrier = self.value(schema)
        if layout == (8, 8) and carrier.size > 8 and schema.origin_type_index in _BUILT_IN_OBJECTS:
            return Carrier(f"{_FFI}Arc<{self.object(schema)}>", 8, 8)
        return carrier

    def _alternatives(self, schema: TypeSchema, where: str, layout: tuple[int, int]) -> Carrier:
        """Return what holds an Optional or Union of native code, as its layout tells."""
        args = schema.args or ()
        if schema.origin == "Union":
            if layout == (8, 8) and all(map(_is_object, args)):
                return Carrier(f"{_FFI}Arc<{_FFI}Object>", 8, 8)
        elif args[0].origin in ("str", "bytes"):
            if layout == (16, 8):
                return _PLAIN[args[0].origin]
        elif _is_object(args[0]):
            if layout == (16, 8):
                return Carrier(f"{_FFI}Optional<{_FFI}Arc<{self.object(args[0])}>>", 16, 8)
            if layout == (8, 8):
                return Carrier(f"{_FFI}ObjectPtr<{self.object(args[0])}>", 8, 8)
        raise ValueError(
            f"Ambiguous native {schema.origin} carrier for {where} with layout {layout}"
        )

    def value(self, schema: TypeSchema) -> Carrier:
        """Return what holds a value of the type that is not optional."""
        origin = schema.origin
        if origin in _PLAIN:
            return _PLAIN[origin]
        if origin in _CONTAINERS or origin == "tuple":
            return Carrier(self._container(schema), 8, 8)
        index = schema.origin_type_index
        if index in _WRAPPERS:
            return Carrier(_FFI + _WRAPPERS[index], 8, 8)
        if index == _ffi.kTVMFFIError:
            return Carrier(f"{_FFI}Error", 16, 8)  # also an exception, with a table of its own
        if _is_object(schema):
            return Carrier(f"{_FFI}Arc<{self.object(schema)}>", 8, 8)
        raise ValueError(f"No C++ type is known for values of type {schema!r}")

    def _container(self, schema: TypeSchema) -> str:
        if schema.args is None:  # a tuple of unknown length
            return f"{_FFI}Array<{_FFI}Any>"
        name = "Tuple" if schema.origin == "tuple" else schema.origin
        return f"{_FFI}{name}<{', '.join(map(self._element, schema.args))}>"

    def _element(self, schema: TypeSchema) -> str:
        args = schema.args or ()
        if schema.origin == "Optional":
            if _is_object(args[0]):
                return f"{_FFI}ObjectPtr<{self.object(args[0])}>"
            return _ANY.cpp_type
        if schema.origin == "Union":
            all_objects = all(map(_is_object, args))
            return f"{_FFI}Arc<{_FFI}Object>" if all_objects else _ANY.cpp_type
        return self.value(schema).cpp_type

    def object(self, schema: TypeSchema) -> str:
        """Return the C++ class of the objects of a type."""
        if schema.origin == "tuple":
            return built_in_object(_ffi.kTVMFFIArray)
        index = schema.origin_type_index
        if index in _BUILT_IN_OBJECTS:
            return built_in_object(index)
        info = info_of_index(index)
        self.refer(info)
        return CppName.of(info).qualified


def _is_object(schema: TypeSchema) -> bool:
    """Tell whether values are always objects; text and bytes may be stored without one."""
    index = schema.origin_type_index
    if schema.origin == "tuple" or index >= _ffi.kTVMFFIDynObjectBegin:
        return True
    return index in _BUILT_IN_OBJECTS and schema.origin not in ("str", "bytes")


def _require_owning(written: Any, where: str) -> None:
    """Refuse a native schema that names types by which values are passed but not stored."""
    name = written.get("type") if isinstance(written, dict) else None
    normalized = _ORIGIN_OF_NATIVE.get(name) if isinstance(name, str) else None
    if normalized is not None and name not in _OWNING:
        raise ValueError(
            f"{where}: native schema origin {name!r} normalizes to {normalized!r} but does not "
            "have the canonical owning representation"
        )
    if isinstance(written, dict):
        for arg in written.get("args", ()):
            _require_owning(arg, where)
