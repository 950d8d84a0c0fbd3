# SPDX-License-Identifier: Apache-2.0
"""Where inside a value something is: the steps from the root, as in ``<root>.body[0]["k"]``."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING, Any

from ._object import Object
from .registry import register_object

if TYPE_CHECKING:
    from collections.abc import Sequence

__all__ = ["AccessKind", "AccessPath", "AccessStep"]


class AccessKind(IntEnum):
    """What a step goes through. The missing kinds name what one of two compared values lacks."""

    ATTR = 0
    ARRAY_ITEM = 1
    MAP_ITEM = 2
    ATTR_MISSING = 3
    ARRAY_ITEM_MISSING = 4
    MAP_ITEM_MISSING = 5


@register_object("ffi.reflection.AccessStep")
class AccessStep(Object):
    """One step: its `kind`, and as `key` a field's name, a position or a map's key."""

    if TYPE_CHECKING:

        @property
        def kind(self) -> int:
            """The `AccessKind`, as a plain integer."""

        @property
        def key(self) -> Any:
            """What is accessed."""


@register_object("ffi.reflection.AccessPath")
class AccessPath(Object):
    """A path, made from `root` by adding steps; each addition gives a new path.

    Paths are equal if their steps are. They hash by identity.
    """

    if TYPE_CHECKING:

        @property
        def parent(self) -> AccessPath | None:
            """The path without its last step; None for the root."""

        @property
        def step(self) -> AccessStep | None:
            """The last step; None for the root."""

        @property
        def depth(self) -> int:
            """The number of steps."""

        # The native methods behind those below.
        @staticmethod
        def _root() -> AccessPath: ...

        _attr: Any
        _attr_missing: Any
        _array_item: Any
        _array_item_missing: Any
        _map_item: Any
        _map_item_missing: Any
        _is_prefix_of: Any
        _to_steps: Any
        _path_equal: Any

    def __init__(self) -> None:
        raise ValueError(
            "AccessPath can't be initialized directly. Use AccessPath.root() to create a path to "
            "the root object"
        )

    @staticmethod
    def root() -> AccessPath:
        """Return the path of no steps."""
        return AccessPath._root()

    def __eq__(self, other: object) -> bool:
        return isinstance(other, AccessPath) and bool(self._path_equal(other))

    def __ne__(self, other: object) -> bool:
        return not self == other

    __hash__ = Object.__hash__

    def is_prefix_of(self, other: AccessPath) -> bool:
        """Tell whether `other` starts with the steps of this path."""
        return bool(self._is_prefix_of(other))

    def attr(self, attr_key: str) -> AccessPath:
        """Go on to a field."""
        path: AccessPath = self._attr(attr_key)
        return path

    def attr_missing(self, attr_key: str) -> AccessPath:
        """Go on to a field that is not there."""
        path: AccessPath = self._attr_missing(attr_key)
        return path

    def array_item(self, index: int) -> AccessPath:
        """Go on to an element of a sequence."""
        path: AccessPath = self._array_item(index)
        return path

    def array_item_missing(self, index: int) -> AccessPath:
        """Go on to an element of a sequence that is too short for it."""
        path: AccessPath = self._array_item_missing(index)
        return path

    def map_item(self, key: Any) -> AccessPath:
        """Go on to the value of a key."""
        path: AccessPath = self._map_item(key)
        return path

    def map_item_missing(self, key: Any) -> AccessPath:
        """Go on to the value of a key that is not there."""
        path: AccessPath = self._map_item_missing(key)
        return path

    def to_steps(self) -> Sequence[AccessStep]:
        """List the steps from the root on."""
        steps: Sequence[AccessStep] = self._to_steps()
        return steps
