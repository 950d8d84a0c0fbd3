// SPDX-License-Identifier: Apache-2.0
//
// DLDevice as a value: stored as it is, converted from text such as "cuda:1".
#ifndef TVM_FFI_DEVICE_H_
#define TVM_FFI_DEVICE_H_

#include <tvm/ffi/string.h>
#include <tvm/ffi/type_traits.h>

#include <cstdint>      // int32_t
#include <limits>       // std::numeric_limits
#include <optional>     // std::optional
#include <string_view>  // std::string_view

namespace tvm {
namespace ffi {
namespace detail {

// The device type of a name. "mps" and "webgpu" are second names.
inline std::optional<DLDeviceType> TryStringViewToDLDeviceType(std::string_view name) {
  struct Entry {
    std::string_view name;
    DLDeviceType type;
  };
  constexpr Entry kEntries[] = {
      {"cpu", kDLCPU},        {"cuda", kDLCUDA},   {"opencl", kDLOpenCL}, {"vulkan", kDLVulkan},
      {"metal", kDLMetal},    {"mps", kDLMetal},   {"vpi", kDLVPI},       {"rocm", kDLROCM},
      {"ext_dev", kDLExtDev}, {"wgpu", kDLWebGPU}, {"webgpu", kDLWebGPU}, {"hexagon", kDLHexagon},
      {"maia", kDLMAIA},      {"trn", kDLTrn},
  };
  for (const Entry& entry : kEntries) {
    if (entry.name == name) return entry.type;
  }
  return std::nullopt;
}

// A decimal int32 without a sign.
inline std::optional<int32_t> TryStringViewToDeviceIndex(std::string_view text) {
  if (text.empty()) return std::nullopt;
  int64_t value = 0;
  for (char c : text) {
    if (c < '0' || c > '9') return std::nullopt;
    value = value * 10 + (c - '0');
    if (value > std::numeric_limits<int32_t>::max()) return std::nullopt;
  }
  return static_cast<int32_t>(value);
}

// `name` or `name:index`; what follows a space is ignored.
TVM_FFI_OUTLINE inline std::optional<DLDevice> TryStringViewToDLDevice(std::string_view text) {
  text = text.substr(0, text.find(' '));
  const size_t colon = text.find(':');
  const std::optional<DLDeviceType> type = TryStringViewToDLDeviceType(text.substr(0, colon));
  if (!type.has_value()) return std::nullopt;
  if (colon == std::string_view::npos) return DLDevice{*type, 0};
  const std::optional<int32_t> index = TryStringViewToDeviceIndex(text.substr(colon + 1));
  if (!index.has_value()) return std::nullopt;
  return DLDevice{*type, *index};
}

}  // namespace detail

template <>
struct TypeTraits<DLDevice> : public detail::ValueTypeTraits<DLDevice, TypeTraits<DLDevice>> {
  static constexpr int32_t kTypeIndex = TypeIndex::kTVMFFIDevice;
  static constexpr int32_t field_static_type_index = kTypeIndex;
  static constexpr const char* kTypeKey = StaticTypeKey::kTVMFFIDevice;

  static void Write(DLDevice src, TVMFFIAny* result) {
    result->type_index = kTypeIndex;
    result->zero_padding = 0;
    result->v_device = src;
  }
  static DLDevice Read(const TVMFFIAny* src) { return src->v_device; }
  static std::optional<DLDevice> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == kTypeIndex) return Read(src);
    return TryParse(src);
  }

 private:
  TVM_FFI_OUTLINE static std::optional<DLDevice> TryParse(const TVMFFIAny* src) {
    std::optional<String> text = TypeTraits<String>::TryCastFromAnyView(src);
    if (!text.has_value()) return std::nullopt;
    return detail::TryStringViewToDLDevice(std::string_view(text->data(), text->size()));
  }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_DEVICE_H_
