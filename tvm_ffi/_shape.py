# SPDX-License-Identifier: Apache-2.0
"""Shapes: tuples of integers that native code takes as one object."""

from __future__ import annotations

from ctypes import c_int64
from typing import Any, TypeVar

from . import _ffi_api
from ._ffi import TVMFFIShapeCell, kTVMFFIShape
from ._object import CObject, Object, PyNativeObject
from ._scalars import is_integral
from .registry import register_object

_HEADER = 24


@register_object("ffi.Shape")
class Shape(tuple[int, ...], PyNativeObject):
    """A tuple of integers with a native twin, as in `Shape((2, 3))`."""

    _tvm_ffi_cached_object: Object

    def __new__(cls: type[S], content: Any) -> S:
        made = tuple.__new__(cls, content)
        if not all(is_integral(extent) for extent in made):
            raise ValueError("Shape must be a tuple of integers")
        made.__init_cached_object_by_constructor__(_ffi_api.Shape, *made)
        return made

    @staticmethod
    def __from_tvm_ffi_object__(cls: type[S], obj: Object) -> S:
        made = tuple.__new__(cls, _shape_obj_get_py_tuple(obj))
        made._tvm_ffi_cached_object = obj
        return made

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (tuple(self),)


def _shape_obj_get_py_tuple(obj: CObject) -> tuple[int, ...]:
    """Read the extents of a native shape."""
    if not isinstance(obj, CObject) or obj._index != kTVMFFIShape or not obj._handle:
        raise TypeError(f"Expected a native shape, got {obj!r}")
    cell = TVMFFIShapeCell.from_address(obj._handle + _HEADER)
    return tuple((c_int64 * cell.size).from_address(cell.data)) if cell.size else ()


# Not above with a name in quotes, which takes Python 3.14 longer to import than this module.
S = TypeVar("S", bound=Shape)
