// SPDX-License-Identifier: Apache-2.0
//
// Classes that choose how they are compared and hashed.
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

class TestCompareObj : public Object {
 public:
  TestCompareObj(int64_t key, String name, int64_t ignored_field)
      : key(key), name(name), ignored_field(ignored_field) {}
  explicit TestCompareObj(UnsafeInit) {}

  int64_t key = 0;
  String name;
  int64_t ignored_field = 0;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCompare", TestCompareObj, Object);
};

class TestHashObj : public Object {
 public:
  TestHashObj(int64_t key, String name, int64_t hash_ignored)
      : key(key), name(name), hash_ignored(hash_ignored) {}
  explicit TestHashObj(UnsafeInit) {}

  int64_t key = 0;
  String name;
  int64_t hash_ignored = 0;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestHash", TestHashObj, Object);
};

// What the three classes below have in common: only the key counts.
class KeyAndLabel : public Object {
 public:
  KeyAndLabel(int64_t key, String label) : key(key), label(label) {}
  explicit KeyAndLabel(UnsafeInit) {}

  int64_t key = 0;
  String label;
};

class TestCustomHashObj : public KeyAndLabel {
 public:
  using KeyAndLabel::KeyAndLabel;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCustomHash", TestCustomHashObj, Object);
};

class TestCustomCompareObj : public KeyAndLabel {
 public:
  using KeyAndLabel::KeyAndLabel;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCustomCompare", TestCustomCompareObj, Object);
};

// Equality without a hash, on purpose.
class TestEqWithoutHashObj : public KeyAndLabel {
 public:
  using KeyAndLabel::KeyAndLabel;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestEqWithoutHash", TestEqWithoutHashObj, Object);
};

template <typename Obj>
int64_t hash_key(const Obj* self, const Function& hash) {
  return hash(self->key).template cast<int64_t>();
}

template <typename Obj>
bool equal_keys(const Obj* lhs, const Obj* rhs, const Function& equal) {
  return equal(lhs->key, rhs->key).template cast<bool>();
}

template <typename Obj>
int32_t compare_keys(const Obj* lhs, const Obj* rhs, const Function& compare) {
  return compare(lhs->key, rhs->key).template cast<int32_t>();
}

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<TestCompareObj>()
      .def(refl::init<int64_t, String, int64_t>())
      .def_ro("key", &TestCompareObj::key)
      .def_ro("name", &TestCompareObj::name)
      .def_ro("ignored_field", &TestCompareObj::ignored_field, refl::compare(false));
  refl::ObjectDef<TestHashObj>()
      .def(refl::init<int64_t, String, int64_t>())
      .def_ro("key", &TestHashObj::key)
      .def_ro("name", &TestHashObj::name)
      .def_ro("hash_ignored", &TestHashObj::hash_ignored, refl::hash(false));
  refl::ObjectDef<TestCustomHashObj>()
      .def(refl::init<int64_t, String>())
      .def_ro("key", &TestCustomHashObj::key)
      .def_ro("label", &TestCustomHashObj::label)
      .def_type_attr("__ffi_hash__", hash_key<TestCustomHashObj>);
  refl::ObjectDef<TestCustomCompareObj>()
      .def(refl::init<int64_t, String>())
      .def_ro("key", &TestCustomCompareObj::key)
      .def_ro("label", &TestCustomCompareObj::label)
      .def_type_attr("__ffi_hash__", hash_key<TestCustomCompareObj>)
      .def_type_attr("__ffi_eq__", equal_keys<TestCustomCompareObj>)
      .def_type_attr("__ffi_compare__", compare_keys<TestCustomCompareObj>);
  refl::ObjectDef<TestEqWithoutHashObj>()
      .def(refl::init<int64_t, String>())
      .def_ro("key", &TestEqWithoutHashObj::key)
      .def_ro("label", &TestEqWithoutHashObj::label)
      .def_type_attr("__ffi_eq__", equal_keys<TestEqWithoutHashObj>);
}

}  // namespace
}  // namespace tvm::ffi::testing
