// SPDX-License-Identifier: Apache-2.0
//
// Registers the enum types: `ffi.EnumState`, `ffi.Enum`, `ffi.IntEnum`, `ffi.StrEnum`.
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/registry.h>

namespace tvm::ffi::library {
namespace {

namespace refl = reflection;

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<EnumStateObj>()
      .def_ro("entries", &EnumStateObj::entries, "Enum singletons in registration order.",
              refl::init(false))
      .def_ro("indexes", &EnumStateObj::indexes,
              "Canonical integer and string indices to enum singletons.", refl::init(false))
      .def_ro("attrs", &EnumStateObj::attrs,
              "Extensible-attribute columns keyed by enum singleton.", refl::init(false))
      .def(refl::init<>());
  refl::ObjectDef<EnumObj>(refl::init(false))
      .def_ro("_int_index", &EnumObj::_int_index, "Canonical integer index.",
              refl::AttachFieldFlag::SEqHashIgnore())
      .def_ro("_str_index", &EnumObj::_str_index, "Canonical string index.");
  // The value of a member is its index; both names refer to the same storage.
  refl::ObjectDef<IntEnumObj>(refl::init(false))
      .def_ro("value", &EnumObj::_int_index, "Canonical integer index.", refl::init(false),
              refl::AttachFieldFlag::SEqHashIgnore());
  refl::ObjectDef<StrEnumObj>(refl::init(false))
      .def_ro("value", &EnumObj::_str_index, "Canonical string index.", refl::init(false),
              refl::AttachFieldFlag::SEqHashIgnore());
  refl::TypeAttrDef<IntEnumObj>().def_convert<IntEnum>();
  refl::TypeAttrDef<StrEnumObj>().def_convert<StrEnum>();
}

}  // namespace
}  // namespace tvm::ffi::library
