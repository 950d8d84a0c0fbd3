// SPDX-License-Identifier: Apache-2.0
//
// Calls through the host lane, by an interpreter that is not there.
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include "fake_host.h"

// What Python finds by name.
namespace tvm::ffi::host {
TVM_FFI_HOST_EXPORT int TVMFFIHostLearn(Type type, int32_t kind, int32_t tag, void* data);
TVM_FFI_HOST_EXPORT Value TVMFFIHostFunctionFace(Type type, TVMFFIObjectHandle handle);
TVM_FFI_HOST_EXPORT int64_t TVMFFIHostCountCallbacks();
TVM_FFI_HOST_EXPORT void TVMFFIHostDisarm(int is_last);
}  // namespace tvm::ffi::host

namespace {

using namespace tvm::ffi::host;
using fake::Object;
using fake::Values;
using tvm::ffi::Any;
using tvm::ffi::PackedArgs;

// What the pure lane was asked for, and what it answers: text that names the question.
std::vector<std::string> asked;

Object* pure_function(const std::string& name) {
  return fake::callable([name](const Values&) {
    asked.push_back(name);
    return fake::text(name);
  });
}

class HostCall : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    host = fake::table();
    types.function = &fake::function_type;
    pure.call = pure_function("call");
    pure.unpack = fake::callable([](const Values& args) {
      asked.push_back("unpack");
      // The cell is owned: a reference comes with it.
      if (args[0]->content->number >= kTVMFFIStaticObjectBegin) {
        TVMFFIObjectDecRef(reinterpret_cast<TVMFFIObjectHandle>(args[1]->content->number));
      }
      return fake::text("unpack");
    });
    pure.unpack_view = pure_function("unpack_view");
    pure.refuse_keywords = pure_function("refuse_keywords");
    pure.failure = pure_function("failure");
    pure.hand_over = fake::callable([](const Values& args) {
      const std::string& message = args[0]->content->text;
      TVMFFIErrorSetRaisedFromCStr("ValueError", message.c_str());
      return static_cast<Object*>(retained(&fake::none));
    });
    pure.exception = fake::callable([](const Values& args) {
      return fake::text(args[0]->content->text + ": " + args[1]->content->text);
    });
    TVMFFIHostLearn(&fake::list_type, kList, 0, nullptr);
    TVMFFIHostLearn(&fake::tuple_type, kTuple, 0, nullptr);
    TVMFFIHostLearn(&fake::code_type, kCallable, 0, nullptr);
  }

  void SetUp() override {
    asked.clear();
    host.layout = {};
    fake::times_given_up = 0;
    before_ = fake::alive;
  }
  void TearDown() override {
    fake::clear();
    EXPECT_EQ(fake::alive, before_) << "values that nobody freed, or that were freed twice";
    EXPECT_EQ(fake::lock_depth, 1);
  }

  // Calls a native function with values that are given away; NULL with an exception pending.
  Object* call(const tvm::ffi::Function& function, const Values& args, bool gives_up = true) {
    auto handle = const_cast<tvm::ffi::FunctionObj*>(function.get());
    TVMFFIObjectIncRef(handle);
    Value face = TVMFFIHostFunctionFace(&fake::function_type, handle);
    face_of<FunctionFace>(face)->gives_up = gives_up;
    std::vector<Value> values(args.begin(), args.end());
    Value result = TVMFFIHostCall(face, values.data(), values.size(), nullptr);
    fake::release(face);
    for (Object* value : args) fake::release(value);
    return fake::of(result);
  }

  int64_t before_ = 0;
};

tvm::ffi::Function echo() {
  return tvm::ffi::Function::FromTyped([](const Any& value) { return value; });
}

TEST_F(HostCall, ValuesOfEachKindComeBackAsTheyWere) {
  for (int64_t number : {int64_t{0}, int64_t{-1}, INT64_MAX - 1, INT64_MIN}) {
    Object* made = call(echo(), {fake::integer(number)});
    EXPECT_EQ(made->type, &fake::int_type);
    EXPECT_EQ(made->content->number, number);
    fake::release(made);
  }
  for (const std::string text : {"", "seven b", "eight by", "text of some length"}) {
    for (Object* type : {&fake::text_type, &fake::bytes_type}) {
      if (text.size() > 7) continue;  // objects, which are the pure lane's here
      Object* made =
          call(echo(), {fake::characters(type, text.data(), static_cast<ptrdiff_t>(text.size()))});
      EXPECT_EQ(made->type, type);
      EXPECT_EQ(made->content->text, text);
      fake::release(made);
    }
  }
  Object* made = call(echo(), {fake::real(-2.5)});
  EXPECT_EQ(made->content->real, -2.5);
  fake::release(made);
  for (Object* value : {&fake::none, &fake::yes, &fake::no}) {
    fake::retain(value);
    Object* result = call(echo(), {value});
    EXPECT_EQ(result, value);
    fake::release(result);
  }
  EXPECT_TRUE(asked.empty());
}

TEST_F(HostCall, PartsThatCanBeReadWhereTheyLieAreTheSame) {
  host.layout.type = offsetof(Object, type);
  for (int64_t number : {int64_t{0}, int64_t{7}, int64_t{-7}, INT64_MIN}) {
    Object* made = call(echo(), {fake::integer(number)});
    EXPECT_EQ(made->content->number, number);
    fake::release(made);
  }
  EXPECT_TRUE(asked.empty());
}

TEST_F(HostCall, AnyNumberOfArgumentsIsPassed) {
  auto count = tvm::ffi::Function::FromPacked([](PackedArgs args, Any* result) {
    int64_t longest = 0;
    for (int i = 0; i < args.size(); ++i) {
      longest += static_cast<int64_t>(args[i].cast<tvm::ffi::String>().size());
    }
    *result = longest;
  });
  // Around what fits on the stack, and around what one word of flags holds.
  for (size_t number : {0, 1, 7, 8, 9, 63, 64, 65, 200}) {
    Values args;
    for (size_t i = 0; i < number; ++i) args.push_back(fake::text("ten letter"));
    Object* made = call(count, args);
    EXPECT_EQ(made->content->number, static_cast<int64_t>(10 * number));
    fake::release(made);
  }
}

TEST_F(HostCall, SequencesBecomeArrays) {
  auto sum = tvm::ffi::Function::FromTyped([](tvm::ffi::Array<tvm::ffi::Array<int64_t>> rows) {
    int64_t total = 0;
    for (const auto& row : rows) {
      for (int64_t number : row) total += number;
    }
    return total;
  });
  Object* row = fake::sequence(&fake::tuple_type, {fake::integer(3), fake::integer(4)});
  Object* made =
      call(sum, {fake::sequence(&fake::list_type, {row, fake::sequence(&fake::list_type, {})})});
  EXPECT_EQ(made->content->number, 7);
  fake::release(made);
}

TEST_F(HostCall, WhatItDoesNotKnowIsLeftToThePureLaneAsAWhole) {
  bool was_called = false;
  auto function = tvm::ffi::Function::FromPacked([&](PackedArgs, Any*) { was_called = true; });
  Object unknown_type{1, nullptr, nullptr};
  for (Object* last : {fake::make(&unknown_type, {}), fake::integer(INT64_MAX)}) {
    Object* inner = fake::sequence(&fake::list_type, {fake::text("some longer text"), last});
    Object* made = call(function, {fake::text("some longer text"), inner});
    EXPECT_EQ(made->content->text, "call");
    fake::release(made);
  }
  EXPECT_FALSE(was_called);
  // A list that contains itself, or could.
  Object* deep = fake::sequence(&fake::list_type, {});
  for (int i = 0; i < 40; ++i) deep = fake::sequence(&fake::list_type, {deep});
  fake::release(call(function, {deep}));
  EXPECT_EQ(asked, (std::vector<std::string>{"call", "call", "call"}));
}

TEST_F(HostCall, TheLockIsGivenUpForTheCallUnlessTheFunctionKeepsIt) {
  int depth = -1;
  auto look = tvm::ffi::Function::FromTyped([&] { depth = fake::lock_depth; });
  fake::release(call(look, {}));
  EXPECT_EQ(depth, 0);
  fake::release(call(look, {}, false));
  EXPECT_EQ(depth, 1);
  EXPECT_EQ(fake::times_given_up, 1);
}

TEST_F(HostCall, AnErrorIsRaisedAsTheExceptionOfItsTexts) {
  auto fail = tvm::ffi::Function::FromTyped([](int64_t) { TVM_FFI_THROW(KeyError) << "no such"; });
  EXPECT_EQ(call(fail, {fake::integer(1)}), nullptr);
  ASSERT_NE(fake::pending, nullptr);
  EXPECT_EQ(fake::pending->content->text, "KeyError: no such");
}

TEST_F(HostCall, AnExceptionPendingAfterwardsIsKeptAndTheResultDropped) {
  auto interrupted = tvm::ffi::Function::FromTyped([] {
    fake::fail("interrupted");
    return tvm::ffi::String("a result of some length");
  });
  EXPECT_EQ(call(interrupted, {}), nullptr);
  EXPECT_EQ(fake::pending->content->text, "interrupted");
}

// ---- Callbacks ----

TEST_F(HostCall, ACallableIsAFunctionForTheCall) {
  auto apply = tvm::ffi::Function::FromTyped(
      [](const tvm::ffi::Function& f, int64_t x) { return f(x, 2).cast<int64_t>(); });
  int depth = -1;
  Object* add = fake::callable([&](const Values& args) {
    depth = fake::lock_depth;
    return fake::integer(args[0]->content->number + args[1]->content->number);
  });
  Object* made = call(apply, {add, fake::integer(40)});
  EXPECT_EQ(made->content->number, 42);
  EXPECT_EQ(depth, 1);
  fake::release(made);
  EXPECT_EQ(TVMFFIHostCountCallbacks(), 0);
}

TEST_F(HostCall, AnExceptionOfACallablePassesThroughTheCaller) {
  auto apply = tvm::ffi::Function::FromTyped([](const tvm::ffi::Function& f) { f(); });
  EXPECT_EQ(call(apply, {fake::callable([](const Values&) { return fake::fail("it broke"); })}),
            nullptr);
  ASSERT_NE(fake::pending, nullptr);
  EXPECT_EQ(fake::pending->content->text, "ValueError: it broke");
}

TEST_F(HostCall, ACallableThatIsKeptIsCutOffAtTheEnd) {
  Object* answer = fake::callable([](const Values&) { return fake::integer(5); });
  TVMFFIObjectHandle handle = nullptr;
  ASSERT_TRUE(function_from(answer, nullptr, &handle));
  fake::release(answer);
  // To the end of the process: what a callback cut off leaves behind is not freed after that.
  static const auto& kept = *new tvm::ffi::Function(
      tvm::ffi::detail::ObjectUnsafe::ObjectPtrFromOwned<tvm::ffi::FunctionObj>(
          static_cast<TVMFFIObject*>(handle)));
  EXPECT_EQ(TVMFFIHostCountCallbacks(), 1);
  EXPECT_EQ(kept().cast<int64_t>(), 5);
  TVMFFIHostDisarm(0);
  EXPECT_EQ(TVMFFIHostCountCallbacks(), 0);
  EXPECT_THROW(kept(), tvm::ffi::Error);
}

// ---- The table of types ----

TEST(HostKnown, TypesAreFoundHoweverManyThereAre) {
  host = fake::table();
  static std::vector<Object> made(1000, Object{1, nullptr, nullptr});
  for (size_t i = 0; i < made.size(); ++i) {
    EXPECT_EQ(find_known(&made[i]), nullptr);
    EXPECT_EQ(TVMFFIHostLearn(&made[i], kObject, static_cast<int32_t>(i), nullptr), 0);
  }
  for (size_t i = 0; i < made.size(); ++i) {
    ASSERT_NE(find_known(&made[i]), nullptr);
    EXPECT_EQ(find_known(&made[i])->tag, static_cast<int32_t>(i));
  }
  TVMFFIHostLearn(&made[7], kUnknown, 0, nullptr);
  EXPECT_EQ(find_known(&made[7])->kind, kUnknown);
}

}  // namespace
