// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

extern const char __tvm_ffi__cubin_data[];
extern const char __tvm_ffi__cubin_data_end[];

TVM_FFI_DLL_EXPORT int __tvm_ffi_data(void* self, const TVMFFIAny* args, int32_t num_args,
                                      TVMFFIAny* result) {
  (void)self, (void)args, (void)num_args;
  TVMFFIByteArray bytes = {__tvm_ffi__cubin_data,
                           (size_t)(__tvm_ffi__cubin_data_end - __tvm_ffi__cubin_data)};
  return TVMFFIBytesFromByteArray(&bytes, result);
}
