// SPDX-License-Identifier: Apache-2.0
//
// What default mutation uses of a type: its hooks, and how its values are copied. Results are
// mutation results: a value, the marker Unchanged, or an Error.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_MUTATE_HOOK_H_
#define TVM_FFI_EXTRA_STRUCTURAL_MUTATE_HOOK_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/extra/structural_mutator.h>
#include <tvm/ffi/function.h>

#include <cstdint>  // int32_t
#include <string>   // std::string
#include <utility>  // std::move

namespace tvm {
namespace ffi {
namespace detail {

inline Any MakeTypeErrorResult(std::string message) {
  return Any(Error("TypeError", std::move(message), std::string()));
}
inline Any TakeRaisedErrorResult() {
  return AnyUnsafe::MoveTVMFFIAnyRawToAny(TakeRaisedErrorCell());
}

inline bool IsErrorResult(const Any& result) {
  return result.type_index() == TypeIndex::kTVMFFIError;
}
inline bool IsUnchangedResult(const Any& result) {
  return result.type_index() == TypeIndex::kTVMFFIUnchanged;
}

// Adds the value to the context of the result if that is an error.
inline Any AttachMutateErrorContext(Any result, AnyView value) noexcept {
  AttachStructuralVisitErrorContextRaw(*AnyUnsafe::TVMFFIAnyPtrFromAny(result), value);
  return result;
}

// The hook for a value of the type, or null: the one that may change its argument only if allowed.
inline const TVMFFIAny* FindStructuralMutateHook(int32_t type_index, InplaceMode mode) {
  static const TVMFFITypeAttrColumn* const copying = FindTypeAttrColumn("__s_mutate__");
  static const TVMFFITypeAttrColumn* const in_place =
      FindTypeAttrColumn("__s_maybe_inplace_mutate__");
  if (mode == InplaceMode::kAllow) {
    const TVMFFIAny* hook = FindTypeAttr(in_place, type_index);
    if (hook != nullptr && (hook->type_index == TypeIndex::kTVMFFIOpaquePtr ||
                            hook->type_index == TypeIndex::kTVMFFIFunction)) {
      return hook;
    }
  }
  return FindTypeAttr(copying, type_index);
}

TVM_FFI_OUTLINE inline Any CallStructuralMutateHook(const TVMFFIAny& hook,
                                                    StructuralMutatorObj* mutator, AnyView value) {
  if (hook.type_index == TypeIndex::kTVMFFIOpaquePtr) {
    return AnyUnsafe::MoveTVMFFIAnyRawToAny(
        reinterpret_cast<FStructuralMutateABI>(hook.v_ptr)(mutator, value));
  }
  if (hook.type_index != TypeIndex::kTVMFFIFunction) {
    return MakeTypeErrorResult("__s_mutate__ must be a direct hook pointer or ffi.Function");
  }
  const AnyView args[] = {mutator, value};
  return CallSafe(ObjectUnsafe::RawObjectPtrFromUnowned<FunctionObj>(hook.v_obj), args, 2);
}

// A new object with the same fields, or an error.
TVM_FFI_OUTLINE inline Any ShallowCopyForMutation(AnyView value) {
  static const TVMFFITypeAttrColumn* const column = FindTypeAttrColumn("__ffi_shallow_copy__");
  const TVMFFIAny* hook = FindTypeAttr(column, value.type_index());
  if (hook == nullptr || hook->type_index != TypeIndex::kTVMFFIFunction) {
    return MakeTypeErrorResult("__ffi_shallow_copy__ must be an ffi.Function");
  }
  Any copy = CallSafe(ObjectUnsafe::RawObjectPtrFromUnowned<FunctionObj>(hook->v_obj), &value, 1);
  if (IsErrorResult(copy)) return copy;
  if (copy.type_index() != value.type_index() || AnyView(copy).same_as(value)) {
    return MakeTypeErrorResult(
        "Shallow copy callback must return a distinct object with the same type as its input");
  }
  return copy;
}

inline Any CopyContainer(const Any& container) {
  const Object* object = AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(container);
  switch (container.type_index()) {
    case TypeIndex::kTVMFFIArray: {
      const auto* array = static_cast<const ArrayObj*>(object);
      return ArrayObj::CopyFrom(static_cast<int64_t>(array->size()), array);
    }
    case TypeIndex::kTVMFFIList: {
      const auto* list = static_cast<const ListObj*>(object);
      return List<Any>(list->begin(), list->end());
    }
    case TypeIndex::kTVMFFIMap:
      return MapObj::ShallowCopy(static_cast<const MapObj*>(object));
    default:
      return DictObj::ShallowCopy(static_cast<const DictObj*>(object));
  }
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_MUTATE_HOOK_H_
