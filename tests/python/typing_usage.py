# SPDX-License-Identifier: Apache-2.0
"""A program as users write it, for type checkers: it must pass the strictest checks, and run."""

from __future__ import annotations

from typing import Any

import tvm_ffi
from tvm_ffi import (
    Array,
    Dict,
    Function,
    List,
    Map,
    Object,
    Shape,
    StructuralKey,
    StructuralVisitor,
    Tensor,
    VisitInterrupt,
    core,
    structural_walk,
)
from tvm_ffi.access_path import AccessPath
from tvm_ffi.dataclasses import Enum, c_class, entry, field, init_property, py_class, replace
from tvm_ffi.serialization import to_json_graph_str
from tvm_ffi.utils.kwargs_wrapper import make_kwargs_wrapper


def functions() -> int:
    echo: Function = tvm_ffi.get_global_func("testing.echo")
    perhaps: Function | None = tvm_ffi.get_global_func("no.such.function", allow_missing=True)
    assert perhaps is None

    @tvm_ffi.register_global_func("typing_usage.add", override=True)
    def add(x: int, y: int) -> int:
        return x + y

    called: Any = add(1, 2)
    made: Function = tvm_ffi.convert_func(lambda x: x)
    made.release_gil = False
    metadata: dict[str, Any] = tvm_ffi.get_global_func_metadata("testing.add_one")
    assert "type_schema" in metadata
    names: list[str] = tvm_ffi.registry.list_global_func_names()
    assert "typing_usage.add" in names
    tvm_ffi.remove_global_func("typing_usage.add")
    return int(echo(called))


def containers() -> None:
    array: Array[int] = Array([1, 2, 3])
    first: int = array[0]
    some: list[int] = array[1:]
    total = first + sum(some)
    changing: List[str] = List(["a"])
    changing.append("b")
    changing[0] = "c"
    del changing[0]
    fixed: Map[str, int] = Map({"a": 1})
    for key, value in fixed.items():
        total += len(key) + value
    growing: Dict[str, int] = Dict({"a": 1})
    growing["b"] = 2
    got: int | None = growing.get("c")
    assert got is None
    assert total == 8


def values() -> None:
    kind: tvm_ffi.dtype = tvm_ffi.dtype("float32")
    bits: int = kind.bits
    place: tvm_ffi.Device = tvm_ffi.device("cpu", 0)
    index: int = place.index
    shape: Shape = Shape((2, 3))
    extent: int = shape[0]
    assert (bits, index, extent) == (32, 0, 2)
    kept: tvm_ffi.CAny = tvm_ffi.CAny([1, 2])
    assert kept.type_index == 71
    schema: core.TypeSchema = core.TypeSchema.from_annotation(list[int])
    schema.check_value([1])
    with tvm_ffi.use_raw_stream(place, 0):
        stream: int = tvm_ffi.get_raw_stream(place)
    assert stream == 0


def describe(tensor: Tensor) -> str:
    shape: tuple[int, ...] = tensor.shape
    return f"{tensor.dtype}{shape}@{tensor.device} {tensor.data_ptr():#x}"


@c_class("testing.TestIntPair")
class Pair(Object):
    a: int
    b: int = field()


def objects() -> None:
    pair = Pair(1, 2)
    total: int = pair.a + pair.b
    assert total == 3
    assert pair.same_as(pair)


class Color(Enum, type_key="typing_usage.Color"):
    code: int
    red = entry(code=1)


@py_class("typing_usage.Node", eq=True)
class Node(Object):
    value: int
    color: Color = field(default_factory=lambda: Color.red)
    children: List[Node] = field(default_factory=list)
    weight: float = field(default=1.0, kw_only=True)

    @init_property
    def label(self) -> str:
        return f"{self.value}"

    @tvm_ffi.method
    def total(self) -> int:
        return self.value + sum(child.total() for child in self.children)


@py_class("typing_usage.Leaf")
class Leaf(Node):
    depth: int = 0


def declared_types() -> None:
    leaf = Leaf(2, depth=1, weight=2.0)
    node = Node(1)
    node.children.append(leaf)
    total: int = node.total()
    label: str = node.label
    changed: Node = replace(node, value=5)
    members: list[Color] = list(Color)
    code: int = Color.get("red").code + members[0].code
    assert (total, label, changed.value, leaf.depth, code) == (3, "1", 5, 1, 2)


@tvm_ffi.register_error
class UsageError(RuntimeError):
    pass


def errors() -> None:
    @tvm_ffi.register_global_func("typing_usage.fail", override=True)
    def fail() -> None:
        raise UsageError("on purpose")

    try:
        fail()
    except UsageError as error:
        assert str(error) == "on purpose"


def trees() -> None:
    found: list[int] = []
    stop: VisitInterrupt | None = structural_walk([1, [2]], (int, found.append))

    def visit(value: Array[Any], visitor: StructuralVisitor) -> VisitInterrupt | None:
        return visitor.default_visit(value)

    tvm_ffi.structural_visit([1], [(Array, visit)])
    mapped: Any = tvm_ffi.structural_map([1, 2], (int, lambda value: value + 1))
    text: str = to_json_graph_str(mapped)
    path: AccessPath = AccessPath.root().attr("x").array_item(0)
    table: dict[StructuralKey, str] = {StructuralKey([1]): text}
    assert stop is None and found == [1, 2] and path.depth == 2
    assert table[StructuralKey([1])] == to_json_graph_str([2, 3])
    wrapper = make_kwargs_wrapper(lambda *args: args, ["x", "y"], (2,))
    assert wrapper(1) == (1, 2)


if __name__ == "__main__":
    assert functions() == 3
    containers()
    values()
    tvm_ffi.get_global_func("testing.nop")()  # loads the library of `Pair`
    objects()
    declared_types()
    errors()
    trees()
