# SPDX-License-Identifier: Apache-2.0
"""Go through the C++ API: what `values.cc` and `trees.cc` define, seen from Python."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import tvm_ffi
import tvm_ffi.cpp

HERE = Path(__file__).parent
tvm_ffi.cpp.load("cpp_tour", cpp_files=[str(HERE / "values.cc"), str(HERE / "trees.cc")])

# Binds every function registered as `tour.<name>` to a name of this module.
tour: Any = type("tour", (), {})
for name in tvm_ffi.registry.list_global_func_names():
    if name.startswith("tour."):
        setattr(tour, name[len("tour.") :], staticmethod(tvm_ffi.get_global_func(name)))


# A kind that is not registered arrives as a RuntimeError.
tvm_ffi.register_error("ZeroDivisionError", ZeroDivisionError)


@tvm_ffi.register_object("tour.Expr")
class Expr(tvm_ffi.Object):
    """Anything with a value."""


@tvm_ffi.register_object("tour.Number")
class Number(Expr):
    """An int and a comment."""


@tvm_ffi.register_object("tour.Sum")
class Sum(Expr):
    """A sum of expressions."""


def failure_of(call: Any) -> str:
    try:
        call()
    except Exception as error:
        return f"{type(error).__name__}: {error}"
    return "no failure"


def show_values() -> None:
    print("any       ", [str(tour.describe(x)) for x in (None, 1, "two", True, [3])])
    print("optional  ", tour.length_or("four", 0), tour.length_or(None, 0))
    print("variant   ", tour.count_names("one"), tour.count_names(["one", "two"]))
    print("expected  ", tour.parse_digit("7"), tour.digit_or("x", -1))
    print("          ", failure_of(lambda: tour.required_digit("12")))
    print("          ", tour.parse_digit("12").kind, tour.call_or(lambda: 1 // 0, -1))
    stock = tvm_ffi.Dict({"tea": 1})
    print("containers", dict(tour.restocked({"tea": 1}, "tea")), end=" ")
    tour.restock(stock, "tea")
    print(dict(stock), tuple(tour.longest(["a", "abc"])), list(tour.doubled([1, 2])))
    print("functions ", tour.twice(lambda x: x * x, 3), tour.adder(40)(2), tour.join("a", "b"))
    print("          ", tour.call_by_name("tour.doubled", [4]), tour.call_by_name("no such", 5))
    print("errors    ", failure_of(lambda: tour.ratio(1.0, 0.0)))
    print("          ", tour.kind_of_failure(lambda: [].pop()))


def show_trees() -> None:
    tree = Sum([Number(1), Number(2, comment="two")])
    print("fields    ", tree.count(), tree.at(0).value, [n.value for n in tree.at([0])])
    print("static    ", Sum.empty().count())
    print("print     ", tour.printed(tree))
    print("equal     ", tour.same(tree, tour.copied(tree)), tour.same(Number(1), Number(2)))
    print("ignored   ", tour.same(Number(1), Number(1, comment="one")))
    print("text      ", tour.from_text(tour.to_text(tree)).at(1).comment)
    print("walk      ", tour.total([tree]))
    print("map       ", tour.folded([tree])[0].value)


if __name__ == "__main__":
    show_values()
    show_trees()
