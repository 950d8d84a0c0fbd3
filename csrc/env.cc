// SPDX-License-Identifier: Apache-2.0
//
// The environment: current streams, the tensor allocator, the host's signals.
#include <tvm/ffi/extra/c_env_api.h>

#include <algorithm>
#include <atomic>
#include <string_view>
#include <utility>
#include <vector>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

struct CurrentStream {
  int32_t device_type;
  int32_t device_id;
  TVMFFIStreamHandle stream;
};

// What a thread has set. A thread works with a handful of devices, so streams are searched in
// order.
struct ThreadEnv {
  CurrentStream* find(int32_t device_type, int32_t device_id) {
    auto it = std::find_if(streams.begin(), streams.end(), [&](const CurrentStream& entry) {
      return entry.device_type == device_type && entry.device_id == device_id;
    });
    return it == streams.end() ? nullptr : &*it;
  }

  std::vector<CurrentStream> streams;
  DLPackManagedTensorAllocator allocator = nullptr;
};

ThreadEnv& thread_env() { return per_thread<ThreadEnv>(); }

std::atomic<DLPackManagedTensorAllocator> global_allocator = nullptr;

TVMFFIStreamHandle exchange_stream(int32_t device_type, int32_t device_id,
                                   TVMFFIStreamHandle stream) {
  ThreadEnv& env = thread_env();
  if (CurrentStream* entry = env.find(device_type, device_id)) {
    return std::exchange(entry->stream, stream);
  }
  env.streams.push_back({device_type, device_id, stream});
  return nullptr;
}

DLPackManagedTensorAllocator current_allocator() {
  DLPackManagedTensorAllocator own = thread_env().allocator;
  return own != nullptr ? own : global_allocator.load(std::memory_order_acquire);
}

void raise_allocator_error(void*, const char* kind, const char* message) {
  TVMFFIErrorSetRaisedFromCStr(kind, message);
}

int allocate_tensor(DLTensor* prototype, TVMFFIObjectHandle* out) {
  const DLPackManagedTensorAllocator allocator = current_allocator();
  if (allocator == nullptr) {
    TVM_FFI_THROW(RuntimeError) << "TVMFFIEnvTensorAlloc: allocator is nullptr, likely because "
                                   "TVMFFIEnvSetDLPackManagedTensorAllocator has not been called.";
  }
  DLManagedTensorVersioned* tensor = nullptr;
  if (int status = allocator(prototype, &tensor, nullptr, raise_allocator_error)) return status;
  if (tensor == nullptr) {
    TVM_FFI_THROW(RuntimeError)
        << "TVMFFIEnvTensorAlloc: failed to allocate a tensor from the allocator";
  }
  *out = adopt_tensor(tensor);
  return 0;
}

// The host's functions, under the names it registers them by. The state that ensure gives and
// release takes is an enum.
std::atomic<int (*)()> check_signals = nullptr;
std::atomic<int (*)()> ensure_gil = nullptr;
std::atomic<void (*)(int)> release_gil = nullptr;

void register_host_function(std::string_view name, void* symbol) {
  if (name == "PyErr_CheckSignals") {
    check_signals = reinterpret_cast<int (*)()>(symbol);
  } else if (name == "PyGILState_Ensure") {
    ensure_gil = reinterpret_cast<int (*)()>(symbol);
  } else if (name == "PyGILState_Release") {
    release_gil = reinterpret_cast<void (*)(int)>(symbol);
  } else {
    TVM_FFI_THROW(ValueError) << "Unknown env API " << name;
  }
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIEnvSetStream(int32_t device_type, int32_t device_id, TVMFFIStreamHandle stream,
                       TVMFFIStreamHandle* opt_out_original_stream) {
  return guard([&] {
    TVMFFIStreamHandle original = exchange_stream(device_type, device_id, stream);
    if (opt_out_original_stream != nullptr) *opt_out_original_stream = original;
  });
}

TVMFFIStreamHandle TVMFFIEnvGetStream(int32_t device_type, int32_t device_id) {
  return guard_or_exit("TVMFFIEnvGetStream", [&] {
    const CurrentStream* entry = thread_env().find(device_type, device_id);
    return entry == nullptr ? nullptr : entry->stream;
  });
}

int TVMFFIEnvSetDLPackManagedTensorAllocator(
    DLPackManagedTensorAllocator allocator, int write_to_global_context,
    DLPackManagedTensorAllocator* opt_out_original_allocator) {
  return guard([&] {
    DLPackManagedTensorAllocator original = std::exchange(thread_env().allocator, allocator);
    if (opt_out_original_allocator != nullptr) *opt_out_original_allocator = original;
    if (write_to_global_context != 0) global_allocator.store(allocator, std::memory_order_release);
  });
}

DLPackManagedTensorAllocator TVMFFIEnvGetDLPackManagedTensorAllocator() {
  return guard_or_exit("TVMFFIEnvGetDLPackManagedTensorAllocator", current_allocator);
}

int TVMFFIEnvTensorAlloc(DLTensor* prototype, TVMFFIObjectHandle* out) {
  return guard([&] { return allocate_tensor(prototype, out); });
}

int TVMFFIEnvCheckSignals() {
  int (*check)() = check_signals.load();
  if (check == nullptr) return 0;
  const int gil_state = ensure_gil.load()();
  const int pending = check();
  release_gil.load()(gil_state);
  return pending == 0 ? 0 : -1;
}

int TVMFFIEnvRegisterCAPI(const char* name, void* symbol) {
  return guard([&] { register_host_function(name, symbol); });
}
