// SPDX-License-Identifier: Apache-2.0
//
// Reads call frame information: DWARF, section 6.4, as the Linux Standard Base puts it into
// .eh_frame.
#include "caller_rule.h"

#include <cstddef>
#include <cstring>
#include <optional>
#include <vector>

#if defined(__x86_64__) && defined(__LP64__)

extern "C" {
// Of the runtime that also throws exceptions; not in its headers.
struct dwarf_eh_bases {
  void* tbase;
  void* dbase;
  void* func;
};
[[gnu::weak]] const void* _Unwind_Find_FDE(void* pc, dwarf_eh_bases* bases);
}

namespace tvm::ffi::library {
namespace {

// Numbers of registers.
constexpr uint64_t kRbp = 6;
constexpr uint64_t kRsp = 7;
constexpr uint64_t kReturnAddress = 16;

// What is known at an instruction.
struct State {
  uint64_t base = kRsp;  // register that the frame's end is counted from
  int64_t end_at = 0;
  int64_t rbp_at = 0;  // from the frame's end; 0: in the register
  bool is_known = true;
  bool has_caller = true;
};

// A stretch of a table. Reading past the end gives zeros and is told by `failed`.
class TableReader {
 public:
  TableReader(const uint8_t* begin, size_t size) : at_(begin), end_(begin + size) {}

  bool at_end() const { return at_ == end_; }
  bool failed() const { return failed_; }

  template <typename T>
  T fixed() {
    T value{};
    if (const uint8_t* bytes = take(sizeof(T))) std::memcpy(&value, bytes, sizeof(T));
    return value;
  }
  uint64_t uleb() { return leb(false); }
  int64_t sleb() { return static_cast<int64_t>(leb(true)); }
  TableReader block(uint64_t size) {
    const uint8_t* bytes = take(size);
    return bytes == nullptr ? TableReader(end_, 0) : TableReader(bytes, size);
  }
  const char* text() {
    const char* begin = reinterpret_cast<const char*>(at_);
    while (fixed<char>() != '\0' && !failed_) continue;
    return begin;
  }
  // Of a pointer in one of the encodings whose size is fixed.
  void skip_pointer(uint8_t encoding) {
    switch (encoding & 0x0F) {
      case 0x00:
      case 0x04:
      case 0x0C:
        take(8);
        break;
      case 0x03:
      case 0x0B:
        take(4);
        break;
      case 0x02:
      case 0x0A:
        take(2);
        break;
      default:
        failed_ = true;
    }
    constexpr uint8_t kAligned = 0x50;
    if ((encoding & 0x70) == kAligned) failed_ = true;
  }

 private:
  const uint8_t* take(uint64_t size) {
    if (size > static_cast<uint64_t>(end_ - at_)) {
      failed_ = true;
      at_ = end_;
      return nullptr;
    }
    at_ += size;
    return at_ - size;
  }
  uint64_t leb(bool is_signed) {
    uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      const uint8_t byte = fixed<uint8_t>();
      value |= static_cast<uint64_t>(byte & 0x7F) << shift;
      if ((byte & 0x80) != 0) continue;
      if (is_signed && (byte & 0x40) != 0 && shift + 7 < 64) value |= ~uint64_t{0} << (shift + 7);
      break;
    }
    return value;
  }

  const uint8_t* at_;
  const uint8_t* end_;
  bool failed_ = false;
};

// What functions have in common (a CIE of the table).
struct Common {
  uint64_t code_unit;
  int64_t data_unit;
  uint8_t pointer_encoding = 0;
  TableReader instructions{nullptr, 0};
};

// An entry of the table without its length; empty if it is in the 64-bit format.
TableReader entry_at(const uint8_t* address) {
  uint32_t size;
  std::memcpy(&size, address, sizeof(size));
  return TableReader(address + sizeof(size), size == 0xFFFFFFFF ? 0 : size);
}

std::optional<Common> read_common(const uint8_t* address) {
  TableReader reader = entry_at(address);
  reader.fixed<uint32_t>();  // 0, which says what it is
  const uint8_t version = reader.fixed<uint8_t>();
  const char* augmentation = reader.text();
  Common common;
  common.code_unit = reader.uleb();
  common.data_unit = reader.sleb();
  const uint64_t return_address = version == 1 ? reader.fixed<uint8_t>() : reader.uleb();
  if (*augmentation != 'z' || return_address != kReturnAddress) return std::nullopt;
  TableReader data = reader.block(reader.uleb());
  for (const char* letter = augmentation + 1; *letter != '\0'; ++letter) {
    if (*letter == 'R') {
      common.pointer_encoding = data.fixed<uint8_t>();
    } else if (*letter == 'L') {
      data.fixed<uint8_t>();
    } else if (*letter == 'P') {
      data.skip_pointer(data.fixed<uint8_t>());
    } else {
      return std::nullopt;  // S, the frame of a signal, or something new
    }
  }
  common.instructions = reader;
  if (reader.failed() || data.failed()) return std::nullopt;
  return common;
}

// Runs the instructions of a function up to one of its addresses.
class Interpreter {
 public:
  Interpreter(const Common& common, uint64_t target) : common_(common), target_(target) {}

  State run(TableReader function) {
    execute(common_.instructions);
    initial_ = state_;
    execute(function);
    return state_;
  }

 private:
  void execute(TableReader code) {
    while (!code.at_end() && position_ <= target_) {
      step(&code);
      if (code.failed()) state_.is_known = false;
      if (!state_.is_known) return;
    }
  }

  void step(TableReader* code) {
    const uint8_t instruction = code->fixed<uint8_t>();
    const uint8_t operand = instruction & 0x3F;
    switch (instruction >> 6) {
      case 1:
        return advance(operand);
      case 2:
        return saved_at(operand, static_cast<int64_t>(code->uleb()) * common_.data_unit);
      case 3:
        return restore(operand);
      default:
        return step_by_code(operand, code);
    }
  }

  void step_by_code(uint8_t instruction, TableReader* code) {
    switch (instruction) {
      case 0x00:  // nothing
        return;
      case 0x02:
        return advance(code->fixed<uint8_t>());
      case 0x03:
        return advance(code->fixed<uint16_t>());
      case 0x04:
        return advance(code->fixed<uint32_t>());
      case 0x05: {
        const uint64_t reg = code->uleb();
        return saved_at(reg, static_cast<int64_t>(code->uleb()) * common_.data_unit);
      }
      case 0x06:
        return restore(code->uleb());
      case 0x07:  // lost
        return lose(code->uleb());
      case 0x08:  // unchanged
        return unchanged(code->uleb());
      case 0x09:  // in another register
        complicate(code->uleb());
        code->uleb();
        return;
      case 0x0A:
        return remembered_.push_back(state_);
      case 0x0B:
        if (remembered_.empty()) return fail();
        state_ = remembered_.back();
        return remembered_.pop_back();
      default:
        return step_frame_end(instruction, code);
    }
  }

  // Where the frame ends, and what is computed in other ways.
  void step_frame_end(uint8_t instruction, TableReader* code) {
    switch (instruction) {
      case 0x0C:
        state_.base = code->uleb();
        state_.end_at = static_cast<int64_t>(code->uleb());
        return;
      case 0x0D:
        state_.base = code->uleb();
        return;
      case 0x0E:
        state_.end_at = static_cast<int64_t>(code->uleb());
        return;
      case 0x0F:  // an expression; a later rule may replace it
        code->block(code->uleb());
        state_.base = kReturnAddress;  // no rule of ours
        return;
      case 0x10:
      case 0x16:
        complicate(code->uleb());
        code->block(code->uleb());
        return;
      case 0x11: {
        const uint64_t reg = code->uleb();
        return saved_at(reg, code->sleb() * common_.data_unit);
      }
      case 0x12:
        state_.base = code->uleb();
        state_.end_at = code->sleb() * common_.data_unit;
        return;
      case 0x13:
        state_.end_at = code->sleb() * common_.data_unit;
        return;
      case 0x14:
      case 0x15:
        complicate(code->uleb());
        code->uleb();
        return;
      case 0x2E:  // the size of arguments on the stack
        code->uleb();
        return;
      default:
        return fail();
    }
  }

  void advance(uint64_t units) { position_ += units * common_.code_unit; }
  void fail() { state_.is_known = false; }

  void saved_at(uint64_t reg, int64_t offset) {
    if (reg == kRbp) state_.rbp_at = offset;
    if (reg == kRsp || (reg == kReturnAddress && offset != -8)) fail();
  }
  void restore(uint64_t reg) {
    if (reg == kRbp) state_.rbp_at = initial_.rbp_at;
    if (reg == kReturnAddress) state_.has_caller = initial_.has_caller;
  }
  void unchanged(uint64_t reg) {
    if (reg == kRbp) state_.rbp_at = 0;
    if (reg == kReturnAddress) fail();
  }
  void lose(uint64_t reg) {
    if (reg == kReturnAddress) state_.has_caller = false;
    if (reg == kRsp) fail();
  }
  void complicate(uint64_t reg) {
    if (reg == kRbp || reg == kRsp || reg == kReturnAddress) fail();
  }

  const Common& common_;
  const uint64_t target_;  // counted from the start of the function, like
  uint64_t position_ = 0;
  State state_;
  State initial_;
  std::vector<State> remembered_;
};

uintptr_t word_at(uintptr_t address) {
  uintptr_t word;
  std::memcpy(&word, reinterpret_cast<const void*>(address), sizeof(word));
  return word;
}

}  // namespace

bool CallerRule::apply(FrameRegisters* registers) const {
  const uintptr_t from =
      base == kStackPointer ? registers->stack_pointer : registers->frame_pointer;
  const uintptr_t end = from + static_cast<uintptr_t>(static_cast<intptr_t>(caller_at));
  if (end <= registers->stack_pointer || end % sizeof(void*) != 0) return false;
  registers->return_address = word_at(end - sizeof(void*));
  registers->stack_pointer = end;
  if (frame_pointer_at != 0) {
    registers->frame_pointer =
        word_at(end + static_cast<uintptr_t>(static_cast<intptr_t>(frame_pointer_at)));
  }
  return true;
}

CallerRule read_caller_rule(uintptr_t address) {
  if (_Unwind_Find_FDE == nullptr) return {};
  dwarf_eh_bases bases{};
  const void* found = _Unwind_Find_FDE(reinterpret_cast<void*>(address), &bases);
  if (found == nullptr) return {};
  TableReader entry = entry_at(static_cast<const uint8_t*>(found));
  const uint8_t* from = static_cast<const uint8_t*>(found) + sizeof(uint32_t);
  const std::optional<Common> common = read_common(from - entry.fixed<uint32_t>());
  if (!common.has_value()) return {};
  entry.skip_pointer(common->pointer_encoding);  // of the function, which we have,
  entry.skip_pointer(common->pointer_encoding);  // and its size
  entry.block(entry.uleb());                     // for the handling of exceptions
  if (entry.failed()) return {};
  const State state =
      Interpreter(*common, address - reinterpret_cast<uintptr_t>(bases.func)).run(entry);
  if (!state.is_known) return {};
  if (!state.has_caller) return {CallerRule::kEnd, 0, 0};
  if (state.base != kRsp && state.base != kRbp) return {};
  CallerRule rule{state.base == kRsp ? CallerRule::kStackPointer : CallerRule::kFramePointer,
                  static_cast<int32_t>(state.end_at), static_cast<int32_t>(state.rbp_at)};
  return rule.caller_at == state.end_at && rule.frame_pointer_at == state.rbp_at ? rule
                                                                                 : CallerRule{};
}

}  // namespace tvm::ffi::library

#else

namespace tvm::ffi::library {

bool CallerRule::apply(FrameRegisters*) const { return false; }
CallerRule read_caller_rule(uintptr_t) { return {}; }

}  // namespace tvm::ffi::library

#endif
