// SPDX-License-Identifier: Apache-2.0
//
// What structural equality and structural hash have in common. Private.
#ifndef TVM_FFI_CSRC_STRUCTURAL_H_
#define TVM_FFI_CSRC_STRUCTURAL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/structural_detail.h>

#include "internal.h"

namespace tvm::ffi::library {

// How objects of the type are compared and hashed; TypeError if they are not.
inline TVMFFISEqHashKind structural_kind(const TVMFFITypeInfo* type) {
  const TVMFFISEqHashKind kind = detail::StructuralKind(type);
  if (kind == kTVMFFISEqHashKindUnsupported) {
    TVM_FFI_THROW(TypeError) << (type->metadata == nullptr ? "Type metadata"
                                                           : "_type_s_eq_hash_kind")
                             << " is not set for type `" << view(type->type_key)
                             << "`, so StructuralHash is not supported for this type";
  }
  return kind;
}

// The region that a hook asks for; with 0 things stay as they are.
inline TVMFFIDefRegionKind requested_region(TVMFFIDefRegionKind current, int kind) {
  if (kind == kTVMFFIDefRegionKindNone) return current;
  return detail::EnterDefRegion(current, static_cast<TVMFFIDefRegionKind>(kind));
}

// The region that an operation begins in.
inline TVMFFIDefRegionKind initial_region(bool map_free_vars) {
  return map_free_vars ? kTVMFFIDefRegionKindPattern : kTVMFFIDefRegionKindNone;
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_STRUCTURAL_H_
