// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic of BigInt: by laws over values on both sides of each word boundary, and against
// int64_t where that does not overflow.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>

#include <cstdint>
#include <sstream>
#include <string>
#include <utility>
#include <vector>

#include "number_object.h"

namespace {

using number::ErrorOf;
using tvm::ffi::BigInt;
namespace int_ops = tvm::ffi::detail::int_ops;

std::string Text(const BigInt& value) {
  std::ostringstream stream;
  stream << value;
  return stream.str();
}

// Around 0, 2^31, 2^32, 2^63, 2^64, 2^96, 2^127, 2^128 and 2^200, of both signs.
std::vector<BigInt> Samples() {
  std::vector<BigInt> samples;
  for (int bits : {0, 31, 32, 63, 64, 96, 127, 128, 200}) {
    for (int offset : {-2, -1, 0, 1, 12345}) {
      samples.push_back((BigInt(1) << bits) + offset);
      samples.push_back(-(BigInt(1) << bits) + offset);
    }
  }
  return samples;
}

TEST(BigIntArithmetic, AdditionAndSubtractionAreInverse) {
  for (const BigInt& a : Samples()) {
    for (const BigInt& b : Samples()) {
      ASSERT_EQ(a + b - b, a);
      ASSERT_EQ(a + b, b + a);
      ASSERT_EQ(-(a - b), b - a);
    }
  }
}

TEST(BigIntArithmetic, MultiplicationDistributesOverAddition) {
  const BigInt c = (BigInt(1) << 70) - 3;
  for (const BigInt& a : Samples()) {
    for (const BigInt& b : Samples()) {
      ASSERT_EQ(a * b, b * a);
      ASSERT_EQ(c * (a + b), c * a + c * b);
      ASSERT_EQ((a + 1) * (b - 1), a * b - a + b - 1);
    }
  }
}

TEST(BigIntArithmetic, TruncatedDivisionLeavesARemainderOfTheDividendsSign) {
  for (const BigInt& a : Samples()) {
    for (const BigInt& b : Samples()) {
      if (b == 0) continue;
      const BigInt rest = a % b;
      ASSERT_EQ(a / b * b + rest, a) << Text(a) << " by " << Text(b);
      ASSERT_TRUE(rest == 0 || (rest < 0) == (a < 0));
      ASSERT_LT(rest < 0 ? -rest : rest, b < 0 ? -b : b);
      ASSERT_EQ(truncdiv(a, b), a / b);
      ASSERT_EQ(truncmod(a, b), rest);
    }
  }
}

TEST(BigIntArithmetic, FloorDivisionLeavesARemainderOfTheDivisorsSign) {
  for (const BigInt& a : Samples()) {
    for (const BigInt& b : Samples()) {
      if (b == 0) continue;
      const BigInt rest = floormod(a, b);
      ASSERT_EQ(floordiv(a, b) * b + rest, a) << Text(a) << " by " << Text(b);
      ASSERT_TRUE(rest == 0 || (rest < 0) == (b < 0));
      ASSERT_LT(rest < 0 ? -rest : rest, b < 0 ? -b : b);
    }
  }
}

// A dividend for which the first estimate of a quotient digit is too large by two.
TEST(BigIntArithmetic, DivisionCorrectsItsEstimates) {
  const BigInt b = (BigInt(0x80000000) << 64) + 1;
  const BigInt a = (BigInt(0x7fffffff) << 128) + (BigInt(1) << 127);
  EXPECT_EQ(a / b * b + a % b, a);
  EXPECT_LT(a % b, b);
  const BigInt c = (BigInt(1) << 192) - 1, d = (BigInt(1) << 96) - 1;
  EXPECT_EQ(c / d, (BigInt(1) << 96) + 1);
  EXPECT_EQ(c % d, 0);
}

TEST(BigIntArithmetic, BitwiseLawsHold) {
  for (const BigInt& a : Samples()) {
    ASSERT_EQ(~a, -a - 1);
    ASSERT_EQ(a & ~a, 0);
    ASSERT_EQ(a | ~a, -1);
    for (const BigInt& b : Samples()) {
      ASSERT_EQ((a & b) + (a | b), a + b);
      ASSERT_EQ(a ^ b, (a | b) - (a & b));
      ASSERT_EQ(~(a & b), ~a | ~b);
    }
  }
}

TEST(BigIntArithmetic, ShiftsMultiplyAndFloor) {
  for (const BigInt& a : Samples()) {
    BigInt power = 1;
    for (int count = 0; count < 140; ++count) {
      ASSERT_EQ(a << count, a * power);
      ASSERT_EQ(a >> count, floordiv(a, power));
      power += power;
    }
    ASSERT_EQ(a >> 100000, a < 0 ? -1 : 0);
    ASSERT_EQ(a >> (BigInt(1) << 100), a < 0 ? -1 : 0);
  }
}

TEST(BigIntArithmetic, ComparisonIsThatOfTheDifference) {
  for (const BigInt& a : Samples()) {
    for (const BigInt& b : Samples()) {
      const BigInt difference = a - b;
      ASSERT_EQ(a < b, difference < 0);
      ASSERT_EQ(a <= b, !(difference > 0));
      ASSERT_EQ(a == b, !difference);
      ASSERT_EQ(a != b, a < b || a > b);
      ASSERT_EQ(a >= b, !(a < b));
      ASSERT_EQ(min(a, b), a < b ? a : b);
      ASSERT_EQ(max(a, b), a < b ? b : a);
    }
  }
}

TEST(BigIntArithmetic, AgreesWithInt64) {
  for (const auto& [a, b] : {std::pair<int64_t, int64_t>{7, 3},
                             {-7, 3},
                             {7, -3},
                             {-7, -3},
                             {0, 5},
                             {INT64_MIN, 1},
                             {INT64_MIN, 7},
                             {INT64_MAX, -1}}) {
    EXPECT_EQ(BigInt(a) / b, a / b);
    EXPECT_EQ(a % BigInt(b), a % b);
    EXPECT_EQ(BigInt(a) & b, a & b);
    EXPECT_EQ(a | BigInt(b), a | b);
    EXPECT_EQ(BigInt(a) ^ BigInt(b), a ^ b);
    EXPECT_EQ(BigInt(a) < b, a < b);
    EXPECT_EQ(a >= BigInt(b), a >= b);
  }
  EXPECT_EQ(floordiv(BigInt(-7), 2), -4);
  EXPECT_EQ(floormod(BigInt(-7), 2), 1);
  EXPECT_EQ(floormod(BigInt(7), -2), -1);
  EXPECT_EQ(truncmod(BigInt(-7), 2), -1);
}

TEST(BigIntArithmetic, GrowsPastInt64AndShrinksBack) {
  EXPECT_EQ(Text(-BigInt(INT64_MIN)), "9223372036854775808");
  EXPECT_EQ(Text(BigInt(INT64_MIN) / -1), "9223372036854775808");
  EXPECT_EQ(-(-BigInt(INT64_MIN)), INT64_MIN);
  EXPECT_EQ(BigInt(INT64_MIN) % -1, 0);
  EXPECT_EQ(Text(BigInt(INT64_MIN) * INT64_MIN), "85070591730234615865843651857942052864");
  EXPECT_EQ(Text(BigInt(INT64_MAX) + 1), "9223372036854775808");
  EXPECT_EQ(Text(BigInt(INT64_MIN) - 1), "-9223372036854775809");
  BigInt factorial = 1;
  for (int i = 2; i <= 30; ++i) factorial *= i;
  EXPECT_EQ(Text(factorial), "265252859812191058636308480000000");
  for (int i = 30; i >= 2; --i) factorial /= i;
  EXPECT_EQ(factorial, 1);
}

TEST(BigIntArithmetic, MixesWithEveryIntegerType) {
  const BigInt a = 5;
  EXPECT_EQ(a + 1, 6);
  EXPECT_EQ(int64_t{1} << a, 32);
  EXPECT_EQ(static_cast<int8_t>(7) - a, 2);
  EXPECT_EQ(Text(a + UINT64_MAX), "18446744073709551620");  // not -1
  EXPECT_TRUE(a < UINT64_MAX);
  EXPECT_TRUE(UINT64_MAX > a);
  EXPECT_EQ(max(a, 9), 9);
}

TEST(BigIntArithmetic, AssignsAndSteps) {
  BigInt a = 5;
  EXPECT_EQ(a += 3, 8);
  EXPECT_EQ(a -= 1, 7);
  EXPECT_EQ(a *= a, 49);
  EXPECT_EQ(a /= 2, 24);
  EXPECT_EQ(a %= 9, 6);
  EXPECT_EQ(a |= 16, 22);
  EXPECT_EQ(a &= 20, 20);
  EXPECT_EQ(a ^= 1, 21);
  EXPECT_EQ(a <<= 70, BigInt(21) << 70);
  EXPECT_EQ(a >>= 70, 21);
  EXPECT_EQ(a++, 21);
  EXPECT_EQ(++a, 23);
  EXPECT_EQ(a--, 23);
  EXPECT_EQ(--a, 21);
  EXPECT_EQ(+a, 21);
}

TEST(BigIntArithmetic, WhatHasNoResultIsAnError) {
  const BigInt big = BigInt(1) << 100, zero;
  const char* by_zero = "ZeroDivisionError: Division by zero";
  for (const BigInt& a : {BigInt(1), big}) {
    EXPECT_EQ(ErrorOf([&] { a / zero; }), by_zero);
    EXPECT_EQ(ErrorOf([&] { a % 0; }), by_zero);
    EXPECT_EQ(ErrorOf([&] { floordiv(a, zero); }), by_zero);
    EXPECT_EQ(ErrorOf([&] { floormod(a, zero); }), by_zero);
    const char* negative = "ValueError: Negative BigInt shift count";
    EXPECT_EQ(ErrorOf([&] { a << -1; }), negative);
    EXPECT_EQ(ErrorOf([&] { a >> -1; }), negative);
    EXPECT_EQ(ErrorOf([&] { a << -big; }), negative);
    EXPECT_EQ(ErrorOf([&] { a << big; }), "OverflowError: BigInt shift count is too large");
  }
  EXPECT_EQ(zero << big, 0);
}

// The functions that decide whether one word is enough.
TEST(IntOps, ReportOverflow) {
  int64_t out = 0;
  EXPECT_FALSE(int_ops::AddOverflow(INT64_MAX, INT64_MIN, &out));
  EXPECT_EQ(out, -1);
  EXPECT_TRUE(int_ops::AddOverflow(INT64_MAX, 1, &out));
  EXPECT_TRUE(int_ops::AddOverflow(INT64_MIN, -1, &out));
  EXPECT_FALSE(int_ops::SubOverflow(INT64_MIN, INT64_MIN, &out));
  EXPECT_TRUE(int_ops::SubOverflow(INT64_MIN, 1, &out));
  EXPECT_TRUE(int_ops::SubOverflow(0, INT64_MIN, &out));
  EXPECT_FALSE(int_ops::MulOverflow(INT64_MIN, 1, &out));
  EXPECT_EQ(out, INT64_MIN);
  EXPECT_TRUE(int_ops::MulOverflow(INT64_MIN, -1, &out));
  EXPECT_TRUE(int_ops::MulOverflow(-1, INT64_MIN, &out));
  EXPECT_TRUE(int_ops::MulOverflow(int64_t{1} << 32, int64_t{1} << 31, &out));
  EXPECT_FALSE(int_ops::MulOverflow(-(int64_t{1} << 32), int64_t{1} << 31, &out));
  EXPECT_FALSE(int_ops::MulOverflow(INT64_MAX, -1, &out));
  EXPECT_TRUE(int_ops::TruncDivOverflow(INT64_MIN, -1, &out));
  EXPECT_TRUE(int_ops::FloorDivOverflow(INT64_MIN, -1, &out));
  EXPECT_FALSE(int_ops::TruncModOverflow(INT64_MIN, -1, &out));
  EXPECT_EQ(out, 0);
  EXPECT_FALSE(int_ops::FloorModOverflow(INT64_MIN, -1, &out));
  EXPECT_EQ(out, 0);
  EXPECT_FALSE(int_ops::LeftShiftOverflow(-1, 63, &out));
  EXPECT_EQ(out, INT64_MIN);
  EXPECT_TRUE(int_ops::LeftShiftOverflow(1, 63, &out));
  EXPECT_TRUE(int_ops::LeftShiftOverflow(1, 64, &out));
  EXPECT_FALSE(int_ops::LeftShiftOverflow(0, 1000, &out));
  EXPECT_EQ(int_ops::RightShift(-1, 1000), -1);
  EXPECT_EQ(int_ops::RightShift(INT64_MIN, 63), -1);
}

TEST(IntOps, WorkOnViewsOfWords) {
  const int64_t words[] = {0, 0, 5};
  int_ops::ArrayView view(words, 3);
  EXPECT_EQ(int_ops::FirstNonzero(view), 2u);
  EXPECT_FALSE(int_ops::IsNegative(view));
  EXPECT_TRUE(int_ops::IsNormalizedZero(int_ops::ArrayView(words, 1)));
  EXPECT_EQ(int_ops::AbsWord(INT64_MIN), uint64_t{1} << 63);
  EXPECT_EQ(int_ops::CompareFallback(view, int_ops::ArrayView(words, 1)), 1);
  auto [quotient, rest] = int_ops::DivRemFallback(view, -3);
  EXPECT_EQ(quotient * -3 + rest, BigInt(5) << 128);
  EXPECT_EQ(int_ops::ToStringFallback(int_ops::ArrayView(words + 2, 1)), "5");
}

}  // namespace
