// SPDX-License-Identifier: Apache-2.0
//
// What all structural operations agree on: which fields count, how a type says it is to be treated,
// and which definition region a part is in.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_DETAIL_H_
#define TVM_FFI_EXTRA_STRUCTURAL_DETAIL_H_

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/object.h>

#include <cstdint>

namespace tvm {
namespace ffi {
namespace detail {

// Goes through the fields of a type that structural operations look at, or that have none of the
// given flags: those of ancestors first, in the order of registration.
class StructuralFieldCursor {
 public:
  explicit StructuralFieldCursor(const TypeInfo* type,
                                 int64_t flags_to_skip = kTVMFFIFieldFlagBitMaskSEqHashIgnore)
      : type_(type), flags_to_skip_(flags_to_skip) {}

  // Null at the end.
  const TVMFFIFieldInfo* Next() {
    while (true) {
      const TypeInfo* owner = depth_ < type_->type_depth ? type_->type_ancestors[depth_] : type_;
      if (index_ < owner->num_fields) {
        const TVMFFIFieldInfo* field = &owner->fields[index_++];
        if ((field->flags & flags_to_skip_) == 0) return field;
      } else {
        if (owner == type_) return nullptr;
        ++depth_;
        index_ = 0;
      }
    }
  }

 private:
  const TypeInfo* type_;
  int64_t flags_to_skip_;
  int32_t depth_ = 1;  // the root of all types has no fields
  int32_t index_ = 0;
};

// Unsupported also for a type that did not register metadata.
inline TVMFFISEqHashKind StructuralKind(const TypeInfo* type) {
  return type->metadata != nullptr ? type->metadata->structural_eq_hash_kind
                                   : kTVMFFISEqHashKindUnsupported;
}

// The region to be in after a request for `kind`. A pattern goes on whatever is requested inside.
inline TVMFFIDefRegionKind EnterDefRegion(TVMFFIDefRegionKind current, TVMFFIDefRegionKind kind) {
  return current == kTVMFFIDefRegionKindPattern ? current : kind;
}

// The region of a field of an object in the region `current`.
inline TVMFFIDefRegionKind FieldDefRegion(TVMFFIDefRegionKind current,
                                          const TVMFFIFieldInfo* field) {
  if ((field->flags & kTVMFFIFieldFlagBitMaskSEqHashDefSimple) != 0) {
    return EnterDefRegion(current, kTVMFFIDefRegionKindSimple);
  }
  if ((field->flags & kTVMFFIFieldFlagBitMaskSEqHashDefPattern) != 0) {
    return kTVMFFIDefRegionKindPattern;
  }
  return current;
}

// The region of the fields of an object that is met in the region `current`: a variable that is
// simply defined binds alone, its fields are uses.
inline TVMFFIDefRegionKind InnerDefRegion(TVMFFIDefRegionKind current, TVMFFISEqHashKind kind) {
  if (current == kTVMFFIDefRegionKindSimple && kind == kTVMFFISEqHashKindFreeVar) {
    return kTVMFFIDefRegionKindNone;
  }
  return current;
}

// Whether a callback for one type index takes values of another, as RuntimeTypeIndexMatch says. The
// callback's index need not be registered.
inline bool CallbackTypeMatches(int32_t type_index, int32_t callback_type_index) {
  if (type_index >= TypeIndex::kTVMFFIStaticObjectBegin && callback_type_index > type_index) {
    return false;  // descendants have higher indices
  }
  return RuntimeTypeIndexMatch(type_index, callback_type_index);
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_DETAIL_H_
