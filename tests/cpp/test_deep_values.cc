// SPDX-License-Identifier: Apache-2.0
//
// Operations on very deep values and on those with very many shared parts: they need no stack for
// it and look at each part once. (A crash or a test that does not end shows the contrary.)
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/extra/serialization.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "registered.h"
#include "sanitized.h"

namespace {

using namespace tvm::ffi;
using registered::error_of;
using registered::Tracked;
using registered::TrackedObj;

constexpr int kMany = sanitized::kDeepChain;  // more only takes longer
constexpr int kMostLevels = 1 << 20;          // that the operations take

// The next object comes last.
class LinkObj : public Object {
 public:
  int64_t value = 0;
  Any next;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.deep.Link", LinkObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::ObjectDef<LinkObj>().def_rw("value", &LinkObj::value).def_rw("next", &LinkObj::next);
}

Any wrap_in_array(Any inner) { return Array<Any>{std::move(inner)}; }
Any wrap_in_list(Any inner) { return List<Any>{std::move(inner)}; }
Any wrap_in_map(Any inner) { return Map<Any, Any>{{"k", std::move(inner)}}; }
Any wrap_in_dict(Any inner) { return Dict<Any, Any>{{"k", std::move(inner)}}; }
Any wrap_in_link(Any inner) {
  ObjectPtr<LinkObj> link = make_object<LinkObj>();
  link->next = std::move(inner);
  return ObjectRef(link);
}
Any wrap_in_function(Any inner) {
  return Function::FromTyped([inner = std::move(inner)] { return inner; });
}

using Wrap = Any (*)(Any);

Any chain(Wrap wrap, int levels, Any inner = nullptr) {
  for (int i = 0; i < levels; ++i) inner = wrap(std::move(inner));
  return inner;
}

// Each level holds the one below twice: 2^levels paths lead to the bottom.
Any doubled(int levels) {
  Any value = Array<Any>{1};
  for (int i = 0; i < levels; ++i) value = Array<Any>{value, value};
  return value;
}

class DeepValueTest : public registered::BalanceTest {};

TEST_F(DeepValueTest, ChainsAreDestroyed) {
  for (Wrap wrap :
       {wrap_in_array, wrap_in_list, wrap_in_map, wrap_in_dict, wrap_in_link, wrap_in_function}) {
    const int before = TrackedObj::live;
    Any top = chain(wrap, kMany, Tracked::make());
    EXPECT_EQ(TrackedObj::live, before + 1);
    top = nullptr;
    EXPECT_EQ(TrackedObj::live, before);  // all is gone when the call returns
  }
}

TEST_F(DeepValueTest, ChainsOfThisLibraryAndOfTheOtherAreDestroyed) {
  const Function make_array = Function::GetGlobalRequired("ffi.Array");
  Any top = Tracked::make();
  for (int i = 0; i < kMany / 2; ++i) top = make_array(wrap_in_link(std::move(top)));
}

TEST_F(DeepValueTest, ChainsWithWeakReferencesAreDestroyed) {
  Any top = Tracked::make();
  std::vector<WeakObjectPtr<Object>> watchers;
  for (int i = 0; i < kMany; ++i) {
    top = wrap_in_link(std::move(top));
    watchers.emplace_back(
        detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(top.cast<ObjectRef>()));
  }
  top = nullptr;
  for (const WeakObjectPtr<Object>& watcher : watchers) ASSERT_TRUE(watcher.expired());
}

TEST_F(DeepValueTest, ManyPartsBelowADeepOneAreDestroyed) {
  List<Any> wide;
  for (int i = 0; i < 1000; ++i) wide.push_back(chain(wrap_in_link, 100, Tracked::make()));
  Any top = chain(wrap_in_link, 100, wide);
  wide = List<Any>();
}

TEST_F(DeepValueTest, EachThreadDestroysItsOwn) {
  auto run = [] {
    for (int i = 0; i < 10; ++i) chain(wrap_in_link, 10000, Tracked::make());
  };
  std::thread other(run);
  run();
  other.join();
}

TEST_F(DeepValueTest, ChainsAreCopied) {
  for (Wrap wrap : {wrap_in_array, wrap_in_link}) {
    Any top = chain(wrap, kMany);
    Any copy = DeepCopy(top);
    EXPECT_FALSE(copy.same_as(top));
    EXPECT_TRUE(RecursiveEq(copy, top));
  }
}

TEST_F(DeepValueTest, ChainsAreHashedAndCompared) {
  for (Wrap wrap : {wrap_in_map, wrap_in_link}) {
    Any lhs = chain(wrap, kMany, 1), rhs = chain(wrap, kMany, 1), other = chain(wrap, kMany, 2);
    EXPECT_EQ(RecursiveHash(lhs), RecursiveHash(rhs));
    EXPECT_NE(RecursiveHash(lhs), RecursiveHash(other));
    EXPECT_TRUE(RecursiveEq(lhs, rhs));
    EXPECT_FALSE(RecursiveEq(lhs, other));
    if (wrap != wrap_in_map) {
      EXPECT_TRUE(RecursiveLt(lhs, other));
    }
  }
}

TEST_F(DeepValueTest, ChainsArePrinted) {
  const size_t levels = kMany;
  EXPECT_EQ(ReprPrint(chain(wrap_in_list, kMany)),
            std::string(levels, '[') + "None" + std::string(levels, ']'));
  EXPECT_EQ(ReprPrint(chain(wrap_in_link, kMany)).size(),
            levels * std::string("test.deep.Link(value=0, next=)").size() + 4);
}

TEST_F(DeepValueTest, ChainsAreWrittenAndRead) {
  for (Wrap wrap : {wrap_in_list, wrap_in_link}) {
    Any top = chain(wrap, kMany);
    EXPECT_TRUE(RecursiveEq(FromJSONGraph(ToJSONGraph(top)), top));
  }
  const size_t levels = kMany;
  const std::string text = std::string(levels, '[') + std::string(levels, ']');
  EXPECT_EQ(json::Stringify(json::Parse(text)), text);
}

TEST_F(DeepValueTest, SharedPartsAreTakenOnce) {
  Any top = doubled(kMany);
  Any copy = DeepCopy(top);
  EXPECT_FALSE(copy.same_as(top));
  EXPECT_TRUE(copy.cast<Array<Any>>()[0].same_as(copy.cast<Array<Any>>()[1]));
  EXPECT_EQ(RecursiveHash(copy), RecursiveHash(top));
  EXPECT_TRUE(RecursiveEq(copy, top));
  json::Object graph = ToJSONGraph(top).cast<json::Object>();
  EXPECT_EQ(graph["nodes"].cast<json::Array>().size(), kMany + 2);
  EXPECT_TRUE(RecursiveEq(FromJSONGraph(graph), top));
}

TEST_F(DeepValueTest, ManySharedPartsArePrintedEachTime) {
  List<Any> parts;
  for (int i = 0; i < kMany; ++i) parts.push_back(List<Any>{i % 10});
  const String once = ReprPrint(parts);
  EXPECT_EQ(once.size(), size_t{kMany} * std::string("[0], ").size());
  EXPECT_EQ(ReprPrint(Array<Any>{parts, parts}).size(), 2 * once.size() + 4);
}

// The others count in the same way.
TEST_F(DeepValueTest, TooDeepValuesAreRefused) {
  SKIP_IF_SANITIZED();
  const Any deep = chain(wrap_in_list, kMostLevels + 1),
            other = chain(wrap_in_list, kMostLevels + 1);
  EXPECT_EQ(error_of([&] { RecursiveHash(deep); }),
            "ValueError: ObjectGraphDFS: maximum stack depth (1048576) exceeded");
  EXPECT_EQ(error_of([&] { RecursiveEq(deep, other); }),
            "ValueError: RecursiveCompare: maximum stack depth (1048576) exceeded");
}

}  // namespace
