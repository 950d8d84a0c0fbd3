// SPDX-License-Identifier: Apache-2.0
//
// The end of object.h: TypeTraits of owning pointers, raw pointers and reference classes, and the
// members of ObjectRef that need them.
#ifndef TVM_FFI_OBJECT_TRAITS_DETAIL_H_
#define TVM_FFI_OBJECT_TRAITS_DETAIL_H_

#include <tvm/ffi/object.h>
#include <tvm/ffi/type_traits.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

template <typename T, typename U>
inline constexpr bool type_subsumes_v<ObjectPtr<T>, ObjectPtr<U>, void> =
    std::disjunction_v<std::is_same<T, U>, std::is_base_of<T, U>>;
template <typename T, typename U>
inline constexpr bool type_subsumes_v<ObjectPtr<T>, Arc<U>, void> =
    std::disjunction_v<std::is_same<T, U>, std::is_base_of<T, U>>;
template <typename T, typename U>
inline constexpr bool type_subsumes_v<Arc<T>, Arc<U>, void> =
    std::disjunction_v<std::is_same<T, U>, std::is_base_of<T, U>>;

namespace detail {

// Writes an object that the cell borrows or takes over. Null is written as None.
inline void WriteObject(TVMFFIObject* object, TVMFFIAny* out) {
  out->zero_padding = 0;
  TVM_FFI_CLEAR_PTR_PADDING_IN_FFI_ANY(out);
  out->type_index = object != nullptr ? object->type_index : TypeIndex::kTVMFFINone;
  out->v_obj = object;
}

// The object of the cell, borrowed; null for None.
inline TVMFFIObject* BorrowObject(const TVMFFIAny* src) {
  return src->type_index == TypeIndex::kTVMFFINone ? nullptr : src->v_obj;
}
// The same, taken over.
inline TVMFFIObject* TakeObject(TVMFFIAny* src) {
  TVMFFIObject* object = BorrowObject(src);
  WriteObject(nullptr, src);
  return object;
}

template <typename T>
inline bool IsObjectCell(const TVMFFIAny* src) {
  return src->type_index >= TypeIndex::kTVMFFIStaticObjectBegin &&
         IsObjectInstance<T>(src->type_index);
}

// ObjectPtr and Arc.
template <typename T, typename Ptr, bool kNullable>
struct ObjectPtrTypeTraits : public TypeTraitsBase {
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIObject;

  static void CopyToAnyView(const Ptr& src, TVMFFIAny* result) {
    WriteObject(ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr<T>(src), result);
  }
  static void MoveToAny(Ptr src, TVMFFIAny* result) {
    WriteObject(ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr<T>(std::move(src)), result);
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if (kNullable && src->type_index == TypeIndex::kTVMFFINone) return true;
    return IsObjectCell<T>(src);
  }
  static Ptr CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Wrap(ObjectUnsafe::ObjectPtrFromUnowned<T>(BorrowObject(src)));
  }
  static Ptr MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return Wrap(ObjectUnsafe::ObjectPtrFromOwned<T>(TakeObject(src)));
  }
  static std::optional<Ptr> TryCastFromAnyView(const TVMFFIAny* src) {
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    return std::nullopt;
  }
  static std::string TypeStr() { return TypeName(T::_type_key); }
  static std::string TypeSchema() {
    if constexpr (kNullable) return SchemaText("Optional", {SchemaText(T::_type_key)});
    return SchemaText(T::_type_key);
  }

 private:
  static Ptr Wrap(ObjectPtr<T>&& ptr) {
    if constexpr (kNullable) {
      return std::move(ptr);
    } else {
      return ObjectUnsafe::ArcFromObjectPtr<T>(std::move(ptr));
    }
  }
};

template <typename T>
inline constexpr bool is_owned_object_v =
    !std::is_const_v<T> && !std::is_volatile_v<T> && is_object_subclass_v<T>;

}  // namespace detail

template <typename T>
struct TypeTraits<ObjectPtr<T>, std::enable_if_t<detail::is_owned_object_v<T>>>
    : public detail::ObjectPtrTypeTraits<T, ObjectPtr<T>, true> {};

template <typename T>
struct TypeTraits<Arc<T>, std::enable_if_t<detail::is_owned_object_v<T>>>
    : public detail::ObjectPtrTypeTraits<T, Arc<T>, false> {};

// Borrowed pointers, never null when read. Reading a T* needs T::_type_mutable.
template <typename T>
struct TypeTraits<T*, std::enable_if_t<is_object_subclass_v<T>>> : public TypeTraitsBase {
  static void CopyToAnyView(T* const& src, TVMFFIAny* result) {
    detail::WriteObject(Header(src), result);
  }
  static void MoveToAny(T* src, TVMFFIAny* result) {
    detail::ObjectUnsafe::IncRefObjectHandle(Header(src));
    detail::WriteObject(Header(src), result);
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) { return detail::IsObjectCell<T>(src); }
  static T* CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    static_assert(std::is_const_v<T> || T::_type_mutable,
                  "TObject must be mutable to enable cast from Any");
    return detail::ObjectUnsafe::RawObjectPtrFromUnowned<T>(src->v_obj);
  }
  static std::optional<T*> TryCastFromAnyView(const TVMFFIAny* src) {
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    return std::nullopt;
  }
  static std::string TypeStr() { return detail::TypeName(T::_type_key); }
  static std::string TypeSchema() { return detail::SchemaText(T::_type_key); }

 private:
  static TVMFFIObject* Header(const T* src) {
    return src != nullptr ? detail::ObjectUnsafe::GetHeader(src) : nullptr;
  }
};

// Reference classes. Traits with rules of their own derive from this and redefine CheckAnyStrict,
// which every way of reading then follows.
template <typename RefType>
struct ObjectRefTypeTraitsBase : public TypeTraitsBase {
  using ContainerType = typename RefType::ContainerType;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIObject;

  static void CopyToAnyView(const RefType& src, TVMFFIAny* result) {
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(src), result);
  }
  static void MoveToAny(RefType src, TVMFFIAny* result) {
    detail::WriteObject(detail::ObjectUnsafe::MoveObjectRefToTVMFFIObjectPtr(std::move(src)),
                        result);
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if (RefType::_type_is_nullable && src->type_index == TypeIndex::kTVMFFINone) return true;
    return detail::IsObjectCell<ContainerType>(src);
  }
  static RefType CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(
        detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(detail::BorrowObject(src)));
  }
  static RefType MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(
        detail::ObjectUnsafe::ObjectPtrFromOwned<Object>(detail::TakeObject(src)));
  }
  static std::optional<RefType> TryCastFromAnyView(const TVMFFIAny* src) {
    if (TypeTraits<RefType>::CheckAnyStrict(src)) {
      return TypeTraits<RefType>::CopyFromAnyViewAfterCheck(src);
    }
    return std::nullopt;
  }
  static std::string TypeStr() { return detail::TypeName(ContainerType::_type_key); }
  static std::string TypeSchema() { return detail::SchemaText(ContainerType::_type_key); }
};

// The same with conversions: what is not a RefType is tried as each fallback type in order and
// handed to TypeTraits<RefType>::ConvertFallbackValue.
template <typename RefType, typename... FallbackTypes>
struct ObjectRefWithFallbackTraitsBase : public ObjectRefTypeTraitsBase<RefType> {
  static std::optional<RefType> TryCastFromAnyView(const TVMFFIAny* src) {
    if (TypeTraits<RefType>::CheckAnyStrict(src)) {
      return TypeTraits<RefType>::CopyFromAnyViewAfterCheck(src);
    }
    return FallbackOnlyTraitsBase<RefType, FallbackTypes...>::TryCastFromAnyView(src);
  }
};

template <typename T>
struct TypeTraits<T,
                  std::enable_if_t<std::is_base_of_v<ObjectRef, T> && use_default_type_traits_v<T>>>
    : public ObjectRefTypeTraitsBase<T> {};

template <typename T>
struct TypeToRuntimeTypeIndex<T, std::enable_if_t<std::is_base_of_v<ObjectRef, T>>> {
  static int32_t v() { return T::ContainerType::RuntimeTypeIndex(); }
};
template <typename T>
struct TypeToRuntimeTypeIndex<ObjectPtr<T>, void> {
  static int32_t v() { return T::RuntimeTypeIndex(); }
};
template <typename T>
struct TypeToRuntimeTypeIndex<Arc<T>, void> {
  static int32_t v() { return T::RuntimeTypeIndex(); }
};

template <typename RefType, typename>
std::optional<RefType> ObjectRef::as() const& {
  TVMFFIAny view;
  detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(*this), &view);
  if (!TypeTraits<RefType>::CheckAnyStrict(&view)) return std::nullopt;
  return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(data_);
}

template <typename RefType, typename>
std::optional<RefType> ObjectRef::as() && {
  TVMFFIAny view;
  detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(*this), &view);
  if (!TypeTraits<RefType>::CheckAnyStrict(&view)) return std::nullopt;
  return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(std::move(data_));
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_OBJECT_TRAITS_DETAIL_H_
