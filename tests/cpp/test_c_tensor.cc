// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "contract.h"

namespace {

using contract::Owned;

// A DLPack tensor of either kind that counts how often it is deleted. Lives on the stack.
template <typename Managed>
struct Producer {
  explicit Producer(std::vector<int64_t> shape, std::vector<int64_t> strides = {})
      : shape(std::move(shape)), strides(std::move(strides)) {
    managed.dl_tensor.data = data;
    managed.dl_tensor.device = {kDLCPU, 0};
    managed.dl_tensor.ndim = static_cast<int32_t>(this->shape.size());
    managed.dl_tensor.dtype = {kDLFloat, 32, 1};
    managed.dl_tensor.shape = this->shape.data();
    managed.dl_tensor.strides = this->strides.empty() ? nullptr : this->strides.data();
    managed.manager_ctx = this;
    managed.deleter = [](Managed* self) {
      ++static_cast<Producer*>(self->manager_ctx)->num_deleted;
    };
  }

  static int import(Managed* from, int32_t alignment, int32_t contiguous, TVMFFIObjectHandle* out);

  int import(int32_t alignment, int32_t contiguous, TVMFFIObjectHandle* out) {
    return import(&managed, alignment, contiguous, out);
  }
  Owned import() {
    Owned tensor;
    EXPECT_EQ(import(0, 0, tensor.out()), 0);
    return tensor;
  }

  alignas(64) char data[256] = {};
  std::vector<int64_t> shape;
  std::vector<int64_t> strides;
  Managed managed{};
  int num_deleted = 0;
};

template <>
int Producer<DLManagedTensor>::import(DLManagedTensor* from, int32_t alignment, int32_t contiguous,
                                      TVMFFIObjectHandle* out) {
  return TVMFFITensorFromDLPack(from, alignment, contiguous, out);
}

template <>
int Producer<DLManagedTensorVersioned>::import(DLManagedTensorVersioned* from, int32_t alignment,
                                               int32_t contiguous, TVMFFIObjectHandle* out) {
  return TVMFFITensorFromDLPackVersioned(from, alignment, contiguous, out);
}

std::vector<int64_t> strides_of(const Owned& tensor) {
  const DLTensor* dl = TVMFFITensorGetDLTensorPtr(tensor.get());
  return {dl->strides, dl->strides + dl->ndim};
}

template <typename Managed>
class CTensorImport : public testing::Test {};
using ManagedTypes = testing::Types<DLManagedTensor, DLManagedTensorVersioned>;
TYPED_TEST_SUITE(CTensorImport, ManagedTypes, );  // Clang asks for the comma

TYPED_TEST(CTensorImport, SharesMemoryAndGivesItBackOnce) {
  Producer<TypeParam> producer({2, 3}, {3, 1});
  Owned tensor = producer.import();
  EXPECT_EQ(tensor.header()->type_index, kTVMFFITensor);
  const DLTensor* dl = TVMFFITensorGetDLTensorPtr(tensor.get());
  EXPECT_EQ(dl->data, producer.data);
  EXPECT_EQ(dl->shape, producer.shape.data());
  EXPECT_EQ(dl->strides, producer.strides.data());
  EXPECT_EQ(producer.num_deleted, 0);
  tensor = Owned();
  EXPECT_EQ(producer.num_deleted, 1);
}

TYPED_TEST(CTensorImport, MissingStridesAreRowMajor) {
  Producer<TypeParam> producer({2, 3, 4});
  EXPECT_EQ(strides_of(producer.import()), (std::vector<int64_t>{12, 4, 1}));
  EXPECT_EQ(producer.managed.dl_tensor.strides, nullptr);
}

TYPED_TEST(CTensorImport, ScalarNeedsNoStrides) {
  Producer<TypeParam> producer({});
  Owned tensor = producer.import();
  EXPECT_EQ(TVMFFITensorGetDLTensorPtr(tensor.get())->ndim, 0);
}

TYPED_TEST(CTensorImport, DeleterIsOptional) {
  Producer<TypeParam> producer({2});
  producer.managed.deleter = nullptr;
  producer.import();
}

TYPED_TEST(CTensorImport, AlignmentIsCheckedOnRequest) {
  Producer<TypeParam> producer({2});
  producer.managed.dl_tensor.byte_offset = 4;
  Owned tensor;
  EXPECT_RAISES(producer.import(64, 0, tensor.out()), "RuntimeError",
                "FromDLPack: Data is not aligned to 64 bytes.");
  EXPECT_EQ(producer.num_deleted, 0) << "what fails is not stolen";
  EXPECT_EQ(tensor.get(), nullptr);
  EXPECT_EQ(producer.import(4, 0, tensor.out()), 0);
}

// Where the address means nothing to the host, only the offset counts.
TYPED_TEST(CTensorImport, AlignmentOfForeignMemoryIsThatOfTheOffset) {
  Producer<TypeParam> producer({2});
  producer.managed.dl_tensor.data = producer.data + 4;
  for (DLDeviceType device : {kDLCPU, kDLCUDA, kDLCUDAHost, kDLROCM, kDLROCMHost, kDLCUDAManaged}) {
    producer.managed.dl_tensor.device.device_type = device;
    EXPECT_RAISES(producer.import(64, 0, nullptr), "RuntimeError",
                  "FromDLPack: Data is not aligned to 64 bytes.");
  }
  for (DLDeviceType device : {kDLOpenCL, kDLVulkan, kDLMetal, kDLExtDev}) {
    producer.managed.dl_tensor.device.device_type = device;
    producer.managed.dl_tensor.byte_offset = 0;
    Owned tensor;
    EXPECT_EQ(producer.import(64, 0, tensor.out()), 0);
    producer.managed.dl_tensor.byte_offset = 4;
    EXPECT_RAISES(producer.import(64, 0, nullptr), "RuntimeError",
                  "FromDLPack: Data is not aligned to 64 bytes.");
  }
}

TYPED_TEST(CTensorImport, ContiguityIsCheckedOnRequest) {
  const std::pair<std::vector<int64_t>, std::vector<int64_t>> compact[] = {
      {{2, 3}, {3, 1}}, {{2, 1, 3}, {3, 77, 1}}, {{2, 0}, {5, 9}}, {{1, 1}, {8, 9}}, {{2, 3}, {}},
  };
  for (const auto& [shape, strides] : compact) {
    Producer<TypeParam> producer(shape, strides);
    Owned tensor;
    EXPECT_EQ(producer.import(0, 1, tensor.out()), 0);
  }
  const std::pair<std::vector<int64_t>, std::vector<int64_t>> scattered[] = {
      {{2, 3}, {4, 1}}, {{2, 3}, {1, 2}}, {{2}, {2}}, {{2, 2}, {0, 0}}};
  for (const auto& [shape, strides] : scattered) {
    Producer<TypeParam> producer(shape, strides);
    Owned tensor;
    EXPECT_RAISES(producer.import(0, 1, tensor.out()), "RuntimeError",
                  "FromDLPack: Tensor is not contiguous.");
    EXPECT_EQ(producer.num_deleted, 0);
    EXPECT_EQ(producer.import(0, 0, tensor.out()), 0);
  }
}

TEST(CTensor, PaddedSubBytesAreRefused) {
  Producer<DLManagedTensorVersioned> producer({2});
  producer.managed.flags = DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED;
  Owned tensor;
  EXPECT_RAISES(producer.import(0, 0, tensor.out()), "RuntimeError",
                "Subbyte type padded is not yet supported");
  EXPECT_EQ(producer.num_deleted, 0);
  producer.managed.flags = DLPACK_FLAG_BITMASK_READ_ONLY | DLPACK_FLAG_BITMASK_IS_COPIED;
  producer.managed.version = {99, 0};
  EXPECT_EQ(producer.import(0, 0, tensor.out()), 0);
}

template <typename Managed>
void expect_export_keeps_tensor_alive(int (*to_dlpack)(TVMFFIObjectHandle, Managed**)) {
  Producer<DLManagedTensor> producer({2, 3});
  Owned tensor = producer.import();
  Managed* exported = nullptr;
  ASSERT_EQ(to_dlpack(tensor.get(), &exported), 0);
  EXPECT_EQ(tensor.strong_count(), 2u);
  EXPECT_EQ(exported->manager_ctx, tensor.get());
  const DLTensor* dl = TVMFFITensorGetDLTensorPtr(tensor.get());
  EXPECT_EQ(exported->dl_tensor.data, producer.data);
  EXPECT_EQ(exported->dl_tensor.shape, dl->shape);
  EXPECT_EQ(exported->dl_tensor.strides, dl->strides);
  tensor = Owned();
  EXPECT_EQ(producer.num_deleted, 0);
  exported->deleter(exported);
  EXPECT_EQ(producer.num_deleted, 1);
}

TEST(CTensor, ExportKeepsTheTensorAlive) {
  expect_export_keeps_tensor_alive(TVMFFITensorToDLPack);
  expect_export_keeps_tensor_alive(TVMFFITensorToDLPackVersioned);
}

TEST(CTensor, VersionedExportTellsItsVersion) {
  Producer<DLManagedTensor> producer({2});
  Owned tensor = producer.import();
  DLManagedTensorVersioned* exported = nullptr;
  ASSERT_EQ(TVMFFITensorToDLPackVersioned(tensor.get(), &exported), 0);
  EXPECT_EQ(exported->version.major, 1u);
  EXPECT_EQ(exported->version.minor, 3u);
  EXPECT_EQ(exported->flags, 0u);
  exported->deleter(exported);
}

TEST(CTensor, ViewCopiesTheDescriptionAndKeepsItsSource) {
  Producer<DLManagedTensor> producer({4, 4});
  Owned source = producer.import();
  std::vector<int64_t> shape = {2, 2}, strides = {8, 2};
  DLTensor prototype = *TVMFFITensorGetDLTensorPtr(source.get());
  prototype.data = producer.data + 16;
  prototype.byte_offset = 8;
  prototype.dtype = {kDLInt, 16, 1};
  prototype.shape = shape.data();
  prototype.strides = strides.data();
  Owned view;
  ASSERT_EQ(TVMFFITensorCreateUnsafeView(source.get(), &prototype, view.out()), 0);
  EXPECT_EQ(source.strong_count(), 2u);
  shape[0] = strides[0] = -1;
  source = Owned();
  EXPECT_EQ(producer.num_deleted, 0);
  const DLTensor* dl = TVMFFITensorGetDLTensorPtr(view.get());
  EXPECT_EQ(dl->data, producer.data + 16);
  EXPECT_EQ(dl->byte_offset, 8u);
  EXPECT_EQ(dl->dtype.bits, 16);
  EXPECT_EQ(dl->ndim, 2);
  EXPECT_EQ(dl->shape[0], 2);
  EXPECT_EQ(strides_of(view), (std::vector<int64_t>{8, 2}));
  view = Owned();
  EXPECT_EQ(producer.num_deleted, 1);
}

TEST(CTensor, ViewNeedsStrides) {
  Producer<DLManagedTensor> producer({});
  Owned source = producer.import();
  DLTensor prototype = *TVMFFITensorGetDLTensorPtr(source.get());
  prototype.strides = nullptr;
  Owned view;
  EXPECT_RAISES(TVMFFITensorCreateUnsafeView(source.get(), &prototype, view.out()), "InternalError",
                "Check not null: prototype.strides ");
  EXPECT_EQ(source.strong_count(), 1u);
}

}  // namespace
