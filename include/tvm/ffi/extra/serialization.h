// SPDX-License-Identifier: Apache-2.0
//
// Values with all they reach as JSON that keeps what is shared shared, and back. The library does
// the work; it is found by name, so this header imports nothing but the contract.
#ifndef TVM_FFI_EXTRA_SERIALIZATION_H_
#define TVM_FFI_EXTRA_SERIALIZATION_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/extra/json.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>

namespace tvm {
namespace ffi {

// An object with the members root_index, nodes (children first) and, unless it is None, metadata.
// Values that are equal as keys of a Map share a node. An object is written by its type's hook
// type_attr::kDataToJson or else field by field.
//
// Throws ValueError for a List or Dict within itself, TypeError for an object that could not be
// made again, RuntimeError for other values that cannot be written.
inline json::Value ToJSONGraph(const Any& value, const Any& metadata = Any(nullptr)) {
  static const Function write = Function::GetGlobalRequired("ffi.ToJSONGraph");
  return write(value, metadata);
}

// The inverse. Nodes may come in any order; fields that are left out get their defaults. Throws
// ValueError for a malformed graph, TypeError for data that does not fit its type.
inline Any FromJSONGraph(const json::Value& value) {
  static const Function read = Function::GetGlobalRequired("ffi.FromJSONGraph");
  return read(value);
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_SERIALIZATION_H_
