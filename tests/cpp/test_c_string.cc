// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <cstdint>
#include <cstring>
#include <string>

#include "contract.h"

namespace {

using contract::bytes;

struct Kind {
  int (*make)(const TVMFFIByteArray*, TVMFFIAny*);
  int32_t small_index;
  int32_t heap_index;
};

class CText : public testing::TestWithParam<Kind> {
 protected:
  TVMFFIAny make(const TVMFFIByteArray& input) {
    TVMFFIAny result;
    std::memset(&result, 0xff, sizeof(result));
    EXPECT_EQ(GetParam().make(&input, &result), 0);
    return result;
  }
};

TEST_P(CText, UpToSevenBytesAreStoredInline) {
  TVMFFIAny value = make(bytes("1234567"));
  EXPECT_EQ(value.type_index, GetParam().small_index);
  EXPECT_EQ(value.small_str_len, 7u);
  EXPECT_EQ(value.v_uint64, 0x0037363534333231u);
}

TEST_P(CText, UnusedInlineBytesAreZero) {
  TVMFFIAny value = make(bytes("a"));
  EXPECT_EQ(value.small_str_len, 1u);
  EXPECT_EQ(value.v_uint64, uint64_t{'a'});
  value = make({nullptr, 0});
  EXPECT_EQ(value.type_index, GetParam().small_index);
  EXPECT_EQ(value.small_str_len, 0u);
  EXPECT_EQ(value.v_uint64, 0u);
}

TEST_P(CText, LongerOnesAreCopiedIntoAnObject) {
  std::string source = "12345678";
  TVMFFIAny value = make(bytes(source));
  source[0] = 'x';
  EXPECT_EQ(value.type_index, GetParam().heap_index);
  EXPECT_EQ(value.zero_padding, 0u);
  EXPECT_EQ(value.v_obj->type_index, GetParam().heap_index);
  const TVMFFIByteArray* content = TVMFFIBytesGetByteArrayPtr(value.v_obj);
  EXPECT_EQ(content->data[content->size], '\0');
  EXPECT_EQ(contract::take_text(value), "12345678");
}

TEST_P(CText, KeepsEmbeddedNulBytes) {
  const std::string source("a\0b\0cdefghij", 12);
  EXPECT_EQ(contract::take_text(make(bytes(source))), source);
  EXPECT_EQ(contract::take_text(make(bytes(source.substr(0, 4)))), source.substr(0, 4));
}

TEST_P(CText, RunningOutOfMemoryIsAnError) {
  const TVMFFIByteArray huge = {"", SIZE_MAX / 4};
  TVMFFIAny result = contract::integer(5);
  EXPECT_EQ(GetParam().make(&huge, &result), -1);
  contract::Raised raised;
  EXPECT_EQ(raised.kind, "InternalError");
  EXPECT_EQ(raised.backtrace, "");
  EXPECT_EQ(result.type_index, kTVMFFINone);
}

INSTANTIATE_TEST_SUITE_P(
    Kinds, CText,
    testing::Values(Kind{TVMFFIStringFromByteArray, kTVMFFISmallStr, kTVMFFIStr},
                    Kind{TVMFFIBytesFromByteArray, kTVMFFISmallBytes, kTVMFFIBytes}),
    [](const auto& info) { return info.index == 0 ? "String" : "Bytes"; });

}  // namespace
