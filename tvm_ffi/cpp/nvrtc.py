# SPDX-License-Identifier: Apache-2.0
"""Compile CUDA at run time, without nvcc, to a binary that `embed_cubin` takes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

__all__ = ["nvrtc_compile"]


def nvrtc_compile(
    source: str,
    *,
    name: str = "kernel.cu",
    arch: str | None = None,
    extra_opts: Sequence[str] | None = None,
) -> bytes:
    """Compile CUDA source text and return the CUBIN.

    `name` stands for the file in messages. `arch`, like `"sm_90"`, is that of the current device
    if not given. Functions without a qualifier are device functions.

    Errors: `RuntimeError` if `cuda-python` is missing, and with the compiler's log if the source
    does not compile.
    """
    try:
        from cuda.bindings import nvrtc
    except ImportError as error:
        raise RuntimeError(
            "CUDA bindings not available. Install them with `pip install cuda-python`."
        ) from error

    options = [f"--gpu-architecture={arch or _current_arch()}", "-default-device"]
    options += extra_opts or ()
    program = _call(
        "create the program", nvrtc.nvrtcCreateProgram(source.encode(), name.encode(), 0, [], [])
    )
    try:
        arguments = [option.encode() for option in options]
        (status,) = nvrtc.nvrtcCompileProgram(program, len(arguments), arguments)
        if int(status):
            log = b" " * _call("read the log", nvrtc.nvrtcGetProgramLogSize(program))
            _call("read the log", nvrtc.nvrtcGetProgramLog(program, log))
            text = log.rstrip(b"\0 ").decode("utf-8", "replace")
            raise RuntimeError(f"NVRTC compilation of {name} failed:\n{text}")
        size: int = _call("read the CUBIN", nvrtc.nvrtcGetCUBINSize(program))
        cubin = b" " * size
        _call("read the CUBIN", nvrtc.nvrtcGetCUBIN(program, cubin))
        return cubin
    finally:
        nvrtc.nvrtcDestroyProgram(program)


def _current_arch() -> str:
    from cuda.bindings import runtime

    device = _call("find the current device", runtime.cudaGetDevice())
    properties = _call("describe the device", runtime.cudaGetDeviceProperties(device))
    return f"sm_{properties.major}{properties.minor}"


def _call(aim: str, answer: tuple[Any, ...]) -> Any:
    """Unpack a status and a value, as these bindings return them."""
    status, *values = answer
    if int(status):
        raise RuntimeError(f"CUDA could not {aim}: {status}")
    return values[0] if values else None
