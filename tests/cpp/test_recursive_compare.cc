// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/reflection/registry.h>

#include <cmath>
#include <limits>
#include <string>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;

bool equal(const Any& lhs, const Any& rhs) {
  return call("ffi.RecursiveEq", lhs, rhs).cast<bool>();
}
bool less(const Any& lhs, const Any& rhs) { return call("ffi.RecursiveLt", lhs, rhs).cast<bool>(); }
int64_t hash(const Any& value) { return call("ffi.RecursiveHash", value).cast<int64_t>(); }

// All five operations agree that lhs comes before rhs.
void expect_order(const Any& lhs, const Any& rhs) {
  EXPECT_FALSE(equal(lhs, rhs));
  EXPECT_TRUE(less(lhs, rhs));
  EXPECT_FALSE(less(rhs, lhs));
  EXPECT_TRUE(call("ffi.RecursiveLe", lhs, rhs).cast<bool>());
  EXPECT_FALSE(call("ffi.RecursiveLe", rhs, lhs).cast<bool>());
  EXPECT_TRUE(call("ffi.RecursiveGt", rhs, lhs).cast<bool>());
  EXPECT_FALSE(call("ffi.RecursiveGt", lhs, rhs).cast<bool>());
  EXPECT_TRUE(call("ffi.RecursiveGe", rhs, lhs).cast<bool>());
  EXPECT_FALSE(call("ffi.RecursiveGe", lhs, rhs).cast<bool>());
}

// Equal in every respect.
void expect_equal(const Any& lhs, const Any& rhs) {
  EXPECT_TRUE(equal(lhs, rhs));
  EXPECT_FALSE(less(lhs, rhs));
  EXPECT_TRUE(call("ffi.RecursiveLe", lhs, rhs).cast<bool>());
  EXPECT_TRUE(call("ffi.RecursiveGe", lhs, rhs).cast<bool>());
  EXPECT_EQ(hash(lhs), hash(rhs));
}

std::string order_error(const Any& lhs, const Any& rhs) {
  EXPECT_FALSE(equal(lhs, rhs));
  return error_of([&] { less(lhs, rhs); });
}

Any big(std::initializer_list<int64_t> words) {
  const TVMFFIByteArray bytes{reinterpret_cast<const char*>(words.begin()),
                              words.size() * sizeof(int64_t)};
  Any value;
  EXPECT_EQ(TVMFFIBigIntFromByteArray(&bytes, reinterpret_cast<TVMFFIAny*>(&value)), 0);
  return value;
}

class PointObj : public Object {
 public:
  PointObj(Any x, Any y, Any ignored) : x(x), y(y), ignored(ignored) {}
  Any x;
  Any y;
  Any ignored;
  TVM_FFI_DECLARE_OBJECT_INFO("test.compare.Point", PointObj, Object);
};

// Equal to all whose key is equal; the hooks use the functions they are given.
class KeyedObj : public Object {
 public:
  explicit KeyedObj(Any key) : key(key) {}
  Any key;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.compare.Keyed", KeyedObj, Object);
};

// Has an order and so an equality, but no hash.
class OrderedObj : public Object {
 public:
  explicit OrderedObj(Any key) : key(key) {}
  Any key;
  TVM_FFI_DECLARE_OBJECT_INFO("test.compare.Ordered", OrderedObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<PointObj>()
      .def_ro("x", &PointObj::x)
      .def_ro("y", &PointObj::y)
      .def_ro("ignored", &PointObj::ignored, refl::compare(false));
  refl::ObjectDef<KeyedObj>()
      .def_ro("key", &KeyedObj::key)
      .def_type_attr("__ffi_hash__",
                     [](const KeyedObj* self, const Function& hash) {
                       return hash(self->key).cast<int64_t>();
                     })
      .def_type_attr("__ffi_eq__",
                     [](const KeyedObj* lhs, const KeyedObj* rhs, const Function& equal) {
                       return equal(lhs->key, rhs->key).cast<bool>();
                     });
  refl::ObjectDef<OrderedObj>()
      .def_ro("key", &OrderedObj::key)
      .def_type_attr("__ffi_compare__",
                     [](const OrderedObj* lhs, const OrderedObj* rhs, const Function& compare) {
                       return -compare(lhs->key, rhs->key).cast<int32_t>();  // the other way round
                     });
}

ObjectRef point(Any x, Any y, Any ignored = nullptr) {
  return ObjectRef(make_object<PointObj>(x, y, ignored));
}
ObjectRef keyed(Any key) { return ObjectRef(make_object<KeyedObj>(key)); }
ObjectRef ordered(Any key) { return ObjectRef(make_object<OrderedObj>(key)); }

TEST(RecursiveCompare, Values) {
  expect_equal(nullptr, nullptr);
  expect_order(nullptr, 1);
  expect_order(-1, 1);
  expect_order(false, true);
  expect_order(1.5, 2.0);
  expect_equal(0.0, -0.0);
  expect_order("a", "ab");
  expect_order("\xc3\xa9", "z");  // bytes compare as plain chars
  expect_equal("text", String(std::string("text")));
  expect_order(Bytes("a", 1), Bytes("b", 1));
  expect_order(DLDataType{kDLInt, 8, 1}, DLDataType{kDLInt, 16, 1});
  expect_order(DLDevice{kDLCPU, 1}, DLDevice{kDLCUDA, 0});
  expect_order(Shape({1, 2}), Shape({1, 3}));
  expect_order(Shape({1}), Shape({1, 0}));
}

TEST(RecursiveCompare, BigIntegersGoWithIntegers) {
  const Any large = big({0, 1}), larger = big({1, 1}), negative = big({0, -2});
  expect_equal(large, big({0, 1}));
  expect_order(large, larger);
  expect_order(negative, large);
  expect_order(INT64_MAX, large);
  expect_order(negative, INT64_MIN);
  expect_order(big({0, 0, -1}), negative);
}

TEST(RecursiveCompare, NotANumber) {
  const double nan = std::nan("");
  EXPECT_TRUE(equal(nan, nan));
  EXPECT_FALSE(equal(nan, 1.0));
  EXPECT_EQ(error_of([&] { less(nan, nan); }), "TypeError: Cannot order NaN values");
  EXPECT_EQ(hash(nan), hash(-nan));
}

TEST(RecursiveCompare, DifferentTypes) {
  EXPECT_EQ(order_error(1, true),
            "TypeError: Cannot compare values of different types: int vs bool");
  EXPECT_EQ(order_error("a", 1.0),
            "TypeError: Cannot compare values of different types: ffi.SmallStr vs float");
  EXPECT_EQ(order_error(Array<Any>{1}, List<Any>{1}),
            "TypeError: Cannot compare values of different types: ffi.Array vs ffi.List");
  EXPECT_EQ(order_error(point(1, 2), keyed(1)),
            "TypeError: Cannot compare values of different types: test.compare.Point vs "
            "test.compare.Keyed");
}

TEST(RecursiveCompare, Sequences) {
  expect_equal(Array<Any>{1, List<Any>{"a"}}, Array<Any>{1, List<Any>{"a"}});
  expect_order(Array<Any>{1, 2}, Array<Any>{1, 3});
  expect_order(List<Any>{1}, List<Any>{1, 0});
  expect_order(List<Any>{1, 5}, List<Any>{2});
  // The first difference decides, before what cannot be ordered.
  expect_order(Array<Any>{1, "a"}, Array<Any>{2, 1});
}

TEST(RecursiveCompare, Maps) {
  Map<Any, Any> map{{1, "a"}, {2, "b"}};
  expect_equal(map, Map<Any, Any>{{2, "b"}, {1, "a"}});
  for (const Map<Any, Any>& other : {Map<Any, Any>{{1, "a"}}, Map<Any, Any>{{1, "a"}, {3, "b"}},
                                     Map<Any, Any>{{1, "a"}, {2, "c"}}}) {
    EXPECT_EQ(order_error(map, other), "TypeError: Cannot order Map/Dict values");
  }
  expect_equal(Dict<Any, Any>{{1, 2}}, Dict<Any, Any>{{1, 2}});
}

TEST(RecursiveCompare, Objects) {
  expect_equal(point(1, "a", 3), point(1, "a", 4));
  expect_order(point(1, "a"), point(1, "b"));
  ObjectRef same = keyed(std::nan(""));
  expect_equal(same, same);
  // Without fields, objects of a type are equal.
  EXPECT_TRUE(equal(Function::FromTyped([] {}), Function::FromTyped([] {})));
}

TEST(RecursiveCompare, Hooks) {
  EXPECT_TRUE(equal(keyed(List<Any>{1}), keyed(List<Any>{1})));
  EXPECT_FALSE(equal(keyed(1), keyed(2)));
  EXPECT_EQ(hash(keyed("text")), hash("text"));
  expect_order(keyed(1), keyed(2));  // by the fields
  EXPECT_TRUE(less(ordered(2), ordered(1)));
  EXPECT_TRUE(equal(ordered(1), ordered(1)));
  EXPECT_FALSE(equal(ordered(1), ordered(2)));
  EXPECT_EQ(error_of([] { hash(ordered(1)); }),
            "ValueError: RecursiveHash: type 'test.compare.Ordered' defines __ffi_eq__ or "
            "__ffi_compare__ but not __ffi_hash__. Add a __ffi_hash__ hook to maintain the "
            "invariant RecursiveEq(a,b) => RecursiveHash(a)==RecursiveHash(b).");
}

TEST(RecursiveCompare, Cycles) {
  List<Any> a{1}, b{1}, c{1};
  a.push_back(a);
  b.push_back(b);
  c.push_back(Any(1));
  EXPECT_TRUE(equal(a, b));
  EXPECT_FALSE(equal(a, c));
  EXPECT_FALSE(less(a, a));
  EXPECT_EQ(error_of([&] { less(a, b); }),
            "ValueError: RecursiveCompare: cyclic reference detected in ordering");
  EXPECT_EQ(hash(a), 5960482439972758480);
  EXPECT_EQ(hash(Array<Any>{a, a}), 8576687329137373460);
  a.clear();
  b.clear();

  Dict<Any, Any> d{{1, 2}}, e{{1, 2}};
  d.Set(2, d);
  e.Set(2, e);
  EXPECT_TRUE(equal(d, e));
  EXPECT_EQ(error_of([&] { less(d, e); }),
            "ValueError: RecursiveCompare: cyclic reference detected in ordering");
  EXPECT_EQ(hash(d), -3835102889769228663);
  d.clear();
  e.clear();

  auto hooked = make_object<KeyedObj>(nullptr), other = make_object<KeyedObj>(nullptr);
  hooked->key = Array<Any>{ObjectRef(hooked)};
  other->key = Array<Any>{ObjectRef(other)};
  EXPECT_TRUE(equal(ObjectRef(hooked), ObjectRef(other)));
  EXPECT_EQ(hash(ObjectRef(hooked)), hash(ObjectRef(other)));
  hooked->key = nullptr;
  other->key = nullptr;
}

// Parts that occur many times are compared and hashed once.
TEST(RecursiveCompare, SharedParts) {
  Array<Any> a{1}, b{1};
  for (int i = 0; i < 64; ++i) {
    a = Array<Any>{a, a};
    b = Array<Any>{b, b};
  }
  EXPECT_TRUE(equal(a, b));
  EXPECT_FALSE(less(a, b));
  EXPECT_EQ(hash(a), hash(b));
}

TEST(RecursiveCompare, DeepValues) {
  constexpr int kDepth = 100000;
  std::vector<List<Any>> a(1), b(1);
  for (int i = 0; i < kDepth; ++i) {
    a.push_back(List<Any>{a.back()});
    b.push_back(List<Any>{b.back()});
  }
  EXPECT_TRUE(equal(a.back(), b.back()));
  EXPECT_FALSE(less(a.back(), b.back()));
  EXPECT_EQ(hash(a.back()), hash(b.back()));
  for (auto* lists : {&a, &b}) {
    while (!lists->empty()) {
      lists->back().clear();
      lists->pop_back();
    }
  }
}

TEST(RecursiveHash, Vectors) {
  const std::pair<Any, uint64_t> cases[] = {
      {nullptr, 0x9e3779b9},
      {1, 0x9e3779fb},
      {true, 0x9e377a38},
      {1.0, 0x3ff000009e377a7a},
      {"", 0x9e378a48},
      {"a", 0x9e378a2b},
      {"hello", 0x10aa3f00e},
      {"hello world, long string", 0xa03a342b},
      {Bytes("a", 1), 0x9e378ae8},
      {Array<Any>{1, 2}, 0x272ea68de7aee940},
      {Map<Any, Any>{{"a", 1}}, 0x196e6e1062f2d137},
      {DLDataType{kDLFloat, 32, 1}, 0xa16fbe40c6b},
      {DLDevice{kDLCUDA, 1}, 0x28cd935c32},
      {std::nan(""), 0x7ff800009e377a7a},
      {-0.0, 0x9e377a7a},
      {Shape({1, 2}), 284796581919864599},
      {big({INT64_MIN, 0}), 0x766},
      {big({0, 1}), 1},
      {Array<Any>{big({0, 1})}, 0xdb15d8d83bfba8d4},
  };
  for (const auto& [value, expected] : cases) {
    EXPECT_EQ(static_cast<uint64_t>(hash(value)), expected);
  }
}

}  // namespace
