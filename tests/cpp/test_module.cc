// SPDX-License-Identifier: Apache-2.0
//
// Modules made by a client: the library reaches them through their virtual functions.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>

#include <stdexcept>
#include <string>
#include <utility>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;
using registered::Tracked;

class RegisteredModule : public registered::BalanceTest {};

// Has one function, named after itself; its name decides how the other functions behave.
class SampleModuleObj : public ModuleObj {
 public:
  explicit SampleModuleObj(std::string name) : name_(std::move(name)) {}

  const char* kind() const final { return "sample"; }
  int GetPropertyMask() const final { return 4; }
  Optional<Function> GetFunction(const String& name) final {
    if (name == "throw_error") TVM_FFI_THROW(ValueError) << "an error of the client";
    if (name == "throw_standard") throw std::out_of_range("a standard exception");
    if (name != name_) return std::nullopt;
    Tracked tracked = tracked_;
    return Function::FromTyped([name = name_, tracked] { return String(name); });
  }
  Optional<String> GetFunctionDoc(const String& name) final {
    if (name == name_) return String("doc of " + name_);
    return std::nullopt;
  }
  Optional<String> GetFunctionMetadata(const String& name) final {
    if (name == name_) return String("metadata of " + name_);
    return std::nullopt;
  }
  void WriteToFile(const String& file, const String& format) const final {
    TVM_FFI_THROW(RuntimeError) << "cannot write " << file << " as " << format;
  }
  Array<String> GetWriteFormats() const final { return {"a", "b"}; }
  Bytes SaveToBytes() const final { return Bytes("saved", 5); }
  String InspectSource(const String& format) const final { return "source as " + format; }

 private:
  std::string name_;
  Tracked tracked_ = Tracked::make();
};

Module sample(const std::string& name) {
  return Module(ObjectPtr<ModuleObj>(make_object<SampleModuleObj>(name)));
}

TEST_F(RegisteredModule, AnswersThroughItsVirtualFunctions) {
  Module module = sample("f");
  EXPECT_EQ(call("ffi.ModuleGetKind", module).cast<String>(), "sample");
  EXPECT_EQ(call("ffi.ModuleGetPropertyMask", module).cast<int>(), 4);
  EXPECT_EQ(call("ffi.ModuleGetFunction", module, "f", false).cast<Function>()().cast<String>(),
            "f");
  EXPECT_EQ(call("ffi.ModuleGetFunction", module, "g", true), nullptr);
  EXPECT_TRUE(call("ffi.ModuleImplementsFunction", module, "f", false).cast<bool>());
  EXPECT_FALSE(call("ffi.ModuleImplementsFunction", module, "g", true).cast<bool>());
  EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", module, "f", false).cast<String>(), "doc of f");
  EXPECT_EQ(call("ffi.ModuleGetFunctionMetadata", module, "f", false).cast<String>(),
            "metadata of f");
  EXPECT_EQ(call("ffi.ModuleInspectSource", module, "ll").cast<String>(), "source as ll");
  EXPECT_EQ(call("ffi.ModuleGetWriteFormats", module).cast<Array<String>>()[1], "b");
}

TEST_F(RegisteredModule, ExceptionsOfTheClientBecomeErrors) {
  Module module = sample("f");
  EXPECT_EQ(error_of([&] { call("ffi.ModuleGetFunction", module, "throw_error", false); }),
            "ValueError: an error of the client");
  EXPECT_EQ(error_of([&] { call("ffi.ModuleGetFunction", module, "throw_standard", false); }),
            "InternalError: a standard exception");
  EXPECT_EQ(error_of([&] { call("ffi.ModuleWriteToFile", module, "x", "y"); }),
            "RuntimeError: cannot write x as y");
}

TEST_F(RegisteredModule, AsksImportsDepthFirstWhenTold) {
  Module root = sample("root"), left = sample("same"), right = sample("same"),
         leaf = sample("leaf");
  call("ffi.ModuleImportModule", root, left);
  call("ffi.ModuleImportModule", root, right);
  call("ffi.ModuleImportModule", left, leaf);
  for (const char* name : {"same", "leaf"}) {
    EXPECT_EQ(call("ffi.ModuleGetFunction", root, name, false), nullptr);
    EXPECT_EQ(call("ffi.ModuleGetFunction", root, name, true).cast<Function>()().cast<String>(),
              name);
    EXPECT_FALSE(call("ffi.ModuleImplementsFunction", root, name, false).cast<bool>());
    EXPECT_TRUE(call("ffi.ModuleImplementsFunction", root, name, true).cast<bool>());
    EXPECT_EQ(call("ffi.ModuleGetFunctionDoc", root, name, true).cast<String>(),
              String(std::string("doc of ") + name));
    EXPECT_EQ(call("ffi.ModuleGetFunctionMetadata", root, name, true).cast<String>(),
              String(std::string("metadata of ") + name));
  }
  EXPECT_EQ(root->imports().size(), 2);
  call("ffi.ModuleClearImports", root);
  EXPECT_EQ(call("ffi.ModuleGetFunction", root, "leaf", true), nullptr);
}

TEST_F(RegisteredModule, RefusesToImportInACircle) {
  Module a = sample("a"), b = sample("b"), c = sample("c");
  call("ffi.ModuleImportModule", a, b);
  call("ffi.ModuleImportModule", b, c);
  for (const Module& importer : {a, b, c}) {
    EXPECT_EQ(error_of([&] { call("ffi.ModuleImportModule", importer, importer); }),
              "RuntimeError: Cyclic dependency detected during import");
  }
  EXPECT_EQ(error_of([&] { call("ffi.ModuleImportModule", c, a); }),
            "RuntimeError: Cyclic dependency detected during import");
  EXPECT_EQ(c->imports().size(), 0);
}

TEST_F(RegisteredModule, LendsWhatItFindsInImports) {
  Module module = sample("f"), imported = sample("g");
  call("ffi.ModuleImportModule", module, imported);
  void* context = module.operator->();
  TVMFFIObjectHandle first = nullptr, second = nullptr;
  ASSERT_EQ(TVMFFIEnvModLookupFromImports(context, "g", &first), 0);
  call("ffi.ModuleClearImports", module);  // does not touch the cache
  ASSERT_EQ(TVMFFIEnvModLookupFromImports(context, "g", &second), 0);
  EXPECT_EQ(first, second);
  EXPECT_EQ(static_cast<TVMFFIObject*>(first)->combined_ref_count & 0xffffffff, 1);
  // Its own functions are no imports.
  EXPECT_EQ(TVMFFIEnvModLookupFromImports(context, "f", &second), -1);
  EXPECT_EQ(detail::MoveFromSafeCallRaised().message(),
            "Cannot find function f in the imported modules or global registry.");
  EXPECT_EQ(first, second);
}

TEST_F(RegisteredModule, PinnedModulesLiveOn) {
  const int live = registered::TrackedObj::live;
  Module module = sample("pinned");
  call("ffi.ModuleGlobalsAdd", module);
  EXPECT_EQ(module.use_count(), 2);
  call("ffi.ModuleGlobalsAdd", module);
  EXPECT_EQ(module.use_count(), 2);
  call("ffi.ModuleGlobalsRemove", module);
  call("ffi.ModuleGlobalsRemove", module);
  EXPECT_EQ(module.use_count(), 1);
  EXPECT_EQ(registered::TrackedObj::live, live + 1);
}

TEST_F(RegisteredModule, RefusesWhatIsNoModule) {
  EXPECT_EQ(error_of([] { call("ffi.ModuleGetKind", nullptr); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`ffi.ModuleGetKind(0: ffi.Module) -> str`. Expected `ffi.Module` but got `None`");
}

}  // namespace
