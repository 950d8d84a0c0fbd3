// SPDX-License-Identifier: Apache-2.0
//
// What writing and reading of object graphs agree on. Private.
#ifndef TVM_FFI_CSRC_GRAPH_H_
#define TVM_FFI_CSRC_GRAPH_H_

#include <tvm/ffi/c_api.h>

namespace tvm::ffi::library {

// Fields of these static types stand in the node of their object (a data type as text); all others
// have a node of their own.
inline bool IsInlineField(const TVMFFIFieldInfo* field) {
  switch (field->field_static_type_index) {
    case kTVMFFINone:
    case kTVMFFIInt:
    case kTVMFFIBool:
    case kTVMFFIFloat:
    case kTVMFFIDataType:
      return true;
    default:
      return false;
  }
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_GRAPH_H_
