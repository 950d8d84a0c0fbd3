// SPDX-License-Identifier: Apache-2.0
//
// Small classes: a final one, a base with a child, holders of references, layouts that reflection
// does not show in full, and two whose keys no front end knows.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

class TestIntPairObj : public Object {
 public:
  TestIntPairObj(int64_t a, int64_t b) : a(a), b(b) {}
  explicit TestIntPairObj(UnsafeInit) {}
  int64_t Sum() const { return a + b; }

  int64_t a = 0;
  int64_t b = 0;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestIntPair", TestIntPairObj, Object);
};

class TestIntPair : public ObjectRef {
 public:
  int64_t Sum() const { return get()->Sum(); }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TestIntPair, ObjectRef, TestIntPairObj);
};

// Only the key is registered; the class is written in Python.
class TestFrozenCxxObj : public Object {
 public:
  int64_t value = 0;
  String tag;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestFrozenCxx", TestFrozenCxxObj, Object);
};

class TestObjectBaseObj : public Object {
 public:
  int64_t AddI64(int64_t other) const { return v_i64 + other; }

  int64_t v_i64 = 10;
  double v_f64 = 10.0;
  String v_str = "hello";

  static constexpr bool _type_mutable = true;
  static constexpr uint32_t _type_child_slots = 1;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestObjectBase", TestObjectBaseObj, Object);
};

class TestObjectDerivedObj : public TestObjectBaseObj {
 public:
  Map<Any, Any> v_map;
  Array<Any> v_array;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestObjectDerived", TestObjectDerivedObj,
                                    TestObjectBaseObj);
};

class TestObjectPtrHolderObj : public Object {
 public:
  explicit TestObjectPtrHolderObj(UnsafeInit) : value(UnsafeInit{}) {}

  Arc<TestObjectBaseObj> value;
  ObjectPtr<TestObjectBaseObj> optional_value;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestObjectPtrHolder", TestObjectPtrHolderObj, Object);
};

class TestCxxClassHiddenFieldObj : public Object {
 public:
  int64_t v_i64 = 0;
  int64_t hidden = 0;  // not reflected, so the layout has a gap
  int32_t v_i32 = 0;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCxxClassHiddenField", TestCxxClassHiddenFieldObj,
                                    Object);
};

class TestCxxClassPolymorphicObj : public Object {
 public:
  virtual ~TestCxxClassPolymorphicObj() = default;

  int64_t v_i64 = 0;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCxxClassPolymorphic", TestCxxClassPolymorphicObj,
                                    Object);
};

class TestDeepCopyEdgesObj : public Object {
 public:
  Any v_any;
  ObjectRef v_obj;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestDeepCopyEdges", TestDeepCopyEdgesObj, Object);
};

class TestNonCopyableObj : public Object {
 public:
  explicit TestNonCopyableObj(int64_t value) : value(value) {}
  TestNonCopyableObj(const TestNonCopyableObj&) = delete;
  TestNonCopyableObj& operator=(const TestNonCopyableObj&) = delete;

  int64_t value;

  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestNonCopyable", TestNonCopyableObj, Object);
};

class TestUnregisteredBaseObject : public Object {
 public:
  explicit TestUnregisteredBaseObject(int64_t v1) : v1(v1) {}
  int64_t GetV1PlusOne() const { return v1 + 1; }

  int64_t v1;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestUnregisteredBaseObject", TestUnregisteredBaseObject,
                              Object);
};

class TestUnregisteredObject : public TestUnregisteredBaseObject {
 public:
  TestUnregisteredObject(int64_t v1, int64_t v2) : TestUnregisteredBaseObject(v1), v2(v2) {}
  int64_t GetV2PlusTwo() const { return v2 + 2; }

  int64_t v2;

  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestUnregisteredObject", TestUnregisteredObject,
                              TestUnregisteredBaseObject);
};

void register_pair() {
  refl::ObjectDef<TestIntPairObj>()
      .def(refl::init<int64_t, int64_t>())
      .def_ro("a", &TestIntPairObj::a, "Field `a`")
      .def_ro("b", &TestIntPairObj::b, "Field `b`")
      .def("sum", &TestIntPairObj::Sum, "Method to compute sum of a and b");
  refl::TypeAttrDef<TestIntPairObj>().def_convert<TestIntPair>();
  refl::GlobalDef().def_method("testing.TestIntPairSum", &TestIntPair::Sum, "Get sum of the pair");
  TestFrozenCxxObj::_GetOrAllocRuntimeTypeIndex();
}

void register_base_and_derived() {
  refl::ObjectDef<TestObjectBaseObj>()
      .def_rw("v_i64", &TestObjectBaseObj::v_i64, "i64 field", refl::default_value(10))
      .def_ro("v_f64", &TestObjectBaseObj::v_f64, refl::default_value(10.0))
      .def_rw("v_str", &TestObjectBaseObj::v_str, refl::default_value("hello"))
      .def("add_i64", &TestObjectBaseObj::AddI64, "add_i64 method");
  refl::ObjectDef<TestObjectDerivedObj>()
      .def_rw("v_map", &TestObjectDerivedObj::v_map)
      .def_rw("v_array", &TestObjectDerivedObj::v_array);
  refl::ObjectDef<TestObjectPtrHolderObj>()
      .def_rw("value", &TestObjectPtrHolderObj::value)
      .def_rw("optional_value", &TestObjectPtrHolderObj::optional_value,
              refl::default_value(nullptr));
}

void register_layouts() {
  refl::ObjectDef<TestCxxClassHiddenFieldObj>()
      .def_rw("v_i64", &TestCxxClassHiddenFieldObj::v_i64)
      .def_rw("v_i32", &TestCxxClassHiddenFieldObj::v_i32);
  refl::ObjectDef<TestCxxClassPolymorphicObj>().def_rw("v_i64", &TestCxxClassPolymorphicObj::v_i64);
  refl::ObjectDef<TestDeepCopyEdgesObj>()
      .def_rw("v_any", &TestDeepCopyEdgesObj::v_any)
      .def_rw("v_obj", &TestDeepCopyEdgesObj::v_obj);
  refl::ObjectDef<TestNonCopyableObj>()
      .def(refl::init<int64_t>())
      .def_ro("value", &TestNonCopyableObj::value);
}

void register_unregistered() {
  refl::ObjectDef<TestUnregisteredBaseObject>()
      .def(refl::init<int64_t>(), "Constructor of TestUnregisteredBaseObject")
      .def_ro("v1", &TestUnregisteredBaseObject::v1)
      .def("get_v1_plus_one", &TestUnregisteredBaseObject::GetV1PlusOne,
           "Get (v1 + 1) from TestUnregisteredBaseObject");
  refl::ObjectDef<TestUnregisteredObject>()
      .def(refl::init<int64_t, int64_t>(), "Constructor of TestUnregisteredObject")
      .def_ro("v2", &TestUnregisteredObject::v2)
      .def("get_v2_plus_two", &TestUnregisteredObject::GetV2PlusTwo,
           "Get (v2 + 2) from TestUnregisteredObject");
  refl::GlobalDef().def("testing.make_unregistered_object", [] {
    return ObjectRef(make_object<TestUnregisteredObject>(int64_t{41}, int64_t{42}));
  });
}

TVM_FFI_STATIC_INIT_BLOCK() {
  register_pair();
  register_base_and_derived();
  register_layouts();
  register_unregistered();
}

}  // namespace
}  // namespace tvm::ffi::testing
