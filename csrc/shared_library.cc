// SPDX-License-Identifier: Apache-2.0
//
// Shared objects as modules: `ffi.Module.load_from_file.so`.
#include <dlfcn.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <memory>
#include <string>
#include <utility>

#include "library_module.h"

namespace tvm::ffi::library {
namespace {

class SharedLibrary final : public SymbolSource {
 public:
  explicit SharedLibrary(std::string path)
      : path_(std::move(path)), handle_(dlopen(path_.c_str(), RTLD_LAZY | RTLD_LOCAL)) {
    if (handle_ == nullptr) {
      const char* reason = dlerror();
      TVM_FFI_THROW(InternalError) << "Failed to load dynamic shared library " << path_ << " "
                                   << (reason != nullptr ? reason : "for an unknown reason");
    }
  }
  ~SharedLibrary() final { dlclose(handle_); }
  SharedLibrary(const SharedLibrary&) = delete;
  SharedLibrary& operator=(const SharedLibrary&) = delete;

  std::string description() const final { return "the shared library " + path_; }

  void* find_symbol(const std::string& name) final { return dlsym(handle_, name.c_str()); }

  TVMFFISafeCallType find_function(const std::string& name) final {
    return reinterpret_cast<TVMFFISafeCallType>(find_symbol(symbol::tvm_ffi_symbol_prefix + name));
  }

 private:
  std::string path_;
  void* handle_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def(
      "ffi.Module.load_from_file.so", [](const String& path, const String& /*format*/) {
        return load_library(std::make_shared<SharedLibrary>(std::string(path)));
      });
}

}  // namespace
}  // namespace tvm::ffi::library
