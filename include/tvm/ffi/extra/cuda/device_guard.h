// SPDX-License-Identifier: Apache-2.0
//
// The current CUDA device of this thread, for a scope. Needs the CUDA toolkit.
#ifndef TVM_FFI_EXTRA_CUDA_DEVICE_GUARD_H_
#define TVM_FFI_EXTRA_CUDA_DEVICE_GUARD_H_

#include <tvm/ffi/extra/cuda/base.h>

#include <exception>

namespace tvm {
namespace ffi {

// Makes a device current until the end of the scope. Both ends throw RuntimeError when CUDA refuses
// (the end not while another exception is on its way).
struct CUDADeviceGuard {
  CUDADeviceGuard() = delete;
  CUDADeviceGuard(const CUDADeviceGuard&) = delete;
  CUDADeviceGuard& operator=(const CUDADeviceGuard&) = delete;

  CUDADeviceGuard(int device) : device_(device) {  // NOLINT(google-explicit-constructor)
    TVM_FFI_CHECK_CUDA_ERROR(::cudaGetDevice(&original_));
    if (device_ != original_) TVM_FFI_CHECK_CUDA_ERROR(::cudaSetDevice(device_));
  }

  ~CUDADeviceGuard() noexcept(false) {
    if (device_ == original_) return;
    const ::cudaError_t error = ::cudaSetDevice(original_);
    if (std::uncaught_exceptions() == exceptions_) TVM_FFI_CHECK_CUDA_ERROR(error);
  }

 private:
  int device_;
  int original_ = 0;
  int exceptions_ = std::uncaught_exceptions();
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_CUDA_DEVICE_GUARD_H_
