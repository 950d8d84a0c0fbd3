# SPDX-License-Identifier: Apache-2.0
"""Stack for callbacks: checked before a call, because it is too late on the way into one.

There ctypes would print the RecursionError and give native code an arbitrary status. So whoever is
about to call native code first goes as deep as a callback would, by evaluating

    DEPTH == SAME_DEPTH

Three levels are needed: the native call, the frame of the callback, and the call that reports that
it can do no more. Up to Python 3.11 each nested comparison is a level as calls are, and costs less.
From 3.12 on frames of Python and calls within C are counted apart, and there is less room for the
latter: a comparison that a function of Python makes takes as much of both as a callback does.
"""

from __future__ import annotations

import sys
from typing import Any


class _Frame:
    """Compared by a function that does nothing but have a frame."""

    __hash__ = object.__hash__

    def __eq__(self, other: object) -> bool:
        return True


def _nested() -> Any:
    # Made twice, or the comparison would end at the first level: where both are the same object.
    inner: list[Any] = []
    return ((inner,),)


DEPTH: Any = _Frame() if sys.version_info >= (3, 12) else _nested()
SAME_DEPTH: Any = _Frame() if sys.version_info >= (3, 12) else _nested()
