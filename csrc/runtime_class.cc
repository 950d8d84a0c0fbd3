// SPDX-License-Identifier: Apache-2.0
//
// Classes whose layout is known only at run time, as those written in Python: how their objects are
// allocated, copied and destroyed (`ffi._PyClassRegisterTypeAttrColumns`), and how their fields are
// read and written (`ffi.MakeFieldGetter`, `ffi.MakeFieldSetter`, `ffi._MakeFieldStore`).
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdlib>
#include <cstring>
#include <new>
#include <string>
#include <utility>

#include "creation.h"
#include "internal.h"

namespace tvm::ffi::library {
namespace {

// ---- Fields ------------------------------------------------------------------------------------

template <typename T>
int get(void* field, TVMFFIAny* result) {
  return guard([&] { new (result) Any(*static_cast<const T*>(field)); });
}

template <typename T>
void store(void* field, Any&& value) {
  *static_cast<T*>(field) = std::move(value).cast<T>();
}
template <>
void store<Any>(void* field, Any&& value) {
  *static_cast<Any*>(field) = std::move(value);
}

template <typename T>
int set(void* field, const TVMFFIAny* value) {
  return guard([&] { store<T>(field, Any(AnyView::CopyFromTVMFFIAny(*value))); });
}

struct FieldAccess {
  TVMFFIFieldGetter get;
  void (*store)(void* field, Any&& value);
  TVMFFIFieldSetter set;
};

template <typename T>
FieldAccess access_as() {
  return {get<T>, store<T>, set<T>};
}

// NULLs for a static type index that no field may have.
FieldAccess field_access(int64_t static_index) {
  if (static_index >= kTVMFFIStaticObjectBegin) return access_as<ObjectRef>();
  switch (static_index) {
    case kTVMFFIInt:
      return access_as<int64_t>();
    case kTVMFFIBool:
      return access_as<bool>();
    case kTVMFFIFloat:
      return access_as<double>();
    case kTVMFFIOpaquePtr:
      return access_as<void*>();
    case kTVMFFIDataType:
      return access_as<DLDataType>();
    case kTVMFFIDevice:
      return access_as<DLDevice>();
    case kTVMFFIAny:
    case kTVMFFINone:
      return access_as<Any>();
    default:
      return {nullptr, nullptr, nullptr};
  }
}

int64_t make_field_getter(int64_t static_index) {
  const FieldAccess access = field_access(static_index);
  if (access.get == nullptr) {
    TVM_FFI_THROW(ValueError) << "Unsupported field type index for getter: " << static_index;
  }
  return reinterpret_cast<int64_t>(access.get);
}

// A setter that takes only what the field holds, for front ends that have converted the value.
int64_t make_field_store(int64_t static_index) {
  const FieldAccess access = field_access(static_index);
  if (access.set == nullptr) {
    TVM_FFI_THROW(ValueError) << "Unsupported field type index for store: " << static_index;
  }
  return reinterpret_cast<int64_t>(access.set);
}

// Makes a field value of any value: an owned result in *out.
using Convert = int (*)(void* converter, const TVMFFIAny* in, TVMFFIAny* out);

Function make_field_setter(int64_t static_index, int64_t converter, int64_t convert) {
  const FieldAccess access = field_access(static_index);
  if (access.store == nullptr) {
    TVM_FFI_THROW(ValueError) << "Unsupported field type index for setter: " << static_index;
  }
  return Function::FromTyped(
      [store = access.store, converter = reinterpret_cast<void*>(converter),
       convert = reinterpret_cast<Convert>(convert)](void* field, AnyView value) {
        Any converted;
        TVM_FFI_CHECK_SAFE_CALL(convert(converter, reinterpret_cast<const TVMFFIAny*>(&value),
                                        reinterpret_cast<TVMFFIAny*>(&converted)));
        store(field, std::move(converted));
      });
}

// ---- Objects -----------------------------------------------------------------------------------

enum class Storage { kPlain, kObject, kAny };

Storage storage(const TVMFFIFieldInfo* field) {
  const int32_t index = field->field_static_type_index;
  if (index == kTVMFFIAny || index == kTVMFFINone) {
    return field->size == sizeof(void*) ? Storage::kObject : Storage::kAny;
  }
  return index >= kTVMFFIStaticObjectBegin ? Storage::kObject : Storage::kPlain;
}

void release_fields(const Object* object) {
  reflection::ForEachFieldInfo(TVMFFIGetTypeInfo(object->type_index()),
                               [object](const TVMFFIFieldInfo* field) {
                                 void* address = field_address(object, field);
                                 if (storage(field) == Storage::kObject) {
                                   ObjectRef last = std::move(*static_cast<ObjectRef*>(address));
                                 } else if (storage(field) == Storage::kAny) {
                                   Any last = std::move(*static_cast<Any*>(address));
                                 }
                               });
}

void copy_fields(const TVMFFITypeInfo* type, const Object* from, const Object* to) {
  reflection::ForEachFieldInfo(type, [from, to](const TVMFFIFieldInfo* field) {
    const void* source = field_address(from, field);
    void* target = field_address(to, field);
    switch (storage(field)) {
      case Storage::kObject:
        *static_cast<ObjectRef*>(target) = *static_cast<const ObjectRef*>(source);
        return;
      case Storage::kAny:
        *static_cast<Any*>(target) = *static_cast<const Any*>(source);
        return;
      case Storage::kPlain:
        std::memcpy(target, source, static_cast<size_t>(field->size));
        return;
    }
  });
}

void delete_object(void* self, int flags) {
  if (flags & kTVMFFIObjectDeleterFlagBitMaskStrong) release_fields(static_cast<Object*>(self));
  if (flags & kTVMFFIObjectDeleterFlagBitMaskWeak) std::free(self);
}

class RuntimeClass {
 public:
  RuntimeClass(const TVMFFITypeInfo* type, int64_t total_size)
      : type_(type), total_size_(static_cast<size_t>(total_size)) {
    constexpr int64_t kHeaderSize = sizeof(TVMFFIObject);
    if (total_size < kHeaderSize) {
      TVM_FFI_THROW(ValueError) << "Objects of type `" << view(type->type_key) << "` need at least "
                                << kHeaderSize << " bytes, but their total size is " << total_size;
    }
    reflection::ForEachFieldInfo(type, [&](const TVMFFIFieldInfo* field) {
      if (field->offset < kHeaderSize || field->size > total_size - field->offset) {
        TVM_FFI_THROW(ValueError) << "Field `" << view(field->name) << "` does not fit into type `"
                                  << view(type->type_key) << "` of " << total_size << " bytes";
      }
    });
  }

  // Zero is None in an Any, NULL in a reference, and the initial value of all plain data.
  ObjectRef make() const {
    auto* header = static_cast<TVMFFIObject*>(std::calloc(1, total_size_));
    if (header == nullptr) throw std::bad_alloc();
    header->combined_ref_count = detail::kCombinedRefCountBothOne;
    header->type_index = type_->type_index;
    header->deleter = delete_object;
    return ObjectRef(detail::ObjectUnsafe::ObjectPtrFromOwned<Object>(header));
  }

  ObjectRef copy(const Object* object) const {
    if (object->type_index() != type_->type_index) {
      TVM_FFI_THROW(TypeError) << "Expected `" << view(type_->type_key) << "` but got `"
                               << object->GetTypeKey() << "`";
    }
    ObjectRef result = make();
    copy_fields(type_, object, result.get());
    return result;
  }

  void register_attr(std::string_view name, Function function) const {
    const Any value = std::move(function);
    const TVMFFIByteArray attr_name = byte_array(name);
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterAttr(type_->type_index, &attr_name,
                                                   reinterpret_cast<const TVMFFIAny*>(&value)));
  }

  std::string method_name(const char* name) const {
    return std::string(view(type_->type_key)) + "." + name;
  }

 private:
  const TVMFFITypeInfo* type_;
  size_t total_size_;
};

void register_runtime_class(int64_t type_index, int64_t total_size) {
  const RuntimeClass type(registered_type(type_index), total_size);
  register_generated_init(registered_type(type_index));
  type.register_attr("__ffi_new__", Function::FromTyped([type] { return type.make(); },
                                                        type.method_name("__ffi_new__")));
  type.register_attr("__ffi_shallow_copy__",
                     Function::FromTyped([type](const Object* object) { return type.copy(object); },
                                         type.method_name("__ffi_shallow_copy__")));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.MakeFieldGetter", make_field_getter)
      .def("ffi.MakeFieldSetter", make_field_setter)
      .def("ffi._MakeFieldStore", make_field_store)
      .def("ffi._PyClassRegisterTypeAttrColumns", register_runtime_class);
}

}  // namespace
}  // namespace tvm::ffi::library
