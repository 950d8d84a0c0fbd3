// SPDX-License-Identifier: Apache-2.0
//
// Where a value is inside another one: steps from a root through attributes, array items and map
// items. Paths share their beginnings.
#ifndef TVM_FFI_REFLECTION_ACCESS_PATH_H_
#define TVM_FFI_REFLECTION_ACCESS_PATH_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/cast.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/string.h>

#include <cstdint>  // int32_t
#include <utility>  // std::move
#include <vector>   // AccessPathObj::ToSteps

namespace tvm {
namespace ffi {
namespace reflection {

// The Missing kinds say that a step could be taken on another value but not on this one.
enum class AccessKind : int32_t {
  kAttr = 0,
  kArrayItem = 1,
  kMapItem = 2,
  kAttrMissing = 3,
  kArrayItemMissing = 4,
  kMapItemMissing = 5,
};

class AccessStep;
class AccessPath;

class AccessStepObj : public Object {
 public:
  AccessKind kind;
  Any key;  // name, index or key

  AccessStepObj(AccessKind kind, Any key) : kind(kind), key(std::move(key)) {}
  explicit AccessStepObj(UnsafeInit) : kind(AccessKind::kAttr) {}

  inline bool StepEqual(const AccessStep& other) const;

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindConstTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.reflection.AccessStep", AccessStepObj, Object);
};

class AccessStep : public ObjectRef {
 public:
  AccessStep(AccessKind kind, Any key)
      : ObjectRef(make_object<AccessStepObj>(kind, std::move(key))) {}

  static AccessStep Attr(String name) { return AccessStep(AccessKind::kAttr, std::move(name)); }
  static AccessStep AttrMissing(String name) {
    return AccessStep(AccessKind::kAttrMissing, std::move(name));
  }
  static AccessStep ArrayItem(int64_t index) { return AccessStep(AccessKind::kArrayItem, index); }
  static AccessStep ArrayItemMissing(int64_t index) {
    return AccessStep(AccessKind::kArrayItemMissing, index);
  }
  static AccessStep MapItem(Any key) { return AccessStep(AccessKind::kMapItem, std::move(key)); }
  static AccessStep MapItemMissing(Any key = nullptr) {
    return AccessStep(AccessKind::kMapItemMissing, std::move(key));
  }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(AccessStep, ObjectRef, AccessStepObj);
};

inline bool AccessStepObj::StepEqual(const AccessStep& other) const {
  return kind == other->kind && AnyEqual()(key, other->key);
}

class AccessPathObj : public Object {
 public:
  Optional<ObjectRef> parent;  // an AccessPath; empty at the root, like step
  Optional<AccessStep> step;
  int32_t depth;  // number of steps

  AccessPathObj(Optional<ObjectRef> parent, Optional<AccessStep> step, int32_t depth)
      : parent(std::move(parent)), step(std::move(step)), depth(depth) {}
  explicit AccessPathObj(UnsafeInit) : depth(0) {}

  inline Optional<AccessPath> GetParent() const;

  // This path and one step more.
  inline AccessPath Extend(AccessStep step) const;
  inline AccessPath Attr(String name) const;
  inline AccessPath AttrMissing(String name) const;
  inline AccessPath ArrayItem(int64_t index) const;
  inline AccessPath ArrayItemMissing(int64_t index) const;
  inline AccessPath MapItem(Any key) const;
  inline AccessPath MapItemMissing(Any key) const;

  // From the root on.
  inline Array<AccessStep> ToSteps() const;

  inline bool PathEqual(const AccessPath& other) const;
  inline bool IsPrefixOf(const AccessPath& other) const;

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindConstTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.reflection.AccessPath", AccessPathObj, Object);

 private:
  const AccessPathObj* Parent() const {
    return parent.has_value() ? static_cast<const AccessPathObj*>(parent.get()) : nullptr;
  }
  // For paths of the same length.
  static bool SameSteps(const AccessPathObj* a, const AccessPathObj* b) {
    while (a != b) {  // a shared beginning is equal
      if (!a->step.has_value() || !b->step.has_value()) {
        return a->step.has_value() == b->step.has_value();
      }
      if (!a->step->StepEqual(*b->step)) return false;
      a = a->Parent();
      b = b->Parent();
    }
    return true;
  }
};

class AccessPath : public ObjectRef {
 public:
  static AccessPath Root() {
    return AccessPath(make_object<AccessPathObj>(std::nullopt, std::nullopt, 0));
  }
  template <typename It>
  static AccessPath FromSteps(It begin, It end) {
    AccessPath path = Root();
    for (; begin != end; ++begin) path = path->Extend(*begin);
    return path;
  }
  static AccessPath FromSteps(const Array<AccessStep>& steps) {
    return FromSteps(steps.begin(), steps.end());
  }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(AccessPath, ObjectRef, AccessPathObj);

 private:
  explicit AccessPath(ObjectPtr<AccessPathObj> path) : ObjectRef(std::move(path)) {}

  friend class AccessPathObj;
};

// Of the two sides of a comparison.
using AccessPathPair = Tuple<AccessPath, AccessPath>;

inline Optional<AccessPath> AccessPathObj::GetParent() const {
  const AccessPathObj* path = Parent();
  if (path == nullptr) return std::nullopt;
  return GetRef<AccessPath>(path);
}

inline AccessPath AccessPathObj::Extend(AccessStep step) const {
  return AccessPath(make_object<AccessPathObj>(Optional<ObjectRef>(GetRef<ObjectRef>(this)),
                                               Optional<AccessStep>(std::move(step)), depth + 1));
}

inline AccessPath AccessPathObj::Attr(String name) const {
  return Extend(AccessStep::Attr(std::move(name)));
}
inline AccessPath AccessPathObj::AttrMissing(String name) const {
  return Extend(AccessStep::AttrMissing(std::move(name)));
}
inline AccessPath AccessPathObj::ArrayItem(int64_t index) const {
  return Extend(AccessStep::ArrayItem(index));
}
inline AccessPath AccessPathObj::ArrayItemMissing(int64_t index) const {
  return Extend(AccessStep::ArrayItemMissing(index));
}
inline AccessPath AccessPathObj::MapItem(Any key) const {
  return Extend(AccessStep::MapItem(std::move(key)));
}
inline AccessPath AccessPathObj::MapItemMissing(Any key) const {
  return Extend(AccessStep::MapItemMissing(std::move(key)));
}

inline Array<AccessStep> AccessPathObj::ToSteps() const {
  std::vector<const AccessPathObj*> leaf_first;
  for (const AccessPathObj* path = this; path->step.has_value(); path = path->Parent()) {
    leaf_first.push_back(path);
  }
  Array<AccessStep> steps;
  steps.reserve(static_cast<int64_t>(leaf_first.size()));
  for (size_t i = leaf_first.size(); i-- != 0;) steps.push_back(*leaf_first[i]->step);
  return steps;
}

inline bool AccessPathObj::PathEqual(const AccessPath& other) const {
  return depth == other->depth && SameSteps(this, other.get());
}

inline bool AccessPathObj::IsPrefixOf(const AccessPath& other) const {
  if (depth > other->depth) return false;
  const AccessPathObj* ancestor = other.get();
  while (ancestor->depth > depth) ancestor = ancestor->Parent();
  return SameSteps(this, ancestor);
}

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_ACCESS_PATH_H_
