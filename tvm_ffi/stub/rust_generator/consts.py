# SPDX-License-Identifier: Apache-2.0
"""What native types are called in Rust, and what the language reserves."""

from __future__ import annotations

RUST_TY_MAP_DEFAULTS = {
    "int": "i64",
    "float": "f64",
    "bool": "bool",
    "None": "()",
    "str": "tvm_ffi::String",
    "bytes": "tvm_ffi::Bytes",
    "Any": "tvm_ffi::Any",
    "Callable": "tvm_ffi::Function",
    "Array": "tvm_ffi::Array",
    "List": "tvm_ffi::List",
    "Map": "tvm_ffi::Map",
    "Object": "tvm_ffi::object::ObjectRef",
    "Tensor": "tvm_ffi::Tensor",
    "Shape": "tvm_ffi::Shape",
    "Device": "tvm_ffi::DLDevice",
    "dtype": "tvm_ffi::DLDataType",
    "DataType": "tvm_ffi::DLDataType",
    "ffi.String": "tvm_ffi::String",
    "ffi.Bytes": "tvm_ffi::Bytes",
    "ffi.BigInt": "tvm_ffi::BigInt",
    "ffi.Error": "tvm_ffi::Error",
    "ffi.Function": "tvm_ffi::Function",
    "ffi.Module": "tvm_ffi::Module",
    "ffi.Object": "tvm_ffi::object::ObjectRef",
    "ffi.Tensor": "tvm_ffi::Tensor",
    "ffi.Shape": "tvm_ffi::Shape",
    "ffi.reflection.AccessPath": "tvm_ffi::reflection::AccessPath",
    "ffi.reflection.AccessStep": "tvm_ffi::reflection::AccessStep",
}

# The crate that binds the library, and the first segment of the type keys it binds.
CRATE, CRATE_PREFIX = "tvm_ffi", "ffi"
ROOT_TYPE_KEY = "ffi.Object"

DIRECTIVE_KINDS = frozenset(
    {"import-object", "field", "nullable", "enum", "opaque", "upcast", "custom-new"}
)

# Scalars that are as wide as the field.
SCALAR_OF_SIZE = {
    ("int", 1): "i8",
    ("int", 2): "i16",
    ("int", 4): "i32",
    ("int", 8): "i64",
    ("float", 4): "f32",
    ("float", 8): "f64",
}
WIDTH_OF_SCALAR = {
    **{"bool": 1, "i8": 1, "u8": 1, "i16": 2, "u16": 2},
    **{"i32": 4, "u32": 4, "f32": 4, "i64": 8, "u64": 8, "f64": 8},
}
# Passed as they are; other parameters take what converts into their type.
SCALARS = frozenset({*WIDTH_OF_SCALAR, "isize", "usize"})

# An Optional of these is a cell of 16 bytes, any other a pointer that may be null.
CELL_PAYLOADS = frozenset(
    {"int", "float", "bool", "Device", "dtype", "DataType", "str", "bytes", "Optional"}
)
CELL_SIZE, POINTER_SIZE = 16, 8

# No Rust type says what these hold.
UNSUPPORTED_ORIGINS = frozenset({"Dict", "Union", "tuple", "ctypes.c_void_p"})

KEYWORDS = frozenset(
    "abstract as async await become box break const continue crate do dyn else enum extern false "
    "final fn for gen if impl in let loop macro match mod move mut override priv pub ref return "
    "self Self static struct super trait true try type typeof unsafe unsized use virtual where "
    "while yield".split()
)
# Keywords that cannot be written raw, and the member that generated structs have themselves.
NOT_RAW = frozenset({"self", "Self", "super", "crate"})
RESERVED_MEMBERS = frozenset({"base"})

MAX_WIDTH = 100
