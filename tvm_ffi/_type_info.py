# SPDX-License-Identifier: Apache-2.0
"""The type table seen from Python: what a type is made of, and which class stands for it.

Descriptions are read from the library once per type and kept. A type without a class gets one when
an object of it first arrives (a fallback class), and another when `register_object` names it: the
last one wins for objects that come after.
"""

from __future__ import annotations

import warnings
from ctypes import byref, c_int32
from functools import cached_property
from importlib import import_module
from threading import RLock
from typing import Any

from . import _ffi
from ._convert import Unpacker, register_unpacker, view_unpackers
from ._error import Error
from ._field import TypeField, field_from_native
from ._function import Function
from ._members import install_members
from ._object import CObject, Object, PyNativeObject, object_unpacker, wrap
from ._record import record
from ._string import Bytes, String
from ._testing_library import ensure_testing_library


@record
class TypeMethod:
    """A method of a type. `func` takes the object first, unless it is static."""

    name: str
    doc: str | None
    func: Any
    metadata: dict[str, Any]
    is_static: bool


@record
class TypeInfo:
    """A type: its place in the hierarchy, its own fields and methods, and its Python class."""

    type_cls: type | None
    type_index: int
    type_key: str
    type_ancestors: list[int]  # type indices, the root first
    fields: list[TypeField] | None
    methods: list[TypeMethod]
    parent_type_info: TypeInfo | None

    def __post_init__(self) -> None:
        # Of a class declared in Python: the options it was decorated with.
        self._decorator_args: dict[str, Any] = {}
        names = [field.name for field in self.fields or ()]
        assert len(names) == len(set(names)), f"{self.type_key} has two fields of one name: {names}"
        ancestor = self.parent_type_info
        while ancestor is not None:
            for known in ancestor.fields or ():
                if known.name in names:
                    warnings.warn(
                        f"Field {known.name!r} of type {self.type_key!r} repeats one of its "
                        f"ancestor {ancestor.type_key!r}; a type has its ancestors' fields anyway",
                        stacklevel=2,
                    )
            ancestor = ancestor.parent_type_info

    @cached_property
    def total_size(self) -> int:
        """Bytes an object takes, as far as is known."""
        metadata = _native(self.type_index).metadata
        if metadata and metadata.contents.total_size > 0:
            return int(metadata.contents.total_size)
        parent = self.parent_type_info
        ends = [field.offset + field.size for field in self.fields or ()]
        end = max([parent.total_size if parent else 24, *ends])
        return (end + 7) // 8 * 8

    def method(self, name: str) -> TypeMethod | None:
        """Return the type's own method of that name."""
        return next((method for method in self.methods if method.name == name), None)

    @property
    def _has_type_metadata(self) -> bool:
        return bool(_native(self.type_index).metadata)

    def _register_fields(self, fields: list[Any], structure_kind: int | None = None) -> None:
        """Give a type declared in Python its own fields, each a `dataclasses.Field`; once."""
        from ._py_fields import prepare_fields, register_fields

        assert self.fields is None, f"{self.type_key} has its fields already"
        register_fields(self, prepare_fields(self, fields), structure_kind)
        self._read_back_methods()

    def _register_py_methods(
        self, methods: list[tuple[Any, ...]] | None, type_attr_names: Any = frozenset()
    ) -> None:
        """Give a type methods, and type attributes where a name is one of `type_attr_names`."""
        from ._py_methods import prepare_methods, register_methods

        register_methods(self, prepare_methods(methods or ()), type_attr_names)
        self._read_back_methods()

    def _read_back_methods(self) -> None:
        native = _native(self.type_index)
        self.methods = [_method(native.methods[i]) for i in range(native.num_methods)]


_infos: dict[int, TypeInfo] = {}
_infos_by_class: dict[type, TypeInfo] = {}
# Held while a description is read or a class is bound, so that each type is described once.
changing = RLock()

# ---- Looking types up ----------------------------------------------------------------------------


def index_of_key(key: str) -> int | None:
    """Return the index of a registered type, or None."""
    if not isinstance(key, str):
        raise TypeError(f"Expected a type key, got {type(key).__name__}")
    ensure_testing_library(key)
    index = c_int32()
    try:
        _ffi.TVMFFITypeKeyToIndex(byref(_ffi.byte_array(key.encode())), byref(index))
    except RuntimeError:  # InternalError, "Cannot find type"
        return None
    return index.value


def info_of_key(key: str) -> TypeInfo:
    """Describe the type registered as `key`."""
    index = index_of_key(key)
    if index is None:
        raise ValueError(f"Cannot find type key: {key}")
    return info_of_index(index)


def info_of_index(index: int) -> TypeInfo:
    """Describe a type by its index, which must be a registered one."""
    info = _infos.get(index)
    if info is None:
        with changing:
            info = _infos.get(index)
            if info is None:
                info = _infos[index] = _read(index)
    return info


def checked_info_of_index(index: int) -> TypeInfo:
    """Describe a type by an index somebody made up; ValueError if no type has it."""
    # The library ends the process over an index that no type has, so it is not asked.
    if index not in _infos and index not in _registered_indices():
        raise ValueError(f"No type has the type index {index}")
    return info_of_index(index)


def _registered_indices() -> set[int | None]:
    from . import _ffi_api

    list_keys: Any = _ffi_api.GetRegisteredTypeKeys
    return {index_of_key(str(key)) for key in list_keys()}


def known_info_of_index(index: int) -> TypeInfo | None:
    """Return the description of a type if it has been read before."""
    return _infos.get(index)


def info_of_class(cls: type) -> TypeInfo | None:
    """Return the type that exactly this class stands for."""
    return _infos_by_class.get(cls)


def nearest_info(cls: type) -> TypeInfo | None:
    """Return the type that this class, or the nearest of its bases, stands for."""
    return next((_infos_by_class[base] for base in cls.__mro__ if base in _infos_by_class), None)


# ---- Reading the table ---------------------------------------------------------------------------


def _native(index: int) -> Any:
    return _ffi.TVMFFIGetTypeInfo(index).contents


def _read(index: int) -> TypeInfo:
    native = _native(index)
    ancestors = [
        native.type_ancestors[depth].contents.type_index for depth in range(native.type_depth)
    ]
    return TypeInfo(
        type_cls=None,
        type_index=index,
        type_key=_ffi.read_text(native.type_key),
        type_ancestors=ancestors,
        fields=[
            field_from_native(field, _metadata(field), _borrowed)
            for field in (native.fields[i] for i in range(native.num_fields))
        ],
        methods=[_method(native.methods[i]) for i in range(native.num_methods)],
        parent_type_info=info_of_index(ancestors[-1]) if ancestors else None,
    )


def _method(native: Any) -> TypeMethod:
    return TypeMethod(
        name=_ffi.read_text(native.name),
        doc=_ffi.read_text(native.doc) or None,
        func=_borrowed(native.method),
        metadata=_metadata(native),
        is_static=bool(native.flags & _ffi.kTVMFFIFieldFlagBitMaskIsStaticMethod),
    )


def _metadata(native: Any) -> dict[str, Any]:
    text = _ffi.read_text(native.metadata)
    if not text:
        return {}
    import json

    parsed: dict[str, Any] = json.loads(text)
    return parsed


def _borrowed(cell: Any) -> Any:
    """Make the Python value of a cell somebody else owns."""
    return view_unpackers[cell.type_index | cell.zero_padding << 32](cell.v_int64, None)


# ---- Classes -------------------------------------------------------------------------------------

# The type indices whose unpackers are no plain wrapper, and are registered where the class is.
_SPECIAL = frozenset(
    {
        _ffi.kTVMFFIError,
        _ffi.kTVMFFIFunction,
        _ffi.kTVMFFITensor,
        _ffi.kTVMFFIOpaquePyObject,
        _ffi.kTVMFFIBigInt,
    }
)


def bind_class(info: TypeInfo, cls: type) -> None:
    """Make `cls` the class of the objects of a type."""
    with changing:
        _infos_by_class[cls] = info
        index = info.type_index
        if index >= _ffi.kTVMFFIStaticObjectBegin and index not in _SPECIAL:
            # A class that is no `Object` describes the type, but cannot own objects of it.
            owns = issubclass(cls, (CObject, PyNativeObject))
            wrapper = cls if owns else _fallback_class(info)
            register_unpacker(index, object_unpacker(wrapper, index))
        # The last: whoever finds the class, without the lock, relies on the unpackers.
        info.type_cls = cls


def enter_class(index: int, cls: type) -> TypeInfo:
    """Bind a registered class. If the type has a class already, that keeps its description."""
    with changing:
        info = info_of_index(index)
        if info.type_cls is not None and info.type_cls is not cls:
            info = _infos[index] = _read(index)
        bind_class(info, cls)
    return info


def publish(info: TypeInfo, cls: type) -> None:
    """Make `info` the description of its type, whose class `cls` is."""
    with changing:
        _infos[info.type_index] = info
        bind_class(info, cls)


def forget(info: TypeInfo) -> None:
    """Describe the type anew when it is next asked for."""
    with changing:
        if _infos.get(info.type_index) is info:
            del _infos[info.type_index]


def withdraw_class(cls: type) -> None:
    """Let a class stand for no type: the type gets back the class it had before, if any."""
    with changing:
        info = _infos_by_class.pop(cls, None)
        if info is None:
            return
        index = info.type_index
        earlier = [known for known in _infos_by_class.values() if known.type_index == index]
        if earlier and earlier[-1].type_cls is not None:
            _infos[index] = earlier[-1]
            bind_class(earlier[-1], earlier[-1].type_cls)
            return
        info.type_cls = None
        for own in info.fields or ():
            own.dataclass_field = None
        register_unpacker(index, _unpacker_of_unknown(index))


def _unpacker_of_unknown(index: int) -> Unpacker:
    # Unpackers are never taken out, so this one looks for the class when an object arrives.
    def unpack(handle: int, api: Any) -> Any:
        return wrap(class_of_index(index), index, handle)

    return unpack


def bind_class_by_index(index: int, cls: type) -> TypeInfo:
    """Bind the class of a built-in type, whose members are written in Python."""
    is_builtin = index < _ffi.kTVMFFIStaticObjectEnd
    info = info_of_index(index) if is_builtin else checked_info_of_index(index)
    bind_class(info, cls)
    return info


def set_root_class(cls: type[Object]) -> None:
    """Make `cls` the class of objects of the root type, and the base of fallback classes."""
    if not issubclass(cls, Object):
        raise TypeError(f"Expected a subclass of tvm_ffi.Object, got {cls!r}")
    bind_class(info_of_index(_ffi.kTVMFFIObject), cls)


def class_of_index(index: int) -> type:
    """Return the class of a type, a fallback class if none is registered."""
    info = info_of_index(index)
    _import_classes(info)
    info = info_of_index(index)
    if info.type_cls is None:
        with changing:
            if info.type_cls is None:
                bind_class(info, _fallback_class(info))
    cls = info.type_cls
    assert cls is not None
    return cls


# The types whose classes are in modules that are not loaded before something of theirs is used.
_ON_DEMAND = {
    "ffi.reflection.AccessPath": "access_path",
    "ffi.reflection.AccessStep": "access_path",
    "ffi.StructuralKey": "structural",
    "ffi.StructuralMutator": "structural",
    "ffi.StructuralVisitor": "structural",
    "ffi.VisitInterrupt": "structural",
    "ffi.Module": "module",
    "ffi.Enum": "dataclasses",
    "ffi.IntEnum": "dataclasses",
    "ffi.StrEnum": "dataclasses",
}


def _import_classes(info: TypeInfo | None) -> None:
    """Load the modules with the classes of a type and of its ancestors. Not to be called locked."""
    while info is not None:
        module = _ON_DEMAND.get(info.type_key)
        if module is not None and info.type_cls is None:
            import_module(f"{__package__}.{module}")
        info = info.parent_type_info


def _fallback_class(info: TypeInfo) -> type:
    parent = info.parent_type_info
    base = class_of_index(parent.type_index) if parent is not None else Object
    if not issubclass(base, Object):  # a built-in without subclasses of its own
        base = Object
    module, _, name = info.type_key.rpartition(".")
    make_class: Any = type(base)
    cls: Any = make_class(
        name,
        (base,),
        {
            "__slots__": (),
            "__module__": module,
            "__qualname__": info.type_key,
            "__doc__": f"Auto-generated fallback class for {info.type_key}.\n\nObjects of this "
            "type arrived before a class was registered for it: use `register_object`.",
        },
    )
    install_members(cls, info)
    cls.__tvm_ffi_type_info__ = info
    made: type = cls
    return made


# Built-in types whose classes every other module may meet before it registers its own.
for _index, _cls in (
    (_ffi.kTVMFFIObject, Object),
    (_ffi.kTVMFFIError, Error),
    (_ffi.kTVMFFIFunction, Function),
    (_ffi.kTVMFFIStr, String),
    (_ffi.kTVMFFIBytes, Bytes),
):
    bind_class_by_index(_index, _cls)
