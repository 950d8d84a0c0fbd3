# SPDX-License-Identifier: Apache-2.0
"""What is around a native call: streams, allocators, and the ways it ends without a result."""

from __future__ import annotations

from ctypes import ArgumentError, byref, c_void_p
from typing import Any

from . import _ffi
from ._convert import CallFrame
from ._error import take_raised


def invoke_in_environment(function: Any, data: bytes | None, count: int, frame: CallFrame) -> int:
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
            status = stopped(function, frame, error)
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


def stopped(function: Any, frame: CallFrame, error: Exception) -> int:
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


def failure(frame: CallFrame, status: int) -> BaseException:
    """Make the exception to raise for a failed call. The caller keeps it in no variable."""
    interruption = frame.interruption
    if interruption is None:
        return take_raised(status)
    frame.interruption = None
    _ffi.TVMFFIErrorSetRaised(0)
    return interruption


def out_of_stack(error: ArgumentError) -> Exception:
    """Make what ctypes says when the recursion limit is met while it converts arguments."""
    text = str(error)
    if "RecursionError" in text or text.endswith("???"):
        return RecursionError("maximum recursion depth exceeded")
    return error


def no_object(index: int) -> TypeError:
    """Make the exception for a constructor that gives something else than an object."""
    return TypeError(f"Expected a constructor to return an object, got type index {index}")
