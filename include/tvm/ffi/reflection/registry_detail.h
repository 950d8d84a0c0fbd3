// SPDX-License-Identifier: Apache-2.0
//
// The code behind the definitions in registry.h: how a field is read and written, how an object is
// made and copied, what a registered callable is called with.
#ifndef TVM_FFI_REFLECTION_REGISTRY_DETAIL_H_
#define TVM_FFI_REFLECTION_REGISTRY_DETAIL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/info_builder.h>

#include <cstdint>      // int64_t
#include <cstring>      // std::memcpy
#include <exception>    // std::uncaught_exceptions
#include <optional>     // std::optional
#include <string>       // std::string
#include <string_view>  // std::string_view
#include <type_traits>  // std::is_default_constructible_v
#include <utility>      // std::forward

namespace tvm {
namespace ffi {
namespace reflection {

// Bytes from an object's header to a field.
template <typename Class, typename T>
inline int64_t GetFieldByteOffsetToObject(T Class::*field) {
  static_assert(sizeof(field) <= sizeof(int64_t), "a pointer to a data member is its offset");
  int64_t offset = 0;
  std::memcpy(&offset, &field, sizeof(field));
  return offset - ffi::detail::ObjectUnsafe::GetObjectOffsetToSubclass<Class>();
}

namespace detail {

// ---- Fields ------------------------------------------------------------------------------------

[[noreturn]] TVM_FFI_COLD inline void ThrowFieldMismatch(ffi::detail::TypeDescriber describe,
                                                         const TVMFFIAny* value) {
  TVM_FFI_THROW(TypeError) << "Cannot convert from type `"
                           << describe(ffi::detail::TypeText::kMismatch, value) << "` to `"
                           << describe(ffi::detail::TypeText::kName, nullptr) << "`";
  TVM_FFI_UNREACHABLE();
}

// The getter of all fields that hold one object pointer, which may be null.
inline int GetObjectField(void* field, TVMFFIAny* result) {
  TVMFFIObject* object = *static_cast<TVMFFIObject**>(field);
  ffi::detail::ObjectUnsafe::IncRefObjectHandle(object);
  ffi::detail::WriteCell(result, object != nullptr ? object->type_index : 0, object);
  return 0;
}

template <typename T>
struct FieldAccess {
  static_assert(std::is_same_v<T, Any> || TypeTraits<T>::convert_enabled,
                "the type of a reflected field must be known to TypeTraits");
  static constexpr bool kIsObject = std::is_base_of_v<ObjectRef, T> &&
                                    sizeof(T) == sizeof(TVMFFIObject*) &&
                                    use_default_type_traits_v<T>;

  static int Get(void* field, TVMFFIAny* result) {
    TVM_FFI_SAFE_CALL_BEGIN();
    *result = ffi::detail::AnyUnsafe::MoveAnyToTVMFFIAny(Any(*static_cast<const T*>(field)));
    TVM_FFI_SAFE_CALL_END();
  }

  static int Set(void* field, const TVMFFIAny* value) {
    TVM_FFI_SAFE_CALL_BEGIN();
    if constexpr (std::is_same_v<T, Any>) {
      *static_cast<Any*>(field) = AnyView::CopyFromTVMFFIAny(*value);
    } else {
      auto converted = TypeTraits<T>::TryCastFromAnyView(value);
      if (TVM_FFI_PREDICT_FALSE(!converted.has_value())) {
        ThrowFieldMismatch(&ffi::detail::TypeDescription<T>::Get, value);
      }
      *static_cast<T*>(field) = *std::move(converted);
    }
    TVM_FFI_SAFE_CALL_END();
  }

  static constexpr TVMFFIFieldGetter Getter() {
    if constexpr (kIsObject) {
      return GetObjectField;
    } else {
      return Get;
    }
  }
};

template <typename T>
inline constexpr FieldType field_type_v = {static_cast<int64_t>(sizeof(T)),
                                           static_cast<int64_t>(alignof(T)),
                                           TypeToFieldStaticTypeIndex<T>::value,
                                           FieldAccess<T>::Getter(),
                                           FieldAccess<T>::Set,
                                           ffi::detail::TypeDescription<T>::Get};

// ---- Classes -----------------------------------------------------------------------------------

// What the registration of a class is made of.
struct ClassType {
  const char* type_key;
  int32_t (*type_index)();  // registers the type when it is not
  int32_t total_size;
  TVMFFISEqHashKind structural_eq_hash_kind;
  bool is_final;
  TVMFFIObjectCreator creator;               // may be NULL
  ObjectPtr<Object> (*copy)(const Object*);  // may be NULL
  ffi::detail::TypeDescriber describe;
};

template <typename Class>
struct ClassAccess {
  static constexpr bool kFromNothing = std::is_default_constructible_v<Class>;
  static constexpr bool kFromUnsafeInit = std::is_constructible_v<Class, UnsafeInit>;

  static int Create(TVMFFIObjectHandle* result) {
    TVM_FFI_SAFE_CALL_BEGIN();
    *result = ffi::detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(Make());
    TVM_FFI_SAFE_CALL_END();
  }
  static ObjectPtr<Object> Copy(const Object* object) {
    return make_object<Class>(*static_cast<const Class*>(object));
  }

  static constexpr TVMFFIObjectCreator Creator() {
    if constexpr (kFromNothing || kFromUnsafeInit) {
      return Create;
    } else {
      return nullptr;
    }
  }
  static constexpr auto Copier() -> ObjectPtr<Object> (*)(const Object*) {
    if constexpr (std::is_copy_constructible_v<Class>) {
      return Copy;
    } else {
      return nullptr;
    }
  }

 private:
  static ObjectPtr<Class> Make() {
    if constexpr (kFromNothing) {
      return make_object<Class>();
    } else {
      return make_object<Class>(UnsafeInit{});
    }
  }
};

template <typename Class>
inline constexpr ClassType class_type_v = {Class::_type_key,
                                           Class::_GetOrAllocRuntimeTypeIndex,
                                           static_cast<int32_t>(sizeof(Class)),
                                           Class::_type_s_eq_hash_kind,
                                           Class::_type_final,
                                           ClassAccess<Class>::Creator(),
                                           ClassAccess<Class>::Copier(),
                                           ffi::detail::TypeDescription<const Class*>::Get};

// `(0: Class) -> ffi.Object`, or `() -> ffi.Object`.
class ObjectSignature {
 public:
  explicit ObjectSignature(const ClassType* self)
      : types_{&ffi::detail::TypeDescription<ObjectRef>::Get,
               self != nullptr ? self->describe : nullptr} {}
  ffi::detail::SignatureView View() const { return {types_, types_[1] != nullptr ? 1 : 0}; }

 private:
  ffi::detail::TypeDescriber types_[2];
};

// The functions behind __ffi_shallow_copy__ and __ffi_new__ of all classes. Their callable is the
// address of a ClassType.
inline const ClassType& ClassOf(const FunctionObj* self) {
  return **static_cast<const ClassType**>(
      static_cast<const ffi::detail::CallableObj*>(self)->callable());
}
inline const char* NameOf(const FunctionObj* self) {
  return static_cast<const ffi::detail::CallableObj*>(self)->name();
}

inline void CallShallowCopy(const FunctionObj* self, const AnyView* args, int32_t num_args,
                            Any* rv) {
  const ClassType& type = ClassOf(self);
  if (num_args != 1) {
    ffi::detail::ThrowArgumentCountMismatch(ObjectSignature(&type).View(), NameOf(self), num_args);
  }
  const int32_t type_index = args->type_index();
  if (type_index < TypeIndex::kTVMFFIStaticObjectBegin ||
      !ffi::detail::RuntimeTypeIndexMatch(type_index, type.type_index())) {
    ffi::detail::ThrowArgumentTypeMismatch(ObjectSignature(&type).View(), NameOf(self), 0, args);
  }
  *rv = ObjectRef(
      type.copy(ffi::detail::AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<Object>(*args)));
}

inline void CallNew(const FunctionObj* self, const AnyView*, int32_t num_args, Any* rv) {
  if (num_args != 0) {
    ffi::detail::ThrowArgumentCountMismatch(ObjectSignature(nullptr).View(), NameOf(self),
                                            num_args);
  }
  TVMFFIObjectHandle handle;
  TVM_FFI_CHECK_SAFE_CALL(ClassOf(self).creator(&handle));
  *rv = ObjectRef(
      ffi::detail::ObjectUnsafe::ObjectPtrFromOwned<Object>(static_cast<TVMFFIObject*>(handle)));
}

// The constructor that refl::init<Args...>() stands for.
template <typename Class, typename... Args>
struct Constructor {
  ObjectRef operator()(Args... args) const {
    return ObjectRef(make_object<Class>(std::forward<Args>(args)...));
  }
};

// ---- Signatures --------------------------------------------------------------------------------

// A method may be called on any object of its class, const or not.
template <typename F, bool kIsMember = std::is_member_function_pointer_v<F>>
struct RegisteredSignatureImpl {
  using type = F;
};
template <typename M>
struct RegisteredSignatureImpl<M, true> {
  using Member = ffi::detail::MemberPointer<M>;
  using type = typename ffi::detail::MethodSignature<const typename Member::Class,
                                                     typename Member::Signature>::type;
};
template <typename F>
using RegisteredSignature = typename RegisteredSignatureImpl<F>::type;

template <typename F>
Function MakeFunction(F func, std::string_view name) {
  return Function::FromTypedAs<RegisteredSignature<F>>(std::move(func), name);
}
template <typename F>
constexpr ffi::detail::SignatureView ViewSignature() {
  return ffi::detail::FunctionInfo<RegisteredSignature<F>>::View();
}

}  // namespace detail

// Base of the definitions that add to a type.
class ReflectionDefBase {
 public:
  ReflectionDefBase(const ReflectionDefBase&) = delete;
  ReflectionDefBase& operator=(const ReflectionDefBase&) = delete;

 protected:
  ReflectionDefBase(int32_t type_index, const char* type_key)
      : type_index_(type_index), type_key_(type_key) {}

  TVM_FFI_COLD std::string FullName(const char* name) const {
    std::string full_name = type_key_;
    full_name += '.';
    return full_name += name;
  }

  TVM_FFI_COLD void SetAttr(const char* name, AnyView value) {
    TVMFFIByteArray name_bytes = AsByteArray(name);
    TVMFFIAny cell = value.CopyToTVMFFIAny();
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(type_index_, &name_bytes, &cell));
  }

  // A value, or a callable to make a function of.
  template <typename T>
  void DefAttr(const char* name, T&& value) {
    if constexpr (std::is_convertible_v<T, AnyView>) {
      SetAttr(name, Any(std::forward<T>(value)));
    } else {
      SetAttr(name, detail::MakeFunction<std::decay_t<T>>(std::forward<T>(value), FullName(name)));
    }
  }

  int32_t type_index_;
  const char* type_key_;
};

namespace detail {

// The part of ObjectDef that does not depend on the class.
class ObjectDefBase : public ReflectionDefBase {
 protected:
  TVM_FFI_COLD explicit ObjectDefBase(const ClassType& type)
      : ReflectionDefBase(type.type_index(), type.type_key),
        type_(type),
        num_exceptions_(std::uncaught_exceptions()) {}
  // Completes the registration, unless an exception ends it early. May throw.
  TVM_FFI_COLD ~ObjectDefBase() noexcept(false) {
    if (std::uncaught_exceptions() == num_exceptions_) Finish();
  }

  void Apply(const char* doc) { doc_ = AsByteArray(doc); }
  void Apply(const init<>& trait) { auto_init_ = trait.flag() == 0; }

  TVM_FFI_COLD void RegisterMetadata() {
    TVMFFITypeMetadata metadata;
    metadata.doc = doc_;
    metadata.creator = type_.creator;
    metadata.total_size = type_.total_size;
    metadata.structural_eq_hash_kind = type_.structural_eq_hash_kind;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterMetadata(type_index_, &metadata));
  }

  template <typename... Extra>
  void AddField(const char* name, int64_t flags, int64_t offset, const FieldType& type,
                const Extra&... extra) {
    FieldInfoBuilder builder(name, flags, offset, type);
    (builder.Apply(extra), ...);
    builder.Register(type_index_);
  }

  template <typename... Extra>
  void AddMethod(const char* name, int64_t flags, Function func,
                 ffi::detail::SignatureView signature, const Extra&... extra) {
    MethodInfoBuilder builder(name, flags, std::move(func), signature);
    (builder.Apply(extra), ...);
    builder.Register(type_index_);
  }

  // An explicit constructor takes the place of the one made from the fields.
  void SetInit(const Function& func) {
    auto_init_ = false;
    SetAttr(type_attr::kInit.name, func);
  }

 private:
  ObjectRef MakeFunction(FunctionObj::FCall call, const char* name) const {
    const ClassType* type = &type_;
    return ObjectRef(ffi::detail::CallableObj::New(call, &type, sizeof(type), FullName(name)));
  }

  void Finish() {
    if (type_.copy != nullptr) {
      SetAttr(type_attr::kShallowCopy.name,
              MakeFunction(CallShallowCopy, type_attr::kShallowCopy.name));
    }
    if (type_.creator != nullptr) {
      SetAttr(type_attr::kNew.name, MakeFunction(CallNew, type_attr::kNew.name));
      if (auto_init_) {
        std::optional<Function> register_init = Function::GetGlobal("ffi._RegisterFFIInit");
        if (register_init.has_value()) (*register_init)(type_index_);
      }
    }
    SetAttr(type_attr::kTypeFinal.name, type_.is_final);
  }

  const ClassType& type_;
  const int num_exceptions_;
  TVMFFIByteArray doc_{nullptr, 0};
  bool auto_init_ = true;
};

}  // namespace detail
}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_REGISTRY_DETAIL_H_
