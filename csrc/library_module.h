// SPDX-License-Identifier: Apache-2.0
//
// Modules made of the symbols of a library: a shared object (shared_library.cc) or what was linked
// into the program (system_lib.cc). Private.
#ifndef TVM_FFI_CSRC_LIBRARY_MODULE_H_
#define TVM_FFI_CSRC_LIBRARY_MODULE_H_

#include <tvm/ffi/c_api.h>
#include <tvm/ffi/extra/module.h>

#include <memory>
#include <string>

namespace tvm::ffi::library {

// Modules and their functions share it; the last one to go closes it. Lookups may come from any
// thread.
class SymbolSource {
 public:
  virtual ~SymbolSource() = default;
  // Names the library in errors, with what it is: "the shared library /a/b.so".
  virtual std::string description() const = 0;
  // NULL if there is no such symbol.
  virtual void* find_symbol(const std::string& name) = 0;
  // The exported function that a module calls `name`; NULL if there is none.
  virtual TVMFFISafeCallType find_function(const std::string& name) = 0;
};

// Builds what the library holds, the modules embedded in it or the one of its own functions, and
// stores the context pointers it asks for.
Module load_library(const std::shared_ptr<SymbolSource>& library);

// The module of the library's own functions.
Module make_library_module(const std::shared_ptr<SymbolSource>& library);

// Rebuilds the modules that were serialized into the library at `data`, and returns the first one.
// Throws RuntimeError if the data is damaged or a kind has no loader.
Module load_embedded_modules(const std::shared_ptr<SymbolSource>& library, const char* data);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_LIBRARY_MODULE_H_
