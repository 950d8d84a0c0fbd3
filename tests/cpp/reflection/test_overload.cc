// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/overload.h>
#include <tvm/ffi/rvalue_ref.h>

#include <string>
#include <utility>
#include <vector>

#include "../number_object.h"

namespace {

namespace refl = tvm::ffi::reflection;
using number::ErrorOf;
using number::Int;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Array;
using tvm::ffi::Function;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::RValueRef;
using tvm::ffi::String;

class ValueObj : public Object {
 public:
  double value = 0;
  explicit ValueObj(int32_t v) : value(v) {}
  explicit ValueObj(float v) : value(v * 10) {}

  template <typename T>
  std::string Kind(T) const {
    return sizeof(T) == sizeof(int32_t) ? "int" : "double";
  }
  double Get() const { return value; }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.overload.Value", ValueObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::OverloadObjectDef<ValueObj>("Overloaded.")
      .def(refl::init<int32_t>(), "From an int.")
      .def(refl::init<float>())
      .def_rw("value", &ValueObj::value)
      .def("get", &ValueObj::Get, "Reads.")
      .def("kind", &ValueObj::Kind<int32_t>)
      .def("kind", &ValueObj::Kind<double>, "Of a number.", refl::Metadata{{"second", true}})
      .def("kind", [](const ValueObj*, const Array<int64_t>&, int) { return "array"; })
      .def_static("add_one_static", [](int64_t x) { return x + 1; })
      .def_static("add_one_static", [](String x) { return x + "1"; })
      .def_static("void", [](int) {})
      .def_static("void", [](Any) {})
      .def_static("take", [](RValueRef<Int> x) { return (*std::move(x)).unique(); })
      .def_static("take", [](String) { return false; })
      .def_type_attr("test.overload.attr", 5);
}

Function Method(const char* name) { return refl::GetMethod("test.overload.Value", name); }
double ValueOf(const Any& object) { return object.cast<ObjectPtr<ValueObj>>()->value; }

TEST(Overload, TheFirstMatchInOrderIsTaken) {
  Function init = Method("__ffi_init__");
  EXPECT_EQ(ValueOf(init(10)), 10);
  EXPECT_EQ(ValueOf(init(2.5)), 25);
  Any object = init(1);
  EXPECT_EQ(Method("kind")(object, 1).cast<String>(), "int");
  EXPECT_EQ(Method("kind")(object, true).cast<String>(), "int");
  EXPECT_EQ(Method("kind")(object, 1.5).cast<String>(), "double");
  EXPECT_EQ(Method("kind")(object, Array<Any>{1, 2}, 0).cast<String>(), "array");
  EXPECT_EQ(Method("add_one_static")(1).cast<int>(), 2);
  EXPECT_EQ(Method("add_one_static")("1").cast<String>(), "11");
  EXPECT_EQ(Method("void")("anything"), nullptr);
}

TEST(Overload, EachIsRecordedAndAllShareTheFunction) {
  std::vector<const TVMFFIMethodInfo*> found;
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(ValueObj::RuntimeTypeIndex());
  for (int32_t i = 0; i < info->num_methods; ++i) {
    const TVMFFIByteArray& name = info->methods[i].name;
    if (std::string(name.data, name.size) == "kind") found.push_back(&info->methods[i]);
  }
  ASSERT_EQ(found.size(), 3u);
  auto text = [](const TVMFFIByteArray& bytes) { return std::string(bytes.data, bytes.size); };
  EXPECT_EQ(found[0]->method.v_obj, found[2]->method.v_obj);
  EXPECT_NE(text(found[0]->metadata).find(R"({\"type\":\"int\"}])"), std::string::npos);
  EXPECT_NE(text(found[1]->metadata).find(R"({\"type\":\"float\"}])"), std::string::npos);
  EXPECT_NE(text(found[1]->metadata).find(R"("second":true)"), std::string::npos);
  EXPECT_EQ(text(found[1]->doc), "Of a number.");
  EXPECT_EQ(refl::GetMethodInfo("test.overload.Value", "add_one_static")->flags,
            kTVMFFIFieldFlagBitMaskIsStaticMethod);
}

TEST(Overload, TheConstructorIsOneAttribute) {
  AnyView attr = refl::TypeAttrColumn("__ffi_init__")[ValueObj::RuntimeTypeIndex()];
  EXPECT_TRUE(attr.cast<Function>().same_as(Method("__ffi_init__")));
}

TEST(Overload, ASingleDefinitionReportsTheOrdinaryError) {
  EXPECT_EQ(ErrorOf([] { Method("get")(1); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`test.overload.Value.get(0: test.overload.Value) -> float`. "
            "Expected `test.overload.Value` but got `int`");
}

TEST(Overload, NoMatchListsWhyOfEach) {
  EXPECT_EQ(ErrorOf([] { Method("__ffi_init__")("x"); }),
            "TypeError: No matching overload found when calling: "
            "`test.overload.Value.__ffi_init__` with 1 arguments:\n"
            "Overload #0: Mismatched type on argument #0 when calling: "
            "`test.overload.Value.__ffi_init__ (0: int) -> ffi.Object`. "
            "Expected `int` but got `const char*`\n"
            "Overload #1: Mismatched type on argument #0 when calling: "
            "`test.overload.Value.__ffi_init__ (0: float) -> ffi.Object`. "
            "Expected `float` but got `const char*`");
  EXPECT_EQ(ErrorOf([] { Method("add_one_static")(); }),
            "TypeError: No matching overload found when calling: "
            "`test.overload.Value.add_one_static` with 0 arguments:\n"
            "Overload #0: Mismatched number of arguments when calling: "
            "`test.overload.Value.add_one_static (0: int) -> int`. Expected 1 arguments\n"
            "Overload #1: Mismatched number of arguments when calling: "
            "`test.overload.Value.add_one_static (0: str) -> str`. Expected 1 arguments");
  Any object = make_object<ValueObj>(1);
  std::string error = ErrorOf([&] { Method("kind")(object, Array<Any>{1, 2.5}, 0); });
  EXPECT_NE(error.find("Expected `Array<int>` but got `Array[index 1: float]`"), std::string::npos)
      << error;
}

TEST(Overload, AnRValueIsMovedOnce) {
  EXPECT_TRUE(Method("take")(RValueRef(Int(1))).cast<bool>());
  EXPECT_FALSE(Method("take")("text").cast<bool>());
}

TEST(Overload, FieldsAndAttributesAreThoseOfAnObjectDef) {
  auto object = make_object<ValueObj>(3);
  EXPECT_EQ(refl::FieldGetter("test.overload.Value", "value")(object.get()).cast<double>(), 3.0);
  int32_t type_index = ValueObj::RuntimeTypeIndex();
  EXPECT_EQ(refl::TypeAttrColumn("test.overload.attr")[type_index].cast<int>(), 5);
  const TVMFFIByteArray& doc = TVMFFIGetTypeInfo(type_index)->metadata->doc;
  EXPECT_EQ(std::string(doc.data, doc.size), "Overloaded.");
}

}  // namespace
