// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>
#include <utility>

#include "../number_object.h"

namespace {

namespace refl = tvm::ffi::reflection;
using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::Arc;
using tvm::ffi::Error;
using tvm::ffi::Function;
using tvm::ffi::make_arc;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;
using tvm::ffi::String;

class BaseObj : public Object {
 public:
  int64_t first = 1;
  int64_t second = 2;

  static constexpr bool _type_mutable = true;
  static constexpr uint32_t _type_child_slots = 1;
  TVM_FFI_DECLARE_OBJECT_INFO("test.registry_field.Base", BaseObj, Object);
};

class DerivedObj : public BaseObj {
 public:
  int64_t third = 3;
  String text;
  ObjectPtr<BaseObj> nullable;
  Arc<BaseObj> never_null = make_arc<BaseObj>();
  Any any;
  const double constant = 1.5;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry_field.Derived", DerivedObj, BaseObj);
};

// The object header is not where the class starts.
struct Padding {
  int64_t words[2] = {0, 0};
};
class PaddedObj : public Padding, public Object {
 public:
  int64_t value = 7;
  int32_t small = 8;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry_field.Padded", PaddedObj, Object);
};

class FlaggedObj : public Object {
 public:
  int64_t a = 0, b = 0, c = 0, d = 0, e = 0, f = 0, g = 0, h = 0, i = 0, j = 0;

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry_field.Flagged", FlaggedObj, Object);
};

class DuplicateObj : public Object {
 public:
  int64_t a = 0;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry_field.Duplicate", DuplicateObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<BaseObj>("the base")
      .def_rw("first", &BaseObj::first)
      .def_ro("second", &BaseObj::second, "second field");
  refl::ObjectDef<DerivedObj>(refl::init(false))
      .def_rw("third", &DerivedObj::third, refl::default_value(33), "third field",
              refl::Metadata{{"unit", "m"}, {"count", 2}, {"exact", true}, {"a\"b", "c\\d"}})
      .def_rw("text", &DerivedObj::text, refl::default_value("float"))
      .def_rw("nullable", &DerivedObj::nullable)
      .def_rw("never_null", &DerivedObj::never_null)
      .def_rw("any", &DerivedObj::any)
      .def_ro("constant", &DerivedObj::constant);
  refl::ObjectDef<PaddedObj>()
      .def_rw("value", &PaddedObj::value)
      .def_ro("small", &PaddedObj::small);
  refl::ObjectDef<FlaggedObj>(refl::init(false))
      .def_ro("a", &FlaggedObj::a, refl::AttachFieldFlag::SEqHashIgnore())
      .def_ro("b", &FlaggedObj::b, refl::AttachFieldFlag::SEqHashDefPattern())
      .def_ro("c", &FlaggedObj::c, refl::AttachFieldFlag::SEqHashDefSimple())
      .def_ro("d", &FlaggedObj::d, refl::repr(false), refl::compare(false), refl::hash(false))
      .def_ro("e", &FlaggedObj::e, refl::repr(true), refl::compare(true), refl::hash(true))
      .def_ro("f", &FlaggedObj::f, refl::init(false))
      .def_ro("g", &FlaggedObj::g, refl::kw_only(true))
      .def_ro("h", &FlaggedObj::h, refl::kw_only(false), refl::init(true))
      .def_ro("i", &FlaggedObj::i, refl::default_factory(Function::FromTyped([] { return 9; })))
      .def_ro("j", &FlaggedObj::j, refl::AttachFieldFlag(1 << 20));
}

const TVMFFIFieldInfo* Base(const char* name) {
  return refl::GetFieldInfo("test.registry_field.Base", name);
}
const TVMFFIFieldInfo* Derived(const char* name) {
  return refl::GetFieldInfo("test.registry_field.Derived", name);
}
const TVMFFIFieldInfo* Flagged(const char* name) {
  return refl::GetFieldInfo("test.registry_field.Flagged", name);
}
std::string Text(const TVMFFIByteArray& text) { return std::string(text.data, text.size); }

TEST(RegisteredField, OffsetsCountFromTheHeader) {
  EXPECT_EQ(Base("first")->offset, 24);
  EXPECT_EQ(Base("second")->offset, 32);
  EXPECT_EQ(Derived("third")->offset, 40);
  EXPECT_EQ(refl::GetFieldInfo("test.registry_field.Padded", "value")->offset, 24);
  EXPECT_EQ(refl::GetFieldInfo("test.registry_field.Padded", "small")->offset, 32);
  EXPECT_EQ((refl::GetFieldByteOffsetToObject<DerivedObj, int64_t>(&BaseObj::second)), 32);
}

TEST(RegisteredField, DescribesItsStorage) {
  EXPECT_EQ(Derived("third")->size, 8);
  EXPECT_EQ(Derived("third")->alignment, 8);
  EXPECT_EQ(Derived("third")->field_static_type_index, kTVMFFIInt);
  EXPECT_EQ(Derived("text")->size, 16);
  EXPECT_EQ(Derived("text")->field_static_type_index, -1);
  EXPECT_EQ(Derived("never_null")->field_static_type_index, kTVMFFIObject);
  EXPECT_EQ(Derived("constant")->field_static_type_index, kTVMFFIFloat);
  EXPECT_EQ(refl::GetFieldInfo("test.registry_field.Padded", "small")->size, 4);
}

TEST(RegisteredField, DocAndDefaultAreKept) {
  EXPECT_EQ(Text(Base("second")->doc), "second field");
  EXPECT_EQ(Base("first")->doc.size, 0u);
  EXPECT_EQ(Base("first")->flags, kTVMFFIFieldFlagBitMaskWritable);
  EXPECT_EQ(Base("second")->flags, 0);
  EXPECT_EQ(Derived("third")->flags,
            kTVMFFIFieldFlagBitMaskWritable | kTVMFFIFieldFlagBitMaskHasDefault);
  EXPECT_EQ(tvm::ffi::AnyView::CopyFromTVMFFIAny(Derived("text")->default_value_or_factory)
                .cast<String>(),
            "float");
}

TEST(RegisteredField, MetadataIsJSONWithTheSchemaFirst) {
  EXPECT_EQ(Text(Base("first")->metadata), R"({"type_schema":"{\"type\":\"int\"}"})");
  EXPECT_EQ(Text(Derived("third")->metadata),
            R"({"type_schema":"{\"type\":\"int\"}","unit":"m","count":2,"exact":true,)"
            R"("a\"b":"c\\d"})");
  EXPECT_EQ(Text(Derived("nullable")->metadata),
            R"({"type_schema":"{\"type\":\"Optional\",)"
            R"(\"args\":[{\"type\":\"test.registry_field.Base\"}]}"})");
  EXPECT_EQ(Text(Derived("any")->metadata), R"({"type_schema":"{\"type\":\"Any\"}"})");
}

TEST(RegisteredField, TraitsSetFlags) {
  EXPECT_EQ(Flagged("a")->flags, kTVMFFIFieldFlagBitMaskSEqHashIgnore);
  EXPECT_EQ(Flagged("b")->flags, kTVMFFIFieldFlagBitMaskSEqHashDefPattern);
  EXPECT_EQ(Flagged("c")->flags, kTVMFFIFieldFlagBitMaskSEqHashDefSimple);
  EXPECT_EQ(Flagged("d")->flags, kTVMFFIFieldFlagBitMaskReprOff |
                                     kTVMFFIFieldFlagBitMaskCompareOff |
                                     kTVMFFIFieldFlagBitMaskHashOff);
  EXPECT_EQ(Flagged("e")->flags, 0);
  EXPECT_EQ(Flagged("f")->flags, kTVMFFIFieldFlagBitMaskInitOff);
  EXPECT_EQ(Flagged("g")->flags, kTVMFFIFieldFlagBitMaskKwOnly);
  EXPECT_EQ(Flagged("h")->flags, 0);
  EXPECT_EQ(Flagged("i")->flags,
            kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitMaskDefaultFromFactory);
  EXPECT_EQ(Flagged("j")->flags, 1 << 20);
  EXPECT_EQ(refl::AttachFieldFlag::SEqHashDefRecursive().flag(),
            refl::AttachFieldFlag::SEqHashDefPattern().flag());
  EXPECT_EQ(refl::AttachFieldFlag::SEqHashDefNonRecursive().flag(),
            refl::AttachFieldFlag::SEqHashDefSimple().flag());
}

TEST(RegisteredField, IsReadAndWritten) {
  auto object = make_object<DerivedObj>();
  ObjectPtr<Object> pointer = object;
  ObjectRef ref(pointer);
  EXPECT_EQ(refl::FieldGetter("test.registry_field.Base", "first")(object.get()).cast<int>(), 1);
  EXPECT_EQ(refl::FieldGetter("test.registry_field.Derived", "third")(pointer).cast<int>(), 3);
  refl::FieldSetter("test.registry_field.Derived", "third")(ref, 4);
  EXPECT_EQ(object->third, 4);
  refl::FieldSetter("test.registry_field.Derived", "text")(ref, "written");
  EXPECT_EQ(object->text, "written");
  refl::FieldSetter("test.registry_field.Derived", "any")(ref, "raw text");
  EXPECT_EQ(object->any.type_index(), kTVMFFIStr);                     // owned
  refl::FieldSetter("test.registry_field.Base", "second")(ref, true);  // read-only is advice
  EXPECT_EQ(object->second, 1);

  auto padded = make_object<PaddedObj>();
  refl::FieldSetter("test.registry_field.Padded", "value")(padded.get(), 9);
  EXPECT_EQ(padded->value, 9);
  EXPECT_EQ(refl::FieldGetter("test.registry_field.Padded", "small")(padded.get()).cast<int>(), 8);
}

TEST(RegisteredField, AValueThatDoesNotConvertChangesNothing) {
  auto object = make_object<DerivedObj>();
  Arc<BaseObj> before = object->never_null;
  refl::FieldSetter setter("test.registry_field.Derived", "never_null");
  EXPECT_EQ(ErrorOf([&] { setter(object.get(), nullptr); }),
            "TypeError: Cannot convert from type `None` to `test.registry_field.Base`");
  EXPECT_EQ(ErrorOf([&] { setter(object.get(), String("text")); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `test.registry_field.Base`");
  EXPECT_EQ(ErrorOf([&] { setter(object.get(), make_object<PaddedObj>()); }),
            "TypeError: Cannot convert from type `test.registry_field.Padded` to "
            "`test.registry_field.Base`");
  EXPECT_TRUE(object->never_null == before);
  setter(object.get(), make_object<DerivedObj>());
  EXPECT_FALSE(object->never_null == before);

  refl::FieldSetter nullable("test.registry_field.Derived", "nullable");
  nullable(object.get(), object->never_null);
  EXPECT_NE(object->nullable, nullptr);
  nullable(object.get(), nullptr);
  EXPECT_EQ(object->nullable, nullptr);
}

TEST(RegisteredField, GettersShareAndSettersRelease) {
  auto object = make_object<DerivedObj>();
  Arc<BaseObj> value = object->never_null;
  Any read = refl::FieldGetter("test.registry_field.Derived", "never_null")(object.get());
  EXPECT_EQ(value.use_count(), 3);
  refl::FieldSetter("test.registry_field.Derived", "never_null")(object.get(), make_arc<BaseObj>());
  EXPECT_EQ(value.use_count(), 2);
  Any null = refl::FieldGetter("test.registry_field.Derived", "nullable")(object.get());
  EXPECT_EQ(null, nullptr);
}

TEST(RegisteredField, ANameIsRegisteredOncePerType) {
  std::string error = ErrorOf([] {
    refl::ObjectDef<DuplicateObj>().def_ro("a", &DuplicateObj::a).def_ro("a", &DuplicateObj::a);
  });
  EXPECT_NE(error.find("Duplicate field name \"a\" in type \"test.registry_field.Duplicate\""),
            std::string::npos)
      << error;
  // The statement ended with the exception: nothing more was registered.
  int32_t type_index = DuplicateObj::RuntimeTypeIndex();
  EXPECT_EQ(TVMFFIGetTypeInfo(type_index)->num_fields, 1);
  EXPECT_EQ(refl::TypeAttrColumn("__ffi_new__")[type_index], nullptr);
}

TEST(Metadata, HoldsIntBoolAndTextOnly) {
  EXPECT_EQ(ErrorOf([] {
              refl::Metadata metadata{{"k", 1.5}};
            }),
            "TypeError: Metadata can be only int, bool or string, but on key `k`, the type is "
            "float");
  EXPECT_EQ(ErrorOf([] {
              refl::Metadata metadata{{"n", nullptr}};
            }),
            "TypeError: Metadata can be only int, bool or string, but on key `n`, the type is "
            "None");
}

}  // namespace
