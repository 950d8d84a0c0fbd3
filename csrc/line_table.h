// SPDX-License-Identifier: Apache-2.0
//
// From addresses to source lines, through the line tables of DWARF (versions 2 to 5).
#ifndef TVM_FFI_CSRC_LINE_TABLE_H_
#define TVM_FFI_CSRC_LINE_TABLE_H_

#include <cstdint>
#include <string>
#include <vector>

#include "elf_file.h"

namespace tvm::ffi::library {

struct SourceLine {
  uint64_t address;  // as linked
  std::string file;  // empty while unknown
  uint64_t line = 0;
};

// Fills in what the file knows. All addresses are found in one pass over its tables, so ask for
// those of a trace together. Damaged tables end the search; they never fail it.
void find_source_lines(const ElfFile& elf, std::vector<SourceLine>* queries);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_LINE_TABLE_H_
