# SPDX-License-Identifier: Apache-2.0
"""Functions that are written while the program runs, and can be looked at like any other."""

from __future__ import annotations

from typing import Any

_PREFIX = "tvm_ffi generated "


class _Loader:
    """Gives debuggers and tracebacks the source, if they ask."""

    def __init__(self, source: str) -> None:
        self._source = source

    def get_source(self, name: str) -> str:
        return self._source


def define(name: str, lines: list[str], names: dict[str, Any]) -> Any:
    """Define the function `name` by its source, in which `names` can be used."""
    filename = _PREFIX + name
    source = "\n".join(lines) + "\n"
    namespace = {**names, "__name__": filename, "__loader__": _Loader(source)}
    exec(compile(source, filename, "exec"), namespace)
    return namespace[name]


def is_generated(filename: str) -> bool:
    """Tell whether code with that file name was defined here."""
    return filename.startswith(_PREFIX)
