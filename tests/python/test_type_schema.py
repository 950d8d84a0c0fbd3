# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.core import TypeSchema

INT, STR, ANY = TypeSchema("int"), TypeSchema("str"), TypeSchema("Any")


# ---- Construction --------------------------------------------------------------------------------


def test_arguments_may_be_any_iterable() -> None:
    assert TypeSchema("tuple", [INT, STR]).args == (INT, STR)  # type: ignore[arg-type]
    assert TypeSchema("Array", (x for x in [INT])).args == (INT,)  # type: ignore[arg-type]


def test_bare_and_empty_tuples_differ() -> None:
    assert TypeSchema("tuple").args is None
    assert TypeSchema("tuple", ()).args == ()
    assert TypeSchema("tuple") != TypeSchema("tuple", ())
    assert TypeSchema("int").args == ()


@pytest.mark.parametrize("origin", ["Array", "List", "list"])
def test_sequences_hold_anything_unless_told(origin: str) -> None:
    assert TypeSchema(origin).args == (ANY,)


@pytest.mark.parametrize("origin", ["Map", "Dict", "dict"])
def test_mappings_hold_anything_unless_told(origin: str) -> None:
    assert TypeSchema(origin).args == (ANY, ANY)


@pytest.mark.parametrize(
    ("arguments", "error", "text"),
    [
        (("",), ValueError, "schema type must be a nonempty string"),
        ((3,), ValueError, "schema type must be a nonempty string"),
        (("Array", ("int",)), TypeError, "schema arguments must be TypeSchema instances"),
        (("x", (), -3, "int"), TypeError, "schema fallback must be a TypeSchema instance"),
        (("Union", (INT,)), ValueError, "Union must have at least two arguments"),
        (("Optional",), ValueError, "Optional must have exactly one argument"),
        (("Optional", (INT, STR)), ValueError, "Optional must have exactly one argument"),
        (("Array", (INT, STR)), ValueError, "Array must have 0 or 1 argument"),
        (("list", (INT, STR)), ValueError, "list must have 0 or 1 argument"),
        (("Map", (INT,)), ValueError, "Map must have 0 or 2 arguments"),
        (("dict", (INT,)), ValueError, "dict must have 0 or 2 arguments"),
    ],
)
def test_wrong_arguments_are_refused(arguments: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        TypeSchema(*arguments)


@pytest.mark.parametrize(
    ("groups", "error", "text"),
    [
        ([1], TypeError, "named_args must be a map of names to type lists"),
        ({"": [INT]}, ValueError, "named_args keys must be nonempty strings"),
        ({3: [INT]}, ValueError, "named_args keys must be nonempty strings"),
        ({"a": INT}, TypeError, "named_args values must be lists of type schemas"),
        ({"a": [1]}, TypeError, "named_args values must contain type schemas"),
    ],
)
def test_wrong_groups_are_refused(groups: Any, error: type[Exception], text: str) -> None:
    with pytest.raises(error, match=text):
        TypeSchema("foo", named_args=groups)


def test_groups_are_copied_into_tuples() -> None:
    groups = {"a": [INT]}
    schema = TypeSchema("foo", named_args=groups)  # type: ignore[arg-type]
    groups["b"] = []
    assert schema.named_args == {"a": (INT,)}


def test_a_flat_callable_becomes_groups() -> None:
    schema = TypeSchema("Callable", (INT, STR))
    assert schema.args == ()
    assert schema.named_args == {"return": (INT,), "params": (STR,)}
    assert TypeSchema("Callable", (INT,)).named_args == {"return": (INT,)}
    assert TypeSchema("Callable").named_args is None


@pytest.mark.parametrize(
    ("args", "groups", "text"),
    [
        ((), {"x": [INT]}, "Callable uses only named return and params groups"),
        ((INT,), {"return": [INT]}, "Callable uses only named return and params groups"),
        ((), {"params": [INT]}, "Callable return group must contain exactly one type"),
        ((), {"return": [INT, STR]}, "Callable return group must contain exactly one type"),
        ((), {}, "Callable return group must contain exactly one type"),
    ],
)
def test_a_callable_has_one_result_and_perhaps_parameters(
    args: Any, groups: Any, text: str
) -> None:
    with pytest.raises(ValueError, match=text):
        TypeSchema("Callable", args, named_args=groups)


@pytest.mark.parametrize(
    ("origin", "index"),
    [
        ("None", 0),
        ("int", 1),
        ("bool", 2),
        ("float", 3),
        ("ctypes.c_void_p", 4),
        ("dtype", 5),
        ("Device", 6),
        ("Object", 64),
        ("str", 65),
        ("bytes", 66),
        ("Callable", 68),
        ("Tensor", 70),
        ("Array", 71),
        ("Map", 72),
        ("List", 75),
        ("Dict", 76),
        ("Any", -1),
        ("tuple", -3),
        ("list", -3),
        ("dict", -3),
        ("ffi.Shape", 69),
        ("no.such.type", -3),
    ],
)
def test_the_type_index_follows_from_the_origin(origin: str, index: int) -> None:
    assert TypeSchema(origin).origin_type_index == index


def test_alternatives_have_no_type_index() -> None:
    assert TypeSchema("Optional", (INT,)).origin_type_index == -2
    assert TypeSchema("Union", (INT, STR)).origin_type_index == -2


def test_equality_looks_at_everything_but_the_native_key() -> None:
    assert TypeSchema("int", type_key="ffi.BigInt") == INT
    assert TypeSchema("int", origin_type_index=5) != INT
    assert TypeSchema("foo", fallback=INT) != TypeSchema("foo")
    assert TypeSchema("foo", named_args={"a": ()}) != TypeSchema("foo")


# ---- JSON ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("text", "schema"),
    [
        ('{"type":"ffi.Array","args":5}', TypeSchema("Array")),
        ('{"type":"ffi.Array","args":[{"type":"int"},3]}', TypeSchema("Array", (INT,))),
        (
            '{"type":"Variant","args":[{"type":"int"},{"type":"std::string"}]}',
            TypeSchema("Union", (INT, STR)),
        ),
        (
            '{"type":"std::function","args":[{"type":"int"},[{"type":"str"}]]}',
            TypeSchema("Callable", (INT, STR)),
        ),
        (
            '{"type":"std::function","args":[{"type":"int"},[]]}',
            TypeSchema("Callable", named_args={"return": (INT,), "params": ()}),
        ),
        ('{"type":"std::function","args":[{"type":"int"}]}', TypeSchema("Callable", (INT,))),
        ('{"type":"ffi.Function","args":[{"type":"int"},{"type":"str"}]}',
         TypeSchema("Callable", (INT, STR))),
        ('{"type":"ffi.Function"}', TypeSchema("Callable")),
        ('{"type":"Tuple","args":[]}', TypeSchema("tuple", ())),
        ('{"type":"std::tuple"}', TypeSchema("tuple")),
        ('{"type":"x","fallback":{"type":"int"}}', TypeSchema("x", fallback=INT)),
        ('{"type":"x","named_args":{"a":[{"type":"int"}]}}',
         TypeSchema("x", named_args={"a": (INT,)})),
    ],
)  # fmt: skip
def test_json_of_the_library_is_read(text: str, schema: TypeSchema) -> None:
    assert TypeSchema.from_json_str(text) == schema


@pytest.mark.parametrize(
    ("native", "origin"),
    [
        ("ffi.List", "List"),
        ("ffi.Map", "Map"),
        ("ffi.Dict", "Dict"),
        ("ffi.OpaquePyObject", "Any"),
        ("ffi.Object", "Object"),
        ("ffi.Tensor", "Tensor"),
        ("DLTensor*", "Tensor"),
        ("void*", "ctypes.c_void_p"),
        ("TVMFFIByteArray*", "bytes"),
        ("ffi.SmallBytes", "bytes"),
        ("ffi.Bytes", "bytes"),
        ("const char*", "str"),
        ("ffi.SmallStr", "str"),
        ("ffi.String", "str"),
        ("DataType", "dtype"),
        ("std::vector", "Array"),
        ("std::map", "Map"),
        ("std::unordered_map", "Map"),
        ("ObjectRValueRef", "Object"),
        ("Device", "Device"),
        ("ffi.Shape", "ffi.Shape"),
    ],
)
def test_native_names_become_pythons(native: str, origin: str) -> None:
    assert TypeSchema.from_json_obj({"type": native}).origin == origin


def test_big_integers_keep_their_native_key() -> None:
    schema = TypeSchema.from_json_str('{"type":"ffi.BigInt"}')
    assert (schema.origin, schema.type_key) == ("int", "ffi.BigInt")
    assert schema.to_json() == {"type": "ffi.BigInt"}
    assert TypeSchema.from_type_index(78).type_key == "ffi.BigInt"


@pytest.mark.parametrize(
    ("value", "text"),
    [
        ({}, "expected schema dict with 'type' key, got dict"),
        ([], "expected schema dict with 'type' key, got list"),
        ({"type": 3}, "schema type must be a string"),
        ({"type": "x", "fallback": 3}, "expected schema dict with 'type' key, got int"),
        ({"type": "x", "named_args": []}, "named_args must be a map of names to type lists"),
        ({"type": "x", "named_args": None}, "named_args must be a map of names to type lists"),
        ({"type": "x", "named_args": {"a": 3}}, "named_args must map names to type lists"),
        ({"type": "x", "named_args": {"a": [3]}}, "named_args lists must contain type schemas"),
    ],
)
def test_json_of_another_shape_is_refused(value: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        TypeSchema.from_json_obj(value)


def _schemas() -> st.SearchStrategy[TypeSchema]:
    leaves = st.sampled_from(
        ["Any", "None", "int", "bool", "float", "str", "bytes", "dtype", "Device", "Tensor", "foo"]
    ).map(TypeSchema)

    def larger(inner: st.SearchStrategy[TypeSchema]) -> st.SearchStrategy[TypeSchema]:
        some = st.lists(inner, max_size=3).map(tuple)
        return st.one_of(
            inner.map(lambda x: TypeSchema("Optional", (x,))),
            st.tuples(inner, inner).map(lambda xs: TypeSchema("Union", xs)),
            inner.map(lambda x: TypeSchema("Array", (x,))),
            st.tuples(inner, inner).map(lambda xs: TypeSchema("Map", xs)),
            st.none().map(lambda _: TypeSchema("tuple")),
            some.map(lambda xs: TypeSchema("tuple", xs)),
            st.tuples(inner, some).map(
                lambda p: TypeSchema("Callable", named_args={"return": (p[0],), "params": p[1]})
            ),
            inner.map(lambda x: TypeSchema("foo", fallback=x)),
            some.map(lambda xs: TypeSchema("foo", named_args={"group": xs})),
        )

    return st.recursive(leaves, larger, max_leaves=8)


@given(_schemas())
def test_written_json_is_read_back_equal(schema: TypeSchema) -> None:
    assert TypeSchema.from_json_str(json.dumps(schema.to_json())) == schema


# ---- Type indices --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("index", "origin"),
    [(-1, "Any"), (7, "Tensor"), (8, "str"), (11, "str"), (9, "bytes"), (12, "bytes"),
     (10, "Object"), (64, "Object"), (67, "ffi.Error"), (69, "ffi.Shape"), (73, "ffi.Module"),
     (78, "int")],
)  # fmt: skip
def test_every_type_index_has_a_schema(index: int, origin: str) -> None:
    schema = TypeSchema.from_type_index(index)
    assert (schema.origin, schema.origin_type_index) == (origin, index)


def test_a_type_index_takes_arguments() -> None:
    assert TypeSchema.from_type_index(71, (INT,)) == TypeSchema("Array", (INT,))


def test_subtypes_follow_the_native_hierarchy() -> None:
    assert TypeSchema("Array").is_subtype_of(tvm_ffi.Array)
    assert TypeSchema("Array").is_subtype_of(tvm_ffi.Object)
    assert not TypeSchema("Object").is_subtype_of(tvm_ffi.Array)
    assert not TypeSchema("Array").is_subtype_of(tvm_ffi.List)
    assert not INT.is_subtype_of(tvm_ffi.Object)
    assert not INT.is_subtype_of(int)
    assert not TypeSchema("foo").is_subtype_of(tvm_ffi.Object)
    assert not TypeSchema("Array").is_subtype_of(3)  # type: ignore[arg-type]


# ---- Text ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "text", "mapped"),
    [
        (TypeSchema("tuple"), "tuple", "<tuple>"),
        (TypeSchema("tuple", ()), "tuple[()]", "<tuple>"),
        (TypeSchema("tuple", (INT, STR)), "tuple[int, str]", "<tuple>[<int>, <str>]"),
        (TypeSchema("Map"), "Map[Any, Any]", "<Map>[<Any>, <Any>]"),
        (TypeSchema("Callable"), "Callable[..., Any]", "<Callable>"),
        (TypeSchema("Callable", (INT,)), "Callable[..., int]", "<Callable>"),
        (TypeSchema("Callable", (INT, STR)), "Callable[[str], int]", "<Callable>"),
        (TypeSchema("Optional", (TypeSchema("Union", (INT, STR)),)), "int | str | None",
         "<Optional>[<Union>[<int>, <str>]]"),
        (TypeSchema("foo", named_args={"a": (INT,)}), "foo", "<foo>"),
        (TypeSchema("foo", (INT,), fallback=STR), "str", "<str>"),
        (TypeSchema("tuple", fallback=STR), "tuple", "<tuple>"),
        (TypeSchema("int", fallback=STR), "int", "<int>"),
        (TypeSchema("int", (STR,)), "int[str]", "<int>[<str>]"),
    ],
)  # fmt: skip
def test_it_prints_as_an_annotation(schema: TypeSchema, text: str, mapped: str) -> None:
    assert repr(schema) == schema.repr() == schema.output_repr() == schema.input_repr() == text
    assert schema.repr(lambda origin: f"<{origin}>") == mapped


def test_a_callable_without_parameters_says_so() -> None:
    schema = TypeSchema("Callable", named_args={"return": (INT,), "params": ()})
    assert repr(schema) == "Callable[[], int]"


def test_parameters_print_what_a_type_converts_from() -> None:
    index = core._object_type_key_to_index("testing.TestNonCopyable")
    core._register_type_attr(
        index,
        "__ffi_convert_type_schema__",
        '{"type":"Variant","args":[{"type":"int"},{"type":"ffi.Array",'
        '"args":[{"type":"testing.TestNonCopyable"}]}]}',
    )
    schema = TypeSchema("Optional", (TypeSchema("testing.TestNonCopyable"),))
    assert schema.output_repr() == "testing.TestNonCopyable | None"
    # Expanded once: the inner mention would otherwise go on for ever.
    assert schema.input_repr() == "int | Array[testing.TestNonCopyable] | None"


# ---- Where schemas come from ---------------------------------------------------------------------


def test_reflected_fields_carry_their_schema() -> None:
    info = core._lookup_or_register_type_info_from_type_key("testing.SchemaAllTypes")
    assert {field.name: repr(field.ty) for field in info.fields or ()} == {
        "v_bool": "bool",
        "v_int": "int",
        "v_float": "float",
        "v_device": "Device",
        "v_dtype": "dtype",
        "v_string": "str",
        "v_bytes": "bytes",
        "v_opt_int": "int | None",
        "v_opt_str": "str | None",
        "v_arr_int": "Array[int]",
        "v_arr_str": "Array[str]",
        "v_map_str_int": "Map[str, int]",
        "v_map_str_arr_int": "Map[str, Array[int]]",
        "v_variant": "str | Array[int] | Map[str, int]",
        "v_opt_arr_variant": "Array[int | str] | None",
    }


def test_functions_carry_their_schema() -> None:
    metadata = tvm_ffi.get_global_func_metadata("testing.schema_arr_map_opt")
    assert repr(TypeSchema.from_json_str(metadata["type_schema"])) == (
        "Callable[[Array[int | None], Map[str, Array[int]], str | None], Map[str, Array[int]]]"
    )
