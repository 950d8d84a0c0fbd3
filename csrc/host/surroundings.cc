// SPDX-License-Identifier: Apache-2.0
//
// Tensors of frameworks in blocks, and the stream and allocator that calls with them run with.
#include <tvm/ffi/extra/c_env_api.h>

#include <atomic>

#include "block.h"

namespace tvm::ffi::block {
namespace {

// The tables that cells refer to by number, which stay where they are for ever.
constexpr int32_t kMaxTables = 64;
const DLPackExchangeAPI* tables[kMaxTables];
std::atomic<int32_t> table_count{0};

void own(TVMFFIObjectHandle tensor, TVMFFIAny* cell) {
  cell->type_index = kTVMFFITensor;
  cell->zero_padding = 0;
  cell->v_ptr = tensor;
}

}  // namespace

// Numbers an exchange table; -1 if there are too many. Called by one thread at a time.
TVM_FFI_HOST_EXPORT int32_t TVMFFIHostNumberTable(const DLPackExchangeAPI* table) {
  int32_t number = table_count.load(std::memory_order_relaxed);
  if (number == kMaxTables || !table->managed_tensor_from_py_object_no_sync) return -1;
  tables[number] = table;
  table_count.store(number + 1, std::memory_order_release);
  return number;
}

// What is asked for a tensor of a framework that shares the memory of one of ours.
struct Export {
  TVMFFIObjectHandle tensor;          // owned; NULL once it has been taken over
  int64_t number;                     // of the framework's exchange table
  DLManagedTensorVersioned* managed;  // after a failure: to be deleted, by Python
};

static void* no_tensor() {
  interpreter.retain(interpreter.none);
  return interpreter.none;
}

// A new reference to the interpreter's object. None, and nothing taken over, if that fails; then
// there may be an exception. (ctypes takes NULL only with one.)
TVM_FFI_HOST_EXPORT void* TVMFFIHostExportTensor(Export* wanted) {
  const DLPackExchangeAPI* table = tables[wanted->number];
  if (TVMFFITensorToDLPackVersioned(wanted->tensor, &wanted->managed) != 0) {
    TVMFFIErrorSetRaised(nullptr);
    return no_tensor();
  }
  void* made = nullptr;
  if (table->managed_tensor_to_py_object_no_sync(wanted->managed, &made) != 0 || !made) {
    return no_tensor();
  }
  TVMFFIObjectDecRef(wanted->tensor);  // not the last: what was made has another
  wanted->tensor = nullptr;
  return made;
}

Import import_tensor(TVMFFIAny* cell, Surroundings* surroundings) {
  const DLPackExchangeAPI* table = tables[cell->zero_padding];
  DLManagedTensorVersioned* managed = nullptr;
  // A failure, other than one that leaves an exception, is explained by the pure lane.
  if (table->managed_tensor_from_py_object_no_sync(cell->v_ptr, &managed) != 0) {
    return Import::kRefused;
  }
  TVMFFIObjectHandle tensor = nullptr;
  if (TVMFFITensorFromDLPackVersioned(managed, 0, 0, &tensor) != 0) {
    if (managed->deleter) managed->deleter(managed);
    return Import::kUnfit;
  }
  DLDevice device = TVMFFITensorGetDLTensorPtr(tensor)->device;
  surroundings->api = table;
  if (surroundings->device_type == -1 && device.device_type != kDLCPU &&
      table->current_work_stream) {
    void* stream = nullptr;
    if (table->current_work_stream(device.device_type, device.device_id, &stream) != 0) {
      TVMFFIObjectDecRef(tensor);
      return Import::kRefused;
    }
    surroundings->device_type = device.device_type;
    surroundings->device_id = device.device_id;
    surroundings->stream = stream;
  }
  own(tensor, cell);
  return Import::kDone;
}

Import import_capsule(TVMFFIAny* cell) {
  void* capsule = cell->v_ptr;
  TVMFFIObjectHandle tensor = nullptr;
  const char* used = "used_dltensor";
  int status;
  if (interpreter.capsule_is_valid(capsule, "dltensor")) {
    void* managed = interpreter.capsule_pointer(capsule, "dltensor");
    status = TVMFFITensorFromDLPack(static_cast<DLManagedTensor*>(managed), 0, 0, &tensor);
  } else if (interpreter.capsule_is_valid(capsule, "dltensor_versioned")) {
    void* managed = interpreter.capsule_pointer(capsule, "dltensor_versioned");
    status = TVMFFITensorFromDLPackVersioned(static_cast<DLManagedTensorVersioned*>(managed), 0, 0,
                                             &tensor);
    used = "used_dltensor_versioned";
  } else {
    return Import::kRefused;
  }
  if (status != 0) return Import::kFailed;
  interpreter.capsule_set_name(capsule, used);
  interpreter.capsule_set_destructor(capsule, nullptr);
  own(tensor, cell);
  return Import::kDone;
}

void Surroundings::enter() {
  if (device_type != -1) TVMFFIEnvSetStream(device_type, device_id, stream, &former_stream);
  if (api->managed_tensor_allocator) {
    TVMFFIEnvSetDLPackManagedTensorAllocator(api->managed_tensor_allocator, 0, &former_allocator);
  }
}

void Surroundings::leave() {
  if (api->managed_tensor_allocator && former_allocator != api->managed_tensor_allocator) {
    TVMFFIEnvSetDLPackManagedTensorAllocator(former_allocator, 0, nullptr);
  }
  if (device_type != -1 && former_stream != stream) {
    TVMFFIEnvSetStream(device_type, device_id, former_stream, nullptr);
  }
}

}  // namespace tvm::ffi::block
