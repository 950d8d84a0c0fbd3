// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/expected.h>

#include <iomanip>
#include <ostream>
#include <string>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace {

using number::Int;
using tvm::ffi::Any;
using tvm::ffi::Error;
using tvm::ffi::Expected;
using tvm::ffi::Unexpected;

template <typename T>
std::string TextOf(const Expected<T>& result) {
  return result.is_ok() ? "ok" : result.error().kind() + ": " + result.error().message();
}

Expected<int> Fails(int x) { return TVM_FFI_UNEXPECTED(ValueError) << "bad " << x; }

TEST(UnexpectedMacro, MakesAnErrorOfTheStreamedText) {
  EXPECT_EQ(TextOf(Fails(3)), "ValueError: bad 3");
}

TEST(UnexpectedMacro, TheBacktraceIsItsOwnLine) {
  const Error error = Fails(1).error();
  const std::string trace = error.backtrace();
  EXPECT_EQ(trace.find("  File \""), 0u);
  EXPECT_NE(trace.find("test_expected_check.cc\", line "), std::string::npos);
  EXPECT_NE(trace.find(", in "), std::string::npos);
  EXPECT_NE(trace.find("Fails(int)"), std::string::npos);
  EXPECT_EQ(trace.find('\n'), trace.size() - 1);
}

TEST(UnexpectedMacro, ConvertsToEveryExpected) {
  Expected<void> nothing = TVM_FFI_UNEXPECTED(ValueError);
  EXPECT_EQ(TextOf(nothing), "ValueError: ");
  Expected<Any> any = TVM_FFI_UNEXPECTED(KeyError) << "k";
  EXPECT_EQ(TextOf(any), "KeyError: k");
  Expected<Int> object = TVM_FFI_UNEXPECTED(KeyError) << "o";
  EXPECT_EQ(TextOf(object), "KeyError: o");
  Unexpected<Error> unexpected = TVM_FFI_UNEXPECTED(TypeError) << "u";
  EXPECT_EQ(unexpected.error().message(), "u");
}

TEST(UnexpectedMacro, IsUsedUpByConverting) {
  using Builder = tvm::ffi::detail::UnexpectedBuilder;
  EXPECT_TRUE((std::is_convertible_v<Builder&&, Expected<int>>));
  EXPECT_FALSE((std::is_convertible_v<Builder&, Expected<int>>));
  EXPECT_TRUE((std::is_convertible_v<Builder&&, Unexpected<Error>>));
  EXPECT_FALSE((std::is_convertible_v<Builder&, Unexpected<Error>>));
}

TEST(UnexpectedMacro, TakesManipulators) {
  Expected<void> result = TVM_FFI_UNEXPECTED(ValueError)
                          << std::hex << 255 << std::setw(4) << 1 << std::endl;
  EXPECT_EQ(TextOf(result), "ValueError: ff   1\n");
}

Expected<int> CheckAll(int x, int y) {
  TVM_FFI_RET_CHECK(x != 0, ValueError) << "zero";
  TVM_FFI_RET_CHECK_GT(x, 0, ValueError) << "negative";
  TVM_FFI_RET_CHECK_LT(x, 100, ValueError);
  TVM_FFI_RET_CHECK_NE(x, 13, KeyError);
  TVM_FFI_RET_CHECK_LE(x, y, IndexError) << "order";
  TVM_FFI_RET_CHECK_GE(x + 50, y, IndexError);
  TVM_FFI_RET_CHECK_EQ(x % 2, 0, TypeError) << "odd " << x;
  return x + y;
}

TEST(RetCheck, ReturnsTheFirstFailure) {
  EXPECT_EQ(CheckAll(2, 3).value(), 5);
  EXPECT_EQ(TextOf(CheckAll(0, 0)), "ValueError: Check failed: (x != 0) is false: zero");
  EXPECT_EQ(TextOf(CheckAll(-1, 0)), "ValueError: Check failed: x > 0 (-1 vs. 0) : negative");
  EXPECT_EQ(TextOf(CheckAll(100, 0)), "ValueError: Check failed: x < 100 (100 vs. 100) : ");
  EXPECT_EQ(TextOf(CheckAll(13, 0)), "KeyError: Check failed: x != 13 (13 vs. 13) : ");
  EXPECT_EQ(TextOf(CheckAll(4, 3)), "IndexError: Check failed: x <= y (4 vs. 3) : order");
  EXPECT_EQ(TextOf(CheckAll(4, 99)), "IndexError: Check failed: x + 50 >= y (54 vs. 99) : ");
  EXPECT_EQ(TextOf(CheckAll(5, 6)), "TypeError: Check failed: x % 2 == 0 (1 vs. 0) : odd 5");
}

Expected<void> ICheckAll(int x, int y) {
  TVM_FFI_RET_ICHECK(x >= 0);
  TVM_FFI_RET_ICHECK_LT(x, y);
  TVM_FFI_RET_ICHECK_GT(y, x);
  TVM_FFI_RET_ICHECK_LE(x, y);
  TVM_FFI_RET_ICHECK_GE(y, x);
  TVM_FFI_RET_ICHECK_NE(x, y);
  TVM_FFI_RET_ICHECK_EQ(x + 1, y) << "next";
  return {};
}

TEST(RetICheck, IsAnInternalError) {
  EXPECT_EQ(TextOf(ICheckAll(1, 2)), "ok");
  EXPECT_EQ(TextOf(ICheckAll(-1, 2)), "InternalError: Check failed: (x >= 0) is false: ");
  EXPECT_EQ(TextOf(ICheckAll(2, 2)), "InternalError: Check failed: x < y (2 vs. 2) : ");
  EXPECT_EQ(TextOf(ICheckAll(1, 3)), "InternalError: Check failed: x + 1 == y (2 vs. 3) : next");
}

TEST(RetCheck, EvaluatesOperandsOnceAndTextOnlyOnFailure) {
  int num_operands = 0, num_texts = 0;
  auto operand = [&] { return ++num_operands; };
  auto text = [&] { return ++num_texts; };
  auto check = [&](int least) -> Expected<void> {
    TVM_FFI_RET_CHECK_GE(operand(), least, ValueError) << text();
    return {};
  };
  EXPECT_TRUE(check(1).is_ok());
  EXPECT_EQ(num_operands, 1);
  EXPECT_EQ(num_texts, 0);
  EXPECT_TRUE(check(5).is_err());
  EXPECT_EQ(num_operands, 2);
  EXPECT_EQ(num_texts, 1);
}

// The `else` belongs to the `if` it is written under.
Expected<int> Unbraced(bool check, int x) {
  if (check)
    TVM_FFI_RET_CHECK_GT(x, 0, ValueError);
  else
    return -1;
  return x;
}

TEST(RetCheck, LeavesTheElseToTheCaller) {
  EXPECT_EQ(Unbraced(false, 0).value(), -1);
  EXPECT_EQ(Unbraced(true, 2).value(), 2);
  EXPECT_TRUE(Unbraced(true, 0).is_err());
}

}  // namespace
