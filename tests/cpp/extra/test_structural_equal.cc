// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/extra/structural_equal.h>
#include <tvm/ffi/reflection/registry.h>

#include <cmath>
#include <string>
#include <utility>

#include "../registered.h"
#include "../sanitized.h"
#include "structural_objects.h"

namespace {

using namespace tvm::ffi;
using namespace structural;
using registered::error_of;
using sanitized::kDeepChain;
using sanitized::kLongChain;
namespace refl = reflection;

bool equal(const Any& lhs, const Any& rhs) { return StructuralEqual()(lhs, rhs); }
bool equal_mapped(const Any& lhs, const Any& rhs) { return StructuralEqual::Equal(lhs, rhs, true); }

std::string text(const reflection::AccessPath& path) {
  return std::string(registered::call("ffi.ReprPrint", path).cast<String>());
}

// Both paths, or only one where they agree; "equal" if there is none.
std::string mismatch(const Any& lhs, const Any& rhs, bool map_free_vars = false) {
  auto paths = StructuralEqual::GetFirstMismatch(lhs, rhs, map_free_vars);
  EXPECT_EQ(paths.has_value(), !StructuralEqual::Equal(lhs, rhs, map_free_vars));
  if (!paths.has_value()) return "equal";
  const std::string left = text((*paths).get<0>()), right = text((*paths).get<1>());
  return left == right ? left : left + " vs " + right;
}

// Compares `b` before `a`, which it calls "first"; `a` is in a pattern if `is_pattern` is set.
class HookedObj : public Object {
 public:
  HookedObj(Any a, Any b, bool is_pattern)
      : a(std::move(a)), b(std::move(b)), is_pattern(is_pattern) {}
  Any a, b;
  bool is_pattern;
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_equal.Hooked", HookedObj, Object);
};

// Equal to everything of its class whose `a` or `b` is equal.
class EitherObj : public Object {
 public:
  EitherObj(Any a, Any b) : a(std::move(a)), b(std::move(b)) {}
  Any a, b;
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_equal.Either", EitherObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<HookedObj>().def_type_attr(
      "__s_equal__", [](const HookedObj* lhs, const HookedObj* rhs, const Function& equal) {
        return equal(lhs->b, rhs->b, 0, "first").cast<bool>() &&
               equal(lhs->a, rhs->a, lhs->is_pattern, nullptr).cast<bool>();
      });
  refl::ObjectDef<EitherObj>().def_type_attr(
      "__s_equal__", [](const EitherObj* lhs, const EitherObj* rhs, const Function& equal) {
        return equal(lhs->a, rhs->a, 0, "a").cast<bool>() ||
               equal(lhs->b, rhs->b, 0, "b").cast<bool>();
      });
}

ObjectRef hooked(Any a, Any b, bool is_pattern = false) {
  return ObjectRef(make_object<HookedObj>(std::move(a), std::move(b), is_pattern));
}
ObjectRef either(Any a, Any b) {
  return ObjectRef(make_object<EitherObj>(std::move(a), std::move(b)));
}

struct CPUAlloc {
  void AllocData(DLTensor* tensor) { tensor->data = new char[GetDataSize(*tensor)]; }
  void FreeData(DLTensor* tensor) { delete[] static_cast<char*>(tensor->data); }
};

Tensor tensor(std::initializer_list<float> values, DLDevice device = {kDLCPU, 0}) {
  Tensor result = Tensor::FromNDAlloc(CPUAlloc(), Shape({static_cast<int64_t>(values.size())}),
                                      DLDataType{kDLFloat, 32, 1}, device);
  std::copy(values.begin(), values.end(), static_cast<float*>(result.data_ptr()));
  return result;
}

TEST(StructuralEqual, ValuesAreEqualByTypeAndBits) {
  EXPECT_TRUE(equal(nullptr, nullptr));
  EXPECT_TRUE(equal(1, 1));
  EXPECT_FALSE(equal(1, 2));
  EXPECT_FALSE(equal(1, true));
  EXPECT_FALSE(equal(1, 1.0));
  EXPECT_FALSE(equal(1, nullptr));
  EXPECT_TRUE(equal(std::nan("1"), std::nan("2")));
  EXPECT_FALSE(equal(0.0, -0.0));
  EXPECT_TRUE(equal(DLDevice{kDLCUDA, 1}, DLDevice{kDLCUDA, 1}));
  EXPECT_FALSE(equal(DLDataType{kDLInt, 8, 1}, DLDataType{kDLInt, 8, 2}));
}

TEST(StructuralEqual, TextIsEqualByContent) {
  EXPECT_TRUE(equal("text", String(std::string("text"))));
  EXPECT_TRUE(equal(Bytes(std::string("text")), Bytes("text", 4)));
  EXPECT_FALSE(equal("text", Bytes("text", 4)));
  EXPECT_FALSE(equal("text", "texts and more"));
  EXPECT_TRUE(equal(Shape({1, 2}), Shape({1, 2})));
  EXPECT_FALSE(equal(Shape({1, 2}), Shape({1, 2, 3})));
}

TEST(StructuralEqual, BigIntegersAreEqualByValue) {
  auto power = [](int64_t high) {
    const int64_t words[] = {0, high};
    const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words), sizeof(words)};
    Any result;
    TVM_FFI_CHECK_SAFE_CALL(
        TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&result)));
    return result;
  };
  EXPECT_TRUE(equal(power(1), power(1)));
  EXPECT_FALSE(equal(power(1), power(2)));
}

TEST(StructuralEqual, SequencesReportTheFirstDifference) {
  EXPECT_TRUE(equal(array(1, list(2)), array(1, list(2))));
  EXPECT_EQ(mismatch(array(1), list(1)), "<root>");
  EXPECT_EQ(mismatch(array(1, 2), array(1, 3)), "<root>[1]");
  EXPECT_EQ(mismatch(array(1, 2), array(1, 2, 3)), "<root>[<missing:2>] vs <root>[2]");
  EXPECT_EQ(mismatch(array(1, 2, 3), array(1, 2)), "<root>[2] vs <root>[<missing:2>]");
  EXPECT_EQ(mismatch(array(1, 5, 3), array(1, 2)), "<root>[1]");
  EXPECT_EQ(mismatch(list(array(1)), list(array(2))), "<root>[0][0]");
}

TEST(StructuralEqual, MapsAreComparedByKey) {
  const Map<Any, Any> map{{1, 2}, {5, 6}};
  EXPECT_TRUE(equal(map, Map<Any, Any>{{5, 6}, {1, 2}}));
  EXPECT_FALSE(equal(map, Dict<Any, Any>{{1, 2}, {5, 6}}));
  EXPECT_EQ(mismatch(map, Map<Any, Any>{{1, 3}}), "<root>[1]");
  EXPECT_EQ(mismatch(map, Map<Any, Any>{{1, 2}}), "<root>[5] vs <root>[<missing:5>]");
  EXPECT_EQ(mismatch(Map<Any, Any>{{1, 2}}, map), "<root>[<missing:5>] vs <root>[5]");
  EXPECT_EQ(mismatch(Dict<Any, Any>{{nullptr, 2}}, Dict<Any, Any>{{nullptr, 3}}), "<root>[None]");
}

TEST(StructuralEqual, ObjectsAreComparedAsTheirKindSays) {
  EXPECT_TRUE(equal(Tree(1, "a"), Tree(1, "a")));
  EXPECT_EQ(mismatch(Tree(1, 2), Tree(1, 3)), "<root>.b");
  EXPECT_EQ(mismatch(Tree(array(1)), Tree(array(2))), "<root>.a[0]");
  EXPECT_EQ(mismatch(Tree(1), Const(1)), "<root>");
  EXPECT_TRUE(equal(Note(1, 2), Note(1, 3)));
  EXPECT_TRUE(equal(Const(1), Const(1)));
  const Uniq unique(1);
  EXPECT_TRUE(equal(unique, unique));
  EXPECT_FALSE(equal(unique, Uniq(1)));
}

TEST(StructuralEqual, ConstantsThatAreTheSameAreNotLookedInto) {
  const Any unsupported = None(1);
  const Const constant(unsupported);
  EXPECT_TRUE(equal(constant, constant));
  EXPECT_THROW(equal(constant, Const(unsupported)), Error);
  const Tree tree(unsupported);
  EXPECT_THROW(equal(tree, tree), Error);
}

TEST(StructuralEqual, SharingOfDagNodesCounts) {
  const Dag node(1);
  EXPECT_TRUE(equal(array(node, node), array(node, node)));
  EXPECT_EQ(mismatch(array(node, node), array(Dag(1), Dag(1))), "<root>[1]");
  EXPECT_EQ(mismatch(array(Dag(1), Dag(1)), array(node, node)), "<root>[1]");
  const Tree tree(1);
  EXPECT_TRUE(equal(array(tree, tree), array(Tree(1), Tree(1))));
}

TEST(StructuralEqual, VariablesAreEqualWhereTheyAreDefined) {
  const Var v(1), w(1);
  EXPECT_TRUE(equal(v, v));
  EXPECT_EQ(mismatch(v, w), "<root>");
  EXPECT_TRUE(equal_mapped(v, w));
  EXPECT_EQ(mismatch(v, Var(2), true), "<root>.a");
  EXPECT_TRUE(equal(Func(array(v), v), Func(array(w), w)));
  EXPECT_EQ(mismatch(Func(array(v), v), Func(array(w), v)), "<root>.b");
  EXPECT_TRUE(equal(Lam(v, v), Lam(w, w)));
  EXPECT_FALSE(equal(array(v, Func(v, v)), array(v, Func(w, w))));
}

TEST(StructuralEqual, VariablesArePairedOneToOne) {
  const Var v(1), w(1), x(1), y(1);
  EXPECT_TRUE(equal(Func(array(v, w), array(w, v)), Func(array(x, y), array(y, x))));
  EXPECT_EQ(mismatch(Func(array(v, w), array(w, v)), Func(array(x, y), array(x, y))),
            "<root>.b[0]");
  EXPECT_EQ(mismatch(Func(array(v, v)), Func(array(v, w))), "<root>.a[1]");
  EXPECT_EQ(mismatch(Func(array(v, w)), Func(array(v, v))), "<root>.a[1]");
}

TEST(StructuralEqual, KeysOfMapsAreReplacedByTheirCounterparts) {
  const Var v(1), w(1);
  auto with = [](const Var& var, const Var& key, int value) {
    return Func(array(var), Map<Any, Any>{{key, value}});
  };
  EXPECT_TRUE(equal(with(v, v, 1), with(w, w, 1)));
  EXPECT_FALSE(equal(with(v, v, 1), with(w, w, 2)));
  auto paths = StructuralEqual::GetFirstMismatch(with(v, v, 1), with(w, v, 1));
  ASSERT_TRUE(paths.has_value());
  const reflection::AccessPath left = (*paths).get<0>(), right = (*paths).get<1>();
  EXPECT_EQ(left->step->kind, reflection::AccessKind::kMapItem);
  EXPECT_TRUE(left->step->key.same_as(Any(v)));
  EXPECT_EQ(right->step->kind, reflection::AccessKind::kMapItemMissing);
}

// A pair of maps found equal may differ later, once the variables in their keys are paired.
TEST(StructuralEqual, KeysMayBePairedBetweenTwoOccurrences) {
  const Var v(1), w(1);
  const Map<Any, Any> map{{v, 1}};
  EXPECT_TRUE(equal(array(map, map), array(map, map)));
  EXPECT_FALSE(equal(array(map, Func(v), map), array(map, Func(w), map)));
}

TEST(StructuralEqual, SimpleDefinitionsBindOnlyTheVariable) {
  const Var v(1), w(1);
  EXPECT_EQ(mismatch(Lam(Var(Any(v))), Lam(Var(Any(w)))), "<root>.a.a");
  EXPECT_TRUE(equal(Func(Var(Any(v))), Func(Var(Any(w)))));
  // Inside a pattern a simple definition is one of the pattern.
  EXPECT_TRUE(equal(Func(Lam(Var(Any(v)))), Func(Lam(Var(Any(w))))));
  EXPECT_TRUE(equal_mapped(Lam(Var(Any(v))), Lam(Var(Any(w)))));
}

TEST(StructuralEqual, HooksCompareTheParts) {
  const Var v(1), w(1);
  EXPECT_TRUE(equal(hooked(1, 2), hooked(1, 2)));
  EXPECT_EQ(mismatch(hooked(1, 2), hooked(1, 3)), "<root>.first");
  EXPECT_EQ(mismatch(hooked(1, array(2)), hooked(1, array(3))), "<root>.first[0]");
  EXPECT_EQ(mismatch(hooked(array(1), 2), hooked(array(3), 2)), "<root>[0]");  // without a name
  EXPECT_FALSE(equal(hooked(v, 2), hooked(w, 2)));
  EXPECT_TRUE(equal(hooked(v, 2, true), hooked(w, 2, true)));
}

TEST(StructuralEqual, WhatHooksForgiveIsNoMismatch) {
  EXPECT_EQ(mismatch(either(1, 2), either(3, 2)), "equal");
  EXPECT_EQ(mismatch(array(either(1, 2), 1), array(either(3, 2), 2)), "<root>[1]");
  EXPECT_EQ(mismatch(array(either(1, 2)), array(either(3, 4))), "<root>[0].a");
}

TEST(StructuralEqual, TensorsAreEqualByContent) {
  const Tensor a = tensor({1, 2}), b = tensor({1, 2}), c = tensor({1, 3});
  EXPECT_TRUE(equal(a, b));
  EXPECT_FALSE(equal(a, c));
  EXPECT_TRUE(StructuralEqual::Equal(a, c, false, true));
  EXPECT_FALSE(StructuralEqual::Equal(a, tensor({1}), false, true));
  EXPECT_EQ(mismatch(array(a), array(c)), "<root>[0]");
}

TEST(StructuralEqual, TensorsThatCannotBeReadAreAnError) {
  const Tensor a = tensor({1, 2, 3, 4});
  const Tensor strided = a.as_strided(Shape({2}), Shape({2}));
  EXPECT_NE(error_of([&] {
              equal(strided, a.as_strided(Shape({2}), Shape({2})));
            }).find("Can only compare contiguous tensor"),
            std::string::npos);
  EXPECT_TRUE(equal(strided, strided));
  const Tensor there = tensor({1}, {kDLCUDAHost, 0});
  const std::string error = error_of([&] { equal(there, tensor({1})); });
  EXPECT_EQ(error.find("InternalError"), 0U);
  EXPECT_NE(error.find("can only compare CPU tensor"), std::string::npos);
}

TEST(StructuralEqual, ClassesWithoutAKindAreAnError) {
  EXPECT_EQ(error_of([] { equal(None(1), None(1)); }),
            "TypeError: _type_s_eq_hash_kind is not set for type `test.structural.None`, so "
            "StructuralHash is not supported for this type");
  const Function function = Function::FromTyped([] {});
  EXPECT_EQ(error_of([&] { equal(array(function), array(function)); }),
            "TypeError: Type metadata is not set for type `ffi.Function`, so StructuralHash is not "
            "supported for this type");
}

TEST(StructuralEqual, OptionalsCompareWithValues) {
  const auto paths = StructuralEqual::GetFirstMismatch(1, 2);
  const reflection::AccessPathPair root(reflection::AccessPath::Root(),
                                        reflection::AccessPath::Root());
  EXPECT_TRUE(StructuralEqual()(paths, root));
}

TEST(StructuralEqual, SharedPartsAreComparedOnce) {
  auto doubled = [](Any part) {
    for (int i = 0; i < 64; ++i) part = i % 2 ? Any(array(part, part)) : Any(Tree(part, part));
    return part;
  };
  EXPECT_TRUE(equal(doubled(1), doubled(1)));
  EXPECT_FALSE(equal(doubled(1), doubled(2)));
}

TEST(StructuralEqual, DeepValues) {
  auto in_list = [](const Any& part) { return Any(list(part)); };
  EXPECT_TRUE(equal(Chain(kDeepChain, 1, in_list).value(), Chain(kDeepChain, 1, in_list).value()));
  EXPECT_FALSE(equal(Chain(kDeepChain, 1, in_list).value(), Chain(kDeepChain, 2, in_list).value()));
  auto in_node = [](const Any& part) { return Any(Dag(part, part)); };
  EXPECT_TRUE(equal(Chain(kLongChain, 1, in_node).value(), Chain(kLongChain, 1, in_node).value()));
}

TEST(StructuralEqual, TooDeepValuesAreAnError) {
  SKIP_IF_SANITIZED();
  List<Any> circle = list(1), other = list(1);
  circle.push_back(circle);
  other.push_back(other);
  EXPECT_EQ(error_of([&] { equal(circle, other); }),
            "ValueError: StructuralEqual: maximum stack depth (1048576) exceeded");
  circle.clear();
  other.clear();
}

}  // namespace
