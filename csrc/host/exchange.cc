// SPDX-License-Identifier: Apache-2.0
//
// Tensors of frameworks, in and out. A tensor is passed as an object that shares its memory.
#include <tvm/ffi/extra/c_env_api.h>

#include <cstdlib>

#include "host.h"

namespace tvm::ffi::host {
namespace {

void delete_managed(DLManagedTensorVersioned* managed) {
  if (managed && managed->deleter) managed->deleter(managed);
}

Packed adopt(int status, TVMFFIObjectHandle handle, TVMFFIAny* cell, bool* owned) {
  if (status != 0) return raise_failure(status), Packed::kFailed;
  cell->type_index = kTVMFFITensor;
  cell->zero_padding = 0;
  cell->v_ptr = handle;
  *owned = true;
  return Packed::kDone;
}

}  // namespace

// Describes what the pure lane calls `api`, by its table or, with NULL, only by name. Lives for
// ever; NULL when out of memory.
TVM_FFI_HOST_EXPORT Exchange* TVMFFIHostExchange(Value api, const DLPackExchangeAPI* table) {
  auto* exchange = static_cast<Exchange*>(std::malloc(sizeof(Exchange)));
  if (exchange) *exchange = Exchange{retained(api), table};
  return exchange;
}

Packed pack_exchanged(Value value, const Exchange* api, TVMFFIAny* cell, bool* owned,
                      Context* context) {
  DLManagedTensorVersioned* managed = nullptr;
  if (api->table->managed_tensor_from_py_object_no_sync(value, &managed) != 0) {
    // Said again, and better, by the pure lane.
    if (host.pending()) return Packed::kFailed;
    return Packed::kPure;
  }
  TVMFFIObjectHandle handle = nullptr;
  int status = TVMFFITensorFromDLPackVersioned(managed, 0, 0, &handle);
  if (status != 0) {
    delete_managed(managed);
    TVMFFIErrorSetRaised(nullptr);
    return Packed::kPure;
  }
  DLDevice device = TVMFFITensorGetDLTensorPtr(handle)->device;
  context->api = api;
  if (context->device_type == -1 && device.device_type != kDLCPU &&
      api->table->current_work_stream) {
    void* stream = nullptr;
    if (api->table->current_work_stream(device.device_type, device.device_id, &stream) != 0) {
      drop(handle);
      return host.pending() ? Packed::kFailed : Packed::kPure;
    }
    context->device_type = device.device_type;
    context->device_id = device.device_id;
    context->stream = stream;
  }
  return adopt(0, handle, cell, owned);
}

Packed pack_provided(Value value, TVMFFIAny* cell, bool* owned) {
  Value args[] = {nullptr, value};
  Value capsule = host.call_method(pure.dlpack_name, args + 1, 1 | kSpare, nullptr);
  if (!capsule) {
    host.clear_error();
    return Packed::kPure;  // which explains the usual reasons
  }
  Packed packed = Packed::kPure;
  if (host.capsule_is_valid(capsule, "dltensor")) {
    auto* managed = static_cast<DLManagedTensor*>(host.capsule_pointer(capsule, "dltensor"));
    TVMFFIObjectHandle handle = nullptr;
    int status = TVMFFITensorFromDLPack(managed, 0, 0, &handle);
    if (status == 0) {
      host.capsule_set_name(capsule, "used_dltensor");
      host.capsule_set_destructor(capsule, nullptr);
    }
    packed = adopt(status, handle, cell, owned);
  }
  host.release(capsule);
  return packed;
}

Value tensor_result(TVMFFIObjectHandle handle, const Exchange* api) {
  if (api && api->table && api->table->managed_tensor_to_py_object_no_sync) {
    DLManagedTensorVersioned* managed = nullptr;
    Value made = nullptr;
    if (TVMFFITensorToDLPackVersioned(handle, &managed) != 0) {
      TVMFFIErrorSetRaised(nullptr);
    } else if (api->table->managed_tensor_to_py_object_no_sync(managed, &made) != 0 || !made) {
      // A framework that cannot have this tensor: ours can.
      delete_managed(managed);
      host.clear_error();
    } else {
      drop(handle);
      return made;
    }
  } else if (api && !api->table) {
    TVMFFIAny cell{};
    cell.type_index = kTVMFFITensor;
    cell.v_ptr = handle;
    return ask_pure(pure.unpack, cell, api);
  }
  return new_face(types.result_tensor, handle, kTVMFFITensor);
}

bool Environment::enter(const Context& context) {
  if (context.device_type != -1) {
    int status =
        TVMFFIEnvSetStream(context.device_type, context.device_id, context.stream, &stream_);
    if (status != 0) return raise_failure(status), false;
    has_stream_ = true;
  }
  if (context.api->table && context.api->table->managed_tensor_allocator) {
    int status = TVMFFIEnvSetDLPackManagedTensorAllocator(
        context.api->table->managed_tensor_allocator, 0, &allocator_);
    if (status != 0) {
      leave(context);
      return raise_failure(status), false;
    }
    has_allocator_ = true;
  }
  return true;
}

bool Environment::leave(const Context& context) {
  int status = 0;
  if (has_allocator_ && allocator_ != context.api->table->managed_tensor_allocator) {
    status = TVMFFIEnvSetDLPackManagedTensorAllocator(allocator_, 0, nullptr);
  }
  if (has_stream_ && stream_ != context.stream) {
    int failed = TVMFFIEnvSetStream(context.device_type, context.device_id, stream_, nullptr);
    if (status == 0) status = failed;
  }
  return status == 0 || raise_failure(status);
}

}  // namespace tvm::ffi::host
