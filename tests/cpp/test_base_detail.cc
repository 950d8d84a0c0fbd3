// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/base_details.h>  // the former name

#include <cstring>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace detail = tvm::ffi::detail;

int g_blocks_run = 0;
TVM_FFI_STATIC_INIT_BLOCK() { g_blocks_run += 1; }
namespace nested {
TVM_FFI_STATIC_INIT_BLOCK() { g_blocks_run += 10; }
}  // namespace nested

TEST(BaseDetail, StaticInitBlocksRunOnceEachBeforeMain) { EXPECT_EQ(g_blocks_run, 11); }

TEST(Endian, ByteSwapReversesEachElement) {
  unsigned char bytes[] = {1, 2, 3, 4, 5, 6};
  tvm::ffi::ByteSwap(bytes, 3, 2);
  EXPECT_EQ(std::memcmp(bytes, "\3\2\1\6\5\4", 6), 0);
  tvm::ffi::ByteSwap(bytes, 1, 6);
  tvm::ffi::ByteSwap(bytes, 2, 0);
  EXPECT_EQ(std::memcmp(bytes, "\3\2\1\6\5\4", 6), 0);
  static_assert(TVM_FFI_IO_NO_ENDIAN_SWAP == (TVM_FFI_LITTLE_ENDIAN == 1), "files: little endian");
}

TEST(BaseDetail, ForEachPassesIndexAndArgumentInOrder) {
  std::vector<std::string> seen;
  detail::for_each(
      [&](size_t i, const auto& arg) { seen.push_back(std::to_string(i) + std::string(arg)); }, "a",
      std::string("b"));
  EXPECT_EQ(seen, (std::vector<std::string>{"0a", "1b"}));
}

TEST(BaseDetail, StableHashesMatchTheContract) {
  auto hash = [](const std::string& text) {
    return detail::StableHashBytes(text.data(), text.size());
  };
  EXPECT_EQ(hash(""), 0u);
  EXPECT_EQ(hash("a"), 0x61u);
  EXPECT_EQ(hash("hello"), 0x6c6c6646u);
  EXPECT_EQ(hash("12345678"), 0x24a19e9cu);
  EXPECT_EQ(hash("123456789"), 0x1ddbbccu);
  EXPECT_EQ(hash("hello world, long string"), 0x202aa61u);
  EXPECT_EQ(detail::StableHashCombine(4, 1), uint64_t{4} ^ (0x9e3779b9u + 1 + (4 << 6) + (4 >> 2)));
  EXPECT_EQ(detail::StableHashCombine(0, -1), uint64_t{0x9e3779b9} - 1);
}

TEST(BaseDetail, StableHashBytesDoesNotDependOnAlignment) {
  const std::string text = "twenty-three characters";
  std::vector<char> storage(text.size() + 8);
  uint64_t expected = detail::StableHashBytes(text.data(), text.size());
  for (size_t shift = 0; shift < 8; ++shift) {
    std::memcpy(storage.data() + shift, text.data(), text.size());
    EXPECT_EQ(detail::StableHashBytes(storage.data() + shift, text.size()), expected);
  }
}

TEST(BaseDetail, SmallTextHashesAsItsBytes) {
  for (const char* text : {"", "a", "hello", "1234567"}) {
    TVMFFIAny cell{};
    cell.type_index = kTVMFFISmallStr;
    cell.small_str_len = static_cast<uint32_t>(std::strlen(text));
    std::memcpy(cell.v_bytes, text, std::strlen(text));
    EXPECT_EQ(detail::StableHashSmallStrBytes(&cell),
              detail::StableHashBytes(text, std::strlen(text)));
  }
}

TEST(BaseDetail, PredictionMacrosGiveTheCondition) {
  int evaluated = 0;
  EXPECT_TRUE(TVM_FFI_PREDICT_TRUE(++evaluated));
  EXPECT_FALSE(TVM_FFI_PREDICT_FALSE(--evaluated));
  EXPECT_EQ(evaluated, 0);
}

TEST(BaseDetail, UnsafeAssumeDoesNotEvaluate) {
  bool flag = true;
  TVM_FFI_UNSAFE_ASSUME(flag);
  EXPECT_TRUE(flag);
}

TEST(BaseDetail, BothNamespaceNamesMeanTheSameThing) {
  EXPECT_EQ(&tvm::ffi::details::StableHashBytes, &tvm::ffi::detail::StableHashBytes);
}

int Answer(bool fail) {
  TVM_FFI_LOG_EXCEPTION_CALL_BEGIN();
  if (fail) throw std::runtime_error("no luck");
  return 42;
  TVM_FFI_LOG_EXCEPTION_CALL_END(Answer);
}

TEST(BaseDetail, LogExceptionCallLetsResultsThrough) { EXPECT_EQ(Answer(false), 42); }

TEST(BaseDetailDeathTest, LogExceptionCallPrintsAndExits) {
  EXPECT_EXIT(Answer(true), testing::ExitedWithCode(255),
              "Exception caught during Answer:\nno luck");
}

}  // namespace
