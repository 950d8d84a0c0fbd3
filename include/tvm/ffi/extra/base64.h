// SPDX-License-Identifier: Apache-2.0
//
// Base64 with the standard alphabet and padding (RFC 4648, section 4).
#ifndef TVM_FFI_EXTRA_BASE64_H_
#define TVM_FFI_EXTRA_BASE64_H_

#include <tvm/ffi/error.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <string>

namespace tvm {
namespace ffi {

inline String Base64Encode(TVMFFIByteArray bytes) {
  constexpr const char* kAlphabet =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  auto byte = [&bytes](size_t i) -> uint32_t {
    return i < bytes.size ? static_cast<unsigned char>(bytes.data[i]) : 0;
  };
  std::string text;
  text.reserve((bytes.size + 2) / 3 * 4);
  for (size_t i = 0; i < bytes.size; i += 3) {
    uint32_t group = byte(i) << 16 | byte(i + 1) << 8 | byte(i + 2);
    text += kAlphabet[group >> 18];
    text += kAlphabet[group >> 12 & 63];
    text += i + 1 < bytes.size ? kAlphabet[group >> 6 & 63] : '=';
    text += i + 2 < bytes.size ? kAlphabet[group & 63] : '=';
  }
  return String(std::move(text));
}

inline String Base64Encode(const Bytes& bytes) {
  return Base64Encode(TVMFFIByteArray{bytes.data(), bytes.size()});
}

// InternalError unless the length is a multiple of 4. Characters outside the alphabet count as 'A'.
inline Bytes Base64Decode(TVMFFIByteArray text) {
  TVM_FFI_ICHECK_EQ(text.size % 4, 0) << "invalid base64 encoding";
  auto value = [](char c) -> uint32_t {
    if (c >= 'A' && c <= 'Z') return static_cast<uint32_t>(c - 'A');
    if (c >= 'a' && c <= 'z') return static_cast<uint32_t>(c - 'a' + 26);
    if (c >= '0' && c <= '9') return static_cast<uint32_t>(c - '0' + 52);
    return c == '+' ? 62 : c == '/' ? 63 : 0;
  };
  std::string bytes;
  bytes.reserve(text.size / 4 * 3);
  for (size_t i = 0; i < text.size; i += 4) {
    const char* group = text.data + i;
    uint32_t bits =
        value(group[0]) << 18 | value(group[1]) << 12 | value(group[2]) << 6 | value(group[3]);
    bytes += static_cast<char>(bits >> 16);
    if (group[2] != '=') bytes += static_cast<char>(bits >> 8 & 255);
    if (group[3] != '=') bytes += static_cast<char>(bits & 255);
  }
  return Bytes(bytes);
}

inline Bytes Base64Decode(const String& text) {
  return Base64Decode(TVMFFIByteArray{text.data(), text.size()});
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_BASE64_H_
