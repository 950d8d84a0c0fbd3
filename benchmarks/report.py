# SPDX-License-Identifier: Apache-2.0
"""Run the benchmarks and keep what they print, for docs/performance.md to show.

    python benchmarks/report.py [--only text] [--python <another interpreter>]

Writes docs/printed/<name>.txt: the command, what it ran on, and its output as printed, without the
JSON in the last line. An hour on an idle machine; figures of a busy one are of no use.
"""

from __future__ import annotations

import argparse
import datetime
import os
import platform
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PRINTED = ROOT / "docs" / "printed"
TORCH = "torch==2.13.0"

# What the first report installs serves the others.
WORK = Path("build") / "benchmarks" / f"{sys.version_info[0]}.{sys.version_info[1]}"
OURS = str(WORK / "ours-torch" / "bin" / "python")
PEERS = str(WORK / "peers-torch" / "bin" / "python")

REPORTS = {
    "calls": ["calls.py", "--torch", TORCH],
    "scaling": ["scaling.py", "--ours", OURS],
    "compile_time": ["compile_time.py", "--reference", PEERS],
    "errors": ["errors.py", "--ours", OURS, "--reference", PEERS],
    "json_text": ["json_text.py", "--reference", PEERS],
}
# The only ones that an interpreter makes a difference to.
OF_INTERPRETERS = ("calls",)


def machine() -> str:
    """Return what figures depend on: the processor, the number of cores, the interpreter."""
    model = platform.processor() or platform.machine()
    if os.path.exists("/proc/cpuinfo"):
        lines = Path("/proc/cpuinfo").read_text().splitlines()
        model = next((line.partition(": ")[2] for line in lines if "model name" in line), model)
    compiler = subprocess.run(["g++", "--version"], capture_output=True, text=True).stdout
    built_with = compiler.splitlines()[0] if compiler else "no g++"
    return f"{model}, {os.cpu_count()} cores; {built_with}; {datetime.date.today()}"


def report(name: str, python: str, command: list[str]) -> bool:
    print(f"--- {name}", flush=True)
    script = [python, f"benchmarks/{command[0]}", *command[1:]]
    running = subprocess.Popen(script, stdout=subprocess.PIPE, text=True, cwd=ROOT)
    assert running.stdout is not None
    lines = []
    for line in running.stdout:
        print(line, end="", flush=True)
        if not line.startswith("{"):
            lines.append(line.rstrip())
    if running.wait() != 0:
        print(f"{name} failed", file=sys.stderr)
        return False
    version = subprocess.check_output([python, "--version"], text=True, cwd=ROOT).strip()
    head = [f"$ python benchmarks/{' '.join(command)}", f"{version}; {machine()}", ""]
    PRINTED.mkdir(exist_ok=True)
    (PRINTED / f"{name}.txt").write_text("\n".join(head + lines).rstrip() + "\n")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--only", default="", help="only reports whose name contains this")
    parser.add_argument("--python", action="append", default=[], help="measure calls with it too")
    arguments = parser.parse_args()
    # The one for JSON looks for the library of the package that its interpreter has.
    plans = [
        (name, OURS if name == "json_text" else sys.executable, command)
        for name, command in REPORTS.items()
    ]
    for python in arguments.python:
        code = "import sys; print('%d.%d' % sys.version_info[:2])"
        version = subprocess.check_output([python, "-c", code], text=True).strip()
        plans += [(f"{n}-{version}", python, REPORTS[n][:1]) for n in OF_INTERPRETERS]
    done = [report(*plan) for plan in plans if arguments.only in plan[0]]
    return 0 if all(done) else 1


if __name__ == "__main__":
    sys.exit(main())
