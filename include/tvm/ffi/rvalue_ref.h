// SPDX-License-Identifier: Apache-2.0
//
// RValueRef<Ref>: an argument the callee may move from, so that a uniquely owned object stays
// unique and copy-on-write need not copy.
#ifndef TVM_FFI_RVALUE_REF_H_
#define TVM_FFI_RVALUE_REF_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/object.h>

#include <optional>     // std::optional
#include <string>       // std::string
#include <type_traits>  // std::enable_if_t
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// Holds the reference until the callee takes it; what it did not take is released with this.
template <typename TObjRef>
class RValueRef {
  static_assert(std::is_base_of_v<ObjectRef, TObjRef>, "RValueRef wraps a reference class");

 public:
  using ContainerType = typename TObjRef::ContainerType;

  explicit RValueRef(TObjRef&& data)
      : data_(detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(std::move(data))) {}

  TObjRef operator*() && {
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<TObjRef>(std::move(data_));
  }

 private:
  // The callee sets the pointer to null through its address when it moves the object out.
  mutable ObjectPtr<Object> data_;

  template <typename, typename>
  friend struct TypeTraits;
};

template <typename TObjRef>
inline constexpr bool use_default_type_traits_v<RValueRef<TObjRef>> = false;

template <typename TObjRef>
struct TypeTraits<RValueRef<TObjRef>> : public TypeTraitsBase {
  using Self = RValueRef<TObjRef>;
  static constexpr bool storage_enabled = false;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIObjectRValueRef,
                      static_cast<const void*>(&src.data_));
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    std::optional<TObjRef> value;
    if (src->type_index == TypeIndex::kTVMFFIObjectRValueRef) {
      TVMFFIAny object = Peek(src);
      if (TypeTraits<TObjRef>::CheckAnyStrict(&object)) {
        return Self(detail::ObjectUnsafe::ObjectRefFromObjectPtr<TObjRef>(std::move(*Slot(src))));
      }
      value = TypeTraits<TObjRef>::TryCastFromAnyView(&object);
    } else {
      value = TypeTraits<TObjRef>::TryCastFromAnyView(src);
    }
    if (!value.has_value()) return std::nullopt;
    return Self(*std::move(value));
  }
  static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIObjectRValueRef) {
      return TypeTraits<TObjRef>::GetMismatchTypeInfo(src);
    }
    TVMFFIAny object = Peek(src);
    return "RValueRef<" + TypeTraits<TObjRef>::GetMismatchTypeInfo(&object) + ">";
  }
  static std::string TypeStr() { return "RValueRef<" + TypeTraits<TObjRef>::TypeStr() + ">"; }
  static std::string TypeSchema() {
    return detail::SchemaText("ObjectRValueRef", {TypeTraits<TObjRef>::TypeSchema()});
  }

 private:
  static ObjectPtr<Object>* Slot(const TVMFFIAny* src) {
    return static_cast<ObjectPtr<Object>*>(src->v_ptr);
  }
  // A view of the object in the caller's slot.
  static TVMFFIAny Peek(const TVMFFIAny* src) {
    TVMFFIAny object;
    detail::WriteObject(detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectPtr(*Slot(src)), &object);
    return object;
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_RVALUE_REF_H_
