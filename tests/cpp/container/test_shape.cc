// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/shape.h>

#include <gtest/gtest.h>

#include <sstream>
#include <type_traits>
#include <vector>

#include "../number_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

std::vector<int64_t> Contents(ShapeView shape) { return {shape.begin(), shape.end()}; }

TEST(ShapeView, Reads) {
  static_assert(std::is_trivially_copyable_v<ShapeView>);
  int64_t numbers[] = {2, 3, 4};
  ShapeView view(numbers, 3);
  EXPECT_EQ(view.data(), numbers);
  EXPECT_EQ(view.size(), 3U);
  EXPECT_EQ(view.Product(), 24);
  EXPECT_EQ(view[1], 3);
  EXPECT_EQ(view.at(2), 4);
  EXPECT_EQ(view.front(), 2);
  EXPECT_EQ(view.back(), 4);
  ShapeView empty;
  EXPECT_TRUE(empty.empty());
  EXPECT_EQ(empty.Product(), 1);
  EXPECT_EQ(ErrorOf([&] { view.at(3); }), "IndexError: indexing 3 on a Shape of size 3");
  EXPECT_EQ(ErrorOf([&] { empty.front(); }), "IndexError: indexing 0 on a Shape of size 0");
  EXPECT_NE(ErrorOf([&] { empty.back(); }), "");
}

TEST(Shape, IsMadeOfEverything) {
  std::vector<int64_t> expected{1, 2, 3};
  std::vector<int32_t> narrow{1, 2, 3};
  EXPECT_EQ(Contents(Shape{1, 2, 3}), expected);
  EXPECT_EQ(Contents(Shape({1, 2, 3})), expected);
  EXPECT_EQ(Contents(Shape(expected)), expected);
  EXPECT_EQ(Contents(Shape(narrow.begin(), narrow.end())), expected);
  EXPECT_EQ(Contents(Shape(Array<int64_t>{1, 2, 3})), expected);
  EXPECT_EQ(Contents(Shape(ShapeView(expected.data(), 3))), expected);
  Shape implicit = Array<int64_t>{4};
  EXPECT_EQ(Contents(implicit), (std::vector<int64_t>{4}));
  EXPECT_TRUE(Shape().empty());
  EXPECT_TRUE(Shape().defined());
  EXPECT_EQ(Shape().Product(), 1);
  auto size_of = [](ShapeView view) { return view.size(); };
  EXPECT_EQ(size_of({1, 2}), 2U);
  EXPECT_EQ(size_of(Shape({1, 2, 3})), 3U);
}

TEST(Shape, TakesAVectorOver) {
  std::vector<int64_t> numbers{1, 2, 3};
  const int64_t* data = numbers.data();
  EXPECT_EQ(Shape(std::move(numbers)).data(), data);
}

TEST(Shape, Reads) {
  Shape shape{2, 3};
  EXPECT_EQ(shape.front(), 2);
  EXPECT_EQ(shape.back(), 3);
  EXPECT_EQ(shape[1], 3);
  EXPECT_EQ(shape.Product(), 6);
  EXPECT_EQ(shape->Product(), 6);
  EXPECT_EQ(ErrorOf([&] { shape.at(2); }), "IndexError: indexing 2 on a Shape of size 2");
  EXPECT_EQ(shape.get(), shape.operator->());
}

TEST(Shape, Strides) {
  EXPECT_EQ(Contents(Shape::StridesFromShape({1, 2, 3})), (std::vector<int64_t>{6, 3, 1}));
  EXPECT_EQ(Contents(Shape::StridesFromShape({4, 0, 3})), (std::vector<int64_t>{0, 3, 1}));
  EXPECT_TRUE(Shape::StridesFromShape(ShapeView()).empty());
}

TEST(Shape, Prints) {
  std::ostringstream os;
  os << Shape{1, 2, 3} << Shape{} << Shape{4};
  EXPECT_EQ(os.str(), "[1, 2, 3][][4]");
  EXPECT_EQ(ErrorOf([] {
              TVM_FFI_THROW(ValueError) << "bad " << Shape{1, 2};
            }),
            "ValueError: bad [1, 2]");
}

TEST(Shape, ConvertsFromSequencesOfInts) {
  Any shape = Shape{1, 2};
  EXPECT_EQ(shape.type_index(), TypeIndex::kTVMFFIShape);
  EXPECT_TRUE(shape.cast<Shape>().same_as(shape.as<Shape>().value()));
  EXPECT_EQ(Contents(Any(Array<Any>{1, 2}).cast<Shape>()), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Contents(Any(List<Any>{3, true}).cast<Shape>()), (std::vector<int64_t>{3, 1}));
  EXPECT_FALSE(Any(Array<Any>{1}).as<Shape>().has_value());
  EXPECT_FALSE(Any(Array<Any>{"x"}).try_cast<Shape>().has_value());
  EXPECT_FALSE(Any(nullptr).try_cast<Shape>().has_value());
  EXPECT_EQ(TypeTraits<Shape>::TypeSchema(), R"({"type":"ffi.Shape"})");
  EXPECT_EQ(TypeTraits<Shape>::TypeStr(), "ffi.Shape");
  EXPECT_EQ(TypeTraits<Shape>::field_static_type_index, TypeIndex::kTVMFFIShape);
}

}  // namespace
