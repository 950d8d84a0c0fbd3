# SPDX-License-Identifier: Apache-2.0
"""Compilers that take the flags of GCC."""

from __future__ import annotations

from pathlib import Path

CXX = "c++"
CC = "cc"
CXX_FLAGS = ("-std=c++17", "-fPIC", "-O2")
C_FLAGS = ("-fPIC", "-O2")

RULES = """\
rule compile
  depfile = $out.d
  deps = gcc
  command = $cxx -MMD -MF $out.d $cxxflags -c $in -o $out

rule compile_c
  depfile = $out.d
  deps = gcc
  command = $cc -MMD -MF $out.d $cflags -c $in -o $out

rule compile_cuda
  depfile = $out.d
  deps = gcc
  command = $nvcc -MMD -MF $out.d $cudaflags -c $in -o $out

rule merge_objects
  command = ld -r -o $out $in

rule copy_object
  command = cp -f $in $out

rule embed_cubin
  command = $python -m tvm_ffi.utils.embed_cubin --output-obj $out --input-obj $in --cubin $cubin $
      --name $name

rule link
  command = $cxx $in $ldflags -o $out

"""


def link_flags(library: Path) -> list[str]:
    """Link with our library; it is found at run time because it is loaded already."""
    from ._toolchain import quoted

    return ["-shared", quoted(f"-L{library.parent}"), "-ltvm_ffi"]
