# SPDX-License-Identifier: Apache-2.0
"""The rules of conversion have an order: of all that fit a class, the first decides.

For each pair of rules a class is made that both fit.
"""

from __future__ import annotations

import ctypes
import importlib.util
import itertools
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import core

# rule: base classes, namespace, arguments of the constructor, and what an instance passes as: the
# type index, and the value where several rules give the same index.
Kind = tuple[tuple[type, ...], dict[str, Any], tuple[Any, ...], int, Any]


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy arrays over")


def method(result: Callable[[], Any]) -> Callable[..., Any]:
    return lambda self, *args, **kwargs: result()


class Numbers(core.ObjectConvertible):
    def asobject(self) -> Any:
        return tvm_ffi.List([35])


KINDS: dict[int, Kind] = {
    6: ((), {"__tvm_ffi_object__": method(lambda: tvm_ffi.Array([6]))}, (), 71, None),
    8: ((), {"__cuda_stream__": method(lambda: (0, 8))}, (), 4, 8),
    11: ((), {"__dlpack__": method(lambda: numpy().zeros(11).__dlpack__())}, (), 70, None),
    13: ((int,), {}, (13,), 1, 13),
    14: ((float,), {}, (14.5,), 3, 14.5),
    19: ((str,), {}, ("19",), 11, None),
    20: ((bytes,), {}, (b"20",), 12, None),
    21: ((tuple,), {}, ((21,),), 71, None),
    22: ((list,), {}, ([22],), 71, None),
    23: ((dict,), {}, ({23: 1},), 72, None),
    24: ((ctypes.c_void_p,), {}, (24,), 4, 24),
    25: ((), {"__tvm_ffi_opaque_ptr__": method(lambda: 25)}, (), 4, 25),
    26: ((), {"__call__": method(lambda: 26)}, (), 68, None),
    29: ((), {"__dlpack_data_type__": method(lambda: (0, 29, 1))}, (), 5, None),
    30: ((), {"__dlpack_device__": method(lambda: (2, 30))}, (), 6, None),
    31: ((), {"__tvm_ffi_int__": method(lambda: 31)}, (), 1, 31),
    32: ((), {"__tvm_ffi_float__": method(lambda: 32.5)}, (), 3, 32.5),
    33: ((), {"__tvm_ffi_value__": method(lambda: 2**33)}, (), 1, 2**33),
    34: ((ValueError,), {}, ("34",), 67, None),
    35: ((Numbers,), {}, (), 75, None),
    36: ((), {}, (), 74, None),
}


if importlib.util.find_spec("numpy") is None:  # whose arrays are handed over
    del KINDS[11]


def passes_as(value: Any) -> tuple[int, Any]:
    made = tvm_ffi.CAny(value)
    plain = core._to_py_class_value(made)
    if isinstance(plain, ctypes.c_void_p):
        plain = plain.value
    return made.type_index, plain if made.type_index in (1, 3, 4) else None


def instance(*rules: int) -> Any:
    """Make an instance of a class that all these rules fit; None if there can be no such class."""
    bases = [base for rule in rules for base in KINDS[rule][0]]
    if len(bases) > 1 and not all(base is Numbers for base in bases[1:]):
        return None
    namespace = {name: value for rule in rules for name, value in KINDS[rule][1].items()}
    arguments = next((KINDS[rule][2] for rule in rules if KINDS[rule][2]), ())
    return type("Both", tuple(bases), namespace)(*arguments)


@pytest.mark.parametrize("rule", KINDS)
def test_each_rule_gives_its_kind_of_value(rule: int) -> None:
    assert passes_as(instance(rule)) == KINDS[rule][3:]


@pytest.mark.parametrize("first", list(KINDS))
def test_the_first_of_two_rules_decides(first: int) -> None:
    for second in [rule for rule in KINDS if rule > first]:
        for order in ((first, second), (second, first)):
            value = instance(*order)
            if value is not None:
                assert passes_as(value) == KINDS[first][3:], f"rule {first} before {second}"


def test_most_pairs_can_be_tried() -> None:
    pairs = list(itertools.combinations(KINDS, 2))
    assert sum(instance(*pair) is not None for pair in pairs) > 0.7 * len(pairs)


def test_a_device_protocol_beside_a_tensor_protocol_is_the_tensors() -> None:
    numpy()
    assert passes_as(instance(11, 30))[0] == 70


def test_a_handler_for_a_class_comes_before_calling_and_after_the_protocol() -> None:
    for rules, address in (((26,), 99), ((25, 26), 25), ((36,), 99)):
        value = instance(*rules)
        core._OPAQUE_PTR_HANDLERS[type(value)] = lambda value: 99
        try:
            assert passes_as(value) == (4, address)
            derived = type("Derived", (type(value),), {})()
            assert passes_as(derived) != (4, 99)
        finally:
            del core._OPAQUE_PTR_HANDLERS[type(value)]


def test_tensors_of_an_exchanging_class_come_before_every_other_protocol() -> None:
    tensor = tvm_ffi.from_dlpack(numpy().zeros(2))
    for rule in (8, 25, 26, 29, 31, 32, 33):
        cls = type("Exchanging", (core.DLTensorTestWrapper,), KINDS[rule][1])
        assert passes_as(cls(tensor)) == (70, None)
    # Only standing for an object comes before.
    cls = type("Exchanging", (core.DLTensorTestWrapper,), KINDS[6][1])
    assert passes_as(cls(tensor)) == (71, None)
