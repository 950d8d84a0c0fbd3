// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/extra/structural_key.h>

#include <string>
#include <type_traits>
#include <unordered_map>

#include "../registered.h"
#include "structural_objects.h"

namespace {

using namespace tvm::ffi;
using namespace structural;
using registered::call;
using registered::error_of;

TEST(StructuralKey, KeysAreEqualByStructure) {
  const StructuralKey key(array(1)), same(array(1)), other(array(2));
  EXPECT_EQ(static_cast<uint64_t>(key->hash_i64), 0xdb15d8d83bfba8c9);
  EXPECT_TRUE(key == same);
  EXPECT_FALSE(key != same);
  EXPECT_TRUE(key != other);
  EXPECT_EQ(std::hash<StructuralKey>()(key), std::hash<StructuralKey>()(same));
  EXPECT_FALSE(key.same_as(same));
  EXPECT_EQ(make_object<StructuralKeyObj>()->hash_i64, 0);
}

TEST(StructuralKey, EqualHashesDoNotSuffice) {
  const StructuralKey key(array(1)), other(array(2));
  const auto forged = make_object<StructuralKeyObj>(*other.get());
  forged->hash_i64 = key->hash_i64;
  EXPECT_TRUE(key != detail::ObjectUnsafe::ObjectRefFromObjectPtr<StructuralKey>(forged));
}

TEST(StructuralKey, IsNotNullable) {
  EXPECT_FALSE(std::is_default_constructible_v<StructuralKey>);
  EXPECT_FALSE(StructuralKey::_type_is_nullable);
}

TEST(StructuralKey, WorksInMaps) {
  Map<Any, int> map;
  for (int i = 0; i < 10; ++i) map.Set(StructuralKey(array(i)), i);
  map.Set(StructuralKey(array(3)), 33);
  EXPECT_EQ(map.size(), 10U);
  EXPECT_EQ(map[StructuralKey(array(3))], 33);
  EXPECT_EQ(map.count(StructuralKey(list(3))), 0U);

  std::unordered_map<StructuralKey, int> standard;
  standard[StructuralKey(array("a"))] = 1;
  standard[StructuralKey(array("a"))] = 2;
  EXPECT_EQ(standard.size(), 1U);
}

// Clients of every generation call a Function alike; raw hooks differ.
TEST(StructuralKey, HooksAreFunctions) {
  for (const char* name : {"__any_hash__", "__any_equal__"}) {
    const AnyView hook = reflection::TypeAttrColumn(name)[StructuralKeyObj::RuntimeTypeIndex()];
    EXPECT_EQ(hook.type_index(), kTVMFFIFunction) << name;
  }
}

TEST(StructuralKey, IsRegistered) {
  const Any key = call("ffi.StructuralKey", array(1)), same = call("ffi.StructuralKey", array(1));
  EXPECT_TRUE(call("ffi.StructuralKeyEqual", key, same).cast<bool>());
  EXPECT_FALSE(call("ffi.StructuralKeyEqual", key, StructuralKey(2)).cast<bool>());
  EXPECT_TRUE(call("ffi.StructuralKeyEqual", 1, 1).cast<bool>());
  EXPECT_EQ(error_of([&] { call("ffi.StructuralKeyEqual", 1, key); }),
            "InternalError: Check not null: lhs_obj ");
  EXPECT_EQ(error_of([&] { call("ffi.StructuralKeyEqual", key, 1); }),
            "InternalError: Check not null: rhs_obj ");
}

TEST(StructuralKey, WhatCannotBeHashedCannotBeAKey) {
  EXPECT_EQ(error_of([] { StructuralKey key(None(1)); }),
            "TypeError: _type_s_eq_hash_kind is not set for type `test.structural.None`, so "
            "StructuralHash is not supported for this type");
}

}  // namespace
