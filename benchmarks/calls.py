# SPDX-License-Identifier: Apache-2.0
"""Compare what calls cost through this package, through its peers and through ctypes alone.

    python benchmarks/calls.py [--rounds 15] [--torch torch==2.13.0] [--ours <python>] [--rows text]

Each binding runs in a process of its own, on the same interpreter; the rounds are interleaved row
by row, so that a busy machine slows all alike. Prints the minima in nanoseconds (medians with
--median), the ratios to the released package, geometric means, and as the last line all of it as
JSON. Peers, and this package, are installed into build/benchmarks; `--ours` measures the package
that an interpreter already has.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import sysconfig
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
HERE = ROOT / "benchmarks" / "bindings"
WORK = ROOT / "build" / "benchmarks" / f"{sys.version_info[0]}.{sys.version_info[1]}"
RELEASE = "apache-tvm-ffi==0.1.15.post2"
IMPORTS = ("import tvm_ffi", "import, torch installed")
PURE = {"TVM_FFI_PURE_PYTHON": "1"}

sys.path.insert(0, str(HERE))
from rows import ROWS  # noqa: E402

# ---- What is compared ----------------------------------------------------------------------------


def environment(name: str, packages: list[str]) -> str:
    """Return the interpreter of a virtual environment that holds the packages."""
    folder = WORK / name
    python = folder / "bin" / "python"
    stamp = folder / "installed.txt"
    if not stamp.exists() or stamp.read_text() != "\n".join(packages):
        subprocess.run([sys.executable, "-m", "venv", "--clear", str(folder)], check=True)
        subprocess.run([str(python), "-m", "pip", "install", "--quiet", *packages], check=True)
        stamp.write_text("\n".join(packages))
    elif str(ROOT) in packages:  # this checkout, which may have changed since
        again = ["install", "--quiet", "--force-reinstall", "--no-deps", str(ROOT)]
        subprocess.run([str(python), "-m", "pip", *again], check=True)
    return str(python)


def compiler_flags(python: str) -> tuple[list[str], list[str]]:
    code = "import nanobind as n, pybind11 as p; print(n.include_dir()); print(p.get_include())"
    nanobind, pybind11 = subprocess.check_output([python, "-c", code], text=True).split()
    interpreter = f"-I{sysconfig.get_path('include')}"
    sources = Path(nanobind).parent
    return (
        [
            interpreter,
            f"-I{nanobind}",
            f"-I{sources / 'ext' / 'robin_map' / 'include'}",
            str(sources / "src" / "nb_combined.cpp"),
        ],
        [interpreter, f"-I{pybind11}"],
    )


def compile_library(source: str, *flags: str) -> str:
    path = HERE / source
    made = WORK / f"{path.stem}.so"
    inputs = [path, HERE / "compiled_functions.inc"]
    if not made.exists() or made.stat().st_mtime < max(file.stat().st_mtime for file in inputs):
        language = ["gcc"] if path.suffix == ".c" else ["g++", "-std=c++17", "-fvisibility=hidden"]
        command = [*language, "-O3", "-DNDEBUG", "-fPIC", "-shared", str(path), *flags]
        subprocess.run([*command, "-o", str(made)], check=True)
    return str(made)


class Binding:
    """A process that measures, and what it has answered."""

    def __init__(self, name: str, python: str, kind: str, library: str, **env: str) -> None:
        self.name = name
        self.command = [python, str(HERE / "measure.py"), kind, library]
        # What finds our package must not lead the others to it.
        keep = "PYTHONPATH" if name.startswith("ours") else ""
        inherited = {k: v for k, v in os.environ.items() if k != "PYTHONPATH" or k == keep}
        self.env = {**inherited, **env}
        self.python = python
        self.times: dict[str, list[float]] = {}
        self.missing: dict[str, str] = {}

    def start(self) -> None:
        pipe = subprocess.PIPE
        self.process = subprocess.Popen(
            self.command, env=self.env, stdin=pipe, stdout=pipe, text=True, bufsize=1
        )
        if self.answer() != "ready":
            raise RuntimeError(f"{self.name} did not start")

    def answer(self) -> str:
        assert self.process.stdout is not None
        return self.process.stdout.readline().strip()

    def measure(self, row: str) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(row + "\n")
        self.process.stdin.flush()
        answer = self.answer()
        try:
            self.times.setdefault(row, []).append(float(answer))
        except ValueError:
            self.missing[row] = answer or "the process ended"

    def measure_import(self, row: str, python: str) -> None:
        """Time a whole interpreter that imports the package, less one that imports nothing.

        As on a user's machine, modules come from the files that installing has compiled.
        """
        env = {k: v for k, v in self.env.items() if k != "PYTHONDONTWRITEBYTECODE"}
        spent = []
        for code in ("import tvm_ffi", "pass"):
            started = time.perf_counter()
            subprocess.run([python, "-c", code], env=env, check=True)
            spent.append(time.perf_counter() - started)
        self.times.setdefault(row, []).append((spent[0] - spent[1]) * 1e9)


def import_pythons(measured: list[Binding]) -> list[tuple[Binding, str, str]]:
    """Return what is measured for imports: the binding, the row, an interpreter."""
    plans = []
    for binding in measured:
        if binding.command[2] != "tvm_ffi":
            continue
        package = RELEASE if binding.name == "reference" else str(ROOT)
        alone = environment(f"import-{binding.name.split(',')[0]}", [package])
        plans.append((binding, IMPORTS[0], alone))
        look = "import importlib.util, sys; sys.exit(importlib.util.find_spec('torch') is None)"
        if subprocess.run([binding.python, "-c", look], env=binding.env).returncode == 0:
            plans.append((binding, IMPORTS[1], binding.python))
    return plans


def bindings(arguments: argparse.Namespace) -> list[Binding]:
    WORK.mkdir(parents=True, exist_ok=True)
    extra = ["numpy", *([arguments.torch] if arguments.torch else [])]
    named = "-torch" if arguments.torch else ""
    peers = environment(f"peers{named}", [RELEASE, "nanobind", "pybind11", *extra])
    ours = arguments.ours or environment(f"ours{named}", [str(ROOT), *extra])
    nanobind, pybind11 = compiler_flags(peers)
    library = compile_library("tvm_ffi_functions.cc", f"-I{ROOT / 'include'}")
    return [
        Binding("ours, pure lane", ours, "tvm_ffi", library, **PURE),
        Binding("ours", ours, "tvm_ffi", library),
        Binding("ours, GIL held", ours, "tvm_ffi", library, TVM_FFI_RELEASE_GIL_BY_DEFAULT="0"),
        Binding("reference", peers, "tvm_ffi", library),
        Binding("nanobind", peers, "compiled", compile_library("nanobind_functions.cc", *nanobind)),
        Binding("pybind11", peers, "compiled", compile_library("pybind11_functions.cc", *pybind11)),
        Binding("ctypes", peers, "ctypes", compile_library("plain_functions.c")),
    ]


# ---- What comes out ------------------------------------------------------------------------------


def figures(measured: list[Binding], summary: str) -> dict[str, dict[str, float]]:
    pick = {"min": min, "median": statistics.median}[summary]
    table: dict[str, dict[str, float]] = {}
    for row in (*ROWS, *IMPORTS):
        entries = {b.name: pick(b.times[row]) for b in measured if b.times.get(row)}
        if entries:
            table[row] = {name: round(value, 1) for name, value in entries.items()}
    return table


def geometric_means(table: dict[str, dict[str, float]], base: str) -> dict[str, dict[str, float]]:
    means: dict[str, dict[str, float]] = {}
    for name in {name for entries in table.values() for name in entries} - {base}:
        ratios = [row[name] / row[base] for row in table.values() if name in row and base in row]
        if ratios:
            mean = math.exp(statistics.fmean(math.log(max(ratio, 1e-6)) for ratio in ratios))
            worst = round(max(ratios), 2)
            means[name] = {"mean": round(mean, 3), "worst": worst, "rows": len(ratios)}
    return dict(sorted(means.items()))


def show(table: dict[str, dict[str, float]], names: list[str]) -> None:
    print(f"{'ns':32}" + "".join(f"{name:>17}" for name in names))
    for row, entries in table.items():
        base = entries.get("reference")
        cells = []
        for name in names:
            if name not in entries:
                cells.append("")
            else:
                ratio = f" {entries[name] / base:6.2f}" if base else " " * 7
                cells.append(f"{entries[name]:,.0f}{ratio}")
        print(f"{row:32}" + "".join(f"{cell:>17}" for cell in cells))


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=15)
    parser.add_argument("--torch", help="what to install for the rows with torch tensors")
    parser.add_argument("--ours", help="interpreter that has this package already")
    parser.add_argument("--rows", default="", help="only rows whose name contains this")
    parser.add_argument("--only", default="", help="only bindings whose name contains this")
    parser.add_argument("--median", action="store_true", help="show medians in the table")
    parser.add_argument("--imports", type=int, default=7, help="rounds of imports; 0 for none")
    arguments = parser.parse_args()

    measured = [b for b in bindings(arguments) if arguments.only in b.name]
    for binding in measured:
        binding.start()
    for turn in range(arguments.rounds):
        for row in ROWS:
            if arguments.rows in row:
                for binding in measured if turn % 2 == 0 else reversed(measured):
                    if row not in binding.missing:
                        binding.measure(row)
    plans = import_pythons(measured) if arguments.imports else []
    for _ in range(arguments.imports):
        for binding, row, python in plans:
            binding.measure_import(row, python)

    tables = {summary: figures(measured, summary) for summary in ("min", "median")}
    show(tables["median" if arguments.median else "min"], [binding.name for binding in measured])
    result: dict[str, object] = {"python": sys.version.split()[0], **tables}
    for base in ("reference", "nanobind"):
        result[f"over {base}"] = means = geometric_means(tables["min"], base)
        for name, mean in means.items():
            print(
                f"{name} / {base}: {mean['mean']} over {mean['rows']} rows, worst {mean['worst']}"
            )
    result["missing"] = {
        b.name: {row: why for row, why in b.missing.items() if why != "-"} for b in measured
    }
    print(json.dumps(result))


if __name__ == "__main__":
    main()
