// SPDX-License-Identifier: Apache-2.0
//
// The memory of a Map or Dict as the contract lays it out, and a check that all of it is
// consistent.
#ifndef TVM_FFI_TESTS_CPP_CONTAINER_MAP_VIEW_H_
#define TVM_FFI_TESTS_CPP_CONTAINER_MAP_VIEW_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/container/map_base.h>

#include <gtest/gtest.h>

#include <cstdint>
#include <vector>

namespace map_view {

struct MapFields {
  TVMFFIObject header;
  char* data;
  uint64_t size;
  uint64_t slots;
  void (*data_deleter)(void*);
  uint32_t fib_shift;
  uint32_t padding;
  uint64_t head;
  uint64_t tail;
};
static_assert(sizeof(MapFields) == 80);

struct MapItem {
  TVMFFIAny key;
  TVMFFIAny value;
  uint64_t prev;
  uint64_t next;
};

inline const MapFields* FieldsOf(const tvm::ffi::ObjectRef& map) {
  return reinterpret_cast<const MapFields*>(map.get());
}
inline bool IsSmall(const MapFields* map) { return (map->slots >> 63) != 0; }
inline uint8_t MetaAt(const MapFields* map, uint64_t slot) {
  return static_cast<uint8_t>(map->data[slot / 16 * 784 + slot % 16]);
}
inline const MapItem* ItemAt(const MapFields* map, uint64_t slot) {
  return reinterpret_cast<const MapItem*>(map->data + slot / 16 * 784 + 16) + slot % 16;
}
inline uint64_t HomeOf(const MapFields* map, const TVMFFIAny& key) {
  uint64_t hash = tvm::ffi::AnyHash()(reinterpret_cast<const tvm::ffi::Any&>(key));
  return (hash * 11400714819323198485ULL) >> map->fib_shift;
}

// Every live slot is in the order list once and on the chain of its home slot; nothing else is
// marked live.
inline void CheckDense(const MapFields* map) {
  constexpr uint64_t kNone = ~uint64_t{0};
  ASSERT_FALSE(IsSmall(map));
  ASSERT_EQ(map->slots & (map->slots - 1), 0U);
  ASSERT_EQ(uint64_t{1} << (64 - map->fib_shift), map->slots);
  std::vector<bool> linked(map->slots, false);
  uint64_t count = 0;
  uint64_t prev = kNone;
  for (uint64_t slot = map->head; slot != kNone; slot = ItemAt(map, slot)->next) {
    ASSERT_LT(slot, map->slots);
    ASSERT_FALSE(linked[slot]);
    linked[slot] = true;
    ASSERT_EQ(ItemAt(map, slot)->prev, prev);
    prev = slot;
    ++count;
  }
  ASSERT_EQ(map->tail, prev);
  ASSERT_EQ(map->size, count);
  std::vector<bool> chained(map->slots, false);
  for (uint64_t slot = 0; slot < map->slots; ++slot) {
    ASSERT_NE(MetaAt(map, slot), 0xFE);
    if ((MetaAt(map, slot) & 0x80) != 0) continue;
    uint64_t member = slot;
    for (;;) {
      ASSERT_FALSE(chained[member]);
      chained[member] = true;
      ASSERT_EQ(HomeOf(map, ItemAt(map, member)->key), slot);
      ASSERT_EQ((MetaAt(map, member) & 0x80) == 0, member == slot);
      uint8_t jump = MetaAt(map, member) & 0x7F;
      if (jump == 0) break;
      member = (member + tvm::ffi::detail::kMapJumps[jump]) & (map->slots - 1);
    }
  }
  for (uint64_t slot = 0; slot < (map->slots + 15) / 16 * 16; ++slot) {
    bool live = slot < map->slots && linked[slot];
    ASSERT_EQ(MetaAt(map, slot) != 0xFF, live);
    ASSERT_EQ(chained[slot], live);
  }
}

inline void CheckIfDense(const MapFields* map) {
  if (!IsSmall(map)) CheckDense(map);
}

}  // namespace map_view

#endif  // TVM_FFI_TESTS_CPP_CONTAINER_MAP_VIEW_H_
