// SPDX-License-Identifier: Apache-2.0
//
// Module: a set of functions under names, such as a loaded library. Classes derived from ModuleObj
// make modules of other kinds.
#ifndef TVM_FFI_EXTRA_MODULE_H_
#define TVM_FFI_EXTRA_MODULE_H_

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/extra/base.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/object.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/string.h>

#include <utility>
#include <vector>

namespace tvm {
namespace ffi {

class Module;

// The library and clients call each other's modules through the table of virtual functions: their
// order and signatures are part of the contract, there is no virtual destructor, and the object
// header follows the table pointer. Any of them may throw.
class TVM_FFI_EXTRA_CXX_API ModuleObj : public Object {
 public:
  // A constant name of the class, such as "library".
  virtual const char* kind() const = 0;
  // A set of Module::ModulePropertyMask.
  virtual int GetPropertyMask() const { return 0; }
  // Of this module, not of its imports.
  virtual Optional<Function> GetFunction(const String& name) = 0;
  virtual bool ImplementsFunction(const String& name) { return GetFunction(name).has_value(); }
  virtual Optional<String> GetFunctionDoc(const String&) { return std::nullopt; }
  // JSON, with the type schema of the function.
  virtual Optional<String> GetFunctionMetadata(const String&) { return std::nullopt; }
  virtual void WriteToFile(const String& /*file_name*/, const String& /*format*/) const {
    ThrowUnsupported("WriteToFile");
  }
  virtual Array<String> GetWriteFormats() const { return Array<String>(); }
  virtual Bytes SaveToBytes() const { ThrowUnsupported("SaveToBytes"); }
  virtual String InspectSource(const String& /*format*/) const { return String(); }
  // RuntimeError if this module is `other` or one of its imports, near or far.
  virtual void ImportModule(const Module& other);
  virtual void ClearImports() { imports_ = Array<Any>(); }

  // With query_imports also of the imports and theirs, depth first; the first one that has it.
  Optional<Function> GetFunction(const String& name, bool query_imports);
  bool ImplementsFunction(const String& name, bool query_imports);
  Optional<String> GetFunctionDoc(const String& name, bool query_imports);
  Optional<String> GetFunctionMetadata(const String& name, bool query_imports);

  // Modules.
  const Array<Any>& imports() const { return imports_; }

  // For the library.
  struct InternalUnsafe;

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIModule;
  static constexpr bool _type_mutable = true;
  // All modules have this one type index; what they are is up to their virtual functions.
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIModule, ModuleObj, Object);

 protected:
  friend struct InternalUnsafe;

  Array<Any> imports_;

 private:
  // Functions that library code found among the imports, for TVMFFIEnvModLookupFromImports.
  Map<String, Function> import_lookup_cache_;

  [[noreturn]] TVM_FFI_COLD void ThrowUnsupported(const char* what) const {
    TVM_FFI_THROW(RuntimeError) << "Module[" << kind() << "] does not support " << what;
    TVM_FFI_UNREACHABLE();
  }
};

struct ModuleObj::InternalUnsafe {
  static constexpr Array<Any> ModuleObj::*kImportsField = &ModuleObj::imports_;
  static Array<Any>& Imports(ModuleObj* module) { return module->imports_; }
  static Map<String, Function>& ImportLookupCache(ModuleObj* module) {
    return module->import_lookup_cache_;
  }
};

// Never null.
class Module : public ObjectRef {
 public:
  enum ModulePropertyMask : int {
    kBinarySerializable = 1 << 0,    // SaveToBytes works, and a loader for the kind exists
    kRunnable = 1 << 1,              // has functions
    kCompilationExportable = 1 << 2  // WriteToFile gives something to compile or link
  };

  explicit Module(const ObjectPtr<ModuleObj>& ptr) : ObjectRef(ptr) {
    TVM_FFI_ICHECK(ptr != nullptr);
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Module, ObjectRef, ModuleObj);

  // Loads by the file's extension, with the global function
  // `ffi.Module.load_from_file.<extension>`.
  static Module LoadFromFile(const String& file_name) {
    return Function::GetGlobalRequired("ffi.ModuleLoadFromFile")(file_name).cast<Module>();
  }

  // Calls callback(name, address) for every symbol that TVMFFIEnvModRegisterContextSymbol
  // registered, in that order. For loaders of other kinds of libraries.
  static void VisitContextSymbols(const TypedFunction<void(String, void*)>& callback) {
    Function::GetGlobalRequired("ffi.ModuleVisitContextSymbols")(callback);
  }
};

// ---- Symbols of a loadable library -------------------------------------------------------------

namespace symbol {

// Before the name of each function.
constexpr const char* tvm_ffi_symbol_prefix = "__tvm_ffi_";
// The function called `main`.
constexpr const char* tvm_ffi_main = "__tvm_ffi_main";
// A void* that receives the context pointer of the library, which is a ModuleObj*.
constexpr const char* tvm_ffi_library_ctx = "__tvm_ffi__library_ctx";
// Embedded modules.
constexpr const char* tvm_ffi_library_bin = "__tvm_ffi__library_bin";
// Before the name of a function: functions that return its metadata and its documentation.
constexpr const char* tvm_ffi_metadata_prefix = "__tvm_ffi__metadata_";
constexpr const char* tvm_ffi_doc_prefix = "__tvm_ffi__doc_";

}  // namespace symbol

// ---- Imports -----------------------------------------------------------------------------------

namespace detail {

inline ModuleObj* ImportedModule(const Any& import) {
  return AnyUnsafe::RawObjectPtrFromAnyAfterCheck<ModuleObj>(import);
}

// The first engaged find(module) among the module and, depth first, its imports.
template <typename F>
auto FindInImports(const Array<Any>& imports, const F& find) {
  decltype(find(nullptr)) found{};
  for (const Any& import : *imports.GetArrayObj()) {
    found = find(ImportedModule(import));
    if (found) break;
  }
  return found;
}

}  // namespace detail

inline Optional<Function> ModuleObj::GetFunction(const String& name, bool query_imports) {
  Optional<Function> found = GetFunction(name);
  if (found || !query_imports) return found;
  return detail::FindInImports(
      imports_, [&name](ModuleObj* module) { return module->GetFunction(name, true); });
}

inline bool ModuleObj::ImplementsFunction(const String& name, bool query_imports) {
  if (ImplementsFunction(name)) return true;
  return query_imports && detail::FindInImports(imports_, [&name](ModuleObj* module) {
           return module->ImplementsFunction(name, true);
         });
}

inline Optional<String> ModuleObj::GetFunctionDoc(const String& name, bool query_imports) {
  Optional<String> found = GetFunctionDoc(name);
  if (found || !query_imports) return found;
  return detail::FindInImports(
      imports_, [&name](ModuleObj* module) { return module->GetFunctionDoc(name, true); });
}

inline Optional<String> ModuleObj::GetFunctionMetadata(const String& name, bool query_imports) {
  Optional<String> found = GetFunctionMetadata(name);
  if (found || !query_imports) return found;
  return detail::FindInImports(
      imports_, [&name](ModuleObj* module) { return module->GetFunctionMetadata(name, true); });
}

inline void ModuleObj::ImportModule(const Module& other) {
  std::vector<ModuleObj*> reachable{other.get()};
  for (size_t i = 0; i < reachable.size(); ++i) {
    if (reachable[i] == this) {
      TVM_FFI_THROW(RuntimeError) << "Cyclic dependency detected during import";
    }
    for (const Any& import : *reachable[i]->imports_.GetArrayObj()) {
      ModuleObj* module = detail::ImportedModule(import);
      bool seen = false;
      for (ModuleObj* known : reachable) seen = seen || known == module;
      if (!seen) reachable.push_back(module);
    }
  }
  imports_.push_back(other);
}

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_EXTRA_MODULE_H_
