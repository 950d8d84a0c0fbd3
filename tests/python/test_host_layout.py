# SPDX-License-Identifier: Apache-2.0
"""Values at the edges of what the host lane reads without asking the interpreter."""

from __future__ import annotations

import sys
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import _host, _host_layout, core

echo = tvm_ffi.get_global_func("testing.echo")

POWERS = [1 << bits for bits in range(64)]
INTEGERS = [0, *POWERS, *(power - 1 for power in POWERS), *(power + 1 for power in POWERS)]


@pytest.mark.parametrize("sign", [1, -1])
def test_whole_numbers_of_any_length_arrive_as_they_are(sign: int) -> None:
    fitting = [sign * n for n in INTEGERS if -(1 << 63) <= sign * n < 1 << 63]
    assert [echo(n) for n in fitting] == fitting
    assert list(echo(fitting)) == fitting
    assert list(echo(tuple(fitting))) == fitting


def test_floats_arrive_bit_by_bit() -> None:
    values = [0.0, -0.0, 1.5, -2.25, sys.float_info.min, sys.float_info.max, float("inf")]
    assert [echo(value).hex() for value in values] == [value.hex() for value in values]
    assert str(echo(float("nan"))) == "nan"


def test_subclasses_are_not_taken_for_their_base() -> None:
    class Number(int):
        pass

    class Numbers(list):  # type: ignore[type-arg]
        pass

    assert echo(Number(5)) == 5
    assert list(echo(Numbers([1, Number(2), True]))) == [1, 2, True]


def test_devices_and_data_types_come_back_as_the_class_set_last() -> None:
    """The same value, before and after: what was returned once is not returned for ever."""

    class Place(tvm_ffi.Device):
        pass

    class Kind(tvm_ffi.dtype):
        __slots__ = ()

    values = (tvm_ffi.device("cuda", 3), tvm_ffi.dtype("float16"))
    assert [type(echo(value)) for value in values * 2] == [tvm_ffi.Device, tvm_ffi.dtype] * 2
    core._set_class_device(Place)
    core._set_class_dtype(Kind)
    try:
        assert [type(echo(value)) for value in values * 2] == [Place, Kind] * 2
        assert [echo(echo(value)) == value for value in values] == [True, True]
    finally:
        core._set_class_device(tvm_ffi.Device)
        core._set_class_dtype(tvm_ffi.dtype)
    assert [type(echo(value)) for value in values] == [tvm_ffi.Device, tvm_ffi.dtype]


def test_every_device_and_data_type_is_told_apart() -> None:
    places = [tvm_ffi.device(kind, index) for kind in (1, 2, 7) for index in (-1, 0, 1, 1 << 30)]
    kinds = [tvm_ffi.dtype(f"int{bits}x{lanes}") for bits in (8, 16, 32) for lanes in range(2, 60)]
    for _ in range(2):
        assert [echo(place) for place in places] == places
        assert [str(echo(kind)) for kind in kinds] == kinds


def test_text_goes_back_as_the_object_it_came_from(use_count: Callable[[Any], int]) -> None:
    text = echo("longer than seven bytes")
    assert use_count(text) == 1
    twin = text._tvm_ffi_cached_object
    again = tvm_ffi.convert(lambda x: x)(text)
    assert again == text and again._tvm_ffi_cached_object.same_as(twin)
    own = tvm_ffi.core.String("made by Python, without one")
    assert own._tvm_ffi_cached_object is None
    assert echo(own) == own == echo([own])[0]


@pytest.mark.skipif(not _host.active, reason="only the host lane looks")
def test_everything_is_found_where_the_host_lane_runs() -> None:
    """What is not found makes nothing wrong, only slow: nobody else would notice."""
    of_type, tag, digit, mask, *tags, of_float, _, in_tuple = _host_layout.layout()
    assert 0 not in (of_type, tag, digit, mask, of_float, in_tuple)
    assert len(set(tags)) == 3


def test_what_does_not_look_as_expected_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.implementation.name != "cpython":
        pytest.skip("reads memory as CPython lays it out")
    monkeypatch.setattr(_host_layout, "_content", lambda value: bytes(64))
    assert not any(_host_layout.layout())
