// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <cstdint>
#include <cstring>
#include <utility>
#include <vector>

#include "contract.h"

namespace {

using contract::Owned;
using Words = std::vector<uint64_t>;

constexpr uint64_t kMin = uint64_t{1} << 63;  // the word of INT64_MIN
constexpr uint64_t kMinusOne = ~uint64_t{0};

TVMFFIByteArray content(const Words& words) {
  return {reinterpret_cast<const char*>(words.data()), words.size() * 8};
}

TVMFFIAny make(const Words& words) {
  const TVMFFIByteArray input = content(words);
  TVMFFIAny result;
  std::memset(&result, 0xff, sizeof(result));
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&input, &result), 0);
  return result;
}

Words words_of(const TVMFFIAny& value) {
  const TVMFFIByteArray bytes = TVMFFIBigIntGetContentByteArray(&value);
  EXPECT_EQ(bytes.size % 8, 0u);
  Words words(bytes.size / 8);
  std::memcpy(words.data(), bytes.data, bytes.size);
  return words;
}

TEST(CBigInt, ValuesOf64BitsBecomeInt) {
  const std::pair<Words, int64_t> cases[] = {
      {{}, 0},
      {{0, 0, 0}, 0},
      {{5}, 5},
      {{5, 0}, 5},
      {{static_cast<uint64_t>(-5), kMinusOne, kMinusOne}, -5},
      {{kMinusOne}, -1},
      {{kMinusOne, kMinusOne}, -1},
      {{kMin - 1, 0}, INT64_MAX},
      {{kMin, kMinusOne}, INT64_MIN},
  };
  for (const auto& [words, expected] : cases) {
    TVMFFIAny value = make(words);
    EXPECT_EQ(value.type_index, kTVMFFIInt);
    EXPECT_EQ(value.zero_padding, 0u);
    EXPECT_EQ(value.v_int64, expected);
    EXPECT_EQ(words_of(value), Words{static_cast<uint64_t>(expected)});
    EXPECT_EQ(TVMFFIBigIntGetContentByteArray(&value).data,
              reinterpret_cast<const char*>(&value.v_int64));
  }
}

TEST(CBigInt, OtherValuesKeepTheWordsTheyNeed) {
  const Words cases[] = {
      {kMin, 0},                  // 2^63
      {0, 1},                     // 2^64
      {kMin - 1, kMinusOne},      // -2^63 - 1
      {0, kMinusOne},             // -2^64
      {kMinusOne, kMin - 1},      // 2^127 - 1
      {0, kMin},                  // -2^127
      {kMinusOne, kMinusOne, 0},  // 2^128 - 1
      {1, 2, 3, 4, 5},
  };
  for (const Words& words : cases) {
    for (int extra_words : {0, 1, 3}) {
      Words input = words;
      const bool is_negative = static_cast<int64_t>(words.back()) < 0;
      input.resize(words.size() + extra_words, is_negative ? kMinusOne : 0);
      TVMFFIAny value = make(input);
      Owned owner(value.v_obj);
      EXPECT_EQ(value.type_index, kTVMFFIBigInt);
      EXPECT_EQ(value.zero_padding, 0u);
      EXPECT_EQ(owner.header()->type_index, kTVMFFIBigInt);
      EXPECT_EQ(words_of(value), words);
      // Clients read the object: the count at 24, the words from 32.
      const char* base = reinterpret_cast<const char*>(owner.get());
      EXPECT_EQ(*reinterpret_cast<const size_t*>(base + 24), words.size());
      EXPECT_EQ(TVMFFIBigIntGetContentByteArray(&value).data, base + 32);
    }
  }
}

TEST(CBigInt, InputNeedsNoAlignment) {
  char buffer[17] = {};
  const uint64_t words[2] = {7, 9};
  std::memcpy(buffer + 1, words, sizeof(words));
  const TVMFFIByteArray input = {buffer + 1, sizeof(words)};
  TVMFFIAny value;
  ASSERT_EQ(TVMFFIBigIntFromByteArray(&input, &value), 0);
  Owned owner(value.v_obj);
  EXPECT_EQ(words_of(value), (Words{7, 9}));
}

TEST(CBigInt, AcceptsNullForZero) {
  const TVMFFIByteArray input = {nullptr, 0};
  TVMFFIAny value;
  ASSERT_EQ(TVMFFIBigIntFromByteArray(&input, &value), 0);
  EXPECT_EQ(value.type_index, kTVMFFIInt);
  EXPECT_EQ(value.v_int64, 0);
}

TEST(CBigInt, RefusesPartsOfWords) {
  for (size_t size : {1, 7, 9, 15}) {
    const TVMFFIByteArray input = {"0123456789abcdef", size};
    TVMFFIAny value = contract::integer(1);
    EXPECT_RAISES(TVMFFIBigIntFromByteArray(&input, &value), "ValueError",
                  "BigInt content must contain whole 64-bit words");
    EXPECT_EQ(value.type_index, kTVMFFINone);
    EXPECT_EQ(value.v_int64, 0);
  }
}

}  // namespace
