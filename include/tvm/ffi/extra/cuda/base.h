// SPDX-License-Identifier: Apache-2.0
//
// Checks of CUDA runtime calls, and sizes of grids and blocks. Needs the CUDA toolkit.
#ifndef TVM_FFI_EXTRA_CUDA_BASE_H_
#define TVM_FFI_EXTRA_CUDA_BASE_H_

#include <cuda_runtime.h>
#include <tvm/ffi/error.h>

// Throws RuntimeError unless the call returns cudaSuccess.
#define TVM_FFI_CHECK_CUDA_ERROR(stmt)                                                  \
  do {                                                                                  \
    const ::cudaError_t tvm_ffi_cuda_error = (stmt);                                    \
    if (TVM_FFI_PREDICT_FALSE(tvm_ffi_cuda_error != ::cudaSuccess)) {                   \
      TVM_FFI_THROW(RuntimeError) << "CUDA Runtime Error: "                             \
                                  << ::cudaGetErrorName(tvm_ffi_cuda_error) << " ("     \
                                  << static_cast<int>(tvm_ffi_cuda_error)               \
                                  << "): " << ::cudaGetErrorString(tvm_ffi_cuda_error); \
    }                                                                                   \
  } while (0)

namespace tvm {
namespace ffi {

// As CUDA's own, but also there for host compilers and the driver API.
struct dim3 {
  unsigned int x = 1;
  unsigned int y = 1;
  unsigned int z = 1;

  dim3() = default;
  explicit dim3(unsigned int x) : x(x) {}
  dim3(unsigned int x, unsigned int y) : x(x), y(y) {}
  dim3(unsigned int x, unsigned int y, unsigned int z) : x(x), y(y), z(z) {}
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_CUDA_BASE_H_
