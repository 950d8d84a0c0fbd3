# SPDX-License-Identifier: Apache-2.0
"""Imports, and the stubs of functions, fields and methods."""

from __future__ import annotations

import keyword
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Callable

from .. import consts as C
from ..utils import FuncInfo, InitFieldInfo, ObjectInfo
from .consts import MOD_MAP

# Writes an origin or type key as Python code.
TypeName = Callable[[str], str]

_LIB_LOADER, _LIB_LOADER_ALIAS = "tvm_ffi.libinfo.load_lib_module", "_FFI_LOAD_LIB"


@dataclass(frozen=True, init=False, repr=False)
class ImportItem:
    """A name to import; `alias` is what the file calls it, if not by its own name."""

    mod: str
    name: str
    type_checking_only: bool = False
    alias: str | None = None

    def __init__(
        self, full_name: str, type_checking_only: bool = False, alias: str | None = None
    ) -> None:
        module, _, name = full_name.rpartition(".")
        first, dot, rest = module.partition(".")
        values = {
            "mod": MOD_MAP.get(first, first) + dot + rest,
            "name": name,
            "type_checking_only": type_checking_only,
            "alias": alias or None,
        }
        for key, value in values.items():
            object.__setattr__(self, key, value)

    @property
    def name_with_alias(self) -> str:
        """What stands after ``import``."""
        return f"{self.name} as {self.alias}" if self.alias else self.name

    @property
    def full_name(self) -> str:
        """The name with its module."""
        return f"{self.mod}.{self.name}" if self.mod else self.name

    def __repr__(self) -> str:
        start = f"from {self.mod} " if self.mod else ""
        return f"{start}import {self.name_with_alias}"


@dataclass
class PythonImports:
    """What a file imports; `has_lib_load` tells whether it loads a library, as ``LIB``."""

    items: list[ImportItem] = field(default_factory=list)
    has_lib_load: bool = False

    def add_directive(self, payload: str) -> None:
        """Add what an ``import-object`` directive asks for: name, type checking only, alias."""
        name, type_checking_only, alias = (
            part.strip() for part in [*payload.split(";"), "", ""][:3]
        )
        self.items.append(ImportItem(name, type_checking_only.lower() == "true", alias or None))
        if name == _LIB_LOADER or alias == _LIB_LOADER_ALIAS:
            self.has_lib_load = True


# ---- Stubs ---------------------------------------------------------------------------------------


def render_func_signature(
    func: FuncInfo, ty_map: TypeName, indent: int, input_ty_map: TypeName | None = None
) -> str:
    """Return the stub of a function; parameters are written by `input_ty_map`."""
    name = func.schema.name.rpartition(".")[2]
    name = C.FN_NAME_MAP.get(name, name)
    params = _params(func, ty_map, input_ty_map or ty_map)
    groups = func.schema.named_args or {}
    result = groups["return"][0].output_repr(ty_map) if "return" in groups else ty_map("Any")
    return f"{' ' * indent}def {name}({params}) -> {result}: ..."


def _params(func: FuncInfo, output: TypeName, input_: TypeName) -> str:
    """Return the parameters as they stand in a ``def``."""
    if func.schema.origin != "Callable":
        raise ValueError(
            f"Expected Callable type schema, but got: {func.schema!r} for `{func.schema.name}`"
        )
    groups = func.schema.named_args or {}
    if "params" not in groups:
        return f"*args: {output('Any')}"
    params = [
        "self" if func.is_member and i == 0 else f"_{i}: {param.input_repr(input_)}"
        for i, param in enumerate(groups["params"])
    ]
    return ", ".join([*params, "/"] if params else params)


def is_name(text: str) -> bool:
    """Tell whether a native name can be written in Python; others are only found dynamically."""
    return text.isidentifier() and not keyword.iskeyword(text)


def render_object_fields(info: ObjectInfo, ty_map: TypeName, indent: int) -> list[str]:
    """Return an annotation for each of the type's own fields."""
    return [
        f"{' ' * indent}{field.name}: {field.output_repr(ty_map)}"
        for field in info.fields
        if is_name(field.name)
    ]


def render_object_methods(
    info: ObjectInfo, ty_map: TypeName, indent: int, input_ty_map: TypeName | None = None
) -> list[str]:
    """Return the stubs of the type's own methods, the overloads of each together."""
    groups: dict[tuple[str, bool], list[FuncInfo]] = {}
    for method in filter(lambda method: is_name(method.schema.name), info.methods):
        groups.setdefault((method.schema.name, method.is_member), []).append(method)
    return [
        line
        for group in groups.values()
        for line in _overloads(group, ty_map, indent, input_ty_map)
    ]


def _overloads(
    group: list[FuncInfo], ty_map: TypeName, indent: int, input_ty_map: TypeName | None
) -> Iterator[str]:
    space = " " * indent
    for method in group:
        if len(group) > 1:
            yield f"{space}@overload"
        if method.schema.name == "__ffi_init__":
            yield space + _ffi_init_of_method(method, ty_map, input_ty_map or ty_map)
            continue
        if not method.is_member:
            yield f"{space}@staticmethod"
        yield render_func_signature(method, ty_map, indent, input_ty_map)


def _ffi_init_of_method(method: FuncInfo, output: TypeName, input_: TypeName) -> str:
    # The native constructor returns an object; in Python it fills the instance.
    params = _params(FuncInfo(method.schema, is_member=False), output, input_)
    return f"def __ffi_init__({', '.join(filter(None, ('self', params)))}) -> None: ..."


def render_object_init(
    info: ObjectInfo, ty_map: TypeName, indent: int, input_ty_map: TypeName | None = None
) -> list[str]:
    """Return the stub of ``__init__``, if the type has a constructor."""
    if not info.has_init:
        return []
    return [
        f"{' ' * indent}def __init__({_field_params(info, input_ty_map or ty_map)}) -> None: ..."
    ]


def render_object_ffi_init(
    info: ObjectInfo, ty_map: TypeName, indent: int, input_ty_map: TypeName | None = None
) -> list[str]:
    """Return the stub of an ``__ffi_init__`` that is not among the methods."""
    if not info.has_init or any(method.schema.name == "__ffi_init__" for method in info.methods):
        return []
    params = _field_params(info, input_ty_map or ty_map)
    return [f"{' ' * indent}def __ffi_init__({params}) -> None: ..."]


def _field_params(info: ObjectInfo, ty_map: TypeName) -> str:
    if not all(is_name(field.name) for field in info.init_fields):
        any_ = ty_map("Any")
        return f"self, *args: {any_}, **kwargs: {any_}"

    def written(fields: list[InitFieldInfo]) -> list[str]:
        return [
            f"{field.name}: {field.schema.input_repr(ty_map)}{' = ...' * field.has_default}"
            for field in sorted(fields, key=lambda field: field.has_default)
        ]

    keyword_only = written([field for field in info.init_fields if field.kw_only])
    positional = written([field for field in info.init_fields if not field.kw_only])
    return ", ".join(["self", *positional, *(["*", *keyword_only] if keyword_only else [])])
