// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>

#include <atomic>
#include <cstdio>
#include <fstream>
#include <iterator>
#include <optional>
#include <string>
#include <thread>
#include <vector>

#include "fixture_paths.h"
#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;

Module load(const std::string& path) { return call("ffi.ModuleLoadFromFile", path).cast<Module>(); }

Module load_fixture() { return load(MODULE_FIXTURE); }

Function function(const Module& module, const char* name) {
  return call("ffi.ModuleGetFunction", module, name, false).cast<Function>();
}

// Libraries loaded while this lives count there how often they were closed.
int& close_count() {
  static int count = [] {
    TVMFFIEnvModRegisterContextSymbol("module_fixture_close_count", &count);
    return 0;
  }();
  return count;
}

TEST(LibraryModule, CallsExportedFunctions) {
  Module module = load_fixture();
  EXPECT_EQ(function(module, "add")(1, 2).cast<int>(), 3);
  EXPECT_EQ(function(module, "check_handle")(), nullptr);
  EXPECT_TRUE(call("ffi.ModuleImplementsFunction", module, "add", false).cast<bool>());
}

TEST(LibraryModule, HasNoFunctionThatIsNotExported) {
  Module module = load_fixture();
  EXPECT_EQ(call("ffi.ModuleGetFunction", module, "missing", true), nullptr);
  EXPECT_FALSE(call("ffi.ModuleImplementsFunction", module, "missing", true).cast<bool>());
}

TEST(LibraryModule, IsDescribed) {
  Module module = load_fixture();
  EXPECT_EQ(call("ffi.ModuleGetKind", module).cast<String>(), "library");
  EXPECT_EQ(call("ffi.ModuleGetPropertyMask", module).cast<int>(), 3);
  EXPECT_EQ(call("ffi.ModuleInspectSource", module, "").cast<String>(), "");
  EXPECT_EQ(call("ffi.ModuleGetWriteFormats", module).cast<Array<String>>().size(), 0);
  EXPECT_EQ(error_of([&] { call("ffi.ModuleWriteToFile", module, "file", "so"); }),
            "RuntimeError: Module[library] does not support WriteToFile");
  EXPECT_EQ(error_of([&] { module->SaveToBytes(); }),
            "RuntimeError: Module[library] does not support SaveToBytes");
}

TEST(LibraryModule, TellsMetadataAndDocWhereTheLibraryHasThem) {
  Module module = load_fixture();
  EXPECT_EQ(call("ffi.ModuleGetFunctionMetadata", module, "add", false).cast<String>(),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":)"
            R"([{\"type\":\"int\"}],\"params\":[{\"type\":\"int\"},{\"type\":\"int\"}]}}"})");
  EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", module, "add", false).cast<String>(),
            "Adds two integers.");
  EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", module, "fail", false), nullptr);
  EXPECT_EQ(call("ffi.ModuleGetFunctionMetadata", module, "check_handle", true), nullptr);
  EXPECT_EQ(error_of([&] { call("ffi.ModuleGetFunctionMetadata", module, "bad", false); }),
            "TypeError: Cannot convert from type `int` to `str`");
  EXPECT_EQ(error_of([&] { call("ffi.ModuleGetFunctionDoc", module, "bad", false); }),
            "ValueError: no doc today");
}

TEST(LibraryModule, PassesErrorsOn) {
  Module module = load_fixture();
  Function fail = function(module, "fail");
  EXPECT_EQ(error_of([&] { fail("on purpose"); }), "ValueError: on purpose");
  const std::string error = error_of([&] { function(module, "add")("a", 1); });
  EXPECT_NE(error.find("TypeError: Mismatched type on argument #0 when calling: `add(0: int"),
            std::string::npos)
      << error;
}

TEST(LibraryModule, RefusesAResultThatOwnsSomething) {
  Module module = load_fixture();
  Function add = function(module, "add");
  Any result = Array<Any>{1};
  AnyView args[2] = {1, 2};
  EXPECT_EQ(add->safe_call(const_cast<FunctionObj*>(add.get()), reinterpret_cast<TVMFFIAny*>(args),
                           2, reinterpret_cast<TVMFFIAny*>(&result)),
            -1);
  EXPECT_EQ(detail::MoveFromSafeCallRaised().kind(), "InternalError");
}

TEST(LibraryModule, LivesAsLongAsItsFunctions) {
  const int closed = close_count();
  std::optional<Function> add;
  {
    Module module = load_fixture();
    add = function(module, "add");
  }
  EXPECT_EQ(close_count(), closed);
  EXPECT_EQ((*add)(20, 22).cast<int>(), 42);
  add.reset();
  EXPECT_EQ(close_count(), closed + 1);
}

TEST(LibraryModule, StringsOfTheLibraryOutliveIt) {
  Any text;
  {
    Module module = load_fixture();
    text = call("ffi.ModuleGetFunctionDoc", module, "add", false);
  }
  EXPECT_EQ(text.cast<String>(), "Adds two integers.");
}

TEST(LibraryModule, StaysOpenWhilePinned) {
  const int closed = close_count();
  WeakObjectPtr<ModuleObj> pinned;
  {
    Module module = load_fixture();
    pinned = detail::ObjectUnsafe::ObjectPtrFromObjectRef<ModuleObj>(module);
    call("ffi.ModuleGlobalsAdd", module);
    call("ffi.ModuleGlobalsAdd", module);
    call("ffi.ModuleGlobalsRemove", load_fixture());  // the same library, another module
  }
  EXPECT_EQ(close_count(), closed);
  call("ffi.ModuleGlobalsRemove", Module(pinned.lock()));
  EXPECT_EQ(close_count(), closed + 1);
}

TEST(LibraryModule, ReceivesItsContext) {
  Module module = load_fixture();
  // The pointer of the C++ object, 8 bytes before the header.
  EXPECT_EQ(function(module, "library_context")().cast<void*>(), module.operator->());
  EXPECT_EQ(static_cast<char*>(function(module, "library_context")().cast<void*>()) + 8,
            reinterpret_cast<const char*>(detail::ObjectUnsafe::GetHeader(module.get())));
  int context = 0;
  TVMFFIEnvModRegisterContextSymbol("module_fixture_context", &context);
  TVMFFIEnvModRegisterContextSymbol("module_fixture_no_such_variable", &context);
  EXPECT_EQ(function(load_fixture(), "context")().cast<void*>(), &context);
  TVMFFIEnvModRegisterContextSymbol("module_fixture_context", nullptr);
}

TEST(LibraryModule, RefusesFilesItCannotLoad) {
  EXPECT_EQ(error_of([] { load("no_format"); }),
            "RuntimeError: Failed to get file format from no_format");
  EXPECT_EQ(error_of([] { load("model.unknown"); }),
            "RuntimeError: Loader for `.unknown` files is not registered, resolved to "
            "(ffi.Module.load_from_file.unknown) in the global registry.Ensure that you have "
            "loaded the correct runtime code, andthat you are on the correct hardware "
            "architecture.");
  for (const char* path : {"/no/such/library.so", "/no/such/library.dll", "/no/such/library.dylib",
                           "/no/such/library.dso"}) {
    const std::string error = error_of([&] { load(path); });
    EXPECT_EQ(error.find("InternalError: "), 0) << error;
    EXPECT_NE(error.find("Failed to load dynamic shared library " + std::string(path) + " " + path +
                         ": cannot open shared object file"),
              std::string::npos)
        << error;
  }
}

TEST(LibraryModule, RefusesDamagedFiles) {
  std::ifstream file(MODULE_FIXTURE, std::ios::binary);
  const std::string good{std::istreambuf_iterator<char>(file), {}};
  const std::string path = ::testing::TempDir() + "tvm_ffi_damaged.so";
  // Cut short anywhere from the start to within the last segment.
  for (size_t size : {size_t{0}, size_t{4}, size_t{64}, size_t{200}, size_t{3000}, size_t{20000}}) {
    ASSERT_LT(size, good.size());
    std::ofstream(path, std::ios::binary) << good.substr(0, size);
    const std::string error = error_of([&] { load(path); });
    EXPECT_EQ(error.find("InternalError: Failed to load dynamic shared library " + path + " "), 0)
        << error;
  }
  std::ofstream(path, std::ios::binary) << std::string(200, 'x');
  const std::string error = error_of([&] { load(path); });
  EXPECT_NE(error.find("invalid ELF header"), std::string::npos) << error;
  std::remove(path.c_str());
}

TEST(LibraryModule, CallsTheLoaderOfTheFormat) {
  Function::SetGlobal("ffi.Module.load_from_file.fixture",
                      Function::FromTyped([](const String& path, const String& format) -> Any {
                        if (path == "a.fixture" && format == "fixture") return load_fixture();
                        return 1;
                      }));
  EXPECT_EQ(call("ffi.ModuleGetKind", load("a.fixture")).cast<String>(), "library");
  EXPECT_EQ(error_of([] { load("b.fixture"); }),
            "TypeError: Cannot convert from type `int` to `ffi.Module`");
  Function::RemoveGlobal("ffi.Module.load_from_file.fixture");
}

TEST(LibraryModule, FindsImportsThroughItsContext) {
  Module module = load_fixture();
  Function call_import = function(module, "call_import");
  Function::SetGlobal("test.library_module.twice",
                      Function::FromTyped([](int64_t x) { return 2 * x; }));
  EXPECT_EQ(call_import("test.library_module.twice", 4).cast<int>(), 8);
  // Cached: found again although it is gone.
  Function::RemoveGlobal("test.library_module.twice");
  EXPECT_EQ(call_import("test.library_module.twice", 5).cast<int>(), 10);
  EXPECT_EQ(error_of([&] { call_import("test.library_module.missing", 1); }),
            "RuntimeError: Cannot find function test.library_module.missing in the imported "
            "modules or global registry.");
}

TEST(LibraryModule, FindsImportsFromManyThreads) {
  Module module = load_fixture();
  Function call_import = function(module, "call_import");
  std::vector<std::string> names;
  for (int i = 0; i < 20; ++i) {
    names.push_back("test.library_module.add" + std::to_string(i));
    Function::SetGlobal(names.back(), Function::FromTyped([i](int64_t x) { return x + i; }));
  }
  std::atomic<int> wrong{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) wrong += call_import(names[i], 100).cast<int>() != 100 + i;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(wrong, 0);
  for (const std::string& name : names) Function::RemoveGlobal(name);
}

}  // namespace
