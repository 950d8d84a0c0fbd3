// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/memory.h>
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
using tvm::ffi::Error;
using tvm::ffi::Expected;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;
using tvm::ffi::String;
using tvm::ffi::TypeTraits;
using tvm::ffi::Unexpected;
using tvm::ffi::detail::ExpectedUnsafe;

Error Failure(const char* message = "no") { return Error("ValueError", message, ""); }

TEST(Expected, HoldsAValueOrAnError) {
  Expected<int> value = 5;
  EXPECT_TRUE(value.is_ok());
  EXPECT_TRUE(value.has_value());
  EXPECT_FALSE(value.is_err());
  EXPECT_EQ(value.type_index(), kTVMFFIInt);
  EXPECT_EQ(value.value(), 5);

  value = Failure();
  EXPECT_TRUE(value.is_err());
  EXPECT_FALSE(value.has_value());
  EXPECT_EQ(value.type_index(), kTVMFFIError);
  EXPECT_EQ(value.error().kind(), "ValueError");
  EXPECT_EQ(sizeof(Expected<int>), sizeof(TVMFFIAny));
}

TEST(Expected, ValueThrowsTheStoredError) {
  Error error = Failure();
  Expected<String> result = error;
  for (int i = 0; i < 2; ++i) {
    try {
      if (i == 0) {
        result.value();
      } else {
        std::move(result).value();
      }
      FAIL() << "value() did not throw";
    } catch (const Error& thrown) {
      EXPECT_TRUE(thrown.same_as(error));
    }
  }
}

TEST(Expected, ErrorOfAValueIsAnError) {
  Expected<int> result = 1;
  const char* message = "RuntimeError: Bad expected access: contains value, not error";
  EXPECT_EQ(ErrorOf([&] { result.error(); }), message);
  EXPECT_EQ(ErrorOf([&] { std::move(result).error(); }), message);
}

TEST(Expected, ValueOrIsUsedForErrorsOnly) {
  Expected<int> value = 5, error = Failure();
  EXPECT_EQ(value.value_or(7), 5);
  EXPECT_EQ(error.value_or(7), 7);
  Expected<String> text = Failure();
  EXPECT_EQ(std::move(text).value_or("default"), "default");
  EXPECT_EQ(Expected<String>("given").value_or("default"), "given");
}

TEST(Expected, IsMadeFromWhatConvertsToItsValue) {
  Expected<double> number = 42;
  EXPECT_EQ(number.type_index(), kTVMFFIFloat);
  Expected<Any> any = String("x");
  EXPECT_EQ(any.value().cast<String>(), "x");
  Expected<Any> object = Int(1);
  EXPECT_EQ(object.value().cast<Int>()->value, 1);
  Expected<Number> base = Int(2);
  EXPECT_EQ(base.value().use_count(), 2);
  Expected<Optional<int>> empty = std::nullopt;
  EXPECT_FALSE(empty.value().has_value());
  auto lambda = [](const Int& number) -> Expected<Any> { return number; };
  EXPECT_TRUE(lambda(Int(3)).is_ok());
}

TEST(Expected, WhatItConvertsFromIsExact) {
  EXPECT_TRUE((std::is_convertible_v<Expected<int>, Expected<double>>));
  EXPECT_TRUE((std::is_convertible_v<Expected<Int>, Expected<Number>>));
  EXPECT_TRUE((std::is_convertible_v<Expected<int>, Expected<Any>>));
  EXPECT_FALSE((std::is_convertible_v<String, Expected<int>>));
  EXPECT_FALSE((std::is_convertible_v<Expected<String>, Expected<int>>));
  EXPECT_FALSE((std::is_convertible_v<Expected<void>, Expected<Any>>));
  EXPECT_FALSE((std::is_convertible_v<Expected<int>, Expected<void>>));
  EXPECT_TRUE((tvm::ffi::type_subsumes_v<Expected<Any>, Expected<void>>));
  EXPECT_TRUE((tvm::ffi::type_subsumes_v<Expected<Number>, Expected<Int>>));
  EXPECT_FALSE((tvm::ffi::type_subsumes_v<Expected<int>, Expected<double>>));
}

TEST(Expected, ConversionCopiesLvaluesAndMovesRvalues) {
  Int number(1);
  Expected<Int> source = number;
  Expected<Number> copied = source;
  EXPECT_EQ(number.use_count(), 3);
  Expected<Number> moved = std::move(source);
  EXPECT_EQ(number.use_count(), 3);
  EXPECT_EQ(source.type_index(), kTVMFFINone);
  Expected<int> failed = Failure();
  Error error = failed.error();
  Expected<double> converted = failed;
  EXPECT_TRUE(converted.error().same_as(error));
  EXPECT_EQ(Expected<double>(Expected<int>(3)).type_index(), kTVMFFIFloat);
}

TEST(Expected, TheStoredIndexDecidesTheState) {
  EXPECT_TRUE(Expected<Any>(Any(Failure())).is_err());
  EXPECT_TRUE(Expected<Any>(Any(nullptr)).is_ok());
}

TEST(Expected, MovesItsValueOut) {
  Expected<Int> result = Int(1);
  Int number = std::move(result).value();
  EXPECT_TRUE(number.unique());
}

TEST(Unexpected, MarksAnError) {
  Expected<int> result = Unexpected(Failure("marked"));
  EXPECT_EQ(result.error().message(), "marked");
  Unexpected unexpected(Failure("held"));
  EXPECT_TRUE((std::is_same_v<decltype(unexpected), Unexpected<Error>>));
  EXPECT_TRUE((std::is_same_v<decltype(unexpected.error()), Error&>));
  EXPECT_TRUE((std::is_same_v<decltype(std::as_const(unexpected).error()), const Error&>));
  EXPECT_TRUE((std::is_same_v<decltype(std::move(unexpected).error()), Error&&>));
  EXPECT_EQ(std::move(unexpected).error().message(), "held");
  EXPECT_FALSE((std::is_convertible_v<Error, Unexpected<Error>>));
}

TEST(Expected, TypesAreRecognised) {
  EXPECT_TRUE((tvm::ffi::detail::is_expected_v<const Expected<int>&>));
  EXPECT_FALSE((tvm::ffi::detail::is_expected_v<int>));
  EXPECT_TRUE((tvm::ffi::detail::is_unexpected_v<Unexpected<Error>&&>));
  EXPECT_FALSE((tvm::ffi::detail::is_unexpected_v<Error>));
}

// ---- void --------------------------------------------------------------------------------------

TEST(ExpectedVoid, IsSuccessUnlessGivenAnError) {
  Expected<void> result;
  EXPECT_TRUE(result.is_ok());
  EXPECT_EQ(result.type_index(), kTVMFFINone);
  result.value();
  result = Failure("void");
  EXPECT_EQ(ErrorOf([&] { result.value(); }), "ValueError: void");
  result = Unexpected(Failure("again"));
  EXPECT_EQ(result.error().message(), "again");
}

// ---- as_or_error -------------------------------------------------------------------------------

TEST(AsOrError, ReadsTheValueWithoutConversion) {
  Expected<Any> result = 1;
  EXPECT_EQ(result.as_or_error<int>().value(), 1);
  Expected<double> mismatch = result.as_or_error<double>();
  EXPECT_EQ(mismatch.error().kind(), "TypeError");
  EXPECT_EQ(mismatch.error().message(), "Cannot treat type `int` as type `float`");
  EXPECT_EQ(mismatch.error().backtrace(), "");
  EXPECT_EQ(result.as_or_error<Any>().value().cast<int>(), 1);
}

TEST(AsOrError, PassesTheErrorThrough) {
  Error error = Failure();
  Expected<Any> result = error;
  EXPECT_TRUE(result.as_or_error<int>().error().same_as(error));
  EXPECT_TRUE(std::move(result).as_or_error<int>().error().same_as(error));
}

TEST(AsOrError, MovesOnSuccessAndPreservesOnMismatch) {
  Int number(1);
  Expected<Number> result = number;
  Expected<Int> copied = result.as_or_error<Int>();
  EXPECT_EQ(number.use_count(), 3);
  EXPECT_TRUE(std::move(result).as_or_error<Float>().is_err());
  EXPECT_TRUE(result.value().same_as(number));
  Expected<Int> moved = std::move(result).as_or_error<Int>();
  EXPECT_EQ(number.use_count(), 3);
  EXPECT_EQ(result.type_index(), kTVMFFINone);
}

// ---- In Any ------------------------------------------------------------------------------------

TEST(ExpectedInAny, IsThePlainValueOrTheError) {
  Any value = Expected<int>(5);
  EXPECT_EQ(value.type_index(), kTVMFFIInt);
  Any error = Expected<int>(Failure());
  EXPECT_EQ(error.type_index(), kTVMFFIError);
  EXPECT_EQ(value.as<Expected<int>>().value().value(), 5);
  EXPECT_TRUE(error.as<Expected<int>>().value().is_err());
  EXPECT_FALSE(Any(1.5).as<Expected<int>>().has_value());
  EXPECT_EQ(Any(Expected<void>()), nullptr);
  EXPECT_TRUE(Any(nullptr).as<Expected<void>>().value().is_ok());
  EXPECT_FALSE(Any(1).as<Expected<void>>().has_value());
}

TEST(ExpectedInAny, ConvertsItsValueSideFirst) {
  EXPECT_EQ(Any(true).cast<Expected<int>>().value(), 1);
  EXPECT_EQ(Any(2).cast<Expected<double>>().value(), 2.0);
  EXPECT_TRUE(Any(Failure()).cast<Expected<double>>().is_err());
  EXPECT_TRUE(Any(Failure()).cast<Expected<void>>().is_err());
  EXPECT_TRUE(AnyView("text").cast<Expected<Any>>().is_ok());
  EXPECT_EQ(ErrorOf([] { Any("x").cast<Expected<int>>(); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `Expected<int>`");
}

TEST(ExpectedInAny, SharesItsValue) {
  Int number(1);
  Expected<Int> result = number;
  Any any = result;
  EXPECT_EQ(number.use_count(), 3);
  Expected<Int> moved = std::move(any).cast<Expected<Int>>();
  EXPECT_EQ(number.use_count(), 3);
  EXPECT_EQ(any, nullptr);
}

TEST(ExpectedInAny, HasANameAndASchema) {
  EXPECT_EQ(TypeTraits<Expected<String>>::TypeStr(), "Expected<str>");
  EXPECT_EQ(TypeTraits<Expected<void>>::TypeStr(), "Expected<void>");
  EXPECT_EQ(TypeTraits<Expected<int>>::TypeSchema(),
            R"({"type":"Expected","args":[{"type":"int"},{"type":"ffi.Error"}]})");
  EXPECT_EQ(TypeTraits<Expected<void>>::TypeSchema(),
            R"({"type":"Expected","args":[{"type":"None"},{"type":"ffi.Error"}]})");
}

// ---- Unchecked access --------------------------------------------------------------------------

TEST(ExpectedUnsafe, CellsChangeHandsWithoutCounting) {
  Int number(1);
  TVMFFIAny cell = ExpectedUnsafe::MoveToTVMFFIAny(Expected<Int>(number));
  EXPECT_EQ(number.use_count(), 2);
  Expected<Int> result = ExpectedUnsafe::MoveFromTVMFFIAny<Int>(cell);
  EXPECT_EQ(number.use_count(), 2);
  EXPECT_TRUE(result.value().same_as(number));
}

TEST(ExpectedUnsafe, DataOfALvalueIsMovedOut) {
  Expected<Int> result = Int(1);
  const Any& looked_at = ExpectedUnsafe::GetData(std::as_const(result));
  EXPECT_EQ(looked_at.cast<Int>()->value, 1);
  Any taken = ExpectedUnsafe::GetData(result);
  EXPECT_EQ(taken.cast<Int>()->value, 1);
  EXPECT_EQ(result.type_index(), kTVMFFINone);
}

TEST(ExpectedUnsafe, ValuesAreReinterpreted) {
  Expected<Any> result = Int(4);
  EXPECT_EQ(ExpectedUnsafe::ValueAs<Int>(result)->value, 4);
  EXPECT_EQ(ErrorOf([] { ExpectedUnsafe::ValueAs<Int>(Expected<Any>(Failure())); }),
            "ValueError: no");
  ExpectedUnsafe::ValueAs<void>(Expected<void>());
}

TEST(Expected, TheStorageOfAValueIsThatOfItsOptional) {
  Expected<String> result = String("text");
  Any raw = ExpectedUnsafe::GetData(std::as_const(result));
  EXPECT_EQ(raw.as<Expected<Optional<String>>>().value().value().value(), "text");
}

// Hooks written for 0.1.14 return the cell itself.
TEST(Expected, ConvertsToItsCell) {
  auto hook = []() -> TVMFFIAny { return Expected<Int>(Int(6)); };
  EXPECT_EQ(ExpectedUnsafe::MoveFromTVMFFIAny<Int>(hook()).value()->value, 6);
  EXPECT_FALSE((std::is_convertible_v<Expected<Int>&, TVMFFIAny>));
}

}  // namespace
