// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/extra/structural_mutate.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/rvalue_ref.h>

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
using MaybeNew = Expected<UnchangedOr<Any>>;
using Log = std::vector<std::string>;

constexpr auto kPre = WalkOrder::kPreOrder;
constexpr auto kPost = WalkOrder::kPostOrder;

std::string text(const Any& value) {
  std::string repr(call("ffi.ReprPrint", value).cast<String>());
  for (size_t at; (at = repr.find("test.structural.")) != std::string::npos;) repr.erase(at, 16);
  for (size_t at; (at = repr.find(", b=None")) != std::string::npos;) repr.erase(at, 8);
  return repr;
}

int64_t increment(int64_t value) { return value + 1; }

const Object* address(const Any& value) { return value.as<Object>(); }

// The addresses of the nodes in the context of an error, innermost first.
std::vector<const Object*> context_of(const Error& error) {
  std::vector<const Object*> nodes;
  auto context = VisitErrorContext::TryGetFromError(error);
  if (context.has_value()) {
    for (const ObjectRef& node : (*context)->reverse_visit_pattern) nodes.push_back(node.get());
  }
  return nodes;
}

// ---- StructuralMap -----------------------------------------------------------------------------

TEST(StructuralMap, OrdersOfCalls) {
  const Any root = array(1, nullptr, Map<Any, Any>{{5, 6}});
  auto order_of = [&](auto map) {
    Log log;
    const Any result = map([&](const Any& value) -> Expected<Any> {
      log.push_back(text(value));
      return value;
    });
    EXPECT_TRUE(result.same_as(root));
    return log;
  };
  EXPECT_EQ(order_of([&](auto callback) { return StructuralMap<kPre>(root, callback); }),
            (Log{"(1, None, {5: 6})", "1", "None", "{5: 6}", "6"}));
  EXPECT_EQ(order_of([&](auto callback) { return StructuralMap<kPost>(root, callback); }),
            (Log{"1", "None", "6", "{5: 6}", "(1, None, {5: 6})"}));
}

TEST(StructuralMap, CopiesWhatChanges) {
  const Any same = array("text", 2.5);
  const Any root = array(1, same, Map<Any, Any>{{1, 2}}, Dict<Any, Any>{{1, 2}, {3, same}}, list(3),
                         Tree(4, same));
  const std::string before = text(root);
  const Any result = StructuralMap<kPost>(root, increment);
  EXPECT_EQ(text(result),
            "(2, (\"text\", 2.5), {1: 3}, {1: 3, 3: (\"text\", 2.5)}, [4], "
            "Tree(a=5, b=(\"text\", 2.5)))");
  EXPECT_EQ(text(root), before);
  EXPECT_TRUE(result.cast<Array<Any>>()[1].same_as(same));
}

TEST(StructuralMap, KeepsWhatDoesNotChange) {
  for (const Any& root : {Any(array(1, list(2))), Any(Tree(1)), Any(Dict<Any, Any>{{1, "a"}}),
                          Any("text"), Any(nullptr)}) {
    EXPECT_TRUE(StructuralMap<kPost>(root, [](double value) { return value; }).same_as(root));
    EXPECT_TRUE(StructuralMap<kPre>(root, [](const Any&) -> Expected<Any> {
                  return Unchanged();
                }).same_as(root));
  }
}

TEST(StructuralMap, KeepsTheOrderOfMaps) {
  Map<Any, Any> map;
  for (int i = 0; i < 20; ++i) map.Set(19 - i, i == 10 ? Any(1) : Any("same"));
  const Any result = StructuralMap<kPost>(map, increment);
  auto it = map.begin();
  int i = 0;
  for (const auto& [key, value] : result.cast<Map<Any, Any>>()) {
    EXPECT_TRUE(key.same_as((*it).first));
    EXPECT_EQ(value.type_index() == kTVMFFIInt, i++ == 10);
    ++it;
  }
}

TEST(StructuralMap, PreOrderMutatesTheReplacement) {
  Log log;
  auto on_array = [&](const Array<Any>& items) -> Expected<Any> {
    log.push_back(text(items));
    if (items.size() == 3) return Unchanged();
    return array(7, 8, 9);
  };
  EXPECT_EQ(text(StructuralMap<kPre>(array(1, array(2)), on_array, increment)), "(8, 9, 10)");
  EXPECT_EQ(log, (Log{"(1, (2,))"}));  // not the replacement itself
}

TEST(StructuralMap, PostOrderGetsWhatBecameOfTheValue) {
  Log log;
  auto on_array = [&](const Array<Any>& items) -> Expected<Any> {
    log.push_back(text(items));
    return static_cast<int64_t>(items.size());
  };
  EXPECT_EQ(text(StructuralMap<kPost>(array(1, array(2, 3)), on_array)), "2");
  EXPECT_EQ(log, (Log{"(2, 3)", "(1, 2)"}));
  // The callback is chosen by what the value has become.
  EXPECT_EQ(text(StructuralMap<kPost>(array(array()), [](const Array<Any>&) { return 1; })), "1");
}

TEST(StructuralMap, NoneIsAValue) {
  EXPECT_EQ(StructuralMap<kPost>(nullptr, [](std::nullptr_t) { return 4; }).cast<int>(), 4);
  EXPECT_EQ(text(StructuralMap<kPost>(array(1), [](int64_t) -> Expected<Any> { return nullptr; })),
            "(None,)");
}

TEST(StructuralMap, CallbacksSeeTheRegion) {
  Log log;
  auto note = [&](AnyView value, TVMFFIDefRegionKind kind) -> Expected<Any> {
    log.push_back(text(value) + ":" + std::to_string(kind));
    return Unchanged();
  };
  const Var v(1), w{Any(v)};
  StructuralMap<kPre>(Lam(w, v), note);
  EXPECT_EQ(log, (Log{"Lam(a=Var(a=Var(a=1)), b=Var(a=1)):0", "Var(a=Var(a=1)):2", "Var(a=1):0",
                      "None:0", "Var(a=1):0"}));
}

TEST(StructuralMap, DefinitionsAndUsesStayTheSame) {
  const Var v(1);
  for (const Any& root : {Any(Func(array(v), array(v, v))), Any(Lam(v, array(v, v)))}) {
    const Any result = StructuralMap<kPost>(root, increment);
    const Any uses = result.as<FuncObj>() ? result.as<FuncObj>()->b : result.as<LamObj>()->b;
    const Any def = result.as<FuncObj>() ? result.as<FuncObj>()->a.cast<Array<Any>>()[0]
                                         : result.as<LamObj>()->a;
    EXPECT_EQ(text(def), "Var(a=2)");
    for (const Any& use : uses.cast<Array<Any>>()) EXPECT_TRUE(use.same_as(def));
  }
}

TEST(StructuralMap, UsesAreNotLookedInto) {
  const Any root = array(Var(1));
  EXPECT_TRUE(StructuralMap<kPost>(root, increment).same_as(root));
  int calls = 0;
  const Var v(1);
  StructuralMap<kPost>(array(v, v), [&](const VarObj*) -> Expected<Any> {
    ++calls;
    return Unchanged();
  });
  EXPECT_EQ(calls, 2);  // every occurrence
}

TEST(StructuralMap, SharedNodesAreMutatedOnce) {
  const Dag node(1);
  int calls = 0;
  const Any result = StructuralMap<kPost>(array(node, node), [&](int64_t value) {
    ++calls;
    return value + 1;
  });
  EXPECT_EQ(calls, 1);
  EXPECT_EQ(text(result), "(Dag(a=2), Dag(a=2))");
  EXPECT_TRUE(result.cast<Array<Any>>()[0].same_as(result.cast<Array<Any>>()[1]));
}

TEST(StructuralMap, IgnoredFieldsStay) {
  EXPECT_EQ(text(StructuralMap<kPost>(Note(1, 2), increment)), "Note(a=2, b=2)");
}

// ---- In place ----------------------------------------------------------------------------------

template <WalkOrder order>
void expect_in_place(Any root, const std::string& expected) {
  const Object* before = address(root);
  const Any result = StructuralMap<order>(std::move(root), increment);
  EXPECT_EQ(address(result), before);
  EXPECT_EQ(text(result), expected);
}

TEST(StructuralMapInPlace, UniqueContainersAreReused) {
  expect_in_place<kPost>(array(1, array(2), "a"), "(2, (3,), \"a\")");
  expect_in_place<kPre>(array(1, array(2), "a"), "(2, (3,), \"a\")");
  expect_in_place<kPost>(list(1, list(2)), "[2, [3]]");
  expect_in_place<kPost>(Map<Any, Any>{{1, 2}, {3, array(4)}}, "{1: 3, 3: (5,)}");
  expect_in_place<kPost>(Dict<Any, Any>{{1, 2}, {3, array(4)}}, "{1: 3, 3: (5,)}");
}

TEST(StructuralMapInPlace, NestedContainersKeepTheirAddresses) {
  Any root = array(array(1), array(2));
  const Object* inner = address(*root.as<ArrayObj>()->begin());
  root = StructuralMap<kPost>(std::move(root), increment);
  EXPECT_EQ(address(*root.as<ArrayObj>()->begin()), inner);
  EXPECT_EQ(text(root), "((2,), (3,))");
}

TEST(StructuralMapInPlace, WhatIsReferredToElsewhereIsCopied) {
  const Any inner = array(1);
  Any root = array(inner, array(2));
  const Object* before = address(root);
  root = StructuralMap<kPost>(std::move(root), increment);
  EXPECT_EQ(address(root), before);  // the outer one is unique
  EXPECT_EQ(text(root), "((2,), (3,))");
  EXPECT_EQ(text(inner), "(1,)");

  const Any shared = array(array(1));
  EXPECT_EQ(text(StructuralMap<kPost>(shared, increment)), "((2,),)");
  EXPECT_EQ(text(shared), "((1,),)");  // nor what only it refers to
}

TEST(StructuralMapInPlace, AWeakReferenceCountsToo) {
  Array<Any> items = array(1);
  const WeakObjectPtr<Object> weak(
      detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(ObjectRef(items)));
  const Object* before = items.get();
  const Any result = StructuralMap<kPost>(Any(std::move(items)), increment);
  EXPECT_NE(address(result), before);
}

TEST(StructuralMapInPlace, ObjectsWithFieldsAreCopied) {
  Any root = Tree(1);
  const Object* before = address(root);
  EXPECT_NE(address(StructuralMap<kPost>(std::move(root), increment)), before);
}

TEST(StructuralMapInPlace, AUniqueReplacementIsMutatedInPlace) {
  const Object* replacement = nullptr;
  auto on_list = [&](const List<Any>&) -> Expected<Any> {
    Array<Any> items = array(5);
    replacement = items.get();
    return items;
  };
  Any root = array(list(1));
  root = StructuralMap<kPre>(std::move(root), on_list, increment);
  EXPECT_EQ(text(root), "((6,),)");
  EXPECT_EQ(address(*root.as<ArrayObj>()->begin()), replacement);

  const Array<Any> kept = array(5);
  root = array(list(1));
  root = StructuralMap<kPre>(
      std::move(root), [&](const List<Any>&) -> Expected<Any> { return kept; }, increment);
  EXPECT_EQ(text(root), "((6,),)");
  EXPECT_EQ(text(kept), "(5,)");
}

TEST(StructuralMapInPlace, ReturningTheValueIsLikeUnchanged) {
  Any root = array(array(1));
  const Object* before = address(root);
  root = StructuralMap<kPre>(
      std::move(root), [](const Array<Any>& items) -> Expected<Any> { return items; }, increment);
  EXPECT_EQ(address(root), before);
  EXPECT_EQ(text(root), "((2,),)");
}

TEST(StructuralMapInPlace, ChangesBeforeAnErrorStay) {
  Any root = array(array(1, "stop"), 5);
  TVMFFIObject* object = detail::ObjectUnsafe::GetHeader(root.as<Object>());
  auto result = StructuralMapExpected<kPost>(
      std::move(root), increment,
      [](const String&) -> Expected<Any> { return Error("ValueError", "stop", ""); });
  ASSERT_TRUE(result.is_err());
  // The error's context keeps the containers alive.
  ASSERT_EQ(context_of(result.error()).size(), 2U);
  EXPECT_EQ(text(ObjectRef(detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(object))),
            "((2, \"stop\"), 5)");
}

// ---- Errors ------------------------------------------------------------------------------------

TEST(StructuralMap, ErrorsKnowWhereTheyCameUp) {
  const Any inner = array(2), tree = Tree(inner), root = array(1, tree);
  auto fail = [](int64_t value) -> Expected<Any> {
    if (value == 2) return Error("ValueError", "found 2", "");
    return Unchanged();
  };
  const std::vector<const Object*> expected = {address(inner), address(tree), address(root)};
  auto post = StructuralMapExpected<kPost>(root, fail);
  ASSERT_TRUE(post.is_err());
  EXPECT_EQ(context_of(post.error()), expected);
  auto pre = StructuralMapExpected<kPre>(root, fail);
  ASSERT_TRUE(pre.is_err());
  EXPECT_EQ(context_of(pre.error()), expected);
  EXPECT_EQ(error_of([&] { StructuralMap<kPost>(root, fail); }), "ValueError: found 2");
}

TEST(StructuralMap, WhatCallbacksThrowIsTheError) {
  EXPECT_EQ(error_of([] {
              StructuralMap<kPre>(1, [](int64_t) -> Any { throw std::runtime_error("thrown"); });
            }),
            "InternalError: thrown");
}

TEST(StructuralMap, ObjectsThatCannotBeCopiedAreAnError) {
  const Any shape = Shape({1}), root = array(shape);
  auto result = StructuralMapExpected<kPost>(root, increment);
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "TypeError");
  EXPECT_EQ(result.error().message(), "__ffi_shallow_copy__ must be an ffi.Function");
  EXPECT_EQ(context_of(result.error()),
            (std::vector<const Object*>{address(shape), address(root)}));
  EXPECT_EQ(text(StructuralMap<kPre>(root, [](Shape) { return 4; })), "(4,)");
}

// Fields and hooks that go wrong.
class TypedObj : public Object {
 public:
  int64_t number = 1;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.Typed", TypedObj, Object);
};
class NoSetterObj : public Object {
 public:
  int64_t number = 1;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.NoSetter", NoSetterObj, Object);
};
class SelfCopyObj : public Object {
 public:
  SelfCopyObj() = default;
  SelfCopyObj(const SelfCopyObj&) = delete;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.SelfCopy", SelfCopyObj, Object);
};
class WrongHookObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.WrongHook", WrongHookObj, Object);
};

// Mutates `a` only.
class NativeHookObj : public Object {
 public:
  explicit NativeHookObj(Any a) : a(std::move(a)) {}
  Any a;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.NativeHook", NativeHookObj, Object);
};

MaybeNew mutate_native(StructuralMutatorObj* mutator, AnyView value) noexcept {
  TVM_FFI_S_MUTATE_ASSIGN_OR_RETURN(UnchangedOr<Any>, part,
                                    mutator->MutateExpected(value.as<NativeHookObj>()->a));
  if (part.IsUnchanged()) return Unchanged();
  return make_object<NativeHookObj>(std::move(part).ValueUnchecked());
}
MaybeNew mutate_in_place(StructuralMutatorObj* mutator, AnyView value) noexcept {
  auto* self = const_cast<NativeHookObj*>(value.as<NativeHookObj>());
  auto part = mutator->MutateExpected(self->a, InplaceMode::kAllow);
  TVM_FFI_S_MUTATE_MAYBE_EARLY_RETURN(part);
  UnchangedOr<Any> changed = std::move(part).value();
  if (!changed.IsUnchanged()) self->a = std::move(changed).ValueUnchecked();
  return Unchanged();
}

class FunctionHookObj : public Object {
 public:
  explicit FunctionHookObj(Any a) : a(std::move(a)) {}
  Any a;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural_mutate.FunctionHook", FunctionHookObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<TypedObj>().def_ro("number", &TypedObj::number);
  refl::ObjectDef<NoSetterObj>(refl::init(false));
  TVMFFIFieldInfo field = *refl::GetFieldInfo("test.structural_mutate.Typed", "number");
  field.setter = nullptr;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFITypeRegisterField(NoSetterObj::RuntimeTypeIndex(), &field));
  refl::ObjectDef<SelfCopyObj>().def_type_attr("__ffi_shallow_copy__",
                                               [](ObjectRef self) { return self; });
  refl::ObjectDef<WrongHookObj>().def_type_attr("__s_mutate__", 1);
  refl::ObjectDef<NativeHookObj>(refl::init(false)).def_ro("a", &NativeHookObj::a);
  refl::TypeAttrDef<NativeHookObj>()
      .native_fn_attr<&mutate_native>(type_attr::kStructuralMutate)
      .native_fn_attr<&mutate_in_place>(type_attr::kStructuralMaybeInplaceMutate);
  refl::ObjectDef<FunctionHookObj>(refl::init(false))
      .def_ro("a", &FunctionHookObj::a)
      .def_type_attr("__s_mutate__", [](const Any& mutator, const FunctionHookObj* self) -> Any {
        return ObjectRef(
            make_object<FunctionHookObj>(call("ffi.StructuralMutatorMutate", mutator, self->a)));
      });
}

TEST(StructuralMap, FieldsThatDoNotTakeTheResultAreAnError) {
  const Any typed = ObjectRef(make_object<TypedObj>());
  auto to_text = [](int64_t) { return String("text"); };
  auto result = StructuralMapExpected<kPost>(array(typed), to_text);
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "TypeError");
  ASSERT_EQ(context_of(result.error()).size(), 2U);
  EXPECT_EQ(context_of(result.error())[0], address(typed));
  EXPECT_EQ(typed.as<TypedObj>()->number, 1);
  EXPECT_EQ(error_of([&] { StructuralMap<kPost>(make_object<NoSetterObj>(), to_text); }),
            "TypeError: Cannot structurally mutate field `number` of type "
            "`test.structural_mutate.NoSetter` because it does not define a setter");
}

TEST(StructuralMap, ACopyMustBeAnotherObject) {
  EXPECT_EQ(error_of([] { StructuralMap<kPost>(make_object<SelfCopyObj>(), increment); }),
            "TypeError: Shallow copy callback must return a distinct object with the same type as "
            "its input");
}

// ---- Hooks -------------------------------------------------------------------------------------

TEST(StructuralMutateHook, DecidesWhatIsMutated) {
  const Any native = ObjectRef(make_object<NativeHookObj>(1));
  const Any result = StructuralMap<kPost>(array(native), increment);
  EXPECT_EQ(result.cast<Array<Any>>()[0].as<NativeHookObj>()->a.cast<int>(), 2);
  EXPECT_EQ(native.as<NativeHookObj>()->a.cast<int>(), 1);
  const Any function = StructuralMap<kPost>(make_object<FunctionHookObj>(array(1)), increment);
  EXPECT_EQ(text(function.as<FunctionHookObj>()->a), "(2,)");
}

TEST(StructuralMutateHook, MayChangeAUniqueValue) {
  Any root = array(ObjectRef(make_object<NativeHookObj>(array(1))));
  const Object* hooked = address(*root.as<ArrayObj>()->begin());
  const Object* inner = address(root.as<ArrayObj>()->begin()->as<NativeHookObj>()->a);
  root = StructuralMap<kPost>(std::move(root), increment);
  const Any& item = *root.as<ArrayObj>()->begin();
  EXPECT_EQ(address(item), hooked);
  EXPECT_EQ(address(item.as<NativeHookObj>()->a), inner);
  EXPECT_EQ(text(item.as<NativeHookObj>()->a), "(2,)");
}

TEST(StructuralMutateHook, PassesOnErrors) {
  const Any hooked = ObjectRef(make_object<NativeHookObj>(1)), root = array(hooked);
  auto fail = [](int64_t) -> Expected<Any> { return Error("ValueError", "", ""); };
  auto result = StructuralMapExpected<kPost>(root, fail);
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(context_of(result.error()),
            (std::vector<const Object*>{address(hooked), address(root)}));
}

TEST(StructuralMutateHook, OfAnotherKindIsAnError) {
  EXPECT_EQ(error_of([] { StructuralMap<kPost>(make_object<WrongHookObj>(), increment); }),
            "TypeError: __s_mutate__ must be a direct hook pointer or ffi.Function");
}

Expected<Any> checked(const Expected<Any>& value) {
  TVM_FFI_S_MUTATE_ASSIGN_OR_RETURN(String, first, value);
  TVM_FFI_UNSAFE_S_MUTATE_ASSIGN_OR_RETURN(Any, second, value);
  return Any(String(std::string(first) + text(second)));
}

TEST(StructuralMutateMacros, CheckTheDeclaredType) {
  EXPECT_EQ(checked(String("a")).value().cast<String>(), "a\"a\"");
  const Expected<Any> mismatch = checked(1);
  ASSERT_TRUE(mismatch.is_err());
  EXPECT_EQ(mismatch.error().kind(), "TypeError");
  EXPECT_EQ(mismatch.error().message(),
            "structural mutate result does not match the declared type");
  EXPECT_EQ(checked(Error("ValueError", "as it is", "")).error().message(), "as it is");
}

// ---- StructuralMutate --------------------------------------------------------------------------

TEST(StructuralMutate, CallbacksDecideWhatBecomesOfTheParts) {
  auto on_integer = [](int64_t value, StructuralMutatorObj*) -> MaybeNew { return value + 1; };
  const Any root = array(1, Tree(2, 3));
  EXPECT_EQ(text(StructuralMutate(root, on_integer)), "(2, Tree(a=3, b=4))");
  EXPECT_EQ(text(StructuralMutate(root, on_integer,
                                  [](const TreeObj* tree, StructuralMutatorObj* mutator) {
                                    return mutator->MutateExpected(tree->b);
                                  })),
            "(2, 4)");
  EXPECT_EQ(text(StructuralMutate(
                root, on_integer,
                [](Tree tree, StructuralMutatorObj* mutator) -> Expected<UnchangedOr<ObjectRef>> {
                  TVM_FFI_S_MUTATE_ASSIGN_OR_RETURN(UnchangedOr<ObjectRef>, result,
                                                    mutator->DefaultMutateExpected(tree));
                  return result;
                })),
            "(2, Tree(a=3, b=4))");
}

TEST(StructuralMutate, CallbacksKnowWhetherTheyMayChangeTheValue) {
  std::vector<InplaceMode> modes;
  auto on_array = [&](const ArrayObj* items, StructuralMutatorObj* mutator, InplaceMode mode) {
    modes.push_back(mode);
    return mutator->DefaultMutateExpected(items, mode);
  };
  auto on_integer = [](int64_t value, StructuralMutatorObj*) -> MaybeNew { return value + 1; };
  Any root = array(array(1));
  const Any result = StructuralMutate(root, on_array, on_integer);
  EXPECT_EQ(modes, (std::vector<InplaceMode>{InplaceMode::kDisallow, InplaceMode::kDisallow}));
  EXPECT_EQ(text(result), "((2,),)");
  modes.clear();
  const Object* before = address(root);
  root = StructuralMutate(std::move(root), on_array, on_integer);
  EXPECT_EQ(modes, (std::vector<InplaceMode>{InplaceMode::kAllow, InplaceMode::kAllow}));
  EXPECT_EQ(address(root), before);
  EXPECT_EQ(text(root), "((2,),)");
}

TEST(StructuralMutate, NoneAndUnchangedRoots) {
  EXPECT_EQ(
      StructuralMutate(nullptr, [](std::nullptr_t, StructuralMutatorObj*) -> MaybeNew { return 5; })
          .cast<int>(),
      5);
  const Any root = array(1);
  EXPECT_TRUE(StructuralMutate(root, [](ObjectRef, StructuralMutatorObj*) -> MaybeNew {
                return Unchanged();
              }).same_as(root));
}

TEST(StructuralMutate, ThrownErrorsAreReturned) {
  const Any root = array(1);
  auto result = StructuralMutateExpected(root, [](int64_t, StructuralMutatorObj*) -> MaybeNew {
    TVM_FFI_THROW(KeyError) << "thrown";
  });
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "KeyError");
  EXPECT_EQ(context_of(result.error()), (std::vector<const Object*>{address(root)}));
}

TEST(StructuralMutate, VariablesCanBeRemapped) {
  const Var v(1);
  const Any result = StructuralMutate(
      Func(array(v), v), [](const FuncObj* func, StructuralMutatorObj* mutator) -> MaybeNew {
        const Any var = func->a.cast<Array<Any>>()[0];
        EXPECT_EQ(mutator->VarRemapGetExpected(var).value(), nullptr);
        EXPECT_TRUE(mutator->VarRemapSetExpected(var, 1).is_ok());
        EXPECT_TRUE(mutator->VarRemapSetExpected(var, 7).is_ok());
        EXPECT_EQ(mutator->VarRemapGetExpected(var).value().cast<int>(), 7);
        EXPECT_EQ(mutator->VarRemapGetExpected(1).error().message(),
                  "Variable-remap key must be an object-backed value");
        EXPECT_EQ(mutator->VarRemapSetExpected(nullptr, 2).error().kind(), "TypeError");
        return mutator->DefaultMutateExpected(func);
      });
  EXPECT_EQ(text(result), "Func(a=(7,), b=7)");
}

// ---- Mutators of one's own ---------------------------------------------------------------------

// Doubles integers. Does not remember anything.
class DoublerObj : public StructuralMutatorObj {
 public:
  DoublerObj() : StructuralMutatorObj(&kVTable) {}

 private:
  template <InplaceMode mode>
  static TVMFFIAny mutate(StructuralMutatorObj* self, AnyView value) noexcept {
    if (auto integer = value.as<int64_t>()) return AnyView(*integer * 2).CopyToTVMFFIAny();
    return detail::ExpectedUnsafe::MoveToTVMFFIAny(self->DefaultMutateExpected(value, mode));
  }
  static TVMFFIAny get(StructuralMutatorObj*, AnyView) noexcept {
    return AnyView().CopyToTVMFFIAny();
  }
  static TVMFFIAny set(StructuralMutatorObj*, AnyView, AnyView) noexcept {
    return AnyView().CopyToTVMFFIAny();
  }
  static constexpr StructuralMutatorVTable kVTable{mutate<InplaceMode::kDisallow>,
                                                   mutate<InplaceMode::kAllow>, get, set};
};

TEST(StructuralMutator, MayHaveATableOfItsOwn) {
  StructuralMutator mutator(make_object<DoublerObj>());
  Any root = array(1, list(2), Map<Any, Any>{{3, 3}}, Dict<Any, Any>{{4, 4}}, Tree(5), "text");
  auto result = mutator->Mutate(root);
  EXPECT_EQ(text(std::move(result).ValueUnchecked()),
            "(2, [4], {3: 6}, {4: 8}, Tree(a=10), \"text\")");
  EXPECT_TRUE(mutator->Mutate(root, InplaceMode::kDisallow).IsUnchanged() == false);
  EXPECT_TRUE(mutator->Mutate(root, InplaceMode::kAllow).IsUnchanged());  // in place
  EXPECT_EQ(text(root), "(2, [4], {3: 6}, {4: 8}, Tree(a=10), \"text\")");
  EXPECT_EQ(mutator->DefaultMutateExpected(3).value().as<int64_t>(), 3);
  EXPECT_EQ(mutator->type_index(), StructuralMutatorObj::RuntimeTypeIndex());
}

TEST(StructuralMutator, IsNotNull) {
  EXPECT_THROW(StructuralMutator(ObjectPtr<StructuralMutatorObj>(nullptr)), Error);
}

// Leaves lists alone and counts what it mutates.
class CountingObj : public StructuralMapEngineBase {
 public:
  using StateTupleType = std::tuple<const int&>;
  explicit CountingObj(const StructuralMutatorVTable* vtable) : StructuralMapEngineBase(vtable) {}
  MaybeNew DefaultMutateExpected(AnyView value, InplaceMode mode) noexcept {
    ++count_;
    if (value.type_index() == kTVMFFIList) return Unchanged();
    return StructuralMapEngineBase::DefaultMutateExpected(value, mode);
  }

 protected:
  StateTupleType StateTuple() const noexcept { return StateTupleType(count_); }
  int count_ = 0;
};

TEST(StructuralMutator, MayBeTheParentOfAnEngine) {
  auto callback = [](int64_t value, const int& count) -> Expected<Any> {
    return value * 100 + count;
  };
  using Map = StructuralMapEngine<CountingObj, kPost, decltype(callback)>;
  StructuralMutator mutator(make_object<Map>(callback));
  EXPECT_EQ(text(mutator->Mutate(array(1, list(2), 3)).ValueOrUnchanged(nullptr)),
            "(102, [2], 304)");
  auto keep = [](int64_t, StructuralMutatorObj*) -> MaybeNew { return 0; };
  using Mutate = StructuralMutateEngine<CountingObj, decltype(keep)>;
  StructuralMutator other(make_object<Mutate>(keep));
  EXPECT_EQ(text(other->Mutate(array(1, list(2))).ValueOrUnchanged(nullptr)), "(0, [2])");
}

// ---- Depth -------------------------------------------------------------------------------------

TEST(StructuralMap, DeepValues) {
  const Chain nodes(kLongChain, 1, [](const Any& part) { return Any(Dag(part, part)); });
  // Hands the result over from the outside in: destructors recurse.
  std::vector<Any> result = {StructuralMap<kPost>(nodes.value(), increment)};
  while (result.back().as<DagObj>() != nullptr) result.push_back(result.back().as<DagObj>()->a);
  EXPECT_EQ(result.size(), size_t{kLongChain} + 1);
  EXPECT_EQ(result.back().cast<int>(), 2);
  for (Any& node : result) node = nullptr;
}

TEST(StructuralMap, TooDeepValuesAreAnError) {
  SKIP_IF_SANITIZED();
  List<Any> circle = list(1);
  circle.push_back(circle);
  EXPECT_EQ(error_of([&] { StructuralMap<kPost>(circle, increment); }),
            "ValueError: StructuralMutate: maximum stack depth (1048576) exceeded");
  circle.clear();
}

// ---- By name -----------------------------------------------------------------------------------

Any map_by_name(const Any& root, int type_index, int order, const Function& callback,
                bool with_kind = false) {
  const Array<Any> entries = array(array(type_index, callback));
  return call("ffi.StructuralMap", root, with_kind ? array() : entries,
              with_kind ? entries : array(), order);
}

TEST(RegisteredStructuralMap, ChoosesCallbacksByTypeIndex) {
  const Function add = Function::FromTyped(increment);
  EXPECT_EQ(text(map_by_name(array(1, true, Tree(2)), kTVMFFIInt, 1, add)), "(2, True, Tree(a=3))");
  const Any root = array("a");
  EXPECT_TRUE(map_by_name(root, kTVMFFIInt, 0, add).same_as(root));
  const Function name = Function::FromTyped([](const Any&) { return "text"; });
  EXPECT_EQ(text(map_by_name(array("a", "a longer text", 1), kTVMFFIStr, 1, name)),
            "(\"text\", \"text\", 1)");
  const Function kind = Function::FromTyped([](const Any&, int kind) { return kind; });
  EXPECT_EQ(text(map_by_name(Lam(5, Func(6)), kTVMFFIInt, 1, kind, true)), "Lam(a=2, b=Func(a=1))");
  const Function nothing = Function::FromTyped([](int64_t) {});
  EXPECT_EQ(text(map_by_name(array(1), kTVMFFIInt, 1, nothing)), "(None,)");
}

TEST(RegisteredStructuralMap, AMovedRootIsReused) {
  Array<Any> root = array(1, array(2));
  const Object* before = root.get();
  const Array<Any> entries = array(array(kTVMFFIInt, Function::FromTyped(increment)));
  const Any result =
      call("ffi.StructuralMap", RValueRef<Array<Any>>(std::move(root)), entries, array(), 1);
  EXPECT_EQ(address(result), before);
  EXPECT_EQ(text(result), "(2, (3,))");
}

TEST(RegisteredStructuralMutate, CallbacksGetTheMutator) {
  Log log;
  const Function on_array =
      Function::FromTyped([&](const Any& value, const Any& mutator, int mode) {
        log.push_back(std::to_string(mode));
        return call("ffi.StructuralMutatorDefaultMutate", mutator, value);
      });
  const Function on_integer = Function::FromTyped([&](int64_t value, const Any& mutator) {
    const Function kind =
        Function::FromTyped([=] { return call("ffi.StructuralMutatorDefRegionKind", mutator); });
    return call("ffi.StructuralMutatorWithDefRegionKind", mutator, 2, kind).cast<int64_t>() * 10 +
           value;
  });
  const Any entries =
      array(array(kTVMFFIArray, on_array, true), array(kTVMFFIInt, on_integer, false));
  EXPECT_EQ(text(call("ffi.StructuralMutate", array(1, Func(2)), entries)), "(21, Func(a=12))");
  EXPECT_EQ(log, (Log{"0"}));
}

TEST(RegisteredStructuralMutate, VariablesCanBeRemapped) {
  Log log;
  const Function on_var = Function::FromTyped([&](const Any& var, const Any& mutator) {
    log.push_back(text(call("ffi.StructuralMutatorVarRemapGet", mutator, var)));
    call("ffi.StructuralMutatorVarRemapSet", mutator, var, 5);
    log.push_back(text(call("ffi.StructuralMutatorVarRemapGet", mutator, var)));
    log.push_back(error_of([&] { call("ffi.StructuralMutatorVarRemapGet", mutator, 1); }));
    log.push_back(error_of([&] { call("ffi.StructuralMutatorVarRemapSet", mutator, 1, 2); }));
    return call("ffi.StructuralMutatorMutate", mutator, 3);
  });
  const Any entries = array(array(VarObj::RuntimeTypeIndex(), on_var, false));
  EXPECT_EQ(text(call("ffi.StructuralMutate", array(Var(1)), entries)), "(3,)");
  const char* error = "TypeError: Variable-remap key must be an object-backed value";
  EXPECT_EQ(log, (Log{"None", "5", error, error}));
}

}  // namespace
