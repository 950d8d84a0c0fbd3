// SPDX-License-Identifier: Apache-2.0
//
// Whole values: copied, printed, hashed and compared by what they hold. The library does the work;
// it is found by name, so this header imports nothing but the contract.
//
// All of these throw ValueError for values that are nested more than 2^20 levels deep, and pass on
// what the type's own hooks throw.
#ifndef TVM_FFI_EXTRA_DATACLASS_H_
#define TVM_FFI_EXTRA_DATACLASS_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <iosfwd>
#include <type_traits>

namespace tvm {
namespace ffi {

// Strings, bytes, shapes, BigInts, enums and whatever is no object are shared with the original.
// What occurs several times, or within itself, does so in the copy. Throws InternalError for an
// object that is not copy-constructible.
inline Any DeepCopy(const Any& value) {
  static const Function copy = Function::GetGlobalRequired("ffi.DeepCopy");
  return copy(value);
}

// In the manner of Python. An object within itself is `...`.
inline String ReprPrint(const Any& value) {
  static const Function print = Function::GetGlobalRequired("ffi.ReprPrint");
  return print(value).cast<String>();
}

// Equal values have equal hashes. Throws ValueError for a type with a comparison of its own that
// lacks the hash to go with it.
inline int64_t RecursiveHash(const Any& value) {
  static const Function hash = Function::GetGlobalRequired("ffi.RecursiveHash");
  return hash(value).cast<int64_t>();
}

// Values of different types are not equal; a cycle is taken to be.
inline bool RecursiveEq(const Any& lhs, const Any& rhs) {
  static const Function equal = Function::GetGlobalRequired("ffi.RecursiveEq");
  return equal(lhs, rhs).cast<bool>();
}

// None comes first; sequences go element by element. The orderings throw TypeError for what has no
// order (values of different types, NaN, maps) and ValueError for cycles.
inline bool RecursiveLt(const Any& lhs, const Any& rhs) {
  static const Function less = Function::GetGlobalRequired("ffi.RecursiveLt");
  return less(lhs, rhs).cast<bool>();
}

inline bool RecursiveLe(const Any& lhs, const Any& rhs) {
  static const Function less_equal = Function::GetGlobalRequired("ffi.RecursiveLe");
  return less_equal(lhs, rhs).cast<bool>();
}

inline bool RecursiveGt(const Any& lhs, const Any& rhs) {
  static const Function greater = Function::GetGlobalRequired("ffi.RecursiveGt");
  return greater(lhs, rhs).cast<bool>();
}

inline bool RecursiveGe(const Any& lhs, const Any& rhs) {
  static const Function greater_equal = Function::GetGlobalRequired("ffi.RecursiveGe");
  return greater_equal(lhs, rhs).cast<bool>();
}

// ---- Printing ----------------------------------------------------------------------------------

// Templates, so that <ostream> is needed only where something is printed. Classes with an inserter
// of their own keep it.
template <typename Traits>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const Any& value) {
  return os << ReprPrint(value);
}

template <typename Traits>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const ObjectRef& value) {
  return os << ReprPrint(value);
}

template <typename Traits, typename... V>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const Variant<V...>& value) {
  return os << ReprPrint(value);
}

template <typename Traits, typename T>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const Optional<T>& value) {
  return os << ReprPrint(value);
}

namespace detail {

template <typename T>
struct ReprText {
  static constexpr bool exists = true;
  static String Of(const T& value) { return ReprPrint(value); }
};

// Messages of errors take them without <ostream>.
template <>
struct MessageText<Any> : ReprText<Any> {};
template <typename T>
struct MessageText<T, std::enable_if_t<std::is_base_of_v<ObjectRef, T>>> : ReprText<T> {};
template <typename... V>
struct MessageText<Variant<V...>, std::enable_if_t<!std::is_base_of_v<ObjectRef, Variant<V...>>>>
    : ReprText<Variant<V...>> {};
template <typename T>
struct MessageText<Optional<T>, std::enable_if_t<!std::is_base_of_v<ObjectRef, Optional<T>>>>
    : ReprText<Optional<T>> {};

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_DATACLASS_H_
