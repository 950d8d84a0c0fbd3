# SPDX-License-Identifier: Apache-2.0
"""Sphinx settings: `sphinx-build -W -b html docs build/docs`, and `-b doctest` for the examples."""

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
doctest_global_setup = "import tvm_ffi\nfrom tvm_ffi.cpp import load_inline, to_cpp_dtype"
exclude_patterns = ["measured/*"]
