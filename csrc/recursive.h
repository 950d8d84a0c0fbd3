// SPDX-License-Identifier: Apache-2.0
//
// What the operations on whole values have in common: `ffi.ReprPrint`, `ffi.DeepCopy`,
// `ffi.RecursiveHash` and the comparisons. Private. They keep a stack of their own, so that deep
// values do not exhaust that of the thread; only hooks recurse.
#ifndef TVM_FFI_CSRC_RECURSIVE_H_
#define TVM_FFI_CSRC_RECURSIVE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/map_base.h>
#include <tvm/ffi/container/seq_base.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/accessor.h>

#include <cstdint>
#include <optional>

namespace tvm::ffi::library {

// The attribute of the type, if it has it; TypeError if it is of the wrong kind.
template <const auto& key>
auto type_attr_of(int32_t type_index) {
  static const reflection::TypeAttrColumn column(key);
  return key.ValueFrom(column[type_index]);
}

// How deep values may be nested.
inline constexpr size_t kMaxNesting = size_t{1} << 20;

inline void check_nesting(const char* operation, size_t depth) {
  if (depth > kMaxNesting) {
    TVM_FFI_THROW(ValueError) << operation << ": maximum stack depth (" << kMaxNesting
                              << ") exceeded";
  }
}

inline bool is_object(const Any& value) { return value.type_index() >= kTVMFFIStaticObjectBegin; }

// The kinds of objects that are taken apart in ways of their own; NULL for all others.
inline const SeqBaseObj* as_sequence(const Any& value) {
  return value.type_index() == kTVMFFIArray || value.type_index() == kTVMFFIList
             ? detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<SeqBaseObj>(value)
             : nullptr;
}
inline const MapBaseObj* as_map(const Any& value) {
  return value.type_index() == kTVMFFIMap || value.type_index() == kTVMFFIDict
             ? detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<MapBaseObj>(value)
             : nullptr;
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_RECURSIVE_H_
