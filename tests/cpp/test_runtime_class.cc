// SPDX-License-Identifier: Apache-2.0
//
// Classes laid out at run time, as a front end makes them: through the contract alone.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/reflection/accessor.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;
using registered::Tracked;

// A converter that takes every value as it is, but counts and refuses on request.
struct Converter {
  int calls = 0;
  bool refuses = false;

  static int convert(void* self, const TVMFFIAny* in, TVMFFIAny* out) {
    auto* converter = static_cast<Converter*>(self);
    ++converter->calls;
    if (converter->refuses) {
      TVMFFIErrorSetRaisedFromCStr("TypeError", "refused");
      return -1;
    }
    return TVMFFIAnyViewToOwnedAny(in, out);
  }
};

Function make_setter(int static_index, Converter* converter) {
  return call("ffi.MakeFieldSetter", static_index, reinterpret_cast<int64_t>(converter),
              reinterpret_cast<int64_t>(&Converter::convert))
      .cast<Function>();
}

TVMFFIFieldGetter make_getter(int static_index) {
  return reinterpret_cast<TVMFFIFieldGetter>(
      call("ffi.MakeFieldGetter", static_index).cast<int64_t>());
}

Any read(int static_index, void* field) {
  Any result;
  EXPECT_EQ(make_getter(static_index)(field, reinterpret_cast<TVMFFIAny*>(&result)), 0);
  return result;
}

// ---- Fields ------------------------------------------------------------------------------------

class RuntimeField : public registered::BalanceTest {
 protected:
  // Writes the value to a zeroed field and reads it back.
  Any round_trip(int static_index, const Any& value) {
    alignas(8) char field[16] = {};
    make_setter(static_index, &converter)(static_cast<void*>(field), value);
    return read(static_index, field);
  }
  std::string refusal(int static_index, const Any& value) {
    return error_of([&] { round_trip(static_index, value); });
  }
  Converter converter;
};

// Writes the value without a converter; the status, and a raised error taken back.
int write_converted(int static_index, void* field, const Any& value) {
  auto store = reinterpret_cast<TVMFFIFieldSetter>(
      call("ffi._MakeFieldStore", static_index).cast<int64_t>());
  const int status = store(field, reinterpret_cast<const TVMFFIAny*>(&value));
  if (status != 0) {
    TVMFFIObjectHandle error = nullptr;
    TVMFFIErrorMoveFromRaised(&error);
    TVMFFIObjectDecRef(error);
  }
  return status;
}

TEST_F(RuntimeField, StoresConvertedValues) {
  alignas(8) char number[16] = {};
  EXPECT_EQ(write_converted(kTVMFFIInt, number, -5), 0);
  EXPECT_EQ(read(kTVMFFIInt, number).cast<int64_t>(), -5);
  EXPECT_NE(write_converted(kTVMFFIInt, number, String("text")), 0);
  EXPECT_EQ(read(kTVMFFIInt, number).cast<int64_t>(), -5);
}

TEST_F(RuntimeField, StoreReplacesWhatTheFieldHeld) {
  for (int static_index : {kTVMFFIAny, kTVMFFIObject}) {
    alignas(8) char field[16] = {};
    const Array<int64_t> first = {1}, second = {2};
    EXPECT_EQ(write_converted(static_index, field, first), 0);
    EXPECT_EQ(first.use_count(), 2);
    EXPECT_EQ(write_converted(static_index, field, second), 0);
    EXPECT_EQ(first.use_count(), 1);
    EXPECT_EQ(second.use_count(), 2);
    EXPECT_EQ(write_converted(static_index, field, nullptr), 0);
    EXPECT_EQ(second.use_count(), 1);
  }
}

TEST_F(RuntimeField, StoreRefusesUnknownKinds) {
  const std::string error = error_of([] { call("ffi._MakeFieldStore", kTVMFFISmallStr); });
  EXPECT_NE(error.find("Unsupported field type index for store: 11"), std::string::npos) << error;
}

TEST_F(RuntimeField, HoldsPlainValues) {
  EXPECT_EQ(round_trip(kTVMFFIInt, -5).cast<int64_t>(), -5);
  EXPECT_TRUE(round_trip(kTVMFFIBool, true).as<bool>().value());
  EXPECT_EQ(round_trip(kTVMFFIFloat, 2.5).cast<double>(), 2.5);
  EXPECT_EQ(round_trip(kTVMFFIFloat, 2).as<double>().value(), 2.0);
  EXPECT_EQ(round_trip(kTVMFFIOpaquePtr, static_cast<void*>(this)).cast<void*>(), this);
  const DLDataType dtype = round_trip(kTVMFFIDataType, DLDataType{kDLInt, 8, 2}).cast<DLDataType>();
  EXPECT_TRUE(dtype.code == kDLInt && dtype.bits == 8 && dtype.lanes == 2);
  const DLDevice device = round_trip(kTVMFFIDevice, DLDevice{kDLCUDA, 3}).cast<DLDevice>();
  EXPECT_TRUE(device.device_type == kDLCUDA && device.device_id == 3);
  EXPECT_EQ(converter.calls, 7);
}

TEST_F(RuntimeField, StoresNoMoreThanItsSize) {
  unsigned char field[8] = {7, 7, 7, 7, 7, 7, 7, 7};
  make_setter(kTVMFFIBool, &converter)(static_cast<void*>(field), false);
  EXPECT_EQ(field[0], 0);
  EXPECT_EQ(field[1], 7);
}

TEST_F(RuntimeField, OwnsReferencesAndValues) {
  Tracked tracked = Tracked::make();
  Function set_object = make_setter(kTVMFFIObject, &converter);
  Function set_any = make_setter(kTVMFFIAny, &converter);
  void* object = nullptr;
  TVMFFIAny any{};
  set_object(static_cast<void*>(&object), tracked);
  set_any(static_cast<void*>(&any), tracked);
  EXPECT_EQ(tracked.use_count(), 3);
  EXPECT_TRUE(read(kTVMFFIObject, &object).cast<Tracked>().same_as(tracked));
  EXPECT_TRUE(read(kTVMFFIAny, &any).cast<Tracked>().same_as(tracked));
  set_object(static_cast<void*>(&object), nullptr);
  set_any(static_cast<void*>(&any), 5);
  EXPECT_EQ(tracked.use_count(), 1);
  EXPECT_EQ(object, nullptr);
  EXPECT_EQ(read(kTVMFFIObject, &object), nullptr);
  EXPECT_EQ(read(kTVMFFINone, &any).cast<int>(), 5);
}

TEST_F(RuntimeField, RefusesConvertedValuesOfAnotherKind) {
  EXPECT_EQ(refusal(kTVMFFIInt, "text"),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
  EXPECT_EQ(refusal(kTVMFFIObject, 1), "TypeError: Cannot convert from type `int` to `ffi.Object`");
  Tracked tracked = Tracked::make();
  EXPECT_EQ(refusal(kTVMFFIFloat, tracked),
            "TypeError: Cannot convert from type `test.registered.Tracked` to `float`");
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_F(RuntimeField, PassesTheConvertersErrorOn) {
  converter.refuses = true;
  EXPECT_EQ(refusal(kTVMFFIInt, 1), "TypeError: refused");
}

TEST_F(RuntimeField, ExistsForKindsThatFieldsCanHave) {
  for (int index : {-2, 7, 8, 9, 10, 11, 12, 13, 63}) {
    EXPECT_EQ(error_of([&] { make_getter(index); }),
              "ValueError: Unsupported field type index for getter: " + std::to_string(index));
    EXPECT_EQ(error_of([&] { make_setter(index, &converter); }),
              "ValueError: Unsupported field type index for setter: " + std::to_string(index));
  }
  EXPECT_EQ(make_getter(64), make_getter(1000));
}

// ---- Objects -----------------------------------------------------------------------------------

struct Field {
  const char* name;
  int static_index;
  int64_t size;
  int64_t offset;
};

class RuntimeClass : public registered::BalanceTest {
 protected:
  // The setters of a type live as long as the process, and so must their converter.
  static Converter& converter() {
    static Converter converter;
    return converter;
  }

  static int32_t declare(const std::string& key, const std::vector<Field>& fields,
                         int32_t parent = kTVMFFIObject) {
    const TVMFFIByteArray key_bytes{key.data(), key.size()};
    const int32_t depth = TVMFFIGetTypeInfo(parent)->type_depth + 1;
    const int32_t index = TVMFFITypeGetOrAllocIndex(&key_bytes, -1, depth, 0, 1, parent);
    for (const Field& field : fields) {
      // 8 bytes of any type hold a reference.
      const bool is_untyped_reference = field.static_index == kTVMFFIAny && field.size == 8;
      const int kind = is_untyped_reference ? kTVMFFIObject : field.static_index;
      Function setter = make_setter(kind, &converter());
      TVMFFIFieldInfo info{};
      info.name = {field.name, std::char_traits<char>::length(field.name)};
      info.flags = kTVMFFIFieldFlagBitMaskWritable | kTVMFFIFieldFlagBitSetterIsFunctionObj;
      info.size = field.size;
      info.alignment = field.size < 8 ? field.size : 8;
      info.offset = field.offset;
      info.getter = make_getter(kind);
      info.setter = const_cast<FunctionObj*>(setter.get());
      info.field_static_type_index = field.static_index;
      EXPECT_EQ(TVMFFITypeRegisterField(index, &info), 0);
    }
    return index;
  }

  static int32_t declare_sample(const std::string& key) {
    const int32_t index = declare(key, {{"number", kTVMFFIInt, 8, 24},
                                        {"flag", kTVMFFIBool, 1, 32},
                                        {"value", kTVMFFIAny, 16, 40},
                                        {"object", kTVMFFIObject, 8, 56},
                                        {"untyped", kTVMFFIAny, 8, 64}});
    call("ffi._PyClassRegisterTypeAttrColumns", index, 72);
    return index;
  }

  static Function attr(const char* name, int32_t index) {
    return refl::TypeAttrColumn(name)[index].cast<Function>();
  }
};

TEST_F(RuntimeClass, MakesEmptyObjects) {
  const int32_t index = declare_sample("test.runtime_class.Empty");
  ObjectRef object = attr("__ffi_new__", index)().cast<ObjectRef>();
  EXPECT_EQ(object.type_index(), index);
  EXPECT_EQ(object.use_count(), 1);
  EXPECT_TRUE(object.unique());
  auto* bytes = reinterpret_cast<const char*>(object.get());
  for (int i = 24; i < 72; ++i) EXPECT_EQ(bytes[i], 0);
}

TEST_F(RuntimeClass, ReleasesWhatItsObjectsHold) {
  const int32_t index = declare_sample("test.runtime_class.Full");
  Tracked tracked = Tracked::make();
  Any object = attr("__ffi_init__", index)(1, true, tracked, tracked, nullptr);
  EXPECT_EQ(tracked.use_count(), 3);
  // The contents go with the last strong reference, the memory with the last weak one.
  WeakObjectPtr<Object> weak(
      detail::ObjectUnsafe::ObjectPtrFromObjectRef<Object>(object.cast<ObjectRef>()));
  object = nullptr;
  EXPECT_EQ(tracked.use_count(), 1);
  EXPECT_TRUE(weak.expired());
}

TEST_F(RuntimeClass, CopiesFieldsNotWhatTheyReferTo) {
  const int32_t index = declare_sample("test.runtime_class.Copied");
  Tracked tracked = Tracked::make();
  {
    Any object = attr("__ffi_init__", index)(41, true, "a text on the heap", tracked, tracked);
    Any copy = attr("__ffi_shallow_copy__", index)(object);
    EXPECT_FALSE(copy.same_as(object));
    EXPECT_EQ(tracked.use_count(), 5);
    const char* key = "test.runtime_class.Copied";
    ObjectRef ref = copy.cast<ObjectRef>();
    EXPECT_EQ(refl::FieldGetter(key, "number")(ref).cast<int>(), 41);
    EXPECT_TRUE(refl::FieldGetter(key, "flag")(ref).cast<bool>());
    EXPECT_EQ(refl::FieldGetter(key, "value")(ref).cast<String>(), "a text on the heap");
    EXPECT_TRUE(refl::FieldGetter(key, "object")(ref).cast<Tracked>().same_as(tracked));
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_F(RuntimeClass, CopiesItsOwnObjectsOnly) {
  const int32_t index = declare_sample("test.runtime_class.Own");
  EXPECT_EQ(error_of([&] { attr("__ffi_shallow_copy__", index)(Tracked::make()); }),
            "TypeError: Expected `test.runtime_class.Own` but got `test.registered.Tracked`");
}

TEST_F(RuntimeClass, HandlesFieldsOfItsParents) {
  const int32_t parent = declare_sample("test.runtime_class.Parent");
  const int32_t index =
      declare("test.runtime_class.Child", {{"extra", kTVMFFIObject, 8, 72}}, parent);
  call("ffi._PyClassRegisterTypeAttrColumns", index, 80);
  Tracked tracked = Tracked::make();
  {
    Any object = attr("__ffi_init__", index)(1, false, tracked, tracked, tracked, tracked);
    Any copy = attr("__ffi_shallow_copy__", index)(object);
    EXPECT_EQ(tracked.use_count(), 9);
  }
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_F(RuntimeClass, AConverterThatRefusesLeavesNothingBehind) {
  const int32_t index = declare_sample("test.runtime_class.Refused");
  Function init = attr("__ffi_init__", index);
  converter().refuses = true;
  EXPECT_EQ(error_of([&] { init(1, true, nullptr, nullptr, nullptr); }),
            "TypeError: test.runtime_class.Refused.__ffi_init__() field 'number':\n  refused");
  converter().refuses = false;
}

TEST_F(RuntimeClass, RefusesLayoutsThatCannotBe) {
  const int32_t small = declare("test.runtime_class.Small", {});
  EXPECT_EQ(error_of([&] { call("ffi._PyClassRegisterTypeAttrColumns", small, 23); }),
            "ValueError: Objects of type `test.runtime_class.Small` need at least 24 bytes, but "
            "their total size is 23");
  const int32_t tight = declare("test.runtime_class.Tight", {{"value", kTVMFFIAny, 16, 24}});
  EXPECT_EQ(error_of([&] { call("ffi._PyClassRegisterTypeAttrColumns", tight, 32); }),
            "ValueError: Field `value` does not fit into type `test.runtime_class.Tight` of 32 "
            "bytes");
  call("ffi._PyClassRegisterTypeAttrColumns", tight, 40);
  EXPECT_EQ(error_of([&] {
              call("ffi._PyClassRegisterTypeAttrColumns", tight, 40);
            }).find("RuntimeError: TypeAttr `__ffi_init__` is already registered"),
            0);
  EXPECT_EQ(error_of([&] { call("ffi._PyClassRegisterTypeAttrColumns", 9999999, 40); }),
            "InternalError: Cannot find type info for type_index=9999999");
}

}  // namespace
