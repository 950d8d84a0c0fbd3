# SPDX-License-Identifier: Apache-2.0
"""Fields computed once, when an object is constructed."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any, Callable, Generic, TypeVar

from typing_extensions import Format, get_annotations

from .field import Field

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

    def __init__(self, function: Callable[[Any], _T]) -> None:
        if not callable(function):
            raise TypeError(f"init_property: expected a callable, got {type(function).__name__}")
        self.function = function
        self.__doc__ = getattr(function, "__doc__", None)

    def __set_name__(self, owner: type, name: str) -> None:
        declared = get_annotations(self.function, format=Format.FORWARDREF)
        _annotate(owner, name, declared.get("return", Any))

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


def _annotate(owner: Any, name: str, annotation: Any) -> None:
    """Add an annotation to a class, without resolving those it has."""
    if sys.version_info < (3, 14) or "__annotations__" in owner.__dict__:
        if "__annotations__" not in owner.__dict__:
            owner.__annotations__ = {}
        owner.__annotations__[name] = annotation
        return
    import annotationlib  # type: ignore[import-not-found, unused-ignore]

    declared = owner.__annotate__

    def annotate(format: int, /) -> dict[str, Any]:
        if format == annotationlib.Format.VALUE_WITH_FAKE_GLOBALS:
            raise NotImplementedError
        found = (
            annotationlib.call_annotate_function(declared, format, owner=owner) if declared else {}
        )
        is_text = format == annotationlib.Format.STRING
        return {**found, name: annotationlib.type_repr(annotation) if is_text else annotation}

    owner.__annotate__ = annotate
