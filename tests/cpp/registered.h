// SPDX-License-Identifier: Apache-2.0
//
// What tests of registered functions share: calls by name, the error of a call, and an object that
// knows how many of its kind live.
#ifndef TVM_FFI_TESTS_CPP_REGISTERED_H_
#define TVM_FFI_TESTS_CPP_REGISTERED_H_

#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <atomic>
#include <string>
#include <utility>

namespace registered {

using tvm::ffi::Any;

template <typename... Args>
Any call(const char* name, Args&&... args) {
  return tvm::ffi::Function::GetGlobalRequired(name)(std::forward<Args>(args)...);
}

// "Kind: message" of the error that the code throws.
template <typename Code>
std::string error_of(Code&& code) {
  try {
    code();
  } catch (const tvm::ffi::Error& error) {
    return error.kind() + ": " + error.message();
  }
  return "(no error)";
}

// Counts its instances, and runs `at_end` when it goes.
class TrackedObj : public tvm::ffi::Object {
 public:
  TrackedObj() { ++live; }
  TrackedObj(const TrackedObj& other) : Object(other) { ++live; }
  ~TrackedObj() {
    --live;
    if (at_end != nullptr) at_end(context);
  }

  void (*at_end)(void* context) = nullptr;
  void* context = nullptr;

  static inline std::atomic<int> live{0};
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.registered.Tracked", TrackedObj, tvm::ffi::Object);
};

class Tracked : public tvm::ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Tracked, tvm::ffi::ObjectRef, TrackedObj);
  static Tracked make() { return Tracked(tvm::ffi::make_object<TrackedObj>()); }
};

// Fails the test if it ends with more or fewer tracked objects than it began with.
class BalanceTest : public ::testing::Test {
 protected:
  void SetUp() override { live_before_ = TrackedObj::live; }
  void TearDown() override { EXPECT_EQ(TrackedObj::live, live_before_); }

 private:
  int live_before_ = 0;
};

}  // namespace registered

#endif  // TVM_FFI_TESTS_CPP_REGISTERED_H_
