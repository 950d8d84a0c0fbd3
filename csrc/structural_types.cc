// SPDX-License-Identifier: Apache-2.0
//
// Registers the types that structural operations share with clients: what visitors and mutators
// look like, and what a visit leaves behind.
#include <tvm/ffi/any.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;

class VisitInterruptObj : public Object {
 public:
  Any value;

  static constexpr int32_t _type_index = kTVMFFIVisitInterrupt;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC("ffi.VisitInterrupt", VisitInterruptObj, Object);
};

class VisitErrorContextObj : public Object {
 public:
  List<ObjectRef> reverse_visit_pattern;
  Optional<ObjectRef> prev_error_context;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.VisitErrorContext", VisitErrorContextObj, Object);
};

class StructuralVisitorObj : public Object {
 public:
  StructuralVisitorObj() = delete;  // only clients make visitors, with a table of their own

  const void* vtable;  // one function
  int32_t def_region_mode;

  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StructuralVisitor", StructuralVisitorObj, Object);
};

class StructuralMutatorObj : public Object {
 public:
  StructuralMutatorObj() = delete;

  const void* vtable;  // four functions
  int32_t def_region_mode;

  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StructuralMutator", StructuralMutatorObj, Object);
};

static_assert(sizeof(VisitInterruptObj) == 40 && sizeof(VisitErrorContextObj) == 40);
static_assert(sizeof(StructuralVisitorObj) == 40 && sizeof(StructuralMutatorObj) == 40);
// init(false): the released library gives these two no constructor either.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<VisitInterruptObj>(refl::init(false))
      .def_ro("value", &VisitInterruptObj::value, refl::default_value(nullptr));
  refl::ObjectDef<VisitErrorContextObj>(refl::init(false))
      .def_ro("reverse_visit_pattern", &VisitErrorContextObj::reverse_visit_pattern)
      .def_ro("prev_error_context", &VisitErrorContextObj::prev_error_context);
  refl::ObjectDef<StructuralVisitorObj>{};
  refl::ObjectDef<StructuralMutatorObj>{};
}

}  // namespace
}  // namespace tvm::ffi::library
