// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <algorithm>
#include <atomic>
#include <cstdint>
#include <thread>
#include <vector>

#include "contract.h"

namespace {

using contract::Owned;

void count_up(void* counter) { ++*static_cast<int*>(counter); }

TEST(CVersion, IsThatOfTheHeader) {
  TVMFFIVersion version;
  TVMFFIGetVersion(&version);
  EXPECT_EQ(version.major, 0u);
  EXPECT_EQ(version.minor, 1u);
  EXPECT_EQ(version.patch, 16u);
}

TEST(CObject, StartsWithOneStrongAndOneWeakReference) {
  Owned object;
  ASSERT_EQ(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIOpaquePyObject, nullptr, object.out()), 0);
  EXPECT_EQ(object.header()->combined_ref_count, 0x100000001u);
  EXPECT_EQ(object.header()->__padding, 0u);
  EXPECT_EQ(TVMFFIOpaqueObjectGetCellPtr(object.get())->handle, nullptr);
}

TEST(CObject, OpaqueHandleIsDeletedOnceWithTheLastStrongReference) {
  int num_deleted = 0;
  Owned object;
  ASSERT_EQ(TVMFFIObjectCreateOpaque(&num_deleted, kTVMFFIOpaquePyObject, count_up, object.out()),
            0);
  EXPECT_EQ(TVMFFIObjectIncRef(object.get()), 0);
  EXPECT_EQ(object.strong_count(), 2u);
  EXPECT_EQ(TVMFFIObjectDecRef(object.get()), 0);
  EXPECT_EQ(num_deleted, 0);
  object = Owned();
  EXPECT_EQ(num_deleted, 1);
}

// The protocol that clients run inline: contents go first, the memory with the last weak reference.
TEST(CObject, WeakReferenceKeepsTheMemory) {
  int num_deleted = 0;
  Owned owner;
  ASSERT_EQ(TVMFFIObjectCreateOpaque(&num_deleted, kTVMFFIOpaquePyObject, count_up, owner.out()),
            0);
  TVMFFIObject* object = owner.header();
  object->combined_ref_count += uint64_t{1} << 32;
  owner = Owned();
  EXPECT_EQ(num_deleted, 1);
  EXPECT_EQ(object->combined_ref_count, uint64_t{1} << 32);
  EXPECT_EQ(object->type_index, kTVMFFIOpaquePyObject);
  object->deleter(object, kTVMFFIObjectDeleterFlagBitMaskWeak);
  EXPECT_EQ(num_deleted, 1);
}

TEST(CObject, DecRefIgnoresNull) { EXPECT_EQ(TVMFFIObjectDecRef(nullptr), 0); }

TEST(CObject, DecRefAcceptsAnObjectWithoutDeleter) {
  TVMFFIObject object{};
  object.combined_ref_count = 0x100000001;
  object.type_index = kTVMFFIObject;
  EXPECT_EQ(TVMFFIObjectDecRef(&object), 0);
}

TEST(CObject, OnlyThePythonHandleTypeIsAccepted) {
  Owned object;
  EXPECT_RAISES(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIObject, nullptr, object.out()),
                "RuntimeError", "Only kTVMFFIOpaquePyObject is supported for now");
  EXPECT_EQ(object.get(), nullptr);
}

TEST(CObject, ReferencesMayBeCountedFromManyThreads) {
  int num_deleted = 0;
  Owned object;
  ASSERT_EQ(TVMFFIObjectCreateOpaque(&num_deleted, kTVMFFIOpaquePyObject, count_up, object.out()),
            0);
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 10000; ++j) {
        TVMFFIObjectIncRef(object.get());
        TVMFFIObjectDecRef(object.get());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(object.strong_count(), 1u);
  EXPECT_EQ(num_deleted, 0);
}

TEST(CAllocator, BuiltinPutsItsHeaderBeforeAnAlignedBody) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  ASSERT_NE(allocator, nullptr);
  for (size_t alignment : {8, 16, 64, 4096}) {
    void* body = allocator->allocate(100, alignment, kTVMFFIObject, allocator->context);
    ASSERT_NE(body, nullptr);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(body) % alignment, 0u);
    std::fill_n(static_cast<char*>(body), 100, '\xff');
    (static_cast<TVMFFIObjectAllocHeader*>(body) - 1)->delete_space(body);
  }
}

TEST(CAllocator, BuiltinReportsThatMemoryRanOut) {
  TVMFFICustomAllocator* allocator = TVMFFIGetCustomAllocator();
  EXPECT_EQ(allocator->allocate(SIZE_MAX / 4, 16, kTVMFFIObject, allocator->context), nullptr);
  EXPECT_EQ(contract::Raised().kind, "MemoryError");
  EXPECT_EQ(allocator->allocate(SIZE_MAX - 8, 16, kTVMFFIObject, allocator->context), nullptr);
  EXPECT_EQ(contract::Raised().kind, "MemoryError");
}

TEST(CAllocator, IsReplacedAndRestored) {
  TVMFFICustomAllocator* builtin = TVMFFIGetCustomAllocator();
  TVMFFICustomAllocator other = *builtin;
  EXPECT_EQ(TVMFFISetCustomAllocator(&other), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), &other);
  EXPECT_EQ(TVMFFISetCustomAllocator(nullptr), 0);
  EXPECT_EQ(TVMFFIGetCustomAllocator(), builtin);
}

// ---- One-time handles ------------------------------------------------------

int value = 0;
int num_inits = 0;
void* outer = nullptr;
void* inner = nullptr;

int init_value(void** result) {
  ++num_inits;
  *result = &value;
  return 0;
}

TEST(CHandleOnce, InitialisesOnceWhileNull) {
  num_inits = 0;
  void* handle = nullptr;
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, init_value), 0);
  EXPECT_EQ(handle, &value);
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, init_value), 0);
  EXPECT_EQ(num_inits, 1);
}

TEST(CHandleOnce, ForwardsAFailingStatusAndStaysNull) {
  void* handle = nullptr;
  EXPECT_EQ(TVMFFIHandleInitOnce(&handle, [](void**) { return 7; }), 7);
  EXPECT_EQ(handle, nullptr);
}

TEST(CHandleOnce, RefusesANullHandle) {
  void* handle = nullptr;
  EXPECT_RAISES(TVMFFIHandleInitOnce(&handle, [](void**) { return 0; }), "RuntimeError",
                "init_func must return a non-NULL handle");
  EXPECT_EQ(handle, nullptr);
}

TEST(CHandleOnce, MayInitialiseAnotherHandleMeanwhile) {
  EXPECT_EQ(TVMFFIHandleInitOnce(&outer,
                                 [](void** result) {
                                   *result = &outer;
                                   return TVMFFIHandleInitOnce(&inner, init_value);
                                 }),
            0);
  EXPECT_EQ(outer, &outer);
  EXPECT_EQ(inner, &value);
}

TEST(CHandleOnce, InitialisesOnceForAllThreads) {
  static std::atomic<int> num_calls;
  num_calls = 0;
  void* handle = nullptr;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      EXPECT_EQ(TVMFFIHandleInitOnce(&handle,
                                     [](void** result) {
                                       ++num_calls;
                                       *result = &value;
                                       return 0;
                                     }),
                0);
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_calls, 1);
}

TEST(CHandleOnce, DeinitialisesWhatItHolds) {
  void* handle = &value;
  EXPECT_EQ(TVMFFIHandleDeinitOnce(&handle,
                                   [](void* held) {
                                     EXPECT_EQ(held, &value);
                                     return 0;
                                   }),
            0);
  EXPECT_EQ(handle, nullptr);
  EXPECT_EQ(TVMFFIHandleDeinitOnce(&handle, [](void*) { return 9; }), 0);
}

TEST(CHandleOnce, IsNullAfterAFailingDeinitialisation) {
  void* handle = &value;
  EXPECT_EQ(TVMFFIHandleDeinitOnce(&handle, [](void*) { return 9; }), 9);
  EXPECT_EQ(handle, nullptr);
}

}  // namespace
