// SPDX-License-Identifier: Apache-2.0
//
// Reading an Optional as another type, and optionals of owning pointers.
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/optional.h>

#include <optional>
#include <string>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Float;
using number::FloatObj;
using number::Int;
using number::IntObj;
using number::Number;
using number::NumberObj;
using tvm::ffi::Any;
using tvm::ffi::Arc;
using tvm::ffi::make_arc;
using tvm::ffi::make_object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::Optional;
using tvm::ffi::String;

TEST(OptionalAs, IsStrict) {
  Optional<Number> number = Int(5);
  EXPECT_EQ(number.as<IntObj>()->value, 5);
  EXPECT_EQ(number.as<FloatObj>(), nullptr);
  EXPECT_EQ(number.as<Int>()->get(), number.get());
  EXPECT_FALSE(number.as<Float>().has_value());
  EXPECT_FALSE(number.as<int>().has_value());
  Optional<int> integer = 5;
  EXPECT_EQ(integer.as<int64_t>(), 5);
  EXPECT_FALSE(integer.as<double>().has_value());
  EXPECT_EQ(integer.as<IntObj>(), nullptr);
  EXPECT_EQ(integer.as<Any>()->cast<int>(), 5);
}

TEST(OptionalAs, EmptyReadsAsNone) {
  Optional<Number> none;
  EXPECT_EQ(none.as<IntObj>(), nullptr);
  EXPECT_FALSE(none.as<Int>().has_value());
  ASSERT_TRUE(none.as<Number>().has_value());  // nullable
  EXPECT_FALSE(none.as<Number>()->defined());
  EXPECT_TRUE(none.as<std::nullptr_t>().has_value());
  Optional<int> no_integer;
  EXPECT_FALSE(no_integer.as<int>().has_value());
  EXPECT_EQ(*no_integer.as<Any>(), nullptr);
}

TEST(OptionalAsOrThrow, NamesBothTypes) {
  Optional<Number> number = Int(5);
  EXPECT_EQ(number.as_or_throw<Int>()->value, 5);
  EXPECT_EQ(number.as_or_throw<const IntObj*>(), number.get());
  EXPECT_EQ(ErrorOf([&] { number.as_or_throw<Float>(); }),
            "TypeError: Cannot treat type `test.number.Int` as type `test.number.Float`");
  Optional<int> none;
  EXPECT_EQ(ErrorOf([&] { none.as_or_throw<int>(); }),
            "TypeError: Cannot treat type `None` as type `int`");
  EXPECT_EQ(none.as_or_throw<Any>(), nullptr);
}

TEST(OptionalAsOrThrow, MovesOutOnSuccessOnly) {
  Optional<Number> number = Int(5);
  EXPECT_NE(ErrorOf([&] { std::move(number).as_or_throw<Float>(); }), "");
  ASSERT_TRUE(number.has_value());  // NOLINT(bugprone-use-after-move)
  Int taken = std::move(number).as_or_throw<Int>();
  EXPECT_FALSE(number.has_value());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(taken.unique());
  Optional<String> text = String("a text of some length");
  EXPECT_EQ(std::move(text).as_or_throw<String>(), "a text of some length");
  EXPECT_FALSE(text.has_value());  // NOLINT(bugprone-use-after-move)
  text = "again";
  EXPECT_EQ(std::move(text).as_or_throw<Any>().cast<String>(), "again");
  EXPECT_FALSE(text.has_value());  // NOLINT(bugprone-use-after-move)
}

// ---- Owning pointers ---------------------------------------------------------------------------

static_assert(sizeof(Optional<ObjectPtr<IntObj>>) == 8 && sizeof(Optional<Arc<IntObj>>) == 8, "");

template <typename Ptr>
class OptionalPtr : public testing::Test {};
using Pointers = testing::Types<ObjectPtr<IntObj>, Arc<IntObj>>;
TYPED_TEST_SUITE(OptionalPtr, Pointers);

TYPED_TEST(OptionalPtr, IsNullWhenEmpty) {
  using Ptr = TypeParam;
  Optional<Ptr> none;
  EXPECT_FALSE(none.has_value());
  EXPECT_FALSE(none);
  EXPECT_TRUE(none == nullptr && none == std::nullopt);
  EXPECT_EQ(none.get(), nullptr);
  EXPECT_EQ(ErrorOf([&] { none.value(); }), "RuntimeError: Bad optional access");
  EXPECT_EQ(Any(none), nullptr);
  none = make_arc<IntObj>(1);
  EXPECT_TRUE(none);
  none = nullptr;
  EXPECT_FALSE(none);
  none = make_arc<IntObj>(1);
  none = std::nullopt;
  EXPECT_FALSE(none);
  EXPECT_EQ(IntObj::live, 0);
}

TYPED_TEST(OptionalPtr, SharesTheObject) {
  using Ptr = TypeParam;
  Ptr pointer = make_arc<IntObj>(7);
  Optional<Ptr> optional = pointer;
  EXPECT_EQ(optional.use_count(), 2);
  EXPECT_FALSE(optional.unique());
  EXPECT_EQ(optional.get(), pointer.get());
  EXPECT_TRUE(optional.same_as(pointer));
  EXPECT_TRUE(optional == pointer);
  EXPECT_TRUE(optional == Optional<Ptr>(pointer));
  EXPECT_TRUE(optional != Optional<Ptr>());
  EXPECT_TRUE(optional.same_as(Optional<Ptr>(pointer)));
  EXPECT_EQ((*optional)->value, 7);
  EXPECT_EQ(optional.value()->value, 7);
  EXPECT_EQ(optional.value_or(pointer)->value, 7);
  Ptr moved = std::move(optional).value();
  EXPECT_FALSE(optional.has_value());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(pointer.use_count(), 2);
}

TYPED_TEST(OptionalPtr, RoundTripsThroughAny) {
  using Ptr = TypeParam;
  Ptr pointer = make_arc<IntObj>(7);
  Any any = Optional<Ptr>(pointer);
  EXPECT_EQ(any.as<IntObj>(), pointer.get());
  EXPECT_TRUE(any.cast<Optional<Ptr>>() == pointer);
  EXPECT_FALSE(Any().cast<Optional<Ptr>>().has_value());
  EXPECT_FALSE(Any(Float(1.0)).try_cast<Optional<Ptr>>().has_value());
  Optional<Ptr> optional = std::move(any).cast<Optional<Ptr>>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(pointer.use_count(), 2);
}

TYPED_TEST(OptionalPtr, ReadsAsOtherTypes) {
  using Ptr = TypeParam;
  Optional<Ptr> optional = Ptr(make_arc<IntObj>(7));
  EXPECT_EQ(optional.template as<NumberObj>(), optional.get());
  EXPECT_EQ(optional.template as<FloatObj>(), nullptr);
  EXPECT_EQ(optional.template as_or_throw<Int>()->value, 7);
  EXPECT_EQ(ErrorOf([&] { std::move(optional).template as_or_throw<Float>(); }),
            "TypeError: Cannot treat type `test.number.Int` as type `test.number.Float`");
  Int taken = std::move(optional).template as_or_throw<Int>();
  EXPECT_FALSE(optional.has_value());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(taken.unique());
}

TEST(OptionalPtr, NullPointerIsNothing) {
  Optional<ObjectPtr<IntObj>> optional = ObjectPtr<IntObj>(nullptr);
  EXPECT_FALSE(optional.has_value());
  Optional<Optional<ObjectPtr<IntObj>>> nested = optional;
  EXPECT_FALSE(nested.has_value());
}

}  // namespace
