// SPDX-License-Identifier: Apache-2.0
//
// What users write with visits and mutations, in the forms that overloads and conversions could
// break. What they do is tested elsewhere.
#include <gtest/gtest.h>
#include <tvm/ffi/extra/structural_mutate.h>
#include <tvm/ffi/optional.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cstddef>
#include <type_traits>
#include <utility>

#include "structural_objects.h"

namespace structural_expressions_test {

using namespace tvm::ffi;
using namespace structural;

// A class below one that references of its parent hold too.
class NumberObj : public Object {
 public:
  int64_t value = 0;
  NumberObj() = default;
  explicit NumberObj(int64_t value) : value(value) {}
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.structural_expressions.Number", NumberObj, Object);
};
class Number : public ObjectRef {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Number, ObjectRef, NumberObj);
};
class IntObj : public NumberObj {
 public:
  using NumberObj::NumberObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_expressions.Int", IntObj, NumberObj);
};
class Int : public Number {
 public:
  Int(int64_t value) : Number(UnsafeInit{}) { data_ = make_object<IntObj>(value); }  // NOLINT
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Int, Number, IntObj);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<NumberObj>().def_rw("value", &NumberObj::value);
  refl::ObjectDef<IntObj>();
}

TEST(StructuralExpressions, ResultsOfHooks) {
  auto keep = []() -> Expected<UnchangedOr<String>> { return Unchanged(); };
  auto make = []() -> Expected<UnchangedOr<Any>> { return make_object<IntObj>(3); };
  auto widen = []() -> Expected<Any> { return Int(1); };
  EXPECT_TRUE(keep().value().IsUnchanged());
  EXPECT_EQ(make().value().as<Int>().value()->value, 3);
  EXPECT_EQ(widen().value().as<Number>().value()->value, 1);
  UnchangedOr<Number> number = Int(8);
  EXPECT_EQ(std::move(number).ValueUnchecked()->value, 8);
}

TEST(StructuralExpressions, CallbacksOfMutations) {
  const Any root = array(Var(1), nullptr, Int(2));
  int calls = 0;
  // None is a value of an Optional.
  const Any counted =
      StructuralMap<WalkOrder::kPreOrder>(root, [&](const Optional<Var>& var) -> Expected<Any> {
        ++calls;
        return var.has_value() ? Any(*var) : Any(nullptr);
      });
  EXPECT_EQ(calls, 2);
  EXPECT_TRUE(counted.same_as(root));
  const Any mapped = StructuralMap<WalkOrder::kPostOrder>(
      root, [](const IntObj* number) -> Expected<Any> { return Int(number->value + 1); },
      [](Var) -> Expected<UnchangedOr<ObjectRef>> { return Unchanged(); });
  EXPECT_EQ(mapped.cast<Array<Any>>()[2].as<Int>().value()->value, 3);
  const Any mutated = StructuralMutate(
      root, [](Int number, StructuralMutatorObj*) -> Expected<UnchangedOr<ObjectRef>> {
        return Int(number->value * 10);
      });
  EXPECT_EQ(mutated.cast<Array<Any>>()[2].as<Int>().value()->value, 20);
}

// ---- Visit hooks given as a function of the raw form -------------------------------------------

TVMFFIAny VisitNothing(StructuralVisitorObj*, AnyView) noexcept {
  return AnyView().CopyToTVMFFIAny();
}

// One object for each way to register the hook.
template <int n>
class HookedObj : public Object {
 public:
  Any part = 1;
  static constexpr const char* _type_key =
      n == 0 ? "test.structural_expressions.Hooked0" : "test.structural_expressions.Hooked1";
  TVM_FFI_DECLARE_OBJECT_INFO_PREDEFINED_TYPE_KEY(HookedObj, Object);
};

TEST(StructuralExpressions, RawVisitHooks) {
  static_assert(!std::is_constructible_v<FStructuralVisit, std::nullptr_t>);
  FStructuralVisit hook = &VisitNothing;
  reflection::ObjectDef<HookedObj<0>>().def_ro("part", &HookedObj<0>::part);
  reflection::ObjectDef<HookedObj<1>>().def_ro("part", &HookedObj<1>::part);
  reflection::TypeAttrDef<HookedObj<0>>().attr(type_attr::kStructuralVisit, hook);
  reflection::TypeAttrDef<HookedObj<1>>().attr(type_attr::kStructuralVisit, &VisitNothing);
  int calls = 0;
  StructuralWalk<WalkOrder::kPreOrder>(
      array(make_object<HookedObj<0>>(), make_object<HookedObj<1>>()), [&](int64_t) {
        ++calls;
        return WalkResult::Advance();
      });
  EXPECT_EQ(calls, 0);  // neither hook looks at the part
}

// ---- References that may be null although those of the parent may not --------------------------

class OldVisitor : public StructuralVisitor {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldVisitor, StructuralVisitor, StructuralVisitorObj);
};
class OldMutator : public StructuralMutator {
 public:
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(OldMutator, StructuralMutator, StructuralMutatorObj);
};

TEST(StructuralExpressions, NullableReferencesToVisitors) {
  EXPECT_FALSE(OldVisitor().defined());
  EXPECT_FALSE(OldMutator().defined());
}

}  // namespace structural_expressions_test
