// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>

#include <string>
#include <thread>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;

template <int value>
int answer(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  result->type_index = kTVMFFIInt;
  result->v_int64 = value;
  return 0;
}

int text(void*, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
  const TVMFFIByteArray bytes{"plain", 5};
  return TVMFFIStringFromByteArray(&bytes, result);
}

void add(const char* name, TVMFFISafeCallType function) {
  ASSERT_EQ(TVMFFIEnvModRegisterSystemLibSymbol(name, reinterpret_cast<void*>(function)), 0);
}

Module system_lib(const char* prefix) { return call("ffi.SystemLib", prefix).cast<Module>(); }

int result_of(const Module& module, const char* name) {
  return call("ffi.ModuleGetFunction", module, name, false).cast<Function>()().cast<int>();
}

TEST(SystemLib, KeepsOneModulePerPrefix) {
  EXPECT_TRUE(call("ffi.SystemLib").cast<Module>().same_as(system_lib("")));
  EXPECT_TRUE(system_lib("test_a_").same_as(system_lib("test_a_")));
  EXPECT_FALSE(system_lib("test_a_").same_as(system_lib("test_b_")));
  EXPECT_EQ(call("ffi.ModuleGetKind", system_lib("")).cast<String>(), "library");
  EXPECT_EQ(error_of([] { call("ffi.SystemLib", 1); }),
            "TypeError: Cannot convert from type `int` to `str`");
}

TEST(SystemLib, TriesThePrefixFirst) {
  add("__tvm_ffi_test_f", answer<1>);
  add("__tvm_ffi_test_c_test_f", answer<2>);
  add("__tvm_ffi_test_g", answer<3>);
  Module module = system_lib("test_c_");
  EXPECT_EQ(result_of(module, "test_f"), 2);
  EXPECT_EQ(result_of(module, "test_g"), 3);
  EXPECT_EQ(result_of(system_lib(""), "test_f"), 1);
  EXPECT_EQ(call("ffi.ModuleGetFunction", module, "test_missing", false), nullptr);
}

TEST(SystemLib, SeesSymbolsRegisteredLater) {
  Module module = system_lib("test_d_");
  EXPECT_FALSE(call("ffi.ModuleImplementsFunction", module, "test_later", false).cast<bool>());
  add("__tvm_ffi_test_d_test_later", answer<4>);
  EXPECT_EQ(result_of(module, "test_later"), 4);
}

TEST(SystemLib, ReadsMetadataAndDocUnderTheirPlainNames) {
  Module module = system_lib("test_e_");
  EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", module, "test_f", false), nullptr);
  add("__tvm_ffi__doc_test_f", text);
  add("test_e___tvm_ffi__metadata_test_f", text);
  EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", module, "test_f", false).cast<String>(), "plain");
  EXPECT_EQ(call("ffi.ModuleGetFunctionMetadata", module, "test_f", false).cast<String>(), "plain");
}

TEST(SystemLib, StoresContextPointers) {
  void* library_context = nullptr;
  void* context = nullptr;
  int pointee = 0;
  TVMFFIEnvModRegisterContextSymbol("test_system_lib_context", &pointee);
  TVMFFIEnvModRegisterSystemLibSymbol("test_h___tvm_ffi__library_ctx", &library_context);
  TVMFFIEnvModRegisterSystemLibSymbol("test_h_test_system_lib_context", &context);
  Module module = system_lib("test_h_");
  EXPECT_EQ(library_context, module.operator->());
  EXPECT_EQ(context, &pointee);
}

TEST(SystemLib, WarnsWhenASymbolIsReplaced) {
  add("__tvm_ffi_test_replaced", answer<5>);
  ::testing::internal::CaptureStderr();
  add("__tvm_ffi_test_replaced", answer<5>);
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
  ::testing::internal::CaptureStderr();
  add("__tvm_ffi_test_replaced", answer<6>);
  char expected[200];
  std::snprintf(expected, sizeof(expected),
                "Warning:SystemLib symbol __tvm_ffi_test_replaced get overriden to a different "
                "address %p->%p\n",
                reinterpret_cast<void*>(&answer<6>), reinterpret_cast<void*>(&answer<5>));
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), expected);
  EXPECT_EQ(result_of(system_lib(""), "test_replaced"), 6);
}

TEST(SystemLib, IsTheSameForAllThreads) {
  std::vector<Module> modules(4, system_lib("test_i_"));
  std::vector<std::thread> threads;
  for (Module& module : modules) {
    threads.emplace_back([&module] { module = system_lib("test_concurrent_"); });
  }
  for (std::thread& thread : threads) thread.join();
  for (const Module& module : modules) EXPECT_TRUE(module.same_as(modules[0]));
}

}  // namespace
