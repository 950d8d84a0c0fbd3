# SPDX-License-Identifier: Apache-2.0
"""How calls are made: the stack they need, the environment they run in, constructors."""

from __future__ import annotations

import ctypes

import pytest

import tvm_ffi
from tvm_ffi import _convert, _ffi, _lane, _type_info

apply = tvm_ffi.get_global_func("testing.apply")
echo = tvm_ffi.get_global_func("testing.echo")

# ---- Running out of stack ----


@pytest.mark.parametrize("direct", [True, False])
@pytest.mark.parametrize("padding", range(8))
@pytest.mark.cpython("an exception can be raised where recursion ends in a callback")
def test_endless_recursion_through_native_code_is_a_recursion_error(padding: int, direct: bool):
    """Wherever in the cycle the limit is met: never a crash, a lost error or a made-up result."""
    function = tvm_ffi.convert(lambda: function() if direct else apply(function))

    def start(levels: int):
        return function() if levels == 0 else start(levels - 1)

    with pytest.raises(RecursionError):
        start(padding)
    assert echo(1) == 1


@pytest.mark.parametrize("padding", range(4))
@pytest.mark.cpython("an exception can be raised where recursion ends in a callback")
def test_endless_recursion_that_makes_functions_as_it_goes(padding: int):
    def again():
        return apply(again)

    def start(levels: int):
        return apply(again) if levels == 0 else start(levels - 1)

    with pytest.raises(RecursionError):
        start(padding)


@pytest.mark.parametrize("padding", range(4))
@pytest.mark.parametrize("count", [1, 2, 5])
@pytest.mark.cpython("an exception can be raised where recursion ends in a callback")
def test_endless_recursion_with_arguments(padding: int, count: int):
    function = tvm_ffi.convert(lambda *args: function(*args))

    def start(levels: int):
        return function(*range(count)) if levels == 0 else start(levels - 1)

    with pytest.raises(RecursionError):
        start(padding)


# ---- The environment of a call ----

CUDA = 2
STREAM = 0x5000


class Api:
    """A stand-in for an exchange table: only its allocator is asked for here."""

    def __init__(self, allocator: int | None) -> None:
        self.allocator = allocator


class Environment:
    """An argument that asks for a stream and an allocator, as a device tensor does."""


@pytest.fixture
def allocator():
    prototype = ctypes.CFUNCTYPE(
        ctypes.c_int, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p, ctypes.c_void_p
    )
    function = prototype(lambda *args: -1)
    return ctypes.cast(function, ctypes.c_void_p).value, function


@pytest.fixture
def environment(allocator, monkeypatch):
    address, _ = allocator

    def pack(cells, value, frame) -> None:
        frame.set_device(CUDA, 0, STREAM)
        frame.set_api(Api(address))
        cells += (0, 0)

    monkeypatch.setitem(_convert.packers, Environment, pack)
    return Environment()


def state() -> tuple[int, int]:
    stream = _ffi.TVMFFIEnvGetStream(CUDA, 0) or 0
    return stream, _ffi.TVMFFIEnvGetDLPackManagedTensorAllocator() or 0


def test_a_call_runs_with_the_stream_and_allocator_of_its_arguments(environment, allocator):
    before = state()
    look = tvm_ffi.convert(lambda _: list(state()))
    assert list(look(environment)) == [STREAM, allocator[0]]
    assert state() == before


@pytest.mark.parametrize("wrap", [lambda x: [x], lambda x: {"k": [1, (x,)]}])
def test_what_is_inside_containers_counts(environment, wrap):
    look = tvm_ffi.convert(lambda _: state()[0])
    assert look(wrap(environment)) == STREAM
    assert state()[0] == 0


def test_the_environment_comes_back_after_an_error(environment):
    before = state()

    def fail(_):
        raise LookupError("x")

    with pytest.raises(LookupError):
        tvm_ffi.convert(fail)(environment)
    assert state() == before


def test_an_environment_set_before_comes_back(environment):
    _ffi.TVMFFIEnvSetStream(CUDA, 0, 0x77, None)
    try:
        look = tvm_ffi.convert(lambda _: state()[0])
        assert look(environment) == STREAM
        assert state()[0] == 0x77
    finally:
        _ffi.TVMFFIEnvSetStream(CUDA, 0, None, None)


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ("TVMFFIEnvSetStream", "Failed to recover stream"),
        (
            "TVMFFIEnvSetDLPackManagedTensorAllocator",
            "Failed to recover DLPack managed tensor allocator",
        ),
    ],
)
def test_an_environment_that_cannot_be_restored_is_an_error(
    environment, monkeypatch, entry: str, message: str
):
    original = getattr(_ffi, entry)

    def fail_to_restore(*args):
        if args[-1] is None:
            raise RuntimeError("broken")
        return original(*args)

    monkeypatch.setattr(_ffi, entry, fail_to_restore)
    with pytest.raises(RuntimeError, match=message):
        echo(environment)
    monkeypatch.undo()
    _ffi.TVMFFIEnvSetStream(CUDA, 0, None, None)
    _ffi.TVMFFIEnvSetDLPackManagedTensorAllocator(None, 0, None)


def test_a_frame_remembers_the_first_device_and_api_of_a_container():
    parent, child = _convert.CallFrame(), _convert.CallFrame()
    first, second = Api(1), Api(2)
    child.set_device(CUDA, 1, 5)
    child.set_api(first)
    parent.inherit(child)
    assert (parent.device_type, parent.device_id, parent.stream) == (CUDA, 1, 5)
    assert parent.api is first
    child.set_device(CUDA, 3, 6)
    child.set_api(second)
    parent.inherit(child)
    assert (parent.device_id, parent.api) == (1, first)


# ---- Results nobody takes ----


def test_a_result_is_released_when_it_cannot_be_taken(monkeypatch, use_count):
    array = tvm_ffi.Array([1])

    def fail(index):
        raise LookupError(index)

    monkeypatch.delitem(_convert.unpackers, _ffi.kTVMFFIArray)
    monkeypatch.setattr(_type_info, "class_of_index", fail)
    with pytest.raises(LookupError):
        _lane.call(echo, array)
    monkeypatch.undo()
    assert use_count(array) == 1


def test_a_constructor_that_gives_a_value_releases_it(nothing_retained):
    array = tvm_ffi.Array([1])
    with pytest.raises(TypeError, match="got type index 0"):
        array.__init_handle_by_constructor__(tvm_ffi.convert(lambda *args: None), object())
