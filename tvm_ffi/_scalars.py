# SPDX-License-Identifier: Apache-2.0
"""Packers and unpackers of values without identity: numbers, text, bytes, addresses."""

from __future__ import annotations

import sys
from ctypes import byref, c_void_p, string_at
from struct import Struct
from typing import Any, Callable

from . import _block, _ffi
from ._convert import (
    CallFrame,
    Cells,
    Packer,
    has_protocol,
    pack_opaque_pointer,
    pack_owned,
    packers,
    register_packer,
    register_unpacker,
    rule,
    unpackers,
    view_unpackers,
)
from ._ffi import (
    kTVMFFIBigInt,
    kTVMFFIBool,
    kTVMFFIByteArrayPtr,
    kTVMFFIFloat,
    kTVMFFIInt,
    kTVMFFINone,
    kTVMFFIObjectRValueRef,
    kTVMFFIOpaquePtr,
    kTVMFFIRawStr,
    kTVMFFISmallBytes,
    kTVMFFISmallStr,
)
from ._signature import Part, parts

# ---- Numbers -------------------------------------------------------------------------------------

_DOUBLE = Struct("<d")
_QUAD = Struct("<q")


def float_bits(value: float) -> int:
    """Return the payload of a Float."""
    bits: int = _QUAD.unpack(_DOUBLE.pack(value))[0]
    return bits


def pack_none(cells: Cells, value: None, frame: CallFrame) -> None:
    cells += (kTVMFFINone, 0)


def pack_bool(cells: Cells, value: bool, frame: CallFrame) -> None:
    cells += (kTVMFFIBool, 1 if value else 0)


def pack_int(cells: Cells, value: Any, frame: CallFrame) -> None:
    # Of an int, also of a subclass, the value counts and not what its __int__ or __index__ says;
    # PyPy's int.__index__ would ask those.
    value = int.__add__(value, 0) if isinstance(value, int) else int(value)
    if -(1 << 63) <= value < 1 << 63:
        cells += (kTVMFFIInt, value)
    else:
        pack_big_int(cells, value, frame)


def pack_float(cells: Cells, value: Any, frame: CallFrame) -> None:
    cells += (kTVMFFIFloat, float_bits(value))


register_packer(type(None), pack_none)
register_packer(bool, pack_bool)
register_packer(int, pack_int)
register_packer(float, pack_float)

parts[pack_none] = Part(kTVMFFINone, "0")
parts[pack_bool] = Part(kTVMFFIBool, "{x}")
# Others have an __int__ to be asked.
parts[pack_int] = lambda cls: Part(kTVMFFIInt, "{x}") if issubclass(cls, int) else None
parts[pack_float] = Part(kTVMFFIFloat, "{x}", "d")


def _numbers(name: str, builtin: type) -> tuple[type, ...]:
    # Whoever made a class one of `numbers` has imported it, which would cost us a millisecond.
    module = sys.modules.get("numbers")
    return (builtin,) if module is None else (builtin, getattr(module, name))


def is_integral(value: object) -> bool:
    """Tell whether a value is an integer of any kind, as `numbers.Integral` has it."""
    return isinstance(value, _numbers("Integral", int))


@rule(13)
def _integral(cls: type) -> Packer | None:
    return pack_int if issubclass(cls, _numbers("Integral", int)) else None


@rule(14)
def _real(cls: type) -> Packer | None:
    return pack_float if issubclass(cls, _numbers("Real", float)) else None


def pack_big_int(cells: Cells, value: int, frame: CallFrame) -> None:
    words = (value if value >= 0 else ~value).bit_length() // 64 + 1
    data = value.to_bytes(8 * words, "little", signed=True)
    cell = _ffi.TVMFFIAny()
    _ffi.TVMFFIBigIntFromByteArray(byref(_ffi.byte_array(data)), byref(cell))
    pack_owned(cells, cell, frame)


unpackers[kTVMFFINone] = view_unpackers[kTVMFFINone] = lambda payload, api: None
unpackers[kTVMFFIBool] = view_unpackers[kTVMFFIBool] = lambda payload, api: payload != 0
unpackers[kTVMFFIInt] = view_unpackers[kTVMFFIInt] = lambda payload, api: payload


def _unpack_float(payload: int, api: Any) -> float:
    value: float = _DOUBLE.unpack(_QUAD.pack(payload))[0]
    return value


def _unpack_opaque_pointer(payload: int, api: Any) -> c_void_p:
    return c_void_p(payload)


def _unpack_big_int(handle: int, api: Any) -> int:
    cell = _ffi.TVMFFIAny(kTVMFFIBigInt, 0)
    cell.v_obj = handle
    try:
        data = _ffi.read_bytes(_ffi.TVMFFIBigIntGetContentByteArray(byref(cell)))
    finally:
        _ffi.TVMFFIObjectDecRef(handle)
    return int.from_bytes(data, "little", signed=True)


register_unpacker(kTVMFFIFloat, _unpack_float)
register_unpacker(kTVMFFIOpaquePtr, _unpack_opaque_pointer)
register_unpacker(kTVMFFIBigInt, _unpack_big_int)

# ---- Text and bytes ------------------------------------------------------------------------------

_INLINE = 7  # bytes that fit into the cell itself


def pack_str(cells: Cells, value: str, frame: CallFrame) -> None:
    data = value.encode()
    size = len(data)
    if size <= _INLINE:
        cells += (kTVMFFISmallStr | size << 32, int.from_bytes(data, "little"))
        return
    cell = _ffi.TVMFFIAny()
    _ffi.TVMFFIStringFromByteArray(byref(_ffi.ByteArrayArg(data, size)), byref(cell))
    pack_owned(cells, cell, frame)


def pack_bytes(cells: Cells, value: Any, frame: CallFrame) -> None:
    data = bytes(value)
    size = len(data)
    if size <= _INLINE:
        cells += (kTVMFFISmallBytes | size << 32, int.from_bytes(data, "little"))
        return
    cell = _ffi.TVMFFIAny()
    _ffi.TVMFFIBytesFromByteArray(byref(_ffi.ByteArrayArg(data, size)), byref(cell))
    pack_owned(cells, cell, frame)


register_packer(str, pack_str)
register_packer(bytes, pack_bytes)
register_packer(bytearray, pack_bytes)

# Longer ones are not copied into a block.
_LONGEST = 4096
parts[pack_str] = Part(
    _block.TEXT,
    "len(data_{x})",
    setup=(
        "data_{x} = {x}.encode()",
        f"if len(data_{{x}}) > {_LONGEST}: return {{by_cells}}",
    ),
    data="data_{x}",
)
parts[pack_bytes] = Part(
    _block.BYTES,
    "len({x})",
    setup=(f"if len({{x}}) > {_LONGEST}: return {{by_cells}}",),
    data="{x}",
)


@rule(19)
def _str(cls: type) -> Packer | None:
    return pack_str if issubclass(cls, str) else None


@rule(20)
def _bytes(cls: type) -> Packer | None:
    return pack_bytes if issubclass(cls, (bytes, bytearray)) else None


def _register_small(size: int) -> None:
    def unpack_str(payload: int, api: Any) -> str:
        return payload.to_bytes(size, "little").decode()

    def unpack_bytes(payload: int, api: Any) -> bytes:
        return payload.to_bytes(size, "little")

    register_unpacker(kTVMFFISmallStr | size << 32, unpack_str)
    register_unpacker(kTVMFFISmallBytes | size << 32, unpack_bytes)


for _size in range(_INLINE + 1):
    _register_small(_size)


def _view_raw_str(address: int, api: Any) -> str:
    return string_at(address).decode()


def _view_byte_array(address: int, api: Any) -> bytes:
    return _ffi.read_bytes(_ffi.TVMFFIByteArray.from_address(address))


view_unpackers[kTVMFFIRawStr] = _view_raw_str
view_unpackers[kTVMFFIByteArrayPtr] = _view_byte_array


def _view_only(index: int, name: str) -> None:
    def refuse(payload: int, api: Any) -> Any:
        raise ValueError(f"Return value cannot be {name}")

    unpackers[index] = refuse


_view_only(kTVMFFIRawStr, "RawStr")
_view_only(kTVMFFIByteArrayPtr, "ByteArrayPtr")
_view_only(kTVMFFIObjectRValueRef, "ObjectRValueRef")


def _take_r_value(slot: int, api: Any) -> Any:
    cell = c_void_p.from_address(slot)
    handle = cell.value
    if not handle:
        raise ValueError("RValueRef already moved")
    cell.value = None
    return unpackers[_ffi.TVMFFIObject.from_address(handle).type_index](handle, api)


view_unpackers[kTVMFFIObjectRValueRef] = _take_r_value

# ---- Protocols -----------------------------------------------------------------------------------


@rule(24)
def _ctypes_pointer(cls: type) -> Packer | None:
    if not issubclass(cls, c_void_p):
        return None
    return lambda cells, value, frame: pack_opaque_pointer(cells, value.value or 0, frame)


@rule(25)
def _opaque_pointer_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__tvm_ffi_opaque_ptr__"):
        return None
    return lambda cells, value, frame: pack_opaque_pointer(
        cells, int(value.__tvm_ffi_opaque_ptr__()), frame
    )


# Classes whose instances pass as addresses: class -> function from instance to int. Looked up by
# exact class when an instance is first passed.
_OPAQUE_PTR_HANDLERS: dict[type, Callable[[Any], int]] = {}


@rule(25.5)
def _opaque_pointer_handler(cls: type) -> Packer | None:
    if cls not in _OPAQUE_PTR_HANDLERS:
        return None
    return lambda cells, value, frame: pack_opaque_pointer(
        cells, int(_OPAQUE_PTR_HANDLERS[cls](value)), frame
    )


@rule(31)
def _int_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__tvm_ffi_int__"):
        return None
    return lambda cells, value, frame: pack_int(cells, value.__tvm_ffi_int__(), frame)


@rule(32)
def _float_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__tvm_ffi_float__"):
        return None
    return lambda cells, value, frame: pack_float(cells, value.__tvm_ffi_float__(), frame)


@rule(33)
def _value_protocol(cls: type) -> Packer | None:
    if not has_protocol(cls, "__tvm_ffi_value__"):
        return None

    def pack(cells: Cells, value: Any, frame: CallFrame) -> None:
        inner = value.__tvm_ffi_value__()
        frame.keep(inner)
        packers[type(inner)](cells, inner, frame)

    return pack
