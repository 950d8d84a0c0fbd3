// SPDX-License-Identifier: Apache-2.0
//
// SeqBaseObj: the storage Array and List share, and the algorithms on it. Everything here is
// independent of the element type.
#ifndef TVM_FFI_CONTAINER_SEQ_BASE_H_
#define TVM_FFI_CONTAINER_SEQ_BASE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/object.h>

#include <cstdint>
#include <cstring>
#include <new>
#include <optional>
#include <string>
#include <utility>

namespace tvm {
namespace ffi {

// `size` constructed Any at `data`, room for `capacity`. Elements are moved with memmove, which an
// Any survives: no element points to itself. The object owns the elements; `data_deleter` frees
// their memory and is null where that is part of the object's own (Array).
// Not synchronised.
class SeqBaseObj : public Object, protected TVMFFISeqCell {
 public:
  SeqBaseObj() : TVMFFISeqCell{nullptr, 0, 0, nullptr} {}
  TVM_FFI_OUTLINE ~SeqBaseObj() {
    for (const Any& cell : *this) cell.~Any();
    if (data_deleter != nullptr) data_deleter(data);
  }
  SeqBaseObj(const SeqBaseObj&) = delete;
  SeqBaseObj& operator=(const SeqBaseObj&) = delete;

  size_t size() const { return static_cast<size_t>(TVMFFISeqCell::size); }
  size_t capacity() const { return static_cast<size_t>(TVMFFISeqCell::capacity); }
  bool empty() const { return TVMFFISeqCell::size == 0; }
  const Any* begin() const { return static_cast<const Any*>(data); }
  const Any* end() const { return begin() + TVMFFISeqCell::size; }

  const Any& at(int64_t i) const { return (*this)[i]; }
  const Any& operator[](int64_t i) const {
    CheckIndex(i);
    return begin()[i];
  }
  const Any& front() const {
    if (empty()) ThrowEmpty("front() on empty sequence");
    return *begin();
  }
  const Any& back() const {
    if (empty()) ThrowEmpty("back() on empty sequence");
    return end()[-1];
  }

  void SetItem(int64_t i, Any item) {
    CheckIndex(i);
    SetItemAfterCheck(i, std::move(item));
  }
  // The caller has checked 0 <= i < size().
  void SetItemAfterCheck(int64_t i, Any item) { MutableBegin()[i] = std::move(item); }

  // Constructs elements from a range in cells that are counted in size() but still unconstructed or
  // None, starting with cell `i`.
  template <typename It>
  SeqBaseObj* InitRange(int64_t i, It first, It last) {
    for (Any* cell = MutableBegin() + i; first != last; ++first, ++cell) new (cell) Any(*first);
    return this;
  }

  void pop_back() {
    if (empty()) ThrowEmpty("pop_back on empty sequence");
    RemoveCells(TVMFFISeqCell::size - 1, TVMFFISeqCell::size);
  }
  void erase(int64_t i) {
    CheckIndex(i);
    RemoveCells(i, i + 1);
  }
  // Erases [first, last).
  void erase(int64_t first, int64_t last) {
    if (first == last) return;
    if (first < 0 || last < first || last > TVMFFISeqCell::size) ThrowEraseRange(first, last);
    RemoveCells(first, last);
  }

  // The caller has reserved the capacity.
  void insert(int64_t i, Any item) {
    CheckInsertIndex(i);
    OpenGap(i, 1)[0] = std::move(item);
  }
  // The same for a range, which must not be part of this sequence. If reading it throws, nothing is
  // inserted.
  template <typename It>
  void insert(int64_t i, It first, It last) {
    CheckInsertIndex(i);
    int64_t n = static_cast<int64_t>(std::distance(first, last));
    OpenGap(i, n);
    GapGuard guard{this, i, i + n};
    InitRange(i, first, last);
    guard.seq = nullptr;
  }

  void Reverse() { ReverseCells(0, TVMFFISeqCell::size); }
  void clear() { RemoveCells(0, TVMFFISeqCell::size); }
  // New elements are None. Growing needs the capacity reserved.
  void resize(int64_t n) {
    if (n < 0) ThrowResize("Cannot resize to negative size");
    int64_t count = TVMFFISeqCell::size;
    if (n < count) {
      RemoveCells(n, count);
    } else {
      OpenGap(count, n - count);
    }
  }

 protected:
  friend class ArrayObj;
  friend class ListObj;
  template <typename, typename>
  friend class Array;
  template <typename, typename>
  friend class List;
  template <typename...>
  friend class Tuple;

  Any* MutableBegin() const { return static_cast<Any*>(data); }
  Any* MutableEnd() const { return MutableBegin() + TVMFFISeqCell::size; }

  // Constructs a cell; size() counts it already or will once the caller is done.
  template <typename... Args>
  void EmplaceInit(int64_t i, Args&&... args) {
    new (MutableBegin() + i) Any(std::forward<Args>(args)...);
  }

  // Appends to reserved capacity.
  void AppendReserved(Any item) {
    new (MutableEnd()) Any(std::move(item));
    ++TVMFFISeqCell::size;
  }

  // Makes n cells of None at i and returns the first. The capacity suffices.
  TVM_FFI_OUTLINE Any* OpenGap(int64_t i, int64_t n) {
    Any* gap = MutableBegin() + i;
    if (n == 0) return gap;
    MoveCells(gap + n, gap, TVMFFISeqCell::size - i);
    // All-zero bytes are None.
    std::memset(static_cast<void*>(gap), 0, static_cast<size_t>(n) * sizeof(Any));
    TVMFFISeqCell::size += n;
    return gap;
  }

  // Closes a gap that could not be filled.
  struct GapGuard {
    SeqBaseObj* seq;
    int64_t first;
    int64_t last;
    ~GapGuard() {
      if (TVM_FFI_PREDICT_FALSE(seq != nullptr)) seq->RemoveCells(first, last);
    }
  };

  // Erases [first, last), which is in bounds. Destructors of elements may run any code, so each
  // element leaves the sequence before it dies.
  TVM_FFI_OUTLINE void RemoveCells(int64_t first, int64_t last) {
    int64_t count = TVMFFISeqCell::size;
    if (last - first == 1) {
      Any* cell = MutableBegin() + first;
      Any removed = std::move(*cell);
      MoveCells(cell, cell + 1, count - last);
      --TVMFFISeqCell::size;
      return;
    }
    if (last != count) {  // bring the range to the back; what follows it keeps its order
      ReverseCells(last, count);
      ReverseCells(first, count);
    }
    for (count -= last - first; TVMFFISeqCell::size > count;) {
      Any removed = std::move(MutableBegin()[--TVMFFISeqCell::size]);
    }
  }

  TVM_FFI_OUTLINE void ReverseCells(int64_t first, int64_t last) {
    for (Any* cells = MutableBegin(); first < --last; ++first) std::swap(cells[first], cells[last]);
  }

  static void MoveCells(Any* to, const Any* from, int64_t n) {
    if (n == 0) return;
    std::memmove(static_cast<void*>(to), static_cast<const void*>(from),
                 static_cast<size_t>(n) * sizeof(Any));
  }

  void CheckIndex(int64_t i) const {
    if (TVM_FFI_PREDICT_FALSE(static_cast<uint64_t>(i) >= size())) ThrowIndex(i);
  }
  void CheckInsertIndex(int64_t i) const {
    if (TVM_FFI_PREDICT_FALSE(static_cast<uint64_t>(i) > size())) ThrowInsertIndex(i);
  }

 private:
  [[noreturn]] TVM_FFI_COLD void ThrowIndex(int64_t i) const {
    TVM_FFI_THROW(IndexError) << "Index " << i << " out of bounds " << TVMFFISeqCell::size;
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD void ThrowInsertIndex(int64_t i) const {
    TVM_FFI_THROW(IndexError) << "Index " << i << " out of bounds [0, " << TVMFFISeqCell::size
                              << "]";
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD void ThrowEraseRange(int64_t first, int64_t last) const {
    TVM_FFI_THROW(IndexError) << "Erase range [" << first << ", " << last << ") out of bounds "
                              << TVMFFISeqCell::size;
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD static void ThrowEmpty(const char* message) {
    TVM_FFI_THROW(IndexError) << message;
    TVM_FFI_UNREACHABLE();
  }
  [[noreturn]] TVM_FFI_COLD static void ThrowResize(const char* message) {
    TVM_FFI_THROW(ValueError) << message;
    TVM_FFI_UNREACHABLE();
  }
};

// ---- References --------------------------------------------------------------------------------

namespace detail {

// Elements of type T copied out of their cells.
template <typename T>
struct CellReader {
  using ResultType = T;
  static T convert(const Any& cell) { return AnyUnsafe::CopyFromAnyViewAfterCheck<T>(cell); }
};

// What Array<T> and List<T> have in common: reading, elements by value.
template <typename SeqObj, typename T>
class SeqRefBase : public ObjectRef {
 public:
  using value_type = T;
  using iterator = IterAdapter<CellReader<T>, const Any*>;
  using reverse_iterator = ReverseIterAdapter<CellReader<T>, const Any*>;

  // IndexError out of range; negative indices are out of range.
  const T operator[](int64_t i) const { return Read(NonNull()->at(i)); }
  const T front() const { return Read(NonNull()->front()); }
  const T back() const { return Read(NonNull()->back()); }
  size_t size() const { return data_ != nullptr ? Elements()->size() : 0; }
  size_t capacity() const { return data_ != nullptr ? Elements()->capacity() : 0; }
  bool empty() const { return size() == 0; }

  // Not on null.
  iterator begin() const { return iterator(Elements()->begin()); }
  iterator end() const { return iterator(Elements()->end()); }
  reverse_iterator rbegin() const { return reverse_iterator(Elements()->end()); }
  reverse_iterator rend() const { return reverse_iterator(Elements()->begin()); }

  using ContainerType = SeqObj;
  static constexpr bool _type_container_is_exact = false;
  static constexpr bool _type_is_nullable = false;

 protected:
  using ObjectRef::ObjectRef;
  explicit SeqRefBase(const ObjectRef& other) : ObjectRef(other) {}
  explicit SeqRefBase(ObjectRef&& other) noexcept : ObjectRef(std::move(other)) {}

  static T Read(const Any& cell) { return CellReader<T>::convert(cell); }
  SeqObj* Elements() const { return static_cast<SeqObj*>(data_.get()); }

 private:
  const SeqObj* NonNull() const {
    if (TVM_FFI_PREDICT_FALSE(data_ == nullptr)) SeqObj::ThrowNullIndexed();
    return Elements();
  }
};

}  // namespace detail

// ---- Conversion --------------------------------------------------------------------------------

namespace detail {

TVM_FFI_OUTLINE inline bool CheckCells(const SeqBaseObj* seq, FCheckCell check) {
  for (const Any& cell : *seq) {
    if (!CheckCell(cell, check)) return false;
  }
  return true;
}

// `to`, which holds as many None, with the elements of `from`, each converted; null if one does
// not convert.
TVM_FFI_OUTLINE inline ObjectPtr<Object> ConvertCells(const SeqBaseObj* from, FConvertCell convert,
                                                      ObjectPtr<SeqBaseObj> to) {
  int64_t i = 0;
  for (const Any& cell : *from) {
    Any converted;
    if (!ConvertCell(cell, convert, &converted)) return nullptr;
    to->SetItemAfterCheck(i++, std::move(converted));
  }
  return to;
}

// Writes a new SeqObj of them, or returns false.
template <typename SeqObj>
TVM_FFI_OUTLINE bool ConvertSeq(const SeqBaseObj* from, FConvertCell convert, TVMFFIAny* out) {
  ObjectPtr<SeqObj> to = SeqObj::CreateRepeated(static_cast<int64_t>(from->size()), Any());
  return WriteNewObject(ConvertCells(from, convert, std::move(to)), out);
}

// `name[index i: mismatch]`
TVM_FFI_COLD inline std::string IndexMismatch(const char* name, int64_t i,
                                              const std::string& mismatch) {
  MessageStream text;
  text << name << "[index " << i << ": " << mismatch << "]";
  return text.Take();
}

// The same for the first element that does not convert, or failing that, is not of the
// type as it stands.
TVM_FFI_COLD inline std::string SeqMismatch(const SeqBaseObj* seq, const char* name,
                                            FCheckCell check, FConvertCell convert,
                                            std::string (*mismatch)(const TVMFFIAny*)) {
  const Any* culprit = seq->begin();
  while (culprit != seq->end() && CellConverts(*culprit, convert)) ++culprit;
  if (culprit == seq->end()) {
    culprit = seq->begin();
    while (culprit != seq->end() && CheckCell(*culprit, check)) ++culprit;
  }
  if (culprit == seq->end()) return name;
  return IndexMismatch(name, culprit - seq->begin(),
                       mismatch(AnyUnsafe::TVMFFIAnyPtrFromAny(*culprit)));
}

}  // namespace detail

// TypeTraits of Array<T> and List<T>. Derived says which it is:
//   kTypeIndex, kSiblingTypeIndex   own type and the one it converts from
//   kName, kTypeKey                 in messages, in schemas
template <typename Derived, typename SeqRef, typename T>
struct SeqTypeTraitsBase : public ObjectRefTypeTraitsBase<SeqRef> {
  using Base = ObjectRefTypeTraitsBase<SeqRef>;
  using Cell = detail::CellTraits<T>;

  static bool CheckAnyStrict(const TVMFFIAny* src) {
    if (src->type_index != Derived::kTypeIndex) return false;
    if constexpr (std::is_same_v<T, Any>) return true;
    return detail::CheckCells(Elements(src), Cell::kCheck);
  }

  static bool ConvertInto(const TVMFFIAny* src, TVMFFIAny* out) {
    if (CheckAnyStrict(src)) return detail::ShareObject(src, out);
    if (!IsSequence(src)) return false;
    return detail::ConvertSeq<typename SeqRef::ContainerType>(Elements(src), Cell::kConvert, out);
  }
  static std::optional<SeqRef> TryCastFromAnyView(const TVMFFIAny* src) {
    return detail::TryConvert<SeqRef>(src);
  }

  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if (!IsSequence(src)) return TypeTraitsBase::GetMismatchTypeInfo(src);
    return detail::SeqMismatch(Elements(src), Derived::kName, Cell::kCheck, Cell::kConvert,
                               &Cell::Mismatch);
  }

  TVM_FFI_LOCAL static std::string TypeStr() { return detail::ContainerTypeStr<T>(Derived::kName); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(Derived::kTypeKey, {&detail::TypeSchema<T>::v});
  }

 private:
  static bool IsSequence(const TVMFFIAny* src) {
    return src->type_index == Derived::kTypeIndex || src->type_index == Derived::kSiblingTypeIndex;
  }
  static const SeqBaseObj* Elements(const TVMFFIAny* src) {
    return detail::ObjectUnsafe::RawObjectPtrFromUnowned<SeqBaseObj>(src->v_obj);
  }
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_SEQ_BASE_H_
