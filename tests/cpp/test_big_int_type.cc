// SPDX-License-Identifier: Apache-2.0
//
// The hooks of ffi.BigInt.
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/reflection/accessor.h>

#include <string>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::error_of;

Any big(std::initializer_list<int64_t> words) {
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.begin()),
                              words.size() * sizeof(int64_t)};
  Any value;
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&value)), 0);
  return value;
}

Function hook(const char* name) {
  return refl::TypeAttrColumn(name)[kTVMFFIBigInt].cast<Function>();
}

std::string decimal(const Any& value) { return hook("__data_to_json__")(value).cast<String>(); }
Any parse(const Any& text) { return hook("__data_from_json__")(text); }

struct Row {
  Any value;
  const char* text;
};

const Row kRows[] = {
    {big({INT64_MIN, 0}), "9223372036854775808"},
    {big({0, 1}), "18446744073709551616"},
    {big({INT64_MAX, -1}), "-9223372036854775809"},
    {big({0, -1}), "-18446744073709551616"},
    {big({-1, INT64_MAX}), "170141183460469231731687303715884105727"},
    {big({0, INT64_MIN}), "-170141183460469231731687303715884105728"},
    {big({-1, -1, 0}), "340282366920938463463374607431768211455"},
    {big({5076944270305263616, 54210108624}), "1000000000000000000000000000000"},
};

TEST(BigIntHooks, WriteAndReadDecimalText) {
  for (const Row& row : kRows) {
    EXPECT_EQ(decimal(row.value), row.text);
    Any parsed = parse(row.text);
    EXPECT_EQ(parsed.type_index(), kTVMFFIBigInt);
    EXPECT_TRUE(AnyEqual()(parsed, row.value)) << row.text;
  }
  EXPECT_TRUE(AnyEqual()(parse("+00018446744073709551616"), big({0, 1})));
}

TEST(BigIntHooks, SmallValuesBecomeInt) {
  const std::pair<const char*, int64_t> cases[] = {{"0", 0},
                                                   {"-0", 0},
                                                   {"+7", 7},
                                                   {"9223372036854775807", INT64_MAX},
                                                   {"-9223372036854775808", INT64_MIN}};
  for (const auto& [text, value] : cases) {
    Any parsed = parse(text);
    EXPECT_EQ(parsed.type_index(), kTVMFFIInt) << text;
    EXPECT_EQ(parsed.cast<int64_t>(), value);
  }
}

TEST(BigIntHooks, RefuseOtherText) {
  for (const char* text : {"", "-", "+", "1a", " 1", "1 ", "--1", "0x10", "1.5"}) {
    EXPECT_EQ(error_of([&] { parse(Any(text)); }),
              "ValueError: Invalid decimal string for ffi.BigInt");
  }
  EXPECT_EQ(error_of([] { parse(1.5); }), "TypeError: Cannot treat type `float` as type `str`");
}

// Functions, so that clients of all generations call them alike.
TEST(BigIntHooks, HashAndCompareKeys) {
  EXPECT_EQ(hook("__any_hash__")(big({INT64_MIN, 0})).cast<int64_t>(), 0x766);
  EXPECT_EQ(hook("__any_hash__")(big({-1, -1, 0})).cast<int64_t>(), 0x2909c8);
  EXPECT_EQ(AnyHash()(big({0, 1})), 0x9e378d03);
  EXPECT_TRUE(hook("__any_equal__")(big({0, 1}), big({0, 1})).cast<bool>());
  EXPECT_FALSE(hook("__any_equal__")(big({0, 1}), big({1, 1})).cast<bool>());
  Map<Any, Any> map{{big({0, 1}), "a"}, {big({0, -1}), "b"}, {0, "c"}};
  EXPECT_EQ(map.at(big({0, 1})).cast<String>(), "a");
  EXPECT_EQ(map.at(big({0, -1})).cast<String>(), "b");
  EXPECT_EQ(map.count(big({0, 2})), 0);
}

}  // namespace
