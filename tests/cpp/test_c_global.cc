// SPDX-License-Identifier: Apache-2.0
//
// The table of global functions, and what the library itself registers about functions and types.
#include <tvm/ffi/c_api.h>

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "contract.h"

namespace {

using contract::bytes;
using contract::Owned;
using contract::text_view;

struct Callback {
  int num_calls = 0;
  int num_deleted = 0;
  int status = 0;

  static int call(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    auto* callback = static_cast<Callback*>(self);
    ++callback->num_calls;
    *result = contract::integer(num_args == 0 ? -1 : args[num_args - 1].v_int64);
    return callback->status;
  }
  static void destroy(void* self) { ++static_cast<Callback*>(self)->num_deleted; }

  Owned wrap() {
    Owned function;
    EXPECT_EQ(TVMFFIFunctionCreate(this, call, destroy, function.out()), 0);
    return function;
  }
};

// ---- Global functions ------------------------------------------------------

Owned get_global(std::string_view name) {
  const TVMFFIByteArray name_bytes = bytes(name);
  Owned function;
  EXPECT_EQ(TVMFFIFunctionGetGlobal(&name_bytes, function.out()), 0);
  return function;
}

int set_global(std::string_view name, const Owned& function, bool allow_override = false) {
  const TVMFFIByteArray name_bytes = bytes(name);
  return TVMFFIFunctionSetGlobal(&name_bytes, function.get(), allow_override);
}

TVMFFIAny call_global(std::string_view name, std::vector<TVMFFIAny> args) {
  Owned function = get_global(name);
  TVMFFIAny result = contract::none();
  EXPECT_EQ(
      TVMFFIFunctionCall(function.get(), args.data(), static_cast<int32_t>(args.size()), &result),
      0)
      << contract::Raised().message;
  return result;
}

TEST(CGlobal, UnknownNameIsNoError) {
  const TVMFFIByteArray name = bytes("test.c_global.unknown");
  TVMFFIObjectHandle function = &function;
  EXPECT_EQ(TVMFFIFunctionGetGlobal(&name, &function), 0);
  EXPECT_EQ(function, nullptr);
}

TEST(CGlobal, TableAndCallersShareTheFunction) {
  Callback callback;
  Owned function = callback.wrap();
  ASSERT_EQ(set_global("test.c_global.share", function), 0);
  EXPECT_EQ(function.strong_count(), 2u);
  Owned found = get_global("test.c_global.share");
  EXPECT_EQ(found.get(), function.get());
  EXPECT_EQ(function.strong_count(), 3u);
}

TEST(CGlobal, NamesAreBytes) {
  Callback callback;
  Owned function = callback.wrap();
  const std::string name("test.c_global.\0a", 16);
  ASSERT_EQ(set_global(name, function), 0);
  EXPECT_EQ(get_global(name).get(), function.get());
  EXPECT_EQ(get_global("test.c_global.").get(), nullptr);
}

TEST(CGlobal, SecondFunctionOfANameIsRefused) {
  Callback first, second;
  Owned first_function = first.wrap(), second_function = second.wrap();
  ASSERT_EQ(set_global("test.c_global.twice", first_function), 0);
  EXPECT_RAISES(set_global("test.c_global.twice", second_function), "RuntimeError",
                "Global Function `test.c_global.twice` is already registered");
  EXPECT_EQ(get_global("test.c_global.twice").get(), first_function.get());
  EXPECT_EQ(second_function.strong_count(), 1u);
}

TEST(CGlobal, OverridingReleasesTheOldFunction) {
  Callback first, second;
  ASSERT_EQ(set_global("test.c_global.override", first.wrap()), 0);
  Owned second_function = second.wrap();
  ASSERT_EQ(set_global("test.c_global.override", second_function, true), 0);
  EXPECT_EQ(first.num_deleted, 1);
  EXPECT_EQ(get_global("test.c_global.override").get(), second_function.get());
}

TEST(CGlobal, NullIsStoredAsNull) {
  ASSERT_EQ(set_global("test.c_global.null", Owned()), 0);
  EXPECT_EQ(get_global("test.c_global.null").get(), nullptr);
  EXPECT_RAISES(set_global("test.c_global.null", Owned()), "RuntimeError",
                "Global Function `test.c_global.null` is already registered");
}

// Deleters run outside the table's lock.
TEST(CGlobal, DeleterMayUseTheTable) {
  Owned function;
  ASSERT_EQ(TVMFFIFunctionCreate(
                nullptr, Callback::call,
                [](void*) {
                  EXPECT_NE(get_global("ffi.String").get(), nullptr);
                  EXPECT_EQ(set_global("test.c_global.from_deleter", get_global("ffi.String")), 0);
                },
                function.out()),
            0);
  ASSERT_EQ(set_global("test.c_global.deleter", function), 0);
  function = Owned();
  ASSERT_EQ(set_global("test.c_global.deleter", Owned(), true), 0);
  EXPECT_NE(get_global("test.c_global.from_deleter").get(), nullptr);
}

TEST(CGlobal, MethodInfoIsCopied) {
  Callback callback;
  Owned function = callback.wrap();
  std::string name = "test.c_global.method", metadata = "{\"type_schema\":\"\"}";
  TVMFFIMethodInfo info{};
  info.name = bytes(name);
  info.metadata = bytes(metadata);
  info.method = contract::object(function.get());
  ASSERT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), 0);
  name[0] = metadata[0] = 'x';
  EXPECT_EQ(get_global("test.c_global.method").get(), function.get());
  EXPECT_EQ(contract::take_text(
                call_global("ffi.GetGlobalFuncMetadata", {text_view("test.c_global.method")})),
            "{\"type_schema\":\"\"}");
}

TEST(CGlobal, MethodInfoOfATakenNameIsRefusedAndLogged) {
  Callback callback;
  Owned function = callback.wrap();
  TVMFFIMethodInfo info{};
  info.name = bytes("test.c_global.logged");
  info.method = contract::object(function.get());
  ASSERT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), 0);
  const std::string message =
      "Global Function `test.c_global.logged` is already registered, possible causes:\n"
      "- Two GlobalDef().def registrations for the same function \n"
      "Please remove the duplicate registration.";
  testing::internal::CaptureStderr();
  EXPECT_RAISES(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), "RuntimeError", message);
  EXPECT_NE(testing::internal::GetCapturedStderr().find("RuntimeError: " + message),
            std::string::npos);
  EXPECT_EQ(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 1), 0);
}

TEST(CGlobal, MethodMustBeAFunction) {
  TVMFFIMethodInfo info{};
  info.name = bytes("test.c_global.no_function");
  EXPECT_RAISES(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), "TypeError",
                "Cannot convert from type `None` to `ffi.Function`");
  info.method = contract::integer(1);
  EXPECT_RAISES(TVMFFIFunctionSetGlobalFromMethodInfo(&info, 0), "TypeError",
                "Cannot convert from type `int` to `ffi.Function`");
  EXPECT_EQ(get_global("test.c_global.no_function").get(), nullptr);
}

TEST(CGlobal, MayBeUsedFromManyThreads) {
  Callback callback;
  Owned function = callback.wrap();
  std::atomic<int> num_refused = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) {
        const std::string name = "test.c_global.thread." + std::to_string(j);
        if (set_global(name, function) != 0) {
          ++num_refused;
          TVMFFIErrorSetRaised(nullptr);
        }
        EXPECT_EQ(get_global(name).get(), function.get());
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(num_refused, 3 * 200);
  EXPECT_EQ(function.strong_count(), 1u + 200u);
}

// ---- The registry's own functions ------------------------------------------

TEST(CRegistered, RemovesAFunction) {
  Callback callback;
  ASSERT_EQ(set_global("test.c_registered.remove", callback.wrap()), 0);
  TVMFFIAny removed =
      call_global("ffi.FunctionRemoveGlobal", {text_view("test.c_registered.remove")});
  EXPECT_EQ(removed.type_index, kTVMFFIBool);
  EXPECT_EQ(removed.v_int64, 1);
  EXPECT_EQ(callback.num_deleted, 1);
  EXPECT_EQ(get_global("test.c_registered.remove").get(), nullptr);
  removed = call_global("ffi.FunctionRemoveGlobal", {text_view("test.c_registered.remove")});
  EXPECT_EQ(removed.v_int64, 0);
}

TEST(CRegistered, ListsASnapshotOfTheNames) {
  Callback callback;
  ASSERT_EQ(set_global("test.c_registered.listed", callback.wrap()), 0);
  TVMFFIAny names = call_global("ffi.FunctionListGlobalNamesFunctor", {});
  Owned functor(names.v_obj);
  ASSERT_EQ(set_global("test.c_registered.later", callback.wrap()), 0);
  auto name_at = [&](int64_t index) {
    TVMFFIAny argument = contract::integer(index);
    TVMFFIAny result = contract::none();
    EXPECT_EQ(TVMFFIFunctionCall(functor.get(), &argument, 1, &result), 0);
    return result;
  };
  const int64_t count = name_at(-1).v_int64;
  bool is_listed = false;
  for (int64_t i = 0; i < count; ++i) {
    const std::string name = contract::take_text(name_at(i));
    is_listed |= name == "test.c_registered.listed";
    EXPECT_NE(name, "test.c_registered.later");
  }
  EXPECT_TRUE(is_listed);
  TVMFFIAny argument = contract::integer(count);
  TVMFFIAny result = contract::none();
  EXPECT_RAISES(TVMFFIFunctionCall(functor.get(), &argument, 1, &result), "IndexError",
                "Index " + std::to_string(count) + " out of bounds " + std::to_string(count));
}

TEST(CRegistered, MetadataOfAnUnknownFunctionIsAnError) {
  Owned function = get_global("ffi.GetGlobalFuncMetadata");
  TVMFFIAny name = text_view("test.c_registered.unknown");
  TVMFFIAny result = contract::none();
  EXPECT_RAISES(TVMFFIFunctionCall(function.get(), &name, 1, &result), "RuntimeError",
                "Global Function is not found: test.c_registered.unknown");
}

TEST(CRegistered, MakesFunctionsOfAddresses) {
  Callback callback;
  auto address = [](auto* pointer) {
    TVMFFIAny any{};
    any.type_index = kTVMFFIOpaquePtr;
    any.v_ptr = reinterpret_cast<void*>(pointer);
    return any;
  };
  Owned function(
      call_global("ffi.FunctionFromExternC",
                  {address(&callback), address(Callback::call), address(Callback::destroy)})
          .v_obj);
  TVMFFIAny argument = contract::integer(5);
  TVMFFIAny result = contract::none();
  EXPECT_EQ(TVMFFIFunctionCall(function.get(), &argument, 1, &result), 0);
  EXPECT_EQ(result.v_int64, 5);
  function = Owned();
  EXPECT_EQ(callback.num_deleted, 1);
}

TEST(CRegistered, OwnsRawTextAndBytes) {
  EXPECT_EQ(contract::take_text(call_global("ffi.String", {text_view("hello, world")})),
            "hello, world");
  TVMFFIByteArray content = bytes("hello, bytes");
  TVMFFIAny view{};
  view.type_index = kTVMFFIByteArrayPtr;
  view.v_ptr = &content;
  EXPECT_EQ(contract::take_text(call_global("ffi.Bytes", {view})), "hello, bytes");
}

TEST(CRegistered, MakesShapes) {
  Owned shape(call_global("ffi.Shape", {contract::integer(2), contract::integer(3)}).v_obj);
  ASSERT_EQ(shape.header()->type_index, kTVMFFIShape);
  const TVMFFIShapeCell* cell = TVMFFIShapeGetCellPtr(shape.get());
  ASSERT_EQ(cell->size, 2u);
  EXPECT_EQ(cell->data[0], 2);
  EXPECT_EQ(cell->data[1], 3);
  Owned function = get_global("ffi.Shape");
  TVMFFIAny text = text_view("2");
  TVMFFIAny result = contract::none();
  EXPECT_RAISES(TVMFFIFunctionCall(function.get(), &text, 1, &result), "ValueError",
                "Expect shape to take list of int arguments");
}

TEST(CRegistered, SentinelsAreTwoFixedObjectsOfTheRootType) {
  Owned missing(call_global("ffi.GetInvalidObject", {}).v_obj);
  Owned again(call_global("ffi.GetInvalidObject", {}).v_obj);
  Owned kwargs(call_global("ffi.GetKwargsObject", {}).v_obj);
  EXPECT_EQ(missing.get(), again.get());
  EXPECT_NE(missing.get(), kwargs.get());
  EXPECT_EQ(missing.header()->type_index, kTVMFFIObject);
  EXPECT_EQ(kwargs.header()->type_index, kTVMFFIObject);
}

TEST(CRegistered, ListsTypeKeysByIndex) {
  Owned keys(call_global("ffi.GetRegisteredTypeKeys", {}).v_obj);
  ASSERT_EQ(keys.header()->type_index, kTVMFFIArray);
  const auto* cell = reinterpret_cast<const TVMFFISeqCell*>(keys.header() + 1);
  const auto* elements = static_cast<const TVMFFIAny*>(cell->data);
  int32_t last_index = -1;
  for (int64_t i = 0; i < cell->size; ++i) {
    const TVMFFIAny& key = elements[i];
    const TVMFFIByteArray content = key.type_index == kTVMFFISmallStr
                                        ? TVMFFISmallBytesGetContentByteArray(&key)
                                        : *TVMFFIBytesGetByteArrayPtr(key.v_obj);
    int32_t index = -1;
    ASSERT_EQ(TVMFFITypeKeyToIndex(&content, &index), 0);
    EXPECT_LT(last_index, index);
    last_index = index;
  }
  EXPECT_GE(last_index, kTVMFFIBigInt);
}

}  // namespace
