// SPDX-License-Identifier: Apache-2.0
//
// Fields: each is a callable value that knows how to reach one of them.
#include "host.h"

namespace tvm::ffi::host {
namespace {

// The object behind a value, or NULL where the pure lane has to look.
TVMFFIObjectHandle object_of(Value value) {
  const Known* known = find_known(type_of(value));
  bool has_face = known && (known->kind == kObject || known->kind == kContainer);
  return has_face ? face_of<Face>(value)->handle : nullptr;
}

void* address_of(TVMFFIObjectHandle handle, const FieldFace* field) {
  return static_cast<char*>(handle) + field->offset;
}

Value ask_pure(Value function, const FieldFace* field, const Value* args, size_t count) {
  Value others[3] = {};
  size_t given = 0;
  for (size_t i = 1; i < count; ++i) others[given++] = args[i];
  Value access = host.make_int(reinterpret_cast<intptr_t>(field->access));
  Value offset = host.make_int(field->offset);
  others[given] = access;
  others[given + 1] = offset;
  Value result = access && offset ? call_pure(function, args[0], others, given + 2) : nullptr;
  if (access) host.release(access);
  if (offset) host.release(offset);
  return result;
}

}  // namespace

// `getter(obj)`
TVM_FFI_HOST_EXPORT Value TVMFFIHostReadField(Value self, const Value* args, size_t nargs,
                                              Value names) {
  const FieldFace* field = face_of<FieldFace>(self);
  if (names || (nargs & ~kSpare) != 1) {
    return call_pure(pure.refuse_keywords, names ? names : host.none, nullptr, 0);
  }
  TVMFFIObjectHandle handle = object_of(args[0]);
  if (!handle) return ask_pure(pure.read_field, field, args, 1);
  TVMFFIAny result{};
  auto getter = reinterpret_cast<TVMFFIFieldGetter>(field->access);
  int status = getter(address_of(handle, field), &result);
  return TVM_FFI_HOST_LIKELY(status == 0) ? unpack(result, nullptr) : raise_failure(status);
}

// `setter(obj, value)`
TVM_FFI_HOST_EXPORT Value TVMFFIHostWriteField(Value self, const Value* args, size_t nargs,
                                               Value names) {
  const FieldFace* field = face_of<FieldFace>(self);
  if (names || (nargs & ~kSpare) != 2) {
    return call_pure(pure.refuse_keywords, names ? names : host.none, nullptr, 0);
  }
  TVMFFIObjectHandle handle = object_of(args[0]);
  if (!handle) return ask_pure(pure.write_field, field, args, 2);
  TVMFFIAny cell{};
  bool owned = false;
  Context context;
  Packed packed = pack(args + 1, 1, type_of(args[1]), &cell, &owned, &context);
  if (packed == Packed::kFailed) return nullptr;
  if (packed == Packed::kPure) return ask_pure(pure.write_field, field, args, 2);
  auto setter = reinterpret_cast<TVMFFIFieldSetter>(field->access);
  int status;
  if (field->is_plain) {
    status = setter(address_of(handle, field), &cell);
  } else {
    // What the field held may be released, see drop(); the object must outlive that.
    incref(handle);
    void* state = host.give_up();
    status = setter(address_of(handle, field), &cell);
    TVMFFIObjectDecRef(handle);
    host.take_back(state);
  }
  if (owned) drop(cell.v_obj);
  return TVM_FFI_HOST_LIKELY(status == 0) ? retained(host.none) : raise_failure(status);
}

// Makes a getter or setter of a field `offset` bytes into an object.
TVM_FFI_HOST_EXPORT Value TVMFFIHostField(void* access, int64_t offset, int is_setter,
                                          int is_plain) {
  Value value = host.allocate(types.field, 0);
  if (value) {
    *face_of<FieldFace>(value) =
        FieldFace{is_setter ? TVMFFIHostWriteField : TVMFFIHostReadField, access, offset, is_plain};
  }
  return value;
}

}  // namespace tvm::ffi::host
