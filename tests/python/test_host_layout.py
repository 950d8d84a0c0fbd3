# SPDX-License-Identifier: Apache-2.0
"""Values at the edges of what the host lane reads without asking the interpreter."""

from __future__ import annotations

import sys

import pytest

import tvm_ffi
from tvm_ffi import _host, _host_layout

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


@pytest.mark.skipif(not _host.active, reason="only the host lane looks")
def test_everything_is_found_where_the_host_lane_runs() -> None:
    """What is not found makes nothing wrong, only slow: nobody else would notice."""
    of_type, tag, digit, *tags, of_float, _, in_tuple = _host_layout.layout()
    assert 0 not in (of_type, tag, digit, of_float, in_tuple)
    assert len(set(tags)) == 3


def test_what_does_not_look_as_expected_is_not_found(monkeypatch: pytest.MonkeyPatch) -> None:
    if sys.implementation.name != "cpython":
        pytest.skip("reads memory as CPython lays it out")
    monkeypatch.setattr(_host_layout, "_content", lambda value: bytes(64))
    assert not any(_host_layout.layout())
