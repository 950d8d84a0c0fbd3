// SPDX-License-Identifier: Apache-2.0
//
// Expected<T>: a T or the Error that prevented it, in one Any; and the macros with which functions
// that return one report errors without throwing.
#ifndef TVM_FFI_EXPECTED_H_
#define TVM_FFI_EXPECTED_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>

#include <cstdint>      // int32_t
#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::enable_if_t
#include <utility>      // std::move

namespace tvm {
namespace ffi {

template <typename T>
class Expected;

// Wraps an Error, so that it is not taken for the value of an Expected.
template <typename E = Error>
class Unexpected {
  static_assert(std::is_base_of_v<Error, E>, "Unexpected holds an Error");

 public:
  explicit Unexpected(E error) : error_(std::move(error)) {}

  const E& error() const& noexcept { return error_; }
  E& error() & noexcept { return error_; }
  const E&& error() const&& noexcept { return std::move(error_); }
  E&& error() && noexcept { return std::move(error_); }

 private:
  E error_;
};

template <typename E>
Unexpected(E) -> Unexpected<E>;

namespace detail {

template <typename T>
inline constexpr bool is_expected_impl_v = false;
template <typename T>
inline constexpr bool is_expected_impl_v<Expected<T>> = true;
template <typename T>
inline constexpr bool is_expected_v =
    is_expected_impl_v<std::remove_cv_t<std::remove_reference_t<T>>>;

template <typename T>
inline constexpr bool is_unexpected_impl_v = false;
template <typename E>
inline constexpr bool is_unexpected_impl_v<Unexpected<E>> = true;
template <typename T>
inline constexpr bool is_unexpected_v =
    is_unexpected_impl_v<std::remove_cv_t<std::remove_reference_t<T>>>;

// Whether a U may become the value of an Expected<T>.
template <typename T, typename U, typename D = std::decay_t<U>>
inline constexpr bool is_expected_value_v =
    std::conjunction_v<std::bool_constant<!std::is_base_of_v<Error, D> && !is_unexpected_v<D> &&
                                          !is_expected_v<D> && !std::is_same_v<D, T>>,
                       std::is_convertible<U, T>>;
template <typename T, typename U>
inline constexpr bool is_expected_convertible_v = std::conjunction_v<
    std::bool_constant<!std::is_same_v<T, U> && !std::is_void_v<U>>,
    std::disjunction<std::bool_constant<type_subsumes_v<T, U>>, std::is_convertible<U, T>>>;

struct ExpectedUnsafe;
struct AdoptTag {};

[[noreturn]] TVM_FFI_COLD inline void ThrowExpectedHoldsValue() {
  TVM_FFI_THROW(RuntimeError) << "Bad expected access: contains value, not error";
  TVM_FFI_UNREACHABLE();
}

TVM_FFI_COLD inline Error CannotTreatAs(const Any& value, std::string (*type_str)()) {
  return Error("TypeError",
               "Cannot treat type `" + value.GetTypeKey() + "` as type `" + type_str() + "`",
               std::string());
}

// What Expected<T> and Expected<void> share.
class ExpectedBase {
 public:
  int32_t type_index() const noexcept { return data_.type_index(); }
  bool is_err() const noexcept { return data_.type_index() == TypeIndex::kTVMFFIError; }
  bool is_ok() const noexcept { return !is_err(); }
  bool has_value() const noexcept { return is_ok(); }

  Error error() const& {
    if (TVM_FFI_PREDICT_FALSE(!is_err())) ThrowExpectedHoldsValue();
    return AnyUnsafe::CopyFromAnyViewAfterCheck<Error>(data_);
  }
  Error error() && {
    if (TVM_FFI_PREDICT_FALSE(!is_err())) ThrowExpectedHoldsValue();
    return AnyUnsafe::MoveFromAnyAfterCheck<Error>(std::move(data_));
  }

  // The cell of the value or the error. Older hooks return it as it is.
  operator TVMFFIAny() && noexcept {  // NOLINT(google-explicit-constructor)
    return AnyUnsafe::MoveAnyToTVMFFIAny(std::move(data_));
  }

 protected:
  friend struct ExpectedUnsafe;

  ExpectedBase() = default;
  explicit ExpectedBase(Any data) : data_(std::move(data)) {}

  void ThrowIfError() const {
    if (TVM_FFI_PREDICT_FALSE(is_err())) ThrowStored();
  }
  [[noreturn]] TVM_FFI_COLD void ThrowStored() const { throw error(); }

  Any data_;
};

}  // namespace detail

template <typename T>
class Expected : public detail::ExpectedBase {
  static_assert(!std::is_same_v<T, Error>, "Expected<Error> is ambiguous");
  static_assert(std::is_same_v<T, std::remove_cv_t<std::remove_reference_t<T>>>,
                "the value of an Expected is neither const nor a reference");

 public:
  // NOLINTBEGIN(google-explicit-constructor)
  Expected(T value) : ExpectedBase(Any(std::move(value))) {}
  Expected(Error error) : ExpectedBase(Any(std::move(error))) {}
  template <typename E>
  Expected(Unexpected<E> unexpected)
      : ExpectedBase(Any(static_cast<Error>(std::move(unexpected).error()))) {}

  // Everything else that a T can be made of.
  template <typename U, typename = std::enable_if_t<detail::is_expected_value_v<T, U&&>>>
  Expected(U&& value) : Expected(static_cast<T>(std::forward<U>(value))) {}

  // A subsumed value is taken as it is stored, another one converts.
  template <typename U, typename = std::enable_if_t<detail::is_expected_convertible_v<T, U>>>
  Expected(Expected<U> other) : ExpectedBase(Convert(std::move(other))) {}
  // NOLINTEND(google-explicit-constructor)

  // Throw the stored error when there is no value.
  T value() const& {
    ThrowIfError();
    return detail::AnyUnsafe::CopyFromAnyViewAfterCheck<T>(data_);
  }
  T value() && {
    ThrowIfError();
    return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data_));
  }

  template <typename U = T>
  T value_or(U&& default_value) const& {
    if (is_err()) return static_cast<T>(std::forward<U>(default_value));
    return detail::AnyUnsafe::CopyFromAnyViewAfterCheck<T>(data_);
  }
  template <typename U = T>
  T value_or(U&& default_value) && {
    if (is_err()) return static_cast<T>(std::forward<U>(default_value));
    return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data_));
  }

  // The value as a U, if it is one without conversion; an error stays what it is.
  template <typename U>
  Expected<U> as_or_error() const& {
    CheckTarget<U>();
    if (is_err()) return error();
    if (!detail::AnyUnsafe::CheckAnyStrict<U>(data_)) return Mismatch<U>();
    return detail::AnyUnsafe::CopyFromAnyViewAfterCheck<U>(data_);
  }
  // Moves the value out when it is a U, leaves it alone when it is not.
  template <typename U>
  Expected<U> as_or_error() && {
    CheckTarget<U>();
    if (is_err()) return std::move(*this).error();
    if (!detail::AnyUnsafe::CheckAnyStrict<U>(data_)) return Mismatch<U>();
    return detail::AnyUnsafe::MoveFromAnyAfterCheck<U>(std::move(data_));
  }

 private:
  template <typename>
  friend class Expected;
  friend struct detail::ExpectedUnsafe;

  Expected(detail::AdoptTag, Any data) : ExpectedBase(std::move(data)) {}

  template <typename U>
  static Any Convert(Expected<U> other) {
    if constexpr (!type_subsumes_v<T, U>) {
      if (other.is_ok()) return Any(static_cast<T>(std::move(other).value()));
    }
    return std::move(other.data_);
  }
  template <typename U>
  static constexpr void CheckTarget() {
    static_assert(!std::is_same_v<U, Error> && !std::is_void_v<U> &&
                      std::is_same_v<U, std::remove_cv_t<std::remove_reference_t<U>>>,
                  "as_or_error takes a plain type that is neither Error nor void");
  }
  template <typename U>
  Error Mismatch() const {
    return detail::CannotTreatAs(data_, detail::Type2Str<U>::v);
  }
};

// Success without a value, or an error.
template <>
class Expected<void> : public detail::ExpectedBase {
 public:
  Expected() = default;
  // NOLINTBEGIN(google-explicit-constructor)
  Expected(Error error) : ExpectedBase(Any(std::move(error))) {}
  template <typename E>
  Expected(Unexpected<E> unexpected)
      : ExpectedBase(Any(static_cast<Error>(std::move(unexpected).error()))) {}
  // NOLINTEND(google-explicit-constructor)

  void value() const { ThrowIfError(); }

 private:
  friend struct detail::ExpectedUnsafe;

  Expected(detail::AdoptTag, Any data) : ExpectedBase(std::move(data)) {}
};

namespace detail {

struct ExpectedUnsafe {
  // Adopts the cell of a value or an error.
  template <typename T>
  static Expected<T> MoveFromTVMFFIAny(TVMFFIAny data) {
    return Expected<T>(AdoptTag(), AnyUnsafe::MoveTVMFFIAnyRawToAny(data));
  }
  template <typename T>
  static TVMFFIAny MoveToTVMFFIAny(Expected<T>&& expected) {
    return AnyUnsafe::MoveAnyToTVMFFIAny(std::move(expected.data_));
  }

  // From an lvalue that is not const, initialising a value moves the storage out.
  template <typename T>
  static const Any& GetData(const Expected<T>& expected) {
    return expected.data_;
  }
  template <typename T>
  static Any&& GetData(Expected<T>& expected) {
    return std::move(expected.data_);
  }

  // The value as a T, unchecked; void only for void. Throws the stored error.
  template <typename T, typename U>
  static T ValueAs(const Expected<U>& expected) {
    expected.ThrowIfError();
    if constexpr (!std::is_void_v<T>) {
      return AnyUnsafe::CopyFromAnyViewAfterCheck<T>(expected.data_);
    } else {
      static_assert(std::is_void_v<U>, "there is a value");
    }
  }
};

}  // namespace detail

template <typename T>
inline constexpr bool use_default_type_traits_v<Expected<T>> = false;

template <typename T, typename U>
inline constexpr bool type_subsumes_v<Expected<T>, Expected<U>, void> = type_subsumes_v<T, U>;

template <typename T>
struct TypeTraits<Expected<T>> : public TypeTraitsBase {
  // Nothing is stored as None.
  using Value = TypeTraits<std::conditional_t<std::is_void_v<T>, std::nullptr_t, T>>;

  static void CopyToAnyView(const Expected<T>& src, TVMFFIAny* result) {
    *result = *detail::AnyUnsafe::TVMFFIAnyPtrFromAny(detail::ExpectedUnsafe::GetData(src));
  }
  static void MoveToAny(Expected<T> src, TVMFFIAny* result) {
    *result = detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(src));
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if constexpr (std::is_same_v<T, Any>) {
      return true;
    } else {
      return Value::CheckAnyStrict(src) || src->type_index == TypeIndex::kTVMFFIError;
    }
  }
  static Expected<T> CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    Any owned{AnyView::CopyFromTVMFFIAny(*src)};
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<T>(
        detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(owned)));
  }
  static Expected<T> MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<T>(
        detail::AnyUnsafe::MoveAnyToTVMFFIAny(detail::AnyUnsafe::MoveTVMFFIAnyToAny(src)));
  }
  static std::optional<Expected<T>> TryCastFromAnyView(const TVMFFIAny* src) {
    if constexpr (std::is_same_v<T, Any>) {
      return CopyFromAnyViewAfterCheck(src);
    } else {
      auto value = Value::TryCastFromAnyView(src);
      if constexpr (std::is_void_v<T>) {
        if (value.has_value()) return Expected<void>();
      } else {
        if (value.has_value()) return Expected<T>(*std::move(value));
      }
      if (src->type_index == TypeIndex::kTVMFFIError) return CopyFromAnyViewAfterCheck(src);
      return std::nullopt;
    }
  }
  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if constexpr (std::is_same_v<T, Any>) {
      return TypeTraitsBase::GetMismatchTypeInfo(src);
    } else {
      return Value::GetMismatchTypeInfo(src);
    }
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName("Expected", {&detail::Type2Str<T>::v});
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText("Expected",
                              {&detail::TypeSchema<T>::v, &TypeTraits<Error>::TypeSchema});
  }
};

// ---- Errors that are returned ------------------------------------------------------------------

namespace detail {

// Collects the message of an error that is returned. Converts, as an rvalue, to what the function
// returns.
class UnexpectedBuilder {
 public:
  TVM_FFI_COLD UnexpectedBuilder(const char* kind, const char* file, int line, const char* function)
      : kind_(kind) {
    MessageStream line_text;
    line_text << "  File \"" << file << "\", line " << line << ", in " << function << "\n";
    backtrace_ = line_text.Take();
  }
  UnexpectedBuilder(const UnexpectedBuilder&) = delete;
  UnexpectedBuilder& operator=(const UnexpectedBuilder&) = delete;
  TVM_FFI_COLD ~UnexpectedBuilder() {}

  template <typename T>
  UnexpectedBuilder&& operator<<(const T& value) && {
    stream_ << value;
    return std::move(*this);
  }
  // Manipulators. Templates only to be looked at when used.
  template <typename Char = char>
  UnexpectedBuilder&& operator<<(std::ostream& (*manipulator)(std::ostream&)) && {
    stream_.template operator<< <Char>(manipulator);
    return std::move(*this);
  }
  template <typename Char = char>
  UnexpectedBuilder&& operator<<(std::ios_base& (*manipulator)(std::ios_base&)) && {
    stream_.template operator<< <Char>(manipulator);
    return std::move(*this);
  }

  operator Unexpected<Error>() && {  // NOLINT(google-explicit-constructor)
    return Unexpected<Error>(Finish());
  }
  template <typename T>
  operator Expected<T>() && {  // NOLINT(google-explicit-constructor)
    return Expected<T>(Finish());
  }

 private:
  TVM_FFI_COLD Error Finish() { return Error(kind_, stream_.Take(), backtrace_); }

  const char* kind_;
  std::string backtrace_;
  MessageStream stream_;
};

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

// An error of that kind, a bare name, to return: `return TVM_FFI_UNEXPECTED(ValueError) << text;`.
// Nothing is thrown and the stack is not walked: the backtrace is the line this is written in.
#define TVM_FFI_UNEXPECTED(ErrorKind) \
  ::tvm::ffi::detail::UnexpectedBuilder(#ErrorKind, __FILE__, __LINE__, TVM_FFI_FUNC_SIG)

// The counterparts of TVM_FFI_CHECK that return the error. A loop, for the sake of the caller's
// `else`; it runs once.
#define TVM_FFI_RET_CHECK(cond, ErrorKind) \
  while (TVM_FFI_PREDICT_FALSE(!(cond)))   \
  return TVM_FFI_UNEXPECTED(ErrorKind) << "Check failed: (" #cond ") is false: "

#define TVM_FFI_RET_CHECK_BINARY_(Name, op, x, y, ErrorKind)                                       \
  while (::tvm::ffi::detail::CheckFailure tvm_ffi_failure = ::tvm::ffi::detail::Check##Name(x, y)) \
  return TVM_FFI_UNEXPECTED(ErrorKind) << "Check failed: " #x " " #op " " #y << *tvm_ffi_failure

#define TVM_FFI_RET_CHECK_LT(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(LT, <, x, y, ErrorKind)
#define TVM_FFI_RET_CHECK_GT(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(GT, >, x, y, ErrorKind)
#define TVM_FFI_RET_CHECK_LE(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(LE, <=, x, y, ErrorKind)
#define TVM_FFI_RET_CHECK_GE(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(GE, >=, x, y, ErrorKind)
#define TVM_FFI_RET_CHECK_EQ(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(EQ, ==, x, y, ErrorKind)
#define TVM_FFI_RET_CHECK_NE(x, y, ErrorKind) TVM_FFI_RET_CHECK_BINARY_(NE, !=, x, y, ErrorKind)

#define TVM_FFI_RET_ICHECK(cond) TVM_FFI_RET_CHECK(cond, InternalError)
#define TVM_FFI_RET_ICHECK_LT(x, y) TVM_FFI_RET_CHECK_LT(x, y, InternalError)
#define TVM_FFI_RET_ICHECK_GT(x, y) TVM_FFI_RET_CHECK_GT(x, y, InternalError)
#define TVM_FFI_RET_ICHECK_LE(x, y) TVM_FFI_RET_CHECK_LE(x, y, InternalError)
#define TVM_FFI_RET_ICHECK_GE(x, y) TVM_FFI_RET_CHECK_GE(x, y, InternalError)
#define TVM_FFI_RET_ICHECK_EQ(x, y) TVM_FFI_RET_CHECK_EQ(x, y, InternalError)
#define TVM_FFI_RET_ICHECK_NE(x, y) TVM_FFI_RET_CHECK_NE(x, y, InternalError)

#endif  // TVM_FFI_EXPECTED_H_
