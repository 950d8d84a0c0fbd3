// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;

// Tensors without memory: only their device is looked at.
struct NoMemory {
  void AllocData(DLTensor* tensor) { tensor->data = nullptr; }
  void FreeData(DLTensor*) {}
};

Tensor tensor_on(DLDeviceType type, int id) {
  return Tensor::FromNDAlloc(NoMemory(), {2}, DLDataType{kDLFloat, 32, 1}, DLDevice{type, id});
}

void expect_device(const Any& value, DLDeviceType type, int id) {
  DLDevice device = call("ffi.ContainerFindFirstNonCPUDevice", value).cast<DLDevice>();
  EXPECT_EQ(device.device_type, type);
  EXPECT_EQ(device.device_id, id);
}

TEST(DeviceSearch, DefaultsToTheCpu) {
  expect_device(nullptr, kDLCPU, 0);
  expect_device(3, kDLCPU, 0);
  expect_device("text", kDLCPU, 0);
  expect_device(Array<Any>{1, "a", tensor_on(kDLCPU, 3)}, kDLCPU, 0);
}

TEST(DeviceSearch, TakesTheFirstDepthFirst) {
  Tensor cpu = tensor_on(kDLCPU, 0);
  Tensor cuda = tensor_on(kDLCUDA, 1);
  Tensor rocm = tensor_on(kDLROCM, 2);
  expect_device(cuda, kDLCUDA, 1);
  expect_device(Array<Any>{cpu, List<Any>{cpu, rocm}, cuda}, kDLROCM, 2);
  expect_device(Array<Any>{cpu, List<Any>{cpu}, cuda, rocm}, kDLCUDA, 1);
  expect_device(Map<Any, Any>{{"a", cpu}, {"b", Dict<Any, Any>{{1, cuda}}}, {"c", rocm}}, kDLCUDA,
                1);
}

TEST(DeviceSearch, LooksAtValuesNotAtKeys) {
  expect_device(Map<Any, Any>{{tensor_on(kDLCUDA, 0), 1}}, kDLCPU, 0);
}

TEST(DeviceSearch, EndsOnCyclesAndSharedParts) {
  List<Any> cycle{1};
  cycle.push_back(cycle);
  Dict<Any, Any> dict;
  dict.Set("list", cycle);
  cycle.push_back(dict);
  expect_device(cycle, kDLCPU, 0);
  cycle.push_back(tensor_on(kDLCUDA, 5));
  expect_device(dict, kDLCUDA, 5);
  cycle.clear();

  Array<Any> doubled{1};
  for (int i = 0; i < 64; ++i) doubled = Array<Any>{doubled, doubled};
  expect_device(doubled, kDLCPU, 0);
}

}  // namespace
