// SPDX-License-Identifier: Apache-2.0
//
// Reading reflection: fields and methods of registered types, columns of type attributes, and the
// names of the attributes that have a meaning.
#ifndef TVM_FFI_REFLECTION_ACCESSOR_H_
#define TVM_FFI_REFLECTION_ACCESSOR_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/native_function.h>
#include <tvm/ffi/string.h>

#include <cstdint>      // int32_t
#include <optional>     // std::optional
#include <string>       // std::string
#include <string_view>  // std::string_view
#include <type_traits>  // std::is_same_v
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// Named by the attributes below, defined by the headers of their features.
class EnumState;
class VisitInterrupt;
class StructuralVisitorObj;
class StructuralMutatorObj;
template <typename T>
class UnchangedOr;

namespace reflection {

constexpr TVMFFIByteArray AsByteArray(const char* text) {
  return TVMFFIByteArray{text, std::char_traits<char>::length(text)};
}

// ---- Fields and methods ------------------------------------------------------------------------

namespace detail {

inline const TVMFFITypeInfo* GetTypeInfo(std::string_view type_key) {
  return TVMFFIGetTypeInfo(TypeKeyToIndex(type_key));
}

inline std::string_view ToView(const TVMFFIByteArray& text) {
  return std::string_view(text.data, text.size);
}

inline void* FieldAddress(const TVMFFIFieldInfo* info, const Object* object) {
  return reinterpret_cast<char*>(ffi::detail::ObjectUnsafe::GetHeader(object)) + info->offset;
}

}  // namespace detail

// A field of the type itself, not of its ancestors. Throws RuntimeError when there is none.
inline const TVMFFIFieldInfo* GetFieldInfo(std::string_view type_key, const char* field_name) {
  const TVMFFITypeInfo* info = detail::GetTypeInfo(type_key);
  for (int32_t i = 0; i < info->num_fields; ++i) {
    if (detail::ToView(info->fields[i].name) == field_name) return &info->fields[i];
  }
  TVM_FFI_THROW(RuntimeError) << "Cannot find field  `" << field_name << "` in " << type_key;
  TVM_FFI_UNREACHABLE();
}

inline const TVMFFIMethodInfo* GetMethodInfo(std::string_view type_key, const char* method_name) {
  const TVMFFITypeInfo* info = detail::GetTypeInfo(type_key);
  for (int32_t i = 0; i < info->num_methods; ++i) {
    if (detail::ToView(info->methods[i].name) == method_name) return &info->methods[i];
  }
  TVM_FFI_THROW(RuntimeError) << "Cannot find method " << method_name << " in " << type_key;
  TVM_FFI_UNREACHABLE();
}

inline Function GetMethod(std::string_view type_key, const char* method_name) {
  const TVMFFIMethodInfo* info = GetMethodInfo(type_key, method_name);
  return AnyView::CopyFromTVMFFIAny(info->method).cast<Function>();
}

// Assigns through the setter of either kind. Returns 0, or -1 with the error in the thread's slot.
inline int CallFieldSetter(const TVMFFIFieldInfo* info, void* field_addr, const TVMFFIAny* value) {
  if ((info->flags & kTVMFFIFieldFlagBitSetterIsFunctionObj) == 0) {
    return reinterpret_cast<TVMFFIFieldSetter>(info->setter)(field_addr, value);
  }
  TVMFFIAny args[2];
  TypeTraits<void*>::CopyToAnyView(field_addr, &args[0]);
  args[1] = *value;
  Any ignored;
  return TVMFFIFunctionCall(info->setter, args, 2, reinterpret_cast<TVMFFIAny*>(&ignored));
}

// Assigns the default, or what its factory returns. Returns as CallFieldSetter does; the field must
// have a default.
inline int CallFieldSetterToDefault(const TVMFFIFieldInfo* info, void* field_addr) {
  if ((info->flags & kTVMFFIFieldFlagBitMaskDefaultFromFactory) == 0) {
    return CallFieldSetter(info, field_addr, &info->default_value_or_factory);
  }
  Any value;
  int ret = TVMFFIFunctionCall(info->default_value_or_factory.v_obj, nullptr, 0,
                               reinterpret_cast<TVMFFIAny*>(&value));
  if (ret != 0) return ret;
  return CallFieldSetter(info, field_addr, reinterpret_cast<const TVMFFIAny*>(&value));
}

// The same, throwing the error.
inline void SetFieldToDefault(const TVMFFIFieldInfo* info, void* field_addr) {
  TVM_FFI_CHECK_SAFE_CALL(CallFieldSetterToDefault(info, field_addr));
}

class FieldGetter {
 public:
  explicit FieldGetter(const TVMFFIFieldInfo* info) : info_(info) {}
  explicit FieldGetter(std::string_view type_key, const char* field_name)
      : FieldGetter(GetFieldInfo(type_key, field_name)) {}

  Any operator()(const Object* object) const {
    Any result;
    TVM_FFI_CHECK_SAFE_CALL(
        info_->getter(detail::FieldAddress(info_, object), reinterpret_cast<TVMFFIAny*>(&result)));
    return result;
  }
  Any operator()(const ObjectPtr<Object>& object) const { return (*this)(object.get()); }
  Any operator()(const ObjectRef& object) const { return (*this)(object.get()); }

 private:
  const TVMFFIFieldInfo* info_;
};

// Writes read-only fields too. A value that does not convert throws and changes nothing.
class FieldSetter {
 public:
  explicit FieldSetter(const TVMFFIFieldInfo* info) : info_(info) {}
  explicit FieldSetter(std::string_view type_key, const char* field_name)
      : FieldSetter(GetFieldInfo(type_key, field_name)) {}

  void operator()(const Object* object, AnyView value) const {
    const TVMFFIAny cell = value.CopyToTVMFFIAny();
    TVM_FFI_CHECK_SAFE_CALL(CallFieldSetter(info_, detail::FieldAddress(info_, object), &cell));
  }
  void operator()(const ObjectPtr<Object>& object, AnyView value) const {
    (*this)(object.get(), value);
  }
  void operator()(const ObjectRef& object, AnyView value) const { (*this)(object.get(), value); }

 private:
  const TVMFFIFieldInfo* info_;
};

// Visits the fields in order, those of ancestors first, until the callback returns true. Returns
// whether it did.
template <typename Callback>
bool ForEachFieldInfoWithEarlyStop(const TypeInfo* type_info, Callback callback) {
  for (int32_t depth = 1; depth < type_info->type_depth; ++depth) {
    const TypeInfo* ancestor = type_info->type_ancestors[depth];
    for (int32_t i = 0; i < ancestor->num_fields; ++i) {
      if (callback(ancestor->fields + i)) return true;
    }
  }
  for (int32_t i = 0; i < type_info->num_fields; ++i) {
    if (callback(type_info->fields + i)) return true;
  }
  return false;
}

template <typename Callback>
void ForEachFieldInfo(const TypeInfo* type_info, Callback callback) {
  ForEachFieldInfoWithEarlyStop(type_info, [&](const TVMFFIFieldInfo* info) {
    callback(info);
    return false;
  });
}

// ---- Type attributes ---------------------------------------------------------------------------

// The name of a type attribute whose values are Ts. Write `constexpr AttrKey<int64_t> k{"name"};`.
template <typename T>
struct AttrKey {
  using ValueType = T;

  const char* name;

  // For code that takes the names as plain text.
  constexpr operator const char*() const noexcept { return name; }  // NOLINT(*-explicit-*)
  friend std::string operator+(const std::string& lhs, const AttrKey& rhs) {
    return lhs + rhs.name;
  }
  friend std::string operator+(std::string&& lhs, const AttrKey& rhs) {
    return std::move(lhs) + rhs.name;
  }

  // The value in a column, if there is one. It is not converted: TypeError for another type. What
  // borrows is valid as long as the column's value.
  std::optional<T> ValueFrom(AnyView value) const {
    if (value == nullptr) return std::nullopt;
    if constexpr (std::is_same_v<T, Any>) {
      return Any(value);
    } else {
      return value.template as_or_throw<T>();
    }
  }
};

// An attribute of all types. Throws RuntimeError when nobody made the column.
class TypeAttrColumn {
 public:
  explicit TypeAttrColumn(std::string_view attr_name) {
    TVMFFIByteArray name{attr_name.data(), attr_name.size()};
    column_ = TVMFFIGetTypeAttrColumn(&name);
    if (column_ == nullptr) {
      TVM_FFI_THROW(RuntimeError) << "Cannot find type attribute " << attr_name;
    }
  }
  template <typename T>
  explicit TypeAttrColumn(AttrKey<T> key) : TypeAttrColumn(std::string_view(key.name)) {}

  // None for a type without the attribute.
  AnyView operator[](int32_t type_index) const {
    int64_t offset = static_cast<int64_t>(type_index) - column_->begin_index;
    if (offset < 0 || offset >= column_->size) return AnyView();
    return AnyView::CopyFromTVMFFIAny(column_->data[offset]);
  }

 private:
  const TVMFFITypeAttrColumn* column_;
};

}  // namespace reflection

// The attributes with a meaning. They are not inherited: each type has its own.
namespace type_attr {

using reflection::AttrKey;
using reflection::NativeFunctionView;

// Makes an object whose fields are still to be set.
inline constexpr AttrKey<TypedFunction<ObjectRef()>> kNew{"__ffi_new__"};
// The constructor, packed.
inline constexpr AttrKey<Function> kInit{"__ffi_init__"};
// Converts any value to the type.
inline constexpr AttrKey<TypedFunction<Any(AnyView)>> kConvert{"__ffi_convert__"};
inline constexpr AttrKey<Any> kConvertTypeSchema{"__ffi_convert_type_schema__"};
inline constexpr AttrKey<TypedFunction<ObjectRef(const Object*)>> kShallowCopy{
    "__ffi_shallow_copy__"};
// Whether the class may have no subclass. Unknown for types of older headers.
inline constexpr AttrKey<bool> kTypeFinal{"__ffi_type_final__"};

// Hash and equality of keys in Map and Dict.
inline constexpr AttrKey<NativeFunctionView<int64_t(const Any&)>> kAnyHash{"__any_hash__"};
inline constexpr AttrKey<NativeFunctionView<bool(const Any&, const Any&)>> kAnyEqual{
    "__any_equal__"};

// The instances of an enum type.
inline constexpr AttrKey<EnumState> kEnumState{"__ffi_enum__"};

// Operations on whole values; the last argument is the operation to use on what lies below.
inline constexpr AttrKey<
    TypedFunction<String(const Object*, const TypedFunction<String(AnyView)>&)>>
    kRepr{"__ffi_repr__"};
inline constexpr AttrKey<
    TypedFunction<int64_t(const Object*, const TypedFunction<int64_t(AnyView)>&)>>
    kHash{"__ffi_hash__"};
inline constexpr AttrKey<
    TypedFunction<bool(const Object*, const Object*, const TypedFunction<bool(AnyView, AnyView)>&)>>
    kEq{"__ffi_eq__"};
inline constexpr AttrKey<TypedFunction<int32_t(const Object*, const Object*,
                                               const TypedFunction<int32_t(AnyView, AnyView)>&)>>
    kCompare{"__ffi_compare__"};
inline constexpr AttrKey<TypedFunction<Any(AnyView)>> kDataToJson{"__data_to_json__"};
inline constexpr AttrKey<TypedFunction<Any(AnyView)>> kDataFromJson{"__data_from_json__"};

// Structural operations.
inline constexpr AttrKey<TypedFunction<bool(
    const Object*, const Object*, const TypedFunction<bool(AnyView, AnyView, int, AnyView)>&)>>
    kSEqual{"__s_equal__"};
inline constexpr AttrKey<TypedFunction<int64_t(
    const Object*, int64_t, const TypedFunction<int64_t(AnyView, int64_t, int)>&)>>
    kSHash{"__s_hash__"};
inline constexpr AttrKey<
    NativeFunctionView<Optional<VisitInterrupt>(StructuralVisitorObj*, AnyView)>>
    kStructuralVisit{"__s_visit__"};
inline constexpr AttrKey<NativeFunctionView<UnchangedOr<Any>(StructuralMutatorObj*, AnyView)>>
    kStructuralMutate{"__s_mutate__"};
inline constexpr AttrKey<NativeFunctionView<UnchangedOr<Any>(StructuralMutatorObj*, AnyView)>>
    kStructuralMaybeInplaceMutate{"__s_maybe_inplace_mutate__"};

}  // namespace type_attr

// Where the attributes were before 0.1.15.
namespace reflection {
namespace type_attr = ::tvm::ffi::type_attr;
}  // namespace reflection

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_ACCESSOR_H_
