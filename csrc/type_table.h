// SPDX-License-Identifier: Apache-2.0
//
// The table of types, shared by type.cc (indices and keys) and reflection.cc (what types declare).
#ifndef TVM_FFI_CSRC_TYPE_TABLE_H_
#define TVM_FFI_CSRC_TYPE_TABLE_H_

#include <tvm/ffi/c_api.h>

#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <deque>
#include <new>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <vector>

namespace tvm::ffi::library {

// Storage behind a (data, size) pair of the contract that other threads read without a lock. A full
// array is left as it is and a larger one takes over, so what a reader holds stays readable; data
// is published before size. Unused room is zero. Writers hold the registry's lock.
template <typename T>
class PublishedArray {
  static_assert(std::is_trivially_copyable_v<T>);

 public:
  explicit PublishedArray(size_t initial_capacity) : initial_capacity_(initial_capacity) {}

  // Writable room for `count` elements, those published so far included.
  T* reserve(size_t count) {
    if (count > capacity_) grow(count);
    return arrays_.back();
  }

  void publish(const T** data, int32_t* size, int32_t count) const {
    const T* newest = arrays_.back();
    __atomic_store_n(data, newest, __ATOMIC_RELEASE);
    __atomic_store_n(size, count, __ATOMIC_RELEASE);
  }

 private:
  void grow(size_t count) {
    size_t capacity = capacity_ == 0 ? initial_capacity_ : 2 * capacity_;
    while (capacity < count) capacity *= 2;
    arrays_.reserve(arrays_.size() + 1);
    // calloc leaves large blocks untouched, so generous room costs address space only.
    T* larger = static_cast<T*>(std::calloc(capacity, sizeof(T)));
    if (larger == nullptr) throw std::bad_alloc();
    if (capacity_ != 0) std::memcpy(larger, arrays_.back(), capacity_ * sizeof(T));
    arrays_.push_back(larger);
    capacity_ = capacity;
  }

  size_t initial_capacity_;
  size_t capacity_ = 0;
  std::vector<T*> arrays_;  // all ever used, the newest last; never freed
};

// A registered type. Never destroyed, so `info` keeps its address.
struct TypeEntry {
  // A copy that lives as long as the type; {NULL, 0} for an empty text.
  TVMFFIByteArray keep(const TVMFFIByteArray& text) {
    if (text.size == 0) return {nullptr, 0};
    const std::string& copy = texts.emplace_back(text.data, text.size);
    return {copy.data(), copy.size()};
  }

  TVMFFITypeInfo info{};
  std::string key;
  std::vector<const TVMFFITypeInfo*> ancestors;
  // Indices [type_index, type_index + num_slots) belong to the type; `allocated` of them are given
  // to itself and its children.
  int32_t num_slots = 0;
  int32_t allocated = 0;
  bool can_overflow = false;  // children beyond the slots are allowed
  PublishedArray<TVMFFIFieldInfo> fields{8};
  PublishedArray<TVMFFIMethodInfo> methods{8};
  TVMFFITypeMetadata metadata{};
  std::deque<std::string> texts;
};

struct TypeRequest {
  std::string_view key;
  int32_t static_index;  // negative: any
  int32_t depth;
  int32_t num_child_slots;
  bool children_can_overflow;
  int32_t parent_index;  // negative: none
};

class TypeTable {
 public:
  TypeTable();

  // Lock-free. NULL for an index that is not registered.
  TypeEntry* find(int32_t index) const;
  TypeEntry* find(std::string_view key) const;
  // As above; throws InternalError.
  TypeEntry& get(int32_t index) const;

  // The type registered under the key, else a new one; throws InternalError if it cannot be placed.
  const TypeEntry& find_or_register(const TypeRequest& request);

  // Ascending by type index.
  std::vector<std::string_view> keys() const;

  // Guards everything in the table that changes after a type is registered, for writers.
  std::shared_mutex& mutex() const { return mutex_; }

 private:
  TypeEntry& insert(const TypeRequest& request);
  int32_t place(const TypeRequest& request, TypeEntry* parent);

  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string_view, TypeEntry*> by_key_;  // keys are those of the entries
  int32_t end_index_ = kTVMFFIDynObjectBegin;  // one past the highest index in use or reserved
};

TypeTable& type_table();

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_TYPE_TABLE_H_
