// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/extra/structural_hash.h>
#include <tvm/ffi/reflection/registry.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

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

uint64_t hash(const Any& value) { return StructuralHash()(value); }
uint64_t hash_mapped(const Any& value) { return StructuralHash::Hash(value, true); }

Any big(std::initializer_list<int64_t> words) {
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.begin()),
                              words.size() * sizeof(int64_t)};
  Any result;
  TVM_FFI_CHECK_SAFE_CALL(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&result)));
  return result;
}

// Hashes `a`, then `b` in a pattern.
class HookedObj : public Object {
 public:
  HookedObj(Any a, Any b) : a(std::move(a)), b(std::move(b)) {}
  Any a, b;
  static constexpr TVMFFISEqHashKind _type_s_eq_hash_kind = kTVMFFISEqHashKindTreeNode;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.structural.Hooked", HookedObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<HookedObj>().def_type_attr(
      "__s_hash__", [](const HookedObj* self, int64_t init, const Function& hash) {
        return hash(self->b, hash(self->a, init, 0), true).cast<int64_t>();
      });
}

ObjectRef hooked(Any a, Any b) {
  return ObjectRef(make_object<HookedObj>(std::move(a), std::move(b)));
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

// Hashes are stored and sent to other processes: these are those of the released library.
TEST(StructuralHash, ValuesHaveKnownHashes) {
  const std::pair<Any, uint64_t> cases[] = {
      {nullptr, 0x9e3779b9},
      {1, 0x9e3779fb},
      {true, 0x9e377a38},
      {1.0, 0x3ff000009e377a7a},
      {std::nan(""), 0x7ff800009e377a7a},
      {-std::nan(""), 0x7ff800009e377a7a},
      {0.0, 0x9e377a7a},
      {-0.0, 0x800000009e377a7a},
      {"hello", 0x10aa3f00e},
      {"12345678", 0xc2d928e4},
      {Bytes("a", 1), 0x9e377d11},
      {Bytes("0123456789abcdef", 16), 0xab1d23f7},
      {DLDataType{kDLFloat, 32, 1}, 0x9e389af9},
      {DLDevice{kDLCUDA, 1}, 0x19e377b3a},
      {Shape({1, 2}), 0x3f3ccfb7a943717},
      {big({INT64_MIN, 0}), 0x9e3794fc},
      {big({0, 1}), 0x9e378d03},
      {big({0, -1}), 0x9e378d01},
      {Any(detail::AnyUnsafe::MoveTVMFFIAnyRawToAny(TVMFFIAny{kTVMFFIUnchanged, {0}, {0}})),
       0x9e377cf1},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(hash(value), expected);
}

TEST(StructuralHash, ContainersHaveKnownHashes) {
  const std::pair<Any, uint64_t> cases[] = {
      {array(1, 2), 0x272e749e71a30b7d},
      {array(), 0xe417f0b0ed7acef8},
      {list(1, 2), 0x8b9192678514b352},
      {array(big({0, 1})), 0xdb15d8d83bfbb7c1},
      {Map<Any, Any>{{"a", 1}}, 0x789957ce07a4a2ca},
      {Map<Any, Any>{}, 0xa24a465a2abdfd20},
      {Map<Any, Any>{{"a", 1}, {"b", 2}}, 0x7465eb6f00690069},
      {Map<Any, Any>{{"b", 2}, {"a", 1}}, 0x7465eb6f00690069},
      {Map<Any, Any>{{big({0, 1}), 1}}, 0x789957ce07a3eaa8},
      {Dict<Any, Any>{{"a", 1}}, 0x9b0c4309cfe3cebe},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(hash(value), expected);
}

TEST(StructuralHash, ObjectsHaveKnownHashes) {
  const Dag node(1);
  const std::pair<Any, uint64_t> cases[] = {
      {Tree(1, 2), 0x11d664c78f3f3f44},
      {Dag(1), 0xa5e06993a86b2190},
      {array(node, node), 0xe38375e173c8a815},
      {array(Dag(1), Dag(1)), 0xe38375e173c8a814},
      {array(Dag(Any(Dag(1))), Dag(2)), 0xf9ea4c8cac0386ee},
  };
  for (const auto& [value, expected] : cases) EXPECT_EQ(hash(value), expected);
}

TEST(StructuralHash, DefinedVariablesCountByTheirOrder) {
  const Var v(1), w(1), x(1), y(1);
  EXPECT_EQ(hash(Func(array(v, w), array(v, w))), hash(Func(array(x, y), array(x, y))));
  EXPECT_NE(hash(Func(array(v, w), array(v, w))), hash(Func(array(x, y), array(y, x))));
  EXPECT_EQ(hash(Lam(v, v)), hash(Lam(w, w)));
  EXPECT_EQ(hash_mapped(v), hash_mapped(w));
  EXPECT_NE(hash_mapped(v), hash_mapped(Var(2)));
}

TEST(StructuralHash, VariablesThatAreOnlyUsedCountByIdentity) {
  const Var v(1), w(1);
  EXPECT_EQ(hash(v), hash(v));
  EXPECT_NE(hash(v), hash(w));
  // The variable of a simple definition is bound alone, what it holds is used.
  const Var type(1), other(1);
  EXPECT_NE(hash(Lam(Var(Any(type)))), hash(Lam(Var(Any(other)))));
  EXPECT_EQ(hash(Func(Lam(Var(Any(type))))), hash(Func(Lam(Var(Any(other))))));
}

TEST(StructuralHash, IgnoredFieldsDoNotCount) {
  EXPECT_EQ(hash(Note(1, 2)), hash(Note(1, None(1))));
  EXPECT_NE(hash(Note(1, 2)), hash(Note(2, 2)));
}

// What cannot be ordered by hash is left out; only objects hashed before have one by then.
TEST(StructuralHash, KeysWithoutAKnownHashDoNotCount) {
  const Tree tree(1, 2);
  auto keyed = [](const Any& key, int value) { return Map<Any, Any>{{key, value}}; };
  EXPECT_EQ(hash(keyed(array(5, 6), 1)), 0xa24a465a2abdfd21);
  EXPECT_EQ(hash(keyed(array(5, 6), 1)), hash(keyed(array(7), 2)));
  EXPECT_EQ(hash(array(tree, keyed(Tree(1, 2), 1))), hash(array(tree, keyed(Tree(3), 2))));
  EXPECT_NE(hash(array(tree, keyed(tree, 1))), hash(array(tree, keyed(tree, 2))));
  const Map<Any, Any> shared = keyed(tree, 1);
  EXPECT_NE(hash(array(shared, tree, shared)), hash(array(shared, tree, keyed(Tree(3), 1))));
  const Array<Any> sequence = array(5, 6);
  EXPECT_EQ(hash(array(sequence, keyed(sequence, 1))), hash(array(sequence, keyed(array(7), 1))));
}

TEST(StructuralHash, OfKeysWithEqualHashesOnlyTheHashCounts) {
  const Tree a(1, 2), b(1, 2);
  auto entries = [&](int of_a, int of_b) {
    return array(a, b, Map<Any, Any>{{a, of_a}, {b, of_b}});
  };
  EXPECT_EQ(hash(entries(1, 2)), hash(entries(2, 1)));
  EXPECT_EQ(hash(entries(1, 2)), hash(entries(3, 4)));
}

TEST(StructuralHash, HooksHashTheParts) {
  EXPECT_EQ(hash(hooked(1, 2)), 0xe8dbe7d17036717c);
  EXPECT_EQ(hash(hooked(1, Var(1))), hash(hooked(1, Var(1))));
  EXPECT_NE(hash(hooked(Var(1), 1)), hash(hooked(Var(1), 1)));
}

TEST(StructuralHash, TensorsCountByContent) {
  EXPECT_EQ(hash(tensor({1, 2, 3})), 0x530936ca62c9358e);
  EXPECT_EQ(StructuralHash::Hash(tensor({1, 2, 3}), false, true), 0x647948b13922adba);
  EXPECT_NE(hash(tensor({1, 2, 3})), hash(tensor({1, 2, 4})));
  const Tensor strided = tensor({1, 2, 3, 4}).as_strided(Shape({2}), Shape({2}));
  EXPECT_NE(error_of([&] { hash(strided); }).find("Can only hash contiguous tensor"),
            std::string::npos);
  const std::string error = error_of([] { hash(tensor({1}, {kDLCUDAHost, 0})); });
  EXPECT_EQ(error.find("InternalError"), 0U);
  EXPECT_NE(error.find("can only hash CPU tensor"), std::string::npos);
}

TEST(StructuralHash, ClassesWithoutAKindAreAnError) {
  EXPECT_EQ(error_of([] { hash(array(None(1))); }),
            "TypeError: _type_s_eq_hash_kind is not set for type `test.structural.None`, so "
            "StructuralHash is not supported for this type");
  EXPECT_EQ(error_of([] { hash(Function::FromTyped([] {})); }),
            "TypeError: Type metadata is not set for type `ffi.Function`, so StructuralHash is not "
            "supported for this type");
}

TEST(StructuralHash, SharedPartsAreHashedOnce) {
  Any part = 1;
  for (int i = 0; i < 64; ++i) part = i % 2 ? Any(array(part, part)) : Any(Tree(part, part));
  EXPECT_EQ(hash(part), hash(part));
}

// Whether a part may come again, which decides whether its hash is kept, is told from its count.
TEST(StructuralHash, OtherReferencesChangeNothing) {
  auto make = [] { return array(Dag(Var(1)), Dag(Dag(2)), Func(array(Var(3)), Var(4)), Tree(5)); };
  const auto of = [](const Any& value) { return StructuralHash::Hash(value, true); };
  const Array<Any> alone = make();
  const Array<Any> held = make();
  std::vector<Any> handles(held.begin(), held.end());
  handles.push_back(handles[1].as<DagObj>()->a);
  EXPECT_EQ(of(alone), of(held));
  EXPECT_NE(of(alone), of(array(alone[0], alone[0], alone[2], alone[3])));
}

TEST(StructuralHash, DeepValues) {
  const Chain lists(kDeepChain, 1, [](const Any& part) { return Any(list(part)); });
  EXPECT_EQ(hash(lists.value()), hash(lists.value()));
  const Chain nodes(kLongChain, 1, [](const Any& part) { return Any(Dag(part, part)); });
  EXPECT_EQ(hash(nodes.value()), hash(nodes.value()));
}

TEST(StructuralHash, TooDeepValuesAreAnError) {
  List<Any> circle = list(1);
  circle.push_back(circle);
  EXPECT_EQ(error_of([&] { hash(circle); }),
            "ValueError: StructuralHash: maximum stack depth (1048576) exceeded");
  circle.clear();
}

}  // namespace
