# SPDX-License-Identifier: Apache-2.0
"""A small language for the tests of structural operations."""

from __future__ import annotations

from typing import Any

from tvm_ffi.dataclasses import Object, field, py_class


@py_class("test_structural.Var", structural_eq="var")
class Var(Object):
    name: str = field(structural_eq="ignore")


@py_class("test_structural.TypedVar", structural_eq="var")
class TypedVar(Object):
    """A variable whose own field may hold variables."""

    type: Any


@py_class("test_structural.Call")
class Call(Object):
    op: str
    args: Any
    span: int = field(default=0, structural_eq="ignore")


@py_class("test_structural.Let")
class Let(Object):
    var: Any = field(structural_eq="def-simple")
    value: Any
    body: Any


@py_class("test_structural.Lambda")
class Lambda(Object):
    params: Any = field(structural_eq="def-pattern")
    body: Any


@py_class("test_structural.Shared", structural_eq="dag")
class Shared(Object):
    value: Any


@py_class("test_structural.Constant", structural_eq="const-tree")
class Constant(Object):
    value: Any


@py_class("test_structural.Singleton", structural_eq="singleton")
class Singleton(Object):
    name: str


@py_class("test_structural.Opaque", structural_eq=None)
class Opaque(Object):
    value: Any
