# SPDX-License-Identifier: Apache-2.0
from __future__ import annotations

import copy
import pickle
import sys

import pytest

import tvm_ffi
from tvm_ffi import _dtype, core, dtype

CANONICAL = {
    "bool": (6, 8, 1),
    "int8": (0, 8, 1),
    "uint64": (1, 64, 1),
    "float16": (2, 16, 1),
    "bfloat16": (4, 16, 1),
    "float8_e3m4": (7, 8, 1),
    "float8_e4m3": (8, 8, 1),
    "float8_e4m3b11fnuz": (9, 8, 1),
    "float8_e4m3fn": (10, 8, 1),
    "float8_e4m3fnuz": (11, 8, 1),
    "float8_e5m2": (12, 8, 1),
    "float8_e5m2fnuz": (13, 8, 1),
    "float8_e8m0fnu": (14, 8, 1),
    "float6_e2m3fn": (15, 6, 1),
    "float6_e3m2fn": (16, 6, 1),
    "float4_e2m1fn": (17, 4, 1),
    "float4_e2m1fnx2": (17, 4, 2),
    "float32x4": (2, 32, 4),
    "handle": (3, 64, 1),
}
ALIASES = {
    "i8": "int8",
    "u16": "uint16",
    "f64": "float64",
    "bf16": "bfloat16",
    "fp8_e4m3fn": "float8_e4m3fn",
    "f8_e5m2x4": "float8_e5m2x4",
    "float4_e2m1fn_x2": "float4_e2m1fnx2",
}
echo = tvm_ffi.convert(lambda value: value)


def triple(data_type: dtype | core.DataType) -> tuple[int, int, int]:
    return data_type.type_code, data_type.bits, data_type.lanes


@pytest.mark.parametrize(("text", "expected"), CANONICAL.items())
def test_names_and_triples_correspond(text: str, expected: tuple[int, int, int]) -> None:
    assert triple(dtype(text)) == expected
    assert dtype.from_dlpack_data_type(expected) == text
    assert str(core.DataType(text)) == text
    assert triple(core.DataType(text)) == expected


@pytest.mark.parametrize(("alias", "name"), ALIASES.items())
def test_an_alias_keeps_its_text_and_has_the_value(alias: str, name: str) -> None:
    assert str(dtype(alias)) == alias
    assert repr(dtype(alias)) == f"dtype({alias!r})"
    assert triple(dtype(alias)) == triple(dtype(name))
    assert echo(dtype(alias)) == name


@pytest.mark.parametrize(
    ("text", "itemsize"),
    [
        ("float32x4", 16),
        ("float8_e5m2x4", 4),
        ("float6_e2m3fnx4", 3),
        ("float4_e2m1fnx4", 2),
        ("bool", 1),
        ("handle", 8),
    ],
)
def test_itemsize_is_rounded_up_to_bytes(text: str, itemsize: int) -> None:
    assert dtype(text).itemsize == itemsize
    assert core.DataType(text).itemsize == itemsize


def test_a_scalable_vector_has_negative_lanes_and_no_size() -> None:
    scalable = dtype("int32xvscalex4")
    assert scalable.lanes == -4
    with pytest.raises(ValueError, match="Cannot determine itemsize for scalable vector types"):
        _ = scalable.itemsize
    assert echo(scalable) == "int32xvscalex4"
    assert dtype("int32").with_lanes(-4) == "int32xvscalex4"


@pytest.mark.parametrize("text", ["nothing", "int8x0", "float8_e9m9", "5"])
def test_an_unknown_name_is_a_value_error(text: str) -> None:
    with pytest.raises(ValueError):
        dtype(text)
    with pytest.raises(ValueError):
        core.DataType(text)
    assert not dtype.is_dtype(text)


def test_the_name_must_be_text() -> None:
    with pytest.raises(TypeError, match="Expected the name of a data type, got int"):
        core.DataType(5)
    assert dtype.is_dtype("int8") and dtype.is_dtype(dtype("int8"))


def test_lanes_can_be_changed() -> None:
    assert dtype("bool").with_lanes(4) == "boolx4"
    assert dtype("int8x4").with_lanes(1) == "int8"
    with pytest.raises(OverflowError):
        dtype("int8").with_lanes(70000)


def test_a_triple_must_fit_its_fields() -> None:
    with pytest.raises(OverflowError):
        dtype.from_dlpack_data_type((300, 8, 1))
    with pytest.raises(ValueError):
        dtype.from_dlpack_data_type((5, 64, 1))  # complex has no name


def test_kinds() -> None:
    def kinds(text: str) -> tuple[bool, bool, bool, bool]:
        found = dtype(text)
        return found.is_bool, found.is_integer, found.is_float, found.is_handle

    assert kinds("bool") == (True, False, False, False)
    assert kinds("uint8") == kinds("int64x2") == (False, True, False, False)
    assert kinds("float32") == kinds("bfloat16") == kinds("float4_e2m1fn")
    assert kinds("float8_e8m0fnu") == (False, False, True, False)
    assert kinds("handle") == (False, False, False, True)


@pytest.mark.parametrize(
    "clone", [copy.copy, copy.deepcopy, lambda x: pickle.loads(pickle.dumps(x))]
)
def test_copies_keep_text_and_value(clone: object) -> None:
    original = dtype("f32x4")
    copied = clone(original)
    assert type(copied) is dtype
    assert (str(copied), triple(copied)) == ("f32x4", (2, 32, 4))
    assert clone(core.DataType("int8x2")) == core.DataType("int8x2")


def test_values_compare_by_triple() -> None:
    assert core.DataType("f32") == core.DataType("float32")
    assert hash(core.DataType("f32")) == hash(core.DataType("float32"))
    assert core.DataType("f32") != core.DataType("f64")
    assert core.DataType("float32") != "float32"
    assert repr(core.DataType("f32")) == "DataType('float32')"


def test_data_types_cross_the_boundary() -> None:
    assert type(echo(dtype("float16"))) is dtype
    assert echo(core.DataType("int8x4")) == dtype("int8x4")
    assert echo([dtype("int8")])[0] == dtype("int8")


def test_the_class_is_bound_to_its_type() -> None:
    info = core._type_cls_to_type_info(core.DataType)
    assert (info.type_key, info.type_cls) == ("DataType", core.DataType)
    assert info.parent_type_info is None


def test_the_class_of_data_types_can_be_replaced() -> None:
    class MyType(dtype):
        __slots__ = ()

    core._set_class_dtype(MyType)
    try:
        assert core._CLASS_DTYPE is MyType
        assert type(echo(dtype("int8"))) is MyType and echo(MyType("int8")) == "int8"
    finally:
        core._set_class_dtype(dtype)
    assert type(echo(dtype("int8"))) is dtype


def test_literals_name_themselves() -> None:
    assert tvm_ffi.float32 == "float32"
    assert tvm_ffi.bool == "bool"
    assert _dtype.float4_e2m1fn_x2 == tvm_ffi.float4_e2m1fnx2 == "float4_e2m1fnx2"


def test_codes_are_those_of_dlpack() -> None:
    assert _dtype.DataTypeCode.BFLOAT == 4
    assert _dtype.DataTypeCode.Float4E2M1FN == 17
    assert {triple(dtype(text))[0] for text in CANONICAL} == set(_dtype.DataTypeCode)


# ---- Other libraries -----------------------------------------------------------------------------


def test_numpy_dtypes_are_accepted_and_ours_by_numpy() -> None:
    np = pytest.importorskip("numpy", reason="converts numpy dtypes")
    for name in ("int8", "uint64", "float16", "float64"):
        assert echo(np.dtype(name)) == name
        assert core._convert_numpy_dtype_to_ffi_dtype(np.dtype(name)) == name
        assert np.zeros(2, dtype=dtype(name)).dtype == np.dtype(name)
    assert dtype._NUMPY_DTYPE_TO_STR[np.dtype("bool")] == "bool"


@pytest.mark.parametrize("name", ["bool", "complex64", "S3", ">i4"])
def test_numpy_dtypes_without_a_counterpart_are_refused(name: str) -> None:
    np = pytest.importorskip("numpy", reason="converts numpy dtypes")
    with pytest.raises(ValueError) as raised:
        echo(np.dtype(name))
    assert raised.value.args == ("Unsupported numpy or ml_dtypes dtype: ", np.dtype(name))


def test_ml_dtypes_are_accepted() -> None:
    np = pytest.importorskip("numpy", reason="converts numpy dtypes")
    ml_dtypes = pytest.importorskip("ml_dtypes", reason="converts ml_dtypes")
    for name in ("bfloat16", "int4", "float8_e4m3fn", "float8_e5m2"):
        assert triple(echo(np.dtype(getattr(ml_dtypes, name)))) == triple(dtype(name))


def test_torch_dtypes_are_accepted() -> None:
    torch = pytest.importorskip("torch", reason="converts torch dtypes")
    for name in ("int8", "short", "long", "half", "float", "double", "bfloat16", "bool"):
        torch_dtype = getattr(torch, name)
        assert str(torch_dtype) == f"torch.{echo(torch_dtype)}"
    assert triple(echo(torch.float8_e4m3fn)) == (10, 8, 1)
    if hasattr(torch, "float4_e2m1fn_x2"):
        assert echo(torch.float4_e2m1fn_x2) == "float4_e2m1fnx2"
    with pytest.raises(ValueError) as raised:
        echo(torch.complex64)
    assert raised.value.args == ("Unsupported torch dtype: ", torch.complex64)


def test_numpy_is_not_imported_for_its_names(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "numpy", None)
    assert dtype._NUMPY_DTYPE_TO_STR == {}


def test_any_class_can_name_its_data_type() -> None:
    class MyType:
        def __dlpack_data_type__(self) -> tuple[int, int, int]:
            return 2, 32, 4

    class Incomplete:
        def __dlpack_data_type__(self) -> tuple[int, ...]:
            return 2, 32

    assert echo(MyType()) == "float32x4"
    with pytest.raises(TypeError, match=r"to return \(code, bits, lanes\), got \(2, 32\)"):
        echo(Incomplete())


def test_results_are_cached_by_value() -> None:
    assert _dtype.dtype_of(0, 8, 1) is _dtype.dtype_of(0, 8, 1)
