// SPDX-License-Identifier: Apache-2.0
//
// Integers of any size as text and in order. Private. A value here is an Int or a BigInt.
#ifndef TVM_FFI_CSRC_BIG_INT_TYPE_H_
#define TVM_FFI_CSRC_BIG_INT_TYPE_H_

#include <tvm/ffi/any.h>

#include <string>
#include <string_view>

namespace tvm::ffi::library {

std::string decimal_text(const Any& integer);

// ValueError unless the text is one optional sign and digits.
Any parse_decimal(std::string_view text);

// -1, 0 or 1.
int compare_integers(const Any& lhs, const Any& rhs);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_BIG_INT_TYPE_H_
