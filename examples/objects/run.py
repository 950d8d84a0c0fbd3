# SPDX-License-Identifier: Apache-2.0
"""Share objects and containers with C++."""

from __future__ import annotations

from pathlib import Path

import tvm_ffi
import tvm_ffi.cpp

# Loading the library registers its classes and functions under their names.
tvm_ffi.cpp.load("objects_example", cpp_files=[str(Path(__file__).with_name("shapes.cc"))])


@tvm_ffi.register_object("example.Shape")
class Shape(tvm_ffi.Object):
    """Python face of example::ShapeObj; fields and methods are installed by the decorator."""


@tvm_ffi.register_object("example.Rectangle")
class Rectangle(Shape):
    """Python face of example::RectangleObj, with a method of Python's own."""

    @property
    def is_square(self) -> bool:
        return self.width == self.height


total_area = tvm_ffi.get_global_func("example.total_area")
appended = tvm_ffi.get_global_func("example.appended")
append_to = tvm_ffi.get_global_func("example.append_to")


def use_objects() -> None:
    desk = Rectangle("desk", 3, 2)
    print("fields    ", desk.name, desk.width, desk.height)
    print("methods   ", desk.area(), desk.is_square, desk.describe())
    desk.name = "table"
    print("assigned  ", desk.describe())
    print("many      ", total_area([desk, Rectangle("tile", 1, 1)]))
    for wrong in (lambda: Rectangle("hole", -1, 1), lambda: setattr(desk, "width", 9)):
        try:
            wrong()
        except (ValueError, AttributeError) as error:
            print(f"{type(error).__name__:<15}", error)


def use_containers() -> None:
    values = tvm_ffi.Array([1, 2])
    print("Array     ", list(appended(values, 3)), list(values))
    shared = tvm_ffi.List([1, 2])
    append_to(shared, 3)
    print("List      ", list(shared))
    nested = tvm_ffi.convert({"sizes": [1, 2, 3], "name": "nested"})
    print("Map       ", nested["name"], nested["sizes"][2])


if __name__ == "__main__":
    use_objects()
    use_containers()
