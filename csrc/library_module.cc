// SPDX-License-Identifier: Apache-2.0
//
// The module of a library's own functions, and the context pointers a library receives when it is
// loaded.
#include "library_module.h"

#include <tvm/ffi/cast.h>
#include <tvm/ffi/extra/c_env_api.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <mutex>
#include <utility>
#include <vector>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

// An exported function. It keeps its module alive, and with it the library.
class LibraryFunctionObj : public FunctionObj {
 public:
  LibraryFunctionObj(TVMFFISafeCallType symbol, ObjectPtr<Object> module)
      : symbol_(symbol), module_(std::move(module)) {
    safe_call = call;
    cpp_call = nullptr;
  }

 private:
  static int call(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    if (result->type_index >= kTVMFFIStaticObjectBegin) {
      return guard([&] { TVM_FFI_ICHECK_LT(result->type_index, kTVMFFIStaticObjectBegin); });
    }
    auto* self = static_cast<LibraryFunctionObj*>(static_cast<Object*>(handle));
    return self->symbol_(nullptr, args, num_args, result);
  }

  TVMFFISafeCallType symbol_;
  ObjectPtr<Object> module_;
};

class LibraryModuleObj : public ModuleObj {
 public:
  explicit LibraryModuleObj(std::shared_ptr<SymbolSource> library) : library_(std::move(library)) {}

  const char* kind() const final { return "library"; }
  int GetPropertyMask() const final { return Module::kBinarySerializable | Module::kRunnable; }

  Optional<Function> GetFunction(const String& name) final {
    TVMFFISafeCallType symbol = library_->find_function(name);
    if (symbol == nullptr) return std::nullopt;
    return Function(make_object<LibraryFunctionObj>(symbol, GetObjectPtr<Object>(this)));
  }
  bool ImplementsFunction(const String& name) final {
    return library_->find_function(name) != nullptr;
  }
  Optional<String> GetFunctionDoc(const String& name) final {
    return text(symbol::tvm_ffi_doc_prefix, name);
  }
  Optional<String> GetFunctionMetadata(const String& name) final {
    return text(symbol::tvm_ffi_metadata_prefix, name);
  }

 private:
  // What the function prefix + name returns, if the library exports it.
  Optional<String> text(const char* prefix, const String& name) {
    void* symbol = library_->find_symbol(std::string(prefix) + std::string(name));
    if (symbol == nullptr) return std::nullopt;
    return Function::InvokeExternC(nullptr, reinterpret_cast<TVMFFISafeCallType>(symbol))
        .cast<String>();
  }

  std::shared_ptr<SymbolSource> library_;
};

// In the order of registration.
class ContextSymbols {
 public:
  void add(std::string name, void* symbol) {
    std::lock_guard lock(mutex_);
    symbols_.emplace_back(std::move(name), symbol);
  }
  std::vector<std::pair<std::string, void*>> list() const {
    std::lock_guard lock(mutex_);
    return symbols_;
  }

 private:
  mutable std::mutex mutex_;
  std::vector<std::pair<std::string, void*>> symbols_;
};

ContextSymbols& context_symbols() {
  static ContextSymbols& symbols = *new ContextSymbols();
  return symbols;
}

void store_pointer(SymbolSource& library, const std::string& variable, void* pointer) {
  if (void* address = library.find_symbol(variable)) *static_cast<void**>(address) = pointer;
}

// For loaders of clients, which hand out the pointers themselves.
TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi.ModuleVisitContextSymbols",
                              [](const TypedFunction<void(String, void*)>& callback) {
                                for (const auto& [name, pointer] : context_symbols().list()) {
                                  callback(name, pointer);
                                }
                              });
}

}  // namespace

Module make_library_module(const std::shared_ptr<SymbolSource>& library) {
  ObjectPtr<ModuleObj> module = make_object<LibraryModuleObj>(library);
  // Library code hands this pointer to TVMFFIEnvModLookupFromImports: that of the C++ object, not
  // that of its header.
  store_pointer(*library, symbol::tvm_ffi_library_ctx, module.get());
  return Module(std::move(module));
}

Module load_library(const std::shared_ptr<SymbolSource>& library) {
  for (const auto& [name, pointer] : context_symbols().list()) {
    store_pointer(*library, name, pointer);
  }
  if (void* embedded = library->find_symbol(symbol::tvm_ffi_library_bin)) {
    return load_embedded_modules(library, static_cast<const char*>(embedded));
  }
  return make_library_module(library);
}

}  // namespace tvm::ffi::library

int TVMFFIEnvModRegisterContextSymbol(const char* name, void* symbol) {
  return tvm::ffi::library::guard([&] { tvm::ffi::library::context_symbols().add(name, symbol); });
}
