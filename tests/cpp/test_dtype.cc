// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/dtype.h>

#include <sstream>
#include <string>

#include "number_object.h"

namespace {

using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Bytes;
using tvm::ffi::DLDataTypeToString;
using tvm::ffi::DTypeAbbrev;
using tvm::ffi::DTypeIsBool;
using tvm::ffi::DTypeIsFloat;
using tvm::ffi::DTypeIsInt;
using tvm::ffi::String;
using tvm::ffi::StringToDLDataType;
using tvm::ffi::TypeTraits;

DLDataType Make(int code, int bits, int lanes = 1) {
  return DLDataType{static_cast<uint8_t>(code), static_cast<uint8_t>(bits),
                    static_cast<uint16_t>(lanes)};
}

TEST(DataType, TextRoundTrips) {
  for (const char* text : {"float32",
                           "int16x2",
                           "uint8",
                           "bfloat16x2",
                           "bool",
                           "bool1",
                           "handle",
                           "int32xvscalex4",
                           "float8_e3m4",
                           "float8_e4m3",
                           "float8_e4m3b11fnuz",
                           "float8_e4m3fn",
                           "float8_e4m3fnx2",
                           "float8_e4m3fnuz",
                           "float8_e5m2",
                           "float8_e5m2fnuz",
                           "float8_e8m0fnu",
                           "float6_e2m3fn",
                           "float6_e3m2fn",
                           "float4_e2m1fn",
                           "float4_e2m1fnx2"}) {
    EXPECT_EQ(DLDataTypeToString(StringToDLDataType(text)), text);
  }
}

TEST(DataType, AliasesHaveOneName) {
  const std::pair<const char*, const char*> aliases[] = {
      {"i8", "int8"},
      {"u1", "uint1"},
      {"f16", "float16"},
      {"bf16", "bfloat16"},
      {"int", "int32"},
      {"bool", "bool"},
      {"bfloat", "bfloat16"},
      {"f8_e4m3fn", "float8_e4m3fn"},
      {"fp8_e5m2x4", "float8_e5m2x4"},
      {"fp6_e2m3fn", "float6_e2m3fn"},
      {"f4_e2m1fn_x2", "float4_e2m1fnx2"},
  };
  for (auto [alias, name] : aliases) {
    EXPECT_EQ(DLDataTypeToString(StringToDLDataType(alias)), name) << alias;
  }
}

TEST(DataType, VoidHasNoText) {
  EXPECT_EQ(StringToDLDataType("void"), Make(kDLOpaqueHandle, 0, 0));
  EXPECT_EQ(StringToDLDataType(""), Make(kDLOpaqueHandle, 0, 0));
  EXPECT_EQ(DLDataTypeToString(Make(kDLOpaqueHandle, 0, 0)), "");
}

TEST(DataType, OtherTextIsAValueError) {
  EXPECT_EQ(ErrorOf([] { StringToDLDataType("no_such_type"); }),
            "ValueError: unknown dtype `no_such_type`");
  EXPECT_EQ(ErrorOf([] { StringToDLDataType("i32q"); }), "ValueError: unknown dtype `int32q`");
  EXPECT_EQ(ErrorOf([] { DLDataTypeToString(Make(60, 8)); }),
            "ValueError: DLDataType contains unknown type_code=60");
}

TEST(DataType, ComparesAllParts) {
  EXPECT_TRUE(Make(kDLInt, 32) == Make(kDLInt, 32));
  EXPECT_TRUE(Make(kDLInt, 32) != Make(kDLUInt, 32));
  EXPECT_TRUE(Make(kDLInt, 32) != Make(kDLInt, 16));
  EXPECT_TRUE(Make(kDLInt, 32) != Make(kDLInt, 32, 2));
}

TEST(DataType, IsPrintedToStreamsAndMessages) {
  std::ostringstream stream;
  stream << Make(kDLFloat, 16, 4) << '|' << Make(kDLBool, 8);
  EXPECT_EQ(stream.str(), "float16x4|bool");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_THROW(ValueError) << "got " << Make(kDLInt, 8); }),
            "ValueError: got int8");
}

TEST(DataType, KindsAreDisjoint) {
  for (int code : {kDLFloat, kDLBfloat, kDLFloat8_e3m4, kDLFloat8_e8m0fnu, kDLFloat6_e2m3fn,
                   kDLFloat4_e2m1fn}) {
    EXPECT_TRUE(DTypeIsFloat(Make(code, 8)) && !DTypeIsInt(Make(code, 8)) &&
                !DTypeIsBool(Make(code, 8)));
  }
  for (int code : {kDLInt, kDLUInt}) {
    EXPECT_TRUE(DTypeIsInt(Make(code, 8)) && !DTypeIsFloat(Make(code, 8)) &&
                !DTypeIsBool(Make(code, 8)));
  }
  EXPECT_TRUE(DTypeIsBool(Make(kDLBool, 8)) && !DTypeIsInt(Make(kDLBool, 8)));
  for (int code : {static_cast<int>(kDLOpaqueHandle), static_cast<int>(kDLComplex), 129}) {
    EXPECT_FALSE(DTypeIsFloat(Make(code, 8)) || DTypeIsInt(Make(code, 8)) ||
                 DTypeIsBool(Make(code, 8)));
  }
}

TEST(DataType, AbbreviationsAreShort) {
  EXPECT_EQ(DTypeAbbrev(Make(kDLInt, 32)), "i32");
  EXPECT_EQ(DTypeAbbrev(Make(kDLUInt, 8, 4)), "u8x4");
  EXPECT_EQ(DTypeAbbrev(Make(kDLFloat, 16)), "f16");
  EXPECT_EQ(DTypeAbbrev(Make(kDLBfloat, 16, -4)), "bf16xvscalex4");
  EXPECT_EQ(DTypeAbbrev(Make(kDLBool, 8)), "bool");
  EXPECT_EQ(DTypeAbbrev(Make(kDLBool, 8, 2)), "boolx2");
  EXPECT_EQ(DTypeAbbrev(Make(kDLBool, 1)), "bool1");
  EXPECT_EQ(DTypeAbbrev(Make(kDLFloat8_e4m3fn, 8)), "f8_e4m3fn");
  EXPECT_EQ(DTypeAbbrev(Make(kDLFloat4_e2m1fn, 4, 2)), "f4_e2m1fnx2");
  EXPECT_EQ(DTypeAbbrev(Make(kDLOpaqueHandle, 0, 0)), "void");
  EXPECT_EQ(DTypeAbbrev(Make(kDLOpaqueHandle, 64)), "handle");
  EXPECT_EQ(ErrorOf([] { DTypeAbbrev(Make(kDLComplex, 64)); }),
            "ValueError: DLDataType contains unknown type_code=5");
}

TEST(DataType, CodesHaveNames) {
  using tvm::ffi::detail::DLDataTypeCodeAsCStr;
  EXPECT_STREQ(DLDataTypeCodeAsCStr(kDLInt), "int");
  EXPECT_STREQ(DLDataTypeCodeAsCStr(kDLOpaqueHandle), "handle");
  EXPECT_STREQ(DLDataTypeCodeAsCStr(kDLFloat4_e2m1fn), "float4_e2m1fn");
  EXPECT_STREQ(DLDataTypeCodeAsCStr(tvm::ffi::kDLExtCustomBegin), "custom");
  EXPECT_EQ(ErrorOf([] { DLDataTypeCodeAsCStr(kDLComplex); }),
            "ValueError: DLDataType contains unknown type_code=5");
}

TEST(DataTypeInAny, IsStoredWithAllBytesDefined) {
  Any any = Make(kDLFloat, 32);
  EXPECT_EQ(any.type_index(), kTVMFFIDataType);
  EXPECT_EQ(any.as<DLDataType>().value(), Make(kDLFloat, 32));
  EXPECT_TRUE(any.same_as(Any(Make(kDLFloat, 32))));
  EXPECT_EQ(AnyView(any).CopyToTVMFFIAny().v_uint64 >> 32, 0u);
  EXPECT_EQ(TypeTraits<DLDataType>::TypeStr(), "DataType");
  EXPECT_EQ(TypeTraits<DLDataType>::TypeSchema(), R"({"type":"DataType"})");
}

TEST(DataTypeInAny, TextIsParsed) {
  EXPECT_EQ(AnyView("float32").try_cast<DLDataType>().value(), Make(kDLFloat, 32));
  EXPECT_EQ(Any(String("int8x4")).cast<DLDataType>(), Make(kDLInt, 8, 4));
  EXPECT_EQ(Any(Bytes("u8", 2)).cast<DLDataType>(), Make(kDLUInt, 8));
  EXPECT_FALSE(Any("float32").as<DLDataType>().has_value());
  EXPECT_FALSE(Any(32).try_cast<DLDataType>().has_value());
  EXPECT_EQ(ErrorOf([] { AnyView("what").try_cast<DLDataType>(); }),
            "ValueError: unknown dtype `what`");
}

}  // namespace
