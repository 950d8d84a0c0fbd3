// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/object.h>

#include <optional>
#include <string>
#include <thread>
#include <type_traits>
#include <utility>
#include <vector>

#include "number_object.h"

class UndefinedObj;  // never defined
namespace object_ptr_test {
class LinkObj;
}  // namespace object_ptr_test
template <>
inline constexpr bool tvm::ffi::is_object_subclass_v<UndefinedObj> = true;
template <>
inline constexpr bool tvm::ffi::is_object_subclass_v<object_ptr_test::LinkObj> = true;

namespace object_ptr_test {

using number::IntObj;
using number::NumberObj;
using tvm::ffi::Any;
using tvm::ffi::Arc;
using tvm::ffi::make_arc;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::TypeTraits;
using tvm::ffi::UnsafeInit;
using tvm::ffi::detail::ObjectUnsafe;

static_assert(sizeof(ObjectPtr<IntObj>) == sizeof(void*) && sizeof(Arc<IntObj>) == sizeof(void*),
              "one pointer");
static_assert(std::is_standard_layout_v<Arc<IntObj>>, "");
static_assert(std::is_nothrow_move_constructible_v<ObjectPtr<IntObj>> &&
                  std::is_nothrow_move_assignable_v<ObjectPtr<IntObj>> &&
                  std::is_nothrow_constructible_v<ObjectPtr<NumberObj>, ObjectPtr<IntObj>&&> &&
                  std::is_nothrow_assignable_v<ObjectPtr<NumberObj>&, ObjectPtr<IntObj>&&>,
              "");
static_assert(std::is_nothrow_move_constructible_v<Arc<IntObj>> &&
                  std::is_nothrow_move_assignable_v<Arc<IntObj>> &&
                  std::is_nothrow_constructible_v<Arc<NumberObj>, Arc<IntObj>&&> &&
                  std::is_nothrow_assignable_v<Arc<NumberObj>&, Arc<IntObj>&&>,
              "");
static_assert(!std::is_default_constructible_v<Arc<IntObj>> &&
                  !std::is_constructible_v<Arc<IntObj>, std::nullptr_t> &&
                  !std::is_constructible_v<Arc<IntObj>, ObjectPtr<IntObj>> &&
                  !std::is_constructible_v<Arc<IntObj>, Arc<NumberObj>> &&
                  !std::is_convertible_v<UnsafeInit, Arc<IntObj>> &&
                  std::is_convertible_v<Arc<IntObj>, Arc<NumberObj>> &&
                  std::is_convertible_v<Arc<IntObj>, ObjectPtr<NumberObj>>,
              "an Arc is made by make_arc or of another Arc");

static_assert(TypeTraits<Arc<UndefinedObj>>::storage_enabled &&
                  TypeTraits<ObjectPtr<UndefinedObj>>::storage_enabled,
              "known without its definition");
static_assert(!TypeTraits<Arc<int>>::storage_enabled &&
                  !TypeTraits<ObjectPtr<int>>::convert_enabled,
              "");
static_assert(!TypeTraits<ObjectPtr<const IntObj>>::convert_enabled &&
                  !TypeTraits<ObjectPtr<volatile IntObj>>::convert_enabled &&
                  !TypeTraits<Arc<const IntObj>>::storage_enabled,
              "");
static_assert(!tvm::ffi::is_object_subclass_v<void> && !tvm::ffi::is_object_subclass_v<int>, "");
static_assert(tvm::ffi::detail::is_qualified_object_v<const IntObj> &&
                  tvm::ffi::detail::is_qualified_object_v<IntObj&> &&
                  !tvm::ffi::detail::is_qualified_object_v<IntObj> &&
                  !tvm::ffi::detail::is_qualified_object_v<const int>,
              "");

// A class that points to itself before it is complete.
class LinkObj : public Object {
 public:
  ObjectPtr<LinkObj> next;
  std::vector<Arc<LinkObj>> others;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.object_ptr.Link", LinkObj, Object);
};

TEST(ObjectPtr, CountsItsOwners) {
  ObjectPtr<IntObj> null;
  EXPECT_EQ(null.use_count(), 0);
  EXPECT_FALSE(null.unique());
  EXPECT_FALSE(null);
  EXPECT_TRUE(null == nullptr);
  {
    ObjectPtr<IntObj> first = make_object<IntObj>(1);
    EXPECT_EQ(first.use_count(), 1);
    EXPECT_TRUE(first.unique());
    ObjectPtr<IntObj> second = first;
    EXPECT_EQ(first.use_count(), 2);
    EXPECT_FALSE(first.unique());
    EXPECT_TRUE(first == second);
    EXPECT_TRUE(first != nullptr);
    EXPECT_EQ(IntObj::live, 1);
    second.reset();
    EXPECT_EQ(first.use_count(), 1);
    EXPECT_EQ(second.get(), nullptr);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(ObjectPtr, MoveLeavesNull) {
  ObjectPtr<IntObj> source = make_object<IntObj>(1);
  IntObj* raw = source.get();
  ObjectPtr<NumberObj> moved = std::move(source);
  EXPECT_EQ(source.get(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.get(), raw);
  EXPECT_EQ(moved.use_count(), 1);
  ObjectPtr<Object> assigned;
  assigned = std::move(moved);
  EXPECT_EQ(moved.get(), nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(assigned.use_count(), 1);
}

TEST(ObjectPtr, AssignmentReleasesWhatItHeld) {
  ObjectPtr<IntObj> a = make_object<IntObj>(1);
  ObjectPtr<IntObj> b = make_object<IntObj>(2);
  EXPECT_EQ(IntObj::live, 2);
  ObjectPtr<NumberObj> number = a;
  number = b;
  EXPECT_EQ(a.use_count(), 1);
  a = b;
  EXPECT_EQ(IntObj::live, 1);
  EXPECT_EQ(b.use_count(), 3);
  ObjectPtr<IntObj>& self = a;
  a = self;
  a = std::move(self);
  EXPECT_EQ(a->value, 2);
  a.swap(b);
  EXPECT_EQ((*a).value, 2);
  a = nullptr;
  EXPECT_EQ(b.use_count(), 2);
}

TEST(ObjectPtr, ResetInsideADestructorSeesNull) {
  ObjectPtr<LinkObj> head = make_object<LinkObj>();
  head->next = make_object<LinkObj>();
  head->others.push_back(make_arc<LinkObj>());
  ObjectPtr<LinkObj> tail = head->next;
  head.reset();
  EXPECT_TRUE(tail.unique());
}

TEST(Arc, IsNullOnlyAfterAMove) {
  Arc<IntObj> arc = make_arc<IntObj>(5);
  EXPECT_EQ(arc->value, 5);
  EXPECT_EQ(arc.use_count(), 1);
  Arc<NumberObj> base = arc;
  EXPECT_EQ(arc.use_count(), 2);
  ObjectPtr<Object> pointer = arc;
  EXPECT_EQ(arc.use_count(), 3);
  Arc<NumberObj> moved = std::move(arc);
  EXPECT_EQ(arc, nullptr);  // NOLINT(bugprone-use-after-move)
  base = moved;
  base = make_arc<IntObj>(6);
  EXPECT_EQ(moved.use_count(), 2);
  EXPECT_TRUE(Arc<IntObj>(UnsafeInit{}) == nullptr);
}

TEST(ObjectPtr, IsCountedAcrossThreads) {
  ObjectPtr<IntObj> shared = make_object<IntObj>(1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&shared] {
      for (int i = 0; i < 2000; ++i) {
        ObjectPtr<IntObj> copy = shared;
        ObjectPtr<NumberObj> other = std::move(copy);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_TRUE(shared.unique());
}

TEST(ObjectPtr, NullDeleterMeansNeverReclaimed) {
  TVMFFIObject header{};
  header.combined_ref_count = tvm::ffi::detail::kCombinedRefCountBothOne;
  header.type_index = kTVMFFIObject;
  ObjectPtr<Object> object = ObjectUnsafe::ObjectPtrFromOwned<Object>(&header);
  object.reset();
  EXPECT_EQ(header.combined_ref_count, tvm::ffi::detail::kCombinedRefCountWeakOne);
}

TEST(ObjectUnsafe, MovesAndBorrowsHandles) {
  ObjectPtr<IntObj> object = make_object<IntObj>(5);
  TVMFFIObject* header = ObjectUnsafe::GetHeader(object.get());
  EXPECT_EQ(ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr(object), header);
  ObjectPtr<IntObj> second = ObjectUnsafe::ObjectPtrFromUnowned<IntObj>(header);
  EXPECT_EQ(object.use_count(), 2);
  EXPECT_EQ(ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(second)), header);
  EXPECT_EQ(object.use_count(), 2);
  second = ObjectUnsafe::ObjectPtrFromOwned<IntObj>(header);
  EXPECT_EQ(object.use_count(), 2);
  ObjectUnsafe::IncRefObjectHandle(header);
  EXPECT_EQ(object.use_count(), 3);
  ObjectUnsafe::DecRefObjectHandle(header);
  ObjectUnsafe::IncRefObjectHandle(nullptr);
  ObjectUnsafe::DecRefObjectHandle(nullptr);
  EXPECT_EQ(object.use_count(), 2);
  EXPECT_EQ(ObjectUnsafe::RawObjectPtrFromUnowned<IntObj>(header), object.get());
  Arc<IntObj> arc = ObjectUnsafe::ArcFromObjectPtr(std::move(second));
  EXPECT_EQ(arc.get(), object.get());
}

TEST(ObjectPtrInAny, NullIsNone) {
  Any any = ObjectPtr<IntObj>(nullptr);
  EXPECT_EQ(any.type_index(), kTVMFFINone);
  EXPECT_EQ(any.cast<ObjectPtr<IntObj>>(), nullptr);
  EXPECT_FALSE(any.try_cast<Arc<IntObj>>().has_value());
  EXPECT_EQ(number::ErrorOf([&] { any.cast<Arc<IntObj>>(); }),
            "TypeError: Cannot convert from type `None` to `test.number.Int`");
  EXPECT_EQ(Any(Arc<IntObj>(UnsafeInit{})).type_index(), kTVMFFINone);
}

TEST(ObjectPtrInAny, RoundTripsByIdentity) {
  ObjectPtr<IntObj> object = make_object<IntObj>(5);
  Any any = object;
  EXPECT_EQ(any.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_EQ(object.use_count(), 2);
  EXPECT_EQ(any.cast<ObjectPtr<NumberObj>>(), object);
  EXPECT_EQ(any.cast<Arc<IntObj>>(), object);
  EXPECT_FALSE(any.try_cast<ObjectPtr<number::FloatObj>>().has_value());
  EXPECT_EQ(object.use_count(), 2);
  ObjectPtr<IntObj> moved = std::move(any).cast<ObjectPtr<IntObj>>();
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(object.use_count(), 2);
}

TEST(ObjectPtrInAny, RawPointersTakeAReference) {
  ObjectPtr<IntObj> object = make_object<IntObj>(5);
  Any any = object.get();
  EXPECT_EQ(object.use_count(), 2);
  any = const_cast<const IntObj*>(object.get());
  EXPECT_EQ(object.use_count(), 2);
  EXPECT_EQ(any.cast<const IntObj*>(), object.get());
  EXPECT_EQ(any.cast<IntObj*>(), object.get());  // IntObj is mutable
  EXPECT_EQ(any.as<NumberObj>(), object.get());
  EXPECT_EQ(std::move(any).as_or_throw<const IntObj*>(), object.get());
  EXPECT_EQ(any.type_index(), IntObj::RuntimeTypeIndex());  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(Any(nullptr).try_cast<const IntObj*>().has_value());
  EXPECT_EQ(Any(static_cast<IntObj*>(nullptr)).type_index(), kTVMFFINone);
}

}  // namespace object_ptr_test
