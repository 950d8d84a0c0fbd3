# SPDX-License-Identifier: Apache-2.0
"""Python callables behind native functions."""

from __future__ import annotations

import ctypes
import threading

import pytest

import tvm_ffi
from tvm_ffi import _ffi, core

apply = tvm_ffi.get_global_func("testing.apply")
identity = tvm_ffi.convert(lambda value: value)


@pytest.mark.parametrize(
    "value",
    [None, True, 3, 2**70, 2.5, "short", "a longer text", b"short", b"longer than 7 bytes"],
    ids=repr,
)
def test_arguments_and_results_are_converted(value):
    seen = []
    result = tvm_ffi.convert(lambda value: (seen.append(value), value)[1])(value)
    assert seen == [value] and result == value
    assert isinstance(seen[0], type(value)) and isinstance(result, type(value))


def test_objects_and_opaque_values_keep_their_identity(nothing_retained):
    value = object()
    array = tvm_ffi.Array([value])
    assert identity(value) is value
    assert identity(array).same_as(array)
    assert identity(bytearray(b"12345678")) == b"12345678"
    assert identity(ctypes.c_void_p(5)).value == 5
    assert identity(tvm_ffi.device("cuda:1")) == tvm_ffi.device("cuda:1")
    assert identity(tvm_ffi.dtype("float16")) == tvm_ffi.dtype("float16")


def test_containers_can_be_returned():
    assert list(apply(lambda: [1, [2]])[1]) == [2]
    assert apply(lambda: {"a": 1})["a"] == 1


@pytest.mark.parametrize("number", [0, 1, 2, 31, 32, 33, 100])
def test_any_number_of_arguments(number: int):
    collect = tvm_ffi.convert(lambda *args: list(args))
    assert list(collect(*range(number))) == list(range(number))


def test_bound_methods_classes_and_callable_objects_are_functions():
    class Adder:
        def __init__(self, amount: int) -> None:
            self.amount = amount

        def add(self, value: int) -> int:
            return self.amount + value

        __call__ = add

    assert apply(Adder(1).add, 2) == 3
    assert apply(Adder(1), 3) == 4
    assert apply(int, "12") == 12
    assert apply(len, [1, 2]) == 2


def test_wrong_arity_is_a_type_error():
    with pytest.raises(TypeError, match="positional argument"):
        apply(lambda a, b: a, 1)


def test_callbacks_nest_and_recurse():
    def factorial(n):
        return 1 if n <= 1 else n * apply(factorial, n - 1)

    assert apply(factorial, 20) == 2432902008176640000


def test_a_callback_takes_the_object_it_is_handed(use_count):
    counts = []

    def look(array) -> None:
        counts.append(use_count(array))

    array = tvm_ffi.Array([1])
    apply(look, array)
    apply(look, array._move())
    assert counts == [2, 1]
    assert array.__chandle__() == 0


def test_a_callback_gives_its_object_away(use_count):
    def make(array):
        return array._move()

    array = tvm_ffi.Array([1])
    result = apply(make, array)
    assert use_count(result) == 2
    assert use_count(apply(lambda: tvm_ffi.Array([1])._move())) == 1


def test_a_moved_large_integer_leaves_nothing_behind():
    """What arrives as an r-value reference is copied, and its reference dropped."""
    cell = _ffi.TVMFFIAny()
    words = (2**64).to_bytes(16, "little")
    _ffi.TVMFFIBigIntFromByteArray(ctypes.byref(_ffi.byte_array(words)), ctypes.byref(cell))
    count = _ffi.TVMFFIObject.from_address(cell.v_obj)
    _ffi.TVMFFIObjectIncRef(cell.v_obj)
    slot = ctypes.c_void_p(cell.v_obj)
    argument = _ffi.TVMFFIAny(type_index=_ffi.kTVMFFIObjectRValueRef)
    argument.v_ptr = ctypes.addressof(slot)
    seen = []
    function = tvm_ffi.convert(seen.append)
    result = _ffi.TVMFFIAny()
    for expected in (0, -1):  # the second time nothing is left to take
        status = _ffi.TVMFFIFunctionCall(
            function.__chandle__(), ctypes.byref(argument), 1, ctypes.byref(result)
        )
        assert status == expected
    assert seen == [2**64]
    assert slot.value is None
    assert count.combined_ref_count & 0xFFFFFFFF == 1
    with pytest.raises(ValueError, match="RValueRef already moved"):
        _ffi.check(status)
    _ffi.TVMFFIObjectDecRef(cell.v_obj)


def test_raw_text_and_byte_arrays_are_copied():
    seen = []
    function = tvm_ffi.convert(lambda *args: seen.extend(args))
    text = ctypes.c_char_p("grüße".encode())
    data = _ffi.byte_array(b"a\0b")
    arguments = (_ffi.TVMFFIAny * 2)()
    arguments[0].type_index = _ffi.kTVMFFIRawStr
    arguments[0].v_ptr = ctypes.cast(text, ctypes.c_void_p).value
    arguments[1].type_index = _ffi.kTVMFFIByteArrayPtr
    arguments[1].v_ptr = ctypes.addressof(data)
    result = _ffi.TVMFFIAny()
    _ffi.check(_ffi.TVMFFIFunctionCall(function.__chandle__(), arguments, 2, ctypes.byref(result)))
    assert seen == ["grüße", b"a\0b"]


def test_a_result_that_cannot_be_converted_is_the_callers_error(nothing_retained):
    with pytest.raises(UnicodeEncodeError):
        apply(lambda: "\ud800")
    with pytest.raises(ValueError, match="holds no object"):
        apply(lambda: tvm_ffi.Array.__new__(tvm_ffi.Array))


def test_callbacks_of_foreign_threads():
    """A thread that Python did not start calls back, through pthread_create itself."""
    libc = ctypes.CDLL(None)
    seen = []
    function = tvm_ffi.convert(lambda: seen.append(threading.get_ident()))
    result = _ffi.TVMFFIAny()
    start_type = ctypes.CFUNCTYPE(ctypes.c_void_p, ctypes.c_void_p)

    def start(_argument):
        _ffi.TVMFFIFunctionCall(function.__chandle__(), None, 0, ctypes.byref(result))
        return 0

    thread, entry = ctypes.c_ulong(), start_type(start)
    assert libc.pthread_create(ctypes.byref(thread), None, entry, None) == 0
    libc.pthread_join(thread, None)
    assert len(seen) == 1 and seen[0] != threading.get_ident()


def test_a_function_released_on_a_foreign_thread(nothing_retained):
    """The last reference goes without a thread state: the deleter gets itself one."""
    libc = ctypes.CDLL(None)
    function = tvm_ffi.convert(lambda: 1)
    handle = function.__chandle__()
    _ffi.TVMFFIObjectIncRef(handle)
    del function
    entry = ctypes.cast(_ffi.LIB["TVMFFIObjectDecRef"], ctypes.c_void_p)
    thread = ctypes.c_ulong()
    assert libc.pthread_create(ctypes.byref(thread), None, entry, ctypes.c_void_p(handle)) == 0
    libc.pthread_join(thread, None)


def test_an_opaque_object_released_without_a_thread_state(nothing_retained):
    core._testing_drop_last_ref_without_thread_state()


@pytest.mark.parametrize("threads", [4])
def test_callbacks_on_many_threads_at_once(threads: int, nothing_retained):
    errors: list[BaseException] = []

    def work(number: int) -> None:
        try:
            for i in range(100):
                value = f"a text of thread {number}, round {i}"
                assert apply(lambda x, y: [x, y], value, i)[0] == value
                with pytest.raises(LookupError, match=value):
                    apply(self_raise, value)
        except BaseException as error:
            errors.append(error)

    def self_raise(text):
        raise LookupError(text)

    running = [threading.Thread(target=work, args=(n,)) for n in range(threads)]
    for thread in running:
        thread.start()
    for thread in running:
        thread.join()
    assert errors == []
