// SPDX-License-Identifier: Apache-2.0
//
// Functions for any language, in C. An exported name is __tvm_ffi_ and the function's name; all
// have the signature of TVMFFISafeCallType.
#include <dlpack/dlpack.h>
#include <stddef.h>
#include <tvm/ffi/c_api.h>

static int fail(const char* kind, const char* message) {
  TVMFFIErrorSetRaisedFromCStr(kind, message);
  return -1;
}

// add(a: int, b: int) -> int
TVM_FFI_DLL_EXPORT int __tvm_ffi_add(void* self, const TVMFFIAny* args, int32_t num_args,
                                     TVMFFIAny* result) {
  (void)self;
  if (num_args != 2) return fail("TypeError", "add expects 2 arguments");
  if (args[0].type_index != kTVMFFIInt || args[1].type_index != kTVMFFIInt) {
    return fail("TypeError", "add expects two ints");
  }
  result->type_index = kTVMFFIInt;
  result->zero_padding = 0;
  result->v_int64 = args[0].v_int64 + args[1].v_int64;
  return 0;
}

// A tensor argument is a borrowed DLTensor, or a Tensor object that holds one after its header.
static const DLTensor* tensor_of(const TVMFFIAny* value) {
  if (value->type_index == kTVMFFIDLTensorPtr) return (const DLTensor*)value->v_ptr;
  if (value->type_index == kTVMFFITensor) return (const DLTensor*)(value->v_obj + 1);
  return NULL;
}

// fill(x: Tensor[float32, 1-d, CPU], value: float) -> None
TVM_FFI_DLL_EXPORT int __tvm_ffi_fill(void* self, const TVMFFIAny* args, int32_t num_args,
                                      TVMFFIAny* result) {
  (void)self;
  (void)result;  // left as it is: None
  const DLTensor* x = num_args == 2 ? tensor_of(&args[0]) : NULL;
  if (x == NULL || args[1].type_index != kTVMFFIFloat) {
    return fail("TypeError", "fill expects a tensor and a float");
  }
  if (x->dtype.code != kDLFloat || x->dtype.bits != 32 || x->dtype.lanes != 1 || x->ndim != 1 ||
      x->device.device_type != kDLCPU) {
    return fail("ValueError", "fill expects a float32 tensor with one dimension on the CPU");
  }
  float* data = (float*)((char*)x->data + x->byte_offset);
  int64_t stride = x->strides == NULL ? 1 : x->strides[0];
  for (int64_t i = 0; i < x->shape[0]; ++i) data[i * stride] = (float)args[1].v_float64;
  return 0;
}
