# SPDX-License-Identifier: Apache-2.0
"""Element types as C++ and CUDA source code spells them."""

from __future__ import annotations

from typing import Any

__all__ = ["to_cpp_dtype"]

_PLAIN = {
    **{f"{sign}int{bits}": f"{sign}int{bits}_t" for sign in ("", "u") for bits in (8, 16, 32, 64)},
    "float32": "float",
    "float64": "double",
    "bool": "bool",
}
_CUDA = {
    "float16": "__half",
    "bfloat16": "__nv_bfloat16",
    "float8_e4m3fn": "__nv_fp8_e4m3",
    "float8_e5m2": "__nv_fp8_e5m2",
    "float8_e8m0fnu": "__nv_fp8_e8m0",
    "float4_e2m1": "__nv_fp4_e2m1",
    "float4_e2m1fn_x2": "__nv_fp4x2_e2m1",
}
_ROCM = {
    "float16": "__half",
    "bfloat16": "__hip_bfloat16",
    "float8_e4m3fn": "__hip_fp8_e4m3",
    "float8_e4m3fnuz": "__hip_fp8_e4m3_fnuz",
    "float8_e5m2": "__hip_fp8_e5m2",
    "float8_e5m2fnuz": "__hip_fp8_e5m2_fnuz",
    "float4_e2m1": "__hip_fp4_e2m1",
    "float4_e2m1fn_x2": "__hip_fp4x2_e2m1",
}


def to_cpp_dtype(dtype_str: Any) -> str:
    """Return the C++ type of an element type, given by name or as a `torch.dtype`.

    Half precision and narrower types have one only where torch sees a GPU, whose toolkit defines
    them. `ValueError` for all others.

    >>> to_cpp_dtype("torch.float32"), to_cpp_dtype("uint8")
    ('float', 'uint8_t')
    """
    name = str(dtype_str)
    if name.startswith("torch."):
        name = name[len("torch.") :]
    found = _PLAIN.get(name) or _gpu_types().get(name)
    if found is None:
        raise ValueError(f"Unsupported dtype string: {name}")
    return found


def _gpu_types() -> dict[str, str]:
    try:
        import torch
    except ImportError:
        return {}
    if not torch.cuda.is_available():
        return {}
    return _CUDA if torch.version.hip is None else _ROCM
