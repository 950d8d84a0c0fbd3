// SPDX-License-Identifier: Apache-2.0
//
// Map<K, V>: a mapping with copy-on-write that keeps insertion order. Handles to one MapObj share
// it until one of them is written through; that handle then gets a copy of its own.
#ifndef TVM_FFI_CONTAINER_MAP_H_
#define TVM_FFI_CONTAINER_MAP_H_

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

class MapObj : public MapBaseObj {
 public:
  TVM_FFI_OUTLINE static ObjectPtr<MapObj> Empty() { return NewEmpty<MapObj>(); }
  // An empty map in the layout for n entries.
  TVM_FFI_OUTLINE static ObjectPtr<MapObj> MakeFor(int64_t n) { return NewFor<MapObj>(n); }
  // A copy that shares keys and values.
  TVM_FFI_OUTLINE static ObjectPtr<Object> ShallowCopy(const MapObj* other) {
    return NewCopy<MapObj>(other);
  }

  // The map `*ref` refers to, ready to be written: no one else refers to it. Where that needs
  // another object, *ref is made to refer to it; null becomes empty.
  TVM_FFI_OUTLINE static MapObj* MakeWritable(ObjectPtr<Object>* ref) {
    if (*ref == nullptr) {
      *ref = Empty();
    } else if (!ref->unique()) {
      *ref = ShallowCopy(static_cast<MapObj*>(ref->get()));
    }
    return static_cast<MapObj*>(ref->get());
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIMap;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIMap, MapObj, Object);
};

template <>
inline ObjectPtr<MapObj> make_object<MapObj>() {
  return MapObj::Empty();
}

template <typename K, typename V, typename = std::enable_if_t<detail::all_storage_enabled_v<K, V>>>
class Map : public detail::MapRefBase<MapObj, K, V> {
  using Base = detail::MapRefBase<MapObj, K, V>;

 public:
  Map() : Base(MapObj::Empty()) {}
  explicit Map(UnsafeInit tag) : Base(tag) {}
  Map(const Map&) = default;
  Map(Map&&) = default;
  Map& operator=(const Map&) = default;
  Map& operator=(Map&&) = default;
  // Shares the entries of a map whose entries are all valid here.
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Map(const Map<KU, VU>& other) : Base(other) {}  // NOLINT(*)
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Map(Map<KU, VU>&& other) : Base(std::move(other)) {}  // NOLINT(*)
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Map& operator=(const Map<KU, VU>& other) {
    return *this = Map(other);
  }
  template <typename KU, typename VU,
            typename = std::enable_if_t<type_subsumes_v<K, KU> && type_subsumes_v<V, VU>>>
  Map& operator=(Map<KU, VU>&& other) {
    return *this = Map(std::move(other));
  }
  // Must be a MapObj with valid entries; InternalError if null.
  explicit Map(ObjectPtr<Object> ptr) : Base(std::move(ptr)) {
    detail::CheckContainerNotNull(data_);
  }
  // Pairs. Later duplicates win.
  template <typename It, typename = std::enable_if_t<detail::is_iterator_v<It>>>
  Map(It first, It last) : Base(Base::MakeFromRange(first, last)) {}
  Map(std::initializer_list<std::pair<K, V>> init) : Map(init.begin(), init.end()) {}  // NOLINT(*)
  // std::unordered_map<K, V> and its like.
  template <typename R, typename = std::enable_if_t<detail::is_std_map_v<R, K, V>>, typename = void>
  Map(const R& init) : Map(init.begin(), init.end()) {}  // NOLINT(*)

  // ---- Writing: invalidates iterators, leaves other handles alone ----

  void Set(const K& key, const V& value) {
    Any key_cell(key);
    Any value_cell(value);
    CopyOnWrite()->InsertOrAssign(std::move(key_cell), std::move(value_cell));
  }
  // Does nothing if there is no such key.
  void erase(const K& key) {
    Any key_cell(key);
    CopyOnWrite()->erase(key_cell);
  }
  void clear() { data_ = MapObj::Empty(); }

  // The object, made this handle's own: to be changed through the pointer.
  MapObj* CopyOnWrite() { return MapObj::MakeWritable(&data_); }

 private:
  using Base::data_;
};

// All entries of both; those of rhs win.
template <typename K, typename V>
inline Map<K, V> Merge(Map<K, V> lhs, const Map<K, V>& rhs) {
  for (const auto& [key, value] : rhs) lhs.Set(key, value);
  return lhs;
}

// ---- Traits ------------------------------------------------------------------------------------

template <typename K, typename V>
inline constexpr bool use_default_type_traits_v<Map<K, V>> = false;

template <typename K, typename V>
struct TypeTraits<Map<K, V>> : public MapTypeTraitsBase<TypeTraits<Map<K, V>>, Map<K, V>, K, V> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIMap;
  static constexpr int32_t kSiblingTypeIndex = TypeIndex::kTVMFFIDict;
  static constexpr const char* kName = "Map";
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIMap;
};

template <typename K, typename V, typename KU, typename VU>
inline constexpr bool type_subsumes_v<Map<K, V>, Map<KU, VU>> =
    type_subsumes_v<K, KU>&& type_subsumes_v<V, VU>;

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_MAP_H_
