// SPDX-License-Identifier: Apache-2.0
//
// Sources written against 0.1.14 and against 0.1.15 compile in one program: both spellings of every
// name that changed mean the same.
#include <gtest/gtest.h>
#include <tvm/ffi/base_details.h>
#include <tvm/ffi/container/container_details.h>
#include <tvm/ffi/extra/dtype.h>
#include <tvm/ffi/function_details.h>
#include <tvm/ffi/tvm_ffi.h>

#include <cstdint>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace compat_test {

using namespace tvm::ffi;
namespace refl = tvm::ffi::reflection;
using number::Int;
using number::IntObj;

// ---- Namespaces --------------------------------------------------------------------------------

TEST(Compat, NamespacesHaveTheirOldNames) {
  static_assert(std::is_same_v<tvm::ffi::details::AnyUnsafe, tvm::ffi::detail::AnyUnsafe>);
  static_assert(std::is_same_v<details::ObjectUnsafe, detail::ObjectUnsafe>);
  static_assert(std::is_same_v<details::StringObj, detail::StringObj>);
  static_assert(std::is_same_v<details::BytesObj, detail::BytesObj>);
  static_assert(std::is_same_v<details::FunctionInfo<int(int)>, detail::FunctionInfo<int(int)>>);
  static_assert(std::is_same_v<details::ExpectedUnsafe, detail::ExpectedUnsafe>);
  static_assert(tvm::ffi::details::storage_enabled_v<int>);
  static_assert(std::is_same_v<refl::details::FieldType, refl::detail::FieldType>);
  EXPECT_EQ(details::StableHashBytes("a", 1), detail::StableHashBytes("a", 1));
}

TEST(Compat, TypeAttributeNamesAreInBothNamespaces) {
  EXPECT_EQ(&refl::type_attr::kRepr, &tvm::ffi::type_attr::kRepr);
  using namespace tvm::ffi::reflection;  // with tvm::ffi open too
  EXPECT_STREQ(type_attr::kNew, "__ffi_new__");
}

// ---- Attribute keys ----------------------------------------------------------------------------

TEST(Compat, AllKeysComeWithTheAccessorHeader) {
  const char* names[] = {
      type_attr::kRepr,           type_attr::kHash,        type_attr::kEq,
      type_attr::kCompare,        type_attr::kDataToJson,  type_attr::kDataFromJson,
      type_attr::kSEqual,         type_attr::kSHash,       type_attr::kEnumState,
      type_attr::kConvert,        type_attr::kShallowCopy, type_attr::kInit,
      type_attr::kAnyHash,        type_attr::kAnyEqual,    type_attr::kTypeFinal,
      type_attr::kStructuralVisit};
  for (const char* name : names) EXPECT_EQ(std::string(name).substr(0, 2), "__");
}

TEST(Compat, KeysAreText) {
  constexpr const char* text = type_attr::kRepr;
  EXPECT_STREQ(text, "__ffi_repr__");
  static_assert(refl::AsByteArray(type_attr::kRepr).size == sizeof("__ffi_repr__") - 1);
  EXPECT_EQ(std::string(type_attr::kRepr), "__ffi_repr__");
  EXPECT_EQ(String(type_attr::kRepr), "__ffi_repr__");
  const std::string prefix = "name ";
  EXPECT_EQ(prefix + type_attr::kRepr, "name __ffi_repr__");
  EXPECT_EQ(std::string("name ") + type_attr::kRepr, "name __ffi_repr__");
  refl::EnsureTypeAttrColumn(type_attr::kRepr);
  EXPECT_TRUE(refl::TypeAttrColumn(type_attr::kRepr)[kTVMFFIInt] == nullptr);
}

class KeyedObj : public Object {
 public:
  int64_t id = 0;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.compat.Keyed", KeyedObj, Object);
};

TEST(Compat, DefinitionsTakeAKeyAsAName) {
  refl::ObjectDef<KeyedObj>()
      .def_ro("id", &KeyedObj::id)
      .def_type_attr(type_attr::kHash,
                     [](const KeyedObj* self, const Function&) { return self->id; });
  refl::TypeAttrDef<KeyedObj>().def(type_attr::kRepr,
                                    [](const Object*, const Function&) { return String("keyed"); });
  int32_t index = KeyedObj::RuntimeTypeIndex();
  EXPECT_EQ(refl::TypeAttrColumn("__ffi_hash__")[index].type_index(), kTVMFFIFunction);
  EXPECT_EQ(refl::TypeAttrColumn("__ffi_repr__")[index].type_index(), kTVMFFIFunction);
}

// ---- Enumerators and flags ---------------------------------------------------------------------

TEST(Compat, FlagsHaveTheirOldNames) {
  static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefRecursive ==
                kTVMFFIFieldFlagBitMaskSEqHashDefPattern);
  static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive ==
                kTVMFFIFieldFlagBitMaskSEqHashDefSimple);
  static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefRecursive == 16);
  static_assert(kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive == 4096);
  static_assert(static_cast<int>(kTVMFFIDefRegionKindRecursive) ==
                static_cast<int>(kTVMFFIDefRegionKindPattern));
  static_assert(static_cast<int>(kTVMFFIDefRegionKindNonRecursive) ==
                static_cast<int>(kTVMFFIDefRegionKindSimple));
  EXPECT_EQ(refl::AttachFieldFlag::SEqHashDefRecursive().flag(),
            refl::AttachFieldFlag::SEqHashDefPattern().flag());
  EXPECT_EQ(refl::AttachFieldFlag::SEqHashDefNonRecursive().flag(),
            refl::AttachFieldFlag::SEqHashDefSimple().flag());
}

// ---- Objects -----------------------------------------------------------------------------------

TEST(Compat, TheObjectOfACellByItsOldName) {
  Int number(3);
  Any any = number;
  Object* object = detail::AnyUnsafe::ObjectPtrFromAnyAfterCheck(any);
  EXPECT_EQ(object, number.get());
  EXPECT_EQ(object, detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(any));
}

// Nullable references whose parents were nullable once.
class OldEnum : public Enum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldEnum, Enum, EnumObj);
};
class OldIntEnum : public IntEnum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldIntEnum, IntEnum, IntEnumObj);
};
class OldStrEnum : public StrEnum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldStrEnum, StrEnum, StrEnumObj);
};
class OldEnumState : public EnumState {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldEnumState, EnumState, EnumStateObj);
};

TEST(Compat, ANullableReferenceMayHaveANonNullParent) {
  OldEnum nothing;
  EXPECT_FALSE(OldStrEnum().defined());
  EXPECT_FALSE(OldEnumState().defined());
  EXPECT_FALSE(nothing.defined());
  EXPECT_FALSE(OldIntEnum().defined());
  ObjectPtr<EnumObj> member = make_object<EnumObj>(1, "one");
  OldEnum one(member);
  EXPECT_EQ(one->_int_index, 1);
  static_assert(OldEnum::_type_is_nullable && !Enum::_type_is_nullable);
}

// ---- Optional ----------------------------------------------------------------------------------

TEST(Compat, OptionalReferencesKeepMembersOfReferences) {
  Optional<Int> nothing;
  Optional<Int> seven = Int(7);
  EXPECT_FALSE(nothing.defined());
  EXPECT_TRUE(seven.defined());
  EXPECT_EQ(nothing.type_index(), kTVMFFINone);
  EXPECT_EQ(seven.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_EQ(nothing.GetTypeKey(), "None");
  EXPECT_EQ(seven.GetTypeKey(), "test.number.Int");
  static_assert(Optional<Int>::_type_container_is_exact == Int::_type_container_is_exact);
  EXPECT_EQ(seven.as<IntObj>()->value, 7);
  EXPECT_EQ(seven.get()->value, 7);
  EXPECT_TRUE(seven.same_as(*seven));
  EXPECT_TRUE(seven.unique());
  EXPECT_EQ(ObjectPtrHash()(seven), ObjectPtrHash()(*seven));
  EXPECT_TRUE(ObjectPtrEqual()(seven, Optional<Int>(*seven)));
  EXPECT_FALSE(ObjectPtrEqual()(seven, nothing));
}

TEST(Compat, EveryOptionalNamesItsValueType) {
  static_assert(std::is_same_v<Optional<Int>::value_type, Int>);
  static_assert(std::is_same_v<Optional<ObjectPtr<IntObj>>::value_type, ObjectPtr<IntObj>>);
  static_assert(std::is_same_v<Optional<int64_t>::value_type, int64_t>);
  static_assert(std::is_same_v<Optional<TensorView>::value_type, TensorView>);
}

TEST(Compat, GetRefMakesOptionals) {
  Int seven(7);
  EXPECT_EQ((*GetRef<Optional<Int>>(seven.get()))->value, 7);
  EXPECT_FALSE(GetRef<Optional<Int>>(static_cast<const IntObj*>(nullptr)).has_value());
}

TEST(Compat, ParentsOfAccessPaths) {
  using refl::AccessPath;
  AccessPath path = AccessPath::Root()->Attr("a");
  Optional<AccessPath> parent = path->GetParent();
  ASSERT_TRUE(parent.has_value());
  EXPECT_TRUE((*parent)->PathEqual(AccessPath::Root()));
}

// ---- Results of hooks --------------------------------------------------------------------------

TVMFFIAny OldHook(bool fails) {
  Expected<Any> result = Any(5);
  if (fails) result = Error("ValueError", "no", "");
  TVMFFIAny cell = std::move(result);
  return cell;
}

TEST(Compat, AnExpectedBecomesItsCell) {
  EXPECT_EQ(detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(OldHook(false)).cast<int>(), 5);
  Any error = detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(OldHook(true));
  EXPECT_EQ(error.cast<Error>().message(), "no");
}

}  // namespace compat_test

// ---- Data types of C++ types -------------------------------------------------------------------

struct OldHalf {};
struct NewHalf {};

template <>
struct tvm_ffi::dtype_trait<OldHalf> {
  static constexpr DLDataType value{kDLFloat, 16, 1};
};
template <>
struct tvm::ffi::dtype_trait<NewHalf> {
  static constexpr DLDataType value{kDLFloat, 16, 1};
};

namespace compat_test {

TEST(Compat, DataTypesAreGivenInEitherNamespace) {
  EXPECT_EQ(tvm_ffi::dtype_trait<float>::value.bits, 32);
  EXPECT_EQ(tvm::ffi::dtype_trait<float>::value.bits, 32);
  EXPECT_EQ(tvm_ffi::dtype_trait<OldHalf>::value.bits, 16);
  EXPECT_EQ(tvm::ffi::dtype_trait<OldHalf>::value.bits, 16);
  EXPECT_EQ(tvm::ffi::dtype_trait<NewHalf>::value.bits, 16);
}

}  // namespace compat_test
