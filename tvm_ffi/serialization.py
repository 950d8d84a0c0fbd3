# SPDX-License-Identifier: Apache-2.0
"""Values as text: a JSON graph, in which what is shared stays shared."""

from __future__ import annotations

from typing import Any

from . import _ffi_api

__all__ = ["from_json_graph_str", "to_json_graph_str"]


def to_json_graph_str(obj: Any, metadata: dict[str, Any] | None = None) -> str:
    """Write a value and everything it refers to as ``{"root_index": i, "nodes": [...]}``.

    `metadata` is stored beside it; whoever reads the text as JSON finds it under ``"metadata"``.
    TypeError if something in it cannot be written, such as a function; ValueError for a cycle.
    """
    text: str = _ffi_api.ToJSONGraphString(obj, metadata)
    return text


def from_json_graph_str(json_str: str) -> Any:
    """Make the value that `to_json_graph_str` wrote.

    ValueError if the text is not such a graph, TypeError if a value does not fit its field.
    """
    return _ffi_api.FromJSONGraphString(json_str)
