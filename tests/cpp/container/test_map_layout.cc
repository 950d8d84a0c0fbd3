// SPDX-License-Identifier: Apache-2.0
//
// The memory of Map and Dict, byte by byte: other binaries read and change it.
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/string.h>

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

#include "../number_object.h"
#include "map_view.h"

namespace {

using namespace tvm::ffi;
using namespace map_view;
using namespace number;

constexpr uint64_t kSmall = uint64_t{1} << 63;

TEST(MapLayout, JumpTable) {
  EXPECT_EQ(sizeof(detail::kMapJumps) / sizeof(detail::kMapJumps[0]), 126U);
  for (uint64_t i = 0; i < 16; ++i) EXPECT_EQ(detail::kMapJumps[i], i);
  for (uint64_t i = 16, n = 6; n <= 72; ++i, ++n) EXPECT_EQ(detail::kMapJumps[i], n * (n + 1) / 2);
  EXPECT_EQ(detail::kMapJumps[83], 8515U);
  EXPECT_EQ(detail::kMapJumps[125], 5209859154120846435U);
}

TEST(MapLayout, SlotsAfterInsertion) {
  Map<int, int> map;
  EXPECT_EQ(FieldsOf(map)->slots, kSmall | 2);
  std::vector<std::pair<int, uint64_t>> expected{{2, kSmall | 2}, {3, kSmall | 4}, {4, kSmall | 4},
                                                 {5, 8},          {7, 8},          {8, 16},
                                                 {15, 16},        {16, 32},        {31, 32}};
  for (auto [n, slots] : expected) {
    while (static_cast<int>(map.size()) < n) map.Set(static_cast<int>(map.size()), 0);
    EXPECT_EQ(FieldsOf(map)->slots, slots) << n;
    if ((slots & kSmall) == 0) {
      EXPECT_EQ(uint64_t{1} << (64 - FieldsOf(map)->fib_shift), slots);
    }
  }
}

TEST(MapLayout, SlotsOfRanges) {
  auto slots = [](int n) {
    std::vector<std::pair<int, int>> entries;
    for (int i = 0; i < n; ++i) entries.emplace_back(i, i);
    return FieldsOf(Map<int, int>(entries.begin(), entries.end()))->slots;
  };
  EXPECT_EQ(slots(0), kSmall | 2);
  EXPECT_EQ(slots(2), kSmall | 2);
  EXPECT_EQ(slots(3), kSmall | 3);
  EXPECT_EQ(slots(4), 8U);
  EXPECT_EQ(slots(5), 16U);
  EXPECT_EQ(slots(8), 16U);
  EXPECT_EQ(slots(9), 32U);
}

TEST(MapLayout, SmallEntriesFollowTheObject) {
  Map<int, int> map{{1, 10}, {2, 20}, {3, 30}};
  const MapFields* fields = FieldsOf(map);
  EXPECT_EQ(fields->data, reinterpret_cast<const char*>(fields) + 56);
  EXPECT_EQ(fields->data_deleter, nullptr);
  EXPECT_EQ(fields->size, 3U);
  const TVMFFIAny* cells = reinterpret_cast<const TVMFFIAny*>(fields->data);
  EXPECT_EQ(cells[2].v_int64, 2);
  EXPECT_EQ(cells[3].v_int64, 20);
}

TEST(MapLayout, HomeSlotsAndMetadataOfAFullBlock) {
  Map<int, int> map;
  for (int key : {0, 8, 16, 24, 32, 40}) map.Set(key, key);
  const MapFields* fields = FieldsOf(map);
  ASSERT_EQ(fields->slots, 8U);
  EXPECT_EQ(fields->fib_shift, 61U);
  EXPECT_EQ(fields->head, 1U);
  EXPECT_EQ(fields->tail, 6U);
  std::vector<uint64_t> homes;
  std::vector<uint64_t> places;
  for (uint64_t slot = fields->head; slot != ~uint64_t{0}; slot = ItemAt(fields, slot)->next) {
    places.push_back(slot);
    homes.push_back(HomeOf(fields, ItemAt(fields, slot)->key));
  }
  EXPECT_EQ(homes, (std::vector<uint64_t>{1, 0, 0, 7, 7, 6}));
  EXPECT_EQ(places, (std::vector<uint64_t>{1, 0, 2, 7, 3, 6}));
  std::vector<int> metadata;
  for (uint64_t slot = 0; slot < 16; ++slot) metadata.push_back(MetaAt(fields, slot));
  EXPECT_EQ(metadata, (std::vector<int>{0x02, 0x00, 0x80, 0x80, 0xff, 0xff, 0x00, 0x04,  //
                                        0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff}));
  CheckDense(fields);
}

TEST(MapLayout, ErasingMovesTheEndOfTheChain) {
  Map<int, int> map;
  for (int key : {0, 8, 16, 24, 32, 40}) map.Set(key, key);
  map.erase(8);  // the head of the chain of 8 and 16
  CheckDense(FieldsOf(map));
  EXPECT_EQ(ItemAt(FieldsOf(map), 0)->key.v_int64, 16);
  EXPECT_EQ(MetaAt(FieldsOf(map), 2), 0xff);
  map.erase(32);  // the end of the chain of 24 and 32
  CheckDense(FieldsOf(map));
  EXPECT_EQ(MetaAt(FieldsOf(map), 7), 0x00);
  EXPECT_EQ(MetaAt(FieldsOf(map), 3), 0xff);
}

TEST(MapLayout, AKeyTakesItsHomeSlotBackFromAnotherChain) {
  // 16 sits in slot 2 as part of the chain of slot 0 until a key at home there comes.
  Map<int, int> map;
  for (int key : {0, 8, 16, 24, 32}) map.Set(key, key);
  ASSERT_EQ(FieldsOf(map)->slots, 8U);
  TVMFFIAny cell{};
  cell.type_index = TypeIndex::kTVMFFIInt;
  cell.v_int64 = 41;
  while (HomeOf(FieldsOf(map), cell) != 2) ++cell.v_int64;
  int key = static_cast<int>(cell.v_int64);
  map.Set(key, 1);
  ASSERT_EQ(FieldsOf(map)->slots, 8U);
  CheckDense(FieldsOf(map));
  EXPECT_EQ(ItemAt(FieldsOf(map), 2)->key.v_int64, key);
  EXPECT_EQ(map[16], 16);
}

TEST(MapLayout, ADictChangesLayoutInPlace) {
  Dict<int, int> dict;
  const MapFields* fields = FieldsOf(dict);
  for (int i = 0; i < 3; ++i) dict.Set(i, i);
  EXPECT_EQ(fields->slots, kSmall | 4);
  EXPECT_NE(fields->data_deleter, nullptr);
  for (int i = 3; i < 5; ++i) dict.Set(i, i);
  EXPECT_EQ(FieldsOf(dict), fields);
  CheckDense(fields);
  for (int i = 0; i < 5; ++i) dict.erase(i);
  EXPECT_EQ(fields->slots, 8U);
  CheckDense(fields);
  dict.clear();
  CheckDense(fields);
}

TEST(MapLayout, CopiesHaveTheSameStructure) {
  Map<int, int> map;
  for (int i = 0; i < 50; ++i) map.Set(i * 3, i);
  for (int i = 0; i < 50; i += 4) map.erase(i * 3);
  ObjectRef copy(MapObj::ShallowCopy(static_cast<const MapObj*>(map.get())));
  CheckDense(FieldsOf(copy));
  EXPECT_EQ(FieldsOf(copy)->slots, FieldsOf(map)->slots);
  EXPECT_EQ(FieldsOf(copy)->head, FieldsOf(map)->head);
  Map<int, int> small{{1, 1}, {2, 2}, {3, 3}};
  ObjectRef small_copy(MapObj::ShallowCopy(static_cast<const MapObj*>(small.get())));
  EXPECT_EQ(FieldsOf(small_copy)->slots, kSmall | 3);
  EXPECT_EQ(FieldsOf(small_copy)->size, 3U);
}

TEST(MapLayout, HashesOfTheContract) {
  auto hash = [](Any value) { return AnyHash()(value); };
  EXPECT_EQ(hash(nullptr), 0x9e3779b9U);
  EXPECT_EQ(hash(1), 0x9e3779fbU);
  EXPECT_EQ(hash(true), 0x9e377a38U);
  EXPECT_EQ(hash(1.0), 0x3ff000009e377a7aU);
  EXPECT_EQ(hash(""), 0x9e378a48U);
  EXPECT_EQ(hash("a"), 0x9e378a2bU);
  EXPECT_EQ(hash("hello"), 0x10aa3f00eU);
  EXPECT_EQ(hash(String(std::string("hello"))), 0x10aa3f00eU);
  EXPECT_EQ(hash("12345678"), 0xc2d928e4U);
  EXPECT_EQ(hash("hello world, long string"), 0xa03a342bU);
  EXPECT_EQ(hash(Bytes("a", 1)), 0x9e378ae8U);
  EXPECT_EQ(hash(Bytes("0123456789abcdef", 16)), 0xab1d23f7U);
}

}  // namespace
