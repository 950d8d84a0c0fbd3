# SPDX-License-Identifier: Apache-2.0
"""Undoing a class definition that failed half way, so that it can be tried again."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from .._type_info import withdraw_class

# Made by the interpreter, and not to be assigned.
_NOT_OURS = frozenset({"__dict__", "__weakref__"})


@contextmanager
def undone_on_failure(cls: Any) -> Iterator[None]:
    """If the body raises, give `cls` its attributes back and let it stand for no type."""
    before = dict(cls.__dict__)
    try:
        yield
    except BaseException:
        withdraw_class(cls)
        restore_attributes(cls, before)
        raise


def restore_attributes(cls: Any, before: dict[str, Any]) -> None:
    """Make the attributes of a class those it had `before`."""
    for name, value in dict(cls.__dict__).items():
        if name not in before and name not in _NOT_OURS:
            delattr(cls, name)
        elif name in before and value is not before[name]:
            setattr(cls, name, before[name])
    for name in before.keys() - cls.__dict__.keys():
        setattr(cls, name, before[name])
