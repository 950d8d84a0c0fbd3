// SPDX-License-Identifier: Apache-2.0
//
// DLPack, ABI level 1.3: how tensors of different frameworks are handed over without a copy.
// Our own declarations of the public ABI (https://dmlc.github.io/dlpack/latest/c_api.html); the
// include guard is the customary one, so a translation unit may also meet another framework's copy.
#ifndef DLPACK_DLPACK_H_
#define DLPACK_DLPACK_H_

#ifdef __cplusplus
#define DLPACK_EXTERN_C extern "C"
#else
#define DLPACK_EXTERN_C
#endif

// A consumer accepts any minor version of the same major version.
#define DLPACK_MAJOR_VERSION 1
#define DLPACK_MINOR_VERSION 3

#ifdef _WIN32
#ifdef DLPACK_EXPORTS
#define DLPACK_DLL __declspec(dllexport)
#else
#define DLPACK_DLL __declspec(dllimport)
#endif
#else
#define DLPACK_DLL
#endif

#include <stddef.h>  // size_t, for headers that rely on it being here
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef struct {
  uint32_t major;
  uint32_t minor;
} DLPackVersion;

#ifdef __cplusplus
typedef enum : int32_t {
#else
typedef enum {
#endif
  kDLCPU = 1,
  kDLCUDA = 2,
  kDLCUDAHost = 3,  // pinned host memory
  kDLOpenCL = 4,
  kDLVulkan = 7,
  kDLMetal = 8,
  kDLVPI = 9,
  kDLROCM = 10,
  kDLROCMHost = 11,
  kDLExtDev = 12,       // reserved for devices outside this list
  kDLCUDAManaged = 13,  // unified memory
  kDLOneAPI = 14,
  kDLWebGPU = 15,
  kDLHexagon = 16,
  kDLMAIA = 17,
  kDLTrn = 18,
} DLDeviceType;

typedef struct {
  DLDeviceType device_type;
  int32_t device_id;  // 0 where there is only one
} DLDevice;

typedef enum {
  kDLInt = 0U,
  kDLUInt = 1U,
  kDLFloat = 2U,
  kDLOpaqueHandle = 3U,
  kDLBfloat = 4U,
  kDLComplex = 5U,  // bits counts both parts
  kDLBool = 6U,     // 8 bits
  kDLFloat8_e3m4 = 7U,
  kDLFloat8_e4m3 = 8U,
  kDLFloat8_e4m3b11fnuz = 9U,
  kDLFloat8_e4m3fn = 10U,
  kDLFloat8_e4m3fnuz = 11U,
  kDLFloat8_e5m2 = 12U,
  kDLFloat8_e5m2fnuz = 13U,
  kDLFloat8_e8m0fnu = 14U,
  kDLFloat6_e2m3fn = 15U,
  kDLFloat6_e3m2fn = 16U,
  kDLFloat4_e2m1fn = 17U,
} DLDataTypeCode;

typedef struct {
  uint8_t code;    // a DLDataTypeCode; one byte so that the struct is 4 bytes
  uint8_t bits;    // of one lane
  uint16_t lanes;  // 1 for scalars
} DLDataType;

// A view: owns nothing.
typedef struct {
  void* data;  // where byte_offset counts from; an opaque handle on some devices
  DLDevice device;
  int32_t ndim;
  DLDataType dtype;
  int64_t* shape;    // ndim extents
  int64_t* strides;  // ndim strides in elements; NULL means row-major compact
  uint64_t byte_offset;
} DLTensor;

// A tensor with its owner, unversioned form. The holder calls deleter(self) once, if not NULL.
typedef struct DLManagedTensor {
  DLTensor dl_tensor;
  void* manager_ctx;  // belongs to the producer
  void (*deleter)(struct DLManagedTensor* self);
} DLManagedTensor;

#define DLPACK_FLAG_BITMASK_READ_ONLY (1UL << 0UL)
#define DLPACK_FLAG_BITMASK_IS_COPIED (1UL << 1UL)               // nobody else sees writes
#define DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED (1UL << 2UL)  // one element per byte

// A tensor with its owner. Only version, manager_ctx, deleter and flags may be read when the major
// version is not ours.
typedef struct DLManagedTensorVersioned {
  DLPackVersion version;
  void* manager_ctx;
  void (*deleter)(struct DLManagedTensorVersioned* self);
  uint64_t flags;  // DLPACK_FLAG_BITMASK_*
  DLTensor dl_tensor;
} DLManagedTensorVersioned;

// ---- Exchange API ------------------------------------------------------------------------------
// A framework publishes one DLPackExchangeAPI for the life of the process, in a capsule named
// "dlpack_exchange_api" stored as the class attribute `__dlpack_c_exchange_api__` of its tensor
// class. Except for the allocator, each function is called with the interpreter lock held and
// returns 0, or -1 with a Python exception pending. "No sync": none of them orders work on streams.

// Allocates a tensor like `prototype` (dtype, ndim, shape and device are read). Needs no
// interpreter lock; on failure calls SetError(error_ctx, kind, message) and returns -1.
typedef int (*DLPackManagedTensorAllocator)(DLTensor* prototype, DLManagedTensorVersioned** out,
                                            void* error_ctx,
                                            void (*SetError)(void* error_ctx, const char* kind,
                                                             const char* message));

// Exports a tensor object; the receiver owns *out.
typedef int (*DLPackManagedTensorFromPyObjectNoSync)(void* py_object,
                                                     DLManagedTensorVersioned** out);

// Describes a tensor object without owning it: *out lives while the object does. May be NULL.
typedef int (*DLPackDLTensorFromPyObjectNoSync)(void* py_object, DLTensor* out);

// The stream the framework currently launches work on, on that device.
typedef int (*DLPackCurrentWorkStream)(DLDeviceType device_type, int32_t device_id,
                                       void** out_current_stream);

// Makes a tensor object that takes over `tensor`; *out_py_object is a new reference.
typedef int (*DLPackManagedTensorToPyObjectNoSync)(DLManagedTensorVersioned* tensor,
                                                   void** out_py_object);

typedef struct DLPackExchangeAPIHeader {
  DLPackVersion version;                     // look at the major number before anything below
  struct DLPackExchangeAPIHeader* prev_api;  // an older table, or NULL
} DLPackExchangeAPIHeader;

typedef struct DLPackExchangeAPI {
  DLPackExchangeAPIHeader header;
  DLPackManagedTensorAllocator managed_tensor_allocator;
  DLPackManagedTensorFromPyObjectNoSync managed_tensor_from_py_object_no_sync;
  DLPackManagedTensorToPyObjectNoSync managed_tensor_to_py_object_no_sync;
  DLPackDLTensorFromPyObjectNoSync dltensor_from_py_object_no_sync;
  DLPackCurrentWorkStream current_work_stream;
} DLPackExchangeAPI;

#ifdef __cplusplus
}  // extern "C"
#endif
#endif  // DLPACK_DLPACK_H_
