// SPDX-License-Identifier: Apache-2.0
//
// Registers mutation: the mutator's type and functions, how builtin types are mutated, and the
// mutations whose callbacks are chosen by type index.
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/extra/structural_mutate.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <utility>
#include <vector>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;
using Entries = Array<Tuple<int32_t, Function>>;
using EntriesWithMode = Array<Tuple<int32_t, Function, bool>>;

// ---- Builtin types -----------------------------------------------------------------------------

TVMFFIAny keep(StructuralMutatorObj*, AnyView) noexcept { return Unchanged().CopyToTVMFFIAny(); }

template <InplaceMode mode>
TVMFFIAny mutate_container(StructuralMutatorObj* mutator, AnyView value) noexcept {
  return detail::StructuralMutateRun::MutateByDefault(mutator, value, mode);
}

void register_hooks(int32_t type_index, FStructuralMutateABI copying,
                    FStructuralMutateABI in_place) {
  const std::pair<const char*, FStructuralMutateABI> hooks[] = {
      {"__s_mutate__", copying}, {"__s_maybe_inplace_mutate__", in_place}};
  for (const auto& [name, hook] : hooks) {
    const TVMFFIByteArray name_bytes = byte_array(name);
    const Any value = reinterpret_cast<void*>(hook);
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(type_index, &name_bytes,
                                                   reinterpret_cast<const TVMFFIAny*>(&value)));
  }
}

// ---- Mutations ---------------------------------------------------------------------------------

class MutateByIndexObj : public StructuralMapEngineBase {
 public:
  explicit MutateByIndexObj(const EntriesWithMode& entries) : StructuralMapEngineBase(&kVTable) {
    for (const auto& entry : entries) {
      callbacks_.push_back({entry.get<0>(), entry.get<1>(), entry.get<2>()});
    }
  }

 private:
  using Verdict = detail::StructuralMutateSteps::Verdict;
  struct Callback {
    int32_t type_index;
    Function function;
    bool takes_mode;
  };

  template <InplaceMode mode>
  static TVMFFIAny mutate(StructuralMutatorObj* self, AnyView value) noexcept {
    static constexpr detail::StructuralMutateSteps kSteps{call_back, nullptr, nullptr};
    return detail::StructuralMutateRun::Mutate(self, value, mode, kSteps);
  }

  static Verdict call_back(StructuralMutatorObj* self, AnyView value, InplaceMode mode,
                           Any* result) noexcept {
    for (const Callback& callback : static_cast<MutateByIndexObj*>(self)->callbacks_) {
      if (!detail::CallbackTypeMatches(value.type_index(), callback.type_index)) continue;
      const AnyView args[] = {value, self, static_cast<int>(mode)};
      *result = detail::CallSafe(callback.function.get(), args, callback.takes_mode ? 3 : 2);
      return Verdict::kFinish;
    }
    return Verdict::kDescend;
  }

  static constexpr StructuralMutatorVTable kVTable{
      mutate<InplaceMode::kDisallow>, mutate<InplaceMode::kAllow>, VarRemapGet, VarRemapSet};

  std::vector<Callback> callbacks_;
};

Any mutate_root(const StructuralMutator& mutator, Any root) {
  auto result = mutator->MutateExpected(root, InplaceMode::kAllow);
  return detail::FinishMutation(std::move(result), std::move(root)).value();
}

Any map(Any root, const Entries& callbacks, const Entries& callbacks_with_kind, int order) {
  using Base = StructuralMapEngineBase;
  using PreOrder = StructuralMapDynEngine<Base, WalkOrder::kPreOrder>;
  using PostOrder = StructuralMapDynEngine<Base, WalkOrder::kPostOrder>;
  if (order == static_cast<int>(WalkOrder::kPreOrder)) {
    return mutate_root(StructuralMutator(make_object<PreOrder>(callbacks, callbacks_with_kind)),
                       std::move(root));
  }
  return mutate_root(StructuralMutator(make_object<PostOrder>(callbacks, callbacks_with_kind)),
                     std::move(root));
}

// ---- Registration ------------------------------------------------------------------------------

void register_mutator() {
  refl::GlobalDef()
      .def("ffi.StructuralMutatorMutate",
           [](const StructuralMutator& mutator, AnyView value) {
             return mutator->Mutate(value).ValueOrUnchanged(value);
           })
      .def("ffi.StructuralMutatorDefaultMutate",
           [](const StructuralMutator& mutator, AnyView value) {
             return mutator->DefaultMutateExpected(value).value().ValueOrUnchanged(value);
           })
      .def("ffi.StructuralMutatorVarRemapGet",
           [](const StructuralMutator& mutator, AnyView var) {
             return mutator->VarRemapGetExpected(var).value();
           })
      .def("ffi.StructuralMutatorVarRemapSet",
           [](const StructuralMutator& mutator, AnyView var, AnyView value) {
             mutator->VarRemapSetExpected(var, value).value();
           })
      .def("ffi.StructuralMutatorDefRegionKind",
           [](const StructuralMutator& mutator) {
             return static_cast<int>(mutator->def_region_kind());
           })
      .def("ffi.StructuralMutatorWithDefRegionKind",
           [](const StructuralMutator& mutator, int kind, const Function& f) -> Any {
             return mutator->WithDefRegionKind(static_cast<TVMFFIDefRegionKind>(kind), f);
           });
}

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<StructuralMutatorObj>{};
  for (int32_t type_index : {kTVMFFIStr, kTVMFFIBytes, kTVMFFIBigInt}) {
    register_hooks(type_index, keep, keep);
  }
  for (int32_t type_index : {kTVMFFIArray, kTVMFFIList, kTVMFFIMap, kTVMFFIDict}) {
    register_hooks(type_index, mutate_container<InplaceMode::kDisallow>,
                   mutate_container<InplaceMode::kAllow>);
  }
  register_mutator();
  refl::GlobalDef()
      .def("ffi.StructuralMap", map)
      .def("ffi.StructuralMutate", [](Any root, const EntriesWithMode& callbacks) {
        return mutate_root(StructuralMutator(make_object<MutateByIndexObj>(callbacks)),
                           std::move(root));
      });
}

}  // namespace
}  // namespace tvm::ffi::library
