# SPDX-License-Identifier: Apache-2.0
"""What ``keys()``, ``values()`` and ``items()`` of a Map or Dict give."""

from __future__ import annotations

from collections.abc import ItemsView as ItemsViewBase
from collections.abc import Iterator
from collections.abc import KeysView as KeysViewBase
from collections.abc import ValuesView as ValuesViewBase
from typing import Any, TypeVar

K = TypeVar("K")
V = TypeVar("V")

_NOTHING: Any = object()


class KeysView(KeysViewBase[K]):
    """The keys of a Map or Dict, as they are when asked."""

    _mapping: Any


class ValuesView(ValuesViewBase[V]):
    """The values of a Map or Dict, as they are when asked."""

    _mapping: Any

    def __iter__(self) -> Iterator[V]:
        return (value for _, value in self._mapping._entries())

    def __contains__(self, value: object) -> bool:
        return any(element is value or element == value for element in self)


class ItemsView(ItemsViewBase[K, V]):
    """The pairs of a Map or Dict, as they are when asked."""

    _mapping: Any

    def __iter__(self) -> Iterator[tuple[K, V]]:
        entries: Iterator[tuple[K, V]] = self._mapping._entries()
        return entries

    def __contains__(self, item: object) -> bool:
        if not isinstance(item, tuple) or len(item) != 2:
            return False
        found = self._mapping.get(item[0], _NOTHING)
        return found is not _NOTHING and bool(found is item[1] or found == item[1])
