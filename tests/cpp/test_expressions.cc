// SPDX-License-Identifier: Apache-2.0
//
// Expressions users write that are easy to break: overloads that could become ambiguous,
// conversions that could stop to be implicit, names that could collide.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/extra/json.h>
#include <tvm/ffi/extra/structural_equal.h>
#include <tvm/ffi/tvm_ffi.h>

#include <cstdint>
#include <cstdlib>
#include <string>
#include <type_traits>
#include <utility>

namespace expressions_test {

class NodeObj : public tvm::ffi::Object {
 public:
  int64_t value;

  explicit NodeObj(int64_t value = 0) : value(value) {}
  int64_t Run() const { return value; }
  int64_t Add(int64_t x) const { return value + x; }
  double Add(double x) const { return static_cast<double>(value) + x; }

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.expressions.Node", NodeObj, tvm::ffi::Object);
};
class Node : public tvm::ffi::ObjectRef {
 public:
  explicit Node(int64_t value) : ObjectRef(tvm::ffi::make_object<NodeObj>(value)) {}
  int64_t Run() const { return get()->Run(); }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Node, tvm::ffi::ObjectRef, NodeObj);
};

class LeafObj : public NodeObj {
 public:
  using NodeObj::NodeObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.expressions.Leaf", LeafObj, NodeObj);
};
class Leaf : public Node {
 public:
  explicit Leaf(int64_t value) : Node(tvm::ffi::UnsafeInit{}) {
    data_ = tvm::ffi::make_object<LeafObj>(value);
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Leaf, Node, LeafObj);
};

// A class with a field of a reference that is never null.
class HolderObj : public tvm::ffi::Object {
 public:
  Node node;
  explicit HolderObj(tvm::ffi::UnsafeInit tag) : node(tag) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.expressions.Holder", HolderObj, tvm::ffi::Object);
};

class CallObj : public tvm::ffi::Object {
 public:
  tvm::ffi::Array<Node> parameters;
  tvm::ffi::Array<Node> body;
  tvm::ffi::Optional<tvm::ffi::String> comment;
  CallObj(tvm::ffi::Array<Node> parameters, tvm::ffi::Array<Node> body,
          tvm::ffi::Optional<tvm::ffi::String> comment)
      : parameters(parameters), body(body), comment(comment) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.expressions.Call", CallObj, tvm::ffi::Object);
};
class Call : public tvm::ffi::ObjectRef {
 public:
  Call(tvm::ffi::Array<Node> parameters, tvm::ffi::Array<Node> body,
       tvm::ffi::Optional<tvm::ffi::String> comment) {
    data_ = tvm::ffi::make_object<CallObj>(parameters, body, comment);
  }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Call, tvm::ffi::ObjectRef, CallObj);
};

enum class Color : int32_t { kRed = 1 };

class ForwardObj;

}  // namespace expressions_test

// Both by qualified name, from the global namespace.
template <>
inline constexpr bool tvm::ffi::is_object_subclass_v<expressions_test::ForwardObj> = true;

namespace tvm {
namespace ffi {
struct Celsius {
  double degrees;
};
template <>
inline constexpr bool use_default_type_traits_v<Celsius> = false;
template <>
struct TypeTraits<Celsius> : public FallbackOnlyTraitsBase<Celsius, double> {
  static Celsius ConvertFallbackValue(double value) { return Celsius{value}; }
  static std::string TypeStr() { return "Celsius"; }
};
}  // namespace ffi
}  // namespace tvm

namespace expressions_test {

namespace refl = tvm::ffi::reflection;

// The two namespaces open together, and the standard one: none of their names may collide.
namespace open_namespaces {
using namespace tvm::ffi;
using namespace tvm::ffi::reflection;
using namespace std;

static_assert(is_same_v<decltype(reflection::hash(true)), reflection::hash>);
static_assert(is_same_v<decltype(reflection::compare(true)), reflection::compare>);
static_assert(is_same_v<decltype(repr(false)), reflection::repr>);
using Getter = FieldGetter;
using Pointer = tvm::ffi::Arc<NodeObj>;
inline String Text() { return String("text"); }
}  // namespace open_namespaces

using namespace tvm::ffi;

TVM_FFI_STATIC_INIT_BLOCK() {
  namespace refl = tvm::ffi::reflection;
  refl::ObjectDef<NodeObj>(refl::init(false))
      .def_ro("value", &NodeObj::value)
      .def("add_int", refl::overload_cast<int64_t>(&NodeObj::Add, refl::const_))
      .def("add_float", refl::overload_cast<double>(&NodeObj::Add, refl::const_));
  refl::ObjectDef<LeafObj>(refl::init(false));
  refl::ObjectDef<HolderObj>().def_ro("node", &HolderObj::node);
}

TVM_FFI_DLL_EXPORT_TYPED_FUNC(expressions_test_run, (&Node::Run));

template <auto M>
auto Apply(const NodeObj& node) {
  return (node.*M)(2);
}

TEST(Expressions, NullAndRawPointers) {
  ObjectRef null(nullptr);
  EXPECT_FALSE(null.defined());
  Node node(1);
  const NodeObj* borrowed = node.get();
  Any a = "lit";
  a = const_cast<NodeObj*>(borrowed);
  EXPECT_EQ(a.type_index(), NodeObj::RuntimeTypeIndex());
  void* raw = &a;
  Any b = "lit";
  b = raw;
  EXPECT_EQ(b.cast<void*>(), raw);
  EXPECT_EQ(Any(), nullptr);
  Arc<NodeObj> arc = make_arc<NodeObj>(1);
  EXPECT_NE(arc, nullptr);
  Arc<NodeObj> taken = std::move(arc);
  EXPECT_EQ(arc, nullptr);  // NOLINT: what a moved-from one is
}

TEST(Expressions, OptionalsOfWhatMayBeThere) {
  AnyView view = 1;
  Optional<Color> color = view.as<Color>();
  EXPECT_EQ(*color, Color::kRed);
  Any any = Error("ValueError", "text", "");
  Optional<Error> error = any.as<Error>();
  EXPECT_EQ((*error).message(), "text");
  Optional<Bytes> bytes;
  EXPECT_TRUE(bytes.value_or(std::string("x")) == "x");
  EXPECT_EQ(Bytes("abcd").size(), 4U);
}

Array<Any> ThreeThings(Node node, int64_t x) { return {std::move(node), x, String("s")}; }

TEST(Expressions, ContainersFromBraces) {
  EXPECT_EQ(Array<Node>({Node(0)}).size(), 1U);
  EXPECT_EQ((Array<Any>{1, "two", nullptr}).size(), 3U);
  EXPECT_EQ(ThreeThings(Node(1), 2).size(), 3U);
  Map<String, Array<Any>> map = {{"a", {1, 2, 3}}};
  EXPECT_EQ(map["a"].size(), 3U);
  EXPECT_EQ((Map<String, Any>({{"value", 1}})).size(), 1U);
  json::Object object{{"type", "None"}};
  EXPECT_EQ(object.size(), 1U);
  EXPECT_EQ(map.end(), map.end());
  Map<String, int> empty;
  EXPECT_EQ(empty.begin(), empty.end());
  Map<BigInt, int> numbers{{BigInt(5), 3}};
  EXPECT_EQ(numbers.size(), 1U);
}

TEST(Expressions, ArgumentsFromBraces) {
  Node x(1);
  Call call({x}, {Node(1), x}, String("c"));
  EXPECT_EQ(call->body.size(), 2U);
  Call empty({}, {}, std::nullopt);
  EXPECT_FALSE(empty->comment.has_value());
}

TEST(Expressions, AccessPaths) {
  using refl::AccessPath;
  using refl::AccessPathObj;
  using refl::AccessStep;
  AccessPath path = AccessPath::FromSteps({
      AccessStep::ArrayItem(2),
  });
  EXPECT_EQ(path->depth, 1);
  EXPECT_EQ((*path->parent).as<AccessPathObj>()->depth, 0);
  EXPECT_TRUE(path->parent.as<AccessPath>().has_value());
  refl::AccessPathPair pair(path, path);
  Optional<refl::AccessPathPair> optional_pair = pair;
  EXPECT_TRUE(StructuralEqual()(optional_pair, pair));
}

TEST(Expressions, TuplesAndReferences) {
  Array<int64_t> a{1};
  RValueRef reference(std::move(a));
  static_assert(std::is_same_v<decltype(reference), RValueRef<Array<int64_t>>>);
  Tuple tuple{1, 2.0f, String{}};
  static_assert(std::is_same_v<decltype(tuple), Tuple<int, float, String>>);
  EXPECT_EQ(get<0>(tuple), 1);
  Tuple<Node> single(Node(4));
  auto [q] = std::move(single);
  EXPECT_EQ(q->value, 4);
}

TEST(Expressions, Tensors) {
  DLTensor prototype{};
  int64_t shape[] = {2, 3};
  int64_t strides[] = {3, 1};
  float data[6] = {};
  prototype.data = data;
  prototype.ndim = 2;
  prototype.dtype = {kDLFloat, 32, 1};
  prototype.device = {kDLCPU, 0};
  prototype.shape = shape;
  prototype.strides = strides;
  TensorView view(&prototype);
  EXPECT_EQ(view.as_strided({1, 2}, {3, 1}, 2).size(1), 2);
  auto allocate = [](DLTensor*, TVMFFIObjectHandle*) {
    TVMFFIErrorSetRaisedFromCStr("MemoryError", "none left");
    return -1;
  };
  EXPECT_THROW(Tensor::FromEnvAlloc(+allocate, {1, 2, 3}, DLDataType({kDLFloat, 32, 1}),
                                    DLDevice({kDLCPU, 0})),
               Error);
}

TEST(Expressions, RegisteredMembers) {
  NodeObj node(3);
  EXPECT_EQ(Apply<refl::overload_cast<int64_t>(&NodeObj::Add, refl::const_)>(node), 5);
  refl::init field_flag(false);
  static_assert(std::is_same_v<decltype(field_flag), refl::init<>>);
  TVMFFIAny arg{};
  TypeTraits<Node>::CopyToAnyView(Node(9), &arg);
  Node kept(9);
  TypeTraits<Node>::CopyToAnyView(kept, &arg);
  TVMFFIAny result{};
  ASSERT_EQ(__tvm_ffi_expressions_test_run(nullptr, &arg, 1, &result), 0);
  EXPECT_EQ(result.v_int64, 9);
  EXPECT_EQ(Leaf(8)->value, 8);
  EXPECT_EQ(open_namespaces::Text(), "text");
}

TEST(Expressions, SpecialisationsFromOutside) {
  static_assert(is_object_subclass_v<ForwardObj>);
  static_assert(sizeof(ObjectPtr<ForwardObj>) == 8);
  Function f = Function::FromTyped([](Celsius c) { return c.degrees; });
  EXPECT_EQ(f(20).cast<double>(), 20.0);
}

Expected<Any> AsExpected() { return Node(1); }

TEST(Expressions, ExpectedFromWhatItHolds) {
  Expected<Any> result = Node(1);
  EXPECT_TRUE(result.is_ok());
  EXPECT_TRUE(AsExpected().is_ok());
  auto callback = [](const Optional<Node>& node) -> Expected<Any> {
    return node.has_value() ? Any((*node)->value) : Any();
  };
  EXPECT_EQ(callback(Node(2)).value().cast<int>(), 2);
}

TEST(Expressions, BigIntegers) {
  for (const auto& [a, b] : {std::pair<int64_t, int64_t>{1, 2}, {3, 4}}) {
    EXPECT_EQ(BigInt(a) + BigInt(b), BigInt(a + b));
  }
  int n = 5;
  EXPECT_EQ(int64_t{1} << BigInt(n), BigInt(32));
  BigInt a(1);
  BigInt b(2);
  std::swap(a, b);
  EXPECT_EQ(a, BigInt(2));
}

// ---- What generated headers rely on ------------------------------------------------------------

class MirrorObj : public Object {
 public:
  Array<NodeObj*> nodes;  // raw pointers as elements
  DLTensor* tensor = nullptr;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.expressions.Mirror", MirrorObj, Object);
};

TEST(Expressions, SizesOfWrappers) {
  static_assert(sizeof(Any) == 16 && alignof(Any) == 8);
  static_assert(sizeof(AnyView) == 16 && alignof(AnyView) == 8);
  static_assert(sizeof(String) == 16 && sizeof(Bytes) == 16);
  static_assert(sizeof(Optional<String>) == 16 && sizeof(Optional<Bytes>) == 16);
  static_assert(sizeof(Object) == 24 && alignof(Object) == 8);
  static_assert(sizeof(ObjectPtr<NodeObj>) == 8 && sizeof(Arc<NodeObj>) == 8);
  static_assert(sizeof(Optional<ObjectPtr<NodeObj>>) == 8 && sizeof(Optional<Arc<NodeObj>>) == 8);
  static_assert(sizeof(Node) == 8 && sizeof(Optional<Node>) == 8);
  static_assert(sizeof(Function) == 8 && sizeof(Optional<Function>) == 8);
  static_assert(sizeof(TypedFunction<int(int)>) == 8);
  static_assert(sizeof(Optional<TypedFunction<int(int)>>) == 16);
  static_assert(sizeof(Tensor) == 8 && sizeof(Array<int>) == 8 && sizeof(List<int>) == 8);
  static_assert(sizeof(Map<int, int>) == 8 && sizeof(Dict<int, int>) == 8);
  static_assert(sizeof(Tuple<int>) == 8 && sizeof(Variant<Node, Leaf>) == 16);
  static_assert(sizeof(Expected<int>) == 16 && sizeof(BigInt) == 16);
  static_assert(sizeof(refl::NativeFunctionView<int(int)>) == 16);
  static_assert(sizeof(refl::NativeFunction<int(int)>) == 16);
  static_assert(sizeof(refl::AttrKey<int>) == 8);
  ObjectPtr<MirrorObj> mirror = make_object<MirrorObj>();
  EXPECT_EQ(reinterpret_cast<char*>(&mirror->nodes) - reinterpret_cast<char*>(mirror.get()), 24);
  NodeObj node(1);
  Any cell = 5;
  EXPECT_EQ(reinterpret_cast<const AnyView*>(&cell)[0].cast<int>(), 5);
}

TEST(Expressions, AFieldThatIsNeverNullStartsUnset) {
  refl::ObjectCreator creator("test.expressions.Holder");
  Any made = creator(Map<String, Any>{{"node", Node(6)}});
  EXPECT_EQ(made.as<HolderObj>()->node->value, 6);
}

}  // namespace expressions_test
