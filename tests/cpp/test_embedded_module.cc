// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>

#include <deque>
#include <string>
#include <utility>

#include "fixture_paths.h"
#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;
using registered::Tracked;
using registered::TrackedObj;

std::string number(uint64_t value) {
  std::string bytes;
  for (int i = 0; i < 8; ++i) bytes += static_cast<char>(value >> (8 * i));
  return bytes;
}

std::string numbers(std::initializer_list<uint64_t> values) {
  std::string bytes = number(values.size());
  for (uint64_t value : values) bytes += number(value);
  return bytes;
}

std::string text(const std::string& value) { return number(value.size()) + value; }

// A system library with the data embedded in it, which is kept for ever. Each has its own prefix.
Any load(const std::string& body) {
  static auto& libraries = *new std::deque<std::string>();  // the library does not copy its data
  const std::string prefix = "test_embedded_" + std::to_string(libraries.size()) + "_";
  libraries.push_back(number(body.size()) + body);
  TVMFFIEnvModRegisterSystemLibSymbol((prefix + "__tvm_ffi__library_bin").c_str(),
                                      libraries.back().data());
  return call("ffi.SystemLib", prefix);
}

std::string damage(const std::string& body) {
  const std::string error = error_of([&] { load(body); });
  const std::string start = "RuntimeError: Library binary of the system library with the prefix ";
  const size_t end = error.find(" is damaged: ");
  if (error.find(start) != 0 || end == std::string::npos) return "not reported: " + error;
  return error.substr(end + 13);
}

class SampleModuleObj : public ModuleObj {
 public:
  explicit SampleModuleObj(std::string name) : name_(std::move(name)) {}
  const char* kind() const final { return "test_embedded"; }
  Optional<Function> GetFunction(const String& name) final {
    if (name != name_) return std::nullopt;
    return Function::FromTyped([name = name_] { return String(name); });
  }

 private:
  std::string name_;
  Tracked tracked_ = Tracked::make();
};

Module sample(const Bytes& name) {
  return Module(ObjectPtr<ModuleObj>(make_object<SampleModuleObj>(name)));
}

class EmbeddedModule : public ::testing::Test {
 protected:
  void SetUp() override {
    Function::SetGlobal("ffi.Module.load_from_bytes.test_embedded", Function::FromTyped(sample));
    Function::SetGlobal("ffi.Module.load_from_bytes.test_failing",
                        Function::FromTyped([](const Bytes&) -> Any {
                          TVM_FFI_THROW(ValueError) << "bad content";
                        }));
    Function::SetGlobal("ffi.Module.load_from_bytes.test_wrong",
                        Function::FromTyped([](const Bytes&) { return 1; }));
  }
  void TearDown() override {
    for (const char* kind : {"test_embedded", "test_failing", "test_wrong"}) {
      Function::RemoveGlobal("ffi.Module.load_from_bytes." + std::string(kind));
    }
  }
};

std::string module(const std::string& name) { return text("test_embedded") + text(name); }

TEST_F(EmbeddedModule, SharedLibraryBringsItsModules) {
  Function::SetGlobal("ffi.Module.load_from_bytes.fixture", Function::FromTyped(sample));
  {
    Module root = call("ffi.ModuleLoadFromFile", EMBEDDED_FIXTURE).cast<Module>();
    EXPECT_EQ(call("ffi.ModuleGetKind", root).cast<String>(), "library");
    EXPECT_EQ(root->imports().size(), 1);
    EXPECT_EQ(call("ffi.ModuleGetFunction", root, "data", true).cast<Function>()().cast<String>(),
              "data");
    EXPECT_EQ(call("ffi.ModuleGetFunction", root, "library_context", false)
                  .cast<Function>()()
                  .cast<void*>(),
              root.operator->());
  }
  Function::RemoveGlobal("ffi.Module.load_from_bytes.fixture");
  const std::string error = error_of([] { call("ffi.ModuleLoadFromFile", EMBEDDED_FIXTURE); });
  EXPECT_EQ(error,
            "RuntimeError: Library binary was created using {fixture} but a loader of that name is "
            "not registered. Make sure to have runtime that registers "
            "ffi.Module.load_from_bytes.fixture");
}

TEST_F(EmbeddedModule, LibraryWithoutOthersIsItself) {
  Module root = load(numbers({0, 0}) + numbers({}) + text("_lib")).cast<Module>();
  EXPECT_EQ(call("ffi.ModuleGetKind", root).cast<String>(), "library");
  EXPECT_EQ(root->imports().size(), 0);
}

TEST_F(EmbeddedModule, ImportsAreMadeInOrder) {
  const int live = TrackedObj::live;
  Module root = load(numbers({0, 2, 3, 3}) + numbers({1, 2, 2}) + module("root") + module("left") +
                     module("right"))
                    .cast<Module>();
  ASSERT_EQ(root->imports().size(), 2);
  Module left = root->imports()[0].cast<Module>();
  Module right = root->imports()[1].cast<Module>();
  EXPECT_TRUE(left->ImplementsFunction("left"));
  EXPECT_TRUE(right->ImplementsFunction("right"));
  ASSERT_EQ(left->imports().size(), 1);
  EXPECT_TRUE(left->imports()[0].cast<Module>().same_as(right));
  EXPECT_EQ(right->imports().size(), 0);
  EXPECT_EQ(TrackedObj::live, live + 3);
}

TEST_F(EmbeddedModule, FailureLeavesNothingBehind) {
  const int live = TrackedObj::live;
  const std::string two = numbers({0, 1, 1}) + numbers({1}) + module("first");
  EXPECT_EQ(error_of([&] { load(two + text("test_failing") + text("")); }),
            "ValueError: bad content");
  EXPECT_EQ(error_of([&] { load(two + text("test_wrong") + text("")); }),
            "TypeError: Cannot convert from type `int` to `ffi.Module`");
  EXPECT_EQ(error_of([&] { load(two + text("test_unknown") + text("")); }),
            "RuntimeError: Library binary was created using {test_unknown} but a loader of that "
            "name is not registered. Make sure to have runtime that registers "
            "ffi.Module.load_from_bytes.test_unknown");
  EXPECT_EQ(TrackedObj::live, live);
}

TEST_F(EmbeddedModule, FailureIsNotRemembered) {
  const std::string body = numbers({0, 0}) + numbers({}) + text("test_later") + text("x");
  const std::string data = number(body.size()) + body;
  TVMFFIEnvModRegisterSystemLibSymbol("test_retry___tvm_ffi__library_bin",
                                      const_cast<char*>(data.data()));
  EXPECT_NE(error_of([] { call("ffi.SystemLib", "test_retry_"); }), "(no error)");
  Function::SetGlobal("ffi.Module.load_from_bytes.test_later",
                      Function::FromTyped([](const Bytes&) { return call("ffi.SystemLib"); }));
  EXPECT_EQ(error_of([] { call("ffi.SystemLib", "test_retry_"); }), "(no error)");
  Function::RemoveGlobal("ffi.Module.load_from_bytes.test_later");
}

TEST_F(EmbeddedModule, DamagedDataIsRefused) {
  EXPECT_EQ(damage(""), "the data ends within a number");
  EXPECT_EQ(damage("short"), "the data ends within a number");
  EXPECT_EQ(damage(number(1000)), "a list is longer than the data");
  EXPECT_EQ(damage(number(UINT64_MAX) + number(0)), "a list is longer than the data");
  EXPECT_EQ(damage(numbers({}) + numbers({})), "it holds no module");
  EXPECT_EQ(damage(numbers({0}) + numbers({})), "it holds no module");
  EXPECT_EQ(damage(numbers({1, 1}) + numbers({0})), "the lists of imports do not fit together");
  EXPECT_EQ(damage(numbers({0, 2}) + numbers({0})), "the lists of imports do not fit together");
  EXPECT_EQ(damage(numbers({0, 2, 1}) + numbers({0})), "a list of imports ends early");
  EXPECT_EQ(damage(numbers({0, 1}) + numbers({1})), "a module imports one that does not exist");
  EXPECT_EQ(damage(numbers({0, 1}) + numbers({0})), "a module imports itself");
  EXPECT_EQ(damage(numbers({0, 1, 2}) + numbers({1, 0})), "a module imports itself");
  EXPECT_EQ(damage(numbers({0, 0}) + numbers({})), "the data ends within a number");
  EXPECT_EQ(damage(numbers({0, 0}) + numbers({}) + number(5) + "kind"),
            "the data ends within the kind of a module");
  EXPECT_EQ(damage(numbers({0, 0}) + numbers({}) + text("kind") + number(5) + "data"),
            "the data ends within a module");
  EXPECT_EQ(damage(numbers({0, 0}) + numbers({}) + text("kind") + number(UINT64_MAX)),
            "the data ends within a module");
}

}  // namespace
