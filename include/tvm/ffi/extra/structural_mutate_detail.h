// SPDX-License-Identifier: Apache-2.0
//
// Default mutation, and how mutations with callbacks go through a value. They keep a stack of their
// own, so that deep values do not exhaust that of the thread; only hooks, mutators of other kinds
// and callbacks that mutate parts recurse.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_MUTATE_DETAIL_H_
#define TVM_FFI_EXTRA_STRUCTURAL_MUTATE_DETAIL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/map_base.h>
#include <tvm/ffi/container/seq_base.h>
#include <tvm/ffi/extra/structural_mutate_hook.h>
#include <tvm/ffi/extra/structural_mutator.h>
#include <tvm/ffi/extra/structural_visit_detail.h>

#include <cstddef>   // size_t
#include <cstdint>   // int32_t
#include <optional>  // std::optional
#include <string>    // std::string
#include <utility>   // std::move
#include <vector>    // std::vector

namespace tvm {
namespace ffi {
namespace detail {

// What a mutation does with each value besides default mutation. Each may be null.
struct StructuralMutateSteps {
  enum class Verdict {
    kDescend,  // nothing was decided: default mutation
    kReplace,  // *result is what to mutate by default: a value, or the marker for the same
    kFinish,   // *result is the result
  };
  // Before default mutation. An error in *result counts whatever the verdict.
  using Enter = Verdict (*)(StructuralMutatorObj*, AnyView, InplaceMode, Any* result) noexcept;
  // After it, with what it gave; returns the cell of a mutation result for that.
  using Leave = TVMFFIAny (*)(StructuralMutatorObj*, AnyView) noexcept;
  // Instead of it.
  using Descend = TVMFFIAny (*)(StructuralMutatorObj*, AnyView, InplaceMode) noexcept;

  Enter enter;
  Leave leave;
  Descend descend;
};

// Mutates one value with all that it holds. Parts are mutated here too if there are steps, else by
// the mutator's functions.
class StructuralMutateRun {
 public:
  // As the `mutate` or `maybe_inplace_mutate` of a mutator with these steps.
  TVM_FFI_OUTLINE static TVMFFIAny Mutate(StructuralMutatorObj* mutator, AnyView value,
                                          InplaceMode mode,
                                          const StructuralMutateSteps& steps) noexcept {
    return StructuralMutateRun(mutator, &steps).Run(value, mode);
  }
  // Default mutation of the value itself, for any mutator.
  TVM_FFI_OUTLINE static TVMFFIAny MutateByDefault(StructuralMutatorObj* mutator, AnyView value,
                                                   InplaceMode mode) noexcept {
    return StructuralMutateRun(mutator, nullptr).Run(value, mode);
  }

 private:
  // An object whose parts are being mutated.
  struct Frame {
    Frame(AnyView any_value, InplaceMode any_mode, bool any_is_replacement,
          TVMFFIDefRegionKind region)
        : value(any_value),
          type(TVMFFIGetTypeInfo(value.type_index())),
          kind(StructuralKind(type)),
          fields(type),
          mode(any_mode),
          is_replacement(any_is_replacement),
          outer(region),
          inner(InnerDefRegion(region, kind)) {}

    bool IsInPlace() const { return mode == InplaceMode::kAllow; }

    Any value;
    const TypeInfo* type;
    TVMFFISEqHashKind kind;
    StructuralFieldCursor fields;
    const TVMFFIFieldInfo* field = nullptr;  // the one being mutated
    InplaceMode mode;                        // that of the parts; fields are never in place
    bool is_replacement;                     // of what was to be mutated
    bool is_changed = false;
    TVMFFIDefRegionKind outer;  // the region the value is in
    TVMFFIDefRegionKind inner;  // that of its fields
    size_t next = 0;            // item or entry
    MapBaseObj::iterator entry;
    Any part;  // the one being mutated, unless it may be mutated in place
    Any copy;  // the result; None until something changes
  };

  StructuralMutateRun(StructuralMutatorObj* mutator, const StructuralMutateSteps* steps)
      : mutator_(mutator), steps_(steps) {}

  // Empty: a frame was begun to find the result.
  using MaybeResult = std::optional<Any>;

  TVMFFIAny Run(AnyView value, InplaceMode mode) noexcept {
    Any result;
    try {
      result = RunUntilDone(value, mode);
    } catch (...) {
      result = AnyUnsafe::MoveTVMFFIAnyRawToAny(TakeCaughtErrorCell());
    }
    while (!frames_.empty()) {  // there was an error
      result = AttachMutateErrorContext(std::move(result), frames_.back().value);
      Pop();
    }
    return AnyUnsafe::MoveAnyToTVMFFIAny(std::move(result));
  }

  Any RunUntilDone(AnyView value, InplaceMode mode) {
    MaybeResult result = steps_ != nullptr ? Enter(value, mode) : Descend(value, mode, false);
    while (!frames_.empty()) {
      if (result.has_value()) {
        if (IsErrorResult(*result)) break;
        if (!Take(&*result)) break;
      }
      result = Advance();
    }
    return *std::move(result);
  }

  // ---- One value -------------------------------------------------------------------------------

  MaybeResult Enter(AnyView value, InplaceMode mode) {
    using Verdict = StructuralMutateSteps::Verdict;
    if (steps_->enter == nullptr) return Descend(value, mode, false);
    Any result;
    const Verdict verdict = steps_->enter(mutator_, value, mode, &result);
    if (IsErrorResult(result)) return AttachMutateErrorContext(std::move(result), value);
    if (verdict == Verdict::kFinish) return result;
    if (verdict == Verdict::kDescend) return Descend(value, mode, false);
    // A second reference to the value itself would stand in the way of changing it in place.
    const bool is_replacement = !IsUnchangedResult(result) && !AnyView(result).same_as(value);
    if (!is_replacement) result = nullptr;
    const AnyView next = is_replacement ? AnyView(result) : value;
    return Descend(next, Permit(next, mode), is_replacement);
  }

  MaybeResult Descend(AnyView value, InplaceMode mode, bool is_replacement) {
    const int32_t type_index = value.type_index();
    if (steps_ != nullptr && steps_->descend != nullptr) {
      return Leave(value, is_replacement,
                   AnyUnsafe::MoveTVMFFIAnyRawToAny(steps_->descend(mutator_, value, mode)));
    }
    if (IsSequenceIndex(type_index) || IsMappingIndex(type_index)) {
      return Push(value, mode, is_replacement);
    }
    Any result = Unchanged();
    if (const TVMFFIAny* hook = FindStructuralMutateHook(type_index, mode)) {
      result = CallStructuralMutateHook(*hook, mutator_, value);
    } else if (type_index < TypeIndex::kTVMFFIStaticObjectBegin) {
      result = value;
    } else if (!FindWithoutDescent(value, &result)) {
      return Push(value, InplaceMode::kDisallow, is_replacement);
    }
    return Leave(value, is_replacement, AttachMutateErrorContext(std::move(result), value));
  }

  // Whether the result for an object without a hook is known.
  bool FindWithoutDescent(AnyView value, Any* result) {
    const TVMFFISEqHashKind kind = StructuralKind(TVMFFIGetTypeInfo(value.type_index()));
    if (kind != kTVMFFISEqHashKindFreeVar && kind != kTVMFFISEqHashKindDAGNode) return false;
    Any known = AnyUnsafe::MoveTVMFFIAnyRawToAny(mutator_->vtable_->var_remap_get(mutator_, value));
    if (known != nullptr) {
      *result = std::move(known);
      return true;
    }
    // A variable that is not defined here is a use and stays.
    return kind == kTVMFFISEqHashKindFreeVar &&
           mutator_->def_region_mode_ == kTVMFFIDefRegionKindNone;
  }

  MaybeResult Push(AnyView value, InplaceMode mode, bool is_replacement) {
    if (frames_.size() == kMaxStructuralNesting) {
      return AnyUnsafe::MoveTVMFFIAnyRawToAny(MakeNestingErrorCell("StructuralMutate"));
    }
    Frame frame(value, mode, is_replacement, mutator_->def_region_mode_);
    const int32_t type_index = value.type_index();
    if (IsMappingIndex(type_index)) {
      // Others may change a Dict meanwhile; a Map that is held does not change.
      if (type_index == TypeIndex::kTVMFFIDict && !frame.IsInPlace()) {
        frame.copy = CopyContainer(frame.value);
      }
      frame.entry = Mapping(frame)->begin();
    } else if (!IsSequenceIndex(type_index)) {
      frame.copy = ShallowCopyForMutation(value);
      if (IsErrorResult(frame.copy)) {
        return AttachMutateErrorContext(std::move(frame.copy), value);
      }
    }
    frames_.push_back(std::move(frame));
    return std::nullopt;
  }

  // What comes after default mutation, which gave `result`.
  Any Leave(AnyView value, bool is_replacement, Any result) {
    if (IsErrorResult(result)) return result;
    if (is_replacement && IsUnchangedResult(result)) result = value;
    if (steps_ == nullptr || steps_->leave == nullptr) return result;
    const AnyView mutated = IsUnchangedResult(result) ? value : AnyView(result);
    Any last = AnyUnsafe::MoveTVMFFIAnyRawToAny(steps_->leave(mutator_, mutated));
    if (IsErrorResult(last)) return AttachMutateErrorContext(std::move(last), mutated);
    return IsUnchangedResult(last) ? result : last;
  }

  static InplaceMode Permit(AnyView value, InplaceMode mode) {
    return mode == InplaceMode::kAllow && IsUniqueObject(value) ? mode : InplaceMode::kDisallow;
  }

  // ---- The parts of the innermost object -------------------------------------------------------

  // Mutates the next part, or ends with the object.
  MaybeResult Advance() {
    Frame& frame = frames_.back();
    if (IsSequenceIndex(frame.value.type_index())) {
      const SeqBaseObj* sequence = Sequence(frame);
      if (frame.next >= sequence->size()) return Finish();
      return MutatePart(&frame, sequence->begin()[frame.next++]);
    }
    if (IsMappingIndex(frame.value.type_index())) {
      if (frame.next != 0) ++frame.entry;
      if (frame.entry == Mapping(frame)->end()) return Finish();
      ++frame.next;
      return MutatePart(&frame, frame.entry->second);
    }
    frame.field = frame.fields.Next();
    if (frame.field == nullptr) return Finish();
    const Object* object = AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(frame.copy);
    if (GetStructuralField(frame.field, object, &frame.part) != 0) return TakeRaisedErrorResult();
    mutator_->def_region_mode_ = FieldDefRegion(frame.inner, frame.field);
    return MutatePart(frame.part, frame.mode);
  }

  // What may be mutated in place must not be held a second time.
  MaybeResult MutatePart(Frame* frame, const Any& part) {
    if (frame->IsInPlace()) return MutatePart(AnyView(part), frame->mode);
    frame->part = part;
    return MutatePart(AnyView(frame->part), frame->mode);
  }

  MaybeResult MutatePart(AnyView part, InplaceMode mode) {
    if (steps_ != nullptr) return Enter(part, Permit(part, mode));
    return AnyUnsafe::MoveTVMFFIAnyRawToAny(
        ExpectedUnsafe::MoveToTVMFFIAny(mutator_->MutateExpected(part, mode)));
  }

  // Puts the result of the part that was mutated last in its place. False, with an error in place
  // of the result, if it does not fit.
  bool Take(Any* result) {
    Frame& frame = frames_.back();
    if (IsUnchangedResult(*result)) return true;
    if (IsSequenceIndex(frame.value.type_index())) {
      TakeItem(&frame, std::move(*result));
    } else if (IsMappingIndex(frame.value.type_index())) {
      TakeEntry(&frame, std::move(*result));
    } else if (!result->same_as(frame.part)) {
      return TakeField(&frame, result);
    }
    return true;
  }

  static void TakeItem(Frame* frame, Any item) {
    const size_t i = frame->next - 1;
    if (i >= Sequence(*frame)->size() || item.same_as(Sequence(*frame)->begin()[i])) return;
    if (!frame->IsInPlace() && frame->copy == nullptr) frame->copy = CopyContainer(frame->value);
    Sequence(*frame)->SetItemAfterCheck(static_cast<int64_t>(i), std::move(item));
    frame->is_changed = true;
  }

  static void TakeEntry(Frame* frame, Any value) {
    if (value.same_as(frame->entry->second)) return;
    if (!frame->IsInPlace() && frame->copy == nullptr) {
      frame->copy = CopyContainer(frame->value);
      frame->entry = Mapping(*frame)->begin();  // the copy keeps the order
      for (size_t i = 1; i < frame->next; ++i) ++frame->entry;
    }
    std::swap(frame->entry->second, value);
    frame->is_changed = true;
  }

  bool TakeField(Frame* frame, Any* value) {
    const TVMFFIFieldInfo* field = frame->field;
    if (field->setter == nullptr) {
      *value = MakeTypeErrorResult(
          "Cannot structurally mutate field `" + std::string(field->name.data, field->name.size) +
          "` of type `" + std::string(frame->type->type_key.data, frame->type->type_key.size) +
          "` because it does not define a setter");
      return false;
    }
    const Object* object = AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(frame->copy);
    if (reflection::CallFieldSetter(field, reflection::detail::FieldAddress(field, object),
                                    AnyUnsafe::TVMFFIAnyPtrFromAny(*value)) != 0) {
      *value = TakeRaisedErrorResult();
      return false;
    }
    frame->is_changed = true;
    return true;
  }

  // Ends the innermost object, whose parts are done.
  Any Finish() {
    Frame frame = std::move(frames_.back());
    Pop();
    Any result = Unchanged();
    if (frame.is_changed && !frame.IsInPlace()) result = std::move(frame.copy);
    result = Record(frame, std::move(result));
    return Leave(frame.value, frame.is_replacement,
                 AttachMutateErrorContext(std::move(result), frame.value));
  }

  // Where a variable or a shared node comes again, the result is the same.
  Any Record(const Frame& frame, Any result) {
    const bool is_variable = frame.kind == kTVMFFISEqHashKindFreeVar;
    if (!is_variable && frame.kind != kTVMFFISEqHashKindDAGNode) return result;
    if (is_variable && IsUnchangedResult(result) &&
        mutator_->def_region_mode_ != kTVMFFIDefRegionKindPattern) {
      return result;
    }
    Any status = AnyUnsafe::MoveTVMFFIAnyRawToAny(
        mutator_->vtable_->var_remap_set(mutator_, frame.value, result));
    return IsErrorResult(status) ? status : result;
  }

  void Pop() {
    mutator_->def_region_mode_ = frames_.back().outer;
    frames_.pop_back();
  }

  // What is read and, in place or in a copy, written.
  static SeqBaseObj* Sequence(const Frame& frame) {
    return AnyUnsafe::RawObjectPtrFromAnyAfterCheck<SeqBaseObj>(Current(frame));
  }
  static MapBaseObj* Mapping(const Frame& frame) {
    return AnyUnsafe::RawObjectPtrFromAnyAfterCheck<MapBaseObj>(Current(frame));
  }
  static const Any& Current(const Frame& frame) {
    return frame.copy != nullptr ? frame.copy : frame.value;
  }

  StructuralMutatorObj* mutator_;
  const StructuralMutateSteps* steps_;
  std::vector<Frame> frames_;  // the innermost last
};

}  // namespace detail

inline Expected<UnchangedOr<Any>> StructuralMutatorObj::DefaultMutateExpected(
    AnyView value, InplaceMode mode) noexcept {
  return detail::ExpectedUnsafe::MoveFromTVMFFIAny<UnchangedOr<Any>>(
      detail::StructuralMutateRun::MutateByDefault(this, value, mode));
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_MUTATE_DETAIL_H_
