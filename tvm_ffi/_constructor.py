# SPDX-License-Identifier: Apache-2.0
"""Constructors of registered classes, made from what their types say about fields."""

from __future__ import annotations

import functools
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, Any, Callable

from . import _host
from ._members import install_ffi_init, packed_keywords
from ._object import MISSING, Object
from ._type_attr import lookup_type_attr

if TYPE_CHECKING:
    from inspect import Signature

    from ._field import TypeField
    from ._type_info import TypeInfo


def install_init(cls: Any, info: TypeInfo, generate: bool) -> None:
    """Give a registered class its constructor, unless it defines one.

    It is made from the type's native constructor. Without one the class of an object cannot be
    constructed, and says so.
    """
    constructor = native_constructor(info)
    if constructor is not None:
        install_ffi_init(cls, info, constructor)
    if not generate or "__init__" in cls.__dict__:
        return
    if constructor is not None:
        cls.__init__ = make_init(cls, info, constructor)
    elif issubclass(cls, Object):
        cls.__init__ = make_init_guard(cls)


def native_constructor(info: TypeInfo) -> Any:
    """Return the function that makes objects of a type, or None."""
    method = info.method("__ffi_init__")
    if method is not None:
        return method.func
    return lookup_type_attr(info.type_index, "__ffi_init__")


def lineage(info: TypeInfo) -> list[TypeField]:
    """Return all fields of a type, those of its ancestors first."""
    parent = info.parent_type_info
    inherited = lineage(parent) if parent is not None else []
    return inherited + list(info.fields or ())


def in_parameter_order(fields: list[TypeField]) -> tuple[list[TypeField], list[TypeField]]:
    """Return the positional and the keyword-only fields of a constructor, defaults last."""
    taken = sorted((f for f in fields if f.c_init), key=lambda field: field.c_has_default)
    return [f for f in taken if not f.c_kw_only], [f for f in taken if f.c_kw_only]


def signature_of_fields(fields: list[TypeField]) -> Signature:
    """Return the signature of a generated constructor of an object with all these fields."""
    # Imported here, as in all of this package: it costs more than half of the rest.
    from inspect import Parameter, Signature

    parameters = [Parameter("self", Parameter.POSITIONAL_OR_KEYWORD)]
    kinds = (Parameter.POSITIONAL_OR_KEYWORD, Parameter.KEYWORD_ONLY)
    for kind, group in zip(kinds, in_parameter_order(fields)):
        for field in group:
            default = MISSING if field.c_has_default else Parameter.empty
            parameters.append(Parameter(field.name, kind, default=default))
    return Signature(parameters)


def make_init(cls: Any, info: TypeInfo, constructor: Any, *, is_py_class: bool = False) -> Any:
    """Make the ``__init__`` that passes its arguments to the native constructor.

    Called for an object that exists already, as by ``super().__init__()`` in a child whose own
    constructor allocated it, the one of a `py_class` does nothing. A native class cannot tell.
    """
    has_post_init = hasattr(cls, "__post_init__")
    init_properties = _init_properties(cls)
    normalize = _argument_normalizer(info)
    is_plain = not (is_py_class or has_post_init or init_properties or normalize)
    is_plain = not (is_py_class or has_post_init or init_properties or normalize)

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if is_plain and not kwargs and type(self) is cls:
            self.__init_handle_by_constructor__(constructor, *args)
            return
        if is_py_class:
            if self._handle:
                return
        elif getattr(type(self), "__tvm_ffi_type_info__", info) is not info:
            _refuse_super_init(cls, type(self))
        if is_plain and not kwargs:
            self.__init_handle_by_constructor__(constructor, *args)
            return
        given = {name: value for name, value in kwargs.items() if value is not MISSING}
        if normalize is not None:
            args, given = normalize(args, given)
        self.__init_handle_by_constructor__(constructor, *args, *packed_keywords(given))
        for name, compute in init_properties.items():
            getattr(type(self), name).set(self, compute(self))
        if has_post_init:
            self.__post_init__()

    signature = signature_of_fields(lineage(info))
    made = described(__init__, cls, "__init__", signature)
    if is_plain:
        made = described(_host.initializer(cls, constructor, made), cls, "__init__", signature)
    return made


def _init_properties(cls: type) -> dict[str, Callable[[Any], Any]]:
    """Return the functions of all init properties, those of base classes first."""
    found: dict[str, Callable[[Any], Any]] = {}
    for base in reversed(cls.__mro__):
        found.update(base.__dict__.get("__ffi_init_property_funcs__", {}))
    return found


def _argument_normalizer(info: TypeInfo) -> Any:
    """Return what turns payloads among constructor arguments into the enum members they mean."""
    by_name = {field.name: field for field in lineage(info) if field.takes_payload}
    if not by_name:
        return None
    positional = [by_name.get(field.name) for field in in_parameter_order(lineage(info))[0]]

    def normalize(args: tuple[Any, ...], given: dict[str, Any]) -> tuple[Any, Any]:
        known = [
            value if field is None else field.normalize_value(value)
            for value, field in zip(args, positional)
        ]
        for name in by_name.keys() & given.keys():
            given[name] = by_name[name].normalize_value(given[name])
        return (*known, *args[len(known) :]), given

    return normalize


def _refuse_super_init(cls: type, child: type) -> None:
    raise TypeError(
        f"Calling `super().__init__()` is not supported for @c_class `{cls.__name__}`. "
        f"Use @py_class for inheritance with manual __init__, or define `{child.__name__}` with "
        "init=True."
    )


def make_init_guard(cls: Any) -> Any:
    """Make the ``__init__`` of a class that native code alone constructs."""

    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        raise TypeError(
            f"`{type(self).__name__}` cannot be constructed directly. Define a custom __init__ or "
            "use a factory method."
        )

    return described(__init__, cls, "__init__")


def wrap_init(cls: Any, info: TypeInfo, init: Callable[..., Any]) -> Any:
    """Let a constructor written in Python find an object whose fields are all zero or None."""
    allocate = lookup_type_attr(info.type_index, "__ffi_new__")

    @functools.wraps(init)
    def __init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if not self._handle:
            made = type(self).__tvm_ffi_type_info__
            new = allocate if made is info else lookup_type_attr(made.type_index, "__ffi_new__")
            self.__init_handle_by_constructor__(new)
        init(self, *args, **kwargs)

    return __init__


def described(function: Any, cls: type, name: str, signature: Signature | None = None) -> Any:
    """Make a generated function look as if it had been written in the class."""
    function.__name__ = name
    function.__qualname__ = f"{cls.__qualname__}.{name}"
    function.__module__ = cls.__module__
    if signature is not None:
        function.__signature__ = signature
    return function


def make_constructor(
    cls: Any,
    *,
    positional_fields: Sequence[str] | None = None,
    field_normalizers: Mapping[str, Callable[[Any], Any]] | None = None,
) -> Callable[..., Any]:
    """Make a function that makes instances with nothing but the native constructor.

    No ``__init__`` of the class runs, no ``__post_init__`` and no init property. Parameters are all
    fields, inherited ones first; with `positional_fields` those come first, in that order, and the
    others are keyword-only. `field_normalizers` are applied to the values given for the fields they
    are named after.
    """
    from inspect import Parameter, Signature

    fields = {field.name: field for field in lineage(cls.__tvm_ffi_type_info__)}
    names = list(fields) if positional_fields is None else list(positional_fields)
    unknown = [name for name in names if name not in fields]
    if unknown:
        raise ValueError(f"{cls.__name__} has no field(s) {', '.join(unknown)}")
    normalizers = dict(field_normalizers or {})
    parameters = [
        Parameter(name, Parameter.POSITIONAL_OR_KEYWORD, default=_default_of(fields[name]))
        for name in names
    ] + [
        Parameter(name, Parameter.KEYWORD_ONLY, default=_default_of(field))
        for name, field in fields.items()
        if name not in names
    ]
    signature = Signature(parameters)

    def construct(*args: Any, **kwargs: Any) -> Any:
        bound = signature.bind(*args, **kwargs)
        bound.apply_defaults()
        given = {}
        for name, value in bound.arguments.items():
            if value is MISSING:
                continue
            value = fields[name].normalize_value(value)
            given[name] = normalizers[name](value) if name in normalizers else value
        made = Object.__new__(cls)
        made.__ffi_init__(**given)
        return made

    construct.__name__ = cls.__name__
    construct.__qualname__ = cls.__qualname__
    construct.__module__ = cls.__module__
    construct.__signature__ = signature  # type: ignore[attr-defined]
    return construct


def _default_of(field: TypeField) -> Any:
    return field.c_default if field.c_has_default else MISSING
