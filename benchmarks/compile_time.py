# SPDX-License-Identifier: Apache-2.0
"""Compare what an extension costs to compile, and how big it is, with the released package.

    python benchmarks/compile_time.py [--reference <python that has the released apache-tvm-ffi>]

Compiles the programs of compile_programs.py with g++ -O2 against this checkout's headers and
against those of the released wheel, in turns, so that a busy machine slows both alike. Prints
the least processor time of several runs, the stripped size and their ratios (below 1 is better)
and, as the last line, the same as JSON. By default the released wheel is installed into a virtual
environment of its own.
"""

from __future__ import annotations

import argparse
import json
import os
import resource
import subprocess
import sys
import tempfile
from dataclasses import dataclass, field
from pathlib import Path

from compile_programs import programs

ROOT = Path(__file__).resolve().parent.parent
RELEASE = "apache-tvm-ffi==0.1.15.post2"


@dataclass
class Side:
    """One of the two packages, and what compiling a program against it took."""

    name: str
    includes: list[str]
    seconds: list[float] = field(default_factory=list)
    size: int = 0

    def compile(self, compiler: list[str], source: Path) -> None:
        library = source.with_name(f"{self.name}.so")
        before = children_seconds()
        subprocess.run([*compiler, *self.includes, str(source), "-o", str(library)], check=True)
        self.seconds.append(children_seconds() - before)
        subprocess.run(["strip", str(library)], check=True)
        self.size = library.stat().st_size

    def figures(self) -> dict[str, float]:
        return {"seconds": round(min(self.seconds), 3), "stripped_bytes": self.size}


def children_seconds() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


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


def measure(source: Path, includes: dict[str, list[str]], arguments: argparse.Namespace) -> dict:
    compiler = [arguments.compiler, f"-std={arguments.standard}", "-O2", "-fPIC", "-shared"]
    sides = [Side(name, flags) for name, flags in includes.items()]
    for turn in range(arguments.rounds):
        for side in sides if turn % 2 == 0 else reversed(sides):
            side.compile(compiler, source)
    result = {side.name: side.figures() for side in sides}
    result["ratio"] = {
        key: round(value / result["reference"][key], 3) for key, value in result["ours"].items()
    }
    return result


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, help="interpreter with the released package")
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--compiler", default=os.environ.get("CXX", "g++"))
    parser.add_argument("--standard", default="c++17")
    parser.add_argument("--only", nargs="+", choices=list(programs()), default=list(programs()))
    arguments = parser.parse_args()

    results = {}
    print(f"{'':12}{'':10}{'seconds':>10}{'bytes':>10}")
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reference = arguments.reference or install_release(folder)
        includes = {
            "ours": [f"-I{ROOT / 'include'}"],
            "reference": include_flags(reference.absolute()),
        }
        for name in arguments.only:
            source = folder / f"{name}.cc"
            source.write_text(programs()[name])
            results[name] = measure(source, includes, arguments)
            for side, figures in results[name].items():
                print(f"{name:12}{side:10}" + "".join(f"{v:>10}" for v in figures.values()))
    print(json.dumps(results))


if __name__ == "__main__":
    main()
