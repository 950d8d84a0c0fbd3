# SPDX-License-Identifier: Apache-2.0
"""DLPack from Python: capsules, and the tables that tensor classes publish for each other.

Everything here that takes or gives a native tensor deals in handles, each one reference; `_tensor`
wraps them. All calls keep the interpreter lock: producers run Python.
"""

from __future__ import annotations

import ctypes
import os
import threading
from ctypes import PYFUNCTYPE, Structure, byref, c_int, c_int32, c_void_p, py_object
from operator import index as as_index
from typing import Any, Callable

from . import _capsule, _ffi
from ._block import available, entry

__dlpack_version__ = (_ffi.DLPACK_MAJOR_VERSION, _ffi.DLPACK_MINOR_VERSION)

_DELETER = PYFUNCTYPE(None, c_void_p)


def delete(managed: Structure) -> None:
    """Give a managed tensor back to its producer; done exactly once by whoever owns it."""
    if managed.deleter:
        _DELETER(managed.deleter)(ctypes.addressof(managed))


# ---- Capsules ------------------------------------------------------------------------------------


# Two readers of one capsule must not both find it fresh.
_claiming = threading.Lock()


class CapsuleKind:
    """One of the two forms in which a managed tensor travels in a capsule."""

    def __init__(
        self,
        name: str,
        struct: type[Structure],
        from_dlpack: Callable[[int, int, int, Any], int],
        to_dlpack: Callable[[int, Any], int],
    ) -> None:
        self.name = name
        self.struct = struct
        self._fresh = _capsule.immortal_text(name.encode())
        self._used = _capsule.immortal_text(f"used_{name}".encode())
        self._from_dlpack = from_dlpack
        self._to_dlpack = to_dlpack

    def holds(self, value: object) -> bool:
        """Tell whether `value` is a capsule of this kind that nobody has consumed."""
        return bool(_capsule.is_valid(value, self._fresh))

    def consume(self, capsule: object, alignment: int = 0, contiguous: bool = False) -> int:
        """Make a native tensor of what a capsule holds; the capsule stays fresh on an error."""
        _check_alignment(alignment)
        with _claiming:
            if not self.holds(capsule):
                raise ValueError(
                    f"Expect a {self.name} field, PyCapsule can only be consumed once, "
                    f"got {capsule!r}"
                )
            managed = _capsule.pointer(capsule, self._fresh)
            _capsule.set_name(capsule, self._used)
        handle = c_void_p()
        try:
            self._from_dlpack(managed, alignment, contiguous, byref(handle))
        finally:
            if handle.value:
                _capsule.set_destructor(capsule, None)
            else:
                _capsule.set_name(capsule, self._fresh)
        return handle.value or 0

    def produce(self, handle: int) -> object:
        """Make a capsule that shares a native tensor, and lets go of it if nobody consumes it."""
        if _capsule.LACKING:
            raise BufferError(_capsule.LACKING)
        managed = c_void_p()
        self._to_dlpack(handle, byref(managed))
        try:
            return _capsule.new(managed, self._fresh, _capsule_destructor())
        except BaseException:
            delete(self.struct.from_address(managed.value or 0))
            raise


PLAIN = CapsuleKind(
    "dltensor", _ffi.DLManagedTensor, _ffi.TVMFFITensorFromDLPack, _ffi.TVMFFITensorToDLPack
)
VERSIONED = CapsuleKind(
    "dltensor_versioned",
    _ffi.DLManagedTensorVersioned,
    _ffi.TVMFFITensorFromDLPackVersioned,
    _ffi.TVMFFITensorToDLPackVersioned,
)

_destructor: int | None = None


def _capsule_destructor() -> int:
    """Return the address of the library's capsule destructor.

    A destructor may run while an exception is pending, and then no Python code may: it would end in
    a lost exception or a crash. So it is native, and reaches the capsule through what it gets here.
    A libtvm_ffi other than ours has none: there, what nobody consumes is never let go.
    """
    global _destructor
    if _destructor is None:
        arguments = (_ffi.TVMFFIAny * 2)()
        for argument, name in zip(arguments, ("PyCapsule_IsValid", "PyCapsule_GetPointer")):
            argument.type_index = _ffi.kTVMFFIOpaquePtr
            argument.v_ptr = _capsule.address_of(name)
        result = _ffi.TVMFFIAny()
        function = c_void_p()
        maker = _ffi.byte_array(b"ffi._DLPackCapsuleDestructor")
        _ffi.TVMFFIFunctionGetGlobal(byref(maker), byref(function))
        if not function.value:
            return 0
        try:
            status = _ffi.TVMFFIFunctionCall(function.value, arguments, 2, byref(result))
            _ffi.check(status)
        finally:
            _ffi.TVMFFIObjectDecRef(function.value)
        _destructor = result.v_ptr
    return _destructor or 0


def _check_alignment(alignment: int) -> None:
    if not 0 <= as_index(alignment) < 2**31:
        raise OverflowError(f"Expected require_alignment within 0 and 2**31 - 1, got {alignment}")


# ---- Exchange tables -----------------------------------------------------------------------------

_FROM_PY_OBJECT = PYFUNCTYPE(c_int, py_object, c_void_p)
_TO_PY_OBJECT = PYFUNCTYPE(c_int, c_void_p, c_void_p)
_CURRENT_STREAM = PYFUNCTYPE(c_int, c_int32, c_int32, c_void_p)

_CUDA, _ROCM = 2, 10
_number_table = entry("TVMFFIHostNumberTable", c_int)
_EXCHANGE_API_NAME = _capsule.immortal_text(b"dlpack_exchange_api")


class ExchangeAPI:
    """A tensor class's table, see `DLPackExchangeAPI` in dlpack.h. Lives as long as the process."""

    def __init__(self, table: _ffi.DLPackExchangeAPI) -> None:
        self.address = ctypes.addressof(table)
        self._number: int | None = None
        self.exports = bool(table.managed_tensor_from_py_object_no_sync)
        # An address, or None: handed to the library, never called from here.
        self.allocator: int | None = table.managed_tensor_allocator
        self.makes_objects = bool(table.managed_tensor_to_py_object_no_sync)
        self._from_py = _FROM_PY_OBJECT(table.managed_tensor_from_py_object_no_sync or 0)
        self._to_py = _TO_PY_OBJECT(table.managed_tensor_to_py_object_no_sync or 0)
        self._stream = _CURRENT_STREAM(table.current_work_stream or 0)

    def number(self) -> int:
        """Return the table's number in blocks, -1 if it can have none."""
        if self._number is None:
            with _claiming:
                if self._number is None:
                    self._number = int(_number_table(c_void_p(self.address))) if available else -1
        return self._number

    def tensor_of(self, value: object, alignment: int = 0, contiguous: bool = False) -> int:
        """Make a native tensor that shares the memory of a tensor object of this class."""
        if not self._from_py:
            raise BufferError(f"The exchange API of {type(value)} cannot export tensors")
        _check_alignment(alignment)
        managed, handle = c_void_p(), c_void_p()
        try:
            status = self._from_py(value, byref(managed))
            _expect_success(status, "managed_tensor_from_py_object_no_sync")
            _import_versioned(managed.value, alignment, contiguous, handle)
        finally:
            if managed.value and not handle.value:
                delete(_ffi.DLManagedTensorVersioned.from_address(managed.value))
        return handle.value or 0

    def object_of(self, handle: int) -> Any:
        """Make a tensor object of this class that shares the memory of a native tensor."""
        managed, made = c_void_p(), c_void_p()
        _ffi.TVMFFITensorToDLPackVersioned(handle, byref(managed))
        try:
            status = self._to_py(managed, byref(made))
            _expect_success(status, "managed_tensor_to_py_object_no_sync")
        finally:
            if not made.value:
                delete(_ffi.DLManagedTensorVersioned.from_address(managed.value or 0))
        value = py_object.from_buffer(made).value
        _capsule.decref(value)  # the reference that was written into the cell
        return value

    def current_stream(self, device_type: int, device_id: int) -> int | None:
        """Return the stream on which the framework puts work; None if the table cannot tell."""
        if not self._stream:
            return None
        stream = c_void_p()
        status = self._stream(device_type, device_id, byref(stream))
        _expect_success(status, "current_work_stream")
        return stream.value or 0


def _import_versioned(managed: int | None, alignment: int, contiguous: bool, out: c_void_p) -> None:
    try:
        _ffi.TVMFFITensorFromDLPackVersioned(managed or 0, alignment, contiguous, byref(out))
    except Exception as error:
        raise unfit_tensor(error) from error


def unfit_tensor(error: BaseException) -> BufferError:
    """Make the exception for a tensor that a framework exported and the library refused."""
    made = BufferError(f"Failed to convert DLManagedTensorVersioned to ffi.Tensor: {error}")
    made.__cause__ = error
    return made


class TorchFallback:
    """Does for a torch without an exchange table what `ExchangeAPI` does, with torch's functions.

    Results become torch tensors; memory that native code allocates does not come from torch.
    """

    allocator: int | None = None
    makes_objects = True

    def __init__(self, torch: Any) -> None:
        self._torch = torch

    def number(self) -> int:
        """Return that there is no table, and no number of one."""
        return -1

    def capsule_of(self, value: Any) -> object:
        """Export a torch tensor."""
        return self._torch.utils.dlpack.to_dlpack(value)

    def object_of(self, handle: int) -> Any:
        """Make a torch tensor that shares the memory of a native tensor."""
        return self._torch.utils.dlpack.from_dlpack(PLAIN.produce(handle))

    def current_stream(self, device_type: int, device_id: int) -> int | None:
        """Return torch's current stream, of the devices on which it has streams of that kind."""
        if device_type not in (_CUDA, _ROCM):
            return None
        return int(self._torch._C._cuda_getCurrentRawStream(device_id))


_apis: dict[int, ExchangeAPI] = {}
# Held to make one: they are compared by identity, and have numbers in a row.
_numbering = threading.Lock()


def exchange_api_of(cls: type) -> ExchangeAPI | None:
    """Return the table a class publishes; None if there is none, or tables are not to be used."""
    published = getattr(cls, "__dlpack_c_exchange_api__", None)
    if published is None or os.environ.get("TVM_FFI_SKIP_DLPACK_C_EXCHANGE_API") == "1":
        return None
    return exchange_api(published)


def exchange_api(published: object) -> ExchangeAPI:
    """Return the table behind a class's `__dlpack_c_exchange_api__`, a capsule or an address."""
    if isinstance(published, int):
        address = published
    elif _capsule.is_valid(published, _EXCHANGE_API_NAME):
        address = _capsule.pointer(published, _EXCHANGE_API_NAME)
    else:
        raise ValueError("Expect a dlpack_exchange_api field")
    api = _apis.get(address)
    if api is None:
        with _numbering:
            api = _apis.get(address)
            if api is None:
                api = _apis[address] = ExchangeAPI(_table_of_our_version(address))
    return api


def _table_of_our_version(address: int | None) -> _ffi.DLPackExchangeAPI:
    found = []
    while address:
        table = _ffi.DLPackExchangeAPI.from_address(address)
        if table.header.version.major == _ffi.DLPACK_MAJOR_VERSION:
            return table
        found.append(f"{table.header.version.major}.{table.header.version.minor}")
        address = table.header.prev_api
    raise BufferError(
        f"Expected a DLPack exchange API of version {_ffi.DLPACK_MAJOR_VERSION}, "
        f"found {', '.join(found) or 'none'}; set TVM_FFI_SKIP_DLPACK_C_EXCHANGE_API=1 "
        "to exchange tensors through `__dlpack__` instead"
    )


def _expect_success(status: int, function: str) -> None:
    """Refuse a failure without an exception; one with an exception has been raised by the call."""
    if status:
        raise BufferError(f"DLPack's {function} failed with status {status} and no exception")
