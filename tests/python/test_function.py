# SPDX-License-Identifier: Apache-2.0
"""Function objects: calls, the interpreter lock, functions of C symbols, subclasses."""

from __future__ import annotations

import gc
import sys
import threading

import pytest

import tvm_ffi
from tvm_ffi import Function, core

echo = tvm_ffi.get_global_func("testing.echo")
add_one = tvm_ffi.get_global_func("testing.add_one")


def test_wrong_calls_are_type_errors_of_the_callee():
    with pytest.raises(TypeError) as info:
        add_one(1, 2)
    assert str(info.value) == (
        "Mismatched number of arguments when calling: `testing.add_one(0: int) -> int`. "
        "Expected 1 but got 2 arguments"
    )
    with pytest.raises(TypeError, match=r"Expected `int` but got `ffi\.SmallStr`"):
        add_one("x")


def test_keywords_are_refused():
    with pytest.raises(TypeError, match="unexpected keyword argument 'x'"):
        echo(x=1)


def test_a_call_on_nothing_is_an_error_and_no_crash():
    for empty in (Function(), Function.__new__(Function)):
        assert empty.__chandle__() == 0
        assert repr(empty) == "Function(chandle=None)"
        for args in ((), (1,), (object(),)):
            with pytest.raises(ValueError, match="holds no function"):
                empty(*args)
        with pytest.raises(ValueError, match="holds no function"):
            tvm_ffi.Array.__new__(tvm_ffi.Array).__init_handle_by_constructor__(empty)


def test_functions_have_attributes():
    function = tvm_ffi.convert(lambda: 1)
    function.__name__ = "one"
    assert function.__name__ == "one"


def test_a_function_is_called_with_or_without_the_interpreter_lock():
    function = tvm_ffi.get_global_func("testing.echo")
    assert function.release_gil is True
    assert function(1) == 1
    function.release_gil = False
    assert function.release_gil is False
    assert function(1) == 1


def test_other_threads_run_during_a_call(testing, capfd):
    """Some steps of another thread fit into a native sleep of a second, if the lock is free."""
    started, steps = threading.Event(), []

    def step() -> None:
        started.wait()
        while len(steps) < 50:
            steps.append(None)
            threading.Event().wait(0.001)

    thread = threading.Thread(target=step)
    thread.start()
    started.set()
    testing.run_check_signal(1)
    assert len(steps) > 5
    thread.join()


def test_the_lock_is_kept_when_asked_to(run_python):
    program = """
    import os, sys
    import tvm_ffi
    print(tvm_ffi.get_global_func("testing.echo").release_gil)
    """
    assert run_python(program, TVM_FFI_RELEASE_GIL_BY_DEFAULT="0") == "False\n"
    assert run_python(program, TVM_FFI_RELEASE_GIL_BY_DEFAULT="1") == "True\n"


# ---- C symbols ----


def test_a_function_of_a_c_symbol(testing):
    function = Function.__from_extern_c__(testing.get_add_one_c_symbol())
    assert function(1) == 2
    with pytest.raises(TypeError):
        function("x")


def test_a_function_of_an_mlir_symbol(testing):
    function = Function.__from_mlir_packed_safe_call__(testing.get_mlir_add_one_c_symbol())
    assert function(41) == 42
    with pytest.raises(TypeError):
        function("x")


@pytest.mark.parametrize(
    ("make", "symbol"),
    [
        (Function.__from_extern_c__, "get_add_one_c_symbol"),
        (Function.__from_mlir_packed_safe_call__, "get_mlir_add_one_c_symbol"),
    ],
)
@pytest.mark.cpython("references to Python objects are counted")
def test_what_is_kept_alive_lives_as_long_as_the_function(make, symbol, testing, nothing_retained):
    kept = object()
    before = sys.getrefcount(kept)
    function = make(getattr(testing, symbol)(), keep_alive_object=kept)
    assert sys.getrefcount(kept) == before + 1
    other = echo(function)
    del function
    assert other(1) == 2
    assert sys.getrefcount(kept) == before + 1
    del other
    assert sys.getrefcount(kept) == before


# ---- Subclasses, and what dependents do with handles ----


class Mixin:
    def __init__(self) -> None:
        self.calls = 0


class Compiled(Function, Mixin):
    def __init__(self, function: Function) -> None:
        Mixin.__init__(self)
        self.__move_handle_from__(function)

    __call__ = Function.__call__


def test_a_subclass_takes_over_a_function():
    function = tvm_ffi.convert(lambda x: x + 1)
    handle = function.__chandle__()
    compiled = Compiled(function)
    assert compiled.calls == 0
    assert compiled(1) == 2
    assert compiled.__chandle__() == handle
    assert function.__chandle__() == 0
    with pytest.raises(ValueError, match="holds no function"):
        function(1)
    back = echo(compiled)
    assert type(back) is Function
    assert back.__chandle__() == handle


def test_a_function_takes_nothing_but_functions():
    array = tvm_ffi.Array([1])
    with pytest.raises(TypeError, match="Expected a function"):
        Function().__move_handle_from__(array)


def test_taking_over_from_itself_changes_nothing():
    function = tvm_ffi.convert(lambda: 1)
    function.__move_handle_from__(function)
    assert function() == 1


# ---- convert_func ----


def test_convert_func_needs_a_class_that_exchanges_tensors():
    with pytest.raises(TypeError) as info:
        tvm_ffi.convert_func(lambda: 1, tensor_cls=int)
    assert str(info.value) == "tensor_cls <class 'int'> must expose __dlpack_c_exchange_api__"
    assert tvm_ffi.convert_func(lambda x: x)(3) == 3


def test_callbacks_get_tensors_of_the_class_asked_for():
    torch = pytest.importorskip("torch")
    if not hasattr(torch.Tensor, "__dlpack_c_exchange_api__"):
        pytest.skip("this torch does not publish the exchange API")
    tensor = torch.arange(3)
    seen = []
    tvm_ffi.convert_func(seen.append)(tensor)
    tvm_ffi.convert_func(seen.append, tensor_cls=torch.Tensor)(tensor)
    assert [type(value) for value in seen] == [tvm_ffi.Tensor, torch.Tensor]
    assert seen[1].data_ptr() == tensor.data_ptr()


def test_a_function_is_a_type_of_its_own():
    assert not isinstance(echo, core.Object)
    assert isinstance(echo, core.CObject)
    assert echo.same_as(echo(echo))
    assert echo == echo(echo)
    assert hash(echo) == echo.__chandle__() == echo.id_
    assert not echo.same_as(add_one)


@pytest.mark.cpython("references to Python objects are counted")
def test_functions_die_with_their_last_owner(nothing_retained):
    class Probe:
        alive = 0

        def __init__(self) -> None:
            Probe.alive += 1

        def __del__(self) -> None:
            Probe.alive -= 1

        def __call__(self) -> int:
            return 1

    gc.disable()
    try:
        function = tvm_ffi.convert(Probe())
        array = tvm_ffi.Array([function])
        del function
        assert Probe.alive == 1
        assert array[0]() == 1
        del array
        assert Probe.alive == 0
    finally:
        gc.enable()


def test_a_function_of_many_threads():
    errors = []

    def work() -> None:
        try:
            for i in range(200):
                assert echo(i, "ignored") == i
        except BaseException as error:
            errors.append(error)

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
