// SPDX-License-Identifier: Apache-2.0
//
// The pointers of object.h: ObjectPtr and Arc, which own an object, and WeakObjectPtr.
#ifndef TVM_FFI_OBJECT_PTR_DETAIL_H_
#define TVM_FFI_OBJECT_PTR_DETAIL_H_

#include <tvm/ffi/object_detail.h>

#include <cstddef>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

class Object;
template <typename T>
class ObjectPtr;
template <typename T>
class Arc;
template <typename T>
class WeakObjectPtr;

// Asks a constructor for a null or unwritten value that the caller is about to fill in.
struct UnsafeInit {};

namespace detail {
struct ObjectUnsafe;
}  // namespace detail

// Shared ownership, nullable.
template <typename T>
class ObjectPtr {
 public:
  ObjectPtr() = default;
  ObjectPtr(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  ObjectPtr(const ObjectPtr& other) : data_(other.data_) { IncRef(); }
  ObjectPtr(ObjectPtr&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  template <typename U>
  ObjectPtr(const ObjectPtr<U>& other)
      : data_(other.data_) {  // NOLINT(google-explicit-constructor)
    static_assert(std::is_base_of_v<T, U>, "ObjectPtr converts to a pointer to a base class only");
    IncRef();
  }
  template <typename U>
  ObjectPtr(ObjectPtr<U>&& other) noexcept  // NOLINT(google-explicit-constructor)
      : data_(other.data_) {
    static_assert(std::is_base_of_v<T, U>, "ObjectPtr converts to a pointer to a base class only");
    other.data_ = nullptr;
  }
  ~ObjectPtr() { reset(); }

  ObjectPtr& operator=(const ObjectPtr& other) {
    ObjectPtr(other).swap(*this);
    return *this;
  }
  ObjectPtr& operator=(ObjectPtr&& other) noexcept {
    ObjectPtr(std::move(other)).swap(*this);
    return *this;
  }
  template <typename U>
  ObjectPtr& operator=(const ObjectPtr<U>& other) {
    ObjectPtr(other).swap(*this);
    return *this;
  }
  template <typename U>
  ObjectPtr& operator=(ObjectPtr<U>&& other) noexcept {
    ObjectPtr(std::move(other)).swap(*this);
    return *this;
  }

  T* get() const { return static_cast<T*>(data_); }
  T* operator->() const { return get(); }
  T& operator*() const { return *get(); }
  explicit operator bool() const { return data_ != nullptr; }

  void reset() {
    if (data_ != nullptr) {
      TVMFFIObject* header = Header();
      data_ = nullptr;
      detail::DropStrong(header);
    }
  }
  void swap(ObjectPtr& other) noexcept { std::swap(data_, other.data_); }

  int use_count() const { return data_ != nullptr ? detail::UseCount(Header()) : 0; }
  bool unique() const { return data_ != nullptr && detail::IsUnique(Header()); }

  // By identity. The types may differ where one derives from the other.
  template <typename U>
  bool operator==(const ObjectPtr<U>& other) const {
    static_assert(std::is_base_of_v<T, U> || std::is_base_of_v<U, T>, "unrelated classes");
    return data_ == other.data_;
  }
  template <typename U>
  bool operator!=(const ObjectPtr<U>& other) const {
    return !(*this == other);
  }
  bool operator==(std::nullptr_t) const { return data_ == nullptr; }
  bool operator!=(std::nullptr_t) const { return data_ != nullptr; }

 private:
  // An object starts with its header.
  TVMFFIObject* Header() const { return reinterpret_cast<TVMFFIObject*>(data_); }
  void IncRef() const {
    if (data_ != nullptr) detail::AddStrong(Header());
  }

  // Not a T*: T may be incomplete, and the count is reached through Object.
  Object* data_ = nullptr;

  template <typename>
  friend class ObjectPtr;
  template <typename>
  friend class Arc;
  template <typename>
  friend class WeakObjectPtr;
  friend struct detail::ObjectUnsafe;
};

// An ObjectPtr that is null only after it has been moved from.
template <typename T>
class Arc : public ObjectPtr<T> {
 public:
  Arc() = delete;
  Arc(std::nullptr_t) = delete;
  explicit Arc(UnsafeInit) {}
  Arc(const Arc&) = default;
  Arc(Arc&&) noexcept = default;
  template <typename U, typename = std::enable_if_t<std::is_base_of_v<T, U>>>
  Arc(const Arc<U>& other)  // NOLINT(google-explicit-constructor)
      : ObjectPtr<T>(static_cast<const ObjectPtr<U>&>(other)) {}
  template <typename U, typename = std::enable_if_t<std::is_base_of_v<T, U>>>
  Arc(Arc<U>&& other) noexcept  // NOLINT(google-explicit-constructor)
      : ObjectPtr<T>(static_cast<ObjectPtr<U>&&>(other)) {}

  Arc& operator=(const Arc&) = default;
  Arc& operator=(Arc&&) noexcept = default;
  template <typename U, typename = std::enable_if_t<std::is_base_of_v<T, U>>>
  Arc& operator=(const Arc<U>& other) {
    return *this = Arc(other);
  }
  template <typename U, typename = std::enable_if_t<std::is_base_of_v<T, U>>>
  Arc& operator=(Arc<U>&& other) noexcept {
    return *this = Arc(std::move(other));
  }

 private:
  using ObjectPtr<T>::reset;
  using ObjectPtr<T>::swap;

  friend struct detail::ObjectUnsafe;
};

// Keeps the memory of an object but not its contents.
template <typename T>
class WeakObjectPtr {
 public:
  WeakObjectPtr() = default;
  WeakObjectPtr(std::nullptr_t) {}  // NOLINT(google-explicit-constructor)
  WeakObjectPtr(const WeakObjectPtr& other) : data_(other.data_) { IncWeak(); }
  WeakObjectPtr(WeakObjectPtr&& other) noexcept : data_(other.data_) { other.data_ = nullptr; }
  WeakObjectPtr(const ObjectPtr<T>& other)  // NOLINT(google-explicit-constructor)
      : data_(other.data_) {
    IncWeak();
  }
  template <typename U>
  WeakObjectPtr(const WeakObjectPtr<U>& other)  // NOLINT(google-explicit-constructor)
      : data_(other.data_) {
    static_assert(std::is_base_of_v<T, U>, "WeakObjectPtr converts to a base class only");
    IncWeak();
  }
  template <typename U>
  WeakObjectPtr(const ObjectPtr<U>& other)  // NOLINT(google-explicit-constructor)
      : data_(other.data_) {
    static_assert(std::is_base_of_v<T, U>, "WeakObjectPtr converts to a base class only");
    IncWeak();
  }
  template <typename U>
  WeakObjectPtr(WeakObjectPtr<U>&& other) noexcept  // NOLINT(google-explicit-constructor)
      : data_(other.data_) {
    static_assert(std::is_base_of_v<T, U>, "WeakObjectPtr converts to a base class only");
    other.data_ = nullptr;
  }
  ~WeakObjectPtr() { reset(); }

  WeakObjectPtr& operator=(WeakObjectPtr other) noexcept {
    swap(other);
    return *this;
  }

  // Null if the object is gone.
  ObjectPtr<T> lock() const {
    ObjectPtr<T> strong;
    if (data_ != nullptr && detail::PromoteWeak(Header())) strong.data_ = data_;
    return strong;
  }
  bool expired() const { return use_count() == 0; }
  int use_count() const { return data_ != nullptr ? detail::UseCount(Header()) : 0; }

  void reset() {
    if (data_ != nullptr) {
      detail::DropWeak(Header());
      data_ = nullptr;
    }
  }
  void swap(WeakObjectPtr& other) noexcept { std::swap(data_, other.data_); }

 private:
  TVMFFIObject* Header() const { return reinterpret_cast<TVMFFIObject*>(data_); }
  void IncWeak() const {
    if (data_ != nullptr) detail::AddWeak(Header());
  }

  Object* data_ = nullptr;

  template <typename>
  friend class WeakObjectPtr;
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_OBJECT_PTR_DETAIL_H_
