# SPDX-License-Identifier: Apache-2.0
"""Pass tensors of several libraries to one compiled function."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import numpy

import tvm_ffi
import tvm_ffi.cpp


def use_numpy(lib: Any) -> None:
    x = numpy.array([[-1, 2], [3, -4]], dtype="float32")
    lib.relu(x)
    print("numpy     ", x.tolist())

    # numpy has no allocator to offer, so results are tvm_ffi.Tensors; from_dlpack takes them over.
    same = lib.same(x)
    print("result    ", type(same).__name__, same.shape, same.dtype, same.device)
    view = numpy.from_dlpack(same)
    print("shared    ", numpy.shares_memory(view, x))

    for wrong in (x.astype("float64"), x[:, ::2]):
        try:
            lib.relu(wrong)
        except (TypeError, ValueError) as error:
            print(f"{type(error).__name__:<10}", error)


def use_torch(lib: Any) -> None:
    import torch

    x = torch.tensor([-1.0, 2.0])
    lib.relu(x)
    print("torch     ", x)
    result = lib.doubled(x)
    print("allocated ", type(result).__name__, result)
    print("shared    ", lib.same(x).data_ptr() == x.data_ptr())


def use_our_own(lib: Any) -> None:
    # Any object with __dlpack__ can be kept as a Tensor, without its library at hand later.
    x = tvm_ffi.from_dlpack(numpy.array([-5, 5], dtype="float32"))
    lib.relu(x)
    print("own       ", x.shape, numpy.from_dlpack(x).tolist())


def main() -> None:
    source = Path(__file__).with_name("kernels.cc")
    lib = tvm_ffi.cpp.load("tensors_example", cpp_files=[str(source)])
    use_numpy(lib)
    use_our_own(lib)
    if importlib.util.find_spec("torch"):
        use_torch(lib)
    else:
        print("torch      skipped, it is not installed here")


if __name__ == "__main__":
    main()
