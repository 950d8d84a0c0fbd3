// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using number::Number;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Expected;
using tvm::ffi::Function;
using tvm::ffi::Optional;
using tvm::ffi::String;
using tvm::ffi::TypedFunction;
using tvm::ffi::TypeTraits;

TEST(TypedFunction, IsMadeOfWhatCanBeCalledWithItsSignature) {
  TypedFunction<int(int)> from_lambda = [](int64_t x) { return x + 1; };
  EXPECT_EQ(from_lambda(1), 2);
  TypedFunction<void(int)> from_generic = [](auto) {};
  from_generic(1);
  TypedFunction<double(int)> widened([](int x) { return x; });
  EXPECT_EQ(widened(2), 2.0);
  EXPECT_FALSE((std::is_constructible_v<TypedFunction<int(int)>, int (*)(String)>));
  EXPECT_FALSE((std::is_constructible_v<TypedFunction<int(int)>, String>));
}

TEST(TypedFunction, HasTheSignatureOfItsTypeNotOfItsCallable) {
  TypedFunction<double(int)> func([](int64_t x) { return x; }, "func");
  EXPECT_EQ(ErrorOf([&] { func.packed()("one"); }),
            "TypeError: Mismatched type on argument #0 when calling: `func(0: int) -> float`. "
            "Expected `int` but got `const char*`");
  EXPECT_EQ(func.packed()(1).type_index(), kTVMFFIFloat);
}

TEST(TypedFunction, WrapsAFunctionWithoutCheckingIt) {
  Function packed = Function::FromTyped([](String a) { return a; });
  TypedFunction<int(int)> func = packed;
  EXPECT_TRUE(func.packed().same_as(packed));
  EXPECT_EQ(ErrorOf([&] { func(1); }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: str) -> str`. "
            "Expected `str` but got `int`");
  TypedFunction<int(const char*)> wrong_result = packed;
  EXPECT_EQ(ErrorOf([&] { wrong_result("a"); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
}

TEST(TypedFunction, NullComparesAndConverts) {
  TypedFunction<void()> func;
  EXPECT_TRUE(func == nullptr);
  func = [] {};
  EXPECT_TRUE(func != nullptr);
  func = nullptr;
  EXPECT_TRUE(func == nullptr);
  TypedFunction<void()> null = nullptr;
  Function packed = null;
  EXPECT_TRUE(packed == nullptr);
  func = Function::FromTyped([] {});
  Function moved = std::move(func).packed();
  EXPECT_TRUE(moved != nullptr);
  EXPECT_TRUE(func == nullptr);
}

TEST(TypedFunction, PassesObjectsAndReturnsThem) {
  TypedFunction<Number(const Int&, Optional<int>)> func = [](const Int& number, Optional<int> add) {
    return Int(number->value + add.value_or(0));
  };
  EXPECT_EQ(func(Int(1), 2).as<Int>().value()->value, 3);
  EXPECT_EQ(func(Int(1), std::nullopt).as<Int>().value()->value, 1);
  TypedFunction<Any(AnyView)> identity = [](AnyView x) { return Any(x); };
  EXPECT_EQ(identity("text").cast<String>(), "text");
}

TEST(TypedFunction, ReturnsAnExpectedAsItIs) {
  TypedFunction<Expected<int>(bool)> func = [](bool fail) -> Expected<int> {
    if (fail) return tvm::ffi::Error("ValueError", "asked to", "");
    return 1;
  };
  EXPECT_EQ(func(false).value(), 1);
  EXPECT_EQ(func(true).error().message(), "asked to");
}

TEST(TypedFunctionInAny, IsAFunctionOrNone) {
  using Typed = TypedFunction<int(int, String)>;
  Typed func = [](int x, String) { return x; };
  Any any = func;
  EXPECT_EQ(any.type_index(), kTVMFFIFunction);
  EXPECT_EQ(any.as<Typed>().value()(1, "x"), 1);
  EXPECT_EQ(any.cast<Typed>()(2, "x"), 2);
  EXPECT_EQ(Any(Typed()), nullptr);
  EXPECT_FALSE(Any(nullptr).as<Typed>().has_value());
  EXPECT_TRUE(Any(nullptr).cast<Typed>() == nullptr);
  EXPECT_EQ(ErrorOf([] { Any(1).cast<Typed>(); }),
            "TypeError: Cannot convert from type `int` to `(0: int, 1: str) -> int`");
}

TEST(TypedFunctionInAny, SharesTheFunction) {
  TypedFunction<void()> func = [] {};
  Any any = func;
  EXPECT_EQ(func.packed().use_count(), 2);
  TypedFunction<void()> moved = std::move(any).cast<TypedFunction<void()>>();
  EXPECT_EQ(any, nullptr);
  EXPECT_EQ(func.packed().use_count(), 2);
}

TEST(TypedFunctionInAny, SchemaAndFieldIndexAreThoseOfAFunction) {
  using Typed = TypedFunction<void(Function)>;
  EXPECT_EQ(TypeTraits<Typed>::TypeSchema(), Typed::TypeSchema());
  EXPECT_EQ(Typed::TypeSchema(),
            R"({"type":"ffi.Function","named_args":{"return":[{"type":"None"}],)"
            R"("params":[{"type":"ffi.Function"}]}})");
  EXPECT_EQ(TypeTraits<Typed>::field_static_type_index, kTVMFFIFunction);
  EXPECT_EQ(sizeof(Typed), sizeof(void*));
  EXPECT_EQ(sizeof(Optional<Typed>), sizeof(TVMFFIAny));
}

}  // namespace
