// SPDX-License-Identifier: Apache-2.0
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <string>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;
using registered::Tracked;

class ParentObj : public Object {
 public:
  int64_t base = 1;
  Tracked tracked;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.creation.Parent", ParentObj, Object);
};

class SampleObj : public ParentObj {
 public:
  String name;
  Array<Any> items;
  int64_t named_only = 0;
  int64_t hidden = 5;
  int64_t hidden_default = 6;

  TVM_FFI_DECLARE_OBJECT_INFO("test.creation.Sample", SampleObj, ParentObj);
};

// Its defaults do not fit its fields.
class BadDefaultObj : public Object {
 public:
  int64_t value = 0;

  static constexpr bool _type_mutable = true;
  TVM_FFI_DECLARE_OBJECT_INFO("test.creation.BadDefault", BadDefaultObj, Object);
};

class NoCreatorObj : public Object {
 public:
  explicit NoCreatorObj(int64_t value) : value(value) {}
  int64_t value;
  TVM_FFI_DECLARE_OBJECT_INFO("test.creation.NoCreator", NoCreatorObj, Object);
};

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::ObjectDef<ParentObj>()
      .def_rw("base", &ParentObj::base, refl::default_value(10))
      .def_rw("tracked", &ParentObj::tracked, refl::default_value(nullptr));
  refl::ObjectDef<SampleObj>()
      .def_rw("name", &SampleObj::name)
      .def_rw("items", &SampleObj::items,
              refl::default_factory(Function::FromTyped([] { return Array<Any>{7}; })))
      .def_rw("named_only", &SampleObj::named_only, refl::kw_only(true))
      .def_rw("hidden", &SampleObj::hidden, refl::init(false))
      .def_rw("hidden_default", &SampleObj::hidden_default, refl::init(false),
              refl::default_value(60));
  refl::ObjectDef<BadDefaultObj>().def_rw("value", &BadDefaultObj::value,
                                          refl::default_value("text"));
  refl::ObjectDef<NoCreatorObj>(refl::init(false)).def_ro("value", &NoCreatorObj::value);
}

const SampleObj* sample(const Any& value) { return value.cast<const SampleObj*>(); }

// ---- By name -----------------------------------------------------------------------------------

class NamedCreation : public registered::BalanceTest {};

template <typename... Args>
Any make(Args&&... args) {
  return call("ffi.MakeObjectFromPackedArgs", std::forward<Args>(args)...);
}

TEST_F(NamedCreation, SetsFieldsAndDefaults) {
  Tracked tracked = Tracked::make();
  Any object = make("test.creation.Sample", "named_only", 3, "name", "a longer name", "hidden", 4,
                    "tracked", tracked);
  EXPECT_EQ(sample(object)->base, 10);
  EXPECT_EQ(sample(object)->name, "a longer name");
  EXPECT_EQ(sample(object)->items[0].cast<int>(), 7);
  EXPECT_EQ(sample(object)->named_only, 3);
  EXPECT_EQ(sample(object)->hidden, 4);
  EXPECT_EQ(sample(object)->hidden_default, 60);
  EXPECT_TRUE(sample(object)->tracked.same_as(tracked));
}

TEST_F(NamedCreation, TakesAnIndexForTheKey) {
  Any object = make(ParentObj::RuntimeTypeIndex(), "base", 2);
  EXPECT_EQ(object.cast<const ParentObj*>()->base, 2);
}

TEST_F(NamedCreation, RefusesWhatDoesNotFitTheFields) {
  EXPECT_EQ(error_of([] { make("test.creation.Sample", "hidden", 1, "named_only", 1); }),
            "TypeError: Required field `name` not set in type `test.creation.Sample`");
  EXPECT_EQ(error_of([] { make("test.creation.Parent", "missing", 1); }),
            "TypeError: Type `test.creation.Parent` does not have field `missing`");
  EXPECT_EQ(error_of([] { make("test.creation.Parent", "base", 1, "base", 2); }),
            "TypeError: Type `test.creation.Parent` does not have field `base`");
  EXPECT_EQ(error_of([] { make("test.creation.Parent", 5, 1); }),
            "TypeError: Cannot convert from type `int` to `str`");
  EXPECT_EQ(error_of([] { make("test.creation.Parent", "base", "text"); }),
            "TypeError: Cannot convert from type `const char*` to `int`");
  EXPECT_EQ(error_of([] { make("test.creation.BadDefault"); }),
            "TypeError: Cannot convert from type `ffi.SmallStr` to `int`");
}

TEST_F(NamedCreation, RefusesTypesItCannotMake) {
  EXPECT_EQ(error_of([] { make("test.creation.NoCreator", "value", 1); }),
            "RuntimeError: Type `test.creation.NoCreator` does not support reflection creation (no "
            "native creator or __ffi_new__ type attr)");
  EXPECT_NE(error_of([] {
              make("test.creation.NoSuchType");
            }).find("Cannot find type `test.creation.NoSuchType`"),
            std::string::npos);
  EXPECT_EQ(error_of([] { make(9999999); }),
            "InternalError: Cannot find type info for type_index=9999999");
  EXPECT_EQ(error_of([] { make((int64_t{1} << 32) + 64); }),
            "InternalError: Cannot find type info for type_index=4294967360");
  EXPECT_EQ(error_of([] { make(3.0); }), "TypeError: Cannot convert from type `float` to `str`");
}

TEST_F(NamedCreation, NeedsAValueForEveryName) {
  for (const std::string& error :
       {error_of([] { make(); }), error_of([] { make("test.creation.Parent", "base"); })}) {
    EXPECT_EQ(error, "InternalError: Check failed: (args.size() % 2 == 1) is false: ");
  }
}

TEST_F(NamedCreation, FailureReleasesTheObject) {
  Tracked tracked = Tracked::make();
  error_of([&] { make("test.creation.Sample", "tracked", tracked); });
  EXPECT_EQ(tracked.use_count(), 1);
}

// ---- By the generated constructor --------------------------------------------------------------

class GeneratedInit : public registered::BalanceTest {
 protected:
  template <typename... Args>
  static Any init(const char* key, Args&&... args) {
    AnyView constructor = refl::TypeAttrColumn("__ffi_init__")[TypeKeyToIndex(key)];
    return constructor.cast<Function>()(std::forward<Args>(args)...);
  }
  template <typename... Args>
  static Any init_sample(Args&&... args) {
    return init("test.creation.Sample", std::forward<Args>(args)...);
  }
  template <typename... Args>
  static std::string refused(Args&&... args) {
    const std::string error = error_of([&] { init_sample(std::forward<Args>(args)...); });
    const std::string start = "TypeError: test.creation.Sample.__ffi_init__() ";
    return error.find(start) == 0 ? error.substr(start.size()) : "not refused: " + error;
  }

  ObjectRef kwargs = call("ffi.GetKwargsObject").cast<ObjectRef>();
};

TEST_F(GeneratedInit, TakesRequiredFieldsBeforeThoseWithADefault) {
  Tracked tracked = Tracked::make();
  Any object = init_sample("name", 2, tracked, Array<Any>(), kwargs, "named_only", 3);
  EXPECT_EQ(sample(object)->name, "name");
  EXPECT_EQ(sample(object)->base, 2);
  EXPECT_TRUE(sample(object)->tracked.same_as(tracked));
  EXPECT_EQ(sample(object)->items.size(), 0);
  EXPECT_EQ(sample(object)->named_only, 3);
}

TEST_F(GeneratedInit, GivesDefaultsToWhatIsLeftOut) {
  Any object = init_sample(kwargs, "named_only", 3, "name", "n");
  EXPECT_EQ(sample(object)->base, 10);
  EXPECT_EQ(sample(object)->items[0].cast<int>(), 7);
  EXPECT_EQ(sample(object)->hidden, 5);
  EXPECT_EQ(sample(object)->hidden_default, 60);
  // A factory makes a new value each time.
  Any other = init_sample(kwargs, "named_only", 3, "name", "n");
  EXPECT_FALSE(sample(object)->items.same_as(sample(other)->items));
}

TEST_F(GeneratedInit, RefusesArgumentsThatDoNotFit) {
  EXPECT_EQ(refused("n", 1, nullptr, Array<Any>(), 5),
            "takes at most 4 positional argument(s), but 5 were given");
  EXPECT_EQ(refused("n", kwargs, "named_only"),
            "KWARGS requires an even number of key-value arguments");
  EXPECT_EQ(refused("n", kwargs, "named_only", 1, "other", 2),
            "got an unexpected keyword argument 'other'");
  EXPECT_EQ(refused("n", kwargs, "hidden", 1), "got an unexpected keyword argument 'hidden'");
  EXPECT_EQ(refused("n", kwargs, "name", "n"), "got multiple values for argument 'name'");
  EXPECT_EQ(refused("n", kwargs, "base", 1, "base", 1), "got multiple values for argument 'base'");
  EXPECT_EQ(refused(), "missing required argument: 'name'");
  EXPECT_EQ(refused("n", kwargs), "missing required keyword-only argument: 'named_only'");
  EXPECT_EQ(error_of([this] { init_sample("n", kwargs, 1, 2); }),
            "TypeError: Cannot convert from type `int` to `str`");
}

TEST_F(GeneratedInit, ExplainsWhichValueWasRefused) {
  EXPECT_EQ(refused(1), "field 'name':\n  Cannot convert from type `int` to `str`");
  EXPECT_EQ(refused("n", kwargs, "named_only", "x"),
            "field 'named_only':\n  Cannot convert from type `const char*` to `int`");
  try {
    init("test.creation.BadDefault");
    FAIL() << "the default was accepted";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind(), "TypeError");
    EXPECT_EQ(error.message(),
              "test.creation.BadDefault.__ffi_init__() default for field 'value':\n"
              "  Cannot convert from type `ffi.SmallStr` to `int`");
    ASSERT_TRUE(error.cause_chain().has_value());
    EXPECT_EQ(error.cause_chain()->message(), "Cannot convert from type `ffi.SmallStr` to `int`");
    EXPECT_EQ(error.cause_chain()->backtrace(), error.backtrace());
  }
}

TEST_F(GeneratedInit, IndentsEveryLineOfTheReason) {
  static const char* const kKey = "test.creation.Setter";
  const TVMFFIByteArray key{kKey, std::char_traits<char>::length(kKey)};
  const int32_t index = TVMFFITypeGetOrAllocIndex(&key, -1, 1, 0, 1, kTVMFFIObject);
  Function setter = Function::FromTyped(
      [](void*, AnyView) { TVM_FFI_THROW(KeyError) << "first\nsecond\n\nfourth"; });
  TVMFFIFieldInfo field{};
  field.name = {"f", 1};
  field.flags = kTVMFFIFieldFlagBitSetterIsFunctionObj;
  field.size = 8;
  field.alignment = 8;
  field.offset = 24;
  field.setter = const_cast<FunctionObj*>(setter.get());
  field.getter = reinterpret_cast<TVMFFIFieldGetter>(
      call("ffi.MakeFieldGetter", static_cast<int>(kTVMFFIInt)).cast<int64_t>());
  field.field_static_type_index = kTVMFFIInt;
  ASSERT_EQ(TVMFFITypeRegisterField(index, &field), 0);
  call("ffi._PyClassRegisterTypeAttrColumns", index, 32);
  EXPECT_EQ(error_of([&] { init(kKey, 1); }),
            "KeyError: test.creation.Setter.__ffi_init__() field 'f':\n"
            "  first\n  second\n  \n  fourth");
}

TEST_F(GeneratedInit, FailureReleasesTheObject) {
  Tracked tracked = Tracked::make();
  refused("n", 1, tracked);
  EXPECT_EQ(tracked.use_count(), 1);
}

TEST_F(GeneratedInit, IsNotGeneratedWhereSuppressedOrRefused) {
  EXPECT_EQ(refl::TypeAttrColumn("__ffi_init__")[NoCreatorObj::RuntimeTypeIndex()], nullptr);
  EXPECT_EQ(error_of([] { call("ffi._RegisterFFIInit", 9999999); }),
            "InternalError: Cannot find type info for type_index=9999999");
  const std::string error =
      error_of([] { call("ffi._RegisterFFIInit", ParentObj::RuntimeTypeIndex()); });
  EXPECT_EQ(error.find("RuntimeError: TypeAttr `__ffi_init__` is already registered"), 0) << error;
}

}  // namespace
