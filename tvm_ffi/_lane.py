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

from . import _block, _ffi, _host, _tree
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
from ._dlpack import unfit_tensor
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
from ._signature import Part, callers, makers, names, parts

# TVMFFIFunctionCall without argument types, which would cost as much as the rest of the call. Only
# for the four arguments that `call` passes: a c_void_p, bytes, a small int and a byref().
invoke_released = _ffi.LIB["TVMFFIFunctionCall"]
invoke_released.restype = c_int
invoke_held = _ffi.HELD["TVMFFIFunctionCall"]
invoke_held.restype = c_int

_PACKED = [Struct(f"<{2 * count}q").pack for count in range(33)]

# ---- Calls ---------------------------------------------------------------------------------------


_PACKED_INT = Struct(f"{_block.HEAD}qq").pack
_invoke, _discard = _block.invoke, _block.discard
_LEAST_INT, _TRUE, _SIMPLE = _block.LEAST_INT, _block.TRUE, _block.SIMPLE
_VALUE, _read_result = _block.VALUE, _block.read_result

# Stands for an argument that is not there; whoever passes it on passes none.
ABSENT: Any = type("_Absent", (), {"__repr__": lambda self: "<absent>"})()


def _call_by_block(
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
        if cls is int:
            # As in `_signature`, for what is passed most often.
            try:
                block = _PACKED_INT(self._handle, 1, self._gives_up, kTVMFFIInt, a)
            except StructError:
                return call_by_cells(self, a)
            DEPTH == SAME_DEPTH  # noqa: B015, leaves room for a callback
            try:
                outcome: int = _invoke(block)
                if outcome >= _LEAST_INT:
                    return outcome
                if outcome <= _TRUE:
                    return _SIMPLE[outcome]
                if outcome == _VALUE:
                    tag, payload = _read_result(block)
                    unpack = unpackers[tag]
            except BaseException:
                _discard(block)
                raise
            if outcome == _VALUE:
                return unpack(payload, None)
            return _finish(outcome, block, self, a)
        if a is ABSENT:
            return _call_without_arguments(self)
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
    return call_by_cells(function, *args)


def _finish_making(outcome: int, block: bytes, function: Any, *args: Any) -> Any:
    """Do the same where the function was called for the object it makes."""
    _raise_failure(outcome, block)
    if outcome == _block.REFUSED:
        return _made_by_cells(function, *args)
    raise _no_object(_block.read_result(block)[0] & 0xFFFFFFFF)


def _raise_failure(outcome: int, block: bytes) -> None:
    if outcome == _block.FAILED:
        try:
            raise take_raised(_block.read_payload(block)[0])
        except ArgumentError as error:
            raise _out_of_stack(error) from None
    if outcome == _block.UNFIT:
        raise unfit_tensor(take_raised(-1))


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
            status = _invoke_in_environment(self, data, len(args), frame)
        else:
            try:
                status = self._invoke(self._pointer, data, len(args), frame.result_pointer)
            except (SystemError, ArgumentError) as error:
                status = _stopped(self, frame, error)
        if status:
            raise _failure(frame, status)
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
        raise _out_of_stack(error) from None
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


names.update(
    by_cells=call_by_cells,
    finish=_finish,
    finish_making=_finish_making,
    made_by_cells=_made_by_cells,
)


def _call_without_arguments(self: Any) -> Any:
    # Made for the first call: many programs use the host lane instead.
    global _call_without_arguments
    _call_without_arguments = callers[()]
    return _call_without_arguments(self)


def _make_by_block(function: Any, args: tuple[Any, ...]) -> tuple[int, int]:
    """Call a function for the object it makes; gives its type index and an owned handle."""
    made: tuple[int, int] = makers[tuple(map(type, args))](function, *args)
    return made


def _make_by_cells(function: Any, args: tuple[Any, ...]) -> tuple[int, int]:
    return _made_by_cells(function, *args)


# Whether `call` takes ABSENT for an argument that is not there.
takes_absent = _block.available and not _host.active
make = _make_by_block if takes_absent else _make_by_cells
call = _call_by_block if takes_absent else call_by_cells


def _out_of_stack(error: ArgumentError) -> Exception:
    """Make what ctypes says when the recursion limit is met while it converts arguments."""
    text = str(error)
    if "RecursionError" in text or text.endswith("???"):
        return RecursionError("maximum recursion depth exceeded")
    return error


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


def _invoke_in_environment(function: Any, data: bytes | None, count: int, frame: CallFrame) -> int:
    """Call with the stream and allocator that the arguments ask for."""
    stream, allocator = c_void_p(), c_void_p()
    has_stream = frame.device_type != -1
    has_allocator = frame.api is not None and bool(frame.api.allocator)
    if has_stream:
        _ffi.TVMFFIEnvSetStream(frame.device_type, frame.device_id, frame.stream, byref(stream))
    try:
        if has_allocator:
            _ffi.TVMFFIEnvSetDLPackManagedTensorAllocator(frame.api.allocator, 0, byref(allocator))
        if frame.moved:
            frame.give_up_moved()
        try:
            status: int = function._invoke(function._pointer, data, count, frame.result_pointer)
        except (SystemError, ArgumentError) as error:
            status = _stopped(function, frame, error)
        finally:
            if frame.moved:
                frame.take_back_moved()
            if has_allocator and allocator.value != frame.api.allocator:
                _restore_allocator(allocator)
    finally:
        if has_stream and (stream.value or 0) != frame.stream:
            _restore_stream(frame, stream)
    return status


def _restore_allocator(allocator: c_void_p) -> None:
    try:
        _ffi.TVMFFIEnvSetDLPackManagedTensorAllocator(allocator.value, 0, None)
    except Exception as error:
        raise RuntimeError("Failed to recover DLPack managed tensor allocator") from error


def _restore_stream(frame: CallFrame, stream: c_void_p) -> None:
    try:
        _ffi.TVMFFIEnvSetStream(frame.device_type, frame.device_id, stream.value, None)
    except Exception as error:
        raise RuntimeError("Failed to recover stream") from error


def _stopped(function: Any, frame: CallFrame, error: Exception) -> int:
    """Find out why ctypes did not let a call return; gives a status.

    A signal handler that runs inside ``TVMFFIEnvCheckSignals`` leaves its exception pending, and
    the interpreter complains that the foreign function returned nevertheless.
    """
    if not function._handle:
        refuse_empty(function)
    frame.interruption = error.__cause__ or error
    error.__cause__ = error.__context__ = None
    return -2


def refuse_empty(function: Any) -> None:
    """Say that there is no function to call."""
    raise ValueError(
        f"{type(function).__name__}(chandle=None) holds no function: it was moved from, or never "
        "got one"
    ) from None


def _failure(frame: CallFrame, status: int) -> BaseException:
    """Make the exception to raise for a failed call. The caller keeps it in no variable."""
    interruption = frame.interruption
    if interruption is None:
        return take_raised(status)
    frame.interruption = None
    _ffi.TVMFFIErrorSetRaised(0)
    return interruption


def _no_object(index: int) -> TypeError:
    return TypeError(f"Expected a constructor to return an object, got type index {index}")


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
            raise _no_object(index)
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
