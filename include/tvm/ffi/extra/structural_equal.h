// SPDX-License-Identifier: Apache-2.0
//
// Structural equality: whether two values have the same content, as their types define it.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_EQUAL_H_
#define TVM_FFI_EXTRA_STRUCTURAL_EQUAL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/accessor.h>

namespace tvm {
namespace ffi {

// Containers are compared by their items, tensors by shape, type and content, objects as the
// structural kind of their class says: TypeError for one without. A class may have a hook,
// `__s_equal__`. Values nested more than 2^20 levels deep are a ValueError.
class StructuralEqual {
 public:
  // map_free_vars: free variables may stand for one another, not only those in definitions.
  // skip_tensor_content: shape and type of tensors suffice. Otherwise tensors that are not the same
  // object must be contiguous and on the CPU: InternalError.
  static bool Equal(const Any& lhs, const Any& rhs, bool map_free_vars = false,
                    bool skip_tensor_content = false) {
    static const Function equal = Function::GetGlobalRequired("ffi.StructuralEqual");
    return equal(lhs, rhs, map_free_vars, skip_tensor_content).cast<bool>();
  }

  // The paths, in either value, to the first place where they differ; nothing if they are equal.
  static Optional<reflection::AccessPathPair> GetFirstMismatch(const Any& lhs, const Any& rhs,
                                                               bool map_free_vars = false,
                                                               bool skip_tensor_content = false) {
    static const Function find = Function::GetGlobalRequired("ffi.GetFirstStructuralMismatch");
    return find(lhs, rhs, map_free_vars, skip_tensor_content)
        .cast<Optional<reflection::AccessPathPair>>();
  }

  bool operator()(const Any& lhs, const Any& rhs) const { return Equal(lhs, rhs); }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_EQUAL_H_
