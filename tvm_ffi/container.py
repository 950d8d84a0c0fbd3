# SPDX-License-Identifier: Apache-2.0
"""Containers that native code and Python share: Array, List, Map and Dict.

Array and Map never change. List and Dict do, and everyone who holds one sees it. Reading an element
gives a new wrapper each time, of the same native object.
"""

from __future__ import annotations

from collections.abc import (
    Iterable,
    Iterator,
    Mapping,
    MutableMapping,
    MutableSequence,
    Sequence,
)
from operator import index as as_index
from typing import Any, SupportsIndex, TypeVar, overload

from . import _block, _ffi, _ffi_api, _memory
from ._convert import CallFrame, Cells, Packer, rule, view_unpackers
from ._device import Device
from ._elements import AT_ONCE, SEQUENCE, elements, entries, iterate
from ._ffi import kTVMFFIArray
from ._mapping_views import ItemsView, KeysView, ValuesView
from ._memory import words
from ._object import MISSING, OBJECT_PART, CContainerBase, Object, pack_object, wrap
from ._signature import parts
from ._string import String
from ._tensor import follow_stream_of
from .registry import register_object

__all__ = ["Array", "Dict", "List", "Map"]

T = TypeVar("T")
K = TypeVar("K")
V = TypeVar("V")
D = TypeVar("D")


class _Comparable(CContainerBase, Object):
    """What all containers have in common: comparison by content, and copies."""

    __slots__ = ()

    def __bool__(self) -> bool:
        return len(self) > 0  # type: ignore[arg-type]

    def __ne__(self, other: object) -> bool:
        equal = self.__eq__(other)
        return equal if equal is NotImplemented else not equal

    def __hash__(self) -> int:
        return int(_ffi_api.RecursiveHash(self))

    def __deepcopy__(self, memo: dict[int, Any] | None = None) -> Any:
        return _ffi_api.DeepCopy(self)


# ---- Sequences -----------------------------------------------------------------------------------


class _Sequence(_Comparable, Sequence[T]):
    """What Array and List have in common."""

    __slots__ = ()

    # The element there; IndexError, with a native message, beyond either end.
    def _get(self, position: int) -> T:
        raise NotImplementedError

    def _has(self, value: object) -> bool:
        raise NotImplementedError

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[T]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> T | list[T]:
        if isinstance(index, slice):
            return [self._get(position) for position in range(*index.indices(len(self)))]
        if type(index) is int and 0 <= index < 2**63:
            try:
                return self._get(index)
            except IndexError:
                pass  # said again below, in the words of Python
        return self._get(self._position(index))

    def _position(self, index: SupportsIndex) -> int:
        """Return the position from the front that `index` means."""
        size = len(self)
        try:
            position = as_index(index)
        except TypeError:
            raise TypeError(
                f"indices must be integers or slices, not {type(index).__name__}"
            ) from None
        if not -size <= position < size:
            raise IndexError(f"Index out of range. size: {size}, got index {position}")
        return position + size if position < 0 else position

    def __iter__(self) -> Iterator[T]:
        # What is appended meanwhile is not visited; a List that gets shorter ends the iteration.
        for position in range(len(self)):
            try:
                value = self._get(position)
            except IndexError:
                return
            yield value

    def __contains__(self, value: object) -> bool:
        if self._has(value):
            return True
        # Two containers with equal elements are different objects to the library.
        other = _converted(type(self), value)
        return other is not None and any(element == other for element in self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, _family(self)):
            other = _converted(type(self), other)
            if other is None:
                return NotImplemented
        return bool(_ffi_api.RecursiveEq(self, other))

    __hash__ = _Comparable.__hash__


def _family(value: _Sequence[Any]) -> type:
    return Array if isinstance(value, Array) else List


def _converted(cls: Any, value: object) -> Any:
    """Return a sequence's elements as a `cls`, None for what is no sequence of FFI values."""
    if isinstance(value, (str, bytes, Mapping)) or not isinstance(value, Sequence):
        return None
    try:
        return cls(value)
    except (TypeError, ValueError):
        return None


@register_object("ffi.Array")
class Array(_Sequence[T]):
    """A sequence that never changes, as in `Array([1, 2, 3])`."""

    def __init__(self, input_list: Iterable[T]) -> None:
        self.__init_handle_by_constructor__(_ffi_api.Array, *input_list)

    def __len__(self) -> int:
        if _memory.available and self._index == kTVMFFIArray and self._handle:
            return int(words[(self._handle >> 3) + SEQUENCE + 1])
        return int(_ffi_api.ArraySize(self))

    @overload
    def __getitem__(self, index: SupportsIndex, /) -> T: ...
    @overload
    def __getitem__(self, index: slice, /) -> list[T]: ...
    def __getitem__(self, index: SupportsIndex | slice, /) -> T | list[T]:
        if type(index) is int and _memory.available:
            handle = self._handle
            if handle and self._index == kTVMFFIArray:
                place = (handle >> 3) + SEQUENCE
                size = words[place + 1]
                if -size <= index < size:
                    place = (words[place] >> 3) + 2 * (index if index >= 0 else index + size)
                    element: T = view_unpackers[words[place]](words[place + 1], self._api)
                    return element
        return super().__getitem__(index)

    def __iter__(self) -> Iterator[T]:
        if not (_memory.available and self._index == kTVMFFIArray and self._handle):
            return super().__iter__()
        place = (self._handle >> 3) + SEQUENCE
        address, size = words[place], words[place + 1]
        if size <= AT_ONCE:
            return iter(elements(address, 0, size, self._api))
        return iterate(address, size, self._api, self)

    def _get(self, position: int) -> T:
        element: T = _ffi_api.ArrayGetItem(self, position)
        return element

    def _has(self, value: object) -> bool:
        return bool(_ffi_api.ArrayContains(self, value))

    def __add__(self, other: Iterable[T]) -> Array[T]:
        return type(self)([*self, *other])

    def __radd__(self, other: Iterable[T]) -> Array[T]:
        return type(self)([*other, *self])


@register_object("ffi.List")
class List(_Sequence[T], MutableSequence[T]):
    """A sequence that can change, shared with native code."""

    def __init__(self, input_list: Iterable[T] = ()) -> None:
        self.__init_handle_by_constructor__(_ffi_api.List, *input_list)

    def __len__(self) -> int:
        return int(_ffi_api.ListSize(self))

    def _get(self, position: int) -> T:
        element: T = _ffi_api.ListGetItem(self, position)
        return element

    def _has(self, value: object) -> bool:
        return bool(_ffi_api.ListContains(self, value))

    @overload
    def __setitem__(self, index: SupportsIndex, value: T, /) -> None: ...
    @overload
    def __setitem__(self, index: slice[Any, Any, Any], value: Iterable[T], /) -> None: ...
    def __setitem__(self, index: SupportsIndex | slice[Any, Any, Any], value: Any, /) -> None:
        if not isinstance(index, slice):
            _ffi_api.ListSetItem(self, self._position(index), value)
            return
        values = value if isinstance(value, List) else List(value)
        start, stop, step = index.indices(len(self))
        if step == 1:
            _ffi_api.ListReplaceSlice(self, start, max(start, stop), values)
            return
        positions = range(start, stop, step)
        elements = list(values)
        if len(elements) != len(positions):
            raise ValueError(
                f"attempt to assign sequence of size {len(elements)} "
                f"to extended slice of size {len(positions)}"
            )
        for position, element in zip(positions, elements):
            _ffi_api.ListSetItem(self, position, element)

    def __delitem__(self, index: SupportsIndex | slice[Any, Any, Any], /) -> None:
        if not isinstance(index, slice):
            _ffi_api.ListErase(self, self._position(index))
            return
        positions = range(*index.indices(len(self)))
        if positions.step == 1:
            _ffi_api.ListEraseRange(self, positions.start, max(positions.start, positions.stop))
            return
        for position in sorted(positions, reverse=True):
            _ffi_api.ListErase(self, position)

    def insert(self, index: SupportsIndex, value: T) -> None:
        """Insert before a position; beyond an end it is that end."""
        size = len(self)
        position = as_index(index)
        position = max(position + size, 0) if position < 0 else min(position, size)
        _ffi_api.ListInsert(self, position, value)

    def append(self, value: T) -> None:
        """Add at the end."""
        _ffi_api.ListAppend(self, value)

    def extend(self, values: Iterable[T]) -> None:
        """Add all at the end; nothing is added if one of them cannot be."""
        size = len(self)
        self[size:] = values

    def pop(self, index: SupportsIndex = -1) -> T:
        """Remove and return an element, the last by default."""
        if not len(self):
            raise IndexError("pop from empty list")
        element: T = _ffi_api.ListPop(self, self._position(index))
        return element

    def clear(self) -> None:
        """Remove all elements."""
        _ffi_api.ListClear(self)

    def reverse(self) -> None:
        """Reverse in place."""
        _ffi_api.ListReverse(self)

    def __add__(self, other: Iterable[T]) -> List[T]:
        return type(self)([*self, *other])

    def __radd__(self, other: Iterable[T]) -> List[T]:
        return type(self)([*other, *self])


# ---- Mappings ------------------------------------------------------------------------------------


class _Mapping(_Comparable, Mapping[K, V]):
    """What Map and Dict have in common."""

    __slots__ = ()

    # The value there, or MISSING.
    def _find(self, key: object) -> Any:
        raise NotImplementedError

    # A cursor: called with 0 the key, with 1 the value, with 2 goes on and tells if it could.
    def _cursor(self) -> Any:
        raise NotImplementedError

    def _count(self, key: object) -> int:
        raise NotImplementedError

    def _entries(self) -> Iterator[tuple[K, V]]:
        if not len(self):
            return
        cursor = self._cursor()
        if _block.available:
            yield from entries(cursor, self._api)
            return
        while True:
            key = cursor(0)
            # Through the mapping where it says which tensor class the values are to have.
            yield key, cursor(1) if self._api is None else self[key]
            if not cursor(2):
                return

    def __getitem__(self, key: K) -> V:
        found: V = self._find(key)
        if _is_missing(found) and not self._count(key):  # the sentinel may be a value too
            raise KeyError(key)
        return found

    def get(self, key: Any, default: Any = None) -> Any:
        """Return the value of `key`, or `default` if there is none."""
        found = self._find(key)
        return default if _is_missing(found) else found

    def __contains__(self, key: object) -> bool:
        return self._count(key) != 0

    def __iter__(self) -> Iterator[K]:
        return (key for key, _ in self._entries())

    def keys(self) -> KeysView[K]:
        """Return a view of the keys, in the order in which they were inserted."""
        return KeysView(self)

    def values(self) -> ValuesView[V]:
        """Return a view of the values, in the order of the keys."""
        return ValuesView(self)

    def items(self) -> ItemsView[K, V]:
        """Return a view of the pairs, in the order of the keys."""
        return ItemsView(self)

    def __eq__(self, other: object) -> bool:
        if not isinstance(other, Map if isinstance(self, Map) else Dict):
            return NotImplemented
        return bool(_ffi_api.RecursiveEq(self, other))

    __hash__ = _Comparable.__hash__


_NO_OBJECTS = frozenset({bool, bytes, float, int, str, String})


def _is_missing(value: object) -> bool:
    return isinstance(value, Object) and MISSING.same_as(value)


@register_object("ffi.Map")
class Map(_Mapping[K, V]):
    """A mapping that never changes, as in `Map({"a": 1})`."""

    def __init__(self, input_dict: Mapping[K, V]) -> None:
        self.__init_handle_by_constructor__(_ffi_api.Map, *_flat(input_dict))

    def __len__(self) -> int:
        return int(_ffi_api.MapSize(self))

    def __getitem__(self, key: K) -> V:
        found: V = _ffi_api.MapGetItemOrMissing(self, key)
        # In one frame where no object was found; one may say that there is nothing.
        return found if type(found) in _NO_OBJECTS else super().__getitem__(key)

    def _find(self, key: object) -> Any:
        return _ffi_api.MapGetItemOrMissing(self, key)

    def _count(self, key: object) -> int:
        return int(_ffi_api.MapCount(self, key))

    def _cursor(self) -> Any:
        return _ffi_api.MapForwardIterFunctor(self)


@register_object("ffi.Dict")
class Dict(_Mapping[K, V], MutableMapping[K, V]):
    """A mapping that can change, shared with native code."""

    def __init__(self, input_dict: Mapping[K, V] | None = None) -> None:
        pairs = () if input_dict is None else _flat(input_dict)
        self.__init_handle_by_constructor__(_ffi_api.Dict, *pairs)

    def __len__(self) -> int:
        return int(_ffi_api.DictSize(self))

    def _find(self, key: object) -> Any:
        return _ffi_api.DictGetItemOrMissing(self, key)

    def _count(self, key: object) -> int:
        return int(_ffi_api.DictCount(self, key))

    def _cursor(self) -> Any:
        return _ffi_api.DictForwardIterFunctor(self)

    def _entries(self) -> Iterator[tuple[K, V]]:
        # A change in the middle would leave the cursor behind, so it never outlives this call.
        return iter(list(super()._entries()))

    def __setitem__(self, key: K, value: V) -> None:
        _ffi_api.DictSetItem(self, key, value)

    def __delitem__(self, key: K) -> None:
        if key not in self:
            raise KeyError(key)
        _ffi_api.DictErase(self, key)

    def pop(self, key: K, *default: Any) -> Any:
        """Remove a key and return its value, or `default` if that is given and the key absent."""
        if len(default) > 1:
            raise TypeError(f"pop expected at most 2 arguments, got {1 + len(default)}")
        found = self._find(key)
        if not _is_missing(found):
            _ffi_api.DictErase(self, key)
            return found
        if not default:
            raise KeyError(key)
        return default[0]

    def clear(self) -> None:
        """Remove all entries."""
        _ffi_api.DictClear(self)


def _flat(mapping: Mapping[Any, Any]) -> Iterator[Any]:
    for key, value in mapping.items():
        yield key
        yield value


# ---- As arguments --------------------------------------------------------------------------------


@rule(3)
def _container(cls: type) -> Packer | None:
    return _pack_container if issubclass(cls, CContainerBase) else None


def _pack_container(cells: Cells, value: CContainerBase, frame: CallFrame) -> None:
    pack_object(cells, value, frame)
    api = value._api
    if api is None:
        return
    if frame.api is None:
        frame.set_api(api)
    if frame.device_type == -1:
        place = _device_of_tensors(value)
        if place.dlpack_device_type() != Device._DEVICE_NAME_TO_TYPE["cpu"]:
            follow_stream_of(place.dlpack_device_type(), place.index, api, frame)


# What is inside may ask for a stream or a tensor class: a block cannot say so.
parts[_pack_container] = OBJECT_PART._replace(
    setup=(
        "handle_{x} = {x}._handle",
        "if not handle_{x} or {x}._api is not None: return {by_cells}",
    )
)


def _device_of_tensors(container: CContainerBase) -> Device:
    """Return the device of the first tensor inside that is not on the CPU, else the CPU."""
    _ffi.TVMFFIObjectIncRef(container._handle)
    # Through a wrapper that says nothing about tensors, or this would be asked for it again.
    untagged = wrap(Object, container._index, container._handle)
    place: Device = _ffi_api.ContainerFindFirstNonCPUDevice(untagged)
    return place
