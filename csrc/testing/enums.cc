// SPDX-License-Identifier: Apache-2.0
//
// Enums: one with native members, an int and a str one whose members come from elsewhere, and an
// object that holds both.
#include <tvm/ffi/cast.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/enum_def.h>
#include <tvm/ffi/reflection/registry.h>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

class TestEnumVariantObj : public EnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestEnumVariant", TestEnumVariantObj, EnumObj);
};
class TestEnumVariant : public Enum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TestEnumVariant, Enum, TestEnumVariantObj);
};

class TestCxxIntEnumObj : public IntEnumObj {
 public:
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCxxIntEnum", TestCxxIntEnumObj, IntEnumObj);
};
class TestCxxIntEnum : public IntEnum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TestCxxIntEnum, IntEnum, TestCxxIntEnumObj);
};

class TestCxxStrEnumObj : public StrEnumObj {
 public:
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("testing.TestCxxStrEnum", TestCxxStrEnumObj, StrEnumObj);
};
class TestCxxStrEnum : public StrEnum {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(TestCxxStrEnum, StrEnum, TestCxxStrEnumObj);
};

class TestCxxEnumHolderObj : public Object {
 public:
  // Both members are null until they are set.
  explicit TestCxxEnumHolderObj(UnsafeInit) : priority(UnsafeInit{}), opcode(UnsafeInit{}) {}

  TestCxxIntEnum priority;
  TestCxxStrEnum opcode;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.TestCxxEnumHolder", TestCxxEnumHolderObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<TestEnumVariantObj>(refl::init(false));
  refl::TypeAttrDef<TestEnumVariantObj>().def_convert<TestEnumVariant>();
  refl::EnumDef<TestEnumVariantObj>("Alpha").set_attr("code", 10);
  refl::EnumDef<TestEnumVariantObj>("Beta").set_attr("code", 20);

  refl::ObjectDef<TestCxxIntEnumObj>(refl::init(false));
  refl::TypeAttrDef<TestCxxIntEnumObj>().def_convert<TestCxxIntEnum>();
  refl::ObjectDef<TestCxxStrEnumObj>(refl::init(false));
  refl::TypeAttrDef<TestCxxStrEnumObj>().def_convert<TestCxxStrEnum>();
  refl::ObjectDef<TestCxxEnumHolderObj>()
      .def_rw("priority", &TestCxxEnumHolderObj::priority)
      .def_rw("opcode", &TestCxxEnumHolderObj::opcode);

  refl::GlobalDef().def("testing.enum_variant_get", [](const String& index) {
    return GetRef<Enum>(EnumObj::_GetByStrIndex<TestEnumVariantObj>(index).get());
  });
}

}  // namespace
}  // namespace tvm::ffi::testing
