// SPDX-License-Identifier: Apache-2.0
#include "number_object.h"

#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/type_traits.h>

#include <cstdint>
#include <limits>
#include <string>

namespace {

enum Plain { kPlainTwo = 2 };
enum class Scoped : int8_t { kMinusOne = -1, kThree = 3 };

// A type of the user's with no form of its own in Any.
struct Celsius {
  double degrees;
};

// One that a strict bool or an int makes.
struct Level {
  int64_t value;
};

}  // namespace

namespace tvm {
namespace ffi {

template <>
struct TypeTraits<Celsius> : public FallbackOnlyTraitsBase<Celsius, double> {
  static Celsius ConvertFallbackValue(double degrees) { return Celsius{degrees}; }
  static std::string TypeStr() { return "Celsius"; }
};

template <>
struct TypeTraits<Level> : public FallbackOnlyTraitsBase<Level, StrictBool, int64_t> {
  static Level ConvertFallbackValue(StrictBool on) { return Level{on ? 100 : 0}; }
  static Level ConvertFallbackValue(int64_t value) { return Level{value}; }
  static std::string TypeStr() { return "Level"; }
};

}  // namespace ffi
}  // namespace tvm

namespace {

using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Arc;
using tvm::ffi::ObjectPtr;
using tvm::ffi::StrictBool;
using tvm::ffi::type_subsumes_v;
using tvm::ffi::TypeTraits;

static_assert(!TypeTraits<Celsius>::storage_enabled && TypeTraits<Celsius>::convert_enabled, "");
static_assert(!TypeTraits<TVMFFIVersion>::convert_enabled, "the primary template");

static_assert(type_subsumes_v<Any, int> && type_subsumes_v<Any, number::Int>, "Any takes all");
static_assert(type_subsumes_v<number::Number, number::Int>, "");
static_assert(!type_subsumes_v<number::Int, number::Number>, "");
static_assert(type_subsumes_v<ObjectPtr<number::NumberObj>, ObjectPtr<number::IntObj>>, "");
static_assert(type_subsumes_v<ObjectPtr<number::NumberObj>, Arc<number::IntObj>>, "");
static_assert(type_subsumes_v<Arc<number::NumberObj>, Arc<number::IntObj>>, "");
static_assert(!type_subsumes_v<Arc<number::NumberObj>, ObjectPtr<number::IntObj>>, "may be null");
static_assert(!type_subsumes_v<ObjectPtr<number::IntObj>, ObjectPtr<number::NumberObj>>, "");

static_assert(tvm::ffi::is_integeral_enum_v<Plain> && tvm::ffi::is_integeral_enum_v<Scoped>, "");
static_assert(!tvm::ffi::is_integeral_enum_v<int>, "");

template <typename T>
constexpr int32_t kFieldIndex = tvm::ffi::TypeToFieldStaticTypeIndex<T>::value;
static_assert(kFieldIndex<int> == kTVMFFIInt && kFieldIndex<Scoped> == kTVMFFIInt, "");
static_assert(kFieldIndex<bool> == kTVMFFIBool && kFieldIndex<float> == kTVMFFIFloat, "");
static_assert(kFieldIndex<void*> == kTVMFFIOpaquePtr, "");
static_assert(kFieldIndex<std::nullptr_t> == kTVMFFINone, "");
static_assert(kFieldIndex<number::Int> == kTVMFFIObject, "");
static_assert(kFieldIndex<number::IntObj*> == kTVMFFIAny && kFieldIndex<Any> == kTVMFFIAny, "");

TEST(TypeTraits, RuntimeTypeIndexIsThatOfTheObjectClass) {
  int32_t expected = number::IntObj::RuntimeTypeIndex();
  EXPECT_EQ(tvm::ffi::TypeToRuntimeTypeIndex<number::Int>::v(), expected);
  EXPECT_EQ(tvm::ffi::TypeToRuntimeTypeIndex<ObjectPtr<number::IntObj>>::v(), expected);
  EXPECT_EQ(tvm::ffi::TypeToRuntimeTypeIndex<Arc<number::IntObj>>::v(), expected);
  EXPECT_EQ(tvm::ffi::TypeToRuntimeTypeIndex<int>::v(), kTVMFFIInt);
  EXPECT_EQ(tvm::ffi::TypeToRuntimeTypeIndex<Any>::v(), kTVMFFIAny);
}

TEST(TypeTraits, StaticTypeKeysAreThoseTheLibraryRegisters) {
  EXPECT_EQ(tvm::ffi::TypeIndexToTypeKey(kTVMFFIInt), tvm::ffi::StaticTypeKey::kTVMFFIInt);
  EXPECT_EQ(tvm::ffi::TypeIndexToTypeKey(kTVMFFIStr), tvm::ffi::StaticTypeKey::kTVMFFIStr);
  EXPECT_EQ(tvm::ffi::TypeIndexToTypeKey(kTVMFFIOpaquePtr), "void*");
  EXPECT_EQ(tvm::ffi::TypeIndexToTypeKey(kTVMFFISmallBytes), "ffi.SmallBytes");
  EXPECT_EQ(tvm::ffi::TypeIndexToTypeKey(kTVMFFIBigInt), "ffi.BigInt");
}

TEST(TypeTraits, IntegersAreStoredAs64Bits) {
  for (int64_t value : {INT64_MIN, int64_t{-1}, int64_t{0}, INT64_MAX}) {
    Any any = value;
    EXPECT_EQ(any.type_index(), kTVMFFIInt);
    EXPECT_EQ(any.cast<int64_t>(), value);
  }
  EXPECT_EQ(Any(static_cast<int8_t>(-5)).cast<int64_t>(), -5);
  EXPECT_EQ(Any(static_cast<uint8_t>(250)).cast<int64_t>(), 250);
  EXPECT_EQ(Any('a').cast<int>(), 'a');
  // Narrowing is a plain cast.
  EXPECT_EQ(Any(int64_t{257}).cast<int8_t>(), 1);
}

TEST(TypeTraits, UnsignedIntegersAboveInt64Overflow) {
  EXPECT_EQ(Any(static_cast<uint64_t>(INT64_MAX)).cast<uint64_t>(),
            static_cast<uint64_t>(INT64_MAX));
  const char* expected =
      "OverflowError: Integer value 9223372036854775808 is too large to fit in int64_t. Consider "
      "explicitly casting to int64_t first if this is intentional.";
  uint64_t too_large = static_cast<uint64_t>(INT64_MAX) + 1;
  EXPECT_EQ(ErrorOf([&] { Any any = too_large; }), expected);
  EXPECT_EQ(ErrorOf([&] { static_cast<void>(AnyView(too_large)); }), expected);
}

TEST(TypeTraits, EnumsAreIntegers) {
  EXPECT_EQ(Any(Scoped::kMinusOne).type_index(), kTVMFFIInt);
  EXPECT_EQ(Any(Scoped::kMinusOne).cast<int>(), -1);
  EXPECT_EQ(Any(3).as<Scoped>(), Scoped::kThree);
  EXPECT_EQ(Any(kPlainTwo).cast<Plain>(), kPlainTwo);
  EXPECT_EQ(Any(true).as<Scoped>(), std::nullopt);
  EXPECT_EQ(Any(true).cast<int8_t>(), 1);
}

TEST(TypeTraits, BoolTakesIntsUnlessStrict) {
  EXPECT_EQ(Any(true).type_index(), kTVMFFIBool);
  EXPECT_EQ(Any(1).as<bool>(), std::nullopt);
  EXPECT_EQ(Any(2).try_cast<bool>(), true);
  EXPECT_EQ(Any(0).cast<bool>(), false);
  EXPECT_EQ(Any(1.0).try_cast<bool>(), std::nullopt);
  EXPECT_FALSE(Any(1).try_cast<StrictBool>().has_value());
  EXPECT_TRUE(Any(true).cast<StrictBool>());
  EXPECT_EQ(Any(StrictBool(false)).as<bool>(), false);
}

TEST(TypeTraits, FloatTakesIntsAndBools) {
  EXPECT_EQ(Any(1.5f).type_index(), kTVMFFIFloat);
  EXPECT_EQ(Any(1.5f).cast<double>(), 1.5);
  EXPECT_EQ(Any(1).as<double>(), std::nullopt);
  EXPECT_EQ(Any(1).cast<float>(), 1.0f);
  EXPECT_EQ(Any(true).cast<double>(), 1.0);
  EXPECT_EQ(Any(1.5).try_cast<int>(), std::nullopt);
}

TEST(TypeTraits, OpaquePointersTakeNone) {
  int target = 0;
  Any any = static_cast<void*>(&target);
  EXPECT_EQ(any.type_index(), kTVMFFIOpaquePtr);
  EXPECT_EQ(any.as<void*>(), &target);
  EXPECT_EQ(Any(nullptr).as<void*>(), std::nullopt);
  EXPECT_EQ(Any(nullptr).cast<void*>(), nullptr);
  EXPECT_EQ(Any(0).try_cast<void*>(), std::nullopt);
}

TEST(TypeTraits, NullptrIsNone) {
  Any any = nullptr;
  EXPECT_EQ(any.type_index(), kTVMFFINone);
  EXPECT_EQ(any.as<std::nullptr_t>(), nullptr);
  EXPECT_EQ(Any(0).try_cast<std::nullptr_t>(), std::nullopt);
}

TEST(TypeTraits, AllBytesOfACellAreDefined) {
  TVMFFIAny cell;
  std::memset(&cell, 0xff, sizeof(cell));
  TypeTraits<bool>::CopyToAnyView(true, &cell);
  EXPECT_EQ(cell.zero_padding, 0u);
  EXPECT_EQ(cell.v_uint64, 1u);
  std::memset(&cell, 0xff, sizeof(cell));
  TypeTraits<std::nullptr_t>::MoveToAny(nullptr, &cell);
  EXPECT_EQ(cell.zero_padding, 0u);
  EXPECT_EQ(cell.v_uint64, 0u);
}

TEST(TypeTraits, FallbackTypesMakeAValue) {
  EXPECT_EQ(AnyView(21.5).cast<Celsius>().degrees, 21.5);
  EXPECT_EQ(AnyView(21).cast<Celsius>().degrees, 21.0);
  EXPECT_EQ(ErrorOf([] { AnyView("warm").cast<Celsius>(); }),
            "TypeError: Cannot convert from type `const char*` to `Celsius`");
  // In the order they are listed.
  EXPECT_EQ(AnyView(true).cast<Level>().value, 100);
  EXPECT_EQ(AnyView(7).cast<Level>().value, 7);
  EXPECT_FALSE(AnyView(7.0).try_cast<Level>().has_value());
}

TEST(TypeTraits, NamesAndSchemas) {
  EXPECT_EQ(tvm::ffi::detail::Type2Str<const int&>::v(), "int");
  EXPECT_EQ(tvm::ffi::detail::Type2Str<Any&&>::v(), "Any");
  EXPECT_EQ(tvm::ffi::detail::Type2Str<const AnyView&>::v(), "AnyView");
  EXPECT_EQ(tvm::ffi::detail::Type2Str<void>::v(), "void");
  EXPECT_EQ(tvm::ffi::detail::Type2Str<std::nullptr_t>::v(), "None");
  EXPECT_EQ(tvm::ffi::detail::Type2Str<Scoped>::v(), "int");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<void>::v(), R"({"type":"None"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<const Any&>::v(), R"({"type":"Any"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<float>::v(), R"({"type":"float"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<void*>::v(), R"({"type":"void*"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<number::Int>::v(), R"({"type":"test.number.Int"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<ObjectPtr<number::IntObj>>::v(),
            R"({"type":"Optional","args":[{"type":"test.number.Int"}]})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<Arc<number::IntObj>>::v(),
            R"({"type":"test.number.Int"})");
  EXPECT_EQ(tvm::ffi::detail::TypeSchema<const number::IntObj*>::v(),
            R"({"type":"test.number.Int"})");
}

}  // namespace
