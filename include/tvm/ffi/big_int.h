// SPDX-License-Identifier: Apache-2.0
//
// BigInt: a signed integer of any size, immutable. A value that fits int64_t is stored as an Int,
// any other in a shared object, so a value has one form only.
#ifndef TVM_FFI_BIG_INT_H_
#define TVM_FFI_BIG_INT_H_

#include <tvm/ffi/big_int_detail.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/type_traits.h>

#include <cmath>        // std::isnan
#include <cstdint>      // int64_t
#include <limits>       // std::numeric_limits
#include <optional>     // std::optional
#include <string>       // std::string, std::hash
#include <type_traits>  // std::is_integral_v
#include <utility>      // std::pair

namespace tvm {
namespace ffi {
namespace detail {
struct BigIntUnsafe;
}  // namespace detail

class BigInt {
 public:
  // The words of a value, borrowed.
  using ArrayView = detail::BigIntArrayView;

  BigInt() noexcept { detail::WriteCell(&data_, TypeIndex::kTVMFFIInt, int64_t{0}); }
  // Exact for every integer type.
  template <typename Int, typename = std::enable_if_t<std::is_integral_v<Int>>>
  BigInt(Int value) {  // NOLINT(google-explicit-constructor)
    static_assert(sizeof(Int) <= sizeof(int64_t), "BigInt is made from integers up to 64 bits");
    detail::WriteCell(&data_, TypeIndex::kTVMFFIInt, static_cast<int64_t>(value));
    if constexpr (std::is_unsigned_v<Int> && sizeof(Int) == sizeof(int64_t)) {
      if (data_.v_int64 < 0) *this = FromUnsigned(value);
    }
  }
  // Rounds toward zero. Throws ValueError for NaN, OverflowError for an infinity.
  explicit BigInt(double value);

  BigInt(const BigInt& other) noexcept : data_(other.data_) {
    if (IsHeap()) detail::ObjectUnsafe::IncRefObjectHandle(data_.v_obj);
  }
  BigInt(BigInt&& other) noexcept : data_(other.data_) {
    detail::WriteCell(&other.data_, TypeIndex::kTVMFFIInt, int64_t{0});
  }
  BigInt& operator=(const BigInt& other) noexcept {
    BigInt(other).swap(*this);
    return *this;
  }
  BigInt& operator=(BigInt&& other) noexcept {
    BigInt(std::move(other)).swap(*this);
    return *this;
  }
  ~BigInt() {
    if (IsHeap()) detail::ObjectUnsafe::DecRefObjectHandle(data_.v_obj);
  }
  void swap(BigInt& other) noexcept { std::swap(data_, other.data_); }

  explicit operator bool() const noexcept { return IsHeap() || data_.v_int64 != 0; }
  // Throws OverflowError.
  explicit operator int64_t() const;
  // The nearest one, ties to even. Throws OverflowError beyond the finite ones.
  explicit operator double() const;
  // The value as an integer type that can hold it.
  template <typename Int>
  std::optional<Int> as() const;

  uint64_t hash() const;

  BigInt& operator+=(const BigInt& other);
  BigInt& operator-=(const BigInt& other);
  BigInt& operator*=(const BigInt& other);
  BigInt& operator/=(const BigInt& other);
  BigInt& operator%=(const BigInt& other);
  BigInt& operator&=(const BigInt& other);
  BigInt& operator|=(const BigInt& other);
  BigInt& operator^=(const BigInt& other);
  BigInt& operator<<=(const BigInt& count);
  BigInt& operator>>=(const BigInt& count);
  BigInt& operator++() { return *this += 1; }
  BigInt& operator--() { return *this -= 1; }
  BigInt operator++(int) {
    BigInt old = *this;
    ++*this;
    return old;
  }
  BigInt operator--(int) {
    BigInt old = *this;
    --*this;
    return old;
  }

 private:
  friend struct detail::BigIntUnsafe;
  template <typename, typename>
  friend struct TypeTraits;

  bool IsHeap() const noexcept { return data_.type_index == TypeIndex::kTVMFFIBigInt; }
  static BigInt FromUnsigned(uint64_t value);

  TVMFFIAny data_;
};

namespace detail {

struct BigIntUnsafe {
  using ArrayView = BigIntArrayView;

  static bool CheckInt64(const BigInt& value) { return !value.IsHeap(); }
  static bool CheckInt64(int64_t) { return true; }
  // Where CheckInt64 holds.
  static int64_t GetInt64(const BigInt& value) { return value.data_.v_int64; }
  static int64_t GetInt64(int64_t value) { return value; }

  // Borrows: the value must outlive the view.
  static ArrayView GetArrayView(const BigInt& value) { return GetArrayView(&value.data_); }
  static ArrayView GetArrayView(const int64_t& value) { return ArrayView(&value, 1); }
  static ArrayView GetArrayView(const ObjectPtr<BigIntObj>& object) {
    return BigIntWords::View(object);
  }
  static ArrayView GetArrayView(const TVMFFIAny* cell) {
    if (cell->type_index == TypeIndex::kTVMFFIInt) return ArrayView(&cell->v_int64, 1);
    const BigIntObj* object = ObjectUnsafe::RawObjectPtrFromUnowned<BigIntObj>(cell->v_obj);
    return ArrayView(reinterpret_cast<const int64_t*>(object + 1), object->num_words_);
  }

  static int64_t* GetMutableData(const ObjectPtr<BigIntObj>& object) {
    return BigIntWords::Data(object);
  }
  static void ShrinkSize(const ObjectPtr<BigIntObj>& object, size_t num_words) {
    BigIntWords::Shrink(object, num_words);
  }

  // Drops redundant sign words. What then fits int64_t is an Int, no words are zero, anything else
  // keeps its object.
  TVM_FFI_OUTLINE static BigInt Normalize(ObjectPtr<BigIntObj> object) {
    const int64_t* words = BigIntWords::Data(object);
    size_t size = BigIntWords::Size(object);
    if (size == 0) return BigInt();
    while (size > 1 && words[size - 1] == words[size - 2] >> 63) --size;
    if (size == 1) return BigInt(words[0]);
    BigIntWords::Shrink(object, size);
    BigInt result;
    WriteObject(ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(object)), &result.data_);
    return result;
  }
};

namespace int_ops {

inline BigInt AddFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(AddWords(a, b, false));
}
inline BigInt SubFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(AddWords(a, b, true));
}
inline BigInt NegateFallback(ArrayView a) {
  const int64_t zero = 0;
  return SubFallback(ArrayView(&zero, 1), a);
}
inline BigInt MulFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(MulWords(a, b));
}
inline BigInt AndFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(BitwiseWords(a, b, [](uint64_t x, uint64_t y) { return x & y; }));
}
inline BigInt OrFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(BitwiseWords(a, b, [](uint64_t x, uint64_t y) { return x | y; }));
}
inline BigInt XorFallback(ArrayView a, ArrayView b) {
  return BigIntUnsafe::Normalize(BitwiseWords(a, b, [](uint64_t x, uint64_t y) { return x ^ y; }));
}
inline BigInt ComplementFallback(ArrayView a) {
  return BigIntUnsafe::Normalize(BitwiseWords(a, a, [](uint64_t x, uint64_t) { return ~x; }));
}

// A count that is not negative; all that do not fit 64 bits are alike: nullopt.
inline std::optional<uint64_t> ShiftCount(ArrayView count) {
  if (IsNegative(count)) ThrowNegativeShift();
  for (size_t i = 1; i < count.size(); ++i) {
    if (count[i] != 0) return std::nullopt;
  }
  return static_cast<uint64_t>(count[0]);
}
TVM_FFI_OUTLINE inline BigInt LeftShiftFallback(ArrayView a, ArrayView count) {
  const std::optional<uint64_t> bits = ShiftCount(count);
  if (IsNormalizedZero(a)) return BigInt();
  if (!bits.has_value()) TVM_FFI_THROW(OverflowError) << "BigInt shift count is too large";
  return BigIntUnsafe::Normalize(LeftShiftWords(a, *bits));
}
TVM_FFI_OUTLINE inline BigInt RightShiftFallback(ArrayView a, ArrayView count) {
  const std::optional<uint64_t> bits = ShiftCount(count);
  return BigIntUnsafe::Normalize(RightShiftWords(a, bits.value_or(UINT64_MAX)));
}

// Quotient and remainder, truncated toward zero.
TVM_FFI_OUTLINE inline std::pair<BigInt, BigInt> DivRemFallback(ArrayView a, ArrayView b) {
  if (IsNormalizedZero(b)) ThrowDivisionByZero();
  Magnitude rest = MagnitudeOf(a);
  const Magnitude quotient = DivMagnitude(&rest, MagnitudeOf(b));
  return {BigIntUnsafe::Normalize(WordsFromMagnitude(quotient, IsNegative(a) != IsNegative(b))),
          BigIntUnsafe::Normalize(WordsFromMagnitude(rest, IsNegative(a)))};
}
inline std::pair<BigInt, BigInt> DivRemFallback(ArrayView a, int64_t b) {
  return DivRemFallback(a, ArrayView(&b, 1));
}
inline BigInt TruncDivFallback(ArrayView a, ArrayView b) { return DivRemFallback(a, b).first; }
inline BigInt TruncModFallback(ArrayView a, ArrayView b) { return DivRemFallback(a, b).second; }
TVM_FFI_OUTLINE inline BigInt FloorDivFallback(ArrayView a, ArrayView b) {
  std::pair<BigInt, BigInt> result = DivRemFallback(a, b);
  if (!result.second || IsNegative(a) == IsNegative(b)) return std::move(result.first);
  return std::move(--result.first);
}
TVM_FFI_OUTLINE inline BigInt FloorModFallback(ArrayView a, ArrayView b) {
  BigInt rest = TruncModFallback(a, b);
  if (!rest || IsNegative(a) == IsNegative(b)) return rest;
  return AddFallback(BigIntUnsafe::GetArrayView(rest), b);
}

inline BigInt CopyFallback(ArrayView a) {
  ObjectPtr<BigIntObj> result = BigIntWords::New(a.size());
  std::memcpy(BigIntWords::Data(result), &a[0], a.size() * sizeof(int64_t));
  return BigIntUnsafe::Normalize(std::move(result));
}
inline BigInt MinFallback(ArrayView a, ArrayView b) {
  return CopyFallback(CompareFallback(b, a) < 0 ? b : a);
}
inline BigInt MaxFallback(ArrayView a, ArrayView b) {
  return CopyFallback(CompareFallback(a, b) < 0 ? b : a);
}

TVM_FFI_OUTLINE inline BigInt FromDoubleFallback(double value) {
  if (std::isnan(value)) TVM_FFI_THROW(ValueError) << "Cannot convert NaN to BigInt";
  if (std::isinf(value)) TVM_FFI_THROW(OverflowError) << "Cannot convert infinity to BigInt";
  if (std::fabs(value) < std::ldexp(1.0, 63)) return BigInt(static_cast<int64_t>(value));
  return BigIntUnsafe::Normalize(WordsFromDouble(value));
}

// The result in one word where it fits, else by words.
template <bool (*kFast)(int64_t, int64_t, int64_t*), BigInt (*kSlow)(ArrayView, ArrayView),
          typename A, typename B>
TVM_FFI_INLINE BigInt Compute(const A& a, const B& b) {
  int64_t result;
  if (TVM_FFI_PREDICT_TRUE(BigIntUnsafe::CheckInt64(a) && BigIntUnsafe::CheckInt64(b)) &&
      TVM_FFI_PREDICT_TRUE(!kFast(BigIntUnsafe::GetInt64(a), BigIntUnsafe::GetInt64(b), &result))) {
    return BigInt(result);
  }
  return kSlow(BigIntUnsafe::GetArrayView(a), BigIntUnsafe::GetArrayView(b));
}

// -1, 0 or 1.
template <typename A, typename B>
TVM_FFI_INLINE int Compare(const A& a, const B& b) {
  if (TVM_FFI_PREDICT_TRUE(BigIntUnsafe::CheckInt64(a) && BigIntUnsafe::CheckInt64(b))) {
    const int64_t x = BigIntUnsafe::GetInt64(a), y = BigIntUnsafe::GetInt64(b);
    return x < y ? -1 : x > y;
  }
  return CompareFallback(BigIntUnsafe::GetArrayView(a), BigIntUnsafe::GetArrayView(b));
}

// In the form Compute takes.
inline bool AndFast(int64_t a, int64_t b, int64_t* out) { return *out = a & b, false; }
inline bool OrFast(int64_t a, int64_t b, int64_t* out) { return *out = a | b, false; }
inline bool XorFast(int64_t a, int64_t b, int64_t* out) { return *out = a ^ b, false; }
inline bool RightShiftFast(int64_t a, int64_t b, int64_t* out) {
  return *out = RightShift(a, b), false;
}
inline bool MinFast(int64_t a, int64_t b, int64_t* out) { return *out = b < a ? b : a, false; }
inline bool MaxFast(int64_t a, int64_t b, int64_t* out) { return *out = a < b ? b : a, false; }

// An integer type that int64_t does not stand for.
template <typename Int>
using EnableIfOtherInt = std::enable_if_t<std::is_integral_v<Int> && !std::is_same_v<Int, int64_t>>;

}  // namespace int_ops
}  // namespace detail

// ---- Operators ---------------------------------------------------------------------------------

// For BigInt with BigInt and with any integer type, in both orders.
#define TVM_FFI_BIGINT_BINARY_(Result, Name, Expr)                           \
  inline Result Name(const BigInt& a, const BigInt& b) { return Expr; }      \
  inline Result Name(const BigInt& a, int64_t b) { return Expr; }            \
  inline Result Name(int64_t a, const BigInt& b) { return Expr; }            \
  template <typename Int, typename = detail::int_ops::EnableIfOtherInt<Int>> \
  inline Result Name(const BigInt& a, Int b) {                               \
    return Name(a, BigInt(b));                                               \
  }                                                                          \
  template <typename Int, typename = detail::int_ops::EnableIfOtherInt<Int>> \
  inline Result Name(Int a, const BigInt& b) {                               \
    return Name(BigInt(a), b);                                               \
  }
#define TVM_FFI_BIGINT_ARITHMETIC_(Name, Fast, Slow) \
  TVM_FFI_BIGINT_BINARY_(BigInt, Name, (detail::int_ops::Compute<Fast, Slow>(a, b)))
#define TVM_FFI_BIGINT_COMPARISON_(op) \
  TVM_FFI_BIGINT_BINARY_(bool, operator op, detail::int_ops::Compare(a, b) op 0)

TVM_FFI_BIGINT_ARITHMETIC_(operator+, detail::int_ops::AddOverflow, detail::int_ops::AddFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator-, detail::int_ops::SubOverflow, detail::int_ops::SubFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator*, detail::int_ops::MulOverflow, detail::int_ops::MulFallback)
// Truncation toward zero: the remainder has the sign of a.
TVM_FFI_BIGINT_ARITHMETIC_(truncdiv, detail::int_ops::TruncDivOverflow,
                           detail::int_ops::TruncDivFallback)
TVM_FFI_BIGINT_ARITHMETIC_(truncmod, detail::int_ops::TruncModOverflow,
                           detail::int_ops::TruncModFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator/, detail::int_ops::TruncDivOverflow,
                           detail::int_ops::TruncDivFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator%, detail::int_ops::TruncModOverflow,
                           detail::int_ops::TruncModFallback)
// Rounding down: the remainder has the sign of b.
TVM_FFI_BIGINT_ARITHMETIC_(floordiv, detail::int_ops::FloorDivOverflow,
                           detail::int_ops::FloorDivFallback)
TVM_FFI_BIGINT_ARITHMETIC_(floormod, detail::int_ops::FloorModOverflow,
                           detail::int_ops::FloorModFallback)
// Bits of an infinite two's complement.
TVM_FFI_BIGINT_ARITHMETIC_(operator&, detail::int_ops::AndFast, detail::int_ops::AndFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator|, detail::int_ops::OrFast, detail::int_ops::OrFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator^, detail::int_ops::XorFast, detail::int_ops::XorFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator<<, detail::int_ops::LeftShiftOverflow,
                           detail::int_ops::LeftShiftFallback)
TVM_FFI_BIGINT_ARITHMETIC_(operator>>, detail::int_ops::RightShiftFast,
                           detail::int_ops::RightShiftFallback)
TVM_FFI_BIGINT_ARITHMETIC_(min, detail::int_ops::MinFast, detail::int_ops::MinFallback)
TVM_FFI_BIGINT_ARITHMETIC_(max, detail::int_ops::MaxFast, detail::int_ops::MaxFallback)
TVM_FFI_BIGINT_COMPARISON_(==)
TVM_FFI_BIGINT_COMPARISON_(!=)
TVM_FFI_BIGINT_COMPARISON_(<)
TVM_FFI_BIGINT_COMPARISON_(<=)
TVM_FFI_BIGINT_COMPARISON_(>)
TVM_FFI_BIGINT_COMPARISON_(>=)
#undef TVM_FFI_BIGINT_COMPARISON_
#undef TVM_FFI_BIGINT_ARITHMETIC_
#undef TVM_FFI_BIGINT_BINARY_

inline BigInt operator+(const BigInt& a) { return a; }
inline BigInt operator-(const BigInt& a) { return int64_t{0} - a; }
inline BigInt operator~(const BigInt& a) { return int64_t{-1} - a; }

inline BigInt& BigInt::operator+=(const BigInt& other) { return *this = *this + other; }
inline BigInt& BigInt::operator-=(const BigInt& other) { return *this = *this - other; }
inline BigInt& BigInt::operator*=(const BigInt& other) { return *this = *this * other; }
inline BigInt& BigInt::operator/=(const BigInt& other) { return *this = *this / other; }
inline BigInt& BigInt::operator%=(const BigInt& other) { return *this = *this % other; }
inline BigInt& BigInt::operator&=(const BigInt& other) { return *this = *this & other; }
inline BigInt& BigInt::operator|=(const BigInt& other) { return *this = *this | other; }
inline BigInt& BigInt::operator^=(const BigInt& other) { return *this = *this ^ other; }
inline BigInt& BigInt::operator<<=(const BigInt& count) { return *this = *this << count; }
inline BigInt& BigInt::operator>>=(const BigInt& count) { return *this = *this >> count; }

// ---- Conversions -------------------------------------------------------------------------------

inline BigInt::BigInt(double value) : BigInt(detail::int_ops::FromDoubleFallback(value)) {}

inline BigInt BigInt::FromUnsigned(uint64_t value) {
  const int64_t words[2] = {detail::int_ops::BitcastToInt64(value), 0};
  return detail::int_ops::CopyFallback(ArrayView(words, 2));
}

inline BigInt::operator int64_t() const {
  if (IsHeap()) TVM_FFI_THROW(OverflowError) << "BigInt does not fit int64_t";
  return data_.v_int64;
}

inline BigInt::operator double() const {
  if (!IsHeap()) return static_cast<double>(data_.v_int64);
  return detail::int_ops::ToDoubleFallback(detail::BigIntUnsafe::GetArrayView(*this));
}

template <typename Int>
inline std::optional<Int> BigInt::as() const {
  static_assert(std::is_integral_v<Int> && sizeof(Int) <= sizeof(int64_t),
                "a BigInt is read as an integer type of up to 64 bits");
  if constexpr (std::is_unsigned_v<Int> && sizeof(Int) == sizeof(int64_t)) {
    const ArrayView words = detail::BigIntUnsafe::GetArrayView(*this);
    if (detail::int_ops::IsNegative(words) || (IsHeap() && (words.size() != 2 || words[1] != 0))) {
      return std::nullopt;
    }
    return static_cast<Int>(words[0]);
  } else {
    if (IsHeap() || data_.v_int64 < static_cast<int64_t>(std::numeric_limits<Int>::min()) ||
        data_.v_int64 > static_cast<int64_t>(std::numeric_limits<Int>::max())) {
      return std::nullopt;
    }
    return static_cast<Int>(data_.v_int64);
  }
}

inline uint64_t BigInt::hash() const {
  if (!IsHeap()) return static_cast<uint64_t>(data_.v_int64);
  const ArrayView words = detail::BigIntUnsafe::GetArrayView(*this);
  return detail::StableHashBytes(&words[0], words.size() * sizeof(int64_t));
}

// Templates, so that <ostream> and <istream> are needed only where they are used.
template <typename Traits>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const BigInt& value) {
  const std::string text =
      detail::int_ops::ToStringFallback(detail::BigIntUnsafe::GetArrayView(value));
  return os.write(text.data(), static_cast<std::streamsize>(text.size()));
}

// Reads an optional sign and digits up to the first other character. Without a digit the stream
// fails and the value stays.
template <typename Traits>
inline std::basic_istream<char, Traits>& operator>>(std::basic_istream<char, Traits>& is,
                                                    BigInt& value) {
  using Stream = std::basic_istream<char, Traits>;
  typename Stream::sentry ready(is);  // skips blanks
  if (!ready) return is;
  int c = is.rdbuf()->sgetc();
  const bool negative = c == '-';
  if (c == '-' || c == '+') c = is.rdbuf()->snextc();
  std::string digits;
  for (; c >= '0' && c <= '9'; c = is.rdbuf()->snextc()) digits += static_cast<char>(c);
  typename Stream::iostate state = Stream::goodbit;
  if (Traits::eq_int_type(c, Traits::eof())) state |= Stream::eofbit;
  if (digits.empty()) {
    state |= Stream::failbit;
  } else {
    value = detail::BigIntUnsafe::Normalize(detail::int_ops::WordsFromDecimal(digits, negative));
  }
  if (state != Stream::goodbit) is.setstate(state);
  return is;
}

// ---- In Any ------------------------------------------------------------------------------------

template <>
inline constexpr bool use_default_type_traits_v<BigInt> = false;

template <>
struct TypeTraits<BigInt> : public TypeTraitsBase {
  static void CopyToAnyView(const BigInt& src, TVMFFIAny* result) { *result = src.data_; }
  static void MoveToAny(BigInt src, TVMFFIAny* result) {
    *result = src.data_;
    detail::WriteCell(&src.data_, TypeIndex::kTVMFFIInt, int64_t{0});
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIInt || src->type_index == TypeIndex::kTVMFFIBigInt;
  }
  static BigInt CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    BigInt result;
    result.data_ = *src;
    if (result.IsHeap()) detail::ObjectUnsafe::IncRefObjectHandle(src->v_obj);
    return result;
  }
  static BigInt MoveFromAnyAfterCheck(TVMFFIAny* src) {
    BigInt result;
    result.data_ = *src;
    detail::WriteCell(src, TypeIndex::kTVMFFINone, int64_t{0});
    return result;
  }
  static std::optional<BigInt> TryCastFromAnyView(const TVMFFIAny* src) {
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    if (src->type_index == TypeIndex::kTVMFFIBool) return BigInt(src->v_int64);
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return "BigInt"; }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIBigInt);
  }
};

}  // namespace ffi
}  // namespace tvm

namespace std {

template <>
struct hash<::tvm::ffi::BigInt> {
  size_t operator()(const ::tvm::ffi::BigInt& value) const {
    return static_cast<size_t>(value.hash());
  }
};

template <>
inline void swap(::tvm::ffi::BigInt& a, ::tvm::ffi::BigInt& b) noexcept {
  a.swap(b);
}

}  // namespace std
#endif  // TVM_FFI_BIG_INT_H_
