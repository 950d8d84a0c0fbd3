# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import threading
from pathlib import Path
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import core, testing
from tvm_ffi.testing import _locking
from tvm_ffi.testing import testing as classes

CLASSES = (
    "TestCompare TestCustomCompare TestCustomHash TestEqWithoutHash TestFrozenCxx TestHash "
    "TestIntPair TestNonCopyable TestObjectBase TestObjectDerived TestObjectPtrHolder "
    "_SchemaAllTypes _TestCxxAutoInit _TestCxxAutoInitAllInitOff _TestCxxAutoInitChild "
    "_TestCxxAutoInitKwOnlyDefaults _TestCxxAutoInitParent _TestCxxAutoInitSimple "
    "_TestCxxClassBase _TestCxxClassDerived _TestCxxClassDerivedDerived _TestCxxEnumHolder "
    "_TestCxxInitSubset _TestCxxIntEnum _TestCxxKwOnly _TestCxxNoAutoInit _TestCxxStrEnum"
).split()


@pytest.mark.parametrize("name", CLASSES)
def test_a_class_stands_for_its_type(name: str) -> None:
    cls = getattr(testing, name)
    info = core._type_cls_to_type_info(cls)
    assert info is not None
    assert info.type_key == f"testing.{name.lstrip('_')}"
    assert cls is getattr(classes, name)
    assert cls.__test__ is False


def test_every_native_function_is_exported() -> None:
    names = [
        name[len("testing.") :]
        for name in tvm_ffi.registry.list_global_func_names()
        if name.startswith("testing.")
    ]
    assert len(names) == 59
    assert [name for name in names if not hasattr(testing, name)] == []


def test_functions_of_the_module_itself() -> None:
    assert testing.add_one(1) == 2
    assert testing.make_unregistered_object().v2 == 42
    made = testing.create_object("testing.TestObjectBase", v_i64=3)
    assert (made.v_i64, made.v_f64, made.v_str) == (3, 10.0, "hello")


def test_create_object_refuses_what_does_not_fit() -> None:
    with pytest.raises(TypeError, match=r"Cannot convert from type `ffi\.SmallStr` to `int`"):
        testing.create_object("testing.TestObjectBase", v_i64="x")
    with pytest.raises(TypeError):
        testing.create_object("testing.TestObjectDerived", v_map={})


def test_a_class_with_its_own_constructor() -> None:
    made = testing._TestCxxClassBase(1, 2)
    assert (made.v_i64, made.v_i32) == (2, 4)
    assert (testing._TestCxxClassBase.not_field_1, testing._TestCxxClassBase.not_field_2) == (1, 2)


def test_a_class_without_constructor_says_so() -> None:
    with pytest.raises(TypeError):
        testing._TestCxxNoAutoInit(1, 2)


def test_content_decides_where_the_class_asks_for_it() -> None:
    make = testing._TestCxxClassDerived
    one, same, more = make(1, 2, 3.0), make(1, 2, 3.0), make(1, 2, 4.0)
    assert one == same
    assert hash(one) == hash(same)
    assert one < more


def test_a_class_that_owns_no_objects_still_describes_them(use_count: Callable[[Any], int]) -> None:
    made = testing._SchemaAllTypes.make_with(1, 2.0, "s")
    assert isinstance(made, tvm_ffi.Object)
    assert made.v_int == 1
    assert made.add_int(3) == 4
    made.v_string = "text"
    assert made.v_string == "text"
    assert use_count(made) == 1
    assert list(made.append_int([1], 2)) == [1, 2]
    assert {key: list(value) for key, value in made.merge_map({"a": [1]}, {"a": [2]}).items()} == {
        "a": [1, 2]
    }


def test_copies_are_made_where_they_can_be() -> None:
    pair = testing._TestCxxAutoInitSimple(1, 2)
    assert copy.copy(pair).x == 1
    with pytest.raises((TypeError, RuntimeError)):
        copy.copy(testing.TestNonCopyable(1))


def test_enumerations_take_members_and_the_values_behind_them() -> None:
    low, mul = testing._TestCxxIntEnum.low, testing._TestCxxStrEnum.mul
    assert (low.value, mul.value) == (10, "*")
    made = testing._TestCxxEnumHolder(10, "*")
    assert made.priority.same_as(low)
    assert made.opcode.same_as(mul)
    made.priority = 20
    assert made.priority.same_as(testing._TestCxxIntEnum.high)
    with pytest.raises(TypeError, match="expected"):
        made.priority = 30
    assert made.priority.same_as(testing._TestCxxIntEnum.high)


@pytest.mark.parametrize("payload", [10, 20])
def test_schemas_of_enumerations_take_payloads(payload: int) -> None:
    schema = core.TypeSchema.from_annotation(testing._TestCxxIntEnum)
    member = core._to_py_class_value(schema.convert(payload))
    assert member.same_as(testing._TestCxxIntEnum(payload))
    texts = core.TypeSchema.from_annotation(testing._TestCxxStrEnum)
    assert core._to_py_class_value(texts.convert("+")).same_as(testing._TestCxxStrEnum.add)


@pytest.mark.parametrize(
    ("name", "value", "reason"),
    [
        ("_TestCxxIntEnum", 30, "expected testing.TestCxxIntEnum, got int"),
        ("_TestCxxIntEnum", "low", "expected testing.TestCxxIntEnum, got str"),
        ("_TestCxxIntEnum", 2**63, "out of int64 range"),
        ("_TestCxxStrEnum", "add", "expected testing.TestCxxStrEnum, got str"),
        ("_TestCxxStrEnum", 0, "expected testing.TestCxxStrEnum, got int"),
    ],
)
def test_schemas_of_enumerations_refuse_the_rest(name: str, value: Any, reason: str) -> None:
    schema = core.TypeSchema.from_annotation(getattr(testing, name))
    with pytest.raises(TypeError, match=reason):
        schema.convert(value)


# ---- Loading -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "use",
    [
        "import tvm_ffi.testing",
        "tvm_ffi.get_global_func('testing.nop')",
        "tvm_ffi.get_global_func_metadata('testing.add_one')",
        "tvm_ffi.init_ffi_api('testing', '__main__')",
        "tvm_ffi.register_object('testing.TestIntPair')(type('P', (tvm_ffi.Object,), {}))",
        "tvm_ffi.core.TypeSchema('testing.TestIntPair').convert",
    ],
)
def test_the_library_is_loaded_when_it_is_first_named(
    run_python: Callable[..., str], use: str
) -> None:
    run_python(f"""
        import tvm_ffi

        def loaded():
            with open("/proc/self/maps") as maps:
                return "libtvm_ffi_testing" in maps.read()

        assert not loaded()
        {use}
        assert loaded()
    """)


# ---- The lock ------------------------------------------------------------------------------------


def test_one_at_a_time_holds_the_lock(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TVM_FFI_TEST_LOCK_DIR", str(tmp_path))
    _locking._gpu_lock_path.cache_clear()
    running: list[int] = []
    most: list[int] = []

    def work(number: int, *, twice: bool) -> int:
        running.append(number)
        most.append(len(running))
        threading.Event().wait(0.01)
        running.remove(number)
        return number * 2 if twice else number

    results: list[int] = []
    threads = [
        threading.Thread(
            target=lambda n=n: results.append(testing.run_with_gpu_lock(work, n, twice=True))
        )
        for n in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    _locking._gpu_lock_path.cache_clear()
    assert sorted(results) == [0, 2, 4, 6]
    assert max(most) == 1
    assert (tmp_path / "gpu.lock").exists()


def test_the_lock_is_released_when_the_work_fails(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("TVM_FFI_TEST_LOCK_DIR", str(tmp_path))
    _locking._gpu_lock_path.cache_clear()
    try:
        with pytest.raises(ZeroDivisionError):
            testing.run_with_gpu_lock(lambda: 1 // 0)
        assert testing.run_with_gpu_lock(lambda: 3) == 3
    finally:
        _locking._gpu_lock_path.cache_clear()
