# SPDX-License-Identifier: Apache-2.0
"""The Python half of the tvm_ffi version; the library has been loaded."""

import tvm_ffi


@tvm_ffi.register_object("migrating.Counter")
class Counter(tvm_ffi.Object):
    """Constructor, field and method are installed by the decorator."""


tvm_ffi.init_ffi_api("migrating", __name__)  # scale and twice
