// SPDX-License-Identifier: Apache-2.0
//
// The functions of the testing library: the signature each reports, and what each does.
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/extra/module.h>
#include <tvm/ffi/function.h>

#include <cstdint>
#include <ostream>
#include <string>

#include "../registered.h"
#include "fixture_paths.h"

extern "C" int TVMFFITestingDummyTarget();

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;

// ---- Signatures --------------------------------------------------------------------------------

struct FunctionCase {
  const char* name;
  const char* signature;  // as error messages show it; empty for a packed function
};
std::ostream& operator<<(std::ostream& os, const FunctionCase& row) { return os << row.name; }

constexpr FunctionCase kFunctions[] = {
    {"test_raise_error", "(0: str, 1: str) -> void"},
    {"add_one", "(0: int) -> int"},
    {"nop", ""},
    {"echo", ""},
    {"apply", ""},
    {"run_check_signal", "(0: int) -> void"},
    {"object_use_count", "(0: ffi.Object) -> int"},
    {"make_unregistered_object", "() -> ffi.Object"},
    {"get_add_one_c_symbol", "() -> int"},
    {"get_mlir_add_one_c_symbol", "() -> int"},
    {"optional_tensor_view_has_value", "(0: Optional<DLTensor*>) -> bool"},
    {"enum_variant_get", "(0: str) -> ffi.Enum"},
    {"make_visit_region_graph", "(0: bool) -> Any"},
    {"TestIntPairSum", "(0: testing.TestIntPair) -> int"},
    {"make_array_with_tensor", "(0: ffi.Tensor) -> Array<Any>"},
    {"make_array_with_mixed", "(0: ffi.Tensor, 1: int) -> Array<Any>"},
    {"make_nested_array_with_tensor", "(0: ffi.Tensor) -> Array<Any>"},
    {"make_list_with_tensor", "(0: ffi.Tensor, 1: int) -> List<Any>"},
    {"make_map_with_tensor", "(0: ffi.Tensor) -> Map<str, Any>"},
    {"make_dict_with_tensor", "(0: ffi.Tensor) -> Dict<str, Any>"},
    {"make_empty_array_with_tensor_input", "(0: ffi.Tensor) -> Array<Any>"},
    {"make_nested_map_with_tensor", "(0: ffi.Tensor, 1: ffi.Tensor) -> Map<str, Any>"},
    {"schema_id_int", "(0: int) -> int"},
    {"schema_id_float", "(0: float) -> float"},
    {"schema_id_bool", "(0: bool) -> bool"},
    {"schema_id_device", "(0: Device) -> Device"},
    {"schema_id_dtype", "(0: DataType) -> DataType"},
    {"schema_id_string", "(0: str) -> str"},
    {"schema_id_bytes", "(0: bytes) -> bytes"},
    {"schema_id_func", "(0: ffi.Function) -> ffi.Function"},
    {"schema_id_func_typed",
     "(0: (0: int, 1: float, 2: ffi.Function) -> void) -> "
     "(0: int, 1: float, 2: ffi.Function) -> void"},
    {"schema_id_any", "(0: Any) -> Any"},
    {"schema_id_object", "(0: ffi.Object) -> ffi.Object"},
    {"schema_id_dltensor", "(0: DLTensor*) -> DLTensor*"},
    {"schema_id_tensor", "(0: ffi.Tensor) -> ffi.Tensor"},
    {"schema_id_opt_int", "(0: Optional<int>) -> Optional<int>"},
    {"schema_id_opt_str", "(0: Optional<str>) -> Optional<str>"},
    {"schema_id_opt_obj", "(0: Optional<ffi.Object>) -> Optional<ffi.Object>"},
    {"schema_id_arr_int", "(0: Array<int>) -> Array<int>"},
    {"schema_id_arr_str", "(0: Array<str>) -> Array<str>"},
    {"schema_id_arr_obj", "(0: Array<ffi.Object>) -> Array<ffi.Object>"},
    {"schema_id_arr", "(0: ffi.Array) -> ffi.Array"},
    {"schema_id_list_int", "(0: List<int>) -> List<int>"},
    {"schema_id_list_str", "(0: List<str>) -> List<str>"},
    {"schema_id_list_obj", "(0: List<ffi.Object>) -> List<ffi.Object>"},
    {"schema_id_map_str_int", "(0: Map<str, int>) -> Map<str, int>"},
    {"schema_id_map_str_str", "(0: Map<str, str>) -> Map<str, str>"},
    {"schema_id_map_str_obj", "(0: Map<str, ffi.Object>) -> Map<str, ffi.Object>"},
    {"schema_id_map", "(0: ffi.Map) -> ffi.Map"},
    {"schema_id_dict_str_int", "(0: Dict<str, int>) -> Dict<str, int>"},
    {"schema_id_dict_str_str", "(0: Dict<str, str>) -> Dict<str, str>"},
    {"schema_id_variant_int_str", "(0: Variant<int, str>) -> Variant<int, str>"},
    {"schema_tensor_view_input", "(0: DLTensor*) -> void"},
    {"schema_packed", ""},
    {"schema_arr_map_opt",
     "(0: Array<Optional<int>>, 1: Map<str, Array<int>>, 2: Optional<str>) -> "
     "Map<str, Array<int>>"},
    {"schema_variant_mix", "(0: Variant<int, str, Array<int>>) -> Variant<int, str, Array<int>>"},
    {"schema_no_args", "() -> int"},
    {"schema_no_return", "(0: int) -> void"},
    {"schema_no_args_no_return", "() -> void"},
};

class TestingFunction : public ::testing::TestWithParam<FunctionCase> {};

INSTANTIATE_TEST_SUITE_P(Testing, TestingFunction, ::testing::ValuesIn(kFunctions),
                         [](const auto& info) { return std::string(info.param.name); });

TEST_P(TestingFunction, HasItsSignature) {
  const std::string name = std::string("testing.") + GetParam().name;
  const std::string metadata = call("ffi.GetGlobalFuncMetadata", name).cast<String>();
  if (*GetParam().signature == '\0') {
    EXPECT_EQ(metadata, R"({"type_schema":"{\"type\":\"ffi.Function\"}"})");
    return;
  }
  EXPECT_NE(metadata.find(R"(\"named_args\":{\"return\":[)"), std::string::npos);
  std::string error = error_of([&] {
    Any ignored;
    AnyView args[9] = {};
    Function::GetGlobalRequired(name).CallPacked(args, 9, &ignored);
  });
  EXPECT_NE(error.find("`" + name + GetParam().signature + "`"), std::string::npos) << error;
}

TEST(TestingFunctions, NoFunctionIsLeftOut) {
  size_t registered = 0;
  for (const String& name : Function::ListGlobalNames()) {
    if (std::string(name).rfind("testing.", 0) == 0) ++registered;
  }
  EXPECT_EQ(registered, sizeof(kFunctions) / sizeof(kFunctions[0]));
}

TEST(TestingFunctions, MetadataOfUsers) {
  EXPECT_NE(std::string(call("ffi.GetGlobalFuncMetadata", "testing.schema_id_int").cast<String>())
                .find(R"(,"bool_attr":true,"int_attr":1,"str_attr":"hello"})"),
            std::string::npos);
}

// ---- Values ------------------------------------------------------------------------------------

TEST(TestingFunctions, CallEchoAndApply) {
  EXPECT_EQ(call("testing.add_one", 1).cast<int>(), 2);
  EXPECT_TRUE(call("testing.nop", 1, 2) == nullptr);
  EXPECT_EQ(call("testing.echo", "text", 2).cast<String>(), "text");
  Function add_one = Function::GetGlobalRequired("testing.add_one");
  EXPECT_EQ(call("testing.apply", add_one, 5).cast<int>(), 6);
  EXPECT_TRUE(call("testing.schema_packed", 1) == nullptr);
  call("testing.run_check_signal", 0);
}

TEST(TestingFunctions, RaiseErrorWithABacktrace) {
  try {
    call("testing.test_raise_error", "KeyError", "gone");
    FAIL();
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "KeyError");
    EXPECT_EQ(error.message(), "gone");
    EXPECT_NE(error.backtrace().find("TestRaiseError"), std::string::npos);
  }
}

TEST(TestingFunctions, CountReferences) {
  Array<int64_t> array{1};
  EXPECT_EQ(call("testing.object_use_count", array).cast<int>(), 1);
  Array<int64_t> second = array;
  EXPECT_EQ(call("testing.object_use_count", array).cast<int>(), 2);
}

TEST(TestingFunctions, AddOneByAddress) {
  auto safe_call =
      reinterpret_cast<TVMFFISafeCallType>(call("testing.get_add_one_c_symbol").cast<int64_t>());
  TVMFFIAny arg{};
  TypeTraits<int64_t>::CopyToAnyView(41, &arg);
  TVMFFIAny result{};
  ASSERT_EQ(safe_call(nullptr, &arg, 1, &result), 0);
  EXPECT_EQ(result.v_int64, 42);

  TVMFFIAny text{};
  TypeTraits<const char*>::CopyToAnyView("text", &text);
  EXPECT_EQ(safe_call(nullptr, &text, 1, &result), -1);
  EXPECT_EQ(detail::MoveFromSafeCallRaised().kind(), "TypeError");

  auto packed =
      reinterpret_cast<void (*)(void**)>(call("testing.get_mlir_add_one_c_symbol").cast<int64_t>());
  void* handle = nullptr;
  TVMFFIAny* args = &arg;
  int32_t num_args = 1;
  TVMFFIAny* out = &result;
  int code = -7;
  void* addresses[] = {&handle, &args, &num_args, &out, &code};
  result = TVMFFIAny{};
  packed(addresses);
  EXPECT_EQ(code, 0);
  EXPECT_EQ(result.v_int64, 42);
}

TEST(TestingFunctions, EnumMembersByName) {
  Enum beta = call("testing.enum_variant_get", "Beta").cast<Enum>();
  EXPECT_EQ(beta->_int_index, 1);
  EXPECT_TRUE(beta.same_as(call("testing.enum_variant_get", "Beta").cast<Enum>()));
  EXPECT_EQ(error_of([] { call("testing.enum_variant_get", "Gamma"); }),
            "ValueError: Enum `testing.TestEnumVariant` has no instance with index Gamma");
  EnumState state = *detail::FindEnumState(beta.type_index());
  EXPECT_EQ(state->attrs["code"][beta].cast<int>(), 20);
}

TEST(TestingFunctions, Objects) {
  EXPECT_EQ(call("testing.make_unregistered_object").GetTypeKey(),
            "testing.TestUnregisteredObject");
  EXPECT_EQ(call("testing.make_visit_region_graph", false).GetTypeKey(),
            "testing.TestVisitRegions");
  EXPECT_EQ(call("testing.make_visit_region_graph", true).GetTypeKey(), "testing.TestVisitHook");
  Any pair = Function::GetGlobalRequired("ffi.MakeObjectFromPackedArgs")("testing.TestIntPair", "a",
                                                                         3, "b", 4);
  EXPECT_EQ(call("testing.TestIntPairSum", pair).cast<int>(), 7);
  EXPECT_EQ(error_of([] { call("testing.TestIntPairSum", nullptr); }),
            "TypeError: Mismatched type on argument #0 when calling: `testing.TestIntPairSum(0: "
            "testing.TestIntPair) -> int`. Expected `testing.TestIntPair` but got `None`");
}

// ---- Tensors and containers --------------------------------------------------------------------

Tensor MakeTensor() {
  struct Allocator {
    void AllocData(DLTensor* tensor) { tensor->data = new int64_t[2](); }
    void FreeData(DLTensor* tensor) { delete[] static_cast<int64_t*>(tensor->data); }
  };
  return Tensor::FromNDAlloc(Allocator(), Shape({2}), DLDataType{kDLInt, 64, 1},
                             DLDevice{kDLCPU, 0});
}

TEST(TestingFunctions, ContainersOfTensors) {
  Tensor t = MakeTensor();
  EXPECT_TRUE(call("testing.make_array_with_tensor", t).cast<Array<Tensor>>()[0].same_as(t));
  Array<Any> mixed = call("testing.make_array_with_mixed", t, 7).cast<Array<Any>>();
  EXPECT_EQ(mixed[1].cast<int>(), 7);
  EXPECT_EQ(mixed[2].cast<String>(), "hello");
  Array<Any> nested = call("testing.make_nested_array_with_tensor", t).cast<Array<Any>>();
  EXPECT_EQ(nested[0].cast<Array<Any>>()[1].cast<int>(), 42);
  EXPECT_EQ(call("testing.make_list_with_tensor", t, 7).cast<List<Any>>().size(), 2U);
  Map<String, Any> map = call("testing.make_map_with_tensor", t).cast<Map<String, Any>>();
  EXPECT_TRUE(map["tensor"].same_as(Any(t)));
  EXPECT_EQ(map["value"].cast<int>(), 42);
  EXPECT_EQ(map["name"].cast<String>(), "test");
  Dict<String, Any> dict = call("testing.make_dict_with_tensor", t).cast<Dict<String, Any>>();
  EXPECT_EQ(dict["value"].cast<int>(), 42);
  EXPECT_EQ(dict.size(), 2U);
  EXPECT_EQ(call("testing.make_empty_array_with_tensor_input", t).cast<Array<Any>>().size(), 0U);
  Map<String, Any> both =
      call("testing.make_nested_map_with_tensor", t, t).cast<Map<String, Any>>();
  EXPECT_EQ(both["array"].cast<Array<Any>>().size(), 2U);
  EXPECT_EQ((both["map"].cast<Map<String, Any>>().size()), 1U);
  EXPECT_EQ(both["scalar"].cast<int>(), 99);
  EXPECT_TRUE(call("testing.optional_tensor_view_has_value", t).cast<bool>());
  EXPECT_FALSE(call("testing.optional_tensor_view_has_value", nullptr).cast<bool>());
  EXPECT_TRUE(call("testing.schema_id_tensor", t).same_as(Any(t)));
  EXPECT_TRUE(call("testing.schema_tensor_view_input", t) == nullptr);
}

// What the identity functions are given comes back.
TEST(TestingFunctions, Identities) {
  const Function nop = Function::GetGlobalRequired("testing.nop");
  const Array<int64_t> ints{1, 2};
  const Map<String, int64_t> counts{{"a", 1}};
  const struct {
    const char* name;
    Any value;
  } rows[] = {
      {"int", Any(1)},
      {"float", Any(1.5)},
      {"bool", Any(true)},
      {"string", Any("text")},
      {"bytes", Any(Bytes("b", 1))},
      {"func", Any(nop)},
      {"func_typed", Any(nop)},
      {"any", Any(ints)},
      {"object", Any(ints)},
      {"opt_int", Any()},
      {"opt_str", Any("text")},
      {"opt_obj", Any(ints)},
      {"arr_int", Any(ints)},
      {"arr", Any(ints)},
      {"arr_str", Any(Array<String>{"a"})},
      {"arr_obj", Any(Array<ObjectRef>{ints})},
      {"list_int", Any(List<int64_t>{1})},
      {"list_str", Any(List<String>{"a"})},
      {"list_obj", Any(List<ObjectRef>{ints})},
      {"map", Any(counts)},
      {"map_str_int", Any(counts)},
      {"map_str_str", Any(Map<String, String>{{"a", "b"}})},
      {"map_str_obj", Any(Map<String, ObjectRef>{{"a", ints}})},
      {"dict_str_int", Any(Dict<String, int64_t>{{"a", 1}})},
      {"dict_str_str", Any(Dict<String, String>{{"a", "b"}})},
      {"variant_int_str", Any("text")},
  };
  for (const auto& [name, value] : rows) {
    Any result = call((std::string("testing.schema_id_") + name).c_str(), value);
    EXPECT_TRUE(AnyEqual()(result, value)) << name;
  }
  DLDevice device{kDLCUDA, 1};
  EXPECT_EQ(call("testing.schema_id_device", device).cast<DLDevice>().device_id, 1);
  DLDataType dtype{kDLFloat, 16, 1};
  EXPECT_EQ(call("testing.schema_id_dtype", dtype).cast<DLDataType>(), dtype);
  // A borrowed tensor cannot come back as a value that owns.
  EXPECT_EQ(error_of([] { call("testing.schema_id_dltensor", MakeTensor()); }),
            "RuntimeError: DLTensor* cannot be held in Any as it does not retain ownership, use "
            "Tensor instead");
}

TEST(TestingFunctions, OtherSchemas) {
  using Lists = Map<String, Array<int64_t>>;
  Array<Any> some{1, nullptr, 3};
  Lists stored = call("testing.schema_arr_map_opt", some, Lists(), "key").cast<Lists>();
  EXPECT_EQ(stored["key"].size(), 2U);
  EXPECT_EQ(call("testing.schema_arr_map_opt", some, Lists(), nullptr).cast<Lists>().size(), 0U);
  EXPECT_EQ(call("testing.schema_variant_mix", "text").cast<String>(), "text");
  EXPECT_EQ(call("testing.schema_no_args").cast<int>(), 1);
  EXPECT_TRUE(call("testing.schema_no_return", 1) == nullptr);
  EXPECT_TRUE(call("testing.schema_no_args_no_return") == nullptr);
}

// ---- Symbols -----------------------------------------------------------------------------------

TEST(TestingLibrary, ExportsSymbols) {
  EXPECT_EQ(TVMFFITestingDummyTarget(), 0);
  Module system = call("ffi.SystemLib").cast<Module>();
  Optional<Function> add_one = system->GetFunction("testing.add_one");
  ASSERT_TRUE(add_one.has_value());
  EXPECT_EQ((*add_one)(1).cast<int>(), 2);
}

TEST(TestingLibrary, IsAModuleWithMetadata) {
  Module library = Module::LoadFromFile(TESTING_LIBRARY);
  EXPECT_EQ((*library->GetFunction("testing_dll_schema_id_int"))(5).cast<int>(), 5);
  const char* add = "testing_dll_test_add_with_docstring";
  EXPECT_EQ((*library->GetFunction(add))(2, 3).cast<int>(), 5);
  EXPECT_EQ(*library->GetFunctionMetadata("testing_dll_schema_id_int"),
            R"({"type_schema":"{\"type\":\"ffi.Function\",\"named_args\":{\"return\":[{\"type\":)"
            R"(\"int\"}],\"params\":[{\"type\":\"int\"}]}}"})");
  EXPECT_EQ(*library->GetFunctionDoc(add),
            "Add two integers and return the sum.\n\nParameters\n----------\na : int\n"
            "    First integer\nb : int\n    Second integer\n\nReturns\n-------\nresult : int\n"
            "    Sum of a and b");
  EXPECT_FALSE(library->GetFunctionDoc("testing_dll_schema_id_int").has_value());
}

}  // namespace
