// SPDX-License-Identifier: Apache-2.0
//
// Making objects from what their type declares. Private.
#ifndef TVM_FFI_CSRC_CREATION_H_
#define TVM_FFI_CSRC_CREATION_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/object.h>

#include <cstdint>

namespace tvm::ffi::library {

// Throws InternalError for an index that is not registered.
const TVMFFITypeInfo* registered_type(int64_t type_index);

inline void* field_address(const Object* object, const TVMFFIFieldInfo* field) {
  return reinterpret_cast<char*>(detail::ObjectUnsafe::GetHeader(object)) + field->offset;
}

// Throws the error of the field's setter.
void set_field(const Object* object, const TVMFFIFieldInfo* field, AnyView value);

// Gives the type the attribute `__ffi_init__`: a constructor made from the fields it has now.
// Throws RuntimeError if it has one.
void register_generated_init(const TVMFFITypeInfo* type);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_CREATION_H_
