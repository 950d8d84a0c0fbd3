# SPDX-License-Identifier: Apache-2.0
"""Dataclasses over types that are declared in Python."""

from __future__ import annotations

from typing import Any, Callable, TypeVar, overload

from typing_extensions import dataclass_transform

from ._definition import Definition, clear_failed_init, finish_pending, structure_kind
from ._py_methods import _collect_py_methods as _collect_py_methods
from ._resolve_fields import Unresolved
from .field import Field, field, unconverted

_Class = TypeVar("_Class", bound=type)


@overload
def py_class(cls: _Class, /) -> _Class: ...
@overload
def py_class(
    cls_or_type_key: str | None = None,
    /,
    *,
    type_key: str | None = ...,
    frozen: bool = ...,
    init: bool = ...,
    repr: bool = ...,
    eq: bool = ...,
    order: bool = ...,
    unsafe_hash: bool = ...,
    match_args: bool = ...,
    kw_only: bool = ...,
    structural_eq: str | None = ...,
    slots: bool = ...,
) -> Callable[[_Class], _Class]: ...


@dataclass_transform(
    eq_default=False,
    order_default=False,
    kw_only_default=False,
    field_specifiers=(Field, field),
    converter=unconverted,  # type: ignore[literal-required]
)
def py_class(
    cls_or_type_key: Any = None,
    /,
    *,
    type_key: str | None = None,
    frozen: bool = False,
    init: bool = True,
    repr: bool = True,
    eq: bool = False,
    order: bool = False,
    unsafe_hash: bool = False,
    match_args: bool = True,
    kw_only: bool = False,
    structural_eq: str | None = "tree",
    slots: bool = True,
) -> Any:
    """Declare a native type by a Python class, whose annotations are the fields.

    For example::

        @tvm_ffi.dataclasses.py_class("my_library.Node")
        class Node(tvm_ffi.Object):
            value: int
            children: list[Node] = field(default_factory=list)

    Objects live in native memory, and all languages see their fields; values are converted to what
    the annotations say. The key defaults to module and name of the class. The class derives from
    `Object` or any class of a registered type; other bases contribute their annotations.

    `frozen` makes all fields read-only. `eq` and `order` compare by content, `unsafe_hash` hashes
    so. `kw_only` makes all parameters of the constructor keyword-only. `structural_eq` is "tree",
    "var", "dag", "const-tree", "singleton" or None, see `tvm_ffi.structural`. `slots` is ignored:
    classes never have a ``__dict__`` unless they ask for one.

    Annotations may name classes that come later: they are resolved at the latest when the class is
    first instantiated. TypeError if one means no native type, ValueError if the key is taken.
    """
    if isinstance(cls_or_type_key, str):
        type_key = cls_or_type_key
    elif cls_or_type_key is not None and not isinstance(cls_or_type_key, type):
        raise TypeError(f"py_class: expected str or type, got {type(cls_or_type_key)}")
    if order and not eq:
        raise ValueError("order=True requires eq=True")
    structure_kind(structural_eq)
    options = {
        "frozen": frozen,
        "init": init,
        "repr": repr,
        "eq": eq,
        "order": order,
        "unsafe_hash": unsafe_hash,
        "match_args": match_args,
        "kw_only": kw_only,
        "structural_eq": structural_eq,
    }

    def decorate(cls: Any) -> Any:
        return _define(cls, type_key or f"{cls.__module__}.{cls.__qualname__}", options)

    return decorate(cls_or_type_key) if isinstance(cls_or_type_key, type) else decorate


def _define(cls: Any, type_key: str, options: dict[str, Any]) -> Any:
    clear_failed_init(cls)
    definition = Definition(cls, type_key, options)
    try:
        try:
            definition.finish()
        except Unresolved:
            definition.defer()
        cls.__ffi_is_dataclass__ = True
    except BaseException:
        definition.undo()
        raise
    if definition.is_finished:
        finish_pending()
    return cls
