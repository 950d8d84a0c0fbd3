// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/list.h>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
using registered::error_of;
using registered::Tracked;

class RegisteredArray : public registered::BalanceTest {};

TEST_F(RegisteredArray, HoldsItsArguments) {
  Array<Any> array = call("ffi.Array", 1, "two", 3.0, nullptr).cast<Array<Any>>();
  ASSERT_EQ(array.size(), 4);
  EXPECT_EQ(array[0].cast<int>(), 1);
  EXPECT_EQ(array[1].cast<String>(), "two");
  EXPECT_EQ(array[2].cast<double>(), 3.0);
  EXPECT_EQ(array[3], nullptr);
  EXPECT_EQ(call("ffi.Array").cast<Array<Any>>().size(), 0);
}

TEST_F(RegisteredArray, SharesItsElements) {
  Tracked tracked = Tracked::make();
  {
    Any array = call("ffi.Array", tracked, tracked);
    EXPECT_EQ(tracked.use_count(), 3);
    EXPECT_TRUE(call("ffi.ArrayGetItem", array, 1).cast<Tracked>().same_as(tracked));
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_F(RegisteredArray, TellsItsSize) {
  EXPECT_EQ(call("ffi.ArraySize", Array<Any>{1, 2, 3}).cast<int>(), 3);
}

TEST_F(RegisteredArray, ContainsByValueNotByIdentity) {
  Array<Any> array{1, String(std::string("short")), Bytes("bytes", 5)};
  EXPECT_TRUE(call("ffi.ArrayContains", array, 1).cast<bool>());
  EXPECT_TRUE(call("ffi.ArrayContains", array, "short").cast<bool>());
  EXPECT_FALSE(call("ffi.ArrayContains", array, true).cast<bool>());
  EXPECT_FALSE(call("ffi.ArrayContains", array, 1.0).cast<bool>());
  EXPECT_FALSE(call("ffi.ArrayContains", array, "bytes").cast<bool>());
  EXPECT_FALSE(call("ffi.ArrayContains", Array<Any>(), nullptr).cast<bool>());
}

TEST_F(RegisteredArray, RefusesIndicesOutside) {
  Array<Any> array{1};
  EXPECT_EQ(error_of([&] { call("ffi.ArrayGetItem", array, 1); }),
            "IndexError: Index 1 out of bounds 1");
  EXPECT_EQ(error_of([&] { call("ffi.ArrayGetItem", array, -1); }),
            "IndexError: Index -1 out of bounds 1");
}

TEST_F(RegisteredArray, RefusesWhatIsNoArray) {
  EXPECT_EQ(error_of([] { call("ffi.ArrayGetItem", List<Any>{1}, 0); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`ffi.ArrayGetItem(0: ffi.Array, 1: int) -> Any`. "
            "Expected `ffi.Array` but got `ffi.List`");
  EXPECT_EQ(error_of([] { call("ffi.ArraySize", nullptr); }),
            "TypeError: Mismatched type on argument #0 when calling: "
            "`ffi.ArraySize(0: ffi.Array) -> int`. Expected `ffi.Array` but got `None`");
  EXPECT_EQ(error_of([] { call("ffi.ArraySize"); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`ffi.ArraySize(0: ffi.Array) -> int`. Expected 1 but got 0 arguments");
}

}  // namespace
