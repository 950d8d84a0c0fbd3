// SPDX-License-Identifier: Apache-2.0
//
// The dense layout of Map and Dict: a hash table whose collisions form chains of short jumps, with
// the live slots linked in insertion order. The layout and the placement rules are part of the
// contract: whoever holds the map works on it in place, whoever made it.
#ifndef TVM_FFI_CONTAINER_MAP_DENSE_H_
#define TVM_FFI_CONTAINER_MAP_DENSE_H_

#include <tvm/ffi/any.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

namespace tvm {
namespace ffi {
namespace detail {

using MapEntry = std::pair<Any, Any>;

// The end of a chain of slots, no slot.
inline constexpr uint64_t kNoSlot = ~uint64_t{0};

// Lengths of the jumps from one element of a collision chain to the next. Taken modulo the number
// of slots; jump 0 ends the chain.
TVM_FFI_LOCAL inline constexpr uint64_t kMapJumps[126] = {
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15,
    // triangular numbers
    21, 28, 36, 45, 55, 66, 78, 91, 105, 120, 136, 153, 171, 190, 210, 231, 253, 276, 300, 325, 351,
    378, 406, 435, 465, 496, 528, 561, 595, 630, 666, 703, 741, 780, 820, 861, 903, 946, 990, 1035,
    1081, 1128, 1176, 1225, 1275, 1326, 1378, 1431, 1485, 1540, 1596, 1653, 1711, 1770, 1830, 1891,
    1953, 2016, 2080, 2145, 2211, 2278, 2346, 2415, 2485, 2556, 2628,
    // larger triangular numbers, each about 2.25 times the one before
    8515, 19110, 42778, 96141, 216153, 486591, 1092981, 2458653, 5532801, 12442566, 27993903,
    62983476, 141717030, 318844378, 717352503, 1614057336, 3631522476, 8170957530, 18384510628,
    41364789378, 93070452520, 209408356380, 471168559170, 1060128894105, 2385289465695,
    5366898840628, 12075518705635, 27169915244790, 61132312065111, 137547689707000, 309482283181501,
    696335127828753, 1566753995631385, 3525196511162271, 7931691992677701, 17846306936293605,
    40154190677507445, 90346928918121501, 203280589587557251, 457381325854679626,
    1029107982097042876, 2315492959180353330, 5209859154120846435};

// A table as values; MapBaseObj loads and stores it. Owns nothing by itself.
//
// Slots are grouped by 16: 16 bytes of metadata, then 16 items. A metadata byte is kEmpty, or the
// index of the jump to the next element of the chain, with the top bit set for all elements of a
// chain but its head. Every element of a chain has the head's slot as its home slot.
//
// Methods that hash or compare keys may throw what the keys' hooks throw; they do so before they
// change anything.
class DenseTable {
 public:
  struct Item {
    MapEntry entry;
    uint64_t prev;
    uint64_t next;
  };

  void* data = nullptr;
  uint64_t size = 0;
  uint64_t slots = 0;      // a power of two
  uint32_t fib_shift = 0;  // 64 - log2(slots)
  uint64_t head = kNoSlot;
  uint64_t tail = kNoSlot;

  static uint64_t SlotsFor(uint64_t num_entries) {
    uint64_t slots = 1;
    while (slots <= num_entries) slots *= 2;
    return slots < 2 * num_entries ? slots * 2 : slots;
  }

  // An empty table. The caller frees it with FreeData.
  TVM_FFI_OUTLINE static DenseTable Make(uint64_t num_slots) {
    DenseTable table;
    table.slots = num_slots;
    for (table.fib_shift = 64; num_slots > 1; num_slots /= 2) --table.fib_shift;
    table.data = ::operator new(table.NumBlocks() * kBlockBytes);
    for (uint64_t i = 0; i < table.NumBlocks(); ++i) {
      std::memset(static_cast<uint8_t*>(table.data) + i * kBlockBytes, kEmpty, kBlockSlots);
    }
    return table;
  }
  // Memory only.
  TVM_FFI_LOCAL static void FreeData(void* data) { ::operator delete(data); }

  Item& ItemAt(uint64_t slot) const {
    return reinterpret_cast<Item*>(Block(slot) + kBlockSlots)[slot % kBlockSlots];
  }
  MapEntry& EntryAt(uint64_t slot) const { return ItemAt(slot).entry; }

  // The slot of the key or kNoSlot.
  TVM_FFI_OUTLINE uint64_t Find(const Any& key, uint64_t hash) const {
    if (size == 0) return kNoSlot;
    uint64_t slot = HomeOf(hash);
    if (!IsHead(slot)) return kNoSlot;
    for (; slot != kNoSlot; slot = NextInChain(slot)) {
      if (AnyEqual()(EntryAt(slot).first, key)) return slot;
    }
    return kNoSlot;
  }

  // Gives a key that is not in the table a slot: the caller constructs the entry and calls Append.
  // kNoSlot means that the table has to grow first; it may then only be iterated over.
  TVM_FFI_OUTLINE uint64_t Place(uint64_t hash) {
    uint64_t home = HomeOf(hash);
    if (Meta(home) == kEmpty) {
      Meta(home) = 0;
      return home;
    }
    if (IsFull()) return kNoSlot;
    if (IsHead(home)) return ExtendChain(LastInChain(home));
    if (!MoveChainAway(home)) return kNoSlot;
    Meta(home) = 0;
    return home;
  }

  void Append(uint64_t slot) {
    LinkLast(slot);
    ++size;
  }

  void MoveToEnd(uint64_t slot) {
    Unlink(slot);
    LinkLast(slot);
  }

  // Moves the entry out into *removed.
  TVM_FFI_OUTLINE void Remove(uint64_t slot, MapEntry* removed) {
    uint64_t prev = kNoSlot;  // before the slot that becomes empty
    uint64_t last = slot;
    if (!IsHead(slot) && Jump(slot) == 0) {
      prev = PrevInChain(slot);
    } else {
      while (Jump(last) != 0) {
        prev = last;
        last = NextInChain(last);
      }
    }
    *removed = std::move(EntryAt(slot));
    Unlink(slot);
    if (last != slot) MoveItem(last, slot);
    if (prev != kNoSlot) SetJump(prev, 0);
    Meta(last) = kEmpty;
    --size;
  }

  // Copies the structure, and the entries with their references, from a table of as many slots.
  void CopyEntriesFrom(const DenseTable& other) {
    for (uint64_t i = 0; i < NumBlocks(); ++i) {
      std::memcpy(Block(i * kBlockSlots), other.Block(i * kBlockSlots), kBlockSlots);
    }
    for (uint64_t slot = other.head; slot != kNoSlot; slot = other.ItemAt(slot).next) {
      new (&ItemAt(slot)) Item(other.ItemAt(slot));
    }
    size = other.size;
    head = other.head;
    tail = other.tail;
  }

 private:
  static constexpr uint64_t kBlockSlots = 16;
  static constexpr uint64_t kBlockBytes = kBlockSlots * (1 + sizeof(Item));
  static_assert(sizeof(MapEntry) == 32 && sizeof(Item) == 48 && kBlockBytes == 784,
                "the layout of Map is part of the contract");

  static constexpr uint8_t kEmpty = 0xFF;
  static constexpr uint8_t kBeingMoved = 0xFE;
  static constexpr uint8_t kMember = 0x80;  // top bit: not the head of a chain

  uint64_t NumBlocks() const { return (slots + kBlockSlots - 1) / kBlockSlots; }
  uint8_t* Block(uint64_t slot) const {
    return static_cast<uint8_t*>(data) + slot / kBlockSlots * kBlockBytes;
  }
  uint8_t& Meta(uint64_t slot) const { return Block(slot)[slot % kBlockSlots]; }

  bool IsHead(uint64_t slot) const { return (Meta(slot) & kMember) == 0; }
  uint8_t Jump(uint64_t slot) const { return Meta(slot) & 0x7F; }
  void SetJump(uint64_t slot, uint8_t jump) {
    Meta(slot) = static_cast<uint8_t>((Meta(slot) & kMember) | jump);
  }
  uint64_t After(uint64_t slot, uint8_t jump) const {
    return (slot + kMapJumps[jump]) & (slots - 1);
  }
  bool IsFull() const {
    constexpr double kMaxLoad = 0.99;
    return static_cast<double>(size + 1) > static_cast<double>(slots) * kMaxLoad;
  }

  uint64_t HomeOf(uint64_t hash) const { return (hash * 11400714819323198485ULL) >> fib_shift; }

  uint64_t NextInChain(uint64_t slot) const {
    return Jump(slot) == 0 ? kNoSlot : After(slot, Jump(slot));
  }
  uint64_t LastInChain(uint64_t slot) const {
    while (Jump(slot) != 0) slot = After(slot, Jump(slot));
    return slot;
  }
  // The chain is found through the hash of the key, which all of it shares in part.
  uint64_t PrevInChain(uint64_t slot) const {
    uint64_t prev = HomeOf(AnyHash()(EntryAt(slot).first));
    while (After(prev, Jump(prev)) != slot) prev = After(prev, Jump(prev));
    return prev;
  }

  // Links the first empty slot a jump from the end of a chain reaches to that chain.
  uint64_t ExtendChain(uint64_t last) {
    for (uint8_t jump = 1; jump < sizeof(kMapJumps) / sizeof(kMapJumps[0]); ++jump) {
      uint64_t slot = After(last, jump);
      if (Meta(slot) != kEmpty) continue;
      SetJump(last, jump);
      Meta(slot) = kMember;
      return slot;
    }
    return kNoSlot;
  }

  // Frees a slot that an element of another slot's chain occupies: that element and the rest of its
  // chain move elsewhere. False if there is no room, with that rest unchained.
  TVM_FFI_OUTLINE bool MoveChainAway(uint64_t slot) {
    uint64_t last = PrevInChain(slot);
    uint8_t freed = kBeingMoved;  // the first slot is not to be taken again
    while (slot != kNoSlot) {
      uint64_t next = NextInChain(slot);
      uint64_t target = ExtendChain(last);
      if (target == kNoSlot) return false;
      MoveItem(slot, target);
      Meta(slot) = std::exchange(freed, kEmpty);
      last = target;
      slot = next;
    }
    return true;
  }

  // ---- Insertion order ----

  void SetNext(uint64_t slot, uint64_t next) {
    (slot == kNoSlot ? head : ItemAt(slot).next) = next;
  }
  void SetPrev(uint64_t slot, uint64_t prev) {
    (slot == kNoSlot ? tail : ItemAt(slot).prev) = prev;
  }

  void LinkLast(uint64_t slot) {
    ItemAt(slot).prev = tail;
    ItemAt(slot).next = kNoSlot;
    SetNext(tail, slot);
    tail = slot;
  }
  void Unlink(uint64_t slot) {
    Item& item = ItemAt(slot);
    SetNext(item.prev, item.next);
    SetPrev(item.next, item.prev);
  }
  // Raw bytes and order; the metadata is up to the caller.
  void MoveItem(uint64_t from, uint64_t to) {
    Item& item = ItemAt(to);
    std::memcpy(static_cast<void*>(&item), static_cast<const void*>(&ItemAt(from)), sizeof(Item));
    SetNext(item.prev, to);
    SetPrev(item.next, to);
  }
};

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_MAP_DENSE_H_
