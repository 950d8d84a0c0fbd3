# SPDX-License-Identifier: Apache-2.0
"""Numbers in JSON: the notation of the C locale, and every double survives."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tvm_ffi import get_global_func

parse = get_global_func("ffi.json.Parse")
stringify = get_global_func("ffi.json.Stringify")


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_double_survives_in_the_notation_of_printf(value: float) -> None:
    text = str(stringify(value, None))
    integral = value == math.trunc(value) and abs(value) < 2**53
    assert text == ("%.1f" if integral else "%.17g") % value
    assert math.copysign(1, parse(text)) == math.copysign(1, value)
    assert parse(text) == value


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("1.", 1.0),
        ("1e3", 1000.0),
        ("-0.0", -0.0),
        ("+2.5", 2.5),
        ("0e-999", 0.0),
        ("5e-324", 5e-324),
    ],
)
def test_what_strtod_reads_is_read(text: str, value: float) -> None:
    assert parse(text) == value


@pytest.mark.parametrize(
    "text", ["1e400", "-1e400", "1e-400", "++1.5", "+-1.5", "-+1.5", "1.5.5", "1e", "-", "1e5e5"]
)
def test_what_is_no_number_or_beyond_double_is_refused(text: str) -> None:
    with pytest.raises(ValueError):
        parse(text)
