# SPDX-License-Identifier: Apache-2.0
"""The functions of the testing library: global function ``testing.X`` is attribute ``X``."""

from typing import TYPE_CHECKING, Any

from ..registry import init_ffi_api

if TYPE_CHECKING:

    def __getattr__(name: str) -> Any: ...


init_ffi_api("testing", __name__)

__all__ = sorted(name for name, value in globals().items() if hasattr(value, "release_gil"))
