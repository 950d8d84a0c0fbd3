# SPDX-License-Identifier: Apache-2.0
"""Types of the boundary as values: what fields, parameters and results are declared to be.

A schema comes from the library (as JSON, beside a reflected field or function), from a Python
annotation, or from a type index. It prints as an annotation and converts values to what it says.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, Any, Callable

from . import _ffi, _type_info

if TYPE_CHECKING:
    from ._any import CAny
    from ._converter import Converter

# Of schemas that stand for no single type: alternatives, and names nobody has registered.
_ALTERNATIVES = -2
_UNKNOWN = -3

_INDEX_OF_ORIGIN = {
    "Any": _ffi.kTVMFFIAny,
    "None": _ffi.kTVMFFINone,
    "int": _ffi.kTVMFFIInt,
    "bool": _ffi.kTVMFFIBool,
    "float": _ffi.kTVMFFIFloat,
    "ctypes.c_void_p": _ffi.kTVMFFIOpaquePtr,
    "dtype": _ffi.kTVMFFIDataType,
    "Device": _ffi.kTVMFFIDevice,
    "Object": _ffi.kTVMFFIObject,
    "str": _ffi.kTVMFFIStr,
    "bytes": _ffi.kTVMFFIBytes,
    "Callable": _ffi.kTVMFFIFunction,
    "Tensor": _ffi.kTVMFFITensor,
    "Array": _ffi.kTVMFFIArray,
    "Map": _ffi.kTVMFFIMap,
    "List": _ffi.kTVMFFIList,
    "Dict": _ffi.kTVMFFIDict,
    "Optional": _ALTERNATIVES,
    "Union": _ALTERNATIVES,
}
_ORIGIN_OF_INDEX = {
    **{index: origin for origin, index in _INDEX_OF_ORIGIN.items() if index != _ALTERNATIVES},
    _ffi.kTVMFFIDLTensorPtr: "Tensor",
    _ffi.kTVMFFIRawStr: "str",
    _ffi.kTVMFFISmallStr: "str",
    _ffi.kTVMFFIByteArrayPtr: "bytes",
    _ffi.kTVMFFISmallBytes: "bytes",
    _ffi.kTVMFFIObjectRValueRef: "Object",
    _ffi.kTVMFFIBigInt: "int",
}
# What the library calls types that Python has its own names for.
_ORIGIN_OF_NATIVE = {
    "Variant": "Union",
    "Tuple": "tuple",
    "ffi.Function": "Callable",
    "ffi.Array": "Array",
    "ffi.List": "List",
    "ffi.Map": "Map",
    "ffi.Dict": "Dict",
    "ffi.OpaquePyObject": "Any",
    "ffi.Object": "Object",
    "ffi.Tensor": "Tensor",
    "DLTensor*": "Tensor",
    "ffi.BigInt": "int",
    "void*": "ctypes.c_void_p",
    "TVMFFIByteArray*": "bytes",
    "ffi.SmallBytes": "bytes",
    "ffi.Bytes": "bytes",
    "std::string": "str",
    "const char*": "str",
    "ffi.SmallStr": "str",
    "ffi.String": "str",
    "DataType": "dtype",
    "std::vector": "Array",
    "std::optional": "Optional",
    "std::variant": "Union",
    "std::tuple": "tuple",
    "std::map": "Map",
    "std::unordered_map": "Map",
    "std::function": "Callable",
    "ObjectRValueRef": "Object",
}
_BIG_INT = "ffi.BigInt"

Groups = dict[str, tuple["TypeSchema", ...]]


@dataclass(repr=False)
class TypeSchema:
    """A type: its name, as Python writes it or as it is registered, and what it is made of.

    `args` are the type arguments: of elements, of keys and values, of alternatives. A bare `tuple`
    has None, the empty one ``()``. Callables describe themselves in `named_args` instead: one
    schema under ``return``, and all parameters under ``params`` if they are known.
    `fallback` is printed in place of a type that is not registered. `type_key` is the native name
    where `origin` says less (only ``ffi.BigInt``, an ``int``).
    """

    origin: str
    args: tuple[TypeSchema, ...] | None = None
    origin_type_index: int = _UNKNOWN
    fallback: TypeSchema | None = None
    named_args: Groups | None = None
    type_key: str | None = field(default=None, compare=False)

    def __post_init__(self) -> None:
        if not isinstance(self.origin, str) or not self.origin:
            raise ValueError("schema type must be a nonempty string")
        if self.fallback is not None and not isinstance(self.fallback, TypeSchema):
            raise TypeError("schema fallback must be a TypeSchema instance")
        self.args = _checked_arguments(self.origin, self.args)
        self.named_args = _checked_groups(self.named_args)
        if self.origin == "Callable":
            self.named_args = _callable_groups(self.args or (), self.named_args)
            self.args = ()
        else:
            self.args = _with_arity(self.origin, self.args)
        if self.origin_type_index == _UNKNOWN:
            self.origin_type_index = _index_of_origin(self.origin)

    # ---- Other forms ----

    @staticmethod
    def from_json_obj(obj: dict[str, Any]) -> TypeSchema:
        """Read a schema out of parsed JSON, in the form the library writes."""
        if not isinstance(obj, dict) or "type" not in obj:
            raise TypeError(f"expected schema dict with 'type' key, got {type(obj).__name__}")
        name = obj["type"]
        if not isinstance(name, str):
            raise TypeError("schema type must be a string")
        origin = _ORIGIN_OF_NATIVE.get(name, name)
        listed = obj.get("args")
        given = listed if isinstance(listed, (list, tuple)) else None
        if name == "std::function" and given and isinstance(given[-1], (list, tuple)):
            given = [*given[:-1], *given[-1]]  # the result, then the parameters in a list
            args = tuple(_schemas_in(given))
            groups: Groups | None = {"return": args[:1], "params": args[1:]}
            return TypeSchema(origin, named_args=groups)
        args_or_none = None if given is None else tuple(_schemas_in(given))
        fallback = obj.get("fallback")
        return TypeSchema(
            origin,
            args_or_none,
            fallback=None if fallback is None else TypeSchema.from_json_obj(fallback),
            named_args=_groups_from_json(obj["named_args"]) if "named_args" in obj else None,
            type_key=name if name == _BIG_INT else None,
        )

    @staticmethod
    def from_json_str(s: str) -> TypeSchema:
        """Read a schema out of JSON text."""
        return TypeSchema.from_json_obj(json.loads(s))

    @staticmethod
    def from_type_index(type_index: int, args: tuple[TypeSchema, ...] = ()) -> TypeSchema:
        """Describe the type with that index, with the given type arguments."""
        origin = _ORIGIN_OF_INDEX.get(type_index)
        if origin is None:
            origin = _type_info.checked_info_of_index(type_index).type_key
        key = _BIG_INT if type_index == _ffi.kTVMFFIBigInt else None
        return TypeSchema(origin, args, type_index, type_key=key)

    @staticmethod
    def from_annotation(annotation: Any) -> TypeSchema:
        """Describe what a Python annotation means; TypeError if it means nothing native."""
        from ._type_annotation import schema_of_annotation

        return schema_of_annotation(annotation)

    def to_json(self) -> dict[str, Any]:
        """Write the schema as JSON-ready values, which `from_json_obj` reads back."""
        written: dict[str, Any] = {"type": self.type_key or self.origin}
        if self.args or (self.origin == "tuple" and self.args is not None):
            written["args"] = [schema.to_json() for schema in self.args or ()]
        if self.named_args is not None:
            written["named_args"] = {
                name: [schema.to_json() for schema in group]
                for name, group in self.named_args.items()
            }
        if self.fallback is not None:
            written["fallback"] = self.fallback.to_json()
        return written

    # ---- As text ----

    def __repr__(self) -> str:
        return self.output_repr()

    def repr(self, ty_map: Callable[[str], str] | None = None) -> str:
        """Print the type as an annotation; `ty_map` renames origins."""
        return self.output_repr(ty_map)

    def output_repr(self, ty_map: Callable[[str], str] | None = None) -> str:
        """Print the type of a result: what one gets."""
        return _text(self, ty_map or str, None)

    def input_repr(self, ty_map: Callable[[str], str] | None = None) -> str:
        """Print the type of a parameter: what one may pass.

        Types with a type attribute ``__ffi_convert_type_schema__`` convert from more than their
        own objects, and are printed as the schema found there.
        """
        return _text(self, ty_map or str, frozenset())

    # ---- What it takes ----

    @cached_property
    def _converter(self) -> Converter:
        from ._type_converter import converter_of

        return converter_of(self)

    def is_subtype_of(self, cls: type) -> bool:
        """Tell whether values are objects of the type registered for `cls`, or of derived ones."""
        target = _type_info.info_of_class(cls) if isinstance(cls, type) else None
        index, first_object = self.origin_type_index, _ffi.kTVMFFIStaticObjectBegin
        if target is None or target.type_index < first_object or index < first_object:
            return False
        ancestors = _type_info.info_of_index(index).type_ancestors
        return index == target.type_index or target.type_index in ancestors

    def check_value(self, value: object) -> None:
        """Raise TypeError unless `value` converts to the type."""
        self._converted(value, "check")

    def convert(self, value: object) -> CAny:
        """Make the native value of this type that `value` stands for; TypeError if it does not."""
        return self._converted(value, "conversion")

    def _converted(self, value: object, doing: str) -> CAny:
        from ._any import CAny
        from ._converter import ConversionError

        convert = self._converter
        try:
            return CAny(convert(value))
        except ConversionError as error:
            raise TypeError(f"type {doing} failed for {self!r}: {error}") from error.__cause__


def _checked_arguments(origin: str, args: Iterable[Any] | None) -> tuple[TypeSchema, ...] | None:
    if args is None:
        return None if origin == "tuple" else ()
    schemas = tuple(args)
    if not all(isinstance(schema, TypeSchema) for schema in schemas):
        raise TypeError("schema arguments must be TypeSchema instances")
    return schemas


def _checked_groups(groups: Any) -> Groups | None:
    if groups is None:
        return None
    if not isinstance(groups, dict):
        raise TypeError("named_args must be a map of names to type lists")
    for name, schemas in groups.items():
        if not isinstance(name, str) or not name:
            raise ValueError("named_args keys must be nonempty strings")
        if not isinstance(schemas, (list, tuple)):
            raise TypeError("named_args values must be lists of type schemas")
        if not all(isinstance(schema, TypeSchema) for schema in schemas):
            raise TypeError("named_args values must contain type schemas")
    return {name: tuple(schemas) for name, schemas in groups.items()}


def _callable_groups(args: tuple[TypeSchema, ...], groups: Groups | None) -> Groups | None:
    if groups is None:
        if not args:
            return None
        # The flat form does not tell "no parameters" from "parameters unknown".
        return {"return": args[:1], **({"params": args[1:]} if args[1:] else {})}
    if args or not groups.keys() <= {"return", "params"}:
        raise ValueError("Callable uses only named return and params groups")
    if len(groups.get("return", ())) != 1:
        raise ValueError("Callable return group must contain exactly one type")
    return groups


def _with_arity(origin: str, args: tuple[TypeSchema, ...] | None) -> tuple[TypeSchema, ...] | None:
    count = len(args or ())
    if origin == "Union" and count < 2:
        raise ValueError("Union must have at least two arguments")
    if origin == "Optional" and count != 1:
        raise ValueError("Optional must have exactly one argument")
    if origin in ("Array", "List", "list"):
        if count > 1:
            raise ValueError(f"{origin} must have 0 or 1 argument")
        return args or (TypeSchema("Any"),)
    if origin in ("Map", "Dict", "dict"):
        if count not in (0, 2):
            raise ValueError(f"{origin} must have 0 or 2 arguments")
        return args or (TypeSchema("Any"), TypeSchema("Any"))
    return args


def _index_of_origin(origin: str) -> int:
    index = _INDEX_OF_ORIGIN.get(origin)
    if index is None:
        index = _type_info.index_of_key(origin)
    return _UNKNOWN if index is None else index


def _schemas_in(values: Iterable[Any]) -> list[TypeSchema]:
    return [TypeSchema.from_json_obj(value) for value in values if isinstance(value, dict)]


def _groups_from_json(groups: Any) -> Groups:
    if not isinstance(groups, dict):
        raise TypeError("named_args must be a map of names to type lists")
    for schemas in groups.values():
        if not isinstance(schemas, (list, tuple)):
            raise TypeError("named_args must map names to type lists")
        if not all(isinstance(schema, dict) for schema in schemas):
            raise TypeError("named_args lists must contain type schemas")
    return {name: tuple(_schemas_in(schemas)) for name, schemas in groups.items()}


# ---- Text ----------------------------------------------------------------------------------------


def _text(schema: TypeSchema, ty_map: Callable[[str], str], path: frozenset[int] | None) -> str:
    """Print a schema; with a `path`, of a parameter: the types expanded on the way to this one."""
    if path is not None:
        index = schema.origin_type_index
        accepted = _accepted_form(index) if index not in path else None
        if accepted is not None:
            return _text(accepted, ty_map, path | {index})
    if schema.fallback is not None and schema.origin_type_index == _UNKNOWN:
        if schema.origin not in ("tuple", "list", "dict"):
            return _text(schema.fallback, ty_map, path)
    name = ty_map(schema.origin)
    if name == "Callable":
        return _callable_text(schema, ty_map, path)
    if name == "tuple" and schema.args == ():
        return "tuple[()]"
    args = [_text(arg, ty_map, path) for arg in schema.args or ()]
    if name == "Union":
        return " | ".join(args)
    if name == "Optional":
        return f"{args[0]} | None"
    return f"{name}[{', '.join(args)}]" if args else name


def _callable_text(
    schema: TypeSchema, ty_map: Callable[[str], str], path: frozenset[int] | None
) -> str:
    groups = schema.named_args
    if groups is None:
        return f"Callable[..., {ty_map('Any')}]"
    result = _text(groups["return"][0], ty_map, path)
    if "params" not in groups:
        return f"Callable[..., {result}]"
    params = ", ".join(_text(param, ty_map, path) for param in groups["params"])
    return f"Callable[[{params}], {result}]"


def _accepted_form(type_index: int) -> TypeSchema | None:
    """Return what a type says its objects are converted from."""
    if type_index < _ffi.kTVMFFIStaticObjectBegin:
        return None
    from ._type_attr import lookup_type_attr

    said = lookup_type_attr(type_index, "__ffi_convert_type_schema__")
    if said is None or isinstance(said, TypeSchema):
        return said
    if isinstance(said, str):
        return TypeSchema.from_json_str(said)
    return TypeSchema.from_json_obj(_plain(said))


def _plain(value: Any) -> Any:
    """Return a dictionary that has passed through the library as one of Python's again."""
    from .container import Array, Dict, List, Map

    if isinstance(value, (Map, Dict)):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (Array, List)):
        return [_plain(item) for item in value]
    return value
