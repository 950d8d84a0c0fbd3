// SPDX-License-Identifier: Apache-2.0
//
// The CUDA headers, on a machine that is pretended (fixtures/cuda): it shows which calls they make,
// not what CUDA makes of them. Compiled for both APIs, run for the runtime API.
#include <gtest/gtest.h>
#include <tvm/ffi/extra/cuda/cubin_launcher.h>
#include <tvm/ffi/extra/cuda/device_guard.h>

#include <string>
#include <type_traits>
#include <utility>

#include "../number_object.h"

namespace cuda_test {

using namespace tvm::ffi;
using number::ErrorOf;
using tvm::ffi::dim3;

TVM_FFI_EMBED_CUBIN(linked);  // never asked for, so that nothing has to be linked
TVM_FFI_EMBED_CUBIN_FROM_BYTES(embedded, "image");

CubinKernel EmbeddedKernel() { return TVM_FFI_EMBED_CUBIN_GET_KERNEL(embedded, "known"); }

// Compiled for both APIs; they name the members of a configuration differently.
void LaunchClusters(CubinKernel* kernel, cuda_api::StreamHandle stream, int cluster) {
  cuda_api::LaunchConfig config;
  cuda_api::LaunchAttrType attribute;
  TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(cuda_api::ConstructLaunchConfig(
      kernel->GetHandle(), stream, 64, dim3(2), dim3(3, 4), cluster, config, attribute));
  TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(kernel->LaunchEx(nullptr, config));
}

#if !TVM_FFI_CUBIN_LAUNCHER_USE_DRIVER_API

class CudaTest : public ::testing::Test {
 protected:
  void SetUp() override { fake_cuda = FakeCuda(); }
  void TearDown() override { fake_cuda.failure = cudaSuccess; }
};

TEST_F(CudaTest, AFailedCallIsARuntimeError) {
  EXPECT_EQ(ErrorOf([] { TVM_FFI_CHECK_CUDA_ERROR(cudaSuccess); }), "");
  EXPECT_EQ(
      ErrorOf([] { TVM_FFI_CHECK_CUDA_ERROR(cudaErrorInvalidDevice); }),
      "RuntimeError: CUDA Runtime Error: cudaErrorInvalidDevice (101): invalid device ordinal");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_CHECK_CUBIN_LAUNCHER_CUDA_ERROR(cudaErrorInvalidValue); }),
            "RuntimeError: CUDA Error: cudaErrorInvalidValue (1): invalid argument");
}

TEST_F(CudaTest, SizesDefaultToOne) {
  EXPECT_EQ(dim3().x * dim3().y * dim3().z, 1U);
  EXPECT_EQ(dim3(5).x, 5U);
  EXPECT_EQ(dim3(5, 6).y, 6U);
  EXPECT_EQ(dim3(5, 6).z, 1U);
  EXPECT_EQ(dim3(5, 6, 7).z, 7U);
  static_assert(!std::is_convertible_v<unsigned int, dim3>);
}

TEST_F(CudaTest, AGuardRestoresTheDevice) {
  static_assert(!std::is_default_constructible_v<CUDADeviceGuard>);
  static_assert(!std::is_copy_constructible_v<CUDADeviceGuard>);
  fake_cuda.device = 1;
  {
    CUDADeviceGuard guard(0);
    EXPECT_EQ(fake_cuda.device, 0);
  }
  EXPECT_EQ(fake_cuda.device, 1);
  EXPECT_NE(ErrorOf([] { CUDADeviceGuard guard(7); }), "");
  EXPECT_EQ(fake_cuda.device, 1);
}

TEST_F(CudaTest, AGuardThatCannotRestoreThrowsUnlessAnErrorIsOnItsWay) {
  const std::string failure = ErrorOf([] {
    CUDADeviceGuard guard(1);
    fake_cuda.failure = cudaErrorInvalidValue;
  });
  EXPECT_EQ(failure,
            "RuntimeError: CUDA Runtime Error: cudaErrorInvalidValue (1): invalid argument");
  fake_cuda = FakeCuda();
  const std::string first = ErrorOf([] {
    CUDADeviceGuard guard(1);
    fake_cuda.failure = cudaErrorInvalidValue;
    TVM_FFI_THROW(ValueError) << "first";
  });
  EXPECT_EQ(first, "ValueError: first");
}

TEST_F(CudaTest, AModuleIsUnloadedOnce) {
  static_assert(!std::is_copy_constructible_v<CubinModule>);
  static_assert(std::is_nothrow_move_constructible_v<CubinModule>);
  {
    CubinModule module(Bytes("image"));
    CubinModule moved(std::move(module));
    EXPECT_EQ(module.GetHandle(), nullptr);
    moved = CubinModule(reinterpret_cast<const unsigned char*>("image"));
    EXPECT_EQ(fake_cuda.libraries, 1);
    EXPECT_NE(moved.GetHandle(), nullptr);
  }
  EXPECT_EQ(fake_cuda.libraries, 0);
  EXPECT_NE(ErrorOf([] { CubinModule module("no image"); }), "");
}

TEST_F(CudaTest, AKernelIsFoundByNameAndLaunched) {
  static_assert(!std::is_copy_constructible_v<CubinKernel>);
  CubinModule module("image");
  EXPECT_NE(ErrorOf([&] { module.GetKernel("unknown"); }), "");
  CubinKernel kernel = module["known"];
  EXPECT_EQ(kernel.Launch(nullptr, dim3(2, 3), dim3(4), nullptr, 5), cudaSuccess);
  EXPECT_EQ(fake_cuda.grid.y, 3U);
  EXPECT_EQ(fake_cuda.block.x, 4U);
  EXPECT_EQ(fake_cuda.dynamic_bytes, 5U);
  fake_cuda.failure = cudaErrorInvalidValue;
  EXPECT_EQ(kernel.Launch(nullptr, dim3(), dim3(), nullptr), cudaErrorInvalidValue);
}

TEST_F(CudaTest, ClustersAreAnAttributeOfTheLaunch) {
  CubinModule module("image");
  CubinKernel kernel = module["known"];
  LaunchClusters(&kernel, nullptr, 2);
  EXPECT_EQ(fake_cuda.attributes, 1U);
  EXPECT_EQ(fake_cuda.grid.x, 2U);
  EXPECT_EQ(fake_cuda.block.y, 4U);
  EXPECT_EQ(fake_cuda.dynamic_bytes, 64U);
  LaunchClusters(&kernel, nullptr, 1);
  EXPECT_EQ(fake_cuda.attributes, 0U);
}

TEST_F(CudaTest, DynamicSharedMemoryIsAllowedWhereItCanBe) {
  CubinModule module("image");
  module.GetKernelWithMaxDynamicSharedMemory("known");  // 1000 - 100 there, 1900 is too much here
  EXPECT_EQ(fake_cuda.shared_memory, (std::map<int, int>{{0, 900}}));
  module.GetKernelWithMaxDynamicSharedMemory("known", 300);
  EXPECT_EQ(fake_cuda.shared_memory, (std::map<int, int>{{0, 300}, {1, 300}}));
  EXPECT_EQ(ErrorOf([&] { module.GetKernelWithMaxDynamicSharedMemory("known", 5000); }),
            "RuntimeError: Failed to set dynamic shared memory attribute for any device");
}

TEST_F(CudaTest, AnEmbeddedModuleIsLoadedWhenFirstAskedFor) {
  EXPECT_EQ(fake_cuda.libraries, 0);
  EXPECT_EQ(EmbeddedKernel().GetHandle()->name, "known");
  EmbeddedKernel();
  EXPECT_EQ(fake_cuda.libraries, 1);
}

#endif

}  // namespace cuda_test
