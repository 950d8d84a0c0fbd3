// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>

namespace my_ffi_extension {

namespace ffi = tvm::ffi;

// A kernel. The caller allocates both tensors; nothing is copied on the way in.
void CheckFloatVector(const ffi::TensorView& tensor, const char* name) {
  const DLDataType float32{kDLFloat, 32, 1};
  if (tensor.dtype() != float32) TVM_FFI_THROW(TypeError) << name << " must be float32";
  if (tensor.ndim() != 1) TVM_FFI_THROW(ValueError) << name << " must have one dimension";
  if (!tensor.IsContiguous()) TVM_FFI_THROW(ValueError) << name << " must be contiguous";
}

void AddOne(ffi::TensorView x, ffi::TensorView y) {
  CheckFloatVector(x, "x");
  CheckFloatVector(y, "y");
  TVM_FFI_CHECK_EQ(x.size(0), y.size(0), ValueError) << "x and y must have the same length";
  const float* from = static_cast<const float*>(x.data_ptr());
  float* to = static_cast<float*>(y.data_ptr());
  for (int64_t i = 0; i < x.size(0); ++i) to[i] = from[i] + 1.0f;
}

// A class for Python to share: fields, a method, a static method.
class IntPairObj : public ffi::Object {
 public:
  int64_t a;
  int64_t b;

  IntPairObj(int64_t a, int64_t b) : a(a), b(b) {}

  int64_t GetFirst() const { return a; }

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("my_ffi_extension.IntPair", IntPairObj, ffi::Object);
};

// What C++ code holds: a counted reference to an IntPairObj.
class IntPair : public ffi::ObjectRef {
 public:
  IntPair(int64_t a, int64_t b) { data_ = ffi::make_object<IntPairObj>(a, b); }

  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(IntPair, ffi::ObjectRef, IntPairObj);
};

void RaiseError(ffi::String msg) { TVM_FFI_THROW(RuntimeError) << msg; }

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::GlobalDef().def("my_ffi_extension.raise_error", RaiseError);
  refl::ObjectDef<IntPairObj>()
      .def(refl::init<int64_t, int64_t>())
      .def_static("static_get_second", [](IntPair pair) -> int64_t { return pair->b; })
      .def("get_first", &IntPairObj::GetFirst)
      .def_ro("a", &IntPairObj::a)
      .def_ro("b", &IntPairObj::b);
}

}  // namespace my_ffi_extension

TVM_FFI_DLL_EXPORT_TYPED_FUNC(add_one, my_ffi_extension::AddOne);
