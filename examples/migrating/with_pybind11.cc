// SPDX-License-Identifier: Apache-2.0
#include <pybind11/functional.h>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include <cstdint>
#include <functional>

namespace py = pybind11;

struct Counter {
  explicit Counter(int64_t value) : value(value) {
    if (value < 0) throw py::value_error("a counter starts at 0 or more");
  }
  int64_t Add(int64_t by) { return value += by; }
  int64_t value;
};

void Scale(py::array_t<double, py::array::c_style> x, double factor) {
  double* data = x.mutable_data();
  for (py::ssize_t i = 0; i < x.size(); ++i) data[i] *= factor;
}

int64_t Twice(const std::function<int64_t(int64_t)>& f, int64_t x) { return f(f(x)); }

PYBIND11_MODULE(with_pybind11, module) {
  py::class_<Counter>(module, "Counter")
      .def(py::init<int64_t>())
      .def("add", &Counter::Add, py::arg("by"))
      .def_readonly("value", &Counter::value);
  module.def("scale", &Scale);
  module.def("twice", &Twice);
}
