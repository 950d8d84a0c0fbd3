// SPDX-License-Identifier: Apache-2.0
//
// A C program that loads a library and calls it: program <library.so>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <tvm/ffi/c_api.h>

static TVMFFIByteArray bytes(const char* text) {
  TVMFFIByteArray array = {text, strlen(text)};
  return array;
}

static TVMFFIAny none(void) {
  TVMFFIAny value = {0};
  return value;
}

static TVMFFIAny raw_str(const char* text) {
  TVMFFIAny value = {0};
  value.type_index = kTVMFFIRawStr;  // borrowed for the call
  value.v_c_str = text;
  return value;
}

static TVMFFIAny integer(int64_t number) {
  TVMFFIAny value = {0};
  value.type_index = kTVMFFIInt;
  value.v_int64 = number;
  return value;
}

// Prints this thread's pending error and releases it. Returns 1, for main.
static int report(const char* what) {
  TVMFFIObjectHandle error = NULL;
  TVMFFIErrorMoveFromRaised(&error);
  if (error == NULL) {
    fprintf(stderr, "%s failed without an error\n", what);
    return 1;
  }
  const TVMFFIErrorCell* cell = (const TVMFFIErrorCell*)((TVMFFIObject*)error + 1);
  printf("%.*s: %.*s\n", (int)cell->kind.size, cell->kind.data, (int)cell->message.size,
         cell->message.data);
  TVMFFIObjectDecRef(error);
  return 1;
}

// Calls the global function `name`; *result is owned.
static int call_global(const char* name, TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  TVMFFIByteArray key = bytes(name);
  TVMFFIObjectHandle function = NULL;
  if (TVMFFIFunctionGetGlobal(&key, &function) != 0) return -1;
  if (function == NULL) {
    TVMFFIErrorSetRaisedFromCStr("RuntimeError", "no such function");
    return -1;
  }
  int status = TVMFFIFunctionCall(function, args, num_args, result);
  TVMFFIObjectDecRef(function);
  return status;
}

int main(int argc, char** argv) {
  if (argc != 2) {
    fprintf(stderr, "usage: %s <library.so>\n", argv[0]);
    return 2;
  }
  TVMFFIAny module = none();
  TVMFFIAny path = raw_str(argv[1]);
  if (call_global("ffi.ModuleLoadFromFile", &path, 1, &module) != 0) return report("loading");

  TVMFFIAny lookup[3] = {module, raw_str("add"), integer(0)};
  lookup[2].type_index = kTVMFFIBool;  // do not look into imported modules
  TVMFFIAny add = none();
  int failed = call_global("ffi.ModuleGetFunction", lookup, 3, &add);
  if (failed) {
    failed = report("the look-up");
  } else {
    TVMFFIAny numbers[2] = {integer(40), integer(2)};
    TVMFFIAny sum = none();
    failed = TVMFFIFunctionCall(add.v_obj, numbers, 2, &sum);
    if (failed) {
      failed = report("add");
    } else {
      printf("40 + 2 = %" PRId64 "\n", sum.v_int64);
    }
    // What a callee refuses comes back as an error with a kind and a message.
    numbers[1] = raw_str("two");
    if (TVMFFIFunctionCall(add.v_obj, numbers, 2, &sum) != 0) report("add");
    TVMFFIObjectDecRef(add.v_obj);
  }
  TVMFFIObjectDecRef(module.v_obj);
  return failed;
}
