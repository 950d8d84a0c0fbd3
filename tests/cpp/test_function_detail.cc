// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/function_details.h>  // the former name of the header
#include <tvm/ffi/optional.h>

#include <string>
#include <tuple>
#include <type_traits>
#include <utility>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using number::IntObj;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Function;
using tvm::ffi::ObjectRef;
using tvm::ffi::Optional;
using tvm::ffi::String;
using tvm::ffi::detail::ArgValueWithContext;
using tvm::ffi::detail::FunctionInfo;
using tvm::ffi::detail::unpack_call;

int Free(int a, const String& b) { return a + static_cast<int>(b.size()); }

struct Functor {
  double operator()(Any, AnyView) const { return 0; }
};

class MethodsObj : public IntObj {
 public:
  int Const(int x) const { return x; }
  void Mutable() {}
};
class Methods : public ObjectRef {
 public:
  int Plain(int x) { return x; }
  int Const(int x) const noexcept { return x; }
};

TEST(FunctionInfo, ReadsEveryKindOfCallable) {
  using Info = FunctionInfo<decltype(Free)>;
  EXPECT_TRUE((std::is_same_v<Info::RetType, int>));
  EXPECT_TRUE((std::is_same_v<Info::ArgType, std::tuple<int, const String&>>));
  EXPECT_TRUE((std::is_same_v<Info::FType, int(int, const String&)>));
  EXPECT_EQ(Info::num_args, 2u);
  EXPECT_TRUE(Info::unpacked_supported);
  EXPECT_EQ(Info::Sig(), "(0: int, 1: str) -> int");
  EXPECT_EQ(FunctionInfo<decltype(&Free)>::Sig(), Info::Sig());
  EXPECT_EQ(FunctionInfo<decltype((Free))>::Sig(), Info::Sig());
  EXPECT_EQ(FunctionInfo<int(int) noexcept>::Sig(), "(0: int) -> int");
  EXPECT_EQ(FunctionInfo<Functor>::Sig(), "(0: Any, 1: AnyView) -> float");
  EXPECT_EQ(FunctionInfo<const Functor&>::Sig(), "(0: Any, 1: AnyView) -> float");
  auto mutable_lambda = [n = 0]() mutable noexcept { n = n + 1; };
  EXPECT_EQ(FunctionInfo<decltype(mutable_lambda)>::Sig(), "() -> void");
}

TEST(FunctionInfo, PutsTheObjectBeforeTheParametersOfAMethod) {
  using Const = FunctionInfo<decltype(&MethodsObj::Const)>;
  EXPECT_TRUE((std::is_same_v<Const::FType, int(const MethodsObj*, int)>));
  using Mutable = FunctionInfo<decltype(&MethodsObj::Mutable)>;
  EXPECT_TRUE((std::is_same_v<Mutable::FType, void(MethodsObj*)>));
  using Ref = FunctionInfo<decltype(&Methods::Plain)>;
  EXPECT_TRUE((std::is_same_v<Ref::FType, int(Methods, int)>));
  using ConstRef = FunctionInfo<decltype(&Methods::Const)>;
  EXPECT_TRUE((std::is_same_v<ConstRef::FType, int(Methods, int)>));
}

TEST(FunctionInfo, KnowsWhichSignaturesCanBeCalled) {
  struct Unknown {};
  EXPECT_TRUE((FunctionInfo<void(int&&, const int, const String&)>::unpacked_supported));
  EXPECT_FALSE((FunctionInfo<void(int&)>::unpacked_supported));
  EXPECT_FALSE((FunctionInfo<void(Unknown)>::unpacked_supported));
  EXPECT_FALSE((FunctionInfo<Unknown()>::unpacked_supported));
  EXPECT_TRUE((FunctionInfo<Any()>::unpacked_supported));
  EXPECT_FALSE((FunctionInfo<AnyView()>::unpacked_supported));
}

TEST(FunctionInfo, SchemaHasResultAndParameters) {
  EXPECT_EQ((FunctionInfo<void()>::TypeSchema()),
            R"({"type":"ffi.Function","named_args":{"return":[{"type":"None"}],"params":[]}})");
  EXPECT_EQ((FunctionInfo<Int(AnyView, const Optional<int>&, String)>::TypeSchema()),
            R"({"type":"ffi.Function","named_args":{"return":[{"type":"test.number.Int"}],)"
            R"("params":[{"type":"Any"},{"type":"Optional","args":[{"type":"int"}]},)"
            R"({"type":"ffi.String"}]}})");
}

TEST(UnpackCall, ChecksConvertsAndCalls) {
  AnyView args[2] = {1, "abc"};
  Any result;
  unpack_call<int>(std::make_index_sequence<2>(), nullptr, Free, args, 2, &result);
  EXPECT_EQ(result.cast<int>(), 4);
  std::string name = "free";
  EXPECT_EQ(ErrorOf([&] {
              unpack_call<int>(std::make_index_sequence<2>(), &name, Free, args, 1, &result);
            }),
            "TypeError: Mismatched number of arguments when calling: "
            "`free(0: int, 1: str) -> int`. Expected 2 but got 1 arguments");
  args[1] = 5;
  EXPECT_EQ(ErrorOf([&] {
              unpack_call<int>(std::make_index_sequence<2>(), nullptr, Free, args, 2, &result);
            }),
            "TypeError: Mismatched type on argument #1 when calling: "
            "`(0: int, 1: str) -> int`. Expected `str` but got `int`");
}

TEST(ArgValueWithContext, ConvertsWhenItIsUsed) {
  AnyView args[2] = {1, "abc"};
  std::string name = "f";
  auto signature = [] { return std::string("(0: int)"); };
  const String text = ArgValueWithContext<const String&>{args, 1, &name, signature};
  EXPECT_EQ(text, "abc");
  AnyView view = ArgValueWithContext<AnyView>{args, 0, nullptr, nullptr};
  EXPECT_EQ(view.cast<int>(), 1);
  EXPECT_EQ(ErrorOf([&] {
              int number = ArgValueWithContext<int>{args, 1, &name, signature};
              static_cast<void>(number);
            }),
            "TypeError: Mismatched type on argument #1 when calling: `f(0: int)`. "
            "Expected `int` but got `const char*`");
}

// Both namespaces name the same entities.
TEST(FunctionInfo, HasTheFormerNamespace) {
  EXPECT_TRUE((std::is_same_v<tvm::ffi::details::FunctionInfo<void()>, FunctionInfo<void()>>));
}

}  // namespace
