// SPDX-License-Identifier: Apache-2.0
#include <pybind11/pybind11.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/registry.h>

#include "counter.h"

namespace ffi = tvm::ffi;

// What is registered is for everybody: the other module, Python, C.
TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<CounterObj>().def_ro("count", &CounterObj::count);
  refl::GlobalDef().def("example.make_counter",
                        [] { return Counter(ffi::make_object<CounterObj>()); });
}

// What pybind11 binds is for Python. It calls what the other module registered.
PYBIND11_MODULE(with_pybind11, module) {
  module.def("twice", [](int64_t x) {
    return ffi::Function::GetGlobalRequired("example.increased")(x, x).cast<int64_t>();
  });
}
