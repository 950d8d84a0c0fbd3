// SPDX-License-Identifier: Apache-2.0
//
// Containers the library makes, changed here, and the reverse: both sides work on the memory of the
// other's objects. So do text, tensors and errors that are made here.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/container/tuple.h>
#include <tvm/ffi/extra/visit_error_context.h>
#include <tvm/ffi/function.h>

#include <gtest/gtest.h>

#include <string>

#include "../number_object.h"
#include "map_view.h"

namespace {

using namespace tvm::ffi;
using namespace map_view;
using namespace number;

Function Global(const char* name) { return Function::GetGlobalRequired(name); }

TEST(Mixed, AListOfTheLibraryGrowsHereAndThere) {
  List<Any> list = Global("ffi.List")(1, 2).cast<List<Any>>();
  Function append = Global("ffi.ListAppend");
  for (int i = 0; i < 50; ++i) {
    list.push_back(Int(i));
    append(list, Int(i));
  }
  EXPECT_EQ(list.size(), 102U);
  Global("ffi.ListErase")(list, 0);
  list.erase(list.begin(), list.begin() + 60);
  Global("ffi.ListClear")(list);
  EXPECT_EQ(IntObj::live, 0);
  list.push_back(3);
  EXPECT_EQ(Global("ffi.ListGetItem")(list, 0).cast<int>(), 3);
}

TEST(Mixed, AListMadeHereGrowsInTheLibrary) {
  List<Any> list;
  Function append = Global("ffi.ListAppend");
  for (int i = 0; i < 20; ++i) append(list, i);
  Global("ffi.ListReverse")(list);
  list.reserve(100);
  EXPECT_EQ(list[0].cast<int>(), 19);
  EXPECT_EQ(list.size(), 20U);
}

TEST(Mixed, AnArrayOfTheLibraryIsAppendedToInPlace) {
  Array<Any> array = Global("ffi.Array")(1, 2, 3).cast<Array<Any>>();
  EXPECT_EQ(array.use_count(), 1);
  for (int i = 0; i < 10; ++i) array.push_back(Int(i));
  EXPECT_EQ(Global("ffi.ArraySize")(array).cast<int>(), 13);
  array.clear();
  EXPECT_EQ(IntObj::live, 0);
}

// Both sides insert and erase by turns; the table is consistent at every step.
template <typename DictT>
void GrowByTurns(DictT dict, int n) {
  Function set = Global("ffi.DictSetItem");
  Function erase = Global("ffi.DictErase");
  const Object* object = dict.get();
  const size_t size = dict.size();
  for (int i = 0; i < n; ++i) {
    Any key = i % 3 == 0 ? Any(i) : Any(String("key " + std::to_string(i)));
    if (i % 2 == 0) {
      dict.Set(key, Int(i));
    } else {
      set(dict, key, Int(i));
    }
    ASSERT_EQ(dict.get(), object);
    ASSERT_EQ(dict.at(key).template as<IntObj>()->value, i);
    ASSERT_EQ(Global("ffi.DictGetItem")(dict, key).template as<IntObj>()->value, i);
    ASSERT_NO_FATAL_FAILURE(CheckIfDense(FieldsOf(dict)));
  }
  for (int i = 0; i < n; i += 2) {
    Any key = i % 3 == 0 ? Any(i) : Any(String("key " + std::to_string(i)));
    if (i % 4 == 0) {
      dict.erase(key);
    } else {
      erase(dict, key);
    }
    ASSERT_NO_FATAL_FAILURE(CheckIfDense(FieldsOf(dict)));
  }
  ASSERT_EQ(dict.size(), size + static_cast<size_t>(n / 2));
}

TEST(Mixed, DictsGrowByTurns) {
  for (int n : {2, 4, 6, 20, 200}) {
    GrowByTurns(Global("ffi.Dict")().cast<Dict<Any, Any>>(), n);
    GrowByTurns(Dict<Any, Any>(), n);
    EXPECT_EQ(IntObj::live, 0);
  }
  GrowByTurns(Global("ffi.Dict")("a", 1, "b", 2, "c", 3, "d", 4).cast<Dict<Any, Any>>(), 8);
}

TEST(Mixed, AMapOfTheLibraryIsChangedInPlace) {
  for (int n : {0, 1, 2, 3, 4, 5, 10}) {
    std::vector<AnyView> entries;
    for (int i = 0; i < n; ++i) entries.insert(entries.end(), {AnyView(i), AnyView(i * 2)});
    Any result;
    Global("ffi.Map").CallPacked(entries.data(), static_cast<int32_t>(entries.size()), &result);
    Map<Any, Any> map = std::move(result).cast<Map<Any, Any>>();
    ASSERT_EQ(map.use_count(), 1);
    for (int i = 0; i < 30; ++i) map.Set(i, Int(i));
    ASSERT_EQ(map.size(), 30U);
    Function get = Global("ffi.MapGetItem");
    for (int i = 0; i < 30; ++i) ASSERT_EQ(get(map, i).as<IntObj>()->value, i);
    for (int i = 0; i < 30; i += 2) map.erase(i);
    ASSERT_NO_FATAL_FAILURE(CheckDense(FieldsOf(map)));
    ASSERT_EQ(Global("ffi.MapSize")(map).cast<int>(), 15);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Mixed, KeysOfEitherSideAreFound) {
  Map<Any, Any> map;
  for (int i = 0; i < 10; ++i) map.Set(String("k" + std::to_string(i)), i);
  map.Set("a considerably longer key", 1);
  Function count = Global("ffi.MapCount");
  EXPECT_EQ(count(map, "k3").cast<int>(), 1);
  EXPECT_EQ(count(map, String(std::string("k3"))).cast<int>(), 1);
  EXPECT_EQ(count(map, "a considerably longer key").cast<int>(), 1);
  EXPECT_EQ(count(map, Bytes("k3", 2)).cast<int>(), 0);
}

TEST(Mixed, TextMadeHereIsReadThere) {
  for (const char* text : {"k", "a considerably longer text"}) {
    // Both of them objects, the first although it is short.
    List<Any> list{String(std::string(text)), Bytes(std::string(text))};
    EXPECT_EQ(Global("ffi.ListContains")(list, text).cast<bool>(), true);
    EXPECT_EQ(Global("ffi.ListContains")(list, String(text)).cast<bool>(), true);
    EXPECT_EQ(Global("ffi.String")(list[0]).cast<String>(), text);
    Global("ffi.ListClear")(list);  // the last references
  }
}

struct CountedAlloc {
  void AllocData(DLTensor* tensor) {
    tensor->data = new char[GetDataSize(*tensor)];
    ++live;
  }
  void FreeData(DLTensor* tensor) {
    delete[] static_cast<char*>(tensor->data);
    --live;
  }
  static inline int live = 0;
};

TEST(Mixed, ATensorMadeHereDiesThere) {
  List<Any> list{Tensor::FromNDAlloc(CountedAlloc(), {2, 3}, DLDataType{kDLFloat, 32, 1},
                                     DLDevice{kDLCPU, 0})};
  EXPECT_EQ(Global("ffi.ReprPrint")(list).cast<String>(), "[float32[2, 3]@cpu:0]");
  TVMFFIObjectHandle tensor =
      detail::AnyUnsafe::RawObjectPtrFromAnyAfterCheck<Object>(list.front());
  DLManagedTensorVersioned* exported = nullptr;
  ASSERT_EQ(TVMFFITensorToDLPackVersioned(tensor, &exported), 0);
  Global("ffi.ListClear")(list);
  EXPECT_EQ(CountedAlloc::live, 1);
  exported->deleter(exported);
  EXPECT_EQ(CountedAlloc::live, 0);
}

// Not the class of errors that the headers and the library make.
class OwnErrorObj : public ErrorObj {
 public:
  OwnErrorObj() {
    TVMFFIErrorCell& cell = *this;
    cell.kind = TVMFFIByteArray{"OwnError", 8};
    cell.message = TVMFFIByteArray{"made here", 9};
    cell.backtrace = TVMFFIByteArray{"", 0};
    cell.update_backtrace = [](TVMFFIObjectHandle, const TVMFFIByteArray*, int32_t) {};
    ++live;
  }
  ~OwnErrorObj() { --live; }
  static inline int live = 0;
};

TEST(Mixed, AnErrorMadeHereIsAnnotatedThere) {
  Function fail = Function::FromTyped([](AnyView) {
    throw detail::ObjectUnsafe::ObjectRefFromObjectPtr<Error>(
        ObjectPtr<Object>(make_object<OwnErrorObj>()));
  });
  using Callback = Tuple<int, Function>;
  Array<Callback> callbacks{Callback(int{kTVMFFIInt}, fail)};
  Array<Any> root{1};
  try {
    Global("ffi.StructuralWalk")(root, callbacks, Array<Callback>(), 0);
    FAIL() << "no error";
  } catch (const Error& error) {
    EXPECT_EQ(error.kind() + ": " + error.message(), "OwnError: made here");
    EXPECT_EQ(OwnErrorObj::live, 1);  // the object itself, not a copy of its texts
    Optional<VisitErrorContext> context = VisitErrorContext::TryGetFromError(error);
    ASSERT_TRUE(context.has_value());
    EXPECT_TRUE((*context)->reverse_visit_pattern[0].same_as(root));
  }
  EXPECT_EQ(OwnErrorObj::live, 0);
}

}  // namespace
