// SPDX-License-Identifier: Apache-2.0
#include "elf_file.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cstring>

namespace tvm::ffi::library {

const char* text_at(std::string_view table, uint64_t offset) {
  if (offset >= table.size()) return nullptr;
  const char* text = table.data() + offset;
  return std::memchr(text, 0, table.size() - offset) == nullptr ? nullptr : text;
}

ElfFile::ElfFile(const char* path) {
  const int file = open(path, O_RDONLY | O_CLOEXEC);
  if (file < 0) return;
  const off_t size = lseek(file, 0, SEEK_END);
  if (size > 0) {
    void* data = mmap(nullptr, size, PROT_READ, MAP_PRIVATE, file, 0);
    if (data != MAP_FAILED) {
      data_ = static_cast<const char*>(data);
      size_ = size;
    }
  }
  close(file);

  const Elf64_Ehdr* header = array_at<Elf64_Ehdr>(0, 1);
  if (header == nullptr || std::memcmp(header->e_ident, ELFMAG, SELFMAG) != 0 ||
      header->e_ident[EI_CLASS] != ELFCLASS64 || header->e_shentsize != sizeof(Elf64_Shdr)) {
    return;
  }
  sections_ = array_at<Elf64_Shdr>(header->e_shoff, header->e_shnum);
  if (sections_ == nullptr) return;
  num_sections_ = header->e_shnum;
  if (header->e_shstrndx < num_sections_) section_names_ = contents(sections_[header->e_shstrndx]);
}

ElfFile::~ElfFile() {
  if (data_ != nullptr) munmap(const_cast<char*>(data_), size_);
}

template <typename T>
const T* ElfFile::array_at(uint64_t offset, uint64_t count) const {
  if (offset > size_ || offset % alignof(T) != 0 || count > (size_ - offset) / sizeof(T)) {
    return nullptr;
  }
  return reinterpret_cast<const T*>(data_ + offset);
}

const Elf64_Shdr* ElfFile::find_section(std::string_view name) const {
  for (size_t i = 0; i < num_sections_; ++i) {
    const char* section_name = text_at(section_names_, sections_[i].sh_name);
    if (section_name != nullptr && section_name == name) return &sections_[i];
  }
  return nullptr;
}

std::string_view ElfFile::contents(const Elf64_Shdr& section) const {
  if (section.sh_type == SHT_NOBITS || (section.sh_flags & SHF_COMPRESSED) != 0) return {};
  const char* data = array_at<char>(section.sh_offset, section.sh_size);
  return data == nullptr ? std::string_view() : std::string_view(data, section.sh_size);
}

std::string_view ElfFile::section(std::string_view name) const {
  const Elf64_Shdr* section = find_section(name);
  return section == nullptr ? std::string_view() : contents(*section);
}

ElfFile::Function ElfFile::function_at(uint64_t address) const {
  const Elf64_Shdr* table = find_section(".symtab");
  if (table == nullptr || table->sh_link >= num_sections_) return {};
  const uint64_t count = table->sh_size / sizeof(Elf64_Sym);
  const Elf64_Sym* symbols = array_at<Elf64_Sym>(table->sh_offset, count);
  if (symbols == nullptr) return {};
  for (uint64_t i = 0; i < count; ++i) {
    const Elf64_Sym& symbol = symbols[i];
    if (ELF64_ST_TYPE(symbol.st_info) != STT_FUNC || symbol.st_shndx == SHN_UNDEF) continue;
    if (address - symbol.st_value < symbol.st_size) {
      const std::string_view names = contents(sections_[table->sh_link]);
      return {text_at(names, symbol.st_name), symbol.st_value};
    }
  }
  return {};
}

}  // namespace tvm::ffi::library
