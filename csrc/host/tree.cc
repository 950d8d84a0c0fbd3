// SPDX-License-Identifier: Apache-2.0
//
// Containers of simple values, as Python's `marshal` writes them in its version 2: a letter, what
// it needs, and elements likewise, all little endian. Letters that can mean more than one type of
// Python, such as the one for bytes, are not known here.
#include <cstdlib>
#include <cstring>

#include "block.h"

namespace tvm::ffi::block {
namespace {

// Deeper containers are left to the pure lane, which can tell endless ones.
constexpr int kMaxDepth = 32;

TVMFFIObjectHandle constructor(const char* name, size_t size) {
  TVMFFIByteArray text{name, size};
  TVMFFIObjectHandle function = nullptr;
  TVMFFIFunctionGetGlobal(&text, &function);
  return function;
}

// The elements of one container; what they own is released with them.
struct Elements {
  TVMFFIAny* cells = nullptr;
  size_t count = 0;
  size_t capacity = 0;

  bool reserve(size_t more) {
    if (count + more <= capacity) return true;
    size_t wanted = capacity * 2 > count + more ? capacity * 2 : count + more;
    void* moved = std::realloc(cells, wanted * sizeof(TVMFFIAny));
    if (!moved) return false;
    cells = static_cast<TVMFFIAny*>(moved);
    capacity = wanted;
    return true;
  }

  ~Elements() {
    for (size_t i = 0; i < count; ++i) release(&cells[i]);
    std::free(cells);
  }

  // Calls a constructor of containers, which runs no foreign code.
  bool become(TVMFFIObjectHandle function, TVMFFIAny* cell) {
    *cell = TVMFFIAny{};
    if (count > INT32_MAX) return false;
    if (TVMFFIFunctionCall(function, cells, static_cast<int32_t>(count), cell) == 0) return true;
    TVMFFIErrorSetRaised(nullptr);  // said again by the pure lane
    return false;
  }
};

class Reader {
 public:
  Reader(const char* data, size_t size) : at_(data), end_(data + size) {}

  bool read(TVMFFIAny* cell, int depth) {
    if (at_ == end_) return false;
    *cell = TVMFFIAny{};
    switch (*at_++) {
      case 'i': {
        int32_t value = 0;
        if (!take(&value)) return false;
        cell->type_index = kTVMFFIInt;
        cell->v_int64 = value;
        return true;
      }
      case 'l':
        return read_long(cell);
      case 'g':
        cell->type_index = kTVMFFIFloat;
        return take(&cell->v_float64);
      case 'u':
      case 't':
        return read_text(cell);
      case 'N':
        return true;
      case 'T':
      case 'F':
        cell->type_index = kTVMFFIBool;
        cell->v_int64 = at_[-1] == 'T';
        return true;
      case '[':
      case '(':
        return read_sequence(cell, depth + 1);
      case '{':
        return read_mapping(cell, depth + 1);
      default:
        return false;
    }
  }

 private:
  template <typename T>
  bool take(T* value) {
    if (end_ - at_ < static_cast<ptrdiff_t>(sizeof(T))) return false;
    std::memcpy(value, at_, sizeof(T));
    at_ += sizeof(T);
    return true;
  }

  // Digits of 15 bits, the lowest first; their number has the sign.
  bool read_long(TVMFFIAny* cell) {
    int32_t digits = 0;
    if (!take(&digits)) return false;
    bool is_negative = digits < 0;
    if (is_negative) digits = -digits;
    uint64_t magnitude = 0;
    for (int32_t i = 0; i < digits; ++i) {
      uint16_t digit = 0;
      if (i > 4 || !take(&digit) || (i == 4 && digit > 7)) return false;  // 63 bits fit
      magnitude |= static_cast<uint64_t>(digit) << (15 * i);
    }
    cell->type_index = kTVMFFIInt;
    cell->v_int64 =
        is_negative ? -static_cast<int64_t>(magnitude) : static_cast<int64_t>(magnitude);
    return true;
  }

  bool read_text(TVMFFIAny* cell) {
    int32_t size = 0;
    if (!take(&size) || size < 0 || end_ - at_ < size) return false;
    for (int32_t i = 0; i + 1 < size; ++i) {
      auto first = static_cast<unsigned char>(at_[i]);
      auto second = static_cast<unsigned char>(at_[i + 1]);
      if (first == 0xED && second >= 0xA0) return false;  // half of a surrogate pair: no text
    }
    const char* data = at_;
    at_ += size;
    return set_bytes(data, static_cast<size_t>(size), true, cell);
  }

  bool read_sequence(TVMFFIAny* cell, int depth) {
    static TVMFFIObjectHandle make_array = constructor("ffi.Array", 9);
    int32_t size = 0;
    Elements elements;
    if (depth > kMaxDepth || !take(&size) || size < 0 || end_ - at_ < size) return false;
    if (!elements.reserve(static_cast<size_t>(size))) return false;
    for (int32_t i = 0; i < size; ++i) {
      if (!read(&elements.cells[i], depth)) return false;
      ++elements.count;
    }
    return elements.become(make_array, cell);
  }

  bool read_mapping(TVMFFIAny* cell, int depth) {
    static TVMFFIObjectHandle make_map = constructor("ffi.Map", 7);
    Elements elements;
    if (depth > kMaxDepth) return false;
    for (;;) {
      if (at_ == end_) return false;
      if (*at_ == '0') {
        ++at_;
        return elements.become(make_map, cell);
      }
      for (int i = 0; i < 2; ++i) {
        if (!elements.reserve(1) || !read(&elements.cells[elements.count], depth)) return false;
        ++elements.count;
      }
    }
  }

  const char* at_;
  const char* end_;
};

}  // namespace

bool read_tree(const char* data, size_t size, TVMFFIAny* cell) {
  return Reader(data, size).read(cell, 0);
}

}  // namespace tvm::ffi::block
