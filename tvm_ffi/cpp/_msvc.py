# SPDX-License-Identifier: Apache-2.0
"""Microsoft's compiler, which needs the environment of its own developer prompt."""

from __future__ import annotations

import os
import platform
from collections.abc import Sequence
from pathlib import Path

CXX = "cl"
CC = "cl"
# What our headers, and templates in general, make it say.
_SILENCED = tuple(f"/wd{number}" for number in (4819, 4251, 4244, 4267, 4275, 4018, 4190, 4624))
CXX_FLAGS = ("/std:c++17", "/O2", "/MD", "/EHsc", *_SILENCED)
C_FLAGS = ("/O2", "/MD", *_SILENCED)

RULES = """\
rule compile
  deps = msvc
  command = $cxx /showIncludes $cxxflags -c $in /Fo$out

rule compile_c
  deps = msvc
  command = $cc /showIncludes $cflags -c $in /Fo$out

rule compile_cuda
  command = $nvcc $cudaflags -c $in -o $out

rule merge_objects
  command = lib /nologo /OUT:$out $in

rule copy_object
  command = cmd /c copy /Y $in $out

rule link
  command = $cxx $in /link $ldflags /out:$out

"""


def link_flags(library: Path) -> list[str]:
    """Link with the import library that lies beside ours."""
    from ._toolchain import quoted

    return ["/DLL", quoted(f"/LIBPATH:{library.parent}"), f"{library.stem}.lib"]


def in_developer_prompt(command: Sequence[str]) -> list[str]:
    """Wrap a command so that it finds the compiler."""
    import subprocess

    machine = platform.machine()
    targets = {"AMD64": "x64", "x86_64": "x64", "ARM64": "arm64", "aarch64": "arm64"}
    if machine not in targets:
        raise RuntimeError(f"Unsupported Windows architecture: {machine}")
    where = Path(
        os.environ.get("ProgramFiles(x86)", r"C:\Program Files (x86)"),
        "Microsoft Visual Studio",
        "Installer",
        "vswhere.exe",
    )
    query = ["-latest", "-prerelease", "-products", "*", "-property", "installationPath"]
    try:
        done = subprocess.run([str(where), *query], capture_output=True, text=True, check=True)
        home = done.stdout.strip().splitlines()[0]
    except (OSError, subprocess.CalledProcessError, IndexError):
        raise RuntimeError(
            "Visual Studio was not found. Install its Build Tools with the C++ workload."
        ) from None
    prompt = str(Path(home, "Common7", "Tools", "VsDevCmd.bat"))
    inner = subprocess.list2cmdline(command)
    return ["cmd", "/c", f'"{prompt}" -arch={targets[machine]} >nul && {inner}']
