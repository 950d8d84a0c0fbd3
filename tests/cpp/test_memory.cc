// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/memory.h>

#include <cstdint>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include "number_object.h"

namespace {

using number::IntObj;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;

TEST(Memory, MakeObjectFillsTheHeader) {
  ObjectPtr<IntObj> object = make_object<IntObj>(4);
  TVMFFIObject* header = tvm::ffi::detail::ObjectUnsafe::GetHeader(object.get());
  EXPECT_EQ(header->combined_ref_count, 0x100000001u);
  EXPECT_EQ(header->type_index, IntObj::RuntimeTypeIndex());
  EXPECT_EQ(header->__padding, 0u);
  EXPECT_NE(header->deleter, nullptr);
}

TEST(Memory, MakeArcIsNeverNull) {
  tvm::ffi::Arc<IntObj> arc = tvm::ffi::make_arc<IntObj>(4);
  EXPECT_EQ(arc->value, 4);
  EXPECT_EQ(arc.use_count(), 1);
}

class PairObj : public Object {
 public:
  PairObj(std::string first, std::string&& second) : first(first), second(std::move(second)) {}
  std::string first, second;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.memory.Pair", PairObj, Object);
};

TEST(Memory, ArgumentsAreForwarded) {
  std::string kept = "a text that does not fit a small string";
  std::string moved = kept;
  ObjectPtr<PairObj> pair = make_object<PairObj>(kept, std::move(moved));
  EXPECT_EQ(pair->first, kept);
  EXPECT_EQ(pair->second, kept);
  EXPECT_EQ(moved, "");  // NOLINT(bugprone-use-after-move)
}

class ThrowingObj : public Object {
 public:
  ThrowingObj() : text("freed with the memory") { throw std::runtime_error("not today"); }
  std::string text;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.memory.Throwing", ThrowingObj, Object);
};

// Leaks show under AddressSanitizer.
TEST(Memory, ThrowingConstructorFreesTheMemory) {
  EXPECT_THROW(make_object<ThrowingObj>(), std::runtime_error);
  EXPECT_THROW((tvm::ffi::make_inplace_array_object<ThrowingObj, int>(5)), std::runtime_error);
}

class alignas(64) AlignedObj : public Object {
 public:
  int64_t value = 1;
  ~AlignedObj() { value = 0; }
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.memory.Aligned", AlignedObj, Object);
};

TEST(Memory, AlignmentOfTheClassIsKept) {
  ObjectPtr<AlignedObj> object = make_object<AlignedObj>();
  EXPECT_EQ(reinterpret_cast<uintptr_t>(object.get()) % 64, 0u);
}

// An object with its elements behind it, which it destroys.
class RowObj : public Object {
 public:
  explicit RowObj(size_t size) : size(size) {}
  ~RowObj() {
    for (size_t i = 0; i < size; ++i) cells()[i].~basic_string();
  }
  std::string* cells() { return reinterpret_cast<std::string*>(this + 1); }
  size_t size;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.memory.Row", RowObj, Object);
};

TEST(Memory, InplaceArrayHasRoomBehindTheObject) {
  ObjectPtr<RowObj> row = tvm::ffi::make_inplace_array_object<RowObj, std::string>(3, 3);
  for (size_t i = 0; i < 3; ++i) {
    new (row->cells() + i) std::string(100, static_cast<char>('a' + i));
  }
  EXPECT_EQ(row->cells()[2][99], 'c');
  EXPECT_TRUE(row.unique());
  EXPECT_EQ(row->type_index(), RowObj::RuntimeTypeIndex());
}

TEST(Memory, InplaceArrayThatCannotExistIsBadAlloc) {
  EXPECT_THROW((tvm::ffi::make_inplace_array_object<RowObj, std::string>(SIZE_MAX / 16, 0)),
               std::bad_alloc);
}

TEST(Memory, AlignedAlloc) {
  for (size_t alignment : {size_t{8}, size_t{16}, size_t{256}}) {
    void* memory = tvm::ffi::detail::AlignedAlloc(100, alignment);
    EXPECT_EQ(reinterpret_cast<uintptr_t>(memory) % alignment, 0u);
    tvm::ffi::detail::AlignedFree(memory);
  }
  tvm::ffi::detail::AlignedFree(nullptr);
}

// The customisation point: an allocator with handlers of its own.
int g_custom_news = 0;
class CountingAllocator : public tvm::ffi::detail::ObjAllocatorBase<CountingAllocator> {
 public:
  template <typename T>
  struct Handler {
    template <typename... Args>
    static T* New(CountingAllocator*, Args&&... args) {
      ++g_custom_news;
      return new T(std::forward<Args>(args)...);
    }
    static tvm::ffi::FObjectDeleter Deleter() { return Delete; }
    static void Delete(void* self, int flags) {
      if (flags == kTVMFFIObjectDeleterFlagBitMaskBoth) {
        delete tvm::ffi::detail::ObjectUnsafe::RawObjectPtrFromUnowned<T>(
            static_cast<TVMFFIObject*>(self));
      }
    }
  };
};

TEST(Memory, AllocatorCanBeReplaced) {
  ObjectPtr<IntObj> object = CountingAllocator().make_object<IntObj>(8);
  EXPECT_EQ(object->value, 8);
  EXPECT_EQ(g_custom_news, 1);
  object.reset();
  EXPECT_EQ(IntObj::live, 0);
}

}  // namespace
