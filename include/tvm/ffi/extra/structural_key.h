// SPDX-License-Identifier: Apache-2.0
//
// StructuralKey: a value as a key of Map, Dict and std::unordered_map, compared by structure.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_KEY_H_
#define TVM_FFI_EXTRA_STRUCTURAL_KEY_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/extra/structural_equal.h>
#include <tvm/ffi/extra/structural_hash.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstddef>      // size_t
#include <cstdint>      // int64_t
#include <string_view>  // std::hash, without the rest of <functional>
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// The key must not change: its hash is taken once. The library registers how maps compare it.
class StructuralKeyObj : public Object {
 public:
  Any key;
  int64_t hash_i64{0};  // the bits of the structural hash

  StructuralKeyObj() = default;
  explicit StructuralKeyObj(Any any_key)
      : key(std::move(any_key)), hash_i64(static_cast<int64_t>(StructuralHash::Hash(key))) {}

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.StructuralKey", StructuralKeyObj, Object);
};

class StructuralKey : public ObjectRef {
 public:
  // Throws what hashing throws.
  explicit StructuralKey(Any key)
      : ObjectRef(ObjectPtr<Object>(make_object<StructuralKeyObj>(std::move(key)))) {}

  bool operator==(const StructuralKey& other) const {
    if (same_as(other)) return true;
    return get()->hash_i64 == other->hash_i64 && StructuralEqual::Equal(get()->key, other->key);
  }
  bool operator!=(const StructuralKey& other) const { return !(*this == other); }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(StructuralKey, ObjectRef, StructuralKeyObj);
};

}  // namespace ffi
}  // namespace tvm

template <>
struct std::hash<::tvm::ffi::StructuralKey> {
  size_t operator()(const ::tvm::ffi::StructuralKey& key) const {
    return static_cast<size_t>(static_cast<uint64_t>(key->hash_i64));
  }
};
#endif  // TVM_FFI_EXTRA_STRUCTURAL_KEY_H_
