// SPDX-License-Identifier: Apache-2.0
//
// Dict<K, V>: a shared mutable mapping that keeps insertion order. Every handle to a DictObj sees
// every change; growing keeps the object. Not synchronised.
#ifndef TVM_FFI_CONTAINER_DICT_H_
#define TVM_FFI_CONTAINER_DICT_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/container/map_base.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <cstdint>
#include <initializer_list>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

class DictObj : public MapBaseObj {
 public:
  TVM_FFI_OUTLINE static ObjectPtr<DictObj> Empty() { return NewEmpty<DictObj>(); }
  // An empty dict in the layout for n entries.
  TVM_FFI_OUTLINE static ObjectPtr<DictObj> MakeFor(int64_t n) { return NewFor<DictObj>(n); }
  // A copy that shares keys and values.
  TVM_FFI_OUTLINE static ObjectPtr<Object> ShallowCopy(const DictObj* other) {
    return NewCopy<DictObj>(other);
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIDict;
  static constexpr bool _type_final = true;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIDict, DictObj, Object);
};

template <>
inline ObjectPtr<DictObj> make_object<DictObj>() {
  return DictObj::Empty();
}

template <typename K, typename V, typename = std::enable_if_t<detail::all_storage_enabled_v<K, V>>>
class Dict : public detail::MapRefBase<DictObj, K, V> {
  using Base = detail::MapRefBase<DictObj, K, V>;

 public:
  Dict() : Base(DictObj::Empty()) {}
  explicit Dict(UnsafeInit tag) : Base(tag) {}
  Dict(const Dict&) = default;
  Dict(Dict&&) = default;
  Dict& operator=(const Dict&) = default;
  Dict& operator=(Dict&&) = default;
  // Refers to the same dict, whose entries are all valid here.
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Dict(const Dict<KU, VU>& other) : Base(other) {}  // NOLINT(*)
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Dict(Dict<KU, VU>&& other) : Base(std::move(other)) {}  // NOLINT(*)
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Dict& operator=(const Dict<KU, VU>& other) {
    return *this = Dict(other);
  }
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Dict& operator=(Dict<KU, VU>&& other) {
    return *this = Dict(std::move(other));
  }
  // Must be a DictObj with valid entries; InternalError if null.
  explicit Dict(ObjectPtr<Object> ptr) : Base(std::move(ptr)) {
    detail::CheckContainerNotNull(data_);
  }
  // Pairs. Later duplicates win.
  template <typename It, typename = std::enable_if_t<detail::is_iterator_v<It>>>
  Dict(It first, It last) : Base(Base::MakeFromRange(first, last)) {}
  Dict(std::initializer_list<std::pair<K, V>> init)
      : Dict(init.begin(), init.end()) {}  // NOLINT(*)
  // std::unordered_map<K, V> and its like.
  template <typename R, typename = std::enable_if_t<detail::is_std_map_v<R, K, V>>, typename = void>
  Dict(const R& init) : Dict(init.begin(), init.end()) {}  // NOLINT(*)

  // ---- Writing: seen by all handles, invalidates iterators ----

  void Set(const K& key, const V& value) {
    Any key_cell(key);
    Any value_cell(value);
    Writable()->InsertOrAssign(std::move(key_cell), std::move(value_cell));
  }
  // Does nothing if there is no such key.
  void erase(const K& key) {
    if (data_ != nullptr) this->Entries()->erase(Any(key));
  }
  void clear() {
    if (data_ != nullptr) this->Entries()->clear();
  }

 private:
  using Base::data_;

  DictObj* Writable() {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) data_ = DictObj::Empty();
    return this->Entries();
  }
};

// ---- Traits ------------------------------------------------------------------------------------

template <typename K, typename V>
inline constexpr bool use_default_type_traits_v<Dict<K, V>> = false;

template <typename K, typename V>
struct TypeTraits<Dict<K, V>> : public MapTypeTraitsBase<TypeTraits<Dict<K, V>>, Dict<K, V>, K, V> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIDict;
  static constexpr int32_t kSiblingTypeIndex = TypeIndex::kTVMFFIMap;
  static constexpr const char* kName = "Dict";
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIDict;
};

template <typename K, typename V, typename KU, typename VU>
inline constexpr bool type_subsumes_v<Dict<K, V>, Dict<KU, VU>> =
    type_subsumes_v<K, KU>&& type_subsumes_v<V, VU>;

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_DICT_H_
