// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/container_details.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/container/tuple.h>

#include <gtest/gtest.h>

#include <list>
#include <string>
#include <type_traits>
#include <vector>

namespace {

using namespace tvm::ffi;

struct Doubled {
  using ResultType = int;
  static int convert(int value) { return 2 * value; }
};

using Random = std::vector<int>::const_iterator;
using Forward = detail::IterAdapter<Doubled, Random>;
using Backward = detail::ReverseIterAdapter<Doubled, Random>;

static_assert(std::is_same_v<decltype(*std::declval<Forward>()), int>);
static_assert(std::is_same_v<Forward::reference, const int>);

TEST(IterAdapter, ConvertsAndMoves) {
  const std::vector<int> numbers{1, 2, 3};
  Forward begin(numbers.begin());
  Forward end(numbers.end());
  EXPECT_EQ(std::vector<int>(begin, end), (std::vector<int>{2, 4, 6}));
  EXPECT_EQ(end - begin, 3);
  EXPECT_EQ(*(begin + 2), 6);
  EXPECT_EQ(*(end - 1), 6);
  Forward it = begin;
  EXPECT_EQ(*it++, 2);
  EXPECT_EQ(*it, 4);
  EXPECT_EQ(*++it, 6);
  EXPECT_EQ(*it--, 6);
  EXPECT_EQ(*--it, 2);
  it += 2;
  it -= 1;
  EXPECT_EQ(*it, 4);
  EXPECT_TRUE(it != begin);
  EXPECT_TRUE(it == begin + 1);
}

TEST(ReverseIterAdapter, ConvertsAndMoves) {
  const std::vector<int> numbers{1, 2, 3};
  Backward begin(numbers.end());
  Backward end(numbers.begin());
  EXPECT_EQ(std::vector<int>(begin, end), (std::vector<int>{6, 4, 2}));
  EXPECT_EQ(end - begin, 3);
  EXPECT_EQ(*(begin + 2), 2);
  EXPECT_EQ(*(end - 1), 2);
  Backward it = begin;
  EXPECT_EQ(*it++, 6);
  EXPECT_EQ(*++it, 2);
  EXPECT_EQ(*it--, 2);
  EXPECT_EQ(*--it, 6);
  it += 2;
  it -= 1;
  EXPECT_EQ(*it, 4);
  EXPECT_TRUE(it != end && it == begin + 1);
}

// Without random access there is no distance, and nothing asks for one.
using OfList = detail::IterAdapter<Doubled, std::list<int>::const_iterator>;
template <typename It, typename = void>
inline constexpr bool has_distance_v = false;
template <typename It>
inline constexpr bool
    has_distance_v<It, std::void_t<decltype(std::declval<It>() - std::declval<It>())>> = true;
static_assert(has_distance_v<Forward> && has_distance_v<Backward> && !has_distance_v<OfList>);
static_assert(
    std::is_same_v<OfList::iterator_category, std::list<int>::const_iterator::iterator_category>);

TEST(Storage, WhatMayBeAnElement) {
  static_assert(detail::storage_enabled_v<Any> && detail::storage_enabled_v<int> &&
                detail::storage_enabled_v<String> && detail::storage_enabled_v<Array<Any>> &&
                detail::storage_enabled_v<const ArrayObj*> &&
                detail::storage_enabled_v<Optional<int>>);
  static_assert(!detail::storage_enabled_v<const char*> && !detail::storage_enabled_v<AnyView> &&
                !detail::storage_enabled_v<TensorView> && !detail::storage_enabled_v<DLTensor*> &&
                !detail::storage_enabled_v<std::string> && !detail::storage_enabled_v<void>);
  static_assert(details::all_storage_enabled_v<int, Any> &&
                !details::all_storage_enabled_v<int, const char*>);
  static_assert(detail::all_object_ref_v<Array<Any>, Shape> &&
                !detail::all_object_ref_v<Shape, int>);
  EXPECT_EQ((detail::ContainerTypeStr<int, String>("Pair")), "Pair<int, str>");
}

// With a const_iterator, GoogleTest would treat containers as standard ones and print elements.
template <typename T, typename = void>
inline constexpr bool has_const_iterator_v = false;
template <typename T>
inline constexpr bool has_const_iterator_v<T, std::void_t<typename T::const_iterator>> = true;
static_assert(!has_const_iterator_v<Array<int>> && !has_const_iterator_v<List<int>> &&
              !has_const_iterator_v<Map<int, int>> && !has_const_iterator_v<Dict<int, int>> &&
              !has_const_iterator_v<Shape> && !has_const_iterator_v<ShapeView>);

TEST(Containers, AreComparedAndPrintedByGoogleTest) {
  Array<int> array;
  Map<int, int> map;
  EXPECT_EQ(map.begin(), map.end());
  EXPECT_EQ(array.begin(), array.end());
  EXPECT_EQ(Any(array).as<Array<int>>().value(), array);
  EXPECT_NE(Any(array), nullptr);
}

TEST(Containers, AreOnePointer) {
  static_assert(sizeof(Array<int>) == 8 && sizeof(List<int>) == 8 && sizeof(Map<int, int>) == 8 &&
                sizeof(Dict<int, int>) == 8 && sizeof(Tuple<int, int>) == 8 && sizeof(Shape) == 8 &&
                sizeof(Tensor) == 8);
  static_assert(sizeof(Optional<Array<int>>) == 8 && sizeof(Optional<Tensor>) == 8);
  static_assert(sizeof(ShapeObj) == 40 && sizeof(TensorObj) == 72);
  static_assert(std::is_nothrow_move_constructible_v<Array<int>> &&
                std::is_nothrow_move_constructible_v<Map<int, int>>);
}

TEST(Containers, BraceFormsThatCompile) {
  Map<String, String> strings({{"a", "b"}, {"c", "d"}});
  EXPECT_EQ(strings["c"], "d");
  Map<String, String> copied = {{"a", "b"}};
  EXPECT_EQ(copied["a"], "b");
  auto make = [](Array<Any> a, Map<String, Any> m, Optional<Array<int>> o) {
    return a.size() + m.size() + (o.has_value() ? 100 : 0);
  };
  EXPECT_EQ(make({}, {}, std::nullopt), 0U);
  EXPECT_EQ(make({1, "x"}, {{"k", 1}}, Array<int>{1}), 103U);
  auto list = []() -> Array<Any> { return {1, String("s"), nullptr}; };
  EXPECT_EQ(list().size(), 3U);
}

}  // namespace
