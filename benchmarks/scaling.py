# SPDX-License-Identifier: Apache-2.0
"""See how the cost of a crossing grows with what crosses, beside the released package.

    python benchmarks/scaling.py [--rounds 7] [--ours <python>] [--free-threaded <python>]

Each package runs in a process of its own, rounds interleaved, minima taken. A series is printed
with the time at each size, in nanoseconds, and the slope: what one more argument, element or
character costs, from a line through the last three sizes. For tables that fill up, of functions
and of types, the time of one use is printed at each size, which should stay where it is.

`--free-threaded` names an interpreter without the global lock that has this package: two threads
are to do nearly twice the calls of one there. The last line is all of it as JSON.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import threading
import time
from typing import Any, Callable

from calls import PURE, Binding, bindings

SIZES = {
    "arguments": (0, 1, 2, 4, 8, 16, 32),
    "list of ints": (1, 10, 100, 1_000, 10_000, 100_000),
    "characters": (10, 1_000, 100_000, 1_000_000, 10_000_000),
    "array out and iterated": (1, 10, 100, 1_000, 10_000, 100_000),
    "registered functions": (1, 100, 10_000, 100_000),
    "registered types": (1, 100, 10_000, 100_000),
}
GROWING = tuple(SIZES)[:4]
SECONDS = 0.02

# ---- In the measured process ---------------------------------------------------------------------


class Series:
    """Prepares a size of each series, and returns what is to be timed."""

    def __init__(self, library: str) -> None:
        import tvm_ffi

        self.ffi = tvm_ffi
        tvm_ffi.load_module(library)
        self.ignore = tvm_ffi.get_global_func("calls.ignore")
        self.numbers = tvm_ffi.get_global_func("calls.numbers")
        self.functions = self.types = 0

    def step(self, series: str, size: int) -> Callable[[], Any]:
        ignore, numbers = self.ignore, self.numbers
        if series == "arguments":
            values = tuple(range(size))
            return lambda: ignore(*values)
        if series == "list of ints":
            listed = list(range(size))
            return lambda: ignore(listed)
        if series == "characters":
            text = "x" * size
            return lambda: ignore(text)
        if series == "array out and iterated":
            return lambda: list(numbers(size))
        return self.fill_functions(size) if "functions" in series else self.fill_types(size)

    def fill_functions(self, size: int) -> Callable[[], Any]:
        while self.functions < size:
            self.functions += 1
            self.ffi.register_global_func(f"scaling.{self.functions}", len)
        get, name = self.ffi.get_global_func, f"scaling.{size}"
        return lambda: get(name)

    def fill_types(self, size: int) -> Callable[[], Any]:
        import ctypes

        library = ctypes.CDLL(self.ffi.libinfo.find_libtvm_ffi())
        while self.types < size:
            self.types += 1
            key = f"scaling.Type{self.types}".encode()
            words = (ctypes.c_size_t * 2)(0, len(key))
            data = ctypes.create_string_buffer(key)
            words[0] = ctypes.addressof(data)
            library.TVMFFITypeGetOrAllocIndex(words, -1, 1, 0, 1, 64)
        make = self.ffi.get_global_func("calls.pair")
        return lambda: make(1, 2)


def spent(step: Callable[[], Any]) -> float:
    """Return the nanoseconds of one step, at the best of a few short runs."""
    step()
    started = time.perf_counter()
    step()
    loops = max(1, min(20_000, int(SECONDS / (time.perf_counter() - started + 1e-9))))
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for _ in range(loops):
            step()
        best = min(best, (time.perf_counter() - started) / loops)
    return best * 1e9


def serve(library: str) -> None:
    series = Series(library)
    print("ready", flush=True)
    for line in sys.stdin:
        name, size = line.rsplit(" ", 1)
        try:
            print(spent(series.step(name, int(size))), flush=True)
        except Exception as error:
            print(f"{type(error).__name__}: {error}".splitlines()[0], flush=True)


def serve_threads(library: str) -> None:
    """Print the calls a second of one thread and of two."""
    import tvm_ffi

    tvm_ffi.load_module(library)
    ignore = tvm_ffi.get_global_func("calls.ignore")

    def work(rounds: int) -> None:
        for i in range(rounds):
            ignore(i)

    def rate(threads: int, rounds: int = 300_000) -> float:
        running = [threading.Thread(target=work, args=(rounds,)) for _ in range(threads)]
        started = time.perf_counter()
        for thread in running:
            thread.start()
        for thread in running:
            thread.join()
        return threads * rounds / (time.perf_counter() - started)

    work(1000)
    rates = [max(rate(threads) for _ in range(5)) for threads in (1, 2)]
    has_lock = getattr(sys, "_is_gil_enabled", lambda: True)()
    print(json.dumps({"lane": tvm_ffi.lane(), "lock": has_lock, "calls a second": rates}))


# ---- What comes out ------------------------------------------------------------------------------


def slope(sizes: tuple[int, ...], times: list[float]) -> float:
    """Return the slope of the line that fits the last three points best."""
    x, y = sizes[-3:], times[-3:]
    mean_x, mean_y = sum(x) / 3, sum(y) / 3
    above = sum((a - mean_x) * (b - mean_y) for a, b in zip(x, y))
    return above / sum((a - mean_x) ** 2 for a in x)


def measure(measured: list[Binding], rounds: int) -> dict[str, dict[str, list[float]]]:
    found: dict[str, dict[str, list[float]]] = {}
    for series, sizes in SIZES.items():
        times = {binding.name: [float("inf")] * len(sizes) for binding in measured}
        for position, size in enumerate(sizes):
            for _ in range(rounds):
                for binding in measured:
                    binding.times.clear()
                    binding.measure(f"{series} {size}")
                    for answers in binding.times.values():
                        times[binding.name][position] = min(times[binding.name][position], *answers)
        found[series] = times
    return found


def show(found: dict[str, dict[str, list[float]]]) -> dict[str, dict[str, float]]:
    slopes: dict[str, dict[str, float]] = {}
    for series, times in found.items():
        sizes = SIZES[series]
        print(f"\n{series:24}" + "".join(f"{size:>14,}" for size in sizes), end="")
        print(f"{'slope':>12}{'ratio':>8}" if series in GROWING else f"{'last/first':>12}")
        for name, row in times.items():
            print(f"{name:24}" + "".join(f"{value:>14,.0f}" for value in row), end="")
            if series not in GROWING:
                print(f"{row[-1] / row[0]:>12.2f}")
                continue
            slopes.setdefault(series, {})[name] = slope(sizes, row)
            ratio = slopes[series][name] / slope(sizes, times["reference"])
            print(f"{slopes[series][name]:>12.3f}{ratio:>8.2f}")
    return slopes


def main() -> None:
    if sys.argv[1:2] == ["--serve"]:
        return serve(sys.argv[2])
    if sys.argv[1:2] == ["--serve-threads"]:
        return serve_threads(sys.argv[2])
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--rounds", type=int, default=7)
    parser.add_argument("--ours", help="interpreter that has this package already")
    parser.add_argument("--free-threaded", help="interpreter without the lock that has it")
    arguments = parser.parse_args()
    arguments.torch = None

    wanted = ("ours, pure lane", "ours", "reference")
    measured = [binding for binding in bindings(arguments) if binding.name in wanted]
    library = measured[0].command[3]
    for binding in measured:
        binding.command = [binding.python, __file__, "--serve", library]
        binding.start()
    found = measure(measured, arguments.rounds)
    result: dict[str, Any] = {"times": found, "slopes": show(found), "threads": {}}

    ours = measured[1].python
    plans = {ours: {}, f"{ours} (pure lane)": PURE}
    if arguments.free_threaded:
        plans.update({arguments.free_threaded: {}, f"{arguments.free_threaded} (pure lane)": PURE})
    for name, env in plans.items():
        command = [name.partition(" ")[0], __file__, "--serve-threads", library]
        answer = subprocess.check_output(command, text=True, env={**measured[1].env, **env})
        result["threads"][name] = threads = json.loads(answer)
        one, two = threads["calls a second"]
        lock = "with the lock" if threads["lock"] else "without a lock"
        print(f"\nthreads, {threads['lane']} lane, {lock}: {two / one:.2f} times the calls of one")
    print(json.dumps(result))


if __name__ == "__main__":
    main()
