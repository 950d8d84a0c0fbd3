// SPDX-License-Identifier: Apache-2.0
//
// What the library has registered about its own types when it is loaded.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/enum.h>
#include <tvm/ffi/reflection/access_path.h>
#include <tvm/ffi/reflection/accessor.h>

#include <string>
#include <string_view>
#include <vector>

#include "registered.h"

namespace {

using namespace tvm::ffi;
namespace refl = reflection;
using registered::call;
using registered::error_of;

const TVMFFITypeInfo* info(const char* key) { return TVMFFIGetTypeInfo(TypeKeyToIndex(key)); }

AnyView attr(const char* key, const char* name) {
  return refl::TypeAttrColumn(name)[TypeKeyToIndex(key)];
}

std::string_view view(const TVMFFIByteArray& bytes) { return {bytes.data, bytes.size}; }

// ---- The table of types ------------------------------------------------------------------------

struct TypeRow {
  const char* key;
  int depth;
  int total_size;
  bool has_creator;
  int kind;
  bool is_final;
  bool has_copy;
};

class BuiltinType : public ::testing::TestWithParam<TypeRow> {};

TEST_P(BuiltinType, IsRegisteredWithItsMetadata) {
  const TypeRow& row = GetParam();
  const TVMFFITypeInfo* type = info(row.key);
  EXPECT_EQ(type->type_depth, row.depth);
  ASSERT_NE(type->metadata, nullptr);
  EXPECT_EQ(type->metadata->total_size, row.total_size);
  EXPECT_EQ(type->metadata->structural_eq_hash_kind, row.kind);
  EXPECT_EQ(type->metadata->creator != nullptr, row.has_creator);
  EXPECT_EQ(attr(row.key, "__ffi_new__") != nullptr, row.has_creator);
  EXPECT_EQ(attr(row.key, "__ffi_shallow_copy__") != nullptr, row.has_copy);
  EXPECT_EQ(attr(row.key, "__ffi_type_final__").as<bool>(), std::optional<bool>(row.is_final));
}

INSTANTIATE_TEST_SUITE_P(
    All, BuiltinType,
    ::testing::Values(TypeRow{"ffi.Module", 1, 48, false, 0, true, false},
                      TypeRow{"ffi.VisitInterrupt", 1, 40, true, 0, true, true},
                      TypeRow{"ffi.BigInt", 1, 32, false, 0, true, false},
                      TypeRow{"ffi.EnumState", 1, 48, true, 0, true, true},
                      TypeRow{"ffi.Enum", 1, 48, true, 5, false, true},
                      TypeRow{"ffi.IntEnum", 2, 48, true, 5, false, true},
                      TypeRow{"ffi.StrEnum", 2, 48, true, 5, false, true},
                      TypeRow{"ffi.reflection.AccessStep", 1, 48, true, 4, true, true},
                      TypeRow{"ffi.reflection.AccessPath", 1, 48, true, 4, true, true},
                      TypeRow{"ffi.StructuralKey", 1, 48, true, 0, true, true},
                      TypeRow{"ffi.StructuralVisitor", 1, 40, false, 0, false, true},
                      TypeRow{"ffi.StructuralMutator", 1, 40, false, 0, false, true},
                      TypeRow{"ffi.VisitErrorContext", 1, 40, true, 0, true, true}));

TEST(BuiltinTypes, OnlyTheseHaveAConstructor) {
  for (const char* key : {"ffi.EnumState", "ffi.StructuralKey"}) {
    EXPECT_EQ(attr(key, "__ffi_init__").type_index(), kTVMFFIFunction) << key;
  }
  for (const char* key :
       {"ffi.Module", "ffi.VisitInterrupt", "ffi.Enum", "ffi.IntEnum", "ffi.StrEnum",
        "ffi.reflection.AccessStep", "ffi.reflection.AccessPath", "ffi.VisitErrorContext"}) {
    EXPECT_EQ(attr(key, "__ffi_init__"), nullptr) << key;
  }
}

TEST(BuiltinTypes, ColumnsThatInlineCodeLooksUpExist) {
  for (const char* name :
       {"__ffi_new__", "__ffi_init__", "__ffi_shallow_copy__", "__ffi_convert__", "__ffi_repr__",
        "__ffi_hash__", "__ffi_eq__", "__ffi_compare__", "__any_hash__", "__any_equal__",
        "__s_hash__", "__s_equal__", "__s_visit__", "__s_mutate__", "__s_maybe_inplace_mutate__",
        "__data_to_json__", "__data_from_json__", "__ffi_enum__", "__ffi_type_final__"}) {
    EXPECT_NO_THROW(refl::TypeAttrColumn{name}) << name;
  }
}

// ---- Fields and methods ------------------------------------------------------------------------

struct FieldRow {
  const char* key;
  const char* name;
  int flags;
  int size;
  int offset;
  int static_index;
};

class BuiltinField : public ::testing::TestWithParam<FieldRow> {};

TEST_P(BuiltinField, IsReflected) {
  const FieldRow& row = GetParam();
  const TVMFFIFieldInfo* field = refl::GetFieldInfo(row.key, row.name);
  EXPECT_EQ(field->flags, row.flags);
  EXPECT_EQ(field->size, row.size);
  EXPECT_EQ(field->offset, row.offset);
  EXPECT_EQ(field->field_static_type_index, row.static_index);
  EXPECT_NE(field->setter, nullptr);
  EXPECT_EQ(view(field->metadata).substr(0, 17), R"({"type_schema":"{)");
}

INSTANTIATE_TEST_SUITE_P(
    All, BuiltinField,
    ::testing::Values(FieldRow{"ffi.Module", "imports_", 0, 8, 24, 71},
                      FieldRow{"ffi.VisitInterrupt", "value", 2, 16, 24, -1},
                      FieldRow{"ffi.EnumState", "entries", 512, 8, 24, 75},
                      FieldRow{"ffi.EnumState", "indexes", 512, 8, 32, 64},
                      FieldRow{"ffi.EnumState", "attrs", 512, 8, 40, 64},
                      FieldRow{"ffi.Enum", "_int_index", 8, 8, 24, 1},
                      FieldRow{"ffi.Enum", "_str_index", 0, 16, 32, -1},
                      FieldRow{"ffi.IntEnum", "value", 520, 8, 24, 1},
                      FieldRow{"ffi.StrEnum", "value", 520, 16, 32, -1},
                      FieldRow{"ffi.reflection.AccessStep", "kind", 0, 4, 24, 1},
                      FieldRow{"ffi.reflection.AccessStep", "key", 0, 16, 32, -1},
                      FieldRow{"ffi.reflection.AccessPath", "parent", 0, 8, 24, -1},
                      FieldRow{"ffi.reflection.AccessPath", "step", 0, 8, 32, -1},
                      FieldRow{"ffi.reflection.AccessPath", "depth", 0, 4, 40, 1},
                      FieldRow{"ffi.StructuralKey", "key", 0, 16, 24, -1},
                      FieldRow{"ffi.StructuralKey", "hash_i64", 0, 8, 40, 1},
                      FieldRow{"ffi.VisitErrorContext", "reverse_visit_pattern", 0, 8, 24, 75},
                      FieldRow{"ffi.VisitErrorContext", "prev_error_context", 0, 8, 32, -1}));

TEST(BuiltinTypes, DeclareNoOtherFields) {
  const std::pair<const char*, int> counts[] = {{"ffi.Module", 1},
                                                {"ffi.VisitInterrupt", 1},
                                                {"ffi.EnumState", 3},
                                                {"ffi.Enum", 2},
                                                {"ffi.IntEnum", 1},
                                                {"ffi.StrEnum", 1},
                                                {"ffi.StructuralKey", 2},
                                                {"ffi.VisitErrorContext", 2},
                                                {"ffi.StructuralVisitor", 0},
                                                {"ffi.StructuralMutator", 0},
                                                {"ffi.BigInt", 0},
                                                {"ffi.Object", 0}};
  for (const auto& [key, count] : counts) {
    EXPECT_EQ(info(key)->num_fields, count) << key;
  }
}

TEST(BuiltinTypes, AccessPathHasItsMethodsInOrder) {
  const TVMFFITypeInfo* type = info("ffi.reflection.AccessPath");
  const std::vector<std::string_view> names = {"_root",
                                               "_extend",
                                               "_attr",
                                               "_array_item",
                                               "_map_item",
                                               "_attr_missing",
                                               "_array_item_missing",
                                               "_map_item_missing",
                                               "_is_prefix_of",
                                               "_to_steps",
                                               "_path_equal"};
  ASSERT_EQ(type->num_methods, static_cast<int>(names.size()));
  for (size_t i = 0; i < names.size(); ++i) {
    EXPECT_EQ(view(type->methods[i].name), names[i]);
    EXPECT_EQ(type->methods[i].flags, i == 0 ? kTVMFFIFieldFlagBitMaskIsStaticMethod : 0);
  }
}

// ---- Access paths ------------------------------------------------------------------------------

Function path_method(const char* name) {
  return refl::GetMethod("ffi.reflection.AccessPath", name);
}

TEST(AccessPathMethods, BuildPaths) {
  Any path = path_method("_root")();
  path = path_method("_attr")(path, "a");
  path = path_method("_array_item")(path, 1);
  path = path_method("_map_item")(path, "k");
  EXPECT_TRUE(path_method("_path_equal")(
                  path, refl::AccessPath::Root()->Attr("a")->ArrayItem(1)->MapItem("k"))
                  .cast<bool>());
  Array<Any> steps = path_method("_to_steps")(path).cast<Array<Any>>();
  ASSERT_EQ(steps.size(), 3);
  Any again = path_method("_root")();
  for (const Any& step : steps) again = path_method("_extend")(again, step);
  EXPECT_TRUE(path_method("_path_equal")(path, again).cast<bool>());
  EXPECT_TRUE(path_method("_is_prefix_of")(path_method("_root")(), path).cast<bool>());
  EXPECT_FALSE(path_method("_is_prefix_of")(path, path_method("_root")()).cast<bool>());
}

TEST(AccessPathMethods, Repr) {
  Function print = Function::FromTyped([](AnyView value) {
    if (std::optional<int64_t> number = value.as<int64_t>()) {
      return String(std::to_string(*number));
    }
    return String("\"" + std::string(value.cast<String>()) + "\"");
  });
  Any path = refl::AccessPath::Root()->Attr("config")->ArrayItem(0)->MapItem("name");
  path = path_method("_attr_missing")(path, "weights");
  path = path_method("_array_item_missing")(path, 3);
  path = path_method("_map_item_missing")(path, "bias");
  Function repr = attr("ffi.reflection.AccessPath", "__ffi_repr__").cast<Function>();
  EXPECT_EQ(repr(path, print).cast<String>(),
            R"(<root>.config[0]["name"][<missing:"weights">][<missing:3>][<missing:"bias">])");
  Function step_repr = attr("ffi.reflection.AccessStep", "__ffi_repr__").cast<Function>();
  EXPECT_EQ(step_repr(refl::AccessStep::Attr("a"), print).cast<String>(), ".a");
}

// ---- Conversion --------------------------------------------------------------------------------

Any convert(const char* key, AnyView value) {
  return attr(key, "__ffi_convert__").cast<Function>()(value);
}

TEST(BuiltinConvert, TakesWhatFits) {
  EXPECT_EQ(convert("ffi.Object", nullptr), nullptr);
  EXPECT_EQ(convert("ffi.String", "text").cast<String>(), "text");
  EXPECT_EQ(convert("ffi.Bytes", Bytes("abc", 3)).cast<Bytes>().size(), 3);
  EXPECT_EQ(convert("ffi.Error", Error("ValueError", "m", "")).cast<Error>().kind(), "ValueError");
  EXPECT_EQ(convert("ffi.Function", nullptr), nullptr);
  EXPECT_EQ(convert("ffi.Shape", Array<Any>{1, 2}).cast<Shape>().size(), 2);
  EXPECT_EQ(convert("ffi.Tensor", nullptr), nullptr);
  EXPECT_EQ(convert("ffi.Array", List<Any>{1}).type_index(), kTVMFFIArray);
  EXPECT_EQ(convert("ffi.List", Array<Any>{1}).type_index(), kTVMFFIList);
  EXPECT_EQ(convert("ffi.Map", Dict<Any, Any>{{1, 2}}).type_index(), kTVMFFIMap);
  EXPECT_EQ(convert("ffi.Dict", Map<Any, Any>{{1, 2}}).type_index(), kTVMFFIDict);
}

TEST(BuiltinConvert, RefusesWhatDoesNot) {
  const std::pair<const char*, const char*> names[] = {
      {"ffi.String", "str"},         {"ffi.Bytes", "bytes"},
      {"ffi.Error", "ffi.Error"},    {"ffi.Function", "ffi.Function"},
      {"ffi.Shape", "ffi.Shape"},    {"ffi.Tensor", "ffi.Tensor"},
      {"ffi.Array", "Array<Any>"},   {"ffi.List", "List<Any>"},
      {"ffi.Map", "Map<Any, Any>"},  {"ffi.Dict", "Dict<Any, Any>"},
      {"ffi.Object", "ffi.Object"},  {"ffi.IntEnum", "ffi.IntEnum"},
      {"ffi.StrEnum", "ffi.StrEnum"}};
  for (const auto& [key, name] : names) {
    const char* type_key = key;
    EXPECT_EQ(error_of([&] { convert(type_key, 1); }),
              "TypeError: Cannot cast from `int` to `" + std::string(name) + "`");
  }
}

// ---- Enums -------------------------------------------------------------------------------------

TEST(BuiltinEnum, StateStartsEmpty) {
  Any state = attr("ffi.EnumState", "__ffi_init__").cast<Function>()();
  const auto* object = state.cast<const EnumStateObj*>();
  EXPECT_EQ(object->entries.size(), 0);
  EXPECT_EQ(object->indexes.size(), 0);
  EXPECT_EQ(object->attrs.size(), 0);
}

// The value of a member and its index share their storage.
TEST(BuiltinEnum, ValueIsTheIndex) {
  Any member = call("ffi.MakeObjectFromPackedArgs", "ffi.StrEnum", "_int_index", 4, "_str_index",
                    "first", "value", "second");
  EXPECT_EQ(member.cast<const EnumObj*>()->_int_index, 4);
  EXPECT_EQ(member.cast<const EnumObj*>()->_str_index, "second");
}

}  // namespace
