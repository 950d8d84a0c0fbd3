// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <cstring>
#include <string>
#include <utility>
#include <vector>

#include "contract.h"

namespace {

using contract::bytes;

bool operator==(const DLDataType& a, const DLDataType& b) {
  return a.code == b.code && a.bits == b.bits && a.lanes == b.lanes;
}

DLDataType parse(std::string_view text) {
  const TVMFFIByteArray input = bytes(text);
  DLDataType dtype{};
  EXPECT_EQ(TVMFFIDataTypeFromString(&input, &dtype), 0)
      << text << ": " << contract::Raised().message;
  return dtype;
}

std::string format(const DLDataType& dtype) {
  TVMFFIAny text = contract::none();
  EXPECT_EQ(TVMFFIDataTypeToString(&dtype, &text), 0) << contract::Raised().message;
  return contract::take_text(text);
}

constexpr DLDataType kVoid = {kDLOpaqueHandle, 0, 0};
constexpr uint16_t scaled(int lanes) { return static_cast<uint16_t>(-lanes); }

struct Case {
  const char* text;
  DLDataType dtype;
};

// Canonical texts: these are what is printed.
constexpr Case kCanonical[] = {
    {"", kVoid},
    {"int32", {kDLInt, 32, 1}},
    {"int8x4", {kDLInt, 8, 4}},
    {"uint1", {kDLUInt, 1, 1}},
    {"uint64x32767", {kDLUInt, 64, 32767}},
    {"float16", {kDLFloat, 16, 1}},
    {"float255x2", {kDLFloat, 255, 2}},
    {"bool", {kDLBool, 8, 1}},
    {"boolx4", {kDLBool, 8, 4}},
    {"bool1", {kDLBool, 1, 1}},
    {"bool1x16", {kDLBool, 1, 16}},
    {"handle", {kDLOpaqueHandle, 64, 1}},
    {"bfloat16x2", {kDLBfloat, 16, 2}},
    {"int32xvscalex4", {kDLInt, 32, scaled(4)}},
    {"float8_e3m4", {kDLFloat8_e3m4, 8, 1}},
    {"float8_e4m3", {kDLFloat8_e4m3, 8, 1}},
    {"float8_e4m3b11fnuz", {kDLFloat8_e4m3b11fnuz, 8, 1}},
    {"float8_e4m3fn", {kDLFloat8_e4m3fn, 8, 1}},
    {"float8_e4m3fnuz", {kDLFloat8_e4m3fnuz, 8, 1}},
    {"float8_e5m2", {kDLFloat8_e5m2, 8, 1}},
    {"float8_e5m2fnuz", {kDLFloat8_e5m2fnuz, 8, 1}},
    {"float8_e8m0fnu", {kDLFloat8_e8m0fnu, 8, 1}},
    {"float8_e4m3fnx2", {kDLFloat8_e4m3fn, 8, 2}},
    {"float6_e2m3fn", {kDLFloat6_e2m3fn, 6, 1}},
    {"float6_e3m2fnx4", {kDLFloat6_e3m2fn, 6, 4}},
    {"float4_e2m1fn", {kDLFloat4_e2m1fn, 4, 1}},
    {"float4_e2m1fnx2", {kDLFloat4_e2m1fn, 4, 2}},
};

TEST(CDType, CanonicalTextsAreReadAndWritten) {
  for (const Case& c : kCanonical) {
    EXPECT_TRUE(parse(c.text) == c.dtype) << c.text;
    EXPECT_EQ(format(c.dtype), c.text);
  }
}

constexpr Case kAliases[] = {
    {"void", kVoid},
    {"int", {kDLInt, 32, 1}},
    {"int0", {kDLInt, 32, 1}},
    {"int032x04", {kDLInt, 32, 4}},
    {"i8", {kDLInt, 8, 1}},
    {"uint", {kDLUInt, 32, 1}},
    {"uint64x65535", {kDLUInt, 64, 65535}},
    {"u16x2", {kDLUInt, 16, 2}},
    {"float", {kDLFloat, 32, 1}},
    {"f64", {kDLFloat, 64, 1}},
    {"float8", {kDLFloat, 8, 1}},
    {"floatx3", {kDLFloat, 32, 3}},
    {"bf16", {kDLBfloat, 16, 1}},
    {"bfloat", {kDLBfloat, 16, 1}},
    {"bool8", {kDLBool, 8, 1}},
    {"bool0", {kDLBool, 8, 1}},
    {"handle32", {kDLOpaqueHandle, 32, 1}},
    {"handle64x2", {kDLOpaqueHandle, 64, 2}},
    {"int8xvscalex65535", {kDLInt, 8, 1}},
    {"fp8_e5m2x4", {kDLFloat8_e5m2, 8, 4}},
    {"f8_e4m3", {kDLFloat8_e4m3, 8, 1}},
    {"fp6_e2m3fn", {kDLFloat6_e2m3fn, 6, 1}},
    {"f6_e3m2fn", {kDLFloat6_e3m2fn, 6, 1}},
    {"fp4_e2m1fn", {kDLFloat4_e2m1fn, 4, 1}},
    {"f4_e2m1fn_x2", {kDLFloat4_e2m1fn, 4, 2}},
    {"float4_e2m1fn_", {kDLFloat4_e2m1fn, 4, 1}},
};

TEST(CDType, OtherSpellingsAreRead) {
  for (const Case& c : kAliases) EXPECT_TRUE(parse(c.text) == c.dtype) << c.text;
}

TEST(CDType, TextNeedsNoTerminator) {
  EXPECT_TRUE(parse(std::string_view("int32x4 and more", 5)) == (DLDataType{kDLInt, 32, 1}));
}

const std::pair<const char*, const char*> kRefused[] = {
    {"i", "unknown dtype `i`"},
    {"x4", "unknown dtype `x4`"},
    {"INT8", "unknown dtype `INT8`"},
    {" int8", "unknown dtype ` int8`"},
    {"i8 ", "unknown dtype `int8 `"},
    {"void1", "unknown dtype `void1`"},
    {"int-8", "unknown dtype `int-8`"},
    {"int8q", "unknown dtype `int8q`"},
    {"int8x4q", "unknown dtype `int8x4q`"},
    {"float64x4x2", "unknown dtype `float64x4x2`"},
    {"int8xvscale4", "unknown dtype `int8xvscale4`"},
    {"complex64", "unknown dtype `complex64`"},
    {"fp8", "unknown dtype `fp8`"},
    {"f8_", "unknown float8 type `float8_`"},
    {"float8_e4m3fn8", "unknown float8 type `float8_e4m3fn8`"},
    {"float8_e4m3_x2", "unknown float8 type `float8_e4m3_x2`"},
    {"float6_e2m1", "unknown float6 type `float6_e2m1`"},
    {"float4_e2m1", "unknown float4 type `float4_e2m1`"},
    {"float4_e2m1fn__x2", "unknown dtype `float4_e2m1fn__x2`"},
    {"int256", "Bits value 256 is out of range for uint8_t in dtype 'int256'"},
    {"i4294967295", "Bits value 4294967295 is out of range for uint8_t in dtype 'int4294967295'"},
    {"int4294967296", "Integer value in dtype string '4294967296' is out of range for uint32_t"},
    {"int8x99999999999999999999",
     "Integer value in dtype string '99999999999999999999' is out of range for uint32_t"},
    {"int8x0", "Invalid lanes specification in dtype 'int8x0'. Lanes must be a positive integer."},
    {"int8x", "Invalid lanes specification in dtype 'int8x'. Lanes must be a positive integer."},
    {"i8x-1", "Invalid lanes specification in dtype 'int8x-1'. Lanes must be a positive integer."},
    {"int8xvscalex0",
     "Invalid lanes specification in dtype 'int8xvscalex0'. Lanes must be a positive integer."},
    {"float8_e5m2xvscalex2",
     "Invalid lanes specification in dtype 'float8_e5m2xvscalex2'. Lanes must be a positive "
     "integer."},
    {"int8x65536", "Lanes value 65536 is out of range for uint16_t in dtype 'int8x65536'"},
    {"custom", "expected opening brace after 'custom' type in 'custom'"},
    {"custom[a", "expected closing brace after 'custom' type in 'custom[a'"},
};

TEST(CDType, RefusesOtherTexts) {
  for (auto [text, message] : kRefused) {
    const TVMFFIByteArray input = bytes(text);
    DLDataType dtype{9, 9, 9};
    EXPECT_RAISES(TVMFFIDataTypeFromString(&input, &dtype), "ValueError", message);
    EXPECT_TRUE(dtype == (DLDataType{9, 9, 9}));
  }
}

TEST(CDType, EveryPrintedTypeReadsBack) {
  for (int code = 0; code <= kDLFloat4_e2m1fn; ++code) {
    if (code == kDLComplex || code == kDLOpaqueHandle) continue;
    for (int bits : {1, 4, 6, 8, 16, 32, 64, 255}) {
      for (int lanes : {1, 2, 3, 64, 32767}) {
        DLDataType dtype{static_cast<uint8_t>(code), static_cast<uint8_t>(bits),
                         static_cast<uint16_t>(lanes)};
        const std::string text = format(dtype);
        const DLDataType read = parse(text);
        EXPECT_EQ(read.code, code) << text;
        EXPECT_EQ(read.lanes, lanes) << text;
        EXPECT_EQ(format(read), text);
        if (code < kDLFloat8_e3m4) {
          EXPECT_EQ(read.bits, bits) << text;
          dtype.lanes = scaled(lanes);
          if (lanes == 1) continue;
          EXPECT_TRUE(parse(format(dtype)) == dtype) << format(dtype);
        }
      }
    }
  }
}

TEST(CDType, HandlesShowNoSize) {
  EXPECT_EQ(format({kDLOpaqueHandle, 32, 4}), "handle");
  EXPECT_EQ(format({kDLOpaqueHandle, 0, 1}), "handle");
}

TEST(CDType, LanesOfZeroAndMinusOneAreNotShown) {
  EXPECT_EQ(format({kDLInt, 8, 0}), "int8");
  EXPECT_EQ(format({kDLInt, 8, 65535}), "int8");
}

TEST(CDType, UnknownCodesCannotBePrinted) {
  for (int code : {int{kDLComplex}, 18, 128}) {
    const DLDataType dtype{static_cast<uint8_t>(code), 8, 1};
    TVMFFIAny text = contract::none();
    EXPECT_RAISES(TVMFFIDataTypeToString(&dtype, &text), "ValueError",
                  "DLDataType contains unknown type_code=" + std::to_string(code));
  }
}

// ---- Custom types ----------------------------------------------------------

int code_of_name(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  TVMFFIAny name;
  if (TVMFFIAnyViewToOwnedAny(&args[0], &name) != 0) return -1;
  if (contract::take_text(name) != "posit") {
    TVMFFIErrorSetRaisedFromCStr("KeyError", "no such custom type");
    return -1;
  }
  *result = contract::integer(130);
  return 0;
}

int name_of_code(void*, const TVMFFIAny* args, int32_t, TVMFFIAny* result) {
  const TVMFFIByteArray name = bytes(args[0].v_int64 == 130 ? "posit" : "other");
  return TVMFFIStringFromByteArray(&name, result);
}

void set_global(const char* name, TVMFFISafeCallType callback) {
  contract::Owned function;
  ASSERT_EQ(TVMFFIFunctionCreate(nullptr, callback, nullptr, function.out()), 0);
  const TVMFFIByteArray name_bytes = bytes(name);
  ASSERT_EQ(TVMFFIFunctionSetGlobal(&name_bytes, function.get(), 0), 0);
}

// One test, because the functions are looked up once in the life of the process.
TEST(CDType, CustomTypesAreNamedByRegisteredFunctions) {
  const TVMFFIByteArray posit = bytes("custom[posit]16x2");
  const DLDataType dtype{130, 16, 2};
  DLDataType read{};
  TVMFFIAny text = contract::none();
  EXPECT_RAISES(TVMFFIDataTypeFromString(&posit, &read), "ValueError",
                "Function dtype.get_custom_type_code not found");
  EXPECT_RAISES(TVMFFIDataTypeToString(&dtype, &text), "ValueError",
                "Function dtype.get_custom_type_name not found");

  set_global("dtype.get_custom_type_code", code_of_name);
  set_global("dtype.get_custom_type_name", name_of_code);
  EXPECT_TRUE(parse("custom[posit]16x2") == dtype);
  EXPECT_TRUE(parse("custom[posit]") == (DLDataType{130, 32, 1}));
  EXPECT_EQ(format(dtype), "custom[posit]x2");
  const TVMFFIByteArray unknown = bytes("custom[unum]");
  EXPECT_RAISES(TVMFFIDataTypeFromString(&unknown, &read), "KeyError", "no such custom type");
}

}  // namespace
