// SPDX-License-Identifier: Apache-2.0
#define TVM_FFI_DLL_EXPORT_INCLUDE_METADATA 1
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>

#include <string>

using tvm::ffi::Function;
using tvm::ffi::Optional;
using tvm::ffi::String;

namespace {

Optional<int> Parse(String text) { return static_cast<int>(text.size()); }
TVM_FFI_DLL_EXPORT_TYPED_FUNC(test_export_metadata_parse, Parse);
TVM_FFI_DLL_EXPORT_TYPED_FUNC_DOC(test_export_metadata_parse, R"(Parse "text".

Returns its length.)");

std::string TextOf(TVMFFISafeCallType symbol) {
  return Function::InvokeExternC(nullptr, symbol).cast<std::string>();
}

TEST(ExportedMetadata, HoldsTheSchemaAsJSON) {
  EXPECT_EQ(TextOf(__tvm_ffi__metadata_test_export_metadata_parse),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":)"
            R"([{\"type\":\"Optional\",\"args\":[{\"type\":\"int\"}]}],)"
            R"(\"params\":[{\"type\":\"ffi.String\"}]}}"})");
}

TEST(ExportedMetadata, HoldsTheDocAsItIs) {
  EXPECT_EQ(TextOf(__tvm_ffi__doc_test_export_metadata_parse),
            "Parse \"text\".\n\nReturns its length.");
}

TEST(ExportedMetadata, TheFunctionIsExportedToo) {
  EXPECT_EQ(
      Function::InvokeExternC(nullptr, __tvm_ffi_test_export_metadata_parse, "abc").cast<int>(), 3);
}

}  // namespace
