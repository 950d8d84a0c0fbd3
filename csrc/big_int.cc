// SPDX-License-Identifier: Apache-2.0
//
// Integers outside 64 bits: words of two's complement, least significant first.
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstring>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

constexpr size_t kWordSize = sizeof(int64_t);

// The words follow the object.
class BigIntObject : public Object {
 public:
  explicit BigIntObject(size_t count) : count(count) {}

  int64_t* words() { return reinterpret_cast<int64_t*>(this + 1); }

  size_t count;

  static constexpr int32_t _type_index = kTVMFFIBigInt;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC("ffi.BigInt", BigIntObject, Object);
};
static_assert(sizeof(BigIntObject) == 32);

int64_t word_at(const char* words, size_t index) {
  int64_t word;
  std::memcpy(&word, words + index * kWordSize, kWordSize);  // `words` need not be aligned
  return word;
}

// The number of words left without redundant sign words; at least 1.
size_t canonical_count(const char* words, size_t count) {
  while (count > 1) {
    const int64_t sign_of_rest = word_at(words, count - 2) < 0 ? -1 : 0;
    if (word_at(words, count - 1) != sign_of_rest) break;
    --count;
  }
  return count;
}

void make_integer(const TVMFFIByteArray& input, TVMFFIAny* out) {
  *out = TVMFFIAny{};
  if (input.size % kWordSize != 0) {
    TVM_FFI_THROW(ValueError) << "BigInt content must contain whole 64-bit words";
  }
  const size_t count = canonical_count(input.data, input.size / kWordSize);
  if (count <= 1) {
    out->v_int64 = input.size == 0 ? 0 : word_at(input.data, 0);
    out->type_index = kTVMFFIInt;
    return;
  }
  auto object = make_inplace_array_object<BigIntObject, int64_t>(count, count);
  std::memcpy(object->words(), input.data, count * kWordSize);
  out->v_obj = detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(std::move(object));
  out->type_index = kTVMFFIBigInt;
}

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

int TVMFFIBigIntFromByteArray(const TVMFFIByteArray* input, TVMFFIAny* out) {
  return guard([&] { make_integer(*input, out); });
}

TVMFFIByteArray TVMFFIBigIntGetContentByteArray(const TVMFFIAny* value) {
  if (value->type_index == kTVMFFIInt) {
    return {reinterpret_cast<const char*>(&value->v_int64), kWordSize};
  }
  auto* object = reinterpret_cast<BigIntObject*>(value->v_obj);
  return {reinterpret_cast<const char*>(object->words()), object->count * kWordSize};
}
