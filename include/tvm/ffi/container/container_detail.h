// SPDX-License-Identifier: Apache-2.0
//
// What all containers share: element requirements, iterators that convert, element conversion.
#ifndef TVM_FFI_CONTAINER_CONTAINER_DETAIL_H_
#define TVM_FFI_CONTAINER_CONTAINER_DETAIL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <initializer_list>
#include <optional>
#include <string>  // also std::iterator_traits; <iterator> would add the stream iterators
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {
namespace detail {

// ---- Element types -----------------------------------------------------------------------------

// Whether T can be stored: in Any, in a container, in a field. Does not need T to be complete where
// T is ObjectPtr or Arc of a forward-declared class.
template <typename T>
inline constexpr bool storage_enabled_v = std::is_same_v<T, Any> || TypeTraits<T>::storage_enabled;

template <typename... T>
inline constexpr bool all_storage_enabled_v = (storage_enabled_v<T> && ...);

template <typename... T>
inline constexpr bool all_object_ref_v = (std::is_base_of_v<ObjectRef, T> && ...);

// `name<A, B>`.
template <typename... V>
std::string ContainerTypeStr(const char* name) {
  return TypeName(name, {&Type2Str<V>::v...});
}

// ---- Cells and typed elements ------------------------------------------------------------------

// The container algorithms are not templates: they reach an element type through functions of these
// two shapes, with null standing for Any, which takes every cell as it is.
//
// Whether the cell holds the type without conversion.
using FCheckCell = bool (*)(const TVMFFIAny* cell);
// Converts a borrowed cell and writes the owned result, or returns false and writes nothing.
using FConvertCell = bool (*)(const TVMFFIAny* cell, TVMFFIAny* out);

template <typename T>
struct CellTraits {
  TVM_FFI_LOCAL static bool Check(const TVMFFIAny* cell) {
    return TypeTraits<T>::CheckAnyStrict(cell);
  }
  TVM_FFI_LOCAL static bool Convert(const TVMFFIAny* cell, TVMFFIAny* out) {
    if constexpr (converts_into_v<T>) {
      return TypeTraits<T>::ConvertInto(cell, out);
    } else {
      auto value = TypeTraits<T>::TryCastFromAnyView(cell);
      if (!value.has_value()) return false;
      TypeTraits<T>::MoveToAny(*std::move(value), out);
      return true;
    }
  }
  TVM_FFI_COLD static std::string Mismatch(const TVMFFIAny* cell) {
    return TypeTraits<T>::GetMismatchTypeInfo(cell);
  }
  static constexpr FCheckCell kCheck = &Check;
  static constexpr FConvertCell kConvert = &Convert;
};

template <>
struct CellTraits<Any> {
  TVM_FFI_COLD static std::string Mismatch(const TVMFFIAny* cell) {
    return TypeIndexToTypeKey(cell->type_index);
  }
  static constexpr FCheckCell kCheck = nullptr;
  static constexpr FConvertCell kConvert = nullptr;
};

inline bool CheckCell(const Any& cell, FCheckCell check) {
  return check == nullptr || check(AnyUnsafe::TVMFFIAnyPtrFromAny(cell));
}

// False, leaving *out alone, if the cell does not convert. *out is None before.
TVM_FFI_OUTLINE inline bool ConvertCell(const Any& cell, FConvertCell convert, Any* out) {
  if (convert == nullptr) {
    *out = cell;
    return true;
  }
  return convert(AnyUnsafe::TVMFFIAnyPtrFromAny(cell), reinterpret_cast<TVMFFIAny*>(out));
}

// Whether the cell would convert; the result is dropped.
inline bool CellConverts(const Any& cell, FConvertCell convert) {
  Any ignored;
  return ConvertCell(cell, convert, &ignored);
}

// A new reference to the object of a cell.
inline bool ShareObject(const TVMFFIAny* src, TVMFFIAny* out) {
  AddStrong(src->v_obj);
  *out = *src;
  return true;
}

// Writes a new object, or returns false for null.
inline bool WriteNewObject(ObjectPtr<Object> object, TVMFFIAny* out) {
  if (object == nullptr) return false;
  WriteObject(ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(object)), out);
  return true;
}

// TryCastFromAnyView of types that have ConvertInto.
template <typename T>
inline std::optional<T> TryConvert(const TVMFFIAny* src) {
  TVMFFIAny cell;
  if (!TypeTraits<T>::ConvertInto(src, &cell)) return std::nullopt;
  return TypeTraits<T>::MoveFromAnyAfterCheck(&cell);
}

// ---- Iterators ---------------------------------------------------------------------------------

// An iterator over TIter's positions whose elements are Converter::convert(*it), by value. It has
// no `->`, `[]` or `<`: there is nothing a reference could refer to.
template <typename Converter, typename TIter>
class IterAdapter {
 public:
  using iterator_category = typename std::iterator_traits<TIter>::iterator_category;
  using difference_type = typename std::iterator_traits<TIter>::difference_type;
  using value_type = typename Converter::ResultType;
  using pointer = value_type*;
  using reference = const value_type;

  explicit IterAdapter(TIter iter) : iter_(iter) {}

  IterAdapter& operator++() {
    ++iter_;
    return *this;
  }
  IterAdapter& operator--() {
    --iter_;
    return *this;
  }
  IterAdapter operator++(int) {
    IterAdapter copy = *this;
    ++iter_;
    return copy;
  }
  IterAdapter operator--(int) {
    IterAdapter copy = *this;
    --iter_;
    return copy;
  }
  IterAdapter operator+(difference_type offset) const { return IterAdapter(iter_ + offset); }
  IterAdapter operator-(difference_type offset) const { return IterAdapter(iter_ - offset); }
  IterAdapter& operator+=(difference_type offset) {
    iter_ += offset;
    return *this;
  }
  IterAdapter& operator-=(difference_type offset) {
    iter_ -= offset;
    return *this;
  }

  // Random access only; a template so that other categories never look at TIter's operator-.
  template <typename T = IterAdapter>
  std::enable_if_t<std::is_same_v<typename T::iterator_category, std::random_access_iterator_tag>,
                   typename T::difference_type>
  operator-(const IterAdapter& other) const {
    return iter_ - other.iter_;
  }

  bool operator==(const IterAdapter& other) const { return iter_ == other.iter_; }
  bool operator!=(const IterAdapter& other) const { return !(iter_ == other.iter_); }
  reference operator*() const { return Converter::convert(*iter_); }

 private:
  TIter iter_;
};

// The same backwards, standing behind the element it yields: made from end(), it yields the last.
template <typename Converter, typename TIter>
class ReverseIterAdapter {
 public:
  using iterator_category = typename std::iterator_traits<TIter>::iterator_category;
  using difference_type = typename std::iterator_traits<TIter>::difference_type;
  using value_type = typename Converter::ResultType;
  using pointer = value_type*;
  using reference = const value_type;

  explicit ReverseIterAdapter(TIter iter) : iter_(iter) {}

  ReverseIterAdapter& operator++() {
    --iter_;
    return *this;
  }
  ReverseIterAdapter& operator--() {
    ++iter_;
    return *this;
  }
  ReverseIterAdapter operator++(int) {
    ReverseIterAdapter copy = *this;
    --iter_;
    return copy;
  }
  ReverseIterAdapter operator--(int) {
    ReverseIterAdapter copy = *this;
    ++iter_;
    return copy;
  }
  ReverseIterAdapter operator+(difference_type offset) const {
    return ReverseIterAdapter(iter_ - offset);
  }
  ReverseIterAdapter operator-(difference_type offset) const {
    return ReverseIterAdapter(iter_ + offset);
  }
  ReverseIterAdapter& operator+=(difference_type offset) {
    iter_ -= offset;
    return *this;
  }
  ReverseIterAdapter& operator-=(difference_type offset) {
    iter_ += offset;
    return *this;
  }

  template <typename T = ReverseIterAdapter>
  std::enable_if_t<std::is_same_v<typename T::iterator_category, std::random_access_iterator_tag>,
                   typename T::difference_type>
  operator-(const ReverseIterAdapter& other) const {
    return other.iter_ - iter_;
  }

  bool operator==(const ReverseIterAdapter& other) const { return iter_ == other.iter_; }
  bool operator!=(const ReverseIterAdapter& other) const { return !(iter_ == other.iter_); }
  reference operator*() const {
    TIter element = iter_;
    return Converter::convert(*--element);
  }

 private:
  TIter iter_;
};

// Whether a constructor or insert call with a pair of It means a range of elements, and not a count
// and a value.
template <typename It, typename = void>
inline constexpr bool is_iterator_v = false;
template <typename It>
inline constexpr bool
    is_iterator_v<It, std::void_t<typename std::iterator_traits<It>::iterator_category>> = true;

// Whether elements of type T may be made of a range of It as they are.
template <typename It, typename T>
inline constexpr bool is_valid_iterator_v =
    std::is_same_v<T, Any> || std::is_base_of_v<T, typename std::iterator_traits<It>::value_type> ||
    std::is_same_v<T, typename std::iterator_traits<It>::value_type>;

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_CONTAINER_DETAIL_H_
