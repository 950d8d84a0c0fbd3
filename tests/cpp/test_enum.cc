// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/cast.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/enum_def.h>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>

#include "number_object.h"

namespace enum_test {

using namespace tvm::ffi;
namespace refl = tvm::ffi::reflection;
using number::ErrorOf;

class ColorObj : public EnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.enum.Color", ColorObj, EnumObj);
};

class Color : public Enum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Color, Enum, ColorObj);
};

class LevelObj : public IntEnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.enum.Level", LevelObj, IntEnumObj);
};

class Level : public IntEnum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Level, IntEnum, LevelObj);
};

class ModeObj : public StrEnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.enum.Mode", ModeObj, StrEnumObj);
};

// No member is ever defined.
class NothingObj : public EnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.enum.Nothing", NothingObj, EnumObj);
};

class BrokenObj : public EnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.enum.Broken", BrokenObj, EnumObj);
};

int64_t Twice(int64_t x) { return 2 * x; }

constexpr refl::AttrKey<String> kLabel{"label"};
constexpr refl::AttrKey<refl::NativeFunctionView<int64_t(int64_t)>> kScale{"scale"};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::EnumDef<ColorObj>("Red").set_attr("code", 10).set_attr(kLabel, "the red one");
  refl::EnumDef<ColorObj>("Green").set_attr("code", 20).set_native_fn_attr<&Twice>(kScale);
  refl::EnumDef<LevelObj>("Low", 1);
  refl::EnumDef<LevelObj>("High", 100);
  refl::EnumDef<ModeObj>("fast");
}

EnumState StateOf(int32_t type_index) { return detail::FindEnumState(type_index).value(); }

TEST(Enum, MembersAreFoundByEitherIndex) {
  ObjectPtr<ColorObj> red = EnumObj::_GetByIntIndex<ColorObj>(0);
  EXPECT_EQ(red->_str_index, "Red");
  EXPECT_EQ(red->_int_index, 0);
  EXPECT_EQ(red->type_index(), ColorObj::RuntimeTypeIndex());
  EXPECT_TRUE(red == EnumObj::_GetByStrIndex<ColorObj>("Red"));
  EXPECT_EQ(EnumObj::_GetByStrIndex<ColorObj>("Green")->_int_index, 1);
  EXPECT_EQ(EnumObj::_GetByIntIndex<LevelObj>(100)->_str_index, "High");
  EXPECT_EQ(EnumObj::_GetByStrIndex(ModeObj::RuntimeTypeIndex(), "fast")->_int_index, 0);
  EXPECT_EQ(EnumObj::_GetByIntIndex(LevelObj::RuntimeTypeIndex(), 1)->_str_index, "Low");
  Color color = GetRef<Color>(red.get());
  EXPECT_EQ(Any(color).cast<Enum>()->_str_index, "Red");
}

TEST(Enum, MissingMembers) {
  EXPECT_EQ(ErrorOf([] { EnumObj::_GetByIntIndex<ColorObj>(7); }),
            "ValueError: Enum `test.enum.Color` has no instance with index 7");
  EXPECT_EQ(ErrorOf([] { EnumObj::_GetByStrIndex<ColorObj>("Blue"); }),
            "ValueError: Enum `test.enum.Color` has no instance with index Blue");
  EXPECT_EQ(ErrorOf([] { EnumObj::_GetByIntIndex<NothingObj>(0); }),
            "ValueError: Enum `test.enum.Nothing` has no instance with index 0");
}

TEST(Enum, StateHasAllMembersAndAttributes) {
  EnumState state = StateOf(ColorObj::RuntimeTypeIndex());
  EXPECT_EQ(state->entries.size(), 2U);
  EXPECT_EQ(state->indexes.size(), 4U);
  ObjectRef red = state->entries[0];
  ObjectRef green = state->entries[1];
  EXPECT_TRUE(state->indexes["Red"].same_as(red));
  EXPECT_TRUE(state->indexes[1].same_as(green));
  EXPECT_EQ(state->attrs["code"][red].cast<int>(), 10);
  EXPECT_EQ(state->attrs["code"][green].cast<int>(), 20);
  EXPECT_EQ(state->attrs["label"][red].cast<String>(), "the red one");
  auto scale = kScale.ValueFrom(state->attrs["scale"][green]);
  ASSERT_TRUE(scale.has_value());
}

TEST(Enum, IsDefinedChangesNothing) {
  EXPECT_TRUE(refl::EnumDef<ColorObj>::IsDefined("Red"));
  EXPECT_FALSE(refl::EnumDef<ColorObj>::IsDefined("Blue"));
  EXPECT_FALSE(refl::EnumDef<NothingObj>::IsDefined("Red"));
  EXPECT_FALSE(detail::FindEnumState(NothingObj::RuntimeTypeIndex()).has_value());
}

TEST(Enum, DuplicatesAreRejectedWithoutATrace) {
  EXPECT_EQ(ErrorOf([] { refl::EnumDef<ColorObj>("Red"); }),
            "ValueError: Duplicate enum index for type `test.enum.Color`");
  EXPECT_EQ(ErrorOf([] { refl::EnumDef<LevelObj>("Medium", 1); }),
            "ValueError: Duplicate enum index for type `test.enum.Level`");
  EXPECT_EQ(ErrorOf([] { refl::EnumDef<LevelObj>("Low", 5); }),
            "ValueError: Duplicate enum index for type `test.enum.Level`");
  EXPECT_EQ(StateOf(ColorObj::RuntimeTypeIndex())->entries.size(), 2U);
  EXPECT_FALSE(refl::EnumDef<LevelObj>::IsDefined("Medium"));
  EXPECT_THROW(EnumObj::_GetByIntIndex<LevelObj>(5), Error);
}

TEST(Enum, AStateOfAnotherKindIsATypeError) {
  TVMFFIByteArray name = refl::AsByteArray(type_attr::kEnumState.name);
  TVMFFIAny value = AnyView(1).CopyToTVMFFIAny();
  ASSERT_EQ(TVMFFITypeRegisterAttr(BrokenObj::RuntimeTypeIndex(), &name, &value), 0);
  std::string error = "TypeError: Expected `ffi.EnumState` in enum state column, but got `int`";
  EXPECT_EQ(ErrorOf([] { refl::EnumDef<BrokenObj>("A"); }), error);
  EXPECT_EQ(ErrorOf([] { EnumObj::_GetByIntIndex<BrokenObj>(0); }), error);
}

TEST(Enum, ReferencesAreNeverNull) {
  static_assert(!std::is_default_constructible_v<Enum> &&
                !std::is_default_constructible_v<IntEnum>);
  static_assert(!std::is_constructible_v<Enum, ObjectPtr<EnumObj>>);
  static_assert(!Enum::_type_is_nullable && !EnumState::_type_is_nullable);
  EXPECT_FALSE(Any(nullptr).try_cast<Enum>().has_value());
  // A derived reference may be nullable all the same.
  Level none;
  EXPECT_FALSE(none.defined());
  EXPECT_EQ(Level(EnumObj::_GetByIntIndex<LevelObj>(1))->_str_index, "Low");
}

}  // namespace enum_test
