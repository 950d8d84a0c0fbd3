// SPDX-License-Identifier: Apache-2.0
//
// Backtraces: where an error comes from, one line per frame, most recent call first.
//
// The line of the throw site comes from the caller's arguments. The frames above it are named from
// the symbols in memory, then from the file of the object they lie in, which also tells the source
// lines if it carries debug information. Every address is looked up once and remembered, with the
// way to its caller, so only the first error from a place pays for reading files, and only those
// files it passed through.
#include <cxxabi.h>
#include <dlfcn.h>
#include <link.h>
#include <unwind.h>

#include <algorithm>
#include <cerrno>
#include <climits>
#include <cstdlib>
#include <cstring>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

#include "caller_rule.h"
#include "elf_file.h"
#include "internal.h"
#include "line_table.h"
#include "older_systems.h"

namespace tvm::ffi::library {
namespace {

// ---- What is shown ---------------------------------------------------------

// Where a call entered the contract, or the interpreter: what lies above is another language's.
constexpr std::string_view kBoundaries[] = {
    "TVMFFIFunctionCall", "slot_tp_call", "object_is_not_callable", "_Py", "PyObject", "_ctypes_"};

// How calls and errors work, rather than where they come from. `details` is in older binaries.
constexpr std::string_view kHiddenFunctions[] = {"tvm::ffi::Function",
                                                 "tvm::ffi::detail::",
                                                 "tvm::ffi::details::",
                                                 "TVMFFIBacktrace",
                                                 "TVMFFIErrorSetRaisedFromCStr",
                                                 "__libc_",
                                                 "ffi_call"};
// Those of the library itself add nothing to the throw site.
constexpr std::string_view kOwnFunctions[] = {"tvm::ffi::library::"};
constexpr std::string_view kHiddenFiles[] = {
    "include/tvm/ffi/error.h",    "include/tvm/ffi/function_detail.h",
    "include/tvm/ffi/function.h", "include/tvm/ffi/function_details.h",
    "include/tvm/ffi/any.h",      "include/c++/"};

// Headers that are mostly inlined; what called them says more.
constexpr std::string_view kPlumbing[] = {"include/tvm/ffi/", "include/c++/"};

template <size_t N>
bool starts_with_any(std::string_view text, const std::string_view (&prefixes)[N]) {
  return std::any_of(prefixes, prefixes + N, [&](std::string_view prefix) {
    return text.substr(0, prefix.size()) == prefix;
  });
}

template <size_t N>
bool contains_any(std::string_view text, const std::string_view (&parts)[N]) {
  return std::any_of(parts, parts + N, [&](std::string_view part) {
    return text.find(part) != std::string_view::npos;
  });
}

// The name without the result type that demangled templates and pretty functions begin with.
std::string_view without_result_type(std::string_view function) {
  const std::string_view name = function.substr(0, function.find_first_of("(<"));
  const size_t space = name.rfind(' ');
  return space == std::string_view::npos ? function : function.substr(space + 1);
}

bool is_shown_file(std::string_view file) { return !contains_any(file, kHiddenFiles); }

bool is_plumbing(std::string_view file) { return contains_any(file, kPlumbing); }

// The throw site as the caller describes it.
bool is_shown_site(std::string_view function, std::string_view file) {
  return !starts_with_any(function, kHiddenFunctions) && is_shown_file(file);
}

// A function found on the stack.
bool is_shown_function(std::string_view function) {
  const std::string_view name = without_result_type(function);
  return !name.empty() && !starts_with_any(name, kHiddenFunctions) &&
         !starts_with_any(name, kOwnFunctions);
}

std::string format_line(std::string_view file, uint64_t line, std::string_view function) {
  std::string text;
  text.reserve(file.size() + function.size() + 40);
  text.append("  File \"").append(file).append("\", line ").append(std::to_string(line));
  return text.append(", in ").append(function).append("\n");
}

// The most lines to show.
size_t line_limit() {
  constexpr size_t kDefault = 512;
  const char* text = std::getenv("TVM_TRACEBACK_LIMIT");
  if (text == nullptr || *text == '\0') return kDefault;
  char* end;
  const long limit = std::strtol(text, &end, 10);  // NOLINT(google-runtime-int): strtol's type
  return *end != '\0' || limit < 0 || limit > INT_MAX ? kDefault : limit;
}

// ---- What is known about an address ----------------------------------------

struct Frame {
  std::string text;  // its line; empty if it is not shown
  bool is_boundary = false;
  bool is_named = true;  // else only the way to its caller is known
  CallerRule rule{};
};
using FramePtr = std::shared_ptr<const Frame>;

// How many objects have been unloaded so far. Their addresses may since mean something else.
uint64_t count_unloads() {
  uint64_t count = 0;
  dl_iterate_phdr(
      [](dl_phdr_info* info, size_t, void* result) {
        *static_cast<uint64_t*>(result) = info->dlpi_subs;
        return 1;  // the first object tells
      },
      &count);
  return count;
}

// Frames by address, as long as no object is unloaded.
class FrameCache {
 public:
  FramePtr find(uintptr_t address, uint64_t unloads) const {
    std::shared_lock lock(mutex_);
    if (unloads != unloads_) return nullptr;
    auto it = frames_.find(address);
    return it == frames_.end() ? nullptr : it->second;
  }

  void insert(uintptr_t address, uint64_t unloads, const FramePtr& frame) {
    constexpr size_t kMaxFrames = 1 << 14;
    std::unique_lock lock(mutex_);
    if (unloads != unloads_ || frames_.size() >= kMaxFrames) frames_.clear();
    unloads_ = unloads;
    frames_[address] = frame;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<uintptr_t, FramePtr> frames_;
  uint64_t unloads_ = 0;
};

FrameCache& frame_cache() {
  static FrameCache& cache = *new FrameCache();
  return cache;
}

// Indices of line tables by load address, as long as no object is unloaded.
class LineIndexCache {
 public:
  std::shared_ptr<const LineIndex> get(uintptr_t base, const ElfFile& file, uint64_t unloads) {
    {
      std::shared_lock lock(mutex_);
      auto it = indices_.find(base);
      if (unloads == unloads_ && it != indices_.end()) return it->second;
    }
    auto index = std::make_shared<const LineIndex>(read_line_index(file));
    std::unique_lock lock(mutex_);
    if (unloads != unloads_) indices_.clear();
    unloads_ = unloads;
    indices_[base] = index;
    return index;
  }

 private:
  mutable std::shared_mutex mutex_;
  std::unordered_map<uintptr_t, std::shared_ptr<const LineIndex>> indices_;
  uint64_t unloads_ = 0;
};

LineIndexCache& line_index_cache() {
  static LineIndexCache& cache = *new LineIndexCache();
  return cache;
}

// Generated code lies in no object: it may go away, and other code take its place, unnoticed.
CallerRule rule_at(uintptr_t address) {
  Dl_info info;
  return dladdr(reinterpret_cast<void*>(address), &info) != 0 ? read_caller_rule(address)
                                                              : CallerRule{};
}

// An object of the process whose file is open while a trace is made.
struct OpenObject {
  explicit OpenObject(const link_map& map)
      : base(map.l_addr), file(*map.l_name == '\0' ? "/proc/self/exe" : map.l_name) {}

  uintptr_t base;
  ElfFile file;
};

std::string demangle(const char* symbol) {
  int status;
  std::unique_ptr<char, void (*)(void*)> text(
      abi::__cxa_demangle(symbol, nullptr, nullptr, &status), std::free);
  return text == nullptr ? symbol : text.get();
}

// ---- One walk of the stack -------------------------------------------------

class StackWalk {
 public:
  // Begins with the frame that the registers go on in, or above it.
  StackWalk(const FrameRegisters& start, bool skip_first, bool cross_boundaries, size_t max_lines)
      : start_(start),
        skip_first_(skip_first),
        cross_boundaries_(cross_boundaries),
        max_lines_(max_lines),
        unloads_(count_unloads()) {}

  // The lines, behind a text.
  std::string lines(std::string text) {
    if (max_lines_ == 0) return text;
    steps_.reserve(16);
    if (!follow_rules()) {
      steps_.clear();
      ask_unwinder();
    }
    for (auto& [map, object] : objects_) locate(object);
    size_t size = text.size();
    for (const Step& step : steps_) size += step.frame->text.size();
    text.reserve(size);
    for (const Step& step : steps_) text += step.frame->text;
    return text;
  }

 private:
  struct Step {
    uintptr_t address;
    FramePtr frame;  // NULL until the source line is known
    // While it is not:
    const OpenObject* object;
    std::string function;
    uintptr_t begin;  // of the function, as linked
  };

  // False if there is a frame that no rule leads from.
  bool follow_rules() {
    FrameRegisters registers = start_;
    for (bool skip = skip_first_;; skip = false) {
      // A return address may already belong to the next line, even to another function.
      const uintptr_t address = registers.return_address - 1;
      FramePtr frame = frame_cache().find(address, unloads_);
      if (skip && frame == nullptr) frame = remember(address, {"", false, false});
      const CallerRule rule = frame != nullptr ? frame->rule : rule_at(address);
      if (rule.base == CallerRule::kUnknown) return false;
      if (!skip && !visit(address, std::move(frame))) return true;
      if (rule.base == CallerRule::kEnd) return true;
      if (!rule.apply(&registers)) return false;
    }
  }

  void ask_unwinder() {
    _Unwind_Backtrace(
        [](_Unwind_Context* context, void* self) {
          return static_cast<StackWalk*>(self)->visit(context) ? _URC_NO_REASON : _URC_END_OF_STACK;
        },
        this);
  }

  // False to stop.
  bool visit(_Unwind_Context* context) {
    int is_exact = 0;
    uintptr_t address = _Unwind_GetIPInfo(context, &is_exact);
    if (!started_) {
      started_ = address == start_.return_address;
      if (!started_ || skip_first_) return true;
    }
    if (is_exact == 0) --address;
    return visit(address, frame_cache().find(address, unloads_));
  }

  // The same. The frame is NULL if it is not known.
  bool visit(uintptr_t address, FramePtr frame) {
    if (frame == nullptr || !frame->is_named) frame = name(address);
    if (frame != nullptr) {
      if (frame->is_boundary && !cross_boundaries_) return false;
      if (!frame->text.empty()) steps_.push_back({address, std::move(frame), nullptr, {}, 0});
    }
    return steps_.size() < max_lines_;
  }

  // Finds the function of an address. A frame to be shown goes to steps_ to wait for its source
  // line; any other is returned.
  FramePtr name(uintptr_t address) {
    Dl_info info;
    link_map* map = nullptr;
    ElfFile::Function function{};
    if (dladdr1(reinterpret_cast<void*>(address), &info, reinterpret_cast<void**>(&map),
                RTLD_DL_LINKMAP) != 0) {
      if (info.dli_sname != nullptr) {
        function = {info.dli_sname, reinterpret_cast<uintptr_t>(info.dli_saddr) - map->l_addr};
      } else {
        function = open(map).file.function_at(address - map->l_addr);
      }
    }
    std::string text = function.name == nullptr ? std::string() : demangle(function.name);
    const bool is_boundary = starts_with_any(text, kBoundaries);
    if (is_boundary || !is_shown_function(text)) return remember(address, {"", is_boundary});
    steps_.push_back({address, nullptr, &open(map), std::move(text), function.begin});
    return nullptr;
  }

  OpenObject& open(const link_map* map) { return objects_.try_emplace(map, *map).first->second; }

  FramePtr remember(uintptr_t address, Frame frame) {
    frame.rule = rule_at(address);
    auto shared = std::make_shared<const Frame>(std::move(frame));
    frame_cache().insert(address, unloads_, shared);
    return shared;
  }

  // Completes the frames that wait for their source line in an object.
  void locate(const OpenObject& object) {
    std::vector<Step*> waiting;
    std::vector<SourceLine> lines;
    for (Step& step : steps_) {
      if (step.object != &object) continue;
      waiting.push_back(&step);
      lines.push_back({step.address - object.base, step.begin, {}});
    }
    if (lines.empty()) return;
    const auto index = line_index_cache().get(object.base, object.file, unloads_);
    find_source_lines(object.file, *index, is_plumbing, &lines);
    for (size_t i = 0; i < waiting.size(); ++i) {
      const std::string_view file = lines[i].file.empty() ? "<unknown>" : lines[i].file.c_str();
      Frame frame;
      if (is_shown_file(file)) {
        frame.text = format_line(file, lines[i].line, waiting[i]->function);
      }
      waiting[i]->frame = remember(waiting[i]->address, std::move(frame));
    }
  }

  const FrameRegisters start_;
  const bool skip_first_;
  const bool cross_boundaries_;
  const size_t max_lines_;
  const uint64_t unloads_;
  bool started_ = false;
  std::vector<Step> steps_;
  std::map<const link_map*, OpenObject> objects_;
};

std::string make_backtrace(const char* filename, int lineno, const char* func,
                           bool cross_boundaries, const FrameRegisters& caller) {
  std::string text;
  size_t limit = line_limit();
  const bool has_site = filename != nullptr && func != nullptr;
  if (has_site && is_shown_site(func, filename)) {
    text = format_line(filename, lineno, func);
    if (limit > 0) --limit;
  }
  return StackWalk(caller, has_site, cross_boundaries, limit).lines(std::move(text));
}

struct LastBacktrace {
  std::string text;
  TVMFFIByteArray bytes;
};

}  // namespace
}  // namespace tvm::ffi::library

using namespace tvm::ffi::library;

// Its own frame tells where the caller's is, so it stays a function of its own.
[[gnu::noinline]] const TVMFFIByteArray* TVMFFIBacktrace(const char* filename, int lineno,
                                                         const char* func, int cross_ffi_boundary) {
  const FrameRegisters caller = caller_registers();
  return guard_or_exit("TVMFFIBacktrace", [&]() -> const TVMFFIByteArray* {
    auto& last = per_thread<LastBacktrace>();
    last.text = make_backtrace(filename, lineno, func, cross_ffi_boundary != 0, caller);
    last.bytes = byte_array(last.text);
    return &last.bytes;
  });
}
