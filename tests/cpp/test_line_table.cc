// SPDX-License-Identifier: Apache-2.0
//
// Source lines of addresses. The reader of debug information is compiled into the suite, because it
// also has to survive files that no compiler would write.
#include <dlfcn.h>
#include <tvm/ffi/c_api.h>
#include <unistd.h>

#include <cstdio>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <vector>

#include "../../csrc/elf_file.h"
#include "../../csrc/line_table.h"
#include "contract.h"
#include "fixture_paths.h"

namespace {

using tvm::ffi::library::ElfFile;
using tvm::ffi::library::find_source_lines;
using tvm::ffi::library::read_line_index;
using tvm::ffi::library::SourceLine;

class CTracedLibrary : public testing::TestWithParam<const char*> {
 protected:
  CTracedLibrary() : library_(dlopen(GetParam(), RTLD_NOW | RTLD_LOCAL)) {}
  ~CTracedLibrary() override { dlclose(library_); }

  template <typename T>
  T* symbol(const char* name) {
    return reinterpret_cast<T*>(dlsym(library_, name));
  }

  void* library_;
};

TEST_P(CTracedLibrary, LinesAreFoundAndInlinedCodeStandsForItsCall) {
  ASSERT_NE(library_, nullptr) << dlerror();
  symbol<void()>("traced")();
  const std::string trace = contract::text(**symbol<const TVMFFIByteArray*>("trace"));
  auto line = [](int number, const std::string& function) {
    return "traced_fixture.cc\", line " + std::to_string(number) + ", in " + function + "\n";
  };
  EXPECT_NE(trace.find(line(*symbol<int>("line_of_trace"), "take_trace()")), std::string::npos)
      << trace;
  EXPECT_NE(trace.find(line(*symbol<int>("line_of_call"), "traced")), std::string::npos) << trace;
  EXPECT_EQ(trace.find("inlined.h"), std::string::npos) << trace;
}

// An address may belong to another library once this one is gone.
TEST_P(CTracedLibrary, IsForgottenWhenUnloaded) {
  for (int i = 0; i < 2; ++i) {
    void* again = dlopen(GetParam(), RTLD_NOW | RTLD_LOCAL);
    symbol<void()>("traced")();
    const std::string trace = contract::text(**symbol<const TVMFFIByteArray*>("trace"));
    EXPECT_NE(trace.find(", in take_trace()"), std::string::npos) << trace;
    dlclose(again);
    dlclose(library_);
    library_ = dlopen(GetParam(), RTLD_NOW | RTLD_LOCAL);
  }
}

// ---- Damaged files ---------------------------------------------------------

std::string contents_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

// Asks for everything about a file with these contents; the answers do not matter.
void read_all(const std::string& contents) {
  const std::string path = testing::TempDir() + "damaged_" + std::to_string(getpid()) + ".so";
  std::ofstream(path, std::ios::binary) << contents;
  const ElfFile elf(path.c_str());
  std::remove(path.c_str());
  std::vector<SourceLine> queries;
  for (uint64_t address = 0x1000; address < 0x1400; address += 8) {
    elf.function_at(address);
    queries.push_back({address, 0x1000, {}});
  }
  find_source_lines(
      elf, read_line_index(elf), [](std::string_view) { return false; }, &queries);
}

TEST_P(CTracedLibrary, TruncatedFilesAreSurvived) {
  const std::string contents = contents_of(GetParam());
  for (size_t size = 0; size < contents.size(); size += 1 + size / 8) {
    read_all(contents.substr(0, size));
  }
}

TEST_P(CTracedLibrary, ChangedFilesAreSurvived) {
  const std::string contents = contents_of(GetParam());
  const ElfFile elf(GetParam());
  const std::string_view lines = elf.section(".debug_line");
  ASSERT_FALSE(lines.empty());
  const size_t lines_at = contents.find(lines);
  std::mt19937 random(1);
  for (int i = 0; i < 100; ++i) {
    std::string changed = contents;
    // Half the time where it matters most: the section headers at the end are hit by the others.
    for (int j = 0; j < 8; ++j) {
      const size_t at = i % 2 == 0 ? lines_at + random() % lines.size()
                                   : contents.size() - 1 - random() % (contents.size() / 4);
      changed[at] = static_cast<char>(random());
    }
    read_all(changed);
  }
}

INSTANTIATE_TEST_SUITE_P(DebugInformation, CTracedLibrary,
                         testing::Values(TRACED_DWARF2, TRACED_DWARF3, TRACED_DWARF4,
                                         TRACED_DWARF5),
                         [](const auto& info) {
                           return "Version" + std::to_string(info.index + 2);
                         });

TEST(CElfFile, AnythingElseIsEmpty) {
  for (const char* path : {"/no/such/file", "/", "/dev/null", __FILE__}) {
    const ElfFile elf(path);
    EXPECT_TRUE(elf.section(".debug_line").empty()) << path;
    EXPECT_EQ(elf.function_at(0x1000).name, nullptr) << path;
  }
}

}  // namespace
