// SPDX-License-Identifier: Apache-2.0
//
// `ffi._DLPackCapsuleDestructor`: what lets go of a tensor nobody took out of its capsule. For our
// Python package, which cannot write one: a destructor may run while the interpreter has an
// exception pending, and code of the interpreter's own may not run then.
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <atomic>

namespace tvm::ffi::library {
namespace {

// The interpreter's functions, opaque here; neither can fail as they are used. The destructor runs
// with the interpreter's lock held, or on the only thread that can reach the capsule.
std::atomic<int (*)(void* capsule, const char* name)> is_valid = nullptr;
std::atomic<void* (*)(void* capsule, const char* name)> get_pointer = nullptr;

template <typename Managed>
void release(void* capsule, const char* name) {
  if (!is_valid.load(std::memory_order_relaxed)(capsule, name)) return;  // renamed by its consumer
  auto* managed = static_cast<Managed*>(get_pointer.load(std::memory_order_relaxed)(capsule, name));
  if (managed->deleter != nullptr) managed->deleter(managed);
}

void destroy(void* capsule) {
  release<DLManagedTensor>(capsule, "dltensor");
  release<DLManagedTensorVersioned>(capsule, "dltensor_versioned");
}

// Takes the addresses of PyCapsule_IsValid and PyCapsule_GetPointer, returns the destructor's.
void* make_destructor(void* host_is_valid, void* host_get_pointer) {
  is_valid = reinterpret_cast<int (*)(void*, const char*)>(host_is_valid);
  get_pointer = reinterpret_cast<void* (*)(void*, const char*)>(host_get_pointer);
  return reinterpret_cast<void*>(destroy);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi._DLPackCapsuleDestructor", make_destructor);
}

}  // namespace
}  // namespace tvm::ffi::library
