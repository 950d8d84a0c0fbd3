// SPDX-License-Identifier: Apache-2.0
//
// What a message formats by itself; test_message_ostream.cc has what it leaves to a std::ostream.
#include <gtest/gtest.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/string.h>

#include <cfloat>
#include <climits>
#include <cstdint>
#include <limits>
#include <sstream>
#include <string>

namespace {

using tvm::ffi::detail::MessageStream;

// What the message has, and what a std::ostream has, for the same value.
template <typename T>
void ExpectAsOStream(const T& value) {
  MessageStream message;
  message << value;
  std::ostringstream os;
  os << value;
  EXPECT_EQ(message.str(), os.str());
}

TEST(MessageStream, NumbersReadAsInAnOStream) {
  ExpectAsOStream(0);
  ExpectAsOStream(-1);
  ExpectAsOStream(INT64_MIN);
  ExpectAsOStream(UINT64_MAX);
  ExpectAsOStream(static_cast<short>(-7));
  ExpectAsOStream(static_cast<unsigned short>(65535));
  ExpectAsOStream(ULONG_MAX);
  ExpectAsOStream(LLONG_MIN);
  ExpectAsOStream(UINT_MAX);
  for (double value : {0.0, -0.0, 1.0, 0.1, 1.0 / 3, 123456789.0, 1e-5, 1e100, DBL_MIN, DBL_MAX,
                       std::numeric_limits<double>::infinity()}) {
    ExpectAsOStream(value);
    ExpectAsOStream(static_cast<float>(value));
  }
  ExpectAsOStream(std::numeric_limits<double>::quiet_NaN());
  ExpectAsOStream(3.25L);
}

TEST(MessageStream, TextAndCharacters) {
  char writable[] = "writable";
  char* pointer = writable;
  ExpectAsOStream("literal");
  ExpectAsOStream(writable);
  ExpectAsOStream(pointer);
  ExpectAsOStream(std::string("a\0b", 3));
  ExpectAsOStream(std::string_view("view"));
  ExpectAsOStream(tvm::ffi::String("ffi"));
  ExpectAsOStream('c');
  ExpectAsOStream(static_cast<signed char>('s'));
  ExpectAsOStream(static_cast<unsigned char>('u'));
}

enum Plain { kThree = 3 };
struct Flags {
  unsigned small : 3;
  unsigned rest : 29;
};
struct Constants {
  static const int kUndefined = 17;  // has no address
};

TEST(MessageStream, BoolsPointersAndEnums) {
  ExpectAsOStream(true);
  ExpectAsOStream(false);
  ExpectAsOStream(nullptr);
  ExpectAsOStream(kThree);
  int target = 0;
  ExpectAsOStream(&target);
  ExpectAsOStream(static_cast<const int*>(&target));
  ExpectAsOStream(static_cast<void*>(&target));
  ExpectAsOStream(static_cast<int*>(nullptr));
  Flags flags{5, 6};
  MessageStream message;
  message << flags.small << Constants::kUndefined;
  EXPECT_EQ(message.str(), "517");
}

TEST(MessageStream, ChainsAndGivesUpItsText) {
  MessageStream message;
  message << "a" << 1 << std::string("b") << 2.5 << 'c';
  EXPECT_EQ(message.str(), "a1b2.5c");
  EXPECT_EQ(message.Take(), "a1b2.5c");
}

}  // namespace
