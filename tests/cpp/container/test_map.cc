// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "../number_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

template <typename MapT>
std::vector<int64_t> Keys(const MapT& map) {
  std::vector<int64_t> keys;
  for (const auto& [key, value] : map) keys.push_back(key);
  return keys;
}

TEST(Map, BraceForms) {
  Map<String, Array<Any>> nested = {{"a", {1, 2, 3}}, {"b", {}}};
  EXPECT_EQ(nested["a"].size(), 3U);
  EXPECT_EQ(nested.at("b").size(), 0U);
  Map<Any, Any> any{{11, 1.1}};
  EXPECT_EQ(any[11].cast<double>(), 1.1);
  Map<String, Any> one({{"value", 1}});
  EXPECT_EQ(one["value"].cast<int>(), 1);
  std::unordered_map<int64_t, String> unordered{{1, "x"}, {2, "y"}};
  Map<int64_t, String> from_unordered = unordered;
  EXPECT_EQ(from_unordered.size(), 2U);
  EXPECT_EQ(from_unordered[2], "y");
  std::map<int64_t, String> ordered{{1, "x"}};
  EXPECT_EQ((Map<int64_t, String>(ordered.begin(), ordered.end())[1]), "x");
}

TEST(Map, ReadsAndTheirErrors) {
  Map<String, int> map{{"one", 1}};
  EXPECT_EQ(map.count("one"), 1U);
  EXPECT_EQ(map.count("two"), 0U);
  EXPECT_EQ(ErrorOf([&] { map.at("two"); }), "KeyError: key is not in Map");
  EXPECT_EQ(ErrorOf([&] { map["two"]; }), "KeyError: key is not in Map");
  EXPECT_EQ(map.size(), 1U);
  EXPECT_EQ(map.Get("one"), 1);
  EXPECT_FALSE(map.Get("two").has_value());
  EXPECT_TRUE(map.find("two") == map.end());
  EXPECT_EQ((*map.find("one")).second, 1);
  static_assert(std::is_same_v<decltype(*map.begin()), const std::pair<String, int>>);
  const MapObj* object = static_cast<const MapObj*>(map.get());
  EXPECT_EQ(object->at(Any("one")).cast<int>(), 1);
  EXPECT_EQ(object->begin()->first.cast<String>(), "one");
}

TEST(Map, SetOnASharedMapLeavesTheOtherHandleAlone) {
  Map<int, Int> a{{1, Int(1)}};
  Map<int, Int> b = a;
  EXPECT_EQ(a.use_count(), 2);
  b.Set(1, Int(2));
  b.Set(2, Int(3));
  EXPECT_EQ(a.use_count(), 1);
  EXPECT_EQ(b.use_count(), 1);
  EXPECT_EQ(a[1]->value, 1);
  EXPECT_EQ(a.size(), 1U);
  b.erase(1);
  Map<int, Int> c = b;
  c.clear();
  EXPECT_EQ(b.size(), 1U);
  const Object* object = b.get();
  b.Set(2, Int(4));
  EXPECT_EQ(b.get(), object);
}

TEST(Map, ANullMapReadsAsEmptyAndGrows) {
  Map<int, int> null(UnsafeInit{});
  EXPECT_EQ(null.size(), 0U);
  EXPECT_EQ(null.count(1), 0U);
  EXPECT_TRUE(null.empty());
  EXPECT_TRUE(null.begin() == null.end());
  EXPECT_TRUE(null.find(1) == null.end());
  EXPECT_FALSE(null.Get(1).has_value());
  EXPECT_EQ(ErrorOf([&] { null.at(1); }), "KeyError: key is not in Map");
  null.Set(1, 2);
  EXPECT_EQ(null[1], 2);
  Map<int, int> other(UnsafeInit{});
  EXPECT_NE(other.CopyOnWrite(), nullptr);
  EXPECT_EQ(ErrorOf([] { Map<int, int>(ObjectPtr<Object>(nullptr)); }),
            "InternalError: Check not null: data_.get() ");
}

TEST(Map, InsertionOrderSurvivesGrowthAndErasing) {
  for (int64_t n : {4, 17}) {
    Map<int64_t, int64_t> map;
    std::vector<int64_t> expected;
    for (int64_t i = 0; i < n; ++i) {
      map.Set(i * 7, i);
      expected.push_back(i * 7);
    }
    EXPECT_EQ(Keys(map), expected);
    for (int64_t position : {int64_t{1}, int64_t{0}, n - 3}) {
      map.erase(expected[position]);
      expected.erase(expected.begin() + position);
      EXPECT_EQ(Keys(map), expected);
    }
    map.Set(1000, 0);
    map.Set(0, 0);
    expected.insert(expected.end(), {1000, 0});
    EXPECT_EQ(Keys(map), expected);
    std::vector<int64_t> backwards;
    for (auto it = map.end(); it != map.begin();) backwards.push_back((*--it).first);
    std::reverse(backwards.begin(), backwards.end());
    EXPECT_EQ(backwards, expected);
    for (int64_t key : expected) map.erase(key);
    EXPECT_TRUE(map.begin() == map.end());
    EXPECT_TRUE(map.empty());
  }
}

TEST(Map, SettingAKeyAgainMovesItOnlyInTheDenseLayout) {
  Map<int64_t, int> small{{1, 1}, {2, 2}, {3, 3}};
  small.Set(1, 10);
  EXPECT_EQ(Keys(small), (std::vector<int64_t>{1, 2, 3}));
  Map<int64_t, int> dense;
  for (int64_t key = 1; key <= 6; ++key) dense.Set(key, 0);
  dense.Set(1, 10);
  EXPECT_EQ(Keys(dense), (std::vector<int64_t>{2, 3, 4, 5, 6, 1}));
  Map<int64_t, int> four{{1, 1}, {2, 2}, {3, 3}, {1, 4}};
  EXPECT_EQ(Keys(four), (std::vector<int64_t>{2, 3, 1}));
  EXPECT_EQ(four[1], 4);
}

TEST(Map, ManyInsertionsWithKeysOfAllKinds) {
  Map<Any, Any> map;
  for (int i = 0; i < 26; ++i) map.Set(String(std::string(1, static_cast<char>('a' + i))), i);
  for (int i = 0; i < 100; ++i) map.Set(i, i);
  map.Set(1.5, "float");
  map.Set(true, "bool");
  map.Set(nullptr, "none");
  EXPECT_EQ(map.size(), 129U);
  EXPECT_EQ(map["z"].cast<int>(), 25);
  EXPECT_EQ(map[99].cast<int>(), 99);
  EXPECT_EQ(map[1].cast<int>(), 1);
  EXPECT_EQ(map[true].cast<String>(), "bool");
  EXPECT_EQ(map[nullptr].cast<String>(), "none");
  // Both forms of a short text are one key.
  EXPECT_EQ(map[String(std::string("q"))].cast<int>(), 16);
}

TEST(Map, StandardAlgorithms) {
  Map<String, int> map{{"a", 1}, {"b", 2}};
  std::vector<int> values;
  std::transform(map.begin(), map.end(), std::back_inserter(values),
                 [](const std::pair<String, int>& entry) { return entry.second; });
  EXPECT_EQ(values, (std::vector<int>{1, 2}));
  Map<String, int> copy(map.begin(), map.end());
  EXPECT_EQ(copy.size(), 2U);
}

TEST(Map, MergeTakesTheRightOne) {
  Map<int64_t, int> a{{1, 1}, {2, 2}};
  Map<int64_t, int> merged = Merge(a, Map<int64_t, int>{{2, 20}, {3, 30}});
  EXPECT_EQ(Keys(merged), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(merged[2], 20);
  EXPECT_EQ(a[2], 2);
}

TEST(Map, SharesWithMapsOfWiderEntries) {
  Map<String, int> map{{"a", 1}};
  Map<String, Any> wider = map;
  EXPECT_TRUE(wider.same_as(map));
  wider.Set("b", 2.5);
  EXPECT_EQ(map.size(), 1U);
  Map<Any, Any> widest;
  widest = map;
  EXPECT_TRUE(widest.same_as(map));
  static_assert(!std::is_constructible_v<Map<String, int>, Map<String, Any>>);
}

TEST(Map, AnyConvertsEntrywise) {
  Any any = Map<Any, Any>{{1, 2}, {3, 4.5}};
  Map<int, double> converted = any.cast<Map<int, double>>();
  EXPECT_EQ(converted.use_count(), 1);
  EXPECT_EQ(converted[1], 2.0);
  EXPECT_TRUE((any.cast<Map<int, Any>>().same_as(any.cast<Map<Any, Any>>())));
  EXPECT_FALSE((any.as<Map<int, double>>().has_value()));
  EXPECT_EQ((Any(Dict<Any, Any>{{1, 2}}).cast<Map<int, int>>()[1]), 2);
  EXPECT_TRUE((Any(Dict<Any, Any>{}).cast<Map<int, int>>().empty()));
  EXPECT_TRUE((Any(Map<Any, Any>{}).cast<Dict<int, int>>().empty()));
}

TEST(Map, MismatchNamesKeyOrValue) {
  EXPECT_EQ(ErrorOf([] {
              Any(Map<Any, Any>{{1, 1.5}}).cast<Map<int, int>>();
            }),
            "TypeError: Cannot convert from type `Map[K, some value is float]` to `Map<int, int>`");
  EXPECT_EQ(ErrorOf([] {
              Any(Map<Any, Any>{{1, 1.5}}).cast<Map<Number, float>>();
            }),
            "TypeError: Cannot convert from type `Map[some key is int, V]` to "
            "`Map<test.number.Number, float>`");
  EXPECT_EQ(ErrorOf([] {
              Any(Dict<Any, Any>{{"x", 1}}).cast<Map<int, int>>();
            }),
            "TypeError: Cannot convert from type `Map[some key is ffi.SmallStr, V]` to "
            "`Map<int, int>`");
  EXPECT_EQ(ErrorOf([] {
              Any(Map<Any, Any>{{1, 1}}).cast<Dict<int, Int>>();
            }),
            "TypeError: Cannot convert from type `Dict[K, some value is int]` to "
            "`Dict<int, test.number.Int>`");
  EXPECT_EQ(ErrorOf([] { Any(1).cast<Map<int, int>>(); }),
            "TypeError: Cannot convert from type `int` to `Map<int, int>`");
  EXPECT_EQ(ErrorOf([] {
              Any(Map<Any, Any>{{1, 1}}).as_or_throw<Map<int, double>>();
            }),
            "TypeError: Cannot treat type `Map[K, some value is int]` as type `Map<int, float>`");
}

TEST(Map, SchemaAndNames) {
  EXPECT_EQ((TypeTraits<Map<String, Any>>::TypeStr()), "Map<str, Any>");
  EXPECT_EQ((TypeTraits<Map<int, Any>>::TypeSchema()),
            R"({"type":"ffi.Map","args":[{"type":"int"},{"type":"Any"}]})");
  EXPECT_EQ((TypeTraits<Dict<int, int>>::TypeSchema()),
            R"({"type":"ffi.Dict","args":[{"type":"int"},{"type":"int"}]})");
  EXPECT_EQ((TypeTraits<Map<int, int>>::field_static_type_index), TypeIndex::kTVMFFIObject);
}

TEST(Map, FunctionsMayTakeTheObject) {
  Function f =
      Function::FromTyped([](const MapObj* map, const Any& key) -> Any { return map->at(key); });
  EXPECT_EQ(f(Map<String, int>{{"a", 5}}, "a").cast<int>(), 5);
}

TEST(Map, EntriesDieWithTheLastHandle) {
  {
    Map<int, Int> a;
    for (int i = 0; i < 40; ++i) a.Set(i, Int(i));
    Map<int, Int> b = a;
    for (int i = 0; i < 40; i += 3) b.erase(i);
    for (int i = 0; i < 40; i += 2) a.Set(i, Int(-i));
    EXPECT_GT(IntObj::live, 40);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Map, NullPointersAreKeysAndValues) {
  ObjectPtr<IntObj> one = make_object<IntObj>(1);
  Map<ObjectPtr<IntObj>, ObjectPtr<IntObj>> map{{nullptr, one}, {one, nullptr}};
  EXPECT_TRUE(map[nullptr] == one);
  EXPECT_TRUE(map[one] == nullptr);
}

TEST(Dict, AllHandlesSeeChangesAndTheObjectStays) {
  Dict<int64_t, int> a;
  Dict<int64_t, int> b = a;
  const Object* object = a.get();
  std::vector<int64_t> expected;
  for (int64_t i = 0; i < 300; ++i) {
    b.Set(i, static_cast<int>(i));
    expected.push_back(i);
    ASSERT_EQ(a.get(), object);
    ASSERT_EQ(a.size(), expected.size());
  }
  EXPECT_EQ(Keys(a), expected);
  EXPECT_EQ(a[299], 299);
  b.erase(5);
  EXPECT_EQ(a.count(5), 0U);
  b.clear();
  EXPECT_TRUE(a.empty());
  EXPECT_TRUE(a.begin() == a.end());
  a.Set(1, 1);
  a.Set(2, 2);
  a.Set(1, 3);
  EXPECT_EQ(Keys(b), (std::vector<int64_t>{2, 1}));
  EXPECT_EQ(b.get(), object);
}

TEST(Dict, ANullDictReadsAsEmptyAndGrows) {
  Dict<int, int> null(UnsafeInit{});
  EXPECT_EQ(null.size(), 0U);
  null.erase(1);
  null.clear();
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(ErrorOf([&] { null[1]; }), "KeyError: key is not in Map");
  null.Set(1, 2);
  EXPECT_EQ(null[1], 2);
  EXPECT_EQ(ErrorOf([] { Dict<int, int>(ObjectPtr<Object>(nullptr)); }),
            "InternalError: Check not null: data_.get() ");
}

TEST(Dict, SharesWithDictsOfWiderEntries) {
  Dict<String, int> dict{{"a", 1}};
  Dict<Any, Any> wider = dict;
  wider.Set("b", 2);
  EXPECT_EQ(dict.size(), 2U);
  std::unordered_map<String, int> unordered{{"x", 1}};
  EXPECT_EQ((Dict<String, int>(unordered)["x"]), 1);
}

// A destructor that looks at the dict its object is being removed from.
class KeeperObj : public Object {
 public:
  explicit KeeperObj(const Dict<Any, Any>* dict) : dict(dict) {}
  ~KeeperObj() {
    for (const auto& [key, value] : *dict) EXPECT_FALSE(value.as<KeeperObj>() == this);
    seen = static_cast<int>(dict->size());
  }
  const Dict<Any, Any>* dict;
  static inline int seen = -1;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.container.Keeper", KeeperObj, Object);
};

TEST(Dict, AnEntryLeavesBeforeItDies) {
  for (int n : {2, 20}) {
    Dict<Any, Any> dict;
    for (int i = 0; i < n; ++i) dict.Set(i, i);
    auto add = [&] { dict.Set("x", make_object<KeeperObj>(&dict)); };
    add();
    dict.erase("x");
    EXPECT_EQ(KeeperObj::seen, n);
    add();
    dict.Set("x", 1);
    EXPECT_EQ(KeeperObj::seen, n + 1);
    add();
    KeeperObj::seen = -1;
    dict.clear();
    EXPECT_GE(KeeperObj::seen, 0);
    EXPECT_LE(KeeperObj::seen, n);
    dict.Set(1, 1);
    EXPECT_EQ(dict[1].cast<int>(), 1);
  }
}

}  // namespace
