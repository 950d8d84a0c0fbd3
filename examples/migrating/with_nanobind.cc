// SPDX-License-Identifier: Apache-2.0
#include <nanobind/nanobind.h>
#include <nanobind/ndarray.h>
#include <nanobind/stl/function.h>

#include <cstdint>
#include <functional>

namespace nb = nanobind;

struct Counter {
  explicit Counter(int64_t value) : value(value) {
    if (value < 0) throw nb::value_error("a counter starts at 0 or more");
  }
  int64_t Add(int64_t by) { return value += by; }
  int64_t value;
};

void Scale(nb::ndarray<double, nb::c_contig, nb::device::cpu> x, double factor) {
  for (size_t i = 0; i < x.size(); ++i) x.data()[i] *= factor;
}

int64_t Twice(const std::function<int64_t(int64_t)>& f, int64_t x) { return f(f(x)); }

NB_MODULE(with_nanobind, module) {
  nb::class_<Counter>(module, "Counter")
      .def(nb::init<int64_t>())
      .def("add", &Counter::Add, nb::arg("by"))
      .def_ro("value", &Counter::value);
  module.def("scale", &Scale);
  module.def("twice", &Twice);
}
