// SPDX-License-Identifier: Apache-2.0
//
// Object graphs as C++ programs write and read them.
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/serialization.h>
#include <tvm/ffi/reflection/enum_def.h>
#include <tvm/ffi/reflection/registry.h>

#include <limits>
#include <string>

#include "../number_object.h"

namespace serialization_test {

using namespace tvm::ffi;
namespace refl = tvm::ffi::reflection;
using number::ErrorOf;

// One field of each kind that is written in place, and one of each that is not.
class RecordObj : public Object {
 public:
  int64_t count = 0;
  bool flag = false;
  double ratio = 0;
  DLDataType dtype = {kDLFloat, 32, 1};
  Any any;
  String name;
  Array<Any> items;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.serialization.Record", RecordObj, Object);
};

class Record : public ObjectRef {
 public:
  Record() : ObjectRef(make_object<RecordObj>()) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Record, ObjectRef, RecordObj);
};

// Written and read by hooks.
class CelsiusObj : public Object {
 public:
  explicit CelsiusObj(int64_t degrees) : degrees(degrees) {}
  int64_t degrees;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.serialization.Celsius", CelsiusObj, Object);
};

// Cannot be made again.
class NoCreatorObj : public Object {
 public:
  explicit NoCreatorObj(int) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.serialization.NoCreator", NoCreatorObj, Object);
};

class ColorObj : public EnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.serialization.Color", ColorObj, EnumObj);
};

class LevelObj : public IntEnumObj {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.serialization.Level", LevelObj, IntEnumObj);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<RecordObj>()
      .def_rw("count", &RecordObj::count)
      .def_rw("flag", &RecordObj::flag, refl::default_value(true))
      .def_rw("ratio", &RecordObj::ratio, refl::default_value(0.5))
      .def_rw("dtype", &RecordObj::dtype, refl::default_value(DLDataType{kDLInt, 8, 1}))
      .def_rw("any", &RecordObj::any, refl::default_value(nullptr))
      .def_rw("name", &RecordObj::name, refl::default_value("nobody"))
      .def_rw("items", &RecordObj::items,
              refl::default_factory(Function::FromTyped([] { return Array<Any>(); })));
  refl::ObjectDef<CelsiusObj>(refl::init(false))
      .def_type_attr(type_attr::kDataToJson.name,
                     [](const CelsiusObj* self) { return Any(self->degrees); })
      .def_type_attr(type_attr::kDataFromJson.name, [](int64_t degrees) {
        return Any(ObjectRef(make_object<CelsiusObj>(degrees)));
      });
  refl::ObjectDef<NoCreatorObj>(refl::init(false));
  refl::ObjectDef<ColorObj>(refl::init(false));
  refl::ObjectDef<LevelObj>(refl::init(false));
  refl::EnumDef<ColorObj>("Red");
  refl::EnumDef<ColorObj>("Green");
  refl::EnumDef<LevelObj>("Low", 3);
}

std::string Text(const Any& value) { return json::Stringify(ToJSONGraph(value)); }
Any Read(const char* text) { return FromJSONGraph(json::Parse(text)); }
std::string ReadError(const char* text) {
  return ErrorOf([&] { Read(text); });
}
// Of a graph with one node.
Any ReadNode(const std::string& node) {
  return Read((R"({"root_index":0,"nodes":[)" + node + "]}").c_str());
}
std::string NodeError(const std::string& node) {
  return ErrorOf([&] { ReadNode(node); });
}

// The value has this one node, and comes back from it.
void ExpectNode(const Any& value, const std::string& node) {
  EXPECT_EQ(Text(value), R"({"root_index":0,"nodes":[)" + node + "]}");
  Any back = ReadNode(node);
  EXPECT_TRUE(RecursiveEq(back, value)) << node;
}

TEST(Serialization, OneNode) {
  ExpectNode(nullptr, R"({"type":"None"})");
  ExpectNode(true, R"({"type":"bool","data":true})");
  ExpectNode(-5, R"({"type":"int","data":-5})");
  ExpectNode(1.5, R"({"type":"float","data":1.5})");
  ExpectNode(DLDataType{kDLFloat, 16, 4}, R"({"type":"DataType","data":"float16x4"})");
  ExpectNode(DLDevice{kDLCUDA, 3}, R"({"type":"Device","data":[2,3]})");
  ExpectNode("short", R"({"type":"ffi.String","data":"short"})");
  ExpectNode("long enough for the heap",
             R"({"type":"ffi.String","data":"long enough for the heap"})");
  ExpectNode(Bytes("abcd"), R"({"type":"ffi.Bytes","data":"YWJjZA=="})");
  ExpectNode(Bytes("abcdefghij"), R"({"type":"ffi.Bytes","data":"YWJjZGVmZ2hpag=="})");
  ExpectNode(Shape({2, 3}), R"({"type":"ffi.Shape","data":[2,3]})");
  ExpectNode(Array<Any>(), R"({"type":"ffi.Array","data":[]})");
  ExpectNode(List<Any>(), R"({"type":"ffi.List","data":[]})");
  ExpectNode(Map<Any, Any>(), R"({"type":"ffi.Map","data":[]})");
  ExpectNode(Dict<Any, Any>(), R"({"type":"ffi.Dict","data":[]})");
}

TEST(Serialization, ChildrenFirstAndSharedOnce) {
  EXPECT_EQ(Text(Array<Any>{42, 42}), R"({"root_index":1,"nodes":[{"type":"int","data":42},)"
                                      R"({"type":"ffi.Array","data":[0,0]}]})");
  List<Any> shared{1};
  Array<Any> back = Read(Text(Array<Any>{shared, shared, List<Any>{1}}).c_str()).cast<Array<Any>>();
  EXPECT_TRUE(back[0].same_as(back[1]));
  EXPECT_FALSE(back[0].same_as(back[2]));
}

TEST(Serialization, Metadata) {
  json::Object graph = ToJSONGraph(1, Map<String, Any>{{"version", 2}}).cast<json::Object>();
  EXPECT_EQ(json::Stringify(graph),
            R"({"root_index":0,"nodes":[{"type":"int","data":1}],"metadata":{"version":2}})");
  EXPECT_EQ(FromJSONGraph(graph).cast<int>(), 1);
}

TEST(Serialization, FieldsInPlaceAndApart) {
  Record record;
  record->count = 7;
  record->name = "a";
  EXPECT_EQ(
      Text(record),
      R"({"root_index":3,"nodes":[{"type":"None"},{"type":"ffi.String","data":"a"},)"
      R"({"type":"ffi.Array","data":[]},{"type":"test.serialization.Record","data":)"
      R"({"count":7,"flag":false,"ratio":0.0,"dtype":"float32","any":0,"name":1,"items":2}}]})");
  Any back = Read(Text(record).c_str());
  EXPECT_TRUE(RecursiveEq(back, record));
}

TEST(Serialization, DefaultsOfMissingFields) {
  Record record =
      ReadNode(R"({"type":"test.serialization.Record","data":{"count":1}})").cast<Record>();
  EXPECT_TRUE(record->flag);
  EXPECT_EQ(record->ratio, 0.5);
  EXPECT_EQ(record->dtype, (DLDataType{kDLInt, 8, 1}));
  EXPECT_EQ(record->name, "nobody");
  EXPECT_EQ(NodeError(R"({"type":"test.serialization.Record","data":{}})"),
            "TypeError: Required field `count` not set in type `test.serialization.Record`");
}

TEST(Serialization, Hooks) {
  Any celsius = ObjectRef(make_object<CelsiusObj>(20));
  EXPECT_EQ(Text(celsius),
            R"({"root_index":0,"nodes":[{"type":"test.serialization.Celsius","data":20}]})");
  EXPECT_EQ(Read(Text(celsius).c_str()).as<CelsiusObj>()->degrees, 20);
}

TEST(Serialization, EnumsKeepTheirIdentity) {
  Any red = EnumObj::_GetByStrIndex(ColorObj::RuntimeTypeIndex(), "Red");
  EXPECT_EQ(Text(red),
            R"({"root_index":0,"nodes":[{"type":"test.serialization.Color","data":"Red"}]})");
  EXPECT_TRUE(Read(Text(red).c_str()).same_as(red));
  Any low = EnumObj::_GetByIntIndex(LevelObj::RuntimeTypeIndex(), 3);
  EXPECT_EQ(Text(low),
            R"({"root_index":0,"nodes":[{"type":"test.serialization.Level","data":3}]})");
  EXPECT_TRUE(Read(Text(low).c_str()).same_as(low));
  EXPECT_EQ(
      NodeError(R"({"type":"test.serialization.Level","data":4})").rfind("ValueError: Enum", 0),
      0U);
}

TEST(Serialization, AnyOrderOfNodes) {
  Array<Any> back =
      Read(R"({"nodes":[{"type":"ffi.Array","data":[2,1]},{"type":"int","data":1},)"
           R"({"type":"ffi.Map","data":[3,1]},{"type":"ffi.String","data":"k"}],"root_index":0})")
          .cast<Array<Any>>();
  EXPECT_EQ(ReprPrint(back), "({\"k\": 1}, 1)");
}

TEST(Serialization, WhatCannotBeWritten) {
  List<Any> list;
  list.push_back(Array<Any>{list});
  EXPECT_EQ(ErrorOf([&] { ToJSONGraph(list); }),
            "ValueError: Cycle detected during serialization: a List contains itself");
  list.clear();
  Dict<Any, Any> dict;
  dict.Set("self", dict);
  EXPECT_EQ(ErrorOf([&] { ToJSONGraph(dict); }),
            "ValueError: Cycle detected during serialization: a Dict contains itself");
  dict.clear();
  EXPECT_EQ(
      ErrorOf([] { ToJSONGraph(ObjectRef(make_object<NoCreatorObj>(1))); }),
      "TypeError: Type `test.serialization.NoCreator` does not support ToJSONGraph (no native "
      "creator or __ffi_new__ type attr)");
  EXPECT_EQ(ErrorOf([] { ToJSONGraph(static_cast<void*>(nullptr)); }),
            "RuntimeError: Cannot serialize type `void*`");
}

TEST(Serialization, MalformedGraphs) {
  EXPECT_EQ(ReadError("[]"), "ValueError: Invalid JSON Object Graph, expected an object");
  EXPECT_EQ(ReadError(R"({"nodes":[]})"),
            "ValueError: Invalid JSON Object Graph, expected `root_index` integer field");
  EXPECT_EQ(ReadError(R"({"root_index":"0","nodes":[]})"),
            "ValueError: Invalid JSON Object Graph, expected `root_index` integer field");
  EXPECT_EQ(ReadError(R"({"root_index":0})"),
            "ValueError: Invalid JSON Object Graph, expected `nodes` array field");
  EXPECT_EQ(ReadError(R"({"root_index":0,"nodes":{}})"),
            "ValueError: Invalid JSON Object Graph, expected `nodes` array field");
  EXPECT_EQ(ReadError(R"({"root_index":0,"nodes":[]})"),
            "ValueError: Invalid JSON Object Graph: invalid node index 0");
  EXPECT_EQ(NodeError(R"({"type":"ffi.Array","data":[-1]})"),
            "ValueError: Invalid JSON Object Graph: invalid node index -1");
  EXPECT_EQ(NodeError(R"({"type":"ffi.Array","data":[0]})"),
            "ValueError: Invalid JSON Object Graph: node 0 refers to itself");
  EXPECT_EQ(NodeError(R"({"type":"ffi.Map","data":[0]})"),
            "ValueError: Invalid JSON Object Graph: Map/Dict data must contain an even number of "
            "[key, value] entries, got 1");
  EXPECT_EQ(NodeError(R"({"type":"Device","data":[1]})"),
            "ValueError: Invalid JSON Object Graph: Device data must be an array of "
            "[device_type, device_id], got 1 element(s)");
  EXPECT_EQ(NodeError("5").rfind("ValueError: Invalid JSON Object Graph", 0), 0U);
  EXPECT_EQ(NodeError("{}").rfind("ValueError: Invalid JSON Object Graph", 0), 0U);
}

TEST(Serialization, DataThatDoesNotFitItsType) {
  const std::pair<const char*, const char*> cases[] = {
      {R"({"type":"no.such.type","data":1})", "InternalError: Cannot find type `no.such.type`"},
      {R"({"type":"bool","data":"x"})",
       "TypeError: Cannot convert from type `ffi.SmallStr` to `bool`"},
      {R"({"type":"int"})", "TypeError: Cannot convert from type `None` to `int`"},
      {R"({"type":"int","data":[]})", "TypeError: Cannot convert from type `ffi.Array` to `int`"},
      {R"({"type":"float","data":"1"})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.String","data":1})", "TypeError: Cannot convert from type `int` to `str`"},
      {R"({"type":"ffi.Bytes","data":"abc"})", "InternalError: Check failed"},
      {R"({"type":"DataType","data":"nothing"})", "ValueError: unknown dtype `nothing`"},
      {R"({"type":"Device","data":["a","b"]})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.Shape","data":["a"]})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.Array","data":["a"]})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.Array"})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.Map","data":5})", "TypeError: Cannot convert"},
      {R"({"type":"ffi.BigInt","data":"1x"})", "ValueError: Invalid decimal string for ffi.BigInt"},
      {R"({"type":"ffi.BigInt","data":5})", "TypeError: Cannot treat type `int` as type `str`"},
      {R"({"type":"ffi.Function","data":{}})",
       "RuntimeError: Type `ffi.Function` does not support"},
      {R"({"type":"ffi.Tensor","data":{}})", "RuntimeError: Type `ffi.Tensor` does not support"},
      {R"({"type":"ffi.Module","data":{}})", "RuntimeError: Type `ffi.Module` does not support"},
      {R"({"type":"ffi.Error","data":{}})", "RuntimeError: Type `ffi.Error` does not support"},
      {R"({"type":"void*","data":1})", "RuntimeError: Cannot deserialize type `void*`"},
      {R"({"type":"test.serialization.Record","data":[]})", "TypeError: Cannot convert"},
      {R"({"type":"test.serialization.Record","data":{"count":"x"}})", "TypeError: "},
      {R"({"type":"test.serialization.Record","data":{"count":1,"name":0}})",
       "ValueError: Invalid JSON Object Graph: node 0 refers to itself"},
      {R"({"type":"test.serialization.NoCreator","data":{}})",
       "RuntimeError: Type `test.serialization.NoCreator` does not support"},
      {R"({"type":"test.serialization.Color","data":"Blue"})", "ValueError: Enum"},
      {R"({"type":"test.serialization.Color","data":[]})", "TypeError: Cannot convert"},
  };
  for (const auto& [node, start] : cases) {
    EXPECT_EQ(NodeError(node).substr(0, std::string(start).size()), start) << node;
  }
}

TEST(Serialization, ThroughText) {
  Array<Any> value{1,
                   2.5,
                   "text",
                   List<Any>{nullptr, true},
                   Map<Any, Any>{{Array<Any>{1}, Bytes("b")}},
                   std::numeric_limits<int64_t>::min()};
  Any back = FromJSONGraph(json::Parse(json::Stringify(ToJSONGraph(value), 2)));
  EXPECT_EQ(ReprPrint(back), ReprPrint(value));
}

}  // namespace serialization_test
