// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/extra/c_env_api.h>

#include <gtest/gtest.h>

#include <cstdlib>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../number_object.h"

namespace {

using namespace tvm::ffi;
using namespace number;

constexpr DLDataType kFloat32{kDLFloat, 32, 1};
constexpr DLDevice kCPU{kDLCPU, 0};

// Counts what it has allocated and not freed.
struct CPUAlloc {
  void AllocData(DLTensor* tensor, int fill = 0) {
    tensor->data = std::calloc(GetDataSize(*tensor) + 1, 1);
    if (fill != 0) *static_cast<char*>(tensor->data) = static_cast<char>(fill);
    ++live;
  }
  void FreeData(DLTensor* tensor) {
    std::free(tensor->data);
    --live;
  }
  static inline int live = 0;
};

Tensor Make(ShapeView shape, DLDataType dtype = kFloat32) {
  return Tensor::FromNDAlloc(CPUAlloc(), shape, dtype, kCPU);
}

std::vector<int64_t> Contents(ShapeView shape) { return {shape.begin(), shape.end()}; }

TEST(Tensor, DescribesItsMemory) {
  Tensor tensor = Make({1, 2, 3});
  EXPECT_EQ(Contents(tensor.shape()), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Contents(tensor.sizes()), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Contents(tensor.strides()), (std::vector<int64_t>{6, 3, 1}));
  EXPECT_EQ(tensor.ndim(), 3);
  EXPECT_EQ(tensor.dim(), 3);
  EXPECT_EQ(tensor.numel(), 6);
  EXPECT_EQ(tensor.dtype(), kFloat32);
  EXPECT_EQ(tensor.device().device_type, kDLCPU);
  EXPECT_EQ(tensor.byte_offset(), 0U);
  EXPECT_TRUE(tensor.IsContiguous() && tensor.is_contiguous());
  EXPECT_TRUE(tensor.IsAligned(4));
  EXPECT_EQ(tensor.GetDLTensorPtr()->data, tensor.data_ptr());
  EXPECT_EQ(tensor.size(1), 2);
  EXPECT_EQ(tensor.size(-1), 3);
  EXPECT_EQ(tensor.stride(0), 6);
  EXPECT_EQ(tensor.stride(-3), 6);
  for (int64_t i : {3, -4}) {
    std::string error =
        "IndexError: Index " + std::to_string(i) + " out of bounds for tensor with 3 dimensions";
    EXPECT_EQ(ErrorOf([&] { tensor.size(i); }), error);
    EXPECT_EQ(ErrorOf([&] { tensor.stride(i); }), error);
    EXPECT_EQ(ErrorOf([&] { TensorView(tensor).size(i); }), error);
  }
  EXPECT_EQ(GetDataSize(tensor), 24U);
  EXPECT_FALSE(Tensor().defined());
  EXPECT_EQ(Make(ShapeView()).numel(), 1);
}

TEST(Tensor, AllocatorsGetTheirArgumentsAndTheirMemoryBack) {
  {
    Tensor tensor = Tensor::FromNDAlloc(CPUAlloc(), {4}, kFloat32, kCPU, 7);
    EXPECT_EQ(*static_cast<char*>(tensor.data_ptr()), 7);
    Tensor strided = Tensor::FromNDAllocStrided(CPUAlloc(), {2, 2}, {1, 2}, kFloat32, kCPU);
    EXPECT_FALSE(strided.IsContiguous());
    EXPECT_EQ(CPUAlloc::live, 2);
  }
  EXPECT_EQ(CPUAlloc::live, 0);
  EXPECT_EQ(
      ErrorOf([] {
        Tensor::FromNDAllocStrided(CPUAlloc(), {2, 2}, {1}, kFloat32, kCPU);
      }),
      "ValueError: Check failed: (shape.size() == strides.size()) is false: shape and strides must "
      "have the same size.");
  EXPECT_EQ(CPUAlloc::live, 0);
}

TEST(Tensor, DataSizes) {
  EXPECT_EQ(GetDataSize(9, DLDataType{kDLUInt, 1, 1}), 2U);
  EXPECT_EQ(GetDataSize(9, DLDataType{kDLBool, 8, 1}), 9U);
  EXPECT_EQ(GetDataSize(3, DLDataType{kDLFloat4_e2m1fn, 4, 1}), 2U);
  EXPECT_EQ(GetDataSize(2, DLDataType{kDLFloat, 16, 4}), 16U);
  EXPECT_EQ(GetDataSize(0, kFloat32), 0U);
}

TEST(Tensor, Contiguity) {
  int64_t shape[] = {2, 1, 3};
  int64_t strides[] = {3, 100, 1};
  DLTensor tensor{};
  tensor.ndim = 3;
  tensor.shape = shape;
  EXPECT_TRUE(IsContiguous(tensor));
  tensor.strides = strides;
  EXPECT_TRUE(IsContiguous(tensor));
  strides[0] = 4;
  EXPECT_FALSE(IsContiguous(tensor));
  shape[2] = 0;
  EXPECT_TRUE(IsContiguous(tensor));
}

TEST(Tensor, AlignmentCountsTheAddressWhereThereIsOne) {
  DLTensor tensor{};
  tensor.data = reinterpret_cast<void*>(uintptr_t{0x1008});
  tensor.device = kCPU;
  EXPECT_TRUE(IsAligned(tensor, 8));
  EXPECT_FALSE(IsAligned(tensor, 16));
  tensor.byte_offset = 8;
  EXPECT_TRUE(IsAligned(tensor, 16));
  tensor.device.device_type = kDLVulkan;
  EXPECT_FALSE(IsAligned(tensor, 16));
  EXPECT_TRUE(IsDirectAddressDevice(DLDevice{kDLCUDAHost, 0}));
  EXPECT_TRUE(IsDirectAddressDevice(DLDevice{kDLROCM, 0}));
  EXPECT_FALSE(IsDirectAddressDevice(DLDevice{kDLOpenCL, 0}));
}

TEST(Tensor, AnyKeepsIt) {
  Tensor tensor = Make({2});
  Any any = tensor;
  EXPECT_EQ(any.type_index(), TypeIndex::kTVMFFITensor);
  Tensor again = any.as<Tensor>().value();
  EXPECT_EQ(again.use_count(), 3);
  EXPECT_TRUE(Any(Tensor()) == nullptr);
  EXPECT_FALSE(Any(nullptr).cast<Tensor>().defined());
}

TEST(Tensor, StridedViewsKeepTheSourceAlive) {
  Tensor view;
  {
    Tensor tensor = Make({2, 3});
    view = tensor.as_strided({1, 2}, {3, 1}, 2);
    EXPECT_EQ(view.data_ptr(), static_cast<char*>(tensor.data_ptr()) + 8);
    EXPECT_EQ(view.byte_offset(), 0U);
    EXPECT_EQ(ErrorOf([&] { tensor.as_strided({1}, {1, 1}); }).substr(0, 14), "InternalError:");
    EXPECT_EQ(ErrorOf([&] { tensor.as_strided({1}, {1}, -1); }).substr(0, 14), "InternalError:");
  }
  EXPECT_EQ(CPUAlloc::live, 1);
  EXPECT_EQ(Contents(view.shape()), (std::vector<int64_t>{1, 2}));
  EXPECT_EQ(Contents(view.strides()), (std::vector<int64_t>{3, 1}));
  view = Tensor();
  EXPECT_EQ(CPUAlloc::live, 0);
}

TEST(Tensor, RoundTripsThroughDLPack) {
  Tensor tensor = Make({1, 2});
  DLManagedTensor* exported = tensor.ToDLPack();
  EXPECT_EQ(tensor.use_count(), 2);
  EXPECT_EQ(exported->dl_tensor.data, tensor.data_ptr());
  {
    Tensor imported = Tensor::FromDLPack(exported, 4, true);
    EXPECT_EQ(imported.data_ptr(), tensor.data_ptr());
    EXPECT_EQ(imported.use_count(), 1);
    EXPECT_EQ(tensor.use_count(), 2);
  }
  EXPECT_EQ(tensor.use_count(), 1);
  DLManagedTensorVersioned* versioned = tensor.ToDLPackVersioned();
  EXPECT_EQ(versioned->version.major, static_cast<uint32_t>(DLPACK_MAJOR_VERSION));
  EXPECT_EQ(versioned->flags, 0U);
  Tensor::FromDLPackVersioned(versioned);
  EXPECT_EQ(tensor.use_count(), 1);
}

TEST(Tensor, DLPackTensorsThatDoNotFitStayWithTheirOwner) {
  Tensor tensor = Tensor::FromNDAllocStrided(CPUAlloc(), {2, 2}, {1, 2}, kFloat32, kCPU);
  DLManagedTensor* exported = tensor.ToDLPack();
  EXPECT_EQ(ErrorOf([&] { Tensor::FromDLPack(exported, 1 << 30); }),
            "RuntimeError: FromDLPack: Data is not aligned to 1073741824 bytes.");
  EXPECT_EQ(ErrorOf([&] { Tensor::FromDLPack(exported, 0, true); }),
            "RuntimeError: FromDLPack: Tensor is not contiguous.");
  exported->deleter(exported);
  DLManagedTensorVersioned* versioned = tensor.ToDLPackVersioned();
  versioned->flags = DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED;
  EXPECT_EQ(ErrorOf([&] { Tensor::FromDLPackVersioned(versioned); }),
            "RuntimeError: Subbyte type padded is not yet supported");
  versioned->deleter(versioned);
  EXPECT_EQ(tensor.use_count(), 1);
}

TEST(Tensor, ZeroSizeStridedTensorsAreContiguous) {
  Tensor tensor = Tensor::FromNDAllocStrided(CPUAlloc(), {0, 2}, {7, 5}, kFloat32, kCPU);
  EXPECT_TRUE(tensor.IsContiguous());
}

int AllocateWithError(DLTensor*, TVMFFIObjectHandle*) {
  TVMFFIErrorSetRaisedFromCStr("MemoryError", "no memory today");
  return -1;
}

int AllocateOnCPU(DLTensor* prototype, DLManagedTensorVersioned** out, void*,
                  void (*)(void*, const char*, const char*)) {
  *out =
      Make(ShapeView(prototype->shape, static_cast<size_t>(prototype->ndim))).ToDLPackVersioned();
  return 0;
}

int FailToAllocate(DLTensor*, DLManagedTensorVersioned**, void* context,
                   void (*set_error)(void*, const char*, const char*)) {
  set_error(context, "MemoryError", "no memory left");
  return -1;
}

TEST(Tensor, ComesFromTheEnvironment) {
  EXPECT_EQ(ErrorOf([] { Tensor::FromEnvAlloc(AllocateWithError, {1}, kFloat32, kCPU); }),
            "MemoryError: no memory today");
  DLPackManagedTensorAllocator previous = nullptr;
  TVMFFIEnvSetDLPackManagedTensorAllocator(AllocateOnCPU, 0, &previous);
  Tensor tensor = Tensor::FromEnvAlloc(TVMFFIEnvTensorAlloc, {1, 2, 3},
                                       DLDataType({kDLFloat, 32, 1}), DLDevice({kDLCPU, 0}));
  EXPECT_EQ(Contents(tensor.shape()), (std::vector<int64_t>{1, 2, 3}));
  EXPECT_EQ(Contents(tensor.strides()), (std::vector<int64_t>{6, 3, 1}));
  TVMFFIEnvSetDLPackManagedTensorAllocator(FailToAllocate, 0, nullptr);
  EXPECT_EQ(ErrorOf([] { Tensor::FromEnvAlloc(TVMFFIEnvTensorAlloc, {1}, kFloat32, kCPU); }),
            "MemoryError: no memory left");
  TVMFFIEnvSetDLPackManagedTensorAllocator(previous, 0, nullptr);
}

TEST(TensorView, SeesTheTensor) {
  Tensor tensor = Make({1, 2, 3});
  TensorView view = tensor;
  EXPECT_EQ(view.data_ptr(), tensor.data_ptr());
  EXPECT_EQ(view.shape().data(), tensor.shape().data());
  EXPECT_EQ(view.numel(), 6);
  EXPECT_EQ(view.stride(-1), 1);
  EXPECT_EQ(view.dim(), 3);
  EXPECT_TRUE(view.is_contiguous());
  EXPECT_EQ(GetDataSize(view), 24U);
  EXPECT_EQ(tensor.use_count(), 1);
  Tensor other = Make({5});
  view = other;
  EXPECT_EQ(view.size(0), 5);
  int64_t two[] = {2};
  int64_t one[] = {1};
  TensorView part = view.as_strided(ShapeView(two, 1), ShapeView(one, 1), 3);
  EXPECT_EQ(part.data_ptr(), static_cast<char*>(view.data_ptr()) + 12);
  static_assert(!std::is_constructible_v<TensorView, Tensor&&>);
  static_assert(!std::is_assignable_v<TensorView&, Tensor&&>);
  static_assert(!std::is_default_constructible_v<TensorView>);
  EXPECT_EQ(ErrorOf([] {
              Tensor null;
              TensorView view(null);
            }).substr(0, 14),
            "InternalError:");
  EXPECT_EQ(ErrorOf([] { TensorView view(static_cast<const DLTensor*>(nullptr)); }).substr(0, 14),
            "InternalError:");
}

TEST(TensorView, PassesThroughViewsButIsNotKept) {
  Tensor tensor = Make({2});
  TensorView view = tensor;
  AnyView any = view;
  EXPECT_EQ(any.type_index(), TypeIndex::kTVMFFIDLTensorPtr);
  EXPECT_EQ(any.as<TensorView>().value().data_ptr(), tensor.data_ptr());
  EXPECT_EQ(any.cast<DLTensor*>()->data, tensor.data_ptr());
  EXPECT_FALSE(any.try_cast<Tensor>().has_value());
  AnyView owned = tensor;
  EXPECT_FALSE(owned.as<TensorView>().has_value());
  EXPECT_EQ(owned.cast<TensorView>().data_ptr(), tensor.data_ptr());
  EXPECT_EQ(owned.cast<DLTensor*>(), tensor.GetDLTensorPtr());
  DLTensor* pointer = const_cast<DLTensor*>(tensor.GetDLTensorPtr());
  EXPECT_EQ(ErrorOf([&] { Any kept = pointer; }),
            "RuntimeError: DLTensor* cannot be held in Any as it does not retain ownership, use "
            "Tensor instead");
  EXPECT_EQ(ErrorOf([] { AnyView(nullptr).cast<DLTensor*>(); }),
            "TypeError: Cannot convert from type `None` to `DLTensor*`");
  static_assert(!TypeTraits<TensorView>::storage_enabled &&
                !TypeTraits<DLTensor*>::storage_enabled);
  EXPECT_EQ(TypeTraits<TensorView>::TypeSchema(), R"({"type":"DLTensor*"})");
}

TEST(TensorView, IsAKernelArgument) {
  Function f = Function::FromTyped([](TensorView x) { return x.numel(); });
  EXPECT_EQ(f(Make({2, 3})).cast<int>(), 6);
  Tensor tensor = Make({4});
  EXPECT_EQ(f(TensorView(tensor)).cast<int>(), 4);
}

}  // namespace
