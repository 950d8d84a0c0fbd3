// SPDX-License-Identifier: Apache-2.0
//
// Objects: references, foreign handles, the allocator pointer, one-time handles. And the version.
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>
#include <atomic>
#include <cstddef>
#include <cstdlib>
#include <mutex>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

// Owns a foreign handle until the last reference goes.
class OpaqueObject : public Object, public TVMFFIOpaqueObjectCell {
 public:
  OpaqueObject(void* foreign, void (*deleter)(void*)) : deleter_(deleter) { handle = foreign; }
  ~OpaqueObject() {
    if (deleter_ != nullptr) outlive_interpreter([this] { deleter_(handle); });
  }

  static constexpr int32_t _type_index = kTVMFFIOpaquePyObject;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC("ffi.OpaquePyObject", OpaqueObject, Object);

 private:
  void (*deleter_)(void*);
};

// What the built-in allocator puts before a body: the contract's header last, directly at the body.
struct BodyPrefix {
  void* allocation;
  TVMFFIObjectAllocHeader header;
};

void delete_body(void* body) { std::free((static_cast<BodyPrefix*>(body) - 1)->allocation); }

void* allocate_body(size_t size, size_t alignment, int32_t, void*) {
  static_assert(sizeof(BodyPrefix) % alignof(std::max_align_t) == 0);
  alignment = std::max(alignment, sizeof(BodyPrefix));
  const size_t total = alignment + size;
  const size_t rounded = (total + alignment - 1) / alignment * alignment;
  void* allocation = rounded < size ? nullptr : std::aligned_alloc(alignment, rounded);
  if (allocation == nullptr) {
    TVMFFIErrorSetRaisedFromCStr("MemoryError", "Cannot allocate memory for an object");
    return nullptr;
  }
  void* body = static_cast<char*>(allocation) + alignment;
  *(static_cast<BodyPrefix*>(body) - 1) = {allocation, {delete_body}};
  return body;
}

TVMFFICustomAllocator builtin_allocator = {allocate_body, nullptr};
std::atomic<TVMFFICustomAllocator*> current_allocator = &builtin_allocator;

int init_once(void** handle_addr, int (*init_func)(void** result)) {
  if (__atomic_load_n(handle_addr, __ATOMIC_ACQUIRE) != nullptr) return 0;
  // Held while init_func runs, which must happen once; recursive, so that it may initialise others.
  static std::recursive_mutex& mutex = *new std::recursive_mutex();
  std::lock_guard lock(mutex);
  if (*handle_addr != nullptr) return 0;
  void* handle = nullptr;
  if (int status = init_func(&handle)) return status;
  if (handle == nullptr) TVM_FFI_THROW(RuntimeError) << "init_func must return a non-NULL handle";
  __atomic_store_n(handle_addr, handle, __ATOMIC_RELEASE);
  return 0;
}

const ObjectRef& missing() {
  static const ObjectRef& sentinel = *new ObjectRef(make_object<Object>());
  return sentinel;
}

const ObjectRef& kwargs() {
  static const ObjectRef& sentinel = *new ObjectRef(make_object<Object>());
  return sentinel;
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.GetInvalidObject", [] { return missing(); })
      .def("ffi.GetKwargsObject", [] { return kwargs(); });
}

}  // namespace

TVMFFIObject* missing_object() {
  return detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(missing());
}

TVMFFIObject* kwargs_object() {
  return detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(kwargs());
}

}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;
using tvm::ffi::detail::ObjectUnsafe;

void TVMFFIGetVersion(TVMFFIVersion* out_version) {
  *out_version = {TVM_FFI_VERSION_MAJOR, TVM_FFI_VERSION_MINOR, TVM_FFI_VERSION_PATCH};
}

int TVMFFIObjectIncRef(TVMFFIObjectHandle obj) {
  ObjectUnsafe::IncRefObjectHandle(obj);
  return 0;
}

int TVMFFIObjectDecRef(TVMFFIObjectHandle obj) {
  ObjectUnsafe::DecRefObjectHandle(obj);
  return 0;
}

int TVMFFIObjectCreateOpaque(void* handle, int32_t type_index, void (*deleter)(void* handle),
                             TVMFFIObjectHandle* out) {
  return guard([&] {
    if (type_index != kTVMFFIOpaquePyObject) {
      TVM_FFI_THROW(RuntimeError) << "Only kTVMFFIOpaquePyObject is supported for now";
    }
    *out = ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(
        tvm::ffi::make_object<OpaqueObject>(handle, deleter));
  });
}

TVMFFICustomAllocator* TVMFFIGetCustomAllocator() { return current_allocator.load(); }

int TVMFFISetCustomAllocator(TVMFFICustomAllocator* allocator) {
  current_allocator.store(allocator == nullptr ? &builtin_allocator : allocator);
  return 0;
}

int TVMFFIHandleInitOnce(void** handle_addr, int (*init_func)(void** result)) {
  return guard([&] { return init_once(handle_addr, init_func); });
}

int TVMFFIHandleDeinitOnce(void** handle_addr, int (*deinit_func)(void* handle)) {
  return guard([&] {
    void* handle = __atomic_exchange_n(handle_addr, nullptr, __ATOMIC_ACQ_REL);
    return handle == nullptr ? 0 : deinit_func(handle);
  });
}
