// SPDX-License-Identifier: Apache-2.0
//
// JSON text and values. The library does the work; it is found by name, so this header imports
// nothing but the contract.
#ifndef TVM_FFI_EXTRA_JSON_H_
#define TVM_FFI_EXTRA_JSON_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/string.h>

#include <optional>
#include <utility>

namespace tvm {
namespace ffi {
namespace json {

// null, bool, int64_t, double, String, Array or Object.
using Value = Any;
using Object = ffi::Map<Any, Any>;
using Array = ffi::Array<Any>;

// Numbers without fraction and exponent that fit int64_t are Int, all others Float. Of equal names
// in an object the last one counts. Accepts NaN, Infinity and -Infinity.
//
// Throws ValueError, with line, column and position. With error_msg it does not throw: the text
// goes there (empty on success) and the result is None.
inline Value Parse(const String& json_str, String* error_msg = nullptr) {
  static const Function parse = Function::GetGlobalRequired("ffi.json.Parse");
  if (error_msg == nullptr) return parse(json_str);
  Expected<Any> result = parse.CallExpected(json_str);
  if (result.is_err()) {
    *error_msg = String(result.error().message());
    return nullptr;
  }
  *error_msg = String();
  return std::move(result).value();
}

// Without indent: on one line, no spaces. Throws ValueError for what JSON cannot hold: Dict and
// BigInt among others, names that are not strings, a List that contains itself.
inline String Stringify(const Value& value, const Optional<int>& indent = std::nullopt) {
  static const Function stringify = Function::GetGlobalRequired("ffi.json.Stringify");
  return stringify(value, indent).cast<String>();
}

}  // namespace json
}  // namespace ffi
}  // namespace tvm
#endif  // TVM_FFI_EXTRA_JSON_H_
