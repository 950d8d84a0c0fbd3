// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>

#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;
using registered::Tracked;
using registered::TrackedObj;

class RegisteredList : public registered::BalanceTest {};

std::vector<int> numbers(const List<Any>& list) {
  std::vector<int> result;
  for (const Any& value : list) result.push_back(value.cast<int>());
  return result;
}

using Numbers = std::vector<int>;

TEST_F(RegisteredList, HoldsItsArguments) {
  List<Any> list = call("ffi.List", 1, 2, 3).cast<List<Any>>();
  EXPECT_EQ(numbers(list), (Numbers{1, 2, 3}));
  EXPECT_EQ(call("ffi.ListSize", list).cast<int>(), 3);
  EXPECT_EQ(call("ffi.ListSize", call("ffi.List")).cast<int>(), 0);
}

TEST_F(RegisteredList, ReadsAndWritesItems) {
  List<Any> list{1, 2};
  call("ffi.ListSetItem", list, 1, 7);
  EXPECT_EQ(call("ffi.ListGetItem", list, 1).cast<int>(), 7);
  EXPECT_EQ(error_of([&] { call("ffi.ListGetItem", list, 2); }),
            "IndexError: Index 2 out of bounds 2");
  EXPECT_EQ(error_of([&] { call("ffi.ListSetItem", list, -1, 0); }),
            "IndexError: Index -1 out of bounds 2");
  EXPECT_EQ(numbers(list), (Numbers{1, 7}));
}

TEST_F(RegisteredList, ContainsByValue) {
  List<Any> list{1, "a long piece of text"};
  EXPECT_TRUE(call("ffi.ListContains", list, "a long piece of text").cast<bool>());
  EXPECT_FALSE(call("ffi.ListContains", list, true).cast<bool>());
}

TEST_F(RegisteredList, GrowsInPlace) {
  List<Any> list;
  for (int i = 0; i < 100; ++i) call("ffi.ListAppend", list, i);
  EXPECT_EQ(list.size(), 100);
  EXPECT_EQ(list[99].cast<int>(), 99);
  call("ffi.ListInsert", list, 100, -1);
  call("ffi.ListInsert", list, 0, -2);
  EXPECT_EQ(list[0].cast<int>(), -2);
  EXPECT_EQ(list[101].cast<int>(), -1);
}

TEST_F(RegisteredList, RefusesToInsertOutside) {
  List<Any> list{1, 2, 3};
  EXPECT_EQ(error_of([&] { call("ffi.ListInsert", list, 4, 0); }),
            "IndexError: Index 4 out of bounds [0, 3]");
  EXPECT_EQ(error_of([&] { call("ffi.ListInsert", list, -1, 0); }),
            "IndexError: Index -1 out of bounds [0, 3]");
  EXPECT_EQ(numbers(list), (Numbers{1, 2, 3}));
}

TEST_F(RegisteredList, PopsAndErases) {
  List<Any> list{1, 2, 3, 4, 5};
  EXPECT_EQ(call("ffi.ListPop", list, 2).cast<int>(), 3);
  call("ffi.ListErase", list, 0);
  EXPECT_EQ(numbers(list), (Numbers{2, 4, 5}));
  call("ffi.ListEraseRange", list, 0, 2);
  EXPECT_EQ(numbers(list), (Numbers{5}));
  call("ffi.ListEraseRange", list, 9, 9);
  EXPECT_EQ(error_of([&] { call("ffi.ListPop", list, 1); }), "IndexError: Index 1 out of bounds 1");
  EXPECT_EQ(error_of([&] { call("ffi.ListErase", list, -1); }),
            "IndexError: Index -1 out of bounds 1");
  EXPECT_EQ(error_of([&] { call("ffi.ListEraseRange", list, 0, 2); }),
            "IndexError: Erase range [0, 2) out of bounds 1");
  EXPECT_EQ(error_of([&] { call("ffi.ListEraseRange", list, 1, 0); }),
            "IndexError: Erase range [1, 0) out of bounds 1");
  EXPECT_EQ(numbers(list), (Numbers{5}));
}

TEST_F(RegisteredList, ReplacesSlices) {
  struct Case {
    int first, last;
    Numbers replacement, result;
  };
  const Case cases[] = {
      {1, 2, {9, 8}, {1, 9, 8, 3}}, {0, 3, {}, {}},      {3, 3, {9}, {1, 2, 3, 9}},
      {0, 0, {9}, {9, 1, 2, 3}},    {1, 3, {9}, {1, 9}},
  };
  for (const Case& c : cases) {
    List<Any> list{1, 2, 3};
    call("ffi.ListReplaceSlice", list, c.first, c.last,
         List<Any>(c.replacement.begin(), c.replacement.end()));
    EXPECT_EQ(numbers(list), c.result);
  }
}

TEST_F(RegisteredList, ReplacesASliceByItself) {
  List<Any> list{1, 2, 3};
  call("ffi.ListReplaceSlice", list, 1, 2, list);
  EXPECT_EQ(numbers(list), (Numbers{1, 1, 2, 3, 3}));
  call("ffi.ListReplaceSlice", list, 5, 5, list);
  EXPECT_EQ(numbers(list), (Numbers{1, 1, 2, 3, 3, 1, 1, 2, 3, 3}));
}

TEST_F(RegisteredList, LeavesTheListAloneWhenTheSliceIsWrong) {
  List<Any> list{1, 2, 3};
  auto replace = [&](int first, int last) {
    return error_of([&] { call("ffi.ListReplaceSlice", list, first, last, List<Any>{9}); });
  };
  EXPECT_EQ(replace(5, 5), "IndexError: Index 5 out of bounds [0, 3]");
  EXPECT_EQ(replace(-1, -1), "IndexError: Index -1 out of bounds [0, 3]");
  EXPECT_EQ(replace(1, 5), "IndexError: Erase range [1, 5) out of bounds 3");
  EXPECT_EQ(replace(2, 1), "IndexError: Erase range [2, 1) out of bounds 3");
  EXPECT_EQ(numbers(list), (Numbers{1, 2, 3}));
}

TEST_F(RegisteredList, ReversesAndClears) {
  List<Any> list{1, 2, 3};
  call("ffi.ListReverse", list);
  EXPECT_EQ(numbers(list), (Numbers{3, 2, 1}));
  call("ffi.ListClear", list);
  EXPECT_EQ(list.size(), 0);
}

TEST_F(RegisteredList, ReservesWithoutShrinking) {
  List<Any> list{1, 2};
  call("ffi.ListReserve", list, 50);
  EXPECT_GE(list.capacity(), 50);
  const size_t capacity = list.capacity();
  call("ffi.ListReserve", list, -4);
  call("ffi.ListReserve", list, 3);
  EXPECT_EQ(list.capacity(), capacity);
  EXPECT_EQ(numbers(list), (Numbers{1, 2}));
}

TEST_F(RegisteredList, RefusesToReserveMoreThanTheAddressSpace) {
  List<Any> list{1, 2};
  for (int64_t count : {int64_t{1} << 60, int64_t{1} << 62, INT64_MAX}) {
    EXPECT_EQ(error_of([&] { call("ffi.ListReserve", list, count); }),
              "MemoryError: Cannot reserve room for " + std::to_string(count) +
                  " elements, at most 576460752303423487 fit in the address space");
  }
  EXPECT_EQ(numbers(list), (Numbers{1, 2}));
}

TEST_F(RegisteredList, ReleasesWhatItDrops) {
  const int before = TrackedObj::live;
  List<Any> list;
  for (int i = 0; i < 6; ++i) call("ffi.ListAppend", list, Tracked::make());
  EXPECT_EQ(TrackedObj::live, before + 6);
  call("ffi.ListPop", list, 0);
  call("ffi.ListErase", list, 0);
  call("ffi.ListSetItem", list, 0, 1);
  call("ffi.ListEraseRange", list, 0, 2);
  EXPECT_EQ(TrackedObj::live, before + 2);
  call("ffi.ListReplaceSlice", list, 0, 1, List<Any>());
  EXPECT_EQ(TrackedObj::live, before + 1);
  call("ffi.ListClear", list);
  EXPECT_EQ(TrackedObj::live, before);
}

// An element's destructor may use the list that just dropped it.
TEST_F(RegisteredList, MayBeUsedByAnElementThatGoes) {
  List<Any> list{1, 2, 3};
  Tracked tracked = Tracked::make();
  tracked->context = &list;
  tracked->at_end = [](void* context) { static_cast<List<Any>*>(context)->push_back(4); };
  list.Set(1, tracked);
  tracked = Tracked();
  call("ffi.ListReplaceSlice", list, 1, 2, List<Any>{7, 8});
  EXPECT_EQ(numbers(list), (Numbers{1, 7, 8, 3, 4}));
}

TEST_F(RegisteredList, ChangesACopyOfAnArray) {
  Array<Any> array{1};
  call("ffi.ListAppend", array, 2);
  EXPECT_EQ(array.size(), 1);
  EXPECT_EQ(error_of([] { call("ffi.ListAppend", nullptr, 2); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`ffi.ListAppend(0: List<Any>, 1: Any) -> void`. "
            "Expected `List<Any>` but got `None`");
}

}  // namespace
