// SPDX-License-Identifier: Apache-2.0
//
// How values become objects of the builtin types: their attribute `__ffi_convert__`.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

namespace tvm::ffi::library {
namespace {

TVM_FFI_STATIC_INIT_BLOCK() {
  using reflection::TypeAttrDef;
  TypeAttrDef<Object>().def_convert<ObjectRef>();
  // String and Bytes are no references to objects: short ones have none.
  TypeAttrDef<detail::StringObj>().def(
      type_attr::kConvert, reflection::detail::FFIConvertFromAnyViewToObjectRef<String>);
  TypeAttrDef<detail::BytesObj>().def(type_attr::kConvert,
                                      reflection::detail::FFIConvertFromAnyViewToObjectRef<Bytes>);
  TypeAttrDef<ErrorObj>().def_convert<Error>();
  TypeAttrDef<FunctionObj>().def_convert<Function>();
  TypeAttrDef<ShapeObj>().def_convert<Shape>();
  TypeAttrDef<TensorObj>().def_convert<Tensor>();
  TypeAttrDef<ArrayObj>().def_convert<Array<Any>>();
  TypeAttrDef<ListObj>().def_convert<List<Any>>();
  TypeAttrDef<MapObj>().def_convert<Map<Any, Any>>();
  TypeAttrDef<DictObj>().def_convert<Dict<Any, Any>>();
}

}  // namespace
}  // namespace tvm::ffi::library
