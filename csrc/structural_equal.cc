// SPDX-License-Identifier: Apache-2.0
//
// `ffi.StructuralEqual` and `ffi.GetFirstStructuralMismatch`.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <memory>
#include <optional>
#include <set>
#include <utility>
#include <vector>

#include "big_int_type.h"
#include "recursive.h"
#include "structural.h"
#include "structural_pairing.h"

namespace tvm::ffi::library {
namespace {

using reflection::AccessKind;
using reflection::AccessPath;
using reflection::AccessPathPair;
using reflection::AccessStep;
using Region = TVMFFIDefRegionKind;

bool shapes_equal(const ShapeObj* lhs, const ShapeObj* rhs) {
  return lhs->size == rhs->size && std::equal(lhs->data, lhs->data + lhs->size, rhs->data);
}

const char* content_of(const TensorObj* tensor) {
  return static_cast<const char*>(tensor->data) + tensor->byte_offset;
}

bool tensors_equal(const TensorObj* lhs, const TensorObj* rhs, bool skip_content) {
  if (lhs == rhs) return true;
  if (lhs->ndim != rhs->ndim || !std::equal(lhs->shape, lhs->shape + lhs->ndim, rhs->shape) ||
      lhs->dtype != rhs->dtype) {
    return false;
  }
  if (skip_content) return true;
  TVM_FFI_ICHECK_EQ(lhs->device.device_type, kDLCPU) << "can only compare CPU tensor";
  TVM_FFI_ICHECK_EQ(rhs->device.device_type, kDLCPU) << "can only compare CPU tensor";
  TVM_FFI_ICHECK(IsContiguous(*lhs)) << "Can only compare contiguous tensor";
  TVM_FFI_ICHECK(IsContiguous(*rhs)) << "Can only compare contiguous tensor";
  const size_t size = GetDataSize(*lhs);
  return size == 0 || std::memcmp(content_of(lhs), content_of(rhs), size) == 0;
}

bool is_text(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFISmallStr:
    case kTVMFFISmallBytes:
    case kTVMFFIStr:
    case kTVMFFIBytes:
      return true;
    default:
      return false;
  }
}

// Of values that hold no others; empty for containers and objects with fields.
std::optional<bool> leaves_equal(const Any& lhs, const Any& rhs, bool skip_tensor_content) {
  if (is_text(lhs)) return AnyEqual()(lhs, rhs);
  if (lhs.type_index() != rhs.type_index()) return false;
  switch (lhs.type_index()) {
    case kTVMFFIFloat: {
      const double left = lhs.cast<double>(), right = rhs.cast<double>();
      return (std::isnan(left) && std::isnan(right)) || lhs.same_as(rhs);
    }
    case kTVMFFIBigInt:
      return compare_integers(lhs, rhs) == 0;
    case kTVMFFIShape:
      return shapes_equal(lhs.as<ShapeObj>(), rhs.as<ShapeObj>());
    case kTVMFFITensor:
      return tensors_equal(lhs.as<TensorObj>(), rhs.as<TensorObj>(), skip_tensor_content);
    default:
      if (is_object(lhs)) return std::nullopt;
      return lhs.same_as(rhs);
  }
}

// From two values to a part of each.
struct StepPair {
  AccessKind left_kind;
  Any left_key;
  AccessKind right_kind;
  Any right_key;
};

class StructuralComparison : public std::enable_shared_from_this<StructuralComparison> {
 public:
  StructuralComparison(bool skip_tensor_content, bool with_path)
      : skip_tensor_content_(skip_tensor_content), with_path_(with_path) {}

  bool compare(const Any& lhs, const Any& rhs, Region region) {
    const Unwind unwind(this, frames_.size());
    if (!enter(lhs, rhs, region)) return false;
    while (frames_.size() > unwind.depth) {
      if (!advance()) return false;
    }
    return true;
  }

  // Where the first difference is, after compare() found one.
  AccessPathPair mismatch() const {
    AccessPath left = AccessPath::Root(), right = AccessPath::Root();
    for (const StepPair& step : mismatch_) {
      left = left->Extend(AccessStep(step.left_kind, step.left_key));
      right = right->Extend(AccessStep(step.right_kind, step.right_key));
    }
    return AccessPathPair(left, right);
  }

 private:
  struct Entry {
    Any key;
    Any value;
  };

  // Two containers or objects of one type being compared.
  struct Frame {
    Frame(const Any& left, const Any& right, Region any_region)
        : lhs(left),
          rhs(right),
          type(TVMFFIGetTypeInfo(left.type_index())),
          fields(type),
          region(any_region) {}

    Any lhs;
    Any rhs;
    const TVMFFITypeInfo* type;
    detail::StructuralFieldCursor fields;
    TVMFFISEqHashKind kind = kTVMFFISEqHashKindUnsupported;  // of objects that are no containers
    Region region;                                           // the one the values are in
    size_t next = 0;                                         // element or entry
    std::vector<Entry> entries;                              // of a map on the left
    std::optional<StepPair> step;                            // to the parts being compared
    // Whether these are equal whenever they meet again.
    bool is_settled = true;
  };

  // Forgets what was being compared, also after an error.
  struct Unwind {
    Unwind(StructuralComparison* any_comparison, size_t any_depth)
        : comparison(any_comparison), depth(any_depth) {}
    ~Unwind() {
      auto& frames = comparison->frames_;
      frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(depth), frames.end());
    }
    StructuralComparison* comparison;
    size_t depth;
  };

  // ---- Taking up two values ----

  // False if they differ. If that is not known yet, there is a new frame.
  bool enter(const Any& lhs, const Any& rhs, Region region) {
    if (std::optional<bool> equal = leaves_equal(lhs, rhs, skip_tensor_content_)) {
      return *equal || fail();
    }
    return enter_pair(lhs, rhs, region);
  }

  // The same of two containers or objects of one type.
  bool enter_pair(const Any& lhs, const Any& rhs, Region region) {
    if (!found_equal_.empty() && found_equal_.count({lhs.as<Object>(), rhs.as<Object>()}) != 0)
      return true;
    check_nesting("StructuralEqual", frames_.size() + 1);
    if (as_sequence(lhs) != nullptr) {
      if (!with_path_ && as_sequence(lhs)->size() != as_sequence(rhs)->size()) return fail();
      frames_.emplace_back(lhs, rhs, region);
    } else if (const MapBaseObj* map = as_map(lhs)) {
      if (!with_path_ && map->size() != as_map(rhs)->size()) return fail();
      std::vector<Entry>& entries = frames_.emplace_back(lhs, rhs, region).entries;
      entries.reserve(map->size());
      for (const auto& [key, value] : *map) entries.push_back({key, value});
    } else {
      return enter_object(lhs, rhs, region);
    }
    return true;
  }

  bool enter_object(const Any& lhs, const Any& rhs, Region region) {
    const TVMFFISEqHashKind kind = structural_kind(TVMFFIGetTypeInfo(lhs.type_index()));
    switch (kind) {
      case kTVMFFISEqHashKindUniqueInstance:
        return lhs.same_as(rhs) || fail();
      case kTVMFFISEqHashKindConstTreeNode:
        if (lhs.same_as(rhs)) return true;
        break;
      case kTVMFFISEqHashKindFreeVar:
      case kTVMFFISEqHashKindDAGNode: {
        auto known = pairing_.is_pair(lhs.as<Object>(), rhs.as<Object>());
        if (known.has_value()) return *known || fail();
        break;
      }
      default:
        break;
    }
    auto hook = type_attr_of<type_attr::kSEqual>(lhs.type_index());
    frames_.emplace_back(lhs, rhs, region).kind = kind;
    return !hook.has_value() || compare_by_hook(*hook);
  }

  bool compare_by_hook(
      const TypedFunction<bool(const Object*, const Object*,
                               const TypedFunction<bool(AnyView, AnyView, int, AnyView)>&)>& hook) {
    const Frame& frame = frames_.back();
    const Any lhs = frame.lhs, rhs = frame.rhs;
    const Region inner = detail::InnerDefRegion(frame.region, frame.kind);
    const size_t index = frames_.size() - 1;
    const bool had_mismatch = has_mismatch_;
    if (!hook(lhs.as<Object>(), rhs.as<Object>(), part_comparison(inner, index))) {
      frames_.back().step.reset();
      return fail();
    }
    // Differences of parts did not matter to the hook. They may be none when it is asked again.
    if (has_mismatch_) frames_.back().is_settled = false;
    if (!had_mismatch) forget_mismatch();
    return leave();
  }

  // ---- Going on ----

  // Compares the parts of the innermost frame up to the first that has parts itself. False if a
  // difference was found.
  bool advance() {
    Frame& frame = frames_.back();
    if (as_sequence(frame.lhs) != nullptr) return advance_sequence(&frame);
    if (as_map(frame.lhs) != nullptr) return advance_map(&frame);
    return advance_object(&frame);
  }

  bool advance_object(Frame* frame) {
    const Region inner = detail::InnerDefRegion(frame->region, frame->kind);
    while (const TVMFFIFieldInfo* field = frame->fields.Next()) {
      const reflection::FieldGetter get(field);
      const Any lhs = get(frame->lhs.as<Object>()), rhs = get(frame->rhs.as<Object>());
      if (with_path_) {
        const Any name = String(field->name.data, field->name.size);
        frame->step = {AccessKind::kAttr, name, AccessKind::kAttr, name};
      }
      const std::optional<bool> equal = leaves_equal(lhs, rhs, skip_tensor_content_);
      if (!equal.has_value()) return enter_pair(lhs, rhs, detail::FieldDefRegion(inner, field));
      if (!*equal) return fail();
    }
    return leave();
  }

  bool advance_sequence(Frame* frame) {
    const SeqBaseObj* lhs = as_sequence(frame->lhs);
    const SeqBaseObj* rhs = as_sequence(frame->rhs);
    while (true) {
      const size_t i = frame->next++;
      const bool ends_left = i >= lhs->size(), ends_right = i >= rhs->size();
      if (ends_left && ends_right) return leave();
      if (with_path_) {
        const Any index = static_cast<int64_t>(i);
        frame->step = {ends_left ? AccessKind::kArrayItemMissing : AccessKind::kArrayItem, index,
                       ends_right ? AccessKind::kArrayItemMissing : AccessKind::kArrayItem, index};
      }
      if (ends_left || ends_right) return fail();
      const std::optional<bool> equal =
          leaves_equal(lhs->begin()[i], rhs->begin()[i], skip_tensor_content_);
      if (!equal.has_value()) {
        const Any left = lhs->begin()[i], right = rhs->begin()[i];  // a hook may change lists
        return enter_pair(left, right, frame->region);
      }
      if (!*equal) return fail();
    }
  }

  bool advance_map(Frame* frame) {
    const MapBaseObj* rhs = as_map(frame->rhs);
    if (frame->next == frame->entries.size()) {
      if (frame->entries.size() == rhs->size()) return leave();
      return fail_for_added_key(frame);
    }
    const auto [key, left] = std::move(frame->entries[frame->next++]);
    const Any counterpart = is_object(key) ? pairing_.right_of(key) : key;
    if (may_be_paired_later(key)) frame->is_settled = false;
    auto it = rhs->find(counterpart);
    const bool is_missing = it == rhs->end();
    if (with_path_) {
      frame->step = {AccessKind::kMapItem, key,
                     is_missing ? AccessKind::kMapItemMissing : AccessKind::kMapItem, counterpart};
    }
    if (is_missing) return fail();
    const Any right = it->second;
    return enter(left, right, frame->region);
  }

  bool fail_for_added_key(Frame* frame) {
    for (const auto& [key, value] : *as_map(frame->rhs)) {
      const Any counterpart = is_object(key) ? pairing_.left_of(key) : key;
      if (as_map(frame->lhs)->count(counterpart) != 0) continue;
      frame->step = {AccessKind::kMapItemMissing, counterpart, AccessKind::kMapItem, key};
      break;
    }
    return fail();
  }

  bool may_be_paired_later(const Any& key) const {
    if (!is_object(key) || !pairing_.right_of(key).same_as(key)) return false;
    const TVMFFISEqHashKind kind = detail::StructuralKind(TVMFFIGetTypeInfo(key.type_index()));
    return kind == kTVMFFISEqHashKindFreeVar || kind == kTVMFFISEqHashKindDAGNode;
  }

  // Ends the innermost frame, whose parts are equal.
  bool leave() {
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    if (!frame.is_settled && !frames_.empty()) frames_.back().is_settled = false;
    if (frame.kind == kTVMFFISEqHashKindFreeVar) {
      const bool may_bind = frame.region != kTVMFFIDefRegionKindNone;
      if (!may_bind && !frame.lhs.same_as(frame.rhs)) return fail();
      pairing_.add(frame.lhs, frame.rhs);
    } else if (frame.kind == kTVMFFISEqHashKindDAGNode) {
      pairing_.add(frame.lhs, frame.rhs);
    } else if (frame.is_settled && frame.lhs.as<Object>()->use_count() > 2) {
      // Referred to by the frame, by where it was found, and by others: it may come again.
      found_equal_.insert({frame.lhs.as<Object>(), frame.rhs.as<Object>()});
      held_.push_back(frame.lhs);
      held_.push_back(frame.rhs);
    }
    return true;
  }

  // ---- Differences ----

  bool fail() {
    if (with_path_ && !has_mismatch_) {
      mismatch_.clear();
      for (const Frame& frame : frames_) {
        if (frame.step.has_value()) mismatch_.push_back(*frame.step);
      }
    }
    has_mismatch_ = true;
    return false;
  }

  void forget_mismatch() {
    has_mismatch_ = false;
    mismatch_.clear();
  }

  // For hooks. It may be kept, so it keeps this comparison; later it knows nothing of paths.
  TypedFunction<bool(AnyView, AnyView, int, AnyView)> part_comparison(Region region, size_t index) {
    return [self = shared_from_this(), region, index](AnyView lhs, AnyView rhs, int kind,
                                                      AnyView field_name) {
      self->name_part(index, field_name);
      return self->compare(Any(lhs), Any(rhs), requested_region(region, kind));
    };
  }

  // Says where the parts are that the hook of a frame compares next, if it has a name for it.
  void name_part(size_t index, const Any& name) {
    if (!with_path_ || index >= frames_.size()) return;
    frames_[index].step.reset();
    if (name.as<String>().has_value()) {
      frames_[index].step = {AccessKind::kAttr, name, AccessKind::kAttr, name};
    }
  }

  bool skip_tensor_content_;
  bool with_path_;
  std::vector<Frame> frames_;
  Pairing pairing_;
  // Neither variables nor DAG nodes: those are paired.
  std::set<std::pair<const Object*, const Object*>> found_equal_;
  std::vector<Any> held_;  // the objects of found_equal_
  bool has_mismatch_ = false;
  std::vector<StepPair> mismatch_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.StructuralEqual",
           [](const Any& lhs, const Any& rhs, bool map_free_vars, bool skip_tensor_content) {
             auto comparison = std::make_shared<StructuralComparison>(skip_tensor_content, false);
             return comparison->compare(lhs, rhs, initial_region(map_free_vars));
           })
      .def("ffi.GetFirstStructuralMismatch",
           [](const Any& lhs, const Any& rhs, bool map_free_vars,
              bool skip_tensor_content) -> Optional<AccessPathPair> {
             auto comparison = std::make_shared<StructuralComparison>(skip_tensor_content, true);
             if (comparison->compare(lhs, rhs, initial_region(map_free_vars))) return std::nullopt;
             return comparison->mismatch();
           });
}

}  // namespace
}  // namespace tvm::ffi::library
