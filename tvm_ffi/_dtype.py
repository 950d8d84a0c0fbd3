# SPDX-License-Identifier: Apache-2.0
"""Data types: what one element of a tensor is."""

from __future__ import annotations

from builtins import bool as _bool
from ctypes import byref
from enum import IntEnum
from functools import lru_cache
from operator import index as as_index
from typing import Any, Callable, ClassVar, TypeVar

from . import _ffi, _host
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    has_protocol,
    register_packer,
    register_unpacker,
    rule,
)
from ._frameworks import imported
from ._signature import Part, parts
from ._type_info import bind_class_by_index

# What the package itself offers: a name for each of the usual types.
__all__ = [
    "bfloat16",
    "bool",
    "float4_e2m1fn",
    "float4_e2m1fnx2",
    "float6_e2m3fn",
    "float6_e3m2fn",
    "float8_e3m4",
    "float8_e4m3",
    "float8_e4m3b11fnuz",
    "float8_e4m3fn",
    "float8_e4m3fnuz",
    "float8_e5m2",
    "float8_e5m2fnuz",
    "float8_e8m0fnu",
    "float16",
    "float32",
    "float64",
    "int8",
    "int16",
    "int32",
    "int64",
    "uint8",
    "uint16",
    "uint32",
    "uint64",
]

Triple = tuple[int, int, int]  # code, bits, lanes


class DataTypeCode(IntEnum):
    """Kinds of data types, numbered as in DLPack."""

    INT = 0
    UINT = 1
    FLOAT = 2
    HANDLE = 3
    BFLOAT = 4
    BOOL = 6
    Float8E3M4 = 7
    Float8E4M3 = 8
    Float8E4M3B11FNUZ = 9
    Float8E4M3FN = 10
    Float8E4M3FNUZ = 11
    Float8E5M2 = 12
    Float8E5M2FNUZ = 13
    Float8E8M0FNU = 14
    Float6E2M3FN = 15
    Float6E3M2FN = 16
    Float4E2M1FN = 17


class DataType:
    """The value behind a `dtype`: kind, bits of one lane, number of lanes.

    Scalable vectors have a negative number of lanes.
    """

    __slots__ = ("_bits", "_code", "_lanes", "_payload")
    _code: int
    _bits: int
    _lanes: int
    _payload: int  # all of them, as they are passed

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"Expected the name of a data type, got {type(text).__name__}")
        parsed = _ffi.DLDataType()
        _ffi.TVMFFIDataTypeFromString(byref(_ffi.byte_array(text.encode())), byref(parsed))
        self._set(parsed.code, parsed.bits, parsed.lanes)

    def _set(self, code: int, bits: int, lanes: int) -> None:
        self._code = code
        self._bits = bits
        self._lanes = lanes - 2**16 if lanes >= 2**15 else lanes
        self._payload = code | bits << 8 | (lanes & 0xFFFF) << 16

    @property
    def type_code(self) -> int:
        """The kind, see `DataTypeCode`."""
        return self._code

    @property
    def bits(self) -> int:
        """Bits of one lane."""
        return self._bits

    @property
    def lanes(self) -> int:
        """Number of lanes, 1 for a scalar."""
        return self._lanes

    @property
    def itemsize(self) -> int:
        """Bytes of one element, rounded up."""
        if self._lanes < 0:
            raise ValueError("Cannot determine itemsize for scalable vector types")
        return (self._bits * self._lanes + 7) // 8

    def _key(self) -> Triple:
        return self._code, self._bits, self._lanes

    def __eq__(self, other: object) -> _bool:
        return self._key() == other._key() if isinstance(other, DataType) else NotImplemented

    def __hash__(self) -> int:
        return hash(self._key())

    def __str__(self) -> str:
        value = _ffi.DLDataType(self._code, self._bits, self._lanes & 0xFFFF)
        printed = _ffi.TVMFFIAny()
        _ffi.TVMFFIDataTypeToString(byref(value), byref(printed))
        return _take_text(printed)

    def __repr__(self) -> str:
        return f"DataType({str(self)!r})"

    def __reduce__(self) -> tuple[Any, ...]:
        return _create_cdtype_from_tuple, (type(self), *self._key())


C = TypeVar("C", bound=DataType)


def _create_cdtype_from_tuple(cls: type[C], code: int, bits: int, lanes: int) -> C:
    """Make a `DataType` of its parts; what pickles of one call."""
    if not (0 <= code < 2**8 and 0 <= bits < 2**8 and -(2**15) <= lanes < 2**16):
        raise OverflowError(
            f"A data type is an 8-bit code, 8-bit bits and 16-bit lanes, got {(code, bits, lanes)}"
        )
    made = cls.__new__(cls)
    made._set(as_index(code), as_index(bits), as_index(lanes))
    return made


def _take_text(printed: _ffi.TVMFFIAny) -> str:
    if printed.type_index == _ffi.kTVMFFISmallStr:
        return bytes(printed)[8 : 8 + printed.zero_padding].decode()
    try:
        return _ffi.read_text(_ffi.TVMFFIByteArray.from_address(printed.v_obj + 24))
    finally:
        _ffi.TVMFFIObjectDecRef(printed.v_obj)


class _NumpyNames:
    """`dtype._NUMPY_DTYPE_TO_STR`, made when it is read: importing numpy is the user's business."""

    def __get__(self, _instance: object, _owner: type) -> dict[Any, str]:
        numpy = imported("numpy")
        if numpy is None:
            return {}
        return {numpy.dtype(name): name for name in ("bool", *_NUMPY_BUILTIN)}


class dtype(str):
    """A data type by name, as in `dtype("float32")`; usable wherever numpy takes a dtype.

    The text stays as written, so `dtype("f32")` and `dtype("float32")` differ as strings.
    """

    __slots__ = ("_tvm_ffi_dtype",)
    _tvm_ffi_dtype: DataType

    _NUMPY_DTYPE_TO_STR: ClassVar[_NumpyNames] = _NumpyNames()
    _INTEGER_CODES: ClassVar[frozenset[int]] = frozenset({DataTypeCode.INT, DataTypeCode.UINT})
    _FLOAT_CODES: ClassVar[frozenset[int]] = frozenset(
        code for code in DataTypeCode if code.name.lower().startswith(("float", "bfloat"))
    )

    def __new__(cls, content: object) -> dtype:
        text = str(content)
        made = str.__new__(cls, text)
        made._tvm_ffi_dtype = DataType(text)
        return made

    @staticmethod
    def from_dlpack_data_type(dltype_data_type: Triple) -> dtype:
        """Make a dtype from DLPack's `(code, bits, lanes)`."""
        try:
            code, bits, lanes = map(as_index, dltype_data_type)
        except (TypeError, ValueError):
            raise TypeError(f"Expected (code, bits, lanes), got {dltype_data_type!r}") from None
        return _named(_create_cdtype_from_tuple(DataType, code, bits, lanes))

    @staticmethod
    def is_dtype(value: object) -> _bool:
        """Tell whether `dtype(value)` is possible."""
        try:
            dtype(value)
        except ValueError:
            return False
        return True

    def with_lanes(self, lanes: int) -> dtype:
        """Return the vector type with that many of this type's elements."""
        data_type = self._tvm_ffi_dtype
        lanes = as_index(lanes)
        if not -(2**15) <= lanes < 2**15:
            raise OverflowError(f"Expected lanes within 16 bits, got {lanes}")
        return dtype.from_dlpack_data_type((data_type.type_code, data_type.bits, lanes))

    @property
    def type_code(self) -> int:
        """The kind, see `DataTypeCode`."""
        return self._tvm_ffi_dtype._code

    @property
    def bits(self) -> int:
        """Bits of one lane."""
        return self._tvm_ffi_dtype._bits

    @property
    def lanes(self) -> int:
        """Number of lanes, 1 for a scalar, negative for a scalable vector."""
        return self._tvm_ffi_dtype._lanes

    @property
    def itemsize(self) -> int:
        """Bytes of one element, rounded up; a scalable vector has none (`ValueError`)."""
        return self._tvm_ffi_dtype.itemsize

    @property
    def is_bool(self) -> _bool:
        """Whether elements are truth values."""
        return self.type_code == DataTypeCode.BOOL

    @property
    def is_integer(self) -> _bool:
        """Whether elements are integers, signed or not."""
        return self.type_code in self._INTEGER_CODES

    @property
    def is_float(self) -> _bool:
        """Whether elements are floating point numbers of any format."""
        return self.type_code in self._FLOAT_CODES

    @property
    def is_handle(self) -> _bool:
        """Whether elements are opaque pointers."""
        return self.type_code == DataTypeCode.HANDLE

    def __repr__(self) -> str:
        return f"dtype({str.__repr__(self)})"


_CLASS_DTYPE: type[dtype] = dtype


def _set_class_dtype(cls: type[dtype]) -> None:
    """Make `cls` the class of the data types that native functions return."""
    if not (isinstance(cls, type) and issubclass(cls, dtype)):
        raise TypeError(f"Expected a subclass of tvm_ffi.dtype, got {cls!r}")
    global _CLASS_DTYPE
    _CLASS_DTYPE = cls
    dtype_of.cache_clear()
    _host.forget_values()
    _met.clear()


def _named(data_type: DataType) -> dtype:
    made = str.__new__(_CLASS_DTYPE, str(data_type))
    made._tvm_ffi_dtype = data_type
    return made


@lru_cache(maxsize=1024)
def dtype_of(code: int, bits: int, lanes: int) -> dtype:
    """Return the dtype of a native value; the same few come again and again."""
    return dtype.from_dlpack_data_type((code, bits, lanes))


# ---- Other libraries' data types -----------------------------------------------------------------


def _convert_torch_dtype_to_ffi_dtype(torch_dtype: Any) -> dtype:
    """Convert a `torch.dtype`; ValueError where DLPack knows no such type."""
    name = str(torch_dtype)
    found = _TORCH.get(name[6:]) if name.startswith("torch.") else None
    if found is None:
        raise ValueError("Unsupported torch dtype: ", torch_dtype)
    return dtype_of(*found)


def _convert_numpy_dtype_to_ffi_dtype(numpy_dtype: Any) -> dtype:
    """Convert a `numpy.dtype`, ml_dtypes' included; ValueError where DLPack knows no such type."""
    is_native = getattr(numpy_dtype, "isnative", False)
    found = _NUMPY.get(numpy_dtype.name) if is_native else None
    if found is None:
        raise ValueError("Unsupported numpy or ml_dtypes dtype: ", numpy_dtype)
    return dtype_of(*found)


_INTEGERS: dict[str, Triple] = {
    f"{name}{bits}": (code, bits, 1)
    for code, name in enumerate(("int", "uint"))
    for bits in (8, 16, 32, 64)
}
_NUMPY_BUILTIN: dict[str, Triple] = {
    **_INTEGERS,
    **{f"float{bits}": (2, bits, 1) for bits in (16, 32, 64)},
}
_TORCH: dict[str, Triple] = {
    **_NUMPY_BUILTIN,
    "bfloat16": (4, 16, 1),
    "bool": (6, 8, 1),
    "float8_e4m3fn": (10, 8, 1),
    "float8_e4m3fnuz": (11, 8, 1),
    "float8_e5m2": (12, 8, 1),
    "float8_e5m2fnuz": (13, 8, 1),
    "float8_e8m0fnu": (14, 8, 1),
    "float4_e2m1fn_x2": (17, 4, 2),
}
_NUMPY: dict[str, Triple] = {
    **_NUMPY_BUILTIN,
    "int2": (0, 2, 1),
    "int4": (0, 4, 1),
    "uint2": (1, 2, 1),
    "uint4": (1, 4, 1),
    "bfloat16": (4, 16, 1),
    "float8_e3m4": (7, 8, 1),
    "float8_e4m3": (8, 8, 1),
    "float8_e4m3b11fnuz": (9, 8, 1),
    "float8_e4m3fn": (10, 8, 1),
    "float8_e4m3fnuz": (11, 8, 1),
    "float8_e5m2": (12, 8, 1),
    "float8_e5m2fnuz": (13, 8, 1),
    "float8_e8m0fnu": (14, 8, 1),
    "float6_e2m3fn": (15, 6, 1),
    "float6_e3m2fn": (16, 6, 1),
    "float4_e2m1fn": (17, 4, 1),
}

# ---- Across the boundary -------------------------------------------------------------------------


def _pack_data_type(cells: Cells, value: DataType, frame: CallFrame) -> None:
    cells += (_ffi.kTVMFFIDataType, value._payload)


def _pack_dtype(cells: Cells, value: dtype, frame: CallFrame) -> None:
    _pack_data_type(cells, value._tvm_ffi_dtype, frame)


register_packer(DataType, _pack_data_type)
register_packer(dtype, _pack_dtype)

_DATA_TYPE_PART = Part(
    _ffi.kTVMFFIDataType,
    "data_{x}._code, data_{x}._bits, data_{x}._lanes & 0xFFFF",
    "BBH4x",
    setup=("data_{x} = {x}",),
)
parts[_pack_data_type] = _DATA_TYPE_PART
parts[_pack_dtype] = _DATA_TYPE_PART._replace(setup=("data_{x} = {x}._tvm_ffi_dtype",))


@rule(15)
def _data_type(cls: type) -> Packer | None:
    return _pack_data_type if issubclass(cls, DataType) else None


@rule(16)
def _dtype(cls: type) -> Packer | None:
    return _pack_dtype if issubclass(cls, dtype) else None


@rule(27)
def _torch_dtype(cls: type) -> Packer | None:
    if cls is not getattr(imported("torch"), "dtype", None):
        return None
    return _packer_through(_convert_torch_dtype_to_ffi_dtype)


@rule(28)
def _numpy_dtype(cls: type) -> Packer | None:
    base = getattr(imported("numpy"), "dtype", None)
    if base is None or not issubclass(cls, base):
        return None
    return _packer_through(_convert_numpy_dtype_to_ffi_dtype)


@rule(29)
def _data_type_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__dlpack_data_type__"):
        return None
    return _packer_through(_dtype_by_protocol)


def _dtype_by_protocol(value: Any) -> dtype:
    triple = value.__dlpack_data_type__()
    try:
        code, bits, lanes = map(int, triple)
    except (TypeError, ValueError):
        raise TypeError(
            f"Expected {type(value).__name__}.__dlpack_data_type__() to return "
            f"(code, bits, lanes), got {triple!r}"
        ) from None
    return dtype_of(code, bits, lanes)


def _packer_through(convert: Callable[[Any], dtype]) -> Packer:
    return lambda cells, value, frame: _pack_dtype(cells, convert(value), frame)


# Results met before, by payload: the same few come again and again.
_met: dict[int, dtype] = {}
_MOST_MET = 256


def _unpack_dtype(payload: int, api: Any) -> dtype:
    found = _met.get(payload)
    if found is None:
        found = dtype_of(payload & 0xFF, payload >> 8 & 0xFF, payload >> 16 & 0xFFFF)
        if len(_met) < _MOST_MET:
            _met[payload] = found
    return found


register_unpacker(_ffi.kTVMFFIDataType, _unpack_dtype)
bind_class_by_index(_ffi.kTVMFFIDataType, DataType)

# ---- Names for the usual ones --------------------------------------------------------------------

bool = dtype("bool")
int8 = dtype("int8")
int16 = dtype("int16")
int32 = dtype("int32")
int64 = dtype("int64")
uint8 = dtype("uint8")
uint16 = dtype("uint16")
uint32 = dtype("uint32")
uint64 = dtype("uint64")
float16 = dtype("float16")
float32 = dtype("float32")
float64 = dtype("float64")
bfloat16 = dtype("bfloat16")
float8_e3m4 = dtype("float8_e3m4")
float8_e4m3 = dtype("float8_e4m3")
float8_e4m3b11fnuz = dtype("float8_e4m3b11fnuz")
float8_e4m3fn = dtype("float8_e4m3fn")
float8_e4m3fnuz = dtype("float8_e4m3fnuz")
float8_e5m2 = dtype("float8_e5m2")
float8_e5m2fnuz = dtype("float8_e5m2fnuz")
float8_e8m0fnu = dtype("float8_e8m0fnu")
float6_e2m3fn = dtype("float6_e2m3fn")
float6_e3m2fn = dtype("float6_e3m2fn")
float4_e2m1fn = dtype("float4_e2m1fn")
float4_e2m1fnx2 = dtype("float4_e2m1fnx2")
float4_e2m1fn_x2 = float4_e2m1fnx2
