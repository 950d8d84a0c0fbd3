// SPDX-License-Identifier: Apache-2.0
//
// Hooks with a signature: values of type attributes that are either a C function, called directly
// with its C++ arguments, or an ffi.Function, called with packed ones.
#ifndef TVM_FFI_REFLECTION_NATIVE_FUNCTION_H_
#define TVM_FFI_REFLECTION_NATIVE_FUNCTION_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/function.h>

#include <cstddef>      // std::nullptr_t
#include <exception>    // std::exception
#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::is_standard_layout_v
#include <utility>      // std::forward

namespace tvm {
namespace ffi {
namespace reflection {

template <typename Signature>
class NativeFunctionView;
template <typename Signature>
class NativeFunction;

namespace detail {

// What crosses the boundary of a C function: references, and values that go in registers or memory
// the same way everywhere.
template <typename T>
inline constexpr bool is_native_parameter_v = std::is_lvalue_reference_v<T> ||
                                              (std::is_standard_layout_v<T> &&
                                               std::is_trivially_copyable_v<T>);

// The exception being handled, as an error.
TVM_FFI_COLD inline Error CaughtError() {
  try {
    throw;
  } catch (const Error& error) {
    return error;
  } catch (const std::exception& error) {
    return Error("InternalError", error.what(), std::string());
  }
}

// The C function around a C++ one. An exception that is no std::exception ends the process.
template <auto Fn, typename R, typename... Args>
TVMFFIAny NativeAdapter(Args... args) noexcept {
  using ffi::detail::ExpectedUnsafe;
  using F = decltype(Fn);
  if constexpr (std::is_convertible_v<F, Expected<R> (*)(Args...) noexcept>) {
    return ExpectedUnsafe::MoveToTVMFFIAny<R>(Fn(std::forward<Args>(args)...));
  } else {
    static_assert(std::is_convertible_v<F, R (*)(Args...)>,
                  "a native function is R(Args...), or Expected<R>(Args...) noexcept");
    try {
      if constexpr (std::is_void_v<R>) {
        Fn(std::forward<Args>(args)...);
        return ExpectedUnsafe::MoveToTVMFFIAny<void>(Expected<void>());
      } else {
        return ExpectedUnsafe::MoveToTVMFFIAny<R>(Expected<R>(Fn(std::forward<Args>(args)...)));
      }
    } catch (...) {
      return ExpectedUnsafe::MoveToTVMFFIAny<R>(Expected<R>(CaughtError()));
    }
  }
}

[[noreturn]] TVM_FFI_COLD inline void ThrowNullTypedFunction() {
  TVM_FFI_THROW(ValueError) << "Check failed: (packed != nullptr) is false: "
                            << "NativeFunctionView requires a non-null typed function";
  TVM_FFI_UNREACHABLE();
}

}  // namespace detail

// Borrows a hook: the function's owner keeps it alive.
template <typename R, typename... Args>
class NativeFunctionView<R(Args...)> {
  static_assert((detail::is_native_parameter_v<Args> && ...),
                "NativeFunctionView parameters require lvalue references or standard-layout, "
                "trivially-copyable values");
  static_assert(ffi::detail::SignatureInfo<R, Args...>::unpacked_supported,
                "NativeFunctionView signature must be supported by TypedFunction");

 public:
  // Returns the cell of an Expected<R>: a value as R stores it, None for void, or an owned error.
  // What an opaque pointer in a column of type attributes points to.
  using ABIType = TVMFFIAny (*)(Args...) noexcept;

  NativeFunctionView(std::nullptr_t) = delete;
  // NOLINTBEGIN(google-explicit-constructor)
  NativeFunctionView(ABIType native) : cell_(reinterpret_cast<void*>(native)) {}
  // The function must not be null: ValueError.
  NativeFunctionView(const TypedFunction<R(Args...)>& packed) : cell_(CellOf(packed.packed())) {}
  NativeFunctionView(const TypedFunction<Expected<R>(Args...)>& packed)
      : cell_(CellOf(packed.packed())) {}
  NativeFunctionView(TypedFunction<R(Args...)>&&) = delete;
  NativeFunctionView(TypedFunction<Expected<R>(Args...)>&&) = delete;
  // NOLINTEND(google-explicit-constructor)

  // Fn is a function R(Args...), which may throw, or Expected<R>(Args...) noexcept.
  template <auto Fn>
  static NativeFunctionView FromNative() {
    constexpr auto kFn = Fn;
    static_assert(kFn != nullptr, "NativeFunctionView requires a non-null native function");
    return NativeFunctionView(static_cast<ABIType>(detail::NativeAdapter<Fn, R, Args...>));
  }

  Expected<R> CallExpected(Args... args) const noexcept {
    if (cell_.type_index() == TypeIndex::kTVMFFIOpaquePtr) {
      auto native = reinterpret_cast<ABIType>(cell_.CopyToTVMFFIAny().v_ptr);
      return ffi::detail::ExpectedUnsafe::MoveFromTVMFFIAny<R>(native(std::forward<Args>(args)...));
    }
    try {
      AnyView packed[sizeof...(Args) + 1] = {AnyView(args)...};
      return CallPacked(packed);
    } catch (...) {
      return detail::CaughtError();
    }
  }
  R operator()(Args... args) const { return CallExpected(std::forward<Args>(args)...).value(); }

 private:
  friend class NativeFunction<R(Args...)>;
  template <typename, typename>
  friend struct ffi::TypeTraits;

  explicit NativeFunctionView(AnyView cell) : cell_(cell) {}

  static AnyView CellOf(const Function& packed) {
    if (packed == nullptr) detail::ThrowNullTypedFunction();
    return AnyView(packed);
  }

  TVM_FFI_OUTLINE Expected<R> CallPacked(const AnyView* args) const {
    Any result = ffi::detail::CallSafe(
        ffi::detail::AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<FunctionObj>(cell_), args,
        static_cast<int32_t>(sizeof...(Args)));
    if (result.type_index() == TypeIndex::kTVMFFIError) {
      return ffi::detail::AnyUnsafe::MoveFromAnyAfterCheck<Error>(std::move(result));
    }
    if constexpr (std::is_void_v<R>) {
      if (result == nullptr) return Expected<void>();
    } else {
      if (std::optional<R> value = result.try_cast<R>()) return *std::move(value);
    }
    return Error("TypeError", "Packed hook result type mismatch", std::string());
  }

  AnyView cell_;
};

// Owns a hook.
template <typename R, typename... Args>
class NativeFunction<R(Args...)> {
 public:
  using View = NativeFunctionView<R(Args...)>;
  using ABIType = typename View::ABIType;

  NativeFunction(std::nullptr_t) = delete;
  explicit NativeFunction(View view) : cell_(view.cell_) {}
  // NOLINTBEGIN(google-explicit-constructor)
  NativeFunction(const TypedFunction<R(Args...)>& packed) : cell_(View(packed).cell_) {}
  NativeFunction(const TypedFunction<Expected<R>(Args...)>& packed) : cell_(View(packed).cell_) {}
  // NOLINTEND(google-explicit-constructor)

  static NativeFunction From(View view) { return NativeFunction(view); }
  template <auto Fn>
  static NativeFunction FromNative() {
    return NativeFunction(View::template FromNative<Fn>());
  }

  Expected<R> CallExpected(Args... args) const noexcept {
    return view().CallExpected(std::forward<Args>(args)...);
  }
  R operator()(Args... args) const { return view()(std::forward<Args>(args)...); }

 private:
  template <typename, typename>
  friend struct ffi::TypeTraits;

  explicit NativeFunction(Any cell) : cell_(std::move(cell)) {}
  View view() const { return View(AnyView(cell_)); }

  Any cell_;
};

}  // namespace reflection

namespace detail {

// What the views and owners of hooks share as values.
template <typename R, typename... Args>
struct NativeFunctionTraitsBase : public TypeTraitsBase {
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIFunction ||
           (src->type_index == TypeIndex::kTVMFFIOpaquePtr && src->v_ptr != nullptr);
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return TypeName("Variant", {&TypeTraits<void*>::TypeStr, &SignatureInfo<R, Args...>::Sig});
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return SchemaText("Variant",
                      {&TypeTraits<void*>::TypeSchema, &SignatureInfo<R, Args...>::TypeSchema});
  }
};

}  // namespace detail

template <typename Signature>
inline constexpr bool use_default_type_traits_v<reflection::NativeFunctionView<Signature>> = false;
template <typename Signature>
inline constexpr bool use_default_type_traits_v<reflection::NativeFunction<Signature>> = false;

template <typename R, typename... Args>
struct TypeTraits<reflection::NativeFunctionView<R(Args...)>>
    : public detail::NativeFunctionTraitsBase<R, Args...> {
  using Self = reflection::NativeFunctionView<R(Args...)>;
  using Base = detail::NativeFunctionTraitsBase<R, Args...>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    *result = src.cell_.CopyToTVMFFIAny();
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    *result = detail::AnyUnsafe::MoveAnyToTVMFFIAny(Any(src.cell_));
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Self(AnyView::CopyFromTVMFFIAny(*src));
  }
  // The source remains the owner.
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) { return CopyFromAnyViewAfterCheck(src); }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (!Base::CheckAnyStrict(src)) return std::nullopt;
    return CopyFromAnyViewAfterCheck(src);
  }
};

template <typename R, typename... Args>
struct TypeTraits<reflection::NativeFunction<R(Args...)>>
    : public detail::NativeFunctionTraitsBase<R, Args...> {
  using Self = reflection::NativeFunction<R(Args...)>;
  using Base = detail::NativeFunctionTraitsBase<R, Args...>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    *result = AnyView(src.cell_).CopyToTVMFFIAny();
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    *result = detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(src.cell_));
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Self(Any(AnyView::CopyFromTVMFFIAny(*src)));
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return Self(detail::AnyUnsafe::MoveTVMFFIAnyToAny(src));
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (!Base::CheckAnyStrict(src)) return std::nullopt;
    return CopyFromAnyViewAfterCheck(src);
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_NATIVE_FUNCTION_H_
