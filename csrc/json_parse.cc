// SPDX-License-Identifier: Apache-2.0
//
// JSON text to values: objects become Map, arrays Array. One pass, no recursion: containers that
// are still open wait on a stack of our own, so nesting is bounded by memory only.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <charconv>
#include <cstring>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "number_text.h"

namespace tvm::ffi::library {
namespace {

constexpr const char* kExpectValue = "Expecting value";
constexpr const char* kExpectName = "Expecting property name enclosed in double quotes";
constexpr const char* kExpectColon = "Expecting ':' delimiter";
constexpr const char* kExpectComma = "Expecting ',' delimiter";
constexpr const char* kUnterminated = "Unterminated string starting at";
constexpr const char* kControl = "Invalid control character at";
constexpr const char* kBadEscape = "Invalid \\escape";
constexpr const char* kBadUnicode = "Invalid \\uXXXX escape";
constexpr const char* kBadSurrogate = "Invalid surrogate pair of \\uXXXX escapes";
constexpr const char* kExtra = "Extra data";
constexpr const char* kSyntax = "Syntax error near";

// What a character may start or continue, one look-up per character on the hot paths.
enum CharClass : uint8_t { kPlain = 0, kSpace = 1, kNumber = 2, kStringStop = 4 };

struct CharTable {
  uint8_t of[256] = {};
  constexpr CharTable() {
    for (char c : {' ', '\t', '\n', '\r'}) of[static_cast<uint8_t>(c)] |= kSpace;
    for (char c : {'0', '1', '2', '3', '4', '5', '6', '7', '8', '9', '+', '-', '.', 'e', 'E'}) {
      of[static_cast<uint8_t>(c)] |= kNumber;
    }
    for (int c = 0; c < 0x20; ++c) of[c] |= kStringStop;
    of[static_cast<uint8_t>('"')] |= kStringStop;
    of[static_cast<uint8_t>('\\')] |= kStringStop;
  }
};
constexpr CharTable kChars;

inline bool Is(char c, CharClass what) { return kChars.of[static_cast<uint8_t>(c)] & what; }

class JsonParser {
 public:
  explicit JsonParser(std::string_view text)
      : begin_(text.data()), end_(text.data() + text.size()), at_(text.data()) {}

  Any Parse() {
    bool want_value = true;
    while (true) {
      if (want_value) {
        SkipSpace();
        want_value = ParseValueOrOpen();
      } else if (open_.empty()) {
        SkipSpace();
        if (at_ != end_) Fail(kExtra, at_);
        return std::move(values_.back());
      } else {
        want_value = ContinueContainer();
      }
    }
  }

 private:
  struct Open {
    size_t first;  // where its values start in values_
    bool is_object;
  };

  [[noreturn]] void Fail(const char* what, const char* where) const {
    int64_t line = 1;
    const char* line_begin = begin_;
    for (const char* p = begin_; p < where; ++p) {
      if (*p == '\n') {
        ++line;
        line_begin = p + 1;
      }
    }
    TVM_FFI_THROW(ValueError) << what << ": line " << line << " column "
                              << static_cast<int64_t>(where - line_begin + 1) << " (char "
                              << static_cast<int64_t>(where - begin_) << ")";
  }

  void SkipSpace() {
    while (at_ != end_ && Is(*at_, kSpace)) ++at_;
  }

  // Reads a value, or opens a container. True if a value has to come next.
  bool ParseValueOrOpen() {
    if (at_ == end_) Fail(kExpectValue, at_);
    switch (*at_) {
      case '"':
        values_.emplace_back(ParseString());
        return false;
      case '[':
      case '{':
        return OpenContainer(*at_ == '{');
      case 't':
        return Literal("true", Any(true));
      case 'f':
        return Literal("false", Any(false));
      case 'n':
        return Literal("null", Any(nullptr));
      case 'N':
        return Literal("NaN", Any(std::numeric_limits<double>::quiet_NaN()));
      case 'I':
        return Literal("Infinity", Any(std::numeric_limits<double>::infinity()));
      case '-':
        if (end_ - at_ > 1 && at_[1] == 'I') {
          return Literal("-Infinity", Any(-std::numeric_limits<double>::infinity()));
        }
        break;
      default:
        break;
    }
    values_.emplace_back(ParseNumber());
    return false;
  }

  bool Literal(std::string_view word, Any value) {
    if (static_cast<size_t>(end_ - at_) < word.size() ||
        std::memcmp(at_, word.data(), word.size()) != 0) {
      Fail(kExpectValue, at_);
    }
    at_ += word.size();
    values_.emplace_back(std::move(value));
    return false;
  }

  bool OpenContainer(bool is_object) {
    ++at_;
    open_.push_back(Open{values_.size(), is_object});
    SkipSpace();
    if (at_ != end_ && *at_ == (is_object ? '}' : ']')) {
      CloseContainer();
      return false;
    }
    if (is_object) ParseName();
    return true;
  }

  // After a value inside a container: a comma, or its end. True if a value has to come next.
  bool ContinueContainer() {
    SkipSpace();
    bool is_object = open_.back().is_object;
    if (at_ == end_) Fail(kExpectComma, at_);
    if (*at_ == ',') {
      ++at_;
      SkipSpace();
      if (at_ == end_) Fail(kSyntax, at_);
      if (is_object) ParseName();
      return true;
    }
    if (*at_ != (is_object ? '}' : ']')) Fail(kExpectComma, at_);
    CloseContainer();
    return false;
  }

  void ParseName() {
    if (at_ == end_ || *at_ != '"') Fail(kExpectName, at_);
    values_.emplace_back(ParseString());
    SkipSpace();
    if (at_ == end_ || *at_ != ':') Fail(kExpectColon, at_);
    ++at_;
  }

  void CloseContainer() {
    ++at_;
    Open top = open_.back();
    open_.pop_back();
    Any container = top.is_object ? MakeMap(top.first) : MakeArray(top.first);
    values_.resize(top.first);
    values_.emplace_back(std::move(container));
  }

  Any MakeArray(size_t first) {
    Array<Any> array;
    array.reserve(static_cast<int64_t>(values_.size() - first));
    for (size_t i = first; i < values_.size(); ++i) array.emplace_back(std::move(values_[i]));
    return Any(std::move(array));
  }

  // Names and values alternate in values_, which is the layout of a range of key-value pairs.
  Any MakeMap(size_t first) {
    using Pair = std::pair<Any, Any>;
    static_assert(sizeof(Pair) == 2 * sizeof(Any), "pairs lie one after the other");
    const Pair* pairs = reinterpret_cast<const Pair*>(values_.data() + first);
    return Any(Map<Any, Any>(pairs, pairs + (values_.size() - first) / 2));
  }

  Any ParseNumber() {
    const char* start = at_;
    bool integral = true;
    while (at_ != end_ && Is(*at_, kNumber)) {
      integral = integral && *at_ != '.' && *at_ != 'e' && *at_ != 'E';
      ++at_;
    }
    const char* first = start;
    if (first != at_ && *first == '+') {  // tolerated, but std::from_chars does not take it
      ++first;
      if (first != at_ && *first == '-') Fail(kExpectValue, start);
    }
    if (integral) {
      int64_t value = 0;
      auto [stop, status] = std::from_chars(first, at_, value);
      if (status == std::errc() && stop == at_) return Any(value);
      if (status != std::errc::result_out_of_range || stop != at_) Fail(kExpectValue, start);
    }
    // A number beyond the range of double is refused rather than read as zero or infinity.
    const std::optional<double> value = parse_double(first, at_);
    if (!value.has_value()) Fail(kExpectValue, start);
    return Any(*value);
  }

  String ParseString() {
    const char* quote = at_++;
    const char* run = at_;
    while (at_ != end_ && !Is(*at_, kStringStop)) ++at_;
    if (at_ != end_ && *at_ == '"') {  // no escapes: the text is already there
      return String(run, static_cast<size_t>(at_++ - run));
    }
    buffer_.assign(run, at_);
    while (true) {
      if (at_ == end_) Fail(kUnterminated, quote);
      if (*at_ == '"') {
        ++at_;
        return String(buffer_.data(), buffer_.size());
      }
      if (*at_ != '\\') Fail(kControl, at_);
      ++at_;
      ParseEscape();
      run = at_;
      while (at_ != end_ && !Is(*at_, kStringStop)) ++at_;
      buffer_.append(run, at_);
    }
  }

  // at_ is behind the backslash.
  void ParseEscape() {
    constexpr std::string_view kLetters = "\"\\/bfnrt";
    constexpr std::string_view kMeanings = "\"\\/\b\f\n\r\t";
    if (at_ == end_) Fail(kBadEscape, at_);
    if (*at_ == 'u') {
      ParseUnicodeEscape();
      return;
    }
    size_t which = kLetters.find(*at_);
    if (which == std::string_view::npos) Fail(kBadEscape, at_);
    buffer_.push_back(kMeanings[which]);
    ++at_;
  }

  // at_ is on the u.
  void ParseUnicodeEscape() {
    const char* letter = at_++;
    uint32_t code = ParseHex(letter);
    if (code >= 0xDC00 && code < 0xE000) Fail(kBadSurrogate, letter);
    if (code >= 0xD800 && code < 0xDC00) {
      if (end_ - at_ < 2 || at_[0] != '\\' || at_[1] != 'u') Fail(kBadSurrogate, letter);
      at_ += 2;
      const char* digits = at_;
      uint32_t low = ParseHex(digits);
      if (low < 0xDC00 || low >= 0xE000) Fail(kBadSurrogate, digits);
      code = 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00);
    }
    AppendUtf8(code);
  }

  uint32_t ParseHex(const char* blame) {
    uint32_t code = 0;
    for (int i = 0; i < 4; ++i, ++at_) {
      char c = at_ == end_ ? '\0' : *at_;
      uint32_t digit;
      if (c >= '0' && c <= '9') {
        digit = static_cast<uint32_t>(c - '0');
      } else if ((c | 0x20) >= 'a' && (c | 0x20) <= 'f') {
        digit = static_cast<uint32_t>((c | 0x20) - 'a' + 10);
      } else {
        Fail(kBadUnicode, blame);
      }
      code = code * 16 + digit;
    }
    return code;
  }

  void AppendUtf8(uint32_t code) {
    auto tail = [this](uint32_t bits) {
      buffer_.push_back(static_cast<char>(0x80 | (bits & 0x3F)));
    };
    if (code < 0x80) {
      buffer_.push_back(static_cast<char>(code));
    } else if (code < 0x800) {
      buffer_.push_back(static_cast<char>(0xC0 | (code >> 6)));
      tail(code);
    } else if (code < 0x10000) {
      buffer_.push_back(static_cast<char>(0xE0 | (code >> 12)));
      tail(code >> 6);
      tail(code);
    } else {
      buffer_.push_back(static_cast<char>(0xF0 | (code >> 18)));
      tail(code >> 12);
      tail(code >> 6);
      tail(code);
    }
  }

  const char* begin_;
  const char* end_;
  const char* at_;
  std::vector<Open> open_;
  std::vector<Any> values_;  // of all open containers, innermost last
  std::string buffer_;       // the string being read, once it has an escape
};

Any ParseJson(const String& text) {
  return JsonParser(std::string_view(text.data(), text.size())).Parse();
}

TVM_FFI_STATIC_INIT_BLOCK() { reflection::GlobalDef().def("ffi.json.Parse", ParseJson); }

}  // namespace
}  // namespace tvm::ffi::library
