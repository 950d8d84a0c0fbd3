// SPDX-License-Identifier: Apache-2.0
//
// Optional<T>: a T or nothing, stored as compactly as T allows and read from Any as T or None.
//
//   T                          stored as                       size
//   a reference class          one object pointer, null = empty   8
//   ObjectPtr<O>, Arc<O>       that pointer, null = empty         8
//   other types Any can hold   an Any, None = empty              16
//   all others                 std::optional<T>
//
// A T that is itself null (a nullable reference, a null ObjectPtr) is the same as an empty
// Optional.
#ifndef TVM_FFI_OPTIONAL_H_
#define TVM_FFI_OPTIONAL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>

#include <cstddef>      // std::nullptr_t
#include <cstdint>      // int32_t
#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::enable_if_t
#include <utility>      // std::move

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

template <typename T>
inline constexpr bool use_object_ref_optional_v =
    std::is_base_of_v<ObjectRef, T> && !is_optional_type_v<T>;
template <typename T>
inline constexpr bool use_object_ptr_optional_v = is_object_ptr_type_v<T> || is_arc_type_v<T>;

namespace detail {

template <typename T>
inline constexpr bool is_any_optional_v =
    !use_object_ref_optional_v<T> && !use_object_ptr_optional_v<T> &&
    (std::is_same_v<T, Any> || TypeTraits<T>::storage_enabled);

[[noreturn]] TVM_FFI_NO_INLINE TVM_FFI_COLD_CODE inline void ThrowEmptyOptional(
    const char* message) {
  TVM_FFI_THROW(RuntimeError) << message;
  TVM_FFI_UNREACHABLE();
}

template <typename T>
inline constexpr bool is_std_optional_v = false;
template <typename T>
inline constexpr bool is_std_optional_v<std::optional<T>> = true;

// What can be assigned although only a conversion leads to T: "text" to an Optional<String>.
template <typename T, typename U, typename D = std::decay_t<U>>
inline constexpr bool is_optional_assignable_v =
    !is_optional_type_v<D> && !is_std_optional_v<D> && !std::is_same_v<D, std::nullopt_t> &&
    !std::is_same_v<D, std::nullptr_t> && std::is_constructible_v<T, U>;

// The part of the interface that needs no storage. Derived has has_value() and operator*.
template <typename Derived, typename T>
class OptionalInterface {
 public:
  using value_type = T;

  explicit operator bool() const { return self().has_value(); }

  T value() const& {
    if (TVM_FFI_PREDICT_FALSE(!self().has_value())) ThrowEmptyOptional(Derived::kEmptyMessage);
    return *self();
  }
  T value() && {
    if (TVM_FFI_PREDICT_FALSE(!self().has_value())) ThrowEmptyOptional(Derived::kEmptyMessage);
    return *static_cast<Derived&&>(*this);
  }
  template <typename U = std::remove_cv_t<T>>
  T value_or(U&& default_value) const {
    return self().has_value() ? *self() : static_cast<T>(std::forward<U>(default_value));
  }

  bool operator==(std::nullopt_t) const { return !self().has_value(); }
  bool operator!=(std::nullopt_t) const { return self().has_value(); }

  // The stored value read strictly, None when empty: std::optional<U>, or const U* for an object
  // class.
  template <typename U>
  auto as() const {
    return self().View().template as<U>();
  }
  // The same, throwing TypeError.
  template <typename U>
  U as_or_throw() const& {
    return self().View().template as_or_throw<U>();
  }
  // The same; moves the value out, unless it throws.
  template <typename U>
  U as_or_throw() && {
    AnyView view = self().View();
    if (!AnyUnsafe::CheckAnyViewStrict<U>(view)) return view.template as_or_throw<U>();
    return AnyUnsafe::MoveFromAnyAfterCheck<U>(static_cast<Derived&>(*this).TakeAny());
  }

 private:
  const Derived& self() const { return static_cast<const Derived&>(*this); }
};

// a == b and a != b where both may be empty. The result is what the elements' comparison gives.
template <typename A, typename B>
inline auto OptionalEqual(const A& a, const B& b) {
  using Result = std::decay_t<decltype(*a == *b)>;
  if (a.has_value() && b.has_value()) return Result(*a == *b);
  return Result(a.has_value() == b.has_value());
}
template <typename A, typename B>
inline auto OptionalNotEqual(const A& a, const B& b) {
  using Result = std::decay_t<decltype(*a != *b)>;
  if (a.has_value() && b.has_value()) return Result(*a != *b);
  return Result(a.has_value() != b.has_value());
}

}  // namespace detail

// ---- References --------------------------------------------------------------------------------

template <typename T>
class Optional<T, std::enable_if_t<use_object_ref_optional_v<T>>>
    : public detail::OptionalInterface<Optional<T>, T> {
 public:
  using ContainerType = typename T::ContainerType;
  static constexpr bool _type_container_is_exact = T::_type_container_is_exact;

  Optional() = default;
  Optional(const Optional&) = default;
  Optional(Optional&&) noexcept = default;
  explicit Optional(UnsafeInit) {}
  Optional(std::nullopt_t) {}  // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  Optional(T other)            // NOLINT(google-explicit-constructor)
      : data_(detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(std::move(other))) {}
  Optional(std::optional<T> other) {  // NOLINT(google-explicit-constructor)
    if (other.has_value()) *this = Optional(*std::move(other));
  }

  Optional& operator=(const Optional&) = default;
  Optional& operator=(Optional&&) noexcept = default;
  Optional& operator=(std::nullopt_t) {
    data_.reset();
    return *this;
  }
  Optional& operator=(std::nullptr_t) { return *this = std::nullopt; }
  Optional& operator=(T other) { return *this = Optional(std::move(other)); }
  template <typename U, typename = std::enable_if_t<!std::is_same_v<std::decay_t<U>, T> &&
                                                    detail::is_optional_assignable_v<T, U>>>
  Optional& operator=(U&& other) {
    return *this = Optional(T(std::forward<U>(other)));
  }

  bool has_value() const { return data_ != nullptr; }
  T operator*() const& { return detail::ObjectUnsafe::ObjectRefFromObjectPtr<T>(data_); }
  T operator*() && { return detail::ObjectUnsafe::ObjectRefFromObjectPtr<T>(std::move(data_)); }

  const ContainerType* get() const { return static_cast<const ContainerType*>(data_.get()); }
  const ContainerType* operator->() const { return get(); }
  bool same_as(const Optional& other) const { return data_ == other.data_; }
  bool same_as(const ObjectRef& other) const { return data_.get() == other.get(); }
  bool unique() const { return data_.unique(); }
  int use_count() const { return data_.use_count(); }

  // As of an ObjectRef, for code written when Optional was one.
  bool defined() const { return has_value(); }
  int32_t type_index() const {
    return data_ != nullptr ? data_->type_index() : static_cast<int32_t>(TypeIndex::kTVMFFINone);
  }
  std::string GetTypeKey() const { return TypeIndexToTypeKey(type_index()); }

  using detail::OptionalInterface<Optional<T>, T>::operator==;
  using detail::OptionalInterface<Optional<T>, T>::operator!=;
  bool operator==(std::nullptr_t) const { return !has_value(); }
  bool operator!=(std::nullptr_t) const { return has_value(); }
  auto operator==(const Optional& other) const {
    using Result = std::decay_t<decltype(*other == *other)>;
    return same_as(other) ? Result(true) : detail::OptionalEqual(*this, other);
  }
  auto operator!=(const Optional& other) const {
    using Result = std::decay_t<decltype(*other != *other)>;
    return same_as(other) ? Result(false) : detail::OptionalNotEqual(*this, other);
  }
  auto operator==(const std::optional<T>& other) const { return *this == Optional(other); }
  auto operator!=(const std::optional<T>& other) const { return *this != Optional(other); }
  auto operator==(const T& other) const { return *this == Optional(other); }
  auto operator!=(const T& other) const { return *this != Optional(other); }
  template <typename U>
  auto operator==(const U& other) const -> decltype(std::declval<const T&>() == other) {
    using Result = decltype(std::declval<const T&>() == other);
    return has_value() ? **this == other : Result(false);
  }
  template <typename U>
  auto operator!=(const U& other) const -> decltype(std::declval<const T&>() != other) {
    using Result = decltype(std::declval<const T&>() != other);
    return has_value() ? **this != other : Result(true);
  }

 private:
  static constexpr const char* kEmptyMessage = "Back optional access";

  AnyView View() const {
    TVMFFIAny view;
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr(data_), &view);
    return AnyView::CopyFromTVMFFIAny(view);
  }
  Any TakeAny() {
    TVMFFIAny cell;
    detail::WriteObject(detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(data_)),
                        &cell);
    return detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(cell);
  }

  ObjectPtr<Object> data_;

  template <typename, typename>
  friend class detail::OptionalInterface;
  template <typename, typename>
  friend struct TypeTraits;
};

// ---- Owning pointers ---------------------------------------------------------------------------

template <typename T>
class Optional<T, std::enable_if_t<use_object_ptr_optional_v<T>>>
    : public ObjectPtr<std::remove_pointer_t<decltype(std::declval<const T&>().get())>>,
      public detail::OptionalInterface<Optional<T>, T> {
  using Pointer = ObjectPtr<std::remove_pointer_t<decltype(std::declval<const T&>().get())>>;
  using Interface = detail::OptionalInterface<Optional<T>, T>;

 public:
  Optional() = default;
  Optional(const Optional&) = default;
  Optional(Optional&&) noexcept = default;
  Optional(std::nullopt_t) {}  // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  Optional(T other)
      : Pointer(std::move(AsPointer(other))) {}  // NOLINT(google-explicit-constructor)
  Optional(std::optional<T> other) {             // NOLINT(google-explicit-constructor)
    if (other.has_value()) *this = Optional(*std::move(other));
  }

  Optional& operator=(const Optional&) = default;
  Optional& operator=(Optional&&) noexcept = default;
  Optional& operator=(std::nullopt_t) {
    Pointer::reset();
    return *this;
  }
  Optional& operator=(std::nullptr_t) { return *this = std::nullopt; }
  Optional& operator=(T other) { return *this = Optional(std::move(other)); }

  using Interface::operator bool;
  bool has_value() const { return Pointer::get() != nullptr; }
  T operator*() const& { return Wrap(Pointer(*this)); }
  T operator*() && { return Wrap(std::move(AsPointer(*this))); }

  bool same_as(const Optional& other) const { return Pointer::get() == other.get(); }
  bool same_as(const T& other) const { return Pointer::get() == other.get(); }

  using Interface::operator==;
  using Interface::operator!=;
  bool operator==(std::nullptr_t) const { return !has_value(); }
  bool operator!=(std::nullptr_t) const { return has_value(); }
  bool operator==(const Optional& other) const { return same_as(other); }
  bool operator!=(const Optional& other) const { return !same_as(other); }
  bool operator==(const std::optional<T>& other) const { return same_as(Optional(other)); }
  bool operator!=(const std::optional<T>& other) const { return !same_as(Optional(other)); }
  bool operator==(const T& other) const { return same_as(other); }
  bool operator!=(const T& other) const { return !same_as(other); }

 private:
  static constexpr const char* kEmptyMessage = "Bad optional access";

  // Arc hides its base's way of becoming null.
  static Pointer& AsPointer(Pointer& pointer) { return pointer; }
  static T Wrap(Pointer&& pointer) {
    if constexpr (is_arc_type_v<T>) {
      return detail::ObjectUnsafe::ArcFromObjectPtr(std::move(pointer));
    } else {
      return std::move(pointer);
    }
  }

  AnyView View() const {
    TVMFFIAny view;
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr<
                            std::remove_pointer_t<decltype(std::declval<const T&>().get())>>(*this),
                        &view);
    return AnyView::CopyFromTVMFFIAny(view);
  }
  Any TakeAny() {
    TVMFFIAny cell;
    detail::WriteObject(
        detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(AsPointer(*this))), &cell);
    return detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(cell);
  }

  template <typename, typename>
  friend class detail::OptionalInterface;
  template <typename, typename>
  friend struct TypeTraits;
};

// ---- Values that an Any holds ------------------------------------------------------------------

template <typename T>
class Optional<T, std::enable_if_t<detail::is_any_optional_v<T>>>
    : public detail::OptionalInterface<Optional<T>, T> {
 public:
  Optional() = default;
  Optional(const Optional&) = default;
  Optional(Optional&&) noexcept = default;
  Optional(std::nullopt_t) {}                     // NOLINT(google-explicit-constructor)
  Optional(std::nullptr_t) {}                     // NOLINT(google-explicit-constructor)
  Optional(T other) : data_(std::move(other)) {}  // NOLINT(google-explicit-constructor)
  Optional(std::optional<T> other) {              // NOLINT(google-explicit-constructor)
    if (other.has_value()) data_ = Any(*std::move(other));
  }

  Optional& operator=(const Optional&) = default;
  Optional& operator=(Optional&&) noexcept = default;
  Optional& operator=(std::nullopt_t) {
    data_.reset();
    return *this;
  }
  Optional& operator=(std::nullptr_t) { return *this = std::nullopt; }
  template <typename U = T, typename = std::enable_if_t<std::is_same_v<std::decay_t<U>, T> ||
                                                        detail::is_optional_assignable_v<T, U>>>
  Optional& operator=(U&& other) {
    data_ = Any(T(std::forward<U>(other)));
    return *this;
  }

  bool has_value() const { return data_ != nullptr; }
  T operator*() const& { return detail::AnyUnsafe::CopyFromAnyViewAfterCheck<T>(data_); }
  T operator*() && { return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data_)); }

  bool same_as(const Optional& other) const { return data_.same_as(other.data_); }
  template <typename U, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, U>>>
  bool same_as(const U& other) const {
    return data_.same_as(static_cast<const ObjectRef&>(other));
  }

  using detail::OptionalInterface<Optional<T>, T>::operator==;
  using detail::OptionalInterface<Optional<T>, T>::operator!=;
  bool operator==(std::nullptr_t) const { return !has_value(); }
  bool operator!=(std::nullptr_t) const { return has_value(); }
  auto operator==(const Optional& other) const {
    using Result = std::decay_t<decltype(*other == *other)>;
    return is_same_object(other) ? Result(true) : detail::OptionalEqual(*this, other);
  }
  auto operator!=(const Optional& other) const {
    using Result = std::decay_t<decltype(*other != *other)>;
    return is_same_object(other) ? Result(false) : detail::OptionalNotEqual(*this, other);
  }
  auto operator==(const std::optional<T>& other) const {
    return detail::OptionalEqual(*this, other);
  }
  auto operator!=(const std::optional<T>& other) const {
    return detail::OptionalNotEqual(*this, other);
  }
  template <typename U>
  auto operator==(const U& other) const -> decltype(std::declval<const T&>() == other) {
    using Result = decltype(std::declval<const T&>() == other);
    return has_value() ? **this == other : Result(false);
  }
  template <typename U>
  auto operator!=(const U& other) const -> decltype(std::declval<const T&>() != other) {
    using Result = decltype(std::declval<const T&>() != other);
    return has_value() ? **this != other : Result(true);
  }

 private:
  static constexpr const char* kEmptyMessage = "Back optional access";

  // An object equals itself; a NaN does not.
  bool is_same_object(const Optional& other) const {
    return data_.type_index() >= TypeIndex::kTVMFFIStaticObjectBegin && same_as(other);
  }

  AnyView View() const { return data_; }
  Any TakeAny() { return std::move(data_); }

  Any data_;

  template <typename, typename>
  friend class detail::OptionalInterface;
  template <typename, typename>
  friend struct TypeTraits;
};

// ---- All others --------------------------------------------------------------------------------

template <typename T, typename>
class Optional {
 public:
  using value_type = T;

  Optional() = default;
  Optional(const Optional&) = default;
  Optional(Optional&&) = default;
  Optional(std::nullopt_t) {}                                    // NOLINT(*-explicit-constructor)
  Optional(T other) : data_(std::move(other)) {}                 // NOLINT(*-explicit-constructor)
  Optional(std::optional<T> other) : data_(std::move(other)) {}  // NOLINT(*-explicit-constructor)

  Optional& operator=(const Optional&) = default;
  Optional& operator=(Optional&&) = default;
  Optional& operator=(std::nullopt_t) {
    data_ = std::nullopt;
    return *this;
  }
  template <typename U = T, typename = std::enable_if_t<std::is_same_v<std::decay_t<U>, T> ||
                                                        detail::is_optional_assignable_v<T, U>>>
  Optional& operator=(U&& other) {
    data_.emplace(std::forward<U>(other));
    return *this;
  }

  bool has_value() const { return data_.has_value(); }
  explicit operator bool() const { return has_value(); }
  const T& operator*() const& { return *data_; }
  T&& operator*() && { return *std::move(data_); }
  const T& value() const& {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Back optional access");
    return *data_;
  }
  T&& value() && {
    if (TVM_FFI_PREDICT_FALSE(!has_value())) detail::ThrowEmptyOptional("Back optional access");
    return *std::move(data_);
  }
  template <typename U = std::remove_cv_t<T>>
  T value_or(U&& default_value) const {
    return data_.value_or(std::forward<U>(default_value));
  }

  bool operator==(std::nullopt_t) const { return !has_value(); }
  bool operator!=(std::nullopt_t) const { return has_value(); }
  bool operator==(std::nullptr_t) const { return !has_value(); }
  bool operator!=(std::nullptr_t) const { return has_value(); }
  auto operator==(const Optional& other) const { return detail::OptionalEqual(*this, other); }
  auto operator!=(const Optional& other) const { return detail::OptionalNotEqual(*this, other); }
  template <typename U>
  auto operator==(const U& other) const -> decltype(std::declval<const T&>() == other) {
    using Result = decltype(std::declval<const T&>() == other);
    return has_value() ? *data_ == other : Result(false);
  }
  template <typename U>
  auto operator!=(const U& other) const -> decltype(std::declval<const T&>() != other) {
    using Result = decltype(std::declval<const T&>() != other);
    return has_value() ? *data_ != other : Result(true);
  }

 private:
  std::optional<T> data_;

  template <typename, typename>
  friend struct TypeTraits;
};

// ---- Traits ------------------------------------------------------------------------------------

template <typename T>
inline constexpr bool use_default_type_traits_v<Optional<T>> = false;

template <typename T>
struct TypeTraits<Optional<T>> : public TypeTraitsBase {
  using Self = Optional<T>;
  static constexpr bool kStoredInAny = detail::is_any_optional_v<T>;
  static constexpr bool kHasView =
      kStoredInAny || use_object_ref_optional_v<T> || use_object_ptr_optional_v<T>;
  static constexpr bool convert_enabled = kStoredInAny || TypeTraits<T>::convert_enabled;
  static constexpr bool storage_enabled = kHasView;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    if constexpr (kHasView) {
      *result = src.View().CopyToTVMFFIAny();
    } else if (src.has_value()) {
      TypeTraits<T>::CopyToAnyView(*src, result);
    } else {
      TypeTraits<std::nullptr_t>::CopyToAnyView(nullptr, result);
    }
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    if constexpr (kHasView) {
      *result = detail::AnyUnsafe::MoveAnyToTVMFFIAny(src.TakeAny());
    } else if (src.has_value()) {
      TypeTraits<T>::MoveToAny(*std::move(src), result);
    } else {
      TypeTraits<std::nullptr_t>::CopyToAnyView(nullptr, result);
    }
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFINone || TypeTraits<T>::CheckAnyStrict(src);
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self(std::nullopt);
    return Self(TypeTraits<T>::CopyFromAnyViewAfterCheck(src));
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self(std::nullopt);
    return Self(TypeTraits<T>::MoveFromAnyAfterCheck(src));
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self(std::nullopt);
    std::optional<T> value = TypeTraits<T>::TryCastFromAnyView(src);
    if (!value.has_value()) return std::nullopt;
    return Self(*std::move(value));
  }
  static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    return TypeTraits<T>::GetMismatchTypeInfo(src);
  }
  static std::string TypeStr() {
    return detail::TypeName("Optional<") + detail::Type2Str<T>::v() + '>';
  }
  static std::string TypeSchema() {
    return detail::SchemaText("Optional", {detail::TypeSchema<T>::v()});
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_OPTIONAL_H_
