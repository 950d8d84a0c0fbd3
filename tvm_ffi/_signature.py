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
from ._convert import Packer, packers, unpackers
from ._ffi import kTVMFFIStaticObjectBegin
from ._generated import define
from ._room import DEPTH, SAME_DEPTH


class Part(NamedTuple):
    """How one argument is written to a block, as source; ``{x}`` stands for the argument.

    `setup` are statements before; they may ``return by_cells`` to have the call made that way,
    and assign to names that end in ``{x}``. `code` is the payload's in `struct`, and `data` what
    follows the cells. With an `api` results become tensors of the framework that it belongs to.
    `key` is that of an entry of `_pyref` that `setup` makes for the call.
    """

    tag: Any
    payload: str
    code: str = "q"
    setup: tuple[str, ...] = ()
    data: str = ""
    api: Any = None
    key: str = ""


# By packer: the part, or a function of the class that gives it or None. Filled where packers are.
parts: dict[Packer, Part | Callable[[type], Part | None]] = {}

Caller = Callable[..., Any]

# What generated functions refer to. `_lane` adds how calls end.
names: dict[str, Any] = {
    "FLOAT": _block.FLOAT,
    "OBJECT": kTVMFFIStaticObjectBegin,
    "VALUE": _block.VALUE,
    "read_float": _block.read_float,
    "read_result": _block.read_result,
    "unpackers": unpackers,
    "DEPTH": DEPTH,
    "LEAST_INT": _block.LEAST_INT,
    "HELD": _block.HELD,
    "NONE": _block.NONE,
    "TRUE": _block.TRUE,
    "SAME_DEPTH": SAME_DEPTH,
    "StructError": StructError,
    "discard": _block.discard,
    "invoke": _block.invoke,
}

# Beyond this the types of arguments are taken for endlessly varied.
_MOST = 4096
_MOST_ARGUMENTS = 32


class Way(NamedTuple):
    """One way to call: what generated functions do besides passing arguments.

    `by_cells` names what passes any arguments, and `gives_up` is whether the call gives up the
    lock. `invokes` has what calls with a short head, by the number of arguments. `simple` are the
    statements for an outcome that says all, and `ends` those for all others.
    """

    name: str
    by_cells: str
    gives_up: str
    invokes: str
    simple: tuple[str, ...]
    ends: tuple[str, ...]


CALL = Way(
    "call",
    "by_cells",
    "function._gives_up",
    "function._invokes",
    (
        "    if outcome >= LEAST_INT:",
        "        return outcome",
        "    if outcome <= TRUE:",
        "        return None if outcome == NONE else outcome == TRUE",
        "    if outcome == FLOAT:",
        "        return read_float(block)[0]",
    ),
    (
        "    if outcome == VALUE:",
        "        return unpack(payload, api)",
        "    return finish({otherwise})",
    ),
)
# For the type index and the handle, owned, of the object that the function makes.
MAKE = Way(
    "make",
    "made_by_cells",
    "0",
    "HELD",
    (),
    (
        "    if outcome == VALUE and tag >= OBJECT:",
        "        return tag, payload",
        "    return finish_making({otherwise})",
    ),
)


class _Callers(dict[Any, Caller]):
    def __init__(self, way: Way) -> None:
        self._way = way

    def __missing__(self, types: Any) -> Caller:
        caller = _make_caller(self._way, types if isinstance(types, tuple) else (types,))
        if len(self) < _MOST:
            self[types] = caller
        return caller

    def forget(self, cls: type, packer: Packer) -> None:
        """Have the callers of a type made anew, which is passed in another way now."""
        for types in list(self.keys()):  # at once, which of a subclass of dict is not
            if types is cls or (isinstance(types, tuple) and cls in types):
                self.pop(types, None)


callers, makers = _Callers(CALL), _Callers(MAKE)
packers.watch(callers.forget)
packers.watch(makers.forget)


def part_of(cls: type) -> Part | None:
    """Return how arguments of exactly that type are written, or None."""
    part = parts.get(packers[cls])
    return part(cls) if callable(part) else part


def _make_caller(way: Way, types: tuple[type, ...]) -> Caller:
    found = [part_of(cls) for cls in types]
    entered = sum(part is not None and bool(part.key) for part in found)
    if None in found or len(types) > _MOST_ARGUMENTS or entered > 1:
        by_cells: Caller = names[way.by_cells]
        return by_cells
    # A class made by calling `type` can have any text for a name.
    words = [cls.__name__ if cls.__name__.isidentifier() else "other" for cls in types]
    name = "_".join([way.name, *words])
    return _generate(way, name, found)  # type: ignore[arg-type]


def _generate(way: Way, name: str, found: list[Part]) -> Caller:
    arguments = [f"x{position}" for position in range(len(found))]
    taken = ", ".join(["function", *arguments])
    by_cells = f"{way.by_cells}({taken})"
    setup, values, data = [], [], []
    otherwise: list[str] = []  # what is to be done if nothing is called
    is_short = len(found) <= _block.MOST_SHORT
    call = f"{way.invokes}[{len(found)}](block)" if is_short else "invoke(block)"
    invocation = [f"        outcome = {call}"]
    # What is entered comes last: nothing but the block may fail then.
    for part, x in sorted(zip(found, arguments), key=lambda entry: bool(entry[0].key)):
        setup += [line.format(x=x, by_cells=by_cells) for line in part.setup]
    for position, (part, x) in enumerate(zip(found, arguments)):
        if part.key:
            otherwise = [f"        take_out({part.key.format(x=x)}, None)"]
            # The tag is that of a None if the function made for the call is gone.
            tag = _block.HEAD_SIZE + 16 * position
            invocation = [
                "        try:",
                f"            outcome = {call}",
                "        finally:",
                f"            if not block[{tag}]:",
                f"        {otherwise[0]}",
            ]
        values += [str(part.tag).format(x=x), part.payload.format(x=x)]
        if part.data:
            data.append(part.data.format(x=x))
    head = "function._handle" + ("" if is_short else f", {len(found)}, {way.gives_up}")
    packed = " + ".join([f"pack({', '.join([head, *values])})", *data])
    lines = [
        f"def {name}({taken}):",
        *(f"    {line}" for line in setup),
        "    try:",
        f"        block = {packed}",
        "        DEPTH == SAME_DEPTH  # leaves room for a callback",
        "    except StructError:  # an int of more than 64 bits",
        *otherwise,
        f"        return {by_cells}",
        *(["    except BaseException:", *otherwise, "        raise"] if otherwise else []),
        "    try:",
        *invocation,
        *(f"    {line}" for line in way.simple),
        "        if outcome == VALUE:",
        "            tag, payload = read_result(block)",
        "            unpack = unpackers[tag]",
        "    except BaseException:",
        "        discard(block)",
        "        raise",
        *(line.format(otherwise=f"outcome, block, {taken}") for line in way.ends),
    ]
    apis = [part.api for part in found if part.api is not None]
    own = {"api": apis[0] if apis else None}
    layout = _block.SHORT_HEAD if is_short else _block.HEAD
    own["pack"] = Struct(layout + "".join("q" + part.code for part in found)).pack
    caller: Caller = define(name, lines, {**names, **own})
    return caller
