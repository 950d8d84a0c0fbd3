// SPDX-License-Identifier: Apache-2.0
//
// Compiler macros and the few helpers every other header needs.
#ifndef TVM_FFI_BASE_DETAIL_H_
#define TVM_FFI_BASE_DETAIL_H_

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/endian.h>

#include <cstddef>      // size_t
#include <cstdint>      // uint64_t
#include <cstdio>       // fprintf
#include <cstdlib>      // exit
#include <cstring>      // memcpy
#include <exception>    // std::exception
#include <type_traits>  // std::remove_cv_t
#include <utility>      // std::forward

#if defined(_MSC_VER)
#ifndef WIN32_LEAN_AND_MEAN
#define WIN32_LEAN_AND_MEAN
#endif
#ifndef NOMINMAX
#define NOMINMAX
#endif
#include <windows.h>
#ifdef ERROR
#undef ERROR
#endif
#endif

// ---- Compiler ----------------------------------------------------------------------------------

#if defined(_MSC_VER)
#define TVM_FFI_INLINE __forceinline
#define TVM_FFI_NO_INLINE __declspec(noinline)
#define TVM_FFI_UNREACHABLE() __assume(false)
#define TVM_FFI_FUNC_SIG __FUNCSIG__
#elif defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_INLINE __attribute__((always_inline)) inline
#define TVM_FFI_NO_INLINE __attribute__((noinline))
#define TVM_FFI_UNREACHABLE() __builtin_unreachable()
#define TVM_FFI_FUNC_SIG __PRETTY_FUNCTION__
#else
#define TVM_FFI_INLINE inline
#define TVM_FFI_NO_INLINE
#define TVM_FFI_UNREACHABLE()
#define TVM_FFI_FUNC_SIG __func__
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_COLD_CODE __attribute__((cold))
#define TVM_FFI_PREDICT_FALSE(cond) (__builtin_expect(static_cast<bool>(cond), 0))
#define TVM_FFI_PREDICT_TRUE(cond) (__builtin_expect(static_cast<bool>(cond), 1))
#else
#define TVM_FFI_COLD_CODE
#define TVM_FFI_PREDICT_FALSE(cond) (static_cast<bool>(cond))
#define TVM_FFI_PREDICT_TRUE(cond) (static_cast<bool>(cond))
#endif

// For functions and tables of these headers that are not inlined: every library has its own copy,
// which other libraries do not see. Their names are long and would be much of a small library.
// OUTLINE stays out of its callers; COLD is what only errors and registration reach.
#if defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_LOCAL __attribute__((visibility("hidden")))
#define TVM_FFI_OUTLINE __attribute__((noinline, visibility("hidden")))
#define TVM_FFI_COLD __attribute__((noinline, cold, visibility("hidden")))
#else
#define TVM_FFI_LOCAL
#define TVM_FFI_OUTLINE TVM_FFI_NO_INLINE
#define TVM_FFI_COLD TVM_FFI_NO_INLINE
#endif

// Lets the optimiser assume that cond holds. cond is never evaluated; a compiler that cannot be
// told without evaluating it is told nothing.
#if defined(_MSC_VER)
#define TVM_FFI_UNSAFE_ASSUME(cond) __assume(cond)
#elif defined(__clang__)
#define TVM_FFI_UNSAFE_ASSUME(cond) __builtin_assume(static_cast<bool>(cond))
#elif defined(__GNUC__) && __GNUC__ >= 13
#define TVM_FFI_UNSAFE_ASSUME(cond) __attribute__((assume(static_cast<bool>(cond))))
#else
#define TVM_FFI_UNSAFE_ASSUME(cond) static_cast<void>(sizeof(static_cast<bool>(cond)))
#endif

#define TVM_FFI_STR_CONCAT_(a, b) a##b
#define TVM_FFI_STR_CONCAT(a, b) TVM_FFI_STR_CONCAT_(a, b)

// Introduces a block `{ ... }` at namespace scope that runs when the library is loaded, possibly
// before the dynamic initialisers of the same file.
#if defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_STATIC_INIT_BLOCK_(Name) static void __attribute__((constructor)) Name()
#else
#define TVM_FFI_STATIC_INIT_BLOCK_(Name)                               \
  static void Name();                                                  \
  static inline const int TVM_FFI_STR_CONCAT(Name, Run) = (Name(), 0); \
  static void Name()
#endif
#define TVM_FFI_STATIC_INIT_BLOCK() \
  TVM_FFI_STATIC_INIT_BLOCK_(TVM_FFI_STR_CONCAT(TVMFFIStaticInit, __COUNTER__))

#define TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(TypeName) \
  TypeName(const TypeName& other) = default;                  \
  TypeName(TypeName&& other) noexcept = default;              \
  TypeName& operator=(const TypeName& other) = default;       \
  TypeName& operator=(TypeName&& other) noexcept = default

// Bracket code that has nobody to report an exception to: it is printed and the process ends.
#define TVM_FFI_LOG_EXCEPTION_CALL_BEGIN() \
  try {                                    \
  (void)0
#define TVM_FFI_LOG_EXCEPTION_CALL_END(Name)                               \
  }                                                                        \
  catch (const std::exception& tvm_ffi_exception) {                        \
    ::tvm::ffi::detail::ExitForException(#Name, tvm_ffi_exception.what()); \
  }                                                                        \
  static_cast<void>(0)

// Before a pointer is stored into a TVMFFIAny: the payload is 8 bytes wide, a pointer may not be.
#define TVM_FFI_CLEAR_PTR_PADDING_IN_FFI_ANY(any_ptr)                       \
  do {                                                                      \
    if constexpr (sizeof((any_ptr)->v_ptr) != sizeof((any_ptr)->v_int64)) { \
      (any_ptr)->v_int64 = 0;                                               \
    }                                                                       \
  } while (false)

namespace tvm {
namespace ffi {
namespace detail {

[[noreturn]] TVM_FFI_COLD inline void ExitForException(const char* name, const char* what) {
  std::fprintf(stderr, "Exception caught during %s:\n%s\n", name, what);
  std::exit(-1);
}

// Calls f(i, arg i) for every argument, in order.
template <typename F, typename... Args>
inline void for_each(const F& f, Args&&... args) {
  size_t i = 0;
  (f(i++, std::forward<Args>(args)), ...);
  static_cast<void>(i);
}

// ---- Hashes that are part of the contract ------------------------------------------------------

template <typename T>
inline uint64_t StableHashCombine(uint64_t key, const T& value) {
  return key ^ (static_cast<uint64_t>(value) + 0x9e3779b9 + (key << 6) + (key >> 2));
}

inline constexpr uint64_t kStableHashModulus = 2147483647;

TVM_FFI_OUTLINE inline uint64_t StableHashBytes(const void* data, size_t size) {
  constexpr uint64_t kMultiplier = 1099511628211ULL;
  const char* bytes = static_cast<const char*>(data);
  uint64_t hash = 0;
  while (size != 0) {
    uint64_t word = 0;  // the last one is padded with zeros
    const size_t step = size < sizeof(word) ? size : sizeof(word);
    std::memcpy(&word, bytes, step);
    if constexpr (!TVM_FFI_LITTLE_ENDIAN) ByteSwap(&word, sizeof(word), 1);
    hash = (hash * kMultiplier + word) % kStableHashModulus;
    bytes += step;
    size -= step;
  }
  return hash;
}

// StableHashBytes of the text or bytes of a SmallStr or SmallBytes.
inline uint64_t StableHashSmallStrBytes(const TVMFFIAny* value) {
  if constexpr (TVM_FFI_LITTLE_ENDIAN) return value->v_uint64 % kStableHashModulus;
  uint64_t word = value->v_uint64;
  ByteSwap(&word, sizeof(word), 1);
  return word % kStableHashModulus;
}

// ---- Type schemas ------------------------------------------------------------------------------

// v() is the JSON schema of the type, a std::string. Defined with Any.
template <typename T>
struct TypeSchemaImpl;

template <typename T>
using TypeSchema = TypeSchemaImpl<std::remove_cv_t<std::remove_reference_t<T>>>;

}  // namespace detail

// Former name of the namespace, kept for sources written before 0.1.15.
namespace details = detail;

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_BASE_DETAIL_H_
