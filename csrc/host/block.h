// SPDX-License-Identifier: Apache-2.0
//
// What the pure lane and this library exchange: a call written as one block of bytes, which ctypes
// passes by address. Nothing here uses the table of host.h.
#ifndef TVM_FFI_HOST_BLOCK_H_
#define TVM_FFI_HOST_BLOCK_H_

#include <stddef.h>
#include <stdint.h>
#include <tvm/ffi/c_api.h>

#define TVM_FFI_HOST_EXPORT extern "C" __attribute__((visibility("default")))

namespace tvm::ffi::block {

// In the order of tvm_ffi/_block.py. The block belongs to one call, which may write to it.
struct Block {
  TVMFFIObjectHandle function;
  int32_t count;
  int32_t gives_up;  // whether other threads may run meanwhile
  TVMFFIAny result;  // zero when the call starts

  // The arguments. Behind them lies what some of those refer to, in their order.
  TVMFFIAny* cells() { return reinterpret_cast<TVMFFIAny*>(this + 1); }
};

// Arguments that become values here. What is in front of a payload's name is what it holds.
enum CellKind : int32_t {
  kText = -16,      // size: UTF-8 behind the cells
  kBytes = -17,     // size: bytes behind the cells
  kTree = -18,      // size: a marshalled value behind the cells
  kTensor = -19,    // address: a tensor of the class whose exchange table zero_padding numbers
  kCapsule = -20,   // address: a capsule with a DLManagedTensor
  kCallable = -21,  // key: what a function holds that is made for the call, see answer.cc
};

// What a call returns that does not return an Int, and likewise what a callback returns to here.
// Ints below kLeastInt are read from the block.
constexpr int64_t kLeastInt = -1073741800;
enum Outcome : int64_t {
  kNone = -1073741823,
  kFalse,
  kTrue,
  kFloat,    // in the block
  kValue,    // an owned value in the block
  kFailed,   // the status is the payload in the block
  kUnfit,    // nothing was called: the raised error says why a tensor cannot be passed
  kRefused,  // nothing was called: the block cannot say what has to be passed. Of a callback: that
             // there is not stack enough left to say what happened
};

// The interpreter's functions that the pure lane may hand over; see TVMFFIHostSetInterpreter.
struct Interpreter {
  void* (*give_up)();
  void (*take_back)(void*);
  int (*capsule_is_valid)(void*, const char*);
  void* (*capsule_pointer)(void*, const char*);
  int (*capsule_set_name)(void*, const char*);
  int (*capsule_set_destructor)(void*, void (*)(void*));
  void (*retain)(void*);
  void* none;
};

extern Interpreter interpreter;

inline bool is_owner(const TVMFFIAny& cell) { return cell.type_index >= kTVMFFIStaticObjectBegin; }

inline void release(TVMFFIAny* cell) {
  if (is_owner(*cell)) TVMFFIObjectDecRef(cell->v_obj);
}

// Text or bytes as an owned value; false when out of memory.
bool set_bytes(const char* data, size_t size, bool is_text, TVMFFIAny* cell);

// Makes an owned value of a marshalled one. False, with nothing made, for what it does not know.
bool read_tree(const char* data, size_t size, TVMFFIAny* cell);

// What the tensors of a call ask for.
struct Surroundings {
  const DLPackExchangeAPI* api = nullptr;
  int32_t device_type = -1;
  int32_t device_id = 0;
  void* stream = nullptr;
  void* former_stream = nullptr;
  DLPackManagedTensorAllocator former_allocator = nullptr;

  void enter();
  void leave();
};

// Makes a function that answers with Python's entry `key`, an owned handle; false on failure.
bool make_function(int64_t key, bool is_immortal, TVMFFIObjectHandle* function);

// Drops a function that was made for a call; Python is not told. True if that was the last
// reference, and Python's entry is to be taken out.
bool drop_function(TVMFFIObjectHandle function);

enum class Import {
  kDone,
  kRefused,
  kFailed,  // with an error raised
  kUnfit,   // likewise, and it is about what the framework exported
};

// Makes a tensor of a framework's, an owned value.
Import import_tensor(TVMFFIAny* cell, Surroundings* surroundings);
Import import_capsule(TVMFFIAny* cell);

}  // namespace tvm::ffi::block
#endif  // TVM_FFI_HOST_BLOCK_H_
