# SPDX-License-Identifier: Apache-2.0
"""Compile C++ and CUDA from Python, and load the result as a module."""

from . import dtype, extension, nvrtc
from .dtype import to_cpp_dtype
from .extension import build, build_inline, load, load_inline

__all__ = [
    "build",
    "build_inline",
    "dtype",
    "extension",
    "load",
    "load_inline",
    "nvrtc",
    "to_cpp_dtype",
]
