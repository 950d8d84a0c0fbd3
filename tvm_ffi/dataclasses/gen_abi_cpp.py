# SPDX-License-Identifier: Apache-2.0
"""C++ views of registered types: a header through which C++ reads objects of Python classes."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fnmatch import fnmatchcase
from typing import Any

from .. import _ffi
from .._constructor import lineage
from .._field import TypeField
from .._testing_library import ensure_testing_library
from .._type_info import TypeInfo, info_of_index, info_of_key
from ..registry import get_registered_type_keys
from ._abi_names import CppName, identifier, in_namespaces, string_literal
from ._abi_types import Carrier, Lowering, built_in_object, has_wrapper


def gen_abi_cpp(type_keys: str | Sequence[str]) -> str:
    """Return the text of a C++17 header with views of registered types.

    `type_keys` is a key, a shell pattern that matches keys, or several of them. Each type becomes a
    struct with the members and the layout that its objects have in memory, which the header itself
    asserts; ancestors come along. The views look up types that are registered elsewhere: they make
    none and convert nothing.

    ValueError if nothing matches, or if the layout of a type or a field is not known.
    """
    selectors: list[Any] = [type_keys]
    if isinstance(type_keys, Iterable) and not isinstance(type_keys, str):
        selectors = list(type_keys)
    if not all(isinstance(selector, str) for selector in selectors):
        raise TypeError(f"Expected type keys or patterns of them, got {type_keys!r}")
    return _Generator(_selected(selectors)).build()


# ---- Selection -----------------------------------------------------------------------------------


def _selected(selectors: list[str]) -> list[TypeInfo]:
    """Return the types to emit with all their ancestors, parents first."""
    chosen: dict[int, TypeInfo] = {}
    for selector in selectors:
        for info in _matching(selector):
            for index in (*info.type_ancestors, info.type_index):
                if index >= _ffi.kTVMFFIDynObjectBegin:
                    chosen[index] = info_of_index(index)
    return sorted(chosen.values(), key=lambda info: (len(info.type_ancestors), info.type_key))


def _matching(selector: str) -> list[TypeInfo]:
    ensure_testing_library(selector)
    keys = sorted(str(key) for key in get_registered_type_keys() if fnmatchcase(key, selector))
    if not keys and selector in get_registered_type_keys():
        keys = [selector]  # a key that reads as a pattern
    objects = [
        info for info in map(info_of_key, keys) if info.type_index >= _ffi.kTVMFFIStaticObjectBegin
    ]
    if not objects:
        kind = "object type" if keys else "type"
        raise ValueError(f"Type-key selector {selector!r} did not match any registered {kind}")
    for info in objects:
        if info.type_index < _ffi.kTVMFFIDynObjectBegin and not has_wrapper(info.type_index):
            raise ValueError(f"Static TVM-FFI type {info.type_key!r} is not supported")
    return objects


# ---- Text ----------------------------------------------------------------------------------------

_HEAD = ["#pragma once", "", "#include <tvm/ffi/tvm_ffi.h>"]
# Not part of the header above, which is the API without its extra parts.
_EXTRA_HEADERS = {
    "::tvm::ffi::ModuleObj": "#include <tvm/ffi/extra/module.h>",
    "::tvm::ffi::VisitInterruptObj": "#include <tvm/ffi/extra/structural_visit.h>",
}
_ROOT = [
    "static_assert(sizeof(::tvm::ffi::Object) == 24);",
    "static_assert(alignof(::tvm::ffi::Object) == 8);",
    "",
]
_QUIET = [
    "#if defined(__clang__) || defined(__GNUC__)",
    "#pragma GCC diagnostic push",
    '#pragma GCC diagnostic ignored "-Winvalid-offsetof"',
    "#elif defined(_MSC_VER)",
    "#pragma warning(push)",
    "#pragma warning(disable : 4749)",
    "#endif",
    "",
]
_LOUD = [
    "#if defined(__clang__) || defined(__GNUC__)",
    "#pragma GCC diagnostic pop",
    "#elif defined(_MSC_VER)",
    "#pragma warning(pop)",
    "#endif",
    "",
]


class _Generator:
    """Writes the header for types in the order of their emission, parents first."""

    def __init__(self, emitted_infos: list[TypeInfo]) -> None:
        self._emitted = {info.type_index: info for info in emitted_infos}
        self._opaque: dict[int, TypeInfo] = {}
        self._lowering = Lowering(self._refer)

    def build(self) -> str:
        classes = [(CppName.of(info), self._class(info)) for info in self._emitted.values()]
        opaque = {CppName.of(info): info for info in self._opaque.values()}
        declared = sorted([*opaque, *(name for name, _ in classes)])
        named = "".join(line for _, block in classes for line in block)
        lines = [
            *_HEAD,
            *(include for name, include in _EXTRA_HEADERS.items() if name in named),
            "",
            *in_namespaces((name, [f"struct {name.struct};"]) for name in declared),
            *_subclass_marks(declared),
            "",
            *in_namespaces((name, _opaque_struct(name, opaque[name])) for name in sorted(opaque)),
            *_ROOT,
            *_QUIET,
            *in_namespaces(classes),
            *_LOUD,
        ]
        return "\n".join(lines)

    def _refer(self, info: TypeInfo) -> None:
        if info.type_index not in self._emitted:
            self._opaque[info.type_index] = info

    def _lower_field(self, field: TypeField, owner: TypeInfo) -> Carrier:
        return self._lowering.field(field, owner)

    def _class(self, info: TypeInfo) -> list[str]:
        if not info._has_type_metadata and not _is_py_class(info):
            raise ValueError(
                f"Native type {info.type_key!r} does not expose fixed total-size metadata"
            )
        fields = sorted(_members(info), key=lambda field: field.offset)
        carriers = [(field, self._lower_field(field, info)) for field in fields]
        alignment = max([8, *(field.alignment for field in lineage(info))])
        struct = CppName.of(info).struct
        return [
            f"struct alignas({alignment}) {struct} : public {_base(info)} {{",
            _lookup(info),
            *([""] if carriers else []),
            *(_member(field, carrier) for field, carrier in carriers),
            "};",
            "",
            f"static_assert(sizeof({struct}) == {info.total_size});",
            f"static_assert(alignof({struct}) == {alignment});",
            *(line for field, _ in carriers for line in _assertions(struct, field)),
        ]


def _is_py_class(info: TypeInfo) -> bool:
    return bool(info._decorator_args)


def _members(info: TypeInfo) -> Iterable[TypeField]:
    """Return the own fields that lie behind the parent; others are second names of its fields."""
    inherited = [] if info.parent_type_info is None else lineage(info.parent_type_info)
    end = max((field.offset + field.size for field in inherited), default=0)
    return [field for field in info.fields or () if field.offset >= end]


def _base(info: TypeInfo) -> str:
    parent = info.parent_type_info
    assert parent is not None
    if parent.type_index < _ffi.kTVMFFIDynObjectBegin:
        return built_in_object(parent.type_index)
    return CppName.of(parent).qualified


def _lookup(info: TypeInfo) -> str:
    depth = len(info.type_ancestors)
    return f"  TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP({string_literal(info.type_key)}, {depth});"


def _opaque_struct(name: CppName, info: TypeInfo) -> list[str]:
    return [f"struct {name.struct} : public ::tvm::ffi::Object {{", _lookup(info), "};"]


def _subclass_marks(names: Iterable[CppName]) -> list[str]:
    mark = "inline constexpr bool tvm::ffi::is_object_subclass_v<{}> = true;"
    return [line for name in names for line in ("template <>", mark.format(name.qualified))]


def _member(field: TypeField, carrier: Carrier) -> str:
    member = identifier(field.name)
    renamed = f", reflected name={field.name!r}" if member != field.name else ""
    layout = f"offset={field.offset}, size={field.size}, align={field.alignment}"
    return f"  {carrier.cpp_type} {member};  // {layout}{renamed}"


def _assertions(struct: str, field: TypeField) -> list[str]:
    member = identifier(field.name)
    return [
        f"static_assert(sizeof(decltype({struct}::{member})) == {field.size});",
        f"static_assert(alignof(decltype({struct}::{member})) == {field.alignment});",
        f"static_assert(offsetof({struct}, {member}) == {field.offset});",
    ]
