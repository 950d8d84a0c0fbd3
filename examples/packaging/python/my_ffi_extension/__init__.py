# SPDX-License-Identifier: Apache-2.0
"""The package of the packaging guide: a kernel, a class and an error, written in C++."""

from __future__ import annotations

from typing import Any

import tvm_ffi

from . import _ffi_api
from .base import LIB


def add_one(x: Any, y: Any) -> None:
    """Write x + 1 into y; both are float32 vectors of one length, of any DLPack library."""
    LIB.add_one(x, y)


def raise_error(msg: str) -> None:
    """Raise RuntimeError(msg) from C++."""
    _ffi_api.raise_error(msg)


@tvm_ffi.register_object("my_ffi_extension.IntPair")
class IntPair(tvm_ffi.Object):
    """Two integers, kept in C++."""

    def __init__(self, a: int, b: int) -> None:
        self.__ffi_init__(a, b)
