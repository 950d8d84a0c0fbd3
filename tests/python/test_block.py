# SPDX-License-Identifier: Apache-2.0
"""Calls as blocks: they are a faster way only, and others do as well."""

from __future__ import annotations

import pytest

import tvm_ffi

PROGRAM = """
import ctypes, sys

if {missing}:
    class Without(ctypes.PyDLL):
        def __init__(self, name, *args, **options):
            if "tvm_ffi_host" in str(name):
                raise OSError("not there")
            super().__init__(name, *args, **options)
    ctypes.PyDLL = Without

import tvm_ffi
from tvm_ffi import _block, testing

print(_block.available, file=sys.stdout)
echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")
for value in (None, True, 5, -(2**30), 2**70, 1.5, "short", "longer text", [1, ["x", {{"k": 2}}]]):
    print(repr(echo(value)), repr(apply(lambda x: x, value)))
made = testing.TestIntPair(3, 4)
made_again = echo(made)
print(made_again.a, made_again.sum(), made_again.same_as(made))
print(list(tvm_ffi.Array(range(100)))[-1], dict(tvm_ffi.Map({{"a": 1}}).items()))
print(tvm_ffi.get_global_func("no such function", allow_missing=True))
try:
    apply(lambda: 1 / 0)
except ZeroDivisionError as error:
    print(error)
"""


@pytest.mark.cpython("blocks are bytes that the library writes to")
def test_the_pure_lane_does_the_same_without_the_library(run_python):
    with_it, without = (
        run_python(PROGRAM.format(missing=missing), TVM_FFI_PURE_PYTHON="1").splitlines()
        for missing in (False, True)
    )
    assert (with_it[0], without[0]) == ("True", "False")
    assert with_it[1:] == without[1:]


@pytest.mark.parametrize("count", range(8))
def test_the_lock_is_kept_where_it_is_to_be(count: int):
    function = tvm_ffi.convert(lambda *args: len(args))
    for release in (False, True, False):
        function.release_gil = release
        assert function.release_gil is release
        assert function(*range(count)) == count
