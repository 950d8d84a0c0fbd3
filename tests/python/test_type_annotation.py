# SPDX-License-Identifier: Apache-2.0
# ruff: noqa: UP006 - the old spellings are what is tested
from __future__ import annotations

import collections.abc
import ctypes
import sys
import types
import typing
from typing import Any

import pytest

import tvm_ffi
from tvm_ffi import core
from tvm_ffi.core import TypeSchema

Array, List, Map, Dict = tvm_ffi.Array, tvm_ffi.List, tvm_ffi.Map, tvm_ffi.Dict


class Provider:
    def __dlpack__(self) -> object: ...


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (None, "None"),
        (type(None), "None"),
        (Any, "Any"),
        (bool, "bool"),
        (int, "int"),
        (float, "float"),
        (str, "str"),
        (bytes, "bytes"),
        (list, "List[Any]"),
        (dict, "Dict[Any, Any]"),
        (tuple, "tuple"),
        (typing.List, "List[Any]"),
        (typing.Dict, "Dict[Any, Any]"),
        (typing.Tuple, "tuple"),
        (typing.Callable, "Callable[..., Any]"),
        (collections.abc.Callable, "Callable[..., Any]"),
        (typing.Union[int, str], "int | str"),
        (typing.Optional[int], "int | None"),
        (typing.Union[int, str, None], "int | str | None"),
        (typing.Union[int, typing.Union[str, float], None], "int | str | float | None"),
        (list[int], "List[int]"),
        (typing.List[int], "List[int]"),
        (dict[str, int], "Dict[str, int]"),
        (tuple[int, ...], "Array[int]"),
        (tuple[int, str], "tuple[int, str]"),
        (tuple[()], "tuple[()]"),
        (typing.Tuple[()], "tuple[()]"),
        (typing.Callable[[int], str], "Callable[[int], str]"),
        (typing.Callable[[], str], "Callable[[], str]"),
        (typing.Callable[..., str], "Callable[..., str]"),
        (collections.abc.Callable[[int], None], "Callable[[int], None]"),
        (Array, "Array[Any]"),
        (Array[int], "Array[int]"),
        (List[int], "List[int]"),
        (Map[str, int], "Map[str, int]"),
        (Dict[str, Array[int]], "Dict[str, Array[int]]"),
        (typing.Optional[Array[int]], "Array[int] | None"),
        (core.String, "str"),
        (core.Bytes, "bytes"),
        (core.DataType, "dtype"),
        (tvm_ffi.dtype, "dtype"),
        (tvm_ffi.Device, "Device"),
        (ctypes.c_void_p, "ctypes.c_void_p"),
        (tvm_ffi.Object, "Object"),
        (tvm_ffi.Function, "Callable[..., Any]"),
        (tvm_ffi.Tensor, "Tensor"),
        (tvm_ffi.Module, "ffi.Module"),
        (core.Error, "ffi.Error"),
        (Provider, "Tensor"),
    ],
)
def test_an_annotation_means_a_type(annotation: Any, text: str) -> None:
    assert repr(TypeSchema.from_annotation(annotation)) == text


def test_an_unparameterized_tuple_has_no_arguments() -> None:
    assert TypeSchema.from_annotation(tuple).args is None


@pytest.mark.skipif(sys.version_info < (3, 10), reason="`X | Y` is a type from 3.10 on")
def test_bars_mean_alternatives() -> None:
    assert repr(TypeSchema.from_annotation(eval("int | str | None"))) == "int | str | None"


class Unregistered(tvm_ffi.Object):
    pass


@pytest.mark.parametrize(
    ("annotation", "text"),
    [
        (types.GenericAlias(list, (int, str)), "list takes at most 1 type argument, got 2"),
        (types.GenericAlias(dict, (int,)), "dict requires 0 or 2 type arguments, got 1"),
        (types.GenericAlias(Array, (int, str)), "Array requires 1 type argument, got 2"),
        (types.GenericAlias(List, (int, str)), "List requires 1 type argument, got 2"),
        (types.GenericAlias(Map, (int,)), "Map requires 2 type arguments, got 1"),
        (types.GenericAlias(Dict, (int,)), "Dict requires 2 type arguments, got 1"),
        (Unregistered, "is not registered"),
        (core.CObject, "is not registered"),
        (set, "Cannot convert <class 'set'> to TypeSchema"),
        (typing.Set[int], r"Cannot convert typing.Set\[int\] to TypeSchema"),
        (3, "Cannot convert 3 to TypeSchema"),
        ("int", "Cannot convert 'int' to TypeSchema"),
        ([], r"Cannot convert \[\] to TypeSchema"),
        (tvm_ffi.Shape, "to TypeSchema"),
        (typing.TypeVar("X"), "Cannot convert ~X to TypeSchema"),
    ],
)
def test_other_annotations_are_refused(annotation: Any, text: str) -> None:
    with pytest.raises(TypeError, match=text):
        TypeSchema.from_annotation(annotation)
