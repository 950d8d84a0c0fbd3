# SPDX-License-Identifier: Apache-2.0
"""Methods generated for dataclasses."""

from __future__ import annotations

from typing import Any

from . import _ffi_api
from ._constructor import (
    described,
    lineage,
    make_constructor,
    make_init,
    make_init_guard,
    native_constructor,
    wrap_init,
)
from ._members import install_ffi_init
from ._object import CObject, object_repr
from ._type_attr import lookup_type_attr

# The name under which other projects know it.
_make_constructor = make_constructor


def _install_dataclass_dunders(
    cls: Any,
    *,
    init: bool,
    repr: bool,
    eq: bool,
    order: bool,
    unsafe_hash: bool,
    match_args: bool = True,
    py_class_mode: bool = False,
) -> None:
    """Give a dataclass its generated methods; what the class body defines stays.

    The type must be registered, with its fields. With `py_class_mode` a constructor that the body
    defines finds an allocated object.
    """
    body = dict(cls.__dict__)
    methods: dict[str, Any] = {
        "__copy__": _make_copy(cls),
        **_generated("__deepcopy__", "__replace__"),
    }
    if repr:
        methods["__repr__"] = object_repr
    if eq and not body.keys() & {"__eq__", "__ne__"}:
        methods.update(_generated("__eq__", "__ne__"))
    if order and not body.keys() & {"__lt__", "__le__", "__gt__", "__ge__"}:
        methods.update(_generated("__lt__", "__le__", "__gt__", "__ge__"))
    # A class that defines equality alone has None there.
    if unsafe_hash and body.get("__hash__") is None:
        body.pop("__hash__", None)
        methods["__hash__"] = _Generated.__hash__
    if match_args:
        methods["__match_args__"] = tuple(
            field.name
            for field in lineage(cls.__tvm_ffi_type_info__)
            if field.c_init and not field.c_kw_only
        )
    for name, method in methods.items():
        if name not in body:
            setattr(cls, name, method)
    # The last, as other threads may be waiting for it.
    _install_constructor(cls, _own_init(body), init, py_class_mode)


def _own_init(body: dict[str, Any]) -> Any:
    """Return the constructor a class body defines; one that defers the definition is not it."""
    init: Any = body.get("__init__")
    return init.__wrapped__ if "__ffi_py_class_is_deferred_init__" in body else init


def _install_constructor(cls: Any, own: Any, generate: bool, py_class_mode: bool) -> None:
    info = cls.__tvm_ffi_type_info__
    constructor = native_constructor(info)
    if constructor is not None:
        install_ffi_init(cls, info, constructor)
    if own is not None:
        if py_class_mode:
            cls.__init__ = wrap_init(cls, info, own)
    elif generate and constructor is not None:
        cls.__init__ = make_init(cls, info, constructor, is_py_class=py_class_mode)
    elif issubclass(cls, CObject) and not (generate and _has_init(cls)):
        cls.__init__ = make_init_guard(cls)


def _has_init(cls: type) -> bool:
    return any(_own_init(dict(base.__dict__)) is not None for base in cls.__mro__[:-1])


def _make_copy(cls: Any) -> Any:
    shallow_copy = lookup_type_attr(cls.__tvm_ffi_type_info__.type_index, "__ffi_shallow_copy__")

    def __copy__(self: Any) -> Any:
        if shallow_copy is None:
            raise TypeError(
                f"Type `{type(self).__name__}` does not support copy. The underlying C++ type is "
                "not copy-constructible."
            )
        copied = self.__new__(type(self))
        copied.__init_handle_by_constructor__(shallow_copy, self)
        return copied

    return described(__copy__, cls, "__copy__")


class _Generated:
    """Methods that are the same in every dataclass."""

    def __eq__(self, other: object) -> Any:
        return _ffi_api.RecursiveEq(self, other) if _is_akin(self, other) else NotImplemented

    def __ne__(self, other: object) -> Any:
        return not _ffi_api.RecursiveEq(self, other) if _is_akin(self, other) else NotImplemented

    def __lt__(self, other: Any) -> Any:
        return _ffi_api.RecursiveLt(self, other) if _is_akin(self, other) else NotImplemented

    def __le__(self, other: Any) -> Any:
        return _ffi_api.RecursiveLe(self, other) if _is_akin(self, other) else NotImplemented

    def __gt__(self, other: Any) -> Any:
        return _ffi_api.RecursiveGt(self, other) if _is_akin(self, other) else NotImplemented

    def __ge__(self, other: Any) -> Any:
        return _ffi_api.RecursiveGe(self, other) if _is_akin(self, other) else NotImplemented

    def __hash__(self) -> int:
        return int(_ffi_api.RecursiveHash(self))

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Any:
        return _ffi_api.DeepCopy(self)

    def __replace__(self: Any, /, **changes: Any) -> Any:
        """Return a copy with some fields changed, read-only ones too."""
        copied = self.__copy__()
        for name, value in changes.items():
            getattr(type(self), name).set(copied, value)
        return copied


def _is_akin(one: object, other: object) -> bool:
    """Tell whether the class of one object derives from that of the other."""
    return isinstance(other, type(one)) or (
        isinstance(other, CObject) and isinstance(one, type(other))
    )


def _generated(*names: str) -> dict[str, Any]:
    return {name: getattr(_Generated, name) for name in names}
