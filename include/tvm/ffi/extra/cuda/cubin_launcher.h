// SPDX-License-Identifier: Apache-2.0
//
// Compiled CUDA kernels (cubin, fatbin or PTX images): loaded from memory and launched. Needs the
// CUDA toolkit.
#ifndef TVM_FFI_EXTRA_CUDA_CUBIN_LAUNCHER_H_
#define TVM_FFI_EXTRA_CUDA_CUBIN_LAUNCHER_H_

#include <cuda.h>
#include <cuda_runtime.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/cuda/internal/unified_api.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <utility>

namespace tvm {
namespace ffi {

// A kernel of a module, which must outlive it. Launches are asynchronous; their result is returned,
// to be checked with TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR.
class CubinKernel {
 public:
  // Throws RuntimeError if the library has no such kernel.
  CubinKernel(cuda_api::LibraryHandle library, const char* name) {
    TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(cuda_api::GetKernel(&kernel_, library, name));
  }
  CubinKernel(const CubinKernel&) = delete;
  CubinKernel& operator=(const CubinKernel&) = delete;
  CubinKernel(CubinKernel&& other) noexcept : kernel_(std::exchange(other.kernel_, nullptr)) {}
  CubinKernel& operator=(CubinKernel&& other) noexcept {
    std::swap(kernel_, other.kernel_);
    return *this;
  }

  // args: the address of each argument. dyn_smem_bytes: dynamic shared memory of each block.
  cuda_api::ResultType Launch(void** args, dim3 grid, dim3 block, cuda_api::StreamHandle stream,
                              uint32_t dyn_smem_bytes = 0) {
    return cuda_api::LaunchKernel(kernel_, args, grid, block, stream, dyn_smem_bytes);
  }
  cuda_api::ResultType LaunchEx(void** args, const cuda_api::LaunchConfig& config) {
    return cuda_api::LaunchKernelEx(kernel_, args, config);
  }

  cuda_api::KernelHandle GetHandle() const { return kernel_; }

 private:
  friend class CubinModule;

  // Allows that much dynamic shared memory, or with -1 all there is, on each device that can.
  // Throws RuntimeError if none can.
  void AllowDynamicSharedMemory(int64_t bytes) {
    int count = 0;
    TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(cuda_api::GetDeviceCount(&count));
    bool any = false;
    for (int i = 0; i < count; ++i) {
      const cuda_api::DeviceHandle device = cuda_api::GetDeviceHandle(i);
      int limit = static_cast<int>(bytes);
      if (bytes == -1 && !FindDynamicSharedMemory(device, &limit)) continue;
      any |= cuda_api::SetKernelMaxDynamicSharedMem(kernel_, limit, device) == cuda_api::kSuccess;
    }
    if (!any) {
      TVM_FFI_THROW(RuntimeError) << "Failed to set dynamic shared memory attribute for any device";
    }
  }

  // What the kernel's static shared memory leaves.
  bool FindDynamicSharedMemory(cuda_api::DeviceHandle device, int* limit) const {
    int most = 0;
    int used = 0;
    if (cuda_api::GetDeviceAttribute(&most, cuda_api::kMaxDynamicSharedMem, device) !=
            cuda_api::kSuccess ||
        cuda_api::GetKernelSharedMem(kernel_, used, device) != cuda_api::kSuccess) {
      return false;
    }
    *limit = most - used;
    return true;
  }

  cuda_api::KernelHandle kernel_ = nullptr;
};

// An image and its kernels. Unloaded at the end, so it must outlive what was launched.
class CubinModule {
 public:
  // The image is needed during the call only. Throws RuntimeError for one that CUDA refuses.
  explicit CubinModule(const Bytes& image) : CubinModule(image.data()) {}
  explicit CubinModule(const char* image) {
    TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(cuda_api::LoadLibrary(&library_, image));
  }
  explicit CubinModule(const unsigned char* image)
      : CubinModule(reinterpret_cast<const char*>(image)) {}
  CubinModule(const CubinModule&) = delete;
  CubinModule& operator=(const CubinModule&) = delete;
  CubinModule(CubinModule&& other) noexcept : library_(std::exchange(other.library_, nullptr)) {}
  CubinModule& operator=(CubinModule&& other) noexcept {
    std::swap(library_, other.library_);
    return *this;
  }
  // At the end of the process CUDA may be gone already, so a failure is no error.
  ~CubinModule() {
    if (library_ != nullptr) static_cast<void>(cuda_api::UnloadLibrary(library_));
  }

  CubinKernel GetKernel(const char* name) { return CubinKernel(library_, name); }
  CubinKernel operator[](const char* name) { return GetKernel(name); }

  // A kernel that may be launched with up to dynamic_smem_max bytes of dynamic shared memory; -1
  // for the most that each device offers.
  CubinKernel GetKernelWithMaxDynamicSharedMemory(const char* name, int64_t dynamic_smem_max = -1) {
    CubinKernel kernel = GetKernel(name);
    kernel.AllowDynamicSharedMemory(dynamic_smem_max);
    return kernel;
  }

  cuda_api::LibraryHandle GetHandle() const { return library_; }

 private:
  cuda_api::LibraryHandle library_ = nullptr;
};

}  // namespace ffi
}  // namespace tvm

// At namespace scope: a module from the bytes given, loaded when first asked for.
#define TVM_FFI_EMBED_CUBIN_FROM_BYTES(name, imageBytes) \
  namespace {                                            \
  struct EmbedCubinModule_##name {                       \
    ::tvm::ffi::CubinModule mod{imageBytes};             \
    static EmbedCubinModule_##name* Global() {           \
      static EmbedCubinModule_##name inst;               \
      return &inst;                                      \
    }                                                    \
  };                                                     \
  } /* namespace */                                      \
  static_assert(true, "takes a semicolon")

// The same from bytes that were linked in under the name (python -m tvm_ffi.utils.embed_cubin).
#define TVM_FFI_EMBED_CUBIN(name)                        \
  extern "C" const char __tvm_ffi__cubin_##name[];       \
  extern "C" const char __tvm_ffi__cubin_##name##_end[]; \
  TVM_FFI_EMBED_CUBIN_FROM_BYTES(name, __tvm_ffi__cubin_##name)

// A kernel of such a module. To be kept, for instance in a static variable of a function.
#define TVM_FFI_EMBED_CUBIN_GET_KERNEL(name, kernel_name) \
  (EmbedCubinModule_##name::Global()->mod[kernel_name])

#endif  // TVM_FFI_EXTRA_CUDA_CUBIN_LAUNCHER_H_
