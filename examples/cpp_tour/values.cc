// SPDX-License-Identifier: Apache-2.0
//
// What functions take and return: values, containers, functions, errors.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/error.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/stl.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace tour {

namespace ffi = tvm::ffi;

// [any]
// AnyView borrows: a parameter of that type costs no count. Any owns, and may be kept.
ffi::String Describe(ffi::AnyView value) {
  if (value == nullptr) return "nothing";
  // as<T>: only what is stored as a T.
  if (auto number = value.as<int64_t>()) return "the int " + std::to_string(*number);
  if (auto text = value.as<ffi::String>()) return "the text " + *text;
  // try_cast<T>: also what converts to a T, as an argument would.
  if (auto number = value.try_cast<double>()) return "something like " + std::to_string(*number);
  return "a " + ffi::String(value.GetTypeKey());
}
// [any]

// [optional]
// Python's None is nothing. has_value, value and value_or as in the standard library.
int64_t LengthOr(ffi::Optional<ffi::String> text, int64_t otherwise) {
  return text.has_value() ? static_cast<int64_t>(text.value().size()) : otherwise;
}
// [optional]

// [variant]
// The first alternative that fits is taken.
using Names = ffi::Variant<ffi::String, ffi::Array<ffi::String>>;

int64_t CountNames(Names names) {
  if (names.as<ffi::String>()) return 1;
  return static_cast<int64_t>(names.get<ffi::Array<ffi::String>>().size());
}
// [variant]

// [expected]
// For failures that are a matter of course: no exception is thrown and no stack is walked.
ffi::Expected<int64_t> ParseDigit(ffi::String text) {
  if (text.size() != 1 || text.at(0) < '0' || text.at(0) > '9') {
    return TVM_FFI_UNEXPECTED(ValueError) << "Expected one digit, got " << text;
  }
  return text.at(0) - '0';
}

int64_t DigitOr(ffi::String text, int64_t otherwise) {
  return ParseDigit(text).value_or(otherwise);
}

// value() throws the error. A function whose own result is an Expected gives it as a value instead.
int64_t RequiredDigit(ffi::String text) { return ParseDigit(text).value(); }

// The same for calls: what the callee throws is in the result.
int64_t CallOr(ffi::Function f, int64_t otherwise) {
  return f.CallExpected<int64_t>().value_or(otherwise);
}
// [expected]

// [containers]
// Array and Map are values: a change is seen through this handle alone (copy on write).
ffi::Map<ffi::String, int64_t> Restocked(ffi::Map<ffi::String, int64_t> stock, ffi::String what) {
  stock.Set(what, stock.count(what) ? stock.at(what) + 1 : 1);
  return stock;
}

// List and Dict are shared: everybody who holds one sees the change.
void Restock(ffi::Dict<ffi::String, int64_t> stock, ffi::String what) {
  stock.Set(what, stock.count(what) ? stock.at(what) + 1 : 1);
}

// Tuple has elements of different types.
ffi::Tuple<int64_t, ffi::String> Longest(ffi::Array<ffi::String> words) {
  ffi::Tuple<int64_t, ffi::String> found(0, "");
  for (const ffi::String& word : words) {
    auto size = static_cast<int64_t>(word.size());
    if (size > found.get<0>()) found = ffi::Tuple<int64_t, ffi::String>(size, word);
  }
  return found;
}

// With extra/stl.h standard types may stand in signatures; each crossing copies.
std::vector<int64_t> Doubled(std::vector<int64_t> values) {
  for (int64_t& value : values) value *= 2;
  return values;
}
// [containers]

// [functions]
// A TypedFunction converts what its callee returns, and throws TypeError if it cannot.
int64_t Twice(ffi::TypedFunction<int64_t(int64_t)> f, int64_t x) { return f(f(x)); }

// A C++ callable as a function for everybody. The lambda owns what it captures.
ffi::Function Adder(int64_t by) {
  return ffi::Function::FromTyped([by](int64_t x) { return x + by; });
}

// Any number of arguments of any type.
void Join(ffi::PackedArgs args, ffi::Any* result) {
  std::string joined;
  for (int i = 0; i < args.size(); ++i) joined += args[i].cast<ffi::String>();
  *result = ffi::String(joined);
}

// Another function of the registry, in whatever language it was written.
ffi::Any CallByName(ffi::String name, ffi::Any argument) {
  static const ffi::Function describe = ffi::Function::GetGlobalRequired("tour.describe");
  ffi::Function named = ffi::Function::GetGlobal(name).value_or(describe);
  return named(std::move(argument));
}
// [functions]

// [errors]
double Ratio(double a, double b) {
  TVM_FFI_CHECK_NE(b, 0.0, ZeroDivisionError) << "b must not be zero";
  if (a < 0) TVM_FFI_THROW(ValueError) << "Expected a of 0 or more, got " << a;
  return a / b;
}

// Errors of other languages are caught as ffi::Error; kind() is the name of the exception class.
ffi::String KindOfFailure(ffi::Function f) {
  try {
    f();
  } catch (const ffi::Error& error) {
    return error.kind() + ": " + error.message();
  }
  return "no failure";
}
// [errors]

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::GlobalDef()
      .def("tour.describe", Describe)
      .def("tour.length_or", LengthOr)
      .def("tour.count_names", CountNames)
      .def("tour.parse_digit", ParseDigit)
      .def("tour.digit_or", DigitOr)
      .def("tour.required_digit", RequiredDigit)
      .def("tour.call_or", CallOr)
      .def("tour.restocked", Restocked)
      .def("tour.restock", Restock)
      .def("tour.longest", Longest)
      .def("tour.doubled", Doubled)
      .def("tour.twice", Twice)
      .def("tour.adder", Adder)
      .def_packed("tour.join", Join)
      .def("tour.call_by_name", CallByName)
      .def("tour.ratio", Ratio)
      .def("tour.kind_of_failure", KindOfFailure);
}

}  // namespace tour
