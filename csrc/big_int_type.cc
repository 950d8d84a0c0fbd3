// SPDX-License-Identifier: Apache-2.0
//
// Registers `ffi.BigInt`: how big integers are hashed, compared and written down.
#include "big_int_type.h"

#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <vector>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

using Digits = std::vector<uint32_t>;  // base 2^32, least significant first

constexpr uint32_t kChunk = 1000000000;  // decimal digits are handled 9 at a time
constexpr int kChunkDigits = 9;

TVMFFIByteArray content(const Any& integer) {
  return TVMFFIBigIntGetContentByteArray(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(integer));
}

std::vector<int64_t> words_of(const Any& integer) {
  const TVMFFIByteArray bytes = content(integer);
  std::vector<int64_t> words(bytes.size / sizeof(int64_t));
  std::memcpy(words.data(), bytes.data, bytes.size);
  return words;
}

// In two's complement.
void negate(Digits* digits) {
  uint64_t carry = 1;
  for (uint32_t& digit : *digits) {
    carry += static_cast<uint32_t>(~digit);
    digit = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
}

uint32_t divide(Digits* digits, uint32_t divisor) {
  uint64_t remainder = 0;
  for (auto digit = digits->rbegin(); digit != digits->rend(); ++digit) {
    remainder = (remainder << 32) | *digit;
    *digit = static_cast<uint32_t>(remainder / divisor);
    remainder %= divisor;
  }
  while (!digits->empty() && digits->back() == 0) digits->pop_back();
  return static_cast<uint32_t>(remainder);
}

void multiply_add(Digits* digits, uint32_t factor, uint32_t addend) {
  uint64_t carry = addend;
  for (uint32_t& digit : *digits) {
    carry += static_cast<uint64_t>(digit) * factor;
    digit = static_cast<uint32_t>(carry);
    carry >>= 32;
  }
  if (carry != 0) digits->push_back(static_cast<uint32_t>(carry));
}

Any make_integer(Digits magnitude, bool is_negative) {
  magnitude.push_back(0);  // room for the sign
  if (magnitude.size() % 2 != 0) magnitude.push_back(0);
  if (is_negative) negate(&magnitude);
  std::vector<uint64_t> words;
  for (size_t i = 0; i < magnitude.size(); i += 2) {
    words.push_back(magnitude[i] | static_cast<uint64_t>(magnitude[i + 1]) << 32);
  }
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.data()),
                              words.size() * sizeof(uint64_t)};
  Any result;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&result)));
  return result;
}

int64_t hash(const Any& integer) {
  const TVMFFIByteArray bytes = content(integer);
  return static_cast<int64_t>(detail::StableHashBytes(bytes.data, bytes.size));
}

bool equal(const Any& lhs, const Any& rhs) { return compare_integers(lhs, rhs) == 0; }

void register_type() {
  const TVMFFITypeMetadata metadata{{nullptr, 0}, nullptr, 32, kTVMFFISEqHashKindUnsupported};
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterMetadata(kTVMFFIBigInt, &metadata));
}

void register_attr(const char* name, const Any& value) {
  const TVMFFIByteArray name_bytes = byte_array(name);
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(kTVMFFIBigInt, &name_bytes,
                                                 reinterpret_cast<const TVMFFIAny*>(&value)));
}

template <typename F>
void register_hook(const char* name, F hook) {
  register_attr(name, Function::FromTyped(hook, std::string("ffi.BigInt.") + name));
}

// The key hooks are functions, not raw pointers: clients of every generation call those alike.
TVM_FFI_STATIC_INIT_BLOCK() {
  register_type();
  register_attr("__ffi_type_final__", true);
  register_hook("__any_hash__", hash);
  register_hook("__any_equal__", equal);
  register_hook("__ffi_hash__", [](const Any& self, const Function&) { return hash(self); });
  register_hook("__ffi_eq__",
                [](const Any& lhs, const Any& rhs, const Function&) { return equal(lhs, rhs); });
  register_hook("__ffi_compare__", [](const Any& lhs, const Any& rhs, const Function&) {
    return compare_integers(lhs, rhs);
  });
  register_hook("__data_to_json__", [](const Any& self) { return String(decimal_text(self)); });
  register_hook("__data_from_json__", [](AnyView data) {
    return parse_decimal(std::string(data.as_or_throw<String>()));
  });
}

}  // namespace

std::string decimal_text(const Any& integer) {
  const std::vector<int64_t> words = words_of(integer);
  const bool is_negative = words.back() < 0;
  Digits digits;
  for (int64_t word : words) {
    digits.push_back(static_cast<uint32_t>(word));
    digits.push_back(static_cast<uint32_t>(static_cast<uint64_t>(word) >> 32));
  }
  if (is_negative) negate(&digits);
  std::string reversed;
  do {
    uint32_t chunk = divide(&digits, kChunk);
    for (int i = 0; i < kChunkDigits; ++i, chunk /= 10) {
      reversed += static_cast<char>('0' + chunk % 10);
    }
  } while (!digits.empty());
  reversed.resize(std::max(reversed.find_last_not_of('0') + 1, size_t{1}));
  if (is_negative) reversed += '-';
  return {reversed.rbegin(), reversed.rend()};
}

Any parse_decimal(std::string_view text) {
  std::string_view digits = text;
  const bool is_negative = !digits.empty() && digits[0] == '-';
  if (is_negative || (!digits.empty() && digits[0] == '+')) digits.remove_prefix(1);
  if (digits.empty() || digits.find_first_not_of("0123456789") != std::string_view::npos) {
    TVM_FFI_THROW(ValueError) << "Invalid decimal string for ffi.BigInt";
  }
  Digits magnitude;
  while (!digits.empty()) {
    uint32_t chunk = 0, scale = 1;
    for (; !digits.empty() && scale < kChunk; digits.remove_prefix(1), scale *= 10) {
      chunk = chunk * 10 + static_cast<uint32_t>(digits[0] - '0');
    }
    multiply_add(&magnitude, scale, chunk);
  }
  return make_integer(std::move(magnitude), is_negative);
}

int compare_integers(const Any& lhs, const Any& rhs) {
  const std::vector<int64_t> left = words_of(lhs), right = words_of(rhs);
  const bool is_negative = left.back() < 0;
  if (is_negative != (right.back() < 0)) return is_negative ? -1 : 1;
  // More words, farther from zero.
  if (left.size() != right.size()) return (left.size() < right.size()) != is_negative ? -1 : 1;
  for (size_t i = left.size(); i-- > 0;) {
    const uint64_t l = static_cast<uint64_t>(left[i]), r = static_cast<uint64_t>(right[i]);
    if (l != r) return l < r ? -1 : 1;
  }
  return 0;
}

}  // namespace tvm::ffi::library
