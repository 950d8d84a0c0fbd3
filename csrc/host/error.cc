// SPDX-License-Identifier: Apache-2.0
//
// Errors of native code as exceptions; interrupts are left to the pure lane. And errors made of
// what exceptions say.
#include <cstring>

#include "host.h"

namespace tvm::ffi::host {
namespace {

Value text_of(const TVMFFIByteArray& bytes) {
  return host.make_text(bytes.data, static_cast<ptrdiff_t>(bytes.size));
}

bool is_interrupt(const TVMFFIErrorCell& cell) {
  constexpr char kInterrupt[] = "EnvErrorAlreadySet";
  constexpr size_t kSize = sizeof(kInterrupt) - 1;
  return cell.kind.size == kSize && std::memcmp(cell.kind.data, kInterrupt, kSize) == 0;
}

// The exception for an error that is kept; NULL with an exception pending if it could not be made.
Value exception_of(TVMFFIObjectHandle error) {
  const TVMFFIErrorCell& cell = *TVMFFIErrorGetCellPtr(error);
  TVMFFIAny view{};
  view.type_index = kTVMFFIError;
  view.v_ptr = error;
  Value args[] = {nullptr,
                  text_of(cell.kind),
                  text_of(cell.message),
                  text_of(cell.backtrace),
                  unpack_view(view, nullptr),
                  retained(cell.cause_chain ? host.yes : host.no)};
  constexpr size_t kCount = sizeof(args) / sizeof(args[0]) - 1;
  bool is_complete = true;
  for (size_t i = 1; i <= kCount; ++i) is_complete = is_complete && args[i];
  Value made =
      is_complete ? host.call(pure.exception, args + 1, kCount | kSpare, nullptr) : nullptr;
  for (size_t i = 1; i <= kCount; ++i) {
    if (args[i]) host.release(args[i]);
  }
  return made;
}

Value ask_for_failure(int status) {
  Value number = host.make_int(status);
  if (!number) return nullptr;
  Value made = call_pure(pure.failure, number, nullptr, 0);
  host.release(number);
  return made;
}

}  // namespace

Value raise_failure(int status) {
  TVMFFIObjectHandle error = nullptr;
  TVMFFIErrorMoveFromRaised(&error);
  Value exception = nullptr;
  if (error && !is_interrupt(*TVMFFIErrorGetCellPtr(error))) {
    exception = exception_of(error);
    if (!exception) host.clear_error();  // of text that is not UTF-8
  }
  if (!exception) {
    if (error) TVMFFIErrorSetRaised(error);
    exception = ask_for_failure(status);
  }
  if (error) TVMFFIObjectDecRef(error);
  if (!exception) return nullptr;
  host.raise(type_of(exception), exception);
  host.release(exception);
  return nullptr;
}

// An owned handle, as a number, of an error made of (kind, message, backtrace, cause, context), the
// last two being handles or 0.
TVM_FFI_HOST_EXPORT Value TVMFFIHostCreateError(Value, const Value* args, ptrdiff_t count) {
  constexpr ptrdiff_t kTexts = 3;
  if (count != kTexts + 2) return call_pure(pure.refuse_keywords, host.none, nullptr, 0);
  TVMFFIByteArray texts[kTexts];
  for (ptrdiff_t i = 0; i < kTexts; ++i) {
    ptrdiff_t size = 0;
    texts[i].data = host.read_text(args[i], &size);
    if (!texts[i].data) return nullptr;
    texts[i].size = static_cast<size_t>(size);
  }
  TVMFFIObjectHandle handles[2];
  for (ptrdiff_t i = 0; i < 2; ++i) {
    int overflow = 0;
    handles[i] = reinterpret_cast<void*>(host.read_int(args[kTexts + i], &overflow));
  }
  TVMFFIObjectHandle error = nullptr;
  int status = TVMFFIErrorCreateWithCauseAndExtraContext(&texts[0], &texts[1], &texts[2],
                                                         handles[0], handles[1], &error);
  if (status != 0) return host.no_memory();
  return host.make_int(reinterpret_cast<intptr_t>(error));
}

}  // namespace tvm::ffi::host
