# SPDX-License-Identifier: Apache-2.0
"""The library of ``testing.*`` types and functions, loaded when such a name is first used."""

from __future__ import annotations

import ctypes

_loaded: list[ctypes.CDLL] = []


def ensure_testing_library(name: str) -> None:
    """Load the library if `name` is one that it registers; without it the name stays unknown."""
    if _loaded or not name.startswith("testing."):
        return
    from . import libinfo

    try:
        # Loading it twice, from two threads, gives the same library.
        _loaded.append(libinfo.load_lib_ctypes("apache-tvm-ffi", "tvm_ffi_testing", "RTLD_LOCAL"))
    except RuntimeError:
        pass
