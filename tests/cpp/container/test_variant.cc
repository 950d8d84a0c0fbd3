// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <unordered_map>

#include "../number_object.h"
#include "expr_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

TEST(Variant, HoldsOneOfItsTypes) {
  static_assert(sizeof(Variant<Int, Array<Int>>) == 16);
  static_assert(!std::is_default_constructible_v<Variant<int, String>>);
  static_assert(!std::is_constructible_v<Variant<Int, String>, Float>);
  static_assert(Variant<Number, String>::variant_contains_v<Int>);
  Variant<int, Number> variant = 1;
  EXPECT_EQ(variant.as<int>(), 1);
  EXPECT_EQ(variant.get<int>(), 1);
  EXPECT_FALSE(variant.as<Number>().has_value());
  EXPECT_EQ(variant.as<NumberObj>(), nullptr);
  EXPECT_EQ(variant.GetTypeKey(), "int");
  variant = Int(5);
  EXPECT_EQ(variant.as<IntObj>()->value, 5);
  EXPECT_EQ(variant.GetTypeKey(), "test.number.Int");
  EXPECT_EQ(ErrorOf([&] { variant.get<int>(); }),
            "TypeError: Cannot convert from type `test.number.Int` to `int`");
  Int moved = std::move(variant).get<Int>();
  EXPECT_EQ(moved.use_count(), 1);
}

TEST(Variant, Identity) {
  Int one(1);
  Variant<int, Int> a = one;
  Variant<int, Int> b = one;
  EXPECT_TRUE(a.same_as(b));
  EXPECT_FALSE(a.same_as(Variant<int, Int>(Int(1))));
  using Refs = Variant<Int, Float>;
  std::unordered_map<Refs, int, ObjectPtrHash, ObjectPtrEqual> map;
  map[Refs(one)] = 1;
  EXPECT_EQ(map.count(Refs(one)), 1U);
  EXPECT_EQ(map.count(Refs(Float(1))), 0U);
  EXPECT_EQ(ObjectPtrHash()(Refs(one)), ObjectPtrHash()(one));
}

TEST(Variant, AnyConvertsStrictlyFirstThenInOrder) {
  Any any = Variant<int, String>(String("text"));
  EXPECT_EQ(any.type_index(), TypeIndex::kTVMFFISmallStr);
  EXPECT_EQ((any.as<Variant<int, String>>().value().as<String>()), "text");
  EXPECT_FALSE((any.as<Variant<int, double>>().has_value()));
  EXPECT_EQ((Any(1).cast<Variant<double, int>>().GetTypeKey()), "int");
  EXPECT_EQ((Any(1).cast<Variant<Int, double>>().GetTypeKey()), "float");
  auto expr = Any(1).cast<Variant<Expr, Array<Expr>>>();
  EXPECT_EQ(expr.as<ExprObj>()->value, 1);
  auto list = Any(Array<Any>{1, 2}).cast<Variant<Expr, Array<Expr>>>();
  EXPECT_EQ(list.as<Array<Expr>>().value()[1]->value, 2);
  EXPECT_EQ((Any(1.5).cast<Variant<int, Any>>().GetTypeKey()), "float");
  EXPECT_FALSE((Any("x").try_cast<Variant<int, double>>().has_value()));
}

TEST(Variant, CountsReferences) {
  Int one(1);
  {
    Variant<int, Int> variant = one;
    Any any = variant;
    EXPECT_EQ(one.use_count(), 3);
    AnyView view = variant;
    EXPECT_EQ(view.type_index(), one.type_index());
    EXPECT_EQ(one.use_count(), 3);
    Variant<int, Int> again = std::move(any).cast<Variant<int, Int>>();
    EXPECT_EQ(one.use_count(), 3);
  }
  EXPECT_EQ(one.use_count(), 1);
}

TEST(Variant, IsAnElement) {
  Array<Variant<int, double>> array = Array<int>{1, 2};
  EXPECT_EQ(array[1].get<int>(), 2);
  static_assert(type_subsumes_v<Variant<int, Number>, Int>);
  static_assert(type_subsumes_v<Variant<int, Number>, Variant<int, Number>>);
  static_assert(!type_subsumes_v<Variant<int, Int>, Number>);
}

TEST(Variant, Mismatch) {
  Function f = Function::FromTyped([](Variant<int, Int>) {});
  EXPECT_NE(
      ErrorOf([&] { f(1.5); }).find("Expected `Variant<int, test.number.Int>` but got `float`"),
      std::string::npos);
  Function g = Function::FromTyped([](Array<Variant<int, Int>>) {});
  EXPECT_NE(
      ErrorOf([&] {
        g(Array<Any>{1, 1.5});
      }).find("Expected `Array<Variant<int, test.number.Int>>` but got `Array[index 1: float]`"),
      std::string::npos);
  EXPECT_EQ((TypeTraits<Variant<int, Int>>::TypeSchema()),
            R"({"type":"Variant","args":[{"type":"int"},{"type":"test.number.Int"}]})");
  EXPECT_EQ((TypeTraits<Variant<int, Int>>::field_static_type_index), TypeIndex::kTVMFFIAny);
}

}  // namespace
