// SPDX-License-Identifier: Apache-2.0
//
// Data types as text: `<name>[bits][x<lanes> | xvscalex<lanes>]`.
#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <limits>
#include <string>
#include <string_view>
#include <utility>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

constexpr uint8_t kFirstCustomCode = 129;

struct PlainType {
  std::string_view name;
  uint8_t code;
  uint8_t default_bits;
};
constexpr PlainType kPlainTypes[] = {
    {"int", kDLInt, 32},  {"uint", kDLUInt, 32},           {"float", kDLFloat, 32},
    {"bool", kDLBool, 8}, {"handle", kDLOpaqueHandle, 64}, {"bfloat", kDLBfloat, 16},
};

// Their names say everything, so no bit count follows.
struct NarrowFloat {
  std::string_view family;
  std::string_view variant;
  uint8_t code;
  uint8_t bits;
};
constexpr NarrowFloat kNarrowFloats[] = {
    {"float8_", "e3m4", kDLFloat8_e3m4, 8},
    {"float8_", "e4m3", kDLFloat8_e4m3, 8},
    {"float8_", "e4m3b11fnuz", kDLFloat8_e4m3b11fnuz, 8},
    {"float8_", "e4m3fn", kDLFloat8_e4m3fn, 8},
    {"float8_", "e4m3fnuz", kDLFloat8_e4m3fnuz, 8},
    {"float8_", "e5m2", kDLFloat8_e5m2, 8},
    {"float8_", "e5m2fnuz", kDLFloat8_e5m2fnuz, 8},
    {"float8_", "e8m0fnu", kDLFloat8_e8m0fnu, 8},
    {"float6_", "e2m3fn", kDLFloat6_e2m3fn, 6},
    {"float6_", "e3m2fn", kDLFloat6_e3m2fn, 6},
    {"float4_", "e2m1fn", kDLFloat4_e2m1fn, 4},
};
constexpr std::string_view kNarrowFamilies[] = {"float8_", "float6_", "float4_"};

bool is_digit(char c) { return c >= '0' && c <= '9'; }

bool consume(std::string_view* text, std::string_view prefix) {
  if (text->substr(0, prefix.size()) != prefix) return false;
  text->remove_prefix(prefix.size());
  return true;
}

// The leading decimal digits; -1 if there are none.
int64_t consume_number(std::string_view* text) {
  size_t count = 0;
  uint64_t value = 0;
  bool fits = true;
  for (; count < text->size() && is_digit((*text)[count]); ++count) {
    value = value * 10 + static_cast<uint64_t>((*text)[count] - '0');
    if (value > std::numeric_limits<uint32_t>::max()) {
      fits = false;
      value = 0;  // keeps counting digits, for the message
    }
  }
  if (!fits) {
    TVM_FFI_THROW(ValueError) << "Integer value in dtype string '" << text->substr(0, count)
                              << "' is out of range for uint32_t";
  }
  text->remove_prefix(count);
  return count == 0 ? -1 : static_cast<int64_t>(value);
}

// Spells a leading short form out.
std::string expand_alias(std::string_view text) {
  constexpr std::pair<std::string_view, std::string_view> kBeforeDigit[] = {
      {"i", "int"}, {"u", "uint"}, {"bf", "bfloat"}, {"f", "float"}};
  constexpr std::pair<std::string_view, std::string_view> kBeforeVariant[] = {
      {"fp8_", "float8_"}, {"fp6_", "float6_"}, {"fp4_", "float4_"}};
  for (auto [alias, name] : kBeforeVariant) {
    std::string_view rest = text;
    if (consume(&rest, alias)) return std::string(name).append(rest);
  }
  for (auto [alias, name] : kBeforeDigit) {
    std::string_view rest = text;
    if (consume(&rest, alias) && !rest.empty() && is_digit(rest[0])) {
      return std::string(name).append(rest);
    }
  }
  return std::string(text);
}

class Parser {
 public:
  explicit Parser(std::string_view text) : text_(expand_alias(text)), rest_(text_) {}

  DLDataType parse() {
    DLDataType dtype{0, 0, 1};
    if (parse_narrow_float(&dtype)) {
      parse_lanes(&dtype, false);
    } else {
      parse_base(&dtype);
      parse_bits(&dtype);
      parse_lanes(&dtype, true);
    }
    if (!rest_.empty()) unknown("dtype");
    return dtype;
  }

 private:
  bool parse_narrow_float(DLDataType* dtype) {
    for (std::string_view family : kNarrowFamilies) {
      if (!consume(&rest_, family)) continue;
      const NarrowFloat* type = match_variant(family);
      if (type == nullptr) unknown(std::string(family.substr(0, family.size() - 1)) + " type");
      dtype->code = type->code;
      dtype->bits = type->bits;
      return true;
    }
    return false;
  }

  // The variant that makes up the rest or is followed by lanes.
  const NarrowFloat* match_variant(std::string_view family) {
    for (const NarrowFloat& type : kNarrowFloats) {
      std::string_view rest = rest_;
      if (type.family != family || !consume(&rest, type.variant)) continue;
      const bool packed = type.code == kDLFloat4_e2m1fn && consume(&rest, "_");
      if (!packed && !rest.empty() && rest[0] != 'x') continue;
      rest_ = rest;
      return &type;
    }
    return nullptr;
  }

  void parse_base(DLDataType* dtype) {
    for (const PlainType& type : kPlainTypes) {
      if (!consume(&rest_, type.name)) continue;
      dtype->code = type.code;
      dtype->bits = type.default_bits;
      return;
    }
    if (!consume(&rest_, "custom")) unknown("dtype");
    dtype->code = parse_custom_code();
    dtype->bits = 32;
  }

  // `[name]`, after `custom`.
  uint8_t parse_custom_code() {
    if (!consume(&rest_, "[")) {
      TVM_FFI_THROW(ValueError) << "expected opening brace after 'custom' type in '" << text_
                                << "'";
    }
    const size_t size = rest_.find(']');
    if (size == std::string_view::npos) {
      TVM_FFI_THROW(ValueError) << "expected closing brace after 'custom' type in '" << text_
                                << "'";
    }
    const String name(rest_.data(), size);
    rest_.remove_prefix(size + 1);
    static const Function& code_of_name =
        *new Function(Function::GetGlobalRequired("dtype.get_custom_type_code"));
    return static_cast<uint8_t>(code_of_name(name).cast<int64_t>());
  }

  void parse_bits(DLDataType* dtype) {
    const int64_t bits = consume_number(&rest_);
    if (bits > std::numeric_limits<uint8_t>::max()) {
      TVM_FFI_THROW(ValueError) << "Bits value " << bits
                                << " is out of range for uint8_t in dtype '" << text_ << "'";
    }
    if (bits > 0) dtype->bits = static_cast<uint8_t>(bits);  // 0 asks for the default
  }

  void parse_lanes(DLDataType* dtype, bool may_scale) {
    const bool scales = may_scale && consume(&rest_, "xvscale");
    if (!consume(&rest_, "x")) return;
    const int64_t lanes = consume_number(&rest_);
    if (lanes <= 0) {
      TVM_FFI_THROW(ValueError) << "Invalid lanes specification in dtype '" << text_
                                << "'. Lanes must be a positive integer.";
    }
    if (lanes > std::numeric_limits<uint16_t>::max()) {
      TVM_FFI_THROW(ValueError) << "Lanes value " << lanes
                                << " is out of range for uint16_t in dtype '" << text_ << "'";
    }
    dtype->lanes = static_cast<uint16_t>(scales ? -lanes : lanes);
  }

  [[noreturn]] void unknown(const std::string& what) const {
    TVM_FFI_THROW(ValueError) << "unknown " << what << " `" << text_ << "`";
  }

  const std::string text_;
  std::string_view rest_;
};

DLDataType parse_dtype(std::string_view text) {
  if (text.empty() || text == "void") return {kDLOpaqueHandle, 0, 0};
  return Parser(text).parse();
}

std::string base_name(uint8_t code) {
  for (const PlainType& type : kPlainTypes) {
    if (type.code == code) return std::string(type.name);
  }
  for (const NarrowFloat& type : kNarrowFloats) {
    if (type.code == code) return std::string(type.family).append(type.variant);
  }
  if (code < kFirstCustomCode) {
    TVM_FFI_THROW(ValueError) << "DLDataType contains unknown type_code=" << static_cast<int>(code);
  }
  static const Function& name_of_code =
      *new Function(Function::GetGlobalRequired("dtype.get_custom_type_name"));
  return "custom[" + name_of_code(static_cast<int>(code)).cast<std::string>() + "]";
}

std::string format_dtype(const DLDataType& dtype) {
  if (dtype.code == kDLBool && dtype.bits == 8 && dtype.lanes == 1) return "bool";
  if (dtype.code == kDLOpaqueHandle && dtype.bits == 0 && dtype.lanes == 0) return "";
  std::string text = base_name(dtype.code);
  if (dtype.code == kDLOpaqueHandle) return text;
  const bool implies_bits =
      (dtype.code >= kDLFloat8_e3m4) || (dtype.code == kDLBool && dtype.bits == 8);
  if (!implies_bits) text += std::to_string(dtype.bits);
  const int lanes = static_cast<int16_t>(dtype.lanes);
  if (lanes > 1) text += "x" + std::to_string(lanes);
  if (lanes < -1) text += "xvscalex" + std::to_string(-lanes);
  return text;
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIDataTypeFromString(const TVMFFIByteArray* str, DLDataType* out) {
  return guard([&] { *out = parse_dtype(view(*str)); });
}

int TVMFFIDataTypeToString(const DLDataType* dtype, TVMFFIAny* out) {
  return guard([&] {
    const std::string text = format_dtype(*dtype);
    const TVMFFIByteArray bytes = byte_array(text);
    return TVMFFIStringFromByteArray(&bytes, out);
  });
}
