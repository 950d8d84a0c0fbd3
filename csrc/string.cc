// SPDX-License-Identifier: Apache-2.0
//
// Strings and bytes.
#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <utility>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

template <typename Text>
void make_text(const TVMFFIByteArray& input, TVMFFIAny* out) {
  *out = TVMFFIAny{};
  // An empty input may come with a NULL pointer.
  Any text = input.size == 0 ? Text() : Text(input.data, input.size);
  *out = detail::AnyUnsafe::MoveAnyToTVMFFIAny(std::move(text));
}

// Raw text and bytes become owned on the way in.
TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.String", [](String text) { return text; })
      .def("ffi.Bytes", [](Bytes bytes) { return bytes; });
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIStringFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return guard([&] { make_text<tvm::ffi::String>(*input, out); });
}

int TVMFFIBytesFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return guard([&] { make_text<tvm::ffi::Bytes>(*input, out); });
}
