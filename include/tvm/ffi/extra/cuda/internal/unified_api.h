// SPDX-License-Identifier: Apache-2.0
//
// What the launcher of compiled kernels needs of CUDA, in the terms of either the driver API or,
// from CUDA 12.8 on, the runtime API. Needs the CUDA toolkit; with the driver API, libcuda too.
#ifndef TVM_FFI_EXTRA_CUDA_INTERNAL_UNIFIED_API_H_
#define TVM_FFI_EXTRA_CUDA_INTERNAL_UNIFIED_API_H_

#include <cuda.h>
#include <cuda_runtime.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/cuda/base.h>

#include <cstdint>

// 1: the driver API. 0: the runtime API, which manages libraries from CUDA 12.8 on.
#ifndef TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API
#if CUDART_VERSION >= 12080
#define TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API 0
#else
#define TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API 1
#endif
#endif

#if !TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API
static_assert(CUDART_VERSION >= 12080,
              "the runtime API loads kernels from CUDA 12.8 on; define "
              "TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API as 1");
#endif

namespace tvm {
namespace ffi {
namespace cuda_api {

#if TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API

using StreamHandle = ::CUstream;
using DeviceHandle = ::CUdevice;
using LibraryHandle = ::CUlibrary;
using KernelHandle = ::CUkernel;
using LaunchConfig = ::CUlaunchConfig;
using ResultType = ::CUresult;
using LaunchAttrType = ::CUlaunchAttribute;
using DeviceAttrType = ::CUdevice_attribute;

constexpr ResultType kSuccess = ::CUDA_SUCCESS;
constexpr DeviceAttrType kMaxDynamicSharedMem =
    ::CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN;

inline void GetErrorString(ResultType error, const char** name, const char** text) {
  if (::cuGetErrorName(error, name) != kSuccess) *name = "unknown";
  if (::cuGetErrorString(error, text) != kSuccess) *text = "unrecognized error code";
}

inline ResultType LoadLibrary(LibraryHandle* library, const void* image) {
  const ResultType status = ::cuInit(0);  // whoever comes first; the others find it done
  if (status != kSuccess) return status;
  return ::cuLibraryLoadData(library, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
}
inline ResultType UnloadLibrary(LibraryHandle library) { return ::cuLibraryUnload(library); }
inline ResultType GetKernel(KernelHandle* kernel, LibraryHandle library, const char* name) {
  return ::cuLibraryGetKernel(kernel, library, name);
}
inline DeviceHandle GetDeviceHandle(int device_id) {
  DeviceHandle device = 0;
  return ::cuDeviceGet(&device, device_id) == kSuccess ? device : device_id;
}

inline ResultType LaunchKernel(KernelHandle kernel, void** args, dim3 grid, dim3 block,
                               StreamHandle stream, uint32_t dyn_smem_bytes = 0) {
  return ::cuLaunchKernel(reinterpret_cast<::CUfunction>(kernel), grid.x, grid.y, grid.z, block.x,
                          block.y, block.z, dyn_smem_bytes, stream, args, nullptr);
}
inline ResultType LaunchKernelEx(KernelHandle kernel, void** args, const LaunchConfig& config) {
  return ::cuLaunchKernelEx(&config, reinterpret_cast<::CUfunction>(kernel), args, nullptr);
}

inline ResultType GetKernelSharedMem(KernelHandle kernel, int& out, DeviceHandle device) {
  return ::cuKernelGetAttribute(&out, ::CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES, kernel, device);
}
inline ResultType SetKernelMaxDynamicSharedMem(KernelHandle kernel, int bytes,
                                               DeviceHandle device) {
  return ::cuKernelSetAttribute(::CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES, bytes, kernel,
                                device);
}

inline ResultType ConstructLaunchConfig(KernelHandle, StreamHandle stream, uint32_t smem_bytes,
                                        dim3 grid, dim3 block, int cluster_dim,
                                        LaunchConfig& config, LaunchAttrType& attribute) {
  config = LaunchConfig();
  config.gridDimX = grid.x;
  config.gridDimY = grid.y;
  config.gridDimZ = grid.z;
  config.blockDimX = block.x;
  config.blockDimY = block.y;
  config.blockDimZ = block.z;
  config.sharedMemBytes = smem_bytes;
  config.hStream = stream;
  if (cluster_dim > 1) {
    attribute = LaunchAttrType();
    attribute.id = ::CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION;
    attribute.value.clusterDim.x = static_cast<unsigned int>(cluster_dim);
    attribute.value.clusterDim.y = 1;
    attribute.value.clusterDim.z = 1;
    config.attrs = &attribute;  // the caller keeps it until the launch
    config.numAttrs = 1;
  }
  return kSuccess;
}

inline ResultType GetDeviceCount(int* count) { return ::cuDeviceGetCount(count); }
inline ResultType GetDeviceAttribute(int* value, DeviceAttrType attribute, DeviceHandle device) {
  return ::cuDeviceGetAttribute(value, attribute, device);
}

#else  // the runtime API

using StreamHandle = ::cudaStream_t;
using DeviceHandle = int;
using LibraryHandle = ::cudaLibrary_t;
using KernelHandle = ::cudaKernel_t;
using LaunchConfig = ::cudaLaunchConfig_t;
using ResultType = ::cudaError_t;
using LaunchAttrType = ::cudaLaunchAttribute;
using DeviceAttrType = ::cudaDeviceAttr;

constexpr ResultType kSuccess = ::cudaSuccess;
constexpr DeviceAttrType kMaxDynamicSharedMem = ::cudaDevAttrMaxSharedMemoryPerBlockOptin;

inline void GetErrorString(ResultType error, const char** name, const char** text) {
  *name = ::cudaGetErrorName(error);
  *text = ::cudaGetErrorString(error);
}

inline ResultType LoadLibrary(LibraryHandle* library, const void* image) {
  return ::cudaLibraryLoadData(library, image, nullptr, nullptr, 0, nullptr, nullptr, 0);
}
inline ResultType UnloadLibrary(LibraryHandle library) { return ::cudaLibraryUnload(library); }
inline ResultType GetKernel(KernelHandle* kernel, LibraryHandle library, const char* name) {
  return ::cudaLibraryGetKernel(kernel, library, name);
}
inline DeviceHandle GetDeviceHandle(int device_id) { return device_id; }

inline ResultType LaunchKernel(KernelHandle kernel, void** args, dim3 grid, dim3 block,
                               StreamHandle stream, uint32_t dyn_smem_bytes = 0) {
  return ::cudaLaunchKernel(reinterpret_cast<const void*>(kernel), ::dim3(grid.x, grid.y, grid.z),
                            ::dim3(block.x, block.y, block.z), args, dyn_smem_bytes, stream);
}
inline ResultType LaunchKernelEx(KernelHandle kernel, void** args, const LaunchConfig& config) {
  return ::cudaLaunchKernelExC(&config, reinterpret_cast<const void*>(kernel), args);
}

// Of the current device: a kernel has the same static size on all.
inline ResultType GetKernelSharedMem(KernelHandle kernel, int& out, DeviceHandle) {
  ::cudaFuncAttributes attributes;
  const ResultType status =
      ::cudaFuncGetAttributes(&attributes, reinterpret_cast<const void*>(kernel));
  if (status == kSuccess) out = static_cast<int>(attributes.sharedSizeBytes);
  return status;
}
inline ResultType SetKernelMaxDynamicSharedMem(KernelHandle kernel, int bytes,
                                               DeviceHandle device) {
  return ::cudaKernelSetAttributeForDevice(kernel, ::cudaFuncAttributeMaxDynamicSharedMemorySize,
                                           bytes, device);
}

inline ResultType ConstructLaunchConfig(KernelHandle, StreamHandle stream, uint32_t smem_bytes,
                                        dim3 grid, dim3 block, int cluster_dim,
                                        LaunchConfig& config, LaunchAttrType& attribute) {
  config = LaunchConfig();
  config.gridDim = ::dim3(grid.x, grid.y, grid.z);
  config.blockDim = ::dim3(block.x, block.y, block.z);
  config.dynamicSmemBytes = smem_bytes;
  config.stream = stream;
  if (cluster_dim > 1) {
    attribute = LaunchAttrType();
    attribute.id = ::cudaLaunchAttributeClusterDimension;
    attribute.val.clusterDim.x = static_cast<unsigned int>(cluster_dim);
    attribute.val.clusterDim.y = 1;
    attribute.val.clusterDim.z = 1;
    config.attrs = &attribute;  // the caller keeps it until the launch
    config.numAttrs = 1;
  }
  return kSuccess;
}

inline ResultType GetDeviceCount(int* count) { return ::cudaGetDeviceCount(count); }
inline ResultType GetDeviceAttribute(int* value, DeviceAttrType attribute, DeviceHandle device) {
  return ::cudaDeviceGetAttribute(value, attribute, device);
}

#endif

}  // namespace cuda_api
}  // namespace ffi
}  // namespace tvm

// Throws RuntimeError unless the call of cuda_api returns kSuccess.
#define TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(stmt)                                  \
  do {                                                                                 \
    const ::tvm::ffi::cuda_api::ResultType tvm_ffi_cuda_error = (stmt);                \
    if (TVM_FFI_PREDICT_FALSE(tvm_ffi_cuda_error != ::tvm::ffi::cuda_api::kSuccess)) { \
      const char* tvm_ffi_cuda_name = nullptr;                                         \
      const char* tvm_ffi_cuda_text = nullptr;                                         \
      ::tvm::ffi::cuda_api::GetErrorString(tvm_ffi_cuda_error, &tvm_ffi_cuda_name,     \
                                           &tvm_ffi_cuda_text);                        \
      TVM_FFI_THROW(RuntimeError) << "CUDA Error: " << tvm_ffi_cuda_name << " ("       \
                                  << static_cast<int>(tvm_ffi_cuda_error)              \
                                  << "): " << tvm_ffi_cuda_text;                       \
    }                                                                                  \
  } while (0)

#endif  // TVM_FFI_EXTRA_CUDA_INTERNAL_UNIFIED_API_H_
