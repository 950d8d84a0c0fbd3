// SPDX-License-Identifier: Apache-2.0
//
// `ffi.DeepCopy`: a value with all that it holds copied once. Objects that occur several times, or
// within themselves, do so in the copy.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>

#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "creation.h"
#include "internal.h"
#include "recursive.h"

namespace tvm::ffi::library {
namespace {

// Shared by original and copy.
bool is_shared(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFIStr:
    case kTVMFFIBytes:
    case kTVMFFIShape:
    case kTVMFFIBigInt:
      return true;
    default:
      return !is_object(value) || value.as<EnumObj>() != nullptr;
  }
}

// A copy that its owner fills in place: the values below are put into it once they are copied.
class Copy {
 public:
  virtual ~Copy() = default;
  virtual Any object() const = 0;
  // What is to be copied; the copies are stored there.
  std::vector<Any> parts;
  virtual void fill() = 0;
};

class ArrayCopy final : public Copy {
 public:
  explicit ArrayCopy(const SeqBaseObj* original)
      : copy_(ArrayObj::CreateRepeated(static_cast<int64_t>(original->size()), Any())) {
    parts.assign(original->begin(), original->end());
  }
  Any object() const final { return ObjectRef(copy_); }
  void fill() final {
    for (size_t i = 0; i < parts.size(); ++i) {
      copy_->SetItem(static_cast<int64_t>(i), std::move(parts[i]));
    }
  }

 private:
  ObjectPtr<ArrayObj> copy_;
};

class ListCopy final : public Copy {
 public:
  explicit ListCopy(const SeqBaseObj* original) {
    parts.assign(original->begin(), original->end());
  }
  Any object() const final { return copy_; }
  void fill() final { copy_.insert(copy_.end(), parts.begin(), parts.end()); }

 private:
  List<Any> copy_;
};

template <typename Obj>
class MapCopy final : public Copy {
 public:
  explicit MapCopy(const MapBaseObj* original) : copy_(make_object<Obj>()) {
    for (const auto& [key, value] : *original) {
      parts.push_back(key);
      parts.push_back(value);
    }
  }
  Any object() const final { return ObjectRef(copy_); }
  void fill() final {
    for (size_t i = 0; i < parts.size(); i += 2) {
      copy_->InsertOrAssign(std::move(parts[i]), std::move(parts[i + 1]));
    }
  }

 private:
  ObjectPtr<Obj> copy_;
};

class ObjectCopy final : public Copy {
 public:
  explicit ObjectCopy(const Object* original) {
    const TVMFFITypeInfo* type = TVMFFIGetTypeInfo(original->type_index());
    auto copy = type_attr_of<type_attr::kShallowCopy>(original->type_index());
    TVM_FFI_ICHECK(copy.has_value()) << "Cannot deep copy object of type \"" << view(type->type_key)
                                     << "\" because it is not copy-constructible";
    copy_ = (*copy)(original);
    reflection::ForEachFieldInfo(type, [this](const TVMFFIFieldInfo* field) {
      Any value = reflection::FieldGetter(field)(copy_);
      if (is_shared(value)) return;
      fields_.push_back({field, value});
      parts.push_back(std::move(value));
    });
  }
  Any object() const final { return copy_; }
  void fill() final {
    for (size_t i = 0; i < parts.size(); ++i) {
      if (!parts[i].same_as(fields_[i].second)) set_field(copy_.get(), fields_[i].first, parts[i]);
    }
  }

 private:
  ObjectRef copy_;
  std::vector<std::pair<const TVMFFIFieldInfo*, Any>> fields_;
};

std::unique_ptr<Copy> start_copy(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFIArray:
      return std::make_unique<ArrayCopy>(as_sequence(value));
    case kTVMFFIList:
      return std::make_unique<ListCopy>(as_sequence(value));
    case kTVMFFIMap:
      return std::make_unique<MapCopy<MapObj>>(as_map(value));
    case kTVMFFIDict:
      return std::make_unique<MapCopy<DictObj>>(as_map(value));
    default:
      return std::make_unique<ObjectCopy>(value.as<Object>());
  }
}

class DeepCopier {
 public:
  Any operator()(Any value) {
    copy(&value);
    while (!open_.empty()) {
      Frame& frame = open_.back();
      if (frame.next < frame.copy->parts.size()) {
        copy(&frame.copy->parts[frame.next++]);
      } else {
        frame.copy->fill();
        open_.pop_back();
      }
    }
    return value;
  }

 private:
  struct Frame {
    std::unique_ptr<Copy> copy;
    size_t next;  // the part to copy next
  };
  struct Pair {
    Any original;  // held so that no other object takes its address
    Any copy;
  };

  // Replaces the value by its copy, which is filled later.
  void copy(Any* value) {
    if (is_shared(*value)) return;
    Pair& known = copies_[value->as<Object>()];
    if (known.copy == nullptr) {
      check_nesting("ObjectGraphDFS", open_.size() + 1);
      open_.push_back({start_copy(*value), 0});
      known = {*value, open_.back().copy->object()};
    }
    *value = known.copy;
  }

  std::vector<Frame> open_;
  std::unordered_map<const Object*, Pair> copies_;
};

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef().def("ffi.DeepCopy", [](const Any& value) { return DeepCopier()(value); });
}

}  // namespace
}  // namespace tvm::ffi::library
