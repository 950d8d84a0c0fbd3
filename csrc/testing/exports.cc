// SPDX-License-Identifier: Apache-2.0
//
// Symbols that others find in this library by name.
#include <tvm/ffi/function.h>

#include <cstdint>

extern "C" TVM_FFI_DLL_EXPORT int TVMFFITestingDummyTarget() { return 0; }

namespace tvm::ffi::testing {
namespace {

int64_t identity(int64_t x) { return x; }
int64_t add(int64_t a, int64_t b) { return a + b; }

TVM_FFI_DLL_EXPORT_TYPED_FUNC(testing_dll_schema_id_int, identity);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(testing_dll_test_add_with_docstring, add);
TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(testing_dll_test_add_with_docstring,
                                  R"(Add two integers and return the sum.

Parameters
----------
a : int
    First integer
b : int
    Second integer

Returns
-------
result : int
    Sum of a and b)");

}  // namespace
}  // namespace tvm::ffi::testing
