// SPDX-License-Identifier: Apache-2.0
//
// The C contract in the hands of a test: byte arrays, owned handles, the error of a failed call.
#ifndef TVM_FFI_TESTS_CPP_CONTRACT_H_
#define TVM_FFI_TESTS_CPP_CONTRACT_H_

#include <gtest/gtest.h>
#include <tvm/ffi/c_api.h>

#include <string>
#include <string_view>
#include <utility>

namespace contract {

inline TVMFFIByteArray bytes(std::string_view text) { return {text.data(), text.size()}; }

inline std::string text(const TVMFFIByteArray& bytes) {
  return std::string(bytes.data, bytes.size);
}

// One strong reference.
class Owned {
 public:
  Owned() = default;
  explicit Owned(TVMFFIObjectHandle handle) : handle_(handle) {}
  Owned(Owned&& other) noexcept : handle_(std::exchange(other.handle_, nullptr)) {}
  Owned& operator=(Owned&& other) noexcept {
    std::swap(handle_, other.handle_);
    return *this;
  }
  ~Owned() { TVMFFIObjectDecRef(handle_); }

  TVMFFIObjectHandle get() const { return handle_; }
  TVMFFIObject* header() const { return static_cast<TVMFFIObject*>(handle_); }
  uint32_t strong_count() const { return static_cast<uint32_t>(header()->combined_ref_count); }
  // For out-parameters; must be empty.
  TVMFFIObjectHandle* out() { return &handle_; }
  TVMFFIObjectHandle release() { return std::exchange(handle_, nullptr); }

 private:
  TVMFFIObjectHandle handle_ = nullptr;
};

inline TVMFFIAny none() { return TVMFFIAny{}; }

inline TVMFFIAny integer(int64_t value) {
  TVMFFIAny any{};
  any.type_index = kTVMFFIInt;
  any.v_int64 = value;
  return any;
}

inline TVMFFIAny text_view(const char* text) {
  TVMFFIAny any{};
  any.type_index = kTVMFFIRawStr;
  any.v_c_str = text;
  return any;
}

// A borrowed view of an object.
inline TVMFFIAny object(TVMFFIObjectHandle handle) {
  TVMFFIAny any{};
  any.type_index = TVMFFIObjectGetTypeIndex(handle);
  any.v_obj = static_cast<TVMFFIObject*>(handle);
  return any;
}

// The text of an owned string value, which is released.
inline std::string take_text(TVMFFIAny value) {
  if (value.type_index == kTVMFFISmallStr || value.type_index == kTVMFFISmallBytes) {
    return text(TVMFFISmallBytesGetContentByteArray(&value));
  }
  if (value.type_index != kTVMFFIStr && value.type_index != kTVMFFIBytes) return "(not text)";
  Owned owner(value.v_obj);
  return text(*TVMFFIBytesGetByteArrayPtr(value.v_obj));
}

// The error that a failed call left behind, taken out of the slot.
struct Raised {
  Raised() {
    TVMFFIErrorMoveFromRaised(error.out());
    if (error.get() == nullptr) return;
    const TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(error.get());
    kind = text(cell->kind);
    message = text(cell->message);
    backtrace = text(cell->backtrace);
  }

  Owned error;
  std::string kind = "(no error)";
  std::string message;
  std::string backtrace;
};

}  // namespace contract

// The statement fails with exactly this error.
#define EXPECT_RAISES(statement, expected_kind, expected_message) \
  {                                                               \
    EXPECT_EQ((statement), -1);                                   \
    contract::Raised raised_;                                     \
    EXPECT_EQ(raised_.kind, expected_kind);                       \
    EXPECT_EQ(raised_.message, expected_message);                 \
  }

#endif  // TVM_FFI_TESTS_CPP_CONTRACT_H_
