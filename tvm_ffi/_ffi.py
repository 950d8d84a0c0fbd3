# SPDX-License-Identifier: Apache-2.0
# mypy: disable-error-code="empty-body"
"""The contract of ``include/tvm/ffi/c_api.h`` in ctypes: the only door to the library.

Structures and constants carry their C names; ``tests/python/test_boundary.py`` holds them against
the header in both directions. Pointers that are only handed on are ``c_void_p``: handles are plain
``int`` above this module, 0 for NULL. (ctypes reads a NULL as None, hence the ``or 0`` at readers.)

Entry points are declared as typed, empty functions and bound while importing, so a call costs no
wrapper. Two things are said about each:

``held``
    The call keeps the interpreter lock. Only for entries that neither run foreign code (a deleter,
    a callback, a function) nor wait for anything. All others release it.
``raw``
    The status is returned; the caller looks at it. Otherwise a failing status is raised.
"""

from __future__ import annotations

import ctypes
import os
from ctypes import (
    CFUNCTYPE,
    POINTER,
    PYFUNCTYPE,
    Structure,
    Union,
    c_char,
    c_char_p,
    c_double,
    c_int,
    c_int32,
    c_int64,
    c_size_t,
    c_uint8,
    c_uint16,
    c_uint32,
    c_uint64,
    c_void_p,
)
from typing import Any, Callable, TypeVar, cast

# ---- The library ---------------------------------------------------------------------------------


def _load() -> ctypes.CDLL:
    # Global symbols: user libraries are linked against the library without knowing where it is.
    beside = os.path.join(os.path.dirname(os.path.realpath(__file__)), "lib", "libtvm_ffi.so")
    if os.path.exists(beside):  # an installed wheel, which need not search
        return ctypes.CDLL(beside, ctypes.RTLD_GLOBAL)
    from . import libinfo

    return libinfo.load_lib_ctypes("apache-tvm-ffi", "tvm_ffi", "RTLD_GLOBAL")


LIB = _load()
# The same library, called without giving up the interpreter lock. An interpreter without a C API
# always gives it up; nothing here is wrong then, only slower.
HELD = getattr(ctypes, "PyDLL", ctypes.CDLL)(LIB._name, mode=ctypes.RTLD_GLOBAL)


def load_host_library() -> ctypes.PyDLL:
    """Load ``libtvm_ffi_host``, to be called with the interpreter lock held.

    OSError or RuntimeError where it is missing or cannot be loaded.
    """
    path = os.path.join(os.path.dirname(LIB._name), "libtvm_ffi_host.so")
    if not os.path.exists(path):
        from . import libinfo

        path = str(libinfo._find_library_by_basename("apache-tvm-ffi", "tvm_ffi_host"))
    return ctypes.PyDLL(path)


# ---- Type indices --------------------------------------------------------------------------------

kTVMFFIAny = -1
kTVMFFINone = 0
kTVMFFIInt = 1
kTVMFFIBool = 2
kTVMFFIFloat = 3
kTVMFFIOpaquePtr = 4
kTVMFFIDataType = 5
kTVMFFIDevice = 6
kTVMFFIDLTensorPtr = 7
kTVMFFIRawStr = 8
kTVMFFIByteArrayPtr = 9
kTVMFFIObjectRValueRef = 10
kTVMFFISmallStr = 11
kTVMFFISmallBytes = 12
kTVMFFIUnchanged = 13
kTVMFFIStaticObjectBegin = 64
kTVMFFIObject = 64
kTVMFFIStr = 65
kTVMFFIBytes = 66
kTVMFFIError = 67
kTVMFFIFunction = 68
kTVMFFIShape = 69
kTVMFFITensor = 70
kTVMFFIArray = 71
kTVMFFIMap = 72
kTVMFFIModule = 73
kTVMFFIOpaquePyObject = 74
kTVMFFIList = 75
kTVMFFIDict = 76
kTVMFFIVisitInterrupt = 77
kTVMFFIBigInt = 78
kTVMFFIStaticObjectEnd = 79
kTVMFFIDynObjectBegin = 128

# ---- Flags and kinds -----------------------------------------------------------------------------

kTVMFFIObjectDeleterFlagBitMaskStrong = 1
kTVMFFIObjectDeleterFlagBitMaskWeak = 2
kTVMFFIObjectDeleterFlagBitMaskBoth = 3

kTVMFFIBacktraceUpdateModeReplace = 0
kTVMFFIBacktraceUpdateModeAppend = 1

kTVMFFIFieldFlagBitMaskWritable = 1 << 0
kTVMFFIFieldFlagBitMaskHasDefault = 1 << 1
kTVMFFIFieldFlagBitMaskIsStaticMethod = 1 << 2
kTVMFFIFieldFlagBitMaskSEqHashIgnore = 1 << 3
kTVMFFIFieldFlagBitMaskSEqHashDefPattern = 1 << 4
kTVMFFIFieldFlagBitMaskSEqHashDefRecursive = 1 << 4
kTVMFFIFieldFlagBitMaskDefaultFromFactory = 1 << 5
kTVMFFIFieldFlagBitMaskReprOff = 1 << 6
kTVMFFIFieldFlagBitMaskCompareOff = 1 << 7
kTVMFFIFieldFlagBitMaskHashOff = 1 << 8
kTVMFFIFieldFlagBitMaskInitOff = 1 << 9
kTVMFFIFieldFlagBitMaskKwOnly = 1 << 10
kTVMFFIFieldFlagBitSetterIsFunctionObj = 1 << 11
kTVMFFIFieldFlagBitMaskSEqHashDefSimple = 1 << 12
kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive = 1 << 12

kTVMFFISEqHashKindUnsupported = 0
kTVMFFISEqHashKindTreeNode = 1
kTVMFFISEqHashKindFreeVar = 2
kTVMFFISEqHashKindDAGNode = 3
kTVMFFISEqHashKindConstTreeNode = 4
kTVMFFISEqHashKindUniqueInstance = 5

kTVMFFIDefRegionKindNone = 0
kTVMFFIDefRegionKindPattern = 1
kTVMFFIDefRegionKindRecursive = 1
kTVMFFIDefRegionKindSimple = 2
kTVMFFIDefRegionKindNonRecursive = 2

# ---- DLPack --------------------------------------------------------------------------------------

DLPACK_MAJOR_VERSION = 1
DLPACK_MINOR_VERSION = 3
DLPACK_FLAG_BITMASK_READ_ONLY = 1
DLPACK_FLAG_BITMASK_IS_COPIED = 2
DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED = 4


class DLPackVersion(Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32)]


class DLDevice(Structure):
    _fields_ = [("device_type", c_int32), ("device_id", c_int32)]


class DLDataType(Structure):
    _fields_ = [("code", c_uint8), ("bits", c_uint8), ("lanes", c_uint16)]


class DLTensor(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("device", DLDevice),
        ("ndim", c_int32),
        ("dtype", DLDataType),
        ("shape", POINTER(c_int64)),
        ("strides", POINTER(c_int64)),
        ("byte_offset", c_uint64),
    ]


class DLManagedTensor(Structure):
    _fields_ = [("dl_tensor", DLTensor), ("manager_ctx", c_void_p), ("deleter", c_void_p)]


class DLManagedTensorVersioned(Structure):
    _fields_ = [
        ("version", DLPackVersion),
        ("manager_ctx", c_void_p),
        ("deleter", c_void_p),
        ("flags", c_uint64),
        ("dl_tensor", DLTensor),
    ]


class DLPackExchangeAPIHeader(Structure):
    _fields_ = [("version", DLPackVersion), ("prev_api", c_void_p)]


class DLPackExchangeAPI(Structure):
    _fields_ = [
        ("header", DLPackExchangeAPIHeader),
        ("managed_tensor_allocator", c_void_p),
        ("managed_tensor_from_py_object_no_sync", c_void_p),
        ("managed_tensor_to_py_object_no_sync", c_void_p),
        ("dltensor_from_py_object_no_sync", c_void_p),
        ("current_work_stream", c_void_p),
    ]


# ---- Objects and values --------------------------------------------------------------------------


class TVMFFIVersion(Structure):
    _fields_ = [("major", c_uint32), ("minor", c_uint32), ("patch", c_uint32)]


class TVMFFIObject(Structure):
    _fields_ = [
        ("combined_ref_count", c_uint64),
        ("type_index", c_int32),
        ("__padding", c_uint32),
        ("deleter", c_void_p),
    ]


class _AnyPayload(Union):
    _fields_ = [
        ("v_int64", c_int64),
        ("v_float64", c_double),
        ("v_ptr", c_void_p),
        ("v_c_str", c_void_p),
        ("v_obj", c_void_p),
        ("v_dtype", DLDataType),
        ("v_device", DLDevice),
        ("v_bytes", c_char * 8),
        ("v_uint64", c_uint64),
    ]


class TVMFFIAny(Structure):
    _anonymous_ = ("payload",)
    _fields_ = [
        ("type_index", c_int32),
        ("zero_padding", c_uint32),  # the length, for SmallStr and SmallBytes
        ("payload", _AnyPayload),
    ]


# ---- Cells: what follows the header --------------------------------------------------------------


class TVMFFIByteArray(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class TVMFFIShapeCell(Structure):
    _fields_ = [("data", c_void_p), ("size", c_size_t)]


class TVMFFISeqCell(Structure):
    _fields_ = [
        ("data", c_void_p),
        ("size", c_int64),
        ("capacity", c_int64),
        ("data_deleter", c_void_p),
    ]


class TVMFFIErrorCell(Structure):
    _fields_ = [
        ("kind", TVMFFIByteArray),
        ("message", TVMFFIByteArray),
        ("backtrace", TVMFFIByteArray),
        ("update_backtrace", c_void_p),
        ("cause_chain", c_void_p),
        ("extra_context", c_void_p),
    ]


class TVMFFIFunctionCell(Structure):
    _fields_ = [("safe_call", c_void_p), ("cpp_call", c_void_p)]


class TVMFFIOpaqueObjectCell(Structure):
    _fields_ = [("handle", c_void_p)]


class TVMFFIObjectAllocHeader(Structure):
    _fields_ = [("delete_space", c_void_p)]


class TVMFFICustomAllocator(Structure):
    _fields_ = [("allocate", c_void_p), ("context", c_void_p)]


# ---- Reflection ----------------------------------------------------------------------------------


class TVMFFIFieldInfo(Structure):
    _fields_ = [
        ("name", TVMFFIByteArray),
        ("doc", TVMFFIByteArray),
        ("metadata", TVMFFIByteArray),
        ("flags", c_int64),
        ("size", c_int64),
        ("alignment", c_int64),
        ("offset", c_int64),
        ("getter", c_void_p),
        ("setter", c_void_p),
        ("default_value_or_factory", TVMFFIAny),
        ("field_static_type_index", c_int32),
    ]


class TVMFFIMethodInfo(Structure):
    _fields_ = [
        ("name", TVMFFIByteArray),
        ("doc", TVMFFIByteArray),
        ("metadata", TVMFFIByteArray),
        ("flags", c_int64),
        ("method", TVMFFIAny),
    ]


class TVMFFITypeMetadata(Structure):
    _fields_ = [
        ("doc", TVMFFIByteArray),
        ("creator", c_void_p),
        ("total_size", c_int32),
        ("structural_eq_hash_kind", c_int32),
    ]


class TVMFFITypeAttrColumn(Structure):
    _fields_ = [("data", POINTER(TVMFFIAny)), ("size", c_int32), ("begin_index", c_int32)]


class TVMFFITypeInfo(Structure):
    pass


TVMFFITypeInfo._fields_ = [
    ("type_index", c_int32),
    ("type_depth", c_int32),
    ("type_key", TVMFFIByteArray),
    ("type_ancestors", POINTER(POINTER(TVMFFITypeInfo))),
    ("type_key_hash", c_uint64),
    ("num_fields", c_int32),
    ("num_methods", c_int32),
    ("fields", POINTER(TVMFFIFieldInfo)),
    ("methods", POINTER(TVMFFIMethodInfo)),
    ("metadata", POINTER(TVMFFITypeMetadata)),
]

# ---- Function types ------------------------------------------------------------------------------

# Callbacks into Python. ctypes attaches a thread state for the call, on any thread.
TVMFFISafeCallType = CFUNCTYPE(c_int, c_void_p, c_void_p, c_int32, c_void_p)
Deleter = CFUNCTYPE(None, c_void_p)
# Calls out of Python. A getter copies a field; a setter may run deleters, so it gives up the lock.
TVMFFIFieldGetter = PYFUNCTYPE(c_int, c_void_p, c_void_p)
TVMFFIFieldSetter = CFUNCTYPE(c_int, c_void_p, c_void_p)
ObjectDeleter = CFUNCTYPE(None, c_void_p, c_int)
UpdateBacktrace = PYFUNCTYPE(None, c_void_p, c_void_p, c_int32)

# ---- Entry points --------------------------------------------------------------------------------

# name -> (result type, argument types), as declared below.
ENTRY_POINTS: dict[str, tuple[Any, tuple[Any, ...]]] = {}

_F = TypeVar("_F", bound=Callable[..., Any])


def check(status: int) -> None:
    """Raise this thread's pending error if `status` tells of one."""
    if status:
        from ._error import take_raised

        raise take_raised(status)


def _raise_failure(status: Any, _function: object, _arguments: object) -> Any:
    if status:
        from ._error import take_raised

        raise take_raised(status)
    return status


def _entry(
    restype: Any, *argtypes: Any, held: bool = False, raw: bool = False
) -> Callable[[_F], _F]:
    def bind(stub: _F) -> _F:
        name = stub.__name__
        ENTRY_POINTS[name] = (restype, argtypes)
        # Subscription makes a function object of its own, attribute access would share one.
        function = (HELD if held else LIB)[name]
        function.restype = restype
        function.argtypes = argtypes
        if restype is c_int and not raw:
            function.errcheck = _raise_failure
        return cast(_F, function)

    return bind


_Out = Any  # byref() of a ctypes instance, or an address
_Bytes = c_void_p  # to a TVMFFIByteArray or ByteArrayArg


@_entry(None, POINTER(TVMFFIVersion), held=True)
def TVMFFIGetVersion(out_version: _Out) -> None: ...


@_entry(c_int, c_void_p, held=True, raw=True)
def TVMFFIObjectIncRef(obj: int) -> int: ...


# Releases the lock: the last reference runs a deleter, which may wait for another thread.
@_entry(c_int, c_void_p, raw=True)
def TVMFFIObjectDecRef(obj: int) -> int: ...


@_entry(c_int, c_void_p, c_int32, c_void_p, POINTER(c_void_p), held=True)
def TVMFFIObjectCreateOpaque(handle: int, type_index: int, deleter: _Out, out: _Out) -> int: ...


@_entry(POINTER(TVMFFICustomAllocator), held=True)
def TVMFFIGetCustomAllocator() -> Any: ...


@_entry(c_int, POINTER(TVMFFICustomAllocator), held=True)
def TVMFFISetCustomAllocator(allocator: _Out) -> int: ...


@_entry(c_int, _Bytes, POINTER(c_int32), held=True)
def TVMFFITypeKeyToIndex(type_key: _Out, out_tindex: _Out) -> int: ...


@_entry(c_int, c_void_p, c_void_p, c_void_p, POINTER(c_void_p), held=True)
def TVMFFIFunctionCreate(self: int, safe_call: _Out, deleter: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, POINTER(c_void_p), held=True)
def TVMFFIFunctionGetGlobal(name: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, c_void_p, c_int)
def TVMFFIFunctionSetGlobal(name: _Out, f: int, allow_override: int) -> int: ...


@_entry(c_int, POINTER(TVMFFIMethodInfo), c_int)
def TVMFFIFunctionSetGlobalFromMethodInfo(method_info: _Out, allow_override: int) -> int: ...


@_entry(c_int, c_void_p, c_void_p, c_int32, c_void_p, raw=True)
def TVMFFIFunctionCall(func: int, args: _Out, num_args: int, result: _Out) -> int: ...


@_entry(c_int, c_void_p, c_void_p, held=True)
def TVMFFIAnyViewToOwnedAny(any_view: _Out, out: _Out) -> int: ...


@_entry(None, POINTER(c_void_p), held=True)
def TVMFFIErrorMoveFromRaised(result: _Out) -> None: ...


@_entry(None, c_void_p)
def TVMFFIErrorSetRaised(error: int) -> None: ...


@_entry(None, c_char_p, c_char_p)
def TVMFFIErrorSetRaisedFromCStr(kind: bytes, message: bytes) -> None: ...


@_entry(None, c_char_p, POINTER(c_char_p), c_int32)
def TVMFFIErrorSetRaisedFromCStrParts(kind: bytes, message_parts: _Out, num_parts: int) -> None: ...


# -1 means out of memory and leaves the error slot alone, so the caller says so itself.
@_entry(c_int, _Bytes, _Bytes, _Bytes, POINTER(c_void_p), held=True, raw=True)
def TVMFFIErrorCreate(kind: _Out, message: _Out, backtrace: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, _Bytes, _Bytes, c_void_p, c_void_p, POINTER(c_void_p), held=True, raw=True)
def TVMFFIErrorCreateWithCauseAndExtraContext(
    kind: _Out, message: _Out, backtrace: _Out, cause_chain: int, extra_context: int, out: _Out
) -> int: ...


@_entry(c_int, c_void_p, c_int32, c_int32, POINTER(c_void_p), held=True)
def TVMFFITensorFromDLPack(
    from_: int, require_alignment: int, require_contiguous: int, out: _Out
) -> int: ...


@_entry(c_int, c_void_p, POINTER(c_void_p), held=True)
def TVMFFITensorToDLPack(from_: int, out: _Out) -> int: ...


@_entry(c_int, c_void_p, c_int32, c_int32, POINTER(c_void_p), held=True)
def TVMFFITensorFromDLPackVersioned(
    from_: int, require_alignment: int, require_contiguous: int, out: _Out
) -> int: ...


@_entry(c_int, c_void_p, POINTER(c_void_p), held=True)
def TVMFFITensorToDLPackVersioned(from_: int, out: _Out) -> int: ...


@_entry(c_int, c_void_p, POINTER(DLTensor), POINTER(c_void_p), held=True)
def TVMFFITensorCreateUnsafeView(source: int, prototype: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, c_void_p, held=True)
def TVMFFIStringFromByteArray(input_: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, c_void_p, held=True)
def TVMFFIBytesFromByteArray(input_: _Out, out: _Out) -> int: ...


@_entry(c_int, _Bytes, c_void_p, held=True)
def TVMFFIBigIntFromByteArray(input_: _Out, out: _Out) -> int: ...


@_entry(TVMFFIByteArray, c_void_p, held=True)
def TVMFFIBigIntGetContentByteArray(value: _Out) -> TVMFFIByteArray: ...


# A custom type name is looked up with a global function, which may be anybody's.
@_entry(c_int, _Bytes, POINTER(DLDataType))
def TVMFFIDataTypeFromString(str_: _Out, out: _Out) -> int: ...


@_entry(c_int, POINTER(DLDataType), c_void_p)
def TVMFFIDataTypeToString(dtype: _Out, out: _Out) -> int: ...


@_entry(c_int, c_int32, POINTER(TVMFFIFieldInfo), held=True)
def TVMFFITypeRegisterField(type_index: int, info: _Out) -> int: ...


@_entry(c_int, c_int32, POINTER(TVMFFIMethodInfo), held=True)
def TVMFFITypeRegisterMethod(type_index: int, info: _Out) -> int: ...


@_entry(c_int, c_int32, POINTER(TVMFFITypeMetadata), held=True)
def TVMFFITypeRegisterMetadata(type_index: int, metadata: _Out) -> int: ...


@_entry(c_int, c_int32, _Bytes, c_void_p, held=True)
def TVMFFITypeRegisterAttr(type_index: int, attr_name: _Out, attr_value: _Out) -> int: ...


@_entry(POINTER(TVMFFITypeAttrColumn), _Bytes, held=True)
def TVMFFIGetTypeAttrColumn(attr_name: _Out) -> Any: ...


# The library's own walk over the native stack may read debug information: not quick.
@_entry(POINTER(TVMFFIByteArray), c_char_p, c_int, c_char_p, c_int)
def TVMFFIBacktrace(
    filename: bytes | None, lineno: int, func: bytes | None, cross_ffi_boundary: int
) -> Any: ...


@_entry(c_int32, _Bytes, c_int32, c_int32, c_int32, c_int32, c_int32, held=True, raw=True)
def TVMFFITypeGetOrAllocIndex(
    type_key: _Out,
    static_type_index: int,
    type_depth: int,
    num_child_slots: int,
    child_slots_can_overflow: int,
    parent_type_index: int,
) -> int: ...


@_entry(POINTER(TVMFFITypeInfo), c_int32, held=True)
def TVMFFIGetTypeInfo(type_index: int) -> Any: ...


@_entry(c_int, POINTER(c_void_p), c_void_p)
def TVMFFIHandleInitOnce(handle_addr: _Out, init_func: _Out) -> int: ...


@_entry(c_int, POINTER(c_void_p), c_void_p)
def TVMFFIHandleDeinitOnce(handle_addr: _Out, deinit_func: _Out) -> int: ...


# ---- Environment (extra/c_env_api.h) -------------------------------------------------------------


@_entry(c_int, c_int32, c_int32, c_void_p, POINTER(c_void_p), held=True)
def TVMFFIEnvSetStream(
    device_type: int, device_id: int, stream: int | None, opt_out_original_stream: _Out
) -> int: ...


@_entry(c_void_p, c_int32, c_int32, held=True)
def TVMFFIEnvGetStream(device_type: int, device_id: int) -> int | None: ...


@_entry(c_int, c_void_p, c_int, POINTER(c_void_p), held=True)
def TVMFFIEnvSetDLPackManagedTensorAllocator(
    allocator: int | None, write_to_global_context: int, opt_out_original_allocator: _Out
) -> int: ...


@_entry(c_void_p, held=True)
def TVMFFIEnvGetDLPackManagedTensorAllocator() -> int | None: ...


@_entry(c_int, POINTER(DLTensor), POINTER(c_void_p))
def TVMFFIEnvTensorAlloc(prototype: _Out, out: _Out) -> int: ...


# -1 with an exception pending in the interpreter and nothing in the error slot.
@_entry(c_int, raw=True)
def TVMFFIEnvCheckSignals() -> int: ...


@_entry(c_int, c_char_p, c_void_p, held=True)
def TVMFFIEnvRegisterCAPI(name: bytes, symbol: _Out) -> int: ...


@_entry(c_int, c_void_p, c_char_p, POINTER(c_void_p))
def TVMFFIEnvModLookupFromImports(library_ctx: int, func_name: bytes, out: _Out) -> int: ...


@_entry(c_int, c_char_p, c_void_p, held=True)
def TVMFFIEnvModRegisterContextSymbol(name: bytes, symbol: int) -> int: ...


@_entry(c_int, c_char_p, c_void_p, held=True)
def TVMFFIEnvModRegisterSystemLibSymbol(name: bytes, symbol: int) -> int: ...


# ---- Text across the boundary --------------------------------------------------------------------


class ByteArrayArg(Structure):
    """A TVMFFIByteArray made from ``bytes``, which it keeps alive."""

    _fields_ = [("data", c_char_p), ("size", c_size_t)]


def byte_array(data: bytes) -> ByteArrayArg:
    """Describe `data` as the library takes it."""
    return ByteArrayArg(data, len(data))


def text_view(data: bytes) -> TVMFFIByteArray:
    """Describe `data` inside a structure; the caller keeps it alive."""
    return TVMFFIByteArray(ctypes.cast(c_char_p(data), c_void_p), len(data))


def read_bytes(view: TVMFFIByteArray) -> bytes:
    """Copy what `view` describes."""
    return ctypes.string_at(view.data, view.size) if view.size else b""


def read_text(view: TVMFFIByteArray) -> str:
    """Copy what `view` describes as text for people: undecodable bytes are replaced."""
    return read_bytes(view).decode("utf-8", "replace")


# ---- Callbacks -----------------------------------------------------------------------------------


def immortal(callback: Any) -> int:
    """Return the address of a ctypes callback that is never freed.

    Native code may hold the address until the process ends, longer than any module here lives.
    """
    _immortals.append(callback)
    if hasattr(ctypes, "pythonapi"):
        ctypes.pythonapi.Py_IncRef(ctypes.py_object(callback))
    return ctypes.cast(callback, c_void_p).value or 0


_immortals: list[Any] = []
