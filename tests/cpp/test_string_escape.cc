// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/string.h>

#include <string>

namespace {

using tvm::ffi::EscapedStringPy;
using tvm::ffi::EscapeStringJSON;
using tvm::ffi::String;

TEST(EscapeStringJSON, EscapesWhatJSONRequiresAndTheSlash) {
  EXPECT_EQ(EscapeStringJSON(""), "\"\"");
  EXPECT_EQ(EscapeStringJSON("plain"), "\"plain\"");
  EXPECT_EQ(EscapeStringJSON("\" \\ /"), R"("\" \\ \/")");
  EXPECT_EQ(EscapeStringJSON("\b\f\n\r\t"), R"("\b\f\n\r\t")");
  EXPECT_EQ(EscapeStringJSON(String("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(EscapeStringJSON("é\xff"), "\"é\xff\"");  // other bytes are kept
}

TEST(EscapedStringPy, EscapesControlCharacters) {
  EXPECT_EQ(EscapedStringPy("a\n\t\r\\\"'"), R"("a\n\t\r\\\"'")");
  EXPECT_EQ(EscapedStringPy(String("\0\x01\x7f\b", 4)), R"("\x00\x01\x7f\x08")");
}

TEST(EscapedStringPy, KeepsAnsiColours) {
  EXPECT_EQ(EscapedStringPy("\x1b[31mred\x1b[0m"), R"("\x1b[31mred\x1b[0m")");
  EXPECT_EQ(EscapedStringPy("\x1b[1;32m\x1b[K"), R"("\x1b[1;32m\x1b[K")");
  EXPECT_EQ(EscapedStringPy("\x1b[31x"), R"("\x1b[31x")");
  EXPECT_EQ(EscapedStringPy("\x1b"), R"("\x1b")");
}

TEST(EscapedStringPy, CodePointsBeyondAscii) {
  EXPECT_EQ(EscapedStringPy("\xc3\xa9"), R"("\u00e9")");
  EXPECT_EQ(EscapedStringPy("\xe2\x82\xac"), R"("\u20ac")");
  EXPECT_EQ(EscapedStringPy("\xf0\x9f\x98\x80"), R"("\U0001f600")");
}

TEST(EscapedStringPy, BytesThatAreNoUtf8StandAlone) {
  EXPECT_EQ(EscapedStringPy("\x80"), R"("\x80")");          // a continuation
  EXPECT_EQ(EscapedStringPy("\xc3"), R"("\xc3")");          // cut off
  EXPECT_EQ(EscapedStringPy("\xe2\x82"), R"("\xe2\x82")");  // cut off
  EXPECT_EQ(EscapedStringPy("\xc3g"), R"("\xc3g")");        // no continuation
  EXPECT_EQ(EscapedStringPy("\xff\xfe"), R"("\xff\xfe")");  // never leads
}

#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wdeprecated-declarations"
TEST(EscapeString, IsTheFormerNameForJson) {
  EXPECT_EQ(tvm::ffi::EscapeString("a/\n"), EscapeStringJSON("a/\n"));
}
#pragma GCC diagnostic pop

}  // namespace
