# SPDX-License-Identifier: Apache-2.0
"""The definitions that bind one type."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from functools import cached_property
from typing import NamedTuple

from ..layout import Verdict, classify
from ..utils import NamedTypeSchema, ObjectInfo
from . import consts as R
from .directives import EnumSpec
from .names import Mirrors, Names, leaf_of, optional
from .text import deref, indented, let_call, listed, literal
from .utils import RustImports, is_crate_type_key, is_snake_case, render_rust_type, rust_ident

_ALLOW_NON_SNAKE_CASE = "#[allow(non_snake_case)]"


class Param(NamedTuple):
    """A parameter of an allocator: the field it is for, and how Rust writes name and type."""

    field: str
    ident: str
    type: str


@dataclass
class ObjectRenderer:
    """Writes the bindings of a type whose key is `info.type_key`."""

    info: ObjectInfo
    names: Names
    mirrors: Mirrors
    verdict: Verdict = field(init=False)

    def __post_init__(self) -> None:
        self.verdict = self._classify()

    @cached_property
    def key(self) -> str:
        """The type key."""
        return str(self.info.type_key)

    @cached_property
    def leaf(self) -> str:
        """The name of the reference type."""
        return leaf_of(self.key)

    @cached_property
    def struct(self) -> str:
        """The name of the object struct."""
        return f"{self.leaf}Obj"

    @property
    def imports(self) -> RustImports:
        """What the file uses so far."""
        return self.names.imports

    def _use(self, *paths: str) -> None:
        for path in paths:
            self.imports.record(path)

    def lines(self) -> list[str]:
        """Return all sections, with blank lines between."""
        base, parent = self._base()
        sections = [
            *(section for part in self.info.fields for section in self._enum_sections(part)),
            *self._struct_sections(base),
            *self._reference_sections(parent),
        ]
        if not self.verdict.is_complete:
            sections += self._getter_sections()
        else:
            sections += self._allocator_sections(base)
            if self._is_extensible():
                sections += [self._shallow_copy(), self._unsafe_init()]
        upcasts = self._upcasts()
        if upcasts:
            sections.append([f"tvm_ffi::impl_object_upcast!({', '.join(upcasts)});"])
        return [line for section in sections for line in ("", *section)][1:]

    # ---- Layout ----

    def _classify(self) -> Verdict:
        infos = {key: self.mirrors.of(key) for key in self.info.ancestors}
        infos[self.key] = self.info
        owners = {id(part): key for key, info in infos.items() for part in info.fields}
        # What is only tried here must not be imported: it may come to nothing. But it must exist.
        trial = Mirrors(
            Names(
                RustImports(directives=self.imports.directives),
                self.names.ty_map,
                self.names.module,
                self.names.declared,
                self.names.missing,
            ),
            self.mirrors.of,
        )
        return classify(
            infos,
            forced_opaque=self.imports.directives.opaque,
            unmirrored={key for key in infos if is_crate_type_key(key) and key != R.ROOT_TYPE_KEY},
            field_renderable=lambda part: trial.of_field(owners[id(part)], part) is not None,
        )[self.key]

    def _own_fields(self) -> list[NamedTypeSchema]:
        return sorted(self.info.fields, key=lambda part: part.offset or 0)

    def _base(self) -> tuple[str, str | None]:
        """Return the type of the member `base`, and the parent's object struct if there is one."""
        parent = self.info.parent_type_key or R.ROOT_TYPE_KEY
        if is_crate_type_key(parent) and parent != R.ROOT_TYPE_KEY:
            chain = [key for key in self.info.ancestors if key != R.ROOT_TYPE_KEY]
            return self.imports.record_builtin_base(chain), None
        if parent == R.ROOT_TYPE_KEY:
            return self.imports.record("tvm_ffi::Object"), None
        struct = self.names.of_type(parent, "Obj") or f"{leaf_of(parent)}Obj"
        return struct, struct

    # ---- Structs ----

    def _enum_sections(self, part: NamedTypeSchema) -> list[list[str]]:
        spec = self.imports.directives.enums.get(f"{self.key}.{part.name}")
        if spec is None:
            return []
        self._use("tvm_ffi::Error", "tvm_ffi::Result", "tvm_ffi::VALUE_ERROR")
        return _enum_sections(spec)

    def _struct_sections(self, base: str) -> list[list[str]]:
        verdict, struct = self.verdict, self.struct
        fields: list[str] = []
        if verdict.is_complete:
            lines = [f"/// Complete: {verdict.detail}."]
            members = self._own_members()
            fields = [f"    pub {ident}: {type_}," for ident, type_ in members]
            lines += _allow_non_snake_case(ident for ident, _ in members)
        else:
            lines = [f"/// Opaque: {verdict.detail}. Fields are read through the C ABI getters."]
        lines += ["#[repr(C)]", "#[derive(tvm_ffi::derive::Object)]", f'#[type_key = "{self.key}"]']
        if self.info.is_final:
            lines.append("#[type_final]")
        lines += [f"pub struct {struct} {{", f"    base: {base},", *fields, "}"]
        if not verdict.is_complete:
            return [lines]
        checks = [
            "const _: () = {",
            f"    assert!(::core::mem::size_of::<{struct}>() == {verdict.total_size});",
            f"    assert!(::core::mem::align_of::<{struct}>() == {verdict.alignment});",
            "};",
        ]
        return [lines, checks]

    def _own_members(self) -> list[tuple[str, str]]:
        return [
            (rust_ident(part.name), self.mirrors.of_field(self.key, part) or "()")
            for part in self._own_fields()
        ]

    def _reference_sections(self, parent: str | None) -> list[list[str]]:
        self._use("std::ops::Deref", "tvm_ffi::ObjectArc")
        reference = [
            "#[repr(C)]",
            "#[derive(tvm_ffi::derive::ObjectRef, Clone)]",
            f"pub struct {self.leaf} {{",
            f"    base: ObjectArc<{self.struct}>,",
            "}",
        ]
        sections = [reference, deref(self.leaf, self.struct)]
        if parent is not None:
            sections.append(deref(self.struct, parent))
        return sections

    # ---- Opaque types ----

    def _getter_sections(self) -> list[list[str]]:
        if not self.info.fields:
            return []
        self._use("tvm_ffi::FieldGetter", "tvm_ffi::ObjectCore", "tvm_ffi::Result")
        lines = [f"impl {self.struct} {{"]
        for i, part in enumerate(self.info.fields):
            lines += [""] * (i > 0) + indented(self._getter(part))
        return [[*lines, "}"]]

    def _getter(self, part: NamedTypeSchema) -> list[str]:
        target = f"{self.key}.{part.name}"
        directives = self.imports.directives
        getter = f'FieldGetter::new(Self::type_index(), "{part.name}")?'
        spec = directives.enums.get(target)
        if spec is not None:
            type_ = spec.name
            body = [f"let raw: i64 = {getter}.get(self)?;", f"{type_}::try_from(raw)"]
        else:
            written = directives.field_types.get(target)
            if written is not None:
                found: str | None = self.names.of_path(written)
            elif part.origin == "Any":
                found = None
            else:
                found = render_rust_type(part, self.names.of_leaf)
            if found is not None and target in directives.nullable:
                found = optional(found)
            type_ = found or self.names.of_path("tvm_ffi::Any")
            body = [f"{getter}.get(self)" if found else f"{getter}.get_any(self)"]
        ident = rust_ident(part.name)
        return [
            *_allow_non_snake_case([ident]),
            f"pub fn {ident}(&self) -> Result<{type_}> {{",
            *indented(body),
            "}",
        ]

    # ---- Complete types ----

    def _params(self, key: str, info: ObjectInfo) -> list[Param]:
        """Return what an allocator takes: the fields of all levels, the root's first."""
        inherited = self._inherited_params(info)
        narrowed = [param._replace(type=self._narrowed(key, param)) for param in inherited]
        own = [
            Param(part.name, rust_ident(part.name), self.mirrors.of_field(key, part) or "()")
            for part in sorted(info.fields, key=lambda part: part.offset or 0)
        ]
        return narrowed + own

    def _inherited_params(self, info: ObjectInfo) -> list[Param]:
        parent = info.parent_type_key
        if parent is None or parent == R.ROOT_TYPE_KEY:
            return []
        return self._params(parent, self.mirrors.of(parent))

    def _narrowed(self, key: str, param: Param) -> str:
        written = self.imports.directives.field_types.get(f"{key}.{param.field}")
        return param.type if written is None else self.names.of_path(written)

    def _allocator_sections(self, base: str) -> list[list[str]]:
        params = self._params(self.key, self.info)
        inherited = self._inherited_params(self.info)
        passed_on = [
            given.ident if given.type == taken.type else f"{given.ident}.into()"
            for given, taken in zip(params, inherited)
        ]
        own = [param.ident for param in params[len(inherited) :]]
        allow = indented(_allow_non_snake_case(param.ident for param in params))
        visibility = "pub(crate)" if self.info.is_final else "pub"
        of_struct = [
            f"impl {self.struct} {{",
            *allow,
            *listed(f"{visibility} fn new(", [f"{p.ident}: {p.type}" for p in params], _SELF, 1),
            *let_call("base", f"{base}::new", passed_on, 2),
            *literal(["base", *own], 2),
            "    }",
            "}",
        ]
        name = "from_fields" if self.key in self.imports.directives.custom_new else "new"
        of_reference = [
            f"impl {self.leaf} {{",
            "    /// Lossless complete-field allocation.",
            *allow,
            *listed(f"pub fn {name}(", [_generic_param(param) for param in params], _SELF, 1),
            *let_call("obj", f"{self.struct}::new", [_forwarded(param) for param in params], 2),
            "        Self { base: ObjectArc::new(obj) }",
            "    }",
            "}",
        ]
        return [of_struct, of_reference]

    def _is_extensible(self) -> bool:
        """Tell whether types of this run may derive from it, copying and dropping its fields."""
        return not self.info.is_final and all(
            key == R.ROOT_TYPE_KEY or (key in self.names.declared and key not in self.names.ty_map)
            for key in self.info.ancestors
        )

    def _shallow_copy(self) -> list[str]:
        self._use("tvm_ffi::ShallowCopy")
        copies = [
            f"{ident}: Clone::clone(&self.{ident})"
            for ident in (rust_ident(part.name) for part in self._own_fields())
        ]
        return [
            f"impl ShallowCopy for {self.struct} {{",
            "    fn shallow_copy(&self) -> Self {",
            *literal(["base: ShallowCopy::shallow_copy(&self.base)", *copies], 2),
            "    }",
            "}",
        ]

    def _unsafe_init(self) -> list[str]:
        self._use("tvm_ffi::UnsafeInit", "std::ptr::addr_of_mut")
        drops = [self._drop(part) for part in self._own_fields()]
        return [
            f"unsafe impl UnsafeInit for {self.struct} {{",
            "    unsafe fn drop_defined_fields(this: *mut Self) {",
            "        unsafe {",
            "            UnsafeInit::drop_defined_fields(addr_of_mut!((*this).base));",
            *(f"            {drop}" for drop in drops if drop),
            "        }",
            "    }",
            "}",
        ]

    def _drop(self, part: NamedTypeSchema) -> str:
        target = f"{self.key}.{part.name}"
        directives = self.imports.directives
        if target in directives.enums:
            return ""
        # A cell is valid from the start; other fields may not have been written yet.
        is_cell = target not in directives.field_types and (
            part.origin == "Any" or (part.origin == "Optional" and part.size == R.CELL_SIZE)
        )
        if is_cell:
            self._use("std::ptr::drop_in_place")
        else:
            self._use("tvm_ffi::reflection::drop_if_defined")
        function = "drop_in_place" if is_cell else "drop_if_defined"
        return f"{function}(addr_of_mut!((*this).{rust_ident(part.name)}));"

    def _upcasts(self) -> list[str]:
        ancestors = [key for key in self.info.ancestors if not is_crate_type_key(key)]
        targets = [self.names.of_type(key) for key in ancestors]
        written = self.imports.directives.upcasts.get(self.key, [])
        targets += [self.names.of_path(path) for path in written]
        return [f"{self.leaf} => {target}" for target in targets]


_SELF = ") -> Self {"


def _allow_non_snake_case(identifiers: Iterable[str]) -> list[str]:
    return [] if all(map(is_snake_case, identifiers)) else [_ALLOW_NON_SNAKE_CASE]


def _generic_param(param: Param) -> str:
    type_ = param.type if param.type in R.SCALARS else f"impl Into<{param.type}>"
    return f"{param.ident}: {type_}"


def _forwarded(param: Param) -> str:
    return param.ident if param.type in R.SCALARS else f"{param.ident}.into()"


def _enum_sections(spec: EnumSpec) -> list[list[str]]:
    name, repr_ = spec.name, spec.repr
    message = f'&format!("{name} value {{value}} does not fit {repr_}")'
    return [
        [
            "#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]",
            "#[repr(transparent)]",
            f"pub struct {name}({repr_});",
        ],
        [
            "#[allow(non_upper_case_globals)]",
            f"impl {name} {{",
            *(f"    pub const {member}: Self = Self({value});" for member, value in spec.members),
            f"    pub const fn from_raw(value: {repr_}) -> Self {{",
            "        Self(value)",
            "    }",
            f"    pub const fn as_raw(self) -> {repr_} {{",
            "        self.0",
            "    }",
            "}",
        ],
        [
            f"impl TryFrom<i64> for {name} {{",
            "    type Error = Error;",
            "    fn try_from(value: i64) -> Result<Self> {",
            f"        {repr_}::try_from(value).map(Self).map_err(|_| {{",
            f'            Error::new(VALUE_ERROR, {message}, "")',
            "        })",
            "    }",
            "}",
        ],
    ]
