// SPDX-License-Identifier: Apache-2.0
//
// Arithmetic on words: integers as arrays of 64-bit words, least significant first, in two's
// complement. Results are new objects that may hold redundant sign words; BigInt normalizes them.
#ifndef TVM_FFI_BIG_INT_DETAIL_H_
#define TVM_FFI_BIG_INT_DETAIL_H_

#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>

#include <algorithm>  // std::max
#include <cmath>      // std::ldexp
#include <cstddef>    // size_t
#include <cstdint>    // int64_t
#include <cstring>    // std::memcpy
#include <string>     // std::string
#include <utility>    // std::pair
#include <vector>     // std::vector

namespace tvm {
namespace ffi {
namespace detail {

// The words of an integer, borrowed. There is at least one.
class BigIntArrayView {
 public:
  BigIntArrayView(const int64_t* data, size_t size) : data_(data), size_(size) {}

  const int64_t& operator[](size_t i) const { return data_[i]; }
  size_t size() const { return size_; }

 private:
  const int64_t* data_;
  size_t size_;
};

// The words follow the object.
class BigIntObj : public Object {
 public:
  explicit BigIntObj(size_t num_words) : num_words_(num_words) {}
  BigIntObj(const BigIntObj&) = delete;
  BigIntObj& operator=(const BigIntObj&) = delete;

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIBigInt;
  static constexpr uint32_t _type_child_slots = 0;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIBigInt, BigIntObj, Object);

 private:
  friend struct BigIntUnsafe;
  friend struct BigIntWords;
  size_t num_words_;
};

// The words of an object, to be written.
struct BigIntWords {
  static ObjectPtr<BigIntObj> New(size_t num_words) {
    return make_inplace_array_object<BigIntObj, int64_t>(num_words, num_words);
  }
  static int64_t* Data(const ObjectPtr<BigIntObj>& object) {
    static_assert(sizeof(BigIntObj) == 32, "the words are at offset 32");
    return reinterpret_cast<int64_t*>(object.get() + 1);
  }
  static size_t Size(const ObjectPtr<BigIntObj>& object) { return object->num_words_; }
  static void Shrink(const ObjectPtr<BigIntObj>& object, size_t num_words) {
    object->num_words_ = num_words;
  }
  static BigIntArrayView View(const ObjectPtr<BigIntObj>& object) {
    return BigIntArrayView(Data(object), object->num_words_);
  }
};

namespace int_ops {

using ArrayView = BigIntArrayView;
using WordsPtr = ObjectPtr<BigIntObj>;

#if defined(__SIZEOF_INT128__) && !defined(TVM_FFI_BIGINT_FORCE_PORTABLE)
#define TVM_FFI_BIGINT_HAS_INT128 1
__extension__ typedef unsigned __int128 uint128_t;
#else
#define TVM_FFI_BIGINT_HAS_INT128 0
#endif

[[noreturn]] TVM_FFI_COLD inline void ThrowDivisionByZero() {
  TVM_FFI_THROW(ZeroDivisionError) << "Division by zero";
  TVM_FFI_UNREACHABLE();
}
[[noreturn]] TVM_FFI_COLD inline void ThrowNegativeShift() {
  TVM_FFI_THROW(ValueError) << "Negative BigInt shift count";
  TVM_FFI_UNREACHABLE();
}

// ---- One word ----------------------------------------------------------------------------------

// The value with these bits.
inline int64_t BitcastToInt64(uint64_t bits) {
  int64_t value;
  std::memcpy(&value, &bits, sizeof(value));
  return value;
}

// The functions ...Overflow store the result and return false if it fits, else return true.
inline bool AddOverflow(int64_t a, int64_t b, int64_t* out) {
#if TVM_FFI_BIGINT_HAS_INT128
  return __builtin_add_overflow(a, b, out);
#else
  *out = BitcastToInt64(static_cast<uint64_t>(a) + static_cast<uint64_t>(b));
  return ((a ^ *out) & (b ^ *out)) < 0;
#endif
}
inline bool SubOverflow(int64_t a, int64_t b, int64_t* out) {
#if TVM_FFI_BIGINT_HAS_INT128
  return __builtin_sub_overflow(a, b, out);
#else
  *out = BitcastToInt64(static_cast<uint64_t>(a) - static_cast<uint64_t>(b));
  return ((a ^ b) & (a ^ *out)) < 0;
#endif
}
inline bool MulOverflow(int64_t a, int64_t b, int64_t* out) {
#if TVM_FFI_BIGINT_HAS_INT128
  return __builtin_mul_overflow(a, b, out);
#else
  *out = BitcastToInt64(static_cast<uint64_t>(a) * static_cast<uint64_t>(b));
  if (a == 0 || b == 0) return false;
  if ((a == -1 && b == INT64_MIN) || (b == -1 && a == INT64_MIN)) return true;
  return b == -1 ? false : *out / b != a;
#endif
}
inline bool TruncDivOverflow(int64_t a, int64_t b, int64_t* out) {
  if (b == 0) ThrowDivisionByZero();
  if (a == INT64_MIN && b == -1) return true;
  *out = a / b;
  return false;
}
inline bool TruncModOverflow(int64_t a, int64_t b, int64_t* out) {
  if (b == 0) ThrowDivisionByZero();
  *out = b == -1 ? 0 : a % b;
  return false;
}
inline bool FloorDivOverflow(int64_t a, int64_t b, int64_t* out) {
  if (TruncDivOverflow(a, b, out)) return true;
  if (*out * b != a && (a < 0) != (b < 0)) --*out;
  return false;
}
inline bool FloorModOverflow(int64_t a, int64_t b, int64_t* out) {
  TruncModOverflow(a, b, out);
  if (*out != 0 && (*out < 0) != (b < 0)) *out += b;
  return false;
}
inline bool LeftShiftOverflow(int64_t a, int64_t b, int64_t* out) {
  if (b < 0) ThrowNegativeShift();
  if (a == 0) {
    *out = 0;
    return false;
  }
  if (b >= 64) return true;
  *out = BitcastToInt64(static_cast<uint64_t>(a) << b);
  return (*out >> b) != a;
}
inline int64_t RightShift(int64_t a, int64_t b) {
  if (b < 0) ThrowNegativeShift();
  return a >> (b < 63 ? b : 63);
}

// The magnitude; that of INT64_MIN fits too.
inline uint64_t AbsWord(int64_t value) {
  const uint64_t bits = static_cast<uint64_t>(value);
  return value < 0 ? 0 - bits : bits;
}

// Returns the low word of the product, *high gets the high one.
inline uint64_t MulWords(uint64_t a, uint64_t b, uint64_t* high) {
#if TVM_FFI_BIGINT_HAS_INT128
  const uint128_t product = static_cast<uint128_t>(a) * b;
  *high = static_cast<uint64_t>(product >> 64);
  return static_cast<uint64_t>(product);
#else
  const uint64_t a0 = a & UINT32_MAX, a1 = a >> 32, b0 = b & UINT32_MAX, b1 = b >> 32;
  const uint64_t low = a0 * b0;
  const uint64_t mid = a1 * b0 + (low >> 32);
  const uint64_t mid2 = a0 * b1 + (mid & UINT32_MAX);
  *high = a1 * b1 + (mid >> 32) + (mid2 >> 32);
  return (mid2 << 32) | (low & UINT32_MAX);
#endif
}

// a + b + *carry; *carry gets what is left over, 0 or 1.
inline uint64_t AddCarry(uint64_t a, uint64_t b, uint64_t* carry) {
  const uint64_t sum = a + b;
  const uint64_t result = sum + *carry;
  *carry = static_cast<uint64_t>(sum < a) | static_cast<uint64_t>(result < sum);
  return result;
}

// ---- Words -------------------------------------------------------------------------------------

inline bool IsNegative(ArrayView a) { return a[a.size() - 1] < 0; }
// For a view without redundant sign words.
inline bool IsNormalizedZero(ArrayView a) { return a.size() == 1 && a[0] == 0; }

// The i-th word; beyond the end the sign goes on.
inline uint64_t WordAt(ArrayView a, size_t i) {
  return static_cast<uint64_t>(i < a.size() ? a[i] : a[a.size() - 1] >> 63);
}

// The index of the lowest word that is not zero, or size.
inline size_t FirstNonzero(ArrayView a) {
  size_t i = 0;
  while (i < a.size() && a[i] == 0) ++i;
  return i;
}

inline void NegateInplace(int64_t* data, size_t size) {
  uint64_t carry = 1;
  for (size_t i = 0; i < size; ++i) {
    data[i] = BitcastToInt64(AddCarry(~static_cast<uint64_t>(data[i]), 0, &carry));
  }
}

// -1, 0 or 1.
TVM_FFI_OUTLINE inline int CompareFallback(ArrayView a, ArrayView b) {
  if (IsNegative(a) != IsNegative(b)) return IsNegative(a) ? -1 : 1;
  for (size_t i = std::max(a.size(), b.size()); i-- > 0;) {
    const uint64_t x = WordAt(a, i), y = WordAt(b, i);
    if (x != y) return x < y ? -1 : 1;
  }
  return 0;
}
inline bool EqualFallback(ArrayView a, ArrayView b) { return CompareFallback(a, b) == 0; }

// a + b, or a - b.
TVM_FFI_OUTLINE inline WordsPtr AddWords(ArrayView a, ArrayView b, bool subtract) {
  const size_t size = std::max(a.size(), b.size()) + 1;
  const uint64_t flip = subtract ? UINT64_MAX : 0;
  uint64_t carry = subtract ? 1 : 0;
  WordsPtr result = BigIntWords::New(size);
  int64_t* out = BigIntWords::Data(result);
  for (size_t i = 0; i < size; ++i) {
    out[i] = BitcastToInt64(AddCarry(WordAt(a, i), WordAt(b, i) ^ flip, &carry));
  }
  return result;
}

// out[0 .. b.size()) -= b, modulo 2 to the power of 64 * b.size().
inline void SubtractFrom(int64_t* out, ArrayView b) {
  uint64_t carry = 1;
  for (size_t i = 0; i < b.size(); ++i) {
    out[i] = BitcastToInt64(
        AddCarry(static_cast<uint64_t>(out[i]), ~static_cast<uint64_t>(b[i]), &carry));
  }
}

TVM_FFI_OUTLINE inline WordsPtr MulWords(ArrayView a, ArrayView b) {
  WordsPtr result = BigIntWords::New(a.size() + b.size());
  int64_t* out = BigIntWords::Data(result);
  std::memset(out, 0, (a.size() + b.size()) * sizeof(int64_t));
  // As if both had no sign.
  for (size_t i = 0; i < a.size(); ++i) {
    uint64_t carry = 0;
    for (size_t j = 0; j < b.size(); ++j) {
      uint64_t high = 0, overflow = 0;
      const uint64_t low =
          MulWords(static_cast<uint64_t>(a[i]), static_cast<uint64_t>(b[j]), &high);
      uint64_t sum = AddCarry(low, static_cast<uint64_t>(out[i + j]), &overflow);
      high += overflow;
      overflow = 0;
      sum = AddCarry(sum, carry, &overflow);
      carry = high + overflow;
      out[i + j] = BitcastToInt64(sum);
    }
    out[i + b.size()] = BitcastToInt64(carry);
  }
  // A negative factor was taken for one that is larger by 2 to the power of its bits.
  if (IsNegative(a)) SubtractFrom(out + a.size(), b);
  if (IsNegative(b)) SubtractFrom(out + b.size(), a);
  return result;
}

// op(a, b) word by word.
template <typename Op>
WordsPtr BitwiseWords(ArrayView a, ArrayView b, Op op) {
  const size_t size = std::max(a.size(), b.size());
  WordsPtr result = BigIntWords::New(size);
  int64_t* out = BigIntWords::Data(result);
  for (size_t i = 0; i < size; ++i) out[i] = BitcastToInt64(op(WordAt(a, i), WordAt(b, i)));
  return result;
}

TVM_FFI_OUTLINE inline WordsPtr LeftShiftWords(ArrayView a, uint64_t count) {
  const size_t words = static_cast<size_t>(count / 64);
  const int bits = static_cast<int>(count % 64);
  WordsPtr result = BigIntWords::New(a.size() + words + 1);
  int64_t* out = BigIntWords::Data(result);
  for (size_t i = 0; i < words; ++i) out[i] = 0;
  uint64_t below = 0;
  for (size_t i = 0; i <= a.size(); ++i) {
    const uint64_t word = WordAt(a, i);
    out[words + i] = BitcastToInt64(bits == 0 ? word : (word << bits) | (below >> (64 - bits)));
    below = word;
  }
  return result;
}

// Rounds down.
TVM_FFI_OUTLINE inline WordsPtr RightShiftWords(ArrayView a, uint64_t count) {
  const size_t words = static_cast<size_t>(std::min<uint64_t>(count / 64, a.size()));
  const int bits = static_cast<int>(count % 64);
  const size_t size = std::max<size_t>(a.size() - words, 1);
  WordsPtr result = BigIntWords::New(size);
  int64_t* out = BigIntWords::Data(result);
  for (size_t i = 0; i < size; ++i) {
    const uint64_t word = WordAt(a, words + i);
    out[i] = BitcastToInt64(bits == 0 ? word
                                      : (word >> bits) | (WordAt(a, words + i + 1) << (64 - bits)));
  }
  return result;
}

// ---- Magnitudes --------------------------------------------------------------------------------

// An unsigned integer in digits of 32 bits, least significant first, without leading zeros: small
// enough for division and decimal text to need no wider type than uint64_t.
using Magnitude = std::vector<uint32_t>;

inline void Trim(Magnitude* value) {
  while (!value->empty() && value->back() == 0) value->pop_back();
}

TVM_FFI_OUTLINE inline Magnitude MagnitudeOf(ArrayView a) {
  Magnitude result;
  if (a.size() > (result.max_size() - 2) / 4) {
    TVM_FFI_THROW(OverflowError) << "BigInt division workspace is too large";
  }
  result.reserve(2 * a.size());
  const uint64_t flip = IsNegative(a) ? UINT64_MAX : 0;
  uint64_t carry = flip & 1;
  for (size_t i = 0; i < a.size(); ++i) {
    const uint64_t word = AddCarry(static_cast<uint64_t>(a[i]) ^ flip, 0, &carry);
    result.push_back(static_cast<uint32_t>(word));
    result.push_back(static_cast<uint32_t>(word >> 32));
  }
  Trim(&result);
  return result;
}

TVM_FFI_OUTLINE inline WordsPtr WordsFromMagnitude(const Magnitude& value, bool negative) {
  const size_t size = value.size() / 2 + 1;  // with room for the sign
  WordsPtr result = BigIntWords::New(size);
  int64_t* out = BigIntWords::Data(result);
  for (size_t i = 0; i < size; ++i) {
    const uint64_t low = 2 * i < value.size() ? value[2 * i] : 0;
    const uint64_t high = 2 * i + 1 < value.size() ? value[2 * i + 1] : 0;
    out[i] = BitcastToInt64(low | (high << 32));
  }
  if (negative) NegateInplace(out, size);
  return result;
}

// value = value * factor + addend
inline void MulAddSmall(Magnitude* value, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t& digit : *value) {
    carry += static_cast<uint64_t>(digit) * factor;
    digit = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) value->push_back(static_cast<uint32_t>(carry));
}

// value = value / divisor; returns the remainder.
inline uint32_t DivSmall(Magnitude* value, uint32_t divisor) {
  uint64_t rest = 0;
  for (size_t i = value->size(); i-- > 0;) {
    rest = (rest << 32) | (*value)[i];
    (*value)[i] = static_cast<uint32_t>(rest / divisor);
    rest %= divisor;
  }
  Trim(value);
  return static_cast<uint32_t>(rest);
}

// By less than a digit, and no further than the highest digit has room.
inline void ShiftLeftSmall(Magnitude* value, int shift) {
  uint64_t carry = 0;
  for (uint32_t& digit : *value) {
    carry |= static_cast<uint64_t>(digit) << shift;
    digit = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
}
inline void ShiftRightSmall(Magnitude* value, int shift) {
  uint64_t above = 0;
  for (size_t i = value->size(); i-- > 0;) {
    above = (above << 32) | (*value)[i];
    (*value)[i] = static_cast<uint32_t>(above >> shift);
  }
  Trim(value);
}

// *value becomes the remainder; returns the quotient. Long division as in Knuth, TAOCP 4.3.1 D: the
// divisor is shifted until its first digit is at least half the base, then each digit of the
// quotient, estimated from the first two digits of what is left, is at most two too large.
TVM_FFI_OUTLINE inline Magnitude DivMagnitude(Magnitude* value, Magnitude divisor) {
  Magnitude quotient;
  if (value->size() < divisor.size()) return quotient;
  if (divisor.size() == 1) {
    const uint32_t rest = DivSmall(value, divisor[0]);
    quotient = std::move(*value);
    value->clear();
    if (rest != 0) value->push_back(rest);
    return quotient;
  }

  int shift = 0;
  while ((divisor.back() << shift) >> 31 == 0) ++shift;
  ShiftLeftSmall(&divisor, shift);
  value->push_back(0);
  ShiftLeftSmall(value, shift);

  const size_t n = divisor.size();
  const uint64_t first = divisor[n - 1], second = divisor[n - 2];
  quotient.resize(value->size() - n);
  for (size_t j = quotient.size(); j-- > 0;) {
    uint32_t* rest = value->data() + j;
    const uint64_t top = (static_cast<uint64_t>(rest[n]) << 32) | rest[n - 1];
    uint64_t digit = top / first;
    uint64_t left = top % first;
    while (digit > UINT32_MAX || digit * second > ((left << 32) | rest[n - 2])) {
      --digit;
      left += first;
      if (left > UINT32_MAX) break;
    }
    // rest -= digit * divisor
    uint64_t borrow = 0;
    for (size_t i = 0; i < n; ++i) {
      const uint64_t product = digit * divisor[i] + borrow;
      borrow = (product >> 32) + (static_cast<uint32_t>(product) > rest[i] ? 1 : 0);
      rest[i] -= static_cast<uint32_t>(product);
    }
    const bool too_large = borrow > rest[n];
    rest[n] -= static_cast<uint32_t>(borrow);
    if (too_large) {
      --digit;
      uint64_t sum = 0;
      for (size_t i = 0; i < n; ++i) {
        sum += static_cast<uint64_t>(rest[i]) + divisor[i];
        rest[i] = static_cast<uint32_t>(sum);
        sum >>= 32;
      }
      rest[n] += static_cast<uint32_t>(sum);
    }
    quotient[j] = static_cast<uint32_t>(digit);
  }
  Trim(&quotient);
  ShiftRightSmall(value, shift);  // the remainder was shifted with the divisor
  return quotient;
}

// ---- Text and floating point -------------------------------------------------------------------

inline constexpr uint32_t kDecimalChunk = 1000000000;  // nine digits
inline constexpr int kDecimalChunkDigits = 9;

TVM_FFI_OUTLINE inline std::string ToStringFallback(ArrayView a) {
  Magnitude value = MagnitudeOf(a);
  std::string reversed;
  while (!value.empty()) {
    uint32_t chunk = DivSmall(&value, kDecimalChunk);
    for (int i = 0; i < kDecimalChunkDigits && (chunk != 0 || !value.empty()); ++i) {
      reversed += static_cast<char>('0' + chunk % 10);
      chunk /= 10;
    }
  }
  if (reversed.empty()) reversed += '0';
  if (IsNegative(a)) reversed += '-';
  return std::string(reversed.rbegin(), reversed.rend());
}

// Decimal digits, and nothing else.
TVM_FFI_OUTLINE inline WordsPtr WordsFromDecimal(const std::string& digits, bool negative) {
  Magnitude value;
  uint32_t chunk = 0, factor = 1;
  for (char c : digits) {
    chunk = chunk * 10 + static_cast<uint32_t>(c - '0');
    factor *= 10;
    if (factor == kDecimalChunk) {
      MulAddSmall(&value, factor, chunk);
      chunk = 0;
      factor = 1;
    }
  }
  MulAddSmall(&value, factor, chunk);
  return WordsFromMagnitude(value, negative);
}

[[noreturn]] TVM_FFI_COLD inline void ThrowBeyondDouble() {
  TVM_FFI_THROW(OverflowError) << "BigInt does not fit finite double";
  TVM_FFI_UNREACHABLE();
}

// The nearest double, ties to even. Throws OverflowError beyond the finite ones.
TVM_FFI_OUTLINE inline double ToDoubleFallback(ArrayView a) {
  const Magnitude value = MagnitudeOf(a);
  if (value.size() > 1024 / 32) ThrowBeyondDouble();
  // The highest 64 bits, the lowest of which also stands for all that lie below: converting them
  // rounds to 53.
  uint64_t top = 0;
  size_t i = value.size();
  for (int taken = 0; taken < 2 && i > 0; ++taken) top = (top << 32) | value[--i];
  int exponent = static_cast<int>(32 * i);
  if (i > 0) {
    int shift = 0;
    while ((top << shift) >> 63 == 0) ++shift;
    const uint64_t next = static_cast<uint64_t>(value[i - 1]) << shift;
    top = (top << shift) | (next >> 32);
    exponent -= shift;
    bool rest = static_cast<uint32_t>(next) != 0;
    for (size_t j = 0; j + 1 < i; ++j) rest |= value[j] != 0;
    if (rest) top |= 1;
  }
  const double result = std::ldexp(static_cast<double>(top), exponent);
  if (std::isinf(result)) ThrowBeyondDouble();
  return IsNegative(a) ? -result : result;
}

// value is finite and a multiple of 2^(exponent - 53) beyond the range of int64_t.
inline WordsPtr WordsFromDouble(double value) {
  int exponent = 0;
  const int64_t mantissa = static_cast<int64_t>(std::ldexp(std::frexp(value, &exponent), 53));
  return LeftShiftWords(ArrayView(&mantissa, 1), static_cast<uint64_t>(exponent - 53));
}

}  // namespace int_ops
}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_BIG_INT_DETAIL_H_
