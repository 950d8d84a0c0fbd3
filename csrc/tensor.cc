// SPDX-License-Identifier: Apache-2.0
//
// Tensors: to and from DLPack, and views. And shapes.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/reflection/registry.h>

#include <optional>
#include <type_traits>
#include <utility>
#include <vector>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

// Takes a DLPack tensor over and hands it back to its producer at the end.
template <typename Managed>
class ImportedTensor : public TensorObj {
 public:
  explicit ImportedTensor(Managed* managed) : managed_(managed) {
    static_cast<DLTensor&>(*this) = managed->dl_tensor;
    if (strides == nullptr && ndim != 0) fill_strides();
  }
  ~ImportedTensor() {
    if (managed_->deleter != nullptr) managed_->deleter(managed_);
  }

 private:
  // Row-major ones of our own; the producer's struct stays as it is.
  void fill_strides() {
    strides_.resize(ndim);
    int64_t stride = 1;
    for (int32_t i = ndim - 1; i >= 0; --i) {
      strides_[i] = stride;
      stride *= shape[i];
    }
    strides = strides_.data();
  }

  Managed* managed_;
  std::vector<int64_t> strides_;
};

// Describes memory of another object, which it keeps alive.
class TensorOfSource : public TensorObj {
 public:
  TensorOfSource(TVMFFIObject* source, const DLTensor& prototype)
      : source_(detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(source)),
        extents_(prototype.shape, prototype.shape + prototype.ndim) {
    extents_.insert(extents_.end(), prototype.strides, prototype.strides + prototype.ndim);
    static_cast<DLTensor&>(*this) = prototype;
    shape = extents_.data();
    strides = extents_.data() + ndim;
  }

 private:
  ObjectPtr<Object> source_;
  std::vector<int64_t> extents_;  // shape, then strides
};

template <typename Managed>
TVMFFIObjectHandle adopt(Managed* from) {
  return detail::ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(
      make_object<ImportedTensor<Managed>>(from));
}

template <typename Managed>
TVMFFIObjectHandle import_tensor(Managed* from, int32_t alignment, bool contiguous) {
  const DLTensor& tensor = from->dl_tensor;
  if (alignment != 0 && !IsAligned(tensor, alignment)) {
    TVM_FFI_THROW(RuntimeError) << "FromDLPack: Data is not aligned to " << alignment << " bytes.";
  }
  if (contiguous && !IsContiguous(tensor)) {
    TVM_FFI_THROW(RuntimeError) << "FromDLPack: Tensor is not contiguous.";
  }
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    if (from->flags & DLPACK_FLAG_BITMASK_IS_SUBBYTE_TYPE_PADDED) {
      TVM_FFI_THROW(RuntimeError) << "Subbyte type padded is not yet supported";
    }
  }
  return adopt(from);
}

template <typename Managed>
Managed* export_tensor(TVMFFIObjectHandle from) {
  Managed* managed = new Managed();
  if constexpr (std::is_same_v<Managed, DLManagedTensorVersioned>) {
    managed->version = {DLPACK_MAJOR_VERSION, DLPACK_MINOR_VERSION};
  }
  TVMFFIObjectIncRef(from);
  managed->dl_tensor = *TVMFFITensorGetDLTensorPtr(from);
  managed->manager_ctx = from;
  managed->deleter = [](Managed* self) {
    TVMFFIObjectDecRef(self->manager_ctx);
    delete self;
  };
  return managed;
}

void make_shape(PackedArgs args, Any* result) {
  std::vector<int64_t> extents;
  extents.reserve(args.size());
  for (int i = 0; i < args.size(); ++i) {
    std::optional<int64_t> extent = args[i].try_cast<int64_t>();
    if (!extent) TVM_FFI_THROW(ValueError) << "Expect shape to take list of int arguments";
    extents.push_back(*extent);
  }
  *result = Shape(std::move(extents));
}

TVM_FFI_STATIC_INIT_BLOCK() { reflection::GlobalDef().def_packed("ffi.Shape", make_shape); }

}  // namespace

TVMFFIObjectHandle adopt_tensor(DLManagedTensorVersioned* from) { return adopt(from); }

}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;
using tvm::ffi::detail::ObjectUnsafe;

int TVMFFITensorFromDLPack(DLManagedTensor* from, int32_t require_alignment,
                           int32_t require_contiguous, TVMFFIObjectHandle* out) {
  return guard([&] { *out = import_tensor(from, require_alignment, require_contiguous != 0); });
}

int TVMFFITensorFromDLPackVersioned(DLManagedTensorVersioned* from, int32_t require_alignment,
                                    int32_t require_contiguous, TVMFFIObjectHandle* out) {
  return guard([&] { *out = import_tensor(from, require_alignment, require_contiguous != 0); });
}

int TVMFFITensorToDLPack(TVMFFIObjectHandle from, DLManagedTensor** out) {
  return guard([&] { *out = export_tensor<DLManagedTensor>(from); });
}

int TVMFFITensorToDLPackVersioned(TVMFFIObjectHandle from, DLManagedTensorVersioned** out) {
  return guard([&] { *out = export_tensor<DLManagedTensorVersioned>(from); });
}

int TVMFFITensorCreateUnsafeView(TVMFFIObjectHandle source, const DLTensor* prototype,
                                 TVMFFIObjectHandle* out) {
  return guard([&] {
    if (prototype->strides == nullptr) {
      TVM_FFI_THROW(InternalError) << "Check not null: prototype.strides ";
    }
    *out = ObjectUnsafe::MoveObjectPtrToTVMFFIObjectPtr(
        tvm::ffi::make_object<TensorOfSource>(static_cast<TVMFFIObject*>(source), *prototype));
  });
}
