// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/extra/base64.h>

#include <string>
#include <utility>

#include "../number_object.h"

namespace base64_test {

using namespace tvm::ffi;

TEST(Base64, VectorsOfTheStandard) {
  const std::pair<const char*, const char*> cases[] = {
      {"", ""},
      {"f", "Zg=="},
      {"fo", "Zm8="},
      {"foo", "Zm9v"},
      {"foob", "Zm9vYg=="},
      {"fooba", "Zm9vYmE="},
      {"foobar", "Zm9vYmFy"},
      {"\xfb\xff\xbf", "+/+/"},
  };
  for (const auto& [bytes, text] : cases) {
    EXPECT_EQ(Base64Encode(Bytes(bytes)), text);
    EXPECT_EQ(std::string(Base64Decode(String(text))), bytes);
  }
}

TEST(Base64, EveryLengthAndByteComesBack) {
  std::string bytes;
  for (int i = 0; i < 600; ++i) {
    TVMFFIByteArray array{bytes.data(), bytes.size()};
    const String text = Base64Encode(array);
    EXPECT_EQ(text.size(), (bytes.size() + 2) / 3 * 4);
    EXPECT_EQ(std::string(Base64Decode(TVMFFIByteArray{text.data(), text.size()})), bytes);
    bytes.push_back(static_cast<char>(i * 7));
  }
}

TEST(Base64, LengthIsAMultipleOfFour) {
  for (const char* text : {"A", "AA", "AAA", "AAAAA"}) {
    const std::string error = number::ErrorOf([&] { Base64Decode(String(text)); });
    EXPECT_EQ(error.rfind("InternalError: ", 0), 0U) << text;
    EXPECT_NE(error.find("invalid base64 encoding"), std::string::npos) << text;
  }
}

// Anything may come from outside: it is decoded to something.
TEST(Base64, OtherCharactersAreNoError) {
  EXPECT_EQ(Base64Decode(String("\xff\xfe!=")).size(), 2U);
  EXPECT_EQ(Base64Decode(String("====")).size(), 1U);
}

}  // namespace base64_test
