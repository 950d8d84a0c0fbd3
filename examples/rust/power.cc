// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>

#include <cstdint>

int64_t Power(int64_t base, int64_t exponent) {
  if (exponent < 0) TVM_FFI_THROW(ValueError) << "Expected an exponent of 0 or more";
  int64_t result = 1;
  for (int64_t i = 0; i < exponent; ++i) result *= base;
  return result;
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(power, Power);
