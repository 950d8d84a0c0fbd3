// SPDX-License-Identifier: Apache-2.0
//
// Keys whose type brings its own hash and equality, also ones that fail.
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/reflection/registry.h>

#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "../number_object.h"
#include "map_view.h"

namespace map_hooks_test {

using namespace tvm::ffi;
using namespace map_view;
using number::ErrorOf;
namespace refl = tvm::ffi::reflection;

// A key that equals every key of the same value; all hashes are alike modulo 4.
class KeyObj : public Object {
 public:
  explicit KeyObj(int64_t value) : value(value) {}
  int64_t value;
  static inline int64_t failing_hash = -1;   // the value whose hash throws
  static inline int64_t failing_equal = -1;  // the same for equality
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.container.Key", KeyObj, Object);
};

class Key : public ObjectRef {
 public:
  explicit Key(int64_t value) { data_ = make_object<KeyObj>(value); }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Key, ObjectRef, KeyObj);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::TypeAttrDef<KeyObj>()
      .def("__any_hash__",
           [](const Key& key) -> int64_t {
             if (key->value == KeyObj::failing_hash) TVM_FFI_THROW(ValueError) << "no hash";
             return key->value % 4;
           })
      .def("__any_equal__", [](const Key& a, const Key& b) {
        if (a->value == KeyObj::failing_equal) TVM_FFI_THROW(ValueError) << "no equality";
        return a->value == b->value;
      });
}

// Makes one hash or equality fail for the time of a call.
template <typename F>
std::string WithFailing(int64_t* which, int64_t value, F&& f) {
  *which = value;
  std::string error = ErrorOf(f);
  *which = -1;
  return error;
}

std::vector<int64_t> Keys(const Dict<Key, int>& dict) {
  std::vector<int64_t> keys;
  for (const auto& [key, value] : dict) keys.push_back(key->value);
  return keys;
}

TEST(MapHooks, KeysOfEqualValueAreOne) {
  Map<Key, int> map;
  for (int i = 0; i < 60; ++i) map.Set(Key(i % 40), i);
  EXPECT_EQ(map.size(), 40U);
  EXPECT_EQ(map[Key(3)], 43);
  EXPECT_EQ(map[Key(30)], 30);
  EXPECT_EQ(map.count(Key(40)), 0U);
  CheckDense(FieldsOf(map));
  for (int i = 0; i < 40; i += 3) map.erase(Key(i));
  CheckDense(FieldsOf(map));
  EXPECT_EQ(map.size(), 26U);
}

TEST(MapHooks, AFailingEqualityChangesNothing) {
  for (int n : {3, 7}) {
    Dict<Key, int> dict;
    for (int i = 0; i < n; ++i) dict.Set(Key(i), i);
    std::vector<int64_t> before = Keys(dict);
    auto failing = [&](auto&& f) { return WithFailing(&KeyObj::failing_equal, 1, f); };
    // 5 and 9 are on the chain of 1.
    EXPECT_EQ(failing([&] { dict.Set(Key(n == 3 ? 5 : 9), 1); }), "ValueError: no equality");
    EXPECT_EQ(failing([&] { dict.erase(Key(1)); }), "ValueError: no equality");
    EXPECT_EQ(failing([&] { dict.count(Key(1)); }), "ValueError: no equality");
    EXPECT_EQ(Keys(dict), before);
    CheckIfDense(FieldsOf(dict));
  }
}

TEST(MapHooks, AFailingHashChangesNothing) {
  // Growing hashes all keys anew: from small to dense, and from dense to larger.
  for (int n : {4, 7, 15}) {
    Dict<Key, int> dict;
    for (int i = 0; i < n; ++i) dict.Set(Key(i), i);
    std::vector<int64_t> before = Keys(dict);
    uint64_t slots = FieldsOf(dict)->slots;
    for (int64_t bad = 0; bad <= n; ++bad) {
      EXPECT_EQ(WithFailing(&KeyObj::failing_hash, bad, [&] { dict.Set(Key(n), 1); }),
                "ValueError: no hash");
      ASSERT_EQ(Keys(dict), before);
      ASSERT_EQ(FieldsOf(dict)->slots, slots);
      CheckIfDense(FieldsOf(dict));
    }
    dict.Set(Key(n), 1);
    EXPECT_EQ(dict.size(), before.size() + 1);
    CheckDense(FieldsOf(dict));
    before = Keys(dict);
    EXPECT_EQ(WithFailing(&KeyObj::failing_hash, 2, [&] { dict.erase(Key(2)); }),
              "ValueError: no hash");
    EXPECT_EQ(Keys(dict), before);
    CheckDense(FieldsOf(dict));
  }
}

TEST(MapHooks, CopyingNeedsNeither) {
  Map<Key, int> map;
  for (int i = 0; i < 20; ++i) map.Set(Key(i), i);
  KeyObj::failing_hash = 3;
  KeyObj::failing_equal = 4;
  Map<Key, int> copy(
      MapObj::ShallowCopy(static_cast<const MapObj*>(static_cast<const ObjectRef&>(map).get())));
  EXPECT_EQ(copy.size(), 20U);
  KeyObj::failing_hash = KeyObj::failing_equal = -1;
  EXPECT_EQ(copy[Key(19)], 19);
}

}  // namespace map_hooks_test
