# SPDX-License-Identifier: Apache-2.0
"""Tools that packages built on tvm_ffi share."""

from . import kwargs_wrapper
from .lockfile import FileLock

__all__ = ["FileLock", "kwargs_wrapper"]
