// SPDX-License-Identifier: Apache-2.0
//
// RValueRef: an argument whose reference the callee may take over, so that an object of which the
// caller gave up the only reference stays unique.
#ifndef TVM_FFI_RVALUE_REF_H_
#define TVM_FFI_RVALUE_REF_H_

#include <tvm/ffi/object.h>
#include <tvm/ffi/type_traits.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

template <typename TObjRef, typename = std::enable_if_t<std::is_base_of_v<ObjectRef, TObjRef>>>
class RValueRef {
 public:
  using ContainerType = typename TObjRef::ContainerType;

  explicit RValueRef(TObjRef&& data)
      : data_(detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(std::move(data))) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(RValueRef);

  TObjRef operator*() && {
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<TObjRef>(std::move(data_));
  }

 private:
  // Its address is what travels in a view; the callee may leave null behind.
  mutable ObjectPtr<Object> data_;

  template <typename, typename>
  friend struct TypeTraits;
};

template <typename TObjRef>
RValueRef(TObjRef&&) -> RValueRef<std::remove_reference_t<TObjRef>>;

// Travels in calls only. From an r-value reference the object is moved if it needs no conversion;
// any other source is copied.
template <typename TObjRef>
struct TypeTraits<RValueRef<TObjRef>, void> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;

  static void CopyToAnyView(const RValueRef<TObjRef>& src, TVMFFIAny* result) {
    static_assert(sizeof(src.data_) == sizeof(TVMFFIObject*), "the slot is the pointer itself");
    detail::WriteCell(result, TypeIndex::kTVMFFIObjectRValueRef, &src.data_);
  }
  static void MoveToAny(RValueRef<TObjRef> src, TVMFFIAny* result) {
    TypeTraits<TObjRef>::MoveToAny(*std::move(src), result);
  }
  static std::optional<RValueRef<TObjRef>> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIObjectRValueRef) return Wrap(src);
    TVMFFIObject** slot = static_cast<TVMFFIObject**>(src->v_ptr);
    TVMFFIAny object = ObjectIn(src);
    if (!TypeTraits<TObjRef>::CheckAnyStrict(&object)) return Wrap(&object);
    *slot = nullptr;
    return RValueRef<TObjRef>(TypeTraits<TObjRef>::MoveFromAnyAfterCheck(&object));
  }
  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIObjectRValueRef) {
      return TypeTraits<TObjRef>::GetMismatchTypeInfo(src);
    }
    TVMFFIAny object = ObjectIn(src);
    return "RValueRef<" + TypeTraits<TObjRef>::GetMismatchTypeInfo(&object) + ">";
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName("RValueRef", {&TypeTraits<TObjRef>::TypeStr});
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText("ObjectRValueRef", {&TypeTraits<TObjRef>::TypeSchema});
  }

 private:
  // The object in the slot, borrowed, as a cell of its own.
  static TVMFFIAny ObjectIn(const TVMFFIAny* src) {
    TVMFFIAny object;
    detail::WriteObject(*static_cast<TVMFFIObject**>(src->v_ptr), &object);
    return object;
  }
  static std::optional<RValueRef<TObjRef>> Wrap(const TVMFFIAny* src) {
    auto value = TypeTraits<TObjRef>::TryCastFromAnyView(src);
    if (!value.has_value()) return std::nullopt;
    return RValueRef<TObjRef>(*std::move(value));
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_RVALUE_REF_H_
