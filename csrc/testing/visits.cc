// SPDX-License-Identifier: Apache-2.0
//
// Classes that say in which definition region their parts are visited: by the flags of their
// fields, and by a hook.
#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

class TestVisitRegionsObj : public Object {
 public:
  int64_t simple = 1;
  int64_t pattern = 2;
  int64_t ordinary = 3;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestVisitRegions", TestVisitRegionsObj, Object);
};

class TestVisitHookObj : public Object {
 public:
  explicit TestVisitHookObj(ObjectRef child) : child(child) {}

  ObjectRef child;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestVisitHook", TestVisitHookObj, Object);
};

Any visit(const Any& visitor, AnyView value) {
  return Function::GetGlobalRequired("ffi.StructuralVisitorVisit")(visitor, value);
}

// The child in a simple region, then 4 in the region there was before.
Any visit_hook(const Any& visitor, const TestVisitHookObj* self) {
  ObjectRef child = self->child;
  Any result = Function::GetGlobalRequired("ffi.StructuralVisitorWithDefRegionKind")(
      visitor, static_cast<int>(kTVMFFIDefRegionKindSimple),
      Function::FromTyped([visitor, child] { return visit(visitor, child); }));
  return result != nullptr ? result : visit(visitor, 4);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<TestVisitRegionsObj>()
      .def_ro("simple", &TestVisitRegionsObj::simple, refl::AttachFieldFlag::SEqHashDefSimple())
      .def_ro("pattern", &TestVisitRegionsObj::pattern, refl::AttachFieldFlag::SEqHashDefPattern())
      .def_ro("ordinary", &TestVisitRegionsObj::ordinary);
  refl::ObjectDef<TestVisitHookObj>()
      .def_ro("child", &TestVisitHookObj::child)
      .def_type_attr("__s_visit__", visit_hook);
  refl::GlobalDef().def("testing.make_visit_region_graph", [](bool with_hook) -> Any {
    ObjectRef regions(make_object<TestVisitRegionsObj>());
    if (!with_hook) return regions;
    return ObjectRef(make_object<TestVisitHookObj>(regions));
  });
}

}  // namespace
}  // namespace tvm::ffi::testing
