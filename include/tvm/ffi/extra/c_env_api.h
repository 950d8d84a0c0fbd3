// SPDX-License-Identifier: Apache-2.0
//
// The environment: what a library may ask of the program it runs in. Plain C.
// Streams and the tensor allocator are per thread; the rest is per process.
#ifndef TVM_FFI_EXTRA_C_ENV_API_H_
#define TVM_FFI_EXTRA_C_ENV_API_H_

#include <tvm/ffi/c_api.h>

#ifdef __cplusplus
extern "C" {
#endif

// A device stream such as a cudaStream_t. Never created or destroyed here.
typedef void* TVMFFIStreamHandle;

// ---- Streams -----------------------------------------------------------------------------------

// Makes `stream` this thread's current stream of the device. *opt_out_original_stream, if the
// pointer is not NULL, receives the one it replaces (NULL when there was none).
TVM_FFI_DLL int TVMFFIEnvSetStream(int32_t device_type, int32_t device_id,
                                   TVMFFIStreamHandle stream,
                                   TVMFFIStreamHandle* opt_out_original_stream);

// This thread's current stream of the device, or NULL (the default stream). Ask on the thread that
// launches the work.
TVM_FFI_DLL TVMFFIStreamHandle TVMFFIEnvGetStream(int32_t device_type, int32_t device_id);

// ---- Tensor allocation -------------------------------------------------------------------------

// Sets this thread's allocator, and the process-wide one too if write_to_global_context != 0.
// *opt_out_original_allocator, if the pointer is not NULL, receives this thread's previous one.
TVM_FFI_DLL int TVMFFIEnvSetDLPackManagedTensorAllocator(
    DLPackManagedTensorAllocator allocator, int write_to_global_context,
    DLPackManagedTensorAllocator* opt_out_original_allocator);

// This thread's allocator, else the process-wide one, else NULL.
TVM_FFI_DLL DLPackManagedTensorAllocator TVMFFIEnvGetDLPackManagedTensorAllocator(void);

// Allocates a Tensor like `prototype` (dtype, ndim, shape, device) through that allocator;
// *out is owned. Fails with the allocator's own error, or RuntimeError when there is none.
TVM_FFI_DLL int TVMFFIEnvTensorAlloc(DLTensor* prototype, TVMFFIObjectHandle* out);

// ---- Signals -----------------------------------------------------------------------------------

// Lets a long native loop notice Ctrl-C. -1 means the host has an exception pending and that the
// caller should stop with an error of kind EnvErrorAlreadySet; no error is stored here.
TVM_FFI_DLL int TVMFFIEnvCheckSignals(void);

// Registers an interpreter's function: `name` is one of "PyErr_CheckSignals", "PyGILState_Ensure",
// "PyGILState_Release". Anything else is a ValueError.
TVM_FFI_DLL int TVMFFIEnvRegisterCAPI(const char* name, void* symbol);

// ---- Modules -----------------------------------------------------------------------------------

// Finds a function for code inside a loaded library: in the imports of the module whose context
// pointer (`__tvm_ffi__library_ctx`) is given, then among the global functions. *out is borrowed
// from the module, which remembers it.
TVM_FFI_DLL int TVMFFIEnvModLookupFromImports(TVMFFIObjectHandle library_ctx, const char* func_name,
                                              TVMFFIObjectHandle* out);

// Every library loaded from now on that exports a `void*` variable called `name` gets `symbol`.
TVM_FFI_DLL int TVMFFIEnvModRegisterContextSymbol(const char* name, void* symbol);

// Adds a symbol of the running program to the system library. `name` carries the `__tvm_ffi_`
// prefix when the symbol is a function.
TVM_FFI_DLL int TVMFFIEnvModRegisterSystemLibSymbol(const char* name, void* symbol);

#ifdef __cplusplus
}  // extern "C"
#endif
#endif  // TVM_FFI_EXTRA_C_ENV_API_H_
