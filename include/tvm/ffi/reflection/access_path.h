// SPDX-License-Identifier: Apache-2.0
//
// AccessPath: where a value lies inside another one, as a chain of attribute, item and key steps.
// Paths share their beginnings: extending one makes one object.
#ifndef TVM_FFI_REFLECTION_ACCESS_PATH_H_
#define TVM_FFI_REFLECTION_ACCESS_PATH_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/cast.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>  // int32_t
#include <utility>  // std::move
#include <vector>   // std::vector

namespace tvm {
namespace ffi {
namespace reflection {

// The kinds of "missing" steps end paths to where a counterpart has something and this side not.
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

// The key is an attribute name, an index, or a key of a map.
class AccessStepObj : public Object {
 public:
  AccessKind kind = AccessKind::kAttr;
  Any key;

  AccessStepObj() = default;
  AccessStepObj(AccessKind kind, Any key) : kind(kind), key(std::move(key)) {}

  inline bool StepEqual(const AccessStep& other) const;

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindConstTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.reflection.AccessStep", AccessStepObj, Object);
};

class AccessStep : public ObjectRef {
 public:
  AccessStep(AccessKind kind, Any key)
      : ObjectRef(ObjectPtr<Object>(make_object<AccessStepObj>(kind, std::move(key)))) {}

  static AccessStep Attr(String name) { return {AccessKind::kAttr, Any(std::move(name))}; }
  static AccessStep AttrMissing(String name) {
    return {AccessKind::kAttrMissing, Any(std::move(name))};
  }
  static AccessStep ArrayItem(int64_t index) { return {AccessKind::kArrayItem, Any(index)}; }
  static AccessStep ArrayItemMissing(int64_t index) {
    return {AccessKind::kArrayItemMissing, Any(index)};
  }
  static AccessStep MapItem(Any key) { return {AccessKind::kMapItem, std::move(key)}; }
  static AccessStep MapItemMissing(Any key = nullptr) {
    return {AccessKind::kMapItemMissing, std::move(key)};
  }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(AccessStep, ObjectRef, AccessStepObj);
};

inline bool AccessStepObj::StepEqual(const AccessStep& other) const {
  return kind == other->kind && AnyEqual()(key, other->key);
}

class AccessPathObj : public Object {
 public:
  Optional<ObjectRef> parent;  // an AccessPath; only the root has none
  Optional<AccessStep> step;   // from the parent
  int32_t depth = 0;           // number of steps from the root

  AccessPathObj() = default;
  AccessPathObj(Optional<ObjectRef> parent, Optional<AccessStep> step, int32_t depth)
      : parent(std::move(parent)), step(std::move(step)), depth(depth) {}

  inline Optional<AccessPath> GetParent() const;

  // The path with one more step.
  inline AccessPath Extend(AccessStep step) const;
  inline AccessPath Attr(String name) const;
  inline AccessPath AttrMissing(String name) const;
  inline AccessPath ArrayItem(int64_t index) const;
  inline AccessPath ArrayItemMissing(int64_t index) const;
  inline AccessPath MapItem(Any key) const;
  inline AccessPath MapItemMissing(Any key = nullptr) const;

  // The steps from the root on.
  inline Array<AccessStep> ToSteps() const;
  inline bool PathEqual(const AccessPath& other) const;
  // Whether `other` begins with this path; so does the path itself.
  inline bool IsPrefixOf(const AccessPath& other) const;

  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindConstTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.reflection.AccessPath", AccessPathObj, Object);

 private:
  const AccessPathObj* ParentObj() const {
    return parent.has_value() ? static_cast<const AccessPathObj*>(parent.get()) : nullptr;
  }
  // Shared beginnings are equal. Paths made by reflection may lack a parent or a step.
  static bool Equal(const AccessPathObj* lhs, const AccessPathObj* rhs) {
    for (; lhs != rhs; lhs = lhs->ParentObj(), rhs = rhs->ParentObj()) {
      if (lhs == nullptr || rhs == nullptr || lhs->depth != rhs->depth) return false;
      if (lhs->step.has_value() != rhs->step.has_value()) return false;
      if (lhs->step.has_value() && !(*lhs->step)->StepEqual(*rhs->step)) return false;
    }
    return true;
  }
};

class AccessPath : public ObjectRef {
 public:
  // The path of the value itself.
  static AccessPath Root() { return Make(std::nullopt, std::nullopt, 0); }

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
  friend class AccessPathObj;

  static AccessPath Make(Optional<ObjectRef> parent, Optional<AccessStep> step, int32_t depth) {
    return ffi::detail::ObjectUnsafe::ObjectRefFromObjectPtr<AccessPath>(
        make_object<AccessPathObj>(std::move(parent), std::move(step), depth));
  }
};

using AccessPathPair = Tuple<AccessPath, AccessPath>;

inline Optional<AccessPath> AccessPathObj::GetParent() const {
  if (!parent.has_value()) return std::nullopt;
  return GetRef<AccessPath>(ParentObj());
}

inline AccessPath AccessPathObj::Extend(AccessStep step) const {
  return AccessPath::Make(GetRef<ObjectRef>(static_cast<const Object*>(this)), std::move(step),
                          depth + 1);
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
  std::vector<AccessStep> reversed;
  for (const AccessPathObj* path = this; path != nullptr && path->step.has_value();
       path = path->ParentObj()) {
    reversed.push_back(*path->step);
  }
  return Array<AccessStep>(reversed.rbegin(), reversed.rend());
}

inline bool AccessPathObj::PathEqual(const AccessPath& other) const {
  return Equal(this, other.get());
}

inline bool AccessPathObj::IsPrefixOf(const AccessPath& other) const {
  const AccessPathObj* path = other.get();
  while (path != nullptr && path->depth > depth) path = path->ParentObj();
  return Equal(this, path);
}

}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_ACCESS_PATH_H_
