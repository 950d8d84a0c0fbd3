// SPDX-License-Identifier: Apache-2.0
//
// Callbacks of the pure lane: a native function hands its arguments to Python as plain numbers, so
// that nothing has to be looked up in memory there.
#include "block.h"

namespace tvm::ffi::block {
namespace {

// Python functions by number of arguments, each behind a ctypes callback. They take what the native
// function holds, the words of each argument, and where the result is; they give an Outcome or an
// Int. More arguments are passed as they are.
struct Answers {
  int64_t (*none)(void* self, TVMFFIAny* result);
  int64_t (*one)(void* self, int64_t, int64_t, TVMFFIAny* result);
  int64_t (*two)(void* self, int64_t, int64_t, int64_t, int64_t, TVMFFIAny* result);
  int64_t (*three)(void* self, int64_t, int64_t, int64_t, int64_t, int64_t, int64_t,
                   TVMFFIAny* result);
  TVMFFISafeCallType many;
  void (*forget)(void* self);
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

int answer(void* self, const TVMFFIAny* args, int32_t count, TVMFFIAny* result) {
  const TVMFFIAny *a = args, *b = args + 1, *c = args + 2;
  switch (count) {
    case 0:
      return finish(answers.none(self, result), result);
    case 1:
      return finish(answers.one(self, tag(*a), payload(*a), result), result);
    case 2:
      return finish(answers.two(self, tag(*a), payload(*a), tag(*b), payload(*b), result), result);
    case 3:
      return finish(answers.three(self, tag(*a), payload(*a), tag(*b), payload(*b), tag(*c),
                                  payload(*c), result),
                    result);
    default:
      return answers.many(self, args, count, result);
  }
}

// What a block says about the function to be made.
struct Wanted {
  void* self;
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

TVM_FFI_HOST_EXPORT void TVMFFIHostSetAnswers(const Answers* functions) { answers = *functions; }

// A native function that answers with Python, an owned handle; 0 with an error raised.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostMakeFunction(const Wanted* wanted) {
  TVMFFIObjectHandle function = nullptr;
  auto* forget = wanted->is_immortal ? nullptr : answers.forget;
  if (TVMFFIFunctionCreate(wanted->self, answer, forget, &function) != 0) return 0;
  return reinterpret_cast<int64_t>(function);
}

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
