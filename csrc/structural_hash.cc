// SPDX-License-Identifier: Apache-2.0
//
// `ffi.StructuralHash`: values that are structurally equal have equal hashes.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/container/tensor.h>
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
#include "recursive.h"
#include "structural.h"

namespace tvm::ffi::library {
namespace {

using Region = TVMFFIDefRegionKind;

uint64_t payload_hash(const Any& value, uint64_t payload) {
  return combine(static_cast<uint64_t>(value.type_index()), payload);
}

// Of a value whose hash depends on nothing but its content.
std::optional<uint64_t> content_hash(const Any& value) {
  const TVMFFIAny* cell = detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value);
  switch (cell->type_index) {
    case kTVMFFIFloat: {
      if (!std::isnan(cell->v_float64)) return payload_hash(value, cell->v_uint64);
      uint64_t bits;
      const double nan = std::numeric_limits<double>::quiet_NaN();
      std::memcpy(&bits, &nan, sizeof(bits));
      return payload_hash(value, bits);
    }
    case kTVMFFISmallStr:
    case kTVMFFIStr:
      return text_hash(kTVMFFIStr, value.cast<String>());
    case kTVMFFIBytes:
      return text_hash(kTVMFFIBytes, value.cast<Bytes>());
    case kTVMFFIBigInt: {
      const TVMFFIByteArray words = TVMFFIBigIntGetContentByteArray(cell);
      return payload_hash(value, detail::StableHashBytes(words.data, words.size));
    }
    default:
      if (is_object(value)) return std::nullopt;
      return payload_hash(value, cell->v_uint64);
  }
}

uint64_t tensor_hash(const TensorObj* tensor, bool skip_content) {
  uint64_t hash = combine(type_hash(kTVMFFITensor), static_cast<int64_t>(tensor->ndim));
  for (int32_t i = 0; i < tensor->ndim; ++i) hash = combine(hash, tensor->shape[i]);
  uint32_t dtype;
  static_assert(sizeof(dtype) == sizeof(tensor->dtype));
  std::memcpy(&dtype, &tensor->dtype, sizeof(dtype));
  hash = combine(hash, static_cast<uint64_t>(dtype));
  if (skip_content) return hash;
  TVM_FFI_ICHECK_EQ(tensor->device.device_type, kDLCPU) << "can only hash CPU tensor";
  TVM_FFI_ICHECK(IsContiguous(*tensor)) << "Can only hash contiguous tensor";
  const char* data = static_cast<const char*>(tensor->data) + tensor->byte_offset;
  return combine(hash, detail::StableHashBytes(data, GetDataSize(*tensor)));
}

class StructuralHasher : public std::enable_shared_from_this<StructuralHasher> {
 public:
  explicit StructuralHasher(bool skip_tensor_content) : skip_tensor_content_(skip_tensor_content) {}

  uint64_t hash(const Any& root, Region region) {
    const Unwind unwind{this, frames_.size()};
    std::optional<uint64_t> result = enter(root, region);
    while (!result.has_value() || frames_.size() > unwind.depth) {
      if (result.has_value()) add(&frames_.back(), *result);
      result = advance();
    }
    return *result;
  }

 private:
  // An entry of a map that counts.
  struct Entry {
    uint64_t key_hash;
    Any value;
  };

  // A container or object being hashed.
  struct Frame {
    Frame(Any any_value, Region any_region)
        : value(std::move(any_value)),
          type(TVMFFIGetTypeInfo(value.type_index())),
          fields(type),
          region(any_region),
          hash(type->type_key_hash) {}

    Any value;
    const TVMFFITypeInfo* type;
    detail::StructuralFieldCursor fields;
    TVMFFISEqHashKind kind = kTVMFFISEqHashKindUnsupported;  // of objects that are no containers
    Region region;                                           // the one the value is in
    uint64_t hash;
    size_t next = 0;             // element or entry
    std::vector<Entry> entries;  // of a map
    // Whether hashing it again in this run gives the same.
    bool is_settled = true;
  };

  // Forgets what was being hashed, also after an error.
  struct Unwind {
    ~Unwind() {
      auto& frames = hasher->frames_;
      frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(depth), frames.end());
    }
    StructuralHasher* hasher;
    size_t depth;
  };

  // The hash, or nothing if a frame was begun to find it.
  std::optional<uint64_t> enter(const Any& value, Region region) {
    if (std::optional<uint64_t> hash = content_hash(value)) return hash;
    if (value.type_index() == kTVMFFIShape) return shape_hash(value.as<ShapeObj>());
    if (value.type_index() == kTVMFFITensor) {
      return tensor_hash(value.as<TensorObj>(), skip_tensor_content_);
    }
    if (auto known = finished_.find(value.as<Object>()); known != finished_.end()) {
      return known->second.hash;
    }
    check_nesting("StructuralHash", frames_.size() + 1);
    Frame frame(value, region);
    if (const SeqBaseObj* sequence = as_sequence(value)) {
      frame.hash = combine(frame.hash, sequence->size());
    } else if (const MapBaseObj* map = as_map(value)) {
      frame.hash = combine(frame.hash, map->size());
      take_entries(map, &frame);
    } else {
      frame.kind = structural_kind(frame.type);
      if (frame.kind == kTVMFFISEqHashKindFreeVar && region == kTVMFFIDefRegionKindNone) {
        return remember(value, reinterpret_cast<uintptr_t>(
                                   detail::ObjectUnsafe::GetHeader(value.as<Object>())));
      }
      return enter_object(std::move(frame));
    }
    frames_.push_back(std::move(frame));
    return std::nullopt;
  }

  std::optional<uint64_t> enter_object(Frame frame) {
    auto hook = type_attr_of<type_attr::kSHash>(frame.type->type_index);
    frames_.push_back(std::move(frame));
    if (!hook.has_value()) return std::nullopt;
    const Frame& own = frames_.back();
    const Any value = own.value;
    const Region inner = detail::InnerDefRegion(own.region, own.kind);
    const int64_t result =
        (*hook)(value.as<Object>(), static_cast<int64_t>(own.hash), part_hasher(inner));
    frames_.back().hash = static_cast<uint64_t>(result);
    return leave();
  }

  // Takes up the next part of the innermost frame, or finishes it.
  std::optional<uint64_t> advance() {
    Frame& frame = frames_.back();
    if (const SeqBaseObj* sequence = as_sequence(frame.value)) {
      if (frame.next >= sequence->size()) return leave();
      const Any item = sequence->begin()[frame.next++];
      return enter(item, frame.region);
    }
    if (as_map(frame.value) != nullptr) return advance_map(&frame);
    const TVMFFIFieldInfo* field = frame.fields.Next();
    if (field == nullptr) return leave();
    const Any value = reflection::FieldGetter(field)(frame.value.as<Object>());
    const Region inner = detail::InnerDefRegion(frame.region, frame.kind);
    return enter(value, detail::FieldDefRegion(inner, field));
  }

  // Entries count in the order of the hashes of their keys. What has several keys with one hash
  // could be ordered either way, so of these only the hash counts.
  std::optional<uint64_t> advance_map(Frame* frame) {
    std::vector<Entry>& entries = frame->entries;
    while (frame->next < entries.size()) {
      const size_t first = frame->next;
      const uint64_t key_hash = entries[first].key_hash;
      while (frame->next < entries.size() && entries[frame->next].key_hash == key_hash) {
        ++frame->next;
      }
      frame->hash = combine(frame->hash, key_hash);
      if (frame->next == first + 1) {
        const Any value = std::move(entries[first].value);
        return enter(value, frame->region);
      }
    }
    return leave();
  }

  // Keys whose hash may depend on when they are met do not count.
  void take_entries(const MapBaseObj* map, Frame* frame) {
    for (const auto& [key, value] : *map) {
      std::optional<uint64_t> key_hash = content_hash(key);
      if (!key_hash.has_value()) {
        auto known = finished_.find(key.as<Object>());
        if (known != finished_.end() && known->second.is_object) {
          key_hash = known->second.hash;
        } else {
          frame->is_settled = false;  // the key may be hashed elsewhere before the map comes again
        }
      }
      if (key_hash.has_value()) frame->entries.push_back({*key_hash, value});
    }
    std::stable_sort(
        frame->entries.begin(), frame->entries.end(),
        [](const Entry& lhs, const Entry& rhs) { return lhs.key_hash < rhs.key_hash; });
  }

  static void add(Frame* frame, uint64_t part_hash) {
    frame->hash = combine(frame->hash, part_hash);
  }

  uint64_t leave() {
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    uint64_t hash = frame.hash;
    if (frame.kind == kTVMFFISEqHashKindUnsupported) {
      if (frame.is_settled) {
        // It is referred to by the frame, by where it was found, and perhaps by others.
        if (frame.value.as<Object>()->use_count() > 2)
          finished_[frame.value.as<Object>()] = {frame.value, hash, false};
      } else if (!frames_.empty()) {
        frames_.back().is_settled = false;
      }
      return hash;
    }
    if (frame.kind == kTVMFFISEqHashKindFreeVar) hash = combine(hash, num_variables_++);
    if (frame.kind == kTVMFFISEqHashKindDAGNode) hash = combine(hash, num_nodes_++);
    return remember(frame.value, hash);
  }

  uint64_t remember(const Any& object, uint64_t hash) {
    finished_[object.as<Object>()] = {object, hash, true};
    return hash;
  }

  // For hooks. It may be kept, so it keeps this hasher.
  TypedFunction<int64_t(AnyView, int64_t, int)> part_hasher(Region region) {
    return [self = shared_from_this(), region](AnyView part, int64_t init, int kind) {
      const uint64_t hash = self->hash(Any(part), requested_region(region, kind));
      return static_cast<int64_t>(combine(static_cast<uint64_t>(init), hash));
    };
  }

  struct Finished {
    Any value;  // held so that no other object takes its address
    uint64_t hash;
    bool is_object;  // not a container
  };

  bool skip_tensor_content_;
  std::vector<Frame> frames_;
  std::unordered_map<const Object*, Finished> finished_;
  uint64_t num_variables_ = 0;  // bound so far
  uint64_t num_nodes_ = 0;      // DAG nodes finished so far
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def(
      "ffi.StructuralHash", [](const Any& value, bool map_free_vars, bool skip_tensor_content) {
        auto hasher = std::make_shared<StructuralHasher>(skip_tensor_content);
        return static_cast<int64_t>(hasher->hash(value, initial_region(map_free_vars)));
      });
}

}  // namespace
}  // namespace tvm::ffi::library
