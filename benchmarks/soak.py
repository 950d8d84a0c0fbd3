# SPDX-License-Identifier: Apache-2.0
"""Do the same thing a million times and see whether memory stays where it was.

    python benchmarks/soak.py [--calls 1000000] [kind ...]

Each kind of crossing runs in a process of its own: a tenth of the calls to warm up, then all of
them. What counts is how much the resident memory and the interpreter's allocated blocks have grown
in between. A kind that grows is named, and the exit status is 1.
"""

from __future__ import annotations

import argparse
import gc
import subprocess
import sys
import time
from pathlib import Path
from typing import Any, Callable

# What allocators and the system move around by themselves; a leak of one byte a call is larger.
_FLAT_BYTES = 600_000
_FLAT_BLOCKS = 500

Step = Callable[[], Any]


def _kinds() -> dict[str, Callable[[], Step]]:
    """Kinds by name: each prepares, and returns what to do over and over."""
    import tvm_ffi
    from tvm_ffi import core, testing

    echo = tvm_ffi.get_global_func("testing.echo")
    apply = tvm_ffi.get_global_func("testing.apply")
    fail = tvm_ffi.get_global_func("testing.test_raise_error")

    def of(value: Any) -> Callable[[], Step]:
        return lambda: lambda: echo(value)

    def swallowed(step: Step) -> Step:
        def run() -> None:
            try:
                step()
            except ValueError:
                pass

        return run

    def raising() -> None:
        raise ValueError("on purpose")

    def fields() -> Step:
        holder: Any = testing.create_object("testing.TestDeepCopyEdges", v_any=None, v_obj=[])

        def run() -> None:
            holder.v_any = "longer than a cell"
            holder.v_any  # noqa: B018

        return run

    def tensors(framework: str) -> Step:
        module = __import__(framework)
        tensor = module.zeros(3)
        return lambda: echo(tensor)

    def moved() -> Step:
        return lambda: echo(tvm_ffi.Array([1])._move())

    def mutated() -> Step:
        values: Any = tvm_ffi.Dict({})

        def run() -> None:
            values["a key longer than a cell"] = [1, "a value longer than a cell"]
            del values["a key longer than a cell"]

        return run

    schema = core.TypeSchema.from_annotation(dict[str, list[int]])
    return {
        "nothing": lambda: lambda: echo(None),
        "int": of(1),
        "big int": of(2**80),
        "float": of(1.5),
        "short text": of("short"),
        "long text": of("longer than a cell"),
        "bytes": of(b"longer than a cell"),
        "data type": of(tvm_ffi.dtype("int32")),
        "device": of(tvm_ffi.device("cpu")),
        "list": of([1, "two", [3.0]]),
        "dict": of({"a": 1, "b": [2]}),
        "object": of(testing.TestIntPair(1, 2)),
        "opaque": of(object()),
        "shape": of(tvm_ffi.Shape((1, 2))),
        "numpy": lambda: tensors("numpy"),
        "torch": lambda: tensors("torch"),
        "callback": lambda: lambda: apply(lambda x: x, "longer than a cell"),
        "native error": lambda: swallowed(lambda: fail("ValueError", "on purpose")),
        "python error": lambda: swallowed(lambda: apply(raising)),
        "refused argument": lambda: swallowed(lambda: echo(["\ud800", object()])),
        "constructor": lambda: lambda: testing.TestIntPair(1, 2),
        "fields": fields,
        "method": lambda: testing.TestIntPair(1, 2).sum,
        "moved object": moved,
        "mutation": mutated,
        "iteration": lambda: lambda: list(tvm_ffi.Array([1, "two", [3]])),
        "lookup": lambda: lambda: tvm_ffi.get_global_func("testing.nop"),
        "owned value": lambda: lambda: core._to_py_class_value(tvm_ffi.CAny([1])),
        "conversion": lambda: lambda: schema.convert({"a": [1, 2]}),
    }


def _resident_bytes() -> int:
    pages = int(Path("/proc/self/statm").read_text().split()[1])
    return pages * 4096


def _measure(kind: str, calls: int) -> int:
    try:
        step = _kinds()[kind]()
    except ImportError as error:
        print(f"{kind:18} not measured: {error}")
        return 0
    for _ in range(calls // 10):
        step()
    gc.collect()
    blocks, resident, start = sys.getallocatedblocks(), _resident_bytes(), time.perf_counter()
    for _ in range(calls):
        step()
    seconds = time.perf_counter() - start
    gc.collect()
    more_blocks = sys.getallocatedblocks() - blocks
    more_bytes = _resident_bytes() - resident
    grows = more_bytes > _FLAT_BYTES or more_blocks > _FLAT_BLOCKS
    print(
        f"{kind:18} {seconds / calls * 1e6:8.2f} us a call, memory {more_bytes / 1024:+8.0f} KB, "
        f"{more_blocks:+6d} blocks{'  GROWS' if grows else ''}"
    )
    return int(grows)


def main() -> int:
    """Measure each kind in a process of its own."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--calls", type=int, default=1_000_000, help="how often each is done")
    parser.add_argument("--here", action="store_true", help="measure in this process")
    parser.add_argument("kinds", nargs="*", help="all of them by default")
    asked = parser.parse_args()
    kinds = asked.kinds or list(_kinds())
    if asked.here:
        return max(_measure(kind, asked.calls) for kind in kinds)
    status = 0
    for kind in kinds:
        command = [sys.executable, __file__, "--here", "--calls", str(asked.calls), kind]
        status |= subprocess.run(command, check=False).returncode
    return int(status != 0)


if __name__ == "__main__":
    sys.exit(main())
