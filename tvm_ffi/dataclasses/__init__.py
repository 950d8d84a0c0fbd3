# SPDX-License-Identifier: Apache-2.0
"""Classes whose fields live in native objects, written like those of `dataclasses`.

`c_class` is for types that native code declares.
"""

from .._object import MISSING, Object
from .c_class import c_class
from .common import asdict, astuple, fields, is_dataclass, replace
from .field import KW_ONLY, Field, field

__all__ = [
    "KW_ONLY",
    "MISSING",
    "Field",
    "Object",
    "asdict",
    "astuple",
    "c_class",
    "field",
    "fields",
    "is_dataclass",
    "replace",
]
