# SPDX-License-Identifier: Apache-2.0
"""Methods generated for registered classes: today the constructor."""

from __future__ import annotations

from inspect import Parameter, Signature
from typing import TYPE_CHECKING, Any

from ._members import install_ffi_init, packed_keywords
from ._object import MISSING, Object
from ._type_attr import lookup_type_attr

if TYPE_CHECKING:
    from ._field import TypeField
    from ._type_info import TypeInfo


def install_init(cls: Any, info: TypeInfo, generate: bool) -> None:
    """Give a class its constructor, unless it defines one.

    It is made from the type's native constructor. Without one, or if not asked for, the class of an
    object cannot be constructed, and says so.
    """
    method = info.method("__ffi_init__")
    constructor = method.func if method is not None else None
    if constructor is None:
        constructor = lookup_type_attr(info.type_index, "__ffi_init__")
    if constructor is not None:
        install_ffi_init(cls, info, constructor)
    if not generate or "__init__" in cls.__dict__:
        return
    if constructor is not None:
        cls.__init__ = _make_init(cls, info, constructor)
    elif issubclass(cls, Object):
        cls.__init__ = _make_init_guard(cls)


def _make_init(cls: Any, info: TypeInfo, constructor: Any) -> Any:
    has_post_init = hasattr(cls, "__post_init__")

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if getattr(type(self), "__tvm_ffi_type_info__", info) is not info:
            name = type(self).__name__
            raise TypeError(
                f"Calling `super().__init__()` is not supported for @c_class `{cls.__name__}`. "
                f"Use @py_class for inheritance with manual __init__, or define `{name}` with "
                "init=True."
            )
        given = {name: value for name, value in kwargs.items() if value is not MISSING}
        self.__init_handle_by_constructor__(constructor, *args, *packed_keywords(given))
        if has_post_init:
            self.__post_init__()

    return _described(__init__, cls, signature_of_fields(info))


def _make_init_guard(cls: Any) -> Any:
    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        raise TypeError(
            f"`{type(self).__name__}` cannot be constructed directly. Define a custom __init__ or "
            "use a factory method."
        )

    return _described(__init__, cls, None)


def _described(function: Any, cls: type, signature: Signature | None) -> Any:
    function.__qualname__ = f"{cls.__qualname__}.__init__"
    function.__module__ = cls.__module__
    if signature is not None:
        function.__signature__ = signature
    return function


def signature_of_fields(info: TypeInfo) -> Signature:
    """Return the signature of a generated constructor: inherited fields first, defaults last."""
    fields = [field for field in lineage(info) if field.c_init]
    positional = [field for field in fields if not field.c_kw_only]
    keyword = [field for field in fields if field.c_kw_only]
    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    for group, kind in (
        (positional, Parameter.POSITIONAL_OR_KEYWORD),
        (keyword, Parameter.KEYWORD_ONLY),
    ):
        for has_default in (False, True):
            default = MISSING if has_default else Parameter.empty
            parameters += [
                Parameter(field.name, kind, default=default)
                for field in group
                if field.c_has_default is has_default
            ]
    return Signature(parameters)


def lineage(info: TypeInfo) -> list[TypeField]:
    """Return all fields of a type, those of its ancestors first."""
    parent = info.parent_type_info
    inherited = lineage(parent) if parent is not None else []
    return inherited + list(info.fields or ())
