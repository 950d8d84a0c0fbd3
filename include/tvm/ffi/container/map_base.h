// SPDX-License-Identifier: Apache-2.0
//
// MapBaseObj: the storage Map and Dict share, and the algorithms on it. Everything but the last
// part is independent of key and value types.
#ifndef TVM_FFI_CONTAINER_MAP_BASE_H_
#define TVM_FFI_CONTAINER_MAP_BASE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/container/map_dense.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <new>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

// Entries in insertion order. Up to 4 of them are an array (small layout, at first part of the
// object); the fifth turns that into a hash table (dense layout, see map_dense.h) for good.
// Keys are compared with AnyEqual and hashed with AnyHash. Setting a key that is there keeps its
// place in the small layout and moves it to the end in the dense one.
// Every change invalidates iterators. Not synchronised.
//
// With TVM_FFI_DEBUG_WITH_ABI_CHANGE, using an iterator after a change is an InternalError. All
// code of a program should be compiled alike; changes made by code that is not are not noticed.
// (Despite the name, objects keep their layout.)
class MapBaseObj : public Object {
 public:
  using key_type = Any;
  using mapped_type = Any;
  using KVType = detail::MapEntry;

  class iterator {
   public:
    using iterator_category = std::forward_iterator_tag;
    using difference_type = int64_t;
    using value_type = KVType;
    using pointer = KVType*;
    using reference = KVType&;

    iterator() = default;
    reference operator*() const {
      CheckUnchanged();
      return self_->EntryAt(index_);
    }
    pointer operator->() const { return &**this; }
    iterator& operator++() {
      CheckUnchanged();
      index_ = self_->IndexAfter(index_);
      return *this;
    }
    iterator operator++(int) {
      iterator copy = *this;
      ++*this;
      return copy;
    }
    // From end() to the last entry.
    iterator& operator--() {
      CheckUnchanged();
      index_ = self_->IndexBefore(index_);
      return *this;
    }
    iterator operator--(int) {
      iterator copy = *this;
      --*this;
      return copy;
    }
    bool operator==(const iterator& other) const {
      return index_ == other.index_ && self_ == other.self_;
    }
    bool operator!=(const iterator& other) const { return !(*this == other); }

   private:
    friend class MapBaseObj;
    iterator(uint64_t index, const MapBaseObj* self) : index_(index), self_(self) {
#ifdef TVM_FFI_DEBUG_WITH_ABI_CHANGE
      num_changes_ = self->header_.__padding;
#endif
    }
    void CheckUnchanged() const {
#ifdef TVM_FFI_DEBUG_WITH_ABI_CHANGE
      TVM_FFI_ICHECK(num_changes_ == self_->header_.__padding)
          << "Concurrent modification of the Map";
#endif
    }

    uint64_t index_ = 0;
    const MapBaseObj* self_ = nullptr;
#ifdef TVM_FFI_DEBUG_WITH_ABI_CHANGE
    uint32_t num_changes_ = 0;
#endif
  };

  MapBaseObj(const MapBaseObj&) = delete;
  MapBaseObj& operator=(const MapBaseObj&) = delete;
  TVM_FFI_OUTLINE ~MapBaseObj() {
    for (uint64_t i = BeginIndex(), next; i != EndIndex(); i = next) {
      next = IndexAfter(i);
      EntryAt(i).~KVType();
    }
    FreeStorage();
  }

  // ---- Reading ----

  size_t size() const { return static_cast<size_t>(size_); }
  size_t count(const key_type& key) const { return FindIndex(key) != EndIndex() ? 1 : 0; }
  // KeyError if there is no such key.
  const mapped_type& at(const key_type& key) const { return EntryAt(RequireIndex(key)).second; }
  mapped_type& at(const key_type& key) { return EntryAt(RequireIndex(key)).second; }
  iterator begin() const { return iterator(BeginIndex(), this); }
  iterator end() const { return iterator(EndIndex(), this); }
  iterator find(const key_type& key) const { return iterator(FindIndex(key), this); }

  // ---- Writing ----

  TVM_FFI_OUTLINE void InsertOrAssign(Any key, Any value) {
    NoteChange();
    if (IsSmall()) {
      uint64_t i = FindIndex(key);
      if (i != size_) return std::swap(SmallEntries()[i].second, value);  // the old one dies last
      if (size_ == NumSlots() && size_ < kMaxSmallSlots) GrowSmall();
      if (size_ < NumSlots()) {
        new (&SmallEntries()[size_++]) KVType(std::move(key), std::move(value));
        return;
      }
    }
    InsertOrAssignDense(std::move(key), std::move(value));
  }

  // Does nothing if there is no such key, or for end().
  void erase(const key_type& key) { EraseIndex(FindIndex(key)); }
  void erase(const iterator& position) { EraseIndex(position.index_); }

  // Keeps the layout.
  TVM_FFI_OUTLINE void clear() {
    NoteChange();
    if (IsSmall()) {
      while (size_ != 0) EraseIndex(size_ - 1);
    } else if (size_ != 0) {
      // Entries die after the object has let go of them: their destructors may come back here.
      Storage old{LoadDense(), data_deleter_};
      StoreDense(detail::DenseTable::Make(kMinDenseSlots));
      data_deleter_ = &detail::DenseTable::FreeData;
      old.DestroyEntries();
    }
  }

  [[noreturn]] TVM_FFI_COLD static void ThrowMissingKey() {
    TVM_FFI_THROW(KeyError) << "key is not in Map";
    TVM_FFI_UNREACHABLE();
  }

 protected:
  friend class MapObj;
  friend class DictObj;

  static constexpr uint64_t kSmallTag = uint64_t{1} << 63;
  static constexpr uint64_t kInlineSlots = 2;
  static constexpr uint64_t kMaxSmallSlots = 4;

  MapBaseObj() = default;

  // A new empty MapT in the small layout. The object always has room for two entries, which is
  // where it keeps the additional fields of the dense layout later.
  template <typename MapT>
  static ObjectPtr<MapT> NewEmpty(uint64_t num_slots = kInlineSlots) {
    ObjectPtr<MapT> map = make_inplace_array_object<MapT, KVType>(static_cast<size_t>(num_slots));
    map->data_ = reinterpret_cast<char*>(map.get()) + sizeof(MapBaseObj);
    map->slots_ = kSmallTag | num_slots;
    return map;
  }

  // The same, ready for n entries.
  template <typename MapT>
  static ObjectPtr<MapT> NewFor(int64_t n) {
    uint64_t num_entries = n > 0 ? static_cast<uint64_t>(n) : 0;
    if (num_entries < kMaxSmallSlots) {
      return NewEmpty<MapT>(num_entries > kInlineSlots ? num_entries : kInlineSlots);
    }
    ObjectPtr<MapT> map = NewEmpty<MapT>();
    map->AdoptDense(detail::DenseTable::Make(detail::DenseTable::SlotsFor(num_entries)));
    return map;
  }

  template <typename MapT>
  static ObjectPtr<MapT> NewCopy(const MapBaseObj* other) {
    ObjectPtr<MapT> map = NewEmpty<MapT>(
        other->IsSmall() && other->NumSlots() > kInlineSlots ? other->NumSlots() : kInlineSlots);
    map->CopyEntriesFrom(other);
    return map;
  }

  // Copies layout, order and entries into this new map, made with as many slots if small.
  TVM_FFI_OUTLINE void CopyEntriesFrom(const MapBaseObj* other) {
    if (other->IsSmall()) {
      for (; size_ < other->size_; ++size_) {
        new (&SmallEntries()[size_]) KVType(other->SmallEntries()[size_]);
      }
    } else if (other->NumSlots() != 0) {
      detail::DenseTable table = detail::DenseTable::Make(other->NumSlots());
      table.CopyEntriesFrom(other->LoadDense());
      AdoptDense(table);
    }
  }

 private:
  static constexpr uint64_t kMinDenseSlots = 8;

  // What the dense layout has in addition, right behind this object's fields.
  struct DenseFields {
    uint32_t fib_shift;
    uint64_t head;
    uint64_t tail;
  };

  // A table under construction or on its way out. Frees memory, not entries.
  struct Storage {
    detail::DenseTable table;
    void (*deleter)(void*);

    ~Storage() {
      if (deleter != nullptr) deleter(table.data);
    }
    void DestroyEntries() {
      for (uint64_t i = table.head, next; i != detail::kNoSlot; i = next) {
        next = table.ItemAt(i).next;
        table.EntryAt(i).~KVType();
      }
    }
  };

  // Counts in a word of the header that is of no other use.
  void NoteChange() {
#ifdef TVM_FFI_DEBUG_WITH_ABI_CHANGE
    ++header_.__padding;
#endif
  }

  bool IsSmall() const { return (slots_ & kSmallTag) != 0; }
  uint64_t NumSlots() const { return slots_ & ~kSmallTag; }
  KVType* SmallEntries() const { return static_cast<KVType*>(data_); }
  DenseFields* Dense() const {
    return reinterpret_cast<DenseFields*>(const_cast<MapBaseObj*>(this) + 1);
  }

  detail::DenseTable LoadDense() const {
    detail::DenseTable table;
    table.data = data_;
    table.size = size_;
    table.slots = slots_;
    table.fib_shift = Dense()->fib_shift;
    table.head = Dense()->head;
    table.tail = Dense()->tail;
    return table;
  }
  void StoreDense(const detail::DenseTable& table) {
    data_ = table.data;
    size_ = table.size;
    slots_ = table.slots;
    Dense()->fib_shift = table.fib_shift;
    Dense()->head = table.head;
    Dense()->tail = table.tail;
  }
  // The entries the object has are gone or part of the table.
  void AdoptDense(const detail::DenseTable& table) {
    FreeStorage();
    StoreDense(table);
    data_deleter_ = &detail::DenseTable::FreeData;
  }
  void FreeStorage() {
    if (data_deleter_ != nullptr && data_ != nullptr) data_deleter_(data_);
  }

  // ---- Positions: an index into the small entries, a slot of the dense table ----

  uint64_t BeginIndex() const {
    if (IsSmall()) return 0;
    return size_ != 0 ? Dense()->head : detail::kNoSlot;
  }
  uint64_t EndIndex() const { return IsSmall() ? size_ : detail::kNoSlot; }
  uint64_t IndexAfter(uint64_t i) const { return IsSmall() ? i + 1 : LoadDense().ItemAt(i).next; }
  uint64_t IndexBefore(uint64_t i) const {
    if (IsSmall()) return i - 1;
    return i == detail::kNoSlot ? Dense()->tail : LoadDense().ItemAt(i).prev;
  }
  KVType& EntryAt(uint64_t i) const {
    return IsSmall() ? SmallEntries()[i] : LoadDense().EntryAt(i);
  }

  TVM_FFI_OUTLINE uint64_t FindIndex(const Any& key) const {
    if (!IsSmall()) return size_ != 0 ? LoadDense().Find(key, AnyHash()(key)) : detail::kNoSlot;
    uint64_t i = 0;
    while (i < size_ && !AnyEqual()(SmallEntries()[i].first, key)) ++i;
    return i;
  }
  uint64_t RequireIndex(const Any& key) const {
    uint64_t i = FindIndex(key);
    if (TVM_FFI_PREDICT_FALSE(i == EndIndex())) ThrowMissingKey();
    return i;
  }

  // ---- Growing and shrinking ----

  // To 4 slots, outside the object.
  void GrowSmall() {
    void* entries = ::operator new(kMaxSmallSlots * sizeof(KVType));
    std::memcpy(entries, data_, size_ * sizeof(KVType));
    FreeStorage();
    data_ = entries;
    slots_ = kSmallTag | kMaxSmallSlots;
    data_deleter_ = &detail::DenseTable::FreeData;
  }

  TVM_FFI_OUTLINE void InsertOrAssignDense(Any key, Any value) {
    uint64_t hash = AnyHash()(key);
    if (IsSmall() || slots_ == 0) Rebuild(kMinDenseSlots);
    detail::DenseTable table = LoadDense();
    uint64_t slot = table.Find(key, hash);
    if (slot != detail::kNoSlot) {
      table.MoveToEnd(slot);
      StoreDense(table);
      return std::swap(table.EntryAt(slot).second, value);
    }
    slot = table.Place(hash);
    while (slot == detail::kNoSlot) {
      StoreDense(table);
      Rebuild(slots_ * 2);
      table = LoadDense();
      slot = table.Place(hash);
    }
    new (&table.EntryAt(slot)) KVType(std::move(key), std::move(value));
    table.Append(slot);
    StoreDense(table);
  }

  // Moves all entries into a table of that many slots or more. Hashing them may throw, which leaves
  // everything as it was.
  TVM_FFI_OUTLINE void Rebuild(uint64_t num_slots) {
    Storage next{detail::DenseTable::Make(num_slots), &detail::DenseTable::FreeData};
    for (uint64_t i = BeginIndex(); i != EndIndex(); i = IndexAfter(i)) {
      uint64_t slot = next.table.Place(AnyHash()(EntryAt(i).first));
      if (slot == detail::kNoSlot) return Rebuild(num_slots * 2);
      std::memcpy(static_cast<void*>(&next.table.EntryAt(slot)),
                  static_cast<const void*>(&EntryAt(i)), sizeof(KVType));
      next.table.Append(slot);
    }
    next.deleter = nullptr;
    AdoptDense(next.table);
  }

  TVM_FFI_OUTLINE void EraseIndex(uint64_t i) {
    if (i == EndIndex()) return;
    NoteChange();
    KVType removed;  // dies last: its destructor may come back here
    if (IsSmall()) {
      removed = std::move(SmallEntries()[i]);
      --size_;
      std::memmove(static_cast<void*>(SmallEntries() + i),
                   static_cast<const void*>(SmallEntries() + i + 1), (size_ - i) * sizeof(KVType));
    } else {
      detail::DenseTable table = LoadDense();
      table.Remove(i, &removed);
      StoreDense(table);
    }
  }

  void* data_ = nullptr;
  uint64_t size_ = 0;
  uint64_t slots_ = 0;
  void (*data_deleter_)(void*) = nullptr;
};
static_assert(sizeof(MapBaseObj) == 56, "the layout of Map is part of the contract");

// Only a MapObj or a DictObj has the room the layouts need.
template <>
inline ObjectPtr<MapBaseObj> make_object<MapBaseObj>() = delete;

// ---- References --------------------------------------------------------------------------------

namespace detail {

// Entries by value, so there is nothing for `->` to point to.
template <typename K, typename V>
class MapIterator {
 public:
  using iterator_category = std::bidirectional_iterator_tag;
  using difference_type = int64_t;
  using value_type = std::pair<K, V>;
  using pointer = const value_type*;
  using reference = const value_type;

  MapIterator() = default;
  explicit MapIterator(MapBaseObj::iterator position) : position_(position) {}

  reference operator*() const {
    return value_type(AnyUnsafe::CopyFromAnyViewAfterCheck<K>(position_->first),
                      AnyUnsafe::CopyFromAnyViewAfterCheck<V>(position_->second));
  }
  pointer operator->() const = delete;
  MapIterator& operator++() {
    ++position_;
    return *this;
  }
  MapIterator& operator--() {
    --position_;
    return *this;
  }
  MapIterator operator++(int) { return MapIterator(position_++); }
  MapIterator operator--(int) { return MapIterator(position_--); }
  bool operator==(const MapIterator& other) const { return position_ == other.position_; }
  bool operator!=(const MapIterator& other) const { return position_ != other.position_; }

 private:
  MapBaseObj::iterator position_;
};

// What Map<K, V> and Dict<K, V> have in common: reading, keys and values by value. A null one is
// like an empty one.
template <typename MapT, typename K, typename V>
class MapRefBase : public ObjectRef {
 public:
  using key_type = K;
  using mapped_type = V;
  using iterator = MapIterator<K, V>;

  // KeyError if there is no such key.
  const V at(const K& key) const {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) MapBaseObj::ThrowMissingKey();
    return AnyUnsafe::CopyFromAnyViewAfterCheck<V>(Entries()->at(Any(key)));
  }
  // The same: it never inserts.
  const V operator[](const K& key) const { return at(key); }
  size_t size() const { return data_ != nullptr ? Entries()->size() : 0; }
  size_t count(const K& key) const { return data_ != nullptr ? Entries()->count(Any(key)) : 0; }
  bool empty() const { return size() == 0; }
  std::optional<V> Get(const K& key) const {
    if (data_ == nullptr) return std::nullopt;
    MapBaseObj::iterator found = Entries()->find(Any(key));
    if (found == Entries()->end()) return std::nullopt;
    return AnyUnsafe::CopyFromAnyViewAfterCheck<V>(found->second);
  }

  iterator begin() const { return data_ != nullptr ? iterator(Entries()->begin()) : iterator(); }
  iterator end() const { return data_ != nullptr ? iterator(Entries()->end()) : iterator(); }
  iterator find(const K& key) const {
    return data_ != nullptr ? iterator(Entries()->find(Any(key))) : iterator();
  }

  using ContainerType = MapT;
  static constexpr bool _type_container_is_exact = false;
  static constexpr bool _type_is_nullable = false;

 protected:
  using ObjectRef::ObjectRef;
  explicit MapRefBase(const ObjectRef& other) : ObjectRef(other) {}
  explicit MapRefBase(ObjectRef&& other) noexcept : ObjectRef(std::move(other)) {}

  MapT* Entries() const { return static_cast<MapT*>(data_.get()); }

  // Of pairs whose parts convert to K and V. Later duplicates win.
  template <typename It>
  static ObjectPtr<MapT> MakeFromRange(It first, It last) {
    ObjectPtr<MapT> map = MapT::MakeFor(std::distance(first, last));
    for (; first != last; ++first) {
      auto&& entry = *first;
      map->InsertOrAssign(KeyCell(entry.first), ValueCell(entry.second));
    }
    return map;
  }
  static Any KeyCell(const K& key) { return Any(key); }
  static Any ValueCell(const V& value) { return Any(value); }
};

// Whether R is a standard map of these keys and values, whichever.
template <typename R, typename K, typename V, typename = void>
inline constexpr bool is_std_map_v = false;
template <typename R, typename K, typename V>
inline constexpr bool is_std_map_v<
    R, K, V,
    std::void_t<typename R::key_type, typename R::mapped_type, typename R::const_iterator>> =
    std::is_same_v<typename R::key_type, K>&& std::is_same_v<typename R::mapped_type, V>;

// ---- Conversion --------------------------------------------------------------------------------

TVM_FFI_OUTLINE inline bool CheckEntries(const MapBaseObj* map, FCheckCell check_key,
                                         FCheckCell check_value) {
  for (const MapEntry& entry : *map) {
    if (!CheckCell(entry.first, check_key) || !CheckCell(entry.second, check_value)) return false;
  }
  return true;
}

// The new map `to` with the entries of `from`, each converted; null if one does not convert.
TVM_FFI_OUTLINE inline ObjectPtr<Object> ConvertEntries(const MapBaseObj* from,
                                                        FConvertCell convert_key,
                                                        FConvertCell convert_value,
                                                        ObjectPtr<MapBaseObj> to) {
  for (const MapEntry& entry : *from) {
    Any key;
    Any value;
    if (!ConvertCell(entry.first, convert_key, &key)) return nullptr;
    if (!ConvertCell(entry.second, convert_value, &value)) return nullptr;
    to->InsertOrAssign(std::move(key), std::move(value));
  }
  return to;
}

// Writes a new MapT of them, or returns false.
template <typename MapT>
TVM_FFI_OUTLINE bool ConvertMap(const MapBaseObj* from, FConvertCell convert_key,
                                FConvertCell convert_value, TVMFFIAny* out) {
  return WriteNewObject(ConvertEntries(from, convert_key, convert_value,
                                       MapT::MakeFor(static_cast<int64_t>(from->size()))),
                        out);
}

// How to reach a key or a value type, for MapMismatch.
struct CellFunctions {
  FCheckCell check;
  FConvertCell convert;
  std::string (*mismatch)(const TVMFFIAny*);
};

// `name[some key is …, V]` or `name[K, some value is …]`, for the first key or value that does not
// convert, or failing that, is not of the type as it stands.
TVM_FFI_COLD inline std::string MapMismatch(const MapBaseObj* map, const char* name,
                                            const CellFunctions& key, const CellFunctions& value) {
  auto describe = [name](const CellFunctions& type, const Any& cell, const char* before,
                         const char* after) {
    MessageStream text;
    text << name << before << type.mismatch(AnyUnsafe::TVMFFIAnyPtrFromAny(cell)) << after;
    return text.Take();
  };
  for (bool strict : {false, true}) {
    auto fits = [strict](const CellFunctions& type, const Any& cell) {
      return strict ? CheckCell(cell, type.check) : CellConverts(cell, type.convert);
    };
    for (const MapEntry& entry : *map) {
      if (!fits(key, entry.first)) return describe(key, entry.first, "[some key is ", ", V]");
      if (!fits(value, entry.second)) {
        return describe(value, entry.second, "[K, some value is ", "]");
      }
    }
  }
  return name;
}

}  // namespace detail

// TypeTraits of Map<K, V> and Dict<K, V>. Derived says which it is:
//   kTypeIndex, kSiblingTypeIndex   own type and the one it converts from
//   kName, kTypeKey                 in messages, in schemas
template <typename Derived, typename MapRef, typename K, typename V>
struct MapTypeTraitsBase : public ObjectRefTypeTraitsBase<MapRef> {
  using Base = ObjectRefTypeTraitsBase<MapRef>;
  using KeyCell = detail::CellTraits<K>;
  using ValueCell = detail::CellTraits<V>;

  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if (src->type_index != Derived::kTypeIndex) return false;
    if constexpr (std::is_same_v<K, Any> && std::is_same_v<V, Any>) return true;
    return detail::CheckEntries(Entries(src), KeyCell::kCheck, ValueCell::kCheck);
  }

  static bool ConvertInto(const TVMFFIAny* src, TVMFFIAny* out) {
    if (CheckAnyStrict(src)) return detail::ShareObject(src, out);
    if (!IsMapping(src)) return false;
    return detail::ConvertMap<typename MapRef::ContainerType>(Entries(src), KeyCell::kConvert,
                                                              ValueCell::kConvert, out);
  }
  static std::optional<MapRef> TryCastFromAnyView(const TVMFFIAny* src) {
    return detail::TryConvert<MapRef>(src);
  }

  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if (!IsMapping(src)) return TypeTraitsBase::GetMismatchTypeInfo(src);
    return detail::MapMismatch(Entries(src), Derived::kName,
                               {KeyCell::kCheck, KeyCell::kConvert, &KeyCell::Mismatch},
                               {ValueCell::kCheck, ValueCell::kConvert, &ValueCell::Mismatch});
  }

  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::ContainerTypeStr<K, V>(Derived::kName);
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(Derived::kTypeKey,
                              {&detail::TypeSchema<K>::v, &detail::TypeSchema<V>::v});
  }

 private:
  static bool IsMapping(const TVMFFIAny* src) {
    return src->type_index == Derived::kTypeIndex || src->type_index == Derived::kSiblingTypeIndex;
  }
  static const MapBaseObj* Entries(const TVMFFIAny* src) {
    return detail::ObjectUnsafe::RawObjectPtrFromUnowned<MapBaseObj>(src->v_obj);
  }
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_MAP_BASE_H_
