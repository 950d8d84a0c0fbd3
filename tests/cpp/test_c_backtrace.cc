// SPDX-License-Identifier: Apache-2.0
#include <alloca.h>
#include <tvm/ffi/c_api.h>

#include <csignal>
#include <cstdlib>
#include <regex>
#include <sstream>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "contract.h"
#include "sanitized.h"

// Functions whose frames are looked for. None of them may be inlined or end in a tail call.
#define FRAME __attribute__((noinline))

namespace backtrace_frames {

std::string last;
int line_in_inner = 0;

FRAME void inner(const char* file, const char* func, int cross_ffi_boundary) {
  line_in_inner = __LINE__ + 1;
  last = contract::text(*TVMFFIBacktrace(file, 7, func, cross_ffi_boundary));
}

FRAME void outer(const char* file, const char* func) {
  inner(file, func, 0);
  last += "";
}

template <typename T>
FRAME void outer_template(T value) {
  inner(nullptr, nullptr, 0);
  last += std::string(value, '\0');
}

FRAME int callback(void*, const TVMFFIAny* args, int32_t, TVMFFIAny*) {
  inner(nullptr, nullptr, static_cast<int>(args[0].v_int64));
  last += "";
  return 0;
}

// Calls back through the contract.
FRAME void far_side(int cross_ffi_boundary) {
  contract::Owned function;
  ASSERT_EQ(TVMFFIFunctionCreate(nullptr, callback, nullptr, function.out()), 0);
  TVMFFIAny argument = contract::integer(cross_ffi_boundary);
  TVMFFIAny result = contract::none();
  ASSERT_EQ(TVMFFIFunctionCall(function.get(), &argument, 1, &result), 0);
}

FRAME void deep(int depth) {
  if (depth == 0) {
    inner(nullptr, nullptr, 0);
  } else {
    deep(depth - 1);
  }
  last += "";
}

// Keeps memory from being optimized away.
inline void touch(char* memory) { asm volatile("" : : "r"(memory) : "memory"); }

FRAME void with_room(size_t size) {
  touch(static_cast<char*>(alloca(size)));
  inner(nullptr, nullptr, 0);
  last += "";
}

FRAME void with_alignment(size_t) {
  alignas(256) char memory[256];
  touch(memory);
  inner(nullptr, nullptr, 0);
  last += "";
}

FRAME void call_shape(void (*shape)(size_t), size_t size) {
  char memory[40];
  touch(memory);
  shape(size);
  last += "";
}

FRAME void on_signal(int) {
  inner(nullptr, nullptr, 0);
  last += "";
}

FRAME void interrupted() {
  std::raise(SIGUSR1);
  last += "";
}

FRAME void raise_from_c() {
  TVMFFIErrorSetRaisedFromCStr("ValueError", "m");
  last += "";
}

}  // namespace backtrace_frames

namespace tvm::ffi::detail {
FRAME void hidden_frame() {
  backtrace_frames::inner(nullptr, nullptr, 0);
  backtrace_frames::last += "";
}
}  // namespace tvm::ffi::detail

namespace {

using backtrace_frames::last;

std::vector<std::string> lines_of(const std::string& text) {
  std::vector<std::string> lines;
  std::istringstream stream(text);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

// The first of the last backtrace's lines that names the function; -1 if none does.
int position_of(const std::string& function) {
  const std::vector<std::string> lines = lines_of(last);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (lines[i].find(", in " + function) != std::string::npos) return static_cast<int>(i);
  }
  return -1;
}

TEST(CBacktrace, FirstLineComesFromTheArguments) {
  backtrace_frames::outer("src/f.cc", "void g(int)");
  EXPECT_EQ(last.rfind("  File \"src/f.cc\", line 7, in void g(int)\n", 0), 0u) << last;
}

TEST(CBacktrace, ArgumentsStandForTheCallersFrame) {
  backtrace_frames::outer("src/f.cc", "void g(int)");
  EXPECT_EQ(position_of("backtrace_frames::inner("), -1) << last;
  EXPECT_EQ(position_of("backtrace_frames::outer("), 1) << last;
}

TEST(CBacktrace, WithoutArgumentsTheCallersFrameComesFirst) {
  for (auto [file, func] : {std::pair<const char*, const char*>{nullptr, nullptr},
                            {"src/f.cc", nullptr},
                            {nullptr, "void g(int)"}}) {
    backtrace_frames::outer(file, func);
    EXPECT_EQ(position_of("backtrace_frames::inner("), 0) << last;
    EXPECT_EQ(position_of("backtrace_frames::outer("), 1) << last;
  }
}

TEST(CBacktrace, EveryLineHasTheSameForm) {
  backtrace_frames::outer("src/f.cc", "void g(int)");
  ASSERT_FALSE(last.empty());
  EXPECT_EQ(last.back(), '\n');
  const std::regex form("  File \"[^\"]+\", line [0-9]+, in .+");
  for (const std::string& line : lines_of(last)) EXPECT_TRUE(std::regex_match(line, form)) << line;
}

// The functions here are not exported and the test is compiled with debug information.
TEST(CBacktrace, LinesComeFromDebugInformation) {
  backtrace_frames::outer(nullptr, nullptr);
  const std::string expected = "test_c_backtrace.cc\", line " +
                               std::to_string(backtrace_frames::line_in_inner) +
                               ", in backtrace_frames::inner(";
  EXPECT_NE(lines_of(last)[0].find(expected), std::string::npos) << last;
}

TEST(CBacktrace, SecondTraceFromAPlaceIsTheSame) {
  std::string traces[2];
  for (std::string& trace : traces) {
    backtrace_frames::outer(nullptr, nullptr);
    trace = last;
  }
  EXPECT_EQ(traces[0], traces[1]);
}

// Each several times: the way from a frame to its caller is remembered.
TEST(CBacktrace, FramesOfAnySizeLeadToTheirCallers) {
  for (size_t size : {16, 3000, 32, 16}) {
    backtrace_frames::call_shape(backtrace_frames::with_room, size);
    EXPECT_EQ(position_of("backtrace_frames::with_room("), 1) << last;
    EXPECT_EQ(position_of("backtrace_frames::call_shape("), 2) << last;
    backtrace_frames::call_shape(backtrace_frames::with_alignment, size);
    EXPECT_EQ(position_of("backtrace_frames::with_alignment("), 1) << last;
    EXPECT_EQ(position_of("backtrace_frames::call_shape("), 2) << last;
  }
}

TEST(CBacktrace, FramesOfSignalsLeadToWhatWasInterrupted) {
  // ThreadSanitizer cannot know that this handler runs where it may allocate memory.
  if (sanitized::kSanitized) GTEST_SKIP() << "a backtrace is not to be taken in signal handlers";
  const auto before = std::signal(SIGUSR1, backtrace_frames::on_signal);
  for (int i = 0; i < 2; ++i) {
    backtrace_frames::interrupted();
    EXPECT_EQ(position_of("backtrace_frames::on_signal("), 1) << last;
    EXPECT_GT(position_of("backtrace_frames::interrupted("), 1) << last;
  }
  std::signal(SIGUSR1, before);
}

TEST(CBacktrace, TemplatesAreNamed) {
  backtrace_frames::outer_template(3L);
  EXPECT_EQ(position_of("void backtrace_frames::outer_template<long>(long)"), 1) << last;
}

TEST(CBacktrace, ThrowSiteInsideTheCallMachineryIsHidden) {
  backtrace_frames::outer("/usr/include/tvm/ffi/function_detail.h", "void g()");
  EXPECT_EQ(last.find("function_detail.h"), std::string::npos) << last;
  EXPECT_EQ(position_of("backtrace_frames::outer("), 0) << last;
  for (const char* func : {"tvm::ffi::detail::g()", "tvm::ffi::details::g()",
                           "tvm::ffi::Function::g()", "TVMFFIBacktrace", "__libc_main"}) {
    backtrace_frames::outer("src/f.cc", func);
    EXPECT_EQ(last.find("src/f.cc"), std::string::npos) << last;
  }
}

TEST(CBacktrace, FramesOfTheCallMachineryAreHidden) {
  tvm::ffi::detail::hidden_frame();
  EXPECT_EQ(last.find("hidden_frame"), std::string::npos) << last;
  EXPECT_EQ(last.find("TVMFFIBacktrace"), std::string::npos) << last;
}

TEST(CBacktrace, StopsWhereACallCameIn) {
  backtrace_frames::far_side(0);
  EXPECT_EQ(position_of("backtrace_frames::callback("), 1) << last;
  EXPECT_EQ(position_of("backtrace_frames::far_side("), -1) << last;
  EXPECT_EQ(last.find("TVMFFIFunctionCall"), std::string::npos) << last;
}

TEST(CBacktrace, CrossesOnRequest) {
  backtrace_frames::far_side(1);
  EXPECT_GT(position_of("backtrace_frames::far_side("), 1) << last;
}

TEST(CBacktrace, RaisedTextsNameTheirCaller) {
  backtrace_frames::raise_from_c();
  last = contract::Raised().backtrace;
  EXPECT_EQ(position_of("backtrace_frames::raise_from_c()"), 0) << last;
}

TEST(CBacktrace, LibraryErrorsNameTheirCaller) {
  const TVMFFIByteArray key = contract::bytes("test.no.such.type");
  int32_t index;
  ASSERT_EQ(TVMFFITypeKeyToIndex(&key, &index), -1);
  const std::string trace = contract::Raised().backtrace;
  EXPECT_NE(trace.find("LibraryErrorsNameTheirCaller"), std::string::npos) << trace;
  EXPECT_EQ(trace.find("guard"), std::string::npos) << trace;
}

TEST(CBacktrace, IsKeptPerThreadUntilTheNextCall) {
  const TVMFFIByteArray* mine = TVMFFIBacktrace("mine.cc", 1, "mine", 0);
  std::thread([&] { EXPECT_NE(TVMFFIBacktrace("other.cc", 1, "other", 0), mine); }).join();
  EXPECT_EQ(contract::text(*mine).rfind("  File \"mine.cc\", line 1, in mine\n", 0), 0u);
}

TEST(CBacktrace, MayBeTakenFromManyThreads) {
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([] {
      std::string first;
      for (int j = 0; j < 50; ++j) {
        const std::string trace = contract::text(*TVMFFIBacktrace(nullptr, 0, nullptr, 0));
        if (j == 0) first = trace;
        EXPECT_EQ(trace, first);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
}

class CBacktraceLimit : public testing::Test {
 protected:
  ~CBacktraceLimit() override { unsetenv("TVM_TRACEBACK_LIMIT"); }

  // How many lines a deep trace has.
  size_t lines_with(const char* limit) {
    setenv("TVM_TRACEBACK_LIMIT", limit, 1);
    backtrace_frames::deep(600);
    return lines_of(last).size();
  }
};

TEST_F(CBacktraceLimit, IsRespected) {
  EXPECT_EQ(lines_with("0"), 0u);
  EXPECT_EQ(lines_with("1"), 1u);
  EXPECT_EQ(lines_with(" +5"), 5u);
  EXPECT_GT(lines_with("2147483647"), 600u);
}

TEST_F(CBacktraceLimit, Is512IfNotAProperNumber) {
  for (const char* limit : {"", "many", "5x", "5 ", "-1", "2147483648", "99999999999999999999"}) {
    EXPECT_EQ(lines_with(limit), 512u) << limit;
  }
  unsetenv("TVM_TRACEBACK_LIMIT");
  backtrace_frames::deep(600);
  EXPECT_EQ(lines_of(last).size(), 512u);
}

TEST_F(CBacktraceLimit, AlwaysLeavesTheThrowSite) {
  setenv("TVM_TRACEBACK_LIMIT", "0", 1);
  backtrace_frames::outer("src/f.cc", "void g(int)");
  EXPECT_EQ(last, "  File \"src/f.cc\", line 7, in void g(int)\n");
  setenv("TVM_TRACEBACK_LIMIT", "2", 1);
  backtrace_frames::outer("src/f.cc", "void g(int)");
  EXPECT_EQ(lines_of(last).size(), 2u);
}

}  // namespace
