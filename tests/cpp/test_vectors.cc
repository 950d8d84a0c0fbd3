// SPDX-License-Identifier: Apache-2.0
//
// The contract's test vectors: values that other implementations of it compute alike, bit for bit.
// (Those of structural operations are in their tests, the slots of maps in
// container/test_map_layout.)
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/serialization.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cmath>
#include <cstdint>
#include <cstring>
#include <limits>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace tvm::ffi;
using Words = std::vector<uint64_t>;

uint64_t recursive_hash(const Any& value) { return static_cast<uint64_t>(RecursiveHash(value)); }
uint64_t any_hash(const Any& value) { return AnyHash()(value); }

BigInt power_of_2(int exponent) { return BigInt(1) << exponent; }
BigInt power_of_10(int exponent) {
  BigInt result = 1;
  for (int i = 0; i < exponent; ++i) result = result * BigInt(10);
  return result;
}

// Little-endian, as the value holds them.
Words words_of(const Any& value) {
  const TVMFFIByteArray bytes =
      TVMFFIBigIntGetContentByteArray(reinterpret_cast<const TVMFFIAny*>(&value));
  Words words(bytes.size / sizeof(uint64_t));
  std::memcpy(words.data(), bytes.data, bytes.size);
  return words;
}

Any from_words(const std::vector<int64_t>& words) {
  TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.data()), words.size() * 8};
  Any value;
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&value)), 0);
  return value;
}

TEST(Vectors, BytesHash) {
  const std::pair<std::string, uint64_t> cases[] = {
      {"", 0},
      {"a", 0x61},
      {"hello", 0x6c6c6646},
      {"12345678", 0x24a19e9c},
      {"123456789", 0x1ddbbcc},
      {"hello world, long string", 0x202aa61},
  };
  for (const auto& [text, hash] : cases) {
    EXPECT_EQ(detail::StableHashBytes(text.data(), text.size()), hash) << text;
  }
}

TEST(Vectors, AnyHash) {
  const std::pair<Any, uint64_t> cases[] = {
      {nullptr, 0x9e3779b9},
      {1, 0x9e3779fb},
      {true, 0x9e377a38},
      {1.0, 0x3ff000009e377a7a},
      {"", 0x9e378a48},
      {"a", 0x9e378a2b},
      {"hello", 0x10aa3f00e},
      {"12345678", 0xc2d928e4},
      {"hello world, long string", 0xa03a342b},
      {Bytes("a"), 0x9e378ae8},
      {Bytes("0123456789abcdef"), 0xab1d23f7},
  };
  for (const auto& [value, hash] : cases) EXPECT_EQ(any_hash(value), hash) << value.GetTypeKey();
}

TEST(Vectors, BigIntWords) {
  const uint64_t top = uint64_t{1} << 63, all = ~uint64_t{0};
  const std::pair<BigInt, Words> cases[] = {
      {power_of_2(63), {top, 0}},
      {power_of_2(64), {0, 1}},
      {-power_of_2(63) - BigInt(1), {~top, all}},
      {-power_of_2(64), {0, all}},
      {power_of_2(127) - BigInt(1), {all, ~top}},
      {-power_of_2(127), {0, top}},
      {power_of_2(128) - BigInt(1), {all, all, 0}},
  };
  for (const auto& [value, words] : cases) EXPECT_EQ(words_of(value), words) << value;
}

TEST(Vectors, BigIntHashes) {
  struct Case {
    BigInt value;
    uint64_t recursive;
    uint64_t any;
  };
  const Case cases[] = {
      {power_of_2(63), 0x766, 0x9e3794fc},
      {power_of_2(64), 0x1, 0x9e378d03},
      {-power_of_2(63) - BigInt(1), 0x3b2, 0x9e3790b0},
      {-power_of_2(64), 0x3, 0x9e378d01},
      {power_of_2(128) - BigInt(1), 0x2909c8, 0x9e60975a},
      {power_of_10(30), 0x2444d2e1, 0xc27c6063},
  };
  for (const Case& row : cases) {
    EXPECT_EQ(recursive_hash(row.value), row.recursive) << row.value;
    EXPECT_EQ(any_hash(row.value), row.any) << row.value;
  }
}

TEST(Vectors, BigIntsThatFitBecomeInt) {
  const std::pair<std::vector<int64_t>, int64_t> cases[] = {
      {{5, 0}, 5}, {{-5, -1, -1}, -5}, {{0, 0, 0}, 0}, {{}, 0}};
  for (const auto& [words, value] : cases) {
    Any read = from_words(words);
    EXPECT_EQ(read.type_index(), TypeIndex::kTVMFFIInt);
    EXPECT_EQ(read.cast<int64_t>(), value);
  }
}

TEST(Vectors, Unchanged) {
  TVMFFIAny cell{};
  cell.type_index = TypeIndex::kTVMFFIUnchanged;
  const Any unchanged = AnyView::CopyFromTVMFFIAny(cell);
  EXPECT_EQ(any_hash(unchanged), 0x9e377cf1U);
  EXPECT_EQ(recursive_hash(unchanged), 0x9e377cf1U);
}

TEST(Vectors, RecursiveHash) {
  const std::pair<Any, uint64_t> cases[] = {
      {Array<Any>{power_of_2(64)}, 0xdb15d8d83bfba8d4},
      {Array<Any>{1, 2}, 0x272ea68de7aee940},
      {Map<Any, Any>{{"a", 1}}, 0x196e6e1062f2d137},
      {DLDataType{kDLFloat, 32, 1}, 0xa16fbe40c6b},
      {DLDevice{kDLCUDA, 1}, 0x28cd935c32},
      {std::nan(""), 0x7ff800009e377a7a},
      {-0.0, 0x9e377a7a},
  };
  for (const auto& [value, hash] : cases) {
    EXPECT_EQ(recursive_hash(value), hash) << value.GetTypeKey();
  }
}

TEST(Vectors, BigIntAsGraph) {
  EXPECT_EQ(json::Stringify(ToJSONGraph(power_of_2(64))),
            R"({"root_index":0,"nodes":[{"type":"ffi.BigInt","data":"18446744073709551616"}]})");
}

TEST(Vectors, TypeKeyHashes) {
  const std::pair<const char*, uint64_t> cases[] = {
      {"None", 0xfb6ac968ce0ca5aa},          {"int", 0xaed305094b3d4a9f},
      {"ffi.Object", 0x33a211b274fa0106},    {"ffi.Array", 0x811300c104284401},
      {"ffi.Map", 0x66acedc0a716b876},       {"ffi.BigInt", 0x487cadd8abd8177b},
      {"ffi.Unchanged", 0x852fac5f072fc19e}, {"ffi.StructuralMutator", 0xb838d12a1a92e3d},
  };
  for (const auto& [key, hash] : cases) {
    EXPECT_EQ(TVMFFIGetTypeInfo(TypeKeyToIndex(key))->type_key_hash, hash) << key;
  }
}

TEST(Vectors, InlineText) {
  const Any text = "1234567";
  const TVMFFIAny* cell = reinterpret_cast<const TVMFFIAny*>(&text);
  EXPECT_EQ(cell->type_index, 11);
  EXPECT_EQ(cell->small_str_len, 7U);
  EXPECT_EQ(cell->v_uint64, 0x0037363534333231U);
}

TEST(Vectors, NewObject) {
  ObjectPtr<Object> object = make_object<Object>();
  EXPECT_EQ(reinterpret_cast<const TVMFFIObject*>(object.get())->combined_ref_count,
            0x0000000100000001U);
}

// What follows the header of a Map.
struct MapCell {
  TVMFFIObject header;
  void* data;
  uint64_t size;
  uint64_t slots;
};

const MapCell* cell_of(const Map<Any, Any>& map) {
  return reinterpret_cast<const MapCell*>(map.get());
}

TEST(Vectors, MapSlots) {
  const std::pair<int, uint64_t> cases[] = {{3, 0x8000000000000004}, {5, 8}, {8, 0x10}, {16, 0x20}};
  for (const auto& [inserts, slots] : cases) {
    Map<Any, Any> map;
    for (int i = 0; i < inserts; ++i) map.Set(i, i);
    EXPECT_EQ(cell_of(map)->slots, slots) << inserts;
  }
}

TEST(Vectors, UpdatedKeyOfADenseMapComesLast) {
  Map<Any, Any> map;
  for (int i = 1; i <= 6; ++i) map.Set(i, i);
  map.Set(1, 10);
  std::vector<int> order;
  for (const auto& [key, value] : map) order.push_back(key.cast<int>());
  EXPECT_EQ(order, (std::vector<int>{2, 3, 4, 5, 6, 1}));
}

}  // namespace
