// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/c_api.h>

#include <cstring>
#include <string>

#include "contract.h"

namespace {

using contract::bytes;
using contract::Owned;
using contract::text_view;

struct Callback {
  int num_calls = 0;
  int num_deleted = 0;
  int status = 0;

  static int call(void* self, const TVMFFIAny* args, int32_t num_args, TVMFFIAny* result) {
    auto* callback = static_cast<Callback*>(self);
    ++callback->num_calls;
    *result = contract::integer(num_args == 0 ? -1 : args[num_args - 1].v_int64);
    return callback->status;
  }
  static void destroy(void* self) { ++static_cast<Callback*>(self)->num_deleted; }

  Owned wrap() {
    Owned function;
    EXPECT_EQ(TVMFFIFunctionCreate(this, call, destroy, function.out()), 0);
    return function;
  }
};

// ---- Creation and calls ----------------------------------------------------

TEST(CFunction, CallsBackWithItsContext) {
  Callback callback;
  Owned function = callback.wrap();
  EXPECT_EQ(function.header()->type_index, kTVMFFIFunction);
  TVMFFIAny args[2] = {contract::integer(1), contract::integer(42)};
  TVMFFIAny result = contract::none();
  EXPECT_EQ(TVMFFIFunctionCall(function.get(), args, 2, &result), 0);
  EXPECT_EQ(result.v_int64, 42);
  EXPECT_EQ(TVMFFIFunctionCall(function.get(), nullptr, 0, &result), 0);
  EXPECT_EQ(result.v_int64, -1);
  EXPECT_EQ(callback.num_calls, 2);
}

// Whoever calls a function of the library meets no C++ exception of it.
TEST(CFunction, OffersNoCppCall) {
  Callback callback;
  Owned function = callback.wrap();
  EXPECT_EQ(TVMFFIFunctionGetCellPtr(function.get())->cpp_call, nullptr);
  for (const char* name : {"ffi.String", "ffi.FunctionRemoveGlobal"}) {
    const TVMFFIByteArray name_bytes = bytes(name);
    Owned registered;
    ASSERT_EQ(TVMFFIFunctionGetGlobal(&name_bytes, registered.out()), 0);
    EXPECT_EQ(TVMFFIFunctionGetCellPtr(registered.get())->cpp_call, nullptr) << name;
  }
}

TEST(CFunction, ForwardsAnyStatus) {
  Callback callback;
  Owned function = callback.wrap();
  TVMFFIAny result = contract::none();
  for (int status : {-1, -2, 7}) {
    callback.status = status;
    EXPECT_EQ(TVMFFIFunctionCall(function.get(), nullptr, 0, &result), status);
  }
}

TEST(CFunction, ContextIsDeletedOnceWithTheLastReference) {
  Callback callback;
  Owned function = callback.wrap();
  TVMFFIObjectIncRef(function.get());
  TVMFFIObjectDecRef(function.get());
  EXPECT_EQ(callback.num_deleted, 0);
  function = Owned();
  EXPECT_EQ(callback.num_deleted, 1);
}

TEST(CFunction, WorksWithoutContextOrDeleter) {
  static int num_calls;
  num_calls = 0;
  auto count = [](void*, const TVMFFIAny*, int32_t, TVMFFIAny*) {
    ++num_calls;
    return 0;
  };
  TVMFFIAny result = contract::none();
  Owned plain;
  ASSERT_EQ(TVMFFIFunctionCreate(nullptr, count, nullptr, plain.out()), 0);
  EXPECT_EQ(TVMFFIFunctionCall(plain.get(), nullptr, 0, &result), 0);
  int context = 0;
  Owned without_deleter;
  ASSERT_EQ(TVMFFIFunctionCreate(&context, count, nullptr, without_deleter.out()), 0);
  EXPECT_EQ(TVMFFIFunctionCall(without_deleter.get(), nullptr, 0, &result), 0);
  EXPECT_EQ(num_calls, 2);
}

// The deleter runs for a NULL context too.
TEST(CFunction, DeletesANullContext) {
  static int num_deleted;
  num_deleted = 0;
  Owned function;
  ASSERT_EQ(TVMFFIFunctionCreate(
                nullptr,
                [](void* self, const TVMFFIAny*, int32_t, TVMFFIAny*) {
                  return self == nullptr ? 0 : -1;
                },
                [](void* self) { num_deleted += self == nullptr ? 1 : 100; }, function.out()),
            0);
  TVMFFIAny result = contract::none();
  EXPECT_EQ(TVMFFIFunctionCall(function.get(), nullptr, 0, &result), 0);
  function = Owned();
  EXPECT_EQ(num_deleted, 1);
}

// A client's function is called through safe_call, whatever else it offers.
TEST(CFunction, IgnoresCppCallOfClients) {
  struct ClientFunction {
    TVMFFIObject header;
    TVMFFIFunctionCell cell;
  } function{};
  function.header.combined_ref_count = 0x100000001;
  function.header.type_index = kTVMFFIFunction;
  function.cell.safe_call = [](void* handle, const TVMFFIAny*, int32_t, TVMFFIAny* result) {
    *result = contract::integer(TVMFFIObjectGetTypeIndex(handle));
    return 0;
  };
  function.cell.cpp_call = reinterpret_cast<void*>(0x1);
  TVMFFIAny result = contract::none();
  EXPECT_EQ(TVMFFIFunctionCall(&function, nullptr, 0, &result), 0);
  EXPECT_EQ(result.v_int64, kTVMFFIFunction);
}

// ---- Owned values of views -------------------------------------------------

TVMFFIAny own(const TVMFFIAny& view) {
  TVMFFIAny owned;
  std::memset(&owned, 0xff, sizeof(owned));
  EXPECT_EQ(TVMFFIAnyViewToOwnedAny(&view, &owned), 0);
  return owned;
}

TEST(CAny, ValuesAreCopiedBitForBit) {
  for (int32_t index : {kTVMFFINone, kTVMFFIInt, kTVMFFIBool, kTVMFFIFloat, kTVMFFIOpaquePtr,
                        kTVMFFIDataType, kTVMFFIDevice, kTVMFFIDLTensorPtr, kTVMFFIUnchanged}) {
    TVMFFIAny view{};
    view.type_index = index;
    view.v_int64 = index == kTVMFFINone || index == kTVMFFIUnchanged ? 0 : 0x1234;
    TVMFFIAny owned = own(view);
    EXPECT_EQ(std::memcmp(&owned, &view, sizeof(view)), 0) << index;
  }
}

TEST(CAny, ObjectsGainAReference) {
  Callback callback;
  Owned function = callback.wrap();
  TVMFFIAny owned = own(contract::object(function.get()));
  EXPECT_EQ(owned.v_obj, function.get());
  EXPECT_EQ(function.strong_count(), 2u);
  TVMFFIObjectDecRef(owned.v_obj);
}

TEST(CAny, RawTextAndBytesAreCopied) {
  char raw[] = "a long enough text";
  TVMFFIAny owned = own(text_view(raw));
  TVMFFIAny small = own(text_view("short"));
  TVMFFIByteArray array = bytes(raw);
  TVMFFIAny view{};
  view.type_index = kTVMFFIByteArrayPtr;
  view.v_ptr = &array;
  TVMFFIAny owned_bytes = own(view);
  raw[0] = 'x';
  EXPECT_EQ(owned.type_index, kTVMFFIStr);
  EXPECT_EQ(contract::take_text(owned), "a long enough text");
  EXPECT_EQ(small.type_index, kTVMFFISmallStr);
  EXPECT_EQ(contract::take_text(small), "short");
  EXPECT_EQ(owned_bytes.type_index, kTVMFFIBytes);
  EXPECT_EQ(contract::take_text(owned_bytes), "a long enough text");
}

TEST(CAny, RValueReferenceIsMovedFrom) {
  Callback callback;
  TVMFFIObject* object = static_cast<TVMFFIObject*>(callback.wrap().release());
  TVMFFIObject* slot = object;
  TVMFFIAny view{};
  view.type_index = kTVMFFIObjectRValueRef;
  view.v_ptr = &slot;
  TVMFFIAny owned = own(view);
  EXPECT_EQ(slot, nullptr);
  EXPECT_EQ(owned.type_index, kTVMFFIFunction);
  EXPECT_EQ(owned.v_obj, object);
  Owned owner(owned.v_obj);
  EXPECT_EQ(owner.strong_count(), 1u);

  TVMFFIAny result = contract::integer(5);
  EXPECT_EQ(TVMFFIAnyViewToOwnedAny(&view, &result), -1);
  contract::Raised raised;
  EXPECT_EQ(raised.kind, "InternalError");
  EXPECT_NE(raised.message.find("RValueRef already moved"), std::string::npos);
  EXPECT_EQ(result.v_int64, 5);
}

}  // namespace
