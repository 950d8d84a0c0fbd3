// SPDX-License-Identifier: Apache-2.0
//
// Callbacks of the pure lane: a native function hands its arguments to Python as plain numbers, so
// that nothing has to be looked up in memory there.
//
// The interpreter can end before the last native function that leads to it, and entering it then
// kills the process. So it starts an epoch, twice: when it exits and at its very end. Functions of
// former epochs refuse calls, and tell nobody that they die.
#include <atomic>
#include <cstdlib>

#include "block.h"

namespace tvm::ffi::block {
namespace {

// Python functions by number of arguments, each behind a ctypes callback. They take the key that
// the native function holds, the words of each argument, and where the result is; they give an
// Outcome or an Int. More arguments are passed as they are.
struct Answers {
  int64_t (*none)(int64_t key, TVMFFIAny* result);
  int64_t (*one)(int64_t key, int64_t, int64_t, TVMFFIAny* result);
  int64_t (*two)(int64_t key, int64_t, int64_t, int64_t, int64_t, TVMFFIAny* result);
  int64_t (*three)(int64_t key, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                   TVMFFIAny* result);
  int (*many)(int64_t key, const TVMFFIAny* args, int32_t count, TVMFFIAny* result);
  void (*forget)(int64_t key);
};

Answers answers;

// Type index and padding as one number.
int64_t tag(const TVMFFIAny& cell) {
  return static_cast<int64_t>(static_cast<uint32_t>(cell.type_index)) |
         static_cast<int64_t>(cell.zero_padding) << 32;
}

int64_t payload(const TVMFFIAny& cell) { return cell.v_int64; }

void set(int32_t type_index, int64_t value, TVMFFIAny* result) {
  result->type_index = type_index;
  result->zero_padding = 0;
  result->v_int64 = value;
}

int finish(int64_t outcome, TVMFFIAny* result) {
  switch (outcome) {
    case kNone:
      return 0;
    case kTrue:
    case kFalse:
      set(kTVMFFIBool, outcome == kTrue, result);
      return 0;
    case kValue:
      return 0;  // written already
    case kFailed:
      return -1;
    case kRefused:
      TVMFFIErrorSetRaisedFromCStr("RecursionError",
                                   "maximum recursion depth exceeded in a callback");
      return -1;
    default:
      set(kTVMFFIInt, outcome, result);
      return 0;
  }
}

// What a native function holds.
struct Held {
  int64_t key;  // of Python's entry
  int32_t epoch;
};

std::atomic<int32_t> epoch{0};

// Set while a function made for a call is dropped: by whoever will look.
thread_local bool is_observed = false;
thread_local bool has_died = false;

bool is_current(const Held* held) { return held->epoch == epoch.load(std::memory_order_acquire); }

void forget(void* self) {
  auto* held = static_cast<Held*>(self);
  bool is_to_be_told = is_current(held) && !is_observed;
  has_died = true;
  int64_t key = held->key;
  std::free(held);
  if (is_to_be_told) answers.forget(key);
}

int answer_as(int64_t key, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  const TVMFFIAny *a = args, *b = args + 1, *c = args + 2;
  switch (count) {
    case 0:
      return finish(answers.none(key, result), result);
    case 1:
      return finish(answers.one(key, tag(*a), payload(*a), result), result);
    case 2:
      return finish(answers.two(key, tag(*a), payload(*a), tag(*b), payload(*b), result), result);
    case 3:
      return finish(answers.three(key, tag(*a), payload(*a), tag(*b), payload(*b), tag(*c),
                                  payload(*c), result),
                    result);
    default:
      return answers.many(key, args, count, result);
  }
}

int answer(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  auto* held = static_cast<Held*>(self);
  if (is_current(held)) return answer_as(held->key, args, count, result);
  TVMFFIErrorSetRaisedFromCStr("RuntimeError", "The interpreter of this function has ended");
  return -1;
}

// What a block says about the function to be made.
struct Wanted {
  int64_t key;
  int64_t is_immortal;  // nothing is told when it dies
};

struct Object {
  TVMFFIAny* result;
  int64_t type_index;
  TVMFFIObjectHandle handle;
};

struct Text {
  TVMFFIAny* result;
  int64_t size;
};

}  // namespace

bool make_function(int64_t key, bool is_immortal, TVMFFIObjectHandle* function) {
  auto* held = static_cast<Held*>(std::malloc(sizeof(Held)));
  if (!held) return false;
  *held = Held{key, epoch.load(std::memory_order_acquire)};
  // What is made while the interpreter ends lives until the process does.
  auto* deleter = is_immortal ? nullptr : forget;
  if (TVMFFIFunctionCreate(held, answer, deleter, function) == 0) return true;
  std::free(held);
  return false;
}

bool drop_function(TVMFFIObjectHandle function) {
  is_observed = true;
  has_died = false;
  TVMFFIObjectDecRef(function);
  is_observed = false;
  return has_died;
}

TVM_FFI_HOST_EXPORT void TVMFFIHostSetAnswers(const Answers* functions) { answers = *functions; }

// A native function that answers with Python, an owned handle; 0 with an error raised.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostMakeFunction(const Wanted* wanted) {
  TVMFFIObjectHandle function = nullptr;
  if (!make_function(wanted->key, wanted->is_immortal != 0, &function)) return 0;
  return reinterpret_cast<int64_t>(function);
}

// Cuts the functions there are off from Python; new ones can be made.
TVM_FFI_HOST_EXPORT void TVMFFIHostStartEpoch() { epoch.fetch_add(1, std::memory_order_acq_rel); }

// Writes an object as a callback's result, which gets a reference of its own.
TVM_FFI_HOST_EXPORT void TVMFFIHostWriteObject(const Object* object) {
  TVMFFIObjectIncRef(object->handle);
  set(static_cast<int32_t>(object->type_index), 0, object->result);
  object->result->v_ptr = object->handle;
}

// Writes the text that follows as a callback's result; 0 if that is impossible.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostWriteText(const Text* text) {
  return set_bytes(reinterpret_cast<const char*>(text + 1), static_cast<size_t>(text->size), true,
                   text->result);
}

}  // namespace tvm::ffi::block
