# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import sys
from pathlib import Path
from typing import Any, Callable

import pytest

from tvm_ffi.core import TypeSchema
from tvm_ffi.stub import cli
from tvm_ffi.stub import consts as C
from tvm_ffi.stub.file_utils import CodeBlock
from tvm_ffi.stub.generator import generator_names, get_generator
from tvm_ffi.stub.rust_generator import codegen
from tvm_ffi.stub.rust_generator.consts import RUST_TY_MAP_DEFAULTS
from tvm_ffi.stub.rust_generator.utils import RustImports
from tvm_ffi.stub.utils import InitConfig, NamedTypeSchema, ObjectInfo, Options

RUST = get_generator("rust")
INT, STR, ANY = TypeSchema("int"), TypeSchema("str"), TypeSchema("Any")
BOOL, OBJECT = TypeSchema("bool"), TypeSchema("ffi.Object")
HEADER = ObjectInfo([], [], type_key="ffi.Object", total_size=24)
ENUM = ObjectInfo([], [], type_key="ffi.Enum", parent_type_key="ffi.Object", total_size=48)
ENUM.ancestors.append("ffi.Object")


def optional(schema: TypeSchema) -> TypeSchema:
    return TypeSchema("Optional", (schema,))


def fields(start: int, *described: tuple[str, TypeSchema, int]) -> list[NamedTypeSchema]:
    laid_out, cursor = [], start
    for name, schema, size in described:
        alignment = min(size, 8)
        offset = (cursor + alignment - 1) // alignment * alignment
        laid_out.append(
            NamedTypeSchema(name, schema, size=size, alignment=alignment, offset=offset)
        )
        cursor = offset + size
    return laid_out


class World:
    """Types that do not exist, and a crate whose files ask for them."""

    def __init__(self) -> None:
        self.infos: dict[str, ObjectInfo] = {"ffi.Object": HEADER, "ffi.Enum": ENUM}
        self.declared: dict[str, tuple[str, ...]] = {}
        self.ty_map = dict(RUST_TY_MAP_DEFAULTS)
        self.imports = RustImports()

    def add(
        self,
        key: str,
        *described: tuple[str, TypeSchema, int],
        parent: str = "ffi.Object",
        final: bool | None = None,
        hidden: int = 0,
        module: tuple[str, ...] | None = ("crate", "m"),
    ) -> None:
        above = self.infos[parent]
        start = above.total_size or 24
        own = fields(start, *described)
        end = max([start, *((part.offset or 0) + (part.size or 0) for part in own)])
        self.infos[key] = ObjectInfo(
            own,
            [],
            type_key=key,
            parent_type_key=parent,
            ancestors=[*above.ancestors, parent],
            total_size=(end + 7) // 8 * 8 + hidden,
            is_final=final,
        )
        if module is not None:
            self.declared[key] = module

    def direct(self, name: str, payload: str) -> None:
        self.imports.directives.add(name, payload, 1)

    def render(self, key: str, indent: str = "") -> str:
        stub = f"{indent}// tvm-ffi-stubgen(begin): object/{key}"
        code = CodeBlock("object", key, 5, 6, [stub, f"{indent}// tvm-ffi-stubgen(end)"])
        codegen.generate_rust_object(
            code, self.ty_map, self.imports, Options(), self.infos[key], self.declared
        )
        assert code.lines[0] == stub
        return "".join(f"{line}\n" for line in code.lines[1:-1])

    def uses(self) -> list[str]:
        return sorted(item.path for item in self.imports.items)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()
    monkeypatch.setattr(codegen, "object_info_from_type_key", made.infos.__getitem__)
    return made


# ---- Complete types ------------------------------------------------------------------------------

FINAL = """\
/// Complete: reflected fields fill [24, 48) exactly.
#[repr(C)]
#[derive(tvm_ffi::derive::Object)]
#[type_key = "a.P"]
#[type_final]
pub struct PObj {
    base: Object,
    pub x: i64,
    pub name: String,
}

const _: () = {
    assert!(::core::mem::size_of::<PObj>() == 48);
    assert!(::core::mem::align_of::<PObj>() == 8);
};

#[repr(C)]
#[derive(tvm_ffi::derive::ObjectRef, Clone)]
pub struct P {
    base: ObjectArc<PObj>,
}

impl Deref for P {
    type Target = PObj;
    fn deref(&self) -> &PObj {
        &self.base
    }
}

impl PObj {
    pub(crate) fn new(x: i64, name: String) -> Self {
        let base = Object::new();
        Self { base, x, name }
    }
}

impl P {
    /// Lossless complete-field allocation.
    pub fn new(x: i64, name: impl Into<String>) -> Self {
        let obj = PObj::new(x, name.into());
        Self { base: ObjectArc::new(obj) }
    }
}
"""


def test_a_final_type_is_held_by_value(world: World) -> None:
    world.add("a.P", ("x", INT, 8), ("name", STR, 16), final=True)
    assert world.render("a.P") == FINAL
    assert world.uses() == [
        "std::ops::Deref",
        "tvm_ffi::Object",
        "tvm_ffi::ObjectArc",
        "tvm_ffi::String",
    ]


def test_blocks_are_indented_as_their_marker(world: World) -> None:
    world.add("a.P", ("x", INT, 8), ("name", STR, 16), final=True)
    expected = "".join(f"    {line}\n" if line else "\n" for line in FINAL.splitlines())
    assert world.render("a.P", "    ") == expected


DERIVED = """\
impl Deref for DObj {
    type Target = BObj;
    fn deref(&self) -> &BObj {
        &self.base
    }
}

impl DObj {
    pub fn new(x: i64, flag: bool, any: Any, maybe: Option<ObjectRef>) -> Self {
        let base = BObj::new(x);
        Self { base, flag, any, maybe }
    }
}

impl D {
    /// Lossless complete-field allocation.
    pub fn new(
        x: i64,
        flag: bool,
        any: impl Into<Any>,
        maybe: impl Into<Option<ObjectRef>>,
    ) -> Self {
        let obj = DObj::new(x, flag, any.into(), maybe.into());
        Self { base: ObjectArc::new(obj) }
    }
}

impl ShallowCopy for DObj {
    fn shallow_copy(&self) -> Self {
        Self {
            base: ShallowCopy::shallow_copy(&self.base),
            flag: Clone::clone(&self.flag),
            any: Clone::clone(&self.any),
            maybe: Clone::clone(&self.maybe),
        }
    }
}

unsafe impl UnsafeInit for DObj {
    unsafe fn drop_defined_fields(this: *mut Self) {
        unsafe {
            UnsafeInit::drop_defined_fields(addr_of_mut!((*this).base));
            drop_if_defined(addr_of_mut!((*this).flag));
            drop_in_place(addr_of_mut!((*this).any));
            drop_if_defined(addr_of_mut!((*this).maybe));
        }
    }
}

tvm_ffi::impl_object_upcast!(D => B);
"""


def test_a_derived_type_builds_on_its_parent(world: World) -> None:
    world.add("a.B", ("x", INT, 8))
    world.add(
        "a.D", ("flag", BOOL, 1), ("any", ANY, 16), ("maybe", optional(OBJECT), 8), parent="a.B"
    )
    text = world.render("a.D")
    assert text[text.index("impl Deref for DObj") :] == DERIVED
    assert "    base: BObj,\n" in text
    assert "fill [32, 64) exactly (alignment padding [33, 40))." in text
    for path in ("std::ptr::addr_of_mut", "std::ptr::drop_in_place", "tvm_ffi::ShallowCopy"):
        assert path in world.uses()
    assert "tvm_ffi::Object" not in world.uses()


def test_scalars_are_as_wide_as_their_fields(world: World) -> None:
    sized = [(f"i{size}", INT, size) for size in (1, 2, 4, 8)]
    world.add("a.S", *sized, ("f4", TypeSchema("float"), 4), ("f8", TypeSchema("float"), 8))
    text = world.render("a.S")
    for member in ("i1: i8", "i2: i16", "i4: i32", "i8: i64", "f4: f32", "f8: f64"):
        assert f"    pub {member},\n" in text


def test_optional_values_are_cells_and_optional_objects_pointers(world: World) -> None:
    world.add("a.O", ("cell", optional(INT), 16), ("pointer", optional(OBJECT), 8))
    text = world.render("a.O")
    assert "    pub cell: Optional<i64>,\n    pub pointer: Option<ObjectRef>,\n" in text
    assert "drop_in_place(addr_of_mut!((*this).cell));" in text
    assert "tvm_ffi::Optional" in world.uses()


def test_long_lines_are_broken_as_rustfmt_does(world: World) -> None:
    names = [f"quite_a_long_field_name_{i}" for i in range(4)]
    world.add("a.Base", *((name, INT, 8) for name in names))
    world.add("a.VeryLongNameOfADerivedType", ("last", INT, 8), parent="a.Base")
    text = world.render("a.VeryLongNameOfADerivedType")
    params = "".join(f"        {name}: i64,\n" for name in [*names, "last"])
    assert f"    pub fn new(\n{params}    ) -> Self {{\n" in text
    arguments = "".join(f"            {name},\n" for name in names)
    assert f"        let base = BaseObj::new(\n{arguments}        );\n" in text


def test_a_call_moves_to_the_next_line_if_it_fits_there(world: World) -> None:
    names = [f"argument_num_{i}" for i in range(4)]
    world.add("a.TypeWithAName", *((name, INT, 8) for name in names))
    assert (
        f"        let obj =\n            TypeWithANameObj::new({', '.join(names)});\n"
    ) in world.render("a.TypeWithAName")


def test_names_that_are_not_snake_case_are_allowed(world: World) -> None:
    world.add("a.N", ("camelCase", INT, 8))
    text = world.render("a.N")
    assert "#[allow(non_snake_case)]\n#[repr(C)]\n#[derive(tvm_ffi::derive::Object)]" in text
    assert text.count("    #[allow(non_snake_case)]\n    pub fn new(camelCase: i64)") == 2


def test_what_derives_from_hand_written_types_is_not_extended(world: World) -> None:
    world.add("h.Hand", ("x", INT, 8), module=None)
    world.ty_map["h.Hand"] = "crate::hand::Hand"
    world.add("a.D", ("y", INT, 8), parent="h.Hand")
    text = world.render("a.D")
    assert "    base: HandObj,\n" in text and "ShallowCopy" not in text
    assert "impl Deref for DObj {\n    type Target = HandObj;" in text
    assert "tvm_ffi::impl_object_upcast!(D => Hand);" in text
    assert {"crate::hand::Hand", "crate::hand::HandObj"} <= set(world.uses())


def test_a_target_in_the_files_own_module_is_not_imported(world: World) -> None:
    world.add("h.Hand", module=None)
    world.ty_map["h.Hand"] = "crate::m::Hand"
    world.add("a.D", ("y", TypeSchema("h.Hand"), 8))
    assert "    pub y: Hand,\n" in world.render("a.D")
    assert not any("Hand" in path for path in world.uses())


def test_types_are_named_by_the_module_of_their_block(world: World) -> None:
    world.add("x.Near")
    world.add("y.Far", module=("crate", "other"))
    world.add("a.D", ("near", TypeSchema("x.Near"), 8), ("far", TypeSchema("y.Far"), 8))
    assert "    pub near: Near,\n    pub far: Far,\n" in world.render("a.D")
    assert "crate::other::Far" in world.uses() and "crate::m::Near" not in world.uses()


# ---- Opaque types --------------------------------------------------------------------------------

OPAQUE = """\
/// Opaque: bytes [40, 48) of [24, 48) are not accounted for by reflected fields. \
Fields are read through the C ABI getters.
#[repr(C)]
#[derive(tvm_ffi::derive::Object)]
#[type_key = "a.Q"]
pub struct QObj {
    base: Object,
}

#[repr(C)]
#[derive(tvm_ffi::derive::ObjectRef, Clone)]
pub struct Q {
    base: ObjectArc<QObj>,
}

impl Deref for Q {
    type Target = QObj;
    fn deref(&self) -> &QObj {
        &self.base
    }
}

impl QObj {
    pub fn small(&self) -> Result<i64> {
        FieldGetter::new(Self::type_index(), "small")?.get(self)
    }

    pub fn r#type(&self) -> Result<Option<ObjectRef>> {
        FieldGetter::new(Self::type_index(), "type")?.get(self)
    }
}
"""


def test_an_opaque_type_has_getters_and_no_allocator(world: World) -> None:
    world.add("a.Q", ("small", INT, 4), ("type", optional(OBJECT), 8), hidden=8)
    assert world.render("a.Q") == OPAQUE
    assert {"tvm_ffi::FieldGetter", "tvm_ffi::ObjectCore", "tvm_ffi::Result"} <= set(world.uses())


def test_getters_of_what_has_no_type_return_any(world: World) -> None:
    union = TypeSchema("Union", (INT, STR))
    world.add("a.Q", ("either", union, 16), ("anything", ANY, 16))
    text = world.render("a.Q")
    assert "Opaque: field 'either' (int | str) has no native mirror." in text
    for name in ("either", "anything"):
        assert (
            f"    pub fn {name}(&self) -> Result<Any> {{\n"
            f'        FieldGetter::new(Self::type_index(), "{name}")?.get_any(self)\n'
        ) in text


def test_an_opaque_type_without_fields_has_no_getters(world: World) -> None:
    world.add("a.Q", hidden=8)
    assert "impl QObj" not in world.render("a.Q")


def test_what_derives_from_a_type_of_the_crate_stands_on_a_stand_in(world: World) -> None:
    world.add("a.E", parent="ffi.Enum", final=True)
    text = world.render("a.E")
    assert "/// Opaque: parent 'ffi.Enum' is opaque (no-mirror)." in text
    assert "    base: FfiEnumObj,\n" in text and "upcast" not in text
    code = CodeBlock("import-section", "", 1, 2, ["// begin", "// end"])
    codegen.generate_rust_import_section(code, world.imports, Options(), set())
    assert code.lines[1:-1] == [
        "use std::ops::Deref;",
        "use tvm_ffi::Object;",
        "use tvm_ffi::ObjectArc;",
        "",
        "/// Header-only stand-in for the builtin `ffi.Enum`; it only carries the ancestor depth.",
        "#[allow(dead_code)]",
        "#[repr(C)]",
        "#[derive(tvm_ffi::derive::Object)]",
        '#[type_key = "ffi.Enum"]',
        "struct FfiEnumObj {",
        "    base: Object,",
        "}",
    ]


# ---- Directives ----------------------------------------------------------------------------------

KIND = """\
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
#[repr(transparent)]
pub struct Kind(i32);

#[allow(non_upper_case_globals)]
impl Kind {
    pub const A: Self = Self(0);
    pub const B: Self = Self(-1);
    pub const fn from_raw(value: i32) -> Self {
        Self(value)
    }
    pub const fn as_raw(self) -> i32 {
        self.0
    }
}

impl TryFrom<i64> for Kind {
    type Error = Error;
    fn try_from(value: i64) -> Result<Self> {
        i32::try_from(value).map(Self).map_err(|_| {
            Error::new(VALUE_ERROR, &format!("Kind value {value} does not fit i32"), "")
        })
    }
}

"""


def test_an_enum_field_is_an_open_newtype(world: World) -> None:
    world.add("a.K", ("kind", INT, 4))
    world.direct("enum", "a.K.kind -> Kind(i32) { A=0, B=-1 }")
    text = world.render("a.K")
    assert text.startswith(KIND) and "    pub kind: Kind,\n" in text
    assert "(*this).kind" not in text
    assert "pub fn new(kind: impl Into<Kind>) -> Self {" in text
    world.infos["a.K"].total_size = 48
    assert (
        '        let raw: i64 = FieldGetter::new(Self::type_index(), "kind")?.get(self)?;\n'
        "        Kind::try_from(raw)\n"
    ) in world.render("a.K")


def test_directives_change_types_and_names(world: World) -> None:
    world.add("a.B", ("x", OBJECT, 8), ("y", OBJECT, 8))
    world.add("a.D", parent="a.B")
    world.direct("field", "a.B.x -> crate::t::Special")
    world.direct("nullable", "a.B.y")
    world.direct("field", "a.D.x -> crate::t::Narrow")
    world.direct("upcast", "a.D -> crate::t::Up")
    world.direct("custom-new", "a.D")
    base = world.render("a.B")
    assert "    pub x: Special,\n    pub y: Option<ObjectRef>,\n" in base
    assert "drop_if_defined(addr_of_mut!((*this).x));" in base
    text = world.render("a.D")
    assert "    pub fn new(x: Narrow, y: Option<ObjectRef>) -> Self {\n" in text
    assert "        let base = BObj::new(x.into(), y);\n" in text
    assert "    pub fn from_fields(x: impl Into<Narrow>" in text
    assert "tvm_ffi::impl_object_upcast!(D => B, D => Up);" in text


def test_opaque_vetoes_a_known_layout(world: World) -> None:
    world.add("a.P", ("x", INT, 8))
    world.direct("opaque", "a.P")
    text = world.render("a.P")
    assert "/// Opaque: vetoed by directive although the layout is reproducible." in text
    assert "    pub fn x(&self) -> Result<i64> {" in text


@pytest.mark.parametrize(
    ("name", "payload", "message"),
    [
        ("field", "a.P.x -> i64", "Directive on `a.P.x` maps a 4-byte field to `i64` (8 bytes)"),
        ("enum", "a.P.x -> E(u8)", "Directive on `a.P.x` maps a 4-byte field to `u8` (1 bytes)"),
        (
            "nullable",
            "a.P.x",
            "`nullable` directive on `a.P.x`: the field is 4 bytes, not a pointer-sized object "
            "reference",
        ),
    ],
)
def test_directives_that_do_not_fit_are_refused(
    world: World, name: str, payload: str, message: str
) -> None:
    world.add("a.P", ("x", INT, 4))
    world.direct(name, payload)
    with pytest.raises(ValueError) as raised:
        world.render("a.P")
    assert str(raised.value) == message


def test_types_that_come_from_nowhere_fail_the_block(world: World) -> None:
    world.add("b.Y", module=None)
    world.add("a.D", ("x", TypeSchema("Array", (TypeSchema("a.X"),)), 8), parent="b.Y")
    with pytest.raises(ValueError) as raised:
        world.render("a.D")
    assert str(raised.value) == (
        "`a.D` (line 5) depends on `a.X`, `b.Y`, which this run does not ask for: add an "
        "`object/<key>` block or a `ty-map` directive for each"
    )


# ---- Files ---------------------------------------------------------------------------------------


def block(stub: str, *inner: str) -> CodeBlock:
    code = CodeBlock.from_begin_line(1, f"{C.RUST_SYNTAX.begin} {stub}", C.RUST_SYNTAX)
    code.lines = [f"{C.RUST_SYNTAX.begin} {stub}", *inner, C.RUST_SYNTAX.end]
    return code


def test_a_new_file_gets_all_blocks() -> None:
    info = ObjectInfo([], [], type_key="a.B")
    config = InitConfig("pkg", "lib", "a")
    text = codegen.generate_rust_api_file([], {}, "a", [info], config, True, C.RUST_SYNTAX)
    assert text == (
        "#![allow(dead_code, unused_imports)]\n"
        "\n"
        "//! FFI bindings for `a` (generated by tvm-ffi-stubgen).\n"
        "\n"
        "// tvm-ffi-stubgen(begin): import-section\n"
        "// tvm-ffi-stubgen(end)\n"
        "\n"
        "// tvm-ffi-stubgen(begin): object/a.B\n"
        "// tvm-ffi-stubgen(end)\n"
        "\n"
    )
    present = [block("import-section"), block("object/a.B")]
    assert (
        codegen.generate_rust_api_file(present, {}, "a", [info], config, True, C.RUST_SYNTAX) == ""
    )


def test_modules_are_declared_in_the_directories_above(tmp_path: Path) -> None:
    (tmp_path / "mod.rs").write_text("//! Mine.\n")
    for _ in range(2):
        codegen.finalize_rust_module_tree(tmp_path, {"a.b", "a.type", "c"})
    assert (tmp_path / "mod.rs").read_text() == "//! Mine.\n\npub mod a;\npub mod c;\n"
    assert (tmp_path / "a" / "mod.rs").read_text() == "pub mod b;\npub mod r#type;\n"


def test_the_generator_describes_itself() -> None:
    assert generator_names() == ["python", "rust"]
    assert RUST.name == "rust" and RUST.syntax == C.RUST_SYNTAX and RUST.source_exts == {".rs"}
    assert RUST.directive_kinds == {
        "import-object",
        "field",
        "nullable",
        "enum",
        "opaque",
        "upcast",
        "custom-new",
    }
    assert RUST.api_filename() == RUST.init_filename() == "mod.rs"
    assert RUST.is_builtin("ffi.Anything") and not RUST.is_builtin("ffi2.X")
    assert RUST.default_ty_map() == RUST_TY_MAP_DEFAULTS
    assert RUST.generate_init_file([], "a", "mod") == ""
    assert RUST.extra_export_names(RUST.new_imports()) == set()
    with pytest.raises(ValueError, match=r"Known generators: python, rust$"):
        get_generator("x")


def test_import_object_takes_the_first_field() -> None:
    imports = RUST.new_imports()
    RUST.add_directive(imports, "import-object", "a.B;False;C", 1)
    code = block("import-section")
    RUST.generate_import_section_block(code, imports, Options(), set())
    assert code.lines[1:-1] == ["use a::B;"]


def test_check_compares_definitions_only() -> None:
    view = RUST.check_view([block("object/a.B", "struct B;"), block("import-section", "use a;")])
    same = RUST.check_view([block("object/a.B", "// new", "struct B;"), block("global/a", "x")])
    assert view == same
    assert view != RUST.check_view([block("object/a.B", "struct C;")])
    assert view != RUST.check_view([])


# ---- The command ---------------------------------------------------------------------------------


@pytest.fixture
def stubgen(monkeypatch: pytest.MonkeyPatch) -> Callable[..., int]:
    def run(*arguments: Any) -> int:
        monkeypatch.setattr(sys, "argv", ["x", "--target", "rust", *map(str, arguments)])
        return cli.__main__()

    return run


def test_a_prefix_is_rolled_out(stubgen: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").touch()
    (tmp_path / "src").mkdir()
    path = tmp_path / "src" / "lib.rs"
    path.write_text("// tvm-ffi-stubgen(prefix): testing\n")
    assert stubgen("--check", tmp_path) == 1
    assert stubgen(tmp_path) == 0
    text = path.read_text()
    assert "use tvm_ffi::ObjectArc;\n" in text
    assert "pub struct TestIntPairObj {\n    base: Object,\n    pub a: i64,\n" in text
    assert "struct FfiEnumObj {" in text
    assert stubgen("--check", tmp_path) == 0
    path.write_text(text.replace("use tvm_ffi::ObjectArc;\n", "// by hand\n"))
    assert stubgen("--check", tmp_path) == 0
    path.write_text(text.replace("pub a: i64", "pub a: i32"))
    assert stubgen("--check", tmp_path) == 1


def test_files_outside_a_crate_fail(
    stubgen: Callable[..., int], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "x.rs"
    path.write_text(
        "// tvm-ffi-stubgen(begin): object/testing.TestIntPair\n// tvm-ffi-stubgen(end)\n"
    )
    assert stubgen(path) == 2
    assert "is in no Cargo crate: no `Cargo.toml` above it" in capsys.readouterr().out


def test_missing_files_are_made_and_declared(stubgen: Callable[..., int], tmp_path: Path) -> None:
    (tmp_path / "Cargo.toml").touch()
    source = tmp_path / "src"
    source.mkdir()
    init = ("--init-pypkg", "p", "--init-lib", "l", "--init-prefix", "testing")
    assert stubgen(source, *init) == 0
    assert (source / "mod.rs").read_text() == "pub mod testing;\n"
    text = (source / "testing" / "mod.rs").read_text()
    assert text.startswith("#![allow(dead_code, unused_imports)]\n")
    assert "impl Deref for TestObjectDerivedObj {\n    type Target = TestObjectBaseObj;" in text
