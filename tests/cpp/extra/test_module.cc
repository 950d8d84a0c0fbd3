// SPDX-License-Identifier: Apache-2.0
//
// Module as C++ programs use it. What the library does with modules is in ../test_module.cc.
#include <tvm/ffi/cast.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

#include <gtest/gtest.h>

#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "../number_object.h"

namespace module_test {

using namespace tvm::ffi;
using number::ErrorOf;

// Has the one function it is named after.
class OneFunctionObj : public ModuleObj {
 public:
  explicit OneFunctionObj(std::string name) : name_(std::move(name)) { ++live; }
  ~OneFunctionObj() { --live; }
  const char* kind() const override { return "one"; }
  Optional<Function> GetFunction(const String& name) override {
    if (name != name_) return std::nullopt;
    return Function::FromTyped([name] { return name; });
  }
  Optional<String> GetFunctionDoc(const String& name) override {
    if (name != name_) return std::nullopt;
    return String("doc of " + name_);
  }
  Optional<String> GetFunctionMetadata(const String& name) override {
    if (name != name_) return std::nullopt;
    return String("metadata of " + name_);
  }
  static inline int live = 0;

 private:
  std::string name_;
};

Module Make(const char* name) {
  return Module(ObjectPtr<ModuleObj>(make_object<OneFunctionObj>(name)));
}

TEST(Module, Layout) {
  static_assert(std::is_polymorphic_v<ModuleObj> && !std::has_virtual_destructor_v<ModuleObj>);
  static_assert(sizeof(ModuleObj) == 48 && sizeof(Module) == sizeof(void*));
  EXPECT_EQ(detail::ObjectUnsafe::GetObjectOffsetToSubclass<ModuleObj>(), 8);
  Module module = Make("f");
  char* object = reinterpret_cast<char*>(module.get());
  char* header = object + 8;
  EXPECT_EQ(static_cast<const ObjectRef&>(module).get(), reinterpret_cast<Object*>(header));
  EXPECT_EQ(module.type_index(), TypeIndex::kTVMFFIModule);
  EXPECT_EQ(*reinterpret_cast<void**>(header + 24), module->imports().get());
  auto& cache = ModuleObj::InternalUnsafe::ImportLookupCache(module.get());
  EXPECT_EQ(reinterpret_cast<char*>(&cache), header + 32);
  EXPECT_TRUE(cache.defined());
}

// The table of virtual functions as the contract has it: by slot, with `this` first.
TEST(Module, VirtualFunctionTable) {
  Module module = Make("f");
  void* object = module.get();
  void** table = *static_cast<void***>(object);
  EXPECT_STREQ(reinterpret_cast<const char* (*)(void*)>(table[0])(object), "one");
  EXPECT_EQ(reinterpret_cast<int (*)(void*)>(table[1])(object), 0);
  String name = "f";
  EXPECT_TRUE(reinterpret_cast<bool (*)(void*, const String*)>(table[3])(object, &name));
  Module import = Make("g");
  reinterpret_cast<void (*)(void*, const Module*)>(table[10])(object, &import);
  EXPECT_EQ(module->imports().size(), 1U);
  reinterpret_cast<void (*)(void*)>(table[11])(object);
  EXPECT_EQ(module->imports().size(), 0U);
}

TEST(Module, Defaults) {
  Module module = Make("f");
  EXPECT_EQ(module->GetPropertyMask(), 0);
  EXPECT_TRUE(module->ImplementsFunction("f", false));
  EXPECT_FALSE(module->ImplementsFunction("g", true));
  EXPECT_EQ(module->GetWriteFormats().size(), 0U);
  EXPECT_EQ(module->InspectSource("c"), "");
  EXPECT_EQ(ErrorOf([&] { module->WriteToFile("a.o", "o"); }),
            "RuntimeError: Module[one] does not support WriteToFile");
  EXPECT_EQ(ErrorOf([&] { module->SaveToBytes(); }),
            "RuntimeError: Module[one] does not support SaveToBytes");
  EXPECT_NE(ErrorOf([] { Module(ObjectPtr<ModuleObj>(nullptr)); }), "");
  static_assert(!std::is_default_constructible_v<Module> && !Module::_type_is_nullable);
  EXPECT_EQ(Module::kBinarySerializable | Module::kRunnable | Module::kCompilationExportable, 7);
}

TEST(Module, QueriesGoThroughImportsDepthFirst) {
  Module root = Make("f");
  Module left = Make("g");
  Module right = Make("h");
  left->ImportModule(right);
  root->ImportModule(left);
  root->ImportModule(right);
  EXPECT_EQ(root->imports().size(), 2U);
  EXPECT_FALSE(root->GetFunction("h", false).has_value());
  EXPECT_EQ((*root->GetFunction("h", true))().cast<String>(), "h");
  EXPECT_TRUE(root->ImplementsFunction("g", true));
  EXPECT_FALSE(root->ImplementsFunction("g", false));
  EXPECT_EQ(*root->GetFunctionDoc("h", true), "doc of h");
  EXPECT_FALSE(root->GetFunctionDoc("h", false).has_value());
  EXPECT_EQ(*root->GetFunctionMetadata("g", true), "metadata of g");
  EXPECT_FALSE(root->GetFunctionMetadata("x", true).has_value());
  root->ClearImports();
  EXPECT_FALSE(root->GetFunction("h", true).has_value());
}

TEST(Module, ImportsAreAcyclic) {
  const std::string cyclic = "RuntimeError: Cyclic dependency detected during import";
  Module a = Make("a");
  Module b = Make("b");
  Module c = Make("c");
  EXPECT_EQ(ErrorOf([&] { a->ImportModule(a); }), cyclic);
  a->ImportModule(b);
  b->ImportModule(c);
  EXPECT_EQ(ErrorOf([&] { c->ImportModule(a); }), cyclic);
  EXPECT_EQ(c->imports().size(), 0U);
  a->ImportModule(c);
  // The library agrees.
  EXPECT_EQ(ErrorOf([&] { Function::GetGlobalRequired("ffi.ModuleImportModule")(c, a); }), cyclic);
}

TEST(Module, ImportsAreReleasedWithTheModule) {
  {
    Module a = Make("a");
    a->ImportModule(Make("b"));
    EXPECT_EQ(OneFunctionObj::live, 2);
  }
  EXPECT_EQ(OneFunctionObj::live, 0);
}

TEST(Module, TheLibraryCallsModulesOfOthers) {
  Module root = Make("f");
  root->ImportModule(Make("g"));
  Function get = Function::GetGlobalRequired("ffi.ModuleGetFunction");
  EXPECT_EQ(get(root, "g", true).cast<Function>()().cast<String>(), "g");
  EXPECT_TRUE(get(root, "g", false) == nullptr);
  EXPECT_EQ(Function::GetGlobalRequired("ffi.ModuleGetKind")(root).cast<String>(), "one");
  TVMFFIObjectHandle found = nullptr;
  ASSERT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "g", &found), 0);
  EXPECT_EQ(ModuleObj::InternalUnsafe::ImportLookupCache(root.get())["g"].get(), found);
  // Kept for the next time, whatever becomes of the imports.
  root->ClearImports();
  TVMFFIObjectHandle again = nullptr;
  ASSERT_EQ(TVMFFIEnvModLookupFromImports(root.get(), "g", &again), 0);
  EXPECT_EQ(found, again);
}

TEST(Module, LoadingNeedsALoaderForTheFile) {
  EXPECT_EQ(ErrorOf([] { Module::LoadFromFile("no_extension"); }),
            "RuntimeError: Failed to get file format from no_extension");
  EXPECT_EQ(ErrorOf([] { Module::LoadFromFile("a.xyz"); }),
            "RuntimeError: Loader for `.xyz` files is not registered, resolved to "
            "(ffi.Module.load_from_file.xyz) in the global registry.Ensure that you have loaded "
            "the correct runtime code, andthat you are on the correct hardware architecture.");
}

TEST(Module, ContextSymbolsAreVisitedInOrder) {
  static int x;
  static int y;
  TVMFFIEnvModRegisterContextSymbol("__module_test_x", &x);
  TVMFFIEnvModRegisterContextSymbol("__module_test_y", &y);
  std::vector<void*> seen;
  Module::VisitContextSymbols([&seen](String name, void* address) {
    if (name.starts_with("__module_test_")) seen.push_back(address);
  });
  EXPECT_EQ(seen, (std::vector<void*>{&x, &y}));
}

TEST(Module, SymbolNames) {
  EXPECT_STREQ(symbol::tvm_ffi_symbol_prefix, "__tvm_ffi_");
  EXPECT_STREQ(symbol::tvm_ffi_main, "__tvm_ffi_main");
  EXPECT_STREQ(symbol::tvm_ffi_library_ctx, "__tvm_ffi__library_ctx");
  EXPECT_STREQ(symbol::tvm_ffi_library_bin, "__tvm_ffi__library_bin");
  EXPECT_STREQ(symbol::tvm_ffi_metadata_prefix, "__tvm_ffi__metadata_");
  EXPECT_STREQ(symbol::tvm_ffi_doc_prefix, "__tvm_ffi__doc_");
}

}  // namespace module_test
