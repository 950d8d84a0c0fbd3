# SPDX-License-Identifier: Apache-2.0
"""Converters of schemas: what they accept, what they make of it, and the reasons they give."""

from __future__ import annotations

import collections
import ctypes
import gc
from fractions import Fraction
from typing import Any, Callable

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.core import TypeSchema

Array, List, Map, Dict = tvm_ffi.Array, tvm_ffi.List, tvm_ffi.Map, tvm_ffi.Dict


def T(origin: str, *args: Any) -> TypeSchema:
    return TypeSchema(origin, args or None)


INT, STR, ANY, OBJECT = T("int"), T("str"), T("Any"), T("Object")
PAIR = "testing.TestIntPair"


def converted(schema: TypeSchema, value: Any) -> Any:
    schema.check_value(value)
    return core._to_py_class_value(schema.convert(value))


def reason(schema: TypeSchema, value: Any) -> str:
    """Why a schema does not take a value; checking and converting must agree."""
    with pytest.raises(TypeError) as checked:
        schema.check_value(value)
    with pytest.raises(TypeError) as tried:
        schema.convert(value)
    start = f"type conversion failed for {schema!r}: "
    text = str(tried.value)
    assert text.startswith(start)
    assert str(checked.value) == f"type check failed for {schema!r}: {text[len(start) :]}"
    return text[len(start) :]


def numpy() -> Any:
    return pytest.importorskip("numpy", reason="hands numpy values over")


class Protocol:
    """An object whose methods are given by name."""

    def __new__(cls, **methods: Callable[[], Any]) -> Any:
        namespace = {
            f"__{name}__": lambda self, method=method: method() for name, method in methods.items()
        }
        return object.__new__(type("Protocol", (), namespace))


def raising(text: str) -> Callable[[], Any]:
    def method() -> Any:
        raise ValueError(text)

    return method


# ---- Values --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("schema", "value", "result"),
    [
        (INT, True, 1),
        (INT, 2**63 - 1, 2**63 - 1),
        (INT, -(2**63), -(2**63)),
        (INT, Protocol(tvm_ffi_int=lambda: 3.7), 3),
        (T("float"), 5, 5.0),
        (T("float"), True, 1.0),
        (T("float"), Fraction(1, 2), 0.5),
        (T("float"), Protocol(tvm_ffi_float=lambda: 5), 5.0),
        (T("bool"), 5, True),
        (STR, "short", "short"),
        (STR, "not so short", "not so short"),
        (STR, core.String("x"), "x"),
        (STR, tvm_ffi.dtype("int32"), "int32"),
        (T("bytes"), b"short", b"short"),
        (T("bytes"), bytearray(b"not so short"), b"not so short"),
        (T("None"), None, None),
        (T("Device"), "cuda:1", tvm_ffi.device("cuda:1")),
        (T("Device"), Protocol(dlpack_device=lambda: (2, 1)), tvm_ffi.device("cuda:1")),
        (T("dtype"), "int32", tvm_ffi.dtype("int32")),
        (T("dtype"), core.DataType("int32"), tvm_ffi.dtype("int32")),
        (T("dtype"), Protocol(dlpack_data_type=lambda: (0, 32, 1)), tvm_ffi.dtype("int32")),
    ],
)
def test_a_value_converts(schema: TypeSchema, value: Any, result: Any) -> None:
    got = converted(schema, value)
    assert got == result
    assert isinstance(got, type(result))


def test_numbers_and_data_types_of_numpy_convert() -> None:
    np = numpy()
    assert converted(INT, np.uint8(3)) == 3
    assert converted(T("float"), np.float32(1.5)) == 1.5
    assert converted(T("bool"), np.int64(0)) is False
    assert converted(T("dtype"), np.dtype("int32")) == "int32"


@pytest.mark.parametrize(
    ("value", "address"),
    [
        (None, None),
        (ctypes.c_void_p(3), 3),
        (Protocol(tvm_ffi_opaque_ptr=lambda: 16), 16),
        (Protocol(cuda_stream=lambda: (0, 32)), 32),
    ],
)
def test_pointers_convert(value: Any, address: Any) -> None:
    assert converted(T("ctypes.c_void_p"), value).value == address


def test_short_text_stays_inline() -> None:
    assert STR.convert("1234567").type_index == 11
    assert STR.convert("12345678").type_index == 65
    assert T("bytes").convert(b"1234567").type_index == 12
    assert T("bytes").convert(b"12345678").type_index == 66


class Stubborn(int):
    def __int__(self) -> int:
        raise ValueError("no")


def test_an_int_counts_by_its_value() -> None:
    assert converted(INT, Stubborn(3)) == 3
    assert converted(ANY, Stubborn(3)) == 3


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        (INT, 1.5, "expected int, got float"),
        (INT, "x", "expected int, got str"),
        (INT, None, "expected int, got None"),
        (INT, 2**63, "integer 9223372036854775808 out of int64 range "
         "[-9223372036854775808, 9223372036854775807]"),
        (INT, Protocol(tvm_ffi_int=lambda: 2**63), "integer 9223372036854775808 out of int64 "
         "range [-9223372036854775808, 9223372036854775807]"),
        (INT, Protocol(tvm_ffi_int=raising("no")), "expected int, got Protocol: no"),
        (T("float"), "x", "expected float, got str"),
        (T("float"), 10**400, "float() failed for int: int too large to convert to float"),
        (T("float"), Protocol(tvm_ffi_float=raising("no")), "expected float, got Protocol: no"),
        (T("bool"), 1.0, "expected bool, got float"),
        (STR, b"x", "expected str, got bytes"),
        (STR, bytearray(b"x"), "expected str, got bytes"),
        (T("bytes"), "x", "expected bytes, got str"),
        (T("bytes"), memoryview(b"x"), "expected bytes, got memoryview"),
        (T("None"), 0, "expected None, got int"),
        (T("Device"), 1, "expected Device, got int"),
        (T("Device"), "no:1", "expected Device, got invalid device string 'no:1'"),
        (T("Device"), Protocol(dlpack_device=raising("no")), "expected Device, got Protocol: no"),
        (T("dtype"), 1, "expected dtype, got int"),
        (T("dtype"), "int99x", "expected dtype, got invalid dtype string 'int99x'"),
        (T("ctypes.c_void_p"), 1, "expected ctypes.c_void_p, got int"),
        (T("Tensor"), [1.0], "expected Tensor, got list"),
        (T("Tensor"), Array([1]), "expected Tensor, got ffi.Array"),
        (T("Callable"), 1, "expected Callable, got int"),
        (T("Callable"), Array([1]), "expected Callable, got ffi.Array"),
    ],
)  # fmt: skip
def test_a_value_of_another_kind_is_refused(schema: TypeSchema, value: Any, why: str) -> None:
    assert reason(schema, value) == why


def test_an_integral_that_fails_says_how() -> None:
    class Failing(numpy().int64):
        def __int__(self) -> int:
            raise ValueError("no")

        def __bool__(self) -> bool:
            raise ValueError("no")

        def __float__(self) -> float:
            raise ValueError("no")

    for name in ("int", "bool", "float"):
        assert reason(T(name), Failing(1)).startswith(f"{name}() failed for ")


def test_surrogates_are_refused_as_everywhere() -> None:
    with pytest.raises(UnicodeEncodeError):
        STR.convert("\ud800")


def test_tensors_convert_from_what_speaks_dlpack() -> None:
    np = numpy()
    tensor = tvm_ffi.from_dlpack(np.zeros(2))
    assert converted(T("Tensor"), tensor).same_as(tensor)
    assert converted(T("Tensor"), np.zeros(3)).shape == (3,)


def test_callables_become_functions(nothing_retained: None) -> None:
    function = converted(T("Callable"), lambda x: x + 1)
    assert isinstance(function, tvm_ffi.Function)
    assert function(1) == 2
    assert converted(T("Callable", INT, INT), function).same_as(function)
    del function
    gc.collect()


# ---- Anything ------------------------------------------------------------------------------------


def test_any_takes_what_a_call_takes() -> None:
    for value in (None, True, 2**70, 1.5, "text", b"bytes", "not ascii: ä"):
        assert converted(ANY, value) == value
    marker = object()
    assert converted(ANY, marker) is marker
    assert list(converted(ANY, [1, "a"])) == [1, "a"]
    array = Array([1])
    assert converted(ANY, array).same_as(array)


def test_any_reports_what_cannot_be_passed() -> None:
    assert reason(ANY, "\ud800").startswith("expected Any, got str: 'utf-8' codec can't encode")


# ---- Values that stand for others ----------------------------------------------------------------


class Chain:
    """Stands for another of its kind, `steps` times, and then for `value`."""

    def __init__(self, steps: int, value: Any) -> None:
        self.steps, self.value = steps, value

    def __tvm_ffi_value__(self) -> Any:
        return Chain(self.steps - 1, self.value) if self.steps else self.value


def test_a_value_protocol_is_followed_to_its_end() -> None:
    assert converted(INT, Chain(0, 7)) == 7
    assert converted(INT, Chain(63, 7)) == 7
    assert list(converted(T("Array", INT), [Chain(1, 7), Chain(2, 8)])) == [7, 8]
    assert converted(T("Union", INT, STR), Chain(1, "x")) == "x"


def test_an_endless_value_protocol_is_noticed() -> None:
    for schema in (INT, ANY, OBJECT, T("Optional", INT)):
        assert reason(schema, Chain(64, 7)) == "infinite __tvm_ffi_value__ cycle detected"


@pytest.mark.cpython("a RecursionError passes handlers as it is")
def test_a_list_within_itself_is_noticed() -> None:
    endless: list[Any] = []
    endless.append(endless)
    assert reason(ANY, endless) == "infinite __tvm_ffi_value__ cycle detected"


def test_a_value_protocol_is_asked_once() -> None:
    calls = []

    class Counting:
        def __tvm_ffi_value__(self) -> Any:
            calls.append(self)
            return 7

        def __tvm_ffi_int__(self) -> int:
            raise AssertionError("asked for an int")

        def __call__(self) -> None: ...

    assert core._to_py_class_value(T("Union", STR, INT).convert(Counting())) == 7
    assert len(calls) == 1


def test_a_value_protocol_that_gives_nothing_is_a_mismatch() -> None:
    class Itself:
        def __tvm_ffi_value__(self) -> Any:
            return self

    failing = Protocol(tvm_ffi_value=raising("no"))
    for value, name in ((Itself(), Itself.__qualname__), (failing, "Protocol")):
        assert reason(INT, value) == f"expected int, got {name}"
        assert reason(T("Optional", INT), value) == f"expected int, got {name}"
        assert reason(T("Union", INT, STR), value) == f"expected int | str, got {name}"
        assert reason(ANY, value) == f"failed to convert Any from {name}"


def test_an_object_protocol_is_followed() -> None:
    given = [Array([1, 2])]  # classes live for ever, and what they refer to
    standing = Protocol(tvm_ffi_object=lambda: given[0])
    assert converted(T("Array", INT), standing).same_as(given[0])
    given.clear()
    assert converted(INT, Protocol(tvm_ffi_object=lambda: 3)) == 3
    failing = Protocol(tvm_ffi_object=raising("no"))
    assert reason(INT, failing) == "__tvm_ffi_object__() failed for Protocol"


class Convertible(core.ObjectConvertible):
    def __init__(self, make: Callable[[], Any]) -> None:
        self.make = make

    def asobject(self) -> Any:
        return self.make()


def test_convertibles_convert() -> None:
    array = Array([1])
    assert converted(OBJECT, Convertible(lambda: array)).same_as(array)
    assert reason(INT, Convertible(raising("no"))) == "asobject() failed for Convertible"
    assert reason(INT, Convertible(lambda: 5)) == "asobject() returned int for Convertible"


def test_an_empty_wrapper_is_refused() -> None:
    empty = Array.__new__(Array)
    for schema in (ANY, OBJECT, T("Array", INT), INT):
        assert "got ffi.Array: it was moved from" in reason(schema, empty)


# ---- Containers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("source", [[1, 2], (1, 2), Array([1, 2]), List([1, 2])])
@pytest.mark.parametrize(("origin", "cls"), [("Array", Array), ("List", List), ("list", List)])
def test_sequences_convert_to_each_other(source: Any, origin: str, cls: type) -> None:
    got = converted(T(origin, INT), source)
    assert type(got) is cls
    assert list(got) == [1, 2]


@pytest.mark.parametrize(
    "source", [{"a": 1}, collections.OrderedDict(a=1), Map({"a": 1}), Dict({"a": 1})]
)
@pytest.mark.parametrize(("origin", "cls"), [("Map", Map), ("Dict", Dict), ("dict", Dict)])
def test_mappings_convert_to_each_other(source: Any, origin: str, cls: type) -> None:
    got = converted(T(origin, STR, INT), source)
    assert type(got) is cls
    assert dict(got.items()) == {"a": 1}


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        (T("Array", INT), Array([1, 2])),
        (T("Array"), Array(["a long string", b"x", [1]])),
        (T("Array", T("Array", INT)), Array([Array([1])])),
        (T("List", STR), List(["a"])),
        (T("tuple"), Array([1, "a"])),
        (T("tuple", INT, STR), Array([1, "a"])),
        (T("Map", STR, INT), Map({"a": 1})),
        (T("Map"), Map({"a": [1]})),
        (T("Dict", ANY, T("float")), Dict({"a": 1.5})),
    ],
)
def test_what_needs_no_change_is_passed_through(schema: TypeSchema, value: Any) -> None:
    assert converted(schema, value).same_as(value)


def test_what_needs_a_change_is_made_anew() -> None:
    mixed = Array([1, True])
    made = converted(T("Array", INT), mixed)
    assert not made.same_as(mixed)
    assert [type(element) for element in made] == [int, int]


def test_tuples_have_a_length() -> None:
    schema = T("tuple", INT, STR)
    got = converted(schema, [1, "a"])
    assert type(got) is Array
    assert reason(schema, [1]) == "expected tuple of length 2, got list of length 1"
    assert reason(schema, Array([1])) == "expected tuple of length 2, got Array of length 1"
    assert (
        reason(TypeSchema("tuple", ()), (1,)) == "expected tuple of length 0, got tuple of length 1"
    )
    assert reason(schema, 5) == "expected tuple, got int"


@pytest.mark.parametrize(
    ("schema", "value", "why"),
    [
        (T("Array", INT), 5, "expected Array, got int"),
        (T("list", INT), {1}, "expected List, got set"),
        (T("Array", INT), [1, "a"], "element [1]: expected int, got str"),
        (T("Array", T("Array", INT)), [[1], [2, None]],
         "element [1]: element [1]: expected int, got None"),
        (T("tuple", INT, STR), [1, 2], "element [1]: expected str, got int"),
        (T("Map", STR, INT), [1], "expected Map, got list"),
        (T("dict", STR, INT), 5, "expected Dict, got int"),
        (T("Map", STR, INT), {1: 1}, "key 1: expected str, got int"),
        (T("Map", STR, INT), {"a": "b"}, "value for key 'a': expected int, got str"),
        (T("Map", STR, T("Array", INT)), {"x": [1, "y"]},
         "value for key 'x': element [1]: expected int, got str"),
        (T("Array", INT), [Protocol(tvm_ffi_value=raising("no"))],
         "element [0]: expected int, got Protocol"),
    ],
)  # fmt: skip
def test_reasons_lead_from_the_outside_in(schema: TypeSchema, value: Any, why: str) -> None:
    assert reason(schema, value) == why


# ---- Alternatives --------------------------------------------------------------------------------


def test_optional_takes_none_and_reports_its_inner_type() -> None:
    schema = T("Optional", INT)
    assert converted(schema, None) is None
    assert converted(schema, 3) == 3
    assert reason(schema, "x") == "expected int, got str"


def test_the_first_alternative_that_accepts_wins() -> None:
    assert converted(T("Union", T("float"), INT), 3) == 3.0
    assert converted(T("Union", INT, T("float")), 3) == 3
    assert converted(T("Union", T("Array", INT), T("Map")), {"a": 1}) == Map({"a": 1})
    assert reason(T("Union", INT, STR), None) == "expected int | str, got None"
    assert reason(T("Union", T("Array", INT), T("Map")), ["a"]) == (
        "expected Array[int] | Map[Any, Any], got list"
    )


# ---- Objects -------------------------------------------------------------------------------------


def test_derived_objects_pass_and_others_do_not() -> None:
    schema, other = T("testing.TestObjectBase"), T("testing.TestObjectDerived")
    make = tvm_ffi.get_global_func("ffi.MakeObjectFromPackedArgs")
    base = make("testing.TestObjectBase")
    derived = make("testing.TestObjectDerived", "v_map", {}, "v_array", [])
    assert converted(schema, base).same_as(base)
    assert converted(schema, derived).same_as(derived)
    assert reason(other, base) == "expected testing.TestObjectDerived, got testing.TestObjectBase"
    # This type says nothing about how to convert to it.
    assert reason(schema, 5) == "expected testing.TestObjectBase, got int"


def test_object_takes_what_becomes_an_object() -> None:
    for value in ([1], {"a": 1}, 2**70, "not short", ValueError("x"), object(), len):
        assert OBJECT.convert(value).type_index >= 64


@pytest.mark.parametrize(
    ("value", "got", "native"),
    [(5, "int", "int"), (1.5, "float", "float"), ("short", "str", "ffi.SmallStr")],
)
def test_object_refuses_values_without_identity(value: Any, got: str, native: str) -> None:
    assert reason(OBJECT, value) == (
        f"expected Object, got {got}\n  __ffi_convert__ failed:\n"
        f"    Cannot cast from `{native}` to `ffi.Object`"
    )


@pytest.mark.parametrize("value", [[1, 2], (1, 2), Array([1, 2]), List([1, 2])])
def test_shapes_convert_from_sequences(value: Any) -> None:
    assert converted(T("ffi.Shape"), value) == (1, 2)
    assert "Cannot cast from `ffi.Array` to `ffi.Shape`" in reason(T("ffi.Shape"), ["a"])


@pytest.mark.parametrize(
    "key",
    [
        "ffi.Object", "ffi.Function", "ffi.Error", "ffi.String", "ffi.Bytes", "ffi.Array",
        "ffi.List", "ffi.Map", "ffi.Dict", "ffi.Shape", "ffi.Tensor", "testing.TestIntPair",
    ],
)  # fmt: skip
def test_types_that_convert_say_so(key: str) -> None:
    index = core._object_type_key_to_index(key)
    assert isinstance(core._lookup_type_attr(index, "__ffi_convert__"), tvm_ffi.Function)


def test_types_that_do_not_convert_do_not_say_so() -> None:
    index = core._object_type_key_to_index("testing.TestObjectBase")
    assert core._lookup_type_attr(index, "__ffi_convert__") is None


# ---- Unknown types -------------------------------------------------------------------------------


def test_an_unknown_type_is_reported_when_first_used() -> None:
    for schema in (
        T("no.such.type"),
        TypeSchema("no.such.type", fallback=INT),
        T("Array", T("no.such.type")),
    ):
        for use in (schema.check_value, schema.convert):
            with pytest.raises(TypeError, match=r"unknown TypeSchema origin: 'no\.such\.type'"):
                use(1)


def test_conversion_retains_nothing(
    use_count: Callable[[Any], int], nothing_retained: None
) -> None:
    array = Array([1])
    schema = T("Map", STR, T("Array", OBJECT))
    for _ in range(3):
        schema.convert({"a": [array, object(), lambda: None]})
        with pytest.raises(TypeError):
            schema.convert({"a": [array, object(), lambda: None, 5]})
    gc.collect()
    assert use_count(array) == 1
