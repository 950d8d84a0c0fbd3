# SPDX-License-Identifier: Apache-2.0
"""Sphinx settings: `sphinx-build -W -b html docs build/docs`, and `-b doctest` for the examples."""

from __future__ import annotations

from typing import Any

import tvm_ffi

project = "tvm_ffi"
version = release = tvm_ffi.__version__

extensions = ["myst_parser", "sphinx.ext.autodoc", "sphinx.ext.doctest"]
source_suffix = {".md": "markdown"}
myst_enable_extensions = ["colon_fence", "deflist"]
myst_heading_anchors = 3
html_theme = "alabaster"
html_theme_options = {"description": "An open ABI and FFI for machine learning systems"}
autodoc_member_order = "bysource"
autodoc_typehints = "signature"
default_role = "py:obj"  # names in docstrings become links where there is something to link to
doctest_global_setup = "import tvm_ffi\nfrom tvm_ffi.cpp import load_inline, to_cpp_dtype"
exclude_patterns = ["measured/*"]


def show_examples_as_code(
    app: Any, what: str, name: str, obj: object, options: Any, lines: list[str]
) -> None:
    """Put the two colons that make a literal block before what docstrings indent."""
    shown: list[str] = []
    for line in lines:
        follows_blank = line.startswith("    ") and len(shown) > 1 and not shown[-1].strip()
        if follows_blank and not line.lstrip().startswith(">>>"):
            paragraph = shown[-2]
            if not paragraph.startswith(" ") and not paragraph.endswith("::"):
                shown += ["::", ""]
        shown.append(line)
    lines[:] = shown


def setup(app: Any) -> None:
    app.connect("autodoc-process-docstring", show_examples_as_code)
