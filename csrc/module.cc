// SPDX-License-Identifier: Apache-2.0
//
// Modules, whoever made them: `ffi.Module*`, and the lookup library code does through its context
// pointer. Modules made by clients are called through their table of virtual functions; what those
// throw is caught by the function that was called.
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <mutex>
#include <optional>
#include <string>
#include <unordered_set>
#include <utility>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

std::string file_format(const std::string& path) {
  const size_t dot = path.rfind('.');
  if (dot == std::string::npos) {
    TVM_FFI_THROW(RuntimeError) << "Failed to get file format from " << path;
  }
  std::string format = path.substr(dot + 1);
  return format == "dll" || format == "dylib" || format == "dso" ? "so" : format;
}

Module load_from_file(const String& path) {
  const std::string format = file_format(path);
  const std::string loader_name = "ffi.Module.load_from_file." + format;
  std::optional<Function> loader = Function::GetGlobal(loader_name);
  if (!loader.has_value()) {
    TVM_FFI_THROW(RuntimeError)
        << "Loader for `." << format << "` files is not registered, resolved to (" << loader_name
        << ") in the global registry.Ensure that you have loaded the correct runtime code, and"
           "that you are on the correct hardware architecture.";
  }
  return (*loader)(path, format).cast<Module>();
}

// Modules that live on without anybody holding them. Never destroyed, so what they hold is not
// unloaded while the process ends.
class PinnedModules {
 public:
  void add(const Module& module) {
    std::lock_guard lock(mutex_);
    modules_.insert(module);
  }
  void remove(const Module& module) {
    decltype(modules_)::node_type removed;  // the module may go here, after the lock
    std::lock_guard lock(mutex_);
    removed = modules_.extract(module);
  }

 private:
  std::mutex mutex_;
  std::unordered_set<Module, ObjectPtrHash, ObjectPtrEqual> modules_;
};

PinnedModules& pinned_modules() {
  static PinnedModules& modules = *new PinnedModules();
  return modules;
}

// The functions that library code found through its context pointer, kept in the module so that
// they can be lent out.
class ImportLookup {
 public:
  FunctionObj* find(ModuleObj* module, const String& name) {
    Map<String, Function>& cache = ModuleObj::InternalUnsafe::ImportLookupCache(module);
    {
      std::lock_guard lock(mutex_);
      auto it = cache.find(name);
      if (it != cache.end()) return borrow((*it).second);
    }
    // Imports may be anybody's code, so unlocked.
    Function found = search(module, name);
    std::lock_guard lock(mutex_);
    auto it = cache.find(name);
    if (it != cache.end()) return borrow((*it).second);
    cache.Set(name, found);
    return borrow(found);
  }

 private:
  static FunctionObj* borrow(const Function& function) {
    return const_cast<FunctionObj*>(function.get());
  }

  static Function search(ModuleObj* module, const String& name) {
    for (const Any& import : module->imports()) {
      Optional<Function> function = import.cast<Module>()->GetFunction(name, true);
      if (function.has_value()) return *function;
    }
    if (std::optional<Function> function = Function::GetGlobal(name)) return *function;
    TVM_FFI_THROW(RuntimeError) << "Cannot find function " << name
                                << " in the imported modules or global registry.";
  }

  std::mutex mutex_;  // guards the caches of all modules
};

ImportLookup& import_lookup() {
  static ImportLookup& lookup = *new ImportLookup();
  return lookup;
}

void register_functions() {
  reflection::GlobalDef()
      .def("ffi.ModuleLoadFromFile", load_from_file)
      .def("ffi.ModuleGetFunction",
           [](const Module& module, const String& name, bool query_imports) {
             return module->GetFunction(name, query_imports);
           })
      .def("ffi.ModuleImplementsFunction",
           [](const Module& module, const String& name, bool query_imports) {
             return module->ImplementsFunction(name, query_imports);
           })
      .def("ffi.ModuleGetFunctionMetadata",
           [](const Module& module, const String& name, bool query_imports) {
             return module->GetFunctionMetadata(name, query_imports);
           })
      .def("ffi.ModuleGetFunctionDoc",
           [](const Module& module, const String& name, bool query_imports) {
             return module->GetFunctionDoc(name, query_imports);
           })
      .def("ffi.ModuleGetPropertyMask",
           [](const Module& module) { return module->GetPropertyMask(); })
      .def("ffi.ModuleInspectSource",
           [](const Module& module, const String& format) { return module->InspectSource(format); })
      .def("ffi.ModuleGetKind", [](const Module& module) { return String(module->kind()); })
      .def("ffi.ModuleGetWriteFormats",
           [](const Module& module) { return module->GetWriteFormats(); })
      .def("ffi.ModuleWriteToFile", [](const Module& module, const String& path,
                                       const String& format) { module->WriteToFile(path, format); })
      .def("ffi.ModuleImportModule",
           [](const Module& module, const Module& other) { module->ImportModule(other); })
      .def("ffi.ModuleClearImports", [](const Module& module) { module->ClearImports(); })
      .def("ffi.ModuleGlobalsAdd", [](const Module& module) { pinned_modules().add(module); })
      .def("ffi.ModuleGlobalsRemove",
           [](const Module& module) { pinned_modules().remove(module); });
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::ObjectDef<ModuleObj>().def_ro("imports_", ModuleObj::InternalUnsafe::kImportsField);
  register_functions();
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIEnvModLookupFromImports(TVMFFIObjectHandle library_ctx, const char* func_name,
                                  TVMFFIObjectHandle* out) {
  return guard([&] {
    auto* module = static_cast<tvm::ffi::ModuleObj*>(library_ctx);
    *out = import_lookup().find(module, func_name);
  });
}
