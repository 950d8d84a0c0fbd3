# SPDX-License-Identifier: Apache-2.0
"""Names of class attributes that are hooks of the type."""

TYPE_ATTR_NAMES = (
    "__ffi_repr__",
    "__ffi_hash__",
    "__ffi_eq__",
    "__ffi_compare__",
    "__ffi_convert__",
    "__ffi_convert_type_schema__",
    "__any_hash__",
    "__any_equal__",
    "__s_equal__",
    "__s_hash__",
    "__s_visit__",
    "__s_mutate__",
    "__s_maybe_inplace_mutate__",
    "__data_to_json__",
    "__data_from_json__",
)
# Those that a `py_class` takes over from its nearest registered ancestor.
INHERITED_TYPE_ATTR_NAMES = (
    "__s_equal__",
    "__s_hash__",
    "__s_visit__",
    "__data_to_json__",
    "__data_from_json__",
)
