// SPDX-License-Identifier: Apache-2.0
//
// Registers `ffi.VisitErrorContext`, and the search for the places that such a context describes.
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/extra/structural_detail.h>
#include <tvm/ffi/extra/visit_error_context.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>
#include <map>
#include <optional>
#include <utility>
#include <vector>

#include "recursive.h"

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;
using refl::AccessPath;
using refl::AccessStep;

static_assert(sizeof(VisitErrorContextObj) == 40);

// The objects of a context from the outermost to the innermost.
std::vector<const Object*> pattern_of(const VisitErrorContextObj* context) {
  std::vector<const Object*> pattern;
  for (const Any& node : *context->reverse_visit_pattern.GetListObj()) {
    const Object* object = node.as<Object>();
    if (object != nullptr && (pattern.empty() || pattern.back() != object)) {
      pattern.push_back(object);
    }
  }
  std::reverse(pattern.begin(), pattern.end());
  return pattern;
}

class PathSearch {
 public:
  PathSearch(const VisitErrorContextObj* context, bool allow_prefix)
      : pattern_(pattern_of(context)), allow_prefix_(allow_prefix) {}

  Array<AccessPath> find(const Any& root) {
    if (pattern_.empty()) return paths_;
    enter(root, 0, std::nullopt);
    while (!frames_.empty()) advance();
    return paths_;
  }

 private:
  // An object being searched. `num_met` of the pattern lie on the way to it, itself included.
  struct Frame {
    Any value;
    detail::StructuralFieldCursor fields;
    size_t num_met;
    bool is_met;                     // it is one of these
    std::optional<AccessStep> step;  // from the frame before
    size_t num_paths;                // found before
    size_t next = 0;                 // item or entry
    std::vector<std::pair<Any, Any>> entries;
  };

  void enter(const Any& value, size_t num_met, std::optional<AccessStep> step) {
    if (!is_object(value)) return;
    const Object* object = value.as<Object>();
    const bool is_met = object == pattern_[num_met];
    if (is_met && ++num_met == pattern_.size()) return record(std::move(step));
    if (barren_.count({object, num_met}) != 0) return;
    check_nesting("FindAccessPaths", frames_.size() + 1);
    const TVMFFITypeInfo* type = TVMFFIGetTypeInfo(value.type_index());
    Frame frame{value,
                detail::StructuralFieldCursor(type, 0),
                num_met,
                is_met,
                std::move(step),
                paths_.size(),
                0,
                {}};
    if (const MapBaseObj* map = as_map(value)) {
      for (const auto& [key, item] : *map) frame.entries.emplace_back(key, item);
    } else if (as_sequence(value) == nullptr && type->metadata == nullptr) {
      return;
    }
    frames_.push_back(std::move(frame));
  }

  void advance() {
    Frame& frame = frames_.back();
    const size_t num_met = frame.num_met;
    if (const SeqBaseObj* sequence = as_sequence(frame.value)) {
      if (frame.next < sequence->size()) {
        const size_t i = frame.next++;
        return enter(sequence->begin()[i], num_met, AccessStep::ArrayItem(static_cast<int64_t>(i)));
      }
    } else if (as_map(frame.value) != nullptr) {
      if (frame.next < frame.entries.size()) {
        const auto [key, value] = frame.entries[frame.next++];
        return enter(value, num_met, AccessStep::MapItem(key));
      }
    } else if (const TVMFFIFieldInfo* field = frame.fields.Next()) {
      const Any value = refl::FieldGetter(field)(frame.value.as<Object>());
      return enter(value, num_met, AccessStep::Attr(String(field->name.data, field->name.size)));
    }
    const Frame finished = std::move(frame);
    frames_.pop_back();
    leave(finished);
  }

  // With a part of the pattern met, the way ends where nothing is found farther on.
  void leave(const Frame& frame) {
    if (paths_.size() != frame.num_paths) return;
    const bool is_container = as_sequence(frame.value) != nullptr || as_map(frame.value) != nullptr;
    if (allow_prefix_ && frame.num_met != 0 && (frame.is_met || !is_container)) {
      if (!frames_.empty()) record(frame.step);
      return;
    }
    barren_[{frame.value.as<Object>(), frame.num_met}] = frame.value;
  }

  void record(std::optional<AccessStep> last) {
    AccessPath path = AccessPath::Root();
    for (const Frame& frame : frames_) {
      if (frame.step.has_value()) path = path->Extend(*frame.step);
    }
    if (last.has_value()) path = path->Extend(*last);
    paths_.push_back(path);
  }

  std::vector<const Object*> pattern_;
  bool allow_prefix_;
  std::vector<Frame> frames_;
  // Nothing is found there. Holds the objects so that no others take their addresses.
  std::map<std::pair<const Object*, size_t>, Any> barren_;
  Array<AccessPath> paths_;
};

// init(false): the released library gives it no constructor either.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<VisitErrorContextObj>(refl::init(false))
      .def_ro("reverse_visit_pattern", &VisitErrorContextObj::reverse_visit_pattern)
      .def_ro("prev_error_context", &VisitErrorContextObj::prev_error_context);
  refl::GlobalDef().def(
      "ffi.VisitErrorContext.FindAccessPaths",
      [](const ObjectRef& root, const VisitErrorContext& context, bool allow_prefix) {
        return PathSearch(context.get(), allow_prefix).find(root);
      });
}

}  // namespace
}  // namespace tvm::ffi::library
