// SPDX-License-Identifier: Apache-2.0
//
// From cells to values of the host.
#include <atomic>
#include <cstdlib>
#include <cstring>
#include <mutex>
#include <new>

#include "host.h"

namespace tvm::ffi::host {
namespace {

// The class of the results of one type index, and a bit that says that they are containers. One
// word, so that who reads it while it is written sees either what was or what will be.
using Result = std::atomic<uintptr_t>;
constexpr uintptr_t kContainerBit = 1;  // types are aligned

// By type index. Read by any thread at any time; written by one at a time. Who reads may still be
// looking at a former table, so none is freed.
struct Results {
  int32_t count;
  Result* items;
};

constexpr Results kNoResults{0, nullptr};
std::atomic<const Results*> results{&kNoResults};
std::mutex binding;

// A table that has the index; NULL when out of memory.
const Results* with_index(int32_t index) {
  const Results* table = results.load(std::memory_order_relaxed);
  if (index < table->count) return table;
  int32_t count = index + 64 + index / 2;
  auto* items = new (std::nothrow) Result[static_cast<size_t>(count)]();
  auto* larger = items ? new (std::nothrow) Results{count, items} : nullptr;
  if (!larger) return delete[] items, nullptr;
  for (int32_t i = 0; i < table->count; ++i) items[i].store(table->items[i].load());
  results.store(larger, std::memory_order_release);
  return larger;
}

}  // namespace

Value ask_pure(Value function, const TVMFFIAny& cell, const Exchange* api) {
  uint64_t tag = static_cast<uint32_t>(cell.type_index) | uint64_t{cell.zero_padding} << 32;
  Value payload = host.make_int(cell.v_int64);
  Value numbers[] = {payload, api ? api->api : host.none};
  Value first = host.make_int(static_cast<int64_t>(tag));
  Value value = first && payload ? call_pure(function, first, numbers, 2) : nullptr;
  if (payload) host.release(payload);
  if (first) host.release(first);
  return value;
}

namespace {

// Devices and data types that were returned before: the same few come again and again. Nodes live
// for ever, so they are read without a lock.
struct Remembered {
  int32_t index;
  int64_t payload;
  Value value;
};

constexpr size_t kRemembered = 64;
std::atomic<const Remembered*> remembered[kRemembered];

std::atomic<const Remembered*>& place_of(const TVMFFIAny& cell) {
  uint64_t mixed = (cell.v_uint64 ^ static_cast<uint64_t>(cell.type_index)) * 0x9E3779B97F4A7C15u;
  return remembered[mixed >> 58];
}

Value small_value(const TVMFFIAny& cell) {
  std::atomic<const Remembered*>& place = place_of(cell);
  const Remembered* found = place.load(std::memory_order_acquire);
  if (found && found->index == cell.type_index && found->payload == cell.v_int64) {
    return retained(found->value);
  }
  Value value = ask_pure(pure.unpack, cell, nullptr);
  if (!value || found) return value;
  auto* node = static_cast<Remembered*>(std::malloc(sizeof(Remembered)));
  if (!node) return value;
  *node = Remembered{cell.type_index, cell.v_int64, retained(value)};
  place.store(node, std::memory_order_release);
  return value;
}

}  // namespace

Value new_face(Type type, TVMFFIObjectHandle handle, int32_t index) {
  Value value = host.allocate(type, 0);
  if (TVM_FFI_HOST_LIKELY(value)) {
    Face* face = face_of<Face>(value);
    face->handle = handle;
    face->index = index;
  } else {
    drop(handle);
  }
  return value;
}

namespace {

Value unpack_object(const TVMFFIAny& cell, const Exchange* api) {
  int32_t index = cell.type_index;
  const Results* table = results.load(std::memory_order_acquire);
  uintptr_t result = index < table->count ? table->items[index].load(std::memory_order_acquire) : 0;
  if (TVM_FFI_HOST_LIKELY(result)) {
    Value value = new_face(reinterpret_cast<Type>(result & ~kContainerBit), cell.v_obj, index);
    if (value && (result & kContainerBit)) face_of<ContainerFace>(value)->api = api;
    return value;
  }
  if (index == kTVMFFIStr && types.string) return make_twin_text(cell);
  if (index == kTVMFFITensor && types.result_tensor) return tensor_result(cell.v_obj, api);
  if (index == kTVMFFIFunction && types.function) {
    Value value = new_face(types.function, cell.v_obj, index);
    if (value) {
      FunctionFace* face = face_of<FunctionFace>(value);
      face->vectorcall = TVMFFIHostCall;
      face->gives_up = gives_up_by_default;
    }
    return value;
  }
  return ask_pure(pure.unpack, cell, api);
}

}  // namespace

Value unpack(const TVMFFIAny& cell, const Exchange* api) {
  switch (cell.type_index) {
    case kTVMFFINone:
      return retained(host.none);
    case kTVMFFIInt:
      return host.make_int(cell.v_int64);
    case kTVMFFIBool:
      return retained(cell.v_int64 ? host.yes : host.no);
    case kTVMFFIFloat:
      return host.make_float(cell.v_float64);
    case kTVMFFISmallStr:
      return host.make_text(cell.v_bytes, cell.small_str_len);
    case kTVMFFISmallBytes:
      return host.make_bytes(cell.v_bytes, cell.small_str_len);
    default:
      if (TVM_FFI_HOST_LIKELY(is_object(cell.type_index))) return unpack_object(cell, api);
      if (cell.type_index == kTVMFFIDevice || cell.type_index == kTVMFFIDataType) {
        return small_value(cell);
      }
      return ask_pure(pure.unpack, cell, api);
  }
}

Value unpack_view(const TVMFFIAny& cell, const Exchange* api) {
  switch (cell.type_index) {
    case kTVMFFIRawStr:
      return host.make_text(cell.v_c_str, static_cast<ptrdiff_t>(std::strlen(cell.v_c_str)));
    case kTVMFFIByteArrayPtr: {
      auto* bytes = static_cast<const TVMFFIByteArray*>(cell.v_ptr);
      return host.make_bytes(bytes->data, static_cast<ptrdiff_t>(bytes->size));
    }
    case kTVMFFIDLTensorPtr: {
      if (!types.result_tensor) return ask_pure(pure.unpack_view, cell, api);
      Value value = host.allocate(types.result_tensor, 0);
      if (value) face_of<TensorFace>(value)->view = static_cast<DLTensor*>(cell.v_ptr);
      return value;
    }
    case kTVMFFIObjectRValueRef:
      return ask_pure(pure.unpack_view, cell, api);
    default:
      if (is_object(cell.type_index)) incref(cell.v_obj);
      return unpack(cell, api);
  }
}

// Devices and data types are made anew, as of another class. What was remembered is not released:
// somebody may be about to retain it.
TVM_FFI_HOST_EXPORT void TVMFFIHostForgetValues() {
  for (std::atomic<const Remembered*>& place : remembered) {
    place.store(nullptr, std::memory_order_release);
  }
}

// Makes results of a type index instances of `type`, which is kept for ever; NULL leaves them to
// the pure lane again. -1 when out of memory.
TVM_FFI_HOST_EXPORT int TVMFFIHostBindResult(int32_t index, Type type, int is_container) {
  const std::lock_guard<std::mutex> guard(binding);
  const Results* table = with_index(index);
  if (!table) return -1;
  if (type) host.retain(type);
  uintptr_t result = reinterpret_cast<uintptr_t>(type);
  if (type && is_container) result |= kContainerBit;
  table->items[index].store(result, std::memory_order_release);
  return 0;
}

}  // namespace tvm::ffi::host
