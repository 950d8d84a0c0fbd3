// SPDX-License-Identifier: Apache-2.0
//
// Array<T>: a sequence with copy-on-write. Handles to one ArrayObj share it until one of them is
// written through; that handle then gets a copy of its own.
#ifndef TVM_FFI_CONTAINER_ARRAY_H_
#define TVM_FFI_CONTAINER_ARRAY_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/container/seq_base.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <cstdint>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace tvm {
namespace ffi {

// The elements follow the object in the same block, so an array that outgrows its capacity becomes
// another object.
class ArrayObj : public SeqBaseObj {
 public:
  // An empty array with room for n elements.
  TVM_FFI_OUTLINE static ObjectPtr<ArrayObj> Empty(int64_t n = kInitialCapacity) {
    constexpr int64_t kMaxCapacity = int64_t{1} << 58;
    if (n < 0 || n > kMaxCapacity) throw std::bad_alloc();
    ObjectPtr<ArrayObj> array = make_inplace_array_object<ArrayObj, Any>(static_cast<size_t>(n));
    array->data = array.get() + 1;
    array->TVMFFISeqCell::capacity = n;
    return array;
  }

  // n times the same value.
  TVM_FFI_OUTLINE static ObjectPtr<ArrayObj> CreateRepeated(int64_t n, const Any& value) {
    if (n < 0) ThrowNegative("cannot construct an Array of negative size");
    ObjectPtr<ArrayObj> array = Empty(n);
    while (array->TVMFFISeqCell::size < n) array->AppendReserved(value);
    return array;
  }

  // A copy of `from` with the given capacity; ValueError if that is too small.
  TVM_FFI_OUTLINE static ObjectPtr<ArrayObj> CopyFrom(int64_t capacity, const ArrayObj* from) {
    if (capacity < from->TVMFFISeqCell::size) ThrowCapacity<true>();
    ObjectPtr<ArrayObj> array = Empty(capacity);
    for (const Any& item : *from) array->AppendReserved(item);
    return array;
  }

  // The same, leaving `from` empty; RuntimeError if the capacity is too small.
  TVM_FFI_OUTLINE static ObjectPtr<ArrayObj> MoveFrom(int64_t capacity, ArrayObj* from) {
    if (capacity < from->TVMFFISeqCell::size) ThrowCapacity<false>();
    ObjectPtr<ArrayObj> array = Empty(capacity);
    MoveCells(array->MutableBegin(), from->begin(), from->TVMFFISeqCell::size);
    array->TVMFFISeqCell::size = std::exchange(from->TVMFFISeqCell::size, 0);
    return array;
  }

  // The array `*ref` refers to, ready to be written: no one else refers to it and `extra` more
  // elements fit. Where that needs another object, *ref is made to refer to it; null becomes empty.
  TVM_FFI_OUTLINE static ArrayObj* MakeWritable(ObjectPtr<Object>* ref, int64_t extra = 0) {
    ArrayObj* self = static_cast<ArrayObj*>(ref->get());
    if (self == nullptr) {
      *ref = Empty(extra > kInitialCapacity ? extra : kInitialCapacity);
      return static_cast<ArrayObj*>(ref->get());
    }
    int64_t needed = self->TVMFFISeqCell::size + extra;
    int64_t capacity = self->TVMFFISeqCell::capacity;
    bool fits = needed <= capacity;
    bool unique = self->unique();
    if (fits && unique) return self;
    if (!fits) {
      capacity = capacity * 2 > needed ? capacity * 2 : needed;
      if (capacity < kInitialCapacity) capacity = kInitialCapacity;
    }
    *ref = unique ? MoveFrom(capacity, self) : CopyFrom(capacity, self);
    return static_cast<ArrayObj*>(ref->get());
  }

  TVM_FFI_OUTLINE static void Append(ObjectPtr<Object>* ref, Any item) {
    MakeWritable(ref, 1)->AppendReserved(std::move(item));
  }
  TVM_FFI_OUTLINE static void Insert(ObjectPtr<Object>* ref, int64_t i, Any item) {
    MakeWritable(ref, 1)->insert(i, std::move(item));
  }
  TVM_FFI_OUTLINE static void Extend(ObjectPtr<Object>* ref, const ArrayObj* from) {
    if (from == nullptr || from->empty()) return;
    ArrayObj* self = MakeWritable(ref, from->TVMFFISeqCell::size);
    for (const Any& item : *from) self->AppendReserved(item);
  }
  TVM_FFI_OUTLINE static void Set(ObjectPtr<Object>* ref, int64_t i, Any item) {
    MakeWritable(ref)->SetItem(i, std::move(item));
  }
  TVM_FFI_OUTLINE static void Resize(ObjectPtr<Object>* ref, int64_t n) {
    if (n < 0) ThrowNegative("cannot resize an Array to negative size");
    int64_t size = *ref != nullptr ? static_cast<ArrayObj*>(ref->get())->TVMFFISeqCell::size : 0;
    MakeWritable(ref, n > size ? n - size : 0)->resize(n);
  }

  [[noreturn]] TVM_FFI_COLD static void ThrowNullIndexed() {
    TVM_FFI_THROW(IndexError) << "cannot index a null array";
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD static void ThrowNullChanged(const char* how) {
    TVM_FFI_THROW(RuntimeError) << "cannot " << how << " a null array";
    TVM_FFI_UNREACHABLE();
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIArray;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIArray, ArrayObj, Object);

 private:
  static constexpr int64_t kInitialCapacity = 4;

  [[noreturn]] TVM_FFI_COLD static void ThrowNegative(const char* message) {
    TVM_FFI_THROW(ValueError) << message;
    TVM_FFI_UNREACHABLE();
  }
  template <bool copying>
  [[noreturn]] TVM_FFI_COLD static void ThrowCapacity() {
    if (copying) TVM_FFI_THROW(ValueError) << "Not enough capacity";
    TVM_FFI_THROW(RuntimeError) << "Not enough capacity";
    TVM_FFI_UNREACHABLE();
  }
};
static_assert(sizeof(ArrayObj) == 56, "the layout of Array is part of the contract");

template <>
inline ObjectPtr<ArrayObj> make_object<ArrayObj>() {
  return ArrayObj::Empty();
}

namespace detail {

// For the constructors of containers from a pointer.
TVM_FFI_OUTLINE inline void CheckContainerNotNull(const ObjectPtr<Object>& data_) {
  TVM_FFI_ICHECK_NOTNULL(data_.get());
}

}  // namespace detail

// Reading is that of SeqRefBase. A null Array exists only after a move or UnsafeInit: it has size
// 0, and what cannot append to it fails.
template <typename T, typename = std::enable_if_t<detail::storage_enabled_v<T>>>
class Array : public detail::SeqRefBase<ArrayObj, T> {
  using Base = detail::SeqRefBase<ArrayObj, T>;

 public:
  using typename Base::iterator;

  Array() : Base(ArrayObj::Empty()) {}
  explicit Array(UnsafeInit tag) : Base(tag) {}
  Array(const Array&) = default;
  Array(Array&&) = default;
  Array& operator=(const Array&) = default;
  Array& operator=(Array&&) = default;
  // Shares the elements of an array whose elements are all valid here.
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  Array(const Array<U>& other) : Base(other) {}  // NOLINT(*)
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  Array(Array<U>&& other) : Base(std::move(other)) {}  // NOLINT(*)
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  Array& operator=(const Array<U>& other) {
    return *this = Array(other);
  }
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  Array& operator=(Array<U>&& other) {
    return *this = Array(std::move(other));
  }
  // Must be an ArrayObj with valid elements; InternalError if null.
  explicit Array(ObjectPtr<Object> ptr) : Base(std::move(ptr)) {
    detail::CheckContainerNotNull(data_);
  }
  template <typename It, typename = std::enable_if_t<detail::is_iterator_v<It>>>
  Array(It first, It last) : Base(UnsafeInit{}) {
    Assign(first, last);
  }
  Array(std::initializer_list<T> init) : Array(init.begin(), init.end()) {}  // NOLINT(*)
  Array(const std::vector<T>& init) : Array(init.begin(), init.end()) {}     // NOLINT(*)
  explicit Array(size_t n, const T& value)
      : Base(ArrayObj::CreateRepeated(static_cast<int64_t>(n), Any(value))) {}

  ArrayObj* GetArrayObj() const { return this->Elements(); }

  // ---- Writing: invalidates iterators, leaves other handles alone ----

  void push_back(const T& item) { ArrayObj::Append(&data_, Any(item)); }
  template <typename... Args>
  void emplace_back(Args&&... args) {
    ArrayObj::Append(&data_, Any(std::forward<Args>(args)...));
  }
  void insert(iterator position, const T& item) {
    ArrayObj::Insert(&data_, IndexIn(position, "insert"), Any(item));
  }
  // The range must not be part of this array.
  template <typename It>
  void insert(iterator position, It first, It last) {
    CheckIterator<It>();
    int64_t i = IndexIn(position, "insert");
    ArrayObj::MakeWritable(&data_, std::distance(first, last))->insert(i, first, last);
  }
  void pop_back() {
    if (data_ == nullptr) ArrayObj::ThrowNullChanged("pop_back");
    CopyOnWrite()->pop_back();
  }
  void erase(iterator position) {
    int64_t i = IndexIn(position, "erase");
    CopyOnWrite()->erase(i);
  }
  void erase(iterator first, iterator last) {
    int64_t i = IndexIn(first, "erase");
    int64_t n = last - first;
    if (n != 0) CopyOnWrite()->erase(i, i + n);
  }
  // New elements are None, whatever T.
  void resize(int64_t n) { ArrayObj::Resize(&data_, n); }
  void reserve(int64_t n) {
    int64_t size = static_cast<int64_t>(this->size());
    if (n > static_cast<int64_t>(this->capacity()) || data_ == nullptr) {
      ArrayObj::MakeWritable(&data_, n - size);
    }
  }
  void clear() {
    if (data_ == nullptr) return;
    if (this->unique()) {
      GetArrayObj()->clear();
    } else {
      data_ = ArrayObj::Empty();
    }
  }
  void Set(int64_t i, T item) { ArrayObj::Set(&data_, i, Any(std::move(item))); }
  // The range may be part of this array.
  template <typename It>
  void Assign(It first, It last) {
    CheckIterator<It>();
    int64_t n = static_cast<int64_t>(std::distance(first, last));
    ObjectPtr<ArrayObj> fresh = ArrayObj::Empty(n);
    fresh->OpenGap(0, n);
    fresh->InitRange(0, first, last);
    data_ = std::move(fresh);
  }

  // The object, made this handle's own: to be changed through the pointer.
  ArrayObj* CopyOnWrite() { return ArrayObj::MakeWritable(&data_); }

  // ---- Mapping ----

  // fmap of every element. The result is this very array if no element changes, where that can be.
  template <typename F, typename U = std::decay_t<std::invoke_result_t<F, T>>>
  Array<U> Map(F fmap) const {
    if (data_ == nullptr) return Array<U>(UnsafeInit{});
    auto apply = [&fmap](const Any& cell) {
      U value = fmap(Read(cell));
      return Any(std::move(value));
    };
    const Any* cell = GetArrayObj()->begin();
    const Any* end = GetArrayObj()->end();
    if (cell == end) return detail::ObjectUnsafe::ObjectRefFromObjectPtr<Array<U>>(data_);
    Any mapped = apply(*cell);
    if constexpr (type_subsumes_v<T, U> || type_subsumes_v<U, T>) {
      while (mapped.same_as(*cell)) {
        if (++cell == end) return detail::ObjectUnsafe::ObjectRefFromObjectPtr<Array<U>>(data_);
        mapped = apply(*cell);
      }
    }
    ObjectPtr<ArrayObj> result = ArrayObj::Empty(static_cast<int64_t>(this->size()));
    result->insert(0, GetArrayObj()->begin(), cell);
    result->AppendReserved(std::move(mapped));
    while (++cell != end) result->AppendReserved(apply(*cell));
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<Array<U>>(std::move(result));
  }

  // Replaces every element by fmutate of it. An array of one's own hands its elements over, so that
  // fmutate may find them unique.
  template <typename F>
  void MutateByApply(F fmutate) {
    if (data_ == nullptr) return;
    if (!this->unique()) {
      *this = Map<F, T>(std::move(fmutate));
      return;
    }
    ArrayObj* self = GetArrayObj();
    for (Any *cell = self->MutableBegin(), *end = self->MutableEnd(); cell != end; ++cell) {
      T value = fmutate(detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(*cell)));
      *cell = Any(std::move(value));
    }
  }

  // All arguments put together, each an Array<T> or a T.
  template <typename... Args>
  static Array Agregate(Args... args) {
    Array result;
    (result.AppendPart(std::move(args)), ...);
    return result;
  }

 private:
  using Base::data_;
  using Base::Read;

  int64_t IndexIn(iterator position, const char* operation) const {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) ArrayObj::ThrowNullChanged(operation);
    return position - this->begin();
  }

  template <typename It>
  static void CheckIterator() {
    static_assert(detail::is_valid_iterator_v<It, T>,
                  "IterType cannot be inserted into a tvm::Array<T>");
  }

  void AppendPart(T item) { ArrayObj::Append(&data_, Any(std::move(item))); }
  void AppendPart(Array part) { ArrayObj::Extend(&data_, part.GetArrayObj()); }
  template <typename U>
  friend Array<U> Concat(Array<U> lhs, const Array<U>& rhs);
};

template <typename T>
inline Array<T> Concat(Array<T> lhs, const Array<T>& rhs) {
  ArrayObj::Extend(&lhs.data_, rhs.GetArrayObj());
  return lhs;
}

// ---- Traits ------------------------------------------------------------------------------------

template <typename T>
inline constexpr bool use_default_type_traits_v<Array<T>> = false;

template <typename T>
struct TypeTraits<Array<T>> : public SeqTypeTraitsBase<TypeTraits<Array<T>>, Array<T>, T> {
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIArray;
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIArray;
  static constexpr int32_t kSiblingTypeIndex = TypeIndex::kTVMFFIList;
  static constexpr const char* kName = "Array";
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIArray;
};

template <typename T, typename U>
inline constexpr bool type_subsumes_v<Array<T>, Array<U>> = type_subsumes_v<T, U>;

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_ARRAY_H_
