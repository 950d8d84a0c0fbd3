// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>

#include <string>
#include <utility>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;
using registered::Tracked;

class RegisteredMap : public registered::BalanceTest {};

using Entries = std::vector<std::pair<int, int>>;

Entries walk(const Function& cursor, int64_t size) {
  Entries entries;
  if (size == 0) return entries;
  do {
    entries.emplace_back(cursor(0).cast<int>(), cursor(1).cast<int>());
  } while (cursor(2).cast<bool>());
  return entries;
}

Function cursor_of(const char* noun, const Any& container) {
  return call((std::string("ffi.") + noun + "ForwardIterFunctor").c_str(), container)
      .cast<Function>();
}

// What Map and Dict have in common.
class RegisteredMapLike : public RegisteredMap, public ::testing::WithParamInterface<const char*> {
 protected:
  std::string name(const char* verb = "") const { return std::string("ffi.") + GetParam() + verb; }
  template <typename... Args>
  Any do_call(const char* verb, Args&&... args) const {
    return call(name(verb).c_str(), std::forward<Args>(args)...);
  }
};

TEST_P(RegisteredMapLike, HoldsKeysAndValuesInOrder) {
  for (int count : {0, 1, 3, 4, 5, 50}) {
    std::vector<AnyView> args;
    Entries entries;
    for (int i = 0; i < count; ++i) {
      args.push_back(count - i);
      args.push_back(10 * i);
      entries.emplace_back(count - i, 10 * i);
    }
    Any map;
    Function::GetGlobalRequired(name()).CallPacked(args.data(), 2 * count, &map);
    EXPECT_EQ(do_call("Size", map).cast<int>(), count);
    EXPECT_EQ(walk(cursor_of(GetParam(), map), count), entries);
  }
}

TEST_P(RegisteredMapLike, KeepsTheLastOfEqualKeys) {
  Any map = do_call("", 1, 2, 1, 3);
  EXPECT_EQ(do_call("Size", map).cast<int>(), 1);
  EXPECT_EQ(do_call("GetItem", map, 1).cast<int>(), 3);
}

TEST_P(RegisteredMapLike, RefusesAKeyWithoutAValue) {
  const std::string error = error_of([&] { do_call("", 1); });
  EXPECT_EQ(error.find("InternalError: Check failed: "), 0) << error;
}

TEST_P(RegisteredMapLike, FindsKeysByValue) {
  Any map = do_call("", "key", 1, String(std::string("heap")), 2, true, 3);
  EXPECT_EQ(do_call("GetItem", map, String(std::string("key"))).cast<int>(), 1);
  EXPECT_EQ(do_call("GetItem", map, "heap").cast<int>(), 2);
  EXPECT_EQ(do_call("Count", map, true).cast<int>(), 1);
  EXPECT_EQ(do_call("Count", map, 1).cast<int>(), 0);
}

TEST_P(RegisteredMapLike, ReportsMissingKeys) {
  Any map = do_call("", 1, 2);
  EXPECT_EQ(error_of([&] { do_call("GetItem", map, 5); }), "KeyError: key is not in Map");
  EXPECT_TRUE(do_call("GetItemOrMissing", map, 5)
                  .cast<ObjectRef>()
                  .same_as(call("ffi.GetInvalidObject").cast<ObjectRef>()));
  EXPECT_EQ(do_call("GetItemOrMissing", map, 1).cast<int>(), 2);
}

TEST_P(RegisteredMapLike, CursorStaysAtTheEnd) {
  Function cursor = cursor_of(GetParam(), do_call("", 1, 2));
  EXPECT_FALSE(cursor(2).cast<bool>());
  EXPECT_FALSE(cursor(2).cast<bool>());
  EXPECT_EQ(error_of([&] { cursor(0); }), "IndexError: The iterator is past the last entry");
  EXPECT_EQ(error_of([&] { cursor("a"); }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: int) -> Any`. "
            "Expected `int` but got `const char*`");
  Function none = cursor_of(GetParam(), do_call(""));
  EXPECT_EQ(error_of([&] { none(1); }), "IndexError: The iterator is past the last entry");
}

TEST_P(RegisteredMapLike, CursorKeepsWhatItWalks) {
  Tracked tracked = Tracked::make();
  {
    Function cursor = cursor_of(GetParam(), do_call("", 1, tracked));
    EXPECT_TRUE(cursor(1).cast<Tracked>().same_as(tracked));
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_P(RegisteredMapLike, RefusesTheOther) {
  const bool is_map = GetParam() == std::string("Map");
  Any other = is_map ? Any(Dict<Any, Any>()) : Any(Map<Any, Any>());
  const std::string error = error_of([&] { do_call("Size", other); });
  EXPECT_NE(error.find(is_map ? "Expected `ffi.Map` but got `ffi.Dict`"
                              : "Expected `ffi.Dict` but got `ffi.Map`"),
            std::string::npos)
      << error;
}

INSTANTIATE_TEST_SUITE_P(MapAndDict, RegisteredMapLike, ::testing::Values("Map", "Dict"));

TEST_F(RegisteredMap, DictChangesInPlace) {
  Dict<Any, Any> dict;
  for (int i = 0; i < 40; ++i) call("ffi.DictSetItem", dict, i, i * i);
  EXPECT_EQ(dict.size(), 40);
  for (int i = 0; i < 40; i += 2) call("ffi.DictErase", dict, i);
  call("ffi.DictErase", dict, 1000);
  EXPECT_EQ(dict.size(), 20);
  EXPECT_EQ(dict.at(39).cast<int>(), 39 * 39);
  call("ffi.DictClear", dict);
  EXPECT_EQ(dict.size(), 0);
}

TEST_F(RegisteredMap, DictReleasesWhatItDrops) {
  Tracked tracked = Tracked::make();
  Dict<Any, Any> dict;
  for (int i = 0; i < 10; ++i) call("ffi.DictSetItem", dict, i, tracked);
  EXPECT_EQ(tracked.use_count(), 11);
  call("ffi.DictSetItem", dict, 0, nullptr);
  call("ffi.DictErase", dict, 1);
  EXPECT_EQ(tracked.use_count(), 9);
  call("ffi.DictClear", dict);
  EXPECT_EQ(tracked.use_count(), 1);
}

// The cursor walks what the dict held when the walk began.
TEST_F(RegisteredMap, DictMayChangeDuringAWalk) {
  Dict<Any, Any> dict{{1, 10}, {2, 20}, {3, 30}};
  Function cursor = cursor_of("Dict", dict);
  for (int i = 100; i < 130; ++i) call("ffi.DictSetItem", dict, i, i);
  call("ffi.DictClear", dict);
  EXPECT_EQ(walk(cursor, 3), (Entries{{1, 10}, {2, 20}, {3, 30}}));
}

// The cursor's reference keeps copy-on-write code from changing the map in place.
TEST_F(RegisteredMap, MapKeepsItsEntriesDuringAWalk) {
  Map<Any, Any> map{{1, 10}, {2, 20}};
  Function cursor = cursor_of("Map", map);
  for (int i = 100; i < 130; ++i) map.Set(i, i);
  EXPECT_EQ(walk(cursor, 2), (Entries{{1, 10}, {2, 20}}));
}

}  // namespace
