// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/extra/dtype.h>

#include <cstdint>
#include <string>
#include <type_traits>

struct OfTheUser {};
struct OfTheUserBefore {};

// A user may add types under the name of either release.
template <>
struct tvm::ffi::dtype_trait<OfTheUser> {
  static constexpr DLDataType value = {kDLOpaqueHandle, 64, 1};
};
template <>
struct tvm_ffi::dtype_trait<OfTheUserBefore> {
  static constexpr DLDataType value = {kDLOpaqueHandle, 32, 1};
};

namespace dtype_trait_test {

using namespace tvm::ffi;

template <typename T>
std::string NameOf() {
  return DLDataTypeToString(tvm::ffi::dtype_trait<T>::value);
}

template <typename T, typename = void>
inline constexpr bool kHasValue = false;
template <typename T>
inline constexpr bool kHasValue<T, std::void_t<decltype(tvm::ffi::dtype_trait<T>::value)>> = true;

TEST(DtypeTrait, IntegersOfTheirSize) {
  EXPECT_EQ(NameOf<int8_t>(), "int8");
  EXPECT_EQ(NameOf<uint8_t>(), "uint8");
  EXPECT_EQ(NameOf<int16_t>(), "int16");
  EXPECT_EQ(NameOf<uint16_t>(), "uint16");
  EXPECT_EQ(NameOf<int32_t>(), "int32");
  EXPECT_EQ(NameOf<uint32_t>(), "uint32");
  EXPECT_EQ(NameOf<int64_t>(), "int64");
  EXPECT_EQ(NameOf<uint64_t>(), "uint64");
  EXPECT_EQ(NameOf<char>(), std::is_signed_v<char> ? "int8" : "uint8");
  EXPECT_EQ(NameOf<long long>(), "int64");
  EXPECT_EQ(NameOf<unsigned long long>(), "uint64");
}

TEST(DtypeTrait, FloatsAndBool) {
  EXPECT_EQ(NameOf<float>(), "float32");
  EXPECT_EQ(NameOf<double>(), "float64");
  EXPECT_EQ(NameOf<bool>(), "bool");
}

TEST(DtypeTrait, ScalarsOfCudaAndHip) {
  EXPECT_EQ(NameOf<__half>(), "float16");
  EXPECT_EQ(NameOf<__nv_bfloat16>(), "bfloat16");
  EXPECT_EQ(NameOf<__hip_bfloat16>(), "bfloat16");
  EXPECT_EQ(NameOf<hip_bfloat16>(), "bfloat16");
  EXPECT_EQ(NameOf<__nv_fp8_e4m3>(), "float8_e4m3fn");
  EXPECT_EQ(NameOf<__hip_fp8_e4m3>(), "float8_e4m3fn");
  EXPECT_EQ(NameOf<__hip_fp8_e4m3_fnuz>(), "float8_e4m3fnuz");
  EXPECT_EQ(NameOf<__nv_fp8_e5m2>(), "float8_e5m2");
  EXPECT_EQ(NameOf<__hip_fp8_e5m2>(), "float8_e5m2");
  EXPECT_EQ(NameOf<__hip_fp8_e5m2_fnuz>(), "float8_e5m2fnuz");
  EXPECT_EQ(NameOf<__nv_fp8_e8m0>(), "float8_e8m0fnu");
  EXPECT_EQ(NameOf<__nv_fp4_e2m1>(), "float4_e2m1fn");
  EXPECT_EQ(NameOf<__hip_fp4_e2m1>(), "float4_e2m1fn");
  EXPECT_EQ(NameOf<__nv_fp4x2_e2m1>(), "float4_e2m1fnx2");
  EXPECT_EQ(NameOf<__hip_fp4x2_e2m1>(), "float4_e2m1fnx2");
}

TEST(DtypeTrait, OtherTypesHaveNoValue) {
  EXPECT_FALSE(kHasValue<void*>);
  EXPECT_FALSE(kHasValue<std::string>);
  EXPECT_FALSE(kHasValue<long double>);
}

TEST(DtypeTrait, UsersAddTypes) {
  EXPECT_EQ(tvm::ffi::dtype_trait<OfTheUser>::value.bits, 64);
  EXPECT_EQ(tvm::ffi::dtype_trait<OfTheUserBefore>::value.bits, 32);
}

}  // namespace dtype_trait_test
