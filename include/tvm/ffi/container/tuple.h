// SPDX-License-Identifier: Apache-2.0
//
// Tuple<T...>: an Array of fixed length whose elements have types of their own. Copy-on-write.
#ifndef TVM_FFI_CONTAINER_TUPLE_H_
#define TVM_FFI_CONTAINER_TUPLE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/object.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

template <typename... Types>
class Tuple;

// Here because constructors of Tuple depend on it.
template <typename... T, typename... U>
inline constexpr bool type_subsumes_v<Tuple<T...>, Tuple<U...>> = [] {
  if constexpr (sizeof...(T) == sizeof...(U)) {
    return (type_subsumes_v<T, U> && ...);
  } else {
    return false;
  }
}();

namespace detail {

// Whether the only argument of a constructor of TupleT is a tuple to share rather than an element.
template <typename TupleT, typename... Args>
inline constexpr bool is_tuple_to_share_v = false;
template <typename TupleT, typename Arg>
inline constexpr bool is_tuple_to_share_v<TupleT, Arg> =
    std::is_base_of_v<TupleT, std::decay_t<Arg>> || type_subsumes_v<TupleT, std::decay_t<Arg>>;

}  // namespace detail

template <typename... Types>
class Tuple : public ObjectRef {
 public:
  static_assert(detail::all_storage_enabled_v<Types...>,
                "All types used in Tuple<...> must be compatible with Any");

  template <size_t I>
  using element_t = std::tuple_element_t<I, std::tuple<Types...>>;

  Tuple() : ObjectRef(Make(Types()...)) {}
  explicit Tuple(UnsafeInit tag) : ObjectRef(tag) {}
  Tuple(const Tuple&) = default;
  Tuple(Tuple&&) = default;
  Tuple& operator=(const Tuple&) = default;
  Tuple& operator=(Tuple&&) = default;
  // Shares the elements of a tuple whose elements are all valid here.
  template <typename... U,
            typename = std::enable_if_t<type_subsumes_v<Tuple<Types...>, Tuple<U...>>>>
  Tuple(const Tuple<U...>& other) : ObjectRef(other) {}  // NOLINT(*)
  template <typename... U,
            typename = std::enable_if_t<type_subsumes_v<Tuple<Types...>, Tuple<U...>>>>
  Tuple(Tuple<U...>&& other) : ObjectRef(std::move(other)) {}  // NOLINT(*)
  template <typename... U,
            typename = std::enable_if_t<type_subsumes_v<Tuple<Types...>, Tuple<U...>>>>
  Tuple& operator=(const Tuple<U...>& other) {
    return *this = Tuple(other);
  }
  template <typename... U,
            typename = std::enable_if_t<type_subsumes_v<Tuple<Types...>, Tuple<U...>>>>
  Tuple& operator=(Tuple<U...>&& other) {
    return *this = Tuple(std::move(other));
  }
  // One argument per element, converted as by `Type(argument)`.
  template <typename... Args, typename = std::enable_if_t<
                                  (sizeof...(Args) > 0 && sizeof...(Args) == sizeof...(Types) &&
                                   !detail::is_tuple_to_share_v<Tuple, Args...>)>>
  explicit Tuple(Args&&... args) : ObjectRef(Make(Types(std::forward<Args>(args))...)) {}
  // Must be an ArrayObj with valid elements; InternalError if null.
  explicit Tuple(ObjectPtr<Object> ptr) : ObjectRef(std::move(ptr)) {
    detail::CheckContainerNotNull(data_);
  }

  using ObjectRef::get;
  template <size_t I>
  element_t<I> get() const& {
    static_assert(I < sizeof...(Types), "Tuple index out of bounds");
    return detail::CellReader<element_t<I>>::convert(Elements()->begin()[I]);
  }
  // Moves the element out if no one else has this tuple; None takes its place.
  template <size_t I>
  element_t<I> get() && {
    static_assert(I < sizeof...(Types), "Tuple index out of bounds");
    using T = element_t<I>;
    if constexpr (!std::is_pointer_v<T>) {
      if (unique()) {
        return detail::AnyUnsafe::MoveFromAnyAfterCheck<T>(
            std::move(Elements()->MutableBegin()[I]));
      }
    }
    return detail::CellReader<T>::convert(Elements()->begin()[I]);
  }

  // Leaves other handles alone.
  template <size_t I, typename U>
  void Set(U&& item) {
    static_assert(I < sizeof...(Types), "Tuple index out of bounds");
    element_t<I> value(std::forward<U>(item));
    ArrayObj::MakeWritable(&data_)->SetItemAfterCheck(I, Any(std::move(value)));
  }

  using ContainerType = ArrayObj;
  static constexpr bool _type_container_is_exact = false;
  static constexpr bool _type_is_nullable = false;

 private:
  static ObjectPtr<ArrayObj> Make(Types... items) {
    ObjectPtr<ArrayObj> array = ArrayObj::Empty(sizeof...(Types));
    (array->AppendReserved(Any(std::move(items))), ...);
    return array;
  }
  ArrayObj* Elements() const { return static_cast<ArrayObj*>(data_.get()); }
};

template <typename... Args>
Tuple(Args&&...) -> Tuple<std::decay_t<Args>...>;

// For structured bindings and get<I>(t).
template <size_t I, typename... Types>
inline auto get(const Tuple<Types...>& tuple) {
  return tuple.template get<I>();
}
template <size_t I, typename... Types>
inline auto get(Tuple<Types...>&& tuple) {
  return std::move(tuple).template get<I>();
}

// ---- Traits ------------------------------------------------------------------------------------

namespace detail {

TVM_FFI_OUTLINE inline bool CheckTupleCells(const SeqBaseObj* seq, const FCheckCell* checks,
                                            size_t n) {
  if (seq->size() != n) return false;
  for (size_t i = 0; i < n; ++i) {
    if (!CheckCell(seq->begin()[i], checks[i])) return false;
  }
  return true;
}

// Writes a new array of the elements, each converted, or returns false.
TVM_FFI_OUTLINE inline bool ConvertTuple(const SeqBaseObj* from, const FConvertCell* converts,
                                         size_t n, TVMFFIAny* out) {
  if (from->size() != n) return false;
  ObjectPtr<ArrayObj> to = ArrayObj::CreateRepeated(static_cast<int64_t>(n), Any());
  for (size_t i = 0; i < n; ++i) {
    Any converted;
    if (!ConvertCell(from->begin()[i], converts[i], &converted)) return false;
    to->SetItemAfterCheck(static_cast<int64_t>(i), std::move(converted));
  }
  return WriteNewObject(std::move(to), out);
}

using FMismatch = std::string (*)(const TVMFFIAny*);

// What keeps an array from being a tuple: its size, or the first element that does not convert, or
// failing that, is not of the type as it stands.
TVM_FFI_COLD inline std::string TupleMismatch(const SeqBaseObj* seq, const FCheckCell* checks,
                                              const FConvertCell* converts,
                                              const FMismatch* mismatches, size_t n) {
  if (seq->size() != n) {
    MessageStream text;
    text << "Array[size=" << seq->size() << "]";
    return text.Take();
  }
  for (bool strict : {false, true}) {
    for (size_t i = 0; i < n; ++i) {
      const Any& cell = seq->begin()[i];
      if (strict ? CheckCell(cell, checks[i]) : CellConverts(cell, converts[i])) continue;
      return IndexMismatch("Array", static_cast<int64_t>(i),
                           mismatches[i](AnyUnsafe::TVMFFIAnyPtrFromAny(cell)));
    }
  }
  return "Array";
}

}  // namespace detail

template <typename... Types>
inline constexpr bool use_default_type_traits_v<Tuple<Types...>> = false;

template <typename... Types>
struct TypeTraits<Tuple<Types...>> : public ObjectRefTypeTraitsBase<Tuple<Types...>> {
  using Base = ObjectRefTypeTraitsBase<Tuple<Types...>>;

  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIArray &&
           detail::CheckTupleCells(Elements(src), kChecks, sizeof...(Types));
  }

  // From arrays only: a List may change its length.
  static bool ConvertInto(const TVMFFIAny* src, TVMFFIAny* out) {
    if (src->type_index != TypeIndex::kTVMFFIArray) return false;
    if (CheckAnyStrict(src)) return detail::ShareObject(src, out);
    return detail::ConvertTuple(Elements(src), kConverts, sizeof...(Types), out);
  }
  static std::optional<Tuple<Types...>> TryCastFromAnyView(const TVMFFIAny* src) {
    return detail::TryConvert<Tuple<Types...>>(src);
  }

  TVM_FFI_COLD static std::string GetMismatchTypeInfo(const TVMFFIAny* src) {
    if (src->type_index != TypeIndex::kTVMFFIArray) {
      return TypeTraitsBase::GetMismatchTypeInfo(src);
    }
    const detail::FMismatch mismatches[] = {&detail::CellTraits<Types>::Mismatch..., nullptr};
    return detail::TupleMismatch(Elements(src), kChecks, kConverts, mismatches, sizeof...(Types));
  }

  TVM_FFI_LOCAL static std::string TypeStr() { return detail::ContainerTypeStr<Types...>("Tuple"); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    if constexpr (sizeof...(Types) == 0) return R"({"type":"Tuple","args":[]})";
    return detail::SchemaText("Tuple", {&detail::TypeSchema<Types>::v...});
  }

 private:
  // The null at the end is for the empty tuple.
  TVM_FFI_LOCAL static constexpr detail::FCheckCell kChecks[] = {
      detail::CellTraits<Types>::kCheck..., nullptr};
  TVM_FFI_LOCAL static constexpr detail::FConvertCell kConverts[] = {
      detail::CellTraits<Types>::kConvert..., nullptr};

  static const SeqBaseObj* Elements(const TVMFFIAny* src) {
    return detail::ObjectUnsafe::RawObjectPtrFromUnowned<SeqBaseObj>(src->v_obj);
  }
};

}  // namespace ffi
}  // namespace tvm

template <typename... Types>
struct std::tuple_size<::tvm::ffi::Tuple<Types...>>
    : public std::integral_constant<size_t, sizeof...(Types)> {};

template <size_t I, typename... Types>
struct std::tuple_element<I, ::tvm::ffi::Tuple<Types...>>
    : public std::tuple_element<I, std::tuple<Types...>> {};

#endif  // TVM_FFI_CONTAINER_TUPLE_H_
