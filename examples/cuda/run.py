# SPDX-License-Identifier: Apache-2.0
"""Compile a CUDA kernel and call it with torch tensors, where there is a GPU."""

from __future__ import annotations

import importlib.util
import os
import shutil
from pathlib import Path
from typing import Any

import tvm_ffi
import tvm_ffi.cpp


def use_torch(lib: Any) -> None:
    import torch

    if not torch.cuda.is_available():
        print("kernel    skipped, no GPU is here")
    else:
        x = torch.arange(4, dtype=torch.float32, device="cuda")
        print("kernel   ", lib.scaled(x, 2.0).tolist())
    try:
        lib.scaled(torch.ones(2), 2.0)
    except ValueError as error:
        print("error    ", error)


def main() -> None:
    if shutil.which("nvcc") is None:
        print("skipped: nvcc is not here")
        return
    if shutil.which("nvidia-smi") is None:  # nobody to ask what to compile for
        os.environ.setdefault("TVM_FFI_CUDA_ARCH_LIST", "8.0")
    source = Path(__file__).with_name("scale.cu")
    lib = tvm_ffi.load_module(tvm_ffi.cpp.build("cuda_example", cuda_files=[str(source)]))
    print("compiled ", lib.scaled)
    if importlib.util.find_spec("torch"):
        use_torch(lib)
    else:
        print("kernel    skipped, torch is not installed here")


if __name__ == "__main__":
    main()
