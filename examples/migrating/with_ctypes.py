# SPDX-License-Identifier: Apache-2.0
"""The Python half of the ctypes version."""

import ctypes
from ctypes import c_double, c_int64, c_void_p
from typing import Any, Callable

import numpy

Callback = ctypes.CFUNCTYPE(c_int64, c_int64)


def bind(path: str) -> Any:
    """Load the library and say what ctypes cannot know."""
    lib = ctypes.CDLL(path)
    lib.counter_new.argtypes, lib.counter_new.restype = [c_int64], c_void_p
    lib.counter_delete.argtypes, lib.counter_delete.restype = [c_void_p], None
    lib.counter_add.argtypes, lib.counter_add.restype = [c_void_p, c_int64], c_int64
    lib.counter_value.argtypes, lib.counter_value.restype = [c_void_p], c_int64
    lib.scale.argtypes, lib.scale.restype = [c_void_p, c_int64, c_double], None
    lib.twice.argtypes, lib.twice.restype = [Callback, c_int64], c_int64

    class Counter:
        def __init__(self, value: int) -> None:
            self._handle = lib.counter_new(value)
            if not self._handle:
                raise ValueError("a counter starts at 0 or more")

        def __del__(self) -> None:
            lib.counter_delete(self._handle)

        def add(self, by: int) -> int:
            return int(lib.counter_add(self._handle, by))

        @property
        def value(self) -> int:
            return int(lib.counter_value(self._handle))

    def scale(x: Any, factor: float) -> None:
        if x.dtype != numpy.float64 or not x.flags.c_contiguous:
            raise TypeError("Expected a contiguous float64 array")
        lib.scale(x.ctypes.data, x.size, factor)

    def twice(f: Callable[[int], int], x: int) -> int:
        # An exception of f is printed and lost, and its result is 0.
        return int(lib.twice(Callback(f), x))

    functions = {"Counter": Counter, "scale": staticmethod(scale), "twice": staticmethod(twice)}
    return type("with_ctypes", (), functions)
