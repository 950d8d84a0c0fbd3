// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/object.h>

#include <atomic>
#include <thread>
#include <utility>
#include <vector>

#include "number_object.h"

namespace {

using number::IntObj;
using number::NumberObj;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::WeakObjectPtr;

TEST(WeakObjectPtr, DoesNotOwn) {
  ObjectPtr<IntObj> strong = make_object<IntObj>(5);
  WeakObjectPtr<IntObj> weak = strong;
  EXPECT_EQ(strong.use_count(), 1);
  EXPECT_EQ(weak.use_count(), 1);
  EXPECT_FALSE(weak.expired());
  ObjectPtr<IntObj> locked = weak.lock();
  EXPECT_EQ(locked, strong);
  EXPECT_EQ(strong.use_count(), 2);
  locked.reset();
  strong.reset();
  EXPECT_EQ(IntObj::live, 0);  // destroyed although the memory is still there
  EXPECT_TRUE(weak.expired());
  EXPECT_EQ(weak.use_count(), 0);
  EXPECT_EQ(weak.lock(), nullptr);
}

TEST(WeakObjectPtr, MakesTheObjectShared) {
  ObjectPtr<IntObj> strong = make_object<IntObj>(5);
  EXPECT_TRUE(strong.unique());
  WeakObjectPtr<IntObj> weak = strong;
  EXPECT_FALSE(strong.unique());
  EXPECT_FALSE(strong->unique());
  EXPECT_EQ(strong->use_count(), 1u);
  weak.reset();
  EXPECT_TRUE(strong.unique());
  EXPECT_TRUE(strong->unique());
}

TEST(WeakObjectPtr, CopiesMovesAndConverts) {
  WeakObjectPtr<NumberObj> null = nullptr;
  EXPECT_TRUE(null.expired());
  EXPECT_EQ(null.lock(), nullptr);
  ObjectPtr<IntObj> strong = make_object<IntObj>(5);
  WeakObjectPtr<IntObj> first = strong;
  WeakObjectPtr<NumberObj> base = first;
  WeakObjectPtr<Object> root = strong;
  WeakObjectPtr<NumberObj> moved = std::move(first);
  EXPECT_EQ(first.lock(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.lock(), strong);
  first.swap(first);
  null = moved;
  null = std::move(base);
  EXPECT_EQ(base.lock(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(null.lock(), strong);
  WeakObjectPtr<NumberObj>& self = null;
  null = self;
  EXPECT_EQ(null.lock(), strong);
  for (WeakObjectPtr<NumberObj>* weak : {&null, &moved}) weak->reset();
  root.reset();
  EXPECT_TRUE(strong.unique());
}

// What a deleter is asked to do, in order.
std::vector<int> g_flags;
void RecordFlags(void* self, int flags) {
  g_flags.push_back(flags);
  EXPECT_NE(static_cast<TVMFFIObject*>(self)->deleter, nullptr);
}

TVMFFIObject NewHeader() {
  TVMFFIObject header{};
  header.combined_ref_count = tvm::ffi::detail::kCombinedRefCountBothOne;
  header.type_index = kTVMFFIObject;
  header.deleter = RecordFlags;
  g_flags.clear();
  return header;
}

TEST(WeakObjectPtr, LastStrongReferenceAloneDeletesInOneGo) {
  using tvm::ffi::detail::ObjectUnsafe;
  TVMFFIObject header = NewHeader();
  ObjectUnsafe::ObjectPtrFromOwned<Object>(&header).reset();
  EXPECT_EQ(g_flags, std::vector<int>{kTVMFFIObjectDeleterFlagBitMaskBoth});
}

TEST(WeakObjectPtr, WeakReferenceKeepsTheMemory) {
  using tvm::ffi::detail::ObjectUnsafe;
  TVMFFIObject header = NewHeader();
  ObjectPtr<Object> strong = ObjectUnsafe::ObjectPtrFromOwned<Object>(&header);
  WeakObjectPtr<Object> weak = strong;
  strong.reset();
  EXPECT_EQ(g_flags, std::vector<int>{kTVMFFIObjectDeleterFlagBitMaskStrong});
  weak.reset();
  EXPECT_EQ(g_flags, (std::vector<int>{kTVMFFIObjectDeleterFlagBitMaskStrong,
                                       kTVMFFIObjectDeleterFlagBitMaskWeak}));
}

TEST(WeakObjectPtr, LockRacesWithTheLastOwner) {
  for (int round = 0; round < 200; ++round) {
    ObjectPtr<IntObj> strong = make_object<IntObj>(round);
    WeakObjectPtr<IntObj> weak = strong;
    std::atomic<bool> go{false};
    std::thread owner([&] {
      while (!go) {
      }
      strong.reset();
    });
    go = true;
    if (ObjectPtr<IntObj> locked = weak.lock()) {
      EXPECT_EQ(locked->value, round);
    }
    owner.join();
    EXPECT_TRUE(weak.expired());
  }
  EXPECT_EQ(IntObj::live, 0);
}

}  // namespace
