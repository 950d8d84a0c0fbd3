// SPDX-License-Identifier: Apache-2.0
#include <dlpack/dlpack.h>
#include <tvm/ffi/c_api.h>

#ifdef WITH_INNER
int inner_one(void);
#define ONE inner_one()
#else
#define ONE 1
#endif

TVM_FFI_DLL_EXPORT int __tvm_ffi_add_one(void* self, const TVMFFIAny* args, int32_t num_args,
                                         TVMFFIAny* result) {
  (void)self;
  if (num_args != 1 || args[0].type_index != kTVMFFIInt) {
    TVMFFIErrorSetRaisedFromCStr("TypeError", __FILE__);
    return -1;
  }
  result->type_index = kTVMFFIInt;
  result->v_int64 = args[0].v_int64 + ONE;
  return 0;
}
