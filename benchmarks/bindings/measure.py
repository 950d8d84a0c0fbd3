# SPDX-License-Identifier: Apache-2.0
"""One binding in a process of its own: measures rows on request, see calls.py.

    measure.py <kind> <library>

Reads the names of rows from standard input, a line each, and answers each with the nanoseconds one
execution took, or with what is missing.
"""

from __future__ import annotations

import gc
import importlib.util
import sys
import time
import timeit
from types import ModuleType
from typing import Any

from rows import ROWS

# A measurement takes about that long; short enough for the rounds to alternate.
SECONDS = 0.015
# The processor time of this thread, which other processes disturb least.
CLOCK = time.thread_time


def compiled(library: str) -> Any:
    spec = importlib.util.spec_from_file_location(library.rpartition("/")[2].split(".")[0], library)
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def through_tvm_ffi(library: str) -> Any:
    import tvm_ffi

    tvm_ffi.load_module(library)

    @tvm_ffi.register_object("calls.Pair")
    class Pair(tvm_ffi.Object):
        pass

    # A module, as the others are, since reading an attribute of anything else takes longer.
    found: Any = ModuleType("calls")
    found.Pair = Pair
    for name in tvm_ffi.registry.list_global_func_names():
        if name.startswith("calls."):
            setattr(found, name[6:], tvm_ffi.get_global_func(name))
    return found


def through_ctypes(library: str) -> Any:
    from ctypes import CDLL, c_double, c_int64

    functions = CDLL(library)
    functions.int1.argtypes, functions.int1.restype = [c_int64], c_int64
    functions.int3.argtypes, functions.int3.restype = [c_int64] * 3, c_int64
    functions.float1.argtypes, functions.float1.restype = [c_double], c_double
    return functions


LOADERS = {"tvm_ffi": through_tvm_ffi, "compiled": compiled, "ctypes": through_ctypes}


class Subject:
    """The functions of one binding, and the timers of the rows met so far."""

    def __init__(self, kind: str, library: str) -> None:
        self.kind = kind
        self.names = {"m": LOADERS[kind](library), "LIBRARY": library}
        self.timers: dict[str, tuple[timeit.Timer, int]] = {}
        # What the loop itself takes is no part of a call.
        self.loop = min(timeit.Timer("pass", timer=CLOCK).repeat(20, 50_000)) / 50_000 * 1e9

    def measure(self, name: str) -> str:
        row = ROWS[name]
        if self.kind not in row.kinds.split():
            return "-"
        try:
            timer, loops = self.timers.get(name) or self.prepare(name)
            spent = timer.timeit(loops)
        except Exception as error:
            return f"{type(error).__name__}: {error}".splitlines()[0]
        return f"{spent / loops * 1e9 - self.loop:.2f}"

    def prepare(self, name: str) -> tuple[timeit.Timer, int]:
        row = ROWS[name]
        names: dict[str, Any] = dict(self.names)
        exec(row.setup, names)
        timer = timeit.Timer(row.statement, globals=names, timer=CLOCK)
        timer.timeit(100)
        loops = max(10, int(SECONDS / max(timer.timeit(100), 1e-7) * 100))
        self.timers[name] = timer, loops
        return timer, loops


def main() -> None:
    subject = Subject(*sys.argv[1:3])
    gc.freeze()
    print("ready", flush=True)
    for line in sys.stdin:
        print(subject.measure(line.rstrip("\n")), flush=True)


if __name__ == "__main__":
    main()
