// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>
#include <vector>

#include "../number_object.h"

namespace {

namespace refl = tvm::ffi::reflection;
using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Function;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::String;

class ParentObj : public Object {
 public:
  int64_t a = 0;
  int64_t ab = 0;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.accessor.Parent", ParentObj, Object);
};
class ChildObj : public ParentObj {
 public:
  int64_t c = 0;
  String made;
  int64_t misfit = 0;
  int64_t failing = 0;
  TVM_FFI_DECLARE_OBJECT_INFO("test.accessor.Child", ChildObj, ParentObj);
};

int num_made = 0;

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<ParentObj>(refl::init(false))
      .def_rw("ab", &ParentObj::ab)
      .def_rw("a", &ParentObj::a);
  refl::ObjectDef<ChildObj>(refl::init(false))
      .def_rw("c", &ChildObj::c, refl::default_value(5))
      .def_rw("made", &ChildObj::made, refl::default_factory(Function::FromTyped([] {
                ++num_made;
                return String("made");
              })))
      .def_rw("misfit", &ChildObj::misfit, refl::default_value("text"))
      .def_rw("failing", &ChildObj::failing, refl::default_factory(Function::FromTyped([]() -> int {
                TVM_FFI_THROW(KeyError) << "factory";
              })))
      .def("method", [](const ChildObj* self) { return self->c; });
}

const TVMFFIFieldInfo* Child(const char* name) {
  return refl::GetFieldInfo("test.accessor.Child", name);
}
void* Address(ChildObj* object, const TVMFFIFieldInfo* info) {
  return reinterpret_cast<char*>(object) + info->offset;
}

TEST(GetFieldInfo, MatchesWholeNamesOfTheTypeItself) {
  EXPECT_EQ(refl::GetFieldInfo("test.accessor.Parent", "a")->offset, 24);
  EXPECT_EQ(refl::GetFieldInfo("test.accessor.Parent", "ab")->offset, 32);
  EXPECT_EQ(ErrorOf([] { refl::GetFieldInfo("test.accessor.Parent", "b"); }),
            "RuntimeError: Cannot find field  `b` in test.accessor.Parent");
  EXPECT_EQ(ErrorOf([] { Child("a"); }),
            "RuntimeError: Cannot find field  `a` in test.accessor.Child");
  EXPECT_NE(ErrorOf([] { refl::GetFieldInfo("test.accessor.None", "a"); }).find("Cannot find type"),
            std::string::npos);
}

TEST(GetMethodInfo, MatchesWholeNames) {
  EXPECT_EQ(refl::GetMethodInfo("test.accessor.Child", "method")->flags, 0);
  EXPECT_EQ(ErrorOf([] { refl::GetMethodInfo("test.accessor.Child", "meth"); }),
            "RuntimeError: Cannot find method meth in test.accessor.Child");
  auto child = make_object<ChildObj>();
  child->c = 9;
  EXPECT_EQ(refl::GetMethod("test.accessor.Child", "method")(child).cast<int>(), 9);
}

TEST(ForEachFieldInfo, GoesFromAncestorsToOwnFieldsInOrder) {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(ChildObj::RuntimeTypeIndex());
  std::vector<std::string> names;
  refl::ForEachFieldInfo(info, [&](const TVMFFIFieldInfo* field) {
    names.emplace_back(field->name.data, field->name.size);
  });
  EXPECT_EQ(names, (std::vector<std::string>{"ab", "a", "c", "made", "misfit", "failing"}));

  names.clear();
  bool stopped = refl::ForEachFieldInfoWithEarlyStop(info, [&](const TVMFFIFieldInfo* field) {
    names.emplace_back(field->name.data, field->name.size);
    return names.back() == "a";
  });
  EXPECT_TRUE(stopped);
  EXPECT_EQ(names.size(), 2u);
  EXPECT_FALSE(refl::ForEachFieldInfoWithEarlyStop(info, [](auto*) { return false; }));
  EXPECT_FALSE(refl::ForEachFieldInfoWithEarlyStop(TVMFFIGetTypeInfo(kTVMFFIObject),
                                                   [](auto*) { return true; }));
}

TEST(FieldDefault, ComesFromTheValueOrTheFactory) {
  auto child = make_object<ChildObj>();
  EXPECT_EQ(refl::CallFieldSetterToDefault(Child("c"), Address(child.get(), Child("c"))), 0);
  EXPECT_EQ(child->c, 5);
  const int made_before = num_made;
  refl::SetFieldToDefault(Child("made"), Address(child.get(), Child("made")));
  EXPECT_EQ(child->made, "made");
  EXPECT_EQ(num_made, made_before + 1);
}

TEST(FieldDefault, OneThatTheFieldRejectsIsAnError) {
  auto child = make_object<ChildObj>();
  void* misfit = Address(child.get(), Child("misfit"));
  EXPECT_EQ(refl::CallFieldSetterToDefault(Child("misfit"), misfit), -1);
  EXPECT_EQ(tvm::ffi::detail::MoveFromSafeCallRaised().message(),
            "Cannot convert from type `ffi.SmallStr` to `int`");
  EXPECT_EQ(ErrorOf([&] { refl::SetFieldToDefault(Child("misfit"), misfit); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
  EXPECT_EQ(ErrorOf([&] {
              refl::SetFieldToDefault(Child("failing"), Address(child.get(), Child("failing")));
            }),
            "KeyError: factory");
}

TEST(FieldSetter, MayBeAFunction) {
  int64_t stored = 0;
  Function setter = Function::FromTyped([](void* address, int64_t value) {
    if (value < 0) TVM_FFI_THROW(ValueError) << "negative";
    *static_cast<int64_t*>(address) = value * 10;
  });
  TVMFFIFieldInfo info{};
  info.flags = kTVMFFIFieldFlagBitSetterIsFunctionObj;
  info.setter = const_cast<tvm::ffi::FunctionObj*>(setter.get());
  TVMFFIAny value = AnyView(4).CopyToTVMFFIAny();
  EXPECT_EQ(refl::CallFieldSetter(&info, &stored, &value), 0);
  EXPECT_EQ(stored, 40);
  value = AnyView(-4).CopyToTVMFFIAny();
  EXPECT_EQ(refl::CallFieldSetter(&info, &stored, &value), -1);
  EXPECT_EQ(tvm::ffi::detail::MoveFromSafeCallRaised().message(), "negative");
  EXPECT_EQ(stored, 40);
}

TEST(FieldGetter, ReadsThroughTheRecord) {
  auto child = make_object<ChildObj>();
  child->c = 6;
  EXPECT_EQ(refl::FieldGetter(Child("c"))(child.get()).cast<int>(), 6);
  refl::FieldSetter(Child("c"))(child.get(), 8);
  EXPECT_EQ(child->c, 8);
}

}  // namespace
