// SPDX-License-Identifier: Apache-2.0
//
// Byte order of the host, and of what is written to files (little endian unless overridden).
#ifndef TVM_FFI_ENDIAN_H_
#define TVM_FFI_ENDIAN_H_

#include <cstddef>  // size_t

#ifndef TVM_FFI_IO_USE_LITTLE_ENDIAN
#define TVM_FFI_IO_USE_LITTLE_ENDIAN 1
#endif

#if defined(TVM_FFI_CMAKE_LITTLE_ENDIAN)
#define TVM_FFI_LITTLE_ENDIAN TVM_FFI_CMAKE_LITTLE_ENDIAN
#elif defined(__BYTE_ORDER__) && defined(__ORDER_LITTLE_ENDIAN__)
#define TVM_FFI_LITTLE_ENDIAN (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__)
#else
#define TVM_FFI_LITTLE_ENDIAN 1  // every Windows target
#endif

// Whether memory can be written to a file as it is.
#define TVM_FFI_IO_NO_ENDIAN_SWAP (TVM_FFI_LITTLE_ENDIAN == TVM_FFI_IO_USE_LITTLE_ENDIAN)

namespace tvm {
namespace ffi {

// Reverses the bytes of each of num_elems elements in place.
inline void ByteSwap(void* data, size_t elem_bytes, size_t num_elems) {
  unsigned char* element = static_cast<unsigned char*>(data);
  for (size_t i = 0; i < num_elems; ++i, element += elem_bytes) {
    for (size_t low = 0, high = elem_bytes; low + 1 < high; ++low) {
      --high;
      unsigned char byte = element[low];
      element[low] = element[high];
      element[high] = byte;
    }
  }
}

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_ENDIAN_H_
