// SPDX-License-Identifier: Apache-2.0
//
// Failures of static initialisers. They have nobody to report to, and an exception of theirs cannot
// pass through the system's loader, so while a library is loaded as a module, what it fails to
// register is an error of the load. Private.
#ifndef TVM_FFI_CSRC_LIBRARY_LOAD_H_
#define TVM_FFI_CSRC_LIBRARY_LOAD_H_

#include <exception>
#include <optional>
#include <string>
#include <utility>

#include "internal.h"

namespace tvm::ffi::library {

// The load this thread is in, for as long as the object lives. Loads may nest.
class LibraryLoad {
 public:
  LibraryLoad() : outer_(std::exchange(current_, this)) {}
  ~LibraryLoad() { current_ = outer_; }
  LibraryLoad(const LibraryLoad&) = delete;
  LibraryLoad& operator=(const LibraryLoad&) = delete;

  // Keeps the first reason. False if this thread loads nothing.
  static bool report(const char* reason) {
    if (current_ == nullptr) return false;
    if (!current_->failure_.has_value()) current_->failure_ = reason;
    return true;
  }
  const std::optional<std::string>& failure() const { return failure_; }

 private:
  static inline thread_local LibraryLoad* current_ = nullptr;
  LibraryLoad* outer_;
  std::optional<std::string> failure_;
};

// Runs the body of an entry point that registers something. During a load it always succeeds, and
// the load fails.
template <typename Body>
int guard_registration(Body&& body) noexcept {
  return guard([&] {
    try {
      body();
    } catch (const std::exception& error) {
      if (!LibraryLoad::report(error.what())) throw;
    }
  });
}

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_LIBRARY_LOAD_H_
