// SPDX-License-Identifier: Apache-2.0
//
// The operations on whole values as C++ programs use them, and printing to streams. What they do
// for each kind of value is in ../test_recursive_*.cc.
#include <gtest/gtest.h>
#include <tvm/ffi/big_int.h>
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/extra/dataclass.h>
#include <tvm/ffi/reflection/registry.h>

#include <sstream>
#include <string>
#include <type_traits>

#include "../number_object.h"

namespace dataclass_test {

using namespace tvm::ffi;
using namespace tvm::ffi::reflection;
using number::ErrorOf;

class PairObj : public Object {
 public:
  PairObj(Any first, Any second) : first(std::move(first)), second(std::move(second)) {}
  Any first;
  Any second;
  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.dataclass.Pair", PairObj, Object);
};

class Pair : public ObjectRef {
 public:
  Pair(Any first, Any second)
      : ObjectRef(make_object<PairObj>(std::move(first), std::move(second))) {}
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NULLABLE(Pair, ObjectRef, PairObj);
};

// Prints in a way of its own.
class Loud : public Pair {
 public:
  using Pair::Pair;
};
std::ostream& operator<<(std::ostream& os, const Loud&) { return os << "LOUD"; }
class Louder : public Loud {
 public:
  using Loud::Loud;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  ObjectDef<PairObj>(init(false))
      .def_rw("first", &PairObj::first)
      .def_rw("second", &PairObj::second);
}

template <typename T>
std::string Printed(const T& value) {
  std::ostringstream os;
  os << value;
  return os.str();
}

TEST(Dataclass, DeepCopyIsEqualAndApart) {
  Pair inner(1, String("a longer text"));
  Pair outer(inner, Array<Any>{inner});
  Pair copy = DeepCopy(outer).cast<Pair>();
  EXPECT_FALSE(copy.same_as(outer));
  EXPECT_TRUE(RecursiveEq(copy, outer));
  EXPECT_FALSE(copy->first.same_as(inner));
  EXPECT_TRUE(copy->first.same_as(copy->second.cast<Array<Any>>()[0]));
}

TEST(Dataclass, DeepCopyRefusesWhatCannotBeCopied) {
  EXPECT_EQ(ErrorOf([] { DeepCopy(Function::FromTyped([] {})); }).rfind("InternalError: ", 0), 0U);
}

TEST(Dataclass, ReprPrintIsAString) {
  static_assert(std::is_same_v<decltype(ReprPrint(nullptr)), String>);
  EXPECT_EQ(ReprPrint(Array<Any>{1, "two", nullptr}), "(1, \"two\", None)");
}

TEST(Dataclass, RecursiveHashGoesByContent) {
  static_assert(std::is_same_v<decltype(RecursiveHash(nullptr)), int64_t>);
  EXPECT_EQ(RecursiveHash(Pair(1, 2)), RecursiveHash(Pair(1, 2)));
  EXPECT_NE(RecursiveHash(Pair(1, 2)), RecursiveHash(Pair(2, 1)));
}

TEST(Dataclass, ComparisonsAgreeOnOrder) {
  Array<Any> less{1, 2};
  Array<Any> more{1, 3};
  EXPECT_FALSE(RecursiveEq(less, more));
  EXPECT_TRUE(RecursiveLt(less, more) && !RecursiveLt(more, less) && !RecursiveLt(less, less));
  EXPECT_TRUE(RecursiveLe(less, more) && !RecursiveLe(more, less) && RecursiveLe(less, less));
  EXPECT_TRUE(RecursiveGt(more, less) && !RecursiveGt(less, more) && !RecursiveGt(less, less));
  EXPECT_TRUE(RecursiveGe(more, less) && !RecursiveGe(less, more) && RecursiveGe(less, less));
}

TEST(Dataclass, ComparisonsPassErrorsOn) {
  EXPECT_EQ(ErrorOf([] { RecursiveLt(1, "one"); }),
            "TypeError: Cannot compare values of different types: int vs ffi.SmallStr");
}

TEST(DataclassPrint, AnyAndReferences) {
  EXPECT_EQ(Printed(Any(Pair(5, 1.5))), "test.dataclass.Pair(first=5, second=1.5)");
  EXPECT_EQ(Printed(Pair(List<Any>{true}, nullptr)),
            "test.dataclass.Pair(first=[True], second=None)");
  EXPECT_EQ(Printed(ObjectRef(Pair(1, 2))), "test.dataclass.Pair(first=1, second=2)");
  EXPECT_EQ(Printed(Array<int>{1}), "(1,)");
  EXPECT_EQ(Printed(Map<String, int>{{"a", 1}}), "{\"a\": 1}");
}

TEST(DataclassPrint, Nothing) {
  EXPECT_EQ(Printed(Any()), "None");
  EXPECT_EQ(Printed(Pair(ObjectPtr<PairObj>(nullptr))), "None");
  EXPECT_EQ(Printed(ObjectRef(nullptr)), "None");
  EXPECT_EQ(Printed(Optional<String>()), "None");
  EXPECT_EQ(Printed(Optional<Pair>()), "None");
}

TEST(DataclassPrint, OptionalAndVariant) {
  EXPECT_EQ(Printed(Optional<String>("x")), "\"x\"");
  EXPECT_EQ(Printed(Optional<int>(3)), "3");
  EXPECT_EQ(Printed(Variant<int, String>(String("x"))), "\"x\"");
  EXPECT_EQ(Printed(Variant<int, String>(3)), "3");
}

TEST(DataclassPrint, OwnInsertersStay) {
  EXPECT_EQ(Printed(String("plain")), "plain");
  EXPECT_EQ(Printed(Shape({1, 2})), "[1, 2]");
  EXPECT_EQ(Printed(BigInt(7)), "7");
  EXPECT_EQ(Printed(Loud(1, 2)), "LOUD");
  EXPECT_EQ(Printed(Louder(1, 2)), "LOUD");
  EXPECT_EQ(Printed(42), "42");
}

TEST(DataclassPrint, IntoErrors) {
  EXPECT_EQ(ErrorOf([] { TVM_FFI_THROW(ValueError) << "got " << Any(Pair(1, 2)) << "!"; }),
            "ValueError: got test.dataclass.Pair(first=1, second=2)!");
  EXPECT_EQ(ErrorOf([] { TVM_FFI_THROW(ValueError) << Pair(1, 2) << Optional<int>(); }),
            "ValueError: test.dataclass.Pair(first=1, second=2)None");
}

TEST(DataclassPrint, FromEveryKindOfStream) {
  std::ostringstream os;
  os << Any(1) << ' ' << Pair(1, 2) << '\n';
  EXPECT_EQ(os.str(), "1 test.dataclass.Pair(first=1, second=2)\n");
}

}  // namespace dataclass_test
