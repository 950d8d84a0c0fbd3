# SPDX-License-Identifier: Apache-2.0
"""The host lane's library: a table of the interpreter's functions, and the types made with it.

``libtvm_ffi_host`` is plain C++ over the contract. It is told here, once and in one interpreter,
where the functions are that make, read and call Python objects, and the interpreter is told where
its functions are: so a call needs no ctypes in between. `_host_lane` says what is done there, and
with what it is left to the pure lane.

`active` is false, and nothing here is used, where `TVM_FFI_PURE_PYTHON` or `TVM_FFI_TRACE` is 1,
where the interpreter is not a CPython as those the table was tried on, or where a test at import
shows anything else than it should.
"""

from __future__ import annotations

import atexit
import ctypes
import os
import sys
from ctypes import PYFUNCTYPE, c_char_p, c_int, c_int64, c_void_p, py_object
from typing import Any, Callable

from . import _ffi
from ._host_layout import layout, offset_of_slot

# ---- The table -----------------------------------------------------------------------------------

# In the order of `Table` in csrc/host/host.h; where there are two, the first that exists.
_FUNCTIONS = """
Py_IncRef Py_DecRef PyObject_Type
PyLong_FromLongLong PyFloat_FromDouble PyUnicode_FromStringAndSize PyBytes_FromStringAndSize
PyLong_AsLongLongAndOverflow PyFloat_AsDouble PyUnicode_AsUTF8AndSize PyBytes_AsStringAndSize
PyList_Size PyList_GetItem PyTuple_Size PyTuple_GetItem PyDict_Size PyDict_Next
PyList_New PyList_SetItem PyObject_GetIter
PyType_GenericAlloc PyObject_Vectorcall/PyObject_VectorcallDict PyVectorcall_Call
PyErr_Occurred PyErr_Fetch PyErr_NormalizeException PyException_SetTraceback PyErr_Restore
PyErr_SetObject PyErr_Clear PyErr_NoMemory
PyGILState_Ensure PyGILState_Release PyEval_SaveThread PyEval_RestoreThread
PyType_FromSpecWithBases PyMethod_New PyObject_GenericGetDict PyObject_GenericSetDict
PyDescr_NewMethod PyObject_SetAttr PyObject_VectorcallMethod
PyCapsule_GetPointer PyCapsule_IsValid PyCapsule_SetName PyCapsule_SetDestructor
""".split()
_MORE_FUNCTIONS = """
PyType_GetSlot PyObject_GC_UnTrack PyTuple_New PyTuple_SetItem PyList_AsTuple PyDict_Copy
""".split()
# Threads run at the same time, unless the lock is switched on again.
_RUNS_FREELY = "t" in getattr(sys, "abiflags", "")
_NEW_SLOT = 65  # Py_tp_new

_kept: list[object] = []


def immortal(value: object) -> int:
    """Return the address of a Python object that is never freed."""
    _kept.append(value)
    ctypes.pythonapi.Py_IncRef(py_object(value))
    return id(value)


def immortal_address(data: Any) -> int:
    """Return the address of what a ctypes object holds, and keep it for ever."""
    immortal(data)
    return ctypes.addressof(data)


def _address(names: str) -> int:
    for name in names.split("/"):
        function = getattr(ctypes.pythonapi, name, None)
        if function is not None:
            return ctypes.cast(function, c_void_p).value or 0
    raise AttributeError(names)


def _string_constructor() -> int:
    # Static types have readable slots from 3.10 on; before, text results are the pure lane's.
    if sys.version_info < (3, 10):
        return 0
    get_slot = PYFUNCTYPE(c_void_p, py_object, c_int)(("PyType_GetSlot", ctypes.pythonapi))
    return int(get_slot(str, _NEW_SLOT) or 0)


def _table() -> Any:
    entries = [_address(names) for names in _FUNCTIONS]
    entries.append(_string_constructor())
    entries += map(_address, _MORE_FUNCTIONS)
    entries += map(id, (None, True, False, int, float, str, bytes, bool, type(None)))
    entries += (object.__basicsize__, _RUNS_FREELY, *layout())
    return (c_int64 * len(entries))(*entries)


# ---- Starting ------------------------------------------------------------------------------------


def _is_wanted() -> bool:
    return (
        os.environ.get("TVM_FFI_PURE_PYTHON", "0") in ("", "0")
        and os.environ.get("TVM_FFI_TRACE", "0") != "1"
        and sys.implementation.name == "cpython"
        and sys.version_info >= (3, 9)
        and hasattr(ctypes, "pythonapi")
        and ctypes.sizeof(c_void_p) == 8
        # An interpreter for debugging has a larger head, and other ways to make objects.
        and object.__basicsize__ == (32 if _RUNS_FREELY else 16)
        and _is_main_interpreter()
    )


def _is_main_interpreter() -> bool:
    current = PYFUNCTYPE(c_void_p)(("PyInterpreterState_Get", ctypes.pythonapi))
    main = PYFUNCTYPE(c_void_p)(("PyInterpreterState_Main", ctypes.pythonapi))
    return bool(current() == main())


_library: Any = None


def entry(name: str, restype: Any, *argtypes: Any) -> Any:
    """Return a function of the library; it keeps the interpreter lock, and may raise."""
    return PYFUNCTYPE(restype, *argtypes)((name, _library))


def _start() -> bool:
    global _library
    if not _is_wanted():
        return False
    try:
        _library = _ffi.load_host_library()
        table = _table()
        releases = os.environ.get("TVM_FFI_RELEASE_GIL_BY_DEFAULT", "1") != "0"
        start = entry("TVMFFIHostStart", c_int, c_void_p, c_int64, c_int)
        return bool(start(table, ctypes.sizeof(table), releases) == 0 and _passes_self_test())
    except (OSError, RuntimeError, AttributeError):
        return False  # parts of the interpreter or of the installation are missing


class _MethodDef(ctypes.Structure):
    _fields_ = [("name", c_char_p), ("address", c_void_p), ("flags", c_int), ("doc", c_char_p)]


_METH_FASTCALL = 0x80
METH_O = 0x08


def builtin(symbol: str, flags: int = _METH_FASTCALL) -> Any:
    """Make a builtin function of one of the library's functions."""
    address = ctypes.cast(_library[symbol], c_void_p)
    definition = _MethodDef(symbol.encode(), address, flags, None)
    where = immortal_address(definition)
    make = PYFUNCTYPE(py_object, c_void_p, py_object, c_void_p)(
        ("PyCFunction_NewEx", ctypes.pythonapi)
    )
    return make(where, None, None)


def _passes_self_test() -> bool:
    values = (0, -1, 1 << 62, -(1 << 63), 1.5, -0.0, "", "seven b", "é", b"", b"1234567")
    values += (None, True, False)  # type: ignore[assignment]
    counts = [sys.getrefcount(value) for value in values[2:5]]
    made = builtin("TVMFFIHostSelfTest")(*values)
    return (
        made[:7] + made[8:] == values[:7] + values[8:]
        and list(map(type, made[:7])) == list(map(type, values[:7]))
        and made[-3:] == (None, True, False)
        and counts == [sys.getrefcount(value) for value in values[2:5]]
    )


active = _start()

# ---- Types ---------------------------------------------------------------------------------------

TENSOR, STRING, OBJECT = range(3)
_types: dict[str, Any] = {}


def handle_type() -> Any:
    """Make the base of `CObject`, with the attributes ``_handle`` and ``_index``."""
    return entry("TVMFFIHostHandleType", py_object)()


def container_type(base: type) -> Any:
    """Make the base of containers, with the attribute ``_api``."""
    made: Any = entry("TVMFFIHostContainerType", py_object, py_object)(base)
    set_api = entry("TVMFFIHostSetApi", None, py_object, c_void_p)
    made._api = property(
        lambda self: self._host_api, lambda self, api: set_api(self, exchange_of(api))
    )
    return made


def tensor_type(base: type) -> Any:
    """Make the base of tensors, with the attribute ``_view``."""
    return entry("TVMFFIHostTensorType", py_object, py_object)(base)


def text_type() -> Any:
    """Make the base of text with the attribute ``_tvm_ffi_cached_object``, or None."""
    return entry("TVMFFIHostTextType", py_object, c_int64)(str.__basicsize__)


def function_type(name: str, base: type) -> Any:
    """Make `Function`, and with it the type of functions that bind as methods do."""
    make = entry("TVMFFIHostFunctionType", py_object, c_char_p, py_object, c_int)
    _types["function"] = make(immortal_text(name), base, 0)
    _types["method"] = make(immortal_text(name + "Method"), _types["function"], 1)
    entry("TVMFFIHostInitializerType", py_object)()
    return _types["function"]


def immortal_text(text: str) -> bytes:
    """Return text as a C string that is never freed."""
    data = text.encode()
    immortal(data)
    return data


def is_function(value: object) -> bool:
    """Tell whether a value is a `Function` and no subclass of it."""
    return type(value) is _types["function"]


def face_of(function: Any, is_method: bool) -> Any:
    """Make another face of a native function, which binds as methods do if `is_method`."""
    _ffi.TVMFFIObjectIncRef(function._handle)
    make = entry("TVMFFIHostFunctionFace", py_object, py_object, c_void_p)
    return make(_types["method" if is_method else "function"], function._handle)


def initializer(cls: type, function: Any, slowly: Any) -> Any:
    """Make an ``__init__`` that has a native function make the object.

    For subclasses, and with keyword arguments, it calls `slowly`, which is also what is returned
    where this cannot be had.
    """
    if not active or sys.version_info < (3, 10) or not is_function(function):
        return slowly  # before 3.10 keyword arguments are passed in another way
    make = entry("TVMFFIHostInitializer", py_object, py_object, py_object, py_object)
    made = make(cls, function, slowly)
    made.__doc__, made.__annotations__ = slowly.__doc__, slowly.__annotations__
    made.__wrapped__ = slowly
    return made


def name_type(which: int, cls: type) -> None:
    """Make results of a kind instances of a class."""
    entry("TVMFFIHostNameType", None, c_int, py_object)(which, cls)


# ---- The end of the interpreter ------------------------------------------------------------------


def _define_at_teardown() -> object:
    disarm = _disarm

    class AtTeardown:
        def __del__(self) -> None:
            disarm(1)

    return AtTeardown()


# ---- Fields, callbacks, exchange tables ----------------------------------------------------------

_exchanges: dict[int, int] = {}


def exchange_of(api: Any) -> int:
    """Return the library's description of an exchange API, 0 for None."""
    if api is None:
        return 0
    found = _exchanges.get(id(api))
    if found is None:
        describe = entry("TVMFFIHostExchange", c_void_p, py_object, c_void_p)
        # It keeps the API for ever, so that the id stays its own.
        made = describe(api, getattr(api, "address", None)) or 0
        found = _exchanges.setdefault(id(api), made)  # compared by address, so only one counts
    return found


if active:
    # Other threads may be inside native code that is about to call back, hence the first; it is
    # registered early, so that it is among the last things done at exit. The second is the last
    # Python code to run, see `_pyref`.
    _disarm = entry("TVMFFIHostDisarm", None, c_int)
    atexit.register(_disarm, 0)
    sys._tvm_ffi_host_teardown = _define_at_teardown()  # type: ignore[attr-defined]
    entry("TVMFFIHostFieldType", py_object)()
    _make_field = entry("TVMFFIHostField", py_object, c_void_p, c_int64, c_int, c_int)
    _function_from = entry("TVMFFIHostFunctionFrom", c_void_p, py_object, c_void_p)
    _forget_values = entry("TVMFFIHostForgetValues", None)
    _count_callbacks = entry("TVMFFIHostCountCallbacks", c_int64)


def field_getter(address: int, offset: int) -> Any:
    """Make a callable that reads a field with the native getter at `address`."""
    return _make_field(address, offset, False, False)


def field_setter(address: int, offset: int, is_plain: bool) -> Any:
    """Make a callable that writes a field with the native setter at `address`."""
    return _make_field(address, offset, True, is_plain)


def forget_values() -> None:
    """Make devices and data types anew when native functions return them again."""
    if active:
        _forget_values()


def path_of(*slots: tuple[object, str]) -> int:
    """Describe how to get at what a value keeps in a slot, or in a slot of what that holds.

    Each slot is given by an example and its name. The address of a `Path` of csrc/host/host.h, 0 if
    a slot is not found.
    """
    offsets = [offset_of_slot(example, name) for example, name in slots]
    if 0 in offsets:
        return 0
    return immortal_address((c_int64 * 4)(len(offsets), *offsets))


def _define_share() -> Callable[[Any], Any] | None:
    name = "PyUnstable_Object_EnableDeferredRefcount"
    if not (active and _RUNS_FREELY and hasattr(ctypes.pythonapi, name)):
        return None
    return PYFUNCTYPE(c_int, py_object)((name, ctypes.pythonapi))


# Where threads run freely: lets several of them call one function without waiting for each other to
# count references to it. It is then freed by the garbage collector alone. None elsewhere.
share = _define_share()


def function_from(callable_: Any, api: Any) -> int:
    """Make a native function that calls a Python one; gives an owned handle."""
    return int(_function_from(callable_, exchange_of(api)))


def count_callbacks() -> int:
    """Return the number of Python functions that native ones made here lead to."""
    return int(_count_callbacks()) if active else 0


def lane() -> str:
    """Tell how calls are made: ``"host"``, or ``"pure"`` where ctypes does everything.

    The lanes differ in nothing but speed. `TVM_FFI_PURE_PYTHON=1` selects the pure one.
    """
    return "host" if active else "pure"
