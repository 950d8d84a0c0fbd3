# SPDX-License-Identifier: Apache-2.0
"""How callbacks are answered that come through ``libtvm_ffi_host``, see csrc/host/answer.cc.

The library calls a function by the number of arguments, with what the native function holds (the
key of an entry of `_pyref`), the two words of each argument, and the address of the result. Small
Ints and the like are returned; everything else is written to the result.
"""

from __future__ import annotations

from ctypes import CFUNCTYPE, ArgumentError, Structure, byref, c_int64, c_void_p
from struct import Struct
from typing import Any, Callable

from . import _block, _ffi
from ._convert import packers, view_unpackers
from ._error import set_raised
from ._ffi import kTVMFFIFloat, kTVMFFIInt
from ._generated import define
from ._lane import store_result
from ._memory import doubles, words
from ._object import pack_object
from ._pyref import references
from ._signals import deferring_signals

_MOST_INT = (1 << 30) - 1  # returned as they are; larger ones would be slower to compare
_PACKED_TEXT = Struct("<qq").pack
_PACKED_OBJECT = Struct("<qqq").pack
_write_object = _block.entry("TVMFFIHostWriteObject")
_write_text = _block.entry("TVMFFIHostWriteText", c_int64)


def _store(value: Any, result: int) -> int:
    """Write a callback's result to its address; gives the outcome."""
    cls = type(value)
    if cls is bool:
        return _block.TRUE if value else _block.FALSE
    if cls is str:
        data = value.encode()
        if _write_text(_PACKED_TEXT(result, len(data)) + data):
            return _block.VALUE
    elif cls is float and doubles is not None:
        doubles[result + 8 >> 3] = value
        words[result >> 3] = kTVMFFIFloat
        return _block.VALUE
    elif packers[cls] is pack_object and value._handle:
        _write_object(_PACKED_OBJECT(result, value._index, value._handle))
        return _block.VALUE
    else:
        twin = getattr(value, "_tvm_ffi_cached_object", None)
        if twin is not None and twin._handle:
            _write_object(_PACKED_OBJECT(result, twin._index, twin._handle))
            return _block.VALUE
    store_result(value, (c_int64 * 2).from_address(result))
    return _block.VALUE


def _define_answer(count: int, fail_simply: Callable[[bytes, bytes], None]) -> Callable[..., int]:
    arguments = [f"tag{i}, payload{i}" for i in range(count)]
    values = [
        f"payload{i} if tag{i} == INT else unpackers[tag{i}](payload{i}, entry.api)"
        for i in range(count)
    ]
    lines = [
        f"def answer_{count}({', '.join(['key', *arguments, 'result'])}):",
        "    try:",
        "        try:",
        "            entry = entries[key]",
        f"            value = entry.value({', '.join(values)})",
        "            if value is None:",
        "                return NONE",
        "            if type(value) is int and LEAST_INT <= value <= MOST_INT:",
        "                return value",
        "            return store(value, result)",
        "        except BaseException as error:",
        "            fail(error)",
        "            return FAILED",
        "    # The exception could not be handed over: no stack is left, a signal came, or the",
        "    # interpreter is taken down. Nothing may leave through ctypes, which would print",
        "    # it and return any number at all.",
        "    except out_of_stack:",
        "        return OUT_OF_STACK",
        "    except BaseException:",
        "        fail_simply(b'RuntimeError', b'A callback failed, and so did reporting how')",
        "        return FAILED",
    ]
    # All that is needed, as module globals are gone before the last callback.
    names = {
        "FAILED": _block.FAILED,
        "INT": kTVMFFIInt,
        "LEAST_INT": _block.LEAST_INT,
        "MOST_INT": _MOST_INT,
        "NONE": _block.NONE,
        "OUT_OF_STACK": _block.REFUSED,
        "entries": references,
        "fail": set_raised,
        "fail_simply": fail_simply,
        # ctypes turns the first into the second while it converts arguments.
        "out_of_stack": (RecursionError, ArgumentError),
        "store": _store,
        "unpackers": view_unpackers,
    }
    answer: Callable[..., int] = deferring_signals(define(f"answer_{count}", lines, names))
    return answer


class _Answers(Structure):
    """`Answers` of csrc/host/answer.cc."""

    _fields_ = [(name, c_void_p) for name in "none one two three many forget".split()]


def install(safe_call: int, deleter: int, fail_simply: Callable[[bytes, bytes], None]) -> None:
    """Have callbacks answered here; `safe_call` takes more arguments than three."""
    addresses = []
    for count in range(4):
        prototype = CFUNCTYPE(c_int64, *[c_int64] * (2 + 2 * count))
        addresses.append(_ffi.immortal(prototype(_define_answer(count, fail_simply))))
    answers = _Answers(*addresses, safe_call, deleter)
    _block.entry("TVMFFIHostSetAnswers")(byref(answers))
