// SPDX-License-Identifier: Apache-2.0
//
// How values are packed, by their exact type. Python enters a type when the pure lane has decided
// about it. Read and written with the lock held.
#include <cstdlib>

#include "host.h"

namespace tvm::ffi::host {
namespace {

// Open addressing; the number of slots is a power of two, and at most half of them are used.
struct KnownTypes {
  Known* slots = nullptr;
  size_t count = 0;
  size_t capacity = 0;

  size_t start(Type type) const {
    return (reinterpret_cast<uintptr_t>(type) >> 4) * 0x9E3779B97F4A7C15u >> 20 & (capacity - 1);
  }

  Known* find(Type type) const {
    size_t at = start(type);
    while (slots[at].type && slots[at].type != type) at = (at + 1) & (capacity - 1);
    return &slots[at];
  }

  bool grow() {
    KnownTypes larger;
    larger.capacity = capacity ? 2 * capacity : 256;
    larger.slots = static_cast<Known*>(std::calloc(larger.capacity, sizeof(Known)));
    if (!larger.slots) return false;
    larger.count = count;
    for (size_t i = 0; i < capacity; ++i) {
      if (slots[i].type) *larger.find(slots[i].type) = slots[i];
    }
    std::free(slots);
    *this = larger;
    return true;
  }
};

KnownTypes known_types;

}  // namespace

const Known* find_known(Type type) {
  if (!known_types.slots) return nullptr;
  const Known* known = known_types.find(type);
  return known->type ? known : nullptr;
}

// Keeps the type for ever. -1 when out of memory, and for values the table cannot hold.
TVM_FFI_HOST_EXPORT int TVMFFIHostLearn(Type type, int32_t kind, int32_t tag, void* data) {
  if (2 * (known_types.count + 1) > known_types.capacity && !known_types.grow()) return -1;
  Known* known = known_types.find(type);
  if (!known->type) {
    host.retain(type);
    ++known_types.count;
  }
  *known = Known{type, static_cast<Kind>(kind), tag, data};
  return 0;
}

}  // namespace tvm::ffi::host
