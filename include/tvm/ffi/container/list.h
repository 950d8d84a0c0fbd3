// SPDX-License-Identifier: Apache-2.0
//
// List<T>: a shared mutable sequence. Every handle to a ListObj sees every change; growing keeps
// the object. Not synchronised.
#ifndef TVM_FFI_CONTAINER_LIST_H_
#define TVM_FFI_CONTAINER_LIST_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/container/seq_base.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstdint>
#include <initializer_list>
#include <new>
#include <type_traits>
#include <utility>
#include <vector>

namespace tvm {
namespace ffi {

// The elements are in a buffer of their own, from the global operator new: any library may replace
// it by a larger one and keeps the `data_deleter` it finds.
class ListObj : public SeqBaseObj {
 public:
  ListObj() { data_deleter = &FreeBuffer; }

  // An empty list with room for n elements.
  TVM_FFI_OUTLINE static ObjectPtr<ListObj> Empty(int64_t n = 0) {
    ObjectPtr<ListObj> list = make_object<ListObj>();
    list->Reserve(n);
    return list;
  }

  // n times the same value.
  TVM_FFI_OUTLINE static ObjectPtr<ListObj> CreateRepeated(int64_t n, const Any& value) {
    if (n < 0) ThrowNegative("cannot construct a List of negative size");
    ObjectPtr<ListObj> list = Empty(n);
    while (list->TVMFFISeqCell::size < n) list->AppendReserved(value);
    return list;
  }

  // Makes room for n elements in all; never shrinks.
  TVM_FFI_OUTLINE void Reserve(int64_t n) {
    if (n <= TVMFFISeqCell::capacity) return;
    constexpr int64_t kMaxCapacity = int64_t{1} << 58;
    if (n > kMaxCapacity) throw std::bad_alloc();
    Any* buffer = static_cast<Any*>(::operator new(static_cast<size_t>(n) * sizeof(Any)));
    MoveCells(buffer, begin(), TVMFFISeqCell::size);
    data_deleter(data);
    data = buffer;
    TVMFFISeqCell::capacity = n;
  }

  TVM_FFI_OUTLINE void Append(Any item) {
    Grow(1);
    AppendReserved(std::move(item));
  }
  TVM_FFI_OUTLINE void Insert(int64_t i, Any item) {
    CheckInsertIndex(i);
    Grow(1);
    insert(i, std::move(item));
  }
  TVM_FFI_OUTLINE void Resize(int64_t n) {
    if (n < 0) ThrowNegative("cannot resize a List to negative size");
    Reserve(n);
    resize(n);
  }
  // Takes over the elements of `other`, which is left with those of this list.
  void SwapElements(ListObj* other) {
    std::swap(static_cast<TVMFFISeqCell&>(*this), static_cast<TVMFFISeqCell&>(*other));
  }
  // Makes room for n more elements, with room to spare for further ones.
  void Grow(int64_t n) {
    int64_t needed = TVMFFISeqCell::size + n;
    int64_t capacity = TVMFFISeqCell::capacity;
    if (needed <= capacity) return;
    capacity = capacity * 2 > needed ? capacity * 2 : needed;
    Reserve(capacity < kMinGrownCapacity ? kMinGrownCapacity : capacity);
  }

  [[noreturn]] TVM_FFI_COLD static void ThrowNullIndexed() {
    TVM_FFI_THROW(IndexError) << "cannot index a null list";
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD static void ThrowNullChanged(const char* how) {
    TVM_FFI_THROW(RuntimeError) << "cannot " << how << " a null list";
    TVM_FFI_UNREACHABLE();
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIList;
  static constexpr bool _type_final = true;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIList, ListObj, Object);

 private:
  static constexpr int64_t kMinGrownCapacity = 4;

  static void FreeBuffer(void* buffer) { ::operator delete(buffer); }

  [[noreturn]] TVM_FFI_COLD static void ThrowNegative(const char* message) {
    TVM_FFI_THROW(ValueError) << message;
    TVM_FFI_UNREACHABLE();
  }
};
static_assert(sizeof(ListObj) == 56, "the layout of List is part of the contract");

// Reading is that of SeqRefBase. A null List exists only after a move or UnsafeInit.
template <typename T, typename = std::enable_if_t<detail::storage_enabled_v<T>>>
class List : public detail::SeqRefBase<ListObj, T> {
  using Base = detail::SeqRefBase<ListObj, T>;

 public:
  using typename Base::iterator;

  List() : Base(make_object<ListObj>()) {}
  explicit List(UnsafeInit tag) : Base(tag) {}
  List(const List&) = default;
  List(List&&) = default;
  List& operator=(const List&) = default;
  List& operator=(List&&) = default;
  // Refers to the same list, whose elements are all valid here.
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  List(const List<U>& other) : Base(other) {}  // NOLINT(*)
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  List(List<U>&& other) : Base(std::move(other)) {}  // NOLINT(*)
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  List& operator=(const List<U>& other) {
    return *this = List(other);
  }
  template <typename U, typename = std::enable_if_t<type_subsumes_v<T, U>>>
  List& operator=(List<U>&& other) {
    return *this = List(std::move(other));
  }
  // Must be a ListObj with valid elements; InternalError if null.
  explicit List(ObjectPtr<Object> ptr) : Base(std::move(ptr)) {
    detail::CheckContainerNotNull(data_);
  }
  template <typename It, typename = std::enable_if_t<detail::is_iterator_v<It>>>
  List(It first, It last) : Base(MakeFromRange(first, last)) {}
  List(std::initializer_list<T> init) : List(init.begin(), init.end()) {}  // NOLINT(*)
  List(const std::vector<T>& init) : List(init.begin(), init.end()) {}     // NOLINT(*)
  explicit List(size_t n, const T& value)
      : Base(ListObj::CreateRepeated(static_cast<int64_t>(n), Any(value))) {}

  ListObj* GetListObj() const { return this->Elements(); }

  // ---- Writing: seen by all handles, invalidates iterators ----

  void push_back(const T& item) { Writable()->Append(Any(item)); }
  template <typename... Args>
  void emplace_back(Args&&... args) {
    Any item(std::forward<Args>(args)...);
    Writable()->Append(std::move(item));
  }
  void insert(iterator position, const T& item) {
    ListObj* list = NonNull("insert to");
    list->Insert(IndexIn(position), Any(item));
  }
  // The range must not be part of this list.
  template <typename It>
  void insert(iterator position, It first, It last) {
    CheckIterator<It>();
    ListObj* list = NonNull("insert to");
    int64_t i = IndexIn(position);
    list->Grow(std::distance(first, last));
    list->insert(i, first, last);
  }
  void pop_back() { NonNull("pop_back")->pop_back(); }
  void erase(iterator position) {
    ListObj* list = NonNull("erase");
    list->erase(IndexIn(position));
  }
  void erase(iterator first, iterator last) {
    ListObj* list = NonNull("erase");
    list->erase(IndexIn(first), IndexIn(last));
  }
  // New elements are None, whatever T.
  void resize(int64_t n) { Writable()->Resize(n); }
  // Makes room for n elements; never shrinks.
  void reserve(int64_t n) { Writable()->Reserve(n); }
  void clear() {
    if (data_ != nullptr) GetListObj()->clear();
  }
  void Set(int64_t i, T item) { Writable()->SetItem(i, Any(std::move(item))); }
  // The range may be part of this list.
  template <typename It>
  void Assign(It first, It last) {
    Writable()->SwapElements(MakeFromRange(first, last).get());
  }

 private:
  using Base::data_;

  template <typename It>
  static ObjectPtr<ListObj> MakeFromRange(It first, It last) {
    CheckIterator<It>();
    int64_t n = static_cast<int64_t>(std::distance(first, last));
    ObjectPtr<ListObj> list = ListObj::Empty(n);
    list->OpenGap(0, n);
    list->InitRange(0, first, last);
    return list;
  }

  ListObj* NonNull(const char* operation) const {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) ListObj::ThrowNullChanged(operation);
    return GetListObj();
  }
  ListObj* Writable() {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) data_ = make_object<ListObj>();
    return GetListObj();
  }
  int64_t IndexIn(iterator position) const { return position - this->begin(); }

  template <typename It>
  static void CheckIterator() {
    static_assert(detail::is_valid_iterator_v<It, T>,
                  "IterType cannot be inserted into a tvm::List<T>");
  }
};

// ---- Traits ------------------------------------------------------------------------------------

template <typename T>
inline constexpr bool use_default_type_traits_v<List<T>> = false;

template <typename T>
struct TypeTraits<List<T>> : public SeqTypeTraitsBase<TypeTraits<List<T>>, List<T>, T> {
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIList;
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIList;
  static constexpr int32_t kSiblingTypeIndex = TypeIndex::kTVMFFIArray;
  static constexpr const char* kName = "List";
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIList;
};

template <typename T, typename U>
inline constexpr bool type_subsumes_v<List<T>, List<U>> = type_subsumes_v<T, U>;

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_LIST_H_
