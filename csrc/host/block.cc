// SPDX-License-Identifier: Apache-2.0
//
// Calls that the pure lane has written as blocks.
#include "block.h"

#include <cstring>

namespace tvm::ffi::block {

Interpreter interpreter{};

bool set_bytes(const char* data, size_t size, bool is_text, TVMFFIAny* cell) {
  if (size < 8) {
    cell->type_index = is_text ? kTVMFFISmallStr : kTVMFFISmallBytes;
    cell->small_str_len = static_cast<uint32_t>(size);
    cell->v_uint64 = 0;
    std::memcpy(cell->v_bytes, data, size);
    return true;
  }
  TVMFFIByteArray bytes{data, size};
  int status =
      is_text ? TVMFFIStringFromByteArray(&bytes, cell) : TVMFFIBytesFromByteArray(&bytes, cell);
  return status == 0;
}

namespace {

constexpr int32_t kMaxCount = 64;

// The values that a call's block only describes; bit i of `made` stands for cell i.
struct Made {
  Block* block;
  uint64_t made = 0;
  uint64_t callable = 0;
  Surroundings surroundings{};

  // First of all, so that each is either made and released or, as a None, known not to be there.
  bool make_functions() {
    bool done = true;
    for (int32_t i = 0; i < block->count; ++i) {
      TVMFFIAny* cell = &block->cells()[i];
      if (cell->type_index != kCallable) continue;
      int64_t key = cell->v_int64;
      *cell = TVMFFIAny{};
      void* function = nullptr;
      if (done && make_function(key, false, &function)) {
        cell->type_index = kTVMFFIFunction;
        cell->v_ptr = function;
        made |= uint64_t{1} << i;
        callable |= uint64_t{1} << i;
      } else {
        done = false;
      }
    }
    return done;
  }

  // kDone if all could be made.
  Import make_all() {
    if (!make_functions() || !block->function) return Import::kRefused;
    const char* data = reinterpret_cast<const char*>(block->cells() + block->count);
    bool has_tensors = false;
    for (int32_t i = 0; i < block->count; ++i) {
      TVMFFIAny* cell = &block->cells()[i];
      if (cell->type_index >= 0) {
        // Of a wrapper that holds nothing.
        if (is_owner(*cell) && !cell->v_obj) return Import::kRefused;
      } else if (cell->type_index <= kTensor) {
        has_tensors = true;
      } else {
        auto size = static_cast<size_t>(cell->v_int64);
        if (!make(data, size, cell)) return Import::kRefused;
        data += size;
        made |= uint64_t{1} << i;
      }
    }
    // Last, as it can be noticed: if something else is refused the pure lane does all again.
    return has_tensors ? import_all() : Import::kDone;
  }

  static bool make(const char* data, size_t size, TVMFFIAny* cell) {
    if (cell->type_index == kTree) return read_tree(data, size, cell);
    return set_bytes(data, size, cell->type_index == kText, cell);
  }

  Import import_all() {
    for (int32_t i = 0; i < block->count; ++i) {
      TVMFFIAny* cell = &block->cells()[i];
      if (cell->type_index > kTensor) continue;
      Import imported =
          cell->type_index == kTensor ? import_tensor(cell, &surroundings) : import_capsule(cell);
      if (imported != Import::kDone) return imported;
      made |= uint64_t{1} << i;
    }
    return Import::kDone;
  }

  void release_all() {
    for (int32_t i = 0; made; ++i, made >>= 1, callable >>= 1) {
      TVMFFIAny* cell = &block->cells()[i];
      if (callable & 1) {
        if (drop_function(cell->v_obj)) *cell = TVMFFIAny{};  // Python looks
      } else if (made & 1) {
        release(cell);
      }
    }
  }
};

int call(Block* block) {
  if (!block->gives_up || !interpreter.give_up) {
    return TVMFFIFunctionCall(block->function, block->cells(), block->count, &block->result);
  }
  void* state = interpreter.give_up();
  int status = TVMFFIFunctionCall(block->function, block->cells(), block->count, &block->result);
  interpreter.take_back(state);
  return status;
}

int64_t outcome(TVMFFIAny* result) {
  int64_t value = result->v_int64;
  switch (result->type_index) {
    case kTVMFFIInt:
      return value >= kLeastInt ? value : int64_t{kValue};
    case kTVMFFINone:
      return kNone;
    case kTVMFFIBool:
      return value ? kTrue : kFalse;
    case kTVMFFIFloat:
      return kFloat;
    default:
      return kValue;
  }
}

int64_t failed(Block* block, int status) {
  block->result.type_index = kTVMFFINone;
  block->result.v_int64 = status;
  return kFailed;
}

}  // namespace

// Tells what the library may use of the interpreter. Without it calls never give up the lock.
TVM_FFI_HOST_EXPORT void TVMFFIHostSetInterpreter(const Interpreter* functions) {
  interpreter = *functions;
}

// Makes the call that is written in a block; an Outcome, or the Int that the function returned.
// Runs with the interpreter's lock held.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostCallBlock(Block* block) {
  if (block->count > kMaxCount) return kRefused;
  Made arguments{block};
  Import imported = arguments.make_all();
  if (imported != Import::kDone) {
    arguments.release_all();
    if (imported == Import::kFailed) return failed(block, -1);
    return imported == Import::kUnfit ? kUnfit : kRefused;
  }
  bool has_surroundings = arguments.surroundings.api != nullptr;
  if (has_surroundings) arguments.surroundings.enter();
  int status = call(block);
  if (has_surroundings) arguments.surroundings.leave();
  arguments.release_all();
  return status == 0 ? outcome(&block->result) : failed(block, status);
}

// The same for a block that leaves out the number of arguments, and whether to give up the lock.
#define TVM_FFI_HOST_CALL(number)                                        \
  TVM_FFI_HOST_EXPORT int64_t TVMFFIHostCall##number(Block* block) {     \
    block->count = number;                                               \
    block->gives_up = 1;                                                 \
    return TVMFFIHostCallBlock(block);                                   \
  }                                                                      \
  TVM_FFI_HOST_EXPORT int64_t TVMFFIHostCallHeld##number(Block* block) { \
    block->count = number;                                               \
    return TVMFFIHostCallBlock(block);                                   \
  }
TVM_FFI_HOST_CALL(0)
TVM_FFI_HOST_CALL(1)
TVM_FFI_HOST_CALL(2)
TVM_FFI_HOST_CALL(3)
TVM_FFI_HOST_CALL(4)
#undef TVM_FFI_HOST_CALL

// Looks a global function up by the text that follows its size. An owned handle; 0 if there is
// none.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostLookUp(const int64_t* size) {
  TVMFFIByteArray name{reinterpret_cast<const char*>(size + 1), static_cast<size_t>(*size)};
  TVMFFIObjectHandle function = nullptr;
  if (TVMFFIFunctionGetGlobal(&name, &function) != 0) TVMFFIErrorSetRaised(nullptr);
  return reinterpret_cast<int64_t>(function);
}

// Drops a reference. A last one may run anybody's deleter, which may wait for another thread, so
// the lock is given up for it.
TVM_FFI_HOST_EXPORT void TVMFFIHostDrop(TVMFFIObject* object) {
  auto strong =
      static_cast<uint32_t>(__atomic_load_n(&object->combined_ref_count, __ATOMIC_RELAXED));
  int32_t index = object->type_index;
  if (strong > 1 || index == kTVMFFIStr || index == kTVMFFIBytes) {
    TVMFFIObjectDecRef(object);
    return;
  }
  void* state = interpreter.give_up();
  TVMFFIObjectDecRef(object);
  interpreter.take_back(state);
}

// Releases what a call has left in its block, where nobody will take it.
TVM_FFI_HOST_EXPORT void TVMFFIHostDiscardBlock(Block* block) {
  bool has_failed = block->result.type_index == kTVMFFINone && block->result.v_int64 != 0;
  if (has_failed) TVMFFIErrorSetRaised(nullptr);
  release(&block->result);
  block->result = TVMFFIAny{};
}

}  // namespace tvm::ffi::block
