// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/optional.h>

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
using tvm::ffi::Bytes;
using tvm::ffi::Error;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;
using tvm::ffi::String;

template <typename... T>
constexpr bool kAreCells = ((sizeof(Optional<T>) == sizeof(TVMFFIAny) &&
                             alignof(Optional<T>) == alignof(TVMFFIAny)) &&
                            ...);
static_assert(kAreCells<int8_t, int16_t, int32_t, int64_t, uint8_t, uint16_t, uint32_t, uint64_t,
                        bool, float, double, String, Bytes, void*>,
              "");
static_assert(sizeof(Optional<Optional<int>>) == 16 && sizeof(Optional<Optional<Int>>) == 16, "");
static_assert(sizeof(Optional<Int>) == 8 && sizeof(Optional<Error>) == 8, "");
static_assert(!std::is_base_of_v<ObjectRef, Optional<Int>> &&
                  !std::is_convertible_v<Optional<Int>, ObjectRef>,
              "no reference itself");
static_assert(std::is_same_v<Optional<Int>::value_type, Int> &&
                  std::is_same_v<Optional<int>::value_type, int> &&
                  std::is_same_v<Optional<std::string>::value_type, std::string> &&
                  std::is_same_v<Optional<Int>::ContainerType, IntObj>,
              "");
static_assert(std::is_same_v<decltype(std::declval<const Optional<std::string>&>().value()),
                             const std::string&>,
              "the last form gives references");

// ---- Behaviour that all forms share ------------------------------------------------------------

template <typename T>
class OptionalForms : public testing::Test {};

// Two values of each type.
template <typename T>
struct Values;
template <>
struct Values<Int> {  // an object class
  Int first = Int(1), second = Int(2);
};
template <>
struct Values<String> {  // a cell
  String first = "first", second = "the second text";
};
template <>
struct Values<int64_t> {
  int64_t first = 1, second = 2;
};
template <>
struct Values<std::string> {  // no storage of its own
  std::string first = "first", second = "second";
};

using Forms = testing::Types<Int, String, int64_t, std::string>;
TYPED_TEST_SUITE(OptionalForms, Forms);

TYPED_TEST(OptionalForms, EmptyUntilGivenAValue) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> optional;
  EXPECT_FALSE(optional.has_value());
  EXPECT_FALSE(optional);
  EXPECT_TRUE(optional == std::nullopt);
  EXPECT_TRUE(optional == nullptr);
  EXPECT_EQ(ErrorOf([&] { optional.value(); }), "RuntimeError: Back optional access");
  optional = values.first;
  EXPECT_TRUE(optional.has_value());
  EXPECT_TRUE(optional);
  EXPECT_TRUE(optional != std::nullopt);
  EXPECT_TRUE(optional.value() == values.first);
  EXPECT_TRUE(*optional == values.first);
  optional = std::nullopt;
  EXPECT_FALSE(optional.has_value());
  Optional<T> none = std::nullopt;
  EXPECT_FALSE(none.has_value());
}

TYPED_TEST(OptionalForms, ConvertsFromStdOptional) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> some = std::optional<T>(values.first);
  EXPECT_TRUE(some.value() == values.first);
  Optional<T> none = std::optional<T>();
  EXPECT_FALSE(none.has_value());
  none = std::optional<T>(values.second);
  EXPECT_TRUE(none.value() == values.second);
}

TYPED_TEST(OptionalForms, ComparesValues) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> none, first = values.first, second = values.second;
  EXPECT_TRUE(none == Optional<T>());
  EXPECT_TRUE(first == Optional<T>(values.first));
  EXPECT_TRUE(first != second);
  EXPECT_FALSE(first == second);
  EXPECT_TRUE(first != none);
  EXPECT_FALSE(none == first);
  EXPECT_TRUE(first == values.first);
  EXPECT_TRUE(first != values.second);
  EXPECT_FALSE(none == values.first);
  EXPECT_TRUE(none != values.first);
  EXPECT_TRUE(first == std::optional<T>(values.first));
  EXPECT_TRUE(first != std::optional<T>());
  EXPECT_TRUE(none == std::optional<T>());
}

TYPED_TEST(OptionalForms, ValueOr) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> none, some = values.first;
  EXPECT_TRUE(some.value_or(values.second) == values.first);
  EXPECT_TRUE(none.value_or(values.second) == values.second);
  EXPECT_TRUE(std::move(some).value_or(values.second) == values.first);
}

TYPED_TEST(OptionalForms, CopiesAndMoves) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> some = values.first;
  Optional<T> copy = some;
  EXPECT_TRUE(copy == some);
  Optional<T> moved = std::move(copy);
  EXPECT_TRUE(moved == some);
  copy = moved;
  copy = std::move(moved);
  EXPECT_TRUE(copy == some);
}

TYPED_TEST(OptionalForms, TravelsInAny) {
  using T = TypeParam;
  Values<T> values;
  Optional<T> none, some = values.first;
  EXPECT_EQ(Any(none), nullptr);
  EXPECT_EQ(AnyView(none), nullptr);
  EXPECT_TRUE(Any(some).template cast<Optional<T>>() == some);
  EXPECT_TRUE(AnyView(some).template cast<Optional<T>>() == some);
  EXPECT_FALSE(Any(nullptr).template cast<Optional<T>>().has_value());
  EXPECT_FALSE(Any(Float(1.0)).template try_cast<Optional<T>>().has_value());
}

// ---- Object classes and cells ------------------------------------------------------------------

TEST(Optional, MovingOutEmpties) {
  Optional<Int> number = Int(1);
  EXPECT_TRUE(std::move(number).value().unique());
  EXPECT_FALSE(number.has_value());  // NOLINT(bugprone-use-after-move)
  number = Int(2);
  Int taken = *std::move(number);
  EXPECT_FALSE(number.has_value());  // NOLINT(bugprone-use-after-move)
  Optional<String> text = String("a text of some length");
  EXPECT_EQ(*std::move(text), "a text of some length");
  EXPECT_FALSE(text.has_value());  // NOLINT(bugprone-use-after-move)
  Optional<int> integer = 5;
  EXPECT_EQ(std::move(integer).value(), 5);
  EXPECT_FALSE(integer.has_value());  // NOLINT(bugprone-use-after-move)
  Optional<int> moved_from = 5;
  Optional<int> moved_to = std::move(moved_from);
  EXPECT_FALSE(moved_from.has_value());  // NOLINT(bugprone-use-after-move)
}

TEST(Optional, TextAndNumbersCompareWithWhatTheyCompareWith) {
  Optional<int> x;
  Optional<int> y = 11;
  EXPECT_TRUE(x != 12);
  EXPECT_TRUE(y == 11);
  EXPECT_TRUE(y == 11.0);
  Optional<String> text = nullptr;
  EXPECT_EQ(text.value_or("default"), "default");
  text = "hello";
  EXPECT_TRUE(text == "hello");
  EXPECT_TRUE(text == String("hello"));
  EXPECT_TRUE(text == std::string("hello"));
  EXPECT_TRUE(text != "other");
  Optional<Bytes> bytes;
  bytes = std::string("abc");
  EXPECT_TRUE(bytes.value_or(std::string("x")) == "abc");
  Optional<double> nan = std::numeric_limits<double>::quiet_NaN();
  EXPECT_FALSE(nan == nan);  // the values decide
}

TEST(Optional, ObjectFormSharesTheObject) {
  Int number(5);
  Optional<Int> optional = number;
  EXPECT_EQ(optional.use_count(), 2);
  EXPECT_FALSE(optional.unique());
  EXPECT_EQ(optional.get(), number.get());
  EXPECT_EQ(optional->value, 5);
  EXPECT_TRUE(optional.same_as(number));
  EXPECT_TRUE(optional.same_as(Optional<Int>(number)));
  EXPECT_FALSE(optional.same_as(Int(5)));
  EXPECT_TRUE(Optional<Int>().same_as(ObjectRef()));
  optional = nullptr;
  EXPECT_EQ(optional.get(), nullptr);
  EXPECT_EQ(optional.use_count(), 0);
  EXPECT_FALSE(Optional<Int>(tvm::ffi::UnsafeInit{}).has_value());
  Optional<Number> base = number;  // a derived class converts
  EXPECT_EQ(number.use_count(), 2);
}

TEST(Optional, KeepsTheMembersItHadAsAReference) {
  Optional<Int> optional;
  EXPECT_FALSE(optional.defined());
  EXPECT_EQ(optional.type_index(), kTVMFFINone);
  EXPECT_EQ(optional.GetTypeKey(), "None");
  optional = Int(1);
  EXPECT_TRUE(optional.defined());
  EXPECT_EQ(optional.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_EQ(optional.GetTypeKey(), "test.number.Int");
  static_assert(Optional<Int>::_type_container_is_exact, "");
}

TEST(Optional, CellFormComparesBits) {
  Int number(5);
  EXPECT_TRUE(Optional<int>(5).same_as(Optional<int>(5)));
  EXPECT_FALSE(Optional<int>(5).same_as(Optional<int>()));
  Optional<Optional<Int>> nested = Optional<Int>(number);
  EXPECT_TRUE(nested.same_as(number));
  EXPECT_FALSE(nested.same_as(Int(5)));
}

TEST(Optional, NestedOnesCollapseOnNone) {
  Optional<Optional<int>> none = Optional<int>(std::nullopt);
  EXPECT_FALSE(none.has_value());
  Optional<Optional<int>> some = Optional<int>(5);
  EXPECT_EQ(some.value().value(), 5);
  Any any = some;
  EXPECT_EQ(any.cast<int>(), 5);
  EXPECT_EQ(any.cast<Optional<Optional<int>>>().value().value(), 5);
  Optional<Number> null = Number();
  EXPECT_FALSE(null.has_value());  // a null reference is nothing
}

TEST(Optional, ReadsFromAnyStrictlyOrLeniently) {
  Any any = 1;
  EXPECT_FALSE(any.as<Optional<double>>().has_value());
  EXPECT_EQ(any.cast<Optional<double>>().value(), 1.0);
  EXPECT_TRUE(Any().as<Optional<double>>().has_value());
  Any object = Int(5);
  Optional<Int> number = object.as<Int>();
  EXPECT_EQ(number.value()->value, 5);
  Optional<Int> moved = std::move(object).cast<Optional<Int>>();
  EXPECT_EQ(object, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.use_count(), 2);
  Any error = Error("ValueError", "no", "");
  Optional<Error> caught = error.as<Error>();
  EXPECT_EQ(caught.value().message(), "no");
}

TEST(Optional, NamesAndSchemas) {
  using tvm::ffi::TypeTraits;
  EXPECT_EQ(TypeTraits<Optional<Int>>::TypeStr(), "Optional<test.number.Int>");
  EXPECT_EQ(TypeTraits<Optional<Optional<int>>>::TypeStr(), "Optional<Optional<int>>");
  EXPECT_EQ(TypeTraits<Optional<String>>::TypeSchema(),
            R"({"type":"Optional","args":[{"type":"ffi.String"}]})");
  EXPECT_EQ(ErrorOf([] { Any("x").cast<Optional<int>>(); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `Optional<int>`");
  static_assert(TypeTraits<Optional<int>>::storage_enabled &&
                    !TypeTraits<Optional<std::string>>::storage_enabled &&
                    TypeTraits<Optional<std::string>>::convert_enabled,
                "");
  static_assert(TypeTraits<Optional<int>>::field_static_type_index == kTVMFFIAny, "");
}

}  // namespace
