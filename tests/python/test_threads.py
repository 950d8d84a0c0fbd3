# SPDX-License-Identifier: Apache-2.0
"""Threads that do the same at the same time; for real on a free-threaded interpreter."""

from __future__ import annotations

import sys
import sysconfig
import threading
from collections import Counter
from collections.abc import Iterator
from typing import Any, Callable

import pytest

import tvm_ffi
import tvm_ffi.testing
from tvm_ffi.dataclasses import Object, py_class

THREADS = 6
RUNS_FREELY = bool(sysconfig.get_config_var("Py_GIL_DISABLED"))

echo = tvm_ffi.get_global_func("testing.echo")
apply = tvm_ffi.get_global_func("testing.apply")


@pytest.fixture(autouse=True)
def restless() -> Iterator[None]:
    """Have threads that take turns take them often."""
    before = sys.getswitchinterval()
    sys.setswitchinterval(1e-5)
    yield
    sys.setswitchinterval(before)


def at_once(work: Callable[[int], Any]) -> list[Any]:
    """Run `work` in several threads, which start together; gives what each returns."""
    barrier = threading.Barrier(THREADS)
    results: list[Any] = [None] * THREADS
    failures: list[BaseException] = []

    def run(number: int) -> None:
        try:
            barrier.wait()
            results[number] = work(number)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=run, args=(number,)) for number in range(THREADS)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    if failures:
        raise failures[0]
    return results


@pytest.mark.skipif(not RUNS_FREELY, reason="this interpreter has a lock anyway")
def test_importing_leaves_the_interpreter_without_a_lock(run_python: Any) -> None:
    program = """
        import sys
        import tvm_ffi, tvm_ffi.testing, tvm_ffi.cpp, tvm_ffi.structural
        print(sys._is_gil_enabled(), tvm_ffi.convert([1]))
        """
    assert run_python(program) == "False (1,)\n"


def test_every_kind_of_value_comes_back() -> None:
    def work(number: int) -> None:
        pair = tvm_ffi.testing.TestIntPair(number, 1)
        for step in range(200):
            values = [number, step + 0.5, f"a text of thread {number}", b"%d" % step, None, True]
            assert list(echo(values)) == values
            assert list(map(echo, values)) == values
            assert echo(2**80 + number) == 2**80 + number
            assert echo({"a": {"b": step}})["a"]["b"] == step
            assert echo(tvm_ffi.Shape((number, step))) == (number, step)
            assert echo(pair).a == number

    at_once(work)


def test_classes_met_for_the_first_time() -> None:
    """The tables of what is known about classes grow while others look into them."""

    def work(number: int) -> None:
        for step in range(150):
            cls = type("Met", (int if step % 2 else str,), {})
            assert echo(cls(step)) == (step if step % 2 else str(step))
            assert echo([cls(1), "x"])[1] == "x"
            thing = type("Thing", (), {})()
            assert echo(thing) is thing

    at_once(work)


def test_a_list_and_a_dict_that_others_change() -> None:
    """What arrives is something that was there, whole."""
    values = ["an element longer than a cell"] * 32
    mapping = {f"a key longer than a cell {i}": [i, i] for i in range(32)}

    def change(step: int) -> None:
        values.append(f"added longer than a cell {step}")
        del values[0]
        if len(values) > 40:
            del values[20:]
        mapping[f"another key {step % 97}"] = [step, step]
        mapping.pop(f"another key {(step + 31) % 97}", None)

    def work(number: int) -> None:
        for step in range(120):
            if number % 2:
                change(step)
                continue
            assert all("longer than a cell" in value for value in echo(values))
            assert all(list(pair) == [pair[0]] * 2 for pair in echo(mapping).values())

    at_once(work)


def test_one_class_is_made_for_a_type_without_any(run_python: Any) -> None:
    program = """
        import threading
        import tvm_ffi
        make = tvm_ffi.get_global_func("testing.make_unregistered_object")
        barrier = threading.Barrier(8)
        made = []
        def work():
            barrier.wait()
            made.append(type(make()))
        threads = [threading.Thread(target=work) for _ in range(8)]
        for thread in threads: thread.start()
        for thread in threads: thread.join()
        print(len(made), len(set(made)))
        """
    assert run_python(program) == "8 1\n"


def test_of_those_who_register_one_key_one_succeeds() -> None:
    for attempt in range(20):
        key = f"test_threads.Contested{attempt}"

        def work(number: int, key: str = key) -> str:
            body = {"__annotations__": {f"field_{number}": int}, "__module__": __name__}
            try:
                made = py_class(key)(type("Contested", (Object,), body))
            except ValueError as error:
                return str(error)
            return str(getattr(made(number), f"field_{number}") == number)

        outcomes = Counter(at_once(work))
        assert outcomes == {"True": 1, f"Type key {key!r} is already registered": THREADS - 1}


def test_global_functions_come_and_go() -> None:
    def work(number: int) -> None:
        own = f"test_threads.own_{number}"
        for step in range(60):
            tvm_ffi.register_global_func(own, lambda: number)
            tvm_ffi.register_global_func("test_threads.shared", lambda: "shared", override=True)
            assert tvm_ffi.get_global_func(own)() == number
            shared = tvm_ffi.get_global_func("test_threads.shared", allow_missing=True)
            assert shared is None or shared() == "shared"
            assert own in tvm_ffi.registry.list_global_func_names()
            tvm_ffi.remove_global_func(own)
            if step % 7 == number:
                try:
                    tvm_ffi.remove_global_func("test_threads.shared")
                except ValueError:
                    pass  # another was faster

    try:
        at_once(work)
    finally:
        if tvm_ffi.get_global_func("test_threads.shared", allow_missing=True):
            tvm_ffi.remove_global_func("test_threads.shared")


def test_functions_are_made_called_and_released(nothing_retained: None, settle: Any) -> None:
    alive: Counter[int] = Counter()

    class Probe:
        def __init__(self, number: int) -> None:
            self.number = number
            alive[number] += 1

        def __del__(self) -> None:
            alive[self.number] -= 1

        def __call__(self, value: Any) -> Any:
            return value, self.number

    shared = tvm_ffi.convert(lambda value: value)
    # Each takes the one that another left.
    left: list[Any] = [tvm_ffi.convert(Probe(-1)) for _ in range(THREADS)]

    def work(number: int) -> None:
        for step in range(150):
            function = tvm_ffi.convert(Probe(number * 1000 + step))
            assert list(function(step)) == [step, number * 1000 + step]
            assert list(apply(Probe(number * 1000 + step), step)) == [step, number * 1000 + step]
            assert (
                shared(apply(shared, f"a text of thread {number}")) == f"a text of thread {number}"
            )
            place = (number + step) % THREADS
            other, left[place] = left[place], function
            assert other(1)[0] == 1

    at_once(work)
    left.clear()
    settle()
    assert +alive == Counter()


def test_a_function_is_told_to_keep_the_lock_while_it_is_called() -> None:
    function = tvm_ffi.convert(lambda value: value)

    def work(number: int) -> None:
        for step in range(200):
            function.release_gil = (number + step) % 2 == 0
            assert function(step) == step

    at_once(work)


def test_containers_are_read_by_all(use_count: Callable[[Any], int]) -> None:
    inner = tvm_ffi.Array(["an element longer than a cell", 2])
    array = tvm_ffi.Array([inner] * 10 + list(range(100)))
    mapping = tvm_ffi.Map({"inner": inner, "number": 1})
    before = use_count(inner)

    def work(number: int) -> None:
        for _ in range(100):
            assert array[number].same_as(inner)
            assert array[number][0] == "an element longer than a cell"
            assert list(array)[10:] == list(range(100))
            assert mapping["inner"].same_as(inner) and dict(mapping.items())["number"] == 1
            assert tvm_ffi.structural_equal(array[0], tvm_ffi.Array([*inner]))

    at_once(work)
    assert use_count(inner) == before


def test_errors_stay_with_their_thread() -> None:
    fail = tvm_ffi.get_global_func("testing.test_raise_error")

    def work(number: int) -> None:
        def raising() -> None:
            raise KeyError(number)

        for step in range(40):
            with pytest.raises(ValueError, match=f"^of {number} {step}$"):
                fail("ValueError", f"of {number} {step}")
            with pytest.raises(KeyError) as raised:
                apply(raising)
            assert raised.value.args == (number,)

    at_once(work)


def test_fields_of_objects_of_their_own(use_count: Callable[[Any], int]) -> None:
    shared = tvm_ffi.Array([1])

    def work(number: int) -> None:
        holder: Any = tvm_ffi.testing.create_object(
            "testing.TestDeepCopyEdges", v_any=None, v_obj=[]
        )
        for step in range(150):
            holder.v_any = f"a text of thread {number} and step {step}"
            holder.v_obj = shared
            assert holder.v_any == f"a text of thread {number} and step {step}"
            assert holder.v_obj.same_as(shared)

    at_once(work)
    assert use_count(shared) == 1


@pytest.mark.skipif(
    not RUNS_FREELY or sys.version_info < (3, 14) or tvm_ffi.lane() != "host",
    reason="only free-threaded Pythons from 3.14 on can leave references uncounted",
)
def test_threads_do_not_count_references_to_functions_found_by_name() -> None:
    uncounted = 1 << 40
    assert sys.getrefcount(tvm_ffi.get_global_func("testing.echo")) > uncounted
    assert sys.getrefcount(tvm_ffi.convert(len)) < uncounted
