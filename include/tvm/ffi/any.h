// SPDX-License-Identifier: Apache-2.0
//
// AnyView and Any: a value of any type TypeTraits knows, borrowed or owned.
#ifndef TVM_FFI_ANY_H_
#define TVM_FFI_ANY_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/string.h>
#include <tvm/ffi/type_traits.h>

#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

// An integer above INT64_MAX does not fit the 64-bit signed payload; BigInt holds it.
template <>
struct TypeTraits<uint64_t> : public detail::IntTypeTraits<uint64_t> {
  static void CopyToAnyView(const uint64_t& src, TVMFFIAny* result) {
    if (TVM_FFI_PREDICT_FALSE(src > static_cast<uint64_t>(INT64_MAX))) ThrowTooLarge(src);
    detail::IntTypeTraits<uint64_t>::CopyToAnyView(src, result);
  }
  static void MoveToAny(uint64_t src, TVMFFIAny* result) { CopyToAnyView(src, result); }

 private:
  [[noreturn]] TVM_FFI_COLD static void ThrowTooLarge(uint64_t value) {
    TVM_FFI_THROW(OverflowError)
        << "Integer value " << value << " is too large to fit in int64_t. "
        << "Consider explicitly casting to int64_t first if this is intentional.";
    TVM_FFI_UNREACHABLE();
  }
};

namespace detail {

// ---- Cells -------------------------------------------------------------------------------------

inline bool SameCell(const TVMFFIAny& a, const TVMFFIAny& b) {
  return a.type_index == b.type_index && a.zero_padding == b.zero_padding &&
         a.v_uint64 == b.v_uint64;
}

[[noreturn]] TVM_FFI_COLD inline void ThrowMovedRValueRef() {
  TVM_FFI_THROW(InternalError) << "RValueRef already moved";
  TVM_FFI_UNREACHABLE();
}

// Text and bytes are copied, an r-value reference is moved from.
TVM_FFI_OUTLINE inline void OwnBorrowedCell(TVMFFIAny* cell) {
  switch (cell->type_index) {
    case TypeIndex::kTVMFFIRawStr: {
      TypeTraits<String>::MoveToAny(String(cell->v_c_str), cell);
      break;
    }
    case TypeIndex::kTVMFFIByteArrayPtr: {
      TypeTraits<Bytes>::MoveToAny(Bytes(*static_cast<TVMFFIByteArray*>(cell->v_ptr)), cell);
      break;
    }
    case TypeIndex::kTVMFFIObjectRValueRef: {
      TVMFFIObject** slot = static_cast<TVMFFIObject**>(cell->v_ptr);
      if (*slot == nullptr) ThrowMovedRValueRef();
      WriteObject(std::exchange(*slot, nullptr), cell);
      break;
    }
    default:
      break;
  }
}

// Turns cells that hold views into owned ones, in place.
inline void InplaceConvertAnyViewToAny(TVMFFIAny* cell, size_t = 0) {
  if (cell->type_index >= TypeIndex::kTVMFFIStaticObjectBegin) {
    AddStrong(cell->v_obj);
  } else if (TVM_FFI_PREDICT_FALSE(cell->type_index >= TypeIndex::kTVMFFIRawStr &&
                                   cell->type_index <= TypeIndex::kTVMFFIObjectRValueRef)) {
    OwnBorrowedCell(cell);
  }
}

[[noreturn]] TVM_FFI_COLD inline void ThrowCannotConvert(const TVMFFIAny* src,
                                                         std::string (*mismatch)(const TVMFFIAny*),
                                                         std::string (*type_str)()) {
  TVM_FFI_THROW(TypeError) << "Cannot convert from type `" << mismatch(src) << "` to `"
                           << type_str() << "`";
  TVM_FFI_UNREACHABLE();
}
[[noreturn]] TVM_FFI_COLD inline void ThrowCannotTreat(const TVMFFIAny* src,
                                                       std::string (*mismatch)(const TVMFFIAny*),
                                                       std::string (*type_str)()) {
  TVM_FFI_THROW(TypeError) << "Cannot treat type `" << mismatch(src) << "` as type `" << type_str()
                           << "`";
  TVM_FFI_UNREACHABLE();
}

template <typename T>
inline void CheckTreatable(const TVMFFIAny* src) {
  if (TVM_FFI_PREDICT_FALSE(!TypeTraits<T>::CheckAnyStrict(src))) {
    ThrowCannotTreat(src, TypeTraits<T>::GetMismatchTypeInfo, TypeTraits<T>::TypeStr);
  }
}

template <typename T, typename = void>
inline constexpr bool converts_into_v = false;
template <typename T>
inline constexpr bool
    converts_into_v<T, std::void_t<decltype(TypeTraits<T>::ConvertInto(nullptr, nullptr))>> = true;

// The lenient conversion; calls fail(), which does not return, if there is none.
template <typename T, typename F>
TVM_FFI_INLINE T ConvertOr(const TVMFFIAny* src, const F& fail) {
  if constexpr (converts_into_v<T>) {
    TVMFFIAny cell;
    if (TVM_FFI_PREDICT_FALSE(!TypeTraits<T>::ConvertInto(src, &cell))) fail();
    return TypeTraits<T>::MoveFromAnyAfterCheck(&cell);
  } else {
    auto value = TypeTraits<T>::TryCastFromAnyView(src);
    if (TVM_FFI_PREDICT_FALSE(!value.has_value())) fail();
    return *std::move(value);
  }
}

// The same, throwing.
template <typename T>
inline T CastCell(const TVMFFIAny* src) {
  return ConvertOr<T>(src, [src] {
    ThrowCannotConvert(src, TypeTraits<T>::GetMismatchTypeInfo, TypeTraits<T>::TypeStr);
  });
}

// Raw object pointers cannot be moved out of anything.
template <typename T>
inline T MoveFromCell(TVMFFIAny* src) {
  if constexpr (std::is_pointer_v<T>) {
    return TypeTraits<T>::CopyFromAnyViewAfterCheck(src);
  } else {
    return TypeTraits<T>::MoveFromAnyAfterCheck(src);
  }
}

// The object in the cell as an ObjectType, borrowed, or nullptr.
template <typename ObjectType>
inline const ObjectType* ObjectInCell(const TVMFFIAny* src) {
  if (!IsObjectCell<ObjectType>(src)) return nullptr;
  return ObjectUnsafe::RawObjectPtrFromUnowned<const ObjectType>(src->v_obj);
}

}  // namespace detail

// ---- AnyView -----------------------------------------------------------------------------------

// Borrowed: what it refers to must outlive it. Two words, passed by value.
class AnyView {
 public:
  AnyView() { reset(); }
  AnyView(const AnyView&) = default;
  AnyView& operator=(const AnyView&) = default;
  AnyView(AnyView&&) = default;
  AnyView& operator=(AnyView&&) = default;

  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  AnyView(const T& value) {  // NOLINT(google-explicit-constructor)
    TypeTraits<T>::CopyToAnyView(value, &data_);
  }
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  AnyView& operator=(const T& value) {
    TypeTraits<T>::CopyToAnyView(value, &data_);
    return *this;
  }

  void reset() { detail::WriteCell(&data_, TypeIndex::kTVMFFINone, int64_t{0}); }
  void swap(AnyView& other) noexcept { std::swap(data_, other.data_); }

  int32_t type_index() const noexcept { return data_.type_index; }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(data_.type_index); }
  bool operator==(std::nullptr_t) const noexcept {
    return data_.type_index == TypeIndex::kTVMFFINone;
  }
  bool operator!=(std::nullptr_t) const noexcept {
    return data_.type_index != TypeIndex::kTVMFFINone;
  }
  // The same bits.
  bool same_as(const AnyView& other) const noexcept { return detail::SameCell(data_, other.data_); }

  // The value as it stands, without conversion.
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  std::optional<T> as() const {
    if (TypeTraits<T>::CheckAnyStrict(&data_)) {
      return TypeTraits<T>::CopyFromAnyViewAfterCheck(&data_);
    }
    return std::nullopt;
  }
  template <typename ObjectType, typename = std::enable_if_t<std::is_base_of_v<Object, ObjectType>>>
  const ObjectType* as() const {
    return detail::ObjectInCell<ObjectType>(&data_);
  }
  // The same, throwing TypeError.
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  T as_or_throw() const {
    detail::CheckTreatable<T>(&data_);
    return TypeTraits<T>::CopyFromAnyViewAfterCheck(&data_);
  }
  // With conversion, throwing TypeError.
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  T cast() const {
    return detail::CastCell<T>(&data_);
  }
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  std::optional<T> try_cast() const {
    return TypeTraits<T>::TryCastFromAnyView(&data_);
  }

  TVMFFIAny CopyToTVMFFIAny() const { return data_; }
  static AnyView CopyFromTVMFFIAny(TVMFFIAny data) { return AnyView(data); }

 private:
  explicit AnyView(const TVMFFIAny& data) : data_(data) {}

  TVMFFIAny data_;

  friend class Any;
  friend struct detail::AnyUnsafe;
};

// ---- Any ---------------------------------------------------------------------------------------

class Any {
 public:
  Any() { detail::WriteCell(&data_, TypeIndex::kTVMFFINone, int64_t{0}); }
  Any(const Any& other) : data_(other.data_) {
    if (data_.type_index >= TypeIndex::kTVMFFIStaticObjectBegin) detail::AddStrong(data_.v_obj);
  }
  Any(Any&& other) noexcept : data_(other.data_) {
    detail::WriteCell(&other.data_, TypeIndex::kTVMFFINone, int64_t{0});
  }
  Any& operator=(const Any& other) {
    Any(other).swap(*this);
    return *this;
  }
  Any& operator=(Any&& other) noexcept {
    Any(std::move(other)).swap(*this);
    return *this;
  }
  ~Any() {
    if (data_.type_index >= TypeIndex::kTVMFFIStaticObjectBegin) detail::DropStrong(data_.v_obj);
  }

  // Makes what is borrowed its own: objects gain a reference, raw text and bytes are copied, an
  // r-value reference is moved from.
  Any(const AnyView& view) : data_(view.data_) {  // NOLINT(google-explicit-constructor)
    detail::InplaceConvertAnyViewToAny(&data_);
  }
  Any& operator=(const AnyView& view) {
    Any(view).swap(*this);
    return *this;
  }
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  Any(T value) {  // NOLINT(google-explicit-constructor)
    TypeTraits<T>::MoveToAny(std::move(value), &data_);
  }
  template <typename T, typename = std::enable_if_t<TypeTraits<T>::convert_enabled>>
  Any& operator=(T value) {
    Any(std::move(value)).swap(*this);
    return *this;
  }

  operator AnyView() const { return AnyView(data_); }  // NOLINT(google-explicit-constructor)

  void reset() {
    if (data_.type_index >= TypeIndex::kTVMFFIStaticObjectBegin) {
      Any(std::move(*this));
    } else {
      detail::WriteCell(&data_, TypeIndex::kTVMFFINone, int64_t{0});
    }
  }
  void swap(Any& other) noexcept { std::swap(data_, other.data_); }

  int32_t type_index() const noexcept { return data_.type_index; }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(data_.type_index); }
  bool operator==(std::nullptr_t) const noexcept {
    return data_.type_index == TypeIndex::kTVMFFINone;
  }
  bool operator!=(std::nullptr_t) const noexcept {
    return data_.type_index != TypeIndex::kTVMFFINone;
  }
  // The same bits; None and a null reference are the same too.
  bool same_as(const Any& other) const noexcept { return detail::SameCell(data_, other.data_); }
  bool same_as(const ObjectRef& other) const noexcept {
    TVMFFIObject* object = detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(other);
    if (object == nullptr) return data_.type_index == TypeIndex::kTVMFFINone;
    return data_.type_index >= TypeIndex::kTVMFFIStaticObjectBegin && data_.v_obj == object;
  }

  // The value as it stands, without conversion. From an r-value it is moved out on success.
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::convert_enabled || std::is_same_v<T, Any>>>
  std::optional<T> as() const& {
    if constexpr (std::is_same_v<T, Any>) {
      return *this;
    } else {
      if (TypeTraits<T>::CheckAnyStrict(&data_)) {
        return TypeTraits<T>::CopyFromAnyViewAfterCheck(&data_);
      }
      return std::nullopt;
    }
  }
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::storage_enabled || std::is_same_v<T, Any>>>
  std::optional<T> as() && {
    if constexpr (std::is_same_v<T, Any>) {
      return std::move(*this);
    } else {
      if (TypeTraits<T>::CheckAnyStrict(&data_)) return MoveOut<T>();
      return std::nullopt;
    }
  }
  template <typename ObjectType, typename = std::enable_if_t<std::is_base_of_v<Object, ObjectType>>>
  const ObjectType* as() const& {
    return detail::ObjectInCell<ObjectType>(&data_);
  }

  // The same, throwing TypeError.
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::convert_enabled || std::is_same_v<T, Any>>>
  T as_or_throw() const& {
    if constexpr (std::is_same_v<T, Any>) {
      return *this;
    } else {
      detail::CheckTreatable<T>(&data_);
      return TypeTraits<T>::CopyFromAnyViewAfterCheck(&data_);
    }
  }
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::storage_enabled || std::is_same_v<T, Any>>>
  T as_or_throw() && {
    if constexpr (std::is_same_v<T, Any>) {
      return std::move(*this);
    } else {
      detail::CheckTreatable<T>(&data_);
      return MoveOut<T>();
    }
  }

  // With conversion, throwing TypeError. From an r-value, what needs no conversion is moved out.
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::convert_enabled || std::is_same_v<T, Any>>>
  T cast() const& {
    if constexpr (std::is_same_v<T, Any>) {
      return *this;
    } else {
      return detail::CastCell<T>(&data_);
    }
  }
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::storage_enabled || std::is_same_v<T, Any>>>
  T cast() && {
    if constexpr (std::is_same_v<T, Any>) {
      return std::move(*this);
    } else {
      if (TypeTraits<T>::CheckAnyStrict(&data_)) return MoveOut<T>();
      return detail::CastCell<T>(&data_);
    }
  }
  template <typename T,
            typename = std::enable_if_t<TypeTraits<T>::convert_enabled || std::is_same_v<T, Any>>>
  std::optional<T> try_cast() const {
    if constexpr (std::is_same_v<T, Any>) {
      return *this;
    } else {
      return TypeTraits<T>::TryCastFromAnyView(&data_);
    }
  }

 private:
  template <typename T>
  T MoveOut() {
    T value = detail::MoveFromCell<T>(&data_);
    if constexpr (!std::is_pointer_v<T>) reset();
    return value;
  }

  TVMFFIAny data_;

  friend struct detail::AnyUnsafe;
};

namespace detail {

// ---- Names of types ----------------------------------------------------------------------------

// The name of a type in messages.
template <typename T>
struct Type2Str {
  TVM_FFI_LOCAL static std::string v() {
    using Plain = std::remove_cv_t<std::remove_reference_t<T>>;
    if constexpr (std::is_same_v<Plain, Any>) {
      return TypeName("Any");
    } else if constexpr (std::is_same_v<Plain, AnyView>) {
      return TypeName("AnyView");
    } else if constexpr (std::is_void_v<Plain>) {
      return TypeName("void");
    } else {
      return TypeTraits<Plain>::TypeStr();
    }
  }
};

template <typename T, typename = void>
inline constexpr bool has_type_schema_v = false;
template <typename T>
inline constexpr bool has_type_schema_v<T, std::void_t<decltype(TypeTraits<T>::TypeSchema())>> =
    true;

// Types of users need not have a schema; their name stands for it.
template <typename T>
struct TypeSchemaImpl {
  TVM_FFI_LOCAL static std::string v() {
    if constexpr (std::is_same_v<T, Any> || std::is_same_v<T, AnyView>) {
      return SchemaText("Any");
    } else if constexpr (std::is_void_v<T>) {
      return SchemaText("None");
    } else if constexpr (has_type_schema_v<T>) {
      return TypeTraits<T>::TypeSchema();
    } else {
      return SchemaText(TypeTraits<T>::TypeStr().c_str());
    }
  }
};

// ---- Access that bypasses ownership and checks -------------------------------------------------

struct AnyUnsafe : public ObjectUnsafe {
  static TVMFFIAny MoveAnyToTVMFFIAny(Any&& any) {
    TVMFFIAny cell = any.data_;
    WriteCell(&any.data_, TypeIndex::kTVMFFINone, int64_t{0});
    return cell;
  }
  // Leaves None in the cell.
  static Any MoveTVMFFIAnyToAny(TVMFFIAny* cell) {
    Any any;
    any.data_ = *cell;
    WriteCell(cell, TypeIndex::kTVMFFINone, int64_t{0});
    return any;
  }
  static Any MoveTVMFFIAnyRawToAny(TVMFFIAny cell) {
    Any any;
    any.data_ = cell;
    return any;
  }

  template <typename T>
  static bool CheckAnyStrict(const Any& any) {
    return CheckCell<T>(&any.data_);
  }
  template <typename T>
  static bool CheckAnyViewStrict(const AnyView& view) {
    return CheckCell<T>(&view.data_);
  }
  template <typename T>
  static T CopyFromAnyViewAfterCheck(const Any& any) {
    if constexpr (std::is_same_v<T, Any>) {
      return any;
    } else {
      return TypeTraits<T>::CopyFromAnyViewAfterCheck(&any.data_);
    }
  }
  template <typename T>
  static T MoveFromAnyAfterCheck(Any&& any) {
    if constexpr (std::is_same_v<T, Any>) {
      return std::move(any);
    } else {
      return MoveFromCell<T>(&any.data_);
    }
  }

  // Borrowed pointers.
  template <typename T = Object>
  static T* RawObjectPtrFromAnyAfterCheck(const Any& any) {
    return RawObjectPtrFromUnowned<T>(any.data_.v_obj);
  }
  template <typename T = Object>
  static T* RawObjectPtrFromAnyViewAfterCheck(const AnyView& view) {
    return RawObjectPtrFromUnowned<T>(view.data_.v_obj);
  }
  static Object* ObjectPtrFromAnyAfterCheck(const Any& any) {  // name used before 0.1.15
    return RawObjectPtrFromAnyAfterCheck<Object>(any);
  }
  static const TVMFFIAny* TVMFFIAnyPtrFromAny(const Any& any) { return &any.data_; }

  template <typename T>
  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const Any& any) {
    if constexpr (std::is_same_v<T, Any>) {
      return any.GetTypeKey();
    } else {
      return TypeTraits<T>::GetMismatchTypeInfo(&any.data_);
    }
  }

 private:
  template <typename T>
  static bool CheckCell(const TVMFFIAny* cell) {
    if constexpr (std::is_same_v<T, Any>) {
      return true;
    } else {
      return TypeTraits<T>::CheckAnyStrict(cell);
    }
  }
};

}  // namespace detail

template <typename RefType, typename>
RefType ObjectRef::as_or_throw() const& {
  return AnyView(*this).as_or_throw<RefType>();
}

template <typename RefType, typename>
RefType ObjectRef::as_or_throw() && {
  AnyView view(*this);
  TVMFFIAny cell = view.CopyToTVMFFIAny();
  detail::CheckTreatable<RefType>(&cell);
  return detail::ObjectUnsafe::ObjectRefFromObjectPtr<RefType>(std::move(data_));
}

// ---- Hash and equality by value ----------------------------------------------------------------

namespace detail {

// A column that exists since the library was loaded. It keeps its address.
TVM_FFI_COLD inline const TVMFFITypeAttrColumn* FindTypeAttrColumn(const char* name) {
  TVMFFIByteArray name_bytes{name, std::strlen(name)};
  const TVMFFITypeAttrColumn* column = TVMFFIGetTypeAttrColumn(&name_bytes);
  if (column == nullptr) TVM_FFI_THROW(RuntimeError) << "Cannot find type attribute " << name;
  return column;
}

// The attribute of a type, or null.
inline const TVMFFIAny* FindTypeAttr(const TVMFFITypeAttrColumn* column, int32_t type_index) {
  int64_t row = static_cast<int64_t>(type_index) - column->begin_index;
  if (row < 0 || row >= column->size) return nullptr;
  const TVMFFIAny* attr = column->data + row;
  return attr->type_index == TypeIndex::kTVMFFINone ? nullptr : attr;
}

// Calls a raw hook for one value, or two. Those of libraries from before 0.1.15 return an int64_t
// or a bool where this expects a cell; it comes back in the register of the cell's first word.
#if defined(__clang__)
__attribute__((no_sanitize("function")))
#endif
TVM_FFI_OUTLINE inline TVMFFIAny
CallRawAnyHook(void* hook, const Any& lhs, const Any* rhs) {
  if (rhs != nullptr) {
    return reinterpret_cast<TVMFFIAny (*)(const Any&, const Any&)>(hook)(lhs, *rhs);
  }
  return reinterpret_cast<TVMFFIAny (*)(const Any&)>(hook)(lhs);
}

// Whether an equality hook returned a bool and not a cell. Of a bool only the lowest byte is
// defined; a cell has kTVMFFIBool or kTVMFFIError there.
inline bool IsBoolWithoutCell(const TVMFFIAny& result) {
  return static_cast<uint8_t>(result.type_index) <= 1;
}

// Whether the raw hooks of the value's type are from before 0.1.15. Nothing registered tells, nor
// does a hash, but equality does: it is tried out, and the answers for some types are remembered.
TVM_FFI_OUTLINE inline bool HasOldRawHooks(const Any& value) {
  constexpr size_t kNumRemembered = 64;
  static uint32_t remembered[kNumRemembered] = {};  // 2 * type index + answer, atomically; 0: empty
  const uint32_t type_index = static_cast<uint32_t>(value.type_index());
  uint32_t* slot = &remembered[type_index % kNumRemembered];
#if defined(__GNUC__)
  const uint32_t known = __atomic_load_n(slot, __ATOMIC_RELAXED);
  if (known >> 1 == type_index) return (known & 1) != 0;
#endif
  static const TVMFFITypeAttrColumn* const column = FindTypeAttrColumn("__any_equal__");
  const TVMFFIAny* hook = FindTypeAttr(column, value.type_index());
  bool is_old = false;
  if (hook != nullptr && hook->type_index == TypeIndex::kTVMFFIOpaquePtr) {
    TVMFFIAny result = CallRawAnyHook(hook->v_ptr, value, &value);
    is_old = IsBoolWithoutCell(result);
    if (!is_old) AnyUnsafe::MoveTVMFFIAnyRawToAny(result);  // perhaps an error
  }
#if defined(__GNUC__)
  __atomic_store_n(slot, 2 * type_index + (is_old ? 1 : 0), __ATOMIC_RELAXED);
#endif
  return is_old;
}

// Calls a hook of a type, native or a Function, and checks the type of what it returns.
TVM_FFI_OUTLINE inline int64_t CallAnyHook(const TVMFFIAny& hook, const Any* lhs, const Any* rhs,
                                           int32_t result_index) {
  Any result;
  if (hook.type_index == TypeIndex::kTVMFFIOpaquePtr) {
    TVMFFIAny cell = CallRawAnyHook(hook.v_ptr, *lhs, rhs);
    if (rhs != nullptr) {
      if (IsBoolWithoutCell(cell)) return static_cast<uint8_t>(cell.type_index);
    } else if (HasOldRawHooks(*lhs)) {
      int64_t hash;
      std::memcpy(&hash, &cell, sizeof(hash));
      return hash;
    }
    result = AnyUnsafe::MoveTVMFFIAnyRawToAny(cell);
    if (result.type_index() != result_index) {
      const Any& error = result;
      TVM_FFI_ICHECK_EQ(error.type_index(), TypeIndex::kTVMFFIError);
      throw error.cast<Error>();
    }
  } else {
    TVM_FFI_ICHECK_EQ(hook.type_index, TypeIndex::kTVMFFIFunction);
    TVMFFIAny args[2] = {*AnyUnsafe::TVMFFIAnyPtrFromAny(*lhs), TVMFFIAny{}};
    if (rhs != nullptr) args[1] = *AnyUnsafe::TVMFFIAnyPtrFromAny(*rhs);
    if (TVMFFIFunctionGetCellPtr(hook.v_obj)
            ->safe_call(hook.v_obj, args, rhs != nullptr ? 2 : 1,
                        reinterpret_cast<TVMFFIAny*>(&result)) != 0) {
      throw MoveFromSafeCallRaised();
    }
    TVM_FFI_ICHECK_EQ(result.type_index(), result_index);
  }
  return AnyUnsafe::TVMFFIAnyPtrFromAny(result)->v_int64;
}

}  // namespace detail

// Text and bytes hash and compare by content, objects as the attributes __any_hash__ and
// __any_equal__ of their type say, everything else by its bits. Values of different types are
// never equal; an object without these attributes equals itself only.
struct AnyHash {
  TVM_FFI_OUTLINE uint64_t operator()(const Any& value) const {
    const TVMFFIAny* cell = detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value);
    int32_t type_index = cell->type_index;
    uint64_t hash = cell->v_uint64;
    if (type_index == TypeIndex::kTVMFFISmallStr || type_index == TypeIndex::kTVMFFISmallBytes) {
      hash = detail::StableHashSmallStrBytes(cell);
      type_index += TypeIndex::kTVMFFIStr - TypeIndex::kTVMFFISmallStr;
    } else if (type_index == TypeIndex::kTVMFFIStr || type_index == TypeIndex::kTVMFFIBytes) {
      TVMFFIByteArray content = detail::BytesCell::Content(cell);
      hash = detail::StableHashBytes(content.data, content.size);
    } else if (type_index >= TypeIndex::kTVMFFIStaticObjectBegin) {
      static const TVMFFITypeAttrColumn* const column = detail::FindTypeAttrColumn("__any_hash__");
      if (const TVMFFIAny* hook = detail::FindTypeAttr(column, type_index)) {
        hash = static_cast<uint64_t>(
            detail::CallAnyHook(*hook, &value, nullptr, TypeIndex::kTVMFFIInt));
      }
    }
    return detail::StableHashCombine(static_cast<uint64_t>(static_cast<int64_t>(type_index)), hash);
  }
};

struct AnyEqual {
  bool operator()(const Any& lhs, const Any& rhs) const {
    return lhs.same_as(rhs) || EqualContent(lhs, rhs);
  }

 private:
  // The heap form of text and bytes.
  static int32_t HeapIndex(int32_t type_index) {
    if (type_index == TypeIndex::kTVMFFISmallStr) return TypeIndex::kTVMFFIStr;
    if (type_index == TypeIndex::kTVMFFISmallBytes) return TypeIndex::kTVMFFIBytes;
    return type_index;
  }

  TVM_FFI_OUTLINE static bool EqualContent(const Any& lhs, const Any& rhs) {
    int32_t type_index = HeapIndex(lhs.type_index());
    if (type_index != HeapIndex(rhs.type_index()) ||
        type_index < TypeIndex::kTVMFFIStaticObjectBegin) {
      return false;
    }
    if (type_index == TypeIndex::kTVMFFIStr || type_index == TypeIndex::kTVMFFIBytes) {
      TVMFFIByteArray a = detail::BytesCell::Content(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(lhs));
      TVMFFIByteArray b = detail::BytesCell::Content(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(rhs));
      return Bytes::memequal(a.data, b.data, a.size, b.size);
    }
    static const TVMFFITypeAttrColumn* const column = detail::FindTypeAttrColumn("__any_equal__");
    const TVMFFIAny* hook = detail::FindTypeAttr(column, type_index);
    return hook != nullptr && detail::CallAnyHook(*hook, &lhs, &rhs, TypeIndex::kTVMFFIBool) != 0;
  }
};

}  // namespace ffi

using ffi::Any;
using ffi::AnyView;

}  // namespace tvm
#endif  // TVM_FFI_ANY_H_
