// SPDX-License-Identifier: Apache-2.0
//
// `ffi.RecursiveEq` and the orderings `Lt`, `Le`, `Gt`, `Ge`.
#include <tvm/ffi/container/shape.h>
#include <tvm/ffi/device.h>
#include <tvm/ffi/dtype.h>
#include <tvm/ffi/function.h>
#include <tvm/ffi/reflection/registry.h>
#include <tvm/ffi/string.h>

#include <cmath>
#include <iterator>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>
#include <vector>

#include "big_int_type.h"
#include "internal.h"
#include "recursive.h"

namespace tvm::ffi::library {
namespace {

enum class Mode { kEqual, kOrder };

template <typename T>
int compare_numbers(T lhs, T rhs) {
  return lhs < rhs ? -1 : lhs > rhs ? 1 : 0;
}

int compare_floats(Mode mode, double lhs, double rhs) {
  if (!std::isnan(lhs) && !std::isnan(rhs)) return compare_numbers(lhs, rhs);
  if (mode == Mode::kOrder) TVM_FFI_THROW(TypeError) << "Cannot order NaN values";
  return std::isnan(lhs) && std::isnan(rhs) ? 0 : 1;
}

int compare_dtypes(DLDataType lhs, DLDataType rhs) {
  if (int result = compare_numbers(lhs.code, rhs.code)) return result;
  if (int result = compare_numbers(lhs.bits, rhs.bits)) return result;
  return compare_numbers(lhs.lanes, rhs.lanes);
}

int compare_devices(DLDevice lhs, DLDevice rhs) {
  if (int result = compare_numbers<int>(lhs.device_type, rhs.device_type)) return result;
  return compare_numbers(lhs.device_id, rhs.device_id);
}

int compare_shapes(const ShapeObj* lhs, const ShapeObj* rhs) {
  for (size_t i = 0; i < lhs->size && i < rhs->size; ++i) {
    if (int result = compare_numbers(lhs->data[i], rhs->data[i])) return result;
  }
  return compare_numbers(lhs->size, rhs->size);
}

template <typename Text>
int compare_texts(const Any& lhs, const Any& rhs) {
  const Text left = lhs.cast<Text>(), right = rhs.cast<Text>();
  return Bytes::memncmp(left.data(), right.data(), left.size(), right.size());
}

// Inline and heap text are of one kind.
int32_t kind_of(const Any& value) {
  switch (value.type_index()) {
    case kTVMFFISmallStr:
      return kTVMFFIStr;
    case kTVMFFISmallBytes:
      return kTVMFFIBytes;
    default:
      return value.type_index();
  }
}

bool is_integer(int32_t kind) { return kind == kTVMFFIInt || kind == kTVMFFIBigInt; }

int compare_kinds(Mode mode, const Any& lhs, const Any& rhs) {
  if (lhs == nullptr) return -1;
  if (rhs == nullptr) return 1;
  if (mode == Mode::kEqual) return 1;
  if (is_integer(lhs.type_index()) && is_integer(rhs.type_index())) {
    return compare_integers(lhs, rhs);
  }
  TVM_FFI_THROW(TypeError) << "Cannot compare values of different types: " << lhs.GetTypeKey()
                           << " vs " << rhs.GetTypeKey();
}

// Of values of one kind that are not taken apart.
std::optional<int> compare_leaves(Mode mode, const Any& lhs, const Any& rhs) {
  switch (kind_of(lhs)) {
    case kTVMFFINone:
      return 0;
    case kTVMFFIFloat:
      return compare_floats(mode, lhs.cast<double>(), rhs.cast<double>());
    case kTVMFFIDataType:
      return compare_dtypes(lhs.cast<DLDataType>(), rhs.cast<DLDataType>());
    case kTVMFFIDevice:
      return compare_devices(lhs.cast<DLDevice>(), rhs.cast<DLDevice>());
    case kTVMFFIStr:
      return compare_texts<String>(lhs, rhs);
    case kTVMFFIBytes:
      return compare_texts<Bytes>(lhs, rhs);
    case kTVMFFIBigInt:
      return compare_integers(lhs, rhs);
    case kTVMFFIShape:
      return compare_shapes(lhs.as<ShapeObj>(), rhs.as<ShapeObj>());
    default:
      if (is_object(lhs)) return std::nullopt;
      return compare_numbers(detail::AnyUnsafe::TVMFFIAnyPtrFromAny(lhs)->v_int64,
                             detail::AnyUnsafe::TVMFFIAnyPtrFromAny(rhs)->v_int64);
  }
}

// What to do where a value comes back to itself.
enum class Cycles { kAssumeEqual, kRefuse };

class Comparison : public std::enable_shared_from_this<Comparison> {
 public:
  Comparison(Mode mode, Cycles cycles) : mode_(mode), cycles_(cycles) {}

  // Negative, 0 or positive; with kEqual only whether it is 0 counts.
  int compare(const Any& lhs, const Any& rhs) {
    Run run(this);
    run.tasks.push_back({Task::kCompare, lhs, rhs, 0});
    while (!run.tasks.empty()) {
      Task task = std::move(run.tasks.back());
      run.tasks.pop_back();
      if (task.kind == Task::kLeave) {
        pairs_.find(pair_of(task))->second.is_open = false;
        --num_open_;
      } else if (int result = task.kind == Task::kResult ? task.result : step(task, &run)) {
        return result;
      }
    }
    run.found_equal = true;
    return 0;
  }

 private:
  // What is still to be compared. The result of the whole is that of the first task that is not 0.
  struct Task {
    enum Kind { kCompare, kResult, kLeave } kind;
    Any lhs;
    Any rhs;
    int result;
  };

  // Two objects that are being compared, or were found equal.
  using Pair = std::pair<const Object*, const Object*>;
  struct PairHash {
    size_t operator()(const Pair& pair) const {
      return detail::StableHashCombine(reinterpret_cast<uintptr_t>(pair.first),
                                       reinterpret_cast<uintptr_t>(pair.second));
    }
  };
  struct PairState {
    Any lhs;  // held so that no other objects take their addresses
    Any rhs;
    bool is_open;
  };
  static Pair pair_of(const Task& task) { return {task.lhs.as<Object>(), task.rhs.as<Object>()}; }

  // One call of compare: that of the whole, or that of a hook for parts.
  struct Run {
    explicit Run(Comparison* comparison) : comparison(comparison) {}
    // What was found on the way to a difference or an error may rest on wrong assumptions.
    ~Run() {
      if (found_equal) return;
      for (const Pair& pair : pairs) {
        auto it = comparison->pairs_.find(pair);
        if (it->second.is_open) --comparison->num_open_;
        comparison->pairs_.erase(it);
      }
    }
    // Puts tasks in line, in order.
    void take_up(std::vector<Task> parts) {
      tasks.insert(tasks.end(), std::make_move_iterator(parts.rbegin()),
                   std::make_move_iterator(parts.rend()));
    }

    Comparison* comparison;
    std::vector<Task> tasks;  // the next one last
    std::vector<Pair> pairs;  // entered by this run
    bool found_equal = false;
  };

  int step(const Task& task, Run* run) {
    const Any& lhs = task.lhs;
    const Any& rhs = task.rhs;
    if (kind_of(lhs) != kind_of(rhs)) return compare_kinds(mode_, lhs, rhs);
    if (std::optional<int> result = compare_leaves(mode_, lhs, rhs)) return *result;
    if (lhs.same_as(rhs)) return 0;
    auto [pair, is_new] = pairs_.try_emplace(pair_of(task), PairState{lhs, rhs, true});
    if (!is_new) {
      if (cycles_ == Cycles::kAssumeEqual || !pair->second.is_open) return 0;
      TVM_FFI_THROW(ValueError) << "RecursiveCompare: cyclic reference detected in ordering";
    }
    run->pairs.push_back(pair->first);
    check_nesting("RecursiveCompare", ++num_open_);
    run->tasks.push_back({Task::kLeave, lhs, rhs, 0});
    return compare_objects(lhs, rhs, run);
  }

  int compare_objects(const Any& lhs, const Any& rhs, Run* run) {
    if (const SeqBaseObj* sequence = as_sequence(lhs)) {
      return compare_sequences(sequence, as_sequence(rhs), run);
    }
    if (as_map(lhs) != nullptr) return compare_maps(lhs, rhs, run);
    const Object* left = lhs.as<Object>();
    const Object* right = rhs.as<Object>();
    if (mode_ == Mode::kEqual) {
      if (auto hook = type_attr_of<type_attr::kEq>(lhs.type_index())) {
        return (*hook)(left, right, part_equality()) ? 0 : 1;
      }
    }
    if (auto hook = type_attr_of<type_attr::kCompare>(lhs.type_index())) {
      return (*hook)(left, right, part_order());
    }
    return compare_fields(left, right, run);
  }

  int compare_sequences(const SeqBaseObj* lhs, const SeqBaseObj* rhs, Run* run) {
    if (mode_ == Mode::kEqual && lhs->size() != rhs->size()) return 1;
    std::vector<Task> tasks;
    for (size_t i = 0; i < lhs->size() && i < rhs->size(); ++i) {
      tasks.push_back({Task::kCompare, lhs->begin()[i], rhs->begin()[i], 0});
    }
    const int shorter = compare_numbers(lhs->size(), rhs->size());
    tasks.push_back({Task::kResult, nullptr, nullptr, shorter});
    run->take_up(std::move(tasks));
    return 0;
  }

  int compare_maps(const Any& lhs, const Any& rhs, Run* run) {
    if (mode_ == Mode::kOrder) {
      auto equality = std::make_shared<Comparison>(Mode::kEqual, Cycles::kRefuse);
      if (equality->compare(lhs, rhs) == 0) return 0;
      TVM_FFI_THROW(TypeError) << "Cannot order Map/Dict values";
    }
    const MapBaseObj* left = as_map(lhs);
    const MapBaseObj* right = as_map(rhs);
    if (left->size() != right->size()) return 1;
    std::vector<Task> tasks;
    for (const auto& [key, value] : *left) {
      auto other = right->find(key);
      if (other == right->end()) return 1;
      tasks.push_back({Task::kCompare, value, other->second, 0});
    }
    run->take_up(std::move(tasks));
    return 0;
  }

  static int compare_fields(const Object* lhs, const Object* rhs, Run* run) {
    std::vector<Task> tasks;
    reflection::ForEachFieldInfo(TVMFFIGetTypeInfo(lhs->type_index()),
                                 [&](const TVMFFIFieldInfo* field) {
                                   if (field->flags & kTVMFFIFieldFlagBitMaskCompareOff) return;
                                   const reflection::FieldGetter get(field);
                                   tasks.push_back({Task::kCompare, get(lhs), get(rhs), 0});
                                 });
    run->take_up(std::move(tasks));
    return 0;
  }

  // For hooks. They may be kept, so they keep what they need.
  TypedFunction<bool(AnyView, AnyView)> part_equality() {
    return [self = shared_from_this()](AnyView lhs, AnyView rhs) {
      return self->compare(Any(lhs), Any(rhs)) == 0;
    };
  }
  TypedFunction<int32_t(AnyView, AnyView)> part_order() {
    auto order = mode_ == Mode::kOrder
                     ? shared_from_this()
                     : std::make_shared<Comparison>(Mode::kOrder, Cycles::kRefuse);
    return [order](AnyView lhs, AnyView rhs) { return order->compare(Any(lhs), Any(rhs)); };
  }

  Mode mode_;
  Cycles cycles_;
  std::unordered_map<Pair, PairState, PairHash> pairs_;
  size_t num_open_ = 0;
};

bool equal(const Any& lhs, const Any& rhs) {
  return std::make_shared<Comparison>(Mode::kEqual, Cycles::kAssumeEqual)->compare(lhs, rhs) == 0;
}

int order(const Any& lhs, const Any& rhs) {
  return std::make_shared<Comparison>(Mode::kOrder, Cycles::kRefuse)->compare(lhs, rhs);
}

TVM_FFI_STATIC_INIT_BLOCK() {
  reflection::GlobalDef()
      .def("ffi.RecursiveEq", equal)
      .def("ffi.RecursiveLt", [](const Any& lhs, const Any& rhs) { return order(lhs, rhs) < 0; })
      .def("ffi.RecursiveLe", [](const Any& lhs, const Any& rhs) { return order(lhs, rhs) <= 0; })
      .def("ffi.RecursiveGt", [](const Any& lhs, const Any& rhs) { return order(lhs, rhs) > 0; })
      .def("ffi.RecursiveGe", [](const Any& lhs, const Any& rhs) { return order(lhs, rhs) >= 0; });
}

}  // namespace
}  // namespace tvm::ffi::library
