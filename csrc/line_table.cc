// SPDX-License-Identifier: Apache-2.0
#include "line_table.h"

#include <algorithm>
#include <cstring>
#include <iterator>
#include <set>
#include <string_view>
#include <utility>

namespace tvm::ffi::library {
namespace {

// The codes of the DWARF standard that are used here.
enum StandardOpcode : uint8_t {
  DW_LNS_copy = 1,
  DW_LNS_advance_pc = 2,
  DW_LNS_advance_line = 3,
  DW_LNS_set_file = 4,
  DW_LNS_const_add_pc = 8,
  DW_LNS_fixed_advance_pc = 9,
};
enum ExtendedOpcode : uint8_t { DW_LNE_end_sequence = 1, DW_LNE_set_address = 2 };
enum ContentType : uint64_t { DW_LNCT_path = 1, DW_LNCT_directory_index = 2 };
enum Form : uint64_t {
  DW_FORM_data2 = 0x05,
  DW_FORM_data4 = 0x06,
  DW_FORM_data8 = 0x07,
  DW_FORM_string = 0x08,
  DW_FORM_block = 0x09,
  DW_FORM_data1 = 0x0b,
  DW_FORM_strp = 0x0e,
  DW_FORM_udata = 0x0f,
  DW_FORM_data16 = 0x1e,
  DW_FORM_line_strp = 0x1f,
};

// Reads on past the end give zeros, and `good` turns false.
class Reader {
 public:
  explicit Reader(std::string_view data = {}) : data_(data) {}

  bool good() const { return good_; }
  bool at_end() const { return data_.empty(); }
  size_t size() const { return data_.size(); }

  template <typename T>
  T fixed() {
    T value{};
    std::string_view bytes = take(sizeof(T));
    if (good_) std::memcpy(&value, bytes.data(), sizeof(T));
    return value;
  }

  std::string_view take(uint64_t size) {
    if (size > data_.size()) {
      good_ = false;
      size = data_.size();
    }
    std::string_view bytes = data_.substr(0, size);
    data_.remove_prefix(size);
    return bytes;
  }

  uint64_t offset(bool is_64_bit) { return is_64_bit ? fixed<uint64_t>() : fixed<uint32_t>(); }

  uint64_t uleb() {
    uint64_t value = 0;
    for (unsigned shift = 0;; shift += 7) {
      const auto byte = fixed<uint8_t>();
      if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      if ((byte & 0x80) == 0) return value;
    }
  }

  int64_t sleb() {
    uint64_t value = 0;
    for (unsigned shift = 0;;) {
      const auto byte = fixed<uint8_t>();
      if (shift < 64) value |= static_cast<uint64_t>(byte & 0x7f) << shift;
      shift += 7;
      if ((byte & 0x80) != 0) continue;
      if ((byte & 0x40) != 0 && shift < 64) value |= ~uint64_t{0} << shift;
      return static_cast<int64_t>(value);
    }
  }

  std::string_view text() {
    std::string_view text = take(data_.find('\0'));
    take(1);
    return text;
  }

 private:
  std::string_view data_;
  bool good_ = true;
};

struct Row {
  uint64_t address = 0;
  uint64_t file = 1;
  uint64_t line = 1;
};

// One unit of .debug_line: a header with the names of files, and a program that makes the rows of
// the table. A row holds from its address up to that of the next row.
class LineUnit {
 public:
  LineUnit(std::string_view body, bool is_64_bit, const ElfFile& elf)
      : elf_(elf), is_64_bit_(is_64_bit), program_(body) {
    version_ = program_.fixed<uint16_t>();
    if (version_ >= 5) program_.take(2);  // sizes of addresses and of segment selectors
    header_ = Reader(program_.take(program_.offset(is_64_bit)));
    min_instruction_ = header_.fixed<uint8_t>();
    if (version_ >= 4) header_.take(1);  // operations per instruction
    header_.take(1);                     // whether rows begin statements
    line_base_ = header_.fixed<int8_t>();
    line_range_ = header_.fixed<uint8_t>();
    opcode_base_ = header_.fixed<uint8_t>();
    opcode_lengths_ = header_.take(opcode_base_ > 0 ? opcode_base_ - 1 : 0);
    good_ = version_ >= 2 && version_ <= 5 && header_.good() && line_range_ != 0;
  }

  // Adds the sequences of the unit, which lies at that offset.
  void index(uint64_t offset, std::vector<LineIndex::Sequence>* sequences) {
    if (!good_) return;
    while (!program_.at_end() && program_.good()) {
      if (!next_row()) continue;
      if (ends_ && holds_ && start_ != 0) sequences->push_back({start_, row_.address, offset});
      finish_row();
    }
  }

  // Answers the queries that the unit covers.
  void find(bool (*is_plumbing)(std::string_view), std::vector<SourceLine>* queries) {
    if (!good_) return;
    std::vector<Finding> findings;
    for (SourceLine& query : *queries) findings.push_back({&query, {}, false});
    const auto [begin, end] = range_of(*queries);
    while (!program_.at_end() && program_.good()) {
      if (!next_row()) continue;
      if (holds_ && start_ != 0 && previous_.address <= end && row_.address > begin) {
        for (Finding& finding : findings) note_previous_row(&finding);
      }
      finish_row();
    }
    for (const Finding& finding : findings) {
      if (finding.is_covered) answer(finding, is_plumbing);
    }
  }

 private:
  // The rows of a query's function up to its address.
  struct Finding {
    SourceLine* query;
    std::vector<Row> rows;
    bool is_covered;  // the last row holds the address
  };

  static std::pair<uint64_t, uint64_t> range_of(const std::vector<SourceLine>& queries) {
    uint64_t begin = ~uint64_t{0};
    uint64_t end = 0;
    for (const SourceLine& query : queries) {
      begin = std::min(begin, query.function);
      end = std::max(end, query.address);
    }
    return {begin, end};
  }

  void note_previous_row(Finding* finding) const {
    const SourceLine& query = *finding->query;
    if (previous_.address > query.address || row_.address <= query.function) return;
    if (finding->is_covered) return;
    finding->rows.push_back(previous_);
    finding->is_covered = query.address < row_.address;
  }

  void answer(const Finding& finding, bool (*is_plumbing)(std::string_view)) {
    if (files_.empty()) read_names();
    for (auto row = finding.rows.rbegin(); row != finding.rows.rend(); ++row) {
      if (row->line == 0) continue;  // code of no line in particular
      std::string file = file_name(row->file);
      const bool is_call_site = !is_plumbing(file);
      if (is_call_site || finding.query->line == 0) {
        finding.query->file = std::move(file);
        finding.query->line = row->line;
      }
      if (is_call_site) return;
    }
  }

  void finish_row() {
    if (!holds_) start_ = row_.address;
    previous_ = row_;
    holds_ = !ends_;
    if (ends_) row_ = Row();
    ends_ = false;
  }

  void advance(uint64_t operations) { row_.address += operations * min_instruction_; }

  // Runs one instruction. True if it makes a row; `ends_` if that only closes the last one.
  bool next_row() {
    const auto opcode = program_.fixed<uint8_t>();
    if (opcode >= opcode_base_) {
      const unsigned special = opcode - opcode_base_;
      advance(special / line_range_);
      row_.line += line_base_ + static_cast<int>(special % line_range_);
      return true;
    }
    switch (opcode) {
      case 0:
        return extended();
      case DW_LNS_copy:
        return true;
      case DW_LNS_advance_pc:
        advance(program_.uleb());
        return false;
      case DW_LNS_advance_line:
        row_.line += program_.sleb();
        return false;
      case DW_LNS_set_file:
        row_.file = program_.uleb();
        return false;
      case DW_LNS_const_add_pc:
        advance((255u - opcode_base_) / line_range_);
        return false;
      case DW_LNS_fixed_advance_pc:
        row_.address += program_.fixed<uint16_t>();
        return false;
      default:
        for (int i = 0; i < opcode_lengths_[opcode - 1]; ++i) program_.uleb();
        return false;
    }
  }

  bool extended() {
    Reader instruction(program_.take(program_.uleb()));
    switch (instruction.fixed<uint8_t>()) {
      case DW_LNE_end_sequence:
        ends_ = true;
        return true;
      case DW_LNE_set_address:
        row_.address = instruction.fixed<uint64_t>();
        return false;
      default:
        return false;
    }
  }

  struct Name {
    std::string_view path;
    uint64_t directory = 0;
  };

  void read_names() {
    if (version_ >= 5) {
      directories_ = read_entries();
      files_ = read_entries();
      return;
    }
    directories_ = {Name()};  // the compilation's own, which only .debug_info tells
    for (std::string_view path; !(path = header_.text()).empty();) directories_.push_back({path});
    files_ = {Name()};  // they count from 1
    for (std::string_view path; !(path = header_.text()).empty();) {
      files_.push_back({path, header_.uleb()});
      header_.uleb();  // time of change
      header_.uleb();  // size
    }
  }

  // Version 5: what an entry consists of, then the entries.
  std::vector<Name> read_entries() {
    std::vector<std::pair<uint64_t, uint64_t>> format(header_.fixed<uint8_t>());
    for (auto& [content, form] : format) {
      content = header_.uleb();
      form = header_.uleb();
    }
    std::vector<Name> entries;
    for (uint64_t count = header_.uleb(); count > 0 && header_.good(); --count) {
      Name entry;
      for (auto [content, form] : format) read_value(content, form, &entry);
      entries.push_back(entry);
    }
    return entries;
  }

  void read_value(uint64_t content, uint64_t form, Name* entry) {
    std::string_view text;
    uint64_t number = 0;
    switch (form) {
      case DW_FORM_string:
        text = header_.text();
        break;
      case DW_FORM_strp:
        text = text_in(".debug_str");
        break;
      case DW_FORM_line_strp:
        text = text_in(".debug_line_str");
        break;
      case DW_FORM_udata:
        number = header_.uleb();
        break;
      case DW_FORM_data1:
        number = header_.fixed<uint8_t>();
        break;
      case DW_FORM_data2:
        number = header_.fixed<uint16_t>();
        break;
      case DW_FORM_data4:
        number = header_.fixed<uint32_t>();
        break;
      case DW_FORM_data8:
        number = header_.fixed<uint64_t>();
        break;
      case DW_FORM_data16:
        header_.take(16);
        break;
      case DW_FORM_block:
        header_.take(header_.uleb());
        break;
      default:
        header_.take(~uint64_t{0});  // of unknown size: nothing after it can be read
    }
    if (content == DW_LNCT_path) entry->path = text;
    if (content == DW_LNCT_directory_index) entry->directory = number;
  }

  std::string_view text_in(const char* section) {
    const char* text = text_at(elf_.section(section), header_.offset(is_64_bit_));
    return text == nullptr ? std::string_view() : std::string_view(text);
  }

  // Puts a directory before a relative path.
  void prefix(std::string* path, uint64_t directory) const {
    if (path->empty() || path->front() == '/' || directory >= directories_.size()) return;
    std::string_view parent = directories_[directory].path;
    if (!parent.empty()) path->insert(0, std::string(parent).append("/"));
  }

  std::string file_name(uint64_t number) const {
    if (number >= files_.size()) return {};
    std::string path(files_[number].path);
    prefix(&path, files_[number].directory);
    if (files_[number].directory != 0) prefix(&path, 0);
    return path;
  }

  const ElfFile& elf_;
  const bool is_64_bit_;
  Reader program_;
  Reader header_;
  uint16_t version_;
  uint8_t min_instruction_;
  int8_t line_base_;
  uint8_t line_range_;
  uint8_t opcode_base_;
  std::string_view opcode_lengths_;
  bool good_;

  Row row_;             // the registers of the program
  Row previous_;        // the row made last, if it holds
  bool holds_ = false;  // inside a sequence of rows
  bool ends_ = false;
  uint64_t start_ = 0;  // of the sequence; 0 where the linker left the function out

  std::vector<Name> directories_;
  std::vector<Name> files_;
};

// Reads the unit at the offset and moves that to the next one.
LineUnit next_unit(const ElfFile& elf, std::string_view tables, uint64_t* offset) {
  Reader reader(tables.substr(*offset));
  uint64_t size = reader.fixed<uint32_t>();
  const bool is_64_bit = size == 0xffffffff;
  if (is_64_bit) size = reader.fixed<uint64_t>();
  const std::string_view body = reader.take(size);
  *offset = reader.good() ? tables.size() - reader.size() : tables.size();
  return LineUnit(body, is_64_bit, elf);
}

std::set<uint64_t> units_of(const LineIndex& index, const std::vector<SourceLine>& queries) {
  std::set<uint64_t> units;
  for (const SourceLine& query : queries) {
    auto next = std::upper_bound(
        index.sequences.begin(), index.sequences.end(), query.address,
        [](uint64_t address, const auto& sequence) { return address < sequence.begin; });
    if (next == index.sequences.begin()) continue;
    const LineIndex::Sequence& sequence = *std::prev(next);
    if (query.address < sequence.end) units.insert(sequence.unit);
  }
  return units;
}

}  // namespace

LineIndex read_line_index(const ElfFile& elf) {
  const std::string_view tables = elf.section(".debug_line");
  LineIndex index;
  for (uint64_t next = 0; next < tables.size();) {
    const uint64_t offset = next;
    next_unit(elf, tables, &next).index(offset, &index.sequences);
  }
  std::sort(index.sequences.begin(), index.sequences.end(),
            [](const auto& a, const auto& b) { return a.begin < b.begin; });
  return index;
}

void find_source_lines(const ElfFile& elf, const LineIndex& index,
                       bool (*is_plumbing)(std::string_view file),
                       std::vector<SourceLine>* queries) {
  const std::string_view tables = elf.section(".debug_line");
  for (uint64_t offset : units_of(index, *queries)) {
    next_unit(elf, tables, &offset).find(is_plumbing, queries);
  }
}

}  // namespace tvm::ffi::library
