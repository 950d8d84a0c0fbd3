# SPDX-License-Identifier: Apache-2.0
"""Build libraries from source text or source files, and load them.

What was built once is found again: a build goes to a folder of the cache that is named after all
that decides its outcome, and ninja only runs what is out of date. Any number of processes and
threads may build the same thing at once; one does the work, the others wait for it.

Parameters these functions share:

`name`: names the library, and its folder in the cache.
`extra_cflags`, `extra_cuda_cflags`, `extra_ldflags`: further flags for the C and C++ compiler, for
nvcc or hipcc, for the linker. They go to ninja and the shell as they are, so a dollar sign is
written `$$`.
`extra_include_paths`: directories to search for headers; relative ones are resolved now.
`build_directory`: build there and not in the cache; made if it does not exist.
`backend`: `"cuda"` or `"hip"`, for sources that end in `.cu`; detected if not given.
`output`: the file name of the result. One that ends in `.o` asks for an object file, not linked.

The environment is heard: `CXX`, `CC`, `MAX_JOBS`, `TVM_FFI_CACHE_DIR`, `CUDA_HOME`, `ROCM_HOME`,
`TVM_FFI_CUDA_ARCH_LIST`, `TVM_FFI_ROCM_ARCH_LIST`, `TVM_FFI_GPU_BACKEND`, and
`TVM_FFI_CPP_EXTENSION_LOG_BUILD=1` to log what ninja says.

Errors: `RuntimeError` with the command and the compiler's own words if the build fails, or if a
tool is missing.
"""

from __future__ import annotations

import os
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Optional, Union

from . import _build, _inline

if TYPE_CHECKING:
    from ..module import Module

__all__ = ["build", "build_inline", "load", "load_inline"]

Strings = Optional[Union[Sequence[str], str]]
Path_ = Union[str, "os.PathLike[str]"]
Paths = Optional[Union[Sequence[Path_], Path_]]


def build_inline(
    name: str,
    *,
    cpp_sources: Strings = None,
    cuda_sources: Strings = None,
    functions: Mapping[str, str] | Sequence[str] | str | None = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[Path_] | None = None,
    build_directory: Path_ | None = None,
    embed_cubin: Mapping[str, bytes] | None = None,
    backend: str | None = None,
    output: str | None = None,
) -> str:
    """Compile source text into a library, and return its path.

    `functions` are exported under their own names; as a mapping it also gives each its
    documentation. The headers for tensors, data types, errors, functions and the environment are
    included already. `embed_cubin` maps names to GPU binaries that the code reaches with
    `TVM_FFI_EMBED_CUBIN(name)`.
    """
    files = _inline.decorate(_joined(cpp_sources), _joined(cuda_sources), functions)
    return _build.run(
        _build.Request(
            name=name,
            texts=files,
            cflags=_listed(extra_cflags),
            cuda_cflags=_listed(extra_cuda_cflags),
            ldflags=_listed(extra_ldflags),
            include_paths=_resolved(extra_include_paths),
            cubins=dict(embed_cubin or {}),
            backend=backend,
            output=output,
        ),
        build_directory,
    )


def load_inline(
    name: str,
    *,
    cpp_sources: Strings = None,
    cuda_sources: Strings = None,
    functions: Mapping[str, str] | Sequence[str] | str | None = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[Path_] | None = None,
    build_directory: Path_ | None = None,
    embed_cubin: Mapping[str, bytes] | None = None,
    keep_module_alive: bool = True,
    backend: str | None = None,
) -> Module:
    """Compile source text, see `build_inline`, and load it, see `tvm_ffi.load_module`.

    >>> from tvm_ffi.cpp import load_inline  # doctest: +SKIP
    >>> load_inline("one", cpp_sources="int one() { return 1; }", functions="one").one()
    1
    """
    path = build_inline(
        name,
        cpp_sources=cpp_sources,
        cuda_sources=cuda_sources,
        functions=functions,
        extra_cflags=extra_cflags,
        extra_cuda_cflags=extra_cuda_cflags,
        extra_ldflags=extra_ldflags,
        extra_include_paths=extra_include_paths,
        build_directory=build_directory,
        embed_cubin=embed_cubin,
        backend=backend,
    )
    return _load(path, keep_module_alive)


def build(
    name: str,
    *,
    sources: Paths = None,
    cpp_files: Paths = None,
    cuda_files: Paths = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[Path_] | None = None,
    build_directory: Path_ | None = None,
    backend: str | None = None,
    output: str | None = None,
) -> str:
    """Compile source files into a library, and return its path.

    The three lists are one; the ending of a file says what it is: `.c`, `.cu`, an object (`.o`,
    `.obj`) that is only linked, and C++ for the rest. The files export what they export: nothing
    is added to them.
    """
    files = [file for group in (sources, cpp_files, cuda_files) for file in _resolved(group)]
    for file in files:
        if not os.path.isfile(file):
            raise FileNotFoundError(f"Source file not found: {file}")
    return _build.run(
        _build.Request(
            name=name,
            files=tuple(files),
            cflags=_listed(extra_cflags),
            cuda_cflags=_listed(extra_cuda_cflags),
            ldflags=_listed(extra_ldflags),
            include_paths=_resolved(extra_include_paths),
            backend=backend,
            output=output,
        ),
        build_directory,
    )


def load(
    name: str,
    *,
    sources: Paths = None,
    cpp_files: Paths = None,
    cuda_files: Paths = None,
    extra_cflags: Sequence[str] | None = None,
    extra_cuda_cflags: Sequence[str] | None = None,
    extra_ldflags: Sequence[str] | None = None,
    extra_include_paths: Sequence[Path_] | None = None,
    build_directory: Path_ | None = None,
    keep_module_alive: bool = True,
    backend: str | None = None,
) -> Module:
    """Compile source files, see `build`, and load the library, see `tvm_ffi.load_module`."""
    path = build(
        name,
        sources=sources,
        cpp_files=cpp_files,
        cuda_files=cuda_files,
        extra_cflags=extra_cflags,
        extra_cuda_cflags=extra_cuda_cflags,
        extra_ldflags=extra_ldflags,
        extra_include_paths=extra_include_paths,
        build_directory=build_directory,
        backend=backend,
    )
    return _load(path, keep_module_alive)


def _load(path: str, keep_module_alive: bool) -> Module:
    from ..module import load_module

    return load_module(path, keep_module_alive)


def _joined(sources: Strings) -> str:
    if sources is None:
        return ""
    return sources if isinstance(sources, str) else "\n".join(sources)


def _listed(flags: Sequence[str] | None) -> tuple[str, ...]:
    if isinstance(flags, str):
        raise TypeError(f"Expected a sequence of flags but got the string {flags!r}")
    return tuple(flags or ())


def _resolved(paths: Paths) -> tuple[str, ...]:
    if paths is None:
        return ()
    if isinstance(paths, (str, os.PathLike)):
        paths = [paths]
    return tuple(str(Path(path).resolve()) for path in paths)
