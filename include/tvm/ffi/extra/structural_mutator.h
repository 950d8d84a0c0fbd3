// SPDX-License-Identifier: Apache-2.0
//
// StructuralMutator: what a mutation and the hooks of classes know of one another. Mutations with
// callbacks are in structural_mutate.h.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_MUTATOR_H_
#define TVM_FFI_EXTRA_STRUCTURAL_MUTATOR_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/structural_visitor.h>
#include <tvm/ffi/extra/unchanged_or.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/native_function.h>

#include <cstdint>  // int32_t
#include <utility>  // std::forward

namespace tvm {
namespace ffi {

// Whether a value may be changed in place. It may where all on the way from the root, and the value
// itself, is referred to from nowhere else.
enum class InplaceMode : int32_t { kDisallow = 0, kAllow = 1 };

class StructuralMutatorObj;

// Mutates a value. Returns an owned cell: the new value, the marker Unchanged, or an Error. The
// value is borrowed.
using FStructuralMutateABI = TVMFFIAny (*)(StructuralMutatorObj*, AnyView) noexcept;
// The value that is recorded for a variable: None if there is none; or an Error.
using FStructuralVarRemapGet = TVMFFIAny (*)(StructuralMutatorObj*, AnyView var) noexcept;
// Records one. None, or an Error.
using FStructuralVarRemapSet = TVMFFIAny (*)(StructuralMutatorObj*, AnyView var,
                                             AnyView mapped) noexcept;

// The hooks `__s_mutate__`, which does not touch its argument, and `__s_maybe_inplace_mutate__`,
// which may change it and return Unchanged. A class with the second needs the first too.
using FStructuralMutate =
    reflection::NativeFunctionView<UnchangedOr<Any>(StructuralMutatorObj*, AnyView)>;

struct StructuralMutatorVTable {
  FStructuralMutateABI mutate;
  FStructuralMutateABI maybe_inplace_mutate;
  FStructuralVarRemapGet var_remap_get;
  FStructuralVarRemapSet var_remap_set;
};

namespace detail {
class StructuralMutateRun;

inline bool IsUniqueObject(AnyView value) {
  return value.type_index() >= TypeIndex::kTVMFFIStaticObjectBegin &&
         AnyUnsafe::RawObjectPtrFromAnyViewAfterCheck<Object>(value)->unique();
}
}  // namespace detail

// Base of mutators: a table of functions, because mutators cross libraries and languages. A class
// of its own passes its table to the constructor.
class StructuralMutatorObj : public Object {
 public:
  using MutatorObjType = StructuralMutatorObj;

  // Mutates a value the way this mutator does; in place only where it is allowed and the value is
  // referred to from nowhere else.
  Expected<UnchangedOr<Any>> MutateExpected(AnyView value,
                                            InplaceMode mode = InplaceMode::kDisallow) noexcept {
    const bool in_place = mode == InplaceMode::kAllow && detail::IsUniqueObject(value);
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<UnchangedOr<Any>>(
        (in_place ? vtable_->maybe_inplace_mutate : vtable_->mutate)(this, value));
  }
  UnchangedOr<Any> Mutate(AnyView value, InplaceMode mode = InplaceMode::kDisallow) {
    return MutateExpected(value, mode).value();
  }

  // Mutates the parts of a value, as the hooks of its class say, or else its fields. Whether it may
  // be changed in place is the caller's word. In a hook, for the hook's own argument, this would
  // call the hook again. Defined in structural_mutate_detail.h.
  inline Expected<UnchangedOr<Any>> DefaultMutateExpected(
      AnyView value, InplaceMode mode = InplaceMode::kDisallow) noexcept;

  // What is recorded for a variable or a shared node, perhaps the marker; None if nothing is.
  Expected<Any> VarRemapGetExpected(AnyView var) noexcept {
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<Any>(vtable_->var_remap_get(this, var));
  }
  Expected<void> VarRemapSetExpected(AnyView var, AnyView mapped) noexcept {
    return detail::ExpectedUnsafe::MoveFromTVMFFIAny<void>(
        vtable_->var_remap_set(this, var, mapped));
  }

  TVMFFIDefRegionKind def_region_kind() const noexcept { return def_region_mode_; }

  // Calls callback() in a definition region. Inside a pattern that region goes on instead.
  template <typename Callback>
  auto WithDefRegionKind(TVMFFIDefRegionKind kind, Callback&& callback) {
    detail::DefRegionScope scope(&def_region_mode_, kind);
    return std::forward<Callback>(callback)();
  }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StructuralMutator", StructuralMutatorObj, Object);

 protected:
  explicit StructuralMutatorObj(const StructuralMutatorVTable* vtable) : vtable_(vtable) {}

  const StructuralMutatorVTable* vtable_;
  TVMFFIDefRegionKind def_region_mode_ = kTVMFFIDefRegionKindNone;

 private:
  friend class detail::StructuralMutateRun;
};
static_assert(sizeof(StructuralMutatorObj) == 40, "the layout of mutators is part of the contract");

class StructuralMutator : public ObjectRef {
 public:
  explicit StructuralMutator(ObjectPtr<StructuralMutatorObj> data) : ObjectRef(std::move(data)) {
    TVM_FFI_ICHECK(defined()) << "StructuralMutator cannot be null";
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(StructuralMutator, ObjectRef, StructuralMutatorObj);
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_MUTATOR_H_
