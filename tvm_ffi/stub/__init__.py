# SPDX-License-Identifier: Apache-2.0
"""``tvm-ffi-stubgen``: writes what reflection knows into the marked blocks of source files.

It loads native libraries, reads what they registered, and rewrites the blocks of Python files (type
stubs) or Rust files (bindings) in place; the text around the blocks is left alone.

    consts, file_utils   markers, and the files they are in
    utils, lib_state     what the loaded libraries registered
    generator            what a target language has to provide
    python_generator, rust_generator
    layout               whether an object's memory is known byte for byte
    cli                  the command: its options and stages
"""
