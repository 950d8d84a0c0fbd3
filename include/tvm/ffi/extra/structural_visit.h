// SPDX-License-Identifier: Apache-2.0
//
// Traversals of values with callbacks: StructuralWalk, which goes on by itself, and
// StructuralVisit, whose callbacks decide what is visited below.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_VISIT_H_
#define TVM_FFI_EXTRA_STRUCTURAL_VISIT_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/cast.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/structural_visit_detail.h>
#include <tvm/ffi/extra/structural_visitor.h>
#include <tvm/ffi/extra/visit_error_context.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/native_function.h>

#include <cstdint>      // int32_t
#include <tuple>        // std::tuple
#include <type_traits>  // std::decay_t
#include <utility>      // std::move

namespace tvm {
namespace ffi {

// Whether a callback is called before the parts of a value or after them.
enum class WalkOrder : int32_t { kPreOrder = 0, kPostOrder = 1 };

namespace detail {

// ---- Callbacks ---------------------------------------------------------------------------------

template <typename F>
using CallbackArgs = typename FunctionInfo<F>::ArgType;
template <typename F>
inline constexpr size_t num_callback_args_v = std::tuple_size_v<CallbackArgs<F>>;
template <size_t I, typename F>
using CallbackArg = std::tuple_element_t<I, CallbackArgs<F>>;

// The first parameter of a callback, which says what values it is for.
template <typename F>
struct CallbackValue {
  using T = RemoveCRef<CallbackArg<0, F>>;
  static constexpr bool kTakesAll = std::is_same_v<T, Any> || std::is_same_v<T, AnyView>;

  static bool Matches(AnyView value) {
    if constexpr (kTakesAll) {
      return true;
    } else {
      return AnyUnsafe::CheckAnyViewStrict<T>(value);
    }
  }
  static T Read(AnyView value) {
    if constexpr (kTakesAll) {
      return T(value);
    } else {
      const TVMFFIAny cell = value.CopyToTVMFFIAny();
      return TypeTraits<T>::CopyFromAnyViewAfterCheck(&cell);
    }
  }
};

// Calls callback(value, state..., kind), the kind only if the callback takes one.
template <typename F, typename State>
struct StatefulCallback {
  static constexpr size_t kNumState = std::tuple_size_v<State>;
  static constexpr size_t kNumArgs = num_callback_args_v<F>;
  static constexpr bool kIsValid = kNumArgs == kNumState + 1 || kNumArgs == kNumState + 2;

  static decltype(auto) Call(F& callback, AnyView value, const State& state,
                             TVMFFIDefRegionKind kind) {
    return Call(callback, value, state, kind, std::make_index_sequence<kNumState>());
  }

 private:
  template <size_t... I>
  static decltype(auto) Call(F& callback, AnyView value, const State& state,
                             [[maybe_unused]] TVMFFIDefRegionKind kind, std::index_sequence<I...>) {
    if constexpr (kNumArgs == kNumState + 2) {
      return callback(CallbackValue<F>::Read(value), std::get<I>(state)..., kind);
    } else {
      return callback(CallbackValue<F>::Read(value), std::get<I>(state)...);
    }
  }
};

// Whether a class has a DefaultVisitExpected of its own, which the engine then has to call.
template <typename Parent>
inline constexpr bool has_own_default_visit_v =
    !std::is_same_v<decltype(&Parent::DefaultVisitExpected),
                    decltype(&StructuralVisitorObj::DefaultVisitExpected)>;

template <typename Parent>
TVMFFIAny CallDefaultVisit(StructuralVisitorObj* visitor, AnyView value) noexcept {
  return ExpectedUnsafe::MoveToTVMFFIAny<Optional<VisitInterrupt>>(
      static_cast<Parent*>(visitor)->DefaultVisitExpected(value));
}

template <typename Parent>
constexpr StructuralVisitSteps::Step OwnDefaultVisit() {
  if constexpr (has_own_default_visit_v<Parent>) {
    return CallDefaultVisit<Parent>;
  } else {
    return nullptr;
  }
}

}  // namespace detail

// ---- Engines -----------------------------------------------------------------------------------

// The visitor behind StructuralWalk. Parent derives from StructuralVisitorObj and passes on the
// table it is constructed from. It may have a DefaultVisitExpected of its own, and publish state
// for the callbacks: a StateTupleType of const references and a protected StateTuple().
template <typename Parent, WalkOrder order, typename... Callbacks>
class StructuralWalkEngine : public Parent {
  using State = typename Parent::StateTupleType;

  static_assert(std::is_base_of_v<StructuralVisitorObj, Parent>,
                "StructuralWalk Parent must derive from StructuralVisitorObj");
  static_assert((detail::StatefulCallback<Callbacks, State>::kIsValid && ...),
                "StructuralWalk callback takes (value, state...) with an optional trailing "
                "definition-region kind");

 public:
  explicit StructuralWalkEngine(Callbacks... callbacks)
      : Parent(&kVTable), callbacks_(std::move(callbacks)...) {}

 private:
  static TVMFFIAny Visit(StructuralVisitorObj* self, AnyView value) noexcept {
    return detail::StructuralVisitRun::Visit(self, value, kSteps);
  }

  static TVMFFIAny CallBack(StructuralVisitorObj* self, AnyView value) noexcept {
    return static_cast<StructuralWalkEngine*>(self)->Dispatch(
        value, std::index_sequence_for<Callbacks...>());
  }

  template <size_t... I>
  TVMFFIAny Dispatch(AnyView value, std::index_sequence<I...>) noexcept {
    TVMFFIAny result = AnyView().CopyToTVMFFIAny();
    try {
      static_cast<void>((TryCallback(std::get<I>(callbacks_), value, &result) || ...));
    } catch (...) {
      result = detail::TakeCaughtErrorCell();
    }
    return result;
  }

  template <typename F>
  bool TryCallback(F& callback, AnyView value, TVMFFIAny* result) {
    if (!detail::CallbackValue<F>::Matches(value)) return false;
    Expected<WalkResult> returned = detail::StatefulCallback<F, State>::Call(
        callback, value, this->StateTuple(), this->def_region_kind());
    *result = detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(returned));
    return true;
  }

  static constexpr StructuralVisitorVTable kVTable{Visit};
  static constexpr detail::StructuralVisitSteps kSteps{
      order == WalkOrder::kPreOrder ? CallBack : nullptr,
      order == WalkOrder::kPreOrder ? nullptr : CallBack, detail::OwnDefaultVisit<Parent>()};

  std::tuple<Callbacks...> callbacks_;
};

// The visitor behind StructuralVisit. Callbacks get it as a Parent::VisitorObjType*.
template <typename Parent, typename... Callbacks>
class StructuralVisitEngine : public Parent {
  using VisitorObj = typename Parent::VisitorObjType;

  static_assert(std::is_base_of_v<StructuralVisitorObj, Parent>,
                "StructuralVisit Parent must derive from StructuralVisitorObj");
  static_assert(((detail::num_callback_args_v<Callbacks> == 2) && ...),
                "StructuralVisit callback takes (value, visitor)");
  static_assert((std::is_same_v<detail::CallbackArg<1, Callbacks>, VisitorObj*> && ...),
                "second StructuralVisit callback argument must be exactly Parent::VisitorObjType*");

 public:
  explicit StructuralVisitEngine(Callbacks... callbacks)
      : Parent(&kVTable), callbacks_(std::move(callbacks)...) {}

 private:
  static TVMFFIAny Visit(StructuralVisitorObj* self, AnyView value) noexcept {
    return detail::StructuralVisitRun::Visit(self, value, kSteps);
  }

  static TVMFFIAny CallBack(StructuralVisitorObj* self, AnyView value) noexcept {
    return static_cast<StructuralVisitEngine*>(self)->Dispatch(
        value, std::index_sequence_for<Callbacks...>());
  }

  template <size_t... I>
  TVMFFIAny Dispatch(AnyView value, std::index_sequence<I...>) noexcept {
    TVMFFIAny result = AnyView().CopyToTVMFFIAny();
    try {
      static_cast<void>((TryCallback(std::get<I>(callbacks_), value, &result) || ...));
    } catch (...) {
      result = detail::TakeCaughtErrorCell();
    }
    return result;
  }

  // What the callback did is all that is done: its parts are skipped.
  template <typename F>
  bool TryCallback(F& callback, AnyView value, TVMFFIAny* result) {
    if (!detail::CallbackValue<F>::Matches(value)) return false;
    Expected<Optional<VisitInterrupt>> returned =
        callback(detail::CallbackValue<F>::Read(value), static_cast<VisitorObj*>(this));
    *result = detail::ExpectedUnsafe::MoveToTVMFFIAny(std::move(returned));
    if (!detail::StructuralVisitRawNeedEarlyReturn(*result)) {
      *result = AnyView(WalkResult::kSkipTag).CopyToTVMFFIAny();
    }
    return true;
  }

  static constexpr StructuralVisitorVTable kVTable{Visit};
  static constexpr detail::StructuralVisitSteps kSteps{CallBack, nullptr,
                                                       detail::OwnDefaultVisit<Parent>()};

  std::tuple<Callbacks...> callbacks_;
};

// ---- Entry points ------------------------------------------------------------------------------

// Visits a value and all that it holds, calling for each the first callback whose first parameter
// the value is, without conversion. None is left out; what occurs twice is visited twice. Callbacks
// take (T) or (T, TVMFFIDefRegionKind) and return an Expected<WalkResult>. What they throw becomes
// the error, whose context names the objects around it.
template <WalkOrder order, typename... Callbacks>
Expected<Optional<VisitInterrupt>> StructuralWalkExpected(AnyView root,
                                                          Callbacks... callbacks) noexcept {
  static_assert(sizeof...(Callbacks) > 0, "StructuralWalk needs a callback");
  using Engine = StructuralWalkEngine<StructuralVisitorObj, order, Callbacks...>;
  return StructuralVisitor(make_object<Engine>(std::move(callbacks)...))->VisitExpected(root);
}

// The interrupt that a callback returned, if one did. Throws the error.
template <WalkOrder order, typename... Callbacks>
Optional<VisitInterrupt> StructuralWalk(AnyView root, Callbacks... callbacks) {
  return StructuralWalkExpected<order>(root, std::move(callbacks)...).value();
}

// The same with callbacks (T, StructuralVisitorObj* visitor), which return an
// Expected<Optional<VisitInterrupt>>: what lies below a value for which there is a callback is
// visited only as far as the callback does so, through the visitor.
template <typename... Callbacks>
Expected<Optional<VisitInterrupt>> StructuralVisitExpected(AnyView root,
                                                           Callbacks... callbacks) noexcept {
  static_assert(sizeof...(Callbacks) > 0, "StructuralVisit needs a callback");
  using Engine = StructuralVisitEngine<StructuralVisitorObj, Callbacks...>;
  return StructuralVisitor(make_object<Engine>(std::move(callbacks)...))->VisitExpected(root);
}

template <typename... Callbacks>
Optional<VisitInterrupt> StructuralVisit(AnyView root, Callbacks... callbacks) {
  return StructuralVisitExpected(root, std::move(callbacks)...).value();
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_VISIT_H_
