// SPDX-License-Identifier: Apache-2.0
//
// OverloadObjectDef: an ObjectDef in which a name may be defined more than once. A call takes the
// first definition, in order, with as many parameters as there are arguments and types they all
// convert to.
#ifndef TVM_FFI_REFLECTION_OVERLOAD_H_
#define TVM_FFI_REFLECTION_OVERLOAD_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>      // int32_t
#include <optional>     // std::optional
#include <string>       // std::string
#include <tuple>        // std::tuple
#include <type_traits>  // std::decay_t
#include <utility>      // std::index_sequence
#include <vector>       // std::vector

namespace tvm {
namespace ffi {
namespace reflection {
namespace detail {

// Converts the arguments, as many as there are parameters, until one does not convert, and calls
// the function if all did; without rv it is not called. Returns how many converted.
using OverloadTryCall = int32_t (*)(const FunctionObj* func, const AnyView* args, Any* rv);

template <typename F, typename Info>
struct OverloadCode;
template <typename F, typename R, typename... Args>
struct OverloadCode<F, ffi::detail::SignatureInfo<R, Args...>> {
  static int32_t TryCall(const FunctionObj* func, const AnyView* args, Any* rv) {
    return Run(std::index_sequence_for<Args...>(), func, args, rv);
  }

 private:
  template <typename T>
  static auto TryConvert(const AnyView& arg) {
    if constexpr (std::is_same_v<T, Any> || std::is_same_v<T, AnyView>) {
      return std::optional<T>(arg);
    } else {
      return TypeTraits<T>::TryCastFromAnyView(reinterpret_cast<const TVMFFIAny*>(&arg));
    }
  }
  template <typename T>
  using Converted = decltype(TryConvert<ffi::detail::RemoveCRef<T>>(std::declval<AnyView>()));

  template <size_t... I>
  static int32_t Run(std::index_sequence<I...>, const FunctionObj* func,
                     [[maybe_unused]] const AnyView* args, Any* rv) {
    std::tuple<Converted<Args>...> values;
    int32_t num_converted = 0;
    static_cast<void>(((std::get<I>(values) = TryConvert<ffi::detail::RemoveCRef<Args>>(args[I]),
                        std::get<I>(values).has_value() && ++num_converted != 0) &&
                       ...));
    if (rv == nullptr || num_converted != static_cast<int32_t>(sizeof...(Args))) {
      return num_converted;
    }

    F& callable = ffi::detail::CallableCode<F>::Self(func);
    if constexpr (std::is_void_v<R>) {
      Invoke(callable, *std::move(std::get<I>(values))...);
    } else {
      *rv = Any(Invoke(callable, *std::move(std::get<I>(values))...));
    }
    return num_converted;
  }

  template <typename... Values>
  static R Invoke(F& callable, Values&&... values) {
    if constexpr (std::is_member_function_pointer_v<F>) {
      return ffi::detail::InvokeMember<R>(callable, std::forward<Values>(values)...);
    } else {
      return static_cast<R>(callable(std::forward<Values>(values)...));
    }
  }
};

// The definitions of one name; the callable of its function.
class OverloadSet {
 public:
  explicit OverloadSet(std::string name) : name_(std::move(name)) {}

  TVM_FFI_COLD void Add(Function func, ffi::detail::SignatureView signature,
                        OverloadTryCall try_call) {
    overloads_.push_back({std::move(func), signature, try_call});
  }

  void operator()(const AnyView* args, int32_t num_args, Any* rv) const {
    if (overloads_.size() == 1) return overloads_[0].func.CallPacked(args, num_args, rv);
    for (const Overload& overload : overloads_) {
      if (overload.signature.num_params == num_args &&
          overload.try_call(overload.func.get(), args, rv) == num_args) {
        return;
      }
    }
    ThrowNoMatch(args, num_args);
  }

 private:
  struct Overload {
    Function func;
    ffi::detail::SignatureView signature;
    OverloadTryCall try_call;
  };

  [[noreturn]] TVM_FFI_COLD void ThrowNoMatch(const AnyView* args, int32_t num_args) const {
    std::string text = "No matching overload found when calling: `" + name_ + "` with " +
                       std::to_string(num_args) + " arguments:";
    for (size_t i = 0; i < overloads_.size(); ++i) {
      text += "\nOverload #" + std::to_string(i) + ": ";
      AppendMismatch(overloads_[i], args, num_args, &text);
    }
    TVM_FFI_THROW(TypeError) << text;
    TVM_FFI_UNREACHABLE();
  }

  // Why the overload was not taken.
  TVM_FFI_COLD void AppendMismatch(const Overload& overload, const AnyView* args, int32_t num_args,
                                   std::string* text) const {
    const ffi::detail::SignatureView& signature = overload.signature;
    const std::string callee = name_ + " " + ffi::detail::SignatureText(signature);
    if (signature.num_params != num_args) {
      *text += "Mismatched number of arguments when calling: `" + callee + "`. Expected " +
               std::to_string(signature.num_params) + " arguments";
      return;
    }
    const int32_t index = overload.try_call(overload.func.get(), args, nullptr);
    if (index == num_args) return;  // a value of the caller's changed in between
    const ffi::detail::TypeDescriber describe = signature.types[index + 1];
    *text += "Mismatched type on argument #" + std::to_string(index) + " when calling: `" + callee +
             "`. Expected `" + describe(ffi::detail::TypeText::kName, nullptr) + "` but got `" +
             describe(ffi::detail::TypeText::kMismatch,
                      reinterpret_cast<const TVMFFIAny*>(args + index)) +
             "`";
  }

  std::string name_;
  std::vector<Overload> overloads_;
};

}  // namespace detail

template <typename Class>
class OverloadObjectDef : public ObjectDef<Class> {
 public:
  using Base = ObjectDef<Class>;

  template <typename... Extra>
  explicit OverloadObjectDef(const Extra&... extra) : Base(extra...) {}

  template <typename T, typename BaseClass, typename... Extra>
  OverloadObjectDef& def_ro(const char* name, T BaseClass::*field, const Extra&... extra) {
    Base::def_ro(name, field, extra...);
    return *this;
  }
  template <typename T, typename BaseClass, typename... Extra>
  OverloadObjectDef& def_rw(const char* name, T BaseClass::*field, const Extra&... extra) {
    Base::def_rw(name, field, extra...);
    return *this;
  }

  template <typename F, typename... Extra>
  OverloadObjectDef& def(const char* name, F&& func, const Extra&... extra) {
    DefOverload<std::decay_t<F>>(name, 0, std::forward<F>(func), extra...);
    return *this;
  }
  template <typename F, typename... Extra>
  OverloadObjectDef& def_static(const char* name, F&& func, const Extra&... extra) {
    DefOverload<std::decay_t<F>>(name, kTVMFFIFieldFlagBitMaskIsStaticMethod, std::forward<F>(func),
                                 extra...);
    return *this;
  }
  template <typename... Args, typename... Extra>
  OverloadObjectDef& def(init<Args...>, const Extra&... extra) {
    const size_t num_names = names_.size();
    Function func = DefOverload<detail::Constructor<Class, Args...>>(
        type_attr::kInit.name, kTVMFFIFieldFlagBitMaskIsStaticMethod, {}, extra...);
    if (names_.size() != num_names) this->SetInit(func);
    return *this;
  }

  template <typename T>
  OverloadObjectDef& def_type_attr(const char* name, T&& value) {
    Base::def_type_attr(name, std::forward<T>(value));
    return *this;
  }
  template <typename TRef>
  OverloadObjectDef& def_convert() {
    Base::template def_convert<TRef>();
    return *this;
  }

 private:
  struct Name {
    std::string name;
    Function func;
    detail::OverloadSet* overloads;
  };

  // Returns the function that all definitions of the name share.
  template <typename F, typename... Extra>
  Function DefOverload(const char* name, int64_t flags, F callable, const Extra&... extra) {
    using Signature = detail::RegisteredSignature<F>;
    using Info = typename ffi::detail::FunctionInfo<Signature>::Info;
    const std::string full_name = this->FullName(name);
    const Name& entry = FindOrAdd(name, full_name);
    entry.overloads->Add(detail::MakeFunction<F>(std::move(callable), full_name), Info::View(),
                         detail::OverloadCode<F, Info>::TryCall);
    this->AddMethod(name, flags, entry.func, Info::View(), extra...);
    return entry.func;
  }

  const Name& FindOrAdd(const char* name, const std::string& full_name) {
    for (const Name& entry : names_) {
      if (entry.name == name) return entry;
    }
    auto [func, overloads] = Function::FromPackedInplace<detail::OverloadSet>(full_name);
    names_.push_back({name, std::move(func), overloads});
    return names_.back();
  }

  std::vector<Name> names_;
};

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_OVERLOAD_H_
