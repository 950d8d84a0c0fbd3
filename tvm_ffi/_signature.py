# SPDX-License-Identifier: Apache-2.0
"""Functions that make calls of one signature: generated, once for each tuple of argument types.

A signature is what the types of the arguments are. `callers` has, for a type or a tuple of types, a
function that takes the native function and the arguments, writes a block, and makes the call. Those
written here can be stepped through like any other; of types of which no `Part` is known the caller
is `by_cells`, the pure lane's way to pass anything.
"""

from __future__ import annotations

from struct import Struct
from struct import error as StructError
from typing import Any, Callable, NamedTuple

from . import _block
from ._convert import Packer, packers
from ._room import DEPTH, SAME_DEPTH


class Part(NamedTuple):
    """How one argument is written to a block, as source; ``{x}`` stands for the argument.

    `setup` are statements before; they may ``return by_cells`` to have the call made that way,
    and assign to names that end in ``{x}``. `code` is the payload's in `struct`, and `data` what
    follows the cells. With an `api` results become tensors of the framework that it belongs to.
    """

    tag: Any
    payload: str
    code: str = "q"
    setup: tuple[str, ...] = ()
    data: str = ""
    api: Any = None


# By packer: the part, or a function of the class that gives it or None. Filled where packers are.
parts: dict[Packer, Part | Callable[[type], Part | None]] = {}

Caller = Callable[..., Any]

# What generated functions refer to. `_lane` adds how calls end.
names: dict[str, Any] = {
    "DEPTH": DEPTH,
    "LEAST_INT": _block.LEAST_INT,
    "SIMPLE": _block.SIMPLE,
    "TRUE": _block.TRUE,
    "SAME_DEPTH": SAME_DEPTH,
    "StructError": StructError,
    "discard": _block.discard,
    "invoke": _block.invoke,
}

# Beyond this the types of arguments are taken for endlessly varied.
_MOST = 4096
_MOST_ARGUMENTS = 32


class _Callers(dict[Any, Caller]):
    def __missing__(self, types: Any) -> Caller:
        caller = _make_caller(types if isinstance(types, tuple) else (types,))
        if len(self) < _MOST:
            self[types] = caller
        return caller


callers = _Callers()


def _forget(cls: type, packer: Packer) -> None:
    for types in list(callers):
        if types is cls or (isinstance(types, tuple) and cls in types):
            callers.pop(types, None)


packers.watch(_forget)


def part_of(cls: type) -> Part | None:
    """Return how arguments of exactly that type are written, or None."""
    part = parts.get(packers[cls])
    return part(cls) if callable(part) else part


def _make_caller(types: tuple[type, ...]) -> Caller:
    found = [part_of(cls) for cls in types]
    if None in found or len(types) > _MOST_ARGUMENTS:
        by_cells: Caller = names["by_cells"]
        return by_cells
    return _generate("_".join(cls.__name__ for cls in types), found)  # type: ignore[arg-type]


def _generate(name: str, found: list[Part]) -> Caller:
    arguments = [f"x{position}" for position in range(len(found))]
    taken = ", ".join(["function", *arguments])
    setup, values, data = [], [], []
    for part, x in zip(found, arguments):
        setup += [line.format(x=x, by_cells=f"by_cells({taken})") for line in part.setup]
        values += [str(part.tag).format(x=x), part.payload.format(x=x)]
        if part.data:
            data.append(part.data.format(x=x))
    head = f"function._handle, {len(found)}, function._gives_up"
    packed = " + ".join([f"pack({', '.join([head, *values])})", *data])
    lines = [
        f"def call_{name}({taken}):",
        *(f"    {line}" for line in setup),
        "    try:",
        f"        block = {packed}",
        "    except StructError:  # an int of more than 64 bits",
        f"        return by_cells({taken})",
        "    DEPTH == SAME_DEPTH  # leaves room for a callback",
        "    try:",
        "        outcome = invoke(block)",
        "    except BaseException:",
        "        discard(block)",
        "        raise",
        "    if outcome >= LEAST_INT:",
        "        return outcome",
        "    if outcome <= TRUE:",
        "        return SIMPLE[outcome]",
        f"    return finish(outcome, block, api, {taken})",
    ]
    apis = [part.api for part in found if part.api is not None]
    own = {"api": apis[0] if apis else None}
    own["pack"] = Struct(_block.HEAD + "".join("q" + part.code for part in found)).pack
    return _compiled(f"call_{name}", lines, own)


def _compiled(name: str, lines: list[str], own: dict[str, Any]) -> Caller:
    """Define a function whose source debuggers and tracebacks can show."""
    import linecache

    filename = f"<tvm_ffi {name}>"
    source = "\n".join(lines) + "\n"
    linecache.cache[filename] = len(source), None, source.splitlines(True), filename
    namespace = {**names, **own, "__name__": __name__}
    exec(compile(source, filename, "exec"), namespace)
    caller: Caller = namespace[name]
    return caller
