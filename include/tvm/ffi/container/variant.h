// SPDX-License-Identifier: Apache-2.0
//
// Variant<V...>: a value of one of several types, stored as Any.
#ifndef TVM_FFI_CONTAINER_VARIANT_H_
#define TVM_FFI_CONTAINER_VARIANT_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>

#include <cstddef>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

template <typename... V>
class Variant {
 public:
  static_assert(detail::all_storage_enabled_v<V...>,
                "All types used in Variant<...> must be compatible with Any");

  // Whether T is one of the alternatives or a special case of one.
  template <typename T>
  static constexpr bool variant_contains_v = (type_subsumes_v<V, T> || ...);

  Variant(const Variant&) = default;
  Variant(Variant&&) noexcept = default;
  Variant& operator=(const Variant&) = default;
  Variant& operator=(Variant&&) noexcept = default;
  template <typename T, typename = std::enable_if_t<variant_contains_v<T>>>
  Variant(T value) : data_(std::move(value)) {}  // NOLINT(*)
  template <typename T, typename = std::enable_if_t<variant_contains_v<T>>>
  Variant& operator=(T value) {
    data_ = Any(std::move(value));
    return *this;
  }

  // The value if it is a T as it stands: std::optional<T>, or a pointer for object classes.
  template <typename T>
  auto as() const {
    return data_.template as<T>();
  }
  // TypeError if the value does not convert.
  template <typename T>
  T get() const& {
    return data_.template cast<T>();
  }
  template <typename T>
  T get() && {
    return std::move(data_).template cast<T>();
  }

  std::string GetTypeKey() const { return data_.GetTypeKey(); }
  bool same_as(const Variant& other) const { return data_.same_as(other.data_); }

  static constexpr bool _type_container_is_exact = false;

 private:
  friend struct TypeTraits<Variant>;
  friend struct ObjectPtrHash;

  // The value is known to be one of the alternatives.
  struct Checked {
    Any value;
  };
  explicit Variant(Checked checked) : data_(std::move(checked.value)) {}

  Any data_;
};

template <typename... V>
size_t ObjectPtrHash::operator()(const Variant<V...>& variant) const {
  static_assert(detail::all_object_ref_v<V...>,
                "ObjectPtrHash takes a Variant of object references only");
  return Hash(detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(variant.data_));
}

template <typename... V>
bool ObjectPtrEqual::operator()(const Variant<V...>& a, const Variant<V...>& b) const {
  static_assert(detail::all_object_ref_v<V...>,
                "ObjectPtrEqual takes Variants of object references only");
  return a.same_as(b);
}

// ---- Traits ------------------------------------------------------------------------------------

template <typename... V, typename T>
inline constexpr bool type_subsumes_v<Variant<V...>, T> = std::is_same_v<Variant<V...>, T> ||
                                                          (type_subsumes_v<V, T> || ...);

template <typename... V>
inline constexpr bool use_default_type_traits_v<Variant<V...>> = false;

template <typename... V>
struct TypeTraits<Variant<V...>> : public TypeTraitsBase {
  using Self = Variant<V...>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    *result = *detail::AnyUnsafe::TVMFFIAnyPtrFromAny(src.data_);
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    *result = detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(src.data_));
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return (CheckAlternative(src, detail::CellTraits<V>::kCheck) || ...);
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Self(typename Self::Checked{Any(AnyView::CopyFromTVMFFIAny(*src))});
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    return Self(typename Self::Checked{detail::AnyUnsafe::MoveTVMFFIAnyToAny(src)});
  }
  // The value as it is if it can be, else converted to the first alternative that takes it.
  static bool ConvertInto(const TVMFFIAny* src, TVMFFIAny* out) {
    if (!CheckAnyStrict(src)) return (ConvertTo<V>(src, out) || ...);
    *out = *src;
    detail::InplaceConvertAnyViewToAny(out);
    return true;
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    return detail::TryConvert<Self>(src);
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::ContainerTypeStr<V...>("Variant"); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText("Variant", {&detail::TypeSchema<V>::v...});
  }

 private:
  template <typename T>
  static bool ConvertTo(const TVMFFIAny* src, TVMFFIAny* out) {
    return detail::CellTraits<T>::kConvert(src, out);
  }
  static bool CheckAlternative(const TVMFFIAny* src, detail::FCheckCell check) {
    return check == nullptr || check(src);
  }
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_VARIANT_H_
