# SPDX-License-Identifier: Apache-2.0
"""The host lane: what of `_lane` is done by ``libtvm_ffi_host``, and what is left.

A call that holds anything the library has not been told of, see `_host_learning`, is taken as a
whole to the pure lane's own functions: nothing is converted by two rules.
"""

from __future__ import annotations

import ctypes
import sys
from ctypes import ArgumentError, c_int, c_int64, c_void_p
from typing import Any, Callable

from . import _callback, _convert, _error, _ffi, _host, _lane
from ._object import CObject

# ---- What is left to the pure lane ---------------------------------------------------------------


def _refuse_arguments(names: tuple[str, ...] | None) -> None:
    if names:
        raise TypeError(f"__call__() got an unexpected keyword argument {names[0]!r}")
    raise TypeError("Expected an object, and a value to set a field")


def _unpack(tag: int, payload: int, api: Any) -> Any:
    return _convert.unpackers[tag](payload, api)


def _unpack_view(tag: int, payload: int, api: Any) -> Any:
    return _convert.view_unpackers[tag](payload, api)


def _store(value: Any, address: int) -> None:
    _lane.store_result(value, _lane._WORDS[1].from_address(address))


def _define_hand_over() -> Callable[[BaseException], None]:
    fail, fail_simply = _error.set_raised, _callback.set_raised_simply

    def hand_over(error: BaseException) -> None:
        try:
            fail(error)
        except (RecursionError, ArgumentError):
            fail_simply(b"RecursionError", b"maximum recursion depth exceeded in a callback")
        except BaseException:
            fail_simply(b"RuntimeError", b"A callback failed, and so did reporting how")

    return hand_over


def _handle_of(obj: Any) -> int:
    from ._field import _refuse

    _ = _convert.packers[type(obj)]  # so that the library knows the class the next time
    return int(obj._handle or _refuse(obj))


def _read_field(obj: Any, getter: int, offset: int) -> Any:
    return _lane.get_field(_ffi.TVMFFIFieldGetter(getter), _handle_of(obj) + offset)


def _write_field(obj: Any, value: Any, setter: int, offset: int) -> None:
    _lane.set_field(_ffi.TVMFFIFieldSetter(setter), _handle_of(obj) + offset, value)


def _no_container(*args: Any) -> Any:
    raise TypeError("Expected a container")


class _Pure(ctypes.Structure):
    """`Pure` of csrc/host/host.h."""

    _fields_ = [
        (name, c_void_p)
        for name in (
            "call refuse_keywords failure exception unpack unpack_view store hand_over read_field "
            "write_field construct sequence_item iterate mapping_item entries dlpack_name"
        ).split()
    ]


_pure = _Pure()


def leave_to_pure(**functions: object) -> None:
    for name, function in functions.items():
        setattr(_pure, name, _host.immortal(function))
    _host.entry("TVMFFIHostSetPure", c_int, c_void_p, c_int64)(
        ctypes.byref(_pure), ctypes.sizeof(_pure)
    )


# ---- Functions -----------------------------------------------------------------------------------

# What an empty function passes to ctypes in place of its handle: nothing that ctypes takes.
_NO_FUNCTION = object()
_REPLACED = frozenset(
    (
        "__call__ __dict__ __doc__ __module__ __new__ __slots__ __weakref__ "
        "_gives_up _invokes _pointer"
    ).split()
)


def function_type(pure: Any) -> Any:
    """Make the type of functions, with the methods of the pure lane's class."""
    made = _host.function_type(f"{pure.__module__}.{pure.__name__}", CObject)
    made.__doc__ = pure.__doc__
    for name, value in vars(pure).items():
        if name not in _REPLACED:
            setattr(made, name, value)
    made._invoke, made._pointer = _define_properties()
    return made


def _define_properties() -> tuple[property, property]:
    # In reach of the closures, as module globals are gone before the last call.
    released, held, pointer_to, no_function = (
        _lane.invoke_released,
        _lane.invoke_held,
        c_void_p,
        _NO_FUNCTION,
    )

    def invoke(self: Any) -> Any:
        return released if self._gives_up else held

    def set_invoke(self: Any, value: Any) -> None:
        self._gives_up = value is not held

    def pointer(self: Any) -> Any:
        return pointer_to(self._handle) if self._handle else no_function

    def set_pointer(self: Any, value: Any) -> None:
        pass  # follows the handle

    return property(invoke, set_invoke), property(pointer, set_pointer)


if _host.active:
    leave_to_pure(
        call=_lane.call,
        refuse_keywords=_refuse_arguments,
        failure=_error.take_raised,
        exception=_error.exception_of,
        unpack=_unpack,
        unpack_view=_unpack_view,
        store=_store,
        hand_over=_define_hand_over(),
        read_field=_read_field,
        write_field=_write_field,
        construct=CObject.__init_handle_by_constructor__,
        sequence_item=_no_container,
        iterate=_no_container,
        mapping_item=_no_container,
        entries=_no_container,
        dlpack_name=sys.intern("__dlpack__"),
    )
