// SPDX-License-Identifier: Apache-2.0
//
// The object both modules use. Each compiles it; the type is registered once, by its key.
#ifndef EXAMPLES_MIXING_COUNTER_H_
#define EXAMPLES_MIXING_COUNTER_H_

#include <tvm/ffi/object.h>

#include <cstdint>

class CounterObj : public tvm::ffi::Object {
 public:
  int64_t count = 0;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("example.Counter", CounterObj, tvm::ffi::Object);
};

class Counter : public tvm::ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Counter, tvm::ffi::ObjectRef, CounterObj);
};

#endif  // EXAMPLES_MIXING_COUNTER_H_
