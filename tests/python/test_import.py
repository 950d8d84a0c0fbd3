# SPDX-License-Identifier: Apache-2.0
"""What `import tvm_ffi` loads, and what waits until it is asked for."""

from __future__ import annotations

import sys
from typing import Callable

import pytest

import tvm_ffi

# Each of them costs milliseconds, or, in the case of the last two, a second.
HEAVY = "ast dataclasses inspect json linecache logging numbers sysconfig typing_extensions".split()
HEAVY += ["numpy", "torch"]


def test_import_loads_nothing_that_costs_much(run_python: Callable[..., str]) -> None:
    code = """
        import sys
        before = set(sys.modules)
        import tvm_ffi
        print(*set(sys.modules) - before)
        """
    loaded = set(run_python(code).split())
    assert "tvm_ffi._function" in loaded
    heavy = set(HEAVY)
    if sys.implementation.name == "pypy":
        heavy -= {"linecache"}  # by the warning of what is lacking there
    if sys.version_info >= (3, 14):
        heavy -= {"ast", "sysconfig"}  # by typing.NamedTuple and ctypes
    assert loaded & heavy == set()
    assert not [name for name in loaded if name.startswith(("tvm_ffi.cpp", "tvm_ffi.dataclasses"))]


def test_every_public_name_is_there_when_asked_for(run_python: Callable[..., str]) -> None:
    code = """
        import tvm_ffi
        for name in tvm_ffi.__all__:
            print(name, getattr(tvm_ffi, name).__class__.__name__)
        from tvm_ffi import *
        assert structural_equal(convert([1]), Array([1]))
        """
    found = dict(line.split() for line in run_python(code).splitlines())
    assert found.keys() == set(tvm_ffi.__all__)
    assert found["dataclasses"] == "module"
    assert found["structural_equal"] == "function"


def test_names_that_wait_are_listed() -> None:
    assert {"cpp", "libinfo", "core", "CAny", "structural_walk"} <= set(dir(tvm_ffi))


def test_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match=r"'tvm_ffi' has no attribute 'no_such_name'"):
        tvm_ffi.no_such_name  # type: ignore[attr-defined]  # noqa: B018


def test_object_brings_the_module_of_its_class(run_python: Callable[..., str]) -> None:
    code = """
        import sys, tvm_ffi
        mismatch = tvm_ffi.get_global_func("ffi.GetFirstStructuralMismatch")
        assert "tvm_ffi.access_path" not in sys.modules
        path = mismatch([1], [2], False, False)[0]
        print(type(path) is tvm_ffi.access_path.AccessPath, path)
        """
    assert run_python(code).split()[0] == "True"


def test_subclass_of_a_waiting_class_inherits_from_it(run_python: Callable[..., str]) -> None:
    code = """
        import sys, tvm_ffi
        assert "tvm_ffi.dataclasses" not in sys.modules
        variant = tvm_ffi.get_global_func("testing.enum_variant_get")
        print(tvm_ffi.dataclasses.Enum in type(variant("Alpha")).__mro__)
        """
    assert run_python(code).split() == ["True"]


def test_type_descriptions_are_dataclasses_to_those_who_look() -> None:
    import dataclasses

    from tvm_ffi.core import TypeField, TypeInfo, TypeMethod

    method = TypeMethod("m", None, len, {}, False)
    assert dataclasses.is_dataclass(TypeInfo)
    assert [field.name for field in dataclasses.fields(method)][:2] == ["name", "doc"]
    assert dataclasses.replace(method, name="n").name == "n"
    assert dataclasses.fields(TypeField)[10].default is None
    assert repr(method).startswith("TypeMethod(name='m', doc=None")
    assert method != TypeMethod("m", None, len, {}, False)
