// SPDX-License-Identifier: Apache-2.0
//
// Type schemas: one function or field per kind of type.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/container/variant.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstdint>

namespace tvm::ffi::testing {
namespace {

namespace refl = reflection;

refl::Metadata sample_metadata() {
  return refl::Metadata{{"bool_attr", true}, {"int_attr", 1}, {"str_attr", "hello"}};
}

template <typename T>
T identity(T value) {
  return value;
}

void register_values() {
  refl::GlobalDef()
      .def("testing.schema_id_int", identity<int64_t>, sample_metadata())
      .def("testing.schema_id_float", identity<double>)
      .def("testing.schema_id_bool", identity<bool>)
      .def("testing.schema_id_device", identity<DLDevice>)
      .def("testing.schema_id_dtype", identity<DLDataType>)
      .def("testing.schema_id_string", identity<String>)
      .def("testing.schema_id_bytes", identity<Bytes>)
      .def("testing.schema_id_func", identity<Function>)
      .def("testing.schema_id_func_typed", identity<TypedFunction<void(int64_t, float, Function)>>)
      .def("testing.schema_id_any", identity<Any>)
      .def("testing.schema_id_object", identity<ObjectRef>)
      .def("testing.schema_id_dltensor", identity<DLTensor*>)
      .def("testing.schema_id_tensor", identity<Tensor>)
      .def("testing.schema_tensor_view_input", [](TensorView) {})
      .def("testing.schema_id_opt_int", identity<Optional<int64_t>>)
      .def("testing.schema_id_opt_str", identity<Optional<String>>)
      .def("testing.schema_id_opt_obj", identity<Optional<ObjectRef>>)
      .def("testing.schema_id_variant_int_str", identity<Variant<int64_t, String>>)
      .def("testing.schema_variant_mix", identity<Variant<int64_t, String, Array<int64_t>>>,
           "variant passthrough");
}

void register_containers() {
  refl::GlobalDef()
      .def("testing.schema_id_arr_int", identity<Array<int64_t>>)
      .def("testing.schema_id_arr_str", identity<Array<String>>)
      .def("testing.schema_id_arr_obj", identity<Array<ObjectRef>>)
      .def("testing.schema_id_arr", identity<const ArrayObj*>)
      .def("testing.schema_id_list_int", identity<List<int64_t>>)
      .def("testing.schema_id_list_str", identity<List<String>>)
      .def("testing.schema_id_list_obj", identity<List<ObjectRef>>)
      .def("testing.schema_id_map_str_int", identity<Map<String, int64_t>>)
      .def("testing.schema_id_map_str_str", identity<Map<String, String>>)
      .def("testing.schema_id_map_str_obj", identity<Map<String, ObjectRef>>)
      .def("testing.schema_id_map", identity<const MapObj*>)
      .def("testing.schema_id_dict_str_int", identity<Dict<String, int64_t>>)
      .def("testing.schema_id_dict_str_str", identity<Dict<String, String>>);
}

Map<String, Array<int64_t>> arr_map_opt(const Array<Optional<int64_t>>& arr,
                                        Map<String, Array<int64_t>> mp,
                                        const Optional<String>& os) {
  if (!os.has_value()) return mp;
  Array<int64_t> present;
  for (const Optional<int64_t>& value : arr) {
    if (value.has_value()) present.push_back(*value);
  }
  mp.Set(*os, present);
  return mp;
}

void register_shapes_of_signatures() {
  refl::GlobalDef()
      .def_packed("testing.schema_packed", [](PackedArgs, Any*) {})
      .def("testing.schema_arr_map_opt", arr_map_opt)
      .def("testing.schema_no_args", []() -> int64_t { return 1; })
      .def("testing.schema_no_return", [](int64_t) {})
      .def("testing.schema_no_args_no_return", [] {});
}

TVM_FFI_STATIC_INIT_BLOCK() {
  register_values();
  register_containers();
  register_shapes_of_signatures();
}

}  // namespace
}  // namespace tvm::ffi::testing
