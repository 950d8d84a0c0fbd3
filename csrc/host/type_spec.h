// SPDX-License-Identifier: Apache-2.0
//
// How the host wants types described. Private.
#ifndef TVM_FFI_HOST_TYPE_SPEC_H_
#define TVM_FFI_HOST_TYPE_SPEC_H_

#include "host.h"

namespace tvm::ffi::host {

struct Member {
  const char* name;
  int type;
  ptrdiff_t offset;
  int flags;
  const char* doc;
};

struct Accessor {
  const char* name;
  Value (*get)(Value, void*);
  int (*set)(Value, Value, void*);
  const char* doc;
  void* closure;
};

struct Slot {
  int number;
  void* function;
};

struct Spec {
  const char* name;
  int size;
  int item_size;
  unsigned int flags;
  Slot* slots;
};

struct Method {
  const char* name;
  void* function;
  int flags;
  const char* doc;
};

constexpr int kInt32Member = 1;
constexpr int kUint64Member = 18;
constexpr int kOffsetMember = 19;
constexpr int kReadOnly = 1;

constexpr int kSlotCall = 50;
constexpr int kSlotClear = 51;
constexpr int kSlotDeallocate = 52;
constexpr int kSlotDescriptorGet = 54;
constexpr int kSlotNew = 65;
constexpr int kSlotTraverse = 71;
constexpr int kSlotMembers = 72;
constexpr int kSlotAccessors = 73;
constexpr int kSlotFree = 74;

constexpr unsigned kCanBeBase = 1u << 10;
constexpr unsigned kHasVectorcall = 1u << 11;
constexpr unsigned kIsCollected = 1u << 14;
constexpr unsigned kIsMethod = 1u << 17;
constexpr unsigned kHasVersion = 1u << 18;
constexpr unsigned kDefault = kHasVersion;

constexpr int kOneArgument = 8;
constexpr int kNoArguments = 4;
constexpr int kManyArguments = 0x80;

// Makes a type out of a description that lives for ever; `base` may be NULL.
Value make(Spec* spec, Value base);

template <typename T>
void* slot(T function) {
  return reinterpret_cast<void*>(function);
}

// Drops what an instance held, while it is being freed.
void drop_object(TVMFFIObjectHandle handle);

}  // namespace tvm::ffi::host
#endif  // TVM_FFI_HOST_TYPE_SPEC_H_
