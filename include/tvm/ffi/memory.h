// SPDX-License-Identifier: Apache-2.0
//
// Making objects: make_object, make_arc, make_inplace_array_object.
#ifndef TVM_FFI_MEMORY_H_
#define TVM_FFI_MEMORY_H_

#include <tvm/ffi/object.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <new>
#include <type_traits>
#include <utility>
#if defined(_MSC_VER)
#include <malloc.h>
#endif

namespace tvm {
namespace ffi {

using FObjectDeleter = void (*)(void* obj, int flags);

namespace detail {

// ---- Memory ------------------------------------------------------------------------------------

// Throws std::bad_alloc. AlignedFree takes what AlignedAlloc gave, or null.
TVM_FFI_OUTLINE inline void* AlignedAlloc(size_t size, size_t alignment) {
  void* memory = nullptr;
#if defined(_MSC_VER)
  memory = _aligned_malloc(size, alignment);
#else
  if (alignment <= alignof(std::max_align_t)) {
    memory = std::malloc(size);
  } else if (posix_memalign(&memory, alignment, size) != 0) {
    memory = nullptr;
  }
#endif
  if (memory == nullptr) throw std::bad_alloc();
  return memory;
}

inline void AlignedFree(void* memory) {
#if defined(_MSC_VER)
  _aligned_free(memory);
#else
  std::free(memory);
#endif
}

// Frees memory unless told that something lives in it now.
class AllocationGuard {
 public:
  explicit AllocationGuard(void* memory) : memory_(memory) {}
  AllocationGuard(const AllocationGuard&) = delete;
  AllocationGuard& operator=(const AllocationGuard&) = delete;
  ~AllocationGuard() {
    if (TVM_FFI_PREDICT_FALSE(memory_ != nullptr)) AlignedFree(memory_);
  }
  void Release() { memory_ = nullptr; }

 private:
  void* memory_;
};

// ---- Deleters ----------------------------------------------------------------------------------

// For an object without a destructor whose header is where its memory starts.
TVM_FFI_OUTLINE inline void FreeObject(void* obj, int flags) {
  if ((flags & kTVMFFIObjectDeleterFlagBitMaskWeak) != 0) AlignedFree(obj);
}

template <typename T>
struct ObjectDeleter {
  static void Delete(void* obj, int flags) {
    // Computed, not cast: once only weak references are left there is no T any more.
    T* object = reinterpret_cast<T*>(static_cast<char*>(obj) -
                                     ObjectUnsafe::GetObjectOffsetToSubclass<T>());
    if ((flags & kTVMFFIObjectDeleterFlagBitMaskStrong) != 0) object->T::~T();
    if ((flags & kTVMFFIObjectDeleterFlagBitMaskWeak) != 0) AlignedFree(object);
  }

  static FObjectDeleter Get() {
    if constexpr (std::is_trivially_destructible_v<T>) {
      if (ObjectUnsafe::GetObjectOffsetToSubclass<T>() == 0) return FreeObject;
    }
    return Delete;
  }
};

// ---- Allocators --------------------------------------------------------------------------------

// Derived has the member templates
//   Handler<T>          static T* New(Derived*, Args&&...), static FObjectDeleter Deleter()
//   ArrayHandler<A, E>  the same with the number of elements as second parameter of New
template <typename Derived>
class ObjAllocatorBase {
 public:
  template <typename T, typename... Args>
  ObjectPtr<T> make_object(Args&&... args) {
    using Handler = typename Derived::template Handler<T>;
    static_assert(std::is_base_of_v<Object, T>, "make_object makes subclasses of Object only");
    T* object = Handler::New(static_cast<Derived*>(this), std::forward<Args>(args)...);
    return Own(object, Handler::Deleter());
  }

  template <typename ArrayType, typename ElemType, typename... Args>
  ObjectPtr<ArrayType> make_inplace_array(size_t num_elems, Args&&... args) {
    using Handler = typename Derived::template ArrayHandler<ArrayType, ElemType>;
    static_assert(std::is_base_of_v<Object, ArrayType>,
                  "make_inplace_array makes subclasses of Object only");
    ArrayType* object =
        Handler::New(static_cast<Derived*>(this), num_elems, std::forward<Args>(args)...);
    return Own(object, Handler::Deleter());
  }

 private:
  template <typename T>
  static ObjectPtr<T> Own(T* object, FObjectDeleter deleter) {
    TVMFFIObject* header = ObjectUnsafe::GetHeader(object);
    header->combined_ref_count = kCombinedRefCountBothOne;
    header->type_index = T::RuntimeTypeIndex();
    header->__padding = 0;
    header->deleter = deleter;
    return ObjectUnsafe::ObjectPtrFromOwned<T>(header);
  }
};

class SimpleObjAllocator : public ObjAllocatorBase<SimpleObjAllocator> {
 public:
  template <typename T>
  struct Handler {
    template <typename... Args>
    static T* New(SimpleObjAllocator*, Args&&... args) {
      return Construct<T>(sizeof(T), std::forward<Args>(args)...);
    }
    static FObjectDeleter Deleter() { return ObjectDeleter<T>::Get(); }
  };

  template <typename ArrayType, typename ElemType>
  struct ArrayHandler {
    static_assert(alignof(ArrayType) % alignof(ElemType) == 0 &&
                      sizeof(ArrayType) % alignof(ElemType) == 0,
                  "the elements would be misaligned behind the object");

    template <typename... Args>
    static ArrayType* New(SimpleObjAllocator*, size_t num_elems, Args&&... args) {
      constexpr size_t kAlign = alignof(ArrayType);
      if (TVM_FFI_PREDICT_FALSE(num_elems >
                                (SIZE_MAX - sizeof(ArrayType) - kAlign) / sizeof(ElemType))) {
        throw std::bad_alloc();
      }
      size_t size = sizeof(ArrayType) + num_elems * sizeof(ElemType);
      return Construct<ArrayType>((size + kAlign - 1) / kAlign * kAlign,
                                  std::forward<Args>(args)...);
    }
    static FObjectDeleter Deleter() { return ObjectDeleter<ArrayType>::Get(); }
  };

 private:
  template <typename T, typename... Args>
  static T* Construct(size_t size, Args&&... args) {
    void* memory = AlignedAlloc(size, alignof(T));
    if constexpr (std::is_nothrow_constructible_v<T, Args...>) {
      return ::new (memory) T(std::forward<Args>(args)...);
    } else {
      AllocationGuard guard(memory);
      T* object = ::new (memory) T(std::forward<Args>(args)...);
      guard.Release();
      return object;
    }
  }
};

}  // namespace detail

template <typename T, typename... Args>
inline ObjectPtr<T> make_object(Args&&... args) {
  return detail::SimpleObjAllocator().make_object<T>(std::forward<Args>(args)...);
}

template <typename T, typename... Args>
inline Arc<T> make_arc(Args&&... args) {
  return detail::ObjectUnsafe::ArcFromObjectPtr<T>(make_object<T>(std::forward<Args>(args)...));
}

// Makes an ArrayType with room for num_elems elements right behind it. The elements are not
// constructed; the destructor of ArrayType destroys those that were.
template <typename ArrayType, typename ElemType, typename... Args>
inline ObjectPtr<ArrayType> make_inplace_array_object(size_t num_elems, Args&&... args) {
  return detail::SimpleObjAllocator().make_inplace_array<ArrayType, ElemType>(
      num_elems, std::forward<Args>(args)...);
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_MEMORY_H_
