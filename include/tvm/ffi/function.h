// SPDX-License-Identifier: Apache-2.0
//
// Functions: ffi.Function objects, their typed view, the global function table, and the macros that
// export a C++ function as a symbol or guard the body of a C callback.
#ifndef TVM_FFI_FUNCTION_H_
#define TVM_FFI_FUNCTION_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/function_detail.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/string.h>

#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <cstring>      // std::memcpy
#include <exception>    // std::exception
#include <new>          // placement new
#include <optional>     // Function::GetGlobal
#include <string>       // std::string
#include <string_view>  // Function::GetGlobal
#include <tuple>        // Function::FromPackedInplace
#include <type_traits>  // std::is_invocable_v
#include <utility>      // std::move
#include <vector>       // Function::ListGlobalNames

// Brackets the body of a C callback that returns int: 0 when the end is reached, -1 with the error
// in the thread's slot when an Error or another std::exception is thrown.
#define TVM_FFI_SAFE_CALL_BEGIN() \
  try {                           \
  (void)0

// Errors have a handler of their own: to look at any other exception, it is thrown again.
#define TVM_FFI_SAFE_CALL_END()                               \
  return 0;                                                   \
  }                                                           \
  catch (const ::tvm::ffi::Error& tvm_ffi_error) {            \
    return ::tvm::ffi::detail::SetErrorRaised(tvm_ffi_error); \
  }                                                           \
  catch (...) {                                               \
    return ::tvm::ffi::detail::SetCaughtExceptionRaised();    \
  }                                                           \
  TVM_FFI_UNREACHABLE()

// Evaluates a call of the C API and throws the error it left behind when it failed.
#define TVM_FFI_CHECK_SAFE_CALL(func)                                                  \
  {                                                                                    \
    if (TVM_FFI_PREDICT_FALSE((func) != 0)) ::tvm::ffi::detail::ThrowSafeCallRaised(); \
  }

// 1: exported functions carry their type schema (and doc) in symbols of their own.
#ifndef TVM_FFI_DLL_EXPORT_INCLUDE_METADATA
#define TVM_FFI_DLL_EXPORT_INCLUDE_METADATA 0
#endif

// 0: the functions this code makes are called through safe_call alone. For a library whose callers
// must not see its C++ exceptions.
#ifndef TVM_FFI_FUNCTION_SET_CPP_CALL
#define TVM_FFI_FUNCTION_SET_CPP_CALL 1
#endif

namespace tvm {
namespace ffi {
namespace detail {

// Stores the error in the thread's error slot and returns -1.
TVM_FFI_COLD inline int SetErrorRaised(const Error& error) {
  SetSafeCallRaised(error);
  return -1;
}

// The same with the exception being handled. What is not a std::exception passes through.
TVM_FFI_COLD inline int SetCaughtExceptionRaised() {
  try {
    throw;
  } catch (const std::exception& error) {
    return SetErrorRaised(Error("InternalError", error.what(), std::string()));
  }
}

// Throws the error in the thread's slot.
[[noreturn]] TVM_FFI_COLD inline void ThrowSafeCallRaised() { throw MoveFromSafeCallRaised(); }

}  // namespace detail

// A callable object. Implementations in C++ set cpp_call, which throws; every one has safe_call.
class FunctionObj : public Object, public TVMFFIFunctionCell {
 public:
  using FCall = void (*)(const FunctionObj*, const AnyView*, int32_t, Any*);
  using TVMFFIFunctionCell::cpp_call;
  using TVMFFIFunctionCell::safe_call;

  void CallPacked(const AnyView* args, int32_t num_args, Any* result) const {
    if (cpp_call != nullptr) {
      reinterpret_cast<FCall>(cpp_call)(this, args, num_args, result);
    } else {
      CallSafe(args, num_args, result);
    }
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIFunction;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIFunction, FunctionObj, Object);

 protected:
  FunctionObj() = default;

 private:
  TVM_FFI_OUTLINE void CallSafe(const AnyView* args, int32_t num_args, Any* result) const {
    result->reset();  // the callee expects a result that owns nothing
    TVM_FFI_CHECK_SAFE_CALL(safe_call(const_cast<FunctionObj*>(this),
                                      reinterpret_cast<const TVMFFIAny*>(args), num_args,
                                      reinterpret_cast<TVMFFIAny*>(result)));
  }
};

// A borrowed sequence of arguments.
class PackedArgs {
 public:
  PackedArgs(const AnyView* data, int32_t size) : data_(data), size_(size) {}

  int size() const { return size_; }
  const AnyView* data() const { return data_; }
  AnyView operator[](int i) const { return data_[i]; }

  // The arguments [begin, end); the end defaults to the last one.
  PackedArgs Slice(int begin, int end = -1) const {
    return PackedArgs(data_ + begin, (end == -1 ? size_ : end) - begin);
  }

  template <typename... Args>
  static void Fill(AnyView* dst, Args&&... args) {
    ((*dst++ = AnyView(args)), ...);
  }

 private:
  const AnyView* data_;
  int32_t size_;
};

namespace detail {

[[noreturn]] TVM_FFI_COLD inline void ThrowResultOwnsObject() {
  TVM_FFI_THROW(InternalError)
      << "The result of a call must own nothing before the call, but it holds an object: "
      << "initialize it to None";
  TVM_FFI_UNREACHABLE();
}

// Calls through safe_call: the result, or the error as a value.
TVM_FFI_OUTLINE inline Any CallSafe(const FunctionObj* func, const AnyView* args,
                                    int32_t num_args) {
  Any result;
  if (func->safe_call(const_cast<FunctionObj*>(func), reinterpret_cast<const TVMFFIAny*>(args),
                      num_args, reinterpret_cast<TVMFFIAny*>(&result)) != 0) {
    return Any(MoveFromSafeCallRaised());
  }
  return result;
}

// A FunctionObj around a C++ callable, which lies right behind the object and is followed by the
// function's name. All callables share this class: what differs is the code that `call` points to.
class alignas(16) CallableObj : public FunctionObj {
 public:
  struct alignas(16) Block {
    char bytes[16];
  };
  struct Code {
    FCall call;
    void (*destroy)(void* callable);  // NULL: nothing to destroy
  };

  CallableObj(const Code& code, const char* name) : code_(code), name_(name) {
    safe_call = SafeCall;
    cpp_call = TVM_FFI_FUNCTION_SET_CPP_CALL ? reinterpret_cast<void*>(code.call) : nullptr;
  }
  CallableObj(const CallableObj&) = delete;
  CallableObj& operator=(const CallableObj&) = delete;
  ~CallableObj() {
    if (code_.destroy != nullptr) code_.destroy(callable());
  }

  const char* name() const { return name_; }
  // The callable may change its own state while it is called.
  void* callable() const { return const_cast<CallableObj*>(this + 1); }
  void set_destroy(void (*destroy)(void*)) { code_.destroy = destroy; }

  // Leaves `size` bytes for the callable; copies them when `callable` is not NULL.
  TVM_FFI_OUTLINE static ObjectPtr<Object> New(FCall call, const void* callable, size_t size,
                                               std::string_view name) {
    size_t blocks = (size + name.size() + sizeof(Block)) / sizeof(Block);
    ObjectPtr<CallableObj> self =
        make_inplace_array_object<CallableObj, Block>(blocks, Code{call, nullptr}, nullptr);
    char* body = static_cast<char*>(self->callable());
    if (callable != nullptr) std::memcpy(body, callable, size);
    if (!name.empty()) std::memcpy(body + size, name.data(), name.size());
    body[size + name.size()] = '\0';
    self->name_ = body + size;
    return self;
  }

 private:
  static int SafeCall(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    TVM_FFI_SAFE_CALL_BEGIN();
    if (TVM_FFI_PREDICT_FALSE(result->type_index >= TypeIndex::kTVMFFIStaticObjectBegin)) {
      ThrowResultOwnsObject();
    }
    auto* self = static_cast<const CallableObj*>(static_cast<Object*>(handle));
    self->code_.call(self, reinterpret_cast<const AnyView*>(args), num_args,
                     reinterpret_cast<Any*>(result));
    TVM_FFI_SAFE_CALL_END();
  }

  Code code_;
  const char* name_;
};

// The view of a CallableObj that knows its callable.
template <typename TCallable>
class FunctionObjImpl : public CallableObj {
 public:
  TCallable* GetCallable() const { return static_cast<TCallable*>(callable()); }
};

template <typename F>
inline constexpr bool is_packed_v = std::is_invocable_v<F&, const AnyView*, int32_t, Any*>;
template <typename F>
inline constexpr bool is_packed_args_v = std::is_invocable_v<F&, PackedArgs, Any*>;

// The code behind CallableObj for a callable of type F.
template <typename F>
struct CallableCode {
  static_assert(alignof(F) <= alignof(CallableObj::Block), "the callable is over-aligned");

  static F& Self(const FunctionObj* self) {
    return *static_cast<F*>(static_cast<const CallableObj*>(self)->callable());
  }

  static void Packed(const FunctionObj* self, const AnyView* args, int32_t num_args, Any* rv) {
    if constexpr (is_packed_v<F>) {
      Self(self)(args, num_args, rv);
    } else {
      static_assert(is_packed_args_v<F>,
                    "a packed function is called with (const AnyView* args, int32_t num_args, "
                    "Any* result) or (PackedArgs args, Any* result)");
      Self(self)(PackedArgs(args, num_args), rv);
    }
  }

  template <typename Signature>
  static void Typed(const FunctionObj* self, const AnyView* args, int32_t num_args, Any* rv) {
    using Info = FunctionInfo<Signature>;
    Info::Call(std::make_index_sequence<Info::num_args>(), Self(self),
               static_cast<const CallableObj*>(self)->name(), args, num_args, rv);
  }

  static void Destroy(void* callable) { static_cast<F*>(callable)->~F(); }

  template <typename... Args>
  static ObjectPtr<Object> New(FunctionObj::FCall call, std::string_view name, Args&&... args) {
    ObjectPtr<Object> object = CallableObj::New(call, nullptr, sizeof(F), name);
    CallableObj* self = static_cast<CallableObj*>(object.get());
    new (self->callable()) F(std::forward<Args>(args)...);
    if constexpr (!std::is_trivially_destructible_v<F>) self->set_destroy(Destroy);
    return object;
  }

  static ObjectPtr<Object> From(FunctionObj::FCall call, std::string_view name, F&& callable) {
    if constexpr (std::is_trivially_copyable_v<F>) {
      return CallableObj::New(call, &callable, sizeof(F), name);
    } else {
      return New(call, name, std::move(callable));
    }
  }
};

}  // namespace detail

class Function : public ObjectRef {
 public:
  Function(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)

  template <typename F,
            typename = std::enable_if_t<detail::is_packed_v<F> || detail::is_packed_args_v<F>>>
  explicit Function(F packed_callable) : Function(FromPacked(std::move(packed_callable))) {}

  // From void(const AnyView* args, int32_t num_args, Any* result) or void(PackedArgs, Any*).
  template <typename F>
  static Function FromPacked(F callable) {
    using Code = detail::CallableCode<F>;
    return FromObject(Code::From(Code::Packed, {}, std::move(callable)));
  }

  // Makes the callable in place; the pointer lives as long as the function.
  template <typename F, typename... Args>
  static std::tuple<Function, F*> FromPackedInplace(Args&&... args) {
    using Code = detail::CallableCode<F>;
    Function self = FromObject(Code::New(Code::Packed, {}, std::forward<Args>(args)...));
    F* callable = &Code::Self(self.get());
    return {std::move(self), callable};
  }

  // From a callable with a signature; the name appears in the errors about its arguments.
  template <typename F>
  static Function FromTyped(F callable) {
    return FromTypedAs<F>(std::move(callable), {});
  }
  template <typename F>
  static Function FromTyped(F callable, const std::string& name) {
    return FromTypedAs<F>(std::move(callable), name);
  }
  // The same for a callable that is called through another signature than its own.
  template <typename Signature, typename F>
  static Function FromTypedAs(F callable, std::string_view name) {
    using Code = detail::CallableCode<F>;
    return FromObject(Code::From(Code::template Typed<Signature>, name, std::move(callable)));
  }

  // Wraps a C callback; deleter(self) runs when the function goes. With neither self nor deleter
  // the callback is called with the function's own handle.
  static Function FromExternC(void* self, TVMFFISafeCallType safe_call,
                              void (*deleter)(void* self)) {
    TVMFFIObjectHandle handle;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFIFunctionCreate(self, safe_call, deleter, &handle));
    return FromOwned(handle);
  }

  // Calls an exported symbol, or any C callback, without making a function of it.
  template <typename... Args>
  static Any InvokeExternC(void* handle, TVMFFISafeCallType safe_call, Args&&... args) {
    AnyView packed[sizeof...(Args) + 1] = {AnyView(args)...};
    Any result;
    TVM_FFI_CHECK_SAFE_CALL(safe_call(handle, reinterpret_cast<TVMFFIAny*>(packed),
                                      static_cast<int32_t>(sizeof...(Args)),
                                      reinterpret_cast<TVMFFIAny*>(&result)));
    return result;
  }

  static std::optional<Function> GetGlobal(std::string_view name) {
    TVMFFIByteArray name_bytes{name.data(), name.size()};
    TVMFFIObjectHandle handle;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFIFunctionGetGlobal(&name_bytes, &handle));
    if (handle == nullptr) return std::nullopt;
    return FromOwned(handle);
  }
  static std::optional<Function> GetGlobal(const std::string& name) {
    return GetGlobal(std::string_view(name));
  }
  static std::optional<Function> GetGlobal(const String& name) {
    return GetGlobal(std::string_view(name.data(), name.size()));
  }
  static std::optional<Function> GetGlobal(const char* name) {
    return GetGlobal(std::string_view(name));
  }

  // Throws ValueError when there is no such function.
  static Function GetGlobalRequired(std::string_view name) {
    std::optional<Function> func = GetGlobal(name);
    if (!func.has_value()) TVM_FFI_THROW(ValueError) << "Function " << name << " not found";
    return *std::move(func);
  }
  static Function GetGlobalRequired(const std::string& name) {
    return GetGlobalRequired(std::string_view(name));
  }
  static Function GetGlobalRequired(const String& name) {
    return GetGlobalRequired(std::string_view(name.data(), name.size()));
  }
  static Function GetGlobalRequired(const char* name) {
    return GetGlobalRequired(std::string_view(name));
  }

  // Throws RuntimeError when the name is taken, unless override is set.
  static void SetGlobal(std::string_view name, Function func, bool override = false) {
    TVMFFIByteArray name_bytes{name.data(), name.size()};
    TVM_FFI_CHECK_SAFE_CALL(TVMFFIFunctionSetGlobal(
        &name_bytes, const_cast<FunctionObj*>(func.get()), static_cast<int>(override)));
  }
  static void RemoveGlobal(const String& name) {
    static const Function remove = GetGlobalRequired("ffi.FunctionRemoveGlobal");
    remove(name);
  }
  static std::vector<String> ListGlobalNames() {
    static const Function list = GetGlobalRequired("ffi.FunctionListGlobalNamesFunctor");
    Function name_at = list().cast<Function>();
    int64_t count = name_at(-1).cast<int64_t>();
    std::vector<String> names;
    names.reserve(static_cast<size_t>(count));
    for (int64_t i = 0; i < count; ++i) names.push_back(name_at(i).cast<String>());
    return names;
  }

  template <typename... Args>
  TVM_FFI_INLINE Any operator()(Args&&... args) const {
    AnyView packed[sizeof...(Args) + 1] = {AnyView(args)...};
    Any result;
    (*this)->CallPacked(packed, static_cast<int32_t>(sizeof...(Args)), &result);
    return result;
  }

  using ObjectRef::operator==;
  using ObjectRef::operator!=;
  bool operator==(const Function& other) const { return get() == other.get(); }
  bool operator!=(const Function& other) const { return get() != other.get(); }
  bool operator==(std::nullptr_t) const { return get() == nullptr; }
  bool operator!=(std::nullptr_t) const { return get() != nullptr; }

  TVM_FFI_INLINE void CallPacked(const AnyView* args, int32_t num_args, Any* result) const {
    (*this)->CallPacked(args, num_args, result);
  }
  TVM_FFI_INLINE void CallPacked(PackedArgs args, Any* result) const {
    (*this)->CallPacked(args.data(), args.size(), result);
  }

  // As the call operator, but an error of the callee, raised or returned as a value, is returned.
  // The result converts to T by the lenient rules.
  template <typename T = Any, typename... Args>
  Expected<T> CallExpected(Args&&... args) const {
    AnyView packed[sizeof...(Args) + 1] = {AnyView(args)...};
    Any result = detail::CallSafe(get(), packed, static_cast<int32_t>(sizeof...(Args)));
    if constexpr (std::is_same_v<T, Any>) {
      return result;
    } else {
      if (result.type_index() == TypeIndex::kTVMFFIError) {
        return detail::AnyUnsafe::MoveFromAnyAfterCheck<Error>(std::move(result));
      }
      if constexpr (std::is_void_v<T>) {
        if (result == nullptr) return Expected<void>();
      } else {
        if (std::optional<T> value = result.try_cast<T>()) return *std::move(value);
      }
      return ResultMismatch(detail::TypeDescription<T>::Get, result);
    }
  }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Function, ObjectRef, FunctionObj);

 private:
  static Function FromObject(ObjectPtr<Object> object) {
    Function func;
    func.data_ = std::move(object);
    return func;
  }
  static Function FromOwned(TVMFFIObjectHandle handle) {
    return FromObject(
        detail::ObjectUnsafe::ObjectPtrFromOwned<Object>(static_cast<TVMFFIObject*>(handle)));
  }

  TVM_FFI_COLD static Error ResultMismatch(detail::TypeDescriber type, const Any& result) {
    return Error("TypeError",
                 "CallExpected: result type mismatch, expected " +
                     type(detail::TypeText::kName, nullptr) + ", but got " + result.GetTypeKey(),
                 std::string());
  }
};

template <typename Signature>
class TypedFunction;

// A Function with a signature. It is not checked against the function it wraps: arguments and
// results convert when it is called.
template <typename R, typename... Args>
class TypedFunction<R(Args...)> {
 public:
  using TSelf = TypedFunction<R(Args...)>;
  template <typename F>
  static constexpr bool is_lambda_v = !std::is_same_v<std::decay_t<F>, TypedFunction> &&
                                      !std::is_base_of_v<Function, std::decay_t<F>> &&
                                      std::is_invocable_r_v<R, std::decay_t<F>&, Args...>;

  TypedFunction() = default;
  TypedFunction(std::nullptr_t) {}                                // NOLINT(*-explicit-constructor)
  TypedFunction(Function packed) : packed_(std::move(packed)) {}  // NOLINT(*-explicit-constructor)
  template <typename F, typename = std::enable_if_t<is_lambda_v<F>>>
  TypedFunction(F&& lambda)  // NOLINT(*-explicit-constructor)
      : packed_(FromLambda<std::decay_t<F>>(std::forward<F>(lambda), {})) {}
  template <typename F, typename = std::enable_if_t<is_lambda_v<F>>>
  TypedFunction(F&& lambda, const std::string& name)
      : packed_(FromLambda<std::decay_t<F>>(std::forward<F>(lambda), name)) {}

  TypedFunction& operator=(std::nullptr_t) {
    packed_ = nullptr;
    return *this;
  }
  TypedFunction& operator=(Function packed) {
    packed_ = std::move(packed);
    return *this;
  }
  template <typename F, typename = std::enable_if_t<is_lambda_v<F>>>
  TypedFunction& operator=(F&& lambda) {
    packed_ = FromLambda<std::decay_t<F>>(std::forward<F>(lambda), {});
    return *this;
  }

  R operator()(Args... args) const {
    AnyView packed[sizeof...(Args) + 1] = {AnyView(args)...};
    Any result;
    packed_.CallPacked(packed, static_cast<int32_t>(sizeof...(Args)), &result);
    if constexpr (std::is_same_v<R, Any>) {
      return result;
    } else if constexpr (!std::is_void_v<R>) {
      return std::move(result).template cast<R>();
    }
  }

  operator Function() const { return packed_; }  // NOLINT(*-explicit-constructor)
  const Function& packed() const& { return packed_; }
  Function&& packed() && { return std::move(packed_); }

  bool operator==(std::nullptr_t) const { return packed_ == nullptr; }
  bool operator!=(std::nullptr_t) const { return packed_ != nullptr; }

  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::FunctionInfo<R(Args...)>::TypeSchema();
  }

 private:
  template <typename F>
  static Function FromLambda(F lambda, std::string_view name) {
    return Function::FromTypedAs<R(Args...)>(std::move(lambda), name);
  }

  Function packed_;
};

template <typename R, typename... Args>
inline constexpr bool use_default_type_traits_v<TypedFunction<R(Args...)>> = false;

template <typename R, typename... Args>
struct TypeTraits<TypedFunction<R(Args...)>> : public TypeTraitsBase {
  using Self = TypedFunction<R(Args...)>;
  using Base = TypeTraits<Function>;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIFunction;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    Base::CopyToAnyView(src.packed(), result);
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    Base::MoveToAny(std::move(src).packed(), result);
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIFunction;
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Self(Base::CopyFromAnyViewAfterCheck(src));
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return Self(Base::MoveFromAnyAfterCheck(src));
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self(nullptr);
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::FunctionInfo<R(Args...)>::Sig(); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::FunctionInfo<R(Args...)>::TypeSchema();
  }
};

// Throws when no such type is registered.
inline int32_t TypeKeyToIndex(std::string_view type_key) {
  TVMFFIByteArray key{type_key.data(), type_key.size()};
  int32_t type_index;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeKeyToIndex(&key, &type_index));
  return type_index;
}

namespace detail {

// The body of an exported function.
template <typename F>
TVM_FFI_INLINE void CallExported(F&& f, const char* name, const TVMFFIAny* args, int32_t num_args,
                                 TVMFFIAny* result) {
  using Info = FunctionInfo<F>;
  Info::Call(std::make_index_sequence<Info::num_args>(), std::forward<F>(f), name,
             reinterpret_cast<const AnyView*>(args), num_args, reinterpret_cast<Any*>(result));
}

// The body of a symbol that returns text. The library makes the string, so that it outlives the
// code of the symbol.
TVM_FFI_COLD inline int ReturnText(std::string (*text)(), TVMFFIAny* result) {
  TVM_FFI_SAFE_CALL_BEGIN();
  const std::string content = text();
  const TVMFFIByteArray bytes{content.data(), content.size()};
  TVM_FFI_CHECK_SAFE_CALL(TVMFFIStringFromByteArray(&bytes, result));
  TVM_FFI_SAFE_CALL_END();
}

template <typename F>
TVM_FFI_COLD std::string ExportMetadata() {
  return R"({"type_schema":)" + std::string(EscapeStringJSON(FunctionInfo<F>::TypeSchema())) + '}';
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

#define TVM_FFI_DLL_EXPORT_SYMBOL_(Symbol)                                         \
  extern "C" TVM_FFI_DLL_EXPORT int Symbol([[maybe_unused]] void* self,            \
                                           [[maybe_unused]] const TVMFFIAny* args, \
                                           [[maybe_unused]] int32_t num_args, TVMFFIAny* result)

#define TVM_FFI_DLL_EXPORT_CALL_(ExportName, Function)                               \
  TVM_FFI_DLL_EXPORT_SYMBOL_(__tvm_ffi_##ExportName) {                               \
    TVM_FFI_SAFE_CALL_BEGIN();                                                       \
    ::tvm::ffi::detail::CallExported(Function, #ExportName, args, num_args, result); \
    TVM_FFI_SAFE_CALL_END();                                                         \
  }

// Exports Function as the symbol __tvm_ffi_<ExportName>. At namespace scope.
#if TVM_FFI_DLL_EXPORT_INCLUDE_METADATA
#define TVM_FFI_DLL_EXPORT_TYPED_FUNC(ExportName, Function)                            \
  TVM_FFI_DLL_EXPORT_CALL_(ExportName, Function)                                       \
  TVM_FFI_DLL_EXPORT_SYMBOL_(__tvm_ffi__metadata_##ExportName) {                       \
    return ::tvm::ffi::detail::ReturnText(                                             \
        ::tvm::ffi::detail::ExportMetadata<std::decay_t<decltype(Function)>>, result); \
  }
#define TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(ExportName, DocString)                          \
  TVM_FFI_DLL_EXPORT_SYMBOL_(__tvm_ffi__doc_##ExportName) {                               \
    return ::tvm::ffi::detail::ReturnText([] { return std::string(DocString); }, result); \
  }
#else
#define TVM_FFI_DLL_EXPORT_TYPED_FUNC(ExportName, Function) \
  TVM_FFI_DLL_EXPORT_CALL_(ExportName, Function)
#define TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(ExportName, DocString)
#endif

#endif  // TVM_FFI_FUNCTION_H_
