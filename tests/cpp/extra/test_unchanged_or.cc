// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/extra/unchanged_or.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/string.h>

#include <string>
#include <type_traits>
#include <utility>

#include "structural_objects.h"

namespace {

using namespace tvm::ffi;
using namespace structural;

Expected<UnchangedOr<String>> keep_text() { return Unchanged(); }
Expected<UnchangedOr<Any>> new_object() { return make_object<TreeObj>(1, nullptr); }
Expected<UnchangedOr<Any>> failure() { return Error("ValueError", "failed", ""); }

TEST(UnchangedOr, HoldsAValueOrTheMarker) {
  UnchangedOr<String> marker = Unchanged();
  EXPECT_TRUE(marker.IsUnchanged());
  EXPECT_EQ(std::move(marker).ValueOrUnchanged(String("old")), "old");
  UnchangedOr<String> text = String("new");
  EXPECT_FALSE(text.IsUnchanged());
  const String old = "old";
  EXPECT_EQ(std::move(text).ValueOrUnchanged(old), "new");
  EXPECT_EQ(Any(UnchangedOr<Any>(nullptr)), nullptr);  // None is a value
  EXPECT_FALSE(UnchangedOr<Any>(nullptr).IsUnchanged());
  EXPECT_EQ(sizeof(UnchangedOr<String>), sizeof(TVMFFIAny));
}

TEST(UnchangedOr, ValuesConvertOnTheWayIn) {
  UnchangedOr<double> n = 42;
  EXPECT_EQ(Any(n).type_index(), kTVMFFIFloat);
  UnchangedOr<double> converted = UnchangedOr<int>(3);
  EXPECT_EQ(std::move(converted).ValueUnchecked(), 3.0);
  UnchangedOr<double> kept = UnchangedOr<int>(Unchanged());
  EXPECT_TRUE(kept.IsUnchanged());
  UnchangedOr<ObjectRef> widened = UnchangedOr<Tree>(Tree(1));
  EXPECT_FALSE(widened.IsUnchanged());
  UnchangedOr<Any> text = String("text");
  EXPECT_EQ(std::move(text).as<String>(), "text");
  EXPECT_FALSE((std::is_convertible_v<Error, UnchangedOr<Any>>));
  EXPECT_FALSE((std::is_convertible_v<Expected<Any>, UnchangedOr<Any>>));
  EXPECT_FALSE((std::is_convertible_v<String, UnchangedOr<int>>));
}

TEST(UnchangedOr, IsComparedByIdentity) {
  const Tree tree(1);
  EXPECT_TRUE(UnchangedOr<Tree>(tree).UnchangedOrSameAs(tree));
  EXPECT_TRUE(UnchangedOr<Tree>(Unchanged()).UnchangedOrSameAs(tree));
  EXPECT_FALSE(UnchangedOr<Tree>(Tree(1)).UnchangedOrSameAs(tree));
  EXPECT_TRUE(UnchangedOr<int>(1).UnchangedOrSameAs(1));
}

TEST(UnchangedOr, TheValueIsMovedOut) {
  const Tree tree(1);
  UnchangedOr<Tree> result = tree;
  EXPECT_EQ(tree.use_count(), 2);
  const Tree out = std::move(result).ValueUnchecked();
  EXPECT_EQ(tree.use_count(), 2);
  EXPECT_TRUE(UnchangedOr<Any>(Any(1)).as<int64_t>().has_value());
  EXPECT_FALSE(UnchangedOr<Any>(Any(1)).as<double>().has_value());
  EXPECT_TRUE(UnchangedOr<Any>(Unchanged()).as<UnchangedOr<int>>()->IsUnchanged());
  EXPECT_THROW(UnchangedOr<Any>(Any(1)).as_or_throw<String>(), Error);
  const Any original = 5;
  EXPECT_EQ(UnchangedOr<Any>(Unchanged()).ValueOrUnchanged(AnyView(original)).cast<int>(), 5);
}

TEST(UnchangedOr, IsAResultOfHooks) {
  EXPECT_TRUE(keep_text().value().IsUnchanged());
  EXPECT_EQ(std::move(new_object()).value().as<Tree>().value()->a.cast<int>(), 1);
  EXPECT_TRUE(failure().is_err());
  Expected<Any> any = keep_text();
  EXPECT_EQ(any.type_index(), kTVMFFIUnchanged);
  const Any through = Any(Expected<UnchangedOr<Any>>(Any(3)));
  EXPECT_EQ(through.cast<Expected<UnchangedOr<Any>>>().value().as<int64_t>(), 3);
}

TEST(UnchangedOr, Traits) {
  using Traits = TypeTraits<UnchangedOr<int>>;
  EXPECT_EQ(Traits::TypeStr(), "UnchangedOr<int>");
  EXPECT_EQ(Traits::TypeSchema(), R"({"type":"UnchangedOr","args":[{"type":"int"}]})");
  EXPECT_EQ(Traits::field_static_type_index, kTVMFFIAny);
  EXPECT_TRUE(Any(Unchanged()).as<UnchangedOr<int>>().has_value());
  EXPECT_TRUE(Any(1).as<UnchangedOr<int>>().has_value());
  EXPECT_FALSE(Any(true).try_cast<UnchangedOr<int>>().has_value());  // nothing converts
  EXPECT_FALSE(Any(Error("", "", "")).as<UnchangedOr<Any>>().has_value());
  EXPECT_TRUE(detail::is_unchanged_or_v<const UnchangedOr<int>&>);
  EXPECT_FALSE(detail::is_unchanged_or_v<Unchanged>);
}

}  // namespace
