# SPDX-License-Identifier: Apache-2.0
"""Compare how fast JSON is parsed and written with the released package.

    python benchmarks/json_text.py [--reference <python that has the released apache-tvm-ffi>]

Documents of 50 MB (records, numbers, text) are parsed, written and freed by this checkout's library
and by that of the released wheel, in turns and each in a process of its own, both called through
the C contract by the same few lines, so that only the libraries differ. Prints the shortest CPU
times, the ratios (below 1 is better) and, as the last line, the same as JSON. By default ours is
the library of the `tvm_ffi` that this interpreter imports, and the released wheel is installed
into a virtual environment of its own.
"""

from __future__ import annotations

import argparse
import ctypes
import json
import random
import string
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

RELEASE = "apache-tvm-ffi==0.1.15.post2"
STEPS = ("parse", "write", "free")


# ---- In the processes that are measured: only the contract ---------------------------------------


class Cell(ctypes.Structure):
    _fields_ = [
        ("type_index", ctypes.c_int32),
        ("extra", ctypes.c_uint32),
        ("payload", ctypes.c_void_p),
    ]


class ByteArray(ctypes.Structure):
    _fields_ = [("data", ctypes.c_char_p), ("size", ctypes.c_size_t)]


class Library:
    """libtvm_ffi, as far as it is needed here."""

    def __init__(self, path: str) -> None:
        self.entry_points = ctypes.CDLL(path)

    def check(self, status: int) -> None:
        if status != 0:
            raise RuntimeError("a call of the library failed")

    def function(self, name: str) -> ctypes.c_void_p:
        handle = ctypes.c_void_p()
        key = ByteArray(name.encode(), len(name))
        get = self.entry_points.TVMFFIFunctionGetGlobal
        self.check(get(ctypes.byref(key), ctypes.byref(handle)))
        return handle

    def call(self, function: ctypes.c_void_p, *arguments: Cell) -> Cell:
        cells = (Cell * len(arguments))(*arguments)
        result = Cell()
        call = self.entry_points.TVMFFIFunctionCall
        self.check(call(function, cells, len(arguments), ctypes.byref(result)))
        return result

    def text(self, content: bytes) -> Cell:
        cell = Cell()
        array = ByteArray(content, len(content))
        make = self.entry_points.TVMFFIStringFromByteArray
        self.check(make(ctypes.byref(array), ctypes.byref(cell)))
        return cell

    def free(self, cell: Cell) -> None:
        self.check(self.entry_points.TVMFFIObjectDecRef(ctypes.c_void_p(cell.payload)))


def measure_once(library: Library, text: Cell) -> dict[str, float]:
    parse = library.function("ffi.json.Parse")
    write = library.function("ffi.json.Stringify")
    times = [time.process_time()]
    value = library.call(parse, text)
    times.append(time.process_time())
    written = library.call(write, value, Cell())
    times.append(time.process_time())
    library.free(value)
    times.append(time.process_time())
    library.free(written)
    return {step: times[i + 1] - times[i] for i, step in enumerate(STEPS)}


def work(path: str) -> None:
    """Answer each line, the name of a document, with a line of times."""
    library = Library(path)
    for line in sys.stdin:
        text = library.text(Path(line.strip()).read_bytes())
        print(json.dumps(measure_once(library, text)), flush=True)
        library.free(text)


# ---- In the process that measures ----------------------------------------------------------------


def record(rng: random.Random, number: int) -> dict[str, Any]:
    return {
        "id": number,
        "name": "".join(rng.choices(string.ascii_letters, k=rng.randint(3, 24))),
        "active": rng.random() < 0.5,
        "score": rng.uniform(-1e3, 1e3),
        "parent": None,
        "tags": rng.choices(["red", "green", "blue", "a longer tag than fits"], k=3),
        "position": {"x": rng.randint(-1000, 1000), "y": rng.randint(-1000, 1000)},
        "note": 'with "quotes",\n a path/and é' * rng.randint(0, 2),
    }


def numbers(rng: random.Random) -> list[float]:
    return [rng.gauss(0, 1) if i % 2 else rng.randint(-(10**9), 10**9) for i in range(100)]


def paragraph(rng: random.Random) -> str:
    words = ("".join(rng.choices(string.ascii_lowercase, k=rng.randint(2, 9))) for _ in range(60))
    return " ".join(words) + rng.choice([".", "!\n", ' "said" she', " ünïcödé"])


def make_documents(folder: Path, size: int) -> dict[str, Path]:
    rng = random.Random(20)
    makers = {
        "records": lambda: record(rng, rng.randint(0, 10**9)),
        "numbers": lambda: numbers(rng),
        "text": lambda: paragraph(rng),
    }
    documents = {}
    for name, make in makers.items():
        sample = [make() for _ in range(2000)]
        piece = json.dumps(sample, ensure_ascii=False, separators=(",", ":"))[1:-1]
        text = "[" + ",".join([piece] * max(1, size // len(piece.encode()))) + "]"
        documents[name] = folder / f"{name}.json"
        documents[name].write_text(text, encoding="utf-8")
    return documents


class Side:
    """One of the two libraries, loaded by a process of its own."""

    def __init__(self, name: str, library: str) -> None:
        self.name = name
        self.times: dict[str, dict[str, list[float]]] = {}
        self.process = subprocess.Popen(
            [sys.executable, __file__, "--work", library],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def measure(self, document: str, path: Path) -> None:
        assert self.process.stdin is not None and self.process.stdout is not None
        print(path, file=self.process.stdin, flush=True)
        steps = self.times.setdefault(document, {step: [] for step in STEPS})
        for step, seconds in json.loads(self.process.stdout.readline()).items():
            steps[step].append(seconds)

    def figures(self) -> dict[str, float]:
        return {
            f"{document} {step}": round(min(seconds), 4)
            for document, steps in self.times.items()
            for step, seconds in steps.items()
        }

    def close(self) -> None:
        assert self.process.stdin is not None
        self.process.stdin.close()
        self.process.wait()


def library_of(python: Path) -> str:
    code = "from tvm_ffi import libinfo; print(libinfo.find_libtvm_ffi())"
    # Away from this checkout, whose package must not stand in for the released one.
    return subprocess.run(
        [str(python), "-c", code], cwd=python.parent, check=True, capture_output=True, text=True
    ).stdout.strip()


def install_release(folder: Path) -> Path:
    environment = folder / "reference"
    subprocess.run([sys.executable, "-m", "venv", str(environment)], check=True)
    python = environment / "bin" / "python"
    subprocess.run([str(python), "-m", "pip", "install", "--quiet", RELEASE], check=True)
    return python


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--reference", type=Path, help="interpreter with the released package")
    parser.add_argument("--library", help="our libtvm_ffi.so")
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--megabytes", type=int, default=50)
    parser.add_argument("--work", help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.work:
        work(arguments.work)
        return

    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        reference = arguments.reference or install_release(folder)
        documents = make_documents(folder, arguments.megabytes * 1000000)
        ours = Side("ours", arguments.library or library_of(Path(sys.executable)))
        released = Side("reference", library_of(reference.absolute()))
        for turn in range(arguments.rounds):
            for name, path in documents.items():
                for side in (ours, released) if turn % 2 == 0 else (released, ours):
                    side.measure(name, path)
        ours.close()
        released.close()

    result = {side.name: side.figures() for side in (ours, released)}
    result["ratio"] = {
        step: round(seconds / result["reference"][step], 3)
        for step, seconds in result["ours"].items()
    }
    print(f"{'CPU seconds':16}{'ours':>10}{'reference':>11}{'ratio':>8}")
    for step in result["ours"]:
        ours_s, reference_s, ratio = (result[name][step] for name in result)
        print(f"{step:16}{ours_s:>10}{reference_s:>11}{ratio:>8}")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
