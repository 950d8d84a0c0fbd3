// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract.h"

namespace {

using contract::bytes;
using contract::text;

constexpr int32_t kAny = -1;
constexpr int32_t kLookupOnly = -2;

struct Request {
  int32_t static_index = kAny;
  int32_t depth = 1;
  int32_t num_child_slots = 0;
  bool can_overflow = true;
  int32_t parent = kTVMFFIObject;
};

int32_t register_type(const std::string& key, const Request& request = {}) {
  const TVMFFIByteArray key_bytes = bytes(key);
  return TVMFFITypeGetOrAllocIndex(&key_bytes, request.static_index, request.depth,
                                   request.num_child_slots, request.can_overflow, request.parent);
}

struct StaticRow {
  int32_t index;
  const char* key;
  int32_t depth;
};
constexpr StaticRow kStaticRows[] = {
    {0, "None", 0},
    {1, "int", 0},
    {2, "bool", 0},
    {3, "float", 0},
    {4, "void*", 0},
    {5, "DataType", 0},
    {6, "Device", 0},
    {7, "DLTensor*", 0},
    {8, "const char*", 0},
    {9, "TVMFFIByteArray*", 0},
    {10, "ObjectRValueRef", 0},
    {11, "ffi.SmallStr", 0},
    {12, "ffi.SmallBytes", 0},
    {13, "ffi.Unchanged", 0},
    {64, "ffi.Object", 0},
    {65, "ffi.String", 1},
    {66, "ffi.Bytes", 1},
    {67, "ffi.Error", 1},
    {68, "ffi.Function", 1},
    {69, "ffi.Shape", 1},
    {70, "ffi.Tensor", 1},
    {71, "ffi.Array", 1},
    {72, "ffi.Map", 1},
    {73, "ffi.Module", 1},
    {74, "ffi.OpaquePyObject", 1},
    {75, "ffi.List", 1},
    {76, "ffi.Dict", 1},
    {77, "ffi.VisitInterrupt", 1},
    {78, "ffi.BigInt", 1},
};

TEST(CType, StaticRowsAreThereFromLoadTime) {
  for (const StaticRow& row : kStaticRows) {
    const TVMFFIByteArray key = bytes(row.key);
    int32_t index = kAny;
    ASSERT_EQ(TVMFFITypeKeyToIndex(&key, &index), 0) << row.key;
    EXPECT_EQ(index, row.index);
    const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(index);
    EXPECT_EQ(info->type_index, row.index);
    EXPECT_EQ(info->type_depth, row.depth) << row.key;
    EXPECT_EQ(text(info->type_key), row.key);
    if (row.depth == 1) {
      EXPECT_EQ(info->type_ancestors[0], TVMFFIGetTypeInfo(kTVMFFIObject));
    }
  }
}

TEST(CType, RootDeclaresItsSizeAndNothingElse) {
  const TVMFFITypeInfo* root = TVMFFIGetTypeInfo(kTVMFFIObject);
  ASSERT_NE(root->metadata, nullptr);
  EXPECT_EQ(root->metadata->total_size, 24);
  EXPECT_EQ(root->metadata->creator, nullptr);
  EXPECT_EQ(root->metadata->structural_eq_hash_kind, kTVMFFISEqHashKindUnsupported);
  EXPECT_EQ(root->num_fields, 0);
  EXPECT_EQ(root->num_methods, 0);
}

TEST(CType, KeyHashesAreThoseOfReleasedBinaries) {
  const std::pair<int32_t, uint64_t> cases[] = {
      {kTVMFFINone, 0xfb6ac968ce0ca5aa},      {kTVMFFIInt, 0xaed305094b3d4a9f},
      {kTVMFFIObject, 0x33a211b274fa0106},    {kTVMFFIArray, 0x811300c104284401},
      {kTVMFFIMap, 0x66acedc0a716b876},       {kTVMFFIBigInt, 0x487cadd8abd8177b},
      {kTVMFFIUnchanged, 0x852fac5f072fc19e},
  };
  for (auto [index, hash] : cases) EXPECT_EQ(TVMFFIGetTypeInfo(index)->type_key_hash, hash);
}

TEST(CType, UnknownKeyIsAnErrorThatLeavesTheResultAlone) {
  const TVMFFIByteArray key = bytes("test.c_type.unknown");
  int32_t index = 12345;
  EXPECT_RAISES(TVMFFITypeKeyToIndex(&key, &index), "InternalError",
                "Cannot find type `test.c_type.unknown`");
  EXPECT_EQ(index, 12345);
}

TEST(CType, RegisteringAgainGivesTheSameIndex) {
  const int32_t index = register_type("test.c_type.again");
  EXPECT_GE(index, kTVMFFIDynObjectBegin);
  EXPECT_EQ(register_type("test.c_type.again", {kAny, 99, 99, false, kTVMFFIStr}), index);
}

TEST(CType, LookupRegistersNothing) {
  EXPECT_EQ(register_type("test.c_type.query", {kAny, 1, 0, true, kLookupOnly}), kLookupOnly);
  EXPECT_EQ(register_type("test.c_type.query", {kAny, 1, 0, true, kLookupOnly}), kLookupOnly);
  EXPECT_EQ(register_type("ffi.Array", {kAny, 1, 0, true, kLookupOnly}), kTVMFFIArray);
}

TEST(CType, KeyIsCopiedAndMayContainAnything) {
  std::string key("test.c_type.\0nul", 16);
  const int32_t index = register_type(key);
  key[0] = 'x';
  EXPECT_EQ(text(TVMFFIGetTypeInfo(index)->type_key), std::string("test.c_type.\0nul", 16));
}

TEST(CType, AncestorsAreListedFromTheRoot) {
  const int32_t a = register_type("test.c_type.a");
  const int32_t b = register_type("test.c_type.b", {kAny, 2, 0, true, a});
  const int32_t c = register_type("test.c_type.c", {kAny, 3, 0, true, b});
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(c);
  ASSERT_EQ(info->type_depth, 3);
  EXPECT_EQ(info->type_ancestors[0], TVMFFIGetTypeInfo(kTVMFFIObject));
  EXPECT_EQ(info->type_ancestors[1], TVMFFIGetTypeInfo(a));
  EXPECT_EQ(info->type_ancestors[2], TVMFFIGetTypeInfo(b));
  EXPECT_LT(a, b);
  EXPECT_LT(b, c);
}

TEST(CType, ChildrenTakeTheReservedSlotsAndThenOverflow) {
  const int32_t parent = register_type("test.c_type.slots", {kAny, 1, 4, true, kTVMFFIObject});
  const int32_t next = register_type("test.c_type.after_slots");
  EXPECT_EQ(next, parent + 5);
  // Two slots with one of its own, then a plain one: three of four.
  EXPECT_EQ(register_type("test.c_type.slots.0", {kAny, 2, 1, true, parent}), parent + 1);
  EXPECT_EQ(register_type("test.c_type.slots.1", {kAny, 2, 0, true, parent}), parent + 3);
  // Does not fit any more, so it goes to the end; a smaller one still fits.
  EXPECT_EQ(register_type("test.c_type.slots.2", {kAny, 2, 2, true, parent}), next + 1);
  EXPECT_EQ(register_type("test.c_type.slots.3", {kAny, 2, 0, true, parent}), parent + 4);
  EXPECT_EQ(register_type("test.c_type.slots.4", {kAny, 2, 0, true, parent}), next + 4);
}

TEST(CType, StaticIndexIsTakenAsGiven) {
  EXPECT_EQ(register_type("test.c_type.static", {120, 1, 0, true, kTVMFFIObject}), 120);
  EXPECT_EQ(text(TVMFFIGetTypeInfo(120)->type_key), "test.c_type.static");
}

TEST(CType, InfosKeepTheirAddress) {
  const int32_t first = register_type("test.c_type.stable");
  const TVMFFITypeInfo* info = TVMFFIGetTypeInfo(first);
  for (int i = 0; i < 5000; ++i) register_type("test.c_type.stable." + std::to_string(i));
  EXPECT_EQ(TVMFFIGetTypeInfo(first), info);
  EXPECT_EQ(text(info->type_key), "test.c_type.stable");
}

TEST(CType, ThreadsThatRegisterTheSameKeysAgree) {
  constexpr int kNumTypes = 300;
  std::vector<std::vector<int32_t>> indices(4);
  std::vector<std::thread> threads;
  for (std::vector<int32_t>& own : indices) {
    threads.emplace_back([&own] {
      for (int i = 0; i < kNumTypes; ++i) {
        own.push_back(register_type("test.c_type.thread." + std::to_string(i)));
        EXPECT_EQ(TVMFFIGetTypeInfo(own.back())->type_index, own.back());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  for (const std::vector<int32_t>& own : indices) EXPECT_EQ(own, indices[0]);
}

// ---- What ends the process -------------------------------------------------

TEST(CTypeDeathTest, UnregisteredIndex) {
  for (int32_t index : {14, 63, 79, 1 << 30, -1}) {
    EXPECT_EXIT(
        {
          const TVMFFITypeInfo* volatile info = TVMFFIGetTypeInfo(index);
          static_cast<void>(info);
        },
        testing::ExitedWithCode(255),
        "Exception caught during TVMFFIGetTypeInfo:\n.*Cannot find type info for type_index=" +
            std::to_string(index));
  }
}

#define EXPECT_REFUSED(key, request, message)                            \
  EXPECT_EXIT(register_type(key, request), testing::ExitedWithCode(255), \
              "Exception caught during TVMFFITypeGetOrAllocIndex:\n.*" message)

TEST(CTypeDeathTest, StaticIndexInUse) {
  const Request request{kTVMFFIArray, 1, 0, true, kTVMFFIObject};
  EXPECT_REFUSED("test.c_type.conflict", request,
                 "Conflicting static index 71 between ffi.Array and test.c_type.conflict");
}

TEST(CTypeDeathTest, StaticIndexBeyondTheTable) {
  const Request request{1 << 19, 1, 0, true, kTVMFFIObject};
  EXPECT_REFUSED("test.c_type.beyond", request, "Conflicting static index 524288");
}

TEST(CTypeDeathTest, FinalParent) {
  const Request request{kAny, 2, 0, true, kTVMFFIArray};
  EXPECT_REFUSED("test.c_type.final", request, "Reach maximum number of sub-classes for ffi.Array");
}

// Whether a type can overflow also depends on its parent.
TEST(CTypeDeathTest, FullParent) {
  const int32_t parent = register_type("test.c_type.full", {kAny, 1, 2, false, kTVMFFIObject});
  const int32_t child = register_type("test.c_type.full.0", {kAny, 2, 0, true, parent});
  EXPECT_EQ(register_type("test.c_type.full.1", {kAny, 2, 0, true, parent}), parent + 2);
  const Request second{kAny, 2, 0, true, parent};
  EXPECT_REFUSED("test.c_type.full.2", second,
                 "Reach maximum number of sub-classes for test.c_type.full");
  const Request grandchild{kAny, 3, 0, true, child};
  EXPECT_REFUSED("test.c_type.full.3", grandchild,
                 "Reach maximum number of sub-classes for test.c_type.full.0");
}

TEST(CTypeDeathTest, WrongDepth) {
  const Request too_deep{kAny, 2, 0, true, kTVMFFIObject};
  EXPECT_REFUSED("test.c_type.deep", too_deep, "");
  const Request root_with_depth{121, 1, 0, true, -1};
  EXPECT_REFUSED("test.c_type.root", root_with_depth, "");
}

TEST(CTypeDeathTest, UnknownParentOrNone) {
  const Request unknown{kAny, 1, 0, true, 1 << 18};
  EXPECT_REFUSED("test.c_type.orphan", unknown, "Cannot find type info for type_index=262144");
  const Request none{kAny, 0, 0, true, -1};
  EXPECT_REFUSED("test.c_type.orphan", none, "");
}

TEST(CTypeDeathTest, ImpossibleNumberOfSlots) {
  for (int32_t num_child_slots : {-1, INT32_MAX}) {
    const Request request{kAny, 1, num_child_slots, true, kTVMFFIObject};
    EXPECT_REFUSED("test.c_type.many_slots", request, "No room for type");
  }
}

}  // namespace
