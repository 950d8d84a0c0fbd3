// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/object.h>

#include <string>
#include <vector>

#include "number_object.h"

namespace {

using number::FloatObj;
using number::IntObj;
using number::NumberObj;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::TypeInfo;

static_assert(sizeof(Object) == sizeof(TVMFFIObject) && alignof(Object) == 8, "only the header");
static_assert(std::is_standard_layout_v<Object>, "its address is the header's");
static_assert(sizeof(IntObj) == 32, "fields start at byte 24");

TEST(Object, KnowsItsRuntimeType) {
  ObjectPtr<Object> object = make_object<IntObj>(7);
  EXPECT_EQ(object->type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_EQ(object->GetTypeKey(), "test.number.Int");
  EXPECT_EQ(Object::TypeIndex2Key(kTVMFFIFunction), "ffi.Function");
  EXPECT_EQ(object->GetTypeKeyHash(), TVMFFIGetTypeInfo(IntObj::RuntimeTypeIndex())->type_key_hash);
}

TEST(Object, IsInstanceFollowsTheClassHierarchy) {
  ObjectPtr<Object> object = make_object<IntObj>(7);
  EXPECT_TRUE(object->IsInstance<Object>());
  EXPECT_TRUE(object->IsInstance<const Object>());
  EXPECT_TRUE(object->IsInstance<NumberObj>());
  EXPECT_TRUE(object->IsInstance<IntObj>());
  EXPECT_FALSE(object->IsInstance<FloatObj>());
  // One of the two is in the reserved slot of NumberObj, the other is not.
  EXPECT_TRUE(make_object<FloatObj>(1.0)->IsInstance<NumberObj>());
  EXPECT_FALSE(make_object<Object>()->IsInstance<NumberObj>());
}

TEST(Object, TypeInfoListsAncestorsRootFirst) {
  const TypeInfo* info = TVMFFIGetTypeInfo(IntObj::RuntimeTypeIndex());
  EXPECT_GE(info->type_index, kTVMFFIDynObjectBegin);
  ASSERT_EQ(info->type_depth, 2);
  EXPECT_EQ(info->type_ancestors[0]->type_index, kTVMFFIObject);
  EXPECT_EQ(info->type_ancestors[1]->type_index, NumberObj::RuntimeTypeIndex());
  EXPECT_EQ(NumberObj::_type_depth, 1);
  EXPECT_EQ(IntObj::_type_depth, 2);
}

TEST(Object, LookingAKeyUpDoesNotRegisterIt) {
  std::string text = "test.object.NeverRegistered";
  TVMFFIByteArray key{text.data(), text.size()};
  EXPECT_EQ(TVMFFITypeGetOrAllocIndex(&key, -1, 0, 0, 1, -2), -2);
  EXPECT_EQ(TVMFFITypeGetOrAllocIndex(&key, -1, 0, 0, 1, -2), -2);
  std::string known = "test.number.Int";
  key = TVMFFIByteArray{known.data(), known.size()};
  EXPECT_EQ(TVMFFITypeGetOrAllocIndex(&key, -1, 0, 0, 1, -2), IntObj::RuntimeTypeIndex());
}

TEST(Object, RuntimeTypeIndexMatchTakesWhatTheTargetCanHold) {
  using tvm::ffi::detail::RuntimeTypeIndexMatch;
  int32_t number = NumberObj::RuntimeTypeIndex();
  int32_t integer = IntObj::RuntimeTypeIndex();
  EXPECT_TRUE(RuntimeTypeIndexMatch(kTVMFFIInt, kTVMFFIAny));
  EXPECT_TRUE(RuntimeTypeIndexMatch(kTVMFFIInt, kTVMFFIInt));
  EXPECT_FALSE(RuntimeTypeIndexMatch(kTVMFFIBool, kTVMFFIInt));
  EXPECT_TRUE(RuntimeTypeIndexMatch(kTVMFFISmallStr, kTVMFFIStr));
  EXPECT_TRUE(RuntimeTypeIndexMatch(kTVMFFISmallBytes, kTVMFFIBytes));
  EXPECT_FALSE(RuntimeTypeIndexMatch(kTVMFFISmallBytes, kTVMFFIStr));
  EXPECT_TRUE(RuntimeTypeIndexMatch(kTVMFFIStr, kTVMFFIObject));
  EXPECT_FALSE(RuntimeTypeIndexMatch(kTVMFFISmallStr, kTVMFFIObject));
  EXPECT_TRUE(RuntimeTypeIndexMatch(integer, kTVMFFIObject));
  EXPECT_TRUE(RuntimeTypeIndexMatch(integer, number));
  EXPECT_FALSE(RuntimeTypeIndexMatch(number, integer));
  EXPECT_FALSE(RuntimeTypeIndexMatch(kTVMFFINone, number));
}

TEST(Object, CopyHasItsOwnCount) {
  ObjectPtr<IntObj> original = make_object<IntObj>(7);
  ObjectPtr<IntObj> alias = original;
  ObjectPtr<IntObj> copy = make_object<IntObj>(*original);
  EXPECT_EQ(copy->value, 7);
  EXPECT_TRUE(copy.unique());
  EXPECT_EQ(original.use_count(), 2);
  // Nor is the count assigned.
  ObjectPtr<FloatObj> target = make_object<FloatObj>(1.0);
  ObjectPtr<FloatObj> source = make_object<FloatObj>(2.0);
  ObjectPtr<FloatObj> holder = target;
  *target = *source;
  EXPECT_EQ(holder->value, 2.0);
  EXPECT_EQ(target.use_count(), 2);
}

// ---- Declaring types ---------------------------------------------------------------------------

// A CRTP base: the class it is given names the type.
template <typename Derived>
class NamedObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_PREDEFINED_TYPE_KEY(Derived, Object);
};
class FirstNamedObj : public NamedObj<FirstNamedObj> {
 public:
  static constexpr const char* _type_key = "test.object.FirstNamed";
};
class SecondNamedObj : public NamedObj<SecondNamedObj> {
 public:
  static constexpr const char* _type_key = "test.object.SecondNamed";
};

TEST(ObjectTypes, CRTPBaseDeclaresOneTypePerArgument) {
  EXPECT_NE(FirstNamedObj::RuntimeTypeIndex(), SecondNamedObj::RuntimeTypeIndex());
  EXPECT_GE(FirstNamedObj::RuntimeTypeIndex(), kTVMFFIDynObjectBegin);
  EXPECT_EQ(TVMFFIGetTypeInfo(FirstNamedObj::RuntimeTypeIndex())->type_depth, 1);
  EXPECT_EQ(make_object<SecondNamedObj>()->GetTypeKey(), "test.object.SecondNamed");
}

class ClosedObj : public Object {  // all subclasses fit the slots
 public:
  static constexpr uint32_t _type_child_slots = 2;
  static constexpr bool _type_child_slots_can_overflow = false;
  TVM_FFI_DECLARE_OBJECT_INFO("test.object.Closed", ClosedObj, Object);
};
class ClosedChildObj : public ClosedObj {
 public:
  static constexpr uint32_t _type_child_slots = 1;
  TVM_FFI_DECLARE_OBJECT_INFO("test.object.ClosedChild", ClosedChildObj, ClosedObj);
};
class ClosedGrandchildObj : public ClosedChildObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.object.ClosedGrandchild", ClosedGrandchildObj,
                                    ClosedChildObj);
};

TEST(ObjectTypes, ReservedSlotsFollowTheParent) {
  int32_t parent = ClosedObj::RuntimeTypeIndex();
  EXPECT_EQ(ClosedChildObj::RuntimeTypeIndex(), parent + 1);
  EXPECT_EQ(ClosedGrandchildObj::RuntimeTypeIndex(), parent + 2);
  EXPECT_TRUE(make_object<ClosedGrandchildObj>()->IsInstance<ClosedObj>());
  EXPECT_FALSE(make_object<ClosedObj>()->IsInstance<ClosedChildObj>());
  EXPECT_FALSE(make_object<IntObj>(1)->IsInstance<ClosedObj>());
}

// A mirror of a type that is registered elsewhere: here, by number_object.h.
class NumberMirrorObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test.number.Number", 1);
};
class IntMirrorObj : public NumberMirrorObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test.number.Int", 2);
};
class MissingMirrorObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_LOOKUP("test.object.Missing", 1);
};

TEST(ObjectTypes, MirrorFindsTheRegisteredType) {
  EXPECT_EQ(NumberMirrorObj::RuntimeTypeIndex(), NumberObj::RuntimeTypeIndex());
  ObjectPtr<Object> object = make_object<IntObj>(3);
  EXPECT_TRUE(object->IsInstance<IntMirrorObj>());
  EXPECT_TRUE(object->IsInstance<NumberMirrorObj>());
  EXPECT_FALSE(make_object<FloatObj>(3.0)->IsInstance<IntMirrorObj>());
  static_assert(tvm::ffi::type_subsumes_v<ObjectPtr<NumberMirrorObj>, ObjectPtr<IntMirrorObj>>, "");
}

TEST(ObjectTypes, MirrorOfAnUnknownTypeThrowsUntilItIsRegistered) {
  std::string error = number::ErrorOf([] { MissingMirrorObj::RuntimeTypeIndex(); });
  EXPECT_NE(error.find("InternalError"), std::string::npos) << error;
  EXPECT_NE(error.find("Cannot find type `test.object.Missing`"), std::string::npos) << error;
  std::string text = "test.object.Missing";
  TVMFFIByteArray key{text.data(), text.size()};
  int32_t type_index = TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, kTVMFFIObject);
  EXPECT_EQ(MissingMirrorObj::RuntimeTypeIndex(), type_index);
}

// Used from an initialiser that runs before those of this file's classes.
int32_t g_early_type_index = 0;
int32_t g_early_object_index = 0;
class LateObj;
void MakeLateObject();
TVM_FFI_STATIC_INIT_BLOCK() { MakeLateObject(); }
class LateObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.object.Late", LateObj, Object);
};
void MakeLateObject() {
  g_early_type_index = LateObj::RuntimeTypeIndex();
  g_early_object_index = make_object<LateObj>()->type_index();
}

TEST(ObjectTypes, TypeIsThereForInitialisersThatRunFirst) {
  EXPECT_GE(g_early_type_index, kTVMFFIDynObjectBegin);
  EXPECT_EQ(g_early_object_index, g_early_type_index);
  EXPECT_EQ(LateObj::RuntimeTypeIndex(), g_early_type_index);
}

// ---- Object as a later base --------------------------------------------------------------------

struct Padding {
  int64_t words[3] = {1, 2, 3};
};
class PaddedObj : public Padding, public Object {
 public:
  int64_t value = 0;
  TVM_FFI_DECLARE_OBJECT_INFO("test.object.Padded", PaddedObj, Object);
};
class PaddedChildObj : public PaddedObj {
 public:
  ~PaddedChildObj() { value = -1; }
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.object.PaddedChild", PaddedChildObj, PaddedObj);
};

TEST(ObjectTypes, HeaderNeedNotComeFirst) {
  using tvm::ffi::detail::ObjectUnsafe;
  EXPECT_EQ(ObjectUnsafe::GetObjectOffsetToSubclass<PaddedObj>(), 24);
  EXPECT_EQ(ObjectUnsafe::GetObjectOffsetToSubclass<IntObj>(), 0);
  ObjectPtr<PaddedChildObj> child = make_object<PaddedChildObj>();
  child->value = 9;
  ObjectPtr<PaddedObj> parent = child;
  ObjectPtr<Object> object = parent;
  EXPECT_EQ(parent->value, 9);
  EXPECT_NE(static_cast<void*>(object.get()), static_cast<void*>(child.get()));
  EXPECT_EQ(object->type_index(), PaddedChildObj::RuntimeTypeIndex());
  const PaddedObj* back = ObjectRef(object).as<PaddedObj>();
  ASSERT_EQ(back, parent.get());
  EXPECT_EQ(back->words[2], 3);
}

}  // namespace
