# SPDX-License-Identifier: Apache-2.0
"""Asked to compile the add-on for old versions of torch: says where to get it instead.

The add-on has to include Python's and torch's own headers, which this package, being the same for
every Python, does not do. The package ``torch-c-dlpack-ext`` has it ready for every torch.
"""

from __future__ import annotations

import argparse
import os
import sys
from pathlib import Path


def main(arguments: list[str] | None = None) -> int:
    """Take the options of a build; 0 if the library is there already, 1 if it is not."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--build-dir", type=Path, help="where to compile; unused")
    parser.add_argument("--output-dir", type=Path, required=True, help="where the library belongs")
    parser.add_argument("--build-with-cuda", action="store_true", help="for a torch with CUDA")
    parser.add_argument("--build-with-rocm", action="store_true", help="for a torch with ROCm")
    parser.add_argument("--libname", default="auto", help="file name of the library")
    asked = parser.parse_args(arguments)
    if asked.build_with_cuda and asked.build_with_rocm:
        raise ValueError("Cannot enable both CUDA and ROCm at the same time.")
    # Whoever looks for the add-on must not look for it again through the package.
    os.environ["TVM_FFI_DISABLE_TORCH_C_DLPACK"] = "1"
    if asked.libname != "auto" and (asked.output_dir / asked.libname).exists():
        return 0
    print(
        "The torch add-on is not compiled by this package. Run `pip install torch-c-dlpack-ext`, "
        "or use torch 2.10 or later, which needs none.",
        file=sys.stderr,
    )
    return 1


if __name__ == "__main__":
    sys.exit(main())
