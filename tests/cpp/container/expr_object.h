// SPDX-License-Identifier: Apache-2.0
//
// An expression as an object: its reference also converts from ints.
#ifndef TVM_FFI_TESTS_CPP_CONTAINER_EXPR_OBJECT_H_
#define TVM_FFI_TESTS_CPP_CONTAINER_EXPR_OBJECT_H_

#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstdint>

namespace number {

class ExprObj : public tvm::ffi::Object {
 public:
  explicit ExprObj(int64_t value) : value(value) {}

  int64_t value;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.container.Expr", ExprObj, tvm::ffi::Object);
};

class Expr : public tvm::ffi::ObjectRef {
 public:
  explicit Expr(int64_t value) { data_ = tvm::ffi::make_object<ExprObj>(value); }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Expr, tvm::ffi::ObjectRef, ExprObj);
};

}  // namespace number

namespace tvm {
namespace ffi {

template <>
inline constexpr bool use_default_type_traits_v<number::Expr> = false;

template <>
struct TypeTraits<number::Expr> : public ObjectRefWithFallbackTraitsBase<number::Expr, int64_t> {
  static number::Expr ConvertFallbackValue(int64_t value) { return number::Expr(value); }
};

}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_TESTS_CPP_CONTAINER_EXPR_OBJECT_H_
