# SPDX-License-Identifier: Apache-2.0
"""Fast exchange with versions of torch that do not offer it themselves.

From 2.10 on, torch publishes ``torch.Tensor.__dlpack_c_exchange_api__``, and there is nothing to
do. Before, the package ``torch-c-dlpack-ext`` can supply it. It is looked for when the first torch
tensor is passed, not at import. Without it tensors go through `torch.utils.dlpack`, which is slower
and cannot let native code allocate torch's tensors. Nothing is compiled here.
"""

from __future__ import annotations

import importlib
import os
import warnings
from typing import Any

from ._capsule import new as new_capsule
from ._dlpack import _EXCHANGE_API_NAME
from ._frameworks import imported

_NAME = "__dlpack_c_exchange_api__"
_OLD_NAME = "__c_dlpack_exchange_api__"


def load_torch_c_dlpack_extension() -> Any:
    """Give torch an exchange table if it has none, and tell by a warning if there is none.

    Returns the module that supplied it, None if torch had one or has none after all.
    """
    try:
        import torch
    except ImportError:
        return None
    if _has_table(torch):
        return None
    supplier = _supply_table(torch)
    if not _has_table(torch):
        warnings.warn(
            "This torch has no DLPack exchange API, and the torch c dlpack extension, which "
            "supplies one, failed to JIT: it is not compiled here. EnvTensorAllocator will not be "
            "enabled. Run `pip install torch-c-dlpack-ext`, or use torch 2.10 or later.",
            stacklevel=2,
        )
    return supplier


def supply_table_to(cls: type) -> None:
    """Look for an exchange table when a tensor class of torch is met for the first time."""
    torch = imported("torch")
    base = getattr(torch, "Tensor", None)
    if not isinstance(base, type) or not issubclass(cls, base) or _has_table(torch):
        return
    if os.environ.get("TVM_FFI_DISABLE_TORCH_C_DLPACK", "0") == "0":
        _supply_table(torch)


def _has_table(torch: Any) -> bool:
    return getattr(torch.Tensor, _NAME, None) is not None


def _supply_table(torch: Any) -> Any:
    if _adopt_old_name(torch):
        return None
    try:
        supplier = importlib.import_module("torch_c_dlpack_ext")
    except (ImportError, AttributeError):
        return None
    _adopt_old_name(torch)
    return supplier if _has_table(torch) else None


def _adopt_old_name(torch: Any) -> bool:
    """Take over the table from the attribute it had before DLPack named one; tell if it did."""
    table = getattr(torch.Tensor, _OLD_NAME, None)
    if table is None or _has_table(torch):
        return False
    if isinstance(table, int):
        table = new_capsule(table, _EXCHANGE_API_NAME, None)
    setattr(torch.Tensor, _NAME, table)
    return True


def _torch_extension_device(torch_mod: Any) -> str:
    """Return which kind of device this build of torch runs on: cpu, cuda or rocm."""
    if not torch_mod.cuda.is_available():
        return "cpu"
    if torch_mod.version.cuda is None and torch_mod.version.hip is not None:
        return "rocm"
    return "cuda"


def patch_torch_cuda_stream_protocol() -> None:
    """Let ``torch.cuda.Stream`` tell its address by protocol, as later versions do."""
    torch = imported("torch")
    stream = getattr(getattr(torch, "cuda", None), "Stream", None)
    if isinstance(stream, type) and not hasattr(stream, "__cuda_stream__"):
        target: Any = stream
        target.__cuda_stream__ = lambda self: (0, self.cuda_stream)
