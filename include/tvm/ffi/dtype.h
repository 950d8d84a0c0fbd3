// SPDX-License-Identifier: Apache-2.0
//
// DLDataType as a value: text forms, comparison, conversion.
#ifndef TVM_FFI_DTYPE_H_
#define TVM_FFI_DTYPE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include <cstddef>      // size_t
#include <cstdint>      // int32_t
#include <iosfwd>       // std::ostream
#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::enable_if_t

namespace tvm {
namespace ffi {

// Type codes beyond those of DLPack.
enum DLExtDataTypeCode { kDLExtCustomBegin = 129 };

namespace detail {

[[noreturn]] TVM_FFI_COLD inline void ThrowUnknownTypeCode(int code) {
  TVM_FFI_THROW(ValueError) << "DLDataType contains unknown type_code=" << code;
  TVM_FFI_UNREACHABLE();
}

// The name without bits and lanes. Throws ValueError for a code that has none.
TVM_FFI_OUTLINE inline const char* DLDataTypeCodeAsCStr(int code) {
  static constexpr const char* kNames[] = {
      "int",
      "uint",
      "float",
      "handle",
      "bfloat",
      nullptr,  // complex
      "bool",
      "float8_e3m4",
      "float8_e4m3",
      "float8_e4m3b11fnuz",
      "float8_e4m3fn",
      "float8_e4m3fnuz",
      "float8_e5m2",
      "float8_e5m2fnuz",
      "float8_e8m0fnu",
      "float6_e2m3fn",
      "float6_e3m2fn",
      "float4_e2m1fn",
  };
  if (code >= kDLExtCustomBegin) return "custom";
  if (code < 0 || code > kDLFloat4_e2m1fn || kNames[code] == nullptr) ThrowUnknownTypeCode(code);
  return kNames[code];
}

}  // namespace detail

// Throws ValueError for text that is no data type.
inline DLDataType StringToDLDataType(const String& str) {
  TVMFFIByteArray bytes{str.data(), str.size()};
  DLDataType dtype;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFIDataTypeFromString(&bytes, &dtype));
  return dtype;
}

inline String DLDataTypeToString(DLDataType dtype) {
  TVMFFIAny text;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFIDataTypeToString(&dtype, &text));
  return TypeTraits<String>::MoveFromAnyAfterCheck(&text);
}

// Floating point of any kind, bfloat and the 8, 6 and 4 bit formats included.
inline bool DTypeIsFloat(DLDataType dtype) {
  return dtype.code == kDLFloat || dtype.code == kDLBfloat ||
         (dtype.code >= kDLFloat8_e3m4 && dtype.code <= kDLFloat4_e2m1fn);
}

// Signed or unsigned.
inline bool DTypeIsInt(DLDataType dtype) { return dtype.code == kDLInt || dtype.code == kDLUInt; }

inline bool DTypeIsBool(DLDataType dtype) { return dtype.code == kDLBool; }

// A short name: i32, u8, bf16x2, f8_e4m3fn, bool, handle, void.
TVM_FFI_OUTLINE inline std::string DTypeAbbrev(DLDataType dtype) {
  const int lanes = static_cast<int16_t>(dtype.lanes);
  if (dtype.code == kDLOpaqueHandle) {
    return dtype.bits == 0 && dtype.lanes == 0 ? "void" : "handle";
  }
  if (dtype.code >= kDLExtCustomBegin) return DLDataTypeToString(dtype);

  std::string text = detail::DLDataTypeCodeAsCStr(dtype.code);
  if (dtype.code > kDLBool) {
    text.replace(0, sizeof("float") - 1, 1, 'f');
  } else if (dtype.code == kDLBfloat) {
    text = "bf";
  } else if (dtype.code != kDLBool) {
    text.resize(1);
  }
  if (dtype.code < kDLBool || (dtype.code == kDLBool && dtype.bits != 8)) {
    text += std::to_string(dtype.bits);
  }
  if (lanes > 1) return text.append(1, 'x').append(std::to_string(lanes));
  if (lanes < -1) return text.append("xvscalex").append(std::to_string(-lanes));
  return text;
}

template <>
struct TypeTraits<DLDataType> : public detail::ValueTypeTraits<DLDataType, TypeTraits<DLDataType>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIDataType;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIDataType;

  static void Write(DLDataType src, TVMFFIAny* result) {
    detail::WriteCell(result, kTypeIndex, int64_t{0});  // the type covers four of the eight bytes
    result->v_dtype = src;
  }
  static DLDataType Read(const TVMFFIAny* src) { return src->v_dtype; }
  // Unlike other conversions this one throws: ValueError for text that is no data type.
  static std::optional<DLDataType> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == kTypeIndex) return Read(src);
    return TryParse(src);
  }

 private:
  TVM_FFI_OUTLINE static std::optional<DLDataType> TryParse(const TVMFFIAny* src) {
    std::optional<std::string> text = TypeTraits<std::string>::TryCastFromAnyView(src);
    if (!text.has_value()) return std::nullopt;
    return StringToDLDataType(*text);
  }
};

}  // namespace ffi
}  // namespace tvm

inline bool operator==(const DLDataType& lhs, const DLDataType& rhs) {
  return lhs.code == rhs.code && lhs.bits == rhs.bits && lhs.lanes == rhs.lanes;
}
inline bool operator!=(const DLDataType& lhs, const DLDataType& rhs) { return !(lhs == rhs); }

namespace tvm {
namespace ffi {
namespace detail {

// Messages of errors take data types without <ostream>.
inline MessageStream& operator<<(MessageInserters& stream, const DLDataType& dtype) {
  return stream << DLDataTypeToString(dtype);
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

// A template, so that <ostream> is needed only where a data type is printed.
template <typename Traits>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    DLDataType dtype) {
  const tvm::ffi::String text = tvm::ffi::DLDataTypeToString(dtype);
  return os.write(text.data(), static_cast<std::streamsize>(text.size()));
}

#endif  // TVM_FFI_DTYPE_H_
