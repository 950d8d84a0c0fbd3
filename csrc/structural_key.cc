// SPDX-License-Identifier: Apache-2.0
//
// Registers `ffi.StructuralKey`: how keys compared by structure are hashed and compared in maps.
#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/structural_key.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <utility>

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;

static_assert(sizeof(StructuralKeyObj) == 48);

bool keys_equal(const StructuralKey& lhs, const StructuralKey& rhs) { return lhs == rhs; }

bool values_equal(const Any& lhs, const Any& rhs) {
  if (lhs.same_as(rhs)) return true;
  const StructuralKeyObj* lhs_obj = lhs.as<StructuralKeyObj>();
  const StructuralKeyObj* rhs_obj = rhs.as<StructuralKeyObj>();
  TVM_FFI_ICHECK_NOTNULL(lhs_obj);
  TVM_FFI_ICHECK_NOTNULL(rhs_obj);
  return keys_equal(GetRef<StructuralKey>(lhs_obj), GetRef<StructuralKey>(rhs_obj));
}

// The hooks are functions, not raw pointers: clients of every generation call those alike.
TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<StructuralKeyObj>()
      .def_ro("key", &StructuralKeyObj::key)
      .def_ro("hash_i64", &StructuralKeyObj::hash_i64)
      .def(refl::init<Any>(), "Constructor that takes any key and computes its structural hash")
      .def_type_attr("__any_hash__", [](const StructuralKeyObj* key) { return key->hash_i64; })
      .def_type_attr("__any_equal__", keys_equal);
  refl::GlobalDef()
      .def("ffi.StructuralKey", [](Any key) { return StructuralKey(std::move(key)); })
      .def("ffi.StructuralKeyEqual", values_equal);
}

}  // namespace
}  // namespace tvm::ffi::library
