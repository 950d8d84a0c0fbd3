// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>

#include "../number_object.h"

namespace {

namespace refl = tvm::ffi::reflection;
using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::CreateEmptyObject;
using tvm::ffi::Function;
using tvm::ffi::HasCreator;
using tvm::ffi::make_object;
using tvm::ffi::Map;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::String;

class BoxObj : public Object {
 public:
  int64_t width = 0;
  int64_t height = 0;
  ObjectRef content;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.creator.Box", BoxObj, Object);
};
class NoCreatorObj : public Object {
 public:
  explicit NoCreatorObj(int) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.creator.NoCreator", NoCreatorObj, Object);
};
// Made by a function, as types of other languages are.
class ByFunctionObj : public Object {
 public:
  explicit ByFunctionObj(int64_t value) : value(value) {}
  int64_t value;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.creator.ByFunction", ByFunctionObj, Object);
};
class WrongNewObj : public Object {
 public:
  explicit WrongNewObj(int) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.creator.WrongNew", WrongNewObj, Object);
};

int num_contents = 0;

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<BoxObj>(refl::init(false))
      .def_rw("width", &BoxObj::width)
      .def_rw("height", &BoxObj::height, refl::default_value(2))
      .def_rw("content", &BoxObj::content, refl::default_factory(Function::FromTyped([] {
                ++num_contents;
                return ObjectRef(make_object<BoxObj>());
              })));
  refl::ObjectDef<NoCreatorObj>{};
  refl::ObjectDef<ByFunctionObj>().def_ro("value", &ByFunctionObj::value);
  refl::TypeAttrDef<ByFunctionObj>().def("__ffi_new__",
                                         [] { return ObjectRef(make_object<ByFunctionObj>(3)); });
  refl::ObjectDef<WrongNewObj>{};
  refl::TypeAttrDef<WrongNewObj>().attr("__ffi_new__", 5);
}

const TVMFFITypeInfo* Info(int32_t type_index) { return TVMFFIGetTypeInfo(type_index); }
ObjectPtr<BoxObj> Box(const Map<String, Any>& fields) {
  return refl::ObjectCreator("test.creator.Box")(fields).cast<ObjectPtr<BoxObj>>();
}

TEST(CreateEmptyObject, UsesTheCreatorOrTheFunction) {
  EXPECT_TRUE(HasCreator(Info(BoxObj::RuntimeTypeIndex())));
  EXPECT_EQ(CreateEmptyObject(Info(BoxObj::RuntimeTypeIndex()))->GetTypeKey(), "test.creator.Box");
  EXPECT_TRUE(HasCreator(Info(ByFunctionObj::RuntimeTypeIndex())));
  ObjectPtr<Object> object = CreateEmptyObject(Info(ByFunctionObj::RuntimeTypeIndex()));
  EXPECT_EQ(static_cast<ByFunctionObj*>(object.get())->value, 3);
  EXPECT_EQ(object.use_count(), 1);
}

TEST(CreateEmptyObject, WithoutEitherIsAnError) {
  const TVMFFITypeInfo* info = Info(NoCreatorObj::RuntimeTypeIndex());
  EXPECT_FALSE(HasCreator(info));
  EXPECT_EQ(ErrorOf([&] { CreateEmptyObject(info); }),
            "RuntimeError: Type `test.creator.NoCreator` does not support reflection creation "
            "(no native creator or __ffi_new__ type attr)");
  EXPECT_EQ(ErrorOf([] { CreateEmptyObject(Info(WrongNewObj::RuntimeTypeIndex())); }),
            "TypeError: Cannot treat type `int` as type `() -> ffi.Object`");
}

TEST(ObjectCreator, SetsGivenFieldsAndDefaults) {
  ObjectPtr<BoxObj> box = Box({{"width", 5}});
  EXPECT_EQ(box->width, 5);
  EXPECT_EQ(box->height, 2);
  EXPECT_TRUE(box->content.defined());
  box = Box({{"height", 7}, {"width", 1}, {"content", nullptr}});
  EXPECT_EQ(box->height, 7);
  EXPECT_FALSE(box->content.defined());
}

TEST(ObjectCreator, CallsAFactoryOncePerObjectThatNeedsIt) {
  const int before = num_contents;
  ObjectPtr<BoxObj> first = Box({{"width", 1}}), second = Box({{"width", 1}});
  EXPECT_EQ(num_contents, before + 2);
  EXPECT_FALSE(first->content.same_as(second->content));
  Box({{"width", 1}, {"content", first->content}});
  EXPECT_EQ(num_contents, before + 2);
}

TEST(ObjectCreator, FieldsMustBeKnownAndComplete) {
  EXPECT_EQ(ErrorOf([] { Box({}); }),
            "TypeError: Required field `width` not set in type `test.creator.Box`");
  EXPECT_EQ(ErrorOf([] {
              Box({{"width", 1}, {"depth", 2}});
            }),
            "TypeError: Type `test.creator.Box` does not have field `depth`");
  EXPECT_EQ(ErrorOf([] {
              Box({{"width", "wide"}});
            }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
}

TEST(ObjectCreator, NeedsACreator) {
  EXPECT_EQ(
      ErrorOf([] { refl::ObjectCreator("test.creator.NoCreator"); }),
      "RuntimeError: Type `test.creator.NoCreator` does not support default constructor, as a "
      "result cannot be created via reflection");
  refl::ObjectCreator by_info(Info(ByFunctionObj::RuntimeTypeIndex()));
  EXPECT_EQ(by_info({{"value", 6}}).cast<ObjectPtr<ByFunctionObj>>()->value, 6);
}

}  // namespace
