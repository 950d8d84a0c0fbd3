// SPDX-License-Identifier: Apache-2.0
//
// Standard library types as parameters and results of functions. Every crossing copies: sequences
// and tuples become a new Array, maps a new Map, callables a new Function. They cannot be stored in
// an Any as they are.
#ifndef TVM_FFI_EXTRA_STL_H_
#define TVM_FFI_EXTRA_STL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>

#include <array>
#include <cstddef>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <unordered_map>
#include <utility>
#include <variant>
#include <vector>

namespace tvm {
namespace ffi {
namespace detail {

// Shared by all rows: how text is put together, and how an owned value gets into a cell. A view of
// a fresh object has nobody else to own it, so the view form hands the reference over too.
struct StlTypeTraitsBase : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;

 protected:
  template <typename... Args>
  static std::string Name(const char* name) {
    std::string text = name;
    const char* separator = "<";
    ((text.append(separator).append(Type2Str<Args>::v()), separator = ", "), ...);
    return text += '>';
  }
  template <typename... Args>
  static std::string Schema(const char* name, const char* comma) {
    std::string text = R"({"type":")";
    text.append(name).append(R"(","args":[)");
    const char* separator = "";
    ((text.append(separator).append(ffi::detail::TypeSchema<Args>::v()), separator = comma), ...);
    return text += "]}";
  }
  static void Hand(Any value, TVMFFIAny* result) {
    *result = AnyUnsafe::MoveAnyToTVMFFIAny(std::move(value));
  }
  static const SeqBaseObj* AsArray(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIArray ? AsSequence(src) : nullptr;
  }
  static const SeqBaseObj* AsSequence(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIArray || src->type_index == TypeIndex::kTVMFFIList
               ? ObjectUnsafe::RawObjectPtrFromUnowned<SeqBaseObj>(src->v_obj)
               : nullptr;
  }
};

// The element as a T, converted leniently.
template <typename T>
inline std::optional<T> StlElement(const Any& element) {
  if constexpr (std::is_same_v<T, Any>) {
    return element;
  } else {
    return element.try_cast<T>();
  }
}

template <typename MapType, typename K, typename V>
struct StlMapTypeTraits : public StlTypeTraitsBase {
  static void CopyToAnyView(const MapType& src, TVMFFIAny* result) { MoveToAny(src, result); }
  static void MoveToAny(MapType src, TVMFFIAny* result) {
    Map<Any, Any> map;
    for (const auto& [key, value] : src) map.Set(Any(key), Any(value));
    Hand(Any(std::move(map)), result);
  }
  static std::optional<MapType> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIMap) return std::nullopt;
    const auto* map = ObjectUnsafe::RawObjectPtrFromUnowned<MapObj>(src->v_obj);
    MapType result;
    for (const auto& entry : *map) {
      auto key = StlElement<K>(entry.first);
      auto value = StlElement<V>(entry.second);
      if (!key.has_value() || !value.has_value()) return std::nullopt;
      result.insert_or_assign(*std::move(key), *std::move(value));
    }
    return result;
  }
};

}  // namespace detail

template <typename T, size_t N>
struct TypeTraits<std::array<T, N>> : public detail::StlTypeTraitsBase {
  static_assert(N > 0, "std::array of no elements cannot be passed");
  using Self = std::array<T, N>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) { MoveToAny(src, result); }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    Array<Any> array;
    array.reserve(static_cast<int64_t>(N));
    for (T& element : src) array.push_back(Any(std::move(element)));
    Hand(Any(std::move(array)), result);
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    const SeqBaseObj* seq = AsArray(src);
    if (seq == nullptr || seq->size() != N) return std::nullopt;
    return Read(seq->begin(), std::make_index_sequence<N>());
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return "std::array<" + detail::Type2Str<T>::v() + ", " + std::to_string(N) + ">";
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return R"({"type":"std::array","args":[)" + detail::TypeSchema<T>::v() + "," +
           std::to_string(N) + "]}";
  }

 private:
  template <size_t... I>
  static std::optional<Self> Read(const Any* data, std::index_sequence<I...>) {
    std::array<std::optional<T>, N> read = {detail::StlElement<T>(data[I])...};
    if (!(read[I].has_value() && ...)) return std::nullopt;
    return Self{*std::move(read[I])...};
  }
};

template <typename T>
struct TypeTraits<std::vector<T>> : public detail::StlTypeTraitsBase {
  using Self = std::vector<T>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) { MoveToAny(src, result); }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    Array<Any> array;
    array.reserve(static_cast<int64_t>(src.size()));
    for (auto&& element : src) array.push_back(Any(static_cast<T>(std::move(element))));
    Hand(Any(std::move(array)), result);
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    const SeqBaseObj* seq = AsSequence(src);
    if (seq == nullptr) return std::nullopt;
    Self result;
    result.reserve(seq->size());
    for (const Any* element = seq->begin(); element != seq->end(); ++element) {
      auto value = detail::StlElement<T>(*element);
      if (!value.has_value()) return std::nullopt;
      result.push_back(*std::move(value));
    }
    return result;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return Name<T>("std::vector"); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return Schema<T>("std::vector", ","); }
};

template <typename T>
struct TypeTraits<std::optional<T>> : public TypeTraitsBase {
  using Self = std::optional<T>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    if (src.has_value()) {
      TypeTraits<T>::CopyToAnyView(*src, result);
    } else {
      TypeTraits<std::nullptr_t>::CopyToAnyView(nullptr, result);
    }
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    if (src.has_value()) {
      TypeTraits<T>::MoveToAny(*std::move(src), result);
    } else {
      TypeTraits<std::nullptr_t>::MoveToAny(nullptr, result);
    }
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFINone || TypeTraits<T>::CheckAnyStrict(src);
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self();
    return Self(TypeTraits<T>::CopyFromAnyViewAfterCheck(src));
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self();
    return Self(TypeTraits<T>::MoveFromAnyAfterCheck(src));
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return Self();
    auto value = TypeTraits<T>::TryCastFromAnyView(src);
    if (!value.has_value()) return std::nullopt;
    return Self(*std::move(value));
  }
  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    return TypeTraits<T>::GetMismatchTypeInfo(src);
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName("std::optional", {&detail::Type2Str<T>::v});
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText("std::optional", {&detail::TypeSchema<T>::v});
  }
};

template <typename... Ts>
struct TypeTraits<std::variant<Ts...>> : public TypeTraitsBase {
  using Self = std::variant<Ts...>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) {
    std::visit([result](const auto& value) { Write(value, result); }, src);
  }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    std::visit(
        [result](auto&& value) {
          using T = std::decay_t<decltype(value)>;
          TypeTraits<T>::MoveToAny(std::move(value), result);
        },
        std::move(src));
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return (TypeTraits<Ts>::CheckAnyStrict(src) || ...);
  }
  static Self CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    std::optional<Self> result;
    static_cast<void>((CopyAlternative<Ts>(src, &result) || ...));
    return *std::move(result);
  }
  static Self MoveFromAnyAfterCheck(TVMFFIAny* src) {
    std::optional<Self> result;
    static_cast<void>((MoveAlternative<Ts>(src, &result) || ...));
    return *std::move(result);
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    std::optional<Self> result;
    static_cast<void>((CastAlternative<Ts>(src, &result) || ...));
    return result;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return Text(", ", false); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return R"({"type":"std::variant","args":[)" + Text(", ", true) + "]}";
  }

 private:
  template <typename T>
  static void Write(const T& value, TVMFFIAny* result) {
    TypeTraits<T>::CopyToAnyView(value, result);
  }
  template <typename T>
  static bool CopyAlternative(const TVMFFIAny* src, std::optional<Self>* result) {
    if (!TypeTraits<T>::CheckAnyStrict(src)) return false;
    result->emplace(TypeTraits<T>::CopyFromAnyViewAfterCheck(src));
    return true;
  }
  template <typename T>
  static bool MoveAlternative(TVMFFIAny* src, std::optional<Self>* result) {
    if (!TypeTraits<T>::CheckAnyStrict(src)) return false;
    result->emplace(TypeTraits<T>::MoveFromAnyAfterCheck(src));
    return true;
  }
  template <typename T>
  static bool CastAlternative(const TVMFFIAny* src, std::optional<Self>* result) {
    auto value = TypeTraits<T>::TryCastFromAnyView(src);
    if (!value.has_value()) return false;
    result->emplace(*std::move(value));
    return true;
  }
  static std::string Text(const char* comma, bool schema) {
    std::string text = schema ? "" : "std::variant<";
    const char* separator = "";
    ((text.append(separator).append(schema ? detail::TypeSchema<Ts>::v()
                                           : detail::Type2Str<Ts>::v()),
      separator = comma),
     ...);
    return schema ? text : text + ">";
  }
};

template <typename... Ts>
struct TypeTraits<std::tuple<Ts...>> : public detail::StlTypeTraitsBase {
  static_assert(sizeof...(Ts) > 0, "std::tuple of no elements cannot be passed");
  using Self = std::tuple<Ts...>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) { MoveToAny(src, result); }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    std::apply(
        [result](Ts&... elements) { Hand(Any(Array<Any>{Any(std::move(elements))...}), result); },
        src);
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    const SeqBaseObj* seq = AsArray(src);
    if (seq == nullptr || seq->size() != sizeof...(Ts)) return std::nullopt;
    return Read(seq->begin(), std::index_sequence_for<Ts...>());
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return Name<Ts...>("std::tuple"); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return Schema<Ts...>("std::tuple", ", "); }

 private:
  template <size_t... I>
  static std::optional<Self> Read(const Any* data, std::index_sequence<I...>) {
    std::tuple<std::optional<Ts>...> read(detail::StlElement<Ts>(data[I])...);
    if (!(std::get<I>(read).has_value() && ...)) return std::nullopt;
    return Self(*std::move(std::get<I>(read))...);
  }
};

template <typename K, typename V>
struct TypeTraits<std::map<K, V>> : public detail::StlMapTypeTraits<std::map<K, V>, K, V> {
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::StlTypeTraitsBase::Name<K, V>("std::map");
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::StlTypeTraitsBase::Schema<K, V>("std::map", ",");
  }
};

template <typename K, typename V>
struct TypeTraits<std::unordered_map<K, V>>
    : public detail::StlMapTypeTraits<std::unordered_map<K, V>, K, V> {
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::StlTypeTraitsBase::Name<K, V>("std::unordered_map");
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::StlTypeTraitsBase::Schema<K, V>("std::unordered_map", ",");
  }
};

template <typename R, typename... Args>
struct TypeTraits<std::function<R(Args...)>> : public detail::StlTypeTraitsBase {
  using Self = std::function<R(Args...)>;

  static void CopyToAnyView(const Self& src, TVMFFIAny* result) { MoveToAny(src, result); }
  static void MoveToAny(Self src, TVMFFIAny* result) {
    Hand(Any(Function::FromTyped(std::move(src))), result);
  }
  static std::optional<Self> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIFunction) return std::nullopt;
    return Self(TypedFunction<R(Args...)>(TypeTraits<Function>::CopyFromAnyViewAfterCheck(src)));
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    std::string params;
    [[maybe_unused]] const char* separator = "";  // without parameters
    ((params.append(separator).append(detail::Type2Str<Args>::v()), separator = ", "), ...);
    return "std::function<" + detail::Type2Str<R>::v() + "(" + params + ")>";
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    std::string params;
    [[maybe_unused]] const char* separator = "";  // without parameters
    ((params.append(separator).append(detail::TypeSchema<Args>::v()), separator = ", "), ...);
    return R"({"type":"std::function","named_args":{"return":[)" + detail::TypeSchema<R>::v() +
           R"(],"params":[)" + params + "]}}";
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STL_H_
