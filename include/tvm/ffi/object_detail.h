// SPDX-License-Identifier: Apache-2.0
//
// Below object.h: reference counts and the runtime types of objects, in terms of the contract.
#ifndef TVM_FFI_OBJECT_DETAIL_H_
#define TVM_FFI_OBJECT_DETAIL_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/type_traits.h>

#include <cstdint>
#include <cstdlib>  // malloc
#include <cstring>
#include <new>
#include <type_traits>

namespace tvm {
namespace ffi {

class Object;

namespace detail {

// ---- Counting ----------------------------------------------------------------------------------

inline constexpr uint64_t kCombinedRefCountMaskUInt32 = 0xffffffffULL;
inline constexpr uint64_t kCombinedRefCountStrongOne = 1;
inline constexpr uint64_t kCombinedRefCountWeakOne = uint64_t{1} << 32;
inline constexpr uint64_t kCombinedRefCountBothOne =
    kCombinedRefCountStrongOne | kCombinedRefCountWeakOne;

#if defined(_MSC_VER)
inline uint64_t AtomicAddRelaxed(uint64_t* word, uint64_t n) {
  return static_cast<uint64_t>(_InterlockedExchangeAdd64(reinterpret_cast<__int64*>(word), n));
}
inline uint64_t AtomicSubRelease(uint64_t* word, uint64_t n) {
  return AtomicAddRelaxed(word, uint64_t{0} - n);
}
inline uint64_t AtomicLoadRelaxed(const uint64_t* word) {
  return *static_cast<const volatile uint64_t*>(word);
}
inline uint64_t AtomicLoadAcquire(const uint64_t* word) {
  return *static_cast<const volatile uint64_t*>(word);
}
inline bool AtomicCompareExchange(uint64_t* word, uint64_t* expected, uint64_t desired) {
  uint64_t found = static_cast<uint64_t>(
      _InterlockedCompareExchange64(reinterpret_cast<__int64*>(word), static_cast<__int64>(desired),
                                    static_cast<__int64>(*expected)));
  bool done = found == *expected;
  *expected = found;
  return done;
}
#else
inline uint64_t AtomicAddRelaxed(uint64_t* word, uint64_t n) {
  return __atomic_fetch_add(word, n, __ATOMIC_RELAXED);
}
inline uint64_t AtomicSubRelease(uint64_t* word, uint64_t n) {
  return __atomic_fetch_sub(word, n, __ATOMIC_RELEASE);
}
inline uint64_t AtomicLoadRelaxed(const uint64_t* word) {
  return __atomic_load_n(word, __ATOMIC_RELAXED);
}
inline uint64_t AtomicLoadAcquire(const uint64_t* word) {
  return __atomic_load_n(word, __ATOMIC_ACQUIRE);
}
inline bool AtomicCompareExchange(uint64_t* word, uint64_t* expected, uint64_t desired) {
  return __atomic_compare_exchange_n(word, expected, desired, true, __ATOMIC_ACQ_REL,
                                     __ATOMIC_RELAXED);
}
#endif

inline void CallDeleter(TVMFFIObject* header, int flags) {
  // Sees what every earlier owner did. All count changes are read-modify-writes, so this load
  // synchronises with each of their releases.
  static_cast<void>(AtomicLoadAcquire(&header->combined_ref_count));
  if (header->deleter != nullptr) header->deleter(header, flags);
}

TVM_FFI_OUTLINE inline void DropWeak(TVMFFIObject* header) {
  uint64_t old = AtomicSubRelease(&header->combined_ref_count, kCombinedRefCountWeakOne);
  if (old == kCombinedRefCountWeakOne) {
    CallDeleter(header, kTVMFFIObjectDeleterFlagBitMaskWeak);
  }
}

// Destroying an object may destroy those it refers to. Beyond a certain depth they wait in a list
// until the outermost is done, so that a long chain does not exhaust the stack. Of each thread, and
// of each library that is compiled with this header.
struct Destructions {
  struct Waiting {
    TVMFFIObject* header;
    uint64_t old;
    Waiting* next;
  };
  static constexpr int kMaxDepth = 64;

  int depth;
  Waiting* waiting;
};
TVM_FFI_LOCAL inline thread_local Destructions destructions = {0, nullptr};

inline void Destroy(TVMFFIObject* header, uint64_t old) {
  if (old == kCombinedRefCountBothOne) {
    CallDeleter(header, kTVMFFIObjectDeleterFlagBitMaskBoth);
  } else {
    CallDeleter(header, kTVMFFIObjectDeleterFlagBitMaskStrong);
    DropWeak(header);
  }
}

// False without memory for that.
TVM_FFI_COLD inline bool DestroyLater(TVMFFIObject* header, uint64_t old) {
  void* memory = std::malloc(sizeof(Destructions::Waiting));
  if (memory == nullptr) return false;
  Destructions& here = destructions;
  here.waiting = ::new (memory) Destructions::Waiting{header, old, here.waiting};
  return true;
}

// At depth 1, so that this is not entered again.
TVM_FFI_COLD inline void DestroyWaiting() {
  Destructions& here = destructions;
  while (here.waiting != nullptr) {
    Destructions::Waiting entry = *here.waiting;
    std::free(here.waiting);
    here.waiting = entry.next;
    Destroy(entry.header, entry.old);
  }
}

// The last strong reference is gone; `old` is the count word from before.
TVM_FFI_OUTLINE inline void DropLastStrong(TVMFFIObject* header, uint64_t old) {
  // Text refers to nothing else.
  if (header->type_index <= TypeIndex::kTVMFFIBytes) return Destroy(header, old);
  Destructions* here = &destructions;
#if defined(__GNUC__) || defined(__clang__)
  asm("" : "+r"(here));  // else the address, a call, is found anew for each access
#endif
  if (TVM_FFI_PREDICT_FALSE(here->depth >= Destructions::kMaxDepth) && DestroyLater(header, old)) {
    return;
  }
  ++here->depth;
  Destroy(header, old);
  if (TVM_FFI_PREDICT_FALSE(here->depth == 1 && here->waiting != nullptr)) DestroyWaiting();
  --here->depth;
}

inline void AddStrong(TVMFFIObject* header) {
  AtomicAddRelaxed(&header->combined_ref_count, kCombinedRefCountStrongOne);
}
inline void DropStrong(TVMFFIObject* header) {
  uint64_t old = AtomicSubRelease(&header->combined_ref_count, kCombinedRefCountStrongOne);
  if ((old & kCombinedRefCountMaskUInt32) == kCombinedRefCountStrongOne) {
    DropLastStrong(header, old);
  }
}
inline void AddWeak(TVMFFIObject* header) {
  AtomicAddRelaxed(&header->combined_ref_count, kCombinedRefCountWeakOne);
}
// Whether there is one strong reference, and no weak one but theirs.
inline bool IsUnique(const TVMFFIObject* header) {
  return AtomicLoadRelaxed(&header->combined_ref_count) == kCombinedRefCountBothOne;
}
// Strong references.
inline int UseCount(const TVMFFIObject* header) {
  return static_cast<int>(AtomicLoadRelaxed(&header->combined_ref_count) &
                          kCombinedRefCountMaskUInt32);
}
// Adds a strong reference unless the last one is gone.
TVM_FFI_OUTLINE inline bool PromoteWeak(TVMFFIObject* header) {
  uint64_t old = AtomicLoadRelaxed(&header->combined_ref_count);
  while ((old & kCombinedRefCountMaskUInt32) != 0) {
    if (AtomicCompareExchange(&header->combined_ref_count, &old,
                              old + kCombinedRefCountStrongOne)) {
      return true;
    }
  }
  return false;
}

// ---- Runtime types -----------------------------------------------------------------------------

TVM_FFI_COLD inline int32_t RegisterType(const char* type_key, int32_t static_type_index,
                                         int32_t type_depth, uint32_t child_slots,
                                         bool child_slots_can_overflow, int32_t parent_type_index) {
  TVMFFIByteArray key{type_key, std::strlen(type_key)};
  return TVMFFITypeGetOrAllocIndex(
      &key, static_type_index, type_depth, static_cast<int32_t>(child_slots),
      static_cast<int32_t>(child_slots_can_overflow), parent_type_index);
}

// Whether the type at type_index derives from the type `ancestor`, which is `depth` deep.
TVM_FFI_OUTLINE inline bool IsTypeDerivedFrom(int32_t type_index, int32_t ancestor, int32_t depth) {
  if (type_index < ancestor) return false;  // children register after their parents
  const TypeInfo* info = TVMFFIGetTypeInfo(type_index);
  return info->type_depth > depth && info->type_ancestors[depth]->type_index == ancestor;
}

// Whether an object of that runtime type is a T.
template <typename T>
inline bool IsObjectInstance(int32_t type_index) {
  if constexpr (std::is_same_v<std::remove_cv_t<T>, Object>) {
    return true;
  } else {
    const int32_t target = T::RuntimeTypeIndex();
    if constexpr (T::_type_final) {
      return type_index == target;
    } else {
      // Reserved children directly follow their parent.
      if (static_cast<uint32_t>(type_index) - static_cast<uint32_t>(target) <=
          T::_type_child_slots) {
        return true;
      }
      if constexpr (!T::_type_child_slots_can_overflow) return false;
      return IsTypeDerivedFrom(type_index, target, T::_type_depth);
    }
  }
}

// The same for a target that is known at run time only; it may also be the index of a value type,
// and Any takes everything.
TVM_FFI_OUTLINE inline bool RuntimeTypeIndexMatch(int32_t type_index, int32_t target) {
  if (type_index == target || target == TypeIndex::kTVMFFIAny) return true;
  if (target == TypeIndex::kTVMFFIStr) return type_index == TypeIndex::kTVMFFISmallStr;
  if (target == TypeIndex::kTVMFFIBytes) return type_index == TypeIndex::kTVMFFISmallBytes;
  if (target < TypeIndex::kTVMFFIStaticObjectBegin ||
      type_index < TypeIndex::kTVMFFIStaticObjectBegin) {
    return false;
  }
  if (target == TypeIndex::kTVMFFIObject) return true;
  return IsTypeDerivedFrom(type_index, target, TVMFFIGetTypeInfo(target)->type_depth);
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_OBJECT_DETAIL_H_
