// SPDX-License-Identifier: Apache-2.0
//
// The functions benchmarks/calls.py calls, for tvm_ffi: one library for this checkout and for the
// released package. The other bindings have the same functions under the same names.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>

namespace calls {

namespace ffi = tvm::ffi;

class PairObj : public ffi::Object {
 public:
  int64_t a;
  int64_t b;

  PairObj(int64_t a, int64_t b) : a(a), b(b) {}

  int64_t Plus(int64_t x) const { return a + x; }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("calls.Pair", PairObj, ffi::Object);
};

class Pair : public ffi::ObjectRef {
 public:
  Pair(int64_t a, int64_t b) { data_ = ffi::make_object<PairObj>(a, b); }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Pair, ffi::ObjectRef, PairObj);
};

ffi::Array<int64_t> Numbers(int64_t size) {
  ffi::Array<int64_t> numbers;
  for (int64_t i = 0; i < size; ++i) numbers.push_back(i);
  return numbers;
}

ffi::Map<ffi::String, int64_t> Entries(int64_t size) {
  ffi::Map<ffi::String, int64_t> entries;
  for (int64_t i = 0; i < size; ++i) entries.Set(ffi::String("key" + std::to_string(i)), i);
  return entries;
}

int64_t Fail(int64_t) { TVM_FFI_THROW(ValueError) << "it failed"; }

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::GlobalDef()
      .def("calls.nop", [] {})
      .def_packed("calls.ignore", [](ffi::PackedArgs, ffi::Any*) {})
      .def("calls.int1", [](int64_t x) { return x + 1; })
      .def("calls.int3", [](int64_t x, int64_t y, int64_t z) { return x + y + z; })
      .def("calls.float1", [](double x) { return x + 1.0; })
      .def("calls.bool1", [](bool x) { return !x; })
      .def("calls.none1", [](ffi::Optional<int64_t> x) { return x.has_value(); })
      .def("calls.str_size", [](const ffi::String& x) { return static_cast<int64_t>(x.size()); })
      .def("calls.bytes_size", [](const ffi::Bytes& x) { return static_cast<int64_t>(x.size()); })
      .def("calls.str_result", [] { return ffi::String("a result of some length"); })
      .def("calls.mixed",
           [](int64_t x, double y, const ffi::String& z) {
             return static_cast<double>(x) + y + static_cast<double>(z.size());
           })
      .def("calls.device1", [](DLDevice x) { return x; })
      .def("calls.dtype1", [](DLDataType x) { return x; })
      .def("calls.pair", [](int64_t a, int64_t b) { return Pair(a, b); })
      .def("calls.pair_echo", [](Pair x) { return x; })
      .def("calls.pair_first", [](const Pair& x) { return x->a; })
      .def("calls.apply", [](const ffi::Function& f, int64_t x) { return f(x).cast<int64_t>(); })
      .def("calls.apply_str",
           [](const ffi::Function& f, const ffi::String& x) { return f(x).cast<ffi::String>(); })
      .def("calls.apply_pair",
           [](const ffi::Function& f, const Pair& x) { return f(x).cast<Pair>()->a; })
      .def("calls.tensor1", [](ffi::TensorView x) { return x.ndim(); })
      .def("calls.tensor3", [](ffi::TensorView x, ffi::TensorView y,
                               ffi::TensorView z) { return x.ndim() + y.ndim() + z.ndim(); })
      .def("calls.tensor_echo", [](ffi::Tensor x) { return x; })
      .def("calls.list_size",
           [](const ffi::Array<int64_t>& x) { return static_cast<int64_t>(x.size()); })
      .def("calls.dict_size",
           [](const ffi::Map<ffi::String, int64_t>& x) { return static_cast<int64_t>(x.size()); })
      .def("calls.nested_size",
           [](const ffi::Array<ffi::Array<int64_t>>& x) { return static_cast<int64_t>(x.size()); })
      .def("calls.numbers", Numbers)
      .def("calls.entries", Entries)
      .def("calls.fail", Fail);
  refl::ObjectDef<PairObj>()
      .def(refl::init<int64_t, int64_t>())
      .def_rw("a", &PairObj::a)
      .def_rw("b", &PairObj::b)
      .def("plus", &PairObj::Plus)
      .def_static("twice", [](int64_t x) { return 2 * x; });
}

}  // namespace calls
