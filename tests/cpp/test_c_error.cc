// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <string>
#include <thread>

#include "contract.h"

namespace {

using contract::bytes;
using contract::Owned;
using contract::Raised;
using contract::text;

Owned make_error(const char* kind, const char* message, const char* backtrace = "") {
  const TVMFFIByteArray kind_bytes = bytes(kind);
  const TVMFFIByteArray message_bytes = bytes(message);
  const TVMFFIByteArray backtrace_bytes = bytes(backtrace);
  Owned error;
  EXPECT_EQ(TVMFFIErrorCreate(&kind_bytes, &message_bytes, &backtrace_bytes, error.out()), 0);
  return error;
}

TEST(CError, CopiesItsTexts) {
  std::string message = "a message";
  Owned error = make_error("ValueError", message.c_str(), "  File \"f\", line 1, in g\n");
  message[0] = 'x';
  const TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(error.get());
  EXPECT_EQ(error.header()->type_index, kTVMFFIError);
  EXPECT_EQ(text(cell->kind), "ValueError");
  EXPECT_EQ(text(cell->message), "a message");
  EXPECT_EQ(cell->message.data[cell->message.size], '\0');
  EXPECT_EQ(text(cell->backtrace), "  File \"f\", line 1, in g\n");
  EXPECT_EQ(cell->cause_chain, nullptr);
  EXPECT_EQ(cell->extra_context, nullptr);
}

TEST(CError, AcceptsNullDataOfSizeZero) {
  const TVMFFIByteArray empty = {nullptr, 0};
  Owned error;
  ASSERT_EQ(TVMFFIErrorCreate(&empty, &empty, &empty, error.out()), 0);
  EXPECT_EQ(TVMFFIErrorGetCellPtr(error.get())->message.size, 0u);
}

TEST(CError, BacktraceIsReplacedOrAppendedTo) {
  Owned error = make_error("ValueError", "m", "one\n");
  TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(error.get());
  const TVMFFIByteArray two = bytes("two\n");
  cell->update_backtrace(error.get(), &two, kTVMFFIBacktraceUpdateModeAppend);
  EXPECT_EQ(text(cell->backtrace), "one\ntwo\n");
  cell->update_backtrace(error.get(), &two, kTVMFFIBacktraceUpdateModeReplace);
  EXPECT_EQ(text(cell->backtrace), "two\n");
}

TEST(CError, HoldsCauseAndContext) {
  Owned cause = make_error("TypeError", "inner");
  Owned context = make_error("KeyError", "context");
  const TVMFFIByteArray empty = bytes("");
  Owned error;
  ASSERT_EQ(TVMFFIErrorCreateWithCauseAndExtraContext(&empty, &empty, &empty, cause.get(),
                                                      context.get(), error.out()),
            0);
  EXPECT_EQ(TVMFFIErrorGetCellPtr(error.get())->cause_chain, cause.get());
  EXPECT_EQ(TVMFFIErrorGetCellPtr(error.get())->extra_context, context.get());
  EXPECT_EQ(cause.strong_count(), 2u);
  EXPECT_EQ(context.strong_count(), 2u);
  error = Owned();
  EXPECT_EQ(cause.strong_count(), 1u);
  EXPECT_EQ(context.strong_count(), 1u);
}

// Clients exchange the context in place; the error releases what it finds at the end.
TEST(CError, ContextMayBeReplacedInPlace) {
  Owned first = make_error("KeyError", "first");
  Owned second = make_error("KeyError", "second");
  const TVMFFIByteArray empty = bytes("");
  Owned error;
  ASSERT_EQ(TVMFFIErrorCreateWithCauseAndExtraContext(&empty, &empty, &empty, nullptr, first.get(),
                                                      error.out()),
            0);
  TVMFFIObjectDecRef(first.get());
  TVMFFIObjectIncRef(second.get());
  TVMFFIErrorGetCellPtr(error.get())->extra_context = second.get();
  error = Owned();
  EXPECT_EQ(first.strong_count(), 1u);
  EXPECT_EQ(second.strong_count(), 1u);
}

TEST(CErrorSlot, IsEmptyAtFirstAndAfterTaking) {
  std::thread([] {
    EXPECT_EQ(Raised().error.get(), nullptr);
    TVMFFIErrorSetRaisedFromCStr("ValueError", "m");
    EXPECT_NE(Raised().error.get(), nullptr);
    EXPECT_EQ(Raised().error.get(), nullptr);
  }).join();
}

TEST(CErrorSlot, KeepsIdentityAndReference) {
  Owned error = make_error("ValueError", "m");
  TVMFFIErrorSetRaised(error.get());
  EXPECT_EQ(error.strong_count(), 2u);
  Raised raised;
  EXPECT_EQ(raised.error.get(), error.get());
  EXPECT_EQ(error.strong_count(), 2u);
}

TEST(CErrorSlot, ReleasesWhatItHeld) {
  Owned first = make_error("ValueError", "first");
  Owned second = make_error("ValueError", "second");
  TVMFFIErrorSetRaised(first.get());
  TVMFFIErrorSetRaised(second.get());
  EXPECT_EQ(first.strong_count(), 1u);
  TVMFFIErrorSetRaised(nullptr);
  EXPECT_EQ(second.strong_count(), 1u);
  EXPECT_EQ(Raised().error.get(), nullptr);
}

TEST(CErrorSlot, SettingTheSameErrorAgainKeepsIt) {
  Owned error = make_error("ValueError", "m");
  TVMFFIErrorSetRaised(error.get());
  TVMFFIErrorSetRaised(error.get());
  EXPECT_EQ(error.strong_count(), 2u);
  TVMFFIErrorSetRaised(nullptr);
  EXPECT_EQ(error.strong_count(), 1u);
}

TEST(CErrorSlot, IsPerThreadAndReleasedWithTheThread) {
  Owned error = make_error("ValueError", "m");
  TVMFFIErrorSetRaised(error.get());
  std::thread([&] {
    EXPECT_EQ(Raised().error.get(), nullptr);
    TVMFFIErrorSetRaised(error.get());
    EXPECT_EQ(error.strong_count(), 3u);
  }).join();
  EXPECT_EQ(error.strong_count(), 2u);
  TVMFFIErrorSetRaised(nullptr);
}

// A destructor that runs after the slot's own may still raise.
TEST(CErrorSlot, CanBeUsedWhileTheThreadEnds) {
  struct Late {
    ~Late() {
      TVMFFIErrorSetRaisedFromCStr("ValueError", "late");
      Raised raised;
      *kind = raised.kind;
    }
    std::string* kind;
  };
  std::string kind;
  std::thread([&] {
    static thread_local Late late{&kind};  // before the slot, so destroyed after it
    TVMFFIErrorSetRaisedFromCStr("ValueError", "early");
  }).join();
  EXPECT_EQ(kind, "ValueError");
}

TEST(CErrorSlot, MessageIsPutTogetherFromParts) {
  const char* parts[] = {"one, ", nullptr, "two", ""};
  TVMFFIErrorSetRaisedFromCStrParts("KeyError", parts, 4);
  Raised raised;
  EXPECT_EQ(raised.kind, "KeyError");
  EXPECT_EQ(raised.message, "one, two");
  for (int32_t count : {0, -3}) {
    TVMFFIErrorSetRaisedFromCStrParts("KeyError", parts, count);
    EXPECT_EQ(Raised().message, "");
  }
}

}  // namespace
