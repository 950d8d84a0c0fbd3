// SPDX-License-Identifier: Apache-2.0
//
// Long random sequences of operations, each compared with a simple model.
#include <tvm/ffi/container/array.h>
#include <tvm/ffi/container/dict.h>
#include <tvm/ffi/container/list.h>
#include <tvm/ffi/container/map.h>

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "../number_object.h"
#include "map_view.h"

namespace {

using namespace tvm::ffi;
using namespace map_view;
using namespace number;

// Reproducible everywhere, unlike the distributions of <random>.
class Random {
 public:
  explicit Random(uint64_t seed) : state_(seed) {}
  int64_t Below(int64_t n) {
    state_ = state_ * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<int64_t>((state_ >> 33) % static_cast<uint64_t>(n));
  }

 private:
  uint64_t state_;
};

// Ints, short and long texts, and objects.
Any RandomValue(Random* random) {
  int64_t n = random->Below(12);
  switch (random->Below(4)) {
    case 0:
      return Any(n);
    case 1:
      return Any(String("t" + std::to_string(n)));
    case 2:
      return Any(String(std::string("quite a long text number ") + std::to_string(n)));
    default:
      return Any(Int(n));
  }
}

template <typename Seq>
void CompareSequence(const Seq& seq, const std::vector<Any>& model) {
  ASSERT_EQ(seq.size(), model.size());
  size_t i = 0;
  for (const Any& item : seq) ASSERT_TRUE(item.same_as(model[i++]));
}

template <typename Seq>
void MutateSequenceAtRandom(uint64_t seed) {
  Random random(seed);
  Seq seq;
  std::vector<Any> model;
  // Arrays: what other handles keep while `seq` is written.
  Seq snapshot = seq;
  std::vector<Any> snapshot_model;
  for (int step = 0; step < 600; ++step) {
    int64_t size = static_cast<int64_t>(model.size());
    int64_t at = random.Below(size + 1);
    int64_t to = at + random.Below(size - at + 1);
    Any value = RandomValue(&random);
    std::vector<Any> values;
    for (int64_t n = random.Below(5); n > 0; --n) values.push_back(RandomValue(&random));
    switch (random.Below(14)) {
      case 0:
      case 1:
      case 2:
        seq.push_back(value);
        model.push_back(value);
        break;
      case 3:
        seq.insert(seq.begin() + at, value);
        model.insert(model.begin() + at, value);
        break;
      case 4:
        seq.insert(seq.begin() + at, values.begin(), values.end());
        model.insert(model.begin() + at, values.begin(), values.end());
        break;
      case 5:
        seq.erase(seq.begin() + at, seq.begin() + to);
        model.erase(model.begin() + at, model.begin() + to);
        break;
      case 6:
        seq.reserve(at * 2);
        break;
      case 7:
        seq.resize(to);
        model.resize(to);
        break;
      case 8:
        if (random.Below(8) == 0) {
          seq.clear();
          model.clear();
        }
        break;
      case 9:
        seq.Assign(seq.begin() + at, seq.begin() + to);
        model = std::vector<Any>(model.begin() + at, model.begin() + to);
        break;
      case 10:
        seq.emplace_back(value);
        model.push_back(value);
        break;
      case 11:
        snapshot = seq;
        snapshot_model = model;
        break;
      default:
        if (at == size) break;
        if (random.Below(2) == 0) {
          seq.Set(at, value);
          model[at] = value;
        } else if (random.Below(2) == 0) {
          seq.erase(seq.begin() + at);
          model.erase(model.begin() + at);
        } else {
          seq.pop_back();
          model.pop_back();
        }
    }
    ASSERT_NO_FATAL_FAILURE(CompareSequence(seq, model)) << "seed " << seed << " step " << step;
    if constexpr (std::is_same_v<Seq, Array<Any>>) {
      ASSERT_NO_FATAL_FAILURE(CompareSequence(snapshot, snapshot_model));
    } else {
      ASSERT_GE(seq.capacity(), seq.size());
    }
  }
}

TEST(Properties, ArrayActsLikeAVector) {
  for (uint64_t seed = 1; seed <= 20; ++seed) MutateSequenceAtRandom<Array<Any>>(seed);
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Properties, ListActsLikeAVector) {
  for (uint64_t seed = 1; seed <= 20; ++seed) MutateSequenceAtRandom<List<Any>>(seed);
  EXPECT_EQ(IntObj::live, 0);
}

// Entries in insertion order. What setting a present key does to the order depends on the layout.
class MapModel {
 public:
  void Set(const Any& key, const Any& value, bool moves_to_end) {
    auto found = Find(key);
    if (found == entries.end()) {
      entries.emplace_back(key, value);
    } else if (moves_to_end) {
      Any kept = found->first;
      entries.erase(found);
      entries.emplace_back(kept, value);
    } else {
      found->second = value;
    }
  }
  void Erase(const Any& key) {
    auto found = Find(key);
    if (found != entries.end()) entries.erase(found);
  }
  std::vector<std::pair<Any, Any>>::iterator Find(const Any& key) {
    return std::find_if(entries.begin(), entries.end(),
                        [&](const auto& entry) { return AnyEqual()(entry.first, key); });
  }
  std::vector<std::pair<Any, Any>> entries;
};

template <typename MapT>
void CompareMap(const MapT& map, const MapModel& model) {
  ASSERT_EQ(map.size(), model.entries.size());
  size_t i = 0;
  for (const auto& [key, value] : map) {
    ASSERT_TRUE(AnyEqual()(key, model.entries[i].first));
    ASSERT_TRUE(value.same_as(model.entries[i].second));
    ASSERT_TRUE(map.at(key).same_as(value));
    ++i;
  }
  auto it = map.end();
  while (i > 0) ASSERT_TRUE(AnyEqual()((*--it).first, model.entries[--i].first));
  ASSERT_TRUE(it == map.begin());
  ASSERT_NO_FATAL_FAILURE(CheckIfDense(FieldsOf(map)));
}

template <typename MapT>
void MutateMapAtRandom(uint64_t seed, int64_t num_keys) {
  Random random(seed);
  MapT map;
  MapModel model;
  MapT snapshot = map;
  MapModel snapshot_model;
  // Objects are keys by identity, so they are chosen from a fixed set.
  std::vector<Any> keys;
  for (int64_t i = 0; i < num_keys; ++i) {
    keys.push_back(i % 5 == 0 ? Any(Int(i)) : i % 5 == 1 ? Any(String(std::to_string(i))) : Any(i));
  }
  // Alternating phases of growing and shrinking.
  for (int step = 0; step < 800; ++step) {
    const Any& key = keys[static_cast<size_t>(random.Below(num_keys))];
    bool growing = step / 200 % 2 == 0;
    int64_t choice = random.Below(20);
    if (choice == 0) {
      snapshot = map;
      snapshot_model = model;
    } else if (choice == 1 && random.Below(20) == 0) {
      map.clear();
      model.entries.clear();
    } else if ((choice < 15) == growing) {
      Any value = RandomValue(&random);
      model.Set(key, value, !IsSmall(FieldsOf(map)));
      map.Set(key, value);
    } else {
      map.erase(key);
      model.Erase(key);
    }
    ASSERT_EQ(map.count(key), model.Find(key) != model.entries.end() ? 1U : 0U);
    if (step % 7 == 0) {
      ASSERT_NO_FATAL_FAILURE(CompareMap(map, model)) << "seed " << seed << " step " << step;
      if constexpr (std::is_same_v<MapT, Map<Any, Any>>) {
        ASSERT_NO_FATAL_FAILURE(CompareMap(snapshot, snapshot_model));
      }
    }
  }
}

TEST(Properties, MapActsLikeAnOrderedModel) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    for (int64_t num_keys : {5, 30, 200}) MutateMapAtRandom<Map<Any, Any>>(seed, num_keys);
  }
  EXPECT_EQ(IntObj::live, 0);
}

TEST(Properties, DictActsLikeAnOrderedModel) {
  for (uint64_t seed = 1; seed <= 10; ++seed) {
    for (int64_t num_keys : {5, 30, 200}) MutateMapAtRandom<Dict<Any, Any>>(seed, num_keys);
  }
  EXPECT_EQ(IntObj::live, 0);
}

}  // namespace
