// SPDX-License-Identifier: Apache-2.0
//
// Arrays for callers that hold nothing but a handle: `ffi.Array*`.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>

namespace tvm::ffi::library {
namespace {

bool contains(const ArrayObj* array, const Any& value) {
  return std::any_of(array->begin(), array->end(),
                     [&](const Any& element) { return AnyEqual()(element, value); });
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def_packed("ffi.Array",
                  [](PackedArgs args, Any* result) {
                    *result = Array<Any>(args.data(), args.data() + args.size());
                  })
      .def("ffi.ArrayGetItem",
           [](const ArrayObj* array, int64_t index) -> Any { return array->at(index); })
      .def("ffi.ArraySize",
           [](const ArrayObj* array) { return static_cast<int64_t>(array->size()); })
      .def("ffi.ArrayContains", contains);
}

}  // namespace
}  // namespace tvm::ffi::library
