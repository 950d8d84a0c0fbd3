# SPDX-License-Identifier: Apache-2.0
"""Running means, computed in C++: see src/running_mean.cc."""

from __future__ import annotations

from typing import Any

import tvm_ffi
from tvm_ffi.libinfo import load_lib_module

# The library that was installed with this package.
LIB = load_lib_module("running-mean", "running_mean")


def smooth(x: Any, window: int, y: Any) -> None:
    """Write the mean of the last `window` values of x into y; float64 vectors of one length."""
    LIB.smooth(x, window, y)


@tvm_ffi.register_object("running_mean.RunningMean")
class RunningMean(tvm_ffi.Object):
    """The mean of the last `window` values given to `add`."""

    def __init__(self, window: int) -> None:
        self.__ffi_init__(window)
