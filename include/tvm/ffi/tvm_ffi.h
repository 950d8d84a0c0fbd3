// SPDX-License-Identifier: Apache-2.0
//
// The whole C++ API but the extra headers. Each layer includes only those above it.
#ifndef TVM_FFI_TVM_FFI_H_
#define TVM_FFI_TVM_FFI_H_

// 0: the contract, in plain C.
#include <tvm/ffi/c_api.h>

// 1: the compiler and the machine.
#include <tvm/ffi/base_detail.h>
#include <tvm/ffi/endian.h>

// 2: how C++ types map to values.
#include <tvm/ffi/type_traits.h>

// 3: objects.
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

// 4: errors and text.
#include <tvm/ffi/error.h>
#include <tvm/ffi/string.h>

// 5: values.
#include <tvm/ffi/any.h>
#include <tvm/ffi/cast.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/rvalue_ref.h>

// 6: functions.
#include <tvm/ffi/function.h>
#include <tvm/ffi/function_detail.h>

// 7: data types, devices, containers.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/container_detail.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>

// 8: reflection, and what builds on it.
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/creator.h>
#include <tvm/ffi/reflection/enum_def.h>
#include <tvm/ffi/reflection/overload.h>
#include <tvm/ffi/reflection/registry.h>

#endif  // TVM_FFI_TVM_FFI_H_
