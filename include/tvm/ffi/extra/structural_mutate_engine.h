// SPDX-License-Identifier: Apache-2.0
//
// The mutators behind StructuralMap and StructuralMutate, for layers that add to them.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_MUTATE_ENGINE_H_
#define TVM_FFI_EXTRA_STRUCTURAL_MUTATE_ENGINE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/structural_mutate_detail.h>
#include <tvm/ffi/extra/structural_mutator.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/extra/unchanged_or.h>
#include <tvm/ffi/function.h>

#include <cstddef>        // size_t
#include <cstdint>        // int32_t
#include <string>         // std::string
#include <tuple>          // std::tuple
#include <type_traits>    // std::is_convertible_v
#include <unordered_map>  // StructuralMapEngineBase
#include <utility>        // std::move
#include <vector>         // std::vector

namespace tvm {
namespace ffi {
namespace detail {

template <typename Parent>
inline constexpr bool has_own_default_mutate_v =
    !std::is_same_v<decltype(&Parent::DefaultMutateExpected),
                    decltype(&StructuralMutatorObj::DefaultMutateExpected)>;

template <typename Parent>
TVMFFIAny CallDefaultMutate(StructuralMutatorObj* mutator, AnyView value,
                            InplaceMode mode) noexcept {
  return ExpectedUnsafe::MoveToTVMFFIAny<UnchangedOr<Any>>(
      static_cast<Parent*>(mutator)->DefaultMutateExpected(value, mode));
}

template <typename Parent>
constexpr StructuralMutateSteps::Descend OwnDefaultMutate() {
  if constexpr (has_own_default_mutate_v<Parent>) {
    return CallDefaultMutate<Parent>;
  } else {
    return nullptr;
  }
}

}  // namespace detail

// Remembers what became of variables and shared nodes, by identity. Parent of all engines.
class StructuralMapEngineBase : public StructuralMutatorObj {
 public:
  using StateTupleType = std::tuple<>;

 protected:
  explicit StructuralMapEngineBase(const StructuralMutatorVTable* vtable)
      : StructuralMutatorObj(vtable) {}

  // What callbacks of StructuralMap get besides the value.
  StateTupleType StateTuple() const noexcept { return {}; }

  static TVMFFIAny VarRemapGet(StructuralMutatorObj* self, AnyView var) noexcept {
    if (!IsKey(var)) return KeyError();
    auto& remap = static_cast<StructuralMapEngineBase*>(self)->remap_;
    auto it = remap.find(detail::AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<Object>(var));
    return detail::AnyUnsafe::MoveAnyToTVMFFIAny(it != remap.end() ? it->second.mapped : Any());
  }
  static TVMFFIAny VarRemapSet(StructuralMutatorObj* self, AnyView var, AnyView mapped) noexcept {
    if (!IsKey(var)) return KeyError();
    auto& remap = static_cast<StructuralMapEngineBase*>(self)->remap_;
    remap[detail::AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<Object>(var)] = {Any(var),
                                                                                Any(mapped)};
    return AnyView().CopyToTVMFFIAny();
  }

 private:
  struct Entry {
    Any var;  // held so that no other object takes its address
    Any mapped;
  };

  static bool IsKey(AnyView var) { return var.type_index() >= TypeIndex::kTVMFFIStaticObjectBegin; }
  TVM_FFI_COLD static TVMFFIAny KeyError() {
    return detail::MakeErrorCell(
        Error("TypeError", "Variable-remap key must be an object-backed value", std::string()));
  }

  std::unordered_map<const Object*, Entry> remap_;
};

// The mutator behind StructuralMap. Parent derives from StructuralMapEngineBase and passes on the
// table it is constructed from. It may have a DefaultMutateExpected(AnyView, InplaceMode) of its
// own, and publish state for the callbacks: a StateTupleType of const references and a protected
// StateTuple().
template <typename Parent, WalkOrder order, typename... Callbacks>
class StructuralMapEngine : public Parent {
  using State = typename Parent::StateTupleType;

  static_assert(std::is_base_of_v<StructuralMapEngineBase, Parent>,
                "StructuralMap Parent must derive from StructuralMapEngineBase");
  static_assert((detail::StatefulCallback<Callbacks, State>::kIsValid && ...),
                "StructuralMap callback takes (value, state...) with an optional trailing "
                "definition-region kind");
  static_assert(
      (std::is_convertible_v<typename detail::FunctionInfo<Callbacks>::RetType, Expected<Any>> &&
       ...),
      "StructuralMap callbacks must return a replacement value, Error, Unexpected, "
      "unchanged marker, or Expected<Any>");

 public:
  explicit StructuralMapEngine(Callbacks... callbacks)
      : Parent(&kVTable), callbacks_(std::move(callbacks)...) {}

 private:
  using Verdict = detail::StructuralMutateSteps::Verdict;

  template <InplaceMode mode>
  static TVMFFIAny Mutate(StructuralMutatorObj* self, AnyView value) noexcept {
    return detail::StructuralMutateRun::Mutate(self, value, mode, kSteps);
  }

  static Verdict Enter(StructuralMutatorObj* self, AnyView value, InplaceMode,
                       Any* result) noexcept {
    return static_cast<StructuralMapEngine*>(self)->Dispatch(value, result) ? Verdict::kReplace
                                                                            : Verdict::kDescend;
  }
  static TVMFFIAny Leave(StructuralMutatorObj* self, AnyView value) noexcept {
    Any result = Unchanged();
    static_cast<StructuralMapEngine*>(self)->Dispatch(value, &result);
    return detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(result));
  }

  // Whether there is a callback for the value; *result is what it returned.
  bool Dispatch(AnyView value, Any* result) noexcept {
    return Dispatch(value, result, std::index_sequence_for<Callbacks...>());
  }
  template <size_t... I>
  bool Dispatch(AnyView value, Any* result, std::index_sequence<I...>) noexcept {
    try {
      return (TryCallback(std::get<I>(callbacks_), value, result) || ...);
    } catch (...) {
      *result = detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(detail::TakeCaughtErrorCell());
      return true;
    }
  }
  template <typename F>
  bool TryCallback(F& callback, AnyView value, Any* result) {
    if (!detail::CallbackValue<F>::Matches(value)) return false;
    Expected<Any> returned = detail::StatefulCallback<F, State>::Call(
        callback, value, this->StateTuple(), this->def_region_kind());
    *result = detail::ExpectedUnsafe::GetData(returned);
    return true;
  }

  static constexpr StructuralMutatorVTable kVTable{
      Mutate<InplaceMode::kDisallow>, Mutate<InplaceMode::kAllow>, StructuralMapEngine::VarRemapGet,
      StructuralMapEngine::VarRemapSet};
  static constexpr detail::StructuralMutateSteps kSteps{
      order == WalkOrder::kPreOrder ? Enter : nullptr,
      order == WalkOrder::kPreOrder ? nullptr : Leave, detail::OwnDefaultMutate<Parent>()};

  std::tuple<Callbacks...> callbacks_;
};

// The same with functions chosen by type index, the first in the first list first.
template <typename Parent, WalkOrder order>
class StructuralMapDynEngine : public Parent {
  static_assert(std::is_base_of_v<StructuralMapEngineBase, Parent>,
                "StructuralMap Parent must derive from StructuralMapEngineBase");

 public:
  using CallbackList = Array<Tuple<int32_t, Function>>;

  StructuralMapDynEngine(const CallbackList& callbacks,
                         const CallbackList& callbacks_with_def_region_kind)
      : Parent(&kVTable) {
    Add(callbacks, false);
    Add(callbacks_with_def_region_kind, true);
  }

 private:
  using Verdict = detail::StructuralMutateSteps::Verdict;
  struct Callback {
    int32_t type_index;
    Function function;
    bool takes_kind;
  };

  void Add(const CallbackList& callbacks, bool takes_kind) {
    for (const Tuple<int32_t, Function>& entry : callbacks) {
      callbacks_.push_back({entry.template get<0>(), entry.template get<1>(), takes_kind});
    }
  }

  template <InplaceMode mode>
  static TVMFFIAny Mutate(StructuralMutatorObj* self, AnyView value) noexcept {
    return detail::StructuralMutateRun::Mutate(self, value, mode, kSteps);
  }

  static Verdict Enter(StructuralMutatorObj* self, AnyView value, InplaceMode,
                       Any* result) noexcept {
    return static_cast<StructuralMapDynEngine*>(self)->Dispatch(value, result) ? Verdict::kReplace
                                                                               : Verdict::kDescend;
  }
  static TVMFFIAny Leave(StructuralMutatorObj* self, AnyView value) noexcept {
    Any result = Unchanged();
    static_cast<StructuralMapDynEngine*>(self)->Dispatch(value, &result);
    return detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(result));
  }

  bool Dispatch(AnyView value, Any* result) const noexcept {
    for (const Callback& callback : callbacks_) {
      if (!detail::CallbackTypeMatches(value.type_index(), callback.type_index)) continue;
      const AnyView args[] = {value, static_cast<int32_t>(this->def_region_kind())};
      *result = detail::CallSafe(callback.function.get(), args, callback.takes_kind ? 2 : 1);
      return true;
    }
    return false;
  }

  static constexpr StructuralMutatorVTable kVTable{
      Mutate<InplaceMode::kDisallow>, Mutate<InplaceMode::kAllow>,
      StructuralMapDynEngine::VarRemapGet, StructuralMapDynEngine::VarRemapSet};
  static constexpr detail::StructuralMutateSteps kSteps{
      order == WalkOrder::kPreOrder ? Enter : nullptr,
      order == WalkOrder::kPreOrder ? nullptr : Leave, detail::OwnDefaultMutate<Parent>()};

  std::vector<Callback> callbacks_;
};

// The mutator behind StructuralMutate. Callbacks get it as a Parent::MutatorObjType*.
template <typename Parent, typename... Callbacks>
class StructuralMutateEngine : public Parent {
  using MutatorObj = typename Parent::MutatorObjType;
  template <typename F>
  static constexpr size_t kNumArgs = detail::num_callback_args_v<F>;
  template <typename F>
  static constexpr bool TakesMode() {
    if constexpr (kNumArgs<F> == 3) {
      return std::is_same_v<detail::RemoveCRef<detail::CallbackArg<2, F>>, InplaceMode>;
    } else {
      return true;
    }
  }

  static_assert(std::is_base_of_v<StructuralMapEngineBase, Parent>,
                "StructuralMutate Parent must derive from StructuralMapEngineBase");
  static_assert(((kNumArgs<Callbacks> == 2 || kNumArgs<Callbacks> == 3) && ...),
                "StructuralMutate callback must take (value, mutator) or (value, mutator, "
                "inplace_mode)");
  static_assert(
      (std::is_same_v<detail::CallbackArg<1, Callbacks>, MutatorObj*> && ...),
      "second StructuralMutate callback argument must be exactly Parent::MutatorObjType*");
  static_assert((TakesMode<Callbacks>() && ...),
                "third StructuralMutate callback argument must be InplaceMode");

 public:
  explicit StructuralMutateEngine(Callbacks... callbacks)
      : Parent(&kVTable), callbacks_(std::move(callbacks)...) {}

 private:
  using Verdict = detail::StructuralMutateSteps::Verdict;

  template <InplaceMode mode>
  static TVMFFIAny Mutate(StructuralMutatorObj* self, AnyView value) noexcept {
    return detail::StructuralMutateRun::Mutate(self, value, mode, kSteps);
  }

  static Verdict Enter(StructuralMutatorObj* self, AnyView value, InplaceMode mode,
                       Any* result) noexcept {
    return static_cast<StructuralMutateEngine*>(self)->Dispatch(
               value, mode, result, std::index_sequence_for<Callbacks...>())
               ? Verdict::kFinish
               : Verdict::kDescend;
  }

  template <size_t... I>
  bool Dispatch(AnyView value, InplaceMode mode, Any* result, std::index_sequence<I...>) noexcept {
    try {
      return (TryCallback(std::get<I>(callbacks_), value, mode, result) || ...);
    } catch (...) {
      *result = detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(detail::TakeCaughtErrorCell());
      return true;
    }
  }
  template <typename F>
  bool TryCallback(F& callback, AnyView value, [[maybe_unused]] InplaceMode mode, Any* result) {
    if (!detail::CallbackValue<F>::Matches(value)) return false;
    Expected<Any> returned = [&]() -> Expected<Any> {
      MutatorObj* self = this;
      if constexpr (kNumArgs<F> == 3) {
        return callback(detail::CallbackValue<F>::Read(value), self, mode);
      } else {
        return callback(detail::CallbackValue<F>::Read(value), self);
      }
    }();
    *result = detail::ExpectedUnsafe::GetData(returned);
    return true;
  }

  static constexpr StructuralMutatorVTable kVTable{
      Mutate<InplaceMode::kDisallow>, Mutate<InplaceMode::kAllow>,
      StructuralMutateEngine::VarRemapGet, StructuralMutateEngine::VarRemapSet};
  static constexpr detail::StructuralMutateSteps kSteps{Enter, nullptr,
                                                        detail::OwnDefaultMutate<Parent>()};

  std::tuple<Callbacks...> callbacks_;
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_MUTATE_ENGINE_H_
