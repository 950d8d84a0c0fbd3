// SPDX-License-Identifier: Apache-2.0
//
// Enums whose members are objects: one instance per member, known by an integer and a string index
// and found through the type attribute `__ffi_enum__`. reflection/enum_def.h makes members.
#ifndef TVM_FFI_ENUM_H_
#define TVM_FFI_ENUM_H_

#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <optional>
#include <utility>

namespace tvm {
namespace ffi {

// The members of one enum type; its value of the type attribute. Shared by all languages.
class EnumStateObj : public Object {
 public:
  List<ObjectRef> entries;                   // in the order they were defined
  Dict<Any, ObjectRef> indexes;              // by integer index and by string index
  Dict<String, Dict<ObjectRef, Any>> attrs;  // by name of the attribute, then by member

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.EnumState", EnumStateObj, Object);
};

class EnumState : public ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(EnumState, ObjectRef, EnumStateObj);
};

namespace detail {

// The members of an enum type; nothing if none was defined yet.
TVM_FFI_OUTLINE inline std::optional<EnumState> FindEnumState(int32_t type_index) {
  TVMFFIByteArray name = reflection::AsByteArray(type_attr::kEnumState.name);
  if (TVMFFIGetTypeAttrColumn(&name) == nullptr) return std::nullopt;
  AnyView value = reflection::TypeAttrColumn(type_attr::kEnumState)[type_index];
  if (value == nullptr) return std::nullopt;
  std::optional<EnumState> state = value.as<EnumState>();
  if (!state.has_value()) {
    TVM_FFI_THROW(TypeError) << "Expected `ffi.EnumState` in enum state column, but got `"
                             << value.GetTypeKey() << "`";
  }
  return state;
}

}  // namespace detail

// A member. Its indices are unique within its type.
class EnumObj : public Object {
 public:
  int64_t _int_index = 0;
  String _str_index;

  EnumObj() = default;
  EnumObj(int64_t int_index, String str_index)
      : _int_index(int_index), _str_index(std::move(str_index)) {}

  // The member of an enum type. ValueError if there is none.
  template <typename EnumClsObj>
  static ObjectPtr<EnumClsObj> _GetByIntIndex(int64_t index) {
    return Downcast<EnumClsObj>(_GetByIntIndex(EnumClsObj::RuntimeTypeIndex(), index));
  }
  template <typename EnumClsObj>
  static ObjectPtr<EnumClsObj> _GetByStrIndex(const String& index) {
    return Downcast<EnumClsObj>(_GetByStrIndex(EnumClsObj::RuntimeTypeIndex(), index));
  }
  static ObjectPtr<EnumObj> _GetByIntIndex(int32_t type_index, int64_t index) {
    return Require(type_index, index);
  }
  static ObjectPtr<EnumObj> _GetByStrIndex(int32_t type_index, const String& index) {
    return Require(type_index, index);
  }

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindUniqueInstance;
  TVM_FFI_DECLARE_OBJECT_INFO("ffi.Enum", EnumObj, Object);

 private:
  template <typename T>
  static ObjectPtr<T> Downcast(ObjectPtr<EnumObj> member) {
    return detail::ObjectUnsafe::ObjectPtrFromOwned<T>(
        detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(member)));
  }

  template <typename Index>
  TVM_FFI_OUTLINE static ObjectPtr<EnumObj> Require(int32_t type_index, const Index& index) {
    std::optional<ObjectRef> member;
    std::optional<EnumState> state = detail::FindEnumState(type_index);
    if (state.has_value()) member = (*state)->indexes.Get(Any(index));
    if (!member.has_value()) {
      TVM_FFI_THROW(ValueError) << "Enum `" << TypeIndexToTypeKey(type_index)
                                << "` has no instance with index " << index;
    }
    return detail::ObjectUnsafe::ObjectPtrFromObjectRef<EnumObj>(*std::move(member));
  }
};

class Enum : public ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Enum, ObjectRef, EnumObj);
};

// Members stand for integers, those of StrEnum for strings: their `value` is that index.
class IntEnumObj : public EnumObj {
 public:
  using EnumObj::EnumObj;
  TVM_FFI_DECLARE_OBJECT_INFO("ffi.IntEnum", IntEnumObj, EnumObj);
};

class IntEnum : public Enum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(IntEnum, Enum, IntEnumObj);
};

class StrEnumObj : public EnumObj {
 public:
  using EnumObj::EnumObj;
  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StrEnum", StrEnumObj, EnumObj);
};

class StrEnum : public Enum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(StrEnum, Enum, StrEnumObj);
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_ENUM_H_
