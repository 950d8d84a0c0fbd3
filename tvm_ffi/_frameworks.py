# SPDX-License-Identifier: Apache-2.0
"""Other packages whose values we understand, as far as the program uses them."""

from __future__ import annotations

import os
import sys
from typing import Any

# Building documentation must not depend on what happens to be installed.
_HIDDEN = os.environ.get("TVM_FFI_BUILD_DOCS", "0") != "0"


def imported(name: str) -> Any:
    """Return the module if the program has imported it, else None.

    Only a package that has been imported can have made a value, so nothing is imported to look at
    one. With ``TVM_FFI_BUILD_DOCS`` there are no such packages.
    """
    return None if _HIDDEN else sys.modules.get(name)
