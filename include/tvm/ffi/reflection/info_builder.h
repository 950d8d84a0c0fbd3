// SPDX-License-Identifier: Apache-2.0
//
// What a registration says about a field or a method: the traits users pass, and the records built
// from them. No code here depends on the type of the field or the function.
#ifndef TVM_FFI_REFLECTION_INFO_BUILDER_H_
#define TVM_FFI_REFLECTION_INFO_BUILDER_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/string.h>

#include <cstdint>           // int64_t
#include <initializer_list>  // Metadata
#include <string>            // std::string
#include <type_traits>       // std::true_type
#include <utility>           // std::move

namespace tvm {
namespace ffi {
namespace reflection {

// ---- Traits ------------------------------------------------------------------------------------

// Base of all traits.
struct InfoTrait {};

// JSON entries about a field, method or function. Values are int, bool or str: TypeError otherwise.
class Metadata : public InfoTrait {
 public:
  struct Entry {
    String key;
    Any value;
  };

  TVM_FFI_COLD Metadata(std::initializer_list<Entry> entries) {
    ffi::detail::MessageStream json;
    for (const Entry& entry : entries) {
      json << "," << std::string(EscapeStringJSON(entry.key)) << ":";
      switch (entry.value.type_index()) {
        case TypeIndex::kTVMFFIInt:
          json << entry.value.cast<int64_t>();
          break;
        case TypeIndex::kTVMFFIBool:
          json << (entry.value.cast<bool>() ? "true" : "false");
          break;
        case TypeIndex::kTVMFFISmallStr:
        case TypeIndex::kTVMFFIStr:
          json << std::string(EscapeStringJSON(entry.value.cast<String>()));
          break;
        default:
          TVM_FFI_LOG_AND_THROW(TypeError)
              << "Metadata can be only int, bool or string, but on key `" << std::string(entry.key)
              << "`, the type is " << entry.value.GetTypeKey();
      }
    }
    json_ = json.Take();
  }

  // `,"key":value` for each entry.
  const std::string& json() const { return json_; }

 private:
  std::string json_;
};

// The value of a field that is not given.
class DefaultValue : public InfoTrait {
 public:
  explicit DefaultValue(Any value) : value_(std::move(value)) {}
  const Any& value() const { return value_; }

 private:
  Any value_;
};
using default_value = DefaultValue;

// A function without parameters that makes the value of a field that is not given.
class DefaultFactory : public InfoTrait {
 public:
  explicit DefaultFactory(Function factory) : value_(std::move(factory)) {}
  const Any& value() const { return value_; }

 private:
  Any value_;
};
using default_factory = DefaultFactory;

class AttachFieldFlag : public InfoTrait {
 public:
  explicit AttachFieldFlag(int32_t flag) : flag_(flag) {}

  // Structural equality, hash and visits leave the field out.
  static AttachFieldFlag SEqHashIgnore() {
    return AttachFieldFlag(kTVMFFIFieldFlagBitMaskSEqHashIgnore);
  }
  // The field defines the variables in it, and all free variables below them.
  static AttachFieldFlag SEqHashDefPattern() {
    return AttachFieldFlag(kTVMFFIFieldFlagBitMaskSEqHashDefPattern);
  }
  // The field defines the variables in it; what is below them is use.
  static AttachFieldFlag SEqHashDefSimple() {
    return AttachFieldFlag(kTVMFFIFieldFlagBitMaskSEqHashDefSimple);
  }
  // Names of the last two before 0.1.15.
  static AttachFieldFlag SEqHashDefRecursive() { return SEqHashDefPattern(); }
  static AttachFieldFlag SEqHashDefNonRecursive() { return SEqHashDefSimple(); }

  int32_t flag() const { return flag_; }

 private:
  int32_t flag_;
};

namespace detail {

// Sets a flag when the value given is kFlagWhen.
template <int64_t kFlag, bool kFlagWhen>
class FlagTrait : public InfoTrait {
 public:
  explicit constexpr FlagTrait(bool value) : value_(value) {}
  constexpr int64_t flag() const { return value_ == kFlagWhen ? kFlag : 0; }

 private:
  bool value_;
};

}  // namespace detail

// Whether the field shows in repr, takes part in comparison, in recursive hash.
struct repr : detail::FlagTrait<kTVMFFIFieldFlagBitMaskReprOff, false> {
  using FlagTrait::FlagTrait;
};
struct compare : detail::FlagTrait<kTVMFFIFieldFlagBitMaskCompareOff, false> {
  using FlagTrait::FlagTrait;
};
struct hash : detail::FlagTrait<kTVMFFIFieldFlagBitMaskHashOff, false> {
  using FlagTrait::FlagTrait;
};
// Whether the constructor made from the fields takes the field by keyword only.
struct kw_only : detail::FlagTrait<kTVMFFIFieldFlagBitMaskKwOnly, true> {
  using FlagTrait::FlagTrait;
};

// Three uses: init<Args...>() defines a constructor from Args; init(false) for a field keeps it out
// of the constructor made from the fields; init(false) for a class asks for no such constructor.
template <typename... Args>
struct init : detail::FlagTrait<kTVMFFIFieldFlagBitMaskInitOff, false> {
  constexpr init() : FlagTrait(true) {}
  explicit constexpr init(bool value) : FlagTrait(value) {}
};
init(bool)->init<>;

// ---- Records -----------------------------------------------------------------------------------

namespace detail {

// What every field of one C++ type shares.
struct FieldType {
  int64_t size;
  int64_t alignment;
  int32_t static_type_index;
  TVMFFIFieldGetter getter;
  TVMFFIFieldSetter setter;
  ffi::detail::TypeDescriber describe;
};

// The metadata of a record: one JSON object, closed when it is read.
class MetadataText {
 public:
  MetadataText(const MetadataText&) = delete;
  MetadataText& operator=(const MetadataText&) = delete;

  void Apply(const Metadata& metadata) { text_ += metadata.json(); }

 protected:
  TVM_FFI_COLD explicit MetadataText(const std::string& schema) : text_(R"({"type_schema":)") {
    text_ += std::string(EscapeStringJSON(schema));
  }
  TVMFFIByteArray Close() {
    text_ += '}';
    return TVMFFIByteArray{text_.data(), text_.size()};
  }

 private:
  std::string text_;
};

// The record itself, with what fields and methods have in common.
template <typename TVMFFIInfo>
class InfoBuilder : public MetadataText {
 public:
  using MetadataText::Apply;
  void Apply(const char* doc) { info_.doc = AsByteArray(doc); }
  void Apply(const std::string& doc) { info_.doc = TVMFFIByteArray{doc.data(), doc.size()}; }

 protected:
  InfoBuilder(const char* name, int64_t flags, const std::string& schema)
      : MetadataText(schema), info_() {
    info_.name = AsByteArray(name);
    info_.flags = flags;
  }
  const TVMFFIInfo* Finish() {
    info_.metadata = Close();
    return &info_;
  }

  TVMFFIInfo info_;
};

class FieldInfoBuilder : public InfoBuilder<TVMFFIFieldInfo> {
 public:
  TVM_FFI_COLD FieldInfoBuilder(const char* name, int64_t flags, int64_t offset,
                                const FieldType& type)
      : InfoBuilder(name, flags, type.describe(ffi::detail::TypeText::kSchema, nullptr)) {
    info_.size = type.size;
    info_.alignment = type.alignment;
    info_.offset = offset;
    info_.getter = type.getter;
    info_.setter = reinterpret_cast<void*>(type.setter);
    info_.field_static_type_index = type.static_type_index;
  }
  TVM_FFI_COLD ~FieldInfoBuilder() {}

  using InfoBuilder::Apply;
  void Apply(const DefaultValue& trait) {
    SetDefault(kTVMFFIFieldFlagBitMaskHasDefault, trait.value());
  }
  void Apply(const DefaultFactory& trait) {
    SetDefault(kTVMFFIFieldFlagBitMaskHasDefault | kTVMFFIFieldFlagBitMaskDefaultFromFactory,
               trait.value());
  }
  void Apply(const AttachFieldFlag& trait) { info_.flags |= trait.flag(); }
  template <int64_t kFlag, bool kFlagWhen>
  void Apply(const FlagTrait<kFlag, kFlagWhen>& trait) {
    info_.flags |= trait.flag();
  }

  TVM_FFI_COLD void Register(int32_t type_index) {
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterField(type_index, Finish()));
  }

 private:
  // The trait owns the value; it outlives the builder's use of it.
  void SetDefault(int64_t flags, const Any& value) {
    info_.flags |= flags;
    info_.default_value_or_factory = *ffi::detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value);
  }
};

class MethodInfoBuilder : public InfoBuilder<TVMFFIMethodInfo> {
 public:
  // Without a signature for a packed function.
  TVM_FFI_COLD MethodInfoBuilder(const char* name, int64_t flags, Function func,
                                 ffi::detail::SignatureView signature)
      : InfoBuilder(name, flags,
                    signature.types != nullptr
                        ? ffi::detail::SignatureSchema(signature)
                        : ffi::detail::SchemaText(StaticTypeKey::kTVMFFIFunction)),
        func_(std::move(func)) {
    info_.method = *ffi::detail::AnyUnsafe::TVMFFIAnyPtrFromAny(func_);
  }
  TVM_FFI_COLD ~MethodInfoBuilder() {}

  TVM_FFI_COLD void Register(int32_t type_index) {
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterMethod(type_index, Finish()));
  }
  TVM_FFI_COLD void RegisterGlobal() {
    TVM_FFI_CHECK_SAFE_CALL(TVMFFIFunctionSetGlobalFromMethodInfo(Finish(), 0));
  }

 private:
  Any func_;
};

}  // namespace detail
}  // namespace reflection
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_REFLECTION_INFO_BUILDER_H_
