// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../number_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

template <typename T>
std::vector<T> Contents(const List<T>& list) {
  return std::vector<T>(list.begin(), list.end());
}

TEST(List, DefaultIsEmptyWithoutStorage) {
  List<int> list;
  EXPECT_TRUE(list.defined());
  EXPECT_EQ(list.size(), 0U);
  EXPECT_EQ(list.capacity(), 0U);
  EXPECT_TRUE(list.begin() == list.end());
  EXPECT_TRUE(list.rbegin() == list.rend());
}

TEST(List, IsMadeOfListsRangesVectorsAndRepetition) {
  std::vector<int> numbers{1, 2, 3};
  EXPECT_EQ(Contents(List<int>{1, 2, 3}), numbers);
  EXPECT_EQ(Contents(List<int>(numbers.begin(), numbers.end())), numbers);
  EXPECT_EQ(Contents(List<int>(numbers)), numbers);
  EXPECT_EQ(Contents(List<int>(2, 5)), (std::vector<int>{5, 5}));
  EXPECT_EQ(ErrorOf([] { ListObj::CreateRepeated(-1, Any(1)); }),
            "ValueError: cannot construct a List of negative size");
}

TEST(List, AllHandlesSeeChanges) {
  List<int> a{1, 2};
  List<int> b = a;
  const Object* object = a.get();
  b.Set(0, 10);
  for (int i = 0; i < 100; ++i) b.push_back(i);
  EXPECT_EQ(a.size(), 102U);
  EXPECT_EQ(a[0], 10);
  EXPECT_EQ(a[101], 99);
  EXPECT_EQ(a.get(), object);
  EXPECT_TRUE(a.same_as(b));
  b.clear();
  EXPECT_TRUE(a.empty());
}

TEST(List, ReserveKeepsTheObjectAndNeverShrinks) {
  List<String> list{"a rather long text", "b"};
  const Object* object = list.get();
  list.reserve(50);
  EXPECT_EQ(list.get(), object);
  EXPECT_GE(list.capacity(), 50U);
  list.reserve(1);
  list.reserve(-1);
  EXPECT_GE(list.capacity(), 50U);
  EXPECT_EQ(list[0], "a rather long text");
  EXPECT_THROW(list.reserve(int64_t{1} << 60), std::bad_alloc);
  EXPECT_EQ(list.size(), 2U);
}

TEST(List, EndsIndicesAndTheirErrors) {
  List<int> list{1, 2, 3};
  EXPECT_EQ(list.front(), 1);
  EXPECT_EQ(list.back(), 3);
  EXPECT_EQ(ErrorOf([&] { list[3]; }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { list[-1]; }), "IndexError: Index -1 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { list.Set(3, 0); }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { list.erase(list.end()); }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { list.insert(list.end() + 1, 0); }),
            "IndexError: Index 4 out of bounds [0, 3]");
  std::vector<int> two{1, 2};
  EXPECT_EQ(ErrorOf([&] { list.insert(list.end() + 1, two.begin(), two.end()); }),
            "IndexError: Index 4 out of bounds [0, 3]");
  EXPECT_EQ(ErrorOf([&] { list.erase(list.begin() + 1, list.end() + 1); }),
            "IndexError: Erase range [1, 4) out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { list.resize(-1); }), "ValueError: cannot resize a List to negative size");
  EXPECT_EQ(Contents(list), (std::vector<int>{1, 2, 3}));
  List<int> empty;
  EXPECT_EQ(ErrorOf([&] { empty.pop_back(); }), "IndexError: pop_back on empty sequence");
}

TEST(List, ANullListReadsAsEmptyAndGrowsWhereItCan) {
  List<int> null(UnsafeInit{});
  EXPECT_EQ(null.size(), 0U);
  EXPECT_EQ(null.capacity(), 0U);
  List<int>::iterator nowhere(nullptr);
  std::vector<int> two{1, 2};
  EXPECT_EQ(ErrorOf([&] { null[0]; }), "IndexError: cannot index a null list");
  EXPECT_EQ(ErrorOf([&] { null.front(); }), "IndexError: cannot index a null list");
  EXPECT_EQ(ErrorOf([&] { null.insert(nowhere, 1); }),
            "RuntimeError: cannot insert to a null list");
  EXPECT_EQ(ErrorOf([&] { null.insert(nowhere, two.begin(), two.end()); }),
            "RuntimeError: cannot insert to a null list");
  EXPECT_EQ(ErrorOf([&] { null.pop_back(); }), "RuntimeError: cannot pop_back a null list");
  EXPECT_EQ(ErrorOf([&] { null.erase(nowhere); }), "RuntimeError: cannot erase a null list");
  EXPECT_EQ(ErrorOf([&] { null.erase(nowhere, nowhere); }),
            "RuntimeError: cannot erase a null list");
  null.clear();
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(ErrorOf([] { List<int>(ObjectPtr<Object>(nullptr)); }),
            "InternalError: Check not null: data_.get() ");
  List<Any> copy = null;
  EXPECT_FALSE(copy.defined());
  copy = std::move(null);
  EXPECT_FALSE(copy.defined());
  null.push_back(1);
  EXPECT_EQ(null.size(), 1U);
  List<int> assigned(UnsafeInit{});
  assigned.Assign(two.begin(), two.end());
  EXPECT_EQ(Contents(assigned), two);
}

TEST(List, ResizeFillsWithNoneAndShrinks) {
  List<Any> list{1};
  list.resize(3);
  EXPECT_TRUE(list[2] == nullptr);
  list.resize(0);
  EXPECT_TRUE(list.empty());
}

TEST(List, ARangeThatCannotBeReadIsNotInsertedInPart) {
  List<uint64_t> list{1, 2};
  std::vector<uint64_t> numbers{3, UINT64_MAX, 4};
  EXPECT_NE(ErrorOf([&] { list.insert(list.begin() + 1, numbers.begin(), numbers.end()); }), "");
  EXPECT_EQ(Contents(list), (std::vector<uint64_t>{1, 2}));
  EXPECT_NE(ErrorOf([&] { list.Assign(numbers.begin(), numbers.end()); }), "");
  EXPECT_EQ(Contents(list), (std::vector<uint64_t>{1, 2}));
  EXPECT_NE(ErrorOf([&] { list = List<uint64_t>(numbers); }), "");
}

TEST(List, AssignKeepsTheObjectAndMayTakePartOfIt) {
  List<int> list{1, 2, 3, 4};
  const Object* object = list.get();
  list.Assign(list.begin() + 2, list.end());
  EXPECT_EQ(Contents(list), (std::vector<int>{3, 4}));
  EXPECT_EQ(list.get(), object);
}

TEST(List, SharesWithListsOfWiderElements) {
  List<int> ints{1, 2};
  List<Any> any;
  any = ints;
  any.push_back(3);
  EXPECT_EQ(ints.size(), 3U);
  List<List<Any>> nested = List<List<int>>{ints};
  EXPECT_TRUE(nested[0].same_as(ints));
  static_assert(!std::is_constructible_v<List<int>, List<Any>>);
  static_assert(!std::is_constructible_v<List<int>, Array<int>>);
}

TEST(List, AnyConvertsElementwiseAndKeepsIdentityWhereItCan) {
  List<Any> list{1, "x"};
  const Object* object = list.get();
  Any any = std::move(list);
  List<Any> back = std::move(any).cast<List<Any>>();
  EXPECT_TRUE(any == nullptr);
  EXPECT_EQ(back.get(), object);
  EXPECT_EQ(back.use_count(), 1);
  EXPECT_EQ(back.size(), 2U);
  Any array = Array<Any>{1, 2.5};
  List<double> doubles = array.cast<List<double>>();
  EXPECT_EQ(doubles[1], 2.5);
  EXPECT_EQ(doubles.use_count(), 1);
  EXPECT_EQ(Any(doubles).cast<Array<double>>()[0], 1.0);
  EXPECT_EQ(ErrorOf([] { Any(Array<Any>{"x"}).cast<List<int>>(); }),
            "TypeError: Cannot convert from type `List[index 0: ffi.SmallStr]` to `List<int>`");
  EXPECT_EQ(TypeTraits<List<int>>::TypeSchema(), R"({"type":"ffi.List","args":[{"type":"int"}]})");
  EXPECT_EQ(TypeTraits<List<List<int>>>::TypeStr(), "List<List<int>>");
}

}  // namespace

namespace list_test {
class LinkObj;
}  // namespace list_test

template <>
inline constexpr bool tvm::ffi::is_object_subclass_v<list_test::LinkObj> = true;

namespace list_test {

using namespace tvm::ffi;

class LinkObj : public Object {
 public:
  List<ObjectPtr<LinkObj>> next;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.container.Link", LinkObj, Object);
};

}  // namespace list_test

namespace {

using list_test::LinkObj;

TEST(List, OfPointersToItsOwnClass) {
  ObjectPtr<LinkObj> a = make_object<LinkObj>();
  a->next.push_back(make_object<LinkObj>());
  a->next.push_back(nullptr);
  EXPECT_EQ(a->next[0]->next.size(), 0U);
  EXPECT_TRUE(a->next[1] == nullptr);
}

// A destructor that looks at the list its object is being removed from.
class WatcherObj : public Object {
 public:
  explicit WatcherObj(const List<Any>* list) : list(list) {}
  ~WatcherObj() {
    seen = static_cast<int>(list->size());
    for (const Any& item : *list) EXPECT_FALSE(item.as<WatcherObj>() == this);
  }
  const List<Any>* list;
  static inline int seen = -1;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.container.Watcher", WatcherObj, Object);
};

TEST(List, AnElementLeavesBeforeItDies) {
  List<Any> list{1, 2, 3};
  auto add = [&](int at) { list.insert(list.begin() + at, Any(make_object<WatcherObj>(&list))); };
  add(1);
  list.erase(list.begin() + 1);
  EXPECT_EQ(WatcherObj::seen, 3);
  add(3);
  list.pop_back();
  EXPECT_EQ(WatcherObj::seen, 3);
  add(0);
  list.erase(list.begin(), list.begin() + 2);
  EXPECT_EQ(WatcherObj::seen, 3);
  add(1);
  list.clear();
  EXPECT_EQ(WatcherObj::seen, 1);
  list = {1, 2};
  add(0);
  list.Set(0, Any(0));
  EXPECT_EQ(WatcherObj::seen, 3);
}

}  // namespace
