// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>

#include <cstdint>

namespace ffi = tvm::ffi;

namespace {

float* Float32Data(const ffi::TensorView& x, const char* name) {
  if (x.device().device_type != kDLCPU) {
    TVM_FFI_THROW(ValueError) << name << " must be on the CPU, copy it there first";
  }
  if (x.dtype() != DLDataType{kDLFloat, 32, 1}) {
    TVM_FFI_THROW(TypeError) << name << " must be float32, convert it first";
  }
  if (!x.IsContiguous()) {
    TVM_FFI_THROW(ValueError) << name << " must be contiguous, copy it first";
  }
  return static_cast<float*>(x.data_ptr());
}

}  // namespace

// In place: the caller's memory, whichever library it belongs to.
void Relu(ffi::TensorView x) {
  float* data = Float32Data(x, "x");
  for (int64_t i = 0; i < x.numel(); ++i) data[i] = data[i] < 0 ? 0 : data[i];
}

// A result is allocated by the library of the caller's tensors: torch in, torch out.
ffi::Tensor Doubled(ffi::TensorView x) {
  const float* from = Float32Data(x, "x");
  ffi::Tensor result =
      ffi::Tensor::FromEnvAlloc(TVMFFIEnvTensorAlloc, x.shape(), x.dtype(), x.device());
  float* to = static_cast<float*>(result.data_ptr());
  for (int64_t i = 0; i < x.numel(); ++i) to[i] = 2 * from[i];
  return result;
}

// An ffi::Tensor owns a reference, so it may be returned, or kept.
ffi::Tensor Same(ffi::Tensor x) { return x; }

TVM_FFI_DLL_EXPORT_TYPED_FUNC(relu, Relu);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(doubled, Doubled);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(same, Same);
