// SPDX-License-Identifier: Apache-2.0
//
// Error, the exception of this API, and the macros that throw it.
//
// An Error is a reference to an ffi.Error object, so it crosses language and library boundaries
// with its identity, backtrace and cause. Nothing here is on the path of code that does not throw.
#ifndef TVM_FFI_ERROR_H_
#define TVM_FFI_ERROR_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/message_detail.h>
#include <tvm/ffi/object.h>

#include <cstdio>
#include <exception>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

// How the library walks the stack; these configure its build.
#ifndef TVM_FFI_USE_LIBBACKTRACE
#define TVM_FFI_USE_LIBBACKTRACE 1
#endif
#ifndef TVM_FFI_BACKTRACE_ON_SEGFAULT
#define TVM_FFI_BACKTRACE_ON_SEGFAULT 1
#endif
// 1: every TVM_FFI_THROW prints the error before it throws.
#ifndef TVM_FFI_ALWAYS_LOG_BEFORE_THROW
#define TVM_FFI_ALWAYS_LOG_BEFORE_THROW 0
#endif

namespace tvm {
namespace ffi {

// ---- Objects -----------------------------------------------------------------------------------

class ErrorObj : public Object, public TVMFFIErrorCell {
 public:
  ErrorObj() {
    cause_chain = nullptr;
    extra_context = nullptr;
  }
  ErrorObj(const ErrorObj&) = delete;
  ErrorObj& operator=(const ErrorObj&) = delete;
  ~ErrorObj() {
    detail::ObjectUnsafe::DecRefObjectHandle(cause_chain);
    detail::ObjectUnsafe::DecRefObjectHandle(extra_context);
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIError;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIError, ErrorObj, Object)
};

// Borrows the bytes.
inline std::string_view ToStringView(TVMFFIByteArray bytes) {
  return std::string_view(bytes.data, bytes.size);
}

namespace detail {

// An error whose texts are std::strings. The library makes its errors of this class.
class ErrorObjFromStd : public ErrorObj {
 public:
  ErrorObjFromStd(std::string kind, std::string message, std::string backtrace)
      : kind_(std::move(kind)), message_(std::move(message)), backtrace_(std::move(backtrace)) {
    TVMFFIErrorCell& cell = *this;
    cell.kind = TVMFFIByteArray{kind_.data(), kind_.size()};
    cell.message = TVMFFIByteArray{message_.data(), message_.size()};
    cell.backtrace = TVMFFIByteArray{backtrace_.data(), backtrace_.size()};
    cell.update_backtrace = UpdateBacktrace;
  }

 private:
  static void UpdateBacktrace(TVMFFIObjectHandle self, const TVMFFIByteArray* text, int32_t mode) {
    ErrorObjFromStd* error =
        ObjectUnsafe::RawObjectPtrFromUnowned<ErrorObjFromStd>(static_cast<TVMFFIObject*>(self));
    if (mode == kTVMFFIBacktraceUpdateModeReplace) {
      error->backtrace_.assign(text->data, text->size);
    } else {
      error->backtrace_.append(text->data, text->size);
    }
    TVMFFIErrorCell& cell = *error;
    cell.backtrace = TVMFFIByteArray{error->backtrace_.data(), error->backtrace_.size()};
  }

  std::string kind_;
  std::string message_;
  std::string backtrace_;
};

// Asks the library for an error object. The handles are borrowed and may be null.
TVM_FFI_COLD inline ObjectPtr<Object> CreateError(std::string_view kind, std::string_view message,
                                                  std::string_view backtrace,
                                                  TVMFFIObjectHandle cause_chain,
                                                  TVMFFIObjectHandle extra_context) {
  TVMFFIByteArray kind_bytes{kind.data(), kind.size()};
  TVMFFIByteArray message_bytes{message.data(), message.size()};
  TVMFFIByteArray backtrace_bytes{backtrace.data(), backtrace.size()};
  TVMFFIObjectHandle handle = nullptr;
  if (TVMFFIErrorCreateWithCauseAndExtraContext(&kind_bytes, &message_bytes, &backtrace_bytes,
                                                cause_chain, extra_context, &handle) != 0) {
    throw std::bad_alloc();
  }
  return ObjectUnsafe::ObjectPtrFromOwned<Object>(static_cast<TVMFFIObject*>(handle));
}

}  // namespace detail

// ---- Error -------------------------------------------------------------------------------------

// Visible to the linker, so that it can be caught in another library than the one that throws.
class TVM_FFI_DLL Error : public ObjectRef, public std::exception {
 public:
  Error(const std::string& kind, const std::string& message, const std::string& backtrace)
      : ObjectRef(detail::CreateError(kind, message, backtrace, nullptr, nullptr)) {}
  Error(const std::string& kind, const std::string& message, const TVMFFIByteArray* backtrace)
      : ObjectRef(detail::CreateError(kind, message, ToStringView(*backtrace), nullptr, nullptr)) {}
  // With the error that led to this one, and anything else worth carrying along.
  Error(const std::string& kind, const std::string& message, const std::string& backtrace,
        const std::optional<Error>& cause_chain, const std::optional<ObjectRef>& extra_context);

  // The name of the exception class other languages raise for it, such as "ValueError".
  std::string kind() const { return std::string(ToStringView(get()->kind)); }
  std::string message() const { return std::string(ToStringView(get()->message)); }
  // Lines `  File "f", line n, in g\n`, most recent call first.
  std::string backtrace() const { return std::string(ToStringView(get()->backtrace)); }
  std::optional<Error> cause_chain() const;
  std::optional<ObjectRef> extra_context() const;

  // The lines of the backtrace, the most recent call last. A line without its \n is dropped.
  TVM_FFI_COLD std::string TracebackMostRecentCallLast() const {
    std::string_view text = ToStringView(get()->backtrace);
    std::string reversed;
    text = text.substr(0, text.rfind('\n') + 1);
    while (!text.empty()) {
      size_t previous =
          text.size() == 1 ? std::string_view::npos : text.rfind('\n', text.size() - 2);
      size_t begin = previous == std::string_view::npos ? 0 : previous + 1;
      if (text.size() - begin > 1) reversed.append(text.substr(begin));
      text = text.substr(0, begin);
    }
    return reversed;
  }

  // Replaces the backtrace or appends to it, in the error object itself. Not synchronised.
  void UpdateBacktrace(const TVMFFIByteArray* backtrace, int32_t update_mode) {
    get()->update_backtrace(get_mutable(), backtrace, update_mode);
  }

  // Traceback, kind and message, as an uncaught exception is printed.
  TVM_FFI_COLD std::string FullMessage() const {
    std::string text = "Traceback (most recent call last):\n";
    text += TracebackMostRecentCallLast();
    text.append(ToStringView(get()->kind)).append(": ");
    text.append(ToStringView(get()->message)).append(1, '\n');
    return text;
  }

  // The message.
  const char* what() const noexcept override { return get()->message.data; }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Error, ObjectRef, ErrorObj);
};

inline Error::Error(const std::string& kind, const std::string& message,
                    const std::string& backtrace, const std::optional<Error>& cause_chain,
                    const std::optional<ObjectRef>& extra_context)
    : ObjectRef(detail::CreateError(
          kind, message, backtrace,
          cause_chain ? detail::ObjectUnsafe::GetHeader(cause_chain->get()) : nullptr,
          extra_context ? detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(*extra_context)
                        : nullptr)) {}

inline std::optional<Error> Error::cause_chain() const {
  if (get()->cause_chain == nullptr) return std::nullopt;
  return detail::ObjectUnsafe::ObjectRefFromObjectPtr<Error>(
      detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(
          static_cast<TVMFFIObject*>(get()->cause_chain)));
}

inline std::optional<ObjectRef> Error::extra_context() const {
  if (get()->extra_context == nullptr) return std::nullopt;
  return ObjectRef(detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(
      static_cast<TVMFFIObject*>(get()->extra_context)));
}

// Thrown when the host environment has an error of its own pending, such as a Python exception
// after TVMFFIEnvCheckSignals() returned nonzero. The host then raises that one.
inline Error EnvErrorAlreadySet() { return Error("EnvErrorAlreadySet", "", ""); }

namespace detail {

// The thread's error slot.
inline void SetSafeCallRaised(const Error& error) {
  TVMFFIErrorSetRaised(ObjectUnsafe::GetHeader(error.get()));
}

// Takes the error out of the slot after a call that failed.
TVM_FFI_COLD inline Error MoveFromSafeCallRaised() {
  TVMFFIObjectHandle handle = nullptr;
  TVMFFIErrorMoveFromRaised(&handle);
  if (handle == nullptr) {
    return Error("InternalError", "A function failed without storing an error", "");
  }
  return ObjectUnsafe::ObjectRefFromObjectPtr<Error>(
      ObjectUnsafe::ObjectPtrFromOwned<Object>(static_cast<TVMFFIObject*>(handle)));
}

// The index of a registered type. Throws while the key is unknown.
TVM_FFI_COLD inline int32_t LookUpTypeIndex(const char* type_key) {
  TVMFFIByteArray key{type_key, std::strlen(type_key)};
  int32_t type_index = 0;
  if (TVMFFITypeKeyToIndex(&key, &type_index) != 0) throw MoveFromSafeCallRaised();
  return type_index;
}

// ---- Throwing ----------------------------------------------------------------------------------

// Collects a message and throws it as an Error when it is destroyed, that is, at the end of the
// full expression it is a temporary of.
class ErrorBuilder {
 public:
  ErrorBuilder(const char* kind, const TVMFFIByteArray* backtrace, bool log_before_throw)
      : ErrorBuilder(log_before_throw ? &Log : nullptr, kind, backtrace) {}
  ErrorBuilder(const std::string& kind, const TVMFFIByteArray* backtrace, bool log_before_throw)
      : ErrorBuilder(kind.c_str(), backtrace, log_before_throw) {}
  ErrorBuilder(const std::string& kind, const std::string& backtrace, bool log_before_throw)
      : parts_(new Parts(log_before_throw ? &Log : nullptr, kind, backtrace)) {}
  ErrorBuilder(const std::string& kind, const TVMFFIByteArray* backtrace, bool log_before_throw,
               const std::optional<Error>& cause_chain,
               const std::optional<ObjectRef>& extra_context)
      : ErrorBuilder(kind.c_str(), backtrace, log_before_throw) {
    if (cause_chain) parts_->cause_chain = *cause_chain;
    if (extra_context) parts_->extra_context = *extra_context;
  }
  ErrorBuilder(const ErrorBuilder&) = delete;
  ErrorBuilder& operator=(const ErrorBuilder&) = delete;

#if defined(_MSC_VER)
#pragma warning(push)
#pragma warning(disable : 4722)  // the destructor never returns
#endif
  [[noreturn]] TVM_FFI_COLD ~ErrorBuilder() noexcept(false) { throw Finish(parts_); }
#if defined(_MSC_VER)
#pragma warning(pop)
#endif

  MessageStream& stream() { return parts_->stream; }

 private:
  // A pointer to Log rather than a flag: code that does not log does not contain Log.
  using FLog = void (*)(const Error&);

  // What the error is made of.
  struct Parts {
    Parts(FLog log, std::string_view kind, std::string_view backtrace)
        : log(log), kind(kind), backtrace(backtrace) {}

    FLog log;
    std::string kind;
    std::string backtrace;
    MessageStream stream;
    ObjectRef cause_chain;
    ObjectRef extra_context;
  };

  TVM_FFI_COLD ErrorBuilder(FLog log, const char* kind, const TVMFFIByteArray* backtrace)
      : parts_(new Parts(log, kind, ToStringView(*backtrace))) {}

  TVM_FFI_COLD static Error Finish(Parts* owned) {
    struct Owner {
      Parts* parts;
      ~Owner() { delete parts; }
    } owner{owned};
    Error error = ObjectUnsafe::ObjectRefFromObjectPtr<Error>(
        CreateError(owned->kind, owned->stream.str(), owned->backtrace,
                    ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(owned->cause_chain),
                    ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(owned->extra_context)));
    if (owned->log != nullptr) owned->log(error);
    return error;
  }

  TVM_FFI_COLD static void Log(const Error& error) {
    std::string text = error.FullMessage();
    std::fwrite(text.data(), 1, text.size(), stderr);
    std::fflush(stderr);
  }

  Parts* const parts_;  // by pointer, so that nothing is left to destroy while the throw unwinds
};

// ---- Checks ------------------------------------------------------------------------------------

// What a comparison that failed adds to the message: ` (x vs. y) : `. Null when it held.
class CheckFailure {
 public:
  CheckFailure() = default;
  explicit CheckFailure(std::string* text) : text_(text) {}
  CheckFailure(CheckFailure&& other) noexcept : text_(std::exchange(other.text_, nullptr)) {}
  ~CheckFailure() {
    if (TVM_FFI_PREDICT_FALSE(text_ != nullptr)) delete text_;
  }
  explicit operator bool() const { return text_ != nullptr; }
  const std::string& operator*() const { return *text_; }

 private:
  std::string* text_ = nullptr;
};

template <typename X, typename Y>
TVM_FFI_COLD CheckFailure FailCheck(const X& x, const Y& y) {
  MessageStream stream;
  stream << " (" << x << " vs. " << y << ") : ";
  return CheckFailure(new std::string(stream.Take()));
}

// An lvalue stays one, anything else becomes a value.
template <typename T>
using ForwardedValue =
    std::conditional_t<std::is_lvalue_reference_v<T>, T, std::remove_reference_t<T>>;

// Comparisons are those of the operands' types, signed with unsigned too.
#if defined(__GNUC__) || defined(__clang__)
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wsign-compare"
#endif
#define TVM_FFI_DEFINE_CHECK_(Name, op)                             \
  template <typename X, typename Y>                                 \
  TVM_FFI_INLINE CheckFailure Check##Name(const X& x, const Y& y) { \
    if (TVM_FFI_PREDICT_TRUE(x op y)) return CheckFailure();        \
    return FailCheck(x, y);                                         \
  }
TVM_FFI_DEFINE_CHECK_(LT, <)
TVM_FFI_DEFINE_CHECK_(GT, >)
TVM_FFI_DEFINE_CHECK_(LE, <=)
TVM_FFI_DEFINE_CHECK_(GE, >=)
TVM_FFI_DEFINE_CHECK_(EQ, ==)
TVM_FFI_DEFINE_CHECK_(NE, !=)
#undef TVM_FFI_DEFINE_CHECK_
#if defined(__GNUC__) || defined(__clang__)
#pragma GCC diagnostic pop
#endif

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

// ---- Macros ------------------------------------------------------------------------------------

#define TVM_FFI_THROW_(ErrorKind, func_sig, log_before_throw)                                    \
  ::tvm::ffi::detail::ErrorBuilder(#ErrorKind, TVMFFIBacktrace(__FILE__, __LINE__, func_sig, 0), \
                                   log_before_throw)                                             \
      .stream()

// Throws an Error of that kind, a bare name, with the message that follows: TVM_FFI_THROW(K) << m.
#define TVM_FFI_THROW(ErrorKind) \
  TVM_FFI_THROW_(ErrorKind, TVM_FFI_FUNC_SIG, TVM_FFI_ALWAYS_LOG_BEFORE_THROW)

// The same for places where nobody catches: the error is printed first.
#define TVM_FFI_LOG_AND_THROW(ErrorKind) TVM_FFI_THROW_(ErrorKind, TVM_FFI_FUNC_SIG, true)

// The checks take a message too. The loop never runs twice; unlike `if`, it does not take over an
// `else` of the caller's.
#define TVM_FFI_CHECK(cond, ErrorKind)   \
  while (TVM_FFI_PREDICT_FALSE(!(cond))) \
  TVM_FFI_THROW(ErrorKind) << "Check failed: (" #cond ") is false: "

#define TVM_FFI_CHECK_BINARY_(Name, op, x, y, ErrorKind)                                           \
  while (::tvm::ffi::detail::CheckFailure tvm_ffi_failure = ::tvm::ffi::detail::Check##Name(x, y)) \
  TVM_FFI_THROW(ErrorKind) << "Check failed: " #x " " #op " " #y << *tvm_ffi_failure

#define TVM_FFI_CHECK_LT(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(LT, <, x, y, ErrorKind)
#define TVM_FFI_CHECK_GT(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(GT, >, x, y, ErrorKind)
#define TVM_FFI_CHECK_LE(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(LE, <=, x, y, ErrorKind)
#define TVM_FFI_CHECK_GE(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(GE, >=, x, y, ErrorKind)
#define TVM_FFI_CHECK_EQ(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(EQ, ==, x, y, ErrorKind)
#define TVM_FFI_CHECK_NE(x, y, ErrorKind) TVM_FFI_CHECK_BINARY_(NE, !=, x, y, ErrorKind)

// An expression: x itself.
#define TVM_FFI_CHECK_NOTNULL(x, ErrorKind)                                             \
  ([](auto&& tvm_ffi_value, const char* tvm_ffi_func_sig) TVM_FFI_ALWAYS_INLINE_LAMBDA_ \
   -> ::tvm::ffi::detail::ForwardedValue<decltype(tvm_ffi_value)> {                     \
    if (TVM_FFI_PREDICT_FALSE(tvm_ffi_value == nullptr)) {                              \
      TVM_FFI_THROW_(ErrorKind, tvm_ffi_func_sig, TVM_FFI_ALWAYS_LOG_BEFORE_THROW)      \
          << "Check not null: " #x " ";                                                 \
    }                                                                                   \
    return static_cast<decltype(tvm_ffi_value)>(tvm_ffi_value);                         \
  }(x, TVM_FFI_FUNC_SIG))

// So that the backtrace starts in the function the check is written in.
#if defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_ALWAYS_INLINE_LAMBDA_ __attribute__((always_inline))
#else
#define TVM_FFI_ALWAYS_INLINE_LAMBDA_
#endif

#define TVM_FFI_ICHECK(cond) TVM_FFI_CHECK(cond, InternalError)
#define TVM_FFI_ICHECK_LT(x, y) TVM_FFI_CHECK_LT(x, y, InternalError)
#define TVM_FFI_ICHECK_GT(x, y) TVM_FFI_CHECK_GT(x, y, InternalError)
#define TVM_FFI_ICHECK_LE(x, y) TVM_FFI_CHECK_LE(x, y, InternalError)
#define TVM_FFI_ICHECK_GE(x, y) TVM_FFI_CHECK_GE(x, y, InternalError)
#define TVM_FFI_ICHECK_EQ(x, y) TVM_FFI_CHECK_EQ(x, y, InternalError)
#define TVM_FFI_ICHECK_NE(x, y) TVM_FFI_CHECK_NE(x, y, InternalError)
#define TVM_FFI_ICHECK_NOTNULL(x) TVM_FFI_CHECK_NOTNULL(x, InternalError)

// In debug builds only; otherwise nothing is evaluated.
#ifndef NDEBUG
#define TVM_FFI_DCHECK(cond) TVM_FFI_ICHECK(cond)
#define TVM_FFI_DCHECK_LT(x, y) TVM_FFI_ICHECK_LT(x, y)
#define TVM_FFI_DCHECK_GT(x, y) TVM_FFI_ICHECK_GT(x, y)
#define TVM_FFI_DCHECK_LE(x, y) TVM_FFI_ICHECK_LE(x, y)
#define TVM_FFI_DCHECK_GE(x, y) TVM_FFI_ICHECK_GE(x, y)
#define TVM_FFI_DCHECK_EQ(x, y) TVM_FFI_ICHECK_EQ(x, y)
#define TVM_FFI_DCHECK_NE(x, y) TVM_FFI_ICHECK_NE(x, y)
#define TVM_FFI_DCHECK_NOTNULL(x) TVM_FFI_ICHECK_NOTNULL(x)
#else
#define TVM_FFI_DCHECK(cond) \
  while (false) TVM_FFI_ICHECK(cond)
#define TVM_FFI_DCHECK_LT(x, y) \
  while (false) TVM_FFI_ICHECK_LT(x, y)
#define TVM_FFI_DCHECK_GT(x, y) \
  while (false) TVM_FFI_ICHECK_GT(x, y)
#define TVM_FFI_DCHECK_LE(x, y) \
  while (false) TVM_FFI_ICHECK_LE(x, y)
#define TVM_FFI_DCHECK_GE(x, y) \
  while (false) TVM_FFI_ICHECK_GE(x, y)
#define TVM_FFI_DCHECK_EQ(x, y) \
  while (false) TVM_FFI_ICHECK_EQ(x, y)
#define TVM_FFI_DCHECK_NE(x, y) \
  while (false) TVM_FFI_ICHECK_NE(x, y)
#define TVM_FFI_DCHECK_NOTNULL(x) (x)
#endif

#endif  // TVM_FFI_ERROR_H_
