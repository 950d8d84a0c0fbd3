// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>

#include <cstring>
#include <optional>
#include <string>
#include <type_traits>

#include "number_object.h"

namespace {

using number::Int;
using tvm::ffi::Any;
using tvm::ffi::Error;
using tvm::ffi::ErrorObj;
using tvm::ffi::ObjectRef;

static_assert(sizeof(Error) == 2 * sizeof(void*), "vtable pointer and object");
static_assert(sizeof(ErrorObj) == sizeof(TVMFFIObject) + sizeof(TVMFFIErrorCell), "");
static_assert(std::is_base_of_v<std::exception, Error> && std::is_base_of_v<ObjectRef, Error>, "");
static_assert(!std::is_default_constructible_v<Error> && !Error::_type_is_nullable, "");
static_assert(std::is_nothrow_move_constructible_v<Error>, "");

// A function whose only statement throws needs no return.
int ThrowRuntimeError() { TVM_FFI_THROW(RuntimeError) << "test0"; }

TEST(Error, CarriesKindMessageAndBacktrace) {
  Error error("ValueError", "no good", "frame\n");
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_EQ(error.message(), "no good");
  EXPECT_EQ(error.backtrace(), "frame\n");
  EXPECT_STREQ(error.what(), "no good");
  EXPECT_FALSE(error.cause_chain().has_value());
  EXPECT_FALSE(error.extra_context().has_value());
  EXPECT_EQ(error.type_index(), kTVMFFIError);
  TVMFFIByteArray backtrace{"borrowed\n", 9};
  EXPECT_EQ(Error("ValueError", "no good", &backtrace).backtrace(), "borrowed\n");
}

TEST(Error, HasALayoutOfTheContract) {
  Error error("ValueError", "no good", "frame\n");
  const TVMFFIErrorCell* cell = TVMFFIErrorGetCellPtr(const_cast<ErrorObj*>(error.get()));
  EXPECT_EQ(std::string(cell->kind.data, cell->kind.size), "ValueError");
  EXPECT_EQ(cell->message.data[cell->message.size], '\0');
  // As an exception it starts with its vtable pointer; the object follows.
  void* words[2];
  std::memcpy(words, static_cast<const void*>(&error), sizeof(words));
  EXPECT_EQ(words[1], static_cast<const void*>(error.get()));
}

TEST(Error, MessageMayContainNul) {
  Error error("ValueError", std::string("a\0b", 3), "");
  EXPECT_EQ(error.message(), std::string("a\0b", 3));
  EXPECT_STREQ(error.what(), "a");
}

TEST(Error, KnowsItsCauseAndContext) {
  Error cause("KeyError", "inner", "");
  Int context(5);
  {
    Error error("ValueError", "outer", "", cause, context);
    EXPECT_TRUE(error.cause_chain()->same_as(cause));
    EXPECT_TRUE(error.extra_context()->same_as(context));
    EXPECT_EQ(cause.use_count(), 2);
    EXPECT_EQ(context.use_count(), 2);
  }
  EXPECT_EQ(cause.use_count(), 1);
  EXPECT_EQ(context.use_count(), 1);
  Error error("ValueError", "outer", "", std::nullopt, std::nullopt);
  EXPECT_FALSE(error.cause_chain().has_value());
}

TEST(Error, TracebackReversesLines) {
  auto reversed = [](const std::string& backtrace) {
    return Error("ValueError", "", backtrace).TracebackMostRecentCallLast();
  };
  EXPECT_EQ(reversed("test0\ntest1\ntest2\n"), "test2\ntest1\ntest0\n");
  EXPECT_EQ(reversed("\n\ntest0\n\ntest1\n"), "test1\ntest0\n");
  EXPECT_EQ(reversed("test0\nunfinished"), "test0\n");
  EXPECT_EQ(reversed("unfinished"), "");
  EXPECT_EQ(reversed(""), "");
  EXPECT_EQ(reversed("\n"), "");
}

TEST(Error, FullMessageIsWhatIsPrinted) {
  EXPECT_EQ(Error("ValueError", "no good", "b\na\n").FullMessage(),
            "Traceback (most recent call last):\na\nb\nValueError: no good\n");
}

TEST(Error, BacktraceIsReplacedOrExtendedInPlace) {
  Error error("ValueError", "", "a\n");
  Error alias = error;
  TVMFFIByteArray text{"b\n", 2};
  error.UpdateBacktrace(&text, kTVMFFIBacktraceUpdateModeAppend);
  EXPECT_EQ(alias.backtrace(), "a\nb\n");
  error.UpdateBacktrace(&text, kTVMFFIBacktraceUpdateModeReplace);
  EXPECT_EQ(alias.backtrace(), "b\n");
}

TEST(Error, ObjectMadeOfStdStringsOwnsItsTexts) {
  using tvm::ffi::detail::ErrorObjFromStd;
  Error error = tvm::ffi::detail::ObjectUnsafe::ObjectRefFromObjectPtr<Error>(
      tvm::ffi::make_object<ErrorObjFromStd>(std::string(100, 'k'), "m", "t\n"));
  EXPECT_EQ(error.kind(), std::string(100, 'k'));
  TVMFFIByteArray text{"more\n", 5};
  error.UpdateBacktrace(&text, kTVMFFIBacktraceUpdateModeAppend);
  EXPECT_EQ(error.backtrace(), "t\nmore\n");
  error.UpdateBacktrace(&text, kTVMFFIBacktraceUpdateModeReplace);
  EXPECT_EQ(error.backtrace(), "more\n");
  EXPECT_FALSE(error.cause_chain().has_value());
}

TEST(Error, ThrowSiteIsInTheTraceback) {
  try {
    ThrowRuntimeError();
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "RuntimeError");
    std::string text = error.FullMessage();
    EXPECT_NE(text.find("line"), std::string::npos) << text;
    EXPECT_NE(text.find("test_error.cc"), std::string::npos) << text;
    EXPECT_NE(text.find("ThrowRuntimeError"), std::string::npos) << text;
    EXPECT_NE(text.find("RuntimeError: test0"), std::string::npos) << text;
    // The site is the most recent call, named once.
    EXPECT_EQ(error.backtrace().find("ThrowRuntimeError"),
              error.backtrace().rfind("ThrowRuntimeError"));
  }
}

TEST(Error, IsCaughtAsAStdException) {
  try {
    ThrowRuntimeError();
    FAIL();
  } catch (const std::exception& error) {
    EXPECT_STREQ(error.what(), "test0");
  }
}

TEST(Error, TravelsInAny) {
  Error error("ValueError", "no good", "");
  Any any = error;
  EXPECT_EQ(any.type_index(), kTVMFFIError);
  EXPECT_TRUE(any.as<Error>()->same_as(error));
  EXPECT_EQ(any.cast<Error>().message(), "no good");
  EXPECT_FALSE(Any(nullptr).as<Error>().has_value());
  EXPECT_EQ(error.use_count(), 2);
}

TEST(Error, CrossesTheSlotWithItsIdentity) {
  Error error("ValueError", "no good", "");
  tvm::ffi::detail::SetSafeCallRaised(error);
  EXPECT_EQ(error.use_count(), 2);
  EXPECT_TRUE(tvm::ffi::detail::MoveFromSafeCallRaised().same_as(error));
  EXPECT_EQ(error.use_count(), 1);
}

TEST(Error, EmptySlotStillGivesAnError) {
  TVMFFIObjectHandle ignored = nullptr;
  TVMFFIErrorMoveFromRaised(&ignored);
  if (ignored != nullptr) TVMFFIObjectDecRef(ignored);
  EXPECT_EQ(tvm::ffi::detail::MoveFromSafeCallRaised().kind(), "InternalError");
}

TEST(Error, EnvErrorAlreadySetIsAKindOfItsOwn) {
  Error error = tvm::ffi::EnvErrorAlreadySet();
  EXPECT_EQ(error.kind(), "EnvErrorAlreadySet");
  EXPECT_EQ(error.message(), "");
}

TEST(ErrorBuilder, ThrowsWhenItIsDestroyed) {
  using tvm::ffi::detail::ErrorBuilder;
  static_assert(!std::is_nothrow_destructible_v<ErrorBuilder>, "");
  auto caught = [](auto&& build) {
    try {
      build();
    } catch (const Error& error) {
      return error;
    }
    return Error("none", "", "");
  };
  Error plain = caught([] {
    ErrorBuilder(std::string("KindA"), std::string("trace\n"), false).stream() << "text " << 1;
  });
  EXPECT_EQ(plain.FullMessage(), "Traceback (most recent call last):\ntrace\nKindA: text 1\n");
  TVMFFIByteArray backtrace{"bytes\n", 6};
  Error cause("KindB", "", "");
  Int context(1);
  Error rich = caught([&] {
    ErrorBuilder(std::string("KindC"), &backtrace, false, cause, context).stream() << 'x';
  });
  EXPECT_EQ(rich.backtrace(), "bytes\n");
  EXPECT_TRUE(rich.cause_chain()->same_as(cause));
  EXPECT_TRUE(rich.extra_context()->same_as(context));
}

TEST(ErrorBuilder, PrintsFirstWhenAsked) {
  testing::internal::CaptureStderr();
  EXPECT_THROW(TVM_FFI_LOG_AND_THROW(ValueError) << "nobody listens", Error);
  std::string printed = testing::internal::GetCapturedStderr();
  EXPECT_NE(printed.find("Traceback (most recent call last):"), std::string::npos) << printed;
  EXPECT_NE(printed.find("ValueError: nobody listens"), std::string::npos) << printed;
  testing::internal::CaptureStderr();
  EXPECT_THROW(TVM_FFI_THROW(ValueError) << "somebody listens", Error);
  EXPECT_EQ(testing::internal::GetCapturedStderr(), "");
}

}  // namespace
