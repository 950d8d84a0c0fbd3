// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/device.h>

#include <optional>
#include <string>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Bytes;
using tvm::ffi::String;
using tvm::ffi::TypeTraits;

std::optional<std::pair<int, int>> Parse(const char* text) {
  std::optional<DLDevice> device = AnyView(text).try_cast<DLDevice>();
  if (!device.has_value()) return std::nullopt;
  return std::make_pair(static_cast<int>(device->device_type), device->device_id);
}
using Device = std::pair<int, int>;

TEST(Device, IsStoredAsItIs) {
  Any any = DLDevice{kDLCUDA, 3};
  EXPECT_EQ(any.type_index(), kTVMFFIDevice);
  EXPECT_EQ(any.as<DLDevice>().value().device_type, kDLCUDA);
  EXPECT_EQ(any.cast<DLDevice>().device_id, 3);
  EXPECT_FALSE(Any("cuda:3").as<DLDevice>().has_value());
  EXPECT_EQ(TypeTraits<DLDevice>::TypeStr(), "Device");
  EXPECT_EQ(TypeTraits<DLDevice>::TypeSchema(), R"({"type":"Device"})");
  EXPECT_EQ(TypeTraits<DLDevice>::field_static_type_index, kTVMFFIDevice);
}

TEST(DeviceText, EveryNameHasItsType) {
  const std::pair<const char*, DLDeviceType> names[] = {
      {"cpu", kDLCPU},     {"cuda", kDLCUDA},       {"opencl", kDLOpenCL}, {"vulkan", kDLVulkan},
      {"metal", kDLMetal}, {"mps", kDLMetal},       {"vpi", kDLVPI},       {"rocm", kDLROCM},
      {"maia", kDLMAIA},   {"ext_dev", kDLExtDev},  {"wgpu", kDLWebGPU},   {"webgpu", kDLWebGPU},
      {"trn", kDLTrn},     {"hexagon", kDLHexagon},
  };
  for (auto [name, type] : names) {
    EXPECT_EQ(Parse(name), Device(type, 0)) << name;
    EXPECT_EQ(Parse((std::string(name) + ":7").c_str()), Device(type, 7)) << name;
  }
}

TEST(DeviceText, WhatFollowsASpaceIsIgnored) {
  EXPECT_EQ(Parse("cuda:1 -arch=sm_80"), Device(kDLCUDA, 1));
  EXPECT_EQ(Parse("cuda :1"), Device(kDLCUDA, 0));
  EXPECT_EQ(Parse(" cuda"), std::nullopt);
}

TEST(DeviceText, TheIndexIsADecimalInt32) {
  EXPECT_EQ(Parse("cuda:2147483647"), Device(kDLCUDA, 2147483647));
  EXPECT_EQ(Parse("cuda:007"), Device(kDLCUDA, 7));
  for (const char* text : {"cuda:", "cuda:-1", "cuda:+1", "cuda:1:2", "cuda:2147483648",
                           "cuda:99999999999999999999", "cuda:1x", "cuda:0x1"}) {
    EXPECT_EQ(Parse(text), std::nullopt) << text;
  }
}

TEST(DeviceText, OtherNamesDoNotConvert) {
  for (const char* text : {"", "llvm", "c", "cl", "nvptx", "test", "CPU", "cpu1", ":0"}) {
    EXPECT_EQ(Parse(text), std::nullopt) << text;
  }
  EXPECT_EQ(ErrorOf([] { AnyView("llvm").cast<DLDevice>(); }),
            "TypeError: Cannot convert from type `const char*` to `Device`");
  EXPECT_EQ(ErrorOf([] { Any(nullptr).cast<DLDevice>(); }),
            "TypeError: Cannot convert from type `None` to `Device`");
}

TEST(DeviceText, EveryFormOfTextConverts) {
  EXPECT_EQ(Any(String("cpu")).cast<DLDevice>().device_type, kDLCPU);
  EXPECT_EQ(Any(String("ext_dev:12")).cast<DLDevice>().device_id, 12);
  EXPECT_FALSE(Any(Bytes("cpu", 3)).try_cast<DLDevice>().has_value());
  EXPECT_FALSE(Any(1).try_cast<DLDevice>().has_value());
}

}  // namespace
