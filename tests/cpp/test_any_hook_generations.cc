// SPDX-License-Identifier: Apache-2.0
//
// Raw hooks of keys return a cell; those of libraries from before 0.1.15 an int64_t or a bool.
// Maps get both right, in one process.
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <string>

namespace {

using namespace tvm::ffi;

// Equal when their values are; `hash` counts, too.
template <typename Tag>
class KeyObj : public Object {
 public:
  KeyObj(int64_t value, int64_t hash) : value(value), hash(hash) {}
  int64_t value;
  int64_t hash;
  static const KeyObj* Of(const Any& any) {
    return detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<const KeyObj>(any);
  }
};

struct Old {};
class OldKeyObj : public KeyObj<Old> {
 public:
  using KeyObj::KeyObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.generations.OldKey", OldKeyObj, Object);
};
int64_t old_hash(const Any& key) { return KeyObj<Old>::Of(key)->hash; }
bool old_equal(const Any& lhs, const Any& rhs) {
  return KeyObj<Old>::Of(lhs)->value == KeyObj<Old>::Of(rhs)->value;
}

struct New {};
class NewKeyObj : public KeyObj<New> {
 public:
  using KeyObj::KeyObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.generations.NewKey", NewKeyObj, Object);
};
TVMFFIAny new_hash(const Any& key) noexcept {
  return AnyView(KeyObj<New>::Of(key)->hash).CopyToTVMFFIAny();
}
TVMFFIAny new_equal(const Any& lhs, const Any& rhs) noexcept {
  if (KeyObj<New>::Of(lhs)->value < 0) {
    return detail::AnyUnsafe::MoveAnyToTVMFFIAny(Any(Error("KeyError", "incomparable", "")));
  }
  return AnyView(KeyObj<New>::Of(lhs)->value == KeyObj<New>::Of(rhs)->value).CopyToTVMFFIAny();
}

// By name, as a library registers them that was built with other headers.
TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::TypeAttrDef<OldKeyObj>()
      .attr("__any_hash__", reinterpret_cast<void*>(&old_hash))
      .attr("__any_equal__", reinterpret_cast<void*>(&old_equal));
  reflection::TypeAttrDef<NewKeyObj>()
      .attr("__any_hash__", reinterpret_cast<void*>(&new_hash))
      .attr("__any_equal__", reinterpret_cast<void*>(&new_equal));
}

template <typename Obj>
Any key(int64_t value, int64_t hash) {
  return ObjectRef(make_object<Obj>(value, hash));
}

// Hashes that look like cells of several kinds, or like nothing.
constexpr int64_t kHashes[] = {0, 1, 2, 64, 67, 71, -1, 1000, int64_t{1} << 40, INT64_MIN};

template <typename Obj>
void expect_hashes() {
  for (int64_t hash : kHashes) {
    const Any any = key<Obj>(5, hash);
    EXPECT_EQ(AnyHash()(any),
              detail::StableHashCombine(static_cast<uint64_t>(any.type_index()), hash));
  }
}

template <typename Obj>
void expect_keys() {
  Map<Any, Any> map;
  for (int64_t i = 0; i < 20; ++i) map.Set(key<Obj>(i, i % 3), i);
  for (int64_t i = 0; i < 20; ++i) map.Set(key<Obj>(i, i % 3), -i);
  EXPECT_EQ(map.size(), 20U);
  for (int64_t i = 0; i < 20; ++i) EXPECT_TRUE(map[key<Obj>(i, i % 3)].same_as(Any(-i)));
  EXPECT_EQ(map.count(key<Obj>(20, 0)), 0U);
}

TEST(AnyHookGenerations, HashesAreReadAsTheyAreMeant) {
  expect_hashes<OldKeyObj>();
  expect_hashes<NewKeyObj>();
}

TEST(AnyHookGenerations, KeysOfBothAreFound) {
  expect_keys<OldKeyObj>();
  expect_keys<NewKeyObj>();
  // In the library as well.
  const Function make = Function::GetGlobalRequired("ffi.Map");
  const Function get = Function::GetGlobalRequired("ffi.MapGetItem");
  const Any map = make(key<OldKeyObj>(1, 67), "old", key<NewKeyObj>(1, 67), "new");
  EXPECT_EQ(get(map, key<OldKeyObj>(1, 67)).cast<String>(), "old");
  EXPECT_EQ(get(map, key<NewKeyObj>(1, 67)).cast<String>(), "new");
}

TEST(AnyHookGenerations, ErrorsOfTheNewOnesAreThrown) {
  EXPECT_THROW(AnyEqual()(key<NewKeyObj>(-1, 1), key<NewKeyObj>(2, 1)), Error);
  const Any incomparable = key<NewKeyObj>(-1, 3);
  EXPECT_EQ(
      AnyHash()(incomparable),
      detail::StableHashCombine(static_cast<uint64_t>(incomparable.type_index()), int64_t{3}));
}

}  // namespace
