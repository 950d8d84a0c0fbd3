// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>

#include <cstdint>

namespace ffi = tvm::ffi;

// The argument check of the callback is C++'s: a result that is no bool is a TypeError here.
using Predicate = ffi::TypedFunction<bool(int64_t)>;

int64_t FindFirst(ffi::Array<int64_t> values, Predicate accepts) {
  for (int64_t value : values) {
    if (accepts(value)) return value;
  }
  TVM_FFI_THROW(ValueError) << "None of the " << values.size() << " values is accepted";
  TVM_FFI_UNREACHABLE();
}

// C++ may catch what Python raised: it is an ffi::Error, whatever language it comes from.
ffi::Optional<int64_t> TryFindFirst(ffi::Array<int64_t> values, Predicate accepts) {
  try {
    return FindFirst(values, accepts);
  } catch (const ffi::Error& error) {
    if (error.kind() != "ValueError") throw;
    return std::nullopt;
  }
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(find_first, FindFirst);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(try_find_first, TryFindFirst);
