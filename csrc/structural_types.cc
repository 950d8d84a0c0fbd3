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

class StructuralMutatorObj : public Object {
 public:
  StructuralMutatorObj() = delete;

  const void* vtable;  // four functions
  int32_t def_region_mode;

  TVM_FFI_DECLARE_OBJECT_INFO("ffi.StructuralMutator", StructuralMutatorObj, Object);
};

static_assert(sizeof(StructuralMutatorObj) == 40);
TVM_FFI_STATIC_INIT_BLOCK() { refl::ObjectDef<StructuralMutatorObj>{}; }

}  // namespace
}  // namespace tvm::ffi::library
