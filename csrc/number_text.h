// SPDX-License-Identifier: Apache-2.0
//
// Doubles to and from text, in the notation of the "C" locale whatever locale the process has set.
// std::to_chars would do, but it takes the C++ library of GCC 11 at run time. Private.
#ifndef TVM_FFI_CSRC_NUMBER_TEXT_H_
#define TVM_FFI_CSRC_NUMBER_TEXT_H_

#include <locale.h>
#include <stdio.h>
#include <stdlib.h>

#include <algorithm>
#include <cmath>
#include <optional>
#include <string>

namespace tvm::ffi::library {

inline locale_t c_locale() {
  static locale_t locale = newlocale(LC_ALL_MASK, "C", nullptr);
  return locale;
}

// Writes like printf and returns the end of the text; it must fit.
inline char* format_double(char* begin, size_t size, const char* format, double value) {
  const locale_t before = uselocale(c_locale());
  const int length = snprintf(begin, size, format, value);
  uselocale(before);
  return begin + length;
}

// Reads a decimal number that takes up all of the text. Absent if it does not, and if the value is
// beyond the range of double: neither infinity nor, for a number that is not zero, zero.
inline std::optional<double> parse_double(const char* begin, const char* end) {
  if (begin == end || *begin == '+') return std::nullopt;
  const std::string text(begin, end);
  char* stop = nullptr;
  const double value = strtod_l(text.c_str(), &stop, c_locale());
  if (stop != text.c_str() + text.size() || std::isinf(value)) return std::nullopt;
  const auto is_not_zero = [](char digit) { return digit >= '1' && digit <= '9'; };
  const size_t mantissa = std::min(text.find_first_of("eE"), text.size());
  if (value == 0 && std::any_of(text.begin(), text.begin() + mantissa, is_not_zero)) {
    return std::nullopt;
  }
  return value;
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_NUMBER_TEXT_H_
