// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>

namespace ffi = tvm::ffi;

struct CounterObj : public ffi::Object {
  explicit CounterObj(int64_t value) : value(value) {
    TVM_FFI_CHECK_GE(value, 0, ValueError) << "a counter starts at 0 or more";
  }
  int64_t Add(int64_t by) { return value += by; }
  int64_t value;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("migrating.Counter", CounterObj, ffi::Object);
};

void Scale(ffi::TensorView x, double factor) {
  TVM_FFI_CHECK_EQ(x.dtype(), (DLDataType{kDLFloat, 64, 1}), TypeError);
  TVM_FFI_CHECK(x.IsContiguous(), ValueError) << "x must be contiguous";
  auto* data = static_cast<double*>(x.data_ptr());
  for (int64_t i = 0; i < x.numel(); ++i) data[i] *= factor;
}

int64_t Twice(ffi::TypedFunction<int64_t(int64_t)> f, int64_t x) { return f(f(x)); }

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<CounterObj>()
      .def(refl::init<int64_t>())
      .def("add", &CounterObj::Add)
      .def_ro("value", &CounterObj::value);
  refl::GlobalDef().def("migrating.scale", Scale).def("migrating.twice", Twice);
}
