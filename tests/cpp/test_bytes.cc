// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/string.h>

#include <string>
#include <type_traits>
#include <unordered_set>
#include <utility>

#include "number_object.h"

namespace {

using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Bytes;

static_assert(sizeof(Bytes) == sizeof(TVMFFIAny), "");
static_assert(std::is_convertible_v<TVMFFIByteArray, Bytes>, "implicit");

TEST(Bytes, StoresShortContentInPlace) {
  EXPECT_EQ(Any(Bytes()).type_index(), kTVMFFISmallBytes);
  EXPECT_EQ(Any(Bytes("1234567", 7)).type_index(), kTVMFFISmallBytes);
  EXPECT_EQ(Any(Bytes("12345678", 8)).type_index(), kTVMFFIBytes);
  EXPECT_EQ(Any(Bytes(std::string("a"))).type_index(), kTVMFFIBytes);  // took the buffer
  const std::string kept = "a";
  EXPECT_EQ(Any(Bytes(kept)).type_index(), kTVMFFISmallBytes);
  Bytes empty;
  EXPECT_EQ(empty.size(), 0u);
  EXPECT_EQ(empty.data()[0], '\0');
}

TEST(Bytes, KeepsNulBytesAndEndsWithOne) {
  Bytes bytes("a\0b\0c\0d\0e", 9);
  EXPECT_EQ(bytes.size(), 9u);
  EXPECT_EQ(bytes.data()[9], '\0');
  EXPECT_EQ(std::string(bytes), std::string("a\0b\0c\0d\0e", 9));
}

TEST(Bytes, AssignsFromAnythingItIsMadeOf) {
  Bytes bytes;
  bytes = std::string("from std");
  EXPECT_EQ(std::string(bytes), "from std");
  bytes = TVMFFIByteArray{"array", 5};
  EXPECT_EQ(std::string(bytes), "array");
  bytes = "literal";
  Bytes copy;
  copy = bytes;
  Bytes moved;
  moved = std::move(bytes);
  EXPECT_EQ(std::string(copy), std::string(moved));
  EXPECT_EQ(bytes.size(), 0u);  // NOLINT(bugprone-use-after-move)
  copy.swap(bytes);
  EXPECT_EQ(copy.size(), 0u);
}

TEST(Bytes, ComparesThroughStdString) {
  Bytes bytes("abcd");
  EXPECT_TRUE(bytes == "abcd");
  EXPECT_TRUE(bytes == std::string("abcd"));
  EXPECT_TRUE(bytes != "abc");
}

TEST(Bytes, MemncmpAndMemequal) {
  EXPECT_EQ(Bytes::memncmp("abc", "abd", 3, 3), -1);
  EXPECT_EQ(Bytes::memncmp("abc", "abc", 3, 2), 1);
  EXPECT_EQ(Bytes::memncmp("abc", "abc", 3, 3), 0);
  EXPECT_EQ(Bytes::memncmp(nullptr, nullptr, 0, 0), 0);
  EXPECT_TRUE(Bytes::memequal("abc", "abcd", 3, 3));
  EXPECT_FALSE(Bytes::memequal("abc", "abc", 3, 2));
  EXPECT_FALSE(Bytes::memequal("abc", "abd", 3, 3));
  EXPECT_TRUE(Bytes::memequal(nullptr, nullptr, 0, 0));
}

TEST(Bytes, HashIsThatOfTheContent) {
  std::unordered_set<size_t> hashes{std::hash<Bytes>()(Bytes("abc", 3)),
                                    std::hash<Bytes>()(Bytes(std::string("abc")))};
  EXPECT_EQ(hashes.size(), 1u);
}

TEST(BytesInAny, ByteArraysBecomeBytes) {
  TVMFFIByteArray array{"a\0bcdefgh", 9};
  AnyView view = &array;
  EXPECT_EQ(view.type_index(), kTVMFFIByteArrayPtr);
  EXPECT_EQ(view.cast<Bytes>().size(), 9u);
  EXPECT_FALSE(view.as<Bytes>().has_value());
  EXPECT_EQ(view.cast<std::string>().size(), 9u);
  EXPECT_EQ(view.cast<TVMFFIByteArray*>(), &array);
  Any any = view;
  EXPECT_EQ(any.type_index(), kTVMFFIBytes);
  EXPECT_EQ(any.cast<Bytes>().size(), 9u);
  EXPECT_FALSE(any.try_cast<TVMFFIByteArray*>().has_value());
  any = &array;
  EXPECT_EQ(any.type_index(), kTVMFFIBytes);
  EXPECT_NE(number::ErrorOf([] { AnyView v(static_cast<TVMFFIByteArray*>(nullptr)); }), "");
}

TEST(BytesInAny, AreNoText) {
  Any bytes = Bytes("abc", 3);
  EXPECT_FALSE(bytes.try_cast<tvm::ffi::String>().has_value());
  EXPECT_FALSE(Any("abc").try_cast<Bytes>().has_value());
  EXPECT_EQ(bytes.cast<std::string>(), "abc");  // takes both
  EXPECT_EQ(number::ErrorOf([] { Any(1).cast<Bytes>(); }),
            "TypeError: Cannot convert from type `int` to `bytes`");
  Bytes moved = std::move(bytes).cast<Bytes>();
  EXPECT_EQ(bytes, nullptr);  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(moved.size(), 3u);
}

TEST(BytesInAny, NamesAndSchemas) {
  using tvm::ffi::TypeTraits;
  EXPECT_EQ(TypeTraits<Bytes>::TypeSchema(), R"({"type":"ffi.Bytes"})");
  EXPECT_EQ(TypeTraits<TVMFFIByteArray*>::TypeStr(), "TVMFFIByteArray*");
  static_assert(TypeTraits<TVMFFIByteArray*>::field_static_type_index == kTVMFFIByteArrayPtr, "");
}

}  // namespace
