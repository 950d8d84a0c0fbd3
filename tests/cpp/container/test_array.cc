// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/function.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <type_traits>
#include <vector>

#include "../number_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

template <typename T>
std::vector<T> Contents(const Array<T>& array) {
  return std::vector<T>(array.begin(), array.end());
}

TEST(Array, DefaultIsEmptyWithRoomForFour) {
  Array<int> array;
  EXPECT_TRUE(array.defined());
  EXPECT_TRUE(array.empty());
  EXPECT_EQ(array.capacity(), 4U);
  EXPECT_TRUE(array.begin() == array.end());
  EXPECT_EQ(make_object<ArrayObj>()->capacity(), 4U);
}

TEST(Array, IsMadeOfListsRangesVectorsAndRepetition) {
  std::vector<int> numbers{1, 2, 3};
  EXPECT_EQ(Contents(Array<int>{1, 2, 3}), numbers);
  EXPECT_EQ(Contents(Array<int>(numbers.begin(), numbers.end())), numbers);
  EXPECT_EQ(Contents(Array<int>(numbers)), numbers);
  EXPECT_EQ(Contents(Array<int>(3, 7)), (std::vector<int>{7, 7, 7}));
  Array<Any> mixed{1, "two", nullptr};
  EXPECT_EQ(mixed[1].cast<std::string>(), "two");
  EXPECT_TRUE(mixed[2] == nullptr);
  EXPECT_EQ(Array<String>(std::vector<String>{}).size(), 0U);
}

TEST(Array, SetOnASharedArrayLeavesTheOtherHandleAlone) {
  Int one(1);
  Array<Int> a{one};
  Array<Int> b = a;
  EXPECT_EQ(a.use_count(), 2);
  b.Set(0, Int(2));
  EXPECT_EQ(a.use_count(), 1);
  EXPECT_EQ(b.use_count(), 1);
  EXPECT_EQ(a[0]->value, 1);
  EXPECT_EQ(b[0]->value, 2);
  EXPECT_EQ(one.use_count(), 2);
  Int again = a[0];
  EXPECT_EQ(again.use_count(), 3);
}

TEST(Array, AWeakReferenceMakesAWriteCopy) {
  Array<int> a{1};
  WeakObjectPtr<Object> weak(
      detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(static_cast<const ObjectRef&>(a)));
  const Object* before = a.get();
  a.push_back(2);
  EXPECT_NE(a.get(), before);
  EXPECT_TRUE(weak.expired());
}

TEST(Array, AUniqueArrayIsWrittenInPlaceAndMovesItsElementsWhenItGrows) {
  Int one(1);
  Array<Int> a{one};
  a.reserve(8);
  EXPECT_GE(a.capacity(), 8U);
  const Object* before = a.get();
  a.push_back(Int(2));
  EXPECT_EQ(a.get(), before);
  EXPECT_EQ(one.use_count(), 2);
  for (int i = 0; i < 20; ++i) a.push_back(one);
  EXPECT_NE(a.get(), before);
  EXPECT_EQ(one.use_count(), 22);
  EXPECT_EQ(a.size(), 22U);
}

TEST(Array, EndsIndicesAndTheirErrors) {
  Array<int> array{1, 2, 3};
  EXPECT_EQ(array.front(), 1);
  EXPECT_EQ(array.back(), 3);
  EXPECT_EQ(array[2], 3);
  EXPECT_EQ(ErrorOf([&] { array[3]; }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { array[-1]; }), "IndexError: Index -1 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { array.Set(3, 0); }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { array.erase(array.end()); }), "IndexError: Index 3 out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { array.insert(array.end() + 1, 0); }),
            "IndexError: Index 4 out of bounds [0, 3]");
  EXPECT_EQ(ErrorOf([&] { array.erase(array.begin() + 2, array.begin()); }),
            "IndexError: Erase range [2, 0) out of bounds 3");
  EXPECT_EQ(ErrorOf([&] { array.resize(-1); }),
            "ValueError: cannot resize an Array to negative size");
  EXPECT_EQ(array.size(), 3U);
  Array<int> empty;
  EXPECT_EQ(ErrorOf([&] { empty.front(); }), "IndexError: front() on empty sequence");
  EXPECT_EQ(ErrorOf([&] { empty.back(); }), "IndexError: back() on empty sequence");
  EXPECT_EQ(ErrorOf([&] { empty.pop_back(); }), "IndexError: pop_back on empty sequence");
  EXPECT_EQ(ErrorOf([] { Array<int>(static_cast<size_t>(-1), 0); }),
            "ValueError: cannot construct an Array of negative size");
  EXPECT_THROW(empty.reserve(int64_t{1} << 60), std::bad_alloc);
}

TEST(Array, ANullArrayReadsAsEmptyAndGrowsWhereItCan) {
  Array<int> null(UnsafeInit{});
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(null.size(), 0U);
  EXPECT_EQ(null.capacity(), 0U);
  EXPECT_TRUE(null.empty());
  EXPECT_EQ(ErrorOf([&] { null[0]; }), "IndexError: cannot index a null array");
  EXPECT_EQ(ErrorOf([&] { null.front(); }), "IndexError: cannot index a null array");
  EXPECT_EQ(ErrorOf([&] { null.back(); }), "IndexError: cannot index a null array");
  Array<int>::iterator nowhere(nullptr);
  EXPECT_EQ(ErrorOf([&] { null.insert(nowhere, 1); }), "RuntimeError: cannot insert a null array");
  EXPECT_EQ(ErrorOf([&] { null.pop_back(); }), "RuntimeError: cannot pop_back a null array");
  EXPECT_EQ(ErrorOf([&] { null.erase(nowhere); }), "RuntimeError: cannot erase a null array");
  EXPECT_EQ(ErrorOf([&] { null.erase(nowhere, nowhere); }),
            "RuntimeError: cannot erase a null array");
  null.clear();
  EXPECT_FALSE(null.defined());
  auto grown = [](auto&& write) {
    Array<int> array(UnsafeInit{});
    write(array);
    return array.size();
  };
  EXPECT_EQ(grown([](Array<int>& a) { a.push_back(1); }), 1U);
  EXPECT_EQ(grown([](Array<int>& a) { a.emplace_back(1); }), 1U);
  EXPECT_EQ(grown([](Array<int>& a) { a.resize(5); }), 5U);
  EXPECT_EQ(grown([](Array<int>& a) { a.reserve(5); }), 0U);
  std::vector<int> two{1, 2};
  EXPECT_EQ(grown([&](Array<int>& a) { a.Assign(two.begin(), two.end()); }), 2U);
  EXPECT_EQ(ErrorOf([] { Array<int>(UnsafeInit{}).Set(0, 1); }),
            "IndexError: Index 0 out of bounds 0");
  EXPECT_EQ(ErrorOf([] { Array<int>(ObjectPtr<Object>(nullptr)); }),
            "InternalError: Check not null: data_.get() ");
  Array<int> moved{1};
  Array<int> target = std::move(moved);
  EXPECT_FALSE(moved.defined());
  EXPECT_EQ(target.size(), 1U);
  // A null handle of a type that is not nullable is None.
  EXPECT_TRUE(Any(moved) == nullptr);
}

TEST(Array, ResizeFillsWithNoneAndShrinks) {
  Array<Any> array{1, 2, 3};
  array.resize(5);
  EXPECT_TRUE(array[4] == nullptr);
  array.resize(1);
  EXPECT_EQ(array.size(), 1U);
  EXPECT_EQ(array[0].cast<int>(), 1);
}

TEST(Array, AssignMayTakePartOfTheArrayItself) {
  Array<int> array{1, 2, 3, 4};
  array.Assign(array.begin() + 1, array.end());
  EXPECT_EQ(Contents(array), (std::vector<int>{2, 3, 4}));
}

TEST(Array, PushBackOfAnElementOfTheArrayItself) {
  Array<Any> array{String("a long enough text")};
  for (int i = 0; i < 8; ++i) array.push_back(*array.GetArrayObj()->begin());
  for (const Any& item : array) EXPECT_EQ(item.cast<std::string>(), "a long enough text");
}

TEST(Array, ClearOfASharedArrayLeavesTheOtherHandleAlone) {
  Array<int> a{1, 2};
  Array<int> b = a;
  a.clear();
  EXPECT_EQ(a.size(), 0U);
  EXPECT_EQ(b.size(), 2U);
  b.clear();
  EXPECT_EQ(b.size(), 0U);
}

TEST(Array, IteratorsGiveValues) {
  static_assert(std::is_same_v<decltype(*Array<int>().begin()), int>);
  static_assert(std::is_same_v<std::iterator_traits<Array<int>::iterator>::iterator_category,
                               std::random_access_iterator_tag>);
  Array<String> names{"x", "y", "z"};
  EXPECT_TRUE(std::find(names.begin(), names.end(), "y") == names.begin() + 1);
  EXPECT_EQ(names.end() - names.begin(), 3);
  EXPECT_EQ(*(names.end() - 1), "z");
  EXPECT_EQ(std::vector<String>(names.rbegin(), names.rend()),
            (std::vector<String>{"z", "y", "x"}));
  EXPECT_EQ(names.rend() - names.rbegin(), 3);
  Array<String> none;
  EXPECT_TRUE(none.rbegin() == none.rend());
}

TEST(Array, MapKeepsTheArrayIfNothingChanges) {
  Array<Int> array{Int(1), Int(2)};
  EXPECT_TRUE(array.Map([](Int x) { return x; }).same_as(array));
  EXPECT_TRUE(array.Map([](Int x) -> Number { return x; }).same_as(array));
  Array<Int> changed = array.Map([&](Int x) { return x->value == 2 ? Int(3) : x; });
  EXPECT_FALSE(changed.same_as(array));
  EXPECT_TRUE(changed[0].same_as(array[0]));
  EXPECT_EQ(changed[1]->value, 3);
  EXPECT_EQ(array[1]->value, 2);
  Array<String> texts = array.Map([](Int x) { return String(std::to_string(x->value)); });
  EXPECT_EQ(texts[1], "2");
  EXPECT_EQ(Array<int>().Map([](int x) { return String(std::to_string(x)); }).size(), 0U);
  EXPECT_FALSE(Array<int>(UnsafeInit{}).Map([](int x) { return x; }).defined());
}

TEST(Array, MutateByApplyHandsUniqueElementsOver) {
  Array<Int> array;
  for (int i = 0; i < 3; ++i) array.push_back(Int(i));
  const Object* before = array.get();
  array.MutateByApply([](Int x) {
    EXPECT_TRUE(x.unique());
    return Int(x->value + 10);
  });
  EXPECT_EQ(array.get(), before);
  Array<Int> other = array;
  array.MutateByApply([](Int x) {
    EXPECT_FALSE(x.unique());
    return Int(x->value + 10);
  });
  EXPECT_EQ(array[2]->value, 22);
  EXPECT_EQ(other[2]->value, 12);
}

TEST(Array, ConcatAndAgregate) {
  Array<int> a{1, 2};
  EXPECT_EQ(Contents(Concat(a, a)), (std::vector<int>{1, 2, 1, 2}));
  EXPECT_EQ(Contents(Concat(a, Array<int>(UnsafeInit{}))), (std::vector<int>{1, 2}));
  EXPECT_EQ(Contents(Concat(Array<int>(UnsafeInit{}), a)), (std::vector<int>{1, 2}));
  EXPECT_EQ(Contents(Array<int>::Agregate(0, a, 3, a)), (std::vector<int>{0, 1, 2, 3, 1, 2}));
  EXPECT_EQ(Contents(a), (std::vector<int>{1, 2}));
}

TEST(Array, SharesWithArraysOfWiderElements) {
  Array<int> ints{1, 2};
  Array<Any> any = ints;
  EXPECT_TRUE(any.same_as(ints));
  any.push_back("text");
  EXPECT_EQ(ints.size(), 2U);
  Array<Array<Any>> nested = Array<Array<int>>{ints};
  EXPECT_TRUE(nested[0].same_as(ints));
  Array<Number> numbers{Float(1)};
  numbers = Array<Int>{Int(1)};
  EXPECT_EQ(numbers[0].as<IntObj>()->value, 1);
  static_assert(!std::is_constructible_v<Array<int>, Array<Any>>);
  static_assert(!std::is_constructible_v<Array<Arc<NumberObj>>, Array<ObjectPtr<IntObj>>>);
  static_assert(type_subsumes_v<Array<Any>, Array<int>> &&
                !type_subsumes_v<Array<int>, Array<Any>>);
}

TEST(Array, NullablePointersConvertOnlyWithoutNulls) {
  Array<ObjectPtr<IntObj>> pointers{nullptr, make_object<IntObj>(1)};
  EXPECT_TRUE(pointers[0] == nullptr);
  Any any = pointers;
  EXPECT_FALSE(any.try_cast<Array<Arc<NumberObj>>>().has_value());
  EXPECT_THROW(any.cast<Array<Arc<NumberObj>>>(), Error);
  EXPECT_TRUE(any.cast<Array<ObjectPtr<NumberObj>>>().same_as(pointers));
}

TEST(Array, RawPointersAreElements) {
  Int one(1);
  Array<const IntObj*> array{one.get()};
  EXPECT_EQ(one.use_count(), 2);
  EXPECT_EQ(array[0], one.get());
}

TEST(Array, AnyConvertsElementwise) {
  Any mixed = Array<Any>{11.1, 1};
  Array<double> doubles = mixed.cast<Array<double>>();
  EXPECT_FALSE(doubles.same_as(mixed.cast<Array<Any>>()));
  EXPECT_EQ(doubles[1], 1.0);
  EXPECT_TRUE(Any(doubles).cast<Array<Any>>().same_as(doubles));
  EXPECT_FALSE(mixed.as<Array<double>>().has_value());
  EXPECT_TRUE(mixed.as<Array<Any>>().has_value());
  Any list = List<Any>{1, 2.5};
  EXPECT_EQ(list.cast<Array<double>>()[1], 2.5);
  EXPECT_FALSE(list.as<Array<Any>>().has_value());
  EXPECT_FALSE(Any(nullptr).try_cast<Array<Any>>().has_value());
}

TEST(Array, MismatchNamesTheElement) {
  EXPECT_EQ(ErrorOf([] { Any(Array<Any>{1.1}).cast<Array<int>>(); }),
            "TypeError: Cannot convert from type `Array[index 0: float]` to `Array<int>`");
  EXPECT_EQ(
      ErrorOf([] {
        Any(Array<Any>{Array<Any>{}, Array<Any>{Int(1)}}).cast<Array<Array<int>>>();
      }),
      "TypeError: Cannot convert from type `Array[index 1: Array[index 0: test.number.Int]]` to "
      "`Array<Array<int>>`");
  EXPECT_EQ(ErrorOf([] { Any(List<Any>{"x"}).cast<Array<int>>(); }),
            "TypeError: Cannot convert from type `Array[index 0: ffi.SmallStr]` to `Array<int>`");
  EXPECT_EQ(ErrorOf([] { Any(1).cast<Array<int>>(); }),
            "TypeError: Cannot convert from type `int` to `Array<int>`");
  EXPECT_EQ(ErrorOf([] { Any(Array<Any>{1}).as_or_throw<Array<double>>(); }),
            "TypeError: Cannot treat type `Array[index 0: int]` as type `Array<float>`");
}

TEST(Array, ElementsDieWithTheLastHandle) {
  {
    Array<Int> a{Int(1), Int(2)};
    Array<Int> b = a;
    b.push_back(Int(3));
    b.erase(b.begin());
    EXPECT_EQ(IntObj::live, 3);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Array, SchemaAndName) {
  EXPECT_EQ(TypeTraits<Array<Any>>::TypeStr(), "Array<Any>");
  EXPECT_EQ(TypeTraits<Array<Int>>::TypeSchema(),
            R"({"type":"ffi.Array","args":[{"type":"test.number.Int"}]})");
  EXPECT_EQ(TypeTraits<Array<int>>::field_static_type_index, TypeIndex::kTVMFFIArray);
}

TEST(ArrayObj, CopyAndMoveNeedRoom) {
  Array<int> array{1, 2, 3};
  EXPECT_EQ(ErrorOf([&] { ArrayObj::CopyFrom(2, array.GetArrayObj()); }),
            "ValueError: Not enough capacity");
  EXPECT_EQ(ErrorOf([&] { ArrayObj::MoveFrom(2, array.GetArrayObj()); }),
            "RuntimeError: Not enough capacity");
  EXPECT_EQ(ArrayObj::CopyFrom(3, array.GetArrayObj())->size(), 3U);
  EXPECT_EQ(ArrayObj::MoveFrom(5, array.GetArrayObj())->capacity(), 5U);
  EXPECT_EQ(array.size(), 0U);
}

TEST(ArrayObj, UntypedOperations) {
  Array<Any> array{1, 2, 3, 4};
  ArrayObj* object = array.CopyOnWrite();
  object->Reverse();
  EXPECT_EQ(object->at(0).cast<int>(), 4);
  object->SetItem(0, Any("four"));
  EXPECT_EQ(object->front().cast<std::string>(), "four");
  EXPECT_EQ(ErrorOf([&] { object->SetItem(4, Any(1)); }), "IndexError: Index 4 out of bounds 4");
  EXPECT_EQ(ErrorOf([&] { object->resize(-1); }), "ValueError: Cannot resize to negative size");
  object->erase(1, 3);
  EXPECT_EQ(object->size(), 2U);
  object->erase(1, 1);
  EXPECT_EQ(object->size(), 2U);
  std::vector<int> numbers{7, 8};
  object->resize(4);
  object->InitRange(2, numbers.begin(), numbers.end());
  EXPECT_EQ(object->back().cast<int>(), 8);
  object->clear();
  EXPECT_TRUE(object->empty());
}

TEST(ArrayObj, Layout) {
  Array<int> array{1, 2};
  auto* cell = reinterpret_cast<TVMFFISeqCell*>(reinterpret_cast<char*>(array.GetArrayObj()) +
                                                sizeof(TVMFFIObject));
  EXPECT_EQ(cell->data, array.GetArrayObj() + 1);
  EXPECT_EQ(cell->size, 2);
  EXPECT_EQ(cell->data_deleter, nullptr);
  EXPECT_EQ(array.type_index(), TypeIndex::kTVMFFIArray);
  EXPECT_EQ(sizeof(Array<int>), sizeof(void*));
}

TEST(Array, ContainsUsesAnyEqual) {
  Function contains = Function::GetGlobalRequired("ffi.ArrayContains");
  Array<Any> array{1, "text", String("a longer text than seven")};
  EXPECT_TRUE(contains(array, String(std::string("text"))).cast<bool>());
  EXPECT_TRUE(contains(array, "a longer text than seven").cast<bool>());
  EXPECT_FALSE(contains(array, 1.0).cast<bool>());
}

}  // namespace
