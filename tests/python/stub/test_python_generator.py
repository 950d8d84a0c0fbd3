# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

from typing import Any

import pytest

from tvm_ffi.core import TypeSchema
from tvm_ffi.stub import consts as C
from tvm_ffi.stub.file_utils import CodeBlock
from tvm_ffi.stub.generator import generator_names, get_generator
from tvm_ffi.stub.python_generator import codegen
from tvm_ffi.stub.python_generator.consts import TY_MAP_DEFAULTS
from tvm_ffi.stub.python_generator.utils import ImportItem, PythonImports
from tvm_ffi.stub.utils import (
    FuncInfo,
    InitConfig,
    InitFieldInfo,
    NamedTypeSchema,
    ObjectInfo,
    Options,
)

INT, STR = TypeSchema("int"), TypeSchema("str")


def array(element: TypeSchema) -> TypeSchema:
    return TypeSchema("Array", (element,))


def func(name: str, result: Any = None, params: Any = None, *, member: bool = False) -> FuncInfo:
    groups = {} if result is None else {"return": (result,)}
    if params is not None:
        groups["params"] = tuple(params)
    schema = TypeSchema("Callable", named_args=groups or None)
    return FuncInfo.from_schema(name, schema, is_member=member)


def init_field(name: str, schema: TypeSchema, kw_only: bool, has_default: bool) -> InitFieldInfo:
    return InitFieldInfo(name, NamedTypeSchema(name, schema), kw_only, has_default)


def block(stub: str, indent: int = 0) -> CodeBlock:
    space = " " * indent
    code = CodeBlock.from_begin_line(1, f"# tvm-ffi-stubgen(begin): {stub}", C.PYTHON_SYNTAX)
    code.lines = [f"{space}{C.PYTHON_SYNTAX.begin} {stub}", "old", f"{space}{C.PYTHON_SYNTAX.end}"]
    return code


def inner(code: CodeBlock) -> list[str]:
    assert C.PYTHON_SYNTAX.begin in code.lines[0] and C.PYTHON_SYNTAX.end in code.lines[-1]
    return code.lines[1:-1]


# ---- Signatures ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("info", "text"),
    [
        (func("a.f", INT, [INT, STR]), "def f(_0: int, _1: str, /) -> int: ..."),
        (func("a.f", INT, []), "def f() -> int: ..."),
        (func("a.f"), "def f(*args: Any) -> Any: ..."),
        (func("a.f", INT), "def f(*args: Any) -> int: ..."),
        (func("m", STR, [INT, INT], member=True), "def m(self, _1: int, /) -> str: ..."),
        (func("m", STR, [INT], member=True), "def m(self, /) -> str: ..."),
    ],
)
def test_functions_are_written_with_positional_parameters(info: FuncInfo, text: str) -> None:
    assert codegen.render_func_signature(info, str, 0) == text
    assert codegen.render_func_signature(info, str, 2) == "  " + text


def test_what_is_no_function_is_refused() -> None:
    with pytest.raises(ValueError, match="Expected Callable type schema"):
        codegen.render_func_signature(FuncInfo.from_schema("x", INT), str, 0)


def test_types_are_written_by_the_maps() -> None:
    info = func("f", array(INT), [array(INT)])
    rendered = codegen.render_func_signature(
        info, lambda name: f"Out{name}", 0, lambda name: f"In{name}"
    )
    assert rendered == "def f(_0: InArray[Inint], /) -> OutArray[Outint]: ..."


def test_methods_of_one_name_are_overloads() -> None:
    methods = [
        func("f", INT, [INT]),
        func("g", INT, [INT], member=True),
        func("f", STR, [STR]),
        func("f", STR, [STR], member=True),
    ]
    info = ObjectInfo([], methods)
    assert info.has_overloaded_methods()
    assert not ObjectInfo([], methods[1:]).has_overloaded_methods()
    assert codegen.render_object_methods(info, str, 0) == [
        "@overload",
        "@staticmethod",
        "def f(_0: int, /) -> int: ...",
        "@overload",
        "@staticmethod",
        "def f(_0: str, /) -> str: ...",
        "def g(self, /) -> int: ...",
        "def f(self, /) -> str: ...",
    ]


@pytest.mark.parametrize(
    ("params", "text"), [([INT], "self, _0: int, /"), ([], "self"), (None, "self, *args: Any")]
)
def test_the_native_constructor_is_an_instance_method(params: Any, text: str) -> None:
    info = ObjectInfo([], [func("__ffi_init__", INT, params)])
    assert codegen.render_object_methods(info, str, 0) == [f"def __ffi_init__({text}) -> None: ..."]


def test_constructors_list_required_fields_first() -> None:
    fields = [
        init_field("a", INT, False, True),
        init_field("b", INT, False, False),
        init_field("c", INT, True, True),
        init_field("d", STR, True, False),
    ]
    info = ObjectInfo([], [], has_init=True, init_fields=fields)
    params = "self, b: int, a: int = ..., *, d: str, c: int = ..."
    assert codegen.render_object_init(info, str, 0) == [f"def __init__({params}) -> None: ..."]
    assert codegen.render_object_ffi_init(info, str, 2) == [
        f"  def __ffi_init__({params}) -> None: ..."
    ]
    info.methods.append(func("__ffi_init__", INT, [INT]))
    assert codegen.render_object_ffi_init(info, str, 0) == []
    assert codegen.render_object_init(ObjectInfo([], []), str, 0) == []


def test_fields_are_annotations() -> None:
    info = ObjectInfo([NamedTypeSchema("f", array(INT)), NamedTypeSchema("g", STR)], [])
    assert codegen.render_object_fields(info, str, 1) == [" f: Array[int]", " g: str"]


def test_what_python_cannot_name_is_left_out() -> None:
    code = block("global/a")
    funcs = [func("a.lambda", INT, []), func("a.b-c", INT, []), func("a.f", INT, [])]
    codegen.generate_python_global_funcs(code, funcs, {}, [], Options())
    assert [line for line in inner(code) if "def " in line] == ["    def f() -> int: ..."]
    info = ObjectInfo(
        [NamedTypeSchema("class", INT), NamedTypeSchema("x", INT)],
        [func("from", INT, [INT], member=True)],
        has_init=True,
        init_fields=[init_field("class", INT, False, False)],
    )
    assert codegen.render_object_fields(info, str, 0) == ["x: int"]
    assert codegen.render_object_methods(info, str, 0) == []
    assert codegen.render_object_init(info, str, 0) == [
        "def __init__(self, *args: Any, **kwargs: Any) -> None: ..."
    ]


# ---- Imports -------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "statement"),
    [
        ("ffi.Object", "from tvm_ffi import Object"),
        ("testing.a.X", "from tvm_ffi.testing.a import X"),
        ("testingfoo.X", "from testingfoo import X"),
        ("ffi2.X", "from ffi2 import X"),
        ("os", "import os"),
    ],
)
def test_imports_use_the_modules_of_known_prefixes(name: str, statement: str) -> None:
    assert str(ImportItem(name)) == statement
    assert str(ImportItem(name, alias="Y")) == f"{statement} as Y"


def test_import_items_are_equal_by_what_they_import() -> None:
    item = ImportItem("ffi.Object", True, "X")
    assert item == ImportItem("tvm_ffi.Object", True, "X") and hash(item) == hash(
        ImportItem("tvm_ffi.Object", True, "X")
    )
    assert item != ImportItem("ffi.Object", False, "X") and item != ImportItem("ffi.Object", True)
    assert (item.full_name, item.name_with_alias) == ("tvm_ffi.Object", "Object as X")


def test_import_object_takes_up_to_three_fields() -> None:
    imports = PythonImports()
    for payload in ("a.B", "a.C;True", "a.D;False;E"):
        imports.add_directive(payload)
    assert imports.items == [
        ImportItem("a.B"),
        ImportItem("a.C", True),
        ImportItem("a.D", False, "E"),
    ]
    assert not imports.has_lib_load
    for payload in ("tvm_ffi.libinfo.load_lib_module;False;x", "a.b;False;_FFI_LOAD_LIB"):
        imports = PythonImports()
        imports.add_directive(payload)
        assert imports.has_lib_load


def test_the_import_section_lists_modules_in_order() -> None:
    code = block("import-section")
    items = [
        ImportItem("b.Y"),
        ImportItem("b.X"),
        ImportItem("b.X"),
        ImportItem("a.Z", alias="W"),
        ImportItem("os"),
        ImportItem("c.T", type_checking_only=True),
    ]
    codegen.generate_python_import_section(code, items, Options())
    assert inner(code) == [
        "# fmt: off",
        "# isort: off",
        "from __future__ import annotations",
        "import os",
        "from a import Z as W",
        "from b import X, Y",
        "from typing import TYPE_CHECKING",
        "if TYPE_CHECKING:",
        "    from c import T",
        "# isort: on",
        "# fmt: on",
    ]


def test_an_import_section_without_imports_stays() -> None:
    code = block("import-section")
    codegen.generate_python_import_section(code, [], Options())
    assert inner(code) == ["old"]


# ---- Blocks --------------------------------------------------------------------------------------


def test_global_blocks_bind_the_prefix() -> None:
    code, imports = block("global/a.b@my.mod", indent=2), []  # type: ignore[var-annotated]
    funcs = [func("a.b.f", array(INT), [TypeSchema("List", (INT,))])]
    codegen.generate_python_global_funcs(code, funcs, dict(TY_MAP_DEFAULTS), imports, Options())
    assert inner(code) == [
        "  # fmt: off",
        '  _FFI_INIT_FUNC("a.b", __name__)',
        "  if TYPE_CHECKING:",
        "      def f(_0: Sequence[int], /) -> Sequence[int]: ...",
        "  # fmt: on",
    ]
    assert set(imports) == {
        ImportItem("my.mod.init_ffi_api", alias="_FFI_INIT_FUNC"),
        ImportItem("typing.TYPE_CHECKING"),
        ImportItem("collections.abc.Sequence", type_checking_only=True),
    }


def test_a_prefix_without_functions_leaves_its_block() -> None:
    code = block("global/a.b")
    codegen.generate_python_global_funcs(code, [], {}, [], Options())
    assert inner(code) == ["old"]


def test_a_type_called_like_a_function_gets_another_name() -> None:
    code, imports = block("global/a"), []  # type: ignore[var-annotated]
    funcs = [func("a.Array", TypeSchema("Object"), [array(INT)]), func("a.Object", INT, [])]
    codegen.generate_python_global_funcs(code, funcs, {"Object": "ffi.Object"}, imports, Options())
    assert "    def Array(_0: Sequence[int], /) -> _Object: ..." in inner(code)
    assert ImportItem("ffi.Object", True, "_Object") in imports


def test_object_blocks_hold_fields_then_methods() -> None:
    fields = [NamedTypeSchema("f", array(INT))]
    methods = [func("m", STR, [TypeSchema("Object")], member=True)]
    info = ObjectInfo(
        fields,
        methods,
        type_key="a.B",
        has_init=True,
        init_fields=[init_field("f", INT, False, False)],
    )
    code, imports = block("object/a.B", indent=4), []  # type: ignore[var-annotated]
    codegen.generate_python_object(code, dict(TY_MAP_DEFAULTS), imports, Options(indent=2), info)
    assert inner(code) == [
        "    # fmt: off",
        "    f: Sequence[int]",
        "    if TYPE_CHECKING:",
        "      def __init__(self, f: int) -> None: ...",
        "      def __ffi_init__(self, f: int) -> None: ...",
        "      def m(self, /) -> str: ...",
        "    # fmt: on",
    ]
    assert ImportItem("typing.TYPE_CHECKING") in imports
    assert ImportItem("typing.overload") not in imports


def test_an_object_block_imports_no_more_than_it_needs() -> None:
    code, imports = block("object/a.B"), []  # type: ignore[var-annotated]
    codegen.generate_python_object(code, {}, imports, Options(), ObjectInfo([], []))
    assert inner(code) == ["# fmt: off", "# fmt: on"] and imports == []
    overloads = [func("m", INT, [INT], member=True)] * 2
    codegen.generate_python_object(code, {}, imports, Options(), ObjectInfo([], overloads))
    assert ImportItem("typing.overload") in imports


@pytest.mark.parametrize(
    ("ty_map", "param", "result"),
    [
        (dict(TY_MAP_DEFAULTS), "Sequence", "MutableSequence"),
        ({**TY_MAP_DEFAULTS, "List": "my.L"}, "L", "L"),
        ({}, "Sequence", "List"),
    ],
)
def test_parameters_take_more_unless_the_user_says(
    ty_map: dict[str, str], param: str, result: str
) -> None:
    code = block("global/a")
    of_int = TypeSchema("List", (INT,))
    codegen.generate_python_global_funcs(
        code, [func("a.f", of_int, [of_int])], ty_map, [], Options()
    )
    assert f"    def f(_0: {param}[int], /) -> {result}[int]: ..." in inner(code)


def test_all_lists_constants_then_classes_then_the_rest() -> None:
    code = block("__all__", indent=4)
    names = {"x.beta", "LIB", "Foo", "alpha", "_p", "x.Bar", "aB", "F_oo"}
    codegen.generate_python_all(code, names, Options())
    expected = ["LIB", "Bar", "Foo", "F_oo", "_p", "aB", "alpha", "beta"]
    assert inner(code) == [f'    "{name}",' for name in expected]
    code = block("__all__")
    codegen.generate_python_all(code, set(), Options())
    assert inner(code) == ["old"]


def test_export_blocks_pass_on_the_names_of_a_submodule() -> None:
    code = block("export/_ffi_api")
    codegen.generate_python_export(code)
    assert inner(code) == [
        "# fmt: off",
        "# isort: off",
        "from ._ffi_api import *  # noqa: F403",
        "from ._ffi_api import __all__ as _ffi_api__all__",
        'if "__all__" not in globals():',
        "    __all__ = []",
        "__all__.extend(_ffi_api__all__)",
        "# isort: on",
        "# fmt: on",
    ]


# ---- Files ---------------------------------------------------------------------------------------

CONFIG = InitConfig("my-pkg", "my_lib", "a")


def api(blocks: list[CodeBlock], objects: list[ObjectInfo], *, is_root: bool = True) -> str:
    return codegen.generate_python_ffi_api(
        blocks, {}, "a.b", objects, CONFIG, is_root, C.PYTHON_SYNTAX
    )


def test_a_new_file_gets_all_sections() -> None:
    base = ObjectInfo([], [], type_key="a.b.Base", parent_type_key="ffi.Object")
    derived = ObjectInfo([], [], type_key="a.b.Derived", parent_type_key="a.b.Base")
    assert api([], [base, derived]) == (
        '"""FFI API bindings for a.b."""\n'
        "\n"
        "# tvm-ffi-stubgen(begin): import-section\n"
        "# tvm-ffi-stubgen(end)\n"
        "# tvm-ffi-stubgen(import-object): "
        "tvm_ffi.libinfo.load_lib_module;False;_FFI_LOAD_LIB\n"
        'LIB = _FFI_LOAD_LIB("my-pkg", "my_lib")\n'
        "# tvm-ffi-stubgen(begin): global/a.b\n"
        "# tvm-ffi-stubgen(end)\n"
        "# tvm-ffi-stubgen(import-object): tvm_ffi.register_object;False;_FFI_REG_OBJ\n"
        "# tvm-ffi-stubgen(import-object): ffi.Object;False;_ffi_Object\n"
        '@_FFI_REG_OBJ("a.b.Base")\n'
        "class Base(_ffi_Object):\n"
        '    """FFI binding for `a.b.Base`."""\n'
        "\n"
        "    # tvm-ffi-stubgen(begin): object/a.b.Base\n"
        "    # tvm-ffi-stubgen(end)\n"
        "\n"
        '@_FFI_REG_OBJ("a.b.Derived")\n'
        "class Derived(Base):\n"
        '    """FFI binding for `a.b.Derived`."""\n'
        "\n"
        "    # tvm-ffi-stubgen(begin): object/a.b.Derived\n"
        "    # tvm-ffi-stubgen(end)\n"
        "\n"
        "\n"
        "__all__ = [\n"
        "    # tvm-ffi-stubgen(begin): __all__\n"
        "    # tvm-ffi-stubgen(end)\n"
        "]\n"
    )


def test_only_the_root_loads_the_library() -> None:
    assert "LIB" in api([], []) and "LIB" not in api([], [], is_root=False)


def test_sections_that_exist_are_not_added_again() -> None:
    present = [
        block("import-section"),
        block("global/a.b"),
        block("__all__"),
        block("object/a.b.B"),
    ]
    info = ObjectInfo([], [], type_key="a.b.B", parent_type_key="ffi.Object")
    assert api(present, [info], is_root=False) == ""


def test_the_entry_file_exports_once() -> None:
    text = codegen.generate_python_init([], "a.b", "_ffi_api", C.PYTHON_SYNTAX)
    assert text == (
        '"""Package a.b."""\n\n# tvm-ffi-stubgen(begin): export/_ffi_api\n# tvm-ffi-stubgen(end)\n'
    )
    present = [block("export/_ffi_api")]
    assert codegen.generate_python_init(present, "a.b", "_ffi_api", C.PYTHON_SYNTAX) == ""


# ---- The generator -------------------------------------------------------------------------------


def test_generators_are_found_by_name() -> None:
    assert "python" in generator_names()
    generator = get_generator("python")
    assert generator.name == "python" and generator.source_exts == {".py", ".pyi"}
    assert generator.directive_kinds == {"import-object"}
    assert (generator.api_filename(), generator.init_filename()) == ("_ffi_api.py", "__init__.py")
    assert generator.default_ty_map() == TY_MAP_DEFAULTS is not generator.default_ty_map()
    assert all(map(generator.is_builtin, C.BUILTIN_TYPE_KEYS)) and not generator.is_builtin("a.B")
    with pytest.raises(ValueError, match=r"^Unknown stubgen generator: 'x'\. Known generators: "):
        get_generator("x")


def test_types_the_file_defines_are_not_imported() -> None:
    generator = get_generator("python")
    imports = generator.new_imports()
    imports.items += [ImportItem("testing.X", True), ImportItem("testing.Y", True)]
    code = block("import-section")
    defined = {generator.canonical_type_name("testing.X")}
    generator.generate_import_section_block(code, imports, Options(), defined)
    assert "    from tvm_ffi.testing import Y" in inner(code)
