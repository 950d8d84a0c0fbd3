// SPDX-License-Identifier: Apache-2.0
#include "host.h"

namespace tvm::ffi::host {

Table host;
Pure pure;
Types types;
bool gives_up_by_default = true;

namespace {
bool started = false;
}

// Takes the table over. 0, or -1 if it is not the table this library knows, or there is one
// already: the values in it belong to one interpreter.
TVM_FFI_HOST_EXPORT int TVMFFIHostStart(const Table* table, int64_t size, int give_up_by_default) {
  if (started || size != sizeof(Table)) return -1;
  started = true;
  host = *table;
  gives_up_by_default = give_up_by_default != 0;
  return 0;
}

// Names the functions of the pure lane; they live for ever.
TVM_FFI_HOST_EXPORT int TVMFFIHostSetPure(const Pure* functions, int64_t size) {
  if (size != sizeof(Pure)) return -1;
  pure = *functions;
  return 0;
}

// Packs and unpacks each item of a tuple; the result is to equal it.
TVM_FFI_HOST_EXPORT Value TVMFFIHostSelfTest(Value, Value const* args, ptrdiff_t count) {
  Value result = host.make_tuple(count);
  if (!result) return nullptr;
  for (ptrdiff_t i = 0; i < count; ++i) {
    TVMFFIAny cell{};
    bool owned = false;
    Type type = type_of(args[i]);
    Packed packed = pack_simple(args[i], find_known(type), type, &cell, &owned, 0);
    Value value = packed == Packed::kDone ? unpack(cell, nullptr) : retained(host.none);
    if (!value || host.set_tuple_item(result, i, value) != 0) {
      host.release(result);
      return nullptr;
    }
  }
  return result;
}

}  // namespace tvm::ffi::host
