// SPDX-License-Identifier: Apache-2.0
// The former name of function_detail.h, kept for sources that include it.
#ifndef TVM_FFI_FUNCTION_DETAILS_H_
#define TVM_FFI_FUNCTION_DETAILS_H_

#include <tvm/ffi/function_detail.h>

#endif  // TVM_FFI_FUNCTION_DETAILS_H_
