# SPDX-License-Identifier: Apache-2.0
"""What functions, fields and methods tell about themselves."""

from __future__ import annotations

from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import core, registry, testing
from tvm_ffi.core import TypeSchema

IDENTITIES = {
    "int": "int",
    "float": "float",
    "bool": "bool",
    "device": "Device",
    "dtype": "dtype",
    "string": "str",
    "bytes": "bytes",
    "func": "Callable[..., Any]",
    "func_typed": "Callable[[int, float, Callable[..., Any]], None]",
    "any": "Any",
    "object": "Object",
    "dltensor": "Tensor",
    "tensor": "Tensor",
    "opt_int": "int | None",
    "opt_str": "str | None",
    "opt_obj": "Object | None",
    "arr_int": "Array[int]",
    "arr_str": "Array[str]",
    "arr_obj": "Array[Object]",
    "arr": "Array[Any]",
    "list_int": "List[int]",
    "list_str": "List[str]",
    "list_obj": "List[Object]",
    "map_str_int": "Map[str, int]",
    "map_str_str": "Map[str, str]",
    "map_str_obj": "Map[str, Object]",
    "map": "Map[Any, Any]",
    "dict_str_int": "Dict[str, int]",
    "dict_str_str": "Dict[str, str]",
    "variant_int_str": "int | str",
}

OTHERS = {
    "testing.add_one": "Callable[[int], int]",
    "testing.schema_tensor_view_input": "Callable[[Tensor], None]",
    "testing.optional_tensor_view_has_value": "Callable[[Tensor | None], bool]",
    "testing.schema_packed": "Callable[..., Any]",
    "testing.nop": "Callable[..., Any]",
    "testing.schema_no_args": "Callable[[], int]",
    "testing.schema_no_return": "Callable[[int], None]",
    "testing.schema_no_args_no_return": "Callable[[], None]",
    "testing.schema_variant_mix": "Callable[[int | str | Array[int]], int | str | Array[int]]",
    "testing.TestIntPairSum": "Callable[[testing.TestIntPair], int]",
    "testing.make_array_with_tensor": "Callable[[Tensor], Array[Any]]",
    "testing.make_map_with_tensor": "Callable[[Tensor], Map[str, Any]]",
}


def schema_of(name: str) -> TypeSchema:
    return TypeSchema.from_json_str(tvm_ffi.get_global_func_metadata(name)["type_schema"])


@pytest.mark.parametrize("name", IDENTITIES)
def test_a_typed_function_tells_its_types(name: str) -> None:
    text = IDENTITIES[name]
    assert repr(schema_of(f"testing.schema_id_{name}")) == f"Callable[[{text}], {text}]"


@pytest.mark.parametrize("name", OTHERS)
def test_parameters_and_results_are_told_apart(name: str) -> None:
    assert repr(schema_of(name)) == OTHERS[name]


def test_typed_functions_use_named_groups_and_packed_ones_none() -> None:
    assert schema_of("testing.schema_no_args").to_json() == {
        "type": "Callable",
        "named_args": {"return": [{"type": "int"}], "params": []},
    }
    assert schema_of("testing.schema_packed").named_args is None


def test_the_authors_own_entries_are_beside_the_schema() -> None:
    metadata = tvm_ffi.get_global_func_metadata("testing.schema_id_int")
    assert metadata.pop("type_schema")
    assert metadata == {"bool_attr": True, "int_attr": 1, "str_attr": "hello"}


def test_functions_of_python_tell_nothing() -> None:
    tvm_ffi.register_global_func("test_metadata.f", lambda: None)
    try:
        assert tvm_ffi.get_global_func_metadata("test_metadata.f") == {}
    finally:
        tvm_ffi.remove_global_func("test_metadata.f")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("add_int", "Callable[[testing.SchemaAllTypes, int], int]"),
        ("append_int", "Callable[[testing.SchemaAllTypes, Array[int], int], Array[int]]"),
        (
            "maybe_concat",
            "Callable[[testing.SchemaAllTypes, str | None, str | None], str | None]",
        ),
        ("make_with", "Callable[[int, float, str], testing.SchemaAllTypes]"),
    ],
)
def test_methods_tell_their_types_the_object_first(name: str, text: str) -> None:
    info = core._type_cls_to_type_info(testing._SchemaAllTypes)
    assert info is not None
    method = info.method(name)
    assert method is not None
    assert repr(TypeSchema.from_json_str(method.metadata["type_schema"])) == text
    assert method.is_static == (name == "make_with")
    assert method.doc


def test_fields_tell_their_documentation_and_entries() -> None:
    info = core._type_cls_to_type_info(testing._SchemaAllTypes)
    assert info is not None and info.fields is not None
    field = next(field for field in info.fields if field.name == "v_bool")
    assert field.doc == "bool field"
    metadata: dict[str, Any] = dict(field.metadata)
    assert metadata.pop("type_schema")
    assert metadata == {"bool_attr": True, "int_attr": 1, "str_attr": "hello"}


def test_documentation_reaches_the_class() -> None:
    assert testing.TestIntPair.a.__doc__ == "Field `a`"
    assert testing.TestIntPair.sum.__doc__ == "Method to compute sum of a and b"
    assert testing.TestIntPair.sum.__qualname__ == "TestIntPair.sum"


def test_type_keys_are_listed() -> None:
    keys = list(registry.get_registered_type_keys())
    assert all(isinstance(key, str) for key in keys)
    values = {"None", "int", "bool", "float", "void*", "DataType", "Device", "DLTensor*",
              "const char*", "TVMFFIByteArray*", "ObjectRValueRef"}  # fmt: skip
    assert values <= set(keys)
    assert {"ffi.Object", "ffi.BigInt", "testing.TestIntPair"} <= set(keys)


def test_big_integers_have_a_type_and_no_class() -> None:
    info = core._lookup_or_register_type_info_from_type_key("ffi.BigInt")
    assert info.parent_type_info is core._type_cls_to_type_info(tvm_ffi.Object)
    assert not info.fields
    assert core._lookup_type_attr(info.type_index, "__any_hash__") is not None


def test_finality_is_told_where_it_is_known() -> None:
    def final(key: str) -> Any:
        index = core._object_type_key_to_index(key)
        assert index is not None
        return core._lookup_type_attr(index, "__ffi_type_final__")

    assert final("testing.TestIntPair") is True
    assert final("testing.TestObjectBase") is False
