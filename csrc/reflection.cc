// SPDX-License-Identifier: Apache-2.0
//
// What types declare: fields, methods, metadata, and attributes in one column per name. Records
// live as long as the process. Values are made before the lock is taken and given up after it is
// released, because making and dropping them can run foreign code.
#include <tvm/ffi/any.h>

#include <algorithm>
#include <cstdio>
#include <map>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <utility>

#include "internal.h"
#include "library_load.h"
#include "older_systems.h"
#include "type_table.h"

namespace tvm::ffi::library {
namespace {

struct AttrColumn {
  TVMFFITypeAttrColumn column{};  // what clients see; keeps its address
  PublishedArray<TVMFFIAny> values{8192};
};

struct AttrColumns {
  AttrColumns();

  std::shared_mutex mutex;
  std::map<std::string, AttrColumn, std::less<>> by_name;
};

// Inline code of clients caches column pointers, NULL too, so these exist before any client loads.
constexpr const char* kWellKnownAttrs[] = {
    "__ffi_new__",        "__ffi_init__",       "__ffi_shallow_copy__",
    "__ffi_convert__",    "__ffi_repr__",       "__ffi_hash__",
    "__ffi_eq__",         "__ffi_compare__",    "__any_hash__",
    "__any_equal__",      "__s_hash__",         "__s_equal__",
    "__s_visit__",        "__s_mutate__",       "__s_maybe_inplace_mutate__",
    "__data_to_json__",   "__data_from_json__", "__ffi_enum__",
    "__ffi_type_final__",
};

AttrColumns::AttrColumns() {
  for (const char* name : kWellKnownAttrs) by_name.try_emplace(name);
}

AttrColumns& attr_columns() {
  static AttrColumns& columns = *new AttrColumns();
  return columns;
}

Any owned(const TVMFFIAny& value) { return Any(AnyView::CopyFromTVMFFIAny(value)); }

// The value passes into a record that is never destroyed.
TVMFFIAny give_up(Any&& value) { return detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(value)); }

bool has_field(const TVMFFITypeInfo& type, std::string_view name) {
  const TVMFFIFieldInfo* end = type.fields + type.num_fields;
  return std::any_of(type.fields, end,
                     [&](const TVMFFIFieldInfo& field) { return view(field.name) == name; });
}

const TVMFFITypeInfo* ancestor_with_field(const TypeEntry& type, std::string_view name) {
  for (auto it = type.ancestors.rbegin(); it != type.ancestors.rend(); ++it) {
    if (has_field(**it, name)) return *it;
  }
  return nullptr;
}

// False if the type has a field of that name. *shadowed receives an ancestor that has one.
bool add_field(TypeEntry& type, const TVMFFIFieldInfo& info, Any default_value,
               const TVMFFITypeInfo** shadowed) {
  std::unique_lock lock(type_table().mutex());
  if (has_field(type.info, view(info.name))) return false;
  *shadowed = ancestor_with_field(type, view(info.name));
  const int32_t index = type.info.num_fields;
  TVMFFIFieldInfo& record = type.fields.reserve(index + 1)[index];
  record = info;
  record.name = type.keep(info.name);
  record.doc = type.keep(info.doc);
  record.metadata = type.keep(info.metadata);
  record.default_value_or_factory = give_up(std::move(default_value));
  type.fields.publish(&type.info.fields, &type.info.num_fields, index + 1);
  return true;
}

void register_field(TypeEntry& type, const TVMFFIFieldInfo& info) {
  Any default_value;
  if (info.flags & kTVMFFIFieldFlagBitMaskHasDefault) {
    default_value = owned(info.default_value_or_factory);
  }
  const TVMFFITypeInfo* shadowed = nullptr;
  if (!add_field(type, info, std::move(default_value), &shadowed)) {
    TVM_FFI_THROW(InternalError) << "Duplicate field name \"" << view(info.name) << "\" in type \""
                                 << type.key << "\"";
  }
  if (info.flags & kTVMFFIFieldFlagBitSetterIsFunctionObj) TVMFFIObjectIncRef(info.setter);
  if (shadowed != nullptr) {
    std::fprintf(stderr,
                 "[WARNING] Field \"%s\" in type \"%s\" duplicates an ancestor field in \"%s\". "
                 "Child types should not re-register inherited fields.\n",
                 std::string(view(info.name)).c_str(), type.key.c_str(),
                 std::string(view(shadowed->type_key)).c_str());
  }
}

void register_method(TypeEntry& type, const TVMFFIMethodInfo& info) {
  Any method = owned(info.method);
  std::unique_lock lock(type_table().mutex());
  const int32_t index = type.info.num_methods;
  TVMFFIMethodInfo& record = type.methods.reserve(index + 1)[index];
  record = info;
  record.name = type.keep(info.name);
  record.doc = type.keep(info.doc);
  record.metadata = type.keep(info.metadata);
  record.method = give_up(std::move(method));
  type.methods.publish(&type.info.methods, &type.info.num_methods, index + 1);
}

bool add_metadata(TypeEntry& type, const TVMFFITypeMetadata& metadata) {
  std::unique_lock lock(type_table().mutex());
  if (type.info.metadata != nullptr) return false;
  type.metadata = metadata;
  type.metadata.doc = type.keep(metadata.doc);
  __atomic_store_n(&type.info.metadata, &type.metadata, __ATOMIC_RELEASE);
  return true;
}

void register_metadata(TypeEntry& type, const TVMFFITypeMetadata& metadata) {
  if (add_metadata(type, metadata)) return;
  // Logged too: this happens in load-time constructors, where nobody catches it.
  TVM_FFI_LOG_AND_THROW(RuntimeError)
      << "Overriding " << type.key << ", possible causes:\n"
      << "- two ObjectDef<T>() calls for the same T \n"
      << "- when we forget to assign _type_key to ObjectRef<Y> that inherits from T\n"
      << "- another type with the same key is already registered\n"
      << "Cross check the reflection registration.";
}

void ensure_column(std::string_view name) {
  AttrColumns& columns = attr_columns();
  std::unique_lock lock(columns.mutex);
  columns.by_name.try_emplace(std::string(name));
}

// False if the type has the attribute.
bool add_attr(int32_t type_index, std::string_view name, Any value) {
  AttrColumns& columns = attr_columns();
  std::unique_lock lock(columns.mutex);
  AttrColumn& attr = columns.by_name.try_emplace(std::string(name)).first->second;
  TVMFFIAny& slot = attr.values.reserve(static_cast<size_t>(type_index) + 1)[type_index];
  if (slot.type_index != kTVMFFINone) return false;
  // The index last: a reader takes the slot for None until the value is in place.
  const TVMFFIAny cell = give_up(std::move(value));
  slot.zero_padding = cell.zero_padding;
  slot.v_uint64 = cell.v_uint64;
  __atomic_store_n(&slot.type_index, cell.type_index, __ATOMIC_RELEASE);
  attr.values.publish(&attr.column.data, &attr.column.size,
                      std::max(attr.column.size, type_index + 1));
  return true;
}

void register_attr(int32_t type_index, std::string_view name, const TVMFFIAny& value) {
  if (type_index < 0) {
    TVM_FFI_THROW(InternalError) << "TypeAttr `" << name << "` cannot be set for type index "
                                 << type_index;
  }
  if (add_attr(type_index, name, owned(value))) return;
  TVM_FFI_THROW(RuntimeError)
      << "TypeAttr `" << name << "` is already registered for type index " << type_index
      << ". To update the stored value, register a mutable container (e.g., Dict/List) once and "
         "mutate it in place on subsequent calls.";
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFITypeRegisterField(int32_t type_index, const TVMFFIFieldInfo* info) {
  return guard_registration([&] { register_field(type_table().get(type_index), *info); });
}

int TVMFFITypeRegisterMethod(int32_t type_index, const TVMFFIMethodInfo* info) {
  return guard_registration([&] { register_method(type_table().get(type_index), *info); });
}

int TVMFFITypeRegisterMetadata(int32_t type_index, const TVMFFITypeMetadata* metadata) {
  return guard_registration([&] { register_metadata(type_table().get(type_index), *metadata); });
}

int TVMFFITypeRegisterAttr(int32_t type_index, const TVMFFIByteArray* attr_name,
                           const TVMFFIAny* attr_value) {
  return guard_registration([&] {
    if (type_index == kTVMFFINone) return ensure_column(view(*attr_name));
    register_attr(type_index, view(*attr_name), *attr_value);
  });
}

const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray* attr_name) {
  return guard_or_exit("TVMFFIGetTypeAttrColumn", [&]() -> const TVMFFITypeAttrColumn* {
    AttrColumns& columns = attr_columns();
    std::shared_lock lock(columns.mutex);
    auto it = columns.by_name.find(view(*attr_name));
    return it == columns.by_name.end() ? nullptr : &it->second.column;
  });
}
