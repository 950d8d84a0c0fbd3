# SPDX-License-Identifier: Apache-2.0
"""Build the Rust crates; call the Rust library from Python and a C++ library from Rust."""

from __future__ import annotations

import os
import subprocess
import tempfile
from pathlib import Path

import tvm_ffi
import tvm_ffi.cpp
from tvm_ffi import libinfo

HERE = Path(__file__).resolve().parent


def build(target: str) -> Path:
    folder = Path(libinfo.find_libtvm_ffi()).parent
    flags = f"-L native={folder} -C link-arg=-Wl,-rpath,{folder}"
    command = ["cargo", "build", "--quiet", "--offline", "--release", "--target-dir", target]
    subprocess.run(command, cwd=HERE, check=True, env={**os.environ, "RUSTFLAGS": flags})
    return Path(target, "release")


def main() -> None:
    with tempfile.TemporaryDirectory() as target:
        built = build(target)
        lib = tvm_ffi.load_module(built / "liblibrary.so")
        print("gcd     ", lib.gcd(12, -18))
        print("root    ", lib.square_root(2.25))
        for call in (lambda: lib.gcd(12, "18"), lambda: lib.square_root(-1.0)):
            try:
                call()
            except (TypeError, RuntimeError) as error:
                print(f"{type(error).__name__:<13}", error)

        power = tvm_ffi.cpp.build("rust_example", cpp_files=[str(HERE / "power.cc")])
        program = [str(built / "program"), power]
        said = subprocess.run(program, check=True, stdout=subprocess.PIPE, text=True)
        for line in said.stdout.splitlines():
            print("program ", line)


if __name__ == "__main__":
    main()
