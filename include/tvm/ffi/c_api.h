// SPDX-License-Identifier: Apache-2.0
//
// The contract: every struct, constant and entry point through which libtvm_ffi, the libraries
// written for it and the languages above it meet. Plain C (C99 and later), 64-bit.
//
// Words used throughout
//   handle     address of an object header (TVMFFIObject).
//   borrowed   the callee may use it during the call; to keep it, it adds a reference of its own.
//   owned      the receiver holds one strong reference and drops it when done.
//   stolen     the callee takes the caller's reference over.
//   view, any  a TVMFFIAny that is borrowed (view) or owned (any).
//
// Results. An entry point that returns `int` returns 0, or nonzero after storing an error object in
// this thread's error slot; callers treat every nonzero value alike. Nothing unwinds out of any
// function here. Results that are written only on success are called `out`.
//
// Threads. All entry points may be called from any thread. Reference counts are atomic, the error
// slot is per thread, registries are safe for concurrent use. Containers that can be changed (List,
// Dict) are not synchronised.
#ifndef TVM_FFI_C_API_H_
#define TVM_FFI_C_API_H_

#include <dlpack/dlpack.h>
#include <stdint.h>

// ---- Linkage -----------------------------------------------------------------------------------

#if defined(_MSC_VER)
#define TVM_FFI_WEAK __declspec(selectany)
#else
#define TVM_FFI_WEAK __attribute__((weak))
#endif

#if defined(__EMSCRIPTEN__)
#include <emscripten/emscripten.h>
#endif

#if !defined(TVM_FFI_DLL)
#if defined(__EMSCRIPTEN__)
#define TVM_FFI_DLL EMSCRIPTEN_KEEPALIVE
#elif defined(_MSC_VER)
#ifdef TVM_FFI_EXPORTS
#define TVM_FFI_DLL __declspec(dllexport)
#else
#define TVM_FFI_DLL __declspec(dllimport)
#endif
#else
#define TVM_FFI_DLL __attribute__((visibility("default")))
#endif
#endif

#if !defined(TVM_FFI_DLL_EXPORT)
#if defined(__EMSCRIPTEN__)
#define TVM_FFI_DLL_EXPORT EMSCRIPTEN_KEEPALIVE
#elif defined(_MSC_VER)
#define TVM_FFI_DLL_EXPORT __declspec(dllexport)
#else
#define TVM_FFI_DLL_EXPORT __attribute__((visibility("default")))
#endif
#endif

#if defined(__GNUC__) || defined(__clang__)
#define TVM_FFI_ATTRIBUTE_PURE __attribute__((pure))
#else
#define TVM_FFI_ATTRIBUTE_PURE
#endif

// ---- Version -----------------------------------------------------------------------------------

#define TVM_FFI_VERSION_MAJOR 0
#define TVM_FFI_VERSION_MINOR 1
#define TVM_FFI_VERSION_PATCH 16

#ifdef __cplusplus
extern "C" {
#endif

// Layout and meaning never change.
typedef struct {
  uint32_t major;
  uint32_t minor;
  uint32_t patch;
} TVMFFIVersion;

// ---- Type indices ------------------------------------------------------------------------------

// Below kTVMFFIStaticObjectBegin: values that live inside a TVMFFIAny. From there on: objects.
#ifdef __cplusplus
enum TVMFFITypeIndex : int32_t {
#else
typedef enum {
#endif
  kTVMFFIAny = -1,  // only in annotations of fields
  kTVMFFINone = 0,
  kTVMFFIInt = 1,
  kTVMFFIBool = 2,
  kTVMFFIFloat = 3,
  kTVMFFIOpaquePtr = 4,
  kTVMFFIDataType = 5,
  kTVMFFIDevice = 6,
  kTVMFFIDLTensorPtr = 7,
  // 8, 9 and 10 occur in views only.
  kTVMFFIRawStr = 8,            // NUL-terminated text, borrowed
  kTVMFFIByteArrayPtr = 9,      // TVMFFIByteArray*, borrowed
  kTVMFFIObjectRValueRef = 10,  // TVMFFIObject**: the callee may take the object and set it to NULL
  // Text and bytes of at most 7 bytes, stored in place.
  kTVMFFISmallStr = 11,
  kTVMFFISmallBytes = 12,
  kTVMFFIUnchanged = 13,  // "no new value", a result of structural mutation only
  kTVMFFIStaticObjectBegin = 64,
  kTVMFFIObject = 64,
  kTVMFFIStr = 65,
  kTVMFFIBytes = 66,
  kTVMFFIError = 67,
  kTVMFFIFunction = 68,
  kTVMFFIShape = 69,
  kTVMFFITensor = 70,
  kTVMFFIArray = 71,
  kTVMFFIMap = 72,
  kTVMFFIModule = 73,
  kTVMFFIOpaquePyObject = 74,
  kTVMFFIList = 75,
  kTVMFFIDict = 76,
  kTVMFFIVisitInterrupt = 77,
  kTVMFFIBigInt = 78,
  kTVMFFIStaticObjectEnd = 79,
  kTVMFFIDynObjectBegin = 128,  // allocated as types register
#ifdef __cplusplus
};
#else
} TVMFFITypeIndex;
#endif

// ---- Objects -----------------------------------------------------------------------------------

typedef void* TVMFFIObjectHandle;

// What a deleter is asked to do.
#ifdef __cplusplus
enum TVMFFIObjectDeleterFlagBitMask : int32_t {
#else
typedef enum {
#endif
  kTVMFFIObjectDeleterFlagBitMaskStrong = 1 << 0,  // destroy the contents, keep the memory
  kTVMFFIObjectDeleterFlagBitMaskWeak = 1 << 1,    // free the memory
  kTVMFFIObjectDeleterFlagBitMaskBoth = 3,
#ifdef __cplusplus
};
#else
} TVMFFIObjectDeleterFlagBitMask;
#endif

// The header every object starts with (C++ classes may keep data before it; only the object's own
// deleter knows). A new object has one strong reference, and one weak reference that all strong
// ones hold together: combined_ref_count 0x1'0000'0001.
typedef struct {
  uint64_t combined_ref_count;  // low 32 bits strong, high 32 bits weak; atomic
  int32_t type_index;           // at least 64
  uint32_t __padding;           // 0
#if !defined(TVM_FFI_DOXYGEN_MODE)
  union {
#endif
    // Never throws; runs on the thread that drops the reference. NULL: never reclaimed.
    void (*deleter)(void* self, int flags);
    int64_t __ensure_align;
#if !defined(TVM_FFI_DOXYGEN_MODE)
  };
#endif
} TVMFFIObject;

// The 16-byte value everything travels in. All 16 bytes are defined: payload bytes a value does not
// use are zero, and so is zero_padding except for SmallStr and SmallBytes. A NULL object is None.
typedef struct {
  int32_t type_index;
#if !defined(TVM_FFI_DOXYGEN_MODE)
  union {
#endif
    uint32_t zero_padding;
    uint32_t small_str_len;  // 0 to 7
#if !defined(TVM_FFI_DOXYGEN_MODE)
  };
  union {
#endif
    int64_t v_int64;
    double v_float64;
    void* v_ptr;
    const char* v_c_str;
    TVMFFIObject* v_obj;
    DLDataType v_dtype;
    DLDevice v_device;
    char v_bytes[8];
    uint64_t v_uint64;
#if !defined(TVM_FFI_DOXYGEN_MODE)
  };
#endif
} TVMFFIAny;

// ---- Cells: what follows the header of each built-in object ------------------------------------

// Text or bytes. Inside objects data[size] is NUL.
typedef struct {
  const char* data;
  size_t size;
} TVMFFIByteArray;

typedef struct {
  const int64_t* data;
  size_t size;
} TVMFFIShapeCell;

// Array and List. Elements are owned TVMFFIAny. A List's data_deleter is never NULL, accepts NULL
// and frees memory of the C++ global operator new, because whoever grows a list allocates there.
#ifdef __cplusplus
struct TVMFFISeqCell {
#else
typedef struct {
#endif
  void* data;
  int64_t size;
  int64_t capacity;
  void (*data_deleter)(void*);  // NULL when the elements are part of the object
#ifdef __cplusplus
};
#else
} TVMFFISeqCell;
#endif

#ifdef __cplusplus
enum TVMFFIBacktraceUpdateMode : int32_t {
#else
typedef enum {
#endif
  kTVMFFIBacktraceUpdateModeReplace = 0,
  kTVMFFIBacktraceUpdateModeAppend = 1,
#ifdef __cplusplus
};
#else
} TVMFFIBacktraceUpdateMode;
#endif

typedef struct {
  TVMFFIByteArray kind;       // name of the exception class, such as "ValueError"
  TVMFFIByteArray message;    // data[size] is NUL
  TVMFFIByteArray backtrace;  // lines `  File "f", line n, in g\n`, most recent call first
  // Replaces the backtrace with a copy of the text or appends to it. Not synchronised.
  void (*update_backtrace)(TVMFFIObjectHandle self, const TVMFFIByteArray* backtrace,
                           int32_t update_mode);
  TVMFFIObjectHandle cause_chain;    // an Error or NULL; owned
  TVMFFIObjectHandle extra_context;  // any object or NULL; owned
} TVMFFIErrorCell;

// How functions are called. `args` are num_args views, borrowed for the call. *result is a value
// that owns nothing when the call starts; on success it holds an owned value (untouched: None), on
// failure nothing. May run on any thread and may re-enter.
typedef int (*TVMFFISafeCallType)(void* handle, const TVMFFIAny* args, int32_t num_args,
                                  TVMFFIAny* result);

typedef struct {
  TVMFFISafeCallType safe_call;  // called with the function object as handle; always valid
  void* cpp_call;  // NULL, or a C++ function that throws; see tvm::ffi::FunctionObj::FCall
} TVMFFIFunctionCell;

typedef struct {
  void* handle;
} TVMFFIOpaqueObjectCell;

// ---- Allocation --------------------------------------------------------------------------------

// Stands directly before a body that a custom allocator returned.
typedef struct {
  void (*delete_space)(void* body);
} TVMFFIObjectAllocHeader;

typedef struct {
  // Uninitialised memory with a TVMFFIObjectAllocHeader before it, or NULL after storing an error.
  void* (*allocate)(size_t size, size_t alignment, int32_t type_index, void* context);
  void* context;
} TVMFFICustomAllocator;

// ---- Reflection --------------------------------------------------------------------------------

// Flags of fields and methods.
#ifdef __cplusplus
enum TVMFFIFieldFlagBitMask : int32_t {
#else
typedef enum {
#endif
  kTVMFFIFieldFlagBitMaskWritable = 1 << 0,
  kTVMFFIFieldFlagBitMaskHasDefault = 1 << 1,
  kTVMFFIFieldFlagBitMaskIsStaticMethod = 1 << 2,
  kTVMFFIFieldFlagBitMaskSEqHashIgnore = 1 << 3,
  kTVMFFIFieldFlagBitMaskSEqHashDefPattern = 1 << 4,
  kTVMFFIFieldFlagBitMaskSEqHashDefRecursive = 1 << 4,  // name used before 0.1.15
  kTVMFFIFieldFlagBitMaskDefaultFromFactory = 1 << 5,   // the default is a function to call
  kTVMFFIFieldFlagBitMaskReprOff = 1 << 6,
  kTVMFFIFieldFlagBitMaskCompareOff = 1 << 7,
  kTVMFFIFieldFlagBitMaskHashOff = 1 << 8,
  kTVMFFIFieldFlagBitMaskInitOff = 1 << 9,  // no parameter of the generated constructor
  kTVMFFIFieldFlagBitMaskKwOnly = 1 << 10,
  kTVMFFIFieldFlagBitSetterIsFunctionObj = 1 << 11,
  kTVMFFIFieldFlagBitMaskSEqHashDefSimple = 1 << 12,
  kTVMFFIFieldFlagBitMaskSEqHashDefNonRecursive = 1 << 12,  // name used before 0.1.15
#ifdef __cplusplus
};
#else
} TVMFFIFieldFlagBitMask;
#endif

// How structural equality and hashing treat a type.
#ifdef __cplusplus
enum TVMFFISEqHashKind : int32_t {
#else
typedef enum {
#endif
  kTVMFFISEqHashKindUnsupported = 0,
  kTVMFFISEqHashKindTreeNode = 1,        // by contents
  kTVMFFISEqHashKindFreeVar = 2,         // a variable that a definition binds
  kTVMFFISEqHashKindDAGNode = 3,         // by contents and by how often it is shared
  kTVMFFISEqHashKindConstTreeNode = 4,   // by contents, which hold no variable
  kTVMFFISEqHashKindUniqueInstance = 5,  // by address
#ifdef __cplusplus
};
#else
} TVMFFISEqHashKind;
#endif

// The definition region a structural visit is in.
#ifdef __cplusplus
enum TVMFFIDefRegionKind : int32_t {
#else
typedef enum {
#endif
  kTVMFFIDefRegionKindNone = 0,
  kTVMFFIDefRegionKindPattern = 1,       // binds the variable and every free variable below it
  kTVMFFIDefRegionKindRecursive = 1,     // name used before 0.1.15
  kTVMFFIDefRegionKindSimple = 2,        // binds the variable only
  kTVMFFIDefRegionKindNonRecursive = 2,  // name used before 0.1.15
#ifdef __cplusplus
};
#else
} TVMFFIDefRegionKind;
#endif

// Reads the field at that address into *result, which receives an owned value.
typedef int (*TVMFFIFieldGetter)(void* field, TVMFFIAny* result);
// Converts the view and assigns it to the field, releasing what the field held.
typedef int (*TVMFFIFieldSetter)(void* field, const TVMFFIAny* value);
// Makes an object whose fields are still to be set; *result is owned.
typedef int (*TVMFFIObjectCreator)(TVMFFIObjectHandle* result);

typedef struct {
  TVMFFIByteArray name;
  TVMFFIByteArray doc;
  TVMFFIByteArray metadata;  // JSON object, first member "type_schema"
  int64_t flags;             // TVMFFIFieldFlagBitMask
  int64_t size;              // bytes
  int64_t alignment;
  int64_t offset;  // bytes from the object header
  TVMFFIFieldGetter getter;
  void* setter;  // TVMFFIFieldSetter; with SetterIsFunctionObj a Function (field address, value)
  TVMFFIAny default_value_or_factory;
  int32_t field_static_type_index;  // kTVMFFIAny when unknown
} TVMFFIFieldInfo;

typedef struct {
  TVMFFIByteArray name;
  TVMFFIByteArray doc;
  TVMFFIByteArray metadata;
  int64_t flags;
  TVMFFIAny method;  // a Function; the object is argument 0 unless the method is static
} TVMFFIMethodInfo;

typedef struct {
  TVMFFIByteArray doc;
  TVMFFIObjectCreator creator;  // NULL if there is none
  int32_t total_size;           // bytes of an object
  TVMFFISEqHashKind structural_eq_hash_kind;
} TVMFFITypeMetadata;

// One attribute of all types: that of type t is data[t - begin_index] when
// 0 <= t - begin_index < size, and None otherwise. The struct keeps its address for ever.
typedef struct {
  const TVMFFIAny* data;
  int32_t size;
  int32_t begin_index;
} TVMFFITypeAttrColumn;

// Keeps its address for ever; fields, methods and metadata change while the type registers.
#ifdef __cplusplus
struct TVMFFITypeInfo {
#else
typedef struct TVMFFITypeInfo {
#endif
  int32_t type_index;
  int32_t type_depth;  // number of ancestors
  TVMFFIByteArray type_key;
  const struct TVMFFITypeInfo** type_ancestors;  // by depth, the root first
  uint64_t type_key_hash;
  int32_t num_fields;  // own ones; inherited fields are those of the ancestors
  int32_t num_methods;
  const TVMFFIFieldInfo* fields;
  const TVMFFIMethodInfo* methods;
  const TVMFFITypeMetadata* metadata;  // NULL until registered
#ifdef __cplusplus
};
#else
} TVMFFITypeInfo;
#endif

// ---- Version and objects -----------------------------------------------------------------------

TVM_FFI_DLL void TVMFFIGetVersion(TVMFFIVersion* out_version);

TVM_FFI_DLL int TVMFFIObjectIncRef(TVMFFIObjectHandle obj);

// NULL is ignored. May run the object's deleter on this thread.
TVM_FFI_DLL int TVMFFIObjectDecRef(TVMFFIObjectHandle obj);

// Wraps a foreign handle; deleter(handle), if not NULL, is called once when the last reference
// goes. type_index must be kTVMFFIOpaquePyObject. *out is owned.
TVM_FFI_DLL int TVMFFIObjectCreateOpaque(void* handle, int32_t type_index,
                                         void (*deleter)(void* handle), TVMFFIObjectHandle* out);

// The process-wide allocator; never NULL.
TVM_FFI_DLL TVMFFICustomAllocator* TVMFFIGetCustomAllocator(void);

// Borrowed for the life of the process. NULL restores the built-in one.
TVM_FFI_DLL int TVMFFISetCustomAllocator(TVMFFICustomAllocator* allocator);

// InternalError for an unknown key.
TVM_FFI_DLL int TVMFFITypeKeyToIndex(const TVMFFIByteArray* type_key, int32_t* out_tindex);

// ---- Functions ---------------------------------------------------------------------------------

// *out is an owned Function that calls safe_call(self, ...); deleter(self), if not NULL, is called
// once when the last reference goes. With neither self nor deleter the callback must ignore its
// handle argument.
TVM_FFI_DLL int TVMFFIFunctionCreate(void* self, TVMFFISafeCallType safe_call,
                                     void (*deleter)(void* self), TVMFFIObjectHandle* out);

// *out is owned, or NULL when there is no such function, which is no error.
TVM_FFI_DLL int TVMFFIFunctionGetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle* out);

// f is borrowed, the table adds its own reference. RuntimeError if the name is taken and
// allow_override is 0.
TVM_FFI_DLL int TVMFFIFunctionSetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle f,
                                        int allow_override);

// The same, with name, doc, metadata, flags and function taken from *method_info (copied).
TVM_FFI_DLL int TVMFFIFunctionSetGlobalFromMethodInfo(const TVMFFIMethodInfo* method_info,
                                                      int allow_override);

// See TVMFFISafeCallType.
TVM_FFI_DLL int TVMFFIFunctionCall(TVMFFIObjectHandle func, TVMFFIAny* args, int32_t num_args,
                                   TVMFFIAny* result);

// Writes an owned copy of the view: objects gain a reference, raw text and bytes are copied, an
// r-value reference is moved from. What *out held before is not released.
TVM_FFI_DLL int TVMFFIAnyViewToOwnedAny(const TVMFFIAny* any_view, TVMFFIAny* out);

// ---- Errors ------------------------------------------------------------------------------------

// Takes this thread's pending error out of its slot; *result is owned, or NULL if there is none.
TVM_FFI_DLL void TVMFFIErrorMoveFromRaised(TVMFFIObjectHandle* result);

// Stores an error (borrowed, gains a reference) and releases what the slot held. NULL empties it.
TVM_FFI_DLL void TVMFFIErrorSetRaised(TVMFFIObjectHandle error);

// Makes an error with a backtrace of the caller and stores it.
TVM_FFI_DLL void TVMFFIErrorSetRaisedFromCStr(const char* kind, const char* message);

// The same; the message is the parts put together, NULL parts left out.
TVM_FFI_DLL void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** message_parts,
                                                   int32_t num_parts);

// Texts are copied; *out is owned. Returns -1 without touching the error slot when out of memory.
TVM_FFI_DLL int TVMFFIErrorCreate(const TVMFFIByteArray* kind, const TVMFFIByteArray* message,
                                  const TVMFFIByteArray* backtrace, TVMFFIObjectHandle* out);

// cause_chain (an Error) and extra_context (any object) are borrowed and may be NULL.
TVM_FFI_DLL int TVMFFIErrorCreateWithCauseAndExtraContext(
    const TVMFFIByteArray* kind, const TVMFFIByteArray* message, const TVMFFIByteArray* backtrace,
    TVMFFIObjectHandle cause_chain, TVMFFIObjectHandle extra_context, TVMFFIObjectHandle* out);

// ---- Tensors and DLPack ------------------------------------------------------------------------

// Makes an owned Tensor of a DLPack tensor, which is stolen on success and untouched on failure.
// require_alignment is in bytes, 0 for any.
TVM_FFI_DLL int TVMFFITensorFromDLPack(DLManagedTensor* from, int32_t require_alignment,
                                       int32_t require_contiguous, TVMFFIObjectHandle* out);

// *out shares the tensor's memory and holds a reference to it until its deleter is called.
TVM_FFI_DLL int TVMFFITensorToDLPack(TVMFFIObjectHandle from, DLManagedTensor** out);

TVM_FFI_DLL int TVMFFITensorFromDLPackVersioned(DLManagedTensorVersioned* from,
                                                int32_t require_alignment,
                                                int32_t require_contiguous,
                                                TVMFFIObjectHandle* out);

TVM_FFI_DLL int TVMFFITensorToDLPackVersioned(TVMFFIObjectHandle from,
                                              DLManagedTensorVersioned** out);

// An owned Tensor described by *prototype (shape and strides are copied, strides must not be NULL)
// that keeps `source` alive. Bounds are not checked.
TVM_FFI_DLL int TVMFFITensorCreateUnsafeView(TVMFFIObjectHandle source, const DLTensor* prototype,
                                             TVMFFIObjectHandle* out);

// ---- Strings, big integers, data types ---------------------------------------------------------

// Copies; at most 7 bytes are stored in *out itself. What *out held before is not released.
TVM_FFI_DLL int TVMFFIStringFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

TVM_FFI_DLL int TVMFFIBytesFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

// Makes an Int or BigInt of 64-bit two's complement words in native byte order, least significant
// first. ValueError unless size is a multiple of 8.
TVM_FFI_DLL int TVMFFIBigIntFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out);

// The words of an Int (inside *value) or a BigInt (inside the object), borrowed.
TVM_FFI_DLL TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny* value);

// ValueError for text that is no data type.
TVM_FFI_DLL int TVMFFIDataTypeFromString(const TVMFFIByteArray* str, DLDataType* out);

TVM_FFI_DLL int TVMFFIDataTypeToString(const DLDataType* dtype, TVMFFIAny* out);

// ---- Type registration -------------------------------------------------------------------------

// All three copy *info. A field name the type itself has already is an InternalError.
TVM_FFI_DLL int TVMFFITypeRegisterField(int32_t type_index, const TVMFFIFieldInfo* info);

// Several methods may share a name (overloads).
TVM_FFI_DLL int TVMFFITypeRegisterMethod(int32_t type_index, const TVMFFIMethodInfo* info);

// RuntimeError the second time for a type.
TVM_FFI_DLL int TVMFFITypeRegisterMetadata(int32_t type_index, const TVMFFITypeMetadata* metadata);

// Stores an owned copy of the view. RuntimeError if the type has the attribute already.
// type_index kTVMFFINone only makes sure that the column exists.
TVM_FFI_DLL int TVMFFITypeRegisterAttr(int32_t type_index, const TVMFFIByteArray* attr_name,
                                       const TVMFFIAny* attr_value);

// NULL if there is no such column.
TVM_FFI_DLL const TVMFFITypeAttrColumn* TVMFFIGetTypeAttrColumn(const TVMFFIByteArray* attr_name);

// The index registered for the key; otherwise registers the type. static_type_index -1 asks for a
// dynamic index, parent_type_index -1 for a root, and parent_type_index -2 only looks the key up
// (-2 if unknown). Ends the process when the type cannot be placed.
TVM_FFI_DLL int32_t TVMFFITypeGetOrAllocIndex(const TVMFFIByteArray* type_key,
                                              int32_t static_type_index, int32_t type_depth,
                                              int32_t num_child_slots,
                                              int32_t child_slots_can_overflow,
                                              int32_t parent_type_index);

// Ends the process for an index that is not registered.
#if !defined(TVM_FFI_DOXYGEN_MODE)
TVM_FFI_DLL const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t type_index) TVM_FFI_ATTRIBUTE_PURE;
#else
TVM_FFI_DLL const TVMFFITypeInfo* TVMFFIGetTypeInfo(int32_t type_index);
#endif

// ---- Backtraces and one-time handles -----------------------------------------------------------

// The stack of the caller as backtrace text, starting with a line for the given place if filename
// and func are not NULL. Stops where a call came in through this contract unless
// cross_ffi_boundary is nonzero. Valid until this thread calls it again.
TVM_FFI_DLL const TVMFFIByteArray* TVMFFIBacktrace(const char* filename, int lineno,
                                                   const char* func, int cross_ffi_boundary);

// Calls init_func once while *handle_addr is NULL and publishes what it gives.
TVM_FFI_DLL int TVMFFIHandleInitOnce(void** handle_addr, int (*init_func)(void** result));

// Empties *handle_addr and calls deinit_func on what it held, unless that was NULL.
TVM_FFI_DLL int TVMFFIHandleDeinitOnce(void** handle_addr, int (*deinit_func)(void* handle));

#ifdef __cplusplus
}  // extern "C"

// ---- Where things are inside an object (C++ only, never exported) ------------------------------

inline int32_t TVMFFIObjectGetTypeIndex(TVMFFIObjectHandle obj) {
  return static_cast<TVMFFIObject*>(obj)->type_index;
}

inline TVMFFIByteArray TVMFFISmallBytesGetContentByteArray(const TVMFFIAny* value) {
  return TVMFFIByteArray{value->v_bytes, static_cast<size_t>(value->small_str_len)};
}

inline TVMFFIByteArray* TVMFFIBytesGetByteArrayPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIByteArray*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIErrorCell* TVMFFIErrorGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIErrorCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIFunctionCell* TVMFFIFunctionGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIFunctionCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIOpaqueObjectCell* TVMFFIOpaqueObjectGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIOpaqueObjectCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline TVMFFIShapeCell* TVMFFIShapeGetCellPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<TVMFFIShapeCell*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline DLTensor* TVMFFITensorGetDLTensorPtr(TVMFFIObjectHandle obj) {
  return reinterpret_cast<DLTensor*>(static_cast<TVMFFIObject*>(obj) + 1);
}

inline DLDevice TVMFFIDLDeviceFromIntPair(int32_t device_type, int32_t device_id) {
  return DLDevice{static_cast<DLDeviceType>(device_type), device_id};
}
#endif  // __cplusplus
#endif  // TVM_FFI_C_API_H_
