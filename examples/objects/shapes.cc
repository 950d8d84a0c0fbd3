// SPDX-License-Identifier: Apache-2.0
//
// A small class hierarchy and functions over containers.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <string>

namespace example {

namespace ffi = tvm::ffi;

// The object: lives on the heap, counted, shared between languages.
class ShapeObj : public ffi::Object {
 public:
  ffi::String name;

  ffi::String Describe() const { return "a shape called " + std::string(name); }

  // Python may assign fields that are declared writable.
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("example.Shape", ShapeObj, ffi::Object);
};

class RectangleObj : public ShapeObj {
 public:
  int64_t width;
  int64_t height;

  RectangleObj(ffi::String name, int64_t width, int64_t height) : width(width), height(height) {
    if (width < 0 || height < 0) {
      TVM_FFI_THROW(ValueError) << "Expected sides of 0 or more, got " << width << " x " << height;
    }
    this->name = name;
  }

  int64_t Area() const { return width * height; }

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("example.Rectangle", RectangleObj, ShapeObj);
};

// The reference: what C++ code passes around. Copying it counts, it never copies the object.
class Rectangle : public ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Rectangle, ffi::ObjectRef, RectangleObj);
};

int64_t TotalArea(ffi::Array<Rectangle> rectangles) {
  int64_t total = 0;
  for (const Rectangle& rectangle : rectangles) total += rectangle->Area();
  return total;
}

// An Array is a value: appending makes this function's copy different, not the caller's.
ffi::Array<int64_t> Appended(ffi::Array<int64_t> values, int64_t value) {
  values.push_back(value);
  return values;
}

// A List is shared: the caller sees what is appended.
void AppendTo(ffi::List<int64_t> values, int64_t value) { values.push_back(value); }

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<ShapeObj>()
      .def_rw("name", &ShapeObj::name, "What the shape is called.")
      .def("describe", &ShapeObj::Describe);
  refl::ObjectDef<RectangleObj>()
      .def(refl::init<ffi::String, int64_t, int64_t>())
      .def_ro("width", &RectangleObj::width)
      .def_ro("height", &RectangleObj::height)
      .def("area", &RectangleObj::Area);
  refl::GlobalDef()
      .def("example.total_area", TotalArea)
      .def("example.appended", Appended)
      .def("example.append_to", AppendTo);
}

}  // namespace example
