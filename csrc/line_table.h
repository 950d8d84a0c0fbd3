// SPDX-License-Identifier: Apache-2.0
//
// From addresses to source lines, through the line tables of DWARF (versions 2 to 5).
#ifndef TVM_FFI_CSRC_LINE_TABLE_H_
#define TVM_FFI_CSRC_LINE_TABLE_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "elf_file.h"

namespace tvm::ffi::library {

struct SourceLine {
  uint64_t address;   // as linked
  uint64_t function;  // where its function begins
  std::string file;   // empty while unknown
  uint64_t line = 0;
};

// Which unit of .debug_line holds the lines of an address.
struct LineIndex {
  // Consecutive code of one unit.
  struct Sequence {
    uint64_t begin;  // as linked
    uint64_t end;
    uint64_t unit;  // its offset
  };
  std::vector<Sequence> sequences;  // by begin
};

// Passes over all tables of the file, so keep it. Damaged tables end the pass.
LineIndex read_line_index(const ElfFile& elf);

// Fills in what the file knows. Code inlined from a header that `is_plumbing` stands for the line
// it was called from: the closest one before it in the function, which optimisation can move by a
// few lines. Each unit is read once, so ask for the addresses of a trace together. Damaged tables
// end the search; they never fail it.
void find_source_lines(const ElfFile& elf, const LineIndex& index,
                       bool (*is_plumbing)(std::string_view file),
                       std::vector<SourceLine>* queries);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_LINE_TABLE_H_
