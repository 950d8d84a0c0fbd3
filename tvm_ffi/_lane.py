# SPDX-License-Identifier: Apache-2.0
"""The pure lane: how calls are made when ctypes does everything.

A lane is these functions: `call` (which is ``Function.__call__``), `construct`, `get_field`,
`set_field`, and `answer`, the body of a callback. Everything a call writes to is its own: packed
arguments are a fresh ``bytes``, the result cell comes from a pool and goes back when it is empty.
"""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from ctypes import ArgumentError, byref, c_int, c_int64, c_void_p
from struct import Struct
from struct import error as StructError
from typing import Any

from . import _block, _block_call, _ffi, _tree
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    Reference,
    frames,
    packers,
    rule,
    unpackers,
    view_unpackers,
)
from ._environment import (
    failure,
    invoke_in_environment,
    no_object,
    out_of_stack,
    refuse_empty,
    stopped,
)
from ._error import take_raised
from ._ffi import (
    kTVMFFIArray,
    kTVMFFIInt,
    kTVMFFIMap,
    kTVMFFINone,
    kTVMFFIObjectRValueRef,
    kTVMFFIStaticObjectBegin,
)
from ._room import DEPTH, SAME_DEPTH
from ._scalars import pack_big_int
from ._signature import Part, names, parts

# TVMFFIFunctionCall without argument types, which would cost as much as the rest of the call. Only
# for the four arguments that `call` passes: a c_void_p, bytes, a small int and a byref().
invoke_released = _ffi.LIB["TVMFFIFunctionCall"]
invoke_released.restype = c_int
invoke_held = _ffi.HELD["TVMFFIFunctionCall"]
invoke_held.restype = c_int

_PACKED = [Struct(f"<{2 * count}q").pack for count in range(33)]

# ---- Calls ---------------------------------------------------------------------------------------


def call_by_cells(self: Any, /, *args: Any) -> Any:
    """Call the function with any arguments there are; see `Function`."""
    try:
        frame = frames.pop()
    except IndexError:
        frame = CallFrame()
    try:
        data = None
        if args:
            cells: Cells = []
            for value in args:
                cls = type(value)
                if cls is int:
                    cells += (kTVMFFIInt, value)  # ones that are too large come out in _PACKED
                else:
                    packers[cls](cells, value, frame)
            try:
                data = _PACKED[len(args)](*cells)
            except (StructError, IndexError):
                data = pack_cells(cells, frame)
        DEPTH == SAME_DEPTH  # noqa: B015, leaves room for a callback
        if frame.touched:
            status = invoke_in_environment(self, data, len(args), frame)
        else:
            try:
                status = self._invoke(self._pointer, data, len(args), frame.result_pointer)
            except (SystemError, ArgumentError) as error:
                status = stopped(self, frame, error)
        if status:
            raise failure(frame, status)
        result = frame.result
        tag = result[0]
        if tag == kTVMFFINone:
            value = None
        else:
            unpack = unpackers[tag]
            payload = result[1]
            result[0] = result[1] = 0
            value = unpack(payload, frame.api)
        if frame.touched:
            frame.reset()
    except ArgumentError as error:
        frame.reset()
        raise out_of_stack(error) from None
    except BaseException:
        frame.reset()
        raise
    finally:
        frames.append(frame)
    return value


def _made_by_cells(function: Any, *args: Any) -> tuple[int, int]:
    if not function._handle:
        refuse_empty(function)
    made: tuple[int, int] = construct(function._pointer, args)
    return made


def _make_by_cells(function: Any, args: tuple[Any, ...]) -> tuple[int, int]:
    return _made_by_cells(function, *args)


names.update(by_cells=call_by_cells, made_by_cells=_made_by_cells)
make = _block_call.make_by_block if _block_call.is_used else _make_by_cells
call = _block_call.call_by_block if _block_call.is_used else call_by_cells


def pack_arguments(args: Iterable[Any], frame: CallFrame) -> bytes:
    """Pack arguments into consecutive cells."""
    cells: Cells = []
    for value in args:
        packers[type(value)](cells, value, frame)
    return pack_cells(cells, frame)


def pack_cells(cells: Cells, frame: CallFrame) -> bytes:
    """Pack any number of cells, whose Ints may turn out to be too large for one."""
    try:
        return array("q", cells).tobytes()
    except OverflowError:
        fitting: Cells = []
        for tag, payload in zip(cells[::2], cells[1::2]):
            if -(1 << 63) <= payload < 1 << 63:
                fitting += (tag, payload)
            else:
                pack_big_int(fitting, payload, frame)
        return array("q", fitting).tobytes()


# ---- Constructors --------------------------------------------------------------------------------


def construct(function: c_void_p, args: Iterable[Any], parent: CallFrame | None = None) -> Any:
    """Call a function that makes an object; gives its type index and an owned handle.

    Unlike `call` it keeps the interpreter lock, and sets no stream and no allocator: what the
    arguments say about those goes to `parent`, the frame of the call the object is made for.
    """
    try:
        frame = frames.pop()
    except IndexError:
        frame = CallFrame()
    try:
        data = pack_arguments(args, frame)
        frame.give_up_moved()
        DEPTH == SAME_DEPTH  # noqa: B015, leaves room for a callback
        try:
            status = invoke_held(function, data, len(data) >> 4, frame.result_pointer)
        finally:
            frame.take_back_moved()
        if status:
            raise take_raised(status)
        index, handle = frame.result
        if index < kTVMFFIStaticObjectBegin:
            raise no_object(index)
        frame.result[0] = frame.result[1] = 0
        if parent is not None:
            parent.inherit(frame)
        return index, handle
    finally:
        if frame.touched or frame.result[0]:
            frame.reset()
        frames.append(frame)


def _global(name: bytes) -> c_void_p:
    """Look up a function of the library itself; kept for the life of the process."""
    handle = c_void_p()
    _ffi.TVMFFIFunctionGetGlobal(byref(_ffi.byte_array(name)), byref(handle))
    return handle


_make_array = _global(b"ffi.Array")
_make_map = _global(b"ffi.Map")


def _pack_sequence(cells: Cells, value: Any, frame: CallFrame) -> None:
    _, handle = construct(_make_array, value, frame)
    frame.keep(Reference(handle))
    cells += (kTVMFFIArray, handle)


def _pack_mapping(cells: Cells, value: dict[Any, Any], frame: CallFrame) -> None:
    items = list(value.items())  # at once, as another thread may change the dictionary
    _, handle = construct(_make_map, [x for item in items for x in item], frame)
    frame.keep(Reference(handle))
    cells += (kTVMFFIMap, handle)


@rule(21)
def _sequence(cls: type) -> Packer | None:
    return _pack_sequence if issubclass(cls, (tuple, list)) else None


@rule(23)
def _mapping(cls: type) -> Packer | None:
    return _pack_mapping if issubclass(cls, dict) else None


def _tree_part(write: str) -> Part:
    return Part(
        _block.TREE,
        "len(data_{x})",
        setup=(f"data_{{x}} = {write}({{x}})", "if data_{x} is None: return {by_cells}"),
        data="data_{x}",
    )


names.update(write_mapping=_tree.write_mapping, write_sequence=_tree.write_sequence)
if _tree.available:
    parts[_pack_sequence] = lambda cls: (
        _tree_part("write_sequence") if cls in (list, tuple) else None
    )
    parts[_pack_mapping] = lambda cls: _tree_part("write_mapping") if cls is dict else None


# ---- Fields --------------------------------------------------------------------------------------


def get_field(getter: Any, address: int) -> Any:
    """Read the field at `address` with its native getter."""
    try:
        frame = frames.pop()
    except IndexError:
        frame = CallFrame()
    try:
        status = getter(address, frame.result_pointer)
        if status:
            raise take_raised(status)
        result = frame.result
        tag = result[0]
        unpack = unpackers[tag]
        payload = result[1]
        result[0] = result[1] = 0
        return unpack(payload, None)
    finally:
        if frame.result[0]:
            frame.reset()
        frames.append(frame)


def set_field(setter: Any, address: int, value: Any) -> None:
    """Write the field at `address` with its native setter."""
    try:
        frame = frames.pop()
    except IndexError:
        frame = CallFrame()
    try:
        data = pack_arguments((value,), frame)
        frame.give_up_moved()
        try:
            status = setter(address, data)
        finally:
            frame.take_back_moved()
        if status:
            raise take_raised(status)
    finally:
        frame.reset()
        frames.append(frame)


# ---- Callbacks -----------------------------------------------------------------------------------

_WORDS = [c_int64 * (2 * count) for count in range(33)]


def answer(function: Any, api: Any, args: Any, count: int, result: int) -> None:
    """Call a Python function with native arguments and store what it returns."""
    if count:
        words = _WORDS[count] if count < 33 else c_int64 * (2 * count)
        cells = words.from_address(args)[:]
        value = function(
            *[view_unpackers[cells[i]](cells[i + 1], api) for i in range(0, 2 * count, 2)]
        )
    else:
        value = function()
    if value is not None:
        store_result(value, _WORDS[1].from_address(result))


def store_result(value: Any, out: Any) -> None:
    """Write an owned cell that holds `value`."""
    try:
        frame = frames.pop()
    except IndexError:
        frame = CallFrame()
    try:
        cells: Cells = []
        packers[type(value)](cells, value, frame)
        tag, payload = cells
        if tag == kTVMFFIObjectRValueRef:
            tag, payload = frame.take_moved()
        elif kTVMFFIStaticObjectBegin <= tag < 1 << 31:
            _ffi.TVMFFIObjectIncRef(payload)
        out[1] = payload
        out[0] = tag
    finally:
        if frame.touched:
            frame.reset()
        frames.append(frame)
