// SPDX-License-Identifier: Apache-2.0
//
// Tensor, an n-dimensional array in some device's memory, and TensorView, the same without
// ownership: how kernels get their arguments. Both describe their memory by a DLTensor.
#ifndef TVM_FFI_CONTAINER_TENSOR_H_
#define TVM_FFI_CONTAINER_TENSOR_H_

#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <type_traits>
#include <utility>

namespace tvm {
namespace ffi {

// ---- DLTensor ----------------------------------------------------------------------------------

// Whether `data` of a tensor there is an address, to which byte_offset can be added.
inline bool IsDirectAddressDevice(const DLDevice& device) {
  return device.device_type <= kDLCUDAHost || device.device_type == kDLCUDAManaged ||
         device.device_type == kDLROCM || device.device_type == kDLROCMHost;
}

// Row-major and without gaps. Extents of 1 may have any stride.
TVM_FFI_OUTLINE inline bool IsContiguous(const DLTensor& tensor) {
  if (tensor.strides == nullptr) return true;
  uint64_t expected = 1;
  bool compact = true;
  for (int32_t i = tensor.ndim; i-- > 0;) {
    if (tensor.shape[i] == 0) return true;  // no elements
    if (tensor.shape[i] == 1) continue;
    compact = compact && tensor.strides[i] == static_cast<int64_t>(expected);
    expected *= static_cast<uint64_t>(tensor.shape[i]);
  }
  return compact;
}

// Whether the first element is at a multiple of `alignment` bytes.
inline bool IsAligned(const DLTensor& tensor, size_t alignment) {
  uint64_t address = tensor.byte_offset;
  if (IsDirectAddressDevice(tensor.device)) address += reinterpret_cast<uintptr_t>(tensor.data);
  return address % alignment == 0;
}

// Bytes of that many elements stored without gaps; sub-byte elements are packed.
inline size_t GetDataSize(size_t numel, DLDataType dtype) {
  return (numel * dtype.bits * dtype.lanes + 7) / 8;
}

inline size_t GetDataSize(const DLTensor& tensor) {
  ShapeView shape(tensor.shape, static_cast<size_t>(tensor.ndim));
  return GetDataSize(static_cast<size_t>(shape.Product()), tensor.dtype);
}

// ---- Objects -----------------------------------------------------------------------------------

class TensorObj : public Object, public DLTensor {
 public:
  // The result shares the memory and keeps this tensor alive until its deleter is called.
  DLManagedTensor* ToDLPack() const {
    DLManagedTensor* result;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITensorToDLPack(Handle(), &result));
    return result;
  }
  DLManagedTensorVersioned* ToDLPackVersioned() const {
    DLManagedTensorVersioned* result;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITensorToDLPackVersioned(Handle(), &result));
    return result;
  }

  static constexpr int32_t _type_index = TypeIndex::kTVMFFITensor;
  static constexpr bool _type_final = true;
  TVM_FFI_DECLARE_OBJECT_INFO_STATIC(StaticTypeKey::kTVMFFITensor, TensorObj, Object);

 private:
  TVMFFIObjectHandle Handle() const { return detail::ObjectUnsafe::GetHeader(this); }
};

namespace detail {

[[noreturn]] TVM_FFI_COLD inline void ThrowDimension(int64_t i, int32_t ndim) {
  TVM_FFI_THROW(IndexError) << "Index " << i << " out of bounds for tensor with " << ndim
                            << " dimensions";
  TVM_FFI_UNREACHABLE();
}

// Negative dimensions count from the end.
inline int64_t DimensionOf(const DLTensor& tensor, int64_t i) {
  int64_t dimension = i < 0 ? i + tensor.ndim : i;
  if (TVM_FFI_PREDICT_FALSE(dimension < 0 || dimension >= tensor.ndim)) {
    ThrowDimension(i, tensor.ndim);
  }
  return dimension;
}

inline ShapeView StridesOf(const DLTensor& tensor) {
  TVM_FFI_ICHECK(tensor.strides != nullptr || tensor.ndim == 0);
  return ShapeView(tensor.strides, static_cast<size_t>(tensor.ndim));
}

// A description of part of the memory of `tensor`. It borrows shape and strides.
TVM_FFI_OUTLINE inline DLTensor Restrided(const DLTensor& tensor, ShapeView shape,
                                          ShapeView strides,
                                          std::optional<int64_t> element_offset) {
  TVM_FFI_ICHECK_EQ(shape.size(), strides.size());
  DLTensor result = tensor;
  result.ndim = static_cast<int32_t>(shape.size());
  result.shape = const_cast<int64_t*>(shape.data());
  result.strides = const_cast<int64_t*>(strides.data());
  int64_t offset = element_offset.value_or(0);
  TVM_FFI_ICHECK_GE(offset, 0);
  result.byte_offset += GetDataSize(static_cast<size_t>(offset), tensor.dtype);
  if (IsDirectAddressDevice(result.device)) {
    result.data = static_cast<char*>(result.data) + result.byte_offset;
    result.byte_offset = 0;
  }
  return result;
}

inline void CheckStridesMatch(ShapeView shape, ShapeView strides) {
  TVM_FFI_CHECK(shape.size() == strides.size(), ValueError)
      << "shape and strides must have the same size.";
}

// A tensor whose memory comes from an allocator, with shape and strides behind the object.
template <typename TNDAlloc>
class TensorObjFromNDAlloc : public TensorObj {
 public:
  template <typename... Extra>
  TensorObjFromNDAlloc(TNDAlloc alloc, ShapeView shape, ShapeView strides, DLDataType dtype,
                       DLDevice device, Extra&&... extra)
      : alloc_(std::move(alloc)) {
    int64_t* extents = reinterpret_cast<int64_t*>(this + 1);
    size_t ndim = shape.size();
    this->data = nullptr;
    this->device = device;
    this->ndim = static_cast<int32_t>(ndim);
    this->dtype = dtype;
    this->shape = extents;
    this->strides = extents + ndim;
    this->byte_offset = 0;
    for (size_t i = 0; i < ndim; ++i) {
      extents[i] = shape[i];
      extents[ndim + i] = strides[i];
    }
    alloc_.AllocData(static_cast<DLTensor*>(this), std::forward<Extra>(extra)...);
  }
  ~TensorObjFromNDAlloc() { alloc_.FreeData(static_cast<DLTensor*>(this)); }

 private:
  TNDAlloc alloc_;
};

}  // namespace detail

// ---- Tensor ------------------------------------------------------------------------------------

// Null by default. Reading a null Tensor is undefined.
class Tensor : public ObjectRef {
 public:
  Tensor() = default;
  explicit Tensor(ObjectPtr<TensorObj> data) : ObjectRef(std::move(data)) {}
  explicit Tensor(UnsafeInit tag) : ObjectRef(tag) {}
  TVM_FFI_DEFINE_DEFAULT_COPY_MOVE_AND_ASSIGN(Tensor);

  void* data_ptr() const { return get()->data; }
  DLDevice device() const { return get()->device; }
  int32_t ndim() const { return get()->ndim; }
  DLDataType dtype() const { return get()->dtype; }
  uint64_t byte_offset() const { return get()->byte_offset; }
  ShapeView shape() const { return ShapeView(get()->shape, static_cast<size_t>(get()->ndim)); }
  // In elements.
  ShapeView strides() const { return detail::StridesOf(*get()); }
  int64_t numel() const { return shape().Product(); }
  // Of one dimension; negative ones count from the end. IndexError out of range.
  int64_t size(int64_t i) const { return get()->shape[detail::DimensionOf(*get(), i)]; }
  int64_t stride(int64_t i) const {
    int64_t dimension = detail::DimensionOf(*get(), i);
    return strides()[static_cast<size_t>(dimension)];
  }
  bool IsContiguous() const { return tvm::ffi::IsContiguous(*get()); }
  bool IsAligned(size_t alignment) const { return tvm::ffi::IsAligned(*get(), alignment); }

  int32_t dim() const { return ndim(); }
  ShapeView sizes() const { return shape(); }
  bool is_contiguous() const { return IsContiguous(); }

  // Another view of the same memory, which keeps this tensor alive. Bounds are not checked.
  Tensor as_strided(ShapeView shape, ShapeView strides,
                    std::optional<int64_t> element_offset = std::nullopt) const {
    DLTensor prototype = detail::Restrided(*get(), shape, strides, element_offset);
    TVMFFIObjectHandle out;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITensorCreateUnsafeView(
        detail::ObjectUnsafe::TVMFFIObjectPtrFromObjectRef(*this), &prototype, &out));
    return FromOwned(out);
  }

  // Makes a tensor with memory from `alloc`, which has AllocData(DLTensor*, extra...) to set `data`
  // and FreeData(DLTensor*), and is copied into the tensor.
  template <typename TNDAlloc, typename... Extra>
  static Tensor FromNDAlloc(TNDAlloc alloc, ShapeView shape, DLDataType dtype, DLDevice device,
                            Extra&&... extra) {
    Shape strides = Shape::StridesFromShape(shape);
    return FromNDAllocStrided(std::move(alloc), shape, strides, dtype, device,
                              std::forward<Extra>(extra)...);
  }
  template <typename TNDAlloc, typename... Extra>
  static Tensor FromNDAllocStrided(TNDAlloc alloc, ShapeView shape, ShapeView strides,
                                   DLDataType dtype, DLDevice device, Extra&&... extra) {
    detail::CheckStridesMatch(shape, strides);
    return Tensor(make_inplace_array_object<detail::TensorObjFromNDAlloc<TNDAlloc>, int64_t>(
        shape.size() * 2, std::move(alloc), shape, strides, dtype, device,
        std::forward<Extra>(extra)...));
  }

  // Makes a tensor through a function of the environment, usually TVMFFIEnvTensorAlloc, and throws
  // the error that raises.
  static Tensor FromEnvAlloc(int (*env_alloc)(DLTensor*, TVMFFIObjectHandle*), ShapeView shape,
                             DLDataType dtype, DLDevice device) {
    DLTensor prototype{};
    prototype.device = device;
    prototype.ndim = static_cast<int32_t>(shape.size());
    prototype.dtype = dtype;
    prototype.shape = const_cast<int64_t*>(shape.data());
    TVMFFIObjectHandle out;
    TVM_FFI_CHECK_SAFE_CALL(env_alloc(&prototype, &out));
    return FromOwned(out);
  }

  // Takes the DLPack tensor over. RuntimeError, leaving it alone, if it is not aligned to
  // require_alignment bytes (0: any) or not contiguous although that is required.
  static Tensor FromDLPack(DLManagedTensor* tensor, size_t require_alignment = 0,
                           bool require_contiguous = false) {
    TVMFFIObjectHandle out;
    TVM_FFI_CHECK_SAFE_CALL(TVMFFITensorFromDLPack(tensor, static_cast<int32_t>(require_alignment),
                                                   static_cast<int32_t>(require_contiguous), &out));
    return FromOwned(out);
  }
  static Tensor FromDLPackVersioned(DLManagedTensorVersioned* tensor, size_t require_alignment = 0,
                                    bool require_contiguous = false) {
    TVMFFIObjectHandle out;
    TVM_FFI_CHECK_SAFE_CALL(
        TVMFFITensorFromDLPackVersioned(tensor, static_cast<int32_t>(require_alignment),
                                        static_cast<int32_t>(require_contiguous), &out));
    return FromOwned(out);
  }

  // The result shares the memory and keeps the tensor alive until its deleter is called.
  DLManagedTensor* ToDLPack() const { return get()->ToDLPack(); }
  DLManagedTensorVersioned* ToDLPackVersioned() const { return get()->ToDLPackVersioned(); }

  const DLTensor* GetDLTensorPtr() const { return get(); }

  using ContainerType = TensorObj;
  static constexpr bool _type_is_nullable = true;

 protected:
  const TensorObj* get() const { return static_cast<const TensorObj*>(ObjectRef::get()); }

 private:
  static Tensor FromOwned(TVMFFIObjectHandle handle) {
    return Tensor(
        detail::ObjectUnsafe::ObjectPtrFromOwned<TensorObj>(static_cast<TVMFFIObject*>(handle)));
  }
};

// ---- TensorView --------------------------------------------------------------------------------

// Borrows memory, shape and strides: valid as long as the tensor it was made of.
class TensorView {
 public:
  TensorView(const Tensor& tensor) {  // NOLINT(*)
    TVM_FFI_ICHECK(tensor.defined());
    tensor_ = *tensor.GetDLTensorPtr();
  }
  TensorView(const DLTensor* tensor) {  // NOLINT(*)
    TVM_FFI_ICHECK(tensor != nullptr);
    tensor_ = *tensor;
  }
  // A temporary would be gone at once.
  TensorView(Tensor&& tensor) = delete;  // NOLINT(*)
  TensorView(const TensorView&) = default;
  TensorView(TensorView&&) = default;
  TensorView& operator=(const TensorView&) = default;
  TensorView& operator=(TensorView&&) = default;
  TensorView& operator=(const Tensor& tensor) { return *this = TensorView(tensor); }
  TensorView& operator=(Tensor&& tensor) = delete;

  void* data_ptr() const { return tensor_.data; }
  DLDevice device() const { return tensor_.device; }
  int32_t ndim() const { return tensor_.ndim; }
  DLDataType dtype() const { return tensor_.dtype; }
  uint64_t byte_offset() const { return tensor_.byte_offset; }
  ShapeView shape() const { return ShapeView(tensor_.shape, static_cast<size_t>(tensor_.ndim)); }
  // In elements.
  ShapeView strides() const { return detail::StridesOf(tensor_); }
  int64_t numel() const { return shape().Product(); }
  // Of one dimension; negative ones count from the end. IndexError out of range.
  int64_t size(int64_t i) const { return tensor_.shape[detail::DimensionOf(tensor_, i)]; }
  int64_t stride(int64_t i) const {
    int64_t dimension = detail::DimensionOf(tensor_, i);
    return strides()[static_cast<size_t>(dimension)];
  }
  bool IsContiguous() const { return tvm::ffi::IsContiguous(tensor_); }

  int32_t dim() const { return ndim(); }
  ShapeView sizes() const { return shape(); }
  bool is_contiguous() const { return IsContiguous(); }

  // Another view of the same memory; borrows shape and strides. Bounds are not checked.
  TensorView as_strided(ShapeView shape, ShapeView strides,
                        std::optional<int64_t> element_offset = std::nullopt) const {
    DLTensor view = detail::Restrided(tensor_, shape, strides, element_offset);
    return TensorView(&view);
  }

 private:
  DLTensor tensor_;

  friend struct TypeTraits<TensorView>;
};

inline size_t GetDataSize(const Tensor& tensor) { return GetDataSize(*tensor.GetDLTensorPtr()); }
inline size_t GetDataSize(const TensorView& tensor) {
  return GetDataSize(static_cast<size_t>(tensor.numel()), tensor.dtype());
}

// ---- Traits ------------------------------------------------------------------------------------

// A borrowed DLTensor: also of a Tensor. Nothing keeps it alive, so it is never stored.
template <>
struct TypeTraits<DLTensor*> : public TypeTraitsBase {
  static constexpr bool storage_enabled = false;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIDLTensorPtr;

  static void CopyToAnyView(DLTensor* const& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIDLTensorPtr, src);
  }
  [[noreturn]] TVM_FFI_COLD static void MoveToAny(DLTensor*, TVMFFIAny*) {
    TVM_FFI_THROW(RuntimeError)
        << "DLTensor* cannot be held in Any as it does not retain ownership, use Tensor instead";
    TVM_FFI_UNREACHABLE();
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) {
    return src->type_index == TypeIndex::kTVMFFIDLTensorPtr;
  }
  static DLTensor* CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return static_cast<DLTensor*>(src->v_ptr);
  }
  static std::optional<DLTensor*> TryCastFromAnyView(const TVMFFIAny* src) {
    if (src->type_index == TypeIndex::kTVMFFIDLTensorPtr) return CopyFromAnyViewAfterCheck(src);
    if (src->type_index == TypeIndex::kTVMFFITensor) return TVMFFITensorGetDLTensorPtr(src->v_obj);
    return std::nullopt;
  }
  TVM_FFI_LOCAL static std::string TypeStr() {
    return detail::TypeName(StaticTypeKey::kTVMFFIDLTensorPtr);
  }
  TVM_FFI_LOCAL static std::string TypeSchema() {
    return detail::SchemaText(StaticTypeKey::kTVMFFIDLTensorPtr);
  }
};

template <>
struct TypeTraits<TensorView> : public TypeTraitsBase {
  using Pointer = TypeTraits<DLTensor*>;
  static constexpr bool storage_enabled = false;
  static constexpr int32_t field_static_type_index = TypeIndex::kTVMFFIDLTensorPtr;

  static void CopyToAnyView(const TensorView& src, TVMFFIAny* result) {
    detail::WriteCell(result, TypeIndex::kTVMFFIDLTensorPtr, &src.tensor_);
  }
  static bool CheckAnyStrict(const TVMFFIAny* src) { return Pointer::CheckAnyStrict(src); }
  static TensorView CopyFromAnyViewAfterCheck(const TVMFFIAny* src) {
    return TensorView(Pointer::CopyFromAnyViewAfterCheck(src));
  }
  static std::optional<TensorView> TryCastFromAnyView(const TVMFFIAny* src) {
    std::optional<DLTensor*> tensor = Pointer::TryCastFromAnyView(src);
    if (!tensor.has_value()) return std::nullopt;
    return TensorView(*tensor);
  }
  TVM_FFI_LOCAL static std::string TypeStr() { return Pointer::TypeStr(); }
  TVM_FFI_LOCAL static std::string TypeSchema() { return Pointer::TypeSchema(); }
};

}  // namespace ffi
}  // namespace tvm

#endif  // TVM_FFI_CONTAINER_TENSOR_H_
