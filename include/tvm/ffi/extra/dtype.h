// SPDX-License-Identifier: Apache-2.0
//
// dtype_trait<T>::value: the DLDataType of a C++ scalar type. Types of CUDA and HIP are declared
// only, so their headers are not needed here.
#ifndef TVM_FFI_EXTRA_DTYPE_H_
#define TVM_FFI_EXTRA_DTYPE_H_

#include <dlpack/dlpack.h>
#include <tvm/ffi/base_detail.h>

#include <cstdint>

struct __half;
struct __nv_bfloat16;
struct __hip_bfloat16;
struct hip_bfloat16;
struct __nv_fp8_e4m3;
struct __nv_fp8_e5m2;
struct __nv_fp8_e8m0;
struct __nv_fp4_e2m1;
struct __nv_fp4x2_e2m1;
struct __hip_fp8_e4m3;
struct __hip_fp8_e4m3_fnuz;
struct __hip_fp8_e5m2;
struct __hip_fp8_e5m2_fnuz;
struct __hip_fp4_e2m1;
struct __hip_fp4x2_e2m1;

// Specialise for a type of your own here or in tvm::ffi. The primary template has no value.
namespace tvm_ffi {
template <typename T>
struct dtype_trait {};
}  // namespace tvm_ffi

namespace tvm {
namespace ffi {
namespace detail {
namespace dtypes {

template <uint8_t kCode, int kBits, int kLanes = 1>
struct trait {
  static constexpr DLDataType value = {kCode, static_cast<uint8_t>(kBits),
                                       static_cast<uint16_t>(kLanes)};
};

template <typename T>
struct integer_trait : trait<static_cast<T>(-1) < static_cast<T>(0) ? kDLInt : kDLUInt,
                             static_cast<int>(sizeof(T) * 8)> {};

template <typename T>
struct float_trait : trait<kDLFloat, static_cast<int>(sizeof(T) * 8)> {};

}  // namespace dtypes
}  // namespace detail

template <typename T>
struct dtype_trait : ::tvm_ffi::dtype_trait<T> {};

}  // namespace ffi
}  // namespace tvm

namespace tvm_ffi {
namespace dtypes = ::tvm::ffi::detail::dtypes;

// clang-format off
template <> struct dtype_trait<char> : dtypes::integer_trait<char> {};
template <> struct dtype_trait<signed char> : dtypes::integer_trait<signed char> {};
template <> struct dtype_trait<unsigned char> : dtypes::integer_trait<unsigned char> {};
template <> struct dtype_trait<signed short> : dtypes::integer_trait<signed short> {};
template <> struct dtype_trait<unsigned short> : dtypes::integer_trait<unsigned short> {};
template <> struct dtype_trait<signed int> : dtypes::integer_trait<signed int> {};
template <> struct dtype_trait<unsigned int> : dtypes::integer_trait<unsigned int> {};
template <> struct dtype_trait<signed long> : dtypes::integer_trait<signed long> {};
template <> struct dtype_trait<unsigned long> : dtypes::integer_trait<unsigned long> {};
template <> struct dtype_trait<signed long long> : dtypes::integer_trait<signed long long> {};
template <> struct dtype_trait<unsigned long long> : dtypes::integer_trait<unsigned long long> {};
template <> struct dtype_trait<float> : dtypes::float_trait<float> {};
template <> struct dtype_trait<double> : dtypes::float_trait<double> {};
template <> struct dtype_trait<bool> : dtypes::trait<kDLBool, 8> {};
template <> struct dtype_trait<__half> : dtypes::trait<kDLFloat, 16> {};
template <> struct dtype_trait<__nv_bfloat16> : dtypes::trait<kDLBfloat, 16> {};
template <> struct dtype_trait<__hip_bfloat16> : dtypes::trait<kDLBfloat, 16> {};
template <> struct dtype_trait<hip_bfloat16> : dtypes::trait<kDLBfloat, 16> {};
template <> struct dtype_trait<__nv_fp8_e4m3> : dtypes::trait<kDLFloat8_e4m3fn, 8> {};
template <> struct dtype_trait<__hip_fp8_e4m3> : dtypes::trait<kDLFloat8_e4m3fn, 8> {};
template <> struct dtype_trait<__hip_fp8_e4m3_fnuz> : dtypes::trait<kDLFloat8_e4m3fnuz, 8> {};
template <> struct dtype_trait<__nv_fp8_e5m2> : dtypes::trait<kDLFloat8_e5m2, 8> {};
template <> struct dtype_trait<__hip_fp8_e5m2> : dtypes::trait<kDLFloat8_e5m2, 8> {};
template <> struct dtype_trait<__hip_fp8_e5m2_fnuz> : dtypes::trait<kDLFloat8_e5m2fnuz, 8> {};
template <> struct dtype_trait<__nv_fp8_e8m0> : dtypes::trait<kDLFloat8_e8m0fnu, 8> {};
template <> struct dtype_trait<__nv_fp4_e2m1> : dtypes::trait<kDLFloat4_e2m1fn, 4> {};
template <> struct dtype_trait<__hip_fp4_e2m1> : dtypes::trait<kDLFloat4_e2m1fn, 4> {};
template <> struct dtype_trait<__nv_fp4x2_e2m1> : dtypes::trait<kDLFloat4_e2m1fn, 4, 2> {};
template <> struct dtype_trait<__hip_fp4x2_e2m1> : dtypes::trait<kDLFloat4_e2m1fn, 4, 2> {};
// clang-format on
}  // namespace tvm_ffi
#endif  // TVM_FFI_EXTRA_DTYPE_H_
