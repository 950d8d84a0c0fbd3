// SPDX-License-Identifier: Apache-2.0
//
// Lists for callers that hold nothing but a handle: `ffi.List*`. Functions that change a list take
// it as List<Any>, so an Array may stand in for one; the change is then lost with the copy.
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>
#include <cstdint>
#include <vector>

namespace tvm::ffi::library {
namespace {

bool contains(const ListObj* list, const Any& value) {
  return std::any_of(list->begin(), list->end(),
                     [&](const Any& element) { return AnyEqual()(element, value); });
}

Any pop(List<Any> list, int64_t index) {
  Any removed = list.GetListObj()->at(index);
  list.GetListObj()->erase(index);
  return removed;
}

void reserve(List<Any> list, int64_t count) {
  constexpr int64_t kMaxCount = PTRDIFF_MAX / sizeof(Any);
  if (count > kMaxCount) {
    TVM_FFI_THROW(MemoryError) << "Cannot reserve room for " << count << " elements, at most "
                               << kMaxCount << " fit in the address space";
  }
  if (count > static_cast<int64_t>(list.size())) list.reserve(count);
}

void replace_slice(List<Any> list, int64_t first, int64_t last, const List<Any>& replacement) {
  ListObj* self = list.GetListObj();
  // The replacement may be the list itself, hence the copy.
  const std::vector<Any> added(replacement.begin(), replacement.end());
  list.reserve(static_cast<int64_t>(self->size() + added.size()));
  // Held until the list is whole again: dropping the last reference can run foreign code.
  std::vector<Any> removed;
  if (0 <= first && first < last && last <= static_cast<int64_t>(self->size())) {
    removed.assign(self->begin() + first, self->begin() + last);
  }
  self->erase(first, last);
  self->insert(first, added.begin(), added.end());
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def_packed("ffi.List",
                  [](PackedArgs args, Any* result) {
                    *result = List<Any>(args.data(), args.data() + args.size());
                  })
      .def("ffi.ListGetItem",
           [](const ListObj* list, int64_t index) -> Any { return list->at(index); })
      .def("ffi.ListSetItem",
           [](List<Any> list, int64_t index, Any value) { list.Set(index, std::move(value)); })
      .def("ffi.ListSize", [](const ListObj* list) { return static_cast<int64_t>(list->size()); })
      .def("ffi.ListContains", contains)
      .def("ffi.ListAppend", [](List<Any> list, const Any& value) { list.push_back(value); })
      .def("ffi.ListInsert", [](List<Any> list, int64_t index,
                                const Any& value) { list.insert(list.begin() + index, value); })
      .def("ffi.ListPop", pop)
      .def("ffi.ListErase", [](List<Any> list, int64_t index) { list.GetListObj()->erase(index); })
      .def("ffi.ListEraseRange", [](List<Any> list, int64_t first,
                                    int64_t last) { list.GetListObj()->erase(first, last); })
      .def("ffi.ListReplaceSlice", replace_slice)
      .def("ffi.ListReverse", [](List<Any> list) { list.GetListObj()->Reverse(); })
      .def("ffi.ListClear", [](List<Any> list) { list.clear(); })
      .def("ffi.ListReserve", reserve);
}

}  // namespace
}  // namespace tvm::ffi::library
