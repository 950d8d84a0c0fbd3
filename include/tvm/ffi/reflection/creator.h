// SPDX-License-Identifier: Apache-2.0
//
// Making objects of registered types.
#ifndef TVM_FFI_REFLECTION_CREATOR_H_
#define TVM_FFI_REFLECTION_CREATOR_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/string.h>

#include <cstdint>      // int32_t
#include <optional>     // std::optional
#include <string_view>  // std::string_view
#include <utility>      // std::move

namespace tvm {
namespace ffi {

namespace detail {

// Attribute __ffi_new__ of the type, if it has one.
inline std::optional<TypedFunction<ObjectRef()>> GetNewAttr(const TVMFFITypeInfo* info) {
  static const reflection::TypeAttrColumn column(type_attr::kNew);
  return type_attr::kNew.ValueFrom(column[info->type_index]);
}

inline std::string TypeKeyOf(const TVMFFITypeInfo* info) {
  return std::string(info->type_key.data, info->type_key.size);
}

}  // namespace detail

// Whether objects of the type can be made without knowing its class.
inline bool HasCreator(const TVMFFITypeInfo* info) {
  return (info->metadata != nullptr && info->metadata->creator != nullptr) ||
         detail::GetNewAttr(info).has_value();
}

// An object whose fields are still to be set. Throws RuntimeError when the type has no creator.
inline ObjectPtr<Object> CreateEmptyObject(const TVMFFITypeInfo* info) {
  if (info->metadata != nullptr && info->metadata->creator != nullptr) {
    TVMFFIObjectHandle handle;
    TVM_FFI_CHECK_SAFE_CALL(info->metadata->creator(&handle));
    return detail::ObjectUnsafe::ObjectPtrFromOwned<Object>(static_cast<TVMFFIObject*>(handle));
  }
  std::optional<TypedFunction<ObjectRef()>> make = detail::GetNewAttr(info);
  if (!make.has_value()) {
    TVM_FFI_THROW(RuntimeError) << "Type `" << detail::TypeKeyOf(info)
                                << "` does not support reflection creation (no native creator or "
                                << "__ffi_new__ type attr)";
  }
  return detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>((*make)());
}

namespace reflection {
namespace detail {

// The function behind __ffi_convert__.
template <typename TRef>
TRef FFIConvertFromAnyViewToObjectRef(AnyView value) {
  if (std::optional<TRef> ref = value.try_cast<TRef>()) return *std::move(ref);
  TVM_FFI_THROW(TypeError) << "Cannot cast from `" << value.GetTypeKey() << "` to `"
                           << TypeTraits<TRef>::TypeStr() << "`";
  TVM_FFI_UNREACHABLE();
}

}  // namespace detail

// Former name of the namespace, kept for sources written before 0.1.15.
namespace details = detail;

// Makes objects of a type from its fields by name.
class ObjectCreator {
 public:
  // Throw RuntimeError when objects of the type cannot be made.
  explicit ObjectCreator(std::string_view type_key)
      : ObjectCreator(TVMFFIGetTypeInfo(TypeKeyToIndex(type_key))) {}
  explicit ObjectCreator(const TVMFFITypeInfo* type_info) : type_info_(type_info) {
    if (!HasCreator(type_info)) {
      TVM_FFI_THROW(RuntimeError) << "Type `" << ffi::detail::TypeKeyOf(type_info)
                                  << "` does not support default constructor, "
                                  << "as a result cannot be created via reflection";
    }
  }

  // Fields that are not given get their default. Throws TypeError when one has none, when there is
  // no such field, and what a setter throws.
  Any operator()(const Map<String, Any>& fields) const {
    ObjectPtr<Object> object = CreateEmptyObject(type_info_);
    size_t num_used = 0;
    ForEachFieldInfo(type_info_, [&](const TVMFFIFieldInfo* info) {
      const String name(info->name.data, info->name.size);
      void* address = detail::FieldAddress(info, object.get());
      if (fields.count(name) != 0) {
        const Any value = fields[name];
        TVM_FFI_CHECK_SAFE_CALL(
            CallFieldSetter(info, address, ffi::detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value)));
        ++num_used;
      } else if ((info->flags & kTVMFFIFieldFlagBitMaskHasDefault) != 0) {
        SetFieldToDefault(info, address);
      } else {
        TVM_FFI_THROW(TypeError) << "Required field `" << name << "` not set in type `"
                                 << ffi::detail::TypeKeyOf(type_info_) << "`";
      }
    });
    if (num_used < fields.size()) ThrowUnknownField(fields);
    return Any(std::move(object));
  }

 private:
  void ThrowUnknownField(const Map<String, Any>& fields) const {
    for (const auto& [name, value] : fields) {
      const bool known =
          ForEachFieldInfoWithEarlyStop(type_info_, [&name = name](const TVMFFIFieldInfo* info) {
            return name.compare(TVMFFIByteArray{info->name.data, info->name.size}) == 0;
          });
      if (!known) {
        TVM_FFI_THROW(TypeError) << "Type `" << ffi::detail::TypeKeyOf(type_info_)
                                 << "` does not have field `" << name << "`";
      }
    }
  }

  const TVMFFITypeInfo* type_info_;
};

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_CREATOR_H_
