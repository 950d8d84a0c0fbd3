# SPDX-License-Identifier: Apache-2.0
"""Compare what an extension costs to compile, and how big it is, with the released package.

    python benchmarks/compile_time.py [--reference <python that has the released apache-tvm-ffi>]

Compiles the packaging guide's extension.cc with g++ -O2 against this checkout's headers and
against those of the released wheel, in turns, so that a busy machine slows both alike. Prints the
medians, the ratios (below 1 is better) and, as the last line, the same as JSON. By default the
released wheel is installed into a virtual environment of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
SOURCE = ROOT / "examples" / "packaging" / "src" / "extension.cc"
RELEASE = "apache-tvm-ffi==0.1.15.post2"


@dataclass
class Side:
    """One of the two packages, and what compiling against it took."""

    name: str
    includes: list[str]
    wall: list[float] = field(default_factory=list)
    user: list[float] = field(default_factory=list)
    size: int = 0

    def compile(self, compiler: list[str], source: Path, folder: Path) -> None:
        library = folder / f"{self.name}.so"
        before = resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime
        started = time.perf_counter()
        subprocess.run([*compiler, *self.includes, str(source), "-o", str(library)], check=True)
        self.wall.append(time.perf_counter() - started)
        self.user.append(resource.getrusage(resource.RUSAGE_CHILDREN).ru_utime - before)
        subprocess.run(["strip", str(library)], check=True)
        self.size = library.stat().st_size

    def figures(self) -> dict[str, float]:
        return {
            "wall_s": round(statistics.median(self.wall), 3),
            "user_s": round(statistics.median(self.user), 3),
            "stripped_bytes": self.size,
        }


def install_release(folder: Path) -> Path:
    environment = folder / "reference"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", RELEASE], check=True)
    return python


def include_flags(python: Path) -> list[str]:
    command = [str(python), "-m", "tvm_ffi.config", "--cflags"]
    # Away from this checkout, whose package must not stand in for the released one.
    return subprocess.run(
        command, cwd=python.parent, check=True, capture_output=True, text=True
    ).stdout.split()


def measure(sides: list[Side], arguments: argparse.Namespace, folder: Path) -> None:
    compiler = [arguments.compiler, "-std=c++17", "-O2", "-fPIC", "-shared"]
    for side in sides:
        side.compile(compiler, arguments.source, folder)  # files into the page cache; not counted
        side.wall.clear()
        side.user.clear()
    for turn in range(arguments.rounds):
        for side in sides if turn % 2 == 0 else reversed(sides):
            side.compile(compiler, arguments.source, folder)


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, help="interpreter with the released package")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--compiler", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--source", type=Path, default=SOURCE)
    arguments = parser.parse_args()

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reference = arguments.reference or install_release(folder)
        ours = Side("ours", [f"-I{ROOT / 'include'}"])
        released = Side("reference", include_flags(reference.absolute()))
        measure([ours, released], arguments, folder)

    result = {side.name: side.figures() for side in (ours, released)}
    result["ratio"] = {
        key: round(value / result["reference"][key], 3) for key, value in result["ours"].items()
    }
    print(f"{'':10}{'wall s':>10}{'user s':>10}{'bytes':>10}")
    for name, figures in result.items():
        print(f"{name:10}" + "".join(f"{value:>10}" for value in figures.values()))
    print(json.dumps(result))


if __name__ == "__main__":
    main()
