// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/reflection/registry.h>

#include <stdexcept>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "../registered.h"
#include "../sanitized.h"
#include "structural_objects.h"

namespace {

using namespace tvm::ffi;
using namespace structural;
using registered::call;
using registered::error_of;
using sanitized::kLongChain;
namespace refl = reflection;
using MaybeInterrupt = Expected<Optional<VisitInterrupt>>;

// What happened, in order.
using Log = std::vector<std::string>;

std::string name_of(const Any& value) {
  if (auto integer = value.as<int64_t>()) return std::to_string(*integer);
  std::string key = value.GetTypeKey();
  return key.substr(key.rfind('.') + 1);
}

template <WalkOrder order>
Log walk(const Any& root) {
  Log log;
  auto interrupt = StructuralWalk<order>(root, [&](const Any& value) -> Expected<WalkResult> {
    log.push_back(name_of(value));
    return WalkResult::Advance();
  });
  EXPECT_FALSE(interrupt.has_value());
  return log;
}

// The value and the kind of definition region that callbacks see.
Log walk_with_kinds(const Any& root) {
  Log log;
  StructuralWalk<WalkOrder::kPreOrder>(
      root, [&](AnyView value, TVMFFIDefRegionKind kind) -> Expected<WalkResult> {
        log.push_back(name_of(value) + ":" + std::to_string(kind));
        return WalkResult::Advance();
      });
  return log;
}

std::vector<Any> context_of(const Error& error) {
  auto context = VisitErrorContext::TryGetFromError(error);
  std::vector<Any> nodes;
  if (context.has_value()) {
    for (const ObjectRef& node : (*context)->reverse_visit_pattern) nodes.push_back(node);
  }
  return nodes;
}

void expect_context(const Error& error, const std::vector<Any>& expected) {
  const std::vector<Any> nodes = context_of(error);
  ASSERT_EQ(nodes.size(), expected.size());
  for (size_t i = 0; i < nodes.size(); ++i) EXPECT_TRUE(nodes[i].same_as(expected[i])) << i;
}

// ---- StructuralWalk ----------------------------------------------------------------------------

TEST(StructuralWalk, OrdersOfCalls) {
  const Any root =
      array(1, nullptr, Map<Any, Any>{{5, list(6)}}, Dict<Any, Any>{{7, 8}}, Tree(9, 10));
  EXPECT_EQ(walk<WalkOrder::kPreOrder>(root),
            (Log{"Array", "1", "Map", "List", "6", "Dict", "8", "Tree", "9", "10"}));
  EXPECT_EQ(walk<WalkOrder::kPostOrder>(root),
            (Log{"1", "6", "List", "Map", "8", "Dict", "9", "10", "Tree", "Array"}));
}

TEST(StructuralWalk, EveryOccurrenceIsVisited) {
  const Dag node(1);
  EXPECT_EQ(walk<WalkOrder::kPostOrder>(array(node, node)), (Log{"1", "Dag", "1", "Dag", "Array"}));
}

TEST(StructuralWalk, RootsOfAllKinds) {
  EXPECT_EQ(walk<WalkOrder::kPreOrder>(3), (Log{"3"}));
  EXPECT_EQ(walk<WalkOrder::kPreOrder>(nullptr), Log{});
  EXPECT_EQ(walk<WalkOrder::kPreOrder>(make_object<TreeObj>(1, nullptr)), (Log{"Tree", "1"}));
}

TEST(StructuralWalk, IgnoredFieldsAreNotVisited) {
  EXPECT_EQ(walk<WalkOrder::kPreOrder>(Note(1, 2)), (Log{"Note", "1"}));
}

TEST(StructuralWalk, TheFirstCallbackThatMatchesIsCalled) {
  Log log;
  auto note = [&](std::string text) -> Expected<WalkResult> {
    log.push_back(std::move(text));
    return WalkResult::Advance();
  };
  StructuralWalk<WalkOrder::kPreOrder>(
      array(1, true, array(2), list("a"), list(3), Tree(4)),
      [&](const TreeObj* tree) { return note("tree " + name_of(tree->a)); },
      [&](Array<int64_t> items) { return note("ints " + std::to_string(items.size())); },
      [&](const List<String>& items) { return note("texts " + std::to_string(items.size())); },
      [&](int64_t value) { return note("int " + std::to_string(value)); },
      [&](ObjectRef) { return note("object"); });
  EXPECT_EQ(log, (Log{"object", "int 1", "ints 1", "int 2", "texts 1", "object", "int 3", "tree 4",
                      "int 4"}));
}

TEST(StructuralWalk, SkippingLeavesOutTheParts) {
  Log log;
  StructuralWalk<WalkOrder::kPreOrder>(array(1, list(2)), [&](const Any& value) {
    log.push_back(name_of(value));
    return value.type_index() == kTVMFFIList ? WalkResult::Skip() : WalkResult::Advance();
  });
  EXPECT_EQ(log, (Log{"Array", "1", "List"}));
  log.clear();
  StructuralWalk<WalkOrder::kPostOrder>(array(1, list(2)), [&](const Any& value) {
    log.push_back(name_of(value));
    return WalkResult::Skip();
  });
  EXPECT_EQ(log, (Log{"1", "2", "List", "Array"}));
}

TEST(StructuralWalk, AnInterruptEndsTheWalk) {
  Log log;
  auto interrupt = StructuralWalk<WalkOrder::kPreOrder>(array(1, array(2), 3), [&](int64_t value) {
    log.push_back(std::to_string(value));
    return value == 2 ? WalkResult::Interrupt(VisitInterrupt("found")) : WalkResult::Advance();
  });
  ASSERT_TRUE(interrupt.has_value());
  EXPECT_EQ((*interrupt)->value.cast<String>(), "found");
  EXPECT_EQ(log, (Log{"1", "2"}));
}

TEST(StructuralWalk, DefinitionRegions) {
  EXPECT_EQ(walk_with_kinds(Func(array(Lam(1)), Lam(2, 3))),
            (Log{"Func:0", "Array:1", "Lam:1", "1:1", "Lam:0", "2:2", "3:0"}));
  // The fields of a variable in a simple definition are uses.
  EXPECT_EQ(walk_with_kinds(Lam(Var(Any(Var(1))), 2)),
            (Log{"Lam:0", "Var:2", "Var:0", "1:0", "2:0"}));
  EXPECT_EQ(walk_with_kinds(Lam(Tree(1, Func(2)))),
            (Log{"Lam:0", "Tree:2", "1:2", "Func:2", "2:1"}));
}

TEST(StructuralWalk, ErrorsKnowWhereTheyCameUp) {
  const Any inner = array(2), tree = Tree(inner), root = array(1, tree);
  auto fail = [](int64_t value) -> Expected<WalkResult> {
    if (value == 2) return Error("ValueError", "found 2", "");
    return WalkResult::Advance();
  };
  auto result = StructuralWalkExpected<WalkOrder::kPreOrder>(root, fail);
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().message(), "found 2");
  expect_context(result.error(), {inner, tree, root});
  EXPECT_EQ(error_of([&] { StructuralWalk<WalkOrder::kPostOrder>(root, fail); }),
            "ValueError: found 2");
}

TEST(StructuralWalk, TheErrorOfANodeNamesTheNode) {
  const Any tree = Tree(1), root = array(tree);
  auto result = StructuralWalkExpected<WalkOrder::kPostOrder>(
      root, [](Tree) -> Expected<WalkResult> { return Error("ValueError", "tree", ""); });
  ASSERT_TRUE(result.is_err());
  expect_context(result.error(), {tree, root});
}

TEST(StructuralWalk, WhatCallbacksThrowIsTheError) {
  auto result = StructuralWalkExpected<WalkOrder::kPreOrder>(
      1, [](int64_t) -> WalkResult { TVM_FFI_THROW(KeyError) << "thrown"; });
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "KeyError");
  EXPECT_TRUE(context_of(result.error()).empty());
  result = StructuralWalkExpected<WalkOrder::kPreOrder>(
      1, [](int64_t) -> WalkResult { throw std::runtime_error("standard"); });
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "InternalError");
  EXPECT_EQ(result.error().message(), "standard");
}

TEST(StructuralWalk, ListsMayChangeWhileTheyAreWalked) {
  List<Any> items = list(1, 2, 3);
  Log log;
  StructuralWalk<WalkOrder::kPreOrder>(items, [&](int64_t value) {
    log.push_back(std::to_string(value));
    if (value == 1) items.pop_back();
    return WalkResult::Advance();
  });
  EXPECT_EQ(log, (Log{"1", "2"}));
  Dict<Any, Any> dict{{1, 1}, {2, 2}};
  StructuralWalk<WalkOrder::kPreOrder>(dict, [&](int64_t) {
    dict.clear();
    return WalkResult::Advance();
  });
  EXPECT_TRUE(dict.empty());
}

TEST(StructuralWalk, DeepValues) {
  int64_t count = 0;
  const Chain chain(kLongChain, 1, [](const Any& part) { return Any(list(part)); });
  StructuralWalk<WalkOrder::kPostOrder>(chain.value(), [&](const ListObj*) {
    ++count;
    return WalkResult::Advance();
  });
  EXPECT_EQ(count, kLongChain);
}

TEST(StructuralWalk, TooDeepValuesAreAnError) {
  SKIP_IF_SANITIZED();
  List<Any> circle = list(1);
  circle.push_back(circle);
  EXPECT_EQ(error_of([&] { walk<WalkOrder::kPreOrder>(circle); }),
            "ValueError: StructuralVisit: maximum stack depth (1048576) exceeded");
  circle.clear();
}

// ---- WalkResult --------------------------------------------------------------------------------

TEST(WalkResult, Conversions) {
  EXPECT_EQ(Any(WalkResult::Skip()).cast<int>(), WalkResult::kSkipTag);
  EXPECT_EQ(Any(nullptr).cast<WalkResult>().get<int32_t>(), WalkResult::kAdvanceTag);
  EXPECT_TRUE(Any(VisitInterrupt(1)).as<WalkResult>().has_value());
  EXPECT_TRUE(Any(nullptr).as<WalkResult>().has_value());
  EXPECT_FALSE(Any("text").as<WalkResult>().has_value());
  EXPECT_FALSE(Any("text").try_cast<WalkResult>().has_value());
  EXPECT_EQ(TypeTraits<WalkResult>::TypeStr(), "WalkResult");
  EXPECT_EQ(WalkResult::Interrupt().as<VisitInterruptObj>()->value, nullptr);
}

// ---- StructuralVisit ---------------------------------------------------------------------------

TEST(StructuralVisit, CallbacksDecideWhatIsVisitedBelow) {
  Log log;
  auto run = [&](auto on_tree) {
    log.clear();
    StructuralVisit(array(1, Tree(2, 3), 4), on_tree,
                    [&](int64_t value, StructuralVisitorObj*) -> MaybeInterrupt {
                      log.push_back(std::to_string(value));
                      return Optional<VisitInterrupt>(std::nullopt);
                    });
    return log;
  };
  EXPECT_EQ(run([](const TreeObj*, StructuralVisitorObj*) -> MaybeInterrupt {
              return Optional<VisitInterrupt>(std::nullopt);
            }),
            (Log{"1", "4"}));
  EXPECT_EQ(run([](const TreeObj* tree, StructuralVisitorObj* visitor) {
              return visitor->VisitExpected(tree->b);
            }),
            (Log{"1", "3", "4"}));
  EXPECT_EQ(run([](Tree tree, StructuralVisitorObj* visitor) {
              return visitor->DefaultVisitExpected(tree);
            }),
            (Log{"1", "2", "3", "4"}));
}

TEST(StructuralVisit, InterruptsAndErrorsEndTheVisit) {
  const Any inner = array(2), root = array(1, inner);
  auto interrupt =
      StructuralVisit(root, [](int64_t value, StructuralVisitorObj*) -> Optional<VisitInterrupt> {
        if (value == 2) return VisitInterrupt(value);
        return std::nullopt;
      });
  ASSERT_TRUE(interrupt.has_value());
  EXPECT_EQ((*interrupt)->value.cast<int>(), 2);
  auto result =
      StructuralVisitExpected(root, [](int64_t value, StructuralVisitorObj*) -> MaybeInterrupt {
        if (value == 2) TVM_FFI_THROW(ValueError) << "found";
        return Optional<VisitInterrupt>(std::nullopt);
      });
  ASSERT_TRUE(result.is_err());
  expect_context(result.error(), {inner, root});
}

TEST(StructuralVisit, ErrorsPassCallbacksOnce) {
  const Any inner = array(2), tree = Tree(inner), root = array(tree);
  auto result = StructuralVisitExpected(
      root,
      [](Tree tree, StructuralVisitorObj* visitor) { return visitor->DefaultVisitExpected(tree); },
      [](int64_t, StructuralVisitorObj*) -> MaybeInterrupt { return Error("ValueError", "", ""); });
  ASSERT_TRUE(result.is_err());
  expect_context(result.error(), {inner, tree, root});
}

TEST(StructuralVisit, RegionsOfCallbacks) {
  Log log;
  StructuralVisit(Lam(1, Func(2)), [&](int64_t, StructuralVisitorObj* visitor) -> MaybeInterrupt {
    auto note = [&] { log.push_back(std::to_string(visitor->def_region_kind())); };
    note();
    visitor->WithDefRegionKind(kTVMFFIDefRegionKindSimple, note);
    visitor->WithDefRegionKind(kTVMFFIDefRegionKindNone, note);
    EXPECT_EQ(visitor->WithDefRegionKind(kTVMFFIDefRegionKindPattern, [] { return 5; }), 5);
    EXPECT_THROW(visitor->WithDefRegionKind(kTVMFFIDefRegionKindPattern,
                                            []() -> int { TVM_FFI_THROW(ValueError) << "inside"; }),
                 Error);
    note();
    return Optional<VisitInterrupt>(std::nullopt);
  });
  // A pattern goes on whatever is requested inside.
  EXPECT_EQ(log, (Log{"2", "2", "0", "2", "1", "1", "1", "1"}));
}

// ---- Hooks -------------------------------------------------------------------------------------

// Visits `a` twice, the second time in a pattern.
class NativeHookObj : public Object {
 public:
  explicit NativeHookObj(Any a) : a(std::move(a)) {}
  Any a;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_visit.NativeHook", NativeHookObj, Object);
};

MaybeInterrupt visit_native(StructuralVisitorObj* visitor, AnyView value) noexcept {
  const Any part = value.as<NativeHookObj>()->a;
  TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN(visitor->VisitExpected(part));
  return visitor->WithDefRegionKind(kTVMFFIDefRegionKindPattern,
                                    [&] { return visitor->VisitExpected(part); });
}

// The same as code before 0.1.15 wrote hooks.
class OldHookObj : public Object {
 public:
  explicit OldHookObj(Any a) : a(std::move(a)) {}
  Any a;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_visit.OldHook", OldHookObj, Object);
};

TVMFFIAny visit_old(StructuralVisitorObj* visitor, AnyView value) noexcept {
  const Any part = value.as<OldHookObj>()->a;
  TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN_WITH_ERROR_CONTEXT(visitor->VisitExpected(part), value);
  TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN(visitor->VisitExpected(part));
  return AnyView().CopyToTVMFFIAny();
}

class FunctionHookObj : public Object {
 public:
  explicit FunctionHookObj(Any a) : a(std::move(a)) {}
  Any a;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_visit.FunctionHook", FunctionHookObj, Object);
};

class WrongHookObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_visit.WrongHook", WrongHookObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<NativeHookObj>(refl::init(false));
  refl::TypeAttrDef<NativeHookObj>().native_fn_attr<&visit_native>(type_attr::kStructuralVisit);
  refl::TypeAttrDef<OldHookObj>().attr(type_attr::kStructuralVisit,
                                       reinterpret_cast<void*>(&visit_old));
  refl::TypeAttrDef<FunctionHookObj>().def(
      "__s_visit__", [](const Any& visitor, const FunctionHookObj* self) -> Any {
        if (self->a == nullptr) return "neither nothing nor an interrupt";
        return call("ffi.StructuralVisitorVisit", visitor, self->a);
      });
  refl::TypeAttrDef<WrongHookObj>().attr("__s_visit__", Any(1));
}

TEST(StructuralVisitHook, DecidesWhatIsVisited) {
  EXPECT_EQ(walk_with_kinds(make_object<NativeHookObj>(list(1))),
            (Log{"NativeHook:0", "List:0", "1:0", "List:1", "1:1"}));
  EXPECT_EQ(walk_with_kinds(make_object<OldHookObj>(1)), (Log{"OldHook:0", "1:0", "1:0"}));
  EXPECT_EQ(walk_with_kinds(make_object<FunctionHookObj>(1)), (Log{"FunctionHook:0", "1:0"}));
}

TEST(StructuralVisitHook, PassesOnInterruptsAndErrors) {
  for (const Any& root :
       {Any(make_object<NativeHookObj>(array(1))), Any(make_object<FunctionHookObj>(array(1)))}) {
    auto interrupt = StructuralWalk<WalkOrder::kPreOrder>(
        root, [](int64_t) { return WalkResult::Interrupt(VisitInterrupt(7)); });
    ASSERT_TRUE(interrupt.has_value());
    EXPECT_EQ((*interrupt)->value.cast<int>(), 7);
    auto result = StructuralWalkExpected<WalkOrder::kPreOrder>(
        root, [](int64_t) -> Expected<WalkResult> { return Error("ValueError", "", ""); });
    ASSERT_TRUE(result.is_err());
    EXPECT_EQ(context_of(result.error()).size(), 2U);
    EXPECT_TRUE(context_of(result.error())[1].same_as(root));
  }
}

TEST(StructuralVisitHook, WrongResultsAndKindsAreErrors) {
  EXPECT_EQ(error_of([] { walk<WalkOrder::kPreOrder>(make_object<FunctionHookObj>(nullptr)); }),
            "TypeError: Packed hook result type mismatch");
  EXPECT_EQ(error_of([] { walk<WalkOrder::kPreOrder>(make_object<WrongHookObj>()); }),
            "TypeError: __s_visit__ must be an opaque function pointer or ffi.Function");
}

// ---- Visitors of one's own ---------------------------------------------------------------------

// Sums up integers, visiting everything by default.
class SumObj : public StructuralVisitorObj {
 public:
  SumObj() : StructuralVisitorObj(&kVTable) {}
  int64_t sum = 0;

 private:
  static TVMFFIAny visit(StructuralVisitorObj* self, AnyView value) noexcept {
    if (auto integer = value.as<int64_t>()) static_cast<SumObj*>(self)->sum += *integer;
    return self->DefaultVisitExpected(value);
  }
  static constexpr StructuralVisitorVTable kVTable{visit};
};

TEST(StructuralVisitor, MayHaveATableOfItsOwn) {
  auto sum = make_object<SumObj>();
  StructuralVisitor visitor(sum);
  EXPECT_FALSE(
      visitor->Visit(array(1, list(2), Map<Any, Any>{{10, 3}}, Dict<Any, Any>{{10, 4}}, Tree(5)))
          .has_value());
  EXPECT_EQ(sum->sum, 15);
  EXPECT_EQ(visitor->type_index(), StructuralVisitorObj::RuntimeTypeIndex());
}

TEST(StructuralVisitor, IsNotNull) {
  EXPECT_THROW(StructuralVisitor(ObjectPtr<StructuralVisitorObj>(nullptr)), Error);
}

// Does not visit below lists, counts what it is asked about, and offers the count as state.
class CountingObj : public StructuralVisitorObj {
 public:
  using StateTupleType = std::tuple<const int&>;
  explicit CountingObj(const StructuralVisitorVTable* vtable) : StructuralVisitorObj(vtable) {}
  MaybeInterrupt DefaultVisitExpected(AnyView value) noexcept {
    ++count_;
    if (value.type_index() == kTVMFFIList) return Optional<VisitInterrupt>(std::nullopt);
    return StructuralVisitorObj::DefaultVisitExpected(value);
  }

 protected:
  StateTupleType StateTuple() const noexcept { return StateTupleType(count_); }
  int count_ = 0;
};

TEST(StructuralVisitor, MayBeTheParentOfAnEngine) {
  Log log;
  auto on_value = [&](const Any& value, const int& count) -> Expected<WalkResult> {
    log.push_back(name_of(value) + ":" + std::to_string(count));
    return WalkResult::Advance();
  };
  using Walk = StructuralWalkEngine<CountingObj, WalkOrder::kPreOrder, decltype(on_value)>;
  StructuralVisitor(make_object<Walk>(on_value))->Visit(array(1, list(2), array(3)));
  EXPECT_EQ(log, (Log{"Array:0", "1:1", "List:2", "Array:3", "3:4"}));

  log.clear();
  auto on_integer = [&](int64_t value, StructuralVisitorObj*) -> MaybeInterrupt {
    log.push_back(std::to_string(value));
    return Optional<VisitInterrupt>(std::nullopt);
  };
  using Visit = StructuralVisitEngine<CountingObj, decltype(on_integer)>;
  StructuralVisitor(make_object<Visit>(on_integer))->Visit(array(1, list(2), array(3)));
  EXPECT_EQ(log, (Log{"1", "3"}));
}

// ---- By name -----------------------------------------------------------------------------------

Array<Any> entry(int type_index, const Function& callback) { return array(type_index, callback); }

Log walk_by_name(const Any& root, int type_index, int order, bool with_kind = false) {
  Log log;
  const Function plain =
      Function::FromTyped([&](const Any& value) { log.push_back(name_of(value)); });
  const Function kinds = Function::FromTyped([&](const Any& value, int kind) {
    log.push_back(name_of(value) + ":" + std::to_string(kind));
  });
  call("ffi.StructuralWalk", root, with_kind ? array() : array(entry(type_index, plain)),
       with_kind ? array(entry(type_index, kinds)) : array(), order);
  return log;
}

TEST(RegisteredStructuralWalk, ChoosesCallbacksByTypeIndex) {
  const Any root = array("a", "a longer text", Bytes("b", 1), 1, Tree(nullptr));
  EXPECT_EQ(walk_by_name(root, kTVMFFIStr, 0), (Log{"SmallStr", "String"}));
  EXPECT_EQ(walk_by_name(root, kTVMFFIBytes, 0), (Log{"SmallBytes"}));
  EXPECT_EQ(walk_by_name(root, kTVMFFIObject, 0), (Log{"Array", "String", "Tree"}));
  EXPECT_EQ(walk_by_name(root, kTVMFFIInt, 0), (Log{"1"}));
  EXPECT_EQ(walk_by_name(root, -1, 1).size(), 6U);
  EXPECT_EQ(walk_by_name(root, -1, 7).back(), "Array");
  EXPECT_EQ(walk_by_name(root, 1 << 19, 0), Log{});  // not registered
  EXPECT_EQ(walk_by_name(Lam(1), -1, 0, true), (Log{"Lam:0", "1:2"}));
}

TEST(RegisteredStructuralWalk, TheFirstListComesFirst) {
  Log log;
  auto note = [&](const char* text) {
    return Function::FromPacked([&log, text](PackedArgs, Any*) { log.push_back(text); });
  };
  call("ffi.StructuralWalk", array(1), array(entry(kTVMFFIInt, note("int"))),
       array(entry(-1, note("any"))), 0);
  EXPECT_EQ(log, (Log{"any", "int"}));
}

TEST(RegisteredStructuralWalk, ResultsAreChecked) {
  auto walk = [](Any result) {
    const Function returning =
        Function::FromPacked([result](PackedArgs, Any* out) { *out = result; });
    return call("ffi.StructuralWalk", array(1, array(2)), array(entry(-1, returning)), array(), 0);
  };
  EXPECT_EQ(walk(nullptr), nullptr);
  EXPECT_EQ(walk(WalkResult::kSkipTag), nullptr);
  EXPECT_EQ(walk(VisitInterrupt(3)).as<VisitInterruptObj>()->value.cast<int>(), 3);
  EXPECT_EQ(error_of([&] { walk("bad"); }),
            "TypeError: CallExpected: result type mismatch, expected WalkResult, but got "
            "ffi.SmallStr");
  EXPECT_EQ(error_of([&] { walk(Error("ValueError", "returned", "")); }), "ValueError: returned");
}

TEST(RegisteredStructuralVisit, CallbacksGetTheVisitor) {
  Log log;
  const Function on_list = Function::FromTyped([&](const Any& value, const Any& visitor) {
    log.push_back(name_of(value));
    return call("ffi.StructuralVisitorDefaultVisit", visitor, value);
  });
  const Function on_integer = Function::FromTyped([&](int64_t value, const Any& visitor) {
    const Function kind =
        Function::FromTyped([=] { return call("ffi.StructuralVisitorDefRegionKind", visitor); });
    const Any inside = call("ffi.StructuralVisitorWithDefRegionKind", visitor, 2, kind);
    log.push_back(std::to_string(value) + ":" +
                  std::to_string(call("ffi.StructuralVisitorDefRegionKind", visitor).cast<int>()) +
                  std::to_string(inside.cast<int>()));
  });
  auto visit = [&](const Any& root) {
    return call("ffi.StructuralVisit", root,
                array(entry(kTVMFFIList, on_list), entry(kTVMFFIInt, on_integer)));
  };
  EXPECT_EQ(visit(array(list(1), Func(2))), nullptr);
  EXPECT_EQ(log, (Log{"List", "1:02", "2:11"}));
}

TEST(RegisteredStructuralVisit, ResultsAreChecked) {
  const Function bad = Function::FromTyped([](const Any&, const Any&) { return 1; });
  EXPECT_EQ(error_of([&] { call("ffi.StructuralVisit", 1, array(entry(-1, bad))); }),
            "TypeError: CallExpected: result type mismatch, expected Optional<ffi.VisitInterrupt>, "
            "but got int");
  EXPECT_EQ(call("ffi.VisitInterrupt", 5).as<VisitInterruptObj>()->value.cast<int>(), 5);
}

}  // namespace
