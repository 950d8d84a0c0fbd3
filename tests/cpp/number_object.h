// SPDX-License-Identifier: Apache-2.0
//
// Numbers as objects: a base class, two subclasses, a nullable and two non-null references.
#ifndef TVM_FFI_TESTS_CPP_NUMBER_OBJECT_H_
#define TVM_FFI_TESTS_CPP_NUMBER_OBJECT_H_

#include <tvm/ffi/error.h>
#include <tvm/ffi/memory.h>
#include <tvm/ffi/object.h>

#include <cstdint>
#include <string>
#include <utility>

namespace number {

namespace ffi = tvm::ffi;

class NumberObj : public ffi::Object {
 public:
  static constexpr uint32_t _type_child_slots = 1;  // for the first subclass that registers
  TVM_FFI_DECLARE_OBJECT_INFO("test.number.Number", NumberObj, ffi::Object);
};

class IntObj : public NumberObj {
 public:
  explicit IntObj(int64_t value) : value(value) { ++live; }
  IntObj(const IntObj& other) : NumberObj(other), value(other.value) { ++live; }
  ~IntObj() { --live; }

  int64_t value;
  static inline int live = 0;  // instances

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.number.Int", IntObj, NumberObj);
};

class FloatObj : public NumberObj {
 public:
  explicit FloatObj(double value) : value(value) {}

  double value;

  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.number.Float", FloatObj, NumberObj);
};

class Number : public ffi::ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Number, ffi::ObjectRef, NumberObj);
};

class Int : public Number {
 public:
  explicit Int(int64_t value) : Number(ffi::make_object<IntObj>(value)) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Int, Number, IntObj);
};

class Float : public Number {
 public:
  explicit Float(double value) : Number(ffi::make_object<FloatObj>(value)) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Float, Number, FloatObj);
};

// `Kind: message` of the Error that the call throws, "" if it throws none.
template <typename Call>
std::string ErrorOf(Call&& call) {
  try {
    std::forward<Call>(call)();
  } catch (const ffi::Error& error) {
    return error.kind() + ": " + error.message();
  }
  return "";
}

}  // namespace number
#endif  // TVM_FFI_TESTS_CPP_NUMBER_OBJECT_H_
