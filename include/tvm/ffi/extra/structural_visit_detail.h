// SPDX-License-Identifier: Apache-2.0
//
// How traversals with callbacks go through a value. They keep a stack of their own, so that deep
// values do not exhaust that of the thread; only hooks and callbacks that visit parts recurse.
#ifndef TVM_FFI_EXTRA_STRUCTURAL_VISIT_DETAIL_H_
#define TVM_FFI_EXTRA_STRUCTURAL_VISIT_DETAIL_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/map_base.h>
#include <tvm/ffi/container/seq_base.h>
#include <tvm/ffi/extra/structural_detail.h>
#include <tvm/ffi/extra/structural_visitor.h>

#include <cstddef>  // size_t
#include <cstdint>  // int32_t
#include <string>   // std::string
#include <utility>  // std::move
#include <vector>   // std::vector

namespace tvm {
namespace ffi {
namespace detail {

// How deep values may be nested.
inline constexpr size_t kMaxStructuralNesting = size_t{1} << 20;

TVM_FFI_COLD inline TVMFFIAny MakeNestingErrorCell(const char* operation) {
  return MakeErrorCell(Error("ValueError",
                             std::string(operation) + ": maximum stack depth (" +
                                 std::to_string(kMaxStructuralNesting) + ") exceeded",
                             std::string()));
}

inline bool IsSequenceIndex(int32_t type_index) {
  return type_index == TypeIndex::kTVMFFIArray || type_index == TypeIndex::kTVMFFIList;
}
inline bool IsMappingIndex(int32_t type_index) {
  return type_index == TypeIndex::kTVMFFIMap || type_index == TypeIndex::kTVMFFIDict;
}

// What a traversal does with each value. The results are those of a WalkResult (a tag, a
// VisitInterrupt or an Error, owned) or None.
struct StructuralVisitSteps {
  using Step = TVMFFIAny (*)(StructuralVisitorObj*, AnyView) noexcept;
  Step enter;    // before its parts; may be null
  Step leave;    // after its parts; may be null
  Step descend;  // visits the parts; null for default visiting
};

// Visits one value with all that it holds.
class StructuralVisitRun {
 public:
  StructuralVisitRun(StructuralVisitorObj* visitor, const StructuralVisitSteps& steps)
      : visitor_(visitor), steps_(steps) {}

  TVM_FFI_OUTLINE static TVMFFIAny Visit(StructuralVisitorObj* visitor, AnyView root,
                                         const StructuralVisitSteps& steps) noexcept {
    return StructuralVisitRun(visitor, steps).Run(root);
  }

 private:
  // An object whose parts are being visited.
  struct Frame {
    Frame(AnyView any_value, TVMFFIDefRegionKind any_outer)
        : value(any_value),
          fields(TVMFFIGetTypeInfo(value.type_index())),
          outer(any_outer),
          inner(any_outer) {}

    Any value;
    StructuralFieldCursor fields;
    TVMFFIDefRegionKind outer;  // the region the value is in
    TVMFFIDefRegionKind inner;  // that of its fields
    size_t next = 0;            // item
    MapBaseObj::iterator entry;
    std::vector<Any> items;  // of a Dict, which callbacks may change
  };

  TVMFFIAny Run(AnyView root) noexcept {
    TVMFFIAny result;
    try {
      result = Enter(root);
      while (!IsFinal(result) && !frames_.empty()) result = Advance();
    } catch (...) {
      result = TakeCaughtErrorCell();
    }
    while (!frames_.empty()) {
      AttachStructuralVisitErrorContextRaw(result, frames_.back().value);
      Pop();
    }
    return IsFinal(result) ? result : Nothing();
  }

  static TVMFFIAny Nothing() { return AnyView().CopyToTVMFFIAny(); }
  static bool IsFinal(const TVMFFIAny& result) {
    return result.type_index >= TypeIndex::kTVMFFIStaticObjectBegin;
  }
  static bool IsSkip(const TVMFFIAny& result) {
    return result.type_index == TypeIndex::kTVMFFIInt && result.v_int64 == WalkResult::kSkipTag;
  }

  // Visits a value, or begins a frame to do so.
  TVMFFIAny Enter(AnyView value) {
    if (value == nullptr) return Nothing();
    if (steps_.enter != nullptr) {
      TVMFFIAny result = steps_.enter(visitor_, value);
      if (IsFinal(result)) return AttachStructuralVisitErrorContextRaw(result, value);
      if (IsSkip(result)) return Nothing();
    }
    const int32_t type_index = value.type_index();
    if (steps_.descend != nullptr) return Leave(value, steps_.descend(visitor_, value));
    if (!IsSequenceIndex(type_index) && !IsMappingIndex(type_index)) {
      if (const TVMFFIAny* hook = FindStructuralVisitHook(type_index)) {
        return Leave(value, CallStructuralVisitHook(*hook, visitor_, value));
      }
    }
    if (type_index < TypeIndex::kTVMFFIStaticObjectBegin) return Leave(value, Nothing());
    if (frames_.size() == kMaxStructuralNesting) return MakeNestingErrorCell("StructuralVisit");
    Push(value);
    return Nothing();
  }

  void Push(AnyView value) {
    Frame& frame = frames_.emplace_back(value, visitor_->def_region_mode_);
    const int32_t type_index = frame.value.type_index();
    if (type_index == TypeIndex::kTVMFFIMap) {
      frame.entry = Mapping(frame)->begin();
    } else if (type_index == TypeIndex::kTVMFFIDict) {
      for (const MapEntry& entry : *Mapping(frame)) frame.items.push_back(entry.second);
    } else {
      frame.inner = InnerDefRegion(frame.outer, StructuralKind(TVMFFIGetTypeInfo(type_index)));
    }
  }

  // Visits the next part of the innermost object, or ends with it.
  TVMFFIAny Advance() {
    Frame& frame = frames_.back();
    Any part;
    switch (frame.value.type_index()) {
      case TypeIndex::kTVMFFIArray:
      case TypeIndex::kTVMFFIList: {
        const auto* sequence = AnyUnsafe::RawObjectPtrFromAnyAfterCheck<SeqBaseObj>(frame.value);
        if (frame.next >= sequence->size()) return LeaveFrame();
        part = sequence->begin()[frame.next++];
        break;
      }
      case TypeIndex::kTVMFFIMap:
        if (frame.entry == Mapping(frame)->end()) return LeaveFrame();
        part = (frame.entry++)->second;
        break;
      case TypeIndex::kTVMFFIDict:
        if (frame.next >= frame.items.size()) return LeaveFrame();
        part = std::move(frame.items[frame.next++]);
        break;
      default: {
        const TVMFFIFieldInfo* field = frame.fields.Next();
        if (field == nullptr) return LeaveFrame();
        const Object* object = AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(frame.value);
        if (GetStructuralField(field, object, &part) != 0) return TakeRaisedErrorCell();
        visitor_->def_region_mode_ = FieldDefRegion(frame.inner, field);
        break;
      }
    }
    return Enter(part);
  }

  // What comes after the parts of a value, which gave `result`.
  TVMFFIAny Leave(AnyView value, TVMFFIAny result) {
    if (!IsFinal(result) && steps_.leave != nullptr) result = steps_.leave(visitor_, value);
    return AttachStructuralVisitErrorContextRaw(result, value);
  }

  TVMFFIAny LeaveFrame() {
    const Any value = frames_.back().value;
    Pop();
    return Leave(value, Nothing());
  }

  void Pop() {
    visitor_->def_region_mode_ = frames_.back().outer;
    frames_.pop_back();
  }

  static const MapBaseObj* Mapping(const Frame& frame) {
    return AnyUnsafe::RawObjectPtrFromAnyAfterCheck<MapBaseObj>(frame.value);
  }

  StructuralVisitorObj* visitor_;
  const StructuralVisitSteps& steps_;
  std::vector<Frame> frames_;  // the innermost last
};

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_STRUCTURAL_VISIT_DETAIL_H_
