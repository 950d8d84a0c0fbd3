// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/string.h>

#include <gtest/gtest.h>

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>
#include <vector>

#include "../number_object.h"
#include "expr_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

TEST(Tuple, HoldsOneOfEach) {
  Tuple<int, double, String> tuple(1, 2.5, "three");
  EXPECT_EQ(tuple.get<0>(), 1);
  EXPECT_EQ(tuple.get<1>(), 2.5);
  EXPECT_EQ(get<2>(tuple), "three");
  Tuple<int, String> zero;
  EXPECT_EQ(zero.get<0>(), 0);
  EXPECT_EQ(zero.get<1>(), "");
  Tuple<Int, int> explicitly(1, 2);
  EXPECT_EQ(explicitly.get<0>()->value, 1);
  Tuple<> none;
  EXPECT_EQ(Any(none).cast<Array<Any>>().size(), 0U);
  EXPECT_EQ(ErrorOf([] { Tuple<int>(ObjectPtr<Object>(nullptr)); }),
            "InternalError: Check not null: data_.get() ");
  EXPECT_FALSE(Tuple<int>(UnsafeInit{}).defined());
}

TEST(Tuple, DeducesItsTypes) {
  auto tuple = Tuple{1, 2.0f, String{}};
  static_assert(std::is_same_v<decltype(tuple), Tuple<int, float, String>>);
  Tuple copy{tuple};
  static_assert(std::is_same_v<decltype(copy), decltype(tuple)>);
  EXPECT_TRUE(copy.same_as(tuple));
  static_assert(std::tuple_size<decltype(tuple)>::value == 3);
  static_assert(std::is_same_v<std::tuple_element_t<2, decltype(tuple)>, String>);
}

TEST(Tuple, AOneElementTupleIsCopiedNotNested) {
  Tuple<Any> tuple(1);
  Tuple<Any> copy(tuple);
  EXPECT_TRUE(copy.same_as(tuple));
  Tuple<int> ints(2);
  Tuple<Any> wider(ints);
  EXPECT_TRUE(wider.same_as(ints));
  Tuple<Any> wider_from_rvalue(Tuple<int>(3));
  EXPECT_EQ(wider_from_rvalue.get<0>().cast<int>(), 3);
  Tuple<Tuple<int>> nested(ints);
  EXPECT_EQ(nested.get<0>().get<0>(), 2);
}

TEST(Tuple, SharesWithTuplesOfWiderElements) {
  Tuple<Int, int> tuple(Int(1), 2);
  Tuple<Number, Any> wider = tuple;
  EXPECT_TRUE(wider.same_as(tuple));
  wider = Tuple<Float, String>(Float(1), "x");
  EXPECT_EQ(wider.get<1>().cast<String>(), "x");
  static_assert(!std::is_constructible_v<Tuple<int, int>, Tuple<Any, int>>);
  static_assert(!type_subsumes_v<Tuple<int>, Tuple<int, int>>);
}

TEST(Tuple, SetLeavesOtherHandlesAlone) {
  Tuple<Int, int> a(Int(1), 2);
  Tuple<Int, int> b = a;
  EXPECT_EQ(a.use_count(), 2);
  b.Set<0>(Int(3));
  EXPECT_EQ(a.use_count(), 1);
  EXPECT_EQ(a.get<0>()->value, 1);
  EXPECT_EQ(b.get<0>()->value, 3);
  const Object* object = b.get();
  b.Set<1>(5);
  EXPECT_EQ(b.get(), object);
}

TEST(Tuple, RvaluesOfUniqueTuplesHandTheirElementsOver) {
  Tuple<Int, int> tuple(Int(1), 2);
  Int first = std::move(tuple).get<0>();
  EXPECT_EQ(first.use_count(), 1);
  EXPECT_FALSE(tuple.get<0>().defined());
  Tuple<Int> shared(Int(1));
  Tuple<Int> other = shared;
  Int copy = get<0>(std::move(shared));
  EXPECT_EQ(copy.use_count(), 2);
  EXPECT_TRUE(other.get<0>().same_as(copy));
}

TEST(Tuple, StructuredBindings) {
  Tuple<int, String> tuple(1, "two");
  auto [number, text] = tuple;
  EXPECT_EQ(number, 1);
  EXPECT_EQ(text, "two");
  Tuple<Int> unique(Int(1));
  auto [only] = std::move(unique);
  EXPECT_EQ(only.use_count(), 1);
  const auto& [a, b] = tuple;
  EXPECT_EQ(a, 1);
  EXPECT_EQ(b, "two");
}

TEST(Tuple, IsAnArrayToOthers) {
  Any any = Tuple<int, String>(1, "x");
  EXPECT_EQ(any.type_index(), TypeIndex::kTVMFFIArray);
  EXPECT_EQ(any.as<Array<Any>>().value().size(), 2U);
  EXPECT_TRUE((any.as<Tuple<int, String>>().has_value()));
  EXPECT_FALSE((any.as<Tuple<double, String>>().has_value()));
  EXPECT_FALSE((any.as<Tuple<int>>().has_value()));
  Tuple<int, Expr> converted = Any(Array<Any>({1, 2})).cast<Tuple<int, Expr>>();
  EXPECT_EQ(converted.get<1>()->value, 2);
  EXPECT_FALSE((Any(List<Any>{1, 2}).try_cast<Tuple<int, int>>().has_value()));
  EXPECT_FALSE((Any(nullptr).try_cast<Tuple<int, int>>().has_value()));
}

TEST(Tuple, MismatchNamesTheElement) {
  auto cast = [](Any value) { return ErrorOf([&] { value.cast<Tuple<int, Expr>>(); }); };
  std::string to = "` to `Tuple<int, test.container.Expr>`";
  std::string from = "TypeError: Cannot convert from type `";
  EXPECT_EQ(cast(Array<Any>{1}), from + "Array[size=1]" + to);
  EXPECT_EQ(cast(Array<Any>{1, 1.5}), from + "Array[index 1: float]" + to);
  EXPECT_EQ(cast(1), from + "int" + to);
  EXPECT_EQ(cast(List<Any>{1, 1}), from + "ffi.List" + to);
  EXPECT_EQ((TypeTraits<Tuple<int, Any>>::TypeSchema()),
            R"({"type":"Tuple","args":[{"type":"int"},{"type":"Any"}]})");
  EXPECT_EQ(TypeTraits<Tuple<>>::TypeSchema(), R"({"type":"Tuple","args":[]})");
  EXPECT_EQ(TypeTraits<Tuple<>>::TypeStr(), "Tuple<>");
}

TEST(Tuple, IsAnElement) {
  Array<Tuple<Int>> array{Tuple<Int>(Int(1)), Tuple<Int>(Int(2))};
  std::vector<Tuple<Int>> tuples;
  tuples.insert(tuples.end(), array.begin(), array.end());
  EXPECT_EQ(tuples[1].get<0>()->value, 2);
}

}  // namespace
