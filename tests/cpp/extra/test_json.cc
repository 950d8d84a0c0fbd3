// SPDX-License-Identifier: Apache-2.0
//
// JSON text and values: what is read and written, and the error for everything else.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/json.h>

#include <cmath>
#include <cstdio>
#include <cstring>
#include <limits>
#include <random>
#include <string>
#include <utility>

#include "../number_object.h"

namespace json_test {

using namespace tvm::ffi;
using number::ErrorOf;

constexpr double kInf = std::numeric_limits<double>::infinity();

// The value in the manner of Python, which tells 1 from 1.0 and true from 1.
std::string Read(const std::string& text) { return ReprPrint(json::Parse(text)); }

// Both ways of reporting an error agree.
std::string ParseError(const std::string& text) {
  String message = "old";
  EXPECT_EQ(json::Parse(text, &message), nullptr);
  std::string thrown = ErrorOf([&] { json::Parse(text); });
  EXPECT_EQ(thrown, "ValueError: " + std::string(message));
  return message;
}

std::string At(const char* what, int line, int column, int position) {
  return std::string(what) + ": line " + std::to_string(line) + " column " +
         std::to_string(column) + " (char " + std::to_string(position) + ")";
}

// ---- Reading -----------------------------------------------------------------------------------

TEST(JsonParse, Literals) {
  EXPECT_EQ(Read("null"), "None");
  EXPECT_EQ(Read(" true "), "True");
  EXPECT_EQ(Read("\t\r\nfalse"), "False");
  EXPECT_TRUE(std::isnan(json::Parse("NaN").cast<double>()));
  EXPECT_EQ(json::Parse("Infinity").cast<double>(), kInf);
  EXPECT_EQ(json::Parse("-Infinity").cast<double>(), -kInf);
}

TEST(JsonParse, IntegersThatFit) {
  const std::pair<const char*, int64_t> cases[] = {
      {"0", 0},
      {"-0", 0},
      {"42", 42},
      {"-7", -7},
      {"+5", 5},
      {"007", 7},
      {"9223372036854775807", std::numeric_limits<int64_t>::max()},
      {"-9223372036854775808", std::numeric_limits<int64_t>::min()},
  };
  for (const auto& [text, value] : cases) {
    Any parsed = json::Parse(text);
    EXPECT_EQ(parsed.type_index(), TypeIndex::kTVMFFIInt) << text;
    EXPECT_EQ(parsed.cast<int64_t>(), value) << text;
  }
}

TEST(JsonParse, AllOtherNumbersAreFloats) {
  const std::pair<const char*, double> cases[] = {
      {"0.0", 0.0},
      {"1e2", 100.0},
      {"1E+2", 100.0},
      {"-1.5e-3", -0.0015},
      {"1.", 1.0},
      {".5", 0.5},
      {"0.1", 0.1},
      {"0.30000000000000004", 0.30000000000000004},
      {"123456789012345680000", 123456789012345680000.0},
      {"9223372036854775808", 9223372036854775808.0},
      {"-9223372036854775809", -9223372036854775808.0},
      {"99999999999999999999999999999999999999", 1e38},
      {"2.2250738585072014e-308", std::numeric_limits<double>::min()},
      {"4.9406564584124654e-324", std::numeric_limits<double>::denorm_min()},
      {"1.7976931348623157e308", std::numeric_limits<double>::max()},
      {"9007199254740993.0", 9007199254740992.0},  // half way, to even
      {"1.00000000000000011102230246251565404", 1.0},
      {"1.00000000000000011102230246251565405", 1.0000000000000002},
  };
  for (const auto& [text, value] : cases) {
    Any parsed = json::Parse(text);
    EXPECT_EQ(parsed.type_index(), TypeIndex::kTVMFFIFloat) << text;
    EXPECT_EQ(parsed.cast<double>(), value) << text;
  }
  EXPECT_TRUE(std::signbit(json::Parse("-0.0").cast<double>()));
}

TEST(JsonParse, NumbersThatNoDoubleHolds) {
  for (const char* text : {"1e309", "-1e309", "1e-400", "1e99999999999999999999"}) {
    EXPECT_EQ(ParseError(text), At("Expecting value", 1, 1, 0)) << text;
  }
  EXPECT_EQ(ParseError(std::string(400, '9')), At("Expecting value", 1, 1, 0));
}

TEST(JsonParse, Strings) {
  EXPECT_EQ(json::Parse(R"("")").cast<String>(), "");
  EXPECT_EQ(json::Parse(R"("plain")").cast<String>(), "plain");
  EXPECT_EQ(json::Parse(R"("\"\\\/\b\f\n\r\t")").cast<String>(), "\"\\/\b\f\n\r\t");
  EXPECT_EQ(json::Parse(R"("a\u0041\u00e9\u20AC\uD83D\ude00z")").cast<String>(),
            "aA\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80z");
  String with_nul = json::Parse(R"("a\u0000b")").cast<String>();
  EXPECT_EQ(std::string(with_nul), std::string("a\0b", 3));
  EXPECT_EQ(json::Parse("\"\x7F\"").cast<String>(), "\x7F");
}

// Text that is no UTF-8 passes as it is: it is the caller's.
TEST(JsonParse, InvalidUtf8PassesThrough) {
  const std::string bad = "\xFF\xC3(\x80\xED\xA0\x80";
  EXPECT_EQ(std::string(json::Parse("\"" + bad + "\"").cast<String>()), bad);
  EXPECT_EQ(ParseError("\xFF"), At("Expecting value", 1, 1, 0));
  EXPECT_EQ(ParseError("[\xC3\xA9]"), At("Expecting value", 1, 2, 1));
}

TEST(JsonParse, Containers) {
  EXPECT_EQ(Read("[]"), "()");
  EXPECT_EQ(Read("{}"), "{}");
  EXPECT_EQ(Read("[1, [2.5, \"x\"], {}]"), "(1, (2.5, \"x\"), {})");
  EXPECT_EQ(Read(R"({"b": 1, "a": {"c": [null]}})"), R"({"b": 1, "a": {"c": (None,)}})");
  EXPECT_EQ(json::Parse("[]").type_index(), TypeIndex::kTVMFFIArray);
  EXPECT_EQ(json::Parse("{}").type_index(), TypeIndex::kTVMFFIMap);
}

TEST(JsonParse, LaterOfEqualNamesWins) {
  EXPECT_EQ(json::Parse(R"({"a": 1, "b": 2, "a": 3})").cast<json::Object>().at("a").cast<int>(), 3);
  EXPECT_EQ(json::Parse(R"({"a": 1, "\u0061": 3})").cast<json::Object>().size(), 1U);
}

TEST(JsonParse, ManyNamesKeepTheirOrder) {
  std::string text = "{";
  for (int i = 0; i < 1000; ++i) {
    text += (i == 0 ? "\"" : ",\"") + std::to_string(i * 7919 % 1000) + "\":" + std::to_string(i);
  }
  json::Object object = json::Parse(text + "}").cast<json::Object>();
  int expected = 0;
  for (const auto& [name, value] : object) {
    EXPECT_EQ(name.cast<String>(), std::to_string(expected * 7919 % 1000));
    EXPECT_EQ(value.cast<int>(), expected++);
  }
  EXPECT_EQ(expected, 1000);
}

TEST(JsonParse, SuccessClearsTheMessage) {
  String message = "old";
  EXPECT_EQ(json::Parse("1", &message).cast<int>(), 1);
  EXPECT_EQ(message, "");
}

TEST(JsonParse, ErrorsNameTheirPlace) {
  const char* value = "Expecting value";
  const char* name = "Expecting property name enclosed in double quotes";
  const char* colon = "Expecting ':' delimiter";
  const char* comma = "Expecting ',' delimiter";
  const char* open_string = "Unterminated string starting at";
  const char* control = "Invalid control character at";
  const char* hex = "Invalid \\uXXXX escape";
  const char* surrogate = "Invalid surrogate pair of \\uXXXX escapes";
  const char* escape = "Invalid \\escape";
  const char* extra = "Extra data";
  const char* syntax = "Syntax error near";
  const std::pair<const char*, std::string> cases[] = {
      {"", At(value, 1, 1, 0)},
      {"   \t\n    ", At(value, 2, 5, 9)},
      {"nul", At(value, 1, 1, 0)},
      {"fals", At(value, 1, 1, 0)},
      {"n1", At(value, 1, 1, 0)},
      {"123e+", At(value, 1, 1, 0)},
      {"123.456.789", At(value, 1, 1, 0)},
      {"1-2", At(value, 1, 1, 0)},
      {"+-1", At(value, 1, 1, 0)},
      {"-", At(value, 1, 1, 0)},
      {"e5", At(value, 1, 1, 0)},
      {"-Inf", At(value, 1, 1, 0)},
      {"0x10", At(extra, 1, 2, 1)},
      {"]", At(value, 1, 1, 0)},
      {"\n\nfx", At(value, 3, 1, 2)},
      {"[1,]", At(value, 1, 4, 3)},
      {"[", At(value, 1, 2, 1)},
      {"[,", At(value, 1, 2, 1)},
      {"[1,", At(syntax, 1, 4, 3)},
      {R"({"a":1, )", At(syntax, 1, 9, 8)},
      {"[1a", At(comma, 1, 3, 2)},
      {"[1,2,3", At(comma, 1, 7, 6)},
      {"[1}", At(comma, 1, 3, 2)},
      {"[1 2]", At(comma, 1, 4, 3)},
      {"[1]  a", At(extra, 1, 6, 5)},
      {"truee", At(extra, 1, 5, 4)},
      {"1 2", At(extra, 1, 3, 2)},
      {"{", At(name, 1, 2, 1)},
      {"{1:2}", At(name, 1, 2, 1)},
      {R"({"a":1,})", At(name, 1, 8, 7)},
      {R"({"incomplete")", At(colon, 1, 14, 13)},
      {R"({"a" 1})", At(colon, 1, 6, 5)},
      {R"({"a":)", At(value, 1, 6, 5)},
      {R"({"a":1)", At(comma, 1, 7, 6)},
      {R"({"a":1 "b":2})", At(comma, 1, 8, 7)},
      {"{\"a\":\n\n[1]", At(comma, 3, 4, 10)},
      {"{\"a\":\n\n[abc]}", At(value, 3, 2, 8)},
      {R"("abc)", At(open_string, 1, 1, 0)},
      {R"([ "abc)", At(open_string, 1, 3, 2)},
      {R"("\)", At(escape, 1, 3, 2)},
      {"\"a\nb\"", At(control, 1, 3, 2)},
      {"\"tab\there\"", At(control, 1, 5, 4)},
      {R"("hello\uxx")", At(hex, 1, 8, 7)},
      {R"("hello\u12")", At(hex, 1, 8, 7)},
      {R"("hello\uD800\uxx")", At(hex, 1, 15, 14)},
      {R"("hello\uDC00\uDE04")", At(surrogate, 1, 8, 7)},
      {R"("hello\uD800")", At(surrogate, 1, 8, 7)},
      {R"("hello\uD800x")", At(surrogate, 1, 8, 7)},
      {R"("hello\uD800\u0041")", At(surrogate, 1, 15, 14)},
      {R"("hello\a")", At(escape, 1, 8, 7)},
  };
  for (const auto& [text, message] : cases) EXPECT_EQ(ParseError(text), message) << text;
  EXPECT_EQ(ParseError(std::string("\0", 1)), At(value, 1, 1, 0));
  EXPECT_EQ(ParseError(std::string("\"a\0\"", 4)), At(control, 1, 3, 2));
}

TEST(JsonParse, NestingIsBoundedByMemoryOnly) {
  const size_t levels = 300000;
  EXPECT_EQ(ParseError(std::string(levels, '[')), At("Expecting value", 1, levels + 1, levels));
  std::string objects;
  for (size_t i = 0; i < levels; ++i) objects += R"({"a":)";
  EXPECT_EQ(json::Stringify(json::Parse(objects + "1" + std::string(levels, '}'))),
            objects + "1" + std::string(levels, '}'));
}

// Whatever is cut off or changed gives a value or a ValueError.
TEST(JsonParse, DamagedTextIsReadOrRefused) {
  const std::string text =
      R"({"a": [1, -2.5e3, true, null, NaN, -Infinity], "b\u00e9\uD83D\uDE00": {"c": "x\ny"}} )";
  for (size_t size = 0; size + 1 < text.size(); ++size) {
    EXPECT_NE(ParseError(text.substr(0, size)), "") << size;
  }
  std::mt19937 random(7);
  const std::string alphabet =
      "{}[]\",:\\u0123456789abcdefDE+-.truenflsNI \n\x80\xff" + std::string(1, 0);
  for (int i = 0; i < 3000; ++i) {
    std::string damaged = text;
    for (int changes = 1 + static_cast<int>(random() % 3); changes > 0; --changes) {
      damaged[random() % damaged.size()] = alphabet[random() % alphabet.size()];
    }
    String message;
    Any value = json::Parse(damaged, &message);
    if (message.empty()) {
      const String written = json::Stringify(value);
      EXPECT_EQ(json::Stringify(json::Parse(written)), written);
    }
  }
}

// ---- Writing -----------------------------------------------------------------------------------

TEST(JsonStringify, Values) {
  const std::pair<Any, const char*> cases[] = {
      {nullptr, "null"},
      {true, "true"},
      {false, "false"},
      {0, "0"},
      {std::numeric_limits<int64_t>::min(), "-9223372036854775808"},
      {std::numeric_limits<int64_t>::max(), "9223372036854775807"},
      {"", R"("")"},
      {Array<Any>{1, "two", nullptr}, R"([1,"two",null])"},
      {List<Any>{1, List<Any>()}, "[1,[]]"},
      {json::Object{{"a", 1}, {"b", json::Array{1, "two", nullptr}}},
       R"({"a":1,"b":[1,"two",null]})"},
      {json::Object(), "{}"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(json::Stringify(value), text);
}

TEST(JsonStringify, Floats) {
  const std::pair<double, const char*> cases[] = {
      {0.0, "0.0"},
      {-0.0, "-0.0"},
      {1.0, "1.0"},
      {-1e15, "-1000000000000000.0"},
      {9007199254740991.0, "9007199254740991.0"},
      {9007199254740992.0, "9007199254740992"},
      {1e17, "1e+17"},
      {1e300, "1.0000000000000001e+300"},
      {0.1, "0.10000000000000001"},
      {0.5, "0.5"},
      {-2.5, "-2.5"},
      {1e-5, "1.0000000000000001e-05"},
      {5e-324, "4.9406564584124654e-324"},
      {std::numeric_limits<double>::max(), "1.7976931348623157e+308"},
      {std::nan(""), "NaN"},
      {kInf, "Infinity"},
      {-kInf, "-Infinity"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(json::Stringify(value), text);
}

TEST(JsonStringify, FloatsAreWrittenAsByPrintf) {
  std::mt19937_64 random(11);
  for (int i = 0; i < 20000; ++i) {
    uint64_t bits = random();
    double value;
    std::memcpy(&value, &bits, sizeof(value));
    if (i % 2 == 0) value = static_cast<double>(static_cast<int64_t>(bits)) / (1 << (bits % 20));
    if (!std::isfinite(value)) continue;
    const bool integral = std::fabs(value) < 9007199254740992.0 && value == std::trunc(value);
    char text[512];
    std::snprintf(text, sizeof(text), integral ? "%.1f" : "%.17g", value);
    ASSERT_EQ(json::Stringify(value), text);
    ASSERT_EQ(json::Parse(text).cast<double>(), value);
  }
}

TEST(JsonStringify, StringsAreEscaped) {
  EXPECT_EQ(json::Stringify("\"\\/\b\f\n\r\t"), R"("\"\\\/\b\f\n\r\t")");
  EXPECT_EQ(json::Stringify(String("\0\x01\x1f\x7f", 4)), R"("\u0000\u0001\u001f\u007f")");
  EXPECT_EQ(json::Stringify("\xC3\xA9\xFF"), "\"\xC3\xA9\xFF\"");
  EXPECT_EQ(json::Stringify(json::Object{{"a\"b", 1}}), R"({"a\"b":1})");
}

TEST(JsonStringify, Indented) {
  json::Object value{{"a", json::Array{1, json::Array()}}, {"b", json::Object()}};
  EXPECT_EQ(json::Stringify(value, 2),
            "{\n  \"a\": [\n    1,\n    [\n    ]\n  ],\n  \"b\": {\n  }\n}");
  EXPECT_EQ(json::Stringify(json::Array{1, 2}, 0), "[\n1,\n2\n]");
}

TEST(JsonStringify, RefusesWhatJsonCannotHold) {
  const std::pair<Any, const char*> cases[] = {
      {Dict<Any, Any>(), "Unsupported type: `ffi.Dict`"},
      {BigInt(1) << 64, "Unsupported type: `ffi.BigInt`"},
      {Bytes("longer than inline"), "Unsupported type: `ffi.Bytes`"},
      {Shape({1}), "Unsupported type: `ffi.Shape`"},
      {DLDevice{kDLCPU, 0}, "Unsupported type: `Device`"},
      {json::Array{Function::FromTyped([] {})}, "Unsupported type: `ffi.Function`"},
      {json::Object{{1, 2}}, "Expect key to be string, got `int`"},
  };
  for (const auto& [value, message] : cases) {
    const Any& refused = value;
    EXPECT_EQ(ErrorOf([&] { json::Stringify(refused); }), "ValueError: " + std::string(message));
  }
}

TEST(JsonStringify, AListMayOccurTwiceButNotInItself) {
  List<Any> list{1};
  EXPECT_EQ(json::Stringify(Array<Any>{list, list}), "[[1],[1]]");
  list.push_back(Array<Any>{list});
  EXPECT_EQ(ErrorOf([&] { json::Stringify(list); }),
            "ValueError: Cycle detected: List contains itself");
  list.clear();
}

TEST(Json, NamesAreThoseOfTheContainers) {
  static_assert(std::is_same_v<json::Value, Any>);
  static_assert(std::is_same_v<json::Object, Map<Any, Any>>);
  static_assert(std::is_same_v<json::Array, Array<Any>>);
}

}  // namespace json_test
