// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/registry.h>

#include <cmath>
#include <cstdlib>
#include <limits>
#include <string>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;

std::string repr(const Any& value) { return call("ffi.ReprPrint", value).cast<String>(); }

class NodeObj : public Object {
 public:
  Any value;
  int64_t hidden = 0;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.repr.Node", NodeObj, Object);
};

// Prints its value between angle brackets, through the hook.
class HookedObj : public Object {
 public:
  Any value;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.repr.Hooked", HookedObj, Object);
};

class BareObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO("test.repr.Bare", BareObj, Object);
};

class WrongHookObj : public Object {
 public:
  TVM_FFI_DECLARE_OBJECT_INFO("test.repr.WrongHook", WrongHookObj, Object);
};

Function& kept_printer() {
  static Function printer(nullptr);
  return printer;
}

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<NodeObj>()
      .def_rw("value", &NodeObj::value)
      .def_rw("hidden", &NodeObj::hidden, refl::repr(false));
  refl::ObjectDef<HookedObj>()
      .def_rw("value", &HookedObj::value)
      .def_type_attr("__ffi_repr__", [](const HookedObj* self, const Function& print) {
        kept_printer() = print;
        if (self->value.type_index() == kTVMFFIOpaquePtr) TVM_FFI_THROW(ValueError) << "no repr";
        return String("<" + std::string(print(self->value).cast<String>()) + ">");
      });
  refl::ObjectDef<BareObj>();
  refl::ObjectDef<WrongHookObj>().def_type_attr("__ffi_repr__", 5);
}

TEST(ReprPrint, Values) {
  const double inf = std::numeric_limits<double>::infinity();
  const std::pair<Any, const char*> cases[] = {
      {nullptr, "None"},
      {true, "True"},
      {false, "False"},
      {-5, "-5"},
      {1.0, "1"},
      {0.1, "0.1"},
      {1e20, "1e+20"},
      {1e-7, "1e-07"},
      {1234567.0, "1.23457e+06"},
      {-0.0, "-0"},
      {std::nan(""), "nan"},
      {-inf, "-inf"},
      {"a\n\"b\"\\", R"("a\n\"b\"\\")"},
      {"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80", R"("\u00e9\u20ac\U0001f600")"},
      {"a text on the heap", R"("a text on the heap")"},
      {Bytes("ab\x00\xff\"\\\n'", 8), R"(b"ab\x00\xff\x22\x5c\x0a'")"},
      {DLDataType{kDLFloat, 32, 4}, "float32x4"},
      {DLDevice{kDLCUDA, 1}, "cuda:1"},
      {DLDevice{kDLTrn, 0}, "trn:0"},
      {DLDevice{static_cast<DLDeviceType>(99), 3}, "unknown:3"},
      {static_cast<void*>(nullptr), "void*"},
      {Shape({1, 2}), "Shape(1, 2)"},
      {Shape(), "Shape()"},
  };
  for (const auto& [value, text] : cases) EXPECT_EQ(repr(value), text);
}

TEST(ReprPrint, BigIntegers) {
  const int64_t words[] = {0, 64};  // 2^70
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words), sizeof(words)};
  Any value;
  ASSERT_EQ(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&value)), 0);
  EXPECT_EQ(repr(value), "1180591620717411303424");
}

TEST(ReprPrint, Containers) {
  EXPECT_EQ(repr(Array<Any>()), "()");
  EXPECT_EQ(repr(Array<Any>{1}), "(1,)");
  EXPECT_EQ(repr(Array<Any>{1, "a"}), R"((1, "a"))");
  EXPECT_EQ(repr(List<Any>()), "[]");
  EXPECT_EQ(repr(List<Any>{1, List<Any>{2}}), "[1, [2]]");
  EXPECT_EQ(repr(Map<Any, Any>()), "{}");
  EXPECT_EQ(repr(Map<Any, Any>{{1, 2}, {"a", Array<Any>{1}}}), R"({1: 2, "a": (1,)})");
  EXPECT_EQ(repr(Dict<Any, Any>{{1, Dict<Any, Any>{{2, 3}}}}), "{1: {2: 3}}");
}

TEST(ReprPrint, Objects) {
  auto node = make_object<NodeObj>();
  node->value = make_object<BareObj>();
  EXPECT_EQ(repr(node), "test.repr.Node(value=test.repr.Bare)");
  EXPECT_EQ(repr(call("ffi.GetInvalidObject")), "<MISSING>");
  EXPECT_EQ(repr(call("ffi.GetKwargsObject")), "<KWARGS>");
  EXPECT_EQ(repr(Function::FromTyped([] {})), "ffi.Function");
  EXPECT_EQ(repr(Error("ValueError", "m", "")), "ffi.Error");
  EXPECT_EQ(repr(ObjectRef(make_object<EnumObj>(3, "three"))), "ffi.Enum.three");
  EXPECT_EQ(repr(refl::AccessPath::Root()->Attr("a")->MapItem("k")), R"(<root>.a["k"])");
}

TEST(ReprPrint, Tensors) {
  struct NoMemory {
    void AllocData(DLTensor* tensor) { tensor->data = nullptr; }
    void FreeData(DLTensor*) {}
  };
  Tensor tensor =
      Tensor::FromNDAlloc(NoMemory(), {2, 3}, DLDataType{kDLFloat, 32, 1}, DLDevice{kDLCUDA, 1});
  EXPECT_EQ(repr(tensor), "float32[2, 3]@cuda:1");
}

TEST(ReprPrint, ObjectsWithinThemselves) {
  List<Any> list{1};
  list.push_back(list);
  EXPECT_EQ(repr(list), "[1, ...]");
  Dict<Any, Any> dict{{1, list}};
  list.Set(0, dict);
  EXPECT_EQ(repr(dict), "{1: [..., ...]}");
  list.clear();
  // Twice the same is no cycle.
  Array<Any> shared{1};
  EXPECT_EQ(repr(Array<Any>{shared, shared}), "((1,), (1,))");
}

TEST(ReprPrint, Hooks) {
  auto hooked = make_object<HookedObj>();
  hooked->value = Array<Any>{1, "a"};
  EXPECT_EQ(repr(Array<Any>{hooked}), R"((<(1, "a")>,))");
  // A hook that is reached again is printed as what is being printed.
  hooked->value = Array<Any>{ObjectRef(hooked)};
  EXPECT_EQ(repr(hooked), "<(...,)>");
  hooked->value = nullptr;
  // It may keep the function it was given.
  EXPECT_EQ(kept_printer()(Array<Any>{7}).cast<String>(), "(7,)");
  kept_printer() = Function(nullptr);
}

TEST(ReprPrint, HooksThatFail) {
  auto hooked = make_object<HookedObj>();
  hooked->value = static_cast<void*>(nullptr);
  EXPECT_EQ(error_of([&] { repr(Array<Any>{1, hooked}); }), "ValueError: no repr");
  kept_printer() = Function(nullptr);
  EXPECT_EQ(error_of([] { repr(make_object<WrongHookObj>()); }),
            "TypeError: Cannot treat type `int` as type `(0: ffi.Object, 1: (0: AnyView) -> str) "
            "-> str`");
}

TEST(ReprPrint, DeepValues) {
  constexpr int kDepth = 100000;  // more than the stack of a thread would take
  std::vector<List<Any>> lists(1);
  for (int i = 0; i < kDepth; ++i) lists.push_back(List<Any>(1, Any(lists.back())));
  EXPECT_EQ(repr(lists.back()).size(), 2 * (kDepth + 1));
  while (!lists.empty()) {
    lists.back().clear();
    lists.pop_back();
  }
}

TEST(ReprPrint, Addresses) {
  ASSERT_EQ(setenv("TVM_FFI_REPR_WITH_ADDR", "1", 1), 0);
  auto address = [](const Object* object) {
    char text[32];
    std::snprintf(text, sizeof(text), "@%p", static_cast<const void*>(object));
    return std::string(text);
  };
  List<Any> list{1};
  list.push_back(list);
  EXPECT_EQ(repr(list), "[1, ..." + address(list.get()) + "]" + address(list.get()));
  list.clear();
  Map<Any, Any> map;
  EXPECT_EQ(repr(map), "{}" + address(map.get()));
  auto node = make_object<NodeObj>();
  EXPECT_EQ(repr(node), "test.repr.Node" + address(node.get()) + "(value=None)");
  EXPECT_EQ(repr("text"), "\"text\"");
  EXPECT_EQ(repr(Shape({1})), "Shape(1)");
  unsetenv("TVM_FFI_REPR_WITH_ADDR");
}

}  // namespace
