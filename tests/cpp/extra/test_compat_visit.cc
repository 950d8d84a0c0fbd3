// SPDX-License-Identifier: Apache-2.0
//
// Visit hooks as sources of 0.1.14 write them, with the switch that makes FStructuralVisit the raw
// function type it was.
#define TVM_FFI_COMPAT_0_1_14
#include <gtest/gtest.h>
#include <tvm/ffi/extra/structural_visit.h>
#include <tvm/ffi/reflection/registry.h>

#include <cstdint>
#include <type_traits>
#include <utility>
#include <vector>

#include "../registered.h"

namespace compat_visit_test {

using namespace tvm::ffi;
namespace refl = tvm::ffi::reflection;

// Its second part is visited first.
class PairObj : public Object {
 public:
  Any first;
  Any second;
  PairObj(Any first, Any second) : first(std::move(first)), second(std::move(second)) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.compat_visit.Pair", PairObj, Object);
};
class Pair : public ObjectRef {
 public:
  Pair(Any first, Any second)
      : ObjectRef(ObjectPtr<Object>(make_object<PairObj>(std::move(first), std::move(second)))) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Pair, ObjectRef, PairObj);
};

TVMFFIAny VisitPair(StructuralVisitorObj* visitor, AnyView value) noexcept {
  const PairObj* self = value.as<PairObj>();
  TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN(visitor->VisitExpected(self->second));
  TVM_FFI_S_VISIT_MAYBE_EARLY_RETURN_WITH_ERROR_CONTEXT(visitor->VisitExpected(self->first), self);
  return AnyView().CopyToTVMFFIAny();
}

static_assert(std::is_same_v<FStructuralVisit, FStructuralVisitABI>);

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::TypeAttrDef<PairObj>().attr(
      refl::type_attr::kStructuralVisit,
      reinterpret_cast<void*>(static_cast<FStructuralVisit>(&VisitPair)));
}

TEST(CompatVisit, ARawHookDecidesTheOrder) {
  std::vector<int64_t> seen;
  StructuralWalk<WalkOrder::kPreOrder>(Pair(1, Pair(2, 3)), [&](int64_t value) {
    seen.push_back(value);
    return WalkResult::Advance();
  });
  EXPECT_EQ(seen, (std::vector<int64_t>{3, 2, 1}));
}

TEST(CompatVisit, AnInterruptEndsTheHook) {
  std::vector<int64_t> seen;
  Optional<VisitInterrupt> interrupt =
      StructuralWalk<WalkOrder::kPreOrder>(Pair(1, 2), [&](int64_t value) {
        seen.push_back(value);
        return WalkResult::Interrupt(VisitInterrupt(value));
      });
  EXPECT_EQ(seen, (std::vector<int64_t>{2}));
  ASSERT_TRUE(interrupt.has_value());
  EXPECT_EQ((*interrupt)->value.cast<int>(), 2);
}

TEST(CompatVisit, AnErrorPassesThroughTheHook) {
  for (int64_t failing : {1, 2}) {
    EXPECT_EQ(registered::error_of([failing] {
                StructuralWalk<WalkOrder::kPreOrder>(
                    Pair(1, 2), [failing](int64_t value) -> Expected<WalkResult> {
                      if (value == failing) return Error("ValueError", "no", "");
                      return WalkResult::Advance();
                    });
              }),
              "ValueError: no");
  }
}

}  // namespace compat_visit_test
