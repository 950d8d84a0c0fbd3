// SPDX-License-Identifier: Apache-2.0
//
// Functions: wrapping C callbacks, calling, and the table of global functions.
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <atomic>
#include <map>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "internal.h"
#include "library_load.h"
#include "older_systems.h"

namespace tvm::ffi::library {
namespace {

// A callback that ignores its handle.
class PlainCallback : public FunctionObj {
 public:
  explicit PlainCallback(TVMFFISafeCallType callback) {
    safe_call = callback;
    cpp_call = nullptr;
  }
};

// A callback with a context of its own.
class BoundCallback : public FunctionObj {
 public:
  BoundCallback(void* self, TVMFFISafeCallType callback, void (*deleter)(void*))
      : self_(self), callback_(callback), deleter_(deleter) {
    safe_call = forward;
    cpp_call = nullptr;
  }
  ~BoundCallback() {
    if (deleter_ != nullptr) outlive_interpreter([this] { deleter_(self_); });
  }

 private:
  static int forward(void* handle, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    auto* bound = static_cast<BoundCallback*>(static_cast<Object*>(handle));
    return outlive_interpreter(
        [&] { return bound->callback_(bound->self_, args, num_args, result); });
  }

  void* self_;
  TVMFFISafeCallType callback_;
  void (*deleter_)(void*);
};

ObjectPtr<FunctionObj> make_function(void* self, TVMFFISafeCallType callback,
                                     void (*deleter)(void*)) {
  if (self == nullptr && deleter == nullptr) return make_object<PlainCallback>(callback);
  return make_object<BoundCallback>(self, callback, deleter);
}

struct GlobalFunction {
  Function function;  // may be null
  std::string doc;
  std::string metadata;
  int64_t flags = 0;
};

// The functions of the process by name. What leaves the table is handed out, to be released when
// the lock is not held.
class GlobalFunctions {
 public:
  // Null if there is none.
  Function find(std::string_view name) const {
    std::shared_lock lock(mutex_);
    auto it = by_name_.find(name);
    return it == by_name_.end() ? Function(nullptr) : it->second.function;
  }

  // False, and no change, if the name is taken and must not be overridden. On return `entry` holds
  // what was replaced or refused.
  bool set(std::string_view name, GlobalFunction* entry, bool allow_override) {
    std::unique_lock lock(mutex_);
    auto [it, is_new] = by_name_.try_emplace(std::string(name));
    if (!is_new && !allow_override) return false;
    std::swap(it->second, *entry);
    return true;
  }

  // False if there is none.
  bool remove(std::string_view name) {
    std::map<std::string, GlobalFunction>::node_type removed;
    std::unique_lock lock(mutex_);
    auto it = by_name_.find(name);
    if (it == by_name_.end()) return false;
    removed = by_name_.extract(it);
    return true;
  }

  std::vector<String> names() const {
    std::shared_lock lock(mutex_);
    std::vector<String> names;
    names.reserve(by_name_.size());
    for (const auto& entry : by_name_) names.emplace_back(entry.first);
    return names;
  }

  std::optional<std::string> metadata(std::string_view name) const {
    std::shared_lock lock(mutex_);
    auto it = by_name_.find(name);
    if (it == by_name_.end()) return std::nullopt;
    return it->second.metadata;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::map<std::string, GlobalFunction, std::less<>> by_name_;
};

GlobalFunctions& global_functions() {
  static GlobalFunctions& functions = *new GlobalFunctions();
  return functions;
}

void set_global(std::string_view name, GlobalFunction entry, bool allow_override) {
  if (global_functions().set(name, &entry, allow_override)) return;
  TVM_FFI_THROW(RuntimeError) << "Global Function `" << name << "` is already registered";
}

void set_global_from_method(const TVMFFIMethodInfo& info, bool allow_override) {
  if (info.method.type_index == kTVMFFINone) {
    TVM_FFI_THROW(TypeError) << "Cannot convert from type `None` to `ffi.Function`";
  }
  GlobalFunction entry{AnyView::CopyFromTVMFFIAny(info.method).cast<Function>(),
                       std::string(view(info.doc)), std::string(view(info.metadata)), info.flags};
  if (global_functions().set(view(info.name), &entry, allow_override)) return;
  // Logged too: this happens in load-time constructors, where nobody catches it.
  TVM_FFI_LOG_AND_THROW(RuntimeError)
      << "Global Function `" << view(info.name) << "` is already registered, possible causes:\n"
      << "- Two GlobalDef().def registrations for the same function \n"
      << "Please remove the duplicate registration.";
}

// A snapshot: f(i) is the name at i, f(-1) how many there are.
Function list_global_names() {
  return Function::FromTyped([names = global_functions().names()](int64_t index) -> Any {
    const auto count = static_cast<int64_t>(names.size());
    if (index < 0) return count;
    if (index >= count) {
      TVM_FFI_THROW(IndexError) << "Index " << index << " out of bounds " << count;
    }
    return names[index];
  });
}

String global_metadata(const String& name) {
  const std::optional<std::string> metadata =
      global_functions().metadata({name.data(), name.size()});
  if (!metadata) TVM_FFI_THROW(RuntimeError) << "Global Function is not found: " << name;
  return *metadata;
}

Function function_from_extern_c(void* self, void* safe_call, void* deleter) {
  return Function::FromExternC(self, reinterpret_cast<TVMFFISafeCallType>(safe_call),
                               reinterpret_cast<void (*)(void*)>(deleter));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.FunctionRemoveGlobal",
           [](const String& name) {
             return global_functions().remove({name.data(), name.size()});
           })
      .def("ffi.FunctionListGlobalNamesFunctor", list_global_names)
      .def("ffi.GetGlobalFuncMetadata", global_metadata)
      .def("ffi.FunctionFromExternC", function_from_extern_c);
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;
using tvm::ffi::Function;
using tvm::ffi::detail::ObjectUnsafe;

int TVMFFIFunctionCreate(void* self, TVMFFISafeCallType safe_call, void (*deleter)(void* self),
                         TVMFFIObjectHandle* out) {
  return guard([&] {
    *out = ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(make_function(self, safe_call, deleter));
  });
}

int TVMFFIFunctionGetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle* out) {
  return guard([&] {
    *out = ObjectUnsafe::MoveObjectRefToTVMFFIObjectPtr(global_functions().find(view(*name)));
  });
}

int TVMFFIFunctionSetGlobal(const TVMFFIByteArray* name, TVMFFIObjectHandle f, int allow_override) {
  return guard_registration([&] {
    Function function(
        ObjectUnsafe::ObjectPtrFromUnowned<tvm::ffi::FunctionObj>(static_cast<TVMFFIObject*>(f)));
    set_global(view(*name), {std::move(function), "", "", kTVMFFIFieldFlagBitMaskIsStaticMethod},
               allow_override != 0);
  });
}

int TVMFFIFunctionSetGlobalFromMethodInfo(const TVMFFIMethodInfo* method_info, int allow_override) {
  return guard_registration([&] { set_global_from_method(*method_info, allow_override != 0); });
}

int TVMFFIFunctionCall(TVMFFIObjectHandle func, TVMFFIAny* args, int32_t num_args,
                       TVMFFIAny* result) {
  const int status = TVMFFIFunctionGetCellPtr(func)->safe_call(func, args, num_args, result);
  // No tail call: a backtrace ends where it finds this function's frame.
  std::atomic_signal_fence(std::memory_order_seq_cst);
  return status;
}

int TVMFFIAnyViewToOwnedAny(const TVMFFIAny* any_view, TVMFFIAny* out) {
  return guard([&] {
    tvm::ffi::Any owned(tvm::ffi::AnyView::CopyFromTVMFFIAny(*any_view));
    *out = tvm::ffi::detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(owned));
  });
}
