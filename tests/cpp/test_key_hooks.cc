// SPDX-License-Identifier: Apache-2.0
//
// Keys of clients of both generations of raw hooks, in maps of this code and of the library; and
// the library's own keys in the hands of such clients.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/extra/structural_key.h>
#include <tvm/ffi/reflection/accessor.h>

#include <cstdint>
#include <string>

#include "fixture_paths.h"
#include "number_object.h"
#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;

class KeyHooks : public ::testing::TestWithParam<const char*> {
 protected:
  // Never unloaded: the type keeps the addresses of its hooks.
  const Module& client() const {
    static const Module old_client = Module::LoadFromFile(OLD_HOOKS_FIXTURE);
    static const Module new_client = Module::LoadFromFile(NEW_HOOKS_FIXTURE);
    return std::string(GetParam()) == "old" ? old_client : new_client;
  }
  Function function(const char* name) const { return *Module(client())->GetFunction(name); }
  Any key(int64_t value) const { return function("make_key")(value); }
};

INSTANTIATE_TEST_SUITE_P(Clients, KeyHooks, ::testing::Values("old", "new"),
                         [](const auto& info) { return std::string(info.param); });

// Also the hashes that look like the cell of an answer (1) or of an error (67), and all bits set.
constexpr int64_t kValues[] = {1, 67, 0, 2, -1, 5, INT64_MIN, INT64_MAX, int64_t{67} << 32};

TEST_P(KeyHooks, HashAndEqualityAreTheHooks) {
  for (int64_t value : kValues) {
    Any a = key(value);
    Any b = key(value);
    uint64_t expected = detail::StableHashCombine(static_cast<uint64_t>(a.type_index()), value);
    EXPECT_EQ(AnyHash()(a), expected) << value;
    EXPECT_TRUE(AnyEqual()(a, b)) << value;
    EXPECT_FALSE(AnyEqual()(a, key(value ^ 8))) << value;
  }
}

TEST_P(KeyHooks, MapsOfThisCodeFindKeysByValue) {
  Map<Any, int64_t> map;
  Dict<Any, int64_t> dict;
  for (int64_t value : kValues) {
    map.Set(key(value), value);
    dict.Set(key(value), value);
  }
  EXPECT_EQ(map.size(), sizeof(kValues) / sizeof(kValues[0]));
  for (int64_t value : kValues) {
    EXPECT_EQ(map[key(value)], value);
    EXPECT_EQ(dict[key(value)], value);
  }
  EXPECT_EQ(map.count(key(3)), 0U);
}

TEST_P(KeyHooks, MapsOfTheLibraryFindKeysByValue) {
  Any dict = call("ffi.Dict");
  for (int64_t value : kValues) call("ffi.DictSetItem", dict, key(value), value);
  EXPECT_EQ(call("ffi.DictSize", dict).cast<int64_t>(), 9);
  for (int64_t value : kValues) {
    EXPECT_EQ(call("ffi.DictGetItem", dict, key(value)).cast<int64_t>(), value);
    Any map = call("ffi.Map", key(value), value, key(value ^ 8), 0);
    EXPECT_EQ(call("ffi.MapGetItem", map, key(value)).cast<int64_t>(), value);
  }
  EXPECT_EQ(call("ffi.DictCount", dict, key(3)).cast<int64_t>(), 0);
}

TEST_P(KeyHooks, TheClientReadsItsOwnHooks) {
  EXPECT_EQ(function("hash")(key(12)).cast<int64_t>(), 12);
  EXPECT_TRUE(function("equal")(key(1), key(1)).cast<bool>());
  EXPECT_FALSE(function("equal")(key(1), key(2)).cast<bool>());
}

// Clients of either generation call the hooks of the library's types alike: they are Functions.
TEST_P(KeyHooks, ClientsGetRightAnswersFromTheLibrarysHooks) {
  const BigInt big = BigInt(INT64_MAX) + BigInt(1);
  const StructuralKey structural(Array<int64_t>{1, 2});
  const Any keys[][3] = {
      {Any(big), Any(BigInt(INT64_MAX) + BigInt(1)), Any(big + BigInt(1))},
      {Any(structural), Any(StructuralKey(Array<int64_t>{1, 2})),
       Any(StructuralKey(Array<int64_t>{1, 3}))},
  };
  for (const auto& [one, same, other] : keys) {
    for (const char* name : {"__any_hash__", "__any_equal__"}) {
      EXPECT_EQ(reflection::TypeAttrColumn(name)[one.type_index()].type_index(), kTVMFFIFunction);
    }
    const uint64_t answer = static_cast<uint64_t>(function("hash")(one).cast<int64_t>());
    const uint64_t index = static_cast<uint64_t>(one.type_index());
    EXPECT_EQ(detail::StableHashCombine(index, answer), AnyHash()(one));
    EXPECT_EQ(function("hash")(same).cast<int64_t>(), static_cast<int64_t>(answer));
    EXPECT_TRUE(function("equal")(one, same).cast<bool>());
    EXPECT_FALSE(function("equal")(one, other).cast<bool>());
  }
}

}  // namespace
