// SPDX-License-Identifier: Apache-2.0
#include <stdint.h>
#include <stdlib.h>

struct Counter {
  int64_t value;
};

// NULL for a negative start; whoever calls has to look.
struct Counter* counter_new(int64_t value) {
  if (value < 0) return NULL;
  struct Counter* counter = malloc(sizeof(struct Counter));
  if (counter) counter->value = value;
  return counter;
}
void counter_delete(struct Counter* counter) { free(counter); }
int64_t counter_add(struct Counter* counter, int64_t by) { return counter->value += by; }
int64_t counter_value(const struct Counter* counter) { return counter->value; }

void scale(double* data, int64_t size, double factor) {
  for (int64_t i = 0; i < size; ++i) data[i] *= factor;
}

int64_t twice(int64_t (*f)(int64_t), int64_t x) { return f(f(x)); }
