// SPDX-License-Identifier: Apache-2.0
//
// Optional<T>: a value or nothing, stored as Any stores it: nothing is None, or a null pointer. A
// null T and an empty optional are therefore the same.
#ifndef TVM_FFI_OPTIONAL_H_
#define TVM_FFI_OPTIONAL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/string.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

template <typename T>
inline constexpr bool is_optional_type_v = false;
template <typename T>
inline constexpr bool is_optional_type_v<Optional<T>> = true;

template <typename T>
inline constexpr bool is_object_ptr_type_v = false;
template <typename T>
inline constexpr bool is_object_ptr_type_v<ObjectPtr<T>> = true;

template <typename T>
inline constexpr bool is_arc_type_v = false;
template <typename T>
inline constexpr bool is_arc_type_v<Arc<T>> = true;

// Which of the four forms below stores a T; the last one is a std::optional.
template <typename T>
inline constexpr bool use_object_ref_optional_v =
    std::is_base_of_v<ObjectRef, T> && !is_optional_type_v<T>;
template <typename T>
inline constexpr bool use_object_ptr_optional_v = is_object_ptr_type_v<T> || is_arc_type_v<T>;

namespace detail {

template <typename T>
inline constexpr bool use_any_optional_v =
    TypeTraits<T>::storage_enabled && !use_object_ref_optional_v<T> &&
    !use_object_ptr_optional_v<T>;

[[noreturn]] TVM_FFI_COLD inline void ThrowEmptyOptional(const char* message) {
  TVM_FFI_THROW(RuntimeError) << message;
  TVM_FFI_UNREACHABLE();
}

// What all forms have in common. Derived has has_value(), operator* and IsSame(Derived): whether
// both are empty or one object, which makes them equal without a look at the value.
template <typename Derived, typename T>
class OptionalOperators {
 public:
  using value_type = T;

  explicit operator bool() const { return self().has_value(); }

  template <typename U>
  T value_or(U&& fallback) const& {
    return self().has_value() ? *self() : T(std::forward<U>(fallback));
  }
  template <typename U>
  T value_or(U&& fallback) && {
    return self().has_value() ? *std::move(self()) : T(std::forward<U>(fallback));
  }

  friend bool operator==(const Derived& a, std::nullopt_t) { return !a.has_value(); }
  friend bool operator!=(const Derived& a, std::nullopt_t) { return a.has_value(); }
  friend bool operator==(const Derived& a, std::nullptr_t) { return !a.has_value(); }
  friend bool operator!=(const Derived& a, std::nullptr_t) { return a.has_value(); }

  // Compare the values, with whatever their comparison returns. A value is not equal to nothing.
  friend auto operator==(const Derived& a, const Derived& b) {
    using Result = decltype(*a == *b);
    if (AreSame(a, b)) return Result(true);
    return a.has_value() && b.has_value() ? *a == *b : Result(false);
  }
  friend auto operator!=(const Derived& a, const Derived& b) {
    using Result = decltype(*a != *b);
    if (AreSame(a, b)) return Result(false);
    return a.has_value() && b.has_value() ? *a != *b : Result(true);
  }
  friend auto operator==(const Derived& a, const std::optional<T>& b) {
    using Result = decltype(*a == *b);
    return a.has_value() && b.has_value() ? *a == *b : Result(a.has_value() == b.has_value());
  }
  friend auto operator!=(const Derived& a, const std::optional<T>& b) {
    using Result = decltype(*a != *b);
    return a.has_value() && b.has_value() ? *a != *b : Result(a.has_value() != b.has_value());
  }
  template <typename U>
  friend auto operator==(const Derived& a, const U& b) {
    using Result = decltype(*a == b);
    return a.has_value() ? *a == b : Result(false);
  }
  template <typename U>
  friend auto operator!=(const Derived& a, const U& b) {
    using Result = decltype(*a != b);
    return a.has_value() ? *a != b : Result(true);
  }

 private:
  static bool AreSame(const Derived& a, const Derived& b) { return a.IsSame(b); }
  const Derived& self() const { return static_cast<const Derived&>(*this); }
  Derived& self() { return static_cast<Derived&>(*this); }
};

// The same for the forms that are stored as a cell. Derived has in addition View(), a borrowed
// cell, and Release(), which empties the optional and gives up what it owned.
template <typename Derived, typename T>
class OptionalCell : public OptionalOperators<Derived, T> {
 public:
  // The value as it stands; nothing is None. For an object class, a pointer or nullptr.
  template <typename U>
  auto as() const {
    TVMFFIAny cell = derived().View();
    if constexpr (std::is_base_of_v<Object, U>) {
      return ObjectInCell<U>(&cell);
    } else {
      if (!Check<U>(&cell)) return std::optional<U>();
      return std::optional<U>(Copy<U>(&cell));
    }
  }
  // The same, throwing TypeError. From an r-value the value is moved out on success.
  template <typename U>
  U as_or_throw() const& {
    TVMFFIAny cell = derived().View();
    CheckOrThrow<U>(&cell);
    return Copy<U>(&cell);
  }
  template <typename U>
  U as_or_throw() && {
    TVMFFIAny view = derived().View();
    CheckOrThrow<U>(&view);
    Any owned = AnyUnsafe::MoveTVMFFIAnyRawToAny(static_cast<Derived&>(*this).Release());
    return AnyUnsafe::MoveFromAnyAfterCheck<U>(std::move(owned));
  }

 private:
  const Derived& derived() const { return static_cast<const Derived&>(*this); }

  template <typename U>
  static bool Check(const TVMFFIAny* cell) {
    CheckType<U>();
    if constexpr (std::is_same_v<U, Any>) {
      return true;
    } else {
      return TypeTraits<U>::CheckAnyStrict(cell);
    }
  }
  template <typename U>
  static void CheckOrThrow(const TVMFFIAny* cell) {
    CheckType<U>();
    if constexpr (!std::is_same_v<U, Any>) CheckTreatable<U>(cell);
  }
  template <typename U>
  static U Copy(const TVMFFIAny* cell) {
    if constexpr (std::is_same_v<U, Any>) {
      return AnyView::CopyFromTVMFFIAny(*cell);
    } else {
      return TypeTraits<U>::CopyFromAnyViewAfterCheck(cell);
    }
  }
  template <typename U>
  static constexpr void CheckType() {
    static_assert(!std::is_same_v<U, Any> || use_any_optional_v<T>,
                  "an Optional of an object class is not read as Any; use operator* or as<T>");
  }
};

}  // namespace detail

// ---- The four forms ----------------------------------------------------------------------------

// A reference class: 8 bytes. Not itself a reference.
template <typename T>
class Optional<T, std::enable_if_t<use_object_ref_optional_v<T>>>
    : public detail::OptionalCell<Optional<T>, T> {
 public:
  using ContainerType = typename T::ContainerType;
  static constexpr bool _type_container_is_exact = T::_type_container_is_exact;

  Optional() = default;
  Optional(std::nullopt_t) {}  // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  explicit Optional(UnsafeInit) {}
  Optional(T value)  // NOLINT(google-explicit-constructor)
      : data_(detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(std::move(value))) {}
  template <typename U, typename = std::enable_if_t<std::is_same_v<U, T>>>
  Optional(std::optional<U> value) {  // NOLINT(google-explicit-constructor)
    if (value.has_value()) *this = *std::move(value);
  }
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Optional);

  Optional& operator=(std::nullopt_t) { return Clear(); }
  Optional& operator=(std::nullptr_t) { return Clear(); }
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<U, Optional>>>
  Optional& operator=(U&& value) {
    T converted = std::forward<U>(value);
    data_ = detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(std::move(converted));
    return *this;
  }

  bool has_value() const { return data_ != nullptr; }
  T value() const& {
    CheckValue();
    return **this;
  }
  T value() && {
    CheckValue();
    return *std::move(*this);
  }
  T operator*() const& { return detail::ObjectUnsafe::ObjectRefFromObjectPtr<T>(data_); }
  T operator*() && { return detail::ObjectUnsafe::ObjectRefFromObjectPtr<T>(std::move(data_)); }

  const ContainerType* get() const { return static_cast<const ContainerType*>(data_.get()); }
  const ContainerType* operator->() const { return get(); }
  bool same_as(const Optional& other) const { return data_ == other.data_; }
  bool same_as(const ObjectRef& other) const { return data_.get() == other.get(); }
  bool unique() const { return data_.unique(); }
  int use_count() const { return data_.use_count(); }

  // Members it had while it was an ObjectRef, before 0.1.15.
  bool defined() const { return has_value(); }
  int32_t type_index() const { return View().type_index; }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(type_index()); }

 private:
  void CheckValue() const {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Back optional access");
  }
  Optional& Clear() {
    data_.reset();
    return *this;
  }
  TVMFFIAny View() const {
    TVMFFIAny cell;
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr(data_), &cell);
    return cell;
  }
  TVMFFIAny Release() {
    TVMFFIAny cell;
    detail::WriteObject(detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(data_)),
                        &cell);
    return cell;
  }

  bool IsSame(const Optional& other) const { return same_as(other); }

  ObjectPtr<Object> data_;

  friend class detail::OptionalOperators<Optional, T>;
  friend class detail::OptionalCell<Optional, T>;
  friend struct TypeTraits<Optional, void>;
};

// ObjectPtr and Arc: 8 bytes.
template <typename T>
class Optional<T, std::enable_if_t<use_object_ptr_optional_v<T>>>
    : public ObjectPtr<std::remove_reference_t<decltype(*std::declval<T>())>>,
      public detail::OptionalCell<Optional<T>, T> {
  using Object_ = std::remove_reference_t<decltype(*std::declval<T>())>;
  using Ptr = ObjectPtr<Object_>;
  using Base = detail::OptionalCell<Optional<T>, T>;

 public:
  Optional() = default;
  Optional(std::nullopt_t) {}                   // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}                   // NOLINT(google-explicit-constructor)
  Optional(T value) : Ptr(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  template <typename U, typename = std::enable_if_t<std::is_same_v<U, T>>>
  Optional(std::optional<U> value) {  // NOLINT(google-explicit-constructor)
    if (value.has_value()) *this = *std::move(value);
  }
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Optional);

  Optional& operator=(std::nullopt_t) { return Clear(); }
  Optional& operator=(std::nullptr_t) { return Clear(); }
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<U, Optional>>>
  Optional& operator=(U&& value) {
    T converted = std::forward<U>(value);
    static_cast<Ptr&>(*this) = std::move(converted);
    return *this;
  }

  bool has_value() const { return Ptr::get() != nullptr; }
  using Base::operator bool;
  T value() const& {
    CheckValue();
    return **this;
  }
  T value() && {
    CheckValue();
    return *std::move(*this);
  }
  T operator*() const& { return Wrap(Ptr(*this)); }
  T operator*() && { return Wrap(static_cast<Ptr&&>(*this)); }

  bool same_as(const Optional& other) const { return Ptr::get() == other.get(); }
  bool same_as(const T& other) const { return Ptr::get() == other.get(); }

 private:
  using Ptr::operator->;

  void CheckValue() const {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Bad optional access");
  }
  Optional& Clear() {
    Ptr::reset();
    return *this;
  }
  static T Wrap(Ptr&& ptr) {
    if constexpr (is_arc_type_v<T>) {
      return detail::ObjectUnsafe::ArcFromObjectPtr<Object_>(std::move(ptr));
    } else {
      return std::move(ptr);
    }
  }
  TVMFFIAny View() const {
    TVMFFIAny cell;
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr<Object_>(*this), &cell);
    return cell;
  }
  TVMFFIAny Release() {
    TVMFFIAny cell;
    detail::WriteObject(
        detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr<Object_>(static_cast<Ptr&&>(*this)),
        &cell);
    return cell;
  }

  bool IsSame(const Optional& other) const { return same_as(other); }

  friend class detail::OptionalOperators<Optional, T>;
  friend class detail::OptionalCell<Optional, T>;
  friend struct TypeTraits<Optional, void>;
};

// Any other type that Any can store: 16 bytes.
template <typename T>
class Optional<T, std::enable_if_t<detail::use_any_optional_v<T>>>
    : public detail::OptionalCell<Optional<T>, T> {
 public:
  Optional() = default;
  Optional(std::nullopt_t) {}                     // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}                     // NOLINT(google-explicit-constructor)
  Optional(T value) : data_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  template <typename U, typename = std::enable_if_t<std::is_same_v<U, T>>>
  Optional(std::optional<U> value) {  // NOLINT(google-explicit-constructor)
    if (value.has_value()) data_ = *std::move(value);
  }
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Optional);

  Optional& operator=(std::nullopt_t) { return Clear(); }
  Optional& operator=(std::nullptr_t) { return Clear(); }
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<U, Optional>>>
  Optional& operator=(U&& value) {
    T converted = std::forward<U>(value);
    data_ = std::move(converted);
    return *this;
  }

  bool has_value() const { return data_ != nullptr; }
  T value() const& {
    CheckValue();
    return **this;
  }
  T value() && {
    CheckValue();
    return *std::move(*this);
  }
  T operator*() const& { return detail::AnyUnsafe::CopyFromAnyViewAfterCheck<T>(data_); }
  T operator*() && {
    Any data = std::move(data_);
    return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data));
  }

  bool same_as(const Optional& other) const { return data_.same_as(other.data_); }
  bool same_as(const ObjectRef& other) const { return data_.same_as(other); }

 private:
  void CheckValue() const {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Back optional access");
  }
  Optional& Clear() {
    data_.reset();
    return *this;
  }
  TVMFFIAny View() const { return *detail::AnyUnsafe::TVMFFIAnyPtrFromAny(data_); }
  TVMFFIAny Release() { return detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(data_)); }

  bool IsSame(const Optional& other) const {
    return same_as(other) && (!has_value() || data_.type_index() >= kTVMFFIStaticObjectBegin);
  }

  Any data_;

  friend class detail::OptionalOperators<Optional, T>;
  friend class detail::OptionalCell<Optional, T>;
  friend struct TypeTraits<Optional, void>;
};

// Everything else, such as types that only a call can pass.
template <typename T, typename>
class Optional : public detail::OptionalOperators<Optional<T>, T> {
 public:
  Optional() = default;
  Optional(std::nullopt_t) {}                     // NOLINT(google-explicit-constructor)
  Optional(T value) : data_(std::move(value)) {}  // NOLINT(google-explicit-constructor)
  template <typename U, typename = std::enable_if_t<std::is_same_v<U, T>>>
  Optional(std::optional<U> value)  // NOLINT(google-explicit-constructor)
      : data_(std::move(value)) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Optional);

  Optional& operator=(std::nullopt_t) {
    data_.reset();
    return *this;
  }
  template <typename U, typename = std::enable_if_t<std::is_convertible_v<U&&, T> &&
                                                    !std::is_same_v<std::decay_t<U>, Optional>>>
  Optional& operator=(U&& value) {
    data_ = T(std::forward<U>(value));
    return *this;
  }

  bool has_value() const { return data_.has_value(); }
  const T& value() const& {
    CheckValue();
    return *data_;
  }
  T&& value() && {
    CheckValue();
    return *std::move(data_);
  }
  const T& operator*() const& { return *data_; }
  T&& operator*() && { return *std::move(data_); }

 private:
  void CheckValue() const {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Back optional access");
  }
  bool IsSame(const Optional& other) const { return !has_value() && !other.has_value(); }

  std::optional<T> data_;

  friend class detail::OptionalOperators<Optional, T>;
};

// ---- TypeTraits --------------------------------------------------------------------------------

template <typename T>
inline constexpr bool use_default_type_traits_v<Optional<T>> = false;

template <typename T>
struct TypeTraits<Optional<T>, void> : public TypeTraitsBase {
  static constexpr bool convert_enabled = TypeTraits<T>::convert_enabled;
  static constexpr bool storage_enabled = TypeTraits<T>::storage_enabled;

  static void CopyToAnyView(const Optional<T>& src, TVMFFIAny* result) {
    if constexpr (storage_enabled) {
      *result = src.View();
    } else if (src.has_value()) {
      TypeTraits<T>::CopyToAnyView(*src, result);
    } else {
      TypeTraits<std::nullptr_t>::CopyToAnyView(nullptr, result);
    }
  }
  static void MoveToAny(Optional<T> src, TVMFFIAny* result) {
    if constexpr (storage_enabled) {
      *result = src.Release();
    } else if (src.has_value()) {
      TypeTraits<T>::MoveToAny(*std::move(src), result);
    } else {
      TypeTraits<std::nullptr_t>::MoveToAny(nullptr, result);
    }
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return IsNone(src) || TypeTraits<T>::CheckAnyStrict(src);
  }
  static Optional<T> CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    if (IsNone(src)) return Optional<T>();
    return Optional<T>(TypeTraits<T>::CopyFromAnyViewAfterCheck(src));
  }
  static Optional<T> MoveFromAnyAfterCheck(TVMFFIAny* src) {
    if (IsNone(src)) return Optional<T>();
    return Optional<T>(detail::MoveFromCell<T>(src));
  }
  template <typename U = T, typename = std::enable_if_t<detail::converts_into_v<U>>>
  static bool ConvertInto(const TVMFFIAny* src, TVMFFIAny* out) {
    if (!IsNone(src)) return TypeTraits<T>::ConvertInto(src, out);
    TypeTraits<std::nullptr_t>::CopyToAnyView(nullptr, out);
    return true;
  }
  static std::optional<Optional<T>> TryCastFromAnyView(const TVMFFIAny* src) {
    if (IsNone(src)) return Optional<T>();
    auto value = TypeTraits<T>::TryCastFromAnyView(src);
    if (!value.has_value()) return std::nullopt;
    return Optional<T>(*std::move(value));
  }
  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    return TypeTraits<T>::GetMismatchTypeInfo(src);
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName("Optional", {&detail::Type2Str<T>::v});
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText("Optional", {&detail::TypeSchema<T>::v});
  }

 private:
  static bool IsNone(const TVMFFIAny* src) { return src->type_index == TypeIndex::kTVMFFINone; }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_OPTIONAL_H_
