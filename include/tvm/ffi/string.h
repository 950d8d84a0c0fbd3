// SPDX-License-Identifier: Apache-2.0
//
// String and Bytes: immutable text and bytes in a 16-byte cell. Up to 7 bytes are stored in the
// cell, the rest in an object they share. Both are followed by a NUL.
#ifndef TVM_FFI_STRING_H_
#define TVM_FFI_STRING_H_

#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/type_traits.h>

#include <cstddef>
#include <cstring>
#include <iosfwd>
#include <new>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

namespace tvm {
namespace ffi {
namespace detail {

// ---- Storage -----------------------------------------------------------------------------------

class BytesObjBase : public Object, public TVMFFIByteArray {};

class BytesObj : public BytesObjBase {
 public:
  static constexpr int32_t _type_index = TypeIndex::kTVMFFIBytes;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIBytes, BytesObj, Object)
};

class StringObj : public BytesObjBase {
 public:
  static constexpr int32_t _type_index = TypeIndex::kTVMFFIStr;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIStr, StringObj, Object)
};

// Bytes that a std::string brought along.
class BytesObjFromStd : public BytesObjBase {
 public:
  explicit BytesObjFromStd(std::string&& bytes) : bytes_(std::move(bytes)) {
    this->data = bytes_.data();
    this->size = bytes_.size();
  }

 private:
  std::string bytes_;
};

// The TVMFFIAny in a String or Bytes. kind says which of the two.
class BytesCell {
 public:
  enum Kind : int32_t { kString = TypeIndex::kTVMFFIStr, kBytes = TypeIndex::kTVMFFIBytes };

  explicit BytesCell(Kind kind) { SetSmall(kind, 0); }
  BytesCell(Kind kind, const char* data, size_t size) { Init(kind, data, size); }
  BytesCell(Kind kind, std::string&& bytes) { Init(kind, std::move(bytes)); }
  BytesCell(const BytesCell& other) : cell_(other.cell_) {
    if (!is_small()) AddStrong(cell_.v_obj);
  }
  BytesCell(BytesCell&& other) noexcept : cell_(other.cell_) { other.Clear(); }
  BytesCell& operator=(BytesCell other) noexcept {
    swap(other);
    return *this;
  }
  ~BytesCell() {
    if (!is_small()) DropStrong(cell_.v_obj);
  }

  // Adopt a cell without counting, give it up, or look at it.
  static BytesCell FromOwned(const TVMFFIAny& cell) {
    BytesCell result(kString);
    result.cell_ = cell;
    return result;
  }
  static BytesCell FromView(const TVMFFIAny& cell) {
    if (cell.type_index >= TypeIndex::kTVMFFIStaticObjectBegin) AddStrong(cell.v_obj);
    return FromOwned(cell);
  }
  void MoveTo(TVMFFIAny* out) {
    *out = cell_;
    Clear();
  }
  const TVMFFIAny& cell() const { return cell_; }

  // Text and size of a cell that holds small or heap text or bytes. std::launder keeps GCC from
  // warning of reads past the small form where it cannot see that the text is in the heap.
  static TVMFFIByteArray Content(const TVMFFIAny* cell) {
    if (cell->type_index < TypeIndex::kTVMFFIStaticObjectBegin) {
      return TVMFFIByteArray{std::launder(cell->v_bytes), cell->small_str_len};
    }
    return *TVMFFIBytesGetByteArrayPtr(cell->v_obj);
  }
  const char* data() const { return Content(&cell_).data; }
  size_t size() const { return Content(&cell_).size; }
  std::string_view view() const { return ToStringView(Content(&cell_)); }

  void swap(BytesCell& other) noexcept { std::swap(cell_, other.cell_); }

 private:
  static constexpr size_t kMaxSmall = sizeof(TVMFFIAny::v_bytes) - 1;

  bool is_small() const { return cell_.type_index < TypeIndex::kTVMFFIStaticObjectBegin; }

  void SetSmall(Kind kind, size_t size) {
    cell_.type_index = kind == kString ? TypeIndex::kTVMFFISmallStr : TypeIndex::kTVMFFISmallBytes;
    cell_.small_str_len = static_cast<uint32_t>(size);
    cell_.v_uint64 = 0;
  }
  void SetHeap(Kind kind, ObjectPtr<BytesObjBase> bytes) {
    cell_.type_index = kind;
    cell_.zero_padding = 0;
    TVM_FFI_CLEAR_PTR_PADDING_IN_FFI_ANY(&cell_);
    cell_.v_obj = ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(bytes));
    cell_.v_obj->type_index = kind;
  }
  // Leaves the empty text behind.
  void Clear() { SetSmall(cell_.type_index == kBytes ? kBytes : kString, 0); }

  TVM_FFI_OUTLINE void Init(Kind kind, const char* data, size_t size) {
    if (size <= kMaxSmall) {
      SetSmall(kind, size);
      if (size != 0) std::memcpy(cell_.v_bytes, data, size);
      return;
    }
    ObjectPtr<BytesObjBase> bytes = make_inplace_array_object<BytesObjBase, char>(size + 1);
    char* content = reinterpret_cast<char*>(bytes.get() + 1);
    std::memcpy(content, data, size);
    content[size] = '\0';
    bytes->data = content;
    bytes->size = size;
    SetHeap(kind, std::move(bytes));
  }
  // Never small: the buffer of the std::string lives on.
  TVM_FFI_OUTLINE void Init(Kind kind, std::string&& bytes) {
    SetHeap(kind, make_object<BytesObjFromStd>(std::move(bytes)));
    bytes.clear();
  }

  TVMFFIAny cell_;
};

// -1, 0 or 1: by the first char that differs, signed where char is, then by size.
TVM_FFI_OUTLINE inline int CompareText(std::string_view a, std::string_view b) {
  size_t size = a.size() < b.size() ? a.size() : b.size();
  for (size_t i = 0; i < size; ++i) {
    if (a[i] != b[i]) return a[i] < b[i] ? -1 : 1;
  }
  return (a.size() > b.size()) - (a.size() < b.size());
}

}  // namespace detail

// ---- Bytes -------------------------------------------------------------------------------------

class Bytes {
 public:
  Bytes() : cell_(detail::BytesCell::kBytes) {}
  Bytes(const char* data, size_t size) : cell_(detail::BytesCell::kBytes, data, size) {}
  Bytes(TVMFFIByteArray bytes)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kBytes, bytes.data, bytes.size) {}
  Bytes(const std::string& bytes)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kBytes, bytes.data(), bytes.size()) {}
  // Takes the buffer over.
  Bytes(std::string&& bytes)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kBytes, std::move(bytes)) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Bytes);

  template <typename T>
  Bytes& operator=(T&& other) {
    Bytes(std::forward<T>(other)).swap(*this);
    return *this;
  }
  void swap(Bytes& other) noexcept { cell_.swap(other.cell_); }

  size_t size() const { return cell_.size(); }
  const char* data() const { return cell_.data(); }
  operator std::string() const { return std::string(cell_.view()); }  // NOLINT(*-explicit-*)

  // -1, 0 or 1: by the first char that differs, then by size.
  static int memncmp(const char* lhs, const char* rhs, size_t lhs_size, size_t rhs_size) {
    return detail::CompareText(std::string_view(lhs, lhs_size), std::string_view(rhs, rhs_size));
  }
  static bool memequal(const void* lhs, const void* rhs, size_t lhs_size, size_t rhs_size) {
    return lhs_size == rhs_size &&
           (lhs == rhs || lhs_size == 0 || std::memcmp(lhs, rhs, lhs_size) == 0);
  }

 private:
  explicit Bytes(detail::BytesCell&& cell) : cell_(std::move(cell)) {}

  detail::BytesCell cell_;

  template <typename, typename>
  friend struct TypeTraits;
};

// ---- String ------------------------------------------------------------------------------------

class String {
 public:
  static constexpr size_t npos = static_cast<size_t>(-1);

  String() : cell_(detail::BytesCell::kString) {}
  String(std::nullptr_t) = delete;
  String(const char* data, size_t size) : cell_(detail::BytesCell::kString, data, size) {}
  String(const char* text)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kString, text, std::char_traits<char>::length(text)) {}
  String(const std::string& text)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kString, text.data(), text.size()) {}
  // Takes the buffer over.
  String(std::string&& text)  // NOLINT(google-explicit-constructor)
      : cell_(detail::BytesCell::kString, std::move(text)) {}
  explicit String(TVMFFIByteArray text) : cell_(detail::BytesCell::kString, text.data, text.size) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(String);

  String& operator=(const std::string& text) { return *this = String(text); }
  String& operator=(std::string&& text) { return *this = String(std::move(text)); }
  String& operator=(const char* text) { return *this = String(text); }
  void swap(String& other) noexcept { cell_.swap(other.cell_); }

  const char* data() const { return cell_.data(); }
  const char* c_str() const { return cell_.data(); }
  size_t size() const { return cell_.size(); }
  size_t length() const { return cell_.size(); }
  bool empty() const { return cell_.size() == 0; }
  operator std::string() const { return std::string(cell_.view()); }  // NOLINT(*-explicit-*)

  char at(size_t pos) const {
    if (pos >= size()) throw std::out_of_range("tvm::String index out of bounds");
    return data()[pos];
  }

  // -1, 0 or 1.
  int compare(const String& other) const { return CompareTo(other.cell_.view()); }
  int compare(const std::string& other) const { return CompareTo(other); }
  int compare(const char* other) const { return CompareTo(other); }
  int compare(const TVMFFIByteArray& other) const { return CompareTo(ToStringView(other)); }

  size_t find(const String& text, size_t pos = 0) const {
    return cell_.view().find(text.cell_.view(), pos);
  }
  size_t find(const char* text, size_t pos = 0) const { return cell_.view().find(text, pos); }
  size_t find(const char* text, size_t pos, size_t count) const {
    return cell_.view().find(text, pos, count);
  }
  String substr(size_t pos = 0, size_t count = npos) const {
    if (pos > size()) throw std::out_of_range("tvm::String substr index out of bounds");
    std::string_view part = cell_.view().substr(pos, count);
    return String(part.data(), part.size());
  }

  bool starts_with(const String& prefix) const { return StartsWith(prefix.cell_.view()); }
  bool starts_with(std::string_view prefix) const { return StartsWith(prefix); }
  bool starts_with(const char* prefix) const { return StartsWith(prefix); }
  bool starts_with(const char* prefix, size_t count) const {
    return StartsWith(std::string_view(prefix, count));
  }
  bool ends_with(const String& suffix) const { return EndsWith(suffix.cell_.view()); }
  bool ends_with(std::string_view suffix) const { return EndsWith(suffix); }
  bool ends_with(const char* suffix) const { return EndsWith(suffix); }
  bool ends_with(const char* suffix, size_t count) const {
    return EndsWith(std::string_view(suffix, count));
  }

  // The pieces between the separators, empty ones included. They borrow this string.
  std::vector<std::string_view> Split(char separator) const {
    std::vector<std::string_view> pieces;
    std::string_view rest = cell_.view();
    for (size_t end = rest.find(separator); end != npos; end = rest.find(separator)) {
      pieces.push_back(rest.substr(0, end));
      rest.remove_prefix(end + 1);
    }
    pieces.push_back(rest);
    return pieces;
  }

 private:
  explicit String(detail::BytesCell&& cell) : cell_(std::move(cell)) {}

  int CompareTo(std::string_view other) const { return detail::CompareText(cell_.view(), other); }
  bool StartsWith(std::string_view prefix) const {
    return cell_.view().substr(0, prefix.size()) == prefix;
  }
  bool EndsWith(std::string_view suffix) const {
    return size() >= suffix.size() && cell_.view().substr(size() - suffix.size()) == suffix;
  }

  detail::BytesCell cell_;

  template <typename, typename>
  friend struct TypeTraits;
};

namespace detail {

inline std::string_view TextView(const String& text) {
  return std::string_view(text.data(), text.size());
}
inline std::string_view TextView(const std::string& text) { return text; }
inline std::string_view TextView(const char* text) { return text; }

TVM_FFI_OUTLINE inline String ConcatText(std::string_view a, std::string_view b) {
  std::string text;
  text.reserve(a.size() + b.size());
  text.append(a).append(b);
  return text.size() < sizeof(TVMFFIAny::v_bytes) ? String(text) : String(std::move(text));
}

inline MessageStream& operator<<(MessageInserters& stream, const String& text) {
  return stream << TextView(text);
}

}  // namespace detail

#define TVM_FFI_DEFINE_STRING_ORDER_(Lhs, Rhs, op)                             \
  inline bool operator op(Lhs a, Rhs b) {                                      \
    return detail::CompareText(detail::TextView(a), detail::TextView(b)) op 0; \
  }
#define TVM_FFI_DEFINE_STRING_OPERATORS_(Lhs, Rhs)                                            \
  inline String operator+(Lhs a, Rhs b) {                                                     \
    return detail::ConcatText(detail::TextView(a), detail::TextView(b));                      \
  }                                                                                           \
  inline bool operator==(Lhs a, Rhs b) { return detail::TextView(a) == detail::TextView(b); } \
  inline bool operator!=(Lhs a, Rhs b) { return detail::TextView(a) != detail::TextView(b); } \
  TVM_FFI_DEFINE_STRING_ORDER_(Lhs, Rhs, <)                                                   \
  TVM_FFI_DEFINE_STRING_ORDER_(Lhs, Rhs, >)                                                   \
  TVM_FFI_DEFINE_STRING_ORDER_(Lhs, Rhs, <=)                                                  \
  TVM_FFI_DEFINE_STRING_ORDER_(Lhs, Rhs, >=)
TVM_FFI_DEFINE_STRING_OPERATORS_(const String&, const String&)
TVM_FFI_DEFINE_STRING_OPERATORS_(const String&, const std::string&)
TVM_FFI_DEFINE_STRING_OPERATORS_(const std::string&, const String&)
TVM_FFI_DEFINE_STRING_OPERATORS_(const String&, const char*)
TVM_FFI_DEFINE_STRING_OPERATORS_(const char*, const String&)
#undef TVM_FFI_DEFINE_STRING_OPERATORS_
#undef TVM_FFI_DEFINE_STRING_ORDER_

#define TVM_FFI_DELETE_STRING_OPERATORS_(Lhs, Rhs) \
  bool operator==(Lhs, Rhs) = delete;              \
  bool operator!=(Lhs, Rhs) = delete;              \
  bool operator<(Lhs, Rhs) = delete;               \
  bool operator>(Lhs, Rhs) = delete;               \
  bool operator<=(Lhs, Rhs) = delete;              \
  bool operator>=(Lhs, Rhs) = delete;
TVM_FFI_DELETE_STRING_OPERATORS_(const String&, std::nullptr_t)
TVM_FFI_DELETE_STRING_OPERATORS_(std::nullptr_t, const String&)
#undef TVM_FFI_DELETE_STRING_OPERATORS_

// A template, so that <ostream> is needed only where it is used.
template <typename Traits>
inline std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                                    const String& text) {
  return os.write(text.data(), static_cast<std::streamsize>(text.size()));
}

// ---- Escapes -----------------------------------------------------------------------------------

namespace detail {

inline void AppendHex(std::string* out, uint32_t value, int digits) {
  for (int shift = 4 * (digits - 1); shift >= 0; shift -= 4) {
    out->push_back("0123456789abcdef"[(value >> shift) & 0xf]);
  }
}

// The letter that follows a backslash in JSON for c, or 0.
inline char JSONEscapeLetter(char c) {
  switch (c) {
    case '"':
    case '\\':
    case '/':
      return c;
    case '\b':
      return 'b';
    case '\f':
      return 'f';
    case '\n':
      return 'n';
    case '\r':
      return 'r';
    case '\t':
      return 't';
    default:
      return 0;
  }
}

// Decodes the character beyond ASCII that the text starts with. Its size in bytes, or 0 if the text
// does not start with one in valid UTF-8.
inline size_t DecodeUTF8(std::string_view text, uint32_t* code_point) {
  auto byte = [text](size_t i) {
    return static_cast<uint32_t>(static_cast<unsigned char>(text[i]));
  };
  uint32_t lead = byte(0);
  size_t size = lead >= 0xf0 ? 4 : lead >= 0xe0 ? 3 : 2;
  if (lead < 0xc2 || lead > 0xf4 || text.size() < size) return 0;
  uint32_t code = lead & (0x7fu >> size);
  for (size_t i = 1; i < size; ++i) {
    if ((byte(i) & 0xc0) != 0x80) return 0;
    code = (code << 6) | (byte(i) & 0x3f);
  }
  bool overlong = code < (size == 2 ? 0x80u : size == 3 ? 0x800u : 0x10000u);
  bool surrogate = code >= 0xd800 && code <= 0xdfff;
  if (overlong || surrogate || code > 0x10ffff) return 0;
  *code_point = code;
  return size;
}

// The size of the ANSI colour or erase sequence the text starts with, or 0.
inline size_t AnsiSequenceSize(std::string_view text) {
  if (text.size() < 3 || text[0] != '\x1b' || text[1] != '[') return 0;
  size_t end = text.find_first_not_of("0123456789;", 2);
  if (end == std::string_view::npos || (text[end] != 'm' && text[end] != 'K')) return 0;
  return end + 1;
}

}  // namespace detail

// A JSON string literal; `/` is escaped too, bytes beyond ASCII are kept.
TVM_FFI_OUTLINE inline String EscapeStringJSON(const String& value) {
  std::string out(1, '"');
  for (char c : detail::TextView(value)) {
    unsigned char byte = static_cast<unsigned char>(c);
    if (char letter = detail::JSONEscapeLetter(c)) {
      out.append(1, '\\').append(1, letter);
    } else if (byte < 0x20 || byte == 0x7f) {
      out += "\\u";
      detail::AppendHex(&out, byte, 4);
    } else {
      out += c;
    }
  }
  out += '"';
  return String(out);
}

[[deprecated("use EscapeStringJSON")]] inline String EscapeString(const String& value) {
  return EscapeStringJSON(value);
}

// A Python string literal in double quotes and in ASCII. Bytes that are no valid UTF-8 become \xhh.
TVM_FFI_OUTLINE inline String EscapedStringPy(const String& value) {
  std::string out(1, '"');
  for (std::string_view rest = detail::TextView(value); !rest.empty();) {
    unsigned char byte = static_cast<unsigned char>(rest[0]);
    size_t size = 1;
    uint32_t code_point = 0;
    if (byte == '\n' || byte == '\t' || byte == '\r') {
      out.append(1, '\\').append(1, detail::JSONEscapeLetter(rest[0]));
    } else if (byte == '"' || byte == '\\') {
      out.append(1, '\\').append(1, rest[0]);
    } else if (size_t ansi = detail::AnsiSequenceSize(rest)) {
      size = ansi;
      out.append("\\x1b").append(rest.substr(1, size - 1));
    } else if (byte >= 0x20 && byte < 0x7f) {
      out += rest[0];
    } else if (size_t decoded = byte < 0x80 ? 0 : detail::DecodeUTF8(rest, &code_point)) {
      size = decoded;
      out += size == 4 ? "\\U" : "\\u";
      detail::AppendHex(&out, code_point, size == 4 ? 8 : 4);
    } else {
      out += "\\x";
      detail::AppendHex(&out, byte, 2);
    }
    rest.remove_prefix(size);
  }
  out += '"';
  return String(out);
}

// ---- TypeTraits --------------------------------------------------------------------------------

template <>
inline constexpr bool use_default_type_traits_v<String> = false;
template <>
inline constexpr bool use_default_type_traits_v<Bytes> = false;
template <>
inline constexpr bool use_default_type_traits_v<std::string> = false;

namespace detail {

// The std::string in a cell that holds any kind of text or bytes.
TVM_FFI_OUTLINE inline std::optional<std::string> CastToStdString(const TVMFFIAny* src) {
  switch (src->type_index) {
    case TypeIndex::kTVMFFIRawStr:
      return std::string(src->v_c_str);
    case TypeIndex::kTVMFFIByteArrayPtr:
      return std::string(ToStringView(*static_cast<TVMFFIByteArray*>(src->v_ptr)));
    case TypeIndex::kTVMFFISmallStr:
    case TypeIndex::kTVMFFISmallBytes:
    case TypeIndex::kTVMFFIStr:
    case TypeIndex::kTVMFFIBytes:
      return std::string(ToStringView(BytesCell::Content(src)));
    default:
      return std::nullopt;
  }
}

}  // namespace detail

template <>
struct TypeTraits<String> : public TypeTraitsBase {
  static void CopyToAnyView(const String& src, TVMFFIAny* result) { *result = src.cell_.cell(); }
  static void MoveToAny(String src, TVMFFIAny* result) { src.cell_.MoveTo(result); }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFISmallStr ||
           src->type_index == TypeIndex::kTVMFFIStr;
  }
  static String CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return String(detail::BytesCell::FromView(*src));
  }
  static String MoveFromAnyAfterCheck(TVMFFIAny* src) {
    TVMFFIAny cell = *src;
    detail::WriteCell(src, TypeIndex::kTVMFFINone, int64_t{0});
    return String(detail::BytesCell::FromOwned(cell));
  }
  static std::optional<String> TryCastFromAnyView(const TVMFFIAny* src) {
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    if (src->type_index == TypeIndex::kTVMFFIRawStr) return String(src->v_c_str);
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::TypeName("str"); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIStr);
  }
};

template <>
struct TypeTraits<Bytes> : public TypeTraitsBase {
  static void CopyToAnyView(const Bytes& src, TVMFFIAny* result) { *result = src.cell_.cell(); }
  static void MoveToAny(Bytes src, TVMFFIAny* result) { src.cell_.MoveTo(result); }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFISmallBytes ||
           src->type_index == TypeIndex::kTVMFFIBytes;
  }
  static Bytes CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return Bytes(detail::BytesCell::FromView(*src));
  }
  static Bytes MoveFromAnyAfterCheck(TVMFFIAny* src) {
    TVMFFIAny cell = *src;
    detail::WriteCell(src, TypeIndex::kTVMFFINone, int64_t{0});
    return Bytes(detail::BytesCell::FromOwned(cell));
  }
  static std::optional<Bytes> TryCastFromAnyView(const TVMFFIAny* src) {
    if (CheckAnyStrict(src)) return CopyFromAnyViewAfterCheck(src);
    if (src->type_index == TypeIndex::kTVMFFIByteArrayPtr) {
      return Bytes(*static_cast<TVMFFIByteArray*>(src->v_ptr));
    }
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::TypeName("bytes"); }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIBytes);
  }
};

// Borrowed text. An Any makes a String of it.
template <>
struct TypeTraits<const char*> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;

  static void CopyToAnyView(const char* const& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIRawStr, CheckNotNull(src));
  }
  static void MoveToAny(const char* src, TVMFFIAny* result) {
    TypeTraits<String>::MoveToAny(String(CheckNotNull(src)), result);
  }
  static std::optional<const char*> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFIRawStr) return src->v_c_str;
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName(StaticTypeKey::kTVMFFIRawStr);
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIRawStr);
  }

 private:
  static const char* CheckNotNull(const char* src) {
    if (TVM_FFI_PREDICT_FALSE(src == nullptr)) FailNull(src);
    return src;
  }
  TVM_FFI_COLD static void FailNull(const char* src) { TVM_FFI_ICHECK_NOTNULL(src); }
};

template <size_t N>
struct TypeTraits<char[N]> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;

  static void CopyToAnyView(const char (&src)[N], TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIRawStr, src);
  }
  static void MoveToAny(const char (&src)[N], TVMFFIAny* result) {
    TypeTraits<String>::MoveToAny(String(src), result);
  }
};

// Borrowed bytes. An Any makes Bytes of them.
template <>
struct TypeTraits<TVMFFIByteArray*> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIByteArrayPtr;

  static void CopyToAnyView(TVMFFIByteArray* const& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIByteArrayPtr, CheckNotNull(src));
  }
  static void MoveToAny(TVMFFIByteArray* src, TVMFFIAny* result) {
    TypeTraits<Bytes>::MoveToAny(Bytes(*CheckNotNull(src)), result);
  }
  static std::optional<TVMFFIByteArray*> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFIByteArrayPtr) {
      return static_cast<TVMFFIByteArray*>(src->v_ptr);
    }
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName(StaticTypeKey::kTVMFFIByteArrayPtr);
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIByteArrayPtr);
  }

 private:
  static TVMFFIByteArray* CheckNotNull(TVMFFIByteArray* src) { return TVM_FFI_ICHECK_NOTNULL(src); }
};

// A view of a std::string is borrowed text, so it ends at the first NUL; an Any has it whole.
template <>
struct TypeTraits<std::string> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;

  static void CopyToAnyView(const std::string& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIRawStr, src.c_str());
  }
  static void MoveToAny(std::string src, TVMFFIAny* result) {
    TypeTraits<String>::MoveToAny(String(std::move(src)), result);
  }
  static std::optional<std::string> TryCastFromAnyView(const TVMFFIAny* src) {
    return detail::CastToStdString(src);
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return detail::TypeName("std::string"); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return detail::SchemaText("std::string"); }
};

}  // namespace ffi
}  // namespace tvm

template <>
struct std::hash<tvm::ffi::Bytes> {
  size_t operator()(const tvm::ffi::Bytes& bytes) const {
    return std::hash<std::string_view>()(std::string_view(bytes.data(), bytes.size()));
  }
};

template <>
struct std::hash<tvm::ffi::String> {
  size_t operator()(const tvm::ffi::String& text) const {
    return std::hash<std::string_view>()(std::string_view(text.data(), text.size()));
  }
};

#endif  // TVM_FFI_STRING_H_
