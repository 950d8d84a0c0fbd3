// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/extra/c_env_api.h>

#include <algorithm>
#include <string>
#include <thread>
#include <vector>

#include "contract.h"

namespace {

using contract::Owned;

// ---- Streams ---------------------------------------------------------------

TEST(CStream, IsPerDevice) {
  int a, b;
  TVMFFIStreamHandle original = &a;
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, &a, &original), 0);
  EXPECT_EQ(original, nullptr);
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 1, &b, nullptr), 0);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), &a);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 1), &b);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLROCM, 0), nullptr);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 100), nullptr);
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, nullptr, &original), 0);
  EXPECT_EQ(original, &a);
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 1, nullptr, &original), 0);
  EXPECT_EQ(original, &b);
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), nullptr);
}

TEST(CStream, IsPerThread) {
  int mine, other;
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, &mine, nullptr), 0);
  std::thread([&] {
    EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), nullptr);
    EXPECT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, &other, nullptr), 0);
  }).join();
  EXPECT_EQ(TVMFFIEnvGetStream(kDLCUDA, 0), &mine);
  ASSERT_EQ(TVMFFIEnvSetStream(kDLCUDA, 0, nullptr, nullptr), 0);
}

// ---- The tensor allocator --------------------------------------------------

int num_deleted = 0;

void delete_tensor(DLManagedTensorVersioned* self) {
  ++num_deleted;
  delete[] static_cast<char*>(self->dl_tensor.data);
  delete[] self->dl_tensor.shape;
  delete self;
}

// Compact, on the CPU, without strides.
int allocate(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_ctx,
             void (*)(void*, const char*, const char*)) {
  EXPECT_EQ(error_ctx, nullptr);
  auto* tensor = new DLManagedTensorVersioned();
  tensor->dl_tensor = *prototype;
  tensor->dl_tensor.data = new char[1024];
  tensor->dl_tensor.shape = new int64_t[prototype->ndim];
  std::copy_n(prototype->shape, prototype->ndim, tensor->dl_tensor.shape);
  tensor->dl_tensor.strides = nullptr;
  tensor->dl_tensor.byte_offset = 0;
  tensor->deleter = delete_tensor;
  *out = tensor;
  return 0;
}

int allocate_padded(DLTensor* prototype, DLManagedTensorVersioned** out, void* error_ctx,
                    void (*set_error)(void*, const char*, const char*)) {
  const int status = allocate(prototype, out, error_ctx, set_error);
  (*out)->flags = DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED;
  return status;
}

int run_out_of_memory(DLTensor*, DLManagedTensorVersioned**, void* error_ctx,
                      void (*set_error)(void*, const char*, const char*)) {
  set_error(error_ctx, "MemoryError", "nothing left");
  return -5;
}

int give_nothing(DLTensor*, DLManagedTensorVersioned**, void*,
                 void (*)(void*, const char*, const char*)) {
  return 0;
}

class CTensorAllocator : public testing::Test {
 protected:
  CTensorAllocator() { num_deleted = 0; }
  ~CTensorAllocator() override { set(nullptr, 1); }

  static DLPackManagedTensorAllocator set(DLPackManagedTensorAllocator allocator, int global = 0) {
    DLPackManagedTensorAllocator original = give_nothing;
    EXPECT_EQ(TVMFFIEnvSetDLPackManagedTensorAllocator(allocator, global, &original), 0);
    return original;
  }

  int alloc(Owned* tensor) {
    int64_t shape[2] = {2, 3};
    DLTensor prototype{};
    prototype.device = {kDLCPU, 0};
    prototype.dtype = {kDLFloat, 32, 1};
    prototype.ndim = 2;
    prototype.shape = shape;
    return TVMFFIEnvTensorAlloc(&prototype, tensor->out());
  }
};

TEST_F(CTensorAllocator, ThreadsOwnComesBeforeTheGlobalOne) {
  EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), nullptr);
  EXPECT_EQ(set(allocate, 1), nullptr);
  std::thread([] {
    EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), allocate);
    EXPECT_EQ(set(run_out_of_memory), nullptr) << "the global one is nobody's own";
    EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), run_out_of_memory);
    EXPECT_EQ(set(nullptr), run_out_of_memory);
    EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), allocate);
  }).join();
  EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), allocate);
  EXPECT_EQ(TVMFFIEnvSetDLPackManagedTensorAllocator(give_nothing, 0, nullptr), 0);
  EXPECT_EQ(TVMFFIEnvGetDLPackManagedTensorAllocator(), give_nothing);
}

TEST_F(CTensorAllocator, MakesTensors) {
  set(allocate);
  Owned tensor;
  ASSERT_EQ(alloc(&tensor), 0);
  const DLTensor* dl = TVMFFITensorGetDLTensorPtr(tensor.get());
  EXPECT_EQ(dl->ndim, 2);
  EXPECT_EQ(dl->shape[1], 3);
  EXPECT_EQ(dl->strides[0], 3);
  EXPECT_EQ(dl->strides[1], 1);
  EXPECT_EQ(num_deleted, 0);
  tensor = Owned();
  EXPECT_EQ(num_deleted, 1);
}

TEST_F(CTensorAllocator, MustHaveBeenSet) {
  Owned tensor;
  EXPECT_RAISES(alloc(&tensor), "RuntimeError",
                "TVMFFIEnvTensorAlloc: allocator is nullptr, likely because "
                "TVMFFIEnvSetDLPackManagedTensorAllocator has not been called.");
}

TEST_F(CTensorAllocator, ReportsItsOwnErrorAndStatus) {
  set(run_out_of_memory);
  Owned tensor;
  EXPECT_EQ(alloc(&tensor), -5);
  contract::Raised raised;
  EXPECT_EQ(raised.kind, "MemoryError");
  EXPECT_EQ(raised.message, "nothing left");
}

TEST_F(CTensorAllocator, MustGiveATensor) {
  set(give_nothing);
  Owned tensor;
  EXPECT_EQ(alloc(&tensor), -1);
  contract::Raised raised;
  EXPECT_EQ(raised.kind, "RuntimeError");
  EXPECT_NE(raised.message.find("TVMFFIEnvTensorAlloc: failed to allocate a tensor from the "
                                "allocator"),
            std::string::npos);
}

TEST_F(CTensorAllocator, FlagsAreItsOwnBusiness) {
  set(allocate_padded);
  Owned tensor;
  EXPECT_EQ(alloc(&tensor), 0);
}

// ---- Signals ---------------------------------------------------------------

std::vector<std::string> host_calls;
int pending = 0;

int check_signals() {
  host_calls.push_back("check");
  return pending;
}
int ensure() {
  host_calls.push_back("ensure");
  return 0;
}
void release(int state) { host_calls.push_back("release " + std::to_string(state)); }

int register_host(const char* name, void* symbol) { return TVMFFIEnvRegisterCAPI(name, symbol); }

TEST(CSignals, NoneWithoutAHost) { EXPECT_EQ(TVMFFIEnvCheckSignals(), 0); }

// The interpreter lock is held while the host looks, and given back whatever its state is.
TEST(CSignals, AreAskedOfTheHost) {
  ASSERT_EQ(register_host("PyGILState_Ensure", reinterpret_cast<void*>(ensure)), 0);
  ASSERT_EQ(register_host("PyGILState_Release", reinterpret_cast<void*>(release)), 0);
  ASSERT_EQ(register_host("PyErr_CheckSignals", reinterpret_cast<void*>(check_signals)), 0);
  TVMFFIErrorSetRaised(nullptr);
  for (int answer : {0, -1, 1}) {
    host_calls.clear();
    pending = answer;
    EXPECT_EQ(TVMFFIEnvCheckSignals(), answer == 0 ? 0 : -1);
    EXPECT_EQ(host_calls, (std::vector<std::string>{"ensure", "check", "release 0"}));
    EXPECT_EQ(contract::Raised().error.get(), nullptr) << "the host keeps its own error";
  }
  ASSERT_EQ(register_host("PyErr_CheckSignals", nullptr), 0);
  EXPECT_EQ(TVMFFIEnvCheckSignals(), 0);
}

TEST(CSignals, UnknownHostFunctionIsAnError) {
  EXPECT_RAISES(register_host("PyErr_Occurred", nullptr), "ValueError",
                "Unknown env API PyErr_Occurred");
}

}  // namespace
