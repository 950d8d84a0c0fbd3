// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/cast.h>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using number::IntObj;
using number::Number;
using number::NumberObj;
using tvm::ffi::GetObjectPtr;
using tvm::ffi::GetRef;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;

TEST(GetRef, AddsAReference) {
  Int number(5);
  const IntObj* object = number.get();
  EXPECT_TRUE(GetRef<Int>(object).same_as(number));
  Number base = GetRef<Number>(object);
  EXPECT_EQ(number.use_count(), 2);
  EXPECT_TRUE(GetRef<ObjectRef>(number.get()).same_as(number));
}

TEST(GetRef, NullNeedsAPlaceForIt) {
  const IntObj* null = nullptr;
  EXPECT_FALSE(GetRef<Number>(null).defined());
  EXPECT_EQ(ErrorOf([&] { GetRef<Int>(null); }), "InternalError: Check not null: ptr ");
  EXPECT_FALSE(GetRef<Optional<Int>>(null).has_value());
}

TEST(GetRef, MakesAnOptional) {
  Int number(5);
  Optional<Number> optional = GetRef<Optional<Number>>(number.get());
  EXPECT_TRUE(optional.same_as(number));
  EXPECT_EQ(number.use_count(), 2);
}

TEST(GetObjectPtr, AddsAReference) {
  Int number(5);
  ObjectPtr<NumberObj> pointer = GetObjectPtr<NumberObj>(number.get());
  EXPECT_EQ(number.use_count(), 2);
  EXPECT_EQ(pointer.get(), number.get());
  EXPECT_EQ(GetObjectPtr<NumberObj>(static_cast<IntObj*>(nullptr)), nullptr);
}

}  // namespace
