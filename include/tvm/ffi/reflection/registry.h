// SPDX-License-Identifier: Apache-2.0
//
// Registration: GlobalDef for functions, ObjectDef for classes, TypeAttrDef for type attributes.
//
// These are used as statements, usually in TVM_FFI_STATIC_INIT_BLOCK, and throw when a name is
// taken. The templates only collect what depends on a type; what is done with it is shared.
#ifndef TVM_FFI_REFLECTION_REGISTRY_H_
#define TVM_FFI_REFLECTION_REGISTRY_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/variant.h>  // not used here: sources expect it, and Map, to come along
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/info_builder.h>
#include <tvm/ffi/reflection/registry_detail.h>

#include <string_view>  // std::string_view
#include <type_traits>  // std::decay_t
#include <utility>      // std::forward

namespace tvm {
namespace ffi {
namespace reflection {

// Defines global functions. Extras are a doc text and Metadata.
class GlobalDef {
 public:
  template <typename F, typename... Extra>
  GlobalDef& def(const char* name, F&& func, Extra&&... extra) {
    using Callable = std::decay_t<F>;
    return Register(name, detail::MakeFunction<Callable>(std::forward<F>(func), name),
                    detail::ViewSignature<Callable>(), extra...);
  }

  // A function that is called with packed arguments.
  template <typename F, typename... Extra>
  GlobalDef& def_packed(const char* name, F func, Extra&&... extra) {
    return Register(name, Function::FromPacked(std::move(func)), {nullptr, 0}, extra...);
  }

  // A member function; the object it works on is the first argument.
  template <typename F, typename... Extra>
  GlobalDef& def_method(const char* name, F&& func, Extra&&... extra) {
    return def(name, std::forward<F>(func), std::forward<Extra>(extra)...);
  }

 private:
  template <typename... Extra>
  GlobalDef& Register(const char* name, Function func, ffi::detail::SignatureView signature,
                      const Extra&... extra) {
    detail::MethodInfoBuilder builder(name, 0, std::move(func), signature);
    (builder.Apply(extra), ...);
    builder.RegisterGlobal();
    return *this;
  }
};

// Defines a class: its fields, methods and attributes. Used as one statement, at whose end the
// registration is completed; the destructor may throw. Extras are a doc text and init(false).
template <typename Class>
class ObjectDef : public detail::ObjectDefBase {
 public:
  template <typename... Extra>
  explicit ObjectDef(const Extra&... extra) : ObjectDefBase(detail::class_type_v<Class>) {
    (Apply(extra), ...);
    RegisterMetadata();
  }

  // A field other languages can read, of the class or a base class.
  template <typename T, typename Base, typename... Extra>
  ObjectDef& def_ro(const char* name, T Base::*field, const Extra&... extra) {
    return DefField(name, 0, field, extra...);
  }

  // A field other languages can read and write.
  template <typename T, typename Base, typename... Extra>
  ObjectDef& def_rw(const char* name, T Base::*field, const Extra&... extra) {
    static_assert(Class::_type_mutable, "Only mutable classes are supported for writable fields");
    return DefField(name, kTVMFFIFieldFlagBitMaskWritable, field, extra...);
  }

  // A method: a member function, or a callable that takes the object first.
  template <typename F, typename... Extra>
  ObjectDef& def(const char* name, F&& func, const Extra&... extra) {
    return DefMethod(name, 0, std::forward<F>(func), extra...);
  }
  template <typename F, typename... Extra>
  ObjectDef& def_static(const char* name, F&& func, const Extra&... extra) {
    return DefMethod(name, kTVMFFIFieldFlagBitMaskIsStaticMethod, std::forward<F>(func), extra...);
  }

  // A constructor. Without one the constructor is made from the fields.
  template <typename... Args, typename... Extra>
  ObjectDef& def(init<Args...>, const Extra&... extra) {
    using Callable = detail::Constructor<Class, Args...>;
    const char* name = type_attr::kInit.name;
    Function func = detail::MakeFunction<Callable>({}, FullName(name));
    AddMethod(name, kTVMFFIFieldFlagBitMaskIsStaticMethod, func, detail::ViewSignature<Callable>(),
              extra...);
    SetInit(func);
    return *this;
  }

  // A type attribute: a value, or a callable.
  template <typename T>
  ObjectDef& def_type_attr(const char* name, T&& value) {
    DefAttr(name, std::forward<T>(value));
    return *this;
  }

  // Lets other languages convert values to the class, as parameters of type TRef do.
  template <typename TRef>
  ObjectDef& def_convert() {
    static_assert(std::is_same_v<typename TRef::ContainerType, Class>,
                  "TRef must be a reference to the class being defined");
    DefAttr(type_attr::kConvert.name, &detail::FFIConvertFromAnyViewToObjectRef<TRef>);
    return *this;
  }

 private:
  template <typename T, typename Base, typename... Extra>
  ObjectDef& DefField(const char* name, int64_t flags, T Base::*field, const Extra&... extra) {
    static_assert(std::is_base_of_v<Base, Class>, "the field is not one of the class");
    AddField(name, flags, GetFieldByteOffsetToObject<Class, T>(field),
             detail::field_type_v<std::remove_cv_t<T>>, extra...);
    return *this;
  }
  template <typename F, typename... Extra>
  ObjectDef& DefMethod(const char* name, int64_t flags, F&& func, const Extra&... extra) {
    using Callable = std::decay_t<F>;
    AddMethod(name, flags, detail::MakeFunction<Callable>(std::forward<F>(func), FullName(name)),
              detail::ViewSignature<Callable>(), extra...);
    return *this;
  }
};

// Makes sure that the column exists, so that it can be looked up.
inline void EnsureTypeAttrColumn(std::string_view attr_name) {
  TVMFFIByteArray name{attr_name.data(), attr_name.size()};
  const TVMFFIAny none = AnyView().CopyToTVMFFIAny();
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(TypeIndex::kTVMFFINone, &name, &none));
}
template <typename T>
inline void EnsureTypeAttrColumn(AttrKey<T> key) {
  EnsureTypeAttrColumn(std::string_view(key.name));
}

// Sets type attributes of a class that is defined elsewhere.
template <typename Class>
class TypeAttrDef : public ReflectionDefBase {
 public:
  TypeAttrDef() : ReflectionDefBase(Class::_GetOrAllocRuntimeTypeIndex(), Class::_type_key) {}

  // A value, or a callable to make a function of.
  template <typename T>
  TypeAttrDef& def(const char* name, T&& value) {
    DefAttr(name, std::forward<T>(value));
    return *this;
  }

  template <typename T>
  TypeAttrDef& attr(const char* name, T value) {
    SetAttr(name, Any(std::move(value)));
    return *this;
  }

  // Stores what the key says: a T made of the value.
  template <typename T, typename U>
  TypeAttrDef& attr(AttrKey<T> key, const U& value) {
    SetAttr(key.name, Any(T(value)));
    return *this;
  }

  // A C function given by address, as code before 0.1.15 does. The key hooks were plain functions
  // then and become ffi.Functions; the others had their present form.
  template <typename R, typename... Args>
  TypeAttrDef& attr(AttrKey<NativeFunctionView<R(Args...)>> key, void* address) {
    if constexpr ((std::is_same_v<Args, const Any&> && ...)) {
      DefAttr(key.name, reinterpret_cast<R (*)(Args...)>(address));
    } else {
      SetAttr(key.name, address);
    }
    return *this;
  }

  template <auto Fn, typename Signature>
  TypeAttrDef& native_fn_attr(AttrKey<NativeFunctionView<Signature>> key) {
    return attr(key, NativeFunctionView<Signature>::template FromNative<Fn>());
  }

  template <typename TRef>
  TypeAttrDef& def_convert() {
    static_assert(std::is_same_v<typename TRef::ContainerType, Class>,
                  "TRef must be a reference to the class whose attribute is set");
    DefAttr(type_attr::kConvert.name, &detail::FFIConvertFromAnyViewToObjectRef<TRef>);
    return *this;
  }
};

// ---- Overloads ---------------------------------------------------------------------------------

namespace detail {

// Of two functions that both match, the one without further parameters is the more specialised.
template <typename... Args>
struct OverloadCast {
  template <typename R>
  constexpr auto operator()(R (*func)(Args...)) const noexcept {
    return func;
  }
  template <typename R, typename... Rest>
  constexpr auto operator()(R (*func)(Args..., Rest...)) const noexcept {
    return func;
  }
  template <typename R, typename C>
  constexpr auto operator()(R (C::*func)(Args...), std::false_type = {}) const noexcept {
    return func;
  }
  template <typename R, typename C, typename... Rest>
  constexpr auto operator()(R (C::*func)(Args..., Rest...), std::false_type = {}) const noexcept {
    return func;
  }
  template <typename R, typename C>
  constexpr auto operator()(R (C::*func)(Args...) const, std::true_type) const noexcept {
    return func;
  }
  template <typename R, typename C, typename... Rest>
  constexpr auto operator()(R (C::*func)(Args..., Rest...) const, std::true_type) const noexcept {
    return func;
  }
};

}  // namespace detail

// Picks an overload by its first parameters: overload_cast<int>(&f), overload_cast<int>(&C::f), and
// overload_cast<int>(&C::f, const_) for a const member function.
template <typename... Args>
inline constexpr detail::OverloadCast<Args...> overload_cast{};
inline constexpr std::true_type const_{};

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_REGISTRY_H_
