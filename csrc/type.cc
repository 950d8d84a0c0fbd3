// SPDX-License-Identifier: Apache-2.0
//
// Types: which index belongs to which key, and who descends from whom.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <functional>
#include <memory>
#include <mutex>
#include <sstream>
#include <stdexcept>

#include "internal.h"
#include "older_systems.h"
#include "type_table.h"

namespace tvm::ffi::library {
namespace {

constexpr int32_t kNoType = -1;
constexpr int32_t kLookupOnly = -2;  // as parent: register nothing; as result: nothing found

// Types by index. Filled once each and read without a lock; pages never used cost nothing.
// Plain pointers: as C++20, so many std::atomic would be initialised at load time, one by one, and
// after the first types have registered.
constexpr int32_t kMaxTypes = 1 << 20;
TypeEntry* entries[kMaxTypes];

struct StaticType {
  TVMFFITypeIndex index;
  const char* key;
};

// Every static row but the root of the objects.
constexpr StaticType kValueTypes[] = {
    {kTVMFFINone, "None"},
    {kTVMFFIInt, "int"},
    {kTVMFFIBool, "bool"},
    {kTVMFFIFloat, "float"},
    {kTVMFFIOpaquePtr, "void*"},
    {kTVMFFIDataType, "DataType"},
    {kTVMFFIDevice, "Device"},
    {kTVMFFIDLTensorPtr, "DLTensor*"},
    {kTVMFFIRawStr, "const char*"},
    {kTVMFFIByteArrayPtr, "TVMFFIByteArray*"},
    {kTVMFFIObjectRValueRef, "ObjectRValueRef"},
    {kTVMFFISmallStr, "ffi.SmallStr"},
    {kTVMFFISmallBytes, "ffi.SmallBytes"},
    {kTVMFFIUnchanged, "ffi.Unchanged"},
};
constexpr StaticType kObjectTypes[] = {
    {kTVMFFIStr, "ffi.String"},
    {kTVMFFIBytes, "ffi.Bytes"},
    {kTVMFFIError, "ffi.Error"},
    {kTVMFFIFunction, "ffi.Function"},
    {kTVMFFIShape, "ffi.Shape"},
    {kTVMFFITensor, "ffi.Tensor"},
    {kTVMFFIArray, "ffi.Array"},
    {kTVMFFIMap, "ffi.Map"},
    {kTVMFFIModule, "ffi.Module"},
    {kTVMFFIOpaquePyObject, "ffi.OpaquePyObject"},
    {kTVMFFIList, "ffi.List"},
    {kTVMFFIDict, "ffi.Dict"},
    {kTVMFFIVisitInterrupt, "ffi.VisitInterrupt"},
    {kTVMFFIBigInt, "ffi.BigInt"},
};

// Called with the table locked, so it must not walk the stack as an Error does: that takes the
// loader's lock, which load-time registration of another thread may hold while it waits for ours.
template <typename... Parts>
[[noreturn]] void refuse(const Parts&... parts) {
  std::ostringstream message(std::ios_base::out);
  (message << ... << parts);
  throw std::runtime_error(message.str());
}

}  // namespace

TypeTable& type_table() {
  static TypeTable& table = *new TypeTable();
  return table;
}

TypeTable::TypeTable() {
  for (const StaticType& type : kValueTypes) insert({type.key, type.index, 0, 0, false, kNoType});
  TypeEntry& root = insert({"ffi.Object", kTVMFFIObject, 0, 0, true, kNoType});
  root.metadata.total_size = sizeof(TVMFFIObject);
  root.info.metadata = &root.metadata;
  for (const StaticType& type : kObjectTypes) {
    insert({type.key, type.index, 1, 0, false, kTVMFFIObject});
  }
}

TypeEntry* TypeTable::find(int32_t index) const {
  if (index < 0 || index >= kMaxTypes) return nullptr;
  return __atomic_load_n(&entries[index], __ATOMIC_ACQUIRE);
}

TypeEntry* TypeTable::find(std::string_view key) const {
  std::shared_lock lock(mutex_);
  auto it = by_key_.find(key);
  return it == by_key_.end() ? nullptr : it->second;
}

TypeEntry& TypeTable::get(int32_t index) const {
  TypeEntry* entry = find(index);
  if (entry == nullptr) {
    TVM_FFI_THROW(InternalError) << "Cannot find type info for type_index=" << index;
  }
  return *entry;
}

const TypeEntry& TypeTable::find_or_register(const TypeRequest& request) {
  std::unique_lock lock(mutex_);
  auto it = by_key_.find(request.key);
  return it == by_key_.end() ? insert(request) : *it->second;
}

std::vector<std::string_view> TypeTable::keys() const {
  std::shared_lock lock(mutex_);
  std::vector<std::string_view> result;
  result.reserve(by_key_.size());
  for (int32_t index = 0; index < end_index_; ++index) {
    if (const TypeEntry* entry = find(index)) result.push_back(entry->key);
  }
  return result;
}

TypeEntry& TypeTable::insert(const TypeRequest& request) {
  TypeEntry* parent = find(request.parent_index);
  if (parent == nullptr && request.parent_index >= 0) {
    refuse("Cannot find type info for type_index=", request.parent_index, ", the parent of `",
           request.key, "`");
  }
  const int32_t depth = parent == nullptr ? 0 : parent->info.type_depth + 1;
  if (request.depth != depth) {
    refuse("Type `", request.key, "` is declared at depth ", request.depth,
           ", but its parent puts it at depth ", depth);
  }
  auto entry = std::make_unique<TypeEntry>();
  entry->key = request.key;
  if (parent != nullptr) {
    entry->ancestors = parent->ancestors;
    entry->ancestors.push_back(&parent->info);
  }
  entry->info.type_index = place(request, parent);
  entry->info.type_depth = depth;
  entry->info.type_key = byte_array(entry->key);
  entry->info.type_key_hash = std::hash<std::string_view>()(entry->key);
  entry->info.type_ancestors = entry->ancestors.data();
  entry->num_slots = request.num_child_slots + 1;
  entry->allocated = 1;
  entry->can_overflow =
      request.children_can_overflow && (parent == nullptr || parent->can_overflow);

  by_key_.emplace(entry->key, entry.get());
  __atomic_store_n(&entries[entry->info.type_index], entry.get(), __ATOMIC_RELEASE);
  return *entry.release();
}

// Finds the index of a new type and sets its slots aside.
int32_t TypeTable::place(const TypeRequest& request, TypeEntry* parent) {
  if (request.num_child_slots < 0 || request.num_child_slots >= kMaxTypes - end_index_) {
    refuse("No room for type `", request.key, "` with ", request.num_child_slots, " child slots");
  }
  const int32_t count = request.num_child_slots + 1;
  int32_t index = request.static_index;
  if (index >= end_index_) {
    refuse("Conflicting static index ", index, " of ", request.key, ": static indices end at ",
           end_index_);
  }
  if (index < 0) {
    if (parent == nullptr) refuse("Type `", request.key, "` needs a parent or a static index");
    if (count <= parent->num_slots - parent->allocated) {
      index = parent->info.type_index + parent->allocated;
      parent->allocated += count;
    } else if (parent->can_overflow) {
      index = end_index_;
      end_index_ += count;
    } else {
      refuse("Reach maximum number of sub-classes for ", parent->key);
    }
  }
  if (const TypeEntry* other = find(index)) {
    refuse("Conflicting static index ", index, " between ", other->key, " and ", request.key);
  }
  return index;
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi.GetRegisteredTypeKeys", [] {
    Array<String> keys;
    for (std::string_view key : type_table().keys()) keys.push_back(String(key.data(), key.size()));
    return keys;
  });
}

}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFITypeKeyToIndex(const TVMFFIByteArray* type_key, int32_t* out_tindex) {
  return guard([&] {
    const TypeEntry* entry = type_table().find(view(*type_key));
    if (entry == nullptr) {
      TVM_FFI_THROW(InternalError) << "Cannot find type `" << view(*type_key) << "`";
    }
    *out_tindex = entry->info.type_index;
  });
}

int32_t TVMFFITypeGetOrAllocIndex(const TVMFFIByteArray* type_key, int32_t static_type_index,
                                  int32_t type_depth, int32_t num_child_slots,
                                  int32_t child_slots_can_overflow, int32_t parent_type_index) {
  return guard_or_exit("TVMFFITypeGetOrAllocIndex", [&] {
    const std::string_view key = view(*type_key);
    if (const TypeEntry* entry = type_table().find(key)) return entry->info.type_index;
    if (parent_type_index == kLookupOnly) return kLookupOnly;
    const TypeRequest request{key,
                              static_type_index,
                              type_depth,
                              num_child_slots,
                              child_slots_can_overflow != 0,
                              parent_type_index};
    return type_table().find_or_register(request).info.type_index;
  });
}

const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t type_index) {
  return guard_or_exit("TVMFFIGetTypeInfo", [&] { return &type_table().get(type_index).info; });
}
