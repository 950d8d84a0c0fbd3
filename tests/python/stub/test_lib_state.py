# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import List, method, testing
from tvm_ffi.core import TypeSchema
from tvm_ffi.dataclasses import Object, py_class
from tvm_ffi.stub import lib_state
from tvm_ffi.stub.file_utils import CodeBlock
from tvm_ffi.stub.generator import get_generator
from tvm_ffi.stub.python_generator.codegen import generate_python_object
from tvm_ffi.stub.utils import FuncInfo, NamedTypeSchema, ObjectInfo, Options

INT = TypeSchema("int")


def test_a_named_schema_keeps_all_of_the_type() -> None:
    callable_ = TypeSchema("Callable", named_args={"return": (INT,), "params": ()})
    for schema in (callable_, TypeSchema.from_json_obj({"type": "ffi.BigInt"}), TypeSchema("x.Y")):
        named = NamedTypeSchema("f", schema)
        assert named.name == "f" and repr(named) == repr(schema)
        for part in ("origin", "args", "origin_type_index", "fallback", "named_args", "type_key"):
            assert getattr(named, part) == getattr(schema, part)
    assert NamedTypeSchema("f", INT) == NamedTypeSchema("f", INT) != NamedTypeSchema("g", INT)
    assert FuncInfo.from_schema("f", callable_, is_member=True).is_member


def test_a_reflected_field_brings_its_native_facts() -> None:
    info = lib_state.object_info_from_type_key("testing.TestCxxClassDerived")
    v_f64, v_f32 = info.fields
    assert (v_f64.name, v_f64.origin, v_f64.frozen) == ("v_f64", "float", False)
    assert (v_f64.size, v_f64.alignment, v_f64.offset) == (8, 8, 40)
    assert v_f64.default is tvm_ffi.core.MISSING
    assert (v_f32.size, v_f32.offset, v_f32.default) == (4, 48, 8.0)
    assert not v_f32.default_is_factory
    regions = lib_state.object_info_from_type_key("testing.TestVisitRegions").fields
    assert [part.structural_eq for part in regions] == ["def-simple", "def-pattern", None]
    assert all(part.frozen for part in regions)


def test_a_factory_default_is_kept_as_the_factory() -> None:
    class Field:
        name, size, alignment, offset, frozen = "f", 8, 8, 24, False
        metadata: dict[str, Any] = {"type_schema": {"type": "int"}}  # noqa: RUF012
        c_default, c_default_factory, c_structural_eq = tvm_ffi.core.MISSING, list, None

    field: Any = Field()
    named = NamedTypeSchema.from_type_field(field)
    assert named.default is list and named.default_is_factory and named.origin == "int"


def test_types_are_described_with_their_lineage() -> None:
    info = lib_state.object_info_from_type_key("testing.TestObjectDerived")
    assert info.type_key == "testing.TestObjectDerived"
    assert info.parent_type_key == "testing.TestObjectBase"
    assert info.ancestors == ["ffi.Object", "testing.TestObjectBase"]
    assert [part.name for part in info.fields] == ["v_map", "v_array"]
    assert info.has_init and info.is_final is True
    assert [(part.name, part.has_default) for part in info.init_fields] == [
        ("v_i64", True),
        ("v_f64", True),
        ("v_str", True),
        ("v_map", False),
        ("v_array", False),
    ]


def test_methods_are_described_by_their_metadata() -> None:
    info = lib_state.object_info_from_type_key("testing.TestIntPair")
    methods = {method.schema.name: method for method in info.methods}
    assert not methods["__ffi_init__"].is_member
    assert methods["sum"].is_member
    assert repr(methods["sum"].schema) == "Callable[[testing.TestIntPair], int]"


def test_constructors_leave_out_what_is_set_otherwise() -> None:
    info = lib_state.object_info_from_type_key("testing.TestCxxAutoInit")
    assert [(p.name, p.kw_only, p.has_default) for p in info.init_fields] == [
        ("a", False, False),
        ("c", True, False),
        ("d", False, True),
    ]
    assert not lib_state.object_info_from_type_key("testing.TestCxxNoAutoInit").has_init


def test_the_size_is_known_where_the_type_says_it() -> None:
    assert lib_state.object_info_from_type_key("ffi.Object").total_size == 24
    assert lib_state.object_info_from_type_key("ffi.Function").total_size is None
    assert lib_state.object_info_from_type_key("ffi.Object").is_final is None


def test_an_unknown_type_raises() -> None:
    with pytest.raises(ValueError, match=r"Cannot find type key: testing\.Nothing"):
        lib_state.object_info_from_type_key("testing.Nothing")


def test_functions_are_collected_by_prefix(capsys: pytest.CaptureFixture[str]) -> None:
    testing.nop()
    tvm_ffi.register_global_func("nodotatall", lambda: None, override=True)
    tvm_ffi.register_global_func("test_lib_state.untyped", lambda: None, override=True)
    try:
        collected = lib_state.collect_global_funcs()
    finally:
        tvm_ffi.remove_global_func("nodotatall")
        tvm_ffi.remove_global_func("test_lib_state.untyped")
    names = [info.schema.name for info in collected["testing"]]
    assert names == sorted(names) and "testing.add_one" in names
    assert "test_lib_state" not in collected and "" not in collected
    printed = capsys.readouterr().out
    for name in ("nodotatall", "test_lib_state.untyped"):
        assert any(name in line and "\033[33m" in line for line in printed.splitlines())


def test_type_keys_are_collected_by_prefix() -> None:
    collected = lib_state.collect_type_keys()
    assert "ffi.reflection.AccessPath" in collected["ffi.reflection"]
    assert collected["testing"] == sorted(collected["testing"])
    assert all(key.startswith("testing.") for key in collected["testing"])
    assert not any("int" in keys for keys in collected.values())


def test_parents_come_before_children() -> None:
    keys = [
        "testing.TestCxxClassDerivedDerived",
        "testing.TestObjectBase",
        "testing.TestCxxClassDerived",
        "testing.TestCompare",
    ]
    ordered = [info.type_key for info in lib_state.toposort_objects(keys)]
    assert ordered == [
        "testing.TestCompare",
        "testing.TestCxxClassDerived",
        "testing.TestCxxClassDerivedDerived",
        "testing.TestObjectBase",
    ]


def test_options_start_out_harmless() -> None:
    opt = Options()
    assert (opt.indent, opt.target, opt.init, opt.dry_run) == (4, "python", None, False)
    assert ObjectInfo([], []).init_fields == [] and not ObjectInfo([], []).has_init


def test_a_python_class_is_described_like_a_native_one() -> None:
    @py_class("test_lib_state.Described")
    class Described(Object):
        values: List[int]

        @method
        def describe(self, values: List[int], prefix: str) -> str:
            return prefix

        @method
        @staticmethod
        def normalize(values: List[int]) -> List[int]:
            return values

    info = lib_state.object_info_from_type_key("test_lib_state.Described")
    by_name = {found.schema.name: found.schema for found in info.methods}
    groups = by_name["describe"].named_args
    assert groups is not None and [part.origin for part in groups["return"]] == ["str"]
    assert [part.origin for part in groups["params"]] == ["test_lib_state.Described", "List", "str"]
    assert info.has_init and [part.name for part in info.init_fields] == ["values"]
    code = CodeBlock("object", "x", 1, 2, ["# begin", "# end"])
    ty_map = get_generator("python").default_ty_map()
    generate_python_object(code, ty_map, [], Options(), info)
    assert "    def describe(self, _1: Sequence[int], _2: str, /) -> str: ..." in code.lines
    static = code.lines.index("    @staticmethod")
    assert code.lines[static + 1] == (
        "    def normalize(_0: Sequence[int], /) -> MutableSequence[int]: ..."
    )
