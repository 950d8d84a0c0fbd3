// SPDX-License-Identifier: Apache-2.0
//
// MessageStream: what TVM_FFI_THROW(...) << ... writes to. Text, numbers and pointers are formatted
// as std::ostream does, out of line and without the stream headers. Whatever else can be written to
// a std::ostream is written through one; that needs <ostream>, at the place of such use only.
#ifndef TVM_FFI_MESSAGE_DETAIL_H_
#define TVM_FFI_MESSAGE_DETAIL_H_

#include <tvm/ffi/base_detail.h>

#include <cstdint>
#include <cstdio>  // snprintf
#include <iosfwd>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {
namespace detail {

class MessageStream;

// A number or pointer on its way into a message. The width of an integer matters to std::hex.
struct MessageValue {
  enum Kind : uint8_t { kInt16, kInt32, kInt64, kUInt16, kUInt32, kUInt64, kDouble, kPointer };
  Kind kind;
  union {
    int64_t i;
    uint64_t u;
    double d;
    const void* p;
  };

  template <typename T>
  static MessageValue Int(T value) {
    MessageValue result;
    if constexpr (std::is_signed_v<T>) {
      result.kind = sizeof(T) == 2 ? kInt16 : sizeof(T) == 4 ? kInt32 : kInt64;
      result.i = value;
    } else {
      result.kind = sizeof(T) == 2 ? kUInt16 : sizeof(T) == 4 ? kUInt32 : kUInt64;
      result.u = value;
    }
    return result;
  }
};

// How to reach the std::ostream of a message once it has one.
struct MessageOStreamTable {
  void (*text)(void* stream, const char* data, size_t size);
  void (*value)(void* stream, const MessageValue& value);
  void (*character)(void* stream, char c);
  void (*boolean)(void* stream, bool value);
  void (*destroy)(void* stream);
};

// All inserters are members of a base of MessageStream: an inserter of the user's own that is
// generic in its stream is then the better match.
class MessageInserters {
 public:
  MessageStream& operator<<(const char* text);
  MessageStream& operator<<(const std::string& text);
  MessageStream& operator<<(std::string_view text);
  MessageStream& operator<<(bool value);
  MessageStream& operator<<(char c);
  MessageStream& operator<<(signed char c) { return *this << static_cast<char>(c); }
  MessageStream& operator<<(unsigned char c) { return *this << static_cast<char>(c); }
  MessageStream& operator<<(short value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(unsigned short value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(int value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(unsigned int value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(long value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(unsigned long value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(long long value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(unsigned long long value) { return Insert(MessageValue::Int(value)); }
  MessageStream& operator<<(float value) { return *this << static_cast<double>(value); }
  MessageStream& operator<<(double value) {
    MessageValue result;
    result.kind = MessageValue::kDouble;
    result.d = value;
    return Insert(result);
  }
  MessageStream& operator<<(const void* pointer) {
    MessageValue result;
    result.kind = MessageValue::kPointer;
    result.p = pointer;
    return Insert(result);
  }
  MessageStream& operator<<(std::nullptr_t) { return *this << "nullptr"; }

  // Manipulators. Templates only to be looked at when used.
  template <typename Char = char>
  MessageStream& operator<<(std::ostream& (*manipulator)(std::ostream&)) {
    return InsertByOStream<Char>(manipulator);
  }
  template <typename Char = char>
  MessageStream& operator<<(std::ios_base& (*manipulator)(std::ios_base&)) {
    return InsertByOStream<Char>(manipulator);
  }

  template <typename T>
  MessageStream& operator<<(const T& value);

 private:
  MessageStream& Insert(const MessageValue& value);
  template <typename Char, typename T>
  MessageStream& InsertByOStream(const T& value);
};

class MessageStream : public MessageInserters {
 public:
  MessageStream() = default;
  MessageStream(const MessageStream&) = delete;
  MessageStream& operator=(const MessageStream&) = delete;
  ~MessageStream() {
    if (ostream_ != nullptr) table_->destroy(ostream_);
  }

  // For code that names std::ostream. What it writes becomes part of the message.
  template <typename Traits>
  operator std::basic_ostream<char, Traits>&();  // NOLINT(google-explicit-constructor)

  const std::string& str() const { return text_; }
  std::string Take() { return std::move(text_); }

  TVM_FFI_COLD MessageStream& Append(const char* data, size_t size) {
    if (TVM_FFI_PREDICT_FALSE(ostream_ != nullptr)) {
      table_->text(ostream_, data, size);
    } else {
      text_.append(data, size);
    }
    return *this;
  }

 private:
  friend class MessageInserters;
  template <typename Char>
  friend class MessageOStream;

  std::string text_;
  void* ostream_ = nullptr;  // made when first needed; from then on everything goes through it
  const MessageOStreamTable* table_ = nullptr;
};

inline MessageStream& MessageInserters::operator<<(const char* text) {
  return static_cast<MessageStream*>(this)->Append(text, std::strlen(text));
}
inline MessageStream& MessageInserters::operator<<(const std::string& text) {
  return static_cast<MessageStream*>(this)->Append(text.data(), text.size());
}
inline MessageStream& MessageInserters::operator<<(std::string_view text) {
  return static_cast<MessageStream*>(this)->Append(text.data(), text.size());
}

TVM_FFI_COLD inline MessageStream& MessageInserters::operator<<(char c) {
  MessageStream* self = static_cast<MessageStream*>(this);
  if (self->ostream_ == nullptr) return self->Append(&c, 1);
  self->table_->character(self->ostream_, c);
  return *self;
}

TVM_FFI_COLD inline MessageStream& MessageInserters::operator<<(bool value) {
  MessageStream* self = static_cast<MessageStream*>(this);
  if (self->ostream_ == nullptr) return self->Append(value ? "1" : "0", 1);
  self->table_->boolean(self->ostream_, value);
  return *self;
}

TVM_FFI_COLD inline MessageStream& MessageInserters::Insert(const MessageValue& value) {
  MessageStream* self = static_cast<MessageStream*>(this);
  if (TVM_FFI_PREDICT_FALSE(self->ostream_ != nullptr)) {
    self->table_->value(self->ostream_, value);
    return *self;
  }
  char text[32];
  const char* format = "%lld";
  int size = 0;
  if (value.kind == MessageValue::kDouble) {
    size = std::snprintf(text, sizeof(text), "%g", value.d);
  } else if (value.kind == MessageValue::kPointer) {
    if (value.p == nullptr) return self->Append("0", 1);
    size = std::snprintf(text, sizeof(text), "%p", value.p);
  } else {
    if (value.kind >= MessageValue::kUInt16) format = "%llu";
    size = std::snprintf(text, sizeof(text), format, static_cast<long long>(value.i));
  }
  return self->Append(text, static_cast<size_t>(size));
}

// ---- Through a std::ostream --------------------------------------------------------------------

// Everything below depends on a template parameter, Char or Traits, which is char: it is looked at
// when it is used, and <ostream> is there then.

template <typename Char>
class MessageBuffer : public std::basic_streambuf<Char> {
 public:
  explicit MessageBuffer(std::string* text) : text_(text) {}

 protected:
  using Traits = std::char_traits<Char>;
  typename Traits::int_type overflow(typename Traits::int_type c) override {
    if (!Traits::eq_int_type(c, Traits::eof())) text_->push_back(Traits::to_char_type(c));
    return Traits::not_eof(c);
  }
  std::streamsize xsputn(const Char* data, std::streamsize size) override {
    text_->append(data, static_cast<size_t>(size));
    return size;
  }

 private:
  std::string* text_;
};

template <typename Char>
class MessageOStream {
 public:
  static std::basic_ostream<Char>& Of(MessageStream* message) {
    static constexpr MessageOStreamTable kTable = {
        [](void* self, const char* data, size_t size) {
          Get(self) << std::basic_string_view<Char>(data, size);
        },
        &InsertValue, [](void* self, char c) { Get(self) << c; },
        [](void* self, bool value) { Get(self) << value; },
        [](void* self) { delete static_cast<MessageOStream*>(self); }};
    if (message->ostream_ == nullptr) {
      message->ostream_ = new MessageOStream(&message->text_);
      message->table_ = &kTable;
    }
    return Get(message->ostream_);
  }

 private:
  explicit MessageOStream(std::string* text) : buffer_(text), stream_(&buffer_) {}

  static std::basic_ostream<Char>& Get(void* self) {
    return static_cast<MessageOStream*>(self)->stream_;
  }
  static void InsertValue(void* self, const MessageValue& value) {
    std::basic_ostream<Char>& stream = Get(self);
    switch (value.kind) {
      case MessageValue::kInt16:
        stream << static_cast<int16_t>(value.i);
        break;
      case MessageValue::kInt32:
        stream << static_cast<int32_t>(value.i);
        break;
      case MessageValue::kInt64:
        stream << value.i;
        break;
      case MessageValue::kUInt16:
        stream << static_cast<uint16_t>(value.u);
        break;
      case MessageValue::kUInt32:
        stream << static_cast<uint32_t>(value.u);
        break;
      case MessageValue::kUInt64:
        stream << value.u;
        break;
      case MessageValue::kDouble:
        stream << value.d;
        break;
      case MessageValue::kPointer:
        stream << value.p;
        break;
    }
  }

  MessageBuffer<Char> buffer_;
  std::basic_ostream<Char> stream_;
};

template <typename Traits>
MessageStream::operator std::basic_ostream<char, Traits>&() {
  return MessageOStream<typename Traits::char_type>::Of(this);
}

template <typename Char, typename T>
MessageStream& MessageInserters::InsertByOStream(const T& value) {
  MessageStream* self = static_cast<MessageStream*>(this);
  MessageOStream<Char>::Of(self) << value;
  return *self;
}

// Finds inserters for T that are not members of std::ostream.
struct OStreamProbe {
  operator std::ostream&();  // NOLINT(google-explicit-constructor)
};
template <typename T, typename = void>
inline constexpr bool has_own_inserter_v = false;
template <typename T>
inline constexpr bool has_own_inserter_v<
    T, std::void_t<decltype(std::declval<OStreamProbe>() << std::declval<const T&>())>> = true;

// Specialized for types without an inserter of their own that a message can take as the text which
// `Of(value)` returns, so without <ostream>.
template <typename T, typename = void>
struct MessageText {
  static constexpr bool exists = false;
};

template <typename T>
inline constexpr bool is_character_v =
    std::is_same_v<T, char> || std::is_same_v<T, signed char> || std::is_same_v<T, unsigned char>;

template <typename T>
MessageStream& MessageInserters::operator<<(const T& value) {
  using Pointer = std::decay_t<T>;
  using Pointee = std::remove_cv_t<std::remove_pointer_t<Pointer>>;
  if constexpr (has_own_inserter_v<T>) {
    return InsertByOStream<char>(value);
  } else if constexpr (std::is_enum_v<T> && std::is_convertible_v<T, long long>) {
    return *this << +value;
  } else if constexpr (std::is_same_v<Pointer, char*>) {
    return *this << static_cast<const char*>(value);
  } else if constexpr (std::is_convertible_v<Pointer, const void*> && std::is_pointer_v<Pointer> &&
                       !is_character_v<Pointee>) {
    return *this << static_cast<const void*>(value);
  } else if constexpr (std::is_base_of_v<std::string, T>) {
    return *this << static_cast<const std::string&>(value);
  } else if constexpr (MessageText<T>::exists) {
    return *this << MessageText<T>::Of(value);
  } else {
    return InsertByOStream<char>(value);
  }
}

}  // namespace detail
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_MESSAGE_DETAIL_H_
