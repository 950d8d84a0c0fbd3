// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>

#include <stdexcept>
#include <string>

#include "number_object.h"

using tvm::ffi::Any;
using tvm::ffi::Error;
using tvm::ffi::Function;
using tvm::ffi::String;

namespace {

int AddOne(int x) { return x + 1; }
const auto kConcat = [](const String& a, const String& b) { return a + b; };
struct Class {
  static void Run(int x) {
    if (x < 0) throw std::invalid_argument("negative");
  }
};

// In a named and an anonymous namespace, with and without a semicolon, from any callable.
TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_export_add_one, AddOne);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_export_concat, kConcat)
TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(test_export_concat, "No doc without metadata.");

}  // namespace

namespace test_export {

TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_export_run, (&Class::Run))
TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_export_address, &AddOne);

}  // namespace test_export

namespace {

template <typename... Args>
Any Call(TVMFFISafeCallType symbol, Args... args) {
  return Function::InvokeExternC(nullptr, symbol, args...);
}

TEST(ExportedFunction, IsACSymbol) {
  EXPECT_EQ(Call(__tvm_ffi_test_export_add_one, 1).cast<int>(), 2);
  EXPECT_EQ(Call(__tvm_ffi_test_export_concat, "a", "b").cast<String>(), "ab");
  EXPECT_EQ(Call(test_export::__tvm_ffi_test_export_address, 2).cast<int>(), 3);
  EXPECT_EQ(Call(test_export::__tvm_ffi_test_export_run, 2), nullptr);
}

TEST(ExportedFunction, ErrorsNameTheExport) {
  EXPECT_EQ(number::ErrorOf([] { Call(__tvm_ffi_test_export_add_one, "x"); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`test_export_add_one(0: int) -> int`. Expected `int` but got `const char*`");
  EXPECT_EQ(number::ErrorOf([] { Call(__tvm_ffi_test_export_concat); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`test_export_concat(0: str, 1: str) -> str`. Expected 2 but got 0 arguments");
}

TEST(ExportedFunction, NoExceptionLeavesIt) {
  TVMFFIAny arg{};
  arg.type_index = kTVMFFIInt;
  arg.v_int64 = -1;
  TVMFFIAny result{};
  ASSERT_EQ(test_export::__tvm_ffi_test_export_run(nullptr, &arg, 1, &result), -1);
  Error error = tvm::ffi::detail::MoveFromSafeCallRaised();
  EXPECT_EQ(error.kind(), "InternalError");
  EXPECT_EQ(error.message(), "negative");
}

}  // namespace
