# SPDX-License-Identifier: Apache-2.0
"""Classes whose fields live in native objects, written like those of `dataclasses`.

`c_class` is for types that native code declares, `py_class` declares types in Python.
"""

from .._object import MISSING, Object
from ._init_property import init_property
from .c_class import c_class
from .common import asdict, astuple, fields, is_dataclass, replace
from .field import KW_ONLY, Field, field
from .py_class import py_class

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
    "init_property",
    "is_dataclass",
    "py_class",
    "replace",
]
