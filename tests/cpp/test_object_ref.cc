// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/cast.h>
#include <tvm/ffi/object.h>

#include <optional>
#include <string>
#include <type_traits>
#include <unordered_map>
#include <unordered_set>
#include <utility>

#include "number_object.h"

namespace object_ref_test {

using number::ErrorOf;
using number::Float;
using number::Int;
using number::IntObj;
using number::Number;
using number::NumberObj;
using tvm::ffi::Any;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;
using tvm::ffi::UnsafeInit;
using tvm::ffi::detail::ObjectUnsafe;

// An Int above zero: not every IntObj is one.
class PositiveInt : public Int {
 public:
  explicit PositiveInt(int64_t value) : Int(value) {}
  static constexpr bool _type_container_is_exact = false;
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(PositiveInt, Int, IntObj);
};

// Everything an IntObj can be, by word of mouth.
class TrustedInt : public Int {
 public:
  static constexpr bool _type_container_is_exact = false;
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TrustedInt, Int, IntObj);
};

// Nullable again below a parent that is not.
class MaybeInt : public Int {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(MaybeInt, Int, IntObj);
};

}  // namespace object_ref_test

namespace tvm {
namespace ffi {

template <>
inline constexpr bool use_default_type_traits_v<object_ref_test::PositiveInt> = false;
template <>
inline constexpr bool object_ref_contains_v<object_ref_test::TrustedInt, number::IntObj> = true;

template <>
struct TypeTraits<object_ref_test::PositiveInt>
    : public ObjectRefWithFallbackTraitsBase<object_ref_test::PositiveInt, int64_t> {
  using Base = ObjectRefTypeTraitsBase<object_ref_test::PositiveInt>;
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return Base::CheckAnyStrict(src) && Base::CopyFromAnyViewAfterCheck(src)->value > 0;
  }
  static object_ref_test::PositiveInt ConvertFallbackValue(int64_t value) {
    return object_ref_test::PositiveInt(value);
  }
};

}  // namespace ffi
}  // namespace tvm

namespace object_ref_test {

static_assert(sizeof(ObjectRef) == sizeof(void*) && sizeof(Int) == sizeof(void*), "one pointer");
static_assert(std::is_default_constructible_v<Number> && !std::is_default_constructible_v<Int>, "");
static_assert(std::is_constructible_v<Number, ObjectPtr<NumberObj>> &&
                  !std::is_convertible_v<ObjectPtr<NumberObj>, Number> &&
                  !std::is_constructible_v<Int, ObjectPtr<IntObj>>,
              "");
static_assert(std::is_same_v<decltype(std::declval<Int>().get()), IntObj*>, "IntObj is mutable");
static_assert(std::is_same_v<decltype(std::declval<Number>().get()), const NumberObj*>, "");
static_assert(Number::_type_is_nullable && !Int::_type_is_nullable && MaybeInt::_type_is_nullable,
              "");
static_assert(std::is_nothrow_move_constructible_v<Int>, "");

template <typename Ref, typename Obj, typename = void>
constexpr bool kHasContains = false;
template <typename Ref, typename Obj>
constexpr bool
    kHasContains<Ref, Obj, std::void_t<decltype(tvm::ffi::object_ref_contains_v<Ref, Obj>)>> = true;
static_assert(kHasContains<Number, IntObj> && !kHasContains<int, IntObj>, "");
static_assert(!kHasContains<IntObj, IntObj> && !kHasContains<Int, int>, "");
static_assert(!kHasContains<Optional<Int>, IntObj>, "an Optional is no reference");
static_assert(tvm::ffi::object_ref_contains_v<Number, IntObj> &&
                  !tvm::ffi::object_ref_contains_v<Int, NumberObj> &&
                  !tvm::ffi::object_ref_contains_v<PositiveInt, IntObj> &&
                  tvm::ffi::object_ref_contains_v<TrustedInt, IntObj>,
              "");

TEST(ObjectRef, NullHasNoType) {
  ObjectRef null(nullptr);
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(null.get(), nullptr);
  EXPECT_EQ(null.type_index(), kTVMFFINone);
  EXPECT_EQ(null.GetTypeKey(), "None");
  EXPECT_EQ(null.use_count(), 0);
  EXPECT_FALSE(null.unique());
  EXPECT_EQ(ObjectRef(UnsafeInit{}), null);
  EXPECT_FALSE(Int(UnsafeInit{}).defined());
}

TEST(ObjectRef, ComparesByIdentity) {
  Int a(1);
  Int b(1);
  ObjectRef alias = a;
  EXPECT_TRUE(a == alias && a.same_as(alias));
  EXPECT_TRUE(a != b && !a.same_as(b));
  EXPECT_EQ(a < b, a.get() < b.get());
  EXPECT_EQ(a.use_count(), 2);
  EXPECT_EQ(a.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_EQ(alias.GetTypeKey(), "test.number.Int");
  EXPECT_EQ(static_cast<const IntObj*>(alias.operator->())->value, 1);
}

TEST(ObjectRef, MoveLeavesNull) {
  Int a(1);
  Int moved = std::move(a);
  EXPECT_FALSE(a.defined());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(moved.unique());
  a = std::move(moved);
  EXPECT_FALSE(moved.defined());  // NOLINT(bugprone-use-after-move)
  a->value = 3;
  EXPECT_EQ(a->value, 3);
}

TEST(ObjectRef, AsObjectGivesAPointerOrNull) {
  ObjectRef ref = Int(1);
  EXPECT_EQ(ref.as<IntObj>()->value, 1);
  EXPECT_EQ(ref.as<NumberObj>(), ref.get());
  EXPECT_EQ(ref.as<number::FloatObj>(), nullptr);
  EXPECT_EQ(ObjectRef().as<Object>(), nullptr);
}

TEST(ObjectRef, AsRefTellsNullFromMismatch) {
  ObjectRef ref = Int(1);
  std::optional<Number> number = ref.as<Number>();
  ASSERT_TRUE(number.has_value());
  EXPECT_TRUE(number->same_as(ref));
  EXPECT_FALSE(ref.as<Float>().has_value());
  ObjectRef null;
  ASSERT_TRUE(null.as<Number>().has_value());
  EXPECT_FALSE(null.as<Number>()->defined());
  EXPECT_FALSE(null.as<Int>().has_value());
}

TEST(ObjectRef, AsOnAnRValueMovesOnSuccessOnly) {
  ObjectRef ref = Int(1);
  EXPECT_FALSE(std::move(ref).as<Float>().has_value());
  ASSERT_TRUE(ref.defined());  // NOLINT(bugprone-use-after-move)
  std::optional<Int> integer = std::move(ref).as<Int>();
  EXPECT_FALSE(ref.defined());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(integer->unique());
}

TEST(ObjectRef, AsOrThrowNamesBothTypes) {
  ObjectRef ref = Int(1);
  EXPECT_EQ(ref.as_or_throw<Int>()->value, 1);
  EXPECT_EQ(ErrorOf([&] { ref.as_or_throw<Float>(); }),
            "TypeError: Cannot treat type `test.number.Int` as type `test.number.Float`");
  EXPECT_EQ(ErrorOf([] { ObjectRef().as_or_throw<Int>(); }),
            "TypeError: Cannot treat type `None` as type `test.number.Int`");
  EXPECT_FALSE(ObjectRef().as_or_throw<Number>().defined());
  EXPECT_NE(ErrorOf([&] { std::move(ref).as_or_throw<Float>(); }), "");
  Int moved = std::move(ref).as_or_throw<Int>();
  EXPECT_FALSE(ref.defined());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(moved.unique());
}

TEST(ObjectRef, HashAndEqualityByIdentity) {
  Int a(1);
  std::unordered_set<ObjectRef, tvm::ffi::ObjectPtrHash, tvm::ffi::ObjectPtrEqual> refs{a, Int(1)};
  EXPECT_EQ(refs.size(), 2u);
  EXPECT_EQ(refs.count(a), 1u);
  EXPECT_EQ(refs.count(Int(1)), 0u);
  ObjectPtr<IntObj> pointer = make_object<IntObj>(2);
  std::unordered_map<ObjectPtr<IntObj>, int, tvm::ffi::ObjectPtrHash, tvm::ffi::ObjectPtrEqual>
      pointers{{pointer, 1}};
  EXPECT_EQ(pointers.count(pointer), 1u);
  EXPECT_EQ(tvm::ffi::ObjectPtrHash()(Optional<Int>(a)), tvm::ffi::ObjectPtrHash()(a));
  EXPECT_TRUE(tvm::ffi::ObjectPtrEqual()(Optional<Int>(a), Optional<Int>(a)));
}

TEST(ObjectRef, StrictCheckOfAClassDrivesEveryWayOfReading) {
  ObjectRef minus = Int(-1);
  ObjectRef one = Int(1);
  EXPECT_FALSE(minus.as<PositiveInt>().has_value());
  EXPECT_TRUE(one.as<PositiveInt>().has_value());
  EXPECT_FALSE(Any(minus).try_cast<PositiveInt>().has_value());
  EXPECT_FALSE(Any(minus).as<PositiveInt>().has_value());
  EXPECT_TRUE(Any(one).cast<PositiveInt>().same_as(one));
  // The conversion from an int is for cast alone.
  EXPECT_EQ(Any(5).cast<PositiveInt>()->value, 5);
  EXPECT_FALSE(Any(5).as<PositiveInt>().has_value());
  EXPECT_EQ(ErrorOf([&] { Any(minus).cast<PositiveInt>(); }),
            "TypeError: Cannot convert from type `test.number.Int` to `test.number.Int`");
}

TEST(ObjectRef, NullableBelowANonNullParent) {
  MaybeInt null;
  EXPECT_FALSE(null.defined());
  EXPECT_EQ(Any(null), nullptr);
  MaybeInt some(make_object<IntObj>(4));
  EXPECT_EQ(some->value, 4);
  Int as_parent = some;
  EXPECT_EQ(as_parent.use_count(), 2);
}

TEST(ObjectUnsafe, ReferencesAndHandles) {
  Int ref(1);
  TVMFFIObject* header = ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(ref);
  EXPECT_EQ(ObjectUnsafe::RawObjectPtrFromObjectRef(ref), ref.get());
  ObjectPtr<IntObj> pointer = ObjectUnsafe::ObjectPtrFromObjectRef<IntObj>(ref);
  EXPECT_EQ(ref.use_count(), 2);
  pointer = ObjectUnsafe::ObjectPtrFromObjectRef<IntObj>(std::move(ref));
  EXPECT_FALSE(ref.defined());  // NOLINT(bugprone-use-after-move)
  EXPECT_TRUE(pointer.unique());
  ref = ObjectUnsafe::ObjectRefFromObjectPtr<Int>(pointer);
  EXPECT_EQ(ref.use_count(), 2);
  ref = ObjectUnsafe::ObjectRefFromObjectPtr<Int>(std::move(pointer));
  EXPECT_TRUE(ref.unique());
  EXPECT_EQ(ObjectUnsafe::MoveObjectRefToTVMFFIObjectPtr(std::move(ref)), header);
  ObjectUnsafe::DecRefObjectHandle(header);
  EXPECT_EQ(IntObj::live, 0);
}

}  // namespace object_ref_test
