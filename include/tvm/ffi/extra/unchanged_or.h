// SPDX-License-Identifier: Apache-2.0
//
// UnchangedOr<T>: what structural mutation makes of a value: a new one, or word that the old one
// stays.
#ifndef TVM_FFI_EXTRA_UNCHANGED_OR_H_
#define TVM_FFI_EXTRA_UNCHANGED_OR_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/expected.h>

#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::enable_if_t
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// "Keep the original." Not None, which is a value like any other.
struct Unchanged {
  TVMFFIAny CopyToTVMFFIAny() const noexcept {
    TVMFFIAny cell;
    detail::WriteCell(&cell, TypeIndex::kTVMFFIUnchanged, int64_t{0});
    return cell;
  }
  operator Any() const noexcept {  // NOLINT(google-explicit-constructor)
    return detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(CopyToTVMFFIAny());
  }
};

template <typename T>
class UnchangedOr;

namespace detail {

template <typename T>
inline constexpr bool is_unchanged_or_impl_v = false;
template <typename T>
inline constexpr bool is_unchanged_or_impl_v<UnchangedOr<T>> = true;
template <typename T>
inline constexpr bool is_unchanged_or_v =
    is_unchanged_or_impl_v<std::remove_cv_t<std::remove_reference_t<T>>>;

// Whether a U may become the value of an UnchangedOr<T>.
template <typename T, typename U, typename D = std::decay_t<U>>
inline constexpr bool is_new_value_v =
    std::conjunction_v<std::bool_constant<!std::is_same_v<D, Unchanged> && !is_unchanged_or_v<D> &&
                                          !is_expected_v<D> && !is_unexpected_v<D> &&
                                          !std::is_base_of_v<Error, D> && !std::is_same_v<D, T>>,
                       std::is_convertible<U, T>>;

struct UnchangedOrUnsafe;

}  // namespace detail

// Stored as T is, or as the marker. The value is only given away: there are no copying accessors.
template <typename T>
class UnchangedOr {
  static_assert(!std::is_same_v<T, Error>, "UnchangedOr<Error> is not supported");

 public:
  // NOLINTBEGIN(google-explicit-constructor)
  UnchangedOr(Unchanged marker) : data_(static_cast<Any>(marker)) {}
  UnchangedOr(T value) : data_(std::move(value)) {}
  // Everything else that a T can be made of.
  template <typename U, typename = std::enable_if_t<detail::is_new_value_v<T, U&&>>>
  UnchangedOr(U&& value) : UnchangedOr(static_cast<T>(std::forward<U>(value))) {}
  // A subsumed value is taken as it is stored, another one converts.
  template <
      typename U,
      typename = std::enable_if_t<
          !std::is_same_v<T, U> &&
          std::disjunction_v<std::bool_constant<type_subsumes_v<T, U>>, std::is_convertible<U, T>>>>
  UnchangedOr(UnchangedOr<U> other) : data_(Convert(std::move(other))) {}
  // NOLINTEND(google-explicit-constructor)

  bool IsUnchanged() const noexcept { return data_.type_index() == TypeIndex::kTVMFFIUnchanged; }
  // Whether it is the marker or the very original: the same bits, whatever the content.
  bool UnchangedOrSameAs(const T& original) const {
    return IsUnchanged() || AnyView(data_).same_as(AnyView(original));
  }

  // The new value, else the original.
  T ValueOrUnchanged(const T& original) && {
    if (IsUnchanged()) return original;
    return std::move(*this).ValueUnchecked();
  }
  T ValueOrUnchanged(T&& original) && {
    if (IsUnchanged()) return std::move(original);
    return std::move(*this).ValueUnchecked();
  }
  template <typename View,
            typename = std::enable_if_t<std::is_same_v<T, Any> && std::is_same_v<View, AnyView>>>
  T ValueOrUnchanged(View original) && {
    if (IsUnchanged()) return Any(original);
    return std::move(*this).ValueUnchecked();
  }
  // There must be a new value.
  T ValueUnchecked() && { return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data_)); }

  // What is stored as a U, without conversion. An UnchangedOr takes the marker too.
  template <typename U>
  std::optional<U> as() && {
    return std::move(data_).template as<U>();
  }
  template <typename U>
  U as_or_throw() && {
    return std::move(data_).template as_or_throw<U>();
  }

 private:
  template <typename>
  friend class UnchangedOr;
  friend struct detail::UnchangedOrUnsafe;

  UnchangedOr(detail::AdoptTag, Any data) : data_(std::move(data)) {}

  template <typename U>
  static Any Convert(UnchangedOr<U> other) {
    if constexpr (!type_subsumes_v<T, U>) {
      if (!other.IsUnchanged()) return Any(static_cast<T>(std::move(other).ValueUnchecked()));
    }
    return std::move(other.data_);
  }

  Any data_;
};

namespace detail {

struct UnchangedOrUnsafe {
  // Adopts the cell of a value or the marker.
  template <typename T>
  static UnchangedOr<T> MoveFromTVMFFIAny(TVMFFIAny data) {
    return UnchangedOr<T>(AdoptTag(), AnyUnsafe::MoveTVMFFIAnyRawToAny(data));
  }
  template <typename T>
  static TVMFFIAny MoveToTVMFFIAny(UnchangedOr<T>&& value) {
    return AnyUnsafe::MoveAnyToTVMFFIAny(std::move(value.data_));
  }
  template <typename T>
  static const Any& GetData(const UnchangedOr<T>& value) {
    return value.data_;
  }
};

}  // namespace detail

template <typename T>
inline constexpr bool use_default_type_traits_v<UnchangedOr<T>> = false;

template <typename T, typename U>
inline constexpr bool type_subsumes_v<UnchangedOr<T>, UnchangedOr<U>, void> = type_subsumes_v<T, U>;

// Nothing converts: a value is one as it stands, or not.
template <typename T>
struct TypeTraits<UnchangedOr<T>> : public TypeTraitsBase {
  static void CopyToAnyView(const UnchangedOr<T>& src, TVMFFIAny* result) {
    *result = *detail::AnyUnsafe::TVMFFIAnyPtrFromAny(detail::UnchangedOrUnsafe::GetData(src));
  }
  static void MoveToAny(UnchangedOr<T> src, TVMFFIAny* result) {
    *result = detail::UnchangedOrUnsafe::MoveToTVMFFIAny(std::move(src));
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFIUnchanged) return true;
    if constexpr (std::is_same_v<T, Any>) {
      return src->type_index != TypeIndex::kTVMFFIError;
    } else {
      return TypeTraits<T>::CheckAnyStrict(src);
    }
  }
  static UnchangedOr<T> CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    Any owned{AnyView::CopyFromTVMFFIAny(*src)};
    return detail::UnchangedOrUnsafe::MoveFromTVMFFIAny<T>(
        detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(owned)));
  }
  static UnchangedOr<T> MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return detail::UnchangedOrUnsafe::MoveFromTVMFFIAny<T>(
        detail::AnyUnsafe::MoveAnyToTVMFFIAny(detail::AnyUnsafe::MoveTVMFFIAnyToAny(src)));
  }
  static std::optional<UnchangedOr<T>> TryCastFromAnyView(const TVMFFIAny* src) {
    if (!CheckAnyStrict(src)) return std::nullopt;
    return CopyFromAnyViewAfterCheck(src);
  }
  static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if constexpr (std::is_same_v<T, Any>) {
      return TypeTraitsBase::GetMismatchTypeInfo(src);
    } else {
      return TypeTraits<T>::GetMismatchTypeInfo(src);
    }
  }
  static std::string TypeStr() {
    return detail::TypeName("UnchangedOr", {&detail::Type2Str<T>::v});
  }
  static std::string TypeSchema() {
    return detail::SchemaText("UnchangedOr", {&detail::TypeSchema<T>::v});
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_UNCHANGED_OR_H_
