// SPDX-License-Identifier: Apache-2.0
//
// `ffi.ContainerFindFirstNonCPUDevice`: where the tensors inside a container live.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/container/tensor.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <algorithm>
#include <unordered_set>
#include <vector>

namespace tvm::ffi::library {
namespace {

// Depth first and in order, over array and list items and over the values of maps and dicts. It
// neither recurses nor enters a container twice, so deep, shared and cyclic structures are all
// fine.
class DeviceSearch {
 public:
  DLDevice operator()(const Any& root) {
    add(root);
    while (!pending_.empty()) {
      const Any& value = *pending_.back();
      pending_.pop_back();
      if (const TensorObj* tensor = value.as<TensorObj>()) {
        if (tensor->device.device_type != kDLCPU) return tensor->device;
      } else {
        enter(value);
      }
    }
    return DLDevice{kDLCPU, 0};
  }

 private:
  void enter(const Any& value) {
    const size_t first = pending_.size();
    if (const ArrayObj* array = value.as<ArrayObj>()) {
      add_items(array);
    } else if (const ListObj* list = value.as<ListObj>()) {
      add_items(list);
    } else if (const MapObj* map = value.as<MapObj>()) {
      add_values(map);
    } else if (const DictObj* dict = value.as<DictObj>()) {
      add_values(dict);
    }
    std::reverse(pending_.begin() + first, pending_.end());  // the first one is taken up next
  }

  void add_items(const SeqBaseObj* sequence) {
    if (!entered_.insert(sequence).second) return;
    for (const Any& item : *sequence) add(item);
  }

  void add_values(const MapBaseObj* map) {
    if (!entered_.insert(map).second) return;
    for (const MapBaseObj::KVType& entry : *map) add(entry.second);
  }

  void add(const Any& value) {
    if (value.type_index() >= kTVMFFIStaticObjectBegin) pending_.push_back(&value);
  }

  std::vector<const Any*> pending_;  // the last one comes first; borrowed from their containers
  std::unordered_set<const Object*> entered_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi.ContainerFindFirstNonCPUDevice",
                              [](const Any& value) { return DeviceSearch()(value); });
}

}  // namespace
}  // namespace tvm::ffi::library
