// SPDX-License-Identifier: Apache-2.0
//
// Messages of things that only a std::ostream can print.
#include <gtest/gtest.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/string.h>

#include <complex>
#include <iomanip>
#include <memory>
#include <ostream>
#include <sstream>
#include <string>

namespace user {

struct Point {
  int x, y;
};
std::ostream& operator<<(std::ostream& os, const Point& p) {
  return os << "(" << p.x << ", " << p.y << ")";
}

enum class Color { kRed };
std::ostream& operator<<(std::ostream& os, Color) { return os << "red"; }

enum Unscoped { kOne = 1 };
std::ostream& operator<<(std::ostream& os, Unscoped) { return os << "one"; }

// Printable to any stream there is.
struct Generic {};
template <typename Stream>
Stream& operator<<(Stream& stream, const Generic&) {
  stream << "generic";
  return stream;
}

struct Text : std::string {
  using std::string::string;
};
struct Wrapped {
  operator const char*() const { return "wrapped"; }
};

}  // namespace user

namespace {

using tvm::ffi::detail::MessageStream;

TEST(MessageOStream, TypesOfTheUsersOwn) {
  MessageStream message;
  message << user::Point{1, 2} << ' ' << user::Color::kRed << ' ' << user::kOne << ' '
          << user::Generic() << ' ' << user::Text("text") << ' ' << user::Wrapped() << ' '
          << std::complex<double>(1, 2);
  EXPECT_EQ(message.str(), "(1, 2) red one generic text wrapped (1,2)");
}

// Writes the same to both kinds of stream.
template <typename Stream>
void WriteFormatted(Stream& s) {
  short minus = -1;
  s << std::hex << 255 << ' ' << -1 << ' ' << minus << ' ' << int64_t{-1} << ' ' << 255u << std::dec
    << ' ' << std::setw(5) << 42 << '|' << std::setfill('*') << std::setw(4) << "a" << std::setw(3)
    << 'c' << std::left << std::setw(6) << std::string("left") << std::boolalpha << true << ' '
    << std::setprecision(3) << 3.14159 << ' ' << std::fixed << 2.0f << std::endl
    << std::showbase << std::oct << static_cast<unsigned short>(8) << uint64_t{8};
}

TEST(MessageOStream, ManipulatorsLast) {
  MessageStream message;
  std::ostringstream os;
  WriteFormatted(message);
  WriteFormatted(os);
  EXPECT_EQ(message.str(), os.str());
}

TEST(MessageOStream, BindsToAnOStream) {
  MessageStream message;
  message << "before ";
  std::ostream& os = message;
  os << 1 << ' ' << tvm::ffi::String("text");
  message << " after";
  EXPECT_EQ(message.str(), "before 1 text after");
}

TEST(MessageOStream, IsPartOfAnError) {
  try {
    TVM_FFI_THROW(ValueError) << "at " << user::Point{3, 4} << " of " << std::hex << 16;
    FAIL();
  } catch (const tvm::ffi::Error& error) {
    EXPECT_EQ(error.message(), "at (3, 4) of 10");
  }
}

}  // namespace
