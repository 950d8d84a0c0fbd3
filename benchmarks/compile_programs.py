# SPDX-License-Identifier: Apache-2.0
"""The programs whose compilation is measured: what users of the headers write, in plain shapes."""

from __future__ import annotations

from pathlib import Path

EXTENSION = Path(__file__).resolve().parent.parent / "examples/packaging/src/extension.cc"

HEADER = """\
#include <tvm/ffi/tvm_ffi.h>

namespace ffi = tvm::ffi;
"""

KERNEL = """
void Kernel{i}(ffi::TensorView x, ffi::TensorView y, {type} factor) {{
  TVM_FFI_CHECK_EQ(x.ndim(), 1, ValueError) << "x must have one dimension";
  TVM_FFI_CHECK_EQ(x.size(0), y.size(0), ValueError) << "x and y must have the same length";
  if (x.dtype() != y.dtype()) TVM_FFI_THROW(TypeError) << "x and y must have the same type";
  const float* from = static_cast<const float*>(x.data_ptr());
  float* to = static_cast<float*>(y.data_ptr());
  for (int64_t i = 0; i < x.size(0); ++i) to[i] = from[i] * static_cast<float>(factor) + {i}.0f;
}}
TVM_FFI_DLL_EXPORT_TYPED_FUNC(kernel_{i}, Kernel{i});
"""

CLASS = """
class Record{i}Obj : public ffi::Object {{
 public:
  int64_t size;
  double scale;
  bool enabled;
  ffi::String name;
  ffi::Array<int64_t> shape;

  Record{i}Obj(int64_t size, double scale, bool enabled, ffi::String name,
               ffi::Array<int64_t> shape)
      : size(size), scale(scale), enabled(enabled), name(name), shape(shape) {{}}

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("bench.Record{i}", Record{i}Obj, ffi::Object);
}};

class Record{i} : public ffi::ObjectRef {{
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Record{i}, ffi::ObjectRef, Record{i}Obj);
}};

TVM_FFI_STATIC_INIT_BLOCK() {{
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<Record{i}Obj>()
      .def(refl::init<int64_t, double, bool, ffi::String, ffi::Array<int64_t>>())
      .def_ro("size", &Record{i}Obj::size, "Number of elements")
      .def_rw("scale", &Record{i}Obj::scale)
      .def_rw("enabled", &Record{i}Obj::enabled)
      .def_ro("name", &Record{i}Obj::name)
      .def_ro("shape", &Record{i}Obj::shape);
}}
"""

CONTAINERS = """
ffi::Array<int64_t> Doubled(ffi::Array<int64_t> numbers) {
  ffi::Array<int64_t> result;
  for (int64_t number : numbers) result.push_back(number * 2);
  return result;
}
ffi::List<double> Appended(ffi::List<double> numbers, double last) {
  numbers.push_back(last);
  return numbers;
}
ffi::Map<ffi::String, int64_t> Lengths(ffi::Map<ffi::String, ffi::String> texts) {
  ffi::Map<ffi::String, int64_t> result;
  for (auto [key, text] : texts) result.Set(key, static_cast<int64_t>(text.size()));
  return result;
}
ffi::Dict<ffi::String, ffi::Any> Counted(ffi::Dict<ffi::String, ffi::Any> values) {
  values.Set("count", static_cast<int64_t>(values.size()));
  return values;
}
ffi::Tuple<ffi::String, int64_t> Swapped(ffi::Tuple<int64_t, ffi::String> pair) {
  return ffi::Tuple<ffi::String, int64_t>(pair.get<1>(), pair.get<0>());
}
ffi::Variant<int64_t, ffi::String> Negated(ffi::Variant<int64_t, ffi::String> value) {
  if (auto number = value.as<int64_t>()) return -*number;
  return value;
}
ffi::Optional<ffi::String> First(ffi::Optional<ffi::Array<ffi::String>> texts) {
  if (!texts.has_value() || texts.value().empty()) return std::nullopt;
  return texts.value()[0];
}
int64_t Volume(ffi::Shape shape) { return shape.Product(); }
ffi::Shape ShapeOf(ffi::Tensor tensor) { return tensor.shape(); }

TVM_FFI_DLL_EXPORT_TYPED_FUNC(doubled, Doubled);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(appended, Appended);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(lengths, Lengths);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(counted, Counted);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(swapped, Swapped);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(negated, Negated);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(first, First);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(volume, Volume);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(shape_of, ShapeOf);
"""


def kernels(count: int = 30) -> str:
    """Exported functions over tensors, as a file of kernels has them."""
    types = ["double", "int64_t", "float"]
    return HEADER + "".join(KERNEL.format(i=i, type=types[i % 3]) for i in range(count))


def classes(count: int = 20) -> str:
    """Classes of five fields each, registered with a constructor."""
    return HEADER + "".join(CLASS.format(i=i) for i in range(count))


def containers() -> str:
    """One exported function for each type of container."""
    return HEADER + "#include <tvm/ffi/container/dict.h>\n" + CONTAINERS


def programs() -> dict[str, str]:
    """Return the source text of each program under its name."""
    return {
        "extension": EXTENSION.read_text(),
        "kernels": kernels(),
        "classes": classes(),
        "containers": containers(),
    }
