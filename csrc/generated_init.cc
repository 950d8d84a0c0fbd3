// SPDX-License-Identifier: Apache-2.0
//
// The constructor a type gets when it declares none: `ffi._RegisterFFIInit`. It takes the values of
// the fields by position, those without a default first; then, after the KWARGS sentinel, names and
// values in turn.
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/registry.h>

#include <sstream>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "creation.h"
#include "internal.h"

namespace tvm::ffi::library {
namespace {

bool has_flag(const TVMFFIFieldInfo* field, int64_t flag) { return (field->flags & flag) != 0; }
bool has_default(const TVMFFIFieldInfo* field) {
  return has_flag(field, kTVMFFIFieldFlagBitMaskHasDefault);
}
bool is_parameter(const TVMFFIFieldInfo* field) {
  return !has_flag(field, kTVMFFIFieldFlagBitMaskInitOff);
}
bool is_positional(const TVMFFIFieldInfo* field) {
  return is_parameter(field) && !has_flag(field, kTVMFFIFieldFlagBitMaskKwOnly);
}

bool is_kwargs_sentinel(AnyView value) {
  return value.type_index() == kTVMFFIObject && value.CopyToTVMFFIAny().v_obj == kwargs_object();
}

// The parameters of a constructor.
class Signature {
 public:
  explicit Signature(const TVMFFITypeInfo* type)
      : type(type), name(std::string(view(type->type_key)) + ".__ffi_init__()") {
    reflection::ForEachFieldInfo(type,
                                 [&](const TVMFFIFieldInfo* field) { fields.push_back(field); });
    for (bool with_default : {false, true}) {
      for (size_t i = 0; i < fields.size(); ++i) {
        if (is_positional(fields[i]) && has_default(fields[i]) == with_default) {
          positional.push_back(i);
        }
      }
    }
    for (size_t i = 0; i < fields.size(); ++i) {
      if (is_parameter(fields[i])) by_name[view(fields[i]->name)] = i;
    }
  }

  template <typename... Parts>
  [[noreturn]] void refuse(const Parts&... parts) const {
    std::ostringstream message(std::ios_base::out);
    ((message << name << ' ') << ... << parts);
    TVM_FFI_THROW(TypeError) << message.str();
  }

  const TVMFFITypeInfo* type;
  std::string name;
  // In the order of iteration. Records of the type table stay in place for ever.
  std::vector<const TVMFFIFieldInfo*> fields;
  std::vector<size_t> positional;                        // positions in `fields`
  std::unordered_map<std::string_view, size_t> by_name;  // parameters only
};

// One object in the making.
class Construction {
 public:
  explicit Construction(const Signature& signature)
      : signature_(signature),
        object_(CreateEmptyObject(signature.type)),
        is_set_(signature.fields.size()) {}

  void set_positional(size_t position, AnyView value) {
    set(signature_.positional[position], value);
  }

  void set_named(const String& name, AnyView value) {
    auto it = signature_.by_name.find({name.data(), name.size()});
    if (it == signature_.by_name.end()) {
      signature_.refuse("got an unexpected keyword argument '", name, "'");
    }
    if (is_set_[it->second]) signature_.refuse("got multiple values for argument '", name, "'");
    set(it->second, value);
  }

  ObjectRef finish() {
    for (size_t i = 0; i < signature_.fields.size(); ++i) {
      if (!is_set_[i]) leave_out(signature_.fields[i]);
    }
    return ObjectRef(std::move(object_));
  }

 private:
  void set(size_t index, AnyView value) {
    const TVMFFIFieldInfo* field = signature_.fields[index];
    is_set_[index] = true;
    try {
      set_field(object_.get(), field, value);
    } catch (const Error& error) {
      rethrow("field", field, error);
    }
  }

  void leave_out(const TVMFFIFieldInfo* field) {
    if (has_default(field)) return set_to_default(field);
    if (!is_parameter(field)) return;  // it keeps what the creator gave it
    signature_.refuse("missing required ", is_positional(field) ? "" : "keyword-only ",
                      "argument: '", view(field->name), "'");
  }

  void set_to_default(const TVMFFIFieldInfo* field) {
    try {
      reflection::SetFieldToDefault(field, field_address(object_.get(), field));
    } catch (const Error& error) {
      rethrow("default for field", field, error);
    }
  }

  [[noreturn]] void rethrow(const char* what, const TVMFFIFieldInfo* field,
                            const Error& error) const {
    std::string message = signature_.name + " " + what + " '";
    message.append(view(field->name)).append("':\n  ");
    for (char c : error.message()) {
      message += c;
      if (c == '\n') message += "  ";
    }
    throw Error(error.kind(), message, error.backtrace(), error, std::nullopt);
  }

  const Signature& signature_;
  ObjectPtr<Object> object_;
  std::vector<bool> is_set_;  // by position in the fields
};

class Constructor {
 public:
  explicit Constructor(const TVMFFITypeInfo* type) : signature_(type) {}

  void operator()(PackedArgs args, Any* result) const {
    int num_positional = 0;
    while (num_positional < args.size() && !is_kwargs_sentinel(args[num_positional])) {
      ++num_positional;
    }
    if (num_positional > static_cast<int>(signature_.positional.size())) {
      signature_.refuse("takes at most ", signature_.positional.size(),
                        " positional argument(s), but ", num_positional, " were given");
    }
    const int first_name = num_positional + 1;
    if (first_name < args.size() && (args.size() - first_name) % 2 != 0) {
      signature_.refuse("KWARGS requires an even number of key-value arguments");
    }
    Construction construction(signature_);
    for (int i = 0; i < num_positional; ++i) construction.set_positional(i, args[i]);
    for (int i = first_name; i < args.size(); i += 2) {
      construction.set_named(args[i].cast<String>(), args[i + 1]);
    }
    *result = construction.finish();
  }

 private:
  Signature signature_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi._RegisterFFIInit", [](int64_t type_index) {
    register_generated_init(registered_type(type_index));
  });
}

}  // namespace

void register_generated_init(const TVMFFITypeInfo* type) {
  const Any init = Function::FromPacked(Constructor(type));
  const TVMFFIByteArray name = byte_array("__ffi_init__");
  TVM_FFI_CHECK_SAFE_CALL(
      TVMFFITypeRegisterAttr(type->type_index, &name, reinterpret_cast<const TVMFFIAny*>(&init)));
}

}  // namespace tvm::ffi::library
