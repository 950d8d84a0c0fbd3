// SPDX-License-Identifier: Apache-2.0
//
// EnumDef: defines a member of an enum type, usually while a library is loaded.
#ifndef TVM_FFI_REFLECTION_ENUM_DEF_H_
#define TVM_FFI_REFLECTION_ENUM_DEF_H_

#include <tvm/ffi/enum.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <optional>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {
namespace reflection {
namespace detail {

// The same as FindEnumState, made if there is none.
TVM_FFI_OUTLINE inline EnumState GetOrMakeEnumState(int32_t type_index) {
  if (std::optional<EnumState> found = ffi::detail::FindEnumState(type_index)) return *found;
  EnumState state =
      ffi::detail::ObjectUnsafe::ObjectRefFromObjectPtr<EnumState>(make_object<EnumStateObj>());
  TVMFFIByteArray name = AsByteArray(type_attr::kEnumState.name);
  TVMFFIAny value = AnyView(state).CopyToTVMFFIAny();
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(type_index, &name, &value));
  return state;
}

// Adds a member to its type under both its indices.
TVM_FFI_OUTLINE inline void AddEnumMember(const EnumState& state, int32_t type_index,
                                          ObjectPtr<EnumObj> member) {
  Any int_index(member->_int_index);
  Any str_index(member->_str_index);
  Dict<Any, ObjectRef> indexes = state->indexes;
  if (indexes.count(int_index) != 0 || indexes.count(str_index) != 0) {
    TVM_FFI_THROW(ValueError) << "Duplicate enum index for type `" << TypeIndexToTypeKey(type_index)
                              << "`";
  }
  // May be called before the type's index is known to the constructor.
  ffi::detail::ObjectUnsafe::GetHeader(member.get())->type_index = type_index;
  ObjectRef ref(std::move(member));
  indexes.Set(int_index, ref);
  indexes.Set(str_index, ref);
  List<ObjectRef>(state->entries).push_back(ref);
}

TVM_FFI_OUTLINE inline void SetEnumAttr(const EnumState& state, const ObjectRef& member,
                                        const char* name, Any value) {
  Dict<String, Dict<ObjectRef, Any>> attrs = state->attrs;
  std::optional<Dict<ObjectRef, Any>> column = attrs.Get(name);
  if (!column.has_value()) {
    column = Dict<ObjectRef, Any>();
    attrs.Set(name, *column);
  }
  column->Set(member, value);
}

}  // namespace detail

// Defines the member when it is constructed; ValueError if one of the indices is taken. Attributes
// may follow: EnumDef<XObj>("a").set_attr("name", value).
template <typename EnumClsObj>
class EnumDef {
  static_assert(std::is_base_of_v<EnumObj, EnumClsObj>, "EnumDef defines members of enum types");
  static constexpr bool kIsIntEnum = std::is_base_of_v<IntEnumObj, EnumClsObj>;

 public:
  // The integer index is the number of members before it.
  explicit EnumDef(const char* str_index) : EnumDef(str_index, std::nullopt) {
    static_assert(!kIsIntEnum, "IntEnum registration requires an explicit integer index");
  }
  explicit EnumDef(const char* str_index, int64_t int_index)
      : EnumDef(str_index, std::optional<int64_t>(int_index)) {
    static_assert(kIsIntEnum, "Explicit integer indices are reserved for IntEnum");
  }

  template <typename T>
  EnumDef& set_attr(const char* name, T&& value) {
    detail::SetEnumAttr(state_, member_, name, Any(std::forward<T>(value)));
    return *this;
  }
  // Stores T(value).
  template <typename T, typename U>
  EnumDef& set_attr(AttrKey<T> key, U&& value) {
    return set_attr(key.name, T(std::forward<U>(value)));
  }
  // Stores T::FromNative<fn>().
  template <auto fn, typename T>
  EnumDef& set_native_fn_attr(AttrKey<T> key) {
    return set_attr(key.name, T::template FromNative<fn>());
  }

  // Whether the type has a member of that string index. Changes nothing.
  static bool IsDefined(const String& name) {
    std::optional<EnumState> state =
        ffi::detail::FindEnumState(EnumClsObj::_GetOrAllocRuntimeTypeIndex());
    return state.has_value() && (*state)->indexes.count(name) != 0;
  }

 private:
  EnumDef(const char* str_index, std::optional<int64_t> int_index) : state_(UnsafeInit{}) {
    int32_t type_index = EnumClsObj::_GetOrAllocRuntimeTypeIndex();
    state_ = detail::GetOrMakeEnumState(type_index);
    ObjectPtr<EnumObj> member = make_object<EnumClsObj>();
    member->_int_index = int_index.value_or(static_cast<int64_t>(state_->entries.size()));
    member->_str_index = str_index;
    member_ = ObjectRef(member);
    detail::AddEnumMember(state_, type_index, std::move(member));
  }

  EnumState state_;
  ObjectRef member_;
};

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_REFLECTION_ENUM_DEF_H_
