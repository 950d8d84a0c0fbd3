# SPDX-License-Identifier: Apache-2.0
"""The rules of a build: which programs compile and link, with which flags."""

from __future__ import annotations

import os
import sys
from collections.abc import Collection, Sequence
from pathlib import Path

from .. import libinfo
from . import _gpu, _ninja


def rules(
    suffixes: Collection[str],
    cflags: Sequence[str],
    cuda_cflags: Sequence[str],
    ldflags: Sequence[str],
    include_paths: Sequence[str],
    backend: str | None,
    embeds: bool,
) -> str:
    """Write ninja's variables and rules for sources with these endings, ready for the steps."""
    if sys.platform == "win32":
        from . import _msvc as tools
    else:
        from . import _unix as tools

    gpu = _gpu.toolkit(backend) if ".cu" in suffixes else None
    own = [libinfo.find_include_path(), libinfo.find_dlpack_include_path()]
    folders = [*own, *(gpu.includes if gpu else ()), *include_paths]
    includes = [quoted(f"-I{path}") for path in folders]
    lines = [
        "ninja_required_version = 1.3",
        f"cxx = {_compiler('CXX', tools.CXX)}",
        variable("cxxflags", tools.CXX_FLAGS, cflags, includes),
    ]
    if ".c" in suffixes:
        lines += [
            f"cc = {_compiler('CC', tools.CC)}",
            variable("cflags", tools.C_FLAGS, cflags, includes),
        ]
    if gpu:
        lines += [
            f"nvcc = {quoted(gpu.compiler)}",
            variable("cudaflags", gpu.flags, cuda_cflags, includes),
        ]
    link = [*tools.link_flags(Path(libinfo.find_libtvm_ffi())), *(gpu.link_flags if gpu else ())]
    lines += [variable("ldflags", link, ldflags)]
    if embeds:
        lines += [f"python = {quoted(sys.executable)}"]
    return "\n".join([*lines, "", tools.RULES])


def _compiler(name: str, default: str) -> str:
    """Return the command in an environment variable, or else the usual one."""
    command = os.environ.get(name) or default
    # Windows has none before the developer prompt is entered.
    if sys.platform != "win32":
        import shlex
        import shutil

        program = shlex.split(command)[0]
        if shutil.which(program) is None:
            raise RuntimeError(
                f"The compiler {program!r} was not found. Install it, or name another one in the "
                f"environment variable {name}."
            )
    return command


def variable(name: str, *groups: Sequence[str]) -> str:
    """Set a variable to flags that are quoted already."""
    return " ".join([f"{name} =", *(flag for group in groups for flag in group)])


def quoted(argument: str) -> str:
    """Make it one argument of a command, whatever is in it."""
    if sys.platform == "win32":
        import subprocess

        return _ninja.escape(subprocess.list2cmdline([argument]))
    import shlex

    return _ninja.escape(shlex.quote(argument))
