// SPDX-License-Identifier: Apache-2.0
//
// How values are packed, by their exact type. Python enters a type when the pure lane has decided
// about it. Read by any thread at any time; written by one at a time.
#include <atomic>
#include <cstdlib>
#include <mutex>
#include <new>

#include "host.h"

namespace tvm::ffi::host {
namespace {

// Readers may hold on to all that was ever published, so none of it is freed: larger tables take
// over what smaller ones hold, and a type about which Python changes its mind gets another Known.
struct Slot {
  std::atomic<Type> type{nullptr};
  std::atomic<const Known*> known{nullptr};
};

// Open addressing; the number of slots is a power of two, and at most half of them are used.
struct KnownTypes {
  size_t capacity;
  size_t count;  // for writers
  Slot* slots;
  KnownTypes* former;  // which nobody but its readers needs

  Slot* find(Type type) const {
    size_t hash = (reinterpret_cast<uintptr_t>(type) >> 4) * 0x9E3779B97F4A7C15u >> 20;
    for (size_t at = hash & (capacity - 1);; at = (at + 1) & (capacity - 1)) {
      Type found = slots[at].type.load(std::memory_order_acquire);
      if (!found || found == type) return &slots[at];
    }
  }

  void enter(Type type, const Known* known) {
    Slot* slot = find(type);
    slot->known.store(known, std::memory_order_release);
    if (slot->type.load(std::memory_order_relaxed)) return;
    slot->type.store(type, std::memory_order_release);
    ++count;
  }
};

std::atomic<KnownTypes*> known_types{nullptr};
std::mutex learning;

KnownTypes* table_of(size_t capacity, KnownTypes* former) {
  auto* slots = new (std::nothrow) Slot[capacity];
  auto* table = new (std::nothrow) KnownTypes{capacity, 0, slots, former};
  if (table && slots) return table;
  delete table;
  delete[] slots;
  return nullptr;
}

// A table with room for one more; NULL when out of memory.
KnownTypes* with_room() {
  KnownTypes* table = known_types.load(std::memory_order_relaxed);
  if (table && 2 * (table->count + 1) <= table->capacity) return table;
  KnownTypes* larger = table_of(table ? 2 * table->capacity : 256, table);
  if (!larger) return nullptr;
  for (size_t i = 0; table && i < table->capacity; ++i) {
    const Slot& slot = table->slots[i];
    Type type = slot.type.load(std::memory_order_relaxed);
    if (type) larger->enter(type, slot.known.load(std::memory_order_relaxed));
  }
  known_types.store(larger, std::memory_order_release);
  return larger;
}

}  // namespace

std::atomic<const Known*> learned_last[kLearnedLast];

const Known* find_in_table(Type type) {
  const KnownTypes* table = known_types.load(std::memory_order_acquire);
  if (!table) return nullptr;
  const Known* known = table->find(type)->known.load(std::memory_order_acquire);
  // In a free slot may be what is just being entered for another type.
  return known && known->type == type ? known : nullptr;
}

// Keeps the type for ever. -1 when out of memory, and for values the table cannot hold.
TVM_FFI_HOST_EXPORT int TVMFFIHostLearn(Type type, int32_t kind, int32_t tag, void* data) {
  auto* known = new (std::nothrow) Known{type, static_cast<Kind>(kind), tag, data};
  if (!known) return -1;
  const std::lock_guard<std::mutex> guard(learning);
  KnownTypes* table = with_room();
  if (!table) {
    delete known;
    return -1;
  }
  if (!find_in_table(type)) host.retain(type);
  table->enter(type, known);
  learned_last_at(type).store(known, std::memory_order_release);
  return 0;
}

}  // namespace tvm::ffi::host
