// SPDX-License-Identifier: Apache-2.0
//
// Shared objects as modules: `ffi.Module.load_from_file.so`.
#include <dlfcn.h>
#include <elf.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>
#include <cstring>
#include <fstream>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <unordered_map>
#include <utility>

#include "library_load.h"
#include "library_module.h"
#include "older_systems.h"

namespace tvm::ffi::library {
namespace {

template <typename T>
bool read_at(std::ifstream& file, uint64_t offset, T* out) {
  file.seekg(static_cast<std::streamoff>(offset));
  return static_cast<bool>(file.read(reinterpret_cast<char*>(out), sizeof(T)));
}

// Whether the file is an ELF file that ends before its segments do. The loader maps such a file all
// the same, and the first access to what is missing kills the process.
bool is_cut_short(const std::string& path) {
  if (path.find('/') == std::string::npos) return false;  // found by the loader, not by us
  std::ifstream file(path, std::ios::binary);
  Elf64_Ehdr header;
  if (!read_at(file, 0, &header) || std::memcmp(header.e_ident, ELFMAG, SELFMAG) != 0 ||
      header.e_ident[EI_CLASS] != ELFCLASS64) {
    return false;
  }
  uint64_t end = 0;
  for (uint64_t i = 0; i < header.e_phnum; ++i) {
    Elf64_Phdr segment;
    if (!read_at(file, header.e_phoff + i * header.e_phentsize, &segment)) return true;
    if (segment.p_type == PT_LOAD) end = std::max(end, segment.p_offset + segment.p_filesz);
  }
  file.seekg(0, std::ios::end);
  return static_cast<uint64_t>(file.tellg()) < end;
}

// Libraries that failed to register what they have, and why. They stay mapped, since what they did
// register refers to them, and the system would not run their static initialisers again.
class BrokenLibraries {
 public:
  void add(void* handle, const std::string& reason) {
    std::lock_guard lock(mutex_);
    reasons_.emplace(handle, reason);
  }
  std::optional<std::string> find(void* handle) const {
    std::lock_guard lock(mutex_);
    auto it = reasons_.find(handle);
    return it == reasons_.end() ? std::nullopt : std::optional<std::string>(it->second);
  }

 private:
  mutable std::mutex mutex_;
  std::unordered_map<void*, std::string> reasons_;
};

BrokenLibraries& broken_libraries() {
  static BrokenLibraries& libraries = *new BrokenLibraries();
  return libraries;
}

class SharedLibrary final : public SymbolSource {
 public:
  explicit SharedLibrary(std::string path) : path_(std::move(path)) {
    constexpr int kMode = RTLD_LAZY | RTLD_LOCAL;
    const LibraryLoad load;
    // What is loaded already is mapped, whatever its file looks like now.
    handle_ = dlopen(path_.c_str(), kMode | RTLD_NOLOAD);
    if (handle_ == nullptr) {
      if (is_cut_short(path_)) fail(path_ + ": the file is cut short");
      handle_ = dlopen(path_.c_str(), kMode);
    }
    if (handle_ == nullptr) {
      const char* reason = dlerror();
      fail(reason != nullptr ? reason : "for an unknown reason");
    }
    if (load.failure().has_value()) broken_libraries().add(handle_, *load.failure());
    // The handle is not closed: see there.
    if (std::optional<std::string> reason = broken_libraries().find(handle_)) fail(*reason);
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
  [[noreturn]] void fail(const std::string& reason) const {
    TVM_FFI_THROW(InternalError) << "Failed to load dynamic shared library " << path_ << " "
                                 << reason;
  }

  std::string path_;
  void* handle_ = nullptr;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def(
      "ffi.Module.load_from_file.so", [](const String& path, const String& /*format*/) {
        return load_library(std::make_shared<SharedLibrary>(std::string(path)));
      });
}

}  // namespace
}  // namespace tvm::ffi::library
