# SPDX-License-Identifier: Apache-2.0
"""Python faces of native objects: who owns the handle, and how wrappers travel as arguments.

A wrapper owns one strong reference, or none when its handle is 0 (made by ``__new__`` alone, or
moved from). Every crossing makes a new wrapper: compare with `same_as`.
"""

from __future__ import annotations

import ctypes
from abc import ABCMeta
from ctypes import byref, c_void_p
from typing import Any, Callable

from . import _block, _ffi, _host
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    Unpacker,
    has_protocol,
    packers,
    register_unpacker,
    rule,
)
from ._ffi import kTVMFFIObjectRValueRef, kTVMFFIOpaquePyObject
from ._pyref import entry_of_opaque, opaque_from
from ._scalars import pack_bytes, pack_str
from ._signals import deferring_signals, raise_later
from ._signature import Part, parts

_new = object.__new__


class _Handle:
    """What owns a reference to a native object, and gives it back when it dies."""

    __slots__ = ("_handle", "_index")
    _handle: int  # 0 when there is no object
    _index: int  # type index of the object; undefined without one

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = _new(cls)
        self._handle = 0
        self._index = 0
        return self

    @deferring_signals
    def __del__(
        self,
        drop: Callable[[int], object] = _block.drop,
        again: Callable[[BaseException], None] = raise_later,
    ) -> None:
        try:
            handle = self._handle
            if handle:
                # Others in a cycle, and whoever brings it back to life, may go on using it.
                self._handle = 0
                drop(handle)
        except AttributeError:
            pass  # made by object.__new__ alone
        except BaseException as error:
            again(error)


if _host.active:
    _Handle = _host.handle_type()  # type: ignore[misc]
    _new = _Handle.__new__  # type: ignore[assignment, unused-ignore]


class CObject(_Handle):
    """Owner of a native object of any kind. `Object` and the built-in faces derive from it."""

    __slots__ = ()

    def _adopt(self, index: int, handle: int) -> None:
        """Take over a reference to another object and drop the one held."""
        old = self._handle
        self._handle = handle
        self._index = index
        if old:
            _ffi.TVMFFIObjectDecRef(old)

    def __chandle__(self) -> int:
        """Return the address of the native object, 0 if there is none."""
        return self._handle

    def __ctypes_handle__(self) -> c_void_p:
        """Return the address of the native object as ctypes takes it."""
        return c_void_p(self._handle)

    @property
    def id_(self) -> int:
        """The address of the native object, 0 if there is none."""
        return self._handle

    def same_as(self, other: object) -> bool:
        """Tell whether both stand for the same native object."""
        return isinstance(other, CObject) and self._handle == other._handle

    is_ = same_as

    def __eq__(self, other: object) -> Any:
        if isinstance(other, CObject):
            return self._handle == other._handle
        return NotImplemented

    def __ne__(self, other: object) -> Any:
        if isinstance(other, CObject):
            return self._handle != other._handle
        return NotImplemented

    def __hash__(self) -> int:
        return hash(self._handle)

    def __repr__(self) -> str:
        return object_repr(self)

    def __move_handle_from__(self, other: CObject) -> None:
        """Take the native object of `other`, which is left without one."""
        if not isinstance(other, CObject):
            raise TypeError(f"Expected an object to take over, got {type(other).__name__}")
        index, handle = other._index, other._handle
        if other is not self:
            other._handle = 0
            other._adopt(0, 0)
            self._adopt(index, handle)

    def __init_handle_by_constructor__(self, fconstructor: Any, *args: Any) -> None:
        """Become the object that the function `fconstructor` makes of `args`."""
        construct = getattr(fconstructor, "_construct", None)
        if construct is None:
            raise TypeError(f"Expected a Function to construct with, got {fconstructor!r}")
        self._adopt(*construct(args))

    def __reduce__(self) -> Any:
        return _new_object, (type(self),), self.__getstate__()

    def __getstate__(self) -> dict[str, Any]:
        if not self._handle:
            return {"handle": None}
        return {"handle": str(_json_function("ToJSONGraphString")(self, None))}

    def __setstate__(self, state: dict[str, Any]) -> None:
        text = state["handle"]
        if text is None:
            self._adopt(0, 0)
        else:
            self.__init_handle_by_constructor__(_json_function("FromJSONGraphString"), text)


def _json_function(name: str) -> Any:
    from . import _ffi_api

    function = getattr(_ffi_api, name, None)
    if function is None:
        raise RuntimeError(f"ffi.{name} is not registered: the library was built without JSON")
    return function


def _new_object(cls: Any) -> Any:
    """Make an instance without a native object, for pickle and copy to fill."""
    return cls.__new__(cls)


# Pickles name the public door, so that they survive changes of this layout.
_new_object.__module__ = "tvm_ffi.core"


def object_repr(obj: CObject) -> str:
    """Return the library's text for an object; never raises for one."""
    if not isinstance(obj, CObject):
        raise TypeError(f"Expected an object of the library, got {type(obj).__name__}")
    name = type(obj).__name__
    if not obj._handle:
        return f"{name}(chandle=None)"
    try:
        from . import _ffi_api

        native_repr: Any = _ffi_api.ReprPrint
        return str(native_repr(obj))
    except Exception:
        return f"{name}({obj._handle})"


class _ContainerHandle(CObject):
    __slots__ = ("_api",)
    _api: Any

    def __new__(cls, *args: Any, **kwargs: Any) -> Any:
        self = CObject.__new__(cls)
        self._api = None
        return self


if _host.active:
    _ContainerHandle = _host.container_type(CObject)  # type: ignore[misc]


class CContainerBase(_ContainerHandle):
    """Base of containers: remembers the exchange API with which elements are read."""

    __slots__ = ()


class _ObjectSlotsMeta(ABCMeta):
    """Gives classes without ``__slots__`` empty ones: instances have no attributes of their own."""

    def __new__(
        mcls, name: str, bases: tuple[type, ...], namespace: dict[str, Any], **kwargs: Any
    ) -> Any:
        namespace.setdefault("__slots__", ())
        return super().__new__(mcls, name, bases, namespace, **kwargs)


class Object(CObject, metaclass=_ObjectSlotsMeta):
    """Base of the Python classes of native types, see `register_object`."""

    def _move(self) -> ObjectRValueRef:
        """Pass the object as one the callee may take: the wrapper is empty afterwards if it did."""
        return ObjectRValueRef(self)


class ObjectRValueRef:
    """An argument the callee may move from, made by ``x._move()``."""

    __slots__ = ("obj",)

    def __init__(self, obj: Object) -> None:
        if not isinstance(obj, CObject):
            raise TypeError(f"Expected an object to move from, got {type(obj).__name__}")
        self.obj = obj


class ObjectConvertible:
    """Base of classes that stand for an object when passed: the one `asobject` gives."""

    def asobject(self) -> CObject:
        """Return the object to pass."""
        raise NotImplementedError


class PyNativeObject:
    """Base of Python values that keep a native twin in ``_tvm_ffi_cached_object``."""

    __slots__ = ()
    _tvm_ffi_cached_object: Any

    def __init_cached_object_by_constructor__(self, fconstructor: Any, *args: Any) -> None:
        """Make the twin with the function `fconstructor`."""
        twin = Object.__new__(Object)
        twin.__init_handle_by_constructor__(fconstructor, *args)
        self._tvm_ffi_cached_object = twin


class OpaquePyObject(CObject):
    """A Python object that native code holds without looking into it."""

    __slots__ = ()

    def pyobject(self) -> Any:
        """Return the Python object."""
        entry = entry_of_opaque(self._handle) if self._handle else None
        if entry is None:
            raise ValueError(f"{self!r} holds no object of this interpreter")
        return entry.value


def to_opaque(value: Any) -> OpaquePyObject:
    """Wrap any Python object for native code to hold."""
    opaque: OpaquePyObject = wrap(OpaquePyObject, kTVMFFIOpaquePyObject, opaque_from(value))
    return opaque


def wrap(cls: type[Any], index: int, handle: int) -> Any:
    """Make a wrapper of class `cls`, without running its constructor; takes over a reference."""
    self = _new(cls)
    self._handle = handle
    self._index = index
    return self


# ---- As results ----------------------------------------------------------------------------------


# The classes of the unpackers that do nothing but wrap, and whether they are containers.
made_by: dict[Unpacker, tuple[type, bool]] = {}


# The unpackers of classes that have one of their own.
own_unpackers: dict[type, Unpacker] = {}


def object_unpacker(cls: Any, index: int) -> Unpacker:
    """Return the unpacker of a type whose Python class is `cls`."""
    if cls in own_unpackers:
        return own_unpackers[cls]
    if issubclass(cls, PyNativeObject):

        def unpack_native(handle: int, api: Any) -> Any:
            return cls.__from_tvm_ffi_object__(cls, wrap(Object, index, handle))

        return unpack_native
    if issubclass(cls, CContainerBase):

        def unpack_container(handle: int, api: Any) -> Any:
            self = _new(cls)
            self._handle = handle
            self._index = index
            self._api = api
            return self

        made_by[unpack_container] = cls, True
        return unpack_container

    def unpack(handle: int, api: Any) -> Any:
        self = _new(cls)
        self._handle = handle
        self._index = index
        return self

    made_by[unpack] = cls, False
    return unpack


def _unpack_opaque(handle: int, api: Any) -> Any:
    entry = entry_of_opaque(handle)
    if entry is None:  # made by another front end: all that can be done is to hold it
        return wrap(OpaquePyObject, kTVMFFIOpaquePyObject, handle)
    value = entry.value
    _ffi.TVMFFIObjectDecRef(handle)
    return value


register_unpacker(kTVMFFIOpaquePyObject, _unpack_opaque)

# ---- As arguments --------------------------------------------------------------------------------


def pack_object(cells: Cells, value: CObject, frame: CallFrame) -> None:
    handle = value._handle
    if not handle:
        raise ValueError(
            f"{type(value).__name__}(chandle=None) holds no object: it was moved from, or its "
            "constructor never ran"
        )
    cells += (value._index, handle)


OBJECT_PART = Part(
    "{x}._index",
    "handle_{x}",
    setup=("handle_{x} = {x}._handle", "if not handle_{x}: return {by_cells}"),
)
parts[pack_object] = OBJECT_PART


@rule(4)
def _c_object(cls: type) -> Packer | None:
    return pack_object if issubclass(cls, CObject) else None


@rule(5)
def _r_value(cls: type) -> Packer | None:
    if not issubclass(cls, ObjectRValueRef):
        return None

    def pack(cells: Cells, value: ObjectRValueRef, frame: CallFrame) -> None:
        slot = c_void_p(value.obj._handle)
        frame.moved.append((value.obj, slot))
        frame.keep(slot)
        cells += (kTVMFFIObjectRValueRef, ctypes.addressof(slot))

    return pack


@rule(6)
def _object_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__tvm_ffi_object__"):
        return None

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        _pack_kept(cells, value.__tvm_ffi_object__(), frame, value, "__tvm_ffi_object__")

    return pack


@rule(35)
def _convertible(cls: type) -> Packer | None:
    if not issubclass(cls, ObjectConvertible):
        return None

    def pack(cells: Cells, value: ObjectConvertible, frame: CallFrame) -> None:
        _pack_kept(cells, value.asobject(), frame, value, "asobject")

    return pack


def _pack_kept(cells: Cells, obj: Any, frame: CallFrame, source: object, method: str) -> None:
    """Pack an object that a method of `source` made, perhaps only for this call."""
    if not isinstance(obj, (CObject, PyNativeObject)):
        raise TypeError(
            f"Expected {type(source).__name__}.{method}() to return an FFI object, "
            f"got {type(obj).__name__}"
        )
    frame.keep(obj)
    packers[type(obj)](cells, obj, frame)


@rule(18)
def _native(cls: type) -> Packer | None:
    if not issubclass(cls, PyNativeObject):
        return None
    otherwise = pack_str if issubclass(cls, str) else pack_bytes if issubclass(cls, bytes) else None

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        twin = value._tvm_ffi_cached_object
        if twin is not None:
            pack_object(cells, twin, frame)
        elif otherwise is not None:
            otherwise(cells, value, frame)
        else:
            raise ValueError(f"_tvm_ffi_cached_object is None for {type(value)}")

    return pack


def pack_opaque(cells: Cells, value: Any, frame: CallFrame) -> None:
    opaque = to_opaque(value)
    frame.keep(opaque)
    cells += (kTVMFFIOpaquePyObject, opaque._handle)


@rule(36)
def _anything(cls: type) -> Packer | None:
    return pack_opaque


# ---- Sentinels -----------------------------------------------------------------------------------


def _sentinel(name: bytes) -> Object:
    function, result = c_void_p(), _ffi.TVMFFIAny()
    _ffi.TVMFFIFunctionGetGlobal(byref(_ffi.byte_array(name)), byref(function))
    try:
        _ffi.check(_ffi.TVMFFIFunctionCall(function.value or 0, None, 0, byref(result)))
    finally:
        _ffi.TVMFFIObjectDecRef(function.value or 0)
    sentinel: Object = wrap(Object, result.type_index, result.v_obj)
    return sentinel


# "No such entry", and "keyword arguments follow". Objects, so that they can pass through calls.
MISSING = _sentinel(b"ffi.GetInvalidObject")
KWARGS = _sentinel(b"ffi.GetKwargsObject")
