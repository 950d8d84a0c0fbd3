# SPDX-License-Identifier: Apache-2.0
"""Kinds of errors, and the exceptions they become."""

from __future__ import annotations

from typing import Any, TypeVar

from . import _error, _traceback

__all__ = ["register_error"]

_E = TypeVar("_E", bound="type[BaseException]")


def register_error(name_or_cls: str | type | None = None, cls: type | None = None) -> Any:
    """Tie an exception class to a kind of native errors, in both directions.

    The kind is the name of the class unless given:

        @tvm_ffi.register_error
        class ParseError(ValueError): ...

        @tvm_ffi.register_error("parser.ParseError")
        class ParseError(ValueError): ...

        tvm_ffi.register_error("ParseError", ParseError)
    """
    if isinstance(name_or_cls, type):
        return _register(name_or_cls.__name__, name_or_cls)
    if name_or_cls is not None and not isinstance(name_or_cls, str):
        raise TypeError(
            f"Expected the name of an error kind or an exception class, got {name_or_cls!r}"
        )
    name = name_or_cls
    if cls is not None:
        return _register(cls.__name__ if name is None else name, cls)
    return lambda decorated: _register(decorated.__name__ if name is None else name, decorated)


def _register(name: str, cls: _E) -> _E:
    if not (isinstance(cls, type) and issubclass(cls, BaseException)):
        raise TypeError(f"Expected an exception class for errors of kind {name!r}, got {cls!r}")
    _error.register(name, cls)
    return cls


def _parse_backtrace(backtrace: str) -> list[tuple[str, int, str]]:
    """Read backtrace text into ``(file, line, function)``, the most recent call first."""
    return _traceback.parse(backtrace)
