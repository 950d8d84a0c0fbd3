// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>

#include <cmath>
#include <cstdint>
#include <limits>
#include <optional>
#include <sstream>
#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>
#include <vector>

#include "number_object.h"

namespace {

using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyEqual;
using tvm::ffi::AnyHash;
using tvm::ffi::AnyView;
using tvm::ffi::BigInt;
using tvm::ffi::Function;
using tvm::ffi::Map;
using tvm::ffi::ObjectRef;
using tvm::ffi::TypeTraits;
using tvm::ffi::detail::BigIntObj;
using tvm::ffi::detail::BigIntUnsafe;
using tvm::ffi::detail::BigIntWords;

std::string Text(const BigInt& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

BigInt Parse(const std::string& text) {
  std::istringstream stream(text);
  BigInt value;
  stream >> value;
  return value;
}

std::vector<uint64_t> Words(const BigInt& value) {
  BigInt::ArrayView view = BigIntUnsafe::GetArrayView(value);
  std::vector<uint64_t> words;
  for (size_t i = 0; i < view.size(); ++i) words.push_back(static_cast<uint64_t>(view[i]));
  return words;
}

const BigInt kTwo64 = BigInt(1) << 64;

// ---- Construction and form ---------------------------------------------------------------------

TEST(BigInt, IsMadeOfEveryIntegerType) {
  EXPECT_EQ(BigInt(), 0);
  EXPECT_EQ(BigInt(true), 1);
  EXPECT_EQ(BigInt(static_cast<int8_t>(-5)), -5);
  EXPECT_EQ(Text(BigInt(std::numeric_limits<int64_t>::min())), "-9223372036854775808");
  EXPECT_EQ(Text(BigInt(std::numeric_limits<uint64_t>::max())), "18446744073709551615");
  BigInt implicit = 7u;
  EXPECT_EQ(implicit, 7);
  EXPECT_FALSE((std::is_convertible_v<double, BigInt>));
  EXPECT_FALSE((std::is_convertible_v<BigInt, int64_t>));
  EXPECT_FALSE((std::is_convertible_v<BigInt, bool>));
  EXPECT_EQ(sizeof(BigInt), 16u);
}

TEST(BigInt, HasOneFormForEachValue) {
  EXPECT_EQ(AnyView(BigInt(INT64_MAX)).type_index(), kTVMFFIInt);
  EXPECT_EQ(AnyView(BigInt(INT64_MAX) + 1).type_index(), kTVMFFIBigInt);
  EXPECT_EQ(AnyView(BigInt(INT64_MAX) + 1 - 1).type_index(), kTVMFFIInt);
  EXPECT_EQ(AnyView(BigInt(uint64_t{1} << 63)).type_index(), kTVMFFIBigInt);
  EXPECT_EQ(Words(BigInt(uint64_t{1} << 63)), (std::vector<uint64_t>{uint64_t{1} << 63, 0}));
  EXPECT_EQ(Words(kTwo64), (std::vector<uint64_t>{0, 1}));
  EXPECT_EQ(Words(-kTwo64), (std::vector<uint64_t>{0, UINT64_MAX}));
  EXPECT_EQ(Words(BigInt(1) << 255),
            (std::vector<uint64_t>{0, 0, 0, uint64_t{1} << 63, 0}));  // the sign needs a word
}

TEST(BigInt, CopiesShareAndMovesLeaveZero) {
  BigInt value = kTwo64;
  BigInt copy = value;
  EXPECT_EQ(AnyView(copy).CopyToTVMFFIAny().v_obj, AnyView(value).CopyToTVMFFIAny().v_obj);
  BigInt moved = std::move(copy);
  EXPECT_EQ(copy, 0);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved, value);
  copy = std::move(moved);
  EXPECT_EQ(moved, 0);  // NOLINT(bugprone-use-after-move)
  copy = *&copy;
  EXPECT_EQ(copy, value);
  BigInt five = 5;
  std::swap(copy, five);
  EXPECT_EQ(copy, 5);
  EXPECT_EQ(five, value);
}

// ---- Conversion --------------------------------------------------------------------------------

TEST(BigInt, FromDoubleRoundsTowardZero) {
  EXPECT_EQ(BigInt(2.9), 2);
  EXPECT_EQ(BigInt(-2.9), -2);
  EXPECT_EQ(Text(BigInt(9223372036854775808.0)), "9223372036854775808");
  EXPECT_EQ(BigInt(-9223372036854775808.0), INT64_MIN);
  EXPECT_EQ(Text(BigInt(-1e30)), "-1000000000000000019884624838656");
  EXPECT_EQ(ErrorOf([] { BigInt value(std::nan("")); }),
            "ValueError: Cannot convert NaN to BigInt");
  EXPECT_EQ(ErrorOf([] { BigInt value(-HUGE_VAL); }),
            "OverflowError: Cannot convert infinity to BigInt");
}

TEST(BigInt, ToDoubleRoundsToTheNearestTiesToEven) {
  auto to_double = [](const BigInt& value) { return static_cast<double>(value); };
  EXPECT_EQ(to_double(5), 5.0);
  const double two64 = std::ldexp(1.0, 64), ulp = std::ldexp(1.0, 12);
  EXPECT_EQ(to_double(kTwo64), two64);
  EXPECT_EQ(to_double(kTwo64 + 2048), two64);  // half way, the lower one is even
  EXPECT_EQ(to_double(kTwo64 + 2049), two64 + ulp);
  EXPECT_EQ(to_double(kTwo64 + 4096 + 2048), two64 + 2 * ulp);  // half way, the upper one is even
  EXPECT_EQ(to_double(-(kTwo64 + 2049)), -two64 - ulp);
  EXPECT_EQ(to_double((BigInt(1) << 200) + 1), std::ldexp(1.0, 200));
  EXPECT_EQ(to_double((BigInt(1) << 200) + (BigInt(1) << 147)), std::ldexp(1.0, 200));
  EXPECT_EQ(to_double((BigInt(1) << 200) + (BigInt(1) << 147) + 1),
            std::nextafter(std::ldexp(1.0, 200), HUGE_VAL));
}

TEST(BigInt, BeyondTheFiniteDoublesIsAnError) {
  const BigInt limit = BigInt(1) << 1024;
  const BigInt half_ulp = BigInt(1) << 970;
  EXPECT_EQ(static_cast<double>(limit - half_ulp - 1), std::numeric_limits<double>::max());
  const char* message = "OverflowError: BigInt does not fit finite double";
  EXPECT_EQ(ErrorOf([&] { (void)static_cast<double>(limit - half_ulp); }), message);
  EXPECT_EQ(ErrorOf([&] { (void)static_cast<double>(-limit); }), message);
  EXPECT_EQ(ErrorOf([&] { (void)static_cast<double>(limit << 2000); }), message);
}

TEST(BigInt, ReadsAsIntegersThatCanHoldIt) {
  EXPECT_EQ(BigInt(200).as<uint8_t>(), 200);
  EXPECT_EQ(BigInt(200).as<int8_t>(), std::nullopt);
  EXPECT_EQ(BigInt(-1).as<uint64_t>(), std::nullopt);
  EXPECT_EQ(BigInt(-1).as<uint8_t>(), std::nullopt);
  EXPECT_EQ((kTwo64 - 1).as<uint64_t>(), UINT64_MAX);
  EXPECT_EQ(kTwo64.as<uint64_t>(), std::nullopt);
  EXPECT_EQ(kTwo64.as<int64_t>(), std::nullopt);
  EXPECT_EQ(BigInt(INT64_MIN).as<int64_t>(), INT64_MIN);
  EXPECT_EQ(BigInt(1).as<bool>(), true);
  EXPECT_EQ(BigInt(2).as<bool>(), std::nullopt);
  EXPECT_EQ(static_cast<int64_t>(BigInt(-3)), -3);
  EXPECT_EQ(ErrorOf([] { (void)static_cast<int64_t>(kTwo64); }),
            "OverflowError: BigInt does not fit int64_t");
  EXPECT_TRUE(static_cast<bool>(kTwo64));
  EXPECT_FALSE(static_cast<bool>(BigInt()));
}

TEST(BigInt, HashIsThatOfItsWords) {
  // Vectors of the contract.
  EXPECT_EQ(BigInt(-7).hash(), static_cast<uint64_t>(-7));
  EXPECT_EQ((BigInt(1) << 63).hash(), 0x766u);
  EXPECT_EQ(kTwo64.hash(), 1u);
  EXPECT_EQ((-(BigInt(1) << 63) - 1).hash(), 0x3b2u);
  EXPECT_EQ((-kTwo64).hash(), 3u);
  EXPECT_EQ(((BigInt(1) << 128) - 1).hash(), 0x2909c8u);
  EXPECT_EQ(Parse("1000000000000000000000000000000").hash(), 0x2444d2e1u);
  std::unordered_set<BigInt> set = {1, kTwo64, kTwo64};
  EXPECT_EQ(set.size(), 2u);
}

// ---- Text --------------------------------------------------------------------------------------

TEST(BigIntText, RoundTrips) {
  for (const char* text :
       {"0", "1", "-1", "1000000000", "999999999999999999", "-9223372036854775808",
        "9223372036854775808", "18446744073709551616", "-340282366920938463463374607431768211456",
        "100000000000000000000000000000000000000000000000000000000000000000000000000000000001"}) {
    EXPECT_EQ(Text(Parse(text)), text);
  }
  EXPECT_EQ(Text(Parse("+0012")), "12");
}

TEST(BigIntText, ReadingStopsAtTheFirstOtherCharacter) {
  std::istringstream stream("  123abc -4");
  BigInt value;
  std::string rest;
  stream >> value >> rest;
  EXPECT_EQ(value, 123);
  EXPECT_EQ(rest, "abc");
  stream >> value;
  EXPECT_EQ(value, -4);
  EXPECT_TRUE(stream.eof());
  EXPECT_FALSE(stream.fail());
}

TEST(BigIntText, WithoutADigitTheStreamFailsAndTheValueStays) {
  for (const char* text : {"", "-", "+", "x", "--1", "   "}) {
    std::istringstream stream(text);
    BigInt value = 77;
    stream >> value;
    EXPECT_TRUE(stream.fail()) << text;
    EXPECT_EQ(value, 77) << text;
  }
  std::istringstream kept(" 5");
  kept >> std::noskipws;
  BigInt value = 77;
  kept >> value;
  EXPECT_TRUE(kept.fail());
}

// ---- In Any ------------------------------------------------------------------------------------

TEST(BigIntInAny, IsAnIntOrAnObject) {
  EXPECT_TRUE(Any(5).same_as(Any(BigInt(5))));
  Any big = kTwo64;
  EXPECT_EQ(big.type_index(), kTVMFFIBigInt);
  EXPECT_EQ(big.as<BigInt>().value(), kTwo64);
  EXPECT_EQ(Any(5).as<BigInt>().value(), 5);
  EXPECT_FALSE(Any(true).as<BigInt>().has_value());
  EXPECT_EQ(Any(true).cast<BigInt>(), 1);
  EXPECT_TRUE(big.as<ObjectRef>().has_value());
  EXPECT_EQ(ErrorOf([&] { big.cast<int64_t>(); }),
            "TypeError: Cannot convert from type `ffi.BigInt` to `int`");
  EXPECT_EQ(ErrorOf([] { Any(1.5).cast<BigInt>(); }),
            "TypeError: Cannot convert from type `float` to `BigInt`");
  EXPECT_FALSE(Any("1").try_cast<BigInt>().has_value());
  EXPECT_EQ(TypeTraits<BigInt>::TypeSchema(), R"({"type":"ffi.BigInt"})");
}

TEST(BigIntInAny, MovesInAndOut) {
  BigInt value = kTwo64;
  Any any = std::move(value);
  EXPECT_EQ(value, 0);  // NOLINT(bugprone-use-after-move)
  BigInt back = std::move(any).cast<BigInt>();
  EXPECT_EQ(any, nullptr);
  EXPECT_EQ(back, kTwo64);
}

TEST(BigIntInAny, HashAndEqualityAreByValue) {
  Any a = kTwo64, b = BigInt(1) << 64;
  EXPECT_FALSE(a.same_as(b));
  EXPECT_TRUE(AnyEqual()(a, b));
  EXPECT_EQ(AnyHash()(a), AnyHash()(b));
  EXPECT_EQ(AnyHash()(a), 0x9e378d03u);
  EXPECT_FALSE(AnyEqual()(a, Any(kTwo64 + 1)));
  Map<BigInt, int> map{{kTwo64, 3}, {5, 4}};
  EXPECT_EQ(map.at(BigInt(1) << 64), 3);
  EXPECT_EQ(map.at(5), 4);
}

TEST(BigIntInAny, IsAParameterOfTypedFunctions) {
  Function add = Function::FromTyped([](const BigInt& a, const BigInt& b) { return a + b; });
  EXPECT_EQ(add(INT64_MAX, 1).cast<BigInt>(), BigInt(INT64_MAX) + 1);
  EXPECT_EQ(add(kTwo64, -kTwo64).type_index(), kTVMFFIInt);
}

TEST(BigIntC, WordsGoInAndOut) {
  auto from_words = [](std::vector<int64_t> words) {
    TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.data()), words.size() * 8};
    Any result;
    TVM_FFI_CHECK_SAFE_CALL(
        TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&result)));
    return result.cast<BigInt>();
  };
  EXPECT_EQ(from_words({0, 1}), kTwo64);
  EXPECT_EQ(from_words({-5, -1, -1}), -5);  // redundant sign words
  EXPECT_EQ(from_words({0, 1, 0}), kTwo64);
  EXPECT_EQ(from_words({}), 0);

  TVMFFIAny cell = AnyView(kTwo64).CopyToTVMFFIAny();
  TVMFFIByteArray content = TVMFFIBigIntGetContentByteArray(&cell);
  EXPECT_EQ(content.size, 16u);
  EXPECT_EQ(reinterpret_cast<const int64_t*>(content.data)[1], 1);
}

TEST(BigIntUnsafe, NormalizesWordsWrittenInPlace) {
  auto make = [](std::vector<int64_t> words) {
    auto object =
        tvm::ffi::make_inplace_array_object<BigIntObj, int64_t>(words.size(), words.size());
    int64_t* data = BigIntUnsafe::GetMutableData(object);
    for (size_t i = 0; i < words.size(); ++i) data[i] = words[i];
    return object;
  };
  EXPECT_EQ(BigIntUnsafe::Normalize(make({})), 0);
  EXPECT_EQ(BigIntUnsafe::Normalize(make({7, 0, 0})), 7);
  EXPECT_EQ(BigIntUnsafe::Normalize(make({-7, -1})), -7);
  auto object = make({0, 1, 0});
  const void* address = object.get();
  BigInt value = BigIntUnsafe::Normalize(std::move(object));
  EXPECT_EQ(value, kTwo64);
  EXPECT_EQ(static_cast<const void*>(AnyView(value).CopyToTVMFFIAny().v_obj), address);
  auto shrunk = make({1, 2, 3});
  BigIntUnsafe::ShrinkSize(shrunk, 1);
  EXPECT_EQ(BigIntUnsafe::GetArrayView(shrunk).size(), 1u);
}

}  // namespace
