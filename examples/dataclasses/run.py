# SPDX-License-Identifier: Apache-2.0
"""Declare types in Python that every language can use."""

from __future__ import annotations

import copy
from typing import Optional

import tvm_ffi
from tvm_ffi.dataclasses import (
    IntEnum,
    Object,
    asdict,
    field,
    gen_abi_cpp,
    init_property,
    py_class,
    replace,
)


class Priority(IntEnum, type_key="example.Priority"):
    low = 1
    high = 10


@py_class("example.Task", eq=True)
class Task(Object):
    """The annotations are the fields; they live in native memory."""

    name: str
    priority: Priority = Priority.low
    hours: float = 1.0
    parts: list[Task] = field(default_factory=list)
    parent: Optional[Task] = field(default=None, compare=False, repr=False)  # noqa: UP045

    @init_property
    def label(self) -> str:
        return f"{self.name} ({self.priority.name})"

    @tvm_ffi.method
    def total(self) -> float:
        """Add up the hours, those of the parts included."""
        return self.hours + sum(part.total() for part in self.parts)


@py_class("example.Deadline", frozen=True)
class Deadline(Task):
    day: int = field(default=0, kw_only=True)


def use_tasks() -> None:
    paint = Task("paint", 10, 2)  # 10 stands for Priority.high
    house = Task("house", parts=[paint, Task("roof", hours=3.5)])
    print("fields    ", house)
    print("computed  ", paint.label)
    print("methods   ", house.total())
    house.parts.append(Task("door"))
    print("shared    ", len(house.parts), house.parts[0].same_as(paint))
    print("replaced  ", replace(paint, hours=4) == paint, copy.deepcopy(house) == house)
    print("asdict    ", asdict(Task("a"))["priority"])


def meet_errors() -> None:
    deadline = Deadline("tax", day=3)
    for attempt in (
        lambda: Task("a", 5),
        lambda: Task("a", parts=["b"]),
        lambda: setattr(deadline, "day", 4),
    ):
        try:
            attempt()
        except (TypeError, AttributeError) as error:
            print(f"{type(error).__name__:15}", str(error).splitlines()[-1].strip())


use_tasks()
meet_errors()
print(gen_abi_cpp("example.Deadline"))
