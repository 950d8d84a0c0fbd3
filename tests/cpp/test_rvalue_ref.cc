// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/rvalue_ref.h>

#include <string>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Float;
using number::Int;
using number::IntObj;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Array;
using tvm::ffi::Function;
using tvm::ffi::RValueRef;
using tvm::ffi::TypeTraits;

static_assert(std::is_same_v<decltype(RValueRef(std::declval<Int>())), RValueRef<Int>>, "CTAD");
static_assert(!TypeTraits<RValueRef<Int>>::storage_enabled, "travels in calls only");

TEST(RValueRef, CalleeCanTakeTheOnlyReference) {
  Function unique = Function::FromTyped([](RValueRef<Int> ref) {
    Int number = *std::move(ref);
    return number.unique();
  });
  Int number(5);
  EXPECT_FALSE(unique(number).cast<bool>());
  EXPECT_TRUE(number.unique());
  EXPECT_TRUE(unique(RValueRef(std::move(number))).cast<bool>());
  EXPECT_FALSE(number.defined());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(IntObj::live, 0);
}

TEST(RValueRef, AnyTakesIt) {
  Function pass = Function::FromTyped([](Any value) { return value.as<IntObj>()->unique(); });
  EXPECT_TRUE(pass(RValueRef(Int(5))).cast<bool>());
}

TEST(RValueRef, PlainParametersDoNot) {
  Function plain = Function::FromTyped([](Int number) { return number->value; });
  EXPECT_EQ(ErrorOf([&] { plain(RValueRef(Int(5))); }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: test.number.Int) -> "
            "int`. Expected `test.number.Int` but got `ObjectRValueRef`");
  EXPECT_EQ(IntObj::live, 0);
}

TEST(RValueRef, MismatchLeavesTheObjectWithItsOwner) {
  Function floats = Function::FromTyped([](RValueRef<Float>) {});
  EXPECT_EQ(ErrorOf([&] { floats(RValueRef(Int(5))); }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: "
            "RValueRef<test.number.Float>) -> void`. Expected `RValueRef<test.number.Float>` but "
            "got `RValueRef<test.number.Int>`");
  Int number(5);
  EXPECT_NE(ErrorOf([&] { floats(number); }).find("but got `test.number.Int`"), std::string::npos);
  EXPECT_EQ(TypeTraits<RValueRef<Int>>::TypeSchema(),
            R"({"type":"ObjectRValueRef","args":[{"type":"test.number.Int"}]})");
}

TEST(RValueRef, ConversionCopies) {
  Function sum = Function::FromTyped([](RValueRef<Array<double>> ref) {
    double total = 0;
    for (double x : *std::move(ref)) total += x;
    return total;
  });
  Array<int> ints = {1, 2, 3};
  EXPECT_EQ(sum(RValueRef(Array<int>(ints))).cast<double>(), 6.0);
  EXPECT_EQ(ints.size(), 3u);
  Function ints_only = Function::FromTyped([](RValueRef<Array<int>>) {});
  EXPECT_NE(ErrorOf([&] {
              ints_only(RValueRef(Array<Any>({1, 2.5})));
            }).find("Expected `RValueRef<Array<int>>` but got `RValueRef<Array[index 1: float]>`"),
            std::string::npos);
}

TEST(RValueRef, MovesIntoAnAny) {
  Int number(5);
  Any any = RValueRef<Int>(std::move(number));
  EXPECT_EQ(any.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_TRUE(std::move(any).cast<Int>().unique());
}

}  // namespace
