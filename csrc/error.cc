// SPDX-License-Identifier: Apache-2.0
//
// Error objects and the slot of this thread's pending error.
#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>

#include <cstdio>
#include <cstdlib>
#include <new>
#include <string>
#include <utility>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

struct ErrorSlot {
  TVMFFIObjectHandle error = nullptr;  // owned
  ~ErrorSlot() { TVMFFIObjectDecRef(error); }
};

ErrorSlot& error_slot() { return per_thread<ErrorSlot>(); }

// Takes the reference. Releasing the old error can run foreign code, hence last.
void set_raised(TVMFFIObjectHandle error) {
  TVMFFIObjectHandle replaced = std::exchange(error_slot().error, error);
  TVMFFIObjectDecRef(replaced);
}

// An owned error object.
TVMFFIObjectHandle make_error(std::string_view kind, std::string_view message,
                              std::string_view backtrace) {
  return detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(make_object<detail::ErrorObjFromStd>(
      std::string(kind), std::string(message), std::string(backtrace)));
}

}  // namespace

void raise_internal_error(const char* message) noexcept {
  set_raised(make_error("InternalError", message, ""));
}

void exit_for_error(const char* name, const char* message) noexcept {
  std::fprintf(stderr, "Exception caught during %s:\n%s\n", name, message);
  std::exit(-1);
}

}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

void TVMFFIErrorMoveFromRaised(TVMFFIObjectHandle* result) {
  *result = std::exchange(error_slot().error, nullptr);
}

void TVMFFIErrorSetRaised(TVMFFIObjectHandle error) {
  if (error != nullptr) TVMFFIObjectIncRef(error);
  set_raised(error);
}

void TVMFFIErrorSetRaisedFromCStr(const char* kind, const char* message) {
  TVMFFIErrorSetRaisedFromCStrParts(kind, &message, 1);
}

void TVMFFIErrorSetRaisedFromCStrParts(const char* kind, const char** message_parts,
                                       int32_t num_parts) {
  guard_or_exit("TVMFFIErrorSetRaisedFromCStrParts", [&] {
    std::string message;
    for (int32_t i = 0; i < num_parts; ++i) {
      if (message_parts[i] != nullptr) message += message_parts[i];
    }
    set_raised(make_error(kind, message, view(*TVMFFIBacktrace(nullptr, 0, nullptr, 0))));
  });
}

int TVMFFIErrorCreate(const TVMFFIByteArray* kind, const TVMFFIByteArray* message,
                      const TVMFFIByteArray* backtrace, TVMFFIObjectHandle* out) {
  return TVMFFIErrorCreateWithCauseAndExtraContext(kind, message, backtrace, nullptr, nullptr, out);
}

int TVMFFIErrorCreateWithCauseAndExtraContext(
    const TVMFFIByteArray* kind, const TVMFFIByteArray* message, const TVMFFIByteArray* backtrace,
    TVMFFIObjectHandle cause_chain, TVMFFIObjectHandle extra_context, TVMFFIObjectHandle* out) {
  return guard_or_exit("TVMFFIErrorCreateWithCauseAndExtraContext", [&] {
    try {
      TVMFFIObjectHandle error = make_error(view(*kind), view(*message), view(*backtrace));
      TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(error);
      if (cause_chain != nullptr) TVMFFIObjectIncRef(cause_chain);
      if (extra_context != nullptr) TVMFFIObjectIncRef(extra_context);
      cell->cause_chain = cause_chain;
      cell->extra_context = extra_context;
      *out = error;
      return 0;
    } catch (const std::bad_alloc&) {
      return -1;  // the slot stays as it is
    }
  });
}
