# SPDX-License-Identifier: Apache-2.0
"""The Rust target: bindings for the crate ``tvm_ffi``."""
