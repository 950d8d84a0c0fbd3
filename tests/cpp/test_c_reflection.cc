// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <atomic>
#include <cstring>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract.h"

namespace {

using contract::bytes;
using contract::Owned;
using contract::text;

int32_t register_type(const std::string& key, int32_t parent = kTVMFFIObject) {
  const TVMFFIByteArray key_bytes = bytes(key);
  return TVMFFITypeGetOrAllocIndex(&key_bytes, -1, TVMFFIGetTypeInfo(parent)->type_depth + 1, 0, 1,
                                   parent);
}

Owned make_function() {
  Owned function;
  EXPECT_EQ(TVMFFIFunctionCreate(
                nullptr, [](void*, const TVMFFIAny*, int32_t, TVMFFIAny*) { return 0; }, nullptr,
                function.out()),
            0);
  return function;
}

Owned make_object() {
  Owned object;
  EXPECT_EQ(TVMFFIObjectCreateOpaque(nullptr, kTVMFFIOpaquePyObject, nullptr, object.out()), 0);
  return object;
}

TVMFFIFieldInfo field_info(std::string_view name) {
  TVMFFIFieldInfo info{};
  info.name = bytes(name);
  info.size = 8;
  info.alignment = 8;
  info.offset = 24;
  info.getter = [](void*, TVMFFIAny*) { return 0; };
  info.field_static_type_index = kTVMFFIInt;
  return info;
}

// ---- Fields ----------------------------------------------------------------

TEST(CField, IsCopied) {
  const int32_t type = register_type("test.c_field.copy");
  std::string name = "name", doc = "doc", metadata = "{}";
  TVMFFIFieldInfo info = field_info(name);
  info.doc = bytes(doc);
  info.metadata = bytes(metadata);
  info.flags = kTVMFFIFieldFlagBitMaskWritable;
  info.setter = reinterpret_cast<void*>(0x1234);
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  name[0] = doc[0] = metadata[0] = 'x';

  const TVMFFITypeInfo* type_info = TVMFFIGetTypeInfo(type);
  ASSERT_EQ(type_info->num_fields, 1);
  const TVMFFIFieldInfo& field = type_info->fields[0];
  EXPECT_EQ(text(field.name), "name");
  EXPECT_EQ(text(field.doc), "doc");
  EXPECT_EQ(text(field.metadata), "{}");
  EXPECT_EQ(field.flags, info.flags);
  EXPECT_EQ(field.size, 8);
  EXPECT_EQ(field.alignment, 8);
  EXPECT_EQ(field.offset, 24);
  EXPECT_EQ(field.getter, info.getter);
  EXPECT_EQ(field.setter, info.setter);
  EXPECT_EQ(field.field_static_type_index, kTVMFFIInt);
  EXPECT_EQ(field.default_value_or_factory.type_index, kTVMFFINone);
}

TEST(CField, EmptyTextsAreNull) {
  const int32_t type = register_type("test.c_field.empty");
  TVMFFIFieldInfo info = field_info("name");
  info.doc = bytes("");
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->fields[0].doc.data, nullptr);
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->fields[0].doc.size, 0u);
}

TEST(CField, DefaultIsKeptAsAnOwnedValue) {
  const int32_t type = register_type("test.c_field.default");
  char raw[] = "text longer than seven";
  TVMFFIFieldInfo info = field_info("text");
  info.flags = kTVMFFIFieldFlagBitMaskHasDefault;
  info.default_value_or_factory.type_index = kTVMFFIRawStr;
  info.default_value_or_factory.v_c_str = raw;
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  raw[0] = 'x';
  const TVMFFIAny& kept = TVMFFIGetTypeInfo(type)->fields[0].default_value_or_factory;
  ASSERT_EQ(kept.type_index, kTVMFFIStr);
  EXPECT_EQ(text(*TVMFFIBytesGetByteArrayPtr(kept.v_obj)), "text longer than seven");

  Owned object = make_object();
  info = field_info("object");
  info.default_value_or_factory = contract::object(object.get());
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  EXPECT_EQ(object.strong_count(), 1u) << "there is no default without its flag";
  info = field_info("object with default");
  info.flags = kTVMFFIFieldFlagBitMaskHasDefault;
  info.default_value_or_factory = contract::object(object.get());
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  EXPECT_EQ(object.strong_count(), 2u);
}

TEST(CField, SetterFunctionIsRetained) {
  const int32_t type = register_type("test.c_field.setter");
  Owned function = make_function();
  TVMFFIFieldInfo info = field_info("name");
  info.flags = kTVMFFIFieldFlagBitSetterIsFunctionObj;
  info.setter = function.get();
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  EXPECT_EQ(function.strong_count(), 2u);
}

TEST(CField, OrderIsThatOfRegistration) {
  const int32_t type = register_type("test.c_field.order");
  for (int i = 0; i < 100; ++i) {
    const std::string name = "field" + std::to_string(99 - i);
    TVMFFIFieldInfo info = field_info(name);
    ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  }
  const TVMFFITypeInfo* type_info = TVMFFIGetTypeInfo(type);
  ASSERT_EQ(type_info->num_fields, 100);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(text(type_info->fields[i].name), "field" + std::to_string(99 - i));
  }
}

TEST(CField, DuplicateNameIsAnErrorThatLosesNothing) {
  const int32_t type = register_type("test.c_field.duplicate");
  TVMFFIFieldInfo info = field_info("name");
  ASSERT_EQ(TVMFFITypeRegisterField(type, &info), 0);
  Owned object = make_object();
  Owned setter = make_function();
  info.flags = kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitSetterIsFunctionObj;
  info.default_value_or_factory = contract::object(object.get());
  info.setter = setter.get();
  EXPECT_RAISES(TVMFFITypeRegisterField(type, &info), "InternalError",
                "Duplicate field name \"name\" in type \"test.c_field.duplicate\"");
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_fields, 1);
  EXPECT_EQ(object.strong_count(), 1u);
  EXPECT_EQ(setter.strong_count(), 1u);
}

TEST(CField, ShadowingAnAncestorIsWarnedOf) {
  const int32_t parent = register_type("test.c_field.parent");
  const int32_t child = register_type("test.c_field.child", parent);
  TVMFFIFieldInfo info = field_info("name");
  ASSERT_EQ(TVMFFITypeRegisterField(parent, &info), 0);
  testing::internal::CaptureStderr();
  EXPECT_EQ(TVMFFITypeRegisterField(child, &info), 0);
  EXPECT_EQ(testing::internal::GetCapturedStderr(),
            "[WARNING] Field \"name\" in type \"test.c_field.child\" duplicates an ancestor field "
            "in \"test.c_field.parent\". Child types should not re-register inherited fields.\n");
  EXPECT_EQ(TVMFFIGetTypeInfo(child)->num_fields, 1);
}

TEST(CField, DefaultThatWasMovedAwayIsAnError) {
  const int32_t type = register_type("test.c_field.moved");
  TVMFFIObject* empty = nullptr;
  TVMFFIFieldInfo info = field_info("name");
  info.flags = kTVMFFIFieldFlagBitMaskHasDefault;
  info.default_value_or_factory.type_index = kTVMFFIObjectRValueRef;
  info.default_value_or_factory.v_ptr = &empty;
  EXPECT_EQ(TVMFFITypeRegisterField(type, &info), -1);
  EXPECT_EQ(contract::Raised().kind, "InternalError");
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_fields, 0);
}

// ---- Methods ---------------------------------------------------------------

TEST(CMethod, IsCopiedAndItsFunctionRetained) {
  const int32_t type = register_type("test.c_method.copy");
  Owned function = make_function();
  std::string name = "name";
  TVMFFIMethodInfo info{};
  info.name = bytes(name);
  info.doc = bytes("doc");
  info.metadata = bytes("{}");
  info.flags = kTVMFFIFieldFlagBitMaskIsStaticMethod;
  info.method = contract::object(function.get());
  ASSERT_EQ(TVMFFITypeRegisterMethod(type, &info), 0);
  name[0] = 'x';
  EXPECT_EQ(function.strong_count(), 2u);
  const TVMFFITypeInfo* type_info = TVMFFIGetTypeInfo(type);
  ASSERT_EQ(type_info->num_methods, 1);
  EXPECT_EQ(text(type_info->methods[0].name), "name");
  EXPECT_EQ(text(type_info->methods[0].doc), "doc");
  EXPECT_EQ(text(type_info->methods[0].metadata), "{}");
  EXPECT_EQ(type_info->methods[0].flags, kTVMFFIFieldFlagBitMaskIsStaticMethod);
  EXPECT_EQ(type_info->methods[0].method.v_obj, function.get());
}

TEST(CMethod, OverloadsShareAName) {
  const int32_t type = register_type("test.c_method.overload");
  Owned function = make_function();
  TVMFFIMethodInfo info{};
  info.name = bytes("name");
  info.method = contract::object(function.get());
  for (int i = 0; i < 20; ++i) ASSERT_EQ(TVMFFITypeRegisterMethod(type, &info), 0);
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->num_methods, 20);
}

// ---- Metadata --------------------------------------------------------------

int create_nothing(TVMFFIObjectHandle*) { return 0; }

TEST(CMetadata, IsCopiedAndSetOnce) {
  const int32_t type = register_type("test.c_metadata");
  EXPECT_EQ(TVMFFIGetTypeInfo(type)->metadata, nullptr);
  std::string doc = "doc";
  TVMFFITypeMetadata metadata{bytes(doc), create_nothing, 48, kTVMFFISEqHashKindTreeNode};
  ASSERT_EQ(TVMFFITypeRegisterMetadata(type, &metadata), 0);
  doc[0] = 'x';
  const TVMFFITypeMetadata* kept = TVMFFIGetTypeInfo(type)->metadata;
  ASSERT_NE(kept, nullptr);
  EXPECT_EQ(text(kept->doc), "doc");
  EXPECT_EQ(kept->creator, create_nothing);
  EXPECT_EQ(kept->total_size, 48);
  EXPECT_EQ(kept->structural_eq_hash_kind, kTVMFFISEqHashKindTreeNode);

  const std::string message =
      "Overriding test.c_metadata, possible causes:\n"
      "- two ObjectDef<T>() calls for the same T \n"
      "- when we forget to assign _type_key to ObjectRef<Y> that inherits from T\n"
      "- another type with the same key is already registered\n"
      "Cross check the reflection registration.";
  metadata.total_size = 1;
  testing::internal::CaptureStderr();
  EXPECT_RAISES(TVMFFITypeRegisterMetadata(type, &metadata), "RuntimeError", message);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("RuntimeError: " + message),
            std::string::npos);
  EXPECT_EQ(kept->total_size, 48);
}

TEST(CReflection, UnknownTypeIsAnError) {
  TVMFFIFieldInfo field = field_info("name");
  TVMFFIMethodInfo method{};
  TVMFFITypeMetadata metadata{};
  const char* message = "Cannot find type info for type_index=99";
  EXPECT_RAISES(TVMFFITypeRegisterField(99, &field), "InternalError", message);
  EXPECT_RAISES(TVMFFITypeRegisterMethod(99, &method), "InternalError", message);
  EXPECT_RAISES(TVMFFITypeRegisterMetadata(99, &metadata), "InternalError", message);
}

// ---- Attributes ------------------------------------------------------------

const TVMFFITypeAttrColumn* column(std::string_view name) {
  const TVMFFIByteArray name_bytes = bytes(name);
  return TVMFFIGetTypeAttrColumn(&name_bytes);
}

int set_attr(int32_t type, std::string_view name, const TVMFFIAny& value) {
  const TVMFFIByteArray name_bytes = bytes(name);
  return TVMFFITypeRegisterAttr(type, &name_bytes, &value);
}

TVMFFIAny get_attr(int32_t type, std::string_view name) {
  const TVMFFITypeAttrColumn* attr = column(name);
  const int32_t slot = type - attr->begin_index;
  return slot >= 0 && slot < attr->size ? attr->data[slot] : contract::none();
}

TEST(CAttr, WellKnownColumnsAreThereFromLoadTime) {
  for (const char* name :
       {"__ffi_new__", "__ffi_init__", "__ffi_shallow_copy__", "__ffi_convert__", "__ffi_repr__",
        "__ffi_hash__", "__ffi_eq__", "__ffi_compare__", "__any_hash__", "__any_equal__",
        "__s_hash__", "__s_equal__", "__s_visit__", "__s_mutate__", "__s_maybe_inplace_mutate__",
        "__data_to_json__", "__data_from_json__", "__ffi_enum__", "__ffi_type_final__"}) {
    EXPECT_NE(column(name), nullptr) << name;
  }
}

TEST(CAttr, ColumnIsAbsentUntilFirstUsed) {
  EXPECT_EQ(column("test.c_attr.absent"), nullptr);
  ASSERT_EQ(set_attr(kTVMFFINone, "test.c_attr.absent", contract::integer(1)), 0);
  const TVMFFITypeAttrColumn* attr = column("test.c_attr.absent");
  ASSERT_NE(attr, nullptr);
  EXPECT_EQ(attr->size, 0);
}

TEST(CAttr, BelongsToExactlyOneType) {
  const int32_t type = register_type("test.c_attr.own");
  const int32_t child = register_type("test.c_attr.own.child", type);
  ASSERT_EQ(set_attr(type, "test.c_attr", contract::integer(7)), 0);
  EXPECT_EQ(get_attr(type, "test.c_attr").type_index, kTVMFFIInt);
  EXPECT_EQ(get_attr(type, "test.c_attr").v_int64, 7);
  for (int32_t other : {child, type - 1, int32_t{kTVMFFIObject}, int32_t{kTVMFFINone}}) {
    EXPECT_EQ(get_attr(other, "test.c_attr").type_index, kTVMFFINone);
  }
}

TEST(CAttr, ValueIsOwned) {
  const int32_t type = register_type("test.c_attr.owned");
  Owned object = make_object();
  ASSERT_EQ(set_attr(type, "test.c_attr.object", contract::object(object.get())), 0);
  EXPECT_EQ(object.strong_count(), 2u);
  char raw[] = "short";
  TVMFFIAny raw_text{};
  raw_text.type_index = kTVMFFIRawStr;
  raw_text.v_c_str = raw;
  ASSERT_EQ(set_attr(type, "test.c_attr.text", raw_text), 0);
  raw[0] = 'x';
  EXPECT_EQ(contract::take_text(get_attr(type, "test.c_attr.text")), "short");
}

TEST(CAttr, IsSetOnce) {
  const int32_t type = register_type("test.c_attr.once");
  Owned first = make_object();
  Owned second = make_object();
  ASSERT_EQ(set_attr(type, "test.c_attr.once", contract::none()), 0);
  ASSERT_EQ(set_attr(type, "test.c_attr.once", contract::object(first.get())), 0);
  EXPECT_RAISES(set_attr(type, "test.c_attr.once", contract::object(second.get())), "RuntimeError",
                "TypeAttr `test.c_attr.once` is already registered for type index " +
                    std::to_string(type) +
                    ". To update the stored value, register a mutable container (e.g., Dict/List) "
                    "once and mutate it in place on subsequent calls.");
  EXPECT_EQ(get_attr(type, "test.c_attr.once").v_obj, first.get());
  EXPECT_EQ(first.strong_count(), 2u);
  EXPECT_EQ(second.strong_count(), 1u);
}

TEST(CAttr, NegativeTypeIndexIsAnError) {
  EXPECT_EQ(set_attr(-1, "test.c_attr.negative", contract::integer(1)), -1);
  EXPECT_EQ(contract::Raised().kind, "InternalError");
}

TEST(CAttr, TypeNeedsNoRegistration) {
  ASSERT_EQ(set_attr(40, "test.c_attr.value_type", contract::integer(1)), 0);
  EXPECT_EQ(get_attr(40, "test.c_attr.value_type").v_int64, 1);
}

TEST(CAttr, ColumnKeepsItsAddressWhileItGrows) {
  ASSERT_EQ(set_attr(64, "test.c_attr.grow", contract::integer(64)), 0);
  const TVMFFITypeAttrColumn* attr = column("test.c_attr.grow");
  const TVMFFIAny* old_data = attr->data;
  const int32_t old_size = attr->size;
  for (int32_t type : {1000, 10000, 100000}) {
    ASSERT_EQ(set_attr(type, "test.c_attr.grow", contract::integer(type)), 0);
  }
  EXPECT_EQ(column("test.c_attr.grow"), attr);
  for (int32_t type : {64, 1000, 10000, 100000}) {
    EXPECT_EQ(get_attr(type, "test.c_attr.grow").v_int64, type);
  }
  // What a reader has loaded before stays readable.
  EXPECT_EQ(old_data[old_size - 1].v_int64, 64);
}

// Writers publish while readers follow the pointers without a lock.
TEST(CReflection, MayBeReadWhileItGrows) {
  const int32_t type = register_type("test.c_reflection.concurrent");
  const TVMFFITypeInfo* type_info = TVMFFIGetTypeInfo(type);
  ASSERT_EQ(set_attr(64, "test.c_attr.concurrent", contract::integer(64)), 0);
  const TVMFFITypeAttrColumn* attr = column("test.c_attr.concurrent");
  constexpr int32_t kCount = 3000;
  std::atomic<bool> done = false;
  std::thread writer([&] {
    for (int32_t i = 0; i < kCount; ++i) {
      const std::string name = "field" + std::to_string(i);
      TVMFFIFieldInfo info = field_info(name);
      EXPECT_EQ(TVMFFITypeRegisterField(type, &info), 0);
      EXPECT_EQ(set_attr(128 + 10 * i, "test.c_attr.concurrent", contract::integer(128 + 10 * i)),
                0);
    }
    done = true;
  });
  while (!done) {
    // As the contract asks of readers without a lock: the size first.
    const int32_t num_fields = __atomic_load_n(&type_info->num_fields, __ATOMIC_ACQUIRE);
    const TVMFFIFieldInfo* fields = __atomic_load_n(&type_info->fields, __ATOMIC_ACQUIRE);
    if (num_fields > 0) {
      EXPECT_EQ(text(fields[num_fields - 1].name), "field" + std::to_string(num_fields - 1));
    }
    const int32_t size = __atomic_load_n(&attr->size, __ATOMIC_ACQUIRE);
    const TVMFFIAny* data = __atomic_load_n(&attr->data, __ATOMIC_ACQUIRE);
    if (__atomic_load_n(&data[size - 1].type_index, __ATOMIC_ACQUIRE) != kTVMFFINone) {
      EXPECT_EQ(data[size - 1].v_int64, size - 1);
    }
  }
  writer.join();
  EXPECT_EQ(type_info->num_fields, kCount);
}

}  // namespace
