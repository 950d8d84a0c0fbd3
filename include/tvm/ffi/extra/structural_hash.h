// SPDX-License-Identifier: Apache-2.0
//
// Structural hash: equal for values that are structurally equal.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_HASH_H_
#define TVM_FFI_EXTRA_STRUCTURAL_HASH_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>

#include <cstdint>  // uint64_t

namespace tvm {
namespace ffi {

// The same in every process, except for values with free variables that are used without being
// defined. Objects need a structural kind, as for equality: TypeError. A class may have a hook,
// `__s_hash__`. Values nested more than 2^20 levels deep are a ValueError.
class StructuralHash {
 public:
  // map_free_vars: all free variables count as defined.
  // skip_tensor_content: only shape and type of tensors count. Otherwise tensors must be contiguous
  // and on the CPU: InternalError.
  static uint64_t Hash(const Any& value, bool map_free_vars = false,
                       bool skip_tensor_content = false) {
    static const Function hash = Function::GetGlobalRequired("ffi.StructuralHash");
    return static_cast<uint64_t>(hash(value, map_free_vars, skip_tensor_content).cast<int64_t>());
  }

  uint64_t operator()(const Any& value) const { return Hash(value); }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_HASH_H_
