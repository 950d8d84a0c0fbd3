// SPDX-License-Identifier: Apache-2.0
//
// How to get from a frame to its caller, as the unwind tables say it of each instruction. The
// unwinder of the C++ runtime reads them anew for every frame; a rule can be remembered.
#ifndef TVM_FFI_CSRC_CALLER_RULE_H_
#define TVM_FFI_CSRC_CALLER_RULE_H_

#include <cstdint>

namespace tvm::ffi::library {

// The registers of a suspended function that rules are about.
struct FrameRegisters {
  uintptr_t return_address;  // where it goes on
  uintptr_t stack_pointer;
  uintptr_t frame_pointer;
};

// Of the caller of the function this is inlined into. Where there are no rules, only the address.
[[gnu::always_inline]] inline FrameRegisters caller_registers() {
#if defined(__x86_64__) && defined(__LP64__)
  const uintptr_t* frame = static_cast<const uintptr_t*>(__builtin_frame_address(0));
  return {frame[1], reinterpret_cast<uintptr_t>(frame + 2), frame[0]};
#else
  return {reinterpret_cast<uintptr_t>(__builtin_return_address(0)), 0, 0};
#endif
}

struct CallerRule {
  enum Base : uint8_t {
    kUnknown,  // ask the unwinder
    kEnd,      // it has no caller
    kStackPointer,
    kFramePointer
  };

  Base base = kUnknown;
  // Where the stack pointer of the caller is, from the register `base` on.
  int32_t caller_at = 0;
  // Where the frame pointer of the caller was saved, from there on; 0 if it is in its register.
  int32_t frame_pointer_at = 0;

  // Goes to the caller. False if this does not lead up the stack.
  bool apply(FrameRegisters* registers) const;
};

// The rule of the function that holds the address, at that instruction. Unknown where a rule of
// this form does not do: in frames of signals, for some functions that align the stack, without
// tables, and on other processors than x86-64.
CallerRule read_caller_rule(uintptr_t address);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_CALLER_RULE_H_
