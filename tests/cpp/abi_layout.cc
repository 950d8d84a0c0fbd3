// SPDX-License-Identifier: Apache-2.0
//
// The binary contract in numbers: sizes, offsets and values that released binaries rely on. Nothing
// here runs; it compiles or it does not.
#include <dlpack/dlpack.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/c_env_api.h>

#include <cstddef>
#include <type_traits>

#define SIZE_IS(type, size) static_assert(sizeof(type) == (size))
#define FIELD_AT(type, field, offset) static_assert(offsetof(type, field) == (offset))
#define VALUE_IS(name, value) static_assert(static_cast<int64_t>(name) == (value))

static_assert(sizeof(void*) == 8 && sizeof(size_t) == 8 && sizeof(int) == 4);

// ---- Structs ---------------------------------------------------------------

SIZE_IS(TVMFFIVersion, 12);
static_assert(alignof(TVMFFIVersion) == 4);
FIELD_AT(TVMFFIVersion, major, 0);
FIELD_AT(TVMFFIVersion, minor, 4);
FIELD_AT(TVMFFIVersion, patch, 8);

SIZE_IS(TVMFFIObject, 24);
static_assert(alignof(TVMFFIObject) == 8);
FIELD_AT(TVMFFIObject, combined_ref_count, 0);
FIELD_AT(TVMFFIObject, type_index, 8);
FIELD_AT(TVMFFIObject, __padding, 12);
FIELD_AT(TVMFFIObject, deleter, 16);

SIZE_IS(TVMFFIAny, 16);
static_assert(alignof(TVMFFIAny) == 8);
FIELD_AT(TVMFFIAny, type_index, 0);
FIELD_AT(TVMFFIAny, zero_padding, 4);
FIELD_AT(TVMFFIAny, small_str_len, 4);
FIELD_AT(TVMFFIAny, v_int64, 8);
FIELD_AT(TVMFFIAny, v_float64, 8);
FIELD_AT(TVMFFIAny, v_ptr, 8);
FIELD_AT(TVMFFIAny, v_c_str, 8);
FIELD_AT(TVMFFIAny, v_obj, 8);
FIELD_AT(TVMFFIAny, v_dtype, 8);
FIELD_AT(TVMFFIAny, v_device, 8);
FIELD_AT(TVMFFIAny, v_bytes, 8);
FIELD_AT(TVMFFIAny, v_uint64, 8);
// Passed and returned by value in two integer registers.
static_assert(std::is_trivially_copyable_v<TVMFFIAny>);

SIZE_IS(TVMFFIByteArray, 16);
FIELD_AT(TVMFFIByteArray, data, 0);
FIELD_AT(TVMFFIByteArray, size, 8);

SIZE_IS(TVMFFIShapeCell, 16);
FIELD_AT(TVMFFIShapeCell, data, 0);
FIELD_AT(TVMFFIShapeCell, size, 8);

SIZE_IS(TVMFFISeqCell, 32);
FIELD_AT(TVMFFISeqCell, data, 0);
FIELD_AT(TVMFFISeqCell, size, 8);
FIELD_AT(TVMFFISeqCell, capacity, 16);
FIELD_AT(TVMFFISeqCell, data_deleter, 24);

SIZE_IS(TVMFFIFunctionCell, 16);
FIELD_AT(TVMFFIFunctionCell, safe_call, 0);
FIELD_AT(TVMFFIFunctionCell, cpp_call, 8);

SIZE_IS(TVMFFIOpaqueObjectCell, 8);
SIZE_IS(TVMFFIObjectAllocHeader, 8);

SIZE_IS(TVMFFICustomAllocator, 16);
FIELD_AT(TVMFFICustomAllocator, allocate, 0);
FIELD_AT(TVMFFICustomAllocator, context, 8);

SIZE_IS(TVMFFIErrorCell, 72);
FIELD_AT(TVMFFIErrorCell, kind, 0);
FIELD_AT(TVMFFIErrorCell, message, 16);
FIELD_AT(TVMFFIErrorCell, backtrace, 32);
FIELD_AT(TVMFFIErrorCell, update_backtrace, 48);
FIELD_AT(TVMFFIErrorCell, cause_chain, 56);
FIELD_AT(TVMFFIErrorCell, extra_context, 64);

SIZE_IS(TVMFFIFieldInfo, 120);
FIELD_AT(TVMFFIFieldInfo, name, 0);
FIELD_AT(TVMFFIFieldInfo, doc, 16);
FIELD_AT(TVMFFIFieldInfo, metadata, 32);
FIELD_AT(TVMFFIFieldInfo, flags, 48);
FIELD_AT(TVMFFIFieldInfo, size, 56);
FIELD_AT(TVMFFIFieldInfo, alignment, 64);
FIELD_AT(TVMFFIFieldInfo, offset, 72);
FIELD_AT(TVMFFIFieldInfo, getter, 80);
FIELD_AT(TVMFFIFieldInfo, setter, 88);
FIELD_AT(TVMFFIFieldInfo, default_value_or_factory, 96);
FIELD_AT(TVMFFIFieldInfo, field_static_type_index, 112);

SIZE_IS(TVMFFIMethodInfo, 72);
FIELD_AT(TVMFFIMethodInfo, name, 0);
FIELD_AT(TVMFFIMethodInfo, doc, 16);
FIELD_AT(TVMFFIMethodInfo, metadata, 32);
FIELD_AT(TVMFFIMethodInfo, flags, 48);
FIELD_AT(TVMFFIMethodInfo, method, 56);

SIZE_IS(TVMFFITypeMetadata, 32);
FIELD_AT(TVMFFITypeMetadata, doc, 0);
FIELD_AT(TVMFFITypeMetadata, creator, 16);
FIELD_AT(TVMFFITypeMetadata, total_size, 24);
FIELD_AT(TVMFFITypeMetadata, structural_eq_hash_kind, 28);

SIZE_IS(TVMFFITypeAttrColumn, 16);
FIELD_AT(TVMFFITypeAttrColumn, data, 0);
FIELD_AT(TVMFFITypeAttrColumn, size, 8);
FIELD_AT(TVMFFITypeAttrColumn, begin_index, 12);

SIZE_IS(TVMFFITypeInfo, 72);
FIELD_AT(TVMFFITypeInfo, type_index, 0);
FIELD_AT(TVMFFITypeInfo, type_depth, 4);
FIELD_AT(TVMFFITypeInfo, type_key, 8);
FIELD_AT(TVMFFITypeInfo, type_ancestors, 24);
FIELD_AT(TVMFFITypeInfo, type_key_hash, 32);
FIELD_AT(TVMFFITypeInfo, num_fields, 40);
FIELD_AT(TVMFFITypeInfo, num_methods, 44);
FIELD_AT(TVMFFITypeInfo, fields, 48);
FIELD_AT(TVMFFITypeInfo, methods, 56);
FIELD_AT(TVMFFITypeInfo, metadata, 64);

// ---- DLPack ----------------------------------------------------------------

SIZE_IS(DLDevice, 8);
FIELD_AT(DLDevice, device_type, 0);
FIELD_AT(DLDevice, device_id, 4);

SIZE_IS(DLDataType, 4);
FIELD_AT(DLDataType, code, 0);
FIELD_AT(DLDataType, bits, 1);
FIELD_AT(DLDataType, lanes, 2);

SIZE_IS(DLTensor, 48);
FIELD_AT(DLTensor, data, 0);
FIELD_AT(DLTensor, device, 8);
FIELD_AT(DLTensor, ndim, 16);
FIELD_AT(DLTensor, dtype, 20);
FIELD_AT(DLTensor, shape, 24);
FIELD_AT(DLTensor, strides, 32);
FIELD_AT(DLTensor, byte_offset, 40);

SIZE_IS(DLManagedTensor, 64);
FIELD_AT(DLManagedTensor, dl_tensor, 0);
FIELD_AT(DLManagedTensor, manager_ctx, 48);
FIELD_AT(DLManagedTensor, deleter, 56);

SIZE_IS(DLPackVersion, 8);
FIELD_AT(DLPackVersion, major, 0);
FIELD_AT(DLPackVersion, minor, 4);

SIZE_IS(DLManagedTensorVersioned, 80);
FIELD_AT(DLManagedTensorVersioned, version, 0);
FIELD_AT(DLManagedTensorVersioned, manager_ctx, 8);
FIELD_AT(DLManagedTensorVersioned, deleter, 16);
FIELD_AT(DLManagedTensorVersioned, flags, 24);
FIELD_AT(DLManagedTensorVersioned, dl_tensor, 32);

SIZE_IS(DLPackExchangeAPI, 56);
FIELD_AT(DLPackExchangeAPI, header.version, 0);
FIELD_AT(DLPackExchangeAPI, header.prev_api, 8);
FIELD_AT(DLPackExchangeAPI, managed_tensor_allocator, 16);
FIELD_AT(DLPackExchangeAPI, managed_tensor_from_py_object_no_sync, 24);
FIELD_AT(DLPackExchangeAPI, managed_tensor_to_py_object_no_sync, 32);
FIELD_AT(DLPackExchangeAPI, dltensor_from_py_object_no_sync, 40);
FIELD_AT(DLPackExchangeAPI, current_work_stream, 48);

VALUE_IS(DLPACK_MAJOR_VERSION, 1);
VALUE_IS(DLPACK_MINOR_VERSION, 3);
VALUE_IS(DLPACK_FLAG_BITMASK_READ_ONLY, 1);
VALUE_IS(DLPACK_FLAG_BITMASK_IS_COPIED, 2);
VALUE_IS(DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED, 4);

VALUE_IS(kDLCPU, 1);
VALUE_IS(kDLCUDA, 2);
VALUE_IS(kDLCUDAHost, 3);
VALUE_IS(kDLOpenCL, 4);
VALUE_IS(kDLVulkan, 7);
VALUE_IS(kDLMetal, 8);
VALUE_IS(kDLVPI, 9);
VALUE_IS(kDLROCM, 10);
VALUE_IS(kDLROCMHost, 11);
VALUE_IS(kDLExtDev, 12);
VALUE_IS(kDLCUDAManaged, 13);
VALUE_IS(kDLOneAPI, 14);
VALUE_IS(kDLWebGPU, 15);
VALUE_IS(kDLHexagon, 16);
VALUE_IS(kDLMAIA, 17);
VALUE_IS(kDLTrn, 18);

VALUE_IS(kDLInt, 0);
VALUE_IS(kDLUInt, 1);
VALUE_IS(kDLFloat, 2);
VALUE_IS(kDLOpaqueHandle, 3);
VALUE_IS(kDLBfloat, 4);
VALUE_IS(kDLComplex, 5);
VALUE_IS(kDLBool, 6);
VALUE_IS(kDLFloat8_e3m4, 7);
VALUE_IS(kDLFloat8_e4m3, 8);
VALUE_IS(kDLFloat8_e4m3b11fnuz, 9);
VALUE_IS(kDLFloat8_e4m3fn, 10);
VALUE_IS(kDLFloat8_e4m3fnuz, 11);
VALUE_IS(kDLFloat8_e5m2, 12);
VALUE_IS(kDLFloat8_e5m2fnuz, 13);
VALUE_IS(kDLFloat8_e8m0fnu, 14);
VALUE_IS(kDLFloat6_e2m3fn, 15);
VALUE_IS(kDLFloat6_e3m2fn, 16);
VALUE_IS(kDLFloat4_e2m1fn, 17);

// ---- Constants -------------------------------------------------------------

static_assert(sizeof(TVMFFITypeIndex) == 4 &&
              std::is_signed_v<std::underlying_type_t<TVMFFITypeIndex>>);
VALUE_IS(kTVMFFIAny, -1);
VALUE_IS(kTVMFFINone, 0);
VALUE_IS(kTVMFFIInt, 1);
VALUE_IS(kTVMFFIBool, 2);
VALUE_IS(kTVMFFIFloat, 3);
VALUE_IS(kTVMFFIOpaquePtr, 4);
VALUE_IS(kTVMFFIDataType, 5);
VALUE_IS(kTVMFFIDevice, 6);
VALUE_IS(kTVMFFIDLTensorPtr, 7);
VALUE_IS(kTVMFFIRawStr, 8);
VALUE_IS(kTVMFFIByteArrayPtr, 9);
VALUE_IS(kTVMFFIObjectRValueRef, 10);
VALUE_IS(kTVMFFISmallStr, 11);
VALUE_IS(kTVMFFISmallBytes, 12);
VALUE_IS(kTVMFFIUnchanged, 13);
VALUE_IS(kTVMFFIStaticObjectBegin, 64);
VALUE_IS(kTVMFFIObject, 64);
VALUE_IS(kTVMFFIStr, 65);
VALUE_IS(kTVMFFIBytes, 66);
VALUE_IS(kTVMFFIError, 67);
VALUE_IS(kTVMFFIFunction, 68);
VALUE_IS(kTVMFFIShape, 69);
VALUE_IS(kTVMFFITensor, 70);
VALUE_IS(kTVMFFIArray, 71);
VALUE_IS(kTVMFFIMap, 72);
VALUE_IS(kTVMFFIModule, 73);
VALUE_IS(kTVMFFIOpaquePyObject, 74);
VALUE_IS(kTVMFFIList, 75);
VALUE_IS(kTVMFFIDict, 76);
VALUE_IS(kTVMFFIVisitInterrupt, 77);
VALUE_IS(kTVMFFIBigInt, 78);
VALUE_IS(kTVMFFIStaticObjectEnd, 79);
VALUE_IS(kTVMFFIDynObjectBegin, 128);

VALUE_IS(kTVMFFIObjectDeleterFlagBitMaskStrong, 1);
VALUE_IS(kTVMFFIObjectDeleterFlagBitMaskWeak, 2);
VALUE_IS(kTVMFFIObjectDeleterFlagBitMaskBoth, 3);

VALUE_IS(kTVMFFIBacktraceUpdateModeReplace, 0);
VALUE_IS(kTVMFFIBacktraceUpdateModeAppend, 1);

VALUE_IS(kTVMFFIFieldFlagBitMaskWritable, 1);
VALUE_IS(kTVMFFIFieldFlagBitMaskHasDefault, 2);
VALUE_IS(kTVMFFIFieldFlagBitMaskIsStaticMethod, 4);
VALUE_IS(kTVMFFIFieldFlagBitMaskSEqHashIgnore, 8);
VALUE_IS(kTVMFFIFieldFlagBitMaskSEqHashDefPattern, 16);
VALUE_IS(kTVMFFIFieldFlagBitMaskSEqHashDefRecursive, 16);
VALUE_IS(kTVMFFIFieldFlagBitMaskDefaultFromFactory, 32);
VALUE_IS(kTVMFFIFieldFlagBitMaskReprOff, 64);
VALUE_IS(kTVMFFIFieldFlagBitMaskCompareOff, 128);
VALUE_IS(kTVMFFIFieldFlagBitMaskHashOff, 256);
VALUE_IS(kTVMFFIFieldFlagBitMaskInitOff, 512);
VALUE_IS(kTVMFFIFieldFlagBitMaskKwOnly, 1024);
VALUE_IS(kTVMFFIFieldFlagBitSetterIsFunctionObj, 2048);
VALUE_IS(kTVMFFIFieldFlagBitMaskSEqHashDefSimple, 4096);
VALUE_IS(kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive, 4096);

VALUE_IS(kTVMFFISEqHashKindUnsupported, 0);
VALUE_IS(kTVMFFISEqHashKindTreeNode, 1);
VALUE_IS(kTVMFFISEqHashKindFreeVar, 2);
VALUE_IS(kTVMFFISEqHashKindDAGNode, 3);
VALUE_IS(kTVMFFISEqHashKindConstTreeNode, 4);
VALUE_IS(kTVMFFISEqHashKindUniqueInstance, 5);

VALUE_IS(kTVMFFIDefRegionKindNone, 0);
VALUE_IS(kTVMFFIDefRegionKindPattern, 1);
VALUE_IS(kTVMFFIDefRegionKindRecursive, 1);
VALUE_IS(kTVMFFIDefRegionKindSimple, 2);
VALUE_IS(kTVMFFIDefRegionKindNonRecursive, 2);

VALUE_IS(TVM_FFI_VERSION_MAJOR, 0);
VALUE_IS(TVM_FFI_VERSION_MINOR, 1);
VALUE_IS(TVM_FFI_VERSION_PATCH, 16);
