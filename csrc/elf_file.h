// SPDX-License-Identifier: Apache-2.0
//
// Reading the file that a loaded object came from, for names and lines that are not in memory.
#ifndef TVM_FFI_CSRC_ELF_FILE_H_
#define TVM_FFI_CSRC_ELF_FILE_H_

#include <elf.h>

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace tvm::ffi::library {

// A 64-bit ELF file of this machine's byte order. Nothing about its contents is trusted: what does
// not make sense reads as absent.
class ElfFile {
 public:
  // Everything is absent if the file cannot be read.
  explicit ElfFile(const char* path);
  ElfFile(const ElfFile&) = delete;
  ElfFile& operator=(const ElfFile&) = delete;
  ~ElfFile();

  // The contents of a section; empty if there is none or it is compressed.
  std::string_view section(std::string_view name) const;

  // The function that contains an address as linked. The name is NULL if there is none.
  struct Function {
    const char* name;
    uint64_t begin;
  };
  Function function_at(uint64_t address) const;

 private:
  template <typename T>
  const T* array_at(uint64_t offset, uint64_t count) const;
  const Elf64_Shdr* find_section(std::string_view name) const;
  std::string_view contents(const Elf64_Shdr& section) const;

  const char* data_ = nullptr;
  size_t size_ = 0;
  const Elf64_Shdr* sections_ = nullptr;
  size_t num_sections_ = 0;
  std::string_view section_names_;
};

// The NUL-terminated text at an offset of a string table; NULL if it does not end inside.
const char* text_at(std::string_view table, uint64_t offset);

}  // namespace tvm::ffi::library
#endif  // TVM_FFI_CSRC_ELF_FILE_H_
