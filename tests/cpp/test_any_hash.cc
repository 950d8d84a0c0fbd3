// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/any.h>
#include <tvm/ffi/function.h>

#include <cmath>
#include <string>
#include <unordered_map>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using tvm::ffi::Any;
using tvm::ffi::AnyEqual;
using tvm::ffi::AnyHash;
using tvm::ffi::AnyView;
using tvm::ffi::Bytes;
using tvm::ffi::Error;
using tvm::ffi::Function;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::String;
using tvm::ffi::detail::AnyUnsafe;

bool Equal(const Any& a, const Any& b) {
  EXPECT_EQ(AnyEqual()(a, b), AnyEqual()(b, a));
  return AnyEqual()(a, b);
}

TEST(AnyHash, MatchesTheContract) {
  EXPECT_EQ(AnyHash()(Any()), 0x9e3779b9u);
  EXPECT_EQ(AnyHash()(Any(1)), 0x9e3779fbu);
  EXPECT_EQ(AnyHash()(Any(true)), 0x9e377a38u);
  EXPECT_EQ(AnyHash()(Any(1.0)), 0x3ff000009e377a7au);
  EXPECT_EQ(AnyHash()(Any("")), 0x9e378a48u);
  EXPECT_EQ(AnyHash()(Any("a")), 0x9e378a2bu);
  EXPECT_EQ(AnyHash()(Any("hello")), 0x10aa3f00eu);
  EXPECT_EQ(AnyHash()(Any("12345678")), 0xc2d928e4u);
  EXPECT_EQ(AnyHash()(Any("hello world, long string")), 0xa03a342bu);
  EXPECT_EQ(AnyHash()(Any(Bytes("a", 1))), 0x9e378ae8u);
  EXPECT_EQ(AnyHash()(Any(Bytes("0123456789abcdef", 16))), 0xab1d23f7u);
}

TEST(AnyEqual, TextAndBytesByContent) {
  Any small = "a1";
  Any heap = String(std::string("a1"));
  ASSERT_NE(small.type_index(), heap.type_index());
  EXPECT_TRUE(Equal(small, heap));
  EXPECT_EQ(AnyHash()(small), AnyHash()(heap));
  EXPECT_TRUE(Equal(Any("longer than seven"), Any(String("longer than seven"))));
  EXPECT_FALSE(Equal(Any("a1"), Any("a2")));
  Any small_bytes = Bytes("a1", 2);
  Any heap_bytes = Bytes(std::string("a1"));
  EXPECT_TRUE(Equal(small_bytes, heap_bytes));
  EXPECT_EQ(AnyHash()(small_bytes), AnyHash()(heap_bytes));
  EXPECT_FALSE(Equal(small, small_bytes));
  EXPECT_FALSE(Equal(heap, heap_bytes));
}

TEST(AnyEqual, NumbersOfDifferentTypesDiffer) {
  EXPECT_TRUE(Equal(Any(1), Any(1)));
  EXPECT_FALSE(Equal(Any(1), Any(true)));
  EXPECT_FALSE(Equal(Any(1), Any(1.0)));
  EXPECT_FALSE(Equal(Any(0), Any()));
  EXPECT_TRUE(Equal(Any(std::nan("")), Any(std::nan(""))));
  EXPECT_FALSE(Equal(Any(0.0), Any(-0.0)));
}

TEST(AnyEqual, PlainObjectsByIdentity) {
  Int a(1);
  EXPECT_TRUE(Equal(Any(a), Any(a)));
  EXPECT_FALSE(Equal(Any(a), Any(Int(1))));
  EXPECT_EQ(AnyHash()(Any(a)), AnyHash()(Any(a)));
  std::unordered_map<Any, int, AnyHash, AnyEqual> map{{Any(a), 1}, {Any("key"), 2}};
  EXPECT_EQ(map[Any(a)], 1);
  EXPECT_EQ(map[Any(String(std::string("key")))], 2);
}

// ---- Types with hooks --------------------------------------------------------------------------

void RegisterAttr(int32_t type_index, const char* name, const Any& value) {
  TVMFFIByteArray key{name, std::char_traits<char>::length(name)};
  ASSERT_EQ(TVMFFITypeRegisterAttr(type_index, &key, AnyUnsafe::TVMFFIAnyPtrFromAny(value)), 0);
}

// Equal when their values are; the hooks misbehave for values below zero.
class ValueObj : public Object {
 public:
  explicit ValueObj(int64_t value) : value(value) {}
  int64_t value;
};
class NativeObj : public ValueObj {
 public:
  using ValueObj::ValueObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.any_hash.Native", NativeObj, Object);
};
class PackedObj : public ValueObj {
 public:
  using ValueObj::ValueObj;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.any_hash.Packed", PackedObj, Object);
};

template <typename T>
int64_t ValueOf(const Any& any) {
  return AnyUnsafe::RawObjectPtrFromAnyAfterCheck<const T>(any)->value;
}

TVMFFIAny NativeHash(const Any& any) noexcept {
  int64_t value = ValueOf<NativeObj>(any);
  if (value == -1) return AnyUnsafe::MoveAnyToTVMFFIAny(Any(Error("KeyError", "unhashable", "")));
  if (value == -2) return AnyUnsafe::MoveAnyToTVMFFIAny(Any("no hash"));
  return AnyUnsafe::MoveAnyToTVMFFIAny(Any(value));
}
TVMFFIAny NativeEqual(const Any& a, const Any& b) noexcept {
  if (ValueOf<NativeObj>(a) == -1) {
    return AnyUnsafe::MoveAnyToTVMFFIAny(Any(Error("KeyError", "incomparable", "")));
  }
  return AnyUnsafe::MoveAnyToTVMFFIAny(Any(ValueOf<NativeObj>(a) == ValueOf<NativeObj>(b)));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  int32_t native = NativeObj::RuntimeTypeIndex();
  RegisterAttr(native, "__any_hash__", Any(reinterpret_cast<void*>(&NativeHash)));
  RegisterAttr(native, "__any_equal__", Any(reinterpret_cast<void*>(&NativeEqual)));
  int32_t packed = PackedObj::RuntimeTypeIndex();
  RegisterAttr(packed, "__any_hash__", Any(Function::FromTyped([](const Any& any) -> Any {
                 int64_t value = ValueOf<PackedObj>(any);
                 if (value == -1) TVM_FFI_THROW(KeyError) << "unhashable";
                 if (value == -2) return "no hash";
                 return value;
               })));
  RegisterAttr(packed, "__any_equal__",
               Any(Function::FromTyped([](const Any& a, const Any& b) -> Any {
                 if (ValueOf<PackedObj>(a) == -2) return 1;
                 return ValueOf<PackedObj>(a) == ValueOf<PackedObj>(b);
               })));
}

template <typename T>
Any Make(int64_t value) {
  return Any(ObjectPtr<Object>(make_object<T>(value)));
}

TEST(AnyHook, DecidesHashAndEquality) {
  EXPECT_TRUE(Equal(Make<NativeObj>(3), Make<NativeObj>(3)));
  EXPECT_FALSE(Equal(Make<NativeObj>(3), Make<NativeObj>(4)));
  EXPECT_TRUE(Equal(Make<PackedObj>(3), Make<PackedObj>(3)));
  EXPECT_FALSE(Equal(Make<PackedObj>(3), Make<PackedObj>(4)));
  EXPECT_FALSE(Equal(Make<PackedObj>(3), Make<NativeObj>(3)));
  for (const Any& any : {Make<NativeObj>(3), Make<PackedObj>(3)}) {
    EXPECT_EQ(AnyHash()(any), tvm::ffi::detail::StableHashCombine(
                                  static_cast<uint64_t>(any.type_index()), uint64_t{3}));
  }
}

TEST(AnyHook, ErrorsPropagate) {
  EXPECT_EQ(ErrorOf([] { AnyHash()(Make<NativeObj>(-1)); }), "KeyError: unhashable");
  EXPECT_EQ(ErrorOf([] { AnyHash()(Make<PackedObj>(-1)); }), "KeyError: unhashable");
  EXPECT_EQ(ErrorOf([] { AnyEqual()(Make<NativeObj>(-1), Make<NativeObj>(1)); }),
            "KeyError: incomparable");
}

TEST(AnyHook, ResultOfAnotherTypeIsAnInternalError) {
  EXPECT_EQ(ErrorOf([] { AnyHash()(Make<NativeObj>(-2)); }),
            "InternalError: Check failed: error.type_index() == TypeIndex::kTVMFFIError "
            "(11 vs. 67) : ");
  EXPECT_EQ(ErrorOf([] { AnyHash()(Make<PackedObj>(-2)); }).substr(0, 14), "InternalError:");
  EXPECT_EQ(ErrorOf([] { AnyEqual()(Make<PackedObj>(-2), Make<PackedObj>(1)); }).substr(0, 14),
            "InternalError:");
}

}  // namespace
