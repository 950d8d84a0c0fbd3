// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/error.h>

#include <cstdint>
#include <memory>
#include <string>

#include "number_object.h"

namespace {

using number::ErrorOf;

TEST(Check, NamesTheCondition) {
  EXPECT_NO_THROW(TVM_FFI_CHECK(1 + 1 == 2, ValueError) << "never");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_CHECK(1 + 1 == 3, ValueError) << "sum " << 2; }),
            "ValueError: Check failed: (1 + 1 == 3) is false: sum 2");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK(false); }),
            "InternalError: Check failed: (false) is false: ");
}

TEST(Check, ShowsBothOperands) {
  int two = 2;
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_GT(two, 3, ValueError) << "small"; }),
            "ValueError: Check failed: two > 3 (2 vs. 3) : small");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_LT(3, two, ValueError); }),
            "ValueError: Check failed: 3 < two (3 vs. 2) : ");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_LE(3, two, ValueError); }),
            "ValueError: Check failed: 3 <= two (3 vs. 2) : ");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_GE(two, 3, ValueError); }),
            "ValueError: Check failed: two >= 3 (2 vs. 3) : ");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_EQ(two, 3, ValueError); }),
            "ValueError: Check failed: two == 3 (2 vs. 3) : ");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_NE(two, 2, ValueError); }),
            "ValueError: Check failed: two != 2 (2 vs. 2) : ");
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_CHECK_EQ(std::string("a"), "b", TypeError); }),
            "TypeError: Check failed: std::string(\"a\") == \"b\" (a vs. b) : ");
  EXPECT_EQ(ErrorOf([&] {
              TVM_FFI_CHECK_GE(two, 2, ValueError);
              TVM_FFI_CHECK_LE(two, 2, ValueError);
              TVM_FFI_CHECK_EQ(two, 2, ValueError);
              TVM_FFI_CHECK_NE(two, 3, ValueError);
              TVM_FFI_CHECK_LT(two, 3, ValueError);
              TVM_FFI_CHECK_GT(two, 1, ValueError);
            }),
            "");
}

TEST(Check, InternalFormsRaiseInternalError) {
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_GT(2, 3) << "tail"; }),
            "InternalError: Check failed: 2 > 3 (2 vs. 3) : tail");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_LT(3, 2); }).substr(0, 14), "InternalError:");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_LE(3, 2); }).substr(0, 14), "InternalError:");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_GE(2, 3); }).substr(0, 14), "InternalError:");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_EQ(2, 3); }).substr(0, 14), "InternalError:");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_ICHECK_NE(2, 2); }).substr(0, 14), "InternalError:");
}

TEST(Check, MixedSignsCompareWithoutWarning) {
  int minus = -1;
  size_t size = 3;
  // As the language compares them: -1 is the largest unsigned value.
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_ICHECK_LT(minus, size); }),
            "InternalError: Check failed: minus < size (-1 vs. 3) : ");
  EXPECT_NO_THROW(TVM_FFI_ICHECK_EQ(3, size));
}

TEST(Check, EvaluatesOperandsOnce) {
  int calls = 0;
  auto next = [&calls] { return ++calls; };
  TVM_FFI_ICHECK_EQ(next(), 1);
  TVM_FFI_ICHECK(next() == 2);
  EXPECT_EQ(ErrorOf([&] { TVM_FFI_ICHECK_EQ(next(), 0); }),
            "InternalError: Check failed: next() == 0 (3 vs. 0) : ");
  EXPECT_EQ(calls, 3);
}

TEST(Check, StreamsOnlyOnFailure) {
  int calls = 0;
  auto text = [&calls] {
    ++calls;
    return "text";
  };
  TVM_FFI_ICHECK(true) << text();
  TVM_FFI_ICHECK_EQ(1, 1) << text();
  EXPECT_EQ(calls, 0);
}

// An unbraced check inside an if leaves the else to that if.
int Classify(int value) {
  if (value >= 0)
    TVM_FFI_CHECK(value < 10, ValueError) << "too large";
  else
    return -1;
  if (value > 4)
    TVM_FFI_CHECK_NE(value, 7, ValueError);
  else
    return 0;
  return 1;
}

TEST(Check, DoesNotCaptureTheElseOfItsCaller) {
  EXPECT_EQ(Classify(-5), -1);
  EXPECT_EQ(Classify(3), 0);
  EXPECT_EQ(Classify(8), 1);
  EXPECT_NE(ErrorOf([] { Classify(7); }), "");
  EXPECT_NE(ErrorOf([] { Classify(70); }), "");
}

TEST(Check, NotNullGivesThePointer) {
  int value = 5;
  int* pointer = &value;
  EXPECT_EQ(*TVM_FFI_CHECK_NOTNULL(pointer, ValueError), 5);
  EXPECT_EQ(&TVM_FFI_ICHECK_NOTNULL(pointer), &pointer);  // an l-value stays one
  auto owner = TVM_FFI_ICHECK_NOTNULL(std::make_unique<int>(6));
  EXPECT_EQ(*owner, 6);
  pointer = nullptr;
  EXPECT_EQ(ErrorOf([&] { static_cast<void>(TVM_FFI_CHECK_NOTNULL(pointer, ValueError)); }),
            "ValueError: Check not null: pointer ");
  EXPECT_EQ(ErrorOf([&] { static_cast<void>(TVM_FFI_ICHECK_NOTNULL(pointer)); }),
            "InternalError: Check not null: pointer ");
  int calls = 0;
  auto next = [&] {
    ++calls;
    return &value;
  };
  EXPECT_EQ(TVM_FFI_ICHECK_NOTNULL(next()), &value);
  EXPECT_EQ(calls, 1);
}

int* RequirePointer(int* pointer) { return TVM_FFI_ICHECK_NOTNULL(pointer); }

TEST(Check, NotNullNamesTheFunctionItIsIn) {
  try {
    RequirePointer(nullptr);
    FAIL();
  } catch (const tvm::ffi::Error& error) {
    std::string first = error.backtrace().substr(0, error.backtrace().find('\n'));
    EXPECT_NE(first.find("RequirePointer"), std::string::npos) << first;
    EXPECT_EQ(first.find("lambda"), std::string::npos) << first;
  }
}

TEST(Check, DebugFormsFollowTheBuild) {
  int calls = 0;
  auto fail = [&calls] {
    ++calls;
    return false;
  };
  std::string error = ErrorOf([&] { TVM_FFI_DCHECK(fail()) << "tail"; });
  std::string binary = ErrorOf([&] {
    TVM_FFI_DCHECK_EQ(fail(), true);
    TVM_FFI_DCHECK_NE(calls, calls);
    TVM_FFI_DCHECK_LT(calls, 0);
    TVM_FFI_DCHECK_GT(0, calls);
    TVM_FFI_DCHECK_LE(calls, -1);
    TVM_FFI_DCHECK_GE(-1, calls);
  });
#ifdef NDEBUG
  EXPECT_EQ(calls, 0);
  EXPECT_EQ(error, "");
  EXPECT_EQ(binary, "");
#else
  EXPECT_EQ(calls, 2);
  EXPECT_EQ(error, "InternalError: Check failed: (fail()) is false: tail");
  EXPECT_EQ(binary, "InternalError: Check failed: fail() == true (0 vs. 1) : ");
#endif
  int* pointer = &calls;
  EXPECT_EQ(TVM_FFI_DCHECK_NOTNULL(pointer), &calls);
}

}  // namespace
