# SPDX-License-Identifier: Apache-2.0
"""Python objects in native hands, and what becomes of them when the interpreter ends."""

from __future__ import annotations

import ctypes
import gc
import threading

import pytest

import tvm_ffi
from tvm_ffi import _ffi, _pyref, core


class Probe:
    alive = 0

    def __init__(self) -> None:
        Probe.alive += 1

    def __del__(self) -> None:
        Probe.alive -= 1

    def __call__(self) -> str:
        return "called"


def test_entries_live_as_long_as_the_native_object(settle):
    settle()
    before = _pyref.count_references()
    held = [tvm_ffi.convert(Probe()), tvm_ffi.convert(object()), tvm_ffi.Array([Probe(), Probe])]
    assert _pyref.count_references() == before + 4
    assert Probe.alive == 2
    held.clear()
    settle()
    assert _pyref.count_references() == before
    assert Probe.alive == 0


def test_objects_are_released_by_the_garbage_collector(nothing_retained, settle):
    class Node:
        pass

    node = Node()
    node.itself = node
    node.held = [tvm_ffi.convert(Probe()), tvm_ffi.Array([Probe()])]
    del node
    gc.collect()
    settle()
    assert Probe.alive == 0


def test_objects_are_released_on_other_threads(nothing_retained, settle):
    held = [tvm_ffi.Array([Probe(), object()]) for _ in range(8)]

    def drop() -> None:
        while held:
            held.pop()

    threads = [threading.Thread(target=drop) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    settle()
    assert Probe.alive == 0


def test_a_destructor_may_call_native_functions(nothing_retained, settle):
    seen = []

    class Talks:
        def __call__(self) -> None: ...

        def __del__(self) -> None:
            seen.append(list(tvm_ffi.Array([1, tvm_ffi.convert(lambda: 2)()])))

    function = tvm_ffi.convert(Talks())
    del function
    settle()
    assert seen == [[1, 2]]


def test_an_opaque_object_of_another_front_end_is_only_held():
    out = ctypes.c_void_p()
    _ffi.TVMFFIObjectCreateOpaque(12345, _ffi.kTVMFFIOpaquePyObject, None, ctypes.byref(out))
    cell = _ffi.TVMFFIAny(type_index=_ffi.kTVMFFIOpaquePyObject)
    cell.v_obj = out.value
    array = ctypes.c_void_p()
    made = _ffi.TVMFFIAny()
    make = tvm_ffi.get_global_func("ffi.Array")
    status = _ffi.TVMFFIFunctionCall(make.__chandle__(), ctypes.byref(cell), 1, ctypes.byref(made))
    assert status == 0 and array.value is None
    held = core.CObject.__new__(core.CObject)
    held._adopt(made.type_index, made.v_obj)
    _ffi.TVMFFIObjectDecRef(out.value)
    value = tvm_ffi.get_global_func("ffi.ArrayGetItem")(held, 0)
    assert type(value) is core.OpaquePyObject
    with pytest.raises(ValueError, match="holds no object of this interpreter"):
        value.pyobject()


def test_what_disarming_relies_on():
    """The entry point that stands in for a callback refuses whatever arguments it gets."""
    refuse = _ffi.TVMFFISafeCallType(_pyref._REFUSE)
    arguments, result = (_ffi.TVMFFIAny * 1)(), _ffi.TVMFFIAny()
    for count, address in ((0, None), (1, ctypes.addressof(arguments))):
        assert refuse(12345, address, count, ctypes.addressof(result)) == -1
        with pytest.raises(RuntimeError, match="Only kTVMFFIOpaquePyObject"):
            _ffi.check(-1)
        assert (result.type_index, result.v_int64) == (0, 0)


# ---- The end of the interpreter ----

LOUD = """
import sys, threading, time, atexit
import tvm_ffi
from tvm_ffi import core

class Loud:
    def __init__(self, name, print=print):
        self.name, self.print = name, print
    def __call__(self, *args):
        return args
    def __del__(self):
        self.print("released", self.name)

class Held:
    def __init__(self, name):
        self.name = name
    __del__ = Loud.__del__
    print = staticmethod(print)

apply = tvm_ffi.get_global_func("testing.apply")
"""


@pytest.mark.parametrize(
    "program",
    [
        "held = tvm_ffi.convert(Loud('x'))",
        "tvm_ffi.register_global_func('pyref.held', Loud('x'))",
        "held = tvm_ffi.Array([{'a': Loud('x')}])",
        "core.keep = tvm_ffi.convert(Loud('x'))",
        "held = lambda: 1; held.itself = held; held.f = tvm_ffi.convert(Loud('x'))",
        "sys.held = tvm_ffi.List([Loud('x')])",
        "held = tvm_ffi.get_global_func('testing.echo')(Loud('x'))",
    ],
)
@pytest.mark.cpython("destructors run when the interpreter ends")
def test_callbacks_are_released_at_exit(run_python, program: str):
    assert run_python(LOUD + program) == "released x\n"


def test_callbacks_work_in_exit_handlers(run_python):
    program = LOUD + "f = tvm_ffi.convert(lambda x: x + 1)\n"
    program += "atexit.register(lambda: print(apply(f, 1), f(2)))"
    assert run_python(program) == "2 3\n"


@pytest.mark.cpython("destructors run when the interpreter ends")
def test_functions_can_be_called_to_the_very_end(run_python):
    program = (
        LOUD
        + """
class Late:
    echo = tvm_ffi.get_global_func("testing.echo")
    def __del__(self, apply=apply, print=print, old=tvm_ffi.convert(lambda: 1)):
        print(self.echo(5), self.echo([1, "a longer text"])[1])
        print(apply(lambda x: x, 6))    # made now
        try:
            old()                       # made before the end: refused, not a crash
        except RuntimeError:
            print("refused")
late = Late()
# Else they go with all of the module, in any order.
sys.kept = [Late.echo, *Late.__del__.__defaults__]
"""
    )
    assert run_python(program) == "5 a longer text\n6\nrefused\n"


def test_c_statics_outlive_the_interpreter(run_python):
    """A C exit handler calls a callback and drops objects after Python is gone."""
    program = (
        LOUD
        + """
import ctypes
from tvm_ffi import _ffi

libc = ctypes.CDLL(None)
echo = tvm_ffi.get_global_func("testing.echo")
for make in (
    lambda: tvm_ffi.convert(lambda: print("never")),
    lambda: tvm_ffi.Array([Held('o')]),
    lambda: echo(lambda: print("never")),
):
    value = make()
    handle = value.__chandle__()
    _ffi.TVMFFIObjectIncRef(handle)
    del value
    # int on_exit(void (*)(int, void*), void*): the library's own functions as exit handlers.
    release = ctypes.CFUNCTYPE(None)  # only for its address below
    libc.__cxa_atexit.argtypes = [ctypes.c_void_p] * 3
    decref = ctypes.cast(_ffi.LIB["TVMFFIObjectDecRef"], ctypes.c_void_p)
    assert libc.__cxa_atexit(decref, handle, None) == 0
for function in (tvm_ffi.convert(lambda: print("never")), echo(lambda: print("never"))):
    _ffi.TVMFFIObjectIncRef(function.__chandle__())
    call = ctypes.cast(_ffi.LIB["TVMFFIFunctionCall"], ctypes.c_void_p)
    result = ctypes.create_string_buffer(16)
    _ffi.immortal(result)
    assert libc.__cxa_atexit(call, function.__chandle__(), None) == 0
print("end")
"""
    )
    assert run_python(program) == "end\n"


@pytest.mark.parametrize("repeat", range(3))
@pytest.mark.parametrize(
    "body",
    [
        "apply(lambda x: x, 1)",
        "a = tvm_ffi.Array([lambda: 1, object()]); a[0]()",
        "tvm_ffi.convert(lambda: 1)()",
    ],
)
@pytest.mark.cpython("daemon threads end in silence with the interpreter")
def test_daemon_threads_do_not_bring_the_exit_down(run_python, body: str, repeat: int):
    program = (
        LOUD
        + f"""
def loop():
    try:
        while True:
            {body}
    except RuntimeError:
        pass  # cut off in the middle of it, as all callbacks are at exit
for _ in range(3):
    threading.Thread(target=loop, daemon=True).start()
time.sleep(0.05)
print("end")
"""
    )
    assert run_python(program) == "end\n"


@pytest.mark.cpython("destructors run when the interpreter ends")
def test_threads_that_outlive_the_main_module(run_python):
    program = (
        LOUD
        + """
def drop(held):
    while threading.main_thread().is_alive():
        time.sleep(0.01)
    del held
threading.Thread(target=drop, args=([tvm_ffi.convert(Loud("x"))],)).start()
print("end")
"""
    )
    assert run_python(program) == "end\nreleased x\n"


def test_a_module_and_its_functions_in_any_order(run_python):
    program = (
        LOUD
        + """
tvm_ffi.get_global_func("testing.echo")  # loads the testing library
module = tvm_ffi.system_lib("testing.")
function = module["add_one"]
sys.late = module
print(function(1))
"""
    )
    assert run_python(program) == "2\n"
