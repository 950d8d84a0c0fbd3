// SPDX-License-Identifier: Apache-2.0
//
// StructuralVisitor: what a traversal and the hooks of classes know of one another, and default
// visiting. Traversals with callbacks are in structural_visit.h.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_VISITOR_H_
#define TVM_FFI_EXTRA_STRUCTURAL_VISITOR_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/structural_detail.h>
#include <tvm/ffi/extra/visit_error_context.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/native_function.h>

#include <cstdint>   // int32_t
#include <optional>  // std::optional
#include <string>    // std::string
#include <tuple>     // StructuralVisitorObj::StateTupleType
#include <utility>   // std::move

namespace tvm {
namespace ffi {

// ---- Results -----------------------------------------------------------------------------------

// Returned to end a traversal before its time. Whoever started it gets it.
class VisitInterruptObj : public Object {
 public:
  Any value;

  VisitInterruptObj() = default;
  explicit VisitInterruptObj(Any value) : value(std::move(value)) {}

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIVisitInterrupt;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIVisitInterrupt, VisitInterruptObj,
                                     Object);
};

class VisitInterrupt : public ObjectRef {
 public:
  explicit VisitInterrupt(Any value = nullptr)
      : ObjectRef(ObjectPtr<Object>(make_object<VisitInterruptObj>(std::move(value)))) {}

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(VisitInterrupt, ObjectRef, VisitInterruptObj);
};

// What a callback of StructuralWalk wants: go on, leave out the parts of the value (before they are
// visited), or stop.
class WalkResult : public Variant<VisitInterrupt, int32_t> {
 public:
  static constexpr int32_t kAdvanceTag = 0;
  static constexpr int32_t kSkipTag = 1;

  using Variant<VisitInterrupt, int32_t>::Variant;
  explicit WalkResult(Variant<VisitInterrupt, int32_t> other)
      : Variant<VisitInterrupt, int32_t>(std::move(other)) {}

  static WalkResult Advance() { return WalkResult(kAdvanceTag); }
  static WalkResult Skip() { return WalkResult(kSkipTag); }
  static WalkResult Interrupt(VisitInterrupt interrupt = VisitInterrupt()) {
    return WalkResult(std::move(interrupt));
  }
};

template <>
inline constexpr bool use_default_type_traits_v<WalkResult> = false;

// Tags are Int; None is Advance.
template <>
struct TypeTraits<WalkResult> : public TypeTraits<Variant<VisitInterrupt, int32_t>> {
  using Base = TypeTraits<Variant<VisitInterrupt, int32_t>>;

  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFINone || Base::CheckAnyStrict(src);
  }
  static WalkResult CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return WalkResult::Advance();
    return WalkResult(Base::CopyFromAnyViewAfterCheck(src));
  }
  static WalkResult MoveFromAnyAfterCheck(TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return WalkResult::Advance();
    return WalkResult(Base::MoveFromAnyAfterCheck(src));
  }
  static std::optional<WalkResult> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFINone) return WalkResult::Advance();
    auto result = Base::TryCastFromAnyView(src);
    if (!result.has_value()) return std::nullopt;
    return WalkResult(*std::move(result));
  }
  static std::string TypeStr() { return detail::TypeName("WalkResult"); }
};

// ---- The visitor -------------------------------------------------------------------------------

class StructuralVisitorObj;

// Visits a value. Returns the cell of an Expected<Optional<VisitInterrupt>>: None to go on, a
// VisitInterrupt to stop, or an Error; all owned. The value is borrowed.
using FStructuralVisitABI = TVMFFIAny (*)(StructuralVisitorObj*, AnyView) noexcept;

// The hook `__s_visit__` of a class.
#if defined(TVM_FFI_COMPAT_0_1_14)
using FStructuralVisit = FStructuralVisitABI;  // as before 0.1.15
#else
using FStructuralVisit =
    reflection::NativeFunctionView<Optional<VisitInterrupt>(StructuralVisitorObj*, AnyView)>;
#endif

struct StructuralVisitorVTable {
  FStructuralVisitABI visit;
};

namespace detail {
class StructuralVisitRun;

// Sets a definition region for as long as it lives. A pattern goes on whatever is requested.
class DefRegionScope {
 public:
  DefRegionScope(TVMFFIDefRegionKind* mode, TVMFFIDefRegionKind kind) : mode_(mode), saved_(*mode) {
    *mode_ = EnterDefRegion(saved_, kind);
  }
  ~DefRegionScope() { *mode_ = saved_; }
  DefRegionScope(const DefRegionScope&) = delete;
  DefRegionScope& operator=(const DefRegionScope&) = delete;

 private:
  TVMFFIDefRegionKind* mode_;
  TVMFFIDefRegionKind saved_;
};
}  // namespace detail

// Base of visitors: a table of functions, because visitors cross libraries and languages. A class
// of its own passes its table to the constructor.
class StructuralVisitorObj : public Object {
 public:
  using VisitorObjType = StructuralVisitorObj;
  using StateTupleType = std::tuple<>;

  // Visits a value the way this visitor does.
  Expected<Optional<VisitInterrupt>> VisitExpected(AnyView value) noexcept {
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<Optional<VisitInterrupt>>(
        vtable_->visit(this, value));
  }
  Optional<VisitInterrupt> Visit(AnyView value) { return VisitExpected(value).value(); }

  // Visits the parts of a value, as the hook of its class says, or else its fields. In a hook, for
  // the hook's own argument, this would call the hook again.
  inline Expected<Optional<VisitInterrupt>> DefaultVisitExpected(AnyView value) noexcept;

  TVMFFIDefRegionKind def_region_kind() const noexcept { return def_region_mode_; }

  // Calls callback() in a definition region. Inside a pattern that region goes on instead.
  template <typename Callback>
  auto WithDefRegionKind(TVMFFIDefRegionKind kind, Callback&& callback) {
    detail::DefRegionScope scope(&def_region_mode_, kind);
    return std::forward<Callback>(callback)();
  }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StructuralVisitor", StructuralVisitorObj, Object);

 protected:
  explicit StructuralVisitorObj(const StructuralVisitorVTable* vtable) : vtable_(vtable) {}

  // What callbacks of StructuralWalk get besides the value.
  StateTupleType StateTuple() const noexcept { return {}; }

  const StructuralVisitorVTable* vtable_;
  TVMFFIDefRegionKind def_region_mode_ = kTVMFFIDefRegionKindNone;

 private:
  friend class detail::StructuralVisitRun;
};
static_assert(sizeof(StructuralVisitorObj) == 40, "the layout of visitors is part of the contract");

class StructuralVisitor : public ObjectRef {
 public:
  explicit StructuralVisitor(ObjectPtr<StructuralVisitorObj> data) : ObjectRef(std::move(data)) {
    TVM_FFI_ICHECK(defined()) << "StructuralVisitor cannot be null";
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(StructuralVisitor, ObjectRef, StructuralVisitorObj);
};

// ---- Default visiting --------------------------------------------------------------------------

namespace detail {

inline TVMFFIAny MakeErrorCell(Error error) noexcept {
  return AnyUnsafe::MoveAnyToTVMFFIAny(Any(std::move(error)));
}
// The error that a C function left behind.
TVM_FFI_COLD inline TVMFFIAny TakeRaisedErrorCell() noexcept {
  return MakeErrorCell(MoveFromSafeCallRaised());
}
// The exception being handled.
TVM_FFI_COLD inline TVMFFIAny TakeCaughtErrorCell() noexcept {
  return MakeErrorCell(reflection::detail::CaughtError());
}

// Whether the result of a visit ends the traversal.
inline bool StructuralVisitRawNeedEarlyReturn(const TVMFFIAny& result) noexcept {
  return result.type_index != TypeIndex::kTVMFFINone;
}
inline bool StructuralVisitNeedEarlyReturn(const Optional<VisitInterrupt>& result) noexcept {
  return result.has_value();
}
template <typename T>
inline bool StructuralVisitNeedEarlyReturn(const Expected<T>& result) noexcept {
  return result.type_index() != TypeIndex::kTVMFFINone;
}

// Adds the value to the context of the result if that is an error. The result stays the caller's.
inline TVMFFIAny AttachStructuralVisitErrorContextRaw(TVMFFIAny result, AnyView value) noexcept {
  if (TVM_FFI_PREDICT_FALSE(result.type_index == TypeIndex::kTVMFFIError)) {
    UpdateVisitErrorContext(result, value);
  }
  return result;
}

inline void AttachStructuralVisitErrorContext(const Optional<VisitInterrupt>&, AnyView) noexcept {}
template <typename T>
inline void AttachStructuralVisitErrorContext(const Expected<T>& result, AnyView value) noexcept {
  AttachStructuralVisitErrorContextRaw(
      *AnyUnsafe::TVMFFIAnyPtrFromAny(ExpectedUnsafe::GetData(result)), value);
}

inline const TVMFFIAny* FindStructuralVisitHook(int32_t type_index) {
  static const TVMFFITypeAttrColumn* const column = FindTypeAttrColumn("__s_visit__");
  return FindTypeAttr(column, type_index);
}

TVM_FFI_OUTLINE inline TVMFFIAny CallStructuralVisitHook(const TVMFFIAny& hook,
                                                         StructuralVisitorObj* visitor,
                                                         AnyView value) noexcept {
  if (hook.type_index == TypeIndex::kTVMFFIOpaquePtr) {
    return reinterpret_cast<FStructuralVisitABI>(hook.v_ptr)(visitor, value);
  }
  if (hook.type_index != TypeIndex::kTVMFFIFunction) {
    return MakeErrorCell(Error("TypeError",
                               "__s_visit__ must be an opaque function pointer or ffi.Function",
                               std::string()));
  }
  using View =
      reflection::NativeFunctionView<Optional<VisitInterrupt>(StructuralVisitorObj*, AnyView)>;
  return ExpectedUnsafe::MoveToTVMFFIAny(
      TypeTraits<View>::CopyFromAnyViewAfterCheck(&hook).CallExpected(visitor, value));
}

// Reads a field: 0, or -1 with an error in the thread's slot.
inline int GetStructuralField(const TVMFFIFieldInfo* field, const Object* object, Any* value) {
  *value = Any();  // getters release nothing
  return field->getter(reflection::detail::FieldAddress(field, object),
                       reinterpret_cast<TVMFFIAny*>(value));
}

// Visits the fields of an object, each in the definition region it asks for.
TVM_FFI_OUTLINE inline Expected<Optional<VisitInterrupt>> VisitReflectedFieldsExpected(
    StructuralVisitorObj* visitor, const Object* object) noexcept {
  const TypeInfo* type = TVMFFIGetTypeInfo(object->type_index());
  auto visit_fields = [&]() -> Expected<Optional<VisitInterrupt>> {
    const TVMFFIDefRegionKind region = visitor->def_region_kind();
    StructuralFieldCursor fields(type);
    while (const TVMFFIFieldInfo* field = fields.Next()) {
      Any value;
      if (GetStructuralField(field, object, &value) != 0) return MoveFromSafeCallRaised();
      auto result = visitor->WithDefRegionKind(FieldDefRegion(region, field),
                                               [&] { return visitor->VisitExpected(value); });
      if (StructuralVisitNeedEarlyReturn(result)) return result;
    }
    return Optional<VisitInterrupt>(std::nullopt);
  };
  return visitor->WithDefRegionKind(
      InnerDefRegion(visitor->def_region_kind(), StructuralKind(type)), visit_fields);
}

}  // namespace detail

inline Expected<Optional<VisitInterrupt>> StructuralVisitorObj::DefaultVisitExpected(
    AnyView value) noexcept {
  if (const TVMFFIAny* hook = detail::FindStructuralVisitHook(value.type_index())) {
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<Optional<VisitInterrupt>>(
        detail::CallStructuralVisitHook(*hook, this, value));
  }
  if (value.type_index() < TypeIndex::kTVMFFIStaticObjectBegin) {
    return Optional<VisitInterrupt>(std::nullopt);
  }
  return detail::VisitReflectedFieldsExpected(
      this, detail::AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<Object>(value));
}

}  // namespace ffi
}  // namespace tvm

// In a function that returns an Expected<Optional<VisitInterrupt>> or an Optional<VisitInterrupt>:
// returns what expr gave if that is an error or an interrupt.
#define TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN(expr)                                         \
  {                                                                                      \
    auto tvm_ffi_visit_result = (expr);                                                  \
    if (TVM_FFI_PREDICT_FALSE(                                                           \
            ::tvm::ffi::detail::StructuralVisitNeedEarlyReturn(tvm_ffi_visit_result))) { \
      return static_cast<decltype(tvm_ffi_visit_result)&&>(tvm_ffi_visit_result);        \
    }                                                                                    \
  }

// Used before 0.1.15, when hooks added the node to the context of errors themselves.
#define TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN_WITH_ERROR_CONTEXT(expr, node)                \
  {                                                                                      \
    auto tvm_ffi_visit_result = (expr);                                                  \
    if (TVM_FFI_PREDICT_FALSE(                                                           \
            ::tvm::ffi::detail::StructuralVisitNeedEarlyReturn(tvm_ffi_visit_result))) { \
      ::tvm::ffi::detail::AttachStructuralVisitErrorContext(tvm_ffi_visit_result, node); \
      return static_cast<decltype(tvm_ffi_visit_result)&&>(tvm_ffi_visit_result);        \
    }                                                                                    \
  }

#endif  // TVM_FFI_EXTRA_STRUCTURAL_VISITOR_H_
