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

// Of a value whose hash depends on nothing but its content; runs no foreign code. False for others.
bool content_hash(const Any& value, uint64_t* hash) {
  const TVMFFIAny* cell = detail::AnyUnsafe::TVMFFIAnyPtrFromAny(value);
  const auto of_type = [hash](int32_t type_index, uint64_t content) {
    *hash = combine(static_cast<uint64_t>(type_index), content);
    return true;
  };
  const auto of_bytes = [&](int32_t type_index, const TVMFFIByteArray& bytes) {
    return of_type(type_index, detail::StableHashBytes(bytes.data, bytes.size));
  };
  switch (cell->type_index) {
    case kTVMFFIFloat: {
      if (!std::isnan(cell->v_float64)) return of_type(kTVMFFIFloat, cell->v_uint64);
      uint64_t bits;
      const double nan = std::numeric_limits<double>::quiet_NaN();
      std::memcpy(&bits, &nan, sizeof(bits));
      return of_type(kTVMFFIFloat, bits);
    }
    case kTVMFFISmallStr:
      return of_type(kTVMFFIStr, detail::StableHashSmallStrBytes(cell));
    case kTVMFFIStr:
    case kTVMFFIBytes:
      return of_bytes(cell->type_index, *TVMFFIBytesGetByteArrayPtr(cell->v_obj));
    case kTVMFFIBigInt:
      return of_bytes(kTVMFFIBigInt, TVMFFIBigIntGetContentByteArray(cell));
    default:
      return !is_object(value) && of_type(cell->type_index, cell->v_uint64);
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
    const Unwind unwind{this, frames_.size(), entries_.size()};
    std::optional<uint64_t> result = enter(root, region);
    while (!result.has_value() || frames_.size() > unwind.depth) {
      if (result.has_value()) add(&frames_.back(), *result);
      result = advance();
    }
    return *result;
  }

 private:
  // An entry of a map that counts. The value is kept unless its hash is known.
  struct Entry {
    uint64_t key_hash;
    uint64_t value_hash;
    std::optional<Any> value;
  };

  // A container or object being hashed.
  struct Frame {
    Frame(const Any& any_value, Region any_region, size_t next_entry)
        : value(any_value),
          type(TVMFFIGetTypeInfo(value.type_index())),
          fields(type),
          region(any_region),
          hash(type->type_key_hash),
          first_entry(next_entry) {}

    Any value;
    const TVMFFITypeInfo* type;
    detail::StructuralFieldCursor fields;
    TVMFFISEqHashKind kind = kTVMFFISEqHashKindUnsupported;  // of objects that are no containers
    Region region;                                           // the one the value is in
    uint64_t hash;
    size_t next = 0;     // element, or entry of those from first_entry to the end
    size_t first_entry;  // where the entries of a map start in entries_
    // Whether hashing it again in this run gives the same.
    bool is_settled = true;
  };

  // Forgets what was being hashed, also after an error.
  struct Unwind {
    ~Unwind() {
      auto& frames = hasher->frames_;
      auto& entries = hasher->entries_;
      frames.erase(frames.begin() + static_cast<std::ptrdiff_t>(depth), frames.end());
      entries.erase(entries.begin() + static_cast<std::ptrdiff_t>(num_entries), entries.end());
    }
    StructuralHasher* hasher;
    size_t depth;
    size_t num_entries;
  };

  // The hash, or nothing if a frame was begun to find it.
  std::optional<uint64_t> enter(const Any& value, Region region) {
    uint64_t content;
    return content_hash(value, &content) ? content : enter_part(value, region);
  }

  // The same of a value that has no content hash.
  std::optional<uint64_t> enter_part(const Any& value, Region region) {
    if (value.type_index() == kTVMFFIShape) return shape_hash(value.as<ShapeObj>());
    if (value.type_index() == kTVMFFITensor) {
      return tensor_hash(value.as<TensorObj>(), skip_tensor_content_);
    }
    if (const Finished* known = find_finished(value)) return known->hash;
    check_nesting("StructuralHash", frames_.size() + 1);
    Frame& frame = frames_.emplace_back(value, region, entries_.size());
    if (const SeqBaseObj* sequence = as_sequence(value)) {
      frame.hash = combine(frame.hash, sequence->size());
    } else if (const MapBaseObj* map = as_map(value)) {
      frame.hash = combine(frame.hash, map->size());
      take_entries(map, &frame);
    } else {
      return enter_object(&frame);
    }
    return std::nullopt;
  }

  std::optional<uint64_t> enter_object(Frame* frame) {
    frame->kind = structural_kind(frame->type);
    const Any value = frame->value;
    if (frame->kind == kTVMFFISEqHashKindFreeVar && frame->region == kTVMFFIDefRegionKindNone) {
      frames_.pop_back();
      const TVMFFIObject* variable = detail::ObjectUnsafe::GetHeader(value.as<Object>());
      return remember(value, reinterpret_cast<uintptr_t>(variable), true);
    }
    auto hook = type_attr_of<type_attr::kSHash>(frame->type->type_index);
    if (!hook.has_value()) return std::nullopt;
    const Region inner = detail::InnerDefRegion(frame->region, frame->kind);
    const int64_t result =
        (*hook)(value.as<Object>(), static_cast<int64_t>(frame->hash), part_hasher(inner));
    frames_.back().hash = static_cast<uint64_t>(result);  // the stack may have moved
    return leave();
  }

  // Takes up the parts of the innermost frame up to the first that is not a mere value, or finishes
  // the frame.
  std::optional<uint64_t> advance() {
    Frame& frame = frames_.back();
    if (const SeqBaseObj* sequence = as_sequence(frame.value)) {
      return advance_sequence(sequence, &frame);
    }
    if (as_map(frame.value) != nullptr) return advance_map(&frame);
    const Region inner = detail::InnerDefRegion(frame.region, frame.kind);
    while (const TVMFFIFieldInfo* field = frame.fields.Next()) {
      const Any value = reflection::FieldGetter(field)(frame.value.as<Object>());
      uint64_t hash;
      if (!content_hash(value, &hash)) {
        return enter_part(value, detail::FieldDefRegion(inner, field));
      }
      add(&frame, hash);
    }
    return leave();
  }

  std::optional<uint64_t> advance_sequence(const SeqBaseObj* sequence, Frame* frame) {
    while (frame->next < sequence->size()) {
      const Any& item = sequence->begin()[frame->next++];
      uint64_t hash;
      if (!content_hash(item, &hash)) {
        const Any kept = item;  // a hook may change a list
        return enter_part(kept, frame->region);
      }
      add(frame, hash);
    }
    return leave();
  }

  // Entries count in the order of the hashes of their keys. What has several keys with one hash
  // could be ordered either way, so of these only the hash counts.
  std::optional<uint64_t> advance_map(Frame* frame) {
    const auto hash_at = [&](size_t i) { return entries_[frame->first_entry + i].key_hash; };
    const size_t size = entries_.size() - frame->first_entry;
    while (frame->next < size) {
      const size_t first = frame->next;
      const uint64_t key_hash = hash_at(first);
      while (frame->next < size && hash_at(frame->next) == key_hash) ++frame->next;
      add(frame, key_hash);
      if (frame->next != first + 1) continue;
      Entry& entry = entries_[frame->first_entry + first];
      if (entry.value.has_value()) {
        const Any value = *std::move(entry.value);
        return enter_part(value, frame->region);
      }
      add(frame, entry.value_hash);
    }
    return leave();
  }

  // Keys whose hash may depend on when they are met do not count.
  void take_entries(const MapBaseObj* map, Frame* frame) {
    for (const auto& [key, value] : *map) {
      Entry entry{};
      if (!content_hash(key, &entry.key_hash)) {
        const Finished* known = find_finished(key);
        if (known == nullptr || !known->is_object) {
          frame->is_settled = false;  // the key may be hashed elsewhere before the map comes again
          continue;
        }
        entry.key_hash = known->hash;
      }
      if (!content_hash(value, &entry.value_hash)) entry.value = value;
      entries_.push_back(std::move(entry));
    }
    std::sort(entries_.begin() + static_cast<std::ptrdiff_t>(frame->first_entry), entries_.end(),
              [](const Entry& lhs, const Entry& rhs) { return lhs.key_hash < rhs.key_hash; });
  }

  static void add(Frame* frame, uint64_t part_hash) {
    frame->hash = combine(frame->hash, part_hash);
  }

  uint64_t leave() {
    const Frame frame = std::move(frames_.back());
    frames_.pop_back();
    entries_.erase(entries_.begin() + static_cast<std::ptrdiff_t>(frame.first_entry),
                   entries_.end());
    uint64_t hash = frame.hash;
    if (frame.kind == kTVMFFISEqHashKindUnsupported) {
      if (frame.is_settled) return remember(frame.value, hash, false);
      if (!frames_.empty()) frames_.back().is_settled = false;
      return hash;
    }
    if (frame.kind == kTVMFFISEqHashKindFreeVar) hash = combine(hash, num_variables_++);
    if (frame.kind == kTVMFFISEqHashKindDAGNode) hash = combine(hash, num_nodes_++);
    return remember(frame.value, hash, true);
  }

  // What only the caller and the place it was found in refer to is not met again.
  uint64_t remember(const Any& object, uint64_t hash, bool is_object) {
    constexpr uint64_t kTwoOwners =
        detail::kCombinedRefCountBothOne + detail::kCombinedRefCountStrongOne;
    const TVMFFIObject* header = detail::AnyUnsafe::TVMFFIAnyPtrFromAny(object)->v_obj;
    if (detail::AtomicLoadRelaxed(&header->combined_ref_count) != kTwoOwners) {
      finished_[object.as<Object>()] = {object, hash, is_object};
    }
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

  // NULL while it has not been hashed.
  const Finished* find_finished(const Any& object) const {
    if (finished_.empty()) return nullptr;
    auto known = finished_.find(object.as<Object>());
    return known == finished_.end() ? nullptr : &known->second;
  }

  bool skip_tensor_content_;
  std::vector<Frame> frames_;
  std::vector<Entry> entries_;  // of all maps being hashed, the innermost last
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
