// SPDX-License-Identifier: Apache-2.0
//
// `ffi.RecursiveHash`: values that compare equal have equal hashes.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "content_hash.h"
#include "internal.h"
#include "recursive.h"

namespace tvm::ffi::library {
namespace {

uint64_t float_hash(double value) {
  if (std::isnan(value)) value = std::numeric_limits<double>::quiet_NaN();
  if (value == 0.0) value = 0.0;  // not -0.0
  uint64_t bits;
  std::memcpy(&bits, &value, sizeof(bits));
  return combine(kTVMFFIFloat, bits);
}

// Of a value that is not taken apart.
std::optional<uint64_t> leaf_hash(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFIFloat:
      return float_hash(value.cast<double>());
    case kTVMFFIDataType: {
      const DLDataType dtype = value.cast<DLDataType>();
      return combine(combine(combine(kTVMFFIDataType, dtype.code), dtype.bits), dtype.lanes);
    }
    case kTVMFFIDevice: {
      const DLDevice device = value.cast<DLDevice>();
      return combine(combine(kTVMFFIDevice, static_cast<int64_t>(device.device_type)),
                     static_cast<int64_t>(device.device_id));
    }
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      return text_hash(kTVMFFIStr, value.cast<String>());
    case kTVMFFISmallBytes:
    case kTVMFFIBytes:
      return text_hash(kTVMFFIBytes, value.cast<Bytes>());
    case kTVMFFIShape:
      return shape_hash(value.as<ShapeObj>());
    default:
      if (is_object(value)) return std::nullopt;
      return combine(static_cast<uint64_t>(value.type_index()),
                     detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value)->v_uint64);
  }
}

[[noreturn]] void refuse_unhashable(const Object* object) {
  TVM_FFI_THROW(ValueError)
      << "RecursiveHash: type '" << object->GetTypeKey()
      << "' defines __ffi_eq__ or __ffi_compare__ but not __ffi_hash__. Add a __ffi_hash__ hook to "
         "maintain the invariant RecursiveEq(a,b) => RecursiveHash(a)==RecursiveHash(b).";
}

bool has_hash_off(const TVMFFIFieldInfo* field) {
  return (field->flags & (kTVMFFIFieldFlagBitMaskCompareOff | kTVMFFIFieldFlagBitMaskHashOff)) != 0;
}

// What a container or object consists of, as far as its hash goes.
struct Parts {
  explicit Parts(const Any& value) : hash(type_hash(value.type_index())) {
    if (const SeqBaseObj* sequence = as_sequence(value)) {
      kind = kSequence;
      values.assign(sequence->begin(), sequence->end());
      hash = combine(hash, values.size());
    } else if (const MapBaseObj* map = as_map(value)) {
      kind = kMap;
      for (const auto& [key, item] : *map) {
        values.push_back(key);
        values.push_back(item);
      }
      hash = combine(hash, map->size());
    } else {
      kind = kFields;
      reflection::ForEachFieldInfo(
          TVMFFIGetTypeInfo(value.type_index()), [&](const TVMFFIFieldInfo* field) {
            if (has_hash_off(field)) return;
            values.push_back(reflection::FieldGetter(field)(value.as<Object>()));
          });
    }
  }

  void add(uint64_t part_hash) {
    if (kind == kSequence) {
      hash = combine(hash, combine(part_hash, num_hashed));
    } else if (kind == kFields) {
      hash = combine(hash, part_hash);
    } else if (num_hashed % 2 == 0) {
      entry_hashes.push_back(part_hash);
    } else {
      entry_hashes.back() = combine(entry_hashes.back(), part_hash);
    }
    ++num_hashed;
  }

  // Entries of maps count in no particular order.
  uint64_t finish() {
    std::sort(entry_hashes.begin(), entry_hashes.end());
    for (uint64_t entry : entry_hashes) hash = combine(hash, entry);
    return hash;
  }

  enum Kind { kSequence, kMap, kFields } kind;
  std::vector<Any> values;
  size_t num_hashed = 0;
  uint64_t hash;
  std::vector<uint64_t> entry_hashes;  // of maps only
};

class Hasher : public std::enable_shared_from_this<Hasher> {
 public:
  uint64_t hash(const Any& root) {
    const Unwind unwind{this, frames_.size()};
    std::optional<uint64_t> result = enter(root);
    while (!result.has_value() || frames_.size() > unwind.depth) {
      Parts& parts = *frames_.back().parts;
      if (result.has_value()) parts.add(*result);
      result = parts.num_hashed < parts.values.size() ? enter(parts.values[parts.num_hashed])
                                                      : leave(parts.finish());
    }
    return *result;
  }

 private:
  // An object being hashed, by its parts or by its hook.
  struct Frame {
    Any value;
    std::unique_ptr<Parts> parts;  // NULL for a hook
    size_t lowest;  // of the frames the hash refers to, because it comes back to their objects
  };

  // Forgets what was being hashed, also after an error.
  struct Unwind {
    ~Unwind() {
      while (hasher->frames_.size() > depth) hasher->pop();
    }
    Hasher* hasher;
    size_t depth;
  };

  // The hash, or nothing if a frame was begun to find it.
  std::optional<uint64_t> enter(const Any& value) {
    if (std::optional<uint64_t> hash = leaf_hash(value)) return hash;
    const Object* object = value.as<Object>();
    if (auto known = finished_.find(object); known != finished_.end()) return known->second.hash;
    auto [open, is_new] = open_.emplace(object, frames_.size());
    if (!is_new) {
      frames_.back().lowest = std::min(frames_.back().lowest, open->second);
      return type_hash(value.type_index());
    }
    frames_.push_back({value, nullptr, frames_.size()});
    check_nesting("ObjectGraphDFS", frames_.size());
    if (auto hook = type_attr_of<type_attr::kHash>(value.type_index())) {
      return leave(static_cast<uint64_t>((*hook)(object, part_hasher())));
    }
    if (type_attr_of<type_attr::kEq>(value.type_index()) ||
        type_attr_of<type_attr::kCompare>(value.type_index())) {
      refuse_unhashable(object);
    }
    frames_.back().parts = std::make_unique<Parts>(value);
    return std::nullopt;
  }

  uint64_t leave(uint64_t hash) {
    Frame& frame = frames_.back();
    const size_t index = frames_.size() - 1;
    if (frame.lowest < index) {
      frames_[index - 1].lowest = std::min(frames_[index - 1].lowest, frame.lowest);
    } else {
      finished_[frame.value.as<Object>()] = {frame.value, hash};
    }
    pop();
    return hash;
  }

  void pop() {
    open_.erase(frames_.back().value.as<Object>());
    frames_.pop_back();
  }

  // For hooks. It may be kept, so it keeps this hasher.
  TypedFunction<int64_t(AnyView)> part_hasher() {
    return [self = shared_from_this()](AnyView part) {
      return static_cast<int64_t>(self->hash(Any(part)));
    };
  }

  struct Finished {
    Any value;  // held so that no other object takes its address
    uint64_t hash;
  };
  std::vector<Frame> frames_;
  std::unordered_map<const Object*, size_t> open_;  // their frames
  std::unordered_map<const Object*, Finished> finished_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi.RecursiveHash", [](const Any& value) {
    return static_cast<int64_t>(std::make_shared<Hasher>()->hash(value));
  });
}

}  // namespace
}  // namespace tvm::ffi::library
