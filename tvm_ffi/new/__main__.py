# SPDX-License-Identifier: Apache-2.0
"""`python -m tvm_ffi.new`."""

import sys

from . import main

sys.exit(main())
