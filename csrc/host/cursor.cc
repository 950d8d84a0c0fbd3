// SPDX-License-Identifier: Apache-2.0
//
// Entries of mappings, many at a time, from the cursors that `ffi.MapForwardIterFunctor` makes.
#include "block.h"

namespace tvm::ffi::block {
namespace {

struct Entries {
  TVMFFIObjectHandle cursor;
  int64_t capacity;

  // Of each entry the key and the value.
  TVMFFIAny* cells() { return reinterpret_cast<TVMFFIAny*>(this + 1); }
};

// What a cursor is asked.
enum Question : int64_t { kKey, kItem, kNext };

bool ask(TVMFFIObjectHandle cursor, Question question, TVMFFIAny* answer) {
  TVMFFIAny argument{};
  argument.type_index = kTVMFFIInt;
  argument.v_int64 = question;
  *answer = TVMFFIAny{};
  return TVMFFIFunctionCall(cursor, &argument, 1, answer) == 0;
}

}  // namespace

// Reads entries from where the cursor is, as many as there is room for; the cells are owned. Twice
// their number, and one if the cursor has come to its end; -1 with an error raised.
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostReadEntries(Entries* entries) {
  TVMFFIAny* cells = entries->cells();
  for (int64_t count = 0; count < entries->capacity;) {
    TVMFFIAny* cell = cells + 2 * count;
    TVMFFIAny goes_on{};
    bool done = ask(entries->cursor, kKey, cell) && ask(entries->cursor, kItem, cell + 1);
    if (done) {
      ++count;
      done = ask(entries->cursor, kNext, &goes_on);
    } else {
      release(cell);
    }
    if (!done) {
      for (int64_t i = 0; i < 2 * count; ++i) release(&cells[i]);
      return -1;
    }
    if (!goes_on.v_int64) return 2 * count + 1;
  }
  return 2 * entries->capacity;
}

}  // namespace tvm::ffi::block
