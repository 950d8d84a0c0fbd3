// SPDX-License-Identifier: Apache-2.0
#include <gtest/gtest.h>
#include <tvm/ffi/reflection/accessor.h>
#include <tvm/ffi/reflection/registry.h>

#include <optional>
#include <string>
#include <type_traits>
#include <utility>

#include "../number_object.h"

namespace {

namespace refl = tvm::ffi::reflection;
namespace type_attr = tvm::ffi::type_attr;
using number::ErrorOf;
using tvm::ffi::Any;
using tvm::ffi::AnyEqual;
using tvm::ffi::AnyHash;
using tvm::ffi::AnyView;
using tvm::ffi::Expected;
using tvm::ffi::Function;
using tvm::ffi::make_object;
using tvm::ffi::Object;
using tvm::ffi::ObjectPtr;
using tvm::ffi::ObjectRef;
using tvm::ffi::String;
using tvm::ffi::TypedFunction;

constexpr refl::AttrKey<int64_t> kSize{"test.type_attr.size"};
constexpr refl::AttrKey<bool> kFlag{"test.type_attr.flag"};
constexpr refl::AttrKey<Any> kAnything{"test.type_attr.anything"};

class ItemObj : public Object {
 public:
  int64_t id = 0;
  ItemObj() = default;
  explicit ItemObj(int64_t id) : id(id) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.type_attr.Item", ItemObj, Object);
};
class Item : public ObjectRef {
 public:
  explicit Item(int64_t id) { data_ = make_object<ItemObj>(id); }
  TVM_FFI_DEFINE_OBJECT_REF_METHODS_NOTNULLABLE(Item, ObjectRef, ItemObj);
};
// As Item, with hooks in the form they had in 0.1.14.
class OldItemObj : public Object {
 public:
  int64_t id = 0;
  explicit OldItemObj(int64_t id) : id(id) {}
  TVM_FFI_DECLARE_OBJECT_INFO_FINAL("test.type_attr.OldItem", OldItemObj, Object);
};

Expected<int64_t> HashItem(const Any& item) noexcept { return item.as<ItemObj>()->id % 10; }
bool EqualItems(const Any& a, const Any& b) {
  return a.as<ItemObj>()->id % 10 == b.as<ItemObj>()->id % 10;
}
int64_t OldHash(const Any& item) { return item.as<OldItemObj>()->id % 10; }
bool OldEqual(const Any& a, const Any& b) {
  return a.as<OldItemObj>()->id % 10 == b.as<OldItemObj>()->id % 10;
}
TVMFFIAny RawVisit(tvm::ffi::StructuralVisitorObj*, AnyView) noexcept {
  return AnyView().CopyToTVMFFIAny();
}

TVM_FFI_STATIC_INIT_BLOCK() {
  refl::EnsureTypeAttrColumn("test.type_attr.empty");
  refl::EnsureTypeAttrColumn(kFlag);
  refl::TypeAttrDef<ItemObj>()
      .def("test.type_attr.text", "text")
      .def("test.type_attr.call", [](const ItemObj* item, int64_t add) { return item->id + add; })
      .attr("test.type_attr.dynamic", Any("dynamic"))
      .attr("test.type_attr.opaque", static_cast<void*>(nullptr))
      .attr(kSize, 7)
      .attr(kAnything, 1.5)
      .native_fn_attr<&HashItem>(type_attr::kAnyHash)
      .native_fn_attr<&EqualItems>(type_attr::kAnyEqual)
      .def_convert<Item>();
  refl::TypeAttrDef<OldItemObj>()
      .attr(type_attr::kAnyHash, reinterpret_cast<void*>(&OldHash))
      .attr(type_attr::kAnyEqual, reinterpret_cast<void*>(&OldEqual))
      .attr(type_attr::kStructuralVisit, reinterpret_cast<void*>(&RawVisit));
}

AnyView ItemAttr(const char* name) {
  return refl::TypeAttrColumn(name)[ItemObj::RuntimeTypeIndex()];
}

TEST(TypeAttrDef, StoresValuesAndCallables) {
  EXPECT_EQ(ItemAttr("test.type_attr.text").cast<String>(), "text");
  EXPECT_EQ(ItemAttr("test.type_attr.dynamic").cast<String>(), "dynamic");
  Function call = ItemAttr("test.type_attr.call").cast<Function>();
  EXPECT_EQ(call(Item(3), 4).cast<int>(), 7);
  EXPECT_EQ(ErrorOf([&] { call(Item(3)); }),
            "TypeError: Mismatched number of arguments when calling: "
            "`test.type_attr.Item.test.type_attr.call(0: test.type_attr.Item, 1: int) -> int`. "
            "Expected 2 but got 1 arguments");
  EXPECT_EQ(ItemAttr("test.type_attr.opaque").type_index(), kTVMFFIOpaquePtr);
}

TEST(TypeAttrDef, AKeyDeterminesWhatIsStored) {
  EXPECT_EQ(ItemAttr(kSize).type_index(), kTVMFFIInt);
  EXPECT_EQ(ItemAttr(kAnything).type_index(), kTVMFFIFloat);
}

TEST(TypeAttrDef, IsSetOnce) {
  EXPECT_EQ(ErrorOf([] { refl::TypeAttrDef<ItemObj>().attr(kSize, 8); }),
            "RuntimeError: TypeAttr `test.type_attr.size` is already registered for type index " +
                std::to_string(ItemObj::RuntimeTypeIndex()) +
                ". To update the stored value, register a mutable container (e.g., Dict/List) once "
                "and mutate it in place on subsequent calls.");
  EXPECT_EQ(ItemAttr(kSize).cast<int>(), 7);
}

TEST(TypeAttrDef, ConvertTakesWhatTheReferenceTakes) {
  Function convert = ItemAttr(type_attr::kConvert).cast<Function>();
  Item item(1);
  EXPECT_TRUE(convert(item).cast<Item>().same_as(item));
  EXPECT_EQ(ErrorOf([&] { convert(5); }),
            "TypeError: Cannot cast from `int` to `test.type_attr.Item`");
}

TEST(TypeAttrColumn, AnUnknownNameIsAnError) {
  EXPECT_EQ(ErrorOf([] { refl::TypeAttrColumn("test.type_attr.unknown"); }),
            "RuntimeError: Cannot find type attribute test.type_attr.unknown");
}

TEST(TypeAttrColumn, HasNoneForTypesWithoutTheAttribute) {
  refl::TypeAttrColumn column(kSize);
  EXPECT_EQ(column[ItemObj::RuntimeTypeIndex()].cast<int>(), 7);
  for (int32_t type_index : {-1, -1000, 0, static_cast<int32_t>(kTVMFFIObject), 1 << 30}) {
    EXPECT_EQ(column[type_index], nullptr) << type_index;
  }
  EXPECT_EQ(refl::TypeAttrColumn("test.type_attr.empty")[ItemObj::RuntimeTypeIndex()], nullptr);
}

TEST(AttrKey, ReadsValuesOfItsTypeOnly) {
  refl::TypeAttrColumn column(kSize);
  EXPECT_EQ(kSize.ValueFrom(column[ItemObj::RuntimeTypeIndex()]), 7);
  EXPECT_EQ(kSize.ValueFrom(column[-1]), std::nullopt);
  EXPECT_EQ(kFlag.ValueFrom(false), std::optional<bool>(false));
  EXPECT_EQ(ErrorOf([] { kSize.ValueFrom(1.5); }),
            "TypeError: Cannot treat type `float` as type `int`");
  EXPECT_EQ(ErrorOf([] { kSize.ValueFrom(true); }),
            "TypeError: Cannot treat type `bool` as type `int`");
  EXPECT_EQ(kAnything.ValueFrom("text").value().cast<String>(), "text");
  EXPECT_TRUE((std::is_same_v<decltype(kSize)::ValueType, int64_t>));
  EXPECT_EQ(sizeof(kSize), sizeof(const char*));
}

TEST(AttrKey, AFunctionServesForEverySignature) {
  Function func = Function::FromTyped([](AnyView, const Function&) { return String("repr"); });
  auto repr = type_attr::kRepr.ValueFrom(func);
  ASSERT_TRUE(repr.has_value());
  Item item(1);
  EXPECT_EQ((*repr)(item.get(), [](AnyView) { return String(); }), "repr");
  EXPECT_EQ(ErrorOf([] { type_attr::kRepr.ValueFrom("text"); }),
            "TypeError: Cannot treat type `const char*` as type "
            "`(0: ffi.Object, 1: (0: AnyView) -> str) -> str`");
}

// ---- As plain text, as in 0.1.14 ---------------------------------------------------------------

TEST(AttrKey, ServesAsPlainText) {
  const char* name = kSize;
  EXPECT_STREQ(name, "test.type_attr.size");
  EXPECT_EQ(std::string(kSize), name);
  EXPECT_EQ(String(kSize), name);
  EXPECT_EQ(std::string("of ") + kSize, "of test.type_attr.size");
  const std::string prefix = "of ";
  EXPECT_EQ(prefix + kSize, "of test.type_attr.size");
  constexpr TVMFFIByteArray bytes = refl::AsByteArray(kSize);
  EXPECT_EQ(bytes.size, 19u);
  EXPECT_STREQ(refl::type_attr::kNew, "__ffi_new__");  // where the names were before 0.1.15
  EXPECT_STREQ(type_attr::kNew.name, "__ffi_new__");
}

TEST(AttrKey, HasTheNamesOfTheContract) {
  const std::pair<const char*, const char*> names[] = {
      {type_attr::kNew, "__ffi_new__"},
      {type_attr::kInit, "__ffi_init__"},
      {type_attr::kConvert, "__ffi_convert__"},
      {type_attr::kConvertTypeSchema, "__ffi_convert_type_schema__"},
      {type_attr::kShallowCopy, "__ffi_shallow_copy__"},
      {type_attr::kTypeFinal, "__ffi_type_final__"},
      {type_attr::kAnyHash, "__any_hash__"},
      {type_attr::kAnyEqual, "__any_equal__"},
      {type_attr::kEnumState, "__ffi_enum__"},
      {type_attr::kRepr, "__ffi_repr__"},
      {type_attr::kHash, "__ffi_hash__"},
      {type_attr::kEq, "__ffi_eq__"},
      {type_attr::kCompare, "__ffi_compare__"},
      {type_attr::kDataToJson, "__data_to_json__"},
      {type_attr::kDataFromJson, "__data_from_json__"},
      {type_attr::kSEqual, "__s_equal__"},
      {type_attr::kSHash, "__s_hash__"},
      {type_attr::kStructuralVisit, "__s_visit__"},
      {type_attr::kStructuralMutate, "__s_mutate__"},
      {type_attr::kStructuralMaybeInplaceMutate, "__s_maybe_inplace_mutate__"},
  };
  for (auto [key, name] : names) EXPECT_STREQ(key, name);
}

// ---- Hooks of map keys -------------------------------------------------------------------------

TEST(KeyHooks, NativeFunctionsAreCalledDirectly) {
  EXPECT_EQ(ItemAttr(type_attr::kAnyHash).type_index(), kTVMFFIOpaquePtr);
  Any a = Item(1), b = Item(11), c = Item(2);
  EXPECT_TRUE(AnyEqual()(a, b));
  EXPECT_FALSE(AnyEqual()(a, c));
  EXPECT_EQ(AnyHash()(a), AnyHash()(b));
  EXPECT_NE(AnyHash()(a), AnyHash()(c));
  auto hash = type_attr::kAnyHash.ValueFrom(ItemAttr(type_attr::kAnyHash));
  EXPECT_EQ((*hash)(a), 1);
}

TEST(KeyHooks, PointersOfTheFormerFormBecomeFunctions) {
  refl::TypeAttrColumn column(type_attr::kAnyHash);
  AnyView hook = column[OldItemObj::RuntimeTypeIndex()];
  EXPECT_EQ(hook.type_index(), kTVMFFIFunction);
  Any a = make_object<OldItemObj>(1), b = make_object<OldItemObj>(11);
  Any c = make_object<OldItemObj>(2);
  EXPECT_TRUE(AnyEqual()(a, b));
  EXPECT_FALSE(AnyEqual()(a, c));
  EXPECT_EQ(AnyHash()(a), AnyHash()(b));
}

TEST(KeyHooks, OtherPointersAreStoredAsTheyAre) {
  AnyView hook = refl::TypeAttrColumn(type_attr::kStructuralVisit)[OldItemObj::RuntimeTypeIndex()];
  EXPECT_EQ(hook.cast<void*>(), reinterpret_cast<void*>(&RawVisit));
}

}  // namespace
