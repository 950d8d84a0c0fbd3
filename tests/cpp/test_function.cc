// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/rvalue_ref.h>

#include <algorithm>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "number_object.h"

namespace {

using number::ErrorOf;
using number::Int;
using number::IntObj;
using number::Number;
using tvm::ffi::Any;
using tvm::ffi::AnyView;
using tvm::ffi::Error;
using tvm::ffi::Expected;
using tvm::ffi::Function;
using tvm::ffi::FunctionObj;
using tvm::ffi::ObjectRef;
using tvm::ffi::PackedArgs;
using tvm::ffi::RValueRef;
using tvm::ffi::String;
using tvm::ffi::TypeKeyToIndex;
using tvm::ffi::detail::FunctionObjImpl;

int Add(int a, const int& b) { return a + b; }

// ---- Packed functions --------------------------------------------------------------------------

TEST(PackedFunction, TakesEitherFormOfArguments) {
  Function by_pointer = Function::FromPacked(
      [](const AnyView* args, int32_t num_args, Any* rv) { *rv = num_args + args[0].cast<int>(); });
  Function by_range = Function::FromPacked([](PackedArgs args, Any* rv) {
    *rv = args.size() * 100 + args[args.size() - 1].cast<int>();
  });
  EXPECT_EQ(by_pointer(5, "x").cast<int>(), 7);
  EXPECT_EQ(by_range(5, 6).cast<int>(), 206);
}

TEST(PackedFunction, IsMadeExplicitlyFromACallable) {
  Function func([](PackedArgs, Any* rv) { *rv = 1; });
  EXPECT_EQ(func().cast<int>(), 1);
  auto lambda = [](PackedArgs, Any*) {};
  EXPECT_FALSE((std::is_convertible_v<decltype(lambda), Function>));
  EXPECT_FALSE((std::is_constructible_v<Function, int>));
}

TEST(PackedFunction, WithoutAResultReturnsNone) {
  EXPECT_EQ(Function::FromPacked([](PackedArgs, Any*) {})(1), nullptr);
}

TEST(PackedFunction, SharesTheCallersObjects) {
  Int number(3);
  Function func = Function::FromPacked([&](PackedArgs args, Any* rv) {
    EXPECT_TRUE(args[0].same_as(AnyView(number)));
    Int taken = args[0].cast<Int>();
    *rv = taken.use_count();
  });
  EXPECT_EQ(func(number).cast<int>(), 2);  // the caller's and the callee's
  EXPECT_EQ(number.use_count(), 1);
}

TEST(PackedFunction, KeepsStateBetweenCalls) {
  Function func = Function::FromPacked([count = 0](PackedArgs, Any* rv) mutable { *rv = ++count; });
  func();
  EXPECT_EQ(func().cast<int>(), 2);
}

TEST(PackedFunction, DestroysItsCallableWithTheLastReference) {
  auto state = std::make_shared<int>(0);
  std::weak_ptr<int> watch = state;
  Function func = Function::FromPacked([state = std::move(state)](PackedArgs, Any*) {});
  Function copy = func;
  func = nullptr;
  EXPECT_FALSE(watch.expired());
  copy = nullptr;
  EXPECT_TRUE(watch.expired());
}

struct Counter {
  explicit Counter(int start) : value(start) {
    if (start < 0) throw std::runtime_error("negative start");
  }
  Counter(const Counter&) = delete;
  void operator()(PackedArgs, Any* rv) { *rv = ++value; }
  int value;
  std::string text = "a text too long to be stored inside a std::string";
};

TEST(PackedFunction, IsMadeInPlaceFromWhatCannotBeMoved) {
  auto [func, counter] = Function::FromPackedInplace<Counter>(4);
  EXPECT_EQ(func().cast<int>(), 5);
  EXPECT_EQ(counter->value, 5);
  auto* object = static_cast<const FunctionObjImpl<Counter>*>(func.get());
  EXPECT_EQ(object->GetCallable(), counter);
}

TEST(PackedFunction, IsNotMadeWhenItsCallableThrows) {
  EXPECT_THROW(Function::FromPackedInplace<Counter>(-1), std::runtime_error);
}

TEST(PackedArgs, SliceFromBeginToEnd) {
  AnyView args[3];
  PackedArgs::Fill(args, 1, "two", 3.0);
  PackedArgs packed(args, 3);
  EXPECT_EQ(packed.data(), args);
  EXPECT_EQ(packed.Slice(1).size(), 2);
  EXPECT_EQ(packed.Slice(1)[1].cast<double>(), 3.0);
  EXPECT_EQ(packed.Slice(0, 1).size(), 1);
  EXPECT_EQ(packed.Slice(3).size(), 0);
  EXPECT_EQ(packed[1].cast<std::string>(), "two");
}

// ---- Typed functions ---------------------------------------------------------------------------

TEST(TypedCall, ConvertsArgumentsAndResult) {
  Function func = Function::FromTyped(Add);
  EXPECT_EQ(func(1, 2).cast<int>(), 3);
  EXPECT_EQ(func(true, 2).cast<int>(), 3);
  Function text = Function::FromTyped([](const String& a, double b) { return b > 1 ? a : "no"; });
  EXPECT_EQ(text("yes", 2).cast<String>(), "yes");
  EXPECT_EQ(text("yes", 0.5).cast<String>(), "no");
}

TEST(TypedCall, TakesEveryFormOfParameter) {
  Function func = Function::FromTyped(
      [](int a, const int b, const int& c, int&& d, Any e, const Any& f, AnyView g, Any&& h) {
        return a + b + c + d + e.cast<int>() + f.cast<int>() + g.cast<int>() + h.cast<int>();
      });
  EXPECT_EQ(func(1, 2, 3, 4, 5, 6, 7, 8).cast<int>(), 36);
}

TEST(TypedCall, ReturnsWhatALambdaDeduces) {
  Function inner = Function::FromTyped([](int x) { return x + 1; });
  Function outer = Function::FromTyped([=](int x) { return inner(x); });  // Any
  EXPECT_EQ(outer(1).cast<int>(), 2);
  Function nothing = Function::FromTyped([](int) {});
  EXPECT_EQ(nothing(1), nullptr);
}

TEST(TypedCall, NoexceptAndMutableCallablesWork) {
  Function quiet = Function::FromTyped([](int x) noexcept { return x; });
  EXPECT_EQ(quiet(3).cast<int>(), 3);
  Function counting = Function::FromTyped([n = 0]() mutable { return ++n; });
  counting();
  EXPECT_EQ(counting().cast<int>(), 2);
}

TEST(TypedCall, CountMismatchNamesTheSignature) {
  Function func = Function::FromTyped(Add);
  EXPECT_EQ(ErrorOf([&] { func(1); }),
            "TypeError: Mismatched number of arguments when calling: `(0: int, 1: int) -> int`. "
            "Expected 2 but got 1 arguments");
  Function named = Function::FromTyped([](const Int&, int, AnyView) { return Function(nullptr); },
                                       "fpass_and_return");
  EXPECT_EQ(ErrorOf([&] { named(); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`fpass_and_return(0: test.number.Int, 1: int, 2: AnyView) -> ffi.Function`. "
            "Expected 3 but got 0 arguments");
  EXPECT_EQ(ErrorOf([&] { Function::FromTyped([] {})(1); }),
            "TypeError: Mismatched number of arguments when calling: `() -> void`. "
            "Expected 0 but got 1 arguments");
}

TEST(TypedCall, TypeMismatchNamesTheArgument) {
  Function func = Function::FromTyped([](int x) { return x; });
  EXPECT_EQ(ErrorOf([&] { func(1.5); }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: int) -> int`. "
            "Expected `int` but got `float`");
  DLTensor tensor{};
  EXPECT_EQ(ErrorOf([&] {
              AnyView view;
              TVMFFIAny cell{};
              cell.type_index = kTVMFFIDLTensorPtr;
              cell.v_ptr = &tensor;
              view = AnyView::CopyFromTVMFFIAny(cell);
              func(view);
            }),
            "TypeError: Mismatched type on argument #0 when calling: `(0: int) -> int`. "
            "Expected `int` but got `DLTensor*`");
  Function named = Function::FromTyped([](int, String) {}, "f");
  EXPECT_EQ(ErrorOf([&] { named(1, nullptr); }),
            "TypeError: Mismatched type on argument #1 when calling: `f(0: int, 1: str) -> void`. "
            "Expected `str` but got `None`");
  EXPECT_EQ(ErrorOf([&] { named(1, Int(1)); }),
            "TypeError: Mismatched type on argument #1 when calling: `f(0: int, 1: str) -> void`. "
            "Expected `str` but got `test.number.Int`");
}

TEST(TypedCall, ANameSurvivesItsOwner) {
  std::string name = "a name that is longer than what fits into a std::string itself";
  Function func = Function::FromTyped([](int) {}, name);
  std::string message = ErrorOf([&] { func(); });
  name.assign(name.size(), '#');
  EXPECT_EQ(ErrorOf([&] { func(); }), message);
  EXPECT_NE(message.find("a name that"), std::string::npos);
}

TEST(TypedCall, OwnsWhatItsCallableCaptured) {
  const int live = IntObj::live;
  {
    Int number(7);
    Function func = Function::FromTyped([number](int x) { return number->value + x; });
    EXPECT_EQ(number.use_count(), 2);
    EXPECT_EQ(func(1).cast<int>(), 8);
  }
  EXPECT_EQ(IntObj::live, live);
}

TEST(TypedCall, AnRValueReferenceKeepsTheObjectUnique) {
  Function unique =
      Function::FromTyped([](RValueRef<Int> number) { return (*std::move(number)).unique(); });
  Int number(1);
  EXPECT_FALSE(unique(number).cast<bool>());
  EXPECT_TRUE(unique(RValueRef(std::move(number))).cast<bool>());
  Function plain = Function::FromTyped([](Int) {});
  Int other(2);
  EXPECT_EQ(ErrorOf([&] { plain(RValueRef(std::move(other))); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`(0: test.number.Int) -> void`. "
            "Expected `test.number.Int` but got `ObjectRValueRef`");
}

// ---- The object --------------------------------------------------------------------------------

TEST(FunctionObj, CallsDirectlyOrThroughTheCInterface) {
  Function func = Function::FromTyped(Add);
  EXPECT_NE(func->cpp_call, nullptr);
  TVMFFIAny args[2] = {AnyView(1).CopyToTVMFFIAny(), AnyView(2).CopyToTVMFFIAny()};
  TVMFFIAny result{};
  ASSERT_EQ(func->safe_call(const_cast<FunctionObj*>(func.get()), args, 2, &result), 0);
  EXPECT_EQ(result.type_index, kTVMFFIInt);
  EXPECT_EQ(result.v_int64, 3);
}

TEST(FunctionObj, StoresTheErrorOfACallThroughC) {
  Function func = Function::FromTyped(Add);
  TVMFFIAny result{};
  ASSERT_EQ(func->safe_call(const_cast<FunctionObj*>(func.get()), nullptr, 0, &result), -1);
  Error error = tvm::ffi::detail::MoveFromSafeCallRaised();
  EXPECT_EQ(error.kind(), "TypeError");
  EXPECT_EQ(result.type_index, kTVMFFINone);
}

TEST(FunctionObj, RefusesAResultThatOwnsAnObject) {
  Function func = Function::FromTyped(Add);
  Any result = Int(1);
  ASSERT_EQ(func->safe_call(const_cast<FunctionObj*>(func.get()), nullptr, 0,
                            reinterpret_cast<TVMFFIAny*>(&result)),
            -1);
  EXPECT_EQ(tvm::ffi::detail::MoveFromSafeCallRaised().kind(), "InternalError");
}

TEST(FunctionObj, ReplacesAResultThatOwnsAnObject) {
  const int live = IntObj::live;
  Any result = Int(1);
  Function::FromTyped([] { return 5; }).CallPacked(nullptr, 0, &result);
  EXPECT_EQ(result.cast<int>(), 5);
  result = Int(2);
  auto callback = [](void*, const TVMFFIAny*, int32_t, TVMFFIAny*) { return 0; };
  Function::FromExternC(nullptr, callback, nullptr).CallPacked(nullptr, 0, &result);
  EXPECT_EQ(result, nullptr);
  EXPECT_EQ(IntObj::live, live);
}

TEST(Function, ThrownErrorsKeepTheirIdentity) {
  std::optional<Error> thrown;
  Function func = Function::FromTyped([&] {
    thrown = Error("KeyError", "lost", "");
    throw *thrown;
  });
  for (int i = 0; i < 2; ++i) {
    try {
      if (i == 0) {
        func();
      } else {
        TVMFFIAny result{};
        TVM_FFI_CHECK_SAFE_CALL(
            TVMFFIFunctionCall(const_cast<FunctionObj*>(func.get()), nullptr, 0, &result));
      }
      FAIL() << "the call did not throw";
    } catch (const Error& error) {
      EXPECT_TRUE(error.same_as(*thrown));
    }
  }
}

TEST(Function, OtherExceptionsBecomeInternalErrors) {
  Function func = Function::FromTyped([] { throw std::out_of_range("far out"); });
  Expected<Any> result = func.CallExpected();
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "InternalError");
  EXPECT_EQ(result.error().message(), "far out");
  EXPECT_EQ(result.error().backtrace(), "");
}

TEST(SafeCall, ExceptionsThatAreNotStdPassThrough) {
  auto body = []() -> int {
    TVM_FFI_SAFE_CALL_BEGIN();
    throw 5;
    TVM_FFI_SAFE_CALL_END();
  };
  EXPECT_THROW(body(), int);
}

TEST(SafeCall, ReturnsZeroAtTheEnd) {
  auto body = []() -> int {
    TVM_FFI_SAFE_CALL_BEGIN();
    TVM_FFI_SAFE_CALL_END();
  };
  EXPECT_EQ(body(), 0);
}

TEST(Function, NullIsTheDefault) {
  Function func;
  EXPECT_TRUE(func == nullptr);
  EXPECT_FALSE(func != nullptr);
  EXPECT_FALSE(func.defined());
  func = Function::FromTyped(Add);
  EXPECT_FALSE(func == nullptr);
  EXPECT_TRUE(func == Function(func));
  func = nullptr;
  EXPECT_EQ(Any(func), nullptr);
  EXPECT_EQ(sizeof(Function), sizeof(void*));
}

// ---- C callbacks -------------------------------------------------------------------------------

int Sum(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
  TVM_FFI_SAFE_CALL_BEGIN();
  int64_t sum = *static_cast<int64_t*>(self);
  for (int32_t i = 0; i < num_args; ++i) sum += args[i].v_int64;
  if (sum < 0) TVM_FFI_THROW(ValueError) << "negative sum " << sum;
  result->type_index = kTVMFFIInt;
  result->v_int64 = sum;
  TVM_FFI_SAFE_CALL_END();
}

TEST(ExternC, CallsBackAndReleases) {
  static int64_t start = 10;
  static int num_deleted = 0;
  Function func =
      Function::FromExternC(&start, Sum, [](void* self) { num_deleted += self == &start; });
  EXPECT_EQ(func->cpp_call, nullptr);
  EXPECT_EQ(func(1, 2).cast<int>(), 13);
  EXPECT_EQ(ErrorOf([&] { func(-20); }), "ValueError: negative sum -10");
  func = nullptr;
  EXPECT_EQ(num_deleted, 1);
}

TEST(ExternC, AnExportedSymbolIsCalledWithoutAFunction) {
  int64_t start = 1;
  EXPECT_EQ(Function::InvokeExternC(&start, Sum, 2, 3).cast<int>(), 6);
  EXPECT_EQ(Function::InvokeExternC(&start, Sum).cast<int>(), 1);
  EXPECT_EQ(ErrorOf([&] { Function::InvokeExternC(&start, Sum, -5); }),
            "ValueError: negative sum -4");
}

// ---- CallExpected ------------------------------------------------------------------------------

TEST(CallExpected, ReturnsTheValueConverted) {
  Function func = Function::FromTyped(Add);
  EXPECT_EQ(func.CallExpected<double>(1, 2).value(), 3.0);
  EXPECT_EQ(func.CallExpected(1, 2).value().cast<int>(), 3);
  EXPECT_TRUE(Function::FromTyped([] {}).CallExpected<void>().is_ok());
}

TEST(CallExpected, ReturnsErrorsThrownAndReturned) {
  Function throws = Function::FromTyped([]() -> int { TVM_FFI_THROW(KeyError) << "thrown"; });
  Function returns =
      Function::FromTyped([]() -> Expected<int> { return Error("KeyError", "returned", ""); });
  EXPECT_EQ(throws.CallExpected<int>().error().message(), "thrown");
  EXPECT_EQ(returns.CallExpected<int>().error().message(), "returned");
  EXPECT_EQ(returns.CallExpected().error().message(), "returned");
  EXPECT_EQ(returns.CallExpected<void>().error().message(), "returned");
  EXPECT_EQ(returns().type_index(), kTVMFFIError);  // the plain call returns it as a value
}

TEST(CallExpected, AnotherResultIsATypeError) {
  Function func = Function::FromTyped([] { return String("a text of more than seven bytes"); });
  Expected<int> result = func.CallExpected<int>();
  ASSERT_TRUE(result.is_err());
  EXPECT_EQ(result.error().kind(), "TypeError");
  EXPECT_EQ(result.error().message(),
            "CallExpected: result type mismatch, expected int, but got ffi.String");
  EXPECT_EQ(func.CallExpected<void>().error().message(),
            "CallExpected: result type mismatch, expected void, but got ffi.String");
}

// ---- The global table --------------------------------------------------------------------------

TEST(GlobalFunction, IsFoundUnderAnyFormOfItsName) {
  Function::SetGlobal("test.function.find", Function::FromTyped(Add));
  for (Function func : {Function::GetGlobalRequired("test.function.find"),
                        Function::GetGlobalRequired(std::string("test.function.find")),
                        Function::GetGlobalRequired(String("test.function.find")),
                        Function::GetGlobalRequired(std::string_view("test.function.find")),
                        *Function::GetGlobal("test.function.find"),
                        *Function::GetGlobal(std::string("test.function.find")),
                        *Function::GetGlobal(String("test.function.find")),
                        *Function::GetGlobal(std::string_view("test.function.find"))}) {
    EXPECT_EQ(func(1, 2).cast<int>(), 3);
  }
}

TEST(GlobalFunction, AnUnknownNameIsAnError) {
  EXPECT_FALSE(Function::GetGlobal("test.function.unknown").has_value());
  EXPECT_EQ(ErrorOf([] { Function::GetGlobalRequired("test.function.unknown"); }),
            "ValueError: Function test.function.unknown not found");
}

TEST(GlobalFunction, IsReplacedOnlyWhenAsked) {
  Function::SetGlobal("test.function.replace", Function::FromTyped([] { return 1; }));
  EXPECT_EQ(ErrorOf([] {
              Function::SetGlobal("test.function.replace", Function::FromTyped([] { return 2; }));
            }),
            "RuntimeError: Global Function `test.function.replace` is already registered");
  EXPECT_EQ(Function::GetGlobalRequired("test.function.replace")().cast<int>(), 1);
  Function::SetGlobal("test.function.replace", Function::FromTyped([] { return 3; }), true);
  EXPECT_EQ(Function::GetGlobalRequired("test.function.replace")().cast<int>(), 3);
}

TEST(GlobalFunction, IsListedUntilRemoved) {
  auto is_listed = [](const String& name) {
    std::vector<String> names = Function::ListGlobalNames();
    return std::find(names.begin(), names.end(), name) != names.end();
  };
  Function::SetGlobal("test.function.list", Function::FromTyped(Add));
  EXPECT_TRUE(is_listed("test.function.list"));
  Function::RemoveGlobal("test.function.list");
  EXPECT_FALSE(is_listed("test.function.list"));
  EXPECT_FALSE(Function::GetGlobal("test.function.list").has_value());
}

TEST(TypeKey, IndexIsFoundOrAnError) {
  EXPECT_EQ(TypeKeyToIndex("ffi.Function"), kTVMFFIFunction);
  EXPECT_EQ(TypeKeyToIndex("int"), kTVMFFIInt);
  std::string error = ErrorOf([] { TypeKeyToIndex("test.no.such.type"); });
  EXPECT_EQ(error.substr(0, 15), "InternalError: ");
  EXPECT_NE(error.find("Cannot find type `test.no.such.type`"), std::string::npos);
}

}  // namespace
