// SPDX-License-Identifier: Apache-2.0
//
// A class with a field per kind of type.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>
#include <utility>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

class SchemaAllTypesObj : public Object {
 public:
  // Made by make_with only.
  SchemaAllTypesObj(int64_t v_int, double v_float, String v_string)
      : v_int(v_int), v_float(v_float), v_string(std::move(v_string)), v_variant(String("v")) {}

  int64_t AddInt(int64_t other) const { return v_int + other; }

  Array<int64_t> AppendInt(Array<int64_t> values, int64_t value) const {
    values.push_back(value);
    return values;
  }

  Optional<String> MaybeConcat(const Optional<String>& a, const Optional<String>& b) const {
    if (a.has_value() && b.has_value()) return *a + *b;
    return a.has_value() ? a : b;
  }

  Map<String, Array<int64_t>> MergeMap(Map<String, Array<int64_t>> lhs,
                                       const Map<String, Array<int64_t>>& rhs) const {
    for (const auto& [key, values] : rhs) {
      Array<int64_t> merged = lhs.Get(key).value_or(Array<int64_t>());
      for (int64_t value : values) merged.push_back(value);
      lhs.Set(key, merged);
    }
    return lhs;
  }

  bool v_bool = true;
  int64_t v_int;
  double v_float;
  DLDevice v_device{kDLCPU, 0};
  DLDataType v_dtype{kDLFloat, 32, 1};
  String v_string;
  Bytes v_bytes;
  Optional<int64_t> v_opt_int;
  Optional<String> v_opt_str;
  Array<int64_t> v_arr_int;
  Array<String> v_arr_str;
  Map<String, int64_t> v_map_str_int;
  Map<String, Array<int64_t>> v_map_str_arr_int;
  Variant<String, Array<int64_t>, Map<String, int64_t>> v_variant;
  Optional<Array<Variant<int64_t, String>>> v_opt_arr_variant;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("testing.SchemaAllTypes", SchemaAllTypesObj, Object);
};

class SchemaAllTypes : public ObjectRef {
 public:
  SchemaAllTypes(int64_t v_int, double v_float, String v_string) {
    data_ = make_object<SchemaAllTypesObj>(v_int, v_float, std::move(v_string));
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(SchemaAllTypes, ObjectRef, SchemaAllTypesObj);
};

refl::Metadata sample_metadata() {
  return refl::Metadata{{"bool_attr", true}, {"int_attr", 1}, {"str_attr", "hello"}};
}

TVM_FFI_STATIC_INIT_BLOCK() {
  using Self = SchemaAllTypesObj;
  refl::ObjectDef<Self>()
      .def_rw("v_bool", &Self::v_bool, "bool field", sample_metadata())
      .def_rw("v_int", &Self::v_int, "int field", refl::default_value(0))
      .def_rw("v_float", &Self::v_float, "float field", refl::default_value(0.0))
      .def_rw("v_device", &Self::v_device, "device field")
      .def_rw("v_dtype", &Self::v_dtype, "dtype field")
      .def_rw("v_string", &Self::v_string, "string field", refl::default_value("s"))
      .def_rw("v_bytes", &Self::v_bytes, "bytes field")
      .def_rw("v_opt_int", &Self::v_opt_int, "optional int")
      .def_rw("v_opt_str", &Self::v_opt_str, "optional str")
      .def_rw("v_arr_int", &Self::v_arr_int, "array<int>")
      .def_rw("v_arr_str", &Self::v_arr_str, "array<str>")
      .def_rw("v_map_str_int", &Self::v_map_str_int, "map<str,int>")
      .def_rw("v_map_str_arr_int", &Self::v_map_str_arr_int, "map<str,array<int>>")
      .def_rw("v_variant", &Self::v_variant, "variant<str,array<int>,map<str,int>>")
      .def_rw("v_opt_arr_variant", &Self::v_opt_arr_variant, "optional<array<variant<int,str>>>")
      .def("add_int", &Self::AddInt, "add int method", sample_metadata())
      .def("append_int", &Self::AppendInt, "append int to array")
      .def("maybe_concat", &Self::MaybeConcat, "optional concat")
      .def("merge_map", &Self::MergeMap, "merge maps")
      .def_static(
          "make_with",
          [](int64_t v_int, double v_float, String v_string) {
            return SchemaAllTypes(v_int, v_float, std::move(v_string));
          },
          "Constructor with subset of fields");
}

}  // namespace
}  // namespace tvm::ffi::testing
