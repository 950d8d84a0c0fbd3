// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Float;
using number::Int;
using number::IntObj;
using number::Number;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::String;

static_assert(sizeof(Any) == sizeof(TVMFFIAny) && alignof(Any) == alignof(TVMFFIAny), "");
static_assert(std::is_nothrow_move_constructible_v<Any> && std::is_nothrow_move_assignable_v<Any>,
              "");
static_assert(std::is_same_v<tvm::Any, Any> && std::is_same_v<tvm::AnyView, AnyView>, "");

TEST(Any, DefaultIsNone) {
  Any any;
  EXPECT_EQ(any, nullptr);
  EXPECT_EQ(any.type_index(), kTVMFFINone);
  EXPECT_EQ(any.GetTypeKey(), "None");
  EXPECT_TRUE(any.same_as(Any()));
  any = 1;
  EXPECT_TRUE(any != nullptr);
  EXPECT_EQ(any.GetTypeKey(), "int");
  any.reset();
  EXPECT_EQ(any, nullptr);
}

TEST(Any, OwnsObjects) {
  Int number(5);
  {
    Any any = number;
    EXPECT_EQ(number.use_count(), 2);
    Any copy = any;
    EXPECT_EQ(number.use_count(), 3);
    Any moved = std::move(copy);
    EXPECT_EQ(copy, nullptr);  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(number.use_count(), 3);
    any = 1;
    EXPECT_EQ(number.use_count(), 2);
    moved = any;
    EXPECT_TRUE(number.unique());
    any = number;
    Any& self = any;
    any = self;
    any = std::move(self);
    EXPECT_EQ(number.use_count(), 2);
    any.reset();
    EXPECT_TRUE(number.unique());
    any = std::move(number);
    EXPECT_FALSE(number.defined());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(IntObj::live, 1);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Any, SwapsBothWays) {
  Any a = 1;
  Any b = Int(2);
  a.swap(b);
  EXPECT_EQ(a.as<IntObj>()->value, 2);
  EXPECT_EQ(b.cast<int>(), 1);
}

TEST(Any, SameAsComparesBits) {
  Int number(5);
  EXPECT_TRUE(Any(number).same_as(Any(number)));
  EXPECT_FALSE(Any(number).same_as(Any(Int(5))));
  EXPECT_TRUE(Any(1).same_as(Any(1)));
  EXPECT_FALSE(Any(1).same_as(Any(true)));
  EXPECT_FALSE(Any("a").same_as(Any(String(std::string("a")))));
  EXPECT_TRUE(Any(number).same_as(number));
  EXPECT_FALSE(Any(number).same_as(Int(5)));
  EXPECT_TRUE(Any().same_as(ObjectRef()));
  EXPECT_FALSE(Any(1).same_as(ObjectRef()));
}

TEST(Any, NullReferencesAreNone) {
  EXPECT_EQ(Any(Number()), nullptr);
  EXPECT_EQ(Any(ObjectRef(nullptr)), nullptr);
  EXPECT_FALSE(Any(nullptr).cast<Number>().defined());
  EXPECT_EQ(ErrorOf([] { Any(nullptr).cast<Int>(); }),
            "TypeError: Cannot convert from type `None` to `test.number.Int`");
  Int moved_from(1);
  Int taken = std::move(moved_from);
  EXPECT_EQ(Any(moved_from), nullptr);  // NOLINT(bugprone-use-after-move)
}

TEST(AnyAs, IsStrict) {
  EXPECT_EQ(Any(1).as<int>(), 1);
  EXPECT_EQ(Any(1).as<double>(), std::nullopt);
  EXPECT_EQ(Any(true).as<int>(), std::nullopt);
  Int number(5);
  Any any = number;
  EXPECT_TRUE(any.as<Number>()->same_as(number));
  EXPECT_FALSE(any.as<Float>().has_value());
  EXPECT_EQ(any.as<IntObj>(), number.get());
  EXPECT_EQ(any.as<number::FloatObj>(), nullptr);
  EXPECT_EQ(Any(1).as<IntObj>(), nullptr);
  EXPECT_EQ(Any().as<IntObj>(), nullptr);
  EXPECT_TRUE(any.as<Any>()->same_as(any));
  EXPECT_TRUE(any.as<const IntObj*>().has_value());
}

TEST(AnyAs, MovesOutOfAnRValueOnSuccessOnly) {
  Int number(5);
  Any any = number;
  EXPECT_FALSE(std::move(any).as<Float>().has_value());
  EXPECT_EQ(number.use_count(), 2);
  std::optional<Int> taken = std::move(any).as<Int>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(number.use_count(), 2);
  any = 3;
  EXPECT_EQ(std::move(any).as<int>(), 3);
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  any = number;
  std::optional<Any> whole = std::move(any).as<Any>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(whole->same_as(number));
}

TEST(AnyAsOrThrow, NamesBothTypes) {
  Any any = Int(5);
  EXPECT_EQ(any.as_or_throw<Int>()->value, 5);
  EXPECT_EQ(ErrorOf([&] { any.as_or_throw<Float>(); }),
            "TypeError: Cannot treat type `test.number.Int` as type `test.number.Float`");
  EXPECT_EQ(ErrorOf([] { Any(1).as_or_throw<double>(); }),
            "TypeError: Cannot treat type `int` as type `float`");
  EXPECT_EQ(ErrorOf([] { Any().as_or_throw<int>(); }),
            "TypeError: Cannot treat type `None` as type `int`");
  EXPECT_NE(ErrorOf([&] { std::move(any).as_or_throw<Float>(); }), "");
  Int taken = std::move(any).as_or_throw<Int>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(taken.unique());
  EXPECT_EQ(Any(2).as_or_throw<Any>().cast<int>(), 2);
}

TEST(AnyCast, ConvertsWhereTheTypeSaysSo) {
  Any any = 1;
  EXPECT_EQ(any.cast<double>(), 1.0);
  EXPECT_EQ(any.try_cast<bool>(), true);
  EXPECT_EQ(any.try_cast<String>(), std::nullopt);
  EXPECT_EQ(any.cast<Any>().cast<int>(), 1);
  EXPECT_TRUE(any.try_cast<Any>()->same_as(any));
  EXPECT_EQ(std::move(any).cast<double>(), 1.0);
}

TEST(AnyCast, MovesOutOfAnRValueThatNeedsNoConversion) {
  Any any = Int(5);
  Int number = std::move(any).cast<Int>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(number.unique());
  any = number;
  EXPECT_EQ(ErrorOf([&] { std::move(any).cast<Float>(); }),
            "TypeError: Cannot convert from type `test.number.Int` to `test.number.Float`");
  EXPECT_EQ(number.use_count(), 2);
}

TEST(AnyCast, MessagesNameTheStoredForm) {
  EXPECT_EQ(ErrorOf([] { Any().cast<int>(); }),
            "TypeError: Cannot convert from type `None` to `int`");
  EXPECT_EQ(ErrorOf([] { Any().cast<bool>(); }),
            "TypeError: Cannot convert from type `None` to `bool`");
  EXPECT_EQ(ErrorOf([] { Any().cast<double>(); }),
            "TypeError: Cannot convert from type `None` to `float`");
  EXPECT_EQ(ErrorOf([] { Any("abc").cast<Int>(); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `test.number.Int`");
}

// ---- AnyUnsafe ---------------------------------------------------------------------------------

TEST(AnyUnsafe, MovesCellsWithoutCounting) {
  using tvm::ffi::detail::AnyUnsafe;
  Int number(5);
  TVMFFIAny cell = AnyUnsafe::MoveAnyToTVMFFIAny(Any(number));
  EXPECT_EQ(number.use_count(), 2);
  Any any = AnyUnsafe::MoveTVMFFIAnyToAny(&cell);
  EXPECT_EQ(cell.type_index, kTVMFFINone);
  EXPECT_EQ(cell.v_uint64, 0u);
  EXPECT_EQ(number.use_count(), 2);
  cell = AnyUnsafe::MoveAnyToTVMFFIAny(std::move(any));
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  any = AnyUnsafe::MoveTVMFFIAnyRawToAny(cell);
  EXPECT_EQ(number.use_count(), 2);
  EXPECT_EQ(AnyUnsafe::RawObjectPtrFromAnyAfterCheck<IntObj>(any), number.get());
  EXPECT_EQ(AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<const IntObj>(AnyView(any)), number.get());
  EXPECT_EQ(AnyUnsafe::ObjectPtrFromAnyAfterCheck(any), number.get());
  EXPECT_EQ(AnyUnsafe::TVMFFIAnyPtrFromAny(any)->type_index, any.type_index());
}

TEST(AnyUnsafe, ChecksAndExtracts) {
  using tvm::ffi::detail::AnyUnsafe;
  Any any = Int(5);
  EXPECT_TRUE(AnyUnsafe::CheckAnyStrict<Number>(any));
  EXPECT_FALSE(AnyUnsafe::CheckAnyStrict<Float>(any));
  EXPECT_TRUE(AnyUnsafe::CheckAnyStrict<Any>(any));
  EXPECT_TRUE(AnyUnsafe::CheckAnyViewStrict<Int>(AnyView(any)));
  EXPECT_TRUE(AnyUnsafe::CheckAnyViewStrict<Any>(AnyView(any)));
  EXPECT_EQ(AnyUnsafe::CopyFromAnyViewAfterCheck<Int>(any).use_count(), 2);
  EXPECT_TRUE(AnyUnsafe::CopyFromAnyViewAfterCheck<Any>(any).same_as(any));
  EXPECT_EQ(AnyUnsafe::GetMismatchTypeInfo<int>(any), "test.number.Int");
  EXPECT_EQ(AnyUnsafe::GetMismatchTypeInfo<Any>(any), "test.number.Int");
  Int taken = AnyUnsafe::MoveFromAnyAfterCheck<Int>(std::move(any));
  EXPECT_TRUE(taken.unique());
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
}

}  // namespace
