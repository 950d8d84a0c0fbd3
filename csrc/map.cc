// SPDX-License-Identifier: Apache-2.0
//
// Maps and dicts for callers that hold nothing but a handle: `ffi.Map*`, `ffi.Dict*`. Functions
// that change a dict take it as Dict<Any, Any>, so a Map may stand in for one; the change is then
// lost with the copy.
#include <tvm/ffi/cast.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <utility>

#include "internal.h"

namespace tvm::ffi::library {
namespace {

template <typename Container>
void make(PackedArgs args, Any* result) {
  TVM_FFI_ICHECK_EQ(args.size() % 2, 0) << "keys and values must alternate";
  Container container;
  for (int i = 0; i < args.size(); i += 2) container.Set(args[i], args[i + 1]);
  *result = std::move(container);
}

template <typename Obj>
int64_t size(const Obj* container) {
  return static_cast<int64_t>(container->size());
}

template <typename Obj>
Any get_item(const Obj* container, const Any& key) {
  return container->at(key);
}

template <typename Obj>
int64_t count(const Obj* container, const Any& key) {
  return static_cast<int64_t>(container->count(key));
}

template <typename Obj>
Any get_or_missing(const Obj* container, const Any& key) {
  auto it = container->find(key);
  if (it != container->end()) return it->second;
  return ObjectRef(detail::ObjectUnsafe::ObjectPtrFromUnowned<Object>(missing_object()));
}

// Walks entries in order: f(0) is the key, f(1) the value, any other number goes on to the next
// entry and says whether there is one. Nothing but the cursor may change the entries.
class Cursor {
 public:
  explicit Cursor(ObjectPtr<Object> owner)
      : owner_(std::move(owner)),
        entries_(static_cast<const MapBaseObj*>(owner_.get())),
        at_(entries_->begin()) {}

  Any operator()(int64_t command) {
    switch (command) {
      case 0:
        return entry().first;
      case 1:
        return entry().second;
      default:
        if (at_ != entries_->end()) ++at_;
        return at_ != entries_->end();
    }
  }

 private:
  const MapBaseObj::KVType& entry() const {
    if (at_ == entries_->end()) {
      TVM_FFI_THROW(IndexError) << "The iterator is past the last entry";
    }
    return *at_;
  }

  ObjectPtr<Object> owner_;
  const MapBaseObj* entries_;
  MapBaseObj::iterator at_;
};

// The cursor's reference makes the map shared, and a shared map is never changed in place.
Function iterate_map(const MapObj* map) {
  return Function::FromTyped(Cursor(GetObjectPtr<Object>(const_cast<MapObj*>(map))));
}

// A dict may change while it is iterated, so the cursor walks a copy made now.
Function iterate_dict(const DictObj* dict) {
  return Function::FromTyped(Cursor(DictObj::ShallowCopy(dict)));
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def_packed("ffi.Map", make<Map<Any, Any>>)
      .def("ffi.MapSize", size<MapObj>)
      .def("ffi.MapGetItem", get_item<MapObj>)
      .def("ffi.MapCount", count<MapObj>)
      .def("ffi.MapGetItemOrMissing", get_or_missing<MapObj>)
      .def("ffi.MapForwardIterFunctor", iterate_map)
      .def_packed("ffi.Dict", make<Dict<Any, Any>>)
      .def("ffi.DictSize", size<DictObj>)
      .def("ffi.DictGetItem", get_item<DictObj>)
      .def("ffi.DictCount", count<DictObj>)
      .def("ffi.DictGetItemOrMissing", get_or_missing<DictObj>)
      .def("ffi.DictForwardIterFunctor", iterate_dict)
      .def("ffi.DictSetItem",
           [](Dict<Any, Any> dict, const Any& key, const Any& value) { dict.Set(key, value); })
      .def("ffi.DictErase", [](Dict<Any, Any> dict, const Any& key) { dict.erase(key); })
      .def("ffi.DictClear", [](Dict<Any, Any> dict) { dict.clear(); });
}

}  // namespace
}  // namespace tvm::ffi::library
