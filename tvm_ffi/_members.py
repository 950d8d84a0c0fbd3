# SPDX-License-Identifier: Apache-2.0
"""What a class gets from the type it stands for: properties, methods, ``__ffi_init__``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, Callable

from . import _block_call, _host, _trace
from ._function import Function
from ._object import KWARGS

if TYPE_CHECKING:
    from ._type_info import TypeInfo, TypeMethod


def install_members(cls: Any, info: TypeInfo) -> None:
    """Give a class its type's own fields and methods; what the class defines itself stays."""
    for field in info.fields or ():
        if field.name not in cls.__dict__:
            setattr(cls, field.name, field.as_property())
    for method in info.methods:
        if method.name == "__ffi_init__":
            install_ffi_init(cls, info, method.func)
        elif not hasattr(cls, method.name):
            setattr(cls, method.name, _python_method(cls, method))


def _python_method(cls: type, method: TypeMethod) -> Any:
    func = method.func
    if _host.active and _host.is_function(func):
        made = _described(_host.face_of(func, not method.is_static), cls, method.name, method.doc)
        return staticmethod(made) if method.is_static else made
    if type(func) is Function and _block_call.is_used and not _trace.enabled:
        return _flat_method(cls, method)
    if method.is_static:

        def static(*args: Any) -> Any:
            return func(*args)

        return staticmethod(_described(static, cls, method.name, method.doc))

    def bound(self: Any, *args: Any) -> Any:
        return func(self, *args)

    return _described(bound, cls, method.name, method.doc)


def _flat_method(cls: type, method: TypeMethod) -> Any:
    """Make a method that calls as `Function.__call__` does, without going through it."""
    func, call, absent = method.func, _block_call.call_by_block, _block_call.ABSENT
    if method.is_static:

        def static(
            a: Any = absent, b: Any = absent, c: Any = absent, d: Any = absent, /, *more: Any
        ) -> Any:
            return func(a, b, c, d, *more) if more else call(func, a, b, c, d)

        return staticmethod(_described(static, cls, method.name, method.doc))

    def bound(self: Any, a: Any = absent, b: Any = absent, c: Any = absent, /, *more: Any) -> Any:
        return func(self, a, b, c, *more) if more else call(func, self, a, b, c)

    return _described(bound, cls, method.name, method.doc)


def _described(function: Any, cls: type, name: str, doc: str | None) -> Callable[..., Any]:
    function.__name__ = name
    function.__qualname__ = f"{cls.__qualname__}.{name}"
    function.__module__ = cls.__module__
    function.__doc__ = doc
    described: Callable[..., Any] = function
    return described


def install_ffi_init(cls: Any, info: TypeInfo, constructor: Any) -> None:
    """Give a class the method with which its own ``__init__`` makes the native object."""
    if "__ffi_init__" in cls.__dict__:
        return

    def __ffi_init__(self: Any, /, *args: Any, **kwargs: Any) -> None:
        if getattr(type(self), "__tvm_ffi_type_info__", info) is not info:
            name = type(self).__name__
            raise TypeError(
                f"Calling `{cls.__name__}.__ffi_init__()` on a `{name}` instance is not supported. "
                f"Define `{name}` with init=True."
            )
        self.__init_handle_by_constructor__(constructor, *args, *packed_keywords(kwargs))

    cls.__ffi_init__ = _described(__ffi_init__, cls, "__ffi_init__", None)


def packed_keywords(kwargs: dict[str, Any]) -> list[Any]:
    """Write keyword arguments as native constructors take them: a marker, then names and values."""
    if not kwargs:
        return []
    return [KWARGS, *(part for item in kwargs.items() for part in item)]
