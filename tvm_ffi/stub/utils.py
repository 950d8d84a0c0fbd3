# SPDX-License-Identifier: Apache-2.0
"""What generators work on: functions, fields and types, as reflection describes them."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from .. import _ffi
from .._object import MISSING
from .._type_attr import lookup_type_attr
from .._type_schema import TypeSchema

if TYPE_CHECKING:
    from .._field import TypeField
    from .._type_info import TypeInfo, TypeMethod


@dataclass
class InitConfig:
    """What missing files are generated for: package, library target, prefix of names."""

    pkg: str
    shared_target: str
    prefix: str


@dataclass
class Options:
    """The command line, see `cli`."""

    imports: list[str] = field(default_factory=list)
    dlls: list[str] = field(default_factory=list)
    init: InitConfig | None = None
    indent: int = 4
    files: list[str] = field(default_factory=list)
    verbose: bool = False
    dry_run: bool = False
    check: bool = False
    target: str = "python"
    coverage_out: str | None = None


@dataclass(init=False, repr=False)
class NamedTypeSchema(TypeSchema):
    """The type of something with a name; of a reflected field also the native facts.

    `offset` counts from the start of the object header, in bytes as `size` and `alignment`.
    """

    name: str = ""
    size: int | None = None
    alignment: int | None = None
    offset: int | None = None
    default: Any = MISSING
    default_is_factory: bool = False
    structural_eq: str | None = None
    frozen: bool = False

    def __init__(
        self,
        name: str,
        schema: TypeSchema,
        *,
        size: int | None = None,
        alignment: int | None = None,
        offset: int | None = None,
        default: Any = MISSING,
        default_is_factory: bool = False,
        structural_eq: str | None = None,
        frozen: bool = False,
    ) -> None:
        super().__init__(
            schema.origin,
            schema.args,
            schema.origin_type_index,
            fallback=schema.fallback,
            named_args=schema.named_args,
            type_key=schema.type_key,
        )
        self.name = name
        self.size = size
        self.alignment = alignment
        self.offset = offset
        self.default = default
        self.default_is_factory = default_is_factory
        self.structural_eq = structural_eq
        self.frozen = frozen

    @staticmethod
    def from_type_field(field: TypeField) -> NamedTypeSchema:
        """Describe a reflected field."""
        is_factory = field.c_default_factory is not MISSING
        return NamedTypeSchema(
            field.name,
            _schema_of(field.metadata, "Any"),
            size=field.size,
            alignment=field.alignment,
            offset=field.offset,
            default=field.c_default_factory if is_factory else field.c_default,
            default_is_factory=is_factory,
            structural_eq=field.c_structural_eq,
            frozen=field.frozen,
        )


def _schema_of(metadata: dict[str, Any], unknown: str) -> TypeSchema:
    written = metadata.get("type_schema")
    if written is None:
        return TypeSchema(unknown)
    if isinstance(written, str):
        return TypeSchema.from_json_str(written)
    return TypeSchema.from_json_obj(written)


@dataclass
class FuncInfo:
    """A function: its name and type, and whether its first parameter is an object."""

    schema: NamedTypeSchema
    is_member: bool

    @staticmethod
    def from_schema(name: str, schema: TypeSchema, *, is_member: bool = False) -> FuncInfo:
        """Give a type a name."""
        return FuncInfo(NamedTypeSchema(name, schema), is_member)

    @staticmethod
    def from_type_method(method: TypeMethod) -> FuncInfo:
        """Describe a reflected method."""
        schema = _schema_of(method.metadata, "Callable")
        return FuncInfo.from_schema(method.name, schema, is_member=not method.is_static)


@dataclass
class InitFieldInfo:
    """A parameter of a generated constructor."""

    name: str
    schema: NamedTypeSchema
    kw_only: bool
    has_default: bool


@dataclass
class ObjectInfo:
    """A type: its own fields and methods, and what is inherited of its constructor."""

    fields: list[NamedTypeSchema]
    methods: list[FuncInfo]
    type_key: str | None = None
    parent_type_key: str | None = None
    init_fields: list[InitFieldInfo] = field(default_factory=list)
    has_init: bool = False
    ancestors: list[str] = field(default_factory=list)  # type keys, the root first
    total_size: int | None = None  # bytes, if the type itself says so
    is_final: bool | None = None

    def has_overloaded_methods(self) -> bool:
        """Tell whether two methods share a name and are both static or both not."""
        names = [(method.schema.name, method.is_member) for method in self.methods]
        return len(names) != len(set(names))

    @staticmethod
    def from_type_info(type_info: TypeInfo) -> ObjectInfo:
        """Describe a registered type."""
        parent = type_info.parent_type_info
        index = type_info.type_index
        has_init = (
            type_info.method("__ffi_init__") is not None
            or lookup_type_attr(index, "__ffi_init__") is not None
        )
        return ObjectInfo(
            fields=[NamedTypeSchema.from_type_field(field) for field in type_info.fields or ()],
            methods=[FuncInfo.from_type_method(method) for method in type_info.methods],
            type_key=type_info.type_key,
            parent_type_key=parent.type_key if parent is not None else None,
            init_fields=_init_fields(type_info) if has_init else [],
            has_init=has_init,
            ancestors=_ancestors(type_info),
            total_size=type_info.total_size if _has_metadata(index) else None,
            is_final=lookup_type_attr(index, "__ffi_type_final__"),
        )


def _has_metadata(index: int) -> bool:
    return bool(_ffi.TVMFFIGetTypeInfo(index).contents.metadata)


def _ancestors(type_info: TypeInfo) -> list[str]:
    parent = type_info.parent_type_info
    return [] if parent is None else [*_ancestors(parent), parent.type_key]


def _init_fields(type_info: TypeInfo | None) -> list[InitFieldInfo]:
    if type_info is None:
        return []
    return _init_fields(type_info.parent_type_info) + [
        InitFieldInfo(
            field.name, NamedTypeSchema.from_type_field(field), field.c_kw_only, field.c_has_default
        )
        for field in type_info.fields or ()
        if field.c_init
    ]
