// SPDX-License-Identifier: Apache-2.0
//
// Everything that clients find in the library by name, with its signature: functions, and fields
// and methods of built-in types. What they do is tested elsewhere.
#include <gtest/gtest.h>
#include <tvm/ffi/extra/json.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/accessor.h>

#include <set>
#include <string>

#include "registered.h"

namespace {

using namespace tvm::ffi;
using registered::call;
namespace refl = reflection;

std::string Signature(const json::Object& schema);

std::string List(const json::Array& schemas) {
  std::string text;
  for (const Any& schema : schemas) {
    if (!text.empty()) text += ", ";
    text += Signature(schema.cast<json::Object>());
  }
  return text;
}

// A type schema in short: `ffi.List<Any>`, `(int, Any) -> bool`.
std::string Signature(const json::Object& schema) {
  std::string type = schema.at("type").cast<String>();
  if (schema.count("named_args") != 0) {
    json::Object named = schema.at("named_args").cast<json::Object>();
    return "(" + List(named.at("params").cast<json::Array>()) + ") -> " +
           List(named.at("return").cast<json::Array>());
  }
  if (schema.count("args") == 0) return type;
  return type + "<" + List(schema.at("args").cast<json::Array>()) + ">";
}

std::string SignatureIn(const String& metadata) {
  json::Object members = json::Parse(metadata).cast<json::Object>();
  EXPECT_EQ(members.size(), 1) << metadata;
  return Signature(json::Parse(members.at("type_schema").cast<String>()).cast<json::Object>());
}

std::string SignatureIn(const TVMFFIByteArray& metadata) {
  return SignatureIn(String(metadata.data, metadata.size));
}

struct FunctionRow {
  const char* name;
  const char* signature;  // `ffi.Function` for packed ones
};

const FunctionRow kFunctions[] = {
    // Objects and functions.
    {"ffi.GetRegisteredTypeKeys", "() -> ffi.Array<ffi.String>"},
    {"ffi.GetInvalidObject", "() -> ffi.Object"},
    {"ffi.GetKwargsObject", "() -> ffi.Object"},
    {"ffi.FunctionRemoveGlobal", "(ffi.String) -> bool"},
    {"ffi.FunctionListGlobalNamesFunctor", "() -> ffi.Function"},
    {"ffi.GetGlobalFuncMetadata", "(ffi.String) -> ffi.String"},
    {"ffi.FunctionFromExternC", "(void*, void*, void*) -> ffi.Function"},
    {"ffi.String", "(ffi.String) -> ffi.String"},
    {"ffi.Bytes", "(ffi.Bytes) -> ffi.Bytes"},
    {"ffi.Shape", "ffi.Function"},
    // Containers.
    {"ffi.Array", "ffi.Function"},
    {"ffi.ArrayContains", "(ffi.Array, Any) -> bool"},
    {"ffi.ArrayGetItem", "(ffi.Array, int) -> Any"},
    {"ffi.ArraySize", "(ffi.Array) -> int"},
    {"ffi.ContainerFindFirstNonCPUDevice", "(Any) -> Device"},
    {"ffi.Dict", "ffi.Function"},
    {"ffi.DictClear", "(ffi.Dict<Any, Any>) -> None"},
    {"ffi.DictCount", "(ffi.Dict, Any) -> int"},
    {"ffi.DictErase", "(ffi.Dict<Any, Any>, Any) -> None"},
    {"ffi.DictForwardIterFunctor", "(ffi.Dict) -> ffi.Function"},
    {"ffi.DictGetItem", "(ffi.Dict, Any) -> Any"},
    {"ffi.DictGetItemOrMissing", "(ffi.Dict, Any) -> Any"},
    {"ffi.DictSetItem", "(ffi.Dict<Any, Any>, Any, Any) -> None"},
    {"ffi.DictSize", "(ffi.Dict) -> int"},
    {"ffi.List", "ffi.Function"},
    {"ffi.ListAppend", "(ffi.List<Any>, Any) -> None"},
    {"ffi.ListClear", "(ffi.List<Any>) -> None"},
    {"ffi.ListContains", "(ffi.List, Any) -> bool"},
    {"ffi.ListErase", "(ffi.List<Any>, int) -> None"},
    {"ffi.ListEraseRange", "(ffi.List<Any>, int, int) -> None"},
    {"ffi.ListGetItem", "(ffi.List, int) -> Any"},
    {"ffi.ListInsert", "(ffi.List<Any>, int, Any) -> None"},
    {"ffi.ListPop", "(ffi.List<Any>, int) -> Any"},
    {"ffi.ListReplaceSlice", "(ffi.List<Any>, int, int, ffi.List<Any>) -> None"},
    {"ffi.ListReserve", "(ffi.List<Any>, int) -> None"},
    {"ffi.ListReverse", "(ffi.List<Any>) -> None"},
    {"ffi.ListSetItem", "(ffi.List<Any>, int, Any) -> None"},
    {"ffi.ListSize", "(ffi.List) -> int"},
    {"ffi.Map", "ffi.Function"},
    {"ffi.MapCount", "(ffi.Map, Any) -> int"},
    {"ffi.MapForwardIterFunctor", "(ffi.Map) -> ffi.Function"},
    {"ffi.MapGetItem", "(ffi.Map, Any) -> Any"},
    {"ffi.MapGetItemOrMissing", "(ffi.Map, Any) -> Any"},
    {"ffi.MapSize", "(ffi.Map) -> int"},
    // Modules.
    {"ffi.Module.load_from_file.so", "(ffi.String, ffi.String) -> ffi.Module"},
    {"ffi.ModuleClearImports", "(ffi.Module) -> None"},
    {"ffi.ModuleGetFunction", "(ffi.Module, ffi.String, bool) -> Optional<ffi.Function>"},
    {"ffi.ModuleGetFunctionDoc", "(ffi.Module, ffi.String, bool) -> Optional<ffi.String>"},
    {"ffi.ModuleGetFunctionMetadata", "(ffi.Module, ffi.String, bool) -> Optional<ffi.String>"},
    {"ffi.ModuleGetKind", "(ffi.Module) -> ffi.String"},
    {"ffi.ModuleGetPropertyMask", "(ffi.Module) -> int"},
    {"ffi.ModuleGetWriteFormats", "(ffi.Module) -> ffi.Array<ffi.String>"},
    {"ffi.ModuleGlobalsAdd", "(ffi.Module) -> None"},
    {"ffi.ModuleGlobalsRemove", "(ffi.Module) -> None"},
    {"ffi.ModuleImplementsFunction", "(ffi.Module, ffi.String, bool) -> bool"},
    {"ffi.ModuleImportModule", "(ffi.Module, ffi.Module) -> None"},
    {"ffi.ModuleInspectSource", "(ffi.Module, ffi.String) -> ffi.String"},
    {"ffi.ModuleLoadFromFile", "(ffi.String) -> ffi.Module"},
    {"ffi.ModuleWriteToFile", "(ffi.Module, ffi.String, ffi.String) -> None"},
    {"ffi.SystemLib", "ffi.Function"},
    // Reflection and whole values.
    {"ffi.MakeObjectFromPackedArgs", "ffi.Function"},
    {"ffi._RegisterFFIInit", "(int) -> None"},
    {"ffi._PyClassRegisterTypeAttrColumns", "(int, int) -> None"},
    {"ffi.MakeFieldGetter", "(int) -> int"},
    {"ffi.MakeFieldSetter", "(int, int, int) -> ffi.Function"},
    {"ffi.DeepCopy", "(Any) -> Any"},
    {"ffi.ReprPrint", "(Any) -> ffi.String"},
    {"ffi.RecursiveHash", "(Any) -> int"},
    {"ffi.RecursiveEq", "(Any, Any) -> bool"},
    {"ffi.RecursiveLt", "(Any, Any) -> bool"},
    {"ffi.RecursiveLe", "(Any, Any) -> bool"},
    {"ffi.RecursiveGt", "(Any, Any) -> bool"},
    {"ffi.RecursiveGe", "(Any, Any) -> bool"},
    // JSON.
    {"ffi.json.Parse", "(ffi.String) -> Any"},
    {"ffi.json.Stringify", "(Any, Optional<int>) -> ffi.String"},
    {"ffi.ToJSONGraph", "(Any, Any) -> Any"},
    {"ffi.ToJSONGraphString", "(Any, Any) -> ffi.String"},
    {"ffi.FromJSONGraph", "(Any) -> Any"},
    {"ffi.FromJSONGraphString", "(ffi.String) -> Any"},
    // Structural operations.
    {"ffi.GetFirstStructuralMismatch",
     "(Any, Any, bool, bool) -> Optional<Tuple<ffi.reflection.AccessPath, "
     "ffi.reflection.AccessPath>>"},
    {"ffi.StructuralEqual", "(Any, Any, bool, bool) -> bool"},
    {"ffi.StructuralHash", "(Any, bool, bool) -> int"},
    {"ffi.StructuralKey", "(Any) -> ffi.StructuralKey"},
    {"ffi.StructuralKeyEqual", "(Any, Any) -> bool"},
    {"ffi.StructuralMap",
     "(Any, ffi.Array<Tuple<int, ffi.Function>>, ffi.Array<Tuple<int, ffi.Function>>, int) -> Any"},
    {"ffi.StructuralMutate", "(Any, ffi.Array<Tuple<int, ffi.Function, bool>>) -> Any"},
    {"ffi.StructuralMutatorDefRegionKind", "(ffi.StructuralMutator) -> int"},
    {"ffi.StructuralMutatorDefaultMutate", "(ffi.StructuralMutator, Any) -> Any"},
    {"ffi.StructuralMutatorMutate", "(ffi.StructuralMutator, Any) -> Any"},
    {"ffi.StructuralMutatorVarRemapGet", "(ffi.StructuralMutator, Any) -> Any"},
    {"ffi.StructuralMutatorVarRemapSet", "(ffi.StructuralMutator, Any, Any) -> None"},
    {"ffi.StructuralMutatorWithDefRegionKind", "(ffi.StructuralMutator, int, ffi.Function) -> Any"},
    {"ffi.StructuralVisit",
     "(Any, ffi.Array<Tuple<int, ffi.Function>>) -> Optional<ffi.VisitInterrupt>"},
    {"ffi.StructuralVisitorDefRegionKind", "(ffi.StructuralVisitor) -> int"},
    {"ffi.StructuralVisitorDefaultVisit",
     "(ffi.StructuralVisitor, Any) -> Optional<ffi.VisitInterrupt>"},
    {"ffi.StructuralVisitorVisit", "(ffi.StructuralVisitor, Any) -> Optional<ffi.VisitInterrupt>"},
    {"ffi.StructuralVisitorWithDefRegionKind", "(ffi.StructuralVisitor, int, ffi.Function) -> Any"},
    {"ffi.StructuralWalk",
     "(Any, ffi.Array<Tuple<int, ffi.Function>>, ffi.Array<Tuple<int, ffi.Function>>, int) -> "
     "Optional<ffi.VisitInterrupt>"},
    {"ffi.VisitErrorContext.FindAccessPaths",
     "(ffi.Object, ffi.VisitErrorContext, bool) -> ffi.Array<ffi.reflection.AccessPath>"},
    {"ffi.VisitInterrupt", "(Any) -> ffi.VisitInterrupt"},
};

TEST(RegisteredNames, FunctionsHaveTheirSignatures) {
  for (const FunctionRow& row : kFunctions) {
    ASSERT_TRUE(Function::GetGlobal(row.name).has_value()) << row.name;
    EXPECT_EQ(SignatureIn(call("ffi.GetGlobalFuncMetadata", row.name).cast<String>()),
              row.signature)
        << row.name;
  }
}

TEST(RegisteredNames, AreAllListed) {
  std::set<std::string> names;
  for (const String& name : Function::ListGlobalNames()) names.insert(name);
  for (const FunctionRow& row : kFunctions) EXPECT_EQ(names.count(row.name), 1U) << row.name;
}

struct MemberRow {
  const char* type;
  const char* name;
  const char* signature;
};

const MemberRow kFields[] = {
    {"ffi.Enum", "_int_index", "int"},
    {"ffi.Enum", "_str_index", "ffi.String"},
    {"ffi.EnumState", "entries", "ffi.List<ffi.Object>"},
    {"ffi.EnumState", "indexes", "ffi.Dict<Any, ffi.Object>"},
    {"ffi.EnumState", "attrs", "ffi.Dict<ffi.String, ffi.Dict<ffi.Object, Any>>"},
    {"ffi.IntEnum", "value", "int"},
    {"ffi.Module", "imports_", "ffi.Array<Any>"},
    {"ffi.StrEnum", "value", "ffi.String"},
    {"ffi.StructuralKey", "key", "Any"},
    {"ffi.StructuralKey", "hash_i64", "int"},
    {"ffi.VisitErrorContext", "reverse_visit_pattern", "ffi.List<ffi.Object>"},
    {"ffi.VisitErrorContext", "prev_error_context", "Optional<ffi.Object>"},
    {"ffi.VisitInterrupt", "value", "Any"},
    {"ffi.reflection.AccessPath", "parent", "Optional<ffi.Object>"},
    {"ffi.reflection.AccessPath", "step", "Optional<ffi.reflection.AccessStep>"},
    {"ffi.reflection.AccessPath", "depth", "int"},
    {"ffi.reflection.AccessStep", "kind", "int"},
    {"ffi.reflection.AccessStep", "key", "Any"},
};

const MemberRow kMethods[] = {
    {"ffi.EnumState", "__ffi_init__", "() -> ffi.Object"},
    {"ffi.StructuralKey", "__ffi_init__", "(Any) -> ffi.Object"},
    {"ffi.reflection.AccessPath", "_root", "() -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_extend",
     "(ffi.reflection.AccessPath, ffi.reflection.AccessStep) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_attr",
     "(ffi.reflection.AccessPath, ffi.String) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_array_item",
     "(ffi.reflection.AccessPath, int) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_map_item",
     "(ffi.reflection.AccessPath, Any) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_attr_missing",
     "(ffi.reflection.AccessPath, ffi.String) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_array_item_missing",
     "(ffi.reflection.AccessPath, int) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_map_item_missing",
     "(ffi.reflection.AccessPath, Any) -> ffi.reflection.AccessPath"},
    {"ffi.reflection.AccessPath", "_is_prefix_of",
     "(ffi.reflection.AccessPath, ffi.reflection.AccessPath) -> bool"},
    {"ffi.reflection.AccessPath", "_to_steps",
     "(ffi.reflection.AccessPath) -> ffi.Array<ffi.reflection.AccessStep>"},
    {"ffi.reflection.AccessPath", "_path_equal",
     "(ffi.reflection.AccessPath, ffi.reflection.AccessPath) -> bool"},
};

TEST(RegisteredNames, FieldsHaveTheirTypes) {
  for (const MemberRow& row : kFields) {
    EXPECT_EQ(SignatureIn(refl::GetFieldInfo(row.type, row.name)->metadata), row.signature)
        << row.type << "." << row.name;
  }
}

TEST(RegisteredNames, MethodsHaveTheirSignatures) {
  for (const MemberRow& row : kMethods) {
    EXPECT_EQ(SignatureIn(refl::GetMethodInfo(row.type, row.name)->metadata), row.signature)
        << row.type << "." << row.name;
  }
}

}  // namespace
