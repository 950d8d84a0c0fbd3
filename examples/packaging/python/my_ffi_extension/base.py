# SPDX-License-Identifier: Apache-2.0
"""Load the library that lies beside this file."""

from pathlib import Path

import tvm_ffi

LIB = tvm_ffi.load_module(str(Path(__file__).resolve().parent / "my_ffi_extension.so"))
