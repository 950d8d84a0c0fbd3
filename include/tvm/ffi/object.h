// SPDX-License-Identifier: Apache-2.0
//
// Reference-counted objects: Object, the pointers that own one, ObjectRef, and the macros that give
// a class its runtime type.
//
// Counting follows the contract to the letter, because objects cross library boundaries: all strong
// owners together hold one weak reference, the deleter destroys on the last strong one and frees on
// the last weak one.
#ifndef TVM_FFI_OBJECT_H_
#define TVM_FFI_OBJECT_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/object_detail.h>
#include <tvm/ffi/object_ptr_detail.h>
#include <tvm/ffi/type_traits.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

class ObjectRef;
template <typename T, typename = void>
class Optional;
template <typename... V>
class Variant;

// Whether T is Object or derives from it. Specialise it to true for a forward-declared class to
// name ObjectPtr and Arc of it before its definition.
template <typename T>
inline constexpr bool is_object_subclass_v = std::is_base_of_v<Object, T>;

// ---- Object ------------------------------------------------------------------------------------

// Base of all objects: the header of the contract and nothing else. Objects live on the heap and
// are made by make_object. The constants below are redeclared in a subclass to configure it.
class Object {
 public:
  Object() : Object(0) {}
  // Neither count nor type is part of the value.
  Object(const Object&) : Object(0) {}
  Object& operator=(const Object&) { return *this; }

  template <typename T>
  bool IsInstance() const {
    return detail::IsObjectInstance<T>(header_.type_index);
  }
  int32_t type_index() const { return header_.type_index; }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(header_.type_index); }
  uint64_t GetTypeKeyHash() const { return TVMFFIGetTypeInfo(header_.type_index)->type_key_hash; }
  static std::string TypeIndex2Key(int32_t type_index) { return TypeIndexToTypeKey(type_index); }

  // Whether the caller's strong reference is the only reference of any kind.
  bool unique() const { return detail::IsUnique(&header_); }
  // Strong references.
  uint64_t use_count() const { return static_cast<uint32_t>(detail::UseCount(&header_)); }

  static constexpr const char* _type_key = StaticTypeKey::kTVMFFIObject;
  static constexpr bool _type_final = false;    // no subclasses, cheap checks
  static constexpr bool _type_mutable = false;  // references give non-const access
  static constexpr uint32_t _type_child_slots = 0;
  static constexpr bool _type_child_slots_can_overflow = true;
  static constexpr int32_t _type_index = TypeIndex::kTVMFFIObject;
  static constexpr int32_t _type_depth = 0;
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindUnsupported;
  // Subclasses keep the kind of this class, and so do theirs.
  static constexpr bool _type_s_eq_hash_subclass_kind_fixed = false;

  static int32_t RuntimeTypeIndex() noexcept { return TypeIndex::kTVMFFIObject; }
  static int32_t _GetOrAllocRuntimeTypeIndex() { return TypeIndex::kTVMFFIObject; }

 protected:
  TVMFFIObject header_;

 private:
  explicit Object(int32_t type_index) {
    header_.combined_ref_count = 0;
    header_.type_index = type_index;
    header_.__padding = 0;
    header_.__ensure_align = 0;
    header_.deleter = nullptr;
  }

  friend struct detail::ObjectUnsafe;
};

// ---- ObjectRef ---------------------------------------------------------------------------------

// Base of all reference classes: a value that shares ownership of an object, or null. A reference
// class names the class of its objects as ContainerType.
class ObjectRef {
 public:
  using ContainerType = Object;
  // Every object of ContainerType is a valid value.
  static constexpr bool _type_container_is_exact = true;
  // Null is a valid value.
  static constexpr bool _type_is_nullable = true;

  ObjectRef() = default;
  explicit ObjectRef(ObjectPtr<Object> data) : data_(std::move(data)) {}
  explicit ObjectRef(UnsafeInit) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(ObjectRef);

  bool same_as(const ObjectRef& other) const { return data_ == other.data_; }
  bool operator==(const ObjectRef& other) const { return data_ == other.data_; }
  bool operator!=(const ObjectRef& other) const { return data_ != other.data_; }
  bool operator<(const ObjectRef& other) const { return data_.get() < other.data_.get(); }

  bool defined() const { return data_ != nullptr; }
  const Object* get() const { return data_.get(); }
  const Object* operator->() const { return data_.get(); }
  bool unique() const { return data_.unique(); }
  int use_count() const { return data_.use_count(); }

  // The object as an ObjectType, or nullptr.
  template <typename ObjectType, typename = std::enable_if_t<std::is_base_of_v<Object, ObjectType>>>
  const ObjectType* as() const& {
    const Object* object = data_.get();
    if (object == nullptr || !object->IsInstance<ObjectType>()) return nullptr;
    return static_cast<const ObjectType*>(object);
  }
  // The reference as a RefType, if it is one as it stands.
  template <typename RefType, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, RefType>>>
  std::optional<RefType> as() const&;
  // The same; moved out on success only.
  template <typename RefType, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, RefType>>>
  std::optional<RefType> as() &&;
  // The same, throwing TypeError. Defined with Any.
  template <typename RefType, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, RefType>>>
  RefType as_or_throw() const&;
  template <typename RefType, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, RefType>>>
  RefType as_or_throw() &&;

  // kTVMFFINone and "None" when null.
  int32_t type_index() const {
    return data_ != nullptr ? data_->type_index() : static_cast<int32_t>(TypeIndex::kTVMFFINone);
  }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(type_index()); }

 protected:
  ObjectPtr<Object> data_;

  Object* get_mutable() const { return data_.get(); }

  friend struct detail::ObjectUnsafe;
};

// Whether a RefType can hold every object of ObjectType. May be specialised for <RefType,
// ObjectType>; does not exist unless these are a reference and an object class.
template <typename RefType, typename ObjectType,
          typename = std::enable_if_t<std::is_base_of_v<ObjectRef, RefType> &&
                                      std::is_base_of_v<Object, ObjectType>>>
inline constexpr bool object_ref_contains_v = RefType::_type_container_is_exact&&
    std::is_base_of_v<typename RefType::ContainerType, ObjectType>;

// Hash and equality by identity. Those of Variant come with Variant.
struct ObjectPtrHash {
  size_t operator()(const ObjectRef& ref) const { return Hash(ref.get()); }
  template <typename T>
  size_t operator()(const ObjectPtr<T>& ptr) const {
    return Hash(ptr.get());
  }
  template <typename T, typename Enable>
  size_t operator()(const Optional<T, Enable>& opt) const {
    return Hash(opt.get());
  }
  template <typename... V>
  size_t operator()(const Variant<V...>& variant) const;

 private:
  static size_t Hash(const Object* object) { return std::hash<const Object*>()(object); }
};

struct ObjectPtrEqual {
  bool operator()(const ObjectRef& a, const ObjectRef& b) const { return a.same_as(b); }
  template <typename T>
  bool operator()(const ObjectPtr<T>& a, const ObjectPtr<T>& b) const {
    return a == b;
  }
  template <typename T, typename Enable>
  bool operator()(const Optional<T, Enable>& a, const Optional<T, Enable>& b) const {
    return a.same_as(b);
  }
  template <typename... V>
  bool operator()(const Variant<V...>& a, const Variant<V...>& b) const;
};

namespace detail {

template <typename T>
inline constexpr bool is_qualified_object_v =
    is_object_subclass_v<std::remove_cv_t<std::remove_reference_t<T>>> &&
    !std::is_same_v<T, std::remove_cv_t<std::remove_reference_t<T>>>;

// ---- Conversions that bypass ownership ---------------------------------------------------------

// All of them go through Object*, so that C++ adjusts the pointer for classes whose first base is
// not Object.
struct ObjectUnsafe {
  static TVMFFIObject* GetHeader(const Object* object) {
    return const_cast<TVMFFIObject*>(&object->header_);
  }
  static TVMFFIObjectAllocHeader* GetObjectAllocHeaderFromPtr(void* body) {
    return static_cast<TVMFFIObjectAllocHeader*>(body) - 1;
  }

  // Bytes from the start of a Class to its object header.
  template <typename Class>
  static int64_t GetObjectOffsetToSubclass() {
    constexpr uintptr_t kAddress = 4096;  // any aligned address but null, which casts keep
    Class* object = reinterpret_cast<Class*>(kAddress);
    return static_cast<int64_t>(reinterpret_cast<uintptr_t>(static_cast<Object*>(object)) -
                                kAddress);
  }

  // The object is not checked to be a T or to be a valid value of RefType.
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromOwned(Object* owned) {
    ObjectPtr<T> ptr;
    ptr.data_ = owned;
    return ptr;
  }
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromOwned(TVMFFIObject* owned) {
    return ObjectPtrFromOwned<T>(reinterpret_cast<Object*>(owned));
  }
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromUnowned(Object* borrowed) {
    ObjectPtr<T> ptr;
    ptr.data_ = borrowed;
    ptr.IncRef();
    return ptr;
  }
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromUnowned(TVMFFIObject* borrowed) {
    return ObjectPtrFromUnowned<T>(reinterpret_cast<Object*>(borrowed));
  }
  template <typename T>
  static Arc<T> ArcFromObjectPtr(ObjectPtr<T>&& ptr) {
    Arc<T> arc{UnsafeInit{}};
    static_cast<ObjectPtr<T>&>(arc) = std::move(ptr);
    return arc;
  }
  template <typename RefType, typename T>
  static RefType ObjectRefFromObjectPtr(const ObjectPtr<T>& ptr) {
    RefType ref{UnsafeInit{}};
    static_cast<ObjectRef&>(ref).data_ = ptr;
    return ref;
  }
  template <typename RefType, typename T,
            typename = std::enable_if_t<!std::is_lvalue_reference_v<T>>>
  static RefType ObjectRefFromObjectPtr(ObjectPtr<T>&& ptr) {
    RefType ref{UnsafeInit{}};
    static_cast<ObjectRef&>(ref).data_ = std::move(ptr);
    return ref;
  }
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromObjectRef(const ObjectRef& ref) {
    return ObjectPtrFromUnowned<T>(ref.data_.data_);
  }
  template <typename T>
  static ObjectPtr<T> ObjectPtrFromObjectRef(ObjectRef&& ref) {
    return ObjectPtrFromOwned<T>(std::exchange(ref.data_.data_, nullptr));
  }

  // Borrowed pointers.
  template <typename T>
  static T* RawObjectPtrFromUnowned(TVMFFIObject* borrowed) {
    return static_cast<T*>(reinterpret_cast<Object*>(borrowed));
  }
  static Object* RawObjectPtrFromObjectRef(const ObjectRef& ref) { return ref.data_.data_; }
  static TVMFFIObject* TVMFFIObjectPtrFromObjectRef(const ObjectRef& ref) {
    return reinterpret_cast<TVMFFIObject*>(ref.data_.data_);
  }
  template <typename T>
  static TVMFFIObject* TVMFFIObjectPtrFromObjectPtr(const ObjectPtr<T>& ptr) {
    return reinterpret_cast<TVMFFIObject*>(ptr.data_);
  }

  // Owned by the caller.
  template <typename T>
  static TVMFFIObject* MoveObjectPtrToTVMFFIObjectPtr(ObjectPtr<T>&& ptr) {
    return reinterpret_cast<TVMFFIObject*>(std::exchange(ptr.data_, nullptr));
  }
  static TVMFFIObject* MoveObjectRefToTVMFFIObjectPtr(ObjectRef&& ref) {
    return MoveObjectPtrToTVMFFIObjectPtr(std::move(ref.data_));
  }

  // Null is ignored.
  static void IncRefObjectHandle(TVMFFIObjectHandle handle) {
    if (handle != nullptr) AddStrong(static_cast<TVMFFIObject*>(handle));
  }
  static void DecRefObjectHandle(TVMFFIObjectHandle handle) {
    if (handle != nullptr) DropStrong(static_cast<TVMFFIObject*>(handle));
  }
};

// The parent part of a nullable reference, null itself or holding `data`. A parent that is not
// nullable has no constructor for that and gets its handle set.
template <typename ParentType>
ParentType NullParent() {
  if constexpr (std::is_default_constructible_v<ParentType>) {
    return ParentType();
  } else {
    return ParentType(UnsafeInit{});
  }
}
template <typename ParentType, typename T>
ParentType ParentFromObjectPtr(ObjectPtr<T>&& data) {
  if constexpr (std::is_constructible_v<ParentType, ObjectPtr<T>&&>) {
    return ParentType(std::move(data));
  } else {
    return ObjectUnsafe::ObjectRefFromObjectPtr<ParentType>(std::move(data));
  }
}

}  // namespace detail

// ---- Macros for class bodies -------------------------------------------------------------------

// The checks and the registration that all forms below share.
#define TVM_FFI_REGISTER_OBJECT_TYPE_(TypeName, ParentType, StaticIndex)                      \
  [[maybe_unused]] static constexpr int32_t _type_depth = ParentType::_type_depth + 1;        \
  static int32_t _GetOrAllocRuntimeTypeIndex() {                                              \
    static_assert(!ParentType::_type_final, "ParentType marked as final");                    \
    static_assert(TypeName::_type_child_slots == 0 || ParentType::_type_child_slots == 0 ||   \
                      TypeName::_type_child_slots < ParentType::_type_child_slots,            \
                  "Need to set _type_child_slots when parent specifies it.");                 \
    static_assert(!ParentType::_type_s_eq_hash_subclass_kind_fixed ||                         \
                      TypeName::_type_s_eq_hash_kind == ParentType::_type_s_eq_hash_kind,     \
                  "Subclass must retain the structural equality and hash kind of its fixed "  \
                  "ancestor");                                                                \
    return ::tvm::ffi::detail::RegisterType(                                                  \
        TypeName::_type_key, StaticIndex, TypeName::_type_depth, TypeName::_type_child_slots, \
        TypeName::_type_child_slots_can_overflow, ParentType::_GetOrAllocRuntimeTypeIndex()); \
  }

// A type with an index of its own in the contract, which the class declares as _type_index.
#define TVM_FFI_DECLARE_OBJECT_INFO_STATIC(TypeKey, TypeName, ParentType)    \
  [[maybe_unused]] static constexpr const char* _type_key = TypeKey;         \
  TVM_FFI_REGISTER_OBJECT_TYPE_(TypeName, ParentType, TypeName::_type_index) \
  static int32_t RuntimeTypeIndex() noexcept { return TypeName::_type_index; }

// A type whose class declares _type_key. It registers when the library is loaded, or earlier when a
// static initialiser asks for the index before.
#define TVM_FFI_DECLARE_OBJECT_INFO_PREDEFINED_TYPE_KEY(TypeName, ParentType)               \
  TVM_FFI_REGISTER_OBJECT_TYPE_(TypeName, ParentType, -1)                                   \
  [[maybe_unused]] static inline const int32_t _type_index = _GetOrAllocRuntimeTypeIndex(); \
  static int32_t RuntimeTypeIndex() noexcept {                                              \
    if (TVM_FFI_PREDICT_FALSE(_type_index == 0)) return _GetOrAllocRuntimeTypeIndex();      \
    return _type_index;                                                                     \
  }

#define TVM_FFI_DECLARE_OBJECT_INFO(TypeKey, TypeName, ParentType)   \
  [[maybe_unused]] static constexpr const char* _type_key = TypeKey; \
  TVM_FFI_DECLARE_OBJECT_INFO_PREDEFINED_TYPE_KEY(TypeName, ParentType)

#define TVM_FFI_DECLARE_OBJECT_INFO_FINAL(TypeKey, TypeName, ParentType) \
  [[maybe_unused]] static constexpr uint32_t _type_child_slots = 0;      \
  [[maybe_unused]] static constexpr bool _type_final = true;             \
  TVM_FFI_DECLARE_OBJECT_INFO(TypeKey, TypeName, ParentType)

#define TVM_FFI_DEFINE_OBJECT_REF_ACCESS_(TypeName, ParentType, ObjectName, kNullable)        \
  explicit TypeName(::tvm::ffi::UnsafeInit tag) : ParentType(tag) {}                          \
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(TypeName);                                      \
  using ContainerType = ObjectName;                                                           \
  [[maybe_unused]] static constexpr bool _type_is_nullable = kNullable;                       \
  std::conditional_t<ObjectName::_type_mutable, ObjectName*, const ObjectName*> get() const { \
    return static_cast<ObjectName*>(::tvm::ffi::ObjectRef::get_mutable());                    \
  }                                                                                           \
  std::conditional_t<ObjectName::_type_mutable, ObjectName*, const ObjectName*> operator->()  \
      const {                                                                                 \
    return get();                                                                             \
  }

// In the body of a reference class that may be null.
#define TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(TypeName, ParentType, ObjectName)        \
  TypeName() : ParentType(::tvm::ffi::detail::NullParent<ParentType>()) {}                  \
  explicit TypeName(::tvm::ffi::ObjectPtr<ObjectName> data)                                 \
      : ParentType(::tvm::ffi::detail::ParentFromObjectPtr<ParentType>(std::move(data))) {} \
  TVM_FFI_DEFINE_OBJECT_REF_ACCESS_(TypeName, ParentType, ObjectName, true)

// In the body of a reference class whose values are never null; made from UnsafeInit, one is.
#define TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TypeName, ParentType, ObjectName) \
  TVM_FFI_DEFINE_OBJECT_REF_ACCESS_(TypeName, ParentType, ObjectName, false)

// ---- TypeTraits --------------------------------------------------------------------------------

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
  TVM_FFI_LOCAL static std::string TypeStr() { return TypeName(T::_type_key); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    if constexpr (kNullable) return SchemaText("Optional", {&ClassSchema});
    return ClassSchema();
  }

 private:
  TVM_FFI_COLD static std::string ClassSchema() { return SchemaText(T::_type_key); }
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
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::TypeName(T::_type_key); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return detail::SchemaText(T::_type_key); }

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
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::TypeName(ContainerType::_type_key); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(ContainerType::_type_key);
  }
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
#endif  // TVM_FFI_OBJECT_H_
