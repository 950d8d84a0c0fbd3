# SPDX-License-Identifier: Apache-2.0
"""Build one library from many processes at once."""

from __future__ import annotations

import multiprocessing
import os
import tempfile
from pathlib import Path

PROCESSES = 4
SOURCE = "int64_t square(int64_t x) { return x * x; }"


def work(rank: int) -> tuple[int, str]:
    import tvm_ffi.cpp

    library = tvm_ffi.cpp.build_inline("shared_build", cpp_sources=SOURCE, functions="square")
    return tvm_ffi.load_module(library).square(rank), library


def main() -> None:
    with tempfile.TemporaryDirectory() as cache:
        os.environ["TVM_FFI_CACHE_DIR"] = cache  # so that the example always starts from nothing
        with multiprocessing.get_context("spawn").Pool(PROCESSES) as pool:
            results = pool.map(work, range(PROCESSES), chunksize=1)
        print("squares   ", [square for square, _ in results])
        print("libraries ", len({library for _, library in results}))
        # ninja writes down every command it runs: one compilation and one link.
        (log,) = Path(cache).glob("*/.ninja_log")
        print("commands  ", len(log.read_text().splitlines()) - 1)


if __name__ == "__main__":
    main()
