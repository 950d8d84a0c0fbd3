# SPDX-License-Identifier: Apache-2.0
"""Calls of native functions with blocks, see `_block`: the pure lane's fast way.

Whatever a block cannot say is passed cell by cell, by `_lane.call_by_cells`.
"""

from __future__ import annotations

from ctypes import ArgumentError
from struct import Struct
from struct import error as StructError
from typing import Any, Callable

from . import _block, _host
from ._convert import unpackers
from ._dlpack import unfit_tensor
from ._environment import no_object, out_of_stack
from ._error import take_raised
from ._ffi import kTVMFFIInt
from ._room import DEPTH, SAME_DEPTH
from ._signature import callers, makers, names

# Whether `Function.__call__` takes ABSENT for an argument that is not there.
is_used = _block.available and not _host.active

_PACKED_NOTHING = Struct(_block.SHORT_HEAD).pack
_PACKED_INT = Struct(f"{_block.SHORT_HEAD}qq").pack
_discard = _block.discard
_LEAST_INT, _NONE, _TRUE = _block.LEAST_INT, _block.NONE, _block.TRUE
_VALUE, _read_result = _block.VALUE, _block.read_result

# Stands for an argument that is not there; whoever passes it on passes none.
ABSENT: Any = type("_Absent", (), {"__repr__": lambda self: "<absent>"})()


def call_by_block(
    self: Any,
    a: Any = ABSENT,
    b: Any = ABSENT,
    c: Any = ABSENT,
    d: Any = ABSENT,
    /,
    *more: Any,
) -> Any:
    """Call the function; see `Function`."""
    # As flat as it gets: every Python frame in here costs as much as the native call.
    if b is ABSENT:
        cls = type(a)
        if cls is int or a is ABSENT:
            # As in `_signature`, for what is passed most often.
            try:
                if cls is int:
                    block = _PACKED_INT(self._handle, kTVMFFIInt, a)
                else:
                    block = _PACKED_NOTHING(self._handle)
            except StructError:
                by_cells: Callable[..., Any] = names["by_cells"]
                return by_cells(self, a)
            DEPTH == SAME_DEPTH  # noqa: B015, leaves room for a callback
            try:
                outcome: int = self._invokes[cls is int](block)
                if outcome >= _LEAST_INT:
                    return outcome
                if outcome <= _TRUE:
                    return None if outcome == _NONE else outcome == _TRUE
                if outcome == _VALUE:
                    tag, payload = _read_result(block)
                    unpack = unpackers[tag]
            except BaseException:
                _discard(block)
                raise
            if outcome == _VALUE:
                return unpack(payload, None)
            return _finish(outcome, block, self, *(() if a is ABSENT else (a,)))
        return callers[cls](self, a)
    if c is ABSENT:
        return callers[type(a), type(b)](self, a, b)
    if d is ABSENT:
        return callers[type(a), type(b), type(c)](self, a, b, c)
    if not more:
        return callers[type(a), type(b), type(c), type(d)](self, a, b, c, d)
    args = (a, b, c, d, *more)
    return callers[tuple(map(type, args))](self, *args)


def _finish(outcome: int, block: bytes, function: Any, *args: Any) -> Any:
    """Give the result of a call made with a block that is no value, or raise its error."""
    if outcome == _block.FLOAT:
        return _block.read_float(block)[0]
    _raise_failure(outcome, block)
    return names["by_cells"](function, *args)


def _finish_making(outcome: int, block: bytes, function: Any, *args: Any) -> Any:
    """Do the same where the function was called for the object it makes."""
    _raise_failure(outcome, block)
    if outcome == _block.REFUSED:
        return names["made_by_cells"](function, *args)
    raise no_object(_block.read_result(block)[0] & 0xFFFFFFFF)


def _raise_failure(outcome: int, block: bytes) -> None:
    if outcome == _block.FAILED:
        try:
            raise take_raised(_block.read_payload(block)[0])
        except ArgumentError as error:
            raise out_of_stack(error) from None
    if outcome == _block.UNFIT:
        raise unfit_tensor(take_raised(-1))


def make_by_block(function: Any, args: tuple[Any, ...]) -> tuple[int, int]:
    """Call a function for the object it makes; gives its type index and an owned handle."""
    made: tuple[int, int] = makers[tuple(map(type, args))](function, *args)
    return made


names.update(finish=_finish, finish_making=_finish_making)
