# SPDX-License-Identifier: Apache-2.0
"""Native functions as Python callables."""

from __future__ import annotations

import os
from ctypes import byref, c_int64, c_void_p
from struct import Struct
from typing import Any, Callable

from . import _block, _ffi, _host, _lane, _trace
from ._callback import function_handle, packed_function_handle
from ._convert import register_unpacker
from ._ffi import kTVMFFIFunction
from ._object import CObject, _new
from ._pyref import PyReference, function_from
from ._testing_library import ensure_testing_library

_RELEASE_BY_DEFAULT = os.environ.get("TVM_FFI_RELEASE_GIL_BY_DEFAULT", "1") != "0"
_DEFAULT_INVOKES = _block.RELEASED if _RELEASE_BY_DEFAULT else _block.HELD


# What an empty `Function` passes to ctypes in place of its handle: nothing that ctypes takes.
_NO_FUNCTION = object()


class Function(CObject):
    """A function behind the ABI, called like any Python function with positional arguments.

    Arguments are converted, see `tvm_ffi.convert`; an error of the callee is raised as the
    exception of its kind. Other Python threads run meanwhile unless `release_gil` is false.
    """

    __slots__ = ("__dict__", "_invokes")
    _invokes: Any  # `_block.RELEASED` or `HELD`

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = CObject.__new__(cls)
        self._invokes = _DEFAULT_INVOKES
        return self

    def _adopt(self, index: int, handle: int) -> None:
        if handle and index != kTVMFFIFunction:
            _ffi.TVMFFIObjectDecRef(handle)
            raise TypeError(f"Expected a function, got an object of type index {index}")
        CObject._adopt(self, index, handle)

    __call__ = _trace.traced_call(_lane.call)

    @_trace.traced_construct
    def _construct(self, args: tuple[Any, ...]) -> tuple[int, int]:
        """Call the function for the sake of the object it makes; gives type index and handle."""
        return _lane.make(self, args)

    @property
    def _gives_up(self) -> bool:
        """Whether a call gives up the interpreter lock."""
        return self._invokes is _block.RELEASED

    @_gives_up.setter
    def _gives_up(self, value: bool) -> None:
        self._invokes = _block.RELEASED if value else _block.HELD

    @property
    def _pointer(self) -> Any:
        """The handle as ctypes passes it without conversion; of no function, what it refuses."""
        return c_void_p(self._handle) if self._handle else _NO_FUNCTION

    @property
    def _invoke(self) -> Any:
        """TVMFFIFunctionCall, with or without the interpreter lock."""
        return _lane.invoke_released if self._gives_up else _lane.invoke_held

    @property
    def release_gil(self) -> bool:
        """Whether other Python threads may run during a call."""
        return bool(self._gives_up)

    @release_gil.setter
    def release_gil(self, value: bool) -> None:
        self._gives_up = bool(value)

    @staticmethod
    def __from_extern_c__(c_symbol: int, *, keep_alive_object: object = None) -> Function:
        """Make a function of the address of a C function of type ``TVMFFISafeCallType``.

        The C function must ignore its first argument. `keep_alive_object` is held as long as the
        function lives.
        """
        _check_address(c_symbol)
        return function_of(function_from(PyReference(keep_alive_object), c_symbol))

    @staticmethod
    def __from_mlir_packed_safe_call__(
        mlir_packed_symbol: int, *, keep_alive_object: object = None
    ) -> Function:
        """Make a function of the address of a ``void (void** packed)`` that MLIR generated.

        ``packed`` points to the addresses of: a NULL handle, the arguments, their number, the
        result, the status to return. `keep_alive_object` is held as long as the function lives.
        """
        _check_address(mlir_packed_symbol)
        return function_of(packed_function_handle(mlir_packed_symbol, keep_alive_object))


def _check_address(symbol: int) -> None:
    if not isinstance(symbol, int):
        raise TypeError(f"Expected the address of a function, got {type(symbol).__name__}")
    if not 0 < symbol < 1 << 64:
        raise ValueError(f"Expected the address of a function, got {symbol}")


if _host.active:
    from . import _host_lane

    Function = _host_lane.function_type(Function)  # type: ignore[misc]


def function_of(handle: int, api: Any = None) -> Function:
    """Make the Python face of a native function; takes over the reference."""
    self: Function = _new_function(Function)
    self._handle = handle
    self._index = kTVMFFIFunction
    if not _host.active:
        self._invokes = _DEFAULT_INVOKES
    return self


_new_function = Function.__new__ if _host.active else _new
register_unpacker(kTVMFFIFunction, function_of)


def convert_func(pyfunc: Callable[..., Any], tensor_cls: Any = None) -> Function:
    """Make a `Function` that calls `pyfunc`.

    Tensors reach it as instances of `tensor_cls`, a class that publishes the DLPack exchange API,
    or as `tvm_ffi.Tensor` without one.
    """
    if not callable(pyfunc):
        raise TypeError(f"Expected a callable to make a function of, got {pyfunc!r}")
    if tensor_cls is None:
        return function_of(function_handle(pyfunc))
    if not hasattr(tensor_cls, "__dlpack_c_exchange_api__"):
        raise TypeError(f"tensor_cls {tensor_cls!r} must expose __dlpack_c_exchange_api__")
    from ._dlpack import exchange_api

    api = exchange_api(tensor_cls.__dlpack_c_exchange_api__)
    return function_of(function_handle(pyfunc, api))


# ---- The global table ----------------------------------------------------------------------------


def get_global(name: str) -> Function | None:
    """Look a global function up; None if there is none of that name."""
    if not isinstance(name, str):
        raise TypeError(f"Expected the name of a global function, got {type(name).__name__}")
    ensure_testing_library(name)
    out = c_void_p()
    _ffi.TVMFFIFunctionGetGlobal(byref(_ffi.byte_array(name.encode())), byref(out))
    if not out.value:
        return None
    function = function_of(out.value)
    _trace.note_name(function, name)
    return function


# The same for those that are there already; others, and what is no name, may be None.
find_global: Callable[[str], Function | None] = get_global
_PACKED_SIZE = Struct("<q").pack
_look_up = _block.entry("TVMFFIHostLookUp", c_int64)


def _find_by_block(name: str) -> Function | None:
    if type(name) is not str:
        return None
    data = name.encode()
    handle = _look_up(_PACKED_SIZE(len(data)) + data)
    return function_of(handle) if handle else None


if _block.available and not _host.active and not _trace.enabled:
    find_global = _find_by_block
if _host.active:
    find_global = _host.builtin("TVMFFIHostGlobal", _host.METH_O)


def _sharing(find: Callable[[str], Function | None]) -> Callable[[str], Function | None]:
    def find_shared(name: str) -> Function | None:
        function = find(name)
        if function is not None and _host.share is not None:
            _host.share(function)
        return function

    return find_shared


if _host.share is not None:
    find_global = _sharing(find_global)
    get_global = _sharing(get_global)  # type: ignore[assignment]


def set_global(name: str, function: Callable[..., Any], override: bool) -> Function:
    """Enter a function into the global table."""
    if not isinstance(name, str):
        raise TypeError(f"Expected the name of a global function, got {type(name).__name__}")
    entry = function if isinstance(function, Function) else convert_func(function)
    _ffi.TVMFFIFunctionSetGlobal(
        byref(_ffi.byte_array(name.encode())), entry._handle, int(override)
    )
    return entry
