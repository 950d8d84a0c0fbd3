# SPDX-License-Identifier: Apache-2.0
"""Compare what errors cost with the released package.

    python benchmarks/errors.py [--ours <python>] [--reference <python>] [--processes 3]

Two figures. The steady cost of an error: thrown three C++ frames deep, caught at the C boundary,
taken out of the thread's slot and dropped. And the first error of a process that has imported
torch, which loads some hundred megabytes of libraries, seen from Python. (Four fifths of the steady
cost are the C++ runtime's, which goes twice through the six frames from the throw to the handler.)
Rounds are interleaved, so that a busy machine slows both alike; the minima are printed, with the
text both give, and as the last line all of it as JSON. `--ours` and `--reference` are interpreters
that have the package to measure; without torch in one of them, the second figure is left out.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
from pathlib import Path

RELEASE = "apache-tvm-ffi==0.1.15.post2"

PROGRAM = r"""
#include <tvm/ffi/tvm_ffi.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>

namespace ffi = tvm::ffi;

__attribute__((noinline)) void Innermost(int64_t value) {
  if (value != 0) TVM_FFI_THROW(ValueError) << "cannot take " << value;
}
__attribute__((noinline)) int64_t Middle(int64_t value) {
  Innermost(value);
  return value + 1;
}
__attribute__((noinline)) int64_t Outermost(int64_t value) { return Middle(value) + 1; }

int main() {
  ffi::Function function = ffi::Function::FromTyped(Outermost, "outermost");
  TVMFFIObjectHandle handle = ffi::detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(function);
  TVMFFIAny arg{};
  arg.type_index = kTVMFFIInt;
  arg.v_int64 = 7;
  TVMFFIObjectHandle error = nullptr;
  auto fail = [&] {
    TVMFFIAny result{};
    if (TVMFFIFunctionCall(handle, &arg, 1, &result) != -1) std::abort();
    TVMFFIErrorMoveFromRaised(&error);
  };
  fail();
  const TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(error);
  std::printf("%.*s: %.*s\n%.*s", int(cell->kind.size), cell->kind.data, int(cell->message.size),
              cell->message.data, int(cell->backtrace.size), cell->backtrace.data);
  TVMFFIObjectDecRef(error);
  // Short rounds: some are not interrupted, also on a busy machine.
  const int calls = 30;
  double best = 1e9;
  for (int round = 0; round < 1000; ++round) {
    auto begin = std::chrono::steady_clock::now();
    for (int i = 0; i < calls; ++i) {
      fail();
      TVMFFIObjectDecRef(error);
    }
    std::chrono::duration<double> taken = std::chrono::steady_clock::now() - begin;
    if (taken.count() / calls < best) best = taken.count() / calls;
  }
  std::fprintf(stderr, "%.9f\n", best);
}
"""

FIRST = """
import time
import torch
import tvm_ffi
raise_error = tvm_ffi.get_global_func("testing.test_raise_error")
for _ in range(2):
    begin = time.perf_counter()
    try:
        raise_error("ValueError", "no")
    except ValueError:
        pass
    print(time.perf_counter() - begin)
"""


def install_release(folder: Path) -> Path:
    environment = folder / "reference"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", RELEASE], check=True)
    return python


def config(python: Path, *options: str) -> list[str]:
    command = [str(python), "-m", "tvm_ffi.config"]
    # Away from the checkout, whose package must not stand in for the one installed.
    return [
        word
        for option in options
        for word in subprocess.run(
            [*command, option], cwd=python.parent, check=True, capture_output=True, text=True
        ).stdout.split()
    ]


def build(python: Path, program: Path) -> None:
    source = program.with_suffix(".cc")
    source.write_text(PROGRAM)
    libdir = config(python, "--libdir")[0]
    flags = ["-std=c++17", "-O2", "-g", *config(python, "--cxxflags")]
    link = [f"-L{libdir}", "-ltvm_ffi", f"-Wl,-rpath,{libdir}"]
    subprocess.run(["g++", *flags, str(source), "-o", str(program), *link], check=True)


def steady(program: Path) -> tuple[float, str]:
    done = subprocess.run([str(program)], check=True, capture_output=True, text=True)
    return float(done.stderr.split()[-1]), done.stdout


def first(python: Path) -> float | None:
    done = subprocess.run(
        [str(python), "-c", FIRST], cwd=python.parent, capture_output=True, text=True
    )
    if "No module named 'torch'" in done.stderr:
        return None
    done.check_returncode()
    return float(done.stdout.split()[0])


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--ours", type=Path, default=Path(sys.executable))
    parser.add_argument("--reference", type=Path, help="interpreter with the released package")
    parser.add_argument("--processes", type=int, default=3)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        sides = {
            "ours": arguments.ours.absolute(),
            "reference": (arguments.reference or install_release(folder)).absolute(),
        }
        costs: dict[str, list[float]] = {name: [] for name in sides}
        firsts: dict[str, list[float]] = {name: [] for name in sides}
        texts = {}
        for name, python in sides.items():
            build(python, folder / name)
        for _ in range(arguments.processes):
            for name, python in sides.items():
                cost, texts[name] = steady(folder / name)
                costs[name].append(cost)
                first_cost = first(python)
                if first_cost is not None:
                    firsts[name].append(first_cost)

    for name, text in texts.items():
        print(f"{name}:\n{text}")
    results = {"steady_us": {name: round(min(cost) * 1e6, 2) for name, cost in costs.items()}}
    if all(firsts.values()):
        results["first_ms"] = {name: round(min(cost) * 1e3, 2) for name, cost in firsts.items()}
    for figures in results.values():
        figures["ratio"] = round(figures["ours"] / figures["reference"], 4)
    for name, figures in results.items():
        print(f"{name:10}" + "".join(f"{key:>12} {value:<10}" for key, value in figures.items()))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
