// SPDX-License-Identifier: Apache-2.0
#include <nanobind/nanobind.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include "counter.h"

namespace ffi = tvm::ffi;

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::GlobalDef()
      .def("example.increased", [](int64_t x, int64_t by) { return x + by; })
      .def("example.increase", [](Counter counter) { counter->count += 1; });
}

NB_MODULE(with_nanobind, module) {
  // A call through the registry; the object is made in one module and counted in the other.
  module.def("count_to", [](int64_t end) {
    Counter counter = ffi::Function::GetGlobalRequired("example.make_counter")().cast<Counter>();
    ffi::Function increase = ffi::Function::GetGlobalRequired("example.increase");
    while (counter->count < end) increase(counter);
    return counter->count;
  });
}
