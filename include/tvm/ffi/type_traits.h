// SPDX-License-Identifier: Apache-2.0
//
// TypeTraits<T>: how values of a C++ type get into and out of a TVMFFIAny. This header has the
// protocol and the types that need no object; headers of other types add theirs.
#ifndef TVM_FFI_TYPE_TRAITS_H_
#define TVM_FFI_TYPE_TRAITS_H_

#include <tvm/ffi/base_detail.h>

#include <initializer_list>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

class Any;
class AnyView;

namespace detail {
struct AnyUnsafe;
}  // namespace detail

using TypeIndex = TVMFFITypeIndex;
using TypeInfo = TVMFFITypeInfo;

// The registered key. Ends the process for an index that is not registered.
TVM_FFI_OUTLINE inline std::string TypeIndexToTypeKey(int32_t type_index) {
  const TypeInfo* info = TVMFFIGetTypeInfo(type_index);
  return std::string(info->type_key.data, info->type_key.size);
}

// Type keys the library registers for the static indices.
struct StaticTypeKey {
  static constexpr const char* kTVMFFIAny = "Any";
  static constexpr const char* kTVMFFINone = "None";
  static constexpr const char* kTVMFFIBool = "bool";
  static constexpr const char* kTVMFFIInt = "int";
  static constexpr const char* kTVMFFIFloat = "float";
  static constexpr const char* kTVMFFIOpaquePtr = "void*";
  static constexpr const char* kTVMFFIDataType = "DataType";
  static constexpr const char* kTVMFFIDevice = "Device";
  static constexpr const char* kTVMFFIDLTensorPtr = "DLTensor*";
  static constexpr const char* kTVMFFIRawStr = "const char*";
  static constexpr const char* kTVMFFIByteArrayPtr = "TVMFFIByteArray*";
  static constexpr const char* kTVMFFIObjectRValueRef = "ObjectRValueRef";
  static constexpr const char* kTVMFFISmallStr = "ffi.SmallStr";
  static constexpr const char* kTVMFFISmallBytes = "ffi.SmallBytes";
  static constexpr const char* kTVMFFIUnchanged = "ffi.Unchanged";
  static constexpr const char* kTVMFFIObject = "ffi.Object";
  static constexpr const char* kTVMFFIStr = "ffi.String";
  static constexpr const char* kTVMFFIBytes = "ffi.Bytes";
  static constexpr const char* kTVMFFIError = "ffi.Error";
  static constexpr const char* kTVMFFIFunction = "ffi.Function";
  static constexpr const char* kTVMFFIShape = "ffi.Shape";
  static constexpr const char* kTVMFFITensor = "ffi.Tensor";
  static constexpr const char* kTVMFFIArray = "ffi.Array";
  static constexpr const char* kTVMFFIMap = "ffi.Map";
  static constexpr const char* kTVMFFIModule = "ffi.Module";
  static constexpr const char* kTVMFFIOpaquePyObject = "ffi.OpaquePyObject";
  static constexpr const char* kTVMFFIList = "ffi.List";
  static constexpr const char* kTVMFFIDict = "ffi.Dict";
  static constexpr const char* kTVMFFIVisitInterrupt = "ffi.VisitInterrupt";
  static constexpr const char* kTVMFFIBigInt = "ffi.BigInt";
};

namespace detail {

// The texts about a type: its name, or its schema. A function makes one when it is needed.
using FTypeText = std::string (*)();

// `{"type":"name"}`
TVM_FFI_COLD inline std::string SchemaText(const char* name) {
  std::string text = R"({"type":")";
  text += name;
  return text += "\"}";
}

// `{"type":"name","args":[a,b]}`
TVM_FFI_COLD inline std::string SchemaText(const char* name,
                                           std::initializer_list<FTypeText> args) {
  std::string text = R"({"type":")";
  text.append(name).append(R"(","args":[)");
  const char* separator = "";
  for (FTypeText arg : args) {
    text.append(separator).append(arg());
    separator = ",";
  }
  return text += "]}";
}

// A std::string, made out of line.
TVM_FFI_COLD inline std::string TypeName(const char* name) { return name; }

// `name<a, b>`
TVM_FFI_COLD inline std::string TypeName(const char* name, std::initializer_list<FTypeText> args) {
  std::string text = name;
  text += '<';
  const char* separator = "";
  for (FTypeText arg : args) {
    text.append(separator).append(arg());
    separator = ", ";
  }
  return text += '>';
}

}  // namespace detail

// ---- Relations between types -------------------------------------------------------------------

// Whether every Source, as it is stored, is a valid Target, so that a container of Source can be
// used as one of Target without looking at its elements.
template <typename Target, typename Source, typename = void>
inline constexpr bool type_subsumes_v =
    std::is_same_v<Target, Source> || std::is_base_of_v<Target, Source>;
template <typename Source>
inline constexpr bool type_subsumes_v<Any, Source, void> = true;

// Set to false for a type whose TypeTraits are written out although the generic ones for object
// references would fit.
template <typename T>
inline constexpr bool use_default_type_traits_v = true;

template <typename T>
inline constexpr bool is_integeral_enum_v = std::is_enum_v<T>;

// ---- The protocol ------------------------------------------------------------------------------
//
//   convert_enabled, storage_enabled      may be passed, may be stored in Any
//   field_static_type_index               what a field of the type holds, kTVMFFIAny if unclear
//   void CopyToAnyView(const T&, TVMFFIAny*)      writes a view; all 16 bytes are defined
//   void MoveToAny(T, TVMFFIAny*)                 writes an owned value
//   bool CheckAnyStrict(const TVMFFIAny*)         is a T as it stands; types with storage only
//   T CopyFromAnyViewAfterCheck(const TVMFFIAny*) reads where CheckAnyStrict holds
//   T MoveFromAnyAfterCheck(TVMFFIAny*)           the same; objects leave None behind
//   std::optional<T> TryCastFromAnyView(const TVMFFIAny*)  with conversions; nullopt on mismatch
//   bool ConvertInto(const TVMFFIAny*, TVMFFIAny*)  need not be there: the same, writing an owned
//                                         value; cheaper to compile where the code is shared
//   std::string GetMismatchTypeInfo(const TVMFFIAny*)      describes a value that did not convert
//   std::string TypeStr(), TypeSchema()                    for messages, for metadata
template <typename T, typename = void>
struct TypeTraits {
  static constexpr bool convert_enabled = false;
  static constexpr bool storage_enabled = false;
};

template <typename T>
using TypeTraitsNoCR = TypeTraits<std::remove_const_t<std::remove_reference_t<T>>>;

struct TypeTraitsBase {
  static constexpr bool convert_enabled = true;
  static constexpr bool storage_enabled = true;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIAny;

  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    return TypeIndexToTypeKey(src->type_index);
  }
};

template <typename T, typename = void>
struct TypeToFieldStaticTypeIndex {
  static constexpr int32_t value = TypeIndex::kTVMFFIAny;
};
template <typename T>
struct TypeToFieldStaticTypeIndex<T, std::enable_if_t<TypeTraits<T>::convert_enabled>> {
  static constexpr int32_t value = TypeTraits<T>::field_static_type_index;
};

template <typename T, typename = void>
struct TypeToRuntimeTypeIndex {
  static int32_t v() { return TypeToFieldStaticTypeIndex<T>::value; }
};

// A bool that takes nothing but a bool.
struct StrictBool {
  StrictBool(bool value) : value_(value) {}  // NOLINT(google-explicit-constructor)
  operator bool() const { return value_; }   // NOLINT(google-explicit-constructor)

 private:
  bool value_;
};

// For types without a form of their own in Any: tries each fallback type in order and hands what it
// finds to TypeTraits<T>::ConvertFallbackValue.
template <typename T, typename... FallbackTypes>
struct FallbackOnlyTraitsBase : public TypeTraitsBase {
  static_assert(!(std::is_same_v<FallbackTypes, bool> || ...),
                "bool accepts any integer; use StrictBool as the fallback type");
  static constexpr bool storage_enabled = false;

  static std::optional<T> TryCastFromAnyView(const TVMFFIAny* src) {
    std::optional<T> result;
    static_cast<void>((TryFallback<FallbackTypes>(src, &result) || ...));
    return result;
  }

 private:
  template <typename Fallback>
  static bool TryFallback(const TVMFFIAny* src, std::optional<T>* result) {
    auto value = TypeTraits<Fallback>::TryCastFromAnyView(src);
    if (!value.has_value()) return false;
    result->emplace(TypeTraits<T>::ConvertFallbackValue(*std::move(value)));
    return true;
  }
};

// ---- Values without an object ------------------------------------------------------------------

namespace detail {

inline void WriteCell(TVMFFIAny* out, int32_t type_index, int64_t payload) {
  out->type_index = type_index;
  out->zero_padding = 0;
  out->v_int64 = payload;
}

inline void WriteCell(TVMFFIAny* out, int32_t type_index, const void* payload) {
  out->type_index = type_index;
  out->zero_padding = 0;
  TVM_FFI_CLEAR_PTR_PADDING_IN_FFI_ANY(out);
  out->v_ptr = const_cast<void*>(payload);
}

// What the types below have in common: copying and moving are the same, text is the type's key.
// Derived has kTypeIndex, kTypeKey, Write and Read.
template <typename T, typename Derived>
struct ValueTypeTraits : public TypeTraitsBase {
  static void CopyToAnyView(const T& src, TVMFFIAny* result) { Derived::Write(src, result); }
  static void MoveToAny(T src, TVMFFIAny* result) { Derived::Write(src, result); }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == Derived::kTypeIndex;
  }
  static T CopyFromAnyViewAfterCheck(const TVMFFIAny* src) { return Derived::Read(src); }
  static T MoveFromAnyAfterCheck(TVMFFIAny* src) { return Derived::Read(src); }
  static std::optional<T> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == Derived::kTypeIndex) return Derived::Read(src);
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return TypeName(Derived::kTypeKey); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return SchemaText(Derived::kTypeKey); }
};

// Int, from Int or Bool. T is an integer or an enum.
template <typename T>
struct IntTypeTraits : public ValueTypeTraits<T, IntTypeTraits<T>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIInt;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIInt;

  static void Write(T src, TVMFFIAny* result) {
    WriteCell(result, kTypeIndex, static_cast<int64_t>(src));
  }
  static T Read(const TVMFFIAny* src) { return static_cast<T>(src->v_int64); }
  static std::optional<T> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == kTypeIndex || src->type_index == TypeIndex::kTVMFFIBool) {
      return Read(src);
    }
    return std::nullopt;
  }
};

}  // namespace detail

template <>
struct TypeTraits<std::nullptr_t>
    : public detail::ValueTypeTraits<std::nullptr_t, TypeTraits<std::nullptr_t>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFINone;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFINone;

  static void Write(std::nullptr_t, TVMFFIAny* result) {
    detail::WriteCell(result, kTypeIndex, int64_t{0});
  }
  static std::nullptr_t Read(const TVMFFIAny*) { return nullptr; }
};

template <>
struct TypeTraits<StrictBool> : public detail::ValueTypeTraits<StrictBool, TypeTraits<StrictBool>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIBool;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIBool;

  static void Write(bool src, TVMFFIAny* result) {
    detail::WriteCell(result, kTypeIndex, static_cast<int64_t>(src));
  }
  static bool Read(const TVMFFIAny* src) { return src->v_int64 != 0; }
};

template <>
struct TypeTraits<bool> : public detail::ValueTypeTraits<bool, TypeTraits<bool>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIBool;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIBool;

  static void Write(bool src, TVMFFIAny* result) {
    detail::WriteCell(result, kTypeIndex, static_cast<int64_t>(src));
  }
  static bool Read(const TVMFFIAny* src) { return src->v_int64 != 0; }
  static std::optional<bool> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFIBool || src->type_index == TypeIndex::kTVMFFIInt) {
      return Read(src);
    }
    return std::nullopt;
  }
};

// uint64_t, whose values may not fit, is in any.h.
template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_integral_v<T> && !std::is_same_v<T, bool> &&
                                      !std::is_same_v<T, uint64_t>>>
    : public detail::IntTypeTraits<T> {};

template <typename T>
struct TypeTraits<T, std::enable_if_t<is_integeral_enum_v<T>>> : public detail::IntTypeTraits<T> {};

template <typename T>
struct TypeTraits<T, std::enable_if_t<std::is_floating_point_v<T>>>
    : public detail::ValueTypeTraits<T, TypeTraits<T>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIFloat;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIFloat;

  static void Write(T src, TVMFFIAny* result) {
    result->type_index = kTypeIndex;
    result->zero_padding = 0;
    result->v_float64 = static_cast<double>(src);
  }
  static T Read(const TVMFFIAny* src) { return static_cast<T>(src->v_float64); }
  static std::optional<T> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == kTypeIndex) return Read(src);
    if (src->type_index == TypeIndex::kTVMFFIInt || src->type_index == TypeIndex::kTVMFFIBool) {
      return static_cast<T>(src->v_int64);
    }
    return std::nullopt;
  }
};

template <>
struct TypeTraits<void*> : public detail::ValueTypeTraits<void*, TypeTraits<void*>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIOpaquePtr;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIOpaquePtr;

  static void Write(const void* src, TVMFFIAny* result) {
    detail::WriteCell(result, kTypeIndex, src);
  }
  static void* Read(const TVMFFIAny* src) { return src->v_ptr; }
  static std::optional<void*> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == kTypeIndex) return Read(src);
    if (src->type_index == TypeIndex::kTVMFFINone) return nullptr;
    return std::nullopt;
  }
};

// ---- Classes registered elsewhere --------------------------------------------------------------

// In the body of a class that mirrors a type which another library or language registers. It never
// registers; RuntimeTypeIndex() throws while the key is unknown. Needs function.h.
#define TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP(RegisteredKey, TypeDepth)                  \
  [[maybe_unused]] static constexpr const char* _type_key = RegisteredKey;            \
  [[maybe_unused]] static constexpr int32_t _type_depth = TypeDepth;                  \
  [[maybe_unused]] static constexpr bool _type_mutable = true;                        \
  [[maybe_unused]] static constexpr bool _type_final = false;                         \
  [[maybe_unused]] static constexpr uint32_t _type_child_slots = 0;                   \
  [[maybe_unused]] static constexpr bool _type_child_slots_can_overflow = true;       \
  static int32_t RuntimeTypeIndex() {                                                 \
    static const int32_t type_index = ::tvm::ffi::detail::LookUpTypeIndex(_type_key); \
    return type_index;                                                                \
  }

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_TYPE_TRAITS_H_
