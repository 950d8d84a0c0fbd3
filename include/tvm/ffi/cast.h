// SPDX-License-Identifier: Apache-2.0
//
// References and pointers to an object one holds a plain pointer to.
#ifndef TVM_FFI_CAST_H_
#define TVM_FFI_CAST_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <type_traits>

namespace tvm {
namespace ffi {

// A new reference to *ptr. Null gives a null reference or an empty optional where RefType has one,
// and an InternalError otherwise.
template <typename RefType, typename ObjectType>
inline RefType GetRef(const ObjectType* ptr) {
  if constexpr (is_optional_type_v<RefType>) {
    using ValueType = typename RefType::value_type;
    static_assert(object_ref_contains_v<ValueType, ObjectType>,
                  "GetRef requires the Optional value type to contain every ObjectType instance");
    if (ptr == nullptr) return RefType();
    return RefType(GetRef<ValueType>(ptr));
  } else {
    static_assert(object_ref_contains_v<RefType, ObjectType>,
                  "GetRef requires RefType to contain every ObjectType instance; specialize "
                  "object_ref_contains_v if it does, or use as<RefType>()");
    if constexpr (!RefType::_type_is_nullable) {
      TVM_FFI_ICHECK_NOTNULL(ptr);
    }
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(
        detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(const_cast<ObjectType*>(ptr)));
  }
}

// A new owning pointer to *ptr, which may be null.
template <typename BaseType, typename ObjectType>
inline ObjectPtr<BaseType> GetObjectPtr(ObjectType* ptr) {
  static_assert(std::is_base_of_v<BaseType, ObjectType>,
                "Can only cast to the ref of same container type");
  return detail::ObjectUnsafe::ObjectPtrFromUnowned<BaseType>(
      static_cast<Object*>(const_cast<std::remove_const_t<ObjectType>*>(ptr)));
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_CAST_H_
