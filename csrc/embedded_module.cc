// SPDX-License-Identifier: Apache-2.0
//
// Modules serialized into a library, in its symbol __tvm_ffi__library_bin. Numbers are u64, little
// endian, nothing is aligned:
//
//   size           bytes that follow
//   first_child    count, then for module i the position of its first child in `children`; one
//                  entry more than there are modules, the last one ends the list
//   children       count, then module numbers
//   per module     kind: length, text; unless the kind is `_lib`, data: length, bytes
#include <tvm/ffi/function.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "library_module.h"

namespace tvm::ffi::library {
namespace {

constexpr std::string_view kOwnFunctions = "_lib";  // kind of the library's own module

class Reader {
 public:
  Reader(const char* data, uint64_t size, std::string source)
      : next_(data), left_(size), source_(std::move(source)) {}

  uint64_t number() {
    const char* bytes = take(sizeof(uint64_t), "a number");
    uint64_t value = 0;
    for (size_t i = sizeof(uint64_t); i-- > 0;) {
      value = (value << 8) | static_cast<unsigned char>(bytes[i]);
    }
    return value;
  }

  std::vector<uint64_t> numbers() {
    const uint64_t count = number();
    if (count > left_ / sizeof(uint64_t)) damaged("a list is longer than the data");
    std::vector<uint64_t> values(count);
    for (uint64_t& value : values) value = number();
    return values;
  }

  std::string_view text(const char* what) {
    const uint64_t size = number();
    return {take(size, what), size};
  }

  [[noreturn]] void damaged(const std::string& what) const {
    TVM_FFI_THROW(RuntimeError) << "Library binary of " << source_ << " is damaged: " << what;
  }

 private:
  const char* take(uint64_t size, const char* what) {
    if (size > left_) damaged(std::string("the data ends within ") + what);
    left_ -= size;
    return std::exchange(next_, next_ + size);
  }

  const char* next_;
  uint64_t left_;
  std::string source_;
};

// Which modules each module imports.
class ImportGraph {
 public:
  explicit ImportGraph(Reader& reader)
      : first_child_(reader.numbers()), children_(reader.numbers()) {
    if (first_child_.size() < 2) reader.damaged("it holds no module");
    if (first_child_.front() != 0 || first_child_.back() != children_.size()) {
      reader.damaged("the lists of imports do not fit together");
    }
    for (size_t i = 0; i < size(); ++i) {
      if (first_child_[i] > first_child_[i + 1]) reader.damaged("a list of imports ends early");
    }
    for (uint64_t child : children_) {
      if (child >= size()) reader.damaged("a module imports one that does not exist");
    }
    if (has_cycle()) reader.damaged("a module imports itself");
  }

  size_t size() const { return first_child_.size() - 1; }
  const uint64_t* begin(size_t module) const { return children_.data() + first_child_[module]; }
  const uint64_t* end(size_t module) const { return children_.data() + first_child_[module + 1]; }

 private:
  // Takes away modules that nobody left imports; those on a cycle stay.
  bool has_cycle() const {
    std::vector<uint64_t> num_importers(size());
    for (uint64_t child : children_) ++num_importers[child];
    std::vector<uint64_t> removable;
    for (size_t i = 0; i < size(); ++i) {
      if (num_importers[i] == 0) removable.push_back(i);
    }
    size_t num_removed = 0;
    while (!removable.empty()) {
      const uint64_t module = removable.back();
      removable.pop_back();
      ++num_removed;
      for (const uint64_t* child = begin(module); child != end(module); ++child) {
        if (--num_importers[*child] == 0) removable.push_back(*child);
      }
    }
    return num_removed != size();
  }

  std::vector<uint64_t> first_child_;
  std::vector<uint64_t> children_;
};

Module load_module(std::string_view kind, std::string_view data) {
  const std::string loader_name = "ffi.Module.load_from_bytes." + std::string(kind);
  std::optional<Function> loader = Function::GetGlobal(loader_name);
  if (!loader.has_value()) {
    TVM_FFI_THROW(RuntimeError) << "Library binary was created using {" << kind
                                << "} but a loader of that name is not registered. Make sure to "
                                   "have runtime that registers "
                                << loader_name;
  }
  return (*loader)(Bytes(data.data(), data.size())).cast<Module>();
}

}  // namespace

Module load_embedded_modules(const std::shared_ptr<SymbolSource>& library, const char* data) {
  Reader header(data, sizeof(uint64_t), library->description());
  const uint64_t size = header.number();
  Reader reader(data + sizeof(uint64_t), size, library->description());
  const ImportGraph graph(reader);

  std::vector<Module> modules;
  for (size_t i = 0; i < graph.size(); ++i) {
    const std::string_view kind = reader.text("the kind of a module");
    modules.push_back(kind == kOwnFunctions ? make_library_module(library)
                                            : load_module(kind, reader.text("a module")));
  }
  for (size_t i = 0; i < graph.size(); ++i) {
    Array<Any>& imports = ModuleObj::InternalUnsafe::Imports(modules[i].get());
    for (const uint64_t* child = graph.begin(i); child != graph.end(i); ++child) {
      imports.push_back(modules[*child]);
    }
  }
  return modules[0];
}

}  // namespace tvm::ffi::library
