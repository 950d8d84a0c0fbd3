// SPDX-License-Identifier: Apache-2.0
//
// What every file of the library needs to implement the contract. Private.
//
// Registries are function-local statics that are never destroyed. Their first use, by whichever
// load-time constructor comes first, puts in place every static type (indices 0-13 and 64-78), the
// root's metadata and every well-known attribute column, empty. Registration files add fields,
// methods, the other metadata and attribute values through the contract, like any client.
//
// Locks. None is held while foreign code runs, so values to be released are moved out first. (But
// TVMFFIHandleInitOnce holds its own, a recursive one, while it initialises.)
#ifndef TVM_FFI_CSRC_INTERNAL_H_
#define TVM_FFI_CSRC_INTERNAL_H_

#include <cxxabi.h>
#include <tvm/ffi/c_api.h>
#include <tvm/ffi/error.h>
#include <unistd.h>

#include <exception>
#include <string_view>
#include <type_traits>
#include <utility>

// Clients must not see C++ exceptions of ours: the library's functions are called by safe_call.
#if !defined(TVM_FFI_FUNCTION_SET_CPP_CALL) || TVM_FFI_FUNCTION_SET_CPP_CALL != 0
#error "compile the library with -DTVM_FFI_FUNCTION_SET_CPP_CALL=0"
#endif

namespace tvm::ffi::library {

inline std::string_view view(const TVMFFIByteArray& bytes) { return {bytes.data, bytes.size}; }

inline TVMFFIByteArray byte_array(std::string_view text) { return {text.data(), text.size()}; }

// Stores an InternalError with an empty backtrace in this thread's slot.
void raise_internal_error(const char* message) noexcept;

// Prints `Exception caught during <name>:` and the message, and exits with status -1.
[[noreturn]] void exit_for_error(const char* name, const char* message) noexcept;

// Runs the body of an entry point that reports errors by status. An Error is raised as it is, its
// identity kept; any other exception becomes an InternalError. A body that returns int forwards
// that status.
template <typename Body>
int guard(Body&& body) noexcept {
  try {
    if constexpr (std::is_void_v<std::invoke_result_t<Body>>) {
      body();
      return 0;
    } else {
      return body();
    }
  } catch (const Error& error) {
    detail::SetSafeCallRaised(error);
  } catch (const std::exception& error) {
    raise_internal_error(error.what());
  } catch (...) {
    raise_internal_error("unknown C++ exception");
  }
  return -1;
}

// Runs the body of an entry point that cannot report errors.
template <typename Body>
auto guard_or_exit(const char* name, Body&& body) noexcept {
  try {
    return body();
  } catch (const std::exception& error) {
    exit_for_error(name, error.what());
  } catch (...) {
    exit_for_error(name, "unknown C++ exception");
  }
}

// Runs foreign code under which the thread may be ended. CPython up to 3.13 does so, by unwinding
// its stack, to threads that come back to an interpreter that is being finalized; neither noexcept
// functions nor clients' `catch (...)` stand that. The thread waits for the end of the process
// instead, as threads do from 3.14 on.
template <typename Body>
auto outlive_interpreter(Body&& body) {
#ifdef __GLIBCXX__
  try {
    return body();
  } catch (abi::__forced_unwind&) {
    for (;;) pause();
  }
#else
  return body();
#endif
}

// One T per thread, destroyed when the thread ends. Unlike a plain thread_local it may still be
// used after that, by destructors that run later; it is then made anew. (After the last of the main
// thread, by those of static objects, it lasts until the process ends.)
template <typename T>
T& per_thread() {
  static thread_local T* value = nullptr;
  static char this_library;  // any address inside, to keep the library loaded until then
  if (value == nullptr) {
    value = new T();
    auto destroy = [](void*) { delete std::exchange(value, nullptr); };
    abi::__cxa_thread_atexit(destroy, nullptr, &this_library);
  }
  return *value;
}

// The two fixed objects behind `ffi.GetInvalidObject` and `ffi.GetKwargsObject`. Borrowed; compare
// by address.
TVMFFIObject* missing_object();
TVMFFIObject* kwargs_object();

// Makes a Tensor of a DLPack tensor, which is stolen unless this throws. Unlike the entry points it
// looks neither at flags nor at the layout. The result is owned.
TVMFFIObjectHandle adopt_tensor(DLManagedTensorVersioned* from);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_INTERNAL_H_
