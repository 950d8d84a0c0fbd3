// SPDX-License-Identifier: Apache-2.0
//
// With TVM_FFI_DEBUG_WITH_ABI_CHANGE, which is set for the whole executable, an iterator of a map
// that has changed since is not used unnoticed.
#include <gtest/gtest.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/map.h>

#include <string>

#include "../registered.h"

namespace {

using namespace tvm::ffi;
using registered::error_of;

template <typename Change>
std::string error_after(int num_entries, Change change) {
  Dict<int, int> dict;
  for (int i = 0; i < num_entries; ++i) dict.Set(i, i);
  auto position = dict.begin();
  change(&dict);
  const std::string of_reading = error_of([&] { *position; });
  EXPECT_EQ(error_of([&] { ++position; }), of_reading);
  EXPECT_EQ(error_of([&] { --position; }), of_reading);
  return of_reading;
}

TEST(MapChecked, ChangesInvalidateIterators) {
  for (int num_entries : {2, 4, 20}) {
    for (const std::string& error :
         {error_after(num_entries, [](auto* dict) { dict->Set(100, 1); }),
          error_after(num_entries, [](auto* dict) { dict->Set(1, 5); }),
          error_after(num_entries, [](auto* dict) { dict->erase(1); }),
          error_after(num_entries, [](auto* dict) { dict->clear(); })}) {
      EXPECT_EQ(error.rfind("InternalError: Check failed: ", 0), 0U) << error;
      EXPECT_NE(error.find("Concurrent modification of the Map"), std::string::npos) << error;
    }
  }
}

TEST(MapChecked, ReadingDoesNot) {
  EXPECT_EQ(error_after(3,
                        [](auto* dict) {
                          dict->at(1);
                          dict->count(7);
                          dict->erase(7);
                        }),
            "(no error)");
  Map<int, int> map{{1, 2}, {3, 4}};
  int sum = 0;
  for (auto [key, value] : map) sum += key * value;
  EXPECT_EQ(sum, 14);
  auto position = map.begin();
  Map<int, int> other = map;
  other.Set(5, 6);  // a copy
  EXPECT_EQ((*position).second, 2);
}

}  // namespace
