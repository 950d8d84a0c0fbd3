# SPDX-License-Identifier: Apache-2.0
"""Marshalling between Python values and ``TVMFFIAny``: two tables, and the rules that fill them.

A value crosses the boundary as two integers, kept this way until a whole argument list is packed:

``tag``
    the first eight bytes of the cell: the type index, and for SmallStr and SmallBytes the length
    in the upper half (``kTVMFFISmallStr | length << 32``);
``payload``
    the other eight bytes as a signed integer.

**Python to FFI.** ``packers[type(value)](cells, value, frame)`` appends tag and payload to the list
``cells``. What must live until the call is over goes into ``frame.keep(...)``; a packer that makes
an object keeps a wrapper that owns it. `frame` also gathers what the arguments say about the call
(device, stream, exchange API). Packers are found by exact type; a type met for the first time is
taken through the rules, in the order of their numbers (section 2.2 of the specification), and the
first that answers with a packer decides for ever:

    @rule(16)
    def _dtype(cls: type) -> Packer | None:
        return pack_dtype if issubclass(cls, dtype) else None

``register_packer(cls, packer)`` enters an exact type without asking the rules.

**FFI to Python.** ``unpackers[tag](payload, api)`` makes the Python value of an *owned* cell: it
takes over the reference. ``view_unpackers`` does the same for a *borrowed* cell, as callbacks get
them. ``register_unpacker(index, unpacker)`` fills both: for objects the borrowed form adds a
reference first. Objects of types never seen before are added by `_type_info`. `api` is the
exchange API of the call, or None; it decides what tensors become.

All tables are plain dictionaries, complete entries are put in with one store, and nothing is ever
taken out: they are read without a lock on any thread. Types in them live as long as the process.
"""

from __future__ import annotations

from ctypes import byref, c_int64, c_void_p
from typing import Any, Callable, Optional, Protocol, TypeVar

from . import _ffi
from ._ffi import kTVMFFIOpaquePtr, kTVMFFIStaticObjectBegin
from ._signals import deferring_signals, raise_later

# ---- The call frame ------------------------------------------------------------------------------


class ExchangeAPI(Protocol):
    """What a call needs of a framework's DLPack exchange table, see `_dlpack`."""

    @property
    def allocator(self) -> int | None:
        """Address of the function that allocates tensors, or None."""


class CallFrame:
    """What belongs to one call while it runs: the result cell and what the arguments brought.

    Frames are pooled, never shared: whoever pops one has it alone until it is put back.
    """

    __slots__ = (
        "_cell",
        "api",
        "device_id",
        "device_type",
        "interruption",
        "kept",
        "moved",
        "result",
        "result_pointer",
        "stream",
        "touched",
    )

    def __init__(self) -> None:
        self._cell = (c_int64 * 2)()
        # The same two words, faster to read; and what is passed as `TVMFFIAny* result`.
        self.result = memoryview(self._cell).cast("B").cast("q")
        self.result_pointer = byref(self._cell)
        self.kept: list[object] = []
        self.moved: list[tuple[Any, c_void_p]] = []
        self.touched = False
        self.device_type = -1
        self.device_id = 0
        self.stream = 0
        self.api: Any = None
        # What a signal handler raised while native code ran.
        self.interruption: BaseException | None = None

    def keep(self, value: object) -> None:
        """Hold `value` until the call is over."""
        self.kept.append(value)
        self.touched = True

    def set_device(self, device_type: int, device_id: int, stream: int) -> None:
        """Run the call with `stream` as the device's current stream."""
        self.device_type = device_type
        self.device_id = device_id
        self.stream = stream
        self.touched = True

    def set_api(self, api: ExchangeAPI) -> None:
        """Give results as tensors of the framework that `api` belongs to."""
        self.api = api
        self.touched = True

    def inherit(self, child: CallFrame) -> None:
        """Take over what the elements of a nested container said about the call."""
        if child.device_type != -1 and self.device_type == -1:
            self.set_device(child.device_type, child.device_id, child.stream)
        if child.api is not None and self.api is None:
            self.set_api(child.api)

    def give_up_moved(self) -> None:
        """Empty the wrappers passed as r-value references: the callee may take their objects."""
        for wrapper, _ in self.moved:
            wrapper._handle = 0

    def take_back_moved(self) -> None:
        """Give the wrappers what the callee left; nothing, if it took the object."""
        for wrapper, slot in self.moved:
            wrapper._handle = slot.value or 0
        self.moved.clear()

    def take_moved(self) -> tuple[int, int]:
        """Take the object out of the one r-value reference there is; gives index and handle."""
        ((wrapper, _),) = self.moved
        handle = wrapper._handle
        if not handle:
            raise ValueError("RValueRef already moved")
        wrapper._handle = 0
        return wrapper._index, handle

    def reset(self) -> None:
        """Make the frame fit for another call; releases a result nobody took."""
        tag, payload = self.result
        self.result[0] = self.result[1] = 0
        if kTVMFFIStaticObjectBegin <= tag < 1 << 31:
            _ffi.TVMFFIObjectDecRef(payload)
        self.touched = False
        self.device_type = -1
        self.api = None
        self.moved.clear()
        self.kept.clear()


frames: list[CallFrame] = []

# ---- The tables ----------------------------------------------------------------------------------

Cells = list[int]
Packer = Callable[[Cells, Any, CallFrame], None]
Unpacker = Callable[[int, Any], Any]
Rule = Callable[[type], Optional[Packer]]

_rules: list[tuple[float, Rule]] = []


_Key = TypeVar("_Key")
_Value = TypeVar("_Value")


class _Table(dict[_Key, _Value]):
    """A dictionary whose entries, those there are and those to come, can be watched."""

    def __init__(self) -> None:
        self._observers: list[Callable[[_Key, _Value], None]] = []

    def watch(self, observer: Callable[[_Key, _Value], None]) -> None:
        self._observers.append(observer)
        for key, value in list(self.items()):
            observer(key, value)

    def __setitem__(self, key: _Key, value: _Value) -> None:
        super().__setitem__(key, value)
        for observer in self._observers:
            observer(key, value)


class _Packers(_Table[type, Packer]):
    def __missing__(self, cls: type) -> Packer:
        for _, candidate in _rules:
            packer = candidate(cls)
            if packer is not None:
                self[cls] = packer
                return packer
        raise TypeError(f"no rule packs a {cls!r}")  # not reached: rule 36 takes everything


class _Unpackers(_Table[int, Unpacker]):
    def __missing__(self, tag: int) -> Unpacker:
        index = tag & 0xFFFFFFFF
        if kTVMFFIStaticObjectBegin <= index < 1 << 31:
            from . import _type_info

            # Makes a fallback class for the type and registers its unpackers.
            _type_info.class_of_index(index)
            return self[tag]
        raise ValueError(f"Unhandled type index {index}")


packers = _Packers()
unpackers = _Unpackers()
view_unpackers = _Unpackers()


def rule(number: float) -> Callable[[Rule], Rule]:
    """Add a rule: it answers for a class with its packer, or with None to let others decide."""

    def add(answer: Rule) -> Rule:
        _rules.append((number, answer))
        _rules.sort(key=lambda entry: entry[0])
        return answer

    return add


def register_packer(cls: type, packer: Packer) -> None:
    """Use `packer` for values whose type is exactly `cls`."""
    packers[cls] = packer


def register_unpacker(index: int, unpacker: Unpacker) -> None:
    """Use `unpacker` for cells of that type index; it owns an object it gets, even if it raises."""
    unpackers[index] = unpacker
    if index & 0xFFFFFFFF < kTVMFFIStaticObjectBegin:
        view_unpackers[index] = unpacker
        return

    def view_unpacker(handle: int, api: Any) -> Any:
        _ffi.TVMFFIObjectIncRef(handle)
        return unpacker(handle, api)

    view_unpackers[index] = view_unpacker


def has_protocol(cls: type, name: str) -> bool:
    """Tell whether instances of a class offer a method; their own attributes do not count."""
    return any(name in base.__dict__ for base in cls.__mro__)


# ---- For packers ---------------------------------------------------------------------------------


def pointer_bits(value: int) -> int:
    """Return the payload of a pointer given as any integer that fits 64 bits."""
    if -(1 << 63) <= value < 1 << 63:
        return value
    if value < 1 << 64 and value > 0:
        return value - (1 << 64)
    raise OverflowError(f"Expected an address of at most 64 bits, got {value}")


def pack_opaque_pointer(cells: Cells, address: int, frame: CallFrame) -> None:
    cells += (kTVMFFIOpaquePtr, pointer_bits(address))


def pack_owned(cells: Cells, cell: _ffi.TVMFFIAny, frame: CallFrame) -> None:
    """Pack a value that was made for this call: the frame releases it afterwards."""
    tag = cell.type_index
    if tag >= kTVMFFIStaticObjectBegin:
        frame.keep(Reference(cell.v_obj))
    cells += (tag | cell.zero_padding << 32, cell.v_int64)


class Reference:
    """One strong reference to a native object, dropped with the instance."""

    __slots__ = ("handle",)

    @deferring_signals  # or a signal would leave an instance without its handle
    def __init__(self, handle: int) -> None:
        self.handle = handle

    @deferring_signals
    def __del__(
        self,
        drop: Callable[[int], int] = _ffi.TVMFFIObjectDecRef,
        again: Callable[[BaseException], None] = raise_later,
    ) -> None:
        try:
            drop(self.handle)
        except AttributeError:
            pass  # made by object.__new__ alone
        except BaseException as error:
            again(error)
