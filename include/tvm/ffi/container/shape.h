// SPDX-License-Identifier: Apache-2.0
//
// Shape, an immutable tuple of int64, and ShapeView, the same without ownership.
#ifndef TVM_FFI_CONTAINER_SHAPE_H_
#define TVM_FFI_CONTAINER_SHAPE_H_

#include <tvm/ffi/container/array.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <initializer_list>
#include <iosfwd>
#include <type_traits>
#include <utility>
#include <vector>

namespace tvm {
namespace ffi {

// Borrows its numbers: valid as long as they are. One made of an initializer list is good for the
// expression it appears in.
class ShapeView {
 public:
  ShapeView() : cell_{nullptr, 0} {}
  ShapeView(const int64_t* data, size_t size) : cell_{data, size} {}
  ShapeView(const std::initializer_list<int64_t>& extents)  // NOLINT(*)
      : cell_{extents.begin(), extents.size()} {}

  const int64_t* data() const { return cell_.data; }
  size_t size() const { return cell_.size; }
  bool empty() const { return cell_.size == 0; }
  const int64_t* begin() const { return cell_.data; }
  const int64_t* end() const { return cell_.data + cell_.size; }

  // 1 when empty.
  int64_t Product() const {
    uint64_t product = 1;
    for (int64_t extent : *this) product *= static_cast<uint64_t>(extent);
    return static_cast<int64_t>(product);
  }

  int64_t operator[](size_t i) const { return cell_.data[i]; }
  // IndexError out of range; so do front and back when empty.
  int64_t at(size_t i) const {
    if (TVM_FFI_PREDICT_FALSE(i >= cell_.size)) ThrowIndex(i);
    return cell_.data[i];
  }
  int64_t front() const { return at(0); }
  int64_t back() const { return at(cell_.size - 1); }

 private:
  [[noreturn]] TVM_FFI_COLD void ThrowIndex(size_t i) const {
    TVM_FFI_THROW(IndexError) << "indexing " << static_cast<int64_t>(i) << " on a Shape of size "
                              << cell_.size;
    TVM_FFI_UNREACHABLE();
  }

  TVMFFIShapeCell cell_;
};

class ShapeObj : public Object, public TVMFFIShapeCell {
 public:
  using index_type = int64_t;

  ShapeObj() : TVMFFIShapeCell{nullptr, 0} {}
  int64_t Product() const { return ShapeView(data, size).Product(); }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFIShape;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFIShape, ShapeObj, Object);
};

namespace detail {

// A shape that keeps a vector.
class ShapeObjOfVector : public ShapeObj {
 public:
  explicit ShapeObjOfVector(std::vector<int64_t> extents) : extents_(std::move(extents)) {
    data = extents_.data();
    size = extents_.size();
  }

 private:
  std::vector<int64_t> extents_;
};

// A shape of n numbers that are still to be written to *data.
TVM_FFI_OUTLINE inline ObjectPtr<ShapeObj> MakeEmptyShape(size_t n, int64_t** data) {
  ObjectPtr<ShapeObj> shape = make_inplace_array_object<ShapeObj, int64_t>(n);
  *data = reinterpret_cast<int64_t*>(shape.get() + 1);
  shape->data = *data;
  shape->size = n;
  return shape;
}

template <typename It>
ObjectPtr<ShapeObj> MakeInplaceShape(It begin, It end) {
  int64_t* data;
  ObjectPtr<ShapeObj> shape = MakeEmptyShape(static_cast<size_t>(std::distance(begin, end)), &data);
  for (; begin != end; ++begin) *data++ = static_cast<int64_t>(*begin);
  return shape;
}

// Row-major strides, in elements, of a compact tensor.
TVM_FFI_OUTLINE inline void FillStridesFromShape(ShapeView shape, int64_t* strides) {
  uint64_t stride = 1;
  for (size_t i = shape.size(); i-- > 0;) {
    strides[i] = static_cast<int64_t>(stride);
    stride *= static_cast<uint64_t>(shape[i]);
  }
}

inline ObjectPtr<ShapeObj> MakeStridesFromShape(ShapeView shape) {
  int64_t* strides;
  ObjectPtr<ShapeObj> result = MakeEmptyShape(shape.size(), &strides);
  FillStridesFromShape(shape, strides);
  return result;
}

}  // namespace detail

class Shape : public ObjectRef {
 public:
  Shape() : Shape(ShapeView()) {}
  template <typename It, typename = std::enable_if_t<detail::is_iterator_v<It>>>
  Shape(It begin, It end) : ObjectRef(detail::MakeInplaceShape(begin, end)) {}
  Shape(const Array<int64_t>& extents) : Shape(extents.begin(), extents.end()) {}  // NOLINT(*)
  Shape(std::initializer_list<int64_t> extents)                                    // NOLINT(*)
      : Shape(extents.begin(), extents.end()) {}
  Shape(std::vector<int64_t> extents)  // NOLINT(*)
      : ObjectRef(make_object<detail::ShapeObjOfVector>(std::move(extents))) {}
  Shape(ShapeView extents) : Shape(extents.begin(), extents.end()) {}  // NOLINT(*)
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Shape, ObjectRef, ShapeObj);

  // Row-major strides, in elements, of a compact tensor.
  static Shape StridesFromShape(ShapeView shape) {
    return detail::ObjectUnsafe::ObjectRefFromObjectPtr<Shape>(detail::MakeStridesFromShape(shape));
  }

  operator ShapeView() const { return View(); }  // NOLINT(*)

  const int64_t* data() const { return get()->data; }
  size_t size() const { return get()->size; }
  bool empty() const { return size() == 0; }
  const int64_t* begin() const { return View().begin(); }
  const int64_t* end() const { return View().end(); }
  int64_t Product() const { return View().Product(); }
  int64_t operator[](size_t i) const { return View()[i]; }
  // IndexError out of range; so do front and back when empty.
  int64_t at(size_t i) const { return View().at(i); }
  int64_t front() const { return View().front(); }
  int64_t back() const { return View().back(); }

 private:
  ShapeView View() const { return ShapeView(data(), size()); }
};

namespace detail {

// Messages of errors take shapes without <ostream>: `[1, 2, 3]`.
inline MessageStream& operator<<(MessageInserters& stream, const ShapeView& shape) {
  const char* separator = "[";
  for (int64_t extent : shape) {
    stream << separator << extent;
    separator = ", ";
  }
  return stream << (shape.size() == 0 ? "[]" : "]");
}
inline MessageStream& operator<<(MessageInserters& stream, const Shape& shape) {
  return stream << static_cast<ShapeView>(shape);
}

}  // namespace detail

// `[1, 2, 3]`. A template so that <ostream> is needed only where a shape is printed.
template <typename Traits>
std::basic_ostream<char, Traits>& operator<<(std::basic_ostream<char, Traits>& os,
                                             const Shape& shape) {
  const char* separator = "[";
  for (int64_t extent : shape) {
    os << separator << extent;
    separator = ", ";
  }
  return os << (shape.empty() ? "[]" : "]");
}

template <>
inline constexpr bool use_default_type_traits_v<Shape> = false;

// Also from an Array or List of ints.
template <>
struct TypeTraits<Shape> : public ObjectRefWithFallbackTraitsBase<Shape, Array<int64_t>> {
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIShape;
  static Shape ConvertFallbackValue(const Array<int64_t>& extents) { return Shape(extents); }
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_SHAPE_H_
