// SPDX-License-Identifier: Apache-2.0
//
// What structural equality remembers of variables and shared nodes. Private.
#ifndef TVM_FFI_CSRC_STRUCTURAL_PAIRING_H_
#define TVM_FFI_CSRC_STRUCTURAL_PAIRING_H_

#include <tvm/ffi/any.h>
#include <tvm/ffi/object.h>

#include <optional>
#include <unordered_map>

namespace tvm::ffi::library {

// Which object of one side stands for which of the other.
class Pairing {
 public:
  // Empty if neither is part of a pair; else whether they are one.
  std::optional<bool> is_pair(const Object* lhs, const Object* rhs) const {
    auto it = right_of_.find(lhs);
    if (it != right_of_.end()) return it->second.rhs.as<Object>() == rhs;
    if (left_of_.count(rhs) != 0) return false;
    return std::nullopt;
  }

  void add(const Any& lhs, const Any& rhs) {
    right_of_[lhs.as<Object>()] = {lhs, rhs};
    left_of_[rhs.as<Object>()] = lhs.as<Object>();
  }

  // The counterpart; the value itself if it has none.
  Any right_of(const Any& lhs) const {
    auto it = right_of_.find(lhs.as<Object>());
    return it != right_of_.end() ? it->second.rhs : lhs;
  }
  Any left_of(const Any& rhs) const {
    auto it = left_of_.find(rhs.as<Object>());
    return it != left_of_.end() ? right_of_.find(it->second)->second.lhs : rhs;
  }

 private:
  struct Pair {
    Any lhs;  // held so that no other objects take their addresses
    Any rhs;
  };
  std::unordered_map<const Object*, Pair> right_of_;
  std::unordered_map<const Object*, const Object*> left_of_;
};

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_STRUCTURAL_PAIRING_H_
