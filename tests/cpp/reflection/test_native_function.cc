// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/reflection/native_function.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <type_traits>
#include <utility>

#include "../number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Error;
using tvm::ffi::Expected;
using tvm::ffi::String;
using tvm::ffi::TypedFunction;
using tvm::ffi::TypeTraits;
using tvm::ffi::reflection::NativeFunction;
using tvm::ffi::reflection::NativeFunctionView;

using Hash = int64_t(const Any&);
using HashView = NativeFunctionView<Hash>;
using HashFunction = NativeFunction<Hash>;
using ActionView = NativeFunctionView<void(AnyView)>;

int64_t Plain(const Any& value) { return value.cast<int64_t>() + 1; }
Expected<int64_t> Quiet(const Any& value) noexcept {
  if (value == nullptr) return Error("ValueError", "none", "");
  return 7;
}
[[noreturn]] int64_t ThrowsStd(const Any&) { throw std::out_of_range("far out"); }

std::optional<Error>& Thrown() {
  static std::optional<Error> thrown;
  return thrown;
}
int64_t Throws(const Any&) {
  Thrown() = Error("KeyError", "lost", "trace\n");
  throw *Thrown();
}

int num_actions = 0;
void Act(AnyView value) { num_actions += value.cast<int>(); }

TEST(NativeFunctionView, CallsFunctionsOfEitherForm) {
  EXPECT_EQ(HashView::FromNative<&Plain>()(4), 5);
  EXPECT_EQ(HashView::FromNative<&Quiet>()(4), 7);
  EXPECT_EQ(HashView::FromNative<Quiet>().CallExpected(4).value(), 7);
  ActionView::FromNative<&Act>()(3);
  EXPECT_EQ(num_actions, 3);
  EXPECT_TRUE(ActionView::FromNative<&Act>().CallExpected(3).is_ok());
}

TEST(NativeFunctionView, ReturnsOrThrowsTheErrorItself) {
  HashView throws = HashView::FromNative<&Throws>();
  Expected<int64_t> result = throws.CallExpected(1);
  ASSERT_TRUE(result.is_err());
  EXPECT_TRUE(result.error().same_as(*Thrown()));
  try {
    throws(1);
    FAIL() << "the hook did not throw";
  } catch (const Error& error) {
    EXPECT_TRUE(error.same_as(*Thrown()));
  }
  EXPECT_EQ(ErrorOf([] { HashView::FromNative<&Quiet>()(nullptr); }), "ValueError: none");
}

TEST(NativeFunctionView, OtherExceptionsBecomeInternalErrors) {
  Error error = HashView::FromNative<&ThrowsStd>().CallExpected(1).error();
  EXPECT_EQ(error.kind(), "InternalError");
  EXPECT_EQ(error.message(), "far out");
  EXPECT_EQ(error.backtrace(), "");
}

TEST(NativeFunctionView, BorrowsAFunction) {
  TypedFunction<Hash> func = [](const Any& value) { return value.cast<int64_t>() * 2; };
  HashView view = func;
  EXPECT_EQ(func.packed().use_count(), 1);
  EXPECT_EQ(view(4), 8);
  TypedFunction<Expected<int64_t>(const Any&)> expected = [](const Any&) -> Expected<int64_t> {
    return Error("ValueError", "returned", "");
  };
  EXPECT_EQ(HashView(expected).CallExpected(1).error().message(), "returned");
}

TEST(NativeFunctionView, IsNotMadeOfWhatItCannotBorrow) {
  EXPECT_FALSE((std::is_default_constructible_v<HashView>));
  EXPECT_FALSE((std::is_constructible_v<HashView, std::nullptr_t>));
  EXPECT_FALSE((std::is_constructible_v<HashView, AnyView>));
  EXPECT_FALSE((std::is_constructible_v<HashView, TypedFunction<Hash>>));  // an rvalue
  EXPECT_TRUE((std::is_constructible_v<HashView, TypedFunction<Hash>&>));
  EXPECT_FALSE((std::is_constructible_v<HashView, void*>));
  TypedFunction<Hash> null;
  EXPECT_EQ(ErrorOf([&] { (void)HashView(null); }),
            "ValueError: Check failed: (packed != nullptr) is false: "
            "NativeFunctionView requires a non-null typed function");
}

TEST(NativeFunctionView, ConvertsTheResultOfAFunction) {
  TypedFunction<Hash> as_bool = tvm::ffi::Function::FromTyped([](const Any&) { return true; });
  EXPECT_EQ(HashView(as_bool)(1), 1);  // leniently
  TypedFunction<Hash> as_text = tvm::ffi::Function::FromTyped([](const Any&) { return "text"; });
  Error error = HashView(as_text).CallExpected(1).error();
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(error.message(), "Packed hook result type mismatch");
  TypedFunction<void(AnyView)> not_void = tvm::ffi::Function::FromTyped([](AnyView) { return 1; });
  EXPECT_EQ(ActionView(not_void).CallExpected(1).error().message(),
            "Packed hook result type mismatch");
  TypedFunction<void(AnyView)> nothing = [](AnyView) {};
  EXPECT_TRUE(ActionView(nothing).CallExpected(1).is_ok());
}

TEST(NativeFunctionView, ReturnsTheErrorAFunctionRaises) {
  TypedFunction<Hash> func = [](const Any&) -> int64_t { TVM_FFI_THROW(KeyError) << "raised"; };
  EXPECT_EQ(HashView(func).CallExpected(1).error().message(), "raised");
  EXPECT_EQ(ErrorOf([&] {
              HashView view(func);
              view(1);
            }),
            "KeyError: raised");
}

TEST(NativeFunctionView, TakesAFunctionOfTheRawForm) {
  HashView::ABIType raw = [](const Any&) noexcept { return AnyView(9).CopyToTVMFFIAny(); };
  HashView view = raw;
  EXPECT_EQ(view(1), 9);
}

TEST(NativeFunction, OwnsAFunction) {
  TypedFunction<Hash> func = [](const Any&) { return 3; };
  HashFunction owner = func;
  EXPECT_EQ(func.packed().use_count(), 2);
  HashFunction copy = owner;
  EXPECT_EQ(func.packed().use_count(), 3);
  EXPECT_EQ(copy(1), 3);
  EXPECT_EQ(copy.CallExpected(1).value(), 3);
  HashFunction from_view = HashFunction::From(HashView(func));
  EXPECT_EQ(func.packed().use_count(), 4);
  EXPECT_EQ(HashFunction::FromNative<&Plain>()(1), 2);
  EXPECT_TRUE((std::is_same_v<HashFunction::View, HashView>));
  EXPECT_FALSE((std::is_default_constructible_v<HashFunction>));
  EXPECT_FALSE((std::is_convertible_v<HashView, HashFunction>));
  EXPECT_EQ(sizeof(HashFunction), sizeof(TVMFFIAny));
}

TEST(NativeFunctionInAny, IsAPointerOrAFunction) {
  Any native = HashView::FromNative<&Plain>();
  EXPECT_EQ(native.type_index(), kTVMFFIOpaquePtr);
  EXPECT_EQ(native.as<HashView>().value()(1), 2);
  EXPECT_EQ(native.as<HashFunction>().value()(1), 2);

  TypedFunction<Hash> func = [](const Any&) { return 3; };
  Any packed = HashView(func);
  EXPECT_EQ(packed.type_index(), kTVMFFIFunction);
  EXPECT_EQ(func.packed().use_count(), 2);
  EXPECT_EQ(packed.cast<HashView>()(1), 3);
  EXPECT_EQ(func.packed().use_count(), 2);
  {
    HashFunction owner = packed.cast<HashFunction>();
    EXPECT_EQ(func.packed().use_count(), 3);
    Any again = owner;
    EXPECT_EQ(func.packed().use_count(), 4);
    HashFunction moved = std::move(again).cast<HashFunction>();
    EXPECT_EQ(func.packed().use_count(), 4);
    EXPECT_EQ(again, nullptr);
  }
  EXPECT_EQ(func.packed().use_count(), 2);
}

TEST(NativeFunctionInAny, NullAndOtherValuesDoNotConvert) {
  for (const Any& value : {Any(nullptr), Any(static_cast<void*>(nullptr)), Any(1), Any("text")}) {
    EXPECT_FALSE(value.as<HashView>().has_value());
    EXPECT_FALSE(value.try_cast<HashFunction>().has_value());
  }
  EXPECT_EQ(ErrorOf([] { Any(1).cast<HashView>(); }),
            "TypeError: Cannot convert from type `int` to `Variant<void*, (0: Any) -> int>`");
  EXPECT_EQ(TypeTraits<HashFunction>::TypeSchema(),
            R"({"type":"Variant","args":[{"type":"void*"},{"type":"ffi.Function","named_args":)"
            R"({"return":[{"type":"int"}],"params":[{"type":"Any"}]}}]})");
}

}  // namespace
