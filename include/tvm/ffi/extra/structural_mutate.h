// SPDX-License-Identifier: Apache-2.0
//
// Mutations of values with callbacks: StructuralMap, which goes on by itself, and StructuralMutate,
// whose callbacks decide what becomes of what lies below.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_MUTATE_H_
#define TVM_FFI_EXTRA_STRUCTURAL_MUTATE_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/structural_mutate_engine.h>
#include <tvm/ffi/extra/structural_mutator.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/extra/unchanged_or.h>
#include <tvm/ffi/memory.h>

#include <string>   // std::string
#include <utility>  // std::move

namespace tvm {
namespace ffi {
namespace detail {

// The result of mutating a root: the root itself if it is unchanged.
inline Expected<Any> FinishMutation(Expected<UnchangedOr<Any>> result, Any root) {
  Any data = AnyUnsafe::MoveTVMFFIAnyRawToAny(ExpectedUnsafe::MoveToTVMFFIAny(std::move(result)));
  if (IsUnchangedResult(data)) return root;
  return ExpectedUnsafe::MoveFromTVMFFIAny<Any>(AnyUnsafe::MoveAnyToTVMFFIAny(std::move(data)));
}

}  // namespace detail

// ---- Entry points ------------------------------------------------------------------------------

// A value in which each value is replaced by what the first callback for it returns, chosen by its
// first parameter as in StructuralWalk; here None counts too. Callbacks take (T) or
// (T, TVMFFIDefRegionKind) and return a replacement, Unchanged, or an error. In pre-order what they
// return is mutated further; in post-order they get what became of the value.
//
// What does not change is shared with the root. Objects that are referred to from nowhere else are
// changed in place, if the root is moved in; after an error such changes stay. Variables and shared
// nodes become the same wherever they occur.
template <WalkOrder order, typename... Callbacks>
Expected<Any> StructuralMapExpected(Any root, Callbacks... callbacks) noexcept {
  static_assert(sizeof...(Callbacks) > 0, "StructuralMap needs a callback");
  using Engine = StructuralMapEngine<StructuralMapEngineBase, order, Callbacks...>;
  StructuralMutator mutator(make_object<Engine>(std::move(callbacks)...));
  auto result = mutator->MutateExpected(root, InplaceMode::kAllow);
  return detail::FinishMutation(std::move(result), std::move(root));
}

template <WalkOrder order, typename... Callbacks>
Any StructuralMap(Any root, Callbacks... callbacks) {
  return StructuralMapExpected<order>(std::move(root), std::move(callbacks)...).value();
}

// The same with callbacks (T, StructuralMutatorObj*) or (T, StructuralMutatorObj*, InplaceMode):
// what they return is the result for the value, and what lies below is mutated only as far as they
// do so, through the mutator.
template <typename... Callbacks>
Expected<Any> StructuralMutateExpected(Any root, Callbacks... callbacks) noexcept {
  static_assert(sizeof...(Callbacks) > 0, "StructuralMutate needs a callback");
  using Engine = StructuralMutateEngine<StructuralMapEngineBase, Callbacks...>;
  StructuralMutator mutator(make_object<Engine>(std::move(callbacks)...));
  auto result = mutator->MutateExpected(root, InplaceMode::kAllow);
  return detail::FinishMutation(std::move(result), std::move(root));
}

template <typename... Callbacks>
Any StructuralMutate(Any root, Callbacks... callbacks) {
  return StructuralMutateExpected(std::move(root), std::move(callbacks)...).value();
}

namespace detail {

// Whether a result can be read as a T: known from its type, or checked.
template <typename T, typename U>
inline bool IsMutateResult(const Expected<U>& result) {
  if constexpr (type_subsumes_v<Expected<T>, Expected<U>>) {
    return true;
  } else {
    return AnyUnsafe::CheckAnyStrict<T>(ExpectedUnsafe::GetData(result));
  }
}
template <typename T, typename U>
inline T MoveMutateResult(Expected<U>&& result) {
  Any data = AnyUnsafe::MoveTVMFFIAnyRawToAny(ExpectedUnsafe::MoveToTVMFFIAny(std::move(result)));
  return AnyUnsafe::MoveFromAnyAfterCheck<T>(std::move(data));
}
TVM_FFI_COLD inline Unexpected<Error> MutateResultMismatch() {
  return Unexpected<Error>(Error(
      "TypeError", "structural mutate result does not match the declared type", std::string()));
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm

// For hooks, which return an Expected: returns the error of an Expected if it is one.
#define TVM_FFI_S_MUTATE_MAYBE_EARLY_RETURN(expected)                          \
  {                                                                            \
    auto tvm_ffi_mutate_result = (expected);                                   \
    if (TVM_FFI_PREDICT_FALSE(tvm_ffi_mutate_result.is_err())) {               \
      return ::tvm::ffi::Unexpected(std::move(tvm_ffi_mutate_result).error()); \
    }                                                                          \
  }

#define TVM_FFI_S_MUTATE_ASSIGN_(Type, name, expr, result, is_checked)                          \
  auto result = (expr);                                                                         \
  if (TVM_FFI_PREDICT_FALSE(result.is_err())) {                                                 \
    return ::tvm::ffi::Unexpected(std::move(result).error());                                   \
  }                                                                                             \
  if (is_checked && TVM_FFI_PREDICT_FALSE(!::tvm::ffi::detail::IsMutateResult<Type>(result))) { \
    return ::tvm::ffi::detail::MutateResultMismatch();                                          \
  }                                                                                             \
  Type name = ::tvm::ffi::detail::MoveMutateResult<Type>(std::move(result))
#define TVM_FFI_S_MUTATE_CONCAT_(a, b) a##b
#define TVM_FFI_S_MUTATE_NAME_(counter) TVM_FFI_S_MUTATE_CONCAT_(tvm_ffi_mutate_result_, counter)

// The same, else declares `Type name` with the value. TypeError if that is no Type as it stands.
#define TVM_FFI_S_MUTATE_ASSIGN_OR_RETURN(Type, name, expr) \
  TVM_FFI_S_MUTATE_ASSIGN_(Type, name, expr, TVM_FFI_S_MUTATE_NAME_(__COUNTER__), true)

// The same unchecked: the value must be a Type.
#define TVM_FFI_UNSAFE_S_MUTATE_ASSIGN_OR_RETURN(Type, name, expr) \
  TVM_FFI_S_MUTATE_ASSIGN_(Type, name, expr, TVM_FFI_S_MUTATE_NAME_(__COUNTER__), false)

#endif  // TVM_FFI_EXTRA_STRUCTURAL_MUTATE_H_
