// SPDX-License-Identifier: Apache-2.0
//
// Standard library types as arguments and results.
#include <gtest/gtest.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/stl.h>

#include <array>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <variant>
#include <vector>

#include "../number_object.h"

namespace stl_test {

using namespace tvm::ffi;
using number::ErrorOf;
using number::Int;

std::string Repr(const Any& value) { return ReprPrint(value); }

// What a function with a parameter of that type makes of the value.
template <typename T>
std::optional<T> Take(const Any& value) {
  return value.try_cast<T>();
}

TEST(Stl, SequencesBecomeArrays) {
  EXPECT_EQ(Repr(std::vector<int>{1, 2}), "(1, 2)");
  EXPECT_EQ(Repr(std::array<std::string, 2>{"a", "b"}), "(\"a\", \"b\")");
  EXPECT_EQ(Repr(std::tuple<int, double, String>(1, 2.5, "x")), "(1, 2.5, \"x\")");
  EXPECT_EQ(Repr(std::vector<bool>{true, false}), "(True, False)");
  EXPECT_EQ(Repr(std::vector<std::vector<int>>{{1}, {}}), "((1,), ())");
}

TEST(Stl, MapsBecomeMaps) {
  EXPECT_EQ(Repr(std::map<std::string, int>{{"b", 2}, {"a", 1}}), R"({"a": 1, "b": 2})");
  EXPECT_EQ(Repr(std::unordered_map<int, std::vector<int>>{{1, {2}}}), "{1: (2,)}");
}

TEST(Stl, ASequenceIsTakenElementByElement) {
  EXPECT_EQ(Take<std::vector<int>>(Array<Any>{1, true}), (std::vector<int>{1, 1}));
  EXPECT_EQ(Take<std::vector<double>>(List<Any>{1, 2.5}), (std::vector<double>{1, 2.5}));
  EXPECT_EQ((Take<std::array<int, 2>>(Array<Any>{1, 2})), (std::array<int, 2>{1, 2}));
  EXPECT_EQ((Take<std::tuple<int, std::string>>(Array<Any>{1, "x"})),
            (std::tuple<int, std::string>(1, "x")));
  EXPECT_FALSE(Take<std::vector<int>>(Array<Any>{1, "x"}).has_value());
  EXPECT_FALSE(Take<std::vector<int>>(1).has_value());
}

TEST(Stl, ArraysAndTuplesNeedAnArrayOfTheirLength) {
  EXPECT_FALSE((Take<std::array<int, 2>>(Array<Any>{1})).has_value());
  EXPECT_FALSE((Take<std::array<int, 1>>(List<Any>{1})).has_value());
  EXPECT_FALSE((Take<std::tuple<int>>(Array<Any>{1, 2})).has_value());
  EXPECT_FALSE((Take<std::tuple<int>>(List<Any>{1})).has_value());
}

TEST(Stl, AMapIsTakenEntryByEntry) {
  Map<Any, Any> map{{"a", 1}};
  EXPECT_EQ((Take<std::map<std::string, int>>(map)), (std::map<std::string, int>{{"a", 1}}));
  EXPECT_EQ((Take<std::unordered_map<std::string, double>>(map)),
            (std::unordered_map<std::string, double>{{"a", 1.0}}));
  EXPECT_FALSE((Take<std::map<int, int>>(map)).has_value());
  EXPECT_FALSE((Take<std::map<std::string, std::string>>(map)).has_value());
  EXPECT_FALSE((Take<std::map<std::string, int>>(Dict<Any, Any>{{"a", 1}})).has_value());
}

TEST(Stl, OptionalIsAValueOrNone) {
  EXPECT_EQ(Any(std::optional<int>()), nullptr);
  EXPECT_EQ(Repr(std::optional<int>(1)), "1");
  EXPECT_EQ(Take<std::optional<int>>(nullptr)->has_value(), false);
  EXPECT_EQ(**Take<std::optional<int>>(1), 1);
  EXPECT_FALSE(Take<std::optional<int>>("x").has_value());
  EXPECT_EQ(Any(1).as<std::optional<int>>().value(), 1);
}

TEST(Stl, VariantIsTheFirstThatConverts) {
  using Value = std::variant<int, double, std::string>;
  EXPECT_EQ(Repr(Value(2.5)), "2.5");
  EXPECT_EQ(Take<Value>(1)->index(), 0U);
  EXPECT_EQ(Take<Value>(2.5)->index(), 1U);
  EXPECT_EQ(std::get<std::string>(*Take<Value>("x")), "x");
  EXPECT_EQ((Take<std::variant<double, int>>(1)->index()), 0U);
  EXPECT_FALSE(Take<Value>(nullptr).has_value());
}

TEST(Stl, FunctionsGoBothWays) {
  Any function = std::function<int(int, int)>([](int a, int b) { return a - b; });
  EXPECT_EQ(function.cast<Function>()(5, 3).cast<int>(), 2);
  std::function<int(int, int)> back = function.cast<std::function<int(int, int)>>();
  EXPECT_EQ(back(5, 3), 2);
  EXPECT_FALSE(Take<std::function<void()>>(1).has_value());
}

TEST(Stl, ObjectsAreShared) {
  Int number(5);
  Any value = std::vector<Int>{number};
  EXPECT_TRUE(value.cast<Array<Int>>()[0].same_as(number));
  EXPECT_TRUE(value.cast<std::vector<Int>>()[0].same_as(number));
}

TEST(Stl, AsParametersAndResults) {
  Function reverse = Function::FromTyped(
      [](std::vector<int> items) { return std::vector<int>(items.rbegin(), items.rend()); });
  EXPECT_EQ(Repr(reverse(Array<Any>{1, 2, 3})), "(3, 2, 1)");
  EXPECT_EQ(ErrorOf([&] { reverse(1); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`(0: std::vector<int>) -> std::vector<int>`. Expected `std::vector<int>` but got "
            "`int`");
}

TEST(Stl, Names) {
  EXPECT_EQ(TypeTraits<std::vector<int>>::TypeStr(), "std::vector<int>");
  EXPECT_EQ((TypeTraits<std::array<int, 3>>::TypeStr()), "std::array<int, 3>");
  EXPECT_EQ((TypeTraits<std::map<String, int>>::TypeStr()), "std::map<str, int>");
  EXPECT_EQ((TypeTraits<std::unordered_map<int, Any>>::TypeStr()), "std::unordered_map<int, Any>");
  EXPECT_EQ(TypeTraits<std::optional<int>>::TypeStr(), "std::optional<int>");
  EXPECT_EQ((TypeTraits<std::variant<int, String>>::TypeStr()), "std::variant<int, str>");
  EXPECT_EQ((TypeTraits<std::tuple<int, float>>::TypeStr()), "std::tuple<int, float>");
  EXPECT_EQ(TypeTraits<std::function<int(int, int)>>::TypeStr(), "std::function<int(int, int)>");
}

TEST(Stl, Schemas) {
  EXPECT_EQ(TypeTraits<std::vector<int>>::TypeSchema(),
            R"({"type":"std::vector","args":[{"type":"int"}]})");
  EXPECT_EQ((TypeTraits<std::array<int, 3>>::TypeSchema()),
            R"({"type":"std::array","args":[{"type":"int"},3]})");
  EXPECT_EQ((TypeTraits<std::map<String, int>>::TypeSchema()),
            R"({"type":"std::map","args":[{"type":"ffi.String"},{"type":"int"}]})");
  EXPECT_EQ((TypeTraits<std::unordered_map<int, Any>>::TypeSchema()),
            R"({"type":"std::unordered_map","args":[{"type":"int"},{"type":"Any"}]})");
  EXPECT_EQ(TypeTraits<std::optional<int>>::TypeSchema(),
            R"({"type":"std::optional","args":[{"type":"int"}]})");
  EXPECT_EQ((TypeTraits<std::variant<int, String>>::TypeSchema()),
            R"({"type":"std::variant","args":[{"type":"int"}, {"type":"ffi.String"}]})");
  EXPECT_EQ((TypeTraits<std::tuple<int, float>>::TypeSchema()),
            R"({"type":"std::tuple","args":[{"type":"int"}, {"type":"float"}]})");
  EXPECT_EQ(TypeTraits<std::function<int(int, String)>>::TypeSchema(),
            R"({"type":"std::function","named_args":{"return":[{"type":"int"}],)"
            R"("params":[{"type":"int"}, {"type":"ffi.String"}]}})");
  EXPECT_EQ(TypeTraits<std::function<void()>>::TypeSchema(),
            R"({"type":"std::function","named_args":{"return":[{"type":"None"}],"params":[]}})");
}

}  // namespace stl_test

// An exported function with such types may be without linkage itself.
namespace {

std::map<std::string, std::vector<int>> Group(const std::vector<std::string>& words) {
  std::map<std::string, std::vector<int>> places;
  for (size_t i = 0; i < words.size(); ++i) places[words[i]].push_back(static_cast<int>(i));
  return places;
}
TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_stl_group, Group);

TEST(Stl, ExportedFromAnUnnamedNamespace) {
  using namespace tvm::ffi;
  Function group = Function::FromExternC(nullptr, __tvm_ffi_test_stl_group, nullptr);
  EXPECT_EQ(ReprPrint(group(Array<Any>{"a", "b", "a"})), R"({"a": (0, 2), "b": (1,)})");
}

}  // namespace
