// SPDX-License-Identifier: Apache-2.0
//
// `ffi.MakeObjectFromPackedArgs`: an object from its type and named field values.
#include "creation.h"

#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/registry.h>

#include <optional>
#include <utility>
#include <vector>

#include "internal.h"
#include "type_table.h"

namespace tvm::ffi::library {
namespace {

const TVMFFITypeInfo* type_named_by(AnyView index_or_key) {
  if (std::optional<int64_t> index = index_or_key.as<int64_t>()) return registered_type(*index);
  const String key = index_or_key.cast<String>();
  return registered_type(TypeKeyToIndex({key.data(), key.size()}));
}

// Name and value pairs, each of which serves one field.
class NamedValues {
 public:
  explicit NamedValues(PackedArgs args) {
    for (int i = 0; i < args.size(); i += 2) {
      values_.push_back({args[i].cast<String>(), args[i + 1], false});
    }
  }

  std::optional<AnyView> take(std::string_view name) {
    for (Entry& entry : values_) {
      if (!entry.taken && std::string_view(entry.name.data(), entry.name.size()) == name) {
        entry.taken = true;
        return entry.value;
      }
    }
    return std::nullopt;
  }

  const String* first_left() const {
    for (const Entry& entry : values_) {
      if (!entry.taken) return &entry.name;
    }
    return nullptr;
  }

 private:
  struct Entry {
    String name;
    AnyView value;
    bool taken;
  };
  std::vector<Entry> values_;
};

void make_object_from_packed_args(PackedArgs args, Any* result) {
  TVM_FFI_ICHECK(args.size() % 2 == 1);
  const TVMFFITypeInfo* type = type_named_by(args[0]);
  ObjectPtr<Object> object = CreateEmptyObject(type);
  NamedValues values(args.Slice(1));
  reflection::ForEachFieldInfo(type, [&](const TVMFFIFieldInfo* field) {
    if (std::optional<AnyView> value = values.take(view(field->name))) {
      set_field(object.get(), field, *value);
    } else if (field->flags & kTVMFFIFieldFlagBitMaskHasDefault) {
      reflection::SetFieldToDefault(field, field_address(object.get(), field));
    } else {
      TVM_FFI_THROW(TypeError) << "Required field `" << view(field->name) << "` not set in type `"
                               << view(type->type_key) << "`";
    }
  });
  if (const String* name = values.first_left()) {
    TVM_FFI_THROW(TypeError) << "Type `" << view(type->type_key) << "` does not have field `"
                             << *name << "`";
  }
  *result = ObjectRef(std::move(object));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def_packed("ffi.MakeObjectFromPackedArgs", make_object_from_packed_args);
}

}  // namespace

const TVMFFITypeInfo* registered_type(int64_t type_index) {
  if (type_index != static_cast<int32_t>(type_index)) {
    TVM_FFI_THROW(InternalError) << "Cannot find type info for type_index=" << type_index;
  }
  return &type_table().get(static_cast<int32_t>(type_index)).info;
}

void set_field(const Object* object, const TVMFFIFieldInfo* field, AnyView value) {
  TVM_FFI_CHECK_SAFE_CALL(reflection::CallFieldSetter(field, field_address(object, field),
                                                      reinterpret_cast<const TVMFFIAny*>(&value)));
}

}  // namespace tvm::ffi::library
