// SPDX-License-Identifier: Apache-2.0
//
// How recursive and structural hashes treat what they have in common. Private.
#ifndef TVM_FFI_CSRC_CONTENT_HASH_H_
#define TVM_FFI_CSRC_CONTENT_HASH_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/container/shape.h>

#include <cstddef>
#include <cstdint>

namespace tvm::ffi::library {

template <typename T>
uint64_t combine(uint64_t hash, T value) {
  return detail::StableHashCombine(hash, value);
}

template <typename Text>
uint64_t text_hash(int32_t type_index, const Text& text) {
  return combine(static_cast<uint64_t>(type_index),
                 detail::StableHashBytes(text.data(), text.size()));
}

inline uint64_t type_hash(int32_t type_index) {
  return TVMFFIGetTypeInfo(type_index)->type_key_hash;
}

inline uint64_t shape_hash(const ShapeObj* shape) {
  uint64_t hash = combine(type_hash(kTVMFFIShape), shape->size);
  for (size_t i = 0; i < shape->size; ++i) hash = combine(hash, shape->data[i]);
  return hash;
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_CONTENT_HASH_H_
