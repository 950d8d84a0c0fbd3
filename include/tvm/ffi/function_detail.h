// SPDX-License-Identifier: Apache-2.0
//
// How a C++ callable is called with an array of AnyViews: its signature as data, and the code that
// checks and converts the arguments.
//
// A signature costs one small function (SignatureInfo::Call) and one table of describers, one per
// type it mentions. Everything an error or a registration needs, in text, is built from that table
// by the shared functions below, which are out of line and never on the way of a call.
#ifndef TVM_FFI_FUNCTION_DETAIL_H_
#define TVM_FFI_FUNCTION_DETAIL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>

#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <string>       // std::string
#include <tuple>        // FunctionInfo::ArgType
#include <type_traits>  // std::decay_t
#include <utility>      // std::index_sequence

namespace tvm {
namespace ffi {
namespace detail {

template <typename T>
using RemoveCRef = std::remove_cv_t<std::remove_reference_t<T>>;

// What text code may ask about a type. kMismatch describes the value that failed to convert.
enum class TypeText : int32_t { kName, kSchema, kMismatch };
using TypeDescriber = std::string (*)(TypeText, const TVMFFIAny*);

template <typename T>
struct TypeDescription {
  TVM_FFI_COLD static std::string Get(TypeText what, const TVMFFIAny* value) {
    if (what == TypeText::kName) return Type2Str<T>::v();
    if constexpr (!std::is_void_v<T> && !std::is_same_v<T, Any> && !std::is_same_v<T, AnyView>) {
      if (what == TypeText::kMismatch) return TypeTraits<T>::GetMismatchTypeInfo(value);
    }
    return TypeSchema<T>::v();
  }
};

// A signature as data: types[0] describes the result, types[1 .. num_params] the parameters.
struct SignatureView {
  const TypeDescriber* types;
  int32_t num_params;
};

// `(0: int, 1: AnyView) -> void`
TVM_FFI_COLD inline std::string SignatureText(SignatureView signature) {
  MessageStream text;
  text << "(";
  for (int32_t i = 0; i < signature.num_params; ++i) {
    if (i != 0) text << ", ";
    text << i << ": " << signature.types[i + 1](TypeText::kName, nullptr);
  }
  text << ") -> " << signature.types[0](TypeText::kName, nullptr);
  return text.Take();
}

TVM_FFI_COLD inline std::string SignatureSchema(SignatureView signature) {
  std::string text = R"({"type":"ffi.Function","named_args":{"return":[)";
  text += signature.types[0](TypeText::kSchema, nullptr);
  text += R"(],"params":[)";
  for (int32_t i = 0; i < signature.num_params; ++i) {
    if (i != 0) text += ',';
    text += signature.types[i + 1](TypeText::kSchema, nullptr);
  }
  text += "]}}";
  return text;
}

// The functions below throw TypeError; name may be NULL.
[[noreturn]] TVM_FFI_COLD inline void ThrowArgumentCountMismatch(SignatureView signature,
                                                                 const char* name,
                                                                 int32_t num_args) {
  TVM_FFI_THROW(TypeError) << "Mismatched number of arguments when calling: `"
                           << (name != nullptr ? name : "") << SignatureText(signature)
                           << "`. Expected " << signature.num_params << " but got " << num_args
                           << " arguments";
  TVM_FFI_UNREACHABLE();
}

[[noreturn]] TVM_FFI_COLD inline void ThrowArgumentTypeMismatch(const std::string& signature,
                                                                const char* name, int32_t index,
                                                                TypeDescriber type,
                                                                const AnyView* arg) {
  TVM_FFI_THROW(TypeError) << "Mismatched type on argument #" << index << " when calling: `"
                           << (name != nullptr ? name : "") << signature << "`. Expected `"
                           << type(TypeText::kName, nullptr) << "` but got `"
                           << type(TypeText::kMismatch, reinterpret_cast<const TVMFFIAny*>(arg))
                           << "`";
  TVM_FFI_UNREACHABLE();
}

[[noreturn]] TVM_FFI_COLD inline void ThrowArgumentTypeMismatch(SignatureView signature,
                                                                const char* name, int32_t index,
                                                                const AnyView* arg) {
  ThrowArgumentTypeMismatch(SignatureText(signature), name, index, signature.types[index + 1], arg);
}

// A parameter may be T, const T, const T& or T&&; never T&, which could not refer to anything.
template <typename Arg, typename T = RemoveCRef<Arg>>
inline constexpr bool is_parameter_type_v =
    (!std::is_lvalue_reference_v<Arg> || std::is_const_v<std::remove_reference_t<Arg>>)&&(
        std::is_same_v<T, Any> || std::is_same_v<T, AnyView> || TypeTraits<T>::convert_enabled);

template <typename Ret, typename T = RemoveCRef<Ret>>
inline constexpr bool is_result_type_v =
    std::is_void_v<T> || std::is_same_v<T, Any> || TypeTraits<T>::convert_enabled;

// Converts args[index] by the lenient rules.
template <typename T>
inline T ConvertArgument(const AnyView* args, int32_t index, SignatureView signature,
                         const char* name) {
  if constexpr (std::is_same_v<T, Any> || std::is_same_v<T, AnyView>) {
    return T(args[index]);
  } else {
    return ConvertOr<T>(reinterpret_cast<const TVMFFIAny*>(args + index),
                        [=] { ThrowArgumentTypeMismatch(signature, name, index, args + index); });
  }
}

// Calls a member function on an object given by address or by reference. A registered method may be
// called on any object, const or not.
template <typename R, typename M, typename Class, typename... Args>
TVM_FFI_INLINE R InvokeMember(M method, Class* self, Args&&... args) {
  return static_cast<R>(
      (const_cast<std::remove_const_t<Class>*>(self)->*method)(std::forward<Args>(args)...));
}
template <typename R, typename M, typename Class, typename... Args,
          typename = std::enable_if_t<std::is_class_v<Class>>>
TVM_FFI_INLINE R InvokeMember(M method, Class self, Args&&... args) {
  return static_cast<R>((self.*method)(std::forward<Args>(args)...));
}

template <typename R, typename... Args>
struct SignatureInfo {
  using Info = SignatureInfo;
  using RetType = R;
  using ArgType = std::tuple<Args...>;
  using FType = R(Args...);
  static constexpr size_t num_args = sizeof...(Args);
  static constexpr bool unpacked_supported =
      (is_parameter_type_v<Args> && ...) && is_result_type_v<R>;

  TVM_FFI_LOCAL static constexpr TypeDescriber types[num_args + 1] = {
      &TypeDescription<RemoveCRef<R>>::Get, &TypeDescription<RemoveCRef<Args>>::Get...};
  static constexpr SignatureView View() { return {types, static_cast<int32_t>(num_args)}; }

  TVM_FFI_COLD static std::string Sig() { return SignatureText(View()); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return SignatureSchema(View()); }

  // Checks count and types, calls f and stores the result, as an R, in *rv.
  template <typename F, size_t... I>
  static void Call(std::index_sequence<I...> indices, F&& f, const char* name, const AnyView* args,
                   int32_t num_packed, Any* rv) {
    static_assert(unpacked_supported,
                  "every parameter and the result of a typed function must be a type known to "
                  "TypeTraits; parameters must not be non-const references");
    if (TVM_FFI_PREDICT_FALSE(num_packed != static_cast<int32_t>(num_args))) {
      ThrowArgumentCountMismatch(View(), name, num_packed);
    }
    if constexpr (std::is_void_v<R>) {
      Invoke(indices, f, name, args);
    } else {
      *rv = Any(Invoke(indices, f, name, args));
    }
  }

 private:
  template <typename F, size_t... I>
  TVM_FFI_INLINE static R Invoke(std::index_sequence<I...>, F& f, const char* name,
                                 const AnyView* args) {
    static_cast<void>(name), static_cast<void>(args);  // unused without parameters
    if constexpr (std::is_member_function_pointer_v<F>) {
      return InvokeMember<R>(
          f, ConvertArgument<RemoveCRef<Args>>(args, static_cast<int32_t>(I), View(), name)...);
    } else {
      return static_cast<R>(
          f(ConvertArgument<RemoveCRef<Args>>(args, static_cast<int32_t>(I), View(), name)...));
    }
  }
};

template <typename M>
struct MemberPointer;
template <typename C, typename R, typename... Args>
struct MemberPointer<R (C::*)(Args...)> {
  using Class = C;
  using Signature = R(Args...);
};
template <typename C, typename R, typename... Args>
struct MemberPointer<R (C::*)(Args...) const> {
  using Class = const C;
  using Signature = R(Args...);
};
template <typename C, typename R, typename... Args>
struct MemberPointer<R (C::*)(Args...) noexcept> : MemberPointer<R (C::*)(Args...)> {};
template <typename C, typename R, typename... Args>
struct MemberPointer<R (C::*)(Args...) const noexcept> : MemberPointer<R (C::*)(Args...) const> {};

// A signature with the object a member function works on in front of its parameters: a pointer for
// Object classes, a value for ObjectRef classes.
template <typename Class, typename Signature>
struct MethodSignature;
template <typename Class, typename R, typename... Args>
struct MethodSignature<Class, R(Args...)> {
  static_assert(std::is_base_of_v<Object, Class> || std::is_base_of_v<ObjectRef, Class>,
                "only member functions of Object and ObjectRef subclasses can be called");
  using Self =
      std::conditional_t<std::is_base_of_v<Object, Class>, Class*, std::remove_const_t<Class>>;
  using type = R(Self, Args...);
};

// The signature of a decayed callable.
template <typename F, bool kIsMember = std::is_member_function_pointer_v<F>>
struct CallableSignature {
  using type = typename MemberPointer<decltype(&F::operator())>::Signature;
};
template <typename M>
struct CallableSignature<M, true> {
  using type = typename MethodSignature<typename MemberPointer<M>::Class,
                                        typename MemberPointer<M>::Signature>::type;
};
template <typename R, typename... Args>
struct CallableSignature<R (*)(Args...), false> {
  using type = R(Args...);
};
template <typename R, typename... Args>
struct CallableSignature<R (*)(Args...) noexcept, false> {
  using type = R(Args...);
};

template <typename Signature>
struct SignatureInfoOf;
template <typename R, typename... Args>
struct SignatureInfoOf<R(Args...)> {
  using type = SignatureInfo<R, Args...>;
};

// The signature of a functor, a function type, pointer or reference, or a member function.
template <typename F>
struct FunctionInfo : SignatureInfoOf<typename CallableSignature<std::decay_t<F>>::type>::type {};

template <typename R, size_t... I, typename F>
TVM_FFI_INLINE void unpack_call(std::index_sequence<I...> indices, const std::string* optional_name,
                                const F& f, const AnyView* args, int32_t num_args, Any* rv) {
  const char* name = optional_name != nullptr ? optional_name->c_str() : nullptr;
  FunctionInfo<F>::Call(indices, f, name, args, num_args, rv);
}

// args[arg_index], converted when it is used as a T; the rest is for the error message.
template <typename T>
struct ArgValueWithContext {
  using TypeWithoutCR = RemoveCRef<T>;

  const AnyView* args;
  int32_t arg_index;
  const std::string* optional_name;
  std::string (*f_sig)();

  operator TypeWithoutCR() const {  // NOLINT(google-explicit-constructor)
    const AnyView* arg = args + arg_index;
    if constexpr (std::is_same_v<TypeWithoutCR, Any> || std::is_same_v<TypeWithoutCR, AnyView>) {
      return TypeWithoutCR(*arg);
    } else {
      auto value = arg->template try_cast<TypeWithoutCR>();
      if (TVM_FFI_PREDICT_FALSE(!value.has_value())) {
        ThrowArgumentTypeMismatch(f_sig != nullptr ? f_sig() : std::string(),
                                  optional_name != nullptr ? optional_name->c_str() : nullptr,
                                  arg_index, &TypeDescription<TypeWithoutCR>::Get, arg);
      }
      return *std::move(value);
    }
  }
};

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_FUNCTION_DETAIL_H_
