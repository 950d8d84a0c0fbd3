# SPDX-License-Identifier: Apache-2.0
"""The library's own functions: global function ``ffi.X`` is attribute ``X``."""

from __future__ import annotations

from typing import Any

from ._function import get_global


def __getattr__(name: str) -> Any:
    # Looked up when first used: there are a hundred, and a program uses few.
    if name == "__all__":
        return __dir__()
    function = None if name.startswith("__") else get_global(f"ffi.{name}")
    if function is None:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    function.__dict__["__name__"] = name
    globals()[name] = function
    return function


def __dir__() -> list[str]:
    from .registry import list_global_func_names

    names = (name[4:] for name in list_global_func_names() if name.startswith("ffi."))
    return sorted(name for name in names if "." not in name)
