// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/access_path.h>

#include <string>
#include <vector>

namespace {

using tvm::ffi::Any;
using tvm::ffi::Array;
using tvm::ffi::Function;
using tvm::ffi::Optional;
using tvm::ffi::String;
using tvm::ffi::reflection::AccessKind;
using tvm::ffi::reflection::AccessPath;
using tvm::ffi::reflection::AccessPathObj;
using tvm::ffi::reflection::AccessPathPair;
using tvm::ffi::reflection::AccessStep;
using tvm::ffi::reflection::AccessStepObj;

TEST(AccessStep, HasAKindAndAKey) {
  EXPECT_EQ(AccessStep::Attr("body")->kind, AccessKind::kAttr);
  EXPECT_EQ(AccessStep::Attr("body")->key.cast<String>(), "body");
  EXPECT_EQ(AccessStep::AttrMissing("a")->kind, AccessKind::kAttrMissing);
  EXPECT_EQ(AccessStep::ArrayItem(3)->key.cast<int>(), 3);
  EXPECT_EQ(AccessStep::ArrayItem(3)->kind, AccessKind::kArrayItem);
  EXPECT_EQ(AccessStep::ArrayItemMissing(3)->kind, AccessKind::kArrayItemMissing);
  EXPECT_EQ(AccessStep::MapItem(1.5)->kind, AccessKind::kMapItem);
  EXPECT_EQ(AccessStep::MapItemMissing("k")->kind, AccessKind::kMapItemMissing);
  EXPECT_EQ(AccessStep::MapItemMissing()->key, nullptr);
  EXPECT_FALSE(AccessStep::_type_is_nullable);
}

TEST(AccessStep, EqualityIsOfKindAndKey) {
  EXPECT_TRUE(AccessStep::Attr("a")->StepEqual(AccessStep::Attr(std::string("a"))));
  EXPECT_FALSE(AccessStep::Attr("a")->StepEqual(AccessStep::Attr("b")));
  EXPECT_FALSE(AccessStep::Attr("a")->StepEqual(AccessStep::AttrMissing("a")));
  EXPECT_FALSE(AccessStep::MapItem(1)->StepEqual(AccessStep::MapItem(1.0)));
}

TEST(AccessPath, GrowsFromTheRoot) {
  AccessPath root = AccessPath::Root();
  EXPECT_EQ(root->depth, 0);
  EXPECT_FALSE(root->GetParent().has_value());
  EXPECT_FALSE(root->step.has_value());
  AccessPath path = root->Attr("body")->ArrayItem(1);
  EXPECT_EQ(path->depth, 2);
  EXPECT_EQ((*path->step)->key.cast<int>(), 1);
  AccessPath parent = path->GetParent().value();
  EXPECT_TRUE(parent->GetParent().value().same_as(root));  // shared
  EXPECT_TRUE(path->parent.as<AccessPath>().value().same_as(parent));
  EXPECT_EQ((*path->parent).as<AccessPathObj>(), parent.get());
}

TEST(AccessPath, StepsGoFromTheRootOn) {
  AccessPath path = AccessPath::Root()
                        ->Attr("a")
                        ->AttrMissing("b")
                        ->ArrayItem(1)
                        ->ArrayItemMissing(2)
                        ->MapItem("k")
                        ->MapItemMissing(3)
                        ->Extend(AccessStep::MapItem(4));
  std::vector<AccessKind> kinds;
  for (const AccessStep& step : path->ToSteps()) kinds.push_back(step->kind);
  EXPECT_EQ(kinds, (std::vector<AccessKind>{AccessKind::kAttr, AccessKind::kAttrMissing,
                                            AccessKind::kArrayItem, AccessKind::kArrayItemMissing,
                                            AccessKind::kMapItem, AccessKind::kMapItemMissing,
                                            AccessKind::kMapItem}));
  EXPECT_EQ(AccessPath::Root()->ToSteps().size(), 0u);
  EXPECT_TRUE(AccessPath::FromSteps(path->ToSteps())->PathEqual(path));
  std::vector<AccessStep> steps = {AccessStep::Attr("a")};
  EXPECT_TRUE(
      AccessPath::FromSteps(steps.begin(), steps.end())->PathEqual(AccessPath::Root()->Attr("a")));
  EXPECT_EQ(AccessPath::FromSteps({
                                      AccessStep::ArrayItem(2),
                                  })
                ->depth,
            1);
}

TEST(AccessPath, EqualityAndPrefixCompareSteps) {
  AccessPath root = AccessPath::Root();
  AccessPath a = root->Attr("a"), ab = a->Attr("b");
  AccessPath other = AccessPath::Root()->Attr("a")->Attr("b");
  EXPECT_TRUE(ab->PathEqual(other));
  EXPECT_TRUE(ab->PathEqual(ab));
  EXPECT_FALSE(ab->PathEqual(a));
  EXPECT_FALSE(ab->PathEqual(root->Attr("x")->Attr("b")));
  EXPECT_TRUE(root->PathEqual(AccessPath::Root()));

  EXPECT_TRUE(root->IsPrefixOf(ab));
  EXPECT_TRUE(a->IsPrefixOf(other));
  EXPECT_TRUE(ab->IsPrefixOf(other));
  EXPECT_FALSE(ab->IsPrefixOf(a));
  EXPECT_FALSE(root->Attr("x")->IsPrefixOf(ab));
}

// As reflection may make them: not from the root.
TEST(AccessPath, IncompletePathsCompareAndList) {
  auto path = tvm::ffi::detail::ObjectUnsafe::ObjectRefFromObjectPtr<AccessPath>(
      tvm::ffi::make_object<AccessPathObj>(std::nullopt, std::nullopt, 3));
  AccessPath complete = AccessPath::Root()->Attr("a")->Attr("b")->Attr("c");
  EXPECT_FALSE(path->PathEqual(complete));
  EXPECT_FALSE(complete->PathEqual(path));
  EXPECT_FALSE(AccessPath::Root()->IsPrefixOf(path));
  EXPECT_TRUE(path->PathEqual(path));
  EXPECT_EQ(path->ToSteps().size(), 0u);
}

TEST(AccessPath, HasAReadableForm) {
  Function repr = Function::GetGlobalRequired("ffi.ReprPrint");
  AccessPath path = AccessPath::Root()
                        ->Attr("config")
                        ->Attr("layers")
                        ->ArrayItem(0)
                        ->MapItem("name")
                        ->AttrMissing("weights")
                        ->ArrayItemMissing(3)
                        ->MapItemMissing("bias");
  EXPECT_EQ(repr(path).cast<String>(),
            "<root>.config.layers[0][\"name\"][<missing:\"weights\">][<missing:3>]"
            "[<missing:\"bias\">]");
}

TEST(AccessPath, ComesInPairs) {
  AccessPathPair pair(AccessPath::Root(), AccessPath::Root()->Attr("a"));
  EXPECT_EQ(pair.get<1>()->depth, 1);
}

}  // namespace
