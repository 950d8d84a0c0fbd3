// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/string.h>

#include <sstream>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <unordered_map>
#include <utility>
#include <vector>

#include "number_object.h"

namespace {

using tvm::ffi::Any;
using tvm::ffi::String;

static_assert(sizeof(String) == sizeof(TVMFFIAny) && std::is_standard_layout_v<String>, "");
static_assert(!std::is_constructible_v<String, std::nullptr_t>, "");
static_assert(!std::is_convertible_v<TVMFFIByteArray, String> &&
                  std::is_constructible_v<String, TVMFFIByteArray>,
              "explicit");
static_assert(std::is_nothrow_move_constructible_v<String>, "");

const char* const kLong = "longer than seven bytes";

int32_t TypeIndexOf(const String& text) { return Any(text).type_index(); }

TEST(String, ShortTextIsStoredInPlace) {
  EXPECT_EQ(TypeIndexOf(String()), kTVMFFISmallStr);
  EXPECT_EQ(TypeIndexOf("1234567"), kTVMFFISmallStr);
  EXPECT_EQ(TypeIndexOf("12345678"), kTVMFFIStr);
  EXPECT_EQ(TypeIndexOf(std::as_const(*std::make_unique<std::string>("abc"))), kTVMFFISmallStr);
  const std::string text = kLong;
  EXPECT_EQ(TypeIndexOf(text), kTVMFFIStr);
  TVMFFIAny cell = tvm::ffi::AnyView(String("1234567")).CopyToTVMFFIAny();
  EXPECT_EQ(cell.small_str_len, 7u);
  EXPECT_EQ(cell.v_uint64, 0x0037363534333231u);
}

TEST(String, TakesTheBufferOfAMovedStdString) {
  std::string text = kLong;
  const char* buffer = text.data();
  String moved = std::move(text);
  EXPECT_EQ(moved.data(), buffer);
  EXPECT_TRUE(text.empty());  // NOLINT(bugprone-use-after-move)
  std::string small = "ab";
  String heap = std::move(small);
  EXPECT_EQ(TypeIndexOf(heap), kTVMFFIStr);
  EXPECT_TRUE(small.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(heap, "ab");
}

TEST(String, BraceForms) {
  String from_std{std::string("x")};
  String from_literal{"x"};
  EXPECT_EQ(from_std, from_literal);
  String from_bytes{TVMFFIByteArray{"xyz", 2}};
  EXPECT_EQ(from_bytes, "xy");
}

TEST(String, CopyMoveAndAssign) {
  String a = kLong;
  String b = a;
  EXPECT_EQ(b.data(), a.data());  // shared
  String c = std::move(a);
  EXPECT_EQ(a, "");  // NOLINT(bugprone-use-after-move)
  EXPECT_EQ(c, kLong);
  a = "new";
  b = std::string("other");
  const std::string text = "third";
  c = text;
  EXPECT_EQ(a + b + c, "newotherthird");
  a.swap(b);
  EXPECT_EQ(a, "other");
  String& self = a;
  a = self;
  a = a.c_str();  // its own text
  EXPECT_EQ(a, "other");
  a = std::move(self);
  EXPECT_EQ(a, "other");
}

TEST(String, KeepsNulBytes) {
  String text(std::string("a\0b and more text", 17));
  EXPECT_EQ(text.size(), 17u);
  EXPECT_EQ(text.length(), 17u);
  EXPECT_EQ(text.data()[17], '\0');
  EXPECT_EQ(std::string(text), std::string("a\0b and more text", 17));
  EXPECT_EQ(String("a\0b", 3).at(2), 'b');
  EXPECT_TRUE(String().empty());
  EXPECT_STREQ(String().c_str(), "");
}

TEST(String, AtThrowsOutOfRange) {
  String text = "abc";
  EXPECT_EQ(text.at(0), 'a');
  try {
    text.at(3);
    FAIL();
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "tvm::String index out of bounds");
  }
}

TEST(String, CompareGivesASign) {
  String text = "banana";
  EXPECT_EQ(text.compare(String("banana")), 0);
  EXPECT_EQ(text.compare("apple"), 1);
  EXPECT_EQ(text.compare(std::string("cherry")), -1);
  EXPECT_EQ(text.compare("banan"), 1);
  EXPECT_EQ(text.compare("bananas"), -1);
  EXPECT_EQ(text.compare(TVMFFIByteArray{"bananas", 6}), 0);
  EXPECT_EQ(text.compare(text.c_str()), 0);
  String with_nul("ab\0cd", 5);
  EXPECT_EQ(with_nul.compare(with_nul.c_str()), 1);  // the pointer ends at its NUL
  EXPECT_EQ(with_nul.compare(with_nul), 0);
}

TEST(String, OperatorsTakeAllTextTypes) {
  String a = "a", b = "b";
  std::string std_b = "b";
  EXPECT_TRUE(a != b && a < b && a <= b && b > a && b >= a && !(a == b));
  EXPECT_TRUE(b == std_b && std_b == b && a < std_b && std_b > a && a != std_b && std_b >= a);
  EXPECT_TRUE(b == "b" && "b" == b && a < "b" && "b" > a && a != "b" && "a" <= a && a >= "a");
  EXPECT_EQ(a + b, "ab");
  EXPECT_EQ(a + std_b, "ab");
  EXPECT_EQ(std_b + a, "ba");
  EXPECT_EQ(a + "b", "ab");
  EXPECT_EQ("b" + a, "ba");
  EXPECT_EQ(String("a\0", 2) + "b", String("a\0b", 3));
  String longer = String(kLong) + kLong;
  EXPECT_EQ(longer.size(), 2 * std::string(kLong).size());
}

TEST(String, FindFollowsStdString) {
  const std::string reference = "hello world";
  String text = reference;
  for (const char* needle : {"o", "world", "", "x", "hello world!"}) {
    for (size_t pos : {size_t{0}, size_t{5}, size_t{11}, size_t{20}}) {
      EXPECT_EQ(text.find(needle, pos), reference.find(needle, pos)) << needle << ' ' << pos;
      EXPECT_EQ(text.find(String(needle), pos), reference.find(needle, pos));
    }
  }
  EXPECT_EQ(text.find("wor###", 0, 3), 6u);
  EXPECT_EQ(text.find("x"), String::npos);
}

TEST(String, Substr) {
  String text = "hello world";
  EXPECT_EQ(text.substr(6), "world");
  EXPECT_EQ(text.substr(0, 5), "hello");
  EXPECT_EQ(text.substr(11), "");
  EXPECT_EQ(text.substr(), text);
  EXPECT_EQ(text.substr(6, 100), "world");
  try {
    text.substr(12);
    FAIL();
  } catch (const std::out_of_range& error) {
    EXPECT_STREQ(error.what(), "tvm::String substr index out of bounds");
  }
}

TEST(String, StartsAndEndsWith) {
  String text = "hello";
  EXPECT_TRUE(text.starts_with("he") && text.starts_with(String("")) && !text.starts_with("el"));
  EXPECT_TRUE(text.starts_with(std::string_view("hello")) && !text.starts_with("hello!"));
  EXPECT_TRUE(text.starts_with("heXX", 2));
  EXPECT_TRUE(text.ends_with("lo") && text.ends_with(String("hello")) && !text.ends_with("hell"));
  EXPECT_TRUE(text.ends_with(std::string_view("")) && !text.ends_with("xhello"));
  EXPECT_TRUE(text.ends_with("loXX", 2));
}

TEST(String, SplitKeepsEmptyPieces) {
  using Pieces = std::vector<std::string_view>;
  EXPECT_EQ(String("a,b,,c,").Split(','), (Pieces{"a", "b", "", "c", ""}));
  EXPECT_EQ(String("").Split(','), (Pieces{""}));
  EXPECT_EQ(String("abc").Split(','), (Pieces{"abc"}));
  String text = kLong;
  EXPECT_EQ(text.Split(' ')[0].data(), text.data());  // borrowed
}

TEST(String, HashIsThatOfTheText) {
  String small = "abc";
  String heap = std::string("abc");
  std::hash<String> hash;
  EXPECT_EQ(hash(small), hash(heap));
  EXPECT_EQ(hash(small), std::hash<std::string>()("abc"));
  std::unordered_map<String, int> map{{"a", 1}, {kLong, 2}};
  EXPECT_EQ(map[std::string("a")], 1);
  EXPECT_EQ(map[kLong], 2);
}

TEST(String, PrintsToStreams) {
  std::ostringstream os;
  os << String("text ") << String("a\0b", 3);
  EXPECT_EQ(os.str(), std::string("text a\0b", 8));
}

TEST(StringInAny, EveryKindOfText) {
  EXPECT_EQ(Any("lit").type_index(), kTVMFFISmallStr);
  EXPECT_EQ(Any(kLong).type_index(), kTVMFFIStr);
  EXPECT_EQ(Any(std::string("lit")).type_index(), kTVMFFIStr);
  EXPECT_EQ(Any("lit").cast<String>(), "lit");
  EXPECT_EQ(Any(kLong).as<String>(), String(kLong));
  EXPECT_EQ(Any(kLong).cast<std::string>(), kLong);
  EXPECT_FALSE(Any(5).try_cast<String>().has_value());
  EXPECT_FALSE(Any("5").try_cast<int>().has_value());
  EXPECT_EQ(number::ErrorOf([] { Any(5).cast<String>(); }),
            "TypeError: Cannot convert from type `int` to `str`");
  EXPECT_EQ(number::ErrorOf([] { Any("5").cast<int>(); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
  EXPECT_EQ(number::ErrorOf([] { Any(kLong).cast<int>(); }),
            "TypeError: Cannot convert from type `ffi.String` to `int`");
}

TEST(StringInAny, MovesOut) {
  Any any = String(kLong);
  const char* data = any.cast<String>().data();
  String text = std::move(any).cast<String>();
  EXPECT_EQ(text.data(), data);
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
  any = "abc";
  EXPECT_EQ(std::move(any).cast<String>(), "abc");
  EXPECT_EQ(any, nullptr);  // NOLINT(bugprone-use-after-move)
}

TEST(StringInAny, ViewsOfRawText) {
  tvm::ffi::AnyView view = "hello";
  EXPECT_EQ(view.type_index(), kTVMFFIRawStr);
  EXPECT_EQ(view.cast<String>(), "hello");
  EXPECT_EQ(view.cast<const char*>(), std::string("hello"));
  EXPECT_EQ(view.cast<std::string>(), "hello");
  EXPECT_FALSE(view.as<String>().has_value());  // not as it stands
  EXPECT_EQ(number::ErrorOf([&] { view.cast<int>(); }),
            "TypeError: Cannot convert from type `const char*` to `int`");
  // A view of a std::string is raw text, so it ends at the first NUL.
  std::string with_nul("a\0b", 3);
  view = with_nul;
  EXPECT_EQ(view.type_index(), kTVMFFIRawStr);
  EXPECT_EQ(view.cast<std::string>(), "a");
  EXPECT_EQ(Any(with_nul).cast<std::string>(), with_nul);
  String heap = kLong;
  view = heap;
  EXPECT_EQ(view.type_index(), kTVMFFIStr);
  EXPECT_FALSE(view.try_cast<const char*>().has_value());
}

TEST(StringInAny, NullTextIsRejected) {
  const char* null = nullptr;
  EXPECT_NE(number::ErrorOf([&] {
              tvm::ffi::AnyView view(null);
            }).find("InternalError: Check not null: "),
            std::string::npos);
  EXPECT_NE(number::ErrorOf([&] { Any any(null); }), "");
}

TEST(StringInAny, NamesAndSchemas) {
  using tvm::ffi::TypeTraits;
  EXPECT_EQ(TypeTraits<String>::TypeStr(), "str");
  EXPECT_EQ(TypeTraits<String>::TypeSchema(), R"({"type":"ffi.String"})");
  EXPECT_EQ(TypeTraits<const char*>::TypeStr(), "const char*");
  EXPECT_EQ(TypeTraits<std::string>::TypeStr(), "std::string");
  EXPECT_EQ(TypeTraits<std::string>::TypeSchema(), R"({"type":"std::string"})");
  static_assert(TypeTraits<String>::field_static_type_index == kTVMFFIAny, "");
  static_assert(TypeTraits<String>::storage_enabled && !TypeTraits<std::string>::storage_enabled &&
                    !TypeTraits<const char*>::storage_enabled &&
                    !TypeTraits<char[4]>::storage_enabled,
                "");
}

}  // namespace
