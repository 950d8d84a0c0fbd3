# SPDX-License-Identifier: Apache-2.0
"""Names, uses, modules and directives of the Rust target."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from tvm_ffi.core import TypeSchema
from tvm_ffi.stub.rust_generator.consts import RUST_TY_MAP_DEFAULTS
from tvm_ffi.stub.rust_generator.directives import Directives, EnumSpec
from tvm_ffi.stub.rust_generator.utils import (
    RustImports,
    RustUse,
    check_tokens,
    render_rust_type,
    rust_ident,
    rust_module_path,
)

INT, STR = TypeSchema("int"), TypeSchema("str")


def render(schema: TypeSchema, **names: str) -> str | None:
    known = {**RUST_TY_MAP_DEFAULTS, **names}
    leaves = {name: path.rpartition("::")[2] for name, path in known.items()}
    return render_rust_type(schema, lambda origin, key: leaves.get(key or "") or leaves.get(origin))


@pytest.mark.parametrize(
    ("schema", "text"),
    [
        (INT, "i64"),
        (TypeSchema("Array", (STR,)), "Array<String>"),
        (TypeSchema("Map", (STR, TypeSchema("Optional", (INT,)))), "Map<String, Option<i64>>"),
        (TypeSchema("List"), "List<Any>"),
        (TypeSchema("Callable", (INT, STR)), "Function"),
        (TypeSchema.from_json_obj({"type": "ffi.BigInt"}), "BigInt"),
        (TypeSchema("Dict"), None),
        (TypeSchema("Union", (INT, STR)), None),
        (TypeSchema("tuple", ()), None),
        (TypeSchema("Array", (TypeSchema("no.Name"),)), None),
    ],
)
def test_types_are_written_if_all_parts_have_names(schema: TypeSchema, text: str | None) -> None:
    assert render(schema) == text


def test_renaming_str_covers_native_strings() -> None:
    schema = TypeSchema.from_json_obj({"type": "ffi.String"})
    assert render(schema, str="my::Text") == "Text"


@pytest.mark.parametrize(
    ("field", "identifier"),
    [
        ("a", "a"),
        ("a_", "a"),
        ("a__", "a__"),
        ("_a", "_a"),
        ("__x__", "x"),
        ("type", "r#type"),
        ("type_", "r#type"),
        ("self", "self_"),
        ("Self", "Self_"),
        ("super", "super_"),
        ("crate", "crate_"),
        ("base", "base_"),
    ],
)
def test_fields_become_identifiers(field: str, identifier: str) -> None:
    assert rust_ident(field) == identifier


@pytest.mark.parametrize(
    ("name", "path", "line"),
    [
        ("ffi.X", "tvm_ffi::X", "use tvm_ffi::X;"),
        ("a.b.C", "a::b::C", "use a::b::C;"),
        ("crate::a::B", "crate::a::B", "use crate::a::B;"),
        ("i64", "i64", ""),
    ],
)
def test_names_become_paths(name: str, path: str, line: str) -> None:
    use = RustUse(name)
    assert (use.path, use.leaf, use.as_use_line()) == (path, path.rpartition("::")[2], line)


def test_a_path_whose_leaf_is_taken_is_written_in_full() -> None:
    imports = RustImports(reserved={"Own"})
    assert imports.record("a.B") == imports.record("a::B") == "B"
    assert imports.record("c.B") == "c::B"
    assert imports.record("c.Own") == "c::Own"
    assert imports.record("i64") == "i64"
    assert imports.items == [RustUse("a.B")]


def test_stand_ins_are_asked_for_once() -> None:
    imports = RustImports()
    for _ in range(2):
        assert imports.record_builtin_base(["ffi.Enum", "ffi.IntEnum"]) == "FfiIntEnumObj"
    assert imports.builtin_mirrors == {"ffi.Enum": "Object", "ffi.IntEnum": "FfiEnumObj"}
    assert imports.items == [RustUse("tvm_ffi::Object")]


# ---- Modules -------------------------------------------------------------------------------------


def test_files_of_a_crate_are_modules(tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").touch()
    for file, module in (
        ("lib.rs", ("crate",)),
        ("main.rs", ("crate",)),
        ("a.rs", ("crate", "a")),
        ("a/mod.rs", ("crate", "a")),
        ("a/type/mod.rs", ("crate", "a", "r#type")),
        ("a/lib.rs", ("crate", "a", "lib")),
    ):
        assert rust_module_path(tmp_path / "src" / file) == module


def test_other_files_are_in_no_module(tmp_path: Path) -> None:
    path = tmp_path.resolve() / "x.rs"
    with pytest.raises(ValueError) as raised:
        rust_module_path(path)
    assert str(raised.value) == f"{path} is in no Cargo crate: no `Cargo.toml` above it"
    (tmp_path / "Cargo.toml").touch()
    path = tmp_path.resolve() / "tests" / "x.rs"
    with pytest.raises(ValueError) as raised:
        rust_module_path(path)
    assert str(raised.value) == (
        f"{path} is not under `{tmp_path.resolve() / 'src'}`, so it is in no module of the crate"
    )


# ---- Directives ----------------------------------------------------------------------------------


def test_directives_are_gathered() -> None:
    directives = Directives()
    for name, payload in (
        ("field", "a.K.f -> crate::T"),
        ("nullable", "a.K.g"),
        ("enum", "a.K.h -> Kind(i32) { A=0, B = -1 }"),
        ("enum", "a.K.i -> Open(u8)"),
        ("opaque", "a.K"),
        ("upcast", "a.K -> T"),
        ("upcast", "a.K -> U"),
        ("custom-new", "a.K"),
    ):
        directives.add(name, payload, 1)
    assert directives == Directives(
        field_types={"a.K.f": "crate::T"},
        nullable={"a.K.g"},
        enums={
            "a.K.h": EnumSpec("Kind", "i32", (("A", 0), ("B", -1))),
            "a.K.i": EnumSpec("Open", "u8", ()),
        },
        opaque={"a.K"},
        upcasts={"a.K": ["T", "U"]},
        custom_new={"a.K"},
    )


@pytest.mark.parametrize(
    ("name", "payload", "form"),
    [
        ("field", "a.f", "<type_key>.<field> -> <RustType>"),
        ("field", "f -> T", "<type_key>.<field>"),
        ("nullable", "f", "<type_key>.<field>"),
        ("nullable", "a.f -> T", "<type_key>.<field>"),
        ("enum", "a.f", "<type_key>.<field> -> Name(i32) { A=0, B=1 }"),
        ("enum", "a.f -> N(i33)", "<type_key>.<field> -> Name(i32) { A=0, B=1 }"),
        ("enum", "a.f -> N(i32) { A }", "<type_key>.<field> -> Name(i32) { A=0, B=1 }"),
        ("upcast", "K", "<type_key> -> <RustType>"),
        ("opaque", "a b", "<type_key>"),
        ("custom-new", "", "<type_key>"),
    ],
)
def test_malformed_directives_say_what_was_expected(name: str, payload: str, form: str) -> None:
    with pytest.raises(ValueError) as raised:
        Directives().add(name, payload, 7)
    assert str(raised.value) == f"Invalid `{name}` directive at line 7. Expected `{form}`"


def test_unknown_directives_are_refused() -> None:
    with pytest.raises(ValueError, match=r"^Unknown directive `x` at line 7$"):
        Directives().add("x", "K", 7)


# ---- What counts for --check ---------------------------------------------------------------------


@pytest.mark.parametrize(
    "lines",
    [
        ["fn f(a: T, b: U) {}"],
        ["use x::y;", "// why", "fn f(", "    a: T,", "    b: U,", ") {}"],
        ["fn f(a: crate::m::T, b: tvm_ffi::U) {}"],
    ],
)
def test_uses_comments_wrapping_and_paths_do_not_count(lines: Any) -> None:
    assert check_tokens(lines) == tuple("fn f ( a : T , b : U ) { }".split())


def test_types_and_names_count() -> None:
    assert check_tokens(["a: T"]) != check_tokens(["a: U"])
    assert check_tokens(["T::new(x)"]) != check_tokens(["new(x)"])
