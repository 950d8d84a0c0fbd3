// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <string>

namespace ffi = tvm::ffi;

int64_t AddOne(int64_t x) { return x + 1; }

ffi::String Greet(ffi::String name) { return "hello, " + std::string(name); }

int64_t Sum(ffi::Array<int64_t> values) {
  int64_t total = 0;
  for (int64_t value : values) total += value;
  return total;
}

ffi::Map<ffi::String, int64_t> CountWords(ffi::Array<ffi::String> words) {
  ffi::Map<ffi::String, int64_t> counts;
  for (const ffi::String& word : words) {
    counts.Set(word, counts.count(word) ? counts.at(word) + 1 : 1);
  }
  return counts;
}

int64_t Total(ffi::Map<ffi::String, int64_t> prices) {
  int64_t total = 0;
  for (const auto& [name, price] : prices) total += price;
  return total;
}

// A Python function arrives as an ffi::Function and is called like a C++ one.
ffi::Array<ffi::Any> Apply(ffi::Function callback, ffi::Array<ffi::Any> values) {
  ffi::Array<ffi::Any> results;
  for (const ffi::Any& value : values) results.push_back(callback(value));
  return results;
}

// Works in place on the caller's memory, whichever library it came from.
void Scale(ffi::TensorView x, double factor) {
  if (x.dtype() != DLDataType{kDLFloat, 32, 1}) {
    TVM_FFI_THROW(TypeError) << "x must be float32, convert it first";
  }
  if (!x.IsContiguous()) TVM_FFI_THROW(ValueError) << "x must be contiguous, copy it first";
  float* data = static_cast<float*>(x.data_ptr());
  for (int64_t i = 0; i < x.numel(); ++i) data[i] *= static_cast<float>(factor);
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(add_one, AddOne);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(greet, Greet);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(sum, Sum);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(count_words, CountWords);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(total, Total);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(apply, Apply);
TVM_FFI_DLL_EXPORT_TYPED_FUNC(scale, Scale);
