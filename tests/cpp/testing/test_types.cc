// SPDX-License-Identifier: Apache-2.0
//
// The types of the testing library: what reflection says about each, and what its objects do.
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>

#include <cstdint>
#include <ostream>
#include <string>
#include <utility>

#include "../registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = tvm::ffi::reflection;
using registered::call;
using registered::error_of;

const TVMFFITypeInfo* InfoOf(const std::string& key) {
  TVMFFIByteArray bytes{key.data(), key.size()};
  int32_t index = 0;
  EXPECT_EQ(TVMFFITypeKeyToIndex(&bytes, &index), 0) << key;
  return TVMFFIGetTypeInfo(index);
}

std::string Text(const TVMFFIByteArray& bytes) { return std::string(bytes.data, bytes.size); }

bool HasAttr(const TVMFFITypeInfo* info, const char* name) {
  return refl::TypeAttrColumn(name)[info->type_index] != nullptr;
}

// One field as `name rw @offset`, followed by its flags and its default.
std::string Describe(const TVMFFIFieldInfo& field) {
  const bool writable = (field.flags & kTVMFFIFieldFlagBitMaskWritable) != 0;
  std::string text = Text(field.name) + (writable ? " rw" : " ro");
  text += " @" + std::to_string(field.offset);
  const std::pair<int64_t, const char*> flags[] = {
      {kTVMFFIFieldFlagBitMaskReprOff, " norepr"},
      {kTVMFFIFieldFlagBitMaskCompareOff, " nocompare"},
      {kTVMFFIFieldFlagBitMaskHashOff, " nohash"},
      {kTVMFFIFieldFlagBitMaskInitOff, " noinit"},
      {kTVMFFIFieldFlagBitMaskKwOnly, " kw"},
      {kTVMFFIFieldFlagBitMaskSEqHashDefSimple, " simple"},
      {kTVMFFIFieldFlagBitMaskSEqHashDefPattern, " pattern"},
  };
  for (const auto& [flag, name] : flags) {
    if ((field.flags & flag) != 0) text += name;
  }
  if ((field.flags & kTVMFFIFieldFlagBitMaskHasDefault) != 0) {
    text += " =" + std::string(call("ffi.ReprPrint",
                                    AnyView::CopyFromTVMFFIAny(field.default_value_or_factory))
                                   .cast<String>());
  }
  return text;
}

std::string Fields(const TVMFFITypeInfo* info) {
  std::string text;
  for (int32_t i = 0; i < info->num_fields; ++i) {
    text += (i == 0 ? "" : "; ") + Describe(info->fields[i]);
  }
  return text;
}

struct TypeCase {
  const char* key;
  const char* parent;
  bool is_final;
  int32_t size;     // of objects; 0 without metadata
  const char* how;  // i: __ffi_init__, n: __ffi_new__, c: __ffi_shallow_copy__, v: __ffi_convert__
  const char* fields;
};
std::ostream& operator<<(std::ostream& os, const TypeCase& row) { return os << row.key; }

constexpr TypeCase kTypes[] = {
    {"TestIntPair", "ffi.Object", true, 40, "incv", "a ro @24; b ro @32"},
    {"TestFrozenCxx", "ffi.Object", true, 0, "", ""},
    {"TestObjectBase", "ffi.Object", false, 56, "inc",
     "v_i64 rw @24 =10; v_f64 ro @32 =10; v_str rw @40 =\"hello\""},
    {"TestObjectDerived", "testing.TestObjectBase", true, 72, "inc",
     "v_map rw @56; v_array rw @64"},
    {"TestObjectPtrHolder", "ffi.Object", false, 40, "inc",
     "value rw @24; optional_value rw @32 =None"},
    {"TestCxxClassBase", "ffi.Object", false, 40, "inc",
     "v_i64 rw @24 norepr; v_i32 rw @32 norepr"},
    {"TestCxxClassDerived", "testing.TestCxxClassBase", false, 56, "inc",
     "v_f64 rw @40; v_f32 rw @48 =8"},
    {"TestCxxClassDerivedDerived", "testing.TestCxxClassDerived", false, 80, "inc",
     "v_str rw @56 =\"default\"; v_bool rw @72"},
    {"TestCxxClassHiddenField", "ffi.Object", true, 48, "inc", "v_i64 rw @24; v_i32 rw @40"},
    {"TestCxxClassPolymorphic", "ffi.Object", true, 40, "inc", "v_i64 rw @24"},
    {"TestCxxEnumHolder", "ffi.Object", false, 40, "inc", "priority rw @24; opcode rw @32"},
    {"TestCxxInitSubset", "ffi.Object", false, 56, "inc",
     "required_field rw @24; optional_field rw @32 noinit =-1; "
     "note rw @40 noinit =\"default\""},
    {"TestCxxKwOnly", "ffi.Object", false, 56, "inc",
     "x rw @24 kw; y rw @32 kw; z rw @40 kw; w rw @48 kw =100"},
    {"TestCxxAutoInit", "ffi.Object", false, 56, "inc",
     "a rw @24; b rw @32 noinit =42; c rw @40 kw; d rw @48 =99"},
    {"TestCxxAutoInitSimple", "ffi.Object", false, 40, "inc", "x rw @24; y rw @32"},
    {"TestCxxAutoInitAllInitOff", "ffi.Object", false, 48, "inc",
     "x rw @24 noinit =7; y rw @32 noinit =9; z rw @40 noinit"},
    {"TestCxxAutoInitKwOnlyDefaults", "ffi.Object", false, 64, "inc",
     "p_required rw @24; p_default rw @32 =11; k_required rw @40 kw; k_default rw @48 kw =22; "
     "hidden rw @56 noinit =33"},
    {"TestCxxAutoInitParent", "ffi.Object", false, 40, "inc",
     "parent_required rw @24; parent_default rw @32 =5"},
    {"TestCxxAutoInitChild", "testing.TestCxxAutoInitParent", true, 56, "inc",
     "child_required rw @40; child_kw_only rw @48 kw"},
    {"TestCxxNoAutoInit", "ffi.Object", false, 40, "nc", "x rw @24; y rw @32"},
    {"TestVisitRegions", "ffi.Object", true, 48, "inc",
     "simple ro @24 simple; pattern ro @32 pattern; ordinary ro @40"},
    {"TestVisitHook", "ffi.Object", true, 32, "c", "child ro @24"},
    {"TestDeepCopyEdges", "ffi.Object", false, 48, "inc", "v_any rw @24; v_obj rw @40"},
    {"TestNonCopyable", "ffi.Object", false, 32, "i", "value ro @24"},
    {"TestUnregisteredBaseObject", "ffi.Object", false, 32, "ic", "v1 ro @24"},
    {"TestUnregisteredObject", "testing.TestUnregisteredBaseObject", false, 40, "ic", "v2 ro @32"},
    {"TestCompare", "ffi.Object", true, 56, "inc",
     "key ro @24; name ro @32; ignored_field ro @48 nocompare"},
    {"TestHash", "ffi.Object", true, 56, "inc",
     "key ro @24; name ro @32; hash_ignored ro @48 nohash"},
    {"TestCustomHash", "ffi.Object", true, 48, "inc", "key ro @24; label ro @32"},
    {"TestCustomCompare", "ffi.Object", true, 48, "inc", "key ro @24; label ro @32"},
    {"TestEqWithoutHash", "ffi.Object", true, 48, "inc", "key ro @24; label ro @32"},
    {"TestEnumVariant", "ffi.Enum", true, 48, "ncv", ""},
    {"TestCxxIntEnum", "ffi.IntEnum", true, 48, "ncv", ""},
    {"TestCxxStrEnum", "ffi.StrEnum", true, 48, "ncv", ""},
    {"SchemaAllTypes", "ffi.Object", false, 184, "c",
     "v_bool rw @24; v_int rw @32 =0; v_float rw @40 =0; v_device rw @48; v_dtype rw @56; "
     "v_string rw @64 =\"s\"; v_bytes rw @80; v_opt_int rw @96; v_opt_str rw @112; "
     "v_arr_int rw @128; v_arr_str rw @136; v_map_str_int rw @144; v_map_str_arr_int rw @152; "
     "v_variant rw @160; v_opt_arr_variant rw @176"},
};

class TestingType : public ::testing::TestWithParam<TypeCase> {};

INSTANTIATE_TEST_SUITE_P(Testing, TestingType, ::testing::ValuesIn(kTypes),
                         [](const auto& info) { return std::string(info.param.key); });

TEST_P(TestingType, IsReflectedAsItIsDocumented) {
  const TypeCase& row = GetParam();
  const TVMFFITypeInfo* info = InfoOf(std::string("testing.") + row.key);
  EXPECT_EQ(Text(info->type_ancestors[info->type_depth - 1]->type_key), row.parent);
  EXPECT_EQ(info->metadata != nullptr ? info->metadata->total_size : 0, row.size);
  EXPECT_EQ(Fields(info), row.fields);
  const std::string how = row.how;
  EXPECT_EQ(HasAttr(info, "__ffi_init__"), how.find('i') != std::string::npos);
  EXPECT_EQ(HasAttr(info, "__ffi_new__"), how.find('n') != std::string::npos);
  EXPECT_EQ(HasAttr(info, "__ffi_shallow_copy__"), how.find('c') != std::string::npos);
  EXPECT_EQ(HasAttr(info, "__ffi_convert__"), how.find('v') != std::string::npos);
  AnyView is_final = refl::TypeAttrColumn("__ffi_type_final__")[info->type_index];
  if (row.size != 0) {
    EXPECT_EQ(is_final.cast<bool>(), row.is_final);
  }
}

TEST(TestingTypes, NoTypeIsLeftOut) {
  size_t registered = 0;
  for (const String& key : call("ffi.GetRegisteredTypeKeys").cast<Array<String>>()) {
    if (std::string(key).rfind("testing.", 0) == 0) ++registered;
  }
  EXPECT_EQ(registered, sizeof(kTypes) / sizeof(kTypes[0]));
}

// ---- Objects -----------------------------------------------------------------------------------

template <typename... Args>
Any Make(const char* key, Args&&... args) {
  return refl::TypeAttrColumn("__ffi_init__")[InfoOf(key)->type_index].cast<Function>()(
      std::forward<Args>(args)...);
}

Any Get(const Any& object, const char* field) {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(object.type_index());
  Any value;
  bool found = refl::ForEachFieldInfoWithEarlyStop(info, [&](const TVMFFIFieldInfo* candidate) {
    if (Text(candidate->name) != field) return false;
    value = refl::FieldGetter(candidate)(object.cast<ObjectRef>());
    return true;
  });
  EXPECT_TRUE(found) << field;
  return value;
}

int64_t Int(const Any& object, const char* field) { return Get(object, field).cast<int64_t>(); }

Any Method(const char* key, const char* name, const Any& self) {
  return refl::GetMethod(key, name)(self);
}

TEST(TestingTypes, ExplicitConstructors) {
  Any pair = Make("testing.TestIntPair", 3, 4);
  EXPECT_EQ(Int(pair, "a"), 3);
  EXPECT_EQ(Method("testing.TestIntPair", "sum", pair).cast<int>(), 7);
  EXPECT_EQ(Int(Make("testing.TestNonCopyable", 5), "value"), 5);
  Any base = Make("testing.TestUnregisteredBaseObject", 6);
  EXPECT_EQ(Method("testing.TestUnregisteredBaseObject", "get_v1_plus_one", base).cast<int>(), 7);
  Any both = Make("testing.TestUnregisteredObject", 1, 2);
  EXPECT_EQ(Method("testing.TestUnregisteredObject", "get_v2_plus_two", both).cast<int>(), 4);
  EXPECT_EQ(Int(Make("testing.TestCompare", 1, "n", 2), "ignored_field"), 2);
  EXPECT_EQ(Int(Make("testing.TestHash", 1, "n", 2), "hash_ignored"), 2);
  for (const char* key :
       {"testing.TestCustomHash", "testing.TestCustomCompare", "testing.TestEqWithoutHash"}) {
    EXPECT_EQ(Get(Make(key, 1, "label"), "label").cast<String>(), "label");
  }
}

TEST(TestingTypes, ConstructorsMadeFromFields) {
  EXPECT_EQ(Int(Make("testing.TestObjectBase"), "v_i64"), 10);
  Any base = Make("testing.TestObjectBase", 3, 1.5, "text");
  EXPECT_EQ(Get(base, "v_str").cast<String>(), "text");
  EXPECT_EQ(refl::GetMethod("testing.TestObjectBase", "add_i64")(base, 4).cast<int>(), 7);
  Any derived = Make("testing.TestObjectDerived", Map<Any, Any>(), Array<Any>{1});
  EXPECT_EQ(Get(derived, "v_array").cast<Array<Any>>().size(), 1U);
  EXPECT_EQ(Int(derived, "v_i64"), 10);
  Any deep = Make("testing.TestCxxClassDerivedDerived", 1, 2, 3.0, true);
  EXPECT_EQ(Get(deep, "v_str").cast<String>(), "default");
  EXPECT_EQ(Get(deep, "v_f32").cast<double>(), 8.0);
  EXPECT_EQ(Int(Make("testing.TestCxxClassHiddenField", 1, 2), "v_i32"), 2);
  EXPECT_EQ(Int(Make("testing.TestCxxClassPolymorphic", 1), "v_i64"), 1);
  EXPECT_EQ(Int(Make("testing.TestCxxInitSubset", 1), "optional_field"), -1);
  EXPECT_EQ(Int(Make("testing.TestCxxAutoInitSimple", 1, 2), "y"), 2);
  Any off = Make("testing.TestCxxAutoInitAllInitOff");
  EXPECT_EQ(Int(off, "y"), 9);
  EXPECT_EQ(Int(off, "z"), 1234);
  EXPECT_EQ(Int(Make("testing.TestVisitRegions", 4, 5, 6), "pattern"), 5);
  Any edges = Make("testing.TestDeepCopyEdges", 1, Array<Any>());
  EXPECT_EQ(Int(edges, "v_any"), 1);
}

TEST(TestingTypes, FieldsByKeyword) {
  Any kwargs = call("ffi.GetKwargsObject");
  Any kw_only = Make("testing.TestCxxKwOnly", kwargs, "x", 1, "y", 2, "z", 3);
  EXPECT_EQ(Int(kw_only, "z"), 3);
  EXPECT_EQ(Int(kw_only, "w"), 100);
  Any mixed = Make("testing.TestCxxAutoInit", 1, kwargs, "c", 3);
  EXPECT_EQ(Int(mixed, "b"), 42);
  EXPECT_EQ(Int(mixed, "d"), 99);
  Any defaults = Make("testing.TestCxxAutoInitKwOnlyDefaults", 1, kwargs, "k_required", 2);
  EXPECT_EQ(Int(defaults, "p_default"), 11);
  EXPECT_EQ(Int(defaults, "k_default"), 22);
  EXPECT_EQ(Int(defaults, "hidden"), 33);
  Any child = Make("testing.TestCxxAutoInitChild", 1, 2, kwargs, "child_kw_only", 3);
  EXPECT_EQ(Int(child, "parent_required"), 1);
  EXPECT_EQ(Int(child, "parent_default"), 5);
  EXPECT_NE(error_of([] { Make("testing.TestCxxKwOnly", 1); }), "(no error)");
}

TEST(TestingTypes, HoldersOfReferences) {
  Any base = Make("testing.TestObjectBase");
  Any holder = Make("testing.TestObjectPtrHolder", base);
  EXPECT_TRUE(Get(holder, "value").same_as(base));
  EXPECT_TRUE(Get(holder, "optional_value") == nullptr);
  refl::FieldSetter set("testing.TestObjectPtrHolder", "value");
  EXPECT_NE(
      error_of([&] { set(holder.cast<ObjectRef>(), nullptr); }).find("testing.TestObjectBase"),
      std::string::npos);
  Any low = refl::TypeAttrColumn("__ffi_new__")[InfoOf("testing.TestCxxIntEnum")->type_index]
                .cast<Function>()();
  Any name = refl::TypeAttrColumn("__ffi_new__")[InfoOf("testing.TestCxxStrEnum")->type_index]
                 .cast<Function>()();
  Any enums = Make("testing.TestCxxEnumHolder", low, name);
  EXPECT_TRUE(Get(enums, "priority").same_as(low));
  EXPECT_TRUE(Get(enums, "opcode").same_as(name));
}

TEST(TestingTypes, HooksCompareKeysOnly) {
  Any a = Make("testing.TestCustomCompare", 1, "a");
  Any b = Make("testing.TestCustomCompare", 1, "b");
  Any c = Make("testing.TestCustomCompare", 2, "a");
  EXPECT_TRUE(call("ffi.RecursiveEq", a, b).cast<bool>());
  EXPECT_FALSE(call("ffi.RecursiveEq", a, c).cast<bool>());
  EXPECT_TRUE(call("ffi.RecursiveLt", a, c).cast<bool>());
  EXPECT_EQ(call("ffi.RecursiveHash", a).cast<int64_t>(),
            call("ffi.RecursiveHash", b).cast<int64_t>());
  EXPECT_EQ(call("ffi.RecursiveHash", Make("testing.TestCustomHash", 1, "a")).cast<int64_t>(),
            call("ffi.RecursiveHash", Make("testing.TestCustomHash", 1, "b")).cast<int64_t>());
  EXPECT_TRUE(call("ffi.RecursiveEq", Make("testing.TestEqWithoutHash", 1, "a"),
                   Make("testing.TestEqWithoutHash", 1, "b"))
                  .cast<bool>());
  EXPECT_NE(error_of([] { call("ffi.RecursiveHash", Make("testing.TestEqWithoutHash", 1, "a")); }),
            "(no error)");
  EXPECT_TRUE(call("ffi.RecursiveEq", Make("testing.TestCompare", 1, "n", 2),
                   Make("testing.TestCompare", 1, "n", 3))
                  .cast<bool>());
  EXPECT_EQ(call("ffi.RecursiveHash", Make("testing.TestHash", 1, "n", 2)).cast<int64_t>(),
            call("ffi.RecursiveHash", Make("testing.TestHash", 1, "n", 3)).cast<int64_t>());
}

TEST(TestingTypes, MethodsOfSchemaAllTypes) {
  constexpr const char* key = "testing.SchemaAllTypes";
  Any all = refl::GetMethod(key, "make_with")(5, 2.5, "text");
  EXPECT_EQ(Int(all, "v_int"), 5);
  EXPECT_EQ(Get(all, "v_float").cast<double>(), 2.5);
  EXPECT_EQ(Get(all, "v_string").cast<String>(), "text");
  EXPECT_EQ(Get(all, "v_device").cast<DLDevice>().device_type, kDLCPU);
  EXPECT_EQ(Get(all, "v_dtype").cast<DLDataType>().bits, 32);
  EXPECT_EQ(Get(all, "v_variant").cast<String>(), "v");
  EXPECT_EQ(refl::GetMethod(key, "add_int")(all, 2).cast<int>(), 7);
  Array<int64_t> appended =
      refl::GetMethod(key, "append_int")(all, Array<int64_t>{1}, 2).cast<Array<int64_t>>();
  EXPECT_EQ(appended.back(), 2);
  Function concat = refl::GetMethod(key, "maybe_concat");
  EXPECT_EQ(concat(all, "a", "b").cast<String>(), "ab");
  EXPECT_EQ(concat(all, nullptr, "b").cast<String>(), "b");
  EXPECT_TRUE(concat(all, nullptr, nullptr) == nullptr);
  using Lists = Map<String, Array<int64_t>>;
  Lists merged =
      refl::GetMethod(key, "merge_map")(all, Lists{{"a", {1}}}, Lists{{"a", {2}}, {"b", {3}}})
          .cast<Lists>();
  EXPECT_EQ(merged["a"].size(), 2U);
  EXPECT_EQ(merged["b"][0], 3);
}

}  // namespace
