# SPDX-License-Identifier: Apache-2.0
"""`gen_abi_cpp`: the text of headers, and that C++ reads live objects through them."""

import ctypes
import re
import shutil
import sys
import textwrap
from typing import Any, Callable, Dict, List, Optional, Tuple, Union

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.dataclasses import Object, gen_abi_cpp, py_class
from tvm_ffi.dataclasses.gen_abi_cpp import _Generator


@py_class("test_abi.shapes.Point")
class Point(Object):
    x: int
    on: bool
    y: float


@py_class("test_abi.Circle")
class Circle(Point):
    radius: float
    center: Point
    next: "Optional[Circle]" = None


HEAD = """\
    #pragma once

    #include <tvm/ffi/tvm_ffi.h>

"""
MIDDLE = """\
    static_assert(sizeof(::tvm::ffi::Object) == 24);
    static_assert(alignof(::tvm::ffi::Object) == 8);

    #if defined(__clang__) || defined(__GNUC__)
    #pragma GCC diagnostic push
    #pragma GCC diagnostic ignored "-Winvalid-offsetof"
    #elif defined(_MSC_VER)
    #pragma warning(push)
    #pragma warning(disable : 4749)
    #endif

"""
FOOT = """\
    #if defined(__clang__) || defined(__GNUC__)
    #pragma GCC diagnostic pop
    #elif defined(_MSC_VER)
    #pragma warning(pop)
    #endif
"""


def members_of(text):
    """Return what the views declare: type and comment by member."""
    found = re.findall(r"^  (.*) (\w+);  // (.*)$", text, re.MULTILINE)
    return {name: (cpp_type, comment) for cpp_type, name, comment in found}


def types_of(annotations, new_key):
    key = new_key()
    cls = py_class(key, init=False)(type("Lowered", (Object,), {"__annotations__": annotations}))
    text = gen_abi_cpp(cls.__tvm_ffi_type_info__.type_key)
    return {name: cpp_type for name, (cpp_type, _) in members_of(text).items()}


# ---- The text ------------------------------------------------------------------------------------


def test_text_of_a_class_with_a_dependency():
    @py_class("test_abi.Holder")
    class Holder(Object):
        point: Point

    expected = (
        HEAD
        + """\
    namespace test_abi {

    struct HolderObj;

    }  // namespace test_abi

    namespace test_abi {
    namespace shapes {

    struct PointObj;

    }  // namespace shapes
    }  // namespace test_abi

    template <>
    inline constexpr bool tvm::ffi::is_object_subclass_v<::test_abi::HolderObj> = true;
    template <>
    inline constexpr bool tvm::ffi::is_object_subclass_v<::test_abi::shapes::PointObj> = true;

    namespace test_abi {
    namespace shapes {

    struct PointObj : public ::tvm::ffi::Object {
      TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test_abi.shapes.Point", 1);
    };

    }  // namespace shapes
    }  // namespace test_abi

"""
        + MIDDLE
        + """\
    namespace test_abi {

    struct alignas(8) HolderObj : public ::tvm::ffi::Object {
      TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test_abi.Holder", 1);

      ::tvm::ffi::Arc<::test_abi::shapes::PointObj> point;  // offset=24, size=8, align=8
    };

    static_assert(sizeof(HolderObj) == 32);
    static_assert(alignof(HolderObj) == 8);
    static_assert(sizeof(decltype(HolderObj::point)) == 8);
    static_assert(alignof(decltype(HolderObj::point)) == 8);
    static_assert(offsetof(HolderObj, point) == 24);

    }  // namespace test_abi

"""
        + FOOT
    )
    assert gen_abi_cpp("test_abi.Holder") == textwrap.dedent(expected)


def test_text_without_classes():
    expected = textwrap.dedent(HEAD + "\n" + MIDDLE + FOOT)
    assert gen_abi_cpp([]) == expected
    assert gen_abi_cpp(["ffi.String", "ffi.Object"]) == expected


def test_ancestors_come_along_before_their_children():
    text = gen_abi_cpp("test_abi.Circle")
    parent = text.index("struct alignas(8) PointObj : public ::tvm::ffi::Object {")
    child = text.index("struct alignas(8) CircleObj : public ::test_abi::shapes::PointObj {")
    assert parent < child
    assert members_of(text)["on"] == ("bool", "offset=32, size=1, align=1")
    assert 'TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test_abi.Circle", 2);' in text


def test_classes_of_one_namespace_share_it():
    @py_class("test_abi.one.A")
    class A(Object):
        pass

    @py_class("test_abi.one.B")
    class B(Object):
        pass

    text = gen_abi_cpp("test_abi.one.*")
    assert "struct AObj;\n\nstruct BObj;\n\n}  // namespace one\n}  // namespace test_abi\n" in text
    assert text.count("namespace one {") == 2  # declarations, classes
    assert 'TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test_abi.one.A", 1);\n};\n' in text


def test_the_order_of_selectors_does_not_matter():
    keys = ["test_abi.Circle", "test_abi.shapes.Point"]
    assert gen_abi_cpp(keys) == gen_abi_cpp(keys[::-1]) == gen_abi_cpp([*keys, "test_abi.C*rcle"])


def test_extra_headers_are_included_where_their_types_occur(new_key):
    for annotation in (tvm_ffi.Module, List[Optional[tvm_ffi.Module]]):
        cls = py_class(new_key())(type("Held", (Object,), {"__annotations__": {"m": annotation}}))
        text = gen_abi_cpp(cls.__tvm_ffi_type_info__.type_key)
        assert "ffi.h>\n#include <tvm/ffi/extra/module.h>\n\n" in text
    assert "extra/" not in gen_abi_cpp("test_abi.Circle")


# ---- Names ---------------------------------------------------------------------------------------


def test_names_that_are_no_identifiers_are_escaped():
    @py_class("test_abi.ΔNode", init=False)
    class Node(Object):
        __annotations__ = {"é": int, "a-b": int, "__ffi_escape_x": int, "class": int, "ok": int}

    text = gen_abi_cpp("test_abi.ΔNode")
    assert "struct __ffi_escape_ce944e6f6465Obj;" in text
    assert 'INFO_LOOKUP("test_abi.\\316\\224Node", 1);' in text
    members = members_of(text)
    assert list(members) == [
        "__ffi_escape_c3a9",
        "__ffi_escape_612d62",
        "__ffi_escape_" + b"__ffi_escape_x".hex(),
        "__ffi_escape_" + b"class".hex(),
        "ok",
    ]
    assert members["__ffi_escape_c3a9"][1].endswith(", reflected name='é'")
    assert members["ok"][1] == "offset=56, size=8, align=8"


def test_keys_are_escaped_in_literals():
    @py_class('test_abi."\\\n.Z')
    class Quoted(Object):
        pass

    text = gen_abi_cpp('test_abi."\\\n.Z')
    assert '_LOOKUP("test_abi.\\"\\\\\\012.Z", 1);' in text
    assert "namespace __ffi_escape_225c0a {" in text


def test_keys_without_namespace():
    @py_class("TestAbiTop")
    class Top(Object):
        pass

    text = gen_abi_cpp("TestAbiTop")
    assert "\nstruct TestAbiTopObj;\n\ntemplate <>\n" in text
    assert "namespace" not in text.replace("// namespace", "")


# ---- Selection -----------------------------------------------------------------------------------


@pytest.mark.parametrize("selector", ["test_abi.nothing", "test_abi.nothing*", "TEST_ABI.*"])
def test_selectors_must_match(selector):
    with pytest.raises(
        ValueError, match=r"Type-key selector '.*' did not match any registered type"
    ):
        gen_abi_cpp(selector)


def test_selectors_must_match_objects():
    with pytest.raises(ValueError, match="'int' did not match any registered object type"):
        gen_abi_cpp(["test_abi.*", "int"])


@pytest.mark.parametrize("key", ["ffi.OpaquePyObject", "ffi.BigInt"])
def test_built_in_types_without_wrapper_are_refused(key):
    with pytest.raises(ValueError, match=f"Static TVM-FFI type '{key}' is not supported"):
        gen_abi_cpp(key)


def test_native_types_without_size_are_refused():
    with pytest.raises(
        ValueError, match="TestFrozenCxx' does not expose fixed total-size metadata"
    ):
        gen_abi_cpp("testing.TestFrozenCxx")


# ---- Field types ---------------------------------------------------------------------------------


def test_types_of_fields_of_python_classes(new_key):
    ffi = "::tvm::ffi::"
    circle = "::test_abi::CircleObj"
    cases = {
        "i": (int, "int64_t"),
        "f": (float, "double"),
        "b": (bool, "bool"),
        "p": (ctypes.c_void_p, "void*"),
        "dt": (tvm_ffi.dtype, "DLDataType"),
        "dv": (tvm_ffi.Device, "DLDevice"),
        "a": (Any, f"{ffi}Any"),
        "s": (str, f"{ffi}String"),
        "y": (bytes, f"{ffi}Bytes"),
        "c": (Callable[[int], int], f"{ffi}Function"),
        "t": (tvm_ffi.Tensor, f"{ffi}Tensor"),
        "o": (Object, f"{ffi}Arc<{ffi}Object>"),
        "m": (tvm_ffi.Module, f"{ffi}Arc<{ffi}ModuleObj>"),
        "e": (core.Error, f"{ffi}Arc<{ffi}ErrorObj>"),
        "ci": (Circle, f"{ffi}Arc<{circle}>"),
        "arr": (tvm_ffi.Array[int], f"{ffi}Array<int64_t>"),
        "lst": (List[List[str]], f"{ffi}List<{ffi}List<{ffi}String>>"),
        "map": (tvm_ffi.Map[str, float], f"{ffi}Map<{ffi}String, double>"),
        "dct": (Dict[str, Circle], f"{ffi}Dict<{ffi}String, {ffi}Arc<{circle}>>"),
        "tup": (Tuple[int, Any], f"{ffi}Tuple<int64_t, {ffi}Any>"),
        "emp": (Tuple[()], f"{ffi}Tuple<>"),
        "bar": (tuple, f"{ffi}Array<{ffi}Any>"),
        "oi": (Optional[int], f"{ffi}Any"),
        "oc": (Optional[Circle], f"{ffi}Any"),
        "u": (Union[int, str], f"{ffi}Any"),
        "lo": (List[Optional[Circle]], f"{ffi}List<{ffi}ObjectPtr<{circle}>>"),
        "la": (List[Optional[List[int]]], f"{ffi}List<{ffi}ObjectPtr<{ffi}ListObj>>"),
        "li": (List[Optional[int]], f"{ffi}List<{ffi}Any>"),
        "ls": (List[Optional[str]], f"{ffi}List<{ffi}Any>"),
        "lu": (List[Union[Circle, Point]], f"{ffi}List<{ffi}Arc<{ffi}Object>>"),
        "lx": (List[Union[Circle, int]], f"{ffi}List<{ffi}Any>"),
    }
    lowered = types_of({name: annotation for name, (annotation, _) in cases.items()}, new_key)
    assert lowered == {name: cpp_type for name, (_, cpp_type) in cases.items()}


def test_types_of_native_fields():
    members = members_of(gen_abi_cpp(["testing.TestObjectPtrHolder", "testing.TestDeepCopyEdges"]))
    base = "::testing::TestObjectBaseObj"
    assert members["value"][0] == f"::tvm::ffi::Arc<{base}>"
    assert members["optional_value"][0] == f"::tvm::ffi::ObjectPtr<{base}>"
    assert members["v_any"][0] == "::tvm::ffi::Any"
    assert members["v_obj"][0] == "::tvm::ffi::Arc<::tvm::ffi::Object>"


def test_second_names_of_inherited_fields_are_left_out():
    assert list(members_of(gen_abi_cpp("testing.TestCxxIntEnum"))) == ["_int_index", "_str_index"]


def test_native_optionals_without_a_known_layout_are_refused():
    text = r"Ambiguous native Optional carrier for testing\.SchemaAllTypes\.v_opt_int with layout "
    with pytest.raises(ValueError, match=text + re.escape("(16, 8)")):
        gen_abi_cpp("testing.SchemaAllTypes")


def test_native_fields_of_other_layouts_are_refused():
    with pytest.raises(
        ValueError, match=r"Carrier int64_t for testing\.TestCxxClassBase\.v_i32 has"
    ):
        gen_abi_cpp("testing.TestCxxClassBase")


def native_field(schema, size, static_index=64):
    metadata = {} if schema is None else {"type_schema": schema}
    ty = None if schema is None else core.TypeSchema.from_json_str(schema)
    return core.TypeField(
        "f", None, size, 8, 24, static_index, True, metadata, getter=None, setter=None, ty=ty
    )


def lower(schema, size, static_index=64):
    owner = core._lookup_or_register_type_info_from_type_key("testing.TestIntPair")
    made = _Generator([])._lower_field(native_field(schema, size, static_index), owner)
    assert (made.size, made.alignment) == (size, 8)
    return made.cpp_type


@pytest.mark.parametrize(
    ("schema", "size", "expected"),
    [
        ('{"type":"Optional","args":[{"type":"ffi.String"}]}', 16, "::tvm::ffi::String"),
        ('{"type":"Optional","args":[{"type":"ffi.Bytes"}]}', 16, "::tvm::ffi::Bytes"),
        (
            '{"type":"Optional","args":[{"type":"testing.TestIntPair"}]}',
            16,
            "::tvm::ffi::Optional<::tvm::ffi::Arc<::testing::TestIntPairObj>>",
        ),
        (
            '{"type":"Optional","args":[{"type":"testing.TestIntPair"}]}',
            8,
            "::tvm::ffi::ObjectPtr<::testing::TestIntPairObj>",
        ),
        (
            '{"type":"Variant","args":[{"type":"testing.TestIntPair"},{"type":"ffi.Array"}]}',
            8,
            "::tvm::ffi::Arc<::tvm::ffi::Object>",
        ),
        ('{"type":"ffi.String"}', 8, "::tvm::ffi::Arc<::tvm::ffi::detail::StringObj>"),
        ('{"type":"ffi.Shape"}', 8, "::tvm::ffi::Shape"),
        (None, 8, "::tvm::ffi::ObjectPtr<::tvm::ffi::Object>"),
    ],
)
def test_native_carriers_follow_the_layout(schema, size, expected):
    assert lower(schema, size) == expected


@pytest.mark.parametrize(
    ("schema", "size", "text"),
    [
        ('{"type":"Optional","args":[{"type":"int"}]}', 16, "Ambiguous native Optional carrier"),
        ('{"type":"Optional","args":[{"type":"ffi.String"}]}', 8, "Ambiguous native Optional"),
        (
            '{"type":"Variant","args":[{"type":"int"},{"type":"ffi.Array"}]}',
            16,
            "Ambiguous native Union carrier",
        ),
        ('{"type":"DLTensor*"}', 8, r"'DLTensor\*' normalizes to 'Tensor' but does not have the"),
        ('{"type":"ffi.BigInt"}', 16, r"'ffi\.BigInt' normalizes to 'int' but does not have"),
        (
            '{"type":"Optional","args":[{"type":"ffi.BigInt"}]}',
            16,
            r"'ffi\.BigInt' normalizes to 'int' but does not have the canonical owning",
        ),
        ('{"type":"ffi.Array"}', 16, "has layout .8, 8., but reflection reports .16, 8."),
    ],
)
def test_native_fields_that_cannot_be_told_are_refused(schema, size, text):
    with pytest.raises(ValueError, match=text):
        lower(schema, size)


# ---- In C++ --------------------------------------------------------------------------------------


@pytest.mark.skipif(
    shutil.which("c++") is None or not sys.platform.startswith("linux"),
    reason="needs a C++ compiler and Linux",
)
def test_cpp_reads_live_objects_through_the_views(tmp_path):
    @py_class("test_abi.live.Everything")
    class Everything(Point):
        flag: bool
        text: str
        loose: Any
        items: List[int]
        table: Dict[str, Point]
        pair: Tuple[int, str]
        maybe: List[Optional[Point]]
        function: Callable
        kind: tvm_ffi.dtype
        place: tvm_ffi.Device
        error: core.Error
        module: tvm_ffi.Module
        shape: Any

    header = gen_abi_cpp(["test_abi.live.*", "testing.TestObjectPtrHolder", "test_abi.Circle"])
    source = f"""
    {header}
    using namespace tvm::ffi;
    using ::test_abi::live::EverythingObj;
    Array<Any> read(ObjectRef object) {{
      const auto* it = object.as<EverythingObj>();
      if (it == nullptr) return {{}};
      return {{it->x, it->on, it->y, it->flag, it->text, it->loose, it->items[1],
              it->table["k"].get()->x, it->pair.get<1>(), it->maybe[0].get()->x,
              it->maybe[1].get() == nullptr, it->function(20), int(it->kind.bits),
              int(it->place.device_id), it->error->kind.size}};
    }}
    TVM_FFI_DLL_EXPORT_TYPED_FUNC(read, read)
    """
    path = tmp_path / "views.cc"
    path.write_text(source)
    library = tvm_ffi.cpp.build("views", cpp_files=[str(path)], build_directory=str(tmp_path))
    module = tvm_ffi.load_module(library)
    try:
        raise ValueError("kept")
    except ValueError as error:
        kept = tvm_ffi.convert(error)
    made = Everything(
        1,
        True,
        2.5,
        True,
        "a text of more than seven bytes",
        {"a": 1},
        [5, 6],
        {"k": Point(7, False, 0.0)},
        (8, "nine"),
        [Point(10, True, 0.0), None],
        lambda x: x + 1,
        "int16",
        "cuda:3",
        kept,
        tvm_ffi.system_lib(),
        None,
    )
    read = list(module.read(made))
    assert read[5]["a"] == 1
    del read[5]
    assert read == [1, True, 2.5, True, made.text, 6, 7, "nine", 10, True, 21, 16, 3, 10]
    assert list(module.read(Point(1, True, 1.0))) == []
