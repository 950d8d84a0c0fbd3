# SPDX-License-Identifier: Apache-2.0
"""Every global function named `my_ffi_extension.*`, as an attribute of this module."""

import tvm_ffi

from . import base  # noqa: F401  (loading the library registers them)

tvm_ffi.init_ffi_api("my_ffi_extension", __name__)
