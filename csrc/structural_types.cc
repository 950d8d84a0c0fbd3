// SPDX-License-Identifier: Apache-2.0
//
// Registers the types that structural operations share with clients: what visitors and mutators
// look like, what a visit leaves behind, and keys compared by structure. The operations themselves
// are found by name when they are needed.
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

class StructuralKeyObj : public Object {
 public:
  StructuralKeyObj() = default;
  explicit StructuralKeyObj(Any any_key)
      : key(std::move(any_key)),
        hash_i64(
            Function::GetGlobalRequired("ffi.StructuralHash")(key, false, false).cast<int64_t>()) {}

  Any key;
  int64_t hash_i64 = 0;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("ffi.StructuralKey", StructuralKeyObj, Object);
};

static_assert(sizeof(VisitInterruptObj) == 40 && sizeof(VisitErrorContextObj) == 40);
static_assert(sizeof(StructuralVisitorObj) == 40 && sizeof(StructuralMutatorObj) == 40);
static_assert(sizeof(StructuralKeyObj) == 48);

bool keys_equal(const StructuralKeyObj* lhs, const StructuralKeyObj* rhs) {
  if (lhs == rhs) return true;
  if (lhs->hash_i64 != rhs->hash_i64) return false;
  return Function::GetGlobalRequired("ffi.StructuralEqual")(lhs->key, rhs->key, false, false)
      .cast<bool>();
}

// The hooks are functions, not raw pointers: clients of every generation call those alike.
void register_structural_key() {
  refl::ObjectDef<StructuralKeyObj>()
      .def_ro("key", &StructuralKeyObj::key)
      .def_ro("hash_i64", &StructuralKeyObj::hash_i64)
      .def(refl::init<Any>(), "Constructor that takes any key and computes its structural hash")
      .def_type_attr("__any_hash__", [](const StructuralKeyObj* key) { return key->hash_i64; })
      .def_type_attr("__any_equal__", keys_equal);
}

// init(false): the released library gives these two no constructor either.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<VisitInterruptObj>(refl::init(false))
      .def_ro("value", &VisitInterruptObj::value, refl::default_value(nullptr));
  refl::ObjectDef<VisitErrorContextObj>(refl::init(false))
      .def_ro("reverse_visit_pattern", &VisitErrorContextObj::reverse_visit_pattern)
      .def_ro("prev_error_context", &VisitErrorContextObj::prev_error_context);
  refl::ObjectDef<StructuralVisitorObj>{};
  refl::ObjectDef<StructuralMutatorObj>{};
  register_structural_key();
}

}  // namespace
}  // namespace tvm::ffi::library
