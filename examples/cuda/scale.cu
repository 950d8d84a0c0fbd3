// SPDX-License-Identifier: Apache-2.0
//
// A CUDA kernel, and the function that checks its arguments and launches it.
#include <cuda_runtime.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>

#include <cstdint>

namespace ffi = tvm::ffi;

namespace {

__global__ void ScaleKernel(const float* x, float* y, int64_t n, float factor) {
  int64_t i = int64_t{blockIdx.x} * blockDim.x + threadIdx.x;
  if (i < n) y[i] = factor * x[i];
}

void Check(cudaError_t status) {
  if (status != cudaSuccess) TVM_FFI_THROW(RuntimeError) << cudaGetErrorString(status);
}

}  // namespace

ffi::Tensor Scaled(ffi::TensorView x, double factor) {
  TVM_FFI_CHECK_EQ(x.device().device_type, kDLCUDA, ValueError) << "x must be on a CUDA device";
  TVM_FFI_CHECK_EQ(x.dtype(), (DLDataType{kDLFloat, 32, 1}), TypeError) << "x must be float32";
  TVM_FFI_CHECK(x.IsContiguous(), ValueError) << "x must be contiguous";
  Check(cudaSetDevice(x.device().device_id));
  // Of the caller's allocator: torch in, torch out.
  ffi::Tensor y = ffi::Tensor::FromEnvAlloc(TVMFFIEnvTensorAlloc, x.shape(), x.dtype(), x.device());
  // torch's current stream, during a call with torch tensors.
  auto stream =
      static_cast<cudaStream_t>(TVMFFIEnvGetStream(x.device().device_type, x.device().device_id));
  constexpr int kThreads = 256;
  auto blocks = static_cast<unsigned>((x.numel() + kThreads - 1) / kThreads);
  if (blocks != 0) {
    ScaleKernel<<<blocks, kThreads, 0, stream>>>(static_cast<const float*>(x.data_ptr()),
                                                 static_cast<float*>(y.data_ptr()), x.numel(),
                                                 static_cast<float>(factor));
    Check(cudaGetLastError());
  }
  return y;
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(scaled, Scaled);
