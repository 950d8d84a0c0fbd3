# SPDX-License-Identifier: Apache-2.0
"""CUDA and ROCm: which is here, where it lies, and for which processors to compile."""

from __future__ import annotations

import functools
import os
import re
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True)
class Toolkit:
    """How `.cu` files are compiled; flags are quoted for the shell."""

    compiler: str
    flags: Sequence[str]
    includes: Sequence[str]
    link_flags: Sequence[str]


def toolkit(backend: str | None = None) -> Toolkit:
    """Return the toolkit of a backend, the detected one if none is given."""
    return _hip() if choose_backend(backend) == "hip" else _cuda()


def choose_backend(backend: str | None = None) -> str:
    """Decide between `cuda` and `hip`: what is asked for, or else what seems to be here."""
    asked = backend or os.environ.get("TVM_FFI_GPU_BACKEND")
    if asked:
        if asked.lower() not in ("cuda", "hip"):
            raise ValueError(f"Invalid backend: {asked}. Supported backends are 'cuda' and 'hip'.")
        return asked.lower()
    try:
        import torch
    except ImportError:
        pass
    else:
        if torch.version.hip is not None:
            return "hip"
        if torch.version.cuda is not None:
            return "cuda"
    return "hip" if _which("hipcc") and not _which("nvcc") else "cuda"


# ---- CUDA ----------------------------------------------------------------------------------------


def _cuda() -> Toolkit:
    from ._toolchain import quoted

    home = cuda_home()
    if sys.platform == "win32":
        host = ["-Xcompiler", "/MD"]
        link = [quoted(f"/LIBPATH:{Path(home, 'lib', 'x64')}"), "cudart.lib"]
    else:
        host = ["-Xcompiler", "-fPIC"]
        link = [quoted(f"-L{Path(home, 'lib64')}"), "-lcudart"]
    return Toolkit(
        compiler=str(Path(home, "bin", "nvcc")),
        flags=[*host, "-std=c++17", "-O2", *cuda_arch_flags()],
        includes=[],
        link_flags=link,
    )


def cuda_home() -> str:
    """Return the folder CUDA is installed in."""
    asked = os.environ.get("CUDA_HOME") or os.environ.get("CUDA_PATH")
    if asked:
        return asked
    nvcc = _which("nvcc")
    homes = [Path(nvcc).resolve().parent.parent] if nvcc else []
    for home in [*homes, Path("/usr/local/cuda")]:
        # A wrapper script that is called nvcc has no toolkit around it.
        if (home / "include" / "cuda_runtime.h").exists():
            return str(home)
    raise RuntimeError(
        "Could not find CUDA installation. Set the CUDA_HOME environment variable to its folder, "
        "the one with bin/nvcc in it."
    )


def cuda_arch_flags() -> list[str]:
    """Return nvcc's flags for the GPUs of TVM_FFI_CUDA_ARCH_LIST, or else for the one here."""
    listed = os.environ.get("TVM_FFI_CUDA_ARCH_LIST")
    targets = re.split(r"[\s,;]+", listed.strip()) if listed else [_compute_capability()]
    flags = []
    for target in targets:
        match = re.fullmatch(r"(\d+)\.(\d[a-z]?)", target)
        if not match:
            raise ValueError(f"Invalid CUDA architecture: {target}")
        number = match[1] + match[2]
        flags.append(f"-gencode=arch=compute_{number},code=sm_{number}")
    return flags


@functools.cache
def _compute_capability() -> str:
    answer = _first_line("nvidia-smi", "--query-gpu=compute_cap", "--format=csv,noheader")
    if re.fullmatch(r"\d+\.\d+", answer):
        return answer
    # Drivers before 510 do not tell.
    name = _first_line("nvidia-smi", "--query-gpu=name", "--format=csv,noheader")
    for model, capability in (("A100", "8.0"), ("A10", "8.6")):
        if model in name:
            return capability
    raise RuntimeError(
        "Could not detect the CUDA compute capability: nvidia-smi tells of no GPU. Set the "
        'environment variable TVM_FFI_CUDA_ARCH_LIST, for instance to "9.0".'
    )


# ---- ROCm ----------------------------------------------------------------------------------------


def _hip() -> Toolkit:
    from ._toolchain import quoted

    home = rocm_home()
    return Toolkit(
        compiler=str(Path(home, "bin", "hipcc")),
        flags=[
            "-fPIC",
            "-std=c++17",
            "-O2",
            "-D__HIP_PLATFORM_AMD__=1",
            "-fno-gpu-rdc",
            *(f"--offload-arch={arch}" for arch in rocm_archs()),
        ],
        includes=[str(Path(home, "include"))],
        link_flags=[quoted(f"-L{Path(home, 'lib')}"), "-lamdhip64"],
    )


def rocm_home() -> str:
    """Return the folder ROCm is installed in."""
    for name in ("ROCM_HOME", "ROCM_PATH"):
        home = os.environ.get(name)
        if home:
            return home
    hipcc = _which("hipcc")
    if hipcc:
        return str(Path(hipcc).resolve().parent.parent)
    if Path("/opt/rocm").exists():
        return "/opt/rocm"
    raise RuntimeError(
        "Could not find ROCm installation. Set the ROCM_HOME environment variable to its folder, "
        "the one with bin/hipcc in it."
    )


def rocm_archs() -> list[str]:
    """Return the processors of TVM_FFI_ROCM_ARCH_LIST, or else those here."""
    listed = os.environ.get("TVM_FFI_ROCM_ARCH_LIST")
    if listed:
        return re.split(r"[\s,;]+", listed.strip())
    return list(_detected_rocm_archs())


@functools.cache
def _detected_rocm_archs() -> tuple[str, ...]:
    for command in (["rocm_agent_enumerator"], ["rocminfo"]):
        # gfx000 is the processor that runs this.
        names = re.findall(r"\bgfx(?!000\b)[0-9a-f]+\b", _answer(*command))
        if names:
            return tuple(dict.fromkeys(names))
    raise RuntimeError(
        "Could not detect the ROCm architecture: neither rocm_agent_enumerator nor rocminfo tells "
        'of a GPU. Set the environment variable TVM_FFI_ROCM_ARCH_LIST, for instance to "gfx942".'
    )


# ---- Programs ------------------------------------------------------------------------------------


def _which(program: str) -> str | None:
    import shutil

    return shutil.which(program)


def _answer(*command: str) -> str:
    """Return what a program prints; nothing if it is not here or fails."""
    import subprocess

    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=60)
    except (OSError, subprocess.TimeoutExpired):
        return ""
    return done.stdout if done.returncode == 0 else ""


def _first_line(*command: str) -> str:
    return (_answer(*command).splitlines() or [""])[0].strip()
