// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;

Any deep_copy(const Any& value) { return call("ffi.DeepCopy", value); }

using AnyMap = Map<Any, Any>;
using AnyDict = Dict<Any, Any>;

class NodeObj : public Object {
 public:
  Any value;
  Any other;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.copy.Node", NodeObj, Object);
};

class UncopyableObj : public Object {
 public:
  UncopyableObj() = default;
  UncopyableObj(const UncopyableObj&) = delete;
  TVM_FFI_DECLARE_OBJECT_INFO("test.copy.Uncopyable", UncopyableObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<NodeObj>().def_ro("value", &NodeObj::value).def_rw("other", &NodeObj::other);
  refl::ObjectDef<UncopyableObj>();
}

class DeepCopy : public registered::BalanceTest {};

TEST_F(DeepCopy, SharesWhatDoesNotChange) {
  ObjectRef member(make_object<EnumObj>(1, "one"));
  for (const Any& value : {Any(1), Any("text"), Any("a text on the heap"), Any(Shape({1, 2})),
                           Any(Bytes("some bytes here", 15)), Any(nullptr), Any(member)}) {
    EXPECT_TRUE(deep_copy(value).same_as(value));
  }
}

TEST_F(DeepCopy, CopiesContainers) {
  List<Any> inner{1};
  Any original = Array<Any>{inner, AnyMap{{"a", inner}}, AnyDict{{2, inner}}};
  Array<Any> copy = deep_copy(original).cast<Array<Any>>();
  EXPECT_FALSE(copy.same_as(original.cast<ObjectRef>()));
  inner.push_back(2);
  List<Any> copied = copy[0].cast<List<Any>>();
  EXPECT_EQ(copied.size(), 1);
  EXPECT_EQ(copied[0].cast<int>(), 1);
  // What was shared is shared.
  EXPECT_TRUE(copy[1].cast<AnyMap>().at("a").same_as(copied));
  EXPECT_TRUE(copy[2].cast<AnyDict>().at(2).same_as(copied));
}

TEST_F(DeepCopy, KeepsTheOrderOfMaps) {
  AnyMap map;
  for (int i = 0; i < 40; ++i) map.Set(39 - i, List<Any>{i});
  AnyMap copy = deep_copy(map).cast<AnyMap>();
  ASSERT_EQ(copy.size(), 40);
  int i = 0;
  for (const auto& [key, value] : copy) {
    EXPECT_EQ(key.cast<int>(), 39 - i);
    EXPECT_EQ(value.cast<List<Any>>()[0].cast<int>(), i++);
  }
}

TEST_F(DeepCopy, CopiesObjectsAndTheirFields) {
  auto node = make_object<NodeObj>();
  node->value = List<Any>{1};
  node->other = "text";
  Any copy = deep_copy(ObjectRef(node));
  const NodeObj* copied = copy.as<NodeObj>();
  EXPECT_NE(copied, node.get());
  EXPECT_FALSE(copied->value.same_as(node->value));
  EXPECT_EQ(copied->value.cast<List<Any>>()[0].cast<int>(), 1);
  EXPECT_EQ(copied->other.cast<String>(), "text");
}

TEST_F(DeepCopy, KeepsCycles) {
  List<Any> list;
  AnyDict dict{{"list", list}};
  auto node = make_object<NodeObj>();
  node->value = list;
  list.push_back(dict);
  list.push_back(Array<Any>{ObjectRef(node)});
  list.push_back(AnyMap{{1, list}});
  List<Any> copy = deep_copy(list).cast<List<Any>>();
  ASSERT_EQ(copy.size(), 3);
  EXPECT_TRUE(copy[0].cast<AnyDict>().at("list").same_as(copy));
  EXPECT_TRUE(copy[1].cast<Array<Any>>()[0].as<NodeObj>()->value.same_as(copy));
  EXPECT_TRUE(copy[2].cast<AnyMap>().at(1).same_as(copy));
  list.clear();
  EXPECT_EQ(copy.size(), 3);
  copy.clear();
}

// The array is within itself, by way of the list.
TEST_F(DeepCopy, KeepsCyclesThroughImmutableContainers) {
  List<Any> list;
  Any array = Array<Any>{list, 5};
  list.push_back(array);
  Array<Any> copy = deep_copy(array).cast<Array<Any>>();
  EXPECT_TRUE(copy[0].cast<List<Any>>()[0].same_as(copy));
  EXPECT_EQ(copy[1].cast<int>(), 5);
  copy[0].cast<List<Any>>().clear();
  list.clear();
}

TEST_F(DeepCopy, RefusesWhatCannotBeCopied) {
  const char* reason = "Cannot deep copy object of type \"";
  for (const Any& value : {Any(ObjectRef(make_object<UncopyableObj>())),
                           Any(Function::FromTyped([] {})), call("ffi.GetInvalidObject")}) {
    const std::string error = error_of([&] { deep_copy(Array<Any>{value}); });
    EXPECT_EQ(error.find("InternalError: Check failed: "), 0) << error;
    EXPECT_NE(error.find(reason + value.GetTypeKey() + "\" because it is not copy-constructible"),
              std::string::npos)
        << error;
  }
}

TEST_F(DeepCopy, DeepValues) {
  constexpr int kDepth = 100000;
  std::vector<List<Any>> lists(1);
  for (int i = 0; i < kDepth; ++i) lists.push_back(List<Any>(1, Any(lists.back())));
  Any copy = deep_copy(lists.back());
  int depth = 0;
  for (List<Any> list = copy.cast<List<Any>>(); list.size() != 0; ++depth) {
    List<Any> next = list[0].cast<List<Any>>();
    list.clear();
    list = next;
  }
  EXPECT_EQ(depth, kDepth);
  while (!lists.empty()) {
    lists.back().clear();
    lists.pop_back();
  }
}

}  // namespace
