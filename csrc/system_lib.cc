// SPDX-License-Identifier: Apache-2.0
//
// The system library: functions linked into the program that registered their symbols by name,
// as modules: `ffi.SystemLib`.
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdio>
#include <map>
#include <memory>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <unordered_map>
#include <utility>

#include "internal.h"
#include "library_module.h"
#include "older_systems.h"

namespace tvm::ffi::library {
namespace {

class SystemSymbols {
 public:
  // Returns the symbol that had the name before, or NULL.
  void* set(const std::string& name, void* symbol) {
    std::unique_lock lock(mutex_);
    return std::exchange(symbols_[name], symbol);
  }
  void* find(const std::string& name) const {
    std::shared_lock lock(mutex_);
    auto it = symbols_.find(name);
    return it == symbols_.end() ? nullptr : it->second;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<std::string, void*> symbols_;
};

SystemSymbols& system_symbols() {
  static SystemSymbols& symbols = *new SystemSymbols();
  return symbols;
}

// The system library as seen by code whose symbols start with the prefix. Symbols without it serve
// as a fallback.
class SystemLibrary final : public SymbolSource {
 public:
  explicit SystemLibrary(std::string prefix) : prefix_(std::move(prefix)) {}

  std::string description() const final {
    return prefix_.empty() ? "the system library" : "the system library with the prefix " + prefix_;
  }
  void* find_symbol(const std::string& name) final { return find("", name); }
  TVMFFISafeCallType find_function(const std::string& name) final {
    return reinterpret_cast<TVMFFISafeCallType>(find(symbol::tvm_ffi_symbol_prefix, name));
  }

 private:
  void* find(const std::string& start, const std::string& name) const {
    void* prefixed = system_symbols().find(start + prefix_ + name);
    return prefixed != nullptr ? prefixed : system_symbols().find(start + name);
  }

  std::string prefix_;
};

// One module per prefix, kept for the life of the process.
class SystemModules {
 public:
  Module get(const std::string& prefix) {
    {
      std::lock_guard lock(mutex_);
      auto it = modules_.find(prefix);
      if (it != modules_.end()) return it->second;
    }
    // Loading runs foreign code, so unlocked. If two threads get here, the first to finish wins.
    Module loaded = load_library(std::make_shared<SystemLibrary>(prefix));
    std::lock_guard lock(mutex_);
    return modules_.emplace(prefix, loaded).first->second;
  }

 private:
  std::mutex mutex_;
  std::map<std::string, Module> modules_;
};

Module system_library(const std::string& prefix) {
  static SystemModules& modules = *new SystemModules();
  return modules.get(prefix);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def_packed("ffi.SystemLib", [](PackedArgs args, Any* result) {
    *result = system_library(args.size() == 0 ? String() : args[0].cast<String>());
  });
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIEnvModRegisterSystemLibSymbol(const char* name, void* symbol) {
  return guard([&] {
    void* old = system_symbols().set(name, symbol);
    if (old != nullptr && old != symbol) {
      std::fprintf(stderr,
                   "Warning:SystemLib symbol %s get overriden to a different address %p->%p\n",
                   name, symbol, old);
    }
  });
}
