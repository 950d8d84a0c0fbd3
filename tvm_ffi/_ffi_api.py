# SPDX-License-Identifier: Apache-2.0
"""The library's own functions: global function ``ffi.X`` is attribute ``X``."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from .registry import init_ffi_api

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


init_ffi_api("ffi", __name__)

__all__ = sorted(name for name, value in globals().items() if hasattr(value, "release_gil"))
