// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>

#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Float;
using number::Int;
using number::IntObj;
using number::Number;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::String;

static_assert(sizeof(AnyView) == sizeof(TVMFFIAny) && alignof(AnyView) == alignof(TVMFFIAny), "");
static_assert(std::is_trivially_copyable_v<AnyView> && std::is_standard_layout_v<AnyView>,
              "passed in two registers");

TEST(AnyView, BorrowsWithoutCounting) {
  Int number(5);
  AnyView view = number;
  AnyView copy = view;
  EXPECT_TRUE(number.unique());
  EXPECT_EQ(view.as<IntObj>(), number.get());
  EXPECT_TRUE(copy.same_as(view));
  EXPECT_FALSE(copy.same_as(AnyView(1)));
  Number taken = view.cast<Number>();
  EXPECT_EQ(number.use_count(), 2);
  view = 3;
  EXPECT_EQ(view.cast<int>(), 3);
  view.swap(copy);
  EXPECT_EQ(copy.cast<int>(), 3);
  view.reset();
  EXPECT_EQ(view, nullptr);
  EXPECT_EQ(number.use_count(), 2);
}

TEST(AnyView, DefaultIsNone) {
  AnyView view;
  EXPECT_EQ(view, nullptr);
  EXPECT_EQ(view.GetTypeKey(), "None");
  EXPECT_FALSE(view != nullptr);
  TVMFFIAny cell = view.CopyToTVMFFIAny();
  EXPECT_EQ(cell.v_uint64, 0u);
  EXPECT_EQ(cell.zero_padding, 0u);
}

TEST(AnyView, ReadsStrictlyOrLeniently) {
  AnyView view = 1;
  EXPECT_EQ(view.as<bool>(), std::nullopt);
  EXPECT_EQ(view.try_cast<bool>(), true);
  EXPECT_EQ(view.cast<double>(), 1.0);
  EXPECT_EQ(view.as_or_throw<int>(), 1);
  EXPECT_EQ(ErrorOf([&] { view.as_or_throw<double>(); }),
            "TypeError: Cannot treat type `int` as type `float`");
  EXPECT_EQ(ErrorOf([&] { view.cast<Int>(); }),
            "TypeError: Cannot convert from type `int` to `test.number.Int`");
  Int number(5);
  view = number;
  EXPECT_EQ(view.as_or_throw<const IntObj*>(), number.get());
  EXPECT_TRUE(view.as<Int>().has_value());
  EXPECT_FALSE(view.as<Float>().has_value());
  EXPECT_EQ(view.as<number::FloatObj>(), nullptr);
}

TEST(AnyView, IsACellOfTheContract) {
  Int number(5);
  TVMFFIAny cells[2] = {AnyView(number).CopyToTVMFFIAny(), AnyView(7).CopyToTVMFFIAny()};
  EXPECT_EQ(reinterpret_cast<const AnyView*>(cells)[1].cast<int>(), 7);
  EXPECT_EQ(AnyView::CopyFromTVMFFIAny(cells[0]).as<IntObj>(), number.get());
  TVMFFIAny result{};
  reinterpret_cast<Any*>(&result)[0] = number;
  EXPECT_EQ(number.use_count(), 2);
  reinterpret_cast<Any*>(&result)->reset();
  EXPECT_TRUE(number.unique());
}

// ---- Making what is borrowed one's own ---------------------------------------------------------

TEST(AnyFromView, ObjectsGainAReference) {
  Int number(5);
  AnyView view = number;
  Any any = view;
  EXPECT_EQ(number.use_count(), 2);
  any = view;
  EXPECT_EQ(number.use_count(), 2);
  AnyView back = any;
  EXPECT_EQ(number.use_count(), 2);
  EXPECT_TRUE(back.same_as(view));
}

TEST(AnyFromView, RawTextIsCopied) {
  char text[] = "short";
  AnyView view = text;
  Any any = view;
  EXPECT_EQ(any.type_index(), kTVMFFISmallStr);
  text[0] = 'S';
  EXPECT_EQ(any.cast<String>(), "short");
  view = "a text that does not fit";
  any = view;
  EXPECT_EQ(any.type_index(), kTVMFFIStr);
}

TEST(AnyFromView, RValueReferencesAreMovedFrom) {
  Int number(5);
  TVMFFIObject* slot =
      tvm::ffi::detail::ObjectUnsafe::MoveObjectRefToTVMFFIObjectPtr(std::move(number));
  TVMFFIAny cell{};
  cell.type_index = kTVMFFIObjectRValueRef;
  cell.v_ptr = &slot;
  AnyView view = AnyView::CopyFromTVMFFIAny(cell);
  Any any = view;
  EXPECT_EQ(slot, nullptr);
  EXPECT_EQ(any.type_index(), IntObj::RuntimeTypeIndex());
  EXPECT_TRUE(std::move(any).cast<Int>().unique());
  EXPECT_NE(ErrorOf([&] { Any again = view; }).find("RValueRef already moved"), std::string::npos);
  EXPECT_EQ(IntObj::live, 0);
}

TEST(AnyFromView, EverythingElseIsCopiedBitForBit) {
  DLTensor tensor{};
  TVMFFIAny cell{};
  cell.type_index = kTVMFFIDLTensorPtr;
  cell.v_ptr = &tensor;
  Any any = AnyView::CopyFromTVMFFIAny(cell);
  EXPECT_EQ(any.type_index(), kTVMFFIDLTensorPtr);
  EXPECT_EQ(tvm::ffi::detail::AnyUnsafe::TVMFFIAnyPtrFromAny(any)->v_ptr, &tensor);
  Any number = AnyView(1.5);
  EXPECT_EQ(number.cast<double>(), 1.5);
}

}  // namespace
