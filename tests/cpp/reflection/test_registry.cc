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
using tvm::ffi::AnyView;
using tvm::ffi::Function;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::PackedArgs;
using tvm::ffi::String;
using tvm::ffi::UnsafeInit;

std::string Text(const TVMFFIByteArray& text) { return std::string(text.data, text.size); }

AnyView Attr(const char* name, int32_t type_index) {
  return refl::TypeAttrColumn(name)[type_index];
}

// ---- Global functions --------------------------------------------------------------------------

int Twice(int x) { return 2 * x; }

class PointObj : public Object {
 public:
  int64_t x = 0;
  int64_t y = 0;

  PointObj() = default;
  PointObj(int64_t x, int64_t y) : x(x), y(y) {}

  int64_t Sum() const { return x + y; }
  int64_t Scale(int64_t factor) { return (x *= factor) + (y *= factor); }

  static constexpr bool _type_mutable = true;
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO("test.registry.Point", PointObj, Object);
};

class Point : public ObjectRef {
 public:
  Point(int64_t x, int64_t y) { data_ = make_object<PointObj>(x, y); }
  int64_t Difference(int64_t scale) const { return (get()->x - get()->y) * scale; }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Point, ObjectRef, PointObj);
};

class Point3Obj : public PointObj {
 public:
  int64_t z = 0;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.Point3", Point3Obj, PointObj);
};

// Runs before the dynamic initialisers of this file, cached type indices among them.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::GlobalDef()
      .def("test.registry.twice", Twice, "Doubles a number.", refl::Metadata{{"pure", true}})
      .def("test.registry.lambda", [](Point point) { return point->x; })
      .def_packed("test.registry.packed", [](PackedArgs args, Any* rv) { *rv = args.size(); })
      .def_method("test.registry.sum", &PointObj::Sum)
      .def_method("test.registry.difference", &Point::Difference);

  refl::ObjectDef<PointObj>("A point.")
      .def(refl::init<int64_t, int64_t>(), "From coordinates.")
      .def_rw("x", &PointObj::x)
      .def_rw("y", &PointObj::y)
      .def("sum", &PointObj::Sum, "Adds up.", refl::Metadata{{"cost", 1}})
      .def("scale", &PointObj::Scale)
      .def("shift", [](PointObj* self, int64_t by) { self->x += by; })
      .def("difference", &Point::Difference)
      .def_static("origin", [] { return Point(0, 0); })
      .def_static("of", [](int64_t x, String) { return Point(x, x); })
      .def_type_attr("test.registry.literal", "text")
      .def_type_attr("test.registry.string", String("string"))
      .def_type_attr("test.registry.std_string", std::string("nul\0inside", 10))
      .def_type_attr("test.registry.number", int64_t{7})
      .def_type_attr("test.registry.flag", true)
      .def_type_attr("test.registry.callable", [](int x) { return x + 1; })
      .def_convert<Point>();
  refl::ObjectDef<Point3Obj>(refl::init(false))
      .def_rw("z", &Point3Obj::z)
      .def("base_sum", &PointObj::Sum);
}

TEST(GlobalDef, DefinesTypedFunctionsUnderTheirNames) {
  EXPECT_EQ(Function::GetGlobalRequired("test.registry.twice")(4).cast<int>(), 8);
  EXPECT_EQ(ErrorOf([] { Function::GetGlobalRequired("test.registry.twice")("x"); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`test.registry.twice(0: int) -> int`. Expected `int` but got `const char*`");
  EXPECT_EQ(Function::GetGlobalRequired("test.registry.lambda")(Point(3, 4)).cast<int>(), 3);
  EXPECT_EQ(Function::GetGlobalRequired("test.registry.packed")(1, 2, 3).cast<int>(), 3);
  EXPECT_EQ(Function::GetGlobalRequired("test.registry.sum")(Point(3, 4)).cast<int>(), 7);
  EXPECT_EQ(Function::GetGlobalRequired("test.registry.difference")(Point(3, 4), 2).cast<int>(),
            -2);
}

TEST(GlobalDef, RecordsSchemaAndMetadata) {
  Function metadata = Function::GetGlobalRequired("ffi.GetGlobalFuncMetadata");
  EXPECT_EQ(metadata("test.registry.twice").cast<String>(),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":)"
            R"([{\"type\":\"int\"}],\"params\":[{\"type\":\"int\"}]}}","pure":true})");
  EXPECT_EQ(metadata("test.registry.packed").cast<String>(),
            R"({"type_schema":"{\"type\":\"ffi.Function\"}"})");
  EXPECT_EQ(metadata("test.registry.sum").cast<String>(),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":)"
            R"([{\"type\":\"int\"}],\"params\":[{\"type\":\"test.registry.Point\"}]}}"})");
}

TEST(GlobalDef, ATakenNameIsAnError) {
  std::string error = ErrorOf([] { refl::GlobalDef().def("test.registry.twice", Twice); });
  EXPECT_EQ(error.find("RuntimeError: Global Function `test.registry.twice` is already registered"),
            0u)
      << error;
}

// ---- Classes -----------------------------------------------------------------------------------

TEST(ObjectDef, RegistersTheClassItself) {
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(PointObj::RuntimeTypeIndex());
  ASSERT_NE(info->metadata, nullptr);
  EXPECT_EQ(info->metadata->total_size, static_cast<int32_t>(sizeof(PointObj)));
  EXPECT_EQ(info->metadata->structural_eq_hash_kind, kTVMFFISEqHashKindTreeNode);
  EXPECT_EQ(Text(info->metadata->doc), "A point.");
  EXPECT_NE(info->metadata->creator, nullptr);
}

TEST(ObjectDef, TwiceIsAnError) {
  std::string error = ErrorOf([] { refl::ObjectDef<PointObj>(); });
  EXPECT_EQ(error.find("RuntimeError: Overriding test.registry.Point, possible causes:"), 0u)
      << error;
}

TEST(ObjectDef, MethodsTakeTheObjectFirst) {
  Point point(3, 4);
  auto method = [](const char* name) { return refl::GetMethod("test.registry.Point", name); };
  EXPECT_EQ(method("sum")(point).cast<int>(), 7);
  EXPECT_EQ(method("scale")(point, 2).cast<int>(), 14);
  EXPECT_EQ(method("shift")(point, 1), nullptr);
  EXPECT_EQ(point->x, 7);
  EXPECT_EQ(method("difference")(point, 3).cast<int>(), -3);
  EXPECT_EQ(
      refl::GetMethod("test.registry.Point3", "base_sum")(make_object<Point3Obj>()).cast<int>(), 0);
  EXPECT_EQ(ErrorOf([&] { method("sum")(5); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`test.registry.Point.sum(0: test.registry.Point) -> int`. "
            "Expected `test.registry.Point` but got `int`");
  EXPECT_EQ(ErrorOf([&] { method("sum")(nullptr); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`test.registry.Point.sum(0: test.registry.Point) -> int`. "
            "Expected `test.registry.Point` but got `None`");
}

TEST(ObjectDef, MethodRecordsHaveDocSchemaAndFlags) {
  const TVMFFIMethodInfo* sum = refl::GetMethodInfo("test.registry.Point", "sum");
  EXPECT_EQ(sum->flags, 0);
  EXPECT_EQ(Text(sum->doc), "Adds up.");
  EXPECT_EQ(Text(sum->metadata),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":)"
            R"([{\"type\":\"int\"}],\"params\":[{\"type\":\"test.registry.Point\"}]}}","cost":1})");
  const TVMFFIMethodInfo* origin = refl::GetMethodInfo("test.registry.Point", "origin");
  EXPECT_EQ(origin->flags, kTVMFFIFieldFlagBitMaskIsStaticMethod);
  EXPECT_EQ(origin->doc.size, 0u);
}

TEST(ObjectDef, StaticMethodsHaveNoObject) {
  EXPECT_EQ(refl::GetMethod("test.registry.Point", "origin")().cast<Point>()->x, 0);
  EXPECT_EQ(refl::GetMethod("test.registry.Point", "of")(5, "x").cast<Point>()->y, 5);
}

TEST(ObjectDef, AConstructorIsAMethodAndAnAttribute) {
  Function init = refl::GetMethod("test.registry.Point", "__ffi_init__");
  Point made = init(3, 4).cast<Point>();
  EXPECT_EQ(made->Sum(), 7);
  EXPECT_TRUE(made.unique());
  int32_t type_index = PointObj::RuntimeTypeIndex();
  EXPECT_TRUE(Attr("__ffi_init__", type_index).cast<Function>().same_as(init));
  const TVMFFIMethodInfo* info = refl::GetMethodInfo("test.registry.Point", "__ffi_init__");
  EXPECT_EQ(info->flags, kTVMFFIFieldFlagBitMaskIsStaticMethod);
  EXPECT_EQ(Text(info->doc), "From coordinates.");
  EXPECT_EQ(ErrorOf([&] { init(1); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`test.registry.Point.__ffi_init__(0: int, 1: int) -> ffi.Object`. "
            "Expected 2 but got 1 arguments");
}

TEST(ObjectDef, CopyNewAndFinalAreAttributes) {
  int32_t type_index = PointObj::RuntimeTypeIndex();
  Point point(3, 4);
  Function copy = Attr("__ffi_shallow_copy__", type_index).cast<Function>();
  Point copied = copy(point).cast<Point>();
  EXPECT_FALSE(copied.same_as(point));
  EXPECT_EQ(copied->y, 4);
  EXPECT_EQ(copied.use_count(), 1);
  Function make = Attr("__ffi_new__", type_index).cast<Function>();
  EXPECT_EQ(make().cast<Point>()->x, 0);
  EXPECT_FALSE(Attr("__ffi_type_final__", type_index).cast<bool>());
  EXPECT_TRUE(Attr("__ffi_type_final__", Point3Obj::RuntimeTypeIndex()).cast<bool>());
}

TEST(ObjectDef, CopyAndNewCheckTheirArguments) {
  int32_t type_index = PointObj::RuntimeTypeIndex();
  Function copy = Attr("__ffi_shallow_copy__", type_index).cast<Function>();
  EXPECT_EQ(ErrorOf([&] { copy(); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`test.registry.Point.__ffi_shallow_copy__(0: test.registry.Point) -> ffi.Object`. "
            "Expected 1 but got 0 arguments");
  for (const Any& wrong : {Any(1), Any(nullptr), Any("text")}) {
    EXPECT_EQ(ErrorOf([&] { copy(wrong); }),
              "TypeError: Mismatched type on argument #0 when calling: "
              "`test.registry.Point.__ffi_shallow_copy__(0: test.registry.Point) -> ffi.Object`. "
              "Expected `test.registry.Point` but got `" +
                  wrong.GetTypeKey() + "`");
  }
  // An object of a subclass is copied as one of the class.
  Point base = copy(make_object<Point3Obj>()).cast<Point>();
  EXPECT_EQ(base.GetTypeKey(), "test.registry.Point");
  EXPECT_EQ(ErrorOf([&] { Attr("__ffi_new__", type_index).cast<Function>()(1); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`test.registry.Point.__ffi_new__() -> ffi.Object`. Expected 0 but got 1 arguments");
}

TEST(ObjectDef, WithoutAConstructorOneIsMadeUnlessDeclined) {
  EXPECT_EQ(Attr("__ffi_init__", Point3Obj::RuntimeTypeIndex()), nullptr);
}

// ---- What a class can and cannot do ------------------------------------------------------------

class PlainObj : public Object {
 public:
  int64_t value = 5;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.Plain", PlainObj, Object);
};

class NoCopyObj : public Object {
 public:
  NoCopyObj() = default;
  NoCopyObj(const NoCopyObj&) = delete;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.NoCopy", NoCopyObj, Object);
};

class NoDefaultObj : public Object {
 public:
  explicit NoDefaultObj(int) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.NoDefault", NoDefaultObj, Object);
};

class FromTagObj : public Object {
 public:
  explicit FromTagObj(UnsafeInit tag) : never_null(tag) {}
  number::Int never_null;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.FromTag", FromTagObj, Object);
};

TEST(ObjectDef, ConstructorsAreMadeFromTheFields) {
  refl::ObjectDef<PlainObj>().def_ro("value", &PlainObj::value);
  Function init = Attr("__ffi_init__", PlainObj::RuntimeTypeIndex()).cast<Function>();
  EXPECT_EQ(init(8).cast<ObjectPtr<PlainObj>>()->value, 8);
}

TEST(ObjectDef, WhatTheClassCannotDoIsNotRegistered) {
  refl::ObjectDef<NoCopyObj>(refl::init(false));
  EXPECT_EQ(Attr("__ffi_shallow_copy__", NoCopyObj::RuntimeTypeIndex()), nullptr);
  EXPECT_NE(Attr("__ffi_new__", NoCopyObj::RuntimeTypeIndex()), nullptr);

  refl::ObjectDef<NoDefaultObj>{};
  int32_t type_index = NoDefaultObj::RuntimeTypeIndex();
  EXPECT_EQ(Attr("__ffi_new__", type_index), nullptr);
  EXPECT_EQ(Attr("__ffi_init__", type_index), nullptr);
  EXPECT_EQ(TVMFFIGetTypeInfo(type_index)->metadata->creator, nullptr);
  EXPECT_NE(Attr("__ffi_shallow_copy__", type_index), nullptr);
}

TEST(ObjectDef, ACreatorFallsBackOnUnsafeInit) {
  refl::ObjectDef<FromTagObj>(refl::init(false));
  Function make = Attr("__ffi_new__", FromTagObj::RuntimeTypeIndex()).cast<Function>();
  EXPECT_FALSE(make().cast<ObjectPtr<FromTagObj>>()->never_null.defined());
}

class ThrowingObj : public Object {
 public:
  ThrowingObj() { TVM_FFI_THROW(ValueError) << "cannot be made"; }
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.Throwing", ThrowingObj, Object);
};

TEST(ObjectDef, AnErrorOfAConstructorIsRaised) {
  refl::ObjectDef<ThrowingObj>(refl::init(false));
  TVMFFIObjectHandle handle = nullptr;
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(ThrowingObj::RuntimeTypeIndex());
  ASSERT_EQ(info->metadata->creator(&handle), -1);
  EXPECT_EQ(tvm::ffi::detail::MoveFromSafeCallRaised().message(), "cannot be made");
  EXPECT_EQ(ErrorOf([&] { Attr("__ffi_new__", info->type_index).cast<Function>()(); }),
            "ValueError: cannot be made");
}

class AnyInitObj : public Object {
 public:
  explicit AnyInitObj(Any value) : value(std::move(value)) {}
  Any value;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.AnyInit", AnyInitObj, Object);
};
class ViewInitObj : public Object {
 public:
  explicit ViewInitObj(AnyView value) : value(value) {}
  Any value;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registry.ViewInit", ViewInitObj, Object);
};

TEST(ObjectDef, AConstructorMayTakeAnything) {
  refl::ObjectDef<AnyInitObj>().def(refl::init<Any>());
  refl::ObjectDef<ViewInitObj>().def(refl::init<AnyView>());
  Function any_init = refl::GetMethod("test.registry.AnyInit", "__ffi_init__");
  Function view_init = refl::GetMethod("test.registry.ViewInit", "__ffi_init__");
  EXPECT_EQ(any_init("text").cast<ObjectPtr<AnyInitObj>>()->value.cast<String>(), "text");
  EXPECT_EQ(any_init(nullptr).cast<ObjectPtr<AnyInitObj>>()->value, nullptr);
  EXPECT_EQ(view_init(2.5).cast<ObjectPtr<ViewInitObj>>()->value.cast<double>(), 2.5);
}

// ---- Overloads by cast -------------------------------------------------------------------------

int Over(int) { return 1; }
[[maybe_unused]] int Over(double) { return 2; }
int Over(double, int) { return 3; }
struct Overloaded {
  int Get(int) { return 4; }
  int Get(int) const { return 5; }
  int Get(int, String) const { return 6; }
  int Single(int, double) { return 7; }
};

template <auto Member>
constexpr bool kIsMember = std::is_member_function_pointer_v<decltype(Member)>;

TEST(OverloadCast, PicksByTheFirstParameters) {
  EXPECT_EQ(refl::overload_cast<int>(&Over)(1), 1);
  EXPECT_EQ(refl::overload_cast<double>(&Over)(1), 2);  // the exact match
  EXPECT_EQ((refl::overload_cast<double, int>(&Over)(1, 1)), 3);
  EXPECT_EQ((Overloaded().*refl::overload_cast<int>(&Overloaded::Get))(0), 4);
  EXPECT_EQ((Overloaded().*refl::overload_cast<int>(&Overloaded::Get, refl::const_))(0), 5);
  constexpr auto two = refl::overload_cast<int, String>(&Overloaded::Get, refl::const_);
  EXPECT_EQ((Overloaded().*two)(0, ""), 6);
  EXPECT_EQ((Overloaded().*refl::overload_cast<int>(&Overloaded::Single))(0, 0), 7);
  EXPECT_TRUE((kIsMember<refl::overload_cast<int>(&Overloaded::Get)>));
}

}  // namespace
