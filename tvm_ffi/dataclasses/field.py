# SPDX-License-Identifier: Apache-2.0
"""How fields are described: `Field`, and `field` and `init_property` for use in class bodies."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from typing_extensions import Format, get_annotations

from .._object import MISSING

if sys.version_info >= (3, 10):
    from dataclasses import KW_ONLY as KW_ONLY
else:

    class KW_ONLY:
        """Annotation after which fields are keyword-only: ``_: KW_ONLY``."""


# Spellings of release 0.1.14, which mean the same as the new words.
_FORMER_STRUCTURAL_EQ = {"def-recursive": "def-pattern", "def-non-recursive": "def-simple"}
_STRUCTURAL_EQ = (None, "ignore", "def", "def-pattern", "def-simple")


def unconverted(value: Any) -> Any:
    """Return the value: what type checkers take for the converter of every field.

    It tells them that a field takes other types than it gives, such as a list where an `Array` is
    declared. It is never called: fields are converted natively.
    """
    return value


class Field:
    """What is known about one field of a dataclass.

    `fields` gives those of a class. `type` is the resolved annotation, or None; `metadata` and
    `extra_kwargs` belong to whoever wrote them and are the field's own dictionaries.
    """

    __slots__ = (
        "_ty_schema",
        "compare",
        "converter",
        "default",
        "default_factory",
        "doc",
        "extra_kwargs",
        "frozen",
        "hash",
        "init",
        "kw_only",
        "metadata",
        "name",
        "repr",
        "structural_eq",
        "type",
    )

    def __init__(
        self,
        name: str | None = None,
        _ty_schema: Any = None,
        *,
        default: Any = MISSING,
        default_factory: Any = MISSING,
        frozen: bool = False,
        init: bool = True,
        repr: bool = True,
        hash: bool | None = True,
        compare: bool = False,
        kw_only: bool | None = False,
        metadata: Mapping[Any, Any] | None = None,
        structural_eq: str | None = None,
        doc: str | None = None,
        converter: Callable[[Any], Any] = unconverted,
        **extra_kwargs: Any,
    ) -> None:
        if default_factory is not MISSING:
            if default is not MISSING:
                raise ValueError("cannot specify both default and default_factory")
            if not callable(default_factory):
                raise TypeError(
                    f"default_factory must be a callable, got {type(default_factory).__name__}"
                )
        if isinstance(structural_eq, str):
            structural_eq = _FORMER_STRUCTURAL_EQ.get(structural_eq, structural_eq)
        if structural_eq not in _STRUCTURAL_EQ:
            raise ValueError(
                f"structural_eq must be one of {list(_STRUCTURAL_EQ)}, got {structural_eq!r}"
            )
        self.name = name
        self._ty_schema = _ty_schema
        self.type: Any = None
        self.default = default
        self.default_factory = default_factory
        self.frozen = frozen
        self.init = init
        self.repr = repr
        self.hash = hash
        self.compare = compare
        self.kw_only = kw_only
        self.metadata: dict[Any, Any] = dict(metadata) if metadata is not None else {}
        self.structural_eq = structural_eq
        self.doc = doc
        self.converter = converter
        self.extra_kwargs = extra_kwargs

    def __copy__(self) -> Field:
        copied = type(self).__new__(type(self))
        state: Any = object.__reduce_ex__(self, 2)
        attributes, slots = state[2]
        for name, value in {**(attributes or {}), **slots}.items():
            setattr(copied, name, value)
        copied.metadata = dict(self.metadata)
        copied.extra_kwargs = dict(self.extra_kwargs)
        return copied

    def __repr__(self) -> str:
        shown = [f"name={self.name!r}", f"type={self.type!r}"]
        if self.default is not MISSING:
            shown.append(f"default={self.default!r}")
        if self.default_factory is not MISSING:
            shown.append(f"default_factory={self.default_factory!r}")
        for option in ("frozen", "init", "repr", "hash", "compare", "kw_only", "structural_eq"):
            shown.append(f"{option}={getattr(self, option)!r}")
        return f"{type(self).__name__}({', '.join(shown)})"


def field(
    *,
    default: Any = MISSING,
    default_factory: Any = MISSING,
    frozen: bool = False,
    init: bool = True,
    repr: bool = True,
    hash: bool | None = None,
    compare: bool = True,
    kw_only: bool | None = None,
    metadata: Mapping[Any, Any] | None = None,
    structural_eq: str | None = None,
    doc: str | None = None,
    converter: Callable[[Any], Any] = unconverted,
    **extra_kwargs: Any,
) -> Any:
    """Say more about a field of a `py_class` than its annotation does.

    For example::

        @py_class
        class Point(Object):
            x: int
            tags: list[str] = field(default_factory=list, compare=False)

    `default_factory` is called anew for each object. `frozen` refuses assignments; `init`, `repr`,
    `hash` and `compare` leave the field out where False; `hash=None` means as `compare` says, and
    `kw_only=None` as the class does. `structural_eq` is None, "ignore", "def-pattern" (or "def") or
    "def-simple", see `tvm_ffi.structural`. Any other keyword is left to the hooks of the class: one
    that no hook has taken is an error when the class is decorated.
    """
    return Field(
        default=default,
        default_factory=default_factory,
        frozen=frozen,
        init=init,
        repr=repr,
        hash=hash,
        compare=compare,
        kw_only=kw_only,
        metadata=metadata,
        structural_eq=structural_eq,
        doc=doc,
        converter=converter,
        **extra_kwargs,
    )


# ---- Computed fields -----------------------------------------------------------------------------

_T = TypeVar("_T")


class init_property(Generic[_T]):
    """Make a method of one argument a field, computed once from the others.

    For example::

        @py_class
        class Square(Object):
            side: float

            @init_property
            def area(self) -> float:
                return self.side**2

    The value is computed when the object has been constructed, before ``__post_init__``, those of
    parents first; from then on it is a field like any other, of the type the method returns (or any
    without annotation). It is no parameter of the constructor, and takes no part in repr,
    comparison and hash. A child may define it anew.
    """

    if TYPE_CHECKING:  # in its place the class gets the property of a field

        def __get__(self, obj: object, owner: type | None = None) -> _T: ...
        def __set__(self, obj: object, value: _T) -> None: ...

    def __init__(self, func: Callable[[Any], _T]) -> None:
        if not callable(func):
            raise TypeError(f"init_property: expected a callable, got {type(func).__name__}")
        self.function = func
        self.__doc__ = getattr(func, "__doc__", None)

    def __set_name__(self, owner: type, name: str) -> None:
        _annotate(owner, name, self.function)

    def as_field(self) -> Field:
        """Describe the field."""
        return Field(
            init=False,
            structural_eq="ignore",
            repr=False,
            hash=False,
            compare=False,
            kw_only=False,
            doc=self.__doc__,
        )


def _annotate(owner: Any, name: str, function: Any) -> None:
    """Annotate an attribute as what a function returns, without resolving anything."""
    if sys.version_info < (3, 14) or "__annotations__" in owner.__dict__:
        if "__annotations__" not in owner.__dict__:
            owner.__annotations__ = {}
        declared = get_annotations(function, format=Format.FORWARDREF)
        owner.__annotations__[name] = declared.get("return", Any)
        return
    import annotationlib  # type: ignore[import-not-found, unused-ignore]

    others = owner.__annotate__

    def annotate(format: int, /) -> dict[str, Any]:
        if format == annotationlib.Format.VALUE_WITH_FAKE_GLOBALS:
            raise NotImplementedError
        found = annotationlib.call_annotate_function(others, format, owner=owner) if others else {}
        declared = annotationlib.get_annotations(function, format=format)
        anything = "typing.Any" if format == annotationlib.Format.STRING else Any
        return {**found, name: declared.get("return", anything)}

    owner.__annotate__ = annotate
