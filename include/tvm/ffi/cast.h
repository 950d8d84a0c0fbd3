// SPDX-License-Identifier: Apache-2.0
//
// From a raw object pointer to a reference or pointer that shares ownership.
#ifndef TVM_FFI_CAST_H_
#define TVM_FFI_CAST_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <type_traits>  // std::is_base_of_v
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// Adds a reference. Null becomes an empty Optional or a null reference; for a reference class that
// cannot be null it is an InternalError.
template <typename RefType, typename ObjectType>
inline RefType GetRef(const ObjectType* ptr) {
  if constexpr (is_optional_type_v<RefType>) {
    using ValueType = typename RefType::value_type;
    static_assert(object_ref_contains_v<ValueType, ObjectType>,
                  "GetRef requires the Optional value type to contain every ObjectType instance");
    if (ptr == nullptr) return RefType(std::nullopt);
    return RefType(GetRef<ValueType>(ptr));
  } else {
    static_assert(object_ref_contains_v<RefType, ObjectType>,
                  "GetRef requires RefType to contain every ObjectType instance; specialise "
                  "object_ref_contains_v where that holds, or use as<RefType>()");
    if constexpr (!RefType::_type_is_nullable) TVM_FFI_ICHECK_NOTNULL(ptr);
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(
        detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(const_cast<ObjectType*>(ptr)));
  }
}

// Adds a reference. Null becomes a null pointer.
template <typename BaseType, typename ObjectType>
inline ObjectPtr<BaseType> GetObjectPtr(ObjectType* ptr) {
  static_assert(std::is_base_of_v<BaseType, ObjectType>,
                "Can only cast to the ref of same container type");
  return detail::ObjectUnsafe::ObjectPtrFromUnowned<BaseType>(ptr);
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_CAST_H_
