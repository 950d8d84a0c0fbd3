// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/expected.h>
#include <tvm/ffi/extra/visit_error_context.h>

#include <string>
#include <type_traits>
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

void fail_at(const ObjectRef& node) { TVM_FFI_VISIT_THROW(ValueError, node) << "at " << 1; }

void fail_below(const ObjectRef& node, const ObjectRef& child) {
  TVM_FFI_VISIT_BEGIN();
  fail_at(child);
  TVM_FFI_VISIT_END(node);
}

Expected<int> try_below(const ObjectRef& node, const ObjectRef& child) {
  TVM_FFI_VISIT_BEGIN();
  fail_at(child);
  return 1;
  TVM_FFI_VISIT_END_RETURN_EXPECTED(node);
}

Error error_from(const ObjectRef& node, const ObjectRef& child) {
  try {
    fail_below(node, child);
  } catch (const Error& error) {
    return error;
  }
  return Error("", "", "");
}

List<ObjectRef> pattern_of(const Error& error) {
  return (*VisitErrorContext::TryGetFromError(error))->reverse_visit_pattern;
}

VisitErrorContext context(std::initializer_list<ObjectRef> reverse_visit_pattern) {
  return VisitErrorContext(
      make_object<VisitErrorContextObj>(List<ObjectRef>(reverse_visit_pattern), std::nullopt));
}

std::vector<std::string> paths(const ObjectRef& root,
                               std::initializer_list<ObjectRef> reverse_visit_pattern,
                               bool allow_prefix = false) {
  std::vector<std::string> texts;
  for (const auto& path :
       VisitErrorContext::FindAccessPaths(root, context(reverse_visit_pattern), allow_prefix)) {
    texts.push_back(std::string(call("ffi.ReprPrint", path).cast<String>()));
  }
  return texts;
}
using Paths = std::vector<std::string>;

TEST(VisitErrorContext, MacrosCollectTheNodes) {
  const Tree inner(1), outer{Any(inner)};
  const Error error = error_from(outer, inner);
  EXPECT_EQ(error.kind(), "ValueError");
  EXPECT_EQ(error.message(), "at 1");
  EXPECT_NE(error.backtrace().find("fail_at"), std::string::npos);
  ASSERT_EQ(pattern_of(error).size(), 2U);
  EXPECT_TRUE(pattern_of(error)[0].same_as(inner));
  EXPECT_TRUE(pattern_of(error)[1].same_as(outer));
  const Expected<int> result = try_below(outer, inner);
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(pattern_of(result.error()).size(), 2U);
}

TEST(VisitErrorContext, AnErrorHasNoneByItself) {
  EXPECT_FALSE(VisitErrorContext::TryGetFromError(Error("ValueError", "", "")).has_value());
  const Error other("ValueError", "", "", std::nullopt, Tree(1));
  EXPECT_FALSE(VisitErrorContext::TryGetFromError(other).has_value());
}

TEST(VisitErrorContext, WhatTheErrorCarriedBeforeIsKept) {
  const Tree payload(1), node(2);
  {
    Error error("ValueError", "", "", std::nullopt, payload);
    detail::UpdateVisitErrorContext(error, node);
    const auto context = *VisitErrorContext::TryGetFromError(error);
    EXPECT_TRUE((*context->prev_error_context).same_as(payload));
    EXPECT_EQ(pattern_of(error).size(), 1U);
    EXPECT_EQ(payload.use_count(), 2);
  }
  EXPECT_EQ(payload.use_count(), 1);
}

TEST(VisitErrorContext, AllHandlesToAnErrorShareTheContext) {
  Error error("ValueError", "", "");
  const Any cell = error;
  detail::UpdateVisitErrorContext(*detail::AnyUnsafe::TVMFFIAnyPtrFromAny(cell), AnyView(Tree(1)));
  detail::UpdateVisitErrorContext(error, AnyView(1));  // only objects count
  detail::UpdateVisitErrorContext(error, AnyView());
  EXPECT_EQ(pattern_of(error).size(), 1U);
}

TEST(VisitErrorContext, IsNotNull) {
  EXPECT_THROW(VisitErrorContext(ObjectPtr<VisitErrorContextObj>(nullptr)), Error);
  EXPECT_FALSE(std::is_default_constructible_v<VisitErrorContext>);
}

TEST(VisitErrorContext, PathsLeadToTheInnermostNode) {
  const Tree inner(2), middle{Any(inner)}, root(middle, array(middle, 1));
  EXPECT_EQ(paths(root, {inner, middle, root}), (Paths{"<root>.a.a", "<root>.b[0].a"}));
  EXPECT_EQ(paths(root, {inner, root}), (Paths{"<root>.a.a", "<root>.b[0].a"}));
  EXPECT_EQ(paths(root, {inner}), (Paths{"<root>.a.a", "<root>.b[0].a"}));
  EXPECT_EQ(paths(root, {root}), (Paths{"<root>"}));
  EXPECT_EQ(paths(root, {middle, inner}), Paths{});  // the wrong way round
  EXPECT_EQ(paths(root, {}), Paths{});
  EXPECT_EQ(paths(Tree(Any(root)), {inner, inner, root, root}),
            (Paths{"<root>.a.a.a", "<root>.a.b[0].a"}));
}

TEST(VisitErrorContext, PathsLeadThroughContainers) {
  const Tree inner(2);
  const Array<Any> items = array(1, inner);
  const Map<Any, Any> map{{"key", items}};
  const Note root(1, map);  // ignored fields count here
  EXPECT_EQ(paths(root, {inner, items, map, root}), (Paths{"<root>.b[\"key\"][1]"}));
  EXPECT_EQ(paths(array(list(inner)), {inner}), (Paths{"<root>[0][0]"}));
}

TEST(VisitErrorContext, PrefixesEndWhereNoMoreIsMet) {
  const Tree inner(2), middle{Any(inner)}, other(9), root(middle, array(middle));
  EXPECT_EQ(paths(root, {other, inner, middle, root}), Paths{});
  EXPECT_EQ(paths(root, {other, inner, middle, root}, true),
            (Paths{"<root>.a.a", "<root>.b[0].a"}));
  EXPECT_EQ(paths(inner, {other, inner}, true), Paths{});  // never the root
  EXPECT_EQ(paths(root, {inner, middle}, true), (Paths{"<root>.a.a", "<root>.b[0].a"}));
  EXPECT_EQ(paths(root, {inner, other}, true), Paths{});
}

TEST(VisitErrorContext, SharedPartsWithoutTheNodeAreSearchedOnce) {
  Any part = Tree(1);
  for (int i = 0; i < 64; ++i) part = Tree(part, part);
  const Tree node(2);
  EXPECT_EQ(paths(Tree(part, node), {node}), (Paths{"<root>.b"}));
}

TEST(VisitErrorContext, DeepValues) {
  const Tree node(2);
  const Chain chain(kLongChain, node, [](const Any& part) { return Any(Tree(part)); });
  const ObjectRef root = chain.value().cast<ObjectRef>();
  EXPECT_EQ(paths(root, {Tree(3)}), Paths{});
  const Chain shorter(10000, node, [](const Any& part) { return Any(Tree(part)); });
  const auto found =
      VisitErrorContext::FindAccessPaths(shorter.value().cast<ObjectRef>(), context({node}));
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found[0]->depth, 10000);
}

}  // namespace
